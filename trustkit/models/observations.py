"""The observations of a model: rows, or cells of rows that share all values.

A model whose predictors are all coded by levels needs only the cells of their cross-classification, so it is
fitted on these, also where the rows are in an engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, Protocol

import numpy as np

from trustkit.design.held import Held, held_by
from trustkit.design.rows import MemoryRows, refuse_nominal
from trustkit.design.sums import Cells, Functional
from trustkit.errors import FitError
from trustkit.models.coding import Values
from trustkit.models.expressions import Column, Learned, columns_in, evaluate
from trustkit.survey.where import rows_where

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.sums import AnyCells, Sums
    from trustkit.models.expressions import Expression
    from trustkit.models.slopes import Slopes
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Refit = Callable[[Floats, Floats], Floats]

MOST_CELLS = 50_000
MOST_SUMS = 10_000_000
"""With more cells, or sums over groups and cells, a model is fitted on rows."""


@dataclass(frozen=True)
class Target:
    """The outcome of a model.

    Attributes
    ----------
    name
        The variable, or the text of the expression.
    levels
        The answers that count, whose places are the outcome; empty: the outcome is a number.
    expression
        The number; None for answers.
    """

    name: str
    levels: tuple[str, ...] = ()
    expression: Expression | None = None

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the outcome."""
        return (self.name,) if self.expression is None else columns_in(self.expression)


@dataclass(frozen=True, eq=False)
class Influences:
    """What a respondent of each observation adds to m estimates, per unit of weight.

    Attributes
    ----------
    constant
        Shape (u, m), or (1, m) if it is the same everywhere: what does not depend on the outcome.
    slope
        What is multiplied by the outcome less its mean; None: no part depends on the outcome.
    mean
        Shape (u,): the mean of the outcome by the model; it is used with ``slope``.
    inside
        Shape (u, m): the observations in the domain of each estimate; None: all of them.
    """

    constant: Floats
    slope: Slopes | None = None
    mean: Floats | None = None
    inside: NDArray[np.bool_] | None = None

    def of_outcomes(self, outcome: Floats) -> Floats:
        """Return what respondents with some outcomes add, shape (u, m)."""
        if self.slope is None:
            return self.constant
        added = self.slope.times(outcome, self.mean)
        if self.constant.any():
            added += self.constant
        return added

    def from_mean(self, outcome: Floats) -> Floats:
        """Return outcomes less their means by the model, shape (u,)."""
        return outcome if self.mean is None else outcome - self.mean

    def combined(self, turn: Floats, added: Floats) -> Influences:
        """Return the influences on combinations of the estimates, of shape (m, k), and what they add."""
        slope = None if self.slope is None else self.slope.turned(turn)
        return Influences(added + self.constant @ turn, slope, self.mean)


class Observations(Protocol):
    """What a model is fitted on: `RowObservations`, `CellObservations` or `MomentObservations`."""

    @property
    def predictors(self) -> Values:
        """The values of the predictors."""

    @property
    def outcome(self) -> Floats:
        """The outcome, or the mean outcome of a cell, or the place of its answer; shape (u,)."""

    @property
    def weights(self) -> Floats:
        """The weights, shape (u,)."""

    @property
    def respondents(self) -> Floats:
        """The respondents with a positive weight in each observation, shape (u,)."""

    @property
    def n(self) -> int:
        """Respondents with a positive weight."""

    def part(self, inside: NDArray[np.bool_]) -> Observations:
        """Return some observations, as those of a smaller domain; ``inside`` has shape (u,)."""

    def held(self, count: int) -> Held:
        """Return the PSUs and respondents of the model's domain, for some number of estimates."""

    def covariance(self, influences: Influences, refit: Refit) -> Floats:
        """Return the covariance of estimates on the design, shape (m, m).

        Parameters
        ----------
        influences
            What respondents add to the estimates.
        refit
            Maps weights and outcomes, both of shape (u,), to the estimates.
        """

    def spread(self) -> Floats:
        """Return the weighted variance of the outcome inside each observation, shape (u,)."""

    def single_outcomes(self) -> Floats:
        """Return the outcomes of respondents with a positive weight, to check them.

        An engine gives the means of cells; where their squares show that all outcomes are 0 or 1, both.
        """


