"""What stands above columns, beside rows and in notes of tables and charts: in words, told apart, short."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

WORDS = {
    "se": "standard error", "n_eff": "effective n", "p_value": "p", "ci_low": "interval from",
    "ci_high": "interval to",
}  # fmt: skip
"""Columns of results whose names are no words -> how tables name them."""

QUESTION_SIGNS = "?\u037e\u061f\uff1f"
"""What ends a question: in Latin, Greek, Arabic, and Chinese and Japanese script."""

SENTENCE_ENDS = (*QUESTION_SIGNS, ".", "!", ":", "\u3002")
"""What ends the wording of a question or of a statement that respondents judge; names of columns lack it."""


def shown_name(column: str) -> str:
    """Return the name of a column of results in words, as it stands above a table.

    Examples
    --------
    >>> shown_name("se"), shown_name("rate_percent"), shown_name("p_adjusted")
    ('standard error', 'rate percent', 'p adjusted')
    """
    return WORDS.get(column, column.replace("_", " ").strip() or column)


def told_apart(headings: Sequence[str], taken: Sequence[str] = ()) -> list[str]:
    """Return headings of which no two are the same, and none is taken; those that were have words added.

    Examples
    --------
    >>> told_apart(["Trust?", "n", "Trust?"], taken=["n"])
    ['Trust?', 'n, group', 'Trust?, group']
    """
    used = set(taken)
    unique = []
    for heading in headings:
        name, number = heading, 1
        while name in used:
            name = f"{heading}, group" if number == 1 else f"{heading}, group {number}"
            number += 1
        used.add(name)
        unique.append(name)
    return unique


def shortened(labels: Sequence[str]) -> tuple[list[str], str]:
    """Drop the words with which all labels begin and end; return the labels and the words they share.

    Examples
    --------
    >>> shortened(["How far do you trust banks?", "How far do you trust shops?"])
    (['banks', 'shops'], 'How far do you trust ...?')
    >>> shortened(["How far do you agree? I worry.", "How far do you agree? I do not."])
    (['I worry.', 'I do not.'], 'How far do you agree?')
    >>> shortened(["Whom do you trust? Banks", "Whom do you trust? Shops"])
    (['Banks', 'Shops'], 'Whom do you trust?')
    """
    least = 2
    words = [label.removesuffix("?").split() for label in labels]
    end = "?" if all(label.endswith("?") for label in labels) else ""
    start = _alike(words)
    stop = _alike([part[start:][::-1] for part in words])
    whole = 0 if end or stop else _whole_sentences(words[0][:start])
    start = whole or start
    if len(labels) == 1 or start + stop < least or any(len(part) == start + stop for part in words):
        return list(labels), ""
    short = [" ".join(part[start : len(part) - stop]).rstrip(",") for part in words]
    stem = words[0][:start]
    if whole:
        return short, " ".join(stem).rstrip(":")
    return short, " ".join([*stem, "...", *words[0][len(words[0]) - stop :]]) + end


def _whole_sentences(words: Sequence[str]) -> int:
    """Return how many words the whole sentences have with which a text begins; 0 if it begins with none."""
    if words and words[-1].endswith(SENTENCE_ENDS):
        return len(words)
    return max((count for count, word in enumerate(words, 1) if word.endswith(("?", "!", ":"))), default=0)


def about(words: str) -> str:
    """Return how a note names what was asked; a score or another column that nobody was asked has no wording.

    Examples
    --------
    >>> about("Do you trust brands?"), about("Trust, from 0 to 100"), about("")
    ('Wording: "Do you trust brands?"', 'Variable: "Trust, from 0 to 100".', '')
    """
    if not words:
        return ""
    asked = words.endswith(SENTENCE_ENDS) or any(sign in words for sign in QUESTION_SIGNS)
    ends = "" if words.endswith(SENTENCE_ENDS) else "."
    return f'{"Wording" if asked else "Variable"}: "{words}"{ends}'


def range_of_n(n: Sequence[int] | NDArray[np.integer[Any]]) -> str:
    """Return the size of a base, or its range over several.

    Examples
    --------
    >>> range_of_n([1200]), range_of_n([1200, 900])
    ('n = 1,200', 'n = 900 to 1,200')
    """
    return f"n = {min(n):,}" if min(n) == max(n) else f"n = {min(n):,} to {max(n):,}"


def _alike(words: Sequence[Sequence[str]]) -> int:
    """Count the words with which all texts begin."""
    return sum(1 for _ in takewhile(lambda place: len(set(place)) == 1, zip(*words, strict=False)))
