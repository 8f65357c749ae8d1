"""Rows of an export that are no respondents: the header again, sums and sub-totals, notes below the table."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from trustkit.errors import how_many
from trustkit.survey.variable import Code, Reason, code_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from numpy.typing import NDArray

    from trustkit.drafting.column_sketch import Sketch

SUMS = re.compile(
    r"(?:grand |sub ?)?totals?|sum|mean|average|n|count|gesamt|summe|mittelwert|insgesamt|total général|somme"
    r"|moyenne|suma|promedio|media|totale|somma|totaal|gemiddelde|razem|średnia|summa|totalt|i alt|yhteensä"
    r"|toplam|ortalama|итого|всего|среднее|усього|разом|المجموع|合计|合計|总计|總計|平均|합계|평균",
    re.IGNORECASE,
)
"""How the first cell of a row of sums is worded."""

BLOCK_SUMS = re.compile(
    rf"(?:{SUMS.pattern})\b[\s:.,\u2013-]+\S.*|\S.*[\s:.,\u2013-](?:{SUMS.pattern})", re.IGNORECASE
)
"""How the sum of some rows is worded, with the name of what they have in common: "Total North"."""

LONGEST_SUMS = 40
"""Characters of the longest wording of a row of sums that is looked for among the rows."""

MOST_SUMS, MOST_SUMMED = 200, 20
"""How many rows may hold sums, and in how many columns their numbers are compared: the cost stays low."""

FEWEST_SUMMED = 2
"""How many rows a row among the others must sum up, at least."""

FEWEST_WORDS = 3
"""How many words a note below a table has, at least, and none of the cells above it."""

MOST_EMPTY = 0.5
"""From which share of empty cells on a row with such a word is one of sums."""

FIRST_ROWS, LAST_ROWS = 2, 5
"""How many rows at the start and at the end of a table may hold sums."""

LEAST_HEADER = 0.6
"""Which share of a row's cells must be the names of their columns for it to be a header again."""


@dataclass(frozen=True)
class OddRows:
    """Rows that may not be counted.

    Attributes
    ----------
    variable
        The column that tells.
    words
        How many there are, and what they are.
    step
        The cleaning step that drops them; empty where a person has to say whether they go.
    do
        The kind of step that would drop them.
    """

    variable: str
    words: str
    step: Mapping[str, object]
    do: str = "drop_where"


def find_foreign_rows(
    data: pd.DataFrame, known: Mapping[str, Collection[Code]] | None = None
) -> tuple[NDArray[np.bool_], list[OddRows]]:
    """Find rows that are no respondents: the header again, and sums below a table.

    Parameters
    ----------
    data
        As read.
    known
        The different values of columns, where they have been counted before.

    Returns
    -------
    tuple
        Which rows, and what they are, told by the first column.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["1", "2", "id", "Total"], "sex": ["m", "f", "sex", None]})
    >>> rows, found = find_foreign_rows(frame)
    >>> rows.tolist(), [item.words for item in found]
    ([False, False, True, True], ['1 row repeats the header', '1 row holds totals'])
    """
    odd = np.zeros(len(data), dtype=bool)
    odd_rows: list[OddRows] = []
    if data.shape[1] < 2 or data.empty:  # noqa: PLR2004
        return odd, odd_rows
    first, worded = str(data.columns[0]), _worded_columns(data)
    if not worded:
        return odd, odd_rows
    header = _repeats_header(data, known or {}) if first in worded else odd
    if header.any():
        odd_rows.append(
            _foreign(first, int(header.sum()), "repeats the header", "repeat the header", data, header)
        )
    odd = header.copy()
    for name in worded:
        sums = _holds_sums(data, name, odd)
        if sums.any():
            odd |= sums
            odd_rows.append(_foreign(name, int(sums.sum()), "holds totals", "hold totals", data, sums))
    notes = _holds_notes(data, first, odd)
    if notes.any():
        odd |= notes
        odd_rows.append(
            _foreign(
                first,
                int(notes.sum()),
                "holds a note below the table",
                "hold notes below the table",
                data,
                notes,
            )
        )
    return odd, odd_rows


def _worded_columns(data: pd.DataFrame) -> list[str]:
    """Return the columns whose cells may say that a row holds sums: the first two if they are no numbers."""
    return [str(name) for name in data.columns[:2] if not _is_numeric(data[name])]


def _repeats_header(data: pd.DataFrame, known: Mapping[str, Collection[Code]]) -> NDArray[np.bool_]:
    """Return which rows hold the names of most of their columns."""
    same = np.zeros(len(data))
    for name, column in data.items():
        if not _is_numeric(column):
            text = str(name).strip()
            values = known.get(str(name))
            texts = values if isinstance(column.dtype, pd.StringDtype) else map(str, values or ())
            if values is None or text in "\0".join(cast("Iterable[str]", texts)):
                rows = _rows_like(column, text)
                same += rows if rows is not None else 0
    header: NDArray[np.bool_] = same > 1
    if header.any():
        filled = data.notna().sum(axis=1).to_numpy()
        header &= same >= LEAST_HEADER * np.maximum(filled, 1)
    return header


