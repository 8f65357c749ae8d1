"""Exports of survey platforms give their questions' wording, and checkboxes become one set."""

from __future__ import annotations

import zipfile

import pandas as pd
import pytest
import survey_files

from trustkit.errors import DataError
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import Variable

# Qualtrics


@pytest.fixture
def qualtrics(tmp_path):
    def exported(*, numeric=False, codebook=None, **how):
        path = tmp_path / "export.csv"
        path.write_bytes(survey_files.as_csv(survey_files.qualtrics_rows(numeric=numeric), **how))
        return read(path, codebook)

    return exported


def test_qualtrics_three_header_rows_are_no_respondents(qualtrics):
    found = qualtrics()
    assert len(found.data) == 5
    assert found.codebook["Q1"].label == "Do you trust brands with your data?"
    assert found.data["Q1"].tolist() == ["Yes", "No", "Don't know", "Yes", "No"]
    assert found.codebook["Q1"].missing == {"Don't know": "don't know"}
    assert found.check().empty


@pytest.mark.parametrize("how", [{"delimiter": "\t", "encoding": "utf-16"}, {"encoding": "utf-8-sig"}])
def test_a_qualtrics_export_may_be_of_tabs_and_in_other_encodings(qualtrics, how):
    pd.testing.assert_frame_equal(qualtrics(**how).data, qualtrics().data)


@pytest.mark.parametrize("numeric", [False, True])
def test_qualtrics_checkboxes_become_one_set(qualtrics, numeric):
    found = qualtrics(numeric=numeric)
    assert found.codebook.members("Q2") == ("Q2_1", "Q2_2", "Q2_3")
    assert found.codebook.sets["Q2"] == "Which have you used?"
    assert found.codebook["Q2_2"].label == "Which have you used? Phone"
    assert found.data["Q2_1"].tolist()[:3] == ["Selected", "Not selected", "Selected"]
    assert found.data["Q2_1"].isna().tolist() == [False, False, False, True, False]
    assert found.codebook["Q2_3_TEXT"].kind == "text"


def test_boxes_of_a_question_that_was_seen_and_not_answered_say_so(tmp_path):
    rows = survey_files.qualtrics_rows()
    at = rows[0].index("Q2_1")
    rows[6][at : at + 3] = ["-99"] * 3
    (tmp_path / "a.csv").write_bytes(survey_files.as_csv(rows))
    found = read(tmp_path / "a.csv")
    assert found.codebook["Q2_1"].missing == {-99: "skipped"}
    assert found.data["Q2_1"].tolist()[2:4] == ["Selected", "Skipped"]


def test_a_qualtrics_matrix_is_a_battery(qualtrics):
    found = qualtrics()
    assert found.codebook.members("Q3") == ("Q3_1", "Q3_2")
    assert found.codebook.sets["Q3"] == "How much do you trust ..."
    assert found.data["Q3_1"].tolist() == ["A lot", "A little", "A lot", "Skipped", "A little"]


def test_qualtrics_mark_of_a_question_not_answered_is_no_number(qualtrics):
    found = qualtrics(numeric=True)
    assert found.codebook["Q3_2"].missing == {-99: "skipped"}
    assert found.data["Q3_2"].tolist() == [2, 2, 1, 1, -99]


def test_open_text_stays_as_it_was_typed(qualtrics):
    found = qualtrics()
    assert found.data["Q4"].tolist()[:2] == ["007", "two\nlines"]
    assert found.data["Q2_3_TEXT"].tolist()[1] == 'fax, "old"'


def test_qualtrics_own_columns_say_whether_they_identify(qualtrics):
    book = qualtrics().codebook
    assert (book["IPAddress"].identifier, book["ResponseId"].kind) == ("direct", "id")
    assert book["StartDate"].kind == "date"


def test_a_codebook_that_is_given_rules_over_qualtrics_wording(qualtrics):
    codes = {1: "Yes", 2: "No", 3: "Unsure"}
    mine = Codebook({"Q1": Variable("Q1", "Trust", "single", codes=codes)})
    assert qualtrics(numeric=True, codebook=mine).data["Q1"].tolist() == ["Yes", "No", "Unsure", "Yes", "No"]


