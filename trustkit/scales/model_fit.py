"""How well a factor model fits: its test with the design's covariance, and indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.scales.factor_structure import FittedStructure, Moments

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AdjustedTest:
    """A chi-square statistic, and its adjustment to the mean and variance that it has under the design.

    Attributes
    ----------
    statistic, df
        n times the discrepancy, and its degrees of freedom.
    adjusted, adjusted_df, p_value
        The adjusted statistic and degrees of freedom, and the chance of as large a value if the model holds.
    """

    statistic: float
    df: int
    adjusted: float
    adjusted_df: float
    p_value: float


def residual_weights(fit: FittedStructure) -> Floats:
    """Return the matrix U: the discrepancy is about e'Ue, with e the errors of the moments, shape (q, q)."""
    count = len(fit.moments.shares)
    k = fit.moments.means.shape[1]
    lower = np.tril_indices(k)
    basis = np.zeros((len(lower[0]), k, k))
    places = np.arange(len(lower[0]))
    basis[places, lower[0], lower[1]] = basis[places, lower[1], lower[0]] = 1.0
    size = len(basis) + k
    weights = np.zeros((count * size, count * size))
    slopes = np.zeros((count * size, len(fit.parameters)))
    for group, share in enumerate(fit.moments.shares):
        covariance, _, by_covariance, by_mean = fit.structure.implied(fit.parameters, group)
        precision = np.linalg.inv(covariance)
        scaled = np.einsum("ij,qjk->qik", precision, basis)
        at = group * size
        middle = at + len(basis)
        weights[at:middle, at:middle] = share * np.einsum("qij,rji->qr", scaled, scaled) / 2
        weights[middle : at + size, middle : at + size] = share * precision
        slopes[at:middle] = by_covariance[:, lower[0], lower[1]].T
        slopes[middle : at + size] = by_mean.T
    inner = slopes.T @ weights @ slopes
    left: Floats = weights - weights @ slopes @ np.linalg.solve(inner, slopes.T @ weights)
    return left


def adjusted_test(statistic: float, df: int, weights: Floats, vcov: Floats, n: int) -> AdjustedTest:
    """Return the test of a model, adjusted by the covariance that the moments have under the design.

    Parameters
    ----------
    statistic, df
        n times the discrepancy, and its degrees of freedom.
    weights
        `residual_weights`, or the difference of those of two models.
    vcov
        The covariance of the moments, shape (q, q).
    n
        Respondents.

    Notes
    -----
    Under the model the statistic is a sum of squares with weights, the eigenvalues of n U V. Satterthwaite's
    chi-square has their mean and variance (Satorra and Bentler 1994).
    """
    if df == 0:
        return AdjustedTest(statistic, 0, np.nan, 0.0, np.nan)
    product = n * weights @ vcov
    first, second = float(np.trace(product)), float(np.einsum("ij,ji->", product, product))
    adjusted_df = first**2 / second
    adjusted = statistic * first / second
    return AdjustedTest(statistic, df, adjusted, adjusted_df, float(stats.chi2.sf(adjusted, adjusted_df)))


def fit_indices(fit: FittedStructure, test: AdjustedTest, n: int) -> dict[str, float]:
    """Return CFI, TLI, RMSEA (plain and adjusted) and SRMR.

    Notes
    -----
    With T and d of the model, T0 and d0 of the model without factors, G groups and n respondents: CFI is
    1 - max(T - d, 0) / max(T0 - d0, T - d, 0); TLI is 1 - (T - d) / d d0 / (T0 - d0); RMSEA is the root of
    G max(T - d, 0) / (d n); SRMR is the root of the mean squared difference of observed and implied
    covariances, divided by the observed standard deviations. All as lavaan with its maximum likelihood.
    """
    moments = fit.moments
    count, k = moments.means.shape
    baseline = n * _without_factors(moments)
    baseline_df = count * k * (k - 1) / 2
    above, above_none = test.statistic - test.df, baseline - baseline_df
    adjusted_above = max(test.adjusted - test.adjusted_df, 0.0)
    exact = test.df == 0
    worst = max(above_none, above, 0.0)
    return {
        "cfi": 1.0 if worst == 0 else 1 - max(above, 0.0) / worst,
        "tli": np.nan if exact or above_none == 0 else 1 - above / test.df * baseline_df / above_none,
        "rmsea": 0.0 if exact else float(np.sqrt(count * max(above, 0.0) / (test.df * n))),
        "rmsea_adjusted": 0.0 if exact else float(np.sqrt(count * adjusted_above / (test.adjusted_df * n))),
        "srmr": _srmr(fit),
    }


def _without_factors(moments: Moments) -> float:
    """Return the discrepancy of the model in which items do not correlate."""
    parts = [
        np.log(np.diag(covariance)).sum() - np.linalg.slogdet(covariance)[1]
        for covariance in moments.covariances
    ]
    return float(moments.shares @ np.array(parts))


def _srmr(fit: FittedStructure) -> float:
    moments = fit.moments
    count, k = moments.means.shape
    lower = np.tril_indices(k)
    found = []
    for group in range(count):
        covariance, mean, _, _ = fit.structure.implied(fit.parameters, group)
        scale = np.sqrt(np.diag(moments.covariances[group]))
        apart = ((moments.covariances[group] - covariance) / np.outer(scale, scale))[lower]
        squares = float((apart**2).sum())
        size = len(apart)
        if count > 1:  # means are part of the model
            squares += float((((moments.means[group] - mean) / scale) ** 2).sum())
            size += k
        found.append(np.sqrt(squares / size))
    return float(moments.shares @ np.array(found))
