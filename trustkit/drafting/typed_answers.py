"""Answers typed in a column beside the question, by respondents whose answer in the question is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.drafting.missing_words import OTHER
from trustkit.drafting.wordings import plain_words
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.drafting.column_sketch import Sketch

    Flags = NDArray[np.bool_]


def doubt_typed_answers(drafts: Mapping[str, Sketch]) -> None:
    """Doubt questions beside which respondents without an answer typed one.

    Many exports write what respondents typed under "Other (please specify)" into a column of its own and
    leave the answer's cell empty. These respondents then leave the base without a word, and the shares of
    all other answers are too high.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"bank": ["yes", "no", None] * 9, "bank - Other": [None, None, "Bee"] * 9})
    >>> drafted = tk.draft_codebook(tk.Survey(frame, tk.Codebook({})))["bank"]
    >>> drafted.unsure, drafted.review.startswith("unsure: 9 respondents have no answer here")
    (True, True)
    """
    question: list[Sketch] = []
    for draft in drafts.values():
        if question and draft.set != (question[0].set or None) and _is_beside(question, draft):
            _doubt(question, draft)
        elif draft.kind in CODED:
            of_one_set = bool(question) and draft.set != "" and draft.set == question[0].set
            question = [*question, draft] if of_one_set and draft.kind == "multiple" else [draft]


def _is_beside(question: Sequence[Sketch], draft: Sketch) -> bool:
    """Return whether a column holds what was typed instead of an answer to a question.

    Its name or wording says "other", or it is an open text whose name begins with the question's.
    """
    if draft.told is not None and draft.kind != "text":
        return False
    if draft.kind not in ("text", "single"):
        return False
    if OTHER.search(plain_words(draft.name)) or OTHER.search(plain_words(draft.label)):
        return True
    starts = tuple(plain_words(name) for one in question for name in (one.name, one.set) if name)
    return draft.kind == "text" and plain_words(draft.name).startswith(starts)


def _doubt(question: Sequence[Sketch], typed: Sketch) -> None:
    """Doubt a question if respondents without any answer to it typed one, and say how many."""
    answered: Flags = np.logical_or.reduce([one.column.notna().to_numpy() for one in question])
    lost = int((typed.column.notna().to_numpy() & ~answered).sum())
    if not lost:
        return
    who = "1 respondent has" if lost == 1 else f"{lost:,} respondents have"
    n = int(answered.sum())
    for one in question:
        one.doubts.append(
            f"{who} no answer here and a text in {typed.name!r}: if they chose another answer and typed it, "
            f"the base is {n + lost:,} and not {n:,}, and every share here is too high"
        )
