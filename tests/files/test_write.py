"""What is written reads back the same; what a format can't keep is told; raw data is never overwritten."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import survey_files

from trustkit.errors import DataError
from trustkit.files.read import read
from trustkit.files.write import write
from trustkit.privacy.consented import consented
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.purposes import KeepUntil, Purpose
from trustkit.survey.survey import Survey
from trustkit.survey.variable import MissingRange, Variable, code_text

SEX = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, missing={9: "refused"})


def survey(answers, *variables, **study):
    book = Codebook({v.name: v for v in variables}, **{"title": "Study", **study})
    return Survey(pd.DataFrame(answers), book)


def codes_missing(*codes):
    return Variable("x", "X", "numeric", missing=dict.fromkeys(codes, "skipped"))


# Round trips


@pytest.mark.parametrize("name", ["again.sav", "again.parquet", "again.SAV"])
def test_an_spss_file_comes_back_the_same(tmp_path, name):
    first = read(survey_files.spss_file(tmp_path / "trust.sav"))
    assert write(first, tmp_path / name).empty
    again = read(tmp_path / name)
    pd.testing.assert_frame_equal(again.data, first.data)
    assert again.codebook == first.codebook


@pytest.mark.parametrize("rows", [survey_files.qualtrics_rows, survey_files.surveymonkey_rows])
@pytest.mark.parametrize("numeric", [False, True])
def test_a_platforms_export_comes_back_from_parquet_the_same(tmp_path, rows, numeric):
    (tmp_path / "export.csv").write_bytes(survey_files.as_csv(rows(numeric=numeric)))
    first = read(tmp_path / "export.csv")
    assert write(first, tmp_path / "again.parquet").empty
    again = read(tmp_path / "again.parquet")
    pd.testing.assert_frame_equal(again.data, first.data)
    assert again.codebook == first.codebook


def test_parquet_keeps_the_whole_codebook(tmp_path):
    trust = Variable(
        "trust", "Trust?", "ordinal",
        codes={"01": "No", 2: "Yes", 2.5: "Very"}, missing={-1: "refused"}, missing_words={-1: "Won't say"},
        missing_ranges=(MissingRange(90, 99, "not asked"),), scores={"No": 0.0}, reverse=True,
        asked={"sex": ("Men",)}, set="battery", purpose="trust", consent="given", identifier="quasi",
        retention="a year", review="guessed",
    )  # fmt: skip
    age = Variable("age", "Age", "numeric", low=0, high=99.5)
    first = survey(
        {"trust": [1, 2, 95], "sex": [1, 2, 9], "age": [20.0, 30.0, None]}, trust, SEX, age,
        data="synthetic", population="Adults", sample="opt-in", design=Roles(weights="age"),
        cleaning=({"step": "drop_speeders", "share_of_median": 0.5, "items": ["a", "b"]},),
        track={"sex": "Men"}, sets={"battery": "How much?"}, disclosure={"sponsor": "nobody"},
    )  # fmt: skip
    assert write(first, tmp_path / "a.parquet").empty
    again = read(tmp_path / "a.parquet").codebook
    assert again.variables == first.codebook.variables
    assert [*again.cleaning[0]["items"]] == ["a", "b"]
    assert (again.design, again.sets, again.track) == (
        Roles(weights="age"),
        {"battery": "How much?"},
        {"sex": "Men"},
    )


def test_unknown_codes_are_written_as_the_codes_they_are(tmp_path):
    first = survey({"sex": [1, 7, 9]}, SEX)
    losses = write(first, tmp_path / "a.sav")
    assert losses[["variable", "what"]].to_numpy().tolist() == [["sex", "unsure"]]
    assert read(tmp_path / "a.sav").data["sex"].tolist() == ["Men", "7", "Refused"]


def test_an_unknown_code_that_is_no_number_makes_the_codes_text(tmp_path):
    first = survey({"sex": ["1", "x", None]}, SEX)
    losses = write(first, tmp_path / "a.sav")
    assert read(tmp_path / "a.sav").data["sex"].astype(object).where(lambda x: x.notna(), None).tolist() == [
        "Men", "x", None,
    ]  # fmt: skip
    assert losses.empty


@pytest.mark.parametrize(
    ("missing", "values", "declared"),
    [
        ((7, 8, 9), [1, 2], {7, 8, 9}),
        ((6, 7, 8, 9), [1, 2], {6, 7, 8, 9}),
        ((-1, 6, 7, 8, 9), [1, 2], {-1, 6, 7, 8, 9}),
        ((1, 3, 5, 7), [2, 4, 6], {1, 3, 5, 7}),
    ],
)
def test_missing_codes_are_declared_as_far_as_spss_takes_them(tmp_path, missing, values, declared):
    first = survey({"x": np.array([*values, *missing], dtype=float)}, codes_missing(*missing))
    losses = write(first, tmp_path / "a.sav")
    found = read(tmp_path / "a.sav").codebook["x"]
    assert set(found.missing) == declared
    assert not any(span.holds(value) for span in found.missing_ranges for value in values)
    assert ("missing" in losses["what"].tolist()) == (declared != set(missing))


def test_names_that_spss_does_not_take_are_told(tmp_path):
    first = survey({"Q 1": [1.0], "q_1": [2.0], "by": [3.0], "2nd": [4.0], "": [5.0]})
    losses = write(first, tmp_path / "a.sav")
    assert losses[losses["what"] == "name"]["file"].tolist() == ["Q_1", "q_1_2", "by_2", "v2nd", "v"]
    assert list(read(tmp_path / "a.sav").data) == ["Q_1", "q_1_2", "by_2", "v2nd", "v"]


def test_answers_that_the_data_no_longer_tell_apart_are_told(tmp_path):
    first = survey(
        {"x": [1, 92]},
        Variable("x", "X", "single", codes={1: "A"}, missing_ranges=(MissingRange(90, 99, "refused"),)),
    )
    losses = write(first, tmp_path / "a.sav")
    assert losses["what"].tolist()[0] == "data of 1 rows, first 1"
    assert losses[["survey", "file"]].to_numpy().tolist()[0] == ["Refused", "90 (missing)"]


def test_what_spss_has_no_place_for_is_told_once(tmp_path):
    ages = [Variable(name, name, "numeric", low=0, purpose="size") for name in ("a", "b")]
    losses = write(survey({"a": [1.0], "b": [2.0]}, *ages), tmp_path / "a.sav")
    assert losses[["variable", "what"]].to_numpy().tolist() == [
        ["2 variables", "low"],
        ["2 variables", "purpose"],
    ]


STUDY_FIELDS = {
    "data": "synthetic", "population": "Adults", "sample": "opt-in", "design": Roles(weights="a"),
    "cleaning": ({"step": "drop_duplicates", "key": "a"},), "track": {"sex": "Men"},
    "disclosure": {"sponsor": "nobody"}, "purposes": {"research": Purpose("We study trust.")},
    "keep_until": KeepUntil("2027-03-31"), "used_for": ("research",), "source": "A shop",
    "fieldwork": "2026-03",
}  # fmt: skip


@pytest.mark.parametrize("name", STUDY_FIELDS)
def test_what_a_file_loses_of_the_study_is_told_and_parquet_loses_nothing(tmp_path, name):
    first = survey({"a": [1.0, 2.0], "sex": [1, 2]}, SEX, **{name: STUDY_FIELDS[name]})
    told = write(first, tmp_path / "a.sav")
    assert told[["variable", "what"]].to_numpy().tolist() == [["the study", name]]
    assert write(first, tmp_path / "a.parquet").empty


def test_the_purpose_that_consented_rows_are_limited_to_is_told_as_lost(tmp_path):
    asked = {"basis": "consent", "permission": ("research",), "keep_until": KeepUntil("2027-03-31")}
    allows = Variable("allows", "May we?", "single", codes={1: "yes", 2: "no"}, **asked)
    told = Purpose("We study trust.", record="allows", agreed=("yes",))
    study = survey(
        {"allows": [1, 2, 1], "sex": [1, 2, 1]}, allows, replace(SEX, **asked), purposes={"research": told}
    )
    losses = write(consented(study, "research"), tmp_path / "a.sav").set_index(["variable", "what"])
    assert losses.loc[("the study", "used_for")].tolist() == ["research", "no place for it"]
    assert losses.loc[("2 variables", "permission")].tolist() == ["described", "no place for it"]
    assert read(tmp_path / "a.sav").codebook.used_for == ()


def test_a_title_that_is_cut_short_is_told_with_what_is_left(tmp_path):
    losses = write(survey({"a": [1.0]}, title="long " * 20), tmp_path / "a.sav")
    assert losses[["variable", "what"]].to_numpy().tolist() == [["the study", "title"]]
    assert losses["file"].tolist() == [read(tmp_path / "a.sav").codebook.title]


def test_a_battery_is_no_multiple_response_set(tmp_path):
    items = [Variable(n, n, "ordinal", codes={1: "No", 2: "Yes"}, set="battery") for n in ("a", "b")]
    losses = write(survey({"a": [1, 2], "b": [2, 2]}, *items), tmp_path / "a.sav")
    assert losses["what"].tolist() == ["set", "set"]


def test_columns_without_a_description_are_written_too(tmp_path):
    data = pd.DataFrame({"n": [1, 2], "t": ["a", None], "b": [True, False], "c": pd.Categorical(["x", "y"])})
    write(Survey(data, Codebook({})), tmp_path / "a.sav")
    again = read(tmp_path / "a.sav").data
    assert again["n"].tolist() == [1, 2]
    assert again["t"].isna().tolist() == [False, True]
    assert again["c"].tolist() == ["x", "y"]


def test_dates_come_back_as_dates(tmp_path):
    day = Variable("day", "Day", "date")
    first = survey({"day": pd.to_datetime(["2026-03-01", None])}, day)
    assert write(first, tmp_path / "a.sav").empty
    assert read(tmp_path / "a.sav").data["day"].tolist()[0] == pd.Timestamp("2026-03-01")


def test_extended_missing_values_that_spss_lacks_are_told(tmp_path):
    age = Variable("age", "Age", "numeric", missing={"a": "refused"})
    losses = write(survey({"age": pd.Series([20, "a"], dtype=object)}, age), tmp_path / "a.sav")
    assert losses["what"].tolist() == ["data of 1 rows, first 1", "missing"]
    assert read(tmp_path / "a.sav").data["age"].isna().tolist() == [False, True]


def test_r_foreign_reads_from_a_written_file_what_was_written():
    folder = Path(__file__).parents[1] / "reference" / "spss"
    seen = json.loads((folder / "foreign.json").read_text(encoding="utf-8"))
    ours = read(folder / "trust.sav")
    for name, variable in ours.codebook.variables.items():
        assert seen["wording"][name] == variable.label
        told = {code: label for code, label in variable.codes.items() if label != code_text(code)}
        labels = {**told, **variable.missing_names}
        assert seen["labels"].get(name, {}) == {code_text(code): label for code, label in labels.items()}
        theirs = [None if cell in (None, "") else cell for cell in seen["data"][name]]
        if labels and variable.kind != "numeric":
            shown = seen["labels"][name]
            theirs = [cell if cell is None else shown.get(str(cell), str(cell)) for cell in theirs]
        if variable.kind != "date":
            column = ours.data[name].astype(object)
            assert column.where(column.notna(), None).tolist() == theirs
    assert seen["missing"] == {
        "trust": {"type": "two", "value": [8, 9]},
        "age": {"type": "range+1", "value": [990, 999, -1]},
    }
    assert set(ours.codebook["trust"].missing) == {8, 9}
    assert ours.codebook["age"].missing_ranges == (MissingRange(990, 999, "skipped"),)


# Refusals


def refusal(first, path):
    with pytest.raises(DataError) as caught:
        write(first, path)
    return caught.value


def test_raw_data_that_has_a_digest_is_not_overwritten(tmp_path):
    path = tmp_path / "raw.sav"
    survey_files.spss_file(path)
    before = path.read_bytes()
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(before).hexdigest()}  raw.sav\n", encoding="utf-8")
    assert refusal(survey({"sex": [1]}, SEX), path).what == "this would overwrite raw data"
    assert path.read_bytes() == before


def test_the_file_that_a_survey_was_read_from_is_not_overwritten(tmp_path):
    path = survey_files.spss_file(tmp_path / "raw.sav")
    assert refusal(read(path), path).what == "this would overwrite raw data"


def test_another_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.parquet"
    path.write_text("old", encoding="utf-8")
    write(survey({"sex": [1, 2]}, SEX), path)
    assert read(path).data["sex"].tolist() == ["Men", "Women"]
    assert [item.name for item in tmp_path.iterdir()] == ["a.parquet"]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path):
    path = tmp_path / "a.parquet"
    write(survey({"sex": [1, 2]}, SEX), path)
    mixed = survey({"x": pd.Series([1, "a"], dtype=object)})
    assert refusal(mixed, path).what == "a column holds values of several types"
    assert read(path).data["sex"].tolist() == ["Men", "Women"]
    assert [item.name for item in tmp_path.iterdir()] == ["a.parquet"]


def test_an_unknown_format_is_refused_with_those_there_are(tmp_path):
    found = refusal(survey({"sex": [1]}, SEX), tmp_path / "a.xls")
    assert (found.got, found.expected) == (".xls", ".sav or .parquet")


def test_a_missing_folder_is_refused(tmp_path):
    assert refusal(survey({"sex": [1]}, SEX), tmp_path / "no" / "a.sav").what == "no such folder"


def test_what_pyreadstat_refuses_is_refused_with_its_words(tmp_path, monkeypatch):
    def refuses(*_, **__):
        raise pyreadstat.PyreadstatError("no")

    monkeypatch.setattr(pyreadstat, "write_sav", refuses)
    found = refusal(survey({"sex": [1]}, SEX), tmp_path / "a.sav")
    assert (found.what, found.got) == ("SPSS does not take these data", "no")
    assert list(tmp_path.iterdir()) == []


def test_labels_longer_than_spss_takes_are_cut_between_characters_and_told(tmp_path):
    long = Variable("x", "a" + "é" * 200, "single", codes={1: "a" + "é" * 100})
    losses = write(survey({"x": [1]}, long), tmp_path / "a.sav")
    assert losses["what"].tolist() == ["data of 1 rows, first 0", "label", "codes"]
    assert read(tmp_path / "a.sav").codebook["x"].codes == {1: "a" + "é" * 59}


@pytest.mark.parametrize("suffix", [".sav", ".parquet"])
@pytest.mark.parametrize(("make", "kind"), [(os.mkdir, "a folder"), (os.mkfifo, "a pipe")])
def test_only_a_file_is_replaced(tmp_path, suffix, make, kind):
    place = tmp_path / f"answers{suffix}"
    make(place)
    answers = Survey(pd.DataFrame({"q": [1.0, 2.0]}), Codebook({"q": Variable("q", "Q", "numeric")}))
    with pytest.raises(DataError, match=f"only a file can be replaced(?s:.*){kind}"):
        write(answers, place)
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    assert not place.is_file()


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    code = """
import os, signal, sys
import pandas as pd
import trustkit as tk
from trustkit.files import write
write.read = lambda path: os.kill(os.getpid(), signal.SIGKILL)
book = tk.Codebook({"q": tk.Variable("q", "Q", "numeric")})
tk.write(tk.Survey(pd.DataFrame({"q": [1.0]}), book), sys.argv[1])
"""
    killed = subprocess.run([sys.executable, "-c", code, tmp_path / "a.sav"], check=False)
    assert killed.returncode < 0
    assert len(list(tmp_path.iterdir())) == 1
    write(survey({"q": [1.0]}, Variable("q", "Q", "numeric")), tmp_path / "a.sav")
    assert [path.name for path in tmp_path.iterdir()] == ["a.sav"]


@pytest.mark.parametrize("suffix", [".sav", ".parquet"])
def test_a_text_that_is_not_unicode_is_refused(tmp_path, suffix):
    texts = pd.Series(["fine", "half \ud800"], dtype=object)
    survey = Survey(pd.DataFrame({"t": texts}), Codebook({}))
    with pytest.raises(DataError, match="half of a character") as caught:
        write(survey, tmp_path / f"a{suffix}")
    assert caught.value.got == "U+D800"
    assert list(tmp_path.iterdir()) == []
