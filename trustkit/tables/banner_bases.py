"""What else the numbers of a banner tell: nets beside their boxes, and weighted bases beside the weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.counted import ShownCount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.assembly import Part

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

MOST_WEIGHTS = 3
"""As many different weights follow from three bases: unweighted, weighted and effective n."""

BOX, OTHERS, BOTH, ONE = "this box", "another box only", "both boxes", "one box only"


def boxes_in_net(net: Counted, groups: Ints, size: int, ticked: Mapping[str, Bools]) -> tuple[Counted, ...]:
    """Return who ticked a box of a net, and who is in the net without it; of two boxes also who ticked both.

    A box and the net are printed, so these are their sum and difference.

    Parameters
    ----------
    net
        The respondents of the net, by group.
    groups, size
        The group of each row, from 0 to ``size - 1``, and ``size`` outside the base.
    ticked
        For each box, whether it was ticked; by row.
    """
    found = {f"{name} in {net.variable}": (BOX, OTHERS, own) for name, own in ticked.items()}
    anybody: Bools = np.logical_or.reduce(list(ticked.values()))
    if len(ticked) == 2:  # noqa: PLR2004  # of three boxes the sum does not tell how many ticked two
        found[f"both of {net.variable}"] = BOTH, ONE, np.logical_and.reduce(list(ticked.values()))
    whole = np.bincount(groups[anybody], minlength=size + 1)[:size]
    base = np.bincount(groups, minlength=size + 1)[:size]
    kept = base > 0
    tables = []
    for variable, (inside, outside, chosen) in found.items():
        count = np.bincount(groups[chosen], minlength=size + 1)[:size]
        counts = np.column_stack([count, whole - count])[kept].astype(np.intp)
        if len(counts) == len(net.groups):
            shown = tuple(ShownCount(group, "", (inside,)) for group in range(len(counts)))
            of_net = replace(net, variable=variable, answers=(inside, outside), counts=counts, n=None)
            tables.append(of_net.printing(shown))
    return tuple(tables)


def few_weights(design: Design) -> Floats:
    """Return the different weights above 0, if they are few; otherwise nothing."""
    values = np.unique(design.weights[:1000])
    if len(values) <= MOST_WEIGHTS + 1:
        values = np.unique(design.weights)
    values = values[values > 0]
    return values if 1 < len(values) <= MOST_WEIGHTS else values[:0]


def weights_in_bases(design: Design, part: Part, width: int, values: Floats) -> tuple[Counted, ...]:
    """Return how many of each group have which weight, if there are so few weights that the bases tell it.

    The weighted n is the sum of the weights, the effective n tells the sum of their squares.

    Parameters
    ----------
    design, part
        The design, and the estimates of groups.
    width
        The number of cells in which the rows of one group are.
    values
        The different weights; none if they are many.
    """
    if part.counted is None or not len(values):
        return ()
    cells = part.functional.cells.in_memory()
    size, number = cells.size // width, len(values)
    inside = (cells.codes < cells.size) & (design.weights > 0)
    group = cells.codes[inside].astype(np.intp) // width
    place = np.searchsorted(values, design.weights[inside])
    counts = np.bincount(group * number + place, minlength=size * number).reshape(size, number)
    counts = counts[counts.any(axis=1)].astype(np.intp)
    if len(counts) != len(part.counted.groups) or (counts.sum(axis=1) != part.counted.bases).any():
        return ()
    shown = tuple(
        ShownCount(row, "", scores=tuple((values**power).tolist()))
        for row in range(len(counts))
        for power in (1, 2)
    )
    answers = tuple(f"weight {number}" for number in range(1, number + 1))
    about = f"weights of {part.counted.variable}"
    by_weight = replace(part.counted, variable=about, answers=answers, counts=counts, n=None, amounts=None)
    return (by_weight.printing(shown),)
