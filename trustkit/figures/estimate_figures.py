"""Figures of estimates: dots with intervals, bars of answers, funnels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import ESTIMATE, TEXT, WHOLE, accepts, one_of
from trustkit.display import show_share
from trustkit.errors import DataError
from trustkit.estimation.consent_rates import CONVERSION
from trustkit.estimation.results import counts_in_rows
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.house_style import ink_on
from trustkit.figures.lettering import height_of
from trustkit.figures.paper import EDGE, SIZE, Axis, Key
from trustkit.figures.row_labels import (
    RowOrder,
    counted_in,
    name_rows,
    nested_rows,
    note_of,
    number_columns,
    scale_of,
    shown,
    units_in,
    with_minus,
    words_at,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.estimation.results import Estimate
    from trustkit.figures.paper import Paper


BarOrder = Literal["codebook", "total"]
Colours = Literal["scale", "kinds"]
Align = Literal["left", "middle"]

MOST_COLOURS = 4
"""How many groups may share a row, each in its own colour."""


def dot_interval(
    estimate: Estimate,
    *,
    title: str,
    order: RowOrder = "codebook",
    axis: Axis = "whole",
) -> DataFigure:
    """Draw each estimate as a dot on its interval.

    Where the estimate has two ``by`` variables and the second has up to four groups, the rows are the groups
    of the first, and those of the second stand in each row, each in its own colour. With more groups, each
    group of the second is a panel with the groups of the first as its rows; all panels share one axis. Rows
    that also differ by answers or definitions stand under their group, question or class.

    Parameters
    ----------
    estimate
        Any `Estimate`; each of its rows is drawn.
    title
        The headline: what the chart shows, or its message.
    order
        ``"codebook"``: rows as they come. ``"estimate"``: from the largest to the smallest.
    axis
        ``"whole"``: shares from 0 to 100 percent; other numbers from 0 if that costs little room.
        ``"data"``: no longer than the numbers need.

    Returns
    -------
    DataFigure
        Shares are drawn in percent. An axis that does not start at 0 is marked by two strokes and says so.

    Raises
    ------
    DataError
        If there is nothing to draw, or if there are too many rows for a chart.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes"], "sex": ["m", "f", "f"]})
    >>> found = tk.proportion(tk.Design(frame), "trust", level="yes")
    >>> tk.dot_interval(found, title="Trust").table["n"].tolist()
    ['3']
    """
    accepts(
        estimate=(estimate, ESTIMATE),
        title=(title, TEXT),
        order=(order, one_of(RowOrder)),
        axis=(axis, one_of(Axis)),
    )
    frame = estimate.to_frame()
    heads, names, shared = name_rows(estimate)
    share = estimate.unit == "share"
    frame = frame.assign(**heads, row=names)
    pair = _pair(estimate)
    if not pair or frame[pair[1]].nunique() > MOST_COLOURS:
        frame, pair = _in_panels(estimate, frame, pair), []
    panels = "panel" in frame
    if order == "estimate":
        largest = (
            frame.groupby(pair[0], sort=False)["estimate"].transform("max") if pair else frame["estimate"]
        )
        panel = pd.factorize(frame["panel"])[0] if panels else np.zeros(len(frame), dtype=int)
        frame = frame.iloc[np.lexsort((-largest.to_numpy(), panel))]
    table = pd.DataFrame(
        {**{name: list(frame[name]) for name in heads}, **number_columns(estimate, frame, estimate.statistic)}
    )
    data = frame.drop(
        columns=[
            "row",
            *(["panel"] if panels else []),
            *(name for name in heads if name not in estimate.keys),
        ]
    )
    numbers = scale_of(estimate) * frame[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    if not np.isfinite(numbers[:, 0]).any():
        raise DataError(
            "none of the estimates is a number, so there is nothing to draw", where="dot_interval"
        )
    places = frame.index.tolist()
    said = [
        with_minus(shown(estimate, value, row)) for row, value in zip(places, frame["estimate"], strict=True)
    ]
    rows = list(dict.fromkeys(frame[pair[0]])) if pair else list(frame["row"])
    groups = list(dict.fromkeys(frame[pair[1]])) if pair else []

    def draw(paper: Paper) -> None:
        place = paper.rows(
            [str(row) for row in rows], mark=0.19 * len(groups) or 0.18,
            groups=list(frame["panel"]) if panels else (),
        )  # fmt: skip
        low, high = float(np.nanmin(numbers[:, :2])), float(np.nanmax(numbers[:, [0, 2]]))
        room = 0.12 + max(map(paper.wide, said))
        if share and axis == "whole":
            # The labels may reach past 100%, where the axis ends.
            free = (1 - high / 100) * (paper.width - paper.left)
            room = max(room - free, 0.0) / max(high / 100, 0.1)
            low, high = 0.0, 100.0
        paper.scale(
            low, high, words=words_at(estimate), room=room, zero="near" if axis == "whole" else "never"
        )
        if pair:
            spot = place[[rows.index(row) for row in frame[pair[0]]]]
            kind = np.array([groups.index(group) for group in frame[pair[1]]])
            spot = spot + 0.19 * (kind - (len(groups) - 1) / 2)
            paper.keys = [Key(str(group), "dot", paper.style.strong(k)) for k, group in enumerate(groups)]
        else:
            spot, kind = place, np.zeros(len(frame), dtype=int)
        for k in range(max(len(groups), 1)):
            here = kind == k
            colour = paper.style.strong(k) if pair else paper.style.accent
            paper.dots(spot[here], *numbers[here].T, colour=colour)
        for y, text, (middle, _, end) in zip(spot, said, numbers, strict=True):
            if np.isfinite(middle):
                x = max(middle, end) if np.isfinite(end) else middle
                paper.axes.annotate(text, (x, y), (6, 0), textcoords="offset points", va="center")

    counted = tuple(
        replace(one, is_sorted=order == "estimate") for one in counted_in(estimate, frame, len(heads))
    )
    return DataFigure(
        title, note_of(estimate, shared), data, table, draw, counted=counted, caveats=estimate.caveats,
        units=units_in(estimate, frame),
    )  # fmt: skip


def _in_panels(estimate: Estimate, frame: pd.DataFrame, pair: Sequence[str]) -> pd.DataFrame:
    """Return the rows of a pair's second variable together, or of the first of other keys, as ``panel``."""
    if pair:
        frame = frame.iloc[np.argsort(pd.factorize(frame[pair[1]])[0], kind="stable")]
        return frame.assign(row=frame[pair[0]].astype(str), panel=frame[pair[1]].astype(str))
    groups, names = nested_rows(estimate)
    return frame.assign(row=names, panel=groups) if groups else frame


