"""Columns that tell who a respondent is: by their names, their wordings, and what their cells look like."""

from __future__ import annotations

import re
from functools import cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pandas as pd

from trustkit.drafting.boxes import TICKS
from trustkit.drafting.column_sketch import is_unique
from trustkit.drafting.number_guesses import SHORT_NUMBER
from trustkit.drafting.scale_words import yes_and_no
from trustkit.drafting.wordings import (
    BARE_IDS,
    ID_NAMES,
    NUMBER_WORDS,
    PAIRS,
    PROPERTY_NAMES,
    QUASI_WORDS,
    plain_words,
)
from trustkit.survey.checks import all_dates
from trustkit.survey.personal_looks import CLOCK, LIKELY, LOOKS
from trustkit.survey.variable import CODED, Identifier, code_text
from trustkit.yaml_documents import own_data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustkit.drafting.column_sketch import Sketch

ROWS_READ, MOST = 1000, 0.5
"""How many different texts of a column are looked at, and the share of them that must look alike."""

SOME = 2
"""How many e-mail addresses among other texts make a column one that identifies."""

FEWEST_PERSONS = 10
"""How many different values a column has before they may stand for a person each."""

LONGEST_NAME = 5
"""Words of the longest column name that is searched for single words; longer ones are sentences."""

FEWEST_ROWS, LEAST_LONG = 30, 10_000
"""From how many rows, and from which number on, whole numbers that never repeat may be given to persons."""

WORDED = ("an e-mail address", "a person's name")
"""What no short number is, whatever the name of the column: "emails per day" is a count."""

FEWEST_SHARED = 10
"""How many rows share each value of such a column on average, at least."""

CLOCK_TIME = re.compile(CLOCK, re.IGNORECASE)
"""A time of the day."""

LIKELY_BEGIN = re.compile(rf"\0\s*(?:{LIKELY.pattern})")
"""How a text begins that may identify a person, in texts that are joined with a null character."""

LONGEST_FIELDWORK = 15
"""From how many years on the days in a column are not those of interviews, but may be dates of birth."""


def find_identifier(draft: Sketch) -> None:
    """Find out whether a column tells who a respondent is; what does is never a list of answers.

    The name and the look of the cells count before the kind, and before how few different cells there are: a
    person may have several rows.
    """
    if draft.identifier != "none" or draft.kind in ("weight", "multiple"):
        return
    looks = _looks(draft)
    named = _named(draft)
    asked = draft.kind == "text" and bool(_wording().search(plain_words(draft.label)))
    if looks:
        _identify(draft, "direct", f"the cells are {looks}")
    elif named:
        _identify(draft, "direct", f"the name says {named}")
    elif not _is_plain_question(draft) and stands_for_persons(draft) and _is_varied(draft):
        _identify(draft, "direct", "the name says that each value stands for one person")
    elif draft.kind == "id" or (
        stands_for_persons(draft)
        and draft.named(ID_NAMES)
        and draft.kind in ("text", "numeric")
        and draft.guessed
    ):
        _identify(draft, "direct", "an id stands for one person")
    elif asked:
        _identify(draft, "direct", "the wording asks for it")
    elif _is_short(draft) and _quasi().search(plain_words(draft.name)):
        _identify(draft, "quasi", "by its name")
    elif draft.says(QUASI_WORDS):
        _identify(draft, "quasi", "by its name or wording")
    elif draft.kind == "date" and (years := _years(draft)) >= LONGEST_FIELDWORK:
        _identify(draft, "quasi", f"its days span {years} years, as dates of birth do")
    elif draft.kind == "numeric" and _has_long_numbers_of_its_own(draft):
        _identify(draft, "quasi", "every row has a long number of its own, as numbers of customers are")
    elif draft.kind == "text" and not draft.is_empty() and not _are_clock_times(draft):
        _identify(draft, "quasi", "people may tell who they are in texts")


