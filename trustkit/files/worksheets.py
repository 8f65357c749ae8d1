"""The XML of worksheets before they are read: formulas, errors, far cells, long numbers, styles of cells."""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Literal
from xml.parsers import expat

from trustkit.errors import DataError
from trustkit.files.zip_archives import contents, refuse_vast

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Place = tuple[int, int]

Shown = Literal["percent", "date"]
"""What a cell's style shows its number as."""

PLACE = re.compile(r"\s*([A-Za-z]{1,3})([0-9]{1,7})\s*")
"""A cell's place on its sheet, as in ``B12``."""

WHOLE = re.compile(r"\s*[+-]?[0-9]{16,}\s*")
"""A whole number that may have more digits than a worksheet's numbers can hold."""

TEXT_NUMBER = re.compile(r"[0-9]{1,9}")
"""The number of a text in the workbook's list of texts; the library takes what is no number for the first."""

NUMBER, SHARED_TEXT = "n", "s"
"""The types of cells that hold a number, and the number of a text in the workbook's list of texts."""

FIRST_STYLE = "0"
"""The number of the style of cells that name none."""

EXACT = 2**53
"""Whole numbers up to here are exact in a worksheet, whose numbers are binary floating point."""

SHEETS, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
"""The parts that list a workbook's sheets, and where each part stands."""

NO_STYLES: Mapping[str, Shown] = {}
"""The styles of a workbook that has none."""

LONG = 16
"""How many characters such a number has at least."""


@dataclass(frozen=True)
class Marked:
    """Cells of a worksheet that need more than their numbers, by (row, column), both from 0.

    Attributes
    ----------
    exact
        The digits of whole numbers too long for a floating-point number.
    percent
        Numbers that the workbook shows as percent.
    below_zero
        Negative numbers that the workbook shows as dates or times, which no negative number is.
    """

    exact: dict[Place, str] = field(default_factory=dict)
    percent: set[Place] = field(default_factory=set)
    below_zero: dict[Place, float] = field(default_factory=dict)


def check_worksheets(path: Path, styles: Mapping[str, Shown] = NO_STYLES) -> dict[str, Marked]:
    """Go through the worksheets' XML before a library does.

    Every part of the workbook whose outermost element is ``worksheet`` is looked at, wherever it stands.

    Parameters
    ----------
    path
        The workbook, which is known to be a sound archive (`zip_archives.opened`).
    styles
        What the cells' styles show a number as (`number_formats.cell_styles`).

    Returns
    -------
    dict
        Part of the workbook -> its marked cells; parts without one are left out.

    Raises
    ------
    DataError
        If a worksheet is damaged, far larger than its file, holds a formula or a cell with an error, or
        gives a cell twice.
    """
    sheets = {}
    extent = cells = 0  # of all worksheets together, as all of them are held in memory
    with zipfile.ZipFile(path) as archive:
        for item in archive.infolist():
            if item.filename.lower().endswith(("workbook.bin", ".ods")):
                raise DataError(
                    "this is a binary Excel workbook (.xlsb)",
                    where=path.as_posix(), expected="an .xlsx workbook", do="save it as .xlsx",
                )  # fmt: skip
            sheet = _Worksheet(path.as_posix(), item.filename, styles)
            for chunk in contents(archive, item, path.as_posix()):
                sheet.feed(chunk)
            sheet.finish()
            extent, cells = extent + sheet.widest * sheet.lowest, cells + sheet.cells
            refuse_vast(extent, cells, path.as_posix())
            if sheet.marked != Marked():
                sheets[item.filename] = sheet.marked
    return sheets


def sheet_parts(path: Path) -> dict[str, str]:
    """Return the name of each sheet of a workbook -> the part of the workbook that holds it.

    Raises
    ------
    DataError
        If the workbook's list of sheets is damaged.
    """
    parts = {}
    with zipfile.ZipFile(path) as archive:
        targets = {
            about.get("Id", ""): about.get("Target", "")
            for name, about in elements(archive, RELATIONS, path)
            if name == "Relationship"
        }
        for name, about in elements(archive, SHEETS, path):
            if name == "sheet":
                key = next((value for name, value in about.items() if name.rpartition(":")[2] == "id"), "")
                parts[about.get("name", "")] = part_named(archive, targets.get(key, ""))
    return parts


def part_named(archive: zipfile.ZipFile, target: str) -> str:
    """Return the part of a workbook that a relation of ``xl/workbook.xml`` names."""
    full = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    return next((name for name in archive.namelist() if name.casefold() == full.casefold()), full)


def elements(archive: zipfile.ZipFile, part: str, path: Path) -> list[tuple[str, dict[str, str]]]:
    """Return name and attributes of each element of a part of a workbook; nothing if there is no such part.

    Raises
    ------
    DataError
        If the part is damaged.
    """
    found: list[tuple[str, dict[str, str]]] = []
    part = next((name for name in archive.namelist() if name.casefold() == part.casefold()), "")
    if not part:
        return found
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, about: found.append((name.rpartition(":")[2], about))
    try:
        for chunk in contents(archive, archive.getinfo(part), path.as_posix()):
            parser.Parse(chunk, False)  # noqa: FBT003
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as fault:
        raise DataError(
            "the workbook is damaged",
            where=f"{path.as_posix()}, {part}", got=str(fault), do="save or download it again",
        ) from None  # fmt: skip
    return found


