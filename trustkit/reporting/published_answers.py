"""Which answers may stand on a page: those of closed questions, and what enough respondents gave.

What one respondent alone said may tell who it was. Labels that a questionnaire gave to its answers are
safe to publish. An answer without a label of its own was taken from what respondents typed: it is listed only
if enough of them gave it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustkit.survey.variable import code_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Code, Variable

FEWEST_GAVE = 10
"""How many respondents must have given an answer without a label of its own for it to be listed."""


def is_as_typed(variable: Variable) -> bool:
    """Return whether the answers of a variable have no labels of their own: each is its code.

    Examples
    --------
    >>> from trustkit import Variable
    >>> is_as_typed(Variable("job", "Job", "single", codes={"Baker": "Baker", "Bishop": "Bishop"}))
    True
    >>> is_as_typed(Variable("trust", "Trust", "single", codes={1: "Yes", 2: "No"}))
    False
    """
    codes = {**variable.codes, **variable.missing_names}
    return bool(codes) and any(code_text(code) == code_text(label) for code, label in codes.items())


def may_be_published(variable: Variable, data: pd.DataFrame) -> bool:
    """Return whether every answer of a variable may stand on a page, given the respondents' answers."""
    return _published(variable, data).labels == variable.labels


def published_codebook(book: Codebook, data: pd.DataFrame | None) -> Codebook:
    """Return a codebook whose answers may all be published.

    Parameters
    ----------
    book
        The codebook.
    data
        The respondents' answers, labelled. None if they are not known: then no answer without a label of
        its own is listed.

    Returns
    -------
    Codebook
        Without the answers that fewer than `FEWEST_GAVE` respondents gave and that have no label of their
        own; a variable left without answers is of kind ``text``.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit import Codebook, Variable
    >>> job = Variable("job", "Job", "single", codes={"Baker": "Baker", "Bishop": "Bishop"})
    >>> data = pd.DataFrame({"job": ["Baker"] * 12 + ["Bishop"]})
    >>> published_codebook(Codebook({"job": job}), data)["job"].labels
    ('Baker',)
    """
    variables = {name: _published(variable, data) for name, variable in book.variables.items()}
    listed = {name: frozenset(variable.asked_labels) for name, variable in variables.items()}
    return replace(book, variables={name: _asked(variable, listed) for name, variable in variables.items()})


def _published(variable: Variable, data: pd.DataFrame | None) -> Variable:
    """Return a variable without the answers that too few respondents gave."""
    if not is_as_typed(variable):
        return variable
    counts: dict[str, int] = {}
    if data is not None and variable.name in data:
        answers = data[variable.name].astype("string").value_counts()
        counts = {str(label): int(count) for label, count in answers.items()}

    def given(code: Code, label: str) -> bool:
        has_label = code_text(code) != code_text(label)
        return has_label or counts.get(label, 0) >= FEWEST_GAVE

    codes = {code: label for code, label in variable.codes.items() if given(code, label)}
    words = {code: label for code, label in variable.missing_words.items() if given(code, label)}
    missing = {
        code: reason
        for code, reason in variable.missing.items()
        if code in words or code not in variable.missing_words
    }
    kind = variable.kind if codes else "text"
    shown = set(codes.values())
    return replace(
        variable, codes=codes, missing=missing, missing_words=words, kind=kind,
        nets={net: answers for net, answers in variable.nets.items() if set(answers) <= shown},
        last=tuple(answer for answer in variable.last if answer in shown),
    )  # fmt: skip


def _asked(variable: Variable, listed: Mapping[str, frozenset[str]]) -> Variable:
    """Return a variable whose condition of being asked names listed answers only."""
    asked = {
        name: tuple(answer for answer in answers if answer in listed.get(name, frozenset({answer})))
        for name, answers in variable.asked.items()
    }
    return replace(variable, asked={name: answers for name, answers in asked.items() if answers})
