"""A portable SPSS file (``.por``) without some rows: its cells are cut, and all before them stays.

The layout is described in the PSPP developer's guide, "Portable File Format": one text in lines of 80 signs,
whose numbers are written to the base 30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    end = b"\r\n" if b"\r\n" in raw[: 2 * LINE] else b"\n"
    text = b"".join(line.rstrip(b"\r").ljust(LINE) for line in raw.rstrip(b"\r\n").split(b"\n"))
    try:
        start, places = _places(text, count)
    except (ValueError, IndexError) as fault:
        raise DataError(
            "a row can't be removed from this portable SPSS file",
            where=path.as_posix(), got=str(fault), expected=f"{count:,} rows, in ASCII",
            do="save it as .sav, write its digest into SHA256SUMS, remove the old file, and erase again",
        ) from None  # fmt: skip
    gone = set(rows)
    kept = [text[first:last] for row, (first, last) in enumerate(places) if row not in gone]
    new = text[:start] + b"".join(kept)
    new += FILL * (-len(new) % LINE or LINE)
    has_end = raw.endswith(b"\n")
    lines = [new[at : at + LINE] for at in range(0, len(new), LINE)]
    return end.join(lines) + (end if has_end else b"")


def _places(text: bytes, count: int) -> tuple[int, list[tuple[int, int]]]:
    """Return where the rows start, and from where to where each goes."""
    if text[SIGNS] != USUAL_SIGNS:
        raise ValueError("digits and letters are written with other signs")
    reader = _Reader(text)
    widths = reader.dictionary()
    start = reader.at
    places = []
    for _ in range(count):
        first = reader.at
        for width in widths:
            reader.cell(is_text=width > 0)
        places.append((first, reader.at))
    if text[reader.at :].strip(FILL):
        raise ValueError("more rows than were read")
    return start, places


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

    def dictionary(self) -> list[int]:
        """Read what stands before the rows; return the variables' widths, 0 for numbers."""
        self.at += 1  # the version
        self.text()
        self.text()
        widths: dict[bytes, int] = {}
        name = b""
        while (tag := self.body[self.at : self.at + 1]) != b"F":
            self.at += 1
            if tag in b"123C6":  # texts: product, author, further words, label, variable of weights
                self.text()
            elif tag in b"45":
                self.number()
            elif tag == b"7":
                width = self.number()
                name = self.text()
                widths[name] = width
                for _ in range(6):
                    self.number()
            elif tag in b"89AB":  # missing values, and ranges of them
                for _ in range(2 if tag == b"B" else 1):
                    self.cell(is_text=widths[name] > 0)
            elif tag == b"D":
                names = [self.text() for _ in range(self.number())]
                for _ in range(self.number()):
                    self.cell(is_text=widths[names[0]] > 0)
                    self.text()
            elif tag == b"E":
                for _ in range(self.number()):
                    self.text()
            else:
                raise ValueError(f"a record of the unknown type {tag!r}")
        self.at += 1
        return list(widths.values())
