"""Quantiles and tail areas are those of scipy.stats, and limits where scipy.stats has none."""

import numpy as np
import pytest
from scipy import stats

from trustkit.estimation.distributions import (
    beta_quantile,
    chi2_p_value,
    f_p_value,
    normal_p_value,
    normal_quantile,
    t_p_value,
    t_reach,
)

SAME = 1e-12
"""Both call the same compiled routines, so that only the last digits may differ."""

DFS = [0.5, 1.0, 2.0, 7.3, 40.0, 1e4, 1e7]


@pytest.mark.parametrize("df", DFS)
@pytest.mark.parametrize("x", [0.01, 0.9, 3.7, 25.0])
def test_tail_areas_are_those_of_scipy_stats(df, x):
    assert float(t_p_value(x, df)) == pytest.approx(2 * stats.t.sf(x, df), rel=SAME)
    assert float(t_p_value(-x, df)) == pytest.approx(2 * stats.t.sf(x, df), rel=SAME)
    assert chi2_p_value(x, df) == pytest.approx(stats.chi2.sf(x, df), rel=SAME)
    assert f_p_value(x, (2.4, df)) == pytest.approx(stats.f.sf(x, 2.4, df), rel=SAME)
    assert normal_p_value(x) == pytest.approx(stats.norm.sf(x), rel=SAME)


@pytest.mark.parametrize("conf", [0.5, 0.9, 0.95, 0.999])
def test_quantiles_are_those_of_scipy_stats(conf):
    dfs = np.array([*DFS, np.inf])
    np.testing.assert_allclose(t_reach(dfs, conf), stats.t.ppf((1 + conf) / 2, dfs), rtol=SAME)
    np.testing.assert_allclose(normal_quantile(conf), stats.norm.ppf(conf), rtol=SAME)
    a, b = np.array([0.3, 1.0, 40.5]), np.array([7.0, 2.0, 1e5])
    np.testing.assert_allclose(beta_quantile(conf, a, b), stats.beta.ppf(conf, a, b), rtol=SAME)


@pytest.mark.parametrize("x", [0.2, 1.0, 4.5])
def test_f_with_an_infinite_denominator_is_the_limit_of_large_ones(x):
    assert f_p_value(x, (2.5, np.inf)) == pytest.approx(f_p_value(x, (2.5, 1e9)), rel=1e-7)
    assert f_p_value(x, (2.5, np.inf)) == pytest.approx(stats.chi2.sf(2.5 * x, 2.5), rel=SAME)


@pytest.mark.parametrize("df", [0.0, -2.0, np.nan])
def test_without_degrees_of_freedom_there_is_no_distribution(df):
    assert np.isnan(t_reach(df, 0.95))
    assert np.isnan(t_p_value(1.0, df))
    assert np.isnan(f_p_value(1.0, (2.0, df)))
    assert np.isnan(chi2_p_value(1.0, df))
