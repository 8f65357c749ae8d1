"""A definition says what it counts; a file of definitions that cannot be used names its errors."""

from __future__ import annotations

import pytest

from trustkit.errors import DataError
from trustkit.estimation.consent_definitions import word_key
from trustkit.estimation.opt_in_definitions import (
    SHIPPED,
    read_opt_in_definitions,
    shipped_opt_in_definitions,
)


def test_every_shipped_definition_says_what_it_counts_and_where_it_is_from():
    _, definitions = shipped_opt_in_definitions()
    assert all(one.counted and one.source and one.denominator >= {"A"} for one in definitions)
    assert len(definitions) == 6


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("apps: prompting", "apps: promting", "apps: got 'promting'; did you mean 'prompting'?"),
        ("denominator: [A, B, C, D]", "denominator: [A, B, F]", "denominator: 'F' is not a state"),
        ("denominator: [A, B, C, D]", "denominator: [B]", "denominator: the numerator A must be counted"),
        ("    source: https://www.flurry.com/blog/ios14-opt-in-rate/\n", "", "the key 'source' is missing"),
        ("  A: {label: authorized", "  Z: {label: authorized", "states: the state A, authorized, is missing"),
        ("title: ", "titel: ", "titel: unknown key; did you mean 'title'?"),
    ],
)
def test_a_broken_file_of_definitions_says_what_is_wrong_and_where(tmp_path, old, new, message):
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "definitions.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError, match=r"errors? in .*definitions\.yaml") as caught:
        read_opt_in_definitions(file)
    assert message in str(caught.value)


@pytest.mark.parametrize("spelled", ["notDetermined", "not_determined", "Not determined", "NOT-DETERMINED"])
def test_a_word_is_the_same_whatever_its_capitals_and_marks(spelled):
    assert word_key(spelled) == "notdetermined"
