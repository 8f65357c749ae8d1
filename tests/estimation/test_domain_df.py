"""Every row of an estimate has the degrees of freedom of its own domain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.estimation.distributions import NO_DF
from trustkit.estimation.results import ONE_PSU, ONE_RESPONDENT

METHODS = ["logit", "beta", "wilson", "likelihood", "asin", "xlogit", "mean"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Four strata of three PSUs, six people in each; `area` reaches over one, two and four strata."""
    rng = np.random.default_rng(11)
    data = pd.DataFrame(
        {
            "stratum": np.repeat([1, 2, 3, 4], 18),
            "psu": np.tile(np.repeat([1, 2, 3], 6), 4),
            "y": rng.normal(10, 2, 72),
            "answer": rng.choice(["yes", "no"], 72),
            "w": rng.uniform(1, 3, 72),
        }
    )
    within = np.arange(72) % 6
    data["area"] = "everywhere"
    data.loc[(data["stratum"] == 1) & (within == 0), "area"] = "one stratum"
    data.loc[(data["stratum"] == 2) & (data["psu"] == 1) & (within == 1), "area"] = "one person"
    data.loc[(data["stratum"] == 3) & (data["psu"] == 2) & (within < 3), "area"] = "one PSU"
    data.loc[data["stratum"].isin([2, 4]) & (data["psu"] == 3) & (within < 3), "area"] = "two strata"
    return data


DF = {"everywhere": 12 - 4, "one stratum": 3 - 1, "one person": 0, "one PSU": 0, "two strata": 2 - 2}
"""PSUs less strata of each area."""


@pytest.fixture
def design(frame) -> tk.Design:
    return tk.Design(frame, weights="w", strata="stratum", psu="psu")


def by_area(estimate: tk.Estimate) -> pd.DataFrame:
    return estimate.to_frame().set_index("area")


@pytest.mark.parametrize(
    "estimate",
    [
        lambda design: tk.mean(design, "y", by="area"),
        lambda design: tk.total(design, "y", by="area"),
        lambda design: tk.ratio(design, "y", "w", by="area"),
        lambda design: tk.variance(design, "y", by="area"),
        lambda design: tk.correlation(design, "y", "w", by="area"),
        lambda design: tk.quantile(design, "y", by="area"),
        lambda design: tk.proportion(design, "answer", level="yes", by="area"),
    ],
)
def test_degrees_of_freedom_are_the_psus_less_the_strata_that_hold_somebody(design, estimate):
    assert by_area(estimate(design))["df"].to_dict() == DF


@pytest.mark.parametrize("method", METHODS)
def test_every_interval_of_a_domain_is_that_of_the_domain_alone_with_its_psus(frame, method):
    # all PSUs of the stratum hold somebody of the domain, so that nothing outside changes its variance
    design = tk.Design(frame, weights="w", strata="stratum", psu="psu")
    own = tk.Design(frame[frame["area"] == "one stratum"], weights="w", strata="stratum", psu="psu")
    found = tk.proportion(design, "answer", level="yes", where={"area": "one stratum"}, ci=method)
    alone = tk.proportion(own, "answer", level="yes", ci=method)
    assert found.df.tolist() == [2]
    np.testing.assert_allclose([found.ci_low, found.ci_high], [alone.ci_low, alone.ci_high], rtol=1e-12)


def test_a_domain_of_one_person_or_one_psu_has_no_standard_error_and_says_why(design):
    found = tk.mean(design, "y", by="area")
    rows = by_area(found)
    for area, reason in {"one person": ONE_RESPONDENT, "one PSU": ONE_PSU}.items():
        assert rows.loc[area, ["se", "ci_low", "ci_high"]].isna().all()
        assert rows.loc[area, "reason"] == reason
        assert f"Not known for {area}: {reason}." in repr(found)
    assert rows.loc[["everywhere", "one stratum"], "reason"].eq("").all()


def test_a_domain_without_degrees_of_freedom_has_a_standard_error_and_no_interval(design):
    row = by_area(tk.mean(design, "y", by="area")).loc["two strata"]
    assert row["se"] > 0
    assert row[["ci_low", "ci_high"]].isna().all()
    assert row["reason"] == NO_DF


