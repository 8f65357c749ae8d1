"""Weights for attrition: those who stayed stand for those lost; variances know the model was estimated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import DESIGN, NAME, NAME_LIST, accepts
from trustkit.design.auxiliaries import Auxiliaries, Block, inverse
from trustkit.design.coded import coded_variable
from trustkit.design.opt_in import in_words
from trustkit.design.sums import group_totals
from trustkit.design.variance import Calibration, Regression
from trustkit.design.wave_pairs import wave_pair
from trustkit.errors import DesignError, Faults, without_value
from trustkit.weighting.adjustments import adjustment_step
from trustkit.weighting.propensity import dependent_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.replicates import ReplicateWeights
    from trustkit.design.wave_pairs import WavePair

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

MOST_STEPS = 50
"""Newton's method needs about six steps, and more only if covariates tell the stayers from the others."""

CONVERGED = 1e-11
"""The largest step of the coefficients at the solution; numeric covariates have a standard deviation of 1."""

LARGEST_LOG_ODDS = 18.0
"""With larger log odds, a covariate tells the stayers from the others."""


@dataclass(frozen=True, eq=False)
class _Panel:
    """The earlier wave of a panel, one line per respondent.

    Attributes
    ----------
    first, second
        Shape (m,): the row of the earlier wave, and of the later one (-1 for those who were lost).
    columns
        Shape (m, p): the covariates in the earlier wave, a column of ones first.
    """

    first: Ints
    second: Ints
    columns: Floats

    @property
    def stayed(self) -> Bools:
        return self.second >= 0

    def propensities(self, weights: Floats, start: Floats | None = None) -> tuple[Floats, Floats]:
        """Return the coefficients of a logistic model of staying, and each respondent's propensity.

        A replicate may drop everybody in a level: its coefficient stays 0, and no weight depends on it.
        """
        own = weights[self.first] / weights[self.first].mean()
        beta = np.zeros(self.columns.shape[1]) if start is None else start.copy()
        dropped = [] if start is None else dependent_columns(self.columns[own > 0])
        beta[dropped] = 0.0
        kept = np.setdiff1d(np.arange(len(beta)), dropped)
        columns = self.columns[:, kept]
        for _ in range(MOST_STEPS):
            linear = self.columns @ beta
            if not np.isfinite(linear).all() or np.abs(linear[own > 0]).max() > LARGEST_LOG_ODDS:
                break
            p = 1 / (1 + np.exp(-linear))
            score = columns.T @ (own * (self.stayed - p))
            information = (columns * (own * p * (1 - p))[:, None]).T @ columns
            step = np.linalg.solve(information, score)
            beta[kept] += step
            if np.abs(step).max() < CONVERGED:
                return beta, 1 / (1 + np.exp(-(self.columns @ beta)))
        raise DesignError(
            "the covariates tell those who stayed from those who were lost",
            where="attrition_weights" if start is None else "attrition_weights, in a replicate",
            got=f"no finite log odds after {MOST_STEPS} steps",
            do="leave out the covariate that tells them apart, or collapse its levels",
        )  # fmt: skip

    def weights(self, before: Floats, propensities: Floats, outside: Bools) -> Floats:
        """Return the rows' weights: those of stayers divided by their propensity; 0 outside the panel."""
        new = np.where(outside, 0.0, before)
        new[self.second[self.stayed]] = (before[self.first] / propensities)[self.stayed]
        return new

    def calibration(self, before: Floats, after: Floats, propensities: Floats) -> Calibration:
        """Return the scores of the model, through which its uncertainty enters the variance of estimates."""
        n, p = len(before), self.columns.shape[1]
        scores = (self.stayed - propensities)[:, None] * self.columns
        slopes = (1 - propensities)[:, None] * self.columns
        values = np.zeros((n, 2 * p))
        values[self.first, :p] = scores
        values[self.second[self.stayed], p:] = slopes[self.stayed]
        blocks = tuple(
            Block(np.zeros(n, dtype=np.intp), 1, np.ascontiguousarray(column)) for column in values.T
        )
        auxiliaries = Auxiliaries(np.arange(n), n, blocks)
        mass = before[self.first] * propensities * (1 - propensities)
        solved = inverse((self.columns * mass[:, None]).T @ self.columns)
        step = Regression(auxiliaries, slice(0, p), after, instruments=slice(p, 2 * p), solved=solved)
        return Calibration(auxiliaries, (step,))


