"""Sheets of labels beside a sheet of data: which code means what, and how questions were worded."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.drafting.column_sketch import Sketch
from trustkit.drafting.missing_words import reason_in
from trustkit.drafting.number_guesses import take_numbers
from trustkit.survey.variable import Code, Kind, Reason, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Iterable

Rows = Sequence[Sequence[str]]

VARIABLE = {
    *("variable", "variables", "variablename", "var", "varname", "name", "column", "columnname", "field"),
    *("fieldname", "question", "questionid", "questionname", "questioncode", "item", "itemname", "frage"),
    *("variablenname", "spalte", "feld", "pregunta", "nombre", "columna", "champ", "nom", "variabele"),
}
"""What a column is called that holds the names of variables."""

VALUE = {
    *("value", "values", "code", "codes", "valuecode", "answercode", "responsecode", "optioncode", "key"),
    *("number", "num", "option", "choice", "response", "answer", "level", "wert", "werte", "kode"),
    *("valor", "codigo", "código", "valeur", "valore", "codice", "waarde", "kod", "category", "categorycode"),
}
"""What a column is called that holds codes."""

LABEL = {
    *("label", "labels", "valuelabel", "valuelabels", "variablelabel", "text", "meaning", "description"),
    *("answerlabel", "responselabel", "optionlabel", "answertext", "wording", "questiontext", "definition"),
    *("desc", "title", "categorylabel", "etiqueta", "etiquetas", "etiquette", "étiquette", "libelle"),
    *("libellé", "beschriftung", "bezeichnung", "bedeutung", "etichetta", "descripcion", "descripción"),
}
"""What a column is called that holds labels."""

WIDEST = 8
"""The most columns of a sheet of labels."""

NO_NAME = "it names no variable, and each value of the column is in its list"
"""Why the labels of a list without a variable's name are given to a column."""


@dataclass
class Labels:
    """What sheets of labels say.

    Attributes
    ----------
    codes
        Variable -> code -> label; the key "" stands for lists that name no variable.
    wordings
        Variable -> how its question was worded.
    """

    codes: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    wordings: dict[str, str] = field(default_factory=dict)


def is_label_sheet(head: Rows) -> bool:
    """Return whether the first rows of a sheet are those of a list of labels.

    Examples
    --------
    >>> is_label_sheet([["Value", "Label"], ["1", "No"], ["2", "Yes"]])
    True
    >>> is_label_sheet([["Variable name", "Label"], ["q1", "Do you agree?"]])
    True
    >>> is_label_sheet([["id", "answer"], ["1", "No"]])
    False
    """
    return _places(head) is not None


def _places(head: Rows) -> tuple[int, int | None, int | None, int] | None:
    """Return which row is the header, and which columns hold variables, values and labels."""
    for at, row in enumerate(head):
        names = [re.sub(r"[\W_]+", "", cell.casefold()) for cell in row]
        if not any(names):
            continue
        if len([name for name in names if name]) > WIDEST:
            return None
        label = _place(names, LABEL)
        value, variable = _place(names, VALUE), _place(names, VARIABLE)
        if label is None and value is not None and variable is not None:
            label = _place(names, VALUE, after=value)  # "code" and "answer": the later one is in words
        if label is None or (value is None and variable is None):
            return None
        return at, variable, value, label
    return None


def _place(names: Sequence[str], known: set[str], after: int = -1) -> int | None:
    """Return where the first column of a known name stands."""
    return next((at for at, name in enumerate(names) if at > after and name in known), None)


def labels_in(sheets: Iterable[Rows]) -> Labels:
    """Collect what sheets of labels say.

    A variable's name may stand in the first of its rows only, as SPSS writes it; rows without a label are
    passed over.

    Examples
    --------
    >>> labels_in([[["variable", "value", "label"], ["q1", "1", "No"], ["", "2", "Yes"]]]).codes["q1"]
    {'1': 'No', '2': 'Yes'}
    """
    labels = Labels()
    for rows in sheets:
        places = _places(rows)
        if places is None:
            continue
        at, variable, value, label = places
        name = ""
        for row in rows[at + 1 :]:
            if variable is not None and row[variable].strip():
                name = row[variable].strip()
            text, code = row[label].strip(), "" if value is None else row[value].strip()
            if not text:
                continue
            if code:
                labels.codes[name][code] = text
            elif variable is not None and row[variable].strip():
                labels.wordings[name] = text
    return labels


