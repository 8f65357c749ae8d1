"""The bivariate normal distribution, without sampling, for tables of two ordered items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)
"""Places and weights of the integral over the angle."""


def density(a: Floats, b: Floats, rho: float) -> Floats:
    """Return the density at all pairs of two lists of limits; 0 where one is infinite.

    Examples
    --------
    >>> density(np.array([0.0]), np.array([0.0]), 0.0).round(6).tolist()
    [[0.159155]]
    """
    x, y = np.meshgrid(a, b, indexing="ij")
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = np.where(finite, x, 0.0), np.where(finite, y, 0.0)
    left = 1 - rho**2
    value = np.exp(-(x**2 - 2 * rho * x * y + y**2) / (2 * left)) / (2 * np.pi * np.sqrt(left))
    found: Floats = np.where(finite, value, 0.0)
    return found


def below(a: Floats, b: Floats, rho: float) -> Floats:
    """Return the chance to be below all pairs of two lists of limits, shape (len(a), len(b)).

    Notes
    -----
    With rho = sin(t), the chance is that of independence plus the integral, from angle 0 to t, of
    exp(-(x^2 - 2 x y sin + y^2) / (2 cos^2)) / (2 pi) (Drezner and Wesolowsky 1990).

    Examples
    --------
    >>> below(np.array([0.0, np.inf]), np.array([0.0]), 0.5).round(6).tolist()
    [[0.333333], [0.5]]
    """
    x, y = np.meshgrid(a, b, indexing="ij")
    finite = np.isfinite(x) & np.isfinite(y)
    near_x, near_y = np.where(finite, x, 0.0)[..., None], np.where(finite, y, 0.0)[..., None]
    half = np.arcsin(rho) / 2
    angles = half * (NODES + 1)
    sine, cosine = np.sin(angles), np.cos(angles)
    inner = np.exp(-(near_x**2 - 2 * near_x * near_y * sine + near_y**2) / (2 * cosine**2))
    added = half * (inner @ WEIGHTS) / (2 * np.pi)
    found: Floats = ndtr(x) * ndtr(y) + np.where(finite, added, 0.0)
    return found


def cells(of: Floats) -> Floats:
    """Return what is between neighbouring limits, from values at all pairs of limits."""
    between: Floats = np.diff(np.diff(of, axis=0), axis=1)
    return between
