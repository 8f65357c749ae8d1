"""The operations that a design needs from its rows, and rows in memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
import pandas as pd

from trustkit.design.permitted import allowed
from trustkit.design.sums import Cells
from trustkit.design.weighted_distributions import MemoryDistribution
from trustkit.errors import DataError, how_many
from trustkit.survey.columns import coded, describe, is_blank, numeric_values, placed
from trustkit.survey.where import rows_where

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from trustkit.design.sums import AnyCells
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Dims = Sequence[tuple[str, Sequence[object]]]

Centre = Literal["none", "middle"]

LARGEST = 1e150
"""The square of a number up to this, times a weight, is still finite."""

MIDDLE = 1_000
"""The middle value is the median of at most this many values."""


class Distribution(Protocol):
    """The weighted distribution of a numeric variable in each domain."""

    @property
    def cells(self) -> AnyCells:
        """The domains, with the variable as their only column."""

    def quantiles(self, probs: Floats) -> Floats:
        """Return each domain's quantiles for its own probabilities, both (D, k); NaN outside 0 to 1."""


class Rows(Protocol):
    """The rows of a design, in memory (`MemoryRows`) or in an engine (`EngineRows`)."""

    @property
    def columns(self) -> Collection[str]:
        """The names of the columns."""

    def in_memory(self) -> MemoryRows:
        """Return the rows.

        Raises
        ------
        DesignError
            If they are in an engine.
        """

    def variable(self, name: str) -> Variable:
        """Return a column's description: the codebook's, or one made from the column.

        Raises
        ------
        DataError
            If there is no such column; a near miss is suggested.
        DesignError
            If respondents did not allow it for the purpose that the rows may be used for.
        """

    def unknown_codes(self, about: Variable) -> list[str]:
        """Return the values of a labelled column that are not labels of its description."""

    def count(self, weights: Floats) -> int:
        """Count the respondents; ``weights`` are for rows in memory, an engine has its own."""

    def unplaced(self, name: str, labels: Sequence[object], weights: Floats, *, where: Where = None) -> int:
        """Count the respondents of ``where`` whose answer to a variable is none of ``labels``."""

    def n_eff(self, weights: Floats) -> float:
        """Return Kish's effective number of respondents, (sum of w)^2 / sum of w^2."""

    def cells(
        self,
        dims: Dims,
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        linear: int | None = None,
        where: Where = None,
        centre: Centre = "none",
    ) -> AnyCells:
        """Place each row in the cross-classification of some coded variables (`Design.cells`)."""

    def distribution(
        self, dims: Dims, variable: str, weights: Floats, *, where: Where = None
    ) -> Distribution:
        """Return the weighted distribution of a numeric variable in each cell of some coded variables."""


