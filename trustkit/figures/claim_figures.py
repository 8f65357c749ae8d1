"""Figures of published numbers beside what the data give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import TEXT, VERDICTS, accepts
from trustkit.claims.claims import ends_with_unit, printed_with_unit, with_unit
from trustkit.claims.verdicts import Verdicts
from trustkit.counted import NOTES, printed_counts
from trustkit.errors import DataError, how_many
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.paper import AxisWords, Key
from trustkit.headings import range_of_n, shortened

if TYPE_CHECKING:
    from trustkit.figures.paper import Paper


def verdict_dots(verdicts: Verdicts, *, title: str) -> DataFigure:
    """Draw each claim's estimate on its interval, and the published number beside it.

    Parameters
    ----------
    verdicts
        What `verify` returned. Claims that can't be checked are left out; those drawn should have one unit.
    title
        The headline: what the chart shows, or its message.

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
    names, _ = shortened([verdict.claim.title for verdict in checked])

    units = {verdict.claim.reading.unit for verdict in checked}
    scales = {verdict.claim.scale for verdict in checked}
    words = {"%": AxisWords(sign="%"), "points": AxisWords("percentage points")}.get(
        units.pop() if len(units) == 1 else "", AxisWords(scales.pop() if len(scales) == 1 else "")
    )

    def draw(paper: Paper) -> None:
        style = paper.style
        value, low, high = (frame[name].to_numpy(dtype=float) for name in ("estimate", "ci_low", "ci_high"))
        published = frame["published"].to_numpy(dtype=float)
        place = paper.rows(names)
        said = max(paper.wide(verdict.verdict) for verdict in checked)
        paper.right = max(paper.right, said + 0.2)
        paper.scale(
            np.nanmin([low, value, published]), np.nanmax([high, value, published]),
            words=words,
        )  # fmt: skip
        paper.dots(place, value, low, high)
        paper.axes.plot(
            published, place, "D", markersize=8.5, markerfacecolor="none", markeredgecolor=style.contrast,
            markeredgewidth=1.5,
        )  # fmt: skip
        colours = {"reproduced": style.accent, "contradicted": style.contrast}
        for y, verdict in zip(place, checked, strict=True):
            paper.axes.annotate(
                verdict.verdict, (1, y), (8, 0), xycoords=("axes fraction", "data"),
                textcoords="offset points", va="center", color=colours.get(verdict.verdict, style.muted),
            )  # fmt: skip
        paper.keys = [
            Key("estimate, on its 95% interval", "dot", style.accent),
            Key("published", "diamond", style.contrast),
        ]

    table = pd.DataFrame(
        {
            "claim": [verdict.claim.title for verdict in checked],
            "published": [printed_with_unit(verdict.claim) for verdict in checked],
            "estimate": [with_unit(verdict.claim, verdict.estimate) for verdict in checked],
            "95% interval": [
                ends_with_unit(verdict.claim, verdict.ci_low, verdict.ci_high) for verdict in checked
            ],
            "n": [f"{verdict.n:,}" for verdict in checked],
            "verdict": [verdict.verdict for verdict in checked],
        }
    )
    counted = tuple(
        table.printing([replace(one, base_cells=(*one.base_cells, (NOTES, 0))) for one in table.shown])
        for table in printed_counts(Verdicts(tuple(checked)))
    )
    note = f"{how_many(len(checked), 'claim')}; {range_of_n([verdict.n for verdict in checked])}."
    note = " ".join([note, *verdicts.caveats.sentences])
    return DataFigure(title, note, frame, table, draw, counted=counted, caveats=verdicts.caveats)
