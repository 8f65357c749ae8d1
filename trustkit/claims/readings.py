"""What a claim says computed from a design: one estimate for each kind of statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.errors import ClaimError
from trustkit.estimation.contrasts import contrast
from trustkit.estimation.domains import Domains
from trustkit.estimation.estimates import mean, mean_parts, proportion, ratio, ratio_part
from trustkit.estimation.net_scores import answers_together, net, top_box
from trustkit.estimation.precision import margin_of_error
from trustkit.estimation.quantiles import quantile
from trustkit.estimation.results import Estimate
from trustkit.survey.quoted_cells import suggest_answer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.claims.claims import Reading
    from trustkit.design.design import Design
    from trustkit.estimation.assembly import Part

PERCENT = 100.0


def scale_of(reading: Reading) -> float:
    """Return the factor from an estimate to the unit of the published figure: 100 for shares, in percent.

    Examples
    --------
    >>> import trustkit as tk
    >>> scale_of(tk.Reading("trust", "No")), scale_of(tk.Reading("age", statistic="mean"))
    (100.0, 1.0)
    """
    return PERCENT if reading.unit in ("%", "points") and reading.statistic != "margin of error" else 1.0


def recompute(reading: Reading, design: Design) -> Estimate:
    """Return the estimate that a reading of a claim describes: one row.

    Raises
    ------
    ClaimError
        If the reading lacks what its statistic needs.

    Examples
    --------
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no", "yes", "no"], "sex": ["m", "m", "f", "f"]}))
    >>> reading = tk.Reading("trust", "yes", statistic="difference", by="sex", groups=("f", "m"))
    >>> recompute(reading, design).estimate.tolist()
    [0.0]
    """
    if reading.lacks:
        what, do = reading.lacks[0]
        raise ClaimError(what, where=f"the {reading.statistic} of {reading.variable or 'a claim'}", do=do)
    name, where = reading.variable, reading.where
    if reading.statistic == "margin of error":
        return _margin(design)
    if reading.statistic == "ratio":
        return ratio(design, name, reading.denominator, where=where)
    if reading.statistic == "quantile":
        return quantile(design, name, [reading.quantile], where=where)
    if reading.statistic == "net":
        return net(
            design,
            name,
            plus=list(reading.answers),
            minus=list(reading.minus),
            where=where,
            base=reading.base,
        )
    if reading.statistic == "difference":
        first, second = reading.groups
        return contrast(_level(reading, design, by=reading.by), {first: 1.0, second: -1.0})
    return _level(reading, design)


def linear_part(reading: Reading, design: Design) -> tuple[Part, NDArray[np.float64]]:
    """Return the estimates that a reading is a weighted sum of, before their variance, and the weights.

    Raises
    ------
    ClaimError
        If the reading is a quantile or a margin of error, which are no sums of what each row adds, or lacks
        what its statistic needs.
    """
    if reading.lacks:
        what, do = reading.lacks[0]
        raise ClaimError(what, where=f"the {reading.statistic} of {reading.variable or 'a claim'}", do=do)
    if reading.statistic in ("quantile", "margin of error"):
        raise ClaimError(
            f"a {reading.statistic} has no covariance between choices", do="choose a share, mean or ratio"
        )
    name, by, where = reading.variable, reading.by or None, reading.where
    if reading.statistic == "ratio":
        part = ratio_part(design, name, reading.denominator, None, where)
    elif reading.answers:
        minus = reading.minus if reading.statistic == "net" else ()
        weights = dict.fromkeys(reading.answers, 1.0) | dict.fromkeys(minus, -1.0)
        domains = Domains.of(design, by if reading.statistic == "difference" else None, where, reading.base)
        part, _ = answers_together(design, name, weights, "", domains)
    else:
        part = mean_parts(design, name, by if reading.statistic == "difference" else None, where)[0]
    if reading.statistic != "difference":
        return part, np.ones(len(part.n))
    return part, _signs(reading, part, design)


def _signs(reading: Reading, part: Part, design: Design) -> NDArray[np.float64]:
    """Return 1 for the first group of a difference and -1 for the second."""
    groups = part.keys[reading.by].astype(str).tolist()
    for group in reading.groups:
        if group not in groups:
            raise ClaimError(
                f"{reading.by} has no group {group!r} with answers",
                do=suggest_answer(group, groups, design.variable(reading.by)),
            )
    return np.array([(group == reading.groups[0]) - (group == reading.groups[1]) for group in groups], float)


def _level(reading: Reading, design: Design, *, by: str | None = None) -> Estimate:
    """Return the share of the reading's answers, or the mean if it names none, by group if asked."""
    name, where = reading.variable, reading.where
    if not reading.answers:
        return mean(design, name, where=where, by=by)
    if reading.levels:
        return top_box(design, name, boxes=list(reading.levels), where=where, base=reading.base, by=by)
    return proportion(design, name, level=reading.level, where=where, base=reading.base, by=by)


def _margin(design: Design) -> Estimate:
    """Return the margin of error of the whole sample, which has no interval of its own."""
    margin = margin_of_error(design, assuming=design.caveats.assumption or "")
    none = np.full(1, np.nan)
    return Estimate(
        keys=pd.DataFrame({"variable": ["margin of error"], "level": [""]}), estimate=margin.margin,
        se=none, ci_low=none, ci_high=none, df=margin.df, n=margin.n, n_eff=margin.n_eff,
        vcov=np.full((1, 1), np.nan), statistic="margin of error", base="all respondents", ci="none",
        conf=margin.conf, units=("number",), notes=margin.notes, caveats=design.caveats,
    )  # fmt: skip
