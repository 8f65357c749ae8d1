"""Targets matched with a design: the respondents of each target, and the total their weights must reach."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.design.auxiliaries import Auxiliaries, Block
from trustkit.design.sums import compact, cross, group_totals
from trustkit.design.weight_history import CROSSED, MARGIN_COLUMNS, MEAN
from trustkit.errors import DataError, Faults, TargetsError, suggest, without_value
from trustkit.survey.quoted_cells import HIDDEN, quoted_crossed
from trustkit.weighting.rounded_targets import EXACT, rounded_totals
from trustkit.weighting.targets import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.weighting.targets import Margin, Targets

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]
    Flags = NDArray[np.bool_]

CROWDED = 1_000_000
"""With more cells than this, empty cells are dropped before the next variable is crossed."""


@dataclass(frozen=True, eq=False)
class Matched:
    """One margin in the cells of a design.

    Attributes
    ----------
    margin
        The margin.
    labels
        Its levels in words; empty for a numeric variable.
    place
        Shape (A,): the level of each cell; ``len(labels)`` outside the margin.
    totals
        Shape (L,): what each level must weigh; shape (1,) for a numeric variable.
    column
        Shape (A,): a numeric variable's value in each cell minus ``centre``, 0 outside the domain.
    centre, scale
        What was subtracted from the column, and the size that errors of the total are divided by.
    centred
        True if the column was centred on its target mean. This needs margins of levels, which fix the total.
    """

    margin: Margin
    labels: tuple[str, ...]
    place: Ints
    totals: Floats
    column: Floats | None = None
    centre: float = 0.0
    scale: float = 1.0
    centred: bool = False

    def block(self) -> Block:
        """Return the levels, or the numeric variable, as auxiliary variables."""
        return Block(self.place, len(self.labels) or 1, self.column)


@dataclass(frozen=True, eq=False)
class Population:
    """The targets in the cells of a design.

    Attributes
    ----------
    cells
        Shape (n,): the row's cell.
    mass
        Shape (A,): the sum of weights in each cell.
    count
        Shape (A,): respondents with a positive weight in each cell.
    margins, numbers
        Margins of levels, and of numeric variables.
    targets
        The targets as they were given.
    notes
        What a reader must know of targets that were rescaled, and of targets of zero.
    """

    cells: Ints
    mass: Floats
    count: Ints
    margins: tuple[Matched, ...]
    numbers: tuple[Matched, ...]
    targets: Targets
    notes: tuple[str, ...] = ()

    def places(self) -> tuple[list[Ints], list[Floats]]:
        """Return each margin's level of each cell, and each margin's totals."""
        return [one.place for one in self.margins], [one.totals for one in self.margins]

    def auxiliaries(self) -> Auxiliaries:
        """Return the margins' levels and numbers as auxiliary variables."""
        blocks = tuple(one.block() for one in (*self.margins, *self.numbers))
        return Auxiliaries(self.cells, len(self.mass), blocks)

    def totals(self) -> tuple[Floats, Floats]:
        """Return the auxiliary variables' totals, and the sizes to divide their errors by, shape (p,)."""
        both = (*self.margins, *self.numbers)
        scales = [
            np.full(len(one.totals), one.totals.sum() if one.column is None else one.scale) for one in both
        ]
        return np.concatenate([one.totals for one in both]), np.concatenate(scales)

    def missed(self, place: int, mass: Floats) -> tuple[str, str, str]:
        """Return an auxiliary variable's name, its total for some masses of the cells, and its target."""
        for one in (*self.margins, *self.numbers):
            if place < len(one.totals):
                break
            place -= len(one.totals)
        block = one.block()
        if one.labels:
            name = f"{one.margin.words}: {one.labels[place]!r}"
            reached = group_totals(block.place, mass, block.size + 1)[place]
            return name, f"{reached:,.6g}", f"{one.totals[place]:,.6g}"
        total = float(block.times(mass) @ (block.place == 0))
        if not one.centred:
            return one.margin.words, f"{total:,.6g}", f"{one.totals[0]:,.6g}"
        mean = one.centre + total / float(mass @ (block.place == 0))
        return one.margin.words, f"a mean of {mean:,.6g}", f"a mean of {one.centre:,.6g}"

    def frame(self, factors: Floats) -> pd.DataFrame:
        """Return one row per target: respondents, target, and the shares or means before and after."""
        after = self.mass * factors
        rows: list[tuple[object, ...]] = []
        for one in self.margins:
            size = len(one.labels) + 1
            sums = [np.bincount(one.place, what, size)[:-1] for what in (self.count, self.mass, after)]
            given = np.array(list(one.margin.levels.values()))
            as_given = np.allclose(given / given.sum(), one.totals / one.totals.sum(), rtol=EXACT, atol=0)
            wanted = given if as_given else one.totals
            shares = [masses / masses.sum() for masses in (wanted, *sums[1:])]
            rows += [
                (one.margin.domain, one.margin.name, label, int(n), *shares_of_level)
                for label, n, *shares_of_level in zip(one.labels, sums[0], *shares, strict=True)
            ]
        for one in self.numbers:
            inside = one.place == 0
            mass = float(after[inside].sum())
            means = [
                one.centre + float(one.block().times(what)[inside].sum() / what[inside].sum())
                for what in (self.mass, after)
            ]
            target = one.centre + float(one.totals[0]) / mass
            n = int(self.count[inside].sum())
            rows.append((one.margin.domain, one.margin.name, MEAN, n, target, *means))
        by = self.targets.by or "domain"
        frame = pd.DataFrame(rows, columns=[by, *MARGIN_COLUMNS])
        return frame if self.targets.by else frame.drop(columns="domain")


