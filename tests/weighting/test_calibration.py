"""Poststratification, calibration and weighted replicates are what loops over the rows give."""

from __future__ import annotations

import brute_force
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people import AGES, JOINT, SEXES, TARGETS, indicators, people, residuals

import trustkit.design.auxiliaries
import trustkit.design.replicates
import trustkit.weighting.fitting
import trustkit.weighting.matching
from trustkit.design.design import Design
from trustkit.design.replicates import Replicates
from trustkit.design.replication import replicate
from trustkit.errors import TargetsError, TrustkitError
from trustkit.estimation.estimates import mean, proportion, total
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.weighting.adjustments import trim
from trustkit.weighting.calibration import calibrate, poststratify, rake

N = 5000.0
MEAN_INCOME = 43.0


@pytest.fixture(scope="module")
def sample():
    return people()


@pytest.fixture(scope="module")
def design(sample):
    return Design(sample, weights="w")


def nested(joint=JOINT):
    found = {}
    for (age, sex), share in joint.items():
        found.setdefault(age, {})[sex] = share
    return found


# Poststratification and joint margins


def test_poststratified_weights_are_base_weights_times_the_cells_own_factor(sample, design):
    found = poststratify(design, {"age x sex": nested()}).weights
    for (age, sex), share in JOINT.items():
        cell = ((sample["age"] == age) & (sample["sex"] == sex)).to_numpy()
        factor = share * sample["w"].sum() / sample["w"][cell].sum()
        assert found[cell] == pytest.approx(sample["w"][cell] * factor, rel=1e-12)


@pytest.mark.parametrize(
    "targets",
    [
        {"age x sex": nested()},
        {("age", "sex"): nested()},
        {("age", "sex"): JOINT},
        {"age x sex": {" x ".join(level): share for level, share in JOINT.items()}},
        pd.DataFrame([(*level, share) for level, share in JOINT.items()], columns=["age", "sex", "share"]),
        pd.DataFrame(
            [(*level, 900 * share) for level, share in JOINT.items()], columns=["age", "sex", "count"]
        ),
        pd.DataFrame(
            [("age x sex", " x ".join(level), share) for level, share in JOINT.items()],
            columns=["variable", "level", "target"],
        ),
    ],
)
def test_a_joint_margin_may_be_given_in_any_form(sample, design, targets):
    crossed = sample.assign(cell=sample["age"] + "/" + sample["sex"])
    one = poststratify(Design(crossed, weights="w"), {"cell": {"/".join(k): v for k, v in JOINT.items()}})
    found = poststratify(design, targets).weights
    assert found / found.sum() == pytest.approx(one.weights / one.weights.sum(), rel=1e-12)


def test_a_joint_margin_can_be_raked_beside_others(sample, design):
    raked = rake(design, {"age x sex": nested(), "stratum": {"n": 0.4, "s": 0.6}})
    frame = raked.history[-1].to_frame()
    assert np.allclose(frame["after"], frame["target"], atol=1e-8)
    assert frame["variable"].tolist() == ["age x sex"] * 6 + ["stratum"] * 2
    assert frame["level"].tolist()[:2] == ["young x m", "young x f"]


def test_cells_poststratified_to_have_no_standard_error(design):
    found = proportion(poststratify(design, {"age x sex": nested()}), "age", by="sex")
    assert found.se == pytest.approx(np.zeros(6), abs=1e-9)


def test_poststratification_takes_one_margin(design):
    with pytest.raises(TargetsError, match="accepts one margin") as caught:
        poststratify(design, TARGETS)
    assert caught.value.got == "age, sex"
    assert "'age x sex'" in caught.value.do


def test_a_cell_without_respondents_is_named(sample):
    some = Design(sample[(sample["age"] != "old") | (sample["sex"] != "m")], weights="w")
    with pytest.raises(TargetsError, match="age x sex: the level 'old x m' has a target") as caught:
        poststratify(some, {"age x sex": nested()})
    assert "collapse it" in str(caught.value)


