"""Answers that are steps of a scale: the scales of ``scales.yaml`` in many languages, and numbered ones.

An order is guessed only where every answer has its place. Whatever is ambiguous is no scale here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from trustkit.drafting.number_bands import bands_of, has_open_end
from trustkit.drafting.scale_words import BANDS, Scale, Side, Step, folded, grades_of, scale_data, scale_index

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FEWEST_STEPS, MOST_STEPS = 3, 12
"""How many answers a scale in words has."""

KNOWN_SHARE = 2 / 3
"""The share of answers that must be steps of a scale before the others are named as having no place on it."""

FREQUENCIES = ("frequency", "how often")
"""The scale of vague times, such as "sometimes", and that of times in the calendar, such as "once a week"."""

OFTEN = 3
"""How many steps below the highest of vague times "often" is; those above are always or nearly always."""

HIGHEST_RARE = 2
"""The highest step of vague times that means almost never or rarely."""

DAILY, WEEKLY, MONTHLY = 1, 3, 5
"""How many steps below the highest of times in the calendar daily, once a week and once a month are."""

IN_FRONT = re.compile(
    r"^\s*[(\[]?\s*([-\u2212]?\d{1,3})(?:\s*$|\s*[-\u2013\u2014.:=)\]\uff1a\u3001\uff0e]+\s*(?=[^\W\d])"
    r"|\s+(?=[^\W\d])|\s*(?=[(\[\uff08]\s*[^\W\d]))"
)
"""The number that begins an answer: "4 - Very impressive", "1 (not at all)", "10 Completely", "5"."""

AT_THE_END = re.compile(
    r"^(?=\W*[^\W\d])(.*?)(?:\s*[(\[\uff08]\s*([-\u2212]?\d{1,3})\s*[)\]\uff09]|\s+[-\u2013\u2014=]\s*(\d{1,3}))\s*$"
)
"""The number in brackets, or behind a dash, that ends an answer: "Very likely (5)", "Very likely - 5"."""

CONTRARY: tuple[set[Side], ...] = ({"bad", "not good"}, {"good", "not bad"}, {"not good", "not bad"})
"""Sides that have no common order: nobody knows if "not at all satisfied" is below "dissatisfied"."""

BRACKETS = re.compile(r"\s*[(\[\uff08][^()\[\]\uff08\uff09]*[)\]\uff09]")


def scale_of(labels: Sequence[str]) -> Scale | None:
    """Find the scale that answers are steps of, and each one's place on it; None if there is none.

    At least three answers, all of one scale in one language, each with a place that no other may have. Where
    answers begin with numbers, these give the order, and the words must agree with it or run against it.

    Examples
    --------
    >>> scale_of(["Agree", "Strongly disagree", "Neutral"])
    Scale(name='agreement', places=(2, 0, 1), numbers=())
    >>> scale_of(["Sehr zufrieden", "Eher unzufrieden", "Teils/teils"]).places
    (2, 0, 1)
    >>> scale_of(["1 = Agree", "2 = Neutral", "3 = Disagree"])
    Scale(name='agreement', places=(0, 1, 2), numbers=(1.0, 2.0, 3.0))
    >>> scale_of(["18 to 24", "Under 18", "25 or over"]).places
    (1, 0, 2)
    >>> scale_of(["1 - Red", "2 - Green", "3 - Blue"]) is None
    True
    """
    if len(labels) < FEWEST_STEPS:
        return None
    numbered = _numbered(labels)
    if numbered:
        numbers, words = numbered
        return _numbered_scale(numbers, words) or bands_of(labels, fewest_units=2)
    return _worded(labels) or _mixed_frequency(labels) or bands_of(labels)


def may_hold_number(label: str) -> bool:
    """Return whether an answer may be a numbered step or a band: it has a number, or words for none."""
    return bands_of([label]) is not None or _split(label) is not None


def own_numbers(labels: Sequence[str]) -> tuple[float, ...]:
    """Return the number that each answer of a scale begins or ends with; () where one has none.

    Examples
    --------
    >>> own_numbers(["4 - Very impressive", "1 (not at all)", "2"]), own_numbers(["25 to 34", "65 or older"])
    ((4.0, 1.0, 2.0), ())
    """
    if scale := scale_of(labels):
        return scale.numbers
    numbered = _numbered(labels)
    return () if numbered is None or any(map(has_open_end, numbered[1])) else numbered[0]


def number_order(labels: Sequence[str]) -> list[int] | None:
    """Return the places that the numbers of numbered answers give them, whatever their words say."""
    numbered = _numbered(labels)
    return _ranks(numbered[0]) if numbered else None


def is_step(label: str, others: Sequence[str]) -> bool:
    """Return whether an answer is a step of a scale in words together with the other answers.

    Examples
    --------
    >>> is_step("Trifft nicht zu", ["Trifft voll zu", "Trifft eher zu"]), is_step("Not sure", ["Yes", "No"])
    (True, False)
    """
    return bool(others) and _worded([label, *others]) is not None


def partial_scale(labels: Sequence[str]) -> tuple[Scale, list[str], list[str]] | None:
    """Find a scale that most answers are steps of: the scale, its answers, and those with no place on it.

    Examples
    --------
    >>> found = partial_scale(["Agree", "Disagree", "It depends", "Neutral"])
    >>> found[1], found[2]
    (['Agree', 'Disagree', 'Neutral'], ['It depends'])
    """
    if not FEWEST_STEPS < len(labels) <= MOST_STEPS:
        return None
    known = [_known(label) for label in labels]
    keys = {key for steps in known for key in steps}
    most = max(sorted(keys), key=lambda key: sum(key in steps for steps in known), default=None)
    inside = [label for label, steps in zip(labels, known, strict=True) if most in steps]
    if len(inside) < KNOWN_SHARE * len(labels) or len(inside) == len(labels):
        return None
    scale = scale_of(inside)
    return (scale, inside, [label for label in labels if label not in inside]) if scale else None


@lru_cache(maxsize=1 << 14)
def _known(label: str) -> Mapping[tuple[str, str], Step]:
    """Return the places of an answer's words, with or else without what stands in brackets."""
    index = scale_index()
    steps = index.get(folded(label))
    if not steps and (numbered := _split(label)):
        steps = index.get(folded(numbered[1])) if numbered[1] else None
    if not steps and (short := BRACKETS.sub("", label := " ".join(label.split()))) != label:
        steps = index.get(folded(short)) if short.strip() else None
    return steps or {}


