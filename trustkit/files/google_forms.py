"""Responses of Google Forms: columns named by their wording, choices joined in one cell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.files.grids import header_names
from trustkit.files.platforms import (
    TEXT_KINDS,
    Description,
    one_line,
    own_column,
    own_field,
    text_columns,
)
from trustkit.survey.column_names import name_of, names_of
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from trustkit.files.grids import Grid
    from trustkit.survey.codebook import Codebook


GOOGLE_FIRST = "Timestamp"
"""The first column of Google Forms' responses, in English; the others are worded as questions."""


def read_googleforms(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read the responses of Google Forms: rows of grids, and checkboxes joined in one cell.

    Columns are named by their wording. The rows of a grid (``Question [Row]``) are a battery. Cells that
    join choices are split at the sign that ``trustkit.drafting.joined_answers`` finds (`Variable.split`). A
    codebook that has the columns under their own headings keeps them so.
    """
    if codebook and set(codebook.variables) <= set(grid.head[0]):
        names = header_names(grid.head[0], grid.where)
        return Survey(grid.body(1, names, text_columns(codebook), "."), codebook)
    cells = [one_line(cell) for cell in grid.head[0]]
    names = names_of(cells)
    fields = {name: own_field(cell) for name, cell in zip(names, cells, strict=True)}
    texts = {name for name, about in fields.items() if about and about[0] in TEXT_KINDS}
    data = grid.body(1, names, texts | (text_columns(codebook) if codebook else set()), ".")
    description = Description(title)
    groups: dict[str, dict[str, str]] = {}
    for name, cell in zip(names, cells, strict=True):
        about = fields[name]
        if about:
            description.told[name] = own_column(Variable(name, cell, "text"), about)
        else:
            description.ask(data[name], cell)
        grid_row = re.fullmatch(r"(.+?)\s*\[([^\]]*)\]", cell)
        if grid_row:
            groups.setdefault(grid_row[1], {})[name] = grid_row[2]
    for question, rows in groups.items():
        set_name = name_of(question, description.sets)
        description.sets[set_name] = question
        for name in rows:
            description.drafts[name].set = set_name
    return Survey(data, codebook or description.codebook(names))
