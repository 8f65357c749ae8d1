"""Columns of text typed without loss: numbers only where every cell is a plain number.

Whatever a number would not give back (leading zeros, ``1E5`` in a list of identifiers, ``1,234`` that may
be one or a thousand) stays text, as it was typed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PLAIN = r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-][0-9]+)?"
"""A number as statistics programs write it; ``1E5``, which may be an identifier, is none."""

COMMA = r"-?(?:(?:0|[1-9][0-9]*)(?:,[0-9]*)?|,[0-9]+)"
"""A number with a decimal comma."""

DOUBTFUL = r"-?[1-9][0-9]{0,2},[0-9]{3}|-?[0-9]+"
"""A number whose comma may also part thousands, or that has none."""

LONG = r"-?[0-9]{16,}"
"""A whole number that a float would round."""

WHOLE = r"0|-?[1-9][0-9]*"
"""A whole number in the only way to write it."""

LARGEST = 2**63 - 1
"""The largest whole number that a column holds."""

EXACT_LENGTH = 10**11
"""Below it, every other way to write a whole number is longer."""

EXACT = 2**53
"""Whole numbers up to here keep every digit as floats, which columns with empty cells need."""


class ArrowCells:
    """A column of text, as Arrow holds it."""

    def __init__(self, cells: Any) -> None:  # noqa: ANN401
        self.cells = cells

    @property
    def empty(self) -> bool:
        """Whether no cell holds anything."""
        return bool(self.cells.null_count == len(self.cells))

    def all_match(self, pattern: str) -> bool:
        """Return whether every cell that is not empty is of a pattern."""
        from pyarrow import compute  # noqa: PLC0415

        return compute.all(compute.match_substring_regex(self.cells, f"^(?:{pattern})$")).as_py() is not False

    def any_match(self, pattern: str) -> bool:
        """Return whether any cell is of a pattern."""
        from pyarrow import compute  # noqa: PLC0415

        return bool(compute.any(compute.match_substring_regex(self.cells, f"^(?:{pattern})$")).as_py())

    def whole_numbers(self) -> pd.Series | None:
        """Return the cells as whole numbers if each is one, in the only way to write it."""
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import compute  # noqa: PLC0415

        try:
            numbers = compute.cast(self.cells, pa.int64())
        except pa.ArrowInvalid:
            return None
        values = numbers.drop_null().to_numpy()
        most = max(int(values.max()), -int(values.min()))
        digits = len(values) + int((values < 0).sum())
        power = 10
        size = np.abs(values)
        while power <= min(most, EXACT_LENGTH):
            digits += int((size >= power).sum())
            power *= 10
        # Other spellings (007, +7, 0x7) are longer, so equal totals mean that there are none. Only
        # hexadecimal numbers of twelve characters and more are shorter than their decimal spelling.
        plain = digits == compute.sum(compute.binary_length(self.cells)).as_py()
        if not (plain if most < EXACT_LENGTH else self.all_match(WHOLE)):
            return None
        if not numbers.null_count:
            return pd.Series(values)
        return None if most > EXACT else numbers.to_pandas().astype(float)

    def numbers(self, mark: str) -> pd.Series:
        """Return the cells as numbers, whatever decimal mark they have."""
        import pyarrow as pa  # noqa: PLC0415
        from pyarrow import compute  # noqa: PLC0415

        cells = self.cells if mark == "." else compute.replace_substring(self.cells, mark, ".")
        return pd.Series(compute.cast(cells, pa.float64()).to_pandas())

    def texts(self) -> pd.Series:
        """Return the cells as they were typed."""
        return pd.Series(self.cells.to_pandas(), dtype="str")


class PandasCells:
    """A column of text where pyarrow is not installed; the same answers, slower."""

    def __init__(self, cells: pd.Series) -> None:
        self.cells = cells
        self.codes, self.values = pd.factorize(cells)

    @property
    def empty(self) -> bool:
        """Whether no cell holds anything."""
        return not len(self.values)

    def all_match(self, pattern: str) -> bool:
        """Return whether every cell that is not empty is of a pattern."""
        return all(re.fullmatch(pattern, value) for value in self.values)

    def any_match(self, pattern: str) -> bool:
        """Return whether any cell is of a pattern."""
        return any(re.fullmatch(pattern, value) for value in self.values)

    def whole_numbers(self) -> pd.Series | None:
        """Return the cells as whole numbers if each is one, in the only way to write it."""
        if not self.all_match(WHOLE):
            return None
        values = [int(value) for value in self.values]
        most = max(abs(value) for value in values)
        if most > (EXACT if (self.codes < 0).any() else LARGEST):
            return None
        if (self.codes < 0).any():
            return pd.Series(np.array([*values, np.nan])[self.codes])
        return pd.Series(np.array(values, dtype=np.int64)[self.codes])

    def numbers(self, mark: str) -> pd.Series:
        """Return the cells as numbers, whatever decimal mark they have."""
        values = [float(value.replace(mark, ".")) for value in self.values]
        return pd.Series(np.array([*values, np.nan])[self.codes])

    def texts(self) -> pd.Series:
        """Return the cells as they were typed."""
        return self.cells


TextCells = ArrowCells | PandasCells


def typed_frame(columns: Mapping[str, TextCells], text: Collection[str], marks: str = ".") -> pd.DataFrame:
    """Make a frame of columns of text, those that hold nothing but plain numbers as numbers.

    ``text`` are columns to leave alone, ``marks`` the decimal marks that the file may use. A decimal comma
    is believed if some column leaves no doubt of it; then points are not treated as decimal ones, as they
    may part thousands.
    """
    done: dict[str, pd.Series] = {}
    for name, cells in columns.items():
        if name in text:
            done[name] = cells.texts()
        elif cells.empty:
            done[name] = pd.Series(np.full(len(cells.cells), np.nan))
        elif (integers := cells.whole_numbers()) is not None:
            done[name] = integers
    open_ = {name: cells for name, cells in columns.items() if name not in done and not cells.any_match(LONG)}
    commas = {name for name, cells in open_.items() if "," in marks and cells.all_match(COMMA)}
    believed = any(not columns[name].all_match(DOUBTFUL) for name in commas)
    for name, cells in columns.items():
        if name in done:
            continue
        if believed and name in commas:
            done[name] = cells.numbers(",")
        elif not believed and name in open_ and cells.all_match(PLAIN):
            numbers = cells.numbers(".")
            done[name] = cells.texts() if np.isinf(numbers).any() else numbers
        else:
            done[name] = cells.texts()
    return pd.DataFrame({name: done[name] for name in columns}, copy=False)
