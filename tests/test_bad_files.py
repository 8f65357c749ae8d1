"""Bad files are refused in words: what is wrong, where, what stood there, what would be right, what to do.

Each file is made here, from a few bytes or by the real writer, and broken. ``...`` in an expected message
stands for a library's own words or a number that depends on the machine.
"""

from __future__ import annotations

import fnmatch
import hashlib
import io
import struct
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import survey_files

from trustkit.errors import TrustkitError
from trustkit.files import reading_process
from trustkit.files import zip_archives as archives
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import Variable

SEX = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, missing={9: "refused"})


def spss(folder):
    return survey_files.spss_file(folder / "whole.sav").read_bytes()


def made_by(writer, suffix, **options):
    """Return what writes a small file with one of pyreadstat's writers and gives its bytes."""

    def content(folder):
        path = folder / f"whole{suffix}"
        data = pd.DataFrame({"q": [1.0, 2.0] * 50, "t": ["abc", "de"] * 50})
        getattr(pyreadstat, writer)(data, str(path), **options)
        return path.read_bytes()

    return content


def cut(content, share):
    """Return what makes a file and cuts it off."""
    return lambda folder: (whole := content(folder))[: int(len(whole) * share)]


def parquet(folder, rows=3):
    pq.write_table(
        pa.table({"q": pa.array(np.ones(rows, np.int8))}), folder / "whole.parquet", row_group_size=1 << 26
    )
    return (folder / "whole.parquet").read_bytes()


def workbook(*sheets):
    return lambda folder: survey_files.workbook(folder / "whole.xlsx", *sheets).read_bytes()


def archive(*files, flag=0):
    """Return what packs files (name, content) into a zip archive."""

    def content(_folder):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
            for name, text in files:
                made.writestr(name, text)
        raw = bytearray(packed.getvalue())
        if flag:
            raw[6] |= flag
            raw[raw.index(b"PK\x01\x02") + 8] |= flag
        return bytes(raw)

    return content


def broken_checksum(folder):
    raw = bytearray(archive(("a.csv", "a,b\n1,2\n" * 100))(folder))
    raw[40] ^= 0xFF
    return bytes(raw)


def bomb(_folder):
    return archive(("a.csv", bytes(archives.SMALL_BYTES + 1)))(_folder)


def lying_sav(folder):
    """Return an SPSS file whose header claims a thousand rows."""
    raw = bytearray(spss(folder))
    raw[80:84] = struct.pack("<i", 1_000)
    return bytes(raw)


CSV = "answers.csv"
FAR_APART = survey_files.sheet_xml([[1]]).replace(
    "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
)
"""A worksheet with a cell in its first place and one in its last."""