def test_a_joint_level_without_a_target_is_named(design):
    part = {level: share for level, share in JOINT.items() if level != ("old", "m")}
    with pytest.raises(TargetsError, match=r"the level 'old x m' has respondents \(\d+\), but no target"):
        poststratify(design, {"age x sex": {k: v / 0.92 for k, v in part.items()}})


def test_a_joint_level_must_name_each_variable(design):
    with pytest.raises(TargetsError, match="age x sex: the level 'old' needs 2 labels"):
        poststratify(design, {"age x sex": {"old": 1.0}})


# By country: nested schemes


def test_margins_by_a_variable_are_met_in_each_of_its_levels(sample, design):
    schemes = {
        "n": {"age": AGES, "sex": SEXES},
        "s": {"age": {"young": 0.2, "middle": 0.4, "old": 0.4}},
    }
    found = rake(design, schemes, by="stratum")
    for stratum, margins in schemes.items():
        own = (sample["stratum"] == stratum).to_numpy()
        alone = rake(Design(sample[own], weights="w"), margins)
        assert found.weights[own] == pytest.approx(alone.weights, rel=1e-9)
    frame = found.history[-1].to_frame()
    assert frame.columns.tolist()[:3] == ["stratum", "variable", "level"]
    assert len(frame) == 8
    assert found.history[-1].rule == "to age and sex by stratum"


def test_the_variance_of_margins_by_a_variable_is_that_of_each_level_alone(sample, design):
    schemes = dict.fromkeys(["n", "s"], TARGETS)
    together = mean(
        rake(Design(sample, weights="w", strata="stratum"), schemes, by="stratum"), "y", by="stratum"
    )
    for place, stratum in enumerate(["n", "s"]):
        alone = mean(rake(Design(sample[sample["stratum"] == stratum], weights="w"), TARGETS), "y")
        assert together.estimate[place] == pytest.approx(alone.estimate[0], rel=1e-10)
        assert together.se[place] == pytest.approx(alone.se[0], rel=1e-9)


def test_raking_to_the_variable_afterwards_keeps_the_margins_in_each_level(sample, design):
    found = rake(
        rake(design, dict.fromkeys(["n", "s"], TARGETS), by="stratum"), {"stratum": {"n": 0.7, "s": 0.3}}
    )
    own = (sample["stratum"] == "n").to_numpy()
    assert found.weights[own].sum() / found.weights.sum() == pytest.approx(0.7, abs=1e-9)
    for level, share in AGES.items():
        chosen = own & (sample["age"] == level).to_numpy()
        assert found.weights[chosen].sum() / found.weights[own].sum() == pytest.approx(share, abs=1e-8)


def test_means_by_a_variable_are_met_in_each_of_its_levels(sample, design):
    schemes = {
        "n": {"sex": SEXES, "income": {"mean": 44.0}},
        "s": {"sex": SEXES, "income": {"mean": 42.0}},
    }
    found = calibrate(design, schemes, by="stratum")
    assert mean(found, "income", by="stratum").estimate == pytest.approx([44.0, 42.0], rel=1e-9)


@pytest.mark.parametrize(
    ("schemes", "message"),
    [
        ({"n": TARGETS}, r"stratum: the level 's' has respondents \(\d+\), but no target"),
        (
            {"n": TARGETS, "s": TARGETS, "west": TARGETS},
            "stratum: the level 'west' has targets, but no respondent",
        ),
        ({"n": TARGETS, "s": {"age": {"young": 1.0}}}, r"s, age: the level 'old' has respondents"),
        ({"n": TARGETS, "s": {"age": {**AGES, "old": 0.3}}}, r"s, age: the shares sum to 1\.1, not to 1"),
        ({"n": TARGETS, "s": 0.5}, "s: with by='stratum', each level needs its own margins, got 0.5"),
    ],
)
def test_faults_of_margins_by_a_variable_name_its_level(design, schemes, message):
    with pytest.raises(TargetsError, match=message):
        rake(design, schemes, by="stratum")


