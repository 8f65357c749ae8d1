"""A portable SPSS file (``.por``) without some variables: in its dictionary, and in its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.erasure.erased_portable_rows import PortableText, in_lines, portable_text, whole_number
from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


def portable_without_columns(path: Path, places: Collection[int], count: int) -> bytes:
    """Return a portable SPSS file without some of its variables.

    Parameters
    ----------
    path
        The file.
    places
        Which variables go, from 0, in the order of the file.
    count
        How many rows it has.

    Raises
    ------
    DataError
        If it does not hold that many rows, or writes digits and letters with other signs.
    """
    raw = path.read_bytes()
    try:
        portable = portable_text(raw, count)
    except (ValueError, IndexError) as fault:
        raise DataError(
            "a column can't be removed from this portable SPSS file",
            where=path.as_posix(), got=str(fault), expected=f"{count:,} rows, in ASCII",
            do="save it as .sav, write its digest into SHA256SUMS, remove the old file, and expire again",
        ) from None  # fmt: skip
    gone = set(places)
    cells = [
        portable.text[first:last]
        for row in portable.cells
        for place, (first, last) in enumerate(row)
        if place not in gone
    ]
    return in_lines(_dictionary(portable, gone) + b"".join(cells), raw)


def _dictionary(portable: PortableText, gone: Collection[int]) -> bytes:
    """Return what stands before the rows, without some variables."""
    names = {portable.names[place] for place in gone}
    parts = [portable.text[: portable.records[0].start]]
    for record in portable.records:
        whole = portable.text[record.start : record.end]
        left = [name for name in record.names if name not in names]
        if record.tag == b"4":
            parts.append(b"4" + whole_number(len(portable.names) - len(gone)) + b"/")
        elif len(left) == len(record.names):
            parts.append(whole)
        elif left:
            named = b"".join(whole_number(len(name)) + b"/" + name for name in left)
            rest = portable.text[record.names_end : record.end]
            parts.append(record.tag + whole_number(len(left)) + b"/" + named + rest)
    return b"".join(parts)
