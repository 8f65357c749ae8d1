"""Quantiles and tail areas of the reference distributions: t, F, chi-square, normal and beta.

They come from `scipy.special`: `scipy.stats` gives the same digits and takes half a second to import.
Degrees of freedom may be infinite, which gives the limit: normal for t, chi-square over its df for F. Without
positive degrees of freedom there is no distribution: the result is NaN, and the caller states the reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


NO_DF = "no degrees of freedom are left: the respondents who are counted are in too few PSUs"


def t_reach(df: Floats | float, conf: float) -> Floats:
    """Return the half-width of a t interval, in standard errors.

    Parameters
    ----------
    df
        Degrees of freedom, of any shape; infinite ones give the half-width of a normal interval.
    conf
        Coverage, between 0 and 1.

    Examples
    --------
    >>> t_reach(np.array([2.0, np.inf, 0.0]), 0.95).round(3).tolist()
    [4.303, 1.96, nan]
    """
    given = np.asarray(df, dtype=float)
    reach: Floats = np.where(given > 0, special.stdtrit(given, (1 + conf) / 2), np.nan)
    return reach


def t_p_value(t: Floats | float, df: Floats | float) -> Floats:
    """Return the two-sided p-value of a t statistic.

    Examples
    --------
    >>> t_p_value(np.array([-1.959964, 2.0]), np.array([np.inf, 0.0])).round(3).tolist()
    [0.05, nan]
    """
    given = np.asarray(df, dtype=float)
    p_value: Floats = np.where(given > 0, 2 * special.stdtr(given, -np.abs(t)), np.nan)
    return p_value


def without_df(*df: float) -> str:
    """Return the reason if no degrees of freedom are left for a test; empty otherwise.

    Examples
    --------
    >>> without_df(2.0, np.inf), without_df(0.0)
    ('', 'no degrees of freedom are left: the respondents who are counted are in too few PSUs')
    """
    return "" if all(part > 0 for part in df) else NO_DF


def chi2_p_value(x: float, df: float) -> float:
    """Return P(chi-square with ``df`` degrees of freedom > x).

    Examples
    --------
    >>> round(chi2_p_value(3.841459, 1.0), 3)
    0.05
    """
    return float(special.chdtrc(df, x)) if df > 0 else np.nan


def f_p_value(x: float, df: tuple[float, float]) -> float:
    """Return P(F > x); with an infinite denominator, that of a chi-square over its degrees of freedom.

    Examples
    --------
    >>> [round(f_p_value(3.0, (2.0, below)), 4) for below in (20.0, 1e9, np.inf)]
    [0.0725, 0.0498, 0.0498]
    """
    above, below = df
    if np.isinf(below):
        return chi2_p_value(x * above, above)
    return float(special.fdtrc(above, below, x)) if above > 0 and below > 0 else np.nan


def normal_p_value(z: float) -> float:
    """Return P(standard normal > z).

    Examples
    --------
    >>> round(normal_p_value(1.644854), 3)
    0.05
    """
    return float(special.ndtr(-z))


def normal_quantile(p: Floats | float) -> Floats:
    """Return the standard normal's quantile.

    Examples
    --------
    >>> normal_quantile(np.array([0.5, 0.975])).round(2).tolist()
    [0.0, 1.96]
    """
    quantile: Floats = np.asarray(special.ndtri(p), dtype=float)
    return quantile


def beta_quantile(p: float, a: Floats, b: Floats) -> Floats:
    """Return the beta distribution's quantile; NaN where a or b is not positive.

    Examples
    --------
    >>> beta_quantile(0.5, np.array([1.0, 0.0]), np.array([1.0, 1.0])).tolist()
    [0.5, nan]
    """
    quantile: Floats = np.asarray(special.betaincinv(a, b, p), dtype=float)
    return quantile