def test_an_unknown_variable_to_rake_by_is_refused_with_a_near_miss(design):
    with pytest.raises(TargetsError, match="by: no such variable 'strata'; did you mean 'stratum'"):
        rake(design, {"n": TARGETS}, by="strata")


# Calibration


COUNTS = {name: {level: N * share for level, share in levels.items()} for name, levels in TARGETS.items()}
NUMERIC = {**COUNTS, "income": MEAN_INCOME * N}


def design_matrix(sample):
    return np.column_stack([indicators(sample), sample["income"]])


WANTED = np.array([*(N * s for s in AGES.values()), *(N * s for s in SEXES.values()), MEAN_INCOME * N])


@pytest.mark.parametrize(
    ("method", "bounds"),
    [
        ("raking", (None, None)),
        ("linear", (None, None)),
        ("logit", (0.3, 2.2)),
        ("linear", (0.3, 2.2)),
        ("raking", (0.3, 2.2)),
    ],
)
def test_calibrated_weights_meet_margins_and_totals(sample, method, bounds):
    base = Design(sample.assign(w=sample["w"] * N / sample["w"].sum()), weights="w")
    found = calibrate(base, NUMERIC, method=method, bounds=bounds)
    assert design_matrix(sample).T @ found.weights == pytest.approx(WANTED, rel=1e-10)
    ratios = found.weights / base.weights
    if bounds[0] is not None:
        assert ratios.min() >= 0.3 - 1e-12
        assert ratios.max() <= 2.2 + 1e-12
    assert found.history[-1].error <= 1e-8
    assert found.history[-1].rule == f"to age, sex and income, {method}"


def test_linear_calibration_is_generalised_regression(sample, design):
    x, d = design_matrix(sample), sample["w"].to_numpy()
    gram = x.T @ (x * d[:, None])
    expected = d * (1 + x @ np.linalg.lstsq(gram, WANTED - x.T @ d, rcond=None)[0])
    assert calibrate(design, NUMERIC, method="linear").weights == pytest.approx(expected, rel=1e-8)


def test_calibration_by_raking_to_margins_is_raking(design):
    assert calibrate(design, TARGETS).weights == pytest.approx(rake(design, TARGETS).weights, rel=1e-10)


def test_logit_weights_stay_strictly_inside_their_bounds(sample):
    base = Design(sample.assign(w=1.0), weights="w")
    ratios = calibrate(base, TARGETS, method="logit", bounds=(0.4, 2.5)).weights
    assert 0.4 < ratios.min() < ratios.max() < 2.5


def test_a_mean_is_a_total_over_the_population(design):
    by_mean = calibrate(design, {**COUNTS, "income": {"mean": MEAN_INCOME}})
    assert by_mean.weights == pytest.approx(calibrate(design, NUMERIC).weights, rel=1e-9)
    assert mean(by_mean, "income").estimate[0] == pytest.approx(MEAN_INCOME, rel=1e-10)


def test_a_total_alone_may_be_a_target(sample, design):
    found = calibrate(design, {"income": {"total": 20_000}})
    assert found.weights @ sample["income"] == pytest.approx(20_000, rel=1e-12)


def test_a_frame_names_means_and_totals_as_levels(design):
    frame = pd.DataFrame(
        [*((name, level, share) for name, levels in TARGETS.items() for level, share in levels.items()),
         ("income", "mean", MEAN_INCOME)],
        columns=["variable", "level", "target"],
    )  # fmt: skip
    expected = calibrate(design, {**TARGETS, "income": {"mean": MEAN_INCOME}}).weights
    assert np.array_equal(calibrate(design, frame).weights, expected)


def test_calibration_tells_the_mean_of_a_numeric_variable_before_and_after(design):
    step = calibrate(design, {**TARGETS, "income": {"mean": MEAN_INCOME}}).history[-1]
    row = step.to_frame().set_index("variable").loc["income"]
    assert row["level"] == "(mean)"
    assert row["n"] == 240
    assert [row["target"], row["after"]] == pytest.approx([MEAN_INCOME] * 2)
    assert row["before"] == pytest.approx(mean(design, "income").estimate[0])
    assert "43" in repr(step)


