"""What exports of survey platforms have in common: own columns, checkboxes, batteries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.battery_scales import unite
from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.text_guesses import doubt_unknown_language
from trustkit.errors import DataError
from trustkit.survey.codebook import Codebook
from trustkit.survey.multiple_answers import BOXES
from trustkit.survey.variable import (
    Code,
    Identifier,
    Kind,
    Reason,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from trustkit.drafting.column_sketch import Sketch

TYPED_REVIEW = "kind: treated as answers that respondents typed beside the boxes of the question"

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
    "collectorid": ("text", "none"),
    "ipaddress": ("text", "direct"), "recipientlastname": ("text", "direct"),
    "recipientfirstname": ("text", "direct"), "recipientemail": ("text", "direct"),
    "emailaddress": ("text", "direct"), "firstname": ("text", "direct"), "lastname": ("text", "direct"),
    "externaldatareference": ("id", "quasi"),
    "submitdate": ("date", "none"), "datesubmitted": ("date", "none"), "datestamp": ("date", "none"),
    "datestarted": ("date", "none"), "datelastaction": ("date", "none"), "timestamp": ("date", "none"),
    "token": ("id", "direct"), "accesscode": ("id", "direct"), "ipaddr": ("text", "direct"),
    "seed": ("id", "none"), "id": ("id", "none"), "username": ("text", "direct"),
    "locationlatitude": ("numeric", "quasi"), "locationlongitude": ("numeric", "quasi"),
}  # fmt: skip
"""A platform's own column, its name without spaces and case -> its kind, and whether it identifies."""


SHORT = 24
"""How many characters of a question's name its further columns keep."""

TICKS = {"Y", "Yes"}
"""What may stand in a ticked box, apart from a number or the choice itself."""


def header_rows(head: Sequence[Sequence[str]], count: int, where: str) -> list[list[str]]:
    """Return the first header rows, refusing any that is longer or shorter than the first."""
    for number, row in enumerate(head[:count], 1):
        if len(row) != len(head[0]):
            raise DataError(
                "a header row does not fit the first",
                where=f"{where}, row {number}", got=f"{len(row)} cells", expected=f"{len(head[0])} cells",
                do="export the data again",
            )  # fmt: skip
    return [list(row) for row in head[:count]]


def text_columns(book: Codebook) -> set[str]:
    """Return the columns whose cells stay as they were typed."""
    return {name for name, variable in book.variables.items() if variable.kind in TEXT_KINDS}


@dataclass
class Description:
    """The description of an export while it is put together.

    Attributes
    ----------
    title
        The study's title.
    told
        Columns that the platform describes, and boxes.
    drafts
        Columns whose answers are guessed from their content.
    sets
        Set -> the question that its columns share.
    """

    title: str
    told: dict[str, Variable] = field(default_factory=dict)
    drafts: dict[str, Sketch] = field(default_factory=dict)
    sets: dict[str, str] = field(default_factory=dict)

    def ask(self, column: pd.Series, label: str, known: Mapping[Code, Reason] | None = None) -> None:
        """Describe a question's column by its content."""
        self.drafts[str(column.name)] = sketch(column, label=label, closed=True, known=known)

    def label(self, name: str) -> str:
        """Return the wording of a column."""
        return self.told[name].label if name in self.told else self.drafts[name].label

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
        typed = _typed_beside_boxes(data, options)
        for column in typed:
            label = self.drafts.pop(column).label
            self.told[column] = Variable(column, label, "text", review=TYPED_REVIEW)
        options = {column: option for column, option in options.items() if column not in typed}
        also = [*also, *typed]
        if not are_boxes(data, options):
            for column in options:
                self.drafts[column].set = name
            return
        chosen = {column: _chosen(data[column]) for column in options}
        any_box = np.logical_or.reduce([*chosen.values(), *(_chosen(data[column]) for column in also)])
        for column in options:
            marks = np.where(chosen[column], 1.0, np.where(any_box, 0.0, np.nan))
            marks[_unanswered(data[column])] = UNANSWERED
            data[column] = pd.Series(marks, index=data.index)
            label = joined(question, options[column])
            self.told[column] = _box(data[column], label, set_name=name, review=BOX_REVIEW)
            del self.drafts[column]
        for column in also:
            if column in self.told:
                self.told[column] = replace(self.told[column], set=name)

    def codebook(self, columns: Iterable[str]) -> Codebook:
        """Return the description of the columns, in their order; questions of a set share their answers."""
        for name in self.sets:
            unite([draft for draft in self.drafts.values() if draft.set == name])
        doubt_unknown_language(list(self.drafts.values()))
        variables = {
            name: self.told[name] if name in self.told else self.drafts[name].variable() for name in columns
        }
        used = {variable.set for variable in variables.values()}
        sets = {name: words for name, words in self.sets.items() if name in used}
        return Codebook(variables, title=self.title, sets=sets)


