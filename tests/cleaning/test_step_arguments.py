"""Arguments of cleaning steps are tested by their types, whatever types a new step brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pytest

from trustkit.cleaning.clean import ARGUMENTS, STEPS
from trustkit.cleaning.step_arguments import arguments_of, in_words, type_test


def new_step(survey, *, names: Mapping[str, Sequence[float]], how: Literal["a", "b"] = "a", note: str = ""):
    return survey


def test_a_new_step_needs_no_entry_for_types_made_of_known_ones():
    known = arguments_of(new_step)
    assert {name: argument.needed for name, argument in known.items()} == {
        "names": True, "how": False, "note": False,
    }  # fmt: skip
    assert known["names"].fits({"x": [1, 2.5]})
    assert not known["names"].fits({"x": [1, "2"]})
    assert not known["names"].fits({"x": []})
    assert not known["names"].fits({"": [1]})
    assert known["names"].words == "{text: a list of: a number}"
    assert known["how"].fits("b")
    assert not known["how"].fits("c")
    assert known["note"].fits("")


def test_a_type_without_a_test_fails_when_the_step_is_defined():
    def step(survey, *, rows: set[str]):
        return survey

    with pytest.raises(TypeError, match=r"type set\[str\], for which there is no test"):
        arguments_of(step)


def test_every_argument_of_every_step_has_a_test_and_words():
    assert set(ARGUMENTS) == set(STEPS)
    assert all(argument.words for known in ARGUMENTS.values() for argument in known.values())


@pytest.mark.parametrize(
    ("kind", "yes", "no"),
    [
        (bool, [True, False], [1, "yes"]),
        (int, [1, -3], [True, 1.0, "1"]),
        (float, [1, 2.5], [True, "1", None]),
        (str, ["a"], ["", 1, None]),
        (str | Sequence[str], ["a", ["a", "b"], ("a",)], [[], ["a", 1], {"a": 1}, ""]),
        (object, ["a", 1, ["a", 2], {"low": 1, "high": 2}], [{}, [], {"lo": 1}, {"low": "1"}, None]),
        (Mapping[str, Mapping[str, object]], [{"a": {"age": {"low": 6}}}], [{}, {"a": {}}, {"a": "x > 1"}]),
    ],
)  # fmt: skip
def test_values_are_tested_by_type(kind, yes, no):
    test = type_test(kind)
    assert [value for value in yes if not test(value)] == []
    assert [value for value in no if test(value)] == []


def test_a_type_is_described_by_its_parts():
    assert in_words(Mapping[str, str | float]) == "{text: text or a number}"
