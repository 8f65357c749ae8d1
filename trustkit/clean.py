"""Cleaning: steps from `Survey` to `Survey`, each adding a row to the exclusion log.

The same steps stand in a codebook's ``cleaning`` list, and `clean` applies them in that order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trustkit.codebook import CODED
from trustkit.errors import CodebookError, DataError, suggest
from trustkit.quality import longest_run
from trustkit.survey import Step, Survey, answered, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import pandas as pd

    from trustkit.codebook import Variable

STRAIGHT_SHARE = 1.0
"""Share of a battery that must carry one and the same answer to count as straight-lining."""


ROUNDING = 1e-9
"""How far below a threshold in items a whole number may be and still count as having reached it."""


def clean(survey: Survey) -> Survey:
    """Apply the codebook's cleaning steps in their order.

    Parameters
    ----------
    survey
        As read. Its data must agree with its codebook.

    Returns
    -------
    Survey
        With one row in its log for each step.

    Raises
    ------
    DataError
        If the data disagree with the codebook (all faults at once), or a step excludes everybody.
    CodebookError
        If a step or one of its arguments is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit.codebook import Codebook, Variable
    >>> steps = ({"step": "drop_duplicates", "by": "id"},)
    >>> book = Codebook({"id": Variable("id", "Id", "id")}, cleaning=steps)
    >>> cleaned = clean(Survey(pd.DataFrame({"id": ["a", "b", "b"]}), book))
    >>> cleaned.log.to_frame()[["step", "n_before", "n_after"]]
                  step  n_before  n_after
    0  drop_duplicates         3        2
    """
    survey.refuse_faults()
    for number, settings in enumerate(survey.codebook.cleaning, 1):
        survey = _apply(survey, number, settings)
    return survey


def drop_duplicates(survey: Survey, *, by: str) -> Survey:
    """Keep each respondent's first row.

    Parameters
    ----------
    survey
        The survey.
    by
        The variable that identifies a respondent. Rows without one are kept.

    Raises
    ------
    DataError
        If there is no such variable.
    """
    column = _column(survey, by)
    again = column.duplicated().to_numpy() & column.notna().to_numpy()
    return _exclude(survey, again, "drop_duplicates", f"same {by} as an earlier row", "counted once each")


def drop_failed_attention(survey: Survey, *, variable: str, passed: str) -> Survey:
    """Drop respondents whose answer to an attention check is not the instructed one.

    Parameters
    ----------
    survey
        The survey.
    variable
        The attention check.
    passed
        The label that the question asked for. No answer at all counts as failed.

    Raises
    ------
    DataError
        If there is no such variable or label.
    """
    column = _column(survey, variable)
    labels = survey.codebook[variable].labels
    if passed not in labels:
        raise DataError(f"{variable} has no answer {passed!r}", do=suggest(passed, labels))
    failed = (column != passed).to_numpy()
    rule = f"{variable} is not {passed!r}"
    return _exclude(survey, failed, "drop_failed_attention", rule, "did not read the questions")


def drop_speeders(survey: Survey, *, duration: str, share_of_median: float = 1 / 3) -> Survey:
    """Drop respondents who took less than a share of the median time.

    Parameters
    ----------
    survey
        The survey.
    duration
        The variable with the interview's length, in any unit. Unknown lengths are kept.
    share_of_median
        The threshold, between 0 and 1. A third of the median is a common rule (Greszki, Meyer and
        Schoen 2015, doi:10.1093/poq/nfu058, compare such rules).

    Raises
    ------
    DataError
        If there is no such variable, it is not numeric, or the share is not between 0 and 1.
    """
    if not 0 < share_of_median < 1:
        raise DataError(
            "the threshold must be a share", got=f"share_of_median={share_of_median:g}", expected="0 to 1"
        )
    column = _column(survey, duration)
    if column.dtype != float:
        raise DataError(f"{duration} is not numeric", do="give its kind as numeric in the codebook")
    column = column.where(answered(column, survey.codebook[duration]))
    limit = share_of_median * float(column.median())
    fast = (column < limit).to_numpy()
    rule = f"{duration} below {limit:.4g} ({share_of_median:.2g} of the median)"
    return _exclude(survey, fast, "drop_speeders", rule, "too fast to have read the questions")


def drop_straightliners(
    survey: Survey, *, items: str | Sequence[str], share: float = STRAIGHT_SHARE
) -> Survey:
    """Drop respondents who gave one and the same answer to a battery.

    Parameters
    ----------
    survey
        The survey.
    items
        The battery's name (`Variable.set`), or its variables. It should hold reversed items.
    share
        The longest run of one answer, as a share of the battery, from which a respondent is dropped.
        Don't know and refused are answers; not asked and skipped are none, and end a run.

    Raises
    ------
    DataError
        If there is no such battery or variable, or the share is not above 0 and at most 1.
    """
    if not 0 < share <= 1:
        raise DataError(
            "the threshold must be a share", got=f"share={share:g}", expected="above 0, at most 1"
        )
    names = survey.codebook.members(items) if isinstance(items, str) else tuple(items)
    if not names:
        known = {variable.set for variable in survey.codebook.variables.values() if variable.set}
        raise DataError(f"no battery {items!r}", do=suggest(items, sorted(known)))
    answers = {name: _asked(_column(survey, name), survey.codebook[name]) for name in names}
    run = longest_run(survey.data[list(names)].assign(**answers))
    straight = run.to_numpy() >= share * len(names) - ROUNDING
    named = items if isinstance(items, str) else ", ".join(items)
    rule = f"one answer to {share:.0%} of {named} ({len(names)} items)"
    return _exclude(survey, straight, "drop_straightliners", rule, "did not weigh the items")


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
    """
    counts: dict[str, int] = {}
    found = {}
    for name, variable in survey.codebook.variables.items():
        if not variable.missing_labels:
            continue
        column = survey.data[name]
        if variable.kind in CODED:
            hits = {label: int((column == label).sum()) for label in variable.missing_labels}
        else:
            hits = {
                label: int(is_missing(column, variable, label).sum()) for label in variable.missing_labels
            }
            found[name] = column.where(answered(column, variable))
        for label, count in hits.items():
            reason = variable.reason_of[label]
            counts[reason] = counts.get(reason, 0) + count
    told = ", ".join(f"{reason} {count:,}" for reason, count in counts.items()) or "none"
    n = len(survey.data)
    step = Step("set_missing", f"answers by reason: {told}", "no substantive answer", n, n)
    return replace(survey, data=survey.data.assign(**found)).tracked(step)


