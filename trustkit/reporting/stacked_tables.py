"""Tables that are too wide for a phone, marked so that a narrow screen shows each of their rows as a card."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

from trustkit.display import LETTER_OF_COLUMN

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW = re.compile(r"<tr\b[^>]*>(.*?)</tr>", re.DOTALL)
HEAD = re.compile(r"<thead\b[^>]*>(.*?)</thead>", re.DOTALL)
BODY = re.compile(r"<tbody\b.*</tbody>", re.DOTALL)
CELL = re.compile(r"<(?P<tag>t[hd])\b(?P<about>[^>]*)>(?P<said>.*?)</(?P=tag)>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
NAMED_ROWS = re.compile(r'<span class="tk-rows-name">.*?</span>(?:<br>)?', re.DOTALL)
"""What stands above the name of a first column: the name of the headings inside the table."""

PARTS = {"table": "table", "thead": "rowgroup", "tbody": "rowgroup", "tr": "row"}
PART = re.compile(r"<(table|thead|tbody|tr)\b(?![^>]*\brole=)")
"""A part of a table and its role, which a screen reader would lose once the part is shown as a block."""

LONG = 40
LONG_CELL = re.compile(rf'<td class="tk-text">(?=[^<]{{{LONG + 1}}})')
"""A cell of more letters than these: a narrow screen must not give each of its words a line."""

WRITTEN = '<table class="table'
"""How a table begins that was written in Markdown: of its cells only numbers to the right are marked."""

EMPTY = "<p></p>"
"""What a cell without a text holds there; a card leaves the name of its column out, too."""

LEAST, MOST = 2, 10
"""How many columns a table has whose rows may become cards: fewer fit, and more are read across."""

NOTHING = ("-", "\N{EN DASH}")
"""What a cell without a number says; a card leaves it out."""

TEXTS = 2
"""From how many columns of texts on a table is not read across, whatever its numbers are."""

ROOM = 350
"""How many pixels wide a table is on a phone."""

DIGIT, LETTER, HEADING, GAP = 6.8, 6.3, 6.0, 9.6
"""How many pixels a digit, a letter, a letter of a heading, and the space between columns take there."""

LINE, LONG_LINE = 16, 24
"""How many letters a line of a text has at least there, and of a text so long that it takes several."""

BRIEF = 20
"""How many letters the texts of a column have at most that stand beside numbers in a card."""

END = re.compile(r" (?=[-+\d])")
"""Where an interval may be broken: before its upper end."""

GROUPS = 3
"""From how many columns of percentages on a table compares groups or answers across its rows."""


def stacked(table: str) -> str:
    """Mark the long cells of a table, and the whole table if its rows are cards on a narrow screen.

    Rows become cards if the columns do not fit beside each other on a phone with their words and numbers
    whole and their intervals on two lines. A table that compares across its rows stays a table.

    Parameters
    ----------
    table
        A table as HTML. A table with verdicts is shown in another way, and stays as it is.

    Returns
    -------
    str
        The table. Each cell of a row that may be a card names its column.

    Examples
    --------
    >>> heads = "".join(f'<th class="tk-text">{name}</th>' for name in ("wording", "answers", "asked"))
    >>> cells = "".join(f'<td class="tk-text">{text}</td>' for text in ("Sex " * 12, "Female; " * 6, "all"))
    >>> rows = f"<thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody>"
    >>> table = f'<table class="tk-table">{rows}</table>'
    >>> "data-name" in stacked(table), "data-name" in stacked(table.replace("Female; ", ""))
    (True, False)
    """
    table = LONG_CELL.sub('<td class="tk-text tk-long">', table)
    head, body = HEAD.search(table), BODY.search(table)
    written = table.startswith(WRITTEN)
    if head is None or body is None or "tk-badge" in table:
        return table
    if not written and 'class="tk-table' not in table:
        return table
    rows = ROW.findall(head[1])
    heads = [*CELL.finditer(rows[0])] if len(rows) == 1 else []
    names = [_said(NAMED_ROWS.sub("", part["said"])) for part in heads]
    cells = [[_said(cell["said"]) for cell in CELL.finditer(row)] for row in ROW.findall(body[0])]
    columns = [*zip(*(row for row in cells if len(row) == len(names)), strict=True)]
    number = "text-right" if written else "tk-number"
    numeric = [number in part["about"] for part in heads]
    if not LEAST <= len(columns) <= MOST or "span=" in head[1]:
        return table
    pieces = [max(map(_longest_piece, column)) if written else 0 for column in columns]
    if _fits(names, columns, numeric, pieces) or _is_read_across(names, columns, numeric):
        return table
    brief = [not any(len(cell) > BRIEF for cell in column) for column in columns]
    return _cards(table, body[0], [*zip(names, brief, strict=True)])


def _said(cell: str) -> str:
    """Return what a cell says, as text."""
    return unescape(TAG.sub("", cell)).strip()


def _longest_piece(cell: str) -> int:
    """Return how many letters of a cell stay on one line, such as those of a formula or of a name."""
    return max(map(len, cell.split()), default=0)


def _fits(
    names: Sequence[str], columns: Sequence[Sequence[str]], numeric: Sequence[bool], pieces: Sequence[int]
) -> bool:
    """Return whether columns fit on a phone: numbers on one line, intervals on two, texts on several."""
    if len(columns) == LEAST:  # questions and answers: side by side, one of them stands in a narrow strip
        return not all(any(len(cell) > LONG for cell in column) for column in columns)
    wide = 0.0
    for name, column, number, piece in zip(names, columns, numeric, pieces, strict=True):
        longest = max(map(len, column))
        ends = max(len(end) for cell in column for end in END.split(cell))
        least = max(min(longest, LINE if longest <= LONG else LONG_LINE), piece)
        word = _longest_piece(name)
        wide += max(DIGIT * ends if number else LETTER * least, HEADING * word) + GAP
    return wide <= ROOM


def _is_read_across(names: Sequence[str], columns: Sequence[Sequence[str]], numeric: Sequence[bool]) -> bool:
    """Return whether a table compares across its rows: a banner, shares by group, or numbers of one kind."""
    if any(map(LETTER_OF_COLUMN.fullmatch, names)):
        return True
    numbers = [column for column, number in zip(columns, numeric, strict=True) if number]
    if len(columns) - len(numbers) >= TEXTS or any(" " in cell for column in numbers for cell in column):
        return False
    percent = sum(any(cell.endswith("%") for cell in column) for column in numbers)
    return percent >= GROUPS or percent == 0


def _cards(table: str, body: str, about_columns: Sequence[tuple[str, bool]]) -> str:
    """Return a table each cell of which names its column, and whose parts keep their roles as blocks."""

    def named(row: re.Match[str]) -> str:
        if len(CELL.findall(row[1])) != len(about_columns):  # the heading of some rows
            return row[0]
        parts = iter(about_columns)

        def told(cell: re.Match[str]) -> str:
            name, brief = next(parts)
            role = "rowheader" if cell["tag"] == "th" else "cell"
            about = cell["about"].replace("tk-text", "tk-text tk-brief") if brief else cell["about"]
            if brief and "class=" not in about:  # written in Markdown
                about = f'{about} class="tk-brief"'
            if cell["said"] in NOTHING:
                about = about.replace('class="', 'class="tk-none ', 1)
            about = f'{about} role="{role}" data-name="{escape(name)}"'
            said = "" if cell["said"] == EMPTY else cell["said"]
            return f"<{cell['tag']}{about}>{said}</{cell['tag']}>"

        return row[0].replace(row[1], CELL.sub(told, row[1]))

    filled = table.replace(body, ROW.sub(named, body))
    filled = re.sub(r"<th\b(?![^>]*\brole=)", '<th role="columnheader"', filled)
    filled = re.sub('class="(tk-table|table)', r'class="\1 tk-stacked', filled, count=1)
    return PART.sub(lambda part: f'{part[0]} role="{PARTS[part[1]]}"', filled)
