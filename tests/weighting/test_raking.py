"""Raking meets its targets, its variances know of it, and targets that can't be met are refused by name."""

from __future__ import annotations

import re

import brute_force
import numpy as np
import pandas as pd
import pytest

from trustkit.design.design import Design
from trustkit.errors import DataError, TargetsError
from trustkit.estimation.estimates import mean, proportion, total
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable
from trustkit.weighting.calibration import rake

AGES = {"young": 0.3, "middle": 0.5, "old": 0.2}
SEXES = {"m": 0.48, "f": 0.52}
FRACTIONS = {"n": 0.3, "s": 0.6}


@pytest.fixture(scope="module")
def sample():
    """240 respondents, 2 strata of 20 PSUs each; the outcome goes with age, the sample is too old."""
    random = np.random.default_rng(7)
    age = random.choice(list(AGES), 240, p=[0.15, 0.4, 0.45])
    sex = random.choice(list(SEXES), 240, p=[0.35, 0.65])
    push = 1.5 * (age == "old") - 1.0 * (age == "young") + 0.5 * (sex == "m")
    psu = np.arange(240) // 6
    return pd.DataFrame(
        {
            "age": age,
            "sex": sex,
            "psu": psu,
            "row": np.arange(240),
            "stratum": np.where(psu < 20, "n", "s"),
            "fraction": np.where(psu < 20, FRACTIONS["n"], FRACTIONS["s"]),
            "w": random.uniform(0.5, 2.5, 240),
            "y": push + random.normal(size=240) + 0.3 * random.normal(size=40)[psu],
            "yes": np.where(push + random.logistic(size=240) > 0, "yes", "no"),
        }
    )


TARGETS = {"age": AGES, "sex": SEXES}


def raked_by_loops(sample, weights):
    return brute_force.rake(
        weights,
        [sample["age"], sample["sex"]],
        [{level: share * np.sum(weights) for level, share in levels.items()} for levels in TARGETS.values()],
    )


# The weights


def test_every_margin_meets_its_target(sample):
    raked = rake(Design(sample, weights="w"), TARGETS)
    for name, levels in TARGETS.items():
        for level, share in levels.items():
            reached = raked.weights[sample[name] == level].sum() / raked.weights.sum()
            assert reached == pytest.approx(share, abs=1e-8)


def test_raked_weights_are_those_of_loops_over_the_rows(sample):
    raked = rake(Design(sample, weights="w"), TARGETS)
    assert np.allclose(raked.weights, raked_by_loops(sample, sample["w"]), rtol=1e-7)


def test_shares_keep_the_sum_of_the_base_weights(sample):
    assert rake(Design(sample, weights="w"), TARGETS).weights.sum() == pytest.approx(sample["w"].sum())


def test_counts_set_the_sum_of_the_weights(sample):
    counts = {
        name: {level: 5000 * share for level, share in levels.items()} for name, levels in TARGETS.items()
    }
    by_counts, by_shares = (rake(Design(sample, weights="w"), targets) for targets in (counts, TARGETS))
    assert by_counts.weights.sum() == pytest.approx(5000)
    assert np.allclose(by_counts.weights / 5000, by_shares.weights / sample["w"].sum(), rtol=1e-7)
    assert mean(by_counts, "y").se[0] == pytest.approx(mean(by_shares, "y").se[0], rel=1e-6)


def test_a_sample_on_target_keeps_its_weights():
    design = Design(pd.DataFrame({"sex": list("mmff"), "w": [1.0, 3.0, 2.0, 2.0]}), weights="w")
    raked = rake(design, {"sex": {"m": 0.5, "f": 0.5}})
    assert raked.weights.tolist() == [1.0, 3.0, 2.0, 2.0]
    assert raked.history[-1].iterations == 0


def test_a_target_of_zero_gives_weights_of_zero():
    design = Design(pd.DataFrame({"sex": list("mfx")}))
    assert rake(design, {"sex": {"m": 0.5, "f": 0.5, "x": 0}}).weights.tolist() == [1.5, 1.5, 0.0]


def test_the_design_that_was_given_keeps_its_weights(sample):
    design = Design(sample, weights="w")
    rake(design, TARGETS)
    assert np.array_equal(design.weights, sample["w"])
    assert design.history == ()


def test_targets_may_be_a_frame_or_a_file(sample, tmp_path):
    frame = pd.DataFrame(
        [(name, level, share) for name, levels in TARGETS.items() for level, share in levels.items()],
        columns=["variable", "level", "target"],
    )
    path = tmp_path / "targets.yaml"
    path.write_text(
        "title: Margins\nmargins:\n  age: {young: 0.3, middle: 0.5, old: 0.2}\n  sex: {m: 0.48, f: 0.52}\n",
        encoding="utf-8",
    )
    design = Design(sample, weights="w")
    expected = rake(design, TARGETS).weights
    for targets in (frame, path, str(path)):
        assert np.array_equal(rake(design, targets).weights, expected)


