"""The specification curve: a claim under every combination of choices, from the lowest to the highest."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from trustkit.arguments import TEXT, a_trustkit, accepts
from trustkit.claims.claims import Judgement, ends_with_unit, with_unit
from trustkit.claims.readings import scale_of
from trustkit.claims.specifications import counted_combinations
from trustkit.counted import NOTES, all_cells
from trustkit.errors import DataError
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.paper import Key, show_tick
from trustkit.headings import range_of_n

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.claims.specifications import Sensitivity
    from trustkit.figures.paper import Paper

    Floats = NDArray[np.float64]

SENSITIVITY = a_trustkit("Sensitivity", "make one with tk.sensitivity")

MOST_DRAWN = 256
"""More combinations are refused: their marks would overlap."""

PANEL = 7
"""Rows of options whose height the estimates take."""

VERDICTS: tuple[str, ...] = get_args(Judgement)
"""The verdicts in the order of the legend."""


def specification_curve(sensitivity: Sensitivity, *, title: str) -> DataFigure:
    """Draw a claim under every combination of choices, sorted, above the options that each takes.

    Parameters
    ----------
    sensitivity
        What `sensitivity` returned.
    title
        The headline: what the chart shows, or its message.

    Returns
    -------
    DataFigure
        One column for each combination: its estimate on its interval, and a mark at each option it takes.

    Raises
    ------
    DataError
        If there are too many combinations to draw.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> codes, missing = {1: "yes", 0: "no"}, {9: "don't know"}
    >>> trust = tk.Variable("trust", "Trust", "single", codes=codes, missing=missing)
    >>> frame = pd.DataFrame({"trust": [1] * 400 + [0] * 400 + [9] * 200})
    >>> survey = tk.Survey(frame, tk.Codebook({"trust": trust}))
    >>> claim = tk.Claim("half", "Half trust", 50, 0, tk.Reading("trust", "yes"))
    >>> choices = {"base": {"valid answers": {}, "everyone asked": {"base": "asked"}}}
    >>> found = tk.sensitivity(survey, claim, choices)
    >>> tk.specification_curve(found, title="Half trust").table["base"].tolist()
    ['everyone asked', 'valid answers']
    """
    accepts(sensitivity=(sensitivity, SENSITIVITY), title=(title, TEXT))
    claim, scale = sensitivity.claim, scale_of(sensitivity.claim.reading)
    count = len(sensitivity.verdicts)
    if count > MOST_DRAWN:
        raise DataError(
            "the chart has too many combinations", got=f"{count:,}", expected=f"at most {MOST_DRAWN}",
            do="show them as a table, or compute fewer choices",
        )  # fmt: skip
    full = sensitivity.to_frame()
    order = np.argsort(full["estimate"].to_numpy(), kind="stable")
    frame = full.iloc[order].reset_index(drop=True)
    reference = int(np.flatnonzero(order == 0)[0])
    numbers = scale * frame[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    options = [(choice, option) for choice, known in sensitivity.choices.items() for option in known]
    unit = {"%": "Percent", "points": "Percentage points"}.get(claim.reading.unit, "As published")
    present = [verdict for verdict in VERDICTS if verdict in set(frame["verdict"])]

    def draw(paper: Paper) -> None:
        style = paper.style
        colours = dict(zip(VERDICTS, (style.accent, style.muted, style.contrast, style.muted), strict=True))
        head = f"{unit}, on {sensitivity.estimate.conf:.0%} intervals"
        place = paper.rows(
            ["\N{NO-BREAK SPACE}"] * PANEL + [option for _, option in options], mark=0.14, gap=0.06,
            groups=[head] * PANEL + [choice for choice, _ in options],
        )  # fmt: skip
        low = min(np.nanmin(numbers), claim.published)
        high = max(np.nanmax(numbers), claim.published)
        top, bottom = place[0], place[PANEL - 1]
        step = (bottom - top) / (high - low) if high > low else 0.0

        def heights(values: Floats) -> Floats:
            down: Floats = bottom - (values - low) * step
            return down

        ticks = [
            float(tick)
            for tick in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            if low <= tick <= high
        ]
        if paper.is_narrow:
            paper.left += 0.08 + max(paper.wide(show_tick(tick)) for tick in ticks)

        x = np.arange(count, dtype=float)
        paper.axes.set_xlim(-0.7, count - 0.3)
        paper.axes.set_xticks([])
        paper.axes.spines["bottom"].set_visible(False)
        for tick, y in zip(ticks, heights(np.array(ticks)), strict=True):
            paper.axes.axhline(y, color=style.faded(style.ink, 0.12), linewidth=0.8, zorder=0)
            paper.axes.annotate(
                show_tick(tick), (0, y), (-5, 0), xycoords=("axes fraction", "data"), va="center",
                ha="right", textcoords="offset points", color=style.ink, annotation_clip=False,
            )  # fmt: skip
        published = float(heights(np.array([claim.published]))[0])
        paper.axes.axhline(published, color=style.contrast, linewidth=1.4, linestyle=(0, (4, 2)), zorder=1)
        wide = max(0.8, min(6.0, 300.0 / count))
        for verdict in present:
            mine = frame["verdict"].to_numpy() == verdict
            middle, down, up = (heights(part[mine]) for part in numbers.T)
            paper.axes.vlines(
                x[mine], down, up, color=style.faded(colours[verdict], 0.42), linewidth=wide / 2, zorder=1.5
            )
            filled = colours[verdict] if verdict != "consistent" else style.ground
            paper.axes.plot(
                x[mine], middle, "o", markersize=wide, markerfacecolor=filled,
                markeredgecolor=colours[verdict], clip_on=False, zorder=2,
            )  # fmt: skip
        for y, (choice, option) in zip(place[PANEL:], options, strict=True):
            taken = frame[choice].to_numpy() == option
            paper.axes.axhline(y, color=style.faded(style.ink, 0.08), linewidth=0.8, zorder=0)
            paper.axes.plot(
                x[taken], np.full(taken.sum(), y), "s", markersize=wide, color=style.ink, clip_on=False
            )
        paper.axes.axvline(reference, color=style.faded(style.ink, 0.25), linewidth=1, zorder=0.5)
        paper.keys = [
            *(
                Key(verdict, "ring" if verdict == "consistent" else "dot", colours[verdict])
                for verdict in present
            ),
            Key("published", "line", style.contrast),
        ]

    table = pd.DataFrame(
        {
            **{choice: list(frame[choice]) for choice in sensitivity.choices},
            "estimate": [with_unit(claim, value) for value in numbers[:, 0]],
            f"{sensitivity.estimate.conf:.0%} interval": [
                ends_with_unit(claim, low, high) for low, high in numbers[:, 1:]
            ],
            "n": [f"{n:,}" for n in frame["n"]],
            "verdict": list(frame["verdict"]),
        }
    )
    note = (
        f"{claim.title}. {count} combinations; {range_of_n(frame['n'].to_list())}. The thin upright line is "
        f"the reference. {sensitivity.flips}"
    )
    counted = counted_combinations(
        sensitivity, [*all_cells(*table.shape, first=len(sensitivity.choices)), (NOTES, 0)]
    )
    return DataFigure(
        title, " ".join([note, *sensitivity.estimate.remarks]), frame, table, draw, counted=counted,
        caveats=sensitivity.caveats, units=tuple(sensitivity.estimate.units[row] for row in order),
    )  # fmt: skip
