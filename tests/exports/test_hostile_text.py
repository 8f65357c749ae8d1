"""Text from a stranger's file stays text in every place of every format."""

from __future__ import annotations

import csv
import io
import zipfile

import docx
import openpyxl
import pandas as pd
import pptx
import pytest
from bs4 import BeautifulSoup
from payloads import PAYLOADS
from python_calamine import CalamineWorkbook

import trustkit as tk
from trustkit.exports.safe_text import FORMULA, csv_text, one_line, plain_text, read_back, sheet_names

FORMULAS = [
    "=1+1", '=HYPERLINK("http://127.0.0.1:9/","x")', "=cmd|' /C calc'!A0", "{=1+1}", "@SUM(1+1)",
    "+1+1", "-1+1", "\t=1+1", "\r=1+1", "\n=1+1", "  =1+1", '"=1+1', "'=1+1", "\uff1d1+1", "\uff0b1",
    "\uff0d1", "\uff201",
    "http://127.0.0.1:9/", "mailto:a@example.org", "internal:'A'!A1", "external:c:\\a.xlsx", "00123",
    "1e5", "TRUE", "#N/A", "_x0041_", "12/03/2024", "'", "''", "", " ", "\u00a0=1+1", "=" , "-", "- none",
]  # fmt: skip
"""What spreadsheets may run, link, or take for something else than text."""

HOSTILE = list(dict.fromkeys([*FORMULAS, *PAYLOADS]))


BANNER_TABLES = 3


def table(number, text):
    """A table that holds a text in every place."""
    frame = pd.DataFrame({f"{text}": [text, "plain"], "n": [number, 1]})
    return tk.data_table(frame, title=text, note=text)


@pytest.fixture(scope="module")
def results():
    labels = list(dict.fromkeys(label for text in HOSTILE if (label := one_line(text))))
    codes = dict(enumerate(labels, 1))
    variable = tk.Variable("q", "=1+1?", "single", codes=codes)
    frame = pd.DataFrame({"q": [*codes] * 2, "sex": ["=m", "@f"] * len(codes)})
    design = tk.Design(tk.Survey(frame, tk.Codebook({"q": variable})))
    nets = {f"{label} in a net": labels[:2] for label in labels}
    book = tk.banner(design, ["q", tk.Question("sex", nets={"=net()": ["=m", "@f"]})], ["sex"])
    nested = tk.banner(design, [tk.Question("q", nets=nets)], ["sex"])
    beside = tk.beside({"=cmd|' /C calc'!A0": nested, "@p": nested})
    return labels, [book, beside, *(table(n, text) for n, text in enumerate(HOSTILE))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, results):
    place = tmp_path_factory.mktemp("hostile")
    for suffix in (".xlsx", ".docx", ".pptx", ".html", ".zip", ".json", ".parquet"):
        tk.write_tables(results[1], place / f"t{suffix}", title="=1+1 <b>x</b>", protection=None)
    return place


def test_there_are_forty_hostile_texts_at_least():
    assert len(HOSTILE) >= 40


