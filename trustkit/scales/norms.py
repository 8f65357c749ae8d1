"""Estimates less a published norm of an instrument."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import ESTIMATE, TEXT, accepts
from trustkit.errors import DataError
from trustkit.estimation.results import shifted
from trustkit.published_scales.registry import instrument as instrument_named
from trustkit.units import difference_unit

if TYPE_CHECKING:
    from trustkit.estimation.results import Estimate

DIFFERENCES = {"mean": "difference of means", "proportion": "difference of shares"}
"""What an estimate of each kind less a norm is."""

EXACT = "The norm is taken as exact: the sampling error of its own survey is not in the intervals."
"""The note on a norm whose standard error is not known."""


def compare_norm(estimate: Estimate, instrument: str, norm: str) -> Estimate:
    """Return how far estimates are from a published norm.

    Parameters
    ----------
    estimate
        A `mean` of scores on the instrument's range, or a `proportion` of one answer if the norm is a share.
    instrument
        An instrument of `trustkit.instruments`.
    norm
        The name of one of its norms (`Instrument.norms`), which was read at a source.

    Returns
    -------
    Estimate
        Each estimate less the norm, with its standard error and interval; the notes name the norm's
        population, year, weighting and source.

    Raises
    ------
    DataError
        No such instrument or norm, an estimate of another statistic than the norm's, or shares of several
        answers.

    Notes
    -----
    A norm is of the population and mode that its notes name. A difference from it may come from the mode,
    the wording or the year as well as from the respondents.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> police = tk.mean(tk.Design(pd.DataFrame({"police": [7.0, 9.0, 4.0, 8.0]})), "police")
    >>> tk.compare_norm(police, "ess_political", "police Finland 2020-22").estimate.round(2).tolist()
    [-0.31]
    """
    accepts(estimate=(estimate, ESTIMATE), instrument=(instrument, TEXT), norm=(norm, TEXT))
    found = instrument_named(instrument).norm(norm)
    if estimate.statistic != found.statistic:
        raise DataError(
            "the estimate and the norm are of different statistics",
            got=estimate.statistic, expected=found.statistic,
            do=f"estimate it with tk.{found.statistic}",
        )  # fmt: skip
    levels = list(dict.fromkeys(map(str, estimate.keys["level"])))
    if found.statistic == "proportion" and len(levels) > 1:
        raise DataError(
            "the norm is the share of one answer, and the estimate has several",
            got=f"{len(levels)} answers: {', '.join(levels)}", expected="one answer",
            do="name it: tk.proportion(design, variable, level=...)",
        )  # fmt: skip
    what = found.subscale or "all items"
    size = "" if found.n is None else f", n = {found.n:,}"
    weighting = f", {found.weighting}" if found.weighting else ""
    about = (
        f"The norm is {found.value:g} ({what}; {found.population}, {found.year}{size}{weighting}; "
        f"{found.source})."
    )
    moved = shifted(estimate, np.full(len(estimate.estimate), -found.value))
    return replace(
        moved,
        statistic=DIFFERENCES[found.statistic],
        units=tuple(map(difference_unit, estimate.units)),
        notes=(*estimate.notes, about, EXACT),
    )