def attrition_weights(
    design: Design,
    covariates: Sequence[str],
    *,
    wave: str,
    person: str,
    between: Sequence[str] | None = None,
) -> Design:
    """Weight those who stayed in a panel so that they stand for those who were lost.

    Parameters
    ----------
    design
        One row per person and wave (`stack_waves` makes such rows).
    covariates
        Variables of the earlier wave. Labelled ones enter the model by level, numeric ones as numbers.
    wave, person, between
        As in `change`.

    Returns
    -------
    Design
        Rows of the earlier wave keep their weights. In the later wave each respondent has the weight of the
        earlier wave, divided by the estimated propensity to stay; those who are new in it have weight 0.
        Persons are PSUs, as `link_waves` makes them. Variances know that the propensities were estimated.

    Raises
    ------
    DesignError
        With every covariate that can't be used: missing values, one value only, a level in which all stayed
        or all were lost, values that follow from other covariates; nobody lost, or nobody stayed.

    Notes
    -----
    A logistic model of staying, fitted with the weights of the earlier wave: w = d / p. A total of w u is
    linearised as sum of w u - d (r - p) x'B, with B = (sum of d p (1 - p) x x')^-1 times the sum of
    w (1 - p) x u, where r is 1 for those who stayed (Kim and Kim 2007, Canadian Journal of Statistics 35,
    501-514). Replicate weights fit the model again in each replicate. Unbiased if, given the covariates,
    staying doesn't depend on the answer. Earlier calibrations of the weights are treated as given. Formulas:
    `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 4, 1, 3], "year": ["2019"] * 4 + ["2021"] * 2, "area": list("aabbab")}
    >>> design = tk.attrition_weights(tk.Design(pd.DataFrame(rows)), ["area"], wave="year", person="id")
    >>> design.weights.round(6).tolist()
    [1.0, 1.0, 1.0, 1.0, 2.0, 2.0]
    """
    accepts(
        design=(design, DESIGN), covariates=(covariates, NAME_LIST), wave=(wave, NAME), person=(person, NAME),
        between=(between, NAME_LIST.optional()),
    )  # fmt: skip
    pair = wave_pair(design, wave, person, between)
    panel, outside = _panel(pair, list(dict.fromkeys(covariates)))
    before = pair.design.weights
    beta, propensities = panel.propensities(before)
    weights = panel.weights(before, propensities, outside)
    replicates = pair.design.replicates
    repeated = None if replicates is None else _refitted(pair, panel, replicates, beta, outside)
    own = before[panel.first]
    first, second = pair.names
    stayed = int(panel.stayed.sum())
    rate = own[panel.stayed].sum() / own.sum()
    reach = f"{propensities.min():.2f} to {propensities.max():.2f}"
    notes = [
        f"{stayed:,} of {len(own):,} respondents of {first} stayed, {rate:.1%} by weight.",
        f"Estimated propensities to stay: {reach}. The model is assumed true.",
        "Standard errors know that the propensities were estimated.",
    ]
    if outside.any():
        notes.append(f"{int(outside.sum()):,} respondents are new in {second} and have weight 0.")
    if design.calibration is not None:
        notes.append("Standard errors treat earlier calibrations of the weights as given.")
    names = in_words([pair.design.called(name) for name in covariates]) if covariates else "nothing"
    step = adjustment_step(
        pair.design,
        "attrition_weights",
        f"{first} to {second}, on {names}",
        weights,
        notes=notes,
        given=False,
    )
    calibration = None if replicates is not None else panel.calibration(before, weights, propensities)
    return pair.design.reweighted(
        weights, step, reason="attrition", calibration=calibration, replicates=repeated
    )


