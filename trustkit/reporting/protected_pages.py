"""Notebooks as they may be published: no number of few respondents, and nothing that gives one away.

The results that a notebook shows hold the ledger of the respondents behind them, which the module
`trustkit.counted` describes. All results of all notebooks of a site are protected together.
Nothing is computed anew: hidden numbers are replaced where they stand, and a chart with a hidden number is
withheld, as its picture shows it.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, replace
from html import unescape
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.claims.claims import VERDICTS_MIME
from trustkit.counted import (
    COUNTS_MIME,
    NOTES,
    UNPROTECTED,
    Counted,
    counted_from_json,
    counted_to_json,
)
from trustkit.display import for_notebook, html_notes, text_table
from trustkit.errors import ReportError
from trustkit.reporting.shown_tables import OWN, ROWS, ROWS_NAME, shown_tables
from trustkit.reporting.uncounted import withhold_uncounted
from trustkit.tables.marks import (
    WITHHELD,
    HiddenNumbers,
    hidden_places,
    legend,
    published_note,
    without_hidden,
    without_numbers,
)
from trustkit.tables.protection import PROTECTION, protected_counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbformat import NotebookNode

    from trustkit.counted import Place

TAG = re.compile(r"(<[^>]*>)")
NOTE = re.compile(r'(<p class="tk-note"[^>]*>)(.*?)(</p>)', re.DOTALL)


@dataclass(frozen=True)
class ProtectedPages:
    """Notebooks as they may be published, and the ledger of what they publish.

    Attributes
    ----------
    notebooks
        Copies of the notebooks, without ledgers and hidden numbers.
    counts
        The ledger of a site: for each page the counts that it publishes; those that it does not are null.
    """

    notebooks: tuple[NotebookNode, ...]
    counts: Mapping[str, Any]


def protected_pages(pages: Sequence[tuple[str, NotebookNode]]) -> ProtectedPages:
    """Return notebooks as they may be published together.

    Parameters
    ----------
    pages
        The name of each page, and its notebook as it was run.

    Raises
    ------
    ReportError
        If a ledger is not of the form that trustkit writes, or a verdict rests on too few respondents.
    DataError
        If the numbers can't be protected.

    Examples
    --------
    >>> from nbformat.v4 import new_notebook
    >>> protected_pages([("trust", new_notebook())]).counts
    {'version': 1, 'pages': {'trust': []}}
    """
    _refuse_verdicts_of_few([notebook for _, notebook in pages])
    copies = tuple(deepcopy(notebook) for _, notebook in pages)
    for notebook in copies:
        for outputs in _outputs(notebook):
            withhold_uncounted(outputs)
    places = [
        (name, outputs, place, counted_from_json(outputs[place].data.pop(COUNTS_MIME)))
        for (name, _), notebook in zip(pages, copies, strict=True)
        for outputs in _outputs(notebook)
        for place, output in enumerate(outputs)
        if COUNTS_MIME in output.get("data", {})
    ]
    found = protected_counts([counted for *_, counted in places], PROTECTION)
    published: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in pages}
    for (name, outputs, place, counted), marks in zip(places, found.marks, strict=True):
        _protect_output(outputs, place, counted, marks)
        shown = [_published(one, hidden) for one, hidden in zip(counted, marks, strict=True)]
        published[name] += counted_to_json(shown)["tables"]
    version = counted_to_json([])["version"]
    return ProtectedPages(copies, {"version": version, "pages": published})


def _refuse_verdicts_of_few(notebooks: Sequence[NotebookNode]) -> None:
    """Refuse to publish a verdict whose base has so few respondents that it tells what they answered."""
    few = {
        str(verdict["title"])
        for notebook in notebooks
        for outputs in _outputs(notebook)
        for output in outputs
        for verdict in output.get("data", {}).get(VERDICTS_MIME, [])
        if 0 < verdict["n"] < PROTECTION.base
    }
    if few:
        raise ReportError(
            f"a verdict rests on fewer than {PROTECTION.base} respondents", where="; ".join(sorted(few)),
            do="leave the claim out, or register it for a larger group",
        )  # fmt: skip


def _outputs(notebook: NotebookNode) -> Iterator[list[NotebookNode]]:
    """Iterate over the outputs of each cell."""
    return (cell.outputs for cell in notebook.cells if cell.get("outputs"))


def _published(table: Counted, hidden: HiddenNumbers) -> Counted:
    """Return the counts that are published of a table; all others are not known."""
    counts, bases = np.full_like(table.counts, -1), np.full_like(table.bases, -1)
    places = {answer: place for place, answer in enumerate(table.answers)}
    for one, number, base in zip(table.shown, hidden.numbers, hidden.bases, strict=True):
        if not base:
            bases[one.group] = table.bases[one.group]
        if not number and len(one.answers) == 1:
            counts[one.group, places[one.answers[0]]] = table.counts[one.group, places[one.answers[0]]]
    return replace(table, counts=counts, n=bases)


def _protect_output(
    outputs: list[NotebookNode], place: int, counted: Sequence[Counted], marks: Sequence[HiddenNumbers]
) -> None:
    """Replace the hidden numbers of an output, and withhold the picture above that shows them."""
    data = outputs[place].data
    hides = any(any(one.numbers) or any(one.bases) for one in marks)
    html = str(data.get("text/html", ""))
    if not hides and UNPROTECTED not in unescape(html):
        return
    sizes = not any(any(one.bases) for one in marks)
    places, _ = hidden_places(counted, marks)
    numbers = {column for row, column in places if row == NOTES}
    found = count()
    html = NOTE.sub(lambda note: _note(note, sizes=sizes, hides=next(found) in numbers), html)
    for number in sorted({one.table for one in counted}):
        own = [(one, hidden) for one, hidden in zip(counted, marks, strict=True) if one.table == number]
        where = hidden_places([one for one, _ in own], [hidden for _, hidden in own])
        html = _without_numbers(html, number, *where)
    tables = shown_tables(html)
    texts = [text for table in tables for row in (table.header, *table.rows) for text in row]
    html += for_notebook(html_notes(legend(texts)))
    data.clear()
    data["text/html"] = html
    data["text/plain"] = "\n\n".join(
        "\n".join([table.caption, _as_text(table.header, table.rows), *table.notes])
        for table in shown_tables(html)
    )
    above = outputs[place - 1] if place else None
    about = {} if above is None else above.get("metadata", {}).get("image/png", {})
    if hides and above is not None and about.get("words") == "beside":
        above.data.clear()
        above.metadata.clear()
        above.data["text/html"] = for_notebook(html_notes([WITHHELD]))
        above.data["text/plain"] = WITHHELD


def _note(note: re.Match[str], *, sizes: bool, hides: bool) -> str:
    """Return a note as it may be published; the one that the numbers are not protected is dropped."""
    text = unescape(note[2])
    told = published_note(without_numbers(text) if hides else text, sizes=sizes)
    if told in ("", UNPROTECTED):
        return ""
    return note[0] if told == text else for_notebook(html_notes([told]))


def _as_text(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as text."""
    width = max(map(len, (header, *rows)), default=0)
    names = [*header, *[""] * (width - len(header))]
    frame = pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows], columns=range(width))
    return text_table(frame.set_axis(pd.Index(names), axis=1)) if len(set(names)) == width else ""


