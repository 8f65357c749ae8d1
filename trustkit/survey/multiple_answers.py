"""Questions with several answers: cells that join them become boxes, and empty boxes get a meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.survey.column_names import names_of
from trustkit.survey.variable import Code, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

BOXES: dict[Code, str] = {1: "Selected", 0: "Not selected"}
"""The answers of a box of a multiple-response set if the file does not label them."""

SHORT = 24
"""How many characters of a question's name are kept in the names of its boxes."""

Columns = tuple[pd.DataFrame, dict[str, Variable], dict[str, str]]


def expanded(data: pd.DataFrame, variables: Mapping[str, Variable], sets: Mapping[str, str]) -> Columns:
    """Split joined cells and fill empty boxes, as the variables' ``split`` and ``empty`` say.

    Parameters
    ----------
    data
        One row per respondent, as read.
    variables, sets
        The codebook's.

    Returns
    -------
    tuple
        Data, variables and sets, with ``split`` and ``empty`` of all variables applied.

    Examples
    --------
    >>> ways = Variable("ways", "Which?", "multiple", codes={"tv": "TV", "web": "Web"}, split=";")
    >>> data, variables, sets = expanded(pd.DataFrame({"ways": ["tv;web", "web", None]}), {"ways": ways}, {})
    >>> data["ways_tv"].tolist(), variables["ways_tv"].label, sets
    ([1.0, 0.0, nan], 'Which? TV', {'ways': 'Which?'})
    """
    sets = dict(sets)
    columns: dict[str, pd.Series] = {}
    described: dict[str, Variable] = {}
    for name, variable in variables.items():
        if not variable.split or name not in data:
            described[name] = variable
            continue
        boxes, about = part_cells(data[name], variable, taken={*data.columns, *described})
        columns |= boxes
        described |= about
        sets[name] = variable.label
    if columns:
        parted = [name for name in variables if variables[name].split and name in data]
        rest = {name: data[name] for name in data.columns if name not in parted}
        data = pd.DataFrame({**rest, **columns}, index=data.index)
    return _fill_empty(data, described), described, sets


def part_cells(
    column: pd.Series, variable: Variable, *, taken: Collection[str] = ()
) -> tuple[dict[str, pd.Series], dict[str, Variable]]:
    """Split a column of joined answers into one box for each answer, and a text column for all other answers.

    An answer that contains the separator is kept whole: the longest answer that fits is taken first.

    Parameters
    ----------
    column
        Cells of text; an empty cell means that the respondent did not answer the question.
    variable
        Its ``codes``, ``missing`` and ``split``.
    taken
        Names that the boxes must not have, because other columns have them.
    """
    joint = variable.split
    codes = {_tidy(str(code)): label for code, label in variable.codes.items()}
    known = list(codes)
    has_text = [isinstance(cell, str) and bool(cell.strip()) for cell in column.map(str, na_action="ignore")]
    cells = column.where(pd.Series(has_text, index=column.index), None)
    missing = {code_text(code): code for code in variable.missing}
    distinct = {cell: _parts(str(cell), joint, set(known)) for cell in cells.dropna().unique()}
    absent = {cell for cell in distinct if code_text(_tidy(str(cell))) in missing}
    rows = [distinct.get(cell) if cell is not None and cell not in absent else None for cell in cells]
    empty = np.array([row is None for row in rows])
    reason = np.array(
        [missing[code_text(_tidy(str(cell)))] if cell in absent else np.nan for cell in cells], dtype=object
    )
    slugs = names_of([*codes.values(), "other answers"])
    stem = variable.name if len(variable.name) <= SHORT else variable.name[:SHORT].rstrip("_")
    names = [_free(f"{stem}_{slug}", taken) for slug in slugs]
    boxes: dict[str, pd.Series] = {}
    about: dict[str, Variable] = {}
    for name, code in zip(names, known, strict=False):
        marks = np.array([np.nan if row is None else float(code in row) for row in rows], dtype=object)
        marks = np.where(empty, reason, marks)
        about[name] = _box(variable, name, codes[code])
        boxes[name] = _numbers(marks, column, name)
    typed = [joint.join(part for part in row or () if part not in codes) for row in rows]
    if any(typed):
        name = names[-1]
        marks = np.where(empty, reason, np.array([float(bool(text)) for text in typed], dtype=object))
        about[name] = _box(variable, name, "other answers")
        boxes[name] = _numbers(marks, column, name)
        text = _free(f"{name}_text", [*taken, *boxes])
        about[text] = Variable(
            text,
            f"{variable.label} Other answers, as typed",
            "text",
            identifier="quasi",
            review=variable.review,
        )
        words = [answer or None for answer in typed]
        boxes[text] = pd.Series(words, index=column.index, name=text, dtype="str")
    return boxes, about


