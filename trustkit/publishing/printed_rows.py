"""Rows that a text may hold: of tables of HTML and Office, of JSON and CSV, and of lines of cells."""

from __future__ import annotations

import csv
import html
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = tuple[tuple[str, ...], tuple[str, ...]]
"""The names of the columns, empty if there are none, and the cells."""

TABLE = re.compile(r"<(table|[wa]:tbl)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
TABLE_ROW = re.compile(
    r"<(?:[wa]:)?tr\b.*?(?=<(?:[wa]:)?tr\b|</(?:table|[wa]:tbl)>)", re.DOTALL | re.IGNORECASE
)
TABLE_CELL = re.compile(
    r"<(?:t[hd]|[wa]:tc)\b([^>]*)>(.*?)(?=</(?:t[hd]|[wa]:tc)>|<(?:t[hd]|[wa]:tc)\b|</(?:[wa]:)?tr>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""Tables of HTML, of Word (`w:`) and of PowerPoint (`a:`), their rows and their cells."""

TAGS = re.compile(r"<[^>]*>")
SPANNED = re.compile(r'colspan="?(\d{1,3})')

BETWEEN = re.compile(r"[\t\x1e]+|\s*[|;]\s*|,\s*|\s{2,}")
"""What stands between the cells of a line."""

NAMED = re.compile(
    r"""([A-Za-z_][\w .-]{0,60}?)["']?\s*[=:]\s*["']?([^=<>"'{}]*)(?:["'<>{}].*)?$""", re.DOTALL
)
"""A cell that names its column."""

SAID = re.compile(r"[:=]|^\[[a-z]\]$")
"""A cell that names its column, or that is a mark: it is kept as it is."""

TRAILING = re.compile(r"[^\w)%]+\Z")
"""Signs at the end of a cell."""

LONGEST_LINE = 20_000
"""Characters; a longer line is no line of cells."""

FEWEST, MOST = 3, 2_000
"""How many cells a row has."""

DIVIDED = "\x1e"
"""What stands in place of a tag."""

SAMPLED = 200
"""How many lines of a CSV file tell what stands between its cells."""

MOST_TURNED = 12
"""How many columns of a table are read as rows."""


def printed_tables(text: str, kind: str) -> Iterator[list[Row]]:
    r"""Iterate over the tables of a text, each as its rows.

    Parameters
    ----------
    text
        The text.
    kind
        How it is read: ``csv``, ``json``, ``markup`` or ``text``.

    Examples
    --------
    >>> next(printed_tables("sex,age,region\nMale,34,North", "csv"))
    [((), ('sex', 'age', 'region')), (('sex', 'age', 'region'), ('Male', '34', 'North'))]
    >>> next(printed_tables('[{"sex": "Male", "age": 34, "region": "North"}]', "json"))
    [(('sex', 'age', 'region'), ('Male', '34', 'North'))]
    """
    if kind == "json":
        try:
            yield list(_json_rows(json.loads(text)))
        except (ValueError, RecursionError):
            return
    elif kind == "csv":
        yield from _csv_tables(text)
    elif kind == "markup":
        for table in TABLE.finditer(text):
            yield from _headed(_html_lines(table[0]))


def line_tables(text: str) -> Iterator[list[Row]]:
    r"""Iterate over the tables that lines of a text may be: cells between commas, bars, tabs or wide gaps.

    Examples
    --------
    >>> rows = next(line_tables("sex   age  region\nMale  34   North"))
    >>> rows[-1]
    (('sex', 'age', 'region'), ('Male', '34', 'North'))
    """
    lines = text.split("\n")
    yield from _line_tables(lines)
    for line in lines:
        for part in line.split(DIVIDED) if DIVIDED in line else ():  # a sentence of a page without line ends
            cells = _cells(part)
            if len(cells) >= FEWEST:
                yield [((), cells), *_named([cells])]


def _headed(lines: Sequence[tuple[str, ...]]) -> Iterator[list[Row]]:
    """Iterate over lines of cells as a table whose first line names the columns."""
    if len(lines) < 2:  # noqa: PLR2004  # a head and a row
        yield [((), line) for line in lines if FEWEST <= len(line) <= MOST]
        return
    head = lines[0]
    rows: list[Row] = [((), head)]
    for line in lines[1:]:
        if len(line) == len(head):
            rows.append((head, line))
        elif len(line) == len(head) + 1:  # an index without a name
            rows.append((("", *head), line))
        else:
            rows.append(((), line))
    yield rows


def turned(table: Sequence[Row]) -> Iterator[Row]:
    """Iterate over the columns of a table as rows, named by its first column: a printed series is one.

    Examples
    --------
    >>> list(turned([((), ("sex", "Male")), ((), ("age", "34"))]))
    [(('sex', 'age'), ('Male', '34'))]
    """
    lines = [cells for _, cells in table]
    widths = {len(line) for line in lines}
    if len(lines) <= MOST and len(widths) == 1:
        names = tuple(line[0] if line else "" for line in lines)
        for column in range(1, min(*widths, MOST_TURNED)):
            yield names, tuple(line[column] for line in lines)


def _html_lines(table: str) -> list[tuple[str, ...]]:
    lines: list[tuple[str, ...]] = []
    for row in TABLE_ROW.findall(table):
        cells: list[str] = []
        for attributes, inner in TABLE_CELL.findall(row):
            across = SPANNED.search(attributes)
            cell = " ".join(html.unescape(TAGS.sub(" ", inner) if "<" in inner else inner).split())
            cells += [cell, *[""] * (min(int(across[1]), 100) - 1 if across else 0)]
        lines.append(tuple(cells))
    return lines


def _csv_tables(text: str) -> Iterator[list[Row]]:
    some = text.split("\n", SAMPLED)[:SAMPLED]  # the first line of a sheet may be a title
    mark = max(",;\t|", key=lambda sign: (sum(sign in line for line in some), some[0].count(sign)))
    limit = csv.field_size_limit()
    try:
        lines = [tuple(cell.strip() for cell in row) for row in csv.reader(text.splitlines(), delimiter=mark)]
    except csv.Error:
        lines = [tuple(BETWEEN.split(line)) for line in text.splitlines() if len(line) < limit]
    yield from _headed(lines)


def _line_tables(lines: Sequence[str]) -> Iterator[list[Row]]:
    """Iterate over blocks of lines with cells."""
    block: list[tuple[str, ...]] = []
    for line in (*lines, ""):
        cells = _cells(line)
        if cells:
            block.append(cells)
            continue
        if block:
            yield from _headed(block)
            yield list(_named(block))
        block = []


def _cells(line: str) -> tuple[str, ...]:
    if len(line) > LONGEST_LINE:
        return ()
    cells = BETWEEN.split(line.strip().strip("|").strip())
    kept = (cell if SAID.search(cell) else cell.strip("\"'()[]{} ") for cell in cells)
    return tuple(cell for cell in kept if cell)


def _named(lines: Sequence[tuple[str, ...]]) -> Iterator[Row]:
    """Iterate over the lines whose cells name their columns, and over all of them together."""
    together: list[tuple[str, str]] = []
    for line in lines:
        pairs = [(match[1], TRAILING.sub("", match[2])) for cell in line if (match := NAMED.search(cell))]
        together += pairs
        if len(pairs) >= FEWEST:
            yield tuple(name for name, _ in pairs), tuple(value for _, value in pairs)
    if FEWEST <= len(together) <= MOST:
        yield tuple(name for name, _ in together), tuple(value for _, value in together)


def _json_rows(value: Any) -> Iterator[Row]:  # noqa: ANN401  # any JSON
    """Iterate over the rows that JSON holds: objects, lists, and columns of one length."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, dict):
            todo += [inner for inner in item.values() if isinstance(inner, dict | list)]
            plain = {
                str(name): _text(inner) for name, inner in item.items() if not isinstance(inner, dict | list)
            }
            if len(plain) >= FEWEST:
                yield tuple(plain), tuple(plain.values())
            yield from _column_rows(item)
        elif isinstance(item, list):
            plain_items = [_text(inner) for inner in item if not isinstance(inner, dict | list)]
            if len(plain_items) == len(item) and FEWEST <= len(item) <= MOST:
                yield (), tuple(plain_items)
            elif len(plain_items) < len(item):
                todo += [inner for inner in item if isinstance(inner, dict | list)]


def _column_rows(item: dict[str, Any]) -> Iterator[Row]:
    """Iterate over the rows of an object that holds columns, as pandas writes frames."""
    names, data = item.get("columns"), item.get("data")
    if isinstance(names, list) and isinstance(data, list):
        head = tuple(map(str, names))
        yield from (
            (head, tuple(map(_text, row))) for row in data if isinstance(row, list) and len(row) == len(head)
        )
    columns = {
        str(name): list(inner.values()) if isinstance(inner, dict) else inner for name, inner in item.items()
    }
    columns = {name: inner for name, inner in columns.items() if isinstance(inner, list)}
    lengths = {len(inner) for inner in columns.values()}
    if len(columns) >= FEWEST and len(lengths) == 1:
        yield from ((tuple(columns), tuple(map(_text, row))) for row in zip(*columns.values(), strict=True))


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value)
