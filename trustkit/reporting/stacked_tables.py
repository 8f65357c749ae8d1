"""Tables of several long texts, marked so that a narrow screen shows each of their rows as a card."""

from __future__ import annotations

import re
from html import escape, unescape

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

LONG_CELL = re.compile(r'<td class="tk-text">(?=[^<]{41})')
"""A cell of more than forty letters: a narrow screen must not give each of its words a line."""

LEAST, MOST = 3, 8
"""How many columns a table has whose rows may become cards: fewer fit, and more are read across."""

LONG_FIRST = '<tr><td class="tk-text tk-long">'
"""A row that begins with a long cell: of such a table, two columns are too many for a narrow screen."""

NOTHING = ("-", "\N{EN DASH}")
"""What a cell without a number says; a card leaves it out."""

TEXTS = 2
"""How many columns of texts such a table has at least."""


def stacked(table: str) -> str:
    """Mark the long cells of a table, and the whole table if its rows are cards on a narrow screen.

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
    >>> cells = "".join(f'<td class="tk-text">{text}</td>' for text in ("Sex", "Female; " * 6, "all"))
    >>> rows = f"<thead><tr>{heads}</tr></thead><tbody><tr>{cells}</tr></tbody>"
    >>> table = f'<table class="tk-table">{rows}</table>'
    >>> "data-name" in stacked(table), "data-name" in stacked(table.replace("Female; ", ""))
    (True, False)
    """
    table = LONG_CELL.sub('<td class="tk-text tk-long">', table)
    head, body = HEAD.search(table), BODY.search(table)
    if head is None or body is None or "tk-long" not in body[0] or "tk-badge" in table:
        return table
    rows = ROW.findall(head[1])
    heads = [*CELL.finditer(rows[0])] if len(rows) == 1 else []
    texts = sum("tk-text" in part["about"] or part["tag"] == "td" for part in heads)
    least = TEXTS if LONG_FIRST in body[0] else LEAST
    if not least <= len(heads) <= MOST or texts < TEXTS or "span=" in head[1]:
        return table
    names = [escape(unescape(TAG.sub("", NAMED_ROWS.sub("", part["said"])).strip())) for part in heads]

    def named(row: re.Match[str]) -> str:
        cells = [*CELL.finditer(row[1])]
        if len(cells) != len(names):  # the heading of some rows
            return row[0]
        parts = iter(names)

        def told(cell: re.Match[str]) -> str:
            role = "rowheader" if cell["tag"] == "th" else "cell"
            about = f'{cell["about"]} role="{role}" data-name="{next(parts)}"'
            if cell["said"] in NOTHING:
                about = about.replace('class="', 'class="tk-none ', 1)
            return f"<{cell['tag']}{about}>{cell['said']}</{cell['tag']}>"

        return row[0].replace(row[1], CELL.sub(told, row[1]))

    filled = table.replace(body[0], ROW.sub(named, body[0]))
    filled = filled.replace('<th scope="col"', '<th role="columnheader" scope="col"').replace(
        'class="tk-table"', 'class="tk-table tk-stacked"', 1
    )
    return PART.sub(lambda part: f'{part[0]} role="{PARTS[part[1]]}"', filled)
