"""Pictures: a figure that carries its numbers, the project's style, and how rows are named and sized.

A figure shows itself as two outputs: a picture, whose plain text is its caption and the rounded
numbers, and a folded table of those numbers. nbval skips pixels and compares text, so a changed
number fails a check and a changed colour does not. Title, base, n and "Synthetic data" are drawn
into the picture, so they stay with it wherever it is copied.
"""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass
from itertools import takewhile
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from trustkit.results import SHARES, Shown, html_table, show_number, show_share, text_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from trustkit.claims import Verdict
    from trustkit.results import Estimate

INK, MUTED, FAINT, RULE = "#1f2933", "#52606d", "#eef1f4", "#e4e7eb"
ACCENT, CONTRAST = "#0b6e82", "#b0431f"
"""Teal and rust: told apart under the common colour-vision deficiencies, and by their marks."""
SCALE = ("#8c510a", "#d8b365", "#e6e6e6", "#7fc4bb", "#01665e")
"""Brown to teal (ColorBrewer BrBG), for answers from one end of a scale to the other."""
KINDS = ("#01665e", "#b0431f", "#9aa5b1", "#d8b365", "#52606d", "#7fc4bb", "#8c510a", "#cfe5ea")
"""For answers without an order."""

HEADS = {"variable": "question", "level": "answer"}
"""What a column of an estimate's keys is called in a figure's table."""

STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": MUTED,
    "axes.axisbelow": True,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "xtick.color": MUTED,
    "ytick.color": INK,
    "ytick.major.size": 0,
    "grid.color": RULE,
    "svg.hashsalt": "trustkit",
}
WIDTH, DPI, LINE = 7.6, 144, 0.165
LABEL_CHARS, TITLE_CHARS, NOTE_CHARS = 36, 72, 124
"""Where a row's label, the title and the note below the picture are broken into lines."""


@dataclass(frozen=True, eq=False, repr=False)
class DataFigure:
    """A picture and the numbers it draws.

    Attributes
    ----------
    title
        What the figure shows.
    note
        Its base, its n, and what else a reader must know beside the numbers.
    data
        The numbers drawn, unrounded.
    table
        The numbers drawn, as shown.
    draw
        Draws onto axes.
    height
        The height of the axes in inches.
    """

    title: str
    note: str
    data: pd.DataFrame
    table: pd.DataFrame
    draw: Callable[[Axes], None]
    height: float

    @property
    def caption(self) -> str:
        """Title and note: the picture's alternative text."""
        return f"{self.title}{'' if self.title.endswith(('?', '.')) else '.'} {self.note}"

    def figure(self) -> Figure:
        """Return the picture as a matplotlib figure, for saving in any format."""
        title = wrap(self.title, TITLE_CHARS, break_on_hyphens=False)
        note = wrap(self.note, NOTE_CHARS, break_on_hyphens=False)
        height = self.height + 0.65 + 0.21 * len(title) + 0.14 * len(note)
        with rc_context(STYLE):
            layout = ConstrainedLayoutEngine(h_pad=0.06, w_pad=0.06)
            figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout=layout)
            figure.suptitle("\n".join(title), x=0.012, ha="left", fontsize=11.5, fontweight="bold")
            figure.supxlabel("\n".join(note), x=0.012, ha="left", fontsize=8, color=MUTED)
            # In a figure of its own, a legend outside the axes stays below the title.
            self.draw(figure.subfigures(squeeze=False)[0, 0].subplots())
        return figure

    def png(self) -> bytes:
        """Return the picture as PNG, the same bytes every time."""
        stream = io.BytesIO()
        with rc_context(STYLE):
            self.figure().savefig(stream, format="png", metadata={"Software": None})
        return stream.getvalue()

    def __repr__(self) -> str:
        """Show the caption and the rounded numbers."""
        return f"Figure: {self.caption}\n{text_table(self.table)}"

    def _ipython_display_(self) -> None:
        # JupyterLab shows only the HTML of a bundle that holds a picture too, hence two outputs.
        from IPython.display import display  # noqa: PLC0415

        show: Callable[..., object] = display

        picture = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": repr(self)}
        show(picture, raw=True, metadata={"image/png": {"alt": self.caption}})
        folded = (
            f"<details><summary>Numbers in the figure</summary>"
            f"{html_table(self.table, caption=self.caption)}</details>"
        )
        show({"text/html": folded, "text/plain": f"Table: {self.caption}"}, raw=True)


