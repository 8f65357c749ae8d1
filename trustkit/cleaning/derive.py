"""Steps from `Survey` to `Survey` that make variables from others, or set missing codes to missing.

Each step describes its new variable in the codebook and adds a row to the log; the raw file is not changed.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import pandas as pd

from trustkit.arguments import CONDITIONS, SURVEY, TEXT, accepts, one_of
from trustkit.errors import DataError
from trustkit.survey.columns import (
    answered,
    describe,
    is_missing,
    sums_of,
)
from trustkit.survey.exclusion_log import Step
from trustkit.survey.permissions import described_by
from trustkit.survey.variable import CODED, Identifier, Variable
from trustkit.survey.where import condition, rows_where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustkit.survey.survey import Survey

DerivedKind: TypeAlias = Literal["single", "ordinal"]

IDENTIFYING: tuple[Identifier, ...] = ("direct", "quasi", "none")
"""Identifier classes, the strongest first: a variable made from an identifier has its class."""


def derive(
    survey: Survey,
    *,
    into: str,
    answers: Mapping[str, Mapping[str, object]],
    rest: str = "",
    label: str = "",
    kind: DerivedKind = "single",
) -> Survey:
    """Make a variable from conditions on others; the first condition that holds gives the answer.

    Parameters
    ----------
    survey
        The survey.
    into
        The new variable's name.
    answers
        Label -> condition: ``{variable: answer or list of answers}``, or a range of numbers, ends
        included: ``{"age": {"low": 18, "high": 24}}``. All parts of a condition must hold. Conditions
        are never evaluated as Python code.
    rest
        The label of respondents who meet no condition and have substantive answers to all variables in the
        conditions; it comes last. If empty, they have no answer. All others never have one: a respondent
        who refused to give an age is in no age group.
    label
        The wording of the new variable.
    kind
        ``"ordinal"`` if the labels have an order.

    Returns
    -------
    Survey
        With the new variable, its labels coded 1, 2, ... in their order. Its `Variable.identifier` is the
        strongest of its sources. The log's row counts each label.

    Raises
    ------
    DataError
        No such variable or answer, an invalid range, or a name already taken.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"age": [17, 30, 70, None]}))
    >>> groups = {"under 18": {"age": {"high": 17}}, "18-64": {"age": {"low": 18, "high": 64}}}
    >>> tk.derive(survey, into="group", answers=groups, rest="65+").data["group"].tolist()
    ['under 18', '18-64', '65+', nan]
    """
    accepts(
        survey=(survey, SURVEY),
        into=(into, TEXT),
        answers=(answers, CONDITIONS),
        rest=(rest, TEXT),
        label=(label, TEXT),
        kind=(kind, one_of(DerivedKind)),
    )
    about = partial(describe, survey.data, survey.codebook)
    n = len(survey.data)
    codes = np.full(n, -1, dtype=np.int64)
    rules = []
    for place, (name, where) in enumerate(answers.items()):
        met = rows_where(where, survey.data, about)
        codes[(codes < 0) & (True if met is None else met)] = place
        rules.append(f"{name} if {condition(where, about)}")
    labels = [*answers, *([rest] if rest else [])]
    if len(set(labels)) < len(labels):
        raise DataError(f"several answers have the label {rest!r}", do="make labels distinct")
    if rest:
        known = np.ones(n, dtype=bool)
        for name in dict.fromkeys(name for where in answers.values() for name in where):
            known &= answered(survey.data[name], about(name)).to_numpy()
        codes[(codes < 0) & known] = len(answers)
        rules.append(f"{rest} otherwise")
    identifier = strongest(about(name).identifier for where in answers.values() for name in where)
    new = Variable(
        into, label or into, kind, codes=dict(enumerate(labels, 1)), identifier=identifier,
        **described_by(about(name) for where in answers.values() for name in where),
    )  # fmt: skip
    dtype = pd.CategoricalDtype(labels, ordered=kind == "ordinal")
    values = pd.Categorical.from_codes(codes, dtype=dtype)
    sizes = np.bincount(codes + 1, minlength=len(labels) + 1).tolist()
    counts = [f"{name} {size:,}" for name, size in zip(["no answer", *labels], sizes, strict=True)]
    rule = f"{into}: {'; '.join(rules)} ({', '.join([*counts[1:], counts[0]])})"
    return survey.with_variable(new, values).tracked(Step("derive", rule, "made from other answers", n, n))


def strongest(classes: Iterable[Identifier]) -> Identifier:
    """Return the strongest of some identifier classes, which a variable made from several ones has.

    Examples
    --------
    >>> strongest(["none", "quasi"]), strongest([])
    ('quasi', 'none')
    """
    given = {*classes, "none"}
    return next(known for known in IDENTIFYING if known in given)


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
    accepts(survey=(survey, SURVEY))
    counts: dict[str, int] = {}
    emptied = {}
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
                emptied[name] = column.where(answered(column, variable))
        for label, number in hits.items():
            reason = variable.reason_of[label]
            counts[reason] = counts.get(reason, 0) + number
    counted = ", ".join(f"{reason} {number:,}" for reason, number in counts.items()) or "none"
    n = len(survey.data)
    step = Step(
        "set_missing", f"answers by reason: {counted}", "answers without substance set to missing", n, n
    )
    return (replace(survey, data=survey.data.assign(**emptied)) if emptied else survey).tracked(step)
