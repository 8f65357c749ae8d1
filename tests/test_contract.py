"""The contract of the public face: a wrong value gives an error that helps, or a right result.

Each parameter of each public function, class and method is given each of the wrong values of `wrong_values`.
The parameters are read from the signatures, so a new function is covered as soon as `contract_calls` has one
right call of it, and a test fails until it has. In the gate a share of the values is tried, another one for
each parameter; with ``TRUSTKIT_FUZZ=large``, as in `make nightly`, all are.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args, get_origin

import numpy as np
import pandas as pd
import pytest
from contract_calls import BOOK, FRAME, Study, methods_of

import trustkit as tk

EACH = 1 if os.environ.get("TRUSTKIT_FUZZ") == "large" else 3
LONGEST = 20
"""Seconds after which a call counts as hung; the slowest right call takes under one."""

CLASSES = [name for name in tk.__all__ if inspect.isclass(getattr(tk, name))]
FUNCTIONS = [name for name in tk.__all__ if name not in CLASSES]
METHODS = {name: method for kind in CLASSES for name, method in methods_of(kind).items()}
CALLABLES = {name: getattr(tk, name) for name in tk.__all__} | METHODS
PARAMETERS = [
    (name, parameter)
    for name, function in CALLABLES.items()
    for parameter in inspect.signature(function).parameters
    if parameter != "self"
]


def wrong_values(study):
    """Return values that most arguments cannot have, made anew, because a generator is used up."""
    return {
        "None": None, "True": True, "3": 3, "-1": -1, "0": 0, "NaN": float("nan"), "infinity": float("inf"),
        "a trillion": 10**12, "beyond floats": 10**400, "beyond text": 10**5000, "half": 0.5, "complex": 1j,
        "Decimal": Decimal("0.5"), "NA": pd.NA, "no text": "", "unknown name": "no_such_name",
        "misspelt": "trusst", "blanks": " trust ", "other script": "日本é", "long": "x" * 5000,
        "controls": "a\nb\x00\x1b[31m", "bytes": b"x", "no list": [], "lists": [["trust"]],
        "empty lists": [[]], "numbers": [3], "twice": ["trust", "trust"], "list of None": [None],
        "pair": (1, 2), "no mapping": {}, "to None": {"trust": None}, "from numbers": {3: 4},
        "nested": {"trust": {"low": "x"}}, "no set": set(), "set": {"trust"}, "object": object(),
        "function": lambda: 3, "class": int, "Series": pd.Series([1.0]),
        "Series of names": pd.Series(["trust"]), "array": np.ones(7), "matrix": np.ones((40, 2)),
        "frame": FRAME, "empty frame": pd.DataFrame(), "Survey": study.survey, "Design": study.design,
        "Codebook": BOOK, "Estimate": study.shares, "path": Path("nowhere.csv"),
        "generator": (name for name in ["trust"]),
    }  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("contract"))


@pytest.fixture(scope="module")
def right(study):
    """What is called, with the arguments of a right call, by name."""
    objects = study.objects()
    calls = {name: (getattr(tk, name), given) for name, given in study.functions().items()}
    calls |= {name: (getattr(tk, name), given) for name, given in study.constructors().items()}
    given = {name: {} for name in METHODS} | study.methods()
    calls |= {
        name: (getattr(objects[name.partition(".")[0]], name.partition(".")[2]), given[name])
        for name in given
    }
    return calls


@contextmanager
def limited(seconds):
    """End a call that takes longer, where the system has alarms."""
    if not hasattr(signal, "SIGALRM") or sys.gettrace() is not None:
        yield
        return

    def hung(*_):
        raise RuntimeError(f"still running after {seconds} s")

    before = signal.signal(signal.SIGALRM, hung)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def call(function, given):
    """Call a function by keywords; by position up to the values of a parameter such as ``*names``."""
    parameters = list(inspect.signature(function).parameters.values())
    several = [part.name for part in parameters if part.kind is part.VAR_POSITIONAL]
    if not several or several[0] not in given:
        return function(**given)
    names = [part.name for part in parameters]
    placed = [name for name in names[: names.index(several[0]) + 1] if name in given]
    return function(
        *(given[name] for name in placed),
        **{name: value for name, value in given.items() if name not in placed},
    )


def unhelpful(error):
    """Return what an error fails to say."""
    if error.faults:
        return [] if all(fault.what for fault in error.faults) else ["what"]
    said = {"what": error.what, "what to do, or what is expected": error.do or error.expected}
    return [part for part, text in said.items() if not text]


def broken(function, given):
    """Return why a call breaks the contract; nothing if it keeps it."""
    try:
        with limited(LONGEST):
            result = call(function, given)
            repr(result)
    except tk.TrustkitError as error:
        lacks = unhelpful(error)
        return f"the message says not {', '.join(lacks)}: {error}" if lacks else ""
    except Exception as error:  # noqa: BLE001  # any other exception is what this test looks for
        return f"{type(error).__name__}: {str(error)[:150]}"
    return ""


def test_every_public_callable_has_a_right_call(study):
    assert sorted(study.functions()) == FUNCTIONS
    assert sorted(study.constructors()) == CLASSES
    assert sorted(study.objects()) == CLASSES
    with_parameters = {name for name, parameter in PARAMETERS if name in METHODS}
    assert with_parameters <= set(study.methods()) <= set(METHODS)


def test_each_right_call_is_right_and_its_result_can_be_shown(right):
    for function, given in right.values():
        assert repr(call(function, given))


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_a_wrong_value_gives_an_error_that_helps_or_a_result(study, right, name, parameter, monkeypatch):
    monkeypatch.chdir(study.folder)
    function, given = right[name]
    start = PARAMETERS.index((name, parameter)) % EACH
    faults = [
        f"{label}: {why}"
        for label, value in [*wrong_values(study).items()][start::EACH]
        if (why := broken(function, given | {parameter: value}))
    ]
    assert not faults, "\n".join(faults)


NAMES_NO_VARIABLE = {"disclosure", "margin_of_error", "normalize", "replicate", "trim"}
TAKES_A_FUNCTION = {"with_replicates"}


def gated(design):
    """Return a design whose respondents agreed to a purpose that no variable is allowed for."""
    book = replace(design.codebook, used_for=("another purpose",))
    parts = design._made_of
    return tk.Design(replace(parts, codebook=book, rows=replace(parts.rows, codebook=book)))


def test_every_function_of_a_design_refuses_a_variable_that_was_not_allowed_for_its_purpose(study):
    refusals, used = {}, set()
    for name, given in study.functions().items():
        designs = {key: gated(value) for key, value in given.items() if isinstance(value, tk.Design)}
        if designs:
            try:
                getattr(tk, name)(**given | designs)
                used.add(name)
            except tk.TrustkitError as error:
                refusals[name] = str(error)
    told = "may not be used for the purpose 'another purpose'"
    assert [name for name, words in refusals.items() if told not in words] == []
    assert used == NAMES_NO_VARIABLE | TAKES_A_FUNCTION


def choices(function, parameter):
    """Return the texts that a parameter chooses among, () if it is no choice."""
    annotation = str(inspect.signature(function).parameters[parameter].annotation)
    if annotation.startswith("Literal["):
        return tuple(part.strip("\"' ") for part in annotation[8:-1].split(","))
    home = inspect.unwrap(function)
    named = getattr(sys.modules[home.__module__], annotation, None)
    return get_args(named) if get_origin(named) is Literal else ()


CHOICES = [(name, parameter) for name, parameter in PARAMETERS if choices(CALLABLES[name], parameter)]


@pytest.mark.parametrize(("name", "parameter"), CHOICES)
def test_a_misspelt_choice_is_refused_and_the_right_word_is_suggested(right, name, parameter):
    function, given = right[name]
    for word in choices(CALLABLES[name], parameter):
        with pytest.raises(tk.TrustkitError) as refused:
            call(function, given | {parameter: f"{word}x"})
        assert f"did you mean {word!r}" in str(refused.value)


ALIKE = {
    str: [np.str_],
    bool: [np.bool_],
    int: [np.int64, np.int32],
    float: [np.float64],
    list: [tuple],
}
"""Type -> types in which a value means the same."""


MADE_ONCE = {"make_key": "path"}
"""Functions that refuse to write over what a call before made -> the parameter that names it."""


def alike(value):
    """Return values that mean the same as one, in other types."""
    paths = [str(value)] if isinstance(value, Path) else []
    return paths + [kind(value) for kind in ALIKE.get(type(value), [])]


def shown(result):
    return repr(result.to_frame() if hasattr(result, "to_frame") else result)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_that_mean_the_same_give_the_same_result(right, name):
    function, given = right[name]

    def made_anew(arguments):
        if name in MADE_ONCE:
            given[MADE_ONCE[name]].unlink(missing_ok=True)
        return shown(call(function, arguments))

    expected = made_anew(given)
    defaults = {
        part.name: part.default
        for part in inspect.signature(function).parameters.values()
        if part.default is not part.empty
    }
    for parameter, value in (defaults | given).items():
        for other in alike(value):
            assert made_anew(given | {parameter: other}) == expected, (parameter, type(other))
