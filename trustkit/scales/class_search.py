"""The search for latent classes: the best of many starts, and what is refused of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.display import show_number
from trustkit.errors import FitError
from trustkit.scales.class_mixture import Patterns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.scales.class_mixture import Fitted

    Floats = NDArray[np.float64]

FINISHED = 6
"""So many of the starts, those with the highest likelihood, are carried on until they converge."""

SAME = 1e-9
"""Log-likelihoods that differ by less than this share are of the same maximum."""

MANY, SOME = 20_000, 20_000
"""With more patterns than ``MANY``, the starts are tried on ``SOME`` respondents drawn by seed."""


def best_classes(
    patterns: Patterns, mass: Floats, count: int, starts: int, seed: int
) -> tuple[Fitted, int, int]:
    """Return the best fit with its classes in order, how many starts reached it, and how many were finished.

    Raises
    ------
    FitError
        If none converges.
    """
    some, own = patterns, mass
    if len(mass) > MANY:
        drawn = np.random.default_rng(seed).multinomial(SOME, mass / mass.sum())
        some, own = Patterns(patterns.answers[drawn > 0], patterns.levels), drawn[drawn > 0].astype(float)
    fits: list[Fitted] = []
    fault: FitError | None = None
    tried = some.search(own, count, starts if count > 1 else 1, seed)[:FINISHED]
    for start in tried:
        try:
            fits.append(some.fit(own, start))
        except FitError as error:
            fault = error
    if fault is not None and not fits:
        raise fault
    best = max(fits, key=lambda fit: fit.loglik)
    reached = sum(best.loglik - fit.loglik <= SAME * abs(best.loglik) for fit in fits)
    return patterns.fit(mass, best.classes.ordered()), reached, len(tried)


def refuse_undetermined(found: Fitted, n: int) -> None:
    """Refuse classes that the answers do not determine."""
    count = found.classes.count
    smallest = float(found.classes.sizes.min()) * n
    if smallest < 1:
        raise FitError(
            "a class holds less than one respondent",
            got=f"{show_number(smallest)} of {n:,} respondents, in one of {count} classes",
            do="take fewer classes",
        )  # fmt: skip
    if not found.identified:
        raise FitError(
            "the classes are not identified: other sizes and shares fit the answers as well",
            got=f"{count} classes", do="take fewer classes, or more items",
        )  # fmt: skip
