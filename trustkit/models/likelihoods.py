"""Models of answers with several levels: probabilities, scores and Newton's method, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from trustkit.errors import FitError
from trustkit.models.families import LARGEST_LOG, ROOT_TWO_PI
from trustkit.models.scoring import CONVERGED, EXTREME, MOST_HALVINGS, MOST_STEPS, first_named, separating

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

OrdinalLink = Literal["logit", "probit", "cloglog"]

FAR = 700.0
"""Beyond this a linear predictor gives probabilities of 0 and 1."""


class Likelihood(Protocol):
    """A model of the answers' probabilities, by its parameters."""

    def start(self, weights: Floats, outcome: Ints) -> Floats:
        """Return parameters from which the fit starts."""

    def logs(self, parameters: Floats, outcome: Ints) -> Floats:
        """Return the logarithm of the probability of each answer, shape (u,)."""

    def derivatives(self, parameters: Floats, outcome: Ints, weights: Floats) -> tuple[Floats, Floats]:
        """Return the scores, shape (u, q), and the weighted information, shape (q, q)."""


@dataclass(frozen=True, eq=False)
class Maximum:
    """Parameters at which the weighted likelihood has its maximum.

    Attributes
    ----------
    parameters
        Shape (q,).
    influences
        Shape (u, q): what a respondent adds to the parameters, per unit of weight.
    """

    parameters: Floats
    influences: Floats


def maximize(likelihood: Likelihood, weights: Floats, outcome: Ints, start: Floats | None = None) -> Maximum:
    """Solve the weighted score equations by Newton's method with halved steps.

    Raises
    ------
    FitError
        If the steps do not converge.
    """
    scale = weights.sum() / max(int((weights > 0).sum()), 1)
    mass = weights / scale
    used = mass > 0
    parameters = likelihood.start(mass, outcome) if start is None else start
    loss = _loss(likelihood, parameters, outcome, mass)
    for _ in range(MOST_STEPS):
        scores, information = likelihood.derivatives(parameters, outcome, mass)
        total = mass[used] @ scores[used]
        try:
            change = np.linalg.solve(information, total)
        except np.linalg.LinAlgError:
            break
        size = float(np.sqrt(max(change @ total, 0.0)))
        if not np.isfinite(size):
            break
        for _ in range(MOST_HALVINGS):
            new = _loss(likelihood, parameters + change, outcome, mass)
            if new <= loss + 1e-9 * abs(loss):
                parameters, loss = parameters + change, new
                break
            change = change / 2
        if size < CONVERGED:
            scores, information = likelihood.derivatives(parameters, outcome, mass)
            return Maximum(parameters, scores @ np.linalg.inv(information) / scale)
    raise FitError(
        "the model does not converge",
        got=f"no solution after {MOST_STEPS} steps",
        do="use fewer terms, merge small levels, or scale the numbers",
    )


def _loss(likelihood: Likelihood, parameters: Floats, outcome: Ints, mass: Floats) -> float:
    used = mass > 0
    with np.errstate(all="ignore"):
        own = -2 * float(mass[used] @ likelihood.logs(parameters, outcome)[used])
    return own if np.isfinite(own) else np.inf


def refuse_separation(
    columns: Floats, names: Sequence[str], outcomes: Sequence[tuple[Floats, Floats]], about: str
) -> None:
    """Refuse columns that tell two groups of answers apart.

    Parameters
    ----------
    columns, names
        Shape (u, p), and their names.
    outcomes
        Pairs of an outcome of 0 and 1 and weights, both of shape (u,).
    about
        The outcome and the formula.

    Raises
    ------
    FitError
        With the columns that do so.
    """
    for outcome, weights in outcomes:
        places = separating(columns, outcome, weights)
        own = [place for place in places if names[place] != "(Intercept)"] or places
        if own:
            raise FitError(
                "the outcome is separated: columns of the model tell its answers apart, "
                "so that their coefficients are infinite",
                where=about, got=first_named(names, own),
                do="merge levels, or leave the term out, and say so; tk.proportion shows the shares",
            )  # fmt: skip


def is_extreme(likelihood: Likelihood, parameters: Floats, outcome: Ints, weights: Floats) -> bool:
    """Return whether the fitted probability of some answers is nearly 1 or 0."""
    own = np.exp(likelihood.logs(parameters, outcome)[weights > 0])
    return bool(own.min() < EXTREME or own.max() > 1 - EXTREME)


