"""Answers that deny another one: "Don't know" beside "Know" is an answer, and alone it is none."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from trustkit.drafting.missing_words import (
    BETWEEN,
    NEGATIONS,
    NEGATIVE_BEGINNINGS,
    NEGATIVE_SIGNS,
    OPPOSITES,
    RULING_OUT,
    compared,
    reason_in,
)
from trustkit.drafting.scale_words import BANDS, yes_and_no
from trustkit.drafting.scales import scale_of
from trustkit.drafting.wordings import PAIRS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

LONGEST_NEGATION = 2
"""How many words, or characters of a script without blanks, make an answer the opposite of another."""

LONGEST_DENIAL = 6
"""How many words an answer has at most that may mean that there is none, whatever its words."""

MOST_BESIDE = 100
"""How many answers a question has at most that may be yes and no or the steps of a scale, and some beside."""

SHORTEST_AFFIRMED = 2
"""How many characters are left of an answer without its negation, at least, to be looked for in others."""

SHORTEST_VARIED = 5
"""How many characters a word has at least whose last letter may be another, as in "apply" and "applies"."""


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
    if removed <= 0 or NEGATIONS.issuperset(rest):  # "No" says nothing that "No response" could deny
        return False
    following = iter(words)
    if all(word in following for word in rest):
        gone = Counter(words) - Counter(rest)
        if gone and gone.keys() <= NEGATIONS | BETWEEN:
            return True
        if 0 < gone.total() <= LONGEST_NEGATION and removed < len(shorter):
            return True
    if shorter.isascii() or shorter not in joined:
        return False
    return joined.replace(shorter, "", 1) in NEGATIVE_SIGNS or removed <= min(
        LONGEST_NEGATION, len(shorter) - 1
    )


def affirmed_in(label: str, labels: Iterable[str]) -> str:
    """Return an answer that holds what another one denies, such as "Know well" beside "Don't know"; or "".

    Examples
    --------
    >>> affirmed_in("I don't know", ["I know a lot", "I know a little", "I don't know"])
    'I know a lot'
    >>> affirmed_in("Does not apply", ["Applies fully", "Does not apply"])
    'Applies fully'
    """
    said = compared(label)
    is_denied = any(word in NEGATIONS for word in said.split())
    rest = " ".join(word for word in said.split() if word not in NEGATIONS | BETWEEN) if is_denied else said
    if rest == said and not said.isascii():
        rest = next((said.replace(sign, "", 1) for sign in NEGATIVE_SIGNS if sign in said), said)
    if rest == said or len(rest) < SHORTEST_AFFIRMED:
        return ""
    for other in labels:
        words = compared(other)
        denied = any(word in NEGATIONS for word in words.split())
        if other == label or reason_in(other)[0] or denied:
            continue
        if _holds(words, rest) or (rest >= "\u2e80" and rest in words):
            return other
    return ""


def denies_all(label: str, labels: Collection[str]) -> bool:
    """Return whether an answer of unknown words denies something that no other answer of its question says.

    Beside yes and no, it begins with this very "no", as in "Nu răspund"; in English, no verb is denied so.
    Beside the steps of a scale it holds any negation.

    Examples
    --------
    >>> denies_all("Nem mondom meg", ["Igen", "Nem"])
    True
    >>> denies_all("Not my business", ["Agree", "Neutral", "Disagree"])
    True
    >>> denies_all("Nem, soha", ["Igen", "Nem"]), denies_all("Not yet", ["Yes", "No"])
    (False, False)
    """
    first, *rest = compared(label).split() or [""]
    if not 0 < len(rest) < LONGEST_DENIAL or NEGATIONS.isdisjoint([first, *rest]):
        return False
    if len(labels) > MOST_BESIDE or RULING_OUT.match(compared(label)):
        return False
    others = [other for other in labels if other != label and not reason_in(other)[0]]
    said = {compared(other) for other in others}
    if any(no == first and {yes, no} <= said for yes, no in yes_and_no() if (yes, no) not in PAIRS):
        return first in NEGATIONS and not re.match(
            rf"\W*{re.escape(first)}\W*[,;:.\u2013-]", label.casefold()
        )
    if has_opposite(label, others) or affirmed_in(label, others):
        return False
    scale = scale_of(others)
    return scale is not None and scale.name != BANDS and scale_of([*others, label]) is None


def _holds(words: str, rest: str) -> bool:
    """Return whether words hold others in their order, also in another form: "applies fully" and "apply"."""
    following = iter(words.split())
    return all(any(_is_form(word, part) for word in following) for part in rest.split())


def _is_form(word: str, part: str) -> bool:
    """Return whether a word is another one, or begins as it does but for its last letter."""
    return word == part or (len(part) >= SHORTEST_VARIED and word.startswith(part[:-1]))
