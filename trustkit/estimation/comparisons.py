"""Comparisons of means, ranks and paired proportions, with design-based effect sizes only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import (
    DESIGN,
    NAME,
    NUMBER,
    OPTIONAL_NAME,
    OPTIONAL_TEXT,
    TEXT,
    WHERE,
    accepts,
    one_of,
)
from trustkit.counted import NUMBERS, ShownCount, counted_table
from trustkit.design.coded import coded_variable
from trustkit.design.held import held_by
from trustkit.design.sums import Cells, Functional
from trustkit.errors import DataError
from trustkit.estimation.contrasts import weighted_sum
from trustkit.estimation.distributions import f_p_value, normal_quantile, t_p_value, without_df
from trustkit.estimation.domains import Domains
from trustkit.estimation.estimates import mean
from trustkit.estimation.intervals import t_interval
from trustkit.estimation.results import UNKNOWN, Numbers, counts_behind, estimate_of
from trustkit.estimation.significance import TestResult
from trustkit.estimation.small_groups import note_tiny_group
from trustkit.survey.quoted_cells import quoted_cells, suggest_answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

RankTest = Literal["wilcoxon", "vanderWaerden", "median", "KruskalWallis"]


def ttest(
    design: Design,
    variable: str,
    by: str | None = None,
    *,
    minus: str | None = None,
    null: float = 0.0,
    where: Where = None,
    conf: float = 0.95,
) -> TestResult:
    """Test a mean, a difference between two groups, or a difference between two variables.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable, or one whose answers have scores.
    by
        A variable with two answers (in the base): tests the second mean minus the first. None: one sample.
    minus
        A variable answered by the same respondents: tests the mean of ``variable - minus`` (paired).
    null
        The value of the mean or difference under the null hypothesis.
    where, conf
        As in `trustkit.mean`.

    Returns
    -------
    TestResult
        t with the df of the respondents who are counted (for two groups: of both together, minus one, as in
        a regression on the group). The effect size is the estimate minus the null, divided by the weighted
        standard deviation (pooled for two groups, of the differences for pairs); on an unweighted simple
        random sample it equals pingouin's.

    Raises
    ------
    DataError
        Unknown variables, both ``by`` and ``minus``, or not two groups.

    Notes
    -----
    Matches ``svyttest`` for two groups; for one sample R uses one df fewer. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 4.0], "sex": ["m", "m", "f", "f"]})
    >>> round(tk.ttest(tk.Design(frame), "trust", by="sex").estimate, 2)
    -2.0
    """
    accepts(
        design=(design, DESIGN),
        variable=(variable, NAME),
        by=(by, OPTIONAL_NAME),
        minus=(minus, OPTIONAL_TEXT),
        null=(null, NUMBER),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    called = design.called(variable)
    if by is not None and minus is not None:
        raise DataError("by and minus can't be used together", do="give one of them")
    if by is not None:
        means = mean(design, variable, by=by, where=where, conf=conf)
        groups = [str(label) for label in means.keys[by]]
        if len(groups) != 2:  # noqa: PLR2004
            raise DataError(
                f"{by} must have two answers in the base",
                got=quoted_cells(groups[:20], design.variable(by), among=design.variable(by).labels),
                do="use where",
            )  # fmt: skip
        sides = np.array([-1.0, 1.0])
        together = means.df_of(np.ones(2, dtype=bool)) - 1
        notes = weighted_sum(means, sides, conf=conf).notes
        difference = replace(weighted_sum(means, sides, conf=conf, df=together), notes=notes)
        pooled = _deviation(float(means.n @ (means.n_eff * means.se**2)), int(means.n.sum()) - 2)
        words = f"the means of {called} in {groups[1]} and {groups[0]} differ by {null:g}"
        title = f"t-test: {called} by {design.called(by)} ({groups[1]} less {groups[0]})"
        n = int(means.n.sum())
    elif minus is not None:
        difference = _paired(design, variable, minus, where, conf)
        pooled = _own_deviation(difference)
        words = f"the mean of {called} less {design.called(minus)} is {null:g}"
        title = f"Paired t-test: {called} less {design.called(minus)}"
        n = int(difference.n[0])
    else:
        difference = mean(design, variable, where=where, conf=conf)
        pooled = _own_deviation(difference)
        words = f"the mean of {called} is {null:g}"
        title = f"One-sample t-test: {called}"
        n = int(difference.n[0])
    name = "Cohen's d" if minus is None else "Cohen's d of differences"
    effect = (float(difference.estimate[0]) - null) / pooled if pooled > 0 else np.nan
    zero = "the standard error is zero"
    return _t_result(difference, title, words, without=zero, n=n, null=null, effect=effect, effect_name=name)


def rank_test(
    design: Design, variable: str, by: str, *, where: Where = None, test: RankTest = "wilcoxon"
) -> TestResult:
    """Test whether a variable has the same distribution in two or more groups, by ranks.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable, or one whose answers have scores.
    by
        The groups.
    where
        As in `trustkit.proportion`.
    test
        ``wilcoxon`` and ``KruskalWallis`` (weighted ranks), ``vanderWaerden`` (normal scores) or ``median``.

    Returns
    -------
    TestResult
        Two groups: t, and the difference in mean rank score. More groups: F, from the Wald statistic.

    Raises
    ------
    DataError
        Unknown variables or test, or fewer than two groups.

    Notes
    -----
    Lumley and Scott 2013 (doi:10.1093/biomet/ast039): ranks estimated from the weights, middle ranks at ties,
    then the design-based comparison of mean scores. Matches ``svyranktest``. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 4.0], "sex": ["m", "m", "f", "f"]})
    >>> round(tk.rank_test(tk.Design(frame), "trust", "sex").estimate, 2)
    -0.5
    """
    accepts(
        design=(design, DESIGN),
        variable=(variable, NAME),
        by=(by, NAME),
        where=(where, WHERE),
        test=(test, one_of(RankTest)),
    )
    domains = Domains.of(design, by, where)
    caveats = design.caveats_about(variable, *domains.names)
    cells = design.rows_in(domains.dims, [(variable,)], where=domains.rows)
    scored = replace(cells, columns=[_rank_scores(cells, design.weights, test)], linear=2)
    sums = design.sums(scored)
    nonempty = np.flatnonzero(sums.count)
    labels = [domains.dims[0][1][place] for place in nonempty]
    if len(nonempty) < 2:  # noqa: PLR2004
        raise DataError(
            f"{by} has fewer than two groups in the base",
            got=quoted_cells(labels, design.variable(by), among=domains.dims[0][1]),
            do="widen where",
        )

    def estimate(first: Floats) -> Floats:
        mean_scores: Floats = first[..., nonempty, 1] / first[..., nonempty, 0]
        return mean_scores

    mass, score = sums.total[nonempty].T
    gradient = np.zeros((cells.size, 2, len(nonempty)))
    each = np.arange(len(nonempty))
    gradient[nonempty, 0, each], gradient[nonempty, 1, each] = -score / mass**2, 1 / mass
    vcov = design.covariance(Functional(scored, sums, estimate, gradient))
    means = estimate(sums.total)
    step = np.eye(len(nonempty))[1:] - np.eye(len(nonempty))[0]
    differences, spread = step @ means, step @ vcov @ step.T
    title = f"Rank test: {design.called(variable)} by {design.called(by)} ({test})"
    words = f"{design.called(variable)} has the same distribution in {', '.join(labels)}"
    n = int(sums.count.sum())
    base = domains.counted("answers with a number", design.variable(variable), design.called)
    counted = (
        domains.respondents(
            nonempty, variable, sums.count[:, None], [NUMBERS], [ShownCount(0, "", (NUMBERS,))]
        ),
    )
    held = held_by(design.sample, scored, sums, np.arange(cells.size), nonempty)
    union_df = held.df_of_union(np.ones(len(nonempty), dtype=bool))
    reason = ""
    if held.alone.any():
        reason = f"{labels[int(np.argmax(held.alone))]}: one PSU alone shows no sampling variance"
    elif np.linalg.matrix_rank(spread, hermitian=True) < len(spread):
        reason = "the mean ranks of the groups have no sampling variance, or there are too few PSUs"
    if reason:
        return TestResult(
            title, null=words, statistic=np.nan, statistic_name="t" if len(nonempty) == 2 else "F",  # noqa: PLR2004
            df=(), p_value=np.nan, n=n, base=base, caveats=caveats, notes=domains.notes,
            reason=reason, counted=counted,
        )  # fmt: skip
    notes = (*domains.notes, *note_tiny_group(labels, held.df, union_df))
    if len(nonempty) == 2:  # noqa: PLR2004
        se = float(np.sqrt(spread[0, 0]))
        value = float(differences[0]) / se
        df = union_df - 1
        low, high = t_interval(differences, np.array([se]), df, 0.95)
        return TestResult(
            title, null=words, statistic=value, statistic_name="t", df=(df,),
            p_value=float(t_p_value(value, df)), n=n, base=base,
            estimate=float(differences[0]), se=se, ci_low=float(low[0]), ci_high=float(high[0]),
            unit="number", reason=without_df(df),
            notes=("The estimate is the difference in mean rank score, 0 to 1.", *notes),
            caveats=caveats, counted=counted,
        )  # fmt: skip
    ndf = len(nonempty) - 1
    value = float(differences @ np.linalg.solve(spread, differences)) / ndf
    df2 = (float(ndf), union_df - ndf)
    return TestResult(
        title, null=words, statistic=value, statistic_name="F", df=df2,
        p_value=f_p_value(value, df2), n=n, base=base, reason=without_df(*df2), caveats=caveats,
        notes=notes, counted=counted,
    )  # fmt: skip


def paired_proportions(
    design: Design, first: str, second: str, level: str, *, where: Where = None, conf: float = 0.95
) -> TestResult:
    """Test whether the same respondents give an answer equally often to two questions (as McNemar).

    Parameters
    ----------
    design
        The design.
    first, second
        Two questions with that answer.
    level
        The answer.
    where, conf
        As in `trustkit.proportion`.

    Returns
    -------
    TestResult
        t of the difference between the shares (first minus second) among respondents who answered both.

    Raises
    ------
    DataError
        Unknown variables or answer, or nobody answered both.

    Notes
    -----
    Only respondents with different answers contribute, as in McNemar's test, with the design's covariance.
    Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"now": list("yyyn"), "before": list("ynnn")})
    >>> tk.paired_proportions(tk.Design(frame), "now", "before", "y").estimate
    0.5
    """
    accepts(
        design=(design, DESIGN),
        first=(first, NAME),
        second=(second, NAME),
        level=(level, TEXT),
        where=(where, WHERE),
        conf=(conf, NUMBER),
    )
    both = []
    for name in (first, second):
        about = coded_variable(design, name)
        labels = about.labels
        if level not in labels:
            raise DataError(f"{name} has no answer {level!r}", do=suggest_answer(level, labels, about))
        both.append((name, labels))
    domains = Domains.of(design, None, where)
    cells = design.cells(both, where=domains.rows)
    sums = design.sums(cells)
    shape = [len(labels) for _, labels in both]
    places = [labels.index(level) for _, labels in both]
    sign = np.zeros(shape)
    sign[places[0], :] += 1
    sign[:, places[1]] -= 1
    base_mass = sums.total[:, 0].sum()
    if not base_mass:
        raise DataError(
            "nobody answered both questions", where=f"{first}, {second}",
            do="widen where, or check that both were asked of the same respondents",
        )  # fmt: skip

    def estimate(totals: Floats) -> Floats:
        mass = totals[..., 0]
        shares: Floats = (mass @ sign.ravel() / mass.sum(axis=-1))[..., None]
        return shares

    gradient = ((sign.ravel() - estimate(sums.total)) / base_mass)[:, None, None]
    numbers = Numbers(
        keys=pd.DataFrame({"variable": [f"{first} less {second}"], "level": [level]}),
        value=estimate(sums.total),
        vcov=design.covariance(Functional(cells, sums, estimate, gradient)),
        n=np.array([int(sums.count.sum())]),
        held=(held_by(design.sample, cells, sums, np.zeros(cells.size, dtype=np.intp), [0]),),
        unit="points",
    )
    difference = estimate_of(
        numbers,
        statistic="difference",
        base="respondents who answered both",
        conf=conf,
        caveats=design.caveats_about(first, second, *domains.names),
        counted=(counted_table(both, sums.count.reshape(shape), domains.chosen),),
    )
    return _t_result(
        difference,
        f"Paired proportions: {str(level)!r} to {first} less {second}",
        f"{str(level)!r} is as frequent in {first} as in {second}",
        without="nobody answered differently",
        n=int(numbers.n[0]),
    )


def _paired(design: Design, first: str, second: str, where: Where, conf: float) -> Estimate:
    """Estimate the mean difference of two variables among respondents who answered both."""
    domains = Domains.of(design, None, where)
    cells = design.rows_in([], [(first,), (second,)], where=domains.rows)
    x, y = cells.columns
    change = replace(cells, columns=[x - y], monomials=None, linear=2)
    sums = design.sums(change)
    if not sums.count.any():
        raise DataError(
            "nobody answered both", where=f"{first}, {second}",
            do="widen where, or check that both were asked of the same respondents",
        )  # fmt: skip
    mass, total = sums.total[0]

    def estimate(first: Floats) -> Floats:
        quotient: Floats = first[..., :, 1] / first[..., :, 0]
        return quotient

    gradient = np.array([[[-total / mass**2], [1 / mass]]])
    value = estimate(sums.total)
    inside = cells.codes == 0
    numbers = Numbers(
        keys=pd.DataFrame({"variable": [f"{first} less {second}"], "level": [""]}),
        value=value,
        vcov=design.covariance(Functional(change, sums, estimate, gradient)),
        n=sums.count,
        held=(held_by(design.sample, change, sums, np.zeros(1, dtype=np.intp), [0]),),
        unit="number",
        spread=np.array([np.average((x - y - value)[inside] ** 2, weights=design.weights[inside])]),
    )
    base = domains.counted("numbers in both variables", design.variable(first), design.called)
    caveats = design.caveats_about(first, second, *domains.names)
    return estimate_of(numbers, statistic="mean", base=base, conf=conf, caveats=caveats)


def _own_deviation(estimate: Estimate) -> float:
    """Return the standard deviation of the one variable whose mean was estimated."""
    n = int(estimate.n[0])
    return _deviation(n * float(estimate.n_eff[0] * estimate.se[0] ** 2), n - 1)


def _deviation(squares: float, df: int) -> float:
    """Return a standard deviation from n times the weighted mean square; NaN without degrees of freedom."""
    return float(np.sqrt(squares / df)) if df > 0 else np.nan


def _t_result(
    difference: Estimate,
    title: str,
    words: str,
    *,
    without: str,
    n: int,
    null: float = 0.0,
    effect: float = np.nan,
    effect_name: str = "",
) -> TestResult:
    """Return the t test of one estimate; ``without`` is the reason if its standard error is zero."""
    value, se, df = float(difference.estimate[0]), float(difference.se[0]), float(difference.df[0])
    reason = without_df(df) if se > 0 else without
    if np.isnan(se):
        reason = difference.reasons[0] or UNKNOWN
    t = (value - null) / se if se > 0 else np.nan
    return TestResult(
        title, null=words, statistic=t, statistic_name="t", df=(df,), p_value=float(t_p_value(t, df)), n=n,
        base=difference.base, estimate=value, se=se, ci_low=float(difference.ci_low[0]),
        ci_high=float(difference.ci_high[0]), conf=difference.conf, unit=difference.units[0],
        effect=effect, effect_name=effect_name, reason=reason, notes=difference.notes,
        caveats=difference.caveats, counted=counts_behind(difference),
    )  # fmt: skip


def _rank_scores(cells: Cells, weights: Floats, test: RankTest) -> Floats:
    """Return each row's rank score, 0 outside the base."""
    inside = (cells.codes < cells.size) & (weights > 0)
    (numbers,) = cells.columns
    y, w = numbers[inside], weights[inside]
    order = np.argsort(y, kind="stable")
    middle = np.cumsum(w[order]) - w[order] / 2
    _, place = np.unique(y, return_inverse=True)
    rank = (np.bincount(place[order], middle) / np.bincount(place))[place] / w.sum()
    if test == "vanderWaerden":
        rank = normal_quantile(rank)
    elif test == "median":
        rank = (rank > 0.5).astype(float)  # noqa: PLR2004
    scores = np.zeros(len(inside))
    scores[inside] = rank
    return scores
