"""Polychoric correlations of ordered items, with weighted thresholds and the design's standard errors."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import optimize
from scipy.special import ndtri
from scipy.stats import norm

from trustkit.arguments import NAMES, accepts_estimator
from trustkit.errors import DataError
from trustkit.estimation.intervals import check_conf, t_interval
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.scales.bivariate_normal import below, cells, density
from trustkit.scales.scale_answers import ScaleAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_ANSWERS = 20
"""An item with more different answers than this is no ordered item of a few steps."""

FARTHEST = 0.9999
"""A correlation beyond this has reached its limit."""

STEP = 1e-5
"""The step of the derivatives of the score."""


def polychoric(
    design: Design, items: str | Sequence[str], *, where: Where = None, conf: float = 0.95
) -> Estimate:
    """Estimate the correlations of the normal variables that ordered answers are taken to be steps of.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items, where
        As in `trustkit.reliability`.
    conf
        The coverage of the intervals.

    Returns
    -------
    Estimate
        One row per pair of items, named as ``a with b``.

    Raises
    ------
    DataError
        As `trustkit.reliability` with ``alpha``; an item with more than 20 different answers, or a pair whose
        correlation is not estimable: two answers each and an empty cell, or a limit of -1 or 1.

    Notes
    -----
    In two steps (Olsson 1979, doi:10.1007/BF02296207): thresholds from the weighted shares, then each
    correlation by maximum likelihood on the weighted table of its pair. An empty cell adds nothing, and no
    constant is added to cells. A row's influence contains that of its weight on the thresholds; replicates
    estimate again. Intervals are t intervals of atanh, converted back. Without weights it equals lavaan's
    ``lavCor``. psych's ``polychoric(weight=)`` **takes the thresholds of the unweighted data**, so its
    weighted correlations are wrong; polycor's ``polychor`` of the weighted table is right.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 3, 1, 2, 2, 3], "b": [1, 2, 3, 2, 2, 2, 1, 3]})
    >>> tk.polychoric(tk.Design(answers), ["a", "b"]).estimate.round(3).tolist()
    [0.825]
    """
    accepts_estimator(design, None, where, conf, items=(items, NAMES))
    check_conf(conf)
    answers = ScaleAnswers.of(design, items, where)
    ordered = OrderedAnswers.of(answers)
    value = ordered.correlations(design.weights)
    vcov = answers.vcov(ordered.influences(value), ordered.correlations)
    held = answers.held(len(value))
    se = np.sqrt(np.maximum(np.diag(vcov), 0.0))
    low, high = t_interval(np.arctanh(value), se / (1 - value**2), held.df, conf)
    numbers = Numbers(
        keys=pd.DataFrame({"variable": [" with ".join(pair) for pair in ordered.pairs], "level": ""}),
        value=value, vcov=vcov, n=np.full(len(value), answers.n), held=(held,), unit="number",
    )  # fmt: skip
    smallest = float(np.linalg.eigvalsh(ordered.matrix(value))[0])
    notes = list(answers.notes)
    if smallest <= 0:
        notes.append(
            f"These correlations are not positive definite (smallest eigenvalue {smallest:.4f}), so no "
            "factors can be taken from them."
        )
    return estimate_of(
        numbers, statistic="polychoric correlation", base=answers.base, conf=conf,
        limits=(np.tanh(low), np.tanh(high)), notes=tuple(notes),
        caveats=design.caveats_about(*answers.names),
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class OrderedAnswers:
    """The steps that respondents with all answers chose.

    Attributes
    ----------
    answers
        The items.
    steps
        For each item its different answers.
    codes
        For each item the place of each row's answer among them.
    """

    answers: ScaleAnswers
    steps: tuple[Floats, ...]
    codes: tuple[Ints, ...]

    @classmethod
    def of(cls, answers: ScaleAnswers) -> OrderedAnswers:
        """Order the answers.

        Raises
        ------
        DataError
            An item with too many different answers.
        """
        steps, codes = [], []
        inside = answers.design.weights[answers.complete] > 0
        for name, column in zip(answers.names, answers.columns, strict=True):
            found = np.unique(column[inside])
            if len(found) > MOST_ANSWERS:
                raise DataError(
                    "an item has too many different answers for a polychoric correlation",
                    where=name, got=f"{len(found)} answers", expected=f"at most {MOST_ANSWERS}",
                    do="use tk.correlation, or join answers (tk.recode)",
                )  # fmt: skip
            steps.append(found)
            codes.append(np.minimum(np.searchsorted(found, column), len(found) - 1))
        return cls(answers, tuple(steps), tuple(codes))

    @property
    def places(self) -> list[tuple[int, int]]:
        """The pairs of items, by their places."""
        return list(itertools.combinations(range(len(self.steps)), 2))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of items, by their names."""
        names = self.answers.names
        return [(names[one], names[other]) for one, other in self.places]

    def matrix(self, value: Floats) -> Floats:
        """Return the correlations of the pairs as a matrix, shape (k, k)."""
        matrix = np.eye(len(self.steps))
        for (one, other), rho in zip(self.places, value, strict=True):
            matrix[one, other] = matrix[other, one] = rho
        return matrix

    def correlations(self, weights: Floats) -> Floats:
        """Return the correlation of each pair with any weights, shape (m,)."""
        inside = weights[self.answers.complete]
        tables = [self._table(one, other, inside) for one, other in self.places]
        return np.array(
            [_best(table, " with ".join(names)) for table, names in zip(tables, self.pairs, strict=True)]
        )

    def influences(self, value: Floats) -> Floats:
        """Return what each row adds to the correlations per unit of weight, shape (n, m)."""
        inside = self.answers.design.weights[self.answers.complete]
        total = inside.sum()
        added = np.zeros((len(self.answers.complete), len(value)))
        for place, ((one, other), rho) in enumerate(zip(self.places, value, strict=True)):
            table = self._table(one, other, inside)
            limits = _limits(table)

            def score(at: float, first: Floats, second: Floats, of: Floats = table) -> float:
                return float((of * _row_scores(of, at, first, second)).sum())

            curvature = (score(rho + STEP, *limits) - score(rho - STEP, *limits)) / (2 * STEP)
            own = _row_scores(table, rho, *limits)[self.codes[one], self.codes[other]]
            own = own - float((table * _row_scores(table, rho, *limits)).sum())
            for side, codes in ((0, self.codes[one]), (1, self.codes[other])):
                for step in range(1, len(limits[side]) - 1):
                    moved = [limits[0].copy(), limits[1].copy()]
                    moved[side][step] += STEP
                    up = score(rho, moved[0], moved[1])
                    moved[side][step] -= 2 * STEP
                    slope = (up - score(rho, moved[0], moved[1])) / (2 * STEP)
                    limit = limits[side][step]
                    share = table.sum(axis=1 - side)[:step].sum()
                    own = own + slope * ((codes < step) - share) / norm.pdf(limit)
            added[self.answers.complete, place] = -own / curvature / total
        return added

    def _table(self, one: int, other: int, inside: Floats) -> Floats:
        """Return the weighted shares of the pairs of answers."""
        shape = (len(self.steps[one]), len(self.steps[other]))
        flat = self.codes[one] * shape[1] + self.codes[other]
        counts = np.bincount(flat, weights=inside, minlength=shape[0] * shape[1])
        return np.asarray(counts.reshape(shape) / counts.sum(), dtype=float)


