"""Text in charts: which font has a letter, how wide a line is, and where it is broken.

Every text is drawn as it was typed: a dollar sign starts no mathematics. Each letter is taken from the first
installed font that has it. matplotlib (3.11 and newer) writes Arabic and Hebrew from right to left and joins
the letters. A letter that no installed font has is drawn as a box that shows its script, and the chart's note
says which letters these are and which font to install.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal

from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.textpath import text_to_path

from trustkit.display import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Weight = Literal["normal", "bold"]

FONT = "DejaVu Sans"
"""Comes with matplotlib; has Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian, Georgian and many signs."""
OTHER_FONTS = (
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Noto Sans CJK JP",
    "Noto Sans JP",
    "Noto Sans KR",
    "Source Han Sans SC",
    "Droid Sans Fallback",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans",
    "Yu Gothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Lohit Devanagari",
    "Nirmala UI",
    "Kohinoor Devanagari",
    "Leelawadee UI",
    "Noto Emoji",
    "Segoe UI Emoji",
    "Segoe UI Symbol",
    "Symbola",
    "Arial Unicode MS",
    "Arial",
)
"""Where letters are looked for that the chart's own font lacks, in this order; then in every Noto Sans."""
BOXES = "Last Resort High-Efficiency"
"""Comes with matplotlib; has a box for every letter there is."""
SHOWN_LETTERS = 8
"""How many missing letters a note shows."""

FEWEST_LETTERS = 4
"""How many letters of a broken word stand on a line of their own at least."""

LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
"""A letter that nobody sees, behind which a line goes on from left to right."""

LINE = 1.28
"""The height of a line of text, in sizes of its font."""


def fonts_for(text: str, font: str = FONT) -> tuple[str, ...]:
    """List the installed fonts that have the letters of a text, the chart's own font first.

    Examples
    --------
    >>> fonts_for("Trust in brands")
    ('DejaVu Sans',)
    """
    return _fonts_for(frozenset(text), font)[0]


def missing_letters(text: str, font: str = FONT) -> str:
    """Return which letters no installed font has, and what to install; "" if there are none.

    Examples
    --------
    >>> missing_letters("Trust in brands")
    ''
    """
    missing = _fonts_for(frozenset(text), font)[1]
    if not missing:
        return ""
    scripts = sorted({_script(letter) for letter in missing})
    shown = " ".join(missing[:SHOWN_LETTERS]) + (" ..." if len(missing) > SHOWN_LETTERS else "")
    fonts = " and ".join(dict.fromkeys(_font_of(script) for script in scripts))
    return (
        f"No font on this computer has these letters ({', '.join(scripts)}): {shown}. "
        f"The chart shows boxes in their place. Install {fonts} and make the chart again."
    )


def printable(text: str) -> str:
    r"""Write spaces of every kind as one space, and control characters in letters.

    Examples
    --------
    >>> print(printable("a\tb\x00"))
    a b\x00
    """
    return "".join(" " if letter.isspace() else letter for letter in visible(text))


def weight_of(text: str, weight: Weight, font: str = FONT) -> Weight:
    """Return the weight of a text's font: normal where a font that it needs has no bold letters."""
    return weight if all(_has_bold(name) for name in fonts_for(text, font)) else "normal"


@lru_cache(maxsize=20_000)
def width_of(text: str, size: float, *, weight: Weight = "normal", font: str = FONT) -> float:
    """Measure a line of text, in inches; `size` is in points."""
    properties = FontProperties(
        family=list(fonts_for(text, font)), size=size, weight=weight_of(text, weight, font)
    )
    width, _, _ = text_to_path.get_text_width_height_descent(text, properties, ismath=False)
    return float(width) / 72


def height_of(lines: int, size: float) -> float:
    """Return the height of some lines of text, in inches; `size` is in points."""
    return lines * size * LINE / 72


