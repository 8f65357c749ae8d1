"""Weighted distributions of rows in memory: quantiles without sorting all rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.sums import SHARE_TOLERANCE, blocks, cross, group_totals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.sums import Cells

    Floats = NDArray[np.float64]

MOST_BINS, FEWEST_BINS = 1 << 16, 1 << 8
"""The most bins of a variable for all domains together, and the fewest for each domain."""


class MemoryDistribution:
    """The weighted distribution of a variable in each domain of rows in memory, without sorting all rows.

    One pass sums the weights in narrow bins of the values' bits: as whole numbers, the bits have the order of
    the values, and outliers do not make the other bins wider. Only bins with a quantile are sorted.
    """

    def __init__(self, domains: Cells, weights: Floats) -> None:
        """Sum the weights of each domain in bins; the variable is the domains' only column."""
        self.cells = domains
        self.values, self.weights = domains.columns[0], weights
        self.bins = max(min(MOST_BINS, len(weights)) // domains.size, FEWEST_BINS)
        ends = _order(np.array([self.values.min(), self.values.max()]))
        shift = max(int(ends[1] - ends[0]).bit_length() - (self.bins.bit_length() - 1), 0)
        size = (domains.size + 1) * self.bins
        self.codes = np.empty(len(weights), dtype=np.min_scalar_type(-size))
        mass = np.zeros(size)
        for rows in blocks(len(weights), size):
            bins = (_order(self.values[rows]) - ends[0]) >> np.uint64(shift)
            codes = cross(domains.codes[rows], bins.astype(np.intp), self.bins)
            mass += group_totals(codes, weights[rows], size)
            self.codes[rows] = codes
        self.cumulative = mass.reshape(-1, self.bins)[:-1].cumsum(axis=1)

    def quantiles(self, probs: Floats) -> Floats:
        """Return each domain's quantiles for its own probabilities, both (D, k); NaN outside 0 to 1."""
        quantiles = np.full(probs.shape, np.nan)
        total_mass = self.cumulative[:, -1:]
        possible = (probs >= 0) & (probs <= 1) & (total_mass > 0)
        reached = np.where(
            possible, np.maximum(total_mass * (probs - SHARE_TOLERANCE), np.finfo(float).tiny), np.nan
        )
        places = np.zeros(probs.shape, dtype=np.intp)
        for domain, at in np.argwhere(possible):
            before = self.cumulative[domain]
            last = np.searchsorted(before, before[-1])
            places[domain, at] = min(int(np.searchsorted(before, reached[domain, at])), int(last))
        codes = cross(np.arange(len(probs))[:, None], places, self.bins)
        wanted = np.zeros((len(probs) + 1) * self.bins, dtype=bool)
        wanted[codes[possible]] = True
        rows = np.flatnonzero(wanted[self.codes])
        rows = rows[self.weights[rows] > 0]
        rows = rows[np.lexsort((self.values[rows], self.codes[rows]))]
        ordered = self.codes[rows]
        for domain, at in np.argwhere(possible):
            start, end = np.searchsorted(ordered, codes[domain, at] + np.arange(2))
            before = self.cumulative[domain, places[domain, at] - 1] if places[domain, at] else 0.0
            sums = before + np.cumsum(self.weights[rows[start:end]])
            index = min(int(np.searchsorted(sums, reached[domain, at])), end - start - 1)
            quantiles[domain, at] = self.values[rows[start + index]]
        return quantiles


def _order(values: Floats) -> NDArray[np.uint64]:
    """Return whole numbers that are ordered as the values are.

    Examples
    --------
    >>> bool((np.diff(_order(np.array([-2.0, -1e-300, 0.0, 1e-300, 3.0])).astype(float)) > 0).all())
    True
    """
    bits = (values + 0.0).view(np.int64)  # -0.0 becomes 0.0
    return (bits ^ ((bits >> 63) & np.int64(2**63 - 1))).view(np.uint64) ^ np.uint64(2**63)
