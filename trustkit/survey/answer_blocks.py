"""Answers written once and used by many variables: named blocks, and missing codes of a whole file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustkit.errors import suggest
from trustkit.survey.variable import CODED, Variable
from trustkit.yaml_documents import Entry

if TYPE_CHECKING:
    from collections.abc import Collection

BLOCK_KEYS = ("codes", "missing", "missing_ranges", "scores")
"""The keys of a block; a key of the variable itself replaces the same key of its block."""

FEWEST_USES, SHORTEST_ANSWERS = 3, 40
"""How many variables, and how many characters of answers, are worth a block."""


def with_block(entry: Entry, top: Entry) -> Entry:
    """Return a variable's entry with the keys of its block of answers; record a block that does not exist."""
    if not entry.has("answers"):
        return entry
    name = entry.child("answers").text()
    blocks = top.child("answers")
    if name and not blocks.has(name):
        do = suggest(name, blocks.mapping()) or "write it under answers, at the top of the file"
        entry.child("answers").fault(f"no block of answers {name!r}", do)
    merged: dict[object, object] = {
        key: value for key, value in blocks.child(name).mapping().items() if key in BLOCK_KEYS
    }
    if entry.has("codes"):
        merged.pop("scores", None)  # those of other answers
    merged.update({key: value for key, value in entry.mapping().items() if key != "answers"})
    return Entry(entry.document, entry.at, merged)


def with_missing(entry: Entry, top: Entry) -> Entry:
    """Return an entry with the missing codes of the whole file, unless it lists them itself."""
    kind = entry.child("kind").value
    if not top.has("missing") or kind not in (*CODED, "numeric", "weight"):
        return entry
    own_codes = {str(code) for key in ("codes", "missing") for code in entry.child(key).mapping()}
    shared = {
        code: about for code, about in top.child("missing").mapping().items() if str(code) not in own_codes
    }
    missing = {**entry.child("missing").mapping(), **shared}
    return Entry(entry.document, entry.at, {**entry.mapping(), "missing": missing})


def check_blocks(top: Entry) -> None:
    """Record an error for blocks that contain anything but answers."""
    for _, block in top.child("answers").children():
        block.keys(BLOCK_KEYS)


def find_blocks(variables: Collection[Variable]) -> dict[str, str]:
    """Return variable -> the block that its answers are written in; few or short ones need none.

    Examples
    --------
    >>> steps = {1: "Strongly disagree", 2: "Disagree", 3: "Agree", 4: "Strongly agree"}
    >>> items = [Variable(name, name, "ordinal", codes=steps, set="trust") for name in "abc"]
    >>> find_blocks(items)
    {'a': 'trust', 'b': 'trust', 'c': 'trust'}
    """
    groups: dict[tuple[object, ...], list[Variable]] = {}
    for variable in variables:
        if variable.codes and len(repr(dict(variable.codes))) >= SHORTEST_ANSWERS:
            groups.setdefault(_answers(variable), []).append(variable)
    block_of: dict[str, str] = {}
    for group in groups.values():
        if len(group) >= FEWEST_USES:
            name = _name(group, set(block_of.values()))
            block_of |= {variable.name: name for variable in group}
    return block_of


def _answers(variable: Variable) -> tuple[object, ...]:
    return (
        tuple(variable.codes.items()),
        tuple(variable.missing.items()),
        tuple(variable.missing_words.items()),
        tuple(variable.scores.items()),
        variable.missing_ranges,
    )


def _name(group: Collection[Variable], taken: Collection[str]) -> str:
    """Name a block by the set of its variables, or by its first and last answer."""
    sets = {variable.set for variable in group}
    labels = next(iter(group)).labels
    words = sets.pop() if len(sets) == 1 and "" not in sets else f"{labels[0]} to {labels[-1]}"
    stem = re.sub(r"\W+", "_", words).strip("_").lower()[:40] or "answers"
    name, number = stem, 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}"
    return name
