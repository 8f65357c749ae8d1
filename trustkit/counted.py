"""The respondents behind printed shares and means: counts without rows.

Protection needs to know how many respondents each printed number rests on. A result that knows them holds
`Counted`; `trustkit.ledger` writes them as JSON beside what the result shows in a notebook.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.intp]

NOTES = -1
"""The row of a `Place` that is a note below the table; its column is the note's number, counted from 0."""

SMALLEST_CELL = 10
"""Cells with fewer respondents are not published. Source: the rule of thumb of ONS's Secure Research
Service, UK LLC, and the defaults of ACRO."""

FARTHEST = 10 * SMALLEST_CELL
"""Samples that differ by more respondents are never compared: no rule has so large a threshold."""

UNPROTECTED = (
    "Not protected: some of these numbers rest on few respondents. A published report hides them, "
    "and so does tk.protect."
)
"""The note of a result at the desk that must not be published as it is."""

COUNT_HEADS = frozenset({"n", "respondents", "base", "unweighted n"})
"""How columns of respondents are headed, and rows of them begin."""

NUMBERS = "any number"
"""The answer that everybody gave who is in the base of a mean of numbers."""

VALUE = "value "
"""How the answers of a number with few different values are called: by their place, as a value may be that of
one respondent."""

MOST_VALUES = 12
"""A number with more different values is not taken apart into those who have each: its sum tells of none."""

EVERY_ROW = "every row"
"""What a number is called that all rows of an estimate rest on, as predictions rest on all coefficients."""

OUTCOME = ": what became of it"
"""How the name of a question ends whose outcomes are counted, an answer being one of them."""

Place = tuple[int, int]
"""A row and a column of a printed table, counted from 0; or `NOTES` and the number of a note below it."""


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
    count
        In the ledger of a site, the respondents who gave one of several answers; -1 where that is not known.
    """

    group: int
    level: str
    answers: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    cells: tuple[Place, ...] = ()
    base_cells: tuple[Place, ...] = ()
    letter: str = ""
    count: int = -1


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
    amounts
        Shape (groups, 3), for means and totals of amounts: the weighted sum of each group, and the largest
        and the second largest weighted amount of one respondent. None if that is not known.
    is_sorted
        Whether the rows of the table are in the order of these numbers, so that a row's place tells of it.

    Examples
    --------
    >>> one = Counted("trust", ("no", "yes"), ("sex",), (("m",), ("f",)), (), np.array([[3, 12], [20, 30]]))
    >>> one.bases.tolist()
    [15, 50]
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
    amounts: NDArray[np.float64] | None = None
    is_sorted: bool = False

    @property
    def bases(self) -> Ints:
        """The respondents of each group's base, shape (groups,)."""
        if self.n is not None:
            return self.n
        bases: Ints = self.counts.sum(axis=1)
        return bases

    def scored(self, scores: Mapping[str, float], counts: Ints | None = None) -> Counted:
        """Return the respondents of means of scores.

        Parameters
        ----------
        scores
            Each answer, or each value, and its score.
        counts
            Shape (groups, answers): the respondents who gave each answer. None: they are not known.
        """
        shown = [replace(one, answers=(), scores=tuple(scores.values())) for one in self.shown]
        if counts is None or (counts.sum(axis=1) != self.bases).any():
            counts = np.full((len(self.groups), len(scores)), -1, dtype=np.intp)
        return replace(self, answers=tuple(scores), counts=counts, n=self.bases, shown=tuple(shown))

    def without_values(self) -> Counted:
        """Return the respondents of a number without its values, which may be those of one respondent."""
        if not self.answers or not self.answers[0].startswith(VALUE):
            return self
        shown = tuple(replace(one, answers=(NUMBERS,), scores=()) for one in self.shown)
        return replace(self, answers=(NUMBERS,), counts=self.bases[:, None], n=self.bases, shown=shown)

    def with_spread(self) -> Counted:
        """Return the respondents of means that are printed with standard errors.

        The mean, the standard error and the base of a simple random sample give the sum of squared scores.

        Examples
        --------
        >>> counts, shown = np.array([[3, 12]]), (ShownCount(0, ""),)
        >>> trust = Counted("trust", ("no", "yes"), (), ((),), (), counts, shown)
        >>> [one.scores for one in trust.scored({"no": 1.0, "yes": 2.0}).with_spread().shown]
        [(1.0, 2.0), (1.0, 4.0)]
        """
        scored = [one for one in self.shown if one.scores]
        squares = [replace(one, scores=tuple(score**2 for score in one.scores)) for one in scored]
        return self.printing([*self.shown, *squares])

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


