"""Duplicates: respondents who look like a copy of another. Nobody is dropped here."""

from __future__ import annotations

import unicodedata
from collections import Counter
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.errors import DataError, NotComputableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

MOST_COMPARISONS = 200_000_000
"""Pairs of respondents that `percent_match` compares (20,000 respondents): some 3 s for 60 items."""

FEWEST_COMMON = 0.5
"""Share of the items that two respondents must both have answered to be compared."""

SHORTEST_TEXT = 20
"""Characters below which two equal texts say nothing: many people write "nothing comes to mind"."""

SHINGLE = 5
"""Characters in a shingle."""

MOST_CHARACTERS = 2_000_000
"""Characters of different texts that `similar_texts` takes (20,000 texts of 100): some 3 s and 150 MB."""

SHARED = 3
"""Rare shingles that two texts must share before `similar_texts` compares them in full."""

MOST_LOOKUPS = 30_000_000
"""Rare shingles shared by two texts that `similar_texts` follows up."""

CELLS = 2**20
"""Pairs of respondents that are compared at once."""

SHINGLE_TOLERANCE = 1e-9
"""How far below a whole number of shingles a product may be and still count as having reached it."""


def same_rows(answers: pd.DataFrame) -> pd.Series:
    """Count the other rows that are equal in every column, missing answers counting as equal.

    Parameters
    ----------
    answers
        One row per respondent. With the id among the columns, what is counted was exported twice; without
        it, also who answered the same under another id.

    Returns
    -------
    Series of float
        Exact: rows are grouped column by column, not by a hash.

    Examples
    --------
    >>> same_rows(pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", "x"]})).tolist()
    [1.0, 1.0, 0.0]
    """
    group = np.zeros(len(answers), dtype=np.int64)
    for name in answers:
        codes, values = pd.factorize(answers[name])
        group, groups = pd.factorize(group * (len(values) + 1) + codes + 1)
        if len(groups) == len(group):
            break
    return pd.Series(_others(group), index=answers.index, name="same_rows")


def same_values(column: pd.Series) -> pd.Series:
    """Count the other rows with the same value, such as an id; NaN where it is missing.

    Examples
    --------
    >>> same_values(pd.Series(["r1", "r2", "r1", None])).tolist()
    [1.0, 0.0, 1.0, nan]
    """
    codes, _ = pd.factorize(column)
    return pd.Series(_others(codes), index=column.index, name="same_values")