def test_a_calibrated_mean_has_no_standard_error(design):
    found = calibrate(design, {**TARGETS, "income": {"mean": MEAN_INCOME}})
    assert mean(found, "income").se[0] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("variance", ["final", "base"])
@pytest.mark.parametrize("method", ["raking", "linear"])
@pytest.mark.parametrize("roles", [{}, {"strata": "stratum"}, {"strata": "stratum", "psu": "psu"}])
def test_the_variance_is_that_of_residuals_from_levels_and_numbers(sample, roles, method, variance):
    found = calibrate(Design(sample, weights="w", **roles), NUMERIC, method=method, variance=variance)
    final = found.weights
    _, shares = brute_force.shares(sample["yes"], ["no", "yes"], final)
    _, of_mean = brute_force.mean(sample["y"], final)
    influence = np.column_stack([shares, of_mean, final * sample["y"]])
    regression = final if variance == "final" else sample["w"].to_numpy()
    left = residuals(influence / final[:, None], design_matrix(sample), regression) * final[:, None]
    expected = brute_force.covariance(left, **{name: sample[column] for name, column in roles.items()})
    assert np.allclose(proportion(found, "yes").vcov, expected[:2, :2], rtol=1e-8, atol=1e-16)
    assert mean(found, "y").vcov[0, 0] == pytest.approx(expected[2, 2], rel=1e-8)
    assert total(found, "y").vcov[0, 0] == pytest.approx(expected[3, 3], rel=1e-8)


@pytest.mark.parametrize("variance", ["final", "base"])
@pytest.mark.parametrize("psu", [None, "psu"])
def test_after_two_steps_the_last_explains_first_and_the_earlier_one_the_rest(sample, psu, variance):
    margins = {**TARGETS, "income": {"mean": MEAN_INCOME}}
    first = calibrate(Design(sample, weights="w", psu=psu), margins, variance=variance)
    second = poststratify(first, {"stratum": {"n": 0.6, "s": 0.4}}, variance=variance)
    w = second.weights
    weights = [sample["w"].to_numpy(), first.weights, w]
    of_first, of_second = weights[1:] if variance == "final" else weights[:2]
    _, influence = brute_force.mean(sample["y"], w)
    left = residuals((influence / w)[:, None], indicators(sample, {"stratum": ["n", "s"]}), of_second)
    left = residuals(left, design_matrix(sample), of_first)
    expected = brute_force.covariance(left * w[:, None], psu=None if psu is None else sample[psu])
    assert mean(second, "y").vcov[0, 0] == pytest.approx(expected[0, 0], rel=1e-8)


@pytest.mark.parametrize("psu", [None, "psu"])
def test_sparse_sums_give_what_full_tables_give(sample, psu, monkeypatch):
    def estimated():
        found = rake(Design(sample, weights="w", psu=psu), TARGETS)
        both = proportion(found, ["yes", "age"], by="stratum"), mean(found, "y", by="yes")
        return np.concatenate([one.vcov.ravel() for one in both])

    expected = estimated()
    monkeypatch.setattr(trustkit.design.auxiliaries, "DENSE", 0)
    assert np.allclose(estimated(), expected, rtol=1e-11, atol=1e-18)


def test_crowded_cross_classifications_are_reduced_as_they_grow(sample, design, monkeypatch):
    expected = rake(design, TARGETS).weights
    monkeypatch.setattr(trustkit.weighting.matching, "CROWDED", 2)
    assert rake(design, TARGETS).weights == pytest.approx(expected, rel=1e-12)


