"""Careless-response indices count what they say."""

from __future__ import annotations

import pandas as pd
import pytest

from trustkit.quality import longest_run


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