@dataclass(frozen=True, eq=False)
class RowObservations:
    """Rows in memory that have all variables of a model.

    Attributes
    ----------
    design
        The design.
    inside
        Shape (n,): the rows of the model.
    predictors, outcome
        Their values.
    """

    design: Design
    inside: NDArray[np.bool_]
    predictors: Values
    outcome: Floats

    @property
    def weights(self) -> Floats:
        """The weights of the rows inside."""
        return self._of(self.design.weights)

    @property
    def respondents(self) -> Floats:
        """One for each row with a positive weight."""
        return np.asarray(self.weights > 0, dtype=float)

    @property
    def n(self) -> int:
        """Rows with a positive weight."""
        return int((self.weights > 0).sum())

    def part(self, inside: NDArray[np.bool_]) -> RowObservations:
        """Return some of the rows."""
        rows = self.inside.copy()
        rows[rows] = inside
        return RowObservations(self.design, rows, self.predictors.part(inside), self.outcome[inside])

    def _of(self, column: Floats) -> Floats:
        return column if self.predictors.size == len(column) else column[self.inside]

    def held(self, count: int) -> Held:
        """Return the PSUs and respondents of the model's domain."""
        cells = Cells((~self.inside).astype(np.int8), 1)
        return held_by(
            self.design.sample, cells, self.design.sums(cells), np.zeros(1, dtype=np.intp), [0] * count
        )

    def covariance(self, influences: Influences, refit: Refit) -> Floats:
        """Return the covariance of estimates on the design."""
        values = own = influences.of_outcomes(self.outcome)
        if self.predictors.size < len(self.inside):
            values = np.zeros((len(self.inside), own.shape[1]), order="F")
            values[self.inside] = own
        inside = self.inside
        if influences.inside is not None:
            inside = np.zeros(values.shape, dtype=bool)
            inside[self.inside] = influences.inside
        return self.design.covariance_of(
            values, inside=inside, refit=lambda weights: refit(self._of(weights), self.outcome)
        )

    def spread(self) -> Floats:
        """Return 0: a row has one outcome."""
        return np.broadcast_to(0.0, self.outcome.shape)

    def single_outcomes(self) -> Floats:
        """Return the outcomes of respondents with a positive weight."""
        counted = self.weights > 0
        return self.outcome if counted.all() else self.outcome[counted]


@dataclass(frozen=True, eq=False)
class CellObservations:
    """Cells of rows that share all values, in memory or in an engine.

    Attributes
    ----------
    design
        The design.
    cells, sums
        All cells of the cross-classification, and their sums.
    used
        Shape (u,): the cells that hold respondents.
    predictors
        The values of the predictors there.
    places
        Shape (u,): the place of the outcome's answer; None if it is a number.
    """

    design: Design
    cells: AnyCells
    sums: Sums
    used: Ints
    predictors: Values
    places: Floats | None

    @property
    def outcome(self) -> Floats:
        """The place of the answer, or the mean of the number."""
        return self._outcome_of(self.sums.total)

    def _outcome_of(self, total: Floats) -> Floats:
        if self.places is not None:
            return self.places
        mass, sums = total[self.used, 0], total[self.used, 1]
        (centre,) = self.cells.centres
        means: Floats = centre + np.divide(sums, mass, out=np.full_like(sums, 1 - centre), where=mass > 0)
        return means

    @property
    def weights(self) -> Floats:
        """The sum of weights in each cell."""
        return np.asarray(self.sums.total[self.used, 0], dtype=float)

    @property
    def respondents(self) -> Floats:
        """The respondents of each cell."""
        return np.asarray(self.sums.count[self.used], dtype=float)

    @property
    def n(self) -> int:
        """Respondents with a positive weight."""
        return int(self.sums.count[self.used].sum())

    def part(self, inside: NDArray[np.bool_]) -> CellObservations:
        """Return some of the cells."""
        places = None if self.places is None else self.places[inside]
        return replace(self, used=self.used[inside], predictors=self.predictors.part(inside), places=places)

    def held(self, count: int) -> Held:
        """Return the PSUs and respondents of the model's domain."""
        return held_in_cells(self.design, self.cells, self.sums, self.used, count)

    def covariance(self, influences: Influences, refit: Refit) -> Floats:
        """Return the covariance of estimates on the design."""
        gradient = np.zeros((self.cells.size, self.cells.linear, influences.constant.shape[1]))
        at = self.places
        if at is None:
            at = np.full(len(self.used), self.cells.centres[0])
            if influences.slope is not None:
                gradient[self.used, 1] = influences.slope.full
        gradient[self.used, 0] = influences.of_outcomes(at)

        def estimate(first: Floats) -> Floats:
            tables = first.reshape(-1, *first.shape[-2:])
            again = [refit(table[self.used, 0], self._outcome_of(table)) for table in tables]
            return np.array(again).reshape(*first.shape[:-2], -1)

        inside = cells_inside(self.cells, self.used, influences)
        return self.design.covariance(Functional(self.cells, self.sums, estimate, gradient, inside))

    def spread(self) -> Floats:
        """Return the weighted variance of the outcome in each cell."""
        if self.places is not None:
            return np.zeros_like(self.places)
        mass, sums, squares = self.sums.total[self.used].T
        variances: Floats = np.maximum(squares / mass - (sums / mass) ** 2, 0.0)
        return variances

    def single_outcomes(self) -> Floats:
        """Return the outcomes of respondents with a positive weight, or what an engine knows of them."""
        if self.places is None and isinstance(self.cells, Cells):
            inside = np.zeros(self.cells.size + 1, dtype=bool)
            inside[self.used] = True
            counted = inside[self.cells.codes] & (self.design.weights > 0)
            return self.cells.columns[0][counted]
        outcome = self.outcome
        between = (outcome > 0) & (outcome < 1)
        if self.places is None and between.any():
            squares = self.spread() + outcome**2
            if np.allclose(squares, outcome, rtol=1e-12):
                return np.array([0.0, 1.0])
        return outcome


