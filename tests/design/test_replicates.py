"""Replicate weights: given, made, and used in place of strata and PSUs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, DesignError


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "stratum": np.repeat([1, 2, 3, 4], 6),
            "psu": np.tile(np.repeat([1, 2], 3), 4),
            "w": rng.gamma(3, 1, 24),
            "y": rng.normal(10, 3, 24),
            "x": rng.normal(5, 1, 24),
            "answer": rng.choice(["yes", "no"], 24),
        }
    )


def by_hand(weights: np.ndarray, y: np.ndarray, scale: float, rscales: np.ndarray, centre: str, full: float):
    theta = (weights * y[:, None]).sum(axis=0) / weights.sum(axis=0)
    return scale * (rscales * (theta - (theta.mean() if centre == "mean" else full)) ** 2).sum()


@pytest.mark.parametrize("centre", ["mean", "estimate"])
@pytest.mark.parametrize(
    ("kind", "rho", "scale"),
    [
        ("JK1", 0.0, 4 / 5),
        ("BRR", 0.0, 1 / 5),
        ("Fay", 0.3, 1 / (5 * 0.49)),
        ("bootstrap", 0.0, 1 / 4),
        ("SDR", 0, 4 / 5),
    ],
)
def test_given_replicates_spread_as_their_kind_prescribes(frame, kind, rho, scale, centre):
    rng = np.random.default_rng(1)
    weights = rng.gamma(3, 1, (24, 5))
    columns = [f"r{k}" for k in range(5)]
    data = pd.concat([frame, pd.DataFrame(weights, columns=columns)], axis=1)
    design = tk.Design(data, weights="w", replicates=tk.Replicates(columns, kind, rho=rho, centre=centre))
    y, w = frame["y"].to_numpy(), frame["w"].to_numpy()
    expected = by_hand(weights, y, scale, np.ones(5), centre, float((w * y).sum() / w.sum()))
    assert tk.mean(design, "y").vcov[0, 0] == pytest.approx(expected, rel=1e-12)
    assert design.df == 4


def test_jackknife_of_a_mean_is_the_linearised_error_under_simple_random_sampling(frame):
    design = tk.Design(frame)
    linear, jackknife = tk.mean(design, "y"), tk.mean(tk.replicate(design, "JK1"), "y")
    assert jackknife.se[0] == pytest.approx(linear.se[0], rel=1e-12)
    assert jackknife.df == linear.df


@pytest.mark.parametrize(
    "call",
    [
        lambda d: tk.mean(d, ["y", "x"]),
        lambda d: tk.total(d, "y"),
        lambda d: tk.proportion(d, "answer", by="stratum_name"),
        lambda d: tk.ratio(d, "y", "x"),
        lambda d: tk.correlation(d, "y", "x"),
    ],
)
def test_made_replicates_equal_the_same_weights_given_as_columns(frame, call):
    frame["stratum_name"] = frame["stratum"].map({1: "a", 2: "a", 3: "b", 4: "b"})
    design = tk.Design(frame, weights="w", strata="stratum", psu="psu")
    made = tk.replicate(design, "JKn")
    multipliers = made.replicates.multipliers[made.first_stage.groups]
    columns = [f"r{k}" for k in range(multipliers.shape[1])]
    weights = pd.DataFrame(multipliers * frame[["w"]].to_numpy(), columns=columns)
    given = tk.Design(
        pd.concat([frame, weights], axis=1),
        weights="w",
        replicates=tk.Replicates(columns, "JKn", rscales=made.replicates.rscales, df=made.df),
    )
    np.testing.assert_allclose(call(made).vcov, call(given).vcov, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("kind", ["JKn", "BRR", "Fay"])
def test_replicates_of_a_total_equal_its_linearised_error_in_a_paired_design(frame, kind):
    design = tk.Design(frame, weights="w", strata="stratum", psu="psu")
    linear, repeated = tk.total(design, "y"), tk.total(tk.replicate(design, kind, rho=0.5), "y")
    assert repeated.se[0] == pytest.approx(linear.se[0], rel=1e-12)
    assert repeated.df == linear.df == 4


def test_finite_populations_shrink_the_jackknife_as_they_do_the_linearised_error(frame):
    design = tk.Design(frame.assign(n=5), weights="w", strata="stratum", psu="psu", fpc="n")
    assert tk.total(tk.replicate(design, "JKn"), "y").se[0] == pytest.approx(
        tk.total(design, "y").se[0], rel=1e-12
    )


def test_the_bootstrap_is_seeded_and_near_the_linearised_error(frame):
    design = tk.Design(frame, weights="w", strata="stratum", psu="psu")
    first, second = (
        tk.total(tk.replicate(design, "bootstrap", count=4000, seed=s), "y").se[0] for s in (1, 1)
    )
    other = tk.total(tk.replicate(design, "bootstrap", count=4000, seed=2), "y").se[0]
    assert first == second != other
    assert first == pytest.approx(tk.total(design, "y").se[0], rel=0.06)  # 4,000 draws: about 1% a sigma


def test_successive_differences_see_only_neighbours():
    data = pd.DataFrame({"psu": range(14), "y": np.arange(14.0)})
    design = tk.Design(data, psu="psu")
    repeated = tk.total(tk.replicate(design, "SDR"), "y").se[0]
    # Fay and Train: half the sum of squared neighbour differences, plus the ends' own squares over two.
    y = data["y"].to_numpy()
    expected = np.sqrt(((np.diff(y) ** 2).sum() + y[0] ** 2 + y[-1] ** 2) / 2)
    assert repeated == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"columns": ["r1", "gone"]}, "1 replicate columns are not in the data"),
        ({"columns": ["r1"]}, "at least two columns"),
        ({"columns": ["r1", "answer"]}, "must be numbers"),
        ({"columns": ["r1", "bad"]}, r"missing, negative or infinite(.|\n)*bad(.|\n)*first at rows 0"),
        ({"columns": ["r1", "none"]}, r"1 replicate columns are all zero(.|\n)*where: none"),
        ({"kind": "JK2"}, "argument 'kind' can't be used"),
        ({"kind": "JKn"}, "no default scales"),
        ({"kind": "other"}, "no default scales"),
        ({"kind": "Fay", "rho": 1.0}, "rho is out of range"),
        ({"centre": "median"}, "argument 'centre' can't be used"),
        ({"df": -3.0}, "degrees of freedom of replicates must be positive"),
        ({"df": float("nan")}, "degrees of freedom of replicates must be positive"),
        ({"rscales": [1.0]}, "rscales don't match the columns"),
    ],
)
def test_bad_replicates_are_refused_by_name(frame, change, message):
    data = frame.assign(r1=1.0, r2=2.0, bad=-1.0, none=0.0)
    given = {"columns": ["r1", "r2"], "kind": "JK1"} | change
    with pytest.raises(tk.TrustkitError, match=message):
        tk.Design(data, weights="w", replicates=tk.Replicates(**given))


@pytest.mark.parametrize(
    ("design", "kind", "message"),
    [
        ({"strata": "stratum"}, "JK1", "JK1 needs one stratum"),
        ({"strata": "stratum", "psu": "three"}, "BRR", "two PSUs in each stratum"),
        ({"strata": "stratum", "psu": "one", "lonely_psu": "remove"}, "JKn", "JKn needs two PSUs"),
        ({"strata": "stratum", "psu": "one", "lonely_psu": "remove"}, "bootstrap", "bootstrap needs two"),
        ({}, "jackknife", "argument 'kind' can't be used"),
    ],
)
def test_designs_that_do_not_fit_a_kind_are_refused(frame, design, kind, message):
    data = frame.assign(three=np.tile([1, 2, 3], 8), one=1)
    with pytest.raises(tk.TrustkitError, match=message):
        tk.replicate(tk.Design(data, weights="w", **design), kind)


def test_replicates_of_single_rows_stop_at_a_size_that_fits():
    with pytest.raises(DesignError, match="take too much memory"):
        tk.replicate(tk.Design(pd.DataFrame({"y": np.zeros(5_001)})), "JK1")


def test_a_calibrated_design_is_not_replicated_without_its_calibration(frame):
    raked = tk.rake(tk.Design(frame, weights="w"), {"answer": {"yes": 0.5, "no": 0.5}})
    with pytest.raises(DesignError, match="make replicates, then calibrate"):
        tk.replicate(raked, "JK1")


def test_a_function_of_the_rows_has_the_variance_of_the_estimator_it_writes_out(frame):
    design = tk.replicate(tk.Design(frame, weights="w", strata="stratum", psu="psu"), "JKn")
    found = tk.with_replicates(design, lambda rows, w: np.average(rows["y"], weights=w))
    expected = tk.mean(design, "y")
    np.testing.assert_allclose(found.estimate, expected.estimate, rtol=1e-14)
    np.testing.assert_allclose(found.se, expected.se, rtol=1e-12)
    assert "all rows" in repr(found)


def test_a_function_of_the_rows_needs_replicates_and_finite_numbers(frame):
    with pytest.raises(DesignError, match=r"no replicates(.|\n)*use replicate"):
        tk.with_replicates(tk.Design(frame), lambda rows, w: 1.0)
    with pytest.raises(DataError, match="one finite number"):
        tk.with_replicates(tk.replicate(tk.Design(frame), "JK1"), lambda rows, w: np.nan)


@pytest.mark.parametrize("rows", [50, 3_000])
def test_replicates_that_follow_from_others_give_no_degrees_of_freedom(rows):
    weights = np.random.default_rng(3).gamma(2, 1, (rows, 4))
    frame = pd.DataFrame(weights, columns=list("abcd")).assign(e=weights[:, 0] + weights[:, 1], w=1.0)
    some = tk.Design(frame, weights="w", replicates=tk.Replicates([*"abcd"], "bootstrap"))
    more = tk.Design(frame, weights="w", replicates=tk.Replicates([*"abcde"], "bootstrap"))
    assert (some.df, more.df) == (3.0, 3.0)


@pytest.mark.parametrize(
    ("kind", "strata"), [("JK1", None), ("JKn", "stratum"), ("BRR", "stratum"), ("SDR", None)]
)
def test_psus_without_a_positive_weight_add_no_degrees_of_freedom_to_replicates(frame, kind, strata):
    frame["psu"] += 2 * frame["stratum"]
    frame.loc[frame["stratum"] == 1, "w"] = 0.0
    design = tk.Design(frame, weights="w", strata=strata, psu="psu")
    assert design.df == (5 if strata is None else 3)
    assert tk.replicate(design, kind).df == design.df


def test_respondents_who_are_weighted_to_zero_leave_the_degrees_of_freedom_of_replicates(frame):
    design = tk.replicate(tk.Design(frame.assign(area="all"), weights="w"), "JK1")
    assert design.df == 23
    adjusted = tk.adjust_nonresponse(design, {"answer": "yes"}, ["area"])
    assert adjusted.df == (frame["answer"] == "yes").sum() - 1


def test_a_domain_that_a_replicate_loses_has_no_standard_error_and_others_keep_theirs(frame):
    frame["domain"] = np.where(frame.index == 0, "one", "others")
    design = tk.replicate(tk.Design(frame, weights="w"), "JK1")
    for found in (
        tk.proportion(design, "answer", level="yes", by="domain"),
        tk.mean(design, "y", by="domain"),
    ):
        assert np.isnan(found.se).tolist() == [True, False]
