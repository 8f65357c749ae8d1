"""Questions with several answers: cells that join them become boxes, and empty boxes get a meaning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.survey.column_names import names_of
from trustkit.survey.permissions import described_by
from trustkit.survey.variable import Code, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

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
    missing = {code_text(code): code for code in variable.missing}
    places, values = pd.factorize(column)  # cells are split once each, however many rows hold them
    cells = [str(value) for value in values]
    absent = {cell: missing[key] for cell in cells if (key := code_text(_tidy(cell))) in missing}
    rows = [_parts(cell, joint, codes) if cell.strip() and cell not in absent else None for cell in cells]
    reasons = [absent.get(cell, np.nan) for cell in cells]

    def box(name: str, marks: Iterable[bool]) -> pd.Series:
        boxes = [
            reason if row is None else float(mark)
            for row, reason, mark in zip(rows, reasons, marks, strict=True)
        ]
        return _spread(boxes, places, column, name)

    slugs = names_of([*codes.values(), "other answers"])
    stem = variable.name if len(variable.name) <= SHORT else variable.name[:SHORT].rstrip("_")
    names = [_free(f"{stem}_{slug}", taken) for slug in slugs]
    boxes: dict[str, pd.Series] = {}
    about: dict[str, Variable] = {}
    for name, code in zip(names, codes, strict=False):
        about[name] = _box(variable, name, codes[code])
        boxes[name] = box(name, [code in (row or ()) for row in rows])
    typed = [joint.join(part for part in row or () if part not in codes) for row in rows]
    if any(typed):
        name = names[-1]
        about[name] = _box(variable, name, "other answers")
        boxes[name] = box(name, [bool(text) for text in typed])
        text = _free(f"{name}_text", [*taken, *boxes])
        about[text] = Variable(
            text,
            f"{variable.label} Other answers, as typed",
            "text",
            identifier="quasi",
            review=variable.review,
            **described_by([variable]),
        )
        words = np.array([*(answer or None for answer in typed), None], dtype=object)
        boxes[text] = pd.Series(words[places], index=column.index, name=text, dtype="str")
    return boxes, about


def _box(variable: Variable, name: str, answer: str) -> Variable:
    """Describe one answer's box."""
    question = variable.label
    words = f"{question}{'' if question.endswith(('?', '.', ':', '…')) else ':'} {answer}"
    return replace(
        variable, name=name, label=words, codes=BOXES, set=variable.name,
        split="", exclusive=(), nets={}, last=(),
    )  # fmt: skip


def _spread(marks: Sequence[object], places: NDArray[np.intp], column: pd.Series, name: str) -> pd.Series:
    """Return the mark of each different cell in all rows: numbers, or as they are beside a missing text."""
    text = any(isinstance(mark, str) for mark in marks)
    if text:
        marks = [mark if isinstance(mark, str) or pd.isna(mark) else int(mark) for mark in marks]  # type: ignore[call-overload]
    cells = np.array([*marks, np.nan], dtype=object if text else float)
    return pd.Series(cells[places], index=column.index, name=name)


def _tidy(text: str) -> str:
    """Return an answer with single spaces and none at its ends; non-breaking spaces count as spaces."""
    return " ".join(text.split())


def _parts(cell: str, joint: str, known: Collection[str]) -> list[str]:
    """Split a cell at its separators; known answers that contain the separator stay whole."""
    pieces = [piece for piece in cell.split(joint) if piece.strip()]
    parting = joint if joint.strip() else None
    longest = max((len(answer.split(parting)) for answer in known), default=1)
    answers: list[str] = []
    start = 0
    while start < len(pieces):
        for end in range(min(start + longest, len(pieces)), start, -1):
            answer = _tidy(joint.join(pieces[start:end]))
            if answer in known or end == start + 1:
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
    touched: dict[str, NDArray[np.bool_]] = {}
    for name, variable in list(variables.items()):
        if variable.empty != "not selected" or name not in data:
            continue
        if not variable.set or variable.set not in touched:
            members = of_set.get(variable.set, [name])
            touched[variable.set] = np.logical_or.reduce(
                [_touched(data[other], variables[other]) for other in members]
            )
        changed[name], variables[name] = _filled(data[name], variable, touched[variable.set])
    return data.assign(**changed) if changed else data


def _touched(column: pd.Series, variable: Variable) -> NDArray[np.bool_]:
    """Return which rows ticked a box or typed something."""
    missing = {code_text(code) for code in variable.missing} | set(variable.missing_labels)
    left = [code for code, label in variable.codes.items() if label == BOXES[0]]
    off = missing | {code_text(code) for code in left}
    places, values = pd.factorize(column)
    on = np.array([*(code_text(value) not in off for value in values), False])
    return np.asarray(on[places], dtype=bool)


def _filled(column: pd.Series, variable: Variable, touched: NDArray[np.bool_]) -> tuple[pd.Series, Variable]:
    """Return a box with its empty cells filled, as numbers, and its description."""
    ticked = _touched(column, variable)
    missing = {code_text(code): code for code in variable.missing}
    places, values = pd.factorize(column)
    reasons = [missing.get(code_text(value), 0) for value in values]
    # after the cells' own marks, in this order: no answer, ticked, not ticked
    marks, last = [*reasons, np.nan, 1, 0], len(reasons)
    places = np.where(places < 0, np.where(touched, last + 2, last), np.where(ticked, last + 1, places))
    label = next((label for label in variable.labels if label != BOXES[0]), BOXES[1])
    box = replace(variable, codes={1: label, 0: BOXES[0]}, empty="no answer")
    return _spread(marks, places, column, variable.name), box


def _free(name: str, taken: Collection[str] | Sequence[str]) -> str:
    """Return a name that no column has."""
    while name in taken:
        name += "_"
    return name
