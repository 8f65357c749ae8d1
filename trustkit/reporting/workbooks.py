"""The tables of pages as a workbook of Excel, written as all workbooks are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustkit.exports.safe_text import MOST_CHARACTERS, plain_text, sheet_names, shortened_text
from trustkit.exports.shown_cells import letters_apart, shown_number
from trustkit.exports.workbooks import NARROWEST, Book, finish_sheet, set_height, width_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.reporting.shown_tables import ShownTable

STUB, COLUMN = 60, 36
"""Characters that the first column, and each other column, is wide at most; longer texts are wrapped."""

LINE = 80
"""Characters that a line of a title or a note holds at least."""


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
    """Write a sheet: rows of headings, then of cells, then of notes, each whole in columns wide enough."""
    sheet = book.sheet(name)
    last = heads + body if body else len(rows)
    texts = [[_shown(text) for text in row] for row in rows]
    columns = max(map(len, texts[heads - 1 : last]), default=1)
    sizes = _widths(texts[heads - 1 : last], columns)
    for place, size in enumerate(sizes):
        sheet.set_column(place, place, size)
    for down, row in enumerate(texts):
        if not heads - 1 <= down < last:  # a title or a note, which is no part of a column
            _write_line(book, sheet, down, "".join(row), "bold" if down < heads else "wrapped", sizes)
            continue
        for across, text in enumerate(row):
            cell = shown_number(rows[down][across])
            if down >= heads and body and cell.number is not None:
                book.cell(sheet, (down, across), cell)
            else:
                numeric = bool(body) and _holds_numbers(rows[heads:last], across)
                heading = "number heading" if numeric else "heading"
                told = "mark" if numeric else "wrapped"  # "< 0.001" stands below the numbers
                book.text(sheet, (down, across), text, heading if down < heads else told)
        set_height(sheet, down, [*zip(row, sizes, strict=False)])
    finish_sheet(sheet, rows=len(rows), columns=columns, top=heads, left=0)


def _shown(text: str) -> str:
    """Return a text as a cell holds it."""
    return shortened_text(plain_text(text), MOST_CHARACTERS // 2)


def _widths(texts: Sequence[Sequence[str]], columns: int) -> list[float]:
    """Return how wide columns are: as their cells, and at least as the longest word of their headings."""
    sizes = []
    for place in range(columns):
        heading, *cells = (row[place] if place < len(row) else "" for row in texts)
        sizes.append(width_of([*cells, *heading.split()], STUB if place == 0 else COLUMN))
    return sizes


def _holds_numbers(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Return whether a column holds numbers."""
    return any(shown_number(row[place]).number is not None for row in rows if place < len(row))


def _write_line(
    book: Book,
    sheet: Any,  # noqa: ANN401
    row: int,
    text: str,
    style: str,
    sizes: Sequence[float],
) -> None:
    """Write a title or a note over as many columns as its line needs, so that it is printed with them."""
    across, width = 0, 0.0
    while width < LINE:
        width += sizes[across] if across < len(sizes) else NARROWEST
        across += 1
    book.text(sheet, (row, 0), text, style)
    if across > 1 and text:
        look = book.style(style, text_wrap=True, valign="top")
        sheet.merge_range(row, 0, row, across - 1, "", look)
        sheet.write_string(row, 0, text, look)
    set_height(sheet, row, [(text, width)])
