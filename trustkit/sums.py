"""Grouped sums: the only code that touches respondents in bulk.

Every estimate, and every variance of a grouped estimate, needs of the rows only sums over groups
(PSUs, or strata where each row is its own PSU) and cells (domain x answer). One integer-coded pass
makes them; all that follows is small dense algebra.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from trustkit.errors import DesignError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Cells:
    """Which cell each row falls into, and what is summed there.

    Attributes
    ----------
    codes
        Shape (n,): the row's cell, 0 to ``size - 1``; ``size`` for a row in no cell.
    size
        The number of cells, C.
    columns
        Numeric columns, each of shape (n,), finite in every row that is in a cell. Together with the
        constant 1 they make the basis of q = 1 + len(columns) columns.
    linear
        How many columns of the basis the variance needs, p; the others are only summed.
    centres
        Variable -> what was taken off it before it was multiplied, so that sums lose no digits.
    """

    codes: Ints
    size: int
    columns: Sequence[Floats] = ()
    linear: int = 1
    centres: Mapping[str, float] = field(default_factory=dict)

    @property
    def basis(self) -> list[Floats | None]:
        """The columns to sum; None stands for the constant 1."""
        return [None, *self.columns]


@dataclass(frozen=True, eq=False)
class Query:
    """What to sum, by which columns: the lazy counterpart of `Cells`.

    Attributes
    ----------
    dims
        Variables with the labels that count.
    monomials
        Products of numeric variables to sum beside the constant 1.
    linear
        How many columns of the basis the variance needs.
    where
        Variable -> levels, or a narwhals expression; None is every row.
    """

    dims: Sequence[tuple[str, Sequence[object]]]
    monomials: Sequence[tuple[str, ...]]
    linear: int
    where: object = None
    centres: Mapping[str, float] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The number of cells."""
        return int(np.prod([len(labels) for _, labels in self.dims], initial=1))


@dataclass(frozen=True, eq=False)
class Sums:
    """What an estimate and its variance need to know of the rows.

    Attributes
    ----------
    first
        Shape (G, C, q): weight x basis, summed over groups and cells.
    second
        Shape (C, p, p): squared weight x basis x basis, times the stratum's factor, summed over cells;
        None where PSUs hold several rows.
    count
        Shape (C,): rows with a positive weight.
    replicates
        Shape (R, C, q): weight x basis for each set of replicate weights; None without.
    """

    first: Floats
    second: Floats | None
    count: Ints
    replicates: Floats | None = None

    @property
    def total(self) -> Floats:
        """Sums over all groups, shape (C, q)."""
        found: Floats = self.first[0] if len(self.first) == 1 else self.first.sum(axis=0)
        return found


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
    """

    cells: Cells | Query
    sums: Sums
    estimate: Callable[[Floats], Floats]
    gradient: Floats

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
        """Which cells an estimate depends on, shape (C, m)."""
        found: NDArray[np.bool_] = (self.gradient != 0).any(axis=1)
        return found

    def spread(self) -> Floats:
        """Return the sum of squared influences where each row is its own PSU, shape (m, m)."""
        if self.sums.second is None:
            raise DesignError("squared influences need each row to be its own PSU")
        own = np.einsum("cij,cjm->cim", self.sums.second, self.gradient)
        found: Floats = self.flat.T @ own.reshape(self.flat.shape)
        return found

    def totals(self, first: Floats) -> Floats:
        """Return the linearised estimates' totals from sums of shape (G, C, q): shape (G, m)."""
        return first[:, :, : self.cells.linear].reshape(len(first), -1) @ self.flat


def cross(outer: Ints | None, inner: Ints, inner_size: int) -> Ints:
    """Return one code for two: ``outer * inner_size + inner``.

    Examples
    --------
    >>> cross(np.array([0, 1]), np.array([2, 1]), 3).tolist()
    [2, 4]
    """
    return inner if outer is None else outer * inner_size + inner


def compact(codes: Ints, size: int) -> tuple[Ints, Ints]:
    """Return the codes that occur, sorted, and each row's place among them.

    Examples
    --------
    >>> [part.tolist() for part in compact(np.array([7, 2, 7]), 9)]
    [[2, 7], [1, 0, 1]]
    """
    if size > max(10 * len(codes), 1_000_000):
        found, places = np.unique(codes, return_inverse=True)
        return found, places
    present = np.bincount(codes, minlength=size) > 0
    return np.flatnonzero(present), (np.cumsum(present) - 1)[codes]


def counts(cells: Cells, weights: Floats) -> Ints:
    """Return the rows with a positive weight in each cell, shape (C,)."""
    codes = cells.codes if weights.min() > 0 else cells.codes[weights > 0]
    return np.bincount(codes, minlength=cells.size + 1)[: cells.size]


def first_sums(groups: Ints | None, n_groups: int, cells: Cells, weights: Floats) -> Floats:
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
    width = cells.size + 1
    codes = cross(groups, cells.codes, width)
    sums = [group_totals(codes, _times(weights, value), n_groups * width) for value in cells.basis]
    return np.stack(sums, axis=-1).reshape(n_groups, width, -1)[:, :-1]


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
    basis = cells.basis[: cells.linear]
    found = np.empty((cells.size, len(basis), len(basis)))
    for i, left in enumerate(basis):
        scaled = _times(squares, left)
        for j, right in enumerate(basis[: i + 1]):
            sums = group_totals(cells.codes, _times(scaled, right), cells.size + 1)[:-1]
            found[:, i, j] = found[:, j, i] = sums
    return found


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
        Shape (n, R).

    Returns
    -------
    array
        Shape (R, C, q).
    """
    from scipy.sparse import csr_array  # noqa: PLC0415

    rows = np.arange(len(cells.codes))
    ones = np.ones(len(rows))
    shape = (cells.size + 1, len(rows))
    sums = np.empty((weights.shape[1], cells.size, len(cells.basis)))
    for place, column in enumerate(cells.basis):
        members = csr_array((ones if column is None else column, (cells.codes, rows)), shape=shape)
        sums[:, :, place] = np.asarray(members @ weights)[:-1].T
    return sums


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
