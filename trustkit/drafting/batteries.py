"""Questions that belong together: batteries and boxes of several answers, found among neighbours."""

from __future__ import annotations

import re
from itertools import chain, count, pairwise, takewhile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.battery_scales import Numbered, kind_of_codes, part_scales, share_numbers, unite
from trustkit.drafting.column_sketch import ONE_ANSWER
from trustkit.drafting.joined_answers import JOINTS
from trustkit.drafting.missing_words import OTHER, RULING_OUT, reason_in
from trustkit.drafting.scale_words import yes_and_no
from trustkit.drafting.scales import scale_of
from trustkit.drafting.wordings import plain_words
from trustkit.survey.multiple_answers import BOXES
from trustkit.survey.variable import CODED, Code, code_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.drafting.column_sketch import Sketch

SHORT_STEM = 3
"""From how many letters on a stem that numbers follow says what a battery is about."""

FEWEST_BOXES, FEWEST_QUESTIONS = 2, 3
"""How many boxes, or questions with the same answers, make a set."""

LEAST_SHARED = 0.5
"""Which share of its answers a question has to have in common with its neighbours."""

TICKS = (
    ("1", "0"), ("checked", "unchecked"), ("selected", "not selected"), ("ticked", "not ticked"),
    ("true", "false"), ("chosen", "not chosen"), ("quoted", "not quoted"), ("mentioned", "not mentioned"),
)  # fmt: skip
"""How boxes are written that were ticked, and that were not."""

OFF = {off for _, off in TICKS}
"""The marks of boxes that were not ticked."""

PART = re.compile(r"\w+\[[^\]]*\]")
"""How a part of a question is named, such as ``ways[SQ001]``: yes and no are boxes there, too."""

LETTER = re.compile(r"[a-z]")
"""A letter that stands for yes or no; a single sign of another script, such as 否, is the whole word."""

MARKS = {"1", "x", "y", "yes", "true", "checked", "selected", "ticked", "ja", "oui", "sí", "si", "✓", "✔"}
"""What stands in a ticked box where it is not the answer's own words; and yes in many languages."""

LOOSE_BOXES = (
    "this column and those behind it that hold nothing but their own names are read as boxes of one question;"
    " if they are several questions, delete their set and write who was asked"
)
"""What is said of boxes whose names have nothing in common."""

STEM = re.compile(r"(.*[A-Za-z]\d*)(?:[_.\-\[(/: ]+.*)$|(.*[A-Za-z])\d*$")
TAIL = re.compile(r"[_.\-\[(/: ]|\d+$|[a-z]$")
"""What a stem ends with, and what follows it in the names of a battery."""


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
        shared = _shared_words([draft.label for draft in group if draft.label != draft.name])
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
        if all(map(_is_like_box, group)):
            take_boxes(group)
            if loose and not _behind_answer(group[0]):
                group[0].doubts.append(LOOSE_BOXES)
            _drop_joined(drafts.get(stem), group)
        else:
            unite(group)
    for draft, before in silent:
        _take_silent(draft, before)
    _doubt_torn([group for group in parts if group[0].set and all(map(_is_like_box, group))], drafts)
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
    boxes = all(map(_is_like_box, group))
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
    alone = [draft for draft in drafts.values() if not draft.set and _is_lone(draft)]
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
        self.boxes = _is_like_box(first)
        self.names_itself = _names_itself(first)

    def take(self, other: Sketch) -> bool:
        """Take a column in if it looks like the next question; return whether it was."""
        start = shared_start([self.start, other.name])
        stem = _stem_of(start)
        if not self._belongs(other, stem):
            return False
        self.members.append(other)
        self.start, self.stem = start, stem
        self.codes |= other.codes
        self.scales |= {other.scale} - {""}
        self.kinds |= kind_of_codes(other)
        self.boxes = self.boxes and _is_like_box(other)
        return True

    def _belongs(self, other: Sketch, stem: str) -> bool:
        one = self.members[-1]
        coded = one.kind in CODED and other.kind in CODED and not one.split and not other.split
        if not coded or one.set != other.set:
            return False
        if one.set:
            return one.guessed and other.guessed
        alone = len(self.members) == 1
        if not stem or not (alone or stem == self.stem) or not _are_numbered([one.name, other.name], stem):
            named = self.names_itself and _names_itself(other)
            return named and _behind_answer(one) == _behind_answer(other)
        if not (one.guessed and other.guessed and one.codes and other.codes):
            return one.codes == other.codes
        if (self.boxes and (_is_like_box(other) or is_box(one))) or is_box(other):
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
        if not (self.boxes and _is_like_box(other)):
            return False
        if _is_lone(one) or _is_lone(other):
            return _is_lone(one) and _is_lone(other)
        return bool(_ticks([one, other]))

    def _shares_lone_answer(self, other: Sketch) -> bool:
        """Return whether a question has one answer and empty cells, and the others have this answer, too."""
        one = self.members[-1]
        if _is_lone(other) and not self.boxes:
            return other.codes.keys() <= self.codes.keys()
        alone = len(self.members) == 1 and _is_lone(one) and not _is_like_box(other)
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


