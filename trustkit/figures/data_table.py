"""Frames shown as tables that a screen reader can read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import FRAME, TEXT, accepts
from trustkit.display import (
    Shown,
    show_numbers,
)
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from collections.abc import Sequence


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

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = pd.DataFrame({name: shown_cells(self.data[name]) for name in self.data})
        return self.title, table, self.notes if len(table) else ("No rows.", *self.notes)


def data_table(frame: pd.DataFrame, *, title: str, note: str = "") -> DataTable:
    """Show a frame as a table that a screen reader can read: a title, column headers, no index.

    Parameters
    ----------
    frame
        What to show. Numbers are rounded when shown, and only then.
    title
        The table's title.
    note
        What a reader must know in addition to the numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> tk.data_table(pd.DataFrame({"rate": [0.25], "n": [1200]}), title="Opt-in")
    Opt-in
    rate      n
    0.25  1,200
    """
    accepts(frame=(frame, FRAME), title=(title, TEXT), note=(note, TEXT))
    return DataTable(title, frame, (note,) if note else ())


def shown_cells(column: pd.Series) -> list[str]:
    """Write a column of any type as text."""
    if pd.api.types.is_integer_dtype(column):
        return [f"{value:,}" for value in column]
    if pd.api.types.is_float_dtype(column):
        return show_numbers(column)
    return ["" if pd.isna(value) else str(value) for value in column]
