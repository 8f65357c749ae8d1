"""Excel sheets and Parquet files read as they stand."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import survey_files

from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import Variable


def sheet(tmp_path, *rows):
    return read(survey_files.workbook(tmp_path / "answers.xlsx", list(rows)))


def test_a_sheet_reads_like_the_table_it_shows(tmp_path):
    found = sheet(tmp_path, ["id", "n", "x"], ["007", 1, 1.5], ["8", 2, ""], ["9", 3, 0.25])
    assert found.data["id"].tolist() == ["007", "8", "9"]
    assert found.data["n"].tolist() == [1, 2, 3]
    assert found.data["n"].dtype == "int64"
    assert found.data["x"].isna().tolist() == [False, True, False]
    assert found.codebook.title == "answers"


def test_a_column_of_numbers_and_words_is_text_as_it_shows(tmp_path):
    found = sheet(
        tmp_path, ["age", "b"], [34, ('t="b"', "<v>1</v>")], ["forty", ""], [2.5, ('t="b"', "<v>0</v>")]
    )
    assert found.data["age"].tolist() == ["34", "forty", "2.5"]
    assert found.data["b"].tolist()[0::2] == ["TRUE", "FALSE"]


def test_dates_become_dates(tmp_path):
    day = ('s="1"', "<v>46082</v>")
    found = sheet(tmp_path, ["day", "mixed"], [day, day], ["", "never"])
    assert found.data["day"].tolist()[0] == pd.Timestamp("2026-03-01")
    assert found.data["day"].isna().tolist() == [False, True]
    assert found.data["mixed"].tolist() == ["2026-03-01", "never"]


def test_a_surveymonkey_workbook_reads_like_its_csv(tmp_path):
    rows = survey_files.surveymonkey_rows()
    (tmp_path / "answers.csv").write_bytes(survey_files.as_csv(rows))
    book = survey_files.workbook(tmp_path / "answers.xlsx", rows)
    wanted, found = read(tmp_path / "answers.csv"), read(book)
    answers = [name for name in wanted.data if name not in ("custom_data_1", "weight")]
    pd.testing.assert_frame_equal(found.data[answers], wanted.data[answers])
    assert found.codebook.sets == wanted.codebook.sets


def test_empty_rows_and_empty_sheets_are_passed_over(tmp_path):
    path = survey_files.workbook(tmp_path / "a.xlsx", [["a"], [1], [], [2], []], [], [[""]])
    assert read(path).data["a"].tolist() == [1, 2]


def test_a_codebook_keeps_identifiers_of_a_sheet_as_text(tmp_path):
    path = survey_files.workbook(tmp_path / "a.xlsx", [["id"], [7], [1e15]])
    found = read(path, Codebook({"id": Variable("id", "Id", "id")}))
    assert found.data["id"].tolist() == ["7", "1000000000000000"]


# Parquet


def test_parquet_reads_columns_as_they_are(tmp_path):
    frame = pd.DataFrame({"id": ["007"], "n": [3], "x": [1.5], "c": pd.Categorical(["a"], ["a", "b"])})
    frame.to_parquet(tmp_path / "a.parquet")
    found = read(tmp_path / "a.parquet")
    pd.testing.assert_frame_equal(found.data, frame)
    assert found.codebook == Codebook({}, title="a")


def test_parquet_with_two_columns_of_one_name_numbers_the_second(tmp_path):
    pq.write_table(pa.table([[1], [2]], names=["a", "a"]), tmp_path / "a.parquet")
    assert read(tmp_path / "a.parquet").data.to_dict("list") == {"a": [1], "a_2": [2]}


@pytest.mark.parametrize("record", ["{", json.dumps({"is": "Popen"}), json.dumps({"is": "Codebook", "x": 1})])
def test_a_codebook_in_a_file_that_is_none_is_refused(tmp_path, record):
    table = pa.table({"a": [1]}).replace_schema_metadata({"trustkit.codebook": record})
    pq.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(DataError, match="codebook in the file can't be read"):
        read(tmp_path / "a.parquet")
    assert len(read(tmp_path / "a.parquet", Codebook({})).data) == 1


def test_a_label_sheet_that_labels_a_few_numbers_gives_their_missing_codes(tmp_path):
    ages = [*range(18, 58), 999, 998]
    labels = [["variable", "value", "label"], ["age", 999, "Refused"], ["age", 998, "Don't know"]]
    path = survey_files.workbook(tmp_path / "a.xlsx", [["age"], *([age] for age in ages)], labels)
    age = read(path).codebook["age"]
    assert age.kind == "numeric"
    assert age.missing == {999: "refused", 998: "don't know"}
    assert not age.unsure


def test_a_label_sheet_that_labels_a_number_by_unknown_words_leaves_the_column_unsure(tmp_path):
    labels = [["variable", "value", "label"], ["age", 999, "Qwerty"]]
    path = survey_files.workbook(
        tmp_path / "a.xlsx", [["age"], *([age] for age in [*range(18, 58), 999])], labels
    )
    age = read(path).codebook["age"]
    assert (age.kind, age.missing) == ("numeric", {999: "skipped"})
    assert age.unsure
    assert "Qwerty" in age.review


def test_parquet_columns_of_one_name_are_numbered_and_named_in_the_log(tmp_path):
    table = pa.Table.from_arrays([pa.array([1, 2]), pa.array([3, 4])], names=["q", "q"])
    pq.write_table(table, tmp_path / "answers.parquet")
    survey = read(tmp_path / "answers.parquet")
    assert (survey.data["q"].tolist(), survey.data["q_2"].tolist()) == ([1, 2], [3, 4])
    assert "column 2 of the name 'q' is 'q_2'" in survey.log.steps[0].reason
    assert "column 2 of the name 'q' is 'q_2'" in draft_codebook(survey)["q_2"].review


def test_sheet_columns_of_one_name_are_numbered_and_named_in_log_and_draft(tmp_path):
    found = sheet(tmp_path, ["id", "sex", "sex"], [1, 2, 1], [2, 2, 2])
    assert found.data["sex_2"].tolist() == [1, 2]
    assert "column 2 of the name 'sex' is 'sex_2'" in found.log.steps[0].reason
    assert "column 2 of the name 'sex' is 'sex_2'" in draft_codebook(found)["sex_2"].review


def test_a_sheets_long_numbers_are_texts_and_said_in_log_and_draft(tmp_path):
    found = sheet(
        tmp_path, ["long", "one", "short"], *([10**17 + k, 10**17 if k == 3 else k, k] for k in range(30))
    )
    assert found.data["long"].tolist() == [str(10**17 + k) for k in range(30)]
    assert "left as text: long, one (numbers of more than 15 digits" in found.log.steps[0].reason
    book = draft_codebook(found)
    assert [(book[name].kind, "more than 15 digits" in book[name].review) for name in ("long", "one")] == [
        ("text", True)
    ] * 2
    assert "digits" not in book["short"].review


def test_a_sheets_cells_shown_as_percent_and_money_are_their_numbers_and_days_are_dates(tmp_path):
    day = ('s="1"', "<v>45292</v>")
    found = sheet(tmp_path, ["share", "day"], *([0.1 + k / 100, day] for k in range(30)))
    assert found.data["share"].tolist() == [0.1 + k / 100 for k in range(30)]
    assert found.data["day"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2024-01-01"]
    assert draft_codebook(found)["day"].kind == "date"
