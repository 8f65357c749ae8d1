"""Fitting weights to population totals: iterative proportional fitting and calibration, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.design.auxiliaries import inverse
from trustkit.design.sums import group_totals

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.auxiliaries import Auxiliaries

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

CalibrationMethod = Literal["raking", "linear", "logit"]

TOLERANCE = 1e-8
"""Largest |margin - target| / total at which weights have converged."""

POLISHED = 1e-14
"""Below this error, the extra passes for the last digits end."""

FEW = 100_000
"""Up to this many cells x margins, raking continues below its tolerance, to the last digits."""

MOST_POLISHING = 200
"""The most extra passes for the last digits."""

DIVERGED = 1e100
"""A factor above this means that margins contradict each other."""

STEEPEST = 300.0
"""The largest exponent; beyond it the square of its exponential would overflow."""

REGULAR = 1e-6
"""This share of the unbounded curvature is added: the curvature is 0 if all weights are at a bound."""

DESCENT = 1e-4
"""A step must bring at least this share of the predicted decrease."""

GAIN_TOLERANCE = 1e-12
"""A change of the minimised function by less than this share is rounding: then the misfit decides."""

HALVINGS = 40
"""How often a step of the calibration is halved before the calibration stops."""


@dataclass(frozen=True, eq=False)
class Fit:
    """The result of fitting.

    Attributes
    ----------
    factors
        Shape (A,), or (R, A) for several sets of weights: the multiplier of each cell's weights.
    iterations
        Passes, or Newton steps, to the tolerance; extra ones for the last digits are not counted.
    error
        Shape (R,): largest |margin - target| / total of each set.
    worst
        The margin, and the level in it, with the largest error.
    """

    factors: Floats
    iterations: int
    error: Floats
    worst: tuple[int, int] = (0, 0)

    @property
    def converged(self) -> bool:
        """Whether every set of weights meets its targets."""
        return bool((self.error <= TOLERANCE).all())


def fit_margins(mass: Floats, places: Sequence[Ints], totals: Sequence[Floats], max_iterations: int) -> Fit:
    """Fit cells to margins by iterative proportional fitting, many sets of weights at once.

    Parameters
    ----------
    mass
        Shape (R, A): each set's sum of weights in each cell.
    places
        For each margin the level of each cell; the number of levels means that a cell is outside the margin.
    totals
        For each margin the levels' targets.
    max_iterations
        Passes over the margins.

    Notes
    -----
    Deming and Stephan 1940, doi:10.1214/aoms/1177731829. Sets of weights that
    have converged continue until all have.
    """
    members = [_members(place, len(total), len(mass)) for place, total in zip(places, totals, strict=True)]
    factors = np.ones_like(mass)
    cheap = mass.size * len(places) <= FEW
    polishing, before = 0, np.inf
    for iteration in range(max_iterations + MOST_POLISHING + 1):
        errors = [
            np.abs(sums(mass * factors) - total) / total.sum()
            for sums, total in zip(members, totals, strict=True)
        ]
        error = np.max([of_margin.max(axis=1) for of_margin in errors], axis=0)
        top = float(error.max())
        if top <= TOLERANCE:
            polishing += 1
            stalled = top > before / 2 or polishing == MOST_POLISHING
            if not cheap or top <= POLISHED or stalled:
                break
            before = top
        elif iteration >= max_iterations or factors.max() > DIVERGED:
            break
        for place, sums, total in zip(places, members, totals, strict=True):
            now = sums(mass * factors)
            ratio = np.ones((len(mass), len(total) + 1))
            np.divide(total, now, out=ratio[:, :-1], where=now > 0)
            factors = factors * ratio[:, place]
    margin = int(np.argmax([of_margin.max() for of_margin in errors]))
    passes = iteration - max(polishing - 1, 0)
    return Fit(factors, passes, error, (margin, int(errors[margin].max(axis=0).argmax())))


def _members(place: Ints, size: int, sets: int) -> Callable[[Floats], Floats]:
    """Return the function that sums cells, shape (sets, A), over a margin's levels."""
    if sets == 1:
        return lambda values: group_totals(place, values[0], size + 1)[None, :size]
    from scipy.sparse import csr_array  # noqa: PLC0415

    inside = np.flatnonzero(place < size)
    indicator = csr_array((np.ones(len(inside)), (place[inside], inside)), shape=(size, len(place)))
    return lambda values: np.asarray(indicator @ values.T).T