def test_a_total_of_one_person_has_a_standard_error_since_others_could_have_had_none(design):
    row = by_area(tk.total(design, "y", by="area")).loc["one person"]
    assert row["se"] > 0
    assert np.isnan(row["ci_low"])
    assert row["reason"] == NO_DF


@pytest.mark.parametrize("method", METHODS)
def test_where_all_of_two_strata_agree_there_is_no_interval_without_degrees_of_freedom(frame, method):
    same = frame.assign(answer=frame["answer"].where(frame["area"] != "two strata", "yes"))
    design = tk.Design(same, strata="stratum", psu="psu")
    row = by_area(tk.proportion(design, "answer", level="yes", by="area", ci=method)).loc["two strata"]
    assert row["estimate"] == 1
    assert row[["ci_low", "ci_high"]].isna().all()
    assert row["reason"] == NO_DF


def test_missing_answers_define_a_domain(frame):
    gappy = frame.assign(y=frame["y"].where(frame["stratum"] == 1))
    found = tk.mean(tk.Design(gappy, strata="stratum", psu="psu"), "y")
    assert found.df.tolist() == [2]
    assert tk.mean(tk.Design(frame, strata="stratum", psu="psu"), "y").df.tolist() == [8]


def test_people_without_a_weight_hold_no_psu(frame):
    weightless = frame.assign(w=frame["w"].where((frame["stratum"] > 1) | (frame["psu"] > 1), 0.0))
    design = tk.Design(weightless, weights="w", strata="stratum", psu="psu")
    assert by_area(tk.mean(design, "y", by="area"))["df"]["one stratum"] == 1


def test_a_contrast_has_the_degrees_of_freedom_of_its_domains_together(design):
    means = tk.mean(design, "y", by="area")
    both = tk.contrast(means, {"one stratum": 1, "two strata": -1})
    assert both.df.tolist() == [(3 + 2) - 3]
    assert tk.contrast(means, {"one stratum": 1, "everywhere": -1}).df.tolist() == [8]
    assert tk.contrast(means, {"one stratum": 1}).df.tolist() == [2]
    pairs = tk.pairwise(means).to_frame().set_index(["first", "second"])
    assert pairs.loc[("one stratum", "two strata"), "df"] == 2
    reach = stats.t.ppf(0.975, 2) * both.se
    np.testing.assert_allclose(both.ci_high - both.estimate, reach, rtol=1e-12)


def test_a_contrast_of_rows_without_psus_counts_people_of_domains_and_not_of_answers_twice(frame):
    design = tk.Design(frame)
    sizes = frame["area"].value_counts()
    shares = tk.proportion(design, "answer", by="area")
    rows = {"one stratum, yes": 1, "one stratum, no": -1}
    assert tk.contrast(shares, rows).df.tolist() == [sizes["one stratum"] - 1]
    rows = {"one stratum, yes": 1, "two strata, yes": -1}
    assert tk.contrast(shares, rows).df.tolist() == [sizes["one stratum"] + sizes["two strata"] - 1]


def test_what_has_no_standard_error_is_not_compared_and_leaves_other_contrasts_alone(design, frame):
    means = tk.mean(design, "y", by="area")
    pairs = tk.pairwise(means).to_frame().set_index(["first", "second"])
    pair = pairs.loc[("everywhere", "one person")]
    assert np.isnan(pair["p_value"])
    assert pair["reason"] == f"one person: {ONE_RESPONDENT}"
    assert f"No test of everywhere and one person: one person: {ONE_RESPONDENT}." in repr(tk.pairwise(means))
    assert np.isfinite(tk.contrast(means, {"everywhere": 1, "one stratum": -1}).se).all()
    two = frame[frame["area"].isin(["everywhere", "one person"])]
    for found in (
        tk.ttest(tk.Design(two), "y", by="area"),
        tk.rank_test(tk.Design(two), "y", "area"),
    ):
        assert np.isnan(found.p_value)
        assert "one person" in found.reason


def test_tests_take_the_degrees_of_freedom_of_those_who_are_counted(frame):
    design = tk.Design(frame.assign(other=np.roll(frame["answer"], 3)), strata="stratum", psu="psu")
    where = {"stratum": [1, 2]}
    assert tk.ttest(design, "y", where=where).df == (4.0,)
    assert tk.ttest(design, "y", minus="w", where=where).df == (4.0,)
    assert tk.ttest(design, "y", by="answer", where=where).df == (3.0,)
    assert tk.rank_test(design, "y", "answer", where=where).df == (3.0,)
    assert tk.paired_proportions(design, "answer", "other", "yes", where=where).df == (4.0,)
    assert tk.chisq_test(design, "answer", "other", where=where).df[1] == pytest.approx(4.0)
    assert tk.gof_test(design, "answer", {"yes": 1, "no": 1}, where=where).df[1] == pytest.approx(4.0)


