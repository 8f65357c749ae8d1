"""Estimates of a design: proportions, means, totals and ratios, by domain, with full covariance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import NAME, OPTIONAL_TEXT, VARIABLES, accepts_estimator, one_of
from trustkit.errors import DataError
from trustkit.estimation.assembly import (
    Part,
    assemble,
    moment,
    names_of,
    refuse_nobody,
    share,
    with_amounts,
    with_scores,
)
from trustkit.estimation.domains import Base, By, Domains
from trustkit.estimation.intervals import IntervalMethod
from trustkit.estimation.results import shifted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]


def proportion(
    design: Design,
    variable: str | Sequence[str],
    *,
    level: str | None = None,
    by: By = None,
    where: Where = None,
    base: Base = "valid",
    ci: IntervalMethod = "logit",
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
    >>> trust = ["yes", "no", "yes", "yes", "no"] * 40
    >>> frame = pd.DataFrame({"trust": trust, "sex": ["f", "f", "m", "m", "m"] * 40})
    >>> design = tk.Design(frame)
    >>> tk.proportion(design, "trust", level="yes")
    Proportion: trust
    answer  proportion  standard error    95% interval    n
    yes          60.0%            3.5%  53.0% to 66.6%  200
    Base: substantive answers.

    By group, as a frame of unrounded numbers:

    >>> by_sex = tk.proportion(design, "trust", level="yes", by="sex")
    >>> by_sex.to_frame()[["sex", "level", "estimate", "se", "n"]].round(3)
      sex level  estimate     se    n
    0   f   yes     0.500  0.056   80
    1   m   yes     0.667  0.043  120
    """
    accepts_estimator(
        design,
        by,
        where,
        conf,
        variable=(variable, VARIABLES),
        level=(level, OPTIONAL_TEXT),
        base=(base, one_of(Base)),
        ci=(ci, one_of(IntervalMethod)),
    )
    names = names_of(design, variable)
    domains = Domains.of(design, by, where, base, several=len(names) > 1)
    parts = [share(design, name, level, domains) for name in names]
    refuse_nobody(parts, domains)
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
    >>> ages = [20.0, 40.0, 60.0, 70.0] * 10
    >>> frame = pd.DataFrame({"age": ages, "sex": ["f", "f", "m", "m"] * 10, "w": [1.0, 1.0, 2.0, 2.0] * 10})
    >>> design = tk.Design(frame, weights="w")
    >>> tk.mean(design, "age")
    Mean: age
    question  mean  standard error  95% interval   n
    age       53.3             2.7  47.9 to 58.8  40
    Base: answers with a number.
    >>> tk.mean(design, "age", by="sex").to_frame()[["sex", "estimate", "se", "n"]].round(2)
      sex  estimate    se   n
    0   f      30.0  2.26  20
    1   m      65.0  1.13  20
    """
    accepts_estimator(design, by, where, conf, variable=(variable, VARIABLES))
    parts = mean_parts(design, variable, by, where)
    if _counts_alike(design):
        parts = [replace(part, counted=part.counted and part.counted.with_spread()) for part in parts]
    return assemble_means(design, parts, conf)


def _counts_alike(design: Design) -> bool:
    """Return whether every respondent counts the same, so that a standard error tells the variance."""
    return not {*design.roles} & {"weights", "strata", "psu", "fpc"} and not design.history


def mean_part(design: Design, name: str, domains: Domains) -> Part:
    """Return the means of one variable before their variance, less a number in the middle of its values."""
    part = moment(
        design,
        name,
        [(name,), (name, name)],
        domains,
        _quotient(1, 0),
        lambda sums: (-sums[:, 1] / sums[:, 0] ** 2, 1 / sums[:, 0]),
        linear=2,
        centre="middle",
    )
    return with_scores(part, design, domains)


def assemble_means(design: Design, parts: Sequence[Part], conf: float) -> Estimate:
    """Put means together with their covariance, and add back what was subtracted."""
    centred = assemble(design, parts, "mean", conf, variances=[_spread_of(part) for part in parts])
    return shifted(centred, np.concatenate([_centre_of(part) for part in parts]))


def total(
    design: Design, variable: str | Sequence[str], *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the population total of a numeric variable.

    Parameters
    ----------
    design
        The design; unless its weights sum to the population, the total is wrong. A note gives that sum.
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
    accepts_estimator(design, by, where, conf, variable=(variable, VARIABLES))
    names = names_of(design, variable)
    domains = Domains.of(design, by, where, several=len(names) > 1)
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
        for name in names
    ]
    parts = [with_amounts(part, design, domains) for part in parts]
    refuse_nobody(parts, domains)
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
    accepts_estimator(design, by, where, conf, numerator=(numerator, NAME), denominator=(denominator, NAME))
    return assemble(design, [ratio_part(design, numerator, denominator, by, where)], "ratio", conf)


def ratio_part(design: Design, numerator: str, denominator: str, by: By, where: Where) -> Part:
    """Return the ratio of two totals, before its variance.

    Raises
    ------
    DataError
        As `ratio`.
    """

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        _, above, below = sums.T
        if not below.all():
            raise DataError(
                "the denominator's total is zero", where=denominator, do="leave that domain out with where"
            )
        return np.zeros(len(sums)), 1 / below, -above / below**2

    return moment(
        design,
        f"{numerator} / {denominator}",
        [(numerator,), (denominator,)],
        Domains.of(design, by, where),
        _quotient(1, 2),
        slopes,
    )


def mean_parts(design: Design, variable: str | Sequence[str], by: By, where: Where) -> list[Part]:
    """Return the means of variables, each less the centre of its part, before their variance.

    Raises
    ------
    DataError
        As `mean`.
    """
    names = names_of(design, variable)
    domains = Domains.of(design, by, where, several=len(names) > 1)
    parts = [mean_part(design, name, domains) for name in names]
    refuse_nobody(parts, domains)
    return parts


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
    domain_sums: Floats = sums.total[sums.count > 0 if sums.count.any() else slice(None)].T
    return domain_sums


def _spread_of(part: Part) -> Floats:
    """Return each domain's weighted mean square around its mean."""
    mass, first, squares = _sums_of(part)
    with np.errstate(invalid="ignore"):
        spread: Floats = np.maximum(squares / mass - (first / mass) ** 2, 0.0)
    return spread


def _centre_of(part: Part) -> Floats:
    """Return the number that was subtracted from the part's variable, once for each estimate."""
    centres = part.functional.cells.centres
    return np.full(len(part.n), centres[0] if centres else 0.0)
