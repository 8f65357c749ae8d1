"""How the rows of a figure are named, and what is said below it."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.display import MINUS_ZERO
from trustkit.estimation.results import counts_in_rows, keys_in_words
from trustkit.figures.paper import AxisWords
from trustkit.headings import about, range_of_n, shortened, told_apart
from trustkit.units import IN_CELLS, SCALES, headed, show_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from trustkit.counted import Counted
    from trustkit.estimation.results import Estimate
    from trustkit.units import Unit


RowOrder = Literal["codebook", "estimate"]
"""Rows in the order of the codebook, or the largest estimate first."""

HEADS = {"variable": "question", "level": "answer"}
"""What a column of an estimate's keys is called in a figure's table."""
RESERVED = ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff", "row", "panel", "self")
"""Names that no column that names rows may have: those of numbers, and those that figures use themselves."""
SHORT = 60
"""How long the wording of a question may be to stand below an axis; a longer one stands in the note."""


def words_of(step: str) -> str:
    """Write a step's name as words."""
    return step.replace("_", " ")


def shown(estimate: Estimate, value: float, row: int = 0) -> str:
    """Show an estimate with the digits that its unit and standard error ask for; "-" where there is none.

    Parameters
    ----------
    estimate
        The estimate.
    value
        A number of one of its rows.
    row
        That row, which has a unit.
    """
    if not np.isfinite(value):
        return "-"
    unit = estimate.units[row]
    if unit == "number":
        return MINUS_ZERO.sub("", f"{value:,.{estimate.decimals}f}")
    (text,) = show_in([value], unit, float(estimate.se.min(initial=np.inf, where=estimate.se > 0)))
    return f"{text}{IN_CELLS}" if unit == "points" and estimate.unit != unit else text


def with_minus(text: str) -> str:
    """Write a number of a chart with a minus sign, as its axis does; in tables it is a hyphen.

    Examples
    --------
    >>> with_minus("-3.2"), with_minus("-")
    ('\u22123.2', '-')
    """
    return re.sub(r"^-(?=\d)", "\N{MINUS SIGN}", text)


def number_columns(estimate: Estimate, frame: pd.DataFrame, name: str) -> dict[str, list[str]]:
    """Return the estimates, their intervals and n as text."""
    places = [int(row) for row in frame.index]
    values, low, high = (
        [shown(estimate, value, row) for value, row in zip(frame[column], places, strict=True)]
        for column in ("estimate", "ci_low", "ci_high")
    )
    return {
        headed(name, estimate.units): values,
        headed(f"{estimate.conf:.0%} interval", estimate.units): [
            "-" if one == other == "-" else f"{one.removesuffix(IN_CELLS)} to {other}"
            for one, other in zip(low, high, strict=True)
        ],
        "n": [f"{count:,}" for count in frame["n"]],
    }


def counted_in(estimate: Estimate, frame: pd.DataFrame, first: int) -> tuple[Counted, ...]:
    """Return the respondents behind the rows of a figure's table.

    Parameters
    ----------
    estimate
        The estimate.
    frame
        Its rows in the order of the table, with their places in the estimate as the index.
    first
        The table's column with the estimates; their intervals and n are beside it.
    """
    row_of = {int(row): place for place, row in enumerate(frame.index)}
    return counts_in_rows(
        estimate,
        lambda row: [(row_of[row], first), (row_of[row], first + 1)] if row in row_of else [],
        lambda row: [(row_of[row], first + 2)] if row in row_of else [],
    )


def scale_of(estimate: Estimate) -> float:
    """Return how many times the estimates are what is drawn: shares and their differences are in percent."""
    return SCALES[estimate.unit]


def units_in(estimate: Estimate, frame: pd.DataFrame) -> tuple[Unit, ...]:
    """Return the units of some rows of an estimate, whose places are the frame's index."""
    return tuple(estimate.units[int(row)] for row in frame.index)