def fit_calibration(
    mass: Floats,
    auxiliaries: Auxiliaries,
    totals: Floats,
    scale: Floats,
    *,
    method: CalibrationMethod,
    bounds: tuple[float, float],
    max_iterations: int,
) -> Fit:
    """Find factors g(x'b) of the cells' weights that meet the totals of auxiliary variables.

    Parameters
    ----------
    mass
        Shape (A,): the sum of weights in each cell.
    auxiliaries
        The auxiliary variables.
    totals, scale
        Shape (p,): the sums that they must reach, and the sizes that their errors are divided by.
    method
        ``raking``: g = exp(u); ``linear``: g = 1 + u; ``logit``: between the bounds.
    bounds
        Smallest and largest factor.
    max_iterations
        Newton steps.

    Notes
    -----
    Deville and Sarndal 1992, doi:10.1080/01621459.1992.10475217. The coefficients minimise a convex function,
    the weighted integral of g minus the totals times b, by Newton steps that are halved until it decreases.
    """
    matrix = auxiliaries.matrix
    coefficients = np.zeros(auxiliaries.width)
    floor = REGULAR * auxiliaries.gram_of(mass)
    here = _response(matrix @ coefficients, method, bounds)
    misfit = totals - matrix.T @ (mass * here.factors)
    reached: int | None = None
    for iteration in range(max_iterations + 1):
        size = _norm(misfit / scale)
        if reached is None and float((np.abs(misfit) / scale).max()) <= TOLERANCE:
            reached = iteration
        if size <= POLISHED or iteration == max_iterations:
            break
        step = inverse(auxiliaries.gram_of(mass * here.slopes) + floor) @ misfit
        value = mass @ here.integral - totals @ coefficients
        slope, noise = float(step @ misfit), GAIN_TOLERANCE * (mass @ np.abs(here.integral))
        for _ in range(HALVINGS):
            tried = coefficients + step
            there = _response(matrix @ tried, method, bounds)
            left = totals - matrix.T @ (mass * there.factors)
            change = mass @ there.integral - totals @ tried - value
            if change <= -DESCENT * slope or (_norm(left / scale) < size and change <= noise):
                break
            step, slope = step / 2, slope / 2
        else:
            break
        coefficients, here, misfit = tried, there, left
    relative = np.abs(misfit) / scale
    passes = iteration if reached is None else reached
    return Fit(here.factors, passes, np.array([relative.max()]), (0, int(relative.argmax())))


@dataclass(frozen=True, eq=False)
class _Response:
    """Factors g(u), their derivatives, and their integral from 0 to u."""

    factors: Floats
    slopes: Floats
    integral: Floats


def _response(u: Floats, method: CalibrationMethod, bounds: tuple[float, float]) -> _Response:
    """Return how cells' weights respond to u."""
    low, high = bounds
    if method == "logit":
        rate = (high - low) / ((1 - low) * (high - 1))
        grown = np.exp(np.clip(rate * u, -STEEPEST, STEEPEST))
        bottom = (high - 1) + (1 - low) * grown
        factors = (low * (high - 1) + high * (1 - low) * grown) / bottom
        integral = low * u + (high - low) / rate * np.log(bottom / (high - low))
        return _Response(factors, rate * (factors - low) * (high - factors) / (high - low), integral)
    inner = np.clip(u, _reached(low, method), _reached(high, method))
    free = 1 + inner if method == "linear" else np.exp(inner)
    area = inner + inner**2 / 2 if method == "linear" else free - 1
    slopes = np.ones_like(u) if method == "linear" else free
    return _Response(free, np.where(inner == u, slopes, 0.0), area + free * (u - inner))


def _reached(bound: float, method: CalibrationMethod) -> float:
    """Return the u at which a factor reaches a bound."""
    if method == "linear":
        return bound - 1
    if bound <= 0:
        return -STEEPEST
    return min(float(np.log(bound)), STEEPEST)


def _norm(values: Floats) -> float:
    return float(np.sqrt(values @ values))
