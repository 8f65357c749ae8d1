"""Exports of invented questionnaires: a draft alone gives the right table, or is unsure of the question."""

from __future__ import annotations

from itertools import product

import pytest
from questionnaires import CODED, LANGUAGES, PLATFORMS, questionnaire, wrong_and_silent

SUFFIXES = {"spss": ".sav", "stata": ".dta"}


@pytest.mark.parametrize(("platform", "language"), list(product(PLATFORMS, LANGUAGES)))
def test_a_draft_of_an_export_is_right_or_not_sure_of_every_question(tmp_path, platform, language):
    seed = sorted(LANGUAGES).index(language) * len(PLATFORMS) + list(PLATFORMS).index(platform)
    questions = questionnaire(seed, language=language, coded=platform in CODED)
    export = PLATFORMS[platform](tmp_path / f"export{SUFFIXES.get(platform, '.csv')}", questions)
    verdicts = wrong_and_silent(export, questions)
    assert set(verdicts.values()) <= {"right", "unsure"}, verdicts
    assert list(verdicts.values()).count("right") >= len(questions) / 2 or language == "xx"


def test_there_are_at_least_sixty_exports():
    assert len(PLATFORMS) * len(LANGUAGES) >= 60


def test_a_wrong_table_that_nobody_is_warned_of_is_seen(tmp_path):
    questions = questionnaire(7, language="en")
    export = PLATFORMS["plain"](tmp_path / "export.csv", questions)
    trusts = questions[0]
    trusts.shares = {answer: share / 2 for answer, share in trusts.shares.items()}
    assert wrong_and_silent(export, questions)["trusts"] == "wrong and silent"
