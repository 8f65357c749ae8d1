"""Rules that a column must meet to agree with its description, each broken rule with its rows."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from trustkit.survey.personal_looks import DATE_LIKE
from trustkit.survey.quoted_cells import HIDDEN, may_be_quoted_together, quoted_cell, quoted_cells
from trustkit.survey.variable import CODED, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.bool_]

LARGEST_EXACT = 2**53
"""From this whole number on, a float cannot represent each whole number."""

VALUES_SHOWN = 5
"""How many wrong values an error lists."""

DATE_FORMATS = (
    "ISO8601",
    *(
        f"{day}{time}"
        for day in (
            "%d.%m.%Y",
            "%m/%d/%Y",
            "%d/%m/%Y",
            "%Y/%m/%d",
            "%d-%m-%Y",
            "%d.%m.%y",
            "%m/%d/%y",
            "%d/%m/%y",
        )
        for time in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
    ),
    *("%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%B %d, %Y", "%b %d, %Y"),
)
"""How dates are written in exports; all dates of a column are written in one way."""

SAMPLE = 1000
"""How many texts are used to find the likely date formats."""

NO_PLACE = "no value, though the design needs one"
"""The rule broken by respondents whose stratum, PSU or population size is not known."""

UNKNOWN_CODE = "unknown code"
"""The rule broken by cells of a labelled column that the codebook does not list."""

TOLERATED = ("id repeated", "not answered though asked", "no weight", NO_PLACE)
"""Rules that do not stop cleaning, because cleaning steps or the design handle such rows."""


class Broken(NamedTuple):
    """A rule that some rows break: its name, the values that break it, and which rows they are."""

    rule: str
    value: str
    rows: Rows


def broken_rules(column: pd.Series, variable: Variable, valid: Rows) -> list[Broken]:
    """List the rules that a column may break, each with the rows that break it.

    Parameters
    ----------
    column
        As a `Survey` holds it: a categorical of labels for coded kinds, else what was read.
    variable
        Its description.
    valid
        Shape (n,): which rows hold a substantive answer.

    Examples
    --------
    >>> ids = pd.Series(["a", "b", "b", None])
    >>> broken = broken_rules(ids, Variable("id", "Id", "id"), ids.notna())
    >>> [(item.rule, int(item.rows.sum())) for item in broken]
    [('id repeated', 2), ('id missing', 1)]
    """
    rules = {
        "id": _broken_ids,
        "weight": _broken_weights,
        "numeric": _broken_numbers,
        "date": _broken_dates,
    }
    if variable.kind in CODED:
        return _broken_codes(column, variable)
    rule = rules.get(variable.kind)
    return rule(column, variable, np.asarray(valid, dtype=bool)) if rule else []


def exact_numbers(column: pd.Series) -> pd.Series:
    """Return a column as floats, NaN where there is no number or a float can't represent it exactly.

    Examples
    --------
    >>> exact_numbers(pd.Series(["1", "01", "one", 2**53 + 1])).tolist()
    [1.0, 1.0, nan, nan]
    """
    kind = column.dtype.kind
    if column.dtype == float:
        return column
    if kind in "mMc":
        return pd.Series(np.nan, index=column.index, name=column.name)
    if kind == "O" and not isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        known = [isinstance(value, str | int | float | np.number) for value in column]
        column = column.where(pd.Series(known, index=column.index))
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    large = np.abs(numbers) >= LARGEST_EXACT
    if kind != "f" and large.any():
        numbers[large] = [value if isinstance(value, float) else np.nan for value in column[large]]
    return pd.Series(numbers, index=column.index, name=column.name)


def no_dates(values: Sequence[object]) -> tuple[str, Rows]:
    """Return the date format of most values, and which of them are not dates in this format.

    Examples
    --------
    >>> form, bad = no_dates(["31.12.2024", "30.02.2024", "12/31/2024"])
    >>> form, bad.tolist()
    ('%d.%m.%Y', [False, True, True])
    """
    texts = _date_texts(values)
    form = _date_format(texts)
    if not form:
        return "", np.ones(len(values), dtype=bool)
    return form, ~_dated(texts, form)


def all_dates(values: Sequence[object]) -> bool:
    """Return whether all values are dates in one format: only formats of the first value are tried on all.

    Examples
    --------
    >>> all_dates(["31.12.2024", "30.11.2024"]), all_dates(["31.12.2024", "12/31/2024"])
    (True, False)
    >>> all_dates(["May 3, 2024"]), all_dates(["Town 2024"])
    (True, False)
    """
    if not DATE_LIKE.fullmatch(code_text(values[0])):
        return False
    texts = _date_texts(values)
    return any(_dated(texts, form).all() for form in _formats_of(str(texts.iloc[0])))


@lru_cache(maxsize=1 << 10)
def _formats_of(text: str) -> tuple[str, ...]:
    """Return the formats in which one text is a date."""
    one = pd.Series([text], dtype="str")
    return tuple(form for form in DATE_FORMATS if _dated(one, form).all())


def _date_format(texts: pd.Series[str]) -> str:
    """Return the format that most texts have; only formats that fit a sample are tried on all texts."""
    sample = texts.iloc[:: max(1, len(texts) // SAMPLE)]
    if len(texts) and _dated(texts, "ISO8601").all():
        return "ISO8601"
    hits = {form: int(_dated(sample, form).sum()) for form in DATE_FORMATS}
    most = max(hits.values())
    likely = [form for form in DATE_FORMATS if most and hits[form] == most]
    return max(likely, key=lambda form: int(_dated(texts, form).sum())) if likely else ""


def _date_texts(values: Sequence[object]) -> pd.Series[str]:
    """Return values as text, without the time zone, which the formats do not include."""
    texts = pd.Series([code_text(value) for value in values], dtype="str")
    return texts.str.replace(r" (?:[A-Z]{3,4})?(?:[+-][\d:]+)?$", "", regex=True)


def _dated(texts: pd.Series[str], form: str) -> Rows:
    """Return which texts are dates in a format."""
    dates = pd.Series(pd.to_datetime(texts, format=form, errors="coerce", utc=True))
    return dates.notna().to_numpy(dtype=bool)


def _broken_codes(column: pd.Series, variable: Variable) -> list[Broken]:
    """Find codes that are not in the codebook, and labels of several codes."""
    codes = column.cat.codes.to_numpy()
    known = {*variable.labels, *variable.missing_labels}
    unknown = [
        (place, category) for place, category in enumerate(column.cat.categories) if category not in known
    ]
    are_shown = may_be_quoted_together([category for _, category in unknown], variable)
    broken = [
        Broken(UNKNOWN_CODE, quoted_cell(category, variable) if are_shown else HIDDEN, codes == place)
        for place, category in unknown
    ]
    twice = [label for label, times in Counter(variable.labels).items() if times > 1]
    return broken + [
        Broken("label stands for several codes", label, (column == label).to_numpy()) for label in twice
    ]


def _broken_ids(column: pd.Series, variable: Variable, valid: Rows) -> list[Broken]:
    """Find repeated and missing identifiers. Only their number is shown: they may identify a person."""
    del variable
    again = column.duplicated(keep=False).to_numpy() & valid
    count = column[again].nunique()
    return [
        Broken("id repeated", f"{count:,} {'id' if count == 1 else 'ids'}", again),
        Broken("id missing", "", ~valid),
    ]


def _broken_weights(column: pd.Series, variable: Variable, valid: Rows) -> list[Broken]:
    """Find weights that can't be used."""
    numbers = exact_numbers(column)
    negative = valid & (numbers < 0).to_numpy()
    return [
        *_broken_numbers(column, variable, valid),
        Broken("negative weight", _first_numbers(numbers, negative, variable), negative),
        Broken("no weight", "", ~valid),
    ]


