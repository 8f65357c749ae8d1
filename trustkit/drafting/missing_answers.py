"""Which answers are none: one rule for readers and drafts, and how sure it is of each.

In this order: what the file declares stands; words that say so; distance from the other codes, which needs no
language. Words and position together are sure. One of them alone is not: the answer is then marked, with what
the figure would be otherwise. A reason is always that of the words, never that of the number.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from trustkit.drafting.denied_answers import affirmed_in, denies_all, has_opposite
from trustkit.drafting.missing_words import (
    CONSENTING,
    ORDINARY_PHRASES,
    OUTCOMES,
    REFUSALS,
    SUBSTANTIVE,
    compared,
    reason_in,
)
from trustkit.drafting.scales import is_step, scale_of
from trustkit.survey.variable import Code, Reason, code_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

MISSING_LIKE = {
    *range(-9, 0), 77, 88, 97, 98, 99, *range(-99, -94), -88, -77,
    777, 888, 995, 996, 997, 998, 999, *range(-999, -994),
    7777, 8888, 9995, 9996, 9997, 9998, 9999, *range(-9999, -9994),
    99997, 99998, 99999, 999997, 999998, 999999, 9999997, 9999998, 9999999, 99999997, 99999998, 99999999,
}  # fmt: skip
"""Numbers that exports often give to missing answers."""

NEAR_CODES = (6, 7, 8, 9, 66, 77, 88, 96, 97, 98, 99)
"""Codes that may be missing ones where the answers end before them, though they are near."""

MOST_FAR = 0.4
"""The largest share of codes that may lie far from the others; more of them are codes without an order."""

FEWEST_LEFT = 3
"""How many answers have to be left where nothing but distance says that a code is missing."""

SHORTEST_RUN = 2
"""How many codes in a row make a scale's run."""

SHORTEST_SIDE, LIKELY_SIDE = 2, 4
"""How many steps a scale around 0 has on each side, at least, and if its negative ones are surely steps."""


@dataclass
class Judged:
    """What was found out about codes that may stand for no answer.

    Attributes
    ----------
    missing
        Code -> reason, of those treated as missing.
    sure
        Codes whose words and position agree, or whose words say nothing else.
    unsure
        Code -> why it may be read either way; some of them stay answers.
    """

    missing: dict[Code, Reason] = field(default_factory=dict)
    sure: list[Code] = field(default_factory=list)
    unsure: dict[Code, str] = field(default_factory=dict)


def judge_answers(labels: Mapping[Code, str], *, question: str = "") -> Judged:
    """Judge the codes of a closed question by their labels and their distance from each other.

    Parameters
    ----------
    labels
        Code -> label; a code without one has itself, as text.
    question
        The question's name and wording, where words of consent count.

    Examples
    --------
    >>> scale = {1: "Low", 2: "Middle", 3: "High"}
    >>> judge_answers({**scale, 98: "Weiß nicht", 99: "拒答"}).missing
    {98: "don't know", 99: 'refused'}
    >>> judge_answers({1: "Share", 2: "Decline"}).missing
    {}
    >>> judge_answers({**scale, 99: "Qwerty"}).unsure
    {99: "its code lies far from the others, and its words ('Qwerty') do not say why"}
    """
    judged = Judged()
    numbers = {code: float(code) for code in labels if _is_number(code)}
    positions = numbers if len(numbers) == len(labels) else {}
    far = far_codes(positions.values(), question) if positions else set()
    run = _run(sorted(positions.values()), question)
    inside = set(run) - ({min(positions.values()), max(positions.values())} if positions else set())
    consenting = bool(CONSENTING.search(f"{question} {' '.join(labels.values())}".casefold()))
    are_told = any(label != code_text(code) for code, label in labels.items())
    others = set(positions.values()) - far if len(run) >= FEWEST_LEFT else set()
    abbreviated = _are_abbreviations(labels.values())
    lone = _lone_number(labels, numbers)
    low = {place: labels[code] for code, place in positions.items()}.get(run[0] if run else 0.0, "")
    doubt_negative = not (reason_in(low)[0] is None and _tells_words(low)) and _may_end_at_0(run, question)
    for code, label in labels.items():
        at = positions.get(code)
        is_far = at is not None and at in far
        if label == code_text(code) and (at is not None or code == lone):
            if is_far and (at in MISSING_LIKE or are_told or others == set(run)):
                _judge_bare(judged, code, "its code lies far from the others and has no label")
            elif at is not None and at < 0 and at in run and doubt_negative:
                judged.unsure[code] = f"it may be a missing code beside a scale from 0 to {run[-1]:g}"
            elif code == lone:
                _judge_bare(judged, code, "it is a number among words and has no label")
            continue
        reason, _ = reason_in(label)
        if reason and consenting and compared(label) in REFUSALS:
            continue
        if abbreviated and not is_far and re.fullmatch(r"[A-Z]{2,3}", label.strip()):
            continue  # NA is Namibia beside BW and ZA
        if reason is None:
            _judge_place(judged, code, labels, at, run, is_far=is_far)
            continue
        outside = at not in inside or _all_beyond(at, labels, positions)
        if compared(label) in ORDINARY_PHRASES:  # of such words only a place apart from the others is sure
            outside = at is not None and at not in run
        _judge_words(judged, code, labels, is_far=is_far, is_outside=outside)
    return _kept_answers(judged, labels)


