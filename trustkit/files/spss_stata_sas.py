"""Files of SPSS, Stata and SAS: data and what the file knows about them, through pyreadstat."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.column_sketch import GUESSED_WORDS, NO_MORE_THAN_A_LABEL, UNKNOWN_WORDS, Sketch
from trustkit.drafting.missing_answers import judge_answers
from trustkit.drafting.missing_words import OTHER, reason_in
from trustkit.drafting.number_guesses import take_numbers
from trustkit.drafting.persons import find_identifier
from trustkit.drafting.scales import scale_of
from trustkit.drafting.wordings import plain_words
from trustkit.errors import DataError
from trustkit.files.delimited import known_encoding
from trustkit.files.foreign_files import read_r_frame, read_statistics
from trustkit.files.r_objects import ORDERED
from trustkit.files.reading_process import UNICODE, UNKNOWN_PAGE
from trustkit.files.spss_bytes import FARTHEST
from trustkit.survey.codebook import Codebook
from trustkit.survey.multiple_answers import BOXES
from trustkit.survey.survey import Survey
from trustkit.survey.variable import (
    CODED,
    Code,
    MissingRange,
    Variable,
    code_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from trustkit.drafting.missing_answers import Judged
    from trustkit.files.foreign_files import Told

    Found = tuple[Survey, list[str], dict[str, str]]
    """A survey, notes on how its file was read, and the columns whose names repeat: new name -> words."""

MOST_UNLABELLED = 100
"""How many unlabelled codes of a nominal variable are treated as its answers."""

MOST_DISTINCT = 10_000
"""How many different values a variable may have and still be looked at one by one."""

FEW_BARE = 0.25
"""Up to how many values without a label, as a share of those with one, labels stand for answers."""

FEWEST_LABELLED = 3
"""How many answers have a label, at least, for a code below or above them to be doubted."""

STRAY = "has no label and lies outside the answers that have one; it is read as an answer, and may be none"
"""What is said of such a code."""

MOST_KNOWN_BESIDE = 3
"""A scale of more steps than this may have one step between others whose words are not known."""

NO_LEVEL = "the kind was guessed: no level of measurement in the file"
"""What is noted of numbers for which a file has labels or missing codes, and no level of measurement."""

LONGEST_SCALE = 10
"""Steps of the longest scale of which only the ends are labelled."""


def read_spss(path: Path, codebook: Codebook | None = None, encoding: str | None = None) -> Found:
    """Read an SPSS file (``.sav``, ``.zsav``): labels, user-missing codes and ranges, sets, levels.

    Parameters
    ----------
    path
        The file.
    codebook
        Its description; without one, the file's own metadata become the codebook.
    encoding
        The encoding of its text; without it, the one that the file names, or a guess.

    Raises
    ------
    DataError
        If the file is damaged.
    """
    return _survey(path, codebook, "read_sav", encoding, user_missing=True)


def read_portable(path: Path, codebook: Codebook | None = None, encoding: str | None = None) -> Found:
    """Read a portable SPSS file (``.por``); see `read_spss`. It holds no sets and no levels."""
    return _survey(path, codebook, "read_por", encoding)


def read_stata(path: Path, codebook: Codebook | None = None, encoding: str | None = None) -> Found:
    """Read a Stata file (``.dta``); extended missing values stay as the codes ``a`` to ``z``."""
    return _survey(path, codebook, "read_dta", encoding, user_missing=True)


def read_sas(path: Path, codebook: Codebook | None = None, encoding: str | None = None) -> Found:
    """Read a SAS file (``.sas7bdat``); special missing values stay as the codes ``A`` to ``Z`` and ``_``."""
    return _survey(path, codebook, "read_sas7bdat", encoding, user_missing=True)


def read_transport(path: Path, codebook: Codebook | None = None, encoding: str | None = None) -> Found:
    """Read a SAS transport file (``.xpt``, version 5 or 8)."""
    return _survey(path, codebook, "read_xport", encoding)


def read_r(
    path: Path, codebook: Codebook | None = None, encoding: str | None = None, frame: str | None = None
) -> tuple[Survey, dict[str, str]]:
    """Read a data frame that R saved (``.rds``, ``.rda``): labels, missing codes, factors, dates.

    Factors stay words, in the order of their levels; an ordered one becomes a scale. Times stand as the
    clock of their own time zone showed them, or in UTC if they name none. Row names are not read: make
    a column of them in R where they tell who answered.

    Parameters
    ----------
    path
        The file.
    codebook
        Its description; without one, the file's own attributes become the codebook.
    encoding
        The encoding of texts that do not name theirs.
    frame
        The name of the data frame, of a file that has several.

    Returns
    -------
    tuple
        The survey, and the columns that share a name and were numbered: new name -> words.

    Raises
    ------
    DataError
        If the file is damaged, or has no data frame, or several; if the codebook swaps its labels.
    """
    data, metadata = read_r_frame(path, frame, encoding=known_encoding(encoding) if encoding else None)
    described = describe_file(data, metadata, path.stem)
    if codebook is not None:
        _refuse_swapped_labels(described, codebook, path.as_posix())
    return Survey(data, codebook or described), metadata.renamed


def _survey(
    path: Path,
    codebook: Codebook | None,
    reader: str,
    encoding: str | None,
    *,
    user_missing: bool | None = None,
) -> Found:
    """Read with one of pyreadstat's functions and describe what it found, and how it was read."""
    fallback = codebook.encoding if codebook is not None else ""
    data, metadata = read_statistics(
        path, reader, user_missing=user_missing, encoding=_of_iconv(encoding), fallback=_of_iconv(fallback)
    )
    for name, column in data.items():
        if column.dtype == "str":  # these programs have no missing text but the empty one
            data[name] = column.where(column != "")
    described = describe_file(data, metadata, path.stem)
    if codebook is not None:
        _refuse_swapped_labels(described, codebook, path.as_posix())
    notes = []
    if encoding is None and metadata.overruled:
        notes = [f"in {metadata.file_encoding or UNICODE} as the file says, not in the codebook's {fallback}"]
    return Survey(data, codebook or described), notes, metadata.renamed