BAD = {
    "nothing in it": (CSV, b""),
    "only blank lines": (CSV, b"\n\r\n  \n"),
    "only a byte order mark": (CSV, b"\xef\xbb\xbf"),
    "header only": (CSV, b"id,sex\n"),
    "header only, Qualtrics": (CSV, survey_files.as_csv(survey_files.qualtrics_rows()[:3])),
    "header only, SurveyMonkey": (CSV, survey_files.as_csv(survey_files.surveymonkey_rows()[:2])),
    "every cell empty": (CSV, b"id,sex\n,\n,\n"),
    "a short row": (CSV, b"a,b,c\n1,2,3\n4,5\n"),
    "a long row": (CSV, b"a,b,c\n1,2,3\n4,5,6,7\n"),
    "all rows long": (CSV, b"a,b\n1,2,3\n4,5,6\n"),
    "a short row among 10,000 columns": (
        CSV,
        "\n".join([",".join(f"c{n}" for n in range(10_000)), ",".join("1" * 10_000), "1,2"]).encode(),
    ),
    "a Qualtrics row that is cut": (CSV, survey_files.as_csv([*survey_files.qualtrics_rows(), ["2026", "x"]])),
    "an open quote": (CSV, b'a,b\n1,"x\n2,y\n'),
    "a quote that swallows a row": (CSV, b'a,b\n1,"x\n2,"y\n3,z\n'),
    "text after a quote": (CSV, b'a,b\n1,"x"y\n'),
    "NUL bytes": (CSV, b"a,b\n1,2\n3,\x00\n"),
    "UTF-16 without its mark": (CSV, "a,b\n1,2\n".encode("utf-16-le")),
    "UTF-16 cut in a character": (CSV, "a,b\n1,2\n".encode("utf-16")[:-1]),
    "Shift-JIS": (CSV, "id,回答\n1,はい\n".encode("shift-jis")),
    "Windows-1251": (CSV, "id,ответ\n1,да\n".encode("cp1251")),
    "UTF-8 cut in a character": (CSV, b"a,b\n1,\xe2\x82\n2,\x81\n"),
    "a web page called CSV": (CSV, b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    "a PDF called CSV": (CSV, b"%PDF-1.7\n%\xe2\xe3"),
    "JSON called CSV": (CSV, b'[{"id": 1}]'),
    "XML called CSV": (CSV, b'<?xml version="1.0"?><rows/>'),
    "a picture called CSV": (CSV, b"\x89PNG\r\n\x1a\n"),
    "a file of R cut": ("answers.RData", b"RDX3\nX\n"),
    "gzip": ("answers.csv.gz", b"\x1f\x8b\x08\x00"),
    "an old Excel file": ("answers.xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)),
    "a protected SPSS file": ("answers.sav", b"\x1c\x00\x00\x00\x00\x00\x00\x00ENCRYPTEDSAV" + bytes(40)),
    "SPSS cut in the header": ("answers.sav", lambda folder: spss(folder)[:100]),
    "SPSS cut in the dictionary": ("answers.sav", cut(spss, 0.3)),
    "SPSS cut in the data": ("answers.sav", lambda folder: spss(folder)[:-30]),
    "SPSS that claims too many rows": ("answers.sav", lying_sav),
    "packed SPSS cut": ("answers.zsav", cut(made_by("write_sav", ".zsav", compress=True), 0.7)),
    "SPSS portable cut": ("answers.por", cut(made_by("write_por", ".por"), 0.6)),
    "Stata cut": ("answers.dta", cut(made_by("write_dta", ".dta"), 0.6)),
    "Stata cut in the header": ("answers.dta", cut(made_by("write_dta", ".dta"), 0.01)),
    "SAS transport cut": ("answers.xpt", cut(made_by("write_xport", ".xpt"), 0.2)),
    "SAS cut": ("answers.sas7bdat", bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")),
    "Parquet cut": ("answers.parquet", cut(parquet, 0.5)),
    "Parquet's mark alone": ("answers.parquet", b"PAR1"),
    "Parquet without a row": ("answers.parquet", lambda folder: parquet(folder, 0)),
    "Parquet that fills the memory": ("answers.parquet", lambda folder: parquet(folder, 20_000_000)),
    "a zip archive cut": ("answers.zip", cut(archive(("a.csv", "a,b\n1,2\n" * 100)), 0.6)),
    "a zip archive with a broken checksum": ("answers.zip", broken_checksum),
    "a zip archive without a file": ("answers.zip", archive()),
    "a zip archive with two files": ("answers.zip", archive(("a.csv", "a\n1\n"), ("b.csv", "b\n1\n"))),
    "a protected zip archive": ("answers.zip", archive(("a.csv", "a\n1\n"), flag=1)),
    "a path that climbs out": ("answers.zip", archive(("../../a.csv", "a\n1\n"))),
    "an absolute path": ("answers.zip", archive(("/etc/a.csv", "a\n1\n"))),
    "a path on a drive": ("answers.zip", archive(("C:\\data\\a.csv", "a\n1\n"))),
    "an archive in an archive": ("answers.zip", lambda folder: archive(("b.zip", archive(("a.csv", "a"))(folder)))(folder)),
    "a zip bomb": ("answers.zip", bomb),
    "a web page in a zip archive": ("answers.zip", archive(("a.csv", "<html></html>"))),
    "Excel cut": ("answers.xlsx", cut(workbook([["a"], [1]]), 0.6)),
    "Excel with formulas": ("answers.xlsx", workbook([["a", "b"], [1, ("", "<f>A2*2</f><v>2</v>")]])),
    "Excel with an error in a cell": ("answers.xlsx", workbook([["a"], [1], [('t="e"', "<v>#N/A</v>")]])),
    "Excel with two sheets": ("answers.xlsx", workbook([["a"], [1]], [["b"], [1]])),
    "Excel without a cell": ("answers.xlsx", workbook([])),
    "Excel with a header only": ("answers.xlsx", workbook([["a", "b"]])),
    "Excel whose cells lie far apart": (
        "answers.xlsx",
        workbook(FAR_APART),
    ),
    "Excel with a broken sheet": ("answers.xlsx", workbook("<worksheet><sheetData><row r='1'><c r=\"A1\"><v>1</c>")),
}  # fmt: skip


MESSAGES = {
    "nothing in it": ("the file is empty\n  where: answers.csv\n  do: export the data again"),
    "only blank lines": ("the file is empty\n  where: answers.csv\n  do: export the data again"),
    "only a byte order mark": ("the file is empty\n  where: answers.csv\n  do: export the data again"),
    "header only": ("the file has a header and no rows\n  where: answers.csv\n  do: export the data again"),
    "header only, Qualtrics": (
        "the file has a header and no rows\n  where: answers.csv\n  do: export the data again"
    ),
    "header only, SurveyMonkey": (
        "the file has a header and no rows\n  where: answers.csv\n  do: export the data again"
    ),
    "every cell empty": (
        "every cell is empty\n"
        "  where: answers.csv\n"
        "  got: 2 rows of 2 empty cells\n"
        "  do: export the data again, with the answers"
    ),
    "a short row": (
        "a row does not fit the header\n"
        "  where: answers.csv:3\n"
        "  got: 2 cells\n"
        "  expected: 3 cells\n"
        "  do: correct the row, or export the data again"
    ),
    "a long row": (
        "a row does not fit the header\n"
        "  where: answers.csv:3\n"
        "  got: 4 cells\n"
        "  expected: 3 cells\n"
        "  do: correct the row, or export the data again"
    ),
    "all rows long": (
        "a row does not fit the header\n"
        "  where: answers.csv:2\n"
        "  got: 3 cells\n"
        "  expected: 2 cells\n"
        "  do: correct the row, or export the data again"
    ),
    "a short row among 10,000 columns": (
        "a row does not fit the header\n"
        "  where: answers.csv:3\n"
        "  got: 2 cells\n"
        "  expected: 10000 cells\n"
        "  do: correct the row, or export the data again"
    ),
    "a Qualtrics row that is cut": (
        "a row does not fit the header\n"
        "  where: answers.csv:11\n"
        "  got: 2 cells\n"
        "  expected: 14 cells\n"
        "  do: correct the row, or export the data again"
    ),
    "an open quote": (
        "a row's quotes do not close\n"
        "  where: answers.csv:3\n"
        "  got: ...\n"
        "  expected: quotes around a whole cell, and doubled inside it\n"
        "  do: correct the row's quotes, or export the data again"
    ),
    "a quote that swallows a row": (
        "a row's quotes do not close\n"
        "  where: answers.csv:3\n"
        "  got: ...\n"
        "  expected: quotes around a whole cell, and doubled inside it\n"
        "  do: correct the row's quotes, or export the data again"
    ),
    "text after a quote": (
        "a row's quotes do not close\n"
        "  where: answers.csv:2\n"
        "  got: ...\n"
        "  expected: quotes around a whole cell, and doubled inside it\n"
        "  do: correct the row's quotes, or export the data again"
    ),
    "NUL bytes": (
        "the file holds NUL bytes\n"
        "  where: answers.csv:3\n"
        "  expected: text\n"
        "  do: export the data again as UTF-8; this is damaged, or no text file"
    ),
    "UTF-16 without its mark": (
        "the file holds NUL bytes\n"
        "  where: answers.csv:1\n"
        "  expected: text\n"
        "  do: export the data again as UTF-8; this is damaged, or no text file"
    ),
    "UTF-16 cut in a character": (
        "the file is not the UTF-16 that it says it is\n"
        "  where: answers.csv\n"
        "  got: ...\n"
        "  do: export the data again as UTF-8"
    ),
    "Shift-JIS": (
        "the file is neither UTF-8 nor Windows-1252\n"
        "  where: answers.csv:1\n"
        "  got: ...\n"
        "  do: name its encoding: read(..., encoding=), or export the data again as UTF-8"
    ),
    "Windows-1251": (
        "the file is neither UTF-8 nor Windows-1252\n"
        "  where: answers.csv:1\n"
        "  got: ...\n"
        "  do: name its encoding: read(..., encoding=), or export the data again as UTF-8"
    ),
    "UTF-8 cut in a character": (
        "the file is neither UTF-8 nor Windows-1252\n"
        "  where: answers.csv:2\n"
        "  got: ...\n"
        "  do: name its encoding: read(..., encoding=), or export the data again as UTF-8"
    ),
    "a web page called CSV": (
        "this is a web page\n"
        "  where: answers.csv\n"
        "  expected: a file of answers\n"
        "  do: sign in and download the export again"
    ),
    "a PDF called CSV": (
        "this is a PDF\n"
        "  where: answers.csv\n"
        "  expected: a file of answers\n"
        "  do: export the answers instead of a report"
    ),
    "JSON called CSV": (
        "this is a JSON file\n"
        "  where: answers.csv\n"
        "  expected: a file of answers\n"
        "  do: export the answers as CSV"
    ),
    "XML called CSV": (
        "this is an XML file\n"
        "  where: answers.csv\n"
        "  expected: a file of answers\n"
        "  do: export the answers as CSV"
    ),
    "a picture called CSV": (
        "this is a picture\n"
        "  where: answers.csv\n"
        "  expected: a file of answers\n"
        "  do: export the answers instead of a chart"
    ),
    "a file of R cut": (
        "the file is damaged\n"
        "  where: answers.RData\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "gzip": (
        "this file is compressed with gzip\n  where: answers.csv.gz\n"
        "  expected: a file of answers\n  do: unpack it, and read the file inside"
    ),
    "an old Excel file": (
        "this is an old Excel file (.xls), or a workbook that a password protects\n"
        "  where: answers.xls\n"
        "  expected: a file of answers\n"
        "  do: save it as .xlsx, without a password"
    ),
    "a protected SPSS file": (
        "this SPSS file is protected by a password\n"
        "  where: answers.sav\n"
        "  expected: a file of answers\n"
        "  do: save it without one"
    ),
    "SPSS cut in the header": (
        "the file is damaged\n"
        "  where: answers.sav\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "SPSS cut in the dictionary": (
        "the file is damaged\n"
        "  where: answers.sav\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "SPSS cut in the data": (
        "the file is damaged\n"
        "  where: answers.sav\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "SPSS that claims too many rows": (
        "the file is damaged\n"
        "  where: answers.sav\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "packed SPSS cut": (
        "the file is damaged\n"
        "  where: answers.zsav\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "SPSS portable cut": (
        "the file is damaged\n"
        "  where: answers.por\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "Stata cut": (
        "the file is damaged\n"
        "  where: answers.dta\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "Stata cut in the header": (
        "the file is damaged\n"
        "  where: answers.dta\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "SAS transport cut": (
        "the file is damaged\n"
        "  where: answers.xpt\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "SAS cut": (
        "the file is damaged\n"
        "  where: answers.sas7bdat\n"
        "  got: ...\n"
        "  expected: a whole file, as the program saved it\n"
        "  do: save or download it again"
    ),
    "Parquet cut": (
        "the file is damaged\n  where: answers.parquet\n  got: ...\n  do: save or download it again"
    ),
    "Parquet's mark alone": (
        "the file is damaged\n  where: answers.parquet\n  got: ...\n  do: save or download it again"
    ),
    "Parquet without a row": ("there are no rows\n  where: answers.parquet\n  do: export the data again"),
    "Parquet that fills the memory": (
        "the table is far larger than its file\n"
        "  where: answers.parquet\n"
        "  got: 20,000,000 cells\n"
        "  expected: ...\n"
        "  do: export the data again; it would fill the memory"
    ),
    "a zip archive cut": (
        "the archive or workbook is damaged\n"
        "  where: answers.zip\n"
        "  got: ...\n"
        "  do: save or download it again"
    ),
    "a zip archive with a broken checksum": (
        "the archive is damaged\n  where: answers.zip\n  got: a.csv: ...\n  do: save or download it again"
    ),
    "a zip archive without a file": (
        "the archive holds 0 files\n"
        "  where: answers.zip\n"
        "  got: nothing\n"
        "  expected: one data file\n"
        "  do: unpack it and name the file to read"
    ),
    "a zip archive with two files": (
        "the archive holds 2 files\n"
        "  where: answers.zip\n"
        "  got: a.csv, b.csv\n"
        "  expected: one data file\n"
        "  do: unpack it and name the file to read"
    ),
    "a protected zip archive": (
        "the archive is protected by a password\n"
        "  where: answers.zip\n"
        "  got: a.csv\n"
        "  do: unpack it, and keep what is in it protected"
    ),
    "a path that climbs out": (
        "a path in the archive climbs out of its folder\n"
        "  where: answers.zip\n"
        "  got: ../../a.csv\n"
        "  expected: a path below the archive's own folder\n"
        "  do: don't unpack it; ask for where it came from"
    ),
    "an absolute path": (
        "a path in the archive climbs out of its folder\n"
        "  where: answers.zip\n"
        "  got: /etc/a.csv\n"
        "  expected: a path below the archive's own folder\n"
        "  do: don't unpack it; ask for where it came from"
    ),
    "a path on a drive": (
        "a path in the archive climbs out of its folder\n"
        "  where: answers.zip\n"
        "  got: C:\\data\\a.csv\n"
        "  expected: a path below the archive's own folder\n"
        "  do: don't unpack it; ask for where it came from"
    ),
    "an archive in an archive": (
        "the archive holds another archive\n"
        "  where: answers.zip\n"
        "  got: b.zip\n"
        "  expected: one data file\n"
        "  do: unpack the inner archive"
    ),
    "a zip bomb": (
        "the archive grows beyond measure\n"
        "  where: answers.zip\n"
        "  got: ... bytes that unpack to at least 16,777,217\n"
        "  expected: at most 200 times the packed size, and 4,294,967,296 bytes\n"
        "  do: unpack it yourself, if you trust it"
    ),
    "a web page in a zip archive": (
        "this is a web page\n"
        "  where: answers.zip, a.csv\n"
        "  expected: a file of answers\n"
        "  do: sign in and download the export again"
    ),
    "Excel cut": (
        "the archive or workbook is damaged\n"
        "  where: answers.xlsx\n"
        "  got: ...\n"
        "  do: save or download it again"
    ),
    "Excel with formulas": (
        "the worksheet has formulas\n"
        "  where: answers.xlsx, sheet1.xml\n"
        "  got: the first is cell B2\n"
        "  expected: values alone, as they were collected\n"
        "  do: copy it and paste the values alone"
    ),
    "Excel with an error in a cell": (
        "the worksheet has cells with an error\n"
        "  where: answers.xlsx, sheet1.xml\n"
        "  got: the first is cell A3\n"
        "  expected: values alone, as they were collected\n"
        "  do: correct them, or empty them"
    ),
    "Excel with two sheets": (
        "the workbook has 2 sheets with data\n"
        "  where: answers.xlsx\n"
        "  got: 'Sheet1': 2 rows, 1 columns; 'Sheet2': 2 rows, 1 columns\n"
        "  expected: one sheet, or the name of the one to read\n"
        "  do: name it: read(..., sheet='Sheet1'), or trustkit new --sheet 'Sheet1'"
    ),
    "Excel without a cell": ("the file is empty\n  where: answers.xlsx\n  do: export the data again"),
    "Excel with a header only": (
        "the file has a header and no rows\n  where: answers.xlsx\n  do: export the data again"
    ),
    "Excel whose cells lie far apart": (
        "the table is far larger than its file\n"
        "  where: answers.xlsx\n"
        "  got: 17,179,869,184 cells\n"
        "  expected: ...\n"
        "  do: export the data again; it would fill the memory"
    ),
    "Excel with a broken sheet": (
        "the workbook is damaged\n  where: answers.xlsx, sheet1.xml\n  got: ...\n  do: save or download it again"
    ),
}
"""What is said of each, the file's folder left out."""


def message(folder, name, content, codebook=None):
    """Write a bad file and return the words it is refused with."""
    path = folder / name
    path.write_bytes(content(folder) if callable(content) else content)
    with pytest.raises(TrustkitError) as caught:
        read(path, codebook)
    return str(caught.value).replace(folder.as_posix() + "/", "")


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_in_these_words(tmp_path, case):
    said = message(tmp_path, *BAD[case])
    assert fnmatch.fnmatchcase(said, MESSAGES[case].replace("[", "[[]").replace("...", "*")), said


def test_there_is_a_message_for_every_bad_file():
    assert BAD.keys() == MESSAGES.keys()
    assert len(BAD) >= 40


# Files that disagree with their codebook

YAML = """title: Study
variables:
  id: {label: Id, kind: id}
  sex: {label: Sex, kind: single, codes: {1: Men, 2: Women}}
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "variables: &all {id: {label: Id, kind: id}}\nmore: *all\n",
            (
                "the file is not plain YAML\n  where: codebook.yaml:1\n  got: an anchor or alias\n"
                "  expected: mappings, lists and scalars, without anchors, aliases, tags or duplicate keys"
            ),
        ),
        (
            "variables: !!python/object/apply:os.system [echo]\n",
            (
                "the file is not plain YAML\n  where: codebook.yaml:1\n"
                "  got: the tag tag:yaml.org,2002:python/object/apply:os.system\n"
                "  expected: mappings, lists and scalars, without anchors, aliases, tags or duplicate keys"
            ),
        ),
        (
            YAML + "  sex: {label: Again, kind: text}\n",
            "1 error in codebook.yaml\n  - line 5, variables.sex: the key occurs twice; keep one of them",
        ),
        (
            YAML.replace("single", "singel"),
            "1 error in codebook.yaml\n  - line 4, variables.sex.kind: got 'singel'; did you mean 'single'?",
        ),
    ],
)
def test_a_bad_codebook_is_refused_before_the_data_are_read(tmp_path, text, said):
    (tmp_path / "codebook.yaml").write_text(text, encoding="utf-8")
    assert message(tmp_path, CSV, b"id,sex\n1,1\n", tmp_path / "codebook.yaml") == said


def test_columns_that_are_not_there_are_all_named(tmp_path):
    (tmp_path / "codebook.yaml").write_text(YAML, encoding="utf-8")
    assert message(tmp_path, CSV, b"Id,sexe\n1,1\n", tmp_path / "codebook.yaml") == (
        "2 columns of the codebook are not in the data\n  where: answers.csv\n  got: Id, sexe\n"
        "  expected: id, sex\n  do: id: did you mean 'Id'?; sex: did you mean 'sexe'?"
    )


def test_a_file_that_has_changed_is_refused_with_both_digests(tmp_path):
    first, second = (hashlib.sha256(content).hexdigest() for content in (b"a\n1\n", b"a\n2\n"))
    (tmp_path / "SHA256SUMS").write_text(f"{first}  {CSV}\n", encoding="utf-8")
    assert message(tmp_path, CSV, b"a\n2\n") == (
        f"the raw file has changed\n  where: answers.csv\n  got: SHA-256 {second}\n"
        f"  expected: SHA-256 {first}, from SHA256SUMS\n  do: restore the file; raw data is never edited"
    )


def test_labels_that_are_swapped_are_refused(tmp_path):
    swapped = Variable("sex", "Sex", "single", codes={1: "A woman", 2: "A man", 3: "Other"})
    assert message(tmp_path, "answers.sav", spss, Codebook({"sex": swapped})) == (
        "labels are swapped between the file and the codebook\n  where: answers.sav\n"
        "  got: sex: 1 is 'A woman' in the codebook, 2 in the file; sex: 2 is 'A man' in the codebook, 1 in the file\n"
        "  expected: one code for a label\n  do: find out which is right, and correct the codebook"
    )


def test_a_name_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(TrustkitError) as caught:
        read(tmp_path / ("a" * 300))
    assert caught.value.do == "shorten the path; a file's name has at most 255 bytes"


def faults(tmp_path, content, *variables):
    (tmp_path / CSV).write_bytes(content)
    found = read(tmp_path / CSV, Codebook({variable.name: variable for variable in variables}))
    return found, found.check().to_numpy().tolist()


def test_a_code_that_is_not_in_the_codebook_is_kept_and_reported(tmp_path):
    found, said = faults(tmp_path, b"sex\n1\n7\n2\n7\n", SEX)
    assert found.data["sex"].tolist() == ["Men", "7", "Women", "7"]
    assert said == [["sex", "unknown code", "7", 2, "1, 3"]]


def test_codes_that_come_with_text_are_kept_and_reported(tmp_path):
    found, said = faults(tmp_path, b'sex\n"1 Men"\n"2 Women"\n', SEX)
    assert found.data["sex"].tolist() == ["1 Men", "2 Women"]
    assert [row[2] for row in said] == ["1 Men", "2 Women"]


def test_codes_that_come_as_text_are_the_codes_they_are(tmp_path):
    found, said = faults(tmp_path, b'sex\n"1"\n"02"\n"9"\n', SEX)
    assert found.data["sex"].tolist() == ["Men", "Women", "Refused"]
    assert said == []


def test_labels_that_the_codebook_words_in_another_way_are_reported(tmp_path):
    _, said = faults(tmp_path, b"sex\nMen\nwomen\n", SEX)
    assert said == [["sex", "unknown code", "women", 1, "1"]]


def test_dates_written_in_several_ways_are_kept_and_reported(tmp_path):
    day = Variable("day", "Day", "date")
    found, said = faults(tmp_path, b"day,n\n2026-03-01,1\n2026-03-02,2\n03/04/2026,3\n,4\n", day)
    assert found.data["day"].tolist()[2] == "03/04/2026"
    assert said == [["day", "date written in another way", "03/04/2026", 1, "2"]]


def test_identifiers_that_repeat_are_all_kept(tmp_path):
    found, said = faults(tmp_path, b"id,n\n007,1\n007,1\n8,2\n", Variable("id", "Id", "id"))
    assert found.data["id"].tolist() == ["007", "007", "8"]
    assert said == [["id", "id repeated", "1 id", 2, "0, 1"]]


def test_ten_thousand_columns_are_read(tmp_path):
    names = [f"c{number}" for number in range(10_000)]
    rows = [names, *(["1", "x"] * 5_000 for _ in range(3))]
    (tmp_path / CSV).write_bytes(survey_files.as_csv(rows))
    assert read(tmp_path / CSV).data.shape == (3, 10_000)


@pytest.mark.parametrize("name", ["a: b.csv", ".", "...", "é" * 120 + ".csv", "deep/er/a.csv"])
def test_a_file_in_an_archive_may_have_any_name(tmp_path, name):
    (tmp_path / "answers.zip").write_bytes(archive((name, "a,b\n1,2\n"))(tmp_path))
    assert read(tmp_path / "answers.zip").data.to_dict("list") == {"a": [1], "b": [2]}


@pytest.mark.parametrize("name", ["answers.txt", "answers.xlsx", "answers", "answers.zip"])
def test_a_suffix_that_lies_does_not_matter(tmp_path, name):
    (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    assert read(tmp_path / name).data.to_dict("list") == {"a": [1], "b": [2]}
    (tmp_path / name).write_bytes(workbook([["a"], [5]])(tmp_path))
    assert read(tmp_path / name).data.to_dict("list") == {"a": [5]}
    (tmp_path / name).write_bytes(parquet(tmp_path))
    assert read(tmp_path / name).data.to_dict("list") == {"q": [1, 1, 1]}


# Memory


def test_an_archive_that_says_it_grows_beyond_all_size_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MOST_BYTES", 1000)
    text = message(tmp_path, "answers.zip", archive(("a.csv", "a,b\n1,2\n" * 200)))
    assert text.startswith("the archive grows beyond measure")


def test_a_packed_spss_file_that_fills_the_memory_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "SPARE_CELLS", 0)
    zeros = pd.DataFrame(np.zeros((200_000, 10)), columns=[f"v{number}" for number in range(10)])
    pyreadstat.write_sav(zeros, str(tmp_path / "whole.zsav"), compress=True)
    with pytest.raises(TrustkitError, match=r"far larger than its file\n.*\n  got: 2,000,000 cells"):
        reading_process.read_statistics(
            str(tmp_path / "whole.zsav"), out=str(tmp_path / "out"), reader="read_sav"
        )


def test_what_is_unpacked_is_removed(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "answers.zip").write_bytes(archive(("a.csv", "a,b\n1,2\n"))(tmp_path))
    read(tmp_path / "answers.zip")
    assert [item.name for item in tmp_path.iterdir()] == ["answers.zip"]


MEASURE = """
import resource, sys
from trustkit.files.read import read
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
read(sys.argv[1])
before = peak()
read(sys.argv[2])
print(peak() - before)
"""
"""Reads a small file, so that libraries are loaded, then a large one; prints by how much memory grew."""


def test_memory_stays_bounded_by_the_files_size(tmp_path):
    row = ",".join(str(number % 7) for number in range(60)) + ',"some words, é"\n'
    head = ",".join(f"q{number}" for number in range(61)) + "\n"
    (tmp_path / "small.csv").write_text(head + row, encoding="utf-8")
    large = tmp_path / "large.csv"
    large.write_text(head + row * 150_000, encoding="utf-8")
    run = [sys.executable, "-c", MEASURE, str(tmp_path / "small.csv"), str(large)]
    grown = int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)
    assert grown < 15 * large.stat().st_size
