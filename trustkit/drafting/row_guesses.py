"""Rows of an export that are no respondents, or no finished interviews, and the step that drops them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from trustkit.drafting.persons import FEWEST_PERSONS, stands_for_persons
from trustkit.drafting.repeated_persons import ROWS_EACH
from trustkit.survey.checks import exact_numbers
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

MOST_EMPTY = 0.5
"""From which share of empty cells on a row with such a word is one of sums."""

FIRST_ROWS, LAST_ROWS = 2, 5
"""How many rows at the start and at the end of a table may hold sums."""

LEAST_HEADER = 0.6
"""Which share of a row's cells must be the names of their columns for it to be a header again."""

TESTS = re.compile(
    r"(?:survey )?(?:preview|test)(?: response)?|spam|survey preview spam|offline preview|preview spam",
    re.IGNORECASE,
)
"""How platforms mark test answers and spam."""

TEST_IDS = re.compile(
    r"(?<![^\W\d_])(?:tests?|testing|tester|testuser|demo|dummy|prueba|pruebas|essai|teste|prova|testo"
    r"|тест|тестовый)(?![^\W\d_])|测试|測試|テスト|테스트|اختبار",
    re.IGNORECASE,
)
"""What an id holds, no letter beside it, that was typed to try a questionnaire: "test1", "TEST-003"."""

FEW_TESTS = 0.2
"""Below which share of the ids such ones are tests; above it the word may be part of every id."""

TEST_CODES = {1, 2, 8, 9, 12, 17}
"""Qualtrics' codes of ``Status`` for previews, tests and spam."""

UNFINISHED = {"false", "0", "no", "incomplete", "partial", "unfinished", "not completed", "in progress"}
"""How platforms mark interviews that were not finished."""

REPEATED = {"true", "1", "yes"}
"""How platforms mark answers of a person who answered before."""

STATUS_NAMES = r"^(?:status|response type|response status|distribution ?channel|channel)$"
FINISHED_NAMES = r"^(?:finished|completed?|is ?complete|submitted|.+ complete)$"
PROGRESS_NAMES = r"^progress$"
BOT_NAMES = r"^q recaptcha ?score$"
REPEATED_WORDS = "answers that the platform takes for repeated ones"
"""What is said of rows by a score, or a mark, of a person who answered before."""

FRAUD_NAMES = {
    r"^q (?:relevant ?id ?)?fraud ?score$": (30, "answers that the platform suspects of fraud"),
    r"^q (?:relevant ?id ?)?duplicate ?score$": (75, REPEATED_WORDS),
}
"""Names of scores of suspicion -> the lowest score that Qualtrics calls likely, and what such rows are."""

REPEATED_NAMES = r"^q (?:ballot ?box ?stuffing|relevant ?id ?duplicate|duplicate ?respondent)$"
ROW_NAMES = "|".join([STATUS_NAMES, FINISHED_NAMES, PROGRESS_NAMES, BOT_NAMES, REPEATED_NAMES, *FRAUD_NAMES])
"""Names of platforms' columns that tell about a row, in plain words; all of them."""

HUMAN, WHOLE = 0.5, 100
"""The lowest score of a human being; the progress of a finished interview."""


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
    first = str(data.columns[0])
    if _is_numeric(data[data.columns[0]]):
        return odd, odd_rows
    same = np.zeros(len(data))
    for name, column in data.items():
        if not _is_numeric(column):
            text = str(name).strip()
            values = (known or {}).get(str(name))
            texts = values if isinstance(column.dtype, pd.StringDtype) else map(str, values or ())
            if values is None or text in "\0".join(cast("Iterable[str]", texts)):
                rows = _rows_like(column, text)
                same += rows if rows is not None else 0
    header = same > 1
    if header.any():
        filled = data.notna().sum(axis=1).to_numpy()
        header &= same >= LEAST_HEADER * np.maximum(filled, 1)
    if header.any():
        odd |= header
        odd_rows.append(
            _foreign(first, int(header.sum()), "repeats the header", "repeat the header", data, header)
        )
    worded = [
        place
        for place, cell in enumerate(data.iloc[:, 0].tolist())
        if (place < FIRST_ROWS or place >= len(data) - LAST_ROWS) and SUMS.fullmatch(str(cell).strip())
    ]
    if worded:
        empty = data.iloc[worded].isna().sum(axis=1).to_numpy() >= MOST_EMPTY * (data.shape[1] - 1)
        sums = np.zeros(len(data), dtype=bool)
        for place, is_empty in zip(worded, empty, strict=True):
            at_end = place >= len(data) - LAST_ROWS
            sums[place] = not header[place] and (
                (is_empty and at_end) or _sums_up(data, place, at_end=at_end)
            )
        if sums.any():
            odd |= sums
            odd_rows.append(_foreign(first, int(sums.sum()), "holds totals", "hold totals", data, sums))
    return odd, odd_rows


def _sums_up(data: pd.DataFrame, row: int, *, at_end: bool) -> bool:
    """Return whether a row holds the sum or the mean of the rows above it, or at the start of those below."""
    for place in range(data.shape[1]):
        column = data.iloc[:, place]
        others = column.iloc[:row] if at_end else column.iloc[row + 1 :]
        others = others.dropna() if _is_numeric(column) else column.iloc[:0]
        if others.dtype.kind in "iuf" and len(others) > 1 and pd.notna(column.iloc[row]):
            value, total = float(column.iloc[row]), float(others.sum())
            if total and any(np.isclose(value, one, rtol=1e-6) for one in (total, total / len(others))):
                return True
    return False


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
    words = f"{count} row{'s' if count > 1 else ''} {several if count > 1 else one}"
    return OddRows(
        first, words, {"step": "drop_where", "where": {first: cells}, "reason": f"no respondent: {one}"}
    )


