"""How a wide table is divided for pages and slides: the first columns again in each part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.exports.printed_tables import PrintedTable

STUB_SHARE = 0.34
"""Most of the width that the first columns take, together."""

PADDING = 0.5
"""What a cell needs beside its text, in cm."""

LETTERS = 5
"""How many parts of a cell stay on one line: its number, and its first letters."""

WIDER = 1.25
"""By how much columns are widened at most, where there is room."""


@dataclass(frozen=True)
class Panel:
    """Some columns of a table that fit beside each other.

    Attributes
    ----------
    columns
        Their numbers, those of the first columns among them.
    widths
        How wide each is, in the unit that the room was given in.
    """

    columns: tuple[int, ...]
    widths: tuple[float, ...]


def panels(table: PrintedTable, room: float, *, per_character: float, least: float) -> list[Panel]:
    """Divide the columns of a table into parts that fit into some room.

    A head stays together if it fits.

    Parameters
    ----------
    table
        The table.
    room
        The width there is.
    per_character, least
        How wide a character is, and how wide a column is at least.
    """
    stub = [place for place, column in enumerate(table.columns) if not column.numeric]
    rest = [place for place, column in enumerate(table.columns) if column.numeric]
    if stub != list(range(len(stub))):  # text stands between numbers, as a reason does
        stub = stub[:1]
        rest = [place for place in range(len(table.columns)) if place not in stub]
    wanted = [_wanted(table, place, per_character, least) for place in range(len(table.columns))]
    if rest:
        most = max(room * STUB_SHARE, room - sum(wanted[place] for place in rest))
        scale = min(1.0, most / max(sum(wanted[place] for place in stub), 1e-9))
    else:
        scale = min(1.0, room / max(sum(wanted), 1e-9))
    sizes = [wanted[place] * (scale if place in stub else 1) for place in range(len(wanted))]
    left = room - sum(sizes[place] for place in stub)
    sizes = [size if place in stub else min(size, left) for place, size in enumerate(sizes)]
    parts = _divided(table, rest, sizes, left) or [[]]
    widest = max(sum(sizes[place] for place in part) for part in parts)
    wider = min(WIDER, left / widest) if widest else 1.0
    sizes = [size if place in stub else size * wider for place, size in enumerate(sizes)]
    return [Panel((*stub, *part), tuple(sizes[place] for place in (*stub, *part))) for part in parts]


def _wanted(table: PrintedTable, place: int, per_character: float, least: float) -> float:
    """Return how wide a column is for its cells, and for the longest word above it."""
    column = table.columns[place]
    texts = [row[place].lettered for row in table.rows]
    if column.numeric:
        texts = [word for text in texts for word in _unbroken(text)] + column.heading.split()
        beside = [
            table.columns[near].head for near in (place - 1, place + 1) if 0 < near < len(table.columns)
        ]
        if column.head and column.head not in beside:  # a head of one column, such as a total
            texts += column.head.split()
    else:
        texts = [*texts, column.heading]
    longest = max((len(text) for text in texts), default=0)
    return max(least, min(longest, 60) * per_character + PADDING)


def _unbroken(text: str) -> list[str]:
    """Return the parts of a cell that stay on one line: the number with its first letters."""
    words = text.split()
    return [" ".join(words[:LETTERS]), *words[LETTERS:]]


def _divided(
    table: PrintedTable, places: Sequence[int], sizes: Sequence[float], room: float
) -> list[list[int]]:
    """Divide columns between heads where the next head does not fit, and inside one that is too wide."""
    heads: list[list[int]] = []
    for place in places:
        if heads and table.columns[heads[-1][0]].head == table.columns[place].head:
            heads[-1].append(place)
        else:
            heads.append([place])
    parts: list[list[int]] = []
    for head in heads:
        width = sum(sizes[place] for place in head)
        if parts and sum(sizes[place] for place in parts[-1]) + width <= room + 1e-9:
            parts[-1] += head
            continue
        count = max(1, math.ceil(width / room - 1e-9))
        each = math.ceil(len(head) / count)
        while (
            any(
                sum(sizes[place] for place in head[start : start + each]) > room + 1e-9
                for start in range(0, len(head), each)
            )
            and each > 1
        ):
            each -= 1
        lone = parts and all(not table.columns[place].head for place in parts[-1])
        for number, start in enumerate(range(0, len(head), each)):
            piece = head[start : start + each]
            joined = parts and number == 0 and lone
            if joined and sum(sizes[place] for place in [*parts[-1], *piece]) <= room + 1e-9:
                parts[-1] += piece
            else:
                parts.append(piece)
    return parts
