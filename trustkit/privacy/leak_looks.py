"""Leaks that are known by how they look: addresses, telephone and account numbers, keys, paths.

A text is read for a form only where its sign stands: an ``@``, a run of digits, the beginning of a key. So
the time is linear in the text. What a form finds is then judged by its check digits or by a table of
telephone numbers, because most numbers of a report are none of these.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from trustkit.errors import install_hint
from trustkit.privacy.check_digits import OFFICIAL, is_iban, official_number

if TYPE_CHECKING:
    from collections.abc import Iterator

MAIL, PHONE, ACCOUNT, OFFICIAL_NUMBER, KEY, PLACE = (
    "an e-mail address",
    "a telephone number",
    "a bank account (IBAN)",
    "an official number of a person",
    "a key or a password",
    "a path of a computer",
)
"""What can be found."""

FILE_ENDINGS = frozenset(
    [
        "css",
        "csv",
        "gif",
        "html",
        "ipynb",
        "jpeg",
        "jpg",
        "js",
        "json",
        "map",
        "md",
        "pdf",
        "png",
        "py",
        "svg",
        "txt",
        "webp",
        "woff",
        "xlsx",
        "yaml",
        "yml",
        "zip",
    ]
)
"""Endings of file names; what has one after an ``@`` is no e-mail address."""

KEYS = {
    "PRIVATE KEY": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "AKIA": r"\bAKIA[0-9A-Z]{16}\b",
    "ASIA": r"\bASIA[0-9A-Z]{16}\b",
    "ghp_": r"\bghp_[A-Za-z0-9]{20,255}",
    "gho_": r"\bgho_[A-Za-z0-9]{20,255}",
    "ghs_": r"\bghs_[A-Za-z0-9]{20,255}",
    "github_pat_": r"\bgithub_pat_[A-Za-z0-9_]{22,255}",
    "glpat-": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "xox": r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    "pypi-": r"\bpypi-[A-Za-z0-9_-]{30,}",
    "npm_": r"\bnpm_[A-Za-z0-9]{30,}",
    "AIza": r"\bAIza[0-9A-Za-z_-]{35}",
    "sk-": r"\bsk-(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{20,}",
    "k_live_": r"\b[rs]k_live_[A-Za-z0-9]{16,}",
    "k_test_": r"\b[rs]k_test_[A-Za-z0-9]{16,}",
    "hf_": r"\bhf_[A-Za-z0-9]{30,}",
    "eyJ": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    "://": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{1,100}:[^\s/:@\"'<>]{1,100}@[\w.-]+",
}
"""Signs of keys and tokens -> how those look. A text without the sign is not read for them."""

HANDED = re.compile(
    r"(?i:(?:api[_-]?key|secret(?:[_-]?(?:access[_-]?)?key)?|(?:access|auth)[_-]?token|passw(?:or)?d|pwd)"
    r"[\"']?\s{0,3}[:=]\s{0,3}[\"']?)(?=\S*[\d!$%^&*@#])[A-Za-z0-9+/_.~!$%^&*@#-]{8,200}"
    r"|(?i:authorization[\"']?\s{0,3}:\s{0,3}[\"']?(?:bearer|basic)\s+)[A-Za-z0-9+/_.=~-]{8,}"
)
"""How passwords look where they are handed to programs."""

HANDED_SIGNS = ("key", "secret", "token", "passw", "pwd", "authorization")

PLACES = {
    "/": r"/(?:home|Users|root|tmp|mnt|media|srv|opt|private|workspaces?|builds|var/(?:folders|tmp|www|lib)"
    r"|usr/(?:local|lib|share)|scratch|work|content/drive)/[\w.@+-][^\s\"'<>,;)]{0,200}",
    ":\\": r"(?<![A-Za-z])[A-Za-z]:\\{1,2}[\w.$ -]{2,60}(?:\\[^\n\"'<>|]{0,200})?",
    ":/": r"(?<![A-Za-z])[A-Za-z]:/(?:Users|Documents|Temp|Data|Projects?)/[^\n\"'<>|]{1,200}",
    "\\\\": r"(?<![\w\\])\\{2,4}[A-Za-z][\w.-]{1,60}\\{1,2}[\w$.-]{2,60}\\",
    "file://": r"\bfile://[^\s\"'<>]{2,200}",
}
"""Signs of places on a computer -> how those look, on any system."""

BEFORE_PLACE = frozenset(".:/~@#?=&-_%)")
"""What stands before the path of an address, and not before one of a computer."""

MAIL_ADDRESS = re.compile(r"[\w.+%-]{1,64}@(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,24}\b")

RUN = re.compile(r"[+(0-9A-Z][0-9A-Z ()./+-]{6,44}[0-9A-Z]")
"""A run in which a telephone number, an account or an official number may stand."""

FEWEST_DIGITS = 6
"""How many digits any of these has."""

PHONES = (
    r"(?:\+|\(\+|00)[1-9][\d ()./-]{6,22}\d(?!\w|[.,]\d)",
    r"(?<!\d )(?:\(0?\d{2,5}\)|0\d{1,5})[ ./-]?\d[\d ./-]{4,16}\d(?!\w|[.,]\d)",
    r"(?<!\d )(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?![\w-]|[.,]\d)",
)
"""How people write telephone numbers."""

NUMBERS = re.compile(
    r"(?<![\w.,+/#-])(?:(?P<iban>[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b)|(?P<official>(?:"
    + "|".join(form for form, _ in OFFICIAL.values())
    + r")(?![\w-]|[.,]\d))|(?P<phone>"
    + "|".join(PHONES)
    + "))"
)
"""Accounts, official numbers and telephone numbers as one expression."""

LABELLED = re.compile(
    r"(?i:\b(?:tel|phone|mobile|telephone|telefon|cell|handy|whatsapp|call(?: me)?(?: at| on)?)"
    r"[\"'.: ]{1,4})\Z"
)
"""What stands before a number that is a telephone number without its zero."""

COMPILED = {sign: re.compile(form) for sign, form in {**KEYS, **PLACES}.items()}

REGIONS = (
    "GB",
    "US",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "BE",
    "CH",
    "AT",
    "PL",
    "SE",
    "BR",
    "AU",
    "IN",
    "IE",
    "PT",
)
"""Countries whose telephone numbers are known without the country's number before them."""

