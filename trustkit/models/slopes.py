"""What an outcome adds to the estimates of a model, computed in blocks of observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLOCK = 1 << 14
"""Observations that are summed at once, so that what is computed on the way stays in the cache."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """What an outcome adds to m estimates per unit above its mean and per unit of weight, as a product.

    Attributes
    ----------
    columns
        Shape (u, p): the columns of the model.
    factor
        Shape (u,): the slope of the mean, divided by the variance.
    turn
        Shape (p, m): the derivative of the estimates with respect to the score of the model.
    """

    columns: Floats
    factor: Floats
    turn: Floats

    def turned(self, gradient: Floats) -> Slopes:
        """Return the slopes of combinations of the estimates, of shape (m, k)."""
        return Slopes(self.columns, self.factor, self.turn @ gradient)

    def times(self, outcome: Floats, mean: Floats | None = None) -> Floats:
        """Return the slopes times outcomes, less their means if there are any, both (u,): shape (u, m)."""
        added = np.empty((self.turn.shape[1], len(outcome)))
        for rows in blocks(len(outcome)):
            rest = outcome[rows] if mean is None else outcome[rows] - mean[rows]
            added[:, rows] = self.turn.T @ self.columns[rows].T * (self.factor[rows] * rest)
        return added.T

    @property
    def full(self) -> Floats:
        """The slopes, shape (u, m)."""
        return self.times(np.ones(len(self.factor)))


def blocks(count: int) -> Iterator[slice]:
    """Return some observations after the other, as many as stay in the cache.

    Examples
    --------
    >>> [part.start for part in blocks(40_000)]
    [0, 16384, 32768]
    """
    return (slice(first, first + BLOCK) for first in range(0, count, BLOCK))
