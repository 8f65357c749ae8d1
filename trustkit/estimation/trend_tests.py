"""Tests of change over three and more waves, from the joint covariance of the waves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.arguments import ESTIMATE, NUMBER, TEXT, accepts, one_of
from trustkit.errors import DataError
from trustkit.estimation.distributions import f_p_value, t_p_value, without_df
from trustkit.estimation.intervals import check_conf, t_interval
from trustkit.estimation.results import UNKNOWN, counts_behind, row_names
from trustkit.estimation.significance import TestResult
from trustkit.estimation.times import times_of, unit_of_times
from trustkit.units import difference_unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.estimation.results import Estimate

    Floats = NDArray[np.float64]

TrendHypothesis = Literal["linear", "any", "curve"]

FEWEST = {"linear": 2, "any": 2, "curve": 3}
"""The fewest waves that each test needs."""

NAMES: dict[TrendHypothesis, str] = {
    "linear": "Linear trend",
    "any": "Any change",
    "curve": "Departure from a linear trend",
}
"""Test -> what its result is called."""


def trend_test(
    estimate: Estimate, *, test: TrendHypothesis = "linear", time: str = "", conf: float = 0.95
) -> TestResult:
    """Test change over several waves: a linear trend, any change, or a departure from the linear trend.

    Parameters
    ----------
    estimate
        One estimate per wave ``by`` a variable whose answers are times, as `trend` draws them: means, or the
        shares of one answer. For waves that share respondents, of a design that `link_waves` returned.
    test
        ``"linear"``: the slope of the line through the estimates is zero. ``"any"``: all waves are equal.
        ``"curve"``: the estimates lie on a line.
    time
        The variable that holds the times; the first whose answers are all times if not given.
    conf
        The coverage of the slope's interval.

    Returns
    -------
    TestResult
        For ``linear`` a t test with the slope per unit of time (per year for years, months and days) as its
        estimate; for the others an F test with q and df - q degrees of freedom, for q conditions.

    Raises
    ------
    DataError
        If no variable holds times, there are several estimates of a time, or there are too few waves.

    Notes
    -----
    The slope is that of the least squares line through the waves' estimates, in which each wave counts the
    same: c'theta with c = (t - mean t) / sum (t - mean t)^2, and variance c'Vc. The F tests are
    (K theta)' (K V K')^-1 (K theta) / q, with K the differences from the first wave, or what a line leaves
    over. V is the joint covariance of all waves. If waves share respondents and the design does not know it,
    these tests are silently wrong. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> years = [2019, 2019, 2021, 2021, 2024, 2024]
    >>> frame = pd.DataFrame({"year": years, "trust": [4, 6, 3, 5, 2, 3]})
    >>> means = tk.mean(tk.Design(frame.astype({"year": "category"})), "trust", by="year")
    >>> found = tk.trend_test(means)
    >>> round(found.estimate, 3), found.df, round(found.p_value, 3)
    (-0.5, (5.0,), 0.029)
    """
    accepts(
        estimate=(estimate, ESTIMATE), test=(test, one_of(TrendHypothesis)), time=(time, TEXT),
        conf=(conf, NUMBER),
    )  # fmt: skip
    check_conf(conf)
    time, places = times_of(estimate, time, where="trend_test")
    labels = list(estimate.keys[time].astype(str))
    if len(set(labels)) < len(labels):
        raise DataError(
            "a trend is of one estimate per time", where="trend_test",
            got=f"{len(labels)} rows for {len(places)} times: {', '.join(row_names(estimate)[:4])}, ...",
            do="choose one answer with level, and one group with where",
        )  # fmt: skip
    if len(labels) < FEWEST[test]:
        raise DataError(
            f"the test {test!r} needs at least {FEWEST[test]} waves", where="trend_test",
            got=str(len(labels)),
            do="keep more waves, or choose another test",
        )  # fmt: skip
    order = np.argsort([places[label] for label in labels], kind="stable")
    times = np.array([places[labels[place]] for place in order])
    centred = times - times.mean()
    theta, v = estimate.estimate[order], estimate.vcov[np.ix_(order, order)]
    df = estimate.df_of(np.ones(len(labels), dtype=bool))
    first, last = labels[order[0]], labels[order[-1]]
    unit = unit_of_times(labels, estimate.label(time))
    if test == "linear":
        return _slope(estimate, centred / (centred @ centred), (theta, v), df, (unit, first, last), conf)
    if test == "any":
        conditions = np.eye(len(theta))[1:] - np.eye(len(theta))[0]
        null = f"the {estimate.statistic} is the same in all {len(theta)} waves, {first} to {last}"
    else:
        line = np.column_stack([np.ones(len(theta)), centred])
        conditions = np.linalg.qr(line, mode="complete")[0][:, 2:].T
        null = f"the {estimate.statistic} changes by the same amount per {unit}"
    return _wald(estimate, conditions, (theta, v), df, (NAMES[test], null))


def _slope(
    estimate: Estimate,
    weights: Floats,
    moments: tuple[Floats, Floats],
    df: float,
    words: tuple[str, str, str],
    conf: float,
) -> TestResult:
    """Return the t test of the slope."""
    theta, v = moments
    unit, first, last = words
    value, variance = float(weights @ theta), float(weights @ v @ weights)
    se = float(np.sqrt(max(variance, 0.0))) if not np.isnan(variance) else float("nan")
    reason = _unknown(estimate, se) or without_df(df)
    t = float("nan") if reason else value / se
    low, high = t_interval(np.array([value]), np.array([se]), np.array([df]), conf)
    return TestResult(
        f"{NAMES['linear']}: {estimate.label(estimate.keys['variable'].iloc[0])}",
        null=f"the {estimate.statistic} has no linear trend from {first} to {last}",
        statistic=t,
        statistic_name="t",
        df=(df,),
        p_value=float("nan") if reason else float(t_p_value(np.array([t]), np.array([df]))[0]),
        n=int(estimate.n.sum()),
        base=estimate.base,
        estimate=value,
        se=se,
        ci_low=float(low[0]),
        ci_high=float(high[0]),
        conf=conf,
        unit=difference_unit(*estimate.units),
        reason=reason,
        notes=(f"The estimate is the change per {unit}.", *estimate.notes),
        caveats=estimate.caveats,
        counted=counts_behind(estimate),
    )


def _wald(
    estimate: Estimate,
    conditions: Floats,
    moments: tuple[Floats, Floats],
    df: float,
    words: tuple[str, str],
) -> TestResult:
    """Return the F test that some conditions on the waves hold."""
    theta, v = moments
    name, null = words
    d, spread = conditions @ theta, conditions @ v @ conditions.T
    q = len(d)
    both = (float(q), df - q)
    reason = _unknown(estimate, float(np.sqrt(np.trace(spread))))
    if not reason and np.linalg.matrix_rank(spread, hermitian=True) < q:
        reason = "the waves have no sampling variance, or there are too few PSUs"
    reason = reason or without_df(*both)
    value = float("nan") if reason else float(d @ np.linalg.solve(spread, d)) / q
    return TestResult(
        f"{name}: {estimate.label(estimate.keys['variable'].iloc[0])}",
        null=null,
        statistic=value,
        statistic_name="F",
        df=both,
        p_value=float("nan") if reason else f_p_value(value, both),
        n=int(estimate.n.sum()),
        base=estimate.base,
        reason=reason,
        notes=estimate.notes,
        caveats=estimate.caveats,
        counted=counts_behind(estimate),
    )


def _unknown(estimate: Estimate, se: float) -> str:
    """Return why the waves can't be compared; empty if they can."""
    if np.isnan(se):
        known = [
            f"{name}: {reason}"
            for name, reason in zip(row_names(estimate), estimate.reasons, strict=False)
            if reason
        ]
        return known[0] if known else UNKNOWN
    return "" if se > 0 else "the waves have no sampling variance"
