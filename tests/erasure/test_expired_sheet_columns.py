"""Workbooks without some columns: what stands to the right moves, and nothing of the column is left."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

from trustkit.erasure.expired_sheet_columns import _letters, _number, write_sheet_without_columns
from trustkit.errors import DataError

openpyxl = pytest.importorskip("openpyxl")
xlsxwriter = pytest.importorskip("xlsxwriter")


def workbook(path, table, fill=lambda _book, _sheet: None):
    """Write a workbook whose cells all have a format of their own, and whose columns have widths."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("answers")
        for at, _ in enumerate(table[0]):
            sheet.set_column(at, at, 10 + at)
        for row, cells in enumerate(table):
            for at, cell in enumerate(cells):
                if cell != "":
                    sheet.write(row, at, cell, book.add_format({"font_size": 8 + (row + at) % 5}))
        fill(book, sheet)
    return path


def shown(path):
    """Return values, formats and widths of a workbook as another program reads them."""
    sheet = openpyxl.load_workbook(path)["answers"]
    cells = [
        [(cell.value, cell.font.sz if cell.value is not None else None) for cell in row] for row in sheet
    ]
    return cells, sheet.dimensions


def rows_of(random):
    names = [f"question_{at}" for at in range(30)]
    answers = random.choice(["", "yes", "no", 3.5, 4, "a <b> & c"], (6, 30)).tolist()
    return [names, *[[f"R-{row}", *cells[1:]] for row, cells in enumerate(answers)]]


def test_columns_beyond_z_go_and_the_others_keep_values_and_formats(tmp_path):
    random = np.random.default_rng(5)
    for _ in range(6):
        table = rows_of(random)
        path = workbook(tmp_path / "all.xlsx", table)
        gone = set(random.choice(range(1, 30), random.integers(1, 12), replace=False).tolist())
        names = [table[0][at] for at in sorted(gone)]
        assert write_sheet_without_columns(path, tmp_path / "left.xlsx", names, 6, "") == ()
        before, _ = shown(path)
        after, extent = shown(tmp_path / "left.xlsx")
        kept = [at for at in range(30) if at not in gone]
        assert after == [[row[at] for at in kept] for row in before]
        assert extent == f"A1:{_letters(len(kept))}7"
        widths = openpyxl.load_workbook(tmp_path / "left.xlsx")["answers"].column_dimensions
        assert [round(widths[_letters(n)].width) for n in (1, 2)] == [round(10.7 + at) for at in kept[:2]]


def test_links_filters_rules_and_texts_of_the_column_go_and_are_told(tmp_path):
    table = [["id", "mail", "age"], ["R-1", "", 31], ["R-2", "", 42]]

    def fill(_book, sheet):
        sheet.write_url(1, 1, "mailto:a@example.org")
        sheet.write_string(2, 1, "b@example.org")
        sheet.autofilter(0, 0, 2, 2)
        sheet.data_validation(1, 1, 2, 1, {"validate": "list", "source": ["c@example.org"]})

    path = workbook(tmp_path / "all.xlsx", table, fill)
    lost = write_sheet_without_columns(path, tmp_path / "left.xlsx", ["mail"], 2, "answers")
    assert set(lost) == {
        "links of cells", "the filter of the sheet", "rules of input and of formats for areas of cells",
    }  # fmt: skip
    with zipfile.ZipFile(tmp_path / "left.xlsx") as archive:
        held = b"".join(archive.read(item) for item in archive.infolist())
    assert b"example.org" not in held
    assert [[value for value, _ in row] for row in shown(tmp_path / "left.xlsx")[0]] == [
        ["id", "age"], ["R-1", 31], ["R-2", 42],
    ]  # fmt: skip


@pytest.mark.parametrize("names", [["mail"], ["unknown"]])
def test_a_column_that_no_single_row_names_is_refused(tmp_path, names):
    path = workbook(tmp_path / "all.xlsx", [["mail", "mail"], ["a", "b"], ["c", "d"]])
    with pytest.raises(DataError, match="names the columns"):
        write_sheet_without_columns(path, tmp_path / "left.xlsx", names, 2, "")


def test_formulas_are_refused(tmp_path):
    path = workbook(
        tmp_path / "all.xlsx", [["id", "mail"], ["a", "b"]], lambda _, s: s.write_formula(1, 2, "=A1")
    )
    with pytest.raises(DataError, match="a column can't be removed from this sheet"):
        write_sheet_without_columns(path, tmp_path / "left.xlsx", ["mail"], 1, "")


def test_letters_of_columns_are_read_as_they_are_written():
    assert [_number(_letters(number)) for number in range(1, 16_385)] == list(range(1, 16_385))
    assert _letters(16_384) == "XFD"