@dataclass(frozen=True, eq=False, repr=False)
class DataTable(Shown):
    """A frame shown as a table with a title, and without an index."""

    title: str
    data: pd.DataFrame
    notes: tuple[str, ...] = ()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = pd.DataFrame({name: shown_cells(self.data[name]) for name in self.data})
        return self.title, table, self.notes if len(table) else ("No rows.", *self.notes)


def data_table(frame: pd.DataFrame, *, title: str, note: str = "") -> DataTable:
    """Show a frame as a table that a screen reader can read: a title, column headers, no index.

    Parameters
    ----------
    frame
        What to show. Numbers are rounded when shown, and only then.
    title
        The table's title.
    note
        What a reader must know beside the numbers.

    Examples
    --------
    >>> data_table(pd.DataFrame({"rate": [0.25], "n": [1200]}), title="Opt-in")
    Opt-in
    rate      n
    0.25  1,200
    """
    return DataTable(title, frame, (note,) if note else ())


def dots(
    axes: Axes,
    place: NDArray[np.intp],
    value: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    *,
    label: str = "",
) -> None:
    """Draw intervals and the dots on them."""
    axes.hlines(place, low, high, color=ACCENT, linewidth=3.2, alpha=0.4)
    axes.plot(value, place, "o", color=ACCENT, markersize=6.5, label=label)


def label_rows(axes: Axes, place: NDArray[np.intp], names: Sequence[str], unit: str) -> None:
    """Name the rows and the horizontal axis."""
    axes.set_yticks(place, ["\n".join(lines_of(name)) for name in names])
    axes.set_ylim(-0.6, len(place) - 0.35)
    axes.set_xlabel(unit)
    axes.grid(axis="x")


def height_of(names: Sequence[str], *, least: float) -> float:
    """Return the height of rows that hold their names, in inches."""
    lines = max(len(lines_of(name)) for name in names)
    return max(least, LINE * lines + 0.1) * len(names)


def lines_of(name: str) -> list[str]:
    """Break a label into lines that fit beside the picture."""
    return [line for part in name.split("\n") for line in wrap(part, LABEL_CHARS, break_on_hyphens=False)]


def words_of(step: str) -> str:
    """Write a step's name as words."""
    return step.replace("_", " ")


def shown(estimate: Estimate, value: float) -> str:
    """Show an estimate with the digits that its kind and standard error ask for."""
    return show_share(value) if estimate.statistic in SHARES else f"{value:.{decimals_of(estimate)}f}"


def number_columns(estimate: Estimate, frame: pd.DataFrame, name: str) -> dict[str, list[str]]:
    """Return the estimates, their intervals and n as text."""
    return {
        name: [shown(estimate, value) for value in frame["estimate"]],
        f"{estimate.conf:.0%} interval": [
            f"{shown(estimate, low)} to {shown(estimate, high)}"
            for low, high in zip(frame["ci_low"], frame["ci_high"], strict=True)
        ],
        "n": [f"{count:,}" for count in frame["n"]],
    }


def decimals_of(estimate: Estimate) -> int:
    """Return the decimals that tell the estimates apart: one digit of the smallest standard error."""
    smallest = float(estimate.se.min(initial=np.inf, where=estimate.se > 0))
    return int(np.clip(-np.floor(np.log10(smallest)), 0, 6)) if np.isfinite(smallest) else 1


def claimed(verdict: Verdict, value: float) -> str:
    """Show a number with one decimal more than it was published with."""
    return f"{value:.{verdict.claim.decimals + 1}f}"


def shown_cells(column: pd.Series) -> list[str]:
    """Write a column of any type as text."""
    if pd.api.types.is_integer_dtype(column):
        return [f"{value:,}" for value in column]
    if pd.api.types.is_float_dtype(column):
        return [show_number(value) for value in column]
    return ["" if pd.isna(value) else str(value) for value in column]


