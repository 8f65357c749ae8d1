"""Arguments of cleaning steps as a codebook gives them: checked against the types in the step's signature."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from trustkit.errors import suggest
from trustkit.survey.survey import Survey

if TYPE_CHECKING:
    from trustkit.errors import Faults

Test: TypeAlias = Callable[[object], bool]

ANSWERS = "an answer, a list of answers, or {low: number, high: number}"
CONDITION = f"{{variable: {ANSWERS}}}"

WORDS: Mapping[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    object: ANSWERS,
    str | Sequence[str]: "text, or a list of texts",
    Mapping[str, str]: "{answer: its new label}",
    Mapping[str, str | Sequence[str]]: "{box: the answers in it}",
    Mapping[str, object]: CONDITION,
    Mapping[str, Mapping[str, object]]: f"{{label: {CONDITION}}}",
}
"""What to write for an argument of a type. Other types are described by their parts."""


@dataclass(frozen=True)
class Argument:
    """One argument of a cleaning step.

    Attributes
    ----------
    fits
        Returns whether the argument can have a value.
    words
        What to write for it.
    needed
        Whether it has no default.
    """

    fits: Test
    words: str
    needed: bool


def arguments_of(step: Callable[..., Survey]) -> dict[str, Argument]:
    """Return the arguments that a codebook can give to a step, by name.

    Raises
    ------
    TypeError
        If an argument has a type that has no test. This is found when trustkit is imported, so a new step
        fails there, and never while a user's list is checked.
    """
    names = {"Mapping": Mapping, "Sequence": Sequence, "Survey": Survey}  # imported for type checkers only
    hints = get_type_hints(step, localns=names)
    arguments = {}
    for name, parameter in inspect.signature(step).parameters.items():
        if name != "survey":
            needed = parameter.default is inspect.Parameter.empty
            test = type_test(hints[name], empty=not needed)
            arguments[name] = Argument(test, in_words(hints[name]), needed)
    return arguments


def check_arguments(
    known: Mapping[str, Argument], given: Mapping[str, object], faults: Faults, where: str
) -> None:
    """Record unknown arguments, missing ones, and values that an argument cannot have."""
    for name in given:
        if name not in known:
            faults.add(f"unknown argument {name!r}", where=where, do=suggest(name, known))
    for name, argument in known.items():
        if argument.needed and name not in given:
            faults.add(f"the argument {name!r} is missing", where=where)
    for name, value in given.items():
        if name in known and not known[name].fits(value):
            faults.add(f"{name} can't be {value!r}", where=where, do=f"give {known[name].words}")


def type_test(kind: Any, *, empty: bool = False) -> Test:  # noqa: ANN401
    """Return a function that tests whether a value from YAML is of a type.

    Lists and mappings can't be empty. ``object`` stands for what a condition asks of a variable: an answer,
    a list of answers, or a range of numbers.

    Parameters
    ----------
    kind
        A type: text, a number, true or false, some words (``Literal``), ``object``, or a union, a
        ``Sequence`` or a ``Mapping`` of such types.
    empty
        Whether text can be empty.

    Raises
    ------
    TypeError
        If there is no test for the type.

    Examples
    --------
    >>> names = type_test(str | Sequence[str])
    >>> names("trust"), names(["trust", "age"]), names([])
    (True, True, False)
    >>> condition = type_test(Mapping[str, object])
    >>> condition({"age": {"low": 18}}), condition({"age": {"lo": 18}})
    (True, False)
    """
    if kind is str:
        return lambda value: isinstance(value, str) and (empty or value != "")
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return lambda value: value in parts
    tests = [type_test(part) for part in parts if origin in (Union, UnionType, Sequence, Mapping)]
    if origin in (Union, UnionType):
        return lambda value: any(test(value) for test in tests)
    if origin is Sequence:
        return lambda value: isinstance(value, list | tuple) and bool(value) and all(map(tests[0], value))
    if origin is Mapping:
        of_keys, of_values = tests
        return lambda value: (
            isinstance(value, Mapping)
            and bool(value)
            and all(map(of_keys, value))
            and all(map(of_values, value.values()))
        )
    raise TypeError(f"an argument of a cleaning step has the type {kind}, for which there is no test")


def in_words(kind: Any) -> str:  # noqa: ANN401
    """Describe what to write for an argument of a type.

    Examples
    --------
    >>> in_words(Literal["single", "ordinal"]), in_words(Mapping[str, float])
    ('single or ordinal', '{text: a number}')
    """
    if kind in WORDS:
        return WORDS[kind]
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        return " or ".join(map(str, parts))
    words = [in_words(part) for part in parts]
    if origin is Sequence:
        return f"a list of: {words[0]}"
    return f"{{{words[0]}: {words[1]}}}" if origin is Mapping else " or ".join(words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_asked(value: object) -> bool:
    """Return whether a value is an answer, a list of answers or a range of numbers."""
    if isinstance(value, Mapping):
        return bool(value) and set(value) <= {"low", "high"} and all(map(_is_number, value.values()))
    answers = value if isinstance(value, list | tuple) else [value]
    return bool(answers) and all(
        _is_number(answer) or (isinstance(answer, str) and answer != "") for answer in answers
    )


_SIMPLE: Mapping[object, Test] = {
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    float: _is_number,
    bool: lambda value: isinstance(value, bool),
    object: _is_asked,
}