LIBRARY = "phonenumbers"
"""What judges telephone numbers: the extra ``publish``."""

NO_LIBRARY = f"Telephone numbers were not searched; to search them, {install_hint('publish')}"
"""What is said if it is not installed."""


def looks_like_leaks(text: str) -> Iterator[tuple[int, str, str]]:
    """Iterate over what looks like a leak in a text: where it begins, what it is, and its text.

    Examples
    --------
    >>> text = "ann@mailbox.example, GB82 WEST 1234 5698 7654 32, in /home/ann/study"
    >>> [what for _, what, _ in looks_like_leaks(text)]
    ['an e-mail address', 'a bank account (IBAN)', 'a path of a computer']
    """
    yield from _addresses(text)
    yield from _numbers(text)
    for sign, form in COMPILED.items():
        what = PLACE if sign in PLACES else KEY
        for match in form.finditer(text) if sign in text else ():
            before = text[match.start() - 1 : match.start()]
            if sign != "/" or not (before.isalnum() or before in BEFORE_PLACE) or not before:
                yield match.start(), what, match[0]
    small = text.casefold()
    if any(sign in small for sign in HANDED_SIGNS):
        yield from ((match.start(), KEY, match[0]) for match in HANDED.finditer(text))


def _addresses(text: str) -> Iterator[tuple[int, str, str]]:
    """Iterate over the e-mail addresses of a text: around each ``@``."""
    at = text.find("@")
    while at >= 0:
        start = max(at - 64, 0)
        match = next(
            (one for one in MAIL_ADDRESS.finditer(text[start : at + 320]) if start + one.end() > at), None
        )
        if match is not None and match[0].rpartition(".")[2].lower() not in FILE_ENDINGS:
            yield start + match.start(), MAIL, match[0]
            at = start + match.end()
        at = text.find("@", at + 1)


def _numbers(text: str) -> Iterator[tuple[int, str, str]]:
    """Iterate over the telephone numbers, accounts and official numbers of a text."""
    for run in RUN.finditer(text):
        if sum(sign.isdecimal() for sign in run[0]) < FEWEST_DIGITS:
            continue
        at, end = run.start(), min(run.end() + 2, len(text))
        if LABELLED.search(text[max(at - 24, 0) : at]) and _is_phone(run[0].strip()):
            yield at, PHONE, run[0]
            continue
        while (match := NUMBERS.search(text, at, end)) is not None and match.start() < run.end():
            what = _judged(match)
            if what:
                yield match.start(), what, match[0]
            at = match.end() if what else match.start() + len(re.split(r"(?<=\w)\b", match[0], maxsplit=1)[0])


def can_judge_phones() -> bool:
    """Return whether telephone numbers can be judged: whether the extra ``publish`` is installed."""
    return find_spec(LIBRARY) is not None


def _judged(match: re.Match[str]) -> str:
    """Return what a match is, nothing if it only looks like it."""
    if match["iban"]:
        return ACCOUNT if is_iban(match[0]) else ""
    if match["official"] and official_number(match[0]):
        return OFFICIAL_NUMBER
    return PHONE if _is_phone(match[0]) else ""


@cache
def _is_phone(text: str) -> bool:
    """Return whether a text is a telephone number that some country gives."""
    if not can_judge_phones():
        return False
    phones: Any = import_module(LIBRARY)
    number = f"+{text[2:]}" if text.startswith("00") else text
    international = number.lstrip("(").startswith("+")
    for region in (None,) if international else REGIONS:
        try:
            if phones.is_valid_number(phones.parse(number, region)):
                return True
        except phones.NumberParseException:
            continue
    return False
