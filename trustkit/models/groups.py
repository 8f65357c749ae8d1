"""One model in each of several groups, with the joint covariance of all coefficients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import VARIABLES, accepts
from trustkit.design.held import beside
from trustkit.design.rows import MemoryRows
from trustkit.display import Shown, show_interval, show_numbers, show_p
from trustkit.errors import DataError, FitError
from trustkit.estimation.assembly import MOST_ESTIMATES
from trustkit.estimation.domains import Domains
from trustkit.estimation.results import Estimate, Numbers, estimate_of
from trustkit.field_kinds import accepts_fields
from trustkit.headings import shown_name, told_apart
from trustkit.models.expressions import Learned
from trustkit.models.fit import FIT, Fit, counted_coefficients
from trustkit.models.glm import (
    GlmModel,
    described,
    glm_of,
    model_influences,
    observed,
    refit_of,
    solved_on,
)
from trustkit.models.observations import Influences, RowObservations
from trustkit.models.slopes import Slopes
from trustkit.survey.where import condition, rows_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.models.observations import Observations
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, repr=False)
class GroupFits(Shown):
    """One model in each of several groups.

    Attributes
    ----------
    fits
        The levels of a group, joined by commas -> its model.
    coefficients
        The coefficients of all groups as an `Estimate`, with their joint covariance. `trustkit.contrast` and
        `trustkit.delta` take it.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1, 2, 4, 3, 6, 7], "age": [2, 3, 4] * 2, "area": list("aaabbb")})
    >>> groups = tk.fit_by_group(tk.glm(tk.Design(frame), "trust ~ age"), "area")
    >>> groups.to_frame()[["area", "term", "estimate"]].round(2)
      area         term  estimate
    0    a  (Intercept)     -2.17
    1    a          age      1.50
    2    b  (Intercept)     -0.67
    3    b          age      2.00
    """

    fits: Mapping[str, Fit]
    coefficients: Estimate

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and coefficients of other models."""
        accepts_fields(self)
        count = sum(len(fit.names) for fit in self.fits.values())
        if count != len(self.coefficients.keys) or not count:
            raise DataError(
                "the coefficients are not those of the models", where="fits, coefficients",
                got=f"{count:,} coefficients of {len(self.fits):,} models",
                expected=f"{len(self.coefficients.keys):,}, at least 1", do="make them with tk.fit_by_group",
            )  # fmt: skip

    @property
    def formula(self) -> str:
        """The formula of all models."""
        return next(iter(self.fits.values())).formula

    @property
    def term_of(self) -> tuple[int, ...]:
        """The place of each coefficient's term in the formula; -1 for intercepts."""
        return tuple(term for fit in self.fits.values() for term in fit.term_of)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group and coefficient, unrounded.

        Returns
        -------
        DataFrame
            The variables of the groups, and the columns of `Fit.to_frame`.
        """
        keys = self.coefficients.keys.drop(columns=["variable", "level"])
        numbers = pd.concat([fit.to_frame() for fit in self.fits.values()], ignore_index=True)
        return pd.concat([keys, numbers], axis=1)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        width = self._parts()[1].shape[1]
        found: list[Counted] = []
        start = 0
        for fit in self.fits.values():
            rows = range(start, start + len(fit.names))
            start = rows.stop
            cells = [[(row, column) for column in range(width - 5, width - 1)] for row in rows]
            bases = [[(row, width - 1)] for row in rows]
            found += counted_coefficients(fit, cells.__getitem__, bases.__getitem__)
        return tuple(found)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        own, frame = self.coefficients, self.to_frame()
        groups = list(own.keys.columns[:-2])
        decimals = own.decimals + 1
        numbers = {
            "coefficient": show_numbers(frame["estimate"], decimals=decimals),
            shown_name("se"): show_numbers(frame["se"], decimals=decimals),
            f"{own.conf:.0%} interval": [
                show_interval(low, high, lambda end: show_numbers([end], decimals=decimals)[0])
                for low, high in zip(frame["ci_low"], frame["ci_high"], strict=True)
            ],
            "p": [show_p(value) for value in frame["p_value"]],
            "n": [f"{count:,}" for count in frame["n"]],
        }
        table = pd.DataFrame({name: frame[name].astype(str) for name in groups})
        table.columns = pd.Index(told_apart([own.label(str(name)) for name in groups], ["term", *numbers]))
        table = table.assign(term=list(frame["label"]), **numbers)
        notes = [f"Base: {own.base}.", *own.remarks]
        for name, fit in self.fits.items():
            notes += [f"{name}: {note}" for note in fit.notes if note not in own.notes]
        return next(iter(self.fits.values())).method, table, notes


def fit_by_group(fit: Fit, by: str | Sequence[str]) -> GroupFits:
    """Fit a model again in each group of respondents, with the joint covariance of all coefficients.

    Parameters
    ----------
    fit
        A model of `glm`. Its formula, family, link, offset, domain and coverage are used in each group.
    by
        The variable whose levels are the groups, or several, which are crossed; none is in the model.

    Returns
    -------
    GroupFits
        The model of each group that has respondents. Its numbers are those of `glm` with ``where`` for the
        group.

    Raises
    ------
    FitError
        As `glm`, with the name of the group that has no such model; a variable of the model in ``by``; a
        model that `glm` did not make.

    Notes
    -----
    Groups that share PSUs, or a calibration, have correlated coefficients. The joint covariance is the one
    of a model in which every term interacts with the groups, so `contrast` compares groups correctly; its
    degrees of freedom are those of the compared groups together, plus 1, less all their coefficients. To
    test whether a term differs between groups, use `term_test` with the interaction in one model.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1, 2, 4, 3, 6, 7], "age": [2, 3, 4] * 2, "area": list("aaabbb")})
    >>> groups = tk.fit_by_group(tk.glm(tk.Design(frame), "trust ~ age"), "area")
    >>> tk.contrast(groups, {"b, age": 1, "a, age": -1}).estimate.round(6).tolist()
    [0.5]
    """
    accepts(fit=(fit, FIT), by=(by, VARIABLES))
    model = glm_of(fit, "fit_by_group")
    design, coding, domains = model.design, model.coding, model.domains
    groups = Domains.of(design, by, domains.rows)
    levels = dict(groups.dims)
    both = [name for name in levels if name in (*coding.variables, *model.response.target.variables)]
    if both:
        raise FitError(
            f"{both[0]} is in the model and in by", where=fit.formula,
            do="leave it out of the formula: its coefficient can't be estimated inside a group",
        )  # fmt: skip
    every = observed(design, coding, levels | coding.levels, model.response, domains.rows)
    shape = tuple(len(own) for own in levels.values())
    place = np.ravel_multi_index([every.predictors.codes[name] for name in levels], shape)
    held = np.flatnonzero(np.bincount(place, every.weights, minlength=int(np.prod(shape))) > 0)
    if len(held) * len(fit.names) > MOST_ESTIMATES:
        raise FitError(
            "there are too many coefficients in one call", got=f"{len(held) * len(fit.names):,}",
            expected=f"at most {MOST_ESTIMATES:,}", do="merge groups, or choose some with where",
        )  # fmt: skip
    names = list(product(*levels.values()))
    parts = [
        _Part(
            place == group,
            _solved_in(model, every.part(place == group), dict(zip(levels, names[group], strict=True))),
        )
        for group in held
    ]
    vcov = _joint_covariance(every, parts)
    asked = design.sums(design.cells(list(levels.items()), where=domains.rows))
    width, fits = len(fit.names), dict[str, Fit]()
    for number, (group, part) in enumerate(zip(held, parts, strict=True)):
        own = slice(number * width, (number + 1) * width)
        of_group = (int(asked.count[group]), float(asked.total[group, 0]))
        fits[", ".join(names[group])] = described(part.model, vcov[own, own], of_group, fit.coefficients.conf)
    keys = pd.DataFrame(
        [(*names[group], name, "") for group in held for name in fit.names],
        columns=[*levels, "variable", "level"],
    )
    return GroupFits(fits, _together(fit, list(fits.values()), keys, vcov, groups))


@dataclass(frozen=True, eq=False)
class _Part:
    """The model of a group, and which observations of all groups are its own, shape (u,)."""

    inside: Bools
    model: GlmModel


def _solved_in(model: GlmModel, observations: Observations, group: dict[str, str]) -> GlmModel:
    """Return the model of a group; an error names the group."""
    design, domains = model.design, model.domains
    words = condition(group, design.variable)
    own = replace(
        domains,
        rows=_rows_of(model, group),
        words=" and ".join(filter(None, [domains.words, words])),
        conditions=(*domains.conditions, *group),
    )
    coding = replace(model.coding, learned=Learned())
    try:
        return solved_on(design, own, model.formula, coding, model.response, observations)
    except FitError as error:
        raise FitError(
            error.what, where=", ".join(filter(None, [error.where, f"where {words}"])), got=error.got,
            expected=error.expected, faults=error.faults,
            do="; ".join(filter(None, [error.do, "or leave this group out of the first model with where"])),
        ) from error  # fmt: skip


def _rows_of(model: GlmModel, group: dict[str, str]) -> Where:
    """Return the rows of a group of the model's domain, as `Design.cells` takes them."""
    rows, design = model.domains.rows, model.design
    if isinstance(design.rows, MemoryRows):
        parts = [rows_where(where, design.data, design.variable) for where in (rows, group)]
        inside = np.logical_and.reduce([part for part in parts if part is not None])
        return pd.Series(inside, index=design.data.index)
    # an engine's rows were summed already, and nothing reads them again
    return {**rows, **group} if isinstance(rows, Mapping) else rows


