"""Exports of SurveyMonkey, told by their two header rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.files.platforms import (
    SHORT,
    TEXT_KINDS,
    Description,
    header_rows,
    joined,
    one_line,
    own_column,
    own_field,
    plain,
    text_columns,
)
from trustkit.survey.column_names import name_of, names_of
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd

    from trustkit.files.grids import Grid
    from trustkit.survey.codebook import Codebook

    Platform = Callable[[Grid, Codebook | None, str], Survey]


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
    fields = {names[start]: own_field(questions[start]) for start, end in spans if not answers[start].strip()}
    texts = {name for name, about in fields.items() if about and about[0] in TEXT_KINDS}
    texts |= {
        name for name, answer in zip(names, answers, strict=True) if plain(answer).startswith(FREE_TEXT)
    }
    data = grid.body(2, names, texts | (text_columns(codebook) if codebook else set()), ".")
    description = Description(title)
    for start, end in spans:
        question = one_line(questions[start])
        for name, answer in zip(names[start:end], answers[start:end], strict=True):
            label = question if plain(answer) in WHOLE_QUESTION else joined(question, answer)
            about = fields.get(name)
            free = plain(answer).startswith(FREE_TEXT)
            if about:
                description.told[name] = own_column(Variable(name, label, "text"), about)
            elif free:
                description.told[name] = Variable(name, label, "text")
            else:
                if plain(answer) in WHOLE_QUESTION:
                    _count_typed(data, name, names[start:end], answers[start:end])
                description.ask(data[name], label)
        options = {
            name: one_line(answer)
            for name, answer in zip(names[start:end], answers[start:end], strict=True)
            if plain(answer) not in WHOLE_QUESTION and not plain(answer).startswith(FREE_TEXT)
        }
        if options and len(options) + 1 >= end - start:
            also = [name for name in names[start:end] if name not in options]
            description.group(data, name_of(question, description.sets), question, options, also)
    return Survey(data, codebook or description.codebook(names))


def _count_typed(data: pd.DataFrame, name: str, names: Sequence[str], answers: Sequence[str]) -> None:
    """Fill in the answer of respondents who typed another answer: their cell of the question is empty."""
    for other, answer in zip(names, answers, strict=True):
        if plain(answer).startswith(FREE_TEXT) and plain(answer) != "openendedresponse":
            typed = data[other].notna() & data[name].isna()
            if typed.any() and data[name].notna().any() and data[name].dtype == "str":
                data[name] = data[name].mask(typed, one_line(answer))


WHOLE_QUESTION = ("", "response", "openendedresponse")
"""What the second row says of a column that is a question by itself, without spaces and case."""

FREE_TEXT = ("openendedresponse", "otherpleasespecify", "commentspleasespecify")
"""How the second row's text starts over a column of open text."""
