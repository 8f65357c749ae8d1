"""The reliability of a scale, with an interval from the design."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import NAMES, accepts_estimator, one_of
from trustkit.display import show_number
from trustkit.estimation.intervals import check_conf, t_interval
from trustkit.estimation.results import Numbers, estimate_of
from trustkit.scales.coefficients import COEFFICIENTS, ReliabilityMethod, general_share
from trustkit.scales.scale_answers import TWO, ScaleAnswers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

OF_TWO = "Alpha of two items is too low if they do not measure the same thing equally well."
"""The note on alpha of two items."""

OF_MODEL = "One factor was fitted by maximum likelihood; the denominator is the variance by that model."
"""The note on coefficients of a factor."""

OF_GENERAL = (
    "Three group factors were fitted by maximum likelihood and rotated by oblimin; another rotation gives "
    "another value. The denominator is the observed variance."
)
"""The note on the general factor."""


def reliability(
    design: Design,
    items: str | Sequence[str],
    *,
    method: ReliabilityMethod = "alpha",
    where: Where = None,
    conf: float = 0.95,
) -> Estimate:
    """Estimate how reliably several items measure one thing, with an interval that knows the design.

    Parameters
    ----------
    design
        The design. Its rows are in memory.
    items
        A battery's name (`Variable.set`), or its k variables. Answers count as the codebook scores them,
        reversed items turned around, as in `trustkit.score`.
    method
        ``alpha`` (Cronbach's), ``standardized_alpha`` (of the correlations), ``lambda6`` (Guttman's),
        ``omega`` (McDonald's, one factor), ``omega_hierarchical`` (the part of a general factor above three
        group factors; nine items or more), ``composite_reliability`` (omega of standardized loadings), or
        ``average_variance_extracted`` (the mean squared standardized loading).
    where
        As in `trustkit.proportion`.
    conf
        The coverage of the interval.

    Returns
    -------
    Estimate
        One row, whose ``statistic`` is the method. Respondents who have no answer to an item are left out,
        and a note counts them.

    Raises
    ------
    DataError
        No such battery or item, fewer than two items (three for those with a factor), an item that does not
        vary or has no scores, a sum of items that does not vary, items that can be computed from others, an
        item that the factor explains wholly, or a general factor that is not identified: fewer than nine
        items, or a group factor with fewer than two.

    Notes
    -----
    All methods are functions of the items' weighted covariance S. alpha is k / (k - 1) (1 - trace S / 1'S1);
    lambda6 is 1 - sum of 1 / (S^-1)_jj over 1'S1; omega is (sum of loadings)^2 over the same plus the sum of
    unique variances. omega_hierarchical is of three factors by maximum likelihood, turned by oblimin, and a
    general factor above them (Schmid and Leiman 1957; Zinbarg and others 2005): (sum of general loadings)^2
    over 1'S1, as psych's ``omega`` with ``fm="ml"``, which standardizes the items first.

    The variance comes from the influence of each row on S (PSU totals, calibration residuals); replicates
    estimate again. The interval is a t interval of log(1 - coefficient), converted back. alpha equals R
    survey's ``svycralpha``, which has no standard error, and psych's ``alpha`` with listwise deletion; omega
    that of ``factanal``. Textbook intervals (Feldt's, as pingouin's) assume normal, parallel items and a
    simple random sample, and are too narrow otherwise. With some ten PSUs whose people are much alike, this
    interval is too narrow, too. psych's lambda 6 is of the correlations. Formulas: `docs/maths.md`.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> answers = pd.DataFrame({"a": [1, 2, 4, 5, 3], "b": [2, 2, 5, 4, 3], "c": [1, 3, 5, 5, 2]})
    >>> scale = tk.reliability(tk.Design(answers), ["a", "b", "c"])
    >>> scale.to_frame()[["estimate", "ci_low", "ci_high"]].round(2)
       estimate  ci_low  ci_high
    0      0.94    0.82     0.98
    """
    accepts_estimator(
        design, None, where, conf, items=(items, NAMES), method=(method, one_of(ReliabilityMethod))
    )
    check_conf(conf)
    answers = ScaleAnswers.of(design, items, where)
    coefficient, names = COEFFICIENTS[method], answers.names
    covariance = answers.moments[1]
    value, slope = coefficient(covariance, names)

    def refit(weights: Floats) -> Floats:
        repeated = answers.covariance(weights)
        if method == "omega_hierarchical":  # its derivative takes a fit for each covariance
            return np.array([general_share(repeated, names)])
        return np.array([coefficient(repeated, names)[0]])

    vcov = answers.vcov(answers.influences([slope]), refit)
    held = answers.held(1)
    low, high = interval_below_one(np.array([value]), np.sqrt(np.diag(vcov)), held.df, conf)
    variable = items if isinstance(items, str) else ", ".join(names)
    numbers = Numbers(
        keys=pd.DataFrame({"variable": [variable], "level": [""]}),
        value=np.array([value]),
        vcov=vcov,
        n=np.array([answers.n]),
        held=(held,),
        unit="number",
    )
    by_factor = method in ("omega", "composite_reliability", "average_variance_extracted")
    notes = [*answers.notes, *opposed(design, names, covariance)]
    if len(names) == TWO and method == "alpha":
        notes.append(OF_TWO)
    if by_factor:
        notes.append(OF_MODEL)
    if method == "omega_hierarchical":
        notes.append(OF_GENERAL)
    return estimate_of(
        numbers,
        statistic=method.replace("_", " "),
        base=answers.base,
        conf=conf,
        limits=(low, high),
        notes=tuple(notes),
        caveats=design.caveats_about(*names),
        labels={variable: design.codebook.sets.get(variable) or f"Scale of {len(names)} items"},
    )


def interval_below_one(value: Floats, se: Floats, df: Floats, conf: float) -> tuple[Floats, Floats]:
    """Return t intervals of log(1 - value), converted back, so that they end below 1.

    Examples
    --------
    >>> low, high = interval_below_one(np.array([0.7]), np.array([0.01]), np.array([60.0]), 0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.6793], [0.7194])
    """
    inside = np.where(value < 1, 1 - value, np.nan)
    low, high = t_interval(np.log(inside), se / inside, df, conf)
    return 1 - np.exp(high), 1 - np.exp(low)


def opposed(design: Design, names: Sequence[str], covariance: Floats) -> list[str]:
    """Return a note that names the items that go down where the other items go up."""
    scale = np.sqrt(np.diag(covariance))
    rest = covariance.sum(axis=1) - np.diag(covariance)
    spread = covariance.sum() - 2 * covariance.sum(axis=1) + np.diag(covariance)
    against = np.flatnonzero(rest < 0).tolist()
    if len(names) == TWO:
        against = against[:1]
    notes = []
    for place in against:
        sum_of_rest = np.sqrt(max(float(spread[place]), np.finfo(float).tiny))
        r = show_number(float(rest[place] / (scale[place] * sum_of_rest)))
        called = design.called(names[place])
        notes.append(
            f"{called} correlates negatively ({r}) with the sum of the other items. If its answers run the "
            "other way, say so in the codebook (reverse: true)."
        )
    return notes
