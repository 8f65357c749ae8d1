"""Derivatives by a covariance that have no formula, and correlations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

STEP = 1e-4
"""The step of a numerical derivative, as a share of the items' standard deviations."""


def by_differences(function: Callable[[Floats], Floats], covariance: Floats) -> Floats:
    """Return the derivatives of a function by the covariance, by central differences.

    Parameters
    ----------
    function
        Maps a covariance of shape (k, k) to values of shape (m,).
    covariance
        Shape (k, k).

    Returns
    -------
    array
        Shape (m, k, k), symmetric.

    Examples
    --------
    >>> determinant = lambda of: np.array([np.linalg.det(of)])
    >>> by_differences(determinant, np.array([[2.0, 0.5], [0.5, 1.0]])).round(6).tolist()
    [[[1.0, -0.5], [-0.5, 2.0]]]
    """
    scale = np.sqrt(np.diag(covariance))
    columns = []
    for i, j in zip(*np.tril_indices(len(covariance)), strict=True):
        step = np.zeros_like(covariance)
        step[i, j] = step[j, i] = STEP * scale[i] * scale[j]
        change = (function(covariance + step) - function(covariance - step)) / (2 * step[i, j])
        columns.append(change if i == j else change / 2)
    slopes = np.empty((len(columns[0]), *covariance.shape))
    lower = np.tril_indices(len(covariance))
    slopes[:, lower[0], lower[1]] = slopes[:, lower[1], lower[0]] = np.array(columns).T
    return slopes


def correlations_of(covariance: Floats) -> Floats:
    """Return the correlations of a covariance, shape (k, k).

    Examples
    --------
    >>> correlations_of(np.array([[4.0, 1.0], [1.0, 1.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    scale = np.sqrt(np.diag(covariance))
    correlations: Floats = covariance / np.outer(scale, scale)
    return correlations
