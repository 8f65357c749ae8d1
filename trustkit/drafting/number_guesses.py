"""What a column of numbers may be: codes, amounts, weights, ids or days."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.column_sketch import ONE_ANSWER, is_unique
from trustkit.drafting.missing_answers import NEAR_CODES, balanced_run, judge_answers, judge_numbers
from trustkit.drafting.scale_words import BANDS
from trustkit.drafting.wordings import (
    BODY_WORDS,
    DATE_NAMES,
    DERIVED_NAMES,
    FACTOR_NAMES,
    ID_NAMES,
    NUMBER_WORDS,
    PAIRS,
    PHONE_NAMES,
    PLACE_NAMES,
    PROPERTY_NAMES,
    SCALE_WORDS,
    WEIGHT_LABELS,
    WEIGHT_NAMES,
    WEIGHT_WORDS,
    plain_words,
)
from trustkit.survey.checks import all_dates
from trustkit.survey.columns import is_missing_code
from trustkit.survey.variable import code_text
from trustkit.survey.written_numbers import LONGEST, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from trustkit.drafting.column_sketch import Sketch
    from trustkit.survey.variable import Code

MOST_CODES = 12
"""How many different numbers a closed question may have."""

HIGHEST_CODE, LONGEST_SCALE = 99, 10
"""The highest number treated as a code; the end of the longest scale in numbers."""

NEAR_ONE, EXACTLY_ONE = 0.25, 0.001
"""How far from 1 the mean of weights may be if the name says weight, and if it doesn't."""

THOUSAND, MOST_ROUNDING = 1000, 0.5
"""What weights that count a population sum to multiples of, and how far rounding may take that sum."""

MANY_DECIMALS, FEWEST_WEIGHTS, MOST_ITEMS = 3, 5, 12
"""Of numbers that may be weights, whatever their name: decimals, different values, most items of a mean."""

LOW_MEAN, HIGH_MEAN = 0.2, 5.0
"""Between which means numbers with three decimals may be weights; others must have four."""

USUAL_ENDS, ODD_ENDS = (5, 7, 10), (8, 9)
"""Where scales of whole numbers usually end, and where if codes for no answer follow a scale to 7."""

FIRST_DAY, LAST_DAY = 19000101, 21001231
"""Numbers that may be days."""

BEYOND = 10**LONGEST
"""From here on whole numbers have too many digits for arithmetic."""

SHORT_NUMBER = 1000
"""Numbers below this one are no telephone, account or official numbers."""

FEWEST_EACH = 3
"""How often an answer of a closed question is given on average, at least."""


def guess_from_numbers(draft: Sketch, numbers: NDArray[np.float64], n: int) -> None:
    """Guess what sorted different numbers stand for, of which there are n in all."""
    if not np.isfinite(numbers).all():
        draft.mark("text", "there is an infinite number")
        return
    are_whole = bool((numbers == np.floor(numbers)).all())
    is_phone = draft.named(PHONE_NAMES) and np.abs(numbers).max() >= SHORT_NUMBER
    if are_whole and (is_phone or draft.named(PLACE_NAMES)) and len(numbers) > len(PAIRS[0]):
        draft.mark("text", "numbers that count nothing, by the name")
        return
    if are_whole and np.abs(numbers).max() >= BEYOND:
        named = draft.named(ID_NAMES) and is_unique(draft.column)
        words = "the name says id, and every row has its own number" if named else "left as texts"
        draft.mark("id" if named else "text", f"{words}: {TOO_LONG}")
        return
    draft.kind = "numeric"
    if not are_whole:
        if not find_role(draft):
            draft.mark("numeric", "numbers")
        return
    labels: dict[Code, str] = {int(number): str(int(number)) for number in numbers}
    counted = draft.says(NUMBER_WORDS) or bool(draft.form)
    few = len(labels) <= MOST_CODES + 3 and not counted and n >= FEWEST_EACH * len(numbers)
    judged = (
        judge_answers(labels, question=f"{draft.name} {draft.label}")
        if few
        else judge_numbers(list(numbers), {})
    )
    valid = [int(number) for number in numbers if int(number) not in judged.missing]
    draft.missing |= judged.missing
    if find_role(draft):
        for code in judged.missing:
            del draft.missing[code]
        return
    codes = few and len(valid) <= MOST_CODES and -HIGHEST_CODE <= valid[0] <= valid[-1] <= HIGHEST_CODE
    if few and not codes:
        for code in judged.missing:
            del draft.missing[code]
        judged = judge_numbers(list(numbers), {})
    if codes:
        _take_codes(draft, valid)
    else:
        draft.mark("numeric", "numbers")
    draft.take_missing(judged, labels)


