"""Shares of R2 and standardized coefficients as functions of a covariance, with their derivatives."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from trustkit.scales.derivatives import by_differences, correlations_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Found = tuple[Floats, Floats]
    """Estimates, shape (m,), and their derivatives by the covariance, symmetric, shape (m, k, k)."""


def explained(covariance: Floats) -> tuple[float, Floats]:
    """Return R2 of the first variable on the others, and its derivative by the covariance.

    Parameters
    ----------
    covariance
        Shape (k, k): the outcome, then the predictors.

    Examples
    --------
    >>> import numpy as np
    >>> explained(np.array([[4.0, 1.0], [1.0, 1.0]]))[0]
    0.25
    """
    k = len(covariance)
    value, slopes = lmg(covariance, [tuple(range(1, k))])
    return float(value[0]), slopes[0]


def lmg(covariance: Floats, groups: Sequence[tuple[int, ...]]) -> Found:
    """Return the share of R2 of each group of predictors: its mean increase over all orders of the groups.

    Parameters
    ----------
    covariance
        Shape (k, k): the outcome, then the predictors.
    groups
        For each group the places of its predictors.

    Notes
    -----
    R2 of a set s is c' A^-1 c / v with A the set's covariance, c that with the outcome and v the outcome's
    variance. With b = A^-1 c its derivative is (2 b dc - b' dA b - R2 dv) / v. A group's share is a sum of R2
    of all sets with the weights of Shapley's value, and so is its derivative.

    Examples
    --------
    >>> import numpy as np
    >>> lmg(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.0], [0.5, 0.0, 1.0]]), [(1,), (2,)])[0].tolist()
    [0.25, 0.25]
    """
    k, p = len(covariance), len(groups)
    variance = float(covariance[0, 0])
    coefficients = np.zeros((2**p, k))
    values = np.zeros(2**p)
    for chosen in range(1, 2**p):
        columns = [column for place, group in enumerate(groups) if chosen >> place & 1 for column in group]
        with_outcome = covariance[columns, 0]
        own = np.linalg.solve(covariance[np.ix_(columns, columns)], with_outcome)
        coefficients[chosen, columns] = own
        values[chosen] = own @ with_outcome / variance
    weights = shapley_weights(p)
    shares = weights @ values
    slopes = np.zeros((p, k, k))
    for place, row in enumerate(weights):
        slopes[place] = -(coefficients.T * row) @ coefficients / variance
        slopes[place, 0] = slopes[place, :, 0] = row @ coefficients / variance
        slopes[place, 0, 0] = -shares[place] / variance
    return shares, slopes


def shapley_weights(p: int) -> Floats:
    """Return with which weight the value of each set of p players counts for each player, shape (p, 2^p).

    Sets are numbers whose bits are the players.

    Examples
    --------
    >>> shapley_weights(2).tolist()
    [[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5]]
    """
    sets = np.arange(2**p)
    sizes = np.array([number.bit_count() for number in range(2**p)])
    after = np.array([0.0, *(1 / (p * math.comb(p - 1, size - 1)) for size in range(1, p + 1))])
    before = np.array([*(1 / (p * math.comb(p - 1, size)) for size in range(p)), 0.0])
    joined = (sets[None, :] >> np.arange(p)[:, None]) & 1
    weights: Floats = np.where(joined, after[sizes], -before[sizes])
    return weights


def johnson(covariance: Floats) -> Found:
    """Return Johnson's relative weights of the predictors, which sum to R2.

    Examples
    --------
    >>> import numpy as np
    >>> johnson(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.0], [0.5, 0.0, 1.0]]))[0].tolist()
    [0.25, 0.25]
    """
    return relative_weights(covariance), by_differences(relative_weights, covariance)


def relative_weights(covariance: Floats) -> Floats:
    """Return Johnson's relative weights without their derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> relative_weights(np.array([[1.0, 0.5, 0.5], [0.5, 1.0, 0.0], [0.5, 0.0, 1.0]])).tolist()
    [0.25, 0.25]
    """
    correlations = correlations_of(covariance)
    values, vectors = np.linalg.eigh(correlations[1:, 1:])
    root = (vectors * np.sqrt(values)) @ vectors.T
    found: Floats = root**2 @ np.linalg.solve(root, correlations[1:, 0]) ** 2
    return found


def standardized(covariance: Floats) -> Found:
    """Return the regression coefficients of standardized variables.

    Examples
    --------
    >>> import numpy as np
    >>> standardized(np.array([[4.0, 1.0], [1.0, 1.0]]))[0].tolist()
    [0.5]
    """

    def coefficients(of: Floats) -> Floats:
        correlations = correlations_of(of)
        return np.asarray(np.linalg.solve(correlations[1:, 1:], correlations[1:, 0]), dtype=float)

    return coefficients(covariance), by_differences(coefficients, covariance)
