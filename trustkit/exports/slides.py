"""Tables for PowerPoint: a chart that can be edited, or a table over several slides, with notes."""

from __future__ import annotations

import io
import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.caveats import SYNTHETIC
from trustkit.errors import needs
from trustkit.exports.panels import panels
from trustkit.exports.safe_text import shortened_text
from trustkit.exports.same_bytes import same_bytes
from trustkit.exports.slide_charts import add_slide_chart
from trustkit.exports.table_sheets import marks_of
from trustkit.headings import range_of_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.exports.panels import Panel
    from trustkit.exports.printed_tables import PrintedTable

WIDTH, HEIGHT, MARGIN = 33.867, 19.05, 1.3
"""The size of a slide and its margins in cm."""

TITLE_TOP, TITLE_HEIGHT, BODY_TOP, BODY_HEIGHT = 0.7, 2.4, 3.3, 13.3
"""Where the title and what it stands above begin, and how high they are, in cm."""

TITLE_SIZES = ((60, 28), (110, 24), (170, 20))
"""Characters of a title -> points in which it takes two lines at most."""

LONGEST_CELL = 140
"""Characters of a cell on a slide; the notes have the rest."""

CELL_SIZE, LINE = 11, 0.46
"""Points of letters in cells, and the height of a line in cm."""

PER_CHARACTER, LEAST = 0.25, 2.0
"""How wide a character and a column of numbers are in cm."""

TOTAL = "Total"
"""The column of a banner that counts everybody; it has no head."""

LONGEST_ABOUT = 700
"""Characters of what the first slide says about the survey; its notes have the rest."""

MOST_NOTES = 20_000
"""Characters of the notes of one slide; what is longer is cut, as PowerPoint does not open it."""

TITLE_ONLY, TITLE_SLIDE = 5, 0
"""The layouts of the template that have a title alone, and a title with a line below it."""


def slides_of(tables: Sequence[PrintedTable], title: str, *, charts: bool) -> bytes:
    """Return slides of tables.

    Parameters
    ----------
    tables
        The tables.
    title
        The title of the first slide.
    charts
        Whether charts that can be edited are drawn.
    """
    library = needs("pptx", "office", ".pptx", what="writing slides")
    units = needs("pptx.util", "office", ".pptx")
    deck = library.Presentation()
    deck.slide_width, deck.slide_height = units.Cm(WIDTH), units.Cm(HEIGHT)
    properties = deck.core_properties
    properties.title, properties.author = title or "Tables", ""
    _first_slide(deck, tables, title, units)
    for table in tables:
        drawn = charts and table.chart is not None
        if drawn or table.picture:
            slide = _slide(deck, table, table.title, units, counted=_counted(table))
            if drawn:
                place = tuple(map(units.Cm, (MARGIN, BODY_TOP, WIDTH - 2 * MARGIN, BODY_HEIGHT)))
                add_slide_chart(slide, table, place)
            else:
                _picture(slide, table, units)
        if not drawn or not _draws_all(table):
            _table_slides(deck, table, units)
    stream = io.BytesIO()
    deck.save(stream)
    return same_bytes(stream.getvalue())


def _draws_all(table: PrintedTable) -> bool:
    """Return whether the chart shows every estimate of a table; its bases stand in the notes."""
    chart = table.chart
    assert chart is not None  # noqa: S101  # the caller asked
    drawn = sum(math.isfinite(value) for one in chart.series for value in one.numbers)
    shares = sum(
        cell.kind != "count" and cell.number is not None and column.numeric
        for row in table.rows[table.bases :]
        for cell, column in zip(row, table.columns, strict=True)
    )
    estimates = int(table.data["estimate"].notna().sum()) if "estimate" in table.data else shares
    return drawn >= estimates and not table.has_letters


def _first_slide(deck: Any, tables: Sequence[PrintedTable], title: str, units: Any) -> None:  # noqa: ANN401
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_SLIDE])
    heading, below = slide.shapes.title, slide.placeholders[1]
    _place(heading, (MARGIN, 5.0, WIDTH - 2 * MARGIN, 4.0), units)
    _place(below, (MARGIN, 9.4, WIDTH - 2 * MARGIN, 6.0), units)
    _fill(heading, shortened_text(title or "Tables", TITLE_SIZES[-1][0]), _size(title), units, bold=True)
    about = list(dict.fromkeys(part for table in tables for part in table.about))
    lines = [*([SYNTHETIC] if any(table.synthetic for table in tables) else []), *about]
    _fill(below, shortened_text("\n".join(lines), LONGEST_ABOUT), 13, units)
    for paragraph in below.text_frame.paragraphs:
        for run in paragraph.runs:
            run.font.color.theme_color = needs("pptx.enum.dml", "office", ".pptx").MSO_THEME_COLOR.TEXT_1
    slide.notes_slide.notes_text_frame.text = "\n".join([title, *lines, *marks_of(tables)])[:MOST_NOTES]


