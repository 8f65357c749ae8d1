"""A margin of error holds the design's precision, refuses opt-in samples, and can be turned around."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from trustkit.design.design import Design
from trustkit.design.replication import replicate
from trustkit.errors import DataError, DesignError
from trustkit.estimation.contrasts import contrast
from trustkit.estimation.estimates import mean, proportion
from trustkit.estimation.precision import (
    MODEL_BASED,
    WEIGHTS_ALONE,
    implied_deff,
    margin_of_error,
)
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.weighting.calibration import rake


def design(sample="probability", data="real", **roles):
    """400 respondents in 20 clusters, with unequal weights."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "yes": rng.choice(["yes", "no"], 400),
            "sex": rng.choice(["m", "f"], 400),
            "w": rng.uniform(0.5, 2.5, 400),
            "psu": np.repeat(np.arange(20), 20),
            "all": "one",
            "y": rng.normal(size=400),
        }
    )
    return Design(Survey(frame, Codebook({}, title="Toy", sample=sample, data=data)), **roles)


# The number


def test_a_simple_random_sample_has_the_textbook_margin():
    found = margin_of_error(design())
    assert found.margin[0] == pytest.approx(100 * stats.t.ppf(0.975, 399) * math.sqrt(0.25 / 400))
    assert found.deff[0] == pytest.approx(1)
    assert (found.counted, found.n.tolist(), found.df) == (("all respondents",), [400], 399)


def test_weights_widen_the_margin_by_the_root_of_kish_design_effect():
    weighted, plain = design(weights="w"), design()
    w = weighted.weights
    deff = 400 * (w**2).sum() / w.sum() ** 2
    ratio = margin_of_error(weighted).margin / margin_of_error(plain).margin
    assert ratio == pytest.approx(math.sqrt(deff))
    assert margin_of_error(weighted).deff == pytest.approx(deff)


def test_rows_without_weight_are_no_respondents():
    frame = pd.DataFrame({"w": [1.0] * 50 + [0.0] * 50})
    found = margin_of_error(Design(frame, weights="w"))
    assert found.n.tolist() == [50]
    assert found.deff[0] == pytest.approx(1)


def test_a_rare_answer_and_more_confidence_change_the_margin_as_they_must():
    found, rare = margin_of_error(design()), margin_of_error(design(), p=0.1)
    assert rare.margin / found.margin == pytest.approx(0.3 / 0.5)
    surer = margin_of_error(design(), conf=0.99)
    assert surer.margin / found.margin == pytest.approx(stats.t.ppf(0.995, 399) / stats.t.ppf(0.975, 399))


def test_an_estimate_has_a_margin_for_each_row_half_the_interval_at_its_own_share():
    estimate = proportion(design(weights="w", psu="psu"), "yes", level="yes", by="sex", ci="mean")
    half = 100 * (estimate.ci_high - estimate.ci_low) / 2
    own = [margin_of_error(estimate, p=p).margin[row] for row, p in enumerate(estimate.estimate)]
    assert own == pytest.approx(half)
    assert margin_of_error(estimate).counted == ("f", "m")
    assert margin_of_error(estimate).df.tolist() == [19, 19]


def test_an_estimate_knows_of_clusters_and_a_design_says_that_it_does_not():
    clustered = design(psu="psu")
    assert WEIGHTS_ALONE in margin_of_error(clustered).notes
    assert WEIGHTS_ALONE in margin_of_error(replicate(clustered, "JK1")).notes
    assert WEIGHTS_ALONE not in margin_of_error(proportion(clustered, "yes")).notes
    assert WEIGHTS_ALONE not in margin_of_error(design()).notes


def test_where_all_answer_alike_no_margin_is_known_and_it_says_so():
    found = margin_of_error(proportion(design(), "all"))
    assert np.isnan(found.margin).all()
    assert "all respondents gave the same answer" in found.notes[-1]
    assert found.sentence == "No margin of error is known."
    assert "-" in repr(found).splitlines()[2].split()


def test_an_engine_gives_the_margin_that_the_rows_give():
    duckdb = pytest.importorskip("duckdb")
    rows = design(weights="w")
    frame = rows.data
    lazy = Design(duckdb.sql("select * from frame"), weights="w")
    assert len(frame) == lazy.n
    assert margin_of_error(lazy).margin == pytest.approx(margin_of_error(rows).margin)