def _worded(labels: Sequence[str]) -> Scale | None:
    """Find the one order of answers in words."""
    if len(labels) > MOST_STEPS:
        return None
    orders: dict[tuple[int, ...], str] = {}
    first, *others = labels
    steps = {key: [step] for key, step in _known(first).items()}
    for label in others:
        if not steps:
            break
        known = _known(label)
        steps = {key: [*before, known[key]] for key, before in steps.items() if key in known}
    for (name, _), steps_here in steps.items():
        if places := _places(steps_here):
            orders.setdefault(tuple(places), name)
    if not steps:
        graded, name = _common_adjective(labels)
        if graded:
            orders[tuple(graded)] = name
    if len(orders) != 1:
        return None
    order, name = next(iter(orders.items()))
    return Scale(name, order)


def _mixed_frequency(labels: Sequence[str]) -> Scale | None:
    """Find the order of times in the calendar beside vague ones, such as "Daily", "Sometimes", "Never".

    A vague answer has a place where every time beside it is surely more often: "rarely" below once a month,
    "sometimes" below once a week, "often" below daily. Beside other times, no order is guessed.

    Examples
    --------
    >>> _mixed_frequency(["Daily", "Sometimes", "Never"]).places
    (2, 1, 0)
    >>> _mixed_frequency(["Monthly", "Sometimes", "Never"]) is None
    True
    """
    if len(labels) > MOST_STEPS:
        return None
    known = [_known(label) for label in labels]
    languages = {language for steps in known for name, language in steps if name in FREQUENCIES}
    orders = {order for language in languages if (order := _order_of_times(known, language))}
    return Scale(FREQUENCIES[1], orders.pop()) if len(orders) == 1 else None


