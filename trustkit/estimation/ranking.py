"""Ranks with intervals: which estimates are above which, all comparisons taken together."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import special

from trustkit.arguments import ESTIMATE, NUMBER, accepts
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import NOTES, Counted, all_cells, counted_everywhere
from trustkit.display import Shown, show_p
from trustkit.errors import DataError
from trustkit.estimation.distributions import NO_DF
from trustkit.estimation.intervals import check_conf
from trustkit.estimation.results import counts_behind, row_names
from trustkit.field_kinds import accepts_columns, accepts_fields, accepts_lengths
from trustkit.headings import shortened
from trustkit.units import Unit, headed, show_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.estimation.results import Estimate

    Floats = NDArray[np.float64]

ROW_COLUMNS = ("name", "estimate", "ci_low", "ci_high", "rank_low", "rank_high")
PAIR_COLUMNS = ("first", "second", "difference", "se", "t", "p_adjusted", "ci_low", "ci_high")

DIRECTIONS = 2**18
"""Directions in which the distribution of the largest t is integrated."""

ALIKE_DIRECTIONS = 2**7
"""Of the directions sorted by reach, this many neighbours count as one, with their mean reach."""

BLOCKS = 64
"""The number of blocks in which directions are processed, so that many pairs fit into memory."""

SEED = 1
"""The seed of the directions, so that a result is the same each time."""

MOST_ROWS = 60
"""More estimates are refused."""

BISECTIONS = 45
"""Steps of the search for a critical value; each halves the interval that holds it."""

SMALLEST = 1e-10
"""An eigenvalue or a variance this small, relative to the largest, is zero."""

ALIKE = (
    "Estimates that always have the same value differ by exactly their difference, without sampling error."
)


@dataclass(frozen=True, eq=False, repr=False)
class Ranking(Shown):
    """Estimates in order, with intervals of their ranks that hold all together.

    Attributes
    ----------
    table
        One row per estimate, from the highest: ``name``, ``estimate``, simultaneous ``ci_low`` and
        ``ci_high``, and the lowest and highest rank that it may have, ``rank_low`` and ``rank_high``.
    pairs
        One row per pair: ``first``, ``second``, ``difference`` (first minus second), ``se``, ``t``, its
        ``p_adjusted`` and simultaneous ``ci_low`` and ``ci_high``.
    critical
        The t above which a difference counts, for all pairs together.
    critical_rows
        The t that gives the intervals of the estimates, all together.
    df, conf, base, statistic, units, notes, caveats, labels, counted
        As in `Estimate`; ``df`` are those of all domains together.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> scores = {"a": [9.0, 8, 9, 7, 9, 8], "b": [1.0, 2, 1, 3, 2, 1], "c": [2.0, 1, 2, 1, 1, 3]}
    >>> ranking = tk.rank(tk.mean(tk.Design(pd.DataFrame(scores)), ["a", "b", "c"]))
    >>> ranking.table[["name", "rank_low", "rank_high"]]
      name  rank_low  rank_high
    0    a         1          1
    1    b         2          3
    2    c         2          3
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    critical: float
    critical_rows: float
    df: float
    conf: float
    base: str
    statistic: str
    units: tuple[Unit, ...]
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    labels: Mapping[str, str] = field(default_factory=dict)
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", ROW_COLUMNS)
        accepts_columns(self, "pairs", PAIR_COLUMNS)
        accepts_lengths(self, len(self.table), "units")

    def to_frame(self) -> pd.DataFrame:
        """Return one row per estimate, as ``table``."""
        return self.table.copy()

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return dict.fromkeys(("estimate", "ci_low", "ci_high"), self.units)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the ranks: if one number is hidden, its place must not be told."""
        return counted_everywhere(self.counted, [*all_cells(len(self.table), 3, first=0), (NOTES, 0)])

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        rows = self.table
        se = ((rows["ci_high"] - rows["estimate"]) / self.critical_rows).to_numpy(dtype=float)
        names, shared = shortened([self.labels.get(name, name) for name in rows["name"]])
        shown = pd.DataFrame(
            {
                "name": names,
                headed(self.statistic, self.units): show_values(rows["estimate"], self.units, se),
                "rank": [
                    f"{low}" if low == high else f"{low} to {high}"
                    for low, high in zip(rows["rank_low"], rows["rank_high"], strict=True)
                ],
            }
        )
        close = self.pairs["p_adjusted"] > 1 - self.conf
        apart = int((~close).sum())
        smallest = show_p(float(self.pairs["p_adjusted"].min()))
        counted = f"{apart} of {len(close)} pairs differ, all pairs taken together at {self.conf:.0%}"
        notes = (f"{counted}; the smallest adjusted p is {smallest}.", f"Base: {self.base}.")
        title = "Ranks, with intervals that hold all together" + (f": {shared}" if shared else "")
        return title, shown, (*notes, *self.caveats.sentences, *self.notes)


def rank(estimate: Estimate, *, conf: float = 0.95) -> Ranking:
    """Rank estimates, and say for each which ranks the data allow.

    Intervals that overlap do not show that two estimates are alike: they share respondents, and so their
    difference has another variance. Here the differences themselves are tested, all of them together.

    Parameters
    ----------
    estimate
        Estimates of several items or domains, with their covariance; rank 1 is the highest.
    conf
        The coverage of all intervals together.

    Returns
    -------
    Ranking
        The rank of an estimate is at least one more than the number of those that are significantly above
        it, and at most the number of all less those significantly below.

    Raises
    ------
    DataError
        If there are fewer than two estimates or too many, a covariance is missing, or no df are left.

    Notes
    -----
    The critical value of max ``|t|`` over all differences, with their covariance from ``vcov`` (Klein, Wright
    and Wieczorek 2020; Mogstad, Romano, Shaikh and Wilhelm 2024). With r the rank of that covariance,
    max ``|t|`` is (R / S) h(U), with U uniform on the sphere and R^2 / (r S^2) of F(r, df), so its
    distribution is the mean of F's over directions U. The directions are a fixed low-discrepancy sequence,
    so the result is the same each time. Items that add up to a constant make r smaller and are no obstacle.
    The critical values agree with R's mvtnorm to 1e-4, which integrates at random. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"a": [9.0, 8, 9, 7, 9, 8], "b": [1.0, 2, 1, 3, 2, 1]})
    >>> tk.rank(tk.mean(tk.Design(frame), ["a", "b"])).table["rank_high"].tolist()
    [1, 2]
    """
    accepts(estimate=(estimate, ESTIMATE), conf=(conf, NUMBER))
    check_conf(conf)
    m = len(estimate.estimate)
    if not 2 <= m <= MOST_ROWS:  # noqa: PLR2004
        raise DataError(
            "a ranking compares several estimates", got=f"{m}", expected=f"2 to {MOST_ROWS}",
            do="estimate several items, or use by",
        )  # fmt: skip
    if not (np.isfinite(estimate.vcov).all() and np.isfinite(estimate.estimate).all()):
        raise DataError(
            "a ranking needs all estimates and their covariance", got="some that are not known",
            do="leave out the rows whose reason says why",
        )  # fmt: skip
    df = estimate.df_of(np.ones(m, dtype=bool))
    if not df > 0:
        raise DataError("a ranking is not possible", got=NO_DF, do="rank domains with more PSUs")
    places = list(combinations(range(m), 2))
    contrasts = np.zeros((len(places), m))
    for row, (first, second) in enumerate(places):
        contrasts[row, first], contrasts[row, second] = 1.0, -1.0
    differences, covariance = contrasts @ estimate.estimate, contrasts @ estimate.vcov @ contrasts.T
    se = _roots(covariance)
    largest = LargestT(covariance, df)
    critical = largest.quantile(conf)
    critical_rows = LargestT(estimate.vcov, df).quantile(conf)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, differences / se, np.where(differences == 0, 0.0, np.sign(differences) * np.inf))
    p = np.array([largest.beyond(abs(value)) for value in t])
    apart = np.abs(t) > critical
    above, below = np.zeros(m, dtype=int), np.zeros(m, dtype=int)
    for (first, second), counts, difference in zip(places, apart, differences, strict=True):
        if counts:
            high, low = (first, second) if difference > 0 else (second, first)
            above[low] += 1
            below[high] += 1
    names = row_names(estimate)
    own = np.sqrt(np.maximum(np.diag(estimate.vcov), 0.0))
    table = pd.DataFrame(
        {
            "name": names, "estimate": estimate.estimate, "ci_low": estimate.estimate - critical_rows * own,
            "ci_high": estimate.estimate + critical_rows * own, "rank_low": 1 + above, "rank_high": m - below,
        }
    )  # fmt: skip
    pairs = pd.DataFrame(
        {
            "first": [names[first] for first, _ in places], "second": [names[second] for _, second in places],
            "difference": differences, "se": se, "t": t, "p_adjusted": p,
            "ci_low": differences - critical * se,
            "ci_high": differences + critical * se,
        }
    )  # fmt: skip
    ordered = table.sort_values("estimate", ascending=False, kind="stable")
    units = tuple(estimate.units[place] for place in ordered.index)
    ordered = ordered.reset_index(drop=True)
    notes = (*estimate.notes, *([ALIKE] if (se == 0).any() else []))
    return Ranking(
        ordered,
        pairs,
        critical,
        critical_rows,
        df,
        conf,
        estimate.base,
        estimate.statistic,
        units,
        notes,
        estimate.caveats,
        estimate.labels,
        counts_behind(estimate),
    )


class LargestT:
    """The distribution of the largest |t| of several estimates with a covariance.

    Parameters
    ----------
    covariance
        Shape (m, m); its null space is left out.
    df
        Degrees of freedom, which may be infinite.

    Examples
    --------
    >>> round(LargestT(np.eye(1), np.inf).quantile(0.95), 3)
    1.96
    """

    def __init__(self, covariance: Floats, df: float) -> None:
        self.df = df
        se = _roots(covariance)
        used = se > 0
        correlation = covariance[np.ix_(used, used)] / np.outer(se[used], se[used])
        values, vectors = np.linalg.eigh(correlation)
        real = values > SMALLEST * max(values.max(initial=0.0), 1.0)
        factor = vectors[:, real] * np.sqrt(values[real])
        self.rank = int(real.sum())
        self.reach = np.zeros(1)
        if self.rank:
            blocks = [part for part in np.array_split(_directions(self.rank), BLOCKS) if len(part)]
            reach = np.concatenate([np.abs(factor @ block.T).max(axis=0) for block in blocks])
            self.reach = np.sort(reach).reshape(-1, min(ALIKE_DIRECTIONS, len(reach))).mean(axis=1)

    def beyond(self, t: float) -> float:
        """Return the probability that the largest |t| is above a number."""
        if not self.rank or np.isinf(t):
            return 0.0 if t > 0 else 1.0
        squares = (t / self.reach) ** 2
        if np.isinf(self.df):
            return float(special.chdtrc(self.rank, squares).mean())
        return float(special.fdtrc(self.rank, self.df, squares / self.rank).mean())

    def quantile(self, conf: float) -> float:
        """Return the number that the largest |t| stays below with a probability, by bisection."""
        if not self.rank:
            return 0.0
        low, high = 0.0, 1.0
        while self.beyond(high) > 1 - conf:
            high *= 2
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self.beyond(middle) > 1 - conf else (low, middle)
        return (low + high) / 2


def _directions(rank: int) -> Floats:
    """Return directions spread evenly over the sphere, shape (DIRECTIONS, rank), the same each time."""
    if rank == 1:
        return np.ones((1, 1))
    from scipy.stats import qmc  # noqa: PLC0415

    uniform = qmc.Sobol(rank, scramble=True, rng=SEED).random(DIRECTIONS)
    normal = special.ndtri(np.clip(uniform, 1e-12, 1 - 1e-12))
    directions: Floats = normal / np.linalg.norm(normal, axis=1, keepdims=True)
    return directions


def _roots(covariance: Floats) -> Floats:
    """Return standard errors; those that are only rounding errors are 0."""
    variances = np.diag(covariance)
    roots: Floats = np.sqrt(
        np.where(variances > SMALLEST * max(variances.max(initial=0.0), 0.0), variances, 0.0)
    )
    return roots
