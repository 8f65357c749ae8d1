"""Text in exported files: what no program runs, what every format can hold, and names of sheets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.display import visible
from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""How a cell begins that a spreadsheet may take for a formula."""

APOSTROPHE = "'"
"""What spreadsheets put before text that is not a formula."""

BEFORE_FORMULA = ' "\u00a0\u3000'
"""What may stand before a formula that a spreadsheet still runs."""

LONGEST_NAME = 31
"""Characters of a sheet's name."""

MOST_CHARACTERS = 32_767
"""Characters of a cell of Excel."""

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384
"""Rows and columns of a sheet of Excel."""

FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
"""What a sheet's name may not hold."""

RESERVED = "history"
"""A name that Excel keeps for itself."""


def plain_text(text: object) -> str:
    r"""Return a text that every format can hold: line ends alike, control characters written out.

    Examples
    --------
    >>> plain_text("one\r\ntwo\rthree\x07")
    'one\ntwo\nthree\\x07'
    """
    return visible(str(text).replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: object) -> str:
    r"""Return a text on one line, for titles and headings.

    Examples
    --------
    >>> one_line(" Trust\r\n in brands ")
    'Trust in brands'
    """
    return " ".join(plain_text(text).split())


def shortened_text(text: str, most: int) -> str:
    """Return a text with at most so many characters, cut between words if there are any.

    Examples
    --------
    >>> shortened_text("How far do you trust banks?", 15)
    'How far do you…'
    """
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    whole = cut if text[most - 1].isspace() else cut.rpartition(" ")[0] or cut
    return f"{whole.rstrip()}\N{HORIZONTAL ELLIPSIS}"


def csv_text(text: str) -> str:
    """Return what a field of text holds in a CSV file: no spreadsheet takes it for a formula.

    `read_back` is its inverse.

    Examples
    --------
    >>> [csv_text(text) for text in ("=1+1", "  @SUM(A1)", "'90s", "yes - no")]
    ["'=1+1", "'  @SUM(A1)", "''90s", 'yes - no']
    """
    runs = text.lstrip(BEFORE_FORMULA).startswith(FORMULA)
    return APOSTROPHE + text if runs or text.startswith(APOSTROPHE) else text


def read_back(field: str) -> str:
    """Return the text that a field of a CSV file was written from.

    Examples
    --------
    >>> read_back(csv_text("'90s")), read_back(csv_text("=1+1"))
    ("'90s", '=1+1')
    """
    return field.removeprefix(APOSTROPHE)


def sheet_names(titles: Iterable[str], *, taken: Iterable[str] = ()) -> list[str]:
    """Return a name for each sheet, as near to its title as Excel allows, and each once.

    Examples
    --------
    >>> sheet_names(["Trust: by age", "Trust/ by age", ""])
    ['Trust by age', 'Trust by age 2', 'Sheet']
    """
    names: list[str] = []
    used = {name.casefold() for name in taken} | {RESERVED}
    for title in titles:
        plain = " ".join(FORBIDDEN.sub(" ", visible(FORBIDDEN.sub(" ", title))).split()).strip("'")
        cut = (
            plain
            if _units(plain) <= LONGEST_NAME
            else _first(plain, LONGEST_NAME + 1).rpartition(" ")[0] or _first(plain, LONGEST_NAME)
        )
        base = cut.rstrip("' ") or "Sheet"
        name, number = base, 1
        while name.casefold() in used:
            number += 1
            name = f"{_first(base, LONGEST_NAME - len(str(number)) - 1).rstrip()} {number}"
        used.add(name.casefold())
        names.append(name)
    return names


def _units(text: str) -> int:
    """Return the length of a text as Excel counts it, in which rare characters count twice."""
    return len(text.encode("utf-16-le")) // 2


def _first(text: str, most: int) -> str:
    """Return the beginning of a text, as long as Excel allows."""
    while _units(text) > most:
        text = text[:-1]
    return text


def check_sheet(name: str, rows: int, columns: int) -> None:
    """Refuse a table that is too large for a sheet.

    Raises
    ------
    DataError
        If it has more rows or columns than Excel can hold.
    """
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise DataError(
            "the table is too large for a sheet of Excel", where=name,
            got=f"{rows:,} rows and {columns:,} columns",
            expected=f"at most {MOST_ROWS:,} rows and {MOST_COLUMNS:,} columns",
            do="write it as .csv or .parquet, or divide it",
        )  # fmt: skip


def check_cell(text: str, name: str) -> None:
    """Refuse a text that is too long for a cell of Excel.

    Raises
    ------
    DataError
        If it has more characters than Excel can hold.
    """
    if _units(text) > MOST_CHARACTERS:
        raise DataError(
            "a text is too long for a cell of Excel", where=name,
            got=f"{_units(text):,} characters, which begin with {shortened_text(text, 40)!r}",
            expected=f"at most {MOST_CHARACTERS:,} characters", do="shorten it, or write the table as .csv",
        )  # fmt: skip
