"""Margins of error and changes as published, against their numbers of respondents."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import trustkit as tk
from trustkit.errors import DataError


def implied(margin, n):
    return n * (margin / (100 * stats.norm.ppf(0.975))) ** 2 / 0.25


@pytest.mark.parametrize(("margin", "n"), [(1.7, 5110), (2.0, 3576), (1.4, 10701), (2.8, 3930), (0.9, 11000)])
def test_the_implied_design_effect_has_the_range_of_the_margins_rounding(margin, n):
    checked = tk.margin_fits(margin, n=n)
    assert (checked.low, checked.high) == pytest.approx(
        (implied(margin - 0.05, n), implied(margin + 0.05, n))
    )
    assert checked.low < tk.implied_deff(margin, n) < checked.high


def test_a_margin_of_point_nine_agrees_with_simple_random_sampling():
    checked = tk.margin_fits(0.9, n=11000)
    assert tk.implied_deff(0.9, 11000) < 1 < checked.high
    assert checked.verdict == "possible"
    assert "simple random sample agrees" in checked.reason
    assert tk.margin_fits(0.9, n=11000, deff=1).verdict == "possible"


def test_a_margin_that_no_simple_random_sample_has_is_impossible():
    assert tk.margin_fits(0.5, n=11000).verdict == "impossible"
    assert tk.margin_fits(1.7, n=5110, deff=1).verdict == "impossible"
    assert tk.margin_fits(1.7, n=5110).verdict == "possible"


def test_a_margin_without_n_cannot_be_checked():
    assert tk.margin_fits(0.9, n=None).verdict == "cannot be checked"


def test_a_change_has_the_normal_test_of_two_shares():
    changed = tk.change_beyond_noise(54, 40, n=(1000, 2000), deff=(1.5, 2.0))
    se = math.sqrt(1.5 * 54 * 46 / 1000 + 2.0 * 40 * 60 / 2000)
    assert changed.se == pytest.approx(se)
    assert changed.statistic == pytest.approx(-14 / se)
    assert changed.p_value == pytest.approx(
        2 * stats.norm.sf(13 / se)
    )  # the change may be 13 before rounding
    assert changed.ci_low == pytest.approx(-15 - stats.norm.ppf(0.975) * se)


def test_a_change_shows_what_was_assumed_and_no_degrees_of_freedom():
    _, table, notes = tk.change_beyond_noise(54, 40, n=(1000, 2000), deff=(1.5, 2.0))._parts()
    assert "df" not in table
    assert "The design effects are taken to be 1.5 and 2." in notes


def test_a_change_without_design_effects_gives_what_would_be_visible():
    changed = tk.change_beyond_noise(54, 40, n=(1000, 2000))
    assert math.isnan(changed.p_value)
    assert changed.reason == "the design effects are not published"
    simple = np.sqrt(54 * 46 / 1000 + 40 * 60 / 2000) * stats.norm.ppf(0.975)
    for effect in (1, 1.5, 2):
        assert f"{simple * math.sqrt(effect):.1f} ({effect:g})" in changed.notes[0]


def test_a_change_of_wording_is_not_compared():
    changed = tk.change_beyond_noise(54, 40, n=(1000, 2000), deff=(1, 1), definition="different")
    assert "not comparable" in changed.reason
    assert math.isnan(changed.p_value)


def test_a_change_within_rounding_is_none():
    assert tk.change_beyond_noise(54, 55, n=(10**6, 10**6), deff=(1, 1)).p_value == 1


def test_shares_without_variance_give_no_test():
    assert "no sampling variance" in tk.change_beyond_noise(0, 100, n=(10, 10), deff=(1, 1)).reason


@pytest.mark.parametrize(
    ("function", "call", "words"),
    [
        (tk.margin_fits, {"margin": 0, "n": 10}, "margin is not positive"),
        (tk.margin_fits, {"margin": 1.25, "n": 10}, "more decimals"),
        (tk.margin_fits, {"margin": 1, "n": 10, "deff": -1}, "deff is not positive"),
        (tk.margin_fits, {"margin": 1, "n": 10, "conf": 95}, "conf"),
        (tk.change_beyond_noise, {"earlier": 1, "later": 2, "n": (1, 2, 3)}, "one number for each survey"),
        (
            tk.change_beyond_noise,
            {"earlier": 1, "later": 2, "n": (9, 9), "deff": (0, 1)},
            "deff is not positive",
        ),
    ],
)
def test_wrong_arguments_are_refused(function, call, words):
    with pytest.raises(DataError, match=words):
        function(**call)
