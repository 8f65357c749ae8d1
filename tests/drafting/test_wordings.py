"""Scales are known by their words, in order, and nothing else is; words are plain."""

from __future__ import annotations

import re

import pytest

from trustkit.drafting.scale_words import scale_data, wordings
from trustkit.drafting.scales import scale_of
from trustkit.drafting.wordings import plain_words


@pytest.mark.parametrize(("good", "bad"), scale_data()["graded"]["English"]["adjectives"].items())
def test_every_adjective_is_graded_from_its_opposite_to_itself(good, bad):
    good, bad = wordings(good)[0], wordings(bad)[0]
    labels = [
        f"Very {bad}",
        f"Somewhat {bad}",
        f"Neither {good} nor {bad}",
        f"Somewhat {good}",
        f"Very {good}",
    ]
    found = scale_of(labels)
    assert found is not None
    assert found.places == (0, 1, 2, 3, 4)


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


def test_numbering_signs_and_case_do_not_count():
    for text in ("1 = Strongly agree", "(5) strongly agree", "5. STRONGLY AGREE!", "Strongly  agree"):
        assert re.sub(r"\W+$", "", plain_words(text)) == "strongly agree"
