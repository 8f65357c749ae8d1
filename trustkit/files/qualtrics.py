"""Exports of Qualtrics, told by their third header row."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from trustkit.files.grids import header_names
from trustkit.files.platforms import (
    TEXT_KINDS,
    UNANSWERED,
    Description,
    header_rows,
    one_line,
    own_column,
    own_field,
    text_columns,
)
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustkit.files.grids import Grid
    from trustkit.survey.codebook import Codebook

    Platform = Callable[[Grid, Codebook | None, str], Survey]


QUALTRICS_ROWS = 3
"""Qualtrics' header rows: names, wording, import ids."""


def read_qualtrics(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read Qualtrics' CSV with its three header rows, choice text or numeric values.

    The columns of one question are a battery, or a multiple-response set where each holds nothing but its
    own choice. Cells that join choices, as Qualtrics writes them unless asked to split them, are split at the
    sign that ``trustkit.drafting.joined_answers`` finds (`Variable.split`). ``-99``, Qualtrics' mark of a
    question seen and not answered, is a missing code.
    """
    first, second, third = header_rows(grid.head, QUALTRICS_ROWS, grid.where)
    names = header_names(first, grid.where)
    wording = [one_line(text) or name for text, name in zip(second, names, strict=True)]
    ids = import_ids(third)
    kinds = [own_field(about["ImportId"]) for about in ids]
    texts = {name for name, own in zip(names, kinds, strict=True) if own and own[0] in TEXT_KINDS}
    texts |= {name for name, about in zip(names, ids, strict=True) if about["ImportId"].endswith("_TEXT")}
    data = grid.body(3, names, texts | (text_columns(codebook) if codebook else set()), ".")
    description = Description(title)
    groups: dict[str, list[str]] = {}
    for name, label, about, own in zip(names, wording, ids, kinds, strict=True):
        question = re.match(r"(?:([0-9]+)_)?QID[0-9]+", about["ImportId"])
        loop = f"Loop {question[1]}: {label}" if question and question[1] else label
        if own:
            description.told[name] = own_column(Variable(name, label, "text"), own)
        elif about["ImportId"].endswith("_TEXT"):
            description.told[name] = Variable(name, loop, "text")
        elif question and "_DO" in about["ImportId"].removeprefix(question[0]):
            description.told[name] = Variable(
                name, loop, "text", review="kind: the order in which answers were shown, no answer"
            )
        else:
            description.ask(data[name], loop, {UNANSWERED: "skipped"})
            if question:
                groups.setdefault(question[0], []).append(name)
    for members in groups.values():
        if len(members) > 1:
            labels = {name: description.label(name).replace(" - Selected Choice", "") for name in members}
            options = {name: label.rpartition(" - ")[2] for name, label in labels.items()}
            shared = next(iter(labels.values())).rpartition(" - ")[0]
            stem = _common_stem(members)
            description.group(data, stem, shared or stem, options)
    return Survey(data, codebook or description.codebook(names))


def import_ids(row: Sequence[str]) -> list[dict[str, str]]:
    """Return Qualtrics' import ids; an empty list if the row holds anything else."""
    ids = []
    for cell in row:
        try:
            about = json.loads(cell)
        except (RecursionError, ValueError):
            return []
        if not isinstance(about, dict) or not isinstance(about.get("ImportId"), str):
            return []
        ids.append(about)
    return ids


def _common_stem(names: Sequence[str]) -> str:
    """Return what the names of a question's columns share, up to an underscore: Q3 of Q3_1 and Q3_2."""
    first, last = min(names), max(names)
    same = next(
        (at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first)
    )
    return first[:same].rpartition("_")[0] or first[:same] or names[0]
