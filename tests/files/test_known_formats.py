"""Formats that are not read: each is told by its content and refused with one way to convert it."""

from __future__ import annotations

import re
import zipfile

import pytest

from trustkit.errors import DataError
from trustkit.files.known_formats import KNOWN
from trustkit.files.read import read

CATALOG = bytes(12) + bytes.fromhex("c2ea8163b31411cfbd92080009c7318c181f1011")


def zipped(*names):
    """Return what writes an archive of files with these names; a first one holds what follows "="."""

    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                place, _, content = name.partition("=")
                archive.writestr(place, content)

    return write


DOCUMENT = "mimetype=application/vnd.oasis.opendocument."

FORMATS = {
    "answers.ods": (
        zipped(DOCUMENT + "spreadsheet", "content.xml"),
        "OpenDocument spreadsheet",
        "LibreOffice",
    ),
    "answers.odt": (zipped(DOCUMENT + "text", "content.xml"), "OpenDocument text", "CSV"),
    "answers.numbers": (zipped("Index/Document.iwa", "Metadata/a.plist"), "Apple Numbers", "Export To"),
    "answers.docx": (zipped("[Content_Types].xml", "word/document.xml"), "Word document", "CSV"),
    "answers.pptx": (zipped("[Content_Types].xml", "ppt/presentation.xml"), "PowerPoint", "CSV"),
    "answers.xlsb": (zipped("[Content_Types].xml", "xl/workbook.bin"), "xlsb", "save it as .xlsx"),
    "answers.sas7bcat": (CATALOG, "catalog of labels", ".sas7bdat"),
    "answers.mdb": (b"\x00\x01\x00\x00Standard Jet DB\x00", "Access database", "export the table"),
    "answers.accdb": (b"\x00\x01\x00\x00Standard ACE DB\x00", "Access database", "export the table"),
    "answers.db": (b"SQLite format 3\x00", "SQLite database", "export the table"),
    "answers.qsf": (
        b'{"SurveyEntry":{"SurveyID":"SV_1"}}',
        "questionnaire of a Qualtrics survey",
        "Export Data",
    ),
    "answers.json": (b'[{"id": 1}]', "JSON file", "CSV"),
    "answers.xls": (b"<html><table><tr><td>id</td></tr></table></html>", "saved as .xls", "save it as .xlsx"),
    "answers.rtf": (b"{\\rtf1 answers}", "text document", "CSV"),
    "answers.feather": (b"ARROW1\x00\x00", "Arrow or Feather", "Parquet"),
    "answers.csv.gz": (b"\x1f\x8b\x08\x00", "compressed with gzip", "unpack it"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_a_known_format_is_refused_by_name_with_a_way_to_convert_it(tmp_path, name):
    content, what, do = FORMATS[name]
    if callable(content):
        content(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as refused:
        read(tmp_path / name)
    assert what in refused.value.what
    assert do in refused.value.do


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("https://docs.google.com/spreadsheets/d/1/edit", "this is the address of a Google Sheet"),
        ("https://example.org/answers.csv", "this is an address on the web"),
        ("s3://bucket/answers.parquet", "this is an address on the web"),
    ],
)
def test_an_address_on_the_web_is_refused_as_one(address, what):
    with pytest.raises(DataError) as refused:
        read(address)
    assert refused.value.what == what
    assert refused.value.where == address


def test_every_known_format_is_told_by_one_thing_and_says_what_to_do():
    for known in KNOWN:
        assert sum(map(bool, (known.starts, known.holds, known.address))) == 1, known
        assert known.do, known
        re.compile(known.starts.encode("latin-1"))
