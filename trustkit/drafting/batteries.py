"""Questions that belong together: batteries and boxes of several answers, found among neighbours."""

from __future__ import annotations

import re
from itertools import chain, count, takewhile
from typing import TYPE_CHECKING

from trustkit.drafting.wordings import scale_of
from trustkit.survey.variable import CODED, Code, code_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.drafting.column_guesses import Sketch

SHORT_STEM = 3
"""From how many letters on a stem that numbers follow says what a battery is about."""

FEWEST_BOXES, FEWEST_QUESTIONS = 2, 3
"""How many boxes, or questions with the same answers, make a set."""


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
    groups: list[list[Sketch]] = []
    for draft in drafts.values():
        if groups and _belong(groups[-1], draft):
            groups[-1].append(draft)
        else:
            groups.append([draft])
    found: dict[str, str] = {}
    taken = {*drafts, *(draft.set for draft in drafts.values())}
    for group in groups:
        if group[0].set:
            _unite(group)
            continue
        boxes = all(_is_box(draft) for draft in group)
        if len(group) < (FEWEST_BOXES if boxes else FEWEST_QUESTIONS):
            continue
        stem = _stem([draft.name for draft in group])
        names = chain((stem, f"{stem}_items"), (f"{stem}_items_{number}" for number in count(2)))
        name = next(name for name in names if name not in taken)
        shared = _shared_words([draft.label for draft in group if draft.label != draft.name])
        if (
            not shared
            and len(stem) < SHORT_STEM
            and all(draft.name[len(stem) :].isdigit() for draft in group)
        ):
            continue  # Q1, Q2, Q3: a questionnaire's count, not a battery
        if shared:
            found[name] = shared
        taken.add(name)
        for draft in group:
            draft.set = name
            draft.notes.append(f"set {name}: neighbours with one stem and the same answers")
            if boxes:
                _take_box(draft)
        if not boxes:
            _unite(group)
    return found


def _belong(group: Sequence[Sketch], other: Sketch) -> bool:
    """Tell whether a column looks like the next question of a battery."""
    one = group[-1]
    if one.kind not in CODED or other.kind not in CODED or one.set != other.set:
        return False
    if one.set:
        return one.guessed and other.guessed and one.scale == other.scale
    stem = _stem([*(draft.name for draft in group), other.name])
    if not stem or (len(group) > 1 and stem != _stem([draft.name for draft in group])):
        return False
    if not (one.guessed and other.guessed):
        return one.codes == other.codes
    if one.scale or other.scale:
        return one.scale == other.scale and _kind_of_codes(one) == _kind_of_codes(other)
    boxes = len(one.codes) == 1 and len(other.codes) == 1
    return (
        one.codes == other.codes
        or boxes
        or (_kind_of_codes(one) == _kind_of_codes(other) == {int} and len(one.codes.keys() & other.codes) > 1)
    )


def _kind_of_codes(draft: Sketch) -> set[type]:
    return {type(code) for code in draft.codes}


def _is_box(draft: Sketch) -> bool:
    """Tell whether a column looks like one box of a question with several answers."""
    if not draft.guessed:
        return draft.kind == "multiple"
    codes = {code_text(code) for code in draft.codes}
    return codes == {"0", "1"} or (len(codes) == 1 and bool(draft.column.isna().any()))


def _take_box(draft: Sketch) -> None:
    """Take a column for one box of several; 1 and 0 get their meaning."""
    if not draft.guessed:
        return
    draft.notes = [note for note in draft.notes if not note.startswith(("labels:", "order"))]
    draft.mark("multiple", "one box of several")
    if len(draft.codes) > 1:
        chosen = {code: "Selected" if code_text(code) == "1" else "Not selected" for code in draft.codes}
        draft.codes = dict(sorted(chosen.items(), key=lambda item: item[1], reverse=True))


def _unite(group: Sequence[Sketch]) -> None:
    """Give the questions of a battery the same answers, where these were taken from their content."""
    if not all(draft.guessed and draft.kind != "multiple" for draft in group):
        return
    together: dict[Code, str] = {}
    for draft in group:
        together |= draft.codes
    found = scale_of(list(together.values())) if group[0].scale else None
    if group[0].scale and not found:
        return
    if found:
        pairs = sorted(zip(found[1], together.items(), strict=True), key=lambda item: item[0])
        together = dict(item for _, item in pairs)
    elif all(isinstance(code, int) for code in together):
        together = dict(sorted(together.items(), key=lambda item: int(item[0])))
    for draft in group:
        if together.keys() - draft.codes.keys() and not together.keys() & draft.missing.keys():
            draft.codes = dict(together)
            draft.notes.append("answers: those of the whole battery")


def _stem(names: Sequence[str]) -> str:
    """Return what names share at their start, up to a separator or a number; "" if that is no name."""
    short = min(names, key=len)
    size = next(
        (place for place, mark in enumerate(short) if any(name[place] != mark for name in names)), len(short)
    )
    shared = short[:size]
    cut = re.match(r"(.*[A-Za-z]\d*)(?:[_.\-\[( ]+.*)$|(.*[A-Za-z])\d*$", shared)
    stem = next((part for part in (cut.groups() if cut else ()) if part), "")
    rest = [name[len(stem) :] for name in names]
    numbered = all(re.match(r"[_.\-\[( ]|\d+$|[a-z]$", part) for part in rest)
    return stem if numbered else ""


def _shared_words(labels: Sequence[str]) -> str:
    """Return the words that wordings share at their start, without what joins them to the rest; or ""."""
    words = zip(*(label.split(" ") for label in labels), strict=False)
    shared = [each[0] for each in takewhile(lambda each: len(set(each)) == 1, words)]
    return " ".join(shared).rstrip(" -:|[(") if len(shared) > 1 else ""
