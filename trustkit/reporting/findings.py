"""What a study found, for a first page without claims: the leading number of each chart that shows estimates.

It is read from what the notebooks show below their charts: the headline, and the table of the numbers drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbformat import NotebookNode

INTERVAL = re.compile(r"\d+% interval")
"""The heading of the column that only tables of estimates have."""

NUMBER = re.compile(r"-?[\d,]*\.?\d+")

PARTS = frozenset({"p", "th", "td"})


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
    reader = _Reader()
    reader.feed(html)
    reader.close()
    headings = next(iter(reader.rows), [])
    places = [place for place, name in enumerate(headings) if INTERVAL.fullmatch(name)]
    rows = [row for row in reader.rows[1:] if len(row) == len(headings)]
    if len(places) != 1 or not rows or not reader.headline or "n" not in headings:
        return None
    interval = places[0]
    value = next((place for place in range(interval) if _number(rows[0][place]) is not None), None)
    known = [row for row in rows if value is not None and _number(row[value]) is not None]
    if value is None or not known:
        return None
    best = max(known, key=lambda row: _number(row[value]) or 0.0)
    return Finding(
        headline=reader.headline,
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


class _Reader(HTMLParser):
    """Reads the headline and the rows of the first table."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.headline = ""
        self.rows: list[list[str]] = []
        self.text: list[str] = []
        self.is_headline = False
        self.tables = 0

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        values: Mapping[str, str | None] = dict(attrs)
        self.tables += tag == "table"
        if tag == "tr" and self.tables == 1:
            self.rows.append([])
        if tag in PARTS:
            self.text = []
            self.is_headline = tag == "p" and values.get("class") == "tk-headline"

    def handle_endtag(self, tag: str) -> None:
        if tag not in PARTS:
            return
        text = " ".join("".join(self.text).split())
        if tag == "p" and self.is_headline:
            self.headline = self.headline or text
        if tag != "p" and self.rows and self.tables == 1:
            self.rows[-1].append(text)

    def handle_data(self, data: str) -> None:
        self.text.append(data)
