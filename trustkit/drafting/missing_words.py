"""How questionnaires and data files word the answers that are none, in many languages.

The wordings stand in ``missing_words.yaml``. They feed guesses only: `trustkit.drafting.missing_answers` says
how sure each is. Phrases are compared after `compared` has made them small and taken off codes and signs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.drafting.wordings import VOWEL_SIGNS
from trustkit.survey.column_names import caseless
from trustkit.yaml_documents import own_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustkit.survey.variable import Reason

NUMBER_IN_FRONT = re.compile(r"^\W*\d+\s*(?:[-\u2013\u2014.:=)\]]+\s*|\s+)(?=\D)")
IN_BRACKETS = re.compile(r"\s*[(\[\uff08\u3010][^()\[\]\uff08\uff09\u3010\u3011]*[)\]\uff09\u3011]")
JOINED = re.compile(
    r"\s*(?:[/;,|\u3001\uff0f]|\b(?:or|oder|ou|of|lub|eller|tai|veya|\u0438\u043b\u0438|\u0430\u0431\u043e)\b)\s*"
)


NO_VALUE = re.compile(r"\s*(?:#(?:NULL!|N/A|VALUE!|REF!|DIV/0!|NAME\?|NUM!)|<NA>|\\N)\s*")
"""What programs write into a cell that has no value, as spreadsheets and databases do."""


PLACEHOLDER = re.compile(
    r"\s*(?:\$\{[^{}]+\}|\{\{[^{}]+\}\}|%%[^%]+%%|\[%[^%]+%\]|\[(?:QID\d|Q\d|question\(|field[:-]|pipe:)[^\[\]]*\])\s*",
    re.IGNORECASE,
)
"""What survey programs leave in a cell where a text of another question should have been filled in."""


def compared(text: str) -> str:
    """Return an answer as it is compared: small, without its code, brackets, curly quotes and signs.

    Examples
    --------
    >>> compared("-9. Refused"), compared("98 拒答"), compared("Don\u2019t know (DO NOT READ)")
    ('refused', '拒答', "don't know")
    """
    text = " ".join(unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'").split())
    text = NUMBER_IN_FRONT.sub("", text)
    outside = IN_BRACKETS.sub("", text)
    return signless(outside if signless(outside) else text)


def signless(text: str) -> str:
    """Return a text without signs but quotes inside words, its blanks as one."""
    return " ".join(re.sub(rf"[^\w{VOWEL_SIGNS}']+|_", " ", text).split()).strip("' ")


def _phrases(words: Iterable[tuple[Reason, Iterable[str]]]) -> dict[str, Reason]:
    reason_of: dict[str, Reason] = {}
    for reason, phrases in words:
        for phrase in phrases:
            reason_of.setdefault(compared(phrase), reason)
    return reason_of


_WORDS = own_data(Path(__file__).with_name("missing_words.yaml"))


def _pattern(key: str) -> re.Pattern[str]:
    """Compile words, a star for any ending, and signs of scripts that write words without blanks."""
    words = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in _WORDS[key]["words"])
    inside = "|".join(map(re.escape, _WORDS[key]["inside"]))
    return re.compile(rf"(?<!\w)(?:{words})(?![\w{VOWEL_SIGNS}])|{inside}")


CLEAR_PHRASES = _phrases(
    (reason, phrases) for reason, languages in _WORDS["clear"].items() for phrases in languages.values()
)
"""A wording as `compared` returns it -> its reason."""

UNCLEAR_PHRASES = _phrases(_WORDS["unclear"].items())
"""The same for wordings that are answers elsewhere."""

ORDINARY_PHRASES = {compared(phrase) for phrase in _WORDS["ordinary"]}
"""Clear wordings that are also ordinary words, such as "restricted" and "lost"."""

OUTCOMES = {compared(phrase) for phrase in _WORDS["outcomes"]}
"""Outcomes of calls, visits and messages, beside which "No answer" and "Refused" are outcomes, too."""

CONSENTING = _pattern("consenting")
"""Words of questions about consent, accepting and sharing, where refusing is an answer."""

SUBSTANTIVE = _pattern("substantive")
"""Words of answers that code lists put far from the others, as 96 or 99, though they are answers."""

RULING_OUT = _pattern("ruling_out")
"""Words of answers that rule out the others of a question with several answers."""

REFUSALS = {
    phrase
    for phrases in (CLEAR_PHRASES, UNCLEAR_PHRASES)
    for phrase, reason in phrases.items()
    if reason == "refused" and " " not in phrase and phrase != "拒答"
}
"""Single words for refusing, which are the answer where the question is whether one accepts or shares."""

OTHER = _pattern("other")
"""Words for another answer than those listed, which respondents type."""

COMMON = _pattern("common")
"""Common answers, by which the language of a file is known."""

NEGATIONS = {compared(word) for word in _WORDS["negations"]["words"]}
"""Words that deny what stands beside them."""

BETWEEN = {compared(word) for word in _WORDS["negations"]["between"]}
"""Words that may stand beside a negation, and deny nothing: "I", "do"."""

NEGATIVE_BEGINNINGS = tuple(_WORDS["negations"]["beginnings"])
"""How words begin that deny another word: "unanswered"."""

NEGATIVE_SIGNS = tuple(sorted(_WORDS["negations"]["inside"], key=len, reverse=True))
"""What denies a word of a script that writes words without blanks, the longest first."""

OPPOSITES = {(compared(none), compared(other)) for none, other in _WORDS["opposites"]}
"""Answers that are none, each with the one that says the opposite in another form of the word."""

UNSPACED_PHRASES = {
    phrase
    for phrase in CLEAR_PHRASES
    if len(phrase) > 1 and any("\u2e80" <= mark <= "\ud7af" for mark in phrase)
}
"""Phrases of scripts that write words without blanks between them."""

LONGEST_PHRASE = 60
"""Characters of the longest answer that is searched for a phrase inside it."""

SHORTEST_INSIDE = 5
"""Characters of the shortest phrase that is looked for inside a longer answer."""

PLACES = {phrase: place for place, phrase in enumerate(CLEAR_PHRASES)}
"""A phrase -> its place in the list, where the first of several counts."""

PHRASES_FROM: dict[str, list[str]] = {}
"""A word -> the phrases that begin with it, so that an answer is compared with few of all phrases."""

for _phrase in CLEAR_PHRASES:
    if len(_phrase) >= SHORTEST_INSIDE:
        PHRASES_FROM.setdefault(_phrase.split(" ", 1)[0], []).append(_phrase)


@lru_cache(maxsize=1 << 14)
def reason_in(label: str) -> tuple[Reason | None, bool]:
    """Return why an answer is none, by its words, and whether its words say nothing else.

    Examples
    --------
    >>> reason_in("-9. Refused"), reason_in("No sabe / No contesta"), reason_in("Not sure")
    (('refused', True), ("don't know", True), ("don't know", False))
    >>> reason_in("Don't know enough about it"), reason_in("Very much")
    (("don't know", False), (None, False))
    """
    is_empty = not label.strip() or not signless(unicodedata.normalize("NFKC", label))
    if is_empty or NO_VALUE.fullmatch(label) or PLACEHOLDER.fullmatch(label):
        return "skipped", True
    text, one_line = compared(label), caseless(label)
    if text in CLEAR_PHRASES:
        return CLEAR_PHRASES[text], True
    if text in UNCLEAR_PHRASES:
        return UNCLEAR_PHRASES[text], False
    parts = [compared(part) for part in JOINED.split(NUMBER_IN_FRONT.sub("", one_line)) if part.strip()]
    if len(parts) > 1 and all(part in CLEAR_PHRASES or part in UNCLEAR_PHRASES for part in parts):
        reasons = [CLEAR_PHRASES.get(part) or UNCLEAR_PHRASES[part] for part in parts]
        return reasons[0], all(part in CLEAR_PHRASES for part in parts)
    if len(label) > LONGEST_PHRASE:
        return None, False
    words = f" {text} "
    inside = [
        phrase for word in text.split() for phrase in PHRASES_FROM.get(word, ()) if f" {phrase} " in words
    ]
    if not text.isascii():
        inside += [phrase for phrase in UNSPACED_PHRASES if phrase in text]
    first = min(inside, key=PLACES.__getitem__, default=None)
    return (CLEAR_PHRASES[first] if first else None), False
