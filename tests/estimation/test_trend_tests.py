"""Tests of change over waves: held to R survey, to a regression, and to the other tests of the package."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from waves import REFERENCE, three_waves, two_waves

import trustkit as tk
from trustkit.errors import DataError

R = REFERENCE["trend"]
LINK = {"wave": "wave", "person": "id"}


@pytest.fixture(scope="module")
def means():
    design = tk.link_waves(tk.Design(three_waves(), strata="stype", weights="pw"), **LINK)
    return tk.mean(design, "score", by="wave")


def test_the_waves_have_the_joint_covariance_of_r(means):
    np.testing.assert_allclose(means.estimate, R["means"]["estimate"], rtol=1e-12)
    np.testing.assert_allclose(means.vcov, R["means"]["vcov"], rtol=1e-10)


def test_the_slope_is_that_of_r_with_times_to_scale(means):
    found = tk.trend_test(means)
    assert found.estimate == pytest.approx(R["slope"], rel=1e-9)
    assert found.se == pytest.approx(R["slope_se"], rel=1e-9)
    assert found.df == (R["df"],)
    assert found.ci_low < found.estimate < found.ci_high
    assert "per year" in repr(found)


@pytest.mark.parametrize(("test", "conditions"), [("any", 2), ("curve", 1)])
def test_any_change_and_the_departure_from_a_line_are_the_wald_statistics_of_r(means, test, conditions):
    found = tk.trend_test(means, test=test)
    assert conditions * found.statistic == pytest.approx(R[test], rel=1e-8)
    assert found.df == (conditions, R["df"] - conditions)


def test_two_waves_have_the_slope_of_their_change():
    rows = two_waves()
    design = tk.Design(rows, strata="stype", weights="pw")
    change = tk.change(design, "score", **LINK)
    waves = tk.mean(tk.link_waves(design, **LINK), "score", by="wave")
    slope = tk.trend_test(waves)
    assert (slope.estimate, slope.se) == pytest.approx((change.estimate[0], change.se[0]))
    any_change = tk.trend_test(waves, test="any")
    assert any_change.statistic == pytest.approx(slope.statistic**2)


def test_any_change_of_independent_waves_is_the_one_way_test():
    design = tk.Design(three_waves(), weights="pw")
    found = tk.trend_test(tk.mean(design, "score", by="wave"), test="any")
    same = tk.oneway_test(design, "score", by="wave")
    assert found.df == same.df
    assert (found.statistic, found.p_value) == pytest.approx((same.statistic, same.p_value))


def test_the_order_of_the_rows_does_not_matter():
    rows = three_waves()
    turned = rows.assign(wave=pd.Categorical(rows["wave"], categories=["2003", "1998", "2000"]))
    found = [
        tk.trend_test(tk.mean(tk.link_waves(tk.Design(frame, weights="pw"), **LINK), "score", by="wave"))
        for frame in (rows, turned)
    ]
    assert found[0].estimate == pytest.approx(found[1].estimate)
    assert found[0].se == pytest.approx(found[1].se)


def test_months_and_days_are_parts_of_a_year():
    names = {"1998": "2024-01", "2000": "2024-07", "2003": "2025-01"}
    rows = three_waves()
    rows = rows.assign(wave=rows["wave"].map(names))
    waves = tk.mean(tk.Design(rows), "score", by="wave")
    found = tk.trend_test(waves)
    assert found.estimate == pytest.approx(waves.estimate[2] - waves.estimate[0], rel=0.01)
    assert "The estimate is the change per year." in found.notes
    assert " per year (" in tk.trend(waves, title="Score", tests=[found]).caption
    assert tk.trend_test(waves, test="curve").null.endswith("by the same amount per year")


def test_the_share_of_an_answer_has_a_trend_too():
    design = tk.link_waves(tk.Design(three_waves(), strata="stype", weights="pw"), **LINK)
    shares = tk.proportion(design, "high", level="yes", by="wave")
    found = tk.trend_test(shares)
    chart = tk.trend(shares, title="High", tests=[found, tk.trend_test(shares, test="any")])
    assert f"{100 * found.estimate:.1f} percentage points per year" in chart.caption
    assert "Any change: p" in chart.caption


def test_a_chart_states_its_tests_and_refuses_those_of_another_estimate(means):
    chart = tk.trend(means, title="Score", tests=[tk.trend_test(means)])
    assert "Linear trend: " in chart.caption
    design = tk.Design(two_waves(), weights="pw")
    other = tk.trend_test(tk.mean(design, "score", by="wave"))
    with pytest.raises(DataError, match="a test is of another estimate"):
        tk.trend(means, title="Score", tests=[other])


def test_a_chart_refuses_the_test_of_another_answer_with_the_same_base():
    design = tk.Design(three_waves(), strata="stype", weights="pw")
    yes, no = (tk.proportion(design, "high", level=level, by="wave") for level in ("yes", "no"))
    assert (yes.base, yes.n.tolist()) == (no.base, no.n.tolist())
    with pytest.raises(DataError, match="another estimate than the chart"):
        tk.trend(yes, title="High", tests=[tk.trend_test(no)])


def test_tests_stand_beside_one_line_only():
    design = tk.Design(three_waves(), weights="pw")
    by_award = tk.mean(design, "score", by=["wave", "awards"])
    one = tk.trend_test(tk.mean(design, "score", by="wave"))
    with pytest.raises(DataError, match="one line only"):
        tk.trend(by_award, title="Score", tests=[one])


REFUSED = {
    "no times": (lambda d: tk.mean(d, "score", by="stype"), {}, "none of the variables holds times"),
    "answers": (lambda d: tk.proportion(d, "high", by="wave"), {}, "one estimate per time"),
    "groups": (lambda d: tk.mean(d, "score", by=["wave", "awards"]), {}, "one estimate per time"),
    "one wave": (lambda d: tk.mean(d, "score", by="wave", where={"wave": "1998"}), {}, "at least 2 waves"),
    "a curve of two": (
        lambda d: tk.mean(d, "score", by="wave", where={"wave": ["1998", "2000"]}),
        {"test": "curve"},
        "at least 3 waves",
    ),
    "another variable": (lambda d: tk.mean(d, "score", by="wave"), {"time": "wav"}, "did you mean 'wave'"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_estimates_without_a_trend_are_refused(case):
    make, options, words = REFUSED[case]
    with pytest.raises(DataError, match=words):
        tk.trend_test(make(tk.Design(three_waves())), **options)


def test_waves_without_variance_have_a_reason_instead_of_a_test():
    frame = pd.DataFrame({"wave": ["2019"] * 3 + ["2021"] * 3, "y": [1.0] * 3 + [2.0] * 3})
    waves = tk.mean(tk.Design(frame), "y", by="wave")
    for test in ("linear", "any"):
        found = tk.trend_test(waves, test=test)
        assert "no sampling variance" in found.reason
        assert "Not possible" in repr(found)
    assert "not tested, as" in tk.trend(waves, title="Y", tests=[tk.trend_test(waves)]).caption
