"""Workbooks of Excel: numbers as numbers, all else as text that is never run, the same bytes every time."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from trustkit.errors import needs
from trustkit.exports.printed_tables import Cell
from trustkit.exports.safe_text import check_cell, check_sheet, plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.exports.printed_tables import Chart

LOCKED = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
"""A second lock: text is written by `write_string`, which none of these changes."""

CREATED = datetime(1980, 1, 1)  # noqa: DTZ001  # Excel's times have no zone
"""When every workbook says that it was made."""

STYLES: dict[str, dict[str, object]] = {
    "text": {"num_format": "@", "valign": "top"},
    "wrapped": {"num_format": "@", "valign": "top", "text_wrap": True},
    "title": {"num_format": "@", "bold": True, "font_size": 14, "valign": "top"},
    "bold": {"num_format": "@", "bold": True},
    "above": {"num_format": "@", "italic": True, "valign": "top"},
    "heading": {"num_format": "@", "bold": True, "text_wrap": True, "valign": "bottom", "bottom": 1},
    "number heading": {
        "num_format": "@", "bold": True, "text_wrap": True, "valign": "bottom", "align": "right", "bottom": 1,
    },
    "head": {
        "num_format": "@", "bold": True, "text_wrap": True, "align": "left", "bottom": 1, "valign": "bottom",
    },
    "head line": {"num_format": "@", "bold": True, "align": "left", "bottom": 1, "valign": "bottom"},
    "letters": {"num_format": "@", "valign": "top", "font_color": "#1f4e8c"},
    "mark": {"num_format": "@", "align": "right", "valign": "top"},
    "link": {"font_color": "#0b4fa8", "underline": 1, "valign": "top"},
}  # fmt: skip
"""How cells look."""

WIDEST, NARROWEST = 60, 9
"""Characters that a column is wide at most and at least."""

COLOURS = ("9DBFE3", "F2B8A0", "A8D5BA", "D3B8E0", "EBD08A", "C9CED4")
"""The fills of the bars, in order; dark numbers can be read on each of them, and beside them."""

EDGE, INK = "44546A", "1A1A1A"
"""The colour of the bars' edges, and of numbers and intervals."""

LINE, HIGHEST = 15, 400
"""Points of a line of text in a cell, and of the highest row."""

PER_SERIES = 5
"""Columns of numbers behind the bars of one colour: value, ends of the interval, its length to both sides."""

WIDE_SCALE = 65
"""Percent of its size in which a table is printed that takes several pages beside each other."""

ONE_PAGE = 30
"""Rows that are printed on one page; the head of a longer table is repeated on each."""

BAR = 20
"""Points that a bar of a chart takes."""


