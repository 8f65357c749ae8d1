"""Pictures: a figure that carries its numbers, the project's style, and how rows are named and sized.

A figure shows itself as two outputs: a picture, whose plain text is its caption and the rounded
numbers, and a folded table of those numbers. nbval skips pixels and compares text, so a changed
number fails a check and a changed colour does not. Title, base, n and "Synthetic data" are drawn
into the picture, so they stay with it wherever it is copied.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from trustkit.display import (
    html_table,
    text_table,
)
from trustkit.figures.row_labels import lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


INK, MUTED, FAINT, RULE = "#1f2933", "#52606d", "#eef1f4", "#e4e7eb"
ACCENT, CONTRAST = "#0b6e82", "#b0431f"
"""Teal and rust: told apart under the common colour-vision deficiencies, and by their marks."""
SCALE = ("#8c510a", "#d8b365", "#e6e6e6", "#7fc4bb", "#01665e")
"""Brown to teal (ColorBrewer BrBG), for answers from one end of a scale to the other."""
KINDS = ("#01665e", "#b0431f", "#9aa5b1", "#d8b365", "#52606d", "#7fc4bb", "#8c510a", "#cfe5ea")
"""For answers without an order."""

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

TITLE_CHARS, NOTE_CHARS = 72, 124
"""Where the title and the note below the picture are broken into lines."""


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

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"trust": ["yes", "no", "yes"], "sex": ["m", "f", "f"]})
    >>> figure = tk.dot_interval(tk.proportion(tk.Design(frame), "trust", level="yes"), title="Trust")
    >>> figure.title, figure.table.shape
    ('Trust', (1, 4))
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
