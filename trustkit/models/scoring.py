"""The solution of a model's estimating equations, and its errors: separation, no convergence.

Arrays go in and come out; variables and words are the business of `trustkit.models.glm`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trustkit.errors import FitError
from trustkit.models.families import LINKS, Identity
from trustkit.models.identification import centred, separating, vanishes, without_intercept
from trustkit.models.slopes import Slopes, blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from trustkit.models.families import Family, Link

    Floats = NDArray[np.float64]

MOST_STEPS = 50
"""Steps after which a fit that has not converged is an error."""

MOST_HALVINGS = 30
"""How often a step is halved before it is left out."""

CONVERGED = 1e-10
"""The fit ends if the next step would change the estimates by less than this share of a standard error."""

CONVERGED_NEWTON = 1e-7
"""The same for a canonical link, with which each step squares the error that is left."""

MANY = 200_000
"""With more observations, some of them give the start."""

SOME = 20_000
"""Observations that give the start of a fit of many."""

PERFECT = 1e-10
"""The least dispersion, as a share of the mean squared outcome, that steps are compared with."""


@dataclass(frozen=True, eq=False)
class Solution:
    """The solution of the estimating equations of a generalised linear model.

    Attributes
    ----------
    coefficients
        Shape (p,).
    mu
        Shape (u,): the mean of each observation.
    slopes
        How the coefficients depend on the outcomes.
    inverse
        Shape (p, p): the inverse of the expected information of the weighted observations.
    """

    coefficients: Floats
    mu: Floats
    slopes: Slopes
    inverse: Floats


class Sums(NamedTuple):
    """Sums over the observations, at some estimates.

    Attributes
    ----------
    loss
        The family's loss, infinite where it has no value.
    score, information
        Shapes (p,) and (p, p).
    dispersion, level
        The mean squared residual in units of the variance function, and the mean squared outcome; 0 for a
        family without dispersion.
    """

    loss: float
    score: Floats
    information: Floats
    dispersion: float
    level: float


@dataclass(frozen=True, eq=False)
class Equations:
    """The estimating equations of a generalised linear model with fixed columns.

    Attributes
    ----------
    columns
        Shape (u, p).
    offset
        Shape (u,).
    family, link
        The variance and link functions.
    names, about
        The names of the columns, and of the outcome and formula, for messages.
    upper
        Shape (p, p): the `triangle` of the weighted columns. Its inverse makes the columns orthonormal, so
        that no digits are lost for columns far from zero.
    """

    columns: Floats
    upper: Floats
    offset: Floats
    family: Family
    link: Link
    names: tuple[str, ...]
    about: str

    def solve(self, weights: Floats, outcome: Floats, start: Floats | None = None) -> Solution:
        """Solve the equations, or say why they have no solution.

        Parameters
        ----------
        weights, outcome
            Shape (u,).
        start
            Shape (p,): coefficients to start from.

        Raises
        ------
        FitError
            If the outcome is separated, or the steps do not converge.
        """
        fault: FitError | None = None
        if start is None:
            start = self._start(weights, outcome)
        try:
            solution = self._scoring(weights, outcome, start)
            if not vanishes(self.family, solution.mu, weights):
                return solution
        except FitError as error:
            fault = error
        if self.family.name in ("binomial", "poisson"):
            places = separating(centred(self.columns, weights), outcome, weights)
            if places:
                self._refuse_separation(places)
        if fault is not None:
            raise fault
        return solution

    @property
    def canonical(self) -> bool:
        """Whether the link is the family's canonical one, so that Fisher's scoring is Newton's method."""
        return self.link is LINKS[self.family.links[0]]

    def _start(self, weights: Floats, outcome: Floats) -> Floats | None:
        """Return the coefficients of some of many observations, if these have a fit."""
        step = len(weights) // SOME
        if len(weights) <= MANY or step < 2 or isinstance(self.link, Identity):  # noqa: PLR2004
            return None
        some = slice(None, None, step)
        part = replace(self, columns=self.columns[some], offset=self.offset[some])
        try:
            return part._scoring(weights[some], outcome[some], None).coefficients  # noqa: SLF001
        except FitError:
            return None

    def _refuse_separation(self, places: Sequence[int]) -> None:
        what = (
            "tell its answers apart"
            if self.family.name == "binomial"
            else "tell apart who has only the value 0"
        )
        raise FitError(
            f"the outcome is separated: columns of the model {what}, so that their coefficients are infinite",
            where=self.about, got=without_intercept(self.names, places),
            do="merge levels, or leave the term out, and say so; tk.proportion shows the shares",
        )  # fmt: skip

    def _scoring(self, weights: Floats, outcome: Floats, start: Floats | None) -> Solution:
        """Solve sum of w x (y - mu) / (V g') = 0 by Fisher's scoring, with halved steps.

        The estimates are those of orthonormal columns until the end.
        """
        turn = np.asarray(np.linalg.inv(self.upper), dtype=float)
        gamma = self._first_step(turn, outcome, weights) if start is None else self.upper @ start
        sums = self._sums(turn, gamma, outcome, weights)
        if start is None and not np.isfinite(sums.loss):
            gamma, sums = self._stepped(turn, np.zeros(len(turn)), gamma, np.inf, outcome, weights)
        mean_weight = float(weights.sum()) / max(int(np.count_nonzero(weights)), 1)
        size = np.inf
        for _ in range(MOST_STEPS):
            change = _solved(sums.information, sums.score)
            spread = mean_weight * self._spread(sums)
            gain = float(change @ sums.score)
            size = float(np.sqrt(max(gain, 0.0) / spread)) if spread > 0 else 0.0
            if not np.isfinite(size):
                break
            if size < (CONVERGED_NEWTON if self.canonical else CONVERGED):
                return self._solution(turn, gamma + change, weights)
            gamma, sums = self._stepped(turn, gamma, change, sums.loss, outcome, weights)
        raise FitError(
            "the model does not converge",
            got=f"after {MOST_STEPS} steps a step still moves the estimates by {size:.2g} standard errors",
            do="use fewer terms, merge small levels, or scale the numbers",
        )

    def _blocks(self, turn: Floats) -> Iterator[tuple[slice, Floats]]:
        """Return the orthonormal columns of some observations after the other, each of shape (p, b)."""
        for rows in blocks(len(self.columns)):
            yield rows, turn.T @ self.columns[rows].T

    def _factor(self, mu: Floats, slope: Floats) -> Floats:
        """Return the slope of the mean, divided by the variance; a canonical link has 1 or -1 everywhere."""
        return np.sign(slope[:1]) if self.canonical else slope / self.family.variance(mu)

    def _first_step(self, turn: Floats, outcome: Floats, weights: Floats) -> Floats:
        """Return the first estimates: weighted least squares on the link's scale, shape (p,)."""
        predictor = self._first_predictor(outcome, weights)
        score, information = np.zeros(len(turn)), np.zeros_like(turn)
        for rows, x in self._blocks(turn):
            eta = predictor[rows]
            mu, slope = self.link.mu_and_slope(eta)
            factor = weights[rows] * slope / self.family.variance(mu)
            score += x @ (factor * (slope * (eta - self.offset[rows]) + outcome[rows] - mu))
            information += (x * (factor * slope)) @ x.T
        return _solved(information, score)

    def _first_predictor(self, outcome: Floats, weights: Floats) -> Floats:
        """Return linear predictors from which the fit starts, shape (u,)."""
        with np.errstate(all="ignore"):
            eta = self.link.eta(self.family.start(outcome))
        bad = ~np.isfinite(eta)
        refused = outcome[bad & (weights > 0)]
        if len(refused):
            raise FitError(
                "the link of the model does not take all values of the outcome",
                where=self.about, got=f"the value {refused[0]:g}", expected="numbers above 0",
                do="use link='identity', or family='poisson' for counts",
            )  # fmt: skip
        return np.where(bad, 0.0, eta)

    def _stepped(
        self, turn: Floats, gamma: Floats, change: Floats, loss: float, outcome: Floats, weights: Floats
    ) -> tuple[Floats, Sums]:
        """Return the estimates after a step, halved until the loss does not grow, and their sums."""
        for _ in range(MOST_HALVINGS):
            sums = self._sums(turn, gamma + change, outcome, weights)
            if sums.loss <= loss + 1e-9 * abs(loss):
                return gamma + change, sums
            change = change / 2
        return gamma, self._sums(turn, gamma, outcome, weights)

    def _sums(self, turn: Floats, gamma: Floats, outcome: Floats, weights: Floats) -> Sums:
        """Return what a step needs, summed over the observations in blocks that fit into the cache."""
        count = len(gamma)
        loss, score, information, squares = 0.0, np.zeros(count), np.zeros((count, count)), 0.0
        every = bool(weights.all())
        with np.errstate(all="ignore"):
            for rows, x in self._blocks(turn):
                y, m = outcome[rows], weights[rows]
                mu, slope = self.link.mu_and_slope(gamma @ x + self.offset[rows])
                rest, factor = y - mu, m * self._factor(mu, slope)
                score += x @ (factor * rest)
                information += (x * (factor * slope)) @ x.T
                used = slice(None) if every else m > 0
                if self.family.name != "gaussian" and not (mu[used] > 0).all():
                    loss = np.inf
                loss += float(m[used] @ self.family.loss(y, mu)[used])
                if self.family.dispersed:
                    squares += float(m @ (rest**2 / self.family.variance(mu)))
        return Sums(
            loss if np.isfinite(loss) else np.inf, score, information, squares / float(weights.sum()),
            float(weights @ outcome**2) / float(weights.sum()) if self.family.dispersed else 0.0,
        )  # fmt: skip

    def _spread(self, sums: Sums) -> float:
        """Return the dispersion of the observations, or 1 where theory gives it."""
        return max(sums.dispersion, PERFECT * sums.level) if self.family.dispersed else 1.0

    def _solution(self, turn: Floats, gamma: Floats, weights: Floats) -> Solution:
        mu, factor = np.empty(len(weights)), np.empty(len(weights))
        information = np.zeros_like(turn)
        for rows, x in self._blocks(turn):
            mu[rows], slope = self.link.mu_and_slope(gamma @ x + self.offset[rows])
            factor[rows] = self._factor(mu[rows], slope)
            information += (x * (weights[rows] * factor[rows] * slope)) @ x.T
        inverse = turn @ np.linalg.inv(information) @ turn.T
        inverse = (inverse + inverse.T) / 2
        return Solution(turn @ gamma, mu, Slopes(self.columns, factor, inverse), inverse)


def _solved(information: Floats, score: Floats) -> Floats:
    """Solve for a step; an information that has no inverse gives steps without a value."""
    try:
        return np.asarray(np.linalg.solve(information, score), dtype=float)
    except np.linalg.LinAlgError:
        return np.full(len(score), np.nan)
