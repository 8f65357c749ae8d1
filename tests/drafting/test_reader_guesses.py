"""What a file doesn't tell is guessed, and every guess is marked for review."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.drafting.reader_guesses import (
    LONGEST_ANSWER,
    LONGEST_NAME,
    guess_reason,
    guess_variable,
    name_of,
)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("DON'T KNOW", "don't know"),
        ("Don\N{RIGHT SINGLE QUOTATION MARK}t know", "don't know"),
        ("Not sure", "don't know"),
        ("Refusal", "refused"),
        ("I would rather not say", "refused"),
        ("Prefer not to answer", "refused"),
        ("Inap., not a voter", "not asked"),
        ("N/A", "not asked"),
        ("Not applicable", "not asked"),
        ("No answer", "skipped"),
        ("Missing", "skipped"),
        ("Do you know?", None),
        ("Nana", None),
        ("", None),
    ],
)
def test_reasons_are_guessed_from_words(words, reason):
    assert guess_reason(words) == reason


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([1, 2, 3], "numeric"),
        ([1.5, None], "numeric"),
        ([None, None], "text"),
        (["a", "b", "a"], "single"),
        (["a", "b", "c"], "text"),
        (["a", "x" * (LONGEST_ANSWER + 1), "a"], "text"),
        ([str(number % 30) for number in range(90)], "text"),
        ([True, False, True], "single"),
    ],
)
def test_kinds_are_guessed_from_cells_and_marked(cells, kind):
    found = guess_variable(pd.Series(cells, name="q"), "Well?")
    assert (found.name, found.label, found.kind) == ("q", "Well?", kind)
    assert found.review


def test_dates_need_no_guess():
    days = pd.Series(np.array(["2026-03-01"], dtype="datetime64[us]"), name="day")
    assert guess_variable(days, "Day").kind == "date"


def test_missing_answers_keep_their_words():
    found = guess_variable(pd.Series(["Yes", "Rather not say", "Yes", "Refused"], name="q"), "Well?")
    assert found.missing == {"Rather not say": "refused", "Refused": "refused"}
    assert found.missing_words == {"Rather not say": "Rather not say"}


def test_a_name_is_cut_between_words_or_else_in_one():
    assert name_of("word " * 20) == "word_word_word_word_word_word_word_word"
    assert len(name_of("x" * 100)) == LONGEST_NAME


def test_a_name_that_is_taken_is_numbered():
    assert name_of("Age", ["age", "age_2"]) == "age_3"
