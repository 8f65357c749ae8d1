"""The wordings of ``scales.yaml`` and how answers are compared with them.

Data for guesses, nothing more: `trustkit.drafting.scales` says when answers are steps of a scale.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from trustkit.drafting.wordings import VOWEL_SIGNS
from trustkit.yaml_documents import own_data

if TYPE_CHECKING:
    from collections.abc import Iterator

BANDS = "numbers"
"""The name of a scale whose steps are ordered by the numbers in them."""

GENDERED = re.compile(r"(?<=\w\w)(?:\((?:e|a|es|as|ne|na|in)\)|/(?:-?(?:e|a|na|ne)))(?!\w)")
MARKS = re.compile(r"[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
PLAIN = str.maketrans({"\u0131": "i", "ł": "l", "ø": "o", "đ": "d", "\u2019": "'", "\u2018": "'", "`": "'"})

Side = Literal["", "good", "not good", "bad", "not bad"]
"""Whether a step is of an adjective, of its opposite, or of what is denied of either."""


class Step(NamedTuple):
    """Where a wording lies on a scale: between a first and a last place."""

    first: int
    last: int
    side: Side


class Scale(NamedTuple):
    """The scale that answers are steps of.

    Attributes
    ----------
    name
        What it measures, such as agreement; ``numbers`` for bands and numbered answers without known words.
    places
        The place of each answer, from 0 for the lowest.
    numbers
        The number that each answer has of its own; () if none.
    """

    name: str
    places: tuple[int, ...]
    numbers: tuple[float, ...] = ()


def folded(text: str) -> str:
    """Return a wording as it is compared: small, without accents, signs and gendered endings.

    Examples
    --------
    >>> folded("Très satisfait(e)"), folded("TAMAMEN KATILIYORUM!"), folded("D\u2019accord")
    ('tres satisfait', 'tamamen katiliyorum', "d'accord")
    """
    text = GENDERED.sub("", text.casefold()).translate(PLAIN)
    if not text.isascii():
        text = MARKS.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", text).translate(PLAIN)
    text = re.sub(rf"[^\w{VOWEL_SIGNS}'+]+|_", " ", text)
    return " ".join(re.sub(r"(?<!\w)'|'(?!\w)", " ", text).split())


@cache
def scale_data() -> dict[str, Any]:
    """Return what ``scales.yaml`` holds."""
    data: dict[str, Any] = own_data(Path(__file__).with_name("scales.yaml"))
    return data


def wordings(step: str) -> list[str]:
    """Return the wordings of one step."""
    return [part.strip() for part in step.split("|")]


@cache
def yes_and_no() -> frozenset[tuple[str, str]]:
    """Return the answers that say yes and no in many languages, in small letters, as pairs of one language.

    Examples
    --------
    >>> ("ja", "nein") in yes_and_no(), ("y", "n") in yes_and_no(), ("ja", "no") in yes_and_no()
    (True, True, False)
    """
    return frozenset(
        (yes.casefold(), no.casefold())
        for yes_step, no_step in scale_data()["yes and no"].values()
        for yes in wordings(yes_step)
        for no in wordings(no_step)
    )


@cache
def scale_index() -> dict[str, dict[tuple[str, str], Step]]:
    """Return each wording's places: wording -> scale and language -> step."""
    index: dict[str, dict[tuple[str, str], Step]] = {}
    for key, wording, place, side in _listed():
        steps = index.setdefault(wording, {})
        known = steps.get(key)
        if known is None:
            steps[key] = Step(place, place, side)
        elif known.side == side:
            steps[key] = Step(min(known.first, place), max(known.last, place), side)
    return index


def _listed() -> Iterator[tuple[tuple[str, str], str, int, Side]]:
    for name, languages in scale_data()["scales"].items():
        for language, steps in languages.items():
            for place, step in enumerate(steps):
                for wording in wordings(step):
                    yield (name, language), folded(wording), place, ""
    for language, words in scale_data()["graded"].items():
        for good, bad in words["adjectives"].items():
            yield from _graded(language, words, wordings(good), wordings(bad))


def _graded(
    language: str, words: dict[str, Any], good: list[str], bad: list[str]
) -> Iterator[tuple[tuple[str, str], str, int, Side]]:
    key = (good[0], language)
    for wording in wordings(words["middle"]):
        yield key, folded(wording), 0, ""
    for wording in wordings(words["neither"]):
        for one in good:
            for other in bad:
                for first, second in ((one, other), (other, one)):
                    yield key, folded(wording.replace("_", first, 1).replace("_", second, 1)), 0, ""
    for place, grade, denied in grades_of(language):
        for adjective in good:
            yield key, folded(grade.replace("_", adjective)), place, "not good" if denied else "good"
        for adjective in bad:
            yield key, folded(grade.replace("_", adjective)), -place, "not bad" if denied else "bad"


@cache
def grades_of(language: str) -> tuple[tuple[int, str, bool], ...]:
    """Return how a language grades: place, wording with "_" for the adjective, whether it denies it."""
    words = scale_data()["graded"][language]
    below, above = words["below"], words["above"]
    return (
        *((place - len(below), grade, True) for place, step in enumerate(below) for grade in wordings(step)),
        *((place, grade, False) for place, step in enumerate(above, 1) for grade in wordings(step)),
    )
