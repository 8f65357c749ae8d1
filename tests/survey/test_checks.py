"""Each rule finds the rows that break it, and no others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.errors import DataError
from trustkit.survey.checks import no_dates
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

ID = Variable("id", "Id", "id")
WEIGHT = Variable("w", "Weight", "weight", missing={-1: "skipped"})
DAY = Variable("day", "Day", "date", missing={"none": "skipped"})
AGE = Variable("age", "Age", "numeric", low=18, high=99)
PHONE = Variable("phone", "A phone?", "single", codes={1: "Yes", 2: "No"})
APPS = Variable(
    "apps", "Which?", "single", codes={1: "Few", 2: "Many"}, missing={7: "not asked", 8: "refused"},
    asked={"phone": ("Yes",)},
)  # fmt: skip


def faults(frame, *variables, **study):
    book = Codebook({variable.name: variable for variable in variables}, **study)
    return [tuple(row) for row in Survey(pd.DataFrame(frame), book).check().itertuples(index=False)]


def test_a_repeated_id_is_counted_and_not_shown():
    assert faults({"id": ["a", "b", "b", "c", "c", "c"]}, ID) == [
        ("id", "id repeated", "2 ids", 5, "1, 2, 3, 4, 5")
    ]
    assert faults({"id": ["a", "a"]}, ID) == [("id", "id repeated", "1 id", 2, "0, 1")]


def test_a_repeated_id_is_no_fault_where_the_cleaning_drops_duplicates_by_it():
    steps = ({"step": "drop_duplicates", "key": "id"},)
    assert faults({"id": ["a", "a"]}, ID, cleaning=steps) == []


def test_a_row_without_an_id_is_a_fault():
    assert faults({"id": ["a", None, "b", None]}, ID) == [("id", "id missing", "", 2, "1, 3")]


def test_a_weight_that_is_negative_missing_or_infinite_is_a_fault():
    assert faults({"w": [1.0, -0.5, None, -1.0, np.inf, 0.0]}, WEIGHT) == [
        ("w", "infinite", "inf", 1, "4"),
        ("w", "negative weight", "-0.5", 1, "1"),
        ("w", "no weight", "", 2, "2, 3"),
    ]


def test_a_weight_in_words_is_a_fault():
    assert faults({"w": ["1", "none"]}, Variable("w", "W", "weight")) == [
        ("w", "not a number", "none", 1, "1")
    ]


def test_a_number_outside_of_its_range_or_infinite_is_a_fault():
    assert faults({"age": [18, 99, 17, 120.5, None, np.inf]}, AGE) == [
        ("age", "outside 18 to 99", "17, 120.5, inf", 3, "2, 3, 5")
    ]
    refused = Variable("x", "X", "numeric", missing={"no": "refused"}, high=3)
    assert faults({"x": ["1", "no", "5", None]}, refused) == [("x", "outside -inf to 3", "5", 1, "2")]
    assert faults({"x": [1.0, -np.inf]}, Variable("x", "X", "numeric")) == [("x", "infinite", "-inf", 1, "1")]


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2024-03-01", "2024-03-01T10:15:00"], "ISO8601"),
        (["31.12.2024", "01.02.2025"], "%d.%m.%Y"),
        (["12/31/2024 10:15", "01/02/2025 09:00"], "%m/%d/%Y %H:%M"),
        (["31/12/2024", "01/02/2025"], "%d/%m/%Y"),
        (["2024/03/04 9:15:23 AM GMT+1"], "%Y/%m/%d %I:%M:%S %p"),
        ([20240301, 20241231], "ISO8601"),
        (["March 4, 2024"], "%B %d, %Y"),
        (["soon"], ""),
        ([], ""),
    ],
)
def test_the_way_that_dates_are_written_is_found(values, form):
    assert no_dates(values)[0] == form


def test_of_two_ways_that_a_sample_allows_the_one_that_fits_all_dates_is_found():
    days = [
        f"{day:02d}/{month:02d}/{year}"
        for year in range(1990, 2020)
        for month in range(1, 13)
        for day in range(1, 10)
    ]
    assert len(days) > 3 * 1000
    assert no_dates([*days, "31/12/2020"])[0] == "%d/%m/%Y"
    assert no_dates([*days, "12/31/2020"])[0] == "%m/%d/%Y"


def test_what_is_no_date_or_written_in_another_way_is_a_fault():
    assert faults({"day": ["31.12.2024", "30.02.2024", "12/31/2024", None, "none", "01.02.2024"]}, DAY) == [
        ("day", "date written in another way", "12/31/2024", 1, "2"),
        ("day", "not a date", "30.02.2024", 1, "1"),
    ]
    assert faults({"day": ["2024-01-01", "soon"]}, DAY) == [("day", "not a date", "soon", 1, "1")]
    assert faults({"day": ["a", "b"]}, DAY) == [("day", "not a date", "a, b", 2, "0, 1")]


def test_dates_that_are_dates_already_are_no_fault():
    assert faults({"day": pd.to_datetime(["2024-01-01", None])}, DAY) == []
    assert faults({"day": [pd.Timestamp("2024-01-01").date(), None]}, DAY) == []


def test_an_answer_to_a_question_that_was_not_asked_is_a_fault():
    assert faults({"phone": [1, 2, 2, None], "apps": [1, 1, 7, None]}, PHONE, APPS) == [
        ("apps", "answered though not asked", "phone is not Yes", 1, "1")
    ]


def test_no_answer_to_a_question_that_was_asked_is_a_fault_and_refusing_is_none():
    assert faults({"phone": [1, 1, 1, 2], "apps": [None, 7, 8, None]}, PHONE, APPS) == [
        ("apps", "not answered though asked", "phone is Yes", 2, "0, 1")
    ]


def test_all_conditions_must_hold_for_a_question_to_be_asked():
    often = Variable("often", "How often?", "numeric", asked={"phone": ("Yes",), "apps": ("Many",)})
    frame = {"phone": [1, 1, 2], "apps": [2, 1, 7], "often": [None, None, None]}
    assert faults(frame, PHONE, APPS, often) == [
        ("often", "not answered though asked", "phone is Yes and apps is Many", 1, "0")
    ]


def test_an_open_question_may_be_left_empty():
    why = Variable("why", "Why?", "text", asked={"phone": ("Yes",)})
    assert faults({"phone": [1, 2], "why": [None, "x"]}, PHONE, why) == [
        ("why", "answered though not asked", "phone is not Yes", 1, "1")
    ]


def test_a_condition_on_a_column_that_is_not_there_is_not_judged():
    assert faults({"apps": [1, None]}, APPS) == []


def test_a_box_with_another_code_is_a_fault():
    box = Variable("box", "Email", "multiple", codes={1: "Selected", 0: "Not selected"}, set="ways")
    assert faults({"box": [1, 0, 2, None]}, box) == [("box", "unknown code", "2", 1, "2")]


def test_a_label_of_two_codes_is_a_fault():
    twice = Variable("x", "X", "single", codes={1: "Yes", 2: "Yes", 3: "No"})
    assert faults({"x": [1, 2, 3]}, twice) == [("x", "label stands for several codes", "Yes", 2, "0, 1")]


def test_cleaning_goes_on_in_spite_of_rows_that_it_or_the_design_deals_with():
    frame = {"id": ["a", "a"], "w": [1.0, None], "phone": [1, 2], "apps": [None, None]}
    book = Codebook({variable.name: variable for variable in (ID, WEIGHT, PHONE, APPS)})
    found = Survey(pd.DataFrame(frame), book)
    assert list(found.check()["rule"]) == ["id repeated", "no weight", "not answered though asked"]
    assert found.refuse_faults() is None
    with pytest.raises(DataError, match="negative weight"):
        Survey(pd.DataFrame({**frame, "w": [1.0, -2.0]}), book).refuse_faults()