def _of_iconv(encoding: str | None) -> str | None:
    """Return an encoding's name as iconv writes it; None for none."""
    if not encoding:
        return None
    known = known_encoding(encoding)
    return known if known == "shift_jis" else known.replace("_", "-")


def _refuse_swapped_labels(described: Codebook, codebook: Codebook, where: str) -> None:
    """Refuse a codebook that gives a code the label that the file gives to another code of the variable."""
    swapped = []
    for name in described.variables.keys() & codebook.variables.keys():
        theirs, ours = ({**v.codes, **v.missing_names} for v in (described[name], codebook[name]))
        of_label = {label: code_text(code) for code, label in theirs.items()}
        mine = {code_text(code): label for code, label in ours.items()}
        for code, label in mine.items():
            other = of_label.get(label, code)
            if other != code and mine.get(other) != label:
                swapped.append(f"{name}: {code} is {label!r} in the codebook, {other} in the file")
    if swapped:
        raise DataError(
            "labels are swapped between the file and the codebook",
            where=where, got="; ".join(sorted(swapped)[:20]), expected="one code for a label",
            do="find out which is right, and correct the codebook",
        )  # fmt: skip


def describe_file(data: pd.DataFrame, metadata: Told, title: str) -> Codebook:
    """Make a codebook from what a file tells about its variables.

    Parameters
    ----------
    data
        The codes as they stand in the file, user-missing ones included.
    told
        What the file tells.
    title
        The study's name where the file has no label.
    """
    variables = {name: _variable(data[name], metadata) for name in data.columns}
    if metadata.guessed_encoding:
        variables = {
            name: _with_guess(variable, data[name], metadata.guessed_encoding)
            for name, variable in variables.items()
        }
    sets: dict[str, str] = {}
    exact = {name.casefold(): name for name in variables}
    for name, about in metadata.sets.items():
        of = name.removeprefix("$")
        sets[of] = about["label"] or of
        for member in about["variable_list"]:
            column = exact.get(member.casefold())
            if column is not None:
                counted = about["counted_value"] if about["is_dichotomy"] else None
                variables[column] = _member(variables[column], data[column], of, counted)
    return Codebook(variables, title=metadata.file_label or title, sets=sets)


