"""What a study found, for a first page without claims: the leading number of each chart that shows estimates.

It is read from what the notebooks show below their charts: the headline, and the table of the numbers drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

from trustkit.reporting.shown_tables import shown_tables

if TYPE_CHECKING:
    from nbformat import NotebookNode

INTERVAL = re.compile(r"\d+% interval")
"""The heading of the column that only tables of estimates have."""

ERROR = "standard error"
"""The heading of a column that may stand between estimates and their intervals.

Estimates are told by their place, as the answers and groups before them may be numbers, too.
"""

NUMBER = re.compile(r"-?[\d,]*\.?\d+")
"""A number as a table shows it."""

HEADLINE = re.compile(r'<p class="tk-headline">(.*?)</p>', re.DOTALL)
"""What a chart's message stands in."""

TAG = re.compile(r"<[^>]+>")
"""An element's beginning or end."""


@dataclass(frozen=True)
class Finding:
    """The largest estimate that a chart shows.

    Attributes
    ----------
    headline
        The chart's.
    what
        The answer, group or question that the estimate is of; empty if the chart shows one estimate.
    number, interval, n
        As the table shows them.
    interval_name
        The heading of the interval, which says how sure it is.
    """

    headline: str
    what: str
    number: str
    interval: str
    interval_name: str
    n: str


def findings_of(notebook: NotebookNode) -> list[Finding]:
    """Return what the charts of a notebook found, in their order."""
    shown = [
        output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    ]
    found = (_finding(html) for html in shown if 'class="tk-headline"' in html)
    return [finding for finding in found if finding]


def _finding(html: str) -> Finding | None:
    headline, table = HEADLINE.search(html), next(iter(shown_tables(html)), None)
    if headline is None or table is None:
        return None
    headings = list(table.header)
    places = [place for place, name in enumerate(headings) if INTERVAL.fullmatch(name)]
    rows = [list(row) for row in table.rows if len(row) == len(headings)]
    if len(places) != 1 or not rows or "n" not in headings:
        return None
    interval = places[0]
    value = next((place for place in reversed(range(interval)) if headings[place] != ERROR), None)
    known = [row for row in rows if value is not None and _number(row[value]) is not None]
    if value is None or not known:
        return None
    best = max(known, key=lambda row: _number(row[value]) or 0.0)
    return Finding(
        headline=" ".join(unescape(TAG.sub("", headline[1])).split()),
        what=", ".join(filter(None, best[:value])) if len(rows) > 1 else "",
        number=best[value],
        interval=best[interval],
        interval_name=headings[interval],
        n=best[headings.index("n")],
    )


def _number(text: str) -> float | None:
    """Return the number that a cell shows; None if it shows something else."""
    bare = text.removesuffix("%")
    return float(bare.replace(",", "")) if NUMBER.fullmatch(bare) else None
