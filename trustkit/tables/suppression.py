"""Which cells to hide besides the small ones, so that none of these can be worked out.

The exact method of Fischetti and Salazar (2001): hide the cells of least cost, look how far each small cell
may be from its count, and where that is too near require, by a cut, that more be hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from trustkit.tables.attack import (
    TOLERANCE,
    blocks,
    is_whole,
    joint_reach,
    least,
    limits,
    reach,
    unknown_cells,
    whole_reach,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trustkit.tables.relations import Relations

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

MOST_EXACT = 3_000
"""Larger groups of cells are protected by the quick method."""

MOST_ROUNDS, MOST_NODES = 200, 20_000
"""A group of cells that takes more rounds, or more nodes in one round, is protected by the quick method.

They are counted, as a limit in seconds would hide other cells on a busy machine.
"""

Goal = tuple[int, int, float]
"""A cell, 1 or -1 for above or below its count, and by how much an outsider must think it off."""

MOST_MORE = 5.0
"""How many respondents more are asked of real numbers, at most, where whole counts do not reach as far."""

TIE = 1e-3
"""Cells of the same cost are told apart by their names: by less than this altogether."""


@dataclass(frozen=True, eq=False)
class Needs:
    """Which cells must be hidden, and how uncertain each must be.

    Attributes
    ----------
    hide
        Shape (m,): the cells that are hidden in any case.
    cells, down, up
        Shape (p,): cells whose counts must stay unknown, and how far below and above its count an outsider
        must think each of them possible.
    """

    hide: Bools
    cells: Ints
    down: Floats
    up: Floats


@dataclass(frozen=True, eq=False)
class Hidden:
    """What is hidden, and how it was found.

    Attributes
    ----------
    hidden
        Shape (m,).
    exact
        Whether nothing of less cost would do.
    """

    hidden: Bools
    exact: bool


def hide(relations: Relations, needs: Needs, *, integer: bool = True, rounds: int = MOST_ROUNDS) -> Hidden:
    """Return the cells to hide, of least cost, so that every need is met.

    Parameters
    ----------
    relations, needs
        The cells with their equations, and what must stay unknown.
    integer
        Also prove it against an outsider who knows that counts are whole numbers.
    rounds
        How many rounds of cuts a group of cells may take before the quick method is used.
    """
    hidden = needs.hide.copy()
    exact = True
    kept = relations.base & relations.printed & ~needs.hide
    done = np.zeros(relations.size, dtype=bool)
    while not done.all():
        done[:] = True
        for block in blocks(relations, ~kept):
            own = np.isin(needs.cells, block)
            if not own.any():
                continue
            solver = Group(relations.part(block), _needs_in(needs, block, own), rounds, integer)
            if not solver.unmet(hidden[block]):
                continue
            if solver.short(np.ones(len(block), dtype=bool)):
                beside = _beside(relations, block) & kept
                done &= ~beside
                kept &= ~beside
                hidden[block] = relations.printed[block] if not beside.any() else needs.hide[block]
                continue
            found = solver.solve()
            exact &= found.exact
            hidden[block] = found.hidden
    return Hidden(hidden & relations.printed, exact)


def _beside(relations: Relations, block: Ints) -> Bools:
    """Return the cells that share an equation with a block."""
    rows = np.flatnonzero(np.diff(csr_array(relations.matrix[:, block]).indptr))
    beside: Bools = np.diff(csr_array(relations.matrix[rows]).tocsc().indptr) > 0
    return beside


def unmet(relations: Relations, needs: Needs, hidden: Bools, *, integer: bool) -> list[int]:
    """Return the cells whose needs are not met."""
    short = []
    for block in blocks(relations, unknown_cells(relations, hidden)):
        own = np.isin(needs.cells, block)
        if own.any():
            solver = Group(relations.part(block), _needs_in(needs, block, own), MOST_ROUNDS, integer)
            short += [int(block[cell]) for cell in solver.unmet(hidden[block])]
    known = ~unknown_cells(relations, hidden)
    return sorted({*short, *(int(cell) for cell in needs.cells[known[needs.cells]])})


def _needs_in(needs: Needs, block: Ints, own: Bools) -> Needs:
    """Return the needs of a block, with the places of its cells."""
    return Needs(
        needs.hide[block],
        np.searchsorted(block, needs.cells[own]).astype(np.intp),
        needs.down[own],
        needs.up[own],
    )


@dataclass(frozen=True, eq=False)
class Group:
    """A group of cells that no equation connects with others.

    Attributes
    ----------
    relations, needs
        Its cells, and what must stay unknown.
    rounds
        How many rounds of cuts the exact method may take.
    integer
        Whether an outsider knows that counts are whole numbers.
    """

    relations: Relations
    needs: Needs
    rounds: int
    integer: bool

    @property
    def most(self) -> float:
        """How far a hidden cell may be above its count: no smaller limit than the cells of the group set."""
        return float(self.relations.value.max(initial=0.0) + self.needs.up.max(initial=1.0) + 1)

    @cached_property
    def cost(self) -> Floats:
        """What is lost by hiding each cell, ties broken by name."""
        rank = np.argsort(np.argsort(np.array(self.relations.names)))
        cost: Floats = self.relations.cost + TIE * rank / max(len(rank), 1)
        return cost

    def goals(self, more: Mapping[tuple[int, int], float] | None = None) -> list[Goal]:
        """Return each cell, direction and deviation that is needed, and what is needed beyond."""
        needs, beyond = self.needs, more or {}
        goals: list[Goal] = []
        for cell, down, up in zip(needs.cells.tolist(), needs.down, needs.up, strict=True):
            goals += [(cell, 1, float(up) + beyond.get((cell, 1), 0.0))] if up > TOLERANCE else []
            goals += [(cell, -1, float(down))] if down > TOLERANCE else []
        return goals

    def short(self, hidden: Bools, more: Mapping[tuple[int, int], float] | None = None) -> list[Goal]:
        """Return the goals that are not met, in the real numbers."""
        bounds = limits(self.relations, hidden, self.most)
        left = self.goals(more)
        for sign in (1, -1):
            own = [(cell, need) for cell, way, need in left if way == sign]
            if len(own) > 1:
                cells, wanted = np.array([cell for cell, _ in own]), np.array([need for _, need in own])
                left = _without(left, joint_reach(self.relations, bounds, cells, wanted, sign))
        failed = []
        while left:
            cell, sign, need = left[0]
            found = reach(self.relations, bounds, cell, sign)
            if found.deviation < need - TOLERANCE:
                failed.append(left[0])
            left = _without(left[1:], found.point)
        return failed

    def unmet(self, hidden: Bools) -> list[int]:
        """Return the cells whose needs are not met."""
        failed = self.short(hidden)
        if not failed and self.integer:
            failed = self.short_in_whole_numbers(hidden)
        return sorted({cell for cell, _, _ in failed})

    def short_in_whole_numbers(self, hidden: Bools) -> list[Goal]:
        """Return the goals that no whole counts meet."""
        bounds = limits(self.relations, hidden, self.most)
        failed = []
        left = self.goals()
        while left:
            cell, sign, need = left[0]
            found = reach(self.relations, bounds, cell, sign)
            left = left[1:]
            if is_whole(self.relations, found.point):
                left = _without(left, found.point)
            elif whole_reach(self.relations, bounds, cell, sign) < need - TOLERANCE:
                failed.append((cell, sign, need))
        return failed

    def solve(self) -> Hidden:
        """Return the cells to hide."""
        if np.count_nonzero(self.relations.printed) > MOST_EXACT:
            return self.quickly(self.needs.hide)
        candidates = np.flatnonzero(self.relations.printed & ~self.needs.hide)
        rows: list[Floats] = []
        least_sums: list[float] = []
        more: dict[tuple[int, int], float] = {}
        hidden = self.needs.hide.copy()
        for _ in range(self.rounds):
            cuts = self._cuts(hidden, candidates, more)
            if not cuts:
                failed = self.short_in_whole_numbers(hidden) if self.integer else []
                if not failed:
                    return Hidden(hidden, exact=not more)
                if all(more.get((cell, sign), 0.0) < MOST_MORE and sign > 0 for cell, sign, _ in failed):
                    more.update({(cell, sign): more.get((cell, sign), 0.0) + 1 for cell, sign, _ in failed})
                    continue
                cuts = [((~hidden[candidates]).astype(float), 1.0)]
            rows += [row for row, _ in cuts]
            least_sums += [bound for _, bound in cuts]
            solved = milp(
                self.cost[candidates],
                constraints=LinearConstraint(np.array(rows), np.array(least_sums), np.inf),
                integrality=np.ones(len(candidates), dtype=np.intp),
                bounds=Bounds(0, 1),
                options={"mip_rel_gap": 0.0, "node_limit": MOST_NODES},
            )
            if solved.x is None or solved.status != 0:
                break
            hidden = self.needs.hide.copy()
            hidden[candidates] = solved.x > 0.5  # noqa: PLR2004
        return self.quickly(self.needs.hide)

    def _cuts(
        self, hidden: Bools, candidates: Ints, more: Mapping[tuple[int, int], float]
    ) -> list[tuple[Floats, float]]:
        """Return what must hold of the cells to hide, for each goal that is not met.

        With the prices of the equations, a deviation is a sum over the cells' own deviations; so the cells
        that are hidden must allow, together, what is needed.
        """
        bounds = limits(self.relations, hidden, self.most)
        if_hidden = limits(self.relations, np.ones_like(hidden), self.most)
        cuts = []
        is_candidate = np.zeros_like(hidden)
        is_candidate[candidates] = True
        for cell, sign, need in self.short(hidden, more):
            price = reach(self.relations, bounds, cell, sign).price
            price[abs(price) < TOLERANCE] = 0.0
            adds = np.maximum(-price, 0) * if_hidden[1] + np.maximum(price, 0) * if_hidden[0]
            always = float(adds[~is_candidate & (hidden | ~self.relations.printed)].sum())
            missing = need - always
            row = np.minimum(adds[candidates], missing) / missing if missing > TOLERANCE else None
            if row is None or not row.any():
                row = (~hidden[candidates]).astype(float)
            cuts.append((row, 1.0))
        return cuts

    def quickly(self, start: Bools) -> Hidden:
        """Hide for each goal the cells of least cost that it needs, then show again what is not needed."""
        hidden = start.copy()
        everything = np.ones_like(hidden)
        bounds = limits(self.relations, everything, self.most)
        for cell, sign, need in self.short(hidden):
            hidden |= self._cheapest(hidden, bounds, cell, sign * need) & self.relations.printed
        while True:
            failed = self.short(hidden) or (self.short_in_whole_numbers(hidden) if self.integer else [])
            if not failed:
                break
            more = np.flatnonzero(~hidden & self.relations.printed)
            hidden[more[np.argmin(self.cost[more])]] = True
        extra = np.flatnonzero(hidden & ~start)
        for cell in extra[np.argsort(-self.cost[extra])]:
            hidden[cell] = False
            if self.short(hidden) or (self.integer and self.short_in_whole_numbers(hidden)):
                hidden[cell] = True
        return Hidden(hidden, exact=False)

    def _cheapest(self, hidden: Bools, bounds: tuple[Floats, Floats], cell: int, wanted: float) -> Bools:
        """Return the cells that deviate if one cell deviates as wanted, at least cost."""
        down, up = bounds
        cost = np.where(hidden | ~self.relations.printed, 0.0, self.cost)
        low, high = np.zeros_like(down), up.copy()
        lower = down.copy()
        fixed = np.where(np.arange(len(down)) == cell, max(wanted, 0.0), low)
        high[cell], lower[cell] = max(wanted, 0.0), max(-wanted, 0.0)
        below = np.where(np.arange(len(down)) == cell, max(-wanted, 0.0), 0.0)
        matrix = self.relations.matrix
        solved = least(
            np.concatenate([cost, cost]),
            csr_array(hstack([matrix, -matrix])),
            np.column_stack([np.concatenate([fixed, below]), np.concatenate([high, lower])]),
        )
        if solved.status != 0:
            return np.ones_like(hidden)
        moved: Bools = abs(solved.x[: len(down)] - solved.x[len(down) :]) > TOLERANCE
        return moved


def _without(goals: list[Goal], point: Floats) -> list[Goal]:
    """Return the goals that some deviations do not meet."""
    return [goal for goal in goals if goal[1] * point[goal[0]] < goal[2] - TOLERANCE]
