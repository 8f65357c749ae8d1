"""The numbers of a banner's table: shares and means of each column, their bases and their letters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.estimation.assembly import assemble, names_of
from trustkit.estimation.estimates import assemble_means
from trustkit.estimation.net_scores import assemble_net
from trustkit.tables.banner_rows import estimates_of, rows_of, stays_last
from trustkit.tables.letters import LEAST_EFFECTIVE, Letters, compare
from trustkit.tables.questions import Question, are_boxes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.domains import Domains
    from trustkit.estimation.results import Estimate
    from trustkit.tables.banner_rows import Placed, Row, RowKind
    from trustkit.tables.heads import Head
    from trustkit.tables.questions import Sort

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Columns: TypeAlias = "dict[str, NDArray[Any]]"
"""The columns of a table in long form."""

BASE_ROWS = 3
"""The rows above the answers: respondents, sum of weights, effective size."""

WEIGHTED_ROWS = (1, 2)
"""Those of them that depend on the weights."""

SMALL_BASE = 100
"""Columns with fewer respondents are marked as small."""

FEW_DF = 8
"""Fewer degrees of freedom are noted (NCHS presentation standards)."""

SEVERAL = "Several answers were possible, so the shares may add up to more than 100%."
"""The note on a question with several answers."""

COLUMNS = (
    "question", "wording", "row", "kind", "head", "column", "letter", "estimate", "se", "ci_low", "ci_high",
    "df", "n", "n_eff", "n_weighted", "n_kish", "higher", "higher_at_second", "flag", "reason",
)  # fmt: skip
"""The columns of a banner's long form."""

TEST_COLUMNS = (
    "row", "head", "first", "second", "difference", "se", "df", "p_value", "p_adjusted", "reason",
)  # fmt: skip
"""The columns of the tests behind the letters."""

TOO_SMALL, SMALL = "too small", "small base"
"""What is said of columns that are too small to be compared, and of small ones."""


STATISTIC_OF: dict[RowKind, Literal["share", "nps", "mean"]] = {
    "answer": "share", "net": "share", "nps": "nps", "mean": "mean",
}  # fmt: skip
"""What the number of a row is."""


@dataclass(frozen=True)
class Options:
    """What all tables of a banner share; see `trustkit.banner`."""

    letters: Letters
    sort: Sort
    conf: float


def table_numbers(
    design: Design, asked: Question, heads: Sequence[tuple[Head, Sequence[Domains]]], options: Options
) -> tuple[str, pd.DataFrame, pd.DataFrame, list[str], tuple[Counted, ...]]:
    """Return a table's title, its cells and tests in long form, its notes, and the respondents behind it.

    ``heads`` are the heads with the domains of their columns, everybody first; columns that may share
    respondents are followed by the rest of each, if they are compared with it.
    """
    members = names_of(design, asked.variable)
    boxes = are_boxes(design, members)
    rows, title = rows_of(design, asked, members, heads[0][1][0].base, boxes=boxes)
    rest = options.letters.against == "rest"
    parts: list[Columns] = []
    tests: list[Columns] = []
    bases: list[str] = []
    remarks: list[str] = []
    counted: list[tuple[Head, Placed]] = []
    for head, domains in heads:
        placed = [
            one
            for number, own in enumerate(domains)
            for one in estimates_of(design, asked, rows, head, own, number, rest=rest and bool(head.title))
        ]
        counted += [(head, one) for one in placed]
        cells = _cells(design, rows, head, placed, options.conf)
        if head.title and not set(members) & set(head.names):
            tests += _letters(cells, head, rows, options.letters)
        parts.append(cells.columns)
        bases += [estimate.base for estimate in cells.estimates if not head.title]
        remarks += [note for estimate in cells.estimates for note in estimate.notes]
    total = parts[0]["estimate"]
    place = np.concatenate([part["place"] for part in parts])
    row_of = _order(total, rows, asked, design, asked.sort or options.sort)
    order = np.argsort(row_of[place], kind="stable")
    frame = pd.DataFrame(
        {
            "question": asked.variable,
            "wording": title,
            **{name: np.concatenate([part[name] for part in parts])[order] for name in COLUMNS[2:]},
        }
    )
    own_tests = pd.DataFrame(
        {name: np.concatenate([part[name] for part in tests]) if tests else [] for name in TEST_COLUMNS}
    )
    untested = [reason for reason in own_tests["reason"].unique() if reason]
    few_df = bool((frame["df"] < FEW_DF).any())
    notes = [
        f"Base: {'; '.join(dict.fromkeys(bases))}.",
        *([SEVERAL] if boxes else []),
        *columns_in_words(frame),
        *([options.letters.footer] if any(head.title for head, _ in heads) else []),
        *([f"Not compared: {'; '.join(untested)}."] if untested else []),
        *([options.letters.too_small] if (frame["flag"] == TOO_SMALL).any() else []),
        *([f"Some columns have fewer than {FEW_DF} degrees of freedom."] if few_df else []),
        *small_bases(frame),
        *dict.fromkeys(remarks),
    ]  # fmt: skip
    is_sorted = (asked.sort or options.sort) == "total"
    behind = _respondents(counted, [head for head, _ in heads], row_of, is_sorted=is_sorted)
    return title, frame, own_tests, notes, behind


