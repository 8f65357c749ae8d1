"""What stands in a published table in place of numbers that are not published."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.display import HIGHER, LETTERED, LOWER
from trustkit.estimation.results import ONE_RESPONDENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.counted import Counted, Place

CONFIDENTIAL = "[c]"

MARKS = {
    CONFIDENTIAL: "confidential: not shown, so that nobody can be recognised",
    "[u]": "low reliability",
    "[z]": "not applicable",
    "[x]": "not available",
    "[low]": "rounds to zero and is not zero",
}
"""The marks of the UK Government Analysis Function, and what each means."""

LEFT_OUT = re.compile(r"\b(?:1 respondent has|[2-9] respondents have) (no answer to .+?) and (?:is|are) in\b")
"""How a note gives the number of respondents who are in no group, if they are few."""

ALONE = re.compile(
    r" ?(?:Not known for|No test of) (?:(?!Not known for |No test of ).)+?: "
    + re.escape(f"{ONE_RESPONDENT}.")
)
"""How a note names a group that has one respondent."""

FEW_DF = re.compile(r" ?One of the groups has very few degrees of freedom \(.+? is on the safe side\.")
"""How a note gives the size of a small group, as its degrees of freedom."""

NUMBERED = re.compile(r"(?:[^.]|\.(?! |$))*\d(?:[^.]|\.(?! |$))*(?:\.(?= |$)|$)")
"""A sentence with a number in it."""

PEOPLE = (
    "respondent|participant|person|people|women|woman|men|man|customer|client|patient|employee|student|user"
    "|panel member|panellist|device|visit"
)
"""What the members of a sample are called."""

FEW_PEOPLE = re.compile(
    rf"(?<![\d.,%-])\b[1-9](?= (?:other )?(?:{PEOPLE})s?\b| only in | of [\d,]+ (?:{PEOPLE})s?\b)"
)
"""How a text gives a number of few respondents."""

COUNTED_PEOPLE = re.compile(
    rf"(?:[^.]|\.(?! |$))*\b\d[\d,]* (?:{PEOPLE})s?\b(?:[^.]|\.(?! |$))*(?:\.(?= |$)|$)"
)
"""A sentence that gives a number of respondents."""

BY_REASON = re.compile(r"answers by reason: |record is not given: ", re.IGNORECASE)
ALONE_DIGIT = re.compile(r"(?<![\d.,\w])[1-9](?![\d.,]\d|\d)")
"""How the rule of a step counts answers by their reasons, and a number of few of them."""

WHOLE_NUMBER = re.compile(r"(?<![\d.,])\d[\d,]*(?![.\d])")
"""A whole number in a text."""

SIZE = re.compile(r"[;,]? ?\bn = [\d,]+(?: to [\d,]+)?")
"""How a note gives the size of the base."""

WITHHELD = (
    "This chart is withheld, because some of its numbers are confidential. The table has its other numbers."
)
"""What stands in place of a chart with a hidden number."""


@dataclass(frozen=True)
class HiddenNumbers:
    """Which numbers of a table are hidden.

    Attributes
    ----------
    numbers, bases
        For each printed number, in the order of `Counted.shown`: whether it, and its base, is hidden.
    """

    numbers: tuple[bool, ...]
    bases: tuple[bool, ...]


def hidden_places(
    printed: Sequence[Counted], hidden: Sequence[HiddenNumbers]
) -> tuple[set[Place], dict[int, set[str]]]:
    """Return the places of hidden numbers in a table, and for each row the letters of hidden columns."""
    places: set[Place] = set()
    letters: dict[int, set[str]] = {}
    for table, marks in zip(printed, hidden, strict=True):
        for one, number, base in zip(table.shown, marks.numbers, marks.bases, strict=True):
            places.update(one.cells if number else ())
            places.update(one.base_cells if base else ())
            for row, _ in one.cells if number and one.letter else ():
                letters.setdefault(row, set()).add(one.letter)
    return places, letters


def base_places(printed: Sequence[Counted]) -> set[Place]:
    """Return the places of the numbers of respondents in a table."""
    return {place for table in printed for one in table.shown for place in one.base_cells}


def without_hidden(text: str, place: Place, places: set[Place], letters: Mapping[int, set[str]]) -> str:
    """Return what a published table has in a cell.

    Examples
    --------
    >>> without_hidden("40.0% A B", (0, 2), {(0, 1)}, {0: {"A"}})
    '40.0% B'
    >>> without_hidden("3.0%", (0, 1), {(0, 1)}, {0: {"A"}})
    '[c]'
    >>> without_hidden("1 a day", (0, 0), {(0, 1)}, {0: {"A"}})
    '1 a day'
    >>> without_hidden("40.0% \N{UPWARDS ARROW}", (0, 2), {(0, 1)}, {0: {"A"}})
    '40.0%'
    """
    if place in places:
        return CONFIDENTIAL
    gone = letters.get(place[0], set())
    if gone and place[1] and LETTERED.fullmatch(text):  # the first column names the row
        number, *others = text.split()
        # an arrow compares with everybody else, so it depends on each hidden number of the row
        arrows = {HIGHER, LOWER, f"({HIGHER})", f"({LOWER})"}
        return " ".join([number, *(letter for letter in others if letter.upper() not in gone | arrows)])
    return text


def published_note(note: str, *, sizes: bool) -> str:
    """Return a note without the numbers of few respondents, and without the sizes of bases if asked for.

    A sentence that names a group of one respondent is left out; the note may then be empty.

    Examples
    --------
    >>> published_note("3 respondents have no answer to sex and are in no group.", sizes=True)
    'Some respondents have no answer to sex and are in no group.'
    >>> published_note("Base: substantive answers; n = 6 to 40. Synthetic data.", sizes=False)
    'Base: substantive answers. Synthetic data.'
    >>> published_note(f"Base: answers with a number. Not known for Other: {ONE_RESPONDENT}.", sizes=True)
    'Base: answers with a number.'
    """
    told = ALONE.sub("", LEFT_OUT.sub(r"Some respondents have \1 and are in", note))
    told = FEW_PEOPLE.sub(CONFIDENTIAL, told)
    return told if sizes else COUNTED_PEOPLE.sub("", FEW_DF.sub("", SIZE.sub("", told))).strip()


def without_few_answers(text: str) -> str:
    """Return the rule of a step without the numbers of few answers that it counts by their reasons.

    Examples
    --------
    >>> without_few_answers("answers by reason: don't know 4,188, refused 3")
    "answers by reason: don't know 4,188, refused [c]"
    >>> without_few_answers("seconds below 9 (0.33 of the median)")
    'seconds below 9 (0.33 of the median)'
    """
    return ALONE_DIGIT.sub(CONFIDENTIAL, text) if BY_REASON.search(text) else text


def without_numbers(note: str) -> str:
    """Return a note without the sentences that have a number in them.

    Examples
    --------
    >>> without_numbers("All sources: 40.2% (38.0% to 42.1%). Synthetic data.")
    'Synthetic data.'
    """
    return NUMBERED.sub("", note).strip()


def rounded_size(text: str, unit: int) -> str:
    """Return a number of respondents as a multiple of a unit.

    Examples
    --------
    >>> rounded_size("1,234", 10), rounded_size("n = 96 to 105", 10), rounded_size("[c]", 10)
    ('1,230', 'n = 100 to 110', '[c]')
    """
    return WHOLE_NUMBER.sub(lambda found: f"{nearest(int(found[0].replace(',', '')), unit):,}", text)


def nearest(number: int, unit: int) -> int:
    """Return the multiple of a unit that is nearest to a number of respondents.

    Examples
    --------
    >>> nearest(94, 10), nearest(95, 10)
    (90, 100)
    """
    return (number + unit // 2) // unit * unit


def legend(texts: Sequence[str]) -> list[str]:
    """Return the note that explains the marks in some cells, if there is one.

    Examples
    --------
    >>> legend(["40.0%", "[c]"])
    ['Marks: [c] confidential: not shown, so that nobody can be recognised.']
    """
    found = [f"{mark} {meaning}" for mark, meaning in MARKS.items() if any(mark in text for text in texts)]
    return [f"Marks: {'; '.join(found)}."] if found else []
