"""Cells as results show them, read as the numbers they show: with their decimals, marks and letters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.display import HIGHER, LOWER
from trustkit.exports.printed_tables import Cell, Column, PrintedTable, letters_heading
from trustkit.exports.safe_text import one_line
from trustkit.headings import told_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

MINUS = "\N{MINUS SIGN}"
"""The sign that charts write before a number below zero."""

NUMBER = re.compile(
    rf"[-{MINUS}]?(?:[1-9]\d{{0,2}}(?:,\d{{3}}){{1,4}}|[1-9]\d{{0,14}}|0)(?:\.\d{{1,15}})?%?", re.ASCII
)
"""A number as tables show it; what begins with zeros, or is longer, names something."""

WITH_LETTERS = re.compile(rf"(\S+)((?: (?:[A-Za-z]{{1,3}}|\(?[{HIGHER}{LOWER}]\)?))+)", re.ASCII)
"""A number with the letters of a banner."""

LETTERED_HEADING = re.compile(r"(.*) \(([A-Z]{1,3})\)( \[u\])?", re.DOTALL)
"""The heading of a banner's column."""

NO_NUMBERS = re.compile(r"|-|no number|\[[a-z]+\]|-?\d[\d,.]*%? to -?[\d,.]+%?")
"""What stands in a column of numbers in place of one: nothing, a mark, an interval, or a range of bases."""

BASES = ("n", "weighted n", "effective n")
"""What the rows of bases are called."""


def shown_number(text: str) -> Cell:
    """Return the number that a text shows, with its decimals; any other text as it is.

    Examples
    --------
    >>> shown_number("40.0%").number, shown_number("4,873").number, shown_number("007").number
    (0.4, 4873.0, None)
    """
    if not NUMBER.fullmatch(text):
        return Cell(text)
    percent = text.endswith("%")
    plain = text.rstrip("%").replace(",", "").replace(MINUS, "-")
    decimals = len(plain.partition(".")[2])
    if percent:
        return Cell(round(float(plain) / 100, decimals + 2), "share", decimals)
    return Cell(float(plain), "number", decimals)


def shown_table(title: str, shown: pd.DataFrame, notes: Sequence[str]) -> PrintedTable:
    """Return a table of shown cells as it is printed.

    Parameters
    ----------
    title
        Its title.
    shown
        Its cells, as text.
    notes
        What is said below it.
    """
    texts = [[one_line(cell) for cell in shown.iloc[:, place]] for place in range(shown.shape[1])]
    headings = [one_line(name) for name in shown.columns]
    of_banner = any(map(LETTERED_HEADING.fullmatch, headings))
    if of_banner:
        cells = [[Cell(text) for text in texts[0]]]  # the names of the rows, which may begin with a number
        for name, shown_texts in zip(headings[1:], texts[1:], strict=True):
            of_group = LETTERED_HEADING.fullmatch(name)
            cells.append(list(map(_lettered if of_group else shown_number, shown_texts)))
    else:
        cells = [list(map(shown_number, column)) for column in texts]
    columns = []
    for heading, column in zip(headings, cells, strict=True):
        numeric = all(cell.number is not None or NO_NUMBERS.fullmatch(cell.text) for cell in column) and any(
            cell.number is not None or " to " in cell.text for cell in column
        )
        lettered = LETTERED_HEADING.fullmatch(heading)
        label, letter, mark = (part or "" for part in lettered.groups()) if lettered else (heading, "", "")
        columns.append(Column(label, letter=letter, numeric=numeric, mark=mark.strip()))
    rows = tuple(zip(*cells, strict=True))
    bases = (
        next((number for number, row in enumerate(rows) if row[0].text not in BASES), 0) if of_banner else 0
    )
    return PrintedTable(
        name=one_line(title), title=one_line(title), columns=tuple(columns), rows=rows,
        notes=tuple(map(one_line, notes)), data=_numbers_of(headings, cells), bases=bases,
    )  # fmt: skip


def _numbers_of(headings: Sequence[str], cells: Sequence[Sequence[Cell]]) -> pd.DataFrame:
    """Return the numbers of shown cells and their other texts, with a column of letters after each column."""
    columns: dict[str, pd.Series] = {}
    for heading, own in zip(told_apart(headings), cells, strict=True):
        values = [cell.text if cell.number is None else cell.number for cell in own]
        whole = all(isinstance(value, float) for value in values)
        columns[heading] = pd.Series(values, dtype="float64" if whole and values else "object")
        if any(cell.letters for cell in own):
            letters = [cell.letters for cell in own]
            columns[f"{heading} {letters_heading(''.join(letters))}"] = pd.Series(letters, dtype="object")
    return pd.DataFrame(columns)


def letters_apart(header: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """Return a table of shown cells with the letters of a banner in columns of their own.

    Examples
    --------
    >>> letters_apart(["answer", "Men (A)", "All (B)"], [["yes", "40.0% B", "30.0%"]])
    (['answer', 'Men (A)', 'A higher than', 'All (B)', 'B higher than'], [['yes', '40.0%', 'B', '30.0%', '']])
    >>> letters_apart(["answer", "n"], [["yes", "4"]])
    (['answer', 'n'], [['yes', '4']])
    """
    own = [LETTERED_HEADING.fullmatch(heading) for heading in header]
    cells = [
        [_lettered(text) if of_banner else Cell(text) for text, of_banner in zip(row, own, strict=False)]
        for row in rows
    ]
    letters = "".join(cell.letters for row in cells for cell in row)
    if not letters or not any(own) or any(len(row) != len(header) for row in rows):
        return list(header), [list(row) for row in rows]
    names: list[str] = []
    wide: list[list[str]] = [[] for _ in rows]
    for place, (name, of_banner) in enumerate(zip(header, own, strict=True)):
        names += [name, f"{of_banner[2]} {letters_heading(letters)}"] if of_banner else [name]
        for texts, row, parted in zip(wide, rows, cells, strict=True):
            texts.extend([parted[place].text, parted[place].letters] if of_banner else [row[place]])
    return names, wide


def _lettered(text: str) -> Cell:
    """Return the number that a cell of a banner shows, and its letters."""
    parts = WITH_LETTERS.fullmatch(text)
    number = shown_number(parts[1]) if parts else shown_number(text)
    if parts is None or number.number is None:
        return number if parts is None else Cell(text)
    return Cell(number.value, number.kind, number.decimals, parts[2].strip())
