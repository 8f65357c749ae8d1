"""Variances and correlations: functions of the weighted sums of squares and products."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import NAME, accepts_estimator
from trustkit.estimation.assembly import assemble, moment, with_scores
from trustkit.estimation.domains import By, Domains
from trustkit.estimation.results import scaled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


def variance(
    design: Design, variable: str, *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the population variance of a numeric variable.

    Parameters
    ----------
    design
        The design.
    variable, by, where, conf
        As in `trustkit.mean`.

    Returns
    -------
    Estimate
        One row per domain, in the variable's unit squared; NaN for a single respondent.

    Raises
    ------
    DataError
        As in `trustkit.mean`.

    Notes
    -----
    n / (n - 1) times sum of w (y - mean)^2 / sum of w, n unweighted, as ``svyvar`` (which counts rows
    without a value in n; here n is the base's). Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"age": [20.0, 40.0, 60.0]})
    >>> tk.variance(tk.Design(frame), "age").estimate.round(6).tolist()
    [400.0]
    """
    accepts_estimator(design, by, where, conf, variable=(variable, NAME))

    def estimate(first: Floats) -> Floats:
        mass, sums, squares = np.moveaxis(first, -1, 0)
        variances: Floats = squares / mass - (sums / mass) ** 2
        return variances

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        mass, first, second = sums.T
        centre = first / mass
        return (2 * centre**2 - second / mass) / mass, -2 * centre / mass, 1 / mass

    monomials = [(variable,), (variable, variable)]
    domains = Domains.of(design, by, where)
    part = moment(design, variable, monomials, domains, estimate, slopes, centre="middle")
    part = with_scores(part, design, domains)
    part = replace(part, counted=part.counted and part.counted.with_spread())
    return scaled(assemble(design, [part], "variance", conf), _correction(part.n))


def correlation(
    design: Design, x: str, y: str, *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate Pearson's correlation of two numeric variables.

    Parameters
    ----------
    design
        The design.
    x, y
        The variables; rows missing either are outside the base.
    by, where, conf
        As in `trustkit.mean`. The interval is a t interval, cut at -1 and 1.

    Returns
    -------
    Estimate
        One row per domain; NaN where a variable doesn't vary.

    Raises
    ------
    DataError
        As in `trustkit.mean`.

    Notes
    -----
    The delta method on the weighted sums of x, y, x^2, y^2 and xy; equals ``svycontrast`` of
    ``xy / sqrt(xx * yy)`` on ``svyvar``. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 3.0, 2.0, 4.0]})
    >>> tk.correlation(tk.Design(frame), "a", "b").estimate.round(2).tolist()
    [0.8]
    """
    accepts_estimator(design, by, where, conf, x=(x, NAME), y=(y, NAME))

    def moments(first: Floats) -> tuple[Floats, ...]:
        mass, sx, sy, sxx, syy, sxy = np.moveaxis(first, -1, 0)
        mx, my = sx / mass, sy / mass
        return mass, mx, my, sxx / mass - mx**2, syy / mass - my**2, sxy / mass - mx * my

    def estimate(first: Floats) -> Floats:
        _, _, _, vx, vy, cov = moments(first)
        spread = np.maximum(vx, 0.0) * np.maximum(vy, 0.0)
        correlations: Floats = cov / np.sqrt(np.where(spread > 0, spread, np.nan))
        return correlations

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        mass, mx, my, vx, vy, cov = moments(sums)
        vx, vy = np.where(vx > 0, vx, np.nan), np.where(vy > 0, vy, np.nan)
        r = cov / np.sqrt(vx * vy)
        by_vx, by_vy, by_cov = -r / (2 * vx), -r / (2 * vy), 1 / np.sqrt(vx * vy)
        return (
            (by_vx * (mx**2 - vx) + by_vy * (my**2 - vy) + by_cov * (mx * my - cov)) / mass,
            -(2 * by_vx * mx + by_cov * my) / mass,
            -(2 * by_vy * my + by_cov * mx) / mass,
            by_vx / mass,
            by_vy / mass,
            by_cov / mass,
        )

    monomials = [(x,), (y,), (x, x), (y, y), (x, y)]
    part = moment(
        design, f"{x}, {y}", monomials, Domains.of(design, by, where), estimate, slopes, centre="middle"
    )
    correlations = assemble(design, [part], "correlation", conf)
    low, high = np.maximum(correlations.ci_low, -1.0), np.minimum(correlations.ci_high, 1.0)
    return replace(correlations, ci_low=low, ci_high=high)


def _correction(n: Ints) -> Floats:
    """Return n / (n - 1), NaN for one."""
    factors: Floats = np.divide(n, n - 1, out=np.full(len(n), np.nan), where=n > 1)
    return factors
