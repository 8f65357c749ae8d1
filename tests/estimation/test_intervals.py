"""Intervals for proportions: R's numbers, formulas by other means, and the edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from trustkit.design.design import Design
from trustkit.errors import DataError
from trustkit.estimation.estimates import proportion
from trustkit.estimation.intervals import (
    METHODS,
    check_conf,
    interval,
    t_interval,
)

SCHOOLS = Path(__file__).parents[1] / "reference" / "apiclus1" / "data.csv"

# R survey 4.1-1 (wilson: 4.5): svyciprop(~I(ell == 0), apiclus1, df = degf(apiclus1)), to six digits. R
# interpolates its profile likelihood on a coarse grid, up to 0.4% off; tests/reference has the exact roots.
R = {
    "logit": (0.002305, 0.177748, 1e-6),
    "xlogit": (0.002305, 0.177748, 1e-6),
    "likelihood": (0.000664, 0.107778, 0.004 * 0.107778),
    "asin": (0.000307, 0.095577, 1e-6),
    "beta": (0.000216, 0.137508, 1e-6),
    "mean": (-0.026662, 0.070378, 1e-6),
    "wilson": (0.003179, 0.135391, 1e-6),
}


@pytest.fixture(scope="module")
def schools():
    data = pd.read_csv(SCHOOLS)
    data = data.assign(none=np.where(data["ell"] == 0, "none", "some"))
    return Design(data, weights="pw", psu="dnum", fpc="fpc")


@pytest.mark.parametrize("method", R)
def test_each_interval_is_that_of_r(schools, method):
    low, high, tolerance = R[method]
    found = proportion(schools, "none", level="none", ci=method)
    assert found.estimate[0] == pytest.approx(0.021858, abs=1e-6)
    if method == "asin":  # below zero R squares the angle back above zero
        assert low > found.ci_low[0] == 0
    else:
        assert found.ci_low[0] == pytest.approx(low, abs=tolerance)
    assert found.ci_high[0] == pytest.approx(high, abs=tolerance)


def test_every_method_has_a_reference():
    assert set(R) == set(METHODS)


def ends(method, p, se, n=100.0, df=40.0, conf=0.95):
    low, high = interval(method, *(np.array([float(value)]) for value in (p, se, n)), df, conf)
    return low[0], high[0]


def test_the_logit_interval_is_a_t_interval_of_the_log_odds():
    low, high = ends("logit", 0.3, 0.05)
    reach = stats.t.ppf(0.975, 40) * 0.05 / (0.3 * 0.7)
    for end, sign in ((low, -1), (high, 1)):
        assert np.log(end / (1 - end)) == pytest.approx(np.log(0.3 / 0.7) + sign * reach)


def test_the_likelihood_interval_solves_its_equation():
    low, high = ends("likelihood", 0.3, 0.05)
    size = 0.3 * 0.7 / 0.05**2 * 99 / 100  # the dispersion divides by n - 1

    def gap(q):
        deviance = 2 * size * (0.3 * np.log(0.3 / q) + 0.7 * np.log(0.7 / (1 - q)))
        return deviance - stats.t.ppf(0.975, 40) ** 2

    assert low == pytest.approx(optimize.brentq(gap, 1e-9, 0.3, xtol=1e-14))
    assert high == pytest.approx(optimize.brentq(gap, 0.3, 1 - 1e-9, xtol=1e-14))


def test_the_beta_interval_of_a_plain_sample_is_the_exact_binomial_one():
    n, x = 50, 7
    p = x / n
    low, high = ends("beta", p, np.sqrt(p * (1 - p) / n), n, n - 1)
    exact = stats.binomtest(x, n).proportion_ci(0.95, "exact")
    assert (low, high) == pytest.approx((exact.low, exact.high))


def test_the_beta_interval_never_counts_more_respondents_than_there_are():
    assert ends("beta", 0.14, 0.001, 50, 49) == pytest.approx(
        ends("beta", 0.14, np.sqrt(0.14 * 0.86 / 50), 50, 49)
    )


def test_the_wilson_interval_of_a_plain_sample_is_the_usual_one():
    n, x = 200_000, 60_000  # so large that t is normal
    p = x / n
    usual = stats.binomtest(x, n).proportion_ci(0.95, "wilson")
    assert ends("wilson", p, np.sqrt(p * (1 - p) / n), n, n - 1) == pytest.approx(
        (usual.low, usual.high), rel=1e-6
    )


def test_the_arcsine_interval_is_a_t_interval_of_the_angle():
    low, high = ends("asin", 0.3, 0.05)
    reach = stats.t.ppf(0.975, 40) * 0.05 / (2 * np.sqrt(0.3 * 0.7))
    angle = np.arcsin(np.sqrt(0.3))
    assert (np.arcsin(np.sqrt(low)), np.arcsin(np.sqrt(high))) == pytest.approx(
        (angle - reach, angle + reach)
    )


def test_the_arcsine_interval_is_cut_at_zero_and_one_so_that_it_holds_the_share():
    assert ends("asin", 0.01, 0.02)[0] == 0.0
    assert ends("asin", 0.99, 0.02)[1] == 1.0


def test_the_mean_interval_may_leave_zero_to_one():
    low, high = ends("mean", 0.01, 0.02)
    assert low < 0
    assert (low + high) / 2 == pytest.approx(0.01)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "mean"])
@pytest.mark.parametrize("p", [0.0, 1.0])
def test_at_zero_and_one_the_interval_is_the_exact_binomial_one_sided(method, p):
    low, high = ends(method, p, 0.0, 30)
    exact = stats.binomtest(int(30 * p), 30).proportion_ci(0.95, "exact")
    assert (low, high) == pytest.approx((exact.low, exact.high))
    assert (low if p == 0 else high) == p


def test_at_zero_the_mean_interval_is_empty():
    assert ends("mean", 0.0, 0.0) == (0.0, 0.0)


@pytest.mark.parametrize("method", [name for name in METHODS if name != "mean"])
def test_swapping_yes_and_no_turns_the_interval_around(method):
    low, high = ends(method, 0.2, 0.06)
    other_low, other_high = ends(method, 0.8, 0.06)
    assert (1 - other_high, 1 - other_low) == pytest.approx((low, high))


@pytest.mark.parametrize("method", METHODS)
def test_more_coverage_is_a_wider_interval(method):
    low, high = ends(method, 0.2, 0.06, conf=0.9)
    wider_low, wider_high = ends(method, 0.2, 0.06, conf=0.99)
    assert wider_low < low < high < wider_high


@pytest.mark.parametrize("method", METHODS)
def test_a_share_known_without_error_has_an_interval_around_it(method):
    low, high = ends(method, 0.4, 0.0)
    assert low <= 0.4 <= high


def test_intervals_are_given_for_many_shares_at_once():
    p, se, n = np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.1, 0.0]), np.array([10.0, 20.0, 30.0])
    low, high = interval("logit", p, se, n, 15.0, 0.95)
    assert low.shape == high.shape == (3,)
    assert np.isfinite([low, high]).all()


def test_an_infinite_df_gives_the_normal_interval():
    low, high = t_interval(np.array([2.0]), np.array([1.0]), np.inf, 0.95)
    assert (low[0], high[0]) == pytest.approx((2 - 1.959964, 2 + 1.959964), abs=1e-6)


def test_an_unknown_method_is_refused_with_a_near_miss():
    with pytest.raises(DataError, match="no interval method 'wilsen'") as caught:
        ends("wilsen", 0.5, 0.1)
    assert caught.value.do == "did you mean 'wilson'?"


@pytest.mark.parametrize("conf", [0, 1, 95, -0.5, float("nan")])
def test_a_coverage_that_is_no_share_is_refused(conf):
    with pytest.raises(DataError, match="conf is out of range") as caught:
        check_conf(conf)
    assert caught.value.got == f"{conf:g}"
    assert "0.95" in caught.value.expected


@pytest.mark.parametrize("method", list(METHODS))
def test_without_a_standard_error_no_interval_is_known(method):
    low, high = interval(method, np.array([1.0, 0.3]), np.full(2, np.nan), np.full(2, 10.0), 9, 0.95)
    assert np.isnan([*low, *high]).all()