@dataclass
class Book:
    """A workbook while it is written."""

    _stream: io.BytesIO = field(default_factory=io.BytesIO)
    _made: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the workbook."""
        library = needs("xlsxwriter", "office", ".xlsx", what="writing a workbook")
        self.book = library.Workbook(self._stream, LOCKED)
        self.book.set_properties({"created": CREATED})

    def sheet(self, name: str) -> Any:  # noqa: ANN401
        """Return a new sheet."""
        return self.book.add_worksheet(name)

    def style(self, name: str, **more: object) -> Any:  # noqa: ANN401
        """Return a style by its name, made once."""
        key = name + repr(sorted(more.items()))
        if key not in self._made:
            self._made[key] = self.book.add_format({**STYLES.get(name, {}), **more})
        return self._made[key]

    def text(self, sheet: Any, place: tuple[int, int], text: str, style: str = "text") -> None:  # noqa: ANN401
        """Write a text, which is never a formula, a number or a link."""
        shown = plain_text(text)
        check_cell(shown, sheet.get_name())
        if shown:
            sheet.write_string(*place, shown, self.style(style))

    def cell(self, sheet: Any, place: tuple[int, int], cell: Cell, style: str = "text") -> None:  # noqa: ANN401
        """Write a number with its format, or a text."""
        number = cell.number
        if number is None:
            own = "mark" if style == "mark" or not isinstance(cell.value, str) else style
            self.text(sheet, place, cell.text, own)
            return
        sheet.write_number(*place, number, self.style("number", num_format=number_format(cell), valign="top"))

    def link(self, sheet: Any, place: tuple[int, int], name: str) -> None:  # noqa: ANN401
        """Write a link to another sheet."""
        target = name.replace("'", "''")
        sheet.write_url(*place, f"internal:'{target}'!A1", self.style("link"), name)

    def close(self) -> bytes:
        """Return the workbook."""
        self.book.close()
        return self._stream.getvalue()


def number_format(cell: Cell) -> str:
    """Return the format in which Excel shows a number.

    Examples
    --------
    >>> number_format(Cell(0.5, "share")), number_format(Cell(1.5, "number"))
    ('0.0%', '#,##0.00')
    """
    places = f".{'0' * cell.places}" if cell.places else ""
    return f"0{places}%" if cell.kind == "share" else f"#,##0{places}"


def width_of(texts: Sequence[str], widest: int = WIDEST) -> float:
    """Return how wide a column is for some texts, in characters.

    Examples
    --------
    >>> width_of(["answer", "Yes, I trust all brands"]), width_of(["n"])
    (25, 9)
    """
    longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
    return min(max(longest + 2, NARROWEST), widest)


def add_chart(
    book: Book,
    sheet: Any,  # noqa: ANN401
    place: tuple[int, int],
    chart: Chart,
    at: tuple[int, int],
    words: tuple[str, str],
) -> None:
    """Draw a chart that can be edited, from the numbers in a sheet, with its intervals.

    Parameters
    ----------
    book, sheet
        Where it stands.
    place
        Row and column of the block of its numbers, as `write_chart_numbers` wrote it.
    chart
        What it draws.
    at
        Row and column of its upper left corner.
    words
        Its title and its alternative text.
    """
    row, column = place
    last = row + len(chart.categories)
    name = sheet.get_name()
    kind = {"subtype": "percent_stacked"} if chart.kind == "stacked" else {}
    made = book.book.add_chart({"type": "bar", **kind})
    numbers = number_format(Cell(0.0, chart.unit, chart.decimals))
    for number, one in enumerate(chart.series):
        here = column + 1 + PER_SERIES * number
        series: dict[str, object] = {
            "name": [name, row, here],
            "categories": [name, row + 1, column, last, column],
            "values": [name, row + 1, here, last, here],
            "fill": {"color": f"#{COLOURS[number]}"},
            "border": {"color": f"#{EDGE}", "width": 0.75},
            "gap": 60,
            "data_labels": {
                "value": True, "num_format": numbers, "font": {"size": 9, "color": f"#{INK}"},
                "position": "center" if chart.kind == "stacked" else "inside_base",
            },
        }  # fmt: skip
        if chart.kind == "clustered" and one.has_errors:
            series["y_error_bars"] = {
                "type": "custom", "plus_values": _range(name, row, last, here + 3),
                "minus_values": _range(name, row, last, here + 4), "end_style": 1,
                "line": {"color": f"#{INK}", "width": 1},
            }  # fmt: skip
        made.add_series(series)
    title, alternative = words
    made.set_title({"name": title, "overlay": False, "name_font": {"size": 12, "bold": True}})
    made.set_y_axis(
        {"reverse": True, "crossing": "max", "num_font": {"size": 9}, "major_gridlines": {"visible": False}}
    )
    axis: dict[str, object] = {
        "num_format": "0%" if chart.unit == "share" else numbers, "num_font": {"size": 9},
        "major_gridlines": {"visible": True, "line": {"color": "#dddddd"}},
    }  # fmt: skip
    if chart.unit == "share":
        axis |= {"min": 0, "max": 1}
    made.set_x_axis(axis)
    made.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
    bars = len(chart.categories) * (1 if chart.kind == "stacked" else len(chart.series))
    made.set_size({"width": 760, "height": 150 + BAR * bars + 14 * len(chart.categories)})
    sheet.insert_chart(*at, made, {"description": alternative, "object_position": 2})


def _range(name: str, row: int, last: int, column: int) -> str:
    """Return the cells below a heading, as a chart refers to them."""
    utility = needs("xlsxwriter.utility", "office", ".xlsx")
    cells = utility.xl_range_abs(row + 1, column, last, column)
    return f"={utility.quote_sheetname(name)}!{cells}"


def write_chart_numbers(book: Book, sheet: Any, place: tuple[int, int], chart: Chart) -> None:  # noqa: ANN401
    """Write the numbers that a chart draws: a category in each row, value and interval of each series."""
    row, column = place
    for number, one in enumerate(chart.series):
        here = column + 1 + PER_SERIES * number
        book.text(sheet, (row, here), one.name or "estimate", "number heading")
        book.text(sheet, (row, here + 1), "interval from", "number heading")
        book.text(sheet, (row, here + 2), "interval to", "number heading")
        book.text(sheet, (row, here + 3), "above", "number heading")
        book.text(sheet, (row, here + 4), "below", "number heading")
        for down, values in enumerate(zip(one.numbers, one.low, one.high, *one.errors(), strict=True), 1):
            for across, value in enumerate(values):
                cell = Cell(value, chart.unit, chart.decimals)
                if cell.number is not None:
                    book.cell(sheet, (row + down, here + across), cell)
    for down, category in enumerate(chart.categories, 1):
        book.text(sheet, (row + down, column), category, "wrapped")


def lines_in(text: str, width: float) -> int:
    """Return how many lines a text takes in a column, about.

    Examples
    --------
    >>> lines_in("Yes, I trust all brands", 12), lines_in("n", 9)
    (3, 1)
    """
    lines = 0
    for part in text.split("\n"):
        lines, here = lines + 1, 0
        for word in part.split():
            if here and here + len(word) > width - 1:
                lines, here = lines + 1, 0
            lines += (len(word) - 1) // max(int(width), 1)
            here += len(word) + 1
    return lines


def set_height(sheet: Any, row: int, cells: Sequence[tuple[str, float]]) -> None:  # noqa: ANN401
    """Set how high a row is for some texts and the widths of their columns, if it takes several lines."""
    lines = max((lines_in(text, width) for text, width in cells), default=1)
    if lines > 1:
        sheet.set_row(row, min(LINE * lines, HIGHEST))


def finish_sheet(
    sheet: Any,  # noqa: ANN401
    *,
    rows: int,
    columns: int,
    top: int,
    left: int,
    breaks: Sequence[int] = (),
) -> None:
    """Set how a sheet scrolls and prints: its head and first columns stay, landscape, one page wide.

    A wider sheet is printed on several pages, with ``breaks`` the columns at which they begin.
    """
    check_sheet(sheet.get_name(), rows, columns)
    sheet.freeze_panes(top, left)
    if rows > ONE_PAGE and top:
        sheet.repeat_rows(max(top - 2, 0), top - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    if breaks:
        sheet.set_print_scale(WIDE_SCALE)
        sheet.set_v_pagebreaks(list(breaks))
    else:
        sheet.fit_to_pages(1, 0)
    if left:
        sheet.repeat_columns(0, left - 1)