def _tells_words(label: str) -> bool:
    return bool(re.search(r"[^\W\d]", label))


def _may_end_at_0(run: Sequence[float], question: str) -> bool:
    """Return whether negative codes of a run may be missing ones: it is short, and no wording names it."""
    if not run or len(run) > 2 * LIKELY_SIDE:
        return False
    return not _names_ends(run, question)


def _names_ends(run: Sequence[float], question: str) -> bool:
    """Return whether a wording names the lowest code of a run and then the highest."""
    ends = rf"(?<!\d){run[0]:g}\b\D+{run[-1]:g}\b"
    return bool(re.search(ends, question.replace("\u2212", "-").replace("\u2013", "-")))


def _is_answer(label: str, labels: Iterable[str]) -> bool:
    """Return whether words that may mean no answer are a step of the scale that the others are on."""
    return is_step(label, [other for other in labels if other != label and not reason_in(other)[0]])


def _judge_words(
    judged: Judged, code: Code, labels: Mapping[Code, str], *, is_far: bool, is_outside: bool
) -> None:
    """Judge a code whose words may say that there is no answer, by the other answers and by its place."""
    label = labels[code]
    reason, clear = reason_in(label)
    if reason is None:
        return
    doubtful = not is_far and (reason == "not asked" or not clear)
    if (doubtful and _is_answer(label, labels.values())) or (
        not is_far and has_opposite(label, labels.values())
    ):
        judged.unsure[code] = f"{label!r} may also mean that there is no answer ({reason})"
        return
    may_be_outcome = not is_far and (reason == "skipped" or compared(label) in REFUSALS)
    if may_be_outcome and (outcome := _outcome_beside(label, labels.values())):
        judged.unsure[code] = f"it may mean that there is no answer, or be an outcome as {outcome!r} is"
        return
    judged.missing[code] = reason
    affirmed = "" if is_far else affirmed_in(label, labels.values())
    if affirmed:
        judged.unsure[code] = f"{label!r} may be an answer beside {affirmed!r}"
    elif is_far or (clear and is_outside):
        judged.sure.append(code)
    else:
        by_place = clear and compared(label) not in ORDINARY_PHRASES
        why = "its code lies among the answers" if by_place else "its words may also be an answer"
        judged.unsure[code] = f"{label!r}: {why}"


def _outcome_beside(label: str, labels: Iterable[str]) -> str:
    """Return the outcome of a call or a visit that stands beside an answer; empty if none does."""
    others = (other for other in labels if other != label)
    return next((other for other in others if compared(other) in OUTCOMES), "")


def _judge_bare(judged: Judged, code: Code, why: str) -> None:
    """Doubt a number without a label; numbers that exports often give to missing answers are missing."""
    if float(code) in MISSING_LIKE:
        judged.missing[code] = "skipped"
    judged.unsure[code] = why


def _lone_number(labels: Mapping[Code, str], numbers: Mapping[Code, float]) -> Code | None:
    """Return the only number among answers in words, unless it is a step of their scale; None if none."""
    lone = next(iter(numbers), None)
    if lone is None or len(numbers) > 1 or len(labels) <= SHORTEST_RUN:
        return None
    return lone if labels[lone] == code_text(lone) and not scale_of(list(labels.values())) else None


