"""What exports of survey platforms have in common: own columns, checkboxes, batteries."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.reader_guesses import (
    BOXES,
    LONGEST_ANSWER,
    MOST_ANSWERS,
    names_of,
)
from trustkit.errors import DataError
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import (
    Code,
    Identifier,
    Kind,
    Reason,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

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


OFTEN = 2
"""In how many different cells a choice has to stand for cells to be taken for lists of choices."""

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
        if not are_boxes(data, options):
            for column in options:
                self.variables[column] = replace(self.variables[column], set=name)
            return
        chosen = {column: _chosen(data[column]) for column in options}
        any_box = np.logical_or.reduce([*chosen.values(), *(_chosen(data[column]) for column in also)])
        for column in options:
            marks = np.where(chosen[column], 1.0, np.where(any_box, 0.0, np.nan))
            marks[_unanswered(data[column])] = UNANSWERED
            data[column] = pd.Series(marks, index=data.index)
            label = joined(question, options[column])
            self.variables[column] = _box(data[column], label, set_name=name, review=BOX_REVIEW)

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


def are_boxes(data: pd.DataFrame, options: Mapping[str, str]) -> bool:
    """Tell checkboxes from a battery: each column holds its own choice and nothing else, or is empty."""
    held = {column: list(data.loc[_chosen(data[column]), column].unique()) for column in options}
    if any(len(values) > 1 for values in held.values()) or not any(held.values()):
        return False
    marks = [values[0] for values in held.values() if values]
    if all(str(values[0]) == options[column] for column, values in held.items() if values):
        return True
    ticks = set(marks) <= TICKS or all(isinstance(mark, int | float | np.number) for mark in marks)
    return ticks and len(marks) > 1 and bool(data[list(options)].isna().any(axis=None))


def _box(column: pd.Series, label: str, *, set_name: str, review: str) -> Variable:
    """Describe a checkbox whose column holds 1, 0 and perhaps the mark of a question not answered."""
    missing: dict[Code, Reason] = {UNANSWERED: "skipped"} if (column == UNANSWERED).any() else {}
    return Variable(
        str(column.name), label, "multiple", codes=BOXES, missing=missing, set=set_name, review=review
    )


def _chosen(column: pd.Series) -> pd.Series:
    """Tell which boxes hold anything but the mark of a question that was not answered."""
    return column.notna() & ~_unanswered(column)


def _unanswered(column: pd.Series) -> pd.Series:
    """Tell which cells hold the mark of a question that was not answered."""
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
    """Write a text without line breaks and spaces at its ends."""
    return re.sub(r"\s+", " ", text).strip()


def choices_in(column: pd.Series, joints: Sequence[str]) -> tuple[str, list[str]] | None:
    """Return what joins the choices of a column's cells, and the choices; None if cells are no lists.

    Cells are lists of choices if choices come back in different cells: an open answer's words between
    commas don't, and neither do the halves of one choice that holds a comma.
    """
    if column.dtype != "str":
        return None
    answers = Counter(str(value) for value in column[_chosen(column)])
    for joint in joints:
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


def part_choices(
    column: pd.Series,
    question: str,
    choices: tuple[str, list[str]],
    found: Description,
    taken: Collection[str],
) -> dict[str, pd.Series]:
    """Part a column of joined choices into one of boxes a choice, and one of what stands once.

    ``choices`` is what `choices_in` found, ``taken`` the names that the new columns can't have.
    """
    joint, often = choices
    name = str(column.name)
    *boxes, other = (f"{name[:SHORT].rstrip('_')}_{slug}" for slug in names_of([*often, "other"]))
    unanswered = _unanswered(column)
    parts = column.where(~unanswered).fillna("").str.split(joint)
    made: dict[str, pd.Series] = {}
    found.sets[name] = question
    for choice, box in zip(often, boxes, strict=True):
        box = _free(box, taken, made)  # noqa: PLW2901
        marks = np.where(column.notna(), [float(choice in cell) for cell in parts], np.nan)
        marks[unanswered] = UNANSWERED
        made[box] = pd.Series(marks, index=column.index, name=box)
        review = f"the choices were parted at {joint!r}"
        found.variables[box] = _box(made[box], joined(question, choice), set_name=name, review=review)
    rest = [joint.join(part for part in cell if part not in often) for cell in parts]
    if any(rest):
        other = _free(other, taken, made)
        made[other] = pd.Series([text or None for text in rest], index=column.index, dtype="str")
        found.variables[other] = Variable(other, joined(question, "other answers"), "text")
    return made


def _free(name: str, *taken: Collection[str]) -> str:
    """Return a name that no column has."""
    while any(name in names for names in taken):
        name += "_"
    return name
