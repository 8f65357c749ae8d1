"""Exclusion rules: steps from `Survey` to `Survey` that drop respondents, or mark broken rules.

Each leaves a row in the log with its rule, its threshold and its reason.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.arguments import CONDITION, NAME, NAMES, NUMBER, SURVEY, TEXT, accepts
from trustkit.cleaning.response_patterns import longest_run
from trustkit.errors import DataError, suggest
from trustkit.survey.columns import (
    among,
    answered,
    describe,
    items_in_words,
    items_of,
    numeric_values,
)
from trustkit.survey.exclusion_log import Step
from trustkit.survey.permissions import described_by
from trustkit.survey.quoted_cells import suggest_answer
from trustkit.survey.variable import CODED, Variable
from trustkit.survey.where import asked_rows, condition, rows_where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.survey.survey import Survey

    Rows = NDArray[np.bool_]

STRAIGHT_SHARE = 1.0
"""Share of a battery's items that must have the same answer to count as straight-lining."""


COUNT_TOLERANCE = 1e-9
"""A number of items that is below the threshold by no more than this counts as reaching it."""

CONTRADICT = "answers contradict each other"


def drop_duplicates(survey: Survey, *, key: str) -> Survey:
    """Keep each respondent's first row.

    Parameters
    ----------
    survey
        The survey.
    key
        The variable that identifies a respondent. Rows where it is missing are kept.

    Raises
    ------
    DataError
        If there is no such variable.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"id": ["a", "b", "a"]}))
    >>> tk.drop_duplicates(survey, key="id").data["id"].tolist()
    ['a', 'b']
    """
    accepts(survey=(survey, SURVEY), key=(key, NAME))
    column = column_of(survey, key)
    again = column.duplicated().to_numpy() & column.notna().to_numpy()
    rule = f"same {_called(survey, key)} as an earlier row"
    return without_rows(survey, again, "drop_duplicates", rule, "repeated interviews")


def drop_failed_attention(survey: Survey, *, variable: str, passed: str | Sequence[str]) -> Survey:
    """Drop respondents whose answer to an attention check is not the instructed one.

    Parameters
    ----------
    survey
        The survey.
    variable
        The attention check.
    passed
        The answer that the question asked for, or several that pass. A typed answer passes whatever its case,
        spaces, quotes and full stops. A missing answer counts as failed, except for respondents who were not
        asked.

    Raises
    ------
    DataError
        If there is no such variable or label.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> check = tk.Variable("check", "Choose agree", "single", codes={1: "Agree", 2: "No"})
    >>> survey = tk.Survey(pd.DataFrame({"check": [1, 2, 1]}), tk.Codebook({"check": check}))
    >>> len(tk.drop_failed_attention(survey, variable="check", passed="Agree").data)
    2
    """
    accepts(survey=(survey, SURVEY), variable=(variable, NAME), passed=(passed, NAMES))
    column = column_of(survey, variable)
    about = describe(survey.data, survey.codebook, variable)
    wanted = [passed] if isinstance(passed, str) else list(passed)
    alike = {typed(answer) for answer in wanted}
    if about.kind == "text":
        right = column.map(lambda cell: typed(str(cell)) in alike, na_action="ignore").eq(other=True)
    else:
        unknown = [
            answer for answer in wanted if typed(answer) not in {typed(label) for label in about.labels}
        ]
        if unknown or not wanted:
            raise DataError(
                f"{variable} has no answer {unknown[0]!r}" if unknown else "no answer passes",
                do=suggest_answer(unknown[0] if unknown else "", about.labels, about),
            )
        right = column.isin([label for label in about.labels if typed(label) in alike])
    failed = ~right.to_numpy(dtype=bool) & asked_rows(survey.data, about)
    rule = f"{_called(survey, variable)} is not {' or '.join(map(repr, wanted))}"
    return without_rows(survey, failed, "drop_failed_attention", rule, "did not read the questions")


def typed(answer: str) -> str:
    """Return a typed answer as it is compared: small, without quotes, full stops and blanks around it.

    Examples
    --------
    >>> typed(' "I pay  attention." ')
    'i pay attention'
    """
    return " ".join(re.sub(r"[\"'\u2018\u2019\u201c\u201d\u00ab\u00bb.!]+", "", answer.casefold()).split())


def drop_speeders(survey: Survey, *, duration: str, share_of_median: float = 1 / 3) -> Survey:
    """Drop respondents who took less than a share of the median time.

    Parameters
    ----------
    survey
        The survey.
    duration
        The variable with the interview's length, in any unit. Respondents with an unknown length are kept.
    share_of_median
        The threshold, between 0 and 1. A third of the median is a common rule (Greszki, Meyer and
        Schoen 2015, doi:10.1093/poq/nfu058, compare such rules).

    Raises
    ------
    DataError
        If there is no such variable, it is not numeric, or the share is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"seconds": [60.0, 600.0, 660.0]}))
    >>> tk.drop_speeders(survey, duration="seconds").data["seconds"].tolist()
    [600.0, 660.0]
    """
    accepts(survey=(survey, SURVEY), duration=(duration, NAME), share_of_median=(share_of_median, NUMBER))
    if not 0 < share_of_median < 1:
        raise DataError(
            "the threshold must be a share", got=f"share_of_median={share_of_median:g}", expected="0 to 1"
        )
    column = column_of(survey, duration)
    if not pd.api.types.is_numeric_dtype(column):
        raise DataError(f"{duration} is not numeric", do="give its kind as numeric in the codebook")
    values = numeric_values(column, describe(survey.data, survey.codebook, duration))
    limit = share_of_median * float(pd.Series(values).median())
    fast = values < limit
    rule = f"{_called(survey, duration)} below {limit:.4g} ({share_of_median:.2g} of the median)"
    return without_rows(survey, fast, "drop_speeders", rule, "too fast to have read the questions")