def are_boxes(data: pd.DataFrame, options: Mapping[str, str]) -> bool:
    """Return whether columns are checkboxes, not a battery: each cell is the column's choice, or empty."""
    answers_of = {column: list(data.loc[_chosen(data[column]), column].unique()) for column in options}
    if any(len(values) > 1 for values in answers_of.values()) or not any(answers_of.values()):
        return False
    marks = [values[0] for values in answers_of.values() if values]
    if all(
        one_line(str(values[0])) == one_line(options[column])
        for column, values in answers_of.items()
        if values
    ):
        return True
    ticks = set(marks) <= TICKS or all(isinstance(mark, int | float | np.number) for mark in marks)
    return ticks and len(marks) > 1 and bool(data[list(options)].isna().any(axis=None))


def _typed_beside_boxes(data: pd.DataFrame, options: Mapping[str, str]) -> list[str]:
    """Return the columns of typed answers among boxes that hold nothing but their own choice.

    The platform heads them by the words for another answer, in the language of the questionnaire.
    """
    cells_of = {column: data.loc[_chosen(data[column]), column].unique() for column in options}
    own = [
        column
        for column, option in options.items()
        if len(cells_of[column]) == 1 and one_line(str(cells_of[column][0])) == one_line(option)
    ]
    typed = [column for column in options if len(cells_of[column]) and column not in own]
    if len(own) <= max(1, len(typed)):
        return []
    choices = {one_line(option) for option in options.values()}
    texts = all(data[column].dtype == "str" for column in typed)
    return (
        typed if texts and not any(one_line(cell) in choices for at in typed for cell in cells_of[at]) else []
    )


def _box(column: pd.Series, label: str, *, set_name: str, review: str) -> Variable:
    """Describe a checkbox whose column holds 1, 0 and perhaps the mark of a question not answered."""
    missing: dict[Code, Reason] = {UNANSWERED: "skipped"} if (column == UNANSWERED).any() else {}
    return Variable(
        str(column.name), label, "multiple", codes=BOXES, missing=missing, set=set_name, review=review
    )


def _chosen(column: pd.Series) -> pd.Series:
    """Return which boxes are ticked: neither empty nor marked as not answered."""
    return column.notna() & ~_unanswered(column)


def _unanswered(column: pd.Series) -> pd.Series:
    """Return which cells have the mark of a question that was not answered."""
    return column.isin([UNANSWERED, str(UNANSWERED)])


def own_field(name: str) -> tuple[Kind, Identifier] | None:
    """Return what is known about a platform's own column."""
    return FIELDS.get(plain(name))


def own_column(variable: Variable, about: tuple[Kind, Identifier]) -> Variable:
    """Describe a platform's own column."""
    kind, identifier = about
    return Variable(variable.name, variable.label, kind, identifier=identifier)


def joined(question: str, answer: str) -> str:
    """Word a column of a question: the question, then the choice or row."""
    return f"{question}{'' if question.endswith(('?', '.', ':', '…')) else ':'} {one_line(answer)}"


def plain(text: str) -> str:
    """Write a text without case, spaces and signs, to compare it."""
    return re.sub(r"[\W_]+", "", text.casefold())


def one_line(text: str) -> str:
    """Write a text without mark-up, line breaks and blanks at its ends."""
    plain_text = unescape(re.sub(r"<(?:/?[A-Za-z][^<>]{0,200}|!--.{0,200}?--)>", " ", text))
    return re.sub(r"\s+", " ", plain_text).strip()
