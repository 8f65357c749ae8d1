"""A drafted codebook: what the file told stands, the rest is guessed, marked, and agrees with its data."""

from __future__ import annotations

import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from study_files import AGREE, EXPORTS, TRUST, N, answers

from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_yaml import read_codebook, write_codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable


def drafted(values, name="x", told=None, **columns):
    """Draft one column, repeated so that its answers are given often enough, and return its description."""
    frame = pd.DataFrame({name: pd.Series(values), **columns})
    book = Codebook({name: told} if told else {})
    return draft_codebook(Survey(frame, book))[name]


def often(*values):
    return list(values) * 10


@pytest.mark.parametrize("name", EXPORTS)
def test_the_draft_of_an_export_is_a_codebook_that_the_export_agrees_with(name, tmp_path):
    export = EXPORTS[name](tmp_path / name)
    book = draft_codebook(read(export))
    path = write_codebook(book, tmp_path / "codebook.yaml")
    assert read_codebook(path) == book
    survey = read(export, path)
    assert survey.check().empty, survey.check()
    assert list(survey.data.columns) == list(book.variables)
    assert book.sample == "opt-in"
    assert [name.casefold() for name in (book.design.weights,)] == ["weight"]
    assert not any(variable.purpose or variable.consent for variable in book.variables.values())


def test_what_an_spss_file_told_stands_and_is_not_marked(tmp_path):
    book = draft_codebook(read(EXPORTS["spss.sav"](tmp_path / "spss.sav")))
    assert book.title == "Trust and consent 2024"
    assert book["TRUST"].codes == TRUST
    assert book["TRUST"].missing == {98: "don't know", 99: "refused"}
    assert "kind" not in book["TRUST"].review
    assert book.members("ways") == ("WAY_1", "WAY_2", "WAY_3")
    assert [book[name].kind for name in book.members("ways")] == ["multiple"] * 3
    assert [book[name].review for name in book.members("ways")] == [""] * 3
    assert book.sets["ways"] == "In which ways did brands write to you?"
    assert book["SEX"].missing_labels == ("Prefer not to say",)


def test_what_an_spss_file_did_not_tell_is_guessed_and_marked(tmp_path):
    book = draft_codebook(read(EXPORTS["spss.sav"](tmp_path / "spss.sav")))
    assert (book["WEIGHT"].kind, book["WEIGHT"].review) == (
        "weight", "kind: the name says weight, and its mean is near 1",
    )  # fmt: skip
    assert book.members("AGREE") == ("AGREE_1", "AGREE_2", "AGREE_3")
    assert book.sets["AGREE"] == "How far do you agree? I would trust"
    assert book["AGREE_1"].kind == "ordinal"
    assert book["AGREE_1"].review.startswith("kind: the answers are steps of a scale (agreement); set AGREE")
    assert (book["RESPID"].kind, book["RESPID"].identifier) == ("id", "direct")


@pytest.mark.parametrize(
    ("export", "trust", "battery", "ways", "age"),
    [
        ("qualtrics.csv", "Q3", "Q4", "Q5", "Q2"),
        (
            "surveymonkey.csv", "how_far_do_you_trust_brands_with_your", "how_far_do_you_agree_i_would_trust",
            "in_which_ways_did_brands_write_to_you", "how_old_are_you",
        ),
    ],
)  # fmt: skip
def test_a_platforms_export_is_drafted_with_its_scales_sets_and_words(
    export, trust, battery, ways, age, tmp_path
):
    book = draft_codebook(read(EXPORTS[export](tmp_path / export)))
    assert book[trust].kind == "ordinal"
    assert book[trust].labels == tuple(TRUST.values())
    assert book[trust].reason_of == {"Don't know": "don't know", "Prefer not to say": "refused"}
    assert "missing: \"Don't know\", 'Prefer not to say', by their words" in book[trust].review
    assert [book[name].labels for name in book.members(battery)] == [tuple(AGREE)] * 3
    assert [book[name].kind for name in book.members(ways)] == ["multiple"] * 3
    assert book[age].kind == "numeric"
    told = [variable.name for variable in book.variables.values() if variable.identifier == "direct"]
    assert len(told) >= 2


def test_weights_are_read_from_every_export(tmp_path):
    for name, make in EXPORTS.items():
        survey = read(make(tmp_path / name))
        book = draft_codebook(survey)
        weights = survey.data[book.design.weights]
        assert math.isclose(weights.sum(), answers()["weight"].sum())
        assert len(weights) == N


