"""A Stata file without some rows: its table is cut, and all else of the file stays byte for byte.

Files of Stata 8 to 12 (formats 113 to 115) and 13 to 18 (117 to 119) can be cut; StataCorp describes their
layout in "File formats .dta". Long texts (strL) that only the removed rows had go, too. The others are
numbered by their rows again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Order = Literal["little", "big"]

TAGGED = re.compile(
    rb"<stata_dta><header><release>(11[789])</release><byteorder>(LSF|MSF)</byteorder><K>", re.DOTALL
)
"""How files of Stata 13 and later begin."""

LONG_TEXT = 32768
WIDTHS = {LONG_TEXT: 8, 65526: 8, 65527: 4, 65528: 4, 65529: 2, 65530: 1}
OLD_WIDTHS = {251: 1, 252: 2, 253: 4, 254: 4, 255: 8}
"""Types of columns that are no fixed text -> bytes of a cell. A smaller number is the length of a text."""

OLD_HEADER = 109
OLD_FORMATS = {113: 12, 114: 49, 115: 49}
"""Bytes of the header of old files; release -> bytes of a column's format."""

AFTER_DATA = slice(10, 14)
"""Which of the 14 places in a file's map stand behind the table."""

SPLIT = {117: (4, 4, 4), 118: (2, 6, 8), 119: (3, 5, 8)}
"""Release -> bytes of a long text's column and row in a cell, and of its row in the list of long texts."""


@dataclass(frozen=True)
class StataTable:
    """Where the table of a file is, and how it is written.

    Attributes
    ----------
    order
        The order of bytes.
    count_at, count_bytes, count
        Where the number of rows stands, how long it is, and the number.
    start
        Where the table starts.
    widths
        Bytes of each cell of a row.
    release
        The version of the format.
    long_texts
        The columns of long texts, from 0.
    """

    order: Order
    count_at: int
    count_bytes: int
    count: int
    start: int
    widths: tuple[int, ...]
    release: int
    long_texts: tuple[int, ...] = ()

    @property
    def width(self) -> int:
        """Bytes of a row."""
        return sum(self.widths)


def stata_without(path: Path, rows: Sequence[int]) -> bytes:
    """Return a Stata file without some of its rows, counted from 0.

    Raises
    ------
    DataError
        If the file is of a version that is not known here, or its table is not where it must be.
    """
    raw = path.read_bytes()
    table = stata_table(raw)
    if table is None:
        raise DataError(
            "a row can't be removed from this Stata file",
            where=path.as_posix(), expected="a file of Stata 8 to 18",
            do="save it with Stata 13 or later, write its digest into SHA256SUMS, and erase again",
        )  # fmt: skip
    gone = set(rows)
    kept = [
        raw[table.start + row * table.width : table.start + (row + 1) * table.width]
        for row in range(table.count)
        if row not in gone
    ]
    tail = raw[table.start + table.count * table.width :]
    shorter = len(gone) * table.width
    if table.long_texts:
        kept, tail, less = renumbered(table, kept, tail)
    else:
        less = 0
    head = bytearray(raw[: table.start])
    count = slice(table.count_at, table.count_at + table.count_bytes)
    head[count] = len(kept).to_bytes(table.count_bytes, table.order)
    if TAGGED.match(raw):
        at = head.index(b"<map>") + len(b"<map>")
        for number in range(14)[AFTER_DATA]:
            place = slice(at + 8 * number, at + 8 * number + 8)
            moved = shorter + (less if number > AFTER_DATA.start else 0)
            head[place] = (int.from_bytes(head[place], table.order) - moved).to_bytes(8, table.order)
    return bytes(head) + b"".join(kept) + tail


def stata_table(raw: bytes) -> StataTable | None:
    """Return where the table of a file is; None for a file that is damaged or of an unknown version.

    Parameters
    ----------
    raw
        The file.
    """
    table = _tagged(raw) if TAGGED.match(raw) else _old(raw)
    end = 0 if table is None else table.start + table.count * table.width
    if table is None or end > len(raw) or (TAGGED.match(raw) and not raw.startswith(b"</data>", end)):
        return None
    return table


