"""Weighted distributions of rows in an engine: each `GROUP BY` narrows a histogram, down to one value.

Only sums, and the smallest and largest values of bins, come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.design.engines import collected
from trustkit.design.sums import SHARE_TOLERANCE
from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    from trustkit.design.sums import AnyCells

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

BINS = 4_096
"""Number of bins that an interval is cut into at each pass."""

MOST_INTERVALS = 50
"""The most intervals that one `GROUP BY` cuts."""

DOMAIN, INTERVAL, BIN, MASS, LOW, HIGH = "__domain", "__interval", "__bin", "__mass", "__low", "__high"


@dataclass(frozen=True, eq=False)
class LazyDistribution:
    """The weighted distribution of a variable in each domain of rows in an engine.

    Attributes
    ----------
    cells
        The domains.
    rows
        The rows that are in the base.
    variable
        The numeric column.
    weight
        The rows' weights.
    keys
        The columns that make the domains.
    place
        Maps collected rows, with the columns of the keys, to their domains and to whether they have one.
    """

    cells: AnyCells
    rows: nw.LazyFrame[Any]
    variable: str
    weight: nw.Expr
    keys: Sequence[str]
    place: Callable[[pd.DataFrame], tuple[Ints, NDArray[np.bool_]]]

    def quantiles(self, probs: Floats) -> Floats:
        """Return each domain's quantiles for its own probabilities, both (D, k); NaN outside 0 to 1.

        Notes
        -----
        Each pass cuts the intervals that still hold a quantile into `BINS` bins. A quantile is found when the
        smallest and largest value of its bin are equal, so outliers and ties only cost another pass.
        """
        quantiles = np.full(probs.shape, np.nan)
        table = self._cut([(-np.inf, np.inf)])
        if np.isinf(table[[LOW, HIGH]].to_numpy(dtype=float)).any():
            raise DataError(
                f"some values of {self.variable} are infinite", do="correct or blank them in the engine"
            )
        mass_of_domain = np.zeros(len(probs))
        np.add.at(mass_of_domain, table[DOMAIN], table[MASS])
        possible = (probs >= 0) & (probs <= 1) & (mass_of_domain > 0)[:, None]
        reached = np.maximum(mass_of_domain[:, None] * (probs - SHARE_TOLERANCE), np.finfo(float).tiny)
        below = np.zeros(probs.shape)
        open_: dict[tuple[int, int], int] = {
            (int(domain), int(at)): 0 for domain, at in np.argwhere(possible)
        }
        while open_:
            bounds = table.groupby([INTERVAL, BIN]).agg({LOW: "min", HIGH: "max"})
            domains = dict(list(table.sort_values(BIN).groupby([DOMAIN, INTERVAL])))
            left: dict[tuple[int, int], tuple[float, float]] = {}
            for (domain, at), interval in open_.items():
                bins = domains[domain, interval]
                sums = below[domain, at] + bins[MASS].to_numpy().cumsum()
                place = min(int(np.searchsorted(sums, reached[domain, at])), len(sums) - 1)
                low, high = bins[LOW].iloc[place], bins[HIGH].iloc[place]
                if low == high:
                    quantiles[domain, at] = low
                else:
                    below[domain, at] = sums[place - 1] if place else below[domain, at]
                    left[domain, at] = tuple(bounds.loc[(interval, bins[BIN].iloc[place])])
            intervals = sorted(set(left.values()))
            open_ = {target: intervals.index(interval) for target, interval in left.items()}
            starts = range(0, len(intervals), MOST_INTERVALS)
            parts = [self._cut(intervals[start : start + MOST_INTERVALS], start) for start in starts]
            table = pd.concat(parts) if parts else table
        return quantiles

    def _cut(self, intervals: Sequence[tuple[float, float]], first: int = 0) -> pd.DataFrame:
        """Cut intervals, numbered from the first, into bins.

        Returns
        -------
        DataFrame
            One row per domain, interval and bin: the weight, the smallest and the largest value.
        """
        import narwhals as nw  # noqa: PLC0415

        value = nw.col(self.variable).cast(nw.Float64)
        key: Any = nw.lit(None).cast(nw.Float64)
        for number, (low, high) in reversed(list(enumerate(intervals))):
            # halves, so that the widest interval's length is finite; the first pass is one bin
            scale = BINS / (high / 2 - low / 2)
            within = (value / 2 - low / 2) * scale // 1.0 if np.isfinite(low) else nw.lit(0.0)
            place = within + float(number * (BINS + 1))
            key = nw.when((value >= low) & (value <= high)).then(place).otherwise(key)
        rows = self.rows.filter(self.weight > 0)
        binned = rows.with_columns(**{BIN: key, MASS: self.weight, LOW: value, HIGH: value})
        totals = [nw.col(MASS).sum(), nw.col(LOW).min(), nw.col(HIGH).max()]
        table = collected(binned.filter(~nw.col(BIN).is_null()).group_by(*self.keys, BIN).agg(*totals))
        domain, inside = self.place(table)
        interval, number_of_bin = np.divmod(table[BIN].to_numpy(dtype=np.intp), BINS + 1)
        table[DOMAIN], table[INTERVAL], table[BIN] = domain, first + interval, number_of_bin
        # two codes of a column may have one label
        cells = table[inside].groupby([DOMAIN, INTERVAL, BIN], as_index=False)
        return cells.agg({MASS: "sum", LOW: "min", HIGH: "max"})
