"""An SPSS file (``.sav``, ``.zsav``) without some rows: its table is cut, and all before it stays.

The layout is described in the PSPP developer's guide, "System File Format". A table is written as it is, in
short codes (most files), or in short codes that are packed with zlib (``.zsav``).
"""

from __future__ import annotations

import struct
import zlib
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from trustkit.errors import DataError
from trustkit.files.spss_bytes import read_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PACKED_AT, COUNT_AT = 72, 80
"""Where the header says how the table is written, and how many rows it has."""

PLAIN, CODED, PACKED = 0, 1, 2
"""Ways of writing a table."""

CELL = 8
"""Bytes of a cell, and how many codes stand together."""

NOTHING, END, WRITTEN_OUT = 0, 252, 253
"""Codes: no cell, no more cells, a cell that is written out behind the codes. Any other is a cell."""

LONG_COUNT = 7, 16, 8, 2
"""How the record starts that has the number of rows of a long file: extension 16, two numbers of 8 bytes."""


_Cell = tuple[int, int, bytes]
"""A cell: where among eight codes its code stands, the code, and what is written out behind it."""

END_OF_TABLE: _Cell = (0, END, b"")


class _Piece(NamedTuple):
    """A packed piece of a table: where it would be unpacked and is packed, and the bytes of both."""

    unpacked_at: int
    packed_at: int
    unpacked: int
    packed: int


def spss_without(path: Path, rows: Sequence[int], count: int) -> bytes:
    """Return an SPSS file without some of its rows.

    Parameters
    ----------
    path
        The file.
    rows
        Which rows go, from 0.
    count
        How many rows it has.

    Raises
    ------
    DataError
        If its table does not hold that many rows, or is written in an unknown way.
    """
    raw = path.read_bytes()
    try:
        return _cut(raw, set(rows), count)
    except (ValueError, IndexError, struct.error, zlib.error) as fault:
        raise DataError(
            "a row can't be removed from this SPSS file",
            where=path.as_posix(), got=str(fault), expected=f"a table of {count:,} rows",
            do="save it again in SPSS or PSPP, write its digest into SHA256SUMS, and erase again",
        ) from None  # fmt: skip


def _cut(raw: bytes, gone: set[int], count: int) -> bytes:
    dictionary = read_dictionary(raw)
    order, slots = dictionary.order, dictionary.slots
    start = dictionary.end + CELL
    how = struct.unpack_from(f"{order}i", raw, PACKED_AT)[0]
    head = bytearray(raw[:start])
    kept = count - len(gone)
    if struct.unpack_from(f"{order}i", head, COUNT_AT)[0] >= 0:
        struct.pack_into(f"{order}i", head, COUNT_AT, kept)
    at = raw.find(struct.pack(f"{order}4i", *LONG_COUNT), 0, start)
    if at >= 0:
        struct.pack_into(f"{order}q", head, at + 24, kept)
    if how == PLAIN:
        width = slots * CELL
        if len(raw) - start != count * width:
            raise ValueError(f"{len(raw) - start:,} bytes of rows, each of {width:,}")
        left = (raw[start + row * width :][:width] for row in range(count) if row not in gone)
        return bytes(head) + b"".join(left)
    if how == CODED:
        return bytes(head) + _coded_without(raw[start:], gone, count, slots)
    if how == PACKED:
        return bytes(head) + _packed_without(raw, start, order, (gone, count, slots))
    raise ValueError(f"a table of the unknown kind {how}")


def _coded_without(coded: bytes, gone: set[int], count: int, slots: int) -> bytes:
    """Return a table in short codes without some rows; rows that began with new codes do so again."""
    number, has_end, begin_anew = 0, False, True
    for place, code, _ in _cells(coded):
        has_end = code == END
        if not has_end:
            begin_anew = begin_anew and (number % slots > 0 or place == 0)
            number += 1
    if number != count * slots:
        raise ValueError(f"{number:,} cells, {slots:,} to a row")
    last = max(set(range(count)) - gone)
    parts: list[bytes] = []
    cells: list[_Cell] = []
    for row, some in enumerate(_rows(coded, count, slots)):
        if row not in gone:
            cells += [*some, *([END_OF_TABLE] if has_end and row == last else [])]
            whole = len(cells) if begin_anew or row == last else len(cells) // CELL * CELL
            parts.append(_written(cells[:whole]))
            cells = cells[whole:]
    return b"".join(parts)


def _rows(coded: bytes, count: int, slots: int) -> Iterator[list[_Cell]]:
    """Iterate over the rows of a table in short codes."""
    cells = _cells(coded)
    for _ in range(count):
        yield list(islice(cells, slots))


def _cells(coded: bytes) -> Iterator[_Cell]:
    """Iterate over the cells of a table in short codes, and the mark of its end if it has one."""
    at = 0
    while at < len(coded):
        codes = coded[at : at + CELL]
        at += CELL
        for place, code in enumerate(codes):
            if code == WRITTEN_OUT:
                cell = coded[at : at + CELL]
                if len(cell) < CELL:
                    raise ValueError(f"the table ends within a cell, at byte {len(coded):,} of it")
                yield place, code, cell
                at += CELL
            elif code != NOTHING:
                yield place, code, b""
            if code == END:
                return


def _written(cells: Sequence[_Cell]) -> bytes:
    """Return cells as a table in short codes."""
    parts = []
    for first in range(0, len(cells), CELL):
        some = cells[first : first + CELL]
        parts.append(bytes(code for _, code, _ in some).ljust(CELL, bytes([NOTHING])))
        parts += [written for _, _, written in some]
    return b"".join(parts)


def _packed_without(raw: bytes, start: int, order: str, table: tuple[set[int], int, int]) -> bytes:
    """Return a packed table without some rows, with the list of its pieces at the end."""
    here, listed_at, _ = struct.unpack_from(f"{order}3q", raw, start)
    bias, zero, longest, pieces = struct.unpack_from(f"{order}2q2i", raw, listed_at)
    if here != start:
        raise ValueError("its packed table stands elsewhere than it says")
    form = struct.Struct(f"{order}2q2i")
    packed = (_Piece(*form.unpack_from(raw, listed_at + 24 + form.size * at)) for at in range(pieces))
    coded = b"".join(zlib.decompress(raw[piece.packed_at :][: piece.packed]) for piece in packed)
    left = _coded_without(coded, *table)
    parts: list[bytes] = []
    listed: list[bytes] = []
    at = start + 24
    for first in range(0, len(left), longest):
        part = left[first : first + longest]
        parts.append(zlib.compress(part))
        listed.append(form.pack(*_Piece(start + first, at, len(part), len(parts[-1]))))
        at += len(parts[-1])
    trailer = struct.pack(f"{order}2q2i", bias, zero, longest, len(parts)) + b"".join(listed)
    return struct.pack(f"{order}3q", start, at, len(trailer)) + b"".join(parts) + trailer
