"""A file of SPSS, Stata or SAS keeps every code, and what it knows becomes the codebook."""

from __future__ import annotations

import datetime as dt
import sys

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import survey_files
from sas_file import sas_file

from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError, install_hint
from trustkit.files import spss_stata_sas as statfiles
from trustkit.files.read import read
from trustkit.files.write import write
from trustkit.survey.codebook import Codebook
from trustkit.survey.columns import numeric_values
from trustkit.survey.variable import MissingRange, Variable

# SPSS


@pytest.fixture(scope="module")
def spss(tmp_path_factory):
    return read(survey_files.spss_file(tmp_path_factory.mktemp("spss") / "trust.sav"))


def test_labels_wording_and_levels_become_the_codebook(spss):
    assert spss.codebook.title == "Consumer trust"
    assert spss.codebook["trust"].label == "How far do you trust brands?"
    assert spss.codebook["trust"].labels == ("Not at all", "Somewhat", "Completely", "7")
    kinds = {name: variable.kind for name, variable in spss.codebook.variables.items()}
    assert kinds == {
        "id": "text", "sex": "single", "trust": "ordinal", "age": "numeric",
        "received_email": "multiple", "received_sms": "multiple", "brand_1": "single", "brand_2": "single",
        "weight": "numeric", "when": "date", "words": "text",
    }  # fmt: skip


def test_user_missing_codes_keep_their_words_and_get_a_reason_to_review(spss):
    trust = spss.codebook["trust"]
    assert trust.missing == {8: "don't know", 9: "refused"}
    assert trust.missing_words == {9: "Prefer not to say"}
    assert "guessed" in trust.review
    assert spss.data["trust"].tolist()[2:4] == ["Don't know", "Prefer not to say"]


def test_a_range_of_missing_numbers_keeps_each_code_that_occurs_apart(spss):
    age = spss.codebook["age"]
    assert age.missing == {-1: "skipped", 999: "refused", 998: "skipped"}
    assert age.missing_words == {-1: "-1 (missing)", 998: "998 (missing)"}
    assert age.missing_ranges == (MissingRange(990, 999, "skipped"),)
    assert spss.data["age"].tolist() == [34, 51, 998, -1, 999, 18]


def test_values_without_a_label_count_as_themselves_and_are_named(spss):
    assert spss.data["sex"].tolist()[4] == "3"
    assert spss.check().empty
    for name, value in (("sex", "3"), ("trust", "7")):
        assert (
            f"without a label in the file, and counted as themselves: {value}" in spss.codebook[name].review
        )


def test_a_dichotomy_becomes_a_set_of_boxes(spss):
    assert spss.codebook.members("received") == ("received_email", "received_sms")
    assert spss.codebook.sets["received"] == "In which ways did brands write to you?"
    assert spss.codebook["received_email"].codes == {1: "Yes", 0: "No"}
    assert spss.codebook["received_sms"].codes == {1: "Selected", 0: "Not selected"}


def test_a_set_of_categories_keeps_its_variables_answers(spss):
    assert spss.codebook.members("brands") == ("brand_1", "brand_2")
    assert spss.codebook["brand_2"].labels == ("Acme", "Globex", "Initech")


def test_text_dates_and_leading_zeros_come_through(spss):
    assert spss.data["id"].tolist()[:2] == ["001", "002"]
    assert spss.data["words"].tolist()[2:4] == ["line\nbreak", "é"]
    assert spss.data["when"][0] == pd.Timestamp("2026-03-01")


def test_a_compressed_file_reads_the_same_but_for_its_sets(spss, tmp_path):
    packed = read(survey_files.spss_file(tmp_path / "trust.zsav", compress=True))
    same = ["id", "sex", "trust", "age", "weight", "when", "words"]
    pd.testing.assert_frame_equal(packed.data[same], spss.data[same])


def test_the_format_is_told_by_the_content_not_by_the_suffix(spss, tmp_path):
    path = tmp_path / "trust.csv"
    survey_files.spss_file(path)
    pd.testing.assert_frame_equal(read(path).data, spss.data)


