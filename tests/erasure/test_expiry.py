"""Columns whose time is over: what is left is a study that never had them, and nothing in use goes."""

from __future__ import annotations

import hashlib
import json
import zipfile

import pandas as pd
import pytest
from sas_file import sas_file
from typer.testing import CliRunner

import trustkit as tk
from trustkit import cli
from trustkit.errors import DataError
from trustkit.files.erased_ids import read_tombstones
from trustkit.survey.respondent_ids import id_text

BOOK = """\
title: A shop
fieldwork: 2024-03-04 to 2024-03-31
cleaning:
  - {step: drop_speeders, duration: seconds, share_of_median: 0.3}
variables:

  # Who answers
  id:
    label: Customer
    kind: id
    keep_until: {after: cleaning}
  mail:
    label: "Address: e-mail"
    kind: text
    keep_until: 2025-06-30

  # What they said
  trust: {label: "Do you trust us?", kind: single, codes: {1: "Yes", 2: "No"}}
  seconds: {label: Seconds, kind: numeric, keep_until: {months: 24, after: fieldwork}}
"""
ROWS = (
    'id;mail;trust;seconds\r\n1;"a;x@example.org";1;100\r\n2;"b\r\n""b""@example.org";2;110\r\n3;;1;120\r\n'
)
NEVER = "id;trust;seconds\r\n1;1;100\r\n2;2;110\r\n3;1;120\r\n"


@pytest.fixture
def raw(tmp_path):
    folder = tmp_path / "data" / "raw" / "shop"
    folder.mkdir(parents=True)
    (tmp_path / "data" / "processed").mkdir()
    (tmp_path / "data/processed/cleaned.csv").write_text("trust\n1\n")
    return written(folder, BOOK, ROWS.encode("cp1252"))


