"""A SAS transport file (``.xpt``) without some variables: their descriptions, labels and cells."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from trustkit.errors import DataError
from trustkit.files.transport_bytes import (
    HEADER,
    NUMBER_AT,
    NUMBER_END,
    RECORD_BYTES,
    WIDTH_AT,
    variables_at,
)

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

ORDER_AT, PLACE_AT = 6, 84
"""Where a variable's description has its number, from 1, and where its cell stands in a row."""

LABELS = {b"LABELV8": 3, b"LABELV9": 5}
"""How headers of long labels are called -> how many numbers stand before each: of the variable, and the
lengths of texts behind them."""


class _Cell(NamedTuple):
    """Where a variable's cell stands in a row, and its bytes."""

    at: int
    size: int


def transport_without_columns(path: Path, places: Collection[int], count: int) -> bytes:
    """Return a SAS transport file (version 5 or 8) without some of its variables.

    Parameters
    ----------
    path
        The file, which has been read: its headers are sound.
    places
        Which variables go, from 0, in the order of the file.
    count
        How many rows it has.

    Raises
    ------
    DataError
        If its table does not hold that many rows, or its descriptions are written in an unknown way.
    """
    raw = path.read_bytes()
    try:
        return _cut(raw, set(places), count)
    except (ValueError, IndexError, struct.error) as fault:
        raise DataError(
            "a column can't be removed from this SAS transport file",
            where=path.as_posix(), got=str(fault), expected=f"a table of {count:,} rows",
            do="drop the variable in SAS or R, write the new digest into SHA256SUMS, and expire again",
        ) from None  # fmt: skip


def _cut(raw: bytes, gone: Collection[int], count: int) -> bytes:
    header, entries = variables_at(raw)
    named = entries.start - RECORD_BYTES
    start = header + RECORD_BYTES
    cells = [
        _Cell(
            struct.unpack_from(">i", raw, at + PLACE_AT)[0], struct.unpack_from(">h", raw, at + WIDTH_AT)[0]
        )
        for at in entries
    ]
    width = sum(cell.size for cell in cells)
    if sum(cell.at + cell.size == other.at for cell in cells for other in cells) != len(cells) - 1:
        raise ValueError("variables whose cells don't stand one after the other")
    if width <= 0 or len(raw) - start < count * width or raw[start + count * width :].strip(b" "):
        raise ValueError(f"{len(raw) - start:,} bytes of rows, each of {width:,}")
    kept = [place for place in range(len(cells)) if place not in gone]
    numbers = {place + 1: number for number, place in enumerate(kept, 1)}
    described = b"".join(
        _described(raw[entries[place] :][: entries.step], numbers[place + 1], cells, gone) for place in kept
    )
    number = str(len(kept)).encode().rjust(NUMBER_END - NUMBER_AT, b"0")
    head = raw[: named + NUMBER_AT] + number + raw[named + NUMBER_END : named + RECORD_BYTES]
    stay = sorted(cells[place] for place in kept)
    table = b"".join(
        raw[start + row * width + cell.at :][: cell.size] for row in range(count) for cell in stay
    )
    labels = _labels(raw[entries.stop + -entries.stop % RECORD_BYTES : header], numbers)
    return head + _filled(described) + labels + raw[header:start] + _filled(table)


def _described(entry: bytes, number: int, cells: list[_Cell], gone: Collection[int]) -> bytes:
    """Return a variable's description with its new number and the new place of its cell."""
    new = bytearray(entry)
    struct.pack_into(">h", new, ORDER_AT, number)
    (at,) = struct.unpack_from(">i", new, PLACE_AT)
    before = sum(cells[place].size for place in gone if cells[place].at < at)
    struct.pack_into(">i", new, PLACE_AT, at - before)
    return bytes(new)


def _labels(raw: bytes, numbers: dict[int, int]) -> bytes:
    """Return the records of long labels without those of variables that go."""
    if not raw.strip(b" "):
        return raw
    name = raw[len(HEADER) :][:7]
    if not raw.startswith(HEADER) or name not in LABELS:
        raise ValueError("descriptions of variables in records of an unknown kind")
    form = struct.Struct(f">{LABELS[name]}h")
    count = int(raw[NUMBER_AT:RECORD_BYTES].split()[0])
    at = RECORD_BYTES
    kept = []
    for _ in range(count):
        variable, *lengths = form.unpack_from(raw, at)
        texts = raw[at + form.size :][: sum(lengths)]
        if variable in numbers:
            kept.append(form.pack(numbers[variable], *lengths) + texts)
        at += form.size + sum(lengths)
    if at > len(raw) or raw[at:].strip(b" "):
        raise ValueError("long labels that are written in an unknown way")
    if not kept:
        return b""
    written = str(len(kept)).encode().ljust(RECORD_BYTES - NUMBER_AT)
    return raw[:NUMBER_AT] + written + _filled(b"".join(kept))


def _filled(content: bytes) -> bytes:
    """Return records that are filled up to their length."""
    return content + b" " * (-len(content) % RECORD_BYTES)
