"""Protection of respondents: small cells of published tables are hidden, with whatever would give them away.

This is statistical disclosure control. All tables that are published together are protected together: a
number that is hidden in one of them may follow from the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.counted import SMALLEST_CELL
from trustkit.errors import DataError
from trustkit.field_kinds import accepts_fields
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

Zeros = Literal["show", "protect"]
Unanswered = Literal["groups", "cells"]

SMALL, BESIDE, BASE, GROUP, ZERO = (
    "small",
    "others are small",
    "small base",
    "base is hidden",
    "zero",
)
"""Why a number is hidden in any case."""

COMPLEMENTARY = "complementary"
"""Why a number is hidden beside others."""

CLASS = "class"
"""What is said of 0% and 100%, which are shown: they tell something of everybody in the group."""

COLUMNS = ("table", "cell", "mark", "rule")
"""What is said of each hidden number."""

SOURCES = {
    "threshold": "10 respondents: ACRO, UK LLC, the rule of thumb of ONS's Secure Research Service",
    "base": "10 respondents: GP Patient Survey, which shows no results of a smaller group",
    "zeros": "ONS on class disclosure; UK LLC counts zero as small",
}
"""Each threshold of `Protection`, and where it comes from."""


@dataclass(frozen=True)
class Protection:
    """What must not be published.

    Attributes
    ----------
    threshold
        A cell with fewer respondents, but not none, is hidden; so is a cell that all but fewer respondents of
        its base are in. An outsider must think 0 possible, and this number, too.
    base
        A group with fewer respondents is hidden as a whole.
    zeros
        ``"show"``: answers that nobody gave are shown. ``"protect"``: they are hidden as small cells are, for
        registers and for surveys of employees.
    unanswered
        Respondents without an answer to the question that makes the groups are in no group, but in the total;
        so their answers follow by subtraction. ``"groups"``: they are protected if they are fewer than
        ``base``. ``"cells"``: each of their answers is protected as a printed cell would be; this hides much
        more.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.Protection(threshold=5).base
    10
    """

    threshold: int = SMALLEST_CELL
    base: int = SMALLEST_CELL
    zeros: Zeros = "show"
    unanswered: Unanswered = "groups"

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and thresholds that protect nobody."""
        accepts_fields(self)
        for name in ("threshold", "base"):
            if getattr(self, name) < 2:  # noqa: PLR2004
                raise DataError(
                    f"the {name} of the protection hides nothing", where="Protection",
                    got=str(getattr(self, name)), expected="at least 2 respondents", do="use 10",
                )  # fmt: skip


PROTECTION = Protection()
"""The rule of every published output."""


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
    marks = [
        HiddenNumbers(
            tuple(bool(hidden[cell] | hidden[base]) for cell, base in zip(one.shown, one.bases, strict=True)),
            tuple(bool(hidden[base]) for base in one.bases),
        )
        for one in found.tables
    ]
    frame = _frame(found, hidden, rules, owners)
    starts = np.cumsum([0, *(len(counts) for counts in printed)])
    return ProtectedCounts(
        frame,
        float(found.relations.cost[hidden].sum()),
        chosen.exact,
        tuple(tuple(marks[start:end]) for start, end in pairwise(starts.tolist())),
        ProtectedCells(found, hidden, needs, protection.threshold, owners),
    )


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
    found = related(list(printed), near=protection.threshold)
    return bool(needs_of(found, protection)[0].hide.any())


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
