"""What a chart is drawn on: rows, axes and a legend, placed by the measured size of their text.

All places are in inches, so the same chart can be drawn for a page, a phone or a slide. On paper narrower
than `NARROW` the rows' labels stand above their marks, not beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation, blended_transform_factory

from trustkit.errors import DataError
from trustkit.figures.lettering import LINE, Weight, height_of, printable, width_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Transform
    from numpy.typing import NDArray

    from trustkit.figures.house_style import HouseStyle

Axis = Literal["whole", "data"]
Mark = Literal["square", "dot", "ring", "diamond", "tick", "line"]

WIDTH, NARROW, PHONE = 7.6, 5.0, 3.33
"""Inches: a page's column, where labels move above the marks, and a phone of 320 pixels."""
EDGE, RIGHT = 0.1, 0.3
"""Inches left free at the edges; half of a number below the axis may stand in the right one."""
SIZE, SMALL, HEAD = 9.5, 8.0, 11.5
"""Sizes of text, in points."""
LABEL_SHARE, LABEL_LINES = 0.36, 6
CUT = "the axis does not start at 0"
"""How much of the width labels may take, and how many lines."""
BESIDE = 0.09
"""Inches between a row's label and the axis; a mark at its start takes half of them."""
ALL = 100.0
"""No share is more, in percent."""
CORNER, SHEET, FRAME = 0.08, 0.96, 0.35
"""A picture's sheet in notebooks: the radius of its corners in inches; how opaque it and its frame are."""
TALLEST = 160.0
"""Inches: taller charts cannot be shown."""


@dataclass(frozen=True)
class Key:
    """An entry of a chart's legend."""

    label: str
    mark: Mark
    colour: str


@dataclass(frozen=True)
class Block:
    """A text above or below the chart."""

    text: str
    size: float
    colour: str
    weight: Weight = "normal"


@dataclass(frozen=True)
class AxisWords:
    """What stands at an axis of numbers.

    Attributes
    ----------
    unit
        The unit in words, which always stands there: "percentage points".
    measure
        What is measured. It is left out where the chart's subtitle says it.
    sign
        The unit behind each number, such as "%", if it has a sign.
    """

    unit: str = ""
    measure: str = ""
    sign: str = ""