def is_box(draft: Sketch) -> bool:
    """Return whether a column looks like one box of a question with several answers."""
    if not draft.guessed:
        return draft.kind == "multiple"
    return (len(_marks(draft)) > 1 and bool(_ticks([draft]))) or _is_lone(draft)


def _ticks(drafts: Sequence[Sketch]) -> tuple[str, str] | None:
    """Return the marks of boxes that were ticked, and that were not; None if columns are no boxes."""
    marks = set[str]().union(*map(_marks, drafts))
    parts = all(PART.fullmatch(draft.name) for draft in drafts)
    pairs = (*TICKS, *sorted(yes_and_no())) if parts else TICKS
    return next((pair for pair in pairs if marks <= set(pair)), None)


def _marks(draft: Sketch) -> set[str]:
    """Return what stands in a column's cells, as marks of boxes are compared."""
    return {code_text(code).strip().casefold() for code in draft.codes}


def _is_lone(draft: Sketch) -> bool:
    """Return whether a column looks like a box that is empty unless it was ticked."""
    marks = _marks(draft) if draft.guessed and not draft.split else set()
    off = OFF | {no for _, no in yes_and_no()} if PART.fullmatch(draft.name) else OFF
    return len(marks) == 1 and not marks <= off and bool(draft.column.isna().any())


def _is_like_box(draft: Sketch) -> bool:
    """Return whether a column looks like a box, or like one that nobody ticked, or all did."""
    marks = _marks(draft)
    one_mark = draft.guessed and not draft.split and len(marks) == 1
    return is_box(draft) or (one_mark and bool(_ticks([draft])))


def take_boxes(group: Sequence[Sketch]) -> None:
    """Take columns for the boxes of one question; what stands in them gets its meaning."""
    full = next((draft.codes for draft in group if draft.guessed and len(draft.codes) > 1), {})
    pair = _ticks([draft for draft in group if draft.guessed])
    says_yes_or_no = pair is not None and pair not in TICKS
    worded = pair is not None and says_yes_or_no and not LETTER.fullmatch(pair[1])
    for draft in group:
        if draft.guessed and draft.codes.keys() < full.keys():  # nobody ticked it, or all did
            draft.codes = dict(full)
    lone = [draft for draft in group if draft.guessed and len(draft.codes) == 1]
    for draft in group:
        if not draft.guessed:
            continue
        draft.notes = [note for note in draft.notes if not note.startswith(("labels:", "order"))]
        draft.doubts = [doubt for doubt in draft.doubts if doubt != ONE_ANSWER]
        draft.mark("multiple", "one box of several")
        if draft in lone:
            code, word = next(iter(draft.codes.items()))
            draft.codes = {code: BOXES[1]}
            draft.empty = "not selected"
            says = plain_words(word)
            if says not in MARKS | {yes for yes, _ in yes_and_no()} and says not in plain_words(draft.label):
                draft.label = f"{draft.label}: {word}"
        else:
            ticked = [code for code in draft.codes if pair and code_text(code).strip().casefold() == pair[0]]
            codes = [*ticked, *(code for code in draft.codes if code not in ticked)]
            chosen = {code: BOXES[1] if code in ticked else BOXES[0] for code in codes}
            draft.codes = {code: draft.codes[code] for code in codes} if worded else chosen
            if says_yes_or_no:
                draft.mark("multiple", "one box of several; may be one of several yes or no questions")
    _note_nothing(group, pair)
    _note_none(group)