def drop_straightliners(
    survey: Survey, *, items: str | Sequence[str], share: float = STRAIGHT_SHARE
) -> Survey:
    """Drop respondents who gave the same answer to all items of a battery, or to a share of them.

    Parameters
    ----------
    survey
        The survey.
    items
        The battery's name (`Variable.set`), or its variables. A battery should contain reversed items.
    share
        The longest run of one answer, as a share of the battery, from which a respondent is dropped.
        Don't know and refused count as answers; not asked and skipped do not, and end a run.

    Raises
    ------
    DataError
        If there is no such battery or variable, or the share is not above 0 and at most 1.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"a": ["x", "x"], "b": ["x", "y"], "c": ["x", "x"]}))
    >>> tk.drop_straightliners(survey, items=["a", "b", "c"]).data.index.tolist()
    [1]
    """
    accepts(survey=(survey, SURVEY), items=(items, NAMES), share=(share, NUMBER))
    if not 0 < share <= 1:
        raise DataError(
            "the threshold must be a share", got=f"share={share:g}", expected="above 0, at most 1"
        )
    names = items_of(survey.codebook, items)
    answers = {
        name: _asked(column_of(survey, name), describe(survey.data, survey.codebook, name)) for name in names
    }
    run = longest_run(survey.data[list(names)].assign(**answers))
    straight = run.to_numpy() >= share * len(names) - COUNT_TOLERANCE
    named = items_in_words(survey.codebook, items)
    how_many = f"all {len(names)} items" if share == 1 else f"at least {share:.0%} of the {len(names)} items"
    rule = f"the same answer to {how_many} of {named}"
    return without_rows(survey, straight, "drop_straightliners", rule, "did not weigh the items")


def drop_where(survey: Survey, *, where: Mapping[str, object], reason: str, whole: str = "") -> Survey:
    """Drop respondents who meet a condition; respondents with a missing value are kept.

    Parameters
    ----------
    survey
        The survey.
    where
        ``{variable: answer or list of answers}``, or a range of numbers, ends included:
        ``{"longest_run": {"low": 9}}``. All parts must hold. Use such a range for the threshold of an
        index of careless responding that was added to the survey as a column.
    reason
        Why, for the log.
    whole
        The variable that identifies a respondent, if respondents may have several rows: if one of the rows is
        dropped, all rows of the respondent are.

    Raises
    ------
    DataError
        No such variable or answer, or an invalid range.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"longest_run": [3, 10, None]}))
    >>> kept = tk.drop_where(survey, where={"longest_run": {"low": 9}}, reason="careless")
    >>> len(kept.data), kept.log.steps[-1].rule
    (2, 'longest_run is at least 9')
    """
    accepts(survey=(survey, SURVEY), where=(where, CONDITION), reason=(reason, TEXT), whole=(whole, TEXT))
    met, words = _condition(survey, where)
    if whole:
        column = column_of(survey, whole)
        met = met | (column.isin(column[met].dropna().unique())).to_numpy()
        words = f"{words}, in any row of the same {_called(survey, whole)}"
    return without_rows(survey, met, "drop_where", words, reason)


def keep_where(survey: Survey, *, where: Mapping[str, object], reason: str) -> Survey:
    """Keep only respondents who meet a condition; respondents with a missing value are dropped.

    Parameters
    ----------
    survey
        The survey.
    where
        As in `drop_where`.
    reason
        Why, for the log.

    Raises
    ------
    DataError
        No such variable or answer, or an invalid range.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"age": [17, 18, None]}))
    >>> len(tk.keep_where(survey, where={"age": {"low": 18}}, reason="adults only").data)
    1
    """
    accepts(survey=(survey, SURVEY), where=(where, CONDITION), reason=(reason, TEXT))
    met, words = _condition(survey, where)
    return without_rows(survey, ~met, "keep_where", f"all but: {words}", reason)