def _pair(estimate: Estimate) -> list[str]:
    """Return the two ``by`` variables that rows and colours or panels show, or nothing."""
    keys = estimate.keys
    varying = [str(name) for name in keys if len(set(keys[name])) > 1]
    if len(varying) != 2 or {"variable", "level", "counted", "stage"} & set(varying):  # noqa: PLR2004
        return []
    return [] if keys.duplicated(varying).any() else varying


def likert_bars(
    estimate: Estimate,
    *,
    title: str,
    colours: Colours = "scale",
    order: BarOrder = "codebook",
    totals: int = 0,
    align: Align = "left",
) -> DataFigure:
    """Draw the answers to a battery, or of domains, as bars stacked to 100%.

    Parameters
    ----------
    estimate
        A `proportion` of all answers, of several variables with the same answers or by domain.
    title
        The headline: what the chart shows, or its message.
    colours
        ``"scale"``: answers in order, from one end of a scale to the other. ``"kinds"``: without order.
    order
        ``"codebook"``: bars as they come. ``"total"``: from the largest to the smallest total at the upper
        end of the scale.
    totals
        How many answers at each end of the scale are added up and written beside the bars: 2 for "a lot" and
        "completely". ``order="total"`` without it takes half of the answers.
    align
        ``"left"``: bars start at 0. ``"middle"``: the middle of the scale stands on one line, so that bars
        reach further to the side that more people chose.

    Returns
    -------
    DataFigure
        One bar for each variable or domain, in percent.

    Raises
    ------
    DataError
        If the rows don't share one list of answers, or ``totals`` takes more than all of them.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"banks": ["low", "high", "low"], "shops": ["low", "low", "high"]})
    >>> estimate = tk.proportion(tk.Design(frame), ["banks", "shops"])
    >>> tk.likert_bars(estimate, title="Trust").table.shape
    (2, 4)
    >>> list(tk.likert_bars(estimate, title="Trust", totals=1).table)
    ['question', 'high', 'low', 'high (total)', 'low (total)', 'n']
    """
    accepts(
        estimate=(estimate, ESTIMATE),
        title=(title, TEXT),
        colours=(colours, one_of(Colours)),
        order=(order, one_of(BarOrder)),
        totals=(totals, WHOLE),
        align=(align, one_of(Align)),
    )
    frame = estimate.to_frame()
    levels = [str(level) for level in dict.fromkeys(frame["level"])]
    bars = len(estimate.keys.drop(columns="level").drop_duplicates())
    if list(frame["level"].astype(str)) != levels * bars:
        raise DataError("the bars must share one list of answers", got=f"{len(levels)} different answers")
    if not 0 <= 2 * totals <= len(levels):
        raise DataError(
            "there are not enough answers for these totals",
            where="totals",
            got=f"{totals} at each end of {len(levels)} answers",
            expected=f"0 to {len(levels) // 2}",
        )
    heads, names, shared = name_rows(estimate, every=len(levels))
    shares = 100 * frame["estimate"].to_numpy().reshape(-1, len(levels))
    counts = frame["n"].to_numpy()[:: len(levels)]
    half = totals or len(levels) // 2
    lower, upper = shares[:, :half].sum(axis=1), shares[:, len(levels) - half :].sum(axis=1)
    rows = np.argsort(-upper, kind="stable") if order == "total" else np.arange(bars)
    names, shares, counts, lower, upper = (
        [names[k] for k in rows],
        *(part[rows] for part in (shares, counts, lower, upper)),
    )
    ends = (" + ".join(levels[:half]), " + ".join(levels[len(levels) - half :]))
    table = pd.DataFrame(
        {
            **{name: [cells[k] for k in rows] for name, cells in heads.items()},
            **{level: [show_share(v / 100) for v in shares[:, k]] for k, level in enumerate(levels)},
            **(
                {f"{end} (total)": [show_share(v / 100) for v in part]
                 for end, part in zip(ends, (lower, upper), strict=True)}
                if totals else {}
            ),
            "n": [f"{count:,}" for count in counts],
        }
    )  # fmt: skip

    def draw(paper: Paper) -> None:
        fills = (
            paper.style.shades(len(levels))
            if colours == "scale"
            else [paper.style.kind(k) for k in range(len(levels))]
        )
        place = paper.rows(names, mark=0.25, gap=0.09)
        starts = np.cumsum(shares, axis=1) - shares
        if align == "middle":
            starts = starts - _middle(shares)[:, None]
        low, high = (0.0, 100.0) if align == "left" else (starts.min(), (starts + shares).max())
        if totals:
            _draw_totals(paper, place, (lower, upper), ends, (fills[0], fills[-1]))
        paper.axes.set_xlim(low, high)
        per_inch = paper.across / (high - low)
        for k, level in enumerate(levels):
            paper.axes.barh(place, shares[:, k], left=starts[:, k], color=fills[k], height=0.25)
            paper.keys.append(Key(level, "square", fills[k]))
            for x, y, share in zip(starts[:, k], place, shares[:, k], strict=True):
                if share * per_inch >= paper.wide(f"{share:.0f}") + 0.03:
                    paper.axes.text(
                        x + share / 2, y, f"{share:.0f}", ha="center", va="center", color=ink_on(fills[k])
                    )
        if align == "middle":
            paper.axes.vlines(
                np.zeros(bars), place - 0.19, place + 0.19, color=paper.style.muted, linewidth=1, zorder=0.5
            )
            paper.axes.spines["bottom"].set_visible(False)
        paper.numbers("%")
        paper.axes.grid(visible=False)
        if align == "middle":
            paper.name_unit("percent")
            paper.axes.set_xticks([])
            paper.below -= 0.24

    bars_counted = _counts_in_bars(estimate, rows.tolist(), len(levels), len(heads), half if totals else 0)
    counted = tuple(replace(one, is_sorted=order == "total") for one in bars_counted)
    return DataFigure(
        title,
        note_of(estimate, shared),
        frame,
        table,
        draw,
        counted=counted,
        caveats=estimate.caveats,
        units=estimate.units,
    )


