"""The scored answers of those who answered all items, their covariance, and what each row adds to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from trustkit.cleaning.scores import turned
from trustkit.design.held import held_by
from trustkit.design.sums import Cells
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.survey.columns import items_of
from trustkit.survey.where import asked_rows, rows_where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.held import Held
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Bools = NDArray[np.bool_]

BLOCK = 32_768
"""Rows that are multiplied at once, so that they stay in the processor's cache."""

TWO = 2
"""A scale has at least this many items."""

NO_ANSWER = ("has no answer to", "have no answer to")
NOT_ASKED = ("was not asked", "were not asked")
"""Why respondents are left out: one respondent, and several."""

SAME = 1e-20
"""An item whose variance is below this share of its mean square does not vary.

Equal answers leave that much by rounding; numbers far from zero, such as times, vary by more.
"""


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
        Shape (n,): the rows of ``where`` that were asked all items.
    complete
        Shape (n,): those of them with all answers.
    given
        For each item which rows have an answer, shape (n,); None: all.
    columns
        For each item the scores of the rows with all answers, shape (c,).
    """

    design: Design
    names: tuple[str, ...]
    base: str
    notes: tuple[str, ...]
    asked: Bools
    complete: Bools
    given: tuple[Bools | None, ...]
    columns: tuple[Floats, ...]

    @classmethod
    def of(cls, design: Design, items: str | Sequence[str], where: Where) -> ScaleAnswers:
        """Read the items; reversed ones are turned around.

        Raises
        ------
        DataError
            No such battery or item, fewer than two items, items without scores, nobody with all answers, or
            an item without variance.
        """
        names = _names(design, items)
        answers = "answers to both items" if len(names) == TWO else f"answers to all {len(names)} items"
        return cls._read(design, [(name, None) for name in names], where, (answers, "item"))

    @classmethod
    def of_columns(
        cls,
        design: Design,
        first: str,
        others: Sequence[str],
        levels: Mapping[str, Sequence[str]],
        where: Where,
    ) -> ScaleAnswers:
        """Read variables that are no items of one scale; those with ``levels`` give a column for each.

        Raises
        ------
        DataError
            No such variable, one without scores or levels, one that does not vary, or nobody with all
            answers.
        """
        columns: list[tuple[str, str | None]] = [(first, None)]
        for name in others:
            columns += [(name, level) for level in levels[name]] if name in levels else [(name, None)]
        return cls._read(design, columns, where, ("answers to all of the variables", "variable"))

    @classmethod
    def _read(
        cls, design: Design, wanted: Sequence[tuple[str, str | None]], where: Where, words: tuple[str, str]
    ) -> ScaleAnswers:
        """Read the numbers of some variables, or whether an answer was given; reversed ones are turned."""
        counted, what = words
        rows = design.rows.in_memory()
        names = tuple(name if level is None else f"{name}: {level}" for name, level in wanted)
        about = [design.variable(name) for name, _ in wanted]
        domains = Domains.of(design, None, where)
        inside = rows_where(where, rows.data, design.variable)
        chosen = np.ones(len(rows.data), dtype=bool) if inside is None else inside
        asked = chosen.copy()
        for variable in dict.fromkeys(name for name, _ in wanted):
            asked &= asked_rows(rows.data, design.variable(variable))
        alike = asked_alike(about)
        read = [_column(design, name, level) for name, level in wanted]
        complete = asked.copy()
        for _, valid in read:
            if valid is not None:
                complete &= valid
        if not design.weights[complete].any():
            raise domains.empty(", ".join(dict.fromkeys(name for name, _ in wanted)))
        columns = [column for column, _ in read]
        unasked = () if alike.asked else left_out_in_words(design.weights, chosen, asked, NOT_ASKED, what)
        found = cls(
            design,
            names,
            domains.counted(counted, alike, design.called),
            (*unasked, *left_out_in_words(design.weights, asked, complete, NO_ANSWER, what)),
            asked,
            complete,
            tuple(valid for _, valid in read),
            tuple(columns if complete.all() else [column[complete] for column in columns]),
        )
        found.refuse_constants()
        return found

    @property
    def scores(self) -> Floats:
        """The scores of the rows with all answers, shape (k, c)."""
        return np.array(self.columns)

    @property
    def missing(self) -> Bools:
        """Which rows have no answer to each item, shape (k, n)."""
        nobody = np.zeros(len(self.asked), dtype=bool)
        return np.array([nobody if valid is None else ~valid for valid in self.given])

    @cached_property
    def moments(self) -> tuple[Floats, Floats]:
        """The means and the covariance of the items with the design's weights, shapes (k,) and (k, k)."""
        return self.means(self.design.weights), self.covariance(self.design.weights)

    @property
    def n(self) -> int:
        """Respondents with all answers and a positive weight."""
        return int((self.design.weights[self.complete] > 0).sum())

    def refuse_constants(self) -> None:
        """Raise the error that an item does not vary, if one does not."""
        same = constants(*self.moments)
        if same:
            named = ", ".join(self.names[place] for place in same)
            raise DataError(
                "an item has the same answer for everybody, so it measures nothing",
                where=named, got="a variance of 0", do="leave it out, or widen where",
            )  # fmt: skip

    def means(self, weights: Floats) -> Floats:
        """Return the weighted means of the items, shape (k,), with any weights of shape (n,)."""
        inside = self._of(weights)
        means: Floats = np.array([column @ inside for column in self.columns]) / inside.sum()
        return means

    def covariance(self, weights: Floats) -> Floats:
        """Return the weighted covariance of the items, shape (k, k); it divides by the sum of weights."""
        inside = self._of(weights)
        sums = np.zeros((len(self.names), len(self.names)))
        for rows, centred in self._centred(self.means(weights)):
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
        means, covariance = self.moments
        own = np.empty((len(slopes), len(inside)))
        for rows, centred in self._centred(means):
            for place, slope in enumerate(slopes):
                own[place, rows] = np.einsum("in,in->n", slope @ centred, centred)
        own -= np.array([np.sum(slope * covariance) for slope in slopes])[:, None]
        own /= inside.sum()
        if own.shape[1] == len(weights):
            return own.T
        added = np.zeros((len(slopes), len(weights)))
        added[:, self.complete] = own
        return added.T

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
        return weights if len(self.columns[0]) == len(weights) else weights[self.complete]

    def _centred(self, means: Floats) -> Iterator[tuple[slice, Floats]]:
        """Give the scores less their means block by block, with the rows of the block."""
        for start in range(0, len(self.columns[0]), BLOCK):
            rows = slice(start, start + BLOCK)
            yield rows, np.stack([column[rows] for column in self.columns]) - means[:, None]


