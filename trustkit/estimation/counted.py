"""The respondents behind printed shares and means: counts without rows, as a value and as JSON.

Protection needs to know how many respondents each printed number rests on. A result that holds `Counted` adds
them to what it shows in a notebook, as JSON of the type `COUNTS_MIME` (the ledger). The ledger holds no row
of the data and no row number. It holds counts that must not be published, so a published copy of a notebook
never has it; a site has the counts that were published, in ``counts.json``.

The JSON of the ledger is an object with two members: ``version``, which is `VERSION`, and ``tables``, a list
of objects. Each of them has

- ``variable``: the question's name;
- ``answers``: all answers of the base, in order;
- ``by``: the names of the variables whose groups are the domains;
- ``where``: the condition on the respondents, an object of name -> list of levels; empty for everybody, null
  for a condition that is not a mapping;
- ``groups``: for each group its level of each variable in ``by``;
- ``counts``: for each group the unweighted respondents of each answer; null where it is not published;
- ``n``: for each group the unweighted respondents of the base; null where it is not published;
- ``shown``: the numbers that are printed, each an object with ``group`` (its place in ``groups``), ``level``
  (what it is called), ``answers`` (the answers that it counts together; a mean counts none), ``scores`` (the
  score of each answer, for a mean or a net score; otherwise empty), ``cells`` and ``base_cells`` (where the
  number and its base are printed in the table, each a pair of row and column counted from 0), and ``letter``
  (of its column in a banner);
- ``table``: of a result that is shown as several tables, the number of the table, counted from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from trustkit.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.intp]

COUNTS_MIME = "application/vnd.trustkit.counts+json"
"""The type of the output that holds the ledger."""

PUBLISHED_COUNTS = "counts.json"
"""The file of a site that holds the ledger of what it publishes."""

SMALLEST_CELL = 10
"""Cells with fewer respondents are not published. Source: the rule of thumb of ONS's Secure Research
Service, UK LLC, and the defaults of ACRO."""

UNPROTECTED = (
    "Not protected: some of these numbers rest on few respondents. A published report hides them, "
    "and so does tk.protect."
)
"""The note of a result at the desk that must not be published as it is."""

NUMBERS = "any number"
"""The answer that everybody gave who is in the base of a mean of numbers."""

VERSION = 1
"""Of the ledger's form."""

Place = tuple[int, int]
"""A row and a column of a printed table, counted from 0."""


@dataclass(frozen=True)
class ShownCount:
    """A printed number, and where it is printed.

    Attributes
    ----------
    group
        The place of its group among the groups of the table.
    level
        What it is called.
    answers
        The answers that it counts together; empty for a mean and a net score.
    scores
        The score of each answer of the base, for a mean or a net score; otherwise empty.
    cells, base_cells
        Where the number and its base are printed, as rows and columns counted from 0.
    letter
        The letter of its column in a banner.
    """

    group: int
    level: str
    answers: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    cells: tuple[Place, ...] = ()
    base_cells: tuple[Place, ...] = ()
    letter: str = ""


@dataclass(frozen=True, eq=False)
class Counted:
    """The unweighted respondents of a question by group and answer, and which numbers of them are printed.

    Attributes
    ----------
    variable, answers
        The question, and all answers of its base.
    by, groups
        The variables whose groups are the domains, and each group's levels.
    where
        The condition on the respondents: name and levels of each variable; None if it is no mapping.
    counts
        Shape (groups, answers); -1 where a count is not known, as in the ledger of a site.
    shown
        The printed numbers.
    n
        Shape (groups,): the respondents of each base; -1 where it is not known. None: the sums of ``counts``.
    table
        Of a result that is shown as several tables, the number of the table, counted from 0.

    Examples
    --------
    >>> one = Counted("trust", ("no", "yes"), ("sex",), (("m",), ("f",)), (), np.array([[3, 12], [20, 30]]))
    >>> one.bases.tolist()
    [15, 50]
    >>> counted_from_json(counted_to_json([one]))[0].counts.tolist()
    [[3, 12], [20, 30]]
    """

    variable: str
    answers: tuple[str, ...]
    by: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    where: tuple[tuple[str, tuple[str, ...]], ...] | None
    counts: Ints
    shown: tuple[ShownCount, ...] = field(default=())
    n: Ints | None = None
    table: int = 0

    @property
    def bases(self) -> Ints:
        """The respondents of each group's base, shape (groups,)."""
        if self.n is not None:
            return self.n
        bases: Ints = self.counts.sum(axis=1)
        return bases

    def scored(self, scores: Mapping[str, float]) -> Counted:
        """Return the respondents of means of scores: the counts of the answers are not known."""
        shown = [replace(one, answers=(), scores=tuple(scores.values())) for one in self.shown]
        unknown = np.full((len(self.groups), len(scores)), -1, dtype=np.intp)
        return replace(self, answers=tuple(scores), counts=unknown, n=self.bases, shown=tuple(shown))

    def together(self, weights: Mapping[str, float], level: str) -> Counted:
        """Return the respondents where one number of each group is printed, made of several answers.

        Parameters
        ----------
        weights
            What each answer counts; the others count 0.
        level
            What the number is called.
        """
        scores = tuple(weights.get(answer, 0.0) for answer in self.answers)
        answers = tuple(answer for answer, score in zip(self.answers, scores, strict=True) if score)
        one = (
            ShownCount(0, level, answers) if {*scores} <= {0.0, 1.0} else ShownCount(0, level, scores=scores)
        )
        return self.printing([replace(one, group=group) for group in range(len(self.groups))])

    def printing(self, shown: Sequence[ShownCount]) -> Counted:
        """Return the counts with other printed numbers."""
        return replace(self, shown=tuple(shown))