def _with_guess(variable: Variable, column: pd.Series, encoding: str) -> Variable:
    """Note that a code page was guessed, or was not, where it changes a variable's words."""
    words = [variable.label, *variable.codes.values(), *variable.missing_words.values()]
    if column.dtype == "str":
        words += column.dropna().unique().tolist()
    if all(word.isascii() for word in words):
        return variable
    if encoding == UNKNOWN_PAGE:
        note = f"unsure: {UNKNOWN_WORDS}: name it (read(..., encoding=)), or run"
        note += " unicode translate in Stata"
    else:
        note = f"{GUESSED_WORDS}{encoding} was guessed: if words are wrong, name it: read(..., encoding=)"
    review = "; ".join(part for part in (note, variable.review) if part)
    return replace(variable, review=review, unsure=variable.unsure or encoding == UNKNOWN_PAGE)


def _variable(column: pd.Series, metadata: Told) -> Variable:
    """Describe one variable as the file does; judge by labels and distance what it does not declare."""
    name = str(column.name)
    label = metadata.labels.get(name) or name
    labels = {_code(code): str(text) for code, text in metadata.codes.get(name, ())}
    draft = Sketch(column, None, label)
    ranges = _take_declared(draft, metadata, labels)
    level = metadata.measures.get(name, "unknown")
    present = column.dropna().unique()
    many = len(present) > MOST_DISTINCT  # far more than any question has answers
    values = (
        [] if many or pd.api.types.is_datetime64_any_dtype(column) else [_code(value) for value in present]
    )
    values = [code for code in values if code not in draft.missing]
    left = {code: text for code, text in labels.items() if code not in draft.missing}
    numbers = not (column.dtype == "str" or any(isinstance(value, str) for value in values))
    if pd.api.types.is_datetime64_any_dtype(column):
        draft.kind = "date"
    elif not numbers and not left:
        _take_texts(draft)
    elif many:
        draft.kind = "numeric" if pd.api.types.is_numeric_dtype(column) else "text"
    elif left and (not numbers or level in ("nominal", "ordinal") or _labels_answers(left, values)):
        _take_labelled(draft, left, values, level if numbers or level == ORDERED else "nominal")
    elif level in ("nominal", "ordinal") and values and len(values) <= MOST_UNLABELLED:
        draft.notes.append("its codes have no labels in the file")
        _take_labelled(draft, {}, values, level)
    else:
        draft.kind = "numeric"
        told_more = bool(labels or draft.missing or ranges)
        if level == "unknown":
            draft.notes.append(NO_LEVEL if told_more else f"kind: {NO_MORE_THAN_A_LABEL}")
        take_numbers(draft, left, values)
        if not told_more:
            draft.doubts += sketch(
                column, label=label
            ).doubts  # as for a text file, which declares nothing either
    return replace(draft.variable(), missing_ranges=tuple(ranges))


def _take_texts(draft: Sketch) -> None:
    """Take texts without labels for answers if they are like those of a question, as for a text file."""
    found = sketch(draft.column, label=draft.label)
    find_identifier(found)
    if found.kind in CODED and found.identifier != "direct" and not draft.missing:
        draft.kind, draft.codes, draft.missing, draft.words = (
            found.kind,
            found.codes,
            found.missing,
            found.words,
        )
        draft.split, draft.exclusive, draft.scale = found.split, found.exclusive, found.scale
        draft.notes += [note for note in found.notes if not note.startswith("identifier")]
        draft.notes.append(NO_MORE_THAN_A_LABEL)
    elif found.kind in ("numeric", "weight") and _has_decimals(found) and not draft.missing:
        draft.kind, draft.missing, draft.words = found.kind, found.missing, found.words
        draft.notes += found.notes
    else:
        draft.kind = "text"
    draft.doubts += found.doubts


