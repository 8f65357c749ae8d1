"""Confidence intervals for proportions, as pure functions of estimate, standard error and sizes.

Each takes arrays of one shape and returns ``(low, high)`` of that shape. ``df`` are the degrees of freedom of
each proportion's domain, ``n`` is the unweighted size of its base.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import special

from trustkit.errors import DataError, suggest
from trustkit.estimation.distributions import beta_quantile, t_reach

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Interval = Callable[[Floats, Floats, Floats, Floats | float, float], tuple[Floats, Floats]]

BISECTIONS = 60
"""Halving an interval this often reaches the last digit of a double."""

IntervalMethod = Literal["logit", "beta", "wilson", "likelihood", "asin", "xlogit", "mean"]


def interval(
    method: IntervalMethod, p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float
) -> tuple[Floats, Floats]:
    """Return a confidence interval for proportions.

    Parameters
    ----------
    method
        ``logit``, ``beta`` (Korn and Graubard), ``wilson``, ``likelihood``, ``asin``, ``xlogit`` (R survey's
        name for the same logit interval) or ``mean``; `docs/maths.md` has their formulas.
    p, se, n
        Shape (m,): proportion between 0 and 1, its standard error, unweighted size of its base.
    df
        Degrees of freedom of each proportion's domain, shape (m,) or one number for all.
    conf
        Coverage, between 0 and 1.

    Returns
    -------
    low, high
        Shape (m,) each. Where p is 0 or 1, the standard error is 0, and every method except ``mean`` gives
        the one-sided exact binomial interval of a simple random sample of the same n. NaN where se is NaN or
        df is not positive.

    Raises
    ------
    DataError
        If the method is unknown or the coverage isn't between 0 and 1.

    Notes
    -----
    Matches R survey's ``svyciprop``, which uses the df of the design that it is given; for a ``subset``, this
    is the df of the domain.

    Examples
    --------
    >>> low, high = interval("mean", np.array([0.5]), np.array([0.05]), np.array([100.0]), np.inf, 0.95)
    >>> low.round(3), high.round(3)
    (array([0.402]), array([0.598]))
    """
    if method not in METHODS:
        raise DataError(f"no interval method {method!r}", do=suggest(method, get_args(IntervalMethod)))
    check_conf(conf)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = METHODS[method](p, se, n, df, conf)
    if method != "mean":
        edge = (se == 0) & ((p == 0) | (p == 1))
        exact_low, exact_high = _clopper_pearson(p, n, conf)
        low, high = np.where(edge, exact_low, low), np.where(edge, exact_high, high)
    known = ~np.isnan(se) & (np.asarray(df) > 0)
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def check_conf(conf: float) -> None:
    """Refuse a coverage that is not between 0 and 1."""
    if not 0 < conf < 1:
        raise DataError(
            "conf is out of range", got=str(conf), expected="a coverage between 0 and 1, such as 0.95"
        )


def t_interval(value: Floats, se: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:
    """Return ``value +- t(df) * se``; with infinite df, the normal interval.

    R's ``confint`` of ``svymean`` and ``svyby`` defaults to an infinite df; trustkit uses the df of each
    domain. To compare, pass ``df = degf(subset(...))`` in R.
    """
    reach = t_reach(df, conf) * se
    return value - reach, value + reach


def _mean(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    return t_interval(p, se, df, conf)


def _logit(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    low, high = t_interval(special.logit(p), se / (p * (1 - p)), df, conf)
    return special.expit(low), special.expit(high)


def _asin(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:  # noqa: ARG001
    low, high = t_interval(np.arcsin(np.sqrt(p)), se / (2 * np.sqrt(p * (1 - p))), df, conf)
    return np.sin(np.maximum(low, 0)) ** 2, np.sin(np.minimum(high, np.pi / 2)) ** 2


def _likelihood(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:
    """Return where the scaled binomial deviance reaches t squared, by bisection on both sides of p."""
    reach = t_reach(df, conf) ** 2 * se**2 / (2 * p * (1 - p)) * n / (n - 1)
    ends = []
    for edge in (0.0, 1.0):
        inner, outer = p.copy(), np.full_like(p, edge)
        for _ in range(BISECTIONS):
            middle = (inner + outer) / 2
            beyond = special.rel_entr(p, middle) + special.rel_entr(1 - p, 1 - middle) > reach
            outer, inner = np.where(beyond, middle, outer), np.where(beyond, inner, middle)
        ends.append((inner + outer) / 2)
    return ends[0], ends[1]


def _beta(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:
    return _clopper_pearson(p, _korn_graubard_n(p, se, n, df, conf), conf)


def _wilson(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> tuple[Floats, Floats]:
    size = _korn_graubard_n(p, se, n, df, conf)
    z = t_reach(n - 1, conf)
    centre = (p + z**2 / (2 * size)) / (1 + z**2 / size)
    reach = z / (1 + z**2 / size) * np.sqrt(p * (1 - p) / size + z**2 / (4 * size**2))
    return centre - reach, centre + reach


def _korn_graubard_n(p: Floats, se: Floats, n: Floats, df: Floats | float, conf: float) -> Floats:
    """Return the effective size, adjusted for the design's degrees of freedom and at most n."""
    adjust = (t_reach(n - 1, conf) / t_reach(df, conf)) ** 2
    return np.minimum(n, p * (1 - p) / se**2 * adjust)


def _clopper_pearson(p: Floats, n: Floats, conf: float) -> tuple[Floats, Floats]:
    x = p * n
    low = beta_quantile((1 - conf) / 2, x, n - x + 1)
    high = beta_quantile((1 + conf) / 2, x + 1, n - x)
    return np.where(p == 0, 0.0, low), np.where(p == 1, 1.0, high)


METHODS: Mapping[str, Interval] = {
    "logit": _logit,
    "beta": _beta,
    "wilson": _wilson,
    "likelihood": _likelihood,
    "asin": _asin,
    "xlogit": _logit,
    "mean": _mean,
}
