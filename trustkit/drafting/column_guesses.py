"""What one column of an export may be: its kind, its answers and its missing codes, guessed and marked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.reader_guesses import guess_reason
from trustkit.drafting.wordings import (
    BODY_WORDS,
    DATE_NAMES,
    DESIGN_NAMES,
    ID_NAMES,
    NUMBER_WORDS,
    PAIRS,
    PLACE_NAMES,
    SCALE_WORDS,
    WEIGHT_NAMES,
    WEIGHT_WORDS,
    plain_words,
    scale_of,
)
from trustkit.survey.checks import no_dates
from trustkit.survey.columns import is_missing_code
from trustkit.survey.variable import (
    CODED,
    Code,
    Identifier,
    Kind,
    Reason,
    Variable,
    code_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

MOST_CODES, MOST_ANSWERS, LONGEST_ANSWER = 12, 60, 80
"""Of a closed question: different numbers, different texts, characters of the longest text."""

HIGHEST_CODE, LONGEST_SCALE = 99, 10
"""The highest number taken for a code; the end of the longest scale in numbers."""

NEAR = "{codes} may be a missing code, but is near the others and was left an answer"
NEAR_CODES = (7, 8, 9, 77, 88, 97, 98, 99)
"""Codes that may be missing ones where the answers end before them."""

NEAR_ONE, EXACTLY_ONE = 0.25, 0.001
"""How far from 1 the mean of weights may be if the name says weight, and if it doesn't."""

FIRST_DAY, LAST_DAY, SHORTEST_DATE = 19000101, 21001231, 8
"""Numbers that may be days, and how many characters a date has at least."""

FEWEST_EACH = 3
"""How often an answer of a closed question is given on average, at least."""

PLAIN_NUMBER = r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?"
"""A number as it is typed: no leading zeros, which are kept where they are."""

LONGEST_REASON = 40
"""Characters of the longest answer that is taken for a missing one by its words."""

FEWEST_IDS = 10
"""From how many rows on it says something that all values differ."""

ONE_ANSWER = "it has one answer, so an empty cell is not counted as not selected"
"""What is said of a box that was ticked or left empty: its share would be 100%."""

MISSING_CODES: dict[int, Reason] = {
    **dict.fromkeys((-1, -7, 77, 97, 777, 997, 9997, -77, -97, 9999, -999, -9999), "skipped"),
    **dict.fromkeys((-8, 88, 98, 888, 998, 9998, -88, -98), "don't know"),
    **dict.fromkeys((-9, 99, 999, -99), "refused"),
}
"""Codes that exports give to missing answers -> the reason they most often have."""


@dataclass
class Sketch:
    """What is being found out about one column.

    Attributes
    ----------
    column
        The column as read.
    told
        What the file told of it, if anything.
    scale
        The name of the scale that its answers are steps of; "" if of none.
    notes
        What was guessed, in words.
    """

    column: pd.Series
    told: Variable | None
    label: str
    kind: Kind = "text"
    codes: dict[Code, str] = field(default_factory=dict)
    missing: dict[Code, Reason] = field(default_factory=dict)
    words: dict[Code, str] = field(default_factory=dict)
    identifier: Identifier = "none"
    set: str = ""
    scale: str = ""
    notes: list[str] = field(default_factory=list)

    def variable(self) -> Variable:
        """Return the description, its guesses marked for review."""
        return replace(
            self.told or Variable(self.name, self.label, self.kind),
            kind=self.kind,
            codes=self.codes,
            missing=self.missing,
            missing_words={code: words for code, words in self.words.items() if code in self.missing},
            identifier=self.identifier,
            set=self.set,
            review="; ".join(dict.fromkeys(self.notes)),
        )

    @property
    def name(self) -> str:
        """The column's name."""
        return str(self.column.name)

    @property
    def guessed(self) -> bool:
        """Whether the file told nothing of kind and answers, or its reader took them from the content."""
        if self.told is None:
            return True
        from_content = all(code_text(code) == label for code, label in self.told.codes.items())
        kind = re.search(r"\bkind\b.*guess", self.told.review)
        return bool(kind) and from_content and not self.told.missing_ranges

    def named(self, pattern: str) -> bool:
        """Tell whether the name holds one of some words."""
        return bool(re.search(pattern, plain_words(self.name)))

    def says(self, pattern: str) -> bool:
        """Tell whether the name or the wording holds one of some words."""
        return self.named(pattern) or bool(re.search(pattern, plain_words(self.label)))

    def mark(self, kind: Kind, note: str) -> None:
        """Take the column for a kind, which is a guess."""
        self.kind = kind
        self.notes = [f"kind: {note}", *(item for item in self.notes if not item.startswith("kind:"))]


