"""Variances and correlations: numbers worked out by hand, and digits far from zero."""

from __future__ import annotations

import brute_force
import numpy as np
import pandas as pd
import pytest

from trustkit.design.design import Design
from trustkit.estimation.second_moments import correlation, variance


def by_hand(influence):
    return np.sqrt(np.diag(brute_force.covariance(influence)))


def test_the_variance_of_a_plain_sample_is_the_usual_one():
    values = np.array([1.0, 4.0, 6.0, 9.0, 11.0])
    assert variance(Design(pd.DataFrame({"y": values})), "y").estimate[0] == pytest.approx(values.var(ddof=1))


def test_the_standard_error_of_a_variance_is_that_of_its_influence():
    y, w = np.array([1.0, 4.0, 6.0, 9.0, 11.0]), np.array([1.0, 2.0, 1.0, 3.0, 1.0])
    found = variance(Design(pd.DataFrame({"y": y, "w": w}), weights="w"), "y")
    centre = np.average(y, weights=w)
    plain = np.average((y - centre) ** 2, weights=w)
    influence = 5 / 4 * w * ((y - centre) ** 2 - plain) / w.sum()
    assert found.estimate[0] == pytest.approx(5 / 4 * plain)
    assert found.se[0] == pytest.approx(by_hand(influence)[0])


def test_the_variance_of_one_respondent_is_not_a_number():
    design = Design(pd.DataFrame({"y": [1.0, 2.0, 3.0], "g": list("aab")}))
    found = variance(design, "y", by="g")
    assert found.estimate[0] == pytest.approx(0.5)
    assert np.isnan(found.estimate[1])


def test_a_correlation_is_pearsons_with_the_delta_methods_standard_error():
    random = np.random.default_rng(1)
    x = random.normal(size=40)
    y = 0.6 * x + random.normal(size=40)
    w = random.uniform(0.5, 2, 40)
    found = correlation(Design(pd.DataFrame({"x": x, "y": y, "w": w}), weights="w"), "x", "y")
    zx, zy = ((v - np.average(v, weights=w)) / np.sqrt(np.cov(v, aweights=w, ddof=0)) for v in (x, y))
    r = np.average(zx * zy, weights=w)
    influence = w * (zx * zy - r * (zx**2 + zy**2) / 2) / w.sum()
    assert found.estimate[0] == pytest.approx(r)
    assert found.se[0] == pytest.approx(by_hand(influence)[0])


def test_a_constant_has_no_correlation():
    design = Design(pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [5.0] * 3}))
    found = correlation(design, "a", "b")
    assert np.isnan(found.estimate).all()
    assert np.isnan(found.se).all()


def test_the_interval_of_a_correlation_stays_between_minus_one_and_one():
    found = correlation(
        Design(pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "y": [1.0, 2.0, 4.0, 3.0]})), "x", "y"
    )
    assert -1 <= found.ci_low[0] <= found.estimate[0] <= found.ci_high[0] <= 1


@pytest.mark.parametrize("offset", [1e6, 1e9])
def test_a_variance_loses_no_digits_far_from_zero(offset):
    values = np.arange(40.0) % 7
    near, far = (variance(Design(pd.DataFrame({"y": values + moved})), "y") for moved in (0.0, offset))
    assert far.estimate == pytest.approx([np.var(values, ddof=1)], rel=1e-12)
    assert far.se == pytest.approx(near.se, rel=1e-12)