def _box(variable: Variable, name: str, answer: str) -> Variable:
    """Describe one answer's box."""
    question = variable.label
    words = f"{question}{'' if question.endswith(('?', '.', ':', '…')) else ':'} {answer}"
    return replace(variable, name=name, label=words, codes=BOXES, set=variable.name, split="", exclusive=())


def _numbers(marks: NDArray[np.object_], column: pd.Series, name: str) -> pd.Series:
    """Return a box's marks as numbers, or as they are where a missing code is text."""
    text = any(isinstance(mark, str) for mark in marks)
    values = (
        [mark if isinstance(mark, str) or pd.isna(mark) else int(mark) for mark in marks] if text else marks
    )
    return pd.Series(values, index=column.index, name=name, dtype=object if text else float)


def _tidy(text: str) -> str:
    """Return an answer with single spaces and none at its ends; non-breaking spaces count as spaces."""
    return " ".join(text.split())


def _parts(cell: str, joint: str, known: Collection[str]) -> list[str]:
    """Split a cell at its separators; known answers that contain the separator stay whole."""
    pieces = cell.split(joint)
    answers: list[str] = []
    start = 0
    while start < len(pieces):
        for end in range(len(pieces), start, -1):
            answer = _tidy(joint.join(pieces[start:end]))
            if answer in known or end == start + 1:
                if answer:
                    answers.append(answer)
                start = end
                break
    return answers


def _fill_empty(data: pd.DataFrame, variables: dict[str, Variable]) -> pd.DataFrame:
    """Set empty boxes to "not selected" if the respondent ticked another box of the set or typed text."""
    of_set: dict[str, list[str]] = {}
    for name, variable in variables.items():
        if variable.set and name in data:
            of_set.setdefault(variable.set, []).append(name)
    changed: dict[str, pd.Series] = {}
    for name, variable in list(variables.items()):
        if variable.empty != "not selected" or name not in data:
            continue
        members = of_set.get(variable.set, [name])
        touched = np.logical_or.reduce([_touched(data[other], variables[other]) for other in members])
        changed[name], variables[name] = _filled(data[name], variable, touched)
    return data.assign(**changed) if changed else data


def _touched(column: pd.Series, variable: Variable) -> NDArray[np.bool_]:
    """Return which rows ticked a box or typed something."""
    missing = {code_text(code) for code in variable.missing} | set(variable.missing_labels)
    left = [code for code, label in variable.codes.items() if label == BOXES[0]]
    off = missing | {code_text(code) for code in left}
    texts = column.map(code_text, na_action="ignore")
    return np.asarray(column.notna() & ~texts.isin(off), dtype=bool)


def _filled(column: pd.Series, variable: Variable, touched: NDArray[np.bool_]) -> tuple[pd.Series, Variable]:
    """Return a box with its empty cells filled, as numbers, and its description."""
    ticked = _touched(column, variable)
    missing = {code_text(code): code for code in variable.missing}
    marks = np.array(
        [missing.get(code_text(cell), 0) if not pd.isna(cell) else np.nan for cell in column],
        dtype=object,
    )
    marks[ticked] = 1
    marks[np.asarray(column.isna()) & touched] = 0
    label = next((label for label in variable.labels if label != BOXES[0]), BOXES[1])
    box = replace(variable, codes={1: label, 0: BOXES[0]}, empty="no answer")
    return _numbers(marks, column, variable.name), box


def _free(name: str, taken: Collection[str] | Sequence[str]) -> str:
    """Return a name that no column has."""
    while name in taken:
        name += "_"
    return name
