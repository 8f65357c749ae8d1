"""Charts of change over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import ESTIMATE, TEXT, VERDICTS, WORDS, a_trustkit, accepts, one_of
from trustkit.display import p_in_words, show_decimals
from trustkit.errors import DataError, suggest
from trustkit.estimation.times import times_of, unit_of_times
from trustkit.estimation.trend_tests import NAMES, trend_test
from trustkit.figures.data_figure import DataFigure
from trustkit.figures.lettering import height_of, named_number
from trustkit.figures.paper import EDGE, SIZE, Axis, Key
from trustkit.figures.row_labels import (
    counted_in,
    note_of,
    number_columns,
    scale_of,
    shown,
    units_in,
    with_minus,
    words_at,
)
from trustkit.units import SCALES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.claims.verdicts import Verdicts
    from trustkit.estimation.results import Estimate
    from trustkit.estimation.significance import TestResult
    from trustkit.figures.paper import Paper

    Floats = NDArray[np.float64]

TESTS = a_trustkit("TestResult", "make them with tk.trend_test").listed(
    "a list of TestResults", "write them as [tk.trend_test(estimate)]"
)
LINE = 0.17
"""How far in inches the label of a line may reach above the axes."""

MOST_LINES = 4
"""How many lines can be told apart in one chart."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""What marks the breaks of a series."""


@dataclass(frozen=True, eq=False)
class _Line:
    """A group's numbers in time, shape (T,): times, and estimate, low and high in the chart's unit."""

    name: str
    times: Floats
    numbers: Floats
    last: str


