"""Latent classes in arrays: shares of answers in each class by maximum likelihood on counts of patterns.

Answers are categories, so the likelihood depends on the weight of each pattern of answers only. Patterns and
their weights go in; labels and designs are the business of `trustkit.scales.latent_classes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trustkit.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

FLOOR = 1e-10
"""A share that falls to this while the likelihood grows has its limit at 0."""

NEAR_FLOOR = 10 * FLOOR
"""A share below this is at its limit."""

SOFTENED = 0.01
"""A refit starts with shares this much nearer to those of everybody, so that none stays at a limit."""

SEARCH_STEPS = 60
"""EM steps that all starts take together before each is carried on alone."""

MOST_STEPS = 2_000
"""Steps after which a fit that has not converged is given up."""

EM_STEPS = 10
"""EM steps at a time where Newton's step is of no use."""

MOST_HALVINGS = 12
"""How often Newton's step is halved before EM goes on."""

CONVERGED = 1e-8
"""The fit ends if the next step would change the estimates by less than this share of a standard error."""

SINGULAR = 1e-8
"""Eigenvalues of the scaled information below this: some other parameters fit the answers as well."""

LEAST_CURVED = 0.05
"""The least curvature of the scaled log-likelihood that a step away from a saddle reckons with."""

BLOCK = 1 << 13
"""Patterns that are summed at once, so that what is computed on the way stays in the cache."""


@dataclass(frozen=True, eq=False)
class Classes:
    """The parameters of latent classes.

    Attributes
    ----------
    sizes
        Shape (K,): the share of each class.
    shares
        Shape (S, K): the share of each answer to each item in each class; answers follow each other item by
        item.
    """

    sizes: Floats
    shares: Floats

    @property
    def count(self) -> int:
        """The number of classes, K."""
        return len(self.sizes)

    def ordered(self) -> Classes:
        """Return the classes from the largest to the smallest; equal ones by their first answer."""
        order = np.lexsort((*-self.shares[::-1].round(9), -self.sizes.round(9)))
        return Classes(self.sizes[order], self.shares[:, order])


@dataclass(frozen=True, eq=False)
class Fitted:
    """Latent classes at a maximum of the likelihood.

    Attributes
    ----------
    classes
        The parameters.
    loglik
        The log-likelihood, of weights that sum to the number of respondents.
    free
        Shape (K + K * S,): the log odds that are estimated: not those of a share that follows from the
        others, nor those of a share at its limit.
    information
        Shape (p, p): the observed information of the free log odds, of these weights.
    """

    classes: Classes
    loglik: float
    free: Bools
    information: Floats

    @property
    def identified(self) -> bool:
        """Whether no other parameters close by fit the answers as well."""
        return not len(self.information) or _smallest_eigenvalue(self.information) > SINGULAR


