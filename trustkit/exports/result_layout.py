"""Every other result as it is printed: estimates, cross tables, tables of frames, charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from trustkit.caveats import SYNTHETIC
from trustkit.display import Shown, show_numbers
from trustkit.estimation.results import Estimate
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
from trustkit.units import (
    CHANGES,
    MEASURES,
    SCALES,
    Unit,
    common_unit,
    difference_unit,
    headed,
    point_decimals,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from trustkit.exports.printed_tables import Chart

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
    give_units: Callable[[], dict[str, tuple[Unit, ...]]] = getattr(result, "_column_units", dict)
    units = give_units()
    if isinstance(result, DataTable):
        given: dict[Unit, tuple[str, ...]] = {"share": result.shares, "points": result.points}
        units = {name: (unit,) * len(frame) for unit, names in given.items() for name in names}
    printed = _named(frame, result) if isinstance(result, Estimate) else frame
    labels = dict(result.labels) if isinstance(result, Estimate) else {}
    columns, rows = _laid_out(printed, units, labels)
    return PrintedTable(
        name=_short_name(result, title),
        title=one_line(title),
        columns=columns,
        rows=rows,
        notes=tuple(map(one_line, notes)),
        data=frame,
        chart=_chart_of_frame(printed, units.get("estimate", ())),
    )


def _named(frame: pd.DataFrame, estimate: Estimate) -> pd.DataFrame:
    """Return the rows of an estimate with the wordings of its questions, without columns that say nothing."""
    names = frame["variable"].astype(str).tolist()
    lone = len(set(names)) == 1
    short, _ = shortened([estimate.label(name) for name in names]) if not lone else (names, "")
    named = _without_empty(frame.assign(variable=short), lone=lone)
    if len({*estimate.units}) > 1 and "points" in estimate.units:
        words = ["percentage points" if unit == "points" else "" for unit in estimate.units]
        named.insert(list(named).index("estimate"), "unit", words)
    return named


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
    keys = _keys_of(printed)
    if len(keys) == 2 and len(figure.table) == printed[keys[0]].nunique() != len(frame):  # noqa: PLR2004
        columns, rows = _crossed(printed, keys, common_unit(figure.units))
    else:
        changes = tuple(map(difference_unit, figure.units))
        units = dict.fromkeys(MEASURES, figure.units) | dict.fromkeys(CHANGES, changes)
        columns, rows = _laid_out(printed, units if figure.units else {}, {})
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
        chart=_chart_of_frame(printed, figure.units),
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
    frame: pd.DataFrame, units: Mapping[str, tuple[Unit, ...]], labels: dict[str, str]
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Return the columns and rows of a frame; its marks stand in place of the numbers.

    Parameters
    ----------
    frame
        The numbers and their names.
    units
        Column -> the unit of each row; other columns hold numbers.
    labels
        Column -> what a reader sees above it.
    """
    marks = frame[MARK].fillna("").astype(str).tolist() if MARK in frame else [""] * len(frame)
    names = [name for name in frame.columns if name != MARK]
    headings = told_apart(
        [headed(one_line(_heading(str(name), labels)), units.get(str(name), ())) for name in names]
    )
    points = _point_decimals(frame)
    columns, cells = [], []
    for name, heading in zip(names, headings, strict=True):
        own = frame[name]
        numeric = pd.api.types.is_numeric_dtype(own) and not pd.api.types.is_bool_dtype(own)
        columns.append(Column(heading, numeric=bool(numeric)))
        kind: CellKind = "count" if name in COUNTS else "number"
        if numeric and pd.api.types.is_integer_dtype(own):
            kind = "count"
        if not numeric:
            cells.append([Cell("" if pd.isna(cell) else one_line(cell)) for cell in own])
            continue
        numbers = own.astype(float).tolist()
        own_units = units.get(str(name), ())
        printed = (
            _cells_in(numbers, own_units, points)
            if own_units
            else [Cell(value, kind, _decimals(numbers) if kind == "number" else None) for value in numbers]
        )
        cells.append(
            [
                Cell(mark) if mark and pd.isna(value) else cell
                for value, cell, mark in zip(numbers, printed, marks, strict=True)
            ]
        )
    return tuple(columns), tuple(zip(*cells, strict=True)) if cells else ()


