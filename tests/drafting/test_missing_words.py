"""Answers that are none are known by their words in more languages, and what is not known is doubted."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

import trustkit as tk
from trustkit.drafting.draft import draft_codebook
from trustkit.drafting.missing_answers import judge_answers
from trustkit.drafting.missing_words import reason_in, signless
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey

WORDS = yaml.safe_load(Path(__file__).with_name("more_languages.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", WORDS)
def test_a_draft_counts_no_refusals_in_languages_of_europe_and_asia(language):
    words = WORDS[language]
    know, refuse = words["none"]
    cells = [words["yes"]] * 15 + [words["no"]] * 10 + [know] * 4 + [refuse] * 3
    survey = Survey(pd.DataFrame({"q1": cells}), Codebook({}))
    drafted = draft_codebook(survey)
    assert set(drafted["q1"].missing) == {know, refuse}
    shares = tk.proportion(tk.Design(tk.read(survey.data, codebook=drafted)), "q1").to_frame()
    assert dict(zip(shares["level"], shares["estimate"], strict=True)) == pytest.approx(
        {words["yes"]: 0.6, words["no"]: 0.4}
    )


@pytest.mark.parametrize("language", WORDS)
def test_codes_of_a_file_with_such_labels_are_missing_for_the_labels_reason(language):
    words = WORDS[language]
    first, second = words["other"]
    judged = judge_answers({1: first, 2: second, 8: words["none"][0], 9: words["none"][1]})
    assert list(judged.missing) == [8, 9]
    assert set(judged.missing.values()) <= {"don't know", "refused", "skipped"}


@pytest.mark.parametrize("language", WORDS)
def test_answers_of_such_languages_are_no_missing_wordings(language):
    words = WORDS[language]
    for answer in (words["yes"], words["no"], *words["other"]):
        assert reason_in(answer) == (None, False)


def test_signs_of_vowels_stay_parts_of_their_words():
    assert (signless("हाँ, नहीं!"), signless("ไม่ทราบ.")) == ("हाँ नहीं", "ไม่ทราบ")


@pytest.mark.parametrize(
    "cell",
    [
        "[QID3-ChoiceGroup-SelectedChoices]", "${e://Field/brand}", "${lm://Field/1}", "{{answer_12}}",
        "[question('value'), id='4']", "%%FIRSTNAME%%", "[%first_name%]",
    ],
)  # fmt: skip
def test_a_text_that_a_survey_program_did_not_fill_in_is_no_answer(cell):
    survey = Survey(pd.DataFrame({"q": ["Yes"] * 9 + ["No"] * 8 + [cell] * 3}), Codebook({}))
    drafted = draft_codebook(survey)["q"]
    assert (drafted.labels, list(drafted.missing)) == (("Yes", "No"), [cell])


@pytest.mark.parametrize("answer", ["[QUEUE]", "$ 5", "{not sure}", "50%", "[x]", "Q [1]"])
def test_brackets_and_signs_of_money_alone_do_not_make_a_cell_one(answer):
    assert reason_in(answer)[0] != "skipped"


def test_what_panels_write_for_data_that_were_taken_back_is_no_answer():
    cells = ["34", "51", "CONSENT_REVOKED", "DATA_EXPIRED", "27", "44"] * 6
    drafted = draft_codebook(Survey(pd.DataFrame({"Age": cells}), Codebook({})))["Age"]
    assert (drafted.kind, set(drafted.missing)) == ("numeric", {"CONSENT_REVOKED", "DATA_EXPIRED"})
