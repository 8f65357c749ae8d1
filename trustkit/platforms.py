"""Exports of survey platforms, told by their header rows: Qualtrics and SurveyMonkey.

Each reader gives a column the question's wording, turns checkboxes into one multiple-response set, and
marks for review what it had to guess.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.codebook import Codebook, Identifier, Kind, Variable
from trustkit.errors import DataError
from trustkit.guesses import BOXES, guess_variable, name_of
from trustkit.survey import Survey

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from trustkit.delimited import Grid

    Platform = Callable[[Grid, Codebook | None, str], Survey]

BOX_REVIEW = "an empty box counts as not selected where the respondent chose anything in its set"

TEXT_KINDS: tuple[Kind, ...] = ("id", "text", "date")
"""Kinds whose cells stay as they were typed."""

UNANSWERED = -99
"""What Qualtrics writes, if asked to, for a question that was seen and not answered."""

FIELDS: dict[str, tuple[Kind, Identifier]] = {
    "startdate": ("date", "none"), "enddate": ("date", "none"), "recordeddate": ("date", "none"),
    "datecreated": ("date", "none"), "datemodified": ("date", "none"),
    "progress": ("numeric", "none"), "duration": ("numeric", "none"),
    "recordid": ("id", "none"), "responseid": ("id", "none"), "respondentid": ("id", "none"),
    "collectorid": ("id", "none"),
    "ipaddress": ("text", "direct"), "recipientlastname": ("text", "direct"),
    "recipientfirstname": ("text", "direct"), "recipientemail": ("text", "direct"),
    "emailaddress": ("text", "direct"), "firstname": ("text", "direct"), "lastname": ("text", "direct"),
    "externaldatareference": ("id", "quasi"),
    "locationlatitude": ("numeric", "quasi"), "locationlongitude": ("numeric", "quasi"),
}  # fmt: skip
"""A platform's own column, its name without spaces and case -> its kind, and whether it identifies."""


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
    first = _plain(head[0][0]) if head else ""
    if first == "respondentid" and len(head) > 1 and not head[1][0].strip():
        return read_surveymonkey
    return None


