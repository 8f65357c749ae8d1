"""A survey labels its answers as the codebook says, and shows where the data disagree with it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from builders import survey

import trustkit as tk
from trustkit.errors import DataError
from trustkit.survey.checks import exact_numbers
from trustkit.survey.codebook import Codebook
from trustkit.survey.columns import (
    answered,
    coded,
    describe,
    is_missing,
    is_missing_code,
    labelled,
    numeric_values,
    tracked_shares,
)
from trustkit.survey.exclusion_log import Step
from trustkit.survey.survey import Survey
from trustkit.survey.variable import MissingRange, Variable

TRUST = Variable(
    "trust",
    "Do you trust them?",
    "ordinal",
    codes={1: "No", 2: "Yes"},
    missing={8: "don't know", 9: "refused", 98: "not asked", 99: "not asked"},
)
AGE = Variable("age", "Age", "numeric", low=18, high=99, missing={-1: "refused", -2: "skipped"})
KIDS = Variable("kids", "Children", "single", codes={1: "0", 2: "1", 3: "2", 4: "3 or more"})


# Labelling


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 8, 99],
        [1.0, 2.0, 8.0, 99.0],
        ["1", "2", "8", "99"],
        ["01", "02", "08", "99"],
        ["No", "Yes", "Don't know", "Not asked"],
    ],
)
def test_codes_and_labels_of_any_type_become_the_same_labels(values):
    found = survey({"trust": values}, TRUST).data["trust"]
    assert found.tolist() == ["No", "Yes", "Don't know", "Not asked"]
    assert list(found.cat.categories) == ["No", "Yes", "Don't know", "Refused", "Not asked"]


def test_an_ordinal_answer_is_ordered_and_a_single_one_is_not():
    assert survey({"trust": [1]}, TRUST).data["trust"].cat.ordered
    assert not survey({"kids": [1]}, KIDS).data["kids"].cat.ordered


def test_a_code_goes_before_a_label_that_looks_like_one():
    assert survey({"kids": [1, 2, 3, 4]}, KIDS).data["kids"].tolist() == ["0", "1", "2", "3 or more"]
    assert survey({"kids": ["1", "2"]}, KIDS).data["kids"].tolist() == ["0", "1"]


def test_a_column_that_holds_labels_keeps_them_though_some_look_like_codes():
    column = ["0", "1", "2", "3 or more"]
    assert survey({"kids": column}, KIDS).data["kids"].tolist() == column


def test_labels_that_were_given_once_are_not_taken_for_codes_again():
    once = survey({"kids": [1, 2, 3]}, KIDS)
    again = Survey(once.data.loc[1:], once.codebook)
    fewer = once.data["kids"].loc[1:].cat.remove_unused_categories()
    assert again.data["kids"].tolist() == ["1", "2"]
    assert labelled(fewer, KIDS).tolist() == ["1", "2"]


def test_an_empty_cell_stays_empty():
    found = survey({"trust": [1, None, 2]}, TRUST).data["trust"]
    assert found.isna().tolist() == [False, True, False]


def test_an_unknown_code_stays_visible_as_a_category_of_its_own():
    found = survey({"trust": [1, 7, 7]}, TRUST).data["trust"]
    assert found.tolist() == ["No", "7", "7"]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([20, 30]),
        pd.Series(["20", " 30"]),
        pd.Series([20, 30], dtype="Int64"),
        pd.Series([20.0, 30.0]),
    ],
)
def test_numbers_of_any_type_become_floats(column):
    found = survey({"age": column}, AGE).data["age"]
    assert found.dtype == float
    assert found.tolist() == [20.0, 30.0]


def test_a_missing_nullable_integer_becomes_an_empty_cell():
    found = survey({"age": pd.Series([20, None], dtype="Int64")}, AGE).data["age"]
    assert found.dtype == float
    assert np.isnan(found[1])


def test_a_numeric_column_with_words_is_left_as_it_is():
    found = survey({"age": ["20", "thirty"]}, AGE).data["age"]
    assert found.tolist() == ["20", "thirty"]


def test_text_identifiers_and_dates_are_left_as_they_are():
    frame = {"name": ["007", "08"], "day": ["2024-03-01", "2024-03-02"]}
    kinds = Variable("name", "Name", "id"), Variable("day", "Day", "date")
    assert survey(frame, *kinds).data.to_dict("list") == frame
    assert labelled(pd.Series(frame["name"]), kinds[0]).tolist() == frame["name"]


def test_categories_without_a_codebook_are_named_in_words():
    frame = pd.DataFrame(
        {"g": pd.cut([1, 2, 3], [0, 2, 4]), "i": pd.Categorical([3, 1, 1]), "s": list("aba")}
    )
    found = Survey(frame, Codebook({})).data
    assert found["g"].tolist() == ["(0, 2]", "(0, 2]", "(2, 4]"]
    assert list(found["i"].cat.categories) == ["1", "3"]
    assert found["s"].tolist() == ["a", "b", "a"]


def test_columns_that_share_a_name_are_refused():
    with pytest.raises(DataError, match="columns share a name") as caught:
        Survey(pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"]), Codebook({}))
    assert caught.value.got == "a"


def test_the_frame_that_was_given_is_not_changed():
    frame = pd.DataFrame({"trust": [1, 2]})
    Survey(frame, Codebook({"trust": TRUST}))
    assert frame["trust"].tolist() == [1, 2]


# Checking


def faults(found):
    return [
        tuple(row)
        for row in found.check()[["variable", "rule", "value", "count", "rows"]].itertuples(index=False)
    ]


def test_data_that_agree_with_the_codebook_have_no_faults():
    found = survey({"trust": [1, 8, None], "age": [18, 99, -1]}, TRUST, AGE)
    assert found.check().empty
    assert list(found.check().columns) == ["variable", "rule", "value", "count", "rows"]
    assert found.refuse_faults() is None


def test_an_unknown_code_is_a_fault_with_its_rows():
    assert faults(survey({"trust": [1, 7, 7, 3]}, TRUST)) == [
        ("trust", "unknown code", "7", 2, "1, 2"),
        ("trust", "unknown code", "3", 1, "3"),
    ]


def test_a_missing_column_is_a_fault():
    assert faults(survey({"trust": [1]}, TRUST, AGE)) == [("age", "column is missing", "", 0, "")]


def test_a_number_out_of_range_is_a_fault_and_a_missing_code_is_not():
    assert faults(survey({"age": [17, 18, 100, -1, -2, None]}, AGE)) == [
        ("age", "outside 18 to 99", "17, 100", 2, "0, 2"),
    ]


@pytest.mark.parametrize("low_high", [{"low": 0}, {"high": 10}])
def test_a_range_may_be_open_at_one_end(low_high):
    variable = Variable("x", "X", "numeric", **low_high)
    found = faults(survey({"x": [-5, 5, 50]}, variable))
    assert [(fault[2], fault[3]) for fault in found] == [("-5" if "low" in low_high else "50", 1)]


def test_a_word_among_numbers_is_a_fault():
    assert faults(survey({"age": ["20", "old", "old", "NA"]}, AGE)) == [
        ("age", "not a number", "NA, old", 3, "1, 2, 3"),
    ]


def test_at_most_five_rows_are_named():
    assert faults(survey({"age": [1] * 7}, AGE))[0][3:] == (7, "0, 1, 2, 3, 4")


def test_an_answer_of_somebody_who_was_not_asked_is_a_fault():
    why = Variable(
        "why", "Why?", "single", codes={1: "Price"}, missing={8: "don't know"}, asked={"trust": ("No",)}
    )
    found = survey({"trust": [1, 2, 2, None], "why": [1, 1, 8, 1]}, TRUST, why)
    assert faults(found) == [("why", "answered though not asked", "trust is not No", 2, "1, 3")]


def test_answers_of_those_who_were_asked_are_no_fault():
    why = Variable("why", "Why?", "single", codes={1: "Price"}, asked={"trust": ("No",)})
    assert faults(survey({"trust": [1, 2], "why": [1, None]}, TRUST, why)) == []


def test_who_was_asked_is_not_checked_without_the_other_column():
    why = Variable("why", "Why?", "single", codes={1: "Price"}, asked={"elsewhere": ("No",)})
    assert faults(survey({"why": [1]}, why)) == []


def test_all_faults_are_refused_in_one_error():
    found = survey({"trust": [1, 7], "age": [10, 20]}, TRUST, AGE, Variable("sex", "Sex", "text"))
    with pytest.raises(DataError, match="in the data, compared with the codebook") as caught:
        found.refuse_faults()
    assert [str(fault) for fault in caught.value.faults] == [
        "trust: unknown code 7 (1 row, first: 1)",
        "age: outside 18 to 99 10 (1 row, first: 0)",
        "sex: column is missing",
    ]
    assert "nothing was changed or dropped" in caught.value.do


# Who answered


def test_only_substantive_answers_count_as_answered():
    column = labelled(pd.Series([1, 2, 8, 9, 98, None, 7]), TRUST)
    assert answered(column, TRUST).tolist() == [True, True, False, False, False, False, False]


def test_a_missing_code_is_no_number():
    assert answered(pd.Series([20.0, -1.0, np.nan, -2.0]), AGE).tolist() == [True, False, False, False]


def test_a_missing_code_counts_however_it_is_quoted():
    assert is_missing_code(pd.Series([999.0, 1.0]), ["999"]).tolist() == [True, False]
    assert is_missing_code(pd.Series(["999", "1", None]), [999]).tolist() == [True, False, False]
    assert is_missing_code(pd.Series(["none", "1"]), []).tolist() == [False, False]
    assert is_missing_code(pd.Series([1.0]), ["none"]).tolist() == [False]


# Describing and coding columns without a codebook


def test_a_column_without_a_codebook_describes_itself():
    frame = pd.DataFrame(
        {
            "number": [1, 2],
            "flag": [True, False],
            "word": ["b", "a"],
            "ordered": pd.Categorical(["low", "high"], ["low", "high"]),
            "mixed": pd.Series([1, "x"], dtype=object),
        }
    )
    book = Codebook({})
    assert describe(frame, book, "number").kind == "numeric"
    assert describe(frame, book, "flag").labels == ("False", "True")
    assert describe(frame, book, "word").labels == ("a", "b")
    assert describe(frame, book, "ordered").labels == ("low", "high")
    assert describe(frame, book, "mixed").labels == ("1", "x")


def test_the_codebook_goes_before_the_column():
    assert describe(pd.DataFrame({"trust": [1]}), Codebook({"trust": TRUST}), "trust") is TRUST


def test_an_unknown_column_is_an_error_with_a_near_miss():
    with pytest.raises(DataError, match="no variable 'agee'") as caught:
        describe(pd.DataFrame({"age": [1]}), Codebook({}), "agee")
    assert caught.value.do == "did you mean 'age'?"


def test_rows_get_their_place_among_the_labels():
    category = pd.Series(pd.Categorical(["b", "a", None, "c"], ["a", "b", "c"]))
    assert coded(category, ["a", "b", "c"]).tolist() == [1, 0, -1, 2]
    assert coded(category, ["c", "a"]).tolist() == [-1, 1, -1, 0]
    assert coded(pd.Series([True, False]), ["False", "True"]).tolist() == [1, 0]


# What the log follows


def test_tracked_shares_are_weighted_shares_of_valid_answers():
    found = survey({"trust": [1, 2, 8, None]}, TRUST, track={"trust": "No"})
    weights = np.array([3.0, 1.0, 100.0, 100.0])
    assert tracked_shares(found.data, found.codebook, weights) == {'"Do you trust them?" = No': 0.75}


def test_a_tracked_share_of_nobody_is_not_a_number():
    found = survey({"trust": [8, None]}, TRUST, track={"trust": "No"})
    assert np.isnan(tracked_shares(found.data, found.codebook, np.ones(2))['"Do you trust them?" = No'])


def test_a_step_is_logged_with_the_unweighted_tracked_figures():
    found = survey({"trust": [1, 2, 2, 8]}, TRUST, track={"trust": "No"})
    step = found.tracked(Step("read", "a", "b", 4, 4)).log.steps[0]
    assert step.figures == {'"Do you trust them?" = No': pytest.approx(1 / 3)}


def test_a_survey_shows_its_study_and_says_synthetic():
    found = survey({"trust": [1]}, TRUST, title="T", population="Adults", data="synthetic")
    text = repr(found)
    assert text.startswith("Survey\nsurvey")
    assert "population   Adults" in text
    assert text.endswith("Synthetic data.")
    assert "not stated" in repr(survey({"trust": [1]}, TRUST))


def test_numbers_in_a_missing_range_are_no_answers_and_keep_their_reason():
    spans = (MissingRange(97, 99, "refused"),)
    about = {"missing": {98: "don't know"}, "missing_words": {98: "No idea"}, "missing_ranges": spans}
    age = Variable("age", "Age", "numeric", **about)
    column = pd.Series([20.0, 97.0, 98.0, 99.0, None])
    assert answered(column, age).tolist() == [True, False, False, False, False]
    assert is_missing(column, age, "Refused").tolist() == [False, True, False, True, False]
    assert is_missing(column, age, "No idea").tolist() == [False, False, True, False, False]
    trust = Variable("trust", "Trust", "single", codes={1: "Yes"}, **about)
    named = survey({"trust": [1, 97, 98]}, trust).data["trust"]
    assert named.tolist() == ["Yes", "Refused", "No idea"]
    assert answered(named, trust).tolist() == [True, False, False]


def test_numbers_that_a_float_cannot_hold_and_values_that_are_no_numbers_are_none():
    mixed = pd.Series([1, "2", 2**53 + 1, True, b"1", 1j, None, 1e300], dtype=object)
    np.testing.assert_array_equal(exact_numbers(mixed), [1, 2, np.nan, 1, np.nan, np.nan, np.nan, 1e300])
    assert exact_numbers(pd.Series(["1", str(2**60), "nan"])).tolist()[0] == 1
    assert exact_numbers(pd.Series(pd.to_datetime(["2024-01-01"]))).isna().all()
    when = survey({"age": pd.to_datetime(["2024-01-01"])}, AGE)
    assert faults(when)[0][1] == "not a number"


def test_a_date_has_no_mean():
    with pytest.raises(DataError, match="age is not numeric"):
        numeric_values(pd.Series(pd.to_datetime(["2024-01-01"])), AGE)


# Values that are written in several ways


def test_dates_of_another_form_are_faults():
    day = Variable("day", "Day", "date")
    cells = ["2026-03-01", "2026-12-31", None, "1/3/2026", "2026-03-01"]
    assert survey({"day": cells}, day).check().to_numpy().tolist() == [
        ["day", "date written in another way", "1/3/2026", 1, "3"],
    ]


@pytest.mark.parametrize("cells", [["3/1/2026 9:05 AM", "12/31/2026 10:05 PM"], [None, None]])
def test_dates_of_one_form_are_no_fault(cells):
    assert survey({"day": pd.Series(cells, dtype="str")}, Variable("day", "Day", "date")).check().empty


def test_a_missing_code_that_is_text_leaves_a_number_a_number():
    age = Variable("age", "Age", "numeric", low=18, missing={"a": "refused"})
    found = survey({"age": pd.Series([20, "a", 17], dtype=object)}, age)
    assert found.check().to_numpy().tolist() == [["age", "outside 18 to inf", "17", 1, "2"]]
    np.testing.assert_array_equal(numeric_values(found.data["age"], age), [20, np.nan, 17])


def test_words_that_are_no_missing_code_are_no_numbers():
    age = Variable("age", "Age", "numeric", missing={"a": "refused"})
    found = survey({"age": pd.Series([20, "a", "b"], dtype=object)}, age)
    assert found.check()["value"].tolist() == ["b"]
    with pytest.raises(DataError, match="age is not numeric"):
        numeric_values(found.data["age"], age)


@pytest.mark.parametrize("far", [0, 1_000_000])
def test_codes_close_together_and_far_apart_are_labelled_alike(far):
    codes = {5: "Five", 1 + far: "One", -2: "Minus two"}
    column = pd.Series([5, 1 + far, 7, -2, 5])
    found = labelled(column, Variable("q", "Q", "single", codes=codes))
    assert found.tolist() == ["Five", "One", "7", "Minus two", "Five"]


def test_the_log_of_a_survey_made_by_hand_says_that_its_data_are_synthetic():
    book = Codebook({"id": Variable("id", "Id", "id")}, data="synthetic")
    made = Survey(pd.DataFrame({"id": ["a", "b", "b"]}), book)
    assert "Synthetic data." in repr(made.log)
    assert "Synthetic data." in repr(tk.drop_duplicates(made, key="id").log)


def test_a_new_variable_with_another_index_is_refused_and_not_matched_in_silence():
    people = Survey(pd.DataFrame({"age": [20, 30, 50]}, index=[5, 6, 7]), Codebook({}))
    young = tk.Variable("young", "Young?", "single", codes={1: "yes", 0: "no"})
    values = pd.Series([1, 1, 0])
    for holder in (people, tk.Design(people)):
        with pytest.raises(DataError, match="must have the index of the rows"):
            holder.with_variable(young, values)
        assert holder.with_variable(young, values.to_numpy()).data["young"].tolist() == ["yes", "yes", "no"]