def _point_decimals(frame: pd.DataFrame) -> int:
    """Return how many decimals the differences of shares in a frame are printed with."""
    return point_decimals(float(frame["se"].where(frame["se"] > 0).min()) if "se" in frame else float("nan"))


def _in_points(frame: pd.DataFrame, unit: Unit) -> pd.DataFrame:
    """Return a frame whose differences of shares are in percentage points."""
    if unit != "points":
        return frame
    return frame.assign(**{name: SCALES[unit] * frame[name] for name in MEASURES if name in frame})


def _cells_in(values: Sequence[float], units: Sequence[Unit], points: int) -> list[Cell]:
    """Return numbers as cells of their units: a difference of shares is printed in percentage points."""
    plain = _decimals([value for value, unit in zip(values, units, strict=True) if unit == "number"])
    return [
        Cell(value, "share")
        if unit == "share"
        else Cell(SCALES[unit] * value, "number", plain if unit == "number" else points)
        for value, unit in zip(values, units, strict=True)
    ]


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
    frame: pd.DataFrame, keys: Sequence[str], unit: Unit
) -> tuple[tuple[Column, ...], tuple[tuple[Cell, ...], ...]]:
    """Return estimates with one key in rows and another in columns, and n where each row has one."""
    texts = frame[list(keys)].astype(str).map(one_line)
    rows, names = (texts[key].drop_duplicates().tolist() for key in keys)
    at = {pair: place for place, pair in enumerate(texts.itertuples(index=False, name=None))}
    kind: CellKind = "share" if unit == "share" else "number"
    decimals = _decimals_of(frame, unit)
    records = _in_points(frame, unit).to_dict("records")
    columns = [
        Column(one_line(_heading(keys[0], {}))),
        *(Column(name, headed(one_line(_heading(keys[1], {})), [unit]), numeric=True) for name in names),
    ]
    sizes = frame.groupby(texts[keys[0]], sort=False)["n"].nunique() if "n" in frame else None
    has_n = sizes is not None and bool((sizes == 1).all())
    cells = []
    for row in rows:
        own = [records[at[row, name]] if (row, name) in at else {} for name in names]
        counts = [_marked(next(filter(None, own)), "count", "n")] if has_n else []
        cells.append((Cell(row), *(_marked(cell, kind, decimals=decimals) for cell in own), *counts))
    return (*columns, *([Column("n", numeric=True)] if has_n else [])), tuple(cells)


def _decimals_of(frame: pd.DataFrame, unit: Unit) -> int | None:
    """Return how many decimals the estimates of a frame are printed with; None: those of a percentage."""
    if unit == "share":
        return None
    return _point_decimals(frame) if unit == "points" else _decimals(frame["estimate"].astype(float).tolist())


def _chart_of_frame(frame: pd.DataFrame, units: Sequence[Unit]) -> Chart | None:
    """Return the chart of estimates: a group of bars for each of one key, a colour for each of another."""
    keys = _keys_of(frame)
    if len({*units}) > 1:
        return None
    unit = common_unit(units)
    most = 2
    if "estimate" not in frame or len(keys) > most or len(frame) > MOST_CATEGORIES * MOST_SERIES:
        return None
    if "ci_low" not in frame or (frame.duplicated(keys).any() if keys else len(frame) != 1):
        return None
    texts = [frame[key].astype(str).map(one_line).tolist() for key in keys]
    texts += [[""] * len(frame)] * (most - len(keys))
    rows, names = (list(dict.fromkeys(own)) for own in texts)
    at = {pair: place for place, pair in enumerate(zip(*texts, strict=True))}
    drawn = _in_points(frame, unit)
    series = []
    for name in names:
        places = [at.get((row, name)) for row in rows]
        numbers = [
            tuple(float("nan") if place is None else float(drawn[measure].iloc[place]) for place in places)
            for measure in ("estimate", "ci_low", "ci_high")
        ]
        series.append(Series(name, *numbers))
    return chart_of(rows, series, "share" if unit == "share" else "number", _decimals_of(frame, unit))
