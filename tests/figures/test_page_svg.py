"""Charts on pages: one SVG that is light or dark as the page is, with text that stays text."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from figures.sample_charts import WIDTHS, every_chart

import trustkit as tk
from trustkit.figures import lettering
from trustkit.figures.house_style import DARK, READABLE, HouseStyle, contrast_of
from trustkit.figures.lettering import width_of
from trustkit.figures.page_svg import page_svg
from trustkit.reporting.safe_svg import svg_faults

CSS = Path(tk.__file__).parent / "reporting" / "site" / "report.css"


@pytest.fixture(scope="module")
def charts():
    return every_chart()


@pytest.fixture(scope="module")
def drawn(charts):
    """Return (name, width) -> SVG of every kind of chart."""
    return {
        (name, kind): chart.page_svg(width)
        for name, chart in charts.items()
        for kind, width in WIDTHS.items()
    }


def parsed(svg):
    return BeautifulSoup(svg, "html.parser")


def texts(svg):
    return [element for element in parsed(svg)("text") if element.get_text()]


def rules(svg):
    """Return class -> its colour in light and in dark."""
    day, night = (
        dict(re.findall(r"\.(c\d+)\{\w+:(#\w+)\}", part)) for part in svg.split("@media", 1)
    )  # fmt: skip
    assert day.keys() == night.keys()
    return {name: (day[name], night[name]) for name in day}


def test_every_kind_of_chart_is_svg_that_pages_may_show(drawn):
    assert {key: list(svg_faults(svg)) for key, svg in drawn.items() if list(svg_faults(svg))} == {}


def test_the_same_chart_is_the_same_bytes(charts, drawn):
    assert charts["pairs"].page_svg() == drawn["pairs", "wide"]


def test_an_svg_says_its_title_and_what_it_shows(charts, drawn):
    root = parsed(drawn["dots", "wide"]).svg
    assert root.title.get_text() == charts["dots"].title
    assert root.desc.get_text() == charts["dots"].caption
    assert root["role"] == "img"


def test_headline_and_note_are_left_to_the_page_but_for_the_word_that_data_are_synthetic(drawn):
    shown = [element.get_text() for element in texts(drawn["dots", "wide"])]
    assert "Dots on intervals" not in shown
    assert "Synthetic data." in shown


def test_text_on_the_paper_can_be_read_in_light_and_in_dark(drawn):
    for key, svg in drawn.items():
        colours = rules(svg)
        ground = colours[parsed(svg).path["class"][0]]
        assert ground == ("#ffffff", DARK.ground), key
        inks = {colours[name] for element in texts(svg) for name in element.get("class", [])}
        for light, dark in inks - {
            ("#ffffff", "#10161c"),
            ("#10161c", "#ffffff"),
        }:  # text that stands in bars
            assert contrast_of(light, ground[0]) >= READABLE, (key, light)
            assert contrast_of(dark, ground[1]) >= READABLE, (key, dark)


def test_the_dark_ground_is_that_of_dark_pages():
    assert f"--pst-color-background: light-dark(#fff, {DARK.ground});" in CSS.read_text(encoding="utf-8")


def test_a_text_is_as_wide_as_it_was_drawn_whatever_font_the_reader_has(drawn):
    (label,) = [element for element in texts(drawn["dots", "wide"]) if element.get_text() == "20%"]
    assert float(label.get("textlength")) == pytest.approx(72 * width_of("20%", 9.5), abs=0.06)
    assert label.get("font-family").endswith(",Verdana,sans-serif")


def test_a_text_without_a_font_is_left_to_the_fonts_of_the_reader(monkeypatch):
    monkeypatch.setattr(lettering, "_installed", lambda: (lettering.FONT,))
    lettering._fonts_for.cache_clear()
    chart = tk.dot_interval(tk.proportion(tk.Design(pd.DataFrame({"q": ["完全", "b"]})), "q"), title="T")
    svg = chart.page_svg()
    lettering._fonts_for.cache_clear()
    (label,) = [element for element in texts(svg) if element.get_text() == "完全"]
    assert label.get("textlength") is None
    assert lettering.BOXES not in svg
    assert list(svg_faults(svg)) == []


def test_hidden_cells_are_hatched_on_pages_too():
    frame = pd.DataFrame({"a": ["x", "y"] * 30, "b": ["p", "q", "q"] * 20, "c": np.arange(60) % 5})
    chart = tk.heat_table(tk.mean(tk.Design(frame), "c", by=["a", "b"]), title="T", hidden_below=15)
    svg = chart.page_svg()
    assert "<pattern" in svg
    assert list(svg_faults(svg)) == []


def test_markup_in_labels_is_text_in_an_svg():
    hostile = "<script>run()</script> & ]]> \x1b"
    frame = pd.DataFrame({"q": [hostile, "b"] * 5})
    svg = tk.dot_interval(tk.proportion(tk.Design(frame), "q"), title=hostile).page_svg()
    assert list(svg_faults(svg)) == []
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_drawings_with_other_elements_cannot_be_joined(charts):
    with pytest.raises(ValueError, match="zip"):
        page_svg(charts["dots"].svg(), charts["pairs"].svg(), title="", description="")


def test_colours_of_your_own_are_made_light_enough_for_dark_pages():
    style = tk.house_style(accent="#000040", contrast="#400000", ink="black", kinds=["#101010", "#202060"])
    dark = style.in_dark()
    for colour in (dark.accent, dark.contrast, dark.ink, dark.muted, *dark.kinds):
        assert contrast_of(colour, dark.ground) >= READABLE
    assert dark.scale == DARK.scale
    assert all(contrast_of(colour, DARK.ground) >= 3 for colour in (*DARK.scale, *DARK.kinds))
    assert HouseStyle().in_dark().kinds == DARK.kinds
