"""What is being found out about one column of an export, and the variable that comes of it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.scale_words import BANDS
from trustkit.drafting.scales import own_numbers
from trustkit.drafting.wordings import plain_words
from trustkit.survey.variable import CODED, Code, Empty, Identifier, Kind, Reason, Variable, code_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from trustkit.drafting.missing_answers import Judged


NO_MORE_THAN_A_LABEL = "guessed from the content, as the file tells no more than a label"
"""What a reader writes under `Variable.review` where a file tells neither answers nor a level."""

UNKNOWN_WORDS, GUESSED_WORDS = "its words are in an unknown code page", "the code page "
"""How a reader's note begins if no code page makes sense of a variable's words, and if one was guessed."""


ONE_ANSWER = "it has one answer, so whoever left it empty is not counted, and the answer's share is 100%"
"""What is said of a box that was ticked or left empty."""


@dataclass(eq=False)
class Sketch:
    """What is being found out about one column.

    Attributes
    ----------
    column
        The column as read.
    told
        What the file told of it, if anything.
    label
        The question's wording, or the column's name.
    closed
        Whether the file's format says that the column holds answers of a list, whatever they are.
    kind, codes, missing, words, identifier, set, split, exclusive, empty
        As in `Variable`; ``words`` are its ``missing_words``.
    scale
        The name of the scale that its answers are steps of; "" if of none.
    repeats_boxes
        Whether it joins the answers of boxes beside it.
    form
        How its numbers were written, in words; "" if plainly.
    notes
        What was guessed and is as good as certain, or changes no figure; in words.
    doubts
        What was guessed and could change a figure, in words.
    """

    column: pd.Series
    told: Variable | None
    label: str
    closed: bool = False
    kind: Kind = "text"
    codes: dict[Code, str] = field(default_factory=dict)
    missing: dict[Code, Reason] = field(default_factory=dict)
    words: dict[Code, str] = field(default_factory=dict)
    identifier: Identifier = "none"
    set: str = ""
    split: str = ""
    exclusive: tuple[str, ...] = ()
    empty: Empty = "no answer"
    scale: str = ""
    repeats_boxes: bool = False
    form: str = ""
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    _counted: tuple[pd.Series, list[Code], NDArray[np.intp]] | None = field(
        default=None, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Keep the column as it was read, whatever is made of it."""
        self._read = self.column

    def surely_agrees(self) -> bool:
        """Return whether nothing in the column can disagree with what was found out about it.

        So it is where the description names every one of its values, or asks nothing of them; of all other
        columns `Survey.check` has to tell.
        """
        declared = self.told
        bounded = declared is not None and (
            declared.asked or declared.missing_ranges or declared.low or declared.high
        )
        if self.split and self.kind == "multiple" and not bounded and not self.missing:
            return True  # its boxes hold nothing but 1 and 0, and what was typed
        if bounded or self.split or self.empty != "no answer" or self.column is not self._read:
            return False
        if self.kind in CODED:
            known = {code_text(code) for code in (*self.codes, *self.missing)}
            named_once = len(set(self.codes.values())) == len(self.codes)
            return named_once and all(code_text(value) in known for value in self.distinct()[0])
        if self.kind == "numeric" and self.column.dtype.kind in "iuf":
            return bool(np.isfinite(np.array(self.distinct()[0], dtype=float)).all())
        if self.kind == "date" and self.guessed and not self.missing:
            return True  # all values were compared with one format
        return self.kind == "text" or pd.api.types.is_datetime64_any_dtype(self.column)

    def distinct(self) -> tuple[list[Code], NDArray[np.intp]]:
        """Return the column's different values and how many rows hold each: one pass over its rows for all.

        Raises
        ------
        TypeError
            If cells hold lists or mappings.
        """
        if self._counted is None or self._counted[0] is not self.column:
            self._counted = (self.column, *distinct_values(self.column))
        return self._counted[1:]

    def is_empty(self) -> bool:
        """Return whether no row has a value; as a rule the values have been counted, so it costs nothing."""
        if self._counted is None or self._counted[0] is not self.column:
            return bool(self.column.isna().all())
        return not self._counted[1]

    def values_read(self) -> list[Code] | None:
        """Return the different values of the column as it was read; None if they were not counted so."""
        if self._counted is None or self._counted[0] is not self._read:
            return None
        return self._counted[1]

    def variable(self) -> Variable:
        """Return the description, its guesses marked for review."""
        declared = self.told or Variable(self.name, self.label, self.kind)
        unsure = [f"unsure: {doubt}" for doubt in dict.fromkeys(self.doubts)]
        said = "; ".join(self.notes)  # by the reader of the file, which may have had the same doubts
        return replace(
            declared,
            label=self.label,
            kind=self.kind,
            codes=self.codes,
            missing=self.missing,
            missing_words={code: words for code, words in self.words.items() if code in self.missing},
            scores=dict(declared.scores) or self.scores(),
            identifier=self.identifier,
            set=self.set,
            split=self.split,
            exclusive=self.exclusive,
            empty=self.empty,
            review="; ".join([*(doubt for doubt in unsure if doubt not in said), *dict.fromkeys(self.notes)]),
            unsure=bool(unsure) or declared.unsure,
        )

    def scores(self) -> dict[str, float]:
        """Return the numbers that the steps of a scale in words count as: their own, or 1, 2, 3 and so on."""
        labels = list(self.codes.values())
        numeric = all(isinstance(code, int | float) for code in self.codes)
        if self.kind != "ordinal" or not self.scale or numeric or not labels:
            return {}
        if numbers := own_numbers(labels):
            return dict(zip(labels, numbers, strict=True))
        return {} if self.scale == BANDS else {label: float(step) for step, label in enumerate(labels, 1)}

    @property
    def name(self) -> str:
        """The column's name."""
        return str(self.column.name)

    @property
    def guessed(self) -> bool:
        """Whether kind and answers were guessed from the content: the file told nothing of them."""
        return self.told is None

    def named(self, pattern: str) -> bool:
        """Return whether the name holds one of some words."""
        return bool(re.search(pattern, plain_words(self.name)))

    def says(self, pattern: str) -> bool:
        """Return whether the name or the wording holds one of some words."""
        return self.named(pattern) or bool(re.search(pattern, plain_words(self.label)))

    def mark(self, kind: Kind, note: str) -> None:
        """Set the kind, and note that it is a guess."""
        self.kind = kind
        self.notes = [f"kind: {note}", *(item for item in self.notes if not item.startswith("kind:"))]

    def note_ends(self) -> None:
        """Note which end of a scale is high whose own numbers are kept as scores."""
        self.notes = [note for note in self.notes if not note.startswith("scores:")]
        labels = list(self.codes.values())
        if self.scores() and own_numbers(labels) and any(re.search(r"[^\W\d]", label) for label in labels):
            ends = f"from {labels[0]!r} (low) to {labels[-1]!r} (high)"
            self.notes.append(f"scores: the numbers in the answers, {ends}")

    def take_missing(self, judged: Judged, labels: Mapping[Code, str]) -> None:
        """Make missing codes of what was judged so, and note how sure that is and what it changes."""
        for code, reason in judged.missing.items():
            self.missing[code] = reason
            label = labels.get(code, code_text(code))
            bare = label == code_text(code) and isinstance(code, int | float)
            if label.strip() and label != reason.capitalize() and not bare:
                self.words[code] = label
            self.codes.pop(code, None)
        sure = [code for code in judged.sure if code in judged.missing]
        if sure:
            shown = ", ".join(_quoted(labels.get(code, code_text(code))) for code in sure)
            self.notes.append(f"missing: {shown}, by {'their' if len(sure) > 1 else 'its'} words")
        for code, why in judged.unsure.items():
            reading = f"missing ({judged.missing[code]})" if code in judged.missing else "an answer"
            shown = code_text(code) if labels.get(code, "") in ("", code_text(code)) else labels[code]
            changed = self._either_way(code)
            self.doubts.append(f"{_quoted(shown)} is read as {reading}, but {why}{changed}")

    def _either_way(self, code: Code) -> str:
        """Return a figure with a code as an answer, and without it."""
        doubted = code_text(code)
        none = {code_text(other) for other in self.missing} - {doubted}
        valid: dict[str, int] = {}
        for value, count in zip(*self.distinct(), strict=True):
            if (text := code_text(value)) not in none:
                valid[text] = valid.get(text, 0) + int(count)
        without = {text: count for text, count in valid.items() if text != doubted}
        if not without or len(without) == len(valid):
            return ""
        if self.kind == "numeric":
            fewer, numbers = (_mean_of(counts) for counts in (without, valid))
            return f"; the mean is {fewer:.4g} without it and {numbers:.4g} with it"
        top = max(without, key=lambda text: without[text])
        label = next((text for known, text in self.codes.items() if code_text(known) == top), top)
        shares = [counts[top] / sum(counts.values()) for counts in (without, valid)]
        return f"; {_quoted(label)} is {shares[0]:.1%} without it and {shares[1]:.1%} with it"


