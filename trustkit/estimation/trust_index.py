"""An index of several items, from 0 to 100: of respondents' means, or of the items' shares and means."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.arguments import VARIABLES, accepts_estimator, one_of
from trustkit.cleaning.scores import turned
from trustkit.counted import NUMBERS, ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells, Functional
from trustkit.errors import DataError
from trustkit.estimation.domains import By, Domains
from trustkit.estimation.net_scores import BOXES, highest
from trustkit.estimation.results import NOBODY, Numbers, estimate_of
from trustkit.survey.columns import items_in_words, items_of
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

IndexOf = Literal["respondents", "items"]

TOP = 100.0
"""The highest value of an index."""

IN_WORDS = {
    "respondents": "The index, from 0 to 100, is the mean of each one's mean over the items answered.",
    "items": "The index, from 0 to 100, is the mean of the items' own means, each of those who answered it.",
}


@dataclass(frozen=True, eq=False)
class _Answers:
    """Answers to an item, each from 0 to 100; shape (n,)."""

    values: Floats
    """0 where there is no answer."""
    valid: NDArray[np.bool_]


def trust_index(
    design: Design,
    items: str | Sequence[str],
    *,
    of: IndexOf,
    boxes: int | Sequence[str] | None = None,
    by: By = None,
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate an index of several items, from 0 to 100.

    Two indices are in use, and they differ as soon as somebody skips an item. Name the one that is meant.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items
        A battery's name (`Variable.set`), or its variables.
    of
        ``respondents``: each respondent's mean over the items answered, then the mean over respondents with
        any answer (the rule of the ANES Trust in Government Index). ``items``: the mean of each item over
        those who answered it, then the mean over items (the rule of indices that average percentages).
    boxes
        The answers that count 100, or how many of the highest by their scores; all others count 0. None: an
        answer counts by its score, moved to 0 for the lowest score that the item has and 100 for the highest.
    by, where, conf
        As in `trustkit.mean`.

    Returns
    -------
    Estimate
        One row per domain. ``n`` counts the respondents with any answer.

    Raises
    ------
    DataError
        No such battery, an item without scores or without a range, an unknown answer, or nobody in the base.

    Notes
    -----
    Linearised; replicates estimate again. With ``respondents`` it equals the `mean` of a `score` whose items
    run from 0 to 100. Matches ``svymean`` of the respondents' means and ``svycontrast`` of the items' means.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> codes = {1: "low", 2: "middle", 3: "high"}
    >>> names = ("banks", "shops")
    >>> items = {name: tk.Variable(name, name, "ordinal", codes=codes, set="trust") for name in names}
    >>> frame = pd.DataFrame({"banks": [3, 3, 1], "shops": [1, None, None]})
    >>> design = tk.Design(tk.Survey(frame, tk.Codebook(items)))
    >>> [tk.trust_index(design, "trust", of=of).estimate.round(1).tolist() for of in ("respondents", "items")]
    [[50.0], [33.3]]
    """
    accepts_estimator(
        design, by, where, conf,
        items=(items, VARIABLES), of=(of, one_of(IndexOf)), boxes=(boxes, BOXES.optional()),
    )  # fmt: skip
    names = items_of(design.codebook, items)
    domains = Domains.of(design, by, where)
    base = design.rows_in(domains.dims, where=domains.rows)
    scale = [_answers(design, name, boxes) for name in names]
    given = _Answers(
        np.stack([item.values for item in scale], 1), np.stack([item.valid for item in scale], 1)
    )
    anybody = given.valid.any(axis=1)
    columns = [given.values.sum(axis=1) / np.maximum(given.valid.sum(axis=1), 1)]
    if of == "items":
        columns = [*given.valid.T.astype(float), *given.values.T]
    codes = np.where(anybody, base.codes, base.size)
    cells = Cells(codes, base.size, columns, linear=1 + len(columns))
    sums = design.sums(cells)
    nonempty = domains.nonempty(sums.count, items_in_words(design.codebook, items))
    k, start = (len(names), 1) if of == "items" else (1, 0)

    def parts(first: Floats) -> tuple[Floats, Floats]:
        """Return the sums of weights and of values of each item, shape (..., D, k)."""
        inside = first[..., nonempty, :]
        return inside[..., start : start + k], inside[..., start + k :]

    def estimate(first: Floats) -> Floats:
        below, above = parts(first)
        with np.errstate(divide="ignore", invalid="ignore"):
            index: Floats = (above / below).mean(axis=-1)
        return index

    below, above = parts(sums.total)
    complete: NDArray[np.bool_] = np.all(below > 0, axis=1)
    each = np.arange(len(nonempty))[complete]
    gradient = np.zeros((cells.size, 1 + len(columns), len(nonempty)))
    for item in range(k):
        mass, total = below[complete, item], above[complete, item]
        gradient[nonempty[complete], start + item, each] = -total / mass**2 / k
        gradient[nonempty[complete], start + k + item, each] = 1 / mass / k
    functional = Functional(cells, sums, estimate, gradient)
    vcov = design.covariance(functional)
    vcov[~complete], vcov[:, ~complete] = np.nan, np.nan
    about = design.variable(names[0])
    words = (
        "respondents who answered any item" if of == "respondents" else "respondents who answered each item"
    )
    numbers = Numbers(
        keys=domains.keys(nonempty, items if isinstance(items, str) else f"{len(names)} items", [""]),
        value=functional.value,
        vcov=vcov,
        n=sums.count[nonempty],
        held=(held_by(design.sample, cells, sums, np.arange(cells.size), nonempty),),
        reasons=tuple("" if whole else NOBODY for whole in complete),
        unit="number",
    )
    found = estimate_of(
        numbers,
        statistic="index",
        base=domains.counted(words, replace(about, asked={}), design.called),
        conf=conf,
        notes=(IN_WORDS[of], *_boxes_in_words(design, names, boxes), *domains.notes),
        caveats=design.caveats_about(*names, *domains.names),
        labels={
            **design.headings(domains.names),
            str(numbers.keys["variable"].iloc[0]): items_in_words(design.codebook, items).strip('"'),
        },
        counted=(
            domains.respondents(
                nonempty,
                str(numbers.keys["variable"].iloc[0]),
                sums.count[:, None],
                [NUMBERS],
                [ShownCount(0, "", (NUMBERS,))],
            ),
        ),
    )
    low, high = np.maximum(found.ci_low, 0.0), np.minimum(found.ci_high, TOP)
    return replace(found, ci_low=low, ci_high=high)


