"""Whether a row belongs to one respondent: it holds answers that, taken together, nobody else gave.

A row is compared with the data by the names of its columns. Without names, it is compared by answers that
stand in one column of the data only. A row that fits several respondents, or none, tells of nobody.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.publishing.phrases import composed
from trustkit.publishing.printed_rows import turned
from trustkit.survey.variable import CODED, code_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.publishing.printed_rows import Row
    from trustkit.survey.survey import Survey
    from trustkit.survey.variable import Variable

FEWEST_TRAITS = 3
"""How many traits of a person (columns that may identify with others) single somebody out."""

FEWEST_ANSWERS = 8
"""How many answers of any columns do."""

MOST_TRAITS = 10
"""Traits of one row of which every three are tried, if all together fit nobody."""

MARK = "[c]"
"""The mark of a cell that is protected: a row with one is a row of a table of groups."""


def plain_cell(value: object) -> str:
    """Return a cell as cells are compared: on one line, in small letters, whole numbers without decimals.

    Examples
    --------
    >>> plain_cell(" United  States"), plain_cell(34.0), plain_cell("34.0")
    ('united states', '34', '34')
    """
    if isinstance(value, float):
        return code_text(value)
    text = " ".join(composed(str(value)).split()).casefold()
    return text.removesuffix(".0") if text[:-2].isdecimal() else text


class RespondentRows:
    """The answers of a survey, to be asked whether a row is one respondent's.

    Parameters
    ----------
    survey
        The survey.

    Examples
    --------
    >>> import trustkit as tk
    >>> codes = {1: "a", 2: "b"}
    >>> book = {name: tk.Variable(name, name, "single", codes, identifier="quasi") for name in "xyz"}
    >>> data = pd.DataFrame({"x": list("aaab"), "y": list("abbb"), "z": list("aabb")})
    >>> rows = RespondentRows(tk.Survey(data, tk.Codebook(book)))
    >>> rows.is_one((("x", "y", "z"), ("a", "a", "a"))), rows.is_one((("x", "y", "w"), ("a", "a", "a")))
    (True, False)
    """

    def __init__(self, survey: Survey) -> None:
        self._columns: dict[str, NDArray[np.intp]] = {}
        self._labels: dict[str, dict[str, int]] = {}
        self._values: dict[str, dict[str, int]] = {}
        self._named: dict[str, str] = {}
        self._traits: set[str] = set()
        self._unnamed: dict[str, set[str]] = {}
        for name in survey.data.columns:
            variable = survey.codebook.variables.get(name)
            if variable is None or variable.identifier == "direct" or variable.kind in ("id", "weight"):
                continue
            self._add(str(name), survey.data[name], variable)

    def _add(self, name: str, column: pd.Series, variable: Variable) -> None:
        codes, values = pd.factorize(column)
        self._columns[name] = codes
        known = {plain_cell(value): number for number, value in enumerate(values)}
        by_code = {plain_cell(code): known[plain_cell(label)] for code, label in variable.codes.items()
                   if plain_cell(label) in known}  # fmt: skip
        self._labels[name] = known
        self._values[name] = by_code | known
        for heading in (name, variable.label, variable.short):
            if heading:
                self._named.setdefault(plain_cell(heading), name)
        if variable.identifier == "quasi":
            self._traits.add(name)
            for value in known:
                if variable.kind not in CODED or not value.isdecimal():
                    self._unnamed.setdefault(value, set()).add(name)

    def is_one(self, row: Row, *, codes: bool = True) -> bool:
        """Return whether a row is one respondent's.

        Parameters
        ----------
        row
            The names of its columns, empty if there are none, and its cells.
        codes
            Whether its cells may be codes, too, and not labels only.
        """
        values = self._values if codes else self._labels
        names, cells = row
        if MARK in cells:
            if self._is_of_groups(row):
                return False
            kept = [at for at, cell in enumerate(cells) if cell != MARK]
            names = tuple(names[at] for at in kept) if len(names) == len(cells) else names
            cells = tuple(cells[at] for at in kept)
        plain = [plain_cell(cell) for cell in cells]
        heads = [self._named.get(plain_cell(name), "") for name in names]
        if any(heads):
            return self._single_out(_pairs(heads, plain, values))
        if len(cells) == len(self._columns) and self._single_out(_pairs(self._columns, plain, values)):
            return True
        return self._is_one_unnamed(plain)

    def _is_of_groups(self, row: Row) -> bool:
        """Return whether a row with marks is one of a table of groups, whose hidden numbers have the marks.

        There the marks stand below headings such as "n", and not below those of the data; where columns have
        no names, there are as many marks as names of groups.
        """
        names, cells = row
        if len(names) == len(cells) and any(plain_cell(name) in self._named for name in names):
            return not any(
                cell == MARK and plain_cell(name) in self._named
                for name, cell in zip(names, cells, strict=True)
            )
        return cells.count(MARK) >= sum(plain_cell(cell) in self._unnamed for cell in cells)

    def _is_one_unnamed(self, cells: Sequence[str]) -> bool:
        """Return whether cells without the names of their columns are one respondent's."""
        pairs: dict[str, int] = {}
        for cell in cells:
            columns = self._unnamed.get(cell, set()) if cell else set()
            if len(columns) == 1:
                (column,) = columns
                number = self._values[column][cell]
                if pairs.setdefault(column, number) != number and not cell.isdecimal():
                    return False  # a list of answers, and not one respondent's
        words = sum(cell in self._unnamed and not cell.isdecimal() for cell in cells)
        return words > 1 and self._single_out(pairs)  # numbers alone may be anything

    def _single_out(self, pairs: dict[str, int]) -> bool:
        """Return whether answers fit one respondent only."""
        traits = {name: number for name, number in pairs.items() if name in self._traits}
        if len(traits) >= FEWEST_TRAITS:
            fit = self._fitting(traits.items())
            if fit == 1:
                return True
            if fit == 0 and FEWEST_TRAITS < len(traits) <= MOST_TRAITS:
                return any(self._fitting(some) == 1 for some in combinations(traits.items(), FEWEST_TRAITS))
        return len(pairs) >= FEWEST_ANSWERS and self._fitting(pairs.items()) == 1

    def _fitting(self, pairs: Iterable[tuple[str, int]]) -> int:
        """Return how many respondents gave all of some answers."""
        rows: NDArray[np.intp] | None = None
        for name, number in pairs:
            column = self._columns[name]
            rows = np.flatnonzero(column == number) if rows is None else rows[column[rows] == number]
        return 0 if rows is None else len(rows)


def _pairs(
    heads: Iterable[str], cells: Iterable[str], values: Mapping[str, Mapping[str, int]]
) -> dict[str, int]:
    """Return the column and the number of each answer among the cells below some headings."""
    pairs: dict[str, int] = {}
    for head, cell in zip(heads, cells, strict=False):
        number = values.get(head, {}).get(cell) if cell else None
        if number is not None and pairs.setdefault(head, number) != number:
            return {}  # a list of answers, and not one respondent's
    return pairs


def rows_of_respondents(tables: Iterable[Sequence[Row]], surveys: Sequence[RespondentRows]) -> list[Row]:
    """Return the rows of some tables that are one respondent's."""
    found: dict[Row, None] = {}
    for table in tables:
        for row in table:
            if len(row[1]) >= FEWEST_TRAITS and any(survey.is_one(row) for survey in surveys):
                found[row] = None
        for row in turned(table):
            if any(survey.is_one(row, codes=False) for survey in surveys):
                found[row] = None
    return list(found)