def test_labels_of_the_codebook_are_levels():
    sex = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"})
    design = Design(Survey(pd.DataFrame({"sex": [1, 2, 2]}), Codebook({"sex": sex})))
    assert rake(design, {"sex": {"Women": 0.5, "Men": 0.5}}).weights.tolist() == [1.5, 0.75, 0.75]


def test_levels_that_are_numbers_match_columns_of_numbers():
    assert rake(Design(pd.DataFrame({"g": [1, 2, 2]})), {"g": {1: 0.5, 2: 0.5}}).weights.tolist() == [
        1.5,
        0.75,
        0.75,
    ]


# The variance


def regression_residuals(sample, influence, final, regression):
    """Take off what the margins explain: a weighted regression on their levels, row by row."""
    margins = np.column_stack([sample[name] == level for name, levels in TARGETS.items() for level in levels])
    root = np.sqrt(regression)[:, None]
    linear = influence / final[:, None]
    coefficients, *_ = np.linalg.lstsq(margins * root, linear * root, rcond=None)
    return final[:, None] * (linear - margins @ coefficients)


@pytest.mark.parametrize("variance", ["final", "base"])
@pytest.mark.parametrize(
    "roles", [{}, {"strata": "stratum", "fpc": "fraction"}, {"strata": "stratum", "psu": "psu"}]
)
def test_the_variance_is_that_of_residuals_from_the_margins(sample, roles, variance):
    raked = rake(Design(sample, weights="w", **roles), TARGETS, variance=variance)
    final = raked.weights
    _, influence = brute_force.shares(sample["yes"], ["no", "yes"], final)
    _, of_mean = brute_force.mean(sample["y"], final)
    regression = final if variance == "final" else sample["w"].to_numpy()
    residuals = regression_residuals(sample, np.column_stack([influence, of_mean]), final, regression)
    expected = brute_force.covariance(
        residuals,
        strata=sample["stratum"] if "strata" in roles else None,
        psu=sample["psu"] if "psu" in roles else None,
        fractions=FRACTIONS if "fpc" in roles else None,
    )
    assert np.allclose(proportion(raked, "yes").vcov, expected[:2, :2], rtol=1e-9, atol=1e-16)
    assert mean(raked, "y").vcov[0, 0] == pytest.approx(expected[2, 2], rel=1e-9)


def reraked_jackknife(sample, groups, estimates):
    """Leave out one group at a time, rake what is left again, and return the jackknife variance."""
    names = np.unique(groups)
    found = []
    for name in names:
        kept = sample[groups != name]
        found.append(estimates(kept, raked_by_loops(kept, kept["w"] * len(names) / (len(names) - 1))))
    found = np.array(found)
    return (len(names) - 1) / len(names) * ((found - found.mean(axis=0)) ** 2).sum(axis=0)


@pytest.mark.parametrize("psu", [None, "psu"])
def test_the_standard_error_is_near_that_of_a_jackknife_that_rakes_again(sample, psu):
    """Within 6%: both estimate the same variance, the jackknife with its own error of this order."""
    groups = np.arange(240) if psu is None else sample["psu"]
    jackknife = reraked_jackknife(
        sample,
        np.asarray(groups),
        lambda kept, w: [np.average(kept["y"], weights=w), np.average(kept["yes"] == "yes", weights=w)],
    )
    raked = rake(Design(sample, weights="w", psu=psu), TARGETS)
    found = np.array([mean(raked, "y").se[0], proportion(raked, "yes", level="yes").se[0]])
    ignored = mean(Design(sample.assign(w=raked.weights), weights="w", psu=psu), "y").se[0]
    assert found == pytest.approx(np.sqrt(jackknife), rel=0.06)
    assert ignored > 1.15 * found[0]


@pytest.mark.parametrize("variance", ["final", "base"])
@pytest.mark.parametrize("roles", [{}, {"strata": "stratum"}, {"strata": "stratum", "fpc": "fraction"}])
def test_rows_as_their_own_psus_are_rows_numbered_as_psus_after_raking(sample, roles, variance):
    alone, numbered = (
        rake(Design(sample, weights="w", psu=psu, **roles), TARGETS, variance=variance)
        for psu in (None, "row")
    )
    for estimator in (
        lambda design: proportion(design, "yes", by="age"),
        lambda design: proportion(design, ["yes", "stratum"]),
        lambda design: mean(design, "y", by=["sex", "yes"]),
        lambda design: total(design, "y", where={"sex": "f"}),
    ):
        one, other = estimator(alone), estimator(numbered)
        scale = np.sqrt(np.outer(np.diag(other.vcov), np.diag(other.vcov)))
        assert np.allclose(one.estimate, other.estimate, rtol=1e-13)
        assert np.abs((one.vcov - other.vcov) / scale).max() < 1e-12