def trend(
    estimate: Estimate,
    *,
    title: str,
    time: str = "",
    breaks: Mapping[str, str] | None = None,
    published: Verdicts | None = None,
    tests: Sequence[TestResult] = (),
    axis: Axis = "whole",
) -> DataFigure:
    """Draw estimates over time as lines on their intervals, with time to scale.

    Parameters
    ----------
    estimate
        Estimates ``by`` a variable whose answers are times: years, other numbers, months such as
        "2024-03" or days such as "2024-03-31". What else differs between rows makes the lines, up to four.
    title
        The headline: what the chart shows, or its message.
    time
        The variable that holds the times; the first whose answers are all times if not given.
    breaks
        Time -> what changed then, for example in the question. The line is broken before that time, the
        break is marked, and the note says what changed.
    published
        Verdicts on published figures of single times, each with the time under the claim's ``where``. They
        are drawn as diamonds in a chart of one line, joined by a thin one of their own that has the same
        breaks.
    tests
        What `trend_test` returned for the same estimate; the note says what each found. For one line.
    axis
        ``"whole"``: shares from 0 to 100 percent; other numbers from 0 if that costs little room.
        ``"data"``: no longer than the numbers need. An axis that leaves 0 out is marked and says so.

    Returns
    -------
    DataFigure
        One row of the table for each time and line.

    Raises
    ------
    DataError
        If no variable holds times, there are more than four lines, a break or a published figure is of a time
        that is not drawn, published figures or tests stand beside several lines, or a test is of another
        estimate.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"year": [2019, 2019, 2024, 2024], "trust": [4.0, 6.0, 2.0, 5.0]})
    >>> design = tk.Design(frame.astype({"year": "category"}))
    >>> chart = tk.trend(tk.mean(design, "trust", by="year"), title="Trust is falling")
    >>> chart.table[["year", "mean"]].to_dict("list")
    {'year': ['2019', '2024'], 'mean': ['5.0', '3.5']}
    """
    accepts(
        estimate=(estimate, ESTIMATE), title=(title, TEXT), time=(time, TEXT), axis=(axis, one_of(Axis)),
        breaks=(breaks, WORDS.optional()), published=(published, VERDICTS.optional()), tests=(tests, TESTS),
    )  # fmt: skip
    time, places = times_of(estimate, time, where="trend")
    keys = estimate.keys.astype(str)
    broken = _ordered_breaks(breaks or {}, places, time)
    frame = estimate.to_frame().assign(**{time: keys[time]})
    frame = frame.iloc[np.argsort([places[label] for label in keys[time]], kind="stable")]
    share = estimate.unit == "share"
    lines, parted = _lines(estimate, frame, places, time)
    marks = _published(published, places, time, lines)
    tested = _tested(tests, estimate, lines, time)

    def draw(paper: Paper) -> None:
        every = np.concatenate([line.numbers.ravel() for line in lines] + [np.array(list(marks.values()))])
        low, high = _ends(every, share=share, axis=axis)
        labels = [line.last if len(lines) == 1 else named_number(line.name, line.last) for line in lines]
        names = [paper.lines(label, 0.3 * paper.width) for label in labels]
        heights = np.array([height_of(len(lines_of), SIZE) for lines_of in names])
        height = max(float(np.clip(0.42 * paper.width, 2.1, 2.9)), float(heights.sum()))
        paper.upright(low, high, words=words_at(estimate), height=height)
        paper.above += 0.16 if broken else 0
        first, last = min(places.values()), max(places.values())
        paper.right = 0.22 + max(paper.wide(part, weight="bold") for lines_of in names for part in lines_of)
        margin = 0.03 * (last - first) or 0.5
        paper.axes.set_xlim(first - margin, last + margin)
        colours = [
            paper.style.accent if len(lines) == 1 else paper.style.strong(k) for k in range(len(lines))
        ]
        for line, colour, mark in zip(lines, colours, "os^D", strict=False):
            _draw_line(paper, line, colour, mark, list(broken))
        _draw_breaks(paper, list(broken), list(places.values()))
        if marks:
            _draw_published(paper, marks, list(broken), estimate.conf)
        ends = np.array([line.numbers[-1, 0] for line in lines])
        per_inch = paper.height / (high - low)
        middle = _apart((ends - low) * per_inch, heights, top=paper.height + LINE)
        for k, y in enumerate(middle / per_inch + low):
            paper.axes.annotate(
                "\n".join(names[k]), (lines[k].times[-1], y), (7, 0), textcoords="offset points", va="center",
                color=colours[k] if len(lines) > 1 else paper.style.ink, fontweight="bold", linespacing=1.15,
                annotation_clip=False,
            )  # fmt: skip
        paper.times(list(places.values()), list(places))
        paper.left = max(paper.left, EDGE + 0.2)

    table = pd.DataFrame(
        {
            estimate.label(time): list(frame[time]),
            **parted,
            **number_columns(estimate, frame, estimate.statistic),
        }
    )
    if marks:
        decimals = 0 if all(float(value).is_integer() for value in marks.values()) else 1
        said = {label: f"{marks[place]:.{decimals}f}" for label, place in places.items() if place in marks}
        table["published"] = [said.get(label, "-") for label in frame[time]]
    variables = set(keys["variable"])
    shared = (
        estimate.label(keys["variable"].iloc[0])
        if len(variables) == 1 and variables & {*estimate.labels}
        else ""
    )
    words = [
        f"({letter}) {place_words}." for letter, place_words in zip(LETTERS, broken.values(), strict=False)
    ]
    note = " ".join(
        [note_of(estimate, shared), *(["Breaks in the series:", *words] if words else []), *tested]
    )
    counted = counted_in(estimate, frame, 1 + len(parted))
    return DataFigure(
        title, note, frame, table, draw, counted=counted, caveats=estimate.caveats,
        units=units_in(estimate, frame),
    )  # fmt: skip


def _ordered_breaks(breaks: Mapping[str, str], places: Mapping[str, float], time: str) -> dict[float, str]:
    """Return the place of each break, in order -> when it was and what changed."""
    first = min(places.values())
    if len(breaks) > len(LETTERS):
        raise DataError("there are too many breaks", got=str(len(breaks)), expected=f"up to {len(LETTERS)}")
    for label in breaks:
        if label not in places or places[label] == first:
            raise DataError(
                f"there is no break before {label!r}", where="breaks",
                expected=f"an answer of {time} that is drawn, not the first", do=suggest(label, list(places)),
            )  # fmt: skip
    ordered = sorted(breaks, key=places.__getitem__)
    return {places[label]: f"from {label}, {breaks[label].rstrip('.')}" for label in ordered}


