"""Tables as pages show them, read from their HTML and written as CSV: no cell is a formula."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from trustkit.display import visible
from trustkit.exports.safe_text import csv_text
from trustkit.exports.shown_cells import MINUS, NUMBER, letters_apart
from trustkit.headings import shown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS, ROWS_NAME = "tk-rows", "tk-rows-name"
"""The classes of a heading above rows, which is their first cell, and of the name of that column."""

ABOVE_CHART = re.compile(
    r'<p class="tk-headline"[^>]*>.*?</p>(?:<p class="tk-subtitle"[^>]*>.*?</p>)?', re.DOTALL
)
"""What stands above a chart: its headline, and its subtitle if it has one."""

OWN = "tk-table"
"""The class of tables that trustkit made; those of other programs are not offered for download."""


@dataclass(frozen=True)
class ShownTable:
    """A table as a page shows it.

    Attributes
    ----------
    caption
        Its title.
    header
        The names of its columns; empty if it has no head.
    rows
        The texts of its cells.
    notes
        What is said below it.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    def csv(self) -> bytes:
        r"""Return the table as CSV in UTF-8, with the mark by which spreadsheets know it.

        A number stands without thousands separators, and the letters of a banner in columns of their own. A
        text that a spreadsheet would take for a formula begins with an apostrophe, as spreadsheets mark text
        themselves.

        Examples
        --------
        >>> table = ShownTable("Trust", ("answer", "n"), (("=1+1", "4,873"), ("-0.5", "")))
        >>> table.csv().decode("utf-8-sig")
        "answer,n\r\n'=1+1,4873\r\n-0.5,\r\n"
        """
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\r\n")
        header, rows = letters_apart(self.header, self.rows)
        writer.writerows([safe_cell(cell) for cell in row] for row in (header, *rows) if row)
        return stream.getvalue().encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """Return what a cell of a CSV file holds: a plain number, or text that no spreadsheet runs.

    Examples
    --------
    >>> safe_cell("@SUM(A1)"), safe_cell("-1,204.5"), safe_cell("- none"), safe_cell("40.0%")
    ("'@SUM(A1)", '-1204.5', "'- none", '40.0%')
    """
    if NUMBER.fullmatch(text):
        return text.replace(",", "").replace(MINUS, "-")
    return csv_text(text)


def shown_tables(html: str) -> list[ShownTable]:
    """Return the tables of trustkit's own HTML, each with the notes of that HTML.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit.display import html_table
    >>> head = "<thead><tr><th>answer</th><th>n</th></tr></thead>"
    >>> body = "<tbody><tr><td>yes</td><td>12</td></tr></tbody>"
    >>> shown_tables(f'<table class="tk-table"><caption>Trust</caption>{head}{body}</table>')
    [ShownTable(caption='Trust', header=('answer', 'n'), rows=(('yes', '12'),), notes=())]

    A heading above rows is the first cell of each of them:

    >>> table = pd.DataFrame({"variable": ["sex", "sex"], "level": ["Female", "Male"], "n": ["7", "5"]})
    >>> shown_tables(html_table(table, caption="Sample", group="variable"))[0].rows
    (('sex', 'Female', '7'), ('sex', 'Male', '5'))
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    notes = tuple(note for note in map(_line, reader.notes) if note)
    return [
        ShownTable(
            _line(table.caption),
            tuple(table.header),
            tuple(map(tuple, table.rows)),
            notes,
        )
        for table in reader.tables
        if table.rows or table.header
    ]


def looks_like_microdata(table: ShownTable, names: Sequence[frozenset[str]]) -> bool:
    """Return whether a table may hold rows of a data set: most of its columns are variables of a codebook.

    Parameters
    ----------
    table
        The table.
    names
        For each codebook, the names and labels of its variables.

    Examples
    --------
    >>> answers = ShownTable("First rows", ("age", "sex"), (("34", "Female"),))
    >>> shares = ShownTable("Trust", ("sex", "proportion", "n"), (("Female", "40.0%", "812"),))
    >>> [looks_like_microdata(table, [frozenset({"age", "sex", "trust"})]) for table in (answers, shares)]
    [True, False]
    """
    columns = [shown_name(column) for column in table.header if column]
    heads = [{*map(shown_name, known)} for known in names]
    return any(2 * sum(column in known for column in columns) > len(columns) for known in heads)


def _line(text: str) -> str:
    return " ".join(visible(text, lines="joined").split())


@dataclass
class _Read:
    """A table while it is read."""

    caption: str = ""
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads tables and notes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Read] = []
        self.notes: list[str] = []
        self._table: _Read | None = None
        self._in_head = False
        self._row: list[str] = []
        self._cell: list[str] | None = None
        self._across = 1
        self._heads_rows = self._names_groups = False
        self._group: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        if tag == "table":
            self._table = _Read() if OWN in classes else None
            if self._table is not None:
                self.tables.append(self._table)
            self._group = []
        elif tag == "p" and "tk-note" in classes and self._table is None:
            self._cell = []
        elif self._table is not None and tag in {"td", "th", "caption"}:
            self._cell = []
            across = values.get("colspan", "1")
            self._across = min(int(across), 100) if across.isascii() and across.isdigit() else 1
            self._heads_rows = tag == "th" and ROWS in classes
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row = []
        elif self._cell is not None and tag in {"br", "span", "li", "p"}:
            self._cell.append(" ")
            self._names_groups = self._in_head and ROWS_NAME in classes

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._in_head = False
        elif tag == "table":
            self._table = None
        elif tag == "p" and self._cell is not None and self._table is None:
            self.notes.append("".join(self._cell))
            self._cell = None
        elif self._table is None:
            return
        elif tag == "span" and self._names_groups and self._cell is not None:
            self._row.append(_line("".join(self._cell)))
            self._cell = []
            self._names_groups = False
        elif tag == "caption" and self._cell is not None:
            self._table.caption = "".join(self._cell)
            self._cell = None
        elif tag == "th" and self._heads_rows and self._cell is not None:
            self._group = [_line("".join(self._cell))]
            self._cell = None
            self._heads_rows = False
        elif tag in {"td", "th"} and self._cell is not None:
            self._row += [_line("".join(self._cell)), *[""] * (self._across - 1)]
            self._cell = None
        elif tag == "tr" and self._row:
            if self._in_head and not self._table.header:
                self._table.header = self._row
            else:
                self._table.rows.append([*self._group, *self._row])
            self._row = []

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)
