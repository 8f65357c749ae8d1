"""Columns of replicate weights: runs of numbered columns whose names or labels say so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from trustkit.drafting.number_guesses import MOST_CODES
from trustkit.drafting.wordings import plain_words
from trustkit.errors import first_few
from trustkit.survey.replicate_columns import ReplicateColumns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.drafting.column_sketch import Sketch
    from trustkit.survey.replicate_columns import ReplicateKind

FEWEST = 4
"""How many numbered columns replicate weights have at least."""

NUMBERED = re.compile(r"(.*?\D)0*(\d+)(?:_?wt|_?wgt)?")

NAMES = re.compile(
    r"^(?:w?_?(?:brr|fay|fstr|fstu|jk[n12]?|jack|jackknife|boot|bootstrap|bs|sdr)_?(?:w|wt|wgt|weight|rep|r|s)?"
    r"|(?:w|wt|wgt|weight|pw|hw|fin|final|p|h)*_?(?:rep|repl|replic|replicate)_?(?:w|wt|wgt|wght|weight)?s?"
    r"|(?:rep|repl|replicate|rw|wtrep|wtrp|wrepl|bsw|rwgt|rwt)_?(?:w|wt|wgt|wght|weight|gewicht|peso|poids)?s?)_?$"
)
"""Stems of the names of replicate weights."""

LABELS = re.compile(
    r"replicate[ -]?weight|replicat\w* (?:weight|wgt|wt)|replikat\w*gewicht|replicatiegewicht"
    r"|(?:brr|jackknife|bootstrap|fay)\w* (?:replicate|weight)|wag\w* replik|реплик\w* вес"
    r"|poids (?:de )?(?:r[eé]plicat|r[eé]p[eé]tition|bootstrap)|pesos? (?:de )?r[eé]plica|pesi? replicat"
)
"""What labels of replicate weights say."""

KINDS: Mapping[ReplicateKind, str] = {
    "BRR": r"brr|balanced repeated",
    "bootstrap": r"boot|^bsw?_?",
    "SDR": r"\bsdr|successive difference|^[ph]?wgtp",
}
"""Kinds that need no more than their name to be used -> how columns or labels say so."""

HALF = 0.25, 0.75
"""Between which shares of the weights balanced repeated replication sets to zero."""

CLOSE = 0.5
"""How far the sum of a replicate weight may lie from that of the weight, as a share of it."""


LEAST_FILLED = 0.5
"""From which share of rows with a value on a column may be a replicate weight; without all, it isn't used."""


def find_replicates(drafts: Mapping[str, Sketch]) -> ReplicateColumns | None:
    """Find columns of replicate weights, mark them, and propose them if their kind is known.

    Parameters
    ----------
    drafts
        What was found out about each column; changed in place.

    Examples
    --------
    >>> from trustkit.drafting.column_guesses import sketch
    >>> columns = {f"bsw{k}": [0.0, 1.0 + k, 2.0, 1.5] * 3 for k in range(1, 6)}
    >>> drafts = {name: sketch(pd.Series(cells, name=name)) for name, cells in columns.items()}
    >>> found = find_replicates(drafts)
    >>> found.kind, found.columns, drafts["bsw1"].kind
    ('bootstrap', ('bsw1', 'bsw2', 'bsw3', 'bsw4', 'bsw5'), 'weight')
    """
    runs = [run for run in _numbered_runs(drafts) if _say_replicates(run, drafts)]
    if not runs:
        return None
    holes = [[draft.name for draft in run if draft.column.isna().any()] for run in runs]
    kinds = [None if lacking else _kind_of(run) for run, lacking in zip(runs, holes, strict=True)]
    found = None
    if len(runs) == 1 and kinds[0] is not None:
        found = ReplicateColumns(tuple(draft.name for draft in runs[0]), kinds[0])
    for run, kind, lacking in zip(runs, kinds, holes, strict=True):
        names = f"{run[0].name} to {run[-1].name}"
        if found is not None:
            words = (
                f"{names} are treated as replicate weights of the kind {kind}, which all intervals rest on"
            )
        elif lacking:
            words = (
                f"{names} look like replicate weights, but rows lack a value in {first_few(lacking)}, so they"
                " are not used: drop these rows, then name columns and kind as replicates under design"
            )
        elif kind is None:
            words = (
                f"{names} look like replicate weights of unknown kind, so they are not used: name columns and"
                " kind as replicates under design"
            )
        else:
            words = (
                f"{names} and others may be the replicate weights, so none is used: name them under design"
            )
        full = _full_weight(run, drafts)
        for draft in run:
            _take_weight(draft, "a replicate weight, by its name or label", words)
        if full is not None:
            _take_weight(full, "its name is that of the replicate weights without their numbers", words)
    return found


