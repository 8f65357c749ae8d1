"""Questions that belong together: batteries and boxes of several answers, found among neighbours."""

from __future__ import annotations

from itertools import chain, count, pairwise
from typing import TYPE_CHECKING

from trustkit.drafting.battery_scales import Numbered, kind_of_codes, part_scales, share_numbers, unite
from trustkit.drafting.boxes import drop_joined, is_box, is_like_box, is_lone, take_boxes, ticks_of
from trustkit.drafting.missing_words import OTHER
from trustkit.drafting.scales import scale_of
from trustkit.drafting.shared_names import are_numbered, common_stem, shared_start, shared_words, stem_of
from trustkit.drafting.wordings import plain_words
from trustkit.survey.multiple_answers import BOXES
from trustkit.survey.variable import CODED, Code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.drafting.column_sketch import Sketch

SHORT_STEM = 3
"""From how many letters on a stem that numbers follow says what a battery is about."""

FEWEST_BOXES, FEWEST_QUESTIONS = 2, 3
"""How many boxes, or questions with the same answers, make a set."""

LEAST_SHARED = 0.5
"""Which share of its answers a question has to have in common with its neighbours."""

LOOSE_BOXES = (
    "this column and those behind it that hold nothing but their own names are read as boxes of one question;"
    " if they are several questions, delete their set and write who was asked"
)
"""What is said of boxes whose names have nothing in common."""


def find_sets(drafts: Mapping[str, Sketch]) -> dict[str, str]:
    """Put neighbours with one stem and the same answers into a set.

    Returns
    -------
    dict
        Set -> the words that the wordings of its questions share, where they share any.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit.drafting.column_guesses import sketch
    >>> boxes = pd.DataFrame({"way_1": [0, 1] * 9, "way_2": [1, 0] * 9})
    >>> drafts = {name: sketch(boxes[name], None) for name in boxes}
    >>> find_sets(drafts)
    {}
    >>> drafts["way_1"].set, drafts["way_1"].kind, drafts["way_1"].codes
    ('way', 'multiple', {1: 'Selected', 0: 'Not selected'})
    """
    groups, silent = _neighbours(drafts)
    set_of: dict[str, str] = {}
    taken = {*drafts, *(draft.set for draft in drafts.values())}
    parts = list(chain.from_iterable(part_scales(neighbours.members) for neighbours in groups))
    for group in parts:
        if group[0].set:
            unite(group)
            continue
        stem = common_stem([draft.name for draft in group])
        loose = not stem and all(map(_names_itself, group))
        if loose:
            stem = _behind_answer(group[0]) or group[0].name
        shared = shared_words([draft.label for draft in group if draft.label != draft.name])
        if not _makes_set(group, stem, shared):
            continue
        names = chain((stem, f"{stem}_items"), (f"{stem}_items_{number}" for number in count(2)))
        name = next(name for name in names if name not in taken)
        if shared:
            set_of[name] = shared
        taken.add(name)
        for draft in group:
            draft.set = name
            draft.notes.append(f"set {name}: neighbours with one stem and the same answers")
        if all(map(is_like_box, group)):
            take_boxes(group)
            if loose and not _behind_answer(group[0]):
                group[0].doubts.append(LOOSE_BOXES)
            drop_joined(drafts.get(stem), group)
        else:
            unite(group)
    for draft, before in silent:
        _take_silent(draft, before)
    _doubt_torn([group for group in parts if group[0].set and all(map(is_like_box, group))], drafts)
    for earlier, later in pairwise(parts):
        _name_refused(earlier, later[0])
        _name_refused(later, earlier[-1])
    return set_of


def _neighbours(drafts: Mapping[str, Sketch]) -> tuple[list[Group], list[tuple[Sketch, Sketch]]]:
    """Return batteries of neighbours, and columns that nobody answered, each with the one before it."""
    groups: list[Group] = []
    silent: list[tuple[Sketch, Sketch]] = []
    for draft in drafts.values():
        if groups and groups[-1].passes_over(draft):
            silent.append((draft, groups[-1].members[-1]))
        elif groups and groups[-1].steps_over(draft):
            continue
        elif not groups or not groups[-1].take(draft):
            groups.append(Group(draft))
    return groups, silent


