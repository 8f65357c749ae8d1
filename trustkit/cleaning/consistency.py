"""Consistency: how far answers that belong together agree within a respondent.

Conventions are those of the R package careless 1.2; what insufficient-effort computes in the same way, it
computes (the extra ``all``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.cleaning.response_patterns import centred, numbers, row_blocks
from trustkit.errors import DataError, NotComputableError, install_hint

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

FEWEST_POINTS = 3
"""Points that a correlation within a respondent needs: two always lie on a line."""


def even_odd(items: pd.DataFrame, sizes: Sequence[int]) -> pd.Series:
    """Return how badly the two halves of each scale agree within a respondent.

    Parameters
    ----------
    items
        Respondents x items, scale after scale, reversed items turned around, all on one range.
    sizes
        How many items each scale has, in order; they sum to the number of columns.

    Returns
    -------
    Series of float
        $-2r / (1 + r)$, at most 1, where $r$ correlates a respondent's means of the even with those of
        the odd items over the scales: -1 is consistent, higher is more careless. NaN where fewer than
        three scales have both halves, or a half is the same on all of them.

    Raises
    ------
    DataError
        If the sizes don't fit, or there are fewer than three scales of two items.
        Also if the package insufficient-effort is not installed.

    Notes
    -----
    Johnson 2005, doi:10.1016/j.jrp.2004.09.009. Calls insufficient-effort (``evenodd``, halves) and turns the
    sign, as `evenodd` of the R package careless does from 1.2.0 on. R also accepts two scales, where
    the index can only be -1, 1 or missing.

    Examples
    --------
    >>> answers = pd.DataFrame([[1, 2, 3, 3, 5, 4], [1, 2, 5, 4, 2, 4], [1, 5, 5, 1, 3, 3]])
    >>> even_odd(answers, [2, 2, 2]).round(2).tolist()
    [-1.0, -0.82, 1.0]
    """
    values = numbers(items)
    if sum(sizes) != values.shape[1] or min(sizes, default=1) < 1:
        raise DataError(
            "the sizes of the scales don't fit the items",
            got=f"sizes {list(sizes)}, {values.shape[1]} items",
            expected="positive sizes that sum to the number of items",
        )
    halved = sum(size > 1 for size in sizes)
    if halved < FEWEST_POINTS:
        raise NotComputableError(
            "even-odd consistency needs three scales of two items or more", got=f"{halved} such scales"
        )
    consistency = np.full(len(values), np.nan)
    if len(values):
        scores, available = _ier().evenodd(values, list(sizes), diag=True, method="halves")
        consistency = np.where(available >= FEWEST_POINTS, -scores, np.nan)
    return pd.Series(consistency, index=items.index, name="even_odd")


def item_pairs(items: pd.DataFrame, *, critval: float = 0.6) -> pd.DataFrame:
    """Return the pairs of items that correlate more strongly than a critical value, over respondents.

    Parameters
    ----------
    items
        Respondents x items, numbers, as presented (turned around, antonyms would become synonyms).
    critval
        Smallest size of the correlation, exclusive; between 0 and 1.

    Returns
    -------
    DataFrame
        ``item``, ``other`` and ``r`` (over the respondents who answered both), strongest first; r > 0 are
        psychometric synonyms, r < 0 antonyms. Matches `psychsyn_critval` of the R package careless;
        computed by insufficient-effort.

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 2, 3, 5], "c": [5, 3, 2, 1]})
    >>> item_pairs(answers, critval=0.98).round(3)
      item other     r
    0    a     b  0.983
    1    a     c -0.983
    """
    if not 0 <= critval < 1:
        raise DataError("the critical value is out of range", got=f"{critval:g}", expected="0 to below 1")
    values = numbers(items)
    pairs: list[tuple[int, int, float]] = []
    if values.shape[1] > 1 and len(values):
        pairs = _ier().psychsyn_critval(values, min_correlation=critval, item_correlations="pairwise")
    rows = [(items.columns[i], items.columns[j], r) for i, j, r in pairs if abs(r) > critval]
    table = pd.DataFrame(rows, columns=["item", "other", "r"])
    return table.sort_values("r", key=abs, ascending=False, kind="stable", ignore_index=True)


def psychsyn(items: pd.DataFrame, *, critval: float = 0.6, pairs: pd.DataFrame | None = None) -> pd.Series:
    """Return how well the answers to psychometric synonyms agree within a respondent.

    Parameters
    ----------
    items
        Respondents x items, numbers on one range, as presented.
    critval
        Items that correlate above it, over respondents, are synonyms.
    pairs
        What `item_pairs` gave for these items, to save its time; its synonyms are taken.

    Returns
    -------
    Series of float
        The correlation between the two answers over the synonym pairs that a respondent answered: near 1
        is consistent, low is careless. NaN with fewer than three such pairs, or without variation.

    Raises
    ------
    DataError
        If no three pairs of items are synonyms, or insufficient-effort is not installed.

    Notes
    -----
    Meade and Craig 2012, doi:10.1037/a0028085. Matches `psychsyn(resample_na = FALSE)` of the R package
    careless; its default draws random pair orders until a missing score turns into a number, which differs
    from run to run. (insufficient-effort scores such respondents 0, and accepts two pairs.)

    Examples
    --------
    >>> answers = pd.DataFrame([[1, 1, 2], [2, 3, 2], [4, 4, 4], [5, 4, 3]])
    >>> psychsyn(answers).round(2).tolist()
    [nan, -0.5, nan, 0.5]
    """
    pairs = item_pairs(items, critval=abs(critval)) if pairs is None else pairs
    return _within(items, pairs[pairs["r"] > 0], "psychsyn", "synonyms")


def psychant(items: pd.DataFrame, *, critval: float = -0.6, pairs: pd.DataFrame | None = None) -> pd.Series:
    """Return how far the answers to psychometric antonyms agree, not oppose, within a respondent.

    Parameters
    ----------
    items, pairs
        As in `psychsyn`; the antonyms among the pairs are taken.
    critval
        Items that correlate below it, over respondents, are antonyms.

    Returns
    -------
    Series of float
        The correlation between the two answers over the antonym pairs that a respondent answered: near -1
        is consistent, high is careless. NaN as in `psychsyn`.

    Raises
    ------
    DataError
        As in `psychsyn`.

    Notes
    -----
    Johnson 2005, doi:10.1016/j.jrp.2004.09.009. Matches `psychant` of the R package careless, as `psychsyn`
    does its namesake.

    Examples
    --------
    >>> answers = pd.DataFrame([[1, 5, 2, 4], [2, 4, 3, 3], [4, 2, 4, 2], [5, 1, 5, 2]])
    >>> psychant(answers).round(2).tolist()
    [-0.94, -0.52, -1.0, -0.96]
    """
    pairs = item_pairs(items, critval=abs(critval)) if pairs is None else pairs
    return _within(items, pairs[pairs["r"] < 0], "psychant", "antonyms")


def _within(items: pd.DataFrame, pairs: pd.DataFrame, name: str, kind: str) -> pd.Series:
    """Correlate the two answers of the pairs within each respondent."""
    if len(pairs) < FEWEST_POINTS:
        raise NotComputableError(
            f"fewer than three pairs of items are {kind}", got=f"{len(pairs)}", do="try another critval"
        )
    values = numbers(items)
    left = items.columns.get_indexer(pd.Index(pairs["item"]))
    right = items.columns.get_indexer(pd.Index(pairs["other"]))
    correlations = np.full(len(values), np.nan)
    for rows in row_blocks(values, width=2 * len(pairs)):
        one, other = values[rows][:, left], values[rows][:, right]
        given = np.isfinite(one) & np.isfinite(other)
        one, other = centred(one, given), centred(other, given)
        scale = np.sqrt((one**2).sum(axis=1) * (other**2).sum(axis=1))
        usable = (given.sum(axis=1) >= FEWEST_POINTS) & (scale > 0)
        product = (one * other).sum(axis=1)
        correlations[rows] = np.where(usable, product / np.where(usable, scale, 1.0), np.nan)
    return pd.Series(np.clip(correlations, -1, 1), index=items.index, name=name)


def _ier() -> ModuleType:
    """Import insufficient-effort."""
    try:
        import ier  # noqa: PLC0415
    except ImportError:
        raise DataError(
            "even-odd consistency, synonyms and antonyms need the package insufficient-effort",
            do=install_hint("all"),
        ) from None
    return ier
