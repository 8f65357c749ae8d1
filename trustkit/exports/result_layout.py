"""Every other result as it is printed: estimates, cross tables, tables of frames, charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from trustkit.caveats import SYNTHETIC
from trustkit.display import Shown, show_numbers
from trustkit.estimation.results import SHARES, Estimate
from trustkit.exports.printed_tables import (
    MOST_CATEGORIES,
    MOST_SERIES,
    Cell,
    CellKind,
    Column,
    PrintedTable,
    Series,
    chart_of,
)
from trustkit.exports.safe_text import one_line
from trustkit.exports.shown_cells import shown_table
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.data_table import DataTable
from trustkit.headings import shortened, shown_name, told_apart
from trustkit.tables.cross_tables import CrossTable

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from trustkit.exports.printed_tables import Chart

MEASURES = ("estimate", "se", "ci_low", "ci_high")
"""The columns that are shares where the estimates are."""

COUNTS = ("n", "n_eff", "df", "n_weighted", "n_kish")
"""The columns that are shown without decimals."""

MARK = "mark"
"""The column whose text stands in place of a number that is not shown."""


def result_table(result: Shown | DataFigure, *, without: Sequence[str] = ()) -> PrintedTable:
    """Return a result, or a chart with its numbers, as it is printed.

    Parameters
    ----------
    result
        An estimate, a cross table, a table of a frame, another result, or a chart.
    without
        Columns of its frame that are left out; of a cross table none can be.
    """
    if isinstance(result, DataFigure):
        return _figure_table(result, without)
    title, shown, notes = result._parts()  # noqa: SLF001  # the one method that every result shows itself by
    if isinstance(result, CrossTable):
        return _cross_table(result, title, notes)
    frame = _frame_of(result, shown).drop(columns=list(without))
    if not isinstance(result, DataTable) and frame.equals(shown):
        return shown_table(title, shown, notes)
    shares: tuple[str, ...] = ()
    if isinstance(result, Estimate):
        shares = MEASURES if result.statistic in SHARES else ()
    elif isinstance(result, DataTable):
        shares = result.shares
    printed = _named(frame, result) if isinstance(result, Estimate) else frame
    labels = dict(result.labels) if isinstance(result, Estimate) else {}
    columns, rows = _laid_out(printed, shares, labels)
    return PrintedTable(
        name=_short_name(result, title),
        title=one_line(title),
        columns=columns,
        rows=rows,
        notes=tuple(map(one_line, notes)),
        data=frame,
        chart=_chart_of_frame(printed, "share" if shares else "number"),
    )


def _named(frame: pd.DataFrame, estimate: Estimate) -> pd.DataFrame:
    """Return the rows of an estimate with the wordings of its questions, without columns that say nothing."""
    names = frame["variable"].astype(str).tolist()
    lone = len(set(names)) == 1
    short, _ = shortened([estimate.label(name) for name in names]) if not lone else (names, "")
    return _without_empty(frame.assign(variable=short), lone=lone)


def _without_empty(frame: pd.DataFrame, *, lone: bool) -> pd.DataFrame:
    """Leave out the question where there is only one, and answers and reasons where there are none."""
    dropped = ["variable"] if lone and len(frame) > 1 and "variable" in frame else []
    dropped += [
        name
        for name in ("level", "reason")
        if name in frame and not (frame[name].fillna("").astype(str) != "").any()
    ]
    return frame.drop(columns=dropped)


def _short_name(result: Shown, title: str) -> str:
    if isinstance(result, Estimate):
        names = list(dict.fromkeys(result.keys["variable"].astype(str)))
        return names[0] if len(names) == 1 else result.statistic
    return title


def _frame_of(result: Shown, shown: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of a result, unrounded where it gives them, else as it shows them."""
    if isinstance(result, DataTable):
        return result.data
    give = getattr(result, "to_frame", None)
    frame: pd.DataFrame = give() if callable(give) else shown
    return frame


