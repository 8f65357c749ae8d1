"""The tables of a banner as they are printed: bases, then rows, with a column for each group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from trustkit.counted import unprotected
from trustkit.exports.printed_tables import Cell, CellKind, Column, PrintedTable, Series, chart_of
from trustkit.exports.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from trustkit.exports.printed_tables import Chart
    from trustkit.tables.banner import BannerTable

CellOfBanner: TypeAlias = "Mapping[Hashable, Any]"
Cells: TypeAlias = "list[Mapping[Hashable, Any]]"
"""A row of a banner's long form, and those of one column."""

BASES = {"n": "n", "n_weighted": "weighted n", "n_kish": "effective n"}
"""The columns of a banner that say how many are counted -> what their rows are called."""

NO_NUMBER = "no number"
"""What stands in a cell without an estimate."""

SMALL_MARK = "[u]"
"""The mark of columns that are too small to be compared."""

UNTESTED = "too small"
"""The flag of columns that are too small to be compared."""


def banner_table(table: BannerTable, about: tuple[str, ...] = ()) -> PrintedTable:
    """Return a table of a banner as it is printed.

    Parameters
    ----------
    table
        One question of a banner.
    about
        How the survey was made.
    """
    groups: dict[tuple[str, str], Cells] = {}
    for cell in table.frame.to_dict("records"):
        groups.setdefault((str(cell["head"]), str(cell["letter"])), []).append(cell)
    parts = list(groups.values())
    columns = [Column("answer"), *map(_column, parts)]
    base_rows = _base_rows(parts)
    rows = [(Cell(one_line(cells[0]["row"])), *map(_cell, cells)) for cells in zip(*parts, strict=True)]
    name = str(table.frame["question"].iloc[0]) if len(table.frame) else table.title
    return PrintedTable(
        name=name,
        title=one_line(table.title),
        columns=tuple(columns),
        rows=(*base_rows, *rows),
        notes=tuple(map(one_line, (*table.notes, *table.caveats.sentences, *unprotected(table.counted)))),
        data=table.frame,
        bases=len(base_rows),
        whole=False,
        chart=_chart(columns[1:], parts),
        about=about,
    )


def _column(cells: Cells) -> Column:
    first = cells[0]
    untested = all(cell["flag"] == UNTESTED for cell in cells)
    label, head = one_line(first["column"]), one_line(first["head"])
    return Column(label, head, str(first["letter"]), numeric=True, mark=SMALL_MARK if untested else "")


def _base_rows(parts: Sequence[Cells]) -> list[tuple[Cell, ...]]:
    """Return the rows of bases: one each, or the smallest and the largest where answers differ in them."""
    rows = []
    for name, label in BASES.items():
        ends = []
        for cells in parts:
            sizes = [float(cell[name]) for cell in cells if not pd.isna(cell[name])]
            ends.append((min(sizes), max(sizes)) if sizes else (math.nan, math.nan))
        alike = all(low == high or math.isnan(low) for low, high in ends)
        for place, words in enumerate([label] if alike else [f"smallest {label}", f"largest {label}"]):
            numbers = [
                Cell(_mark_of_all(cells) or NO_NUMBER)
                if math.isnan(end[place])
                else Cell(end[place], "count")
                for end, cells in zip(ends, parts, strict=True)
            ]
            rows.append((Cell(words), *numbers))
    return rows


def _mark_of_all(cells: Cells) -> str:
    """Return the mark that all cells of a column have; empty if they have none."""
    marks = set(map(_mark, cells))
    return marks.pop() if len(marks) == 1 else ""


def _mark(cell: CellOfBanner) -> str:
    """Return the mark that stands in place of a number; empty if the number itself is shown."""
    mark = cell.get("mark", "")
    return str(mark) if isinstance(mark, str) and mark and pd.isna(cell["estimate"]) else ""


def _cell(cell: CellOfBanner) -> Cell:
    value = float(cell["estimate"])
    if math.isnan(value):
        return Cell(_mark(cell) or NO_NUMBER)
    letters = f"{cell['higher']} {cell['higher_at_second']}".strip()
    if cell["kind"] == "nps":
        return Cell(100 * value, "number", decimals=1, letters=letters)
    kind: CellKind = "number" if cell["kind"] == "mean" else "share"
    return Cell(value, kind, letters=letters)


def _chart(columns: Sequence[Column], parts: Sequence[Cells]) -> Chart | None:
    """Return the chart of a table: all columns if they can be read, else the first one alone.

    Shares are drawn by answer, and the means of a question without answers by column.
    """
    if not parts:
        return None
    shares = [place for place, cell in enumerate(parts[0]) if cell["kind"] in ("answer", "net")]
    headings = [column.heading for column in columns]
    if not shares:
        return chart_of(headings, [_series("", [cells[0] for cells in parts])], "number")
    answers = [one_line(parts[0][place]["row"]) for place in shares]
    series = [
        _series(heading, [cells[place] for place in shares])
        for heading, cells in zip(headings, parts, strict=True)
    ]
    return chart_of(answers, series) or _stacked(headings, parts) or chart_of(answers, series[:1])


def _stacked(headings: list[str], parts: Sequence[Cells]) -> Chart | None:
    """Return a bar for each column, divided by answers, if these are a whole."""
    answers = [cells for cells in zip(*parts, strict=True) if cells[0]["kind"] == "answer"]
    chart = chart_of(headings, [_series(one_line(cells[0]["row"]), cells) for cells in answers])
    return chart if chart is not None and chart.kind == "stacked" else None


def _series(name: str, cells: Sequence[CellOfBanner]) -> Series:
    numbers, low, high = (
        tuple(float(cell[measure]) for cell in cells) for measure in ("estimate", "ci_low", "ci_high")
    )
    return Series(name, numbers, low, high)
