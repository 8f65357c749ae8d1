"""Everybody else in a head: the respondents of all other columns, to compare each column with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.held import beside
from trustkit.design.sums import Functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.assembly import Part

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Bases:
    """The bases of the estimates of a part.

    Attributes
    ----------
    domains
        Shape (D,): the places of the domains that are estimated, among all of them.
    width
        The number of cells in which the rows of one domain are.
    mass, squares
        Shape (D,): the sums of weights and of their squares.
    """

    domains: Ints
    width: int
    mass: Floats
    squares: Floats
    each: int
    """The number of estimates of each domain."""

    @property
    def weighted(self) -> Floats:
        """The sum of weights in the base of each estimate, shape (m,)."""
        return np.repeat(self.mass, self.each)

    @property
    def kish(self) -> Floats:
        """Kish's effective size of the base of each estimate, shape (m,)."""
        return np.repeat(kish_size(self.mass, self.squares), self.each)


def kish_size(mass: Floats, squares: Floats) -> Floats:
    """Return (sum w)^2 / sum w^2; 0 where nobody is."""
    size: Floats = np.divide(mass**2, squares, out=np.zeros(len(mass)), where=squares > 0)
    return size


def bases_of(design: Design, part: Part, width: int) -> Bases:
    """Return the bases of the estimates of a part.

    ``width`` is the number of cells in which the rows of one domain are.
    """
    cells = part.functional.cells.in_memory()
    size = cells.size // width
    inside = cells.codes < cells.size
    place = cells.codes[inside].astype(np.intp) // width
    weights = design.weights[inside]
    mass = np.bincount(place, weights, minlength=size).astype(float)
    squares = np.bincount(place, weights**2, minlength=size).astype(float)
    count = part.functional.sums.count.reshape(size, width).sum(axis=1)
    kept = np.flatnonzero(count) if count.any() else np.arange(size)
    return Bases(kept, width, mass[kept], squares[kept], len(part.n) // len(kept))


def others(part: Part, bases: Bases, outer: Sequence[str]) -> tuple[Part, Ints, Floats] | None:
    """Return the estimates of everybody else in the head, of whom they are, and their effective sizes.

    The rest of group g is R_g = (sum of B_h p_h) / (sum of B_h) over the other groups h of the same outer
    level, with B_h the sum of weights of h and p_h its share or mean.

    Parameters
    ----------
    part
        The estimates of disjoint groups, by group.
    bases
        Their bases.
    outer
        Shape (m,): the outer level of each estimate's group; only groups of the same level are compared.

    Returns
    -------
    tuple or None
        The estimates; the places of those in ``part`` that each is the rest of, which leaves out groups
        without others; Kish's effective size of each rest. None if no group has others.
    """
    of, each = part.functional, bases.each
    level = np.asarray(outer, dtype=object)[::each]
    other = (level[:, None] == level[None, :]) & ~np.eye(len(level), dtype=bool)
    groups = np.flatnonzero(other @ bases.mass > 0)
    if not len(groups):
        return None
    other = other[groups].astype(float)
    kept = (groups[:, None] * each + np.arange(each)).ravel()

    def masses(first: Floats) -> Floats:
        of_domain = first[..., 0].reshape(*first.shape[:-2], -1, bases.width).sum(axis=-1)
        own: Floats = of_domain[..., bases.domains]
        return own

    def estimate(first: Floats) -> Floats:
        mass = masses(first)
        value = of.estimate(first).reshape(*first.shape[:-2], len(level), each)
        with np.errstate(divide="ignore", invalid="ignore"):
            rest = (other @ (mass[..., None] * value)) / (mass @ other.T)[..., None]
        flat: Floats = rest.reshape(*first.shape[:-2], -1)
        return flat

    mass = bases.mass
    below = other @ mass
    value = of.value.reshape(len(level), each)
    rest = (other @ (mass[:, None] * value)) / below[:, None]
    size, linear = of.gradient.shape[:2]
    slopes = of.gradient.reshape(size, linear, len(level), each)
    gradient = np.einsum("gh,cphe->cpge", other * mass / below[:, None], slopes)
    domain_of_cell = np.arange(size) // bases.width
    for place, domain in enumerate(bases.domains):
        cells = domain_of_cell == domain
        gradient[cells, 0] += other[:, place, None] / below[:, None] * (value[place] - rest)
    n = part.n[::each]
    held = []
    for number, row in enumerate(other > 0):
        used = np.repeat(row, each)
        # a label of its own: nobody is in a group and in its rest
        label = np.array([part.held.label.max() + 1 + number])
        held.append(replace(part.held.union(used), label=label))
    joined = beside(held)
    return (
        replace(
            part,
            functional=Functional(of.cells, of.sums, estimate, gradient.reshape(size, linear, -1)),
            n=np.repeat((other @ n).astype(part.n.dtype), each),
            keys=part.keys.iloc[kept],
            held=replace(joined, rows=np.repeat(joined.rows, each)),
            mass=np.repeat(below, each),
            counted=None,
        ),
        kept,
        np.repeat(kish_size(below, other @ bases.squares), each),
    )
