"""Counts of answers in the population: weighted totals with intervals that stay in their range."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import special

from trustkit.arguments import OPTIONAL_TEXT, VARIABLES, accepts_estimator, one_of
from trustkit.estimation.assembly import assemble, names_of, refuse_nobody, share, sum_of_weights
from trustkit.estimation.domains import Base, By, Domains
from trustkit.estimation.intervals import t_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

CountInterval = Literal["logit", "log", "t"]

NOBODY = "nobody gave this answer, so the interval has no end"
EVERYBODY = "all respondents of the survey gave this answer, so the interval has no end"


def count(
    design: Design,
    variable: str | Sequence[str],
    *,
    level: str | None = None,
    by: By = None,
    where: Where = None,
    base: Base = "valid",
    ci: CountInterval = "logit",
    conf: float = 0.95,
) -> Estimate:
    """Estimate how many people of the population give each answer.

    Parameters
    ----------
    design
        The design; unless its weights sum to the population, the counts are wrong. A note gives that sum.
    variable, level, by, where, base
        As in `trustkit.proportion`.
    ci
        ``logit`` stays between 0 and the sum of all weights, ``log`` above 0, and ``t`` is symmetric.
    conf
        The interval's coverage.

    Returns
    -------
    Estimate
        One row per variable, domain and answer, in people; its ``statistic`` is ``total``. ``n`` counts the
        respondents in the base, as for a proportion.

    Raises
    ------
    DataError
        As in `trustkit.proportion`.

    Notes
    -----
    T = sum of w over the answer, with the variance of a total. With t = t(df) and W the sum of all weights,
    which is treated as known: ``log`` is T exp(-+ t se / T), and ``logit`` is W expit(logit(T / W) -+ t se /
    (T (1 - T / W))), the delta method on a scale that has no bounds. T and its standard error match R
    survey's ``svytotal`` of a factor, whose ``confint`` is ``t`` with an infinite df unless it is given one;
    the other two are the ends of ``svycontrast`` of log(T) and log(T / (W - T)), converted back. Formulas:
    `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"opted": ["in", "out", "in", "in"], "w": [100.0, 200.0, 100.0, 200.0]})
    >>> in_favour = tk.count(tk.Design(frame, weights="w"), "opted", level="in")
    >>> in_favour.estimate.tolist(), in_favour.ci_low.round().tolist(), in_favour.ci_high.round().tolist()
    ([400.0], [23.0], [594.0])
    """
    accepts_estimator(
        design,
        by,
        where,
        conf,
        variable=(variable, VARIABLES),
        level=(level, OPTIONAL_TEXT),
        base=(base, one_of(Base)),
        ci=(ci, one_of(CountInterval)),
    )
    names = names_of(design, variable)
    domains = Domains.of(design, by, where, base, several=len(names) > 1)
    parts = [share(design, name, level, domains, of="count") for name in names]
    refuse_nobody(parts, domains)
    variances = [part.functional.value * (part.mass - part.functional.value) for part in parts]
    counts = assemble(design, parts, "total", conf, variances=variances)
    if ci == "t":
        return counts
    everyone = sum_of_weights(design) if ci == "logit" else np.inf
    low, high = limits_of_counts(counts, everyone)
    at_end = [NOBODY if value <= 0 else EVERYBODY if value >= everyone else "" for value in counts.estimate]
    reasons = tuple(own or end for own, end in zip(counts.reasons, at_end, strict=True))
    return replace(counts, ci_low=low, ci_high=high, ci=ci, reasons=reasons)


def limits_of_counts(counts: Estimate, most: float) -> tuple[Floats, Floats]:
    """Return the ends of intervals between 0 and ``most``; infinite: above 0. NaN for a count at an end."""
    inside = (counts.estimate > 0) & (counts.estimate < most)
    value = np.where(inside, counts.estimate, np.nan)
    if np.isinf(most):
        low, high = t_interval(np.log(value), counts.se / value, counts.df, counts.conf)
        return np.exp(low), np.exp(high)
    share_of_most = value / most
    spread = counts.se / (value * (1 - share_of_most))
    low, high = t_interval(special.logit(share_of_most), spread, counts.df, counts.conf)
    return most * special.expit(low), most * special.expit(high)