def _figure_table(figure: DataFigure, without: Sequence[str]) -> PrintedTable:
    """Return a chart as it is printed: its picture, and the numbers that it draws."""
    frame = figure.data.reset_index(drop=True).drop(columns=list(without))
    lone = "variable" in frame and len(set(frame["variable"])) == 1
    printed = _without_empty(frame, lone=lone)
    percent = any(str(cell).endswith("%") for name in figure.table for cell in figure.table[name])
    between = "estimate" in frame and bool(frame["estimate"].dropna().between(0, 1).all())
    shares = MEASURES if percent and between else ()
    keys = _keys_of(printed)
    if len(keys) == 2 and len(figure.table) == printed[keys[0]].nunique() != len(frame):  # noqa: PLR2004
        columns, rows = _crossed(printed, keys, "share" if shares else "number")
    else:
        columns, rows = _laid_out(printed, shares, {})
    title = one_line(figure.title)
    parts = [part for part in (figure.subtitle, *figure.feet) if part]
    notes = [note for part in parts for note in _sentences(one_line(part))]
    return PrintedTable(
        name=title,
        title=title,
        columns=columns,
        rows=rows,
        notes=tuple(notes),
        data=frame,
        whole=len(rows) == len(frame),
        chart=_chart_of_frame(printed, "share" if shares else "number"),
        picture=figure.png(words="beside"),
        words=one_line(figure.caption),
    )


def _sentences(text: str) -> list[str]:
    """Return a note in two parts if it says in its middle that the data are synthetic."""
    before, found, after = text.partition(SYNTHETIC)
    return [part.strip() for part in (before, found, after) if part.strip()]


def _cross_table(result: CrossTable, title: str, notes: Sequence[str]) -> PrintedTable:
    """Return two crossed questions as they are printed, answers in rows and columns."""
    frame = result.to_frame()
    answers, groups = (frame[name].drop_duplicates().tolist() for name in ("row", "column"))
    cells = {(cell["row"], cell["column"]): cell for cell in frame.to_dict("records")}
    head = one_line(result.shares.label(result.column))
    columns = [Column("answer"), *(Column(one_line(group), head, numeric=True) for group in groups)]
    rows = []
    for answer in answers:
        own = [_marked(cells.get((answer, group), {}), "share") for group in groups]
        if result.percent == "row":
            own.append(_marked(cells.get((answer, groups[0]), {}), "count", "n"))
        rows.append((Cell(one_line(answer)), *own))
    bases = []
    if result.percent == "row":
        columns.append(Column("n", numeric=True))
    elif result.percent == "column":
        counts = [_marked(cells.get((answers[0], group), {}), "count", "n") for group in groups]
        bases = [(Cell("n"), *counts)]
    series = [
        Series(
            one_line(group),
            *(
                tuple(float(cells.get((answer, group), {}).get(name, float("nan"))) for answer in answers)
                for name in ("estimate", "ci_low", "ci_high")
            ),
        )
        for group in groups
    ]
    return PrintedTable(
        name=f"{result.row} by {result.column}",
        title=one_line(title),
        columns=tuple(columns),
        rows=(*bases, *rows),
        notes=tuple(map(one_line, notes)),
        data=frame,
        bases=len(bases),
        whole=False,
        chart=chart_of([one_line(answer) for answer in answers], series),
    )


def _marked(
    cell: Mapping[Hashable, object], kind: CellKind, name: str = "estimate", decimals: int | None = None
) -> Cell:
    """Return a number of a cell, or the mark that stands in its place."""
    value = cell.get(name, float("nan"))
    mark = cell.get(MARK)
    number = float(value) if isinstance(value, int | float) else float("nan")
    return Cell(mark) if isinstance(mark, str) and mark and pd.isna(number) else Cell(number, kind, decimals)


