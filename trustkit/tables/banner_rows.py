"""The rows of a banner's table: answers, nets and a statistic, and their estimates in each column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from trustkit.counted import ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, share, shares_of_cells
from trustkit.estimation.estimates import mean_part
from trustkit.estimation.net_scores import answers_together, promoters_and_detractors
from trustkit.headings import shortened
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED, names_of_boxes
from trustkit.tables.banner_bases import boxes_in_net, few_weights, weights_in_bases
from trustkit.tables.questions import ticked_answer
from trustkit.tables.rest_columns import bases_of, others

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.domains import Base, Domains
    from trustkit.survey.variable import Variable
    from trustkit.tables.heads import Head
    from trustkit.tables.questions import Question

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

RowKind: TypeAlias = Literal["answer", "net", "mean", "nps"]


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
    beside
        Respondents whom these numbers tell of beside those of the boxes of a net; one number for each group.
    weights
        Respondents of whom the weighted bases tell which weight they have; two numbers for each group.
    """

    part: Part
    spread: Floats
    row: Ints
    column: Ints
    weighted: Floats
    kish: Floats
    beside: tuple[Counted, ...] = ()
    weights: tuple[Counted, ...] = ()


def rows_of(
    design: Design, asked: Question, members: Sequence[str], base: Base, *, boxes: bool
) -> tuple[list[Row], str]:
    """Return the rows of a table, and its title."""
    about = [design.variable(name) for name in members]
    nets = asked.nets or {}
    if boxes:
        wording = design.codebook.sets.get(asked.variable, "")
        labels = names_of_boxes([variable.label for variable in about], wording)
        shared = shortened([variable.label for variable in about])[1]
        title = asked.title or wording or shared.removesuffix(" ...") or about[0].label
        for answers in nets.values():
            _refuse_unknown(asked.variable, answers, labels, None)
        rows = [Row(label, "answer", name) for label, name in zip(labels, members, strict=True)]
        return [*rows, *(Row(name, "net", asked.variable) for name in nets)], title
    (variable,) = about
    title = asked.title or variable.label
    if variable.kind not in CODED and asked.statistic != "nps":
        return [Row("mean", "mean", variable.name)], title
    coded = coded_variable(design, variable.name)
    levels = coded.labels if base == "valid" else coded.asked_labels
    for answers in nets.values():
        _refuse_unknown(variable.name, answers, levels, variable)
    rows = [Row(label, "answer", variable.name) for label in levels]
    rows += [Row(name, "net", variable.name) for name in nets]
    if variable.kind == "ordinal" and coded.scoring and asked.statistic == "mean":
        rows.append(Row("mean", "mean", variable.name))
    elif asked.statistic == "nps":
        promoters_and_detractors(design, variable.name)
        rows.append(Row("Net Promoter Score", "nps", variable.name))
    return rows, title


def stays_last(design: Design, asked: Question, rows: Sequence[Row]) -> list[bool]:
    """Return whether a row stays last in a sorted table, because the codebook says so.

    An answer does that is listed under ``last``, and a box that rules out the others (``exclusive``).
    """
    joined = design.codebook.joined.get(asked.variable)
    of_set = {*joined.last, *joined.exclusive} if joined is not None else set()
    last = []
    for row in rows:
        if row.kind != "answer":
            last.append(False)
            continue
        about = design.variable(row.variable)
        answer = _ticked(about, asked) if about.kind == "multiple" else row.label
        last.append(row.label in of_set or answer in {*about.last, *about.exclusive})
    return last


def _refuse_unknown(name: str, answers: Sequence[str], known: Sequence[str], about: Variable | None) -> None:
    """Refuse the answers of a net that are not among those of the question."""
    for answer in answers:
        if answer not in known:
            raise DataError(
                f"{name} has no answer {answer!r}", where="nets", do=suggest_answer(answer, known, about)
            )


