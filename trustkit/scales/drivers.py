"""Drivers: how much of an outcome's variance each of several predictors explains."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import NAME, NAMES, accepts_estimator, one_of
from trustkit.display import show_number
from trustkit.errors import DataError, first_few
from trustkit.estimation.intervals import check_conf, t_interval
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.scales.derivatives import correlations_of
from trustkit.scales.one_factor import refuse_dependent
from trustkit.scales.relative_importance import explained, johnson, lmg, relative_weights, standardized
from trustkit.scales.scale_answers import ScaleAnswers
from trustkit.survey.columns import items_of
from trustkit.survey.variable import CODED
from trustkit.survey.where import rows_where

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Found = tuple[Floats, Floats]
    Groups = tuple[tuple[int, ...], ...]

DriverMethod = Literal["lmg", "johnson", "standardized"]

MOST_PREDICTORS = 14
"""The most predictors whose regressions are all computed: 2^14 of them."""

LITTLE = 0.05
"""Below this R2 the shares of it say little."""

STATISTICS: dict[DriverMethod, str] = {
    "lmg": "share of variance explained",
    "johnson": "relative weight",
    "standardized": "standardized coefficient",
}
"""What each method estimates, in words."""

NOT_CAUSES = "The shares say how the explained variance divides among the predictors; they are not effects."
"""The note on shares of R2."""

TOUCHES = (
    "No share is below 0, so the interval of {} begins at 0. Intervals of shares so close to 0 contain the "
    "true share less often than they say."
)
"""The note on intervals that were cut at 0."""


def drivers(
    design: Design,
    outcome: str,
    predictors: str | Sequence[str],
    *,
    method: DriverMethod = "lmg",
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate how much of an outcome's variance each predictor explains, with intervals of the design.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    outcome
        A variable with numbers or scores.
    predictors
        A battery's name, or at least two variables. A variable without scores enters with all of its answers
        together (``lmg`` only).
    method
        ``lmg``: the increase of R2 when a predictor is added, averaged over all orders of the predictors
        (Shapley's value). ``johnson``: relative weights, which agree with it closely and take no time.
        ``standardized``: regression coefficients of standardized variables, which do not add up to R2.
    where
        As in `trustkit.proportion`.
    conf
        The coverage of the intervals.

    Returns
    -------
    Estimate
        One row per predictor, and with ``lmg`` and ``johnson`` a last row, named after the outcome, with R2:
        the shares sum to it, and so do their covariances. Respondents without an answer to one of the
        variables are left out, and a note counts them.

    Raises
    ------
    DataError
        Fewer than two predictors, more than 14 with ``lmg``, a variable that is named twice, does not vary or
        has no scores, predictors that can be computed from others, or too few PSUs.

    Notes
    -----
    All methods are functions of the weighted covariance of the variables. ``lmg`` is exact: it computes all
    2^p regressions (Lindeman, Merenda and Gold 1980). With R the predictors' correlations and r those with
    the outcome, ``johnson`` is (L o L)(L^-1 r)^2 with L the root of R (Johnson 2000,
    doi:10.1207/S15327906MBR3501_1). The variance comes from the influence of each row; replicates estimate
    again. Degrees of freedom are those of a regression: the design's, plus 1, less the number of
    coefficients. Intervals of shares are cut at 0. They are too narrow where a share is close to 0: no method
    tried covers there (``benchmarks/drivers_coverage.csv``), and a note names these shares. Formulas:
    `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame(
    ...     {"trust": [1, 3, 2, 5, 4, 5], "fair": [1, 2, 2, 4, 5, 5], "age": [30, 50, 20, 40, 60, 30]}
    ... )
    >>> shares = tk.drivers(tk.Design(frame), "trust", ["fair", "age"])
    >>> shares.to_frame()[["variable", "estimate"]].round(3)
      variable  estimate
    0     fair     0.746
    1      age     0.065
    2    trust     0.811
    """
    accepts_estimator(
        design,
        None,
        where,
        conf,
        outcome=(outcome, NAME),
        predictors=(predictors, NAMES),
        method=(method, one_of(DriverMethod)),
    )
    check_conf(conf)
    model = DriverModel.of(design, outcome, predictors, method, where)
    answers = model.answers
    value, slopes = model.estimate(answers.moments[1])
    vcov = answers.vcov(
        answers.influences(list(slopes)), lambda weights: model.shares(answers.covariance(weights))
    )
    shares = method != "standardized"
    rows = [*model.predictors, *([outcome] if shares else [])]
    held = answers.held(len(rows))
    df = held.df - (len(answers.names) - 1)
    if not df[0] > 0:
        raise DataError(
            "there are too few PSUs for so many predictors",
            got=f"{held.df[0]:g} degrees of freedom, {len(answers.names)} coefficients",
            do="take fewer predictors",
        )  # fmt: skip
    se = np.sqrt(np.maximum(np.diag(vcov), 0.0))
    low, high = t_interval(value, se, df, conf)
    notes = [*answers.notes]
    called = {**design.labels(model.predictors), outcome: "All predictors together (R2)"}
    if shares:
        cut = [called.get(name, name) for name, end in zip(rows, low, strict=True) if end < 0]
        notes += [NOT_CAUSES, *([TOUCHES.format(first_few(cut))] if cut else [])]
        low, high = np.maximum(low, 0.0), np.minimum(high, 1.0)
    r2 = explained(answers.moments[1])[0]
    if r2 < LITTLE:
        what = "shares say" if shares else "coefficients say"
        notes.append(f"All predictors together explain little (R2 = {show_number(r2)}), so {what} little.")
    numbers = Numbers(
        keys=pd.DataFrame({"variable": rows, "level": ""}),
        value=value,
        vcov=vcov,
        n=np.full(len(rows), answers.n),
        held=(held,),
        df=df,
        unit="share" if shares else "number",
    )
    return estimate_of(
        numbers,
        statistic=STATISTICS[method],
        base=answers.base,
        conf=conf,
        limits=(low, high),
        notes=tuple(notes),
        caveats=design.caveats_about(outcome, *model.predictors),
        labels=called,
    )


