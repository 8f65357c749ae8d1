"""Excel sheets as grids of cells: values alone, no formulas."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.errors import DataError, needs, suggest
from trustkit.files.delimited import HEAD_ROWS
from trustkit.files.foreign_files import limits_for, reading_process
from trustkit.files.grids import NAME_IT, Grid
from trustkit.files.label_sheets import is_label_sheet
from trustkit.files.reading_process import BELOW_ZERO, DURATION, EXACT, PERCENT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from pathlib import Path

DATES: Mapping[str, Any] = {"datetime": dt.datetime, "date": dt.date, "time": dt.time}
"""The types of dates and times, by the marks that `reading_process` gives their cells."""

Value = str | float | bool | dt.date | dt.time | dt.timedelta


def read_sheet(path: Path, sheet: str | None = None) -> Grid:
    """Open a sheet of an Excel workbook (``.xlsx``) as a grid of cells.

    Parameters
    ----------
    path
        The workbook.
    sheet
        The sheet's name. Without it, the workbook must have one sheet with data; a sheet of labels beside
        it (`label_sheets.is_label_sheet`) does not count as data.

    Raises
    ------
    DataError
        If the workbook is damaged, empty, has no such sheet, several sheets with data, formulas or cells
        with an error: a formula's value is whatever the program last calculated, so it can't be raw data.
    """
    where = path.as_posix()
    needs("python_calamine", "files", where)
    with reading_process() as process:
        workbook = process.ask("workbook", path, limits_for(path))
    sheets = {name: [[_value(cell) for cell in row] for row in rows] for name, _, rows in workbook["sheets"]}
    hidden = {name for name, is_hidden, _ in workbook["sheets"] if is_hidden}
    filled = {name: rows for name, rows in sheets.items() if any(_text(cell) for row in rows for cell in row)}
    name = _data_sheet(filled, list(sheets), hidden, sheet, where)
    labels = tuple(
        tuple(tuple(_text(cell) for cell in row) for row in rows)
        for other, rows in filled.items()
        if other != name and is_label_sheet([[_text(cell) for cell in row] for row in rows[:HEAD_ROWS]])
    )
    rows = filled[name]
    styled = _styled_columns(rows)
    head = tuple(tuple(_text(cell) for cell in row) for row in rows[:HEAD_ROWS])

    def body(skip: int, names: Sequence[str], text: Collection[str], _: str) -> pd.DataFrame:
        answers = [row for row in rows[skip:] if any(_text(cell) for cell in row)]
        if not answers:
            raise DataError("the file has a header and no rows", where=where, do="export the data again")
        columns = zip(*answers, strict=True)
        return pd.DataFrame(
            {
                name: _column(cells, name in text, _in_percent_signs if at in styled.mixed else _text)
                for at, (name, cells) in enumerate(zip(names, columns, strict=True))
            }
        )

    note = f"sheet {name!r}" if len(filled) > 1 or sheet is not None else ""
    return Grid(head, body, where, note, labels, styled.remarks)


def _data_sheet(
    filled: Mapping[str, list[list[Value]]],
    names: Sequence[str],
    hidden: Collection[str],
    wanted: str | None,
    where: str,
) -> str:
    """Return the name of the sheet to read."""
    if wanted is not None:
        matching = [name for name in names if name.strip().casefold() == wanted.strip().casefold()]
        exact = [name for name in matching if name == wanted] or matching
        if not exact:
            raise DataError(
                "the workbook has no such sheet", where=where, got=repr(wanted), do=suggest(wanted, names)
            )
        if exact[0] not in filled:
            raise DataError(
                "the sheet is empty", where=where, got=repr(exact[0]), do=suggest("", filled) or None
            )
        return exact[0]
    if not filled:
        raise DataError("the file is empty", where=where, do="export the data again")
    data = [
        name
        for name, rows in filled.items()
        if not is_label_sheet([[_text(cell) for cell in row] for row in rows[:HEAD_ROWS]])
    ] or list(filled)
    if len(data) > 1:
        shown = "; ".join(
            f"{name!r}{' (hidden)' if name in hidden else ''}: {len(filled[name]):,} rows,"
            f" {len(filled[name][0])} columns"
            for name in data
        )
        raise DataError(
            f"the workbook has {len(data)} sheets with data",
            where=where, got=shown, expected="one sheet, or the name of the one to read",
            do=NAME_IT.format(max(data, key=lambda name: len(filled[name]) * len(filled[name][0]))),
        )  # fmt: skip
    return data[0]


class LongNumber(str):
    """A whole number with more digits than a worksheet's numbers can hold, as its digits."""

    __slots__ = ()


