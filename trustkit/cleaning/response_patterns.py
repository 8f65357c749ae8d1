"""Careless responding: indices per respondent from a frame of numbers. Nobody is dropped here.

Conventions are those of the R package careless 1.2; where they differ, the docstring says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.errors import DataError, NotComputableError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

BLOCK = 2**22
"""The most numbers that a step keeps in memory besides its input: 32 MB of doubles."""


def longest_run(answers: pd.DataFrame) -> pd.Series:
    """Return the longest run of one and the same answer in consecutive items, per respondent.

    Parameters
    ----------
    answers
        Respondents x items, in the order asked. A missing answer ends a run.

    Returns
    -------
    Series of int
        Length of the longest run (Johnson 2005, doi:10.1016/j.jrp.2004.09.009; matches `longstring` of
        the R package careless, save that nothing answered is 0, not 1).

    Examples
    --------
    >>> longest_run(pd.DataFrame({"a": [1, 1], "b": [1, 2], "c": [1, 2]})).tolist()
    [3, 2]
    """
    run = np.zeros(len(answers), dtype=np.int64)
    longest, before = run, run - 1
    for here in _codes(answers):
        run = np.where(here < 0, 0, np.where(here == before, run + 1, 1))
        longest = np.maximum(longest, run)
        before = here
    return pd.Series(longest, index=answers.index, name="longest_run")


def relative_time(duration: pd.Series) -> pd.Series:
    r"""Return each respondent's time as a share of the median time.

    Parameters
    ----------
    duration
        Time taken, in any unit. Unknown times stay unknown.

    Returns
    -------
    Series of float
        $t_i / \mathrm{median}(t)$; Greszki, Meyer and Schoen 2015 (doi:10.1093/poq/nfu058) compare
        thresholds for it.

    Raises
    ------
    DataError
        If the times are not numbers, none is known, or the median is 0.

    Examples
    --------
    >>> relative_time(pd.Series([100.0, 400.0, 600.0])).tolist()
    [0.25, 1.0, 1.5]
    """
    times = pd.Series(numbers(duration.to_frame())[:, 0], index=duration.index, name="relative_time")
    middle = times.median()
    if not middle > 0:
        raise NotComputableError("the median time is unknown, or not above 0")
    return times / middle


def irv(items: pd.DataFrame) -> pd.Series:
    r"""Return the intra-individual response variability: the standard deviation of a respondent's answers.

    Parameters
    ----------
    items
        Respondents x items, numbers on one scale, as presented (not turned around).

    Returns
    -------
    Series of float
        $\sqrt{\sum_j (x_{ij} - \bar x_i)^2 / (k_i - 1)}$ over the $k_i$ items answered; NaN with fewer
        than two. Low values are straight-lining (Dunn, Heggestad, Shanock and Theilgard 2018,
        doi:10.1007/s10869-016-9479-0), high ones random answers (Marjanovic and others 2015,
        doi:10.1016/j.paid.2014.08.021). Matches `irv` of the R package careless (`sd(na.rm = TRUE)`);
        insufficient-effort divides by $k_i$.

    Examples
    --------
    >>> irv(pd.DataFrame([[3, 3, 3], [1, 3, 5]])).tolist()
    [0.0, 2.0]
    """
    values = numbers(items)
    spread = np.full(len(values), np.nan)
    for rows in row_blocks(values):
        given = np.isfinite(values[rows])
        n = given.sum(axis=1)
        squares = (centred(values[rows], given) ** 2).sum(axis=1)
        spread[rows] = np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), np.nan)
    return pd.Series(spread, index=items.index, name="irv")


def mahalanobis(items: pd.DataFrame) -> pd.Series:
    r"""Return the squared Mahalanobis distance of each respondent's answers from the mean answers.

    Parameters
    ----------
    items
        Respondents x items, numbers. Items that don't vary are left out.

    Returns
    -------
    Series of float
        $D^2_i = z_i^\top S^{-1} z_i$ with $z_i$ the deviations from the item means (0 where missing) and
        $S$ the covariance over respondents, pairwise where answers are missing; NaN where nothing is
        answered. For normal answers chi-square with as many df as items. The pseudo-inverse stands in for
        the inverse where items depend on each other.

    Raises
    ------
    DataError
        If no item varies, there are no more respondents than items, two items were never answered
        together, or so many answers are missing that the pairwise covariance is not positive semidefinite.

    Notes
    -----
    Meade and Craig 2012, doi:10.1037/a0028085. Matches `mahad` of the R package careless (psych's `outlier`):
    a missing answer counts as average, so respondents with many of them look less unusual than they are.
    (insufficient-effort gives the root, and nothing for incomplete respondents.)

    Examples
    --------
    >>> answers = pd.DataFrame({"a": [1, 2, 3, 4, 1], "b": [1, 2, 3, 4, 4]})
    >>> mahalanobis(answers).round(2).tolist()
    [2.0, 0.4, 0.4, 2.0, 3.2]
    """
    values = numbers(items)
    answered = np.asarray(np.isfinite(values).any(axis=1))
    vary = varying(items)
    values = values if vary.all() else values[:, vary]
    n, k = values.shape
    if not k:
        raise NotComputableError("no item varies")
    if answered.sum() <= k:
        raise NotComputableError(
            "there are no more respondents than items", got=f"{answered.sum()}, {k} items"
        )
    known = sum(np.isfinite(values[rows]).sum(axis=0) for rows in row_blocks(values))
    means = sum(np.nansum(values[rows], axis=0) for rows in row_blocks(values)) / known
    inverse = np.linalg.pinv(_covariance(values, means), hermitian=True)
    distances = np.full(n, np.nan)
    for rows in row_blocks(values):
        z = np.nan_to_num(values[rows] - means)
        distances[rows] = np.where(answered[rows], np.einsum("ij,ij->i", z @ inverse, z), np.nan)
    return pd.Series(distances, index=items.index, name="mahalanobis")


def varying(items: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which items got more than one answer, shape (items,)."""
    values = numbers(items)
    low = np.fmin.reduce(values, axis=0, initial=np.inf)
    high = np.fmax.reduce(values, axis=0, initial=-np.inf)
    return np.asarray(low < high)


def _covariance(values: Floats, means: Floats) -> Floats:
    """Return the pairwise covariance, R's ``cov(use = "pairwise")``, one block of rows at a time."""
    k = values.shape[1]
    products, sums, counts = np.zeros((k, k)), np.zeros((k, k)), np.zeros((k, k))
    for rows in row_blocks(values):
        given = np.isfinite(values[rows]).astype(float)
        z = np.nan_to_num(values[rows] - means)
        products += z.T @ z
        sums += z.T @ given
        counts += given.T @ given
    if counts.min() < 2:  # noqa: PLR2004  # a covariance needs two
        raise NotComputableError("two items were not answered together by two respondents")
    covariance = (products - sums * sums.T / counts) / (counts - 1)
    values_of = np.linalg.eigvalsh(covariance)
    if values_of[0] < -1e-8 * values_of[-1]:
        raise NotComputableError("too many answers are missing for a covariance of the items")
    return np.asarray(covariance, dtype=np.float64)


def centred(values: Floats, given: NDArray[np.bool_]) -> Floats:
    """Return deviations from the mean of a row's answers, 0 if missing; exactly 0 in a constant row."""
    first = np.take_along_axis(values, given.argmax(axis=1)[:, None], axis=1)
    shifted = np.where(given, values - first, 0.0)
    means = shifted.sum(axis=1) / np.maximum(given.sum(axis=1), 1)
    return np.where(given, shifted - means[:, None], 0.0)


def row_blocks(values: Floats, *, width: int | None = None) -> Iterator[slice]:
    """Cut the rows into slices whose temporaries stay small."""
    step = max(1, BLOCK // max(width or values.shape[1], 1))
    return (slice(start, start + step) for start in range(0, len(values), step))


def numbers(items: pd.DataFrame) -> Floats:
    """Return a frame as doubles, NaN where missing; refuse what isn't a number."""
    wrong = [
        str(name)
        for name, dtype in zip(items.columns, items.dtypes, strict=True)
        if not pd.api.types.is_numeric_dtype(dtype)
    ]
    if wrong:
        raise DataError("the items are not numbers", got=", ".join(wrong), do="score them first")
    if all(isinstance(dtype, np.dtype) for dtype in items.dtypes):
        values = items.to_numpy(dtype=np.float64)  # no copy of a frame of doubles
    else:
        values = items.to_numpy(dtype=np.float64, na_value=np.nan)
    if np.isinf(values).any():
        raise DataError("an item contains an infinite number", do="set it to missing")
    return values


def _codes(answers: pd.DataFrame) -> Iterator[NDArray[np.int64]]:
    """Give equal answers equal numbers across the items, -1 for missing; one item after the other."""
    place: dict[Hashable, int] = {}
    for name in answers:
        codes, values = pd.factorize(answers[name])
        lookup = np.array([*(place.setdefault(value, len(place)) for value in values), -1])
        yield lookup[codes]
