"""Targets come from mappings, frames, files and reference samples; broken ones say what is wrong."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from people import TARGETS, people

from trustkit.design.design import Design
from trustkit.errors import DataError, TargetsError
from trustkit.estimation.estimates import mean, proportion
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable
from trustkit.weighting.calibration import calibrate, rake
from trustkit.weighting.targets import (
    Margin,
    Targets,
    read_targets,
    targets_from,
    targets_of,
)


@pytest.fixture(scope="module")
def sample():
    return people()


# The file


def test_targets_are_read_from_a_file(tmp_path):
    path = tmp_path / "targets.yaml"
    path.write_text(
        "source: census\ndate: 2021-03-21\nmargins:\n  kids: {0: 100, 1: 50, 2+: 10}\n", encoding="utf-8"
    )
    found = read_targets(path)
    assert found.margins == (Margin(("kids",), {("0",): 100.0, ("1",): 50.0, ("2+",): 10.0}),)
    assert (found.source, found.date) == ("census", "2021-03-21")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\n", "the key 'margins' is missing"),
        ("margins:\n", "the key 'margins' is missing"),
        ("margin: {sex: {m: 1}}\n", "margin: unknown key; did you mean 'margins'?"),
        ("margins: {sex: 0.5}\n", "margins.sex: expected a mapping, got 0.5"),
        ("margins: {sex: {m: half}}\n", "margins.sex.m: expected a number, got 'half'"),
        ("margins: {sex: {m: 50%}}\n", "margins.sex.m: expected a number, got '50%'"),
        ("margins: {sex: {m: }}\n", "margins.sex.m: expected a number, got None"),
        ("margins: {sex: {m: 0.5, m: 0.5}}\n", "margins.sex.m: the key occurs twice"),
        ("margins: {age x sex: {y: 0.5}}\n", "margins.age x sex: a level of age x sex must name 2 labels"),
        ("by: c\nmargins: {de: {sex: 0.5}}\n", "margins.de.sex: expected a mapping, got 0.5"),
    ],
)
def test_a_broken_file_of_targets_says_what_is_wrong_and_where(tmp_path, text, message):
    path = tmp_path / "targets.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TargetsError, match=r"in .*targets\.yaml") as caught:
        read_targets(path)
    assert message in str(caught.value)


def test_a_single_margin_keeps_the_blanks_of_its_variable_s_name_and_a_joint_one_needs_none(tmp_path):
    design = Design(pd.DataFrame({" sex\n": ["m", "f"] * 4, "age": ["o", "o", "y", "y"] * 2}))
    joint = {"m": {"o": 0.3, "y": 0.2}, "f": {"o": 0.3, "y": 0.2}}
    raked = rake(design, {" sex\n": {"m": 0.25, "f": 0.75}})
    assert proportion(raked, " sex\n", level="m").estimate == pytest.approx([0.25])
    path = tmp_path / "targets.yaml"
    path.write_text(f"margins: {{sex  x age: {json.dumps(joint)}}}", encoding="utf-8")
    assert read_targets(path).margins[0].variables == ("sex", "age")


def test_a_file_may_hold_joint_margins_and_means(tmp_path):
    path = tmp_path / "targets.yaml"
    path.write_text(
        "margins:\n"
        "  age x sex: {y: {m: 0.2, f: 0.3}, o x m: 0.1, o x f: 0.4}\n"
        "  income: {mean: 31.5}\n"
        "  visits: {total: 1200}\n",
        encoding="utf-8",
    )
    joint, income, visits = read_targets(path).margins
    assert joint.variables == ("age", "sex")
    assert joint.levels == {("y", "m"): 0.2, ("y", "f"): 0.3, ("o", "m"): 0.1, ("o", "f"): 0.4}
    assert (income.kind, income.levels) == ("mean", {(): 31.5})
    assert (visits.kind, visits.levels) == ("total", {(): 1200.0})


def test_a_file_may_hold_margins_by_country(tmp_path):
    path = tmp_path / "targets.yaml"
    path.write_text(
        "by: country\nmargins:\n  de: {sex: {m: 0.4, f: 0.6}}\n  fr: {sex: {m: 0.5, f: 0.5}}\n",
        encoding="utf-8",
    )
    design = Design(pd.DataFrame({"country": ["de"] * 4 + ["fr"] * 2, "sex": list("mfffmf")}))
    for by in (None, "country"):
        assert rake(design, path, by=by).weights == pytest.approx([1.6, 0.8, 0.8, 0.8, 1.0, 1.0])
    with pytest.raises(TargetsError, match="the targets are not by sex") as caught:
        rake(design, path, by="sex")
    assert caught.value.got == "by country"


def test_a_csv_file_holds_shares_or_counts_with_their_source(sample, tmp_path):
    path = tmp_path / "targets.csv"
    rows = [(name, level, share) for name, levels in TARGETS.items() for level, share in levels.items()]
    frame = pd.DataFrame(rows, columns=["variable", "level", "share"]).assign(source="Census", date="2021")
    frame.to_csv(path, index=False)
    design = Design(sample, weights="w")
    step = rake(design, path).history[-1]
    assert (step.source, step.date) == ("Census", "2021")
    assert "Targets: Census. Date of the targets: 2021." in repr(step)
    assert np.array_equal(rake(design, path).weights, rake(design, TARGETS).weights)
    frame.assign(count=1000 * frame["share"]).drop(columns="share").to_csv(path, index=False)
    assert rake(design, path).weights.sum() == pytest.approx(1000)


def test_a_frame_holds_margins_by_a_column(sample):
    rows = [
        (stratum, name, level, share)
        for stratum in ("n", "s")
        for name, levels in TARGETS.items()
        for level, share in levels.items()
    ]
    frame = pd.DataFrame(rows, columns=["stratum", "variable", "level", "target"])
    design = Design(sample, weights="w")
    expected = rake(design, dict.fromkeys(["n", "s"], TARGETS), by="stratum").weights
    assert np.array_equal(rake(design, frame, by="stratum").weights, expected)


def test_a_csv_file_holds_margins_by_a_column_that_is_named(tmp_path):
    path = tmp_path / "targets.csv"
    path.write_text("country,variable,level,share\nde,sex,m,0.4\nde,sex,f,0.6\n", encoding="utf-8")
    design = Design(pd.DataFrame({"country": ["de"] * 4, "sex": list("mfff")}))
    assert rake(design, path, by="country").weights == pytest.approx([1.6, 0.8, 0.8, 0.8])


def test_a_csv_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(TargetsError, match="no such file"):
        read_targets(tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            {"variable": ["sex", "sex"], "level": ["m", "f"], "share": [0.4, 0.5]},
            "sex: the shares sum to 0.9",
        ),
        (
            {"variable": ["sex", "sex"], "level": ["m", "f"], "share": [40, 50]},
            "sex: the percentages sum to 90",
        ),
        ({"target": [0.4, 0.6]}, "targets name no variable"),
        ({"level": ["m", "f"], "target": [0.4, 0.6]}, "targets lack the columns variable"),
        ({"variable": ["age x sex"], "level": ["old"], "target": [1.0]}, "the level 'old' needs 2 labels"),
        ({"sex": ["m", "f"], "target": [0.4, None]}, "sex: targets must be finite"),
    ],
)
def test_a_frame_that_is_wrong_says_what(sample, frame, message):
    with pytest.raises(TargetsError, match=message):
        rake(Design(sample), pd.DataFrame(frame))


def test_counts_that_look_like_shares_may_be_counts(sample):
    frame = pd.DataFrame({"sex": ["m", "f"], "count": [0.4, 0.6]})
    assert rake(Design(sample), frame).weights.sum() == pytest.approx(1.0)


def test_targets_of_another_kind_are_refused(sample):
    with pytest.raises(DataError, match="a mapping, a DataFrame, Targets, or the path of a file") as caught:
        rake(Design(sample), 3.0)
    assert caught.value.got == "the float 3.0"


def test_targets_show_themselves_with_their_source():
    targets = Targets((Margin(("sex",), {("m",): 0.4, ("f",): 0.6}), Margin(("age",), {(): 40.0}, "mean")))
    text = repr(targets)
    assert text.startswith("Targets\n")
    assert text.endswith("Source: not stated.")
    assert targets.to_frame()["level"].tolist() == ["m", "f", "mean"]
    again = targets_from(targets.to_frame(), None)
    assert again.margins == targets.margins


def test_a_source_that_ends_in_a_full_stop_is_followed_by_its_date_without_one(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_text("source: Made up.\ndate: 2021\nmargins: {sex: {Men: 0.49, Women: 0.51}}")
    assert "Source: Made up, 2021." in repr(read_targets(file))


def test_targets_by_a_variable_show_it():
    targets = targets_from({"de": {"sex": {"m": 0.4, "f": 0.6}}}, "country")
    assert targets.to_frame().columns.tolist() == ["country", "variable", "level", "target"]


# From a reference sample


@pytest.mark.parametrize("kind", ["shares", "counts"])
def test_targets_of_a_reference_sample_are_its_weighted_estimates(sample, kind):
    reference = Design(people(600, seed=11), weights="w", psu="psu")
    design = Design(sample, weights="w")
    targets = targets_of(reference, ["age", "age x sex", "income"], kind=kind)
    found = calibrate(design, targets)
    for name in ("age", "sex"):
        assert proportion(found, name).estimate == pytest.approx(
            proportion(reference, name).estimate, abs=1e-8
        )
    assert mean(found, "income").estimate == pytest.approx(mean(reference, "income").estimate, rel=1e-8)
    whole = reference.weights.sum() if kind == "counts" else design.weights.sum()
    assert found.weights.sum() == pytest.approx(whole, rel=1e-9)


def test_targets_of_a_reference_say_that_they_are_estimates(sample):
    step = rake(Design(sample), targets_of(people(600, seed=11), [("age", "sex")])).history[-1]
    assert step.source == "reference sample of 600"
    assert "Targets are estimates from a reference sample; standard errors treat them as known." in step.notes


def test_targets_of_a_reference_may_be_by_a_variable(sample):
    reference = people(600, seed=11)
    found = rake(Design(sample), targets_of(reference, ["age"], by="stratum", source="Panel", date="2024"))
    now = proportion(found, "age", by="stratum").estimate
    assert now == pytest.approx(proportion(Design(reference), "age", by="stratum").estimate, abs=1e-8)
    assert (found.history[-1].source, found.history[-1].date) == ("Panel", "2024")


def test_what_makes_a_reference_synthetic_goes_with_its_targets():
    sex = Variable("sex", "Sex", "single", codes={1: "m", 2: "f"})
    reference = Design(Survey(pd.DataFrame({"sex": [1, 2]}), Codebook({"sex": sex}, data="synthetic")))
    assert "Reference: Synthetic data." in targets_of(reference, ["sex"]).notes


def test_a_reference_without_answers_is_refused():
    empty = pd.DataFrame({"sex": pd.Categorical([None, None], ["m", "f"]), "age": [np.nan, np.nan]})
    for name, words in (
        ("sex", "no respondent has an answer to sex"),
        ("age", "no respondent has a number for age"),
    ):
        with pytest.raises(DataError, match=words):
            targets_of(empty, [name])
    with pytest.raises(DataError, match="no variable 'sx'"):
        targets_of(empty, ["sx"])


def test_shares_and_percentages_are_shown_in_percent_and_all_other_targets_as_numbers():
    margins = {"sex": {"m": 0.49, "f": 0.51}, "age": {"young": 40, "old": 60}, "hours": {"mean": 0.5}}
    assert [margin.shown for margin in targets_from(margins, None).margins] == [
        ["49.0%", "51.0%"], ["40.0%", "60.0%"], ["0.5"],
    ]  # fmt: skip
    assert targets_from({"sex": {"m": 1200, "f": 1300}}, None).margins[0].shown == ["1,200", "1,300"]