def _lines(
    estimate: Estimate, frame: pd.DataFrame, places: Mapping[str, float], time: str
) -> tuple[list[_Line], dict[str, list[str]]]:
    """Divide the rows into lines by what else sets them apart; return these columns, too."""
    keys = frame[[name for name in estimate.keys if name != time]].astype(str)
    keys["variable"] = [estimate.label(name) for name in keys["variable"]]
    heads = {"variable": "question", "level": "answer"}
    varying = [str(name) for name in keys if len(set(keys[name])) > 1]
    names = keys[varying].agg(", ".join, axis=1) if varying else pd.Series("", index=frame.index)
    groups = list(dict.fromkeys(names.loc[estimate.keys.index]))
    if len(groups) > MOST_LINES:
        raise DataError(
            "a trend has too many lines", got=f"{len(groups)} lines", expected=f"up to {MOST_LINES}",
            do="choose fewer groups or answers (level=, where=), or make several charts",
        )  # fmt: skip
    lines = []
    for group in groups:
        own = frame[names == group]
        times = np.array([places[label] for label in own[time]])
        numbers = scale_of(estimate) * own[["estimate", "ci_low", "ci_high"]].to_numpy(dtype=float)
        last = with_minus(shown(estimate, float(own["estimate"].iloc[-1]), int(own.index[-1])))
        lines.append(_Line(group, times, numbers, last))
    return lines, {heads.get(name, estimate.label(name)): list(keys[name]) for name in varying}


def _published(
    verdicts: Verdicts | None, places: Mapping[str, float], time: str, lines: Sequence[_Line]
) -> dict[float, float]:
    """Return the published figure of each time, by its place."""
    if verdicts is None:
        return {}
    if len(lines) > 1:
        raise DataError(
            "published figures can stand beside one line only", got=f"{len(lines)} lines",
            do="choose one group or answer",
        )  # fmt: skip
    marks = {}
    for verdict in verdicts.verdicts:
        wanted = (verdict.claim.reading.where or {}).get(time)
        label = ", ".join(map(str, wanted if isinstance(wanted, list | tuple) else [wanted]))
        if label not in places:
            raise DataError(
                "a published figure is of no time that is drawn", where=verdict.claim.title, got=label,
                expected=f"one answer of {time} under where: {', '.join(places)}",
            )  # fmt: skip
        marks[places[label]] = verdict.claim.published
    return marks


def _tested(tests: Sequence[TestResult], estimate: Estimate, lines: Sequence[_Line], time: str) -> list[str]:
    """Return a sentence on each test of the trend.

    Each test is made again: a test of another answer has the same base and number of respondents.
    """
    if tests and len(lines) > 1:
        raise DataError(
            "tests of a trend can stand beside one line only", got=f"{len(lines)} lines",
            do="choose one group or answer",
        )  # fmt: skip
    unit = unit_of_times(estimate.keys[time].astype(str), estimate.label(time))
    kinds = {name: kind for kind, name in NAMES.items()}
    sentences = []
    for test in tests:
        name = test.test.partition(":")[0]
        again = trend_test(estimate, test=kinds[name], time=time) if name in kinds else None
        if again is None or not _is_same(test, again):
            raise DataError(
                "a test is of another estimate than the chart", where="tests",
                got=f"{test.test}, {_in_words(test)}",
                expected=_in_words(again) if again else f"one of {', '.join(kinds)}",
                do="give tk.trend_test the estimate that is drawn",
            )  # fmt: skip
        if test.reason:
            sentences.append(f"{name}: not tested, as {test.reason}.")
            continue
        p = p_in_words(test.p_value)
        if np.isnan(test.estimate):
            sentences.append(f"{name}: {p}.")
            continue
        unit_of_test = test.unit or "number"
        factor, points = SCALES[unit_of_test], " percentage points" if unit_of_test == "points" else ""
        decimals = int(np.clip(1 - np.floor(np.log10(factor * test.se)), 0, 6))
        numbers = (test.estimate, test.ci_low, test.ci_high)
        slope, low, high = (show_decimals(factor * number, decimals) for number in numbers)
        sentences.append(f"{name}: {slope}{points} per {unit} ({low} to {high}, {p}).")
    return sentences


def _is_same(one: TestResult, other: TestResult) -> bool:
    statistics = np.isclose(one.statistic, other.statistic, equal_nan=True)
    return bool(statistics) and (one.n, one.base) == (other.n, other.base)


def _in_words(test: TestResult) -> str:
    return f"{test.statistic_name} = {test.statistic:.4g}, n = {test.n:,}"


