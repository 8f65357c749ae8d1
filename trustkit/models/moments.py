"""Observations of linear models by their moments: cells with the means and cross-products of their numbers.

Least squares needs of the rows only sums of weights, numbers and products of two numbers. So a linear model
with numeric predictors is fitted where the rows are in an engine, from one table of sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.rows import MemoryRows, refuse_nominal
from trustkit.design.sums import Functional
from trustkit.errors import FitError
from trustkit.models.coding import Quantity, Values
from trustkit.models.expressions import Column
from trustkit.models.observations import MOST_CELLS, cells_inside, held_in_cells, refuse_nobody

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.design.sums import AnyCells, Sums
    from trustkit.models.coding import Coding
    from trustkit.models.observations import Influences, Refit, Target
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_PRODUCTS = 500
"""The most products of two numbers, of which an engine sums the squares if each row is its own PSU."""

NO_SPREAD = 1e-13
"""A variance below this share of the mean square is rounding error; so is the variance in a direction of the
numbers, in standard deviations."""


@dataclass(frozen=True, eq=False)
class Clouds:
    """A few points for each cell, which have the moments of the rows in it.

    Attributes
    ----------
    mass
        Shape (u,): the sum of weights of each cell.
    means
        Shape (u, k): the means of its numbers, less the centres.
    centres
        Shape (k,): the numbers that were subtracted before sums were made.
    roots, inverses
        Shape (u, k, k): R with R R' the covariance in the cell, and the transposed inverse of R; both are 0
        in directions in which the numbers do not vary.
    """

    mass: Floats
    means: Floats
    centres: Floats
    roots: Floats
    inverses: Floats

    @classmethod
    def of(cls, total: Floats, centres: Floats) -> Clouds:
        """Return the points of cells with sums of weights, numbers and products, shape (u, q)."""
        count = len(centres)
        mass = total[:, 0]
        means = total[:, 1 : count + 1] / mass[:, None]
        low, high = np.array(list(combinations_with_replacement(range(count), 2)), dtype=np.intp).T
        squares = np.empty((len(mass), count, count))
        squares[:, low, high] = squares[:, high, low] = total[:, count + 1 :] / mass[:, None]
        vcov = squares - means[:, :, None] * means[:, None, :]
        variances = np.einsum("ukk->uk", vcov)
        still = variances <= NO_SPREAD * np.einsum("ukk->uk", squares)
        sizes = np.sqrt(np.where(still, 1.0, variances))
        correlations = np.where(
            still[:, :, None] | still[:, None, :], 0.0, vcov / (sizes[:, :, None] * sizes[:, None, :])
        )
        shares, axes = np.linalg.eigh(correlations)
        flat = shares <= NO_SPREAD * count
        lengths = np.sqrt(np.where(flat, 1.0, shares))
        axes = np.where(flat[:, None, :], 0.0, axes)
        return cls(
            mass,
            means,
            centres,
            sizes[:, :, None] * axes * lengths[:, None, :],
            axes / lengths[:, None, :] / sizes[:, :, None],
        )

    def part(self, cells: NDArray[np.bool_]) -> Clouds:
        """Return the points of some cells; ``cells`` has shape (u,)."""
        return Clouds(
            self.mass[cells], self.means[cells], self.centres, self.roots[cells], self.inverses[cells]
        )

    @property
    def corners(self) -> Floats:
        """The corners of a simplex, shape (k + 1, k), with mean 0, variance 1 and no correlations."""
        from scipy.linalg import helmert  # noqa: PLC0415

        count = len(self.centres) + 1
        corners: Floats = helmert(count).T * np.sqrt(count)
        return corners

    @property
    def weights(self) -> Floats:
        """The weights of the points, shape (u (k + 1),)."""
        count = len(self.corners)
        return np.repeat(self.mass / count, count)

    @property
    def numbers(self) -> Floats:
        """The numbers of the points, shape (k, u (k + 1))."""
        points = self.means[:, None, :] + self.corners @ np.swapaxes(self.roots, 1, 2)
        flat: Floats = points.reshape(-1, len(self.centres)).T
        return flat + self.centres[:, None]

    def lines(self, values: Floats) -> Floats:
        """Return linear functions of the numbers from their values at the points.

        Parameters
        ----------
        values
            Shape (u (k + 1), m).

        Returns
        -------
        array
            Shape (u, k + 1, m): the value at the centres, and the slopes.
        """
        own = values.reshape(len(self.mass), -1, values.shape[1])
        slopes = self.inverses @ (self.corners.T @ own) / own.shape[1]
        level = own.mean(axis=1) - np.einsum("uk,ukm->um", self.means, slopes)
        return np.concatenate([level[:, None], slopes], axis=1)


@dataclass(frozen=True, eq=False)
class MomentObservations:
    """The points of a linear model, and the sums over groups and cells that they were made from.

    A cell of k numbers has k + 1 points of equal weight, with the cell's sum of weights, means and
    cross-products. Least squares on the points is least squares on the rows. What a row adds to the
    coefficients is a polynomial of its numbers in each cell, of degree 2, so its sums over PSUs follow from
    the same table.

    Attributes
    ----------
    design
        The design.
    cells, sums
        All cells of the cross-classification, and their sums.
    used
        Shape (u,): the cells that hold respondents.
    clouds
        Their points.
    predictors, outcome
        The values of the predictors and of the outcome at the points.
    """

    design: Design
    cells: AnyCells
    sums: Sums
    used: Ints
    clouds: Clouds
    predictors: Values
    outcome: Floats

    @property
    def weights(self) -> Floats:
        """The weights of the points."""
        return self.clouds.weights

    @property
    def respondents(self) -> Floats:
        """The respondents of each cell, in equal parts on its points."""
        count = len(self.clouds.corners)
        return np.repeat(self.sums.count[self.used] / count, count)

    @property
    def n(self) -> int:
        """Respondents with a positive weight."""
        return int(self.sums.count[self.used].sum())

    def part(self, inside: NDArray[np.bool_]) -> MomentObservations:
        """Return the points of some cells, of which either all points are inside or none."""
        cells = inside[:: len(self.clouds.corners)]
        return replace(
            self,
            used=self.used[cells],
            clouds=self.clouds.part(cells),
            predictors=self.predictors.part(inside),
            outcome=self.outcome[inside],
        )

    def held(self, count: int) -> Held:
        """Return the PSUs and respondents of the model's domain."""
        return held_in_cells(self.design, self.cells, self.sums, self.used, count)

    def covariance(self, influences: Influences, refit: Refit) -> Floats:
        """Return the covariance of estimates on the design; an engine has no replicates to fit again with."""
        del refit
        shape = (len(self.outcome), influences.constant.shape[1])
        constant = self.clouds.lines(np.broadcast_to(influences.constant, shape))
        count = constant.shape[1]
        low, high = np.array(list(combinations_with_replacement(range(count), 2)), dtype=np.intp).T
        own = np.zeros((len(self.used), len(low), shape[1]))
        own[:, :count] = constant
        if influences.slope is not None:
            slope = self.clouds.lines(influences.slope.full)
            rest = self.clouds.lines(influences.from_mean(self.outcome)[:, None])
            products = slope[:, low] * rest[:, high]
            products[:, low != high] += (slope[:, high] * rest[:, low])[:, low != high]
            own += products
        gradient = np.zeros((self.cells.size, *own.shape[1:]))
        gradient[self.used] = own

        def totals(first: Floats) -> Floats:
            flat = gradient.reshape(-1, gradient.shape[-1])
            summed: Floats = first.reshape(*first.shape[:-2], -1) @ flat
            return summed

        inside = cells_inside(self.cells, self.used, influences, count)
        return self.design.covariance(Functional(self.cells, self.sums, totals, gradient, inside))

    def spread(self) -> Floats:
        """Return 0: the points vary as the rows do."""
        return np.zeros_like(self.outcome)

    def single_outcomes(self) -> Floats:
        """Return the outcomes of the points; a linear model takes all numbers."""
        return self.outcome


