"""The number formats of a workbook's cells: which of its cell styles show a number as percent."""

from __future__ import annotations

import re
import zipfile
from typing import TYPE_CHECKING

from trustkit.files.worksheets import RELATIONS, elements, part_named

if TYPE_CHECKING:
    from pathlib import Path

PERCENT_FORMATS = ("9", "10")
"""The numbers of the formats ``0%`` and ``0.00%``, which every workbook has without naming them."""

LITERAL = re.compile(r"\"[^\"]*\"|[\\_*].|\[[^\]]*\]")
"""Signs of a number format that stand for themselves or for space: in quotes, after a mark, in brackets."""

LISTS = ("cellStyleXfs", "cellXfs", "cellStyles", "dxfs")
"""The lists of a workbook's styles; cells name a place in the second."""


def percent_styles(path: Path) -> set[str]:
    """Return the numbers of the cell styles that show a number as percent: 0.85 as ``85%``.

    Parameters
    ----------
    path
        The workbook, which is known to be a sound archive (`zip_archives.opened`).

    Raises
    ------
    DataError
        If its styles or its list of parts are damaged.
    """
    found: set[str] = set()
    with zipfile.ZipFile(path) as archive:
        for name, about in elements(archive, RELATIONS, path):
            if name == "Relationship" and about.get("Type", "").endswith("/styles"):
                found |= _percent_among(elements(archive, part_named(archive, about.get("Target", "")), path))
    return found


def _percent_among(styles: list[tuple[str, dict[str, str]]]) -> set[str]:
    """Return the places of the cells' styles that show percent, as text, as cells name them."""
    percent = set(PERCENT_FORMATS)
    formats: list[str] = []
    inside = ""
    for name, about in styles:
        if name in LISTS:
            inside = name
        elif name == "numFmt" and shows_percent(about.get("formatCode", "")):
            percent.add(about.get("numFmtId", ""))
        elif name == "xf" and inside == "cellXfs":
            formats.append(about.get("numFmtId", ""))
    return {str(place) for place, number_format in enumerate(formats) if number_format in percent}


def shows_percent(number_format: str) -> bool:
    r"""Return whether a number format multiplies by 100 and writes a percent sign.

    Examples
    --------
    >>> shows_percent("0.0%"), shows_percent('0.0" %"'), shows_percent(r"0\%")
    (True, False, False)
    """
    return "%" in LITERAL.sub("", number_format)
