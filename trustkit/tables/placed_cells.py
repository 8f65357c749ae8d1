"""What the numbers of tables are about: each a set of respondents, named by the conditions they meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.counted import Counted

Key = tuple[tuple[str, tuple[str, ...]], ...]
"""A cell: the conditions that its respondents meet, each a question and the answers that count."""

CONDITION = "condition"
"""What a condition is called that is no mapping, so that nobody knows how it relates to others."""

DATA = "data set"
"""What the data are called of which a table counts other respondents than an earlier table."""


@dataclass(frozen=True)
class PlacedCells:
    """The keys of a table's numbers."""

    values: dict[Key, float]
    shown: tuple[Key, ...]
    bases: tuple[Key, ...]
    answers: tuple[tuple[Key, ...], ...]
    groups: tuple[Key, ...]
    contexts: tuple[Key, ...]
    others: dict[Key, Key]


def placed_cells(number: int, table: Counted, space: int) -> PlacedCells:
    """Return the keys and values of a table's cells, in one of several data sets."""
    values: dict[Key, float] = {}
    answers_of, groups, contexts = [], [], []
    for place, group in enumerate(table.groups):
        context = _context(number, table, group, space)
        own = tuple(sorted_key((*context, (table.variable, (answer,)))) for answer in table.answers)
        whole = sorted_key((*context, (table.variable, tuple(sorted(table.answers)))))
        answers_of.append(own)
        groups.append(whole)
        contexts.append(sorted_key(context))
        if table.bases[place] >= 0:
            values[whole] = float(table.bases[place])
        counts = zip(own, table.counts[place], strict=True)
        values.update({key: float(count) for key, count in counts if count >= 0})
    shown: list[Key] = []
    others: dict[Key, Key] = {}
    for one in table.shown:
        if one.scores:
            scores = ", ".join(f"{score:g}" for score in one.scores)
            shown.append((*groups[one.group], (f"mean of the scores {scores}", ())))
            continue
        context = _context(number, table, table.groups[one.group], space)
        key = sorted_key((*context, (table.variable, tuple(sorted(one.answers)))))
        places = [table.answers.index(answer) for answer in one.answers]
        values.setdefault(key, float(table.counts[one.group, places].sum()))
        shown.append(key)
        other_answers = tuple(sorted({*table.answers} - {*one.answers}))
        if other_answers:
            others[key] = sorted_key((*context, (table.variable, other_answers)))
    return PlacedCells(
        values,
        tuple(shown),
        tuple(groups[one.group] for one in table.shown),
        tuple(answers_of),
        tuple(groups),
        tuple(contexts),
        others,
    )


def _context(number: int, table: Counted, group: tuple[str, ...], space: int) -> Key:
    """Return the conditions on a group, besides those of its question."""
    by = {name: (level,) for name, level in zip(table.by, group, strict=True)}
    where = {} if table.where is None else {name: tuple(sorted(levels)) for name, levels in table.where}
    other = {} if table.where is not None else {CONDITION: (f"of table {number + 1}",)}
    data = {DATA: (str(space + 1),)} if space else {}
    own = {**where, **by, **other, **data}
    own.pop(table.variable, None)
    return tuple(own.items())


def is_inside(key: Key, other: Key) -> bool:
    """Return whether all respondents of a cell are in another, by their conditions.

    Examples
    --------
    >>> is_inside((("sex", ("m",)), ("trust", ("no",))), (("trust", ("no", "yes")),))
    True
    """
    own = dict(key)
    return all(name in own and set(own[name]) <= set(answers) for name, answers in other)


def sorted_key(parts: Iterable[tuple[str, tuple[str, ...]]]) -> Key:
    """Return conditions as the key of a cell."""
    return tuple(sorted(parts))


def name_of_key(key: Key) -> str:
    """Return what a cell is called.

    Examples
    --------
    >>> name_of_key((("sex", ("m",)), ("trust", ("no", "yes"))))
    'sex: m; trust: no or yes'
    """
    return "; ".join(f"{name}: {' or '.join(answers)}" if answers else name for name, answers in key)
