"""LimeSurvey's codes and Google Forms' joined cells become questions, batteries and sets."""

from __future__ import annotations

import pandas as pd
import pytest
import survey_files

from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import Variable


@pytest.fixture
def exported(tmp_path):
    def read_rows(rows, codebook=None, **how):
        path = tmp_path / "export.csv"
        path.write_bytes(survey_files.as_csv(rows, **how))
        return read(path, codebook)

    return read_rows


def lime(exported, **how):
    return exported(survey_files.limesurvey_rows(**how), delimiter=";", encoding="utf-8-sig")


# LimeSurvey


@pytest.mark.parametrize("answers", ["codes", "full"])
def test_limesurvey_boxes_become_one_set(exported, answers):
    found = lime(exported, answers=answers)
    assert found.codebook.members("Q02") == ("Q02[SQ001]", "Q02[SQ002]")
    assert found.codebook["Q02[SQ001]"].labels == ("Yes", "No")
    assert found.data["Q02[SQ002]"].tolist()[:3] == ["No", "Yes", "Yes"]
    assert found.check().empty


def test_a_limesurvey_battery_is_a_set_of_closed_questions(exported):
    found = lime(exported)
    assert found.codebook.members("Q03") == ("Q03[SQ001]", "Q03[SQ002]")
    assert found.codebook["Q03[SQ001]"].kind == "single"


def test_limesurvey_other_answers_are_open_text(exported):
    found = lime(exported)
    assert found.codebook["Q01[other]"].kind == "text"
    assert found.data["Q02[other]"].tolist()[1] == "fax"
    assert found.data["Q01"].tolist()[1] == "-oth-"


def test_limesurvey_own_columns_are_known(exported):
    found = lime(exported)
    assert found.codebook["id"].kind == "id"
    assert found.codebook["ipaddr"].identifier == "direct"
    assert found.data["seed"].tolist()[1] == "0455"
    assert found.data["Q04"].tolist()[:2] == ["007", "two\nlines"]


def test_limesurvey_codes_with_wording_name_and_word_their_columns(exported):
    found = lime(exported, headings="both")
    assert found.codebook["Q01"].label == "Do you trust brands?"
    assert found.codebook["Q02[SQ001]"].label == "Which have you used? [Email]"
    assert found.codebook.sets["Q02"] == "Which have you used?"


def test_limesurvey_wording_alone_names_its_columns(exported):
    found = lime(exported, headings="text", answers="full")
    assert found.data["do_you_trust_brands"].tolist()[0] == "Yes"
    assert found.codebook.sets["how_much_do_you_trust"] == "How much do you trust ..."
    assert len(found.codebook.members("which_have_you_used")) == 2


def test_limesurvey_boxes_that_are_ticked_or_empty_are_not_selected_where_others_are(exported):
    head = ["id", "submitdate", "lastpage", "Q1[A]", "Q1[B]"]
    rows = [head, ["1", "", "2", "Y", ""], ["2", "", "2", "", "Y"], ["3", "", "2", "", ""]]
    found = exported(rows)
    assert found.data["Q1[A]"].astype("str").fillna("").tolist() == ["Selected", "Not selected", ""]


def test_limesurvey_answers_of_questions_not_shown_are_not_asked(exported):
    head = ["id", "submitdate", "lastpage", "Q1[A]", "Q1[B]"]
    rows = [head, ["1", "", "2", "Yes", "No"], ["2", "", "2", "N/A", "N/A"]]
    found = exported(rows)
    assert found.codebook["Q1[A]"].missing == {"N/A": "not asked"}
    assert found.data["Q1[A]"].tolist() == ["Yes", "N/A"]


# Google Forms


@pytest.mark.parametrize("joint", [";", ", "])
def test_google_forms_checkboxes_become_one_set(exported, joint):
    found = exported(survey_files.googleforms_rows(joint))
    boxes = found.codebook.members("which_have_you_used")
    assert [found.codebook[box].label for box in boxes] == [
        "Which have you used? Email",
        "Which have you used? Phone",
        "Which have you used? Post",
        "Which have you used? other answers",
    ]
    assert (found.data[boxes[0]] == "Selected").tolist() == [True, False, True, False, False, True]
    assert found.data[list(boxes)].isna().any(axis=1).tolist() == [False, False, False, True, False, False]


def test_google_forms_choices_that_stand_once_are_kept_as_text_and_counted(exported):
    found = exported(survey_files.googleforms_rows())
    assert found.data["which_have_you_used_other_answers_text"].dropna().tolist() == ["carrier pigeon"]
    assert (found.data["which_have_you_used_other_answers"] == "Selected").sum() == 1


def test_google_forms_answers_with_commas_are_not_parted(exported):
    found = exported(survey_files.googleforms_rows(", "))
    assert found.data["do_you_trust_brands"].tolist()[:2] == ["Yes, always", "No, never"]
    assert found.data["why"].tolist()[:2] == ["well, I like it", "no, thanks"]


def test_google_forms_grids_are_batteries(exported):
    found = exported(survey_files.googleforms_rows())
    assert found.codebook.members("how_much") == ("how_much_banks", "how_much_shops")
    assert found.codebook.sets["how_much"] == "How much?"


def test_google_forms_own_columns_are_known(exported):
    found = exported(survey_files.googleforms_rows())
    assert found.codebook["timestamp"].kind == "date"
    assert found.codebook["email_address"].identifier == "direct"


def test_a_column_that_the_codebook_describes_is_not_parted(exported):
    used = Variable("which_have_you_used", "Which?", "text")
    found = exported(survey_files.googleforms_rows(), Codebook({"which_have_you_used": used}))
    assert found.data["which_have_you_used"].tolist()[0] == "Email;Phone"


def test_boxes_that_a_codebook_describes_are_made_for_it(exported):
    first = exported(survey_files.googleforms_rows())
    again = exported(survey_files.googleforms_rows(), first.codebook)
    pd.testing.assert_frame_equal(again.data, first.data)


def test_numbers_and_cells_that_repeat_a_choice_are_not_parted(exported):
    rows = [["Timestamp", "How many?", "Which?"], ["x", "1", "a;a"], ["x", "2", "b;a"], ["x", "1", "a;b"]]
    found = exported(rows)
    assert list(found.data) == ["timestamp", "how_many", "which"]


def test_a_codebook_with_google_forms_own_headings_keeps_them(exported):
    trust = Variable("Do you trust brands?", "Trust", "text")
    found = exported(survey_files.googleforms_rows(), Codebook({trust.name: trust}))
    assert list(found.data) == survey_files.googleforms_rows()[0]


@pytest.mark.parametrize("head", [["timestamp", "How old?"], ["Timestamp", "Age"]])
def test_a_plain_table_that_starts_with_a_time_is_left_as_it_is(exported, head):
    assert list(exported([head, ["2026-03-01", "34"]]).data) == head
