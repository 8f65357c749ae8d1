"""What a page shows of a notebook."""

from __future__ import annotations

import base64
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import trustkit as tk
from trustkit.display import folded_rows, html_notes, html_table
from trustkit.reporting.downloads import PageDownloads, offered_items
from trustkit.reporting.notebook_pages import notebook_page


@pytest.fixture(scope="module")
def chart():
    design = tk.Design(pd.DataFrame({"sex": ["m", "f", "f", "m"], "trust": ["y", "n", "y", "y"]}))
    return tk.dot_interval(tk.proportion(design, "trust", level="y", by="sex"), title="Do you trust R&D? *")


def shown(chart, heading, tmp_path):
    """Return the HTML that stands on the page of one section with a chart."""
    picture = base64.b64encode(chart.png()).decode()
    about = {"image/png": {"alt": "A chart", "words": "beside"}}
    words = (
        '<p class="tk-headline"><strong>Do you trust R&amp;D? *</strong></p><p class="tk-subtitle">Why</p>'
    )
    outputs = [
        new_output("display_data", {"image/png": picture}, metadata=about),
        new_output("display_data", {"text/html": words}),
    ]
    cells = [new_markdown_cell(heading), new_code_cell("chart", outputs=outputs)]
    blocks = notebook_page(new_notebook(cells=cells), Path("a.ipynb"), tmp_path)
    return "".join(block["text"] for block in blocks if block["kind"] == "html")


def test_a_headline_that_repeats_the_heading_of_its_section_is_left_out(chart, tmp_path):
    html = shown(chart, "## Do you trust R\\&D? \\*\n\nBase: all.", tmp_path)
    assert "tk-headline" not in html
    assert html.count("Why") == 1


def linked(html, tmp_path):
    """Return titles and links of a page that shows one output, in the order in which they stand."""
    cell = new_code_cell("tables", outputs=[new_output("display_data", {"text/html": html})], id="cell")
    notebook = new_notebook(cells=[cell])
    offered = PageDownloads("a", "A", "Site", "", offered_items(notebook, []))
    blocks = notebook_page(notebook, Path("a.ipynb"), tmp_path, offered)
    page = BeautifulSoup("".join(block["text"] for block in blocks), "html.parser")
    return [
        tag.get_text()
        for tag in page.select("caption, .tk-note, .tk-downloads-of, .tk-downloads a[download]")
    ]


def test_each_table_of_an_output_is_followed_by_its_notes_and_its_own_links(tmp_path):
    frame = pd.DataFrame({"answer": ["yes"], "n": ["12"]})
    first, second = (html_table(frame, caption=name) + html_notes([f"On {name}."]) for name in ("A", "B"))
    assert linked(first + second, tmp_path) == [
        "A", "On A.", "CSV", "Excel",
        "B", "On B.", "CSV", "Excel",
    ]  # fmt: skip


def test_tables_that_are_folded_in_stay_together_and_their_links_are_named(tmp_path):
    frame = pd.DataFrame({"answer": ["yes"], "n": ["12"]})
    html = html_table(frame, caption="A") + folded_rows(frame, "More", caption="B")
    assert linked(html, tmp_path) == ["A", "B", "A", "CSV", "Excel", "B", "CSV", "Excel"]


def test_a_headline_that_says_something_else_stays(chart, tmp_path):
    assert shown(chart, "## Trust", tmp_path).count("tk-headline") == 1
