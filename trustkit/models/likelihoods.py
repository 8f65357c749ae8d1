"""Models of answers with several levels: probabilities, scores and Newton's method, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from trustkit.errors import FitError
from trustkit.models.families import LARGEST_LOG, ROOT_TWO_PI
from trustkit.models.identification import separating, without_intercept
from trustkit.models.scoring import CONVERGED, MOST_HALVINGS, MOST_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

OrdinalLink = Literal["logit", "probit", "cloglog"]

FAR = 700.0
"""Beyond this a linear predictor gives probabilities of 0 and 1."""

FLAT = 1e-4
"""The fit is accepted if the next step would move all linear predictors by less than this."""

VANISHED = 1e-10
"""Below this a probability may approach 0 without end. Where it does, the steps end only far below it."""


class Likelihood(Protocol):
    """A model of the answers' probabilities, by its parameters."""

    def start(self, weights: Floats, outcome: Ints) -> Floats:
        """Return parameters from which the fit starts."""

    def logs(self, parameters: Floats, outcome: Ints) -> Floats:
        """Return the logarithm of the probability of each answer, shape (u,)."""

    def derivatives(self, parameters: Floats, outcome: Ints, weights: Floats) -> tuple[Floats, Floats]:
        """Return the scores, shape (u, q), and the weighted information, shape (q, q)."""

    def other_answers(self, parameters: Floats, outcome: Ints, used: Bools) -> Floats:
        """Return probabilities, shape (v,), of answers that used respondents, shape (u,), did not give."""

    def differences(self, outcome: Ints, used: Bools) -> Floats:
        """Return rows d, shape (v, q), that show in which directions b the likelihood grows without end.

        It does so if d'b >= 0 for all rows, and d'b > 0 for one of them.
        """

    def columns_of(self, names: Sequence[str]) -> list[str]:
        """Return the name of each parameter's column, shape (q,), from those of the model, shape (p,)."""

    def turned_back(self, turn: Floats) -> Floats:
        """Return what the parameters are multiplied by, shape (q, q), if the columns were turned.

        Parameters
        ----------
        turn
            Shape (p, p): what the columns of the model, the intercept among them, were multiplied by; its
            upper triangle.
        """


@dataclass(frozen=True, eq=False)
class Maximum:
    """Parameters at which the weighted likelihood has its maximum.

    Attributes
    ----------
    parameters
        Shape (q,).
    influences
        Shape (u, q): what a respondent adds to the parameters, per unit of weight.
    step
        Shape (q,): how far Newton's next step would go.
    """

    parameters: Floats
    influences: Floats
    step: Floats


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
            try:
                inverse = np.linalg.inv(information)
            except np.linalg.LinAlgError:
                break
            return Maximum(parameters, scores @ inverse / scale, inverse @ (mass[used] @ scores[used]))
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


def is_extreme(likelihood: Likelihood, parameters: Floats, outcome: Ints, weights: Floats) -> bool:
    """Return whether some fitted probabilities are so small that they may approach 0 without end."""
    return bool(likelihood.other_answers(parameters, outcome, weights > 0).min() < VANISHED)


def refuse_separation(
    likelihood: Likelihood, outcome: Ints, weights: Floats, names: Sequence[str], about: str
) -> None:
    """Refuse a likelihood that grows without end, so that no finite parameters are the best.

    Parameters
    ----------
    likelihood
        The model.
    outcome, weights
        The places of the answers, and the weights, both of shape (u,).
    names
        The names of the model's columns, shape (p,).
    about
        The outcome and the formula.

    Raises
    ------
    FitError
        With the columns in whose direction it grows.

    Notes
    -----
    The parameters of all answers are looked at together: two answers that columns tell apart have finite
    coefficients if a third answer holds them (Albert and Anderson 1984, doi:10.1093/biomet/71.1.1).
    """
    rows = likelihood.differences(outcome, weights > 0)
    places = separating(rows, np.ones(len(rows)), np.ones(len(rows)))
    if places:
        own = likelihood.columns_of(names)
        columns = list(dict.fromkeys(own[place] for place in places))
        raise FitError(
            "the outcome is separated: columns of the model tell its answers apart, "
            "so that their coefficients are infinite",
            where=about, got=without_intercept(columns, range(len(columns))),
            do="merge levels, or leave the term out, and say so; tk.proportion shows the shares",
        )  # fmt: skip


