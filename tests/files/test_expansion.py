"""Small files that would fill the memory, and worksheets as no program writes them: refused by name, soon."""

from __future__ import annotations

import gzip
import lzma
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import survey_files
from survey_files import SPREADSHEET

from trustkit.errors import DataError
from trustkit.files import foreign_files, zip_archives
from trustkit.files.read import read
from trustkit.files.worksheets import check_worksheets
from trustkit.survey.codebook_json import KEY

HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>q</t></is></c></row>'


def sheet(rows, *, before="", after=""):
    """Return a worksheet's XML: a header cell, the rows given, and what stands before and after them."""
    return f'<worksheet xmlns="{SPREADSHEET}">{before}<sheetData>{HEAD}{rows}</sheetData>{after}</worksheet>'


def one_cell(attributes, content):
    return sheet(f'<row r="2"><c r="A2" {attributes}>{content}</c></row>')


def answers(tmp_path, *sheets, **options):
    return read(survey_files.workbook(tmp_path / "a.xlsx", *sheets, **options)).data["q"].tolist()


def refused(path):
    with pytest.raises(DataError) as caught:
        read(path)
    return caught.value


# Expansion


@pytest.fixture
def _half_the_memory(monkeypatch):
    """Give a reader one gigabyte instead of two, which takes half the time to fill."""
    monkeypatch.setattr(foreign_files, "LEAST_MEMORY", 1 << 30)
    monkeypatch.setattr(foreign_files, "MEMORY_PER_BYTE", 0)


def with_texts(path, texts, numbers):
    """Write a workbook whose cells are numbers of texts in its list of texts."""
    rows = "".join(
        f'<row r="{at}"><c r="A{at}" t="s"><v>{n}</v></c></row>' for at, n in enumerate(numbers, 2)
    )
    return survey_files.workbook(path, sheet(rows), texts=texts)


@pytest.mark.own_process
@pytest.mark.usefixtures("_half_the_memory")
def test_a_workbook_that_repeats_one_long_text_many_times_is_stopped(tmp_path):
    path = with_texts(tmp_path / "a.xlsx", ["x" * 32_000], [0] * 40_000)
    assert path.stat().st_size < 500_000
    error = refused(path)
    assert "memory" in error.what
    assert "RUST" not in str(error)


def test_worksheets_that_are_small_and_vast_together_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_archives, "SPARE_CELLS", 2_000)
    far = sheet('<row r="1000"><c r="A1000"><v>1</v></c></row>')
    check_worksheets(survey_files.workbook(tmp_path / "a.xlsx", far, far))
    with pytest.raises(DataError, match="the table is far larger than its file"):
        check_worksheets(survey_files.workbook(tmp_path / "a.xlsx", *[far] * 4))


def test_a_spreadsheet_of_another_program_is_refused_before_it_is_unpacked(tmp_path):
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", b"x" * 20_000_000)
    assert "grows beyond measure" in refused(path).what


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", b"a\n" + b"1\n" * 10_000_000)
    raw = bytearray(path.read_bytes())
    for place in (22, raw.rfind(b"PK\x01\x02") + 24):  # where the size stands, twice
        raw[place : place + 4] = struct.pack("<I", 1_000)
    path.write_bytes(raw)
    assert refused(path).what == "the archive is damaged"


R_HEAD = b"X\n" + struct.pack(">3i", 2, 0x030000, 0x020300)
R_NUMBERS, R_LIST = 14, 19


@pytest.mark.parametrize("packed", [gzip.open, lzma.open])
def test_a_file_of_r_that_unfolds_beyond_measure_is_refused(tmp_path, packed):
    with packed(tmp_path / "a.rds", "wb") as file:
        file.write(R_HEAD + struct.pack(">2i", R_NUMBERS, 4_000_000) + bytes(32_000_000))
    error = refused(tmp_path / "a.rds")
    assert error.what == "the file grows beyond measure"
    assert "compress = FALSE" in error.do


@pytest.mark.parametrize(
    "content",
    [struct.pack(">2i", R_NUMBERS, 2**31 - 1), struct.pack(">2i", R_LIST, 1) * 100_000],
    ids=["huge count", "deep nesting"],
)
def test_a_file_of_r_that_claims_what_it_does_not_hold_is_refused(tmp_path, content):
    with gzip.open(tmp_path / "a.rds", "wb") as file:
        file.write(R_HEAD + content)
    assert refused(tmp_path / "a.rds").what in ("the file is damaged", "this file of R has no data frame")


@pytest.mark.own_process
@pytest.mark.usefixtures("_half_the_memory")
def test_a_parquet_file_that_repeats_one_long_text_is_stopped(tmp_path):
    cells = pa.DictionaryArray.from_arrays(pa.array(np.zeros(2_000_000, dtype="int32")), ["x" * 5_000])
    pq.write_table(pa.table({"a": cells}), tmp_path / "a.parquet", store_schema=False)
    assert "memory" in refused(tmp_path / "a.parquet").what