def sketch(column: pd.Series, told: Variable | None) -> Sketch:
    """Find out what one column is: what the file told stands, the rest is guessed from name and content.

    Examples
    --------
    >>> found = sketch(pd.Series([1, 2, 3, 4, 99] * 5, name="trust"), None)
    >>> found.kind, found.codes, found.missing
    ('single', {1: '1', 2: '2', 3: '3', 4: '4'}, {99: 'refused'})
    """
    if told is None:
        draft = Sketch(column, None, str(column.name))
    else:
        draft = Sketch(
            column, told, told.label, told.kind,
            dict(told.codes), dict(told.missing), dict(told.missing_words), told.identifier, told.set,
            notes=[told.review] if told.review else [],
        )  # fmt: skip
    if draft.guessed:
        draft.notes, draft.codes = [], {}
        _guess_kind(draft)
        words = [name for code, name in (told.missing_names if told else {}).items() if name == code]
        if words:  # the reader's guess, which stays
            draft.notes.append(_told_missing(words))
    elif draft.kind in CODED:
        _find_missing_answers(draft)
        _find_scale(draft)
    elif draft.kind == "numeric":
        _find_role(draft)
    elif draft.kind == "text":
        _find_told_text(draft)
    elif draft.kind == "id" and not _unique(column):
        draft.mark("text", "the file's ids are repeated or lacking")
    return draft


def _guess_kind(draft: Sketch) -> None:
    """Guess kind, codes and missing codes from what a column holds."""
    column = draft.column
    try:
        codes, found = pd.factorize(column)
    except TypeError:
        draft.mark("text", "cells hold lists or mappings")
        return
    known = {*map(code_text, draft.missing), *(draft.told.missing_labels if draft.told else ())}
    values = [value.item() if isinstance(value, np.generic) else value for value in found]
    counts = np.bincount(codes[codes >= 0], minlength=len(values))
    kept = [place for place, value in enumerate(values) if code_text(value) not in known]
    values, n = [values[place] for place in kept], int(counts[kept].sum())
    if pd.api.types.is_datetime64_any_dtype(column):
        draft.kind = "date"
    elif not values:
        draft.mark("text", "unknown, the column is empty")
    elif draft.named(DESIGN_NAMES) and not isinstance(column.dtype, pd.CategoricalDtype):
        draft.mark("text", "by the name it may tell strata or sampling points: then name it under design")
    elif pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        _guess_from_numbers(draft, np.sort(np.array(values, dtype=float)), n)
    elif _has_told_categories(draft):
        _take_answers(draft, [str(category) for category in column.cat.categories], ordered=True)
    else:
        texts = [str(value) for value in values]
        numbers = _numbers_beside_words(draft, texts)
        if numbers:
            _guess_from_numbers(draft, np.unique(numbers), n)
        else:
            _guess_from_texts(draft, texts, n)