def _makes_set(group: Sequence[Sketch], stem: str, shared: str) -> bool:
    """Return whether neighbours are enough to be a set, and more than a questionnaire's count: Q1, Q2, Q3."""
    boxes = all(map(is_like_box, group))
    if len(group) < (FEWEST_BOXES if boxes else FEWEST_QUESTIONS) or (boxes and not any(map(is_box, group))):
        return False
    counted = len(stem) < SHORT_STEM and all(draft.name[len(stem) :].isdigit() for draft in group)
    return bool(shared) or not counted


def _names_itself(draft: Sketch) -> bool:
    """Return whether a box holds what its name begins with: "Store" in "Store: Where do you buy?"."""
    if not draft.guessed or draft.split or len(draft.codes) != 1 or not draft.column.isna().any():
        return False
    answer = plain_words(next(iter(draft.codes.values())))
    head = plain_words(draft.name.partition(":")[0])
    return answer in (head, plain_words(draft.name)) and bool(answer)


def _behind_answer(draft: Sketch) -> str:
    """Return the words behind the colon of a box's name; empty if it has none."""
    return draft.name.partition(":")[2].strip()


def _doubt_torn(boxed: Sequence[Sequence[Sketch]], drafts: Mapping[str, Sketch]) -> None:
    """Doubt the boxes of a set if a box whose name begins alike stands apart, as its base then differs."""
    alone = [draft for draft in drafts.values() if not draft.set and is_lone(draft)]
    for group in boxed if alone else ():
        stem = common_stem([draft.name for draft in group])
        if not stem:
            continue
        torn = [
            draft.name
            for draft in alone
            if draft.name.startswith(stem) and common_stem([group[0].name, draft.name]) == stem
        ]
        if torn:
            apart = ", ".join(map(repr, torn))
            words = (
                f"{apart} may be a box of this question, too: then write set: {group[0].set} there, and"
                " whoever ticked nothing else counts here as well"
            )
            for draft in group:
                draft.doubts.append(words)


def _take_silent(draft: Sketch, before: Sketch) -> None:
    """Take a column that nobody answered for a question of the set that the question before it is in."""
    if not before.set or not before.guessed or before.kind not in CODED:
        return
    lone = before.kind == "multiple" and before.empty == "not selected"
    draft.codes = {1: BOXES[1]} if lone else dict(before.codes)
    draft.set, draft.empty, draft.scale = before.set, before.empty, before.scale
    draft.mark(before.kind, f"nobody answered it, and its name is like that of {before.name}")
    draft.notes.append(f"set {draft.set}: neighbours with one stem")


def _name_refused(battery: Sequence[Sketch], beside: Sketch) -> None:
    """Note of a question beside a battery that its name begins alike, and that it is not taken in."""
    name, plain = battery[0].set, beside.guessed and not beside.set and beside.kind in CODED
    if not plain or not name or not battery[0].guessed or battery[0].kind == "multiple":
        return
    stem = common_stem([draft.name for draft in battery])
    if stem and common_stem([battery[0].name, beside.name]) == stem:
        beside.notes.append(f"it is not in the set {name} beside it, as its answers are others")


