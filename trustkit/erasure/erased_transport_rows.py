"""A SAS transport file (``.xpt``) without some rows: its table is cut, and all before it stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.files.transport_bytes import NUMBER_AT, RECORD_BYTES, transport_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def transport_without(path: Path, rows: Sequence[int], count: int) -> bytes:
    """Return a SAS transport file (version 5 or 8) without some of its rows.

    Parameters
    ----------
    path
        The file, which has been read: its headers are sound.
    rows
        Which rows go, from 0.
    count
        How many rows it has.

    Raises
    ------
    DataError
        If its table does not hold that many rows.
    """
    raw = path.read_bytes()
    header, width = transport_rows(raw)
    start = header + RECORD_BYTES
    size = len(raw) - start
    if width <= 0 or size < count * width or raw[start + count * width :].strip(b" "):
        raise DataError(
            "a row can't be removed from this SAS transport file",
            where=path.as_posix(), got=f"{size:,} bytes of rows, each of {width:,}",
            expected=f"a table of {count:,} rows",
            do="save it again in SAS or R, write its digest into SHA256SUMS, and erase again",
        )  # fmt: skip
    gone = set(rows)
    table = b"".join(raw[start + row * width :][:width] for row in range(count) if row not in gone)
    head = bytearray(raw[:start])
    counted = bytes(head[header + NUMBER_AT :]).split()  # version 8 has the number of rows
    if counted and counted[0] == str(count).encode():
        at = head.index(counted[0], header + NUMBER_AT)
        head[at : at + len(counted[0])] = str(count - len(gone)).encode().rjust(len(counted[0]))
    return bytes(head) + table + b" " * (-len(table) % RECORD_BYTES)
