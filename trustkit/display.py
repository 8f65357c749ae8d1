"""How values are shown: a title, a table of strings and notes, as text and as HTML.

Numbers are rounded only when shown. What is shown is the same every time: no addresses, no times.
"""

from __future__ import annotations

import math
import re
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Literal

from trustkit.counted import UNPROTECTED, printed_counts, unprotected
from trustkit.ledger import result_bundle
from trustkit.plain_text import LINE, laid_out, line_width

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd


NUMBER = re.compile(
    r"-|\[(?:[a-z]|low)\]"
    r"|(?:< )?[-+]?[\d,.]+(?:e[-+]\d+)?%?( (?:to|and) [-+]?[\d,.]+(?:e[-+]\d+)?%?)?(?: points)?"
)
"""What a shown number, an interval, a pair of degrees of freedom, or the mark in place of one looks like."""

NOTHING = ("", "-")
"""Cells that hold no number and no word."""

HIGHER, LOWER = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"
"""What stands beside a number of a banner that is higher or lower than that of everybody else."""

LETTERED = re.compile(rf"[\d,.-]+%?( ([A-Za-z]{{1,3}}|\(?[{HIGHER}{LOWER}]\)?))+")
LETTER_OF_COLUMN = re.compile(r".*\([A-Z]{1,3}\)( \[u\])?", re.DOTALL)
"""What a number with the letters of a banner looks like, and the heading of a banner's column."""

DIGITS = 4
"""How many digits of the largest number of a column are shown, if nothing else is asked for."""

SMALL_DIGITS = 2
"""How many digits of the smallest number of a column are shown at least."""

SMALLEST_GROUP = 2
"""How many rows a heading inside a table has on average, at least."""

TEN = 10
"""A standard error below it is shown with decimals."""

MOST_DECIMALS = 6
"""The most decimals that are shown."""

MINUS_ZERO = re.compile(r"^-(?=0(?:\.0+)?(?![\d.]))")
"""The minus sign of a number that was rounded to zero."""

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, among them the escape of terminals; not tab, not line feed
    "\u2028\u2029"  # separators that end a line of a script
    "\u202a-\u202e\u2066-\u2069"  # marks that turn the direction of what follows
    "\ufeff\ufff9-\ufffb\ufffe\uffff"  # the mark of byte order, and what is no character
    "\ud800-\udfff]"  # halves of characters, which no file can hold
)
"""Characters that nobody sees and that change what is shown around them."""

LINES = re.compile(r"\r\n|[\t\n\r]")
"""What breaks a line, and the tab."""

HARMLESS, REFERRED = ",;?/'\"%.()=+-", "\\`$<>&{}@"
"""Signs that begin no markup inside a line, and those that `markdown_text` writes as references."""

LINE_START = re.compile(r"^(\d*)([-+=]|(?<=\d)[.)])(?=\s|=|-|$)")
"""What makes a list, a heading or a rule of a line: a number before it, and its sign."""

VERDICTS = ("reproduced", "consistent", "contradicted", "not checkable")
"""Cells that are shown as badges where they stand in a column called ``verdict``."""

POSSIBILITIES = ("possible", "impossible", "cannot be checked")
"""Cells of such a column that are shown in colour: what arithmetic says of a published figure."""

LIKENESS = {
    "tk-table": "border-collapse:collapse;margin:0.4em 0",
    "tk-title": "caption-side:top;text-align:left;font-weight:bold;color:inherit;padding:0 0 0.4em;"
    "max-width:46em;margin-right:-46em",  # as wide as it needs, however narrow the table is
    "tk-number": "text-align:right;vertical-align:top;white-space:nowrap;font-variant-numeric:tabular-nums",
    "tk-number-head": "text-align:right;vertical-align:bottom;white-space:normal;max-width:11em",
    "tk-text-head": "text-align:left;vertical-align:bottom",
    "tk-text": "text-align:left;vertical-align:top",
    "tk-rows": "text-align:left;vertical-align:bottom;font-weight:600;padding-top:0.9em",
    "tk-note": "margin:0.2em 0;font-size:smaller;line-height:1.4;max-width:50em",
    "tk-verdict-reproduced": "white-space:nowrap;font-weight:600;color:#1a8754",
    "tk-verdict-consistent": "white-space:nowrap;font-weight:600;color:#3478c6",
    "tk-verdict-contradicted": "white-space:nowrap;font-weight:600;color:#cf4436",
    "tk-verdict-not-checkable": "white-space:nowrap;font-weight:600;color:#7a828a",
    "tk-verdict-possible": "white-space:nowrap;font-weight:600;color:#1a8754",
    "tk-verdict-impossible": "white-space:nowrap;font-weight:600;color:#cf4436",
    "tk-verdict-cannot-be-checked": "white-space:nowrap;font-weight:600;color:#7a828a",
    "tk-letters": "display:block;white-space:nowrap;font-size:smaller",
}
"""Class -> how it looks in a notebook, where no style sheet of ours is. The colours are readable on white and
on dark grey."""

