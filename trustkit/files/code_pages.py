"""Code pages of old files that do not name theirs: a guess by how plausible the decoded words are.

Stata up to version 13 and old SPSS wrote text in the code page of the computer. The same bytes are letters in
many code pages, but seldom the usual letters of one script.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.yaml_documents import own_data

if TYPE_CHECKING:
    from collections.abc import Iterable

_LETTERS = own_data(Path(__file__).with_name("code_pages.yaml"))

CHINESE = ("cp950", "gbk")
"""Code pages of Chinese, which share many characters."""

COMMON: dict[str, frozenset[str]] = {
    page: frozenset(letters + (_LETTERS["han"] if page in CHINESE else ""))
    for page, letters in _LETTERS["pages"].items()
}
"""Code page -> its usual letters; the likeliest code pages first."""

PLAUSIBLE = 0.45
"""The least share of usual letters, wrong characters counted against it, of text that is not gibberish."""

AHEAD = 0.05
"""How much a guess must be ahead of the next one that reads the text in another way."""

MOST_TEXTS = 2_000
"""How many different texts are looked at."""

PUNCTUATION = frozenset(_LETTERS["punctuation"])
"""Signs that count neither way."""

MANY_ACCENTS, SHARE_ACCENTS = 3, 0.6
"""From how many accented letters, and beyond what share of its signs, a word has too many."""

PRIOR = {"cp1252": 0.1}
"""What likely code pages are ahead by from the start."""


def guess_code_page(texts: Iterable[bytes]) -> str:
    """Return the code page of texts; "" if all of it is ASCII, or none is plausible or clearly ahead.

    Parameters
    ----------
    texts
        Labels as bytes.

    Examples
    --------
    >>> guess_code_page(["Согласен".encode("cp1251"), "Трудно сказать".encode("cp1251")])
    'cp1251'
    >>> guess_code_page(["Não sei".encode("cp1252")]), guess_code_page([b"No"])
    ('cp1252', '')
    """
    held = list(dict.fromkeys(text for text in texts if not text.isascii()))[:MOST_TEXTS]
    ranked = []
    for page in COMMON:
        try:
            words = [text.decode(page) for text in held]
        except UnicodeDecodeError:
            continue
        ranked.append((plausibility(words, page) + PRIOR.get(page, 0.0), page, words))
    ranked.sort(key=lambda item: -item[0])  # stable: of equals, the likelier stays first
    if not held or not ranked or ranked[0][0] < PLAUSIBLE:
        return ""
    best, page, words = ranked[0]
    rival = next((score for score, _, other in ranked[1:] if other != words), -1.0)
    return page if best - rival >= AHEAD else ""


def plausibility(words: Iterable[str], page: str) -> float:
    """Return the share of usual letters among those that are not ASCII, from about -2 to 1.

    Control characters, signs, letters of two scripts in a word, small letters before capital ones and words
    of accented letters alone count against it.
    """
    total = score = 0.0
    for word in re.findall(r"\S+", " ".join(words)):
        marks = [mark for mark in word if not mark.isascii() and mark not in PUNCTUATION]
        total += len(marks)
        score += sum(1.0 if mark in COMMON[page] else _worth(mark) for mark in marks)
        scripts = {script for mark in word if mark.isalpha() and (script := _script(mark))}
        swapped = any(first.islower() and then.isupper() for first, then in pairwise(word))
        many = len(marks) >= MANY_ACCENTS and len(marks) > SHARE_ACCENTS * len(word)
        if len(scripts) > 1 or swapped or (scripts == {"LATIN"} and many):
            score -= len(marks)
    return score / total if total else 0.0


def _worth(mark: str) -> float:
    """Return what a letter that is not a usual one counts: some for letters, none or less for signs."""
    category = unicodedata.category(mark)
    if category.startswith("C"):
        return -2.0
    if category.startswith("L"):
        return -0.5 if "\uff61" <= mark <= "\uff9f" else 0.25
    return 0.0 if category.startswith("M") else -1.0


def _script(mark: str) -> str:
    """Return the script of a letter; kana and Chinese characters stand together in Japanese."""
    script = unicodedata.name(mark, "").split(" ")[0]
    return "CJK" if script in ("HIRAGANA", "KATAKANA", "CJK") else script