def _joint_covariance(every: Observations, parts: Sequence[_Part]) -> Floats:
    """Return the covariance of the coefficients of all groups; a respondent is in one group only."""
    own = [model_influences(part.model) for part in parts]
    width = own[0].constant.shape[1]
    values, mean = (
        np.zeros((every.predictors.size, width * len(parts)), order="F"),
        np.zeros(every.predictors.size),
    )
    # what rows add is known; in cells, it still depends on each respondent's outcome
    by_outcome = not isinstance(every, RowObservations) and own[0].slope is not None
    for number, (part, influences) in enumerate(zip(parts, own, strict=True)):
        columns = slice(number * width, (number + 1) * width)
        if by_outcome and influences.slope is not None:
            values[part.inside, columns] = influences.slope.full
            mean[part.inside] = influences.mean
        else:
            values[part.inside, columns] = influences.of_outcomes(part.model.observations.outcome)
    inside = None
    if parts[0].model.design.sample.counts_by_domain:
        inside = np.repeat(np.column_stack([part.inside for part in parts]), width, axis=1)
    joint = Influences(values, inside=inside)
    if by_outcome:
        slopes = Slopes(values, np.ones(len(values)), np.eye(values.shape[1]))
        joint = Influences(np.zeros((1, values.shape[1])), slopes, mean, inside)
    refits = [(part.inside, refit_of(part.model)) for part in parts]

    def refit(weights: Floats, outcome: Floats) -> Floats:
        return np.concatenate([again(weights[inside], outcome[inside]) for inside, again in refits])

    return every.covariance(joint, refit)


def _together(fit: Fit, fits: Sequence[Fit], keys: pd.DataFrame, vcov: Floats, groups: Domains) -> Estimate:
    """Return the coefficients of all groups as one estimate."""
    own = [one.coefficients for one in fits]
    held = [
        # the groups share no respondents
        replace(part, label=np.full(len(part.label), number))
        for number, one in enumerate(own)
        for part in one.held
    ]
    shared = set.intersection(*(set(one.notes) for one in own))
    numbers = Numbers(
        keys=keys,
        value=np.concatenate([one.estimate for one in own]),
        vcov=vcov,
        n=np.concatenate([one.n for one in own]),
        held=(beside(held),),
        unit="number",
    )
    model = glm_of(fit, "fit_by_group")
    return estimate_of(
        numbers,
        statistic="coefficient",
        base=fit.base,
        conf=fit.coefficients.conf,
        notes=(*(note for note in own[0].notes if note in shared), *groups.notes),
        caveats=model.design.caveats_about(
            *model.coding.variables, *model.response.target.variables, *groups.names, *model.domains.names
        ),
        labels={**model.design.headings(keys.columns[:-2]), **fit.coefficients.labels},
    )
