"""Which printed numbers add up to which: the cells of several tables, and the equations between them.

A cell is a set of respondents: those who gave one of some answers to each of some questions. Cells with the
same conditions are one cell, in whichever tables they are printed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from trustkit.tables.placed_cells import CONDITION, DATA, is_inside, name_of_key, placed_cells, sorted_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.tables.placed_cells import Key, PlacedCells

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

OTHERS = "any other or no answer"
"""What the respondents of a larger cell gave who are in none of the smaller ones."""

MEAN_COST = 1.0
"""What is lost by hiding a mean: less than any other cell, as it is made of answers that are hidden."""

HALF = 0.5
"""Counts are whole numbers; they differ if they differ by more than this."""


@dataclass(frozen=True, eq=False)
class Relations:
    """Cells and the equations that hold between their counts.

    Attributes
    ----------
    names
        What each of the m cells is called.
    value
        Shape (m,): the respondents in each cell; 0 for the deviation of a mean.
    printed
        Shape (m,): whether it is printed; the others are never seen, and the equations are about them, too.
    cost
        Shape (m,): what is lost if it is hidden.
    free
        Shape (m,): whether it may be below 0, as the deviation of a mean.
    within
        Shape (m, 2): how far below and above its count a printed number may be, because it was rounded.
    matrix
        Shape (equations, m): each row, times the counts, is 0.
    base
        Shape (m,): whether it is the base of shares, which is hidden last.
    """

    names: tuple[str, ...]
    value: Floats
    printed: Bools
    cost: Floats
    free: Bools
    within: Floats
    matrix: csr_array
    base: Bools

    @property
    def size(self) -> int:
        """The number of cells."""
        return len(self.value)

    def part(self, cells: NDArray[np.intp]) -> Relations:
        """Return some cells, with the equations that name one of them; the other cells in these are known.

        Examples
        --------
        >>> from trustkit.tables.relations import made_of
        >>> rows = made_of({"a": 4, "b": 9, "all": 13}, [{"all": 1, "a": -1, "b": -1}])
        >>> rows.part(np.array([0, 1])).matrix.toarray().tolist()
        [[-1.0, -1.0]]
        """
        inside = self.matrix[:, cells]
        rows = np.flatnonzero(np.diff(csr_array(inside).indptr))
        return Relations(
            tuple(self.names[cell] for cell in cells),
            self.value[cells],
            self.printed[cells],
            self.cost[cells],
            self.free[cells],
            self.within[cells],
            csr_array(inside[rows]),
            self.base[cells],
        )


def made_of(
    counts: dict[str, float],
    equations: Sequence[dict[str, float]],
    *,
    within: dict[str, tuple[float, float]] | None = None,
    unseen: Iterable[str] = (),
    free: Iterable[str] = (),
) -> Relations:
    """Return relations that are written out by hand.

    Parameters
    ----------
    counts
        The name of each cell -> its respondents.
    equations
        For each equation the cells' coefficients; their sum is 0.
    within, unseen, free
        How far below and above its count a rounded number may be; cells that are not printed; cells that may
        be below 0.

    Examples
    --------
    >>> made_of({"a": 4, "b": 9, "all": 13}, [{"all": 1, "a": -1, "b": -1}]).matrix.shape
    (1, 3)
    """
    names = tuple(counts)
    place = {name: number for number, name in enumerate(names)}
    rows = [(row, place[name], factor) for row, one in enumerate(equations) for name, factor in one.items()]
    value = np.array([float(count) for count in counts.values()])
    hidden, below = set(unseen), set(free)
    return Relations(
        names,
        value,
        np.array([name not in hidden for name in names]),
        np.maximum(value, 1.0),
        np.array([name in below for name in names]),
        np.array([(within or {}).get(name, (0.0, 0.0)) for name in names]),
        _matrix(rows, len(equations), len(names)),
        np.zeros(len(names), dtype=bool),
    )


@dataclass
class _Cell:
    """A cell while relations are gathered."""

    value: float
    printed: bool = False
    base: bool = False
    free: bool = False
    cost: float = 0.0


@dataclass(frozen=True)
class TableCells:
    """Where the numbers of a table are among the cells.

    Attributes
    ----------
    shown
        The cell of each printed number.
    bases
        The cell of each printed number's base.
    answers
        For each group, the cell of each answer.
    groups
        For each group, the cell of its base.
    """

    shown: tuple[int, ...]
    bases: tuple[int, ...]
    answers: tuple[tuple[int, ...], ...]
    groups: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Related:
    """The relations of several tables, where each table's numbers are, and who is in no group.

    Attributes
    ----------
    relations, tables
        The cells with their equations, and the cells of each table.
    left_out
        Cells of respondents who gave no answer to the question that makes the groups of a table, each with
        the cell of all of them.
    between
        Cells of respondents who are in one base and not in another inside it.
    others
        Cells of few respondents that nobody printed and that follow from others: those of a base who did not
        give an answer, and those whom the condition of a table leaves out.
    """

    relations: Relations
    tables: tuple[TableCells, ...]
    left_out: tuple[tuple[int, int], ...]
    between: tuple[int, ...]
    others: tuple[int, ...]


def related(tables: Sequence[Counted], *, near: float = 0.0) -> Related:
    """Return the cells of tables that are published together, and all equations between them.

    Answers add up to their base, groups to everybody with what is left over, a net to its answers; a mean
    times its base is the sum of scores. Tables that count different numbers of the same respondents are of
    different data, and only related where few respondents are between them.

    Parameters
    ----------
    tables
        The tables.
    near
        Two printed cells, one inside the other by several conditions or of different data, are related if
        fewer respondents than this are between them; and so are an answer and its base.

    Examples
    --------
    >>> from trustkit.counted import Counted, ShownCount
    >>> shown = (ShownCount(0, "yes", ("yes",)), ShownCount(0, "no", ("no",)))
    >>> found = related([Counted("trust", ("no", "yes"), (), ((),), (), np.array([[4, 9]]), shown)])
    >>> found.relations.names
    ('trust: no', 'trust: no or yes', 'trust: yes')
    """
    gathered = _Gathered(near)
    placed = [gathered.add(number, table) for number, table in enumerate(tables)]
    return gathered.finished(placed)


class _Gathered:
    """Cells and equations while tables are read."""

    def __init__(self, near: float) -> None:
        self.near = near
        self.cells: dict[Key, _Cell] = {}
        self.grouping: set[tuple[Key, str]] = set()
        self.equations: list[dict[Key, float]] = []
        self.left_out: set[tuple[Key, str]] = set()
        self.between: set[Key] = set()
        self.others: set[Key] = set()
        self.alike: dict[tuple[Key, float], set[Key]] = defaultdict(set)
        self.means: list[tuple[Key, Key, tuple[Key, ...], tuple[float, ...]]] = []

    def add(self, number: int, table: Counted) -> PlacedCells:
        """Add a table; return the keys of its numbers."""
        for space in range(number + 1):
            placed = placed_cells(number, table, space)
            if all(key not in self.cells or abs(self.cells[key].value - value) < HALF
                   for key, value in placed.values.items()):  # fmt: skip
                break
        for key, value in placed.values.items():
            self.cells.setdefault(key, _Cell(value))
        for key in placed.values:
            self.grouping.update((key, name) for name in table.by)
        for one, key, base in zip(table.shown, placed.shown, placed.bases, strict=True):
            if base not in self.cells:
                continue
            self.cells[base].printed = self.cells[base].base = True
            self.alike[placed.contexts[one.group], self.cells[base].value].add(base)
            if one.scores:
                self.cells[key] = _Cell(0.0, free=True, cost=MEAN_COST)
                self.means.append((key, base, placed.answers[one.group], one.scores))
            self.cells[key].printed = True
            others = placed.others.get(key)
            if others and 0 < self.cells[base].value - self.cells[key].value < self.near:
                self.others.add(others)
                self.cells.setdefault(others, _Cell(self.cells[base].value - self.cells[key].value))
        return placed

    def _relate_means(self) -> None:
        """Write down that the sum of scores, less the base times the mean, is 0."""
        for key, base, answers, scores in self.means:
            size = self.cells[base].value
            if size and all(answer in self.cells for answer in answers):
                pairs = list(zip(answers, scores, strict=True))
                mean = sum(self.cells[answer].value * score for answer, score in pairs) / size
                self.equations.append({**{answer: score - mean for answer, score in pairs}, key: -1.0})

    def finished(self, placed: Sequence[PlacedCells]) -> Related:
        """Return the relations of all tables."""
        self._relate()
        self._relate_means()
        self._relate_inside()
        self._equate_bases()
        names = sorted(self.cells, key=name_of_key)
        place = {key: number for number, key in enumerate(names)}
        cells = [self.cells[key] for key in names]
        value = np.array([cell.value for cell in cells])
        largest = float(value.max(initial=1.0))
        entries = [
            (row, place[key], factor)
            for row, equation in enumerate(self.equations)
            for key, factor in equation.items()
        ]
        cost = [cell.cost or (cell.value if cell.value >= HALF else largest) for cell in cells]
        relations = Relations(
            tuple(map(name_of_key, names)),
            value,
            np.array([cell.printed for cell in cells], dtype=bool),
            np.array(cost),
            np.array([cell.free for cell in cells], dtype=bool),
            np.zeros((len(cells), 2)),
            _matrix(entries, len(self.equations), len(cells)),
            np.array([cell.base for cell in cells], dtype=bool),
        )
        tables = tuple(
            TableCells(
                tuple(place.get(key, -1) for key in one.shown),
                tuple(place.get(key, -1) for key in one.bases),
                tuple(tuple(place.get(key, -1) for key in row) for row in one.answers),
                tuple(place.get(key, -1) for key in one.groups),
            )
            for one in placed
        )
        return Related(
            relations,
            tables,
            tuple(sorted((place[key], place[self._whole(key, name)]) for key, name in self.left_out)),
            tuple(sorted(place[key] for key in self.between)),
            tuple(sorted(place[key] for key in self.others)),
        )

    def _whole(self, key: Key, name: str) -> Key:
        """Return the largest cell of the respondents in no group who are asked the question of a cell."""
        groups = {other for other, of in self.left_out if of == name and dict(other)[name] == dict(key)[name]}
        inside = [other for other in groups if is_inside(key, other)]
        return max(inside, key=lambda other: (self.cells[other].value, other))

    def _relate(self) -> None:
        """Find the cells that differ in one condition only, and write down how they add up."""
        families: dict[tuple[Key, str], dict[tuple[str, ...], Key]] = defaultdict(dict)
        for key, cell in self.cells.items():
            if not cell.free:
                for name, answers in key:
                    rest = tuple(part for part in key if part[0] != name)
                    families[rest, name][answers] = key
        for (rest, name), family in list(families.items()):
            if name == CONDITION:
                self._relate_conditions(rest, family)
            elif name != DATA:  # see `_relate_inside`
                self._relate_family(rest, name, family)

    def _relate_conditions(self, rest: Key, family: dict[tuple[str, ...], Key]) -> None:
        """Write down what each condition leaves of a cell; respondents of several may be the same."""
        if rest in self.cells and not self.cells[rest].free:
            for answers, key in family.items():
                self._add_up(rest, [key], rest, CONDITION, ("not", *answers))

    def _relate_family(self, rest: Key, name: str, family: dict[tuple[str, ...], Key]) -> None:
        """Write down how cells add up that differ in their answers to one question."""
        single = {answers[0]: key for answers, key in family.items() if len(answers) == 1}
        wide = [(answers, key) for answers, key in family.items() if len(answers) > 1]
        self._relate_wide(rest, name, single, wide)
        if rest in self.cells and not self.cells[rest].free:
            if single:
                self._add_up(rest, list(single.values()), rest, name, (OTHERS,))
            for answers, key in wide:
                if not set(answers) <= set(single):
                    self._add_up(rest, [key], rest, name, ("none of", *answers))

    def _relate_wide(
        self, rest: Key, name: str, single: dict[str, Key], wide: Sequence[tuple[tuple[str, ...], Key]]
    ) -> None:
        """Write down of which answers, or of which others, cells of several answers are made."""
        for answers, key in wide:
            inside = [answer for answer in answers if answer in single]
            left = tuple(answer for answer in answers if answer not in single)
            if inside:
                self._add_up(key, [single[answer] for answer in inside], rest, name, left)
            for others, other in wide if left else ():
                if set(others) < set(answers):
                    between = tuple(answer for answer in answers if answer not in others)
                    self._add_up(key, [other], rest, name, between)

    def _relate_inside(self) -> None:
        """Relate printed cells that are nearly the same, one inside the other by two or more conditions.

        A cell that has another count in another data set is related, too: one may be what cleaning left of
        the other.
        """
        of_names: dict[frozenset[str], list[tuple[float, str, Key]]] = defaultdict(list)
        for key, cell in self.cells.items():
            if cell.printed and not cell.free and cell.value > HALF:
                names = frozenset(name for name, _ in key if name != DATA)
                of_names[names].append((cell.value, name_of_key(key), key))
        for family in of_names.values():
            family.sort()
        for names, family in of_names.items():
            for others in [of_names[other] for other in of_names if other <= names]:
                values = [value for value, _, _ in others]
                for value, called, smaller in family:
                    first, end = bisect_left(values, value + HALF), bisect_left(values, value + self.near)
                    for _, _, larger in others[first:end]:
                        if _is_related_inside(smaller, larger):
                            self._add_up(larger, [smaller], larger, "beside", (called,))

    def _equate_bases(self) -> None:
        """Write down that bases of different questions are equal, where as many of a group answered each.

        An outsider who sees this in all other groups takes them for the same respondents.
        """
        for bases in self.alike.values():
            first, *others = sorted(bases)
            self.equations += [{first: 1.0, other: -1.0} for other in others]

    def _add_up(self, whole: Key, parts: Sequence[Key], rest: Key, name: str, left: tuple[str, ...]) -> None:
        """Write down that parts, and whoever is left, are the whole."""
        remains = self.cells[whole].value - sum(self.cells[part].value for part in parts)
        if remains < -HALF:
            return
        equation = {whole: 1.0, **dict.fromkeys(parts, -1.0)}
        if remains > HALF:
            key = sorted_key((*rest, (name, left)))
            if key in self.cells and abs(self.cells[key].value - remains) > HALF:
                key = sorted_key((*rest, (name, (*left, f"beside {len(parts)}"))))
            self.cells.setdefault(key, _Cell(remains))
            equation[key] = -1.0
            if left == (OTHERS,) and any((part, name) in self.grouping for part in parts):
                self.left_out.add((key, name))
            elif self.cells[key].value < self.near:
                self.others.add(key)
            if self.cells[whole].base and all(self.cells[part].base for part in parts):
                self.between.add(key)
        self.equations.append(equation)


def _is_related_inside(key: Key, other: Key) -> bool:
    """Return whether a cell is inside another, and their data or two of their conditions differ."""
    own, whole = ({name: answers for name, answers in one if name != DATA} for one in (key, other))
    if not is_inside(tuple(own.items()), tuple(whole.items())):
        return False
    differing = sum(whole.get(name) != answers for name, answers in own.items())
    return differing > 1 or dict(key).get(DATA) != dict(other).get(DATA)


def _matrix(entries: Sequence[tuple[int, int, float]], rows: int, columns: int) -> csr_array:
    """Return the equations as a sparse matrix."""
    row, column, factor = zip(*entries, strict=True) if entries else ((), (), ())
    return csr_array((np.array(factor, dtype=float), (row, column)), shape=(rows, columns))