def test_a_codebook_that_is_given_rules(tmp_path):
    path = survey_files.spss_file(tmp_path / "trust.sav")
    sex = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women", 3: "Other"})
    found = read(path, Codebook({"sex": sex}, title="Mine"))
    assert found.data["sex"].tolist()[:5] == ["Men", "Women", "Women", "Men", "Other"]
    assert found.codebook.title == "Mine"
    assert found.data["trust"].tolist()[2] == 8


def written(path, data, **options):
    pyreadstat.write_sav(pd.DataFrame(data), str(path), **options)
    return read(path)


def test_codes_that_share_a_label_stay_apart(tmp_path):
    labels = {"q": {1.0: "Yes", 2.0: "Yes", 3.0: "No", 8.0: "Refused", 9.0: "Refused"}}
    found = written(
        tmp_path / "a.sav", {"q": [1.0, 2.0, 3.0, 8.0, 9.0]},
        variable_value_labels=labels, missing_ranges={"q": [8.0, 9.0]}, variable_measure={"q": "nominal"},
    )  # fmt: skip
    assert found.data["q"].tolist() == ["Yes (1)", "Yes (2)", "No", "Refused", "Refused (9)"]
    assert found.codebook["q"].missing == {8: "refused", 9: "refused"}


def test_a_labelled_scale_is_a_closed_question_only_if_every_value_has_a_label(tmp_path):
    labels = {"a": {1.0: "Low", 2.0: "High"}, "b": {0.0: "None"}}
    found = written(
        tmp_path / "a.sav", {"a": [1.0, 2.0], "b": [0.0, 3.5]},
        variable_value_labels=labels, variable_measure={"a": "scale", "b": "scale"},
    )  # fmt: skip
    assert found.codebook["a"].kind == "ordinal"
    assert found.codebook["b"].kind == "numeric"
    assert "0 = None" in found.codebook["b"].review


def test_a_nominal_variable_without_labels_is_answered_by_its_codes(tmp_path):
    found = written(tmp_path / "a.sav", {"region": [3.0, 1.0, 2.0]}, variable_measure={"region": "nominal"})
    assert found.codebook["region"].codes == {1: "1", 2: "2", 3: "3"}
    assert "no labels" in found.codebook["region"].review


def test_text_codes_have_labels_too(tmp_path):
    found = written(
        tmp_path / "a.sav",
        {"c": ["DE", "FR", "XX"]},
        variable_value_labels={"c": {"DE": "Germany", "FR": "France"}},
    )
    assert found.data["c"].tolist() == ["Germany", "France", "XX"]
    assert found.codebook["c"].kind == "single"


def test_the_lowest_numbers_may_be_missing(tmp_path):
    lowest = {"lo": -np.inf, "hi": -1.0}
    found = written(tmp_path / "a.sav", {"x": [-5.0, 2.0]}, missing_ranges={"x": [lowest]})
    (span,) = found.codebook["x"].missing_ranges
    assert span.holds(-1e9)
    assert not span.holds(0)
    assert np.isfinite(span.low)
    assert write(found, tmp_path / "b.sav").empty


def test_times_of_day_come_as_text(tmp_path):
    found = written(tmp_path / "a.sav", {"t": [dt.time(10, 30), None], "x": [1.0, 2.0]})
    assert found.data["t"].tolist()[0] == "10:30:00"
    assert found.data["t"].isna().tolist() == [False, True]


def test_a_variable_of_many_values_is_a_number_or_text(tmp_path, monkeypatch):
    monkeypatch.setattr(statfiles, "MOST_DISTINCT", 2)
    found = written(tmp_path / "a.sav", {"x": [1.0, 2.0, 3.0], "t": ["a", "b", "c"]})
    assert [found.codebook[name].kind for name in ("x", "t")] == ["numeric", "text"]


