"""Parts of an estimate: the functional of each variable, and how they are put together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from trustkit.counted import MOST_VALUES, NUMBERS, VALUE, Counted, ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import Held, beside, held_by
from trustkit.design.rows import MemoryRows
from trustkit.design.sums import Functional
from trustkit.display import show_number
from trustkit.errors import DataError
from trustkit.estimation.results import NOBODY, Estimate, Numbers, estimate_of
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.sums import AnyCells, Cells, Sums
    from trustkit.estimation.domains import Domains
    from trustkit.estimation.intervals import IntervalMethod
    from trustkit.units import Unit

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_ESTIMATES = 5_000
"""More estimates of one variable in a call are refused: the covariance of m estimates holds m x m numbers."""

OF_POPULATION = "The weights sum to {}, so these are numbers of a population of that size."

Assembled = Literal[
    "proportion", "item nonresponse", "net", "difference of shares", "mean", "total", "ratio", "variance",
    "correlation",
]  # fmt: skip
"""The statistics that `assemble` makes."""

UNITS: dict[Assembled, Unit] = {
    "proportion": "share", "item nonresponse": "share", "net": "points", "difference of shares": "points",
    "mean": "number", "total": "number", "ratio": "number", "variance": "number", "correlation": "number",
}  # fmt: skip
"""Statistic -> the unit of its estimates."""


@dataclass(frozen=True, eq=False)
class Part:
    """Estimates of one variable, before their variance.

    Attributes
    ----------
    functional, n, held
        The estimates as a function of sums, and the respondents and PSUs of each one's domain.
    keys, base, name, rests_on
        The estimates' names, who is counted in words, the variable, and all variables that are used.
    notes
        Which rows and groups are left out, in words.
    counted
        The unweighted respondents by group and answer, if they are known.
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
    notes: tuple[str, ...] = ()
    counted: Counted | None = None


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
        raise DataError(f"{name} has no answer {level!r}", do=suggest_answer(level, levels, about))
    cells = design.cells([*domains.dims, (name, levels)], where=domains.rows)
    sums = design.sums(cells)
    width = len(levels)
    wanted = list(range(width)) if level is None else [levels.index(level)]
    n = sums.count.reshape(-1, width).sum(axis=1)
    nonempty = domains.nonempty(n, name)
    refuse_too_many(len(nonempty), len(wanted), name, domains)
    functional, base_mass = shares_of_cells(cells, sums, np.eye(width)[:, wanted], nonempty, of=of)
    words = (
        "substantive answers" if domains.base == "valid" else "everyone asked, with don't know and refused"
    )
    rows = np.repeat(nonempty, len(wanted))
    return Part(
        functional,
        n[rows],
        domains.keys(nonempty, name, [levels[place] for place in wanted]),
        domains.counted(words, about, design.called),
        name,
        held_by(design.sample, cells, sums, np.arange(cells.size) // width, rows),
        (name, *domains.names),
        np.repeat(base_mass, len(wanted)),
        notes=domains.notes,
        counted=domains.respondents(
            nonempty,
            name,
            sums.count.reshape(-1, width),
            levels,
            [ShownCount(0, levels[place], (levels[place],)) for place in wanted],
        ),
    )


def shares_of_cells(
    cells: AnyCells, sums: Sums, answer: Floats, nonempty: Ints, *, of: Literal["share", "count"] = "share"
) -> tuple[Functional, Floats]:
    """Return the shares of answers in each domain, or their weight, and the domains' sums of weights.

    Parameters
    ----------
    cells, sums
        The crossing of the domains with the answers, the answers last, and its sums.
    answer
        Shape (a, k): which of the a answers each of the k estimates of a domain counts.
    nonempty
        The places of the domains that are estimated.
    of
        What is estimated.
    """
    width, count = answer.shape

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0].reshape(*first.shape[:-2], -1, width)[..., nonempty, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = mass @ answer / (mass.sum(axis=-1, keepdims=True) if of == "share" else 1.0)
        flat: Floats = shares.reshape(*first.shape[:-2], -1)
        return flat

    base_mass: Floats = sums.total[:, 0].reshape(-1, width)[nonempty].sum(axis=1)
    p = estimate(sums.total).reshape(len(nonempty), -1)
    gradient = np.zeros((cells.size // width, width, len(nonempty), count))
    if sums.count.any():
        gradient[nonempty, :, np.arange(len(nonempty)), :] = (
            (answer - p[:, None]) / base_mass[:, None, None] if of == "share" else answer
        )
    return Functional(cells, sums, estimate, gradient.reshape(cells.size, 1, -1)), base_mass


def refuse_too_many(groups: int, answers: int, name: str, domains: Domains) -> None:
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
    refuse_too_many(len(nonempty), 1, name, domains)
    gradient = np.zeros((cells.size, cells.linear, len(nonempty)))
    for place, slope in enumerate(slopes(sums.total[nonempty]) if sums.count.any() else ()):
        gradient[nonempty, place, np.arange(len(nonempty))] = slope
    return Part(
        Functional(cells, sums, lambda first: estimate(first[..., nonempty, :]), gradient),
        sums.count[nonempty],
        domains.keys(nonempty, name, [""]),
        domains.counted("answers with a number", about[0], design.called),
        name,
        held_by(design.sample, cells, sums, np.arange(cells.size), nonempty),
        (*(item.name for item in about), *domains.names),
        notes=domains.notes,
        counted=domains.respondents(
            nonempty, name, sums.count[:, None], [NUMBERS], [ShownCount(0, "", (NUMBERS,))]
        ),
    )


def with_scores(part: Part, design: Design, domains: Domains) -> Part:
    """Return a statistic of scores or numbers, which also knows who gave which answer or has which amount."""
    about = design.variable(part.name)
    if part.counted is None:
        return part
    if about.kind not in CODED:
        return with_amounts(part, design, domains)
    scoring = about.scoring
    if not isinstance(design.rows, MemoryRows):
        return replace(part, counted=part.counted.scored(scoring))
    groups = design.rows_in(domains.dims, where=domains.rows)
    answer = design.codes(part.name, list(scoring))
    counts = _counts_of(groups.codes, answer, (groups.size, len(scoring)))
    places = domains.nonempty(counts.sum(axis=1), part.name)
    return replace(part, counted=part.counted.scored(scoring, counts[places]))


def _counts_of(groups: NDArray[np.integer[Any]], answers: Ints, shape: tuple[int, int]) -> Ints:
    """Return the respondents of each answer in each group; shape (groups, answers)."""
    inside = (groups < shape[0]) & (answers >= 0)
    place = groups[inside].astype(np.intp) * shape[1] + answers[inside]
    return np.bincount(place, minlength=shape[0] * shape[1]).reshape(shape)


def with_amounts(part: Part, design: Design, domains: Domains) -> Part:
    """Return a part that also knows how much of each domain's weighted sum is of one or two respondents.

    Of a number with few different values, such as 0 and 1, it knows who has which: its sum tells that. An
    engine does not tell; numbers below 0 are no amounts.
    """
    if part.counted is None or not isinstance(design.rows, MemoryRows):
        return part
    cells = design.rows_in(domains.dims, [(part.name,)], where=domains.rows)
    counted = _with_values(part.counted, part.name, cells, domains)
    inside = (cells.codes < cells.size) & (design.weights > 0)
    (values,) = (column[inside] for column in cells.columns)
    if not len(values) or values.min() < 0:
        return replace(part, counted=counted)
    codes, own = cells.codes[inside], values * design.weights[inside]
    total = np.bincount(codes, own, minlength=cells.size)
    largest = np.zeros((2, cells.size))
    for place in (0, 1):
        np.maximum.at(largest[place], codes, own)
        rows = np.flatnonzero(own == largest[place][codes])
        _, first = np.unique(codes[rows], return_index=True)
        own = own.copy()
        own[rows[first]] = 0.0
    places = domains.nonempty(np.bincount(codes, minlength=cells.size), part.name)
    amounts = np.column_stack([total, *largest])[places]
    if len(amounts) == len(counted.groups):
        counted = replace(counted, amounts=amounts)
    return replace(part, counted=counted)


def _with_values(counted: Counted, name: str, cells: Cells, domains: Domains) -> Counted:
    """Return the respondents of each value of a number, if it has few different values."""
    inside = cells.codes < cells.size
    own = cells.columns[0][inside]
    values = np.unique(own[: 100 * MOST_VALUES])
    values = values if len(values) > MOST_VALUES else np.unique(own)
    if len(values) > MOST_VALUES:
        return counted
    place = np.where(inside, np.searchsorted(values, cells.columns[0]), -1)
    counts = _counts_of(cells.codes, np.minimum(place, len(values) - 1), (cells.size, len(values)))
    places = domains.nonempty(counts.sum(axis=1), name)
    if len(places) != len(counted.groups):
        return counted
    scores = {f"{VALUE}{number}": float(value) for number, value in enumerate(values, 1)}
    return counted.scored(scores, counts[places])


def refuse_nobody(parts: Sequence[Part], domains: Domains) -> None:
    """Refuse variables of which nobody answered any.

    Raises
    ------
    DataError
        If no part has a respondent.
    """
    if not any(part.n.any() for part in parts):
        raise domains.empty(", ".join(part.name for part in parts))


def assemble(
    design: Design,
    parts: Sequence[Part],
    statistic: Assembled,
    conf: float,
    *,
    variances: Sequence[Floats] = (),
    ci: IntervalMethod | Literal["t"] = "t",
) -> Estimate:
    """Put estimates together with their covariance, intervals and words."""
    n = np.concatenate([part.n for part in parts])
    value = np.concatenate([part.functional.value for part in parts])
    vcov = design.covariance(*(part.functional for part in parts))
    value[n == 0], vcov[n == 0], vcov[:, n == 0] = np.nan, np.nan, np.nan
    numbers = Numbers(
        keys=pd.concat([part.keys for part in parts], ignore_index=True),
        value=value,
        vcov=vcov,
        n=n,
        held=(beside([part.held for part in parts]),),
        spread=np.concatenate(variances) if variances else None,
        reasons=tuple("" if count else NOBODY for count in n),
        unit=UNITS[statistic],
    )
    notes = list(dict.fromkeys(note for part in parts for note in part.notes))
    if statistic == "total":
        notes.append(OF_POPULATION.format(show_number(sum_of_weights(design))))
    return estimate_of(
        numbers,
        statistic=statistic,
        base="; ".join(dict.fromkeys(part.base for part in parts)),
        conf=conf,
        ci=ci,
        notes=tuple(notes),
        caveats=design.caveats_about(*(name for part in parts for name in part.rests_on)),
        labels={
            **design.headings([name for part in parts for name in part.rests_on]),
            **design.labels([part.name for part in parts]),
        },
        counted=tuple(part.counted for part in parts if part.counted is not None),
    )


def sum_of_weights(design: Design) -> float:
    """Return the sum of all weights: the size of the population that totals and counts are of."""
    if isinstance(design.rows, MemoryRows):
        return float(design.weights.sum())
    return float(design.sums(design.cells(())).total[0, 0])


def names_of(design: Design, variable: str | Sequence[str]) -> list[str]:
    """Return the names of the variables: the one given, those listed, or the members of a set."""
    if not isinstance(variable, str):
        return list(variable)
    return (
        list(design.codebook.members(variable)) or [variable]
        if variable not in design.columns
        else [variable]
    )
