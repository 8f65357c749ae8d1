"""Exports of SurveyMonkey, told by their two header rows."""

from __future__ import annotations

from collections import Counter
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
    whole = {*WHOLE_QUESTION, *_words_over_questions(grid.head, spans)}
    words = []
    for start, end in spans:
        alone = plain(answers[start]) in whole
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
            label = question if plain(answer) in whole else joined(question, answer)
            about = fields.get(name)
            free = plain(answer).startswith(FREE_TEXT)
            if about:
                description.told[name] = own_column(Variable(name, label, "text"), about)
            elif free:
                description.told[name] = Variable(name, label, "text")
            else:
                if plain(answer) in whole:
                    _count_typed(data, name, names[start:end], answers[start:end])
                description.ask(data[name], label)
        options = {
            name: one_line(answer)
            for name, answer in zip(names[start:end], answers[start:end], strict=True)
            if plain(answer) not in whole and not plain(answer).startswith(FREE_TEXT)
        }
        if options and len(options) + 1 >= end - start:
            also = [name for name in names[start:end] if name not in options]
            description.group(data, name_of(question, description.sets), question, options, also)
    return Survey(data, codebook or description.codebook(names))


def has_two_header_rows(head: Sequence[Sequence[str]]) -> bool:
    """Return whether a table begins with a row of questions and a row of answers, in any language.

    Where a question goes on, its further columns have no name in the first row. The second row has the
    answer that a box stands for, or one word over each question, which no respondent gave.

    Examples
    --------
    >>> head = [["Identifiant", "Quels canaux ?", "", ""], ["", "E-mail", "SMS", "Courrier"]]
    >>> has_two_header_rows([*head, *([k, "E-mail", "SMS", ""] for k in "123")])
    True
    >>> has_two_header_rows([["id", "sex", "age"], ["", "m", "34"], ["2", "f", "51"], ["3", "f", "28"]])
    False
    """
    if len(head) < FEWEST_ROWS or len({len(row) for row in head}) > 1 or not head[0][0].strip():
        return False
    first, second, *below = [[cell.strip() for cell in row] for row in head]
    if second[0] or not all(row[0] for row in below):
        return False
    given = [{row[at] for row in below} - {""} for at in range(len(first))]
    boxes = [at for at, word in enumerate(second) if word and given[at] == {word}]
    over = Counter(word for at, word in enumerate(second) if word and first[at] and word not in given[at])
    named = [at for at, word in enumerate(second) if word and first[at]]
    repeated = max(over.values(), default=0)
    goes_on = any(word and not first[at] for at, word in enumerate(second))
    several = len(boxes) > 1 and any(not first[at] for at in boxes)
    return several or (repeated > 1 and (goes_on or repeated == len(named)))


def _words_over_questions(head: Sequence[Sequence[str]], spans: Sequence[tuple[int, int]]) -> set[str]:
    """Return the words over columns that are a question by themselves, in the language of the export.

    They stand over questions of one column, or over several questions, and are no respondent's answer.
    """
    over = Counter(plain(head[1][start]) for start, _ in spans)
    return {
        plain(head[1][start])
        for start, end in spans
        if (end - start == 1 or over[plain(head[1][start])] > 1)
        and head[1][start] not in [row[start] for row in head[2:]]
    }


def _count_typed(data: pd.DataFrame, name: str, names: Sequence[str], answers: Sequence[str]) -> None:
    """Fill in the answer of respondents who typed another answer: their cell of the question is empty."""
    for other, answer in zip(names, answers, strict=True):
        if plain(answer).startswith(FREE_TEXT) and plain(answer) != "openendedresponse":
            typed = data[other].notna() & data[name].isna()
            if typed.any() and data[name].notna().any() and data[name].dtype == "str":
                data[name] = data[name].mask(typed, one_line(answer))


FEWEST_ROWS = 5
"""The fewest rows, two header rows among them, that tell a second header row from a respondent."""

WHOLE_QUESTION = ("", "response", "openendedresponse")
"""What the second row says of a column that is a question by itself, without spaces and case."""

FREE_TEXT = ("openendedresponse", "otherpleasespecify", "commentspleasespecify")
"""How the second row's text starts over a column of open text."""
