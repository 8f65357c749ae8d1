"""Columns read by their descriptions: labels, counts, answers and missing codes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import pandas as pd

from trustkit.errors import DataError, suggest
from trustkit.headings import shortened
from trustkit.survey.checks import exact_numbers
from trustkit.survey.variable import (
    CODED,
    Code,
    Kind,
    Variable,
    code_text,
)
from trustkit.survey.written_numbers import written_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from trustkit.survey.codebook import Codebook

    Floats = NDArray[np.float64]


FEW_ITEMS = 3
"""A sentence names so many items of a battery that has no name."""

FROM_DATES = "turn the dates into numbers, such as days since the first one, or into groups, such as months"
"""What to do with dates where numbers or answers are needed."""

CLOSE = 10_000
"""How far apart a column's whole numbers may lie to be counted rather than hashed."""


def labelled(column: pd.Series, variable: Variable) -> pd.Series:
    """Label a raw column as its variable says: codes (or labels) become an ordered list of categories.

    Parameters
    ----------
    column
        Codes as numbers or text, or labels; a value that could be either is a code, unless the column
        contains labels that are not codes. Numeric kinds become numbers if every value is a number.
    variable
        Its description.

    Returns
    -------
    Series
        For coded kinds a categorical: the labels in order, then the labels of missing answers, then
        any code that is not in the codebook, as text.
    """
    if variable.kind in ("numeric", "weight"):
        numbers = exact_numbers(column)
        return _as_written(column, variable) if bool((numbers.isna() & column.notna()).any()) else numbers
    if variable.kind not in CODED:
        return column
    by_code = {code_text(code): label for code, label in variable.codes.items()}
    by_code |= {code_text(code): name for code, name in variable.missing_names.items()}
    by_label = {label: label for label in (*variable.labels, *variable.missing_labels)}
    codes, values = _distinct(column)
    for span in variable.missing_ranges:
        inside = {code_text(value): span.reason.capitalize() for value in values if span.holds(value)}
        by_code = inside | by_code
    texts = [str(value) for value in values]
    settled = isinstance(column.dtype, pd.CategoricalDtype) or any(
        code_text(value) not in by_code for value in values
    )
    if settled and all(text in by_label for text in texts):
        names = texts
    else:
        names = [
            by_code.get(code_text(value), by_label.get(text, code_text(value)))
            for value, text in zip(values, texts, strict=True)
        ]
    categories = list(dict.fromkeys([*variable.labels, *variable.missing_labels, *names]))
    place = {name: number for number, name in enumerate(categories)}
    lookup = np.array([*(place[name] for name in names), -1])
    dtype = _categories(tuple(categories), variable.kind)
    return pd.Series(
        pd.Categorical.from_codes(lookup[codes], dtype=dtype),
        index=column.index,
        name=column.name,
    )


@lru_cache(maxsize=1 << 8)
def _categories(names: tuple[str, ...], kind: Kind) -> pd.CategoricalDtype:
    """Return the type of labelled columns; those of a battery share one, as pandas checks each at length."""
    return pd.CategoricalDtype(list(names), ordered=kind == "ordinal")


def _as_written(column: pd.Series, variable: Variable) -> pd.Series:
    """Read texts as numbers where all but the missing codes are numbers of one form; else leave them."""
    missing = {code_text(code) for code in variable.missing}
    texts = [value for value in column.dropna().unique() if code_text(value) not in missing]
    written = written_numbers(texts) if all(isinstance(text, str) for text in texts) else None
    if written is None:
        return column
    cells = [written.numbers.get(cell, cell) if isinstance(cell, str) else cell for cell in column]
    all_numbers = not any(isinstance(cell, str) for cell in cells)
    return pd.Series(cells, index=column.index, name=column.name, dtype=float if all_numbers else object)


