"""Exports with one header row that is more than names: LimeSurvey and Google Forms."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.codebook import Code, Codebook, Reason, Variable
from trustkit.delimited import header_names
from trustkit.exports import (
    TEXT_KINDS,
    Description,
    joined,
    one_line,
    own_column,
    own_field,
    plain,
    text_columns,
)
from trustkit.guesses import BOXES, LONGEST_ANSWER, MOST_ANSWERS, guess_variable, name_of, names_of
from trustkit.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.delimited import Grid

LIMESURVEY_FIELDS = {
    "submitdate", "lastpage", "startlanguage", "datesubmitted", "seed", "datestamp",
}  # fmt: skip
"""LimeSurvey's own columns, without spaces and case; two of them tell its export."""

HEADING = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<parts>(?:\[[^\]]*\])*)(?:\s*[.:]\s+(?P<text>.*))?", re.DOTALL)
"""A column of LimeSurvey: a question's code, its parts in brackets, perhaps its wording."""

TICKS: tuple[tuple[str, str, dict[Code, str]], ...] = (
    ("Y", "N", {"Y": "Yes", "N": "No"}),
    ("Yes", "No", {"Yes": "Yes", "No": "No"}),
)
"""How LimeSurvey writes a box that is ticked and one that isn't: as codes, as full answers."""

GOOGLE_FIRST = "Timestamp"
"""The first column of Google Forms' responses, in English; the others are worded as questions."""

OFTEN = 2
"""In how many different cells a choice has to stand for cells to be taken for lists of choices."""

JOINTS = (";", ", ")
"""What Google Forms puts between the choices of one cell: in its CSV files, in sheets."""


@dataclass(frozen=True)
class _Heading:
    """One column of LimeSurvey's header row."""

    question: str
    part: str
    text: str