def unprotected(tables: Sequence[Counted]) -> tuple[str, ...]:
    """Return the note on a result that must not be published as it is, if it is one.

    A table all of whose groups are smaller than `SMALLEST_CELL` has no note: that it is about few respondents
    is plain to see.

    Examples
    --------
    >>> shown = (ShownCount(0, "yes", ("yes",)),)
    >>> [
    ...     len(unprotected([Counted("trust", ("no", "yes"), (), ((),), (), np.array([counts]), shown)]))
    ...     for counts in ([90, 9], [90, 10], [2, 3])
    ... ]
    [1, 0, 0]
    """
    few = large = False
    for table in tables:
        places = {answer: place for place, answer in enumerate(table.answers)}
        large = large or bool((table.bases >= SMALLEST_CELL).any())
        for one in table.shown:
            base = int(table.bases[one.group])
            known = [int(table.counts[one.group, places[answer]]) for answer in one.answers]
            count = sum(known) if known and min(known) >= 0 else base
            few = few or any(0 < size < SMALLEST_CELL for size in (base, count, base - count))
    return (UNPROTECTED,) if few and large else ()


def counts_bundle(tables: Sequence[Counted]) -> dict[str, object]:
    """Return what a result adds to its display in a notebook: the ledger, if it has any respondents.

    Examples
    --------
    >>> counts_bundle([])
    {}
    """
    return {COUNTS_MIME: counted_to_json(tables)} if tables else {}


def counted_to_json(tables: Sequence[Counted]) -> dict[str, Any]:
    """Return the ledger of some tables, as JSON holds it."""
    return {"version": VERSION, "tables": [_to_json(table) for table in tables]}


def counted_from_json(ledger: object) -> list[Counted]:
    """Return the tables of a ledger.

    Raises
    ------
    ReportError
        If it is not of the form that the module describes.

    Examples
    --------
    >>> counted_from_json({"version": 1, "tables": []})
    []
    """
    got = type(ledger).__name__
    if isinstance(ledger, dict):
        got = f"version {ledger.get('version')}"
        if ledger.get("version") == VERSION:
            try:
                return [_from_json(table) for table in ledger["tables"]]
            except (KeyError, TypeError, ValueError, IndexError) as fault:
                got = f"{type(fault).__name__}: {fault}"
    raise ReportError(
        "the counts behind a result can't be read", got=got,
        expected=f"the ledger of version {VERSION} that trustkit writes",
        do="run the notebook again with this version of trustkit",
    )  # fmt: skip


def _to_json(table: Counted) -> dict[str, Any]:
    return {
        "variable": table.variable,
        "answers": list(table.answers),
        "by": list(table.by),
        "where": None if table.where is None else {name: list(levels) for name, levels in table.where},
        "groups": [list(group) for group in table.groups],
        "counts": [[_known(count) for count in row] for row in table.counts],
        "n": [_known(count) for count in table.bases],
        "shown": [
            {
                "group": one.group,
                "level": one.level,
                "answers": list(one.answers),
                "scores": list(one.scores),
                "cells": [list(place) for place in one.cells],
                "base_cells": [list(place) for place in one.base_cells],
                "letter": one.letter,
            }
            for one in table.shown
        ],
        "table": table.table,
    }


def _from_json(record: Mapping[str, Any]) -> Counted:
    where = record["where"]
    groups = tuple(tuple(map(str, group)) for group in record["groups"])
    answers = tuple(map(str, record["answers"]))
    counts = [[-1 if count is None else int(count) for count in row] for row in record["counts"]]
    return Counted(
        variable=str(record["variable"]),
        answers=answers,
        by=tuple(map(str, record["by"])),
        groups=groups,
        where=None
        if where is None
        else tuple((str(name), tuple(map(str, levels))) for name, levels in where.items()),
        counts=np.array(counts, dtype=np.intp).reshape(len(groups), len(answers)),
        shown=tuple(
            ShownCount(
                int(one["group"]),
                str(one["level"]),
                tuple(map(str, one["answers"])),
                tuple(map(float, one["scores"])),
                _places(one["cells"]),
                _places(one["base_cells"]),
                str(one["letter"]),
            )
            for one in record["shown"]
        ),
        n=np.array([-1 if count is None else int(count) for count in record["n"]], dtype=np.intp),
        table=int(record.get("table", 0)),
    )


def _places(given: Sequence[Sequence[int]]) -> tuple[Place, ...]:
    return tuple((int(row), int(column)) for row, column in given)


def _known(count: int) -> int | None:
    return None if count < 0 else int(count)