def _judge_place(
    judged: Judged,
    code: Code,
    labels: Mapping[Code, str],
    at: float | None,
    run: Sequence[float],
    *,
    is_far: bool,
) -> None:
    """Judge a code without known words by its place: far from the others, or behind a gap."""
    label = labels[code]
    if re.search(SUBSTANTIVE, label.casefold()):
        return
    if not is_far and denies_all(label, labels.values()):
        judged.unsure[code] = f"{label!r} denies what no other answer says, so it may mean that there is none"
        return
    if is_far:
        judged.missing[code] = "skipped"
        judged.unsure[code] = f"its code lies far from the others, and its words ({label!r}) do not say why"
        return
    if at in NEAR_CODES and run and run[0] in (0, 1) and at > run[-1] + 1:
        judged.unsure[code] = f"{label!r}: its code stands behind a gap, where codes for no answer often do"


def judge_numbers(values: Sequence[float], labels: Mapping[Code, str]) -> Judged:
    """Judge the codes of a variable of numbers: labelled ones beyond the others, and numbers far outside.

    Parameters
    ----------
    values
        The different numbers that occur, in any order.
    labels
        The labels that the file gives to some of them.

    Examples
    --------
    >>> judge_numbers([20, 35, 61, 996, 999], {996: "Inapplicable", 999: "Refused"}).missing
    {996: 'not asked', 999: 'refused'}
    >>> judge_numbers([60, 71, 83, 90, 95, 98, 99], {}).missing
    {}
    >>> judge_numbers([0, 2, 5, 90], {0: "None", 90: "90 or more"}).missing
    {}
    """
    judged = Judged()
    plain = sorted(value for value in values if value not in labels)
    if not plain:
        return judge_answers(labels)
    low, high = plain[0], plain[-1]
    for code, label in labels.items():
        if not _is_number(code):
            continue
        at = float(code)
        beyond = at > high or at < low
        reason, clear = reason_in(label)
        if reason:
            judged.missing[code] = reason
            if beyond or (clear and at < 0):
                judged.sure.append(code)
            else:
                judged.unsure[code] = f"{label!r}: the number lies among the others"
        elif beyond and not re.search(r"\d", compared(label)):
            if at in MISSING_LIKE:
                judged.missing[code] = "skipped"
            judged.unsure[code] = (
                f"{label!r}: the number lies beyond the others, and its words do not say why"
            )
    for at in _far_numbers(plain):
        judged.missing[int(at)] = "skipped"
        judged.unsure[int(at)] = "the number lies far from the others and has no label"
    return judged


def far_codes(numbers: Iterable[float], question: str = "") -> set[float]:
    """Return the codes that lie far outside the run of the others.

    The run is the longest stretch with steps of one, or of the codes' own step. A code is far if it lies
    outside by more than the run's length; if it is negative beside a run that starts at 0 or 1; or if it is
    with one repeated digit (88, 98, 999) beyond the run's next power of ten.

    Examples
    --------
    >>> sorted(far_codes([1, 2, 3, 4, 5, 8, 98, 99]))
    [98, 99]
    >>> sorted(far_codes([-9, -1, 0, 1])), sorted(far_codes([0, *range(1, 11), 77, 88]))
    ([-9, -1], [77, 88])
    """
    ordered = sorted(set(numbers))
    run = _run(ordered, question)
    if len(run) < SHORTEST_RUN or (len(run) == SHORTEST_RUN and run[0] not in (0, 1)):
        return set()
    low, high, length, inside = run[0], run[-1], run[-1] - run[0] + 1, set(run)
    power = 10 ** len(str(int(abs(high))))
    far = {
        number
        for number in ordered
        if number not in inside
        and (
            number - high > length
            or (low - number > length)
            or (number < 0 and low in (0, 1))
            or (number > power and _is_repeated(number))
        )
    }
    return far if len(far) <= MOST_FAR * len(ordered) or _all_missing_like(far) else set()


def _all_missing_like(numbers: Iterable[float]) -> bool:
    return all(number in MISSING_LIKE for number in numbers)


