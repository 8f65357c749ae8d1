"""The report as a PDF: tagged, the same bytes again, and text from data is never markup of Typst or LaTeX."""

from __future__ import annotations

import json
import re
import zlib
from html import escape

import pytest
import typst
from payloads import PAYLOADS
from site_project import AWKWARD, make_project

from trustkit.display import visible
from trustkit.errors import ReportError
from trustkit.publishing.pdf_texts import pdf_texts
from trustkit.reporting import pdf_report
from trustkit.reporting.citation import Citation
from trustkit.reporting.paper_text import paper_text
from trustkit.reporting.pdf_report import make_pdf, pdf_is_fresh, typst_text
from trustkit.reporting.render import render_site
from trustkit.reporting.run_records import study_state
from trustkit.reporting.site_records import PDF, site_inputs, site_is_fresh

TYPST = [
    '#panic("run")',
    "#{panic()}",
    "$#panic()$",
    '#eval("panic()")',
    '#read("/secret.txt")',
    '#include "secret.typ"',
    '#import "@preview/tablex:0.0.8": *',
    "] #panic() [",
    ")] #panic()",
    "\\#panic() \\\\#panic()",
    "*/ #panic() /*",
    "// comment",
    "`#panic()` ```typ #panic()```",
    "<label> @reference",
    "= heading",
    "+ item\n- item\n/ term: text",
    "~ -- --- ... -?",
    '"; #panic(); "',
    "\\u{23}panic()",
    "\\input{secret.txt} \\write18{ls} $x^2$ \\begin{verbatim}",
    "https://127.0.0.1:9/#panic()",
]
"""Texts that Typst or LaTeX would obey."""


def page(*parts):
    return f'<article class="bd-article"><h1>Title</h1>{"".join(parts)}</article>'


def read_back(text):
    """Return the texts of a document's paragraphs, as Typst understands them."""
    found = json.loads(typst.query(text.encode(), "par", field="body"))
    return [" ".join(words_of(body).split()) for body in found]


def words_of(content):
    """Return the text of what Typst calls content."""
    if content["func"] in {"text", "raw"}:
        return content["text"]
    inner = [content["body"]] if "body" in content else content.get("children", [])
    return " " if content["func"] == "space" else "".join(map(words_of, inner))


def places_of(text, kinds, root):
    """Return the kind of each part of a document of these kinds, its page, and millimetres from the left."""
    shown = "(repr(it.func()), it.location().page(), calc.round(it.location().position().x.mm()))"
    asked = f"#context [#metadata(query({kinds}).map(it => {shown}))<places>]"
    found = json.loads(typst.query(f"{text}\n{asked}".encode(), "<places>", field="value", root=root))
    return [(kind, page, left) for kind, page, left in found[0]]


def one_line(text):
    return " ".join(visible(text).split())


def compiled(text, folder):
    return pdf_report._compiled(text, folder)


@pytest.mark.parametrize("payload", [*PAYLOADS, *TYPST])
def test_text_is_never_markup_of_typst_or_latex_wherever_it_stands(payload, tmp_path):
    shown = escape(visible(payload))
    cells = f'<tr><th>{shown}</th></tr><tr><td class="tk-number">{shown}</td></tr>'
    table = f"<table><caption>{shown}</caption>{cells}</table>"
    more = f"<h2>{shown}</h2><p>{shown}</p><ul><li>{shown}</li></ul><pre>{shown}</pre>"
    text = typst_text({"index.html": page(table, more)})
    assert compiled(text, tmp_path).startswith(b"%PDF")


@pytest.mark.parametrize("payload", TYPST)
def test_text_reads_as_it_was_typed(payload):
    shown = one_line(payload)
    assert read_back(typst_text({"index.html": page(f"<p>{escape(shown)}</p>")})) == [shown]


@pytest.mark.parametrize("payload", [*TYPST, '"', "\\", '\\"', "\u2028 \x1b \u202e", AWKWARD])
def test_the_title_and_alternative_texts_are_text(payload, tmp_path):
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    words = escape(payload)
    chart = f'<h1>{words}</h1><img src="a.svg" alt="{words}">'
    citation = Citation(title=payload, authors=(payload, "A. Author"), licence=payload, version=payload)
    text = typst_text({"index.html": f'<article class="bd-article">{chart}</article>'}, citation)
    assert compiled(text, tmp_path).startswith(b"%PDF")
    (found,) = json.loads(typst.query(text.encode(), "image", field="alt", root=tmp_path))
    assert " ".join(found.split()) == " ".join(payload.split())


def test_below_the_title_stand_authors_date_licence_and_how_to_cite_it_if_anybody_is_named():
    citation = Citation(
        authors=("Ada Author", "A group"), released="2026-03-04", version="1.0", licence="MIT"
    )
    cover = typst_text({"index.html": page("<p>x</p>")}, citation)
    for words in (
        "Ada Author, A group",
        "Published 4 March 2026, version 1.0.",
        "Licence: MIT.",
        "(2026). Title.",
    ):
        assert words in cover
    assert "How to cite" not in typst_text({"index.html": page("<p>x</p>")})


