"""A workbook without some rows of its data: the parts of the file are edited, so that formats stay.

The rows below move up. Texts that only the removed rows had go from the workbook's list of texts, too.
"""

from __future__ import annotations

import html
import re
import zipfile
from itertools import count
from typing import TYPE_CHECKING

from trustkit.errors import DataError, first_few
from trustkit.files.worksheets import sheet_parts
from trustkit.files.zip_archives import contents
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

ROW = re.compile(r"<(?:\w+:)?row\b(?:[^>]*/>|.*?</(?:\w+:)?row>)", re.DOTALL)
CELL = re.compile(r"<(?:\w+:)?c\b(?:[^>]*/>|.*?</(?:\w+:)?c>)", re.DOTALL)
VALUE = re.compile(r"<(?:\w+:)?(v|t)\b[^>]*>(.*?)</(?:\w+:)?\1>", re.DOTALL)
TEXT = re.compile(r"<(?:\w+:)?si\b(?:[^>]*/>|.*?</(?:\w+:)?si>)", re.DOTALL)
RUN = re.compile(r"<(?:\w+:)?t\b[^>]*>(.*?)</(?:\w+:)?t>", re.DOTALL)
"""Rows, cells and texts in the XML of a workbook."""

NUMBERED = re.compile(r'(<(?:\w+:)?(?:row|c)\b[^>]*?\sr=")([A-Z]*)(\d+)(")')
"""The place that a row or a cell names."""

LINKS = re.compile(r"<(?:\w+:)?hyperlinks>.*?</(?:\w+:)?hyperlinks>", re.DOTALL)
LINK = re.compile(r'<Relationship\b[^>]*relationships/hyperlink"[^>]*/>')
"""The links of a sheet's cells: which cells, and where they lead."""

TIED = re.compile(r"<(?:\w+:)?(f|mergeCell|legacyDrawing|tablePart)\b")
"""What is tied to places of cells and would be wrong after rows have moved."""

FILTER = re.compile(r"<(?:\w+:)?autoFilter\b(?:[^>]*/>|.*?</(?:\w+:)?autoFilter>)", re.DOTALL)
"""A sheet's filter, which names rows, and values that are shown."""

EXTENT = re.compile(r'(<(?:\w+:)?dimension\b[^>]*?\sref="[A-Z]+\d+:[A-Z]+)(\d+)(")')
"""From which cell to which a sheet goes."""

COPIES = re.compile(r"xl/(?:pivotCache|charts)/")
"""Parts of a workbook that keep copies of cells: of pivot tables, and of charts."""

ABOUT = "docProps/"
"""The parts of a workbook that say who wrote it, and what about."""

TEXTS = "xl/sharedStrings.xml"
"""The part of a workbook with the texts of all its cells."""


def write_sheet(
    path: Path, target: Path, rows: Sequence[int], people: int, sheet: tuple[str, Collection[str]]
) -> tuple[str, ...]:
    """Write a workbook without some of the last ``people`` rows of its data.

    Parameters
    ----------
    path, target
        The workbook, and where the new one goes.
    rows
        Which rows of the survey go, from 0.
    people
        How many rows the survey has.
    sheet
        The name of the data's sheet, or "", and the ids of which one stands in each row that goes.

    Returns
    -------
    tuple of str
        What the workbook lost besides.

    Raises
    ------
    DataError
        If the sheet can't be told, or has formulas, merged cells or comments, which are tied to their rows;
        if the workbook has pivot tables or charts, which keep copies of rows.
    """
    name, ids = sheet
    book = Workbook(path)
    found = []
    for part in book.wanted(name):
        filled = book.filled(part)
        gone = [filled[-people:][row] for row in rows] if len(filled) >= people else []
        if gone and all(not set(ids).isdisjoint(book.values(row[0])) for row in gone):
            found.append((part, gone))
    book.refuse_unless_one(len(found), "the sheet with the respondent's rows can't be told")
    ((part, gone),) = found
    book.refuse_tied(part, "a row")
    xml = book.text(part)
    lost = [words for words, pattern in LOST.items() if pattern.search(xml)]
    moved = FILTER.sub("", LINKS.sub("", _without_rows(xml, gone)))
    moved = EXTENT.sub(lambda end: f"{end[1]}{int(end[2]) - len(gone)}{end[3]}", moved)
    book.write(target, (part, moved), {cell for row in gone for cell in book.values(row[0])})
    return tuple(lost)


