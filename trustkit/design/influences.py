"""Estimates that are no function of sums: their variance from what each row adds to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.sums import Cells, Functional
from trustkit.errors import DesignError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trustkit.design.sums import Sums

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Influences:
    """What each row adds to some estimates, per unit of its weight, and how to estimate again.

    Attributes
    ----------
    values
        Shape (n, m): the derivative of the estimates with respect to the row's weight.
    inside
        Shape (n,): the rows of the domain. What ``values`` holds for other rows does not count.
    refit
        Maps weights of shape (n,) to the estimates, shape (m,); replicates need it. None: there is no way to
        estimate again, so replicates are refused.
    """

    values: Floats
    inside: Bools
    refit: Callable[[Floats], Floats] | None = None

    @property
    def cells(self) -> Cells:
        """One cell that holds the rows of the domain, with a column for each estimate."""
        codes = (~self.inside).astype(np.int8)
        return Cells(codes, 1, list(self.values.T), linear=1 + self.values.shape[1])

    def functional(self, sums: Callable[[Cells], Sums]) -> Functional:
        """Return the linearised estimates as a functional; ``sums`` sums the rows of cells.

        Its estimates are the totals of the influences, which vary as the estimates do.
        """
        cells = self.cells
        count = self.values.shape[1]
        gradient = np.vstack([np.zeros(count), np.eye(count)])[None]
        return Functional(cells, sums(cells), lambda first: first[..., 0, 1:], gradient)


def influences_of(
    values: Floats, inside: Bools | None, refit: Callable[[Floats], Floats] | None, weights: Floats
) -> Influences:
    """Return influences that fit the rows of a design.

    Raises
    ------
    DesignError
        If there is not one line of values per row, or a value of the domain is missing or infinite.
    """
    if values.ndim == 1:
        values = values[:, None]
    if len(values) != len(weights) or (inside is not None and inside.shape != weights.shape):
        shapes = f"shape {values.shape}" if inside is None else f"shapes {values.shape} and {inside.shape}"
        raise DesignError(
            "there must be one line of influences for each row", where="values, inside", got=shapes,
            expected=f"{len(weights):,} rows", do="give them in the order of the rows",
        )  # fmt: skip
    inside = np.ones(len(weights), dtype=bool) if inside is None else inside
    values = np.asfortranarray(values, dtype=float)
    finite = np.isfinite(values)
    bad = inside & ~finite.all(axis=1) if not finite.all() else np.zeros(0, dtype=bool)
    if bad.any():
        raise DesignError(
            f"the influences of {int(bad.sum()):,} rows are missing or infinite", where="values",
            expected="finite numbers for all rows of the domain",
            do="leave these rows out with inside, or correct the derivative",
        )  # fmt: skip
    return Influences(values, inside, refit)