def _ends(numbers: Floats, *, share: bool, axis: Axis) -> tuple[float, float]:
    """Return the ends of the vertical axis."""
    low, high = float(np.nanmin(numbers)), float(np.nanmax(numbers))
    if axis == "whole" and share:
        return 0.0, 100.0
    near = 0.45
    room = 0.08 * (high - low)
    start = 0.0 if axis == "whole" and 0 <= low <= near * high else low - room
    return (max(start, 0.0) if low >= 0 else start), high + room


def _draw_line(paper: Paper, line: _Line, colour: str, mark: str, breaks: Sequence[float]) -> None:
    """Draw a line on its band, broken before each break."""
    for part in np.unique(np.searchsorted(breaks, line.times, side="right")):
        here = np.searchsorted(breaks, line.times, side="right") == part
        times, (value, low, high) = line.times[here], line.numbers[here].T
        if len(times) == 1:
            paper.axes.vlines(times, low, high, color=paper.style.faded(colour, 0.42), linewidth=3.2)
        else:
            paper.axes.fill_between(times, low, high, color=paper.style.faded(colour, 0.2), linewidth=0)
        paper.axes.plot(times, value, f"{mark}-", color=colour, markersize=4.5, linewidth=1.8, clip_on=False)


def _draw_breaks(paper: Paper, breaks: Sequence[float], places: Sequence[float]) -> None:
    """Draw a line before each break, with the letter under which the note says what changed."""
    for letter, place in zip(LETTERS, breaks, strict=False):
        middle = (max(other for other in places if other < place) + place) / 2
        paper.axes.axvline(middle, color=paper.style.muted, linewidth=1, linestyle=(0, (3, 3)))
        paper.axes.annotate(
            letter, (middle, 1), (0, 1), xycoords=("data", "axes fraction"), textcoords="offset points",
            va="bottom", ha="center", color=paper.style.muted, fontstyle="italic",
        )  # fmt: skip


def _draw_published(paper: Paper, marks: Mapping[float, float], breaks: Sequence[float], conf: float) -> None:
    """Draw published figures as diamonds on a thin line, and the legend that tells them from estimates."""
    times = np.array(sorted(marks))
    values = np.array([marks[time] for time in times])
    parts = np.searchsorted(breaks, times, side="right")
    for part in np.unique(parts):
        here = parts == part
        paper.axes.plot(
            times[here],
            values[here],
            color=paper.style.contrast,
            linewidth=1.0,
            linestyle=(0, (4, 2.5)),
            zorder=3.5,
        )
    paper.axes.plot(
        list(marks), list(marks.values()), "D", markersize=7, markerfacecolor="none",
        markeredgecolor=paper.style.contrast, markeredgewidth=1.4, zorder=4,
    )  # fmt: skip
    paper.keys = [
        Key(f"estimate, on its {conf:.0%} interval", "dot", paper.style.accent),
        Key("published", "diamond", paper.style.contrast),
    ]


def _apart(middle: Floats, heights: Floats, *, top: float) -> Floats:
    """Move labels until none overlaps its neighbour or reaches below 0 or above the top; in inches.

    Examples
    --------
    >>> _apart(np.array([1.0, 1.1, 0.0]), np.array([0.2, 0.2, 0.2]), top=2.0).round(2).tolist()
    [0.95, 1.15, 0.1]
    >>> _apart(np.array([1.9, 2.0]), np.array([0.8, 0.8]), top=2.0).round(2).tolist()
    [0.8, 1.6]
    """
    order = np.argsort(middle, kind="stable")
    placed, tall = middle[order].copy(), heights[order]
    gaps = (tall[1:] + tall[:-1]) / 2
    for _ in range(50):
        for k, gap in enumerate(gaps):
            short = max(gap - (placed[k + 1] - placed[k]), 0.0)
            placed[k : k + 2] += (-short / 2, short / 2)
    placed[0] = max(placed[0], tall[0] / 2)
    for k, gap in enumerate(gaps):
        placed[k + 1] = max(placed[k + 1], placed[k] + gap)
    placed[-1] = min(placed[-1], top - tall[-1] / 2)
    for k, gap in reversed(list(enumerate(gaps))):
        placed[k] = min(placed[k], placed[k + 1] - gap)
    apart = np.empty_like(placed)
    apart[order] = placed
    return apart