def _tagged(raw: bytes) -> StataTable | None:
    """Return where the table of a file of Stata 13 or later is."""
    match = TAGGED.match(raw)
    if match is None:
        return None
    release = int(match[1])
    order: Order = "little" if match[2] == b"LSF" else "big"
    columns_bytes = 4 if release == max(SPLIT) else 2
    count_bytes = 4 if release == min(SPLIT) else 8
    columns = int.from_bytes(raw[match.end() : match.end() + columns_bytes], order)
    count_at = match.end() + columns_bytes + len(b"</K><N>")
    at = raw.find(b"<map>", count_at + count_bytes) + len(b"<map>")
    places = [int.from_bytes(raw[at + 8 * n : at + 8 * n + 8], order) for n in range(14)]
    at = places[2] + len(b"<variable_types>")
    types = [int.from_bytes(raw[at + 2 * n : at + 2 * n + 2], order) for n in range(columns)]
    widths = tuple(WIDTHS.get(kind, kind) for kind in types)
    count = int.from_bytes(raw[count_at : count_at + count_bytes], order)
    long_texts = tuple(n for n, kind in enumerate(types) if kind == LONG_TEXT)
    start = places[9] + len(b"<data>")
    return StataTable(order, count_at, count_bytes, count, start, widths, release, long_texts)


def _old(raw: bytes) -> StataTable | None:
    """Return where the table of a file of Stata 8 to 12 is."""
    if len(raw) < OLD_HEADER or raw[0] not in OLD_FORMATS:
        return None
    order: Order = "big" if raw[1] == 1 else "little"
    columns = int.from_bytes(raw[4:6], order)
    types = raw[OLD_HEADER : OLD_HEADER + columns]
    at = OLD_HEADER + columns * (1 + 33 + OLD_FORMATS[raw[0]] + 33 + 81) + 2 * (columns + 1)
    while raw[at : at + 5] not in (bytes(5), b""):  # fields of notes, which end with one without content
        at += 5 + int.from_bytes(raw[at + 1 : at + 5], order)
    widths = tuple(OLD_WIDTHS.get(kind, kind) for kind in types)
    return StataTable(order, 6, 4, int.from_bytes(raw[6:10], order), at + 5, widths, raw[0])


def renumbered(table: StataTable, kept: list[bytes], tail: bytes) -> tuple[list[bytes], bytes, int]:
    """Return rows and what stands behind them with the long texts of these rows only, and bytes saved.

    A long text is listed under the first cell that holds it, as Stata lists it.

    Parameters
    ----------
    table
        How the rows are written.
    kept
        The rows.
    tail
        What stands behind the table, with the list of long texts first.
    """
    column_bytes, row_bytes, listed_bytes = SPLIT[table.release]
    starts = {place: sum(table.widths[:place]) for place in table.long_texts}
    new: dict[tuple[int, int], tuple[int, int]] = {(0, 0): (0, 0)}
    rows = []
    for number, row in enumerate(kept, 1):
        cells = bytearray(row)
        for place, at in starts.items():
            column = slice(at, at + column_bytes)
            own = slice(column.stop, column.stop + row_bytes)
            key = int.from_bytes(cells[column], table.order), int.from_bytes(cells[own], table.order)
            in_column, in_row = new.setdefault(key, (place + 1, number))
            cells[column] = in_column.to_bytes(column_bytes, table.order)
            cells[own] = in_row.to_bytes(row_bytes, table.order)
        rows.append(bytes(cells))
    start = len(b"</data><strls>")
    at = start
    texts: list[tuple[int, int, bytes]] = []
    while tail.startswith(b"GSO", at):
        key = (
            int.from_bytes(tail[at + 3 : at + 7], table.order),
            int.from_bytes(tail[at + 7 : at + 7 + listed_bytes], table.order),
        )
        about = at + 7 + listed_bytes
        end = about + 5 + int.from_bytes(tail[about + 1 : about + 5], table.order)
        if key in new:
            in_column, in_row = new[key]
            named = in_column.to_bytes(4, table.order) + in_row.to_bytes(listed_bytes, table.order)
            texts.append((in_row, in_column, b"GSO" + named + tail[about:end]))
        at = end
    listed = b"".join(text for _, _, text in sorted(texts))
    return rows, tail[:start] + listed + tail[at:], at - start - len(listed)
