"""Several factors, their rotations and a general factor, against R (factanal, GPArotation, psych)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.scales.several_factors import extract, general_factor, most_factors, rotated

FOLDER = Path(__file__).parents[1] / "reference" / "factors"
FROM_R = json.loads((FOLDER / "output.json").read_text(encoding="utf-8"))
ITEMS = [f"x{number}" for number in range(1, 10)]


@pytest.fixture(scope="module")
def abilities():
    return pd.read_csv(FOLDER / "abilities.csv")


@pytest.fixture(scope="module")
def correlations(abilities):
    return abilities[ITEMS].corr().to_numpy()


def test_unique_variances_are_those_of_factanal(correlations):
    found = extract(correlations, 3, ITEMS)
    np.testing.assert_allclose(found.unique, FROM_R["factanal"]["uniquenesses"], atol=5e-6)  # its tolerance
    assert found.discrepancy == pytest.approx(FROM_R["factanal"]["discrepancy"], rel=1e-6)
    assert found.discrepancy <= FROM_R["factanal"]["discrepancy"] + 1e-12


def test_unique_variances_are_those_of_statsmodels(correlations):
    multivariate = pytest.importorskip("statsmodels.multivariate.factor")
    other = multivariate.Factor(corr=correlations, n_factor=3, method="ml", nobs=301).fit()
    np.testing.assert_allclose(extract(correlations, 3, ITEMS).unique, other.uniqueness, atol=5e-5)


def test_newtons_steps_end_where_the_derivative_is_zero(correlations):
    found = extract(correlations, 3, ITEMS)
    left = found.loadings @ found.loadings.T + np.diag(found.unique)
    np.testing.assert_allclose(np.diag(left), 1, atol=1e-10)


def test_a_start_close_by_gives_the_same_factors(correlations):
    found = extract(correlations, 3, ITEMS)
    again = extract(correlations, 3, ITEMS, start=np.clip(found.unique * 1.05, 0.01, 0.99))
    np.testing.assert_allclose(again.unique, found.unique, atol=1e-9)


@pytest.mark.parametrize("rotation", ["oblimin", "varimax"])
def test_rotated_loadings_are_those_of_r(correlations, rotation):
    loadings, between = rotated(extract(correlations, 3, ITEMS).loadings, rotation)
    theirs = np.array(FROM_R[rotation]["loadings"])
    signs = np.where(theirs.sum(axis=0) < 0, -1, 1)
    order = [int(np.argmax(np.abs(loadings.T @ theirs[:, place]))) for place in range(3)]
    np.testing.assert_allclose(loadings[:, order], theirs * signs, atol=2e-5)
    if rotation == "oblimin":
        phi = np.array(FROM_R["oblimin"]["phi"]) * np.outer(signs, signs)
        np.testing.assert_allclose(between[np.ix_(order, order)], phi, atol=2e-5)
    else:
        np.testing.assert_array_equal(between, np.eye(3))


def test_hierarchical_omega_is_that_of_psych(abilities):
    scaled = tk.Design(abilities[ITEMS] / abilities[ITEMS].std())
    found = tk.reliability(scaled, ITEMS, method="omega_hierarchical")
    assert found.estimate[0] == pytest.approx(FROM_R["omega"]["omega_h"], abs=1e-4)  # psych's tolerance
    for method, named in (("alpha", "alpha"), ("lambda6", "lambda6")):
        value = tk.reliability(scaled, ITEMS, method=method).estimate[0]
        assert value == pytest.approx(FROM_R["omega"][named], rel=1e-9)
    assert any("rotated by oblimin" in note for note in found.notes)


def test_the_standard_error_of_hierarchical_omega_is_close_to_the_jackknife(abilities):
    design = tk.Design(abilities.assign(psu=abilities["psu"] % 20), weights="w", psu="psu")
    linear = tk.reliability(design, ITEMS, method="omega_hierarchical")
    repeated = tk.reliability(tk.replicate(design, "JK1"), ITEMS, method="omega_hierarchical")
    assert linear.estimate[0] == pytest.approx(repeated.estimate[0], rel=1e-9)
    assert linear.se[0] == pytest.approx(repeated.se[0], rel=0.15)


def implied_by(pattern, between=None):
    implied = pattern @ (np.eye(pattern.shape[1]) if between is None else between) @ pattern.T
    np.fill_diagonal(implied, 1)
    return implied


def test_a_general_factor_needs_nine_items(abilities):
    with pytest.raises(DataError, match="three group factors of three items"):
        tk.reliability(tk.Design(abilities), ITEMS[:8], method="omega_hierarchical")


def test_a_group_factor_without_items_of_its_own_is_refused():
    pattern = np.zeros((9, 3))
    pattern[:5, 0], pattern[5:, 1], pattern[[0, 5], 2] = 0.8, 0.7, 0.4
    with pytest.raises(DataError, match="fewer than two items") as caught:
        general_factor(implied_by(pattern), ITEMS)
    assert caught.value.got.endswith("no item")


def test_group_factors_that_pull_apart_have_no_general_factor():
    between = np.array([[1, -0.4, 0.3], [-0.4, 1, 0.3], [0.3, 0.3, 1]])
    pattern = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6]]))
    with pytest.raises(DataError, match="no general factor"):
        general_factor(implied_by(pattern, between), ITEMS)


def test_a_general_factor_above_three_groups_is_recovered():
    pattern = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6]]))
    above = np.array([0.9, 0.6, 0.5])
    between = np.outer(above, above)
    np.fill_diagonal(between, 1)
    found = general_factor(implied_by(pattern, between), ITEMS)
    np.testing.assert_allclose(found.loadings, pattern @ above, atol=1e-6)


def test_hierarchical_omega_has_no_unit(abilities):
    wider = abilities.assign(**3 * abilities[ITEMS])
    one, other = (
        tk.reliability(tk.Design(of), ITEMS, method="omega_hierarchical") for of in (abilities, wider)
    )
    assert other.estimate[0] == pytest.approx(one.estimate[0], rel=1e-8)
    assert other.se[0] == pytest.approx(one.se[0], rel=1e-4)  # a derivative by differences


def test_the_most_factors_leave_no_negative_degrees_of_freedom():
    for items in range(2, 12):
        most = most_factors(items)
        assert (items - most) ** 2 >= items + most
        assert (items - most - 1) ** 2 < items + most + 1
