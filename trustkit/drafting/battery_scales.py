"""The scale that the questions of a battery share: united where it is one, told apart where there are two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.drafting.column_sketch import ONE_ANSWER
from trustkit.drafting.number_guesses import USUAL_ENDS
from trustkit.drafting.scale_words import BANDS
from trustkit.drafting.scales import own_numbers, scale_of
from trustkit.survey.variable import CODED, Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustkit.drafting.column_sketch import Sketch

LONGEST_SCALE = 11
"""How many whole numbers in a row a scale has at most."""

FEWEST = 2
"""How many questions share answers, at least; how many numbers are no scale yet."""

EXPECTED = 5
"""How many answers would be expected at the steps that a question lacks, if these were on its scale."""


def kind_of_codes(draft: Sketch) -> set[type]:
    """Return the types of a question's codes."""
    return {type(code) for code in draft.codes}


def numbers_of(draft: Sketch) -> dict[int, str]:
    """Return the label of each number of a scale in whole numbers: its codes, or what its answers begin with.

    Returns
    -------
    dict
        Number -> label; empty if an answer has no whole number of its own.
    """
    if kind_of_codes(draft) == {int}:
        return {int(code): label for code, label in draft.codes.items()}
    labels = list(draft.codes.values())
    numbers = own_numbers(labels) if labels else ()
    if not numbers or not all(float(number).is_integer() for number in numbers):
        return {}
    return {int(number): label for number, label in zip(numbers, labels, strict=True)}


@dataclass(frozen=True)
class Numbered:
    """The scale of questions of which some have words at numbers, and others have numbers alone.

    In a text column, the ends of a scale have words: "1 - Not at all", "2", "3", "4", "5 - Completely". A
    question to which nobody gave an end holds numbers alone, and is read as a column of numbers.

    Attributes
    ----------
    labels
        Number -> label.
    worded
        The numbers of the questions in text, which say where the scale ends.
    """

    labels: dict[int, str]
    worded: frozenset[int]

    @classmethod
    def of(cls, draft: Sketch) -> Numbered:
        """Return the scale of one question."""
        labels = numbers_of(draft)
        return cls(labels, frozenset(labels if kind_of_codes(draft) == {str} else ()))

    def joined(self, other: Numbered) -> Numbered | None:
        """Return the scale of two questions; None if they can't be on one."""
        worded = self.worded | other.worded
        labels = dict(self.labels)
        for number, label in other.labels.items():
            known = labels.get(number, str(number))
            if str(number) not in (known, label) and known != label:
                return None
            labels[number] = label if known == str(number) else known
        fits = bool(self.labels and other.labels and worded)
        fits = fits and min(worded) <= min(labels) and max(labels) <= max(worded)
        return Numbered(dict(sorted(labels.items())), worded) if fits else None


def share_numbers(drafts: Iterable[Sketch]) -> Numbered | None:
    """Return the one scale of questions with words at numbers and others without; None if there is none."""
    worded_first = sorted(drafts, key=lambda draft: kind_of_codes(draft) != {str})
    scale: Numbered | None = None
    for draft in worded_first:
        own = Numbered.of(draft)
        scale = own if scale is None else scale.joined(own)
        if scale is None:
            return None
    return scale


def unite(group: Sequence[Sketch]) -> None:
    """Give the questions of a battery the same answers, where these were taken from their content.

    An answer that nobody gave to one of them is one of its answers, too.
    """
    group = [draft for draft in group if draft.guessed and draft.kind in CODED and draft.kind != "multiple"]
    if len(group) < FEWEST:
        return
    chosen_among = {code for draft in group if len(draft.codes) > 1 for code in draft.codes}
    for draft in group:
        if draft.codes.keys() <= chosen_among:  # others had a choice, and chose this answer, too
            draft.doubts = [doubt for doubt in draft.doubts if doubt != ONE_ANSWER]
    if len({frozenset(kind_of_codes(draft)) for draft in group}) > 1:
        shared = share_numbers(group)
        for draft in group if shared else ():
            labels = shared.labels if shared else {}
            numeric = kind_of_codes(draft) == {int}
            codes: dict[Code, str] = {number if numeric else label: label for number, label in labels.items()}
            _take_scale(draft, codes, BANDS)
        return
    together: dict[Code, str] = {}
    for draft in sorted(group, key=lambda draft: -len(draft.codes)):
        together |= draft.codes
    found = scale_of(list(together.values()))
    scales = {draft.scale for draft in group} - {""}
    if scales and not found:
        return
    if found:
        pairs = sorted(zip(found.places, together.items(), strict=True), key=lambda item: item[0])
        together = dict(item for _, item in pairs)
    elif all(isinstance(code, int) for code in together):
        together, scale = _whole_scale(together)
        scales |= {scale} - {""}
    name = found.name if found else next(iter(scales), "")
    for draft in group:
        _take_scale(draft, together, name)


