"""Several factors by maximum likelihood, their rotations, and a general factor above them."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import optimize

from trustkit.errors import DataError, FitError
from trustkit.scales.one_factor import LOWEST, refuse_dependent, refuse_explained

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Rotation = Literal["oblimin", "varimax", "none"]

STEPS = 50
"""The most steps of Newton's method."""

PRECISION = 1e-11
"""Newton's steps end when no derivative of the discrepancy is above this."""

TURNS = 20_000
"""The most steps of a rotation."""

TURNED = 1e-10
"""A rotation ends when its projected derivative is below this."""

CLOSE = 1e-4
"""Below this derivative a step of a rotation is judged by the next derivative."""

HALVINGS = 12
"""How often a step of a rotation is halved before it is taken as it is."""

GROUP_FACTORS = 3
"""A general factor above fewer group factors is not identified."""

ITEMS_OF_GROUP = 3
"""The items per group factor that a general factor above them needs."""

FEWEST_AT_HOME = 2
"""A group factor on which fewer items load highest is none; an item may move between factors."""


@dataclass(frozen=True, eq=False)
class Extraction:
    """Factors of a correlation matrix by maximum likelihood, before rotation.

    Attributes
    ----------
    loadings
        Shape (k, m).
    unique
        Shape (k,): the share of each item's variance that the factors leave.
    discrepancy
        log det(implied) - log det(correlations) + trace(correlations / implied) - k, at its minimum.
    """

    loadings: Floats
    unique: Floats
    discrepancy: float


def most_factors(items: int) -> int:
    """Return how many factors some items can have, before there are more parameters than correlations.

    Examples
    --------
    >>> [most_factors(items) for items in (3, 5, 6, 9)]
    [1, 2, 3, 5]
    """
    return max(
        m for m in range(items) if (items - m) ** 2 >= items + m
    )  # the degrees of freedom are half of the difference


def extract(
    correlations: Floats, count: int, names: Sequence[str], start: Floats | None = None
) -> Extraction:
    """Return factors of a correlation matrix by maximum likelihood.

    Parameters
    ----------
    correlations
        Shape (k, k).
    count
        How many factors.
    names
        The items, for messages.
    start
        Shape (k,): the unique variances of correlations close to these; None: they are searched for.

    Raises
    ------
    DataError
        Items that depend on each other exactly, or an item that the factors would explain wholly.

    Notes
    -----
    At given unique variances the best loadings are known (Joreskog 1967, doi:10.1007/BF02289658), so the
    discrepancy is a function of the unique variances alone; Newton's method with its exact second derivatives
    ends the search. Equals ``factanal`` of R and statsmodels' ``Factor(method="ml")``.
    """
    k = len(correlations)
    refuse_dependent(correlations, names)

    def parts(logs: Floats) -> tuple[Floats, Floats]:
        """Return the eigenvalues, from the largest, and vectors of the correlations by unique variances."""
        root = np.exp(logs / 2)
        values, vectors = np.linalg.eigh(correlations / np.outer(root, root))
        return values[::-1], vectors[:, ::-1]

    def discrepancy(logs: Floats) -> float:
        left = parts(logs)[0][count:]
        return float((left - np.log(left) - 1).sum())

    def slope(logs: Floats) -> Floats:
        values, vectors = parts(logs)
        by_logs: Floats = vectors[:, count:] ** 2 @ (1 - values[count:])
        return by_logs

    if start is None:
        first = np.clip((1 - 0.5 * count / k) / np.diag(np.linalg.inv(correlations)), LOWEST, 1.0)
        bounds = [(math.log(LOWEST), 0.0)] * k
        found = optimize.minimize(discrepancy, np.log(first), jac=slope, method="L-BFGS-B", bounds=bounds)
        refuse_explained(np.exp(found.x), names)
        logs: Floats = found.x
    else:
        logs = np.log(start)
    for _ in range(STEPS):
        score = slope(logs)
        if np.abs(score).max() < PRECISION:
            break
        logs = logs - np.clip(np.linalg.lstsq(_curvature(*parts(logs), count), score, rcond=None)[0], -1, 1)
    unique: Floats = np.exp(logs)
    refuse_explained(unique, names)
    values, vectors = parts(logs)
    vectors = vectors[:, :count]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0, -1.0, 1.0)
    loadings = vectors * np.sqrt(np.maximum(values[:count] - 1, 0.0)) * np.sqrt(unique)[:, None]
    return Extraction(loadings, unique, discrepancy(logs))