def _respondents(
    counted: Sequence[tuple[Head, Placed]], heads: Sequence[Head], row_of: Ints, *, is_sorted: bool
) -> tuple[Counted, ...]:
    """Return the respondents behind the numbers of a table, and where the numbers are in it."""
    first = dict(
        zip(map(id, heads), np.cumsum([1, *(len(head.columns) for head in heads)]).tolist(), strict=False)
    )
    found = []
    for head, one in counted:
        if one.part.counted is None:
            continue
        shown = []
        for number, row, place in zip(one.part.counted.shown, one.row, one.column, strict=True):
            if 0 <= place < len(head.columns):
                column = first[id(head)] + int(place)
                shown.append(
                    replace(
                        number,
                        cells=((int(row_of[row]) + BASE_ROWS, column),),
                        base_cells=tuple((base, column) for base in range(BASE_ROWS)),
                        letter=head.columns[place].letter,
                    )
                )
        by_total = is_sorted and not head.title
        found.append(replace(one.part.counted.printing(shown), is_sorted=by_total))
        columns = [first[id(head)] + int(place) for place in one.column.tolist()]
        each = len(columns) // max(len(one.part.counted.groups), 1)
        for table in one.beside:
            of_number = [
                replace(
                    number,
                    cells=((int(row_of[one.row[number.group]]) + BASE_ROWS, columns[number.group]),),
                    letter=head.columns[one.column[number.group]].letter,
                )
                for number in table.shown
                if 0 <= one.column[number.group] < len(head.columns)
            ]
            found.append(table.printing(of_number))
        for table in one.weights:
            of_base = [
                replace(number, cells=tuple((base, columns[number.group * each]) for base in WEIGHTED_ROWS))
                for number in table.shown
                if 0 <= one.column[number.group * each] < len(head.columns)
            ]
            found.append(table.printing(of_base))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _CellsOfHead:
    """The cells of a table in one head.

    Attributes
    ----------
    columns
        The cells in long form.
    estimates
        The estimates in them.
    source, place
        Shape (rows, columns): which of the estimates each cell is in, and its place there; the rest of each
        column in columns after those that are shown.
    n, kish
        Shape (rows, columns): respondents and Kish's effective size.
    """

    columns: Columns
    estimates: list[Estimate]
    source: Ints
    place: Ints
    n: Floats
    kish: Floats


def _cells(
    design: Design, rows: Sequence[Row], head: Head, placed: Sequence[Placed], conf: float
) -> _CellsOfHead:
    """Put the estimates of a head together, and lay them out."""
    shown_columns = len(head.columns)
    width = max([shown_columns, *(int(one.column.max(initial=-1)) + 1 for one in placed)])
    shape = (len(rows), width)
    source, place = np.full(shape, -1), np.full(shape, -1)
    estimates: list[Estimate] = []
    numbers = {name: np.full(shape, np.nan) for name in ("n_weighted", "n_kish")}
    for statistic in ("share", "nps", "mean"):
        own = [one for one in placed if STATISTIC_OF[rows[one.row[0]].kind] == statistic]
        if not own:
            continue
        parts, spreads = [one.part for one in own], [one.spread for one in own]
        if statistic == "mean":
            estimate = assemble_means(design, parts, conf)
        elif statistic == "nps":
            estimate = assemble_net(design, parts, spreads, conf)
        else:
            estimate = assemble(design, parts, "proportion", conf, variances=spreads, ci="logit")
        row, column = (np.concatenate([getattr(one, name) for one in own]) for name in ("row", "column"))
        shown = column >= 0
        source[row[shown], column[shown]] = len(estimates)
        place[row[shown], column[shown]] = np.flatnonzero(shown)
        for name, field in (("n_weighted", "weighted"), ("n_kish", "kish")):
            values = np.concatenate([getattr(one, field) for one in own])
            numbers[name][row[shown], column[shown]] = values[shown]
        estimates.append(estimate)
    for name in ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff"):
        numbers[name] = _laid_out(estimates, source, place, name)
    reasons = np.full(shape, "", dtype=object)
    for number, estimate in enumerate(estimates):
        at = source == number
        reasons[at] = np.array(estimate.reasons or [""] * len(estimate.n), dtype=object)[place[at]]
    of_row, of_column = (places.ravel() for places in np.indices((len(rows), shown_columns)))
    texts = {
        "row": np.array([row.label for row in rows], dtype=object)[of_row],
        "kind": np.array([row.kind for row in rows], dtype=object)[of_row],
        "head": np.full(of_row.size, head.title, dtype=object),
        "column": np.array([column.label for column in head.columns], dtype=object)[of_column],
        "letter": np.array([column.letter for column in head.columns], dtype=object)[of_column],
        "reason": reasons[:, :shown_columns].ravel(),
        **{name: np.full(of_row.size, "", dtype=object) for name in ("higher", "higher_at_second", "flag")},
    }
    columns: Columns = {
        "place": of_row,
        **texts,
        **{name: values[:, :shown_columns].ravel() for name, values in numbers.items()},
    }
    columns["n"] = np.nan_to_num(columns["n"]).astype(np.int64)
    return _CellsOfHead(columns, estimates, source, place, np.nan_to_num(numbers["n"]), numbers["n_kish"])


