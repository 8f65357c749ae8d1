"""Cells that join several answers to one question: which sign joins them, and which answers there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from trustkit.drafting.missing_words import RULING_OUT, reason_in
from trustkit.drafting.wordings import plain_words

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping, Sequence

JOINTS = (";", "\n", "|", ",", " ")
"""What exports put between the answers of one cell, the least mistakable first."""

PLAIN_JOINTS = (";", "\n", "|")
"""Joints that answers hardly ever hold themselves."""

MOST_OPTIONS = 80
"""How many answers a question may have."""

LONGEST_OPTION = 120
"""Characters of the longest answer."""

FEWEST_TIMES = 2
"""How often an answer has to be given before it counts as one of the question's."""

LEAST_KNOWN = 0.8
"""The least share of all parts that are such answers; the rest may be typed."""

ALONE = 5
"""How often an answer has to be given, always alone, before it is taken to rule out the others."""


@dataclass(frozen=True)
class Joined:
    """How a column's cells join answers.

    Attributes
    ----------
    joint
        The sign between answers.
    options
        The answers, in the order in which they are first met.
    exclusive
        Those never given with another, by their words or by how often.
    unsure
        Why the cells may be read another way; "" if they hardly can.
    """

    joint: str
    options: tuple[str, ...]
    exclusive: tuple[str, ...]
    unsure: str


def find_joined(cells: Mapping[str, int], joints: Sequence[str] = JOINTS) -> Joined | None:
    """Find out whether cells join the answers of a question with several answers.

    Answers come back in different company: the words between the commas of open answers do not, and the parts
    of one answer that holds a comma always stand together.

    Parameters
    ----------
    cells
        A column's different cells -> how many rows hold each.
    joints
        The signs to try, in this order.

    Returns
    -------
    Joined or None
        None if the cells hold one answer each.

    Examples
    --------
    >>> find_joined({"Email;Post": 5, "Email": 4, "Post": 3, "None of these": 6}).options
    ('Email', 'Post', 'None of these')
    >>> find_joined({"Better, faster service": 9, "Price": 8, "Price, Better, faster service": 2}).options
    ('Better, faster service', 'Price')
    >>> find_joined({"Paris, France": 9, "Lyon, France": 8, "Rome, Italy": 7}) is None
    True
    """
    for joint in joints:
        found = _joined_by(cells, joint)
        if found:
            return found
    return None


def _joined_by(cells: Mapping[str, int], joint: str) -> Joined | None:
    if not any(joint in cell.strip(joint + " ") for cell in cells):
        return None
    lists, merged = _merged({cell: _pieces(cell, joint) for cell in cells}, joint)
    sizes = {len(parts) for parts in lists.values() if parts}
    one_size = len(sizes) == 1 and len(lists) > 1
    if (
        max(sizes, default=0) <= 1
        or one_size
        or any(len(set(parts)) < len(parts) for parts in lists.values())
    ):
        return None
    times: Counter[str] = Counter()
    company: dict[str, set[tuple[str, ...]]] = {}
    for cell, parts in lists.items():
        for part in parts:
            times[part] += cells[cell]
            company.setdefault(part, set()).add(tuple(other for other in parts if other != part))
    options = [part for part in times if times[part] >= FEWEST_TIMES]
    if not _are_options(options, times, company, sum(cells.values())):
        return None
    alone = {part for part in options if () in company[part]}
    if joint == " " and (alone != set(options) or any(reason_in(cell)[0] for cell in cells)):
        return None
    exclusive = tuple(
        part for part in options if company[part] == {()} and (_rules_out(part) or times[part] >= ALONE)
    )
    return Joined(joint, tuple(options), exclusive, _doubt(joint, merged, options, times))


def _are_options(
    options: Sequence[str], times: Counter[str], company: Mapping[str, set[tuple[str, ...]]], rows: int
) -> bool:
    """Return whether parts of cells are answers of a list: few, given often, and in different company."""
    together = [part for part in options if any(company[part])]
    mixed = [part for part in together if len(company[part]) > 1]
    return (
        1 < len(options) <= MOST_OPTIONS
        and len(options) < rows
        and max(map(len, options)) <= LONGEST_OPTION
        and sum(times[part] for part in options) >= LEAST_KNOWN * times.total()
        and len(together) > 1
        and len(mixed) >= max(2, len(together) / 2)
    )


def _pieces(cell: str, joint: str) -> list[str]:
    return [piece for piece in (" ".join(part.split()) for part in cell.split(joint)) if piece]


def _merged(lists: Mapping[str, list[str]], joint: str) -> tuple[dict[str, list[str]], list[str]]:
    """Join again what always stands together in one order: the parts of one answer that holds the joint."""
    lists = dict(lists)
    merged: list[str] = []
    glue = joint if joint in ("\n", " ") else f"{joint} "
    while True:
        single = Counter(part for parts in lists.values() for part in parts)
        pairs = Counter(pair for parts in lists.values() for pair in pairwise(parts))
        always = next(
            (pair for pair, count in pairs.items() if count == single[pair[0]] == single[pair[1]]), None
        )
        if always is None or joint == " ":
            return lists, merged
        text = glue.join(always)
        merged.append(text)
        lists = {cell: _rejoined(parts, always, text) for cell, parts in lists.items()}


def _rejoined(parts: list[str], pair: tuple[str, str], text: str) -> list[str]:
    at = next((k for k in range(len(parts) - 1) if (parts[k], parts[k + 1]) == pair), None)
    return parts if at is None else [*parts[:at], text, *parts[at + 2 :]]


def _rules_out(part: str) -> bool:
    words: re.Match[str] | None = RULING_OUT.search(plain_words(part))
    return bool(words) or reason_in(part)[0] is not None


def _doubt(joint: str, merged: Sequence[str], options: Sequence[str], times: Counter[str]) -> str:
    """Return why the cells may be read in another way."""
    kept = [text for text in merged if text in options]
    if kept:
        return f"{kept[0]!r} holds the sign {joint!r} itself, or is two answers that always stand together"
    if joint == " ":
        return "the words of a cell may be one answer"
    typed = [part for part in times if part not in options]
    if joint not in PLAIN_JOINTS and typed:
        return f"{typed[0]!r} was given once: an answer, part of one, or typed"
    return ""