def constants(means: Floats, covariance: Floats) -> list[int]:
    """Return the places of items that do not vary, from means of shape (k,) and a covariance of shape (k, k).

    Examples
    --------
    >>> constants(np.array([3.0, 2.0]), np.array([[1.0, 0.0], [0.0, 0.0]]))
    [1]
    """
    spread = np.diag(covariance)
    return list(np.flatnonzero(spread <= SAME * (means**2 + spread)).tolist())


def _column(design: Design, name: str, level: str | None) -> tuple[Floats, Bools | None]:
    """Return a variable's scores, or whether an answer was given, and which rows have one (None: all)."""
    if level is None:
        numbers, valid = design.numbers(name)
        return turned(numbers, design.variable(name)), valid
    places = design.codes(name, design.variable(name).labels)
    return (places == design.variable(name).labels.index(level)).astype(float), places >= 0


def _names(design: Design, items: str | Sequence[str]) -> tuple[str, ...]:
    names = items_of(design.codebook, items)
    if len(names) < TWO:
        raise DataError("a scale has at least two items", got=", ".join(names), do="name all of its items")
    return names


def asked_alike(items: Sequence[Variable]) -> Variable:
    """Return the first item; without the condition on which it was asked, if others have another one."""
    first = items[0]
    return first if all(item.asked == first.asked for item in items) else replace(first, asked={})


def left_out_in_words(
    weights: Floats, base: Bools, kept: Bools, why: tuple[str, str], what: str
) -> tuple[str, ...]:
    """Return in words how many of a base are left out, and why (of one respondent, and of several)."""
    missing = base & ~kept & (weights > 0)
    if not missing.any():
        return ()
    count, share = int(missing.sum()), float(weights[missing].sum() / weights[base].sum())
    who = f"1 respondent {why[0]}" if count == 1 else f"{count:,} respondents {why[1]}"
    are = "is" if count == 1 else "are"
    return (f"{who} at least one {what} and {are} left out, {show_share(share)} of the weighted base.",)
