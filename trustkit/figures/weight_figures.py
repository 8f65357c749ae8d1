"""Figures of weighting: what it did to the margins of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import SUMMARY, TEXT, accepts
from trustkit.design.weight_history import MEAN
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.figures.data_figure import (
    ACCENT,
    CONTRAST,
    MUTED,
    DataFigure,
    height_of,
    label_rows,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trustkit.weighting.summary import WeightSummary


def weight_shift(summary: WeightSummary, *, title: str) -> DataFigure:
    """Draw each margin's levels before and after weighting, and where they should be.

    Parameters
    ----------
    summary
        What `weight_summary` returns.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One row for each level, in percent; means of numeric variables stand in the summary's table only.

    Raises
    ------
    DataError
        If the weights were made to meet no margin of shares.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"sex": ["m", "f", "f", "f"]})
    >>> summary = tk.weight_summary(tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}}))
    >>> tk.weight_shift(summary, title="Sex").table["before"].tolist()
    ['25.0%', '75.0%']
    """
    accepts(summary=(summary, SUMMARY), title=(title, TEXT))
    levels = summary.levels[summary.levels["level"] != MEAN]
    if levels.empty:
        raise DataError("no margin of shares was weighted to", do="rake, poststratify or calibrate first")
    domains = list(levels.columns[: list(levels.columns).index("variable")])
    heads = levels[[*domains, "variable", "level"]].astype(str)
    names = [", ".join(parts) for parts in heads.itertuples(index=False, name=None)]
    place = np.arange(len(levels))[::-1]
    share = {name: 100 * levels[name].to_numpy(dtype=float) for name in ("before", "after", "target")}

    def draw(axes: Axes) -> None:
        axes.hlines(place, share["before"], share["after"], color=ACCENT, linewidth=1.6, alpha=0.5)
        axes.plot(
            share["target"], place, "|", color=CONTRAST, markersize=15, markeredgewidth=2, label="target"
        )
        axes.plot(
            share["before"], place, "o", markersize=6.5, markerfacecolor="white", markeredgecolor=MUTED,
            label="before",
        )  # fmt: skip
        axes.plot(share["after"], place, "o", color=ACCENT, markersize=6.5, label="after")
        label_rows(axes, place, names, "percent of the sum of weights")
        axes.set_xlim(left=0)
        axes.figure.legend(loc="outside upper left", ncols=3, frameon=False)

    table = heads.reset_index(drop=True).assign(
        n=[f"{count:,}" for count in levels["n"]],
        **{name: [show_share(value) for value in levels[name]] for name in ("target", "before", "after")},
    )
    cost = f"Kish design effect {summary.deff:.2f}, effective n {summary.n_eff:,.0f}."
    note = " ".join([f"n = {summary.spread.n:,}.", cost, *summary.notes, *summary.caveats.sentences])
    return DataFigure(title, note, levels, table, draw, 0.3 + height_of(names, least=0.27))