def _take_codes(draft: Sketch, codes: list[int]) -> None:
    """Take a few whole numbers for the codes of a closed question, which the file has no labels of."""
    first, last = codes[0], codes[-1]
    ten = last == LONGEST_SCALE and first in (0, 1) and len(codes) > LONGEST_SCALE // 2
    gaps = [place for place in range(1, len(codes)) if codes[place] - codes[place - 1] > 1]
    near = codes[gaps[-1] :] if gaps and set(codes[gaps[-1] :]) <= set(NEAR_CODES) else []
    if len(codes) > 1 and first < 0 <= codes[1]:
        near = codes[:1]
    if not near and (
        ten or balanced_run(codes) == codes or (draft.says(SCALE_WORDS) and len(codes) > len(PAIRS[0]))
    ):
        codes = list(range(first, last + 1))
        draft.scale = BANDS
        draft.mark("ordinal", f"whole numbers from {first} to {last}, treated as a scale")
    else:
        draft.mark("single", "a few whole numbers, treated as codes; may be ordinal or numeric")
    draft.codes = {code: str(code) for code in codes}
    draft.notes.append("labels: none in the file")
    if len(codes) == 1 and draft.column.isna().any():
        draft.doubts.append(ONE_ANSWER)
    odd = [code for code in codes if code > USUAL_ENDS[-2]]
    if not near and codes == list(range(first, last + 1)) and first in (0, 1) and last in ODD_ENDS and odd:
        shown = " and ".join(str(code) for code in odd)
        draft.doubts.append(f"{shown} may be missing codes of a scale that ends at 7, and were left answers")
    if codes == list(range(first, last + 1)) and first in (0, 1) and last == LONGEST_SCALE + 1:
        draft.doubts.append(
            f"{last} may be a missing code of a scale that ends at 10, and was left an answer"
        )
    if near and len(codes) - len(near) > 1:
        shown = ", ".join(str(code) for code in near)
        draft.doubts.append(f"{shown} may be a missing code, but is near the others and was left an answer")


def take_numbers(draft: Sketch, labels: Mapping[Code, str], values: Sequence[Code]) -> None:
    """Take values for numbers; find the labelled ones that are missing, and keep the others' words."""
    judged = judge_numbers([float(value) for value in values if not isinstance(value, str)], labels)
    draft.take_missing(judged, labels)
    rest = "; ".join(
        f"{code_text(code)} = {text}" for code, text in labels.items() if code not in draft.missing
    )
    if rest:
        draft.notes.append(f"treated as a number, though some have labels: {rest}")


def find_role(draft: Sketch) -> bool:
    """Find out whether numbers are weights, ids or days; return whether they are."""
    column = draft.column if draft.column.dtype == float else pd.to_numeric(draft.column, errors="coerce")
    numbers = column.astype(float)
    answered = numbers.notna().to_numpy()
    if draft.missing:
        answered = answered & ~is_missing_code(numbers, draft.missing).to_numpy()
    valid = numbers if answered.all() else numbers[answered]
    if valid.empty:
        return False
    plain = valid.to_numpy()
    if not bool((plain == np.floor(plain)).all()):
        return _find_weight(draft, valid)
    if plain.max() > HIGHEST_CODE and plain.min() >= 0 and (_says_weight(draft) or _says_factor(draft)):
        _doubt_weight(draft, valid)
    days = draft.named(DATE_NAMES) and bool(valid.between(FIRST_DAY, LAST_DAY).all())
    if days and all_dates(valid.unique().tolist()):
        draft.mark("date", "the name says date, and the numbers are days")
        return True
    counts = draft.says(NUMBER_WORDS) or bool(draft.form)
    says_id = draft.named(ID_NAMES) and not draft.named(PROPERTY_NAMES)
    if is_unique(numbers):
        steps = float(valid.max() - valid.min()) == len(valid) - 1
        if says_id or (steps and draft.guessed and not counts and not draft.missing):
            why = "the name says id, and " if says_id else ""
            draft.mark("id", f"{why}every row has its own number")
            return True
    if says_id and draft.guessed:
        draft.notes.append("the name says id, but numbers are repeated or lacking")
    return False


