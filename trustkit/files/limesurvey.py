"""Exports of LimeSurvey: question codes, parts in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trustkit.drafting.scale_words import yes_and_no
from trustkit.files.grids import header_names
from trustkit.files.platforms import (
    TEXT_KINDS,
    Description,
    one_line,
    own_column,
    own_field,
    plain,
    text_columns,
)
from trustkit.survey.column_names import name_of, names_of
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Code, Reason, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from trustkit.files.grids import Grid
    from trustkit.survey.codebook import Codebook


LIMESURVEY_FIELDS = {
    "submitdate", "lastpage", "startlanguage", "datesubmitted", "seed", "datestamp",
}  # fmt: skip
"""LimeSurvey's own columns, without spaces and case; two of them tell its export."""

HEADING = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<parts>(?:\[[^\]]*\])*)(?:\s*[.:]\s+(?P<text>.*))?", re.DOTALL)
"""A column of LimeSurvey: a question's code, its parts in brackets, perhaps its wording."""


@dataclass(frozen=True)
class _Heading:
    """One column of LimeSurvey's header row."""

    question: str
    part: str
    text: str


def read_limesurvey(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read LimeSurvey's CSV: question codes such as ``q1[SQ001]``, full answers or answer codes.

    Columns of one question are a battery, or a multiple-response set where they hold nothing but ``Y`` and
    ``N``, or yes and no in one language. ``q1[other]`` and comments are open text. Columns headed by their
    wording are named by it.
    """
    heads = [_heading(cell) for cell in grid.head[0]]
    names = header_names(grid.head[0], grid.where)
    if any(head.text for head in heads):
        stems = [f"{head.question}[{head.part}]" if head.part else head.question for head in heads]
        by_code = all(stems) and len(set(stems)) == len(stems)
        names = stems if by_code else names_of(grid.head[0])
    fields = {name: own_field(cell) for name, cell in zip(names, grid.head[0], strict=True)}
    texts = {name for name, about in fields.items() if about and about[0] in TEXT_KINDS}
    texts |= {name for name, head in zip(names, heads, strict=True) if _is_open(head)}
    data = grid.body(1, names, texts | (text_columns(codebook) if codebook else set()), ".")
    description = Description(title)
    groups: dict[str, list[str]] = {}
    for name, cell, head in zip(names, grid.head[0], heads, strict=True):
        label = one_line(head.text or cell)
        about = fields[name]
        if about:
            description.told[name] = own_column(Variable(name, label, "text"), about)
        elif _is_open(head):
            description.told[name] = Variable(name, label, "text")
        else:
            description.ask(data[name], label, {"N/A": "not asked"})
        if head.part:
            groups.setdefault(head.question, []).append(name)
    of = dict(zip(names, heads, strict=True))
    for question, members in groups.items():
        closed = [name for name in members if not _is_open(of[name])]
        if len(closed) > 1 and len(closed) + 1 >= len(members):
            shared = _shared_wording([description.label(name) for name in closed]) or question
            if not _ticks(data, closed, description, question):
                also = [name for name in members if name not in closed]
                description.group(data, question, shared, {name: of[name].part for name in closed}, also)
            description.sets[question] = shared
    return Survey(data, codebook or description.codebook(names))


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
    """Return the columns of open text that belong to a closed question."""
    return plain(head.part).endswith(("other", "comment"))


def _shared_wording(labels: Sequence[str]) -> str:
    """Return the wording before the bracket that several columns share; "" if there is none."""
    stems = {label.rpartition("[")[0].strip() for label in labels}
    return stems.pop() if len(stems) == 1 else ""


def _ticks(data: pd.DataFrame, columns: Sequence[str], description: Description, question: str) -> bool:
    """Describe the boxes of a question as ticked or not, if that is all its columns hold."""
    held = {str(value) for name in columns for value in data[name].dropna().unique()}
    marks = held - {"N/A"}
    pair = next((pair for pair in yes_and_no() if set(pair) == {mark.casefold() for mark in marks}), None)
    if pair is None or len(marks) != len(pair):
        return False
    codes: dict[Code, str] = {
        mark: {"y": "Yes", "n": "No"}[mark.casefold()] if pair == ("y", "n") else mark
        for mark in sorted(marks, key=lambda mark: mark.casefold() != pair[0])
    }
    for name in columns:
        variable = description.drafts.pop(name).variable()
        missing: dict[Code, Reason] = {"N/A": "not asked"} if "N/A" in held else {}
        description.told[name] = replace(
            variable, kind="multiple", codes=codes, set=question, unsure=False,
            missing=missing, missing_words=dict.fromkeys(missing, "N/A"),
            review="treated as boxes of a multiple choice; may be a list of yes or no questions",
        )  # fmt: skip
    return True
