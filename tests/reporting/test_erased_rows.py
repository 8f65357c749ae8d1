"""Files of each format without one respondent's rows: the others stay, and nothing of the one is left."""

from __future__ import annotations

import hashlib
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from survey_files import qualtrics_rows

import trustkit as tk
from trustkit.errors import DataError
from trustkit.reporting.erased_stata_rows import stata_without

pytest.importorskip("pyarrow")
WHEN = {"reason": "request of 3 May", "on": "2026-05-04", "report": "leave"}
PEOPLE = pd.DataFrame(
    {
        "id": ["R-101", "R-102", "R-103", "R-102"],
        "mail": ["a@example.org", "b@example.org", "c@example.org", "b@example.org"],
        "age": [31, 42, 53, 42],
        "words": ["yes, please", "my garden is blue", "yes, please", "my garden is blue"],
    }
)


def study_with(folder, name, write):
    """Make a study whose raw file a function writes; without a codebook's kinds but that of the id."""
    raw = folder / "data" / "raw" / "shop"
    raw.mkdir(parents=True)
    write(raw / name)
    (raw / "codebook.yaml").write_text("title: A shop\nvariables: {id: {label: Id, kind: id}}\n")
    digest = hashlib.sha256((raw / name).read_bytes()).hexdigest()
    (raw / "SHA256SUMS").write_text(f"{digest}  {name}\n")
    return raw / name


def sav(path):
    import pyreadstat

    pyreadstat.write_sav(
        PEOPLE, str(path), column_labels={"age": "Age"}, variable_value_labels={"age": {53: "x"}}
    )


def parquet(path):
    PEOPLE.assign(words=PEOPLE["words"].astype("category")).to_parquet(path, index=False)


def xlsx(path):
    import xlsxwriter

    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("answers")
        bold = book.add_format({"bold": True, "num_format": "0.0%"})
        for at, name in enumerate(PEOPLE):
            sheet.write(0, at, name, bold)
            for row, cell in enumerate(PEOPLE[name].tolist(), 1):
                (sheet.write_url if name == "mail" else sheet.write)(
                    row, at, f"mailto:{cell}" if name == "mail" else cell, *([bold] if name == "age" else [])
                )


