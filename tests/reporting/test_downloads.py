"""What pages offer: tables and charts as files that run nothing, and never a row of a data set."""

from __future__ import annotations

import base64
import csv
import io
import re
import zipfile
from html import escape
from xml.etree import ElementTree as ET

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output
from payloads import PAYLOADS
from python_calamine import CalamineWorkbook
from site_project import AWKWARD, make_project, picture

import trustkit as tk
from trustkit.display import html_table, visible
from trustkit.errors import ReportError
from trustkit.exports.safe_text import LONGEST_NAME, sheet_names
from trustkit.reporting.downloads import (
    ALL_TABLES,
    FILES,
    PageDownloads,
    offered_items,
    variable_names,
    write_all_tables,
)
from trustkit.reporting.notebook_pages import notebook_page
from trustkit.reporting.render import render_site
from trustkit.reporting.shown_tables import ShownTable, looks_like_microdata, safe_cell, shown_tables
from trustkit.reporting.workbooks import workbook

STARTS = ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1", "\uff1d1+1", "-", "=", "- none"]
"""How texts begin that a spreadsheet may run."""

BOOKS = [frozenset({"age", "sex", "open_answer", "Do you trust brands?"})]


def output(html=None, png=None, **about):
    if png:
        return new_output("display_data", data={"image/png": png}, metadata={"image/png": about})
    return new_output("display_data", data={"text/html": html})


def notebook(*outputs, **cell):
    return new_notebook(cells=[new_code_cell("x", id="by-age", outputs=list(outputs), **cell)])


def table(caption="Trust", **columns):
    return html_table(pd.DataFrame(columns or {"answer": ["yes"], "n": ["12"]}), caption=caption)


def offers(*outputs, names=BOOKS):
    return PageDownloads(
        "trust", "Trust in brands", "Figures", "A. Author", offered_items(notebook(*outputs), names)
    )


@pytest.mark.parametrize("text", [*STARTS, *PAYLOADS])
def test_no_cell_of_csv_or_excel_can_be_run(text):
    shown_table = ShownTable(text, (text, "n"), ((text, "1"),), (text,))
    rows = list(csv.reader(io.StringIO(shown_table.csv().decode("utf-8-sig"), newline="")))
    assert len(rows) == 2
    for cell in (rows[0][0], rows[1][0]):
        assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\uff1d"))
        assert cell in (text, f"'{text}")
    with zipfile.ZipFile(io.BytesIO(workbook([shown_table], contents=[(text,)]))) as archive:
        sheets = [name for name in archive.namelist() if "worksheets" in name]
        trees = [ET.fromstring(archive.read(name)) for name in sheets]  # noqa: S314
    kinds = {element.tag.rpartition("}")[2] for tree in trees for element in tree.iter()}
    assert not kinds & {"f", "hyperlink", "hyperlinks", "dataValidation"}
    assert {cell.get("t") for tree in trees for cell in tree.iter("{*}c")} <= {"s", None}


@pytest.mark.parametrize(
    ("shown", "plain"),
    [("4,873", "4873"), ("-0.5", "-0.5"), ("\N{MINUS SIGN}3.20", "-3.20"), ("40.0%", "40.0%"), ("0", "0")],
)
def test_numbers_stand_in_csv_as_numbers(shown, plain):
    assert safe_cell(shown) == plain


@pytest.mark.parametrize(
    "text", ["007", "1234567890123456789", "1,23", "12%%", "1e5", "\u0663", "4.30 and 22,477"]
)
def test_what_is_no_plain_number_stays_text_in_both_files(text):
    assert safe_cell(text) == text
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(workbook([ShownTable("A", ("b",), ((text,),))])))
    assert sheet.get_sheet_by_index(0).to_python()[2] == [text]


def test_a_workbook_has_numbers_as_numbers_titles_heads_notes_and_a_sheet_of_contents():
    trust = ShownTable(
        "Trust: by age", ("age", "share", "n"), (("65+", "52.7%", "4,873"), ("all", "-0.25", "0")), ("Note.",)
    )
    made = workbook([trust, trust], contents=[("Table", "Sheet"), ("Trust", "Trust by age")])
    book = CalamineWorkbook.from_filelike(io.BytesIO(made))
    assert book.sheet_names == ["Contents", "Trust by age", "Trust by age 2"]
    assert book.get_sheet_by_index(1).to_python() == [
        ["Trust: by age", "", ""],
        ["age", "share", "n"],
        ["65+", 0.527, 4873.0],
        ["all", -0.25, 0.0],
        ["Note.", "", ""],
    ]
    assert made == workbook([trust, trust], contents=[("Table", "Sheet"), ("Trust", "Trust by age")])


