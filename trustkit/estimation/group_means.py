"""The test of equal means in several groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import DESIGN, NAME, WHERE, accepts
from trustkit.errors import DataError
from trustkit.estimation.distributions import f_p_value, without_df
from trustkit.estimation.estimates import mean
from trustkit.estimation.results import counts_behind
from trustkit.estimation.significance import TestResult
from trustkit.estimation.small_groups import note_tiny_group
from trustkit.survey.quoted_cells import quoted_cells

if TYPE_CHECKING:
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where


def oneway_test(design: Design, variable: str, by: str, *, where: Where = None) -> TestResult:
    """Test whether the mean of a variable is the same in all groups, as a one-way ANOVA does.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable, or one whose answers have scores.
    by
        The groups: a variable with at least two answers (in the base).
    where
        As in `trustkit.mean`.

    Returns
    -------
    TestResult
        F with k - 1 and df + 1 - k degrees of freedom, for k groups and the df of the respondents who are
        counted. Spreads may differ between groups, as in Welch's test. `trustkit.pairwise` of the means says
        which groups differ.

    Raises
    ------
    DataError
        Unknown variables, a variable without numbers, or fewer than two groups.

    Notes
    -----
    F = d' V^-1 d / (k - 1), with d the means less the first one, and V their covariance. Matches R survey's
    ``regTermTest(svyglm(variable ~ group, design), ~group)``. For two groups F is the square of t in
    `trustkit.ttest`. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": [1.0, 2.0, 3.0, 5.0, 8.0, 7.0], "area": list("aabbcc")})
    >>> test = tk.oneway_test(tk.Design(frame), "trust", by="area")
    >>> round(test.statistic, 2), test.df, round(test.p_value, 3)
    (60.19, (2.0, 3.0), 0.004)
    """
    accepts(design=(design, DESIGN), variable=(variable, NAME), by=(by, NAME), where=(where, WHERE))
    means = mean(design, variable, by=by, where=where)
    groups = [str(label) for label in means.keys[by]]
    if len(groups) < 2:  # noqa: PLR2004
        raise DataError(
            f"{by} has fewer than two groups in the base",
            got=quoted_cells(groups, design.variable(by), among=design.variable(by).labels),
            do="widen where",
        )
    step = np.eye(len(groups))[1:] - np.eye(len(groups))[0]
    differences, spread = step @ means.estimate, step @ means.vcov @ step.T
    above = float(len(differences))
    df = (above, means.df_of(np.ones(len(groups), dtype=bool)) - above)
    reason = _untestable(means, groups, spread) or without_df(*df)
    value = np.nan if reason else float(differences @ np.linalg.solve(spread, differences)) / above
    return TestResult(
        f"Test of equal means: {design.called(variable)} by {design.called(by)}",
        null=f"the mean of {design.called(variable)} is the same in {', '.join(groups)}",
        statistic=value,
        statistic_name="F",
        df=df,
        p_value=np.nan if reason else f_p_value(value, df),
        n=int(means.n.sum()),
        base=means.base,
        reason=reason,
        notes=(*means.notes, *(() if reason else note_tiny_group(groups, means.df, df[1] + above))),
        caveats=means.caveats,
        counted=counts_behind(means),
    )


def _untestable(
    means: Estimate, groups: list[str], spread: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> str:
    """Return why the differences between the groups can't be tested; empty if they can."""
    alone = [group for group, se in zip(groups, means.se, strict=True) if np.isnan(se)]
    if alone:
        return f"{alone[0]}: one PSU alone shows no sampling variance"
    if np.linalg.matrix_rank(spread, hermitian=True) < len(spread):
        return "the means of the groups have no sampling variance, or there are too few PSUs"
    return ""