@pytest.mark.parametrize("key", [KEY, b"pandas"], ids=["codebook", "pandas"])
def test_a_parquet_file_whose_description_is_nested_without_end_is_refused(tmp_path, key):
    table = pa.table({"a": [1, 2]}).replace_schema_metadata({key: b"[" * 100_000})
    pq.write_table(table, tmp_path / "a.parquet")
    assert "can't be read" in str(refused(tmp_path / "a.parquet"))


def test_a_cell_nested_without_end_where_qualtrics_has_its_ids_is_a_cell(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n" + "[" * 100_000 + ",3\n")
    assert read(tmp_path / "a.csv").data.shape == (2, 2)


# Worksheets as no program writes them, or few


@pytest.mark.parametrize("number", ["9", "-1", "x", " 0 ", "1e0", str(2**64)])
def test_a_cell_whose_text_is_not_in_the_list_of_texts_is_refused(tmp_path, number):
    error = refused(with_texts(tmp_path / "a.xlsx", ["yes", "no"], [0, number]))
    assert error.what == "the workbook is damaged"


def test_texts_in_the_workbooks_list_of_texts_are_read(tmp_path):
    path = with_texts(tmp_path / "a.xlsx", ["yes", "no"], [0, 1, "", 1])
    assert read(path).data["q"].tolist() == ["yes", "no", "no"]


@pytest.mark.parametrize("number", ["1e400", "-1E+400", "inf", "NaN", "Infinity", "9" * 400, "9" * 9000])
def test_a_number_that_is_not_finite_is_refused(tmp_path, number):
    path = survey_files.workbook(tmp_path / "a.xlsx", one_cell("", f"<v>{number}</v>"))
    assert "cell A2 holds the number" in refused(path).got


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>3</v></c><c r="A2"><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c><c r="A2"/></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="3"/><row r="2"><c><v>2</v></c></row>',
        '<row r="3"><c r="A2"><v>1</v></c></row><row r="2"><c r="a2"><v>2</v></c></row>',
    ],
    ids=["in one row", "once empty", "in a row given twice", "written in two ways"],
)
def test_a_cell_that_is_given_twice_is_refused(tmp_path, rows):
    error = refused(survey_files.workbook(tmp_path / "a.xlsx", sheet(rows)))
    assert (error.what, error.got) == ("the workbook is damaged", "cell A2 is given twice")


def test_cells_in_another_order_are_read(tmp_path):
    rows = (
        '<row r="3"><c r="B3"><v>4</v></c><c r="A3"><v>3</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    )
    assert answers(tmp_path, sheet(rows)) == [2, 3]


@pytest.mark.parametrize("number", ["1e3", "-2.5E-3", "7"])
def test_a_finite_number_is_read_however_it_is_written(tmp_path, number):
    assert answers(tmp_path, one_cell("", f"<v>{number}</v>")) == [float(number)]


@pytest.mark.parametrize(
    ("attributes", "content"),
    [('t="b"', "<v>x</v>"), ('t="q"', "<v>5</v>"), ('t="n"', "<v>abc</v>"), ('t="s"', "<v>0</v>")],
    ids=["no truth value", "unknown type", "no number", "no list of texts"],
)
def test_a_cell_that_is_not_of_its_type_is_refused(tmp_path, attributes, content):
    path = survey_files.workbook(tmp_path / "a.xlsx", one_cell(attributes, content))
    assert refused(path).what == "the workbook is damaged"


@pytest.mark.parametrize("extent", ["A1:XFD1048576", "A1", "ZZZZ99999999999:A1"])
def test_the_extent_that_a_worksheet_claims_changes_nothing(tmp_path, extent):
    rows = '<row r="2"><c r="A2"><v>5</v></c></row><row r="3"><c r="A3"><v>6</v></c></row>'
    assert answers(tmp_path, sheet(rows, before=f'<dimension ref="{extent}"/>')) == [5, 6]


def test_merged_cells_hold_their_value_once(tmp_path):
    cells = '<c r="A2"><v>5</v></c>', '<c r="A3"/>', '<c r="A4"><v>6</v></c>'
    rows = "".join(f'<row r="{row}">{cell}</row>' for row, cell in enumerate(cells, 2))
    merged = '<mergeCells count="2"><mergeCell ref="A2:A3"/><mergeCell ref="B1:XFD1048576"/></mergeCells>'
    assert answers(tmp_path, sheet(rows, after=merged)) == [5, 6]


def test_a_formula_without_a_stored_value_is_refused_like_any_other(tmp_path):
    path = survey_files.workbook(tmp_path / "a.xlsx", one_cell("", "<f>1+1</f>"))
    assert refused(path).got == "the first is cell A2"


@pytest.mark.parametrize(("setting", "day"), [("", "2022-02-28"), ('date1904="1"', "2026-03-01")])
def test_days_are_counted_from_the_year_that_the_workbook_names(tmp_path, setting, day):
    path = survey_files.workbook(tmp_path / "a.xlsx", one_cell('s="1"', "<v>44620</v>"), settings=setting)
    assert [str(value.date()) for value in read(path).data["q"]] == [day]
