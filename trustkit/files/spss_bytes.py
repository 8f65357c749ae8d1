"""The bytes of SPSS files: their dictionary record by record, and multiple-response sets put into it.

The layout is described in the PSPP developer's guide, "System File Format".
"""

from __future__ import annotations

import mmap
import struct
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SetOfVariables = tuple[str, int | None, "Sequence[str]"]
"""Question, counted value (None where answers are categories), variables."""

FARTHEST = sys.float_info.max
"""Where a range ends that goes on to the lowest or highest number; a codebook's ends are finite."""

HEADER_BYTES = 176
"""Where the dictionary starts."""

LAYOUT_AT = 64
"""Where the number stands that tells the order of bytes."""


CONTINUED, LONGEST = -1, 255
"""The width of a slot that goes on with a text, and the longest text in a variable."""

MOST_MISSING = 3
"""How many values a variable's list of missing values holds."""


EIGHT_BIT = 4
"""The last of the marks that name no code page, only how many bits a character has."""


class Dictionary(NamedTuple):
    """Where a file's dictionary ends, and what must be known to read the rows behind it.

    Attributes
    ----------
    end
        Where the record stands that ends the dictionary.
    order
        The order of bytes, as `struct` writes it.
    slots
        How many cells of 8 bytes a row has; a long text takes several.
    """

    end: int
    order: str
    slots: int


class RecordKind(IntEnum):
    """The kinds of records of a dictionary."""

    VARIABLE = 2
    LABELS = 3
    LABELLED = 4
    NOTES = 6
    EXTENSION = 7
    END = 999

    @classmethod
    def _missing_(cls, value: object) -> None:
        raise ValueError(f"a record of unknown type {value}")


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
            read_dictionary(raw)
        except (ValueError, IndexError, struct.error) as fault:
            broken = str(fault) if isinstance(fault, ValueError) else f"the file ends at byte {len(raw)}"
            raise DataError(
                "the file is damaged",
                where=where, got=f"its list of variables breaks off: {broken}",
                expected="a whole file, as the program saved it", do="save or download it again",
            ) from None  # fmt: skip


def names_encoding(path: Path) -> bool:
    """Return whether a file says in which encoding its text is (record 7, subtype 20, or a code page)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
        end, order, _ = read_dictionary(raw)
        if raw.find(struct.pack(f"{order}3i", RecordKind.EXTENSION, 20, 1), HEADER_BYTES, end) >= 0:
            return True
        at = raw.find(struct.pack(f"{order}4i", RecordKind.EXTENSION, 3, 4, 8), HEADER_BYTES, end)
        return at >= 0 and struct.unpack_from(f"{order}i", raw, at + 44)[0] > EIGHT_BIT


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
        label = " ".join(question.split()).encode("utf-8")
        kind = b"C" if counted is None else b"D%d %d" % (len(str(counted)), counted)
        names = " ".join(members).encode("utf-8")
        lines.append(b"$%s=%s %d %s %s\n" % (name.encode("utf-8"), kind, len(label), label, names))
    text = b"".join(lines)
    at, order, _ = read_dictionary(raw)
    return raw[:at] + struct.pack(f"{order}4i", RecordKind.EXTENSION, 7, 1, len(text)) + text + raw[at:]


class Record(NamedTuple):
    """A record of a dictionary: its kind, where it stands, and how many bytes it has."""

    kind: RecordKind
    at: int
    size: int


def order_of(raw: bytes | mmap.mmap) -> str:
    """Return the order of bytes of a file, as `struct` writes it."""
    return "<" if struct.unpack_from("<i", raw, LAYOUT_AT)[0] in (2, 3) else ">"


def dictionary_records(raw: bytes | mmap.mmap) -> Iterator[Record]:
    """Iterate over the records of a dictionary; the last is the one that ends it.

    Parameters
    ----------
    raw
        The file.

    Raises
    ------
    ValueError, IndexError, struct.error
        If records break off or are of no known type.
    """
    order = order_of(raw)

    def numbers(at: int, count: int) -> tuple[int, ...]:
        return struct.unpack_from(f"{order}{count}i", raw, at)

    at = HEADER_BYTES
    while (kind := RecordKind(numbers(at, 1)[0])) is not RecordKind.END:
        if kind is RecordKind.VARIABLE:
            _, has_label, missing = numbers(at + 4, 3)
            size = 32 + 8 * abs(missing)
            if has_label and abs(missing) <= MOST_MISSING:
                size += 4 + (_count(numbers(at + 32, 1)[0]) + 3) // 4 * 4
        elif kind is RecordKind.LABELS:
            size = 8
            for _ in range(_count(numbers(at + 4, 1)[0])):
                size += 8 + (raw[at + size + 8] + 8) // 8 * 8
        elif kind is RecordKind.LABELLED:
            size = 8 + 4 * _count(numbers(at + 4, 1)[0])
        elif kind is RecordKind.NOTES:
            size = 8 + 80 * _count(numbers(at + 4, 1)[0])
        else:
            width, count = numbers(at + 8, 2)
            size = 16 + _count(width) * _count(count)
        yield Record(kind, at, size)
        at += size
    yield Record(kind, at, 0)


def read_dictionary(raw: bytes | mmap.mmap) -> Dictionary:
    """Go through a dictionary record by record, and return where it ends and how rows are written.

    Parameters
    ----------
    raw
        The file.

    Raises
    ------
    ValueError, IndexError, struct.error
        If records break off, are of no known type, or name variables that aren't there.
    """
    order = order_of(raw)
    slots: list[bool] = []  # each 8 bytes of a row; whether a variable starts there
    open_slots = 0  # how many more a long text takes
    labelled = True  # whether the last labels have been given to variables
    at = HEADER_BYTES
    for kind, at, _ in dictionary_records(raw):
        if kind is RecordKind.VARIABLE:
            width, _, missing = struct.unpack_from(f"{order}3i", raw, at + 4)
            goes_on = width == CONTINUED
            if (
                goes_on != (open_slots > 0)
                or not CONTINUED <= width <= LONGEST
                or abs(missing) > MOST_MISSING
            ):
                raise ValueError(f"a variable of {width} bytes at byte {at}")
            open_slots = open_slots - 1 if goes_on else max(width - 1, 0) // 8
            slots.append(not goes_on)
        elif kind is RecordKind.LABELLED:
            (count,) = struct.unpack_from(f"{order}i", raw, at + 4)
            named = struct.unpack_from(f"{order}{count}i", raw, at + 8)
            if labelled or not all(1 <= slot <= len(slots) and slots[slot - 1] for slot in named):
                raise ValueError(f"labels of no variable at byte {at}")
        labelled = kind is not RecordKind.LABELS
    if open_slots:
        raise ValueError(f"a text without its end at byte {at}")
    return Dictionary(at, order, len(slots))


def _count(number: int) -> int:
    """Return a count, refusing a negative one."""
    if number < 0:
        raise ValueError(f"a count of {number}")
    return number
