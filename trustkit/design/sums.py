"""Grouped sums: the only code that touches respondents in bulk.

Every estimate, and every variance of a grouped estimate, needs only sums of the rows, over groups (PSUs, or
strata if each row is its own PSU) and cells (domain x answer). One integer-coded pass computes them; all that
follows is small dense algebra.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import mul
from typing import TYPE_CHECKING, Protocol

import numpy as np

from trustkit.errors import DesignError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Codes = NDArray[np.integer]

SHARE_TOLERANCE = 1e-12
"""A cumulative share counts as p if it is lower by at most this, relative to the total."""

BLOCK = 1 << 17
"""Rows summed at a time: intermediate values then stay in the processor's cache."""


class AnyCells(Protocol):
    """The cells of rows, and the sums to compute there, for rows in memory or in an engine.

    `Cells` is for rows in memory; `trustkit.design.lazy.Query` is for rows in an engine.
    """

    @property
    def size(self) -> int:
        """The number of cells, C."""

    @property
    def linear(self) -> int:
        """The number of columns of the basis (the constant 1 first) that the variance needs, p."""

    @property
    def centres(self) -> Sequence[float]:
        """The number to subtract from each column before columns are multiplied; empty: nothing."""

    def in_memory(self) -> Cells:
        """Return the cells of rows in memory; an engine refuses."""

    def sums(self, in_memory: Callable[[Cells], Sums]) -> Sums:
        """Return the sums over groups and cells; ``in_memory`` computes them for rows in memory."""

    def cut(self, thresholds: Floats) -> AnyCells:
        """Divide each cell by the number of its thresholds, of shape (C, k), that the only column exceeds."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cell of each row in memory, and the sums to compute there.

    Attributes
    ----------
    codes
        Shape (n,): the row's cell, 0 to ``size - 1``; ``size`` for a row in no cell.
    size
        The number of cells, C.
    columns
        Numeric columns, each of shape (n,), finite in every row that is in a cell.
    monomials
        Places of the columns that are multiplied; with the constant 1 the products make the basis, of
        q = 1 + len(monomials) columns. None: each column by itself.
    linear
        The number of columns of the basis that the variance needs, p; the other columns are only summed.
    centres
        The number to subtract from each column before columns are multiplied, so that sums lose no digits;
        empty: nothing.
    """

    codes: Codes
    size: int
    columns: Sequence[Floats] = ()
    monomials: Sequence[tuple[int, ...]] | None = None
    linear: int = 1
    centres: Sequence[float] = ()

    @property
    def width(self) -> int:
        """The number of columns of the basis, q."""
        return 1 + len(self.columns if self.monomials is None else self.monomials)

    @property
    def basis(self) -> list[Floats | None]:
        """The columns to sum; None is the constant 1."""
        return self.basis_in(slice(None))

    def basis_in(self, rows: slice) -> list[Floats | None]:
        """Return some rows of the columns to sum."""
        columns = [column[rows] for column in self.columns]
        if self.centres:
            columns = [column - centre for column, centre in zip(columns, self.centres, strict=True)]
        if self.monomials is None:
            return [None, *columns]
        return [None, *(reduce(mul, [columns[i] for i in places]) for places in self.monomials)]

    def in_memory(self) -> Cells:
        """Return these cells."""
        return self

    def sums(self, in_memory: Callable[[Cells], Sums]) -> Sums:
        """Return the sums that ``in_memory`` makes."""
        return in_memory(self)

    def cut(self, thresholds: Floats) -> Cells:
        """Divide each cell by the number of its thresholds, of shape (C, k), that the only column exceeds.

        Examples
        --------
        >>> cells = Cells(np.array([0, 0, 1, 1]), 1, [np.array([3.0, 5.0, 3.0, 5.0])])
        >>> cells.cut(np.array([[4.0]])).codes.tolist()
        [0, 1, 2, 2]
        """
        order = thresholds.shape[1] + 1
        values = self.columns[0]
        codes = self.codes.astype(np.min_scalar_type(-(self.size + 1) * order))
        codes *= order
        for ends in thresholds.T:
            codes += values > (ends[0] if self.size == 1 else np.append(ends, np.nan)[self.codes])
        return Cells(np.minimum(codes, self.size * order), self.size * order)