def test_a_picture_outside_the_site_is_not_read(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    text = typst_text({"index.html": page('<img src="../a.svg" alt="A">')})
    with pytest.raises(ReportError, match="the PDF could not be made"):
        compiled(text, tmp_path / "site")


def test_columns_share_the_width_by_their_texts_where_they_do_not_fit():
    short = "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>"
    long = f"<table><tr><th>a</th><th>b</th></tr><tr><td>{'word ' * 60}</td><td>2</td></tr></table>"
    assert "columns: 2" in typst_text({"index.html": page(short)})
    widths = re.search(r"columns: \(([\d.]+)%, ([\d.]+)%\)", typst_text({"index.html": page(long)}))
    assert float(widths[1]) > 4 * float(widths[2])


@pytest.fixture
def chart(tmp_path):
    """Return a section with a chart, its note and its numbers, as pages have it."""
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200"/>')
    rows = "".join(
        f'<tr><td><a href="https://a.example/{row}">{row}</a></td><td>{row}</td></tr>' for row in range(6)
    )
    return (
        "<h2>Section</h2><p>What the chart shows.</p>"
        '<div><div><p class="tk-headline"><strong>Chart</strong></p></div><img src="a.svg" alt="Chart"></div>'
        '<div><p class="tk-note">Note.</p><details><summary>Numbers in the figure</summary>'
        f"<table><caption>Chart</caption><thead><tr><th>a</th><th>b</th></tr></thead>{rows}</table></details></div>"
    )


@pytest.mark.parametrize("before", range(0, 34, 3))
def test_a_chart_stays_with_its_heading_and_a_short_table_is_not_torn_wherever_a_page_ends(
    chart, before, tmp_path
):
    filler = "<p>Line.</p>" * before
    text = typst_text({"index.html": page(filler, chart)})
    headings = places_of(text, "heading.where(level: 2).or(heading.where(level: 3)).or(image)", tmp_path)
    assert [kind for kind, *_ in headings] == ["heading", "heading", "image"]
    assert len({on for _, on, _ in headings}) == 1
    assert len({on for _, on, _ in places_of(text, "link", tmp_path)}) == 1


def test_a_tall_chart_leaves_room_for_its_heading_on_the_page(tmp_path):
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="300" height="900"/>')
    parts = '<h2>Section</h2><p>Text.</p><p class="tk-headline">Chart</p><img src="a.svg" alt="Chart">'
    text = typst_text({"index.html": page("<p>Line.</p>", parts)})
    places = places_of(text, "heading.where(level: 2).or(image)", tmp_path)
    assert len({on for _, on, _ in places}) == 1


@pytest.mark.parametrize("sections", [0, 1, 30, 101, 170, 290])
def test_both_columns_of_the_contents_last_page_are_equally_long(sections, tmp_path):
    text = typst_text({"index.html": page(*(f"<h2>Section {n}</h2>" for n in range(sections)))})
    entries = places_of(text, "outline.entry", tmp_path)
    last = [left for _, on, left in entries if on == entries[-1][1]]
    left = sum(place < 105 for place in last)
    assert len(entries) == sections + 1
    assert abs(2 * left - len(last)) <= 3


def test_pages_name_the_report_and_the_chapter_that_goes_on_and_the_check_before_publishing_reads_them(
    tmp_path,
):
    lines = page("<p>Line.</p>" * 150)
    chapters = {f"{name}.html": lines.replace("Title", name) for name in ("Name", "Next")}
    texts = [text for kind, text in pdf_texts(compiled(typst_text(chapters), tmp_path)) if kind == "text"]
    going_on = [text for text in texts if "Line." in text]
    assert len(going_on) > 5
    assert all("Name" in text for text in going_on[1:])  # of the first page, the title is in another font
    assert sum("Next" in text for text in going_on) > 2


def test_numbers_are_not_broken_and_a_text_over_all_columns_does_not_widen_the_last_one():
    cells = f'<tr><td>{"word " * 60}</td><td class="tk-number">38.2% to 41.7%</td></tr>'
    widths = re.search(
        r"columns: \(([\d.]+)%, ([\d.]+)%\)", typst_text({"index.html": page(f"<table>{cells}</table>")})
    )
    assert float(widths[2]) / 100 * pdf_report.LINE >= len("38.2% to 41.7%")
    over = f"<table><tr><td>a</td><td>b</td></tr><tr><td colspan='2'>{'word ' * 12}</td></tr></table>"
    widths = re.search(r"columns: \(([\d.]+)%, ([\d.]+)%\)", typst_text({"index.html": page(over)}))
    assert float(widths[2]) < 10


def test_notes_are_smaller_and_answers_of_a_question_stand_in_one_line():
    answers = '<dl><dt>Answers</dt><dd><ul class="tk-answers"><li>1 = Yes</li><li>2 = No</li></ul></dd></dl>'
    text = paper_text({"index.html": page(answers)})
    assert "<dd>1 = Yes; 2 = No</dd>" in text
    item = '<ul><li>Email <code>by_email</code><span class="tk-own">Asked only if: seen</span></li></ul>'
    assert "</code><br>Asked only if: seen</li>" in paper_text({"index.html": page(item)})
    note = typst_text({"index.html": page('<p class="tk-note">Base: all.</p>')})
    assert '#note[\n#"Base: all.";\n]' in note.replace("\n\n", "\n")


@pytest.mark.site
def test_the_pdf_of_a_site_is_tagged_says_its_language_and_is_the_same_bytes_again(tmp_path):
    root = make_project(tmp_path / "project")
    site = render_site(root)
    inputs = site_inputs(study_state(root), None)
    made = make_pdf(root, site)
    first = made.read_bytes()
    assert made == site / PDF
    assert pdf_is_fresh(site)
    assert site_is_fresh(site, inputs)
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", first, re.DOTALL)
    held = b"\n".join([first, *(zlib.decompress(part) for part in streams if part[:1] == b"\x78")])
    for mark in (b"/StructTreeRoot", b"/Marked true", b"/Lang", b"pdfuaid", b"/Figure", b"/TH", b"/TOC"):
        assert mark in held, mark
    made.unlink()
    assert not pdf_is_fresh(site)
    assert make_pdf(root, site).read_bytes() == first
    made.write_bytes(b"edited")
    assert make_pdf(root, site).read_bytes() == first
    elsewhere = render_site(make_project(tmp_path / "another" / "place"), tmp_path / "out")
    assert make_pdf(tmp_path / "another" / "place", elsewhere).read_bytes() == first


def test_without_the_extra_the_message_says_how_to_install_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pypandoc", None)
    with pytest.raises(ReportError, match=r"trustkit-survey\[pdf\]"):
        typst_text({"index.html": page("<p>x</p>")})
    monkeypatch.setitem(__import__("sys").modules, "typst", None)
    with pytest.raises(ReportError, match=r"trustkit-survey\[pdf\]"):
        compiled("x", tmp_path)


def test_letters_that_no_font_has_leave_a_tagged_pdf_without_the_standard(tmp_path):
    made = compiled(typst_text({"index.html": page("<p>\U0001fae8 \uf8ff</p>")}), tmp_path)
    assert b"/MarkInfo" in made


def test_pictures_without_words_and_parts_for_screens_are_left_out_and_links_to_files_are_text(tmp_path):
    parts = (
        '<img src="a.svg" alt=""><nav>menu</nav><svg><text>drawn</text></svg><a href="code/a.ipynb">file</a>'
    )
    assert compiled(typst_text({"index.html": page(f"<p>kept {parts}</p>")}), tmp_path)
    assert read_back(typst_text({"index.html": page(f"<p>kept {parts}</p>")})) == ["kept file"]
    choices = (
        '<fieldset class="tk-filter"><legend>Show</legend><label><input type="radio">all</label></fieldset>'
    )
    assert read_back(typst_text({"index.html": page(f"{choices}<p>kept</p>")})) == ["kept"]


def test_cards_and_columns_of_a_page_are_sentences_on_paper():
    key = (
        '<ul class="tk-key"><li class="tk-key-entry"><p class="tk-key-number">40%</p>'
        '<p class="tk-key-title">Distrust</p><p class="tk-key-verdict">'
        '<span class="tk-badge tk-key-word">reproduced</span> '
        '<span class="tk-badge tk-synthetic">Synthetic data</span></p></li></ul>'
    )
    tally = (
        '<ul class="tk-tally"><li class="tk-tally-entry"><strong>2</strong> '
        '<span class="tk-word">contradicted</span> <span class="tk-meaning">neither</span></li></ul>'
    )
    trail = '<ol class="tk-steps"><li><span class="tk-trail-n">60</span> <span>Raw data</span></li></ol>'
    folded = "<details><summary>Numbers in the figure</summary><p>7</p></details>"
    texts = read_back(typst_text({"index.html": page(key, tally, trail, folded)}))
    assert "40%: Distrust" in texts
    assert "Verdict: reproduced. Synthetic data." in texts
    assert any(text.endswith("contradicted: neither") for text in texts)
    assert "7" in texts
    assert "Numbers in the figure" not in texts
    assert "<ul><li>60:  Raw data</li></ul>" in paper_text({"index.html": page(trail)})


def test_the_way_of_a_number_stands_in_its_report_and_not_again_beside_the_claims():
    trail = '<ol class="tk-steps"><li><span class="tk-trail-n">60</span> <span>Raw data</span></li></ol>'
    row = f'<table><tr class="tk-way"><td>{trail}</td></tr><tr><td>Claim</td></tr></table>'
    text = paper_text({"index.html": page(row), "notebooks/a.html": page(trail)})
    assert text.count("Raw data") == 1
    assert "Claim" in text
