"""Which numbers of a result leave with all their digits: those that its protected table shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.exports.shown_cells import MINUS
from trustkit.tables.marks import without_few_answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted

    Floats = NDArray[np.float64]

NUMBER = re.compile(rf"(<? ?)([-{MINUS}]?)(\d[\d,]*)(?:\.(\d+))?(?:e([-+]?\d+))?")
"""A number inside a text, and whether it is "< 0.001"."""

LARGEST_POWER = 300
"""The largest power of ten of a number that a table shows, as in 1e-16; larger ones stand in words."""

FOLLOWING = frozenset({
    "se", "ci_low", "ci_high", "df", "t", "statistic", "p_value", "p_adjusted", "n_eff", "n_weighted",
    "n_kish", "deff", "effect", "difference", "difference_se", "behind", "behind_se", "error",
})  # fmt: skip
"""Columns that follow from the numbers beside them, their bases and the weights: how sure these are, and
how they differ."""


@dataclass(frozen=True)
class _Numbers:
    """The numbers that some texts show.

    Attributes
    ----------
    low, high
        Shape (m,): between which each of them is, as it was rounded.
    """

    low: Floats
    high: Floats

    def holds(self, value: float) -> bool:
        """Return whether one of the numbers may be this value, rounded."""
        return bool(((self.low <= value) & (value <= self.high)).any())


def unshown_columns(
    frame: pd.DataFrame, shown: pd.DataFrame, counted: Sequence[Counted], *more: str
) -> list[str]:
    """Return the columns of a result's frame that hold a number which nobody reads in its table.

    Parameters
    ----------
    frame
        The frame, unrounded.
    shown
        The table as it may be published, of which nothing is hidden.
    counted
        The respondents behind it. What they say is printed is known to readers: bases, and how many gave each
        of the answers that are shown.
    more
        Its title and its notes.

    Examples
    --------
    >>> shown = pd.DataFrame({"answer": ["yes", "no"], "share": ["66.7%", "33.3%"]})
    >>> frame = pd.DataFrame({"answer": ["yes", "no"], "estimate": [2 / 3, 1 / 3], "alone": [1, 2]})
    >>> unshown_columns(frame, shown, ())
    ['alone']
    """
    everywhere = [*map(str, shown.columns), *more]
    rows = [list(map(str, row)) for row in shown.itertuples(index=False, name=None)]
    counts = _known_counts(counted)
    if _is_in_rows(frame, shown):
        known = [_shown_in([*row, *everywhere], counts) for row in rows]
    else:
        known = [_shown_in([*everywhere, *(text for row in rows for text in row)], counts)] * len(frame)
    beyond = []
    for place, name in enumerate(map(str, frame.columns)):
        cells = zip(frame.iloc[:, place].tolist(), known, strict=True)
        if name not in FOLLOWING and not all(_is_known(value, own) for value, own in cells):
            beyond.append(name)
    return beyond


def has_digits(frame: pd.DataFrame) -> bool:
    """Return whether a frame has a fraction, which tables round, in a column that is not in `FOLLOWING`.

    Examples
    --------
    >>> [has_digits(pd.DataFrame({"n": [30], "se": [0.1], **more})) for more in ({}, {"estimate": [0.123]})]
    [False, True]
    """
    columns = [frame[name] for name in frame if str(name) not in FOLLOWING]
    return any(
        isinstance(value, float) and np.isfinite(value) and not value.is_integer()
        for column in columns
        for value in column.tolist()
    )


def _is_in_rows(frame: pd.DataFrame, shown: pd.DataFrame) -> bool:
    """Return whether each row of a frame is one of the table: a column of both names the rows."""
    if len(frame) != len(shown):
        return False
    names = {tuple(map(str, shown.iloc[:, place])) for place in range(shown.shape[1])}
    own = {tuple(map(str, frame.iloc[:, place])) for place in range(frame.shape[1])}
    return len(frame) == 1 or any(len(set(name)) > 1 for name in names & own)


def _is_known(value: object, known: _Numbers) -> bool:
    if isinstance(value, str):
        return without_few_answers(value) == value
    if isinstance(value, bool) or not isinstance(value, int | float) or pd.isna(value):
        return True
    return known.holds(float(value))


def _known_counts(counted: Iterable[Counted]) -> set[int]:
    """Return the numbers of respondents that the printed numbers tell."""
    counts: set[int] = set()
    for table in counted:
        places = {answer: place for place, answer in enumerate(table.answers)}
        for one in table.shown:
            own = [int(table.counts[one.group, places[answer]]) for answer in one.answers]
            counts |= {int(table.bases[one.group])} | ({sum(own)} if own and min(own) >= 0 else set())
    return counts


def _shown_in(texts: Sequence[str], counts: Iterable[int]) -> _Numbers:
    """Return the numbers in texts, each also as a hundredth: shares are shown in percent, nets as points."""
    ends = [(float(count) - 1e-9, float(count) + 1e-9) for count in counts]
    for text in texts:
        for below, sign, whole, fraction, power in NUMBER.findall(text):
            if len(power) > len("-300") or abs(int(power or 0)) > LARGEST_POWER:
                continue
            scale = 10.0 ** int(power or 0)
            value = float(f"{whole.replace(',', '')}.{fraction or 0}") * (-1 if sign else 1) * scale
            reach = (0.5 + 1e-6) * 10.0 ** -len(fraction) * scale
            low = 0.0 if below.startswith("<") else value - reach
            ends += [(low / unit, (value + reach) / unit) for unit in (1.0, 100.0)]
    bounds = np.array(ends, dtype=float).reshape(-1, 2)
    return _Numbers(bounds[:, 0], bounds[:, 1])
