"""Estimates of a design: proportions, means, totals and ratios, by domain, with full covariance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
import pandas as pd

from trustkit.codebook import CODED
from trustkit.design import condition
from trustkit.errors import DataError, suggest
from trustkit.intervals import check_conf, interval, t_interval
from trustkit.lazy import LazySource
from trustkit.results import Estimate
from trustkit.sums import Functional

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.codebook import Variable
    from trustkit.design import Design, Where
    from trustkit.intervals import Method

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    By = str | Sequence[str] | None

Base = Literal["valid", "asked"]


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
        outside stay in the design, so standard errors are those of a domain.
    base
        ``"valid"``: substantive answers. ``"asked"``: don't know and refused stay in the denominator
        (and are estimated as answers of their own).
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

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes", "yes"], "w": [1.0, 2.0, 1.0, 2.0]})
    >>> proportion(Design(frame, weights="w"), "trust", level="yes").to_frame()[["level", "estimate", "n"]]
      level  estimate  n
    0   yes  0.666667  4
    """
    if base not in get_args(Base):
        raise DataError(f"no base {base!r}", do=suggest(base, get_args(Base)))
    parts = [_share(design, name, level, Counted(by, where, base)) for name in _names(design, variable)]
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
        The coverage of the t interval with the design's degrees of freedom.

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
    ``svyby(..., svymean)``, whose own intervals default to an infinite df.

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"age": [20.0, 40.0, 60.0], "w": [1.0, 1.0, 2.0]})
    >>> mean(Design(frame, weights="w"), "age").to_frame()["estimate"].tolist()
    [45.0]
    """
    parts = [
        _moment(
            design,
            name,
            [(name,), (name, name)],
            Counted(by, where),
            _quotient(1, 0),
            lambda sums: (-sums[:, 1] / sums[:, 0] ** 2, 1 / sums[:, 0]),
            linear=2,
        )
        for name in _names(design, variable)
    ]
    return assemble(design, parts, "mean", conf, variances=[_spread_of(part) for part in parts])


def total(
    design: Design, variable: str | Sequence[str], *, by: By = None, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the population total of a numeric variable.

    Parameters
    ----------
    design
        The design; its weights must sum to the population, or the total is silently of another size.
    variable, by, where, conf
        As in `mean`.

    Returns
    -------
    Estimate
        One row per domain, in the variable's unit; ``n_eff`` is that of simple random sampling with a known
        population size.

    Raises
    ------
    DataError
        As in `mean`.

    Notes
    -----
    sum of w y. Matches ``svytotal`` and ``svyby(..., svytotal)``.

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"visits": [1.0, 2.0], "w": [10.0, 20.0]})
    >>> total(Design(frame, weights="w"), "visits").to_frame()["estimate"].tolist()
    [50.0]
    """
    parts = [
        _moment(
            design,
            name,
            [(name,), (name, name)],
            Counted(by, where),
            lambda first: first[..., 1],
            lambda sums: (np.zeros(len(sums)), np.ones(len(sums))),
            linear=2,
        )
        for name in _names(design, variable)
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

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"shared": [1.0, 3.0], "asked": [2.0, 4.0]})
    >>> round(ratio(Design(frame), "shared", "asked").to_frame()["estimate"][0], 4)
    np.float64(0.6667)
    """
    part = _moment(
        design,
        f"{numerator} / {denominator}",
        [(numerator,), (denominator,)],
        Counted(by, where),
        _quotient(1, 2),
        lambda sums: (np.zeros(len(sums)), 1 / sums[:, 2], -sums[:, 1] / sums[:, 2] ** 2),
    )
    if not np.isfinite(part.functional.value).all():
        raise DataError("the denominator's total is zero", where=denominator)
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
    without a value in n; here n is the base's).

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"age": [20.0, 40.0, 60.0]})
    >>> round(variance(Design(frame), "age").estimate[0], 6)
    np.float64(400.0)
    """

    def estimate(first: Floats) -> Floats:
        mass, sums, squares = np.moveaxis(first, -1, 0)
        found: Floats = squares / mass - (sums / mass) ** 2
        return found

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        mass, first, second = sums.T
        centre = first / mass
        return (2 * centre**2 - second / mass) / mass, -2 * centre / mass, 1 / mass

    part = _moment(
        design, variable, [(variable,), (variable, variable)], Counted(by, where), estimate, slopes
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
        One row per domain.

    Raises
    ------
    DataError
        As in `mean`.

    Notes
    -----
    The delta method on the weighted sums of x, y, x^2, y^2 and xy; equals ``svycontrast`` of
    ``xy / sqrt(xx * yy)`` on ``svyvar``.

    Examples
    --------
    >>> from trustkit.design import Design
    >>> frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [1.0, 3.0, 2.0, 4.0]})
    >>> correlation(Design(frame), "a", "b").estimate.round(2).tolist()
    [0.8]
    """

    def moments(first: Floats) -> tuple[Floats, ...]:
        mass, sx, sy, sxx, syy, sxy = np.moveaxis(first, -1, 0)
        mx, my = sx / mass, sy / mass
        return mass, mx, my, sxx / mass - mx**2, syy / mass - my**2, sxy / mass - mx * my

    def estimate(first: Floats) -> Floats:
        _, _, _, vx, vy, cov = moments(first)
        found: Floats = cov / np.sqrt(vx * vy)
        return found

    def slopes(sums: Floats) -> tuple[Floats, ...]:
        mass, mx, my, vx, vy, cov = moments(sums)
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
    part = _moment(design, f"{x}, {y}", monomials, Counted(by, where), estimate, slopes)
    found = assemble(design, [part], "correlation", conf)
    return replace(found, ci_low=np.maximum(found.ci_low, -1.0), ci_high=np.minimum(found.ci_high, 1.0))


def _quotient(above: int, below: int) -> Callable[[Floats], Floats]:
    """Return the function that divides one sum by another."""

    def quotient(first: Floats) -> Floats:
        found: Floats = first[..., above] / first[..., below]
        return found

    return quotient


def _sums_of(part: Part) -> Floats:
    """Return the sums of 1, y and y^2 in each domain, shape (3, D)."""
    sums = part.functional.sums
    found: Floats = sums.total[sums.count > 0].T
    return found


def _spread_of(part: Part) -> Floats:
    """Return each domain's weighted mean square around its mean."""
    mass, first, squares = _sums_of(part)
    spread: Floats = np.maximum(squares / mass - (first / mass) ** 2, 0.0)
    return spread