def test_every_guess_is_marked_and_nothing_else_is():
    told = {
        "sex": Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}, identifier="quasi"),
        "box": Variable("box", "Email", "multiple", codes={1: "Selected", 0: "Not selected"}),
        "when": Variable("when", "When", "date"),
    }
    frame = pd.DataFrame(
        {"sex": [1, 2] * 5, "box": [1, 0] * 5, "when": ["2024-01-01"] * 10, "other": [1, 2] * 5}
    )
    book = draft_codebook(Survey(frame, Codebook(told)))
    assert {name: book[name] for name in told} == told
    assert book["other"].review


def test_a_column_name_that_is_no_text_is_refused():
    with pytest.raises(DataError, match="name is not text") as caught:
        draft_codebook(Survey(pd.DataFrame({0: [1]}), Codebook({})))
    assert "rename" in caught.value.do


@pytest.mark.parametrize(
    ("values", "kind", "labels"),
    [
        (often("Agree", "Disagree", "Neutral"), "ordinal", ("Disagree", "Neutral", "Agree")),
        (
            often("Very satisfied", "Dissatisfied", "Satisfied", "Neither satisfied nor dissatisfied"),
            "ordinal", ("Dissatisfied", "Neither satisfied nor dissatisfied", "Satisfied", "Very satisfied"),
        ),
        (often("Always", "Never", "Sometimes"), "ordinal", ("Never", "Sometimes", "Always")),
        (often("65+", "18-24", "Under 18"), "ordinal", ("Under 18", "18-24", "65+")),
        (often("0 - None", "10 - Complete", "5"), "ordinal", ("0 - None", "5", "10 - Complete")),
        (often("No", "Yes"), "single", ("Yes", "No")),
        (often("Spain", "Other", "Chile"), "single", ("Chile", "Spain", "Other")),
        (often(*map(bool, (1, 0))), "single", ("True", "False")),
        (often(*range(11)), "ordinal", tuple(str(number) for number in range(11))),
        (often(0, 2, 3, 5, 8, 10), "ordinal", tuple(str(number) for number in range(11))),
        (often(1, 2, 3), "single", ("1", "2", "3")),
    ],
)  # fmt: skip
def test_closed_questions_are_known_by_their_answers(values, kind, labels):
    found = drafted(values)
    assert (found.kind, found.labels) == (kind, labels)
    assert found.review.startswith("kind: ")


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("age", list(range(18, 78)), "numeric"),
        ("How many children?", often(0, 1, 2), "numeric"),
        ("x", [0.5, 1.25, 3.0] * 10, "numeric"),
        ("zip", often(1234, 2345, 3456), "text"),
        ("start", [f"2024-03-{day:02d} 10:15:00" for day in range(1, 31)], "date"),
        ("Start Date", [f"{day}.3.2024" for day in range(1, 31)], "date"),
        ("interview_date", [20240301 + day for day in range(30)], "date"),
        ("when", pd.date_range("2024-01-01", periods=12), "date"),
        ("x", [f"A long story, number {number}" for number in range(30)], "text"),
        ("x", [None] * 12, "text"),
        ("x", [1.0, float("inf")] * 6, "text"),
        ("x", [[1], [2]], "text"),
        ("ResponseId", [f"R_{number}x" for number in range(12)], "id"),
        ("respondent", list(range(1000, 1012)), "id"),
        ("row", list(range(12)), "id"),
        ("psu", list(range(12)), "text"),
        ("stratum", often(1, 2, 3), "text"),
        ("ResponseId", [f"R_{number}x" for number in range(12)] * 2, "text"),
        ("case_id", [7, 9, 100, 120] * 5, "text"),
        ("paid", list(range(100, 1300, 100)), "numeric"),
    ],
)
def test_other_kinds_are_known_by_name_and_content(name, values, kind):
    found = drafted(values, name)
    assert found.kind == kind, found.review
    assert found.review or name == "when"


def test_an_id_that_is_repeated_is_not_called_one_and_says_so():
    assert (
        "the name says id, but texts are repeated" in drafted([f"R_{k}x" for k in range(12)] * 2, "id").review
    )
    assert (
        "the name says id, but numbers are repeated" in drafted(list(range(50, 1250, 100)) * 2, "id").review
    )
    told = Variable("x", "Response", "id")
    assert drafted(["a", "a"], told=told).kind == "text"


