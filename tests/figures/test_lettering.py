"""Text in charts is drawn as typed, in fonts that have its letters, and stays on the paper."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from figures.sample_charts import every_chart
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text

import trustkit as tk
from trustkit.figures import lettering
from trustkit.figures.paper import PHONE, WIDTH
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from trustkit.figures.data_figure import DataFigure

WORDS = {
    "English": "Person selected was never at home after at least two visits",
    "German": "Datenschutzbeauftragtengesetzgebungsverfahren und Händler",
    "Chinese": "完全不信任任何公司处理我的个人数据",
    "Arabic": "لا أثق بالشركات في معالجة بياناتي الشخصية",
    "Hebrew": "אני לא סומך על חברות",
    "Hindi": "मुझे कंपनियों पर बिल्कुल भरोसा नहीं है",
    "emoji": "😀 good 😡 bad 👍🏽",
    "mathematics": "$5_a or $10^b or \\frac{1 <b>&amp;</b> %s {x}",
}


def survey_of(labels: list[str], wording: str) -> tk.Design:
    """Make a design with one question of these answers, in two groups."""
    codes = dict(enumerate(labels, 1))
    frame = pd.DataFrame({"q": np.resize(list(codes), 4 * len(codes)), "by": np.arange(4 * len(codes)) % 2})
    variables = {
        "q": Variable("q", wording, "ordinal", codes=codes),
        "by": Variable("by", "Group", "single", codes={0: labels[0], 1: f"{labels[0]} too"}),
    }
    return tk.Design(Survey(frame, Codebook(variables)))


def outside(chart: DataFigure, width: float) -> list[str]:
    """List the texts that leave the paper, measured as they are drawn."""
    picture = chart.figure(width)
    picture.draw_without_rendering()
    paper = picture.bbox
    texts = [text for text in picture.findobj(Text) if text.get_visible() and text.get_text().strip()]
    for axes in picture.axes:
        for axis, limits in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, sorted(axes.get_ylim()))):
            beyond = [tick for tick in axis.get_major_ticks() if not limits[0] <= tick.get_loc() <= limits[1]]
            texts = [text for text in texts if text not in {tick.label1 for tick in beyond}]
        texts = [text for text in texts if text not in {axis.offsetText for axis in (axes.xaxis, axes.yaxis)}]
    boxes = {text: text.get_window_extent() for text in texts}
    return [
        text.get_text()
        for text, box in boxes.items()
        if box.x0 < paper.x0 or box.x1 > paper.x1 or box.y0 < paper.y0 or box.y1 > paper.y1
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    words=st.sampled_from(sorted(WORDS)),
    repeats=st.integers(1, 4),
    levels=st.integers(2, 9),
    width=st.sampled_from([PHONE, WIDTH]),
)
def test_no_text_leaves_the_paper(words, repeats, levels, width):
    labels = [f"{' '.join([WORDS[words]] * repeats)} {k}" for k in range(levels)]
    design = survey_of(labels, labels[0])
    bars = tk.proportion(design, "q", by="by")
    for chart in (
        tk.likert_bars(bars, title=labels[0]).captioned(subtitle=labels[0], source=labels[0]),
        tk.likert_bars(bars, title=labels[0], totals=1, align="middle", order="total"),
        tk.dot_interval(bars, title=labels[0]),
    ):
        assert outside(chart, width) == []


@pytest.mark.parametrize(
    "words", [pytest.param(name, marks=[] if name == "English" else pytest.mark.nightly) for name in WORDS]
)
@pytest.mark.parametrize("repeats", [1, pytest.param(3, marks=pytest.mark.nightly)])
def test_no_text_of_any_kind_of_chart_leaves_the_paper(words, repeats):
    charts = every_chart(lambda label: f"{' '.join([WORDS[words]] * repeats)} {label}")
    for width in (PHONE, WIDTH):
        assert {name for name, chart in charts.items() if outside(chart, width)} == set()


def test_every_answer_of_a_long_list_stands_in_the_legend():
    labels = [f"{WORDS['English']}, reason {k}" for k in range(7)]
    chart = tk.likert_bars(tk.proportion(survey_of(labels, "Why?"), "q"), title="Why?")
    text = " ".join(text.get_text() for text in chart.figure().texts)
    assert [label for label in labels if label not in text] == []


@pytest.mark.parametrize("text", ["$", "$$", "$5 or $10", "_hidden", "x_{1", "10%", "a\\b", "<b>bold</b>"])
def test_text_is_drawn_as_it_was_typed(text):
    chart = tk.likert_bars(tk.proportion(survey_of([text, "plain"], text), "q"), title=text)
    chart = chart.captioned(subtitle=text, source=text)
    drawn = [item.get_text() for item in chart.figure().findobj(Text)]
    assert drawn.count(text) >= 2
    assert not any(item.get_parse_math() for item in chart.figure().findobj(Text))
    assert chart.png() == chart.png()


@pytest.mark.parametrize("words", sorted(WORDS))
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_no_library_warns_and_no_path_of_this_computer_gets_out(words, kind, caplog, recwarn):
    chart = tk.dot_interval(
        tk.proportion(survey_of([WORDS[words], "b"], WORDS[words]), "q"), title=WORDS[words]
    )
    with caplog.at_level(logging.WARNING), warnings.catch_warnings():
        warnings.simplefilter("error")
        made = chart.png() if kind == "png" else chart.svg()
    assert caplog.messages == []
    assert list(recwarn) == []
    assert b"/home" not in made
    assert b"/usr" not in made
    assert b"site-packages" not in made


def test_a_letter_that_no_font_has_is_named_with_the_font_to_install(monkeypatch):
    monkeypatch.setattr(lettering, "_installed", lambda: (lettering.FONT,))
    lettering._fonts_for.cache_clear()
    design = survey_of(["完全", "भरोसा", "plain"], "Q?")
    note = tk.dot_interval(tk.proportion(design, "q"), title="Q?").caption
    lettering._fonts_for.cache_clear()
    assert "No font on this computer has these letters (Chinese, Japanese or Korean, Devanagari)" in note
    assert "Install the font Noto Sans CJK and the font Noto Sans Devanagari" in note


def test_letters_come_from_the_first_installed_font_that_has_them():
    assert lettering.fonts_for("Größe, €, ж, λ") == (lettering.FONT,)
    assert lettering.missing_letters("Größe, €, ж, λ") == ""
    assert lettering.fonts_for("\U0010fffd")[-1] == lettering.BOXES


def test_arabic_runs_from_right_to_left():
    word, width = "سلام", lettering.width_of("سلام", 9.5)
    joined_less_than_apart = width < sum(lettering.width_of(letter, 9.5) for letter in word)
    assert joined_less_than_apart


@given(st.text(max_size=80), st.floats(0.4, 3))
@settings(max_examples=30, deadline=None)
def test_a_broken_text_keeps_its_letters_and_its_width(text, width):
    lines = lettering.wrapped(text, width, 9.5)
    kept = "".join(lines).replace(" ", "").replace("-", "")  # a hyphen stands where a word is broken
    assert kept == lettering.printable(text.replace("\n", " ")).replace(" ", "").replace("-", "")
    assert all(lettering.width_of(line, 9.5) <= width for line in lines if len(line) > 2)


@pytest.mark.parametrize("width", [0.8, 1.1, 1.7, 2.3])
@pytest.mark.parametrize(
    "word", ["Telekommunikationsüberwachungsverordnung", "Rechtsschutzversicherungsgesellschaften"]
)
def test_a_broken_word_has_a_hyphen_and_no_lone_letters_at_its_end(word, width):
    *broken, last = lettering.wrapped(word, width, 9.5)
    assert broken
    assert all(line.endswith("-") for line in broken)
    assert len(last) >= 4
    assert "".join(line.removesuffix("-") for line in broken) + last == word


@pytest.mark.parametrize(
    "text", ["完全不信任任何公司处理我的个人数据", "https://example.org/2024/07/12/31/00001"]
)
def test_writing_without_capitals_and_signs_are_broken_without_a_hyphen(text):
    lines = lettering.wrapped(text, 0.9, 9.5)
    assert len(lines) > 1
    assert not any(line.endswith("-") for line in lines if not line[-2].isascii() or not line[-2].isalpha())


def test_a_number_behind_an_arabic_name_stays_behind_it_with_its_sign():
    joined = lettering.named_number("أثق كثيرا", "41.2%")
    assert joined.split()[-1] == f"{lettering.LEFT_TO_RIGHT}41.2%"
    assert joined.startswith(lettering.LEFT_TO_RIGHT)
    assert lettering.width_of(joined, 9.5) == pytest.approx(
        lettering.width_of("أثق كثيرا 41.2%", 9.5), rel=0.02
    )


def test_a_text_with_too_many_lines_ends_with_dots():
    lines = lettering.wrapped("word " * 60, 1, 9.5, most=3)
    assert len(lines) == 3
    assert lines[-1].endswith("...")
    assert lettering.width_of(lines[-1], 9.5) <= 1
