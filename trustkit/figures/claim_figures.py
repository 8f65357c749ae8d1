"""Figures of published numbers beside what the data give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import TEXT, VERDICTS, accepts
from trustkit.errors import DataError
from trustkit.figures.data_figure import (
    CONTRAST,
    MUTED,
    DataFigure,
    dots,
    height_of,
    label_rows,
)
from trustkit.figures.row_labels import claimed, range_of_n, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from trustkit.claims.claims import Verdicts


def verdict_dots(verdicts: Verdicts, *, title: str) -> DataFigure:
    """Draw each claim's estimate on its interval, and the published number beside it.

    Parameters
    ----------
    verdicts
        What `verify` returned. Claims that can't be checked are left out; those drawn should have one unit.
    title
        What the figure shows.

    Returns
    -------
    DataFigure
        One row for each claim, in the unit it was published in.

    Raises
    ------
    DataError
        If none of the claims could be checked.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> claim = tk.Claim("half", "Half say yes", 50, 0, tk.Reading("answer", "yes"))
    >>> verdicts = tk.verify([claim], tk.Design(pd.DataFrame({"answer": ["yes", "no"]})))
    >>> tk.verdict_dots(verdicts, title="Claims").table["verdict"].tolist()
    ['reproduced']
    """
    accepts(verdicts=(verdicts, VERDICTS), title=(title, TEXT))
    checked = [verdict for verdict in verdicts.verdicts if verdict.verdict != "not checkable"]
    if not checked:
        raise DataError("none of the claims could be checked", do="show the verdicts as a table")
    frame = verdicts.to_frame().query("verdict != 'not checkable'")
    place = np.arange(len(checked))[::-1]
    names, _ = shortened([verdict.claim.title for verdict in checked])

    def draw(axes: Axes) -> None:
        value, low, high = (frame[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
        dots(axes, place, value, low, high, label="estimate, on its 95% interval")
        published = frame["published"].to_numpy(dtype=float)
        axes.plot(
            published, place, "D", markersize=7, markerfacecolor="none", markeredgecolor=CONTRAST,
            markeredgewidth=1.6, label="published",
        )  # fmt: skip
        right = max(high.max(), published.max())
        span = right - min(low.min(), published.min())
        for y, verdict in zip(place, checked, strict=True):
            axes.text(right + 0.05 * span, y, verdict.verdict, va="center", color=MUTED)
        axes.set_xlim(right=right + 0.3 * span)
        means = any(verdict.claim.reading.statistic == "mean" for verdict in checked)
        label_rows(axes, place, names, "as published" if means else "percent")
        axes.figure.legend(loc="outside upper left", ncols=2, frameon=False)

    table = pd.DataFrame(
        {
            "claim": [verdict.claim.title for verdict in checked],
            "published": [f"{verdict.claim.published:.{verdict.claim.decimals}f}" for verdict in checked],
            "estimate": [claimed(verdict, verdict.estimate) for verdict in checked],
            "95% interval": [
                f"{claimed(verdict, verdict.ci_low)} to {claimed(verdict, verdict.ci_high)}"
                for verdict in checked
            ],
            "n": [f"{verdict.n:,}" for verdict in checked],
            "verdict": [verdict.verdict for verdict in checked],
        }
    )
    note = f"{len(checked)} claims; {range_of_n([verdict.n for verdict in checked])}."
    note = " ".join([note, *verdicts.caveats.sentences])
    return DataFigure(title, note, frame, table, draw, 0.3 + height_of(names, least=0.3))