def test_columns_of_a_workbook_hold_their_cells_and_notes_take_no_column_of_their_own():
    wording = "Do you trust all brands to handle your personal data properly?"
    table = ShownTable("Trust", ("question", "p"), ((wording, "< 0.001"), ("n", "0.012")), ("A note. " * 20,))
    with zipfile.ZipFile(io.BytesIO(workbook([table]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    first, second = (float(width) for width in re.findall(r'<col [^>]*\bwidth="([\d.]+)"', sheet))
    assert 50 < first < 65
    assert 8 < second < 15
    assert re.search(r'<mergeCell ref="A5:[B-Z]5"/>', sheet)
    assert 'orientation="landscape"' in sheet


def test_letters_of_a_banner_stand_in_columns_of_their_own_so_that_numbers_stay_numbers():
    header = ("answer", "Total", "Women (A)", "Men (B) [u]")
    rows = (
        ("n", "900", "600", "300"),
        ("yes", "52.7%", "40.0%", "60.0% A"),
        ("no", "47.3%", "60.0% B", "[c]"),
    )
    table = ShownTable("Trust", header, rows)
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook([table])))
    assert book.get_sheet_by_index(0).to_python()[1:] == [
        ["answer", "Total", "Women (A)", "A higher than", "Men (B) [u]", "B higher than"],
        ["n", 900.0, 600.0, "", 300.0, ""],
        ["yes", 0.527, 0.4, "", 0.6, "A"],
        ["no", 0.473, 0.6, "B", "[c]", ""],
    ]
    assert table.csv().decode("utf-8-sig").splitlines()[2] == "yes,52.7%,40.0%,,60.0%,A"


def test_names_of_sheets_are_allowed_by_excel_and_each_once():
    names = sheet_names(
        ["a" * 40, "a" * 40, "'x'", "[b]:*?/\\", "B", "b", "\x00", "Trust in all of the brands, by age group"]
    )
    assert names == [
        "a" * 31,
        "a" * 29 + " 2",
        "x",
        "b",
        "B 2",
        "b 3",
        "Sheet",
        "Trust in all of the brands, by",
    ]
    assert all(len(name) <= LONGEST_NAME for name in names)


def test_a_table_is_read_as_it_is_shown_with_its_notes_and_cells_over_several_columns():
    html = (
        '<table class="tk-table"><caption>A &amp; B</caption><thead><tr><th>x</th><th>y</th></tr></thead>'
        '<tbody><tr><th colspan="2">group</th></tr><tr><td>one<br>two</td><td>3</td></tr></tbody></table>'
        '<p class="tk-note">Base: all.</p><p>other</p>'
    )
    assert shown_tables(html) == [
        ShownTable("A & B", ("x", "y"), (("group", ""), ("one two", "3")), ("Base: all.",))
    ]
    assert shown_tables('<table class="dataframe"><tr><td>34</td></tr></table>') == []


def test_headings_above_rows_are_a_column_of_the_files():
    rows = pd.DataFrame({"variable": ["sex", "sex", "age"], "level": ["F", "M", "65+"], "n": ["7", "5", "3"]})
    (found,) = shown_tables(html_table(rows, caption="Sample", group="variable"))
    assert found.header == ("variable", "level", "n")
    assert found.rows == (("sex", "F", "7"), ("sex", "M", "5"), ("age", "65+", "3"))
    (alone,) = shown_tables(html_table(rows[["level", "n"]], caption="Sample"))
    assert alone.header == ("level", "n")


def test_tables_of_one_output_are_offered_by_name():
    one, two = table("First"), table("Second")
    assert "tk-downloads-of" not in offers(output(one)).below(1, 0)[0]["text"]
    named = [block["text"] for block in offers(output(one + two)).below(1, 0)]
    assert [BeautifulSoup(text, "html.parser").select_one(".tk-downloads-of").text for text in named] == [
        "First",
        "Second",
    ]


def test_tables_that_stand_apart_have_their_links_without_names():
    found = offers(output(table("First") + table("Second"))).below(1, 0, 2)
    assert len(found) == 2
    assert not any("tk-downloads-of" in block["text"] for block in found)


def test_a_table_without_rows_offers_no_file():
    assert offers(output(html_table(pd.DataFrame({"table": []}), caption="Lost"))).items == {}


def test_rows_of_a_data_set_are_known_by_headings_in_words_too():
    raw = tk.data_table(pd.DataFrame({"age": [34], "open_answer": ["I am the bishop"]}), title="Rows")
    assert "open answer" in raw._repr_html_()
    assert offers(output(raw._repr_html_())).items == {}


def test_rows_of_a_data_set_are_never_offered():
    raw = {"age": ["34"], "sex": ["F"], "open_answer": ["I am the bishop"]}
    assert looks_like_microdata(shown_tables(table(**raw))[0], BOOKS)
    assert offers(output(table(**raw))).items == {}
    assert offers(output(table(**{"Do you trust brands?": ["No"]}))).items == {}
    picture_of = {"alt": "First", "words": "beside"}
    (item,) = offers(output(png=picture("teal"), **picture_of), output(table(**raw))).all()
    assert set(item.files()) == {"png"}
    frame = pd.DataFrame(raw).to_html()
    assert offers(output(frame)).items == {}
    assert [item.title for item in offers(output(table(sex=["F"], proportion=["40%"], n=["9"]))).all()] == [
        "Trust"
    ]


def test_the_names_that_tell_microdata_are_those_of_the_codebooks():
    book = tk.Codebook({"q1": tk.Variable("q1", "Do you trust brands?", "single", codes={1: "Yes"})})
    assert variable_names([book]) == [frozenset({"q1", "Do you trust brands?"})]


def test_a_chart_is_offered_once_with_its_numbers_and_its_anchor_is_at_the_picture(tmp_path):
    drawn = {"wide": "<svg>wide</svg>", "narrow": "<svg/>"}
    outputs = [
        output(png=picture("teal"), alt=AWKWARD, words="beside", svg=drawn),
        output(f"{table(AWKWARD)}<p class='tk-note'>Synthetic data.</p>".replace("'", '"')),
        output(table("Second") + table("Third")),
    ]
    page = offers(*outputs)
    items = {place: [item.title for item in group] for place, group in page.items.items()}
    assert items == {(1, 1): [AWKWARD], (1, 2): ["Second", "Third"]}
    assert [page.anchor(1, number) for number in range(3)] == ["tk-item-by-age", "", "tk-item-by-age-2"]
    chart, _, third = page.all()
    assert list(chart.files()) == ["csv", "xlsx", "svg", "png"]
    assert chart.pictures["svg"] == b"<svg>wide</svg>"
    assert chart.pictures["png"] == base64.b64decode(picture("teal"))
    below = BeautifulSoup(page.below(1, 1)[0]["text"], "html.parser")
    assert [tag["href"] for tag in below("a")] == [
        *(f"../files/trust/by-age.{ending}" for ending in ("csv", "xlsx", "svg", "png")),
        "#tk-item-by-age",
    ]
    cited = below.details.p.get_text()
    where = "notebooks/trust.html#tk-item-by-age"
    assert cited == f"A. Author, “{AWKWARD}”, figure in “Trust in brands”, Figures. Synthetic data. {where}"
    places = [BeautifulSoup(block["text"], "html.parser").div.get("id") for block in page.below(1, 2)]
    assert places == [None, third.anchor]
    page.write(tmp_path / "trust")
    assert sorted(path.name for path in (tmp_path / "trust").iterdir()) == sorted(
        [
            *(f"by-age.{ending}" for ending in ("csv", "png", "svg", "xlsx")),
            *(f"by-age-{n}.{ending}" for n in (2, 3) for ending in ("csv", "xlsx")),
        ]
    )


@pytest.mark.parametrize("text", PAYLOADS)
def test_titles_are_text_in_links_and_citations(text):
    html = f'<table class="tk-table"><caption>{escape(text)}</caption><tr><td>1</td></tr></table>'
    for block in offers(output(html)).below(1, 0):
        tree = BeautifulSoup(block["text"], "html.parser")
        assert {tag.name for tag in tree.find_all()} == {"div", "p", "a", "details", "summary"}
        assert " ".join(visible(text).split()) in tree.details.get_text()


def test_a_picture_that_is_none_is_refused_by_the_page_as_before(tmp_path):
    broken = notebook(output(png="no picture!", alt="A"))
    page = PageDownloads("a", "A", "S", "", offered_items(broken, []))
    with pytest.raises(ReportError, match="is not a PNG"):
        notebook_page(broken, tmp_path / "a.ipynb", tmp_path, page)


def test_anchors_of_cells_without_ids_are_their_numbers():
    old = nbformat.from_dict(
        {"cells": [{"cell_type": "code", "outputs": [{"data": {"text/html": table()}}]}], "metadata": {}}
    )
    (group,) = offered_items(old, []).values()
    assert group[0].anchor == "tk-item-cell-1"


def test_without_tables_there_is_no_workbook(tmp_path):
    assert not write_all_tables([offers(output("<p>text</p>"))], tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.site
def test_a_site_offers_files_of_what_its_pages_show_and_one_workbook_of_all_tables(tmp_path):
    site = render_site(make_project(tmp_path / "project"))
    page = BeautifulSoup((site / "notebooks" / "trust.html").read_text(encoding="utf-8"), "html.parser")
    links = [tag["href"] for tag in page.select(".tk-downloads a[download]")]
    assert links
    assert all((site / "notebooks" / link).resolve().is_file() for link in links)
    assert all(page.find(id=tag["href"][1:]) for tag in page.select('.tk-downloads a[href^="#"]'))
    assert all(tag.get_text() for tag in page.select(".tk-downloads details p"))
    book = CalamineWorkbook.from_path(str(site / FILES / ALL_TABLES))
    assert len(book.sheet_names) == 1 + len(list((site / FILES).rglob("*.csv")))
    index = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert index.select_one(f'a[href="{FILES}/{ALL_TABLES}"]')
