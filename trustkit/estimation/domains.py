"""Who is counted: the domains of an estimate, the rows that are chosen, and both in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.counted import Counted, ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.rows import MemoryRows
from trustkit.errors import DataError
from trustkit.survey.where import condition, conditions_in, rows_where

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

    Ints = NDArray[np.intp]

Base = Literal["valid", "asked"]
By: TypeAlias = "str | Sequence[str] | None"

KEPT_NAMES = ("variable", "level", "estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff", "reason")
"""Columns that every estimate has besides its domains."""


@dataclass(frozen=True, eq=False)
class Domains:
    """Who is counted, resolved once for a call: dimensions, rows, and both in words.

    Attributes
    ----------
    dims
        The domains' variables with their labels.
    rows
        Which rows are counted, as `Design.cells` takes them.
    words
        The condition on the rows in words; empty if all are counted.
    base
        Whether don't know and refused stay in the denominator.
    conditions
        The variables that the condition on the rows names; empty for a boolean Series.
    notes
        Which rows and groups are left out, in words.
    several
        Whether several variables are estimated together: one that nobody answered then gets rows without
        numbers, as the others have theirs.
    chosen
        The condition on the rows as each variable's name and levels; None if it is not a mapping.
    """

    dims: tuple[tuple[str, tuple[str, ...]], ...]
    rows: Where
    words: str
    base: Base = "valid"
    conditions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    several: bool = False
    chosen: tuple[tuple[str, tuple[str, ...]], ...] | None = ()

    @classmethod
    def of(
        cls, design: Design, by: By, where: Where, base: Base = "valid", *, several: bool = False
    ) -> Domains:
        """Resolve what a user asked for.

        Raises
        ------
        DataError
            A name in ``by`` that is a column of every estimate, or an unknown variable or level.
        """
        names = (by,) if isinstance(by, str) else tuple(by or ())
        taken = [name for name in names if name in KEPT_NAMES or names.count(name) > 1]
        if taken:
            raise DataError(
                f"by can't contain {taken[0]!r}", got=", ".join(names),
                expected=f"each variable once, and none named {', '.join(KEPT_NAMES)}",
                do="give the column another name, or name it once",
            )  # fmt: skip
        dims = tuple((name, coded_variable(design, name).labels) for name in names)
        words, rows = condition(where, design.variable), where
        if isinstance(where, Mapping) and isinstance(design.rows, MemoryRows):
            rows = pd.Series(rows_where(where, design.data, design.variable), index=design.data.index)
        conditions = tuple(where) if isinstance(where, Mapping) else ()
        notes = [of(design, name, labels, rows) for name, labels in dims for of in (left_out, _weightless)]
        chosen = conditions_in(where)
        return cls(dims, rows, words, base, conditions, tuple(filter(None, notes)), several, chosen)

    def nonempty(self, n: Ints, name: str) -> Ints:
        """Return the places of the domains in which somebody answered a question.

        If nobody did, and other variables are estimated beside it, all places are returned.

        Raises
        ------
        DataError
            If nobody did, and it is the only variable.
        """
        places = np.flatnonzero(n)
        if not len(places) and self.several:
            return np.arange(len(n))
        if not len(places):
            raise self.empty(name)
        return places

    def empty(self, names: str) -> DataError:
        """Return the error that nobody answered any of some variables."""
        by = ", ".join(name for name, _ in self.dims)
        return DataError(
            f"nobody is in the base of {names}",
            got=f"where: {self.words or 'everyone'}; by: {by or 'nothing'}",
            do="leave the variable out, widen where, or check that these respondents were asked",
        )  # fmt: skip

    def keys(self, places: Ints, variable: str, answers: Sequence[str]) -> pd.DataFrame:
        """Return the names of each estimate: its domain's levels, the variable, the answer."""
        domains = list(product(*(labels for _, labels in self.dims)))
        rows = [(*domains[place], variable, answer) for place in places for answer in answers]
        return pd.DataFrame(rows, columns=[*(name for name, _ in self.dims), "variable", "level"])

    def respondents(
        self, places: Ints, variable: str, counts: Ints, answers: Sequence[str], shown: Sequence[ShownCount]
    ) -> Counted:
        """Return the unweighted respondents of a question.

        Parameters
        ----------
        places
            The domains that are estimated.
        variable, answers
            The question and the answers of its base.
        counts
            Shape (domains, answers).
        shown
            The numbers of each domain that are printed; their group is written here.
        """
        groups = list(product(*(labels for _, labels in self.dims)))
        return Counted(
            variable,
            tuple(answers),
            tuple(name for name, _ in self.dims),
            tuple(groups[place] for place in places),
            self.chosen,
            counts[places],
            tuple(replace(one, group=group) for group in range(len(places)) for one in shown),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that ``by`` and ``where`` name."""
        return (*(name for name, _ in self.dims), *self.conditions)

    def counted(self, answers: str, about: Variable, called: Callable[[str], str]) -> str:
        """Return in words who is counted: the respondents with these answers, in the chosen rows."""
        asked = " and ".join(
            f"{in_quotes(called(of))} is {' or '.join(who)}" for of, who in about.asked.items()
        )
        parts = [answers, f"where {self.words}" if self.words else "", f"asked if {asked}" if asked else ""]
        return ", ".join(part for part in parts if part)


def in_quotes(called: str) -> str:
    """Return how a sentence names a variable where its words would run into the sentence's own."""
    return f'"{called}"' if " " in called and not called.startswith('"') else called


def left_out(
    design: Design, name: str, labels: Sequence[str], where: Where, *, of: str = "in no group"
) -> str:
    """Return in words how many of the rows have no answer to a variable, and so are, for one, in no group."""
    count = design.rows.unplaced(name, labels, design.sample.weights, where=where)
    if not count:
        return ""
    who, are = ("1 respondent has", "is") if count == 1 else (f"{count:,} respondents have", "are")
    return f"{who} no answer to {in_quotes(design.called(name))} and {are} {of}."


def _weightless(design: Design, name: str, labels: Sequence[str], where: Where) -> str:
    """Return in words which groups have no row of their own because all their weights are zero."""
    weights = design.sample.weights
    if not isinstance(design.rows, MemoryRows) or weights.min(initial=1.0) > 0:
        return ""
    inside = rows_where(where, design.data, design.variable)
    places = design.codes(name, labels)
    places = places if inside is None else places[inside]
    heavy = weights if inside is None else weights[inside]
    held = np.bincount(places[places >= 0], minlength=len(labels))
    weighted = np.bincount(places[(places >= 0) & (heavy > 0)], minlength=len(labels))
    empty = [label for label, rows, some in zip(labels, held, weighted, strict=True) if rows and not some]
    return f"All weights are zero for {', '.join(empty)}, so there is no estimate for them." if empty else ""
