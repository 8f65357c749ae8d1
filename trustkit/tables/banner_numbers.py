"""The numbers of a banner's table: shares and means of each column, their bases and their letters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.counted import ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells
from trustkit.errors import DataError
from trustkit.estimation.assembly import Base, Part, assemble, names_of, share, shares_of_cells
from trustkit.estimation.estimates import assemble_means, mean_part
from trustkit.estimation.net_scores import answers_together
from trustkit.headings import shortened
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED
from trustkit.tables.letters import LEAST_EFFECTIVE, Letters, compare
from trustkit.tables.questions import Question, are_boxes, ticked_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.assembly import Domains
    from trustkit.estimation.results import Estimate
    from trustkit.survey.variable import Variable
    from trustkit.tables.heads import Head

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Columns: TypeAlias = "dict[str, NDArray[Any]]"
"""The columns of a table in long form."""

RowKind: TypeAlias = Literal["answer", "net", "mean"]
Sort = Literal["codebook", "total"]

BASE_ROWS = 3
"""The rows above the answers: respondents, sum of weights, effective size."""

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


@dataclass(frozen=True)
class Options:
    """What all tables of a banner share; see `trustkit.banner`."""

    base: Base
    letters: Letters
    sort: Sort
    conf: float


@dataclass(frozen=True)
class Row:
    """A row of a table: what it is called, what kind of number it holds, and the variable it is of."""

    label: str
    kind: RowKind
    variable: str


@dataclass(frozen=True, eq=False)
class Placed:
    """Estimates of one part of a table, with the row and column of each.

    Attributes
    ----------
    part, spread
        The estimates before their variance, and the variance of one respondent's contribution.
    row, column
        Shape (m,): their places in the table; a column of -1 is not shown.
    weighted, kish
        Shape (m,): the sum of weights and Kish's effective size of each base.
    """

    part: Part
    spread: Floats
    row: Ints
    column: Ints
    weighted: Floats
    kish: Floats


def table_numbers(
    design: Design, asked: Question, heads: Sequence[tuple[Head, Sequence[Domains]]], options: Options
) -> tuple[str, pd.DataFrame, pd.DataFrame, list[str], tuple[Counted, ...]]:
    """Return a table's title, its cells and tests in long form, its notes, and the respondents behind it.

    ``heads`` are the heads with the domains of their columns, everybody first.
    """
    members = names_of(design, asked.variable)
    boxes = are_boxes(design, members)
    rows, title = _rows(design, asked, members, options.base, boxes=boxes)
    parts: list[Columns] = []
    tests: list[Columns] = []
    bases: list[str] = []
    remarks: list[str] = []
    counted: list[tuple[Head, Placed]] = []
    for head, domains in heads:
        placed = [
            one
            for number, own in enumerate(domains)
            for one in _parts(design, asked, rows, head, own, number)
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
    row_of = _order(total, rows, asked, design, options.sort)
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
        *_columns_in_words([head for head, _ in heads]),
        options.letters.footer,
        *([f"Not compared: {'; '.join(untested)}."] if untested else []),
        *([options.letters.too_small] if (frame["flag"] == TOO_SMALL).any() else []),
        *([f"Some columns have fewer than {FEW_DF} degrees of freedom."] if few_df else []),
        *_small_bases(heads, frame),
        *dict.fromkeys(remarks),
    ]  # fmt: skip
    return title, frame, own_tests, notes, _respondents(counted, [head for head, _ in heads], row_of)


def _respondents(
    counted: Sequence[tuple[Head, Placed]], heads: Sequence[Head], row_of: Ints
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
            if place >= 0:
                column = first[id(head)] + int(place)
                shown.append(
                    replace(
                        number,
                        cells=((int(row_of[row]) + BASE_ROWS, column),),
                        base_cells=tuple((base, column) for base in range(BASE_ROWS)),
                        letter=head.columns[place].letter,
                    )
                )
        found.append(one.part.counted.printing(shown))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _CellsOfHead:
    """The cells of a table in one head: their columns, and each cell's place among the estimates."""

    columns: Columns
    estimates: list[Estimate]
    source: Ints
    place: Ints