def _without_numbers(html: str, table: int, places: set[Place], letters: Mapping[int, set[str]]) -> str:
    r"""Return HTML with marks in place of hidden numbers, in one of its tables.

    Examples
    --------
    >>> from trustkit.display import html_table
    >>> html = html_table(pd.DataFrame({"answer": ["yes"], "n": ["3"]}), caption="Trust")
    >>> shown_tables(_without_numbers(html, 0, {(0, 1)}, {}))[0].rows
    (('yes', '[c]'),)
    """
    parts = TAG.split(html)
    number, row, column, first = -1, -1, -1, 0
    inside = in_body = False
    for at, part in enumerate(parts):
        if part.startswith("<table"):
            inside = re.search(rf'class="{OWN}\b', part) is not None
            number += inside
            row, first, in_body = -1, 0, False
        elif part == "</table>":
            inside = False
        elif not inside or number != table:
            continue
        elif part == "</thead>":
            in_body = True
        elif f'class="{ROWS_NAME}"' in part:
            first = 1
        elif in_body and part == "<tr>":
            row, column = row + 1, first - 1
        elif in_body and re.match(rf'<th [^>]*class="{ROWS}\b', part):
            row -= 1
        elif in_body and part.startswith("<td"):
            column += 1
            end = parts.index("</td>", at)
            whole = unescape("".join(parts[at + 1 : end : 2]))
            told = without_hidden(whole, (row, column), places, letters)
            if told != whole:
                parts[at + 1 : end] = [told, *[""] * (end - at - 2)]
    return "".join(parts)
