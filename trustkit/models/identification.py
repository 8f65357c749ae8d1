"""Whether data determine a model's coefficients: columns that follow from others, separated outcomes.

Arrays go in and places of columns come out; `trustkit.models.scoring` and `trustkit.models.glm` make the
messages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.models.slopes import blocks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.models.families import Family

    Floats = NDArray[np.float64]

ALIASED = 1e-9
"""A column follows from the others if less than this share of it remains after regressing it on them."""

WELL_CONDITIONED = 1e-5
"""Above this share the cross-products of the columns tell as much as the columns."""

MANY = 200_000
"""With more observations, cross-products are tried before a QR decomposition."""

SEPARATED = 1e-6
"""A direction separates the outcome if the sum of its distances, in scaled columns, is above this."""

EXTREME = 1e-7
"""Nearer to 0 or 1, a probability may be on its way to it."""

VANISHING = 1e-9
"""Below this share of the mean outcome, a mean of counts may be on its way to 0."""


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


def centred(columns: Floats, weights: Floats) -> Floats:
    """Return the columns less their means, if one of them is constant: the model is the same.

    Numbers far from zero, such as dates, then tell as much as others. The constant column stays.

    Examples
    --------
    >>> centred(np.array([[1.0, 2021.0], [1.0, 2023.0]]), np.ones(2)).tolist()
    [[1.0, -1.0], [1.0, 1.0]]
    """
    constant = (columns == columns[:1]).all(axis=0) & (columns[:1] != 0).all(axis=0)
    if not constant.any():
        return columns
    means = np.average(columns, axis=0, weights=weights)
    return columns - np.where(constant, 0.0, means)


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