def _rows(
    design: Design, asked: Question, members: Sequence[str], base: Base, *, boxes: bool
) -> tuple[list[Row], str]:
    """Return the rows of a table, and its title."""
    about = [design.variable(name) for name in members]
    if boxes:
        labels, shared = shortened([variable.label for variable in about])
        title = asked.title or design.codebook.sets.get(asked.variable) or shared.removesuffix(" ...")
        title = title or about[0].label
        for answers in asked.nets.values():
            _refuse_unknown(asked.variable, answers, labels, None)
        rows = [Row(label, "answer", name) for label, name in zip(labels, members, strict=True)]
        return [*rows, *(Row(name, "net", asked.variable) for name in asked.nets)], title
    (variable,) = about
    title = asked.title or variable.label
    if variable.kind not in CODED:
        return [Row("mean", "mean", variable.name)], title
    coded = coded_variable(design, variable.name)
    levels = coded.labels if base == "valid" else coded.asked_labels
    for answers in asked.nets.values():
        _refuse_unknown(variable.name, answers, levels, variable)
    rows = [Row(label, "answer", variable.name) for label in levels]
    rows += [Row(name, "net", variable.name) for name in asked.nets]
    if asked.mean and variable.kind == "ordinal" and coded.scoring:
        rows.append(Row("mean", "mean", variable.name))
    return rows, title


def _refuse_unknown(name: str, answers: Sequence[str], known: Sequence[str], about: Variable | None) -> None:
    """Refuse the answers of a net that are not among those of the question."""
    for answer in answers:
        if answer not in known:
            raise DataError(
                f"{name} has no answer {answer!r}", where="nets", do=suggest_answer(answer, known, about)
            )


