"""One factor by maximum likelihood, and how its parameters follow from the items' covariance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

from trustkit.errors import DataError
from trustkit.scales.derivatives import correlations_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FEWEST = 3
"""With fewer items, one factor has more parameters than there are covariances."""

LOWEST = 0.005
"""A share of an item's variance that its factor leaves; at this bound the fit has failed."""

BOUND = 1e-6
"""A share this close to its bound, relative, has reached it."""

STEPS = 50
"""The most steps of Newton's method."""

PRECISION = 1e-12
"""The steps end when no derivative of the discrepancy is above this."""


@dataclass(frozen=True, eq=False)
class OneFactor:
    """Loadings and unique variances of one factor.

    Attributes
    ----------
    loadings, unique
        Shape (k,): the items' covariance is loadings loadings' + diag(unique); the loadings' sum is positive.
    covariance
        Shape (k, k): the covariance that was fitted.
    """

    loadings: Floats
    unique: Floats
    covariance: Floats

    @property
    def implied(self) -> Floats:
        """The covariance by the model, shape (k, k)."""
        return np.outer(self.loadings, self.loadings) + np.diag(self.unique)

    def slope(self, by_loadings: Floats, by_unique: Floats) -> Floats:
        """Return the derivative, by the fitted covariance, of a function of the parameters.

        Parameters
        ----------
        by_loadings, by_unique
            Shape (k,): the function's derivatives by the parameters.

        Returns
        -------
        array
            Shape (k, k), symmetric. The parameters solve score(parameters, covariance) = 0, so their
            derivative is that of the score by the covariance, divided by minus its derivative by the
            parameters.
        """
        through = np.linalg.solve(self.hessian(), np.concatenate([by_loadings, by_unique]))
        k = len(self.loadings)
        precision = np.linalg.inv(self.implied)
        joint = 2 * np.outer(precision @ through[:k], precision @ self.loadings)
        slope: Floats = (joint + joint.T) / 2 + precision @ np.diag(through[k:]) @ precision
        return slope

    def score(self) -> Floats:
        """Return the derivative of log det(implied) + trace(covariance / implied), shape (2k,)."""
        precision = np.linalg.inv(self.implied)
        gap = precision - precision @ self.covariance @ precision
        return np.concatenate([2 * gap @ self.loadings, np.diag(gap)])

    def hessian(self) -> Floats:
        """Return the derivative of the score by the parameters, shape (2k, 2k)."""
        k = len(self.loadings)
        precision = np.linalg.inv(self.implied)
        data = precision @ self.covariance @ precision
        gap = precision - data
        columns = []
        for place in range(2 * k):
            item = np.zeros(k)
            item[place % k] = 1.0
            change = (
                np.outer(item, self.loadings) + np.outer(self.loadings, item)
                if place < k
                else np.outer(item, item)
            )
            moved = precision @ change @ data
            by_gap = moved + moved.T - precision @ change @ precision
            by_loadings = 2 * by_gap @ self.loadings + (2 * gap[:, place] if place < k else 0.0)
            columns.append(np.concatenate([by_loadings, np.diag(by_gap)]))
        return np.array(columns)


def fit_one_factor(covariance: Floats, names: Sequence[str]) -> OneFactor:
    """Fit one factor to the covariance of some items.

    Raises
    ------
    DataError
        Fewer than three items, items that depend on each other exactly, or an item that the factor would
        explain wholly (a Heywood case).
    """
    k = len(covariance)
    if k < FEWEST:
        raise DataError(
            "one factor needs three items or more", got=f"{k} items: {', '.join(names)}",
            do="take method='standardized_alpha', which for two items is their Spearman-Brown coefficient",
        )  # fmt: skip
    scale = np.sqrt(np.diag(covariance))
    correlations = correlations_of(covariance)
    refuse_dependent(correlations, names)

    def best_loadings(unique: Floats) -> tuple[Floats, Floats]:
        """Return the loadings that fit some unique variances best, and what they leave."""
        root = np.sqrt(unique)
        values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
        return vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0)) * root, values[:-1]

    def discrepancy(logs: Floats) -> float:
        """Return the discrepancy at the best loadings for unique variances with these logarithms."""
        left = best_loadings(np.exp(logs))[1]
        return float((left - np.log(left)).sum())

    def slope(logs: Floats) -> Floats:
        """Return the derivative of the discrepancy by the logarithms."""
        unique = np.exp(logs)
        loadings = best_loadings(unique)[0]
        by_logs: Floats = (loadings**2 + unique - 1) / unique
        return by_logs

    start: Floats = np.log(np.clip((1 - 0.5 / k) / np.diag(np.linalg.inv(correlations)), LOWEST, 1.0))
    bounds = [(math.log(LOWEST), 0.0)] * k
    found = optimize.minimize(discrepancy, start, jac=slope, method="L-BFGS-B", bounds=bounds)
    unique: Floats = np.exp(found.x)
    refuse_explained(unique, names)
    fitted = _polished(OneFactor(best_loadings(unique)[0], unique, correlations))
    refuse_explained(fitted.unique, names)
    sign = 1.0 if fitted.loadings.sum() >= 0 else -1.0
    return OneFactor(sign * fitted.loadings * scale, fitted.unique * scale**2, covariance)


def _polished(fit: OneFactor) -> OneFactor:
    """Return the fit after Newton's steps, to the last digits."""
    k = len(fit.loadings)
    for _ in range(STEPS):
        score = fit.score()
        if np.abs(score).max() < PRECISION:
            break
        step = np.linalg.lstsq(fit.hessian(), score, rcond=None)[0]
        fit = OneFactor(fit.loadings - step[:k], fit.unique - step[k:], fit.covariance)
        if not (fit.unique > 0).all():
            break
    return fit


def refuse_explained(unique: Floats, names: Sequence[str]) -> None:
    """Raise the error that the factor leaves nothing of an item's variance, if that is so.

    Raises
    ------
    DataError
        With these items; ``unique`` holds the shares that are left of the items' variances, shape (k,).
    """
    at_bound = np.flatnonzero(~(unique > LOWEST * (1 + BOUND))).tolist()
    if at_bound:
        raise DataError(
            "the factor explains an item wholly, so its loadings are not determined (a Heywood case)",
            where=", ".join(names[place] for place in at_bound),
            got="a unique variance of 0 or below",
            do="leave the item out, collect more answers, or take method='alpha'",
        )


def refuse_dependent(matrix: Floats, names: Sequence[str]) -> None:
    """Raise the error that some items are an exact sum of others, if a covariance shows it.

    Raises
    ------
    DataError
        With the items whose combination does not vary.
    """
    values, vectors = np.linalg.eigh(matrix)
    if values[0] > len(matrix) * np.finfo(float).eps * values[-1] * 100:
        return
    combined = [name for name, part in zip(names, vectors[:, 0], strict=True) if abs(part) > 1e-6]  # noqa: PLR2004
    raise DataError(
        "some items can be computed exactly from the others",
        where=", ".join(combined), expected="items that differ", do="leave one of them out",
    )  # fmt: skip