def _numbers_beside_words(draft: Sketch, texts: Sequence[str]) -> list[float]:
    """Return the numbers among texts where all others say why there is none; else nothing."""
    if isinstance(draft.column.dtype, pd.CategoricalDtype):
        return []
    words = [text for text in texts if not re.fullmatch(PLAIN_NUMBER, text)]
    reasons: dict[Code, Reason] = {word: reason for word in words if (reason := _reason_of(word))}
    if len(words) == len(texts) or len(reasons) < len(words):
        return []
    draft.missing |= reasons
    draft.words |= {word: word for word in words if word.strip() and word != reasons[word].capitalize()}
    if words:
        draft.notes.append(_told_missing(words))
    return sorted(float(text) for text in texts if text not in reasons)


def _has_told_categories(draft: Sketch) -> bool:
    """Tell whether a frame came with categories, whose order counts."""
    dtype = draft.column.dtype
    return (
        draft.told is None
        and isinstance(dtype, pd.CategoricalDtype)
        and len(dtype.categories) <= MOST_ANSWERS
    )


def _guess_from_numbers(draft: Sketch, numbers: NDArray[np.float64], n: int) -> None:
    """Guess what sorted numbers stand for, of which there are n in all."""
    if not np.isfinite(numbers).all():
        draft.mark("text", "there is an infinite number")
        return
    whole = bool((numbers == np.floor(numbers)).all())
    if whole and draft.named(PLACE_NAMES):
        draft.mark("text", "numbers that count nothing, by the name")
        return
    missing = _missing_numbers(numbers) if whole else {}
    valid = [int(number) for number in numbers if number not in missing] if whole else []
    draft.missing |= missing
    if missing:
        told = ", ".join(f"{code} = {reason}" for code, reason in missing.items())
        draft.notes.append(f"missing: {told}, far from the other values")
    draft.kind = "numeric"
    if _find_role(draft):
        return
    if len(valid) > 1 and valid[0] in MISSING_CODES and valid[0] < 0 <= valid[1]:
        draft.notes.append(NEAR.format(codes=valid[0]))
    codes = whole and len(valid) <= MOST_CODES and -HIGHEST_CODE <= valid[0] <= valid[-1] <= HIGHEST_CODE
    if codes and not draft.says(NUMBER_WORDS) and n >= FEWEST_EACH * len(numbers):
        _take_codes(draft, valid)
    else:
        draft.mark("numeric", "numbers")


def _take_codes(draft: Sketch, codes: list[int]) -> None:
    """Take a few whole numbers for the codes of a closed question, which the file has no labels of."""
    first, last = codes[0], codes[-1]
    ten = last == LONGEST_SCALE and first in (0, 1) and len(codes) > LONGEST_SCALE // 2
    gaps = [place for place in range(1, len(codes)) if codes[place] - codes[place - 1] > 1]
    near = codes[gaps[-1] :] if gaps and set(codes[gaps[-1] :]) <= set(NEAR_CODES) else []
    if not near and (ten or (draft.says(SCALE_WORDS) and len(codes) > len(PAIRS[0]))):
        codes = list(range(first, last + 1))
        draft.scale = "numbers"
        draft.mark("ordinal", f"whole numbers from {first} to {last}, taken for a scale")
    else:
        draft.mark("single", "a few whole numbers, taken for codes; may be ordinal or numeric")
    draft.codes = {code: str(code) for code in codes}
    draft.notes.append("labels: none in the file")
    if near:
        draft.notes.append(NEAR.format(codes=", ".join(str(code) for code in near)))


def _missing_numbers(numbers: NDArray[np.float64]) -> dict[Code, Reason]:
    """Find missing codes among sorted whole numbers: known ones, farther outside than the others reach."""
    others = [number for number in numbers if number not in MISSING_CODES]
    while others:
        low, high = min(others), max(others)
        reach = max(1.0, high - low)
        outside = [
            number
            for number in numbers
            if number not in others and (number > high + reach or number + 1 < low >= 0)
        ]
        if len(outside) + len(others) == len(numbers):
            return {int(number): MISSING_CODES[int(number)] for number in outside}
        # a known code that is near the others is one of them, and they reach farther
        others = [number for number in numbers if number not in outside]
    return {}