def _panel(pair: WavePair, covariates: Sequence[str]) -> tuple[_Panel, Bools]:
    """Return the panel, and which rows of the later wave are of persons who were not in the earlier one.

    Raises
    ------
    DesignError
        With every covariate that can't be used, or if nobody was lost, or nobody stayed.
    """
    design = pair.design
    first, later = (np.flatnonzero(rows) for rows in pair.rows)
    row_of = np.full(int(pair.persons.max()) + 1, -1, dtype=np.intp)
    row_of[pair.persons[later]] = later
    second = row_of[pair.persons[first]]
    outside = pair.rows[1].copy()
    outside[second[second >= 0]] = False
    if (second >= 0).all() or (second < 0).all():
        raise DesignError(
            f"{'nobody was lost' if (second >= 0).all() else 'nobody stayed'} after {pair.names[0]}",
            where="attrition_weights", got=f"{len(first):,} respondents",
            do="use the weights as they are" if (second >= 0).all() else "check the persons and the waves",
        )  # fmt: skip
    faults = Faults("the covariates", DesignError)
    columns = [np.ones(len(first))]
    names = [""]
    for name in covariates:
        for label, column in _columns_of(design, name, first, second >= 0, faults):
            columns.append(column)
            names.append(label)
    faults.refuse()
    table = np.column_stack(columns)
    if len(columns) < len(first):
        for place in dependent_columns(table):
            faults.add(
                "the values follow from those of the covariates before it", where=names[place],
                do="leave out one of them",
            )  # fmt: skip
    else:
        faults.add(
            f"the covariates have {len(columns) - 1:,} columns for {len(first):,} respondents",
            do="use fewer covariates, or collapse levels",
        )
    faults.refuse()
    return _Panel(first, second, table), outside


def _columns_of(
    design: Design, name: str, first: Ints, stayed: Bools, faults: Faults
) -> list[tuple[str, Floats]]:
    """Return a covariate in the rows of the earlier wave, as columns of a model."""
    if not design.variable(name).codes:
        values, valid = design.numbers(name)
        own = values[first]
        if valid is not None and not valid[first].all():
            what = without_value(design.data.index[first][~valid[first]])
            faults.add(
                what, where=name, do="impute them, or cut the variable into bands with a level for them"
            )
        elif own.min() == own.max():
            faults.add("all respondents have the same value", where=name, do="leave it out")
        else:
            return [(name, (own - own.mean()) / own.std())]
        return []
    levels = coded_variable(design, name).asked_labels
    codes = design.codes(name, levels)[first]
    if (codes < 0).any():
        faults.add(
            without_value(design.data.index[first][codes < 0]), where=name,
            do="impute them, or give them a separate level",
        )  # fmt: skip
        return []
    weights = design.weights[first]
    held = group_totals(codes, weights, len(levels))
    kept = group_totals(codes, np.where(stayed, weights, 0.0), len(levels))
    for level, all_of, some in zip(levels, held, kept, strict=True):
        if all_of > 0 and some in (0.0, all_of):
            what = "nobody stayed" if some == 0 else "everybody stayed"
            faults.add(f"{what} in {level!r}", where=name, do="collapse it with a neighbour")
    present = [place for place in range(len(levels)) if held[place] > 0]
    if len(present) == 1:
        faults.add("all respondents have the same answer", where=name, do="leave it out")
    return [(f"{name}: {levels[place]!r}", (codes == place).astype(float)) for place in present[1:]]


def _refitted(
    pair: WavePair, panel: _Panel, replicates: ReplicateWeights, start: Floats, outside: Bools
) -> ReplicateWeights:
    """Return replicate weights with the model fitted again in each replicate."""
    sample = pair.design.sample
    columns = [
        panel.weights(weights, panel.propensities(weights, start)[1], outside)
        for weights in replicates.each(sample.weights, sample.first_stage.groups)
    ]
    table = np.asfortranarray(np.array(columns).T)
    return replace(replicates, weights=table, multipliers=None, groups=None)
