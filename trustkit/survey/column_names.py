"""Names of columns: made from wordings, each unlike the others, and compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

LONGEST_NAME = 40
"""How many characters of a question's wording its column's name keeps."""


def caseless(text: str) -> str:
    """Return a text without capitals and with single blanks, as names and labels are compared.

    Examples
    --------
    >>> caseless(" Don't  KNOW") == caseless("don't know")
    True
    """
    return " ".join(text.casefold().split())


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
    """Make a column's name from a question's wording, different from the names that exist.

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
