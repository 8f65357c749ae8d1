"""The columns of a banner: groups of one variable, nested, of several answers, or named conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from trustkit.arguments import ArgumentKind
from trustkit.design.coded import coded_variable
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.survey.variable import names_of_boxes
from trustkit.survey.where import conditions_in, rows_where
from trustkit.tables.questions import SELECTED, ticked_answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.assembly import Part
    from trustkit.estimation.domains import Base
    from trustkit.survey.where import Where

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.intp]

HeadGiven: TypeAlias = "str | tuple[str, ...] | Mapping[str, Where]"
"""A variable or a set's name, variables that are nested, or names of columns with a condition each."""

HEADS = ArgumentKind(
    lambda value: (
        isinstance(value, list | tuple)
        and all(isinstance(head, str | tuple | dict) and bool(head) for head in value)
    ),
    "a list of heads: names of variables, tuples of names, or mappings of names to conditions",
    'write columns=["sex", ("country", "sex")]',
)

WAY_OUT = "name the columns with conditions: {'By email': {'email': 'Yes'}}"
"""What to do about a head of boxes whose ticked answer is not known."""

MOST_COLUMNS = 52
"""More columns of one head have more pairs than a reader can use."""


@dataclass(frozen=True)
class Column:
    """A column of a head.

    Attributes
    ----------
    label
        What stands above it.
    outer
        The outer level of a nested head; columns of other outer levels are not compared.
    letter
        Its letter.
    """

    label: str
    outer: str = ""
    letter: str = ""


@dataclass(frozen=True, eq=False)
class Head:
    """Columns that are compared with each other.

    Attributes
    ----------
    title
        What the head is called.
    columns
        Its columns.
    by
        The variables whose groups they are; empty for columns that may share respondents.
    keys
        The labels of each column's groups; empty if ``by`` is.
    conditions
        The condition of each column, where they may share respondents.
    names
        All variables that the columns rest on.
    """

    title: str
    columns: tuple[Column, ...]
    by: tuple[str, ...] = ()
    keys: tuple[tuple[str, ...], ...] = ()
    conditions: tuple[Where, ...] = ()
    names: tuple[str, ...] = ()

    def domains(self, design: Design, where: Where, base: Base, *, rest: bool = False) -> list[Domains]:
        """Return who is counted: all groups together, or each column by itself.

        With ``rest``, everybody in the other columns follows for each column that may share respondents.
        """
        if not self.conditions:
            return [Domains.of(design, self.by or None, where, base, several=True)]
        everyone = np.ones(len(design.data), dtype=bool)

        def counted(condition: Where) -> Bools:
            found = rows_where(condition, design.data, design.variable)
            return everyone if found is None else found

        def domain(rows: Bools) -> Domains:
            return Domains.of(design, None, pd.Series(rows, index=design.data.index), base, several=True)

        chosen = counted(where)
        rows = [counted(condition) & chosen for condition in self.conditions]
        own = [
            replace(domain(one), chosen=_both_chosen(where, condition))
            for one, condition in zip(rows, self.conditions, strict=True)
        ]
        anyone = np.logical_or.reduce(rows)
        return [*own, *(domain(anyone & ~one) for one in rows)] if rest else own

    def places(self, part: Part, number: int) -> Ints:
        """Return the column of each estimate of a part; ``number`` tells which of the domains it is of."""
        if not self.by:
            return np.full(len(part.n), number, dtype=np.intp)
        place_of = {key: place for place, key in enumerate(self.keys)}
        named = zip(*(part.keys[name].tolist() for name in self.by), strict=True)
        return np.array([place_of.get(tuple(map(str, key)), -1) for key in named], dtype=np.intp)


def both(design: Design, first: Where, second: Where) -> Where:
    """Return the condition that two conditions are both met.

    Two mappings stay one, so that the base can be said in words, unless they name the same variable.
    """
    if first is None or second is None:
        return second if first is None else first
    if isinstance(first, Mapping) and isinstance(second, Mapping) and not set(first) & set(second):
        return {**first, **second}
    rows = [rows_where(one, design.data, design.variable) for one in (first, second)]
    return pd.Series(np.logical_and.reduce([one for one in rows if one is not None]), index=design.data.index)


