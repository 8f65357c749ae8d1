"""Domains: which respondents are counted, as rows, as a condition for an engine, and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.survey.columns import among, coded, has_reason, numeric_values
from trustkit.survey.quoted_cells import suggest_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    from trustkit.survey.variable import Variable

Where: TypeAlias = "Mapping[str, object] | pd.Series | nw.Expr | None"
Describe: TypeAlias = "Callable[[str], Variable]"


def rows_where(where: Where, data: pd.DataFrame, describe: Describe) -> NDArray[np.bool_] | None:
    """Return which rows a ``where`` selects; None is all.

    Parameters
    ----------
    where
        ``{variable: level or list of levels}``, or a boolean Series on the data's index. Numbers, and
        answers that count as numbers, also take a range, ends included: ``{"age": {"low": 18, "high": 24}}``,
        or one end of it.
    data
        The rows.
    describe
        Returns the description of a variable.

    Raises
    ------
    DataError
        Unknown variable or level, an invalid range, or a Series that is not boolean or not aligned.
    """
    if where is None:
        return None
    if isinstance(where, Mapping):
        chosen = np.ones(len(data), dtype=bool)
        ranges = {name: wanted for name, wanted in where.items() if isinstance(wanted, Mapping)}
        for name, wanted in ranges.items():
            about = describe(name)
            low, high = _ends(name, wanted)
            values = numeric_values(data[name], about)
            chosen &= (values >= low) & (values <= high)
        answers = {name: wanted for name, wanted in where.items() if name not in ranges}
        for name, levels in levels_of(answers, describe).items():
            if describe(name).codes:
                chosen &= coded(data[name], [str(level) for level in levels]) >= 0
            else:
                chosen &= data[name].isin(levels).to_numpy()
        return chosen
    if not isinstance(where, pd.Series):
        raise DataError("where must be a mapping or a boolean Series", got=type(where).__name__)
    if where.dtype != bool or not where.index.equals(data.index):
        raise DataError(
            "where must be a boolean Series on the data's index",
            got=f"dtype {where.dtype}, {len(where):,} rows",
            do="build it from the design's data, such as design.data['age'] > 30",
        )
    return where.to_numpy()


def asked_rows(data: pd.DataFrame, about: Variable) -> NDArray[np.bool_]:
    """Return which rows were asked a question (`Variable.asked`) and have no code for not asked.

    Examples
    --------
    >>> from trustkit.survey.variable import Variable
    >>> drives = Variable("drives", "Drive?", "single", codes={1: "yes"}, asked={"age": ("18+",)})
    >>> asked_rows(pd.DataFrame({"age": ["18+", "under"], "drives": ["yes", None]}), drives).tolist()
    [True, False]
    """
    unasked = [label for label, reason in about.reason_of.items() if reason == "not asked"]
    asked = ~has_reason(data[about.name], about, *unasked)
    for of, labels in about.asked.items():
        if of in data:
            asked &= among(data[of], labels)
    return asked


def asked_in_words(about: Variable, variables: Mapping[str, Variable]) -> str:
    """Return who was asked a question, by the wording of the questions that decide it; "" if all were.

    Examples
    --------
    >>> from trustkit.survey.variable import Variable
    >>> drives = Variable("drives", "Do you drive?", "single", codes={1: "yes"}, short="drivers")
    >>> owns = Variable("owns", "Do you own a car?", "single", asked={"drives": ("yes", "at times")})
    >>> asked_in_words(owns, {"drives": drives})
    '"Do you drive?" is yes or at times'
    """
    called = {of: replace(variables[of], short="").called if of in variables else of for of in about.asked}
    return " and ".join(f"{called[of]} is {' or '.join(who)}" for of, who in about.asked.items())


def lazy_where(where: Where, describe: Describe) -> object:
    """Return a ``where`` for an engine: variable -> list of levels, or a narwhals expression as it is."""
    if isinstance(where, pd.Series):
        raise DataError(
            "a boolean Series can't be used with a lazy source", do="pass a mapping or a narwhals expression"
        )
    return levels_of(where, describe) if isinstance(where, Mapping) else where


def condition(where: Where, describe: Describe) -> str:
    """Return in words which rows a ``where`` selects."""
    if where is None:
        return ""
    if isinstance(where, Mapping):
        return " and ".join(
            f"{describe(name).called} {_wanted_in_words(name, wanted, describe)}"
            for name, wanted in where.items()
        )
    return "a condition"


def conditions_in(where: Where) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Return each variable's name and levels, as texts; None for a condition that is not a mapping.

    Examples
    --------
    >>> conditions_in({"sex": "women", "age": {"low": 18}})
    (('sex', ('women',)), ('age', ('from 18',)))
    """
    if where is None:
        return ()
    if not isinstance(where, Mapping):
        return None
    return tuple((str(name), _as_texts(wanted)) for name, wanted in where.items())


def _as_texts(wanted: object) -> tuple[str, ...]:
    """Return the levels of a condition, or its range, as texts."""
    if isinstance(wanted, Mapping):
        words = {"low": "from", "high": "to"}
        return (" ".join(f"{words.get(str(end), end)} {value}" for end, value in wanted.items()),)
    listed = wanted if isinstance(wanted, list | tuple | set) else (wanted,)
    return tuple(sorted(map(str, listed)))


def levels_of(where: Mapping[str, object], describe: Describe) -> dict[str, Sequence[object]]:
    """Return each condition's levels, all of them known.

    Raises
    ------
    DataError
        Unknown variable or level; a near miss is suggested.
    """
    levels_by_name: dict[str, Sequence[object]] = {}
    for name, wanted in where.items():
        variable = describe(name)
        if isinstance(wanted, Mapping):
            raise DataError(f"{name}: a range needs rows in memory", do="pass a narwhals expression")
        levels = list(wanted) if isinstance(wanted, list | tuple | set) else [wanted]
        known = [*variable.labels, *variable.missing_labels]
        for level in levels:
            if variable.kind != "numeric" and known and level not in known and not _is_flag(level, known):
                raise DataError(f"{name} has no answer {level!r}", do=suggest_answer(level, known, variable))
        levels_by_name[name] = levels
    return levels_by_name


def _ends(name: str, wanted: Mapping[str, object]) -> tuple[float, float]:
    """Return both ends of a range, infinite where none is given."""
    ends = [wanted.get("low", -np.inf), wanted.get("high", np.inf)]
    known = set(wanted) <= {"low", "high"} and wanted
    numbers = [end for end in ends if isinstance(end, int | float) and not isinstance(end, bool)]
    if not known or len(numbers) < len(ends) or not numbers[0] <= numbers[1]:
        raise DataError(
            f"{name}: invalid range", got=str(dict(wanted)), expected="low, high or both, in order"
        )
    return float(numbers[0]), float(numbers[1])


def _wanted_in_words(name: str, wanted: object, describe: Describe) -> str:
    if not isinstance(wanted, Mapping):
        return f"is {' or '.join(map(str, levels_of({name: wanted}, describe)[name]))}"
    low, high = _ends(name, wanted)
    about = describe(name)
    if about.low is not None and about.high is not None and low <= about.low and high >= about.high:
        return "has an answer"  # nobody who gave a number is left out
    if np.isinf(high):
        return f"is at least {low:g}"
    return f"is at most {high:g}" if np.isinf(low) else f"is {low:g} to {high:g}"


def _is_flag(level: object, known: Sequence[str]) -> bool:
    """Return whether a level is True or False and the column has it as text."""
    return isinstance(level, bool) and str(level) in known