def scaled(found: Estimate, factors: Floats) -> Estimate:
    """Return estimates multiplied by known factors, of shape (m,)."""
    return replace(
        found,
        estimate=found.estimate * factors,
        se=found.se * factors,
        ci_low=found.ci_low * factors,
        ci_high=found.ci_high * factors,
        vcov=found.vcov * np.outer(factors, factors),
    )


def _correction(n: Ints) -> Floats:
    """Return n / (n - 1), NaN for one."""
    found: Floats = np.divide(n, n - 1, out=np.full(len(n), np.nan), where=n > 1)
    return found


@dataclass(frozen=True)
class Counted:
    """Who is counted, as asked for."""

    by: By
    where: Where
    base: Base = "valid"

    def dims(self, design: Design) -> list[tuple[str, tuple[str, ...]]]:
        """Return the domains' variables with their labels."""
        names = (self.by,) if isinstance(self.by, str) else tuple(self.by or ())
        return [(name, coded_variable(design, name).labels) for name in names]


@dataclass(frozen=True, eq=False)
class Part:
    """Estimates of one variable, before their variance."""

    functional: Functional
    n: Ints
    keys: pd.DataFrame
    base: str
    name: str


def _share(design: Design, name: str, level: str | None, base: Counted) -> Part:
    """Estimate the shares of one variable's answers."""
    about = coded_variable(design, name)
    levels = about.labels if base.base == "valid" else about.asked_labels
    if level is not None and level not in levels:
        raise DataError(f"{name} has no answer {level!r}", do=suggest(level, levels))
    dims = base.dims(design)
    cells = design.cells([*dims, (name, levels)], where=base.where)
    sums = design.sums(cells)
    width = len(levels)
    wanted = list(range(width)) if level is None else [levels.index(level)]
    n = sums.count.reshape(-1, width).sum(axis=1)
    kept = kept_domains(n, _nobody(design, base))

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0].reshape(*first.shape[:-2], -1, width)[..., kept, :]
        shares = mass[..., wanted] / mass.sum(axis=-1, keepdims=True)
        found: Floats = shares.reshape(*first.shape[:-2], -1)
        return found

    whole = sums.total[:, 0].reshape(-1, width)[kept].sum(axis=1)
    p = estimate(sums.total).reshape(len(kept), -1)
    gradient = np.zeros((len(n), width, len(kept), len(wanted)))
    each = np.arange(len(kept))
    gradient[kept, :, each, :] = (np.eye(width)[:, wanted] - p[:, None]) / whole[:, None, None]
    words = "substantive answers" if base.base == "valid" else "everyone asked, with don't know and refused"
    return Part(
        Functional(cells, sums, estimate, gradient.reshape(cells.size, 1, -1)),
        np.repeat(n[kept], len(wanted)),
        keys_of(dims, kept, name, [levels[place] for place in wanted]),
        in_words(words, about, design, base),
        name,
    )