@dataclass(frozen=True, eq=False)
class Sums:
    """The sums that an estimate and its variance need.

    Attributes
    ----------
    first
        Shape (G, C, q): weight x basis, summed over groups and cells.
    second
        Shape (C, p, p): squared weight x basis x basis, times the stratum's factor, summed over cells;
        None if the units of the last stage have several rows.
    count
        Shape (C,): rows with a positive weight.
    replicates
        Shape (R, C, q): weight x basis for each set of replicate weights; None without replicates.
    finest
        Shape (G', C, q): weight x basis, summed over the units of the last stage (over its strata, if each
        row is a unit) and cells; None in a design of one stage.
    """

    first: Floats
    second: Floats | None
    count: Ints
    replicates: Floats | None = None
    finest: Floats | None = None

    @property
    def total(self) -> Floats:
        """Sums over all groups, shape (C, q)."""
        totals: Floats = self.first[0] if len(self.first) == 1 else self.first.sum(axis=0)
        return totals


@dataclass(frozen=True, eq=False)
class Functional:
    """Estimates that are a smooth function of grouped sums.

    Attributes
    ----------
    cells, sums
        The rows' cells and their sums.
    estimate
        Maps sums of shape (..., C, q) to estimates of shape (..., m).
    gradient
        Shape (C, p, m): the derivative of the estimates by the sums. A row in cell c with basis b adds
        ``weight * b @ gradient[c]`` to the linearised estimates.
    domain
        Shape (C,), or (C, m): the cells in the domain of all estimates, or of each. None: the domain of an
        estimate is the cells with a gradient that is not 0.
    """

    cells: AnyCells
    sums: Sums
    estimate: Callable[[Floats], Floats]
    gradient: Floats
    domain: NDArray[np.bool_] | None = None

    @property
    def value(self) -> Floats:
        """The estimates, shape (m,)."""
        return self.estimate(self.sums.total)

    @property
    def flat(self) -> Floats:
        """The gradient, shape (C * p, m)."""
        return self.gradient.reshape(-1, self.gradient.shape[-1])

    @property
    def touched(self) -> NDArray[np.bool_]:
        """Which cells are in the domain of an estimate, shape (C, m)."""
        if self.domain is not None:
            own = self.domain if self.domain.ndim > 1 else self.domain[:, None]
            return np.broadcast_to(own, (len(own), self.gradient.shape[-1]))
        touched: NDArray[np.bool_] = (self.gradient != 0).any(axis=1)
        return touched

    def spread(self) -> Floats:
        """Return the sum of squared influences where each row is its own PSU, shape (m, m)."""
        if self.sums.second is None:
            raise DesignError("squared influences need each row to be its own PSU")
        own = np.einsum("cij,cjm->cim", self.sums.second, self.gradient)
        spread: Floats = self.flat.T @ own.reshape(self.flat.shape)
        return spread

    def of_rows(self, weights: Floats) -> Floats:
        """Return what each row adds to the linearised estimates, with weights of shape (n,): shape (n, m)."""
        cells = self.cells.in_memory()
        outside = np.zeros((1, *self.gradient.shape[1:]))
        slopes = np.concatenate([self.gradient, outside])[cells.codes]
        added = np.zeros((len(weights), slopes.shape[-1]))
        for place, column in enumerate(cells.basis[: cells.linear]):
            added += _times(weights, column)[:, None] * slopes[:, place]
        return added

    def totals(self, first: Floats) -> Floats:
        """Return the linearised estimates' totals from sums of shape (G, C, q): shape (G, m)."""
        return first[:, :, : self.cells.linear].reshape(len(first), -1) @ self.flat


def cross(outer: Codes | None, inner: Codes, inner_size: int) -> Ints:
    """Return one code for two, in numbers large enough: ``outer * inner_size + inner``.

    Examples
    --------
    >>> cross(np.array([0, 1]), np.array([2, 1]), 3).tolist()
    [2, 4]
    """
    if outer is not None and inner_size == 1:
        return outer.astype(np.intp, copy=False)
    wide = inner.astype(np.intp, copy=False)
    return wide if outer is None else outer.astype(np.intp, copy=False) * inner_size + wide


def blocks(n: int, size: int) -> Iterator[slice]:
    """Cut n rows into blocks that are no smaller than the table of their sums.

    Examples
    --------
    >>> list(blocks(200_000, 41))
    [slice(0, 131072, None), slice(131072, 262144, None)]
    """
    step = max(BLOCK, size)
    return (slice(start, start + step) for start in range(0, n, step))


