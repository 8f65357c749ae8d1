"""Guesses about columns that a file says too little about: each is marked for review in the codebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import pandas as pd

from trustkit.survey.variable import Code, Reason, Variable

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

MOST_ANSWERS = 20
"""How many different texts a column may hold and still be taken for a closed question."""

LONGEST_ANSWER = 100
"""How many characters the longest answer of a closed question may have."""

LONGEST_NAME = 40
"""How many characters of a question's wording its column's name keeps."""

BOXES: dict[Code, str] = {1: "Selected", 0: "Not selected"}
"""The answers of a box of a multiple-response set whose file labels none."""

WORDS_OF: dict[Reason, str] = {
    "not asked": r"not asked|not applicable|inap\b|\bn/?a\b|filter|legitimate skip|not in split|routed",
    "refused": r"refus|prefer not|rather not|declin|do(?:es)? not wish|keine angabe",
    "don't know": r"don'?t know|do not know|doesn'?t know|\bdk\b|not sure|unsure|can'?t (?:say|choose)"
    r"|cannot say|no opinion|wei(?:ß|ss) nicht|ne sait pas|no sabe",
    "skipped": r"skip|missing|no answer|not answered|not stated|not ascertained|blank|non-?response",
}
"""Reason -> how sources word it, tried in this order."""


def guess_reason(words: str) -> Reason | None:
    """Guess from its words why an answer is not substantive; None if they say nothing.

    Examples
    --------
    >>> guess_reason("Prefer not to say"), guess_reason("Don't know"), guess_reason("Very much")
    ('refused', "don't know", None)
    """
    plain = words.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((reason for reason, pattern in WORDS_OF.items() if re.search(pattern, plain)), None)


def guess_variable(column: pd.Series, label: str) -> Variable:
    """Describe a column by its content: numbers, a closed question's answers, or open text.

    Parameters
    ----------
    column
        As read, before labelling.
    label
        The question as it was worded.

    Returns
    -------
    Variable
        Its `review` says what was guessed. The order of answers is alphabetical, as the file doesn't tell it.

    Examples
    --------
    >>> found = guess_variable(pd.Series(["Yes", "No", "No", "Don't know"], name="q1"), "Do you?")
    >>> found.kind, found.labels, found.missing_labels
    ('single', ('No', 'Yes'), ("Don't know",))
    """
    name = str(column.name)
    if _holds_numbers(column) and column.notna().any():
        return Variable(name, label, "numeric", review="the kind was guessed from the numbers")
    if pd.api.types.is_datetime64_any_dtype(column):
        return Variable(name, label, "date")
    values = column.dropna().unique()
    answers = sorted({str(value) for value in values[: MOST_ANSWERS + 1]})
    if not answers:
        return Variable(name, label, "text", review="the column is empty, so its kind is a guess")
    few = len(answers) <= MOST_ANSWERS and len(answers) < int(column.notna().sum())
    if not few or max(len(answer) for answer in answers) > LONGEST_ANSWER:
        return Variable(name, label, "text", review="the kind was guessed from the answers")
    reasons = {answer: guess_reason(answer) for answer in answers}
    missing = {answer: reason for answer, reason in reasons.items() if reason}
    return Variable(
        name,
        label,
        "single",
        codes={answer: answer for answer in answers if answer not in missing},
        missing=cast("dict[Code, Reason]", missing),
        missing_words={answer: answer for answer, reason in missing.items() if answer != reason.capitalize()},
        review="kind, answers, their order and which are missing were guessed from the answers given",
    )


def _holds_numbers(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def names_of(wordings: Iterable[str]) -> list[str]:
    """Make columns' names from the wording of questions, each unlike the others.

    Examples
    --------
    >>> names_of(["Do you trust  brands?", "Age", "age", "?!"])
    ['do_you_trust_brands', 'age', 'age_2', 'column']
    """
    taken: set[str] = set()
    names = []
    for wording in wordings:
        names.append(name_of(wording, taken))
        taken.add(names[-1])
    return names


def name_of(wording: str, taken: Container[str] = ()) -> str:
    """Make a column's name from a question's wording, unlike those that are taken.

    Examples
    --------
    >>> name_of("In the past 12 months, in which of these ways did brands write to you?")
    'in_the_past_12_months_in_which_of_these'
    """
    words = re.sub(r"\W+", "_", wording.casefold()).strip("_")
    short = words[:LONGEST_NAME]
    if len(words) > LONGEST_NAME and words[LONGEST_NAME] != "_":
        short = short.rpartition("_")[0] or short
    stem = short.strip("_") or "column"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name
