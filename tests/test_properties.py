"""What must hold for any survey: found by drawing small designs, the same ones every time."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from trustkit import Design, mean, proportion, quantile, rake, ratio, total
from trustkit.estimation.intervals import METHODS, interval

every_time_the_same = settings(
    derandomize=True,
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

ANSWERS, GROUPS = ("no", "unsure", "yes"), ("a", "b")


@st.composite
def samples(draw):
    """12 to 40 respondents in 1 to 3 strata of at least 2 PSUs each, some answers missing."""
    n = draw(st.integers(12, 40))
    strata = draw(st.integers(1, 3))
    seed = draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    stratum = np.arange(n) % strata
    return pd.DataFrame(
        {
            "stratum": stratum,
            "psu": (np.arange(n) // strata) % draw(st.integers(2, 4)),
            "size": draw(st.sampled_from([20, 50, 1000])),
            "w": draw(st.lists(st.floats(0.1, 50), min_size=n, max_size=n)),
            "answer": random.choice([*ANSWERS, None], n, p=[0.4, 0.2, 0.35, 0.05]),
            "group": random.choice(GROUPS, n),
            "y": random.normal(draw(st.sampled_from([0, 10, -300])), 2, n).round(3),
            "x": random.uniform(1, 3, n).round(3),
        }
    )


ROLES = st.sampled_from(
    [
        {},
        {"strata": "stratum"},
        {"psu": "psu"},
        {"strata": "stratum", "psu": "psu"},
        {"strata": "stratum", "psu": "psu", "fpc": "size"},
    ]
)


def answered(data):
    return set(ANSWERS) <= set(data["answer"].dropna()) and set(GROUPS) <= set(data["group"])


def estimates(design):
    return {
        "shares": proportion(design, "answer"),
        "shares by group": proportion(design, "answer", by="group"),
        "mean by group": mean(design, "y", by="group"),
        "ratio": ratio(design, "y", "x"),
    }


def alike(one, other, *, rtol):
    """Compare two estimates and their standard errors, against the size of what they are made of."""
    assert one.keys.equals(other.keys)
    size = np.abs(other.estimate) + np.nan_to_num(other.se)
    assert (np.abs(one.estimate - other.estimate) <= rtol * size).all()
    assert np.array_equal(np.isnan(one.se), np.isnan(other.se))
    assert (np.nan_to_num(np.abs(one.se - other.se)) <= np.sqrt(rtol) * 1e-4 * size).all()


@given(data=samples(), roles=ROLES, factor=st.sampled_from([1e-6, 0.5, 3.0, 1e6]))
@every_time_the_same
def test_scaling_all_weights_changes_no_share_mean_ratio_or_error(data, roles, factor):
    assume(answered(data))
    scaled = data.assign(w=data["w"] * factor)
    plain, other = (estimates(Design(each, weights="w", **roles)) for each in (data, scaled))
    for name, found in plain.items():
        alike(other[name], found, rtol=1e-11)


@given(data=samples(), roles=ROLES, factor=st.sampled_from([0.5, 3.0, 1e6]))
@every_time_the_same
def test_scaling_all_weights_scales_totals_and_their_errors(data, roles, factor):
    plain = total(Design(data, weights="w", **roles), ["y", "x"])
    scaled = total(Design(data.assign(w=data["w"] * factor), weights="w", **roles), ["y", "x"])
    assert np.allclose(scaled.estimate, factor * plain.estimate, rtol=1e-11, atol=factor * 1e-9)
    assert np.allclose(scaled.vcov, factor**2 * plain.vcov, rtol=1e-9, atol=factor**2 * 1e-7)


@given(data=samples(), roles=ROLES, seed=st.integers(0, 1000))
@every_time_the_same
def test_the_order_of_the_rows_does_not_matter(data, roles, seed):
    assume(answered(data))
    mixed = data.sample(frac=1, random_state=seed)
    plain, other = (estimates(Design(each, weights="w", **roles)) for each in (data, mixed))
    for name, found in plain.items():
        alike(other[name], found, rtol=1e-11)


@given(data=samples(), roles=ROLES)
@settings(every_time_the_same, max_examples=15)  # each asks DuckDB about fifteen times
def test_rows_in_duckdb_give_the_numbers_of_rows_in_pandas(data, roles):
    assume(answered(data))
    here = Design(data, weights="w", **roles)
    there = Design(duckdb.from_df(data), weights="w", **roles)
    for plain, other in zip(estimates(here).values(), estimates(there).values(), strict=True):
        alike(other, plain, rtol=1e-12)
    plain, other = (quantile(each, "y", [0.25, 0.5], by="group") for each in (here, there))
    alike(other, plain, rtol=1e-12)


@given(data=samples(), roles=ROLES)
@every_time_the_same
def test_domains_sum_to_the_whole(data, roles):
    design = Design(data, weights="w", **roles)
    whole, parts = total(design, "y"), total(design, "y", by="group")
    size = np.abs(data["w"] * data["y"]).sum()
    assert abs(parts.estimate.sum() - whole.estimate[0]) <= 1e-12 * size
    assert parts.n.sum() == whole.n[0]
    assert abs(parts.vcov.sum() - whole.vcov[0, 0]) <= 1e-10 * (np.abs(parts.vcov).sum() + size)


@given(data=samples(), roles=ROLES)
@every_time_the_same
def test_the_overall_share_is_the_domains_shares_weighted_by_their_size(data, roles):
    assume(answered(data))
    design = Design(data, weights="w", **roles)
    overall = proportion(design, "answer").estimate
    by_group = proportion(design, "answer", by="group").estimate.reshape(2, -1)
    known = data.dropna(subset="answer")
    sizes = known.groupby("group")["w"].sum().to_numpy()
    assert overall == pytest.approx((sizes[:, None] * by_group).sum(axis=0) / sizes.sum(), abs=1e-12)


@given(data=samples(), roles=ROLES)
@every_time_the_same
def test_the_shares_of_all_answers_sum_to_one_without_error(data, roles):
    assume(answered(data))
    found = proportion(Design(data, weights="w", **roles), "answer")
    assert found.estimate.sum() == pytest.approx(1, abs=1e-12)
    assert np.abs(found.vcov.sum(axis=0)).max() <= 1e-12


@given(data=samples(), roles=ROLES)
@every_time_the_same
def test_a_domain_of_everybody_is_the_whole_sample(data, roles):
    assume(answered(data))
    design = Design(data, weights="w", **roles)
    everybody = pd.Series(data=True, index=data.index)
    for where in (everybody, {"group": list(GROUPS)}):
        for estimator in (
            lambda **more: proportion(design, "answer", **more),
            lambda **more: mean(design, "y", **more),
        ):
            whole, found = estimator(), estimator(where=where)
            assert np.allclose(found.estimate, whole.estimate, rtol=1e-13)
            assert np.allclose(found.vcov, whole.vcov, rtol=1e-9, atol=1e-15)
            assert np.array_equal(found.n, whole.n)


@given(data=samples(), roles=ROLES)
@every_time_the_same
def test_a_domain_given_by_by_is_the_same_as_by_where(data, roles):
    assume(answered(data))
    design = Design(data, weights="w", **roles)
    by_group = mean(design, "y", by="group")
    for place, group in enumerate(by_group.keys["group"]):
        one = mean(design, "y", where={"group": group})
        assert one.estimate[0] == pytest.approx(by_group.estimate[place], rel=1e-12)
        assert one.se[0] == pytest.approx(by_group.se[place], rel=1e-7, abs=1e-9)


@given(data=samples(), strata=st.booleans(), fpc=st.booleans(), raked=st.booleans())
@every_time_the_same
def test_rows_as_their_own_psus_are_rows_numbered_as_psus(data, strata, fpc, raked):
    assume(answered(data))
    data = data.assign(row=np.arange(len(data)), size=data["size"].clip(lower=len(data)))
    roles = {"weights": "w", "strata": "stratum" if strata else None, "fpc": "size" if fpc else None}
    designs = [Design(data, **roles), Design(data, psu="row", **roles)]
    if raked:
        designs = [rake(design, {"group": {"a": 0.4, "b": 0.6}}) for design in designs]
    assert designs[0].df == designs[1].df
    alone, numbered = map(estimates, designs)
    for name, found in numbered.items():
        scale = np.abs(found.vcov).max()
        assert np.allclose(alone[name].estimate, found.estimate, rtol=1e-12)
        assert np.abs(alone[name].vcov - found.vcov).max() <= 1e-12 * max(scale, 1e-6)


@given(
    p=st.floats(0, 1),
    spread=st.floats(0, 3),
    n=st.integers(2, 5000),
    df=st.integers(1, 3000),
    conf=st.sampled_from([0.8, 0.9, 0.95, 0.99]),
    method=st.sampled_from([name for name in METHODS if name != "mean"]),
)
@every_time_the_same
def test_intervals_stay_between_zero_and_one_and_hold_the_estimate(p, spread, n, df, conf, method):
    """``spread``: the design's standard error over that of a simple random sample."""
    assume(p in (0, 1) or 1e-6 < p < 1 - 1e-6)
    se = spread * np.sqrt(p * (1 - p) / n)
    low, high = interval(method, np.array([p]), np.array([se]), np.array([float(n)]), float(df), conf)
    assert 0 <= low[0] <= p + 1e-9
    assert p - 1e-9 <= high[0] <= 1


