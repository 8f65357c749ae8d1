"""Notebooks as they may be published: no number of few respondents, and nothing that gives one away.

The results that a notebook shows hold the ledger of the respondents behind them, which the module
`trustkit.ledger` describes. All results of all notebooks of a site are protected together.
Nothing is computed anew: hidden numbers are replaced where they stand, and a chart with a hidden number is
withheld, as its picture shows it.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, replace
from html import escape, unescape
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.counted import NOTES, UNPROTECTED, Counted
from trustkit.display import for_notebook, html_notes, text_table, visible
from trustkit.errors import ReportError
from trustkit.ledger import COUNTS_MIME, counted_from_json, counted_to_json
from trustkit.reporting.shown_tables import ABOVE_CHART, OWN, ROWS, ROWS_NAME, shown_tables
from trustkit.reporting.trails import protected_trail, trail_of
from trustkit.reporting.uncounted import withhold_uncounted
from trustkit.survey.protection import PROTECTION
from trustkit.tables.marks import (
    BY_REASON,
    CONFIDENTIAL,
    SIZE,
    WITHHELD,
    HiddenNumbers,
    base_places,
    hidden_places,
    legend,
    nearest,
    published_note,
    rounded_size,
    without_few_answers,
    without_hidden,
    without_numbers,
)
from trustkit.tables.protection import protected_counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbformat import NotebookNode

    from trustkit.counted import Place
    from trustkit.survey.protection import Protection

TAG = re.compile(r"(<[^>]*>)")
BODY = re.compile(rf'<table class="{OWN}\b.*?<tbody>(.*?)</tbody>', re.DOTALL)
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
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


def protected_pages(
    pages: Sequence[tuple[str, NotebookNode]], protection: Protection | None = None
) -> ProtectedPages:
    """Return notebooks as they may be published together.

    Parameters
    ----------
    pages
        The name of each page, and its notebook as it was run.
    protection
        What must not be published; the default rule if not given.

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
    protection = PROTECTION if protection is None else protection
    _refuse_verdicts_of_few([notebook for _, notebook in pages], protection)
    copies = tuple(deepcopy(notebook) for _, notebook in pages)
    for notebook in copies:
        for outputs in _outputs(notebook):
            withhold_uncounted(outputs)
            for output in outputs:
                _protect_verdicts(output, protection.threshold, protection.rounding)
    places = [
        (name, outputs, place, counted_from_json(outputs[place].data.pop(COUNTS_MIME)))
        for (name, _), notebook in zip(pages, copies, strict=True)
        for outputs in _outputs(notebook)
        for place, output in enumerate(outputs)
        if COUNTS_MIME in output.get("data", {})
    ]
    found = protected_counts([counted for *_, counted in places], protection)
    published: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in pages}
    for (name, outputs, place, counted), marks in zip(places, found.marks, strict=True):
        if VERDICTS_MIME in outputs[place].data:
            _refuse_hidden_verdicts(outputs[place].data[VERDICTS_MIME], counted, marks)
        _protect_output(outputs, place, counted, marks, protection.rounding)
        shown = [
            _published(one, hidden, protection.rounding) for one, hidden in zip(counted, marks, strict=True)
        ]
        published[name] += counted_to_json(shown)["tables"]
    version = counted_to_json([])["version"]
    return ProtectedPages(copies, {"version": version, "pages": published})


def _refuse_verdicts_of_few(notebooks: Sequence[NotebookNode], protection: Protection) -> None:
    """Refuse to publish a verdict whose base has so few respondents that it tells what they answered."""
    few = {
        str(verdict["title"])
        for notebook in notebooks
        for outputs in _outputs(notebook)
        for output in outputs
        for verdict in output.get("data", {}).get(VERDICTS_MIME, [])
        if 0 < verdict["n"] < protection.base
    }
    if few:
        raise ReportError(
            f"a verdict rests on fewer than {protection.base} respondents", where="; ".join(sorted(few)),
            do="leave the claim out, or register it for a larger group",
        )  # fmt: skip


