"""Auxiliary variables: what is known of the population, and what of an estimate it explains.

Rows with the same values share a cell, so the matrix has a line per cell, not per respondent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.sums import Cells, compact, cross, first_sums, group_totals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

DENSE = 4_000_000
"""How many sums of cells by cells are still kept as a full table."""

NEGLIGIBLE = 1e-11
"""Directions below this share of the largest are combinations of the others."""


@dataclass(frozen=True, eq=False)
class Auxiliaries:
    """Auxiliary variables, row by row.

    Attributes
    ----------
    cells
        Shape (n,): the row's cell, rows of one cell having the same values.
    matrix
        Shape (A, p), sparse: the values in each cell.
    """

    cells: Ints
    matrix: csr_array

    @classmethod
    def of(cls, cells: Ints, places: Sequence[tuple[Ints, int]], numbers: Sequence[Floats]) -> Auxiliaries:
        """Build indicators of levels, and numbers, into one matrix.

        Parameters
        ----------
        cells
            The row's cell.
        places
            For each margin the level of each cell, and the number of levels; a place that is this number
            is outside the margin.
        numbers
            For each numeric variable its value in each cell.
        """
        from scipy.sparse import csr_array  # noqa: PLC0415

        size = len(places[0][0]) if places else len(numbers[0])
        each = np.arange(size)
        lines, columns, values = [], [], []
        start = 0
        for place, levels in places:
            inside = place < levels
            lines.append(each[inside])
            columns.append(place[inside] + start)
            values.append(np.ones(int(inside.sum())))
            start += levels
        for number in numbers:
            lines.append(each)
            columns.append(np.full(size, start))
            values.append(number)
            start += 1
        where = (np.concatenate(lines), np.concatenate(columns))
        return cls(cells, csr_array((np.concatenate(values), where), shape=(size, start)))

    @property
    def size(self) -> int:
        """The number of cells, A."""
        return int(self.matrix.shape[0])

    @property
    def width(self) -> int:
        """The number of auxiliary variables, p."""
        return int(self.matrix.shape[1])

    def beside(self, other: Auxiliaries) -> Auxiliaries:
        """Return both sets of variables in one matrix, those of ``other`` behind."""
        from scipy.sparse import csr_array, hstack  # noqa: PLC0415

        found, cells = compact(cross(self.cells, other.cells, other.size), self.size * other.size)
        both = hstack([self.matrix[found // other.size], other.matrix[found % other.size]])
        return Auxiliaries(cells, csr_array(both))

    def gram(self, weights: Floats) -> Floats:
        """Sum weight x variables x variables over the rows, shape (p, p)."""
        mass = group_totals(self.cells, weights, self.size)
        found: Floats = (self.matrix.T @ self.matrix.multiply(mass[:, None]).tocsr()).toarray()
        return found

    def by_group(self, groups: Ints | None, n_groups: int, weights: Floats) -> Floats:
        """Sum weight x variables over groups of rows, shape (G, p)."""
        own = Cells(self.cells, self.size)
        if groups is None or n_groups * (self.size + 1) <= DENSE:
            dense: Floats = first_sums(groups, n_groups, own, weights)[:, :, 0] @ self.matrix
            return dense
        from scipy.sparse import csr_array  # noqa: PLC0415

        sums = csr_array((weights, (groups, self.cells)), shape=(n_groups, self.size))
        found: Floats = (sums @ self.matrix).toarray()
        return found

    def by_cell(self, cells: Cells, weights: Floats) -> Floats:
        """Sum weight x variables x basis over an estimate's cells, shape (p, C * linear)."""
        basis = cells.basis[: cells.linear]
        if self.size * (cells.size + 1) * len(basis) <= DENSE:
            columns = [value for value in basis if value is not None]
            sums = first_sums(self.cells, self.size, replace(cells, columns=columns), weights)
            dense: Floats = self.matrix.T @ sums.reshape(self.size, -1)
            return dense
        from scipy.sparse import csr_array  # noqa: PLC0415

        inside = cells.codes < cells.size
        own, codes, scaled = self.cells[inside], cells.codes[inside], weights[inside]
        found = np.empty((self.width, cells.size, len(basis)))
        for place, value in enumerate(basis):
            values = scaled if value is None else scaled * value[inside]
            sparse = csr_array((values, (own, codes)), shape=(self.size, cells.size))
            found[:, :, place] = (self.matrix.T @ sparse).toarray()
        return found.reshape(self.width, -1)


def inverse(gram: Floats) -> Floats:
    """Invert a cross-product whose variables may explain each other, on the scale of each variable."""
    scale = np.sqrt(np.diag(gram))
    scale[scale == 0] = 1.0
    scaled = gram / np.outer(scale, scale)
    found: Floats = np.linalg.pinv(scaled, rcond=NEGLIGIBLE, hermitian=True) / np.outer(scale, scale)
    return found
