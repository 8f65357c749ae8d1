"""Protection of respondents: small cells of published tables are hidden, with whatever would give them away.

This is statistical disclosure control. All tables that are published together are protected together: a
number that is hidden in one of them may follow from the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.survey.protection import PROTECTION, Protection
from trustkit.tables.marks import (
    CONFIDENTIAL,
    HiddenNumbers,
)
from trustkit.tables.relations import HALF, Related, related
from trustkit.tables.suppression import Needs, hide, unmet

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted

    Bools = NDArray[np.bool_]

SMALL, BESIDE, BASE, GROUP, ZERO, DOMINATED = (
    "small",
    "others are small",
    "small base",
    "base is hidden",
    "zero",
    "few respondents have most of the sum",
)
"""Why a number is hidden in any case."""

COMPLEMENTARY = "complementary"
"""Why a number is hidden beside others."""

CLASS = "class"
"""What is said of 0% and 100%, which are shown: they tell something of everybody in the group."""

COLUMNS = ("table", "cell", "mark", "rule")
"""What is said of each hidden number."""


@dataclass(frozen=True, eq=False)
class ProtectedCells:
    """The cells of some tables, which of them are hidden, what is protected, and the cells' tables."""

    related: Related
    hidden: Bools
    needs: Needs
    threshold: int
    owners: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ProtectedCounts:
    """What is hidden of some tables, as `protected_counts` finds it; see `Protected`."""

    frame: pd.DataFrame
    cost: float
    exact: bool
    marks: tuple[tuple[HiddenNumbers, ...], ...]
    cells: ProtectedCells


def protected_counts(printed: Sequence[Sequence[Counted]], protection: Protection) -> ProtectedCounts:
    """Return what must be hidden of tables, by the respondents behind each of them.

    Raises
    ------
    DataError
        If the solver fails, or what it hides can be worked out after all.
    """
    flat = [one for counts in printed for one in counts]
    owners = tuple(number for number, counts in enumerate(printed, 1) for _ in counts)
    found = related(flat, near=protection.threshold)
    needs, rules = needs_of(found, protection)
    chosen = hide(found.relations, needs)
    hidden = _whole_groups(found, chosen.hidden)
    short = unmet(found.relations, needs, hidden, integer=True)
    if short:
        raise DataError(
            "the hidden cells can be worked out", where="protect",
            got="; ".join(found.relations.names[cell] for cell in short[:3]),
            expected="cells that no outsider can work out", do="publish fewer of these tables together",
        )  # fmt: skip
    bases = [tuple(bool(hidden[base]) for base in one.bases) for one in found.tables]
    numbers = [
        tuple(bool(hidden[cell] | hidden[base]) for cell, base in zip(one.shown, one.bases, strict=True))
        for one in found.tables
    ]
    dominated = [_dominated_groups(table, own, protection) for table, own in zip(flat, numbers, strict=True)]
    marks = [
        HiddenNumbers(
            tuple(one or shown.group in groups for one, shown in zip(own, table.shown, strict=True)),
            own_bases,
        )
        for table, own, own_bases, groups in zip(flat, numbers, bases, dominated, strict=True)
    ]
    more = [
        (owner, f"{table.variable}: {', '.join(table.groups[group])}", CONFIDENTIAL, DOMINATED)
        for owner, table, groups in zip(owners, flat, dominated, strict=True)
        for group in sorted(groups)
    ]
    frame = _frame(found, hidden, rules, owners)
    frame = pd.concat([frame, pd.DataFrame(more, columns=list(COLUMNS))]) if more else frame
    starts = np.cumsum([0, *(len(counts) for counts in printed)])
    return ProtectedCounts(
        frame,
        float(found.relations.cost[hidden].sum()),
        chosen.exact,
        tuple(tuple(marks[start:end]) for start, end in pairwise(starts.tolist())),
        ProtectedCells(found, hidden, needs, protection.threshold, owners),
    )


def is_dominated(amounts: Sequence[float], protection: Protection) -> bool:
    """Return whether one or two respondents have so much of a sum that it tells of them.

    Parameters
    ----------
    amounts
        The weighted sum, and the largest and the second largest weighted amount of one respondent.
    protection
        The rules: with the sum T and the largest amounts a and b, the number is hidden if a + b > share x T
        (dominance), or if T - a - b < share x a (p%).

    Examples
    --------
    >>> [is_dominated(amounts, PROTECTION) for amounts in ([100, 60, 35], [100, 50, 20], [100, 70, 24])]
    [True, False, True]
    """
    total, first, second = amounts
    if protection.dominance is not None:
        count, share = protection.dominance
        if first + (second if count > 1 else 0.0) > share * total:
            return True
    return protection.p_percent is not None and total - first - second < protection.p_percent * first


