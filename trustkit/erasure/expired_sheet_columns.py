"""A workbook without some columns of its data: the columns to the right move to the left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.erasure.erased_sheet_rows import CELL, FILTER, LINKS, LOST, ROW, Workbook

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

PLACE = re.compile(r'(<(?:\w+:)?c\b[^>]*?\sr=")([A-Z]+)(\d+")')
"""The place that a cell names."""

WIDTHS = re.compile(r"<(?:\w+:)?col\b[^>]*/>")
NO_WIDTHS = re.compile(r"<(?:\w+:)?cols>\s*</(?:\w+:)?cols>")
FIRST, LAST = re.compile(r'\bmin="(\d+)"'), re.compile(r'\bmax="(\d+)"')
"""The widths of columns, and from which column to which one is meant."""

EXTENT = re.compile(r'(<(?:\w+:)?dimension\b[^>]*?\sref=")([A-Z]+)(\d+)(?::([A-Z]+)(\d+))?(")')
"""From which cell to which a sheet goes."""

RULES = re.compile(
    r"<(?:\w+:)?(dataValidations|conditionalFormatting|ignoredErrors|protectedRanges|extLst)\b"
    r"(?:[^>]*/>|.*?</(?:\w+:)?\1>)",
    re.DOTALL,
)
"""What a sheet says of areas of cells, which move."""

LETTERS = 26


def write_sheet_without_columns(
    path: Path, target: Path, names: Collection[str], people: int, sheet: str
) -> tuple[str, ...]:
    """Write a workbook without some columns of its data.

    Parameters
    ----------
    path, target
        The workbook, and where the new one goes.
    names
        The columns that go, as a row above the answers names them.
    people
        How many rows the survey has.
    sheet
        The name of the data's sheet, or "".

    Returns
    -------
    tuple of str
        What the workbook lost besides.

    Raises
    ------
    DataError
        If no single sheet names the columns, the sheet has formulas, merged cells or comments, or the
        workbook has pivot tables or charts.
    """
    book = Workbook(path)
    found = []
    for part in book.wanted(sheet):
        filled = book.filled(part)
        for row in filled[: max(len(filled) - people, 0)]:
            places = [place for place, cell in _placed(row[0]) if book.value(cell) in names]
            if len(places) == len(names) == len({*map(book.value, CELL.findall(row[0]))} & {*names}):
                found.append((part, frozenset(places)))
    places_of = dict.fromkeys(found)
    book.refuse_unless_one(
        len(places_of), "no single row of a single sheet, above the answers, names the columns"
    )
    ((part, gone),) = places_of
    book.refuse_tied(part, "a column")
    xml = book.text(part)
    lost = [words for words, pattern in (*LOST.items(), (RULES_LOST, RULES)) if pattern.search(xml)]
    values = {book.value(cell) for row in ROW.findall(xml) for place, cell in _placed(row) if place in gone}
    moved = ROW.sub(
        lambda row: _without_cells(row[0], gone), RULES.sub("", FILTER.sub("", LINKS.sub("", xml)))
    )
    moved = NO_WIDTHS.sub("", WIDTHS.sub(lambda width: _width_moved(width[0], gone), moved))
    moved = EXTENT.sub(lambda extent: _extent_moved(extent, gone), moved)
    book.write(target, (part, moved), values - {""})
    return tuple(lost)


RULES_LOST = "rules of input and of formats for areas of cells"
"""What a sheet loses whose columns move, in words."""


def _placed(row: str) -> Iterator[tuple[int, str]]:
    """Iterate over the cells of a row with the number of their column, from 1."""
    place = 0
    for cell in CELL.findall(row):
        named = PLACE.match(cell)
        place = _number(named[2]) if named else place + 1
        yield place, cell


def _without_cells(row: str, gone: Collection[int]) -> str:
    """Return a row's XML without the cells of some columns, the others moved to the left."""
    placed = iter(list(_placed(row)))

    def moved(cell: re.Match[str]) -> str:
        place, _ = next(placed)
        if place in gone:
            return ""
        to = _letters(_left(place, gone))
        return PLACE.sub(lambda named: f"{named[1]}{to}{named[3]}", cell[0])

    return CELL.sub(moved, row)


def _left(place: int, gone: Collection[int]) -> int:
    """Return where a column stands after some to its left have gone."""
    return place - sum(one < place for one in gone)


def _width_moved(width: str, gone: Collection[int]) -> str:
    """Return the width of some columns for those of them that stay; "" if none does."""
    first, last = FIRST.search(width), LAST.search(width)
    if first is None or last is None:
        return ""
    start, end = _left(int(first[1]), gone), _left(int(last[1]) + 1, gone) - 1
    if end < start:
        return ""
    return LAST.sub(f'max="{end}"', FIRST.sub(f'min="{start}"', width))


def _extent_moved(extent: re.Match[str], gone: Collection[int]) -> str:
    """Return from which cell to which a sheet goes without some columns."""
    start, first, top, end, bottom, quote = extent.groups()
    area = _letters(_left(_number(first), gone)) + top
    if end:
        area += f":{_letters(max(_left(_number(end) + 1, gone) - 1, 1))}{bottom}"
    return f"{start}{area}{quote}"


def _number(letters: str) -> int:
    """Return the number of a column, from 1."""
    number = 0
    for letter in letters:
        number = number * LETTERS + ord(letter) - ord("A") + 1
    return number


def _letters(number: int) -> str:
    """Return how a worksheet names a column.

    Examples
    --------
    >>> _letters(1), _letters(28)
    ('A', 'AB')
    """
    rest, last = divmod(number - 1, LETTERS)
    return (_letters(rest) if rest else "") + chr(ord("A") + last)