@dataclass
class Paper:
    """A sheet of some width: what is drawn on it, and the room that this takes.

    Attributes
    ----------
    axes
        What the data are drawn on.
    width
        In inches.
    style
        Colours and font.
    subtitle
        What stands below the headline.
    left, right, above, below
        Inches of room around the axes that the text needs.
    height
        Of the axes, in inches.
    keys
        The legend.
    top_unit
        The lines that name a vertical axis, above it.
    """

    axes: Axes
    width: float
    style: HouseStyle
    subtitle: str = ""
    left: float = EDGE
    right: float = RIGHT
    above: float = 0.06
    below: float = 0.1
    height: float = 0.0
    keys: list[Key] = field(default_factory=list)
    top_unit: list[str] = field(default_factory=list)

    @property
    def is_narrow(self) -> bool:
        """Whether labels stand above their marks."""
        return self.width < NARROW

    @property
    def across(self) -> float:
        """The width of the axes, in inches."""
        return self.width - self.left - self.right

    @property
    def blank(self) -> dict[str, object]:
        """A box of the paper's colour behind a text, so that no line runs through its letters."""
        return {"facecolor": self.style.ground, "edgecolor": "none", "pad": 0.8}

    def lines(self, text: str, width: float, size: float = SIZE, *, most: int = LABEL_LINES) -> list[str]:
        """Break a text into lines of the chart's font."""
        return wrapped(text, width, size, font=self.style.font, most=most)

    def wide(self, text: str, size: float = SIZE, *, weight: Weight = "normal") -> float:
        """Measure a line of text, in inches, with some room to spare."""
        return 1.03 * width_of(printable(text), size, weight=weight, font=self.style.font) + 0.02

    def rows(
        self, names: Sequence[str], *, mark: float = 0.18, gap: float = 0.11, groups: Sequence[str] = ()
    ) -> NDArray[np.float64]:
        """Name the rows, beside their marks or above them, and return their places.

        Parameters
        ----------
        names
            One label for each row, from top to bottom.
        mark
            The height of a row's marks, in inches.
        gap
            The least space between the marks of two rows.
        groups
            The heading that each row stands under; rows of one heading follow each other.

        Returns
        -------
        array
            Shape (rows,): where each row's marks are, in inches from the top of the axes.

        Raises
        ------
        DataError
            If there are too many rows for a chart.
        """
        room = self.width - EDGE - RIGHT if self.is_narrow else LABEL_SHARE * self.width
        labels = [self.lines(name, room) for name in names]
        if not self.is_narrow:
            widest = max(self.wide(line) for lines in labels for line in lines)
            self.left = EDGE + 0.03 + BESIDE + widest
        heading = height_of(1, SIZE) + 0.12
        depth: list[float] = []
        place: list[float] = []
        heads: list[tuple[float, str]] = []
        down = 0.04
        for k, lines in enumerate(labels):
            if groups and (k == 0 or groups[k] != groups[k - 1]):
                title = wrapped(
                    groups[k], self.width - EDGE - RIGHT, SIZE, weight="bold", font=self.style.font
                )
                heads.append((down + 0.08, "\n".join(title)))
                down += heading + height_of(len(title) - 1, SIZE)
            text = height_of(len(lines), SIZE)
            depth.append(text + 0.05 + mark if self.is_narrow else max(mark + gap, text + 0.08))
            place.append(down + (text + 0.05 + mark / 2 if self.is_narrow else depth[-1] / 2))
            down += depth[-1] + (0.1 if self.is_narrow else 0)
        self.height = down + 0.06
        if self.height > TALLEST:
            raise DataError(
                "the chart has too many rows",
                got=f"{len(names):,} rows",
                do="choose fewer groups or answers, or show the numbers as a table",
            )
        self.axes.set_ylim(self.height, 0)
        # Labels above their marks keep to the paper's left edge, wherever the axes begin.
        inches = _figure_of(self.axes).dpi_scale_trans
        beside = blended_transform_factory(inches, self.axes.transData)
        if self.is_narrow:
            self.axes.set_yticks([])
            for y, lines in zip(place, labels, strict=True):
                self.axes.text(
                    EDGE, y - mark / 2 - 0.04, "\n".join(lines), transform=beside, va="bottom",
                    linespacing=1.15, bbox=self.blank,
                )  # fmt: skip
        else:
            self.axes.set_yticks(place, ["\n".join(lines) for lines in labels], linespacing=1.15)
            self.axes.tick_params(axis="y", pad=72 * BESIDE)
        for y, head in heads:
            self.axes.text(EDGE, y, head, transform=beside, va="top", fontweight="bold", linespacing=1.15)
        return np.array(place)

    def scale(
        self,
        low: float,
        high: float,
        *,
        words: AxisWords,
        room: float = 0.1,
        zero: Literal["near", "always", "never"] = "near",
    ) -> None:
        """Set the horizontal axis from the least to the largest number, and name what it measures.

        Parameters
        ----------
        low, high
            What is drawn.
        words
            The unit, and what is measured.
        room
            Inches left free at the right end of the axis, for text. An axis of shares ends at 100%, and the
            room is to its right.
        zero
            ``"near"``: start at 0 if that costs little room. ``"always"``: start at 0. ``"never"``: start
            near what is drawn.

        Notes
        -----
        An axis that leaves 0 out is marked by two strokes and by words.
        """
        near = 0.45
        from_zero = zero == "always" or (zero == "near" and low <= near * high)
        start = 0.0 if low >= 0 and from_zero else low - 0.06 * (high - low)
        start = max(start, 0.0) if low >= 0 else start
        if high <= start:
            start, high = start - 0.5, start + 0.5
        room = min(room, 0.6 * self.across)
        end = start + (high - start) * self.across / (self.across - room)
        if words.sign == "%" and high <= ALL < end:
            free = (ALL - high) / (ALL - start)
            beyond = (room - free * (self.width - self.left)) / (1 - free)
            self.right, end = max(self.right, beyond), ALL
        self.axes.set_xlim(start, end)
        self.mark_cut(start, "x")
        self.numbers(words.sign)
        self.name_unit(self.said(words, cut=start > 0))

    def said(self, words: AxisWords, *, cut: bool = False) -> str:
        """Return what is said beside an axis; nothing if its numbers and the subtitle say it all."""
        parts = [words.unit, words.measure if not self.subtitle else ""]
        text = ", ".join(part for part in parts if part)
        return "; ".join(part for part in (text, CUT if cut else "") if part)

    def upright(self, low: float, high: float, *, words: AxisWords, height: float) -> None:
        """Set a vertical axis from the lowest to the highest number, and name what it measures above it.

        Parameters
        ----------
        low, high
            The ends of the axis. One that leaves 0 out is marked by two strokes and by words.
        words
            The unit, and what is measured.
        height
            Of the axes, in inches.
        """
        if high <= low:
            low, high = low - 0.5, low + 0.5
        self.height = height
        self.axes.set_ylim(low, high)
        locator = MaxNLocator(int(max(3, min(6, height / 0.5))), steps=[1, 2, 2.5, 5, 10])
        self.axes.yaxis.set_major_locator(locator)
        self.axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: show_tick(y, words.sign)))
        ticks = [show_tick(float(tick), words.sign) for tick in locator.tick_values(low, high)]
        self.left = EDGE + 0.08 + max(map(self.wide, ticks))
        self.axes.grid(axis="y")
        self.mark_cut(low, "y")
        text = self.said(words, cut=low > 0)
        self.top_unit = self.lines(text, self.width - 2 * EDGE, most=0) if text else []

    def times(self, places: Sequence[float], names: Sequence[str]) -> None:
        """Write the names of some places below the horizontal axis, those that there is room for.

        The last place is always named.
        """
        low, high = self.axes.get_xlim()
        per_inch = self.across / (high - low)
        shown: list[tuple[float, str]] = []
        free = np.inf
        for place, name in sorted(zip(places, names, strict=True), reverse=True):
            middle, half = per_inch * (place - low), self.wide(name) / 2
            if middle + half <= free:
                shown.append((place, name))
                free = middle - half - 0.05
        self.axes.set_xticks([place for place, _ in shown], [name for _, name in shown])
        self.below = 0.1 + 0.24

    def mark_cut(self, start: float, which: Literal["x", "y"]) -> None:
        """Draw two strokes at the start of an axis that leaves 0 out."""
        if start <= 0:
            return
        for shift in (4.0, 7.0):
            across, up = (shift, 0.0) if which == "x" else (0.0, shift)
            self.axes.plot(
                [0], [0], marker=(2, 0, -30 if which == "x" else -60), markersize=8, color=self.style.muted,
                transform=self.axes.transAxes + _points(self.axes, across, up), clip_on=False,
            )  # fmt: skip

    def numbers(self, sign: str = "") -> None:
        """Write numbers below the horizontal axis, as many as there is room for, each with a sign."""
        most = int(max(2, min(8, self.across / 0.75)))
        places = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10])
        low, high = self.axes.get_xlim()
        first = min((at for at in places.tick_values(low, high) if at >= low), default=low)
        before = self.across * (first - low) / (high - low)
        self.left = max(self.left, self.wide(show_tick(first, sign)) / 2 + 0.02 - before)
        self.axes.xaxis.set_major_locator(places)
        self.axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: show_tick(x, sign)))
        self.axes.grid(axis="x")
        self.below = 0.1 + 0.24

    def name_unit(self, unit: str) -> None:
        """Name what the horizontal axis measures, below its middle or, if that is long, inside the paper."""
        if not unit:
            return
        lines = self.lines(unit, self.width - 2 * EDGE, most=0)
        widest = max(self.wide(line) for line in lines)
        middle = self.left + self.across / 2
        middle = min(max(middle, EDGE + widest / 2), self.width - EDGE - widest / 2)
        self.axes.set_xlabel("\n".join(lines), x=(middle - self.left) / self.across, linespacing=1.15)
        self.below = 0.1 + 0.24 + 0.04 + height_of(len(lines), SIZE)

    def dots(
        self,
        place: NDArray[np.float64],
        value: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        *,
        colour: str = "",
    ) -> None:
        """Draw intervals and the dots on them."""
        colour = colour or self.style.accent
        self.axes.hlines(place, low, high, color=self.style.faded(colour, 0.42), linewidth=3.2)
        self.axes.plot(value, place, "o", color=colour, markersize=6.5, clip_on=False)

    def finish(self, figure: Figure, above: Sequence[Block], below: Sequence[Block]) -> None:
        """Place the axes, the legend, and the texts above and below them."""
        full = self.width - 2 * EDGE
        logo = self.style.logo if above else None
        tall, broad = (0.0, 0.0) if logo is None else (0.34, 0.34 * logo.shape[1] / logo.shape[0])
        heads = [
            (block, wrapped(block.text, full - (broad + 0.1 if broad else 0), block.size, weight=block.weight,
                            font=self.style.font))
            for block in above if block.text
        ]  # fmt: skip
        feet = [
            (block, wrapped(block.text, full, block.size, weight=block.weight, font=self.style.font))
            for block in below
            if block.text
        ]
        rows, legend = self._flow(full)
        if self.top_unit:
            inches = blended_transform_factory(figure.dpi_scale_trans, self.axes.transAxes)
            self.axes.text(
                EDGE, 1, "\n".join(self.top_unit), va="bottom", color=self.style.muted, linespacing=1.15,
                transform=inches + _points(self.axes, 0, 72 * self.above + 2),
            )  # fmt: skip
            self.above += 0.1 + height_of(len(self.top_unit), SIZE)
        top = max(sum(height_of(len(lines), b.size) + 0.05 for b, lines in heads) + 0.06 * bool(heads), tall)
        bottom = sum(height_of(len(lines), b.size) + 0.04 for b, lines in feet) + 0.06 * bool(feet)
        height = EDGE + top + legend + self.above + self.height + self.below + bottom
        figure.set_size_inches(self.width, height)
        start = self.below + bottom
        self.axes.set_position(
            (self.left / self.width, start / height, self.across / self.width, self.height / height)
        )
        y = height - EDGE
        for block, lines in heads:
            _text(figure, EDGE, y, lines, block)
            y -= height_of(len(lines), block.size) + 0.05
        self._draw_keys(figure, rows, height - EDGE - top)
        y = bottom
        for block, lines in feet:
            _text(figure, EDGE, y, lines, block)
            y -= height_of(len(lines), block.size) + 0.04
        if logo is not None:
            where = (
                (self.width - EDGE - broad) / self.width,
                (height - EDGE - tall) / height,
                broad / self.width,
                tall / height,
            )
            corner = figure.add_axes(where)
            corner.imshow(logo)
            corner.set_axis_off()

    def _flow(self, full: float) -> tuple[list[tuple[float, float, Key, list[str]]], float]:
        """Lay the legend's entries out in lines, like words; return their places and the height."""
        placed: list[tuple[float, float, Key, list[str]]] = []
        swatch, gap = 0.2, 0.2
        x = y = deep = 0.0
        for key in self.keys:
            lines = self.lines(key.label, full - swatch)
            broad = swatch + max(self.wide(line) for line in lines)
            if x and x + broad > full:
                x, y, deep = 0.0, y + deep, 0.0
            placed.append((x, y, key, lines))
            x += broad + gap
            deep = max(deep, height_of(len(lines), SIZE) + 0.04)
        return placed, y + deep + (0.06 if placed else 0)

    def _draw_keys(
        self, figure: Figure, placed: Sequence[tuple[float, float, Key, list[str]]], top: float
    ) -> None:
        inches = figure.dpi_scale_trans
        for x, y, key, lines in placed:
            left, middle = EDGE + x, top - y - height_of(1, SIZE) / 2
            if key.mark == "square":
                box = Rectangle((left, middle - 0.06), 0.12, 0.12, color=key.colour, transform=inches)
                figure.add_artist(box)
            else:
                figure.add_artist(_mark(key, left + 0.06, middle, self.style.ground, inches))
            _text(figure, left + 0.2, top - y, lines, Block(key.label, SIZE, self.style.ink))


