"""Header rows of tables that no known platform wrote: titles above them, wordings and ids below them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    Rows = Sequence[Sequence[str]]

MOST_TITLES = 10
"""The most rows above a header that are treated as titles and blanks."""

WIDE = 6
"""From so many columns on, a title may fill two cells: a word and what it stands for."""

FILLED = 0.8
"""The least share of a header's cells that are filled, and that hold text."""

LEAST_BELOW = 3
"""The fewest rows of answers that tell a row of wordings from the first row of answers."""

LONG_WORDS = 3
"""The fewest words of a wording."""

CONTRAST = 0.6
"""The least share of columns in which a second header row differs in kind from the answers below it."""


def refuse_unnamed(head: Rows, where: str) -> None:
    """Refuse a table whose first row names one column or none beside several blank cells.

    Raises
    ------
    DataError
        If it does.
    """
    named = [cell for cell in head[0] if cell.strip()] if head else []
    if head and len(head[0]) - len(named) > 1 and len(named) <= 1:
        raise DataError(
            "the first row names one column or none, and leaves the others without a name",
            where=where, got=repr(named[0]) if named else "blank cells", expected="a name for each column",
            do="delete the rows above the header, or name the columns",
        )  # fmt: skip


def titles_above(head: Rows) -> int:
    """Return how many rows stand above a table's header: titles of one cell, and blank rows.

    The header is the first row whose cells are nearly all filled, different, and text. It must be as wide
    as the rows below, and its words must not occur among them.

    Examples
    --------
    >>> titles_above([["My survey", "", ""], ["", "", ""], ["id", "sex", "age"], ["1", "m", "34"]])
    2
    >>> titles_above([["id", "", "age"], ["1", "m", "34"], ["2", "f", "51"]])
    0
    """
    for at, row in enumerate(head[: MOST_TITLES + 1]):
        if not _is_title(row, max(len(other) for other in head)):
            return at if at and _is_header(row, head[at + 1 :], short=len(head[0]) != len(row)) else 0
    return 0


def _is_title(row: Sequence[str], width: int) -> bool:
    """Return whether a row holds one cell beside blank ones (two in a wide table), or none."""
    filled = sum(bool(cell.strip()) for cell in row)
    return width > 1 and (filled <= 1 or (width >= WIDE and filled == 2))  # noqa: PLR2004 - a pair


def _is_header(row: Sequence[str], below: Rows, *, short: bool) -> bool:
    """Return whether a row looks like a header beside the rows below it; ``short``: a title was cut short."""
    filled = [cell.strip() for cell in row if cell.strip()]
    texts = [cell for cell in filled if not _is_number(cell)]
    if not below or not row[0].strip() or len(set(filled)) < len(filled):
        return False
    if min(len(filled), len(texts)) < FILLED * len(row) or any(len(other) != len(row) for other in below):
        return False
    if any(cell.strip() in filled for other in below for cell in other):
        return False
    return len(row) > 2 or (  # noqa: PLR2004 - two columns may be answers joined in one
        not short and any(_is_number(cell) for other in below for cell in other)
    )


def second_rows(head: Rows) -> int:
    """Return how many rows of wordings and ids stand below a header: 0, 1 or 2.

    A row of wordings holds text in every cell. Most of its columns are numbers below, or words much
    shorter than it. A row of ids follows it and holds different words in columns of numbers.

    Examples
    --------
    >>> answers = [["1", "34", "5"], ["2", "51", "4"], ["3", "28", "5"]]
    >>> wordings = ["Your number", "What is your age?", "How much do you trust banks?"]
    >>> second_rows([["id", "age", "trust"], wordings, *answers])
    1
    >>> second_rows([["id", "age", "trust"], *answers])
    0
    """
    if len(head) < 2 + LEAST_BELOW or len(head[0]) < 2 or len({len(row) for row in head}) > 1:  # noqa: PLR2004
        return 0
    if _names_parts(head):
        return 1
    words = [cell for cell in head[1] if len(cell.split()) >= LONG_WORDS]
    if len(words) < 2:  # noqa: PLR2004 - one may be an answer
        return 0
    ids = len(head) > 2 + LEAST_BELOW and not any(re.search(r"\s", cell.strip()) for cell in head[2])
    if ids and len(set(head[2])) == len(head[2]) and _differs(head[2], head[3:]):
        return 2 if _differs(head[1], head[3:], longer=True) else 0
    return 1 if _differs(head[1], head[2:], longer=True) else 0


def _names_parts(head: Rows) -> bool:
    """Return whether the second row names the parts of questions that stand above several columns.

    A merged cell of a header has blank ones behind it. The row below has a text of its own under each of
    these, and no column that it names holds this text again.
    """
    first, second = ([cell.strip() for cell in row] for row in head[:2])
    spans = [at for at in range(1, len(first)) if not first[at]]
    begun = {at - 1 for at in spans if first[at - 1]}
    parts = [second[at] for at in sorted({*begun, *spans})]
    if not first[0] or not spans or not all(parts) or any(map(_is_number, parts)):
        return False
    if len(set(parts)) < len(parts) or sum(map(bool, second)) > len(parts):
        return False
    return all(cell not in {row[at].strip() for row in head[2:]} for at, cell in enumerate(second) if cell)


def wordings_of(head: Rows) -> list[str]:
    """Return the wording of each column of two header rows: what stands above it, and its part of that.

    Examples
    --------
    >>> wordings_of([["id", "I trust brands to", ""], ["", "ask first", "delete data"]])
    ['', 'I trust brands to - ask first', 'I trust brands to - delete data']
    >>> wordings_of([["q1", "q2"], ["Do you agree?", "How old are you?"]])
    ['Do you agree?', 'How old are you?']
    """
    first, second = ([cell.strip() for cell in row] for row in head[:2])
    above, wordings = "", []
    for at, (name, part) in enumerate(zip(first, second, strict=True)):
        spans = not name or (at + 1 < len(first) and not first[at + 1] and bool(second[at + 1]))
        above = name or above
        wordings.append(f"{above} - {part}" if part and spans else part)
    return wordings


def _differs(row: Sequence[str], below: Rows, *, longer: bool = False) -> bool:
    """Return whether a row is text and the rows below are not: numbers in a column, which no answer breaks.

    With ``longer``, most columns below it are numbers, or words much shorter than its own.
    """
    below_each = [[other[at].strip() for other in below if other[at].strip()] for at in range(len(row))]
    if any(_is_number(cell) for cell in row) or sum(bool(cell.strip()) for cell in row) < FILLED * len(row):
        return False
    numbers = [bool(cells) and all(map(_is_number, cells)) for cells in below_each]
    shorter = [
        longer and bool(cells) and len(row[at].split()) >= LONG_WORDS
        and 2 * max(map(len, cells)) < len(row[at].strip())
        for at, cells in enumerate(below_each)
    ]  # fmt: skip
    unlike = sum(number or short for number, short in zip(numbers, shorter, strict=True))
    return any(numbers) and (not longer or unlike >= CONTRAST * sum(bool(cells) for cells in below_each))


def _is_number(text: str) -> bool:
    """Return whether a cell is a number or a date, with any marks."""
    return bool(re.fullmatch(r"[-+]?[\d.,:/\- T%]*\d[\d.,:/\- TZ%]*(?:[eE][-+]?\d+)?", text.strip()))
