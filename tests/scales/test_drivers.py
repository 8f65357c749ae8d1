"""Shares of R2, relative weights and standardized coefficients against R, and what is refused."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.scales import drivers as module
from trustkit.scales.relative_importance import explained, johnson, lmg, shapley_weights, standardized

FOLDER = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((FOLDER / "drivers" / "output.json").read_text(encoding="utf-8"))
PREDICTORS = ["ell", "meals", "mobility", "avg.ed"]
METHODS = ("lmg", "johnson", "standardized")
NEAR_ZERO = 0.02
"""A share below this is skewed, so that the jackknife and linearisation differ."""


@pytest.fixture(scope="module")
def schools():
    return pd.read_csv(FOLDER / "apistrat" / "data.csv")


@pytest.fixture(scope="module")
def design(schools):
    return tk.Design(schools, weights="pw", strata="stype", fpc="fpc")


@pytest.mark.parametrize("method", METHODS)
def test_estimates_are_those_of_r(design, method):
    found = tk.drivers(design, "api00", PREDICTORS, method=method)
    np.testing.assert_allclose(found.estimate[:4], FROM_R[method]["estimate"], rtol=1e-9)
    assert found.keys["variable"].tolist()[:4] == PREDICTORS


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_linearised_standard_errors_are_within_four_percent_of_rs_jackknife(design, method):
    found = tk.drivers(design, "api00", PREDICTORS, method=method)
    theirs = np.array([*FROM_R[method]["se"], FROM_R["r2"]["se"]])
    large = found.estimate > NEAR_ZERO
    assert large.sum() == 4
    np.testing.assert_allclose(found.se[large], theirs[large], rtol=0.04)
    assert (found.se < theirs).all()


@pytest.mark.parametrize("method", METHODS)
def test_shares_without_derivatives_are_those_with_them(design, method):
    from trustkit.scales.drivers import DriverModel

    model = DriverModel.of(design, "api00", PREDICTORS, method, None)
    covariance = model.answers.moments[1]
    np.testing.assert_allclose(model.shares(covariance), model.estimate(covariance)[0], rtol=1e-13)


@pytest.mark.parametrize("method", METHODS)
def test_replicates_estimate_again_and_give_rs_jackknife(schools, method):
    design = tk.Design(schools, weights="pw", strata="stype", fpc="fpc")
    found = tk.drivers(tk.replicate(design, "JKn", centre="estimate"), "api00", PREDICTORS, method=method)
    np.testing.assert_allclose(found.se[:4], FROM_R[method]["se"], rtol=1e-7)


@pytest.mark.parametrize("method", METHODS)
def test_influences_are_the_derivatives_by_a_rows_weight(schools, method):
    from trustkit.scales.drivers import DriverModel

    design = tk.Design(schools, weights="pw")
    model = DriverModel.of(design, "api00", PREDICTORS, method, None)
    answers = model.answers
    influences = answers.influences(list(model.estimate(answers.moments[1])[1]))
    for row in (0, 63, 199):
        moved = design.weights.copy()
        moved[row] += 1e-3
        up = model.shares(answers.covariance(moved))
        moved[row] -= 2e-3
        change = (up - model.shares(answers.covariance(moved))) / 2e-3
        np.testing.assert_allclose(influences[row], change, rtol=1e-5, atol=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_the_difference_from_the_jackknife_goes_down_with_the_number_of_psus(method):
    def gap(psus):
        random = np.random.default_rng(5)
        rows = random.normal(size=(psus * 4, 4)) @ np.linalg.cholesky(0.5 * np.eye(4) + 0.5).T
        frame = pd.DataFrame(rows, columns=list("yabc")).assign(psu=np.repeat(np.arange(psus), 4))
        design = tk.Design(frame, psu="psu")
        linear, jackknife = (
            tk.drivers(of, "y", ["a", "b", "c"], method=method).se
            for of in (design, tk.replicate(design, "JK1", centre="estimate"))
        )
        return float(np.median(jackknife / linear) - 1)

    few, many = gap(40), gap(640)
    assert 0 < many < few / 8
    assert few < 0.06


def test_the_answers_of_a_variable_without_scores_enter_together(design):
    found = tk.drivers(design, "api00", [*PREDICTORS, "stype"])
    np.testing.assert_allclose(found.estimate[:5], FROM_R["lmg_grouped"]["estimate"], rtol=1e-9)
    assert found.keys["variable"].tolist() == [*PREDICTORS, "stype", "api00"]
    assert found.df[0] == design.df - 6


@pytest.mark.parametrize("method", ["lmg", "johnson"])
def test_shares_sum_to_r2_and_so_do_their_covariances(design, method):
    found = tk.drivers(design, "api00", PREDICTORS, method=method)
    assert found.estimate[:4].sum() == pytest.approx(FROM_R["r2"]["estimate"], rel=1e-12)
    assert found.estimate[4] == pytest.approx(FROM_R["svyglm_r2"], rel=1e-12)
    left = tk.contrast(found, [1, 1, 1, 1, -1])
    assert left.estimate[0] == pytest.approx(0, abs=1e-12)
    assert left.se[0] == pytest.approx(0, abs=1e-6)


def test_two_predictors_have_the_mean_of_first_and_last():
    covariance = np.array([[4, 1.5, 1], [1.5, 2, 0.7], [1, 0.7, 1]])
    alone = [explained(covariance[np.ix_([0, place], [0, place])])[0] for place in (1, 2)]
    together = explained(covariance)[0]
    shares, _ = lmg(covariance, [(1,), (2,)])
    assert shares[0] == pytest.approx((alone[0] + together - alone[1]) / 2, rel=1e-14)


def test_shares_are_the_mean_increase_over_all_orders():
    random = np.random.default_rng(8)
    rows = random.normal(size=(50, 5)) @ random.normal(size=(5, 5))
    covariance = np.cov(rows.T)
    increases = np.zeros(4)
    for order in itertools.permutations(range(1, 5)):
        before = 0.0
        for place in range(4):
            columns = [0, *order[: place + 1]]
            now = explained(covariance[np.ix_(columns, columns)])[0]
            increases[order[place] - 1] += (now - before) / 24
            before = now
    np.testing.assert_allclose(lmg(covariance, [(1,), (2,), (3,), (4,)])[0], increases, rtol=1e-10)


def test_shapley_weights_of_a_player_sum_to_zero():
    np.testing.assert_allclose(shapley_weights(5).sum(axis=1), 0, atol=1e-14)


@pytest.mark.parametrize("function", [lambda s: lmg(s, [(1,), (2, 3)]), johnson, standardized])
def test_derivatives_are_those_of_the_function(function):
    random = np.random.default_rng(2)
    rows = random.normal(size=(40, 4)) @ random.normal(size=(4, 4))
    covariance = np.cov(rows.T)
    _, slopes = function(covariance)
    for _ in range(3):
        step = random.normal(size=(4, 4)) * 1e-6
        step = step + step.T
        change = function(covariance + step)[0] - function(covariance - step)[0]
        np.testing.assert_allclose(change, 2 * np.sum(slopes * step, axis=(1, 2)), rtol=1e-5, atol=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_estimates_do_not_change_with_units(schools, method):
    other = schools.assign(meals=schools["meals"] / 100, api00=schools["api00"] * 3)
    one, two = (
        tk.drivers(tk.Design(of, weights="pw"), "api00", PREDICTORS, method=method) for of in (schools, other)
    )
    np.testing.assert_allclose(two.estimate, one.estimate, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(two.se, one.se, rtol=1e-6)


def test_a_small_r2_is_said_and_intervals_are_cut_at_zero():
    random = np.random.default_rng(1)
    noise = pd.DataFrame(random.normal(size=(500, 3)), columns=["y", "a", "b"])
    found = tk.drivers(tk.Design(noise), "y", ["a", "b"])
    assert any("explain little (R2 = 0.0" in note for note in found.notes)
    assert (found.ci_low >= 0).all()
    assert any("not effects" in note for note in found.notes)


def test_shares_whose_intervals_begin_at_0_are_named_and_no_others():
    random = np.random.default_rng(2)
    frame = pd.DataFrame(random.normal(size=(500, 3)), columns=["y", "strong", "weak"])
    frame["y"] += frame["strong"]
    found = tk.drivers(tk.Design(frame), "y", ["strong", "weak"])
    assert (found.ci_low == 0).tolist() == [False, True, False]
    note = next(note for note in found.notes if "begins at 0" in note)
    assert "of weak begins" in note
    assert "less often" in note


def test_who_lacks_an_answer_is_left_out_and_counted(schools):
    holed = schools.assign(meals=schools["meals"].where(schools.index % 10 > 0).astype(float))
    found = tk.drivers(tk.Design(holed, weights="pw"), "api00", PREDICTORS)
    whole = tk.drivers(tk.Design(schools[schools.index % 10 > 0], weights="pw"), "api00", PREDICTORS)
    np.testing.assert_allclose(found.estimate, whole.estimate, rtol=1e-12)
    assert found.notes[0].startswith("20 respondents have no answer to at least one variable")


@pytest.mark.parametrize(
    ("outcome", "predictors", "method", "words"),
    [
        ("api00", ["ell"], "lmg", "at least two predictors"),
        ("api00", ["ell", "api00"], "lmg", "also a predictor"),
        ("api00", ["ell", "ell"], "lmg", "twice"),
        ("api00", ["ell", "stype"], "johnson", "no single coefficient or weight"),
        ("api00", ["ell", "twice_ell"], "lmg", "computed exactly"),
        ("api00", ["ell", "nowhere"], "lmg", "no variable"),
        ("stype", ["ell", "meals"], "lmg", "stype"),
    ],
)
def test_models_that_can_not_be_computed_are_refused(schools, outcome, predictors, method, words):
    design = tk.Design(schools.assign(twice_ell=2 * schools["ell"]), weights="pw")
    with pytest.raises(DataError, match=words):
        tk.drivers(design, outcome, predictors, method=method)


def test_too_many_predictors_are_refused_with_the_other_way(design, monkeypatch):
    monkeypatch.setattr(module, "MOST_PREDICTORS", 3)
    with pytest.raises(DataError, match="too many predictors") as caught:
        tk.drivers(design, "api00", PREDICTORS)
    assert "johnson" in caught.value.do


def test_fewer_psus_than_coefficients_are_refused(schools):
    few = tk.Design(schools.assign(psu=schools.index % 4), psu="psu")
    with pytest.raises(DataError, match="too few PSUs"):
        tk.drivers(few, "api00", PREDICTORS)


def test_a_chart_has_the_largest_share_first_and_r2(design):
    found = tk.drivers(design, "api00", PREDICTORS)
    table = tk.dot_interval(found, title="Drivers of the index", order="estimate").table
    assert table["question"].iloc[0] == "All predictors together (R2)"
    assert table["question"].iloc[-1] == "mobility"


@pytest.mark.parametrize("categories", [["E", "H", "M", "none"], ["none", "E", "H", "M"]])
def test_an_answer_that_nobody_gave_changes_no_share(schools, categories):
    plain = tk.drivers(tk.Design(schools), "api00", ["ell", "stype"])
    wider = schools.assign(stype=pd.Categorical(schools["stype"], categories=categories))
    found = tk.drivers(tk.Design(wider), "api00", ["ell", "stype"])
    np.testing.assert_allclose(found.estimate, plain.estimate, rtol=1e-9)
    np.testing.assert_allclose(found.se, plain.se, rtol=1e-9)


def test_where_may_leave_out_an_answer_of_a_predictor(schools):
    kept = schools[schools["stype"] != "H"]
    found = tk.drivers(tk.Design(schools), "api00", ["ell", "stype"], where={"stype": ["E", "M"]})
    assert found.estimate == pytest.approx(tk.drivers(tk.Design(kept), "api00", ["ell", "stype"]).estimate)


def test_coefficients_are_not_called_shares_where_r2_is_small():
    random = np.random.default_rng(2)
    design = tk.Design(pd.DataFrame(random.normal(size=(300, 3)), columns=["y", "a", "b"]))
    found = tk.drivers(design, "y", ["a", "b"], method="standardized")
    assert "so coefficients say little" in str(found)


def test_shares_of_variance_are_shown_in_percent_and_coefficients_are_not():
    frame = pd.DataFrame(
        {"trust": [1, 3, 2, 5, 4, 5], "fair": [1, 2, 2, 4, 5, 5], "age": [30, 50, 20, 40, 60, 30]}
    )
    names = ["fair", "age"]
    shares = tk.drivers(tk.Design(frame), "trust", names)
    assert f"{100 * shares.estimate[0]:.1f}%" in repr(shares)
    slopes = tk.drivers(tk.Design(frame), "trust", names, method="standardized")
    assert "%" not in repr(slopes).splitlines()[2]
