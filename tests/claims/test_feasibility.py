"""Published percentages are judged by exact arithmetic, held against every possible set of answers."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from brute_force import printed_forms
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.claims.feasibility import Feasibility
from trustkit.claims.printed_numbers import as_printed, with_decimals
from trustkit.errors import ClaimError, DataError


def printed_shares(count, n, decimals):
    return printed_forms(Fraction(100 * count, n), decimals)


def counts_by_enumeration(printed, n, decimals):
    wanted = Decimal(str(printed)).quantize(Decimal(1).scaleb(-decimals))
    return [count for count in range(n + 1) if wanted in printed_shares(count, n, decimals)]


# One percentage


@pytest.mark.parametrize(
    ("n", "decimals"),
    [*((n, 0) for n in (1, 7, 8, 16, 40, 43, 80, 99, 160, 200)), (1, 1), (8, 1), (43, 1), (80, 1)],
)
def test_the_verdict_on_every_percentage_is_that_of_enumeration(n, decimals):
    unit = 10**decimals
    every = [Fraction(place, unit) for place in range(100 * unit + 1)]
    enumerated = {float(share): counts_by_enumeration(float(share), n, decimals) for share in every}
    can_fail = any(not counts for counts in enumerated.values())
    for share, counts in enumerated.items():
        checked = tk.feasible(share, n=n, decimals=decimals)
        assert checked.verdict == (
            "impossible" if not counts else "possible" if can_fail else "cannot be checked"
        )
        if counts:
            assert (checked.low, checked.high) == (min(counts), max(counts))


def test_the_share_of_impossible_percentages_is_counted_right():
    for n, decimals in [(7, 0), (12, 0), (64, 0), (98, 0), (16, 1)]:
        every = [Fraction(place, 10**decimals) for place in range(100 * 10**decimals + 1)]
        none = sum(not counts_by_enumeration(float(share), n, decimals) for share in every)
        possible = next(share for share in every if counts_by_enumeration(float(share), n, decimals))
        (note,) = tk.feasible(float(possible), n=n, decimals=decimals).notes
        assert f" {none / len(every):.0%} of all percentages" in note


@pytest.mark.parametrize(
    ("published", "decimals", "n"),
    [(40, 0, 607), (91, 0, 607), (82, 0, 100), (40, 0, 7), (33, 0, 50), (39.5, 1, 43), (21.3, 1, 47)],
)
def test_known_cases_have_the_counts_of_enumeration(published, decimals, n):
    counts = counts_by_enumeration(published, n, decimals)
    checked = tk.feasible(published, n=n, decimals=decimals)
    if counts:
        assert (checked.low, checked.high, checked.high - checked.low + 1) == (
            counts[0], counts[-1], len(counts),
        )  # fmt: skip
    else:
        assert checked.verdict == "impossible"
    assert ("too large" in checked.reason) == (n >= 100 * 10**decimals)


@pytest.mark.parametrize("published", [12, 13])
def test_a_half_may_be_printed_up_or_down(published):
    assert tk.feasible(published, n=8).verdict == "possible"
    assert tk.feasible(published, n=8).low == 1


def test_a_check_that_could_not_fail_is_not_called_passed():
    checked = tk.feasible(40, n=80)
    assert checked.verdict == "cannot be checked"
    assert "too large for this check to fail" in checked.reason


def weights_with(n, low, high):
    return product((low, high), repeat=n)


@pytest.mark.parametrize("published", [3, 10, 20, 33, 47, 50, 66, 90, 97, 100])
def test_weights_in_a_range_are_held_against_every_choice_of_the_ends(published):
    low, high, n = Fraction(1, 2), Fraction(2), 5
    reached = set()
    for weights in weights_with(n, low, high):
        for count in range(n + 1):
            share = 100 * sum(weights[:count], Fraction()) / sum(weights)
            reached.add((count, share))
    near = [count for count, share in reached if abs(share - published) <= Fraction(1, 2)]
    checked = tk.feasible(published, n=n, weights=(0.5, 2.0))
    if near:  # more may be possible with weights between the ends
        assert checked.verdict == "possible"
        assert checked.low <= min(near)
        assert max(near) <= checked.high


def test_the_range_of_the_weights_is_reached_and_not_passed():
    exact = 100 * (2 * 0.5) / (2 * 0.5 + 3 * 2.0)  # two respondents with the least weight: 14.29
    assert tk.feasible(14, n=5, weights=(0.5, 2.0)).high == 2
    assert tk.feasible(14.2, n=5, weights=(0.5, 2.0), decimals=1).high == 1
    assert exact == pytest.approx(14.2857, abs=1e-4)


def test_equal_weights_in_a_range_are_the_unweighted_case():
    for share in range(101):
        weighted = tk.feasible(share, n=7, weights=(1, 1))
        assert (weighted.verdict == "possible") == (tk.feasible(share, n=7).verdict == "possible")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.2, 5), min_size=3, max_size=30), st.data())
def test_shares_of_real_weights_are_possible_by_range_and_by_design_effect(weights, data):
    count = data.draw(st.integers(0, len(weights)))
    w = np.round(np.array(weights), 3)
    share = float(np.round(100 * w[:count].sum() / w.sum(), 1))
    n = len(w)
    deff = n * (w**2).sum() / w.sum() ** 2 + 1e-9
    for given_weights in ({"weights": (float(w.min()), float(w.max()))}, {"deff": float(deff)}):
        checked = tk.feasible(share, n=n, decimals=1, **given_weights)
        assert checked.verdict == "possible"
        assert checked.low <= count <= checked.high


def test_a_small_design_effect_makes_a_far_percentage_impossible():
    assert tk.feasible(50, n=3, deff=1.01).verdict == "impossible"
    assert tk.feasible(50, n=3, deff=1.5).verdict == "possible"


def test_weighted_percentages_cannot_be_checked_without_the_weights():
    checked = tk.feasible(40, n=607, weights="unknown")
    assert checked.verdict == "cannot be checked"
    assert "neither its weights' range nor its design effect" in checked.reason


def test_an_unknown_n_cannot_be_checked():
    assert tk.feasible(40, n=None).reason == "the number of respondents is not published"


def test_a_claim_brings_its_number_and_its_decimals():
    claim = tk.Claim("c", "A share", 39.5, 1, tk.Reading("trust", "yes"))
    assert tk.feasible(claim, n=43).low == 17


def test_a_claim_about_a_mean_is_refused():
    claim = tk.Claim("c", "A mean", 3.5, 1, tk.Reading("score", statistic="mean"))
    with pytest.raises(ClaimError, match="feasible checks percentages"):
        tk.feasible(claim, n=43)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"published": 40.5, "n": 10}, "more decimals"),
        ({"published": 101, "n": 10}, "out of range"),
        ({"published": 40, "n": 10, "weights": (2.0, 1.0)}, "range is invalid"),
        ({"published": 40, "n": 10, "weights": (0, 1.0)}, "range is invalid"),
        ({"published": 40, "n": 10, "deff": 0.9}, "never below 1"),
        ({"published": 40, "n": 10, "deff": 1.5, "weights": (0.5, 2)}, "described twice"),
        ({"published": float("nan"), "n": 10}, "'published' can't be used"),
        ({"published": 40, "n": 0}, "'n' can't be used"),
    ],
)
def test_wrong_arguments_are_refused(call, words):
    with pytest.raises(DataError, match=words):
        tk.feasible(**call)


# Numbers as printed


def test_text_keeps_the_zeros_that_a_number_loses():
    assert (as_printed("3.50", name="m").decimals, as_printed(3.5, name="m").decimals) == (2, 1)
    assert (as_printed(".05", name="m").value, str(as_printed(40.0, name="m"))) == (Fraction(1, 20), "40")


def test_floats_are_read_as_they_are_written():
    assert with_decimals(0.1, 1, name="p").value == Fraction(1, 10)


def test_a_result_shows_its_verdict_and_reason():
    shown = repr(tk.feasible(40, n=7))
    assert "impossible" in shown
    assert "2 of 7 is 28.57%" in shown
    assert list(tk.feasible(40, n=7).to_frame()) == ["check", "verdict", "reason", "quantity", "low", "high"]


def test_a_verdict_of_other_words_is_refused():
    with pytest.raises(DataError, match="'verdict' can't be used"):
        Feasibility("c", "maybe", "r")
