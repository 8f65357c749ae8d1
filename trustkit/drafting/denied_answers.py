"""Answers that deny another one: "Don't know" beside "Know" is an answer, and alone it is none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trustkit.drafting.missing_words import (
    NEGATIONS,
    NEGATIVE_BEGINNINGS,
    NEGATIVE_SIGNS,
    OPPOSITES,
    compared,
    reason_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NEGATION = 2
"""How many words, or characters of a script without blanks, make an answer the opposite of another."""

SHORTEST_AFFIRMED = 2
"""How many characters are left of an answer without its negation, at least, to be looked for in others."""


def has_opposite(label: str, labels: Iterable[str]) -> bool:
    """Return whether another answer says the same without a negation.

    Beside "trifft zu", "trifft nicht zu" is the other end of a scale, and beside "Know", "Don't know" is an
    answer. Alone they say that nothing was asked, or that there is no answer.

    Examples
    --------
    >>> has_opposite("trifft nicht zu", ["2", "trifft zu"]), has_opposite("不适用", ["适用"])
    (True, True)
    >>> has_opposite("Don't know", ["Know", "Not sure"]), has_opposite("No aplica", ["Sí", "No"])
    (True, False)
    """
    said = compared(label)
    others = [compared(other) for other in labels if other != label and not reason_in(other)[0]]
    return any(_denies(said, other) for other in others if other)


def _denies(said: str, other: str) -> bool:
    """Return whether words say the opposite of others: by a negation, its beginning or another form."""
    words, rest = said.split(), other.split()
    joined, shorter = "".join(words), "".join(rest)
    removed = len(joined) - len(shorter)
    if (said, other) in OPPOSITES or any(said == f"{begin}{other}" for begin in NEGATIVE_BEGINNINGS):
        return True
    if removed <= 0:
        return False
    following = iter(words)
    if all(word in following for word in rest):
        gone = Counter(words) - Counter(rest)
        if gone and gone.keys() <= NEGATIONS:
            return True
        if 0 < gone.total() <= LONGEST_NEGATION and removed < len(shorter):
            return True
    if shorter.isascii() or shorter not in joined:
        return False
    return joined.replace(shorter, "", 1) in NEGATIVE_SIGNS or removed <= min(
        LONGEST_NEGATION, len(shorter) - 1
    )


def affirmed_in(label: str, labels: Iterable[str]) -> str:
    """Return an answer that holds what another one denies, such as "Know well" beside "Don't know"; or ""."""
    said = compared(label)
    rest = " ".join(word for word in said.split() if word not in NEGATIONS)
    if rest == said and not said.isascii():
        rest = next((said.replace(sign, "", 1) for sign in NEGATIVE_SIGNS if sign in said), said)
    if rest == said or len(rest) < SHORTEST_AFFIRMED:
        return ""
    for other in labels:
        words = compared(other)
        denied = any(word in NEGATIONS for word in words.split())
        if other == label or reason_in(other)[0] or denied:
            continue
        if f" {rest} " in f" {words} " or (rest >= "\u2e80" and rest in words):
            return other
    return ""
