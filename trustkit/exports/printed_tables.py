"""Tables as every format prints them: cells that are numbers or text, columns with their heads, a chart."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from trustkit.caveats import SYNTHETIC
from trustkit.display import HIGHER, LOWER, show_decimals

if TYPE_CHECKING:
    import pandas as pd

CellKind = Literal["text", "share", "count", "number"]
"""What a cell holds: text, a share from 0 to 1, a count, or another number."""

ChartKind = Literal["clustered", "stacked"]

NO_NUMBER = "-"
"""What stands in a cell whose number does not exist."""

MOST_CATEGORIES, MOST_SERIES, MOST_BARS = 12, 6, 30
"""A chart with more groups of bars, bars in a group or bars in all cannot be read."""

BASE = re.compile(r"(?<= )Base: [^.]*\.")
"""A sentence on the base inside a note."""

DECIMALS = {"text": 0, "share": 1, "count": 0, "number": 2}
"""How many decimals are shown if nothing else is said."""

WHOLE_ERROR = 1e-6
"""How far the shares of a whole may be from 1 in sum."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    value
        A number, unrounded, or a text.
    kind
        What it holds.
    decimals
        How many decimals are shown; None: one of a percentage, none of a count, two of another number.
    letters
        The letters of a banner that belong to it.

    Examples
    --------
    >>> Cell(0.39954, "share").text, Cell(4873.0, "count").text, Cell(float("nan"), "share").text
    ('40.0%', '4,873', '-')
    """

    value: float | str
    kind: CellKind = "text"
    decimals: int | None = None
    letters: str = ""

    @property
    def number(self) -> float | None:
        """The number, if it is one that exists."""
        return self.value if not isinstance(self.value, str) and math.isfinite(self.value) else None

    @property
    def text(self) -> str:
        """The cell as readers see it, without letters."""
        if isinstance(self.value, str):
            return self.value
        if not math.isfinite(self.value):
            return NO_NUMBER if math.isnan(self.value) else str(self.value)
        share = self.kind == "share"
        return show_decimals(self.value * (100 if share else 1), self.places, unit="%" if share else "")

    @property
    def places(self) -> int:
        """How many decimals are shown."""
        return DECIMALS[self.kind] if self.decimals is None or self.kind == "count" else self.decimals

    @property
    def lettered(self) -> str:
        """The cell as readers see it, with its letters."""
        return f"{self.text} {self.letters}".strip()


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    label
        What stands above it.
    head
        What stands above it and the columns beside it.
    letter
        Its letter in a banner.
    numeric
        Whether it holds numbers.
    mark
        The mark of a column that is too small to be compared.
    """

    label: str
    head: str = ""
    letter: str = ""
    numeric: bool = False
    mark: str = ""

    @property
    def heading(self) -> str:
        """What stands above it, with its letter and its mark."""
        letter = f"({self.letter})" if self.letter else ""
        return " ".join(filter(None, [self.label, letter, self.mark]))


def _length(part: float) -> float:
    """Return how far an interval reaches to one side; 0 where it has no end."""
    return max(part, 0.0) if math.isfinite(part) else 0.0