def _distribution(link: OrdinalLink, x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the distribution function, the density and its derivative."""
    if link == "logit":
        tail = np.exp(-np.abs(x))
        density = tail / (1 + tail) ** 2
        below = np.where(x > 0, 1 / (1 + tail), tail / (1 + tail))
        return below, density, density * (1 - 2 * below)
    if link == "probit":
        from scipy.special import ndtr  # noqa: PLC0415

        density = np.exp(-(x**2) / 2) / ROOT_TWO_PI
        return np.asarray(ndtr(x), dtype=float), density, -x * density
    grown = np.exp(np.minimum(x, LARGEST_LOG))
    density = np.exp(np.minimum(x, LARGEST_LOG) - grown)
    return -np.expm1(-grown), density, density * (1 - grown)


@dataclass(frozen=True, eq=False)
class Cumulative:
    """P(Y <= k) = F(threshold k - x'b): the parameters are the thresholds, then the slopes.

    Attributes
    ----------
    columns
        Shape (u, p), without an intercept.
    levels
        The number of levels, K.
    link
        The name of the distribution F.
    """

    columns: Floats
    levels: int
    link: OrdinalLink

    def start(self, weights: Floats, outcome: Ints) -> Floats:
        """Return the thresholds of the weighted shares, and slopes of 0."""
        from trustkit.models.families import LINKS  # noqa: PLC0415

        shares = np.cumsum(np.bincount(outcome, weights, minlength=self.levels))[:-1] / weights.sum()
        return np.concatenate([LINKS[self.link].eta(shares), np.zeros(self.columns.shape[1])])

    def _ends(self, parameters: Floats, outcome: Ints) -> tuple[Floats, Floats]:
        """Return the upper and lower ends of each answer on the scale of F, shape (u,)."""
        cut = self.levels - 1
        thresholds = np.concatenate([[-np.inf], parameters[:cut], [np.inf]])
        eta = self.columns @ parameters[cut:]
        ends = thresholds[outcome + 1] - eta, thresholds[outcome] - eta
        return np.clip(ends[0], -FAR, FAR), np.clip(ends[1], -FAR, FAR)

    def _probability(self, upper: Floats, lower: Floats) -> Floats:
        """Return F(upper) - F(lower), from the side on which no digits are lost."""
        own = _distribution(self.link, upper)[0] - _distribution(self.link, lower)[0]
        if self.link != "cloglog":
            other = _distribution(self.link, -lower)[0] - _distribution(self.link, -upper)[0]
            own = np.where(lower > 0, other, own)
        return own

    def logs(self, parameters: Floats, outcome: Ints) -> Floats:
        """Return the logarithm of the probability of each answer."""
        cut = self.levels - 1
        if (np.diff(parameters[:cut]) <= 0).any():
            return np.full(len(outcome), -np.inf)
        own: Floats = np.log(self._probability(*self._ends(parameters, outcome)))
        return own

    def derivatives(self, parameters: Floats, outcome: Ints, weights: Floats) -> tuple[Floats, Floats]:
        """Return the scores and the weighted observed information."""
        cut = self.levels - 1
        upper, lower = self._ends(parameters, outcome)
        p = np.maximum(self._probability(upper, lower), np.finfo(float).tiny)
        (_, fa, da), (_, fb, db) = _distribution(self.link, upper), _distribution(self.link, lower)
        fa, da = np.where(outcome < cut, fa, 0.0), np.where(outcome < cut, da, 0.0)
        fb, db = np.where(outcome > 0, fb, 0.0), np.where(outcome > 0, db, 0.0)
        above, below = (
            np.column_stack([outcome[:, None] == np.arange(shift, cut + shift), -self.columns]).astype(float)
            for shift in (0, 1)
        )
        scores = (fa / p)[:, None] * above - (fb / p)[:, None] * below
        first, second, both = da / p - (fa / p) ** 2, -db / p - (fb / p) ** 2, fa * fb / p**2
        mixed = above.T @ (below * (weights * both)[:, None])
        information = -(
            above.T @ (above * (weights * first)[:, None])
            + below.T @ (below * (weights * second)[:, None])
            + mixed
            + mixed.T
        )
        return scores, information


@dataclass(frozen=True, eq=False)
class Multinomial:
    """The log odds of each level against the reference are x'b, with parameters of its own.

    Attributes
    ----------
    columns
        Shape (u, p).
    others
        The places of the levels that are not the reference, shape (K - 1,).
    """

    columns: Floats
    others: Ints

    def start(self, weights: Floats, outcome: Ints) -> Floats:
        """Return parameters of 0."""
        del weights, outcome
        return np.zeros(len(self.others) * self.columns.shape[1])

    def _shares(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the linear predictors and the probabilities of the other levels, both (u, K - 1)."""
        eta = self.columns @ parameters.reshape(len(self.others), -1).T
        most = np.maximum(eta.max(axis=1), 0.0)[:, None]
        grown = np.exp(eta - most)
        return eta, grown / (np.exp(-most[:, 0]) + grown.sum(axis=1))[:, None]

    def logs(self, parameters: Floats, outcome: Ints) -> Floats:
        """Return the logarithm of the probability of each answer."""
        eta, _ = self._shares(parameters)
        whole = np.logaddexp.reduce(np.column_stack([np.zeros(len(eta)), eta]), axis=1)
        own: Floats = (eta * (outcome[:, None] == self.others)).sum(axis=1) - whole
        return own

    def derivatives(self, parameters: Floats, outcome: Ints, weights: Floats) -> tuple[Floats, Floats]:
        """Return the scores and the weighted information."""
        _, shares = self._shares(parameters)
        rest = (outcome[:, None] == self.others) - shares
        scores = np.hstack([self.columns * rest[:, [place]] for place in range(len(self.others))])
        width = self.columns.shape[1]
        information = np.empty((scores.shape[1], scores.shape[1]))
        for row in range(len(self.others)):
            for column in range(row + 1):
                own = weights * shares[:, row] * ((row == column) - shares[:, column])
                block = self.columns.T @ (self.columns * own[:, None])
                at, to = (slice(place * width, (place + 1) * width) for place in (row, column))
                information[at, to], information[to, at] = block, block.T
        return scores, information
