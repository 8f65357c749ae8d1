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

    from trustkit.design.sums import Codes, Sums

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
        Shape (n,), or (n, m): the rows of the domain, or of the domain of each estimate. What ``values``
        holds for other rows does not count.
    refit
        Maps weights of shape (n,) to the estimates, shape (m,); replicates need it. None: there is no way to
        estimate again, so replicates are refused.
    """

    values: Floats
    inside: Bools
    refit: Callable[[Floats], Floats] | None = None

    def functional(self, sums: Callable[[Cells], Sums]) -> Functional:
        """Return the linearised estimates as a functional; ``sums`` sums the rows of cells.

        Its estimates are the totals of the influences, which vary as the estimates do. Rows that are in the
        domains of the same estimates are a cell.
        """
        count = self.values.shape[1]
        codes: Codes = (~self.inside).astype(np.int8)
        domain = np.ones((1, count), dtype=bool)
        if self.inside.ndim > 1:
            kinds, codes = np.unique(np.packbits(self.inside, axis=1), axis=0, return_inverse=True)
            domain = np.unpackbits(kinds, axis=1, count=count).astype(bool)
        size = len(domain)
        cells = Cells(codes.ravel(), size, list(self.values.T), linear=1 + count)
        gradient = np.zeros((size, 1 + count, count))
        gradient[:, 1 + np.arange(count), np.arange(count)] = domain

        def totals(first: Floats) -> Floats:
            own: Floats = (first[..., 1:] * domain).sum(axis=-2)
            return own

        return Functional(cells, sums(cells), totals, gradient, domain)


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
    if len(values) != len(weights) or (
        inside is not None and inside.shape not in (weights.shape, values.shape)
    ):
        shapes = f"shape {values.shape}" if inside is None else f"shapes {values.shape} and {inside.shape}"
        raise DesignError(
            "there must be one line of influences for each row", where="values, inside", got=shapes,
            expected=f"{len(weights):,} rows", do="give them in the order of the rows",
        )  # fmt: skip
    inside = np.ones(len(weights), dtype=bool) if inside is None else inside
    values = np.asfortranarray(values, dtype=float)
    finite = np.isfinite(values)
    own = inside if inside.ndim > 1 else inside[:, None]
    bad = (own & ~finite).any(axis=1) if not finite.all() else np.zeros(0, dtype=bool)
    if bad.any():
        raise DesignError(
            f"the influences of {int(bad.sum()):,} rows are missing or infinite", where="values",
            expected="finite numbers for all rows of the domain",
            do="leave these rows out with inside, or correct the derivative",
        )  # fmt: skip
    if inside.ndim > 1:
        values = np.asfortranarray(np.where(inside, values, 0.0))
    return Influences(values, inside, refit)
