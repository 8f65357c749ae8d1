"""Weighting to a population: rake, poststratify, calibrate; each `Design -> Design`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.arguments import BOUNDS, DESIGN, OPTIONAL_NAME, POSITIVE_WHOLE, TARGETS, accepts, one_of
from trustkit.design.opt_in import in_words, margins_of
from trustkit.design.sums import (
    Cells,
    compact,
    cross,
    group_totals,
    replicate_sums,
)
from trustkit.design.variance import Calibration
from trustkit.design.weight_history import Spread, WeightStep
from trustkit.errors import Faults, TargetsError
from trustkit.weighting.fitting import (
    TOLERANCE,
    CalibrationMethod,
    fit_calibration,
    fit_margins,
)
from trustkit.weighting.matching import match
from trustkit.weighting.targets import targets_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.design.replicates import ReplicateWeights
    from trustkit.weighting.fitting import Fit
    from trustkit.weighting.matching import Population
    from trustkit.weighting.targets import Targets, TargetsLike

    Floats = NDArray[np.float64]

Variance = Literal["final", "base"]

UNBOUNDED = (-np.inf, np.inf)


def rake(
    design: Design,
    targets: TargetsLike,
    *,
    by: str | None = None,
    variance: Variance = "base",
    max_iterations: int = 1000,
) -> Design:
    """Rake the weights until every margin meets its target.

    Parameters
    ----------
    design
        The design, with its base weights.
    targets
        One of:

        - ``{variable: {level: share or count}}``. A joint margin is named ``"age x sex"`` or
          ``("age", "sex")``, its levels nested, ``{"young": {"m": ...}}``, or ``("young", "m")``; or a
          pandas Series.
        - a frame with the columns variable, level and target (or ``share``, or ``count``); or a frame
          with the variables of one joint margin and one of these columns. The columns ``source`` and
          ``date`` are optional.
        - the path of a YAML or CSV file (`trustkit.read_targets`), or `trustkit.targets_of` a reference.

        Margins given as shares, or as percentages that sum to 100, keep the sum of the base weights. Sums,
        counts of several margins, and a joint margin beside the margin of one of its variables may differ
        by 0.5% of the total, as rounded figures do: they are rescaled, with a note in the history.
    by
        A variable whose levels have separate margins: ``{level: {variable: {...}}}``, or a column of that
        name in the frame. Shares keep each level's sum of weights; to change it, rake to the variable
        itself afterwards.
    variance
        The variance comes from the residuals of a regression on the margins, with these weights: ``"base"``
        (default; as R survey's ``calibrate`` with ``calfun = "raking"``) or ``"final"`` (not in R), whose
        variance is too small if weights are extreme. The raked weights are the same. In the simulation of
        `docs/maths.md`, raked jackknife replicates came closest to the true variance:
        ``rake(replicate(design, "JK1"), targets)``.
    max_iterations
        Passes over the margins before giving up.

    Returns
    -------
    Design
        With new weights, variances that include the effect of raking, and a `WeightStep` at the end of
        ``history``. Replicate weights are raked one by one.

    Raises
    ------
    TargetsError
        With every error in the targets: unknown variables and levels, levels without respondents or
        without a target, shares that don't sum to one, totals that disagree, missing values in a margin
        variable; or if raking does not converge.

    Notes
    -----
    Iterative proportional fitting (Deming and Stephan 1940, doi:10.1214/aoms/1177731829) on the
    cross-classification of the margins, so the rows are read only once. Ends when
    the largest ``|margin - target| / total`` is at most 1e-8. The weights match R survey's ``rake`` and
    its ``calibrate(calfun = "raking")``; standard errors with ``variance="base"`` match ``calibrate``. R's
    ``rake`` has the same ones, to about 1e-5, if base weights are equal or the design has replicate weights;
    otherwise it subtracts unweighted level means, which is another regression.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"], "yes": [1.0, 0.0, 1.0, 0.0]})
    >>> raked = tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}})
    >>> raked.weights.round(4).tolist()
    [2.0, 0.6667, 0.6667, 0.6667]
    """
    accepts(
        design=(design, DESIGN),
        targets=(targets, TARGETS),
        by=(by, OPTIONAL_NAME),
        variance=(variance, one_of(Variance)),
        max_iterations=(max_iterations, POSITIVE_WHOLE),
    )
    population = _population(design, targets, by)
    if population.numbers:
        raise TargetsError(
            "rake accepts margins of levels only",
            got=", ".join(one.margin.words for one in population.numbers),
            do="use calibrate for totals and means of numeric variables",
        )
    places, totals = population.places()

    def fit(mass: Floats) -> Fit:
        fitted = fit_margins(mass, places, totals, max_iterations)
        if not fitted.converged:
            margin, level = fitted.worst
            one, error = population.margins[margin], fitted.error.max()
            levels, kinds = sum(map(len, totals)), mass.shape[1]
            raise TargetsError(
                "raking did not converge",
                where=f"{one.margin.words}: {one.labels[level]!r}",
                got=f"largest error {error:.2g} of the total after {fitted.iterations} iterations",
                expected=f"at most {TOLERANCE:.0e}",
                do="collapse levels or drop a margin: margins may contradict each other, "
                f"and {kinds:,} kinds of respondents must meet {levels:,} levels",
            )
        return fitted

    return _weighted(design, population, fit, "rake", variance)


def poststratify(
    design: Design, targets: TargetsLike, *, by: str | None = None, variance: Variance = "base"
) -> Design:
    """Make the weights meet one margin, or one joint margin, exactly.

    Parameters
    ----------
    design
        The design, with its base weights.
    targets
        As in `trustkit.rake`, with one margin: ``{"age x sex": {"young": {"m": ..., "f": ...}, ...}}``.
    by, variance
        As in `trustkit.rake`.

    Raises
    ------
    TargetsError
        As `trustkit.rake`; also for several margins, and for a cell without respondents.

    Notes
    -----
    w = d N_c / sum of d in cell c (Holt and Smith 1979, doi:10.2307/2344652). Matches R survey's
    ``postStratify``.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> tk.poststratify(tk.Design(frame), {"sex": {"m": 30, "f": 60}}).weights.tolist()
    [30.0, 20.0, 20.0, 20.0]
    """
    accepts(
        design=(design, DESIGN),
        targets=(targets, TARGETS),
        by=(by, OPTIONAL_NAME),
        variance=(variance, one_of(Variance)),
    )
    population = _population(design, targets, by)
    names = list(dict.fromkeys(margin.name for margin in population.targets.margins))
    if len(names) > 1 or population.numbers:
        raise TargetsError(
            "poststratify accepts one margin",
            got=", ".join(names),
            do="cross the variables, such as 'age x sex', or use rake",
        )
    places, totals = population.places()

    def fit(mass: Floats) -> Fit:
        fitted = fit_margins(mass, places, totals, 1)
        return replace(fitted, iterations=1)

    return _weighted(design, population, fit, "poststratify", variance)


def calibrate(
    design: Design,
    targets: TargetsLike,
    *,
    method: CalibrationMethod = "raking",
    bounds: tuple[float | None, float | None] = (None, None),
    by: str | None = None,
    variance: Variance = "base",
    max_iterations: int = 100,
) -> Design:
    """Calibrate the weights to margins and to totals or means of numeric variables.

    Parameters
    ----------
    design
        The design, with its base weights.
    targets
        As in `trustkit.rake`. A numeric variable has its total, ``{"income": 5.2e9}``, or its mean,
        ``{"income": {"mean": 31_000}}``; in a frame the level is the word total or mean.
    method
        How a weight's factor g follows from u, a linear combination of the variables: ``"raking"``
        g = exp(u), never negative; ``"linear"`` g = 1 + u, which may need bounds; ``"logit"``, which
        moves smoothly between the bounds it needs.
    bounds
        Smallest and largest g, of final over base weight; None is no bound.
    by, variance
        As in `trustkit.rake`.
    max_iterations
        Newton steps before giving up.

    Returns
    -------
    Design
        As `trustkit.rake` does.

    Raises
    ------
    TargetsError
        As `trustkit.rake`; a bound that keeps a level from its total; a mean or total that can't be reached;
        linear weights below zero.

    Notes
    -----
    Deville and Sarndal 1992, doi:10.1080/01621459.1992.10475217; Deville, Sarndal and Sautory 1993,
    doi:10.1080/01621459.1993.10476369. Matches R survey's ``calibrate`` with ``calfun`` linear, raking
    and logit.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f"], "age": [30.0, 40.0, 60.0]})
    >>> calibrated = tk.calibrate(tk.Design(frame), {"sex": {"m": 5, "f": 10}, "age": {"mean": 45}})
    >>> calibrated.weights.round(3).tolist()
    [5.0, 3.75, 6.25]
    """
    accepts(
        design=(design, DESIGN),
        method=(method, one_of(CalibrationMethod)),
        bounds=(bounds, BOUNDS),
        targets=(targets, TARGETS),
        by=(by, OPTIONAL_NAME),
        variance=(variance, one_of(Variance)),
        max_iterations=(max_iterations, POSITIVE_WHOLE),
    )
    low, high = _bounds(method, bounds)
    population = _population(design, targets, by)
    _refuse_bounds(population, low, high)
    auxiliaries = population.auxiliaries()
    totals, scale = population.totals()

    def fit_one(mass: Floats) -> Fit:
        fitted = fit_calibration(
            mass, auxiliaries, totals, scale, method=method, bounds=(low, high), max_iterations=max_iterations
        )
        if not fitted.converged:
            where, got, expected = population.missed(fitted.worst[1], mass * fitted.factors)
            bound = f" with g in {low:g} to {high:g}" if np.isfinite([low, high]).any() else ""
            raise TargetsError(
                f"calibration can't meet its targets{bound}",
                where=where,
                got=f"{got} after {fitted.iterations} iterations",
                expected=expected,
                do="widen the bounds, collapse levels, or drop a target",
            )
        if (fitted.factors < 0).any():
            rows = int(population.count[fitted.factors < 0].sum())
            raise TargetsError(
                f"linear calibration makes {rows:,} weights negative",
                do="pass bounds=(0, None), or use method='raking'",
            )
        return fitted

    def fit(mass: Floats) -> Fit:
        fits = [fit_one(one) for one in mass]
        return replace(
            fits[0],
            factors=np.array([one.factors for one in fits]),
            error=np.array([float(one.error[0]) for one in fits]),
        )

    return _weighted(design, population, fit, "calibrate", variance, method)


def _bounds(method: CalibrationMethod, bounds: tuple[float | None, float | None]) -> tuple[float, float]:
    """Return the bounds as numbers; refuse bounds that leave no room around 1."""
    low, high = (
        none if given is None else float(given) for given, none in zip(bounds, UNBOUNDED, strict=True)
    )
    if method == "logit" and not np.isfinite([low, high]).all():
        raise TargetsError("the logit method needs two bounds", do="pass bounds, such as bounds=(0.3, 3)")
    if not low < 1 < high:
        raise TargetsError(
            "bounds must leave room on both sides of 1", where="bounds", got=f"{low:g} to {high:g}",
            expected="the smallest g below 1, the largest above",
        )  # fmt: skip
    return low, high


def _refuse_bounds(population: Population, low: float, high: float) -> None:
    """Refuse levels that can't reach their total even with every weight at a bound."""
    faults = Faults("the bounds", TargetsError)
    for one in population.margins:
        mass = np.bincount(one.place, population.mass, len(one.labels) + 1)[:-1]
        for label, has, total in zip(one.labels, mass, one.totals, strict=True):
            for bound, out in ((low, total < low * has), (high, total > high * has)):
                if has and out:
                    faults.add(
                        f"{label!r} needs weights {total / has:.4g} times the base weights, "
                        f"beyond the bound {bound:g}",
                        where=one.margin.words,
                        do="widen it, or collapse the level",
                    )
    faults.refuse()


