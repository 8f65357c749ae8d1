"""What definitions of consent rates share: the states that are counted, their letters and their words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.errors import DataError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustkit.yaml_documents import Entry


@dataclass(frozen=True)
class State:
    """A state of a device in an app, or what a visitor did with a banner.

    Attributes
    ----------
    letter
        The letter by which definitions name it.
    label
        Its name.
    words
        Other words for it, such as the platform's.
    number
        The number by which log files name it, if they do.
    """

    letter: str
    label: str
    words: tuple[str, ...]
    number: int | None = None


def read_states(entries: Entry, *, numbered: bool = False) -> tuple[State, ...]:
    """Read states by their letters; ``numbered`` ones may have a number.

    Errors are added to the document of the entries.
    """
    states = []
    for letter, entry in entries.children():
        entry.keys(["label", "words", *(["number"] if numbered else [])], needed=["label"])
        number = int(entry.child("number").number(-1)) if numbered and entry.has("number") else None
        states.append(State(str(letter), entry.child("label").text(), entry.child("words").texts(), number))
    return tuple(states)


def read_counted(entry: Entry, known: Sequence[str], thing: str = "a state") -> tuple[str, ...]:
    """Read what one side of a rate counts; what is not among the known is an error of the document."""
    counted = entry.texts()
    for name in counted:
        if name not in known:
            entry.fault(f"{name!r} is not {thing}", suggest(name, known))
    return counted


def refuse_unknown_letters(name: str, counted: Iterable[str], letters: Sequence[str]) -> None:
    """Refuse a definition that counts a state which does not exist: it would count nothing in silence.

    Parameters
    ----------
    name
        The name of the definition.
    counted
        The states that it counts.
    letters
        All states.

    Raises
    ------
    DataError
        If one of the states counted does not exist.
    """
    unknown = sorted({*counted} - {*letters})
    if unknown:
        raise DataError(
            "a definition counts unknown states", where=name, got=", ".join(unknown),
            expected=f"letters among {', '.join(letters)}", do=suggest(unknown[0], letters),
        )  # fmt: skip


def word_key(word: str) -> str:
    """Return a word without capitals, spaces and other marks: not_determined is notDetermined."""
    return "".join(letter for letter in word.casefold() if letter.isalnum())