def _mean_of(counts: Mapping[str, int]) -> float:
    """Return the mean of the texts that are numbers, each as often as it was counted."""
    numbers = np.asarray(pd.to_numeric(pd.Series(list(counts), dtype=object), errors="coerce"), dtype=float)
    given = np.isfinite(numbers)
    times = np.array(list(counts.values()))[given]
    return float(np.average(numbers[given], weights=times)) if given.any() else float("nan")


def distinct_values(column: pd.Series) -> tuple[list[Code], NDArray[np.intp]]:
    """Return a column's different values, and how many rows hold each."""
    if isinstance(column.dtype, pd.StringDtype):  # a third of the time of the general way
        counted = Counter(column.tolist())
        counted.pop(column.dtype.na_value, None)
        return list(counted), np.fromiter(counted.values(), dtype=np.intp, count=len(counted))
    codes, uniques = pd.factorize(column)
    values = uniques.tolist()
    if column.dtype.kind not in "biufM":
        values = [value.item() if isinstance(value, np.generic) else value for value in values]
    return values, np.bincount(codes[codes >= 0], minlength=len(values))


def is_unique(column: pd.Series, *, rows: int = 10) -> bool:
    """Return whether every row has a value of its own, of enough rows to mean something."""
    return len(column) >= rows and bool(column.notna().all()) and bool(column.is_unique)


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else repr(text)
