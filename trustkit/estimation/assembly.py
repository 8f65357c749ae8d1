"""Parts of an estimate: its domains, the functional of each variable, and how they are put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.design.coded import coded_variable
from trustkit.design.held import Held, beside, held_by
from trustkit.design.rows import MemoryRows
from trustkit.design.sums import Functional
from trustkit.errors import DataError, suggest
from trustkit.estimation.results import Estimate, Numbers, estimate_of
from trustkit.survey.where import condition, rows_where

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
KEPT_NAMES = ("variable", "level", "estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff", "reason")
"""Columns that every estimate has besides its domains."""

MOST_ESTIMATES = 5_000
"""More estimates of one variable in a call are refused: the covariance of m estimates holds m x m numbers."""

By: TypeAlias = "str | Sequence[str] | None"


@dataclass(frozen=True, eq=False)
class Domains:
    """Who is counted, resolved once for a call: dimensions, rows, and both in words.

    Attributes
    ----------
    dims
        The domains' variables with their labels.
    rows
        Which rows are counted, as `Design.cells` takes them.
    words
        The condition on the rows in words; empty if all are counted.
    base
        Whether don't know and refused stay in the denominator.
    conditions
        The variables that the condition on the rows names; empty for a boolean Series.
    """

    dims: tuple[tuple[str, tuple[str, ...]], ...]
    rows: Where
    words: str
    base: Base = "valid"
    conditions: tuple[str, ...] = ()

    @classmethod
    def of(cls, design: Design, by: By, where: Where, base: Base = "valid") -> Domains:
        """Resolve what a user asked for.

        Raises
        ------
        DataError
            A name in ``by`` that is a column of every estimate, or an unknown variable or level.
        """
        names = (by,) if isinstance(by, str) else tuple(by or ())
        taken = [name for name in names if name in KEPT_NAMES or names.count(name) > 1]
        if taken:
            raise DataError(
                f"by can't contain {taken[0]!r}", got=", ".join(names),
                expected=f"each variable once, and none named {', '.join(KEPT_NAMES)}",
                do="give the column another name, or name it once",
            )  # fmt: skip
        dims = tuple((name, coded_variable(design, name).labels) for name in names)
        words, rows = condition(where, design.variable), where
        if isinstance(where, Mapping) and isinstance(design.rows, MemoryRows):
            rows = pd.Series(rows_where(where, design.data, design.variable), index=design.data.index)
        conditions = tuple(where) if isinstance(where, Mapping) else ()
        return cls(dims, rows, words, base, conditions)

    def nonempty(self, n: Ints, name: str) -> Ints:
        """Return the places of the domains in which somebody answered a question.

        Raises
        ------
        DataError
            If nobody did.
        """
        places = np.flatnonzero(n)
        if not len(places):
            by = ", ".join(name for name, _ in self.dims)
            raise DataError(
                f"nobody is in the base of {name}",
                got=f"where: {self.words or 'everyone'}; by: {by or 'nothing'}",
                do="leave the variable out, widen where, or check that these respondents were asked",
            )  # fmt: skip
        return places

    def keys(self, places: Ints, variable: str, answers: Sequence[str]) -> pd.DataFrame:
        """Return the names of each estimate: its domain's levels, the variable, the answer."""
        domains = list(product(*(labels for _, labels in self.dims)))
        rows = [(*domains[place], variable, answer) for place in places for answer in answers]
        return pd.DataFrame(rows, columns=[*(name for name, _ in self.dims), "variable", "level"])

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that ``by`` and ``where`` name."""
        return (*(name for name, _ in self.dims), *self.conditions)

    def counted(self, answers: str, about: Variable, called: Callable[[str], str]) -> str:
        """Return in words who is counted: the respondents with these answers, in the chosen rows."""
        asked = " and ".join(f"{called(of)} is {' or '.join(who)}" for of, who in about.asked.items())
        parts = [answers, f"where {self.words}" if self.words else "", f"asked if {asked}" if asked else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, eq=False)
class Part:
    """Estimates of one variable, before their variance.

    Attributes
    ----------
    functional, n, held
        The estimates as a function of sums, and the respondents and PSUs of each one's domain.
    keys, base, name, rests_on
        The estimates' names, who is counted in words, the variable, and all variables that are used.
    mass
        Shape (m,): the sum of weights in the base of each share or count.
    """

    functional: Functional
    n: Ints
    keys: pd.DataFrame
    base: str
    name: str
    held: Held
    rests_on: tuple[str, ...] = ()
    mass: Floats | float = np.nan


def share(
    design: Design,
    name: str,
    level: str | None,
    domains: Domains,
    *,
    of: Literal["share", "count"] = "share",
) -> Part:
    """Estimate the shares of one variable's answers, or the weight of the respondents who gave them."""
    about = coded_variable(design, name)
    levels = about.labels if domains.base == "valid" else about.asked_labels
    if level is not None and level not in levels:
        raise DataError(f"{name} has no answer {level!r}", do=suggest(level, levels))
    cells = design.cells([*domains.dims, (name, levels)], where=domains.rows)
    sums = design.sums(cells)
    width = len(levels)
    wanted = list(range(width)) if level is None else [levels.index(level)]
    n = sums.count.reshape(-1, width).sum(axis=1)
    nonempty = domains.nonempty(n, name)
    _refuse_too_many(len(nonempty), len(wanted), name, domains)

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0].reshape(*first.shape[:-2], -1, width)[..., nonempty, :]
        shares = mass[..., wanted] / (mass.sum(axis=-1, keepdims=True) if of == "share" else 1.0)
        flat: Floats = shares.reshape(*first.shape[:-2], -1)
        return flat

    base_mass = sums.total[:, 0].reshape(-1, width)[nonempty].sum(axis=1)
    p = estimate(sums.total).reshape(len(nonempty), -1)
    gradient = np.zeros((len(n), width, len(nonempty), len(wanted)))
    each = np.arange(len(nonempty))
    answer = np.eye(width)[:, wanted]
    gradient[nonempty, :, each, :] = (
        (answer - p[:, None]) / base_mass[:, None, None] if of == "share" else answer
    )
    words = (
        "substantive answers" if domains.base == "valid" else "everyone asked, with don't know and refused"
    )
    rows = np.repeat(nonempty, len(wanted))
    return Part(
        Functional(cells, sums, estimate, gradient.reshape(cells.size, 1, -1)),
        n[rows],
        domains.keys(nonempty, name, [levels[place] for place in wanted]),
        domains.counted(words, about, design.called),
        name,
        held_by(design.sample, cells, sums, np.arange(cells.size) // width, rows),
        (name, *domains.names),
        np.repeat(base_mass, len(wanted)),
    )


def _refuse_too_many(groups: int, answers: int, name: str, domains: Domains) -> None:
    """Refuse estimates whose covariance would not fit into memory.

    Raises
    ------
    DataError
        If one variable has more than ``MOST_ESTIMATES`` estimates.
    """
    if groups * answers <= MOST_ESTIMATES:
        return
    by = ", ".join(of for of, _ in domains.dims)
    raise DataError(
        f"too many estimates of {name} in one call",
        got=f"{groups * answers:,}: {answers:,} in each of {groups:,} groups{f' of {by}' if by else ''}",
        expected=f"at most {MOST_ESTIMATES:,}, as the covariance of all estimates is kept",
        do="merge levels into larger ones, choose one answer with level, or choose groups with where",
    )


def moment(
    design: Design,
    name: str,
    monomials: Sequence[tuple[str, ...]],
    domains: Domains,
    estimate: Callable[[Floats], Floats],
    slopes: Callable[[Floats], Sequence[Floats]],
    *,
    linear: int | None = None,
    centre: Literal["none", "middle"] = "none",
) -> Part:
    """Estimate a function of each domain's sums.

    ``estimate`` maps sums of shape (..., D, q) to (..., D); ``slopes`` maps sums of shape (D, q) to its
    derivatives with respect to the first p sums, each of shape (D,).
    """
    about = [design.variable(part) for part in dict.fromkeys(part for parts in monomials for part in parts)]
    cells = design.cells(domains.dims, monomials, linear=linear, where=domains.rows, centre=centre)
    sums = design.sums(cells)
    nonempty = domains.nonempty(sums.count, name)
    _refuse_too_many(len(nonempty), 1, name, domains)
    gradient = np.zeros((cells.size, cells.linear, len(nonempty)))
    for place, slope in enumerate(slopes(sums.total[nonempty])):
        gradient[nonempty, place, np.arange(len(nonempty))] = slope
    return Part(
        Functional(cells, sums, lambda first: estimate(first[..., nonempty, :]), gradient),
        sums.count[nonempty],
        domains.keys(nonempty, name, [""]),
        domains.counted("answers with a number", about[0], design.called),
        name,
        held_by(design.sample, cells, sums, np.arange(cells.size), nonempty),
        (*(item.name for item in about), *domains.names),
    )


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
    numbers = Numbers(
        keys=pd.concat([part.keys for part in parts], ignore_index=True),
        value=np.concatenate([part.functional.value for part in parts]),
        vcov=design.covariance(*(part.functional for part in parts)),
        n=np.concatenate([part.n for part in parts]),
        held=(beside([part.held for part in parts]),),
        spread=np.concatenate(variances) if variances else None,
    )
    return estimate_of(
        numbers,
        statistic=statistic,
        base="; ".join(dict.fromkeys(part.base for part in parts)),
        conf=conf,
        ci=ci,
        caveats=design.caveats_about(*(name for part in parts for name in part.rests_on)),
        labels={
            **design.headings([name for part in parts for name in part.rests_on]),
            **design.labels([part.name for part in parts]),
        },
    )


def names_of(design: Design, variable: str | Sequence[str]) -> list[str]:
    """Return the names of the variables: the one given, those listed, or the members of a set."""
    if not isinstance(variable, str):
        return list(variable)
    return (
        list(design.codebook.members(variable)) or [variable]
        if variable not in design.columns
        else [variable]
    )