def test_a_zipped_export_reads_like_the_file_in_it(qualtrics, tmp_path):
    plain = qualtrics()
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "export.csv", "Consumer Trust_March 1.csv")
    found = read(tmp_path / "export.zip")
    pd.testing.assert_frame_equal(found.data, plain.data)
    assert found.codebook.title == "Consumer Trust_March 1"
    assert found.log.steps[0].rule == "export.zip"


UNSPLIT = [
    ["Q1", "Q2", "Q3"],
    ["Which?", "Why?", "How?"],
    ['{"ImportId":"QID1"}', '{"ImportId":"QID2_TEXT"}', '{"ImportId":"QID3"}'],
    ["1,2", "well, so", "Yes, always"],
    ["2,3", "so, well", "No, never"],
    ["1", "well, so", "Yes, always"],
    ["", "", "Yes, always"],
    ["-99", "", "Yes, always"],
    ["3,1", "", "No, never"],
]


def test_qualtrics_choices_that_share_a_cell_become_one_set(tmp_path):
    (tmp_path / "a.tsv").write_bytes(survey_files.as_csv(UNSPLIT, delimiter="\t"))
    found = read(tmp_path / "a.tsv")
    boxes = found.codebook.members("Q1")
    assert boxes == ("Q1_1", "Q1_2", "Q1_3")
    assert [found.codebook[box].label for box in boxes] == ["Which? 1", "Which? 2", "Which? 3"]
    assert (found.data[boxes[0]] == "Selected").tolist() == [True, False, True, False, False, True]
    assert found.data[boxes[0]].isna().tolist() == [False, False, False, True, False, False]
    assert found.data[boxes[0]].tolist()[4] == "Skipped"
    assert found.data["Q2"].tolist()[:2] == ["well, so", "so, well"]
    assert found.data["Q3"].tolist()[:2] == ["Yes, always", "No, never"]


def test_a_parted_choice_takes_no_other_columns_name(tmp_path):
    rows = [[*row, f"{at}"] for at, row in enumerate(UNSPLIT)]
    rows[0][3], rows[2][3] = "Q1_1", '{"ImportId":"Q1_1"}'
    (tmp_path / "a.tsv").write_bytes(survey_files.as_csv(rows, delimiter="\t"))
    found = read(tmp_path / "a.tsv")
    assert found.codebook.members("Q1") == ("Q1_1_", "Q1_2", "Q1_3")
    assert found.data["Q1_1"].tolist() == [3, 4, 5, 6, 7, 8]


def test_a_qualtrics_cell_with_two_choices_is_no_decimal_number(tmp_path):
    (tmp_path / "a.tsv").write_bytes(survey_files.as_csv(UNSPLIT, delimiter="\t"))
    book = Codebook({"Q1": Variable("Q1", "Which?", "text")})
    assert read(tmp_path / "a.tsv", book).data["Q1"].tolist()[:3] == ["1,2", "2,3", "1"]


# SurveyMonkey


@pytest.fixture
def surveymonkey(tmp_path):
    def exported(*, numeric=False):
        path = tmp_path / "survey.csv"
        path.write_bytes(survey_files.as_csv(survey_files.surveymonkey_rows(numeric=numeric)))
        return read(path)

    return exported


def test_surveymonkey_columns_are_named_and_worded_by_their_question(surveymonkey):
    found = surveymonkey()
    assert len(found.data) == 5
    assert found.codebook["do_you_trust_brands"].label == "Do you trust brands?"
    assert found.data["do_you_trust_brands"].tolist()[:3] == ["Yes", "No", "Don't know"]
    assert found.codebook["respondent_id"].kind == "id"
    assert found.check().empty


@pytest.mark.parametrize("numeric", [False, True])
def test_surveymonkey_checkboxes_become_one_set(surveymonkey, numeric):
    found = surveymonkey(numeric=numeric)
    (name,) = (name for name, question in found.codebook.sets.items() if question.startswith("Which"))
    boxes = found.codebook.members(name)
    assert [found.codebook[box].label.rpartition(" ")[2] for box in boxes] == ["Email", "Phone", "Post"]
    chosen = [found.data[box].tolist() for box in boxes]
    assert [[row for row, answer in enumerate(box) if answer == "Selected"] for box in chosen] == [
        [0, 3],
        [3, 4],
        [0],
    ]
    assert found.data[list(boxes)].isna().all(axis=1).tolist() == [False, False, True, False, False]