def test_margins_whose_cross_classification_overflows_are_raked():
    random = np.random.default_rng(1)
    levels = [f"l{number:02d}" for number in range(30)]
    shares = dict.fromkeys(levels, 1 / 30)
    data = pd.DataFrame({f"v{k:02d}": random.choice(levels, 900) for k in range(14)})
    assert 30**14 > 2**63
    found = rake(Design(data), dict.fromkeys(data, shares))
    assert found.history[-1].error <= 1e-8
    for name in data:
        sums = pd.Series(found.weights).groupby(data[name]).sum() / 900
        assert np.abs(sums - 1 / 30).max() <= 1e-8


# Bounds and totals that can't be met


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "rakng"}, "did you mean 'raking'"),
        ({"method": "logit"}, "the logit method needs two bounds"),
        ({"method": "logit", "bounds": (0.5, None)}, "the logit method needs two bounds"),
        ({"bounds": (1.1, 3)}, "bounds must leave room on both sides of 1"),
        ({"bounds": (0.1, 0.9)}, "bounds must leave room on both sides of 1"),
        ({"variance": "bse"}, "did you mean 'base'"),
    ],
)
def test_options_of_calibration_that_make_no_sense_are_refused(design, options, message):
    with pytest.raises(TrustkitError, match=message):
        calibrate(design, TARGETS, **options)


def test_a_bound_that_a_level_can_not_keep_is_named_with_the_level(design):
    with pytest.raises(TargetsError, match="3 errors in the bounds") as caught:
        calibrate(design, {"age": {"young": 0.9, "middle": 0.05, "old": 0.05}}, bounds=(0.4, 3))
    text = str(caught.value)
    assert "age: 'young' needs weights" in text
    assert "beyond the bound 3" in text
    assert "age: 'old' needs weights" in text
    assert "beyond the bound 0.4" in text


def test_bounds_that_only_together_can_not_be_kept_are_named_with_the_worst_margin():
    data = pd.DataFrame({"a": list("xxxxyyyy"), "b": list("pppqpqqq")})
    targets = {"a": {"x": 0.7, "y": 0.3}, "b": {"p": 0.3, "q": 0.7}}
    with pytest.raises(TargetsError, match=r"can't meet its targets with g in 0\.5 to 1\.5") as caught:
        calibrate(Design(data), targets, bounds=(0.5, 1.5))
    assert caught.value.where in ("a: 'x'", "a: 'y'", "b: 'p'", "b: 'q'")
    assert calibrate(Design(data), targets).history[-1].error <= 1e-8


def test_a_mean_out_of_reach_is_named(design):
    with pytest.raises(TargetsError, match="can't meet its targets") as caught:
        calibrate(design, {"sex": SEXES, "income": {"mean": 10_000}})
    assert caught.value.where == "income"
    assert caught.value.got.startswith("a mean of ")
    assert caught.value.expected == "a mean of 10,000"


def test_a_total_out_of_reach_is_named(sample, design):
    least = 0.5 * sample["w"] @ sample["income"]
    with pytest.raises(TargetsError, match=r"can't meet its targets with g in 0\.5 to 2") as caught:
        calibrate(design, {"income": 100.0}, bounds=(0.5, 2))
    assert caught.value.where == "income"
    assert caught.value.got.startswith(f"{least:,.6g} after")
    assert caught.value.expected == "100"


def test_a_step_that_does_not_help_is_given_up(design, monkeypatch):
    monkeypatch.setattr(trustkit.weighting.fitting, "HALVINGS", 0)
    with pytest.raises(TargetsError, match="can't meet its targets") as caught:
        calibrate(design, TARGETS)
    assert "after 0 iterations" in caught.value.got


def test_negative_linear_weights_are_refused_with_a_way_out(design):
    with pytest.raises(TargetsError, match=r"linear calibration makes \d+ weights negative") as caught:
        calibrate(design, {"sex": SEXES, "income": {"mean": 80}}, method="linear")
    assert caught.value.do == "pass bounds=(0, None), or use method='raking'"
    bounded = calibrate(design, {"sex": SEXES, "income": {"mean": 60}}, method="linear", bounds=(0, None))
    assert bounded.weights.min() >= 0


