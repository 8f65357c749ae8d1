"""Surveys written for other programs: SPSS files and Parquet, with what the codebook says.

A file is written under a temporary name and renamed when it is whole. Raw data is never overwritten.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


HEADER_BYTES = 176
"""Where an SPSS file's dictionary starts."""


class _Record(IntEnum):
    """The records of an SPSS file's dictionary."""

    VARIABLE = 2
    LABELS = 3
    LABELLED = 4
    NOTES = 6
    EXTENSION = 7
    END = 999


def with_sets(raw: bytes, sets: Mapping[str, tuple[str, int | None, Sequence[str]]]) -> bytes:
    """Put multiple-response sets into an SPSS file, which pyreadstat can't write.

    Parameters
    ----------
    raw
        A ``.sav`` file (not ``.zsav``, whose header holds positions in the file).
    sets
        Name -> (question, counted value, variables); without a counted value the set is one of categories.

    Notes
    -----
    The record (type 7, subtype 7) goes before the one that ends the dictionary; its layout is described
    in the PSPP developer's guide, "Multiple Response Sets Records".
    """
    order = "<" if struct.unpack_from("<i", raw, 64)[0] in (2, 3) else ">"
    lines = []
    for name, (question, counted, members) in sets.items():
        label = question.encode("utf-8")
        kind = b"C" if counted is None else b"D%d %d" % (len(str(counted)), counted)
        lines.append(
            b"$%s=%s %d %s %s\n"
            % (name.encode("utf-8"), kind, len(label), label, " ".join(members).encode("utf-8"))
        )
    text = b"".join(lines)
    at = _dictionary_end(raw, order)
    return raw[:at] + struct.pack(f"{order}4i", _Record.EXTENSION, 7, 1, len(text)) + text + raw[at:]


def _dictionary_end(raw: bytes, order: str) -> int:
    """Return where the record stands that ends an SPSS file's dictionary."""

    def number(at: int) -> int:
        return int(struct.unpack_from(f"{order}i", raw, at)[0])

    at = HEADER_BYTES
    while (kind := number(at)) != _Record.END:
        if kind == _Record.VARIABLE:
            size = 32 + 8 * abs(number(at + 12))
            if number(at + 8):
                size += 4 + (number(at + 32) + 3) // 4 * 4
        elif kind == _Record.LABELS:
            size = 8
            for _ in range(number(at + 4)):
                size += 8 + (raw[at + size + 8] + 8) // 8 * 8
        elif kind == _Record.LABELLED:
            size = 8 + 4 * number(at + 4)
        elif kind == _Record.NOTES:
            size = 8 + 80 * number(at + 4)
        else:
            size = 16 + number(at + 8) * number(at + 12)
        at += size
    return at
