"""The respondents behind the coefficients of a model: those of each level, by the answers to the outcome."""

from __future__ import annotations

from itertools import product
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from trustkit.counted import NUMBERS, Counted, ShownCount
from trustkit.models.coding import INTERCEPT, Levels
from trustkit.models.fit import MODEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.models.coding import Coding, Term
    from trustkit.models.observations import Observations, Target

    Ints = NDArray[np.intp]

THRESHOLD = "|"
"""What the names of an ordinal model's thresholds have; they stand in place of the intercept."""


def model_respondents(
    names: Sequence[str], coding: Coding, target: Target, observations: Observations
) -> tuple[Counted, ...]:
    """Return the respondents behind each coefficient of a model.

    A coefficient of a level tells of its respondents; the respondents of the first levels, to which the
    others are compared, follow from all coefficients of the term and the intercept.

    Parameters
    ----------
    names
        The names of the coefficients.
    coding, target, observations
        How terms became columns, the outcome, and the observations.
    """
    whole = _outcomes(target, observations, np.ones(observations.predictors.size, dtype=bool))
    shown = tuple(ShownCount(0, name, (NUMBERS,)) for name in names)
    n = np.array([[int(whole.sum())]], dtype=np.intp)
    found = [Counted(MODEL, (NUMBERS,), (), ((),), None, n, shown)]
    for term in coding.terms:
        found += _of_term(term, names, target, observations)
    return tuple(found)


def _of_term(term: Term, names: Sequence[str], target: Target, observations: Observations) -> list[Counted]:
    """Return the respondents of each level of a term, or of each crossing of its levels."""
    factors = [
        (part, full) for part, full in zip(term.factors, term.full, strict=True) if isinstance(part, Levels)
    ]
    if not factors or prod(len(part.levels) for part, _ in factors) > observations.predictors.size:
        return []
    own = [column for column, _ in term.names()]
    answers = target.levels or (NUMBERS,)
    found = []
    for places in product(*(range(len(part.levels)) for part, _ in factors)):
        inside = np.ones(observations.predictors.size, dtype=bool)
        for (part, _), place in zip(factors, places, strict=True):
            inside &= observations.predictors.codes[part.name] == place
        counts = _outcomes(target, observations, inside)
        if not counts.any():
            continue
        marks = [
            f"{part.name}[{part.levels[place]}]" for (part, _), place in zip(factors, places, strict=True)
        ]
        is_first = any(not full and not place for (_, full), place in zip(factors, places, strict=True))
        told = own if is_first else [name for name in own if all(mark in name.split(":") for mark in marks)]
        told = [*told, INTERCEPT] if is_first else told
        found.append(
            Counted(
                target.name, answers, tuple(part.name for part, _ in factors),
                (tuple(part.levels[place] for (part, _), place in zip(factors, places, strict=True)),),
                None, counts[None, :],
                tuple(
                    ShownCount(0, name, (answer,))
                    for name in names if _is_about(name, told)
                    for answer in answers
                ),
            )
        )  # fmt: skip
    return found


def _outcomes(target: Target, observations: Observations, inside: NDArray[np.bool_]) -> Ints:
    """Return how many respondents of some observations gave each answer to the outcome, or a number."""
    if not target.levels:
        return np.array([round(float(inside @ observations.respondents))], dtype=np.intp)
    answer = observations.outcome.astype(np.intp)[inside]
    counts = np.bincount(answer, observations.respondents[inside], minlength=len(target.levels))
    return counts.round().astype(np.intp)


def _is_about(name: str, columns: Sequence[str]) -> bool:
    """Return whether a coefficient is of some columns, for one answer to the outcome or for all."""
    if THRESHOLD in name and INTERCEPT in columns:
        return True
    return any(name == column or name.endswith(f": {column}") for column in columns)
