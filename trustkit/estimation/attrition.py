"""Attrition: which respondents of a wave are lost in a later one, and how they differ from the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NAME, NAME_LIST, NUMBER, WHERE, accepts
from trustkit.counted import NOTES, Counted, ShownCount, all_cells, counted_rows
from trustkit.design.wave_pairs import wave_pair
from trustkit.display import Shown, show_interval, show_number, show_p, show_share
from trustkit.errors import DataError
from trustkit.estimation.association import chisq_test
from trustkit.estimation.comparisons import ttest
from trustkit.estimation.contrasts import contrast
from trustkit.estimation.estimates import mean, proportion
from trustkit.estimation.results import counts_in_rows
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.survey.variable import CODED, Variable
from trustkit.survey.where import rows_where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.design.design import Design
    from trustkit.design.wave_pairs import WavePair
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

STAYED, LOST = "stayed", "lost"
WIDTH = 6
"""How many columns the table has as it is shown."""

ATTRITION_COLUMNS = (
    "variable",
    "group",
    "estimate",
    "se",
    "ci_low",
    "ci_high",
    "df",
    "n",
    "p_value",
    "reason",
)
"""The columns of `Attrition.table`."""


LOST_SHARE, DIFFERENCE = "lost", "difference of means"
"""How the column of numbers is headed: for groups, and for numbers."""

NULLS = {
    LOST_SHARE: "p, in a question's first row: of the hypothesis that all of its groups lose the same share.",
    DIFFERENCE: "p, beside a difference: of the hypothesis that those who stayed and those lost are the same "
    "on average.",
}
UNADJUSTED = "The p-values are not adjusted for their number."


@dataclass(frozen=True, eq=False, repr=False)
class Attrition(Shown):
    """Who of a wave was lost in a later one.

    Attributes
    ----------
    rate
        The share lost, weighted as in the earlier wave.
    table
        For each variable with labelled answers a row per group with the share lost; for each numeric variable
        one row with the mean of those who stayed less the mean of those lost (``group`` is empty).
        ``p_value`` is of the test that the groups lose the same share, or that the means are equal.
    waves
        The earlier and the later wave.
    stayed, lost, new
        Respondents: those of the earlier wave that are in the later one, and that are not; and those in the
        later wave only.
    counted
        The unweighted respondents behind the rows, where they are known.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 4, 1, 3], "year": ["2019"] * 4 + ["2021"] * 2, "age": range(20, 80, 10)}
    >>> found = tk.attrition(tk.Design(pd.DataFrame(rows)), ["age"], wave="year", person="id")
    >>> found.stayed, found.lost, found.table["estimate"].tolist()
    (2, 2, [-10.0])
    """

    rate: Estimate
    table: pd.DataFrame
    waves: tuple[str, str]
    stayed: int
    lost: int
    new: int
    counted: tuple[Counted, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "table", ATTRITION_COLUMNS)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per group or numeric variable, unrounded."""
        return self.table.copy()

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the numbers of the table, and where each number is in it."""
        cells = [(NOTES, 0), *all_cells(len(self.table), WIDTH, first=2)]
        whole = ShownCount(0, LOST, (LOST,), (), tuple(cells))
        counts = np.array([[self.stayed, self.lost]])
        everybody = Counted("attrition", (STAYED, LOST), (), ((),), None, counts, (whole,))
        newcomers = counted_rows(["new"], [self.new], lambda _: [(NOTES, 0)])
        return (*self.counted, everybody, newcomers)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        share = self.table["group"] != ""
        kinds = [kind for kind, there in ((LOST_SHARE, share.any()), (DIFFERENCE, (~share).any())) if there]
        repeated = self.table["variable"].duplicated()
        shows = [show_share if of_group else show_number for of_group in share]
        low, high = self.table["ci_low"], self.table["ci_high"]
        table = pd.DataFrame(
            {
                "question": [self.rate.label(name) for name in self.table["variable"]],
                "group": self.table["group"].where(share, "stayed minus lost"),
                ", or ".join(kinds): [
                    show(value) for show, value in zip(shows, self.table["estimate"], strict=True)
                ],
                f"{self.rate.conf:.0%} interval": [
                    show_interval(one, other, show) for show, one, other in zip(shows, low, high, strict=True)
                ],
                "n": [f"{count:,}" for count in self.table["n"]],
                "p": [
                    "" if again else show_p(value)
                    for value, again in zip(self.table["p_value"], repeated, strict=True)
                ],
            }
        )
        rate = self.rate
        ends = show_interval(rate.ci_low[0], rate.ci_high[0], show_share)
        first, second = self.waves
        counts = f"{self.stayed:,} respondents stayed, {self.lost:,} were lost, {self.new:,} are new"
        notes = [
            f"Lost from {first} to {second}: {show_share(rate.estimate[0])} ({ends}); {counts}.",
            " ".join([*(NULLS[kind] for kind in kinds), UNADJUSTED]),
            f"Base: {rate.base}.",
        ]
        missing = [
            f"Not known for {', '.join(filter(None, (str(name), str(group))))}: {reason}."
            for name, group, reason in zip(
                self.table["variable"], self.table["group"], self.table["reason"], strict=True
            )
            if reason
        ]
        return "Attrition", table, [*notes, *missing, *rate.remarks]


def attrition(
    design: Design,
    by: Sequence[str],
    *,
    wave: str,
    person: str,
    between: Sequence[str] | None = None,
    where: Where = None,
    conf: float = 0.95,
) -> Attrition:
    """Describe who of a wave was lost in a later one.

    Parameters
    ----------
    design
        One row per person and wave (`stack_waves` makes such rows).
    by
        Variables of the earlier wave, by which losses are compared: labelled answers, or numbers.
    wave, person, between
        As in `change`.
    where
        Only these respondents of the earlier wave, as in `proportion`.
    conf
        The intervals' coverage.

    Returns
    -------
    Attrition
        Weighted rates of loss by group, and differences of means between those who stayed and those lost.

    Raises
    ------
    DataError
        Unknown variables or waves, or nobody in the earlier wave; nobody lost, or nobody stayed.
    DesignError
        As in `link_waves`.

    Notes
    -----
    All numbers are of the earlier wave, with its weights. A respondent stayed whose row in the later wave has
    a positive weight. Rates are `proportion`, compared by `chisq_test` (Rao and Scott); means are compared by
    `ttest`. `attrition_weights` weights the stayers for what is found here.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rows = {"id": [1, 2, 3, 4, 1, 3], "year": ["2019"] * 4 + ["2021"] * 2, "area": list("aabbab")}
    >>> found = tk.attrition(tk.Design(pd.DataFrame(rows)), ["area"], wave="year", person="id")
    >>> found.table[["group", "estimate"]].to_dict("list")
    {'group': ['a', 'b'], 'estimate': [0.5, 0.5]}
    """
    accepts(
        design=(design, DESIGN), by=(by, NAME_LIST), wave=(wave, NAME), person=(person, NAME),
        between=(between, NAME_LIST.optional()), where=(where, WHERE), conf=(conf, NUMBER),
    )  # fmt: skip
    pair = wave_pair(design, wave, person, between)
    first, second = pair.names
    asked = rows_where(where, pair.design.data, pair.design.variable)
    inside = pair.rows[0] if asked is None else pair.rows[0] & asked
    every = np.ones(len(inside), dtype=bool)
    later = pair.answered(every)[1]
    earlier = pair.answered(every)[0]
    stayed = later[pair.persons]
    counts = int((inside & stayed).sum()), int((inside & ~stayed).sum()), int((later & ~earlier).sum())
    if not all(counts[:2]):
        raise DataError(
            f"{'nobody stayed' if not counts[0] else 'nobody was lost'} from {first} to {second}",
            where="attrition", got=f"{sum(counts[:2]):,} respondents of {first}",
            do="check the persons and the waves, or widen where",
        )  # fmt: skip
    name = _new_name(pair)
    known = Variable(name, f"In {second}", "single", codes={1: STAYED, 2: LOST})
    codes = pd.Series(np.where(stayed, 1, 2), index=pair.design.data.index)
    followed = pair.design.with_variable(known, codes)
    rows = pd.Series(inside, index=followed.data.index)
    rate = proportion(followed, name, level=LOST, where=rows, conf=conf)
    parts: list[pd.DataFrame] = []
    counted: list[Counted] = []
    for variable in by:
        estimate, part = _compared(followed, name, variable, rows, conf)
        counted += _in_table(estimate, sum(map(len, parts)))
        parts.append(part)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(ATTRITION_COLUMNS))
    own = table[list(ATTRITION_COLUMNS)]
    return Attrition(_described(rate, pair, by), own, pair.names, *counts, tuple(counted))


def _in_table(estimate: Estimate, start: int) -> tuple[Counted, ...]:
    """Return the respondents of rows that begin at a row of the table; the p-value is of all of them."""
    return counts_in_rows(
        estimate,
        lambda row: [(start + row, 2), (start + row, 3), (start, WIDTH - 1)],
        lambda row: [(start + row, 4)],
    )


def _new_name(pair: WavePair) -> str:
    """Return a name that no column has."""
    name = f"in {pair.names[1]}"
    while name in pair.design.columns:
        name += "_"
    return name


def _described(rate: Estimate, pair: WavePair, by: Sequence[str]) -> Estimate:
    """Return the rate with its base in words, and the wording of all variables."""
    labels = {**rate.labels, **pair.design.headings(by)}
    return replace(rate, base=f"respondents of {pair.names[0]}", labels=labels)


def _compared(
    design: Design, name: str, variable: str, rows: pd.Series, conf: float
) -> tuple[Estimate, pd.DataFrame]:
    """Return the rows of one variable: rates of loss by group, or a difference of means."""
    if design.variable(variable).kind in CODED:
        rates = proportion(design, name, level=LOST, by=variable, where=rows, conf=conf)
        found = rates
        frame = rates.to_frame().rename(columns={variable: "group"})
        test = chisq_test(design, name, variable, where=rows) if len(frame) > 1 else None
        frame = frame.assign(p_value=np.nan if test is None else test.p_value)
    else:
        means = mean(design, variable, by=name, where=rows, conf=conf)
        found = contrast(means, {STAYED: 1.0, LOST: -1.0}, conf=conf)
        test = ttest(design, variable, by=name, where=rows, conf=conf)
        frame = found.to_frame().assign(group="", p_value=test.p_value)
    return found, frame.assign(variable=variable)
