"""Estimates of a design: proportions, means, totals and ratios, by domain, with full covariance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, get_args

import numpy as np

from trustkit.arguments import (
    DESIGN,
    NAME,
    NUMBER,
    OPTIONAL_NAMES,
    OPTIONAL_TEXT,
    TEXT,
    VARIABLES,
    WHERE,
    accepts,
)
from trustkit.errors import DataError, suggest
from trustkit.estimation.assembly import (
    Base,
    By,
    Domains,
    Part,
    assemble,
    moment,
    names_of,
    share,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.intervals import Method
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


def proportion(
    design: Design,
    variable: str | Sequence[str],
    *,
    level: str | None = None,
    by: By = None,
    where: Where = None,
    base: Base = "valid",
    ci: Method = "logit",
    conf: float = 0.95,
) -> Estimate:
    """Estimate the share of each answer.

    Parameters
    ----------
    design
        The design.
    variable
        A variable with labelled answers, a list of them, or the name of a set (`Variable.set`).
    level
        One answer; None estimates all of them.
    by
        Variables whose combinations are the domains.
    where
        ``{variable: level or list}`` or a boolean Series: only these respondents are counted. Rows
        outside stay in the design, so standard errors and degrees of freedom are those of a domain.
    base
        ``"valid"``: substantive answers. ``"asked"``: don't know and refused stay in the denominator
        (and are estimated as separate answers).
    ci
        Interval: ``logit``, ``beta``, ``wilson``, ``likelihood``, ``asin``, ``xlogit`` or ``mean``.
    conf
        The interval's coverage.

    Returns
    -------
    Estimate
        One row per variable, domain and answer; proportions are between 0 and 1. ``vcov`` covers them all.

    Raises
    ------
    DataError
        Unknown variable or answer; a variable without labels; nobody in the base.

    Notes
    -----
    p = sum of w over the answer / sum of w over the base, linearised: a row adds
    w (1[answer] - p) / sum of w. Matches R survey's ``svymean`` of a factor, ``svyby`` and ``svyciprop``.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes", "yes"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> estimate = tk.proportion(tk.Design(frame, weights="w"), "trust", level="yes")
    >>> estimate.to_frame()[["level", "estimate", "n"]]
      level  estimate  n
    0   yes  0.666667  4
    """
    accepts(
        design=(design, DESIGN),
        variable=(variable, VARIABLES),
        level=(level, OPTIONAL_TEXT),
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        base=(base, TEXT),
        ci=(ci, TEXT),
        conf=(conf, NUMBER),
    )
    if base not in get_args(Base):
        raise DataError(f"no base {base!r}", do=suggest(base, get_args(Base)))
    domains = Domains.of(design, by, where, base)
    parts = [share(design, name, level, domains) for name in names_of(design, variable)]
    variances = [part.functional.value * (1 - part.functional.value) for part in parts]
    return assemble(design, parts, "proportion", conf, variances=variances, ci=ci)


def mean(
    design: Design, variable: str | Sequence[str], *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the mean of a numeric variable, or of the scores of an ordinal one.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable, or a coded one whose answers have scores (`Variable.scoring`); several of
        them, or a set's name.
    by, where
        As in `proportion`.
    conf
        The coverage of the t interval, with the degrees of freedom of each domain.

    Returns
    -------
    Estimate
        One row per domain, in the variable's unit.

    Raises
    ------
    DataError
        Unknown variable, one without numbers, or nobody in the base.

    Notes
    -----
    sum of w y / sum of w, linearised: a row adds w (y - mean) / sum of w. Matches ``svymean`` and
    ``svyby(..., svymean)``, whose own intervals default to an infinite df. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"age": [20.0, 40.0, 60.0], "w": [1.0, 1.0, 2.0]})
    >>> tk.mean(tk.Design(frame, weights="w"), "age").to_frame()["estimate"].tolist()
    [45.0]
    """
    accepts(
        design=(design, DESIGN),
        variable=(variable, VARIABLES),
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    domains = Domains.of(design, by, where)
    parts = [
        moment(
            design,
            name,
            [(name,), (name, name)],
            domains,
            _quotient(1, 0),
            lambda sums: (-sums[:, 1] / sums[:, 0] ** 2, 1 / sums[:, 0]),
            linear=2,
            centre="middle",
        )
        for name in names_of(design, variable)
    ]
    centred = assemble(design, parts, "mean", conf, variances=[_spread_of(part) for part in parts])
    return shifted(centred, np.concatenate([_centre_of(part) for part in parts]))


def total(
    design: Design, variable: str | Sequence[str], *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the population total of a numeric variable.

    Parameters
    ----------
    design
        The design; unless its weights sum to the population, the total is silently wrong.
    variable, by, where, conf
        As in `mean`.

    Returns
    -------
    Estimate
        One row per domain, in the variable's unit; ``n_eff`` is the size of a simple random sample from a
        population of known size.

    Raises
    ------
    DataError
        As in `mean`.

    Notes
    -----
    sum of w y. Matches ``svytotal`` and ``svyby(..., svytotal)``. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"visits": [1.0, 2.0], "w": [10.0, 20.0]})
    >>> tk.total(tk.Design(frame, weights="w"), "visits").to_frame()["estimate"].tolist()
    [50.0]
    """
    accepts(
        design=(design, DESIGN),
        variable=(variable, VARIABLES),
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    domains = Domains.of(design, by, where)
    parts = [
        moment(
            design,
            name,
            [(name,), (name, name)],
            domains,
            lambda first: first[..., 1],
            lambda sums: (np.zeros(len(sums)), np.ones(len(sums))),
            linear=2,
        )
        for name in names_of(design, variable)
    ]
    variances = [_sums_of(part)[0] ** 2 * _spread_of(part) for part in parts]
    return assemble(design, parts, "total", conf, variances=variances)


def ratio(
    design: Design,
    numerator: str,
    denominator: str,
    *,
    by: By = None,
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate the ratio of two totals.

    Parameters
    ----------
    design
        The design.
    numerator, denominator
        Numeric variables; rows missing either are outside the base.
    by, where, conf
        As in `mean`.

    Returns
    -------
    Estimate
        One row per domain; ``n_eff`` is NaN.

    Raises
    ------
    DataError
        As in `mean`, and if a denominator's total is zero.

    Notes
    -----
    R = sum of w y / sum of w x, linearised: a row adds w (y - R x) / sum of w x. Matches ``svyratio``.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"shared": [1.0, 3.0], "asked": [2.0, 4.0]})
    >>> tk.ratio(tk.Design(frame), "shared", "asked").estimate.round(4).tolist()
    [0.6667]
    """
    accepts(
        design=(design, DESIGN),
        numerator=(numerator, NAME),
        denominator=(denominator, NAME),
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        _, above, below = sums.T
        if not below.all():
            raise DataError(
                "the denominator's total is zero", where=denominator, do="leave that domain out with where"
            )
        return np.zeros(len(sums)), 1 / below, -above / below**2

    part = moment(
        design,
        f"{numerator} / {denominator}",
        [(numerator,), (denominator,)],
        Domains.of(design, by, where),
        _quotient(1, 2),
        slopes,
    )
    return assemble(design, [part], "ratio", conf)


def variance(
    design: Design, variable: str, *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the population variance of a numeric variable.

    Parameters
    ----------
    design
        The design.
    variable, by, where, conf
        As in `mean`.

    Returns
    -------
    Estimate
        One row per domain, in the variable's unit squared; NaN for a single respondent.

    Raises
    ------
    DataError
        As in `mean`.

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
    accepts(
        design=(design, DESIGN),
        variable=(variable, NAME),
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )

    def estimate(first: Floats) -> Floats:
        mass, sums, squares = np.moveaxis(first, -1, 0)
        variances: Floats = squares / mass - (sums / mass) ** 2
        return variances

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        mass, first, second = sums.T
        centre = first / mass
        return (2 * centre**2 - second / mass) / mass, -2 * centre / mass, 1 / mass

    monomials = [(variable,), (variable, variable)]
    part = moment(
        design, variable, monomials, Domains.of(design, by, where), estimate, slopes, centre="middle"
    )
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
        As in `mean`. The interval is a t interval, cut at -1 and 1.

    Returns
    -------
    Estimate
        One row per domain; NaN where a variable doesn't vary.

    Raises
    ------
    DataError
        As in `mean`.

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
    accepts(
        design=(design, DESIGN),
        x=(x, NAME),
        y=(y, NAME),
        by=(by, OPTIONAL_NAMES),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )

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


def _quotient(above: int, below: int) -> Callable[[Floats], Floats]:
    """Return the function that divides one sum by another."""

    def quotient(first: Floats) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            quotients: Floats = first[..., above] / first[..., below]
        return quotients

    return quotient


def _sums_of(part: Part) -> Floats:
    """Return the sums of 1, y and y^2 in each domain, shape (3, D)."""
    sums = part.functional.sums
    domain_sums: Floats = sums.total[sums.count > 0].T
    return domain_sums


def _spread_of(part: Part) -> Floats:
    """Return each domain's weighted mean square around its mean."""
    mass, first, squares = _sums_of(part)
    spread: Floats = np.maximum(squares / mass - (first / mass) ** 2, 0.0)
    return spread


def shifted(estimates: Estimate, by: Floats) -> Estimate:
    """Return estimates moved by known numbers, of shape (m,)."""
    return replace(
        estimates,
        estimate=estimates.estimate + by,
        ci_low=estimates.ci_low + by,
        ci_high=estimates.ci_high + by,
    )


def _centre_of(part: Part) -> Floats:
    """Return the number that was subtracted from the part's variable, once for each estimate."""
    centres = part.functional.cells.centres
    return np.full(len(part.n), centres[0] if centres else 0.0)


def scaled(estimates: Estimate, factors: Floats) -> Estimate:
    """Return estimates multiplied by known factors, of shape (m,)."""
    return replace(
        estimates,
        estimate=estimates.estimate * factors,
        se=estimates.se * factors,
        ci_low=estimates.ci_low * factors,
        ci_high=estimates.ci_high * factors,
        vcov=estimates.vcov * np.outer(factors, factors),
    )


def _correction(n: Ints) -> Floats:
    """Return n / (n - 1), NaN for one."""
    factors: Floats = np.divide(n, n - 1, out=np.full(len(n), np.nan), where=n > 1)
    return factors
