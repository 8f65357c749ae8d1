"""No export holds a row of a respondent, or a column that tells who a respondent is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

FRAME = pd.DataFrame(
    {"respondent_id": [f"R{number:04d}" for number in range(60)], "trust": ["yes", "no", "no"] * 20}
)
SURVEY = tk.Survey(FRAME, tk.Codebook({}))
SHARES = tk.proportion(tk.Design(FRAME), "trust")


@pytest.mark.parametrize("what", [FRAME, SURVEY, tk.Design(FRAME)], ids=["frame", "survey", "design"])
def test_frames_surveys_and_designs_are_refused(tmp_path, what):
    for given in (what, [SHARES, what]):
        with pytest.raises(DataError, match="exported"):
            tk.write_tables(given, tmp_path / "t.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["ann@example.org", "bob@example.org"], name="contact"),
        pd.Series(["192.168.7.1", "192.168.7.2"], name="where"),
        pd.Series([f"Ann{letter}" for letter in "abcdefghij"], name="first_name"),
        pd.Series(["0170 5550101", "0170 5550102"], name="phone"),
        pd.Series([5001, 5002], name="respondent_id"),
    ],
    ids=lambda column: column.name,
)
def test_a_column_that_tells_who_a_respondent_is_is_refused(tmp_path, column):
    table = tk.data_table(pd.DataFrame({column.name: column, "answer": "yes"}), title="Rows")
    with pytest.raises(
        DataError, match=rf"who a respondent is(.|\n)*Rows: {column.name}(.|\n)*leave the column out"
    ):
        tk.write_tables(table, tmp_path / "t.xlsx")


def test_estimates_for_each_respondent_are_refused(tmp_path):
    by_person = tk.proportion(tk.Design(FRAME), "trust", by="respondent_id", level="yes")
    with pytest.raises(DataError, match="respondent_id"):
        tk.write_tables(by_person, tmp_path / "t.json")


def test_a_frame_with_more_rows_than_a_table_has_is_refused_unless_its_rows_count_respondents(tmp_path):
    answers = pd.DataFrame({"trust": np.tile(["yes", "no"], 300), "age": np.arange(600) % 60 + 20})
    with pytest.raises(DataError, match="a row for each respondent"):
        tk.write_tables(tk.data_table(answers, title="Answers"), tmp_path / "t.json")
    counted = answers.assign(n=30)
    tk.write_tables(tk.data_table(counted, title="Counts"), tmp_path / "t.json")


def test_groups_rates_and_sources_are_not_taken_for_identifiers(tmp_path):
    table = pd.DataFrame(
        {
            "name": ["Germany", "France", "Spain"], "email": ["yes", "no", "yes"],
            "definition": ["asked", "all apps", "prompted"],
            "year": [2021, 2022, 2023], "rate": [0.2, 0.3, 0.4], "source": ["A", "B", "C"],
            "n": [812, 400, 91],
        }
    )  # fmt: skip
    assert tk.write_tables(tk.data_table(table, title="Rates", shares="rate"), tmp_path / "t.xlsx").empty


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "share a name"),
        (pd.DataFrame({"a": ["x"], "b": [[1, 2]]}), "one number or text"),
        (pd.DataFrame({"a": [1 + 2j]}), "one number or text"),
    ],
)
def test_columns_of_one_name_and_cells_of_several_values_are_no_table(frame, message):
    with pytest.raises(DataError, match=message):
        tk.data_table(frame, title="T")