@dataclass(frozen=True, eq=False)
class Patterns:
    """Different patterns of answers to some items.

    Attributes
    ----------
    answers
        Shape (C, J): the place of each pattern's answer to each item; -1 where there is none.
    levels
        Shape (J,): the number of answers to each item.
    """

    answers: Ints
    levels: Ints

    @cached_property
    def starts(self) -> Ints:
        """The place of each item's first answer among all S answers, shape (J,)."""
        return np.concatenate([[0], np.cumsum(self.levels)[:-1]]).astype(np.intp)

    @cached_property
    def item_of(self) -> Ints:
        """The item of each answer, shape (S,)."""
        return np.repeat(np.arange(len(self.levels)), self.levels)

    @cached_property
    def chosen(self) -> Floats:
        """Whether a pattern has an answer, shape (C, S), as 0 and 1."""
        table = np.zeros((len(self.answers), int(self.levels.sum())))
        rows, items = np.nonzero(self.answers >= 0)
        table[rows, self.answers[rows, items] + self.starts[items]] = 1.0
        return table

    @cached_property
    def answered(self) -> Floats | None:
        """Whether a pattern has an answer to the item of each answer, (C, S), as 0 and 1; None: all have."""
        given = self.answers >= 0
        return None if given.all() else given[:, self.item_of].astype(float)

    def away(self, shares: Floats) -> Floats:
        """Return the answers less their shares, shape (C, S); 0 for items without an answer."""
        away = self.chosen - shares
        return away if self.answered is None else away * self.answered

    def parameters(self, count: int) -> int:
        """Return the number of parameters of some number of classes."""
        return count - 1 + count * int((self.levels - 1).sum())

    def marginals(self, weights: Floats) -> Floats:
        """Return the share of each answer among those who answered its item, shape (S,)."""
        return self._of_items(weights @ self.chosen)

    def marginal_influences(self, weights: Floats) -> Floats:
        """Return what a pattern adds to these shares, per unit of its share of all weight, shape (C, S)."""
        away = self.away(self.marginals(weights))
        if self.answered is None:
            return away
        own: Floats = away / (weights @ self.answered / weights.sum())
        return own

    def memberships(self, classes: Classes) -> tuple[Floats, Floats]:
        """Return the chance of each class given a pattern, shape (C, K), and the pattern's log chance."""
        joint = self.chosen @ np.log(np.maximum(classes.shares, FLOOR))
        joint += np.log(np.maximum(classes.sizes, FLOOR))
        top = joint.max(axis=1, keepdims=True)
        np.exp(joint - top, out=joint)
        total = joint.sum(axis=1, keepdims=True)
        joint /= total
        return joint, (np.log(total) + top)[:, 0]

    def loglik(self, classes: Classes, weights: Floats) -> float:
        """Return the log-likelihood."""
        return float(weights @ self.memberships(classes)[1])

    def em_step(self, classes: Classes, weights: Floats) -> Classes:
        """Return the parameters after one step of the EM algorithm."""
        members, _ = self.memberships(classes)
        members *= weights[:, None]
        mass = members.sum(axis=0)
        shares = self._of_items((self.chosen.T @ members).T).T
        return Classes(mass / mass.sum(), np.maximum(shares, FLOOR))

    def search(self, weights: Floats, count: int, starts: int, seed: int) -> list[Classes]:
        """Return what EM reaches from random starts, the most likely first.

        Parameters
        ----------
        weights
            Shape (C,).
        count
            The number of classes.
        starts
            The number of starts.
        seed
            Of the random numbers.

        Notes
        -----
        All starts take their steps together: their classes stand beside each other in one matrix.
        """
        drawn = np.random.default_rng(seed).exponential(size=(starts, count, int(self.levels.sum())))
        shares = self._of_items(drawn * self.marginals(weights)).reshape(starts * count, -1).T
        sizes = np.full((starts, count), 1 / count)
        reached = np.zeros(starts)
        for _ in range(SEARCH_STEPS):
            joint = self.chosen @ np.log(np.maximum(shares, FLOOR))
            joint += np.log(np.maximum(sizes, FLOOR)).ravel()
            members = joint.reshape(-1, starts, count)
            top = members.max(axis=2, keepdims=True)
            np.exp(members - top, out=members)
            total = members.sum(axis=2, keepdims=True)
            members *= weights[:, None, None] / total
            reached = weights @ (np.log(total) + top)[:, :, 0]
            mass = members.sum(axis=0)
            shares = self._of_items((self.chosen.T @ members.reshape(len(members), -1)).T).T
            sizes = mass / weights.sum()
        order = np.argsort(-reached, kind="stable")
        parts = shares.reshape(-1, starts, count)
        return [Classes(sizes[start], parts[:, start]) for start in order]

    def fit(self, weights: Floats, start: Classes) -> Fitted:
        """Return the maximum of the likelihood that is reached from some parameters.

        Parameters
        ----------
        weights
            Shape (C,): of each pattern; they sum to the number of respondents.
        start
            The first parameters.

        Raises
        ------
        FitError
            If it does not converge.

        Notes
        -----
        Newton's steps on the log odds, with the exact observed information; EM steps where the likelihood
        is not concave, or a halved step does not raise it.
        """
        classes, steps, size = start, 0, np.inf
        while steps < MOST_STEPS:
            score, information = self._derivatives(classes, weights)
            free = self._free(classes)
            own = information[np.ix_(free, free)]
            change, size = _newton(own, score[free])
            if size < CONVERGED:
                return Fitted(_at_limits(classes, self), self.loglik(classes, weights), free, own)
            moved = None if change is None else self._moved(classes, free, change, weights)
            classes, steps = moved or classes, steps + 1
            if moved is None or not np.isfinite(size):
                for _ in range(EM_STEPS):
                    classes = self.em_step(classes, weights)
                steps += EM_STEPS
        raise FitError(
            "the classes do not converge",
            got=f"after {MOST_STEPS:,} steps a step still moves the estimates by {size:.2g} standard errors",
            do="take fewer classes, or join rare answers (tk.recode)",
        )

    def influences(self, found: Fitted) -> Floats:
        """Return the derivative of the free log odds by the weight of each pattern, shape (C, p)."""
        if not found.free.any():
            return np.zeros((len(self.answers), 0))
        own: Floats = self.scores(found.classes, found.free) @ np.linalg.inv(found.information)
        return own

    def scores(self, classes: Classes, free: Bools) -> Floats:
        """Return the derivative of each pattern's log chance by the free log odds, shape (C, p)."""
        parts = [scores[:, free] for _, _, scores in self._blocks(classes)]
        return np.vstack(parts)

    def slopes(self, classes: Classes) -> Floats:
        """Return the derivative of sizes and shares by all log odds, shape (K + K * S, K + K * S)."""
        k, s = classes.count, len(classes.shares)
        slopes = np.zeros((k + k * s, k + k * s))
        slopes[:k, :k] = np.diag(classes.sizes) - np.outer(classes.sizes, classes.sizes)
        same = self.item_of[:, None] == self.item_of
        for place in range(k):
            own = classes.shares[:, place]
            block = slice(k + place * s, k + (place + 1) * s)
            slopes[block, block] = np.diag(own) - np.outer(own, own) * same
        return slopes

    def _of_items(self, numbers: Floats) -> Floats:
        """Return positive numbers of shape (..., S) divided by their sum over each item."""
        sums = np.maximum(np.add.reduceat(numbers, self.starts, axis=-1), np.finfo(float).tiny)
        return np.asarray(numbers / sums[..., self.item_of], dtype=float)

    def _blocks(self, classes: Classes) -> Iterator[tuple[slice, Floats, Floats]]:
        """Give patterns block by block: their places, memberships and scores by all log odds."""
        for first in range(0, len(self.answers), BLOCK):
            rows = slice(first, first + BLOCK)
            part = Patterns(self.answers[rows], self.levels)
            members, _ = part.memberships(classes)
            away = part.chosen[:, None, :] - classes.shares.T
            if part.answered is not None:
                away *= part.answered[:, None, :]
            own = (members[:, :, None] * away).reshape(len(members), -1)
            yield rows, members, np.hstack([members - classes.sizes, own])

    def _derivatives(self, classes: Classes, weights: Floats) -> tuple[Floats, Floats]:
        """Return the score and the observed information by all log odds (Louis 1982).

        The information of answers with known classes, less what is lost because classes are not known.
        """
        k, s = classes.count, len(classes.shares)
        score = np.zeros(k + k * s)
        lost = np.zeros((len(score), len(score)))
        mass, of_items = np.zeros(k), np.zeros((k, s))
        for rows, members, scores in self._blocks(classes):
            heavy = weights[rows]
            score += heavy @ scores
            mass += heavy @ members
            lost -= (scores * heavy[:, None]).T @ scores
            part = Patterns(self.answers[rows], self.levels)
            if part.answered is None:
                of_items += (heavy @ members)[:, None]
            else:
                of_items += (members * heavy[:, None]).T @ part.answered
            for place in range(k):
                block = slice(k + place * s, k + (place + 1) * s)
                away = part.away(classes.shares[:, place])
                own = away * (heavy * members[:, place])[:, None]
                lost[block, block] += own.T @ away
                to_sizes = np.outer(np.eye(k)[place] - classes.sizes, own.sum(axis=0))
                lost[:k, block] += to_sizes
                lost[block, :k] += to_sizes.T
        away_sizes = np.eye(k) - classes.sizes
        lost[:k, :k] += (away_sizes * mass[:, None]).T @ away_sizes
        complete = self.slopes(classes)
        complete[:k] *= weights.sum()
        complete[k:] *= of_items.ravel()[:, None]
        return score, complete - lost

    def _free(self, classes: Classes) -> Bools:
        """Return which log odds are estimated, shape (K + K * S,)."""
        shares = classes.shares
        free = shares > NEAR_FLOOR
        for first, count in zip(self.starts, self.levels, strict=True):
            largest = first + shares[first : first + count].argmax(axis=0)
            free[largest, np.arange(classes.count)] = False
        of_sizes = classes.sizes > NEAR_FLOOR
        of_sizes[classes.sizes.argmax()] = False
        return np.concatenate([of_sizes, free.T.ravel()])

    def _moved(self, classes: Classes, free: Bools, change: Floats, weights: Floats) -> Classes | None:
        """Return the parameters after a step, halved until the likelihood grows; None if it does not."""
        k, s = classes.count, len(classes.shares)
        before = self.loglik(classes, weights)
        step = np.zeros(len(free))
        step[free] = change
        for _ in range(MOST_HALVINGS):
            bounded = np.clip(step, -4, 4)
            sizes = np.maximum(classes.sizes, FLOOR) * np.exp(bounded[:k])
            shares = classes.shares.T * np.exp(bounded[k:].reshape(k, s))
            moved = Classes(sizes / sizes.sum(), np.maximum(self._of_items(shares).T, FLOOR))
            if self.loglik(moved, weights) >= before - 1e-13 * abs(before):
                return moved
            step = step / 2
        return None


