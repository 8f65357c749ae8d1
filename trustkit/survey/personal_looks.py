"""What cells look like that tell who a respondent is, or that a respondent wrote freely."""

from __future__ import annotations

import re
from functools import cache

CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\.?)?"
"""A time of the day, or a length of time."""

LOOKS: dict[str, str] = {
    "e-mail addresses": r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}",
    "network addresses": r"(?:\d{1,3}\.){3}\d{1,3}|(?=.*[a-f:]{2}|.*::)(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}",
    "telephone numbers": r"(?=(?:\D*\d){8})(?=.*[\s()/+-])(?!\d{4}-\d{2}-\d{2})\+?[\d\s()./-]{8,22}",
    "bank accounts (IBAN)": r"[A-Z]{2}\d{2}\s?(?:[A-Z0-9]{4}\s?){2,7}[A-Z0-9]{0,4}",
    "coordinates": r"-?\d{1,3}\.\d{3,}\s*[,;/ ]\s*-?\d{1,3}\.\d{3,}",
    "user names": r"@[\w.]{2,30}",
    "device or session ids": (
        r"\{?[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}\}?|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}"
        r"|[0-9A-Fa-f]{32}"
    ),
    "ids of a panel": r"[0-9a-f]{24}|A[A-Z0-9]{11,14}",
    "links to a person's page": r"https?://(?:www\.)?(?:facebook|linkedin|instagram|twitter|x|tiktok)\.com/\S+",
}
"""What cells hold -> what each of them looks like."""

LIKELY = re.compile(
    r"[\d+(@:{./-]|http|[A-Z]{2}\d|[0-9a-f]{1,4}:|[0-9A-Fa-f]{2}[:-]|[0-9A-Fa-f]{8}|A[A-Z0-9]{11}"
)
"""How every text begins that looks like one of these, e-mail addresses aside; most answers do not."""

DATE_LIKE = re.compile(
    r"\s*(?:\d[\d\s.,:/TZ+-]*(?:[^\W\d_]{3,}[\d\s.,:+-]*)?(?:[AP]\.?M\.?\s*)?(?:\s[A-Z]{3,4}(?:[+-][\d:]+)?)?"
    r"|[^\W\d_]+\.?\s+\d{1,2},\s+\d{4})\s*",
    re.IGNORECASE,
)
"""What every date looks like, in whatever format: most other texts do not."""

MOST_DIGITS = 7
"""How many digits a cell has at most that no telephone number, date of birth or official number hides in."""

MOST_WORDS = 8
"""How many words an answer has at most; texts that respondents write themselves are longer."""

MOST_DIFFERENT = 9
"""How many different answers a list of them may lack; more are texts that respondents wrote themselves."""

PARTED = re.compile(r"[\s;,|]+")
"""What stands between the words of a text, or between several addresses in one cell."""

NUMBERS = ("numeric", "weight", "date")
"""Kinds of columns that hold numbers of any length."""

NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|-?inf|nan")
"""A plain number; one that begins with a plus or with zeros may be a telephone number."""


def may_identify(cell: object, kind: str) -> bool:
    """Return whether a cell looks like an identifier, like a text that holds one, or like an open answer.

    Parameters
    ----------
    cell
        The cell.
    kind
        The kind of its column: numbers in columns of numbers, and dates in columns of dates, do not.

    Examples
    --------
    >>> cells = ["Perhaps", "write to ann@example.org", "tel. 0170 77 70 81", "1234567.25"]
    >>> [may_identify(cell, "single") for cell in cells]
    [False, True, True, True]
    >>> may_identify(1234567.25, "numeric")
    False
    """
    text = str(cell).strip()
    if (kind in NUMBERS and NUMBER.fullmatch(text)) or (kind == "date" and DATE_LIKE.fullmatch(text)):
        return False
    words = text.split()
    if len(words) > MOST_WORDS or sum(mark.isdecimal() for mark in text) > MOST_DIGITS:
        return True
    return holds_identifier(text)


def holds_identifier(text: str) -> bool:
    """Return whether a text looks like an identifier, or one of its words does.

    Examples
    --------
    >>> holds_identifier("Ask (@ann_brown)."), holds_identifier("Ask Ann")
    (True, False)
    """
    parts = {text, *PARTED.split(text)}
    return any(pattern.fullmatch(part) for part in parts for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Compile what identifiers look like, once, also where they stand in brackets or end a sentence."""
    return tuple(re.compile(rf"[(<\[\"']*(?:{pattern})[)>\].,;:!?\"']*") for pattern in LOOKS.values())
