"""Scales are known by their words, in order, and nothing else is taken for one."""

from __future__ import annotations

import re

import pytest

from trustkit.drafting.wordings import (
    ADJECTIVES,
    SCALES,
    plain_words,
    scale_of,
)


@pytest.mark.parametrize("name", SCALES)
def test_the_steps_of_every_scale_are_known_whatever_their_order(name):
    steps = [ways.split("|")[0] for ways in SCALES[name]]
    assert scale_of([step.capitalize() for step in reversed(steps)]) == (name, list(range(len(steps)))[::-1])


@pytest.mark.parametrize("name", SCALES)
def test_no_wording_stands_for_two_steps_of_a_scale(name):
    ways = [way for step in SCALES[name] for way in step.split("|")]
    assert sorted(set(ways)) == sorted(ways)


@pytest.mark.parametrize(("good", "bad"), ADJECTIVES)
def test_every_adjective_is_graded_from_its_opposite_to_itself(good, bad):
    good, bad = good.replace("?", ""), bad.replace("?", "").split("|")[0]
    labels = [
        f"Very {bad}",
        f"Somewhat {bad}",
        f"Neither {good} nor {bad}",
        f"Somewhat {good}",
        f"Very {good}",
    ]
    found = scale_of(labels)
    assert found is not None
    assert found[1] == sorted(set(found[1]))


@pytest.mark.parametrize(
    "labels",
    [
        ["Red", "Green", "Blue"],
        ["Agree", "Disagree"],
        ["Agree", "Mostly agree", "Disagree", "Mostly disagree"],
        ["Agree", "Never", "Good"],
        ["2 cars", "about 2", "3"],
        [],
    ],
)
def test_what_is_no_scale_or_has_two_answers_on_one_step_is_none(labels):
    assert scale_of(labels) is None


def test_bands_are_ordered_by_their_numbers():
    bands = ["Under 1,000", "1,000 to 2,000", "2,000 to 3,000", "More than 3,000", "None"]
    name, places = scale_of(bands)
    assert (name, [bands[places.index(place)] for place in range(5)]) == (
        "numbers", ["None", "Under 1,000", "1,000 to 2,000", "2,000 to 3,000", "More than 3,000"],
    )  # fmt: skip


def test_numbering_signs_and_case_do_not_count():
    for text in ("1 = Strongly agree", "(5) strongly agree", "5. STRONGLY AGREE!", "Strongly  agree"):
        assert re.sub(r"\W+$", "", plain_words(text)) == "strongly agree"