def _distinct(column: pd.Series) -> tuple[NDArray[np.intp], list[Code]]:
    """Return each row's place among a column's values, -1 if it is empty, and the values as they come.

    Whole numbers that lie close together, as codes do, are counted; anything else is hashed.
    """
    if column.dtype == np.int64 and len(column):
        numbers = column.to_numpy()
        low, high = int(numbers.min()), int(numbers.max())
        if high - low < CLOSE:
            places = numbers - low
            first = np.full(high - low + 1, -1, dtype=np.intp)
            first[places[::-1]] = np.arange(len(places))[::-1]
            present = np.flatnonzero(first >= 0)
            present = present[np.argsort(first[present])]
            lookup = np.full(high - low + 1, -1, dtype=np.intp)
            lookup[present] = np.arange(len(present))
            return lookup[places], [int(value) for value in present + low]
    codes, values = pd.factorize(column)
    return codes, list(values)


def tracked_shares(data: pd.DataFrame, codebook: Codebook, weights: NDArray[np.float64]) -> dict[str, float]:
    """Return the weighted share of each tracked answer among the valid answers, by a name to show."""
    shares = {}
    for name, label in codebook.track.items():
        sums = sums_of(data[name], weights)
        valid_total = sum(sums.get(answer, 0.0) for answer in codebook[name].labels)
        shares[f"{codebook[name].called} = {label}"] = (
            sums.get(label, 0.0) / valid_total if valid_total else float("nan")
        )
    return shares


def total_weight(data: pd.DataFrame, codebook: Codebook) -> float:
    """Return the sum of the weights; NaN if the codebook names none."""
    name = codebook.design.weights
    if name is None or name not in data:
        return float("nan")
    with np.errstate(over="ignore", invalid="ignore"):  # what can't be a weight is the design's to refuse
        return float(np.nansum(exact_numbers(data[name])))


def group_sizes(data: pd.DataFrame, by: str) -> dict[str, int]:
    """Count the respondents of each answer to a coded variable; none if there is no such variable."""
    if by not in data or not isinstance(data[by].dtype, pd.CategoricalDtype):
        return {}
    return {name or "no answer": int(size) for name, size in sums_of(data[by]).items() if size}


def sums_of(column: pd.Series, weights: NDArray[np.float64] | None = None) -> dict[str, float]:
    """Return the number, or the weight, of the rows of each answer of a coded column; "" is no answer.

    Examples
    --------
    >>> sums_of(pd.Series(["b", "a", None, "b"], dtype="category"))
    {'a': 1, 'b': 2, '': 1}
    """
    names = [*column.cat.categories, ""]
    sums = np.bincount(column.cat.codes.to_numpy() + 1, weights, minlength=len(names))
    return dict(zip(names, np.roll(sums, -1).tolist(), strict=True))


def answered(column: pd.Series, variable: Variable) -> pd.Series:
    """Return which rows have a substantive answer. A text without a visible character is none."""
    if variable.kind in CODED:
        return pd.Series(among(column, variable.labels), index=column.index, name=column.name)
    return column.notna() & ~blank(column) & ~has_reason(column, variable, *variable.missing_labels)


def blank(column: pd.Series) -> NDArray[np.bool_]:
    """Return which rows have a text without a visible character, which is no answer.

    Examples
    --------
    >>> blank(pd.Series(["a", "", " ", None])).tolist()
    [False, True, True, False]
    """
    if isinstance(column.dtype, pd.CategoricalDtype):
        return among(column, [category for category in column.cat.categories if is_blank(category)])
    if column.dtype.kind != "O":
        return np.zeros(len(column), dtype=bool)
    return column.map(is_blank).to_numpy(dtype=bool)


def is_blank(value: object) -> bool:
    """Return whether a value is a text without a visible character.

    Examples
    --------
    >>> is_blank("\u00a0 "), is_blank("a"), is_blank(None)
    (True, False, False)
    """
    return isinstance(value, str) and not value.strip()