ALIGNED = {"tk-title": ' align="left"', "tk-text": ' align="left"', "tk-number": ' align="right"'}
"""Class -> an attribute with the side at which it stands, where styles are taken out."""

STYLED = re.compile(
    r'(<th scope="col" )?class="(?:tk-badge )?(' + "|".join(LIKENESS) + r')( mathjax_ignore)?"'
)
"""A class that has a look of its own in notebooks, and whether it is that of a column's heading."""


class Shown:
    """Shows a result as text and as HTML from three parts: a title, a table of strings and notes."""

    __slots__ = ()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        raise TypeError(f"{type(self).__name__} has nothing to show")

    def __repr__(self) -> str:
        """Show the result as text."""
        title, table, notes = self._shown_parts()
        return "\n".join([visible(title, lines="joined"), text_table(table), *map(visible, notes)])

    def _shown_parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        """Return title, table and notes as they are shown at the desk, where nothing is protected."""
        title, table, notes = self._parts()
        said = () if UNPROTECTED in notes else unprotected(printed_counts(self))
        return title, table, (*notes, *said)

    def _repr_html_(self) -> str:
        title, table, notes = self._shown_parts()
        return for_notebook(html_table(table, caption=title) + html_notes(notes))

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        return result_bundle(self)

    def _repr_markdown_(self) -> str:
        title, table, notes = self._shown_parts()
        paragraphs = [f"**{markdown_text(title)}**", markdown_table(table), *map(markdown_text, notes)]
        return "\n\n".join(part for part in paragraphs if part) + "\n"


def folded_rows(table: pd.DataFrame, summary: str, *, caption: str) -> str:
    """Return the rest of a long table as HTML that opens on request; nothing if there is no rest.

    Parameters
    ----------
    table
        The rows that are not shown at once.
    summary
        What a reader opens, such as "The other 8 columns".
    caption
        The title of the table.

    Examples
    --------
    >>> import pandas as pd
    >>> rest = pd.DataFrame({"column": ["age"]})
    >>> folded_rows(rest, "The other column", caption="The other columns").startswith("<details><summary>The")
    True
    >>> folded_rows(rest.iloc[:0], "The other columns", caption="The other columns")
    ''
    """
    if table.empty:
        return ""
    return f"<details><summary>{escape(summary)}</summary>{html_table(table, caption=caption)}</details>"


def visible(text: object, *, lines: Literal["kept", "joined"] = "kept") -> str:
    r"""Return a text in which every control character is written out, for whatever shows it.

    Terminals obey some control characters, browsers reorder text at others, and files refuse a few. All
    text that comes from data passes through here before it is shown.

    Parameters
    ----------
    text
        Any text, or a value to show as text.
    lines
        Keep line breaks and tabs, or write a space in their place.

    Examples
    --------
    >>> print(visible("\x1b[31mred\u202e"), visible("two\nlines", lines="joined"))
    \x1b[31mred\u202e two lines
    """
    shown = str(text)
    if lines == "joined":
        shown = LINES.sub(" ", shown)
    return UNSEEN.sub(_written_out, shown.replace("\r\n", "\n"))