def wrapped(
    text: str, width: float, size: float, *, weight: Weight = "normal", font: str = FONT, most: int = 0
) -> list[str]:
    """Break a text into lines that are no wider than `width` inches.

    Lines are broken between words. A word that is wider than a line is broken between letters: behind a
    hyphen in writing that has capitals, such as Latin, and without one in other writing, such as Chinese.

    Parameters
    ----------
    text
        Its own line breaks are kept.
    width
        In inches.
    size
        Of the font, in points.
    weight, font
        How it is drawn.
    most
        How many lines are kept; the last of them then ends with "...". 0 keeps all.

    Examples
    --------
    >>> wrapped("How far do you trust brands?", 1.2, 9.5)
    ['How far do you', 'trust brands?']
    >>> wrapped("Datenschutzgrundverordnung", 1.2, 9.5)
    ['Datenschutzgrun-', 'dverordnung']
    """

    def fits(line: str) -> bool:
        return width_of(line, size, weight=weight, font=font) <= width

    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for word in printable(part).split(" "):
            joined = f"{line} {word}" if line else word
            if fits(joined):
                line = joined
                continue
            if line:
                lines.append(line)
            *full, line = _parts(word, fits)
            lines += full
        lines.append(line)
    if most and len(lines) > most:
        lines = lines[:most]
        while lines[-1] and not fits(f"{lines[-1]}..."):
            lines[-1] = lines[-1][:-1]
        lines[-1] = f"{lines[-1].rstrip()}..."
    return lines


def _parts(word: str, fits: Callable[[str], bool]) -> Iterator[str]:
    """Yield the parts of a word that is wider than a line, each with at least a few letters."""
    while not fits(word):
        longest = next(k for k in range(1, len(word) + 1) if not fits(word[:k] + _hyphen(word, k))) - 1
        kept = max(1, min(longest, len(word) - FEWEST_LETTERS))
        while kept < len(word) and unicodedata.combining(word[kept]):
            kept += 1
        if kept == len(word):
            break
        yield word[:kept] + _hyphen(word, kept)
        word = word[kept:]
    yield word


def _hyphen(word: str, place: int) -> str:
    """Return the hyphen at which a word is broken; none beside a sign, or in writing without capitals."""
    around = word[place - 1 : place + 1]
    return "-" if len(around) > 1 and all(letter.lower() != letter.upper() for letter in around) else ""


def named_number(name: str, number: str) -> str:
    """Join a name and a number: the number stands behind the name also if that is written from right to left.

    Examples
    --------
    >>> named_number("Banks", "41.2%")
    'Banks 41.2%'
    """
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in name):
        return f"{LEFT_TO_RIGHT}{name} {LEFT_TO_RIGHT}{number}"
    return f"{name} {number}"


@lru_cache(maxsize=2_000)
def _fonts_for(letters: frozenset[str], font: str) -> tuple[tuple[str, ...], str]:
    """Return the fonts that have some letters, and the letters that none has."""
    wanted = {letter for letter in printable("".join(letters)) if not _is_invisible(letter)}
    chosen = [font]
    for name in (font, *_installed()):
        drawable = {letter for letter in wanted if ord(letter) in _letters_of(name)}
        if drawable and name not in chosen:
            chosen.append(name)
        wanted -= drawable
        if not wanted:
            return tuple(chosen), ""
    return (*chosen, BOXES), "".join(sorted(wanted))


@cache
def _installed() -> tuple[str, ...]:
    names = {entry.name for entry in fontManager.ttflist}
    rest = sorted(name for name in names if name.startswith("Noto Sans") and name not in OTHER_FONTS)
    return tuple(name for name in (FONT, *OTHER_FONTS, *rest) if name in names)


@cache
def _has_bold(name: str) -> bool:
    weights = {entry.weight for entry in fontManager.ttflist if entry.name == name}
    return bool(weights & {"bold", "semibold", "demibold", 600, 700})


@cache
def _letters_of(name: str) -> frozenset[int]:
    path = fontManager.findfont(FontProperties(family=[name]), fallback_to_default=False)
    return frozenset(get_font(path).get_charmap())


def is_installed(name: str) -> bool:
    """Return whether a font is installed."""
    return any(entry.name == name for entry in fontManager.ttflist)


def _is_invisible(letter: str) -> bool:
    """Return whether a letter only joins, parts or varies others."""
    return letter.isspace() or unicodedata.category(letter) == "Cf" or 0xFE00 <= ord(letter) <= 0xFE0F  # noqa: PLR2004


def _script(letter: str) -> str:
    """Name the script of a letter, by the first word of its Unicode name."""
    if unicodedata.category(letter) in ("So", "Sk", "Sm"):
        return "symbols and emoji"
    word = unicodedata.name(letter, "other").split()[0]
    east = {
        "CJK": "Chinese, Japanese or Korean",
        "HIRAGANA": "Japanese",
        "KATAKANA": "Japanese",
        "HANGUL": "Korean",
    }
    return east.get(word, word.capitalize())


def _font_of(script: str) -> str:
    """Name a free font that has a script."""
    if script == "symbols and emoji":
        return "the font Noto Emoji"
    if script in ("Chinese, Japanese or Korean", "Japanese", "Korean"):
        return "the font Noto Sans CJK"
    return f"the font Noto Sans {script}"