def _boxes_in_words(
    design: Design, names: Sequence[str], boxes: int | Sequence[str] | None
) -> tuple[str, ...]:
    """Return in words which answers count 100; nothing if all count by their scores."""
    if boxes is None:
        return ()
    if not isinstance(boxes, int):
        answers = {tuple(boxes)}
    else:
        answers = {tuple(highest(design, name, boxes)) for name in names}
    if len(answers) == 1:
        return (f"These answers count 100, and all others 0: {', '.join(answers.pop())}.",)
    return (f"The {boxes} highest answers to each item count 100, and all others 0.",)


def _answers(design: Design, name: str, boxes: int | Sequence[str] | None) -> _Answers:
    """Return the answers to one item, from 0 to 100; shape (n,).

    Raises
    ------
    DataError
        Answers without scores, a number without a range, or an unknown answer among the boxes.
    """
    about = design.variable(name)
    if boxes is not None:
        labels = coded_variable(design, name).labels
        counted = highest(design, name, boxes) if isinstance(boxes, int) else list(boxes)
        for answer in counted:
            if answer not in labels:
                raise DataError(f"{name} has no answer {answer!r}", do=suggest_answer(answer, labels, about))
        places = design.codes(name, labels)
        top = np.isin(places, [labels.index(answer) for answer in counted])
        return _Answers(np.where(top, TOP, 0.0), places >= 0)
    numbers, valid = design.numbers(name)
    known = np.ones(len(numbers), dtype=bool) if valid is None else valid
    ends = tuple(about.scoring.values()) if about.kind in CODED else (about.low, about.high)
    limits = [end for end in ends if end is not None]
    if len(limits) < 2 or min(limits) == max(limits):  # noqa: PLR2004
        raise DataError(
            f"{name} has no range", expected="scores of several answers, or low and high of a number",
            do="give them in the codebook",
        )  # fmt: skip
    low, high = min(limits), max(limits)
    numbers = turned(numbers, about)
    return _Answers(np.where(known, TOP * (numbers - low) / (high - low), 0.0), known)
