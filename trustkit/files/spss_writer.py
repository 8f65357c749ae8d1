"""SPSS files written through pyreadstat: names, codes, missing codes and sets as SPSS takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.errors import DataError, needs
from trustkit.files.spss_bytes import FARTHEST, with_sets
from trustkit.files.typed_cells import WHOLE
from trustkit.survey.quoted_cells import library_words
from trustkit.survey.variable import CODED, Code, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trustkit.files.spss_bytes import SetOfVariables
    from trustkit.survey.survey import Survey

MOST_MISSING = 3
"""How many single missing codes SPSS takes; with a range, it takes one."""

LONGEST_MISSING = 8
"""How many bytes a missing code that is text may have."""

RESERVED = {"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"}
"""Words that SPSS doesn't take as names."""

LEVELS = {
    "single": "nominal",
    "multiple": "nominal",
    "ordinal": "ordinal",
    "numeric": "scale",
    "weight": "scale",
}
"""Kind -> SPSS's level of measurement."""


LONGEST_NAME = 64
"""How many bytes a name has, and the file's label."""

LONGEST_LABEL = 256
"""How many bytes a variable's label has."""

LONGEST_ANSWER = 120
"""How many bytes the label of a code has."""


@dataclass
class _Sav:
    """What pyreadstat is given beside the data, by SPSS's names."""

    labels: dict[str, str] = field(default_factory=dict)
    answers: dict[str, dict[Any, str]] = field(default_factory=dict)
    missing: dict[str, list[Any]] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    counted: dict[str, int] = field(default_factory=dict)


def write_spss(survey: Survey, path: Path) -> dict[str, str]:
    """Write an SPSS file; return the survey's names -> SPSS's."""
    pyreadstat = needs("pyreadstat", "files", path.as_posix())
    names = _spss_names([str(name) for name in survey.data.columns])
    sav, columns = _Sav(), {}
    for old, name in names.items():
        variable = about(survey, old)
        columns[name] = _sav_column(survey.data[old], variable, name, sav)
    try:
        pyreadstat.write_sav(
            pd.DataFrame(columns), str(path), file_label=_short(survey.codebook.title, LONGEST_NAME),
            column_labels=sav.labels, variable_value_labels=sav.answers, missing_ranges=sav.missing,
            variable_measure=sav.levels,
        )  # fmt: skip
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError) as fault:
        raise DataError(
            "SPSS does not take these data",
            where=path.name,
            got=library_words(fault),
            do="write Parquet instead",
        ) from None
    sets = _sets(survey, names, sav)
    if sets:
        path.write_bytes(with_sets(path.read_bytes(), sets))
    return names


def _sav_column(column: pd.Series, variable: Variable, name: str, sav: _Sav) -> pd.Series:
    """Turn a column into what SPSS holds, noting its labels and missing codes."""
    sav.labels[name] = _short(variable.label, LONGEST_LABEL)
    if variable.kind in LEVELS:
        sav.levels[name] = LEVELS[variable.kind]
    if variable.kind in CODED and isinstance(column.dtype, pd.CategoricalDtype):
        own_labels = {code: label for code, label in variable.codes.items() if label != code_text(code)}
        labels = {**own_labels, **variable.missing_names}
        values, numeric = _codes_of(column, variable)
    elif pd.api.types.is_datetime64_any_dtype(column):
        return column
    else:
        labels = dict(variable.missing_names)
        texts = [code for code in labels if isinstance(code, str)]
        values, numeric = column, pd.api.types.is_numeric_dtype(column)
        if variable.kind in ("numeric", "weight") and not numeric:
            numbers = pd.to_numeric(column, errors="coerce")
            numeric = bool((numbers.notna() | column.isna() | column.isin(texts)).all())
            values = numbers if numeric else column
    if numeric:
        by_number = {_number(code): label for code, label in labels.items()}
        sav.answers[name] = {
            code: _short(label, LONGEST_ANSWER) for code, label in by_number.items() if code is not None
        }
        sav.missing[name] = _missing(variable, set(pd.Series(values).dropna().unique().tolist()))
        if variable.kind == "multiple":
            codes = [int(float(code)) for code in variable.codes]
            sav.counted[name] = 1 if 1 in codes else codes[0]
        return pd.Series(values, index=column.index).astype(float)
    sav.answers[name] = {str(code): _short(label, LONGEST_ANSWER) for code, label in labels.items()}
    short = [str(code) for code in variable.missing if len(str(code).encode("utf-8")) <= LONGEST_MISSING]
    sav.missing[name] = short[:MOST_MISSING]
    return pd.Series(values, index=column.index).astype("str").fillna("")