@pytest.mark.parametrize(
    ("name", "values", "weight"),
    [
        ("weight", [0.5, 1.5, 0.75, 1.25], True),
        ("pspwght", [0.5, 1.5, 0.75, 1.25], True),
        ("wt_final", [0.5, 1.5, 0.75, 1.25], True),
        ("w", [0.5, 1.5, 0.75, 1.25], True),
        ("hhwt", [0.5, 1.5, 0.75, 1.25], True),
        ("vægt", [0.5, 1.5, 0.75, 1.25], True),
        ("growth", [0.5, 1.5, 0.75, 1.25], False),
        ("sampling weight", [1200.5, 800.25, 950.75, 1100.5], True),
        ("weight", [70.5, 82.5, 64.0, 90.25], False),
        ("weight_kg", [0.5, 1.5, 0.75, 1.25], False),
        ("weight", [0.5, -1.5, 3.75, 1.25], False),
        ("weight", [0.5, 1.5, None, 1.0], False),
        ("x", [0.5, 1.5, 0.75, 1.25], False),
    ],
)
def test_weights_are_known_by_name_and_size_together(name, values, weight):
    frame = pd.DataFrame({name: values * 5})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert (book[name].kind == "weight") == weight
    assert book.design.weights == (name if weight else None)


def test_what_may_be_a_weight_is_said_to_be_unsure():
    for name, values in (("weight", [70.5, 82.5, 64.0]), ("x", [0.5, 1.5, 1.0])):
        assert "it may be a weight" in drafted(values * 5, name).review


def test_of_two_weights_none_is_taken():
    frame = pd.DataFrame({"weight_a": [0.5, 1.5] * 6, "weight_b": [0.6, 1.4] * 6})
    assert draft_codebook(Survey(frame, Codebook({}))).design.weights is None


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ([1, 2, 3, 4, 5, 98, 99], {98: "skipped", 99: "skipped"}),
        ([1, 2, 3, -1], {-1: "skipped"}),
        ([0, 5, 10, -1], {-1: "skipped"}),
        ([-1, 0, 1], {}),
        ([0, 1, -9], {}),
        (["AK", "AL", "AR", "99"], {"99": "skipped"}),
        ([18, 45, 80, 999], {999: "skipped"}),
        ([18, 45, 96, 98], {}),
        ([60, 95, 97, 98, 99], {}),
        ([-5, 3, -1], {}),
        ([99, 98], {}),
        ([1, 2, 9], {}),
    ],
)
def test_missing_codes_are_known_ones_far_from_the_other_values_and_never_sure(values, missing):
    found = drafted(values * 10)
    assert found.missing == missing
    assert found.unsure or not missing


def test_a_code_that_may_be_missing_but_is_near_stays_an_answer_and_says_so():
    found = drafted(often(1, 2, 3, 9))
    assert found.codes == {1: "1", 2: "2", 3: "3", 9: "9"}
    assert "9 may be a missing code, but is near the others" in found.review
    found = drafted(often(-1, 0, 1))
    assert (found.kind, found.labels) == ("single", ("-1", "0", "1"))
    assert "-1 may be a missing code, but is near the others" in found.review


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Don't know", "don't know"), ("Don\u2019t know", "don't know"), ("Not sure", "don't know"),
        ("Prefer not to say", "refused"), ("N/A", "not asked"), ("No answer", "skipped"), ("-", "skipped"),
        (" ", "skipped"),
    ],
)  # fmt: skip
def test_answers_that_are_none_are_known_by_their_words(words, reason):
    found = drafted(often("Yes", "No", words))
    assert found.labels == ("Yes", "No")
    assert list(found.missing.values()) == [reason]
    assert "missing" in found.review
    assert found.unsure == (words == "Not sure")


def test_words_that_may_mean_what_they_say_stay_answers():
    long = "I refuse to let any brand have my personal data at all"
    assert long in drafted(often("Yes", long)).labels
    assert drafted(often("Don't know", "Refused")).labels == ("Don't know", "Refused")


def test_numbers_beside_words_for_none_are_numbers():
    found = drafted([*map(str, range(18, 60)), "Prefer not to say", "n/a"], "age")
    assert (found.kind, found.missing_labels) == ("numeric", ("Prefer not to say", "n/a"))
    assert drafted(often("1", "2", "Don't know")).codes == {1: "1", 2: "2"}
    assert drafted(often("1", "01", "2")).kind == "single"
    assert drafted([*map(str, range(18, 60)), "a lot"], "age").kind == "text"