def test_a_surveymonkey_matrix_is_a_battery(surveymonkey):
    found = surveymonkey()
    assert len(found.codebook.members("how_much_do_you_trust")) == 2
    assert found.codebook["how_much_do_you_trust_banks"].kind == "single"


def test_surveymonkey_open_answers_stay_text(surveymonkey):
    found = surveymonkey()
    assert found.data["how_old_are_you"].tolist()[:2] == ["34", "051"]
    assert found.data["do_you_trust_brands_other_please_specify"].tolist()[1] == "it depends, really"


@pytest.mark.parametrize("rows", [survey_files.qualtrics_rows(), survey_files.surveymonkey_rows()])
def test_header_rows_of_different_length_are_refused(tmp_path, rows):
    (tmp_path / "a.csv").write_bytes(survey_files.as_csv([rows[0], rows[1][:-1], *rows[2:]]))
    with pytest.raises(DataError, match="a header row does not fit the first") as caught:
        read(tmp_path / "a.csv")
    assert caught.value.where.endswith("a.csv, row 2")


def test_surveymonkeys_newer_names_of_its_own_columns_are_known(tmp_path):
    head = [
        ["respondent_id", "collector_id", "date_created", "ip_address", "Well?"],
        ["", "", "", "", "Response"],
    ]
    rows = [*head, ["1", "2", "2026-03-01", "192.0.2.1", "Yes"]]
    (tmp_path / "a.csv").write_bytes(survey_files.as_csv(rows))
    found = read(tmp_path / "a.csv")
    assert list(found.data) == ["respondent_id", "collector_id", "date_created", "ip_address", "well"]
    assert found.codebook["ip_address"].identifier == "direct"


FRENCH = [
    ["Numéro", "Quels moyens ?", "", "", "", "Quelle banque ?", "", "Votre âge ?"],
    ["", "E-mail", "SMS", "Courrier", "Autre (précisez)", "Réponse", "Autre (précisez)", "Réponse"],
    ["1", "E-mail", "SMS", "", "", "Banque A", "", "34"],
    ["2", "", "SMS", "", "", "Banque B", "", "51"],
    ["3", "", "", "Courrier", "fax", "", "la mienne", "28"],
    ["4", "", "", "", "fax", "Banque A", "", "40"],
    ["5", "", "", "", "", "Banque A", "", "66"],
]
"""An export of SurveyMonkey whose interface was French."""


def test_two_header_rows_in_any_language_are_no_respondents(tmp_path):
    (tmp_path / "a.csv").write_bytes(survey_files.as_csv(FRENCH))
    found = read(tmp_path / "a.csv")
    assert len(found.data) == 5
    assert found.codebook["quelle_banque"].labels == ("Banque A", "Banque B")
    assert found.codebook["quels_moyens_sms"].label == "Quels moyens ? SMS"


def test_what_was_typed_beside_boxes_is_no_box_and_counts_for_their_base(tmp_path):
    (tmp_path / "a.csv").write_bytes(survey_files.as_csv(FRENCH))
    found = read(tmp_path / "a.csv")
    typed = found.codebook["quels_moyens_autre_précisez"]
    assert typed.kind == "text"
    assert "typed" in typed.review
    assert found.data["quels_moyens_sms"].isna().tolist() == [False, False, False, False, True]


@pytest.mark.parametrize(
    "rows",
    [
        [["id", "sex", "age"], ["", "m", "34"], ["2", "f", "51"], ["3", "f", "28"], ["4", "m", "40"]],
        [["id", "a", "b"], ["", "Yes", "Yes"], ["2", "No", "Yes"], ["3", "Yes", "No"], ["4", "No", "No"]],
        [
            ["id", "a", "b", "c"],
            ["", "x", "x", "1"],
            ["2", "y", "z", "2"],
            ["3", "y", "z", "3"],
            ["4", "y", "z", "4"],
        ],
    ],
)
def test_a_respondent_without_an_id_in_the_first_row_is_no_second_header(tmp_path, rows):
    (tmp_path / "a.csv").write_bytes(survey_files.as_csv(rows))
    assert len(read(tmp_path / "a.csv").data) == len(rows) - 1