def _population(design: Design, targets: TargetsLike, by: str | None) -> Population:
    """Read and match the targets."""
    return match(design, targets_from(targets, by))


def _weighted(
    design: Design,
    population: Population,
    fit: Callable[[Floats], Fit],
    step: str,
    variance: Variance,
    method: str = "",
) -> Design:
    """Fit the weights and each set of replicate weights, and record the step."""
    fitted = fit(population.mass[None])
    factors = fitted.factors[0]
    weights = design.weights * factors[population.cells]
    regression = weights if variance == "final" else design.weights
    calibration = Calibration.of(population.auxiliaries(), regression, design.calibration)
    targets = population.targets
    record = WeightStep(
        step,
        _rule(design, targets, method),
        population.frame(factors),
        design.weights,
        Spread.of(weights),
        float(fitted.error[0]),
        fitted.iterations,
        source=targets.source,
        date=targets.date,
        notes=(*targets.notes, *population.notes),
    )
    record = replace(record, caveats=design.caveats_with(*margins_of([record])))
    return design.reweighted(
        weights,
        record,
        reason="weighted to the population",
        calibration=calibration,
        replicates=_refitted(design, population, fit, factors),
    )


def _refitted(
    design: Design, population: Population, fit: Callable[[Floats], Fit], factors: Floats
) -> ReplicateWeights | None:
    """Fit each set of replicate weights to the totals; ``factors`` belong to the full weights."""
    replicates = design.replicates
    if replicates is None:
        return None
    size = len(population.mass)
    if replicates.multipliers is None:
        rows = replicates.rows(design.weights, None)
        mass = replicate_sums(Cells(population.cells, size), rows)[:, :, 0]
        again = _fitted(population, fit, mass)
        return replace(replicates, weights=rows * again.T[population.cells])
    groups = replicates.groups if replicates.groups is not None else design.first_stage.groups
    pairs, place = compact(cross(groups, population.cells, size), len(replicates.multipliers) * size)
    multipliers = replicates.multipliers[pairs // size]
    replicate_mass = group_totals(place, design.weights, len(pairs))[:, None] * multipliers
    mass = replicate_sums(Cells(pairs % size, size), replicate_mass)[:, :, 0]
    again = _fitted(population, fit, mass)
    relative = np.divide(again, factors, out=np.zeros_like(again), where=factors > 0)
    return replace(replicates, multipliers=multipliers * relative.T[pairs % size], groups=place)


def _fitted(population: Population, fit: Callable[[Floats], Fit], mass: Floats) -> Floats:
    """Return the cells' factors of each set of replicate weights, shape (R, A)."""
    for one in population.margins:
        sums = np.array([np.bincount(one.place, each, len(one.labels) + 1)[:-1] for each in mass])
        empty = (sums == 0) & (one.totals > 0)
        if empty.any():
            replicate, level = np.argwhere(empty)[0]
            raise TargetsError(
                f"{empty.any(axis=1).sum():,} replicates have no respondents in a level with a target",
                where=f"{one.margin.words}: {one.labels[level]!r}",
                got=f"first in replicate {replicate + 1}",
                do="collapse the level with a neighbour",
            )
    return fit(mass).factors


def _rule(design: Design, targets: Targets, method: str) -> str:
    """Return in words which targets the weights meet."""
    names = in_words(list(dict.fromkeys(design.called(margin.name) for margin in targets.margins)))
    domains = f" by {design.called(targets.by)}" if targets.by else ""
    return f"to {names}{domains}{f', {method}' if method else ''}"
