"""Definitions of opt-in rates: the states of a device, what each definition counts, and its source."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from trustkit.errors import DataError
from trustkit.estimation.consent_definitions import State, read_counted, read_states
from trustkit.field_kinds import accepts_fields
from trustkit.yaml_documents import Document

Apps = Literal["all", "prompting"]

Pooling = Literal["pooled", "mean"]

AUTHORIZED = "A"
"""The state of a device whose user allowed tracking in the app."""

SHIPPED = Path(__file__).with_name("opt_in_definitions.yaml")


@dataclass(frozen=True)
class OptInDefinition:
    """One definition of the app-tracking opt-in rate.

    Attributes
    ----------
    name
        The name of the definition.
    denominator
        The states counted, as letters A to E (see `opt_in_rates`). The numerator is always A, authorized.
    apps
        ``all`` apps, or only ``prompting`` ones, which show the prompt.
    pooling
        ``pooled``: all devices together. ``mean``: the mean of the apps' own rates.
    counted
        The definition in words.
    source
        Where it is published.

    Examples
    --------
    >>> import trustkit as tk
    >>> mine = tk.OptInDefinition("Of all", frozenset("ABCDE"), "all", "pooled", "allowed / all devices")
    >>> sorted(mine.denominator)
    ['A', 'B', 'C', 'D', 'E']
    """

    name: str
    denominator: frozenset[str]
    apps: Apps
    pooling: Pooling
    counted: str
    source: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)


def read_opt_in_definitions(path: str | Path) -> tuple[tuple[State, ...], tuple[OptInDefinition, ...]]:
    """Read the states of a device, and definitions of opt-in rates, from YAML.

    Raises
    ------
    DataError
        With every error in the file, each with its line and path.

    Examples
    --------
    >>> states, definitions = read_opt_in_definitions(SHIPPED)
    >>> [state.label for state in states][:3]
    ['authorized', 'denied', 'not determined']
    """
    document = Document(path, DataError)
    top = document.root
    top.keys(["title", "states", "definitions"], needed=["states", "definitions"])
    states = read_states(top.child("states"), numbered=True)
    letters = [state.letter for state in states]
    if AUTHORIZED not in letters:
        top.child("states").fault(f"the state {AUTHORIZED}, authorized, is missing", "add it")
    definitions = []
    needed = ("denominator", "apps", "pooling", "counted", "source")
    for name, entry in top.child("definitions").children():
        entry.keys(needed, needed=needed)
        denominator = read_counted(entry.child("denominator"), letters)
        if denominator and AUTHORIZED not in denominator:
            entry.child("denominator").fault(f"the numerator {AUTHORIZED} must be counted", "add it")
        definitions.append(
            OptInDefinition(
                str(name),
                frozenset(denominator),
                entry.child("apps").choice(get_args(Apps), "all"),
                entry.child("pooling").choice(get_args(Pooling), "pooled"),
                entry.child("counted").text(),
                entry.child("source").text(),
            )
        )
    document.finish()
    return states, tuple(definitions)


@cache
def shipped_opt_in_definitions() -> tuple[tuple[State, ...], tuple[OptInDefinition, ...]]:
    """Return the states and definitions that come with trustkit, each definition with its source."""
    return read_opt_in_definitions(SHIPPED)
