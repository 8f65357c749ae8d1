"""A scale's score is the mean of the items that a respondent answered, each in its direction."""

from __future__ import annotations

import numpy as np
import pytest
from builders import survey

from trustkit.cleaning.scores import score
from trustkit.errors import CodebookError, DataError
from trustkit.survey.variable import Variable

AGREE = {1: "Disagree", 2: "Neither", 3: "Agree"}


def agree(name, **about):
    return Variable(name, name, "ordinal", codes=AGREE, missing={8: "don't know"}, set="trust", **about)


def test_a_score_is_the_mean_of_the_items_answered():
    found = score(
        survey({"a": [1, 3, 8, 8], "b": [2, 3, 3, None]}, agree("a"), agree("b")), "trust", into="index"
    )
    assert np.allclose(found.data["index"], [1.5, 3.0, 3.0, np.nan], equal_nan=True)


def test_an_item_counts_once():
    with pytest.raises(DataError, match="the battery contains an item twice") as caught:
        score(survey({"a": [1], "b": [2]}, agree("a"), agree("b")), ["b", "a", "b"], into="index")
    assert caught.value.got == "b"


def test_a_score_is_a_step_of_the_log():
    found = score(survey({"a": [1], "b": [2]}, agree("a"), agree("b")), "trust", into="index", min_items=2)
    step = found.log.steps[-1]
    assert (step.step, step.n_before, step.n_after) == ("score", 1, 1)
    assert step.rule == "index: mean of trust (2 items), 2 or more answered"


def test_a_reversed_item_is_turned_around():
    found = score(
        survey({"a": [1, 3], "b": [3, 3]}, agree("a"), agree("b", reverse=True)), "trust", into="index"
    )
    assert found.data["index"].tolist() == [1.0, 2.0]


def test_a_reversed_number_is_turned_around_in_its_range():
    items = [Variable(name, name, "numeric", low=0, high=10, reverse=name == "b") for name in "ab"]
    found = score(survey({"a": [2.0, 9.0], "b": [8.0, 9.0]}, *items), ["a", "b"], into="index")
    assert found.data["index"].tolist() == [2.0, 5.0]


def test_a_reversed_number_without_a_range_is_refused():
    with pytest.raises(DataError, match="a is reversed and has no range") as caught:
        score(survey({"a": [1.0]}, Variable("a", "A", "numeric", reverse=True, low=0)), ["a"], into="index")
    assert "low and high" in caught.value.do


def test_missing_codes_of_numbers_do_not_count():
    items = [Variable(name, name, "numeric", missing={99: "refused"}) for name in "ab"]
    found = score(survey({"a": [2.0, 99.0], "b": [99.0, 99.0]}, *items), ["a", "b"], into="index")
    assert np.allclose(found.data["index"], [2.0, np.nan], equal_nan=True)


def test_those_with_fewer_items_than_asked_for_get_no_score():
    found = score(
        survey({"a": [1, 8], "b": [2, 2]}, agree("a"), agree("b")), "trust", into="index", min_items=2
    )
    assert np.allclose(found.data["index"], [1.5, np.nan], equal_nan=True)


def test_the_scale_is_described_in_the_codebook():
    given = survey({"a": [1]}, agree("a"))
    found = score(given, ["a"], into="index", label="Trust")
    assert found.codebook["index"] == Variable("index", "Trust", "numeric")
    assert score(given, ["a"], into="index").codebook["index"].label == "Mean score of a"
    assert "index" not in given.data
    assert "index" not in given.codebook.variables


@pytest.mark.parametrize(
    ("items", "into", "options", "message"),
    [
        ("trsut", "index", {}, "no battery 'trsut'"),
        ([], "index", {}, "no battery"),
        ("trust", "a", {}, "the variable 'a' is there already"),
        ("trust", "index", {"min_items": 0}, "min_items is out of range"),
        ("trust", "index", {"min_items": 3}, "min_items is out of range"),
    ],
)
def test_a_scale_that_can_not_be_made_is_refused(items, into, options, message):
    given = survey({"a": [1], "b": [1]}, agree("a"), agree("b"))
    with pytest.raises(DataError, match=message):
        score(given, items, into=into, **options)


def test_a_near_miss_of_a_battery_is_suggested():
    with pytest.raises(DataError) as caught:
        score(survey({"a": [1]}, agree("a")), "trsut", into="index")
    assert caught.value.do == "did you mean 'trust'?"


def test_answers_without_scores_are_refused():
    words = Variable("a", "A", "single", codes={"x": "Yes", "y": "No"})
    with pytest.raises(DataError, match="the answers of a have no scores") as caught:
        score(survey({"a": ["x"]}, words), ["a"], into="index")
    assert "codebook" in caught.value.do


def test_text_is_refused():
    with pytest.raises(DataError, match="a is not numeric"):
        score(survey({"a": ["many"]}, Variable("a", "A", "text")), ["a"], into="index")


def test_an_unknown_item_is_refused_with_a_near_miss():
    with pytest.raises(CodebookError, match="no variable 'itm'") as caught:
        score(survey({"item": [1]}, agree("item")), ["itm"], into="index")
    assert caught.value.do == "did you mean 'item'?"
