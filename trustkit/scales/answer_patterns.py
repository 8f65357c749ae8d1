"""The patterns of answers that respondents gave to several items, and what rows of a pattern add together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells, Functional, compact, group_totals
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.scales.class_mixture import Patterns
from trustkit.scales.scale_answers import NO_ANSWER, NOT_ASKED, asked_alike, left_out_in_words
from trustkit.survey.columns import items_of
from trustkit.survey.where import asked_rows, rows_where

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Bools = NDArray[np.bool_]

MOST_SUMS = 20_000_000
"""With more sums over PSUs and patterns, what rows add is summed row by row."""

FEWEST_ITEMS = 2

ASSUMED = (
    "count with these answers. This assumes that whether an answer is missing depends only on those given."
)

MissingAnswers = Literal["left_out", "at_random"]
"""Whether respondents without an answer to an item are left out, or count with the answers that they gave."""


@dataclass(frozen=True, eq=False)
class AnswerPatterns:
    """The patterns of answers of the respondents who answered all items, or at least one.

    Attributes
    ----------
    design
        The design.
    names
        The J items.
    labels
        For each item the answers that somebody gave, in the order of the codebook.
    patterns
        The C different patterns.
    codes
        Shape (n,): the pattern of each row; C for a row that is not counted.
    base, notes
        Who is counted, and who is left out, in words.
    chosen
        The condition on the rows, as `Domains` has it.
    missing
        Whether respondents without an answer to an item are left out.
    """

    design: Design
    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    patterns: Patterns
    codes: Ints
    base: str
    notes: tuple[str, ...]
    chosen: tuple[tuple[str, tuple[str, ...]], ...] | None
    missing: MissingAnswers

    @classmethod
    def of(
        cls, design: Design, items: str | Sequence[str], where: Where, missing: MissingAnswers
    ) -> AnswerPatterns:
        """Read the answers.

        Raises
        ------
        DataError
            No such battery or item, fewer than two items, an item without labelled answers or with one answer
            only, or nobody who answered the items.
        """
        names = items_of(design.codebook, items)
        if len(names) < FEWEST_ITEMS:
            raise DataError(
                "latent classes need several items", got=", ".join(names) or "none",
                expected="at least 2 items", do="name all items",
            )  # fmt: skip
        about = [coded_variable(design, name) for name in names]
        domains = Domains.of(design, None, where)
        inside = rows_where(where, design.data, design.variable)
        chosen = np.ones(len(design.weights), dtype=bool) if inside is None else inside
        asked = chosen & np.logical_and.reduce([asked_rows(design.data, item) for item in about])
        alike = asked_alike(about)
        places = [design.codes(item.name, item.labels) for item in about]
        given = np.column_stack([place >= 0 for place in places])
        complete = asked & (given.all(axis=1) if missing == "left_out" else given.any(axis=1))
        if not (design.weights[complete] > 0).any():
            raise domains.empty(", ".join(names))
        complete &= design.weights > 0
        labels, answers = [], []
        for item, place in zip(about, places, strict=True):
            counted = place[complete]
            levels = np.unique(counted[counted >= 0])
            if len(levels) < FEWEST_ITEMS:
                only = [repr(item.labels[one]) for one in levels]
                raise DataError(
                    "an item has the same answer for everybody, so it tells no classes apart",
                    where=item.name, got=f"only {only[0]}" if only else "no answer",
                    do="leave it out, or widen where",
                )  # fmt: skip
            labels.append(tuple(item.labels[one] for one in levels))
            answers.append(np.where(counted >= 0, np.searchsorted(levels, counted), -1))
        every = f"answers to {'all' if missing == 'left_out' else 'at least one of'} {len(names)} items"
        some = complete & ~given.all(axis=1)
        kinds, own_codes = _patterns(answers, [len(one) for one in labels])
        codes = np.full(len(complete), len(kinds), dtype=np.intp)
        codes[complete] = own_codes
        return cls(
            design, names, tuple(labels),
            Patterns(kinds, np.array([len(one) for one in labels], dtype=np.intp)), codes,
            domains.counted(every, alike, design.called),
            (
                *(() if alike.asked else left_out_in_words(design.weights, chosen, asked, NOT_ASKED, "item")),
                *(
                    left_out_in_words(design.weights, asked, complete, NO_ANSWER, "item")
                    if missing == "left_out"
                    else _incomplete_in_words(design.weights, asked, complete, some)
                ),
            ),
            domains.chosen, missing,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """The number of different patterns, C."""
        return len(self.patterns.answers)

    @cached_property
    def n(self) -> int:
        """The respondents who are counted."""
        return int((self.codes < self.size).sum())

    @property
    def respondents(self) -> Ints:
        """The respondents who answered each item, shape (J,)."""
        return np.array([self.answered(item).sum() for item in range(len(self.names))], dtype=np.intp)

    def answered(self, item: int) -> Ints:
        """Return the respondents who gave each answer to an item, by its place."""
        own = np.bincount(self.codes, minlength=self.size + 1)[:-1]
        place = self.patterns.answers[:, item]
        counts: Ints = np.bincount(
            place[place >= 0], own[place >= 0], minlength=len(self.labels[item])
        ).astype(np.intp)
        return counts

    def mass(self, weights: Floats) -> Floats:
        """Return the weight of each pattern, shape (C,), scaled so that it sums to the respondents."""
        own = group_totals(self.codes, weights, self.size + 1)[:-1]
        scaled: Floats = own * (self.n / own.sum())
        return scaled

    def held(self, count: int) -> Held:
        """Return the PSUs and respondents of some number of estimates."""
        cells = Cells((self.codes == self.size).astype(np.int8), 1)
        one = np.zeros(1, dtype=np.intp)
        return held_by(self.design.sample, cells, self.design.sums(cells), one, [0] * count)

    def covariance(self, added: Floats, again: Callable[[Floats], Floats]) -> Floats:
        """Return the covariance of estimates on the design, shape (m, m).

        Parameters
        ----------
        added
            Shape (C, m): what a row of a pattern adds to each estimate, per unit of its share of all weight.
        again
            Estimates with other weights of the patterns, which replicates call.
        """
        return covariance_of_cells(
            self.design, Cells(self.codes, self.size), added / self.weight,
            lambda own: again(own * (self.n / own.sum())),
        )  # fmt: skip

    @property
    def weight(self) -> float:
        """The weight of all who are counted."""
        return float(self.design.weights[self.codes < self.size].sum())


def covariance_of_cells(
    design: Design, cells: Cells, added: Floats, again: Callable[[Floats], Floats]
) -> Floats:
    """Return the covariance of estimates to which rows of one cell add the same, shape (m, m).

    Parameters
    ----------
    design
        The design.
    cells
        The rows' cells.
    added
        Shape (C, m): what a row of a cell adds to each estimate per unit of weight.
    again
        Maps the weights of the cells, shape (C,), to the estimates; replicates call it.
    """
    if design.replicates is not None:
        size = cells.size
        return design.sample.refitted(
            lambda weights: again(group_totals(cells.codes.astype(np.intp), weights, size + 1)[:-1])
        )
    if len(design.first_stage.stratum_of_group) * cells.size > MOST_SUMS:
        rows = np.vstack([added, np.zeros((1, added.shape[1]))])[cells.codes]
        return design.covariance_of(rows, inside=cells.codes < cells.size)
    inside = np.ones(cells.size, dtype=bool)
    return design.covariance(
        Functional(cells, design.sums(cells), lambda first: first[..., 0] @ added, added[:, None, :], inside)
    )


def _incomplete_in_words(weights: Floats, asked: Bools, counted: Bools, some: Bools) -> list[str]:
    """Return in words how many gave none of the answers, and how many of those who count gave only some."""
    none = asked & ~counted & (weights > 0)
    notes = []
    if none.any():
        share = show_share(float(weights[none].sum() / weights[asked].sum()))
        notes.append(f"Left out: {int(none.sum()):,} respondents ({share} by weight), who answered no item.")
    if some.any():
        share = show_share(float(weights[some].sum() / weights[counted].sum()))
        notes.append(
            f"{int(some.sum()):,} of {int(counted.sum()):,} respondents ({share} by weight) answered some "
            f"items only, and {ASSUMED}"
        )
    return notes


def _patterns(answers: Sequence[Ints], levels: Sequence[int]) -> tuple[Ints, Ints]:
    """Return the different patterns, shape (C, J), and the place of each row among them; -1 is no answer."""
    size = levels[0] + 1  # the first place is for those without an answer
    occurring, codes = compact(answers[0] + 1, size)
    kinds = occurring[:, None]
    for own, count in zip(answers[1:], levels[1:], strict=True):
        width = count + 1
        occurring, codes = compact(codes * width + own + 1, len(kinds) * width)
        kinds = np.column_stack([kinds[occurring // width], occurring % width])
    return kinds - 1, codes
