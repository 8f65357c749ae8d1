"""Tables for Word: real headings and captions, header rows that repeat, charts as pictures."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from trustkit.caveats import SYNTHETIC
from trustkit.errors import needs
from trustkit.exports.panels import panels
from trustkit.exports.same_bytes import same_bytes
from trustkit.exports.table_sheets import marks_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.exports.panels import Panel
    from trustkit.exports.printed_tables import PrintedTable

PAGE_WIDTH, PAGE_HEIGHT, MARGIN = 29.7, 21.0, 1.8
"""The size of a page and its margins in cm: A4, landscape."""

TABLE_STYLE, CELL_STYLE, NUMBER_STYLE, NOTE_STYLE = "Survey table", "Table text", "Table number", "Table note"
"""The styles that the document brings."""

TOGETHER = 20
"""A part of a table with at most so many rows stands on one page."""

CELL_SIZE, NOTE_SIZE = 8.5, 9
"""Points of letters in cells and in notes."""


def document_of(tables: Sequence[PrintedTable], title: str) -> bytes:
    """Return a document of tables.

    Parameters
    ----------
    tables
        The tables.
    title
        The document's title.
    """
    library = needs("docx", "office", ".docx", what="writing a Word document")
    document = library.Document()
    _set_up(document, title)
    document.add_heading(title or "Tables", 0)
    synthetic = [table for table in tables if table.synthetic]
    if synthetic:
        part = "" if len(synthetic) == len(tables) else f" {len(synthetic)} of {len(tables)} tables."
        document.add_paragraph(SYNTHETIC + part, style="Intense Quote")
    for words in dict.fromkeys(part for table in tables for part in table.about):
        document.add_paragraph(words)
    for number, table in enumerate(tables, 1):
        _table(document, table, number, first=number == 1)
    stream = io.BytesIO()
    document.save(stream)
    return same_bytes(stream.getvalue())


def _set_up(document: Any, title: str) -> None:  # noqa: ANN401
    """Set the page, the properties and the styles."""
    shared = needs("docx.shared", "office", ".docx")
    styles = needs("docx.enum.style", "office", ".docx").WD_STYLE_TYPE
    place = needs("docx.enum.text", "office", ".docx").WD_ALIGN_PARAGRAPH
    turned = needs("docx.enum.section", "office", ".docx").WD_ORIENT
    section = document.sections[0]
    section.orientation = turned.LANDSCAPE
    section.page_width, section.page_height = shared.Cm(PAGE_WIDTH), shared.Cm(PAGE_HEIGHT)
    section.left_margin = section.right_margin = shared.Cm(MARGIN)
    section.top_margin = section.bottom_margin = shared.Cm(MARGIN)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title or "Tables", "", ""
    for name, base, size in (
        (CELL_STYLE, "Normal", CELL_SIZE),
        (NUMBER_STYLE, CELL_STYLE, CELL_SIZE),
        (NOTE_STYLE, "Normal", NOTE_SIZE),
    ):
        style = document.styles.add_style(name, styles.PARAGRAPH)
        style.base_style = document.styles[base]
        style.font.size = shared.Pt(size)
        style.paragraph_format.space_after = shared.Pt(0 if name != NOTE_STYLE else 2)
        style.paragraph_format.space_before = shared.Pt(0)
        style.paragraph_format.line_spacing = 1.0
    document.styles[NUMBER_STYLE].paragraph_format.alignment = place.RIGHT
    table = document.styles.add_style(TABLE_STYLE, styles.TABLE)
    table.base_style = document.styles["Table Grid"]
    for name in ("Title", "Heading 1", "Caption"):
        style = document.styles[name]
        style.font.color.rgb = shared.RGBColor(0x1A, 0x1A, 0x1A)
        style.paragraph_format.keep_with_next = True
    document.styles["Heading 1"].font.size = shared.Pt(13)
    document.styles["Title"].font.size = shared.Pt(22)


def _table(document: Any, table: PrintedTable, number: int, *, first: bool) -> None:  # noqa: ANN401
    heading = document.add_heading(table.title, 1)
    heading.paragraph_format.page_break_before = not first and bool(table.picture)
    if table.above:
        document.add_paragraph(table.above, style=NOTE_STYLE).paragraph_format.keep_with_next = True
    if table.picture:
        _picture(document, table)
    parts = panels(table, (PAGE_WIDTH - 2 * MARGIN), per_character=0.19, least=1.9)
    for place, panel in enumerate(parts, 1):
        part = f" ({place} of {len(parts)})" if len(parts) > 1 else ""
        caption = document.add_paragraph(style="Caption")
        caption.add_run(f"Table {number}{part}. {table.title}")
        _panel(document, table, panel)
        document.add_paragraph(style=NOTE_STYLE)
    for note in [*table.remarks, *marks_of([table])]:
        document.add_paragraph(note, style=NOTE_STYLE)


def _picture(document: Any, table: PrintedTable) -> None:  # noqa: ANN401
    shared = needs("docx.shared", "office", ".docx")
    picture = document.add_picture(io.BytesIO(table.picture))
    room = (shared.Cm(PAGE_WIDTH - 2 * MARGIN), shared.Cm(PAGE_HEIGHT - 2 * MARGIN - 4))
    scale = min(1.0, room[0] / picture.width, room[1] / picture.height)
    picture.width, picture.height = round(picture.width * scale), round(picture.height * scale)
    about = picture._inline.docPr  # noqa: SLF001  # python-docx sets no alternative text itself
    about.set("descr", table.words)
    about.set("title", table.title)


def _panel(document: Any, table: PrintedTable, panel: Panel) -> None:  # noqa: ANN401
    """Write some columns of a table, with its first ones."""
    shared = needs("docx.shared", "office", ".docx")
    columns = [table.columns[place] for place in panel.columns]
    heads = [column.head for column in columns]
    top = 2 if any(heads) else 1
    made = document.add_table(rows=top + len(table.rows), cols=len(columns), style=TABLE_STYLE)
    made.autofit = False
    cells = made._cells  # noqa: SLF001  # `cell` reads the whole table each time
    width = len(columns)
    for place, size in enumerate(panel.widths):
        made.columns[place].width = shared.Cm(size)
        for row in range(top + len(table.rows)):
            cells[row * width + place].width = shared.Cm(size)
    if top > 1:
        for place, head in enumerate(heads):
            starts = place == 0 or head != heads[place - 1]
            _write(cells[place], head if starts else "", CELL_STYLE, bold=True)
        _join(cells, heads)
    for place, column in enumerate(columns):
        style = NUMBER_STYLE if column.numeric else CELL_STYLE
        _write(cells[(top - 1) * width + place], column.heading, style, bold=True)
    for number, own in enumerate(table.rows, top):
        for place, source in enumerate(panel.columns):
            style = NUMBER_STYLE if table.columns[source].numeric else CELL_STYLE
            _write(cells[number * width + place], own[source].lettered, style, bold=False)
    _mark_rows(made, top)
    if len(table.rows) <= TOGETHER:
        for cell in cells[: -len(columns)]:
            cell.paragraphs[0].paragraph_format.keep_with_next = True


def _join(cells: Sequence[Any], heads: Sequence[str]) -> None:
    """Join the cells of one head in the first row."""
    start = 0
    for place in range(1, len(heads) + 1):
        if place == len(heads) or heads[place] != heads[start]:
            if heads[start] and place - start > 1:
                cells[start].merge(cells[place - 1])
                for extra in cells[start].paragraphs[1:]:
                    extra._element.getparent().remove(extra._element)  # noqa: SLF001
            start = place


def _write(cell: Any, text: str, style: str, *, bold: bool) -> None:  # noqa: ANN401
    paragraph = cell.paragraphs[0]
    paragraph._p.style = style.replace(" ", "")  # noqa: SLF001  # by its id: by its name it is slow
    paragraph.add_run(text).bold = bold or None


def _mark_rows(made: Any, top: int) -> None:  # noqa: ANN401
    """Repeat the header rows on each page, and keep each row on one page."""
    oxml = needs("docx.oxml", "office", ".docx")
    for number, row in enumerate(made.rows):
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001
        properties.append(oxml.OxmlElement("w:cantSplit"))
        if number < top:
            properties.append(oxml.OxmlElement("w:tblHeader"))