def find_unfit_rows(drafts: Mapping[str, Sketch]) -> list[OddRows]:
    """Find rows that a platform marks as tests, spam, bots or unfinished interviews, or that an id does."""
    return [
        odd
        for draft in drafts.values()
        for odd in (*_unfit(draft), _test_ids(draft), _repeated_ids(draft))
        if odd is not None
    ]


def _repeated_ids(draft: Sketch) -> OddRows | None:
    """Find ids that a few rows repeat: a respondent may be counted twice, or an id stands for several."""
    if not draft.guessed or draft.kind == "date" or not stands_for_persons(draft):
        return None
    ids, counts = draft.distinct()
    rows = int(counts.sum())
    if len(ids) < FEWEST_PERSONS or not len(ids) < rows < ROWS_EACH * len(ids):
        return None
    again = rows - len(ids)
    words = f"{again:,} of {rows:,} rows {'repeats' if again == 1 else 'repeat'} the id of an earlier row"
    return OddRows(draft.name, words, {}, "drop_duplicates")


def _test_ids(draft: Sketch) -> OddRows | None:
    """Find ids that say test among ids of another form. They are not quoted, as ids stand for persons."""
    if draft.kind not in ("id", "text") or not (draft.kind == "id" or stands_for_persons(draft)):
        return None
    values, counts = draft.distinct()
    tests = [isinstance(value, str) and bool(TEST_IDS.search(value)) for value in values]
    if len(values) < FEWEST_PERSONS or not 0 < sum(tests) < FEW_TESTS * len(values):
        return None
    count, rows = int(counts[tests].sum()), int(counts.sum())
    words = f"{count:,} of {rows:,} rows {'has an id that says' if count == 1 else 'have ids that say'} test"
    return OddRows(draft.name, words, {})


def _unfit(draft: Sketch) -> list[OddRows | None]:
    column = draft.column.dropna() if draft.named(ROW_NAMES) else None
    if column is None or column.empty:
        return []
    if draft.named(STATUS_NAMES):
        coded = draft.kind == "numeric" or all(isinstance(code, int) for code in draft.codes)
        marked = [
            value
            for value in column.unique()
            if TESTS.fullmatch(str(value).strip()) or (coded and _number(value) in TEST_CODES)
        ]
        return [_dropped(draft, marked, "test answers or spam")]
    if draft.named(REPEATED_NAMES):
        return [_dropped(draft, _marked(column, REPEATED), REPEATED_WORDS)]
    if draft.named(FINISHED_NAMES):
        marked = _marked(column, UNFINISHED)
        return [
            _dropped(draft, marked if len(marked) < len(column.unique()) else [], "unfinished interviews")
        ]
    numbers = exact_numbers(column)
    return _by_score(draft, numbers) if bool(numbers.notna().all()) else []


def _marked(column: pd.Series, marks: Collection[str]) -> list[object]:
    """Return the values of a column that are marks, whatever their case."""
    return [value for value in column.unique() if code_text(value).strip().casefold() in marks]


def _by_score(draft: Sketch, numbers: pd.Series) -> list[OddRows | None]:
    """Find rows by their progress, or by a platform's score of bots, fraud and repeated answers."""
    if draft.named(PROGRESS_NAMES):
        return [_below(draft, numbers, WHOLE - 1, "unfinished interviews")]
    if draft.named(BOT_NAMES):
        return [_below(draft, numbers, float(np.nextafter(HUMAN, 0)), "answers of bots")]
    return [
        _from(draft, numbers, least, what)
        for pattern, (least, what) in FRAUD_NAMES.items()
        if draft.named(pattern)
    ]


def _dropped(draft: Sketch, marked: list[object], what: str) -> OddRows | None:
    if not marked:
        return None
    count = int(draft.column.isin(marked).sum())
    texts = {code_text(value) for value in marked}
    labels = [label for code, label in draft.codes.items() if code_text(code) in texts]
    answers: list[object] = [*labels] or [
        value.item() if isinstance(value, np.generic) else value for value in marked
    ]
    step = {"step": "drop_where", "where": {draft.name: answers}, "reason": what}
    return OddRows(draft.name, f"{count:,} of {len(draft.column):,} rows are {what}", step)


def _below(draft: Sketch, numbers: pd.Series, highest: float, what: str) -> OddRows | None:
    return _within(draft, int((numbers <= highest).sum()), {"high": float(highest)}, what)


def _from(draft: Sketch, numbers: pd.Series, lowest: float, what: str) -> OddRows | None:
    """Return the rows of a score from a lowest one on; a high score of few values is no missing code."""
    if draft.guessed:
        draft.codes, draft.missing, draft.words, draft.scale, draft.doubts = {}, {}, {}, "", []
        draft.mark("numeric", "a score of the platform")
    return _within(draft, int((numbers >= lowest).sum()), {"low": float(lowest)}, what)


def _within(draft: Sketch, count: int, limits: Mapping[str, float], what: str) -> OddRows | None:
    if not count:
        return None
    step = {"step": "drop_where", "where": {draft.name: limits}, "reason": what}
    return OddRows(draft.name, f"{count:,} of {len(draft.column):,} rows are {what}", step)


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


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
