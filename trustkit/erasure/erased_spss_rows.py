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

    from trustkit.files.spss_bytes import Dictionary

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


class TableCut(NamedTuple):
    """What goes from a table, and its size.

    Attributes
    ----------
    rows, slots
        Which rows, and which cells of each row, go; from 0.
    height, width
        How many rows the table has, and how many cells each.
    """

    rows: frozenset[int]
    slots: frozenset[int]
    height: int
    width: int

    @property
    def kept_rows(self) -> list[int]:
        """The rows that stay."""
        return [row for row in range(self.height) if row not in self.rows]

    @property
    def kept_slots(self) -> list[int]:
        """The cells of a row that stay."""
        return [slot for slot in range(self.width) if slot not in self.slots]


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
    order = dictionary.order
    start = dictionary.end + CELL
    head = bytearray(raw[:start])
    kept = count - len(gone)
    if struct.unpack_from(f"{order}i", head, COUNT_AT)[0] >= 0:
        struct.pack_into(f"{order}i", head, COUNT_AT, kept)
    at = raw.find(struct.pack(f"{order}4i", *LONG_COUNT), 0, start)
    if at >= 0:
        struct.pack_into(f"{order}q", head, at + 24, kept)
    cut = TableCut(frozenset(gone), frozenset(), count, dictionary.slots)
    return bytes(head) + table_without(raw, dictionary, cut, start)


def table_without(raw: bytes, dictionary: Dictionary, cut: TableCut, place: int) -> bytes:
    """Return the table of an SPSS file without some rows or cells.

    Parameters
    ----------
    raw
        The file.
    dictionary
        Its dictionary.
    cut
        What goes.
    place
        Where the new table will stand in the new file.

    Raises
    ------
    ValueError, IndexError, struct.error, zlib.error
        If the table is damaged, does not have that size, or is written in an unknown way.
    """
    order, start = dictionary.order, dictionary.end + CELL
    how = struct.unpack_from(f"{order}i", raw, PACKED_AT)[0]
    if how == PLAIN:
        width = cut.width * CELL
        if len(raw) - start != cut.height * width:
            raise ValueError(f"{len(raw) - start:,} bytes of rows, each of {width:,}")
        slots = cut.kept_slots if cut.slots else []
        rows = (raw[start + row * width :][:width] for row in cut.kept_rows)
        return b"".join(
            b"".join(row[slot * CELL : slot * CELL + CELL] for slot in slots) if cut.slots else row
            for row in rows
        )
    if how == CODED:
        return _coded_without(raw[start:], cut)
    if how == PACKED:
        return _packed_without(raw, start, order, cut, place)
    raise ValueError(f"a table of the unknown kind {how}")


def _coded_without(coded: bytes, cut: TableCut) -> bytes:
    """Return a table in short codes without some parts; rows that began with new codes do so again."""
    count, slots = cut.height, cut.width
    number, has_end, begin_anew = 0, False, True
    for place, code, _ in _cells(coded):
        has_end = code == END
        if not has_end:
            begin_anew = begin_anew and (number % slots > 0 or place == 0)
            number += 1
    if number != count * slots:
        raise ValueError(f"{number:,} cells, {slots:,} to a row")
    last = cut.kept_rows[-1]
    kept = cut.kept_slots
    parts: list[bytes] = []
    cells: list[_Cell] = []
    for row, some in enumerate(_rows(coded, count, slots)):
        if row not in cut.rows:
            cells += [*(some[slot] for slot in kept), *([END_OF_TABLE] if has_end and row == last else [])]
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


def _packed_without(raw: bytes, start: int, order: str, cut: TableCut, place: int) -> bytes:
    """Return a packed table without some rows, with the list of its pieces at the end."""
    here, listed_at, _ = struct.unpack_from(f"{order}3q", raw, start)
    bias, zero, longest, pieces = struct.unpack_from(f"{order}2q2i", raw, listed_at)
    if here != start:
        raise ValueError("its packed table stands elsewhere than it says")
    form = struct.Struct(f"{order}2q2i")
    packed = (_Piece(*form.unpack_from(raw, listed_at + 24 + form.size * at)) for at in range(pieces))
    coded = b"".join(zlib.decompress(raw[piece.packed_at :][: piece.packed]) for piece in packed)
    left = _coded_without(coded, cut)
    parts: list[bytes] = []
    listed: list[bytes] = []
    at = place + 24
    for first in range(0, len(left), longest):
        part = left[first : first + longest]
        parts.append(zlib.compress(part))
        listed.append(form.pack(*_Piece(place + first, at, len(part), len(parts[-1]))))
        at += len(parts[-1])
    trailer = struct.pack(f"{order}2q2i", bias, zero, longest, len(parts)) + b"".join(listed)
    return struct.pack(f"{order}3q", place, at, len(trailer)) + b"".join(parts) + trailer