def labelled_variables(data: pd.DataFrame, labels: Labels) -> dict[str, Variable]:
    """Describe the columns that sheets of labels speak of.

    A column is described if its name is the list's (case, blanks and signs aside), or if a list names no
    variable and holds every value of the column; the second is marked for review.

    Parameters
    ----------
    data
        The table, before labelling.
    labels
        What the sheets say.

    Returns
    -------
    dict
        Name -> variable, with its codes and their labels, those that are no substantive answers by their
        words as missing codes.
    """
    codes = {_plain(name): labels_of for name, labels_of in labels.codes.items() if name}
    wordings = {_plain(name): text for name, text in labels.wordings.items()}
    general = labels.codes.get("", {})
    variables = {}
    for name in data.columns:
        codes_here = codes.get(_plain(name))
        wording = wordings.get(_plain(name), name)
        values = _values(data[name])
        if codes_here is not None and len(values - set(codes_here)) <= len(codes_here):
            variables[name] = _variable(name, wording, codes_here, values, "")
        elif (
            codes_here is not None
            and pd.api.types.is_numeric_dtype(data[name])
            and all(map(_is_whole, codes_here))
        ):
            variables[name] = _number(data[name], wording, codes_here)
        elif general and values and values <= set(general):
            variables[name] = _variable(name, wording, general, values, NO_NAME)
        elif wording != name:
            variables[name] = _worded(data[name], wording)
    return variables


def _variable(name: str, wording: str, labels: Mapping[str, str], values: set[str], guess: str) -> Variable:
    """Describe a column by its list of labels."""
    numbers = all(map(_is_whole, labels))
    code_of: dict[str, Code] = {code: int(code) if numbers else code for code in labels}
    reasons = {code: _reason(label) for code, label in labels.items()}
    if sum(reason is None for reason in reasons.values()) < 2:  # noqa: PLR2004 - a question has two answers
        reasons = dict.fromkeys(labels)
    missing: dict[Code, Reason] = {code_of[code]: why for code, why in reasons.items() if why}
    unlabelled = sorted(values - set(labels))
    codes: dict[Code, str] = {code_of[code]: text for code, text in labels.items() if not reasons[code]}
    codes |= {int(code) if numbers and _is_whole(code) else code: code for code in unlabelled}
    notes = [f"the labels are those of a list in the workbook: {guess}"] if guess else []
    if missing:
        notes.append("the reasons of missing codes were guessed from their labels")
    if unlabelled:
        notes.append(f"codes without a label: {', '.join(unlabelled[:5])}")
    kind: Kind = "ordinal" if numbers and len(codes) > 2 else "single"  # noqa: PLR2004
    notes.append("the kind was guessed: every answer has a label")
    words = {code_of[code]: labels[code] for code, why in reasons.items() if why}
    return Variable(
        name, wording, kind,
        codes=_distinct(codes), missing=missing,
        missing_words={code: text for code, text in words.items() if text != missing[code].capitalize()},
        review="; ".join(notes),
    )  # fmt: skip


def _number(column: pd.Series, wording: str, labels: Mapping[str, str]) -> Variable:
    """Describe a column of numbers of which a list labels a few, such as 999 for refused."""
    draft = Sketch(column, None, wording, kind="numeric")
    draft.notes.append("the kind was guessed: most numbers have no label")
    take_numbers(draft, {int(code): text for code, text in labels.items()}, draft.distinct()[0])
    return draft.variable()


def _is_whole(code: str) -> bool:
    return bool(re.fullmatch(r"-?[0-9]+", code))


def _distinct(codes: Mapping[Code, str]) -> dict[Code, str]:
    """Keep apart codes that a list gives one label."""
    times = Counter(codes.values())
    return {code: f"{text} ({code_text(code)})" if times[text] > 1 else text for code, text in codes.items()}


def _worded(column: pd.Series, wording: str) -> Variable:
    """Describe a column of which only the wording is known."""
    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column):
        return Variable(name, wording, "date")
    kind: Kind = "numeric" if pd.api.types.is_numeric_dtype(column) else "text"
    return Variable(name, wording, kind, review="the kind was guessed from the cells")


def _values(column: pd.Series) -> set[str]:
    """Return the different values of a column as a list of labels would write them."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return set()
    values = column.dropna().unique().tolist()
    return {
        code_text(int(value) if isinstance(value, float) and value.is_integer() else value)
        for value in values
    }


def _reason(label: str) -> Reason | None:
    """Return why an answer is none, where its words say nothing else."""
    reason, alone = reason_in(label)
    return reason if alone else None


def _plain(name: str) -> str:
    """Write a name without case, blanks and signs, to compare it."""
    return re.sub(r"[\W_]+", "", name.casefold())