@given(
    data=samples(),
    roles=ROLES,
    method=st.sampled_from([name for name in METHODS if name != "mean"]),
)
@every_time_the_same
def test_intervals_of_estimates_stay_between_zero_and_one_and_hold_them(data, roles, method):
    assume(answered(data))
    found = proportion(Design(data, weights="w", **roles), "answer", by="group", ci=method)
    known = np.array([not reason for reason in found.reasons])
    assert np.isnan([found.ci_low[~known], found.ci_high[~known]]).all()
    low, high, share = found.ci_low[known], found.ci_high[known], found.estimate[known]
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (low <= share + 1e-9).all()
    assert (share <= high + 1e-9).all()


@given(data=samples(), roles=ROLES)
@every_time_the_same
def test_a_covariance_is_symmetric_and_has_no_negative_variance(data, roles):
    assume(answered(data))
    for found in estimates(Design(data, weights="w", **roles)).values():
        known = ~np.isnan(found.se)
        vcov = found.vcov[np.ix_(known, known)]
        assert np.allclose(vcov, vcov.T, rtol=1e-12, atol=1e-18)
        values = np.linalg.eigvalsh(vcov) if known.any() else np.zeros(1)
        assert values.min() >= -1e-10 * max(values.max(), 1e-300)


@given(data=samples(), share=st.floats(0.2, 0.8))
@every_time_the_same
def test_raking_twice_to_the_same_targets_changes_nothing(data, share):
    assume(answered(data))
    targets = {"group": {"a": share, "b": 1 - share}}
    once = rake(Design(data, weights="w"), targets)
    again = rake(once, targets)
    assert np.allclose(again.weights, once.weights, rtol=1e-7)
    for level, wanted in targets["group"].items():
        reached = once.weights[(data["group"] == level).to_numpy()].sum() / once.weights.sum()
        assert reached == pytest.approx(wanted, abs=1e-8)


@given(data=samples(), offset=st.sampled_from([-1000.0, 5.0, 1e6]))
@every_time_the_same
def test_adding_a_constant_moves_a_mean_and_leaves_its_error(data, offset):
    plain, moved = (
        mean(Design(data.assign(y=data["y"] + add), weights="w"), "y", by="group") for add in (0.0, offset)
    )
    assert np.allclose(moved.estimate, plain.estimate + offset, rtol=1e-12, atol=1e-9)
    assert np.allclose(moved.se, plain.se, rtol=1e-6, atol=1e-8)