def match(design: Design, targets: Targets) -> Population:
    """Find each respondent's level in each margin, and each level's total; report all errors at once."""
    faults = Faults("the targets", TargetsError)
    if not targets.margins:
        faults.add("no margin is given")
    by = targets.by
    if by and by not in design.data:
        faults.add(f"no such variable {by!r}", where="by", do=suggest(by, design.data.columns))
    usable = [margin for margin in targets.margins if _usable(margin, design, faults)]
    if (by and by not in design.data) or not usable:
        faults.refuse()
    cells = _Cells(design, usable, by, faults)
    cells.check_domains()
    margins: list[Matched] = []
    numbers: list[Matched] = []
    notes: list[str] = []
    for domain in dict.fromkeys(margin.domain for margin in usable):
        in_domain = [margin for margin in usable if margin.domain == domain]
        inside = cells.inside(domain)
        if not cells.mass[inside].any():
            continue
        placed = [cells.place(margin, inside) for margin in in_domain if margin.kind not in NUMERIC]
        totals, remarks = rounded_totals(
            [one.margin for one in placed], float(cells.mass[inside].sum()), faults
        )
        placed = [replace(one, totals=own) for one, own in zip(placed, totals, strict=True)]
        margins += placed
        notes += [*remarks, *_few_counts(placed, cells, inside), *_zeroed(placed, cells, inside, faults)]
        total = margins[-1].totals.sum() if placed else float(cells.mass[inside].sum())
        matched = [
            cells.number(margin, inside, total, centred=bool(placed))
            for margin in in_domain
            if margin.kind in NUMERIC
        ]
        numbers += [one for one in matched if one is not None]
    faults.refuse()
    return Population(
        cells.cells, cells.mass, cells.count, tuple(margins), tuple(numbers), targets, tuple(notes)
    )


def _few_counts(placed: Sequence[Matched], cells: _Cells, inside: Flags) -> list[str]:
    """Return a note if targets read as counts are fewer than the respondents: they may be percentages."""
    count, before = int(cells.count[inside].sum()), float(cells.mass[inside].sum())
    total = float(placed[0].totals.sum()) if placed else before
    if total >= count or np.isclose(total, before):
        return []
    words = f"Targets of {placed[0].margin.words} were read as counts"
    return [f"{words}: the weights now sum to {total:,.6g}, and there are {count:,} respondents."]


