"""Tables as they may be published: without the numbers of few respondents, and proved against an outsider."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
import pandas as pd

from trustkit.arguments import ArgumentKind, a_trustkit, accepts
from trustkit.caveats import NO_CAVEATS, Caveats
from trustkit.counted import NOTES, UNPROTECTED
from trustkit.display import Shown
from trustkit.field_kinds import YES_OR_NO, accepts_columns, accepts_fields
from trustkit.survey.protection import PROTECTION, Protection, rule_for
from trustkit.tables.attack import TOLERANCE, blocks, limits, reach, unknown_cells, whole_reach
from trustkit.tables.marks import (
    SIZE,
    HiddenNumbers,
    base_places,
    hidden_places,
    legend,
    published_note,
    rounded_size,
    without_few_answers,
    without_hidden,
    without_numbers,
)
from trustkit.tables.protection import (
    COLUMNS,
    ProtectedCells,
    needs_of,
    protected_counts,
)
from trustkit.tables.relations import related

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustkit.counted import Counted


@runtime_checkable
class Printed(Protocol):
    """A result that says how many respondents its numbers rest on, and how it is shown."""

    def _printed(self) -> tuple[Counted, ...]: ...

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]: ...


@runtime_checkable
class Reasoned(Protocol):
    """A result whose notes give reasons with numbers that rest on other respondents than its table."""

    def _parts_for(self, fewest: int) -> tuple[str, pd.DataFrame, Sequence[str]]: ...


@dataclass(frozen=True, eq=False, repr=False)
class ProtectedTable(Shown):
    """A table as it may be published.

    Attributes
    ----------
    title
        Its title.
    table
        Its cells as they are shown, with ``[c]`` in place of hidden numbers.
    notes
        What a reader must know in addition to the numbers, with the marks explained.
    counted
        The unweighted respondents behind it: a report protects it again, together with its other tables.
    caveats
        The rule by which it was protected.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 4 + ["maybe"] * 60}))
    >>> tk.protect([tk.proportion(design, "trust")]).tables[0].to_frame()["proportion"].tolist()
    ['57.7%', '[c]', '[c]']
    """

    title: str
    table: pd.DataFrame
    notes: tuple[str, ...]
    counted: tuple[Counted, ...] = ()
    caveats: Caveats = NO_CAVEATS

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def _printed(self) -> tuple[Counted, ...]:
        """Return the respondents behind the table before anything was hidden, and where each number is."""
        return self.counted

    def _shown_parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        return self._parts()

    def to_frame(self) -> pd.DataFrame:
        """Return the cells as they are shown."""
        return self.table.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        return self.title, self.table, self.notes


@dataclass(frozen=True, eq=False, repr=False)
class Protected(Shown):
    """Tables that may be published together, and the proof that they may.

    Attributes
    ----------
    tables
        The tables, in the order in which they were given.
    frame
        One row for each hidden number and for each zero or whole group that is shown, as `to_frame` gives it.
    cost
        The respondents in all hidden cells together: what the exact method keeps as small as possible.
    exact
        Whether no other choice of cells has a smaller cost. Large groups of cells are protected by a quicker
        method, which may hide more than is needed; what it hides is proved, too.
    marks
        For each table, and each group of its numbers, which of them are hidden.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 4 + ["maybe"] * 60}))
    >>> tk.protect([tk.proportion(design, "trust")])
    Protection of 1 table
    rule           numbers
    complementary        1
    small                1
    Cost: 44 respondents in hidden cells. No other choice costs less.
    """

    tables: tuple[ProtectedTable, ...]
    frame: pd.DataFrame
    cost: float
    exact: bool
    marks: tuple[tuple[HiddenNumbers, ...], ...] = field(default=())
    _cells: ProtectedCells | None = None

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and a frame without its columns."""
        accepts_fields(self)
        accepts_columns(self, "frame", COLUMNS)

    def __iter__(self) -> Iterator[ProtectedTable]:
        """Go through the tables."""
        return iter(self.tables)

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each hidden number, and for each zero and whole group that is shown.

        Returns
        -------
        DataFrame
            ``table`` (its number, from 1), ``cell``, ``mark`` and ``rule``. It is for the desk: which rule
            hid a number must not be published.
        """
        return self.frame.copy()

    @property
    def proof(self) -> pd.DataFrame:
        """What an outsider can work out about each protected cell, as `attack` gives it."""
        return attack(self)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        counts = self.frame["rule"].value_counts().sort_index()
        if counts.empty:
            counts = pd.Series({"no number is hidden": 0})
        table = pd.DataFrame({"rule": list(counts.index), "numbers": [f"{count:,}" for count in counts]})
        how = "No other choice costs less" if self.exact else "A choice that costs less may exist"
        return (
            f"Protection of {len(self.tables)} table{'' if len(self.tables) == 1 else 's'}",
            table,
            (f"Cost: {self.cost:,.0f} respondents in hidden cells. {how}.",),
        )


TABLES = ArgumentKind(
    lambda value: (
        isinstance(value, Printed | Protected)
        or (
            isinstance(value, list | tuple)
            and all(isinstance(one, Printed) or _holds_tables(one) for one in value)
        )
        or _holds_tables(value)
    ),
    "a list of results that know their respondents: estimates, cross tables, banners, charts of estimates",
    "write [tk.proportion(...), tk.banner(...)]",
)
EITHER = ArgumentKind(lambda value: isinstance(value, bool), "True or False", "write integer=True")
RULE = a_trustkit("Protection", "make it with tk.Protection")


def protect(tables: Sequence[object], *, protection: Protection = PROTECTION) -> Protected:
    """Hide the small cells of tables that are published together, and as few others as will protect them.

    Parameters
    ----------
    tables
        Estimates (`proportion`, `mean` and others), `crosstab` tables, and banners, whose tables count one
        by one.
    protection
        What must not be published. Left out, this is the rule of the results' codebooks, or the default one.
        A rule that is given can only hide more than a codebook's does, never less: to publish more, change
        ``protection`` in the codebook, where others see it.

    Returns
    -------
    Protected
        The tables with ``[c]`` in place of hidden numbers.

    Raises
    ------
    DataError
        If something else is given, or the solver fails. Nothing is returned that is not proved.

    Notes
    -----
    Cells are unweighted respondents. A share with its base gives its count away, so each share and each base
    counts as a count; a mean with its base gives the sum of scores. Cells with the same respondents in
    several tables are one. An outsider knows all printed cells and the equations between them; the interval
    in which a small cell then lies must hold 0 and the threshold. Of all ways to do so, the one with the
    smallest cost is taken (Fischetti and Salazar 2001); the cost is the respondents in hidden cells, and
    bases are hidden last. Complementary cells have the mark of small ones: telling them apart would help to
    solve for them.

    Bases of different questions are taken for the same respondents where as many of a group answered each.

    Other numbers count, too: a mean, total or variance of scores or of at most 12 values gives a sum of them,
    in a simple random sample its standard error the sum of their squares; a quantile is the value of a
    respondent; a net of boxes, less a box, is a count; two or three weights follow from weighted bases.

    Not protected are respondents who did not answer a question, whose number follows from bases, and
    respondents whom one condition that is not a mapping counts and another one does not. Of ratios,
    correlations, indices, reach (`turf`) and coefficients of models only the respondents behind them count,
    and so do of means and totals of rows in a database. Whoever knows the weights, if they take few values,
    may find from unrounded shares and effective sizes how many respondents have each weight: publish rounded
    tables then, ``write_tables(protect(...), ...)``.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> answers = ["no"] * 40 + ["yes"] * 70 + ["unsure"] * 25 + ["no"] * 30 + ["yes"] * 60 + ["unsure"] * 6
    >>> design = tk.Design(pd.DataFrame({"trust": answers, "sex": ["men"] * 135 + ["women"] * 96}))
    >>> tables = tk.protect([tk.proportion(design, "trust", by="sex")])
    >>> tables.to_frame()[["cell", "rule"]].to_numpy().tolist()
    [['sex: women; trust: no', 'complementary'], ['sex: women; trust: unsure', 'small']]
    """
    accepts(tables=(tables, TABLES), protection=(protection, RULE))
    single = list(_single(tables))
    protection = rule_for(single, protection)
    printed = [table._printed() for table in single]  # noqa: SLF001
    found = protected_counts(printed, protection)
    each = zip(single, printed, found.marks, strict=True)
    shown = tuple(_masked(table, counts, marks, protection) for table, counts, marks in each)
    return Protected(shown, found.frame, found.cost, found.exact, found.marks, found.cells)


def attack(tables: object, *, integer: bool = False) -> pd.DataFrame:
    """Return what an outsider can work out about cells that must not be published.

    Parameters
    ----------
    tables
        What `protect` returned; or results as they are, of which nothing is hidden.
    integer
        The outsider also knows that counts are whole numbers; this takes longer.

    Returns
    -------
    DataFrame
        One row for each cell that the rules protect: ``table`` (the first one with it, from 1), ``cell``,
        ``count``, ``low`` and ``high`` (between which the outsider knows the count to be) and ``safe``
        (whether both 0 and the threshold are possible). It is for the desk: it holds the counts.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["yes"] * 40 + ["no"] * 4 + ["maybe"] * 60}))
    >>> tk.attack([tk.proportion(design, "trust")])[["cell", "low", "high", "safe"]]
            cell  low  high   safe
    0  trust: no  4.0   4.0  False
    >>> tk.attack(tk.protect([tk.proportion(design, "trust")]))[["cell", "low", "high", "safe"]]
            cell  low  high  safe
    0  trust: no  0.0  44.0  True
    """
    accepts(tables=(tables, TABLES), integer=(integer, YES_OR_NO))
    if isinstance(tables, Protected) and tables._cells is not None:  # noqa: SLF001
        return _attacked(tables._cells, integer=integer)  # noqa: SLF001
    single = list(_single(tables))
    rule = rule_for(single, PROTECTION)
    printed = [table._printed() for table in single]  # noqa: SLF001
    flat = [one for counts in printed for one in counts]
    found = related(flat, near=rule.threshold)
    needs, _ = needs_of(found, rule)
    owners = tuple(number for number, counts in enumerate(printed, 1) for _ in counts)
    nothing = np.zeros(found.relations.size, dtype=bool)
    return _attacked(ProtectedCells(found, nothing, needs, rule.threshold, owners), integer=integer)


def _single(tables: object) -> Iterator[Printed]:
    """Iterate over tables, and over those of a banner one by one."""
    if isinstance(tables, Printed):
        yield tables
    elif isinstance(tables, list | tuple) or _holds_tables(tables):
        for one in tables:  # type: ignore[attr-defined]
            yield from _single(one)


def _holds_tables(value: object) -> bool:
    """Return whether a value goes through tables of which each knows its respondents, as a banner does."""
    own = getattr(value, "tables", None)
    listed = list(own.values()) if isinstance(own, dict) else []
    return bool(listed) and all(isinstance(one, Printed) for one in listed)


def _masked(
    table: Printed, counts: Sequence[Counted], marks: Sequence[HiddenNumbers], rule: Protection
) -> ProtectedTable:
    """Return a table as it may be published by a rule."""
    unit = rule.rounding
    title, frame, notes = (
        table._parts_for(rule.threshold) if isinstance(table, Reasoned) else table._parts()  # noqa: SLF001
    )
    places, letters = hidden_places(counts, marks)
    cells = [
        [
            without_few_answers(without_hidden(str(text), (row, column), places, letters))
            for column, text in enumerate(line)
        ]
        for row, line in enumerate(frame.itertuples(index=False, name=None))
    ]
    if unit is not None:
        for row, column in base_places(counts):
            if row != NOTES:
                cells[row][column] = rounded_size(cells[row][column], unit)
    shown = pd.DataFrame(cells, columns=frame.columns).astype(object)
    sizes = not any(any(one.bases) for one in marks)
    told = [
        published_note(without_numbers(note) if (NOTES, number) in places else note, sizes=sizes)
        for number, note in enumerate(notes)
        if note != UNPROTECTED
    ]
    if unit is not None:
        told = [SIZE.sub(lambda size: rounded_size(size[0], unit), note) for note in told]
    texts = [*map(str, frame.columns), *(text for line in cells for text in line)]
    return ProtectedTable(
        title, shown, (*filter(None, told), *legend(texts)), tuple(counts), Caveats(rules=(rule,))
    )


def _attacked(cells: ProtectedCells, *, integer: bool) -> pd.DataFrame:
    """Return the interval of each protected cell."""
    relations = cells.related.relations
    first = {
        cell: owner
        for owner, table in reversed(list(zip(cells.owners, cells.related.tables, strict=True)))
        for cell in (*table.shown, *table.bases, *(cell for row in table.answers for cell in row))
    }
    unknown = unknown_cells(relations, cells.hidden)
    group_of = {int(cell): block for block in blocks(relations, unknown) for cell in block}
    rows = []
    for cell in cells.needs.cells.tolist():
        count = float(relations.value[cell])
        low = high = count
        if cell in group_of:
            block = group_of[cell]
            part, place = relations.part(block), int(np.searchsorted(block, cell))
            most = float(part.value.max(initial=0.0)) + cells.threshold + 1
            bounds = limits(part, cells.hidden[block], most)
            if integer:
                ends = [whole_reach(part, bounds, place, sign) for sign in (-1, 1)]
            else:
                ends = [reach(part, bounds, place, sign).deviation for sign in (-1, 1)]
            low, high = count - ends[0], count + ends[1]
        safe = low <= TOLERANCE and high >= cells.threshold - TOLERANCE
        rows.append((first.get(cell, 0), relations.names[cell], count, round(low, 6), round(high, 6), safe))
    return pd.DataFrame(rows, columns=["table", "cell", "count", "low", "high", "safe"])
