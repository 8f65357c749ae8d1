"""The look of charts: colours, font and logo, as a value that a chart takes."""

from __future__ import annotations

from colorsys import hls_to_rgb, rgb_to_hls
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, is_color_like, to_hex, to_rgb

from trustkit.arguments import NUMBER, PATH, TEXT, WHOLE, ArgumentKind, accepts, in_words
from trustkit.errors import DataError, suggest
from trustkit.field_kinds import accepts_fields
from trustkit.figures.lettering import FONT, is_installed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from os import PathLike

    from numpy.typing import NDArray


READABLE = 4.5
"""The least contrast of text with what it stands on."""

VISIBLE = 3.0
"""The least contrast of a bar or a line with what it stands on."""

MOST_SHADES = 1000
"""Far more answers than anybody can tell apart by their colours."""

COLOURS = TEXT.listed("a list of two or more colours", "write it as ['#8c510a', '#01665e']", least=2)
POSITION = ArgumentKind(
    lambda value: WHOLE.fits(value) and value >= 0,  # type: ignore[operator]
    "a whole number from 0",
    "give the place of the group, 0 for the first",
)
SHADES = ArgumentKind(
    lambda value: WHOLE.fits(value) and 1 <= value <= MOST_SHADES,  # type: ignore[operator]
    f"a whole number from 1 to {MOST_SHADES}",
    "give the number of answers",
)


@dataclass(frozen=True, eq=False)
class HouseStyle:
    """Colours, font and logo of charts.

    Attributes
    ----------
    accent, contrast
        What the data give, and what is set against it (a published figure, a target, what was removed). The
        defaults, teal and rust, differ under the common colour-vision deficiencies, and by their marks.
    ink, muted, ground
        Text, less important text, and the paper.
    scale
        Colours of answers in order, from one end of a scale to the other (ColorBrewer BrBG).
    kinds
        Colours of answers or groups without an order.
    font
        The font's family name.
    logo
        A picture as an array, or None.

    Examples
    --------
    >>> import trustkit as tk
    >>> tk.HouseStyle().accent
    '#0b6e82'
    """

    accent: str = "#0b6e82"
    contrast: str = "#b0431f"
    ink: str = "#1f2933"
    muted: str = "#52606d"
    ground: str = "#ffffff"
    scale: tuple[str, ...] = ("#8c510a", "#d8b365", "#e6e6e6", "#7fc4bb", "#01665e")
    kinds: tuple[str, ...] = (
        "#01665e", "#b0431f", "#9aa5b1", "#d8b365", "#52606d", "#6650a0", "#7fc4bb", "#8c510a", "#cfe5ea",
    )  # fmt: skip
    font: str = FONT
    logo: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)

    def faded(self, colour: str, strength: float) -> str:
        """Mix a colour with the paper's: 0 is the paper's colour, 1 the colour itself."""
        accepts(strength=(strength, NUMBER))
        colour = _colour(colour, "colour")
        if not 0 <= strength <= 1:
            raise DataError(
                "a colour cannot be mixed so", where="strength", got=f"{strength:g}", expected="0 to 1",
                do="give 0 for the paper's colour, 1 for the colour itself",
            )  # fmt: skip
        front, back = to_rgb(colour), to_rgb(self.ground)
        red, green, blue = (
            strength * part + (1 - strength) * under for part, under in zip(front, back, strict=True)
        )
        return to_hex((red, green, blue))

    def shades(self, count: int) -> list[str]:
        """Spread the scale's colours over some answers."""
        accepts(count=(count, SHADES))
        if count == 1:
            return [self.scale[-1]]
        if count <= len(self.scale):
            places = np.round(np.linspace(0, len(self.scale) - 1, count)).astype(int)
            return [self.scale[place] for place in places]
        spread = LinearSegmentedColormap.from_list("answers", list(self.scale))
        return [to_hex(spread(k / (count - 1))) for k in range(count)]

    def kind(self, number: int) -> str:
        """Return the colour of a group, by its number."""
        accepts(number=(number, WHOLE))
        return self.kinds[number % len(self.kinds)]

    def strong(self, number: int) -> str:
        """Return the colour of a group whose text and lines stand on the paper, by its number.

        These are the colours of `kinds` that text can be read in, and the ink if there are too few.
        """
        accepts(number=(number, POSITION))
        read = [colour for colour in self.kinds if contrast_of(colour, self.ground) >= READABLE]
        return read[number] if number < len(read) else self.ink

    def in_dark(self) -> HouseStyle:
        """Return the style for dark paper: its own colours where you set them, made light enough to be seen.

        Examples
        --------
        >>> import trustkit as tk
        >>> tk.HouseStyle().in_dark().accent, tk.house_style(accent="navy").in_dark().accent
        ('#4fb3c8', '#6e6eff')
        """
        single: dict[str, Any] = {
            name: getattr(DARK, name)
            if getattr(self, name) == getattr(HouseStyle, name)
            else _lightened(getattr(self, name), DARK.ground, least)
            for name, least in (("accent", READABLE), ("contrast", READABLE), ("ink", 11.0), ("muted", 6.0))
        }
        scale, kinds = (
            getattr(DARK, name)
            if getattr(self, name) == getattr(HouseStyle, name)
            else tuple(_lightened(colour, DARK.ground, least) for colour in getattr(self, name))
            for name, least in (("scale", VISIBLE), ("kinds", READABLE))
        )
        return replace(self, ground=DARK.ground, scale=scale, kinds=kinds, **single)

    def rc(self) -> dict[Any, Any]:
        """Return the style as settings of matplotlib."""
        return {
            "text.parse_math": False,
            "text.usetex": False,
            "font.family": [self.font],
            "font.size": 9.5,
            "figure.facecolor": self.ground,
            "savefig.facecolor": self.ground,
            "axes.facecolor": "none",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.spines.left": False,
            "axes.edgecolor": self.muted,
            "axes.axisbelow": True,
            "text.color": self.ink,
            "axes.labelcolor": self.muted,
            "xtick.color": self.muted,
            "ytick.color": self.ink,
            "ytick.major.size": 0,
            "ytick.alignment": "center",
            "grid.color": self.faded(self.ink, 0.12),
            "svg.hashsalt": "trustkit",
            "svg.fonttype": "none",
            "pdf.fonttype": 42,
        }