def test_answers_that_differ_by_case_or_blanks_are_pointed_out():
    assert (
        "answers that differ by case or blanks only are counted apart: 'Yes', 'yes '"
        in drafted(often("Yes", "yes ", "No")).review
    )


def test_the_order_of_categories_that_a_frame_came_with_stands():
    values = pd.Categorical(often("b", "a", "c"), categories=["c", "b", "a", "unused"])
    assert drafted(values).labels == ("c", "b", "a", "unused")


def test_a_told_order_that_runs_down_a_scale_stands():
    told = Variable("x", "X", "single", codes={1: "Always", 2: "Sometimes", 3: "Never"})
    assert (drafted([1, 2, 3], told=told).kind, drafted([1, 2, 3], told=told).labels) == (
        "ordinal", ("Always", "Sometimes", "Never"),
    )  # fmt: skip
    mixed = Variable("x", "X", "single", codes={1: "Sometimes", 2: "Always", 3: "Never"})
    assert drafted([1, 2, 3], told=mixed) == mixed


def test_a_missing_code_of_the_files_format_stays_out_of_the_guesses():
    found = sketch(pd.Series(often(1, 2, -99), name="x"), known={-99: "skipped"})
    assert (found.codes, found.missing, found.doubts) == ({1: "1", 2: "2"}, {-99: "skipped"}, [])


@pytest.mark.parametrize(
    ("name", "values", "identifier"),
    [
        ("contact", [f"p{k}@example.org" for k in range(12)], "direct"),
        ("contact", [f"+44 20 7946 0{k:03d}" for k in range(12)], "direct"),
        ("from", [f"192.0.2.{k}" for k in range(12)], "direct"),
        ("from", [f"2001:db8::{k}" for k in range(12)], "direct"),
        ("first_name", ["Ann", "Bo", "Cy", "Di"] * 3 + [f"N{k}" for k in range(50)], "direct"),
        ("LocationLatitude", [51.5 + k / 7 for k in range(12)], "direct"),
        ("age", list(range(18, 40)), "quasi"),
        ("gender", often("Woman", "Man"), "quasi"),
        ("comment", [f"My story {k}" for k in range(40)], "quasi"),
        ("trust", often("Yes", "No"), "none"),
        ("score", [1.5, 2.5] * 6, "none"),
    ],
)
def test_what_tells_a_person_is_classed_and_marked(name, values, identifier):
    found = drafted(values, name)
    assert found.identifier == identifier
    assert (f"identifier {identifier}: " in found.review) == (identifier != "none")


def test_wording_tells_a_person_where_the_name_does_not():
    assert drafted([34, 51], told=Variable("q1", "How old are you?", "numeric")).identifier == "quasi"


def test_neighbours_with_one_stem_and_the_same_answers_are_a_battery_with_all_its_answers():
    frame = pd.DataFrame(
        {
            "trust_a": often("Agree", "Disagree", "Neutral"),
            "trust_b": often("Agree", "Strongly agree", "Neutral"),
            "trust_c": often("Agree", "Disagree", "Neutral"),
            "other": often("Agree", "Disagree", "Neutral"),
        }
    )
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("trust") == ("trust_a", "trust_b", "trust_c")
    assert {book[name].labels for name in book.members("trust")} == {
        ("Disagree", "Neutral", "Agree", "Strongly agree")
    }
    assert "answers: those of the whole battery" in book["trust_b"].review
    assert book["other"].set == ""


def test_numbered_codes_of_a_battery_are_united_in_order():
    frame = pd.DataFrame({"fear1": often(1, 2, 3), "fear2": often(2, 3, 4), "fear3": often(1, 2, 3)})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert [list(book[name].codes) for name in book.members("fear")] == [[1, 2, 3, 4]] * 3


def test_questions_that_are_merely_counted_are_no_battery_unless_their_wording_is_shared():
    names = ("q1", "q2", "q3")
    frame = pd.DataFrame({name: often("Yes", "No") for name in names})
    assert draft_codebook(Survey(frame, Codebook({}))).members("q") == ()
    told = {
        name: Variable(name, f"Do you trust {name}?", "single", codes={"Yes": "Yes", "No": "No"})
        for name in names
    }
    book = draft_codebook(Survey(frame, Codebook(told)))
    assert book.members("q") == names
    assert book.sets == {"q": "Do you trust"}


def test_a_set_is_not_named_as_a_column_is():
    frame = pd.DataFrame({"q": often("a", "b", "c"), **{f"q_{k}": often(0, 1, 0) for k in (1, 2)}})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("q_items") == ("q_1", "q_2")


