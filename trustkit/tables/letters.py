"""Which columns of a banner differ: tests with the covariance of the design, adjusted in each row."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from trustkit.arguments import NUMBER, POSITIVE_WHOLE, accepts, one_of
from trustkit.display import HIGHER, LOWER
from trustkit.errors import DataError
from trustkit.estimation.distributions import t_p_value
from trustkit.estimation.significance import Adjust, adjusted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.tables.heads import Column

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

Against = Literal["pairs", "previous", "rest"]

LEAST_EFFECTIVE = 30.0
"""Columns with a smaller effective size are not compared (NCHS presentation standards)."""

CONF = NUMBER.listed("one or two coverages, the larger first", "write conf=(0.95, 0.9)", least=1)
"""What `Letters.conf` takes."""

REST = "the rest"
"""What the second column of a comparison with everybody else is called among the tests."""

# Why two columns are not compared
ENDS = "a share is 0 or 1, where its variance is unknown"
SMALL = "a column is too small"
EMPTY = "a column has no answers"
CERTAIN = "the difference has no sampling variance"


@dataclass(frozen=True)
class Letters:
    """How the columns of a banner are compared.

    Attributes
    ----------
    conf
        A difference has an upper-case letter at the first coverage, and a lower-case one at the second alone.
    adjust
        How p-values are adjusted for the pairs of a row and head, as in `trustkit.pairwise`.
    against
        ``pairs`` compares all columns of a head, ``previous`` each with the one before it, such as waves.
        ``rest`` compares each with everybody else in the head (in a nested head: in the same outer group) and
        shows arrows instead of letters.
    min_base
        Columns with fewer respondents, or an effective size below 30, are not compared.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Letters(adjust="bh").conf
    (0.95, 0.9)
    """

    conf: tuple[float, ...] = (0.95, 0.90)
    adjust: Adjust = "holm"
    against: Against = "pairs"
    min_base: int = 30

    def __post_init__(self) -> None:
        """Refuse coverages that are not between 0 and 1, or not in falling order."""
        accepts(
            conf=(self.conf, CONF),
            adjust=(self.adjust, one_of(Adjust)),
            against=(self.against, one_of(Against)),
            min_base=(self.min_base, POSITIVE_WHOLE),
        )
        falling = all(first > second for first, second in zip(self.conf, self.conf[1:], strict=False))
        if len(self.conf) > 2 or not falling or not all(0 < conf < 1 for conf in self.conf):  # noqa: PLR2004
            raise DataError(
                "the coverages of letters can't be used", where="conf",
                got=", ".join(f"{conf:g}" for conf in self.conf),
                expected="one or two numbers between 0 and 1, the larger first", do="write conf=(0.95, 0.9)",
            )  # fmt: skip

    @property
    def footer(self) -> str:
        """What the letters mean."""
        pairs = "" if self.against == "pairs" else ", each column with the one before it"
        method = {"holm": "Holm", "bonferroni": "Bonferroni", "bh": "Benjamini and Hochberg"}.get(self.adjust)
        p_values = (
            f"are adjusted within each row and set of groups ({method})" if method else "are not adjusted"
        )
        if self.against == "rest":
            levels = [f"{self.conf[0]:.0%}", *(f"{conf:.0%} (in brackets)" for conf in self.conf[1:])]
            return (
                f"Arrows: higher ({HIGHER}) or lower ({LOWER}) than everybody else in the same group of "
                f"columns at {' or '.join(levels)}, by t tests on the design. Their p-values {p_values}."
            )
        levels = [f"{self.conf[0]:.0%} (A)", *(f"{conf:.0%} (a)" for conf in self.conf[1:])]
        return (
            f"Letters: higher than that column at {' or '.join(levels)}, by t tests on the design{pairs}. "
            f"Their p-values {p_values}."
        )

    @property
    def too_small(self) -> str:
        """What the mark of small columns means."""
        return f"[u]: fewer than {self.min_base} respondents, or an effective size below {LEAST_EFFECTIVE:g}."


@dataclass(frozen=True, eq=False)
class Compared:
    """The letters of one row and head.

    Attributes
    ----------
    upper, lower
        For each column the letters of the columns that it is higher than, at the first and second coverage.
    tests
        Column -> its values, one per pair, as `BannerTable.tests` has them.
    """

    upper: list[str]
    lower: list[str]
    tests: dict[str, NDArray[Any]]


def pairs_of(letters: Letters, columns: Sequence[Column]) -> list[tuple[int, int]]:
    """Return the pairs of columns that are compared: those of one outer level.

    The rest of the k-th of K columns is column K + k.
    """
    if letters.against == "rest":
        return [(place, len(columns) + place) for place in range(len(columns))]
    return [
        (first, second)
        for first, second in combinations(range(len(columns)), 2)
        if columns[first].outer == columns[second].outer
        and (letters.against == "pairs" or second == first + 1)
    ]


def compare(
    letters: Letters,
    columns: Sequence[Column],
    value: Floats,
    vcov: Floats,
    df_of: Callable[[int, int], float],
    *,
    large: Bools,
    share: bool,
    overlap: bool,
) -> Compared:
    """Return the letters of a row.

    Parameters
    ----------
    letters, columns
        How columns are compared, and which.
    value, vcov
        Shapes (k,) and (k, k): the row's estimates and their covariance; NaN where there is none. Those of
        the rest of each column follow, if columns are compared with it.
    df_of
        Returns the degrees of freedom of two columns together.
    large
        Shape (k,): which columns are large enough to be compared.
    share
        Whether the estimates are shares, whose variance is unknown at 0 and 1.
    overlap
        Whether columns may share respondents.
    """
    pairs = pairs_of(letters, columns)
    first, second = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    spread = np.diag(vcov)
    difference = value[first] - value[second]
    variance = spread[first] + spread[second] - 2 * vcov[first, second]
    at_end = (value <= 0) | (value >= 1) if share else np.zeros(len(value), dtype=bool)
    small, ends = ~(large[first] & large[second]), at_end[first] | at_end[second]
    reason = np.select(
        [np.isnan(difference), small, ends, ~(variance > 0)], [EMPTY, SMALL, ENDS, CERTAIN], default=""
    )
    tested = reason == ""
    se = np.sqrt(np.where(tested, variance, np.nan))
    df = np.full(len(pairs), np.nan)
    df[tested] = [df_of(*pairs[place]) for place in np.flatnonzero(tested)]
    p = np.where(tested, t_p_value(difference / se, df), np.nan)
    mirrored = _mirrored(columns) if letters.against == "rest" and not overlap else {}
    once = np.array([place not in mirrored for place in range(len(pairs))], dtype=bool)
    own = np.full(len(pairs), np.nan)
    own[once] = adjusted(p[once], letters.adjust)
    for second_of_two, first_of_two in mirrored.items():
        own[second_of_two] = own[first_of_two]
    upper, lower = ([""] * len(columns) for _ in range(2))
    for place in np.flatnonzero(own < 1 - letters.conf[-1]):
        if letters.against == "rest":
            arrow = HIGHER if difference[place] > 0 else LOWER
            if own[place] < 1 - letters.conf[0]:
                upper[place] = arrow
            else:
                lower[place] = f"({arrow})"
            continue
        pair = pairs[place] if difference[place] > 0 else pairs[place][::-1]
        letter = columns[pair[1]].letter
        if own[place] < 1 - letters.conf[0]:
            upper[pair[0]] += f" {letter}"
        else:
            lower[pair[0]] += f" {letter.lower()}"
    rest = [REST] * len(columns) if letters.against == "rest" else []
    names = np.array([*(column.letter for column in columns), *rest], dtype=object)
    tests = {
        "first": names[first],
        "second": names[second],
        "difference": difference,
        "se": se,
        "df": df,
        "p_value": p,
        "p_adjusted": own,
        "reason": reason.astype(object),
    }
    return Compared([text.strip() for text in upper], [text.strip() for text in lower], tests)


def _mirrored(columns: Sequence[Column]) -> dict[int, int]:
    """Return columns whose comparison with the rest is that of another column: the second of two columns."""
    members: dict[str, list[int]] = {}
    for place, column in enumerate(columns):
        members.setdefault(column.outer, []).append(place)
    return {own[1]: own[0] for own in members.values() if len(own) == 2}  # noqa: PLR2004
