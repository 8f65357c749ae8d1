"""Shares of the answers to an item that is answered with a number, such as 0 to 10."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.counted import ShownCount
from trustkit.design.held import held_by
from trustkit.design.sums import Functional
from trustkit.errors import DataError
from trustkit.estimation.assembly import Part, assemble, share
from trustkit.estimation.domains import Domains
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

MOST_SCORES = 21
"""An item with more whole numbers than this has no distribution of single answers."""


def score_shares(
    design: Design, variable: str, *, where: Where = None, conf: float = 0.95
) -> tuple[Estimate, Floats]:
    """Estimate the share of each answer of an item that is answered with a number.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable of whole numbers whose codebook gives its range (``low`` and ``high``), or a coded
        variable whose answers have scores.
    where, conf
        As in `proportion`.

    Returns
    -------
    Estimate
        One row per answer, from the lowest.
    array
        Shape (m,): the number of each answer.

    Raises
    ------
    DataError
        If the answers have no numbers, the range is not known or is too long, or a number is not whole.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> about = tk.Variable("trust", "Trust, 0 to 2", "numeric", low=0, high=2)
    >>> survey = tk.Survey(pd.DataFrame({"trust": [0, 2, 2, 1]}), tk.Codebook({"trust": about}))
    >>> estimate, scores = score_shares(tk.Design(survey), "trust")
    >>> estimate.estimate.tolist(), scores.tolist()
    ([0.25, 0.25, 0.5], [0.0, 1.0, 2.0])
    """
    about = design.variable(variable)
    domains = Domains.of(design, None, where)
    if about.kind in CODED:
        if not about.scoring:
            raise DataError(
                f"the answers of {variable} have no scores",
                do="give scores in the codebook, or use likert_bars",
            )
        part = share(design, variable, None, domains)
        scores = np.array([about.scoring.get(level, np.nan) for level in part.keys["level"]])
    else:
        if about.low is None or about.high is None or not 1 <= about.high - about.low < MOST_SCORES:
            raise DataError(
                f"the range of {variable} is not known, or is too long for a chart of single answers",
                got=f"low {about.low}, high {about.high}",
                expected=f"low and high in the codebook, with at most {MOST_SCORES} whole numbers",
            )
        scores = np.arange(np.ceil(about.low), about.high + 1, dtype=float)
        part = _whole_numbers(design, variable, scores, domains)
    value = part.functional.value
    estimate = assemble(design, [part], "proportion", conf, variances=[value * (1 - value)], ci="logit")
    return estimate, scores


def _whole_numbers(design: Design, name: str, scores: Floats, domains: Domains) -> Part:
    """Estimate the share of each whole number: the rows' cells are cut around each of them."""
    near = 0.25
    thresholds = np.sort(np.concatenate([scores - near, scores + near]))
    cells = design.distribution(domains.dims, name, where=domains.rows).cells.cut(thresholds[None, :])
    sums = design.sums(cells)
    between = np.arange(cells.size) % 2 == 0
    if sums.count[between].any():
        raise DataError(
            f"{name} holds numbers that are not whole, or are out of range",
            got=f"{int(sums.count[between].sum()):,} of {int(sums.count.sum()):,} answers",
            do="round the numbers, or correct low and high in the codebook",
        )
    n = np.array([sums.count.sum()])
    domains.nonempty(n, name)

    def estimate(first: Floats) -> Floats:
        mass = first[..., 0]
        shares: Floats = mass[..., ~between] / mass.sum(axis=-1, keepdims=True)
        return shares

    value = estimate(sums.total)
    answers = np.eye(cells.size)[:, ~between]
    gradient = (answers - value) / sums.total[:, 0].sum()
    rows = np.zeros(len(scores), dtype=int)
    names = [f"{score:g}" for score in scores]
    counted = domains.respondents(
        np.array([0]),
        name,
        sums.count[None, ~between],
        names,
        [ShownCount(0, answer, (answer,)) for answer in names],
    )
    return Part(
        Functional(cells, sums, estimate, gradient[:, None, :]),
        np.repeat(n, len(scores)),
        domains.keys(np.array([0]), name, names),
        domains.counted("answers with a number", design.variable(name), design.called),
        name,
        held_by(design.sample, cells, sums, np.zeros(cells.size, dtype=int), rows),
        (name, *domains.names),
        counted=counted,
    )
