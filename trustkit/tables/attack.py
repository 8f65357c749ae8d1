"""What an outsider can work out about hidden cells, from the printed ones and the equations between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, hstack
from scipy.sparse.csgraph import connected_components

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from scipy.optimize import OptimizeResult

    from trustkit.tables.relations import Relations

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

TOLERANCE = 1e-6
"""Numbers of the solver are equal if they differ by no more than this."""

WHOLE = 1e-4
"""A number of the solver is whole if it differs by no more than this from a whole one."""


@dataclass(frozen=True, eq=False)
class Reach:
    """How far a cell may be from its count, as far as an outsider knows.

    Attributes
    ----------
    deviation
        The largest deviation in the direction that was asked for.
    point
        Shape (m,): deviations of all cells that go with it and break no equation.
    price
        Shape (m,): how much further it could be for each unit by which a cell may deviate, as if none were
        hidden.
    """

    deviation: float
    point: Floats
    price: Floats


def unknown_cells(relations: Relations, hidden: Bools) -> Bools:
    """Return which cells an outsider does not know: the hidden, the unprinted and the rounded ones."""
    unknown: Bools = hidden | ~relations.printed | relations.within.any(axis=1)
    return unknown


def limits(relations: Relations, hidden: Bools, most: float) -> tuple[Floats, Floats]:
    """Return by how much each cell may deviate from its count: downwards and upwards, shape (m,) each.

    Parameters
    ----------
    relations, hidden
        The cells, and which of them are hidden.
    most
        How much a hidden cell may be above its count.
    """
    open_cells = hidden | ~relations.printed
    down = np.where(
        open_cells,
        relations.value,
        np.minimum(relations.within[:, 0], np.where(relations.free, np.inf, relations.value)),
    )
    up = np.where(open_cells, most, relations.within[:, 1])
    is_free = open_cells & relations.free
    sums = abs(relations.matrix).sum(axis=1) if is_free.any() else np.zeros(0)
    beyond = most * max(float(np.max(sums, initial=0.0)), 1.0)  # a deviation of scores, not of respondents
    return np.where(is_free, beyond, down), np.where(is_free, beyond, up)


def blocks(relations: Relations, unknown: Bools) -> Iterator[Ints]:
    """Iterate over the groups of cells that no equation connects, of those that are unknown."""
    places = np.flatnonzero(unknown)
    inside = relations.matrix[:, places]
    touching = csr_array(abs(inside))
    _, labels = connected_components(touching.T @ touching, directed=False)
    order = np.argsort(labels, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(labels[order])) + 1):
        if len(part):
            yield places[part]


def reach(relations: Relations, bounds: tuple[Floats, Floats], cell: int, sign: int) -> Reach:
    """Return how far a cell may be above (``sign`` 1) or below (-1) its count.

    Raises
    ------
    DataError
        If the solver fails.
    """
    down, up = bounds
    moving = np.flatnonzero((down > 0) | (up > 0))
    inside = csr_array(relations.matrix[:, moving])
    rows = np.flatnonzero(np.diff(inside.indptr))
    goal = np.zeros(len(moving))
    goal[np.searchsorted(moving, cell)] = -sign
    solved = least(goal, inside[rows], np.column_stack([-down[moving], up[moving]]))
    if solved.status != 0:
        raise _failed(str(solved.message))
    point = np.zeros(relations.size)
    point[moving] = solved.x
    price = np.zeros(relations.size)
    price[cell] = -sign
    if len(rows):
        price -= relations.matrix[rows].T @ solved.eqlin.marginals
    return Reach(float(sign * point[cell]), point, price)


def joint_reach(
    relations: Relations, bounds: tuple[Floats, Floats], cells: Ints, wanted: Floats, sign: int
) -> Floats:
    """Return deviations, shape (m,), in which as many cells as possible are as far off as is wanted."""
    down, up = bounds
    moving = np.flatnonzero((down > 0) | (up > 0))
    inside = csr_array(relations.matrix[:, moving])
    count = len(cells)
    pick = csr_array(
        (np.full(count, -float(sign)), (np.arange(count), np.searchsorted(moving, cells))),
        shape=(count, len(moving)),
    )
    goal = np.concatenate([np.zeros(len(moving)), np.full(count, -1.0)])
    equal = _beside(inside, csr_array((inside.shape[0], count)))
    between = np.column_stack(
        [np.concatenate([-down[moving], -wanted - 1]), np.concatenate([up[moving], wanted])]
    )
    solved = least(goal, equal, between, at_most=_beside(pick, csr_array(np.eye(count))))
    point = np.zeros(relations.size)
    if solved.status == 0:
        point[moving] = solved.x[: len(moving)]
    return point


def whole_reach(relations: Relations, bounds: tuple[Floats, Floats], cell: int, sign: int) -> float:
    """Return how far a cell may be above or below its count if all counts are whole numbers."""
    down, up = bounds
    moving = np.flatnonzero((down > 0) | (up > 0))
    goal = np.zeros(len(moving))
    goal[np.searchsorted(moving, cell)] = -sign
    inside = csr_array(relations.matrix[:, moving])
    kinds = (~relations.free[moving]).astype(np.intp)
    solved = milp(
        goal, constraints=LinearConstraint(inside, -TOLERANCE, TOLERANCE), integrality=kinds,
        bounds=Bounds(-down[moving], up[moving]), options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    if solved.x is None:
        raise _failed(str(solved.message))
    return float(sign * round(solved.x[np.searchsorted(moving, cell)], 6))


def is_whole(relations: Relations, point: Floats) -> bool:
    """Return whether all counts of some deviations are whole numbers."""
    counts = point[~relations.free]
    return bool((abs(counts - np.round(counts)) <= WHOLE).all())


def least(
    goal: Floats, equal: csr_array, between: Floats, *, at_most: csr_array | None = None
) -> OptimizeResult:
    """Return what HiGHS says of the smallest goal, where equations and inequalities have 0 on their right."""
    solve: Any = linprog  # its annotations do not know sparse matrices
    solved: OptimizeResult = solve(
        goal,
        A_eq=equal if equal.shape[0] else None,
        b_eq=np.zeros(equal.shape[0]) if equal.shape[0] else None,
        A_ub=at_most,
        b_ub=None if at_most is None else np.zeros(at_most.shape[0]),
        bounds=between,
        method="highs",
    )
    return solved


def _beside(left: csr_array, right: csr_array) -> csr_array:
    return csr_array(hstack([left, right]))


def _failed(message: str) -> DataError:
    return DataError(
        "the attack on the hidden cells can't be computed", got=message,
        expected="a linear program that HiGHS solves", do="protect fewer tables together",
    )  # fmt: skip
