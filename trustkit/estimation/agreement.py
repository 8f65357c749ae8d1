"""Two answers of the same respondents, such as what they say and what they did: differences and kappa."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAME, OPTIONAL_WORDS, accepts_estimator
from trustkit.counted import Counted, ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Functional
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.survey.quoted_cells import quoted_cells, suggest_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.variable import Variable
    from trustkit.survey.where import Where
    from trustkit.units import Unit

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

KAPPA = (
    "Kappa is the agreement beyond chance, as a share of the most that is possible: 0 is chance, 1 is full "
    "agreement."
)

ALIKE = "everybody gave the same answer to both"
"""Why there is no kappa."""


def agreement(
    design: Design,
    first: str,
    second: str,
    *,
    pairs: Mapping[str, str] | None = None,
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Compare two answers of the same respondents, such as what they say and what they did.

    Parameters
    ----------
    design
        The design.
    first, second
        Two variables with labelled answers.
    pairs
        Answer to the first -> the answer to the second that agrees with it: every answer of both, once. None:
        both variables have the same answers.
    where, conf
        As in `trustkit.proportion`.

    Returns
    -------
    Estimate
        Of the respondents who answered both, one row per ``measure``: for each answer its share in the
        ``first``, in the ``second``, and the first less the second (paired); ``agreement``, the share whose
        answers agree; and ``kappa`` (Cohen 1960). t intervals, cut at the ends of each measure.

    Raises
    ------
    DataError
        Unknown variables or answers, answers without a pair, or nobody answered both.

    Notes
    -----
    kappa = (a - e) / (1 - e), with a the agreement and e the sum over answers of the product of both shares.
    Linearised. Matches ``svykappa`` of R survey. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"says": ["yes", "yes", "no", "no"], "does": ["yes", "no", "no", "no"]})
    >>> found = tk.agreement(tk.Design(frame), "says", "does").to_frame()
    >>> found.set_index("measure")["estimate"].tail(2)
    measure
    agreement    0.75
    kappa        0.50
    Name: estimate, dtype: float64
    """
    accepts_estimator(
        design, None, where, conf,
        first=(first, NAME), second=(second, NAME), pairs=(pairs, OPTIONAL_WORDS),
    )  # fmt: skip
    if first == second:
        raise DataError("agreement needs two variables", got=first, do="name another variable")
    ordered = _paired(coded_variable(design, first), coded_variable(design, second), pairs)
    rows = coded_variable(design, first).labels
    domains = Domains.of(design, None, where)
    cells = design.cells([(first, rows), (second, ordered)], where=domains.rows)
    sums = design.sums(cells)
    k = len(rows)
    mass = float(sums.total[:, 0].sum())
    if not mass:
        raise DataError(
            "nobody answered both questions", where=f"{first}, {second}",
            do="widen where, or check that both were asked of the same respondents",
        )  # fmt: skip
    line, column = np.divmod(np.arange(k * k), k)
    in_first = np.equal.outer(line, np.arange(k)).astype(float)
    in_second = np.equal.outer(column, np.arange(k)).astype(float)
    same = (line == column).astype(float)
    linear = np.column_stack([in_first, in_second, in_first - in_second, same])

    def estimate(totals: Floats) -> Floats:
        share = totals[..., 0] / totals[..., 0].sum(axis=-1, keepdims=True)
        chance = ((share @ in_first) * (share @ in_second)).sum(axis=-1)
        with np.errstate(divide="ignore", invalid="ignore"):
            kappa = (share @ same - chance) / (1 - chance)
        found: Floats = np.concatenate([share @ linear, kappa[..., None]], axis=-1)
        return found

    value = estimate(sums.total)
    share = sums.total[:, 0] / mass
    chance = float(((share @ in_first) * (share @ in_second)).sum())
    of_chance = in_first @ (share @ in_second) + in_second @ (share @ in_first) - 2 * chance
    gradient = np.zeros((k * k, 1, linear.shape[1] + 1))
    gradient[:, 0, :-1] = (linear - value[:-1]) / mass
    if chance < 1:
        agreed = same - value[-2]
        gradient[:, 0, -1] = (agreed - (1 - value[-1]) * of_chance) / (1 - chance) / mass
    measures = [
        *(f"first: {answer}" for answer in rows),
        *(f"second: {answer}" for answer in ordered),
        *(f"difference: {answer} minus {other}" for answer, other in zip(rows, ordered, strict=True)),
        "agreement", "kappa",
    ]  # fmt: skip
    everyone = np.zeros(k * k, dtype=np.intp)
    shares: list[Unit] = ["share"] * (2 * k)
    differences: list[Unit] = ["points"] * k
    numbers = Numbers(
        keys=pd.DataFrame({"measure": measures, "variable": f"{first} and {second}", "level": ""}),
        value=value,
        vcov=design.covariance(Functional(cells, sums, estimate, gradient)),
        n=np.full(len(measures), sums.count.sum()),
        held=(held_by(design.sample, cells, sums, everyone, np.zeros(len(measures), dtype=np.intp)),),
        reasons=tuple("" if np.isfinite(part) else ALIKE for part in value),
        unit=(*shares, *differences, "share", "number"),
    )
    found = estimate_of(
        numbers, statistic="agreement", base="respondents who answered both", conf=conf,
        notes=(KAPPA, *domains.notes),
        caveats=design.caveats_about(first, second, *domains.names),
        counted=_respondents(sums.count, linear, measures, f"{first} and {second}"),
        labels={f"{first} and {second}": f"{design.called(first)}, and {design.called(second)}"},
    )  # fmt: skip
    lowest = np.where([name.startswith(("difference", "kappa")) for name in measures], -1.0, 0.0)
    return replace(found, ci_low=np.maximum(found.ci_low, lowest), ci_high=np.minimum(found.ci_high, 1.0))