def _moment(
    design: Design,
    name: str,
    monomials: Sequence[tuple[str, ...]],
    base: Counted,
    estimate: Callable[[Floats], Floats],
    slopes: Callable[[Floats], Sequence[Floats]],
    *,
    linear: int | None = None,
) -> Part:
    """Estimate a function of each domain's sums.

    ``estimate`` maps sums of shape (..., D, q) to (..., D); ``slopes`` maps sums of shape (D, q) to its
    derivatives by the first p of them, each of shape (D,).
    """
    about = [design.variable(part) for part in dict.fromkeys(part for parts in monomials for part in parts)]
    dims = base.dims(design)
    cells = design.cells(dims, monomials, linear=linear, where=base.where)
    sums = design.sums(cells)
    kept = kept_domains(sums.count, _nobody(design, base))
    gradient = np.zeros((cells.size, cells.linear, len(kept)))
    for place, slope in enumerate(slopes(sums.total[kept])):
        gradient[kept, place, np.arange(len(kept))] = slope
    return Part(
        Functional(cells, sums, lambda first: estimate(first[..., kept, :]), gradient),
        sums.count[kept],
        keys_of(dims, kept, name, [""]),
        in_words("answers with a number", about[0], design, base),
        name,
    )


def kept_domains(n: Ints, whom: str) -> Ints:
    """Return the domains that hold somebody.

    Raises
    ------
    DataError
        If none does.
    """
    kept = np.flatnonzero(n)
    if not len(kept):
        raise DataError(
            "nobody is in the base", got=whom, do="widen where, or check that the question was asked of them"
        )
    return kept


def _nobody(design: Design, base: Counted) -> str:
    """Say who was asked for, should there be nobody."""
    words = condition(design, base.where)
    names = ", ".join(name for name, _ in base.dims(design))
    return f"where: {words or 'everyone'}; by: {names or 'nothing'}"


def keys_of(
    dims: Sequence[tuple[str, Sequence[str]]], kept: Ints, variable: str, answers: Sequence[str]
) -> pd.DataFrame:
    """Name each estimate: the domain's levels, the variable, the answer."""
    domains = list(product(*(labels for _, labels in dims)))
    rows = [(*domains[place], variable, answer) for place in kept for answer in answers]
    return pd.DataFrame(rows, columns=[*(name for name, _ in dims), "variable", "level"])


def coded_variable(design: Design, name: str) -> Variable:
    """Return a variable that has labelled answers, all of them known.

    Raises
    ------
    DataError
        If there is no such variable, it has no labels, or holds codes that the codebook doesn't know.
    """
    about = design.variable(name)
    if about.kind not in CODED:
        raise DataError(
            f"{name} has no labelled answers",
            got=f"kind {about.kind}",
            do="use mean or total, or give it labels",
        )
    column = None if isinstance(design.source, LazySource) else design.data[name]
    if column is not None and isinstance(column.dtype, pd.CategoricalDtype):
        known = {*about.labels, *about.missing_labels}
        unknown = [str(category) for category in column.cat.categories if category not in known]
        if unknown:
            raise DataError(
                f"{name} holds codes that the codebook doesn't know",
                got=", ".join(unknown[:20]),
                do="add them to the codebook, as answers or as missing",
            )
    return about


def assemble(
    design: Design,
    parts: Sequence[Part],
    statistic: str,
    conf: float,
    *,
    variances: Sequence[Floats] = (),
    ci: Method | Literal["t"] = "t",
) -> Estimate:
    """Put estimates together with their covariance, intervals and words."""
    check_conf(conf)
    vcov = design.covariance(*(part.functional for part in parts))
    value = np.concatenate([part.functional.value for part in parts])
    n = np.concatenate([part.n for part in parts])
    se = np.sqrt(np.maximum(np.diag(vcov), 0.0))
    if ci == "t":
        low, high = t_interval(value, se, design.df, conf)
    else:
        low, high = interval(ci, value, se, n.astype(float), design.df, conf)
    population = np.concatenate(variances) if variances else np.full(len(value), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        n_eff = np.where(se > 0, population / se**2, np.nan)
    return Estimate(
        keys=pd.concat([part.keys for part in parts], ignore_index=True),
        estimate=value,
        se=se,
        ci_low=low,
        ci_high=high,
        df=design.df,
        n=n,
        n_eff=n_eff,
        vcov=vcov,
        statistic=statistic,
        base="; ".join(dict.fromkeys(part.base for part in parts)),
        ci=ci,
        conf=conf,
        notes=design.notes,
        labels=design.labels([part.name for part in parts]),
    )


def in_words(words: str, about: Variable, design: Design, base: Counted) -> str:
    """Say who is counted."""
    selected = condition(design, base.where)
    asked = "; ".join(f"{of} is {' or '.join(who)}" for of, who in about.asked.items())
    parts = [words, f"where {selected}" if selected else "", f"asked if {asked}" if asked else ""]
    return ", ".join(part for part in parts if part)


def _names(design: Design, variable: str | Sequence[str]) -> list[str]:
    """Return the variables meant: one, several, or the members of a set."""
    if not isinstance(variable, str):
        return list(variable)
    return (
        list(design.codebook.members(variable)) or [variable]
        if variable not in design.columns
        else [variable]
    )