@dataclass(frozen=True, eq=False)
class DriverModel:
    """The variables of a model of drivers, as numbers.

    Attributes
    ----------
    answers
        The outcome, then the predictors' columns, of the rows that have all of them.
    predictors
        The predictors' names.
    groups
        The columns of each predictor.
    method
        How the shares are computed.
    """

    answers: ScaleAnswers
    predictors: tuple[str, ...]
    groups: Groups
    method: DriverMethod

    @classmethod
    def of(
        cls,
        design: Design,
        outcome: str,
        predictors: str | Sequence[str],
        method: DriverMethod,
        where: Where,
    ) -> DriverModel:
        """Read the variables.

        Raises
        ------
        DataError
            Too few or too many predictors, or variables that cannot be used.
        """
        names = items_of(design.codebook, predictors)
        _refuse_number(names, outcome, method)
        categorical = [name for name in names if _has_kinds(design, name)]
        if categorical and method != "lmg":
            raise DataError(
                "a predictor without scores has no single coefficient or weight",
                got=", ".join(categorical),
                do="take method='lmg', or give its answers scores in the codebook",
            )
        levels = {name: _given(design, name, where)[1:] for name in categorical}
        answers = ScaleAnswers.of_columns(design, outcome, names, levels, where)
        sizes = [len(levels.get(name, ("",))) for name in names]
        ends = np.cumsum([1, *sizes]).tolist()
        groups = tuple(tuple(range(start, end)) for start, end in pairwise(ends))
        refuse_dependent(correlations_of(answers.moments[1])[1:, 1:], answers.names[1:])
        return cls(answers, names, groups, method)

    @property
    def function(self) -> Callable[[Floats], Found]:
        """The shares, and with ``lmg`` and ``johnson`` R2 after them, from a covariance, with derivatives."""
        if self.method == "lmg":
            return partial(lmg, groups=self.groups)
        return johnson if self.method == "johnson" else standardized

    def shares(self, covariance: Floats) -> Floats:
        """Return the estimates without their derivatives, shape (m,)."""
        if self.method != "johnson":
            return self.estimate(covariance)[0]
        weights = relative_weights(covariance)  # they sum to R2, and their derivatives take time
        return np.append(weights, weights.sum())

    def estimate(self, covariance: Floats) -> Found:
        """Return the estimates and their derivatives by the covariance, shapes (m,) and (m, k, k)."""
        value, slopes = self.function(covariance)
        if self.method == "standardized":
            return value, slopes
        r2, slope = explained(covariance)
        return np.append(value, r2), np.concatenate([slopes, slope[None]])


def _given(design: Design, name: str, where: Where) -> tuple[str, ...]:
    """Return the answers that somebody gave, in order; all of them if fewer than two were given."""
    labels = design.variable(name).labels
    inside = rows_where(where, design.rows.in_memory().data, design.variable)
    counted = design.weights > 0
    places = np.unique(design.codes(name, labels)[counted if inside is None else counted & inside])
    given = tuple(labels[place] for place in places.tolist() if place >= 0)
    return given if len(given) > 1 else labels


def _has_kinds(design: Design, name: str) -> bool:
    """Return whether a variable's answers have no scores, so that each answer is a column."""
    about = design.variable(name)
    return about.kind in CODED and (about.kind != "ordinal" or not about.scoring)


def _refuse_number(names: Sequence[str], outcome: str, method: DriverMethod) -> None:
    if outcome in names:
        raise DataError("the outcome is also a predictor", got=outcome, do="leave it out of the predictors")
    if len(names) < 2:  # noqa: PLR2004
        raise DataError(
            "drivers compares at least two predictors", got=", ".join(names), do="name all of them"
        )
    if method == "lmg" and len(names) > MOST_PREDICTORS:
        raise DataError(
            "too many predictors for all of their regressions",
            got=f"{len(names)} predictors", expected=f"at most {MOST_PREDICTORS}",
            do="score related items into one scale (tk.score), or take method='johnson'",
        )  # fmt: skip
