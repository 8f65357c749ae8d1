"""The tables of pages as a workbook of Excel, written as all workbooks are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.exports.safe_text import MOST_CHARACTERS, plain_text, sheet_names, shortened_text
from trustkit.exports.shown_cells import letters_apart, shown_number
from trustkit.exports.workbooks import Book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.reporting.shown_tables import ShownTable

STUB = 36
"""Characters that the first column is wide."""


def workbook(tables: Sequence[ShownTable], *, contents: Sequence[Sequence[str]] = ()) -> bytes:
    """Return tables as a workbook, a sheet each.

    Parameters
    ----------
    tables
        The tables.
    contents
        Rows of a first sheet that says what the others hold, the head first. Empty: no such sheet.

    Examples
    --------
    >>> from trustkit.reporting.shown_tables import ShownTable
    >>> table = ShownTable("Trust", ("answer", "n"), (("=1+1", "4,873"),))
    >>> workbook([table]) == workbook([table]), workbook([table])[:2]
    (True, b'PK')
    """
    book = Book()
    if contents:
        _write(book, "Contents", contents, heads=1)
    names = sheet_names([table.caption for table in tables], taken=["Contents"] if contents else [])
    for table, name in zip(tables, names, strict=True):
        notes = [(note,) for note in table.notes]
        header, rows = letters_apart(table.header, table.rows)
        _write(book, name, [(table.caption,), header, *rows, *notes], heads=2, body=len(rows))
    return book.close()


def _write(book: Book, name: str, rows: Sequence[Sequence[str]], *, heads: int, body: int = 0) -> None:
    """Write a sheet: rows of headings, then of cells, then of notes."""
    sheet = book.sheet(name)
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            cell = shown_number(text)
            if heads <= down < heads + body and cell.number is not None:
                book.cell(sheet, (down, across), cell)
                continue
            shown = shortened_text(plain_text(text), MOST_CHARACTERS // 2)
            book.text(sheet, (down, across), shown, "bold" if down < heads else "text")
    sheet.set_column(0, 0, STUB)
