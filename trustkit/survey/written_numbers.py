"""Numbers as people and spreadsheets write them: decimal commas, thousands, percent, currencies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

SIGNS = (
    r"(?:[$\u20ac\u00a3\u00a5\u20b9\u20a9\u20bd\u20ba]|USD|EUR|GBP|CHF|CAD|AUD|JPY|SEK|NOK|DKK|PLN|kr|Kr"
    r"|z\u0142|R\$)"
)
"""Currency signs that may come before or after a number."""

BARE = re.compile(
    rf"(?P<minus>[-\u2212]?)\s*{SIGNS}?\s*(?P<digits>[-\u2212+]?[\d.,'\u2019\s\u00a0\u202f]*\d)\s*"
    rf"(?:{SIGNS}|%|percent|\.-|,-)?"
)
"""A number, with the signs that may surround it."""

POINT = re.compile(r"(?:[1-9]\d{0,2}(?:[,'\u2019 ]\d{3})+|\d+)(?:\.\d+)?")
COMMA = re.compile(r"(?:[1-9]\d{0,2}(?:[.'\u2019 ]\d{3})+|\d+)(?:,\d+)?")
"""Digits with a decimal point, or a decimal comma; the other sign parts thousands."""

LONGEST = 15
"""How many digits a number may have to be held exactly."""


@dataclass(frozen=True)
class Written:
    """How texts write numbers.

    Attributes
    ----------
    numbers
        Text -> number; percent are left as they are written: 45 for "45%".
    form
        What was seen, in words; "" if they are plain numbers.
    ambiguous
        Whether a sign may part thousands or decimals: "1,017" alone is 1017 here, and 1.017 elsewhere.
    """

    numbers: dict[str, float]
    form: str
    ambiguous: bool


def written_numbers(texts: Collection[str]) -> Written | None:
    """Read texts as numbers if all of them are numbers written in one way.

    Examples
    --------
    >>> written_numbers(["0,85", "1,2"]).numbers, written_numbers(["$1,037.50", "$90"]).form
    ({'0,85': 0.85, '1,2': 1.2}, 'thousands separators, a currency')
    >>> written_numbers(["45%", "7%"]).form, written_numbers(["1,017"]).ambiguous
    ('percent', True)
    >>> written_numbers(["12", "about 5"]) is None
    True
    """
    digits: dict[str, str] = {}
    for text in texts:
        match = BARE.fullmatch(text.strip())
        if not match:
            return None
        sign = "-" if match["minus"] or match["digits"][0] in "-\u2212" else ""
        plain = re.sub(r"[\s\u00a0\u202f]+", " ", match["digits"].lstrip("-\u2212+")).strip()
        if sum(mark.isdigit() for mark in plain) > LONGEST:
            return None
        digits[text] = sign + plain
    if not digits:
        return None
    bare = [plain.lstrip("-") for plain in digits.values()]
    point, comma = (all(pattern.fullmatch(part) for part in bare) for pattern in (POINT, COMMA))
    if not (point or comma):
        return None
    form = "point" if point else "comma"
    values = {text: _value(plain, form) for text, plain in digits.items()}
    ambiguous = point and comma and any("," in part for part in bare)
    return Written(values, _in_words(digits, bare, form), ambiguous)


def _value(plain: str, form: str) -> float:
    text = re.sub(r"['\u2019 ]", "", plain)
    text = text.replace(",", "") if form == "point" else text.replace(".", "").replace(",", ".")
    return float(text)


def _in_words(digits: dict[str, str], bare: Collection[str], form: str) -> str:
    """Return in words how the numbers are written."""
    decimal, parting = (".", ",") if form == "point" else (",", ".")
    seen = []
    if decimal == "," and any("," in part for part in bare):
        seen.append("a decimal comma")
    if any(mark in part for part in bare for mark in (parting, "'", "\u2019", " ")):
        seen.append("thousands separators")
    if any("%" in text or "percent" in text for text in digits):
        seen.append("percent")
    if any(re.search(SIGNS, text) for text in digits):
        seen.append("a currency")
    return ", ".join(seen)
