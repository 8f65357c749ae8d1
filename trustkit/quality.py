"""Careless responding: indices per respondent. Nobody is dropped here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable


def longest_run(answers: pd.DataFrame) -> pd.Series:
    """Return the longest run of one and the same answer in consecutive items, per respondent.

    Parameters
    ----------
    answers
        Respondents x items, in the order asked. A missing answer ends a run.

    Returns
    -------
    Series of int
        Length of the longest run (Johnson 2005, doi:10.1016/j.jrp.2004.09.009; `longstring` of the
        R package careless).

    Examples
    --------
    >>> longest_run(pd.DataFrame({"a": [1, 1], "b": [1, 2], "c": [1, 2]})).tolist()
    [3, 2]
    """
    codes = np.column_stack(_codes(answers)) if answers.shape[1] else np.empty((len(answers), 0))
    run = np.zeros(len(answers), dtype=np.int64)
    longest = run
    for place in range(codes.shape[1]):
        here = codes[:, place]
        same = (here == codes[:, place - 1]) if place else np.zeros(len(here), dtype=bool)
        run = np.where(here < 0, 0, np.where(same, run + 1, 1))
        longest = np.maximum(longest, run)
    return pd.Series(longest, index=answers.index, name="longest_run")


def _codes(answers: pd.DataFrame) -> list[np.ndarray]:
    """Give equal answers equal numbers across the items, -1 for missing."""
    place: dict[Hashable, int] = {}
    coded = []
    for name in answers:
        codes, values = pd.factorize(answers[name])
        lookup = np.array([*(place.setdefault(value, len(place)) for value in values), -1])
        coded.append(lookup[codes])
    return coded