def read_plain(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read a table with one header row; columns are taken as they come."""
    names = header_names(grid.head[0], grid.where)
    book = codebook or Codebook({}, title=title)
    return Survey(grid.body(1, names, text_columns(book)), book)


def header_names(header: Sequence[str], where: str) -> list[str]:
    """Return a header row's names, blank ones numbered; refuse names that stand twice."""
    names = [name if name.strip() else f"unnamed_{number}" for number, name in enumerate(header, 1)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise DataError(
            "columns share a name",
            where=where, got=", ".join(repr(name) for name in twice[:20]), do="name each column once",
        )  # fmt: skip
    return names


def text_columns(book: Codebook) -> set[str]:
    """Return the columns whose cells stay as they were typed."""
    return {name for name, variable in book.variables.items() if variable.kind in TEXT_KINDS}


QUALTRICS_ROWS = 3
"""Qualtrics' header rows: names, wording, import ids."""


def read_qualtrics(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read Qualtrics' CSV with its three header rows, choice text or numeric values.

    The columns of one question are a battery, or a multiple-response set where each holds nothing but its
    own choice. ``-99``, Qualtrics' mark of a question seen and not answered, is a missing code.
    """
    names = header_names(grid.head[0], grid.where)
    wording = [_one_line(text) or name for text, name in zip(grid.head[1], names, strict=True)]
    ids = _import_ids(grid.head[2])
    kinds = [_field(about["ImportId"]) for about in ids]
    kept = {name for name, own in zip(names, kinds, strict=True) if own and own[0] in TEXT_KINDS}
    kept |= {name for name, about in zip(names, ids, strict=True) if about["ImportId"].endswith("_TEXT")}
    data = grid.body(3, names, kept | (text_columns(codebook) if codebook else set()))
    found = _Found(title)
    groups: dict[str, list[str]] = {}
    for name, label, about, own in zip(names, wording, ids, kinds, strict=True):
        variable = guess_variable(data[name], label)
        question = re.match(r"(?:[0-9]+_)?QID[0-9]+", about["ImportId"])
        if own:
            variable = _own_column(variable, own)
        elif about["ImportId"].endswith("_TEXT"):
            variable = Variable(name, label, "text")
        elif question and "_DO" not in about["ImportId"].removeprefix(question[0]):
            groups.setdefault(question[0], []).append(name)
        found.variables[name] = variable
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
    questions, answers = (list(row) for row in grid.head[:2])
    names: list[str] = []
    starts: list[int] = []
    for at, (question, answer) in enumerate(zip(questions, answers, strict=True)):
        if question.strip() or not at:
            starts.append(at)
        words = questions[starts[-1]]
        alone = at == starts[-1] and _plain(answer) in WHOLE_QUESTION
        names.append(name_of(words if alone else f"{name_of(words)[:24]}_{answer}", names))
    ends = [*starts[1:], len(names)]
    spans = [(start, end) for start, end in zip(starts, ends, strict=True)]
    own = {names[start]: _field(questions[start]) for start, end in spans if not answers[start].strip()}
    kept = {name for name, about in own.items() if about and about[0] in TEXT_KINDS}
    kept |= {
        name for name, answer in zip(names, answers, strict=True) if _plain(answer).startswith(FREE_TEXT)
    }
    data = grid.body(2, names, kept | (text_columns(codebook) if codebook else set()))
    found = _Found(title)
    for start, end in spans:
        question = _one_line(questions[start])
        for name, answer in zip(names[start:end], answers[start:end], strict=True):
            label = question if _plain(answer) in WHOLE_QUESTION else _joined(question, answer)
            about = own.get(name)
            free = _plain(answer).startswith(FREE_TEXT)
            variable = Variable(name, label, "text") if free else guess_variable(data[name], label)
            found.variables[name] = _own_column(variable, about) if about else variable
        options = {
            name: _one_line(answer)
            for name, answer in zip(names[start:end], answers[start:end], strict=True)
            if _plain(answer) not in WHOLE_QUESTION and not _plain(answer).startswith(FREE_TEXT)
        }
        if options and len(options) + 1 >= end - start:
            also = [name for name in names[start:end] if name not in options]
            found.group(data, name_of(question, found.sets), question, options, also)
    return Survey(data, codebook or found.codebook())


WHOLE_QUESTION = ("", "response", "openendedresponse")
"""What the second row says of a column that is a question by itself, without spaces and case."""

FREE_TEXT = ("openendedresponse", "otherpleasespecify", "commentspleasespecify")
"""How the second row's text starts over a column of open text."""


@dataclass
class _Found:
    """The description of an export while it is put together."""

    title: str
    variables: dict[str, Variable] = field(default_factory=dict)
    sets: dict[str, str] = field(default_factory=dict)

    def group(
        self,
        data: pd.DataFrame,
        name: str,
        question: str,
        options: Mapping[str, str],
        also: Collection[str] = (),
    ) -> None:
        """Make one set of a question's columns; checkboxes become 1 and 0 in place.

        ``options`` is column -> the choice or row it stands for, ``also`` the question's open text.
        """
        self.sets[name] = question
        if not _are_boxes(data, options):
            for column in options:
                self.variables[column] = replace(self.variables[column], set=name)
            return
        chosen = {column: data[column].notna() & (data[column] != UNANSWERED) for column in options}
        any_box = np.logical_or.reduce([*chosen.values(), *(data[column].notna() for column in also)])
        for column in options:
            marks = np.where(chosen[column], 1.0, np.where(any_box, 0.0, np.nan))
            data[column] = pd.Series(marks, index=data.index)
            self.variables[column] = Variable(
                column, _joined(question, options[column]), "multiple",
                codes=BOXES, set=name, review=BOX_REVIEW,
            )  # fmt: skip

    def note_unanswered(self, data: pd.DataFrame) -> None:
        """Make Qualtrics' mark of an unanswered question a missing code where it occurs."""
        for name, variable in self.variables.items():
            code = UNANSWERED if variable.kind == "numeric" else str(UNANSWERED)
            if variable.kind in ("numeric", "single") and bool((data[name] == code).any()):
                codes = {known: label for known, label in variable.codes.items() if known != code}
                self.variables[name] = replace(
                    variable, codes=codes, missing={**variable.missing, code: "skipped"}
                )

    def codebook(self) -> Codebook:
        """Return the description."""
        return Codebook(self.variables, title=self.title, sets=self.sets)


def _are_boxes(data: pd.DataFrame, options: Mapping[str, str]) -> bool:
    """Tell checkboxes from a battery: each column holds its own choice and nothing else, or is empty."""
    held = {column: list(data[column].dropna().unique()) for column in options}
    held = {column: [value for value in values if value != UNANSWERED] for column, values in held.items()}
    if any(len(values) > 1 for values in held.values()) or not any(held.values()):
        return False
    texts = [str(values[0]) == options[column] for column, values in held.items() if values]
    if all(texts):
        return True
    numbers = [values[0] for values in held.values() if values]
    whole = all(isinstance(value, int | float | np.number) for value in numbers)
    return whole and len(numbers) > 1 and bool(data[list(options)].isna().any(axis=None))


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


def _field(name: str) -> tuple[Kind, Identifier] | None:
    """Return what is known about a platform's own column."""
    return FIELDS.get(_plain(name))


def _own_column(variable: Variable, about: tuple[Kind, Identifier]) -> Variable:
    """Describe a platform's own column."""
    kind, identifier = about
    return Variable(variable.name, variable.label, kind, identifier=identifier)


def _common_stem(names: Sequence[str]) -> str:
    """Return what the names of a question's columns share, up to an underscore: Q3 of Q3_1 and Q3_2."""
    first, last = min(names), max(names)
    same = next(
        (at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first)
    )
    return first[:same].rpartition("_")[0] or first[:same] or names[0]


def _joined(question: str, answer: str) -> str:
    """Word a column of a question: the question, then the choice or row."""
    return f"{question}{'' if question.endswith(('?', '.', ':', '…')) else ':'} {_one_line(answer)}"


def _plain(text: str) -> str:
    """Write a text without case, spaces and signs, to compare it."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
