"""The number formats of a workbook's cells: which of its styles show a number as percent, or as a date."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from trustkit.files.worksheets import RELATIONS, elements, part_named

if TYPE_CHECKING:
    from pathlib import Path

    from trustkit.files.worksheets import Shown

PERCENT_FORMATS = ("9", "10")
"""The numbers of the formats ``0%`` and ``0.00%``, which every workbook has without naming them."""

PLAIN_FORMATS = ("0", "1", "2", "3", "4", "11", "12", "13", "37", "38", "39", "40", "48", "49")
"""The numbers of the other formats that every workbook has and that show no date."""

DATE_LETTERS = re.compile(r"[dmyhsgeb]", re.IGNORECASE)
"""Letters of number formats that stand for parts of dates and times, also of other calendars."""

BUILT_IN = 164
"""The number of the first format that a workbook names itself."""

LITERAL = re.compile(r"\"[^\"]*\"|[\\_*].|\[[^\]]*\]")
"""Signs of a number format that stand for themselves or for space: in quotes, after a mark, in brackets."""

LISTS = ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
"""The lists of a workbook's styles; cells name a place in the second."""


def cell_styles(path: Path) -> dict[str, Shown]:
    """Return what cell styles show a number as: 0.85 as ``85%``, or 46082 as ``2026-03-01``.

    Parameters
    ----------
    path
        The workbook, which is known to be a sound archive (`zip_archives.opened`).

    Returns
    -------
    dict
        The number of the style, as cells name it -> ``percent`` or ``date``; others are left out.

    Raises
    ------
    DataError
        If its styles or its list of parts are damaged.
    """
    found: dict[str, Shown] = {}
    with zipfile.ZipFile(path) as archive:
        for name, about in elements(archive, RELATIONS, path):
            if name == "Relationship" and about.get("Type", "").endswith("/styles"):
                part = part_named(archive, about.get("Target", ""))
                found |= _shown_among(elements(archive, part, path))
    return found


def _shown_among(styles: list[tuple[str, dict[str, str]]]) -> dict[str, Shown]:
    """Return what the cells' styles show a number as."""
    shown: dict[str, Shown] = dict.fromkeys(PERCENT_FORMATS, "percent")
    formats: list[str] = []
    inside = ""
    for name, about in styles:
        number = about.get("numFmtId", "")
        if name in LISTS:
            inside = name
        elif name == "numFmt":
            code = about.get("formatCode", "")
            if shows_percent(code):
                shown[number] = "percent"
            elif shows_date(code):
                shown[number] = "date"
        elif name == "xf" and inside == "cellXfs":
            formats.append(number)
            if number.isdecimal() and int(number) < BUILT_IN and number not in PLAIN_FORMATS:
                shown.setdefault(number, "date")
    return {str(place): shown[number] for place, number in enumerate(formats) if number in shown}


def shows_percent(number_format: str) -> bool:
    r"""Return whether a number format multiplies by 100 and writes a percent sign.

    Examples
    --------
    >>> shows_percent("0.0%"), shows_percent('0.0" %"'), shows_percent(r"0\%")
    (True, False, False)
    """
    return "%" in LITERAL.sub("", number_format)


def shows_date(number_format: str) -> bool:
    r"""Return whether a number format has signs of dates or times.

    Examples
    --------
    >>> shows_date("d.m.yyyy"), shows_date("[h]:mm"), shows_date('0.0" days"'), shows_date("General")
    (True, True, False, False)
    """
    if number_format.casefold() == "general":
        return False
    return DATE_LETTERS.search(LITERAL.sub("", number_format)) is not None