def test_two_sets_of_one_stem_have_two_names_and_stems_within_stems_are_kept_apart():
    names = [*(f"way_a_{k}" for k in (1, 2)), *(f"way_b_{k}" for k in (1, 2)), "gap", "way_a_3", "way_a_4"]
    frame = pd.DataFrame({name: often(0, 1) for name in names}).assign(gap=often("Yes", "No"))
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("way_a") == ("way_a_1", "way_a_2")
    assert book.members("way_b") == ("way_b_1", "way_b_2")
    assert book.members("way_a_items") == ("way_a_3", "way_a_4")


def test_answers_on_one_step_of_a_scale_are_not_united():
    frame = pd.DataFrame(
        {
            "t_a": often("Agree", "Disagree", "Neutral"),
            "t_b": often("Mostly agree", "Disagree", "Neutral"),
            "t_c": often("Agree", "Disagree", "Neutral"),
        }
    )
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book["t_b"].labels == ("Disagree", "Neutral", "Mostly agree")


def test_boxes_that_a_file_told_one_by_one_become_a_set():
    told = {name: Variable(name, name, "multiple", codes={1: "Yes", 0: "No"}) for name in ("way_1", "way_2")}
    frame = pd.DataFrame({name: often(0, 1) for name in told})
    book = draft_codebook(Survey(frame, Codebook(told)))
    assert book.members("way") == ("way_1", "way_2")
    assert book["way_1"].codes == {1: "Yes", 0: "No"}
    assert book["way_1"].review == "set way: neighbours with one stem and the same answers"


def test_boxes_of_zeros_and_ones_get_their_meaning():
    frame = pd.DataFrame({"way_1": often(0, 1), "way_2": often(1, 0)})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book["way_1"].kind == "multiple"
    assert book["way_1"].codes == {1: "Selected", 0: "Not selected"}


def test_boxes_without_a_code_for_empty_say_that_their_share_would_be_all():
    frame = pd.DataFrame({"way_1": often("Email", None), "way_2": often(None, "Post")})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert (book["way_1"].kind, book["way_1"].set) == ("multiple", "way")
    assert (book["way_1"].empty, book["way_1"].unsure) == ("not selected", False)
    survey = Survey(frame, book)
    assert survey.data["way_1"].value_counts().to_dict() == {"Selected": 10, "Not selected": 10}


def test_a_column_that_fits_nothing_becomes_text_and_leaves_the_design():
    told = Variable("w", "Weight", "weight")
    book = draft_codebook(Survey(pd.DataFrame({"w": [1.0, -1.0]}), Codebook({"w": told})))
    assert (book["w"].kind, book.design.weights) == ("text", None)
    assert "its data do not fit the kind weight" in book["w"].review


def test_a_column_that_a_file_told_and_that_says_no_more_stands():
    for values, told in (
        ([None, None], Variable("x", "X", "numeric")),
        (["many", "few"], Variable("x", "How many?", "text", identifier="quasi")),
        (["12345", "54321"], Variable("zip", "How many?", "text", identifier="quasi")),
    ):
        assert drafted(values, told.name, told) == told


def test_a_study_whose_population_is_told_keeps_its_kind_of_sample():
    book = Codebook({}, population="Adults", sample="probability")
    assert draft_codebook(Survey(pd.DataFrame({"x": [1]}), book)).sample == "probability"


WORDS = [
    *("Agree", "Disagree", "Neutral", "Don't know", "N/A", "1", "01", "1.0", "98", "", " ", "nan", "a@b.org"),
    *("2024-01-01", "31.12.2024", "True", "yes", "Yes", "Refused", "Skipped"),
]
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-100, 10_000),
    st.floats(width=32),
    st.text(max_size=6),
    st.sampled_from(WORDS),
    st.dates(),
    st.datetimes(),
    st.decimals(allow_nan=False, allow_infinity=False, places=2),
    st.binary(max_size=2),
)
COLUMNS = st.one_of(
    st.lists(CELLS, min_size=1, max_size=4),
    st.lists(st.sampled_from([0, 1, 2, 3, 9, 98, 99, -1, 999]), min_size=1, max_size=6),
    st.lists(st.floats(0.1, 3), min_size=1, max_size=6),
    st.lists(st.sampled_from(AGREE), min_size=1, max_size=5),
)
NAMES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["id", "weight", "age", "date", "Q1_1", "Q1_2", "Q1_3", "w_a", "w_b", "email", "zip", "q1", "q2"]
    ),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, COLUMNS, min_size=1, max_size=5), st.integers(1, 12), st.booleans())
