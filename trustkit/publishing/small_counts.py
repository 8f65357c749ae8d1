"""Counts of few respondents that are not marked: in the ledgers of a site, and in its printed tables.

A cell of 1 to 9 respondents, or one that all but 1 to 9 of its base are in, may tell who they are. In a
published ledger such a cell is null, and in a table it has a mark.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from trustkit.counted import COUNT_HEADS
from trustkit.errors import ReportError
from trustkit.ledger import counted_from_json
from trustkit.survey.protection import PROTECTION
from trustkit.tables.marks import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustkit.counted import Counted
    from trustkit.publishing.printed_rows import Row

SMALL = "a count of fewer than {} respondents that is not marked"
SAID = "a sentence with a number of fewer than {} respondents"
UNREADABLE = "counts that cannot be read"

COUNT = re.compile(r"[1-9]\d*(?:\.0+)?")
"""A printed count without thousands."""

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
"""Numbers as sentences write them."""

SENTENCE = re.compile(
    rf"(?<![\w.,:%/+-])(?P<count>[1-9]\d?|{'|'.join(WORDS)})"
    rf"(?: (?:of|in) (?:the |our |all )?[\d,]+| (?:of (?:the|our|all)|out of [\d,]+))?"
    rf"(?: (?!respondents?\b)[a-z]+)?? (?:{PEOPLE})s?"
    rf" (?:(?:who|that|also|only|each|both|had|have|has|were|was|are) )?"
    r"(?:said|says?|told|answered|answers?|gave|gives?|named|wrote|chose|chooses?|agreed?|agrees|refused"
    r"|reported|ticked|mentioned|trusts?|trusted|distrusts?|do not|don.t|did not|didn.t|had|have|has|were"
    r"|was|are|is)\b",
    re.IGNORECASE,
)
"""How a sentence tells what few respondents answered."""

COUNT_OR_MARK = re.compile(r"\d[\d,]*(?:\.0+)?|\[\w\]")
"""A cell of a row of counts."""


def is_small(count: int, fewest: int = PROTECTION.threshold) -> bool:
    """Return whether a count of respondents is too small to be published: 1 to 9 by default.

    Examples
    --------
    >>> [is_small(count) for count in (-1, 0, 1, 9, 10)]
    [False, False, True, True, False]
    """
    return 0 < count < fewest


def small_ledger_counts(ledger: str, fewest: int = PROTECTION.threshold) -> Iterator[tuple[str, str]]:
    """Iterate over the counts of a ledger that are too small: where each stands, and what it is.

    Parameters
    ----------
    ledger
        The ledger, as JSON.
    fewest
        The smallest count that is published.
    """
    try:
        tables = _ledger_tables(json.loads(ledger))
    except (ReportError, ValueError):
        yield "", UNREADABLE
        return
    for table in tables:
        for group, levels in enumerate(table.groups):
            base = int(table.bases[group])
            place = group_place(table, levels)
            if is_small(base, fewest):
                yield f"base of {place}", SMALL.format(fewest)
            for answer, count in zip(table.answers, table.counts[group], strict=True):
                is_rest_small = count >= 0 and base >= 0 and is_small(base - int(count), fewest)
                if is_small(int(count), fewest) or is_rest_small:
                    yield f"{answer!r} of {place}", SMALL.format(fewest)
            for one in table.shown:
                if one.group == group and len(one.answers) > 1 and one.count >= 0:
                    is_rest_small = base >= 0 and is_small(base - one.count, fewest)
                    if is_small(one.count, fewest) or is_rest_small:
                        yield f"{one.level!r} of {place}", SMALL.format(fewest)


def _ledger_tables(ledger: object) -> list[Counted]:
    """Return the tables of a ledger: of a result, or of all pages of a site."""
    pages = ledger.get("pages") if isinstance(ledger, dict) else None
    if not isinstance(ledger, dict) or not isinstance(pages, dict):
        return counted_from_json(ledger)
    tables = [table for page in pages.values() for table in page]
    return counted_from_json({"version": ledger.get("version"), "tables": tables})


def group_place(table: Counted, levels: Sequence[str]) -> str:
    """Return in words which group of a ledger's table is meant."""
    groups = ", ".join(f"{name} {level}" for name, level in zip(table.by, levels, strict=False))
    where = "; ".join(f"{name} is {' or '.join(answers)}" for name, answers in table.where or ())
    return ", ".join(filter(None, (table.variable, groups, f"where {where}" if where else "")))


def small_printed_counts(
    tables: Sequence[Sequence[Row]], fewest: int = PROTECTION.threshold
) -> Iterator[tuple[str, str]]:
    """Iterate over the counts of printed tables that are too small: the row's first cell, and what it is.

    Examples
    --------
    >>> list(small_printed_counts([[(("sex", "share", "n"), ("Other", "40.0%", "7"))]]))
    [("row 'Other', column n", 'a count of fewer than 10 respondents that is not marked')]
    """
    seen: set[str] = set()
    for table in tables:
        for place in _small_cells(table, fewest):
            if place not in seen:
                seen.add(place)
                yield place, SMALL.format(fewest)


def _small_cells(table: Sequence[Row], fewest: int) -> Iterator[str]:
    """Iterate over the places of a table's small counts.

    The line that names the columns need not be the first: in a banner and in a sheet others stand above it.
    Counts may also stand in a row of their own, which begins with "n".
    """
    below: dict[int, str] = {}
    for names, cells in table:
        words = [cell.strip() for cell in cells]
        first = next((at for at, word in enumerate(words) if word), 0)
        rest = [word for word in words[first + 1 :] if word]
        is_base = (
            bool(rest) and words[first].casefold() in COUNT_HEADS and all(map(COUNT_OR_MARK.fullmatch, rest))
        )
        for at, word in enumerate(words):
            name = names[at].strip() if at < len(names) else ""
            if COUNT.fullmatch(word) and is_small(int(float(word)), fewest):
                if name.casefold() in COUNT_HEADS:
                    yield _cell_place(cells, name)
                elif at in below:
                    yield _cell_place(cells, below[at])
                elif is_base and at > first:
                    yield _cell_place(cells, name or str(at + 1))
            elif word.casefold() in COUNT_HEADS and not is_base:
                below[at] = word


def _cell_place(cells: Sequence[str], name: str) -> str:
    return f"row {cells[0][:30]!r}, column {name}"


def small_counts_in_sentences(
    text: str, fewest: int = PROTECTION.threshold
) -> Iterator[tuple[int, str, str]]:
    """Iterate over the numbers of few respondents in a text: where each begins, what it is, and its words.

    Examples
    --------
    >>> text = "Only 3 respondents said so, and 30 women did not."
    >>> [words for _, _, words in small_counts_in_sentences(text)]
    ['3 respondents said']
    """
    for found in SENTENCE.finditer(text):
        count = found["count"].casefold()
        number = int(count) if count.isdecimal() else WORDS.index(count) + 1
        if is_small(number, fewest):
            yield found.start(), SAID.format(fewest), found[0]
