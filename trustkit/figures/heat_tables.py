"""A table of items and groups whose cells are coloured by their numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap, to_hex

from trustkit.arguments import ESTIMATE, TEXT, WHOLE, accepts
from trustkit.display import show_decimals
from trustkit.errors import DataError, needs, suggest
from trustkit.estimation.results import counts_in_rows
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.house_style import ink_on
from trustkit.figures.lettering import height_of
from trustkit.figures.paper import EDGE, LABEL_SHARE, SIZE
from trustkit.figures.row_labels import HEADS, note_of, with_minus
from trustkit.headings import about, shortened, told_apart
from trustkit.units import SCALES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.estimation.results import Estimate
    from trustkit.figures.paper import Paper

CELL = 0.32
"""The height of a cell, in inches."""
TALLEST_HEAD = 1.5
"""How much room the names of columns may take, in inches."""


def heat_table(
    estimate: Estimate, *, title: str, columns: str = "", unstable_below: int = 30, hidden_below: int = 0
) -> DataFigure:
    """Draw a table of items and groups whose cells are coloured by their numbers.

    Parameters
    ----------
    estimate
        Shares of one answer or means whose rows differ by two things: several variables ``by`` groups, all
        answers ``by`` groups, or two variables in ``by``.
    title
        The headline: what the chart shows, or its message.
    columns
        What stands side by side: a variable in ``by``, ``"variable"`` or ``"level"``. The first in ``by`` if
        not given.
    unstable_below
        A cell with fewer respondents has an asterisk.
    hidden_below
        A cell with fewer respondents shows no number, neither in the picture nor in the table or the data.
        This hides single cells only: a hidden number may follow from others, so it is no protection of
        confidential answers.

    Returns
    -------
    DataFigure
        Shares are drawn in percent. The picture is drawn with seaborn.

    Raises
    ------
    DataError
        If the rows don't differ by two things, or seaborn is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"banks": ["y", "n", "y"], "shops": ["n", "n", "y"], "sex": ["m", "f", "f"]})
    >>> found = tk.proportion(tk.Design(frame), ["banks", "shops"], level="y", by="sex")
    >>> tk.heat_table(found, title="Trust").table.to_dict("list")
    {'question': ['banks', 'shops'], 'f': ['50*', '50*'], 'm': ['100*', '0*']}
    """
    accepts(
        estimate=(estimate, ESTIMATE), title=(title, TEXT), columns=(columns, TEXT),
        unstable_below=(unstable_below, WHOLE), hidden_below=(hidden_below, WHOLE),
    )  # fmt: skip
    seaborn = needs("seaborn", "report", "heat_table")
    down, across = _sides(estimate, columns)
    keys = estimate.keys.astype(str)
    frame = estimate.to_frame()
    hidden = frame["n"].to_numpy() < hidden_below
    frame.loc[hidden, ["estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff"]] = np.nan
    share, scale = estimate.unit == "share", SCALES[estimate.unit]
    decimals = {"share": 0, "points": 1}.get(estimate.unit, estimate.decimals)
    said = [
        show_decimals(value, decimals, unit="*" if n < unstable_below else "")
        for value, n in zip(scale * frame["estimate"], frame["n"], strict=True)
    ]
    unit = {"share": "percent", "points": "percentage points"}.get(estimate.unit, estimate.statistic)
    rows, heads = list(dict.fromkeys(keys[down])), list(dict.fromkeys(keys[across]))
    place = [rows.index(row) for row in keys[down]], [heads.index(head) for head in keys[across]]
    numbers = np.full((len(rows), len(heads)), np.nan)
    numbers[place] = scale * frame["estimate"]
    texts = np.full(numbers.shape, "-", dtype=object)
    texts[place] = said
    minus_signs = np.vectorize(with_minus, otypes=[object])(texts)
    names, shared = _names(estimate, down, rows)
    head_names, head_shared = _names(estimate, across, heads)

    def draw(paper: Paper) -> None:
        starts, deep = _name_rows(paper, names)
        drawn, words = np.full((deep, len(heads)), np.nan), np.full((deep, len(heads)), "", object)
        drawn[starts - 1], words[starts - 1] = numbers, minus_signs
        paper.height = CELL * len(drawn)
        low, high = (0.0, 100.0) if share else _range(numbers)
        ends = [paper.style.faded(paper.style.accent, 0.06), paper.style.accent]
        colours = LinearSegmentedColormap.from_list("heat", ends)
        seaborn.heatmap(
            drawn, ax=paper.axes, mask=np.isnan(drawn), annot=words, fmt="", annot_kws={"zorder": 4},
            cmap=colours, vmin=low, vmax=high, cbar=False, linewidths=1.6, linecolor=paper.style.ground,
        )  # fmt: skip
        paper.axes.set(xlabel="", ylabel="", yticks=[])
        for text in paper.axes.texts:
            if text.get_zorder() == 4:  # noqa: PLR2004  # a number, not a row's name
                x, y = text.get_position()
                value = (drawn[int(y), int(x)] - low) / (high - low)
                text.set_color(ink_on(to_hex(tuple(colours([value])[0]))))
        for row, column in np.argwhere(np.isnan(numbers)):
            below = starts[row]
            paper.axes.fill_between(
                [column + 0.03, column + 0.97], below - 0.96, below - 0.04, facecolor="none", hatch="////",
                edgecolor=paper.style.faded(paper.style.muted, 0.35), linewidth=0,
            )  # fmt: skip
        _name_columns(paper, head_names)
        paper.below = 0.06
        paper.top_unit = paper.lines(unit, paper.width - 2 * EDGE)

    table = pd.DataFrame(texts, columns=told_apart(head_names))
    (first,) = told_apart([HEADS.get(down, estimate.label(down))], [*table])
    table.insert(0, first, names)
    shown_n = np.where(hidden, estimate.n.max(), estimate.n)
    remarks = [
        about(head_shared),
        note_of(replace(estimate, n=shown_n), shared),
        f"* Fewer than {unstable_below} respondents." if any("*" in text for text in said) else "",
        f"Hatched: fewer than {hidden_below} respondents, not shown." if hidden.any() else "",
    ]
    counted = counts_in_rows(estimate, lambda row: [(place[0][row], place[1][row] + 1)], lambda _: ())
    return DataFigure(
        title,
        " ".join(filter(None, remarks)),
        frame,
        table,
        draw,
        counted=counted,
        caveats=estimate.caveats,
        units=estimate.units,
    )


def _sides(estimate: Estimate, columns: str) -> tuple[str, str]:
    """Return the two keys that rows and columns show."""
    keys = estimate.keys.astype(str)
    varying = [str(name) for name in keys if len(set(keys[name])) > 1]
    if len(varying) != 2 or keys.duplicated(varying).any():  # noqa: PLR2004
        raise DataError(
            "a heat table needs rows that differ by two things", where="heat_table",
            got=", ".join(estimate.label(name) for name in varying) or "rows that do not differ",
            expected="several variables by groups, or two variables in by",
            do="give level= for shares of several answers, or leave one variable of by out",
        )  # fmt: skip
    by = [name for name in varying if name not in ("variable", "level")]
    columns = columns or (by or varying)[0]
    if columns not in varying:
        raise DataError(
            f"the rows don't differ by {columns!r}", where="columns", do=suggest(columns, varying)
        )
    return next(name for name in varying if name != columns), columns


def _names(estimate: Estimate, key: str, labels: list[str]) -> tuple[list[str], str]:
    """Return what readers see for the labels of a key, and the words that questions share."""
    if key != "variable":
        return labels, ""
    return shortened([estimate.label(label) for label in labels])


def _range(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """Return the numbers that the palest and the darkest colour stand for."""
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _name_rows(paper: Paper, names: list[str]) -> tuple[NDArray[np.intp], int]:
    """Name the rows, beside them or above them, on a grid of rows of one height.

    A name of several lines, or one above its row, takes empty rows of the grid. Return how many rows of the
    grid there are up to each row, and altogether.
    """
    room = paper.width - 2 * EDGE if paper.is_narrow else LABEL_SHARE * paper.width
    labels = [paper.lines(name, room) for name in names]
    tall = np.array([height_of(len(lines), SIZE) + 0.06 for lines in labels])
    if paper.is_narrow:
        starts = np.cumsum(1 + np.ceil(tall / CELL).astype(int))
        below = 0
    else:
        over = np.maximum(tall - CELL, 0) / 2 / CELL
        starts = np.cumsum(1 + np.ceil(over + np.append(0, over[:-1])).astype(int))
        below = math.ceil(over[-1])
    paper.right = EDGE
    paper.left = EDGE
    if not paper.is_narrow:
        paper.left += 0.1 + max(paper.wide(line) for lines in labels for line in lines)
    for lines, start in zip(labels, starts, strict=True):
        text = "\n".join(lines)
        if paper.is_narrow:
            paper.axes.text(0, start - 1.06, text, va="bottom", color=paper.style.ink, linespacing=1.15)
        else:
            paper.axes.annotate(
                text, (0, start - 0.5), (-5, 0), xycoords=("axes fraction", "data"), va="center", ha="right",
                textcoords="offset points", color=paper.style.ink, linespacing=1.15,
            )  # fmt: skip
    return starts, int(starts[-1]) + below


def _name_columns(paper: Paper, names: list[str]) -> None:
    """Write the names of the columns above them, upwards where they are wider than a column."""
    wide = paper.across / len(names) - 0.06
    upright = any(paper.wide(word) > wide for name in names for word in name.split())
    lines = [paper.lines(name, TALLEST_HEAD if upright else wide, most=3 if upright else 4) for name in names]
    paper.axes.set_xticks(
        np.arange(len(names)) + 0.5, ["\n".join(part) for part in lines], rotation=90 if upright else 0,
        linespacing=1.1, ha="center", va="bottom", color=paper.style.ink,
    )  # fmt: skip
    paper.axes.tick_params(axis="x", top=False, bottom=False, labeltop=True, labelbottom=False, pad=2)
    paper.axes.spines["bottom"].set_visible(False)
    long = max(paper.wide(line) for part in lines for line in part)
    paper.above = 0.1 + (long if upright else height_of(max(map(len, lines)), SIZE))