def test_whatever_a_frame_holds_its_draft_is_a_codebook_that_it_agrees_with(columns, rows, category):
    frame = pd.DataFrame(
        {
            name: pd.Series([values[row % len(values)] for row in range(rows * 3)], dtype=None)
            for name, values in columns.items()
        }
    )
    if category:
        first = frame.columns[0]
        frame[first] = frame[first].map(str).astype("category")
    survey = Survey(frame, Codebook({}))
    book = draft_codebook(survey)
    assert Survey(frame, book).check().empty
    assert list(book.variables) == list(frame.columns)
    unmarked = [name for name, variable in book.variables.items() if not variable.review]
    assert all(book[name].kind == "date" for name in unmarked)
    with TemporaryDirectory() as folder:
        path = write_codebook(book, Path(folder, "codebook.yaml"))
        assert read_codebook(path) == book


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*AGREE, "1", "2", "98", "0.5", "", "x,y", "2024-01-01", "N/A"]),
        min_size=24,
        max_size=24,
    )
)
def test_a_file_agrees_with_the_draft_made_of_it(cells):
    with TemporaryDirectory() as folder:
        path = Path(folder, "answers.csv")
        frame = pd.DataFrame({"k": np.arange(12), "a_1": cells[:12], "a_2": cells[12:]})
        frame.to_csv(path, index=False)
        assert read(path, draft_codebook(read(path))).check().empty


@pytest.mark.parametrize(
    ("question", "typed"),
    [
        ("bank", "bank - Other (please specify)"),
        ("Welche Bank?", "Sonstige, und zwar"),
        ("banque", "banque_autre"),
        ("Q3", "Q3_TEXT"),
        ("銀行", "その他"),
    ],
)
def test_an_answer_typed_beside_an_empty_cell_makes_the_question_unsure(question, typed):
    answers = ["North", "South", "East"] * 10 + [None] * 3
    frame = pd.DataFrame({question: answers, typed: [None] * 30 + ["Pigeon Bank", "Bee", "Owl"]})
    drafted = draft_codebook(Survey(frame, Codebook({})))[question]
    assert drafted.unsure
    assert f"3 respondents have no answer here and a text in {typed!r}" in drafted.review
    assert "the base is 33 and not 30" in drafted.review


def test_a_text_beside_a_question_that_all_of_its_writers_answered_raises_no_doubt():
    frame = pd.DataFrame(
        {"bank": ["North", "South", "Other"] * 10, "bank_other": [None, None, "Pigeon Bank"] * 10}
    )
    assert "and a text in" not in draft_codebook(Survey(frame, Codebook({})))["bank"].review


def test_an_answer_typed_beside_boxes_of_which_none_is_ticked_makes_them_unsure():
    typed = [None, None, "by pigeon"] * 10
    frame = pd.DataFrame({"way_1": [1, 0, None] * 10, "way_2": [0, 1, None] * 10, "way_other": typed})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert all(book[name].unsure and "10 respondents" in book[name].review for name in ("way_1", "way_2"))


@pytest.mark.parametrize(("texts", "times"), [(12, 2), (70, 4)])
def test_texts_of_a_balanced_experiment_are_unsure_whether_they_are_open_answers(texts, times):
    frame = pd.DataFrame(
        {"shown": [f"Notice {chr(65 + k % 26)}{k // 26 * 'x'}" for k in range(texts)] * times}
    )
    found = draft_codebook(Survey(frame, Codebook({})))["shown"]
    assert (found.kind, found.unsure) == ("text", True)
    assert f"each of its {texts} different texts is given at least {times} times" in found.review


def test_open_answers_of_which_some_were_given_once_are_not_doubted():
    frame = pd.DataFrame(
        {"why": [*[f"Because of reason {chr(65 + k)}" for k in range(12)] * 2, "No idea really"]}
    )
    assert not draft_codebook(Survey(frame, Codebook({})))["why"].unsure


WRITTEN = {
    "two": (["1,3", "2,4", "3,5", "1,2"], "numeric", 2.1),
    "weight": (["0,85", "1,15", "1,05", "0,95"], "weight", 1.0),
    "spent": (["$1,037.50", "$90", "$12", "$7.25"], "numeric", 286.6875),
    "hours": (["1,5", "refused", "2,25", "3"], "numeric", 2.25),
    "rate": (["1.5", "2.25", "3", "4"], "numeric", 2.6875),
}


