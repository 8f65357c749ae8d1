"""Frames shown as tables that a screen reader can read."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import FRAME, NAMES, TEXT, accepts
from trustkit.counted import COUNT_HEADS, Counted, counted_rows
from trustkit.display import TEN, Shown, decimals_of, show_decimals, show_numbers
from trustkit.errors import DataError, suggest
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shown_name, told_apart
from trustkit.units import headed

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


LARGEST = 10**9
"""More respondents than this are taken for as many."""


@dataclass(frozen=True, eq=False, repr=False)
class DataTable(Shown):
    """A frame shown as a table with a title, and without an index.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> table = tk.data_table(pd.DataFrame({"rate": [0.25], "n": [1200]}), title="Opt-in")
    >>> print(table)
    Opt-in
    rate      n
    0.25  1,200
    """

    title: str
    data: pd.DataFrame
    notes: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    points: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse fields of other kinds, columns of one name, cells of several values, and shares of texts."""
        accepts_fields(self)
        twice = self.data.columns[self.data.columns.duplicated()].unique()
        if len(twice):
            raise DataError(
                "columns of a table share a name", where="frame", got=", ".join(map(str, twice)),
                expected="each name once", do="rename them, or leave the copies out",
            )  # fmt: skip
        for name, column in self.data.items():
            may_hold = pd.api.types.is_object_dtype(column) or pd.api.types.is_complex_dtype(column)
            held = next(filter(_is_several, column), None) if may_hold else None
            if held is not None:
                raise DataError(
                    "a cell of a table holds one number or text", where=f"frame, column {name}",
                    got=type(held).__name__, do="give each value a row, or join them to a text",
                )  # fmt: skip
        for where, name in [
            *(("shares", name) for name in self.shares),
            *(("points", name) for name in self.points),
        ]:
            if name not in self.data or not pd.api.types.is_numeric_dtype(self.data[name]):
                raise DataError(
                    f"{name!r} is not a column of numbers", where=where,
                    got=str(self.data[name].dtype) if name in self.data else "no such column",
                    do=suggest(name, list(map(str, self.data.select_dtypes("number")))),
                )  # fmt: skip

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents of each row, if a column of the frame counts them."""
        return counted_by_column(self.data.drop(columns=self._other_end))

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        cells = {name: self._cells(name) for name in self.data}
        if self._other_end:
            low, high = self.data[["ci_low", "ci_high"]].isna().to_numpy().T
            ends = zip(cells["ci_low"], cells.pop("ci_high"), low & high, strict=True)
            cells["ci_low"] = ["-" if none else f"{one} to {other}" for one, other, none in ends]
        headings = told_apart(
            [
                headed(
                    "interval" if self._other_end and name == "ci_low" else shown_name(str(name)),
                    ["points"] if name in self.points else ["number"],
                )
                for name in cells
            ]
        )
        table = pd.DataFrame(dict(zip(headings, cells.values(), strict=True)))
        return self.title, table, self.notes if len(table) else ("No rows.", *self.notes)

    @property
    def _other_end(self) -> list[str]:
        """The column that is shown in one cell with the one before it: the upper end of an interval."""
        ends = ("ci_low", "ci_high")
        alike = all((ends[0] in unit) == (ends[1] in unit) for unit in (self.shares, self.points))
        if ends not in pairwise(self.data) or not alike:
            return []
        return [ends[1]] if all(map(pd.api.types.is_numeric_dtype, self.data[[*ends]].dtypes)) else []

    def _cells(self, name: Hashable) -> list[str]:
        """Show a column in its unit."""
        column = self.data[name]
        if name in self.points:
            return shown_hundredfold(column, unit="")
        return shown_shares(column) if name in self.shares else shown_cells(column)


def counted_by_column(frame: pd.DataFrame) -> tuple[Counted, ...]:
    """Return the respondents of each row of a frame that has a column such as ``n``.

    Examples
    --------
    >>> frame = pd.DataFrame({"group": ["a", "b"], "share": [0.5, 0.4], "n": [30, 4]})
    >>> counted_by_column(frame)[0].bases.tolist()
    [30, 4]
    """
    bases = [place for place, name in enumerate(frame) if str(name).casefold() in COUNT_HEADS]
    if not bases:
        return ()
    given = pd.to_numeric(frame.iloc[:, bases[0]], errors="coerce").fillna(0)
    sizes = given.clip(0, LARGEST).astype(int).tolist()
    numbers = [
        place
        for place, (name, column) in enumerate(frame.items())
        if pd.api.types.is_numeric_dtype(column) and place not in bases
    ]
    return (
        counted_rows(
            [f"row {row + 1}" for row in range(len(frame))], sizes,
            lambda row: [(row, column) for column in numbers],
            lambda row: [(row, column) for column in bases],
        ),
    )  # fmt: skip


def _is_several(value: object) -> bool:
    """Return whether a value is a list, an array or a complex number."""
    return isinstance(value, list | complex) or getattr(value, "ndim", 0) > 0


def data_table(
    frame: pd.DataFrame,
    *,
    title: str,
    note: str = "",
    shares: str | Sequence[str] = (),
    points: str | Sequence[str] = (),
) -> DataTable:
    """Show a frame as a table that a screen reader can read: a title, column headers, no index.

    Parameters
    ----------
    frame
        What to show. Numbers are rounded when shown, and only then. Headings are the columns' names in
        words: ``n_eff`` is shown as "effective n", and an underscore as a space. The columns ``ci_low`` and
        ``ci_high`` side by side are shown as one, the interval.
    title
        The table's title.
    note
        What a reader must know in addition to the numbers.
    shares
        Columns of numbers from 0 to 1 that are shown in percent.
    points
        Columns of differences of such shares, from -1 to 1, that are shown in percentage points.

    Raises
    ------
    DataError
        If a column of ``shares`` or ``points`` is not in the frame, or holds no numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> tk.data_table(pd.DataFrame({"rate": [0.25], "n": [1200]}), title="Opt-in")
    Opt-in
    rate      n
    0.25  1,200
    """
    accepts(
        frame=(frame, FRAME), title=(title, TEXT), note=(note, TEXT), shares=(shares, NAMES),
        points=(points, NAMES),
    )  # fmt: skip
    shares = (shares,) if isinstance(shares, str) else tuple(shares)
    points = (points,) if isinstance(points, str) else tuple(points)
    return DataTable(title, frame, (note,) if note else (), shares, points)


def shown_shares(column: pd.Series) -> list[str]:
    """Write a column of shares in percent, with three digits of the largest and at least one decimal.

    Examples
    --------
    >>> shown_shares(pd.Series([0.60034, 0.05])), shown_shares(pd.Series([0.008944, 0.00911]))
    (['60.0%', '5.0%'], ['0.894%', '0.911%'])
    """
    return shown_hundredfold(column, unit="%")


def shown_hundredfold(column: pd.Series, *, unit: str) -> list[str]:
    """Write shares in percent, or their differences in percentage points, with the same digits."""
    percent = 100 * column.astype(float)
    largest = float(percent.abs().max())
    decimals = max(decimals_of(largest) + 2, 1) if 0 < largest < TEN else 1
    return [show_decimals(value, decimals, unit=unit) for value in percent]


def shown_cells(column: pd.Series) -> list[str]:
    """Write a column of any type as text."""
    if pd.api.types.is_integer_dtype(column):
        return [f"{value:,}" for value in column]
    if pd.api.types.is_float_dtype(column):
        return show_numbers(column)
    return ["" if pd.isna(value) else str(value) for value in column]