def _find_role(draft: Sketch) -> bool:
    """Find out whether numbers are weights, ids or days; say whether they are."""
    numbers = pd.to_numeric(draft.column, errors="coerce").astype(float)
    valid = numbers[numbers.notna() & ~is_missing_code(numbers, draft.missing)]
    if valid.empty:
        return False
    if not bool((valid == np.floor(valid)).all()):
        return _find_weight(draft, valid)
    days = draft.named(DATE_NAMES) and bool(valid.between(FIRST_DAY, LAST_DAY).all())
    if days and not no_dates(valid.unique().tolist())[1].any():
        draft.mark("date", "the name says date, and the numbers are days")
        return True
    counts = draft.says(NUMBER_WORDS)
    if _unique(numbers) and not draft.missing:
        steps = float(valid.max() - valid.min()) == len(valid) - 1
        if draft.named(ID_NAMES) or (steps and draft.guessed and not counts):
            why = "the name says id, and " if draft.named(ID_NAMES) else ""
            draft.mark("id", f"{why}every row has its own number")
            return True
    if draft.named(ID_NAMES) and draft.guessed:
        draft.notes.append("the name says id, but numbers are repeated or lacking")
    return False


def _find_weight(draft: Sketch, valid: pd.Series) -> bool:
    """Find out whether numbers, not all of them whole, are weights; say whether they are."""
    mean = float(valid.mean())
    if (valid < 0).any() or draft.says(BODY_WORDS):
        return False
    named = draft.named(WEIGHT_NAMES) or draft.says(WEIGHT_WORDS)
    near = abs(mean - 1) <= NEAR_ONE
    if named and len(valid) == len(draft.column) and (near or draft.says(WEIGHT_WORDS)):
        sums = "its mean is near 1" if near else f"it sums to {valid.sum():,.0f}"
        draft.mark("weight", f"the name says weight, and {sums}")
        return True
    if named or abs(mean - 1) <= EXACTLY_ONE:
        draft.notes.append("it may be a weight: then make its kind weight, and name it under design")
    return False


def _find_told_text(draft: Sketch) -> None:
    """Find ids, and numbers that were typed, in a column that the file calls text."""
    if draft.named(ID_NAMES) and _unique(draft.column):
        draft.mark("id", "the name says id, and every row has its own")
    elif draft.says(NUMBER_WORDS) and not draft.named(PLACE_NAMES):
        typed = draft.column.dropna()
        numbers = pd.to_numeric(typed, errors="coerce")
        if len(typed) and np.isfinite(numbers).all():
            draft.mark("numeric", "every text is a number")


def _unique(column: pd.Series) -> bool:
    """Tell whether every row has a value of its own, of enough rows to mean something."""
    return len(column) >= FEWEST_IDS and bool(column.notna().all()) and column.is_unique


def _guess_from_texts(draft: Sketch, texts: Sequence[str], n: int) -> None:
    """Guess what different texts stand for, of which there are n in all."""
    dated = all(re.search(r"\d", text) and len(text) >= SHORTEST_DATE for text in texts)
    if dated and not no_dates(texts)[1].any():
        draft.mark("date", "every text is a date")
        return
    if draft.named(ID_NAMES) and _unique(draft.column):
        draft.mark("id", "the name says id, and every row has its own")
        return
    scale = scale_of([text for text in texts if not _reason_of(text)])
    few = len(texts) <= MOST_ANSWERS and len(texts) * FEWEST_EACH <= n
    known = scale is not None and scale[0] != "numbers" and len(texts) < n
    if (few or known) and max(len(text) for text in texts) <= LONGEST_ANSWER:
        _take_answers(draft, texts, ordered=False)
        return
    draft.mark("text", "taken for an open question")
    if draft.named(ID_NAMES):
        draft.notes.append("the name says id, but texts are repeated or lacking")