def _has_decimals(found: Sketch) -> bool:
    """Return whether texts are written as numbers are; texts of digits alone may be ids or postcodes."""
    return any(re.search(r"\d\.\d", str(value)) for value in found.distinct()[0])


def _labels_answers(labels: Mapping[Code, str], values: Sequence[Code]) -> bool:
    """Return whether labels stand for answers, in a file without levels of measurement.

    They do if all values but a few have one; or if a scale's ends have one, all between being whole numbers.
    """
    missing = judge_answers(labels).missing
    answers = [code for code in labels if code not in missing]
    bare = [code for code in values if code not in labels]
    if not answers:
        return False
    if len(bare) <= max(1, FEW_BARE * len(answers)):
        return len(answers) > 1 or not bare
    are_whole = all(isinstance(code, int) for code in (*answers, *bare))
    ends = [int(code) for code in answers if isinstance(code, int)]
    return (
        are_whole
        and len(answers) > 1
        and max(ends) - min(ends) <= LONGEST_SCALE
        and all(min(ends) < int(code) < max(ends) for code in bare)
    )


def _take_labelled(draft: Sketch, labels: Mapping[Code, str], values: Sequence[Code], level: str) -> None:
    """Take codes for answers: labelled ones by their labels, others by themselves; find missing ones."""
    bare = sorted((code for code in values if code not in labels), key=str)
    both = {**labels, **{code: code_text(code) for code in bare}}
    if bare and all(isinstance(code, int | float) for code in both):
        both = dict(sorted(both.items(), key=lambda item: float(item[0])))
    if level not in ("nominal", "ordinal", ORDERED):
        draft.notes.append("the kind was guessed: answers have labels")
    draft.kind = "single" if level == "nominal" else "ordinal"
    judged = judge_answers(both, question=f"{draft.name} {draft.label}")
    draft.codes = _distinct(both, draft)
    draft.take_missing(judged, both)
    if level == "unknown":
        _judge_order(draft, labels)
    stray = [code_text(code) for code in bare if code in draft.codes]
    if stray and labels:
        draft.notes.append(f"without a label in the file, and counted as themselves: {', '.join(stray)}")
        outside = [code for code in bare if code in draft.codes and _is_outside(code, labels, judged)]
        draft.doubts += [f"{code_text(code)!r} {STRAY}" for code in outside if code not in judged.unsure]


def _is_outside(code: Code, labels: Mapping[Code, str], judged: Judged) -> bool:
    """Return whether a code without a label lies below or above all answers that have one."""
    answers = [float(other) for other in labels if other not in judged.missing and not isinstance(other, str)]
    if isinstance(code, str) or len(answers) < FEWEST_LABELLED:
        return False
    return not min(answers) <= float(code) <= max(answers)


def _judge_order(draft: Sketch, labels: Mapping[Code, str]) -> None:
    """Take answers for steps only if they are those of a known scale, or of one with labels at its ends.

    One step between others may have words that are not known, such as a middle that is worded in many ways;
    it is noted, and elsewhere than in the middle it is doubted.
    """
    words = list(draft.codes.values())
    if _have_labelled_ends(draft.codes, labels) or _in_order(words):
        return
    for place in range(1, len(words) - 1) if len(words) > MOST_KNOWN_BESIDE else ():
        before, step, after = words[place - 1 : place + 2]
        if OTHER.match(plain_words(step)) or not _in_order([*words[:place], *words[place + 1 :]]):
            continue
        notes = draft.notes if 2 * place == len(words) - 1 else draft.doubts
        notes.append(f"{step!r} is read as a step between {before!r} and {after!r}, by its code alone")
        return
    draft.kind = "single"