STEPS: Mapping[str, Callable[..., Survey]] = {
    step.__name__: step
    for step in (drop_duplicates, drop_failed_attention, drop_speeders, drop_straightliners, set_missing)
}
"""The steps that a codebook can name."""


def _apply(survey: Survey, number: int, settings: Mapping[str, object]) -> Survey:
    """Apply one entry of the codebook's cleaning list."""
    where = f"cleaning, entry {number}"
    arguments = dict(settings)
    name = str(arguments.pop("step", ""))
    if name not in STEPS:
        raise CodebookError(f"no cleaning step {name!r}", where=where, do=suggest(name, STEPS))
    wanted = STEPS[name].__kwdefaults__ or {}
    known = [item for item in STEPS[name].__annotations__ if item not in ("survey", "return")]
    unknown = [item for item in arguments if item not in known]
    missing = [item for item in known if item not in arguments and item not in wanted]
    if unknown or missing:
        raise CodebookError(
            f"{name} was given the wrong arguments",
            where=where,
            got=", ".join(arguments) or "none",
            expected=", ".join(known) or "none",
            do="; ".join([*(f"drop {item}" for item in unknown), *(f"add {item}" for item in missing)]),
        )
    for item, value in arguments.items():
        number = STEPS[name].__annotations__[item] == "float"
        texts = isinstance(value, str) or (isinstance(value, list) and item == "items")
        if not (isinstance(value, int | float) and not isinstance(value, bool) if number else texts):
            raise CodebookError(
                f"{name} can't use its {item}",
                where=where,
                got=repr(value),
                expected="a number" if number else "a variable's name, a battery's name or an answer's label",
            )
    return STEPS[name](survey, **arguments)


def _column(survey: Survey, name: str) -> pd.Series:
    if name not in survey.data or name not in survey.codebook.variables:
        raise DataError(f"no variable {name!r}", do=suggest(name, survey.codebook.variables))
    return survey.data[name]


def _asked(column: pd.Series, variable: Variable) -> pd.Series:
    """Blank what isn't an answer: not asked, skipped."""
    if variable.kind in CODED:
        return column.where(column.isin(variable.asked_labels))
    return column.where(answered(column, variable))


def _exclude(survey: Survey, gone: np.ndarray, name: str, rule: str, reason: str) -> Survey:
    """Return the survey without some rows, and the step in its log."""
    before, after = len(survey.data), int((~gone).sum())
    if not after:
        raise DataError("the step excludes every respondent", where=name, got=rule, do="mend the rule")
    kept = replace(survey, data=survey.data.loc[~gone])
    return kept.tracked(Step(name, rule, reason, before, after))