def _take_answers(draft: Sketch, texts: Sequence[str], *, ordered: bool) -> None:
    """Take texts for the answers of a closed question, in their order or by the alphabet."""
    distinct = list({code_text(text): text for text in reversed(texts)}.values())[::-1]
    draft.codes = {text: text for text in (distinct if ordered else sorted(distinct, key=_reading_order))}
    draft.mark("single", "the column holds categories" if ordered else "a few texts, taken for answers")
    _find_missing_answers(draft)
    if not _find_scale(draft) and not ordered:
        lower = [plain_words(label) for label in draft.codes.values()]
        pair = next((pair for pair in PAIRS if sorted(pair) == sorted(lower)), None)
        if pair:
            draft.codes = dict(sorted(draft.codes.items(), key=lambda item: pair.index(plain_words(item[1]))))
        elif len(lower) > 1:
            draft.notes.append("order of the answers: alphabetical")
    alike: dict[str, list[str]] = {}
    for label in draft.codes.values():
        alike.setdefault(" ".join(label.casefold().split()), []).append(label)
    for labels in alike.values():
        if len(labels) > 1:
            draft.notes.append(f"answers that differ by case or blanks only: {', '.join(map(repr, labels))}")
    if len(draft.codes) == 1 and draft.column.isna().any():
        draft.notes.append(ONE_ANSWER)


def _reading_order(text: str) -> tuple[bool, str]:
    """Order answers by the alphabet, other and none last."""
    return bool(re.match(r"\W*(?:other|none of|something else)\b", text.casefold())), text.casefold()


def _reason_of(text: str) -> Reason | None:
    """Return why an answer is none, by its words; short texts only, as long ones may mean what they say."""
    if not text.strip() or text.strip() in ("-", "--", ".", "?"):
        return "skipped"
    return guess_reason(text) if len(text) <= LONGEST_REASON else None


def _find_missing_answers(draft: Sketch) -> None:
    """Move answers that are none by their words to the missing ones, unless no answer would be left."""
    found = {code: reason for code, label in draft.codes.items() if (reason := _reason_of(label))}
    numbers = [code for code, label in draft.codes.items() if re.fullmatch(PLAIN_NUMBER, label)]
    if draft.guessed and len(numbers) == 1 and float(draft.codes[numbers[0]]) in MISSING_CODES:
        found[numbers[0]] = MISSING_CODES[int(float(draft.codes[numbers[0]]))]
    if not found or len(found) == len(draft.codes):
        return
    texts = []
    for code, reason in found.items():
        label = draft.codes.pop(code)
        draft.missing[code] = reason
        if label.strip() and label != reason.capitalize():
            draft.words[code] = label
        texts.append(label)
    draft.notes.append(_told_missing(texts))


def _told_missing(words: Sequence[str]) -> str:
    """Say which answers were taken for missing ones."""
    shown = ", ".join(repr(word) if "'" not in word else f'"{word}"' for word in words)
    return f"missing: {shown}, by {'their' if len(words) > 1 else 'its'} words"


def _find_scale(draft: Sketch) -> bool:
    """Find out whether the answers are steps of a scale, and order them if the file has no order."""
    found = scale_of(list(draft.codes.values()))
    if not found:
        return False
    name, places = found
    if draft.guessed and draft.kind == "single" and not _has_told_categories(draft):
        order = sorted(zip(places, draft.codes.items(), strict=True), key=lambda item: item[0])
        draft.codes = dict(item for _, item in order)
    elif places not in (sorted(places), sorted(places, reverse=True)):
        return False
    draft.scale = name
    if draft.kind == "single":
        about = "bands of numbers" if name == "numbers" else f"steps of a scale ({name})"
        draft.mark("ordinal", f"the answers are {about}")
    return True
