"""Trimming, normalizing, nonresponse and propensity weights do what they say, and say what they did."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pandas as pd
import pytest
from people import TARGETS, people

import trustkit.weighting.adjustments
from trustkit.design.design import Design
from trustkit.design.replicates import Replicates
from trustkit.design.replication import replicate
from trustkit.errors import DataError, DesignError, TargetsError, TrustkitError, install_hint
from trustkit.estimation.estimates import mean, total
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.weighting.adjustments import (
    adjust_nonresponse,
    normalize,
    propensity_weights,
    trim,
)
from trustkit.weighting.calibration import poststratify, rake
from trustkit.weighting.targets import targets_of


@pytest.fixture(scope="module")
def sample():
    return people()


@pytest.fixture(scope="module")
def raked(sample):
    return rake(Design(sample, weights="w", psu="psu"), TARGETS)


# Trimming


@pytest.mark.parametrize(("upper", "relative_to"), [(1.5, "mean"), (1.6, "median"), (2.0, "absolute")])
def test_no_weight_exceeds_the_cap_and_the_total_holds(raked, upper, relative_to):
    unit = {"mean": raked.weights.mean(), "median": np.median(raked.weights), "absolute": 1.0}[relative_to]
    found = trim(raked, upper, relative_to=relative_to)
    assert raked.weights.max() > upper * unit
    assert found.weights.max() <= upper * unit * (1 + 1e-15)
    assert found.weights.sum() == pytest.approx(raked.weights.sum(), rel=1e-12)


def test_weights_below_the_cap_gain_equally_up_to_it(raked):
    found = trim(raked, 1.5).weights
    cap = 1.5 * raked.weights.mean()
    gains = (found - raked.weights)[found < cap - 1e-9]
    assert gains.min() > 0
    assert gains == pytest.approx(np.full(len(gains), gains.mean()), rel=1e-9)


def test_trimming_once_may_leave_weights_beyond_the_cap_that_strict_trimming_does_not():
    design = Design(pd.DataFrame({"w": [1.0, 1.0, 3.9, 10.1]}), weights="w")
    once, strict = (trim(design, 4.0, relative_to="absolute", redistribute=how) for how in ("once", "strict"))
    assert once.weights.tolist() == pytest.approx([1 + 6.1 / 3, 1 + 6.1 / 3, 3.9 + 6.1 / 3, 4.0])
    assert strict.weights.tolist() == pytest.approx([4.0, 4.0, 4.0, 4.0])


def test_small_weights_are_raised_to_a_lower_limit(raked):
    found = trim(raked, 2.0, lower=0.5)
    relative = found.weights / raked.weights.mean()
    assert relative.min() >= 0.5 - 1e-12
    assert relative.max() <= 2.0 + 1e-12
    assert found.history[-1].rule == "at least 0.5 and at most 2 times the mean"


def test_weights_inside_the_limits_stay_as_they_are(raked):
    found = trim(raked, 100)
    assert np.array_equal(found.weights, raked.weights)
    assert found.history[-1].changed == 0


def test_weights_of_zero_stay_zero():
    design = Design(pd.DataFrame({"w": [0.0, 1.0, 1.0, 4.0]}), weights="w")
    assert trim(design, 1.5).weights.tolist() == pytest.approx([0.0, 1.5, 1.5, 3.0])


def test_trimming_tells_the_share_that_it_set_to_a_limit(raked):
    step = trim(raked, 1.5).history[-1]
    assert step.changed == pytest.approx((raked.weights > 1.5 * raked.weights.mean()).mean())
    assert "of the weights were set to a limit" in repr(step)
    assert "rake again" in repr(step)
    assert "they leave out the uncertainty of this step" in repr(step)


def test_after_trimming_variances_take_the_weights_as_given(sample, raked):
    found = trim(raked, 1.5)
    given = Design(sample.assign(w=found.weights), weights="w", psu="psu")
    assert mean(found, "y").vcov == pytest.approx(mean(given, "y").vcov)
    assert mean(found, "y").se[0] > 1.1 * mean(raked, "y").se[0]


def test_raking_after_trimming_has_both(raked):
    again = rake(trim(raked, 1.5), TARGETS)
    assert [step.step for step in again.history] == ["rake", "trim", "rake"]
    assert [step.step for step in again.log.steps] == ["rake", "trim", "rake"]
    assert again.history[-1].error <= 1e-8
    assert again.weights.max() < raked.weights.max()
    assert "raking then trimming then raking" in repr(again)


def test_replicates_follow_the_trimmed_weights(sample):
    columns = {f"r{k}": sample["w"] * (1 + 0.1 * k) for k in range(3)}
    design = Design(sample.assign(**columns), weights="w", replicates=Replicates(list(columns), "bootstrap"))
    found = trim(design, 1.3)
    ratios = found.weights / design.weights
    assert found.replicates.weights == pytest.approx(design.replicates.weights * ratios[:, None])
    made = trim(replicate(Design(sample, weights="w", psu="psu"), "JK1"), 1.3)
    assert mean(made, "y").se[0] == pytest.approx(
        mean(replicate(Design(sample.assign(w=made.weights), weights="w", psu="psu"), "JK1"), "y").se[0]
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "trimming needs a limit"),
        ({"upper": 0.9}, "no weights with the same total can keep these limits"),
        ({"lower": 1.1}, "no weights with the same total can keep these limits"),
        ({"upper": 2, "relative_to": "avrage"}, "'relative_to' can't be used"),
        ({"upper": 2, "redistribute": "twice"}, "'redistribute' can't be used"),
    ],
)
def test_limits_that_can_not_be_kept_are_refused(raked, options, message):
    with pytest.raises(TrustkitError, match=message):
        trim(raked, **options)


def test_trimming_that_leaves_nobody_inside_is_refused():
    design = Design(pd.DataFrame({"w": [1.0, 1.0, 5.0]}), weights="w")
    with pytest.raises(DesignError, match="every weight is beyond a limit"):
        trim(design, 3.0, lower=2.0, relative_to="absolute")


def test_trimming_that_does_not_settle_is_refused(raked, monkeypatch):
    monkeypatch.setattr(trustkit.weighting.adjustments, "MOST_PASSES", 2)
    with pytest.raises(DesignError, match="trimming did not converge in 2 passes"):
        trim(raked, 1.1)


# Normalizing


def test_normalized_weights_sum_to_the_respondents_or_to_a_total(raked):
    assert normalize(raked).weights.sum() == pytest.approx(240)
    assert normalize(raked, 1e6).weights.sum() == pytest.approx(1e6)
    assert normalize(raked, 1e6).history[-1].rule == "to a sum of 1,000,000"


def test_normalizing_keeps_means_and_what_variances_know_of_raking(raked):
    found = normalize(raked, 1e6)
    assert mean(found, "y").estimate == pytest.approx(mean(raked, "y").estimate)
    assert mean(found, "y").vcov == pytest.approx(mean(raked, "y").vcov)
    scale = 1e6 / raked.weights.sum()
    assert total(found, "y").se == pytest.approx(total(raked, "y").se * scale)


def test_a_step_without_targets_shows_its_rule(raked):
    text = repr(normalize(raked).history[-1])
    assert text.startswith("Normalizing\n")
    assert "to a sum of 240" in text
    assert "they leave out the uncertainty of this step" not in text


@pytest.mark.parametrize("whole", [0, -1, float("inf")])
def test_a_total_that_is_not_positive_is_refused(raked, whole):
    with pytest.raises(DesignError, match="the total must be positive"):
        normalize(raked, whole)


# Nonresponse


@pytest.fixture(scope="module")
def contacted(sample):
    done = np.where((sample["row"] % 3 != 0) | (sample["age"] == "old"), "complete", "refusal")
    return Design(sample.assign(status=done), weights="w", psu="psu")


def test_respondents_carry_the_weights_of_their_cell(contacted):
    found = adjust_nonresponse(contacted, {"status": "complete"}, ["age", "sex"])
    data = contacted.data
    answered = (data["status"] == "complete").to_numpy()
    assert (found.weights[~answered] == 0).all()
    for _, rows in data.groupby(["age", "sex"]):
        inside = rows.index.to_numpy()
        responded = inside[answered[inside]]
        factor = data["w"][inside].sum() / data["w"][responded].sum()
        assert found.weights[responded] == pytest.approx(data["w"][responded] * factor)
    assert found.weights.sum() == pytest.approx(contacted.weights.sum())


def test_nonrespondents_stay_in_the_design_and_leave_the_count(contacted):
    found = adjust_nonresponse(contacted, contacted.data["status"] == "complete", ["sex"])
    step = found.log.steps[-1]
    assert (step.n_before, step.n_after) == (240, (contacted.data["status"] == "complete").sum())
    assert mean(found, "y").n[0] == step.n_after
    assert len(found.data) == 240
    assert "in cells of sex: a condition" in step.rule


def test_a_psu_without_respondents_leaves_the_degrees_of_freedom(sample):
    done = np.where(sample["psu"] == 0, "no", "yes")
    found = adjust_nonresponse(Design(sample.assign(done=done), psu="psu"), {"done": "yes"}, ["sex"])
    assert found.df == Design(sample, psu="psu").df - 1
    alone = adjust_nonresponse(Design(sample.assign(done=done), strata="stratum"), {"done": "yes"}, ["sex"])
    assert alone.df == 240 - 6 - 2


def test_nonresponse_adjustment_tells_its_cells(contacted):
    step = adjust_nonresponse(contacted, {"status": "complete"}, ["age"]).history[-1]
    frame = step.to_frame()
    assert np.allclose(frame["after"], frame["target"])
    assert frame["variable"].unique().tolist() == ["age"]
    assert step.error < 1e-12
    rate = contacted.data.loc[contacted.data["status"] == "complete", "w"].sum() / contacted.data["w"].sum()
    assert f"Weighted response rate {100 * rate:.1f}%" in repr(step)
    assert "Converged" not in repr(step)


def test_faults_of_nonresponse_cells_are_told_at_once(sample):
    data = sample.assign(
        done=np.where(sample["age"] == "old", "no", "yes"), area=np.where(sample["row"] == 5, None, "x")
    )
    with pytest.raises(DesignError, match="2 errors in the nonresponse cells") as caught:
        adjust_nonresponse(Design(data), {"done": "yes"}, ["age", "area"])
    assert "area: 1 row has no value (first at rows 5)" in str(caught.value)
    assert "age x area: nobody responded in 'old x x'; collapse it with a neighbour" in str(caught.value)


def test_nonresponse_adjustment_needs_to_know_who_responded_and_in_which_cells(contacted):
    with pytest.raises(DesignError, match="responded must say who responded"):
        adjust_nonresponse(contacted, None, ["age"])
    for cells in ("age", []):
        with pytest.raises(DesignError, match="cells must be a list of variables"):
            adjust_nonresponse(contacted, {"status": "complete"}, cells)


# Propensity


def test_propensity_weights_of_one_covariate_poststratify_to_the_reference(sample):
    reference = Design(people(700, seed=11), weights="w")
    found = propensity_weights(Design(sample), reference, ["age"])
    counts = targets_of(reference, ["age"], kind="counts")
    assert found.weights == pytest.approx(poststratify(Design(sample), counts).weights, rel=1e-6)


def test_propensity_weights_balance_all_covariates_better(sample):
    other = people(2000, seed=11)
    reference = Design(other.assign(w=other["w"] * np.exp(0.01 * (other["income"] - 40))), weights="w")
    design = Design(sample)
    found = propensity_weights(design, reference, ["age", "sex", "income"])
    before, after, wanted = (mean(one, "income").estimate[0] for one in (design, found, reference))
    assert abs(after - wanted) < 0.3 * abs(before - wanted)
    assert found.weights.sum() == pytest.approx(reference.weights.sum(), rel=0.05)
    assert found.history[-1].rule == "on age, sex and income"
    assert "Standard errors treat these weights as given" in repr(found.history[-1])


def test_base_weights_count_in_the_propensity_model(sample):
    reference = people(700, seed=11)
    twice = pd.concat([sample, sample], ignore_index=True)
    once = propensity_weights(Design(sample.assign(two=2.0), weights="two"), reference, ["age", "income"])
    both = propensity_weights(Design(twice), reference, ["age", "income"])
    assert once.weights == pytest.approx(2 * both.weights[:240], rel=1e-6)


def test_a_level_without_anybody_in_sample_or_reference_is_named(sample):
    with pytest.raises(TargetsError, match="2 errors in the covariates") as caught:
        propensity_weights(
            Design(sample[sample["age"] != "old"]), sample[sample["sex"] != "m"], ["age", "sex"]
        )
    assert "age: the sample has no respondents in 'old'; collapse it" in str(caught.value)
    assert "sex: the reference has no respondents in 'm'; collapse it" in str(caught.value)


def test_covariates_may_miss_nothing(sample):
    holes = sample.assign(
        age=sample["age"].where(sample["row"] > 0), income=sample["income"].where(sample["row"] > 0)
    )
    with pytest.raises(TargetsError, match="2 errors") as caught:
        propensity_weights(Design(sample), holes, ["age", "income"])
    assert "income: the reference has missing values; impute them" in str(caught.value)
    with pytest.raises(DataError, match="covariates must be a list"):
        propensity_weights(Design(sample), sample, "age")


def test_propensity_weights_need_statsmodels(sample, monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.api", None)
    with pytest.raises(DataError, match="need the package statsmodels") as caught:
        propensity_weights(Design(sample), sample, ["age"])
    assert caught.value.do == install_hint("all")


def test_adjusted_synthetic_data_say_so(sample):
    design = Design(Survey(sample, Codebook({}, data="synthetic")), weights="w")
    assert repr(trim(design, 1.3).history[-1]).endswith("Synthetic data.")


@pytest.mark.parametrize(
    "step",
    [
        lambda design: adjust_nonresponse(design, {"sex": "m"}, ["age"]),
        lambda design: propensity_weights(design, design.data, ["age"]),
        lambda design: trim(design, 1.5),
    ],
)
def test_a_step_that_takes_weights_off_their_margins_says_so(sample, step):
    note = "Margins that were met before are no longer met: rake again."
    design = Design(sample, weights="w")
    assert note not in step(design).history[-1].notes
    assert note in step(rake(design, TARGETS)).history[-1].notes


def samples(**changes):
    """A sample of 100 and a reference of 200, with changed columns in each: ``name=(here, there)``."""
    random = np.random.default_rng(3)
    here = pd.DataFrame({"k": random.normal(0, 1, 100), "j": random.normal(0, 1, 100)})
    there = pd.DataFrame({"k": random.normal(0.5, 1, 200), "j": random.normal(0, 1, 200)})
    for name, (own, other) in changes.items():
        here[name], there[name] = own(here), other(there)
    return here, there


def same(function):
    return function, function


def refused(here, there, covariates):
    """Return the error of propensity weights, and the warnings on the way to it."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with pytest.raises(TargetsError) as caught:
            propensity_weights(Design(here), there, covariates)
    return caught.value, seen