def written(folder, book, content, name="answers.csv"):
    (folder / "codebook.yaml").write_text(book, encoding="utf-8")
    (folder / name).write_bytes(content)
    lines = [
        f"{hashlib.sha256((folder / file).read_bytes()).hexdigest()}  {file}\n"
        for file in (name, "codebook.yaml")
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")
    return folder


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_expired_column_leaves_the_bytes_of_a_file_and_a_codebook_that_never_had_it(raw):
    expiry = tk.expire(raw.parents[2], on="2025-07-01")
    assert expiry.columns["column"].tolist() == ["mail"]
    assert (raw / "answers.csv").read_bytes() == NEVER.encode("cp1252")
    start, end = BOOK.index("  mail:"), BOOK.index("\n  # What they said")
    assert (raw / "codebook.yaml").read_text(encoding="utf-8") == BOOK[:start] + BOOK[end:]
    survey = tk.read(raw / "answers.csv", raw / "codebook.yaml")
    assert list(survey.data) == ["id", "trust", "seconds"]
    assert len(tk.clean(survey).data) == 3
    assert expiry.deleted == ("data/processed/cleaned.csv",)
    assert "Kept in the raw file, as cleaning needs it" in expiry.notes[-1]
    (stone,) = read_tombstones(raw.parents[2])
    assert (stone.column, stone.keyed_id, stone.reason) == ("mail", "", "kept until 2025-06-30")


def test_a_copy_without_a_codebook_loses_the_column_and_a_file_without_ids_is_named(raw):
    study = raw.parents[2]
    (raw / "copy.csv").write_text("id;mail;note\n1;x@example.org;a\n2;y@example.org;b\n")
    (raw / "shops.csv").write_text("shop;mail\nA;a@example.org\nB;b@example.org\n")
    (raw / "places.csv").write_text("place;people\nA;1\nB;2\n")
    before = contents(study)
    assert tk.expire(study, on="2025-06-30").columns.empty
    expiry = tk.expire(study, on="2025-07-01")
    assert (raw / "copy.csv").read_text() == "id;note\n1;a\n2;b\n"
    assert expiry.columns["file"].tolist() == ["data/raw/shop/answers.csv", "data/raw/shop/copy.csv"]
    notes = [note for note in expiry.notes if "shops.csv" in note]
    assert [note.partition(": ")[2] for note in notes] == ["data/raw/shop/shops.csv."]
    for name in ("shops.csv", "places.csv"):
        assert (raw / name).read_bytes() == before[raw / name]
    assert len(read_tombstones(study)) == 2


def test_a_table_that_cannot_be_read_is_named(raw):
    (raw / "old.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    notes = tk.expire(raw.parents[2], on="2025-07-01").notes
    assert any("can't be read as tables" in note and "old.xlsx" in note for note in notes)


def test_a_folder_without_a_study_is_named_as_such(tmp_path):
    with pytest.raises(DataError, match="there is no export with a codebook"):
        tk.expire(tmp_path / "nothing", on="2025-07-01")


@pytest.mark.parametrize("day", ["2025-06-30", "2024-01-01"])
def test_a_column_stays_on_its_last_day(raw, day):
    before = contents(raw.parents[2])
    expiry = tk.expire(raw.parents[2], on=day)
    assert expiry.columns.empty
    assert expiry.deleted == ()
    assert contents(raw.parents[2]) == before


def test_cleaned_data_with_a_column_that_is_kept_until_cleaning_are_deleted(raw):
    cleaned = raw.parents[1] / "processed" / "cleaned.csv"
    cleaned.write_text("id,trust\n1,1\n2,2\n")
    assert tk.expire(raw.parents[2], on="2024-01-01").deleted == ("data/processed/cleaned.csv",)
    assert not cleaned.exists()
    assert not (raw.parent / "ERASED.csv").exists()


def test_a_column_that_cleaning_uses_is_refused_and_nothing_changes(raw):
    before = contents(raw.parents[2])
    with pytest.raises(DataError, match="still used; nothing was changed") as refused:
        tk.expire(raw.parents[2], on="2026-04-01")
    assert "seconds" in refused.value.got
    assert contents(raw.parents[2]) == before


def test_a_column_that_targets_use_is_refused(raw):
    (raw / "targets.yaml").write_text('margins: {trust: {"Yes": 0.5, "No": 0.5}}\n', encoding="utf-8")
    late = BOOK.replace('2: "No"}}', '2: "No"}, keep_until: 2025-01-01}')
    written(raw, late.replace("keep_until: 2025-06-30", "keep_until: 2030-01-01"), ROWS.encode())
    with pytest.raises(DataError, match="still used") as refused:
        tk.expire(raw.parents[2], on="2025-07-01")
    assert "targets.yaml: trust" in refused.value.got


def test_the_old_file_is_refused_afterwards(raw):
    old = (raw / "answers.csv").read_bytes(), (raw / "codebook.yaml").read_text(encoding="utf-8")
    tk.expire(raw.parents[2], on="2025-07-01")
    written(raw, old[1], old[0])
    with pytest.raises(DataError, match="brings back a column that was removed") as refused:
        tk.read(raw / "answers.csv", raw / "codebook.yaml")
    assert refused.value.got.startswith("mail, in the file as it was before 2025-07-01")


def test_variables_on_one_line_are_refused(raw):
    mail = "{label: M, kind: text, keep_until: 2025-06-30}"
    one = f"title: A\nvariables: {{id: {{label: I, kind: id}}, mail: {mail}}}\n"
    written(raw, one, b"id,mail\n1,a\n2,b\n")
    with pytest.raises(DataError, match="on one line"):
        tk.expire(raw.parents[2], on="2025-07-01")


def test_a_column_goes_from_an_export_whose_names_stand_above_other_header_rows(raw):
    book = (
        "title: A\nvariables:\n  ResponseId: {label: Id, kind: id}\n"
        "  mail: {label: Mail, kind: text, keep_until: 2025-06-30}\n"
        "  trust: {label: Trust, kind: single, codes: {1: Much, 2: Little}}\n"
    )
    rows = [
        ["StartDate", "ResponseId", "mail", "trust"],
        ["Start Date", "Response ID", "Your e-mail", "Do you trust us?"],
        *([[f'"{{""ImportId"":""{name}""}}"' for name in ("startDate", "_recordId", "QID1", "QID2")]]),
        ["2025-01-02 10:00:00", "R_1aaaaaaaaaaaaaa", "a@example.org", "1"],
        ["2025-01-02 10:05:00", "R_2bbbbbbbbbbbbbb", "", "2"],
    ]

    def text(*places):
        return "".join(",".join(row[at] for at in places) + "\n" for row in rows).encode()

    (raw / "answers.csv").unlink()
    written(raw, book, text(0, 1, 2, 3))
    tk.expire(raw.parents[2], on="2025-07-01")
    assert (raw / "answers.csv").read_bytes() == text(0, 1, 3)


def test_a_column_that_no_row_above_the_answers_names_once_is_refused_and_nothing_changes(raw):
    written(raw, BOOK, ROWS.replace("seconds\r\n", "mail\r\n", 1).encode("cp1252"))
    before = contents(raw)
    with pytest.raises(DataError):
        tk.expire(raw.parents[2], on="2025-07-01")
    assert contents(raw) == before


PEOPLE = pd.DataFrame(
    {
        "id": ["R-101", "R-102", "R-103"],
        "mail": ["a@example.org", "", "c@example.org"],
        "age": [31.0, 42.0, 53.0],
        "words": ["yes, please", "my garden is blue", "yes, please"],
    }
)
EXPIRING = """\
title: A shop
variables:
  id: {label: Id, kind: id}
  mail: {label: Mail, kind: text, keep_until: 2025-06-30}
  age: {label: Age, kind: numeric}
"""
FORMATS = ["csv", "parquet", "sav", "zsav", "por", "xpt", "dta", "rds", "xlsx", "zip"]


def write_people(path):
    """Write the people in the format that a suffix names."""
    suffix = path.suffix[1:]
    if suffix == "parquet":
        PEOPLE.to_parquet(path, index=False)
    elif suffix == "dta":
        PEOPLE.to_stata(path, write_index=False, version=118, convert_strl=["words", "mail"])
    elif suffix == "rds":
        rdata = pytest.importorskip("rdata")
        rdata.write_rds(path, PEOPLE.astype({name: object for name in PEOPLE if name != "age"}))
    elif suffix == "xlsx":
        xlsxwriter = pytest.importorskip("xlsxwriter")
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            sheet.set_column(1, 1, 40)
            for at, name in enumerate(PEOPLE):
                sheet.write_column(0, at, [name, *PEOPLE[name]])
    elif suffix == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("export/answers.csv", PEOPLE.to_csv(index=False))
    elif suffix == "csv":
        PEOPLE.to_csv(path, index=False)
    else:
        pyreadstat = pytest.importorskip("pyreadstat")
        writer = {"por": "write_por", "xpt": "write_xport"}.get(suffix, "write_sav")
        packed = {"compress": True} if suffix == "zsav" else {}
        getattr(pyreadstat, writer)(PEOPLE, str(path), **packed)


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_column_goes_from_exports_and_copies_of_every_format_and_all_else_stays(tmp_path, suffix):
    pytest.importorskip("pyarrow")
    raw = tmp_path / "data" / "raw" / "shop"
    raw.mkdir(parents=True)
    path = raw / f"answers.{suffix}"
    write_people(path)
    capitals = suffix == "por"  # whose names are in capitals
    book = EXPIRING
    if capitals:
        for name in ("id", "mail", "age"):
            book = book.replace(f"  {name}:", f"  {name.upper()}:")
    written(raw, book, path.read_bytes(), path.name)
    (raw / f"copy.{suffix}").write_bytes(path.read_bytes())
    before = tk.read(path, raw / "codebook.yaml").data
    expiry = tk.expire(tmp_path, on="2025-07-01")
    assert expiry.columns["file"].tolist() == [
        f"data/raw/shop/{name}.{suffix}" for name in ("answers", "copy")
    ]
    gone = "MAIL" if capitals else "mail"
    for after in (tk.read(path, raw / "codebook.yaml").data, tk.read(raw / f"copy.{suffix}").data):
        pd.testing.assert_frame_equal(after.map(id_text), before.drop(columns=gone).map(id_text))
    for file in (path, raw / f"copy.{suffix}"):
        held = file.read_bytes()
        if suffix in ("xlsx", "zip"):
            with zipfile.ZipFile(file) as archive:
                held = b"".join(archive.read(item) for item in archive.infolist())
        assert b"example.org" not in held


def test_a_sas_data_set_is_refused_and_nothing_changes(tmp_path):
    raw = tmp_path / "data" / "raw" / "shop"
    raw.mkdir(parents=True)
    sas_file(raw / "answers.sas7bdat", {name: PEOPLE[name].tolist() for name in PEOPLE})
    written(raw, EXPIRING, (raw / "answers.sas7bdat").read_bytes(), "answers.sas7bdat")
    before = contents(tmp_path)
    with pytest.raises(DataError, match="a column can't be removed from a file of this format") as refused:
        tk.expire(tmp_path, on="2025-07-01")
    assert refused.value.do.endswith("and expire again")
    assert contents(tmp_path) == before


def test_a_file_whose_columns_are_all_over_time_is_refused(raw):
    written(
        raw, "title: A\nvariables:\n  mail: {label: M, kind: text, keep_until: 2025-06-30}\n", b"mail\na\nb\n"
    )
    with pytest.raises(DataError, match="the time of all columns of the file is over"):
        tk.expire(raw.parents[2], on="2025-07-01")


def test_the_command_lists_first_and_removes_then(raw):
    def run(*options):
        command = ["expire", str(raw.parents[2]), "--on", "2025-07-01", *options]
        return CliRunner().invoke(cli.app, command)

    before = (raw / "answers.csv").read_bytes()
    told = run("--dry-run").output
    assert "mail" in told
    assert "would be deleted: data/processed/cleaned.csv" in told
    assert "are renewed" not in told
    assert (raw / "answers.csv").read_bytes() == before
    assert json.loads(run("--json").stdout)["columns"][0]["column"] == "mail"
    assert "No column's time was over" in run().output