def compact(codes: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the codes that occur, sorted, and each row's place among them.

    Examples
    --------
    >>> [part.tolist() for part in compact(np.array([7, 2, 7]), 9)]
    [[2, 7], [1, 0, 1]]
    """
    if size > max(10 * len(codes), 1_000_000):
        occurring, places = np.unique(codes, return_inverse=True)
        return occurring, places
    present = np.bincount(codes, minlength=size) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


def counts(cells: Cells, weights: Floats) -> Ints:
    """Return the rows with a positive weight in each cell, shape (C,)."""
    width = cells.size + 1
    if cells.size == 1:
        return np.array([np.count_nonzero((cells.codes == 0) & (weights > 0))], dtype=np.intp)
    codes = cells.codes if weights.min() > 0 else cells.codes[weights > 0]
    numbers = np.zeros(width, dtype=np.intp)
    for rows in blocks(len(codes), width):
        numbers += np.bincount(codes[rows], minlength=width)
    return numbers[:-1]


def first_sums(groups: Codes | None, n_groups: int, cells: Cells, weights: Floats) -> Floats:
    """Sum weight x basis over groups and cells.

    Parameters
    ----------
    groups
        Shape (n,): the row's group, or None if there is one group.
    n_groups
        The number of groups, G.
    cells
        The rows' cells and the values to sum.
    weights
        Shape (n,).

    Returns
    -------
    array
        Shape (G, C, q).
    """
    # a column for the rows in no cell, unless all rows are in the only one
    width = 1 if cells.size == 1 and not cells.codes.any() else cells.size + 1
    sums = np.zeros((cells.width, n_groups * width))
    for rows in blocks(len(weights), n_groups * width):
        codes = cross(None if groups is None else groups[rows], cells.codes[rows], width)
        for place, value in enumerate(cells.basis_in(rows)):
            sums[place] += group_totals(codes, _times(weights[rows], value), n_groups * width)
    return np.stack(list(sums), axis=-1).reshape(n_groups, width, -1)[:, : cells.size]


def second_sums(cells: Cells, squares: Floats) -> Floats:
    """Sum squared weight x basis x basis over cells: the variance of rows that are their own PSUs.

    Parameters
    ----------
    cells
        The rows' cells and the values to sum.
    squares
        Shape (n,): the squared weight, times its stratum's finite-population and sample-size factor.

    Returns
    -------
    array
        Shape (C, p, p), symmetric in the last two.
    """
    sums = np.zeros((cells.linear, cells.linear, cells.size + 1))
    for rows in blocks(len(squares), cells.size + 1):
        codes = cells.codes[rows].astype(np.intp)
        basis = cells.basis_in(rows)[: cells.linear]
        for i, left in enumerate(basis):
            scaled = _times(squares[rows], left)
            for j, right in enumerate(basis[: i + 1]):
                sums[i, j] += group_totals(codes, _times(scaled, right), cells.size + 1)
    low = np.tril_indices(cells.linear, -1)
    sums[low[::-1]] = sums[low]
    return np.moveaxis(sums, -1, 0)[:-1]


def joint_sums(left: Cells, right: Cells, squares: Floats) -> Floats:
    """Sum squared weight x left basis x right basis over pairs of cells.

    Returns
    -------
    array
        Shape (C_left * p_left, C_right * p_right).
    """
    sums = [
        first_sums(left.codes, left.size + 1, right, _times(squares, value))[:-1, :, : right.linear]
        for value in left.basis[: left.linear]
    ]
    return np.stack(sums, axis=1).reshape(left.size * len(sums), -1)


def replicate_sums(cells: Cells, weights: Floats) -> Floats:
    """Sum weight x basis over cells for many sets of weights.

    Parameters
    ----------
    cells
        The rows' cells and the values to sum.
    weights
        Shape (n, R); fastest where each column lies together in memory.

    Returns
    -------
    array
        Shape (R, C, q).
    """
    sums = np.zeros((weights.shape[1], cells.width, cells.size + 1))
    for rows in blocks(len(weights), cells.size + 1):
        codes = cells.codes[rows].astype(np.intp)
        for place, value in enumerate(cells.basis_in(rows)):
            for replicate, column in enumerate(weights[rows].T):
                sums[replicate, place] += group_totals(codes, _times(column, value), cells.size + 1)
    return np.moveaxis(sums[:, :, :-1], 1, -1)


def group_totals(codes: Ints, weights: Floats, size: int) -> Floats:
    """Sum the weights of each code, 0 to ``size - 1``.

    Examples
    --------
    >>> group_totals(np.array([0, 2, 0]), np.array([1.0, 2.0, 3.0]), 3).tolist()
    [4.0, 0.0, 2.0]
    """
    return np.bincount(codes, weights, minlength=size).astype(np.float64, copy=False)


def _times(left: Floats, right: Floats | None) -> Floats:
    return left if right is None else left * right
