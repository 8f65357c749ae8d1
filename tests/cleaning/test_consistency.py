"""Consistency indices are those of the R package careless, and say when there are none."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import ier
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustkit.cleaning import response_patterns as quality
from trustkit.cleaning.consistency import (
    even_odd,
    item_pairs,
    psychant,
    psychsyn,
)
from trustkit.errors import DataError, NotComputableError

FOLDER = Path(__file__).parents[1] / "reference" / "careless"
REFERENCE = json.loads((FOLDER / "careless.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-10
"""R wrote 15 digits of numbers between -1 and 1."""


def in_r(case, index):
    return np.array(REFERENCE[case][index], dtype=float)


def answers_of(case, *, keyed=False):
    frame = pd.read_csv(FOLDER / f"{case}.csv").astype(float)
    if keyed:
        turned = [name for place, name in enumerate(frame, 1) if place in REFERENCE["reversed"]]
        frame[turned] = 6 - frame[turned]
    return frame


# ---- even-odd ----------------------------------------------------------------------------------


def test_even_odd_of_complete_answers_is_that_of_careless_in_r():
    found = even_odd(answers_of("complete", keyed=True), REFERENCE["sizes"])
    np.testing.assert_allclose(found, in_r("complete", "even_odd"), rtol=0, atol=TOLERANCE)


def test_even_odd_with_missing_answers_is_that_of_careless_in_r_from_three_scales_on():
    found = even_odd(answers_of("missing", keyed=True), REFERENCE["sizes"])
    np.testing.assert_allclose(found, in_r("missing", "even_odd"), rtol=0, atol=TOLERANCE)


def by_hand(row, sizes):
    evens, odds, start = [], [], 0
    for size in sizes:
        scale = row[start : start + size]
        start += size
        halves = [[answer for answer in part if not np.isnan(answer)] for part in (scale[1::2], scale[::2])]
        if all(halves):
            evens.append(np.mean(halves[0]))
            odds.append(np.mean(halves[1]))
    if len(evens) < 3 or np.ptp(evens) == 0 or np.ptp(odds) == 0:
        return np.nan
    r = np.corrcoef(evens, odds)[0, 1]
    return 1.0 if r <= -1 + 1e-12 else min(1.0, -2 * r / (1 + r))


@settings(deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([0.0, 1.0, 2.0, 4.0, np.nan]), min_size=9, max_size=9),
        min_size=1,
        max_size=8,
    )
)
def test_even_odd_is_the_stepped_up_correlation_of_half_means(rows):
    sizes = [2, 3, 1, 3]
    found = even_odd(pd.DataFrame(rows), sizes)
    for row, value in zip(rows, found, strict=True):
        assert value == pytest.approx(by_hand(row, sizes), nan_ok=True, abs=1e-6)


@pytest.mark.parametrize("sizes", [[2], [10], [2, 2], [2, 2, 1, 1]])
def test_even_odd_needs_three_scales_of_two_items(sizes):
    frame = pd.DataFrame(np.ones((4, sum(sizes))))
    with pytest.raises(NotComputableError, match="three scales of two items"):
        even_odd(frame, sizes)


@pytest.mark.parametrize("sizes", [[2, 2, 3], [], [2, 0, 4]])
def test_sizes_that_do_not_fit_the_items_are_refused(sizes):
    with pytest.raises(DataError, match="don't fit the items"):
        even_odd(pd.DataFrame(np.ones((2, 6))), sizes)


def test_one_respondent_gets_an_even_odd_score_and_nobody_gets_none():
    frame = pd.DataFrame([[1.0, 1, 3, 3, 5, 5]], index=["only"])
    assert even_odd(frame, [2, 2, 2])["only"] == pytest.approx(-1)
    assert len(even_odd(frame.iloc[:0], [2, 2, 2])) == 0


# ---- synonyms and antonyms -----------------------------------------------------------------------


@pytest.mark.parametrize("case", ["complete", "missing"])
@pytest.mark.parametrize("index", [psychsyn, psychant])
def test_synonyms_and_antonyms_are_those_of_careless_in_r(case, index):
    found = index(answers_of(case))
    np.testing.assert_allclose(found, in_r(case, index.__name__), rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("case", ["complete", "missing"])
def test_the_pairs_are_those_of_careless_in_r(case):
    pairs = item_pairs(answers_of(case))
    for kind, sign in (("pairs", 1), ("antonym_pairs", -1)):
        chosen = pairs[pairs["r"] * sign > 0]
        found = {frozenset(pair) for pair in zip(chosen["item"], chosen["other"], strict=True)}
        assert found == {frozenset(pair.split()) for pair in REFERENCE[case][kind]}


def test_the_correlations_of_pairs_are_those_of_pandas_strongest_first():
    frame = answers_of("missing")
    pairs = item_pairs(frame, critval=0.3)
    matrix = frame.corr()
    expected = [matrix.loc[item, other] for item, other in zip(pairs["item"], pairs["other"], strict=True)]
    np.testing.assert_allclose(pairs["r"], expected, rtol=1e-10)
    assert pairs["r"].abs().is_monotonic_decreasing


def test_a_correlation_at_the_critical_value_is_no_pair():
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, 3, 2]})
    assert frame.corr().loc["a", "b"] == pytest.approx(0.5)
    assert len(item_pairs(frame, critval=0.499)) == 1
    assert len(item_pairs(frame, critval=item_pairs(frame, critval=0.4)["r"].iloc[0])) == 0


def test_known_pairs_are_not_sought_again():
    frame = answers_of("complete")
    pairs = item_pairs(frame, critval=0.5)
    np.testing.assert_array_equal(psychsyn(frame, pairs=pairs), psychsyn(frame, critval=0.5))
    np.testing.assert_array_equal(psychant(frame, pairs=pairs), psychant(frame, critval=-0.5))


def test_a_straight_liner_has_no_synonym_score():
    frame = answers_of("complete")
    frame.loc[20] = 2.0
    assert np.isnan(psychsyn(frame)[20])


def test_constant_items_are_nobodys_synonyms():
    frame = answers_of("complete").assign(same=1.0)
    assert "same" not in set(item_pairs(frame, critval=0.0)[["item", "other"]].to_numpy().ravel())


@pytest.mark.parametrize(
    ("index", "kind"), [(psychsyn, "pairs of items are synonyms"), (psychant, "pairs of items are antonyms")]
)
@pytest.mark.parametrize("items", [0, 1, 2, 3])
def test_too_few_pairs_say_so(index, kind, items):
    frame = pd.DataFrame(np.random.default_rng(1).integers(1, 6, (50, items)), columns=range(items))
    with pytest.raises(NotComputableError, match=kind):
        index(frame)


def test_one_respondent_has_no_synonyms():
    with pytest.raises(NotComputableError, match="synonyms"):
        psychsyn(pd.DataFrame([[1.0, 2, 3, 4]]))


@pytest.mark.parametrize("critval", [-0.1, 1.0])
def test_a_critical_value_is_a_size_of_correlation(critval):
    with pytest.raises(DataError, match="critical value is out of range"):
        item_pairs(pd.DataFrame({"a": [1, 2], "b": [1, 2]}), critval=critval)


def test_blocks_of_any_size_give_the_same(monkeypatch):
    whole = psychsyn(answers_of("missing"))
    monkeypatch.setattr(quality, "BLOCK", 500)
    np.testing.assert_allclose(psychsyn(answers_of("missing")), whole, rtol=1e-12)


def test_the_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "ier", None)
    with pytest.raises(DataError, match="insufficient-effort") as raised:
        item_pairs(answers_of("complete"))
    assert not isinstance(raised.value, NotComputableError)


# ---- what docs/dependencies.md says of insufficient-effort ---------------------------------------


def test_what_is_not_taken_from_the_library_differs_from_careless_in_r():
    complete, missing = answers_of("complete"), answers_of("missing")
    k = complete.shape[1]
    np.testing.assert_allclose(ier.irv(complete), in_r("complete", "irv") * np.sqrt((k - 1) / k))
    np.testing.assert_allclose(ier.mahad(complete) ** 2, in_r("complete", "mahalanobis"))
    with pytest.raises(ValueError, match="insufficient observations"):
        ier.mahad(missing, na_rm=True)
    assert (ier.longstring_scores(missing) > in_r("missing", "longstring")).any()
    straight = np.isnan(in_r("complete", "psychsyn"))
    assert (ier.psychsyn(complete)[straight] == 0).all()