def estimates_of(
    design: Design,
    asked: Question,
    rows: Sequence[Row],
    head: Head,
    domains: Domains,
    number: int,
    *,
    rest: bool = False,
) -> list[Placed]:
    """Return the estimates of all rows in one domain, or in the groups of a head.

    With ``rest``, those of everybody else in the head follow the estimates of each group, in columns after
    those that are shown.
    """
    placed: list[Placed] = []
    nets = asked.nets or {}

    weights = few_weights(design)

    def add(part: Part, spread: Floats, row: Ints, width: int, beside: tuple[Counted, ...] = ()) -> None:
        bases = bases_of(design, part, width)
        column = head.places(part, number)
        own_weights = weights_in_bases(design, part, width, weights)
        placed.append(Placed(part, spread, row, column, bases.weighted, bases.kish, beside, own_weights))
        if rest and head.by:
            outer = [head.columns[place].outer for place in column]
            found = others(part, bases, outer)
            if found is not None:
                other, kept, kish = found
                shown = len(head.columns) + column[kept]
                placed.append(Placed(other, spread[kept], row[kept], shown, np.asarray(other.mass), kish))

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
            ticked = [rows[k].variable for k in answers if rows[k].label in nets[row.label]]
            part, beside = any_of(design, ticked, asked, domains)
            value = part.functional.value
            add(part, value * (1 - value), np.full(len(value), place), 2, beside)
        elif row.kind == "net":
            counted = dict.fromkeys(nets[row.label], 1.0)
            part, spread = answers_together(design, row.variable, counted, row.label, domains)
            add(part, spread, np.full(len(part.n), place), width)
        elif row.kind == "nps":
            plus, minus = promoters_and_detractors(design, row.variable)
            counted = dict.fromkeys(plus, 1.0) | dict.fromkeys(minus, -1.0)
            part, spread = answers_together(design, row.variable, counted, row.label, domains)
            add(part, spread, np.full(len(part.n), place), width)
        elif row.kind == "mean":
            part = mean_part(design, row.variable, domains)
            add(part, np.full(len(part.n), np.nan), np.full(len(part.n), place), 1)
    return placed


def _ticked(box: Variable, asked: Question) -> str:
    """Return the answer of a ticked box of a question."""
    return ticked_answer(box, asked.level, f"name it: tk.Question({asked.variable!r}, level=...)")


def any_of(
    design: Design, boxes: Sequence[str], asked: Question, domains: Domains
) -> tuple[Part, tuple[Counted, ...]]:
    """Return the share of those who ticked any of some boxes, among those who answered one of them.

    Beside it are the respondents whom the share tells of together with those of the boxes.
    """
    places = design.rows_in(domains.dims, where=domains.rows)
    answered = np.zeros(len(places.codes), dtype=bool)
    of_box = {}
    for name in boxes:
        about = coded_variable(design, name)
        codes = design.codes(name, list(about.labels))
        of_box[name] = codes == about.labels.index(_ticked(about, asked))
        answered |= codes >= 0
    ticked = np.logical_or.reduce(list(of_box.values()))
    size = places.size * 2
    inside = answered & (places.codes < places.size)
    cells = Cells(np.where(inside, places.codes.astype(np.intp) * 2 + ticked, size), size)
    sums = design.sums(cells)
    n = sums.count.reshape(-1, 2).sum(axis=1)
    nonempty = domains.nonempty(n, boxes[0])
    functional, mass = shares_of_cells(cells, sums, np.array([[0.0], [1.0]]), nonempty)
    counted = domains.respondents(
        nonempty,
        " or ".join(boxes),
        sums.count.reshape(-1, 2),
        ("none of them", "any of them"),
        [ShownCount(0, "", ("any of them",))],
    )
    part = Part(
        functional,
        n[nonempty],
        domains.keys(nonempty, boxes[0], [""]),
        domains.counted("those who answered one of the boxes", design.variable(boxes[0]), design.called),
        boxes[0],
        held_by(design.sample, cells, sums, np.arange(size) // 2, nonempty),
        (*boxes, *domains.names),
        mass,
        notes=domains.notes,
        counted=counted,
    )
    groups = np.where(inside, places.codes.astype(np.intp), places.size)
    return part, boxes_in_net(counted, groups, places.size, of_box)