def _codes_of(column: pd.Series, variable: Variable) -> tuple[Any, bool]:
    """Return an answered column's codes, and whether all of them are numbers.

    A category that is no label is a code that the codebook doesn't know, and stands for itself.
    """
    by_label: dict[str, Code] = {span.reason.capitalize(): span.low for span in variable.missing_ranges}
    by_label |= {
        label: code for code, label in reversed({**variable.codes, **variable.missing_names}.items())
    }
    codes = [by_label.get(category, category) for category in column.cat.categories]
    numbers = [_number(code) for code in codes]
    numeric = None not in numbers and all(_number(code) is not None for code in variable.codes)
    lookup = np.array([*(numbers if numeric else map(str, codes)), np.nan if numeric else None], dtype=object)
    return lookup[column.cat.codes.to_numpy()], numeric


def _number(code: object) -> float | None:
    """Return a code as a number, if it is one in the way that a number is written."""
    if isinstance(code, str):
        return float(code) if re.fullmatch(WHOLE, code) else None
    return float(code)  # type: ignore[arg-type]


def _missing(variable: Variable, values: set[float]) -> list[Any]:
    """Declare missing codes as far as SPSS takes them: three codes, or a range and one code.

    More codes become one range if no other value lies in it, else the first three stay declared.
    """
    spans = [(span.low, span.high) for span in variable.missing_ranges]
    codes = [code for code in map(_number, variable.missing) if code is not None]
    single = [code for code in codes if not any(low <= code <= high for low, high in spans)]
    if (not spans and len(single) <= MOST_MISSING) or (len(spans) == 1 and len(single) <= 1):
        return [*(_range(low, high) for low, high in spans), *single]
    others = (values | {float(code) for code in variable.codes}) - set(codes)
    others = {value for value in others if not any(low <= value <= high for low, high in spans)}
    pieces = sorted([*spans, *((code, code) for code in single)])
    for apart in (None, *pieces):
        rest = [piece for piece in pieces if piece != apart]
        low, high = rest[0][0], max(end for _, end in rest)
        if (apart is None or apart[0] == apart[1]) and not any(low <= value <= high for value in others):
            return [_range(low, high), *([] if apart is None else [apart[0]])]
    return [*(_range(low, high) for low, high in spans[:1]), *single[: 1 if spans else MOST_MISSING]]


def _range(low: float, high: float) -> dict[str, float]:
    """Declare a range, which may go on to the lowest or highest number."""
    return {
        "lo": -np.inf if low == -FARTHEST else low,
        "hi": np.inf if high == FARTHEST else high,
    }


def _sets(survey: Survey, names: Mapping[str, str], sav: _Sav) -> dict[str, SetOfVariables]:
    """Return the multiple-response sets: boxes with one counted value, or variables that share answers."""
    sets: dict[str, SetOfVariables] = {}
    for name in dict.fromkeys(
        variable.set for variable in survey.codebook.variables.values() if variable.set
    ):
        members = [survey.codebook[member] for member in survey.codebook.members(name) if member in names]
        written = [names[member.name] for member in members]
        counted = {sav.counted.get(member) for member in written}
        alike = all(member.kind == "single" and member.codes == members[0].codes for member in members)
        if len(members) > 1 and len(counted) == 1 and (alike or None not in counted):
            sets[_spss_names([name])[name]] = (survey.codebook.sets.get(name, name), counted.pop(), written)
    return sets


def _spss_names(names: Sequence[str]) -> dict[str, str]:
    """Return each name as SPSS takes it: letters, digits and underscores, 64 bytes, unlike the others."""
    short_names: dict[str, str] = {}
    taken = set(RESERVED)
    for name in names:
        plain = re.sub(r"[^\w.@#$]", "_", name).rstrip("._") or "v"
        plain = plain if re.match(r"[^\W\d_]|@", plain) else f"v{plain}"
        plain = _short(plain, LONGEST_NAME)
        number, stem = 1, _short(plain, LONGEST_NAME - 6)
        while plain.casefold() in taken:
            number += 1
            plain = f"{stem}_{number}"
        taken.add(plain.casefold())
        short_names[name] = plain
    return short_names


def _short(text: str, size: int) -> str:
    """Cut a text to some bytes, between two characters."""
    return text.encode("utf-8")[:size].decode("utf-8", errors="ignore")


def about(survey: Survey, name: str) -> Variable:
    """Return a column's description; a column without one is a number or text."""
    number = pd.api.types.is_numeric_dtype(survey.data[name])
    return survey.codebook.variables.get(name) or Variable(name, name, "numeric" if number else "text")
