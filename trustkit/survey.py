"""A survey: the respondents' frame, the codebook that describes it, and the log of exclusions."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.codebook import CODED, Code, Codebook, Variable, code_text
from trustkit.errors import DataError, suggest
from trustkit.results import Shown, show_share
from trustkit.rules import TOLERATED, Broken, broken_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ROWS_SHOWN = 5
"""How many offending rows a fault names."""


CLOSE = 10_000
"""How far apart a column's whole numbers may lie to be counted rather than hashed."""


@dataclass(frozen=True)
class Step:
    """One step between the raw file and the estimates.

    Attributes
    ----------
    step, rule, reason
        The function's name, its rule with the threshold, and why it is applied.
    n_before, n_after
        Respondents before and after the step.
    figures
        The tracked figures after the step: name -> share between 0 and 1.
    """

    step: str
    rule: str
    reason: str
    n_before: int
    n_after: int
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class ExclusionLog(Shown):
    """What happened to the respondents, step by step, and how the tracked figures moved."""

    steps: tuple[Step, ...] = ()
    synthetic: bool = False

    def to_frame(self) -> pd.DataFrame:
        """Return one row per step: step, rule, reason, n_before, n_after and each tracked figure."""
        return pd.DataFrame(
            [
                {
                    "step": step.step,
                    "rule": step.rule,
                    "reason": step.reason,
                    "n_before": step.n_before,
                    "n_after": step.n_after,
                    **step.figures,
                }
                for step in self.steps
            ],
            columns=["step", "rule", "reason", "n_before", "n_after", *self._figures()],
        )

    def add(self, step: Step) -> ExclusionLog:
        """Return the log with one more step."""
        return replace(self, steps=(*self.steps, step))

    def _figures(self) -> list[str]:
        return list(dict.fromkeys(name for step in self.steps for name in step.figures))

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        table = pd.DataFrame(
            {
                "step": [step.step for step in self.steps],
                "rule": [step.rule for step in self.steps],
                "removed": [f"{step.n_before - step.n_after:,}" for step in self.steps],
                "n": [f"{step.n_after:,}" for step in self.steps],
                **{
                    name: [show_share(step.figures.get(name, float("nan"))) for step in self.steps]
                    for name in self._figures()
                },
            }
        )
        return "Exclusion log", table, ("Synthetic data.",) if self.synthetic else ()