def zipped(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("export/answers.csv", PEOPLE.to_csv(index=False))


def stata(path):
    PEOPLE.to_stata(path, write_index=False, version=118, convert_strl=["words"])


def packed_spss(path):
    import pyreadstat

    pyreadstat.write_sav(PEOPLE, str(path), compress=True)


WRITERS = {
    "answers.sav": sav,
    "answers.dta": stata,
    "answers.parquet": parquet,
    "answers.xlsx": xlsx,
    "answers.zip": zipped,
}


@pytest.mark.parametrize("name", WRITERS)
def test_each_format_loses_both_rows_of_the_person_and_keeps_the_others(tmp_path, name):
    path = study_with(tmp_path, name, WRITERS[name])
    before = tk.read(path, path.with_name("codebook.yaml")).data
    erasure = tk.erase(tmp_path, "R-102", **WHEN)
    assert erasure.files["rows"].tolist() == [2]
    after = tk.read(path, path.with_name("codebook.yaml")).data
    kept = before[before["id"] != "R-102"].reset_index(drop=True)
    pd.testing.assert_frame_equal(after.astype(str), kept.astype(str))
    assert tk.verify_erasure(tmp_path, erasure).empty
    for value in (b"R-102", b"b@example.org", b"my garden is blue"):
        assert value not in path.read_bytes()


def test_values_of_the_person_are_found_in_each_format_if_they_are_left(tmp_path):
    path = study_with(tmp_path, "answers.csv", lambda file: PEOPLE.to_csv(file, index=False))
    for name, write in WRITERS.items():
        write(tmp_path / "data" / name)
    erasure = tk.erase(tmp_path, "R-102", **WHEN)
    left = tk.verify_erasure(tmp_path, erasure)
    assert set(left["file"]) == {f"data/{name}" for name in WRITERS}
    assert {"the id", "the value of mail"} <= set(left["what"])
    assert "R-102" not in path.read_text()


def test_a_workbook_keeps_its_other_sheets_and_formats(tmp_path):
    path = study_with(tmp_path, "answers.xlsx", xlsx)
    with zipfile.ZipFile(path) as old:
        styles = old.read("xl/styles.xml")
    tk.erase(tmp_path, "R-102", **WHEN)
    with zipfile.ZipFile(path) as new:
        assert new.read("xl/styles.xml") == styles
        sheet = new.read("xl/worksheets/sheet1.xml").decode()
    import openpyxl

    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["id", "R-101", "R-103"]
    assert 'r="A3"' in sheet
    assert 'r="A4"' not in sheet


def test_a_workbook_with_merged_cells_is_refused_and_left(tmp_path):
    def merged(path):
        xlsx(path)
        with zipfile.ZipFile(path) as old:
            parts = {item.filename: old.read(item) for item in old.infolist()}
        sheet = parts["xl/worksheets/sheet1.xml"]
        merge = b'</sheetData><mergeCells count="1"><mergeCell ref="C2:D2"/></mergeCells>'
        parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", merge)
        with zipfile.ZipFile(path, "w") as new:
            for part, content in parts.items():
                new.writestr(part, content)

    path = study_with(tmp_path, "answers.xlsx", merged)
    before = path.read_bytes()
    with pytest.raises(DataError, match="can't be removed from this sheet"):
        tk.erase(tmp_path, "R-102", **WHEN)
    assert path.read_bytes() == before
    assert not (tmp_path / "data/raw/ERASED.csv").exists()


def test_a_format_that_cannot_be_written_is_refused_and_nothing_changes(tmp_path):
    path = study_with(tmp_path, "answers.zsav", packed_spss)
    copy = path.with_name("copy.csv")
    PEOPLE.to_csv(copy, index=False)
    before = path.read_bytes(), copy.read_bytes()
    with pytest.raises(DataError, match="file of this format") as refused:
        tk.erase(tmp_path, "R-102", **WHEN)
    assert refused.value.got == "a compressed SPSS file (.zsav)"
    assert (path.read_bytes(), copy.read_bytes()) == before


def without_time(raw, release):
    """Return a Stata file without the minute in which it was written."""
    if release > 115:
        return re.sub(rb"<timestamp>.*?</timestamp>", b"", raw, flags=re.DOTALL)
    return raw[:91] + raw[109:]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("release", [114, 117, 118, 119])
def test_a_stata_file_is_the_one_that_pandas_writes_of_the_others(tmp_path, release, order):
    random = np.random.default_rng(release)
    texts = [f"text {number % 3} " * 4 for number in range(9)]
    numbers = {"age": random.integers(18, 90, 9), "weight": random.normal(size=9)}
    frame = pd.DataFrame({"id": [f"R{number}" for number in range(9)], "words": texts, **numbers})
    long_texts = {"convert_strl": ["words"]} if release > 115 else {}
    how = {"version": release, "write_index": False, "byteorder": order, **long_texts}
    for _ in range(8):
        gone = sorted(random.choice(9, random.integers(1, 5), replace=False).tolist())
        frame.to_stata(tmp_path / "all.dta", **how)
        frame.drop(index=gone).reset_index(drop=True).to_stata(tmp_path / "others.dta", **how)
        left = without_time(stata_without(tmp_path / "all.dta", gone), release)
        assert left == without_time((tmp_path / "others.dta").read_bytes(), release)


def test_a_stata_file_that_was_cut_is_refused(tmp_path):
    stata(tmp_path / "all.dta")
    (tmp_path / "cut.dta").write_bytes((tmp_path / "all.dta").read_bytes()[:-300])
    with pytest.raises(DataError, match="this Stata file"):
        stata_without(tmp_path / "cut.dta", [0])


def test_a_copy_without_a_codebook_loses_the_person_too(tmp_path):
    path = study_with(tmp_path, "answers.csv", lambda file: PEOPLE.to_csv(file, index=False))
    copy = path.with_name("copy of answers.csv")
    PEOPLE.iloc[::-1].to_csv(copy, index=False, sep=";")
    files = tk.erase(tmp_path, "R-102", **WHEN).files["file"].tolist()
    assert files == ["data/raw/shop/answers.csv", "data/raw/shop/copy of answers.csv"]
    assert "R-102" not in copy.read_text()


def test_the_header_rows_of_a_platform_stay(tmp_path):
    rows = qualtrics_rows()
    at = rows[0].index("ResponseId")

    def write(path):
        pd.DataFrame(rows).to_csv(path, index=False, header=False)

    path = study_with(tmp_path, "answers.csv", write)
    path.with_name("codebook.yaml").write_text("title: Q\nvariables: {ResponseId: {label: Id, kind: id}}\n")
    who = rows[4][at]
    tk.erase(tmp_path, who, **WHEN)
    left = pd.read_csv(path, header=None, dtype=str, keep_default_na=False).to_numpy().tolist()
    assert left == [row for row in rows if row[at] != who]


def test_a_file_of_one_person_is_refused(tmp_path):
    path = study_with(tmp_path, "answers.csv", lambda file: PEOPLE.iloc[[1, 3]].to_csv(file, index=False))
    with pytest.raises(DataError, match="the only one in the file"):
        tk.erase(tmp_path, "R-102", **WHEN)
    assert path.is_file()


def test_a_number_is_the_same_id_whatever_type_it_has_in_a_file(tmp_path):
    ids = pd.DataFrame({"id": [1042.0, 1043.0, np.nan], "age": [1, 2, 3]})
    path = study_with(tmp_path, "answers.csv", lambda file: ids.to_csv(file, index=False))
    whole = ids.dropna().astype(int)
    whole.to_parquet(path.with_name("wave_2.parquet"))
    assert tk.erase(tmp_path, 1042, **WHEN).files["rows"].tolist() == [1, 1]
    assert path.read_text() == "id,age\n1043.0,2\n,3\n"


def test_what_a_rewritten_file_lost_is_told_and_a_text_file_loses_nothing(tmp_path):
    study_with(tmp_path, "answers.sav", sav)
    PEOPLE.to_csv(tmp_path / "data/raw/shop/copy.csv", index=False)
    files = tk.erase(tmp_path, "R-102", **WHEN).files.set_index("file")
    assert files.loc["data/raw/shop/answers.sav", "how"] == "rewritten by trustkit"
    assert files.loc["data/raw/shop/answers.sav", "lost"]
    assert files.loc["data/raw/shop/copy.csv", "how"] == "bytes of the other rows unchanged"
    assert files.loc["data/raw/shop/copy.csv", "lost"] == ""