@pytest.mark.parametrize("ending", ["csv", "sav", "dta", "parquet"])
def test_texts_that_are_numbers_as_people_write_them_are_numbers_in_every_format(tmp_path, ending):
    frame = pd.DataFrame({name: cells * 10 for name, (cells, _, _) in WRITTEN.items()})
    path = tmp_path / f"export.{ending}"
    if ending == "csv":
        frame.to_csv(path, index=False)
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        getattr(pyreadstat, {"sav": "write_sav", "dta": "write_dta"}[ending])(frame, str(path))
    book = draft_codebook(read(path))
    assert {name: book[name].kind for name in WRITTEN} == {
        name: kind for name, (_, kind, _) in WRITTEN.items()
    }
    assert {name for name in WRITTEN if book[name].unsure} == {"two"}
    data = read(path, book).data
    means = {name: pd.to_numeric(data[name], errors="coerce").mean() for name in WRITTEN}
    assert means == pytest.approx({name: mean for name, (_, _, mean) in WRITTEN.items()})


def test_texts_of_digits_in_a_file_that_calls_them_text_stay_text(tmp_path):
    frame = pd.DataFrame({"branch": ["10117", "20095", "50667", "80331"] * 10, "n": [1.0] * 40})
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"))
    assert draft_codebook(read(tmp_path / "a.sav"))["branch"].kind != "numeric"


@pytest.mark.parametrize(
    ("told", "stray", "unsure"),
    [
        ({1: "Bad", 2: "Fair", 3: "Good"}, 40, True),
        ({1: "Bad", 2: "Fair", 3: "Good"}, 4, False),
        ({"b": "Bad", "f": "Fair", "g": "Good"}, "Don't know", True),
        ({"b": "Bad", "f": "Fair", "g": "Good"}, "40", True),
    ],
)
def test_a_value_that_the_files_list_lacks_is_an_answer_and_unsure_if_it_is_unlike_the_others(
    told, stray, unsure
):
    variable = Variable("x", "x", "single", codes=told)
    found = drafted([*often(*told), stray], told=variable)
    assert str(stray) in found.labels
    assert (found.unsure, str(stray) in found.review) == (unsure, True)


def same_table():
    """Return a table of numbers and texts that have no labels, as several programs may keep it."""
    random = np.random.default_rng(11)
    n = 120
    lost = np.arange(n) % 15 == 0
    numbers = {
        "box": random.integers(0, 2, n), "rating": random.integers(1, 6, n), "nps": random.integers(0, 11, n),
        "seven": np.where(lost, 8, random.integers(1, 8, n)),
        "far": np.where(lost, 99, random.integers(1, 6, n)),
        "neg": np.where(lost, -9, random.integers(0, 2, n)), "wave": random.integers(1, 4, n),
        "one": np.ones(n), "age": np.where(lost, 999, random.integers(18, 90, n)),
        "year": 1900 + np.arange(n),
        "way_1": random.integers(0, 2, n), "way_2": random.integers(0, 2, n),
        "item1": random.integers(1, 6, n), "item2": random.integers(1, 5, n),
        "item3": random.integers(1, 6, n),
        "respondent_id": 7 + np.arange(n),
    }  # fmt: skip
    texts = {
        "trusts": random.choice(["Yes", "No", "Don't know"], n),
        "view_a": random.choice(["Agree", "Disagree", "Neutral"], n),
        "view_b": random.choice(["Agree", "Disagree"], n),
        "view_c": random.choice(["Agree", "Neutral"], n),
        "bank": [None if none else "Nord" for none in lost],
        "bank_other": ["Sparkasse" if none else None for none in lost],
        "mail": [f"p{number}@example.org" for number in range(n)],
    }
    return pd.DataFrame({name: values.astype(float) for name, values in numbers.items()} | texts)


ABOUT = ("kind", "unsure", "labels", "missing", "set", "empty", "identifier", "scores")


@pytest.mark.parametrize("ending", ["parquet", "sav", "dta", "xpt"])
def test_one_table_is_drafted_alike_in_every_format(tmp_path, ending):
    frame = same_table()
    files = [tmp_path / "table.csv", tmp_path / f"table.{ending}"]
    frame.to_csv(files[0], index=False)
    if ending == "parquet":
        frame.to_parquet(files[1])
    else:
        writers = {"sav": "write_sav", "dta": "write_dta", "xpt": "write_xport"}
        getattr(pyreadstat, writers[ending])(frame, str(files[1]))
    plain, other = (draft_codebook(read(file)) for file in files)
    for name in frame:
        assert [getattr(other[name], item) for item in ABOUT] == [
            getattr(plain[name], item) for item in ABOUT
        ]
    assert {plain[name].kind for name in ("box", "way_1", "item2", "respondent_id")} == {
        "single", "multiple", "ordinal", "id",
    }  # fmt: skip


