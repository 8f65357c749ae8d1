"""Figures of estimates: dots with intervals, bars of answers, funnels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import ESTIMATE, TEXT, accepts
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.estimation.results import SHARES
from trustkit.figures.data_figure import (
    ACCENT,
    FAINT,
    INK,
    KINDS,
    DataFigure,
    dots,
    height_of,
    ink,
    label_rows,
    shades,
)
from trustkit.figures.row_labels import (
    name_rows,
    note_of,
    number_columns,
    shown,
    unit_of,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trustkit.estimation.results import Estimate


def dot_interval(
    estimate: Estimate, *, title: str, order: Literal["codebook", "estimate"] = "codebook"
) -> DataFigure:
    """Draw each estimate as a dot on its interval.

    Parameters
    ----------
    estimate
        Any `Estimate`; one row is drawn for each of its rows.
    title
        What the figure shows.
    order
        ``"codebook"``: rows as they come. ``"estimate"``: from the largest to the smallest.

    Returns
    -------
    DataFigure
        Shares are drawn in percent.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes"], "sex": ["m", "f", "f"]})
    >>> found = tk.proportion(tk.Design(frame), "trust", level="yes")
    >>> tk.dot_interval(found, title="Trust").table["n"].tolist()
    ['3']
    """
    accepts(estimate=(estimate, ESTIMATE), title=(title, TEXT), order=(order, TEXT))
    frame = estimate.to_frame()
    heads, names, shared = name_rows(estimate)
    share = estimate.statistic in SHARES
    frame = frame.assign(**heads, row=names)
    if order == "estimate":
        frame = frame.sort_values("estimate", ascending=False, kind="stable")
    value, low, high = (
        (100 if share else 1) * frame[name].to_numpy() for name in ("estimate", "ci_low", "ci_high")
    )
    place = np.arange(len(frame))[::-1]

    def draw(axes: Axes) -> None:
        dots(axes, place, value, low, high)
        for x, y, number in zip(high, place, frame["estimate"], strict=True):
            axes.annotate(shown(estimate, number), (x, y), (5, 0), textcoords="offset points", va="center")
        label_rows(axes, place, list(frame["row"]), "percent" if share else unit_of(estimate))
        axes.set_xlim(right=high.max() + 0.12 * (high.max() - low.min()))

    table = pd.DataFrame(
        {
            **{name: list(frame[name]) for name in heads},
            **number_columns(estimate, frame, estimate.statistic),
        }
    )
    data = frame.drop(columns=["row", *(name for name in heads if name not in estimate.keys)])
    return DataFigure(title, note_of(estimate, shared), data, table, draw, height_of(names, least=0.29))


def likert_bars(
    estimate: Estimate, *, title: str, colours: Literal["scale", "kinds"] = "scale"
) -> DataFigure:
    """Draw the answers to a battery, or of domains, as bars stacked to 100%.

    Parameters
    ----------
    estimate
        A `proportion` of all answers, of several variables with the same answers or by domain.
    title
        What the figure shows.
    colours
        ``"scale"``: answers in order, from one end of a scale to the other. ``"kinds"``: without order.

    Returns
    -------
    DataFigure
        One bar for each variable or domain, in percent.

    Raises
    ------
    DataError
        If the rows don't share one list of answers.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"banks": ["low", "high", "low"], "shops": ["low", "low", "high"]})
    >>> tk.likert_bars(tk.proportion(tk.Design(frame), ["banks", "shops"]), title="Trust").table.shape
    (2, 4)
    """
    accepts(estimate=(estimate, ESTIMATE), title=(title, TEXT), colours=(colours, TEXT))
    frame = estimate.to_frame()
    levels = list(dict.fromkeys(frame["level"]))
    bars = len(estimate.keys.drop(columns="level").drop_duplicates())
    if list(frame["level"]) != levels * bars:
        raise DataError("the bars must share one list of answers", got=f"{len(levels)} different answers")
    heads, names, shared = name_rows(estimate, every=len(levels))
    shares = 100 * frame["estimate"].to_numpy().reshape(-1, len(levels))
    fills = shades(len(levels)) if colours == "scale" else [KINDS[k % len(KINDS)] for k in range(len(levels))]
    place = np.arange(len(names))[::-1]
    starts = np.cumsum(shares, axis=1) - shares
    enough = 3.5

    def draw(axes: Axes) -> None:
        for k, level in enumerate(levels):
            axes.barh(place, shares[:, k], left=starts[:, k], color=fills[k], label=level, height=0.74)
            for x, y, share in zip(starts[:, k], place, shares[:, k], strict=True):
                if share >= enough:
                    middle = x + share / 2
                    axes.text(middle, y, f"{share:.0f}", ha="center", va="center", color=ink(fills[k]))
        label_rows(axes, place, names, "percent")
        axes.set_xlim(0, 100)
        axes.grid(visible=False)
        axes.figure.legend(
            loc="outside upper left",
            ncols=len(levels) if sum(len(level) + 5 for level in levels) < 105 else 3,  # noqa: PLR2004
            frameon=False,
            handlelength=1.0,
            handleheight=1.0,
            columnspacing=1.4,
        )

    table = pd.DataFrame(
        {
            **heads,
            **{level: [show_share(v / 100) for v in shares[:, k]] for k, level in enumerate(levels)},
            "n": [f"{count:,}" for count in frame["n"].to_numpy()[:: len(levels)]],
        }
    )
    return DataFigure(
        title, note_of(estimate, shared), frame, table, draw, 0.3 + height_of(names, least=0.32)
    )


def funnel(estimate: Estimate, *, title: str) -> DataFigure:
    """Draw the stages of a consent funnel as narrowing bars.

    Parameters
    ----------
    estimate
        A `consent_funnel`.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One bar for each stage, in percent of those who enter.

    Raises
    ------
    DataError
        If the estimate has no stages.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"asked": ["yes", "yes", "no"]})
    >>> found = tk.consent_funnel(tk.Design(frame), {"Was asked": {"asked": "yes"}})
    >>> tk.funnel(found, title="Consent").table.shape
    (1, 4)
    """
    accepts(estimate=(estimate, ESTIMATE), title=(title, TEXT))
    frame = estimate.to_frame()
    if "stage" not in frame:
        raise DataError("a funnel needs stages", got=", ".join(frame.columns), do="use consent_funnel")
    share, low, high = (100 * frame[name].to_numpy() for name in ("estimate", "ci_low", "ci_high"))
    place = np.arange(len(frame))[::-1]
    names = list(frame["stage"])

    def draw(axes: Axes) -> None:
        axes.barh(place, np.full(len(frame), 100.0), color=FAINT, height=0.7)
        axes.barh(place, share, color=ACCENT, height=0.7)
        axes.hlines(place, low, high, color=INK, linewidth=1.4)
        for x, y, end in zip(share, place, high, strict=True):
            inside = end > 88  # noqa: PLR2004
            axes.text(
                x - 4 if inside else end + 1, y, f"{x:.1f}%", va="center",
                ha="right" if inside else "left", color="white" if inside else INK,
            )  # fmt: skip
        label_rows(axes, place, names, "percent of those who enter")
        axes.set_xlim(0, 100)
        axes.grid(visible=False)

    table = pd.DataFrame(
        {
            "stage": names,
            **number_columns(estimate, frame, "share"),
        }
    )
    return DataFigure(title, note_of(estimate), frame, table, draw, height_of(names, least=0.44))
