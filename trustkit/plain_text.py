"""Plain text at the width of a terminal: broken lines, and tables that fit.

The width is always that of a terminal of 80 columns, so that a result is shown the same way everywhere.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LINE = 80
"""How many characters a line of text has at most."""

GAP = "  "
"""What stands between two columns, and before each line of a text that goes on from the line above."""

LONGEST_WORD, NARROWEST = 26, 12
"""How wide a column of words stays for its longest word, and for short ones."""


def width_of(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for a Chinese character, none for an accent.

    Examples
    --------
    >>> width_of("trust"), width_of("信任"), width_of("e\u0301")
    (5, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_width_of_character, text))


def _width_of_character(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def text_lines(text: str, width: int = LINE, *, indent: str = GAP) -> list[str]:
    """Break a text between words into lines of at most a width; a word that is wider is broken, too.

    Parameters
    ----------
    text
        The text; its own line breaks are kept.
    width
        How many columns of a terminal a line takes at most.
    indent
        What stands before each line that goes on from the line above.

    Examples
    --------
    >>> text_lines("Base: all women", 12), text_lines("信任信任", 5)
    (['Base: all', '  women'], ['信任', '  信', '  任'])
    """
    lines = []
    for line in text.split("\n"):
        start = current = gap = ""
        for word in line.split(" "):
            joined = current + gap + word
            if width_of(joined) > width:
                if gap:
                    lines.append(current)
                    start = indent
                *full, joined = _broken(word, width, start, indent)
                lines += full
            current, gap = joined, " "
        lines.append(current)
    return lines


def _broken(word: str, width: int, start: str, indent: str) -> Iterator[str]:
    """Yield the lines of a word, the first behind a start and the others behind an indent."""
    line = start
    for character in word:
        if line != start and width_of(line + character) > width:
            yield line
            line = start = indent
        line += character
    yield line


def laid_out(
    columns: Sequence[Sequence[str]], to_the_right: Sequence[bool], groups: Sequence[str] = ()
) -> str:
    """Lay out the columns of a table, each with its heading first, in lines of at most 80 characters.

    Words wrap inside their column. If that is not enough, the columns stand in blocks below each other, each
    with the first columns of words, which name the rows.

    Parameters
    ----------
    columns
        The texts of each column, on one line each.
    to_the_right
        For each column whether it holds numbers, which stand at the right and are not broken.
    groups
        The texts of one more column, its heading first, which stand on lines of their own above their rows.

    Examples
    --------
    >>> print(laid_out([["answer", "yes", "no"], ["n", "12", "7"]], [False, True]))
    answer   n
    yes     12
    no       7
    >>> print(laid_out([["level", "men"], ["n", "12"]], [False, True], ["variable", "sex"]))
    variable
    level   n
    <BLANKLINE>
    sex
    men    12
    """
    least = [_least(texts, right) for texts, right in zip(columns, to_the_right, strict=True)]
    blocks = []
    for numbers in _blocks(least, to_the_right):
        natural = [max(map(width_of, columns[number])) for number in numbers]
        widths = _widths(natural, [least[number] for number in numbers])
        cells = [
            _column(columns[number], width, to_the_right[number])
            for number, width in zip(numbers, widths, strict=True)
        ]
        head, *rows = zip(*cells, strict=True)
        tallest = max(map(len, head))
        above = [[" " * width] * (tallest - len(lines)) for lines, width in zip(head, widths, strict=True)]
        heading = [[*blank, *lines] for blank, lines in zip(above, head, strict=True)]
        blocks.append("\n".join(_grouped([list(_row(row)) for row in (heading, *rows)], groups)))
    return "\n\n".join(blocks)


def _grouped(rows: Sequence[Sequence[str]], groups: Sequence[str]) -> Iterator[str]:
    """Yield the lines of rows, each group below a line with its name."""
    last = ""
    for number, row in enumerate(rows):
        if groups and groups[number] != last:
            last = groups[number]
            yield from [""] * bool(number)
            yield from text_lines(last)
        yield from row


def _least(texts: Sequence[str], right: bool) -> int:  # noqa: FBT001
    """Return how narrow a column may become."""
    heading, *cells = texts
    widest = max(map(width_of, texts))
    words = [width_of(word) for text in ([heading] if right else texts) for word in text.split(" ")]
    longest = min(max(words, default=0), LONGEST_WORD)
    if right:
        return max(longest, *map(width_of, cells), 0)
    return min(widest, max(longest, NARROWEST), LINE)


def _blocks(least: Sequence[int], to_the_right: Sequence[bool]) -> Iterator[list[int]]:
    """Yield the columns that stand beside each other: those that name the rows, and as many others as fit."""
    keys: list[int] = []
    for number, right in enumerate(to_the_right):
        if keys and (right or _total([least[key] for key in [*keys, number]]) > LINE // 2):
            break
        keys.append(number)
    block = keys
    for number in range(len(keys), len(least)):
        if block != keys and _total([least[column] for column in [*block, number]]) > LINE:
            yield block
            block = keys
        block = [*block, number]
    yield block


def line_width(columns: Sequence[Sequence[str]]) -> int:
    """Return how wide a table is if none of its cells is broken."""
    return _total([max(map(width_of, texts)) for texts in columns])


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _widths(natural: Sequence[int], least: Sequence[int]) -> list[int]:
    """Return how wide each column is: as wide as its text, the widest of them cut until all fit."""
    for most in range(max(*natural, LINE), 0, -1):
        widths = [max(low, min(width, most)) for width, low in zip(natural, least, strict=True)]
        if _total(widths) <= LINE:
            return widths
    return list(least)


def _column(texts: Sequence[str], width: int, right: bool) -> list[list[str]]:  # noqa: FBT001
    """Return the lines of each cell of a column, as wide as the column."""
    cells = []
    for number, text in enumerate(texts):
        lines = text_lines(text, width, indent="" if right or not number else GAP)
        blanks = [" " * (width - width_of(line)) for line in lines]
        pairs = zip(lines, blanks, strict=True)
        cells.append([blank + line if right else line + blank for line, blank in pairs])
    return cells


def _row(cells: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a row, whose cells have as many lines each as they need."""
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else " " * width_of(cell[0]) for cell in cells]
        yield GAP.join(parts).rstrip()
