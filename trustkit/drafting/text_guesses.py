"""What a column of texts may be: a closed question, several answers in a cell, dates, ids or open text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.column_sketch import ONE_ANSWER, is_unique
from trustkit.drafting.joined_answers import JOINTS, PLAIN_JOINTS, Joined, find_joined, may_be_joined
from trustkit.drafting.missing_answers import judge_answers
from trustkit.drafting.missing_words import COMMON, reason_in
from trustkit.drafting.number_guesses import FEWEST_EACH
from trustkit.drafting.scale_words import BANDS, yes_and_no
from trustkit.drafting.scales import may_hold_number, number_order, partial_scale, scale_of
from trustkit.drafting.wordings import ID_NAMES, NUMBER_WORDS, PAIRS, PHONE_NAMES, PLACE_NAMES, plain_words
from trustkit.survey.checks import all_dates
from trustkit.survey.column_names import caseless
from trustkit.survey.variable import Code, Reason, code_text
from trustkit.survey.written_numbers import written_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustkit.drafting.column_sketch import Sketch
    from trustkit.drafting.scale_words import Scale
    from trustkit.survey.written_numbers import Written

MOST_ANSWERS, LONGEST_ANSWER = 60, 100
"""Of a closed question: different texts, characters of the longest text."""

SURELY_FEW = 20
"""How many different texts are answers of a list where the file's format says that there is one."""

SHORTEST_DATE = 8
"""How many characters a date has at least."""

MOST_KNOWN = 0.5
"""The language of a file is known if more than this share of its questions in words has a known word."""

PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d+)?")
"""A number as it is typed: no leading zeros, which are kept where they are."""


def guess_from_texts(draft: Sketch, counts: Mapping[str, int]) -> None:
    """Guess what different texts stand for; ``counts`` says how many rows hold each."""
    texts, n = list(counts), sum(counts.values())
    dated = all(re.search(r"\d", text) and len(text) >= SHORTEST_DATE for text in texts)
    if dated and all_dates(texts):
        draft.mark("date", "every text is a date")
        return
    if draft.named(ID_NAMES) and is_unique(draft.column):
        draft.mark("id", "the name says id, and every row has its own")
        return
    scale = _scale_among(texts)
    known = scale is not None and len(texts) < n
    if not known:
        joined = find_joined(counts, JOINTS if len(texts) <= MOST_ANSWERS or n > len(texts) else PLAIN_JOINTS)
        if joined:
            take_joined(draft, joined)
            return
    few = len(texts) <= MOST_ANSWERS and len(texts) < n
    few = few and (len(texts) * FEWEST_EACH <= n or (draft.closed and len(texts) <= SURELY_FEW))
    if (few or (known and scale is not None and scale.name != BANDS)) and max(
        map(len, texts)
    ) <= LONGEST_ANSWER:
        take_answers(draft, texts, ordered=None)
        return
    draft.mark("text", "treated as an open question")
    if draft.named(ID_NAMES):
        draft.notes.append("the name says id, but texts are repeated or lacking")


def _scale_among(texts: Sequence[str]) -> Scale | None:
    """Find the scale of the texts that are answers; many texts of which one has no number are none."""
    if len(texts) > MOST_ANSWERS and any(
        not may_hold_number(text) and not reason_in(text)[0] for text in texts
    ):
        return None
    return scale_of([text for text in texts if not reason_in(text)[0]])


def take_joined(draft: Sketch, joined: Joined) -> None:
    """Take a column for a question with several answers in one cell."""
    draft.mark("multiple", f"cells join several answers with {joined.joint!r}")
    draft.split = joined.joint
    alone = {option: reason_in(option) for option in joined.exclusive}
    none = {option: reason for option, (reason, clear) in alone.items() if reason and clear}
    draft.missing.update(none)
    draft.words.update({option: option for option, reason in none.items() if option != reason.capitalize()})
    draft.codes = {option: option for option in joined.options if option not in none}
    draft.exclusive = tuple(option for option in joined.exclusive if option not in none)
    if joined.unsure:
        draft.doubts.append(f"the cells are split at {joined.joint!r}, but {joined.unsure}")


def doubt_joined(draft: Sketch, counts: Mapping[str, int]) -> None:
    """Doubt texts or numbers that were treated as one answer each and may be several that are joined."""
    if draft.split or draft.kind == "multiple" or draft.scale not in ("", BANDS):
        return
    joint = may_be_joined(counts)
    if joint:
        draft.doubts.append(
            f"the cells were read as one answer each, but {joint!r} may join several: then make the kind"
            f" multiple, and write split: {joint!r}"
        )