def _parts(
    design: Design, asked: Question, rows: Sequence[Row], head: Head, domains: Domains, number: int
) -> list[Placed]:
    """Return the estimates of all rows in one domain, or in the groups of a head."""
    placed: list[Placed] = []

    def add(part: Part, spread: Floats, row: Ints, width: int) -> None:
        weighted, kish = _bases(design, part, width)
        placed.append(Placed(part, spread, row, head.places(part, number), weighted, kish))

    answers = [place for place, row in enumerate(rows) if row.kind == "answer"]
    for name in dict.fromkeys(rows[place].variable for place in answers):
        own = [place for place in answers if rows[place].variable == name]
        about = coded_variable(design, name)
        width = len(about.labels if domains.base == "valid" else about.asked_labels)
        part = share(design, name, _ticked(about, asked) if about.kind == "multiple" else None, domains)
        value = part.functional.value
        add(part, value * (1 - value), np.tile(own, len(value) // len(own)), width)
    for place, row in enumerate(rows):
        if row.kind == "net" and row.variable not in design.columns:
            ticked = [rows[k].variable for k in answers if rows[k].label in asked.nets[row.label]]
            part = any_of(design, ticked, asked, domains)
            value = part.functional.value
            add(part, value * (1 - value), np.full(len(value), place), 2)
        elif row.kind == "net":
            counted = dict.fromkeys(asked.nets[row.label], 1.0)
            part, spread = answers_together(design, row.variable, counted, row.label, domains)
            add(part, spread, np.full(len(part.n), place), width)
        elif row.kind == "mean":
            part = mean_part(design, row.variable, domains)
            add(part, np.full(len(part.n), np.nan), np.full(len(part.n), place), 1)
    return placed


def _ticked(box: Variable, asked: Question) -> str:
    """Return the answer of a ticked box of a question."""
    return ticked_answer(box, asked.level, f"name it: tk.Question({asked.variable!r}, level=...)")


def any_of(design: Design, boxes: Sequence[str], asked: Question, domains: Domains) -> Part:
    """Return the share of those who ticked any of some boxes, among those who answered one of them."""
    places = design.rows_in(domains.dims, where=domains.rows)
    ticked, answered = (np.zeros(len(places.codes), dtype=bool) for _ in range(2))
    for name in boxes:
        about = coded_variable(design, name)
        codes = design.codes(name, list(about.labels))
        ticked |= codes == about.labels.index(_ticked(about, asked))
        answered |= codes >= 0
    size = places.size * 2
    inside = answered & (places.codes < places.size)
    cells = Cells(np.where(inside, places.codes.astype(np.intp) * 2 + ticked, size), size)
    sums = design.sums(cells)
    n = sums.count.reshape(-1, 2).sum(axis=1)
    nonempty = domains.nonempty(n, boxes[0])
    functional, mass = shares_of_cells(cells, sums, np.array([[0.0], [1.0]]), nonempty)
    return Part(
        functional,
        n[nonempty],
        domains.keys(nonempty, boxes[0], [""]),
        domains.counted("those who answered one of the boxes", design.variable(boxes[0]), design.called),
        boxes[0],
        held_by(design.sample, cells, sums, np.arange(size) // 2, nonempty),
        (*boxes, *domains.names),
        mass,
        notes=domains.notes,
        counted=domains.respondents(
            nonempty,
            " or ".join(boxes),
            sums.count.reshape(-1, 2),
            ("none of them", "any of them"),
            [ShownCount(0, "", ("any of them",))],
        ),
    )


def _bases(design: Design, part: Part, width: int) -> tuple[Floats, Floats]:
    """Return the sum of weights and Kish's effective size of each estimate's base.

    ``width`` is the number of cells in which the rows of one domain are.
    """
    cells = part.functional.cells.in_memory()
    domains = cells.size // width
    inside = cells.codes < cells.size
    place = cells.codes[inside].astype(np.intp) // width
    weights = design.weights[inside]
    total = np.bincount(place, weights, minlength=domains).astype(float)
    squares = np.bincount(place, weights**2, minlength=domains).astype(float)
    kish: Floats = np.divide(total**2, squares, out=np.zeros(domains), where=squares > 0)
    count = part.functional.sums.count.reshape(domains, width).sum(axis=1)
    kept = np.flatnonzero(count) if count.any() else np.arange(domains)
    of = np.repeat(kept, len(part.n) // len(kept))
    return total[of], kish[of]


def _cells(
    design: Design, rows: Sequence[Row], head: Head, placed: Sequence[Placed], conf: float
) -> _CellsOfHead:
    """Put the estimates of a head together, and lay them out."""
    shape = (len(rows), len(head.columns))
    source, place = np.full(shape, -1), np.full(shape, -1)
    estimates: list[Estimate] = []
    numbers = {name: np.full(shape, np.nan) for name in ("n_weighted", "n_kish")}
    for means in (False, True):
        own = [one for one in placed if (rows[one.row[0]].kind == "mean") == means]
        if not own:
            continue
        parts, spreads = [one.part for one in own], [one.spread for one in own]
        estimate = (
            assemble_means(design, parts, conf)
            if means
            else assemble(design, parts, "proportion", conf, variances=spreads, ci="logit")
        )
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
    of_row, of_column = (places.ravel() for places in np.indices(shape))
    texts = {
        "row": np.array([row.label for row in rows], dtype=object)[of_row],
        "kind": np.array([row.kind for row in rows], dtype=object)[of_row],
        "head": np.full(of_row.size, head.title, dtype=object),
        "column": np.array([column.label for column in head.columns], dtype=object)[of_column],
        "letter": np.array([column.letter for column in head.columns], dtype=object)[of_column],
        "reason": reasons.ravel(),
        **{name: np.full(of_row.size, "", dtype=object) for name in ("higher", "higher_at_second", "flag")},
    }
    columns: Columns = {
        "place": of_row,
        **texts,
        **{name: values.ravel() for name, values in numbers.items()},
    }
    columns["n"] = np.nan_to_num(columns["n"]).astype(np.int64)
    return _CellsOfHead(columns, estimates, source, place)


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
    large = (own["n"] >= letters.min_base) & (own["n_kish"] >= LEAST_EFFECTIVE)
    own["flag"][:] = np.select([~large, own["n"] < SMALL_BASE], [TOO_SMALL, SMALL], default="")
    known: dict[tuple[str, ...], dict[tuple[int, int], float]] = {}
    for number, row in enumerate(rows):
        estimate = cells.estimates[max(cells.source[number].max(), 0)]
        place = cells.place[number]
        df_of = _known_df(estimate, place, known.setdefault(_base_of(row), {}))
        value = np.where(place >= 0, estimate.estimate[place], np.nan)
        at = slice(number * width, (number + 1) * width)
        compared = compare(
            letters, head.columns, value, estimate.vcov[np.ix_(place, place)], df_of,
            large=large[at], share=row.kind != "mean",
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
    """Return the place of each row in the table, shape (rows,)."""
    places = list(range(len(rows)))
    ordinal = asked.variable in design.columns and design.variable(asked.variable).kind == "ordinal"
    if sort == "total" and not ordinal:
        answers = [place for place in places if rows[place].kind == "answer"]
        answers.sort(key=lambda place: np.nan_to_num(-total[place], nan=np.inf))
        places = [*answers, *(place for place in places if rows[place].kind != "answer")]
    return np.argsort(places)


def _small_bases(heads: Sequence[tuple[Head, Sequence[Domains]]], frame: pd.DataFrame) -> list[str]:
    """Name the columns that are compared although they are small."""
    small = set(frame["letter"][frame["flag"] == SMALL])
    letters = [column.letter for head, _ in heads for column in head.columns if column.letter in small]
    return (
        [f"Small bases, with fewer than {SMALL_BASE} respondents: {', '.join(letters)}."] if letters else []
    )


def _columns_in_words(heads: Sequence[Head]) -> list[str]:
    """Say which columns belong to which head."""
    words = [
        f"{head.title} {head.columns[0].letter} to {head.columns[-1].letter}" for head in heads if head.title
    ]
    return [f"Columns: {'; '.join(words)}."] if words else []
