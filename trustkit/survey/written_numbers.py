"""Numbers as people and spreadsheets write them: decimal commas, thousands, percent, currencies."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

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

BEGIN = re.compile(rf"\s*[-\u2212]?\s*{SIGNS}?\s*[-\u2212+]?[\d.,'\u2019\s]")
"""How every number begins; most other texts do not."""

POINT = re.compile(r"(?:[1-9]\d{0,2}(?:[,'\u2019 ]\d{3})+|\d+)(?:\.\d+)?")
COMMA = re.compile(r"(?:[1-9]\d{0,2}(?:[.'\u2019 ]\d{3})+|\d+)(?:,\d+)?")
"""Digits with a decimal point, or a decimal comma; the other sign parts thousands."""

FORMS = {"point": POINT, "comma": COMMA}
"""The sign before the decimals -> the pattern of a number."""

LONGEST = 15
"""How many digits a number may have to be held exactly."""

TOO_LONG = f"numbers of more than {LONGEST} digits, which arithmetic would round"

POWERS = re.compile(r"[-\u2212+]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
"""A number with a power of ten, as in ``1e+400``."""

MOSTLY = 0.8
"""From what share of texts that are numbers it is said that the others are not."""


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
    mixed
        In words, that some numbers may be in another unit than the others; "" if all are written alike.
    """

    numbers: dict[str, float]
    form: str
    ambiguous: bool
    mixed: str = ""


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
    either = all(POINT.fullmatch(part) or not part.strip("0,") for part in bare)  # "0,000" says nothing
    ambiguous = either and comma and any("," in part for part in bare)
    return Written(values, _in_words(digits, bare, form), ambiguous, _units(values))


def looks_like_number(text: str) -> bool:
    """Return whether a text is a number in some form, however long or large.

    Examples
    --------
    >>> looks_like_number("1.234,5"), looks_like_number("1e+400"), looks_like_number("192.0.2.1")
    (True, True, False)
    """
    return bool(_forms(text))


def unread_numbers(texts: Collection[str], *, mostly: float = MOSTLY) -> str:
    """Return in words why texts that look like numbers are not read as numbers; "" if nothing is to say.

    Parameters
    ----------
    texts
        Different texts.
    mostly
        The share of them that must look like numbers.

    Examples
    --------
    >>> unread_numbers(["1234567890123456", "7"])
    'numbers of more than 15 digits, which arithmetic would round'
    >>> unread_numbers(["1,234.5", "1.234,5"])
    "numbers written in several ways, such as '1,234.5' and '1.234,5'"
    >>> unread_numbers(["1e+400", "7"]), unread_numbers(["yes", "no"])
    ('numbers beyond the range of arithmetic', '')
    >>> unread_numbers(["1", "2", "3", "4", "about 5"])
    'numbers in 4 of 5 different texts, beside others'
    """
    different = dict.fromkeys(texts)
    numbers = _numbers_among(different, fewest=mostly * len(different))
    if not numbers:
        return ""
    if len(numbers) < len(different):
        return f"numbers in {len(numbers):,} of {len(different):,} different texts, beside others"
    if any(POWERS.fullmatch(text.strip()) and math.isinf(_power(text)) for text in numbers):
        return "numbers beyond the range of arithmetic"
    if any(sum(mark.isdigit() for mark in text) > LONGEST for text in numbers):
        return TOO_LONG
    only = [next((text for text, forms in numbers.items() if forms == {form}), None) for form in FORMS]
    if None in only:
        return ""
    shown = " and ".join(repr(text) for text in sorted(only, key=list(numbers).index))  # type: ignore[arg-type]
    return f"numbers written in several ways, such as {shown}"


def _numbers_among(different: Collection[str], *, fewest: float) -> dict[str, set[str]]:
    """Return the forms of all texts that are numbers in some form; nothing if they are too few."""
    numbers: dict[str, set[str]] = {}
    others = 0
    for text in different:
        if forms := _forms(text):
            numbers[text] = forms
        else:
            others += 1
            if len(different) - others < fewest:
                return {}
    return numbers


def _forms(text: str) -> set[str]:
    """Return the forms of numbers that a text may be: with a decimal point, with a decimal comma, or both."""
    if not BEGIN.match(text):
        return set()
    bare = text.strip()
    if bare.isdecimal() or POWERS.fullmatch(bare):
        return set(FORMS)
    match = BARE.fullmatch(bare)
    if not match:
        return set()
    plain = re.sub(r"[\s\u00a0\u202f]+", " ", match["digits"].lstrip("-\u2212+")).strip()
    return {form for form, pattern in FORMS.items() if pattern.fullmatch(plain)}


def _power(text: str) -> float:
    return float(text.strip().replace("\u2212", "-").replace(",", "."))


def _units(values: Mapping[str, float]) -> str:
    """Return in words that numbers are in several units; "" if in one, or if nothing tells."""
    signs = {match[0] for text in values if (match := re.search(SIGNS, text))}
    if len(signs) > 1:
        return (
            f"amounts in several currencies ({', '.join(sorted(signs))}) are counted as if they were in one"
        )
    percent = [text for text in values if "%" in text or "percent" in text]
    bare = [text for text, value in values.items() if value and text not in percent]
    if percent and bare:
        return f"{percent[0]!r} is read as {values[percent[0]]:g} and {bare[0]!r} as {values[bare[0]]:g}"
    return ""


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