def test_numeric_targets_need_numbers(sample, design):
    holes = Design(sample.assign(income=sample["income"].where(sample["row"] != 3)), weights="w")
    with pytest.raises(TargetsError, match=r"income: 1 row has no value \(first at rows 3\)"):
        calibrate(holes, {"income": {"mean": 40}})
    with pytest.raises(TargetsError, match="sex: the answers of sex are not numbers; give shares"):
        calibrate(design, {"sex": 5.0})
    with pytest.raises(TargetsError, match="income: the target of a numeric variable must be one finite"):
        calibrate(design, {"income": float("inf")})


def test_raking_and_poststratification_leave_numbers_to_calibration(design):
    with pytest.raises(TargetsError, match="rake accepts margins of levels only") as caught:
        rake(design, {**TARGETS, "income": {"mean": 40}})
    assert "use calibrate" in caught.value.do
    with pytest.raises(TargetsError, match="accepts one margin"):
        poststratify(design, {"income": {"mean": 40}})


def test_rows_without_weight_may_miss_a_margin_variable(sample):
    holes = sample.assign(
        age=sample["age"].where(sample["row"] >= 9), w=sample["w"].where(sample["row"] >= 9, 0.0)
    )
    found = rake(Design(holes, weights="w"), TARGETS).weights
    assert found[:9].tolist() == [0.0] * 9
    assert found[9:] == pytest.approx(rake(Design(sample[9:], weights="w"), TARGETS).weights, rel=1e-12)


# Replicates


def loops(sample, weights, whole):
    return brute_force.rake(
        weights,
        [sample["age"], sample["sex"]],
        [{level: share * whole for level, share in levels.items()} for levels in TARGETS.values()],
        rounds=80,
    )


def test_raked_jackknife_replicates_are_each_raked(sample):
    raked = rake(replicate(Design(sample, weights="w", psu="psu"), "JK1"), TARGETS)
    whole, psus = sample["w"].sum(), sample["psu"].unique()
    found = []
    for psu in psus:
        kept = np.where(sample["psu"] == psu, 0.0, sample["w"] * len(psus) / (len(psus) - 1))
        found.append(np.average(sample["y"], weights=loops(sample, kept, whole)))
    expected = (len(psus) - 1) / len(psus) * ((np.array(found) - np.mean(found)) ** 2).sum()
    assert mean(raked, "y").vcov[0, 0] == pytest.approx(expected, rel=1e-7)
    assert proportion(raked, "age").se == pytest.approx(np.zeros(3), abs=1e-8)


def with_columns(sample, count=12):
    random = np.random.default_rng(3)
    columns = {f"r{k}": sample["w"] * random.uniform(0.2, 2, len(sample)) for k in range(count)}
    return sample.assign(**columns), list(columns)


@pytest.mark.parametrize(
    "weighting",
    [
        lambda design: rake(design, TARGETS),
        lambda design: poststratify(design, {("age", "sex"): JOINT}),
        lambda design: calibrate(design, {**TARGETS, "income": {"mean": MEAN_INCOME}}),
    ],
)
def test_columns_of_replicate_weights_are_weighted_one_by_one(sample, weighting):
    data, columns = with_columns(sample)
    found = weighting(Design(data, weights="w", replicates=Replicates(columns, "bootstrap")))
    assert found.replicates.weights.shape == (240, 12)
    for place, column in enumerate(columns):
        alone = weighting(
            Design(data.assign(v=data[column] * data["w"].sum() / data[column].sum()), weights="v")
        )
        assert found.replicates.weights[:, place] == pytest.approx(alone.weights, rel=1e-7)