def _find_weight(draft: Sketch, valid: pd.Series) -> bool:
    """Find out whether numbers, not all of them whole, are weights; return whether they are."""
    mean = float(valid.mean())
    if (valid < 0).any() or draft.says(BODY_WORDS):
        return False
    named = _says_weight(draft)
    near = abs(mean - 1) <= NEAR_ONE
    if named and len(valid) == len(draft.column) and (near or draft.says(WEIGHT_WORDS)):
        sums = "its mean is near 1" if near else f"it sums to {valid.sum():,.0f}"
        draft.mark("weight", f"the name says weight, and {sums}")
        return True
    told = named or _says_factor(draft) or abs(mean - 1) <= EXACTLY_ONE
    if told or _has_round_total(valid) or _looks_like_weight(draft, valid):
        _doubt_weight(draft, valid)
    return False


def _says_weight(draft: Sketch) -> bool:
    """Return whether the name or the wording says that a column is a weight, and not one in kilograms."""
    labelled = draft.label != draft.name and re.search(WEIGHT_LABELS, plain_words(draft.label))
    named = draft.named(WEIGHT_NAMES) or draft.says(WEIGHT_WORDS) or bool(labelled)
    return named and not draft.says(BODY_WORDS)


def _looks_like_weight(draft: Sketch, valid: pd.Series) -> bool:
    """Return whether numbers without a telling name are written as weights are: positive ones in every row.

    They have many decimals, and are no means of a few whole answers. A wording would say what they measure.
    """
    said = draft.label != draft.name or draft.named(DERIVED_NAMES) or draft.says(NUMBER_WORDS)
    if said or len(valid) < len(draft.column) or float(valid.min()) <= 0:
        return False
    numbers = valid.unique()
    digits = _decimals(numbers)
    least = MANY_DECIMALS if LOW_MEAN <= float(valid.mean()) <= HIGH_MEAN else MANY_DECIMALS + 1
    if len(numbers) < FEWEST_WEIGHTS or digits < least:
        return False
    parts = np.arange(2, MOST_ITEMS + 1)[:, np.newaxis] * numbers
    off = np.abs(parts - np.round(parts)).max(axis=1)
    return not bool((off <= np.arange(2, MOST_ITEMS + 1) * 10.0**-digits).any())


def _decimals(numbers: NDArray[np.float64]) -> int:
    """Return how many decimals numbers are written with, of six at most."""
    return max(len(f"{number:.6f}".rstrip("0").partition(".")[2]) for number in numbers)


def _says_factor(draft: Sketch) -> bool:
    """Return whether the name is one that weights share with other numbers, such as "coef"."""
    return draft.named(FACTOR_NAMES) and not draft.says(BODY_WORDS)


def _has_round_total(valid: pd.Series) -> bool:
    """Return whether positive numbers sum to thousands but for rounding, as those of a population do."""
    rounding = 10.0 ** -_decimals(valid.unique()) * math.sqrt(len(valid))
    total = float(valid.sum())
    return total >= THOUSAND and abs(total - round(total, -3)) <= min(rounding, MOST_ROUNDING)


def _doubt_weight(draft: Sketch, valid: pd.Series) -> None:
    lacking = len(draft.column) - len(valid)
    rows = f" in {lacking:,} of {len(draft.column):,} rows it has no value;" if lacking else ""
    draft.doubts.append(
        f"it may be a weight, and nothing is weighted by it:{rows} then make its kind weight, and name it"
        " under design"
    )
