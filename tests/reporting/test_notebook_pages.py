"""What a page shows of a notebook."""

from __future__ import annotations

import base64
from pathlib import Path

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import trustkit as tk
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


def test_a_headline_that_says_something_else_stays(chart, tmp_path):
    assert shown(chart, "## Trust", tmp_path).count("tk-headline") == 1