def balanced_run(ordered: Sequence[float]) -> list[float]:
    """Return the codes of a scale with its middle at 0, such as -2 to 2; empty if there is none.

    Examples
    --------
    >>> balanced_run([-2, -1, 0, 1, 2, 99]), balanced_run([-1, 0, 1]), balanced_run([-9, -2, 0, 1, 2])
    ([-2, -1, 0, 1, 2], [], [])
    """
    known = set(ordered)
    if 0 not in known:
        return []
    low = high = 0
    while low - 1 in known:
        low -= 1
    while high + 1 in known:
        high += 1
    is_scale = -low == high and high >= SHORTEST_SIDE
    return list(range(low, high + 1)) if is_scale else []


def _named_run(ordered: Sequence[float], question: str) -> list[float]:
    """Return the codes around 0 whose lowest and highest the question's wording names: "from -2 to 3"."""
    known = set(ordered)
    low = high = 0
    while low - 1 in known:
        low -= 1
    while high + 1 in known:
        high += 1
    run: list[float] = [*range(low, high + 1)]
    return run if low < 0 < high and 0 in known and _names_ends(run, question) else []


def _run(ordered: Sequence[float], question: str = "") -> list[float]:
    """Return the longest stretch of codes with one step, the lowest of several.

    Negative codes belong to none, but for those of a scale with its middle at 0, and of one that the wording
    names.
    """
    around = balanced_run(ordered)
    if around or (around := _named_run(ordered, question)):
        return around
    steps = [later - earlier for earlier, later in pairwise(ordered) if earlier >= 0]
    times = Counter(steps)
    step = max(times, key=lambda size: (times[size], -size), default=1.0)
    best: list[float] = []
    stretch: list[float] = []
    for number in ordered:
        if stretch and number - stretch[-1] == step:
            stretch.append(number)
        else:
            stretch = [number] if number >= 0 else []
        if len(stretch) > len(best):
            best = list(stretch)
    return best


def _is_repeated(number: float) -> bool:
    """Return whether a number is written with one repeated digit, but for its last."""
    digits = str(int(number))
    return len(digits) > 1 and (len(set(digits)) == 1 or bool(re.fullmatch(r"9+[5-9]", digits)))


def _all_beyond(at: float | None, labels: Mapping[Code, str], positions: Mapping[Code, float]) -> bool:
    """Return whether all codes on one side of a code say that they are missing, too."""
    if at is None:
        return True
    above = [labels[code] for code, place in positions.items() if place > at]
    below = [labels[code] for code, place in positions.items() if place < at]
    return any(all(reason_in(label)[0] for label in side) for side in (above, below))


def _kept_answers(judged: Judged, labels: Mapping[Code, str]) -> Judged:
    """Leave codes answers where too few would be left without them."""
    left = [code for code in labels if code not in judged.missing]
    if not judged.missing:
        return judged
    by_distance = [
        code for code in judged.missing if code in judged.unsure and not reason_in(labels[code])[0]
    ]
    if len(left) < FEWEST_LEFT and by_distance:
        for code in by_distance:
            del judged.missing[code]
        left = [code for code in labels if code not in judged.missing]
    if len(left) <= 1:
        for code in judged.missing:
            judged.unsure[code] = f"{labels[code]!r}: without it one answer or none would be left"
        judged.missing.clear()
        judged.sure.clear()
    return judged


def _far_outside(at: float, low: float, high: float) -> bool:
    reach = max(1.0, high - low)
    return at > high + reach or at + reach < low


def _far_numbers(plain: Sequence[float]) -> list[float]:
    """Return numbers that exports give to missing answers and that lie farther out than the others reach."""
    likely = [number for number in plain if number in MISSING_LIKE]
    others = [number for number in plain if number not in MISSING_LIKE]
    while others:
        low, high = min(others), max(others)
        outside = [number for number in likely if _far_outside(number, low, high) or number < 0 <= low]
        if len(outside) == len(likely):
            return outside
        others += [number for number in likely if number not in outside]
        likely = outside
    return []


def _are_abbreviations(labels: Collection[str]) -> bool:
    """Return whether answers are capital letters, as codes of countries and states are."""
    coded = sum(bool(re.fullmatch(r"[A-Z]{2,3}", label.strip())) for label in labels)
    return coded > 1 and 2 * coded > len(labels)


def _is_number(code: Code) -> bool:
    if isinstance(code, int | float):
        return True
    return bool(re.fullmatch(r"-?\d+(?:\.\d+)?", code))