def take_answers(draft: Sketch, texts: Sequence[str], *, ordered: bool | None) -> None:
    """Take texts for the answers of a closed question.

    ``ordered`` says whether the file told their order: as an order of low to high, as that of a list, or not.
    """
    distinct = list({code_text(text): text for text in reversed(texts)}.values())[::-1]
    is_declared = ordered is not None
    draft.codes = {text: text for text in (distinct if is_declared else sorted(distinct, key=_reading_order))}
    draft.mark("single", "the column holds categories" if is_declared else "a few texts, treated as answers")
    labels = dict(draft.codes)
    draft.take_missing(judge_answers(labels, question=f"{draft.name} {draft.label}"), labels)
    if ordered:
        draft.kind = "ordinal"
        draft.notes = [note for note in draft.notes if not note.startswith("kind:")]
        draft.scale = "told"
    elif not find_scale(draft, settled=is_declared) and not is_declared:
        _order_pair(draft)
    _note_alike(draft)
    if len(draft.codes) == 1 and draft.column.isna().any():
        draft.doubts.append(ONE_ANSWER)


def doubt_open(draft: Sketch) -> None:
    """Doubt that texts are those of an open question if each of them is given more than once."""
    if draft.kind != "text" or draft.identifier == "direct" or draft.repeats_boxes:
        return
    try:
        values, counts = draft.distinct()
    except TypeError:  # lists or mappings in cells
        return
    if len(values) <= 1 or counts.min() <= 1:
        return
    words = [value for value in values if isinstance(value, str) and re.search(r"[^\W\d_]", value)]
    if len(words) == len(values):
        draft.doubts.append(
            f"treated as an open question, but each of its {len(words):,} different texts is given at least"
            f" {counts.min():,} times: if the answers are those of a list, make the kind single"
        )


def doubt_unknown_language(drafts: Iterable[Sketch]) -> None:
    """Doubt answers in words of a language that is not known: some may mean that there is none.

    A question's own answers tell that its language is known. One whose answers don't tell is judged by the
    others: most of those in words must be in a known language, as one word may be of several languages.
    """
    worded = [
        draft
        for draft in drafts
        if (draft.kind in ("single", "ordinal") or (draft.kind == "multiple" and draft.split))
        and _has_words(draft)
    ]
    unknown = [draft for draft in worded if not _in_known_language(draft)]
    if len(worded) - len(unknown) > MOST_KNOWN * len(worded):
        return
    for draft in unknown:
        if draft.guessed and draft.kind != "ordinal":
            draft.doubts.append(
                "the language of the answers is not known here, so one that means don't know or refused"
                " is counted as an answer"
            )


def _in_known_language(draft: Sketch) -> bool:
    """Return whether an answer of a question is a word that the lists know, or they are steps of a scale."""
    return (
        bool(draft.scale)
        or any(isinstance(code, str) for code in draft.missing)
        or any(
            reason_in(label)[0] or COMMON.fullmatch(plain_words(label)) or _has_sign(label)
            for label in (*draft.codes.values(), *draft.words.values())
        )
    )


def _has_words(draft: Sketch) -> bool:
    return any(re.search(r"[^\W\d_]{2}", label) for label in draft.codes.values())


def _has_sign(label: str) -> bool:
    """Return whether an answer holds a common one in a script that writes words without blanks."""
    return any("\u2e80" <= mark <= "\ud7af" for mark in label) and bool(COMMON.search(label))


def _order_pair(draft: Sketch) -> None:
    """Put answers that come in twos into their usual order; say that others stand in the alphabet's."""
    labels = list(draft.codes.values())
    lower = [plain_words(label) for label in labels]
    pair = next((pair for pair in (*PAIRS, *yes_and_no()) if set(pair) == set(lower)), None)
    if pair:
        draft.codes = dict(sorted(draft.codes.items(), key=lambda item: pair.index(plain_words(item[1]))))
    elif partial := partial_scale(labels):
        scale, inside, others = partial
        places = [scale.places[inside.index(label)] if label in inside else len(labels) for label in labels]
        draft.codes = ordered_by(places, draft.codes)
        draft.notes.append(
            f"order of the answers: the steps of a scale ({scale.name}), then what has no known place on it: "
            + ", ".join(map(repr, others))
        )
    elif numbered := number_order(labels):
        draft.codes = ordered_by(numbered, draft.codes)
        draft.notes.append("order of the answers: by their numbers; may be ordinal")
    elif len(lower) > 1:
        draft.notes.append("order of the answers: alphabetical")