def _usable(margin: Margin, design: Design, faults: Faults) -> bool:
    """Return whether a margin names variables of the design and has targets that can be met."""
    absent = [name for name in margin.variables if name not in design.data]
    for name in absent:
        faults.add("no such variable", where=margin.words, do=suggest(name, design.data.columns))
    values = np.array(list(margin.levels.values()))
    if margin.kind in NUMERIC:
        bad = len(values) != 1 or len(margin.variables) != 1 or not bool(np.isfinite(values).all())
        words = "the target of a numeric variable must be one finite number"
    else:
        bad = not bool(np.isfinite(values).all() and (values >= 0).all() and values.any())
        words = "targets must be finite, not negative and not all zero"
    if bad:
        levels = {CROSSED.join(level): value for level, value in margin.levels.items()}
        faults.add(f"{words}, got {levels}", where=margin.words)
    return not absent and not bad


class _Cells:
    """The cross-classification of all variables with targets."""

    def __init__(self, design: Design, margins: Sequence[Margin], by: str, faults: Faults) -> None:
        self.design, self.by, self.faults = design, by, faults
        labels: dict[str, dict[str, None]] = {by: dict.fromkeys(m.domain for m in margins)} if by else {}
        for margin in margins:
            if margin.kind not in NUMERIC:
                for place, name in enumerate(margin.variables):
                    labels.setdefault(name, {}).update((level[place], None) for level in margin.levels)
        self.labels = {name: list(levels) for name, levels in labels.items()}
        codes = {name: design.codes(name, levels) for name, levels in self.labels.items()}
        n = len(design.weights)
        rows = any(margin.kind in NUMERIC for margin in margins)
        self.cells, self.size = (np.arange(n), n) if rows else _crossed(codes, self.labels, n)
        first = np.zeros(self.size, dtype=np.intp)
        first[self.cells] = np.arange(n)
        self.first = first
        self.codes = {name: of_rows[first] for name, of_rows in codes.items()}
        self.mass = group_totals(self.cells, design.weights, self.size)
        positive = design.weights > 0
        used = self.cells if positive.all() else self.cells[positive]
        self.count = np.bincount(used, minlength=self.size)

    def inside(self, domain: str) -> Flags:
        """Return which cells belong to a domain."""
        if not self.by:
            return np.ones(self.size, dtype=bool)
        flags: Flags = self.codes[self.by] == self.labels[self.by].index(domain)
        return flags

    def check_domains(self) -> None:
        """Record respondents outside all domains, and domains without respondents."""
        if not self.by:
            return
        known = self.labels[self.by]
        self._check_levels(self.by, (self.by,), (self.codes[self.by] < 0) & (self.mass > 0), known)
        mass = np.bincount(self.codes[self.by] + 1, self.mass, len(known) + 1)[1:]
        for level in itertools.compress(known, mass == 0):
            what = f"the level {level!r} has targets, but no respondent with a positive weight"
            self.faults.add(what, where=self.by)

    def place(self, margin: Margin, inside: Flags) -> Matched:
        """Find the level of each cell in a margin."""
        sizes = [len(self.labels[name]) for name in margin.variables]
        codes = np.zeros(self.size, dtype=np.intp)
        answered = inside.copy()
        for name, size in zip(margin.variables, sizes, strict=True):
            codes = codes * size + self.codes[name]
            answered &= self.codes[name] >= 0
        index = {name: {label: k for k, label in enumerate(self.labels[name])} for name in margin.variables}
        wanted = np.zeros(len(margin.levels), dtype=np.intp)
        for place, (name, size) in enumerate(zip(margin.variables, sizes, strict=True)):
            wanted = wanted * size + np.array([index[name][level[place]] for level in margin.levels])
        places = np.where(answered, pd.Index(wanted).get_indexer(pd.Index(codes)), -1)
        labels = tuple(CROSSED.join(level) for level in margin.levels)
        self._check_levels(margin.words, margin.variables, inside & (places < 0) & (self.mass > 0), labels)
        levels = np.where(places < 0, len(labels), places)
        mass = group_totals(levels, self.mass, len(labels) + 1)
        targets = np.array(list(margin.levels.values()))
        for label, target, has in zip(labels, targets, mass, strict=False):
            if target > 0 and not has:
                self.faults.add(
                    f"the level {label!r} has a target of {target:g}, but no respondent with positive weight",
                    where=margin.words,
                    do="collapse it with a neighbour",
                )
        return Matched(margin, labels, levels, targets)

    def number(self, margin: Margin, inside: Flags, total: float, *, centred: bool) -> Matched | None:
        """Find the value of each cell in a numeric margin."""
        (name,) = margin.variables
        try:
            values, valid = self.design.numbers(name)
        except DataError as error:
            self.faults.add(error.what, where=margin.words, do="give shares of its levels")
            return None
        if valid is not None:
            self._check_missing(margin.words, name, ~valid & inside & (self.mass > 0))
        target = float(margin.levels[()]) * (total if margin.kind == "mean" else 1.0)
        centre = target / total if centred else 0.0
        scale = abs(target) or total * float(np.abs(values).max()) or 1.0
        place = np.where(inside, 0, 1)
        column = np.where(inside, values - centre, 0.0)
        totals = np.array([target - centre * total])
        return Matched(margin, (), place, totals, column, centre, scale, centred)

    def _check_levels(self, words: str, names: Sequence[str], bad: Flags, labels: Sequence[str]) -> None:
        """Record respondents without a value, and those whose level has no target."""
        if not bad.any():
            return
        rows = bad[self.cells] & (self.design.weights > 0)
        columns = [self.design.data[name] for name in names]
        for name, column in zip(names, columns, strict=True):
            missing = rows & column.isna().to_numpy()
            self._check_missing(words, name, missing)
            rows &= ~missing
        levels = columns[0][rows].astype(str)
        for column in columns[1:]:
            levels = levels + CROSSED + column[rows].astype(str)
        variables = [self.design.codebook.variables.get(name) for name in names]
        counts = levels.value_counts(sort=False)
        unknown = [str(level) for level in counts.index]
        for level, count in zip(unknown, counts, strict=True):
            (shown,) = quoted_crossed([level], variables, CROSSED, among=unknown)
            shown = shown if shown == HIDDEN else repr(shown)
            what = f"the level {shown} has respondents ({count:,}), but no target"
            self.faults.add(what, where=words, do=suggest(level, labels))

    def _check_missing(self, words: str, name: str, missing: Flags) -> None:
        """Record rows without a value of a variable."""
        if missing.any():
            name = "" if words.endswith(name) and CROSSED not in words else name
            what = without_value(self.design.data.index[missing], name)
            self.faults.add(
                what, where=words, do="impute them, give them a separate level, or leave them out"
            )


