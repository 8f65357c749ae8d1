"""Charts of single numbers, such as the rates that companies published: a dot for each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import FRAME, TEXT, accepts
from trustkit.errors import DataError, suggest
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.data_table import shown_cells
from trustkit.figures.paper import AxisWords
from trustkit.headings import shown_name, told_apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.figures.paper import Paper

DOT = 0.1
"""The room that a dot takes, in inches."""


def strip_plot(
    frame: pd.DataFrame, numbers: str, *, by: str = "", title: str, unit: str = "percent", note: str = ""
) -> DataFigure:
    """Draw each number of a column as a dot, in a row for each group.

    Use it for numbers without intervals, such as figures that others published. Numbers that would cover each
    other are stacked. Beside each row stand its smallest and its largest number.

    Parameters
    ----------
    frame
        One row for each number.
    numbers
        The column of numbers. Rows without a number are left out of the chart.
    by
        The column of groups. The rows of the chart are in the order of their largest number. Without it, all
        numbers stand in one row.
    title
        The headline: what the chart shows, or its message.
    unit
        What the axis measures.
    note
        What a reader must know in addition to the numbers, for example where they come from.

    Returns
    -------
    DataFigure
        Its table has all columns of the frame.

    Raises
    ------
    DataError
        If there is no such column, or the column of numbers holds none.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> rates = pd.DataFrame({"counted": ["prompts", "users", "users"], "rate": [46, 13, 5]})
    >>> chart = tk.strip_plot(rates, "rate", by="counted", title="Opt-in rates")
    >>> chart.table["rate"].tolist()
    ['46', '13', '5']
    """
    accepts(
        frame=(frame, FRAME), numbers=(numbers, TEXT), by=(by, TEXT), title=(title, TEXT), unit=(unit, TEXT),
        note=(note, TEXT),
    )  # fmt: skip
    for place, name in (("numbers", numbers), ("by", by)):
        if (name or place == "numbers") and name not in frame:
            known = list(map(str, frame))
            raise DataError(
                f"there is no column {name!r}", where=place, expected="the name of a column of the frame",
                do=suggest(name, known),
            )  # fmt: skip
    values = pd.to_numeric(frame[numbers], errors="coerce").to_numpy(dtype=float)
    known = np.isfinite(values)
    if not known.any():
        raise DataError("none of the values is a number, so there is nothing to draw", where=numbers)
    groups = (frame[by].astype(str) if by else pd.Series("", index=frame.index)).to_numpy(dtype=object)
    drawn, own = values[known], groups[known]
    order = sorted(dict.fromkeys(own), key=lambda group: -drawn[own == group].max())
    ends = [(drawn[own == group].min(), drawn[own == group].max()) for group in order]
    sign = "%" if unit == "percent" else ""
    said = [f"{low:g}{sign}" if low == high else f"{low:g} to {high:g}{sign}" for low, high in ends]

    words = AxisWords(sign=sign) if sign else AxisWords(unit)

    def draw(paper: Paper) -> None:
        span = max(drawn.max() - min(drawn.min(), 0.0), 1e-9)
        near = DOT * span / (paper.width - 0.6 if paper.is_narrow else 0.5 * paper.width)
        levels = [_stacked(drawn[own == group], near) for group in order]
        deep = DOT * (1 + max(level.max() for level in levels))
        place = paper.rows(order, mark=max(deep, 0.18))
        paper.right = max(paper.right, 0.2 + max(map(paper.wide, said)))
        paper.scale(min(drawn.min(), 0.0), drawn.max(), words=words, zero="always")
        for y, group, level, text in zip(place, order, levels, said, strict=True):
            low = y + (level.max() / 2 - level) * DOT
            paper.axes.plot(
                np.sort(drawn[own == group]), low, "o", color=paper.style.accent, markersize=6, clip_on=False,
                markeredgecolor=paper.style.ground, markeredgewidth=0.6,
            )  # fmt: skip
            paper.axes.annotate(
                text, (1, y), (8, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
                va="center",
            )  # fmt: skip

    table = pd.DataFrame({str(name): shown_cells(frame[name]) for name in frame})
    table.columns = told_apart([shown_name(str(name)) for name in table])
    counted = f"n = {known.sum():,} numbers."
    return DataFigure(title, f"{note} {counted}".strip(), frame, table, draw)


def _stacked(numbers: NDArray[np.float64], near: float) -> NDArray[np.intp]:
    """Return how high each of some numbers, from the smallest, stands so that none covers another.

    Examples
    --------
    >>> _stacked(np.array([3.0, 1.0, 1.1, 1.0]), near=0.5).tolist()
    [0, 1, 2, 0]
    """
    last: list[float] = []
    levels = []
    for number in np.sort(numbers):
        level = next((k for k, taken in enumerate(last) if number - taken >= near), len(last))
        last[level : level + 1] = [float(number)]
        levels.append(level)
    return np.array(levels, dtype=np.intp)
