"""The solution of a model's estimating equations, and its errors: aliasing, separation, no convergence.

Arrays go in and come out; variables and words are the business of `trustkit.models.glm`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trustkit.errors import FitError
from trustkit.models.families import LINKS, Identity

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

ALIASED = 1e-9
"""A column follows from the others if less than this share of it remains after regressing it on them."""

WELL_CONDITIONED = 1e-5
"""Above this share the cross-products of the columns tell as much as the columns."""

MANY = 200_000
"""With more observations, cross-products are tried first, and some rows give the start."""

SOME = 20_000
"""Observations that give the start of a fit of many."""

BLOCK = 1 << 14
"""Observations that are summed at once, so that what is computed on the way stays in the cache."""

PERFECT = 1e-10
"""The least dispersion, as a share of the mean squared outcome, that steps are compared with."""

SEPARATED = 1e-6
"""A direction separates the outcome if the sum of its distances, in scaled columns, is above this."""

EXTREME = 1e-7
"""Nearer to 0 or 1, a probability may be on its way to it."""

VANISHING = 1e-9
"""Below this share of the mean outcome, a mean of counts may be on its way to 0."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """What an outcome adds to m estimates per unit above its mean and per unit of weight, as a product.

    Attributes
    ----------
    columns
        Shape (u, p): the columns of the model.
    factor
        Shape (u,): the slope of the mean, divided by the variance.
    turn
        Shape (p, m): the derivative of the estimates with respect to the score of the model.
    """

    columns: Floats
    factor: Floats
    turn: Floats

    def turned(self, gradient: Floats) -> Slopes:
        """Return the slopes of combinations of the estimates, of shape (m, k)."""
        return Slopes(self.columns, self.factor, self.turn @ gradient)

    def times(self, outcome: Floats, mean: Floats | None = None) -> Floats:
        """Return the slopes times outcomes, less their means if there are any, both (u,): shape (u, m)."""
        added = np.empty((self.turn.shape[1], len(outcome)))
        for rows in blocks(len(outcome)):
            rest = outcome[rows] if mean is None else outcome[rows] - mean[rows]
            added[:, rows] = self.turn.T @ self.columns[rows].T * (self.factor[rows] * rest)
        return added.T

    @property
    def full(self) -> Floats:
        """The slopes, shape (u, m)."""
        return self.times(np.ones(len(self.factor)))


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
            places = separating(self.columns, outcome, weights)
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


def blocks(count: int) -> Iterator[slice]:
    """Return some observations after the other, as many as stay in the cache.

    Examples
    --------
    >>> [part.start for part in blocks(40_000)]
    [0, 16384, 32768]
    """
    return (slice(first, first + BLOCK) for first in range(0, count, BLOCK))


def _solved(information: Floats, score: Floats) -> Floats:
    """Solve for a step; an information that has no inverse gives steps without a value."""
    try:
        return np.asarray(np.linalg.solve(information, score), dtype=float)
    except np.linalg.LinAlgError:
        return np.full(len(score), np.nan)


def triangle(columns: Floats, weights: Floats) -> Floats:
    """Return the triangle R of the weighted columns' QR decomposition, shape (p, p).

    Examples
    --------
    >>> triangle(np.array([[1.0, 1.0], [1.0, 3.0]]), np.array([1.0, 1.0])).round(3).__abs__().tolist()
    [[1.414, 2.828], [0.0, 1.414]]
    """
    count = columns.shape[1]
    if len(columns) > MANY:
        gram = np.zeros((count, count))
        for rows in blocks(len(columns)):
            gram += columns[rows].T @ (columns[rows] * weights[rows, None])
        scale = np.sqrt(np.diag(gram))
        if (scale > 0).all():
            try:
                lower = np.linalg.cholesky(gram / np.outer(scale, scale))
            except np.linalg.LinAlgError:
                lower = np.zeros((count, count))
            if np.diag(lower).min() > WELL_CONDITIONED:
                upper: Floats = lower.T * scale
                return upper
    known = np.asarray(np.linalg.qr(columns * np.sqrt(weights)[:, None], mode="r"), dtype=float)
    return known if len(known) == count else np.vstack([known, np.zeros((count - len(known), count))])


def aliased(upper: Floats) -> dict[int, list[int]]:
    """Return each column that follows from the columns before it, with these columns.

    Parameters
    ----------
    upper
        Shape (p, p): the `triangle` of the weighted columns.

    Examples
    --------
    >>> table = np.array([[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    >>> aliased(triangle(table, np.ones(3)))
    {2: [0, 1]}
    """
    sizes = np.sqrt((upper**2).sum(axis=0))
    found: dict[int, list[int]] = {}
    kept: list[int] = []
    for place in range(len(upper)):
        if len(kept) == place and abs(upper[place, place]) > ALIASED * sizes[place]:
            kept.append(place)
            continue
        own = upper[:, kept]
        shares = np.linalg.lstsq(own, upper[:, place], rcond=None)[0] if kept else np.empty(0)
        rest = upper[:, place] - own @ shares
        if np.sqrt((rest**2).sum()) > ALIASED * sizes[place]:
            kept.append(place)
            continue
        parts = np.abs(shares) * sizes[kept]
        found[place] = [
            column
            for column, part in zip(kept, parts, strict=True)
            if part > ALIASED * parts.max(initial=0.0)
        ]
    return found


def separating(columns: Floats, outcome: Floats, weights: Floats) -> list[int]:
    """Return the columns of a direction in which the outcome is told apart; empty if there is none.

    Parameters
    ----------
    columns
        Shape (u, p).
    outcome
        Shape (u,): between 0 and 1; or counts, of which 0 is one side.
    weights
        Shape (u,).

    Notes
    -----
    A linear programme (Konis 2007): maximise the sum of s x'b over observations with s x'b >= 0 and
    -1 <= b <= 1, with s = 1 where all outcomes are 1 and s = -1 where all are 0. Where both occur, x'b = 0.

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    >>> separating(table, np.array([0.0, 1.0, 1.0]), np.ones(3))
    [1]
    """
    from scipy.optimize import linprog  # noqa: PLC0415

    used = weights > 0
    side = np.where(outcome[used] <= 0, -1.0, np.where(outcome[used] == 1, 1.0, 0.0))
    if outcome[used].max() > 1:  # counts: only 0 is the end of its side
        side = np.where(outcome[used] <= 0, -1.0, 0.0)
    scale = np.abs(columns[used]).max(axis=0)
    scale[scale == 0] = 1.0
    table = np.unique(np.column_stack([side, columns[used] / scale]), axis=0)
    side, points = table[:, 0], table[:, 1:]
    signed = points[side != 0] * side[side != 0][:, None]
    mixed = points[side == 0]
    if not len(signed):
        return []
    found = linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)),
        A_eq=mixed if len(mixed) else None, b_eq=np.zeros(len(mixed)) if len(mixed) else None,
        bounds=[(-1.0, 1.0)] * points.shape[1],
    )  # fmt: skip
    if found.x is None or found.fun is None or -float(found.fun) <= SEPARATED:
        return []
    direction = np.abs(found.x)
    return [int(place) for place in np.flatnonzero(direction > SEPARATED * direction.max())]


def vanishes(family: Family, mu: Floats, weights: Floats) -> bool:
    """Return whether some means are so small that the model may have no finite solution.

    Without a finite solution, some means approach an end of their range while the steps go on.
    """
    counted = weights > 0
    used, mass = (mu, weights) if counted.all() else (mu[counted], weights[counted])
    if family.name == "binomial":
        return bool(min(used.min(), 1 - used.max()) < EXTREME)
    return family.name == "poisson" and bool(used.min() < VANISHING * np.average(used, weights=mass))


def first_named(names: Sequence[str], places: Sequence[int]) -> str:
    """Return the names of some columns, the intercept last.

    Examples
    --------
    >>> first_named(["(Intercept)", "sex[m]"], [0, 1])
    'sex[m], (Intercept)'
    """
    return ", ".join(sorted((names[place] for place in places), key=lambda name: name == "(Intercept)"))


def without_intercept(names: Sequence[str], places: Sequence[int]) -> str:
    """Return the names of some columns without the intercept, unless it is the only one.

    Examples
    --------
    >>> without_intercept(["(Intercept)", "sex[m]"], [0, 1])
    'sex[m]'
    """
    return first_named(names, [place for place in places if names[place] != "(Intercept)"] or places)