def _respondents(count: Ints, linear: Floats, measures: Sequence[str], name: str) -> tuple[Counted, ...]:
    """Return the respondents whom each measure counts, and all others who answered both questions.

    A difference is made of two shares, and kappa of the agreement.
    """
    k = (linear.shape[1] - 1) // 3
    inside = (count @ linear).round().astype(np.intp)
    of_first = np.concatenate([inside[: 2 * k], inside[:k], inside[[-1, -1]]])
    of_second = np.concatenate([inside[: 2 * k], inside[k : 2 * k], inside[[-1, -1]]])
    n = int(count.sum())
    return tuple(
        Counted(
            name, ("counted", "not counted"), ("measure",), tuple((one,) for one in measures), None,
            np.column_stack([counts, n - counts]),
            tuple(ShownCount(row, "", ("counted",)) for row in range(len(measures))),
        )
        for counts in (of_first, of_second)
    )  # fmt: skip


def _paired(first: Variable, second: Variable, pairs: Mapping[str, str] | None) -> list[str]:
    """Return the answers of the second variable in the order of those of the first.

    Raises
    ------
    DataError
        Answers without a pair, or with several.
    """
    rows, columns = first.labels, second.labels
    known = {answer: answer for answer in rows} if pairs is None else dict(pairs)
    for answer in known:
        if answer not in rows:
            raise DataError(f"{first.name} has no answer {answer!r}", do=suggest_answer(answer, rows, first))
    lacking = [answer for answer in rows if answer not in known]
    unknown = [answer for answer in known.values() if answer not in columns]
    left = [answer for answer in columns if answer not in known.values()]
    if unknown and pairs is not None:
        raise DataError(
            f"{second.name} has no answer {unknown[0]!r}", do=suggest_answer(unknown[0], columns, second)
        )
    if lacking or unknown or left or len(rows) != len(columns):
        raise DataError(
            "each answer needs one that agrees with it", where=f"{first.name}, {second.name}",
            got=f"{quoted_cells(rows, first)}; and {quoted_cells(columns, second)}",
            do="give pairs with every answer of both, or merge answers with tk.collapse",
        )  # fmt: skip
    return [known[answer] for answer in rows]