def _written_out(number: re.Match[str]) -> str:
    code = ord(number[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004


def show_p(value: float) -> str:
    """Show a p-value with three decimals, below .001 as such.

    Examples
    --------
    >>> show_p(0.0217), show_p(0.00001)
    ('0.022', '< 0.001')
    """
    smallest = 0.001
    if math.isnan(value):
        return "-"
    return f"< {smallest}" if value < smallest else f"{value:.3f}"


def p_in_words(value: float) -> str:
    """Return a p-value as it stands in a sentence.

    Examples
    --------
    >>> p_in_words(0.0217), p_in_words(0.00001)
    ('p = 0.022', 'p < 0.001')
    """
    shown = show_p(value)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def show_share(value: float) -> str:
    """Show a proportion as a percentage with one decimal.

    Examples
    --------
    >>> show_share(0.4), show_share(float("nan"))
    ('40.0%', '-')
    """
    return show_decimals(100 * value, 1, unit="%")


def show_decimals(value: float, decimals: int, *, unit: str = "") -> str:
    """Show a number with some decimals; a dash stands for a missing one, and zero has no minus sign.

    Examples
    --------
    >>> show_decimals(-0.04, 1), show_decimals(1234.5, 2), show_decimals(float("nan"), 1, unit="%")
    ('0.0', '1,234.50', '-')
    """
    return "-" if math.isnan(value) else MINUS_ZERO.sub("", f"{value:,.{decimals}f}{unit}")


def show_number(value: float) -> str:
    """Show a number with four significant digits, whole above a thousand.

    Examples
    --------
    >>> show_number(644.1694), show_number(0.0312345), show_number(1234567.8)
    ('644.2', '0.03123', '1,234,568')
    """
    if math.isnan(value):
        return "-"
    return MINUS_ZERO.sub("", f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}")  # noqa: PLR2004


def show_numbers(values: Iterable[float], *, decimals: int | None = None) -> list[str]:
    """Show the numbers of one column with the same decimals, so that they align.

    Parameters
    ----------
    values
        The numbers; one that is missing is shown as a dash.
    decimals
        How many decimals. Without it, as many as show four digits of the largest number and two of the
        smallest, less the zeros with which all of them end. A number too small for six decimals is shown in
        powers of ten.

    Examples
    --------
    >>> show_numbers([39.97, 82, 40.5])
    ['39.97', '82.00', '40.50']
    >>> show_numbers([0.5, 1234.5]), show_numbers([1200, 3.0])
    (['0.5', '1,234.5'], ['1,200', '3'])
    >>> show_numbers([5.25, 1e-17])
    ['5.25', '1e-17']
    """
    numbers = [float(value) for value in values]
    tiny: set[float] = set()
    if decimals is None:
        sizes = {
            value: _decimals_for(value, SMALL_DIGITS) for value in numbers if math.isfinite(value) and value
        }
        tiny = {value for value, needed in sizes.items() if needed > MOST_DECIMALS}
        plain = [value for value in sizes if value not in tiny]
        largest = max(plain, key=abs, default=0.0)
        needed = [_decimals_for(largest, DIGITS), *(sizes[value] for value in plain)]
        decimals = min(max(needed), MOST_DECIMALS) if plain else 0
        decimals -= min((_zeros(f"{value:.{decimals}f}") for value in plain), default=0)
    return [f"{value:.2g}" if value in tiny else show_decimals(value, decimals) for value in numbers]


def decimals_of(se: float) -> int:
    """Return how many decimals numbers with a standard error have at least: those of its first digit.

    Examples
    --------
    >>> decimals_of(0.0089), decimals_of(0.5), decimals_of(12)
    (3, 1, 0)
    """
    return min(max(-math.floor(math.log10(se)), 0), MOST_DECIMALS)


def show_near(values: Iterable[float], se: float) -> list[str]:
    """Show numbers that have a standard error with one decimal more than tells them apart.

    Parameters
    ----------
    values
        The numbers: an estimate, the ends of its interval.
    se
        The smallest standard error; without a positive one the numbers themselves decide (`show_numbers`).

    Examples
    --------
    >>> show_near([-14, -19.61, -8.393], se=2.86), show_near([644.17, 12.3], se=20.1)
    (['-14.0', '-19.6', '-8.4'], ['644', '12'])
    """
    known = math.isfinite(se) and se > 0
    return show_numbers(values, decimals=decimals_of(se) + int(se < TEN) if known else None)


def _decimals_for(value: float, digits: int) -> int:
    """Return how many decimals show some digits of a number that is not zero."""
    return max(digits - 1 - math.floor(math.log10(abs(value))), 0) if value else 0


def _zeros(number: str) -> int:
    """Return how many decimals at the end of a number are zero."""
    decimals = number.partition(".")[2]
    return len(decimals) - len(decimals.rstrip("0"))


def show_interval(low: float, high: float, show: Callable[[float], str] = show_number) -> str:
    """Show an interval; "-" stands where there is none, and below the table stands why.

    Examples
    --------
    >>> show_interval(0.3, 0.45, show_share), show_interval(float("nan"), float("nan"))
    ('30.0% to 45.0%', '-')
    """
    if math.isnan(low) and math.isnan(high):
        return "-"
    return " to ".join("-" if math.isnan(end) else show(end) for end in (low, high))


def text_table(table: pd.DataFrame) -> str:
    """Lay out a table of strings as text: words to the left, numbers to the right, 80 characters wide.

    If it is wider, and its first column only divides its rows, that column stands as headings above them.
    Titles and notes are not broken, because what may be published is found by whole notes.
    """
    columns = [[visible(cell, lines="joined") for cell in (name, *table[name])] for name in table]
    if not columns:
        return ""
    numeric = _numeric(table)
    if line_width(columns) > LINE and has_row_groups(table):
        return laid_out(columns[1:], numeric[1:], columns[0])
    return laid_out(columns, numeric)


def html_table(table: pd.DataFrame, *, caption: str, group: str | None = None) -> str:
    """Lay out a table as HTML with a caption and header cells, readable by screen readers.

    Parameters
    ----------
    table
        The cells, as strings.
    caption
        The title.
    group
        The first column, to stand as headings above its rows; without it, if `has_row_groups` says so.
    """
    if group is None and has_row_groups(table):
        group = str(table.columns[0])
    shown = table if group is None else table.drop(columns=group)
    aligned = [False, *[True] * (shown.shape[1] - 1)] if _has_letters(shown) else _numeric(shown)
    kinds = ["tk-number" if numeric else "tk-text" for numeric in aligned]
    names = [escape(visible(name)) for name in shown]
    if group is not None:
        names[0] = f'<span class="tk-rows-name">{escape(visible(group))}</span><br>{names[0]}'
    head = "".join(
        f'<th scope="col" class="{kind}">{name}</th>' for name, kind in zip(names, kinds, strict=True)
    )
    columns = list(zip(shown, kinds, strict=True))
    bodies = [] if group is not None else [""]
    last = None
    for number, row in enumerate(shown.itertuples(index=False, name=None)):
        if group is not None and (not bodies or table[group].iloc[number] != last):
            last = table[group].iloc[number]
            heading = (
                f'<th scope="rowgroup" colspan="{len(columns)}" class="tk-rows">{escape(visible(last))}</th>'
            )
            bodies.append(f"<tr>{heading}</tr>")
        cells = (
            f'<td class="{kind}">{_html_cell(cell, name)}</td>'
            for cell, (name, kind) in zip(row, columns, strict=True)
        )
        bodies[-1] += f"<tr>{''.join(cells)}</tr>"
    return (
        f'<table class="tk-table{_plain_dollars(table, caption)}">'
        f'<caption class="tk-title">{escape(visible(caption))}</caption>'
        f"<thead><tr>{head}</tr></thead>" + "".join(f"<tbody>{body}</tbody>" for body in bodies) + "</table>"
    )


def has_row_groups(table: pd.DataFrame) -> bool:
    """Return whether the first column of a table only divides its rows: it says the same in two or more.

    The second column must be words, too, to name each row.

    Examples
    --------
    >>> import pandas as pd
    >>> ages = pd.DataFrame({"variable": ["age"] * 2 + ["sex"] * 2, "level": list("abcd"), "n": list("1234")})
    >>> has_row_groups(ages), has_row_groups(ages.drop(columns="level")), has_row_groups(ages.iloc[:3])
    (True, False, False)
    """
    if len(table.columns) < 3 or len(table) < 2 * SMALLEST_GROUP:  # noqa: PLR2004
        return False
    first = table.iloc[:, 0]
    if any(_numeric(table.iloc[:, :2])) or not all(str(cell).strip() for cell in first):
        return False
    runs = [len(list(rows)) for _, rows in groupby(first)]
    return len(runs) == first.nunique() and len(table) >= SMALLEST_GROUP * len(runs)


def html_notes(notes: Iterable[str]) -> str:
    """Return notes as HTML, a paragraph each."""
    return "".join(f'<p class="tk-note">{escape(visible(note))}</p>' for note in notes)


def for_notebook(html: str) -> str:
    """Return our own HTML with its looks written into it, as JupyterLab has no style sheet of ours.

    JupyterLab and VS Code keep these styles also in a notebook that is not trusted. GitHub takes them out
    and keeps ``align``, by which titles and numbers stand at their side there, too. Text from data is escaped
    before, so no style can be written by it.

    Examples
    --------
    >>> for_notebook('<td class="tk-text">yes</td>')
    '<td class="tk-text" style="text-align:left;vertical-align:top" align="left">yes</td>'
    """

    def styled(match: re.Match[str]) -> str:
        look = f"{match[2]}-head" if match[1] and f"{match[2]}-head" in LIKENESS else match[2]
        return f'{match[0]} style="{LIKENESS[look]}"{ALIGNED.get(match[2], "")}'

    return STYLED.sub(styled, html)


def markdown_text(text: object) -> str:
    r"""Return any text on one line so that Markdown shows it as it is.

    Signs that Markdown itself knows stand behind a backslash; those that only some of its readers know
    (formulas, roles, templates, HTML) stand as references to the character.

    Examples
    --------
    >>> markdown_text("A *bold* [offer] for $5"), markdown_text("- 3")
    ('A \\*bold\\* \\[offer\\] for &#36;5', '&#45; 3')
    """
    line = " ".join(visible(text, lines="joined").split())
    escaped = re.sub(r"[^\w\s]|_", _escaped_sign, line, flags=re.ASCII)
    return LINE_START.sub(lambda match: f"{match[1]}&#{ord(match[2])};", escaped, count=1)


def _escaped_sign(match: re.Match[str]) -> str:
    sign = match[0]
    if not sign.isascii() or sign in HARMLESS:
        return sign
    return f"&#{ord(sign)};" if sign in REFERRED else f"\\{sign}"


def markdown_table(table: pd.DataFrame) -> str:
    """Lay out a table of strings in Markdown, numbers to the right.

    Examples
    --------
    >>> import pandas as pd
    >>> print(markdown_table(pd.DataFrame({"answer": ["yes"], "n": ["12"]})))
    | answer | n |
    | :-- | --: |
    | yes | 12 |
    """
    rows = [list(table), *table.itertuples(index=False, name=None)]
    lines = ["| " + " | ".join(map(markdown_text, row)) + " |" for row in rows]
    rule = " | ".join("--:" if numeric else ":--" for numeric in _numeric(table))
    return "\n".join([lines[0], f"| {rule} |", *lines[1:]]) if len(table.columns) else ""


def _html_cell(cell: object, column: object) -> str:
    """Return a cell as HTML: a verdict as a badge or in colour, the letters of a banner together."""
    text = escape(visible(cell))
    if column == "verdict" and text in (*VERDICTS, *POSSIBILITIES):
        badge = "tk-badge " if text in VERDICTS else ""
        return f'<span class="{badge}tk-verdict-{text.replace(" ", "-")}">{text}</span>'
    if LETTER_OF_COLUMN.fullmatch(str(column)) and LETTERED.fullmatch(text):
        number, _, letters = text.partition(" ")
        return f'{number} <span class="tk-letters">{letters}</span>'
    return text


def _plain_dollars(table: pd.DataFrame, caption: str) -> str:
    """Return the class that keeps JupyterLab from reading two dollar signs as the ends of a formula."""
    texts = (caption, *map(str, table), *(str(cell) for name in table for cell in table[name]))
    return " mathjax_ignore" if any("$" in text or "\\" in text for text in texts) else ""


def _numeric(table: pd.DataFrame) -> list[bool]:
    """Return for each column whether its cells show numbers or intervals, as far as they show anything.

    In a banner with letters behind some numbers, no column counts: all of its columns are then aligned alike.
    `html_table` puts the letters below their numbers, and all columns but the first to the right.
    """
    texts = [[str(cell) for cell in table[name]] for name in table]
    if _has_letters(table):
        return [False] * len(texts)
    shown = [[cell for cell in cells if cell not in NOTHING] for cells in texts]
    return [bool(cells) and all(map(NUMBER.fullmatch, cells)) for cells in shown]


def _has_letters(table: pd.DataFrame) -> bool:
    """Return whether a table is a banner in which letters stand behind some numbers."""
    banner = [str(name) for name in table if LETTER_OF_COLUMN.fullmatch(str(name))]
    return any(LETTERED.fullmatch(str(cell)) for name in banner for cell in table[name])


def sentence(text: str) -> str:
    """Return a text that ends as a sentence does.

    Examples
    --------
    >>> sentence("Who trusts brands?"), sentence("Nobody")
    ('Who trusts brands?', 'Nobody.')
    """
    return text if text.endswith(("?", ".", "!")) else f"{text}."
