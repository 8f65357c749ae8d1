"""Where there is no interval, every display says why, and none shows a NaN."""

from __future__ import annotations

import re

import pandas as pd
import pytest

import trustkit as tk

# In group c there is one respondent, in a and b one PSU each: no group has a standard error.
FRAME = pd.DataFrame(
    {
        "trust": pd.Categorical(["yes", "no", "yes", "no", "yes"]),
        "again": pd.Categorical(["yes", "no", "yes", "no", "yes"]),
        "group": pd.Categorical(["a", "a", "b", "b", "c"]),
        "year": pd.Categorical(["2021", "2021", "2022", "2022", "2023"]),
        "age": [21.0, 22.0, 33.0, 34.0, 55.0],
        "score": pd.Categorical([str(score) for score in (0, 3, 6, 9, 10)]),
        "psu": [1, 1, 2, 2, 3],
        "w": [1.0, 2.0, 1.0, 2.0, 1.0],
    }
)
REASONS = re.compile(
    r"Not known for|Not possible|No test of|Not checkable|No margin of error is known|A margin is missing"
)
SEEN = re.compile(r"\bnan\b|\binf\b|None|- to -")


def one(design):
    """Return a design of one respondent, whose variance no display can give."""
    return tk.Design(design.data.head(1), lonely_psu="remove")


def claims():
    return [tk.Claim("c", "Of group c", 50, 0, tk.Reading("trust", "yes", where={"group": "c"}))]


@pytest.fixture(scope="module")
def design():
    return tk.Design(FRAME, weights="w", psu="psu")


RESULTS = {
    "share": lambda d: tk.proportion(d, "trust", by="group"),
    "mean": lambda d: tk.mean(d, "age", by="group"),
    "total": lambda d: tk.total(d, "age", by="group"),
    "index": lambda d: tk.trust_index(d, ["trust"], of="items", boxes=["yes"], by="group"),
    "net": lambda d: tk.net(d, "trust", plus=["yes"], minus=["no"], by="group"),
    "ratio": lambda d: tk.ratio(d, "age", "w", by="group"),
    "quantiles": lambda d: tk.quantile(d, "age", [0.1, 0.5], by="group"),
    "variance": lambda d: tk.variance(d, "age", by="group"),
    "correlation": lambda d: tk.correlation(d, "age", "w", by="group"),
    "contrast": lambda d: tk.contrast(tk.mean(d, "age", by="group"), {"a": 1, "c": -1}),
    "pairs": lambda d: tk.pairwise(tk.mean(d, "age", by="group")),
    "waves": lambda d: tk.wave_difference(
        tk.mean(one(d), "age"),
        tk.mean(one(d), "age"),
    ),
    "change": lambda d: tk.change(
        tk.Design(d.data.assign(id=range(5), psu=1), psu="psu", lonely_psu="remove"),
        "age",
        wave="year",
        person="id",
        between=["2021", "2022"],
    ),
    "t test": lambda d: tk.ttest(one(d), "age"),
    "paired shares": lambda d: tk.paired_proportions(d, "trust", "again", "yes"),
    "margin of error": lambda d: tk.margin_of_error(tk.proportion(d, "trust", by="group")),
    "claims": lambda d: tk.verify(claims(), d),
    "funnel": lambda d: tk.consent_funnel(one(d), {"Trusts": {"trust": "yes"}}),
    "dots of shares": lambda d: tk.dot_interval(tk.proportion(d, "trust", by="group"), title="T"),
    "dots of means": lambda d: tk.dot_interval(tk.mean(d, "age", by="group"), title="T"),
    "trend": lambda d: tk.trend(tk.mean(d, "age", by="year"), title="T"),
    "heat table": lambda d: tk.heat_table(tk.proportion(d, "trust", by="group"), title="T"),
    "differences": lambda d: tk.difference_dots(
        tk.contrast(tk.mean(d, "age", by="group"), {"a": 1, "c": -1}), title="T"
    ),
    "verdicts": lambda d: tk.verify(claims(), d),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_display_without_an_interval_gives_the_reason_and_no_nan(design, name):
    result = RESULTS[name](design)
    text = repr(result)
    assert REASONS.search(text), text
    assert not SEEN.search(text), text
    html = getattr(result, "_repr_html_", lambda: "")()
    assert not SEEN.search(re.sub(r"<[^>]*>", " ", html)), html


def test_a_whole_design_of_one_respondent_is_shown_without_a_nan(design):
    for result in (one(design), tk.weight_summary(one(design)), tk.disclosure(one(design))):
        assert not SEEN.search(repr(result)), repr(result)
