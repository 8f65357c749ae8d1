"""Columns of persons who have several rows each: they are judged as if each person had one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.persons import FEWEST_PERSONS, stands_for_persons
from trustkit.survey.variable import CODED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trustkit.drafting.column_sketch import Sketch

ROWS_EACH = 1.5
"""How many rows a person has on average, at least, before rows are taken to repeat persons."""


def judge_by_person(data: pd.DataFrame, drafts: Mapping[str, Sketch]) -> None:
    """Judge closed questions by one row of each person, if persons have several rows.

    A note that a person wrote once stands in each of the person's rows. So it looks like an answer that
    several persons gave, although each text is one person's.

    Parameters
    ----------
    data
        The rows.
    drafts
        What was found out about each column; changed in place.

    Examples
    --------
    >>> notes = [f"note {letter}{letter} of the day" for letter in "abcdefghijkl" for _ in range(5)]
    >>> drafts = {"note": sketch(pd.Series(notes, name="note"))}
    >>> before = drafts["note"].kind
    >>> judge_by_person(pd.DataFrame({"note": notes}), drafts)
    >>> before, drafts["note"].kind
    ('single', 'text')
    """
    asked = [
        draft
        for draft in drafts.values()
        if draft.guessed
        and draft.kind in CODED
        and not (draft.split or draft.scale)
        and len(draft.codes) >= FEWEST_PERSONS
    ]
    if not asked:
        return
    persons = _persons(drafts)
    for draft in asked:
        first = None if persons is None else _first_rows(data[draft.name], persons)
        first = first if first is not None else _first_of_equal(draft)
        if first is None:
            continue
        alone = sketch(data.loc[first, draft.name], label=draft.label, closed=draft.closed)
        if alone.kind in CODED:
            continue
        draft.codes, draft.missing, draft.words = {}, alone.missing, alone.words
        draft.scale, draft.form, draft.doubts, draft.notes = "", alone.form, alone.doubts, alone.notes
        draft.kind = "text" if alone.kind == "id" else alone.kind
        draft.notes.append("judged by one row of each person, as persons have several")


def _persons(drafts: Mapping[str, Sketch]) -> pd.Series | None:
    """Return the column whose values stand for persons with several rows each; None if there is none."""
    for draft in drafts.values():
        column = draft.column
        if stands_for_persons(draft) and column.notna().all():
            found = len(draft.distinct()[0])
            if found >= FEWEST_PERSONS and len(column) >= ROWS_EACH * found:
                return column
    return None


def _first_rows(column: pd.Series, persons: pd.Series) -> NDArray[Any] | None:
    """Return each person's first row; None if a person's rows differ."""
    codes = pd.factorize(column)[0]
    pairs = pd.DataFrame({"person": pd.factorize(persons)[0], "value": codes})
    if len(pairs.drop_duplicates()) > pairs["person"].nunique():
        return None
    return (~pairs["person"].duplicated()).to_numpy()


def _first_of_equal(draft: Sketch) -> NDArray[Any] | None:
    """Return the first row of each value if all values have the same number of rows, more than one."""
    values, counts = draft.distinct()
    if len(set(counts.tolist())) != 1 or counts[0] == 1 or not all(isinstance(text, str) for text in values):
        return None
    return (draft.column.notna() & ~draft.column.duplicated()).to_numpy()
