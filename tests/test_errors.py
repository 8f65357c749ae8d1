"""Errors say what, where, got, expected and what to do."""

from __future__ import annotations

import pytest

from trustkit import errors
from trustkit.errors import DataError, TrustkitError, suggest

KINDS = ["DataError", "CodebookError", "DesignError", "TargetsError", "ClaimError", "ReportError"]


def test_a_message_lists_its_parts_in_a_fixed_order():
    error = DataError("too hot", do="cool it", got="40", expected="20", where="kettle.csv:3")
    assert str(error) == "too hot\n  where: kettle.csv:3\n  got: 40\n  expected: 20\n  do: cool it"


def test_a_message_leaves_out_the_parts_that_are_not_given():
    assert str(DataError("too hot", got="", do="cool it")) == "too hot\n  do: cool it"


def test_an_error_carries_its_parts():
    error = DataError("too hot", where="kettle", got="40", expected="20", do="cool it")
    assert (error.what, error.where, error.got, error.expected, error.do) == (
        "too hot", "kettle", "40", "20", "cool it",
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_error_is_a_trustkit_error_with_words_of_its_own(kind):
    found = getattr(errors, kind)
    assert issubclass(found, TrustkitError)
    assert found.__doc__ != TrustkitError.__doc__


def test_a_near_miss_is_suggested():
    assert suggest("cuontry", ["country", "county"]) in {"did you mean 'country'?", "did you mean 'county'?"}
    assert suggest("age_grp", ["age_group", "sex"]) == "did you mean 'age_group'?"


def test_a_near_miss_may_differ_in_capitals_only():
    assert suggest("NO", ["Yes", "No", "no"]) == "did you mean 'No'?"


def test_options_are_listed_where_nothing_is_near():
    assert suggest("q", ["age", "sex"]) == "choose one of: age, sex"


def test_a_long_list_of_options_is_cut_and_says_how_many_are_left():
    text = suggest("zzz", [f"question {number}" for number in range(23)])
    assert text.endswith("question 19 and 3 more")


def test_nothing_is_suggested_where_there_is_nothing_to_choose():
    assert suggest("q", []) == ""


def test_a_suggestion_takes_options_that_are_not_text():
    assert suggest(5, [10, 20]) == "choose one of: 10, 20"