DARK = HouseStyle(
    accent="#4fb3c8",
    contrast="#f08a5d",
    ink="#dfe6ec",
    muted="#a9b6c2",
    ground="#11181e",
    scale=("#dfa253", "#8f6d3c", "#5d6873", "#3d8f86", "#5cc9bb"),
    kinds=(
        "#35b0a3", "#e8835c", "#8d99a6", "#d8b365", "#c3cdd6", "#a892e6", "#a5dcd5", "#c98a45", "#5f8a99",
    ),
)  # fmt: skip
"""The style on dark pages, whose ground is the pages' own."""


def house_style(
    *,
    accent: str | None = None,
    contrast: str | None = None,
    ink: str | None = None,
    muted: str | None = None,
    ground: str | None = None,
    scale: Sequence[str] | None = None,
    kinds: Sequence[str] | None = None,
    font: str | None = None,
    logo: str | PathLike[str] | None = None,
) -> HouseStyle:
    """Make a style of your own for charts: your colours, your font, your logo.

    A style is a value. Give it to a chart with `DataFigure.styled`; nothing else changes.

    Parameters
    ----------
    accent, contrast
        The colour of what the data give, and of what is set against it: a published figure, a target.
    ink, muted, ground
        The colours of text, of less important text, and of the paper.
    scale
        Colours of answers in order, from one end of a scale to the other; at least two.
    kinds
        Colours of answers or groups without an order; at least two.
    font
        The family name of an installed font. Letters that it lacks are taken from other fonts.
    logo
        A PNG file, drawn in the upper right corner of saved charts.

    Returns
    -------
    HouseStyle
        What is not given stays as in trustkit's own style.

    Raises
    ------
    DataError
        If a colour is not a colour, the font is not installed, or the logo cannot be read.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> design = tk.Design(pd.DataFrame({"trust": ["yes", "no", "yes"]}))
    >>> chart = tk.dot_interval(tk.proportion(design, "trust"), title="Trust")
    >>> chart.styled(tk.house_style(accent="navy")).style.accent
    '#000080'
    """
    single = {"accent": accent, "contrast": contrast, "ink": ink, "muted": muted, "ground": ground}
    given: dict[str, Any] = {
        name: _colour(colour, name) for name, colour in single.items() if colour is not None
    }
    accepts(scale=(scale, COLOURS.optional()), kinds=(kinds, COLOURS.optional()))
    for name, colours in (("scale", scale), ("kinds", kinds)):
        if colours is not None:
            given[name] = tuple(_colour(colour, name) for colour in colours)
    accepts(font=(font, TEXT.optional()), logo=(logo, PATH.optional()))
    if font is not None:
        if not is_installed(font):
            raise DataError("this font is not installed", where="font", got=repr(font), do=_other_font(font))
        given["font"] = font
    if logo is not None:
        given["logo"] = _picture(logo)
    return replace(HouseStyle(), **given)


def ink_on(fill: str) -> str:
    """Choose the colour of text that reads better on a fill: white, or nearly black.

    Examples
    --------
    >>> ink_on("#01665e"), ink_on("#e6e6e6")
    ('#ffffff', '#10161c')
    """
    return max(("#ffffff", "#10161c"), key=lambda ink: contrast_of(ink, fill))


def contrast_of(first: str, second: str) -> float:
    """Return the contrast of two colours, from 1 to 21, as the guidelines for accessible web pages define it.

    Examples
    --------
    >>> contrast_of("white", "black"), contrast_of("white", "white")
    (21.0, 1.0)
    """
    dark, light = sorted(map(_luminance, (first, second)))
    return (light + 0.05) / (dark + 0.05)


def _lightened(colour: str, ground: str, least: float) -> str:
    """Return a colour of the same hue that has some contrast with dark paper."""
    hue, lightness, saturation = rgb_to_hls(*to_rgb(colour))
    steps = (hls_to_rgb(hue, level, saturation) for level in np.linspace(lightness, 1, 101))
    return next(to_hex(step) for step in steps if contrast_of(to_hex(step), ground) >= least)


def _luminance(colour: str) -> float:
    """Return a colour's relative luminance, from 0 to 1."""
    parts = np.array(to_rgb(colour))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _colour(colour: str, where: str) -> str:
    if not isinstance(colour, str | tuple) or not is_color_like(colour):
        raise DataError(
            "this is not a colour",
            where=where,
            got=in_words(colour),
            expected="a name or a code such as '#0b6e82'",
            do="choose a name that matplotlib knows, or write the code of the colour",
        )
    return to_hex(colour)


def _other_font(font: str) -> str:
    from matplotlib.font_manager import fontManager  # noqa: PLC0415

    hint = suggest(font, sorted({entry.name for entry in fontManager.ttflist}))
    return hint if hint.startswith("did you mean") else "install it, or leave font out"


def _picture(path: str | PathLike[str]) -> NDArray[Any]:
    from matplotlib.image import imread  # noqa: PLC0415

    try:
        picture: NDArray[Any] = imread(Path(path), format="png")
    except (OSError, SyntaxError, ValueError):
        raise DataError(
            "the logo cannot be read", where="logo", got=str(path), expected="a PNG file"
        ) from None
    return picture
