"""Excel sheets as grids of cells: values alone, no formulas."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.errors import DataError, needs
from trustkit.files.delimited import HEAD_ROWS, Grid
from trustkit.files.zip_archives import contents, refuse_vast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path


OVERLAP = 1 << 10
"""How many bytes of a worksheet are looked at twice, so that no cell is cut in two."""

FORMULA = re.compile(rb"<(?:\w+:)?c\s([^<>]*)>\s*<(?:\w+:)?f[\s>/]")
ERROR = re.compile(rb"<(?:\w+:)?c\s([^<>]*\bt=\"e\"[^<>]*)>")
CELL = re.compile(rb"\br=\"([A-Z]{1,3})([0-9]{1,7})\"")

Value = str | float | bool | dt.date | dt.time | dt.timedelta


def read_sheet(path: Path) -> Grid:
    """Open an Excel workbook (``.xlsx``) with one sheet of data, as a grid of cells.

    Raises
    ------
    DataError
        If it is damaged, empty, holds several sheets with data, formulas or cells with an error: a
        formula's value is whatever the program last thought it was, so it can't be raw data.
    """
    where = path.as_posix()
    calamine = needs("python_calamine", "files", where)
    _check_worksheets(path, where)
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            names = [
                about.name for about in book.sheets_metadata if about.typ == calamine.SheetTypeEnum.WorkSheet
            ]
            sheets = {name: book.get_sheet_by_name(name).to_python() for name in names}
    except calamine.CalamineError as fault:
        raise DataError(
            "the workbook is damaged", where=where, got=str(fault), do="save or download it again"
        ) from None
    filled = {name: rows for name, rows in sheets.items() if any(_text(cell) for row in rows for cell in row)}
    if len(filled) > 1:
        raise DataError(
            f"the workbook has {len(filled)} sheets with data",
            where=where, got=", ".join(filled), expected="one sheet",
            do="save the one to read in a workbook of its own",
        )  # fmt: skip
    if not filled:
        raise DataError("the file is empty", where=where, do="export the data again")
    rows = next(iter(filled.values()))
    head = tuple(tuple(_text(cell) for cell in row) for row in rows[:HEAD_ROWS])

    def body(skip: int, names: Sequence[str], text: Collection[str], _: str) -> pd.DataFrame:
        answers = [row for row in rows[skip:] if any(_text(cell) for cell in row)]
        if not answers:
            raise DataError("the file has a header and no rows", where=where, do="export the data again")
        columns = zip(*answers, strict=True)
        return pd.DataFrame(
            {name: _column(cells, name in text) for name, cells in zip(names, columns, strict=True)}
        )

    return Grid(head, body, where)


def _check_worksheets(path: Path, where: str) -> None:
    """Go through the worksheets' cells before a library does: no formula, no error, no huge empty range."""
    with zipfile.ZipFile(path) as archive:
        for item in archive.infolist():
            cells, widest, lowest = 0, 0, 0
            for piece in _pieces(contents(archive, item, where)):
                if not item.filename.startswith("xl/worksheets/"):
                    continue
                for pattern, what, do in (
                    (FORMULA, "the worksheet has formulas", "copy it and paste the values alone"),
                    (ERROR, "the worksheet has cells with an error", "mend them, or empty them"),
                ):
                    found = pattern.search(piece)
                    if found:
                        cell = CELL.search(found[1])
                        raise DataError(
                            what,
                            where=f"{where}, {item.filename.rpartition('/')[2]}",
                            got=f"the first is cell {(cell[1] + cell[2]).decode()}" if cell else None,
                            expected="values alone, as they were collected", do=do,
                        )  # fmt: skip
                for column, row in CELL.findall(piece):
                    cells += 1
                    widest = max(widest, _column_number(column))
                    lowest = max(lowest, int(row))
            refuse_vast(widest * lowest, cells, where)


def _pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Iterate over chunks, each with the end of the one before."""
    end = b""
    for chunk in chunks:
        yield end + chunk
        end = chunk[-OVERLAP:]


def _column_number(letters: bytes) -> int:
    """Return a column's number: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(cell: Value) -> str:
    """Write a cell as it reads on the sheet."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell)


def _column(cells: Sequence[Value], as_text: bool) -> pd.Series:  # noqa: FBT001
    """Type a column by its cells: all numbers, all dates, or text."""
    held = [cell for cell in cells if cell != ""]
    numbers = all(isinstance(cell, float) for cell in held)
    if not as_text and numbers:
        column = pd.Series([None if cell == "" else cell for cell in cells], dtype=float)
        whole = len(held) == len(cells) and all(cell.is_integer() for cell in held)  # type: ignore[union-attr]
        return column.astype("int64") if whole else column
    if not as_text and all(isinstance(cell, dt.date) for cell in held):
        dates = [cell.isoformat() if isinstance(cell, dt.date) else "" for cell in cells]
        return pd.Series(pd.to_datetime(dates, format="ISO8601"))
    return pd.Series([None if cell == "" else _text(cell) for cell in cells], dtype="str")