@dataclass(frozen=True, eq=False)
class MemoryRows:
    """Rows in memory.

    Attributes
    ----------
    data
        One row per respondent.
    codebook
        The description of the columns.
    """

    data: pd.DataFrame
    codebook: Codebook

    @property
    def columns(self) -> Collection[str]:
        """The names of the columns."""
        return self.data.columns

    def in_memory(self) -> MemoryRows:
        """Return these rows."""
        return self

    def variable(self, name: str) -> Variable:
        """Return a column's description: the codebook's, or one made from the column."""
        return allowed(describe(self.data, self.codebook, name), self.codebook)

    def unknown_codes(self, about: Variable) -> list[str]:
        """Return the categories of a column that are not labels of its description."""
        column = self.data[about.name]
        if not isinstance(column.dtype, pd.CategoricalDtype):
            return []
        known = {*about.labels, *about.missing_labels}
        if about.name not in self.codebook.variables:  # described by its own values, without blank texts
            known |= {category for category in column.cat.categories if is_blank(category)}
        return [str(category) for category in column.cat.categories if category not in known]

    def count(self, weights: Floats) -> int:
        """Count the rows with a positive weight."""
        return int((weights > 0).sum())

    def unplaced(self, name: str, labels: Sequence[object], weights: Floats, *, where: Where = None) -> int:
        """Count the respondents of ``where`` whose answer to a variable is none of ``labels``."""
        outside = placed(self.data[name], labels) < 0
        if not outside.any():
            return 0
        inside = rows_where(where, self.data, self.variable)
        outside &= weights > 0
        return int(outside.sum() if inside is None else (outside & inside).sum())

    def n_eff(self, weights: Floats) -> float:
        """Return Kish's effective number of respondents."""
        return float(weights.sum() ** 2 / (weights**2).sum())

    def codes(self, name: str, labels: Sequence[object]) -> Ints:
        """Return each row's place in ``labels``, -1 for any other value of the column."""
        return coded(self.data[name], labels)

    def numbers(self, name: str) -> tuple[Floats, NDArray[np.bool_] | None]:
        """Return a variable's numbers (0 if missing), and which rows have one (None: all).

        Raises
        ------
        DataError
            If it is not numeric and its answers have no scores, or a value is infinite.
        """
        about = self.variable(name)
        values = numeric_values(self.data[name], about)
        valid = np.isfinite(values)
        if valid.all():
            return values, None
        refuse_infinite(name, int(np.isinf(values).sum()))
        return np.where(valid, values, 0.0), valid

    def cells(
        self,
        dims: Dims,
        monomials: Sequence[tuple[str, ...]] = (),
        *,
        linear: int | None = None,
        where: Where = None,
        centre: Centre = "none",
    ) -> Cells:
        """Place each row in the cross-classification of some coded variables (`Design.cells`)."""
        basis = 1 + len(monomials) if linear is None else linear
        inside = rows_where(where, self.data, self.variable)
        size = prod(len(labels) for _, labels in dims)
        # the smallest whole numbers that hold the codes: a table has few cells, and rows are many
        most = prod(max(len(labels), 1) for _, labels in dims)
        codes = np.zeros(len(self.data), dtype=np.min_scalar_type(-most - 1))
        for name, labels in dims:
            places = placed(self.data[name], labels)
            if places.min(initial=0) < 0:
                inside = places >= 0 if inside is None else inside & (places >= 0)
            codes *= len(labels)
            codes += places.astype(codes.dtype, copy=False)
        names = list(dict.fromkeys(name for monomial in monomials for name in monomial))
        numbers: list[Floats] = []
        for name in names:
            refuse_nominal(self.variable(name))
            values, valid = self.numbers(name)
            if basis > 1:
                refuse_large(name, max(values.max(initial=0.0), -values.min(initial=0.0)))
            numbers.append(values)
            if valid is not None:
                inside = valid if inside is None else inside & valid
        if inside is not None:
            codes[~inside] = size
        products = [tuple(names.index(name) for name in monomial) for monomial in monomials]
        centres = [_middle(values, inside) for values in numbers] if centre == "middle" else ()
        return Cells(codes, size, numbers, products, basis, centres)

    def distribution(
        self, dims: Dims, variable: str, weights: Floats, *, where: Where = None
    ) -> MemoryDistribution:
        """Return the weighted distribution of a numeric variable in each cell of some coded variables."""
        return MemoryDistribution(self.cells(dims, [(variable,)], linear=1, where=where), weights)


def refuse_nominal(about: Variable) -> None:
    """Refuse to average codes that only name answers."""
    if about.kind == "single" and about.scoring and not about.scores:
        raise DataError(
            f"{about.name} has no mean, total or quantile: its answers have no order",
            got="kind single",
            do="take a proportion or count; if they have an order, make the kind ordinal, or give scores",
        )


def refuse_infinite(name: str, count: int) -> None:
    """Refuse infinite values, if there are any."""
    if count:
        values, are = how_many(count, "value"), "is" if count == 1 else "are"
        raise DataError(f"{values} of {name} {are} infinite", do="correct them, or make them missing")


def refuse_large(name: str, largest: float) -> None:
    """Refuse a column whose largest absolute value can't be squared."""
    if largest > LARGEST:
        raise DataError(
            f"values of {name} are too large to be squared",
            got=f"{largest:g}", expected=f"at most {LARGEST:g}",
            do="give the variable another unit, such as millions",
        )  # fmt: skip


def _middle(values: Floats, inside: NDArray[np.bool_] | None) -> float:
    """Return the median of some of the values inside; 0 if there are none.

    Examples
    --------
    >>> _middle(np.array([9e9, 3.0, 1.0, 2.0]), np.array([False, True, True, True]))
    2.0
    """
    rows = np.arange(len(values)) if inside is None else np.flatnonzero(inside)
    ordered = np.sort(values[rows[:: len(rows) // MIDDLE + 1]])
    return float(ordered[len(ordered) // 2]) if len(ordered) else 0.0