def _curvature(values: Floats, vectors: Floats, count: int) -> Floats:
    """Return the second derivatives of the discrepancy by the logarithms of the unique variances."""
    left = np.arange(len(values)) >= count
    total = values[:, None] + values[None, :]
    within = np.where(np.outer(left, left), total / 2, 0.0)
    apart = np.subtract.outer(values, values)
    across = np.outer(left, ~left)
    between = np.divide((values[:, None] - 1) * total, apart, out=np.zeros_like(total), where=across)
    weights = within + between
    products = np.einsum("ir,is->irs", vectors, vectors).reshape(len(values), -1)
    curvature: Floats = (products * weights.ravel()) @ products.T
    return curvature


def rotated(loadings: Floats, rotation: Rotation) -> tuple[Floats, Floats]:
    """Return turned loadings and the factors' correlations, factors from the one that explains most.

    Parameters
    ----------
    loadings
        Shape (k, m), before rotation.
    rotation
        ``oblimin`` (the direct quartimin), ``varimax`` (with Kaiser's normalization) or ``none``.

    Returns
    -------
    loadings, correlations
        Shapes (k, m) and (m, m). The loadings of each factor sum to a positive number.

    Examples
    --------
    >>> import numpy as np
    >>> mixed = np.array([[0.64, 0.48], [0.56, 0.42], [0.48, -0.64], [0.3, -0.4]])
    >>> (rotated(mixed, "varimax")[0].round(2) + 0).tolist()
    [[0.8, 0.0], [0.7, 0.0], [0.0, 0.8], [0.0, 0.5]]
    """
    count = loadings.shape[1]
    between = np.eye(count)
    if count > 1 and rotation == "oblimin":
        turn = oblimin_turn(loadings)
        loadings, between = loadings @ np.linalg.inv(turn).T, turn.T @ turn
    elif count > 1 and rotation == "varimax":
        loadings = loadings @ _varimax_turn(loadings)
    signs = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    loadings, between = loadings * signs, between * np.outer(signs, signs)
    explained = ((loadings @ between) * loadings).sum(axis=0)
    order = np.argsort(-explained, kind="stable")
    return loadings[:, order] + 0.0, between[np.ix_(order, order)] + 0.0


def oblimin_turn(loadings: Floats, start: Floats | None = None) -> Floats:
    """Return the matrix T of the quartimin rotation: loadings inverse(T)', correlations T'T.

    Raises
    ------
    FitError
        If the rotation does not come to an end.

    Notes
    -----
    Projected steps down the derivative from varimax (Jennrich 2002, doi:10.1007/BF02294706); from unrotated
    loadings they can end at a worse place. The items are not normalized first, as in GPArotation's
    ``oblimin``.
    """
    count = loadings.shape[1]
    turn = _varimax_turn(loadings) if start is None else start
    off = 1 - np.eye(count)

    def criterion(at: Floats) -> tuple[float, Floats]:
        """Return the criterion, and its derivative along the unit columns of a turn."""
        inverse = np.linalg.inv(at)
        turned = loadings @ inverse.T
        others = turned**2 @ off
        slope = -(turned.T @ (turned * others) @ inverse).T
        return float((turned**2 * others).sum() / 4), slope - at * (at * slope).sum(axis=0)

    value, projected = criterion(turn)
    size, step = float(np.linalg.norm(projected)), 1.0
    for _ in range(TURNS):
        if size < TURNED:
            return turn
        step *= 2
        for _ in range(HALVINGS):
            moved = turn - step * projected
            moved = moved / np.linalg.norm(moved, axis=0)
            lower, next_projected = criterion(moved)
            next_size = float(np.linalg.norm(next_projected))
            near = size < CLOSE and next_size < size  # the value has no digits left, its derivative has
            if near or value - lower > 0.5 * size**2 * step:
                break
            step /= 2
        turn, value, projected, size = moved, lower, next_projected, next_size
    raise FitError(
        "the oblimin rotation did not come to an end", got=f"{TURNS:,} steps",
        do="take fewer factors, or rotation='varimax'",
    )  # fmt: skip