def is_replicate(draft: Sketch) -> bool:
    """Return whether a column was treated as a replicate weight."""
    return any(note.startswith("kind: a replicate weight") for note in draft.notes)


def _take_weight(draft: Sketch, why: str, doubt: str) -> None:
    draft.codes, draft.missing, draft.words, draft.scale = {}, {}, {}, ""
    draft.mark("weight", why)
    draft.doubts = [doubt]


def _numbered_runs(drafts: Mapping[str, Sketch]) -> list[list[Sketch]]:
    """Return the columns of numbers that share a stem and are numbered one after the other."""
    stems: dict[str, list[tuple[int, Sketch]]] = {}
    for name, draft in drafts.items():
        if match := NUMBERED.fullmatch(name):
            stems.setdefault(match[1].casefold(), []).append((int(match[2]), draft))
    runs = []
    for numbered in stems.values():
        places = sorted(place for place, _ in numbered)
        if len(places) >= FEWEST and places == list(range(places[0], places[0] + len(places))):
            run = [draft for _, draft in sorted(numbered, key=lambda pair: pair[0])]
            if all(_is_weight(draft) for draft in run):
                runs.append(run)
    return runs


def _is_weight(draft: Sketch) -> bool:
    """Return whether a column may hold weights: numbers of at least 0, in most rows, not all the same."""
    numbers = draft.column
    if not pd.api.types.is_numeric_dtype(numbers) or pd.api.types.is_bool_dtype(numbers):
        return False
    values = numbers.dropna().to_numpy(dtype=float)
    most = len(values) > LEAST_FILLED * len(numbers)
    return bool(most and np.isfinite(values).all() and values.min() >= 0 and np.ptp(values) > 0)


def _say_replicates(run: Sequence[Sketch], drafts: Mapping[str, Sketch]) -> bool:
    """Return whether names or labels say that columns are replicate weights."""
    stem = NUMBERED.fullmatch(run[0].name)
    named = stem is not None and bool(NAMES.match(stem[1].casefold()))
    labelled = all(LABELS.search(plain_words(draft.label)) for draft in run)
    return (named and _vary(run)) or labelled or _full_weight(run, drafts) is not None


def _vary(run: Sequence[Sketch]) -> bool:
    """Return whether columns are no questions with a few answers: most hold many different numbers."""
    found = (np.array(draft.distinct()[0], dtype=float) for draft in run)
    return any(len(values) > MOST_CODES or bool((values % 1 != 0).any()) for values in found)


def _full_weight(run: Sequence[Sketch], drafts: Mapping[str, Sketch]) -> Sketch | None:
    """Return the weight that has the name of some replicate weights without its number."""
    match = NUMBERED.fullmatch(run[0].name)
    stem = match[1].rstrip("_").casefold() if match else ""
    full = next((draft for name, draft in drafts.items() if name.casefold() == stem), None)
    if full is None or full in run or not _is_weight(full) or full.column.isna().any():
        return None
    total = float(full.column.sum())
    near = all(abs(float(draft.column.sum()) - total) <= CLOSE * total for draft in run)
    return full if near and re.search(r"w(?:ei)?gh?t|w\d*$|gewicht|peso|poids", stem) else None


def _kind_of(run: Sequence[Sketch]) -> ReplicateKind | None:
    """Return the kind that names or labels say and the numbers do not contradict; None if none."""
    said = f"{run[0].name.casefold()} {plain_words(run[0].label)}"
    kind = next((kind for kind, words in KINDS.items() if re.search(words, said)), None)
    zero = float(np.mean([(draft.column == 0).mean() for draft in run]))
    return None if kind == "BRR" and not HALF[0] <= zero <= HALF[1] else kind