def _crossed(codes: dict[str, Ints], labels: dict[str, list[str]], n: int) -> tuple[Ints, int]:
    """Cross coded variables, keeping only the cells that occur; return each row's cell and their number."""
    first, *others = codes
    cells, size = codes[first] + 1, len(labels[first]) + 1
    apart = False  # each row is a separate cell already
    for name in others:
        if apart:
            break
        width = len(labels[name]) + 1
        cells, size = cross(cells, codes[name] + 1, width), size * width
        if size > CROWDED:
            present, cells = compact(cells, size)
            size = len(present)
            apart = size == n
    present, cells = compact(cells, size)
    return cells, len(present)


def _zeroed(placed: Sequence[Matched], cells: _Cells, inside: Flags, faults: Faults) -> list[str]:
    """Return notes on respondents who lose their weight to a target of zero; record levels that lose all."""
    lost = np.zeros(cells.size, dtype=bool)
    notes = []
    for one in placed:
        for level in np.flatnonzero(one.totals == 0):
            here = inside & (one.place == level) & (cells.mass > 0)
            if here.any():
                count = int(cells.count[here].sum())
                who = f"The {count:,} respondents" if count > 1 else "The respondent"
                name = f"{one.margin.words}: {one.labels[level]!r}"
                notes.append(f"{who} of {name} got weight 0, as their target is 0.")
                lost |= here
    if not lost.any():
        return notes
    for one in placed:
        size = len(one.labels) + 1
        before = np.bincount(one.place[inside], cells.mass[inside], size)[:-1]
        after = np.bincount(one.place[inside & ~lost], cells.mass[inside & ~lost], size)[:-1]
        for level in np.flatnonzero((one.totals > 0) & (before > 0) & (after == 0)):
            faults.add(
                f"all respondents of the level {one.labels[level]!r} are in levels of other margins whose "
                f"target is 0, so it can't reach its target",
                where=one.margin.words,
                do="leave out the level with the target 0 and its respondents, or give it a target",
            )
    return notes