def _have_labelled_ends(codes: Iterable[Code], labels: Mapping[Code, str]) -> bool:
    """Return whether a scale's ends and perhaps its middle have labels, and several codes between do not."""
    labelled = [float(code) for code in codes if code in labels and not isinstance(code, str)]
    bare = [float(code) for code in codes if code not in labels]
    if min(len(labelled), len(bare)) <= 1:
        return False
    low, high = min(labelled), max(labelled)
    return all(low < code < high for code in bare) and all(
        code in (low, high) or abs(code - (low + high) / 2) < 1 for code in labelled
    )


def _in_order(words: Sequence[str]) -> bool:
    """Return whether words are steps of a known scale, one after the other."""
    scale = scale_of(words)
    return scale is not None and list(scale.places) in (
        sorted(scale.places), sorted(scale.places, reverse=True),
    )  # fmt: skip


def _take_declared(draft: Sketch, metadata: Told, labels: Mapping[Code, str]) -> list[MissingRange]:
    """Take the codes and ranges that the file declares missing, each code that occurs by its own words."""
    declared = [
        (_code(span["lo"]), _code(span["hi"])) for span in metadata.missing_ranges.get(draft.name, ())
    ]
    single = [low for low, high in declared if low == high]
    single += [str(code) for code in metadata.missing_values.get(draft.name, ())]
    spans = [(float(low), float(high)) for low, high in declared if low != high]
    if spans:
        present = pd.Series(draft.column.dropna().unique())
        values = [_code(value) for value in sorted(present.tolist())]
        single += [
            code
            for code in dict.fromkeys([*labels, *values])
            if not isinstance(code, str) and any(low <= code <= high for low, high in spans)
        ]
    for code in dict.fromkeys(single):
        words = labels.get(code, "")
        reason = reason_in(words)[0] if words.strip() else None
        draft.missing[code] = reason or "skipped"
        shown = words or f"{code_text(code)} (missing)"
        taken = [
            draft.words.get(known, why.capitalize()) for known, why in draft.missing.items() if known != code
        ]
        taken += [text for known, text in labels.items() if known not in single]
        if shown in taken:
            shown = f"{shown} ({code_text(code)})"
        if shown != draft.missing[code].capitalize():
            draft.words[code] = shown
    ranges = []
    for low, high in spans:
        inside = {
            reason
            for code, reason in draft.missing.items()
            if not isinstance(code, str) and low <= code <= high
        }
        ranges.append(MissingRange(low, high, inside.pop() if len(inside) == 1 else "skipped"))
    if declared or single:
        draft.notes.append("the reasons of missing codes were guessed from their labels")
    return ranges


def _distinct(labels: Mapping[Code, str], draft: Sketch) -> dict[Code, str]:
    """Keep apart codes that the file gives one label, or no text at all."""
    times = Counter(labels.values())
    distinct = {}
    for code, text in labels.items():
        twice = times[text] > 1 or not text
        distinct[code] = f"{text} ({code_text(code)})".strip() if twice else text
        if twice and "several codes have one label" not in draft.notes:
            draft.notes.append("several codes have one label")
    return distinct


def _member(variable: Variable, column: pd.Series, of: str, counted: object) -> Variable:
    """Put a variable into its multiple-response set; a dichotomy's boxes get their two answers."""
    if counted is None:
        return replace(variable, set=of)
    codes = dict(variable.codes)
    named = any(label != code_text(code) for code, label in codes.items())
    if len(codes) < len(BOXES) or not named:
        chosen = _code(counted)
        others = [_code(value) for value in sorted(column.dropna().unique()) if _code(value) != chosen]
        others = [code for code in others if code not in variable.missing]
        rest = (
            dict.fromkeys(others, BOXES[0])
            if len(others) == 1
            else {code: code_text(code) for code in others}
        )
        codes = {chosen: BOXES[1], **rest} if rest else {chosen: BOXES[1]}
    return replace(variable, kind="multiple", codes=codes, set=of, review="")


def _code(value: object) -> Code:
    """Take a value of the file as a code: whole numbers without a decimal point."""
    if isinstance(value, str):
        return value
    number = min(max(float(value), -FARTHEST), FARTHEST)  # type: ignore[arg-type]
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