def drop_inconsistent(
    survey: Survey, *, given: Mapping[str, object], then: Mapping[str, object], reason: str = CONTRADICT
) -> Survey:
    """Drop respondents whose answers contradict each other.

    Parameters
    ----------
    survey
        The survey.
    given
        A condition, as in `drop_where`.
    then
        What must also hold for those who meet it. Don't know, refused, not asked and skipped contradict
        nothing.
    reason
        Why, for the log.

    Raises
    ------
    DataError
        No such variable or answer, or an invalid range.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"age": [17, 40], "drives": ["yes", "yes"]}))
    >>> adults = {"age": {"low": 18}}
    >>> len(tk.drop_inconsistent(survey, given={"drives": "yes"}, then=adults).data)
    1

    See Also
    --------
    flag_inconsistent : Marks them and keeps everyone.
    """
    accepts(survey=(survey, SURVEY), given=(given, CONDITION), then=(then, CONDITION), reason=(reason, TEXT))
    wrong, rule = _contradicts(survey, given, then)
    return without_rows(survey, wrong, "drop_inconsistent", rule, reason)


def flag_inconsistent(
    survey: Survey, *, given: Mapping[str, object], then: Mapping[str, object], into: str
) -> Survey:
    """Mark respondents whose answers contradict each other, and keep everyone.

    Parameters
    ----------
    survey
        The survey.
    given, then
        As in `drop_inconsistent`.
    into
        The new variable: "consistent" or "inconsistent". The log's row counts both.

    Raises
    ------
    DataError
        No such variable or answer, an invalid range, or a name already taken.

    Examples
    --------
    >>> import pandas as pd
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"car": ["no", "no", "yes"], "drives": ["daily", "never", "daily"]}))
    >>> rule = {"given": {"car": "no"}, "then": {"drives": "never"}}
    >>> tk.flag_inconsistent(survey, **rule, into="car_check").data["car_check"].tolist()
    ['inconsistent', 'consistent', 'consistent']
    """
    accepts(survey=(survey, SURVEY), given=(given, CONDITION), then=(then, CONDITION), into=(into, TEXT))
    wrong, rule = _contradicts(survey, given, then)
    made_of = described_by(describe(survey.data, survey.codebook, name) for name in (*given, *then))
    about = Variable(
        into, f"Consistent: {rule}", "single", codes={0: "consistent", 1: "inconsistent"}, **made_of
    )
    values = pd.Categorical.from_codes(wrong.astype(np.int8), dtype=pd.CategoricalDtype(list(about.labels)))
    n, count = len(wrong), int(wrong.sum())
    step = Step("flag_inconsistent", f"{into}: {rule}; {count:,} contradict it", CONTRADICT, n, n)
    return survey.with_variable(about, values).tracked(step)


def column_of(survey: Survey, name: str) -> pd.Series:
    """Return a variable's column.

    Raises
    ------
    DataError
        If there is no such variable.
    """
    if name not in survey.data:
        raise DataError(f"no variable {name!r}", do=suggest(name, survey.data.columns))
    return survey.data[name]


def without_rows(survey: Survey, gone: Rows, name: str, rule: str, reason: str) -> Survey:
    """Return the survey without some rows, and with the step in its log.

    Parameters
    ----------
    survey
        The survey.
    gone
        Which rows are dropped, shape (n,).
    name, rule, reason
        The step, its rule in words and why, for the log.

    Raises
    ------
    DataError
        If no row would be left.

    Examples
    --------
    >>> import trustkit as tk
    >>> survey = tk.read(pd.DataFrame({"age": [17, 40]}))
    >>> adults = without_rows(survey, np.array([True, False]), "drop_minors", "age below 18", "adults only")
    >>> adults.data["age"].tolist(), adults.log.steps[-1].rule
    ([40], 'age below 18')
    """
    before, after = len(survey.data), int((~gone).sum())
    if before and not after:
        raise DataError("the step excludes every respondent", where=name, got=rule, do="correct the rule")
    kept = replace(survey, data=survey.data.loc[~gone]) if after < before else survey
    return kept.tracked(Step(name, rule, reason, before, after), before=survey)


def _called(survey: Survey, name: str) -> str:
    """Return how sentences name a variable: by the codebook, or by its column."""
    return describe(survey.data, survey.codebook, name).called


def _asked(column: pd.Series, variable: Variable) -> pd.Series:
    """Return a column in which not asked and skipped are missing."""
    if variable.kind in CODED:
        return column.where(among(column, variable.asked_labels))
    return column.where(answered(column, variable))


def _condition(survey: Survey, where: Mapping[str, object]) -> tuple[Rows, str]:
    """Return which rows meet a condition, and the condition in words."""
    about = partial(describe, survey.data, survey.codebook)
    met = rows_where(where, survey.data, about)
    return np.ones(len(survey.data), dtype=bool) if met is None else met, condition(where, about)


def _contradicts(survey: Survey, given: Mapping[str, object], then: Mapping[str, object]) -> tuple[Rows, str]:
    """Return which rows meet ``given`` and have an answer that ``then`` excludes, and the rule in words."""
    met, if_words = _condition(survey, given)
    _, then_words = _condition(survey, then)
    other = np.zeros(len(met), dtype=bool)
    for name in then:
        about = describe(survey.data, survey.codebook, name)
        fits, _ = _condition(survey, {name: then[name]})
        other |= answered(survey.data[name], about).to_numpy() & ~fits
    return met & other, f"if {if_words}, then {then_words}"