def test_what_was_raked_to_is_known_without_error(sample):
    found = proportion(rake(Design(sample, weights="w", psu="psu"), TARGETS), ["age", "sex"])
    assert dict(zip(found.keys["level"], found.estimate, strict=True)) == pytest.approx(
        AGES | SEXES, abs=1e-8
    )
    assert found.se == pytest.approx(np.zeros(5), abs=1e-9)


def test_both_variances_share_one_estimate(sample):
    design = Design(sample, weights="w")
    final, base = (mean(rake(design, TARGETS, variance=choice), "y") for choice in ("final", "base"))
    assert final.estimate[0] == base.estimate[0]
    assert final.se[0] != base.se[0]


# What raking tells


def test_raking_tells_what_it_did_and_what_it_cost(sample):
    raked = rake(Design(sample, weights="w"), TARGETS)
    told = raked.history[-1]
    w = raked.weights
    assert told.error <= 1e-8
    assert 0 < told.iterations < 100
    assert told.deff == pytest.approx(240 * (w**2).sum() / w.sum() ** 2)
    assert told.n_eff == pytest.approx(240 / told.deff)
    assert (told.weight_min, told.weight_max) == pytest.approx((w.min() / w.mean(), w.max() / w.mean()))


def test_raking_tells_each_margin_before_and_after(sample):
    frame = rake(Design(sample, weights="w"), TARGETS).history[-1].to_frame()
    assert frame[["variable", "level"]].to_numpy().tolist() == [
        ["age", "young"], ["age", "middle"], ["age", "old"], ["sex", "m"], ["sex", "f"],
    ]  # fmt: skip
    assert frame["target"].tolist() == [0.3, 0.5, 0.2, 0.48, 0.52]
    assert np.allclose(frame["after"], frame["target"], atol=1e-8)
    before = [
        sample.loc[sample[name] == level, "w"].sum() / sample["w"].sum()
        for name, level in frame.to_numpy()[:, :2]
    ]
    assert np.allclose(frame["before"], before)
    assert frame["n"].tolist() == [(sample[name] == level).sum() for name, level in frame.to_numpy()[:, :2]]


def test_raking_shows_itself(sample):
    text = repr(rake(Design(sample, weights="w"), TARGETS).history[-1])
    assert text.startswith("Raking\n")
    assert re.search(r"Converged in \d iterations: every margin is met\. Weights [\d.]{4,6} to ", text)
    assert "Kish design effect" in text
    assert "Synthetic" not in text


def test_a_table_without_intervals_does_not_say_what_intervals_rest_on(sample):
    design = Design(Survey(sample, Codebook({}, sample="opt-in")))
    raked = rake(design, TARGETS)
    assert "model-based" in repr(raked)
    assert "model-based" not in repr(raked.history[-1])


def test_raking_of_synthetic_data_says_so(sample):
    design = Design(Survey(sample, Codebook({}, data="synthetic", sample="opt-in")))
    raked = rake(design, TARGETS)
    assert repr(raked.history[-1]).splitlines()[-1] == "Synthetic data."
    assert raked.notes[1].startswith(
        "Opt-in sample: intervals are model-based, as if among people alike in age and sex "
    )


def test_raking_is_a_step_of_the_log_with_the_tracked_figures():
    yes = Variable("yes", "Yes?", "single", codes={1: "yes", 0: "no"})
    sex = Variable("sex", "Sex", "single", codes={1: "m", 2: "f"})
    book = Codebook({"yes": yes, "sex": sex}, track={"yes": "yes"})
    raked = rake(
        Design(Survey(pd.DataFrame({"yes": [1, 0, 0], "sex": [1, 2, 2]}), book)),
        {"sex": {"m": 0.5, "f": 0.5}},
    )
    step = raked.log.steps[-1]
    assert (step.step, step.rule, step.n_before, step.n_after) == ("rake", "to Sex", 3, 3)
    assert step.figures == {'"Yes?" = yes': pytest.approx(0.5)}


# Targets that can't be met