class _Worksheet:
    """One part of a workbook while its XML is read piece by piece."""

    def __init__(self, file: str, part: str, styles: Mapping[str, Shown]) -> None:
        self.file, self.part, self.styles = file, part, styles
        self.where = f"{file}, {part.rpartition('/')[2]}"
        self.marked = Marked()
        self.given: dict[int, int] = {}  # row -> its cells so far, one bit for each column
        self.cells = self.widest = self.lowest = self.row = self.column = 0
        self.kind = ""  # the type of the cell at hand; "" outside cells
        self.style = ""  # the number of its style
        self.text: list[str] | None = None  # the characters of the number at hand
        self.is_worksheet = False
        self.parser: expat.XMLParserType | None = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._root
        self.parser.EntityDeclHandler = self._entity

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """Take the next piece; what is not XML at all (a picture) is let be."""
        if self.parser is None:
            return
        try:
            self.parser.Parse(piece, last)
        except expat.ExpatError as fault:
            if self.is_worksheet or self.part.lower().endswith((".xml", ".rels")):
                raise self._damaged(str(fault)) from None
            self.parser = None
        if not self.is_worksheet:
            self.parser = self.parser if self.parser and self.parser.StartElementHandler else None

    def finish(self) -> None:
        """Check that the part is complete."""
        self.feed(b"", last=True)

    def _root(self, name: str, _: dict[str, str]) -> None:
        """Look at the outermost element: only worksheets are read on."""
        if self.parser is None:
            return
        self.is_worksheet = name.rpartition(":")[2] == "worksheet"
        self.parser.StartElementHandler = self._start if self.is_worksheet else None
        self.parser.EndElementHandler = self._end if self.is_worksheet else None
        self.parser.CharacterDataHandler = self._characters if self.is_worksheet else None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        """Take note of a row, a cell, its value; refuse a formula or an error."""
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "v":
            self.text = [] if self.kind in (NUMBER, SHARED_TEXT) else None
        elif name == "c":
            self.cells += 1
            place = attributes.get("r")
            if place is None:
                self.column += 1
            else:
                self._move(place)
            given, bit = self.given.get(self.row, 0), 1 << self.column
            if given & bit:
                raise self._damaged(f"cell {self.place} is given twice")
            self.given[self.row] = given | bit
            self.widest, self.lowest = max(self.widest, self.column), max(self.lowest, self.row)
            self.kind = attributes.get("t", NUMBER)
            self.style = attributes.get("s", FIRST_STYLE)
            if self.kind == "e":
                self._refuse("the worksheet has cells with an error", "correct them, or empty them")
        elif name == "row":
            row = attributes.get("r", "").strip()
            self.row = int(row) if row.isdecimal() else self.row + 1
            self.column = 0
        elif name == "f" and self.kind:
            self._refuse("the worksheet has formulas", "copy it and paste the values alone")

    def _end(self, name: str) -> None:
        """Leave a cell; check what it holds."""
        if self.text is not None:
            held = "".join(self.text)
            self.text = None
            if self.kind == NUMBER:
                self._check_number(held)
            elif held and not TEXT_NUMBER.fullmatch(held):
                raise self._damaged(f"cell {self.place} holds the number {held[:LONG]!r} of a text")
        if name == "c" or name.endswith(":c"):
            self.kind = ""

    def _check_number(self, digits: str) -> None:
        """Keep a number that needs more than its value; refuse one that is none."""
        try:
            number = float(digits)
        except ValueError:  # text, or nothing at all, about which the library decides
            return
        if not isfinite(number):
            raise self._damaged(f"cell {self.place} holds the number {digits[:LONG]!r}")
        if len(digits) >= LONG and WHOLE.fullmatch(digits) and abs(int(digits)) > EXACT:
            self.marked.exact[self.row - 1, self.column - 1] = digits.strip()
            return
        shown = self.styles.get(self.style)
        if shown == "percent":
            self.marked.percent.add((self.row - 1, self.column - 1))
        elif shown == "date" and number < 0:
            self.marked.below_zero[self.row - 1, self.column - 1] = number

    def _characters(self, text: str) -> None:
        """Take the characters of a number."""
        if self.text is not None:
            self.text.append(text)

    def _move(self, place: str) -> None:
        """Go to the place that a cell names."""
        reference = PLACE.fullmatch(place)
        if reference is None:
            raise self._damaged(f"a cell at {place!r}")
        self.column, self.row = column_number(reference[1]), int(reference[2])

    def _entity(self, name: str, *_: object) -> None:
        """Refuse a document that declares entities: they can unfold to any size."""
        raise DataError(
            "the workbook's XML declares entities",
            where=self.where, got=name, expected="XML as a spreadsheet program writes it",
            do="open it in a spreadsheet program and save it again",
        )  # fmt: skip

    @property
    def place(self) -> str:
        """The cell at hand, as in ``B12``."""
        return f"{column_letters(self.column)}{self.row}"

    def _damaged(self, what: str) -> DataError:
        """Return the error of a part that is no worksheet as a program writes it."""
        return DataError(
            "the workbook is damaged", where=self.where, got=what, do="save or download it again"
        )

    def _refuse(self, what: str, do: str) -> None:
        """Refuse the worksheet for the cell at hand."""
        raise DataError(
            what,
            where=self.where, got=f"the first is cell {self.place}",
            expected="values alone, as they were collected", do=do,
        )  # fmt: skip


@cache
def column_number(letters: str) -> int:
    """Return a column's number.

    Examples
    --------
    >>> column_number("A"), column_number("AA")
    (1, 27)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return a column's letters.

    Examples
    --------
    >>> column_letters(1), column_letters(27)
    ('A', 'AA')
    """
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
