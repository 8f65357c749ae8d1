"""Pairs: the differences between all pairs of estimates, with p-values adjusted for their number."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import ESTIMATE, accepts, one_of
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import unprotected
from trustkit.display import Shown, show_numbers, show_p
from trustkit.errors import DataError
from trustkit.estimation.distributions import t_p_value, without_df
from trustkit.estimation.results import UNKNOWN, Estimate, counts_in_rows, keys_in_words, row_names
from trustkit.estimation.significance import Adjust, adjusted
from trustkit.estimation.small_groups import note_small_group
from trustkit.field_kinds import accepts_columns, accepts_fields, accepts_lengths
from trustkit.headings import shown_name
from trustkit.units import Unit, difference_unit, headed, show_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.counted import Counted, Place

PAIR_COLUMNS = ("first", "second", "difference", "se", "t", "df", "p_value", "p_adjusted", "reason")

PAIR_NUMBERS = ("difference", "se", "t", "p_value", "p_adjusted")
"""The columns of pairs that are shown as numbers, after the names of both estimates."""

ADJUSTED = {"holm": "Holm", "bonferroni": "Bonferroni", "bh": "Benjamini-Hochberg", "none": "not adjusted"}
"""How p-values were adjusted, as a title says it."""

SMALL_GROUPS = (
    "In {} of {} pairs one group is small. Their tests use the degrees of freedom of both groups together, "
    "and may find differences too often; tk.contrast accepts another df."
)


@dataclass(frozen=True, eq=False, repr=False)
class Pairs(Shown):
    """Differences between all pairs of estimates, with p-values adjusted for their number.

    Attributes
    ----------
    table
        One row per pair: ``first``, ``second``, ``difference`` (first minus second), ``se``, ``t``, ``df``,
        ``p_value``, ``p_adjusted``, and the ``reason`` where there is no test.
    adjust
        How p-values were adjusted.
    units
        The unit of each difference: ``points`` where shares are compared, ``number`` elsewhere.
    base, notes, caveats
        As in `Estimate`.
    counted
        The unweighted respondents behind the estimates that are compared. A number stands wherever it is
        compared, so a published difference from a hidden number is hidden, too.
    subject
        What is compared, in words: the question and the answer that all estimates are of; empty if they
        are of several.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 5.0], "area": list("aabb")})
    >>> pairs = tk.pairwise(tk.mean(tk.Design(frame), "trust", by="area"))
    >>> pairs.table[["first", "second", "difference", "p_adjusted"]].round(3)
      first second  difference  p_adjusted
    0     a      b        -2.5       0.071
    """

    table: pd.DataFrame
    adjust: Adjust
    base: str
    units: tuple[Unit, ...]
    notes: tuple[str, ...] = ()
    caveats: Caveats = NO_CAVEATS
    counted: tuple[Counted, ...] = ()
    subject: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", PAIR_COLUMNS)
        accepts_lengths(self, len(self.table), "units")

    def _column_units(self) -> dict[str, tuple[Unit, ...]]:
        """Return the unit of each row, for the columns of the frame that have units."""
        return dict.fromkeys(("difference", "se"), self.units)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers that are compared, and where each is in the table."""
        return self.counted

    def to_frame(self) -> pd.DataFrame:
        """Return one row per pair, unrounded."""
        return self.table.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        shown = self.table[["first", "second"]].copy()
        se = self.table["se"].to_numpy(dtype=float)
        for name in ("difference", "se"):
            shown[headed(shown_name(name), self.units)] = show_values(self.table[name], self.units, se)
        shown["t"] = show_numbers(self.table["t"])
        for name in ("p_value", "p_adjusted"):
            shown[shown_name(name)] = list(map(show_p, self.table[name]))
        null = "A difference is the first less the second. Null hypotheses: the two of a pair are equal."
        missing = [
            f"No test of {first} and {second}: {reason}."
            for first, second, reason in zip(
                self.table["first"], self.table["second"], self.table["reason"], strict=True
            )
            if reason
        ]
        notes = (
            null,
            f"Base: {self.base}.",
            *missing,
            *self.caveats.sentences,
            *self.notes,
            *unprotected(self.counted),
        )
        title = f"Pairwise comparisons ({ADJUSTED[self.adjust]})"
        return f"{title}: {self.subject}" if self.subject else title, shown, notes