def _take_scale(draft: Sketch, codes: Mapping[Code, str], scale: str) -> None:
    """Give a question the answers of its battery, unless one of them is missing in it."""
    if codes.keys() & draft.missing.keys():
        return
    if codes.keys() - draft.codes.keys():
        draft.notes.append("answers: those of the whole battery")
    draft.codes = dict(codes)
    if scale:
        draft.scale = scale
        if draft.kind == "single":
            draft.mark("ordinal", f"the answers are steps of the battery's scale ({draft.scale})")
        draft.notes = [note for note in draft.notes if not note.startswith("order")]
        draft.note_ends()


def _whole_scale(codes: Mapping[Code, str]) -> tuple[dict[Code, str], str]:
    """Return a battery's whole numbers in order; with all between the ends if they make a scale."""
    low, high = min(map(int, codes)), max(map(int, codes))
    if low in (0, 1) and len(codes) > FEWEST and high - low < LONGEST_SCALE:
        return {code: str(code) for code in range(low, high + 1)}, BANDS
    return dict(sorted(codes.items(), key=lambda item: int(item[0]))), ""


def part_scales(group: Sequence[Sketch]) -> list[list[Sketch]]:
    """Part neighbours with one stem whose answers are those of two scales, such as 1 to 5 and 1 to 7.

    A question is on a scale of its own if all steps up to another usual end were given, or if it lacks steps
    inside of the battery's scale of words that it would hardly lack by chance. Each question of a smaller
    part is marked as not sure.

    Returns
    -------
    list
        The parts, each in its old order; the group itself if it is on one scale.
    """
    if not all(draft.guessed and draft.kind in ("single", "ordinal") for draft in group):
        return [list(group)]
    kinds = {kind for draft in group for kind in kind_of_codes(draft)}
    ends = _own_ends(group) if kinds == {int} else _own_steps(group) if kinds == {str} else []
    if len({end for end in ends if end}) < FEWEST:
        return [list(group)]
    parts: dict[frozenset[Code], list[Sketch]] = {}
    last = next(end for end in ends if end)
    for draft, end in zip(group, ends, strict=True):
        fits = [other for other in dict.fromkeys(ends) if other and draft.codes.keys() <= other]
        last = end or (last if last in fits or not fits else fits[0])
        parts.setdefault(last, []).append(draft)
    largest = max(parts, key=lambda part: len(parts[part]))
    for part, members in parts.items():
        for draft in members if part != largest else ():
            neighbour = parts[largest][0]
            draft.doubts.append(
                f"its answers are other than those of {neighbour.name}, whose name begins alike"
                f" ({len(part)} and {len(largest)} steps), so it is not put on one scale with it"
            )
    return list(parts.values())


def _own_ends(group: Iterable[Sketch]) -> list[frozenset[Code]]:
    """Return the numbers of each question that were all given, up to where scales usually end; else none."""
    wholes = []
    for draft in group:
        labelled = [int(code) for code in draft.distinct()[0] if code in draft.codes]
        low, high = min(labelled, default=-1), max(labelled, default=-1)
        is_whole_scale = low in (0, 1) and high in USUAL_ENDS and len(set(labelled)) == high - low + 1
        wholes.append(frozenset[Code](range(low, high + 1)) if is_whole_scale else frozenset())
    ends = {max(map(int, codes)) for codes in wholes if codes}
    return wholes if len(ends) > 1 else [frozenset() for _ in wholes]


def _own_steps(group: Sequence[Sketch]) -> list[frozenset[Code]]:
    """Return the words of each question that has a scale's ends and lacks steps inside beyond chance."""
    together: dict[Code, str] = {}
    counts: list[dict[Code, int]] = []
    for draft in group:
        together |= draft.codes
        values, times = draft.distinct()
        counts.append({code: int(n) for code, n in zip(values, times, strict=True) if code in draft.codes})
    scale = scale_of(list(together.values()))
    if scale is None or not all(draft.scale for draft in group):
        return []
    ordered = [code for _, code in sorted(zip(scale.places, together, strict=True), key=lambda pair: pair[0])]
    inside = set(ordered[1:-1])
    return [
        frozenset(draft.codes)
        if set(ordered) == draft.codes.keys() or _lacks_steps(number, counts, ordered, inside)
        else frozenset()
        for number, draft in enumerate(group)
    ]


def _lacks_steps(
    number: int, counts: Sequence[Mapping[Code, int]], ordered: Sequence[Code], inside: set[Code]
) -> bool:
    """Return whether a question has both ends, and lacks steps between that the other questions have."""
    own = counts[number]
    lacks = inside - own.keys()
    if not lacks or ordered[0] not in own or ordered[-1] not in own:
        return False
    others = [count for place, count in enumerate(counts) if place != number]
    given = sum(sum(count.values()) for count in others)
    taken = sum(count.get(code, 0) for count in others for code in lacks)
    return bool(given) and taken / given * sum(own.values()) >= EXPECTED * len(lacks)
