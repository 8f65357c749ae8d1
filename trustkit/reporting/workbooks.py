"""Tables as a workbook of Excel, the same bytes every time: numbers as numbers, all else as text."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from trustkit.reporting.shown_tables import MINUS, NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustkit.reporting.shown_tables import ShownTable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

WHEN = (1980, 1, 1, 0, 0, 0)
"""The time that every part of a workbook has."""

LONGEST = 31
"""Characters of a sheet's name."""

MOST = 32_767
"""Characters of a cell."""

FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
"""What a sheet's name may not hold."""

NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no XML document may hold."""

PLACES = 4
"""Most decimals that have a format of their own."""

BOLD = 1
"""The style of a title and of the names of columns."""

FIRST_FORMAT = 2
"""The style of whole numbers; those of more decimals, and of percentages, follow."""

GENERAL = 0
"""The style of text."""


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
    sheets = [("Contents", _sheet(_contents_rows(contents)))] if contents else []
    names = sheet_names([table.caption for table in tables], taken=[name for name, _ in sheets])
    sheets += [(name, _sheet(_rows(table))) for name, table in zip(names, tables, strict=True)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _parts(sheets):
            archive.writestr(zipfile.ZipInfo(name, WHEN), text.encode(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def sheet_names(titles: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """Return a name for each sheet, as near to its title as Excel allows, and each once.

    Examples
    --------
    >>> sheet_names(["Trust: by age", "Trust/ by age", ""])
    ['Trust by age', 'Trust by age 2', 'Sheet']
    """
    names: list[str] = []
    used = {name.casefold() for name in taken}
    for title in titles:
        plain = " ".join(FORBIDDEN.sub(" ", NOT_XML.sub(" ", title)).split()).strip("'")
        cut = plain if len(plain) <= LONGEST else plain[: LONGEST + 1].rpartition(" ")[0] or plain[:LONGEST]
        base = cut.rstrip("' ") or "Sheet"
        name, number = base, 1
        while name.casefold() in used:
            number += 1
            name = f"{base[: LONGEST - len(str(number)) - 1].rstrip()} {number}"
        used.add(name.casefold())
        names.append(name)
    return names


def _contents_rows(contents: Sequence[Sequence[str]]) -> Iterator[list[tuple[str, int]]]:
    for number, row in enumerate(contents):
        yield [(cell, GENERAL if number else BOLD) for cell in row]


def _rows(table: ShownTable) -> Iterator[list[tuple[str, int]]]:
    """Iterate over the rows of a table's sheet: its title, its head, its cells and its notes."""
    yield [(table.caption, BOLD)]
    yield [(name, BOLD) for name in table.header]
    for row in table.rows:
        yield [(cell, GENERAL) for cell in row]
    for note in table.notes:
        yield [(note, GENERAL)]


def _sheet(rows: Iterable[list[tuple[str, int]]]) -> str:
    """Return a sheet as XML."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell(text, style, f"{_letters(place)}{number}") for place, (text, style) in enumerate(row)
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    columns = '<cols><col min="1" max="1" width="36" customWidth="1"/></cols>'
    return f'{HEAD}<worksheet xmlns="{MAIN}">{columns}<sheetData>{"".join(lines)}</sheetData></worksheet>'


def _cell(text: str, style: int, place: str) -> str:
    """Return a cell: a number with the format in which it was shown, or text that is never run."""
    if style == GENERAL and NUMBER.fullmatch(text):
        percent = text.endswith("%")
        plain = text.rstrip("%").replace(",", "").replace(MINUS, "-")
        decimals = min(len(plain.partition(".")[2]), PLACES)
        value = f"{float(plain) / 100:.{decimals + 4}f}".rstrip("0").rstrip(".") if percent else plain
        number = FIRST_FORMAT + decimals + (PLACES + 1) * percent
        return f'<c r="{place}" s="{number}"><v>{value}</v></c>'
    shown = escape(NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)[:MOST])
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _letters(place: int) -> str:
    """Return the letters of a column, counted from 0.

    Examples
    --------
    >>> _letters(0), _letters(25), _letters(26), _letters(702)
    ('A', 'Z', 'AA', 'AAA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _styles() -> str:
    """Return the styles: text, bold text, and numbers with 0 to `PLACES` decimals, then percentages."""
    zeros = ["0", *("0." + "0" * count for count in range(1, PLACES + 1))]
    codes = [f"#,##{zero}" for zero in zeros] + [f"{zero}%" for zero in zeros]
    formats = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    numbers = "".join(
        f'<xf numFmtId="{200 + n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n in range(len(codes))
    )
    plain = '<font><sz val="11"/><name val="Calibri"/></font>'
    bold = '<font><b/><sz val="11"/><name val="Calibri"/></font>'
    fills = '<fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    text = (
        '<xf numFmtId="49" fontId="{}" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>'
    )
    return (
        f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="{len(codes)}">{formats}</numFmts>'
        f'<fonts count="2">{plain}{bold}</fonts><fills count="2">{fills}</fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(codes) + 2}">{text.format(0)}{text.format(1)}{numbers}</cellXfs></styleSheet>'
    )


def _parts(sheets: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Iterate over the parts of a workbook: their names in the archive and their texts."""
    numbers = range(1, len(sheets) + 1)
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{KIND}.worksheet+xml"/>'
        for n in numbers
    )
    kinds += f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    kinds += f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    links = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    )
    yield "[Content_Types].xml", f'{HEAD}<Types xmlns="{TYPES}">{links}{kinds}</Types>'
    book = f'<Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/>'
    yield "_rels/.rels", f'{HEAD}<Relationships xmlns="{PARTS}">{book}</Relationships>'
    listed = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>'
        for n, (name, _) in enumerate(sheets, 1)
    )
    yield (
        "xl/workbook.xml",
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>',
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    links += f'<Relationship Id="rId{len(sheets) + 1}" Type="{LINKS}/styles" Target="styles.xml"/>'
    yield "xl/_rels/workbook.xml.rels", f'{HEAD}<Relationships xmlns="{PARTS}">{links}</Relationships>'
    yield "xl/styles.xml", _styles()
    for n, (_, text) in enumerate(sheets, 1):
        yield f"xl/worksheets/sheet{n}.xml", text