def _laid_out(estimates: Sequence[Estimate], source: Ints, place: Ints, name: str) -> Floats:
    """Return one number of all estimates as a table, NaN where there is none."""
    table = np.full(source.shape, np.nan)
    for number, estimate in enumerate(estimates):
        at = source == number
        table[at] = getattr(estimate, name)[place[at]]
    return table


def _letters(cells: _CellsOfHead, head: Head, rows: Sequence[Row], letters: Letters) -> list[Columns]:
    """Write the letters and flags of a head into its cells; return the tests of each row."""
    own, width = cells.columns, len(head.columns)
    tests = []
    large = (cells.n >= letters.min_base) & (cells.kish >= LEAST_EFFECTIVE)
    own["flag"][:] = np.select(
        [~large[:, :width].ravel(), own["n"] < SMALL_BASE], [TOO_SMALL, SMALL], default=""
    )
    known: dict[tuple[str, ...], dict[tuple[int, int], float]] = {}
    for number, row in enumerate(rows):
        estimate = cells.estimates[max(cells.source[number].max(), 0)]
        place = cells.place[number]
        df_of = _known_df(estimate, place, known.setdefault(_base_of(row), {}))
        value = np.where(place >= 0, estimate.estimate[place], np.nan)
        at = slice(number * width, (number + 1) * width)
        compared = compare(
            letters, head.columns, value, estimate.vcov[np.ix_(place, place)], df_of,
            large=large[number], share=STATISTIC_OF[row.kind] == "share", overlap=not head.by,
        )  # fmt: skip
        own["higher"][at], own["higher_at_second"][at] = compared.upper, compared.lower
        pairs = len(compared.tests["first"])
        where = {
            "row": np.full(pairs, row.label, dtype=object),
            "head": np.full(pairs, head.title, dtype=object),
        }
        tests.append({**where, **compared.tests})
    return tests


def _base_of(row: Row) -> tuple[str, ...]:
    """Return what rows of one base share: answers of one question do; nets of boxes have their own."""
    return (row.variable, row.label) if row.kind == "net" else (row.variable, row.kind)


def _known_df(
    estimate: Estimate, place: Ints, known: dict[tuple[int, int], float]
) -> Callable[[int, int], float]:
    """Return the function that gives the degrees of freedom of two columns; rows of one base share them."""

    def df_of(first: int, second: int) -> float:
        if (first, second) not in known:
            known[first, second] = estimate.df_of(np.isin(np.arange(len(estimate.n)), place[[first, second]]))
        return known[first, second]

    return df_of


def _order(total: Floats, rows: Sequence[Row], asked: Question, design: Design, sort: Sort) -> Ints:
    """Return the place of each row in the table, shape (rows,).

    Sorted: nets, then answers, each falling in the column Total, then answers that stay last, as in the
    codebook, and the statistic.
    """
    places = list(range(len(rows)))
    ordinal = asked.variable in design.columns and design.variable(asked.variable).kind == "ordinal"
    if sort == "total" and not ordinal:
        last = stays_last(design, asked, rows)
        rank = {"net": 0, "answer": 1, "nps": 3, "mean": 3}

        def key(place: int) -> tuple[float, float]:
            if last[place]:
                return 2, place
            return rank[rows[place].kind], np.nan_to_num(-total[place], nan=np.inf)

        places.sort(key=key)
    return np.argsort(places)


def small_bases(frame: pd.DataFrame) -> list[str]:
    """Name the columns that are compared although they are small."""
    pairs = zip(frame["letter"].tolist(), frame["flag"].tolist(), strict=True)
    small = {letter for letter, flag in pairs if flag == SMALL}
    order = [letter for letter in dict.fromkeys(frame["letter"].tolist()) if letter in small]
    return [f"Small bases, with fewer than {SMALL_BASE} respondents: {', '.join(order)}."] if order else []


def columns_in_words(frame: pd.DataFrame) -> list[str]:
    """Say which columns belong to which head."""
    letters: dict[str, list[str]] = {}
    columns = zip(frame["head"].tolist(), frame["letter"].tolist(), strict=True)
    for head, letter in dict.fromkeys(columns):
        if letter:
            letters.setdefault(head, []).append(letter)
    words = [f"{head} {own[0]} to {own[-1]}" for head, own in letters.items()]
    return [f"Columns: {'; '.join(words)}."] if words else []