def test_waves_add_the_degrees_of_freedom_of_each_domain(design, frame):
    earlier = tk.mean(tk.Design(frame), "y", by="area")
    change = tk.wave_difference(tk.mean(design, "y", by="area"), earlier)
    alone = frame["area"].value_counts()
    expected = [DF[area] + alone[area] - 1 for area in change.keys["area"]]
    assert change.df.tolist() == expected


def jackknife_columns(frame: pd.DataFrame) -> pd.DataFrame:
    made = tk.replicate(tk.Design(frame, weights="w", strata="stratum", psu="psu"), "JKn")
    weights = made.replicates.rows(made.weights, made.first_stage.groups)
    return pd.DataFrame(weights, columns=[f"r{number}" for number in range(weights.shape[1])])


@pytest.mark.parametrize(("declared", "expected"), [(None, 2), (1.0, 1), (np.inf, 2)])
def test_replicate_weights_of_a_domain_have_their_own_rank(frame, declared, expected):
    columns = jackknife_columns(frame)
    given = tk.Replicates(list(columns), "other", scale=1, rscales=[2 / 3] * 12, df=declared)
    design = tk.Design(pd.concat([frame, columns], axis=1), weights="w", replicates=given)
    # in one stratum the columns of the other three are all equal: its three PSUs are what varies
    where = {"area": "one stratum"}
    rank = np.linalg.matrix_rank(columns[frame["area"] == "one stratum"])
    assert rank == 3
    assert tk.mean(design, "y", where=where).df.tolist() == [expected]
    assert tk.mean(design, "y").df.tolist() == [design.df]


def test_replicate_weights_that_do_not_vary_in_a_domain_give_no_standard_error(frame):
    columns = jackknife_columns(frame)
    inside = frame["area"] == "one PSU"
    columns[inside] = frame.loc[inside, "w"].to_numpy()[:, None] * np.ones(12)
    given = tk.Replicates(list(columns), "other", scale=1, rscales=[2 / 3] * 12)
    design = tk.Design(pd.concat([frame, columns], axis=1), weights="w", replicates=given)
    found = tk.mean(design, "y", where={"area": "one PSU"})
    assert found.df.tolist() == [0]
    assert np.isnan(found.se).all()
    assert found.reasons == (ONE_PSU,)


def test_made_replicates_count_psus_as_the_design_does(design):
    made = tk.replicate(design, "JKn")
    found = tk.mean(made, "y", by="area")
    assert by_area(found)["df"].to_dict() == DF
    assert tk.contrast(found, {"one stratum": 1, "everywhere": -1}).df.tolist() == [8]


def test_a_union_of_domains_has_the_rank_of_their_replicate_weights_together(frame):
    columns = jackknife_columns(frame)
    given = tk.Replicates(list(columns), "other", scale=1, rscales=[2 / 3] * 12)
    design = tk.Design(pd.concat([frame, columns], axis=1), weights="w", replicates=given)
    means = tk.mean(design, "y", by="area")
    chosen = frame["area"].isin(["one stratum", "two strata"])
    together = np.linalg.matrix_rank(columns[chosen])
    assert tk.contrast(means, {"one stratum": 1, "two strata": -1}).df.tolist() == [together - 1]


def test_a_claim_on_a_domain_without_an_interval_is_not_checkable_and_says_why(design):
    reading = tk.Reading("y", statistic="mean", where={"area": "one person"})
    claim = tk.Claim("rare", "One person scores 99", 99, 0, reading)
    (verdict,) = tk.verify([claim], design).verdicts
    assert verdict.verdict == "not checkable"
    assert verdict.reason == ONE_RESPONDENT


def test_where_nobody_was_asked_the_error_names_the_question(frame):
    design = tk.Design(frame.assign(unasked=pd.Categorical([None] * len(frame), ["yes", "no"])))
    with pytest.raises(tk.TrustkitError, match="nobody is in the base of unasked"):
        tk.proportion(design, "unasked")
