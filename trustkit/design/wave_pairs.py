"""Two waves of linked rows: which they are, and how many respondents they have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trustkit.design.coded import coded_variable
from trustkit.design.linked_waves import link_waves, persons_in
from trustkit.errors import DataError, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design

    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class WavePair:
    """Two waves of a design whose rows are linked by person.

    Attributes
    ----------
    design
        The linked design.
    wave, person
        The variable of the waves, and the column of the persons.
    names
        The earlier and the later wave.
    persons
        Shape (n,): each row's person.
    rows
        Shape (2, n): the rows of the earlier wave, and those of the later one, with a positive weight.
    """

    design: Design
    wave: str
    person: str
    names: tuple[str, str]
    persons: Ints
    rows: Bools

    def answered(self, inside: Bools) -> Bools:
        """Return which persons are inside in each wave, shape (2, P)."""
        there = np.zeros((2, int(self.persons.max()) + 1), dtype=bool)
        for place in (0, 1):
            there[place, self.persons[self.rows[place] & inside]] = True
        return there

    def in_words(self, inside: Bools) -> str:
        """Return how many of the respondents inside are in both waves, and in one of them only."""
        earlier, later = self.answered(inside)
        both = int((earlier & later).sum())
        first, second = self.names
        counted = (
            f"{both:,} respondents are counted in both waves, "
            f"{int((earlier & ~later).sum()):,} only in {first}, "
            f"{int((later & ~earlier).sum()):,} only in {second}."
        )
        return counted if both else f"No respondent is counted in both waves. {counted}"

    @property
    def words(self) -> str:
        """The waves, as a condition in words."""
        return f"{self.names[0]} to {self.names[1]}"


def wave_pair(design: Design, wave: str, person: str, between: Sequence[str] | None) -> WavePair:
    """Return two waves of a design: those named, or the only two.

    Raises
    ------
    DataError
        Unknown waves, the same wave twice, a number of names other than two, or none named of more than two.
    """
    linked = link_waves(design, wave=wave, person=person)
    labels = coded_variable(linked, wave).labels
    persons, places = persons_in(linked, wave, person)
    present = [label for place, label in enumerate(labels) if (places == place).any()]
    names = tuple(present if between is None else between)
    if len(names) != 2 or names[0] == names[1]:  # noqa: PLR2004
        raise DataError(
            "a change is between two waves", where="between", got=", ".join(names) or "no wave",
            expected="the earlier and the later wave", do=f"name two of {', '.join(present)}",
        )  # fmt: skip
    for name in names:
        if name not in present:
            raise DataError(f"no row is of the wave {name!r}", where=wave, do=suggest(name, present))
    used = linked.weights > 0
    rows = np.array([used & (places == labels.index(name)) for name in names])
    return WavePair(linked, wave, person, (names[0], names[1]), persons, rows)
