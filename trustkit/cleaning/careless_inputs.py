"""A survey's answers, in the form that the indices of careless responding need."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.cleaning.consistency import item_pairs
from trustkit.errors import DataError, Faults, NotComputableError, suggest
from trustkit.survey.columns import coded, describe, numeric_values
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustkit.survey.survey import Survey
    from trustkit.survey.variable import Variable

    Range = tuple[float, float]

SCALED = ("ordinal", "numeric")
"""Kinds whose answers are in order, so that a battery of them has a spread and a middle."""


@dataclass(frozen=True, eq=False)
class Answers:
    """A survey, and the variables that the indices of careless responding use.

    Attributes
    ----------
    survey
        The survey.
    batteries
        Sets of ordinal or numeric items.
    duration, ids, within
        Variables with the interview's length, the respondent's id, and the group to compare within.
    attention
        Attention check -> the label asked for.
    texts
        Open answers.
    """

    survey: Survey
    batteries: tuple[str, ...]
    duration: str | None
    ids: str | None
    within: str | None
    attention: Mapping[str, str]
    texts: tuple[str, ...]

    def refuse_unknown(self) -> None:
        """Raise one `DataError` that lists every variable, label and battery that the survey doesn't have."""
        data = self.survey.data
        faults = Faults("the names given to careless", DataError)
        for name in (self.duration, self.ids, self.within, *self.attention, *self.texts):
            if name is not None and name not in data:
                faults.add(f"no variable {name!r}", do=suggest(name, data.columns))
        for name, passed in self.attention.items():
            if name in data:
                about = describe(data, self.survey.codebook, name)
                if passed not in about.labels:
                    do = suggest_answer(passed, about.labels, about)
                    faults.add(f"{name} has no answer {passed!r}", do=do)
        known = scaled_batteries(self.survey)
        for battery in self.batteries:
            if battery not in known:
                what = f"no battery {battery!r} of two ordinal or numeric items"
                faults.add(what, do=suggest(battery, known))
        faults.refuse(
            do="use names of the codebook; a battery's items share a set, and are ordinal or numeric"
        )

    def column(self, name: str | None, what: str) -> pd.Series:
        """Return a variable's column; raise an error if no variable is named."""
        if name is None:
            raise NotComputableError(f"no {what} is named")
        return self.survey.data[name]

    def numbers(self, name: str | None, what: str) -> pd.Series:
        """Return a numeric variable's values, NaN where there is no substantive one."""
        column = self.column(name, what)
        values = numeric_values(column, describe(self.survey.data, self.survey.codebook, str(name)))
        return pd.Series(values, index=column.index, name=name)

    @cached_property
    def sets(self) -> tuple[tuple[Variable, ...], ...]:
        """The items of each battery, in the codebook's order."""
        known = scaled_batteries(self.survey)
        return tuple(known[battery] for battery in self.batteries)

    @property
    def items(self) -> tuple[Variable, ...]:
        """The items of all batteries."""
        items = tuple(item for battery in self.sets for item in battery)
        if not items:
            raise NotComputableError("no battery of two ordinal or numeric items is known")
        return items

    @property
    def given(self) -> pd.DataFrame:
        """Every answer to the items, also don't know and refused: its position in the list, or its number."""
        return self._frame({item.name: self._place(item, item.asked_labels) for item in self.items})

    @cached_property
    def presented(self) -> pd.DataFrame:
        """The substantive answers to the items, not reversed: position in the list, or number."""
        return self._frame({item.name: self._place(item, item.labels) for item in self.items})

    @cached_property
    def presented_on_one_range(self) -> pd.DataFrame:
        """The same; on 0 to 1 if the items' ranges differ."""
        ranges = [
            (0.0, len(item.labels) - 1.0) if item.kind in CODED else self._range(item) for item in self.items
        ]
        return on_one_range(self.presented, ranges)

    @property
    def keyed(self) -> pd.DataFrame:
        """The answers as scored, with reversed items reversed; on 0 to 1 if the items' ranges differ."""
        unscored = [item.name for item in self.items if item.kind in CODED and not item.scoring]
        unranged = [
            item.name
            for item in self.items
            if item.kind not in CODED and item.reverse and (item.low is None or item.high is None)
        ]
        if unscored or unranged:
            raise NotComputableError(
                "the codebook gives no scores for some items, or no range for reversed ones",
                got=", ".join([*unscored, *unranged]),
            )
        columns, ranges = {}, []
        for item in self.items:
            values = numeric_values(self.survey.data[item.name], item)
            if item.kind in CODED:
                ranges.append((min(item.scoring.values()), max(item.scoring.values())))
            else:
                low, high = self._range(item)
                values = low + high - values if item.reverse else values
                ranges.append((low, high))
            columns[item.name] = values
        return on_one_range(self._frame(columns), ranges)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """Psychometric synonyms and antonyms among the items."""
        return item_pairs(self.presented_on_one_range)

    @property
    def compared(self) -> pd.DataFrame:
        """Every coded answer and battery item except attention checks; missing where there is no answer."""
        variables = self.survey.codebook.variables
        scaled = {item.name for battery in self.sets for item in battery}
        names = [
            name
            for name, about in variables.items()
            if (about.kind in CODED or name in scaled)
            and name in self.survey.data
            and name not in self.attention
        ]
        if not names:
            raise NotComputableError("the codebook describes no coded answers")
        return self._frame(
            {name: self._place(variables[name], variables[name].asked_labels) for name in names}
        )

    def _place(self, about: Variable, labels: tuple[str, ...]) -> np.ndarray:
        column = self.survey.data[about.name]
        if about.kind not in CODED:
            return numeric_values(column, about)
        codes = coded(column, labels)
        return np.where(codes < 0, np.nan, codes)

    def _range(self, about: Variable) -> Range:
        """Return a numeric item's range: from the codebook, or from the data."""
        values = numeric_values(self.survey.data[about.name], about)
        values = values[np.isfinite(values)]
        low = values.min(initial=np.inf) if about.low is None else about.low
        high = values.max(initial=-np.inf) if about.high is None else about.high
        return float(low), float(high)

    def _frame(self, columns: Mapping[str, np.ndarray]) -> pd.DataFrame:
        return pd.DataFrame(dict(columns), index=self.survey.data.index)


