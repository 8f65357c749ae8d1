"""Contrasts and waves, and p-values adjusted for their number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.results import row_names
from trustkit.estimation.significance import adjusted


@pytest.fixture(scope="module")
def design() -> tk.Design:
    rng = np.random.default_rng(4)
    n = 600
    return tk.Design(
        pd.DataFrame(
            {
                "area": rng.choice(["a", "b", "c"], n),
                "trust": rng.normal(5, 2, n),
                "w": rng.gamma(2, 1, n),
                "psu": rng.integers(0, 30, n),
                "answer": rng.choice(["yes", "no"], n),
            }
        ),
        weights="w",
        psu="psu",
    )


def test_a_contrast_uses_the_covariance_between_domains(design):
    means = tk.mean(design, "trust", by="area")
    found = tk.contrast(means, {"a": 1, "b": -0.5, "c": -0.5})
    c = np.array([1, -0.5, -0.5])
    assert found.estimate[0] == pytest.approx(c @ means.estimate)
    assert found.se[0] == pytest.approx(np.sqrt(c @ means.vcov @ c))
    assert tk.contrast(means, c.tolist()).se[0] == found.se[0]
    assert "+ 1 x a" in repr(found)


def test_a_contrast_counts_each_respondent_once(design):
    shares = tk.proportion(design, "answer", by="area")
    n = {area: int(count) for area, count in zip(shares.keys["area"], shares.n, strict=True)}
    assert tk.contrast(shares, {"a, yes": 1, "a, no": -1}).n.tolist() == [n["a"]]
    assert tk.contrast(shares, {"a, yes": 1, "b, yes": -1}).n.tolist() == [n["a"] + n["b"]]
    whole = tk.proportion(design, "answer")
    assert tk.contrast(whole, {"yes": 1, "no": -1}).n.tolist() == [sum(n.values())]


def test_complementary_shares_contrast_to_a_certain_one(design):
    shares = tk.proportion(design, "answer")
    found = tk.contrast(shares, {"yes": 1, "no": 1})
    assert found.estimate[0] == pytest.approx(1)
    assert found.se[0] == pytest.approx(0, abs=1e-8)


def test_the_delta_method_matches_the_linear_contrast_and_the_ratio(design):
    means = tk.mean(design, "trust", by="area")
    linear = tk.delta(means, lambda m: m[0] - m[1])
    assert linear.se[0] == pytest.approx(tk.contrast(means, {"a": 1, "b": -1}).se[0], rel=1e-8)
    a, b = means.estimate[:2]
    gradient = np.array([1 / b, -a / b**2, 0])
    ratio = tk.delta(means, lambda m: m[0] / m[1])
    assert ratio.se[0] == pytest.approx(np.sqrt(gradient @ means.vcov @ gradient), rel=1e-8)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("holm", "holm"), ("bonferroni", "bonferroni"), ("bh", "fdr_bh")]
)
def test_adjustments_are_those_of_statsmodels(ours, theirs):
    p = np.array([0.001, 0.04, 0.03, 0.5, 0.8, 0.012])
    np.testing.assert_allclose(adjusted(p, ours), multipletests(p, method=theirs)[1], rtol=1e-12)


def test_independent_waves_add_their_variances(design):
    means = tk.mean(design, "trust", by="area")
    change = tk.wave_difference(means, means)
    np.testing.assert_allclose(change.estimate, 0, atol=1e-12)
    np.testing.assert_allclose(change.se, means.se * np.sqrt(2))
    np.testing.assert_array_equal(change.df, 2 * means.df)


def test_row_names_tell_rows_apart(design):
    assert row_names(tk.proportion(design, "answer", by="area"))[:2] == ["a, no", "a, yes"]
    assert row_names(tk.mean(design, "trust")) == ["trust"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: tk.contrast(m, {"d": 1}), "the row 'd' is unknown"),
        (lambda m: tk.contrast(m, [1.0]), "one weight per row"),
        (lambda m: tk.delta(m, lambda v: v), "one finite number"),
        (lambda m: tk.delta(m, lambda v: np.nan), "one finite number"),
        (lambda m: tk.wave_difference(m, tk.contrast(m, {"a": 1})), "rows don't match"),
    ],
)
def test_bad_requests_are_refused_by_name(design, call, message):
    with pytest.raises(DataError, match=message):
        call(tk.mean(design, "trust", by="area"))


@pytest.mark.parametrize("adjust", ["holm", "bonferroni", "bh", "none"])
def test_p_values_that_are_not_known_stay_so_and_are_not_counted(adjust):
    p = np.array([0.01, np.nan, 0.04, 0.03])
    known = adjusted(p[[0, 2, 3]], adjust)
    assert adjusted(p, adjust) == pytest.approx([known[0], np.nan, *known[1:]], nan_ok=True)
    assert np.isnan(adjusted(p[[1]], adjust)).all()


@pytest.mark.parametrize("df", [-3, 0, float("nan")])
def test_degrees_of_freedom_that_are_not_positive_are_refused_by_name(design, df):
    with pytest.raises(DataError, match="degrees of freedom can't be used") as caught:
        tk.contrast(tk.mean(design, "trust", by="area"), {"a": 1, "b": -1}, df=df)
    assert caught.value.got == f"{df:g}"
    assert caught.value.expected == "a number above 0"


def test_infinite_degrees_of_freedom_give_the_normal_interval(design):
    means = tk.mean(design, "trust", by="area")
    found = tk.contrast(means, {"a": 1, "b": -1}, df=np.inf)
    assert found.ci_high[0] - found.estimate[0] == pytest.approx(stats.norm.ppf(0.975) * found.se[0])
