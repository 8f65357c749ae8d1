"""Rows that a platform or an id marks as tests, unfinished or repeated, and the step that drops them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from trustkit.drafting.foreign_rows import OddRows
from trustkit.drafting.persons import FEWEST_PERSONS, stands_for_persons
from trustkit.drafting.repeated_persons import ROWS_EACH
from trustkit.survey.checks import exact_numbers
from trustkit.survey.column_names import caseless
from trustkit.survey.variable import code_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import pandas as pd

    from trustkit.drafting.column_sketch import Sketch

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

NOT_COMPLETED = {
    *(
        "partial",
        "partially completed",
        "incomplete",
        "not complete",
        "not completed",
        "unfinished",
        "suspended",
    ),
    *(
        "abandoned",
        "break off",
        "breakoff",
        "dropped out",
        "dropout",
        "in progress",
        "started",
        "not started",
    ),
    *("screened", "screened out", "screen out", "screenout", "screen-out", "terminated", "terminate", "term"),
    *("disqualified", "disqualify", "not qualified", "quota full", "quotafull", "quota-full", "over quota"),
    *(
        "overquota",
        "quota",
        "quota met",
        "quota stop",
        "rejected",
        "returned",
        "timed out",
        "timed-out",
        "deleted",
        "error",
    ),
    *("not approved", "validation status not approved", "hasissues", "has issues"),
}
"""How platforms mark interviews that were not completed, or not accepted. The last four are KoboToolbox's
(of which the second is its API's) and ODK Central's, as the documentation of ruODK lists them."""

COMPLETED = {
    *(
        "complete",
        "completed",
        "completes",
        "finished",
        "full",
        "qualified",
        "submitted",
        "approved",
        "accepted",
    ),
    *("awaiting review", "done", "validation status approved"),
}
"""How the same columns mark the others; without one of these, a column of the name may be a question."""

DISPOSITIONS = {r"^dispcode$": {31, 32}}
"""Names of columns of codes that say how an interview ended -> the codes of those that were finished."""

SUBMITTED_NAMES = (
    r"^submitdate\b|^(?:submit(?:ted)?|submission|completion|complete|completed|finish|finished|end|ended|date)"
    r" ?(?:date|time|at|on|submitted|completed)$"
)
"""Names of columns that hold when an interview was handed in, and nothing if it was not."""

REPEATED = {"true", "1", "yes"}
"""How platforms mark answers of a person who answered before."""

STATUS_NAMES = (
    r"^(?:status|response type|distribution ?channel|channel"
    r"|(?:response|interview|survey|submission|completion|participant|validation|review) ?(?:status|state))$"
)
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
ROW_NAMES = "|".join(
    [STATUS_NAMES, FINISHED_NAMES, PROGRESS_NAMES, BOT_NAMES, REPEATED_NAMES, *FRAUD_NAMES, *DISPOSITIONS]
)
"""Names of platforms' columns that tell about a row, in plain words; all of them."""

HUMAN, WHOLE = 0.5, 100
"""The lowest score of a human being; the progress of a finished interview."""


def find_unfit_rows(drafts: Mapping[str, Sketch]) -> list[OddRows]:
    """Find rows that a platform marks as tests, spam, bots or unfinished interviews, or that an id does."""
    return [
        odd
        for draft in drafts.values()
        for odd in (*_unfit(draft), _not_submitted(draft), _test_ids(draft), _repeated_ids(draft))
        if odd is not None
    ]


def _not_submitted(draft: Sketch) -> OddRows | None:
    """Find rows without the day on which the others were handed in: such interviews were not finished."""
    if draft.kind != "date" or not draft.named(SUBMITTED_NAMES):
        return None
    rows, empty = len(draft.column), int(draft.column.isna().sum())
    if not 0 < empty < rows:
        return None
    some = f"{empty:,} of {rows:,} rows {'has' if empty == 1 else 'have'}"
    return OddRows(draft.name, f"{some} no date here, as unfinished interviews do", {}, "keep_where")


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
        ended = [_said(value) for value in column.unique()]
        known = not COMPLETED.isdisjoint(ended)
        return [
            _dropped(draft, marked, "test answers or spam"),
            _dropped(
                draft, _marked(column, NOT_COMPLETED) if known else [], "interviews that were not completed"
            ),
        ]
    if draft.named(REPEATED_NAMES):
        return [_dropped(draft, _marked(column, REPEATED), REPEATED_WORDS)]
    if draft.named(FINISHED_NAMES):
        marked = _marked(column, UNFINISHED)
        return [
            _dropped(draft, marked if len(marked) < len(column.unique()) else [], "unfinished interviews")
        ]
    numbers = exact_numbers(column)
    for pattern, finished in DISPOSITIONS.items():
        if draft.named(pattern):
            others = [value for value in column.unique() if _number(value) not in finished]
            marked = others if len(others) < len(column.unique()) else []
            return [_dropped(draft, marked, "unfinished interviews")]
    return _by_score(draft, numbers) if bool(numbers.notna().all()) else []


def _marked(column: pd.Series, marks: Collection[str]) -> list[object]:
    """Return the values of a column that are marks, whatever their case."""
    return [value for value in column.unique() if _said(value) in marks]


def _said(value: object) -> str:
    """Return a mark as it is compared: small, with one blank between its words."""
    return caseless(code_text(value).replace("_", " "))


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


def _number(value: object) -> float:
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")