@dataclass(frozen=True)
class Series:
    """The bars of one colour in a chart; NaN where there is no bar, or no interval."""

    name: str
    numbers: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def errors(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return how far each interval reaches above and below its value; 0 where there is none.

        Examples
        --------
        >>> Series("all", (0.5,), (0.25,), (0.625,)).errors()
        ((0.125,), (0.25,))
        """
        above = [end - value for end, value in zip(self.high, self.numbers, strict=True)]
        below = [value - end for end, value in zip(self.low, self.numbers, strict=True)]
        plus, minus = (tuple(map(_length, side)) for side in (above, below))
        return plus, minus

    @property
    def has_errors(self) -> bool:
        """Whether any value has an interval."""
        return any(any(side) for side in self.errors())


@dataclass(frozen=True)
class Chart:
    """What a native chart draws.

    Attributes
    ----------
    kind
        Bars beside each other with intervals, or shares of a whole in one bar.
    categories
        The groups of bars, from top to bottom.
    series
        The bars of each colour.
    unit
        Whether the values are shares.
    decimals
        How many decimals are shown of other numbers.
    """

    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: CellKind = "share"
    decimals: int | None = None

    def described(self, title: str) -> str:
        """Return the alternative text: what the chart shows, with its numbers."""
        kind = "Stacked bar chart" if self.kind == "stacked" else "Bar chart"
        parts = []
        for one in self.series:
            numbers = "; ".join(
                f"{category} {Cell(value, self.unit, self.decimals).text}"
                for category, value in zip(self.categories, one.numbers, strict=True)
            )
            parts.append(f"{one.name}: {numbers}." if one.name else f"{numbers}.")
        return " ".join([f"{kind}. {title}", *parts])


@dataclass(frozen=True, eq=False)
class PrintedTable:
    """A table as every format prints it.

    Attributes
    ----------
    name
        A short name, for files and sheets.
    title
        What stands above it.
    columns, rows
        Its columns, and rows of as many cells.
    bases
        How many of the first rows say how many are counted.
    notes
        What is said below it.
    data
        Its numbers in long form, unrounded.
    chart
        What a native chart of it draws; None if there is nothing to draw, or too much.
    picture, words
        A picture of it as PNG, and its alternative text.
    about
        How the survey was made: fieldwork, weighting.
    whole
        Whether the cells show every number of ``data``.
    left_out
        Columns of numbers that the result has and its published table does not show.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]
    data: pd.DataFrame
    bases: int = 0
    chart: Chart | None = None
    picture: bytes = b""
    words: str = ""
    about: tuple[str, ...] = ()
    whole: bool = True
    left_out: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether a program made the data."""
        return any(SYNTHETIC in note for note in self.notes)

    @property
    def base(self) -> str:
        """Who is counted, if a note says so."""
        own = next((note for note in self.notes if note.startswith("Base:")), "")
        inside = BASE.search(" ".join(self.notes))
        return own or (inside[0] if inside else "")

    @property
    def remarks(self) -> tuple[str, ...]:
        """The notes on the base and on synthetic data left out, which stand above the table."""
        return tuple(note for note in self.notes if note not in (self.base, SYNTHETIC))

    @property
    def above(self) -> str:
        """What stands below the title: that the data are synthetic, and who is counted."""
        return " ".join(filter(None, [SYNTHETIC if self.synthetic else "", self.base]))

    @property
    def has_letters(self) -> bool:
        """Whether any cell has a letter."""
        return any(cell.letters for row in self.rows for cell in row)

    @property
    def letters_heading(self) -> str:
        """What stands above a column of letters, or of arrows."""
        return letters_heading("".join(cell.letters for row in self.rows for cell in row))

    @property
    def has_heads(self) -> bool:
        """Whether columns stand under heads."""
        return any(column.head for column in self.columns)


def letters_heading(letters: str) -> str:
    """Return what stands above a column of these letters, or of arrows.

    Examples
    --------
    >>> letters_heading("A B"), letters_heading("\N{UPWARDS ARROW}")
    ('higher than', 'vs rest')
    """
    return "vs rest" if {HIGHER, LOWER} & set(letters) else "higher than"


def chart_of(
    categories: list[str], series: list[Series], unit: CellKind = "share", decimals: int | None = None
) -> Chart | None:
    """Return the chart of some bars: beside each other if they can be read, else stacked if they are a whole.

    Examples
    --------
    >>> bars = [Series(name, (0.5,) * 9, (0.4,) * 9, (0.6,) * 9) for name in "abcd"]
    >>> chart_of(list("123456789"), bars[:2]).kind, chart_of(list("123456789"), bars)
    ('clustered', None)
    """
    if not categories or not series or len(categories) > MOST_CATEGORIES or len(series) > MOST_SERIES:
        return None
    if not any(math.isfinite(value) for one in series for value in one.numbers):
        return None
    if len(categories) * len(series) <= MOST_BARS:
        return Chart("clustered", tuple(categories), tuple(series), unit, decimals)
    sums = [sum(values) for values in zip(*(one.numbers for one in series), strict=True)]
    if unit == "share" and all(abs(total - 1) <= WHOLE_ERROR for total in sums):
        return Chart("stacked", tuple(categories), tuple(series), unit, decimals)
    return None