def counted_rows(
    names: Sequence[str],
    n: Sequence[int] | NDArray[np.integer[Any]],
    cells: Callable[[int], Sequence[Place]],
    bases: Callable[[int], Sequence[Place]] = lambda _: (),
    *,
    variable: str = "respondents",
) -> Counted:
    """Return the respondents of rows of which each rests on respondents of its own, whatever they answered.

    Parameters
    ----------
    names, n
        What each row is called, and its respondents.
    cells, bases
        Return the places of the numbers and of the base of a row.
    variable
        What the numbers are about.

    Examples
    --------
    >>> counted_rows(["alpha"], [7], lambda row: [(row, 1)]).bases.tolist()
    [7]
    """
    shown = [
        ShownCount(row, "", (NUMBERS,), (), tuple(cells(row)), tuple(bases(row))) for row in range(len(names))
    ]
    counts = np.array(n, dtype=np.intp).reshape(-1, 1)
    return Counted(variable, (NUMBERS,), ("row",), tuple((name,) for name in names), None, counts, (*shown,))


def counted_as_one(parts: tuple[str, pd.DataFrame, Sequence[str]], n: int) -> Counted:
    """Return the n respondents of a result whose numbers and notes all rest on all of them.

    Examples
    --------
    >>> import pandas as pd
    >>> counted_as_one(("Fit", pd.DataFrame({"CFI": ["0.98"]}), []), 7).bases.tolist()
    [7]
    """
    title, table, notes = parts
    places = [*all_cells(*table.shape), *((NOTES, note) for note in range(len(notes)))]
    return counted_rows([title], [n], lambda _: places)


def counted_table(
    questions: Sequence[tuple[str, Sequence[str]]],
    counts: NDArray[np.integer[Any]],
    where: tuple[tuple[str, tuple[str, ...]], ...] | None = (),
) -> Counted:
    """Return the respondents of the cells of two questions crossed, each of which is printed somehow.

    Parameters
    ----------
    questions
        The names and the answers of both.
    counts
        Shape (a, b): the respondents of each answer to the first, and to the second.
    where
        The condition on the respondents, as in `Counted`.

    Examples
    --------
    >>> counted_table([("a", "xy"), ("b", "pq")], np.array([[3, 12], [20, 30]])).bases.tolist()
    [23, 42]
    """
    row, column = questions
    answers = tuple(row[1])
    shown = [ShownCount(group, answer, (answer,)) for group in range(len(column[1])) for answer in answers]
    groups = tuple((level,) for level in column[1])
    return Counted(
        row[0], answers, (column[0],), groups, where, np.asarray(counts, dtype=np.intp).T, (*shown,)
    )


def counted_beside(
    n: Sequence[int],
    cells: Callable[[int], Sequence[Place]],
    bases: Callable[[int], Sequence[Place]] = lambda _: (),
) -> tuple[Counted, ...]:
    """Return the respondents of the same number of some overlapping samples, one in each row.

    Whoever compares two of the rows learns what those answered who are in one of them only, so that the rows
    of samples that differ by few respondents are hidden.

    Parameters
    ----------
    n
        The respondents of each row.
    cells, bases
        Return the places of the numbers and of the base of a row.

    Examples
    --------
    >>> [table.counts.tolist() for table in counted_beside([100, 103], lambda row: [(row, 1)])]
    [[[100]], [[103]], [[100, 3]]]
    """
    found = [
        counted_rows([f"row {row + 1}"], [size], lambda _, row=row: cells(row), lambda _, row=row: bases(row))  # type: ignore[misc]
        for row, size in enumerate(n)
    ]
    for first, second in combinations(range(len(n)), 2):
        few, many = sorted((int(n[first]), int(n[second])))
        if 0 < many - few < FARTHEST and few:
            both = tuple(place for row in (first, second) for place in (*cells(row), *bases(row)))
            shown = (ShownCount(0, "both", ("both",), (), both),)
            counts = np.array([[few, many - few]], dtype=np.intp)
            found.append(Counted("sample", ("both", "one"), (), ((),), None, counts, shown))
    return tuple(found)


def counted_everywhere(
    tables: Iterable[Counted], cells: Sequence[Place], bases: Sequence[Place] = ()
) -> tuple[Counted, ...]:
    """Return respondents on all of whom each of some printed numbers rests, such as those of a test.

    If one of the tables' numbers is hidden, so are all of these.

    Parameters
    ----------
    tables
        The respondents.
    cells, bases
        Where the numbers and their base are printed.
    """
    return tuple(
        table.printing(
            [replace(one, cells=tuple(cells), base_cells=tuple(bases), letter="") for one in table.shown]
        )
        for table in tables
    )


def all_cells(rows: int, columns: int, *, first: int = 1) -> list[Place]:
    """Return the places of all cells of a table from a column on.

    Examples
    --------
    >>> all_cells(1, 3)
    [(0, 1), (0, 2)]
    """
    return [(row, column) for row in range(rows) for column in range(first, columns)]


def printed_counts(result: object) -> tuple[Counted, ...]:
    """Return the respondents behind what a result prints; empty if it does not know them."""
    printed: Callable[[], tuple[Counted, ...]] | None = getattr(result, "_printed", None)
    return () if printed is None else printed()