def _both_chosen(where: Where, condition: Where) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Return the names and levels of two conditions together; None if one of them is not a mapping."""
    first, second = conditions_in(where), conditions_in(condition)
    if first is None or second is None:
        return None
    both = dict(first)
    for name, levels in second:
        both[name] = tuple(level for level in both.get(name, levels) if level in levels)
    return tuple(both.items())


EVERYBODY = Head("", (Column("Total"),))
"""The column of all respondents."""


def read_heads(design: Design, given: Sequence[HeadGiven], where: Where) -> tuple[list[Head], list[str]]:
    """Return the heads of a banner with their letters, and notes on columns that nobody is in.

    Raises
    ------
    DataError
        An unknown variable, one without labelled answers, a head with one column or with too many.
    """
    heads, notes = [], []
    used = 0
    for one in given:
        head = _read(design, one)
        counts = _respondents(design, head, where)
        empty = [column.label for column, count in zip(head.columns, counts, strict=True) if not count]
        if empty:
            notes.append(f"Nobody is in {', '.join(empty)} of {head.title}, so the columns are left out.")
        kept = np.flatnonzero(counts)
        if not 1 < len(kept) <= MOST_COLUMNS:
            raise DataError(
                f"{head.title} can't be the head of a banner", got=f"{len(kept):,} columns with respondents",
                expected=f"2 to {MOST_COLUMNS}",
                do="merge answers" if len(kept) > 1 else "choose a question with more groups",
            )  # fmt: skip
        columns = [head.columns[place] for place in kept]
        heads.append(
            Head(
                head.title,
                tuple(
                    Column(column.label, column.outer, letter_of(used + place))
                    for place, column in enumerate(columns)
                ),
                head.by,
                tuple(head.keys[place] for place in kept) if head.keys else (),
                tuple(head.conditions[place] for place in kept) if head.conditions else (),
                head.names,
            )
        )
        used += len(columns)
    return heads, notes


def persons_repeat(design: Design) -> bool:
    """Return whether rows are of the same persons, as far as ids tell, and the design does not know it."""
    ids = [name for name in design.columns if design.variable(name).kind == "id"]
    if design.sample.first_stage.clustered or design.sample.replicates is not None:
        return False
    return any(bool(design.data[name].dropna().duplicated().any()) for name in ids)


def letter_of(place: int) -> str:
    """Return the letter of a column: A to Z, then AA, AB and so on.

    Examples
    --------
    >>> letter_of(0), letter_of(25), letter_of(26), letter_of(52)
    ('A', 'Z', 'AA', 'BA')
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, len(ascii_uppercase))
        letters = ascii_uppercase[rest] + letters
    return letters


def _read(design: Design, given: HeadGiven) -> Head:
    """Return one head, without letters, with all columns that it may have."""
    if isinstance(given, Mapping):
        conditions = tuple(given.values())
        for condition in conditions:
            rows_where(condition, design.data, design.variable)
        title = "the named groups"
        variables = tuple(name for part in conditions if isinstance(part, Mapping) for name in part)
        return Head(
            title, tuple(map(Column, given)), conditions=conditions, names=tuple(dict.fromkeys(variables))
        )
    if isinstance(given, str) and given not in design.columns and design.codebook.members(given):
        return _boxes(design, given)
    names = (given,) if isinstance(given, str) else tuple(given)
    levels = [coded_variable(design, name).labels for name in names]
    keys: list[tuple[str, ...]] = [()]
    for own in levels:
        keys = [(*key, label) for key in keys for label in own]
    columns = tuple(Column(" / ".join(key), " / ".join(key[:-1])) for key in keys)
    return Head(" / ".join(design.called(name) for name in names), columns, names, tuple(keys), names=names)


def _boxes(design: Design, name: str) -> Head:
    """Return the head of a question with several answers: a column for each box."""
    members = design.codebook.members(name)
    about = [design.variable(member) for member in members]
    if any(variable.kind != "multiple" for variable in about):
        raise DataError(
            f"the set {name} is not a question with several answers", got=", ".join(members),
            expected="a set whose members are boxes", do="name one of its questions as a head",
        )  # fmt: skip
    wording = design.codebook.sets.get(name, "")
    labels = names_of_boxes([variable.heading for variable in about], wording)
    return Head(
        design.codebook.sets.get(name) or name,
        tuple(map(Column, labels)),
        conditions=tuple({box.name: ticked_answer(box, SELECTED, WAY_OUT)} for box in about),
        names=members,
    )


def _respondents(design: Design, head: Head, where: Where) -> Ints:
    """Return how many respondents with a positive weight are in each column."""
    if head.by:
        cells = design.rows_in([(name, coded_variable(design, name).labels) for name in head.by], where=where)
        inside = (cells.codes < cells.size) & (design.weights > 0)
        return np.bincount(cells.codes[inside].astype(np.intp), minlength=cells.size)
    chosen = rows_where(where, design.data, design.variable)
    base = design.weights > 0 if chosen is None else chosen & (design.weights > 0)
    counts = []
    for condition in head.conditions:
        rows = rows_where(condition, design.data, design.variable)
        counts.append(int((base if rows is None else base & rows).sum()))
    return np.array(counts, dtype=np.intp)
