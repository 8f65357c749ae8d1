"""Parts of an estimate: who is counted, the functional of each variable, and how they are put together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.design.coded import coded_variable
from trustkit.design.sums import Functional
from trustkit.errors import DataError, suggest
from trustkit.estimation.intervals import check_conf, interval, t_interval
from trustkit.estimation.results import Estimate
from trustkit.survey.where import condition

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.intervals import Method
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Base = Literal["valid", "asked"]
KEPT_NAMES = ("variable", "level", "estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff")
"""Columns that every estimate has beside its domains."""

By: TypeAlias = "str | Sequence[str] | None"


@dataclass(frozen=True)
class Counted:
    """Who is counted, as asked for."""

    by: By
    where: Where
    base: Base = "valid"

    def dims(self, design: Design) -> list[tuple[str, tuple[str, ...]]]:
        """Return the domains' variables with their labels."""
        names = (self.by,) if isinstance(self.by, str) else tuple(self.by or ())
        taken = [name for name in names if name in KEPT_NAMES or names.count(name) > 1]
        if taken:
            raise DataError(
                f"by can't hold {taken[0]!r}", got=", ".join(names),
                expected=f"each variable once, and none named {', '.join(KEPT_NAMES)}",
                do="give the column another name, or name it once",
            )  # fmt: skip
        return [(name, coded_variable(design, name).labels) for name in names]


@dataclass(frozen=True, eq=False)
class Part:
    """Estimates of one variable, before their variance."""

    functional: Functional
    n: Ints
    keys: pd.DataFrame
    base: str
    name: str


def share(design: Design, name: str, level: str | None, base: Counted) -> Part:
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


def moment(
    design: Design,
    name: str,
    monomials: Sequence[tuple[str, ...]],
    base: Counted,
    estimate: Callable[[Floats], Floats],
    slopes: Callable[[Floats], Sequence[Floats]],
    *,
    linear: int | None = None,
    centre: Literal["none", "middle"] = "none",
) -> Part:
    """Estimate a function of each domain's sums.

    ``estimate`` maps sums of shape (..., D, q) to (..., D); ``slopes`` maps sums of shape (D, q) to its
    derivatives by the first p of them, each of shape (D,).
    """
    about = [design.variable(part) for part in dict.fromkeys(part for parts in monomials for part in parts)]
    dims = base.dims(design)
    cells = design.cells(dims, monomials, linear=linear, where=base.where, centre=centre)
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
    """Return the domains with at least one respondent.

    Raises
    ------
    DataError
        If there is none.
    """
    kept = np.flatnonzero(n)
    if not len(kept):
        raise DataError(
            "nobody is in the base", got=whom, do="widen where, or check that the question was asked of them"
        )
    return kept


def _nobody(design: Design, base: Counted) -> str:
    """Return the domain and condition in words, for the error if they select no respondent."""
    words = condition(base.where, design.variable)
    names = ", ".join(name for name, _ in base.dims(design))
    return f"where: {words or 'everyone'}; by: {names or 'nothing'}"


def keys_of(
    dims: Sequence[tuple[str, Sequence[str]]], kept: Ints, variable: str, answers: Sequence[str]
) -> pd.DataFrame:
    """Name each estimate: the domain's levels, the variable, the answer."""
    domains = list(product(*(labels for _, labels in dims)))
    rows = [(*domains[place], variable, answer) for place in kept for answer in answers]
    return pd.DataFrame(rows, columns=[*(name for name, _ in dims), "variable", "level"])


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
    return Estimate(
        keys=pd.concat([part.keys for part in parts], ignore_index=True),
        estimate=value,
        se=se,
        ci_low=low,
        ci_high=high,
        df=design.df,
        n=n,
        n_eff=effective_n(population, se),
        vcov=vcov,
        statistic=statistic,
        base="; ".join(dict.fromkeys(part.base for part in parts)),
        ci=ci,
        conf=conf,
        caveats=design.caveats,
        labels=design.labels([part.name for part in parts]),
    )


def effective_n(spread: Floats, se: Floats) -> Floats:
    """Return the size of a simple random sample with these standard errors; NaN where they are not positive.

    Examples
    --------
    >>> effective_n(np.array([4.0, 4.0]), np.array([0.2, 0.0])).round(6).tolist()
    [100.0, nan]
    """
    found: Floats = np.divide(spread, se**2, out=np.full(len(se), np.nan), where=se > 0)
    return found


def in_words(words: str, about: Variable, design: Design, base: Counted) -> str:
    """Return in words who is counted."""
    selected = condition(base.where, design.variable)
    asked = "; ".join(f"{of} is {' or '.join(who)}" for of, who in about.asked.items())
    parts = [words, f"where {selected}" if selected else "", f"asked if {asked}" if asked else ""]
    return ", ".join(part for part in parts if part)


def names_of(design: Design, variable: str | Sequence[str]) -> list[str]:
    """Return the variables meant: one, several, or the members of a set."""
    if not isinstance(variable, str):
        return list(variable)
    return (
        list(design.codebook.members(variable)) or [variable]
        if variable not in design.columns
        else [variable]
    )