def unit_of(estimate: Estimate) -> str:
    """Say what the horizontal axis measures."""
    variables = list(dict.fromkeys(estimate.keys["variable"]))
    return (
        f"{estimate.statistic}: {estimate.label(variables[0])}" if len(variables) == 1 else estimate.statistic
    )


def note_of(estimate: Estimate, shared: str = "") -> str:
    """Say the question that the rows share, who is counted, n, and the estimate's own notes."""
    base = estimate.base
    if len(set(estimate.keys["variable"])) > 1 and "; " in base:
        parts = dict.fromkeys(re.sub(r", asked if .*", "", part) for part in base.split("; "))
        base = f"{'; '.join(parts)} of those who were asked each"
    asked = f'Wording: "{shared}" ' if shared else ""
    return " ".join([f"{asked}Base: {base}; {range_of_n(estimate.n)}.", *estimate.notes])


def range_of_n(n: Sequence[int] | NDArray[np.int64]) -> str:
    """Say the base's size, or its range over the rows."""
    return f"n = {min(n):,}" if min(n) == max(n) else f"n = {min(n):,} to {max(n):,}"


def name_rows(estimate: Estimate, *, every: int = 1) -> tuple[dict[str, list[str]], list[str], str]:
    """Name the rows by what sets them apart: columns for the table, labels, and the words they share."""
    keys = estimate.keys.iloc[::every].astype(str)
    if every > 1:
        keys = keys.drop(columns="level")
    shared = ""
    if len(set(keys["variable"])) > 1:
        short, shared = shortened([estimate.label(name) for name in keys["variable"]])
        keys["variable"] = short
    elif keys["variable"].iloc[0] in estimate.labels and estimate.statistic in SHARES:
        shared = estimate.label(keys["variable"].iloc[0])
    varying = [str(name) for name in keys if len(set(keys[name])) > 1] or [str(keys.columns[0])]
    heads = {HEADS.get(name, name): list(keys[name]) for name in varying}
    said = [name for name in varying if name != "counted"]
    names = [", ".join(parts) for parts in keys[said].itertuples(index=False, name=None)]
    if "counted" in varying:
        names = [f"{name}\n{counted}" for name, counted in zip(names, keys["counted"], strict=True)]
    return heads, names, shared


def shortened(labels: Sequence[str]) -> tuple[list[str], str]:
    """Drop the words with which all labels begin and end; return the labels and the words they share.

    Examples
    --------
    >>> shortened(["How far do you trust banks?", "How far do you trust shops?"])
    (['banks', 'shops'], 'How far do you trust ...?')
    """
    least = 2
    words = [label.removesuffix("?").split() for label in labels]
    end = "?" if all(label.endswith("?") for label in labels) else ""
    start = alike(words)
    stop = alike([part[start:][::-1] for part in words])
    if len(labels) == 1 or start + stop < least or any(len(part) == start + stop for part in words):
        return list(labels), ""
    short = [" ".join(part[start : len(part) - stop]).rstrip(",") for part in words]
    first = words[0]
    kept = [*first[:start], "...", *first[len(first) - stop :]]
    return short, " ".join(kept) + end


def alike(words: Sequence[Sequence[str]]) -> int:
    """Count the words with which all texts begin."""
    return sum(1 for _ in takewhile(lambda place: len(set(place)) == 1, zip(*words, strict=False)))


def shades(count: int) -> Sequence[str]:
    """Spread the scale's colours over some answers."""
    if count == 1:
        return [SCALE[-1]]
    places = np.round(np.linspace(0, len(SCALE) - 1, count)).astype(int)
    if count <= len(SCALE):
        return [SCALE[place] for place in places]
    from matplotlib.colors import LinearSegmentedColormap, to_hex  # noqa: PLC0415

    spread = LinearSegmentedColormap.from_list("answers", SCALE)
    return [to_hex(spread(k / (count - 1))) for k in range(count)]


def ink(colour: str) -> Literal["white", "#1f2933"]:
    """Choose the text colour that reads on a fill."""
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    dark = 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.45  # noqa: PLR2004
    return "white" if dark else "#1f2933"