def ordered_by(places: Sequence[int], codes: Mapping[Code, str]) -> dict[Code, str]:
    """Return answers in the order of their places."""
    return dict(item for _, item in sorted(zip(places, codes.items(), strict=True), key=lambda pair: pair[0]))


def _note_alike(draft: Sketch) -> None:
    alike: dict[str, list[str]] = {}
    for label in draft.codes.values():
        alike.setdefault(caseless(label), []).append(label)
    for labels in alike.values():
        if len(labels) > 1:
            draft.doubts.append(
                "answers that differ by case or blanks only are counted apart: "
                + ", ".join(map(repr, labels))
            )


def _reading_order(text: str) -> tuple[bool, str]:
    """Order answers by the alphabet, other and none last."""
    return bool(re.match(r"\W*(?:other|none of|something else)\b", text.casefold())), text.casefold()


def find_scale(draft: Sketch, *, settled: bool) -> bool:
    """Find out whether the answers are steps of a scale, and order them unless their order is settled."""
    scale = scale_of(list(draft.codes.values()))
    if not scale:
        return False
    places = list(scale.places)
    if not settled and draft.kind == "single":
        draft.codes = ordered_by(places, draft.codes)
    elif places not in (sorted(places), sorted(places, reverse=True)):
        return False
    draft.scale = scale.name
    if settled and draft.guessed and places != sorted(places):
        low, *_, high = draft.codes.values()
        draft.notes.append(f"order of the answers: the file's, from {low!r} (low) to {high!r} (high)")
    if draft.kind == "single":
        about = "bands of numbers" if scale.name == BANDS else f"steps of a scale ({scale.name})"
        draft.mark("ordinal", f"the answers are {about}")
        draft.note_ends()
    return True


def numbers_beside_words(draft: Sketch, texts: Sequence[str]) -> list[float]:
    """Return the numbers among texts where all others say why there is none; else nothing.

    The column is read as numbers, then: as plain ones, or as people write them.
    """
    if isinstance(draft.column.dtype, pd.CategoricalDtype):
        return []
    words = []
    for text in texts:
        if not PLAIN_NUMBER.fullmatch(text):
            if not re.search(r"\d", text) and not reason_in(text)[1]:
                return []  # neither a number nor a word for none
            words.append(text)
    written = None
    if not all(reason_in(word)[1] for word in words):
        written = written_numbers([text for text in texts if not reason_in(text)[1]])
        words = [text for text in texts if written is None or text not in written.numbers]
    reasons: dict[Code, Reason] = {
        word: reason for word in words for reason, clear in [reason_in(word)] if reason and clear
    }
    if len(words) == len(texts) or len(reasons) < len(words):
        return []
    draft.missing |= reasons
    draft.words |= {word: word for word in words if word.strip() and word != reasons[word].capitalize()}
    if words:
        shown = ", ".join(repr(word) if "'" not in word else f'"{word}"' for word in words)
        draft.notes.append(f"missing: {shown}, by {'their' if len(words) > 1 else 'its'} words")
    if written is None:
        return sorted(float(text) for text in texts if text not in reasons)
    _note_form(draft, written)
    draft.column = draft.column.map(lambda cell: written.numbers.get(cell, cell), na_action="ignore")
    if not words:
        draft.column = draft.column.astype(float)
    return sorted(set(written.numbers.values()))


def _note_form(draft: Sketch, written: Written) -> None:
    """Note how numbers are written, and what that leaves in doubt."""
    draft.form = written.form
    if written.mixed:
        draft.doubts.append(written.mixed)
    if written.form:
        draft.notes.append(
            f"numbers with {written.form} were read as numbers, such as {next(iter(written.numbers))!r}"
        )
    if written.ambiguous:
        sample, value = next(
            (text, number) for text, number in written.numbers.items() if "," in text or "." in text
        )
        draft.doubts.append(f"{sample!r} is read as {value:,.10g}; its sign may also stand before decimals")


def find_told_text(draft: Sketch) -> None:
    """Find ids, and numbers that were typed, in a column that the file calls text."""
    if draft.named(ID_NAMES) and is_unique(draft.column):
        draft.mark("id", "the name says id, and every row has its own")
    elif draft.says(NUMBER_WORDS) and not (draft.named(PLACE_NAMES) or draft.named(PHONE_NAMES)):
        typed = draft.column.dropna()
        numbers = pd.to_numeric(typed, errors="coerce")
        if len(typed) and np.isfinite(numbers).all():
            draft.mark("numeric", "every text is a number")
