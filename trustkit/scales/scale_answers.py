"""The scored answers of those who answered all items, their covariance, and what each row adds to it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trustkit.cleaning.scores import turned
from trustkit.design.held import held_by
from trustkit.design.sums import Cells
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.estimation.assembly import Domains
from trustkit.survey.columns import items_of
from trustkit.survey.where import rows_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BLOCK = 32_768
"""Rows that are multiplied at once, so that they stay in the processor's cache."""

TWO = 2
"""A scale has at least this many items."""

SAME = 1e-12
"""An item whose variance is below this share of its mean square does not vary."""


@dataclass(frozen=True, eq=False)
class ScaleAnswers:
    """The answers to the items of a scale, of the respondents who have all of them.

    Attributes
    ----------
    design
        The design.
    names
        The k items.
    base
        Who is counted, in words.
    notes
        Who is left out, in words.
    asked
        Shape (n,): the rows of ``where``.
    given
        Shape (k, n): which rows have an answer to each item.
    scores
        Shape (k, c): the scores of the rows with all answers.
    """

    design: Design
    names: tuple[str, ...]
    base: str
    notes: tuple[str, ...]
    asked: Bools
    given: Bools
    scores: Floats

    @classmethod
    def of(cls, design: Design, items: str | Sequence[str], where: Where) -> ScaleAnswers:
        """Read the items; reversed ones are turned around.

        Raises
        ------
        DataError
            No such battery or item, fewer than two items, items without scores, nobody with all answers, or
            an item without variance.
        """
        rows = design.rows.in_memory()
        names = _names(design, items)
        domains = Domains.of(design, None, where)
        inside = rows_where(where, rows.data, design.variable)
        asked = np.ones(len(rows.data), dtype=bool) if inside is None else inside
        scores = np.empty((len(names), len(asked)))
        given = np.ones(scores.shape, dtype=bool)
        for place, name in enumerate(names):
            column, valid = rows.numbers(name)
            scores[place] = turned(column, design.variable(name))
            if valid is not None:
                given[place] = valid
        complete = asked & given.all(axis=0)
        if not design.weights[complete].any():
            raise domains.empty(", ".join(names))
        answers = "answers to both items" if len(names) == TWO else f"answers to all {len(names)} items"
        found = cls(
            design,
            names,
            domains.counted(answers, design.variable(names[0]), design.called),
            _left_out(design.weights, asked, complete),
            asked,
            given,
            scores if complete.all() else np.ascontiguousarray(scores[:, complete]),
        )
        found.refuse_constants()
        return found

    @cached_property
    def complete(self) -> Bools:
        """The rows with all answers, shape (n,)."""
        complete: Bools = self.asked & self.given.all(axis=0)
        return complete

    @property
    def n(self) -> int:
        """Respondents with all answers and a positive weight."""
        return int((self.design.weights[self.complete] > 0).sum())

    def refuse_constants(self) -> None:
        """Raise the error that an item does not vary, if one does not."""
        weights = self.design.weights[self.complete]
        squares = (self.scores**2) @ weights / weights.sum()
        spread = np.diag(self.covariance(self.design.weights))
        same = np.flatnonzero(spread <= SAME * squares)
        if len(same):
            named = ", ".join(self.names[place] for place in same)
            raise DataError(
                "an item has the same answer for everybody, so it measures nothing",
                where=named, got="a variance of 0", do="leave it out of the scale, or widen where",
            )  # fmt: skip

    def means(self, weights: Floats) -> Floats:
        """Return the weighted means of the items, shape (k,), with any weights of shape (n,)."""
        inside = self._of(weights)
        means: Floats = self.scores @ inside / inside.sum()
        return means

    def covariance(self, weights: Floats) -> Floats:
        """Return the weighted covariance of the items, shape (k, k); it divides by the sum of weights."""
        inside = self._of(weights)
        means = self.means(weights)[:, None]
        sums = np.zeros((len(self.names), len(self.names)))
        for rows in self._blocks():
            centred = self.scores[:, rows] - means
            sums += (centred * inside[rows]) @ centred.T
        covariance: Floats = sums / inside.sum()
        return covariance

    def influences(self, slopes: Sequence[Floats]) -> Floats:
        """Return what each row adds to functions of the covariance, per unit of weight.

        Parameters
        ----------
        slopes
            The m functions' derivatives by the covariance, symmetric, each of shape (k, k).

        Returns
        -------
        array
            Shape (n, m); 0 for rows without all answers. With z a row's centred scores and S the covariance,
            a row adds (z' slope z - trace(slope S)) / sum of weights.
        """
        weights = self.design.weights
        inside = self._of(weights)
        means, covariance = self.means(weights)[:, None], self.covariance(weights)
        added = np.zeros((len(weights), len(slopes)), order="F")
        for column, slope in zip(added.T, slopes, strict=True):
            own = np.empty(len(inside))
            for rows in self._blocks():
                centred = self.scores[:, rows] - means
                own[rows] = np.einsum("in,in->n", slope @ centred, centred)
            column[self.complete] = (own - np.sum(slope * covariance)) / inside.sum()
        return added

    def held(self, count: int, *, everybody: bool = False) -> Held:
        """Return the PSUs and respondents of those with all answers, or of ``where``, for some estimates."""
        cells = Cells((~(self.asked if everybody else self.complete)).astype(np.int8), 1)
        return held_by(
            self.design.sample, cells, self.design.sums(cells), np.zeros(1, dtype=np.intp), [0] * count
        )

    def vcov(self, influences: Floats, refit: Callable[[Floats], Floats]) -> Floats:
        """Return the covariance of estimates on the design, shape (m, m)."""
        return self.design.covariance_of(influences, inside=self.complete, refit=refit)

    def _of(self, weights: Floats) -> Floats:
        return weights if self.scores.shape[1] == len(weights) else weights[self.complete]

    def _blocks(self) -> Iterator[slice]:
        return (slice(start, start + BLOCK) for start in range(0, self.scores.shape[1], BLOCK))


def _names(design: Design, items: str | Sequence[str]) -> tuple[str, ...]:
    names = items_of(design.codebook, items)
    if len(names) < TWO:
        raise DataError("a scale has at least two items", got=", ".join(names), do="name all of its items")
    return names


def _left_out(weights: Floats, asked: Bools, complete: Bools) -> tuple[str, ...]:
    """Return in words how many lack an answer to an item."""
    missing = asked & ~complete & (weights > 0)
    if not missing.any():
        return ()
    count, share = int(missing.sum()), float(weights[missing].sum() / weights[asked].sum())
    who, are = ("1 respondent has", "is") if count == 1 else (f"{count:,} respondents have", "are")
    return (
        f"{who} no answer to at least one item and {are} left out, {show_share(share)} of the weighted base.",
    )