class Group:
    """Neighbours that look like one battery, and what a next question has to share with all of them.

    What they share is kept from one question to the next, so that a question costs the same in a long battery
    as in a short one.
    """

    def __init__(self, first: Sketch) -> None:
        self.members = [first]
        self.start = first.name
        self.stem = ""
        self.codes: dict[Code, str] = dict(first.codes)
        self.scales = {first.scale} - {""}
        self.kinds = kind_of_codes(first)
        self.numbered: Numbered | None = None
        self.boxes = is_like_box(first)
        self.names_itself = _names_itself(first)

    def take(self, other: Sketch) -> bool:
        """Take a column in if it looks like the next question; return whether it was."""
        start = shared_start([self.start, other.name])
        stem = stem_of(start)
        if not self._belongs(other, stem):
            return False
        self.members.append(other)
        self.start, self.stem = start, stem
        self.codes |= other.codes
        self.scales |= {other.scale} - {""}
        self.kinds |= kind_of_codes(other)
        self.boxes = self.boxes and is_like_box(other)
        return True

    def _belongs(self, other: Sketch, stem: str) -> bool:
        one = self.members[-1]
        coded = one.kind in CODED and other.kind in CODED and not one.split and not other.split
        if not coded or one.set != other.set:
            return False
        if one.set:
            return one.guessed and other.guessed
        alone = len(self.members) == 1
        if not stem or not (alone or stem == self.stem) or not are_numbered([one.name, other.name], stem):
            named = self.names_itself and _names_itself(other)
            return named and _behind_answer(one) == _behind_answer(other)
        if not (one.guessed and other.guessed and one.codes and other.codes):
            return one.codes == other.codes
        if (self.boxes and (is_like_box(other) or is_box(one))) or is_box(other):
            return self._shares_marks(other) or self._shares_lone_answer(other)
        mixed = len(self.kinds | kind_of_codes(other)) > 1
        return self._shares_numbers(other) if mixed else self._shares_answers(other)

    def passes_over(self, other: Sketch) -> bool:
        """Return whether a column that nobody answered stands among the questions, by its name."""
        one = self.members[-1]
        if not other.guessed or other.kind != "text" or not other.is_empty() or other.set != one.set:
            return False
        stem = common_stem([one.name, other.name])
        return bool(stem) and (len(self.members) == 1 or stem == self.stem)

    def steps_over(self, other: Sketch) -> bool:
        """Return whether a column holds what was typed beside the last box, by the start of its name."""
        name, before = plain_words(other.name), plain_words(self.members[-1].name)
        if not self.boxes or not other.guessed or other.set or not name.startswith(f"{before} "):
            return False
        return name.endswith(" text") or bool(OTHER.search(name) or OTHER.search(plain_words(other.label)))

    def _shares_marks(self, other: Sketch) -> bool:
        """Return whether boxes are written alike: each empty or ticked, or ticked and not ticked."""
        one = self.members[-1]
        if not (self.boxes and is_like_box(other)):
            return False
        if is_lone(one) or is_lone(other):
            return is_lone(one) and is_lone(other)
        return bool(ticks_of([one, other]))

    def _shares_lone_answer(self, other: Sketch) -> bool:
        """Return whether a question has one answer and empty cells, and the others have this answer, too."""
        one = self.members[-1]
        if is_lone(other) and not self.boxes:
            return other.codes.keys() <= self.codes.keys()
        alone = len(self.members) == 1 and is_lone(one) and not is_like_box(other)
        return alone and one.codes.keys() <= other.codes.keys()

    def _shares_numbers(self, other: Sketch) -> bool:
        """Return whether a question is on a battery's scale, though one of them has words and one has not."""
        if len(self.kinds) == 1:
            self.numbered = (
                Numbered({int(code): label for code, label in self.codes.items()}, frozenset())
                if self.kinds == {int}
                else share_numbers(self.members)
            )
        mine = self.numbered and self.numbered.joined(Numbered.of(other))
        if mine:
            self.numbered = mine
        return bool(mine)

    def _shares_answers(self, other: Sketch) -> bool:
        """Return whether a question has a battery's answers, or some of them and its scale."""
        one = self.members[-1]
        shared = self.codes.keys() & other.codes.keys()
        if len(shared) < LEAST_SHARED * min(len(self.codes), len(other.codes)):
            return False
        small, large = sorted((self.codes.keys(), other.codes.keys()), key=len)
        same_for_all = len(small) == 1 and small <= large  # all gave one answer
        if kind_of_codes(one) == {int}:
            return len(shared) > 1 or same_for_all
        scales = (self.scales | {other.scale}) - {""}
        if len(scales) > 1:
            return False
        alike = other.codes.keys() in (one.codes.keys(), self.codes.keys())
        if alike or (same_for_all and not scales):
            return True
        return bool(scales) and scale_of(list({**self.codes, **other.codes}.values())) is not None
