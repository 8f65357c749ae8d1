"""Files of each format without one respondent's rows: the others stay, and nothing of the one is left."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from sas_file import sas_file
from survey_files import qualtrics_rows
from typer.testing import CliRunner

import trustkit as tk
from trustkit import cli
from trustkit.erasure.erased_stata_rows import stata_without
from trustkit.errors import DataError

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


def portable(path):
    import pyreadstat

    pyreadstat.write_por(PEOPLE, str(path))


def transport(path):
    import pyreadstat

    pyreadstat.write_xport(PEOPLE, str(path))


def r_frame(path):
    import rdata

    rdata.write_rds(path, PEOPLE.astype({name: object for name in PEOPLE if name != "age"}))


def sas(path):
    columns = {name: [float(cell) if name == "age" else cell for cell in PEOPLE[name]] for name in PEOPLE}
    sas_file(path, columns, labels={"age": "Age"})


WRITERS = {
    "answers.sav": sav,
    "answers.zsav": packed_spss,
    "answers.xpt": transport,
    "answers.rds": r_frame,
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


def test_a_portable_file_loses_both_rows_of_the_person_and_keeps_the_others(tmp_path):
    path = study_with(tmp_path, "answers.por", portable)  # whose names are in capitals
    path.with_name("codebook.yaml").write_text("title: A shop\nvariables: {ID: {label: Id, kind: id}}\n")
    erasure = tk.erase(tmp_path, "R-102", **WHEN)
    left = tk.read(path, path.with_name("codebook.yaml")).data
    assert left["ID"].tolist() == ["R-101", "R-103"]
    assert tk.verify_erasure(tmp_path, erasure).empty


def test_a_format_that_cannot_be_written_is_refused_and_nothing_changes(tmp_path):
    path = study_with(tmp_path, "answers.sas7bdat", sas)
    copy = path.with_name("copy.csv")
    PEOPLE.to_csv(copy, index=False)
    before = path.read_bytes(), copy.read_bytes()
    with pytest.raises(DataError, match="file of this format") as refused:
        tk.erase(tmp_path, "R-102", **WHEN)
    assert refused.value.got == "a SAS data set (.sas7bdat), which only SAS can write"
    assert "save it as .xpt in SAS" in refused.value.do
    assert "--convert" in refused.value.do
    assert (path.read_bytes(), copy.read_bytes()) == before


def codes(path):
    """Write a SAS data set whose answers are codes."""
    ids = ["R-101", "R-102", "R-103", "R-102"]
    sas_file(path, {"id": ids, "trust": [1.0, 2.0, 9.0, 2.0]}, labels={"trust": "Do you trust us?"})


CODED = """\
title: A shop
variables:
  id: {label: Id, kind: id}
  trust: {label: Trust, kind: single, codes: {1: "Yes", 2: "No"}, missing: {9: refused}}
