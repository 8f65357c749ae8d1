"""A first codebook for an export: what the file does not tell is guessed, and each guess says so.

A guess that is not sure is worded as one, and nothing that would change a number is guessed silently: a
code that may be missing stays an answer where its neighbours are near.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trustkit.arguments import SURVEY, accepts
from trustkit.drafting.batteries import find_sets
from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.column_sketch import distinct_values
from trustkit.drafting.foreign_rows import find_foreign_rows, named_step, take_foreign_cells
from trustkit.drafting.missing_answers import judge_answers
from trustkit.drafting.persons import find_identifier
from trustkit.drafting.repeated_persons import judge_by_person
from trustkit.drafting.replicate_guesses import find_replicates, is_replicate
from trustkit.drafting.row_guesses import find_unfit_rows
from trustkit.drafting.text_guesses import doubt_open, doubt_unknown_language
from trustkit.drafting.typed_answers import doubt_typed_answers
from trustkit.drafting.wordings import PSU_WORDS, STRATA_WORDS
from trustkit.errors import DataError
from trustkit.survey.checks import TOLERATED, UNKNOWN_CODE
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.quoted_cells import HIDDEN
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Code, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from trustkit.drafting.column_sketch import Sketch


MOST_COLUMNS, MOST_CELLS = 20_000, 500_000_000
"""Of a table that is drafted at once: a draft takes a second or two for each 1,000 columns of 1,000 rows."""


KEPT = "such rows count as respondents unless the cleaning list drops them"
"""What is said of rows that may be no respondents."""


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
        If a column has a name that is not text; if there are more than 20,000 columns or more than
        500,000,000 cells.

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
    accepts(survey=(survey, SURVEY))
    odd = [repr(name) for name in survey.data.columns if not isinstance(name, str)]
    if odd:
        raise DataError(
            "a column's name is not text",
            got=", ".join(odd[:5]),
            do="name the columns: frame.rename(columns=str)",
        )
    _refuse_vast(survey.data)
    declared = survey.codebook
    data, drafts = survey.data, _sketches(survey.data, declared)
    known = {name: values for name, draft in drafts.items() if (values := draft.values_read()) is not None}
    foreign, odd_rows = find_foreign_rows(data, known)
    if foreign.any():
        data = data[~foreign]
        drafts = _sketches(data, declared)
        for name, draft in drafts.items():
            take_foreign_cells(draft, survey.data.loc[foreign, name])
    judge_by_person(data, drafts)
    replicates = declared.design.replicates or find_replicates(drafts)
    odd_rows = [*odd_rows, *find_unfit_rows(drafts)]
    sets = dict(declared.sets) | find_sets(drafts)
    doubt_unknown_language(list(drafts.values()))
    doubt_typed_answers(drafts)
    for draft in drafts.values():
        find_identifier(draft)
        doubt_open(draft)
    for step in survey.log.steps:
        for name, words in step.remarks.items():
            if name in drafts and not any(words in note for note in drafts[name].notes):
                drafts[name].notes.append(words)
    odd_rows = [named_step(rows, drafts[rows.variable]) for rows in odd_rows]
    for rows in odd_rows:  # what makes a column text takes its other doubts away, not these
        dropped = "the cleaning list drops them" if rows.step else f"{KEPT} ({rows.do})"
        drafts[rows.variable].doubts.append(f"{rows.words}; {dropped}")
    roles = _find_roles(drafts, replace(declared.design, replicates=replicates))
    doubts = [draft.doubts[0] for draft in drafts.values() if is_replicate(draft)]
    if doubts and roles.weights in drafts and doubts[0] not in drafts[roles.weights].doubts:
        drafts[roles.weights].doubts.append(doubts[0])  # pages name the doubts of the weight
    variables = {name: draft.variable() for name, draft in drafts.items()}
    used = {variable.set for variable in variables.values()}
    sample = declared.sample if declared.population else "opt-in"
    book = replace(
        declared,
        variables=variables,
        design=roles,
        cleaning=(*declared.cleaning, *(rows.step for rows in odd_rows if rows.step)),
        sets={name: text for name, text in sets.items() if name in used},
        sample=sample,
    )
    unsettled = [name for name, draft in drafts.items() if foreign.any() or not draft.surely_agrees()]
    return _settled(book, survey.data, unsettled)


def _sketches(data: pd.DataFrame, declared: Codebook) -> dict[str, Sketch]:
    """Find out what each column is."""
    return {name: sketch(data[name], declared.variables.get(name)) for name in data.columns}


def _refuse_vast(data: pd.DataFrame) -> None:
    """Refuse a table that is too large to be described by a person, or to be looked through in minutes."""
    rows, columns = data.shape
    if columns > MOST_COLUMNS:
        raise DataError(
            "the table has too many columns to draft a codebook of",
            got=f"{columns:,} columns",
            expected=f"at most {MOST_COLUMNS:,}",
            do="keep the columns that are questions, and draft these",
        )
    if rows * columns > MOST_CELLS:
        raise DataError(
            "the table has too many cells to draft a codebook of",
            got=f"{rows:,} rows of {columns:,} columns",
            expected=f"at most {MOST_CELLS:,} cells",
            do="draft the codebook of some rows, such as survey.data.head(10_000), and read the file with it",
        )


def _find_roles(drafts: Mapping[str, Sketch], declared: Roles) -> Roles:
    """Propose the columns that carry the design, by names and labels; several candidates are only named."""
    roles: dict[str, Any] = {}
    weights = [draft for draft in drafts.values() if draft.kind == "weight" and not is_replicate(draft)]
    if declared.weights is None and len(weights) == 1:
        roles["weights"] = weights[0].name
    elif declared.weights is None and weights:
        for draft in weights:
            names = ", ".join(other.name for other in weights)
            draft.doubts.append(f"{names} may each be the weight, so none is used: name one under design")
    for role, pattern in (("strata", STRATA_WORDS), ("psu", PSU_WORDS)):
        candidates = [draft for draft in drafts.values() if draft.says(pattern) and draft.kind != "weight"]
        if getattr(declared, role) is not None or not candidates:
            continue
        names = ", ".join(draft.name for draft in candidates)
        if len(candidates) == 1:
            roles[role] = candidates[0].name
            words = f"treated as the design's {role}, which the intervals rest on"
        else:
            words = f"{names} may each be the design's {role}, so none is used: name one under design"
        for draft in candidates:
            draft.doubts.append(words)
    return replace(declared, **roles)


def _settled(book: Codebook, data: pd.DataFrame, unsettled: Sequence[str]) -> Codebook:
    """Make text of every variable that its own data would disagree with; only some may."""
    asked = {of for name in unsettled for of in book[name].asked}
    variables = {name: book[name] for name in book.variables if name in asked or name in unsettled}
    compared = replace(book, variables=variables, design=Roles(), sets={}, cleaning=(), track={})
    faults = Survey(data[list(variables)], compared).check()
    faults = faults[~faults["rule"].isin(TOLERATED)]
    if faults.empty:
        return book
    unknown = faults[faults["rule"] == UNKNOWN_CODE]
    hidden = set(unknown.loc[unknown["value"] == HIDDEN, "variable"])  # no answer that may name a person
    stray = {
        name: _stray_values(data[name], book[name])
        for name in unknown["variable"].unique()
        if name not in hidden
    }
    if any(stray.values()):
        added = {name: _with_stray(book[name], values) for name, values in stray.items() if values}
        return _settled(replace(book, variables=dict(book.variables) | added), data, unsettled)
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
        **{
            role: getattr(book.design, role)
            for role, names in book.design.columns.items()
            if not wrong.intersection(names)
        }
    )
    used = {variable.set for variable in variables.values()}
    return replace(
        book, variables=variables, design=roles,
        sets={name: text for name, text in book.sets.items() if name in used},
    )  # fmt: skip


def _stray_values(column: pd.Series, variable: Variable) -> list[str]:
    """Return the values of a column that are no code, as they are: a fault may quote them in another way."""
    known = {code_text(code) for code in (*variable.codes, *variable.missing)}
    known |= {*variable.labels, *variable.missing_labels}
    texts = dict.fromkeys(map(code_text, distinct_values(column)[0]))
    return [text for text in texts if text not in known]


def _with_stray(variable: Variable, values: Sequence[str]) -> Variable:
    """Add values that the description does not know, as answers of their own."""
    numbers = all(isinstance(code, int | float) for code in variable.codes)
    codes: dict[Code, str] = {
        (int(value) if numbers and value.lstrip("-").isdigit() else value): value for value in values
    }
    note = f"in the data and not in the file's list of answers, counted as themselves: {', '.join(values)}"
    both = {**variable.codes, **codes}
    judged = judge_answers(both)
    doubted = [code_text(code) for code in codes if code in judged.unsure or code in judged.missing]
    doubts = [
        f"unsure: {text!r} is read as an answer, but it is not in the file's list and may be none"
        for text in doubted
    ]
    review = "; ".join(part for part in (*doubts, variable.review, note) if part)
    return replace(variable, codes=both, review=review, unsure=variable.unsure or bool(doubts))
