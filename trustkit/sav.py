"""The bytes of SPSS files: their dictionary record by record, and multiple-response sets put into it.

The layout is described in the PSPP developer's guide, "System File Format".
"""

from __future__ import annotations

import mmap
import struct
from enum import IntEnum
from typing import TYPE_CHECKING

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

SetOfVariables = tuple[str, int | None, "Sequence[str]"]
"""Question, counted value (None where answers are categories), variables."""

HEADER_BYTES = 176
"""Where the dictionary starts."""

LAYOUT_AT = 64
"""Where the number stands that tells the order of bytes."""


class _Record(IntEnum):
    """The records of a dictionary."""

    VARIABLE = 2
    LABELS = 3
    LABELLED = 4
    NOTES = 6
    EXTENSION = 7
    END = 999


def check_dictionary(path: Path) -> None:
    """Go through a file's dictionary before a library does: ReadStat dies of a record of unknown type.

    Raises
    ------
    DataError
        If the dictionary is torn or holds anything but records.
    """
    where = path.as_posix()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        try:
            _dictionary_end(raw)
        except (ValueError, IndexError, struct.error) as fault:
            raise DataError(
                "the file is damaged",
                where=where, got=f"its list of variables breaks off: {fault}",
                expected="a whole file, as the program saved it", do="save or download it again",
            ) from None  # fmt: skip


def with_sets(raw: bytes, sets: Mapping[str, SetOfVariables]) -> bytes:
    """Put multiple-response sets into an SPSS file, which pyreadstat can't write.

    Parameters
    ----------
    raw
        A ``.sav`` file (not ``.zsav``, whose header holds positions in the file).
    sets
        Name -> question, counted value, variables.

    Notes
    -----
    The record (type 7, subtype 7) goes before the one that ends the dictionary.
    """
    lines = []
    for name, (question, counted, members) in sets.items():
        label = question.encode("utf-8")
        kind = b"C" if counted is None else b"D%d %d" % (len(str(counted)), counted)
        names = " ".join(members).encode("utf-8")
        lines.append(b"$%s=%s %d %s %s\n" % (name.encode("utf-8"), kind, len(label), label, names))
    text = b"".join(lines)
    at, order = _dictionary_end(raw)
    return raw[:at] + struct.pack(f"{order}4i", _Record.EXTENSION, 7, 1, len(text)) + text + raw[at:]


def _dictionary_end(raw: bytes | mmap.mmap) -> tuple[int, str]:
    """Return where the record stands that ends a dictionary, and the order of bytes."""
    order = "<" if struct.unpack_from("<i", raw, LAYOUT_AT)[0] in (2, 3) else ">"

    def number(at: int) -> int:
        found = int(struct.unpack_from(f"{order}i", raw, at)[0])
        if found < 0 and at != where + 12:  # only the count of missing values tells ranges by its sign
            raise ValueError(f"byte {at}: {found}")
        return found

    where = HEADER_BYTES
    while (kind := _Record(number(where))) is not _Record.END:
        if kind is _Record.VARIABLE:
            size = 32 + 8 * abs(number(where + 12))
            if number(where + 8):
                size += 4 + (number(where + 32) + 3) // 4 * 4
        elif kind is _Record.LABELS:
            size = 8
            for _ in range(number(where + 4)):
                size += 8 + (raw[where + size + 8] + 8) // 8 * 8
        elif kind is _Record.LABELLED:
            size = 8 + 4 * number(where + 4)
        elif kind is _Record.NOTES:
            size = 8 + 80 * number(where + 4)
        else:
            size = 16 + number(where + 8) * number(where + 12)
        where += size
    return where, order