def _varimax_turn(loadings: Floats) -> Floats:
    """Return the orthogonal matrix of Kaiser's varimax, by turns of two factors at a time (Kaiser 1958)."""
    scale = np.sqrt((loadings**2).sum(axis=1))
    rows = loadings / np.where(scale > 0, scale, 1.0)[:, None]
    count, items = rows.shape[1], len(rows)
    turn = np.eye(count)
    for _ in range(TURNS):
        largest = 0.0
        for one, other in itertools.combinations(range(count), 2):
            x, y = (rows @ turn[:, [one, other]]).T
            u, v = x**2 - y**2, 2 * x * y
            across = 2 * (u * v).sum() - 2 * u.sum() * v.sum() / items
            along = (u**2 - v**2).sum() - (u.sum() ** 2 - v.sum() ** 2) / items
            angle = float(np.arctan2(across, along)) / 4
            cosine, sine = math.cos(angle), math.sin(angle)
            turn[:, [one, other]] = turn[:, [one, other]] @ np.array([[cosine, -sine], [sine, cosine]])
            largest = max(largest, abs(angle))
        if largest < TURNED:
            break
    return turn


@dataclass(frozen=True, eq=False)
class GeneralFactor:
    """A general factor above three group factors.

    Attributes
    ----------
    loadings
        Shape (k,): the items' loadings on it; their sum is positive.
    unique
        Shape (k,): what the group factors leave of the items' variances.
    turn
        Shape (3, 3): the rotation of the group factors.
    """

    loadings: Floats
    unique: Floats
    turn: Floats


def general_factor(
    correlations: Floats, names: Sequence[str], near: GeneralFactor | None = None
) -> GeneralFactor:
    """Return the general factor of some items.

    Parameters
    ----------
    correlations
        Shape (k, k).
    names
        The items, for messages.
    near
        The general factor of correlations close to these, from which the search begins.

    Raises
    ------
    DataError
        Fewer than nine items, a group factor with fewer than two items, or group factors whose correlations
        no general factor gives.

    Notes
    -----
    Three factors by maximum likelihood, turned by oblimin; one factor of their correlations; loadings on it
    times those of the items (Schmid and Leiman 1957, doi:10.1007/BF02289209). With three group factors their
    correlations give the general factor's loadings exactly: the first one is the root of r12 r13 / r23.
    """
    need = GROUP_FACTORS * ITEMS_OF_GROUP
    if len(names) < need:
        raise DataError(
            "a general factor needs three group factors of three items or more each",
            got=f"{len(names)} items: {', '.join(names)}", expected=f"{need} items or more",
            do="take method='omega'",
        )  # fmt: skip
    found = extract(correlations, GROUP_FACTORS, names, None if near is None else near.unique)
    turn = oblimin_turn(found.loadings, None if near is None else near.turn)
    loadings, between = found.loadings @ np.linalg.inv(turn).T, turn.T @ turn
    home = np.abs(loadings).argmax(axis=1).tolist()
    groups = [
        [name for name, own in zip(names, home, strict=True) if own == place]
        for place in range(GROUP_FACTORS)
    ]
    if min(map(len, groups)) < FEWEST_AT_HOME:
        raise DataError(
            "a group factor has fewer than two items, so it is not a factor of a group",
            got="; ".join(", ".join(group) or "no item" for group in groups),
            expected="three groups of items, by the largest loading of each item",
            do="take method='omega'",
        )
    pairs = np.array([between[1, 2], between[0, 2], between[0, 1]])
    product = float(pairs.prod())
    squares = product / pairs**2 if product > 0 else np.full(GROUP_FACTORS, np.inf)
    if (squares >= 1).any():
        raise DataError(
            "no general factor gives the correlations of the group factors",
            got=", ".join(f"{value:.3f}" for value in pairs),
            do="take method='omega', or one scale per group",
        )
    signs = np.array([1.0, np.sign(pairs[2]), np.sign(pairs[1])])
    general: Floats = loadings @ (signs * np.sqrt(squares))
    return GeneralFactor(general if general.sum() >= 0 else -general, found.unique, turn)