# What it says


def test_the_sentence_tells_share_confidence_and_margin():
    text = margin_of_error(design()).sentence
    assert text == (
        "The margin of error of a share of 50% is plus or minus 4.9 percentage points "
        "(95% confidence, design effect included)."
    )


def test_the_sentence_of_several_rows_tells_the_range():
    by_sex = margin_of_error(proportion(design(), "yes", level="yes", by="sex"))
    low, high = sorted(by_sex.margin)
    assert f"plus or minus {low:.1f} to {high:.1f} percentage points" in by_sex.sentence


def test_it_shows_and_frames_its_numbers():
    found = margin_of_error(design(weights="w", data="synthetic"))
    assert list(found.to_frame()) == ["counted", "margin", "n", "n_eff", "deff", "df"]
    title, heads, row, sentence, note = repr(found).splitlines()
    assert title == "Margin of error, percentage points"
    assert heads.split() == ["counted", "margin", "of", "error", "design", "effect", "n"]
    assert row.split()[2:] == [f"{found.margin[0]:.1f}", f"{found.deff[0]:.2f}", "400"]
    assert (sentence, note) == (found.sentence, "Synthetic data.")


# Opt-in samples


@pytest.mark.parametrize("assuming", ["", "  "])
def test_an_opt_in_sample_has_no_margin_without_a_stated_model(assuming):
    raked = rake(design("opt-in"), {"sex": {"m": 0.5, "f": 0.5}})
    for found in (raked, proportion(raked, "yes")):
        with pytest.raises(DesignError, match="nobody was drawn at random") as caught:
            margin_of_error(found, assuming=assuming)
        assert "among people alike in sex" in str(caught.value)
        assert "assuming='...'" in str(caught.value)


def test_a_stated_model_is_printed_with_the_number():
    found = margin_of_error(design("opt-in"), assuming="volunteers answer like everybody else. ")
    text = repr(found)
    assert "This holds assuming that volunteers answer like everybody else.\n" in text
    assert MODEL_BASED in text
    assert "as if" not in text
    assert found.margin == pytest.approx(margin_of_error(design()).margin)


def test_a_model_may_be_stated_for_a_probability_sample_too():
    assert "assuming that nobody refused." in margin_of_error(design(), assuming="nobody refused").sentence


# Mistakes


def test_a_mean_and_a_contrast_have_no_margin():
    by_sex = proportion(design(), "yes", level="yes", by="sex")
    for found in (mean(design(), "y"), contrast(by_sex, {"m": 1, "f": -1})):
        with pytest.raises(DataError, match="an estimate of proportions"):
            margin_of_error(found)


@pytest.mark.parametrize("options", [{"p": 0.0}, {"p": 1.0}, {"p": 50}, {"conf": 95}])
def test_a_share_and_a_confidence_are_between_0_and_1(options):
    with pytest.raises(DataError, match="between 0 and 1"):
        margin_of_error(design(), **options)
    with pytest.raises(DataError, match="between 0 and 1"):
        implied_deff(1.7, 5110, **options)


@pytest.mark.parametrize(("margin", "n"), [(0, 100), (-1, 100), (3, 0), (math.nan, 100), (3, math.inf)])
def test_a_margin_and_its_n_are_positive_numbers(margin, n):
    with pytest.raises(DataError, match="are positive"):
        implied_deff(margin, n)


# The design effect behind a published margin


@pytest.mark.parametrize(
    ("n", "margin", "deff", "decimals"),
    [
        (5110, 1.7, 1.54, 2),
        (3576, 2.0, 1.49, 2),
        (10701, 1.4, 2.2, 1),
        (3930, 2.8, 3.2, 1),
        (11000, 0.9, 0.93, 2),
    ],
)
def test_published_margins_imply_the_design_effects_known_of_them(n, margin, deff, decimals):
    assert round(implied_deff(margin, n), decimals) == deff


@pytest.mark.parametrize("options", [{}, {"p": 0.2}, {"conf": 0.9}])
def test_the_implied_design_effect_turns_the_margin_around(options):
    frame = pd.DataFrame({"w": np.random.default_rng(1).uniform(1, 4, 200_000)})
    found = margin_of_error(Design(frame, weights="w"), **options)
    assert implied_deff(found.margin[0], 200_000, **options) == pytest.approx(found.deff[0], rel=1e-4)