def test_multipliers_and_the_columns_they_make_give_one_variance(sample, monkeypatch):
    made = replicate(Design(sample, weights="w", psu="psu"), "bootstrap", count=20, seed=5)
    rows = made.replicates.rows(made.weights, made.first_stage.groups)
    data = sample.assign(**{f"r{k}": rows[:, k] for k in range(20)})
    given = Design(data, weights="w", replicates=Replicates([f"r{k}" for k in range(20)], "bootstrap"))
    one, other = (mean(rake(design, TARGETS), "y", by="sex") for design in (made, given))
    assert one.vcov == pytest.approx(other.vcov, rel=1e-9)
    monkeypatch.setattr(trustkit.design.replicates, "MOST_SUMS", 0)
    assert mean(rake(made, TARGETS), "y", by="sex").vcov == pytest.approx(one.vcov, rel=1e-12)


def test_replicates_weighted_twice_are_weighted_twice_each(sample):
    made = replicate(Design(sample, weights="w", psu="psu"), "JK1")
    rows = made.replicates.rows(made.weights, made.first_stage.groups)
    columns = {f"r{k}": column for k, column in enumerate(rows.T)}
    data = pd.concat([sample, pd.DataFrame(columns)], axis=1)
    given = Design(data, weights="w", replicates=Replicates(list(columns), "JK1"))

    def both(design):
        return poststratify(trim(rake(design, TARGETS), 2.5), {("age", "sex"): JOINT})

    assert mean(both(made), "y").vcov == pytest.approx(mean(both(given), "y").vcov, rel=1e-9)
    by_rows = both(made).replicates.rows(both(made).weights, None)
    assert by_rows == pytest.approx(both(given).replicates.weights, rel=1e-9)


def test_a_replicate_without_anybody_in_a_level_is_named():
    data = pd.DataFrame({"sex": list("mff"), "psu": [1, 2, 3]})
    with pytest.raises(
        TargetsError, match="1 replicates have no respondents in a level with a target"
    ) as caught:
        rake(replicate(Design(data, psu="psu"), "JK1"), {"sex": SEXES})
    assert caught.value.where == "sex: 'm'"
    assert caught.value.got == "first in replicate 1"


def test_weighted_synthetic_data_say_so(sample):
    design = Design(Survey(sample, Codebook({}, data="synthetic")))
    assert repr(calibrate(design, TARGETS).history[-1]).endswith("Synthetic data.")


# Whatever the sample


@settings(max_examples=25, deadline=None, derandomize=True, database=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(2, 5))
def test_whatever_the_sample_margins_are_met_in_any_order_and_once_is_enough(seed, margins, levels):
    random = np.random.default_rng(seed)
    names = [f"l{level}" for level in range(levels)]
    data = pd.DataFrame({f"v{k}": random.permutation(names * 40) for k in range(margins)})
    data["w"] = random.gamma(2, 1, len(data)) + 0.05
    targets = {
        f"v{k}": dict(zip(names, random.dirichlet(np.full(levels, 20)), strict=True)) for k in range(margins)
    }
    design = Design(data, weights="w")
    raked = rake(design, targets)
    assert raked.history[-1].error <= 1e-8
    assert raked.weights.sum() == pytest.approx(data["w"].sum(), rel=1e-9)
    backwards = rake(design, dict(reversed(targets.items())))
    for other in (backwards, rake(raked, targets), calibrate(design, targets)):
        assert other.weights == pytest.approx(raked.weights, rel=1e-6)


@pytest.mark.parametrize("psu", [None, "psu"])
def test_what_was_calibrated_to_has_no_variance_at_all_not_even_that_of_rounding(sample, psu):
    known = {**TARGETS, "income": {"mean": 41.0}}
    design = calibrate(Design(sample, weights="w", strata="stratum", psu=psu), known)
    assert not proportion(design, ["age", "sex"]).vcov.any()
    assert not mean(design, "income").se.any()
    assert mean(design, "y").se.all()


def test_raked_replicates_have_no_variance_in_what_they_were_raked_to(sample):
    design = rake(replicate(Design(sample, weights="w", psu="psu"), "JK1"), TARGETS)
    assert not proportion(design, ["age", "sex"]).vcov.any()
    assert mean(design, "y").se.all()