def _counts_in_bars(
    estimate: Estimate, bars: Sequence[int], levels: int, first: int, half: int
) -> tuple[Counted, ...]:
    """Return the respondents behind bars of several answers, one bar in each row of the table.

    Parameters
    ----------
    estimate
        The estimate.
    bars
        The bar in each row.
    levels, first
        How many answers a bar has, and the column of the first one.
    half
        How many answers at each end are added up in columns of their own; a total of which a part is hidden
        would give it away.
    """
    row_of = {bar: row for row, bar in enumerate(bars)}

    def cells(row: int) -> list[tuple[int, int]]:
        bar, level = divmod(row, levels)
        ends = [level < half, level >= levels - half] if half else []
        columns = [level, *(levels + end for end, inside in enumerate(ends) if inside)]
        return [(row_of[bar], first + column) for column in columns]

    last = first + levels + (2 if half else 0)
    return counts_in_rows(estimate, cells, lambda row: [(row_of[row // levels], last)])


def _middle(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where the middle of the scale is in each bar: between two answers, or halfway in one."""
    count = shares.shape[1]
    before = shares[:, : count // 2].sum(axis=1)
    half: NDArray[np.float64] = before + (shares[:, count // 2] / 2 if count % 2 else 0)
    return half


def _draw_totals(
    paper: Paper,
    place: NDArray[np.float64],
    totals: tuple[NDArray[np.float64], NDArray[np.float64]],
    names: tuple[str, str],
    colours: tuple[str, str],
) -> None:
    """Write the totals of both ends of the scale beside the bars."""
    column = 0.16 + paper.wide("100%", weight="bold")
    paper.left += column
    if not paper.is_narrow:
        paper.axes.tick_params(axis="y", pad=72 * column + 3)
    paper.right = max(paper.right, column + 0.1)
    room = max(0.3 * paper.width, column)
    heads: list[Sequence[str]] = [paper.lines(name, room) for name in names]
    for values, x, side, colour, lines in zip(
        totals, (0.0, 1.0), ("right", "left"), colours, heads, strict=True
    ):
        shift = -7 if side == "right" else 7
        for y, value in zip(place, values, strict=True):
            paper.axes.annotate(
                f"{value:.0f}%", (x, y), (shift, 0), xycoords=("axes fraction", "data"), ha=side,
                textcoords="offset points", va="center", fontweight="bold", color=colour,
            )  # fmt: skip
        end = (EDGE - paper.left if x == 0 else paper.right - EDGE) / paper.across + x
        paper.axes.text(
            end, -0.06, "\n".join(lines), transform=paper.axes.get_yaxis_transform(), va="bottom",
            ha="left" if x == 0 else "right", color=colour, linespacing=1.15,
        )  # fmt: skip
    paper.above += 0.08 + height_of(max(map(len, heads)), SIZE)


def funnel(estimate: Estimate, *, title: str) -> DataFigure:
    """Draw the stages of a consent funnel as narrowing bars.

    Parameters
    ----------
    estimate
        A `consent_funnel`.
    title
        The headline: what the chart shows, or its message.

    Returns
    -------
    DataFigure
        One bar for each stage, in percent of those who enter. Each stage also says which share of the stage
        before it reaches.

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
    >>> tk.funnel(found, title="Consent").table[["stage", "share", "of the stage before"]]
           stage  share of the stage before
    0  Was asked  66.7%                   -
    """
    accepts(estimate=(estimate, ESTIMATE), title=(title, TEXT))
    frame = estimate.to_frame()
    if "stage" not in frame:
        raise DataError("a funnel needs stages", got=", ".join(frame.columns), do="use consent_funnel")
    if (frame["variable"] == CONVERSION).any():
        raise DataError(
            "a funnel is drawn of those who enter, and shows the conversion rates itself",
            got="conversion rates", do="leave out of='stage before', or draw them with dot_interval",
        )  # fmt: skip
    share, low, high = (100 * frame[name].to_numpy() for name in ("estimate", "ci_low", "ci_high"))
    names = list(frame["stage"])
    before = np.array([np.nan, *share[:-1]])
    reached = np.divide(share, before, out=np.full(len(share), np.nan), where=before > 0)
    rows = [
        f"{name}\n{show_share(part)} of the stage before" if np.isfinite(part) else name
        for name, part in zip(names, reached, strict=True)
    ]

    def draw(paper: Paper) -> None:
        style = paper.style
        said = [f"{x:.1f}%" for x in share]
        place = paper.rows(rows, mark=0.27, gap=0.13)
        paper.right = max(paper.right, 0.2 + max(map(paper.wide, said)))
        paper.axes.barh(place, np.full(len(frame), 100.0), color=style.faded(style.ink, 0.07), height=0.27)
        paper.axes.barh(place, share, color=style.accent, height=0.27)
        paper.axes.hlines(place, low, high, color=style.ground, linewidth=3.4)
        paper.axes.hlines(place, low, high, color=style.ink, linewidth=1.4)
        for x, y, text in zip(np.fmax(share, high), place, said, strict=True):
            if np.isfinite(x):
                paper.axes.annotate(text, (x, y), (5, 0), textcoords="offset points", va="center")
        paper.axes.set_xlim(0, 100)
        paper.numbers("%")
        paper.name_unit("share of those who enter")
        paper.axes.grid(visible=False)

    table = pd.DataFrame(
        {
            "stage": names,
            **number_columns(estimate, frame, "share"),
            "of the stage before": [show_share(part) for part in reached],
        }
    )
    counted = counts_in_rows(
        estimate,
        lambda row: [
            (row + more, column) for more in (0, 1) if row + more < len(table) for column in (1, 2, 4)
        ],
        lambda row: [(row, 3)],
    )
    return DataFigure(
        title, note_of(estimate), frame, table, draw, counted=counted, caveats=estimate.caveats,
        units=estimate.units,
    )  # fmt: skip
