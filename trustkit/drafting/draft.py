"""A first codebook for an export: what the file does not tell is guessed, and each guess says so.

A guess that is not sure is worded as one, and nothing that would change a number is guessed silently: a
code that may be missing stays an answer where its neighbours are near.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from trustkit.drafting.batteries import find_sets
from trustkit.drafting.column_guesses import Sketch, sketch
from trustkit.drafting.wordings import DIRECT_NAMES, QUASI_NAMES, QUASI_WORDS
from trustkit.errors import DataError
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.survey import Survey
from trustkit.survey.variable import CODED, Identifier, Variable

ROWS_READ, MOST = 1000, 0.5
"""How many texts of a column are looked at for addresses, and the share of them that must be some."""

EMAIL = r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"
ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}|(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}"
PHONE = r"(?=(?:\D*\d){8})\+?[\d\s()./-]{8,22}"


def draft_codebook(survey: Survey) -> Codebook:
    r"""Draft a codebook from an export: what its file told, and guesses for the rest.

    Parameters
    ----------
    survey
        As read, with no codebook or with what the file told of its columns.

    Returns
    -------
    Codebook
        With every column of the survey. `Variable.review` of each says what was guessed, and is empty where
        nothing was. Purpose, consent and retention are left empty, the sample is called opt-in: only a
        person knows. The survey's own data agree with it.

    Raises
    ------
    DataError
        If a column has a name that is not text.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> frame = pd.DataFrame({"q1": ["Agree", "Disagree", "Neutral", "Don't know"] * 5})
    >>> drafted = tk.draft_codebook(tk.Survey(frame, tk.Codebook({})))["q1"]
    >>> drafted.kind, drafted.labels, drafted.missing_labels
    ('ordinal', ('Disagree', 'Neutral', 'Agree'), ("Don't know",))
    >>> drafted.review
    'kind: the answers are steps of a scale (agreement); missing: "Don\'t know", by its words'
    """
    odd = [repr(name) for name in survey.data.columns if not isinstance(name, str)]
    if odd:
        raise DataError(
            "a column's name is not text",
            got=", ".join(odd[:5]),
            do="name the columns: frame.rename(columns=str)",
        )
    told = survey.codebook
    drafts = {name: sketch(survey.data[name], told.variables.get(name)) for name in survey.data.columns}
    sets = dict(told.sets) | find_sets(drafts)
    for draft in drafts.values():
        _find_identifier(draft)
    variables = {name: draft.variable() for name, draft in drafts.items()}
    roles = told.design
    weights = [name for name, variable in variables.items() if variable.kind == "weight"]
    if roles.weights is None and len(weights) == 1:
        roles = replace(roles, weights=weights[0])
    used = {variable.set for variable in variables.values()}
    sample = told.sample if told.population else "opt-in"
    book = replace(
        told,
        variables=variables,
        design=roles,
        sets={name: text for name, text in sets.items() if name in used},
        sample=sample,
    )
    return _settled(book, survey.data)


def _find_identifier(draft: Sketch) -> None:
    """Find out whether a column tells who a respondent is."""
    if draft.identifier != "none" or draft.kind in ("weight", "multiple"):
        return
    held = _held(draft)
    named = [what for what, pattern in DIRECT_NAMES.items() if draft.named(pattern)]
    if held:
        _identify(draft, "direct", f"the texts are {held}")
    elif draft.kind == "id":
        _identify(draft, "direct", "an id stands for one person")
    elif named and draft.kind not in CODED:
        _identify(draft, "direct", f"the name says {named[0]}")
    elif draft.named(QUASI_NAMES) or draft.says(QUASI_WORDS):
        _identify(draft, "quasi", "by its name or wording")
    elif draft.kind == "text" and draft.column.notna().any():
        _identify(draft, "quasi", "people may tell who they are in texts")


def _identify(draft: Sketch, identifier: Identifier, why: str) -> None:
    draft.identifier = identifier
    draft.notes.append(f"identifier {identifier}: {why}")


def _held(draft: Sketch) -> str:
    """Say which kind of address the texts of a column are, or nothing."""
    if draft.kind not in ("text", "id") or pd.api.types.is_numeric_dtype(draft.column):
        return ""
    texts = [str(value).strip() for value in draft.column.dropna().head(ROWS_READ)]
    patterns = {"e-mail addresses": EMAIL, "network addresses": ADDRESS}
    if draft.kind == "text":
        patterns["telephone numbers"] = PHONE
    for what, pattern in patterns.items():
        if sum(bool(re.fullmatch(pattern, text)) for text in texts) > MOST * len(texts):
            return what
    return ""


def _settled(book: Codebook, data: pd.DataFrame) -> Codebook:
    """Make text of every variable that its own data would disagree with."""
    faults = Survey(data, book).check()
    if faults.empty:
        return book
    wrong = set(faults["variable"])
    variables = {
        name: Variable(
            name, variable.label, "text", identifier="quasi",
            review=f"kind: unknown, its data do not fit the kind {variable.kind}; identifier quasi: unknown",
        )
        if name in wrong
        else variable
        for name, variable in book.variables.items()
    }  # fmt: skip
    roles = Roles(
        **{role: name for role, name in vars(book.design).items() if name is not None and name not in wrong}
    )
    used = {variable.set for variable in variables.values()}
    return replace(
        book, variables=variables, design=roles,
        sets={name: text for name, text in book.sets.items() if name in used},
    )  # fmt: skip
