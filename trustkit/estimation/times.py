"""Answers that are times: years, other numbers, months and days, and the place of each on an axis."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import numpy as np

from trustkit.errors import DataError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.estimation.results import Estimate

TIMES = "years or other numbers, months such as 2024-03, or days such as 2024-03-31"
"""What an answer has to be to be a time."""


DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")
"""A month or a day; its place on an axis is in years."""

YEAR = re.compile(r"[12]\d{3}")
"""A number that is read as a year."""


def place_of_time(label: str) -> float:
    """Return where a time is on an axis, in years or in the numbers' own unit; NaN if it is no time.

    Examples
    --------
    >>> place_of_time("2024"), place_of_time("2024-07-02"), place_of_time("spring")
    (2024.0, 2024.5, nan)
    """
    date = DATE.fullmatch(label)
    if date:
        try:
            day = dt.date(int(date[1]), int(date[2]), int(date[3] or 1))
        except ValueError:
            return float("nan")
        start = dt.date(day.year, 1, 1)
        return day.year + (day - start).days / (dt.date(day.year + 1, 1, 1) - start).days
    return float(label) if re.fullmatch(r"-?\d+(?:\.\d+)?", label) else float("nan")


def unit_of_times(labels: Iterable[str], name: str) -> str:
    """Return in words the unit in which ``place_of_time`` places times.

    Parameters
    ----------
    labels
        The times.
    name
        What the variable of the times is called.

    Examples
    --------
    >>> unit_of_times(["2021-01", "2021-07"], "Month"), unit_of_times(["1", "2"], "Wave")
    ('year', 'unit of Wave')
    >>> unit_of_times(["1990", "1992"], "year of the study")
    'year'
    """
    in_years = any(DATE.fullmatch(label) or YEAR.fullmatch(label) for label in labels)
    return "year" if in_years else f"unit of {name}"


def times_of(estimate: Estimate, time: str, *, where: str) -> tuple[str, dict[str, float]]:
    """Return the variable that holds the times, and each of its answers with its place.

    Parameters
    ----------
    estimate
        An estimate by waves.
    time
        The variable; empty: the first whose answers are all times.
    where
        The function that asks, for messages.

    Raises
    ------
    DataError
        If no variable holds times, or the one that is named does not.
    """
    by = [str(name) for name in estimate.keys if name not in ("variable", "level")]
    if time and time not in [str(name) for name in estimate.keys]:
        raise DataError(f"the estimate has no {time!r}", where="time", do=suggest(time, list(estimate.keys)))
    for name in [time] if time else by:
        places = {label: place_of_time(label) for label in estimate.keys[name].astype(str).unique()}
        wrong = [label for label, place in places.items() if np.isnan(place)]
        if not wrong:
            return name, places
        if time:
            raise DataError("these answers are not times", where=time, got=", ".join(wrong), expected=TIMES)
    raise DataError(
        "none of the variables holds times", where=where, got=", ".join(by) or "an estimate without by",
        do='estimate by a variable whose answers are years, months ("2024-03") or days ("2024-03-31")',
    )  # fmt: skip
