"""The summary of weights tells what they meet, what they cost and what they moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from people import AGES, JOINT, SEXES, TARGETS, people

from trustkit.design.design import Design
from trustkit.errors import DataError
from trustkit.estimation.estimates import mean, proportion
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable
from trustkit.weighting.adjustments import adjust_nonresponse, normalize, trim
from trustkit.weighting.calibration import calibrate, poststratify, rake
from trustkit.weighting.summary import weight_summary
from trustkit.weighting.targets import targets_of


@pytest.fixture(scope="module")
def sample():
    return people().drop(columns=["row", "psu"])


@pytest.fixture(scope="module")
def design(sample):
    return Design(sample, weights="w", strata="stratum")


@pytest.fixture(scope="module")
def raked(design):
    return rake(design, TARGETS)


def test_the_weights_are_told_by_percentiles_deff_and_effective_n(raked):
    found = weight_summary(raked)
    w = raked.weights
    assert found.deff == pytest.approx(240 * (w**2).sum() / w.sum() ** 2)
    assert found.n_eff == pytest.approx(240 / found.deff)
    assert found.percentiles[0] == pytest.approx(w.min() / w.mean())
    assert found.percentiles[50] == pytest.approx(np.median(w) / w.mean())
    assert found.percentiles[100] == pytest.approx(w.max() / w.mean())
    assert list(found.percentiles) == [0, 1, 5, 25, 50, 75, 95, 99, 100]


def test_each_level_is_told_before_and_after_with_its_error(design, raked):
    found = weight_summary(raked)
    frame = found.to_frame()
    assert frame["level"].tolist() == [*AGES, *SEXES]
    assert frame["before"].to_numpy()[:3] == pytest.approx(
        [proportion(design, "age", level=level).estimate[0] for level in AGES]
    )
    assert np.allclose(frame["after"], frame["target"], atol=1e-8)
    assert found.margins["variable"].tolist() == ["age", "sex"]
    assert found.error == pytest.approx(frame["error"].abs().max())
    assert found.error <= 1e-8


def test_margins_that_later_steps_left_are_told_with_the_error_they_have_now(raked):
    found = weight_summary(trim(raked, 1.2))
    assert found.error > 1e-3
    assert found.trimmed == pytest.approx((raked.weights > 1.2 * raked.weights.mean()).mean())
    assert "of the weights were trimmed" in repr(found)
    assert "Trimming: margins that were met before are no longer met: rake again." in repr(found)


def test_margins_that_are_met_again_are_not_said_to_be_missed(raked):
    found = weight_summary(rake(trim(raked, 1.2), TARGETS))
    assert found.error <= 1e-8
    assert "rake again" not in repr(found)
    assert "Trimming: standard errors treat these weights as given" in repr(found)
    assert found.steps["step"].tolist() == ["rake", "trim", "rake"]
    assert len(found.levels) == 5


def test_joint_margins_means_and_domains_are_told(design):
    both = calibrate(poststratify(design, {("age", "sex"): JOINT}), {"age": AGES, "income": {"mean": 41.0}})
    frame = weight_summary(both).to_frame().set_index("variable")
    assert len(frame.loc["age x sex"]) == 6
    assert frame.loc["income", "after"] == pytest.approx(41.0)
    assert frame.loc["income", "level"] == "(mean)"
    by = weight_summary(rake(design, dict.fromkeys(["n", "s"], TARGETS), by="stratum"))
    assert by.levels.columns[0] == "stratum"
    assert len(by.margins) == 4
    assert by.error <= 1e-8
    mixed = weight_summary(
        rake(rake(design, dict.fromkeys(["n", "s"], TARGETS), by="stratum"), {"sex": SEXES})
    )
    assert mixed.levels["stratum"].tolist()[-2:] == ["", ""]


def test_a_joint_margin_whose_labels_hold_the_joining_word_is_told_right():
    frame = pd.DataFrame({"beam": ["2 x 4", "2 x 4", "3 x 3", "3 x 3"], "wood": list("okok"), "one": 1.0})
    targets = {
        ("beam", "wood"): {("2 x 4", "o"): 0.1, ("2 x 4", "k"): 0.2, ("3 x 3", "o"): 0.3, ("3 x 3", "k"): 0.4}
    }
    found = weight_summary(poststratify(Design(frame), targets))
    assert found.levels["after"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert found.levels["before"].tolist() == [0.25] * 4


def test_variables_outside_the_targets_are_compared_before_and_after(design, raked):
    found = weight_summary(raked).differences
    assert found["variable"].unique().tolist() == ["income", "y", "yes"]
    row = found.set_index("variable").loc["income"]
    before, after = (mean(one, "income").estimate[0] for one in (design, raked))
    assert [row["before"], row["after"]] == pytest.approx([before, after])
    spread = np.sqrt(np.average((design.data["income"] - before) ** 2, weights=design.weights))
    assert row["moved"] == pytest.approx(abs(after - before) / spread)
    assert np.isnan(row["asmd_after"])
    share = found[found["level"] == "yes"].iloc[0]
    p = proportion(design, "yes", level="yes").estimate[0]
    assert share["moved"] == pytest.approx(abs(share["after"] - p) / np.sqrt(p * (1 - p)))


def test_labels_of_single_respondents_are_not_compared(sample):
    named = sample.assign(name=[f"person {number}" for number in range(240)])
    found = weight_summary(rake(Design(named, weights="w"), TARGETS)).differences
    assert "name" not in set(found["variable"])


@pytest.mark.parametrize("as_targets", [False, True])
def test_a_reference_gives_standardised_differences_from_it(raked, as_targets):
    other = Design(people(900, seed=3), weights="w")
    reference = targets_of(other, ["yes"]) if as_targets else other
    found = weight_summary(raked, variables=["yes"], reference=reference).differences.set_index("level")
    p = proportion(other, "yes", level="yes").estimate[0]
    row = found.loc["yes"]
    for name in ("before", "after"):
        assert row[f"asmd_{name}"] == pytest.approx(abs(row[name] - p) / np.sqrt(p * (1 - p)))
    assert row["reference"] == pytest.approx(p)


def test_a_frame_may_be_a_reference_for_means(raked):
    other = people(900, seed=3)
    row = weight_summary(raked, variables=["income"], reference=other).differences.iloc[0]
    assert row["reference"] == pytest.approx(other["income"].mean())
    assert row["asmd_after"] == pytest.approx(
        abs(row["after"] - other["income"].mean()) / other["income"].std(ddof=0)
    )
    assert "furthest from the reference" in repr(weight_summary(raked, variables=["income"], reference=other))


def test_a_mapping_may_be_the_reference(raked):
    found = weight_summary(raked, variables=["yes"], reference={"yes": {"no": 0.4, "yes": 0.6}}).differences
    assert found["reference"].tolist() == [0.4, 0.6]


def test_a_variable_that_the_reference_lacks_is_named(raked):
    with pytest.raises(DataError, match="the reference lacks yes") as caught:
        weight_summary(raked, variables=["yes"], reference=pd.DataFrame({"yess": ["no", "yes"]}))
    assert "yess" in caught.value.do


def test_a_design_without_history_is_compared_with_equal_weights(design, sample):
    found = weight_summary(design)
    assert found.levels.empty
    assert np.isnan(found.error)
    assert found.differences.set_index("variable").loc["income", "before"] == pytest.approx(
        sample["income"].mean()
    )
    assert repr(found).startswith("Weights\n")


def test_steps_without_targets_are_told_too(design):
    found = weight_summary(normalize(design))
    assert found.steps["step"].tolist() == ["normalize"]
    assert "to a sum of 240" in repr(found)
    done = design.data["income"] > 30
    assert weight_summary(adjust_nonresponse(design, done, ["sex"])).levels.empty


def test_a_constant_outside_the_targets_has_no_difference(sample):
    found = weight_summary(rake(Design(sample.assign(one=1.0), weights="w"), TARGETS), variables=["one"])
    assert found.differences["moved"].isna().all()
    assert "Outside the targets" not in repr(found)


def test_synthetic_data_are_called_so_once(sample):
    design = Design(Survey(sample, Codebook({}, data="synthetic")), weights="w")
    assert repr(weight_summary(rake(design, TARGETS))).count("Synthetic data.") == 1


def test_answers_outside_the_targets_are_named_by_the_variables_labels():
    sex = Variable("sex", "Sex", "single", codes={1: "m", 2: "f"})
    hours = Variable("hours_online", "Hours online on a usual day", "numeric")
    frame = pd.DataFrame({"sex": [1, 2, 2, 2], "hours_online": [1.0, 2.0, 3.0, 5.0]})
    survey = Survey(frame, Codebook({"sex": sex, "hours_online": hours}))
    text = repr(weight_summary(rake(Design(survey), {"sex": {"m": 0.5, "f": 0.5}})))
    assert "Hours online on a usual day" in text
    assert "hours_online" not in text
    assert "Every margin meets its target." in text


def test_a_question_and_its_answer_are_parted_by_its_question_mark_and_named_once():
    sex = Variable("sex", "Sex", "single", codes={1: "m", 2: "f"})
    owns = Variable("owns", "Do you own a phone?", "single", codes={1: "Yes", 2: "No"})
    frame = pd.DataFrame({"sex": [1, 2, 2, 2], "owns": [1, 1, 2, 2]})
    raked = rake(Design(Survey(frame, Codebook({"sex": sex, "owns": owns}))), {"sex": {"m": 0.5, "f": 0.5}})
    text = repr(weight_summary(raked))
    assert "moved most by the weights, in standard deviations: Do you own a phone? Yes" in text
    assert text.count("Do you own a phone?") == 1


def test_a_margin_that_is_missed_is_told_with_its_difference(design, raked):
    moved = replace(weight_summary(raked), margins=pd.DataFrame({"error": [0.02]}))
    assert "The largest difference of a margin from its target is 0.02." in repr(moved)