def _refuse_hidden_verdicts(
    verdicts: Sequence[Mapping[str, Any]], counted: Sequence[Counted], marks: Sequence[HiddenNumbers]
) -> None:
    """Refuse to publish a verdict whose number is hidden in the tables, or gives a hidden number away."""
    places, _ = hidden_places(counted, marks)
    rows = sorted({row for row, _ in places})
    if rows:
        raise ReportError(
            "a verdict shows a number that must be hidden, or that gives a hidden number of a table away",
            where="; ".join(str(verdicts[row]["title"]) for row in rows),
            do="leave the claim out, or leave out the tables of the same question",
        )


def _protect_verdicts(output: NotebookNode, fewest: int, unit: int | None) -> None:
    """Take the numbers of few respondents out of the trails, alternatives and reasons of verdicts."""
    data = output.get("data", {})
    for verdict in data.get(VERDICTS_MIME, []):
        tried = verdict.pop("tried", [])
        if any(one["n"] < fewest for one in tried):
            verdict["alternatives"] = "; ".join(
                one["words"] if one["n"] >= fewest else one["named"] for one in tried
            )
        reduced = verdict.pop("reduced", {"n": 0})
        if 0 < reduced["n"] < fewest:
            told, verdict["reason"] = visible(verdict["reason"]), reduced["reason"]
            for form, written in (("text/plain", str), ("text/html", escape)):
                shown = str(data.get(form, ""))
                data[form] = shown.replace(written(told), written(visible(reduced["reason"])))
        if trail_of(verdict):
            verdict["trail"] = protected_trail(verdict["trail"], fewest)
        if unit is not None:
            for counts in (verdict, *verdict.get("trail", [])):
                counts |= {name: nearest(counts[name], unit) for name in ("n", "removed") if name in counts}


def _outputs(notebook: NotebookNode) -> Iterator[list[NotebookNode]]:
    """Iterate over the outputs of each cell."""
    return (cell.outputs for cell in notebook.cells if cell.get("outputs"))


