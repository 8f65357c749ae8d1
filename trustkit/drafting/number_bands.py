"""Bands of numbers, such as "20.000 bis unter 30.000 Euro" and "65 or older", in the order of their numbers.

A band is known by what stands around its numbers: words of open ends and ranges, a currency, and a unit
that all share. Names with numbers in them, such as "Group 2", are no bands.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from trustkit.drafting.scale_words import BANDS, Scale, folded, scale_data

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST_ENDING = 2
"""How many letters a word may gain in another number or case: "year", "years"."""


class _Band(NamedTuple):
    """A band of numbers: its ends, which of them is open, and the words that are left over."""

    low: float
    high: float
    open_end: Literal["", "low", "high"]
    unit: str


def bands_of(labels: Sequence[str], *, fewest_units: int = 1) -> Scale | None:
    """Find the order of bands that touch and don't overlap, with open ends at the ends only."""
    bands = []
    for label in labels:
        band = _band(label)
        if band is None:
            return None
        bands.append(band)
    units = [band.unit for band in bands if band.unit]
    if 0 < len(units) < fewest_units or any(not _same_unit(units[0], unit) for unit in units[1:]):
        return None
    keys = [(("low", "", "high").index(band.open_end), band.low, band.high) for band in bands]
    order = sorted(range(len(bands)), key=lambda place: keys[place])
    none = [place for place in order if bands[place].low == bands[place].high == 0]
    order = none + [place for place in order if not bands[place].low == bands[place].high == 0]
    for earlier, later in pairwise(order):
        one, other = bands[earlier], bands[later]
        if (one.low, one.high, one.open_end) == (other.low, other.high, other.open_end):
            return None
        if other.low < one.high or (one.low == other.low and one.open_end == other.open_end == ""):
            return None
    places = sorted(range(len(bands)), key=order.__getitem__)
    single = all(band.low == band.high and not band.open_end for band in bands)
    return Scale(BANDS, tuple(places), tuple(band.low for band in bands) if single else ())


DECIMALS = r"\d+(?:[.,]\d+)?"
NUMBER = re.compile(r"\d+(?:[.,'\u2019\u00a0\u202f ]\d{3})+(?!\d)|\d+(?:[.,]\d+)?")


@cache
def _band_words() -> dict[str, Any]:
    data = scale_data()["bands"]
    keys = ("low", "high", "between", "before", "zero")
    listed = {key: {folded_band(word) for word in data[key]} for key in keys}
    times = {folded_band(word): factor for factor, words in data["times"].items() for word in words}
    units = [{folded_band(word) for word in words} for words in data["one unit"]]
    return {**listed, "times": times, "one unit": units}


def folded_band(text: str) -> str:
    """Return the words around a number as they are compared: as `folded`, with signs of open ends kept."""
    signs = text.replace("<=", " ≤ ").replace(">=", " ≥ ")
    signs = re.sub(r"([<>≤≥+])", r" \1 ", signs)
    return " ".join(part if part in "<>≤≥+" else folded(part) for part in signs.split() if part).strip()


@lru_cache(maxsize=1 << 14)
def _band(label: str) -> _Band | None:
    """Read a band of numbers; None if something else is said."""
    words = _band_words()
    text = unicodedata.normalize("NFKC", label.casefold()).replace("\u2212", "-")
    text = re.sub(r"\b(?:a|c|hk|nz|r|s|us)\$", " ", text)
    if re.match(r"\s*-\s*\d", text):
        return None
    numbers = list(NUMBER.finditer(text))
    if not numbers:
        rest = _without(folded_band(text), words["zero"])
        return None if rest is None else _Band(0, 0, "", rest)
    if len(numbers) > len(("low", "high")):
        return None
    parts = [
        text[: numbers[0].start()],
        *(text[one.end() : other.start()] for one, other in pairwise(numbers)),
    ]
    parts.append(text[numbers[-1].end() :])
    values = [_value(match[0]) for match in numbers]
    spoken = [folded_band(part) for part in parts]
    factors: list[int] = []
    for place in range(1, len(spoken)):
        factor, spoken[place] = _factor(spoken[place], words["times"])
        factors.append(factor)
    if len(values) == 1:
        return _one_number(values[0] * factors[0], spoken[0], spoken[1], words)
    if factors[0] == 1 and factors[1] > 1 and values[0] < values[1]:
        factors[0] = factors[1]  # "20-30k"
    low, high = values[0] * factors[0], values[1] * factors[1]
    before = _without(spoken[0], words["between"] | words["before"], needed=False)
    middle = _without(spoken[1], words["between"] | words["before"], needed=False)
    after = _without(spoken[2], words["between"], needed=False)
    if before or middle is None or before is None or after is None or low >= high:
        return None
    return (
        None if middle and not _same_unit(middle, after or middle) else _Band(low, high, "", after or middle)
    )