def percent_match(answers: pd.DataFrame, *, within: pd.Series | None = None) -> pd.Series:
    r"""Return each respondent's highest share of equal answers with any other respondent.

    Parameters
    ----------
    answers
        Respondents x items; answers may be of any type. Missing answers are not compared.
    within
        A group of each respondent, such as the country or the interviewer: only its members are compared.

    Returns
    -------
    Series of float
        $\max_{j \ne i} \sum_k 1[x_{ik} = x_{jk}] / m_{ij}$ over the $m_{ij}$ items that both answered
        (Kuriakose and Robbins 2016, doi:10.3233/SJI-160978, "maximum percent match"). NaN without another
        respondent who answered at least half of the items with them.

    Raises
    ------
    DataError
        If more than `MOST_COMPARISONS` pairs would be compared. Every pair is compared, exactly: a sample, or
        only respondents who share some answers, would find a lower maximum and not say so. Memory is
        bounded by blocks; what grows with the square of n is time.

    Notes
    -----
    High values need no fraud: they grow with n, with few items, few answers and with how alike people are
    (Simmons, Mercer, Schwarzer and Kennedy 2016, Statistical Journal of the IAOS 32, 327-338).

    Examples
    --------
    >>> percent_match(pd.DataFrame([[1, 2, 3, 4], [1, 2, 3, 5], [4, 4, 4, 4]])).tolist()
    [0.75, 0.75, 0.25]
    """
    groups = np.zeros(len(answers), dtype=np.intp) if within is None else pd.factorize(within)[0]
    members = [np.flatnonzero(groups == group) for group in range(groups.max(initial=-1) + 1)]
    pairs = sum(len(rows) * (len(rows) - 1) // 2 for rows in members)
    if pairs > MOST_COMPARISONS:
        raise NotComputableError(
            "there are too many pairs of respondents to compare",
            got=f"{pairs:,} pairs",
            expected=f"at most {MOST_COMPARISONS:,}",
            do="compare within groups, such as country or interviewer",
        )
    codes = np.empty((answers.shape[1], len(answers)), dtype=np.int32)
    for place, name in enumerate(answers):
        codes[place] = pd.factorize(answers[name])[0]
    best = np.full(len(answers), np.nan)
    for rows in members:
        best[rows] = _best_match(np.ascontiguousarray(codes[:, rows]))
    return pd.Series(best, index=answers.index, name="percent_match")


def normalised(texts: pd.Series) -> pd.Series:
    r"""Return texts without differences of case, of spaces and of how Unicode writes a character.

    Examples
    --------
    >>> normalised(pd.Series(["  Honest\nANSWERS ", None])).tolist()
    ['honest answers', nan]
    """
    codes, values = pd.factorize(texts)
    plain = [" ".join(unicodedata.normalize("NFKC", str(value)).casefold().split()) for value in values]
    return pd.Series(pd.Index([*plain, None], dtype="str")[codes], index=texts.index, name=texts.name)


def same_texts(texts: pd.Series) -> pd.Series:
    """Count the other respondents who wrote the same text, after `normalised`.

    Parameters
    ----------
    texts
        An open answer of each respondent.

    Returns
    -------
    Series of float
        NaN where there is no text of at least `SHORTEST_TEXT` characters: short answers agree by chance.

    Examples
    --------
    >>> same_texts(pd.Series(["They sold my address on.", "they sold  my ADDRESS on.", "No"])).tolist()
    [1.0, 1.0, nan]
    """
    plain = normalised(texts)
    return same_values(plain.where(plain.str.len() >= SHORTEST_TEXT)).rename("same_texts")


def similar_texts(texts: pd.Series, *, similarity: float = 0.8) -> pd.Series:
    r"""Count the other respondents who wrote the same or nearly the same text.

    Parameters
    ----------
    texts
        An open answer of each respondent.
    similarity
        Smallest resemblance, above 0 and up to 1.

    Returns
    -------
    Series of float
        How many other texts have $|A \cap B| / |A \cup B|$ of at least ``similarity``, $A$ and $B$ being the
        sets of all strings of `SHINGLE` characters in two texts after `normalised` (resemblance: Broder
        1997, doi:10.1109/SEQUEN.1997.666900). NaN as in `same_texts`.

    Raises
    ------
    DataError
        If the similarity is out of range, the different texts have more than `MOST_CHARACTERS`, or rare
        shingles are shared more than `MOST_LOOKUPS` times.

    Notes
    -----
    Exact, though few pairs are compared: two such texts share $m = \min(3, \lceil s |A| \rceil)$ shingles
    among the $|A| - \lceil s |A| \rceil + m$ rarest of each (prefix filter: Chaudhuri, Ganti and Kaushik
    2006, doi:10.1109/ICDE.2006.9; Bayardo, Ma and Srikant 2007, doi:10.1145/1242572.1242591).

    Examples
    --------
    >>> similar_texts(pd.Series(["They sold my address on.", "They sold my address on!", "No"])).tolist()
    [1.0, 1.0, nan]
    """
    if not 0 < similarity <= 1:
        raise DataError(
            "the similarity is out of range", got=f"{similarity:g}", expected="above 0, at most 1"
        )
    plain = normalised(texts)
    codes, values = pd.factorize(plain.where(plain.str.len() >= SHORTEST_TEXT))
    characters = sum(map(len, values))
    if characters > MOST_CHARACTERS:
        raise NotComputableError(
            "there is too much text to compare",
            got=f"{characters:,} characters",
            expected=f"at most {MOST_CHARACTERS:,}",
            do="compare a part of the respondents at a time",
        )
    copies = np.bincount(codes[codes >= 0], minlength=len(values))
    others = np.append(copies - 1.0, np.nan)
    for one, other in _similar(list(values), similarity):
        others[one] += copies[other]
        others[other] += copies[one]
    return pd.Series(others[codes], index=texts.index, name="similar_texts")


def _similar(texts: list[str], similarity: float) -> Iterator[tuple[int, int]]:
    """Find the pairs of different texts that resemble each other closely enough."""
    kept: dict[str, str] = {}  # one copy of each shingle, shared by all texts
    sets = [
        {
            kept.setdefault(shingle, shingle)
            for shingle in (text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1))
        }
        for text in texts
    ]
    frequency = Counter(chain.from_iterable(sets))
    holders: dict[str, list[int]] = {}
    needed: list[int] = []
    lookups = 0
    for place, members in enumerate(sets):
        least = ceil(similarity * len(members) - SHINGLE_TOLERANCE)
        needed.append(min(SHARED, least))
        ordered = sorted(members, key=lambda shingle: (frequency[shingle], shingle))
        rarest = ordered[: len(members) - least + needed[place]]
        sharing = [holders[shingle] for shingle in rarest if shingle in holders]
        lookups += sum(map(len, sharing))
        if lookups > MOST_LOOKUPS:
            raise NotComputableError(
                "too many texts share rare strings to be compared",
                do="compare a part of the respondents at a time",
            )
        for other, shared in Counter(chain.from_iterable(sharing)).items():
            if shared >= min(needed[place], needed[other]):
                common = len(members & sets[other])
                if common >= similarity * (len(members) + len(sets[other]) - common) - SHINGLE_TOLERANCE:
                    yield other, place
        for shingle in rarest:
            holders.setdefault(shingle, []).append(place)


def _best_match(codes: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return each column's highest share of equal codes with another column, codes below 0 being none."""
    k, n = codes.shape
    codes = codes.astype(np.min_scalar_type(-int(codes.max(initial=0)) - 2))
    partners = np.where(codes < 0, -2, codes)
    given = (codes >= 0).T.astype(np.float32)
    full = bool(given.all())
    best = np.full(n, -1.0)
    step = max(1, CELLS // max(n, 1))
    for start in range(0, n, step):
        rows, later = slice(start, start + step), slice(start, n)
        equal = np.zeros((len(best[rows]), n - start), dtype=np.int32)
        for mine, theirs in zip(codes, partners, strict=True):
            equal += mine[rows, None] == theirs[None, later]
        common = np.float32(k) if full else given[rows] @ given[later].T
        share = np.where(common >= max(FEWEST_COMMON * k, 1), equal / np.maximum(common, 1), -1.0)
        np.fill_diagonal(share, -1.0)
        best[rows] = np.maximum(best[rows], share.max(axis=1))
        best[later] = np.maximum(best[later], share.max(axis=0))
    return np.where(best < 0, np.nan, best)


def _others(codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Count the other rows with the same code; NaN where it is below 0."""
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return np.where(codes < 0, np.nan, counts[codes] - 1.0)
