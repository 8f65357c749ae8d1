"""Analyses of completed data sets, pooled by Rubin's rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from trustkit.arguments import FUNCTION, ArgumentKind, accepts, is_of
from trustkit.errors import DataError
from trustkit.estimation.results import Estimate, Numbers, estimate_of
from trustkit.given_functions import called
from trustkit.models.fit import Fit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design

    Floats = NDArray[np.float64]

Completed = TypeVar("Completed")
Result = TypeVar("Result", Estimate, Fit)

POOLED = "Pooled from "
"""How the note on a pooled result begins."""

FEWEST = 2
"""Results that show how much the imputed answers vary."""

FEW = 5
"""With fewer results, a note says that the variance between them is poorly known."""

STABLE = 0.05
"""The coefficient of variation of a standard error, over other imputations, that is small enough."""

RESULTS = ArgumentKind(
    lambda value: (
        isinstance(value, list | tuple)
        and bool(value)
        and (all(is_of(part, "Estimate") for part in value) or all(is_of(part, "Fit") for part in value))
    ),
    "a list of Estimates, or a list of Fits, one of each completed data set",
    "make the same analysis of each completed data set",
)
SURVEYS = ArgumentKind(
    lambda value: isinstance(value, list | tuple) and bool(value),
    "a list of completed Surveys or DataFrames",
    "give all completed data sets in one list",
)


@dataclass(frozen=True, eq=False)
class Pooled:
    """What tests of several pooled coefficients need.

    Attributes
    ----------
    within, between
        Shape (p, p): the mean covariance of the coefficients on the design, and that between the data sets.
    complete
        The degrees of freedom if no answer were missing.
    count
        The number of data sets.
    """

    within: Floats
    between: Floats
    complete: float
    count: int

    def test(self, b: Floats, used: NDArray[np.bool_]) -> tuple[float, float]:
        """Return the statistic D1 of the coefficients b among those used, and its denominator's df.

        The covariance between few data sets is poorly known, so it is taken to be proportional to that
        within: D1 = b' U^-1 b / (k (1 + r)), r = (1 + 1/m) tr(B U^-1) / k, with the degrees of freedom of
        Reiter (2007); NaN where these do not exist.
        """
        block = np.ix_(used, used)
        scale = np.sqrt(np.diag(self.within[block]))
        within, between = (part[block] / np.outer(scale, scale) for part in (self.within, self.between))
        more = (1 + 1 / self.count) * float(np.trace(np.linalg.solve(within, between))) / len(b)
        z = b / scale
        value = float(z @ np.linalg.solve(within, z)) / (len(b) * (1 + more))
        return value, reiter_df(more, len(b) * (self.count - 1), self.complete)


def pool(results: Sequence[Result]) -> Result:
    """Pool the analyses of several completed data sets by Rubin's rules.

    Parameters
    ----------
    results
        The same `Estimate`, or the same `Fit`, of each data set in which missing answers were imputed.

    Returns
    -------
    Estimate or Fit
        The mean of the estimates; the covariance U + (1 + 1/m) B, U the mean covariance on the design and B
        that between the data sets; degrees of freedom of Barnard and Rubin (1999) from those of the design.

    Raises
    ------
    DataError
        Fewer than two results; results of other statistics, rows, respondents or formulas; a result that is
        pooled already.

    Notes
    -----
    With lambda = (1 + 1/m) B / T and nu the degrees of freedom of the complete data, df = 1 / (1/nu_m +
    1/nu_obs), nu_m = (m - 1) / lambda^2 and nu_obs = (nu + 1) / (nu + 3) nu (1 - lambda). Estimates and
    covariance match ``MIcombine`` of R's mitools, which ignores the design's degrees of freedom unless they
    are given to it; the degrees of freedom are those of R's mice. If one data set is analysed as if its
    imputed answers were real, standard errors are silently too small. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sets = [pd.DataFrame({"trust": [1.0, 2.0, 3.0, last]}) for last in (4.0, 5.0, 6.0)]
    >>> own = tk.pool([tk.mean(tk.Design(frame), "trust") for frame in sets])
    >>> own.estimate.tolist(), own.se.round(3).tolist(), own.df.round(2).tolist()
    ([2.75], [0.924], [1.79])
    """
    accepts(results=(results, RESULTS))
    first = results[0]
    if isinstance(first, Fit):
        fits = results
        _refuse_different(fits, lambda fit: fit.formula, "formulas")
        _refuse_different(fits, lambda fit: fit.method, "models")
        coefficients = _pooled([fit.coefficients for fit in fits])
        dispersion = float(np.mean([fit.dispersion for fit in fits]))
        within, between = _within_and_between([fit.coefficients for fit in fits])
        pooled = Pooled(within, between, min(float(fit.df.min()) for fit in fits), len(fits))
        return replace(first, coefficients=coefficients, dispersion=dispersion, model=pooled)
    return _pooled(results)


def with_imputations(
    surveys: Sequence[Completed],
    design_of: Callable[[Completed], Design],
    analysis: Callable[[Design], Result],
) -> Result:
    """Make the design and the analysis in each completed data set, and pool the results.

    Parameters
    ----------
    surveys
        The completed data sets.
    design_of
        Makes the design of one of them, with its weighting: ``lambda survey: tk.rake(tk.Design(survey,
        weights="w"), targets)``. Weights are then made anew in each data set, as imputed answers may be
        weighted on.
    analysis
        Makes an `Estimate` or a `Fit` of a design.

    Returns
    -------
    Estimate or Fit
        As `pool`.

    Raises
    ------
    DataError
        As `pool`; or a function that fails.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sets = [pd.DataFrame({"trust": [1.0, 2.0, 3.0, last]}) for last in (4.0, 5.0, 6.0)]
    >>> tk.with_imputations(sets, tk.Design, lambda design: tk.mean(design, "trust")).estimate.tolist()
    [2.75]
    """
    accepts(surveys=(surveys, SURVEYS), design_of=(design_of, FUNCTION), analysis=(analysis, FUNCTION))
    results = []
    for survey in surveys:
        design = called(
            design_of, survey, name="design_of", do="it takes a completed data set, and returns a Design"
        )
        results.append(
            called(
                analysis, design, name="analysis", do="it takes a Design, and returns an Estimate or a Fit"
            )
        )
    return pool(cast("Sequence[Result]", results))


def _pooled(results: Sequence[Estimate]) -> Estimate:
    """Pool estimates with the same rows."""
    first, count = results[0], len(results)
    if count < FEWEST:
        raise DataError(
            "pooling needs the results of at least two completed data sets", got=str(count),
            do="impute several times: one set can't show how much the imputed answers vary",
        )  # fmt: skip
    if any(note.startswith(POOLED) for result in results for note in result.notes):
        raise DataError("a result is pooled already", do="pool the results of single data sets")
    _refuse_different(results, lambda result: result.statistic, "statistics")
    _refuse_different(results, lambda result: ", ".join(dict.fromkeys(result.units)), "units")
    _refuse_different(results, lambda result: result.base, "bases")
    _refuse_different(results, lambda result: result.ci, "intervals")
    _refuse_different(results, lambda result: f"{result.conf:g}", "coverages")
    _refuse_different(results, lambda result: result.keys.astype(str).to_csv(index=False), "rows")
    _refuse_different(results, lambda result: str(result.n.tolist()), "numbers of respondents")
    values = np.array([result.estimate for result in results])
    within, between = _within_and_between(results)
    total = within + (1 + 1 / count) * between
    complete = np.min([result.df for result in results], axis=0)
    spread, own = np.diag(total), (1 + 1 / count) * np.diag(between)
    share = np.divide(own, spread, out=np.zeros(len(own)), where=spread > 0)
    numbers = Numbers(
        keys=first.keys,
        value=values.mean(axis=0),
        vcov=total,
        n=first.n,
        df=barnard_rubin_df(share, complete, count),
        reasons=first.reasons,
        unit=first.units,
    )
    return estimate_of(
        numbers,
        statistic=first.statistic,
        base=first.base,
        conf=first.conf,
        ci=cast("Any", "t" if first.ci == "Woodruff" else first.ci),
        notes=(*_notes_of(results), *_notes(float(share.max(initial=0.0)), count)),
        caveats=first.caveats.joined(*(result.caveats for result in results[1:])),
        labels=first.labels,
        counted=first.counted,
    )


def _within_and_between(results: Sequence[Estimate]) -> tuple[Floats, Floats]:
    """Return the mean covariance of estimates, and the covariance between the data sets."""
    within = np.mean([result.vcov for result in results], axis=0)
    return within, np.atleast_2d(np.cov([result.estimate for result in results], rowvar=False))


def _notes_of(results: Sequence[Estimate]) -> list[str]:
    """Return the notes of all results together; one that differs between them tells whose it is."""
    shared = set.intersection(*(set(result.notes) for result in results))
    own = [
        f"Of completed data set {place} of {len(results)} alone: {note}"
        for place, result in enumerate(results, 1)
        for note in result.notes
        if note not in shared
    ]
    return [*(note for note in results[0].notes if note in shared), *own]


def barnard_rubin_df(share: Floats, complete: Floats, count: int) -> Floats:
    """Return the degrees of freedom of pooled estimates.

    Parameters
    ----------
    share
        Shape (m,): the share of the variance that comes from missing answers, lambda.
    complete
        Shape (m,): the degrees of freedom if no answer were missing; may be infinite.
    count
        The number of data sets.

    Examples
    --------
    >>> barnard_rubin_df(np.array([0.0223878169961]), np.array([193.0]), 5).round(6).tolist()
    [182.483569]
    """
    known = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * (1 - share))
    with np.errstate(divide="ignore"):
        df: Floats = 1 / (share**2 / (count - 1) + 1 / known)
    return np.where(known > 0, df, 0.0)


def reiter_df(more: float, spread_df: int, complete: float) -> float:
    """Return the denominator's degrees of freedom of the test of several pooled coefficients.

    Parameters
    ----------
    more
        By how much missing answers enlarge the variance, r, averaged over the coefficients.
    spread_df
        k (m - 1), for k coefficients and m data sets.
    complete
        The degrees of freedom if no answer were missing; may be infinite.

    Notes
    -----
    Reiter (2007, doi:10.1093/biomet/asm028); for infinite ``complete`` those of Li, Raghunathan and Rubin
    (1991). Matches ``testConstraints`` of R's mitml. NaN if ``spread_df`` is 4 or less, or if ``complete`` is
    too small for the approximation.

    Examples
    --------
    >>> round(reiter_df(0.0, 8, 100.0), 4) == round(101 / 103 * 100, 4)
    True
    """
    if spread_df <= 4:  # noqa: PLR2004
        return np.nan
    if np.isinf(complete):
        return 4 + (spread_df - 4) * (1 + (1 - 2 / spread_df) / more) ** 2 if more else np.inf
    known = (complete + 1) / (complete + 3) * complete
    a = more * spread_df / (spread_df - 2)
    less_two, less_four = known - 2 * (1 + a), known - 4 * (1 + a)
    if less_four <= 0:
        return np.nan
    z = 1 / less_four + (
        a**2 * less_two / ((1 + a) ** 2 * less_four)
        + 8 * a**2 * less_two / ((1 + a) * less_four**2)
        + 4 * a**2 / ((1 + a) * less_four)
        + 4 * a**2 / (less_four * less_two)
        + 16 * a**2 * less_two / less_four**3
        + 8 * a**2 / less_four**2
    ) / (spread_df - 4)
    return 4 + 1 / z


def _notes(share: float, count: int) -> list[str]:
    """Return what a reader must know about the imputations."""
    needed = int(np.ceil(1 + 0.5 * (share / STABLE) ** 2))
    notes = [
        f"{POOLED}{count} completed data sets; up to {share:.1%} of the variance comes from missing answers."
    ]
    if count < FEW:
        notes.append("There are fewer than five data sets, so the variance between them is poorly known.")
    if count < needed:
        more = f"about {needed} data sets would give standard errors that hardly depend on the imputations"
        notes.append(f"By the rule of von Hippel (2020), {more}.")
    return notes


def _refuse_different(results: Sequence[Result], part: Callable[[Result], str], what: str) -> None:
    """Refuse results that differ in a part."""
    found = list(dict.fromkeys(part(result) for result in results))
    if len(found) > 1:
        raise DataError(
            f"the results have different {what}", where="results",
            got=" and ".join(" ".join(text.split())[:80] for text in found[:2]),
            do="make the same analysis of the same respondents in each completed data set",
        )  # fmt: skip
