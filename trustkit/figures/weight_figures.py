"""Figures of weighting: what it did to the margins of the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.arguments import SUMMARY, TEXT, accepts
from trustkit.counted import NOTES, counted_rows
from trustkit.design.weight_history import MEAN, counted_margins
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.paper import AxisWords, Key

if TYPE_CHECKING:
    from trustkit.figures.paper import Paper
    from trustkit.weighting.summary import WeightSummary


def weight_shift(summary: WeightSummary, *, title: str) -> DataFigure:
    """Draw each margin's levels before and after weighting, and where they should be.

    Parameters
    ----------
    summary
        What `weight_summary` returns.
    title
        The headline: what the chart shows, or its message.

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
    heads["variable"] = [summary.labels.get(name, name) for name in heads["variable"]]
    heads = heads.rename(columns={name: summary.labels.get(name, name) for name in domains})
    names = heads["level"].tolist()
    groups = [", ".join(parts) for parts in heads.drop(columns="level").itertuples(index=False, name=None)]
    share = {name: 100 * levels[name].to_numpy(dtype=float) for name in ("before", "after", "target")}

    def draw(paper: Paper) -> None:
        style = paper.style
        place = paper.rows(names, groups=groups, gap=0.09)
        paper.scale(
            0, max(part.max() for part in share.values()), zero="always",
            words=AxisWords("share of the sum of weights", sign="%"),
        )  # fmt: skip
        arrow = style.faded(style.accent, 0.5)
        paper.axes.hlines(place, share["before"], share["after"], color=arrow, linewidth=1.6)
        paper.axes.plot(
            share["before"], place, "o", markersize=6.5, markerfacecolor=style.ground,
            markeredgecolor=style.muted,
        )  # fmt: skip
        paper.axes.plot(share["after"], place, "o", color=style.accent, markersize=6.5)
        paper.axes.plot(share["target"], place, "|", color=style.contrast, markersize=14, markeredgewidth=1.6)
        paper.keys = [
            Key("before", "ring", style.muted),
            Key("after", "dot", style.accent),
            Key("target", "tick", style.contrast),
        ]

    table = heads.reset_index(drop=True).assign(
        n=[f"{count:,}" for count in levels["n"]],
        **{name: [show_share(value) for value in levels[name]] for name in ("target", "before", "after")},
    )
    cost = f"Kish design effect {summary.deff:.2f}, effective n {summary.n_eff:,.0f}."
    note = " ".join([f"n = {summary.spread.n:,}.", cost, *summary.notes, *summary.caveats.sentences])
    whole = counted_rows([title], [summary.spread.n], lambda _: [(NOTES, 0)])
    counted = (*counted_margins(levels, table.shape[1]), whole)
    return DataFigure(title, note, levels, table, draw, counted=counted, caveats=summary.caveats)
