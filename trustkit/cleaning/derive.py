"""Steps from `Survey` to `Survey` that make variables of others, or empty missing codes.

Each describes what it makes in the codebook and leaves a row in the log; the raw file is not changed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.survey.columns import (
    answered,
    describe,
    is_missing,
    sums_of,
)
from trustkit.survey.exclusion_log import Step
from trustkit.survey.variable import CODED, Identifier, Variable
from trustkit.survey.where import condition, rows_where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustkit.survey.survey import Survey

DerivedKind: TypeAlias = Literal["single", "ordinal"]

IDENTIFYING: tuple[Identifier, ...] = ("direct", "quasi", "none")
"""Identifier classes, the strongest first: what is made of an identifier identifies too."""


def derive(
    survey: Survey,
    *,
    into: str,
    answers: Mapping[str, Mapping[str, object]],
    rest: str = "",
    label: str = "",
    kind: DerivedKind = "single",
) -> Survey:
    """Make a variable from conditions on others; the first that holds decides.

    Parameters
    ----------
    survey
        The survey.
    into
        The new variable's name.
    answers
        Label -> condition: ``{variable: answer or list of answers}``, or a range of numbers, ends
        included: ``{"age": {"low": 18, "high": 24}}``. All parts of a condition must hold. No text is
        ever evaluated.
    rest
        The label, the last one, of respondents who meet no condition although they have substantive
        answers to all that the conditions ask about. Empty leaves them without an answer, as are all
        others: who refused to tell an age is in no age group.
    label
        What the new variable holds.
    kind
        ``"ordinal"`` if the labels have an order.

    Returns
    -------
    Survey
        With the new variable, its labels coded 1, 2, ... in their order. It identifies as its strongest
        source does (`Variable.identifier`). The log's row counts each label.

    Raises
    ------
    DataError
        No such variable or answer, a range that is none, or a name already taken.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"age": [17, 30, 70, None]}))
    >>> groups = {"under 18": {"age": {"high": 17}}, "18-64": {"age": {"low": 18, "high": 64}}}
    >>> tk.derive(survey, into="group", answers=groups, rest="65+").data["group"].tolist()
    ['under 18', '18-64', '65+', nan]
    """
    about = partial(describe, survey.data, survey.codebook)
    n = len(survey.data)
    found = np.full(n, -1, dtype=np.int64)
    told = []
    for place, (name, where) in enumerate(answers.items()):
        met = rows_where(where, survey.data, about)
        found[(found < 0) & (True if met is None else met)] = place
        told.append(f"{name} if {condition(where, about)}")
    labels = [*answers, *([rest] if rest else [])]
    if len(set(labels)) < len(labels):
        raise DataError(f"the label {rest!r} stands for several answers", do="make labels distinct")
    if rest:
        known = np.ones(n, dtype=bool)
        for name in dict.fromkeys(name for where in answers.values() for name in where):
            known &= answered(survey.data[name], about(name)).to_numpy()
        found[(found < 0) & known] = len(answers)
        told.append(f"{rest} otherwise")
    classes = {about(name).identifier for where in answers.values() for name in where}
    identifier = next(known for known in IDENTIFYING if known in {*classes, "none"})
    new = Variable(into, label or into, kind, codes=dict(enumerate(labels, 1)), identifier=identifier)
    dtype = pd.CategoricalDtype(labels, ordered=kind == "ordinal")
    values = pd.Categorical.from_codes(found, dtype=dtype)
    sizes = np.bincount(found + 1, minlength=len(labels) + 1).tolist()
    counts = [f"{name} {size:,}" for name, size in zip(["no answer", *labels], sizes, strict=True)]
    rule = f"{into}: {'; '.join(told)} ({', '.join([*counts[1:], counts[0]])})"
    return survey.with_variable(new, values).tracked(Step("derive", rule, "made from other answers", n, n))


def set_missing(survey: Survey) -> Survey:
    """Turn the missing codes of numeric variables into missing values; count all missing answers.

    Coded variables keep don't know and refused as categories, so that ``base="asked"`` can count them.

    Parameters
    ----------
    survey
        The survey.

    Returns
    -------
    Survey
        The log's row says how many answers of each reason there are.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> age = tk.Variable("age", "Age", "numeric", missing={999: "refused"})
    >>> survey = tk.Survey(pd.DataFrame({"age": [34, 999]}), tk.Codebook({"age": age}))
    >>> tk.set_missing(survey).data["age"].tolist()
    [34.0, nan]
    """
    counts: dict[str, int] = {}
    found = {}
    for name, variable in survey.codebook.variables.items():
        if not variable.missing_labels:
            continue
        column = survey.data[name]
        if variable.kind in CODED:
            sizes = sums_of(column)
            hits = {label: int(sizes[label]) for label in variable.missing_labels}
        else:
            rows = {label: is_missing(column, variable, label) for label in variable.missing_labels}
            hits = {label: int(row.sum()) for label, row in rows.items()}
            if any(hits.values()):
                found[name] = column.where(answered(column, variable))
        for label, number in hits.items():
            reason = variable.reason_of[label]
            counts[reason] = counts.get(reason, 0) + number
    told = ", ".join(f"{reason} {number:,}" for reason, number in counts.items()) or "none"
    n = len(survey.data)
    step = Step("set_missing", f"answers by reason: {told}", "no substantive answer", n, n)
    return (replace(survey, data=survey.data.assign(**found)) if found else survey).tracked(step)
