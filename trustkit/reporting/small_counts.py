"""Counts of few respondents that are not marked: in the ledgers of a site, and in its printed tables.

A cell of 1 to 9 respondents, or one that all but 1 to 9 of its base are in, may tell who they are. In a
published ledger such a cell is null, and in a table it has a mark.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from trustkit.counted import COUNT_HEADS, PUBLISHED_COUNTS, counted_from_json
from trustkit.errors import ReportError
from trustkit.survey.protection import PROTECTION
from trustkit.tables.marks import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trustkit.counted import Counted
    from trustkit.reporting.printed_rows import Row

SMALL = "a count of fewer than {} respondents that is not marked"
DIFFERENT = "a count that differs by fewer than {} respondents from the site published before"
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


def site_differences(old: Path, new: Path, fewest: int = PROTECTION.threshold) -> list[tuple[str, str]]:
    """Return the counts that differ by 1 to 9 respondents between two versions of a site: place, and what.

    Whoever has both versions learns what the few respondents answered who are counted in one of them only.

    Parameters
    ----------
    old, new
        The folders of the sites, each with its ledger of published counts.
    fewest
        The smallest difference that is published.

    Raises
    ------
    ReportError
        If a site has no ledger, or one that cannot be read.
    """
    before, now = _published_counts(old), _published_counts(new)
    found: dict[tuple[str, str], None] = {}
    for place, count in now.items():
        if place in before and is_small(abs(count - before[place]), fewest):
            found[place, DIFFERENT.format(fewest)] = None
    return list(found)


def _published_counts(site: Path) -> dict[str, int]:
    """Return the counts of a site's ledger, each under the words that say whose it is."""
    path = site / PUBLISHED_COUNTS
    if not path.is_file():
        raise ReportError(
            "the site has no ledger of its counts, so that it cannot be compared",
            where=path.as_posix(),
            do="make the site again with this version of trustkit: trustkit report",
        )
    try:
        ledger = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as fault:
        raise ReportError(
            "the ledger of a site is not JSON",
            where=path.as_posix(),
            do="make the site again: trustkit report",
        ) from fault
    counts: dict[str, int] = {}
    for table in _ledger_tables(ledger):
        for group, levels in enumerate(table.groups):
            place = group_place(table, levels)
            known = {f"base of {place}": int(table.bases[group])}
            answers = zip(table.answers, table.counts[group], strict=True)
            known |= {f"{answer!r} of {place}": int(count) for answer, count in answers}
            counts.update({words: count for words, count in known.items() if count >= 0})
    return counts