def _note_nothing(group: Sequence[Sketch], pair: tuple[str, str] | None) -> None:
    """Note respondents who ticked no box: they may have been asked, or never have seen the question."""
    full = [draft for draft in group if draft.guessed and len(draft.codes) > 1]
    if not full or any(RULING_OUT.search(plain_words(f"{draft.name} {draft.label}")) for draft in full):
        return
    ticked, held = [], []
    for draft in full:
        on = {text for text in map(code_text, draft.codes) if pair and text.strip().casefold() == pair[0]}
        none = {code_text(code) for code in draft.missing}
        places, values = pd.factorize(draft.column)
        texts = [code_text(value) for value in values]
        ticked.append(np.array([*(text in on for text in texts), False])[places])
        held.append(np.array([*(text not in none for text in texts), False])[places])
    valid = np.logical_or.reduce(held)
    nothing = int((valid & ~np.logical_or.reduce(ticked)).sum())
    if nothing:
        n = int(valid.sum())
        rest = n - nothing
        doubt = (
            f"{nothing:,} of {n:,} respondents ticked nothing and count as not selected; if they did not get"
            f" to the question, the base is {rest:,}, and each share is {n / max(rest, 1):.2f} times as large"
        )
        for draft in full:
            draft.doubts.append(doubt)


def _note_none(group: Sequence[Sketch]) -> None:
    """Note a box that says why there is no answer: whoever ticked it counts as not selected in the others."""
    for draft in group:
        words = re.split(r"\s[-\u2013:|]\s|[:\[\]]\s*", draft.label)
        said = next((word for word in words if word.strip() and reason_in(word)[1]), "")
        if not said or not draft.guessed:
            continue
        ticked = [code_text(code) for code, label in draft.codes.items() if label != BOXES[0]][:1]
        count = int(draft.column.map(code_text, na_action="ignore").isin(ticked).sum())
        if count:
            doubt = (
                f"{said!r} is read as a box like the others, and whoever ticked it ({count:,} of them) counts"
                " as not selected there; if they gave no answer, leave those who ticked nothing else out of"
                " the base"
            )
            for other in group:
                other.doubts.append(doubt)


def _drop_joined(joined: Sketch | None, boxes: Sequence[Sketch]) -> None:
    """Take a column that joins the answers of the boxes beside it out of the questions."""
    if joined is None or not joined.guessed or joined.column.dropna().empty:
        return
    stem = joined.name
    words = {part for box in boxes for part in (_tail(box.name, stem), plain_words(box.label), *_words(box))}
    cells = [str(cell) for cell in joined.column.dropna().unique()]
    for joint in JOINTS:
        parts = {
            _tail(f"{stem}_{part.strip()}", stem)
            for cell in cells
            for part in cell.split(joint)
            if part.strip()
        }
        if len(parts) > 1 and len(parts & words) >= 0.8 * len(parts):
            joined.codes, joined.missing, joined.words = {}, {}, {}
            joined.split, joined.exclusive, joined.doubts = "", (), []
            joined.scale, joined.repeats_boxes = "", True
            joined.mark(
                "text",
                f"it joins the answers of the boxes {boxes[0].name} to {boxes[-1].name}, and is left out",
            )
            return


def _tail(name: str, stem: str) -> str:
    return plain_words(name.removeprefix(stem))


def _words(box: Sketch) -> list[str]:
    return [plain_words(code_text(value)) for value in box.column.dropna().unique()[:3]]


def common_stem(names: Sequence[str]) -> str:
    """Return what names share at their start, up to a separator or a number; "" if that is no name."""
    stem = _stem_of(shared_start(names))
    return stem if stem and _are_numbered(names, stem) else ""


def shared_start(names: Sequence[str]) -> str:
    """Return the letters with which all names start."""
    return "".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False)))


def _stem_of(start: str) -> str:
    """Return the name in what names share at their start: without a separator or number at its end."""
    cut = STEM.match(start)
    return next((part for part in (cut.groups() if cut else ()) if part), "")


def _are_numbered(names: Sequence[str], stem: str) -> bool:
    """Return whether a separator, a number or a letter follows the stem in all names."""
    return all(TAIL.match(name[len(stem) :]) for name in names)


def _shared_words(labels: Sequence[str]) -> str:
    """Return the words that wordings share at their start, without what joins them to the rest; or "".

    Words behind a dash belong to the items, even if all items begin with them.

    Examples
    --------
    >>> _shared_words(["Do you agree? - Brands ask first", "Do you agree? - Brands keep data safe"])
    'Do you agree?'
    >>> _shared_words(["How much do you trust banks", "How much do you trust shops"])
    'How much do you trust'
    """
    words = zip(*(label.split(" ") for label in labels), strict=False)
    shared = " ".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, words))
    if " " not in shared:
        return ""
    cut = shared.rstrip(" -:|[(")
    question = cut.rpartition(" - ")[0] if cut == shared else ""
    return question if " " in question else cut