def refuse_flat(likelihood: Likelihood, own: Maximum, outcome: Ints, weights: Floats, about: str) -> None:
    """Refuse parameters at which the likelihood is so flat that Newton's method stops anywhere.

    Raises
    ------
    FitError
        If the next step would still move the ends of some answers.
    """
    moved = np.abs(likelihood.differences(outcome, weights > 0) @ own.step).max(initial=0.0)
    if not moved < FLAT:
        raise FitError(
            "columns of the model tell the answers apart almost without an error, "
            "so that some coefficients can't be computed",
            where=about, got=f"a linear predictor that the next step would move by {moved:.2g}",
            expected=f"less than {FLAT:g}", do="merge answers or levels, or use fewer terms",
        )  # fmt: skip


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

    def other_answers(self, parameters: Floats, outcome: Ints, used: Bools) -> Floats:
        """Return the probabilities of all higher answers, and those of all lower answers."""
        upper, lower = self._ends(parameters, outcome)
        below = _distribution(self.link, lower[used & (outcome > 0)])[0]
        ends = upper[used & (outcome < self.levels - 1)]
        above = np.exp(-np.exp(np.minimum(ends, LARGEST_LOG)))
        if self.link != "cloglog":
            above = _distribution(self.link, -ends)[0]
        return np.concatenate([above, below])

    def differences(self, outcome: Ints, used: Bools) -> Floats:
        """Return what raises the upper ends of the answers, and what lowers their lower ends."""
        above, below = self._shifts(outcome)
        return np.vstack([above[used & (outcome < self.levels - 1)], -below[used & (outcome > 0)]])

    def columns_of(self, names: Sequence[str]) -> list[str]:
        """Return the intercept for each threshold, then the columns of the slopes."""
        return [*[names[0]] * (self.levels - 1), *names[1:]]

    def turned_back(self, turn: Floats) -> Floats:
        """Return what thresholds and slopes are multiplied by; the intercept is a part of the thresholds."""
        cut = self.levels - 1
        back = np.eye(cut + self.columns.shape[1])
        back[:cut, cut:] = -turn[0, 1:]
        back[cut:, cut:] = turn[1:, 1:]
        return back

    def _shifts(self, outcome: Ints) -> tuple[Floats, Floats]:
        """Return the derivatives of the answers' upper and lower ends by the parameters, shape (u, q)."""
        cut = self.levels - 1
        above, below = (
            np.column_stack([outcome[:, None] == np.arange(shift, cut + shift), -self.columns]).astype(float)
            for shift in (0, 1)
        )
        return above, below

    def derivatives(self, parameters: Floats, outcome: Ints, weights: Floats) -> tuple[Floats, Floats]:
        """Return the scores and the weighted observed information."""
        cut = self.levels - 1
        upper, lower = self._ends(parameters, outcome)
        p = np.maximum(self._probability(upper, lower), np.finfo(float).tiny)
        (_, fa, da), (_, fb, db) = _distribution(self.link, upper), _distribution(self.link, lower)
        fa, da = np.where(outcome < cut, fa, 0.0), np.where(outcome < cut, da, 0.0)
        fb, db = np.where(outcome > 0, fb, 0.0), np.where(outcome > 0, db, 0.0)
        above, below = self._shifts(outcome)
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

    def other_answers(self, parameters: Floats, outcome: Ints, used: Bools) -> Floats:
        """Return the probabilities of all answers; those of the given ones do not approach 0."""
        del outcome
        shares = self._shares(parameters)[1][used]
        return np.concatenate([shares.ravel(), 1 - shares.sum(axis=1)])

    def differences(self, outcome: Ints, used: Bools) -> Floats:
        """Return by how much the linear predictors of the answers are above those of all other answers."""
        places = np.concatenate([self.others, np.setdiff1d(np.arange(len(self.others) + 1), self.others)])
        signs = np.eye(len(places))[:, :-1]  # the reference, which is last, has no parameters
        rows = [
            np.hstack([self.columns[used & (outcome == place)] * sign for sign in signs[own] - signs[other]])
            for own, place in enumerate(places)
            for other in range(len(places))
            if other != own
        ]
        return np.vstack(rows)

    def columns_of(self, names: Sequence[str]) -> list[str]:
        """Return the columns of the model, again for each answer that is not the reference."""
        return [*names] * len(self.others)

    def turned_back(self, turn: Floats) -> Floats:
        """Return what the parameters are multiplied by: the same for each answer."""
        return np.asarray(np.kron(np.eye(len(self.others)), turn), dtype=float)

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