def cells_inside(cells: AnyCells, used: Ints, influences: Influences, points: int = 1) -> NDArray[np.bool_]:
    """Return which cells are in the domain of each estimate of a model, shape (C, m).

    A coefficient may depend on some of them only; its domain is that of the model all the same.

    Parameters
    ----------
    cells, used
        The cells, and those of the model.
    influences
        What the observations of the model add.
    points
        How many observations a cell has.
    """
    inside = np.zeros((cells.size, influences.constant.shape[1]), dtype=bool)
    inside[used] = True if influences.inside is None else influences.inside[::points]
    return inside


def held_in_cells(design: Design, cells: AnyCells, sums: Sums, used: Ints, count: int) -> Held:
    """Return the PSUs and respondents of some cells together, for some number of estimates."""
    domain = np.full(cells.size, -1, dtype=np.intp)
    domain[used] = 0
    return held_by(design.sample, cells, sums, domain, [0] * count)


def observe(
    design: Design,
    levels: Mapping[str, Sequence[str]],
    numeric: Sequence[str],
    target: Target,
    where: Where,
) -> Observations:
    """Return the observations of a model: cells if all predictors are coded by levels, and else rows.

    Parameters
    ----------
    design
        The design.
    levels, numeric
        The predictors that are coded by levels, and those whose numbers are used.
    target
        The outcome.
    where
        The domain, as `Design.cells` takes it.

    Raises
    ------
    FitError
        If rows are needed and the rows are in an engine; if nobody has all variables.
    """
    number = target.expression
    answers = [(target.name, list(target.levels))] if number is None else []
    dims = [*((name, list(own)) for name, own in levels.items()), *answers]
    size = prod(len(own) for _, own in dims)
    plain = number is None or isinstance(number, Column)
    groups = len(design.first_stage.stratum_of_group)
    small = size <= MOST_CELLS and size * groups * (1 if number is None else 3) <= MOST_SUMS
    if not isinstance(design.rows, MemoryRows):
        if numeric or not plain:
            raise FitError(
                "this model of rows in an engine needs predictors that are coded by levels",
                got=", ".join(numeric) or target.name,
                do="cut the numbers into bands, or read the rows into memory; with family='gaussian' and the "
                "identity link, numbers can be predictors",
            )
    elif numeric or not plain or not small:
        return row_observations(design, levels, numeric, target, where)
    monomials = [(target.name,), (target.name, target.name)] if number is not None else []
    cells = design.cells(
        dims, monomials, linear=1 if number is None else 2, where=where,
        centre="none" if number is None else "middle",
    )  # fmt: skip
    sums = design.sums(cells)
    used = np.flatnonzero(sums.total[:, 0] > 0)
    refuse_nobody(len(used), [*levels, *target.variables])
    places = np.unravel_index(used, [len(own) for _, own in dims]) if dims else ()
    codes = dict(zip(levels, places, strict=False))
    outcome = places[-1].astype(float) if number is None else None
    return CellObservations(design, cells, sums, used, Values(len(used), codes), outcome)


def row_observations(
    design: Design, levels: Mapping[str, Sequence[str]], numeric: Sequence[str], target: Target, where: Where
) -> RowObservations:
    """Return the rows of a model; the arguments are those of `observe`."""
    rows = design.rows.in_memory()
    chosen = rows_where(where, rows.data, rows.variable)
    inside = np.ones(len(rows.data), dtype=bool) if chosen is None else chosen.copy()
    codes = {name: rows.codes(name, list(own)) for name, own in levels.items()}
    for own in codes.values():
        inside &= own >= 0
    needed = [*numeric, *(target.variables if target.expression is not None else ())]
    numbers: dict[str, Floats] = {}
    for name in dict.fromkeys(needed):
        refuse_nominal(rows.variable(name))
        numbers[name], valid = rows.numbers(name)
        if valid is not None:
            inside &= valid
    if target.expression is None:
        outcome = rows.codes(target.name, list(target.levels)).astype(float)
        inside &= outcome >= 0
    else:
        outcome = evaluate(target.expression, numbers, Learned())
    refuse_nobody(int((inside & (design.weights > 0)).sum()), [*levels, *needed, *target.variables])
    if not inside.all():
        codes = {name: own[inside] for name, own in codes.items()}
        numbers = {name: own[inside] for name, own in numbers.items()}
        outcome = outcome[inside]
    bad = ~np.isfinite(outcome) & ((design.weights if inside.all() else design.weights[inside]) > 0)
    if bad.any():
        raise FitError(
            f"the outcome {target.name} has no finite value for {int(bad.sum()):,} respondents",
            do="check for logarithms of 0 or below, and divisions by 0, or leave them out with where",
        )
    return RowObservations(design, inside, Values(len(outcome), codes, numbers), outcome)


def refuse_nobody(count: int, names: Sequence[str]) -> None:
    """Refuse a model of which no respondent with a positive weight has all variables."""
    if not count:
        raise FitError(
            "no respondent has answers to all variables of the model",
            got=", ".join(dict.fromkeys(names)),
            do="leave a variable out, widen where, or check that the same respondents were asked",
        )