ONE_VALUE = "k: all of the sample and of the reference have the same value, "
APART = "k: the values of the sample and of the reference don't overlap"


@pytest.mark.parametrize(
    ("changes", "covariates", "message"),
    [
        ({"k": (lambda f: f["k"] / 10, lambda f: f["k"] / 10 + 50)}, ["k"], APART),
        ({"k": (lambda _: 1.0, lambda _: 2.0)}, ["k"], f"{APART} (1 to 1 in the sample, 2 to 2 in the"),
        ({"k": same(lambda _: 4.0)}, ["j", "k"], f"{ONE_VALUE}4"),
        ({"k": same(lambda f: f["k"] * 1e-9 + 1e9)}, ["k"], ONE_VALUE),
        ({"k": same(lambda _: "a")}, ["k"], f"{ONE_VALUE}a"),
        ({"l": same(lambda f: 2 * f["k"] + 1)}, ["j", "k", "l"], "l: the values follow from those of"),
        (
            {"g": same(lambda f: np.where(f["k"] > 0, "x", "y")), "h": same(lambda f: 1 * (f["k"] > 0))},
            ["g", "h"],
            "h: the values follow",
        ),
        ({"k": (lambda f: f["k"], lambda f: f["k"] + 5)}, ["k"], "tell them apart"),
        ({"j": (lambda f: f["k"] + 0.1, lambda f: f["k"] - 0.1)}, ["k", "j"], "tell them apart"),
        ({"k": (lambda f: f["k"].where(f["k"] > 0), lambda f: f["k"])}, ["k"], "k: the sample has missing"),
    ],
)
def test_covariates_that_give_no_propensity_are_refused_by_name_without_a_warning(
    changes, covariates, message
):
    error, seen = refused(*samples(**changes), covariates)
    assert message in str(error)
    assert seen == []