def _published(table: Counted, hidden: HiddenNumbers, unit: int | None) -> Counted:
    """Return the counts that are published of a table; all others are not known.

    Numbers are in the order of their names and without their places, which would tell between which others a
    hidden number is where rows are sorted.
    """
    table = table.without_values()
    counts, bases = np.full_like(table.counts, -1), np.full_like(table.bases, -1)
    places = {answer: place for place, answer in enumerate(table.answers)}
    shown = []
    for one, number, base in zip(table.shown, hidden.numbers, hidden.bases, strict=True):
        together = -1
        if not base:
            bases[one.group] = table.bases[one.group]
        if not number and one.answers:
            own = [int(table.counts[one.group, places[answer]]) for answer in one.answers]
            if len(own) == 1:
                counts[one.group, places[one.answers[0]]] = own[0]
            elif min(own) >= 0:
                together = sum(own) if unit is None else nearest(sum(own), unit)
        shown.append(replace(one, cells=(), base_cells=(), count=together))
    if unit is not None:
        counts = np.where(counts < 0, counts, (counts + unit // 2) // unit * unit)
        bases = np.where(bases < 0, bases, (bases + unit // 2) // unit * unit)
    in_order = tuple(sorted(shown, key=lambda one: (one.group, one.level, one.letter)))
    return replace(table, counts=counts, n=bases, shown=in_order, amounts=None)


def _protect_output(
    outputs: list[NotebookNode],
    place: int,
    counted: Sequence[Counted],
    marks: Sequence[HiddenNumbers],
    unit: int | None,
) -> None:
    """Replace the hidden numbers of an output, and withhold the picture above that shows them."""
    data = outputs[place].data
    hides = any(any(one.numbers) or any(one.bases) for one in marks)
    html = str(data.get("text/html", ""))
    counts_reasons = BY_REASON.search(html) is not None
    if not hides and UNPROTECTED not in unescape(html) and unit is None and not counts_reasons:
        return
    sizes = not any(any(one.bases) for one in marks)
    places, _ = hidden_places(counted, marks)
    numbers = {column for row, column in places if row == NOTES}
    found = count()
    html = NOTE.sub(lambda note: _note(note, sizes=sizes, hides=next(found) in numbers), html)
    if unit is not None:
        html = NOTE.sub(lambda note: SIZE.sub(lambda size: rounded_size(size[0], unit), note[0]), html)
    for number in sorted({one.table for one in counted}):
        own = [(one, hidden) for one, hidden in zip(counted, marks, strict=True) if one.table == number]
        gone, letters = hidden_places([one for one, _ in own], [hidden for _, hidden in own])
        sizes_at = {} if unit is None else dict.fromkeys(base_places([one for one, _ in own]), unit)
        html = _without_numbers(html, number, gone, letters, sizes_at)
        rows = sorted(
            {row for one, _ in own if one.is_sorted for shown in one.shown for row, _ in shown.cells}
        )
        html = hidden_rows_last(html, number, [row for row in rows if row >= 0])
    tables = shown_tables(html)
    texts = [text for table in tables for row in (table.header, *table.rows) for text in row]
    html += for_notebook(html_notes(legend(texts)))
    verdicts = data.get(VERDICTS_MIME)
    data.clear()
    if verdicts is not None:
        data[VERDICTS_MIME] = verdicts
    data["text/html"] = html
    data["text/plain"] = "\n\n".join(
        "\n".join([table.caption, _as_text(table.header, table.rows), *table.notes])
        for table in shown_tables(html)
    )
    above = outputs[place - 1] if place else None
    about = {} if above is None else above.get("metadata", {}).get("image/png", {})
    if above is not None and about and unit is not None:
        above.metadata = _with_rounded_sizes(above.metadata, unit)
        above.data["text/plain"] = f"Figure: {above.metadata['image/png'].get('alt', '')}"
    if hides and above is not None and about.get("words") == "beside":
        above.data.clear()
        above.metadata.clear()
        headline, data["text/html"] = _after_headline(html)
        above.data["text/html"] = headline + for_notebook(html_notes([WITHHELD]))
        above.data["text/plain"] = WITHHELD


def _after_headline(html: str) -> tuple[str, str]:
    """Return the headline and the subtitle that a chart's output begins with, and the rest of it."""
    above = ABOVE_CHART.match(html)
    return (above[0], html[above.end() :]) if above else ("", html)


def _with_rounded_sizes(value: Any, unit: int) -> Any:  # noqa: ANN401  # any part of JSON
    """Return the metadata of a picture, whose words give numbers of respondents as multiples of a unit."""
    if isinstance(value, str):
        return SIZE.sub(lambda size: rounded_size(size[0], unit), value)
    if isinstance(value, dict):
        return type(value)({name: _with_rounded_sizes(part, unit) for name, part in value.items()})
    return value


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


def _without_numbers(
    html: str,
    table: int,
    places: set[Place],
    letters: Mapping[int, set[str]],
    rounded: Mapping[Place, int] = MappingProxyType({}),
) -> str:
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
            told = without_few_answers(without_hidden(whole, (row, column), places, letters))
            if (row, column) in rounded:
                told = rounded_size(told, rounded[row, column])
            if told != whole:
                parts[at + 1 : end] = [told, *[""] * (end - at - 2)]
    return "".join(parts)


def hidden_rows_last(html: str, table: int, rows: Sequence[int]) -> str:
    r"""Return HTML with the rows that have a hidden number below the others, in one of its tables.

    Among rows that are sorted by a number, the place of a row tells between which others its number is.
    Hidden rows are in the order of their names.

    Parameters
    ----------
    html
        The HTML of a result.
    table
        The number of the table, counted from 0.
    rows
        The rows that are sorted, counted from 0.

    Examples
    --------
    >>> from trustkit.display import html_table
    >>> frame = pd.DataFrame({"area": ["b", "c", "a"], "share": ["[c]", "40%", "[c]"]})
    >>> html = hidden_rows_last(html_table(frame, caption="t"), 0, [0, 1, 2])
    >>> [row[0] for row in shown_tables(html)[0].rows]
    ['c', 'a', 'b']
    """
    bodies = list(BODY.finditer(html))
    if not rows or table >= len(bodies) or f'class="{ROWS}' in bodies[table][0]:
        return html
    lines = ROW.findall(bodies[table][1])
    if rows[-1] >= len(lines):
        return html
    shown = [lines[row] for row in rows if CONFIDENTIAL not in lines[row]]
    gone = [lines[row] for row in rows if CONFIDENTIAL in lines[row]]
    hidden = sorted(gone, key=lambda line: TAG.sub("", line))
    for row, line in zip(rows, [*shown, *hidden], strict=True):
        lines[row] = line
    start, end = bodies[table].span(1)
    return html[:start] + "".join(lines) + html[end:]
