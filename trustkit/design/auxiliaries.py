"""Auxiliary variables: known figures of the population, and how much of an estimate they explain.

Rows with the same values share a cell, so the matrix has a line per cell, not per respondent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.sums import (
    Cells,
    compact,
    cross,
    first_sums,
    group_totals,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

DENSE = 4_000_000
"""The most sums of cells by cells that are kept as a full table."""

NEGLIGIBLE = 1e-11
"""Variables whose independent part is below this share of the largest are combinations of the others."""


@dataclass(frozen=True, eq=False)
class Block:
    """The indicators of one margin's levels, or one numeric variable.

    Attributes
    ----------
    place
        Shape (A,): the level of each cell, 0 to ``size - 1``; ``size`` for a cell outside the margin.
    size
        The number of levels; 1 for a numeric variable.
    values
        Shape (A,): a numeric variable's value in each cell; None for levels.
    """

    place: Ints
    size: int
    values: Floats | None = None

    def at(self, cells: Ints) -> Block:
        """Return the block for other cells; each of them lies in one of the block's cells."""
        values = None if self.values is None else self.values[cells]
        return replace(self, place=self.place[cells], values=values)

    def times(self, weights: Floats) -> Floats:
        """Return weights of cells times the values."""
        return weights if self.values is None else weights * self.values


@dataclass(frozen=True, eq=False)
class Auxiliaries:
    """Auxiliary variables, row by row.

    Attributes
    ----------
    cells
        Shape (n,): the row's cell; rows of one cell have the same values.
    size
        The number of cells, A.
    blocks
        The variables: p columns in all.
    """

    cells: Ints
    size: int
    blocks: tuple[Block, ...]

    @property
    def width(self) -> int:
        """The number of auxiliary variables, p."""
        return sum(block.size for block in self.blocks)

    @cached_property
    def matrix(self) -> csr_array:
        """The values in each cell, shape (A, p), sparse."""
        from scipy.sparse import csr_array  # noqa: PLC0415

        lines, columns, values = [], [], []
        start = 0
        for block in self.blocks:
            inside = np.flatnonzero(block.place < block.size)
            lines.append(inside)
            columns.append(block.place[inside] + start)
            values.append(np.ones(len(inside)) if block.values is None else block.values[inside])
            start += block.size
        where = (np.concatenate(lines), np.concatenate(columns))
        return csr_array((np.concatenate(values), where), shape=(self.size, start))

    def beside(self, other: Auxiliaries) -> Auxiliaries:
        """Return both sets of variables together, those of ``other`` last."""
        pairs, cells = compact(cross(self.cells, other.cells, other.size), self.size * other.size)
        own, others = pairs // other.size, pairs % other.size
        blocks = [block.at(own) for block in self.blocks] + [block.at(others) for block in other.blocks]
        return Auxiliaries(cells, len(pairs), tuple(blocks))

    def gram(self, weights: Floats) -> Floats:
        """Sum weight x variables x variables over the rows, shape (p, p)."""
        return self.gram_of(group_totals(self.cells, weights, self.size))

    def gram_of(self, mass: Floats) -> Floats:
        """Sum mass x variables x variables over the cells, shape (p, p), for a mass of shape (A,)."""
        starts = np.cumsum([0, *(block.size for block in self.blocks)])
        products = np.empty((self.width, self.width))
        for number, left in enumerate(self.blocks):
            scaled = left.times(mass)
            for other, right in enumerate(self.blocks[: number + 1]):
                shape = (left.size + 1, right.size + 1)
                codes = cross(left.place, right.place, shape[1])
                sums = group_totals(codes, right.times(scaled), shape[0] * shape[1]).reshape(shape)[:-1, :-1]
                own, others = (slice(starts[k], starts[k + 1]) for k in (number, other))
                products[own, others], products[others, own] = sums, sums.T
        return products

    def by_group(self, groups: Ints | None, n_groups: int, weights: Floats) -> Floats:
        """Sum weight x variables over groups of rows, shape (G, p)."""
        own = Cells(self.cells, self.size)
        if groups is None or n_groups * (self.size + 1) <= DENSE:
            dense: Floats = first_sums(groups, n_groups, own, weights)[:, :, 0] @ self.matrix
            return dense
        from scipy.sparse import csr_array  # noqa: PLC0415

        sums = csr_array((weights, (groups, self.cells)), shape=(n_groups, self.size))
        totals: Floats = (sums @ self.matrix).toarray()
        return totals

    def by_cell(self, cells: Cells, weights: Floats) -> Floats:
        """Sum weight x variables x basis over an estimate's cells, shape (p, C * linear)."""
        basis = cells.basis[: cells.linear]
        if self.size * (cells.size + 1) * len(basis) <= DENSE:
            places = Cells(cells.codes, cells.size)
            scaled = [weights if value is None else weights * value for value in basis]
            sums = [first_sums(self.cells, self.size, places, one)[:, :, 0] for one in scaled]
            dense: Floats = self.matrix.T @ np.stack(sums, axis=-1).reshape(self.size, -1)
            return dense
        from scipy.sparse import csr_array  # noqa: PLC0415

        inside = cells.codes < cells.size
        own, codes, mass = self.cells[inside], cells.codes[inside], weights[inside]
        totals = np.empty((self.width, cells.size, len(basis)))
        for place, value in enumerate(basis):
            values = mass if value is None else mass * value[inside]
            sparse = csr_array((values, (own, codes)), shape=(self.size, cells.size))
            totals[:, :, place] = (self.matrix.T @ sparse).toarray()
        return totals.reshape(self.width, -1)


def inverse(gram: Floats) -> Floats:
    """Invert a cross-product of variables that may be collinear, after scaling each variable."""
    scale = np.sqrt(np.diag(gram))
    scale[scale == 0] = 1.0
    scaled = gram / np.outer(scale, scale)
    inverted: Floats = np.linalg.pinv(scaled, rcond=NEGLIGIBLE, hermitian=True) / np.outer(scale, scale)
    return inverted