def _one_number(value: float, before: str, after: str, words: dict[str, Any]) -> _Band | None:
    """Read a band with one number: itself, or all below or above it."""
    ends: set[Literal["low", "high"]] = set()
    rests = []
    for text, others in ((before, words["before"]), (after, set())):
        low, high = (_without(text, words[end] | others) for end in ("low", "high"))
        plain = _without(text, others, needed=False)
        held_low = low is not None and low != plain
        held_high = high is not None and high != plain
        if (
            held_low and held_high and low is not None and high is not None
        ):  # "no more than": the longer says it
            held_low, held_high = len(low) <= len(high), len(high) < len(low)
        if held_low:
            ends.add("low")
        if held_high:
            ends.add("high")
        rests.append((low if held_low else high if held_high else plain) or "")
    if rests[0] or len(ends) > 1:
        return None
    end = next(iter(ends), "")
    return _Band(value, value, end, rests[1])  # type: ignore[arg-type]


def _without(text: str, phrases: set[str], *, needed: bool = True) -> str | None:
    """Take phrases out of a text, the longest first; None if there is none of them and one is needed."""
    rest, taken = f" {text} ", False
    for phrase in _by_length(frozenset(phrases)):
        inside = phrase if _unspaced(phrase) else f" {phrase} "
        while inside in rest:
            rest, taken = rest.replace(inside, " ", 1), True
    rest = " ".join(rest.split())
    return rest if taken or not needed else None


@cache
def _by_length(phrases: frozenset[str]) -> list[str]:
    return sorted(phrases, key=lambda phrase: (-len(phrase), phrase))


def _unspaced(phrase: str) -> bool:
    """Return whether a phrase is of a script that writes words without blanks between them."""
    return bool(phrase) and all("\u2e80" <= mark <= "\ud7af" for mark in phrase)


def _factor(text: str, times: dict[str, int]) -> tuple[int, str]:
    """Part the words behind a number into what it is counted in, and the rest."""
    for word in _by_length(frozenset(times)):
        if text == word or text.startswith(f"{word} ") or (_unspaced(word) and text.startswith(word)):
            return times[word], text[len(word) :].strip()
    return 1, text


def _value(text: str) -> float:
    thousands = re.fullmatch(r"\d+(?:[.,'\u2019\u00a0\u202f ]\d{3})+", text)
    if thousands and (not text.startswith("0") or not re.fullmatch(DECIMALS, text)):
        return float(re.sub(r"\D", "", text))
    return float(text.replace(",", "."))


def _same_unit(one: str, other: str) -> bool:
    """Return whether two rests say the same but for number and case: "year" and "years"."""
    first, second = one.split(), other.split()
    return len(first) == len(second) and all(map(_same_word, first, second))


def _same_word(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    same = any({one, other} <= words for words in _band_words()["one unit"])
    return (
        same
        or one == other
        or (len(long) - len(short) <= LONGEST_ENDING and long.startswith(short[: max(3, len(short) - 1)]))
    )


def has_open_end(words: str) -> bool:
    """Return whether the words behind a number leave one end open, as in "65 or older"."""
    listed = _band_words()
    return bool(words) and _without(folded_band(words), listed["low"] | listed["high"]) is not None