def _order_of_times(known: Sequence[Mapping[tuple[str, str], Step]], language: str) -> tuple[int, ...]:
    """Return the order of times in the calendar and vague ones in one language; () if there is none."""
    vague, dated = FREQUENCIES
    highest_vague, highest = (len(scale_data()["scales"][name][language]) - 1 for name in FREQUENCIES)
    steps: list[Step] = []
    earliest, needed = highest, 0
    for answer in known:
        time, word = answer.get((dated, language)), answer.get((vague, language))
        if time and time.first:
            earliest = min(earliest, time.first)
            time = Step(time.first + MOST_STEPS, time.last + MOST_STEPS, "")
        elif not time and word:
            below = MONTHLY if word.last <= HIGHEST_RARE else WEEKLY
            if word.last >= highest_vague - OFTEN:
                below = DAILY if word.last == highest_vague - OFTEN else -1
            needed = max(needed, highest - below if word.last else 0)
        if not time and not word:
            return ()
        steps.extend(step for step in (time or word,) if step)
    order = _places(steps) if needed <= earliest else None
    return tuple(order or ())


def _places(steps: Sequence[Step]) -> list[int] | None:
    """Return the order of steps; None if two of them may share a place, or deny what another says."""
    sides = {step.side for step in steps}
    if any(contrary <= sides for contrary in CONTRARY):
        return None
    order = sorted(steps)
    if any(later.first <= earlier.last for earlier, later in pairwise(order)):
        return None
    return [order.index(step) for step in steps]


def _common_adjective(labels: Sequence[str]) -> tuple[list[int] | None, str]:
    """Find the order of one unknown adjective in different grades, such as "Very impressive"."""
    words = [folded(label).split() for label in labels]
    last = {each[-1] for each in words if each}
    if len(last) != 1 or not all(words):
        return None, ""
    adjective = last.pop()
    for language in scale_data()["graded"]:
        grades: dict[str, list[int]] = {}
        for place, grade, _ in grades_of(language):
            grades.setdefault(folded(grade.replace("_", adjective)), []).append(place)
        grade_of = [grades.get(" ".join(each)) for each in words]
        steps = [Step(min(places), max(places), "") for places in grade_of if places]
        if len(steps) == len(words):
            return _places(steps), adjective
    return None, ""


def _split(label: str) -> tuple[float, str] | None:
    """Part an answer into its own number and its words; None if it has no such number."""
    label = " ".join(label.split())
    if match := IN_FRONT.match(label):
        number, words = match[1], label[match.end() :]
    elif match := AT_THE_END.match(label):
        number, words = match[2] or match[3], match[1]
    else:
        return None
    if re.search(r"\d", words):  # "25 to 34" and "2-3 times a week" are bands
        return None
    return float(number.replace("\u2212", "-")), words.strip(" ()[]\uff08\uff09")


def _numbered(labels: Sequence[str]) -> tuple[tuple[float, ...], list[str]] | None:
    """Part answers into their numbers and words; None if one has no number, or two have the same."""
    parts = []
    for label in labels:
        part = _split(label)
        if part is None:
            return None
        parts.append(part)
    numbers = tuple(number for number, _ in parts)
    return (numbers, [words for _, words in parts]) if len(set(numbers)) == len(numbers) else None


def _numbered_scale(numbers: tuple[float, ...], words: list[str]) -> Scale | None:
    """Find the scale of numbered answers: by their words, or by words at the ends and in the middle only."""
    places = _ranks(numbers)
    said = [place for place, word in sorted(zip(places, words, strict=True)) if word]
    if not said:
        return Scale(BANDS, tuple(places), numbers)
    if len(said) == len(words):
        worded = _worded(words)
        if worded is None:
            return None
        down = [len(places) - 1 - place for place in places]
        along = worded.places in (tuple(places), tuple(down))
        return Scale(worded.name, tuple(places), numbers) if along else None
    last = len(words) - 1
    ends = {0, last, last // 2, (last + 1) // 2}
    known = any(_known(word) for word in words if word)
    if any(has_open_end(word) and not _known(word) for word in words if word):
        return None
    if set(said) <= ends and ({0, last} <= set(said) or known):
        return Scale(BANDS, tuple(places), numbers)
    return None


def _ranks(values: Sequence[Any]) -> list[int]:
    places: dict[Any, int] = {}
    for place, value in enumerate(sorted(values)):
        places.setdefault(value, place)
    return [places[value] for value in values]
