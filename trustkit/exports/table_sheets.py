"""A workbook of tables: a sheet of contents, one for each table, and the long form of banners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.caveats import SYNTHETIC
from trustkit.exports.printed_tables import Cell
from trustkit.exports.safe_text import check_sheet, one_line, plain_text, sheet_names
from trustkit.exports.workbooks import (
    NARROWEST,
    Book,
    add_chart,
    finish_sheet,
    set_height,
    width_of,
    write_chart_numbers,
)
from trustkit.headings import shown_name
from trustkit.tables.marks import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.exports.printed_tables import PrintedTable

CONTENTS, NUMBERS = "Contents", "Numbers"
"""The names of the first and of the last sheet."""

READABLE = 150
"""Characters that one printed page is wide at most; a wider table is printed on several pages."""

STUB, WIDE = 44, 70
"""Characters that a column of words is wide at most, and that titles are wide in the contents."""


def workbook_of(tables: Sequence[PrintedTable], title: str, *, charts: bool) -> bytes:
    """Return a workbook of tables.

    Parameters
    ----------
    tables
        The tables.
    title
        What stands above the contents.
    charts
        Whether charts that can be edited are drawn.
    """
    book = Book()
    long = [table for table in tables if not table.whole]
    taken = [CONTENTS, *([NUMBERS] if long else [])]
    names = sheet_names(
        [f"T{number:02d} {table.name}" for number, table in enumerate(tables, 1)], taken=taken
    )
    _contents(book, tables, names, title, has_numbers=bool(long))
    for table, name in zip(tables, names, strict=True):
        _table(book, table, name, charts=charts)
    if long:
        frames = [(name, table.data) for table, name in zip(tables, names, strict=True) if not table.whole]
        _numbers(book, frames)
    return book.close()


def marks_of(tables: Sequence[PrintedTable]) -> list[str]:
    """Return what the marks mean that stand in some tables and that no note of theirs explains."""
    texts = [cell.text for table in tables for row in table.rows for cell in row if cell.number is None]
    texts += [column.mark for table in tables for column in table.columns]
    told = " ".join(note for table in tables for note in table.notes)
    return [
        f"{mark} {words}."
        for mark, words in MARKS.items()
        if mark not in told and any(mark in text for text in texts)
    ]


def _contents(
    book: Book, tables: Sequence[PrintedTable], names: Sequence[str], title: str, *, has_numbers: bool
) -> None:
    sheet = book.sheet(CONTENTS)
    lines = [(one_line(title) or "Tables", "title")]
    synthetic = [table for table in tables if table.synthetic]
    if synthetic:
        part = "" if len(synthetic) == len(tables) else f" {len(synthetic)} of {len(tables)} tables."
        lines.append((SYNTHETIC + part, "above"))
    bases = list(dict.fromkeys(table.base for table in tables if table.base))
    lines += [(base, "wrapped") for base in bases if len(bases) == 1]
    lines += [(words, "wrapped") for words in dict.fromkeys(part for table in tables for part in table.about)]
    for row, (text, style) in enumerate(lines):
        book.text(sheet, (row, 0), text, style if style != "wrapped" else "text")
    row = len(lines) + 1
    for column, text in enumerate(("Sheet", "Table", "Base")):
        book.text(sheet, (row, column), text, "heading")
    for table, name in zip(tables, names, strict=True):
        row += 1
        book.link(sheet, (row, 0), name)
        base = table.base.removeprefix("Base: ")
        book.text(sheet, (row, 1), table.title, "wrapped")
        book.text(sheet, (row, 2), base, "wrapped")
        set_height(sheet, row, [(table.title, WIDE), (base, STUB)])
    if has_numbers:
        row += 1
        book.link(sheet, (row, 0), NUMBERS)
        book.text(
            sheet, (row, 1), "All numbers of these tables with their standard errors and intervals", "wrapped"
        )
    shared = [note for note in tables[0].remarks if all(note in table.remarks for table in tables)]
    for text in ["", *shared, *marks_of(tables)]:
        row += 1
        book.text(sheet, (row, 0), text)
    sheet.set_column(0, 0, width_of(names))
    sheet.set_column(1, 1, WIDE)
    sheet.set_column(2, 2, STUB)
    finish_sheet(sheet, rows=row, columns=3, top=0, left=0)


def _table(book: Book, table: PrintedTable, name: str, *, charts: bool) -> None:
    sheet = book.sheet(name)
    book.text(sheet, (0, 0), table.title, "title")
    book.text(sheet, (1, 0), table.above, "above")
    row = 2
    places, width = _places(table)
    check_sheet(name, len(table.rows) + 50, width)
    sizes = _widths(sheet, table, places)
    breaks = _page_breaks(table, places, sizes) if sum(sizes) > READABLE else []
    if table.has_heads:
        _heads(book, sheet, table, row, _Layout(places, sizes, breaks))
        row += 1
    for column, place in zip(table.columns, places, strict=True):
        style = "number heading" if column.numeric else "heading"
        book.text(sheet, (row, place), column.heading, style)
        if _has_letters(table, column):
            book.text(sheet, (row, place + 1), table.letters_heading, "heading")
    row += 1
    top = row
    for cells in table.rows:
        for cell, column, place in zip(cells, table.columns, places, strict=True):
            book.cell(sheet, (row, place), cell, "mark" if column.numeric else "wrapped")
            if cell.letters:
                book.text(sheet, (row, place + 1), cell.letters, "letters")
        row += 1
    _heights(sheet, table, places, sizes, top)
    for note in ["", *table.remarks, *marks_of([table])]:
        book.text(sheet, (row, 0), note)
        row += 1
    if charts and table.chart is not None:
        row += 1
        sheet.set_h_pagebreaks([row])
        book.text(sheet, (row, 0), "Numbers in the chart", "heading")
        set_height(sheet, row, [("Numbers in the chart", sizes[0]), ("interval from", NARROWEST)])
        write_chart_numbers(book, sheet, (row, 0), table.chart)
        below = row + len(table.chart.categories) + 2
        add_chart(
            book, sheet, (row, 0), table.chart, (below, 0), (table.title, table.chart.described(table.title))
        )
        row = below
    stub = next((number for number, column in enumerate(table.columns) if column.numeric), 1)
    finish_sheet(
        sheet,
        rows=len(table.rows),
        columns=width,
        top=top,
        left=min(stub, 2),
        breaks=breaks,
    )


def _has_letters(table: PrintedTable, column: Any) -> bool:  # noqa: ANN401
    return bool(column.letter) and table.has_letters


def _places(table: PrintedTable) -> tuple[list[int], int]:
    """Return where in the sheet each column stands, as some have another for their letters; and the width."""
    places, here = [], 0
    for column in table.columns:
        places.append(here)
        here += 2 if _has_letters(table, column) else 1
    return places, here


@dataclass(frozen=True)
class _Layout:
    """Where the columns of a table stand, how wide those of the sheet are, and where its pages begin."""

    places: Sequence[int]
    sizes: Sequence[float]
    breaks: Sequence[int]


def _heads(
    book: Book,
    sheet: Any,  # noqa: ANN401
    table: PrintedTable,
    row: int,
    layout: _Layout,
) -> None:
    """Write what stands above several columns, from the first of them on each page on; no cells are merged.

    A head that is wider than its columns is wrapped in the first of them.
    """
    starts: list[tuple[str, int]] = []
    last = ""
    for column, place in zip(table.columns, layout.places, strict=True):
        if column.head != last or place in layout.breaks:
            starts.append((column.head, place))
        last = column.head
    ends = [*(place for _, place in starts[1:]), len(layout.sizes)]
    wrapped = []
    for (head, place), end in zip(starts, ends, strict=True):
        if head:
            fits = width_of([head], READABLE) <= sum(layout.sizes[place:end])
            book.text(sheet, (row, place), head, "head line" if fits else "head")
            wrapped += [] if fits else [(head, layout.sizes[place])]
    set_height(sheet, row, wrapped)


def _widths(sheet: Any, table: PrintedTable, places: Sequence[int]) -> list[float]:  # noqa: ANN401
    """Set how wide the columns are, and return it."""
    sizes = []
    for number, (column, place) in enumerate(zip(table.columns, places, strict=True)):
        texts = [row[number].text for row in table.rows]
        if column.numeric:
            size = max(width_of([*texts, *column.heading.split()], 20), 11)
        else:
            size = width_of([*texts, column.heading], STUB)
        sheet.set_column(place, place, size)
        sizes.append(size)
        if _has_letters(table, column):
            letters = [row[number].letters for row in table.rows]
            size = max(width_of(letters, 24), 11)
            sheet.set_column(place + 1, place + 1, size)
            sizes.append(size)
    return sizes


def _page_breaks(table: PrintedTable, places: Sequence[int], sizes: Sequence[float]) -> list[int]:
    """Return the columns at which printed pages begin.

    A number and its letters stay together, and so do the columns of a head that fits on a page.
    """
    stub = sum(
        sizes[place] for column, place in zip(table.columns, places, strict=True) if not column.numeric
    )
    widths = [
        sum(sizes[place : place + 2]) if _has_letters(table, column) else sizes[place]
        for column, place in zip(table.columns, places, strict=True)
    ]
    breaks, here, last = [], stub, ""
    for number, (column, place) in enumerate(zip(table.columns, places, strict=True)):
        if not column.numeric:
            continue
        together = widths[number]
        if column.head and column.head != last:  # a head begins on a new page if it then fits whole
            whole = sum(
                width for other, width in zip(table.columns, widths, strict=True) if other.head == column.head
            )
            together = whole if stub + whole <= READABLE else together
        last = column.head
        if here + together > READABLE and here > stub:
            breaks.append(place)
            here = stub
        here += widths[number]
    return breaks


def _heights(
    sheet: Any,  # noqa: ANN401
    table: PrintedTable,
    places: Sequence[int],
    sizes: Sequence[float],
    top: int,
) -> None:
    """Set how high the rows are whose text takes several lines."""
    own = [sizes[place] for place in places]
    set_height(
        sheet, top - 1, [(column.heading, size) for column, size in zip(table.columns, own, strict=True)]
    )
    for down, row in enumerate(table.rows):
        set_height(
            sheet,
            top + down,
            [
                (cell.text, size)
                for cell, column, size in zip(row, table.columns, own, strict=True)
                if not column.numeric
            ],
        )


def _numbers(book: Book, frames: Sequence[tuple[str, pd.DataFrame]]) -> None:
    """Write the long form of some tables: a row for each number, with its standard error and interval."""
    frame = pd.concat([own.assign(sheet=name) for name, own in frames], ignore_index=True)
    frame = frame[["sheet", *(name for name in frame if name != "sheet")]]
    check_sheet(NUMBERS, len(frame) + 1, len(frame.columns))
    sheet = book.sheet(NUMBERS)
    for column, name in enumerate(frame.columns):
        own = frame[name]
        numeric = pd.api.types.is_numeric_dtype(own)
        book.text(sheet, (0, column), shown_name(str(name)), "number heading" if numeric else "heading")
        whole = pd.api.types.is_integer_dtype(own)
        for row, value in enumerate(own, 1):
            if pd.isna(value):
                continue
            if numeric:
                book.cell(sheet, (row, column), Cell(float(value), "count" if whole else "number", 4))
            else:
                book.text(sheet, (row, column), plain_text(value))
        sheet.set_column(column, column, 14 if numeric else width_of([str(one) for one in own.head(200)], 40))
    sheet.autofilter(0, 0, len(frame), len(frame.columns) - 1)
    finish_sheet(sheet, rows=len(frame), columns=len(frame.columns), top=1, left=0)
