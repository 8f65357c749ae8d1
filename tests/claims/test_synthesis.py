"""One figure over several sources, held to R's metafor; unlike bases and unknown precision are refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

import trustkit as tk
from trustkit.claims.synthesis import random_effects
from trustkit.errors import ClaimError, DataError

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "synthesis" / "synthesis.json").read_text(encoding="utf-8")
)
INTERVALS = {"z": "z", "knha": "hksj"}


def figure(name="a", published=40.0, n=1000, **more):
    return tk.PublishedFigure(
        name,
        "A share",
        published,
        0,
        "proportion",
        f"poll_{name}",
        f"poll {name}",
        "publisher",
        n=n,
        n_words=str(n or ""),
        **more,
    )


FIGURES = [figure("a", 52.0, 800), figure("b", 50.0, 1200), figure("c", 61.0, 500), figure("d", 47.0, 900)]


@pytest.mark.parametrize(
    "record",
    REFERENCE["records"],
    ids=lambda r: "-".join(r[key] for key in ("case", "scale", "method", "test")),
)
def test_random_effects_are_those_of_metafor(record):
    shares = REFERENCE["shares"][record["case"]]
    y, se = np.array(shares["y"]), np.array(shares["se"])
    if record["scale"] == "logit":
        y, se = special.logit(y), se / (y * (1 - y))
    pooled = random_effects(
        y, se, method=record["method"].lower(), interval=INTERVALS[record["test"]], conf=0.95
    )
    found = {
        "estimate": pooled.estimate, "se": pooled.se, "ci_low": pooled.low, "ci_high": pooled.high,
        "tau2": pooled.tau2, "I2": pooled.i2, "Q": pooled.q, "Q_p": pooled.q_p,
        "pi_low": pooled.future_low, "pi_high": pooled.future_high,
    }  # fmt: skip
    for name, value in found.items():  # metafor stops REML at steps of 1e-12
        assert value == pytest.approx(record[name], rel=1e-7, abs=1e-10), name


def test_a_synthesis_is_random_effects_on_log_odds_with_the_stated_design_effect():
    found = tk.synthesize(FIGURES, deff=1.5)
    p, n = np.array([0.52, 0.5, 0.61, 0.47]), np.array([800, 1200, 500, 900])
    pooled = random_effects(
        special.logit(p), np.sqrt(1.5 / (n * p * (1 - p))), method="reml", interval="hksj", conf=0.95
    )
    assert found.estimate == pytest.approx(special.expit(pooled.estimate))
    assert found.pi_low == pytest.approx(special.expit(pooled.future_low))
    assert found.ci_low < found.estimate < found.ci_high
    assert found.pi_low < found.ci_low
    assert found.table["weight"].sum() == pytest.approx(1)


def test_equal_shares_have_no_variance_between_them():
    found = tk.synthesize([figure(name, 40.0, 500) for name in "abcd"], deff=1, interval="z")
    assert (found.tau2, found.i2) == (0, 0)
    assert found.estimate == pytest.approx(0.4)
    se = 1 / math.sqrt(4 * 500 * 0.24)
    assert special.logit(found.ci_high) == pytest.approx(special.logit(0.4) + stats.norm.ppf(0.975) * se)


def test_fewer_than_three_sources_are_shown_and_not_pooled():
    found = tk.synthesize(FIGURES[:2], deff=1)
    assert math.isnan(found.estimate)
    assert "fewer than 3 sources" in found.reason
    assert len(found.estimates.keys) == 2


def test_unlike_bases_are_refused_unless_allowed():
    unlike = [*FIGURES[:3], figure("e", 49.0, 700, base="users of apps")]
    with pytest.raises(ClaimError, match="the bases of the figures differ"):
        tk.synthesize(unlike, deff=1)
    found = tk.synthesize(unlike, deff=1, base_differs="allow")
    assert "The bases differ: all respondents; users of apps." in found.notes


def test_figures_of_one_survey_are_named_as_dependent():
    found = tk.synthesize([*FIGURES, replace(FIGURES[0], name="e", title="Another share")], deff=1)
    note = "Taken as independent, although the same respondents may have answered: A share; Another share."
    assert note in found.notes
    years = [replace(part, publication="poll", fieldwork=part.name) for part in FIGURES]
    assert not any("same respondents" in note for note in tk.synthesize(years, deff=1).notes)


def test_sources_of_which_no_page_was_read_are_named_as_unverified():
    read = [replace(part, url="https://example.org/poll") for part in FIGURES]
    assert tk.synthesize(read, deff=1).notes == ("Each source is taken to have a design effect of 1.",)
    note = "Unverified, as no page was read: poll a."
    assert note in tk.synthesize([FIGURES[0], *read[1:]], deff=1).notes


def test_a_margin_of_error_implies_the_design_effect():
    with_margin = [replace(part, margin=4.0) for part in FIGURES]
    found = tk.synthesize(with_margin)
    assert found.table["deff"].tolist() == pytest.approx([tk.implied_deff(4.0, part.n) for part in FIGURES])


def test_the_forest_has_the_sources_and_all_together():
    found = tk.synthesize(FIGURES, deff={part.name: 1.2 for part in FIGURES})
    drawn = found.estimates
    assert drawn.keys["source"].iloc[-1] == "All sources"
    assert drawn.estimate[-1] == found.estimate
    chart = tk.dot_interval(drawn, title="One figure over its sources")
    assert "All sources" in repr(chart)
    assert "All sources together: " in repr(found)
    assert "95% prediction interval" in repr(found)
    assert "the respondents of each source" in repr(chart)


@pytest.mark.parametrize(
    ("figures", "deff", "words"),
    [
        ([], 1, "no figure to combine"),
        ([figure(n=None)], 1, "an exact n is needed"),
        ([figure(published=100.0)], 1, "have no standard error"),
        ([replace(figure(), statistic="mean")], 1, "no percentage"),
        (FIGURES, None, "design effect of 'a' is not published"),
        (FIGURES, {"a": 1.0}, "design effect of 'b' is not published"),
        (FIGURES, -1, "a design effect is positive"),
        (
            FIGURES,
            {**{part.name: 1.0 for part in FIGURES}, "aa": 1.0},
            "deff names 'aa', which is not one of the figures",
        ),
        ([*FIGURES, FIGURES[0]], 1, "'a' cannot be combined with others"),
    ],
)
def test_figures_without_a_standard_error_are_refused(figures, deff, words):
    with pytest.raises((ClaimError, DataError), match=words):
        tk.synthesize(figures, deff=deff)


def test_design_effects_that_were_assumed_are_named():
    registry = tk.published_figures()
    names = ["pew_2019_understanding", "pew_2023_understanding", "uc_2025_understand"]
    figures = registry.select(names)
    alike = "Each source is taken to have a design effect of 1.5."
    assert alike in tk.synthesize(figures, deff=1.5).notes
    apart = tk.synthesize(figures, deff=dict(zip(names, (1.0, 1.5, 2.0), strict=True))).notes
    assert apart[0].startswith("The sources are taken to have these design effects: Understand little")
    assert apart[0].endswith("Don't fully understand how data are used: 2.")
