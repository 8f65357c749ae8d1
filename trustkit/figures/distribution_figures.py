"""Charts of how the answers to one item are distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from trustkit.arguments import DESIGN, NAME, TEXT, WHERE, accepts, one_of
from trustkit.counted import ShownCount
from trustkit.display import show_interval, show_share
from trustkit.errors import DataError, needs
from trustkit.estimation.contrasts import contrast
from trustkit.estimation.score_shares import score_shares
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.difference_figures import signed
from trustkit.figures.paper import AxisWords, Key
from trustkit.figures.row_labels import counted_in, note_of, number_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.counted import Counted
    from trustkit.design.design import Design
    from trustkit.estimation.results import Estimate
    from trustkit.figures.house_style import HouseStyle
    from trustkit.figures.paper import Paper
    from trustkit.survey.where import Where

    Floats = NDArray[np.float64]

BandNames = Literal["none", "nps", "trust"]
Bands = dict[str, tuple[float, float]]

NPS: Bands = {"Detractors": (0, 6), "Passives": (7, 8), "Promoters": (9, 10)}
"""Bands of the Net Promoter Score (Reichheld, 2003): promoters less detractors, in points."""
TRUST: Bands = {"Low or no trust": (0, 4), "Neutral": (5, 5), "High or moderately high trust": (6, 10)}
"""Bands of trust from 0 to 10 as the OECD Survey on Drivers of Trust in Public Institutions reports them."""
KNOWN: dict[str, Bands] = {"nps": NPS, "trust": TRUST}
"""Name -> the bands that have it."""


def distribution(
    design: Design,
    variable: str,
    *,
    title: str,
    bands: BandNames = "none",
    where: Where = None,
) -> DataFigure:
    """Draw the shares of all answers to an item that is answered with a number, and its mean.

    Parameters
    ----------
    design
        The design.
    variable
        A numeric variable of whole numbers whose codebook gives its range, or one whose answers have scores.
    title
        The headline: what the chart shows, or its message.
    bands
        Ranges of answers that are coloured and added up, for items from 0 to 10. ``"nps"``: detractors (0 to
        6), passives (7, 8) and promoters (9, 10), with the net score. ``"trust"``: low or no trust (0 to 4),
        neutral (5), high or moderately high trust (6 to 10).
    where
        As in `proportion`.

    Returns
    -------
    DataFigure
        One bar for each answer, in percent, with its interval. Mean, shares of bands and the net score have
        intervals from the covariance of all shares (`contrast`). The bars are drawn with seaborn.

    Raises
    ------
    DataError
        If the answers are not whole numbers of a known range, the bands need other numbers, or seaborn is
        not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> about = tk.Variable("trust", "Trust, 0 to 10", "numeric", low=0, high=10)
    >>> survey = tk.Survey(pd.DataFrame({"trust": [2, 5, 8, 9]}), tk.Codebook({"trust": about}))
    >>> chart = tk.distribution(tk.Design(survey), "trust", title="Trust", bands="trust")
    >>> chart.table["share"].tail(4).tolist()
    ['25.0%', '25.0%', '50.0%', '6.0']
    """
    accepts(
        design=(design, DESIGN), variable=(variable, NAME), title=(title, TEXT),
        bands=(bands, one_of(BandNames)), where=(where, WHERE),
    )  # fmt: skip
    seaborn = needs("seaborn", "report", "distribution")
    estimate, scores = score_shares(design, variable, where=where)
    chosen = _bands(bands, scores)
    mean = contrast(estimate, scores.tolist())
    sums = {name: contrast(estimate, _within(scores, ends)) for name, ends in chosen.items()}
    frame = estimate.to_frame().assign(score=scores)
    percent = 100 * frame[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
    levels = [str(level) for level in frame["level"]]

    def draw(paper: Paper) -> None:
        style = paper.style
        fills = [_fill(style, chosen, score) for score in scores]
        high = max(np.nanmax(percent) * 1.08, 1.0)
        said = [f"{value:.0f}" for value in percent[:, 0]]
        paper.upright(0, high, words=AxisWords(sign="%"), height=float(np.clip(0.34 * paper.width, 1.7, 2.4)))
        place = np.arange(len(scores))
        seaborn.barplot(
            x=place, y=percent[:, 0], hue=place, palette=dict(zip(place, fills, strict=True)), legend=False,
            ax=paper.axes, width=0.82, saturation=1, native_scale=True,
        )  # fmt: skip
        paper.axes.set(xlabel="", ylabel="", xlim=(-0.6, len(scores) - 0.4), ylim=(0, high))
        for bar in paper.axes.patches:
            bar.set(edgecolor=style.muted, linewidth=0.6)
        paper.axes.vlines(place, percent[:, 1], percent[:, 2], color=style.ground, linewidth=3)
        paper.axes.vlines(place, percent[:, 1], percent[:, 2], color=style.ink, linewidth=1.2)
        for x, top, text in zip(place, np.fmax(percent[:, 0], percent[:, 2]), said, strict=True):
            paper.axes.annotate(
                text, (x, top), (0, 2), textcoords="offset points", ha="center", va="bottom", bbox=paper.blank
            )
        middle = float(np.interp(mean.estimate[0], scores, place)) if (np.diff(scores) > 0).all() else np.nan
        paper.axes.axvline(middle, color=style.contrast, linewidth=1.6, linestyle=(0, (4, 2)), zorder=0.9)
        shown = [f"{score:g}" for score in scores]
        paper.times(place.tolist(), shown)
        ends = [level for level, number in zip(levels, shown, strict=True) if level != number]
        if ends:
            paper.name_unit(
                "; ".join(
                    f"{number}: {level}"
                    for level, number in zip(levels, shown, strict=True)
                    if level != number
                )
            )
        paper.above += 0.16
        paper.keys = [
            *(
                Key(
                    f"{name}: {show_share(sums[name].estimate[0])}",
                    "square",
                    _fill(style, chosen, ends_of[0]),
                )
                for name, ends_of in chosen.items()
            ),
            Key(f"mean: {mean.estimate[0]:.{mean.decimals}f}", "tick", style.contrast),
        ]

    extra = pd.DataFrame(
        {
            "answer": [*levels, *sums, "mean"],
            "share": [
                *number_columns(estimate, frame, "share")["share"],
                *(show_share(part.estimate[0]) for part in sums.values()),
                f"{mean.estimate[0]:.{mean.decimals + 1}f}",
            ],
            f"{estimate.conf:.0%} interval": [
                *number_columns(estimate, frame, "share")[f"{estimate.conf:.0%} interval"],
                *(show_interval(part.ci_low[0], part.ci_high[0], show_share) for part in sums.values()),
                show_interval(mean.ci_low[0], mean.ci_high[0], f"{{:.{mean.decimals + 1}f}}".format),
            ],
            "n": [f"{count:,}" for count in [*frame["n"], *[frame["n"].iloc[0]] * (len(sums) + 1)]],
        }
    )
    note = note_of(estimate, estimate.label(variable))
    if bands == "nps":
        note = f"{_net(estimate, scores)} {note}"
    counted = _counted_bars(estimate, frame, scores, chosen)
    return DataFigure(
        title, note, frame, extra, draw, counted=counted, caveats=estimate.caveats, units=estimate.units
    )


def _counted_bars(
    estimate: Estimate, frame: pd.DataFrame, scores: Floats, bands: Bands
) -> tuple[Counted, ...]:
    """Return the respondents behind the bars, the bands and the mean, one row each."""
    (table,) = counted_in(estimate, frame, 1)
    row = len(frame)
    shown = list(table.shown)
    for name, ends in bands.items():
        answers = tuple(
            one.level for one, score in zip(table.shown, scores, strict=True) if ends[0] <= score <= ends[1]
        )
        shown.append(ShownCount(0, name, answers, cells=((row, 1), (row, 2)), base_cells=((row, 3),)))
        row += 1
    if np.isfinite(scores).all():
        own = tuple(scores.tolist())
        shown.append(ShownCount(0, "mean", scores=own, cells=((row, 1), (row, 2)), base_cells=((row, 3),)))
    return (table.printing(shown),)


def _bands(bands: str, scores: Floats) -> Bands:
    """Return the bands that were asked for, which cover the answers."""
    if bands == "none":
        return {}
    if set(scores) != set(range(11)):
        raise DataError(
            f"the bands {bands!r} are of items from 0 to 10", got=f"{min(scores):g} to {max(scores):g}",
            do="leave bands out",
        )  # fmt: skip
    return KNOWN[bands]


def _within(scores: Floats, ends: tuple[float, float]) -> list[float]:
    """Return 1 for each answer of a band, else 0."""
    return [float(ends[0] <= score <= ends[1]) for score in scores]


def _fill(style: HouseStyle, bands: Bands, score: float) -> str:
    """Return the colour of an answer's bar: its band's."""
    fills = dict(zip(bands, style.shades(len(bands)), strict=True)) if bands else {}
    for name, (low, high) in bands.items():
        if low <= score <= high:
            return fills[name]
    return style.accent


def _net(estimate: Estimate, scores: Floats) -> str:
    """Say the Net Promoter Score with its interval."""
    weights = np.array(_within(scores, NPS["Promoters"])) - np.array(_within(scores, NPS["Detractors"]))
    net = contrast(estimate, weights.tolist())
    value, low, high = (100 * float(part[0]) for part in (net.estimate, net.ci_low, net.ci_high))
    ends = "" if np.isnan([low, high]).all() else f" ({show_interval(low, high, _points)})"
    return f"Net score, promoters less detractors: {_points(value)} points{ends}."


def _points(value: float) -> str:
    """Return percentage points with their sign."""
    return signed(value, 1)