def has_reason(column: pd.Series, variable: Variable, *labels: str) -> NDArray[np.bool_]:
    """Return which rows have one of the answers that are not substantive (`Variable.missing_labels`).

    Examples
    --------
    >>> from trustkit.survey.variable import Variable
    >>> age = Variable("age", "Age", "numeric", missing={-9: "refused"})
    >>> has_reason(pd.Series([30.0, -9.0, None]), age, "Refused").tolist()
    [False, True, False]
    """
    if variable.kind in CODED or not labels:
        return among(column, labels)
    return is_missing(column, variable, *labels).to_numpy(dtype=bool)


def among(column: pd.Series, labels: Iterable[object]) -> NDArray[np.bool_]:
    """Return which rows have one of the given answers.

    Examples
    --------
    >>> among(pd.Series(["b", "a", None], dtype="category"), ["a"]).tolist()
    [False, True, False]
    """
    wanted = list(labels)
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.isin(wanted).to_numpy()
    # Answers are looked up once for each category, not once for each row.
    hit = np.array([*column.cat.categories.isin(wanted), False])
    rows: NDArray[np.bool_] = hit[column.cat.codes.to_numpy()]
    return rows


def is_missing(column: pd.Series, variable: Variable, *labels: str) -> pd.Series:
    """Return which rows of a column without labels have a missing code, or a number in a missing range.

    ``labels`` are the labels of these codes and ranges (`Variable.missing_labels`).
    """
    codes = [code for code, name in variable.missing_names.items() if name in labels]
    missing = is_missing_code(column, codes)
    spans = [span for span in variable.missing_ranges if span.reason.capitalize() in labels]
    if spans:
        numbers = exact_numbers(column)
        known = is_missing_code(column, variable.missing)
        for span in spans:
            missing |= numbers.between(span.low, span.high) & ~known
    return missing


def is_missing_code(column: pd.Series, codes: Iterable[object]) -> pd.Series:
    """Return which rows of a column without labels have one of the given codes."""
    texts = sorted({code_text(code) for code in codes})
    if not texts:
        return pd.Series(np.zeros(len(column), dtype=bool), index=column.index, name=column.name)
    if column.dtype == float:
        numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").dropna()
        missing = pd.Series(data=False, index=column.index, name=column.name)
        for number in numbers.astype(float):
            missing |= column == number  # a few comparisons are faster than isin
        return missing
    return column.astype(object).map(code_text, na_action="ignore").isin(texts)


def numeric_values(column: pd.Series, about: Variable) -> Floats:
    """Return the values of a column, or the scores of its answers; NaN where a row has no number."""
    if about.kind in CODED:
        scoring = about.scoring
        if not scoring or not isinstance(column.dtype, pd.CategoricalDtype):
            raise DataError(
                f"the answers of {about.name} are not numbers",
                do="use proportion or count, or give it scores",
            )
        scores = [scoring.get(category, np.nan) for category in column.cat.categories]
        return np.array([*scores, np.nan])[column.cat.codes.to_numpy()]
    if about.kind not in ("numeric", "weight"):
        raise DataError(
            f"{about.name} is not numeric", got=f"kind {about.kind}",
            do=FROM_DATES if about.kind == "date" else "give its kind as numeric",
        )  # fmt: skip
    if column.dtype.kind in "OmMc":
        numbers = exact_numbers(column)
        if not numbers[answered(column, about)].notna().all():
            raise DataError(
                f"{about.name} is not numeric", got=str(column.dtype), do="see the errors that check() lists"
            )
        column = numbers
    values = column.to_numpy(dtype=float, na_value=np.nan)
    if about.missing or about.missing_ranges:
        values = np.where(answered(column, about).to_numpy(), values, np.nan)
    return values


def describe(data: pd.DataFrame, codebook: Codebook, name: str) -> Variable:
    """Return a column's description: the codebook's, or one made from the column itself.

    A text without a visible character is no answer.

    Raises
    ------
    DataError
        If there is no such column; a near miss is suggested.
    """
    if name not in data:
        raise DataError(f"no variable {name!r}", got=repr(name), do=suggest(name, data.columns))
    known = codebook.variables.get(name)
    if known is not None:
        return known
    column = data[name]
    if isinstance(column.dtype, pd.CategoricalDtype):
        values = list(column.cat.categories)
    elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return Variable(name, name, "numeric")
    elif pd.api.types.is_datetime64_any_dtype(column):
        return Variable(name, name, "date")
    else:
        values = sorted(column.dropna().unique(), key=str)
    codes: dict[Code, str] = {str(value): str(value) for value in values if not is_blank(value)}
    return Variable(name, name, "single", codes=codes)