def _holds_sums(data: pd.DataFrame, name: str, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which rows hold sums, by a column's cells: at the table's ends, and below blocks of rows."""
    sums = np.zeros(len(data), dtype=bool)
    cells = data[name].tolist()
    said = {cell for cell in set(map(str, cells)) if len(cell) <= LONGEST_SUMS and _says_sums(cell.strip())}
    worded = [place for place, cell in enumerate(cells) if not known[place] and str(cell) in said]
    if len(worded) > MOST_SUMS:  # then the word is one of an answer
        worded = [place for place in worded if place < FIRST_ROWS or place >= len(data) - LAST_ROWS]
    is_first = name == str(data.columns[0])
    start = 0
    for place in worded:
        whole = is_first and bool(SUMS.fullmatch(str(cells[place]).strip()))
        at_start, at_end = place < FIRST_ROWS, place >= len(data) - LAST_ROWS
        is_empty = data.iloc[place].isna().sum() >= MOST_EMPTY * (data.shape[1] - 1)
        above = ~known & ~sums & (np.arange(len(data)) < place)
        block = above & (np.arange(len(data)) >= start)
        sums[place] = (
            (whole and at_end and is_empty)
            or (whole and at_end and _sums_up(data, place, above))
            or (whole and at_start and _sums_up(data, place, ~known & (np.arange(len(data)) > place)))
            or (_sums_up(data, place, block, all_of=True))
            or (start > 0 and _sums_up(data, place, above, all_of=True))
        )
        if sums[place]:
            start = place + 1
    return sums


def _says_sums(text: str) -> bool:
    return bool(SUMS.fullmatch(text) or BLOCK_SUMS.fullmatch(text))


def _holds_notes(data: pd.DataFrame, first: str, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which of the last rows hold a note: a sentence in the first column, and nothing else."""
    notes = np.zeros(len(data), dtype=bool)
    if _is_numeric(data[first]):
        return notes
    for place in range(len(data) - 1, max(len(data) - 1 - LAST_ROWS, 0), -1):
        row = data.iloc[place]
        if known[place] or not row.iloc[1:].isna().all():
            break
        notes[place] = _is_sentence(row.iloc[0])
    if notes.any() and any(map(_is_sentence, data.loc[~notes & ~known, first].drop_duplicates())):
        return np.zeros(len(data), dtype=bool)
    return notes


def _is_sentence(cell: object) -> bool:
    return isinstance(cell, str) and len(cell.split()) >= FEWEST_WORDS


def _sums_up(data: pd.DataFrame, row: int, others: NDArray[np.bool_], *, all_of: bool = False) -> bool:
    """Return whether a row holds the sum or the mean of others in one column, or in ``all_of`` them."""
    seen: list[bool] = []
    if others.sum() < FEWEST_SUMMED:
        return False
    for place in range(data.shape[1]):
        column = data.iloc[:, place]
        if not _is_numeric(column) or column.dtype.kind not in "iuf" or pd.isna(column.iloc[row]):
            continue
        held = column[others].dropna()
        if len(held) >= FEWEST_SUMMED:
            value, total = float(column.iloc[row]), float(held.sum())
            means = bool(total) and any(
                np.isclose(value, one, rtol=1e-6) for one in (total, total / len(held))
            )
            seen.append(means)
            if len(seen) == MOST_SUMMED:
                break
    return bool(seen) and (all(seen) if all_of else any(seen))


def _rows_like(column: pd.Series, text: str) -> NDArray[np.bool_] | None:
    """Return which rows hold a text, blanks around it aside; None if none does."""
    try:
        codes, values = pd.factorize(column)
    except TypeError:  # cells hold lists or mappings
        return None
    like = [place for place, value in enumerate(values.tolist()) if str(value).strip() == text]
    return np.isin(codes, like) if like else None


def _foreign(
    first: str, count: int, one: str, several: str, data: pd.DataFrame, rows: NDArray[np.bool_]
) -> OddRows:
    cells = sorted({str(cell) for cell in data.loc[rows, first]})
    return OddRows(
        first,
        how_many(count, "row", one, several),
        {"step": "drop_where", "where": {first: cells}, "reason": f"no respondent: {one}"},
    )


def named_step(rows: OddRows, draft: Sketch) -> OddRows:
    """Return rows whose step names a column's cells as its draft does: by the labels of missing codes."""
    where = rows.step.get("where")
    if not isinstance(where, dict) or not draft.words or draft.name not in where:
        return rows
    labels = {code_text(code): label for code, label in draft.words.items()}
    cells = [labels.get(code_text(cell), cell) for cell in where[draft.name]]
    return replace(rows, step={**rows.step, "where": {draft.name: cells}})


def take_foreign_cells(draft: Sketch, cells: pd.Series) -> None:
    """Make the cells of rows that are no respondents missing codes where the column could not hold them."""
    reason: Reason = "skipped"
    for cell in cells.dropna().unique():
        code: Code = cell.item() if isinstance(cell, np.generic) else cell
        known = {code_text(other) for other in (*draft.codes, *draft.missing)}
        numeric = draft.kind in ("numeric", "weight", "date")
        try:
            fits = numeric and np.isfinite(float(code))
        except (TypeError, ValueError):
            fits = False
        if code_text(code) not in known and not fits and draft.kind not in ("text", "id"):
            draft.missing[code] = reason
            draft.words[code] = f"{code} (no respondent)"


def _is_numeric(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column)) or bool(pd.api.types.is_datetime64_any_dtype(column))
