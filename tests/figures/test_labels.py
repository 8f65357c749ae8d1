"""Readers of charts see labels and wordings, never names of columns or of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import trustkit as tk

if TYPE_CHECKING:
    from pathlib import Path

    from trustkit.figures.data_figure import DataFigure

IDS = ("resp_id", "q_sex", "q_age", "q_trust", "q_seen", "q_score", "drop_", "_where", "w_final")
STEPS = (
    {"step": "drop_duplicates", "key": "resp_id"},
    {
        "step": "drop_where",
        "where": {"q_score": {"low": 10}},
        "reason": "gave the highest score to everything",
    },
)


def labelled(name: str, label: str, *answers: str, **options: object) -> tk.Variable:
    return tk.Variable(name, label, "single", codes=dict(enumerate(answers, 1)), **options)


@pytest.fixture(scope="module")
def survey() -> tk.Survey:
    random = np.random.default_rng(11)
    n = 400
    variables = (
        tk.Variable("resp_id", "Pseudonym", "id"),
        labelled("q_sex", "What is your sex, as your passport has it?", "Women", "Men", short="sex"),
        labelled("q_age", "How old are you?", "Younger", "Older"),
        labelled("q_seen", "Have you seen it?", "Yes", "No", short="seen it"),
        labelled("q_trust", "Do you trust brands?", "Yes", "No", asked={"q_seen": ("Yes",)}),
        tk.Variable("q_score", "Trust in brands, from 0 to 10", "numeric", low=0, high=10),
        tk.Variable("w_final", "Weight of the panel", "weight"),
    )
    frame = pd.DataFrame({name: random.integers(1, 3, n) for name in ("q_sex", "q_age", "q_seen", "q_trust")})
    frame["q_trust"] = frame["q_trust"].where(frame["q_seen"] == 1)
    frame = frame.assign(
        q_score=random.integers(0, 11, n), resp_id=[f"a{k // 2}" for k in range(n)], w_final=1.0
    )
    book = tk.Codebook(
        {about.name: about for about in variables},
        title="Toy", data="synthetic", sample="opt-in", cleaning=STEPS, track={"q_trust": "No"},
    )  # fmt: skip
    return tk.read(frame, codebook=book)


def every_chart(survey: tk.Survey) -> dict[str, DataFigure]:
    cleaned = tk.clean(survey, by="q_sex")
    design = tk.rake(
        tk.Design(cleaned, weights="w_final"),
        {"q_sex": {"Women": 0.5, "Men": 0.5}, "q_age": {"Younger": 0.6, "Older": 0.4}},
    )
    share = tk.proportion(design, "q_trust", level="Yes", by="q_sex", where={"q_age": "Older"})
    claim = tk.Claim("c", "Half do not trust brands", 50, 0, tk.Reading("q_trust", "No"))
    tried = tk.exclusion_sensitivity(survey, claim).estimate
    return {
        "dots": tk.dot_interval(share, title="T"),
        "pairs": tk.dot_interval(tk.mean(design, "q_score", by=["q_sex", "q_age"]), title="T"),
        "bars": tk.likert_bars(tk.proportion(design, ["q_trust", "q_seen"]), title="T"),
        "flow": tk.exclusion_flow(cleaned.log),
        "losses": tk.exclusion_losses(cleaned.log, title="T"),
        "path": tk.tracked_path(design.log, title="T"),
        "rules": tk.dot_interval(tried, title="T"),
        "shift": tk.weight_shift(tk.weight_summary(design), title="T"),
        "verdicts": tk.verdict_dots(tk.verify([claim], design), title="T"),
    }


@pytest.mark.parametrize(
    "name", ["dots", "pairs", "bars", "flow", "losses", "path", "rules", "shift", "verdicts"]
)
def test_a_chart_shows_labels_and_no_name_of_a_column_or_step(survey: tk.Survey, name: str) -> None:
    chart = every_chart(survey)[name]
    drawn = [text.get_text() for text in chart.figure().findobj(Text)]
    shown = " ".join([repr(chart), chart.caption, *drawn])
    assert [part for part in IDS if part in shown] == []


def test_a_base_names_variables_by_their_short_name_or_wording(survey: tk.Survey) -> None:
    found = tk.proportion(tk.Design(survey), "q_trust", where={"q_age": "Older"})
    assert found.base == 'substantive answers, where "How old are you?" is Older, asked if "seen it" is Yes'


def test_a_short_name_is_written_to_the_codebook_and_read_again(survey: tk.Survey, tmp_path: Path) -> None:
    tk.write_codebook(survey.codebook, tmp_path / "codebook.yaml")
    again = tk.read_codebook(tmp_path / "codebook.yaml")
    assert [about.short for about in again.variables.values()] == ["", "sex", "", "seen it", "", "", ""]


ALIKE = pd.DataFrame(
    {"a": ["x", "y"] * 20, "b": ["m", "f", "f", "m"] * 10, "c": ["p", "q", "p", "q", "q"] * 8}
)


@pytest.mark.parametrize("wording", ["Same?", "n", "estimate", "row", "m", "self", "95% interval"])
def test_variables_of_the_same_wording_or_of_a_column_s_name_keep_their_own_columns(wording):
    codes = {name: {value: value for value in ALIKE[name].unique()} for name in ALIKE}
    book = tk.Codebook({name: tk.Variable(name, wording, "single", codes=codes[name]) for name in "abc"})
    shares = tk.proportion(tk.Design(tk.Survey(ALIKE, book)), "a", by=["b", "c"], level="x")
    html = shares._repr_html_()
    assert html.count('scope="col"') + html.count("tk-rows-name") == 7
    assert sum("% to " in line for line in repr(shares).splitlines()) == 4
    dots = tk.dot_interval(shares, title="t").table
    assert [sorted(set(dots[name])) for name in list(dots)[:2]] == [["f", "m"], ["p", "q"]]
    heat = tk.heat_table(shares, title="t").table
    assert heat.columns.is_unique
    assert list(heat.iloc[:, 0]) == ["p", "q"]
