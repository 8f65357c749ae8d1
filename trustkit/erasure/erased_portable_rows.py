"""A portable SPSS file (``.por``) without some rows: its cells are cut, and all before them stays.

The layout is described in the PSPP developer's guide, "Portable File Format": one text in lines of 80 signs,
whose numbers are written to the base 30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LINE = 80
"""Signs of a line."""

SIGNS = slice(200 + 64, 200 + 100)
"""Where the file lists which signs it writes for digits and capital letters."""

USUAL_SIGNS = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

START = 200 + 256 + len("SPSSPORT")
"""Where the dictionary starts."""

BASE = 30
"""What numbers are written to."""

FILL = b"Z"
"""What the last line is filled with."""


def portable_without(path: Path, rows: Sequence[int], count: int) -> bytes:
    """Return a portable SPSS file without some of its rows.

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
        If it does not hold that many rows, or writes digits and letters with other signs.
    """
    raw = path.read_bytes()
    try:
        portable = portable_text(raw, count)
    except (ValueError, IndexError) as fault:
        raise DataError(
            "a row can't be removed from this portable SPSS file",
            where=path.as_posix(), got=str(fault), expected=f"{count:,} rows, in ASCII",
            do="save it as .sav, write its digest into SHA256SUMS, remove the old file, and erase again",
        ) from None  # fmt: skip
    gone = set(rows)
    kept = [portable.text[row[0][0] : row[-1][1]] for at, row in enumerate(portable.cells) if at not in gone]
    return in_lines(portable.text[: portable.records[-1].end] + b"".join(kept), raw)


class Record(NamedTuple):
    """A record of a dictionary: its sign, from where to where it goes, and the variables that it names.

    ``names_end`` is where the names end that stand at its beginning.
    """

    tag: bytes
    start: int
    end: int
    names: tuple[bytes, ...]
    names_end: int


class PortableText(NamedTuple):
    """A portable file taken apart.

    Attributes
    ----------
    text
        Its lines in one.
    names
        Its variables.
    records
        The records of its dictionary; the last begins the rows.
    cells
        From where to where each cell of each row goes.
    """

    text: bytes
    names: tuple[bytes, ...]
    records: tuple[Record, ...]
    cells: list[list[tuple[int, int]]]


def in_lines(text: bytes, before: bytes) -> bytes:
    """Return a text in lines of 80 signs, which end as those of another file do."""
    end = b"\r\n" if b"\r\n" in before[: 2 * LINE] else b"\n"
    text += FILL * (-len(text) % LINE or LINE)
    lines = [text[at : at + LINE] for at in range(0, len(text), LINE)]
    return end.join(lines) + (end if before.endswith(b"\n") else b"")


def whole_number(number: int) -> bytes:
    """Return a number from 0 on to the base 30, without the sign that ends it.

    Examples
    --------
    >>> whole_number(31), whole_number(0)
    (b'11', b'0')
    """
    digits = USUAL_SIGNS[number % BASE : number % BASE + 1]
    return (whole_number(number // BASE) if number >= BASE else b"") + digits


def portable_text(raw: bytes, count: int) -> PortableText:
    """Take a portable file apart.

    Parameters
    ----------
    raw
        The file.
    count
        How many rows it has.

    Raises
    ------
    ValueError, IndexError
        If it does not hold that many rows, or writes digits and letters with other signs.
    """
    text = b"".join(line.rstrip(b"\r").ljust(LINE) for line in raw.rstrip(b"\r\n").split(b"\n"))
    if text[SIGNS] != USUAL_SIGNS:
        raise ValueError("digits and letters are written with other signs")
    reader = _Reader(text)
    widths, records = reader.dictionary()
    rows = []
    for _ in range(count):
        cells = []
        for width in widths.values():
            first = reader.at
            reader.cell(is_text=width > 0)
            cells.append((first, reader.at))
        rows.append(cells)
    if text[reader.at :].strip(FILL):
        raise ValueError("more rows than were read")
    return PortableText(text, tuple(widths), tuple(records), rows)


class _Reader:
    """Goes through the text of a portable file."""

    def __init__(self, text: bytes) -> None:
        self.body = text
        self.at = START

    def number(self) -> int:
        """Read a whole number; one with decimals is cut off."""
        end = self.body.index(b"/", self.at)
        digits = self.body[self.at : end].strip()
        self.at = end + 1
        return int(digits.partition(b".")[0] or b"0", BASE)

    def text(self) -> bytes:
        """Read a text."""
        length = self.number()
        self.at += length
        if length < 0 or self.at > len(self.body):
            raise ValueError("a text that goes on behind the end")
        return self.body[self.at - length : self.at]

    def cell(self, *, is_text: bool) -> None:
        """Read a cell: a text, a number, or the two signs of a missing number."""
        if is_text:
            self.text()
            return
        while self.body[self.at : self.at + 1] == b" ":
            self.at += 1
        if self.body[self.at : self.at + 1] == b"*":
            self.at += 2
        else:
            end = self.body.index(b"/", self.at)
            if self.body[self.at : end].strip(USUAL_SIGNS + b"+-. "):
                raise ValueError("a number that is none")
            self.at = end + 1

    def dictionary(self) -> tuple[dict[bytes, int], list[Record]]:
        """Read what stands before the rows; return the variables' widths, 0 for numbers, and its records."""
        self.at += 1  # the version
        self.text()
        self.text()
        widths: dict[bytes, int] = {}
        records: list[Record] = []
        variable: tuple[bytes, ...] = ()
        while not records or records[-1].tag != b"F":
            start = self.at
            tag = self.body[start : start + 1]
            self.at += 1
            names: tuple[bytes, ...] = ()
            names_end = self.at
            if tag == b"7":
                width = self.number()
                variable = names = (self.text(),)
                widths[variable[0]] = width
                self.numbers(6)
            elif tag == b"D":
                names = tuple(self.text() for _ in range(self.number()))
                names_end = self.at
                for _ in range(self.number()):
                    self.cell(is_text=widths[names[0]] > 0)
                    self.text()
            elif tag and tag in b"89AB":  # missing values, and ranges of them
                names = variable
                for _ in range(2 if tag == b"B" else 1):
                    self.cell(is_text=widths[variable[0]] > 0)
            else:
                names = self.other_record(tag, variable)
            records.append(Record(tag, start, self.at, names, names_end))
        return widths, records

    def other_record(self, tag: bytes, variable: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Read a record that has no cells, and return the variable that it names; () if it names none."""
        if tag == b"C":  # the label of a variable
            self.text()
            return variable
        if tag == b"6":  # the variable of weights
            return (self.text(),)
        if tag and tag in b"123":  # product, author and further words
            self.text()
        elif tag and tag in b"45":
            self.number()
        elif tag == b"E":
            for _ in range(self.number()):
                self.text()
        elif tag != b"F":
            raise ValueError(f"a record of the unknown type {tag!r}")
        return ()

    def numbers(self, count: int) -> None:
        """Read whole numbers."""
        for _ in range(count):
            self.number()
