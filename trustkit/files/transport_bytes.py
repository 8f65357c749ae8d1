"""The bytes of SAS transport files: whether a file is complete, which its format tells only in part.

The layout is described in SAS's "The Record Layout of a SAS Transport Data Set", versions 5/6 and 8/9.
"""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

from trustkit.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

RECORD_BYTES = 80
"""The length of a record; a file's length is a multiple of it."""

HEADER = b"HEADER RECORD*******"
"""How a header record starts; the name of what follows comes next."""

NUMBER_AT, NUMBER_END = 48, 58
"""Where a header of variables has their number."""

ENTRY_AT, ENTRY_END = 74, 78
"""Where a header of a data set has the length of a variable's description."""

WIDTH_AT = 4
"""Where a variable's description has the bytes that the variable takes in a row."""


def check_transport(path: Path) -> None:
    """Refuse a SAS transport file that was cut off, or that holds several data sets.

    The format (version 5) has no number of rows, so a reader takes what is left of a cut file for all of
    it. Still, a cut shows: the length is no multiple of 80, or the last row is not complete.

    Raises
    ------
    DataError
        If the file is cut off, its headers are damaged, or it holds several data sets.
    """
    where = path.as_posix()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        try:
            fault = _fault(raw)
        except (ValueError, IndexError, struct.error) as error:
            fault = f"its headers break off: {error}"
        several = not fault and _header(raw, b"MEMB", _header(raw, b"OBS", 0) + RECORD_BYTES) >= 0
    if fault:
        raise DataError(
            "the file is damaged",
            where=where, got=fault,
            expected="a whole file, as the program saved it", do="save or download it again",
        )  # fmt: skip
    if several:
        raise DataError(
            "the transport file holds several data sets",
            where=where, expected="one data set",
            do="save the one to read in a file of its own; R reads them all: foreign::read.xport",
        )  # fmt: skip


def transport_rows(raw: bytes | mmap.mmap) -> tuple[int, int]:
    """Return where the header of a file's rows stands (-1: a header is missing), and the bytes of a row.

    Parameters
    ----------
    raw
        The file.
    """
    rows, entries = variables_at(raw)
    return rows, sum(struct.unpack_from(">h", raw, at + WIDTH_AT)[0] for at in entries)


def variables_at(raw: bytes | mmap.mmap) -> tuple[int, range]:
    """Return where the header of a file's rows stands (-1: a header is missing), and each description.

    Parameters
    ----------
    raw
        The file.
    """
    member, variables, rows = (_header(raw, name, 0) for name in (b"MEMB", b"NAM", b"OBS"))
    if min(member, variables, rows) < 0:
        return -1, range(0)
    entry = int(raw[member + ENTRY_AT : member + ENTRY_END])
    first = variables + RECORD_BYTES
    return rows, range(first, first + entry * int(raw[variables + NUMBER_AT : variables + NUMBER_END]), entry)


def _fault(raw: mmap.mmap) -> str:
    """Return what shows that a file is cut off; "" if nothing does."""
    if len(raw) % RECORD_BYTES:
        return f"{len(raw):,} bytes, which is no multiple of {RECORD_BYTES}"
    rows, width = transport_rows(raw)
    if rows < 0:
        return "a header record is missing"
    start = rows + RECORD_BYTES
    end = _header(raw, b"MEMB", start)
    size = (len(raw) if end < 0 else end) - start
    declared = raw[rows + NUMBER_AT : start].split()
    if raw[rows + len(HEADER) :].startswith(b"OBSV") and declared and declared[0].isdigit():
        needed = int(declared[0]) * width
        return "" if needed <= size < needed + RECORD_BYTES else f"{size:,} bytes of rows, not {needed:,}"
    rest = raw[start + size - size % width : start + size] if width > 0 else b""
    return "its last row is not complete" if rest.strip(b" ") else ""


def _header(raw: bytes | mmap.mmap, name: bytes, start: int) -> int:
    """Return where the first header record of a name stands from a place on; -1 if there is none."""
    at = raw.find(HEADER + name, start)
    while at >= 0 and at % RECORD_BYTES:
        at = raw.find(HEADER + name, at + 1)
    return at