def _broken_numbers(column: pd.Series, variable: Variable, valid: Rows) -> list[Broken]:
    """Find values that are not numbers, and numbers outside the range."""
    numbers = exact_numbers(column)
    words = valid & numbers.isna().to_numpy()
    if words.any():
        return [Broken("not a number", _first_values(column, words, variable), words)]
    low = -np.inf if variable.low is None else variable.low
    high = np.inf if variable.high is None else variable.high
    outside = valid & ~numbers.between(low, high).to_numpy()
    infinite = valid & np.isinf(numbers.to_numpy()) & ~outside
    return [
        Broken(f"outside {low:g} to {high:g}", _first_numbers(numbers, outside, variable), outside),
        Broken("infinite", _first_numbers(numbers, infinite, variable), infinite),
    ]


def _broken_dates(column: pd.Series, variable: Variable, valid: Rows) -> list[Broken]:
    """Find values that are not dates, and dates in another format than most of the column."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return []
    codes, values = pd.factorize(column.where(valid))
    _, bad = no_dates(values.tolist())
    if not bad.any():
        return []
    other = bad.copy()
    odd = _date_texts(values[bad].tolist())
    other[bad] = np.logical_or.reduce([_dated(odd, form) for form in DATE_FORMATS])
    # a missing value, at place -1, is no fault
    unlike, none = (np.append(which, False)[codes] for which in (other, bad & ~other))
    return [
        Broken("date written in another way", _first_values(column, unlike, variable), unlike),
        Broken("not a date", _first_values(column, none, variable), none),
    ]


def _first_values(column: pd.Series, rows: Rows, variable: Variable) -> str:
    """Name the first few values of some rows."""
    values = sorted({str(value) for value in column[rows].unique()})
    return quoted_cells(values[:VALUES_SHOWN], variable, among=values)


def _first_numbers(numbers: pd.Series, rows: Rows, variable: Variable) -> str:
    """Name the smallest few numbers of some rows."""
    values = sorted(numbers[rows].unique())[:VALUES_SHOWN]
    return quoted_cells((code_text(float(value)) for value in values), variable)
