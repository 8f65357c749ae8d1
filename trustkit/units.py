"""The units of results: shares, differences of shares and other numbers, and how each is shown.

A result names the unit of each of its numbers where it is made. Tables, charts and exports ask here how a
number of that unit is shown, so that no function decides it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from trustkit.display import decimals_of, show_decimals, show_near, show_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Unit = Literal["share", "points", "number"]
"""``share``: from 0 to 1, shown in percent. ``points``: a difference of shares, from -1 to 1, shown in
percentage points. ``number``: any other number, shown as it is."""

SCALES: dict[Unit, float] = {"share": 100.0, "points": 100.0, "number": 1.0}
"""Unit -> how many times the number is what is shown."""

IN_CELLS = " points"
"""What stands behind a difference of shares in a column that has other units, too."""

MEASURES = ("estimate", "se", "ci_low", "ci_high")
"""The columns of an estimate's frame that have its unit."""

CHANGES = ("difference", "difference_se")
"""The columns of a frame that hold differences of its estimates."""

TINY = 1e-9
"""How far weights may sum to more than 1 by rounding."""

POINTS = ", points"
"""What stands behind the heading of a column of differences of shares."""


def difference_unit(*units: Unit) -> Unit:
    """Return the unit of the difference of numbers with some units.

    Examples
    --------
    >>> difference_unit("share", "share"), difference_unit("number", "number")
    ('points', 'number')
    """
    return "number" if "number" in units else "points"


def combined_unit(units: Sequence[Unit], weights: Sequence[float] | Floats) -> Unit:
    """Return the unit of a weighted sum.

    The sum or the mean of shares is a share. With weights below zero it is a difference of shares. Other
    weights score the shares, as in a mean from 0 to 10, and give a number.

    Examples
    --------
    >>> both = ["share", "share"]
    >>> combined_unit(both, [1, 1]), combined_unit(both, [1, -1]), combined_unit(both, [0, 10])
    ('share', 'points', 'number')
    """
    used = {unit for unit, weight in zip(units, weights, strict=True) if weight} or {*units}
    sizes = [abs(float(weight)) for weight in weights if weight]
    if max(sizes, default=0.0) > 1:
        return "number"
    if min(weights) < 0 or used != {"share"}:
        return difference_unit(*used)
    return "share" if {*sizes} <= {1.0} or sum(sizes) <= 1 + TINY else "number"


def common_unit(units: Iterable[Unit]) -> Unit:
    """Return the unit that all numbers have; numbers of several units have none but that of any number.

    Examples
    --------
    >>> common_unit(["points", "points"]), common_unit(["points", "share"])
    ('points', 'number')
    """
    found = {*units}
    return found.pop() if len(found) == 1 else "number"


def headed(name: str, units: Iterable[Unit]) -> str:
    """Return the heading of a column with its unit, if that does not stand in the cells.

    Examples
    --------
    >>> headed("difference", ["points"]), headed("proportion", ["share"])
    ('difference, points', 'proportion')
    """
    return f"{name}{POINTS}" if common_unit(units) == "points" else name


def point_decimals(se: float) -> int:
    """Return how many decimals differences of shares are shown with: one, or more if the error is smaller.

    Parameters
    ----------
    se
        The smallest standard error, as a fraction; not positive or NaN if it is not known.

    Examples
    --------
    >>> point_decimals(0.02), point_decimals(0.0003), point_decimals(float("nan"))
    (1, 2, 1)
    """
    return max(decimals_of(SCALES["points"] * se), 1) if np.isfinite(se) and se > 0 else 1


def show_values(values: Iterable[float], units: Sequence[Unit], se: Floats) -> list[str]:
    """Show the numbers of a column, each in its unit, with the same decimals for each unit.

    Parameters
    ----------
    values
        The numbers, as fractions where they are shares or differences of shares; shape (m,).
    units
        Shape (m,). If they are not all the same, the unit stands behind each difference of shares.
    se
        The standard errors of the column's estimates, shape (m,).

    Examples
    --------
    >>> show_values([-0.0031, 0.0712], ["points", "points"], np.array([0.01, 0.02]))
    ['-0.3', '7.1']
    >>> show_values([0.4, -0.0031, 0.5], ["share", "points", "number"], np.array([0.02, 0.01, 0.1]))
    ['40.0%', '-0.3 points', '0.50']
    """
    return [f"{text}{unit}" for text, unit in _shown(values, units, se)]


def show_ends(low: Iterable[float], high: Iterable[float], units: Sequence[Unit], se: Floats) -> list[str]:
    """Show the intervals of a column as `show_values` shows its estimates.

    Examples
    --------
    >>> show_ends([-0.02, np.nan], [0.0131, np.nan], ["points", "points"], np.array([0.01, np.nan]))
    ['-2.0 to 1.3', '-']
    """
    both = zip(_shown(low, units, se), _shown(high, units, se), strict=True)
    return [
        "-" if one == other == "-" else f"{one} to {other}{unit or own}" for (one, own), (other, unit) in both
    ]


def _shown(values: Iterable[float], units: Sequence[Unit], se: Floats) -> list[tuple[str, str]]:
    """Return each number as text, and what stands behind it."""
    numbers = [float(value) for value in values]
    texts = [""] * len(numbers)
    for unit in dict.fromkeys(units):
        rows = [row for row, own in enumerate(units) if own == unit]
        smallest = float(se[rows].min(initial=np.inf, where=se[rows] > 0))
        for row, text in zip(rows, show_in([numbers[row] for row in rows], unit, smallest), strict=True):
            texts[row] = text
    mixed = len({*units}) > 1
    return [
        (text, IN_CELLS if mixed and unit == "points" and text != "-" else "")
        for text, unit in zip(texts, units, strict=True)
    ]


def with_plus(text: str) -> str:
    """Return a shown number with a plus sign if it is above zero.

    Examples
    --------
    >>> with_plus("3.2"), with_plus("0.0"), with_plus("-1.0%"), with_plus("-")
    ('+3.2', '0.0', '-1.0%', '-')
    """
    return f"+{text}" if text.strip("-+0.%") and not text.startswith("-") else text


def show_in(values: Iterable[float], unit: Unit, se: float) -> list[str]:
    """Show numbers of one unit, without its name; ``se`` is the smallest standard error of their column.

    Examples
    --------
    >>> show_in([0.4], "share", 0.02), show_in([0.0831], "points", 0.02), show_in([2.513], "number", 0.11)
    (['40.0%'], ['8.3'], ['2.51'])
    """
    if unit == "share":
        return [show_share(value) for value in values]
    if unit == "points":
        return [show_decimals(SCALES[unit] * value, point_decimals(se)) for value in values]
    return show_near(values, se)
