"""What one column of an export may be: its kind, its answers and its missing codes, guessed and marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from trustkit.drafting.column_sketch import (
    GUESSED_WORDS,
    NO_MORE_THAN_A_LABEL,
    UNKNOWN_WORDS,
    Sketch,
    is_unique,
)
from trustkit.drafting.joined_answers import find_joined
from trustkit.drafting.number_guesses import find_role, guess_from_numbers
from trustkit.drafting.text_guesses import (
    MOST_ANSWERS,
    doubt_joined,
    find_scale,
    find_told_text,
    guess_from_texts,
    numbers_beside_words,
    take_answers,
)
from trustkit.drafting.wordings import DESIGN_NAMES
from trustkit.survey.variable import CODED, code_text
from trustkit.survey.written_numbers import MOSTLY, unread_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustkit.survey.variable import Code, Reason, Variable


def sketch(
    column: pd.Series,
    told: Variable | None = None,
    *,
    label: str = "",
    closed: bool = False,
    known: Mapping[Code, Reason] | None = None,
) -> Sketch:
    """Find out what one column is: what the file told stands, the rest is guessed from name and content.

    Parameters
    ----------
    column
        As read.
    told
        What the file told of it; its kind, answers and missing codes stand.
    label
        The question's wording, where the file told no more than that.
    closed
        Whether the file's format says that it is a question with a list of answers.
    known
        Missing codes of the file's format, each with its reason.

    Examples
    --------
    >>> found = sketch(pd.Series([1, 2, 3, 4, 99] * 5, name="trust"))
    >>> found.kind, found.codes, found.missing
    ('single', {1: '1', 2: '2', 3: '3', 4: '4'}, {99: 'skipped'})
    >>> found.doubts
    ["'99' is read as missing (skipped), but its code lies far from the others and has no label; \
'1' is 25.0% without it and 20.0% with it"]
    """
    if told is None or (NO_MORE_THAN_A_LABEL in told.review and not told.set):
        draft = Sketch(column, None, (told.label if told else label) or str(column.name), closed)
        _guess_kind(draft, known or {})
        if told is not None:
            _keep_notes(draft, told.review)
        return draft
    draft = Sketch(
        column, told, told.label, closed, told.kind,
        dict(told.codes), dict(told.missing), dict(told.missing_words), told.identifier, told.set,
        told.split, told.exclusive, told.empty, notes=[told.review] if told.review else [],
    )  # fmt: skip
    if draft.kind in CODED:
        find_scale(draft, settled=True)
    elif draft.kind == "numeric":
        find_role(draft)
    elif draft.kind == "text":
        find_told_text(draft)
    elif draft.kind == "id" and not is_unique(column):
        draft.mark("text", "the file's ids are repeated or lacking")
    return draft


def _keep_notes(draft: Sketch, review: str) -> None:
    """Keep what the reader of a file noted: on its code page, and on answers of which it made categories."""
    said = review.split("; ")
    draft.doubts += [
        part.removeprefix("unsure: ") for part in said if part.startswith(f"unsure: {UNKNOWN_WORDS}")
    ]
    kept = [part for part in said if part.startswith(GUESSED_WORDS)]
    if isinstance(draft.column.dtype, pd.CategoricalDtype):
        of_kind = [part for part in said if part.startswith(("kind: ", "order of the answers: "))]
        if of_kind:
            draft.notes = [note for note in draft.notes if not note.startswith("kind: ")]
            kept = [*of_kind, *kept]
    draft.notes = [*kept, *draft.notes]


def _guess_kind(draft: Sketch, known: Mapping[Code, Reason]) -> None:
    """Guess kind, codes and missing codes from what a column holds."""
    column = draft.column
    try:
        values, counts = draft.distinct()
    except TypeError:
        draft.mark("text", "cells hold lists or mappings")
        return
    if known:
        marks = {code_text(code): reason for code, reason in known.items()}
        draft.missing |= {value: marks[code_text(value)] for value in values if code_text(value) in marks}
        kept = [place for place, value in enumerate(values) if code_text(value) not in marks]
        values, counts = [values[place] for place in kept], counts[kept]
    dtype = column.dtype
    categories = isinstance(dtype, pd.CategoricalDtype) and len(dtype.categories) <= MOST_ANSWERS
    if pd.api.types.is_datetime64_any_dtype(column):
        draft.kind = "date"
    elif not values and not categories:
        draft.mark("text", "unknown, the column is empty")
    elif draft.named(DESIGN_NAMES) and not isinstance(dtype, pd.CategoricalDtype):
        draft.mark("text", "by the name it may tell strata or sampling points: then name it under design")
    elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        guess_from_numbers(draft, np.sort(np.array(values, dtype=float)), int(counts.sum()))
    elif categories and isinstance(dtype, pd.CategoricalDtype):
        take_answers(draft, [str(category) for category in dtype.categories], ordered=bool(dtype.ordered))
        doubt_joined(draft, {str(value): int(count) for value, count in zip(values, counts, strict=True)})
    else:
        names = values if isinstance(dtype, pd.StringDtype) else map(str, values)
        texts = dict(zip(cast("Iterable[str]", names), counts.tolist(), strict=True))
        joined = find_joined(texts) if draft.closed else None
        numbers = [] if joined else numbers_beside_words(draft, list(texts))
        if numbers:
            guess_from_numbers(draft, np.unique(numbers), int(counts.sum()))
        else:
            guess_from_texts(draft, texts)
            unread = unread_numbers(texts, mostly=MOSTLY if draft.kind == "text" else 1.0)
            if unread and draft.kind in ("text", *CODED):
                draft.notes.append(f"left as texts: {unread}")
        doubt_joined(draft, texts)