def _slide(deck: Any, table: PrintedTable, title: str, units: Any, *, counted: str = "") -> Any:  # noqa: ANN401
    """Return a new slide with its title, its source line and its notes."""
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_ONLY])
    heading = slide.shapes.title
    _place(heading, (MARGIN, TITLE_TOP, WIDTH - 2 * MARGIN, TITLE_HEIGHT), units)
    shown = shortened_text(title, TITLE_SIZES[-1][0])
    _fill(heading, shown, _size(shown), units, bold=True)
    source = slide.shapes.add_textbox(
        units.Cm(MARGIN), units.Cm(BODY_TOP + BODY_HEIGHT + 0.3), units.Cm(WIDTH - 2 * MARGIN), units.Cm(1.6)
    )
    source.name = "Base and source"
    _fill(source, shortened_text(" ".join(filter(None, [table.above, counted])), 300), 11, units)
    notes = [table.title, *table.notes, *table.about, *marks_of([table])]
    notes += [_in_words(table)]
    slide.notes_slide.notes_text_frame.text = "\n".join(filter(None, notes))[:MOST_NOTES]
    return slide


def _counted(table: PrintedTable) -> str:
    """Return how many are counted in a chart, or the range of it."""
    data = table.data
    if "n" not in data or not pd.api.types.is_numeric_dtype(data["n"]):
        return ""
    if table.chart is not None and "head" in data and [one.name for one in table.chart.series] == [TOTAL]:
        data = data[data["head"] == ""]
    sizes = data["n"].dropna().astype(int).tolist()
    return f"{range_of_n(sizes)}." if sizes else ""


def _in_words(table: PrintedTable) -> str:
    """Return the rows of bases, for the notes."""
    lines = []
    for row in table.rows[: table.bases]:
        cells = [
            f"{column.heading} {cell.text}" for column, cell in zip(table.columns[1:], row[1:], strict=True)
        ]
        lines.append(f"{row[0].text}: {'; '.join(cells)}.")
    return "\n".join(lines)


def _size(title: str) -> int:
    """Return the points of letters in which a title takes two lines at most.

    Examples
    --------
    >>> _size("Trust"), _size("x" * 150)
    (28, 20)
    """
    return next((size for most, size in TITLE_SIZES if len(title) <= most), TITLE_SIZES[-1][1])


def _place(shape: Any, place: tuple[float, float, float, float], units: Any) -> None:  # noqa: ANN401
    shape.left, shape.top, shape.width, shape.height = map(units.Cm, place)


def _fill(shape: Any, text: str, size: int, units: Any, *, bold: bool = False) -> None:  # noqa: ANN401
    """Write a text to the left, in one size."""
    aligned = needs("pptx.enum.text", "office", ".pptx")
    frame = shape.text_frame
    frame.word_wrap = True
    frame.text = text
    for paragraph in frame.paragraphs:
        paragraph.alignment = aligned.PP_ALIGN.LEFT
        for run in paragraph.runs:
            run.font.size, run.font.bold = units.Pt(size), bold


