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


SHARES = [0.1 + k / 100 for k in range(30)]


def shown_as(tmp_path, code, values=SHARES, *, others=()):
    """Read a column of numbers in a number format, and others without one."""
    styled = [('s="2"', f"<v>{value!r}</v>") for value in values]
    rows = [[k, cell] for k, cell in enumerate([*styled, *others])]
    return read(survey_files.workbook(tmp_path / "a.xlsx", [["id", "x"], *rows], formats=[code]))


@pytest.mark.parametrize("code", ["0%", "0.0%", "0.00 %;[Red]-0.00 %", '0%" of all"'])
def test_numbers_in_a_percent_format_are_shares_and_said_in_log_and_draft(tmp_path, code):
    found = shown_as(tmp_path, code)
    assert found.data["x"].tolist() == SHARES
    said = "shown as percent in the workbook and read as shares: 10% as 0.1"
    assert f"x: {said}" in found.log.steps[0].reason
    drafted = draft_codebook(found)["x"]
    assert (drafted.kind, said in drafted.review) == ("numeric", True)


@pytest.mark.parametrize("code", ["0.00", '0.0" %"', r"0.0\%", "#,##0.00 [$\u20ac-407]", "[Red]0.0"])
def test_numbers_in_a_format_without_percent_have_no_remark(tmp_path, code):
    found = shown_as(tmp_path, code)
    assert found.data["x"].tolist() == SHARES
    assert "percent" not in found.log.steps[0].reason + draft_codebook(found)["x"].review


def test_percent_beside_plain_numbers_is_text_as_shown_and_unsure(tmp_path):
    found = shown_as(tmp_path, "0%", others=[20, 45.5] * 15)
    assert found.data["x"].iloc[[0, 1, -1]].tolist() == ["10%", "11%", "45.5"]
    drafted = draft_codebook(found)["x"]
    assert drafted.unsure
    assert "'10%' is read as 10 and '20' as 20" in drafted.review


def test_zeros_and_words_beside_percent_leave_the_shares(tmp_path):
    assert shown_as(tmp_path, "0%", others=[0, 0]).data["x"].tolist() == [*SHARES, 0, 0]
    found = shown_as(tmp_path, "0%", others=["refused"] * 3)
    assert found.data["x"].iloc[[0, -1]].tolist() == ["0.1", "refused"]
    drafted = draft_codebook(found)["x"]
    assert (drafted.kind, drafted.missing) == ("numeric", {"refused": "refused"})
    assert "read as shares" in drafted.review


@pytest.mark.parametrize("code", ["yyyy-mm-dd", "d.m.yyyy", "[$-407]d. mmmm yyyy", "mm/dd/yy", "mmm yy"])
def test_numbers_in_a_date_format_are_days(tmp_path, code):
    found = shown_as(tmp_path, code, [46082 + k for k in range(30)])
    days = pd.date_range("2026-03-01", periods=30).tolist()
    assert found.data["x"].tolist() == days
    assert draft_codebook(found)["x"].kind == "date"


def test_numbers_in_a_date_and_time_format_are_moments(tmp_path):
    found = shown_as(tmp_path, "d/m/yyyy h:mm", [46082.5] * 30)
    assert found.data["x"].tolist() == [pd.Timestamp("2026-03-01 12:00")] * 30


def test_days_beside_plain_numbers_are_left_as_text(tmp_path):
    found = shown_as(tmp_path, "d.m.yyyy", [46082 + k for k in range(20)], others=[46100, 46101])
    assert found.data["x"].iloc[[0, -1]].tolist() == ["2026-03-01", "46101"]
    assert draft_codebook(found)["x"].kind == "text"


@pytest.mark.parametrize("code", ["yyyy-mm-dd", "d.m.yyyy", "hh:mm", "[$-407]mmm yy", "d/m/yyyy h:mm"])
@pytest.mark.parametrize("others", [[], ["", "never"]], ids=["alone", "beside text"])
def test_negative_numbers_in_a_date_format_stay_numbers_and_are_named(tmp_path, code, others):
    found = shown_as(tmp_path, code, [-99, -0.5, -1], others=others)
    assert found.data["x"].astype(str).tolist()[:3] == (
        ["-99", "-0.5", "-1"] if others else ["-99.0", "-0.5", "-1.0"]
    )
    said = "no date is negative: -99"
    assert said in found.log.steps[0].reason
    assert said in draft_codebook(found)["x"].review


def test_a_negative_missing_code_beside_days_is_read_as_the_code(tmp_path):
    found = shown_as(tmp_path, "yyyy-mm-dd", [*range(46082, 46112), -99])
    assert found.data["x"].iloc[[0, -1]].tolist() == ["2026-03-01", "-99"]
    assert "no date is negative: -99" in draft_codebook(found)["x"].review


def test_a_negative_length_of_time_is_one(tmp_path):
    assert shown_as(tmp_path, "[h]:mm", [-0.5]).data["x"].tolist() == ["-1 day, 12:00:00"]


def test_negative_numbers_in_other_formats_have_no_remark(tmp_path):
    found = shown_as(tmp_path, "0.00;[Red]-0.00", [-99, 1.5])
    assert found.data["x"].tolist() == [-99, 1.5]
    assert "negative" not in found.log.steps[0].reason


def test_a_sheets_plain_numbers_stay_and_days_in_the_built_in_format_are_dates(tmp_path):
    day = ('s="1"', "<v>45292</v>")
    found = sheet(tmp_path, ["share", "day"], *([0.1 + k / 100, day] for k in range(30)))
    assert found.data["share"].tolist() == [0.1 + k / 100 for k in range(30)]
    assert found.data["day"].dt.strftime("%Y-%m-%d").unique().tolist() == ["2024-01-01"]
    assert draft_codebook(found)["day"].kind == "date"