def add_card(figure: Figure, style: HouseStyle) -> None:
    """Put a sheet with a thin frame and round corners behind a picture, for notebooks.

    The sheet lets a little of the page through: it is white on a light page, and glares less on a dark one.
    """
    width, height = figure.get_size_inches()
    inset = 0.5 / 72
    sheet = FancyBboxPatch(
        (inset, inset), width - 2 * inset, height - 2 * inset,
        boxstyle=f"round,pad=0,rounding_size={CORNER}", transform=figure.dpi_scale_trans, zorder=-1,
        facecolor=(*to_rgb(style.ground), SHEET), edgecolor=(*to_rgb(style.muted), FRAME), linewidth=0.8,
    )  # fmt: skip
    figure.add_artist(sheet)


def show_tick(value: float, sign: str = "") -> str:
    """Write a number for an axis, with the sign of its unit.

    Examples
    --------
    >>> show_tick(-12500.0), show_tick(0.1 + 0.2), show_tick(20, "%")
    ('\u221212,500', '0.3', '20%')
    """
    return f"{value:,.12g}{sign}".replace("-", "\N{MINUS SIGN}")


def _points(axes: Axes, across: float, up: float) -> Transform:
    """Move by some points."""
    return ScaledTranslation(across / 72, up / 72, _figure_of(axes).dpi_scale_trans)


def _figure_of(axes: Axes) -> Figure:
    figure = axes.get_figure(root=True)
    if figure is None:
        raise TypeError("axes without a figure")
    return figure


def _mark(key: Key, x: float, y: float, ground: str, inches: Transform) -> Line2D:
    marks = {"dot": "o", "ring": "o", "diamond": "D", "tick": "|", "line": "_"}
    return Line2D(
        [x], [y], linestyle="none", marker=marks[key.mark], color=key.colour,
        markersize={"tick": 11, "line": 11}.get(key.mark, 6.5),
        markerfacecolor=ground if key.mark in ("ring", "diamond") else key.colour,
        markeredgewidth=2 if key.mark in ("tick", "line") else 1.4, transform=inches,
    )  # fmt: skip


def _text(figure: Figure, x: float, y: float, lines: Sequence[str], block: Block) -> None:
    """Write lines downwards from a place, in inches."""
    for k, line in enumerate(lines):
        base = y - (k * LINE + 0.98) * block.size / 72
        figure.text(
            x, base, line, transform=figure.dpi_scale_trans, va="baseline", ha="left", fontsize=block.size,
            color=block.colour, fontweight=block.weight,
        )  # fmt: skip