def pairwise(estimate: Estimate, *, adjust: Adjust = "holm") -> Pairs:
    """Compare all pairs of estimates.

    Parameters
    ----------
    estimate
        Any `Estimate`, such as the means of several groups.
    adjust
        ``holm`` (default) and ``bonferroni`` control the probability of any false finding, ``bh`` (Benjamini
        and Hochberg) the share of false findings; ``none`` adjusts nothing.

    Returns
    -------
    Pairs
        t tests with the estimates' covariance; a pair has the df of its two domains together.

    Raises
    ------
    DataError
        Fewer than two estimates, or an unknown adjustment.

    Notes
    -----
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 5.0, 8.0, 7.0], "area": list("aabbcc")})
    >>> tk.pairwise(tk.mean(tk.Design(frame), "trust", by="area")).to_frame()["difference"].tolist()
    [-2.5, -6.0, -3.5]
    """
    accepts(estimate=(estimate, ESTIMATE), adjust=(adjust, one_of(Adjust)))
    names = row_names(estimate)
    pairs = list(combinations(range(len(names)), 2))
    if not pairs:
        raise DataError(
            "pairs need at least two estimates", got=str(len(names)), do="estimate by a variable with groups"
        )
    first, second = np.array(pairs).T
    difference = estimate.estimate[first] - estimate.estimate[second]
    spread = np.diag(estimate.vcov)
    se = np.sqrt(np.maximum(spread[first] + spread[second] - 2 * estimate.vcov[first, second], 0))
    t = np.divide(difference, se, out=np.full(len(se), np.nan), where=se > 0)
    df = np.array([estimate.df_of(np.isin(np.arange(len(names)), pair)) for pair in pairs])
    p = t_p_value(t, df)
    table = pd.DataFrame(
        {
            "first": [names[i] for i in first],
            "second": [names[j] for j in second],
            "difference": difference,
            "se": se,
            "t": t,
            "df": df,
            "p_value": p,
            "p_adjusted": adjusted(p, adjust),
            "reason": [_no_pair(estimate, *row) for row in zip(pairs, se, df, strict=True)],
        }
    )
    few = sum(
        not reason and bool(note_small_group(spread[list(pair)], estimate.df[list(pair)], together))
        for pair, together, reason in zip(pairs, df, table["reason"], strict=True)
    )
    notes = (SMALL_GROUPS.format(few, len(pairs)),) if few else ()
    places: list[list[Place]] = [[] for _ in names]
    for place, pair in enumerate(pairs):
        for row in pair:
            places[row] += [(place, column) for column, _ in enumerate(PAIR_NUMBERS, 2)]
    counted = counts_in_rows(estimate, lambda row: places[row], lambda _: ())
    units = tuple(difference_unit(estimate.units[i], estimate.units[j]) for i, j in pairs)
    return Pairs(
        table,
        adjust,
        estimate.base,
        units,
        (*estimate.notes, *notes),
        estimate.caveats,
        counted,
        _subject(estimate),
    )


def _subject(estimate: Estimate) -> str:
    """Return the question and the answer that all estimates are of; empty if they are of several."""
    keys = keys_in_words(estimate.keys.astype(str), estimate.statistic)
    if len(set(keys["variable"])) != 1:
        return ""
    answers = set(keys["level"])
    answer = answers.pop() if len(answers) == 1 else ""
    return " ".join(filter(None, [estimate.label(keys["variable"].iloc[0]), answer]))


def _no_pair(estimate: Estimate, pair: tuple[int, int], se: float, df: float) -> str:
    """Return why a pair has no test; empty if it has one."""
    if np.isnan(se):
        names = row_names(estimate)
        known = [f"{names[row]}: {estimate.reasons[row]}" for row in pair if estimate.reasons[row]]
        return known[0] if known else UNKNOWN
    return without_df(df) if se > 0 else "the difference has no sampling variance"