def _dominated_groups(table: Counted, hidden: Sequence[bool], protection: Protection) -> set[int]:
    """Return the groups whose sum of amounts is hidden: the dominated ones, and one beside a single one."""
    if table.amounts is None:
        return set()
    groups = {group for group, own in enumerate(table.amounts) if is_dominated(own.tolist(), protection)}
    gone = groups | {one.group for one, is_hidden in zip(table.shown, hidden, strict=True) if is_hidden}
    others = sorted(set(range(len(table.groups))) - gone, key=lambda group: (table.bases[group], group))
    return groups | ({others[0]} if groups and len(gone) == 1 and others else set())


def needs_protection(printed: Iterable[Counted], protection: Protection = PROTECTION) -> bool:
    """Return whether a table has a number that must not be published.

    Examples
    --------
    >>> from trustkit.counted import Counted, ShownCount
    >>> shown = (ShownCount(0, "yes", ("yes",)),)
    >>> [
    ...     needs_protection([Counted("trust", ("no", "yes"), (), ((),), (), np.array([[90, n]]), shown)])
    ...     for n in (9, 10)
    ... ]
    [True, False]
    """
    tables = list(printed)
    if any(_dominated_groups(table, [False] * len(table.shown), protection) for table in tables):
        return True
    return bool(needs_of(related(tables, near=protection.threshold), protection)[0].hide.any())


def needs_of(found: Related, protection: Protection) -> tuple[Needs, dict[int, str]]:
    """Return what must stay unknown, and the rule that hides each cell in any case."""
    relations = found.relations
    value = relations.value
    rules: dict[int, str] = {}
    protected: set[int] = set()
    few = (value > HALF) & (value < protection.threshold - HALF) & ~relations.free
    for table in found.tables:
        for cell, base in zip(table.shown, table.bases, strict=True):
            rest = value[base] - value[cell]
            if few[cell] and relations.printed[cell]:
                rules.setdefault(cell, SMALL)
            elif not relations.free[cell] and cell != base and HALF < rest < protection.threshold - HALF:
                rules.setdefault(cell, BESIDE)
            elif protection.zeros == "protect" and value[cell] < HALF and not relations.free[cell]:
                rules.setdefault(cell, ZERO)
                protected.add(cell)
        for answers, base in zip(table.answers, table.groups, strict=True):
            if base >= 0 and relations.printed[base] and HALF < value[base] < protection.base - HALF:
                rules[base] = BASE
                protected.add(base)
                rules.update({cell: GROUP for cell in answers if cell >= 0 and relations.printed[cell]})
            protected.update(cell for cell in answers if cell >= 0 and few[cell])
        for cell, base in zip(table.shown, table.bases, strict=True):
            if rules.get(base) == BASE:
                rules.setdefault(cell, GROUP)
    protected.update(cell for cell in found.between if few[cell])
    protected.update(
        cell
        for cell, group in found.left_out
        if few[cell] and (protection.unanswered == "cells" or value[group] < protection.base - HALF)
    )
    protected.update(cell for cell in np.flatnonzero(few).tolist() if relations.printed[cell])
    protected.update(cell for cell in found.others if few[cell])
    hide_always = np.zeros(relations.size, dtype=bool)
    hide_always[list(rules)] = True
    cells = np.array(sorted(protected), dtype=np.intp)
    up = np.maximum(protection.threshold - value[cells], 0.0)
    return Needs(hide_always, cells, value[cells], up), rules


def _whole_groups(found: Related, hidden: Bools) -> Bools:
    """Return what is hidden, with all numbers of groups whose base is."""
    whole = hidden.copy()
    for table in found.tables:
        for cell, base in zip(table.shown, table.bases, strict=True):
            whole[cell] |= hidden[base]
    return whole


def _frame(found: Related, hidden: Bools, rules: dict[int, str], owners: Sequence[int]) -> pd.DataFrame:
    """Return the numbers that are hidden, and those that tell something of a whole group."""
    rows: dict[tuple[int, int], tuple[str, str]] = {}
    value = found.relations.value
    for owner, table in zip(owners, found.tables, strict=True):
        for cell, base in zip(table.shown, table.bases, strict=True):
            for one in (base, cell):
                if hidden[one]:
                    rows[owner, one] = (CONFIDENTIAL, rules.get(one, COMPLEMENTARY))
            nobody_or_all = min(value[cell], value[base] - value[cell]) < HALF and cell != base
            if not hidden[cell] and nobody_or_all and not found.relations.free[cell]:
                rows[owner, cell] = ("", CLASS)
    return pd.DataFrame(
        [(owner, found.relations.names[cell], *said) for (owner, cell), said in rows.items()],
        columns=list(COLUMNS),
    )
