"""Boxes of a question with several answers: what marks them, and what a draft makes of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.column_sketch import ONE_ANSWER
from trustkit.drafting.joined_answers import JOINTS
from trustkit.drafting.missing_words import RULING_OUT, reason_in
from trustkit.drafting.scale_words import yes_and_no
from trustkit.drafting.wordings import plain_words
from trustkit.survey.multiple_answers import BOXES
from trustkit.survey.variable import code_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.drafting.column_sketch import Sketch

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


def is_box(draft: Sketch) -> bool:
    """Return whether a column looks like one box of a question with several answers."""
    if not draft.guessed:
        return draft.kind == "multiple"
    return (len(_marks(draft)) > 1 and bool(ticks_of([draft]))) or is_lone(draft)


def ticks_of(drafts: Sequence[Sketch]) -> tuple[str, str] | None:
    """Return the marks of boxes that were ticked, and that were not; None if columns are no boxes."""
    marks = set[str]().union(*map(_marks, drafts))
    parts = all(PART.fullmatch(draft.name) for draft in drafts)
    pairs = (*TICKS, *sorted(yes_and_no())) if parts else TICKS
    return next((pair for pair in pairs if marks <= set(pair)), None)


def _marks(draft: Sketch) -> set[str]:
    """Return what stands in a column's cells, as marks of boxes are compared."""
    return {code_text(code).strip().casefold() for code in draft.codes}


def is_lone(draft: Sketch) -> bool:
    """Return whether a column looks like a box that is empty unless it was ticked."""
    marks = _marks(draft) if draft.guessed and not draft.split else set()
    off = OFF | {no for _, no in yes_and_no()} if PART.fullmatch(draft.name) else OFF
    return len(marks) == 1 and not marks <= off and bool(draft.column.isna().any())


def is_like_box(draft: Sketch) -> bool:
    """Return whether a column looks like a box, or like one that nobody ticked, or all did."""
    marks = _marks(draft)
    one_mark = draft.guessed and not draft.split and len(marks) == 1
    return is_box(draft) or (one_mark and bool(ticks_of([draft])))


def take_boxes(group: Sequence[Sketch]) -> None:
    """Take columns for the boxes of one question; what stands in them gets its meaning."""
    full = next((draft.codes for draft in group if draft.guessed and len(draft.codes) > 1), {})
    pair = ticks_of([draft for draft in group if draft.guessed])
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


def drop_joined(joined: Sketch | None, boxes: Sequence[Sketch]) -> None:
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
