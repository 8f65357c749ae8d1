"""Careless-response indices count what they say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustkit.cleaning import response_patterns as quality
from trustkit.cleaning.response_patterns import (
    irv,
    longest_run,
    mahalanobis,
    relative_time,
    varying,
)
from trustkit.errors import DataError, NotComputableError

FOLDER = Path(__file__).parents[1] / "reference" / "careless"
REFERENCE = json.loads((FOLDER / "careless.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-10
"""R wrote 15 digits; the distances are near 100 and went through another inverse."""

ANSWERS = st.lists(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]), min_size=5, max_size=5),
    min_size=1,
    max_size=12,
)


def in_r(case, index):
    return np.array(REFERENCE[case][index], dtype=float)


def answers_of(case):
    return pd.read_csv(FOLDER / f"{case}.csv").astype(float)


@pytest.mark.parametrize(
    ("answers", "length"),
    [
        ([1, 1, 1, 1], 4),
        ([1, 2, 1, 2], 1),
        ([1, 2, 2, 1], 2),
        ([1, 1, 2, 2, 2, 1], 3),
        ([1, 1, None, 1], 2),
        ([None, None, None], 0),
        ([None, 3, None], 1),
        ([3], 1),
        (["a", "a", "b"], 2),
    ],
)
def test_the_longest_run_of_one_answer_is_counted(answers, length):
    assert longest_run(pd.DataFrame([answers])).tolist() == [length]


def test_answers_are_compared_across_items_by_value_not_by_place_in_the_column():
    frame = pd.DataFrame({"a": ["yes", "no"], "b": ["no", "yes"], "c": ["no", "no"]})
    assert longest_run(frame).tolist() == [2, 1]


def test_labels_are_compared_across_items_with_other_categories():
    frame = pd.DataFrame(
        {"a": pd.Categorical(["x", "y"], ["x", "y"]), "b": pd.Categorical(["x", "z"], ["z", "x"])}
    )
    assert longest_run(frame).tolist() == [2, 1]


def test_the_rows_keep_their_labels():
    found = longest_run(pd.DataFrame({"a": [1, 2]}, index=[10, 20]))
    assert found.index.tolist() == [10, 20]
    assert found.name == "longest_run"


def test_without_items_the_longest_run_is_zero():
    assert longest_run(pd.DataFrame(index=[0, 1])).tolist() == [0, 0]


@pytest.mark.parametrize("case", ["complete", "missing"])
def test_the_longest_run_is_that_of_careless_in_r(case):
    assert longest_run(answers_of(case)).tolist() == in_r(case, "longstring").tolist()


def test_time_is_a_share_of_the_median_time():
    found = relative_time(pd.Series([10.0, 20.0, 30.0, np.nan], index=list("abcd")))
    assert found.tolist()[:3] == [0.5, 1.0, 1.5]
    assert np.isnan(found["d"])


@pytest.mark.parametrize("times", [[np.nan, np.nan], [0.0, 0.0, 5.0], []])
def test_without_a_median_time_there_is_no_share_of_it(times):
    with pytest.raises(NotComputableError, match="the median time is unknown, or not above 0"):
        relative_time(pd.Series(times, dtype=float))


@pytest.mark.parametrize("case", ["complete", "missing"])
def test_irv_is_rs_standard_deviation_of_the_answers_given(case):
    np.testing.assert_allclose(irv(answers_of(case)), in_r(case, "irv_na_rm"), rtol=0, atol=TOLERANCE)


def test_irv_of_complete_answers_is_that_of_careless_in_r():
    np.testing.assert_allclose(irv(answers_of("complete")), in_r("complete", "irv"), rtol=0, atol=TOLERANCE)


@given(ANSWERS)
def test_irv_is_the_standard_deviation_computed_one_by_one(rows):
    found = irv(pd.DataFrame(rows))
    for row, value in zip(rows, found, strict=True):
        known = [answer for answer in row if not np.isnan(answer)]
        expected = np.std(known, ddof=1) if len(known) > 1 else np.nan
        assert value == pytest.approx(expected, nan_ok=True)


def test_irv_of_one_answer_throughout_is_exactly_zero_whatever_the_answer():
    assert irv(pd.DataFrame([[0.1] * 7, [1e9 + 0.3] * 7])).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("case", ["complete", "missing"])
def test_the_distance_is_that_of_careless_in_r(case):
    found = mahalanobis(answers_of(case))
    np.testing.assert_allclose(found, in_r(case, "mahalanobis"), rtol=TOLERANCE, atol=TOLERANCE)


def test_the_distance_is_the_textbook_one():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(40, 4)) @ rng.normal(size=(4, 4))
    z = x - x.mean(axis=0)
    expected = [row @ np.linalg.inv(np.cov(x.T)) @ row for row in z]
    np.testing.assert_allclose(mahalanobis(pd.DataFrame(x)), expected, rtol=1e-10)


def test_turning_items_around_does_not_move_the_distance():
    x = answers_of("missing")
    turned = x.assign(q01=6 - x["q01"], q09=10 * x["q09"] + 3)
    np.testing.assert_allclose(mahalanobis(turned), mahalanobis(x), rtol=1e-9)


def test_the_distances_of_complete_answers_sum_to_items_times_n_less_one():
    x = answers_of("complete")
    assert mahalanobis(x).sum() == pytest.approx(x.shape[1] * (len(x) - 1))


def test_an_item_that_does_not_vary_is_left_out_of_the_distance():
    x = answers_of("complete")
    np.testing.assert_allclose(mahalanobis(x.assign(same=3.0)), mahalanobis(x), rtol=1e-12)
    assert varying(x[["q01"]].assign(same=3.0, empty=np.nan)).tolist() == [True, False, False]


def test_items_that_depend_on_each_other_give_the_distance_without_one_of_them():
    x = answers_of("complete")
    doubled = x.assign(again=x["q01"] + x["q02"])
    np.testing.assert_allclose(mahalanobis(doubled), mahalanobis(x), rtol=1e-8)


def test_whoever_answered_nothing_has_no_distance():
    x = answers_of("complete")
    x.loc[10] = np.nan
    found = mahalanobis(x)
    assert np.isnan(found[10])
    assert found.drop(10).notna().all()


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (pd.DataFrame({"a": [1.0, 1.0], "b": [2.0, 2.0]}), "no item varies"),
        (pd.DataFrame(columns=["a", "b"], dtype=float), "no item varies"),
        (pd.DataFrame({"a": [3.0], "b": [2.0]}), "no item varies"),
        (pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]}), "no more respondents than items"),
        (
            pd.DataFrame({"a": [1, 2, 3, np.nan, np.nan], "b": [np.nan, np.nan, 1, 2, 3]}),
            "two items were not answered together",
        ),
        (
            # a goes with b, and b with c, among some; a goes against c among others
            pd.DataFrame(
                {
                    "a": [1, 2, 3, np.nan, np.nan, np.nan, 1, 2, 3],
                    "b": [1, 2, 3, 1, 2, 3, np.nan, np.nan, np.nan],
                    "c": [np.nan, np.nan, np.nan, 1, 2, 3, 3, 2, 1],
                }
            ),
            "too many answers are missing",
        ),
    ],
)
def test_a_distance_that_is_not_defined_says_why(frame, why):
    with pytest.raises(NotComputableError, match=why):
        mahalanobis(frame)


def test_labels_are_refused_where_numbers_are_needed_all_columns_named():
    frame = pd.DataFrame({"a": ["yes"], "b": [1], "c": pd.Categorical(["no"])})
    with pytest.raises(DataError, match=r"(?s)not numbers.*a, c.*score them first"):
        irv(frame)


def test_infinite_answers_are_refused():
    with pytest.raises(DataError, match="infinite"):
        irv(pd.DataFrame({"a": [1.0, np.inf], "b": [1.0, 2.0]}))


def test_nullable_columns_count_as_numbers():
    frame = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": pd.array([3, 2], dtype="Int64")})
    assert irv(frame).tolist()[0] == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("index", [irv, mahalanobis])
def test_blocks_of_any_size_give_the_same(index, monkeypatch):
    whole = index(answers_of("missing"))
    monkeypatch.setattr(quality, "BLOCK", 100)
    np.testing.assert_allclose(index(answers_of("missing")), whole, rtol=1e-10)


def test_the_answers_are_not_changed():
    x = answers_of("missing")
    before = x.copy()
    irv(x)
    mahalanobis(x)
    longest_run(x)
    pd.testing.assert_frame_equal(x, before)