def test_more_covariates_than_rows_are_refused_without_a_warning():
    random = np.random.default_rng(3)
    here, there = (pd.DataFrame(random.normal(size=(4, 9))).add_prefix("v") for _ in range(2))
    here.iloc[:2], there.iloc[:2] = [[-9.0], [9.0]], [[-9.0], [9.0]]
    error, seen = refused(here, there, list(here))
    assert "the covariates have 9 columns" in str(error)
    assert "only 8 rows" in str(error)
    assert seen == []


@pytest.mark.parametrize("shift", [0.0, 1.0, 2.0])
def test_samples_that_overlap_little_still_get_finite_weights_without_a_warning(shift):
    here, there = samples(k=(lambda frame: frame["k"], lambda frame: frame["k"] + shift))
    weights = propensity_weights(Design(here), there, ["k", "j"]).weights
    assert np.isfinite(weights).all()
    assert weights.min() > 0


def test_overlap_does_not_depend_on_the_size_of_the_population():
    here, there = samples()
    reference = Design(there.assign(w=1e-9), weights="w")
    weights = propensity_weights(Design(here), reference, ["k"]).weights
    assert weights.sum() == pytest.approx(200e-9, rel=0.2)


def test_a_covariate_that_is_named_twice_counts_once():
    here, there = samples()
    once, twice = (propensity_weights(Design(here), there, names).weights for names in (["k"], ["k", "k"]))
    assert np.array_equal(once, twice)
