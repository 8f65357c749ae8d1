"""Charts of differences: each group less everyone else, or any other differences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import ESTIMATE_OR_FIT, TEXT, accepts, one_of
from trustkit.errors import DataError
from trustkit.estimation.results import Estimate
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.paper import Key
from trustkit.figures.row_labels import (
    RowOrder,
    counted_in,
    name_rows,
    note_of,
    scale_of,
    units_in,
    words_at,
)
from trustkit.units import headed, point_decimals

if TYPE_CHECKING:
    from trustkit.figures.paper import Paper
    from trustkit.models.fit import Fit
    from trustkit.models.groups import GroupFits

COEFFICIENT = "coefficient"
"""The statistic of a fit whose coefficients are not exponentiated."""


def difference_dots(
    estimate: Estimate | Fit | GroupFits, *, title: str, order: RowOrder = "codebook"
) -> DataFigure:
    """Draw differences as dots on their intervals, beside a line at zero.

    A dot is filled where the interval leaves zero out, and hollow where it does not.

    Parameters
    ----------
    estimate
        What `difference_from_rest` or `change` returns, another estimate of differences, or a `Fit` or
        `GroupFits`, whose coefficients are drawn without intercepts and thresholds.
    title
        The headline: what the chart shows, or its message.
    order
        ``"codebook"``: rows as they come. ``"estimate"``: from the largest to the smallest.

    Returns
    -------
    DataFigure
        Differences of shares are drawn in percentage points.

    Raises
    ------
    DataError
        If the estimate is not of differences, or none of them is a number.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"score": [1.0, 3.0, 4.0, 6.0, 7.0, 9.0], "area": list("aabbcc")})
    >>> found = tk.difference_from_rest(tk.Design(frame), "score", by="area")
    >>> tk.difference_dots(found, title="Areas").table["difference"].tolist()
    ['-4', '0', '+4']
    """
    accepts(estimate=(estimate, ESTIMATE_OR_FIT), title=(title, TEXT), order=(order, one_of(RowOrder)))
    estimate = _drawn(estimate)
    if "difference" not in estimate.statistic and estimate.statistic not in ("contrast", COEFFICIENT):
        raise DataError(
            "the estimate is not of differences", where="difference_dots", got=estimate.statistic,
            do="make differences with tk.difference_from_rest, tk.change, tk.wave_difference or tk.contrast",
        )  # fmt: skip
    frame = estimate.to_frame()
    heads, names, shared = name_rows(estimate)
    frame = frame.assign(row=names, **heads)
    if order == "estimate":
        frame = frame.iloc[np.argsort(-frame["estimate"].to_numpy(), kind="stable")]
    smallest = float(estimate.se.min(initial=np.inf, where=estimate.se > 0))
    decimals = point_decimals(smallest) if estimate.unit == "points" else estimate.decimals
    numbers = scale_of(estimate) * frame[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    if not np.isfinite(numbers[:, 0]).any():
        raise DataError(
            "none of the differences is a number, so there is nothing to draw", where="difference_dots"
        )
    clear = (numbers[:, 1] > 0) | (numbers[:, 2] < 0)
    said = [signed(value, decimals) for value in numbers[:, 0]]

    def draw(paper: Paper) -> None:
        style = paper.style
        place = paper.rows(list(frame["row"]))
        low, high = min(np.nanmin(numbers), 0.0), max(np.nanmax(numbers), 0.0)
        paper.scale(low, high, words=words_at(estimate), room=0.12 + max(map(paper.wide, said)))
        paper.axes.axvline(0, color=style.ink, linewidth=1, zorder=1.5)
        paper.dots(place[clear], *numbers[clear].T)
        faint = place[~clear]
        paper.axes.hlines(faint, *numbers[~clear, 1:].T, color=style.faded(style.muted, 0.42), linewidth=3.2)
        paper.axes.plot(
            numbers[~clear, 0], faint, "o", markersize=6, markerfacecolor=style.ground,
            markeredgecolor=style.muted, markeredgewidth=1.4, clip_on=False,
        )  # fmt: skip
        for y, text, (middle, _, end) in zip(place, said, numbers, strict=True):
            if np.isfinite(middle):
                x = max(middle, end) if np.isfinite(end) else middle
                paper.axes.annotate(
                    text, (x, y), (6, 0), textcoords="offset points", va="center", bbox=paper.blank
                )
        paper.keys = [
            Key("the interval leaves zero out", "dot", style.accent),
            Key("it does not", "ring", style.muted),
        ]

    table = pd.DataFrame(
        {
            **{name: list(frame[name]) for name in heads},
            headed(COEFFICIENT if estimate.statistic == COEFFICIENT else "difference", estimate.units): [
                hyphened(text) for text in said
            ],
            headed(f"{estimate.conf:.0%} interval", estimate.units): [
                hyphened(f"{signed(low, decimals)} to {signed(high, decimals)}")
                if np.isfinite([low, high]).all()
                else "-"
                for low, high in numbers[:, 1:]
            ],
            "n": [f"{count:,}" for count in frame["n"]],
        }
    )
    data = frame.drop(columns=["row", *(name for name in heads if name not in estimate.keys)])
    counted = tuple(
        replace(one, is_sorted=order == "estimate") for one in counted_in(estimate, frame, len(heads))
    )
    return DataFigure(
        title, note_of(estimate, shared), data, table, draw, counted=counted, caveats=estimate.caveats,
        units=units_in(estimate, frame),
    )  # fmt: skip


def _drawn(given: Estimate | Fit | GroupFits) -> Estimate:
    """Return an estimate as it is, and of a model the coefficients of its terms."""
    if isinstance(given, Estimate):
        return given
    kept = np.array(given.term_of) >= 0
    if not kept.any():
        raise DataError(
            "the model has no coefficients of terms to draw", where="difference_dots", got=given.formula,
            do="draw a model with predictors",
        )  # fmt: skip
    own = given.coefficients
    arrays = {
        name: getattr(own, name)[kept] for name in ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff")
    }
    reasons = tuple(reason for reason, keep in zip(own.reasons, kept, strict=False) if keep)
    return replace(
        own, keys=own.keys[kept].reset_index(drop=True), vcov=own.vcov[np.ix_(kept, kept)], reasons=reasons,
        units=tuple(unit for unit, keep in zip(own.units, kept, strict=True) if keep),
        held=tuple(replace(part, rows=part.rows[kept]) for part in own.held), **arrays,
    )  # fmt: skip


def hyphened(text: str) -> str:
    """Write a text for a table, where a minus sign is a hyphen so that numbers can be copied and aligned."""
    return text.replace("\N{MINUS SIGN}", "-")


def signed(value: float, decimals: int) -> str:
    """Write a difference with its sign; zero has none.

    Examples
    --------
    >>> signed(1.26, 1), signed(-0.04, 1), hyphened(signed(-3.0, 0))
    ('+1.3', '0.0', '-3')
    """
    if not np.isfinite(value):
        return "-"
    text = f"{abs(value):.{decimals}f}"
    sign = "" if not float(text) else "+" if value > 0 else "\N{MINUS SIGN}"
    return f"{sign}{text}"
