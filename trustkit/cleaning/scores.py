"""Scales: several items scored into one number per respondent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from trustkit.arguments import NAMES, SURVEY, TEXT, WHOLE, accepts
from trustkit.errors import DataError
from trustkit.survey.columns import answered, items_in_words, items_of
from trustkit.survey.exclusion_log import Step
from trustkit.survey.variable import CODED, Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from trustkit.survey.survey import Survey


def score(
    survey: Survey, items: str | Sequence[str], *, into: str, label: str = "", min_items: int = 1
) -> Survey:
    """Add a scale: each respondent's mean over the items with a substantive answer.

    Parameters
    ----------
    survey
        The survey.
    items
        A battery's name (`Variable.set`), or its variables. Answers count as the codebook scores them
        (`Variable.scoring`), reversed items turned around.
    into
        The new variable's name.
    label
        What it measures.
    min_items
        Items with a substantive answer that a respondent needs; others get no score.

    Returns
    -------
    Survey
        With one more numeric variable, described in its codebook, and a row in its log.

    Raises
    ------
    DataError
        No such battery or item, an item without scores, a reversed numeric item without the range it is
        turned around in, or a name already taken.

    Notes
    -----
    The mean over the items answered imputes a missing item with the respondent's own mean; if what is
    missing depends on the answer, scores are silently biased.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> yes_no = {1: "yes", 0: "no"}
    >>> items = [tk.Variable(name, name, "ordinal", codes=yes_no, set="trust") for name in "ab"]
    >>> book = tk.Codebook({item.name: item for item in items})
    >>> survey = tk.Survey(pd.DataFrame({"a": [1, 0], "b": [0, None]}), book)
    >>> tk.score(survey, "trust", into="trust_index").data["trust_index"].tolist()
    [0.5, 0.0]
    """
    accepts(
        survey=(survey, SURVEY),
        items=(items, NAMES),
        into=(into, TEXT),
        label=(label, TEXT),
        min_items=(min_items, WHOLE),
    )
    book = survey.codebook
    names = items_of(book, items)
    if not 1 <= min_items <= len(names):
        raise DataError("min_items is out of range", got=str(min_items), expected=f"1 to {len(names)}")
    values = np.column_stack([_scores(survey, name) for name in names])
    valid = np.isfinite(values)
    given = valid.sum(axis=1)
    sums = np.where(valid, values, 0.0).sum(axis=1)
    scores = np.where(given >= min_items, sums / np.maximum(given, 1), np.nan)
    variable = Variable(into, label or f"Mean score of {', '.join(names)}", "numeric")
    added = survey.with_variable(variable, scores)
    named = items_in_words(book, items)
    rule = f"{label or into}: mean of {named} ({len(names)} items), {min_items} or more answered"
    return added.tracked(Step("score", rule, "items scored into one number", len(scores), len(scores)))


def _scores(survey: Survey, name: str) -> NDArray[np.float64]:
    """Return an item's scores, NaN without a substantive answer."""
    variable = survey.codebook[name]
    column = survey.data[name]
    if variable.kind not in CODED:
        if column.dtype != float:
            raise DataError(f"{name} is not numeric", do="give its kind as numeric in the codebook")
        return turned(column.where(answered(column, variable)).to_numpy(), variable)
    scoring = variable.scoring
    if not scoring:
        raise DataError(f"the answers of {name} have no scores", do="give it scores in the codebook")
    scores = [scoring.get(category, np.nan) for category in column.cat.categories]
    return np.array([*scores, np.nan])[column.cat.codes.to_numpy()]


def turned(values: NDArray[np.float64], variable: Variable) -> NDArray[np.float64]:
    """Return the numbers of a variable, turned around in its range if it is reversed and numeric.

    The scores of labelled answers are turned around already (`trustkit.Variable.scoring`).

    Raises
    ------
    DataError
        If it is reversed and has no range.
    """
    if not variable.reverse or variable.kind in CODED:
        return values
    if variable.low is None or variable.high is None:
        raise DataError(
            f"{variable.name} is reversed and has no range", do="give its low and high in the codebook"
        )
    return variable.low + variable.high - values