def test_a_codebook_may_join_codes_that_the_file_keeps_apart(tmp_path):
    path = tmp_path / "a.sav"
    labels = {"q": {1.0: "Yes", 8.0: "Refused", 9.0: "No answer"}}
    pyreadstat.write_sav(pd.DataFrame({"q": [1.0, 8.0, 9.0]}), str(path), variable_value_labels=labels)
    both = Variable("q", "Q", "single", codes={1: "Yes"}, missing={8: "refused", 9: "refused"})
    assert read(path, Codebook({"q": both})).data["q"].tolist() == ["Yes", "Refused", "Refused"]


def test_empty_text_is_missing(tmp_path):
    assert written(tmp_path / "a.sav", {"t": ["a", ""]}).data["t"].isna().tolist() == [False, True]


def test_a_portable_file_is_read(tmp_path):
    path = tmp_path / "a.por"
    pyreadstat.write_por(
        pd.DataFrame({"q": [1.0, 2.0], "t": ["a", "b"]}), str(path), column_labels={"q": "Well?"}
    )
    found = read(path)
    assert found.data.to_dict("list") == {"Q": [1, 2], "T": ["a", "b"]}


# Stata


@pytest.fixture
def stata(tmp_path):
    def stored(version=15):
        data = pd.DataFrame(
            {
                "trust": pd.Series([1, 2, "a", "b"], dtype=object),
                "age": pd.Series([34, "d", 51, 20], dtype=object),
            }
        )
        labels = {"trust": {1: "No", 2: "Yes", "a": "Don't know", "b": "Refused"}}
        path = tmp_path / "a.dta"
        pyreadstat.write_dta(
            data, str(path), version=version, column_labels={"trust": "Trust?"},
            variable_value_labels=labels, missing_user_values={"trust": ["a", "b"], "age": ["d"]},
        )  # fmt: skip
        return read(path)

    return stored


@pytest.mark.parametrize("version", [15, 12, 8])
def test_statas_extended_missing_values_stay_visible(stata, version):
    found = stata(version)
    assert found.data["trust"].tolist() == ["No", "Yes", "Don't know", "Refused"]
    assert found.codebook["trust"].missing == {"a": "don't know", "b": "refused"}
    assert found.data["age"].tolist() == [34, "d", 51, 20]
    assert found.codebook["age"].missing == {"d": "skipped"}
    assert found.check().empty


def test_a_number_with_extended_missing_values_is_still_a_number(stata):
    found = stata()
    values = numeric_values(found.data["age"], found.codebook["age"])
    np.testing.assert_array_equal(values, [34, np.nan, 51, 20])


# SAS


@pytest.mark.parametrize("version", [5, 8])
def test_a_transport_file_is_read_with_its_wording(tmp_path, version):
    path = tmp_path / "a.xpt"
    data = pd.DataFrame({"q": [1.0, np.nan], "t": ["a", ""]})
    pyreadstat.write_xport(data, str(path), column_labels={"q": "Well?"}, file_format_version=version)
    found = read(path)
    name = next(name for name in found.data if name.casefold() == "q")
    assert found.codebook[name].label == "Well?"
    assert found.data.isna().to_numpy().tolist() == [[False, False], [True, True]]


@pytest.fixture
def sas(tmp_path):
    columns = {
        "q": [1.0, ".A", 3.0, None],
        "words": ["Grün", "", "x y", "fine"],
        "day": [20_000.0, None, 0.0, -1.0],
    }
    return sas_file(tmp_path / "a.sas7bdat", columns, labels={"q": "Well?"}, formats={"day": "DATE"})


def test_sas_data_are_read_with_special_missing_values(sas):
    found = read(sas)
    assert found.data["q"].iloc[:3].tolist() == [1, "A", 3]
    assert found.data["q"].isna().tolist() == [False, False, False, True]
    assert found.codebook["q"].label == "Well?"
    assert "A" in found.codebook["q"].missing
    assert found.data["words"].fillna("-").tolist() == ["Grün", "-", "x y", "fine"]


def test_days_of_sas_are_counted_from_1960(sas):
    days = read(sas).data["day"]
    assert days.isna().tolist() == [False, True, False, False]
    first = pd.Timestamp("1960-01-01")
    expected = [first + pd.Timedelta(days=number) for number in (20_000, 0, -1)]
    assert days.dropna().tolist() == expected