def test_numbers_that_a_file_declares_to_be_on_a_scale_of_measurement_stay_numbers(tmp_path):
    frame = same_table()[["box", "rating", "neg"]]
    measures = dict.fromkeys(frame, "scale")
    pyreadstat.write_sav(frame, str(tmp_path / "a.sav"), variable_measure=measures)
    book = draft_codebook(read(tmp_path / "a.sav"))
    assert {variable.kind for variable in book.variables.values()} == {"numeric"}
    assert {name for name in frame if book[name].unsure} == {"neg"}


def test_what_a_file_without_levels_labels_stands_beside_columns_that_it_does_not(tmp_path):
    frame = pd.DataFrame({"q1": [1.0, 2.0, 3.0] * 9, "q2": [1.0, 2.0, 3.0] * 9})
    pyreadstat.write_dta(
        frame, str(tmp_path / "a.dta"), variable_value_labels={"q1": {1: "Lo", 2: "Mid", 3: "Hi"}}
    )
    found = read(tmp_path / "a.dta")
    assert (found.codebook["q1"].labels, found.codebook["q2"].kind) == (("Lo", "Mid", "Hi"), "numeric")
    book = draft_codebook(found)
    assert (book["q1"].labels, book["q2"].labels) == (("Lo", "Mid", "Hi"), ("1", "2", "3"))


@pytest.mark.parametrize("cells", [["1.0", None], ["1.0", None, "2.0"]])
def test_numbers_as_text_in_a_column_named_for_places_do_not_stop_the_draft(cells):
    frame = pd.DataFrame({"zip": cells * 12})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert Survey(frame, book).check().empty


def test_a_stray_value_that_may_identify_a_person_is_no_answer_of_the_codebook():
    told = Codebook({"q1": Variable("q1", "Which?", "single", codes={"a": "A", "b": "B"})})
    survey = Survey(pd.DataFrame({"q1": ["a", "b"] * 9 + ["ann@example.org"]}), told)
    drafted = draft_codebook(survey)["q1"]
    assert (drafted.kind, drafted.identifier, drafted.codes) == ("text", "quasi", {})
    assert Survey(survey.data, Codebook({"q1": drafted})).check().empty


@pytest.mark.parametrize("suffix", ["sav", "dta"])
def test_guesses_about_texts_of_a_statistics_file_are_reviewed_as_those_of_a_csv_file(tmp_path, suffix):
    frame = pd.DataFrame(
        {
            "quality": ["good", "bad", "fair"] * 20,
            "colour": ["Red", "Green", "Blue"] * 20,
            "ages": ["18-24", "25-34", "35+"] * 20,
        }
    )
    write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta}[suffix]
    write(frame, str(tmp_path / f"a.{suffix}"), column_labels=["How was it?", "Which?", "Of which age?"])
    frame.to_csv(tmp_path / "a.csv", index=False)
    drafted, plain = (draft_codebook(read(tmp_path / name)) for name in (f"a.{suffix}", "a.csv"))
    assert [drafted[name].kind for name in frame] == ["ordinal", "single", "ordinal"]
    assert all(drafted[name].review == plain[name].review for name in frame)


@pytest.mark.parametrize(
    "elsewhere", [["Ya", "Agian", "Inoiz"], ["Male", "Female", "Other"], ["Never", "Often", "Always"]]
)
def test_one_known_word_elsewhere_does_not_make_an_unknown_language_known(elsewhere):
    frame = pd.DataFrame({"q1": ["Bai", "Ez", "Ez daki"] * 20, "q2": elsewhere * 20})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book["q1"].unsure
    assert "the language of the answers is not known here" in book["q1"].review


def test_a_question_without_a_known_word_is_not_doubted_where_most_others_have_one():
    yes = {f"q{number}": ["Yes", "No", "Maybe"] * 20 for number in range(3)}
    book = draft_codebook(
        Survey(pd.DataFrame({**yes, "fruit": ["Apple", "Pear", "Plum"] * 20}), Codebook({}))
    )
    assert not book["fruit"].unsure
