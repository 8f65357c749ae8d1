"""Polychoric correlations against R (by hand, polycor, psych), and the bivariate normal against scipy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.errors import DataError
from trustkit.scales.bivariate_normal import below, cells, density

FOLDER = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((FOLDER / "factors" / "output.json").read_text(encoding="utf-8"))["polychoric"]
ITEMS = ["A1", "A2", "A3", "A4", "A5"]
BY_SEARCH = 1e-7
"""R's optimize has no derivative, and is this close to the maximum."""


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(FOLDER / "scales" / "answers.csv")


@pytest.mark.parametrize(("weights", "kind"), [(None, "plain"), ("w", "weighted")])
def test_correlations_are_those_of_two_steps_in_r(answers, weights, kind):
    found = tk.polychoric(tk.Design(answers, weights=weights), ITEMS)
    assert found.keys["variable"].tolist() == [" with ".join(pair) for pair in FROM_R["pairs"]]
    np.testing.assert_allclose(found.estimate, FROM_R[kind], atol=BY_SEARCH)


def test_thresholds_are_weighted_unlike_those_of_psych(answers):
    weighted = tk.polychoric(tk.Design(answers, weights="w"), ITEMS[:2]).estimate[0]
    assert weighted == pytest.approx(FROM_R["polycor"], abs=5e-5)  # polychor searches coarsely
    assert abs(FROM_R["psych_weight"] - weighted) > 0.003
    plain = tk.polychoric(tk.Design(answers), ITEMS[:2]).estimate[0]
    assert plain == pytest.approx(FROM_R["psych_plain"], abs=5e-5)


def test_integer_weights_are_repeated_rows(answers):
    few = answers.head(400).assign(w=lambda frame: 1 + frame.index % 3)
    repeated = few.loc[few.index.repeat(few["w"])].reset_index(drop=True)
    one, other = (
        tk.polychoric(tk.Design(few, weights="w"), ITEMS[:3]),
        tk.polychoric(tk.Design(repeated), ITEMS[:3]),
    )
    np.testing.assert_allclose(one.estimate, other.estimate, atol=1e-12)


def test_standard_errors_are_close_to_rs_jackknife(answers):
    design = tk.Design(answers, weights="w", strata="gender", psu="psu")
    found = tk.polychoric(design, ITEMS[:4])
    np.testing.assert_allclose(found.se[:3], FROM_R["se_jackknife"], rtol=0.01)
    assert found.vcov.shape == (6, 6)


def test_influences_are_the_derivatives_by_a_rows_weight(answers):
    few = answers.head(300).assign(w=1.0)
    design = tk.Design(few, weights="w")
    from trustkit.scales.polychoric import OrderedAnswers
    from trustkit.scales.scale_answers import ScaleAnswers

    ordered = OrderedAnswers.of(ScaleAnswers.of(design, ITEMS[:3], None))
    value = ordered.correlations(design.weights)
    influences = ordered.influences(value)
    for row in (0, 7, 100):
        moved = design.weights.copy()
        moved[row] += 1e-3
        up = ordered.correlations(moved)
        moved[row] -= 2e-3
        change = (up - ordered.correlations(moved)) / 2e-3
        np.testing.assert_allclose(influences[row], change, rtol=1e-4, atol=1e-8)
    assert np.abs(influences.sum(axis=0)).max() < 1e-6


def test_intervals_stay_within_minus_one_and_one():
    frame = pd.DataFrame({"a": [1, 2, 3] * 6, "b": [1, 2, 3] * 5 + [1, 3, 2]})
    found = tk.polychoric(tk.Design(frame), ["a", "b"])
    assert -1 < found.ci_low[0] < found.estimate[0] < found.ci_high[0] < 1


def test_a_matrix_that_is_not_positive_definite_is_reported(monkeypatch, answers):
    from trustkit.scales.polychoric import OrderedAnswers

    assert tk.polychoric(tk.Design(answers), ITEMS[:3]).notes == ()
    monkeypatch.setattr(OrderedAnswers, "matrix", lambda *_: np.array([[1, 2], [2, 1]]))
    (note,) = tk.polychoric(tk.Design(answers), ITEMS[:3]).notes
    assert "not positive definite (smallest eigenvalue -1.0000)" in note


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        ({"a": [1, 1, 2, 2] * 5, "b": [1, 1, 1, 2] * 5}, "not estimable"),
        ({"a": list(range(40)), "b": [1, 2] * 20}, "too many different answers"),
        ({"a": [1, 2, 3] * 5, "b": [1, 2, 3] * 5}, "not estimable"),
    ],
)
def test_pairs_without_an_estimate_are_refused_by_name(frame, words):
    with pytest.raises(DataError, match=words) as caught:
        tk.polychoric(tk.Design(pd.DataFrame(frame)), ["a", "b"])
    assert "a" in caught.value.where


@pytest.mark.parametrize("rho", [-0.95, -0.4, 0.0, 0.3, 0.9])
def test_the_bivariate_normal_is_that_of_scipy(rho):
    a, b = np.array([-np.inf, -1.5, 0.2, np.inf]), np.array([-np.inf, -0.7, 1.1, np.inf])
    found = below(a, b, rho)
    for i in range(1, 3):
        for j in range(1, 3):
            exact = stats.multivariate_normal([0, 0], [[1, rho], [rho, 1]]).cdf([a[i], b[j]])
            assert found[i, j] == pytest.approx(exact, abs=1e-7)
    assert cells(found).sum() == pytest.approx(1, abs=1e-12)
    slope = (below(a, b, rho + 1e-6) - below(a, b, rho - 1e-6)) / 2e-6
    np.testing.assert_allclose(slope, density(a, b, rho), atol=1e-8)