def _laid_out(
    frame: pd.DataFrame, shares: Sequence[str], labels: dict[str, str]
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Return the columns and rows of a frame; its marks stand in place of the numbers."""
    marks = frame[MARK].fillna("").astype(str).tolist() if MARK in frame else [""] * len(frame)
    names = [name for name in frame.columns if name != MARK]
    headings = told_apart([one_line(_heading(str(name), labels)) for name in names])
    columns, cells = [], []
    for name, heading in zip(names, headings, strict=True):
        own = frame[name]
        numeric = pd.api.types.is_numeric_dtype(own) and not pd.api.types.is_bool_dtype(own)
        columns.append(Column(heading, numeric=bool(numeric)))
        kind: CellKind = "share" if name in shares else "count" if name in COUNTS else "number"
        if numeric and pd.api.types.is_integer_dtype(own):
            kind = "count"
        if not numeric:
            cells.append([Cell("" if pd.isna(cell) else one_line(cell)) for cell in own])
            continue
        decimals = _decimals(own.astype(float).tolist())
        cells.append(
            [
                Cell(mark)
                if mark and pd.isna(cell)
                else Cell(float(cell), kind, decimals if kind == "number" else None)
                for cell, mark in zip(own.astype(float), marks, strict=True)
            ]
        )
    return tuple(columns), tuple(zip(*cells, strict=True)) if cells else ()


def _heading(name: str, labels: dict[str, str]) -> str:
    return {"variable": "question", "level": "answer"}.get(name) or labels.get(name) or shown_name(name)


def _decimals(values: Sequence[float]) -> int:
    """Return how many decimals the numbers of a column are shown with."""
    return max((len(text.partition(".")[2]) for text in show_numbers(values) if "e" not in text), default=0)


def _keys_of(frame: pd.DataFrame) -> list[str]:
    """Return the columns before the estimates that tell rows apart; none if there are no estimates."""
    if not {"estimate", "ci_low", "ci_high"} <= set(frame.columns) or frame.empty:
        return []
    before = [str(name) for name in frame.columns[: frame.columns.get_loc("estimate")]]
    return [name for name in before if len(set(frame[name].astype(str))) > 1]


def _crossed(
    frame: pd.DataFrame, keys: Sequence[str], kind: CellKind
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Return estimates with one key in rows and another in columns, and n where each row has one."""
    texts = frame[list(keys)].astype(str).map(one_line)
    rows, names = (texts[key].drop_duplicates().tolist() for key in keys)
    at = {pair: place for place, pair in enumerate(texts.itertuples(index=False, name=None))}
    records = frame.to_dict("records")
    decimals = None if kind == "share" else _decimals(frame["estimate"].astype(float).tolist())
    columns = [
        Column(one_line(_heading(keys[0], {}))),
        *(Column(name, one_line(_heading(keys[1], {})), numeric=True) for name in names),
    ]
    sizes = frame.groupby(texts[keys[0]], sort=False)["n"].nunique() if "n" in frame else None
    has_n = sizes is not None and bool((sizes == 1).all())
    cells = []
    for row in rows:
        own = [records[at[row, name]] if (row, name) in at else {} for name in names]
        counts = [_marked(next(filter(None, own)), "count", "n")] if has_n else []
        cells.append((Cell(row), *(_marked(cell, kind, decimals=decimals) for cell in own), *counts))
    return (*columns, *([Column("n", numeric=True)] if has_n else [])), tuple(cells)


def _chart_of_frame(frame: pd.DataFrame, unit: CellKind) -> Chart | None:
    """Return the chart of estimates: a group of bars for each of one key, a colour for each of another."""
    keys = _keys_of(frame)
    most = 2
    if "estimate" not in frame or len(keys) > most or len(frame) > MOST_CATEGORIES * MOST_SERIES:
        return None
    if "ci_low" not in frame or (frame.duplicated(keys).any() if keys else len(frame) != 1):
        return None
    texts = [frame[key].astype(str).map(one_line).tolist() for key in keys]
    texts += [[""] * len(frame)] * (most - len(keys))
    rows, names = (list(dict.fromkeys(own)) for own in texts)
    at = {pair: place for place, pair in enumerate(zip(*texts, strict=True))}
    series = []
    for name in names:
        places = [at.get((row, name)) for row in rows]
        numbers = [
            tuple(float("nan") if place is None else float(frame[measure].iloc[place]) for place in places)
            for measure in ("estimate", "ci_low", "ci_high")
        ]
        series.append(Series(name, *numbers))
    decimals = None if unit == "share" else _decimals(frame["estimate"].astype(float).tolist())
    return chart_of(rows, series, unit, decimals)
