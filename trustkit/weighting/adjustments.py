"""Adjusting weights without population margins: trim, normalize, nonresponse, propensity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, DESIGN_OR_FRAME, NAMES, OPTIONAL_NUMBER, WHERE, accepts, one_of
from trustkit.design.coded import coded_variable
from trustkit.design.design import Design
from trustkit.design.opt_in import in_words
from trustkit.design.sums import compact, cross, group_totals
from trustkit.design.weight_history import (
    CROSSED,
    MARGIN_COLUMNS,
    UNMET,
    Spread,
    WeightStep,
)
from trustkit.errors import (
    DataError,
    DesignError,
    Faults,
    without_value,
)
from trustkit.survey.where import condition, rows_where
from trustkit.weighting.propensity import propensity_odds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]
    Ints = NDArray[np.intp]

Relative = Literal["mean", "median", "absolute"]
Redistribute = Literal["strict", "once"]

MOST_PASSES = 10_000
"""Strict trimming gives up after this many passes. Each pass moves the excess to the other weights."""

TRIMMED = 1e-12
"""A weight may exceed its limit by this fraction; at the end it is cut to the limit itself."""

AS_GIVEN = "Standard errors treat these weights as given"


def trim(
    design: Design,
    upper: float | None = None,
    *,
    lower: float | None = None,
    relative_to: Relative = "mean",
    redistribute: Redistribute = "strict",
) -> Design:
    """Cut weights to limits and share the excess among the others, so that the total stays the same.

    Parameters
    ----------
    design
        The design.
    upper, lower
        The limits; None is no limit.
    relative_to
        The limits are multiples of the ``mean`` weight (default) or of the ``median``, or ``absolute``.
    redistribute
        ``"strict"``: repeat until no weight is beyond a limit. ``"once"``: cut once; the excess that is
        shared may move other weights beyond a limit.

    Returns
    -------
    Design
        The weights no longer meet the margins they met before, so variances treat them as given: to meet the
        margins, rake again after trimming. Weights of zero stay zero.

    Raises
    ------
    DesignError
        No limit, limits that cross, or limits that no weights with the same total can keep.

    Notes
    -----
    The excess is shared equally among the weights inside the limits. Matches R survey's
    ``trimWeights`` with ``strict`` TRUE and FALSE. Trimming trades variance for bias: Potter 1990, A study
    of procedures to identify and trim extreme sampling weights (Proceedings of the ASA's Section on
    Survey Research Methods, 225-230).

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"w": [1.0, 1.0, 2.0, 8.0]})
    >>> tk.trim(tk.Design(frame, weights="w"), 1.5).weights.round(4).tolist()
    [2.1667, 2.1667, 3.1667, 4.5]
    """
    accepts(
        design=(design, DESIGN),
        upper=(upper, OPTIONAL_NUMBER),
        lower=(lower, OPTIONAL_NUMBER),
        relative_to=(relative_to, one_of(Relative)),
        redistribute=(redistribute, one_of(Redistribute)),
    )
    used = design.weights > 0
    weights = design.weights[used]
    unit = {"mean": float(weights.mean()), "median": float(np.median(weights)), "absolute": 1.0}[relative_to]
    low = -np.inf if lower is None else lower * unit
    high = np.inf if upper is None else upper * unit
    if lower is None and upper is None:
        raise DesignError("trimming needs a limit", where="trim", do="pass upper, lower or both")
    if not low <= weights.mean() <= high or low >= high:
        raise DesignError(
            "no weights with the same total can keep these limits", where="trim",
            got=f"limits {low:g} to {high:g}",
            expected=f"limits on both sides of the mean weight, {weights.mean():g}",
        )  # fmt: skip
    trimmed = _trimmed(weights, low, high, redistribute)
    values = np.zeros(len(design.weights))
    values[used] = trimmed
    unit_words = "" if relative_to == "absolute" else f" times the {relative_to}"
    limits = [f"at least {lower:g}"] if lower is not None else []
    limits += [f"at most {upper:g}"] if upper is not None else []
    changed = float(((weights < low) | (weights > high)).mean())
    step = adjustment_step(
        design, "trim", f"{' and '.join(limits)}{unit_words}", values, notes=(), changed=changed
    )
    return design.reweighted(values, step, reason="extreme weights")


def normalize(design: Design, total: float | None = None) -> Design:
    """Scale the weights to a total; shares, means and their variances stay as they are.

    Parameters
    ----------
    design
        The design.
    total
        The new sum of the weights; None: the number of respondents with a positive weight.

    Raises
    ------
    DesignError
        A total that is not positive.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"w": [1.0, 3.0]})
    >>> tk.normalize(tk.Design(frame, weights="w")).weights.tolist()
    [0.5, 1.5]
    """
    accepts(design=(design, DESIGN), total=(total, OPTIONAL_NUMBER))
    new_total = float((design.weights > 0).sum()) if total is None else float(total)
    if not (np.isfinite(new_total) and new_total > 0):
        raise DesignError(
            "the total must be positive", where="normalize", got=f"{new_total:g}",
            do="give the sum that the weights shall have, such as a population size",
        )  # fmt: skip
    weights = design.weights * (new_total / design.weights.sum())
    step = adjustment_step(
        design, "normalize", f"to a sum of {new_total:,.10g}", weights, notes=(), given=False
    )
    return design.reweighted(weights, step, reason="another unit", calibration=design.calibration)


def adjust_nonresponse(design: Design, responded: Where, cells: Sequence[str]) -> Design:
    """Move the weights of nonrespondents to the respondents of the same cell.

    Parameters
    ----------
    design
        The design of everyone who was sampled, including nonrespondents.
    responded
        Who responded: ``{variable: level or levels}``, or a boolean Series.
    cells
        Variables that are known for respondents and nonrespondents; the cells are their combinations.

    Returns
    -------
    Design
        Nonrespondents have weight zero and stay in the design. Variances treat the weights as given.

    Raises
    ------
    DesignError
        With every error: a cell in which nobody responded, a missing value of a cell's variable.

    Notes
    -----
    w = d times the cell's sum of d over its respondents' sum of d (Oh and Scheuren 1983). Unbiased if, within
    a cell, who responds doesn't depend on the answer.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"area": ["a", "a", "b", "b"], "done": ["yes", "no", "yes", "yes"]})
    >>> tk.adjust_nonresponse(tk.Design(frame), {"done": "yes"}, ["area"]).weights.tolist()
    [2.0, 0.0, 1.0, 1.0]
    """
    accepts(design=(design, DESIGN), responded=(responded, WHERE), cells=(cells, NAMES))
    rows = rows_where(responded, design.data, design.variable)
    if rows is None:
        raise DesignError(
            "responded must say who responded", where="adjust_nonresponse", do="pass {variable: level}"
        )
    if isinstance(cells, str) or not cells:
        raise DesignError(
            "cells must be a list of variables", where="adjust_nonresponse", do="such as ['region', 'sex']"
        )
    faults = Faults("the nonresponse cells", DesignError)
    place, labels = _cells_of(design, cells, faults)
    size = len(labels)
    before = group_totals(place, design.weights, size)
    respondent_weights = np.where(rows, design.weights, 0.0)
    carried = group_totals(place, respondent_weights, size)
    name = CROSSED.join(cells)
    for label, sampled, responding in zip(labels, before, carried, strict=True):
        if sampled > 0 and not responding:
            faults.add(f"nobody responded in {label!r}", where=name, do="collapse it with a neighbour")
    faults.refuse()
    factors = np.divide(before, carried, out=np.zeros(size), where=carried > 0)
    weights = respondent_weights * factors[place]
    count = np.bincount(place[respondent_weights > 0], minlength=size)
    rate = float(carried.sum() / before.sum())
    margins = pd.DataFrame(
        {
            "variable": name,
            "level": labels,
            "n": count,
            "target": before / before.sum(),
            "before": carried / carried.sum(),
            "after": group_totals(place, weights, size) / weights.sum(),
        },
        columns=MARGIN_COLUMNS,
    )
    who = condition(responded, design.variable)
    notes = [f"Weighted response rate {100 * rate:.1f}%; targets are shares of everyone sampled."]
    error = float((margins["after"] - margins["target"]).abs().max())
    step = adjustment_step(
        design,
        "adjust_nonresponse",
        f"in cells of {design.called(name)}: {who}",
        weights,
        notes=notes,
        margins=margins,
        error=error,
    )
    return design.reweighted(weights, step, reason="nonresponse")


def propensity_weights(design: Design, reference: Design | pd.DataFrame, covariates: Sequence[str]) -> Design:
    """Weight a sample by the inverse of the propensity to be in it, estimated with a reference sample.

    Parameters
    ----------
    design
        The opt-in sample, usually without weights.
    reference
        The design of a probability sample of the same population, or a frame in which each row counts
        once: the population itself, or a sample of it. With a sample, only relative weights have a meaning.
    covariates
        Variables that both have. Labelled ones enter the model by level, numeric ones as numbers.

    Returns
    -------
    Design
        The design with new weights; rake it afterwards. Variances treat the weights as given.

    Raises
    ------
    DataError
        statsmodels is not installed; a covariate that one of them lacks.
    TargetsError
        With every error of the covariates: missing values, one value only, values that follow from the
        covariates before it, a level that occurs in only one of the two, no overlap of the two samples.

    Notes
    -----
    A logistic regression (statsmodels) of being in the sample, on the sample with its weights and the
    reference with its own. Its odds estimate the propensity, so w = d (1 - p) / p (Wang, Valliant and
    Li 2021, doi:10.1002/sim.9122). With all interactions this is poststratification to the reference.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> sample, people = (pd.DataFrame({"sex": list(sexes)}) for sexes in ("mff", "mmmmmmffffff"))
    >>> tk.propensity_weights(tk.Design(sample), people, ["sex"]).weights.round(6).tolist()
    [6.0, 3.0, 3.0]
    """
    accepts(design=(design, DESIGN), reference=(reference, DESIGN_OR_FRAME), covariates=(covariates, NAMES))
    other = reference if isinstance(reference, Design) else Design(reference)
    if isinstance(covariates, str) or not covariates:
        raise DataError(
            "covariates must be a list of variables",
            where="propensity_weights",
            do="such as ['age', 'sex']",
        )
    inverse_odds = design.weights / propensity_odds(design, other, covariates)
    names = in_words([design.called(name) for name in covariates])
    notes = [
        f"Reference: {int((other.weights > 0).sum()):,} respondents. The propensity model is assumed true."
    ]
    step = adjustment_step(design, "propensity_weights", f"on {names}", inverse_odds, notes=notes)
    return design.reweighted(inverse_odds, step, reason="selected itself")


def _trimmed(weights: Floats, low: float, high: float, redistribute: Redistribute) -> Floats:
    """Cut weights to limits and share the excess equally among the others."""
    for _ in range(MOST_PASSES):
        outside = (weights < low * (1 - TRIMMED)) | (weights > high * (1 + TRIMMED))
        if not outside.any():
            return weights if redistribute == "once" else np.clip(weights, low, high)
        cut = np.clip(weights, low, high)
        if outside.all():
            raise DesignError("every weight is beyond a limit", where="trim", do="widen the limits")
        cut[~outside] += (weights.sum() - cut.sum()) / (~outside).sum()
        if redistribute == "once":
            return cut
        weights = cut
    raise DesignError(f"trimming did not converge in {MOST_PASSES:,} passes", do="widen the limits")


def _cells_of(design: Design, names: Sequence[str], faults: Faults) -> tuple[Ints, list[str]]:
    """Cross variables; return each row's cell and the cells' labels."""
    place = np.zeros(len(design.weights), dtype=np.intp)
    labels = [""]
    for name in names:
        known = list(coded_variable(design, name).asked_labels)
        codes = design.codes(name, known)
        missing = (codes < 0) & (design.weights > 0)
        if missing.any():
            what = without_value(design.data.index[missing])
            faults.add(what, where=name, do="impute them, or give them a separate level")
        joint = cross(place, np.maximum(codes, 0), len(known))
        present, place = compact(joint, len(labels) * len(known))
        both = [(labels[code // len(known)], known[code % len(known)]) for code in present]
        labels = [CROSSED.join(filter(None, pair)) for pair in both]
    return place, labels


def adjustment_step(
    design: Design,
    name: str,
    rule: str,
    weights: Floats,
    *,
    notes: Sequence[str],
    given: bool = True,
    margins: pd.DataFrame | None = None,
    error: float = float("nan"),
    changed: float = float("nan"),
) -> WeightStep:
    """Return the record of a step; ``given`` says whether variances now treat the weights as given."""
    remarks = [f"{AS_GIVEN}: they leave out the uncertainty of this step."] if given else []
    if given and design.calibration is not None:
        remarks.insert(0, UNMET)
    table = pd.DataFrame(columns=MARGIN_COLUMNS) if margins is None else margins
    return WeightStep(
        name,
        rule,
        table,
        design.weights,
        Spread.of(weights),
        error,
        changed=changed,
        notes=(*notes, *remarks),
        caveats=design.caveats,
    )
