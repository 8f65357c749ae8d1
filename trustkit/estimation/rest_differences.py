"""Each group less everyone else, with the exact covariance of the design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import NAME, OPTIONAL_TEXT, accepts, accepts_estimator
from trustkit.counted import NUMBERS, ShownCount
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Functional
from trustkit.errors import DataError
from trustkit.estimation.domains import Domains
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.sums import AnyCells
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]


REST = "Each group is compared with the respondents of all other groups together."


@dataclass(frozen=True, eq=False)
class _Ratio:
    """A share or a mean as sums over groups: its cells, and how its parts are summed up from them."""

    cells: AnyCells
    above: Floats
    """Shape (C, q): what a cell's sums add to the numerator of its group."""
    below: Floats
    """Shape (C, q): what they add to the denominator."""
    group: Ints
    """Shape (C,)."""
    count: int
    answers: tuple[str, ...]
    """The answers of each group's base; a cell is a group with one of them."""
    words: str

    def parts(self, first: Floats) -> tuple[Floats, Floats]:
        """Return numerator and denominator of each group, shape (..., D), of sums of shape (..., C, q)."""
        member = np.equal.outer(self.group, np.arange(self.count)).astype(float)
        above = (first * self.above).sum(axis=-1) @ member
        below = (first * self.below).sum(axis=-1) @ member
        return above, below


def difference_from_rest(
    design: Design,
    variable: str,
    *,
    by: str,
    level: str | None = None,
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate how far each group is from everyone else.

    Each group is compared with the respondents of all other groups together, who count by their weights. The
    group is no part of what it is compared with, as it is in a comparison with the total.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable, or one whose answers have scores: its mean. With ``level``, a variable with
        labelled answers: the share of that answer.
    by
        The variable whose answers are the groups; at least two of them have respondents.
    level
        One answer.
    where
        As in `proportion`.
    conf
        The coverage of the t interval.

    Returns
    -------
    Estimate
        One row per group, with the covariance of all of them; shares differ by a number from -1 to 1. Its df
        are those of all groups together, as in a `contrast`; ``n`` counts the respondents of all groups.

    Raises
    ------
    DataError
        An unknown variable or answer, or fewer than two groups.

    Notes
    -----
    Group g less the rest: A_g / B_g - (A - A_g) / (B - B_g), with A_g and B_g the weighted sums of numerator
    and denominator in the group, A and B their sums over groups; linearised. It equals the `contrast` of the
    group and the rest, made by hand as one variable with two answers.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"score": [1.0, 3.0, 4.0, 6.0, 7.0, 9.0], "area": list("aabbcc")})
    >>> tk.difference_from_rest(tk.Design(frame), "score", by="area").estimate.tolist()
    [-4.5, 0.0, 4.5]
    """
    accepts(by=(by, NAME))
    accepts_estimator(design, by, where, conf, variable=(variable, NAME), level=(level, OPTIONAL_TEXT))
    domains = Domains.of(design, by, where)
    ratio = _mean(design, variable, domains) if level is None else _share(design, variable, level, domains)
    sums = design.sums(ratio.cells)
    n = np.bincount(ratio.group, weights=sums.count, minlength=ratio.count).astype(int)
    groups = domains.nonempty(n, variable)
    if len(groups) < 2:  # noqa: PLR2004
        raise DataError(
            f"{by} has only one group with respondents",
            got=", ".join(domains.keys(groups, variable, [""])[by]),
            expected="at least two groups",
        )

    def estimate(first: Floats) -> Floats:
        above, below = (part[..., groups] for part in ratio.parts(first))
        rest = (above.sum(axis=-1, keepdims=True) - above) / (below.sum(axis=-1, keepdims=True) - below)
        differences: Floats = above / below - rest
        return differences

    above, below = (part[groups] for part in ratio.parts(sums.total))
    rest_above, rest_below = above.sum() - above, below.sum() - below
    inside = np.equal.outer(ratio.group, groups)[:, None, :]
    slope = (ratio.above[:, :, None] - ratio.below[:, :, None] * (above / below)) / below
    other = (ratio.above[:, :, None] - ratio.below[:, :, None] * (rest_above / rest_below)) / rest_below
    gradient = np.where(inside, slope, -other)[:, : ratio.cells.linear]
    functional = Functional(ratio.cells, sums, estimate, gradient)
    everyone = np.ones(len(groups), dtype=bool)
    held = held_by(design.sample, ratio.cells, sums, ratio.group, groups)
    together = held.df_of_union(everyone)
    numbers = Numbers(
        keys=domains.keys(groups, variable, [level or ""]),
        value=functional.value,
        vcov=design.covariance(functional),
        n=np.full(len(groups), n.sum()),
        df=np.full(len(groups), together),
        unit="number" if level is None else "points",
    )
    names = (variable, *domains.names)
    about = design.variable(variable)
    counted = domains.respondents(
        groups,
        variable,
        sums.count.reshape(ratio.count, -1),
        ratio.answers,
        [ShownCount(0, level or "", (level or NUMBERS,))],
    )
    if level is None and about.kind in CODED:
        counted = counted.scored(about.scoring)
    return estimate_of(
        numbers,
        statistic="difference" if level is None else "difference of shares",
        base=domains.counted(ratio.words, about, design.called),
        conf=conf,
        notes=(REST, *domains.notes),
        caveats=design.caveats_about(*names),
        labels={**design.headings(names), **design.labels([variable])},
        counted=(counted,),
    )


def _share(design: Design, variable: str, level: str, domains: Domains) -> _Ratio:
    about = coded_variable(design, variable)
    levels = about.labels
    if level not in levels:
        raise DataError(f"{variable} has no answer {level!r}", do=suggest_answer(level, levels, about))
    cells = design.cells([*domains.dims, (variable, levels)], where=domains.rows)
    answer = np.arange(cells.size) % len(levels)
    return _Ratio(
        cells,
        above=(answer == levels.index(level)).astype(float)[:, None],
        below=np.ones((cells.size, 1)),
        group=np.arange(cells.size) // len(levels),
        count=cells.size // len(levels),
        answers=tuple(levels),
        words="substantive answers",
    )


def _mean(design: Design, variable: str, domains: Domains) -> _Ratio:
    cells = design.cells(domains.dims, [(variable,)], where=domains.rows, centre="middle")
    ones = np.ones(cells.size)
    return _Ratio(
        cells,
        above=np.stack([0 * ones, ones], axis=1),
        below=np.stack([ones, 0 * ones], axis=1),
        group=np.arange(cells.size),
        count=cells.size,
        answers=(NUMBERS,),
        words="answers with a number",
    )