def items_of(codebook: Codebook, items: str | Sequence[str]) -> tuple[str, ...]:
    """Return the variables of a battery, given by its name or one by one.

    Raises
    ------
    DataError
        If there is no such battery, or it contains a variable twice.
    """
    names = codebook.members(items) if isinstance(items, str) else tuple(items)
    if not names:
        known = {variable.set for variable in codebook.variables.values() if variable.set}
        raise DataError(
            f"no battery {items!r}",
            do=suggest(items, sorted(known)) or "list the variables, or give them a set in the codebook",
        )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError("the battery contains an item twice", got=", ".join(twice), do="name it once")
    return names


def items_in_words(codebook: Codebook, items: str | Sequence[str]) -> str:
    """Return how sentences name a battery: by the question that its items share, or by its first items.

    Examples
    --------
    >>> from trustkit import Codebook
    >>> items_in_words(Codebook({}, sets={"trust": "Do you trust ...?"}), "trust")
    '"Do you trust ...?"'
    >>> items_in_words(Codebook({}), ["q1", "q2", "q3", "q4"])
    'q1 and 3 others'
    """
    if isinstance(items, str):
        stem = shortened([codebook[name].label for name in codebook.members(items)])[1]
        wording = codebook.sets.get(items) or stem
        return f'"{wording}"' if wording else items
    known = codebook.variables
    called = [known[name].called if name in known else name for name in items]
    return ", ".join(called) if len(called) <= FEW_ITEMS else f"{called[0]} and {len(called) - 1} others"


def coded(column: pd.Series, labels: Sequence[object]) -> NDArray[np.intp]:
    """Return each row's place in ``labels``, -1 for any other value, in numbers fit to calculate with.

    Examples
    --------
    >>> coded(pd.Series(["b", "a", None, "c"]), ["a", "b"]).tolist()
    [1, 0, -1, -1]
    """
    return placed(column, labels).astype(np.intp, copy=False)


def placed(column: pd.Series, labels: Sequence[object]) -> NDArray[np.integer]:
    """Return the places of `coded` in the smallest whole numbers: one byte each for few labels.

    Examples
    --------
    >>> placed(pd.Series(pd.Categorical(["b", "a", None])), ["a", "b"]).dtype
    dtype('int8')
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(pd.Index(list(labels)).get_indexer(pd.Index(column.astype(str))), dtype=np.intp)
    categories = list(column.cat.categories)
    codes: NDArray[np.integer] = column.cat.codes.to_numpy()
    if categories == list(labels):
        return codes
    place = {label: number for number, label in enumerate(labels)}
    lookup = np.array([*(place.get(category, -1) for category in categories), -1])
    places: NDArray[np.integer] = lookup.astype(np.min_scalar_type(-len(labels) - 1))[codes]
    return places


def has_unnamed_categories(dtype: object) -> TypeGuard[pd.CategoricalDtype]:
    """Return whether a column of a type has categories that are not text."""
    return isinstance(dtype, pd.CategoricalDtype) and not all(
        isinstance(category, str) for category in dtype.categories
    )


def is_labelled(dtype: object, variable: Variable) -> bool:
    """Return whether a column of a type already has its variable's labels and kind."""
    if variable.kind in CODED:
        wanted = [*variable.labels, *variable.missing_labels]
        return (
            isinstance(dtype, pd.CategoricalDtype)
            and dtype.categories.tolist()[: len(wanted)] == wanted
            and not has_unnamed_categories(dtype)
        )
    return variable.kind not in ("numeric", "weight") or dtype == np.dtype(float)