def stands_for_persons(draft: Sketch) -> bool:
    """Return whether a column's name says that each of its values stands for one person or session.

    Examples
    --------
    >>> import pandas as pd
    >>> from trustkit.drafting.column_sketch import Sketch
    >>> names = ["session", "UserKey", "session_topic", "respondent_age"]
    >>> [stands_for_persons(Sketch(pd.Series(["a"], name=name), None, name)) for name in names]
    [True, True, False, False]
    """
    if not _is_short(draft) or _is_property(draft):
        return False
    counts = draft.named(NUMBER_WORDS) and not draft.named(BARE_IDS)
    return bool(_bare().fullmatch(plain_words(draft.name))) or (draft.named(ID_NAMES) and not counts)


def _is_varied(draft: Sketch) -> bool:
    """Return whether a column has too many different values for the answers of a question."""
    return draft.guessed and draft.kind != "date" and len(draft.distinct()[0]) >= FEWEST_PERSONS


def _identify(draft: Sketch, identifier: Identifier, why: str) -> None:
    draft.identifier = identifier
    draft.notes.append(f"identifier {identifier}: {why}")
    if identifier == "direct" and draft.kind not in ("id", "date"):
        draft.codes, draft.missing, draft.words, draft.scale = {}, {}, {}, ""
        draft.split, draft.exclusive, draft.doubts = "", (), []
        draft.notes = [note for note in draft.notes if note.startswith(("identifier", "the name says"))]
        draft.mark("text", "it tells one person from all others")


def _are_clock_times(draft: Sketch) -> bool:
    """Return whether all texts of a column are times of the day."""
    try:
        values, _ = draft.distinct()
    except TypeError:  # cells hold lists or mappings
        return False
    return all(isinstance(text, str) and bool(CLOCK_TIME.fullmatch(text.strip())) for text in values)


def _years(draft: Sketch) -> int:
    """Return how many years lie between the first day and the last."""
    matches = (re.search(r"(?<!\d)(?:18|19|20)\d\d", str(value)) for value in draft.distinct()[0])
    years = [int(match[0]) for match in matches if match]
    return max(years) - min(years) if years else 0


def _has_long_numbers_of_its_own(draft: Sketch) -> bool:
    """Return whether all rows have different whole numbers of many digits, which the name calls no amount."""
    if not draft.guessed or draft.form or draft.says(NUMBER_WORDS):
        return False
    values, _ = draft.distinct()
    if len(values) < FEWEST_ROWS or len(values) < len(draft.column):
        return False
    return all(float(value).is_integer() and float(value) >= LEAST_LONG for value in values)


def _named(draft: Sketch) -> str:
    """Return what a column's name says that identifies, or nothing."""
    if not _is_short(draft) or _is_plain_question(draft):
        return ""
    words = plain_words(draft.name)
    if draft.named(PROPERTY_NAMES) and _is_few(draft):
        return ""
    named = next((what for what, pattern in _direct().items() if pattern.search(words)), "")
    return "" if named in WORDED and draft.kind == "numeric" and _are_short_numbers(draft) else named


def _is_short(draft: Sketch) -> bool:
    return len(plain_words(draft.name).split()) <= LONGEST_NAME


def _is_plain_question(draft: Sketch) -> bool:
    """Return whether a column holds ticks, yes and no, steps of a scale or a few numbers."""
    if draft.kind == "numeric":
        return len(draft.distinct()[0]) < FEWEST_PERSONS and _are_short_numbers(draft)
    if draft.kind not in CODED:
        return False
    answers = sorted(plain_words(code_text(code)) for code in draft.codes)
    pairs = [sorted(pair) for pair in (*TICKS, *PAIRS, *yes_and_no())]
    numbers = all(isinstance(code, int | float) for code in draft.codes)
    return (
        answers in pairs or numbers or (bool(draft.scale) and draft.scale != "numbers") or not draft.guessed
    )