class Workbook:
    """A workbook as the parts that it is made of.

    Parameters
    ----------
    path
        The workbook.
    """

    def __init__(self, path: Path) -> None:
        self.where = path.as_posix()
        self._sheets = sheet_parts(path)
        with zipfile.ZipFile(path) as archive:
            self._items = archive.infolist()
            self._whole = {
                item.filename: b"".join(contents(archive, item, self.where)) for item in self._items
            }
        self._texts = TEXT.findall(self.text(TEXTS))

    def text(self, part: str) -> str:
        """Return a part as text; "" if there is none."""
        return self._whole.get(part, b"").decode("utf-8-sig")

    def wanted(self, name: str) -> list[str]:
        """Return the parts of the sheets of a name, or of all sheets if the name is ""."""
        known = {
            part for title, part in self._sheets.items() if not name or title.casefold() == name.casefold()
        }
        return sorted(known & self._whole.keys())

    def filled(self, part: str) -> list[re.Match[str]]:
        """Return the rows of a sheet that hold anything."""
        return [row for row in ROW.finditer(self.text(part)) if self.values(row[0])]

    def values(self, row: str) -> list[str]:
        """Return what stands in the cells of a row that hold anything, as ids are compared."""
        return [value for value in map(self.value, CELL.findall(row)) if value]

    def value(self, cell: str) -> str:
        """Return what stands in a cell, as ids are compared."""
        value = "".join(text for _, text in VALUE.findall(cell))
        if 't="s"' in cell.partition(">")[0] and value.isdigit() and int(value) < len(self._texts):
            value = "".join(RUN.findall(self._texts[int(value)]))
        return id_text(html.unescape(value))

    def refuse_unless_one(self, count: int, what: str) -> None:
        """Refuse what was found in no sheet or in several.

        Raises
        ------
        DataError
            If it was.
        """
        if count == 1:
            return
        raise DataError(
            what,
            where=self.where, got=f"{count} sheets", expected="one sheet",
            do="name it in the codebook: sheet:, or save the sheet as .csv",
        )  # fmt: skip

    def refuse_tied(self, part: str, what: str) -> None:
        """Refuse a sheet with what is tied to places of cells, and a workbook with copies of cells.

        Raises
        ------
        DataError
            If it has formulas, merged cells, comments, tables, pivot tables or charts.
        """
        tied = TIED.search(self.text(part))
        if tied:
            raise DataError(
                f"{what} can't be removed from this sheet",
                where=f"{self.where}, {part}", got=f"the element {tied[1]}, which is tied to places of cells",
                expected="values alone", do="save the sheet as .csv, or with values alone",
            )  # fmt: skip
        copies = sorted(name for name in self._whole if COPIES.match(name))
        if copies:
            raise DataError(
                f"{what} can't be removed from this workbook, which keeps copies of cells",
                where=self.where, got=first_few(copies), expected="no pivot tables and no charts",
                do="save the sheet as .csv, or in a workbook of its own",
            )  # fmt: skip

    def write(self, target: Path, sheet: tuple[str, str], gone: set[str]) -> None:
        """Write the workbook to another place with a new sheet, and without links and texts that went.

        Parameters
        ----------
        target
            Where it goes.
        sheet
            The part of the sheet, and its new XML.
        gone
            The values of the cells that went, which the workbook may also say of itself.
        """
        part, xml = sheet
        whole = dict(self._whole)
        whole[part] = xml.encode()
        relations = "xl/worksheets/_rels/" + part.rpartition("/")[2] + ".rels"
        if relations in whole:
            whole[relations] = LINK.sub("", self.text(relations)).encode()
        if self._texts:
            old = {name: self.text(name) for name in self._sheets.values()}
            before, after = _used(old.values()), _used((old | {part: xml}).values())
            whole[TEXTS] = _without_texts(before, after, self.text(TEXTS)).encode()
        for name in whole:
            if name.startswith(ABOUT):
                whole[name] = _without_values(self.text(name), gone).encode()
        with zipfile.ZipFile(target, "w") as archive:
            for item in self._items:
                archive.writestr(item, whole[item.filename], item.compress_type)


LOST = {"links of cells": LINKS, "the filter of the sheet": FILTER}
"""What a workbook loses besides, in words, and how it is written."""


def _without_values(xml: str, values: set[str]) -> str:
    """Return what a workbook says of itself without texts that are cells of the rows that go."""
    return re.sub(
        r">([^<]+)<", lambda text: "><" if id_text(html.unescape(text[1])) in values else text[0], xml
    )


def _without_rows(xml: str, gone: Sequence[re.Match[str]]) -> str:
    """Return a sheet's XML without some rows, the rows below moved up."""
    starts = {row.start() for row in gone}
    above = 0

    def moved(row: re.Match[str]) -> str:
        nonlocal above
        if row.start() in starts:
            above += 1
            return ""
        return NUMBERED.sub(lambda place: f"{place[1]}{place[2]}{int(place[3]) - above}{place[4]}", row[0])

    return ROW.sub(moved, xml)


def _without_texts(before: set[int], after: set[int], xml: str) -> str:
    """Return the workbook's texts, those that no cell has any more emptied; the others keep their numbers."""
    number = count()

    def kept(text: re.Match[str]) -> str:
        at = next(number)
        return "<si><t/></si>" if at in before - after else text[0]

    return TEXT.sub(kept, xml)


def _used(sheets: Iterable[str]) -> set[int]:
    """Return the numbers of the texts that cells of sheets have."""
    return {
        int(number)
        for xml in sheets
        for cell in CELL.findall(xml)
        if 't="s"' in cell.partition(">")[0]
        for _, number in VALUE.findall(cell)
        if number.isdigit()
    }