def test_no_cell_of_a_workbook_is_a_formula_or_a_link_out_and_each_text_is_there(folder, results):
    book = openpyxl.load_workbook(folder / "t.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert all(cell.hyperlink is None or cell.hyperlink.target is None for cell in cells)
    read = {cell.value for cell in cells if cell.data_type == "s"}
    calamine = CalamineWorkbook.from_path(folder / "t.xlsx")
    theirs = {
        cell
        for name in calamine.sheet_names
        for row in calamine.get_sheet_by_name(name).to_python()
        for cell in row
        if isinstance(cell, str)
    }
    for text in map(one_line, HOSTILE):
        assert not text or text in read
        assert not text or text.replace("_x0041_", "A") in theirs or text in theirs
    assert {"=1+1?", "=m (A)", "@f (B)", *results[0]} <= read
    assert book.sheetnames == calamine.sheet_names


def test_no_part_of_a_workbook_has_a_formula_beside_those_of_charts(folder):
    with zipfile.ZipFile(folder / "t.xlsx") as archive:
        for name in archive.namelist():
            if "worksheets/sheet" in name and "rels" not in name:
                text = archive.read(name).decode()
                assert "<f>" not in text
                assert "<f " not in text
            if "rels" in name:
                assert 'TargetMode="External"' not in archive.read(name).decode()


def test_no_cell_of_a_workbook_with_hidden_numbers_is_a_formula(tmp_path, results):
    tk.write_tables(results[1], tmp_path / "t.xlsx", title="=1+1 <b>x</b>")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert {"[c]", *results[0]} <= {cell.value for cell in cells}


@pytest.mark.parametrize("suffix", [".docx", ".pptx"])
def test_documents_and_slides_hold_no_field_no_link_and_no_macro(folder, suffix):
    with zipfile.ZipFile(folder / f"t{suffix}") as archive:
        names = archive.namelist()
        parts = {
            name: archive.read(name).decode("utf-8", "ignore")
            for name in names
            if name.endswith((".xml", ".rels"))
        }
    assert not [name for name in names if "vba" in name.lower() or "ole" in name.lower()]
    body = [text for name, text in parts.items() if name == "word/document.xml" or "/slides/slide" in name]
    assert body
    for text in body:
        assert "instrText" not in text
        assert "fldSimple" not in text
        assert "hlinkClick" not in text
        assert "<script" not in text
    assert not [name for name, text in parts.items() if 'TargetMode="External"' in text]


def test_every_text_stands_in_the_document_and_in_the_slides(folder):
    document = docx.Document(folder / "t.docx")
    words = {paragraph.text for paragraph in document.paragraphs}
    words |= {cell.text for made in document.tables for row in made.rows for cell in row.cells}
    deck = pptx.Presentation(folder / "t.pptx")
    said = "\n".join(slide.notes_slide.notes_text_frame.text for slide in deck.slides)
    for text in map(one_line, HOSTILE):
        assert text in words
        assert text in said


def test_a_page_of_hostile_texts_has_only_its_own_tags(folder):
    page = BeautifulSoup((folder / "t.html").read_bytes(), "html.parser")
    own = {
        "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "section", "p", "div", "table",
        "caption", "colgroup", "thead", "tbody", "tr", "th", "td", "data",
    }  # fmt: skip
    assert {tag.name for tag in page.find_all()} == own
    assert not [tag for tag in page.find_all() if any(name.startswith("on") for name in tag.attrs)]
    captions = {caption.get_text() for caption in page.find_all("caption")}
    assert {one_line(text) for text in HOSTILE} <= captions


def test_no_cell_of_a_csv_file_runs_and_each_is_read_back(folder):
    with zipfile.ZipFile(folder / "t.zip") as archive:
        tables = [
            archive.read(name).decode("utf-8-sig") for name in archive.namelist() if name.endswith(".csv")
        ]
    assert len(tables) == len(HOSTILE) + BANNER_TABLES
    for content in tables[:BANNER_TABLES]:
        for row in csv.DictReader(io.StringIO(content, newline="")):
            texts = [row[name] for name in ("wording", "row", "head", "column")]
            assert not any(text.lstrip(' "\u00a0').startswith(FORMULA) for text in texts)
    for text, content in zip(HOSTILE, tables[BANNER_TABLES:], strict=True):
        head, first, _ = csv.reader(io.StringIO(content, newline=""))
        for cell in (head[0], first[0]):
            assert not cell.lstrip(' "\u00a0').startswith(FORMULA)
            assert read_back(cell) == plain_text(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_field_is_read_back_as_it_was_and_never_begins_a_formula(text):
    field = csv_text(text)
    assert read_back(field) == text
    assert not field.lstrip(' "').startswith(FORMULA)


def test_sheets_names_are_allowed_and_each_once_for_every_text():
    names = sheet_names([*HOSTILE, "History", "\U0001f600" * 40, *HOSTILE])
    folded = [name.casefold() for name in names]
    assert len(set(folded)) == len(folded)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'")
        assert not name.endswith("'")
        assert name.casefold() != "history"