def _is_property(draft: Sketch) -> bool:
    """Return whether a column holds a property or an amount of persons or cases, such as "case value"."""
    return draft.named(PROPERTY_NAMES) and (draft.kind == "numeric" or not is_unique(draft.column))


def _is_few(draft: Sketch) -> bool:
    """Return whether a column has a few different values that many rows share, as kinds and counts are."""
    values, counts = draft.distinct()
    return 0 < len(values) < FEWEST_PERSONS and FEWEST_SHARED * len(values) <= int(counts.sum())


def _are_short_numbers(draft: Sketch) -> bool:
    values, _ = draft.distinct()
    return all(isinstance(value, int | float) and abs(value) < SHORT_NUMBER for value in values)


def _looks(draft: Sketch) -> str:
    """Return which kind of identifier the cells of a column look like; empty if none."""
    column = draft.column
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return ""
    try:
        values, _ = draft.distinct()
    except TypeError:  # cells hold lists or mappings
        values = list(dict.fromkeys(value for value in column if isinstance(value, str)))
    if isinstance(column.dtype, pd.StringDtype):
        texts = cast("list[str]", values[:ROWS_READ])
    else:
        texts = list(islice((value for value in values if isinstance(value, str)), ROWS_READ))
    if not texts or all(CLOCK_TIME.fullmatch(text.strip()) for text in texts):
        return ""
    together = "\0".join(["", *texts])
    if "@" not in together and not LIKELY_BEGIN.search(together):
        return ""
    likely = [text.strip() for text in texts if "@" in text or LIKELY.match(text.lstrip())]
    most = int(MOST * len(texts)) + 1
    for what, pattern in LOOKS.items():
        fewest = min(SOME, most) if what == "e-mail addresses" else most
        share = _look_like(likely, re.compile(pattern), fewest)
        if share and not (what == "telephone numbers" and all_dates([text.strip() for text in texts])):
            return what
    return ""


def _look_like(texts: Sequence[str], pattern: re.Pattern[str], fewest: int) -> bool:
    """Return whether at least so many texts look like a pattern, as soon as that is known."""
    hits, left = 0, len(texts)
    for text in texts:
        if hits >= fewest or hits + left < fewest:
            break
        hits += bool(pattern.fullmatch(text))
        left -= 1
    return hits >= fewest


@cache
def _lists() -> dict[str, object]:
    """Read the words once, when a first codebook is drafted."""
    words: dict[str, object] = own_data(Path(__file__).with_name("person_words.yaml"))
    return words


def _pattern(words: list[str]) -> re.Pattern[str]:
    """Compile words, a star for any ending; scripts that write without blanks are found inside."""
    apart = [word for word in words if not any("\u2e80" <= mark <= "\ud7af" for mark in word)]
    inside = [re.escape(word) for word in words if word not in apart]
    starred = "|".join(
        re.escape(plain_words(word.rstrip("*"))) + (r"\w*" if word.endswith("*") else "") for word in apart
    )
    return re.compile("|".join([rf"(?<!\w)(?:{starred})(?!\w)", *inside]))


@cache
def _direct() -> dict[str, re.Pattern[str]]:
    kinds = _lists()["direct"]
    assert isinstance(kinds, dict)  # noqa: S101  # the package's own file
    patterns = {what: _pattern(words) for what, words in kinds.items()}
    return patterns | {"a person's name": re.compile(patterns["a person's name"].pattern + r"|^name$")}


@cache
def _bare() -> re.Pattern[str]:
    words = _pattern(list(_lists()["bare"])).pattern  # type: ignore[call-overload]
    return re.compile(rf"(?:{words})(?: (?:id|no|nr|num|number|key|code|hash|token|\d+))?")


@cache
def _quasi() -> re.Pattern[str]:
    return _pattern(list(_lists()["quasi"]))  # type: ignore[call-overload]


@cache
def _wording() -> re.Pattern[str]:
    return _pattern(list(_lists()["wording"]))  # type: ignore[call-overload]
