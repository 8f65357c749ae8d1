"""Exports of survey platforms, told by their header rows; Qualtrics and SurveyMonkey.

Each reader gives a column the question's wording, turns checkboxes into one multiple-response set, and
marks for review what it had to guess.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.codebook import Codebook, Variable
from trustkit.delimited import header_names
from trustkit.exports import (
    SHORT,
    TEXT_KINDS,
    Description,
    choices_in,
    header_rows,
    joined,
    one_line,
    own_column,
    own_field,
    part_choices,
    plain,
    text_columns,
)
from trustkit.forms import GOOGLE_FIRST, LIMESURVEY_FIELDS, read_googleforms, read_limesurvey
from trustkit.guesses import guess_variable, name_of, names_of
from trustkit.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustkit.delimited import Grid

    Platform = Callable[[Grid, Codebook | None, str], Survey]


def recognise(head: Sequence[Sequence[str]]) -> Platform | None:
    """Tell by its first rows which platform wrote a table; None if it has one plain header row.

    Examples
    --------
    >>> recognise([["Respondent ID", "Age"], ["", "Response"], ["1", "34"]]).__name__
    'read_surveymonkey'
    >>> recognise([["id", "age"], ["1", "34"]]) is None
    True
    """
    if len(head) > QUALTRICS_ROWS - 1 and _import_ids(head[QUALTRICS_ROWS - 1]):
        return read_qualtrics
    first = plain(head[0][0]) if head else ""
    if first == "respondentid" and len(head) > 1 and not head[1][0].strip():
        return read_surveymonkey
    names = {plain(name) for name in head[0]} if head else set()
    if len(names & LIMESURVEY_FIELDS) > 1:
        return read_limesurvey
    worded = any(re.search(r"[\s?\[]", name.strip()) for name in head[0]) if head else False
    return read_googleforms if head and head[0][0] == GOOGLE_FIRST and worded else None


def read_plain(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read a table with one header row; columns are taken as they come."""
    names = header_names(grid.head[0], grid.where)
    book = codebook or Codebook({}, title=title)
    return Survey(grid.body(1, names, text_columns(book), ".,"), book)


JOINTS = (",",)
"""What Qualtrics puts between the choices of one cell."""

QUALTRICS_ROWS = 3
"""Qualtrics' header rows: names, wording, import ids."""


def read_qualtrics(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read Qualtrics' CSV with its three header rows, choice text or numeric values.

    The columns of one question are a battery, or a multiple-response set where each holds nothing but its
    own choice. A cell that joins choices, as Qualtrics writes them unless asked to split them, becomes one
    column a choice; a column that the codebook describes is left as it is. ``-99``, Qualtrics' mark of a
    question seen and not answered, is a missing code.
    """
    first, second, third = header_rows(grid.head, QUALTRICS_ROWS, grid.where)
    names = header_names(first, grid.where)
    wording = [one_line(text) or name for text, name in zip(second, names, strict=True)]
    ids = _import_ids(third)
    kinds = [own_field(about["ImportId"]) for about in ids]
    kept = {name for name, own in zip(names, kinds, strict=True) if own and own[0] in TEXT_KINDS}
    kept |= {name for name, about in zip(names, ids, strict=True) if about["ImportId"].endswith("_TEXT")}
    data = grid.body(3, names, kept | (text_columns(codebook) if codebook else set()), ".")
    found = Description(title)
    groups: dict[str, list[str]] = {}
    columns: dict[str, pd.Series] = {}
    for name, label, about, own in zip(names, wording, ids, kinds, strict=True):
        question = re.match(r"(?:[0-9]+_)?QID[0-9]+", about["ImportId"])
        described = name in kept or (codebook is not None and name in codebook.variables)
        choices = choices_in(data[name], JOINTS) if question and not described else None
        if choices:
            columns |= part_choices(data[name], label, choices, found, names)
            continue
        columns[name] = data[name]
        variable = guess_variable(data[name], label)
        if own:
            variable = own_column(variable, own)
        elif about["ImportId"].endswith("_TEXT"):
            variable = Variable(name, label, "text")
        elif question and "_DO" not in about["ImportId"].removeprefix(question[0]):
            groups.setdefault(question[0], []).append(name)
        found.variables[name] = variable
    data = pd.DataFrame(columns)
    for members in groups.values():
        if len(members) > 1:
            labels = {name: found.variables[name].label.replace(" - Selected Choice", "") for name in members}
            options = {name: label.rpartition(" - ")[2] for name, label in labels.items()}
            shared = next(iter(labels.values())).rpartition(" - ")[0]
            stem = _common_stem(members)
            found.group(data, stem, shared or stem, options)
    found.note_unanswered(data)
    return Survey(data, codebook or found.codebook())


def read_surveymonkey(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read SurveyMonkey's export with its two header rows: the question, then the answer or "Response".

    A question's further columns have no text in the first row. Columns are named by their wording.
    """
    questions, answers = header_rows(grid.head, 2, grid.where)
    starts = [at for at, question in enumerate(questions) if question.strip() or not at]
    spans = list(zip(starts, [*starts[1:], len(questions)], strict=True))
    words = []
    for start, end in spans:
        alone = plain(answers[start]) in WHOLE_QUESTION
        parts = [f"{name_of(questions[start])[:SHORT]}_{answer}" for answer in answers[start:end]]
        words += [questions[start], *parts[1:]] if alone else parts
    names = names_of(words)
    own = {names[start]: own_field(questions[start]) for start, end in spans if not answers[start].strip()}
    kept = {name for name, about in own.items() if about and about[0] in TEXT_KINDS}
    kept |= {name for name, answer in zip(names, answers, strict=True) if plain(answer).startswith(FREE_TEXT)}
    data = grid.body(2, names, kept | (text_columns(codebook) if codebook else set()), ".")
    found = Description(title)
    for start, end in spans:
        question = one_line(questions[start])
        for name, answer in zip(names[start:end], answers[start:end], strict=True):
            label = question if plain(answer) in WHOLE_QUESTION else joined(question, answer)
            about = own.get(name)
            free = plain(answer).startswith(FREE_TEXT)
            variable = Variable(name, label, "text") if free else guess_variable(data[name], label)
            found.variables[name] = own_column(variable, about) if about else variable
        options = {
            name: one_line(answer)
            for name, answer in zip(names[start:end], answers[start:end], strict=True)
            if plain(answer) not in WHOLE_QUESTION and not plain(answer).startswith(FREE_TEXT)
        }
        if options and len(options) + 1 >= end - start:
            also = [name for name in names[start:end] if name not in options]
            found.group(data, name_of(question, found.sets), question, options, also)
    return Survey(data, codebook or found.codebook())


WHOLE_QUESTION = ("", "response", "openendedresponse")
"""What the second row says of a column that is a question by itself, without spaces and case."""

FREE_TEXT = ("openendedresponse", "otherpleasespecify", "commentspleasespecify")
"""How the second row's text starts over a column of open text."""


def _import_ids(row: Sequence[str]) -> list[dict[str, str]]:
    """Return Qualtrics' import ids; an empty list if the row holds anything else."""
    found = []
    for cell in row:
        try:
            about = json.loads(cell)
        except ValueError:
            return []
        if not isinstance(about, dict) or not isinstance(about.get("ImportId"), str):
            return []
        found.append(about)
    return found


def _common_stem(names: Sequence[str]) -> str:
    """Return what the names of a question's columns share, up to an underscore: Q3 of Q3_1 and Q3_2."""
    first, last = min(names), max(names)
    same = next(
        (at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first)
    )
    return first[:same].rpartition("_")[0] or first[:same] or names[0]