@dataclass(frozen=True, eq=False, repr=False)
class Survey(Shown):
    """Respondents and the description of their answers.

    Attributes
    ----------
    data
        One row per respondent. Coded answers are categoricals of the codebook's labels; a code that
        the codebook doesn't know stays visible as a category of its own.
    codebook
        What each column is.
    log
        The exclusion log.
    source, digest
        The raw file's name and its SHA-256, as read.

    Examples
    --------
    >>> sex = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"})
    >>> Survey(pd.DataFrame({"sex": [1, 2, 7]}), Codebook({"sex": sex})).check()
      variable          rule value  count rows
    0      sex  unknown code     7      1    2
    """

    data: pd.DataFrame
    codebook: Codebook
    log: ExclusionLog = field(default_factory=ExclusionLog)
    source: str = ""
    digest: str = ""

    def __post_init__(self) -> None:
        """Label the coded columns that are not labelled yet; name other categories in words."""
        names = self.data.columns
        if not names.is_unique:
            twice = ", ".join(str(name) for name in names[names.duplicated()].unique())
            raise DataError("columns share a name", got=twice, do="name each column once")
        found = {
            name: labelled(self.data[name], variable)
            for name, variable in self.codebook.variables.items()
            if name in self.data and not _is_labelled(self.data[name], variable)
        }
        found |= {
            name: column.cat.rename_categories([str(category) for category in column.cat.categories])
            for name, column in self.data.items()
            if isinstance(name, str)
            and name not in self.codebook.variables
            and _has_unnamed_categories(column)
        }
        if found:
            object.__setattr__(self, "data", self.data.assign(**found))

    def check(self) -> pd.DataFrame:
        """Compare the data with the codebook.

        An id may be repeated where the cleaning drops duplicates by it.

        Returns
        -------
        DataFrame
            One row per fault: ``variable``, ``rule``, ``value``, ``count``, ``rows`` (the first few
            row labels). Empty when all agrees.
        """
        faults: list[dict[str, object]] = []
        once = {step.get("by") for step in self.codebook.cleaning if step.get("step") == "drop_duplicates"}
        for name, variable in self.codebook.variables.items():
            if name not in self.data:
                faults.append(_fault(name, "column is missing", ""))
                continue
            column = self.data[name]
            valid = answered(column, variable).to_numpy()
            broken = [*broken_rules(column, variable, valid), *self._broken_routing(variable, valid)]
            faults += [
                _fault(name, rule, value, column.index[rows])
                for rule, value, rows in broken
                if rows.any() and not (rule == "id repeated" and name in once)
            ]
        return pd.DataFrame(faults, columns=["variable", "rule", "value", "count", "rows"])

    def _broken_routing(self, variable: Variable, valid: NDArray[np.bool_]) -> list[Broken]:
        """Find answers to a question that was not asked, and none at all to a closed one that was."""
        asked = {
            of: self.data[of].isin(answers).to_numpy()
            for of, answers in variable.asked.items()
            if of in self.data
        }
        if not asked:
            return []
        told = {of: " or ".join(variable.asked[of]) for of in asked}
        broken = [
            Broken("answered though not asked", f"{of} is not {told[of]}", ~met & valid)
            for of, met in asked.items()
        ]
        if variable.kind == "text":  # an open question may be left empty
            return broken
        column = self.data[variable.name]
        unasked = [label for label, reason in variable.reason_of.items() if reason == "not asked"]
        if variable.kind in CODED:
            silent = (column.isna() | column.isin(unasked)).to_numpy()
        else:
            silent = (column.isna() | is_missing(column, variable, *unasked)).to_numpy()
        words = " and ".join(f"{of} is {answers}" for of, answers in told.items())
        broken.append(
            Broken("not answered though asked", words, silent & np.logical_and.reduce(list(asked.values())))
        )
        return broken

    def refuse_faults(self) -> None:
        """Raise one `DataError` that lists every fault of `check` that cleaning can't go on with."""
        faults = self.check()
        faults = faults[~faults["rule"].isin(TOLERATED)]
        if len(faults):
            lines = [
                f"{row['variable']}: {row['rule']} {row['value']} ({row['count']} rows, first: {row['rows']})"
                if row["count"]
                else f"{row['variable']}: {row['rule']}"
                for row in faults.to_dict("records")
            ]
            raise DataError(
                "the data disagree with the codebook",
                where=self.source or None,
                got="\n    ".join(["", *lines]),
                do="correct the codebook, or recode the values; nothing was changed or dropped",
            )

    def tracked(self, step: Step) -> Survey:
        """Return the survey with a step in its log, the tracked figures (unweighted) beside it."""
        figures = tracked_shares(self.data, self.codebook, np.ones(len(self.data)))
        return replace(self, log=self.log.add(replace(step, figures=figures)))

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        about = {
            "study": self.codebook.title or "-",
            "respondents": f"{len(self.data):,}",
            "variables": str(self.data.shape[1]),
            "population": self.codebook.population or "not stated",
            "source": self.source.rpartition("/")[2] or "-",
        }
        table = pd.DataFrame({"survey": list(about), "value": list(about.values())})
        return "Survey", table, ("Synthetic data.",) if self.codebook.data == "synthetic" else ()


def labelled(column: pd.Series, variable: Variable) -> pd.Series:
    """Label a raw column as its variable says: codes (or labels) become an ordered list of categories.

    Parameters
    ----------
    column
        Codes as numbers or text, or labels; a value that could be either is a code, unless the column
        holds labels that are no codes. Numeric kinds become numbers where every value is one.
    variable
        Its description.

    Returns
    -------
    Series
        For coded kinds a categorical: the labels in order, then the labels of missing answers, then
        any code that is not in the codebook, as text.
    """
    if variable.kind in ("numeric", "weight"):
        numbers = pd.to_numeric(column, errors="coerce")
        return column if bool((numbers.isna() & column.notna()).any()) else numbers.astype(float)
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
    dtype = pd.CategoricalDtype(categories, ordered=variable.kind == "ordinal")
    return pd.Series(
        pd.Categorical.from_codes(lookup[codes], dtype=dtype),
        index=column.index,
        name=column.name,
    )


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
            held = np.flatnonzero(first >= 0)
            held = held[np.argsort(first[held])]
            lookup = np.full(high - low + 1, -1, dtype=np.intp)
            lookup[held] = np.arange(len(held))
            return lookup[places], [int(value) for value in held + low]
    codes, values = pd.factorize(column)
    return codes, list(values)