def _limits(table: Floats) -> tuple[Floats, Floats]:
    """Return the thresholds of both items, with infinite ends."""
    ends = [
        np.concatenate([[-np.inf], ndtri(np.cumsum(table.sum(axis=axis))[:-1]), [np.inf]]) for axis in (1, 0)
    ]
    return ends[0], ends[1]


def _row_scores(table: Floats, rho: float, first: Floats, second: Floats) -> Floats:
    """Return the derivative of the logarithm of each cell's chance by the correlation; 0 for empty cells."""
    chances = np.maximum(cells(below(first, second, rho)), np.finfo(float).tiny)
    scores: Floats = np.where(table > 0, cells(density(first, second, rho)) / chances, 0.0)
    return scores


def _best(table: Floats, named: str) -> float:
    """Return the correlation at which the table is most likely.

    Raises
    ------
    DataError
        If it is not estimable.
    """
    kept = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    limits = _limits(kept)

    def score(rho: float) -> float:
        return float((kept * _row_scores(kept, rho, *limits)).sum())

    small = kept.shape == (2, 2) and (kept == 0).any()
    if min(kept.shape) < 2 or small or not score(-FARTHEST) > 0 > score(FARTHEST):  # noqa: PLR2004
        raise DataError(
            "a polychoric correlation is not estimable", where=named,
            got="an empty cell of two answers each" if small else "answers that leave no room for it",
            do="leave an item out, or join its rare answers (tk.recode)",
        )  # fmt: skip
    return float(optimize.brentq(score, -FARTHEST, FARTHEST, xtol=1e-13, rtol=1e-13))