PEOPLE = pd.DataFrame({"sex": list("mmff"), "age": ["y", "o", "y", None], "n": [1, 1, 2, 2]})


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ({}, "no margin is given"),
        ({"sexx": {"m": 0.5, "f": 0.5}}, "sexx: no such variable; did you mean 'sex'?"),
        ({"sex": {"m": 0.5, "f": 0.4}}, "sex: the shares sum to 0.9, not to 1"),
        ({"sex": {}}, "sex: targets must be finite, not negative and not all zero"),
        ({"sex": {"m": 1.5, "f": -0.5}}, "sex: targets must be finite, not negative and not all zero"),
        ({"sex": {"m": float("nan"), "f": 0.5}}, "sex: targets must be finite"),
        ({"sex": {"m": float("inf"), "f": 1}}, "sex: targets must be finite"),
        ({"sex": {"m": 0, "f": 0}}, "sex: targets must be finite, not negative and not all zero"),
        ({"sex": {"m": "half", "f": 0.5}}, "sex: the target of 'm' is not a number, got 'half'"),
        ({"sex": {"m": None, "f": 0.5}}, "sex: the target of 'm' is not a number, got None"),
        ({"sex": {1: 0.5, "1": 0.5}}, "sex: the level '1' has two targets"),
        ({"sex": {"m": 1}}, "sex: the level 'f' has respondents (2), but no target"),
        (
            {"sex": {"m": 0.4, "F": 0.6}},
            "sex: the level 'F' has a target of 0.6, but no respondent with positive",
        ),
        (
            {"sex": {"m": 0.4, "f": 0.4, "x": 0.2}},
            "sex: the level 'x' has a target of 0.2, but no respondent",
        ),
        ({"age": {"y": 0.5, "o": 0.5}}, "age: 1 row has no value (first at rows 3)"),
        ({"sex": {"m": 40, "f": 60}, "n": {1: 50, 2: 60}}, "n 110, sex percentages"),
        (
            {"sex": {"m": 400, "f": 600}, "n": {1: 0.5, 2: 0.5}},
            "totals disagree between margins: sex 1,000, n shares",
        ),
    ],
)
def test_targets_that_can_not_be_met_are_refused_by_variable_and_level(targets, message):
    with pytest.raises(TargetsError, match=r"errors? in the targets") as caught:
        rake(Design(PEOPLE), targets)
    assert message in str(caught.value)


def test_a_label_without_a_target_is_refused_like_a_code():
    sex = Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, missing={9: "refused"})
    design = Design(Survey(pd.DataFrame({"sex": [1, 2, 9]}), Codebook({"sex": sex})))
    with pytest.raises(TargetsError, match="the level 'Refused' has respondents"):
        rake(design, {"sex": {"Men": 0.5, "Women": 0.5}})


def test_a_level_whose_respondents_weigh_nothing_is_refused():
    design = Design(pd.DataFrame({"sex": list("mf"), "w": [1.0, 0.0]}), weights="w")
    with pytest.raises(
        TargetsError, match=r"'f' has a target of 0\.5, but no respondent with positive weight"
    ):
        rake(design, {"sex": {"m": 0.5, "f": 0.5}})


def test_all_faults_of_the_targets_are_told_at_once():
    targets = {"sexx": {"m": 50, "f": 50}, "n": {1: 50, 3: 50}}
    with pytest.raises(TargetsError, match=r"^3 errors in the targets") as caught:
        rake(Design(PEOPLE), targets)
    assert "totals disagree" not in str(caught.value)


def test_a_frame_with_two_targets_for_one_level_is_refused():
    frame = pd.DataFrame({"variable": ["sex"] * 3, "level": ["m", "m", "f"], "target": [0.3, 0.5, 0.5]})
    with pytest.raises(TargetsError, match="sex: the level 'm' has two targets"):
        rake(Design(PEOPLE), frame)


def test_a_frame_without_a_column_is_refused():
    with pytest.raises(TargetsError, match="targets lack the columns target") as caught:
        rake(Design(PEOPLE), pd.DataFrame({"variable": ["sex"], "level": ["m"], "value": [1.0]}))
    assert caught.value.got == "variable, level, value"


def test_margins_that_contradict_each_other_do_not_converge():
    design = Design(pd.DataFrame({"a": list("xxy"), "b": list("ppq")}))
    with pytest.raises(TargetsError, match="did not converge") as caught:
        rake(design, {"a": {"x": 0.5, "y": 0.5}, "b": {"p": 0.4, "q": 0.6}}, max_iterations=50)
    assert caught.value.got.endswith("after 50 iterations")
    assert caught.value.do.endswith("2 kinds of respondents must meet 4 levels")
    assert "collapse levels or drop a margin" in caught.value.do


def test_margins_that_contradict_each_other_are_given_up_before_numbers_overflow():
    people = pd.DataFrame({"a": list("xxxy"), "b": list("ppqq"), "w": [1.0, 1.0, 0.0, 1.0]})
    with pytest.raises(TargetsError, match="did not converge") as caught:
        rake(
            Design(people, weights="w"),
            {"a": {"x": 0.9, "y": 0.1}, "b": {"p": 0.2, "q": 0.8}},
            max_iterations=100_000,
        )
    assert int(caught.value.got.split()[-2]) < 1000


def test_an_unknown_variance_is_refused_with_a_near_miss():
    with pytest.raises(DataError, match="argument 'variance' can't be used") as caught:
        rake(Design(PEOPLE), {"sex": SEXES}, variance="finl")
    assert caught.value.do == "did you mean 'final'?"