def words_at(estimate: Estimate) -> AxisWords:
    """Return what stands at the axis of an estimate: the unit, and what is measured."""
    if estimate.unit == "share":
        return AxisWords(sign="%")
    if estimate.unit == "points":
        return AxisWords("percentage points")
    return AxisWords(measure=unit_of(estimate))


def unit_of(estimate: Estimate) -> str:
    """Return what the axis measures: the statistic, and the variable if its name is short."""
    variables = list(dict.fromkeys(estimate.keys["variable"]))
    label = estimate.label(variables[0])
    return (
        f"{estimate.statistic}: {label}"
        if len(variables) == 1 and len(label) <= SHORT
        else estimate.statistic
    )


def note_of(estimate: Estimate, shared: str = "") -> str:
    """Return the question that the rows share, who is counted, n, and the notes of the estimate.

    What the axis names is not said again: a score is no question that anybody was asked.
    """
    base = estimate.base
    if len(set(estimate.keys["variable"])) > 1 and "; " in base:
        parts = dict.fromkeys(re.sub(r", asked if .*", "", part) for part in base.split("; "))
        base = f"{'; '.join(parts)} of those who were asked each"
    at_axis = words_at(estimate).measure
    asked = "" if shared and at_axis.endswith(shared) else about(shared)
    counted = f"Base: {base}; {range_of_n(estimate.n)}."
    return " ".join(filter(None, [asked, counted, *estimate.remarks]))


def name_rows(estimate: Estimate, *, every: int = 1) -> tuple[dict[str, list[str]], list[str], str]:
    """Name the rows by what sets them apart: columns for the table, labels, and the words they share."""
    keys, varying, shared = _keys_in_words(estimate, every)
    numbers = (estimate.statistic, f"{estimate.conf:.0%} interval", *RESERVED)
    heads = told_apart([HEADS.get(name, estimate.label(name)) for name in varying], numbers)
    columns = {head: list(keys[name]) for head, name in zip(heads, varying, strict=True)}
    return columns, _joined(keys, [name for name in varying if name != "counted"]), shared


def nested_rows(estimate: Estimate) -> tuple[list[str], list[str]]:
    """Return the group and the name of each row where rows of one group stand together; else nothing.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "no"], "sex": ["f", "f", "m"]})
    >>> nested_rows(tk.proportion(tk.Design(frame), "trust", by="sex"))
    (['f', 'f', 'm', 'm'], ['no', 'yes', 'no', 'yes'])
    """
    keys, varying, _ = _keys_in_words(estimate, 1)
    said = [name for name in varying if name != "counted"]
    groups = list(keys[said[0]]) if len(said) > 1 else []
    runs = [group for group, _ in groupby(groups)]
    if not groups or len(runs) != len(set(runs)) or 2 * len(runs) > len(groups):
        return [], []
    return groups, _joined(keys, said[1:])


def _joined(keys: pd.DataFrame, names: Sequence[str]) -> list[str]:
    """Return what rows are called by these columns, and what a definition counts on a line of its own."""
    found = [", ".join(parts) for parts in keys[[*names]].itertuples(index=False, name=None)]
    if "counted" in keys and len(set(keys["counted"])) > 1:
        found = [f"{name}\n{counted}" for name, counted in zip(found, keys["counted"], strict=True)]
    return found


def _keys_in_words(estimate: Estimate, every: int) -> tuple[pd.DataFrame, list[str], str]:
    """Return the rows' keys with questions in words, the keys that vary, and what all questions share."""
    keys = keys_in_words(estimate.keys.iloc[::every].astype(str), estimate.statistic)
    if every > 1:
        keys = keys.drop(columns="level")
    shared = ""
    if len(set(keys["variable"])) > 1:
        short, shared = shortened([estimate.label(name) for name in keys["variable"]])
        keys["variable"] = short
    elif keys["variable"].iloc[0] in estimate.labels:
        shared = estimate.label(keys["variable"].iloc[0])
    varying = [str(name) for name in keys if len(set(keys[name])) > 1] or [str(keys.columns[0])]
    return keys, varying, shared