def test_text_of_sas_that_is_not_in_its_encoding_is_refused_with_advice_that_fits_sas(sas):
    sas.write_bytes(sas.read_bytes().replace("ü".encode(), b"\xff\xfe"))
    with pytest.raises(DataError, match="encoding of its header") as caught:
        read(sas)
    assert caught.value.do == "name another encoding: read(..., encoding=)"


def test_the_tests_own_writer_of_sas_files_agrees_with_another_reader(sas):
    """pandas reads the format with code of its own, so an error of the writer would show."""
    theirs = pd.read_sas(sas, encoding="utf-8")
    assert theirs["q"].dropna().tolist() == [1, 3]
    assert theirs["words"].fillna("").tolist() == ["Grün", "", "x y", "fine"]
    ours, days = read(sas).data["day"], pd.to_datetime(theirs["day"])
    assert (ours.dropna() == days.dropna()).all()


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    path = survey_files.spss_file(tmp_path / "a.sav")
    monkeypatch.setitem(sys.modules, "pyreadstat", None)
    with pytest.raises(DataError, match=r"needs the package pyreadstat") as caught:
        read(path)
    assert caught.value.do == install_hint("files")


@pytest.mark.parametrize(("write", "suffix"), [("write_sav", ".sav"), ("write_dta", ".dta")])
def test_columns_of_one_name_are_numbered_with_their_own_labels_and_named(tmp_path, write, suffix):
    frame = pd.DataFrame({"first": [1.0, 2.0] * 9, "other": [2.0, 1.0] * 9})
    labels = {"first": {1.0: "Yes", 2.0: "No"}, "other": {1.0: "Rarely", 2.0: "Often"}}
    path = tmp_path / f"a{suffix}"
    getattr(pyreadstat, write)(frame, str(path), variable_value_labels=labels)
    path.write_bytes(path.read_bytes().replace(b"other", b"first"))
    found = read(path)
    assert found.data["first_2"].tolist() == ["Often", "Rarely"] * 9
    assert found.codebook["first_2"].labels == ("Rarely", "Often")
    said = "column 2 of the name 'first' is 'first_2'"
    assert said in found.log.steps[0].reason
    assert said in draft_codebook(found)["first_2"].review


def test_names_that_differ_by_case_only_are_named_in_log_and_draft(tmp_path):
    frame = pd.DataFrame({"q1": [1.0, 2.0] * 9, "Q1": [2.0, 1.0] * 9})
    path = tmp_path / "a.sav"
    pyreadstat.write_sav(frame, str(path))
    found = read(path)
    said = "the names 'q1' and 'Q1' differ by case or blanks only"
    assert said in found.log.steps[0].reason
    assert said in draft_codebook(found)["Q1"].review