def by_moments(design: Design, coding: Coding, target: Target, link: str) -> bool:
    """Return whether a gaussian model has numbers of rows in an engine, so that moments are needed.

    Raises
    ------
    FitError
        If the rows are in an engine, and the numbers are in functions or in products of two numbers.
    """
    numbers = [*coding.numeric, *(() if isinstance(target.expression, Column) else target.variables)]
    if isinstance(design.rows, MemoryRows) or link != "identity" or not numbers:
        return False
    quantities = [
        [part.expression for part in term.factors if isinstance(part, Quantity)] for term in coding.terms
    ]
    wrong = [
        term.text
        for term, own in zip(coding.terms, quantities, strict=True)
        if len(own) > 1 or not all(isinstance(part, Column) for part in own)
    ]
    wrong += ["the offset" for part in coding.offsets if not isinstance(part, Column)]
    wrong += [] if isinstance(target.expression, Column) else [target.name]
    if wrong:
        raise FitError(
            "rows in an engine can be fitted with numbers, not with functions or products of numbers",
            got=", ".join(wrong),
            do="compute them as columns in the engine, or read the rows into memory",
        )
    return True


def observe_moments(
    design: Design,
    levels: Mapping[str, Sequence[str]],
    numeric: Sequence[str],
    target: Target,
    where: Where,
) -> MomentObservations:
    """Return the moments of a linear model's numbers, in the cells of the coded predictors.

    Parameters
    ----------
    design
        The design.
    levels, numeric
        The predictors that are coded by levels, and those whose numbers are used, at most one in a column of
        the model (`by_moments`).
    target
        The outcome: a variable with numbers.
    where
        The domain, as `Design.cells` takes it.

    Raises
    ------
    FitError
        If there are too many cells or numbers, or nobody has all variables.
    """
    names = [*numeric, target.name]
    for name in names:
        refuse_nominal(design.variable(name))
    dims = [(name, list(own)) for name, own in levels.items()]
    pairs = list(combinations_with_replacement(names, 2))
    size = prod(len(own) for _, own in dims)
    if size > MOST_CELLS or len(pairs) > MOST_PRODUCTS:
        raise FitError(
            "the model has too many cells or numbers for rows in an engine",
            got=f"{size:,} cells and {len(names):,} numbers", expected=f"at most {MOST_CELLS:,} cells",
            do="use fewer terms, or read the rows into memory",
        )  # fmt: skip
    cells = design.cells(dims, [*((name,) for name in names), *pairs], where=where, centre="middle")
    sums = design.sums(cells)
    used = np.flatnonzero(sums.total[:, 0] > 0)
    refuse_nobody(len(used), [*levels, *names])
    clouds = Clouds.of(sums.total[used], np.array(cells.centres))
    places = np.unravel_index(used, [len(own) for _, own in dims]) if dims else ()
    points = len(names) + 1
    codes = {name: np.repeat(own, points) for name, own in zip(levels, places, strict=False)}
    *numbers, outcome = clouds.numbers
    values = Values(len(outcome), codes, dict(zip(numeric, numbers, strict=True)))
    return MomentObservations(design, cells, sums, used, clouds, values, outcome)