class BelowZero(float):
    """A negative number that the workbook shows as a date or a time, which no negative number is."""

    __slots__ = ()


class Percent(float):
    """A number that the workbook shows as percent."""

    __slots__ = ()


@dataclass(frozen=True)
class StyledColumns:
    """Columns with cells that the workbook shows as something else than their numbers, by their place from 0.

    Attributes
    ----------
    mixed
        Those with numbers shown as percent, and others besides, which may be in another unit.
    remarks
        What is said of the others, which are read as the numbers that the file holds.
    """

    mixed: set[int]
    remarks: dict[int, str]


def _styled_columns(rows: Sequence[Sequence[Value]]) -> StyledColumns:
    """Find the columns with numbers that are shown as percent, and with negative ones shown as dates."""
    sample: dict[int, Percent] = {}
    below_zero: dict[int, BelowZero] = {}
    for row in rows:
        for at, cell in enumerate(row):
            if isinstance(cell, Percent) and (at not in sample or not sample[at]):
                sample[at] = cell
            elif isinstance(cell, BelowZero):
                below_zero.setdefault(at, cell)
    mixed = {
        at for row in rows for at in sample if type(row[at]) is float and row[at]
    }  # a zero is the same in every unit
    remarks = {
        at: f"shown as dates in the workbook, and read as the numbers that they are, as no date is negative: "
        f"{_text(cell)}"
        for at, cell in below_zero.items()
    }
    for at, cell in sample.items():
        if at not in mixed:
            said = "shown as percent in the workbook and read as shares: "
            said += f"{_in_percent_signs(cell)} as {_text(cell)}"
            remarks[at] = f"{said}; {remarks[at]}" if at in remarks else said
    return StyledColumns(mixed, remarks)


def _value(cell: Any) -> Value:  # noqa: ANN401
    """Return a cell as Python has it."""
    if not isinstance(cell, list):
        return cell  # type: ignore[no-any-return]
    kind, content = cell
    if kind == EXACT:
        return LongNumber(content)
    if kind == PERCENT:
        return Percent(content)
    if kind == BELOW_ZERO:
        return BelowZero(content)
    if kind == DURATION:
        return dt.timedelta(seconds=content)
    moment: Value = DATES[kind].fromisoformat(content)
    return moment


def _text(cell: Value) -> str:
    """Write a cell as it reads on the sheet."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    return cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell)


def _in_percent_signs(cell: Value) -> str:
    """Write a cell as it reads on the sheet, a number that is shown as percent with its sign."""
    return f"{100 * cell:.15g}%" if isinstance(cell, Percent) else _text(cell)


def _column(cells: Sequence[Value], as_text: bool, written: Callable[[Value], str]) -> pd.Series:  # noqa: FBT001
    """Type a column by its cells: all numbers, all dates, or text; numbers of two units are text."""
    filled = [cell for cell in cells if cell != ""]
    numbers = all(isinstance(cell, float) for cell in filled) and written is _text
    if not as_text and numbers:
        column = pd.Series([None if cell == "" else cell for cell in cells], dtype=float)
        are_whole = len(filled) == len(cells) and all(cell.is_integer() for cell in filled)  # type: ignore[union-attr]
        return column.astype("int64") if are_whole else column
    if not as_text and all(isinstance(cell, dt.date) for cell in filled):
        dates = [cell.isoformat() if isinstance(cell, dt.date) else "" for cell in cells]
        return pd.Series(pd.to_datetime(dates, format="ISO8601"))
    return pd.Series([None if cell == "" else written(cell) for cell in cells], dtype="str")