@pytest.mark.parametrize("ending", ["sav", "dta", "xpt", "csv"])
def test_numbers_without_labels_are_doubted_alike_in_every_format(tmp_path, ending):
    frame = pd.DataFrame({"q1": [1.0, 2, 3, 4, 5, 6, 7] * 8 + [8.0, 9] * 2, "age": [*range(20, 80)]})
    path = tmp_path / f"answers.{ending}"
    if ending == "csv":
        frame.astype(int).to_csv(path, index=False)
    elif ending == "xpt":
        pyreadstat.write_xport(frame, str(path))
    else:
        getattr(pyreadstat, f"write_{ending}")(frame, str(path))
    book = draft_codebook(read(path))
    assert book["q1"].unsure
    assert "8 and 9 may be missing codes" in book["q1"].review
    assert not book["age"].unsure


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["North", "South", "East"], "single"),
        (["Ja", "Nein", "Vielleicht"], "single"),
        (["Disagree", "Neutral", "Agree"], "ordinal"),
        (["Agree", "Neutral", "Disagree"], "ordinal"),
        (["Agree", "Disagree", "Neutral"], "single"),
        (["Under 18", "18 to 24", "25 or over"], "ordinal"),
        (["Muy de acuerdo", "De acuerdo", "Ni fu ni fa", "En desacuerdo", "Muy en desacuerdo"], "ordinal"),
        (["非常同意", "同意", "無所謂", "不同意", "非常不同意"], "ordinal"),
        (["Agree", "Whatever", "Strongly agree", "Disagree"], "single"),
        (["North", "Disagree", "Neutral", "Agree"], "single"),
        (["Agree", "Whatever", "Disagree"], "single"),
        (["Strongly agree", "Agree", "Other", "Disagree", "Strongly disagree"], "single"),
        (["Très satisfait", "Satisfait", "Autre", "Insatisfait", "Très insatisfait"], "single"),
    ],
)
def test_labelled_answers_of_a_file_without_levels_are_a_scale_only_if_their_words_are(
    tmp_path, labels, kind
):
    codes = dict(enumerate(labels, 1))
    frame = pd.DataFrame({"q1": [float(code) for code in codes] * 9})
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_value_labels={"q1": codes})
    found = read(tmp_path / "a.dta")
    assert (found.codebook["q1"].kind, found.codebook["q1"].codes) == (kind, codes)
    assert draft_codebook(found)["q1"].kind == kind


@pytest.mark.parametrize(
    ("words", "unsure"),
    [
        (["Strongly agree", "Agree", "Whatever", "Disagree", "Strongly disagree"], False),
        (["Strongly agree", "Whatever", "Neutral", "Disagree", "Strongly disagree"], True),
    ],
)
def test_a_step_of_unknown_words_is_named_and_elsewhere_than_in_the_middle_it_is_unsure(
    tmp_path, words, unsure
):
    codes = dict(enumerate(words, 1))
    frame = pd.DataFrame({"q1": [float(code) for code in codes] * 9})
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_value_labels={"q1": codes})
    found = read(tmp_path / "a.dta").codebook["q1"]
    assert (found.kind, found.unsure) == ("ordinal", unsure)
    assert "'Whatever' is read as a step between" in found.review


@pytest.mark.parametrize(
    ("labels", "last", "kind"),
    [
        ({1: "foo", 7: "bar"}, 7, "ordinal"),
        ({1: "foo", 4: "mid", 7: "bar"}, 7, "ordinal"),
        ({1: "foo", 5: "mid", 10: "bar"}, 10, "ordinal"),
        ({1: "North", 2: "South", 4: "East"}, 4, "single"),
        ({1: "North", 3: "South", 5: "East", 6: "West"}, 6, "single"),
        ({1: "Men", 3: "Women"}, 3, "single"),
        ({1: "Strongly agree", 2: "Agree", 4: "Disagree", 5: "Strongly disagree"}, 5, "ordinal"),
    ],
)
def test_codes_without_labels_are_steps_without_levels_too_only_between_ends_that_have_them(
    tmp_path, labels, last, kind
):
    frame = pd.DataFrame({"q1": [float(code) for code in range(1, last + 1)] * 9})
    pyreadstat.write_dta(frame, str(tmp_path / "a.dta"), variable_value_labels={"q1": labels})
    assert read(tmp_path / "a.dta").codebook["q1"].kind == kind


@pytest.mark.parametrize("stray", [0, 6])
@pytest.mark.parametrize("suffix", [".sav", ".dta"])
def test_a_code_without_a_label_outside_a_labelled_scale_is_unsure(stray, suffix, tmp_path):
    labels = {1: "Very bad", 2: "Bad", 3: "Fair", 4: "Good", 5: "Very good"}
    frame = pd.DataFrame({"q": [1.0, 2, 3, 4, 5] * 9 + [float(stray)] * 3})
    path = tmp_path / f"export{suffix}"
    writer = pyreadstat.write_sav if suffix == ".sav" else pyreadstat.write_dta
    writer(frame, str(path), variable_value_labels={"q": labels})
    about = read(path).codebook["q"]
    assert str(stray) in about.labels
    assert about.unsure
    assert f"'{stray}' has no label and lies outside the answers that have one" in about.review