def on_one_range(items: pd.DataFrame, ranges: list[Range]) -> pd.DataFrame:
    """Put items on 0 to 1 by their ranges, unless they share one range already.

    Whole numbers stay whole where they can, so that equal means stay exactly equal.

    Examples
    --------
    >>> on_one_range(pd.DataFrame({"a": [1.0, 5.0], "b": [0.0, 10.0]}), [(1, 5), (0, 10)])["b"].tolist()
    [0.0, 1.0]
    """
    if len({high - low for low, high in ranges}) == 1 and len({low for low, _ in ranges}) == 1:
        return items
    lows = np.array([low for low, _ in ranges])
    widths = np.array([high - low for low, high in ranges])
    return items.sub(lows, axis="columns").div(np.where(widths > 0, widths, 1.0), axis="columns")


def scaled_batteries(survey: Survey) -> dict[str, tuple[Variable, ...]]:
    """Return the sets of two or more ordinal or numeric items that are in the data, in order."""
    batteries: dict[str, list[Variable]] = {}
    for about in survey.codebook.variables.values():
        if about.set and about.kind in SCALED and about.name in survey.data:
            batteries.setdefault(about.set, []).append(about)
    return {name: tuple(items) for name, items in batteries.items() if len(items) > 1}


def cleaned_by(survey: Survey, step: str, argument: str) -> list[str]:
    """Return the values of a step's argument in the codebook's cleaning list, in order."""
    return [
        str(item[argument])
        for item in survey.codebook.cleaning
        if item.get("step") == step and argument in item
    ]