def refitted(patterns: Patterns, classes: Classes, weights: Floats) -> Classes:
    """Return the classes with other weights of the patterns, in the order of the given ones.

    Parameters
    ----------
    patterns, classes
        The patterns, and the classes with their own weights.
    weights
        Shape (C,): the other weights, with the sum of the respondents.
    """
    everybody = patterns.marginals(weights)[:, None]
    start = Classes(classes.sizes, (1 - SOFTENED) * classes.shares + SOFTENED * everybody)
    return matched(patterns.fit(weights, start).classes, classes)


def matched(classes: Classes, target: Classes) -> Classes:
    """Return classes in the order in which their profiles fit those of a target best."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    apart = ((target.shares[:, :, None] - classes.shares[:, None, :]) ** 2).sum(axis=0)
    _, order = linear_sum_assignment(apart)
    return Classes(classes.sizes[order], classes.shares[:, order])


def _smallest_eigenvalue(information: Floats) -> float:
    """Return the smallest eigenvalue of an information that is scaled to 1 in its diagonal."""
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    return float(np.linalg.eigvalsh(information / np.outer(scale, scale))[0])


def _newton(information: Floats, score: Floats) -> tuple[Floats | None, float]:
    """Return Newton's step and its size in standard errors; infinite where the likelihood is not concave."""
    if not len(score):
        return np.zeros(0), 0.0
    if (np.diag(information) <= 0).any():
        return None, np.inf
    scale = np.sqrt(np.diag(information))
    scaled, along = information / np.outer(scale, scale), score / scale
    try:
        root = np.linalg.cholesky(scaled - SINGULAR * np.eye(len(score)))
        change: Floats = np.linalg.solve(root.T, np.linalg.solve(root, along))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(scaled)
        if values[0] < -SINGULAR:  # away from the saddle: up along every direction
            uphill = vectors @ (vectors.T @ along / np.maximum(np.abs(values), LEAST_CURVED))
            return uphill / scale, np.inf
        kept = values > SINGULAR
        change = vectors[:, kept] @ (vectors[:, kept].T @ along / values[kept])
    return change / scale, float(np.sqrt(max(float(change @ along), 0.0)))


def _at_limits(classes: Classes, patterns: Patterns) -> Classes:
    """Return shares at their limit as 0, and the others of their item so that they sum to 1."""
    shares = np.where(classes.shares <= NEAR_FLOOR, 0.0, classes.shares)
    return Classes(classes.sizes, patterns._of_items(shares.T).T)  # noqa: SLF001