def read_limesurvey(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read LimeSurvey's CSV: question codes such as ``q1[SQ001]``, full answers or answer codes.

    Columns of one question are a battery, or a multiple-response set where they hold nothing but ``Y`` and
    ``N`` (``Yes`` and ``No``). ``q1[other]`` and comments are open text. Columns headed by their wording
    are named by it.
    """
    heads = [_heading(cell) for cell in grid.head[0]]
    names = header_names(grid.head[0], grid.where)
    if any(head.text for head in heads):
        stems = [f"{head.question}[{head.part}]" if head.part else head.question for head in heads]
        by_code = all(stems) and len(set(stems)) == len(stems)
        names = stems if by_code else names_of(grid.head[0])
    own = {name: own_field(cell) for name, cell in zip(names, grid.head[0], strict=True)}
    kept = {name for name, about in own.items() if about and about[0] in TEXT_KINDS}
    kept |= {name for name, head in zip(names, heads, strict=True) if _is_open(head)}
    data = grid.body(1, names, kept | (text_columns(codebook) if codebook else set()), ".")
    found = Description(title)
    groups: dict[str, list[str]] = {}
    for name, cell, head in zip(names, grid.head[0], heads, strict=True):
        label = one_line(head.text or cell)
        about = own[name]
        variable = Variable(name, label, "text") if _is_open(head) else guess_variable(data[name], label)
        found.variables[name] = own_column(variable, about) if about else variable
        if head.part:
            groups.setdefault(head.question, []).append(name)
    of = dict(zip(names, heads, strict=True))
    for question, members in groups.items():
        closed = [name for name in members if not _is_open(of[name])]
        if len(closed) > 1 and len(closed) + 1 >= len(members):
            shared = _shared_wording([found.variables[name].label for name in closed]) or question
            if not _ticks(data, closed, found, question):
                also = [name for name in members if name not in closed]
                found.group(data, question, shared, {name: of[name].part for name in closed}, also)
            found.sets[question] = shared
    return Survey(data, codebook or found.codebook())


def _heading(cell: str) -> _Heading:
    """Take a column's heading apart: code, part and wording, or wording alone."""
    match = HEADING.fullmatch(cell.strip())
    if match:
        return _Heading(match["code"], match["parts"][1:-1].replace("][", "_"), match["text"] or "")
    grid = re.fullmatch(r"(?P<question>.+?)\s*\[(?P<row>[^\]]*)\]", cell.strip(), re.DOTALL)
    if grid:
        return _Heading(name_of(grid["question"]), grid["row"], cell)
    return _Heading("", "", cell)


def _is_open(head: _Heading) -> bool:
    """Tell the columns of open text that belong to a closed question."""
    return plain(head.part).endswith(("other", "comment"))


def _shared_wording(labels: Sequence[str]) -> str:
    """Return the wording before the bracket that several columns share; "" if there is none."""
    stems = {label.rpartition("[")[0].strip() for label in labels}
    return stems.pop() if len(stems) == 1 else ""


def _ticks(data: pd.DataFrame, columns: Sequence[str], found: Description, question: str) -> bool:
    """Describe the boxes of a question as ticked or not, if that is all its columns hold."""
    held = {str(value) for name in columns for value in data[name].dropna().unique()}
    for ticked, unticked, codes in TICKS:
        if ticked in held and unticked in held and held <= {ticked, unticked, "N/A"}:
            for name in columns:
                variable = found.variables[name]
                missing: dict[Code, Reason] = {"N/A": "not asked"} if "N/A" in held else {}
                found.variables[name] = replace(
                    variable, kind="multiple", codes=codes, set=question,
                    missing=missing, missing_words=dict.fromkeys(missing, "N/A"),
                    review="taken for boxes of a multiple choice; may be a list of yes or no questions",
                )  # fmt: skip
            return True
    return False


def read_googleforms(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read the responses of Google Forms: rows of grids, and checkboxes joined in one cell.

    Columns are named by their wording. The rows of a grid (``Question [Row]``) are a battery. Cells that
    join choices become one column a choice, and one of open text for choices that stand in no other cell;
    a column that the codebook describes is left as it is. A codebook that has the columns under their own
    headings keeps them so.
    """
    if codebook and set(codebook.variables) <= set(grid.head[0]):
        names = header_names(grid.head[0], grid.where)
        return Survey(grid.body(1, names, text_columns(codebook), "."), codebook)
    cells = [one_line(cell) for cell in grid.head[0]]
    names = names_of(cells)
    own = {name: own_field(cell) for name, cell in zip(names, cells, strict=True)}
    kept = {name for name, about in own.items() if about and about[0] in TEXT_KINDS}
    data = grid.body(1, names, kept | (text_columns(codebook) if codebook else set()), ".")
    found = Description(title)
    columns: dict[str, pd.Series] = {}
    groups: dict[str, dict[str, str]] = {}
    for name, cell in zip(names, cells, strict=True):
        about = own[name]
        choices = None if about or (codebook and name in codebook.variables) else _choices(data[name])
        if choices:
            columns |= _boxes(data[name], cell, choices, found)
            continue
        columns[name] = data[name]
        variable = guess_variable(data[name], cell)
        found.variables[name] = own_column(variable, about) if about else variable
        grid_row = re.fullmatch(r"(.+?)\s*\[([^\]]*)\]", cell)
        if grid_row:
            groups.setdefault(grid_row[1], {})[name] = grid_row[2]
    for question, rows in groups.items():
        set_name = name_of(question, found.sets)
        found.sets[set_name] = question
        for name in rows:
            found.variables[name] = replace(found.variables[name], set=set_name)
    return Survey(pd.DataFrame(columns), codebook or found.codebook())


def _choices(column: pd.Series) -> tuple[str, list[str]] | None:
    """Return what joins the choices of a column's cells, and the choices; None if cells are no lists.

    Cells are lists of choices if choices come back in different cells: an open answer's words between
    commas don't, and neither do the halves of one choice that holds a comma.
    """
    if column.dtype != "str":
        return None
    answers = Counter(str(value) for value in column.dropna())
    for joint in JOINTS:
        lists = {answer: answer.split(joint) for answer in answers}
        cells = Counter(part for parts in lists.values() for part in set(parts))
        given = Counter(dict.fromkeys(cells, 0))
        for answer, parts in lists.items():
            given.update(dict.fromkeys(parts, answers[answer]))
        often = [part for part in cells if given[part] >= OFTEN]
        if (
            any(len(parts) > 1 for parts in lists.values())
            and all(len(set(parts)) == len(parts) for parts in lists.values())
            and OFTEN <= len(often) <= MOST_ANSWERS
            and all(cells[part] >= OFTEN for part in often)
            and max(len(part) for part in often) <= LONGEST_ANSWER
            and sum(given[part] for part in often) >= 0.8 * given.total()
        ):
            return joint, sorted(often)
    return None


def _boxes(
    column: pd.Series, question: str, choices: tuple[str, list[str]], found: Description
) -> dict[str, pd.Series]:
    """Part a column of joined choices into one of boxes a choice, and one of what stands once."""
    joint, often = choices
    name = str(column.name)
    parts = column.fillna("").str.split(joint)
    made: dict[str, pd.Series] = {}
    found.sets[name] = question
    for choice in often:
        box = name_of(f"{name[:24]} {choice}", [*found.variables, *made])
        ticked = np.array([choice in cell for cell in parts], dtype=float)
        made[box] = pd.Series(np.where(column.notna(), ticked, np.nan), index=column.index)
        found.variables[box] = Variable(
            box, joined(question, choice), "multiple", codes=BOXES, set=name,
            review=f"the choices were parted at {joint!r}",
        )  # fmt: skip
    rest = [joint.join(part for part in cell if part not in often) for cell in parts]
    if any(rest):
        other = name_of(f"{name[:24]} other", [*found.variables, *made])
        made[other] = pd.Series([text or None for text in rest], index=column.index, dtype="str")
        found.variables[other] = Variable(other, joined(question, "other answers"), "text")
    return made