"""


@pytest.fixture
def sas_study(tmp_path):
    """A study whose export is a SAS data set that a notebook reads."""
    path = study_with(tmp_path, "answers.sas7bdat", codes)
    path.with_name("codebook.yaml").write_text(CODED)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    source = 'tk.read("../data/raw/shop/answers.sas7bdat", "../data/raw/shop/codebook.yaml")'
    (notebooks / "01.ipynb").write_text(json.dumps({"cells": [{"source": [source]}]}))
    (notebooks / "02.ipynb").write_text('{"cells": []}')
    return path


def test_a_file_that_cannot_be_written_is_replaced_by_one_that_keeps_all_if_that_is_wanted(
    tmp_path, sas_study
):
    before = tk.read(sas_study, sas_study.with_name("codebook.yaml"))
    erasure = tk.erase(tmp_path, "R-102", unwritable="convert", **WHEN)
    new = sas_study.with_suffix(".parquet")
    assert not sas_study.exists()
    after = tk.read(new, new.with_name("codebook.yaml"))
    kept = before.data[before.data["id"] != "R-102"].reset_index(drop=True)
    pd.testing.assert_frame_equal(after.data, kept)
    assert (new.with_name("SHA256SUMS")).read_text() == f"{after.digest}  answers.parquet\n"
    assert "shop/answers.parquet" in (tmp_path / "notebooks/01.ipynb").read_text()
    assert erasure.files[["file", "how"]].to_numpy().tolist() == [
        ["data/raw/shop/answers.sas7bdat", "replaced by answers.parquet, as its format can't be written"]
    ]
    assert tk.verify_erasure(tmp_path, erasure).empty


def test_the_file_that_was_replaced_is_known_as_a_restored_backup(tmp_path, sas_study):
    old = sas_study.read_bytes()
    tk.erase(tmp_path, "R-102", unwritable="convert", **WHEN)
    sas_study.with_name("backup.sas7bdat").write_bytes(old)
    with pytest.raises(DataError, match="brings back a respondent"):
        tk.read(sas_study.with_name("backup.sas7bdat"))


def test_a_file_of_the_name_of_the_replacement_is_not_overwritten(tmp_path, sas_study):
    other = sas_study.with_suffix(".parquet")
    pd.DataFrame({"a": [1]}).to_parquet(other)
    before = other.read_bytes()
    with pytest.raises(DataError, match="can't take the place") as refused:
        tk.erase(tmp_path, "R-102", unwritable="convert", **WHEN)
    assert refused.value.where == other.as_posix()
    assert other.read_bytes() == before
    assert sas_study.exists()


def test_the_command_says_how_a_file_would_be_replaced_and_replaces_it(tmp_path, sas_study):
    who = ["R-102", "--reason", "request of 3 May", "--on", "2026-05-04"]
    refused = CliRunner().invoke(cli.app, ["erase", str(tmp_path), *who, "--no-report"])
    assert isinstance(refused.exception, DataError)
    told = CliRunner().invoke(cli.app, ["erase", str(tmp_path), *who, "--convert", "--dry-run", "--json"])
    assert json.loads(told.stdout)[0]["how"].startswith("replaced by answers.parquet")
    assert sas_study.exists()
    done = CliRunner().invoke(cli.app, ["erase", str(tmp_path), *who, "--convert", "--no-report"])
    assert done.exit_code == 0, done.output
    assert not sas_study.exists()


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


FORMATS = ["csv", "sav", "zsav", "por", "xpt", "dta", "rds", "parquet", "xlsx", "zip", "sas7bdat"]


def random_people(random, count):
    """Return rows of invented people, of whom some stand in several; whole and broken numbers, texts."""
    ids = [f"R-{1000 + number}" for number in random.integers(0, count, count)]
    texts = random.choice(["no", "Z", "a, b", 'she said "no"', "x" * 90, "5/"], count)
    words = [f"{text} {number}" for number, text in enumerate(texts)]
    numbers = {"age": random.integers(18, 90, count), "score": random.normal(size=count).round(3)}
    return pd.DataFrame(
        {"id": ids, "words": words, **{name: list(map(float, numbers[name])) for name in numbers}}
    )


def written_as(frame, path):
    """Write rows in a format, with a library that shares no code with what erases."""
    texts = frame.astype({"id": object, "words": object})
    if path.suffix in (".sav", ".zsav", ".por", ".xpt"):
        import pyreadstat

        how = {".sav": {"row_compress": True}, ".zsav": {"compress": True}}.get(path.suffix, {})
        name = {".zsav": "sav", ".xpt": "xport"}.get(path.suffix, path.suffix[1:])
        getattr(pyreadstat, f"write_{name}")(frame, str(path), **how)
    elif path.suffix == ".rds":
        import rdata

        rdata.write_rds(path, texts)
    elif path.suffix == ".sas7bdat":
        sas_file(path, {name: frame[name].tolist() for name in frame})
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("answers.csv", frame.to_csv(index=False))
    else:
        writers = {".csv": frame.to_csv, ".parquet": frame.to_parquet, ".xlsx": frame.to_excel}
        if path.suffix == ".dta":
            frame.to_stata(path, write_index=False)
        else:
            writers[path.suffix](path, index=False)


@pytest.mark.nightly
@pytest.mark.parametrize("suffix", FORMATS)
def test_random_erasures_in_each_format_are_the_files_that_never_held_the_person(tmp_path, suffix):
    random = np.random.default_rng(len(suffix) + ord(suffix[0]))
    for round_ in range(12):
        people = random_people(random, int(random.integers(4, 40)))
        who = str(random.choice(people["id"].unique()[:-1])) if len(people["id"].unique()) > 1 else None
        if who is None:
            continue
        held = tmp_path / f"held {round_}"
        path = study_with(held, f"answers.{suffix}", lambda path, rows=people: written_as(rows, path))
        name = "ID" if suffix == "por" else "id"
        book = path.with_name("codebook.yaml")
        book.write_text(f"title: A shop\nvariables: {{{name}: {{label: Id, kind: id}}}}\n")
        erasure = tk.erase(held, who, unwritable="convert", **WHEN)
        never = tmp_path / f"never {round_}.{suffix}"
        written_as(people[people["id"] != who].reset_index(drop=True), never)
        left = next(path.parent.glob("answers.*"))
        pd.testing.assert_frame_equal(tk.read(left, book).data, tk.read(never, book).data)
        assert tk.verify_erasure(held, erasure).empty


def test_what_a_rewritten_file_lost_is_told_and_one_that_is_cut_loses_nothing(tmp_path):
    study_with(tmp_path, "answers.parquet", parquet)
    sav(tmp_path / "data/raw/shop/copy.sav")
    files = tk.erase(tmp_path, "R-102", **WHEN).files.set_index("file")
    assert files.loc["data/raw/shop/answers.parquet", "how"] == "rewritten by trustkit"
    assert files.loc["data/raw/shop/answers.parquet", "lost"]
    assert files.loc["data/raw/shop/copy.sav", "how"] == "bytes of the other rows unchanged"
    assert files.loc["data/raw/shop/copy.sav", "lost"] == ""


def test_a_workbook_loses_its_filter_and_who_wrote_it_if_that_is_the_person(tmp_path):
    def filtered(path):
        xlsx(path)
        import openpyxl

        book = openpyxl.load_workbook(path)
        book.active.auto_filter.ref = "A1:D5"
        book.active.auto_filter.add_filter_column(0, ["R-102"])
        book.properties.creator, book.properties.lastModifiedBy = "b@example.org", "an analyst"
        book.save(path)

    path = study_with(tmp_path, "answers.xlsx", filtered)
    erasure = tk.erase(tmp_path, "R-102", **WHEN)
    assert "the filter of the sheet" in erasure.files["lost"].item()
    assert tk.verify_erasure(tmp_path, erasure).empty
    import openpyxl

    book = openpyxl.load_workbook(path)
    assert book.active.auto_filter.ref is None
    assert book.active.dimensions == "A1:D3"
    assert (book.properties.creator, book.properties.lastModifiedBy) == (None, "an analyst")


@pytest.mark.parametrize("part", ["xl/pivotCache/pivotCacheRecords1.xml", "xl/charts/chart1.xml"])
def test_a_workbook_that_keeps_copies_of_rows_is_refused_or_replaced(tmp_path, part):
    def with_copies(path):
        xlsx(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(part, "<records><s v='R-102'/></records>")

    path = study_with(tmp_path, "answers.xlsx", with_copies)
    with pytest.raises(DataError, match="keeps copies of cells") as refused:
        tk.erase(tmp_path, "R-102", **WHEN)
    assert refused.value.got == part
    erasure = tk.erase(tmp_path, "R-102", unwritable="convert", **WHEN)
    assert not path.exists()
    assert tk.verify_erasure(tmp_path, erasure).empty