def _picture(slide: Any, table: PrintedTable, units: Any) -> None:  # noqa: ANN401
    picture = slide.shapes.add_picture(io.BytesIO(table.picture), 0, units.Cm(BODY_TOP))
    room = (units.Cm(WIDTH - 2 * MARGIN), units.Cm(BODY_HEIGHT))
    scale = min(room[0] / picture.width, room[1] / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    picture.left = round((units.Cm(WIDTH) - picture.width) / 2)
    picture._element.nvPicPr.cNvPr.set("descr", table.words)  # noqa: SLF001


def _table_slides(deck: Any, table: PrintedTable, units: Any) -> None:  # noqa: ANN401
    """Write a table over as many slides as it takes."""
    parts = [
        (panel, rows)
        for panel in panels(table, WIDTH - 2 * MARGIN, per_character=PER_CHARACTER, least=LEAST)
        for rows in _pages(table, panel)
    ]
    for number, (panel, rows) in enumerate(parts, 1):
        part = f" ({number} of {len(parts)})" if len(parts) > 1 else ""
        title = shortened_text(table.title, TITLE_SIZES[-1][0] - len(part)) + part
        slide = _slide(deck, table, title, units)
        _write_table(slide, table, panel, rows, units)


def _pages(table: PrintedTable, panel: Panel) -> list[list[int]]:
    """Return the rows of each slide, by their numbers; the bases stand on each of them."""
    columns = [table.columns[place] for place in panel.columns]
    head = max(_lines(column.heading, width) for column, width in zip(columns, panel.widths, strict=True))
    bases = list(range(table.bases))
    used = head + (1 if any(column.head for column in columns) else 0) + len(bases)
    most = BODY_HEIGHT / LINE - 1
    pages: list[list[int]] = []
    lines = math.inf
    for number in range(table.bases, len(table.rows)):
        row = table.rows[number]
        height = 0.35 + max(
            _lines(_cut(row[place].lettered), width)
            for place, width in zip(panel.columns, panel.widths, strict=True)
        )
        if lines + height > most:
            pages.append([*bases])
            lines = 1.4 * used
        pages[-1].append(number)
        lines += height
    return pages or [bases]


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of some width."""
    most = max(1, int((width - 0.3) / (PER_CHARACTER * 0.95)))
    lines, here = 1, 0
    for word in text.split():
        length = len(word)
        if here and here + 1 + length > most:
            lines, here = lines + 1, 0
        lines += (length - 1) // most
        here += length % most + (1 if here else 0)
    return lines


def shortened_texts(table: PrintedTable, *, charts: bool) -> list[tuple[str, str]]:
    """Return the cells of a table that its slides shorten: as they stand there, and whole."""
    if charts and table.chart is not None and _draws_all(table):
        return []
    texts = [cell.lettered for row in table.rows for cell in row]
    texts += [text for column in table.columns for text in (column.heading, column.head)]
    return [(_cut(text), text) for text in dict.fromkeys(texts) if len(text) > LONGEST_CELL]


def _cut(text: str) -> str:
    return shortened_text(text, LONGEST_CELL)


def _write_table(slide: Any, table: PrintedTable, panel: Panel, rows: Sequence[int], units: Any) -> None:  # noqa: ANN401
    columns = [table.columns[place] for place in panel.columns]
    heads = [column.head for column in columns]
    top = 2 if any(heads) else 1
    total = sum(panel.widths)
    frame = slide.shapes.add_table(
        top + len(rows), len(columns), units.Cm(MARGIN), units.Cm(BODY_TOP), units.Cm(total), units.Cm(LINE)
    )
    frame.name = "Table"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", f"Table. {table.title} {table.above}".strip())  # noqa: SLF001
    made = frame.table
    made.horz_banding = False
    for place, width in enumerate(panel.widths):
        made.columns[place].width = units.Cm(width)
    for row in made.rows:
        row.height = units.Cm(LINE + 0.2)
    if top > 1:
        for place, head in enumerate(heads):
            starts = bool(head) and (place == 0 or head != heads[place - 1])
            _cell(made.cell(0, place), _cut(head) if starts else "", units, right=False, bold=True)
        _join(made, heads)
    for place, column in enumerate(columns):
        _cell(made.cell(top - 1, place), _cut(column.heading), units, right=column.numeric, bold=True)
    for number, row in enumerate(rows, top):
        for place, source in enumerate(panel.columns):
            text = _cut(table.rows[row][source].lettered)
            _cell(made.cell(number, place), text, units, right=table.columns[source].numeric, bold=False)
    if top > 1:
        _head_colour(made, len(columns))


def _join(made: Any, heads: Sequence[str]) -> None:  # noqa: ANN401
    start = 0
    for place in range(1, len(heads) + 1):
        if place == len(heads) or heads[place] != heads[start]:
            if heads[start] and place - start > 1:
                made.cell(0, start).merge(made.cell(0, place - 1))
            start = place


def _head_colour(made: Any, columns: int) -> None:  # noqa: ANN401
    """Give the second header row the look of the first."""
    colour = needs("pptx.enum.dml", "office", ".pptx").MSO_THEME_COLOR
    for place in range(columns):
        cell = made.cell(1, place)
        cell.fill.solid()
        cell.fill.fore_color.theme_color = colour.ACCENT_1
        for run in cell.text_frame.paragraphs[0].runs:
            run.font.color.theme_color = colour.BACKGROUND_1


def _cell(cell: Any, text: str, units: Any, *, right: bool, bold: bool) -> None:  # noqa: ANN401
    aligned = needs("pptx.enum.text", "office", ".pptx").PP_ALIGN
    cell.margin_left = cell.margin_right = units.Cm(0.12)
    cell.margin_top = cell.margin_bottom = units.Cm(0.04)
    frame = cell.text_frame
    frame.word_wrap = True
    paragraph = frame.paragraphs[0]
    paragraph.alignment = aligned.RIGHT if right else aligned.LEFT
    run = paragraph.add_run()
    run.text = text
    run.font.size, run.font.bold = units.Pt(CELL_SIZE), bold
