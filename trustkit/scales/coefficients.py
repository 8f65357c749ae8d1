"""Coefficients of a scale as functions of its items' covariance, with their derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.errors import DataError
from trustkit.scales.derivatives import by_differences, correlations_of
from trustkit.scales.one_factor import fit_one_factor, refuse_dependent
from trustkit.scales.several_factors import general_factor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.scales.several_factors import GeneralFactor

    Floats = NDArray[np.float64]
    Found = tuple[float, Floats]
    """A coefficient, and its derivative by the covariance, symmetric, shape (k, k)."""

ReliabilityMethod = Literal[
    "alpha",
    "standardized_alpha",
    "lambda6",
    "omega",
    "omega_hierarchical",
    "composite_reliability",
    "average_variance_extracted",
]


NO_SPREAD = 1e-12
"""A sum whose variance is below this share of the sum of its items' absolute covariances does not vary."""


def variance_of_sum(covariance: Floats, names: Sequence[str] = ()) -> float:
    """Return the variance of the sum of some items, from their covariance of shape (k, k).

    Raises
    ------
    DataError
        If the sum is the same for everybody: no coefficient is defined by it.

    Examples
    --------
    >>> variance_of_sum(np.array([[1.0, 0.5], [0.5, 1.0]]))
    3.0
    """
    total = float(covariance.sum())
    if total <= NO_SPREAD * float(np.abs(covariance).sum()):
        raise DataError(
            "the sum of some items is the same for everybody, so it measures nothing",
            where=", ".join(names), got="a variance of 0",
            do="if the answers of an item run the other way, say so in the codebook (reverse: true)",
        )  # fmt: skip
    return total


def alpha(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return Cronbach's alpha: k / (k - 1) (1 - trace / sum of all covariances).

    Examples
    --------
    >>> round(alpha(np.array([[1.0, 0.5], [0.5, 1.0]]))[0], 6)
    0.666667
    """
    k = len(covariance)
    trace, total = float(np.trace(covariance)), variance_of_sum(covariance, names)
    factor = k / (k - 1)
    slope = factor * (trace / total**2 - np.eye(k) / total)
    return factor * (1 - trace / total), slope


def standardized_alpha(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return alpha of the items divided by their standard deviations."""
    k = len(covariance)
    scale = np.sqrt(np.diag(covariance))
    correlations = correlations_of(covariance)
    total = variance_of_sum(correlations, names)
    by_total = 1 / np.outer(scale, scale)
    np.fill_diagonal(by_total, -(correlations.sum(axis=1) - 1) / scale**2)
    return k / (k - 1) * (1 - k / total), k**2 / (k - 1) / total**2 * by_total


def lambda6(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return Guttman's lambda 6: 1 less what the other items leave of each item's variance, by the total."""
    refuse_dependent(correlations_of(covariance), names)
    precision = np.linalg.inv(covariance)
    own = np.diag(precision)
    left, total = float((1 / own).sum()), float(covariance.sum())
    slope = -(precision / own**2) @ precision / total + left / total**2
    return 1 - left / total, (slope + slope.T) / 2


def omega(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return McDonald's omega: the share of the sum's variance, by the model, that is the factor's."""
    fit = fit_one_factor(covariance, names)
    return _share_of_factor(fit.loadings, fit.unique, fit.slope)


def omega_hierarchical(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return hierarchical omega: the share of the sum's observed variance that a general factor explains."""
    near = general_factor(correlations_of(covariance), names)
    slopes = by_differences(lambda moved: np.array([general_share(moved, names, near)]), covariance)
    return general_share(covariance, names, near), slopes[0]


def general_share(covariance: Floats, names: Sequence[str], near: GeneralFactor | None = None) -> float:
    """Return hierarchical omega without its derivative; ``near`` as in `general_factor`."""
    loadings = general_factor(correlations_of(covariance), names, near).loadings
    factor = float(loadings @ np.sqrt(np.diag(covariance)))
    return factor**2 / variance_of_sum(covariance, names)


def composite_reliability(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return the composite reliability: omega of the items divided by their standard deviations."""
    fit = fit_one_factor(covariance, names)

    def slope(by_loadings: Floats, by_unique: Floats) -> Floats:
        return fit.slope(*_by_parameters(fit.loadings, fit.unique, by_loadings - 2 * by_unique * standard))

    variance = fit.loadings**2 + fit.unique
    standard = fit.loadings / np.sqrt(variance)
    return _share_of_factor(standard, 1 - standard**2, slope)


def average_variance_extracted(covariance: Floats, names: Sequence[str] = ()) -> Found:
    """Return the mean share of the items' variances that the factor explains."""
    fit = fit_one_factor(covariance, names)
    standard = fit.loadings / np.sqrt(fit.loadings**2 + fit.unique)
    by_standard = 2 * standard / len(standard)
    return float((standard**2).mean()), fit.slope(*_by_parameters(fit.loadings, fit.unique, by_standard))


def _share_of_factor(loadings: Floats, unique: Floats, slope: Callable[[Floats, Floats], Floats]) -> Found:
    """Return the share of a sum's variance that its factor explains."""
    factor, rest = float(loadings.sum()) ** 2, float(unique.sum())
    total = factor + rest
    by_loadings = np.full(len(loadings), 2 * loadings.sum() * rest / total**2)
    return factor / total, slope(by_loadings, np.full(len(unique), -factor / total**2))


def _by_parameters(loadings: Floats, unique: Floats, by_standard: Floats) -> tuple[Floats, Floats]:
    """Return derivatives by loadings and unique variances from those by standardized loadings."""
    cubes = (loadings**2 + unique) ** 1.5
    return by_standard * unique / cubes, -by_standard * loadings / (2 * cubes)


COEFFICIENTS: dict[ReliabilityMethod, Callable[[Floats, Sequence[str]], Found]] = {
    "alpha": alpha,
    "standardized_alpha": standardized_alpha,
    "lambda6": lambda6,
    "omega": omega,
    "omega_hierarchical": omega_hierarchical,
    "composite_reliability": composite_reliability,
    "average_variance_extracted": average_variance_extracted,
}
"""Each method of `trustkit.reliability`: from a covariance and the items' names."""