def tracked_shares(data: pd.DataFrame, codebook: Codebook, weights: NDArray[np.float64]) -> dict[str, float]:
    """Return the weighted share of each tracked answer among the valid answers, by a name to show."""
    shares = {}
    for name, label in codebook.track.items():
        valid = answered(data[name], codebook[name]).to_numpy()
        chosen = (data[name] == label).to_numpy()
        whole = float(weights[valid].sum())
        shares[f"{name} = {label}"] = float(weights[chosen].sum()) / whole if whole else float("nan")
    return shares


def answered(column: pd.Series, variable: Variable) -> pd.Series:
    """Tell which rows hold a substantive answer."""
    if variable.kind in CODED:
        return column.isin(variable.labels)
    return column.notna() & ~is_missing(column, variable, *variable.missing_labels)


def is_missing(column: pd.Series, variable: Variable, *labels: str) -> pd.Series:
    """Tell which rows of a column without labels hold a missing code, or a number of a missing range.

    ``labels`` says which (`Variable.missing_labels`).
    """
    codes = [code for code, name in variable.missing_names.items() if name in labels]
    found = is_missing_code(column, codes)
    spans = [span for span in variable.missing_ranges if span.reason.capitalize() in labels]
    if spans:
        numbers = pd.to_numeric(column, errors="coerce")
        known = is_missing_code(column, variable.missing)
        for span in spans:
            found |= numbers.between(span.low, span.high) & ~known
    return found


def is_missing_code(column: pd.Series, codes: Iterable[object]) -> pd.Series:
    """Tell which rows of a column without labels hold one of some codes."""
    texts = sorted({code_text(code) for code in codes})
    if column.dtype == float or not texts:
        numbers = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").dropna()
        return column.isin(numbers.astype(float))
    return column.map(code_text, na_action="ignore").isin(texts)


def numeric_values(column: pd.Series, about: Variable) -> Floats:
    """Return a column's numbers, NaN where there is none: its values, or the scores of its answers."""
    if about.kind in CODED:
        scoring = about.scoring
        if not scoring or not isinstance(column.dtype, pd.CategoricalDtype):
            raise DataError(
                f"the answers of {about.name} are not numbers", do="use proportion, or give it scores"
            )
        scores = [scoring.get(category, np.nan) for category in column.cat.categories]
        return np.array([*scores, np.nan])[column.cat.codes.to_numpy()]
    try:
        values = column.to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        numbers = pd.to_numeric(column, errors="coerce")
        if not numbers[answered(column, about)].notna().all():
            raise DataError(f"{about.name} is not numeric", got=str(column.dtype)) from None
        return numbers.to_numpy(dtype=float, na_value=np.nan)
    if about.missing or about.missing_ranges:
        values = np.where(answered(column, about).to_numpy(), values, np.nan)
    return values


def describe(data: pd.DataFrame, codebook: Codebook, name: str) -> Variable:
    """Return a column's description: the codebook's, or one read off the column itself.

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
    else:
        values = sorted(column.dropna().unique(), key=str)
    return Variable(name, name, "single", codes={str(value): str(value) for value in values})


def coded(column: pd.Series, labels: Sequence[object]) -> NDArray[np.intp]:
    """Return each row's place in ``labels``, -1 for any other value.

    Examples
    --------
    >>> coded(pd.Series(["b", "a", None, "c"]), ["a", "b"]).tolist()
    [1, 0, -1, -1]
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return np.asarray(pd.Index(list(labels)).get_indexer(pd.Index(column.astype(str))), dtype=np.intp)
    categories = list(column.cat.categories)
    codes = column.cat.codes.to_numpy()
    if categories == list(labels):
        return codes.astype(np.intp)
    place = {label: number for number, label in enumerate(labels)}
    lookup = np.array([*(place.get(category, -1) for category in categories), -1], dtype=np.intp)
    return lookup[codes]


def _has_unnamed_categories(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.CategoricalDtype) and not all(
        isinstance(category, str) for category in column.cat.categories
    )


def _is_labelled(column: pd.Series, variable: Variable) -> bool:
    if variable.kind in CODED:
        wanted = [*variable.labels, *variable.missing_labels]
        return (
            isinstance(column.dtype, pd.CategoricalDtype)
            and list(column.cat.categories[: len(wanted)]) == wanted
        )
    return variable.kind not in ("numeric", "weight") or column.dtype == float


def _fault(name: str, rule: str, value: str, rows: pd.Index | None = None) -> dict[str, object]:
    rows = pd.Index([]) if rows is None else rows
    return {
        "variable": name,
        "rule": rule,
        "value": value,
        "count": len(rows),
        "rows": ", ".join(str(row) for row in rows[:ROWS_SHOWN]),
    }
