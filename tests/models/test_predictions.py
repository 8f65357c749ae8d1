"""Predictions and effects: their variance by brute force, domains, and what is refused."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from lazy_cases import make_rows

import trustkit as tk
from trustkit.errors import DataError, FitError

ROWS = make_rows().dropna()
ROWS = (
    ROWS[ROWS["w"] > 0]
    .head(400)
    .reset_index(drop=True)
    .assign(unit=lambda rows: 10 * rows["stratum"] + rows["psu"])
)
FEW = ROWS.head(80)


def design(rows=ROWS, weights="w"):
    return tk.Design(rows, weights=weights, psu="unit")


def by_brute_force(estimate_with):
    """Return the covariance from numeric derivatives by each respondent's weight."""
    columns = []
    for row in range(len(FEW)):
        sides = []
        for step in (1e-4, -1e-4):
            weights = FEW["w"].to_numpy().copy()
            weights[row] += step
            sides.append(estimate_with(design(FEW, weights)))
        columns.append((sides[0] - sides[1]) / 2e-4)
    return design(FEW).covariance_of(np.array(columns))


ESTIMATES = {
    "means by a level": lambda d: tk.predicted_means(
        tk.glm(d, "level(answer, 'b') ~ country + size", family="binomial"), "country"
    ),
    "effect of a level": lambda d: tk.average_effect(
        tk.glm(d, "size ~ answer * sex", family="poisson"), "answer"
    ),
    "effect of a step": lambda d: tk.average_effect(
        tk.glm(d, "level(answer, 'b') ~ poly(size, 2) + sex", family="binomial"), "size", change=2
    ),
}


@pytest.mark.parametrize("name", ESTIMATES)
def test_the_covariance_is_that_of_numeric_derivatives(name):
    estimate = ESTIMATES[name](design(FEW))
    expected = by_brute_force(lambda d: ESTIMATES[name](d).estimate)
    np.testing.assert_allclose(estimate.vcov, expected, rtol=1e-4, atol=1e-4 * abs(expected).max())


def test_replicates_average_again_with_their_own_weights():
    plain, repeated = design(), tk.replicate(design(), "JKn", centre="estimate")
    for name in ("means by a level", "effect of a level"):
        np.testing.assert_allclose(ESTIMATES[name](repeated).se, ESTIMATES[name](plain).se, rtol=0.5)


def test_an_effect_of_levels_is_a_difference_of_predicted_means():
    fit = tk.glm(design(), "level(answer, 'b') ~ country + size", family="binomial")
    means = tk.predicted_means(fit, "country")
    difference = tk.contrast(means, {"Peru": 1, "Chile": -1})
    effect = tk.average_effect(fit, "country")
    np.testing.assert_allclose(
        [effect.estimate, effect.se, effect.ci_low], [difference.estimate, difference.se, difference.ci_low]
    )


def test_a_model_with_all_interactions_predicts_the_means_of_groups():
    fit = tk.glm(design(), "income ~ country * sex")
    rows = [("Chile", "Female"), ("Peru", "Male")]
    at = {"country": [row[0] for row in rows], "sex": [row[1] for row in rows]}
    own = tk.predict(fit, at)
    means = tk.mean(design(), "income", by=["country", "sex"])
    np.testing.assert_allclose(own.estimate, means.estimate[[0, 3]])
    np.testing.assert_allclose(own.se, means.se[[0, 3]])


def test_the_mean_slope_of_a_line_is_its_coefficient():
    fit = tk.glm(design(), "income ~ size + sex")
    slope = tk.average_effect(fit, "size", change="derivative")
    np.testing.assert_allclose([slope.estimate[0], slope.se[0]], [fit.estimate[1], fit.se[1]], rtol=1e-6)


def test_where_averages_over_these_respondents_only():
    fit = tk.glm(design(), "level(answer, 'b') ~ country + size", family="binomial")
    inside = (ROWS["sex"] == "Male").to_numpy()
    own = tk.predicted_means(fit, "country", where={"sex": "Male"})
    values = [
        np.average(
            tk.predict(fit, {"country": country, "size": ROWS["size"][inside].tolist()}).estimate,
            weights=ROWS["w"][inside],
        )
        for country in ("Chile", "Peru")
    ]
    np.testing.assert_allclose(own.estimate, values)
    assert "averaged over those where sex is Male" in own.base


def test_where_works_for_models_that_were_fitted_on_cells():
    cells = tk.glm(design(), "level(answer, 'b') ~ country + sex", family="binomial")
    own = tk.predicted_means(cells, "country", where={"sex": "Male"})
    expected = tk.predict(cells, {"country": ["Chile", "Peru"], "sex": "Male"})
    np.testing.assert_allclose(own.estimate, expected.estimate)


def test_means_of_rows_in_an_engine_are_those_of_rows_in_memory():
    formula = "level(answer, 'b') ~ country + sex"
    with duckdb.connect() as connection:
        lazy = tk.Design(connection.from_df(ROWS), weights="w", psu="unit")
        own = tk.predicted_means(tk.glm(lazy, formula, family="binomial"), "country")
    expected = tk.predicted_means(tk.glm(design(), formula, family="binomial"), "country")
    np.testing.assert_allclose(own.vcov, expected.vcov, rtol=1e-8)


def test_intervals_of_probabilities_stay_between_0_and_1():
    fit = tk.glm(design(), "level(answer, 'b') ~ poly(size, 3)", family="binomial")
    own = tk.predict(fit, {"size": [0.0, 9.0]})
    assert ((own.ci_low >= 0) & (own.ci_high <= 1) & (own.ci_low < own.estimate)).all()


def test_contrasts_of_coefficients_take_their_names():
    fit = tk.glm(design(), "income ~ answer + sex")
    difference = tk.contrast(fit, {"answer[c]": 1, "answer[b]": -1})
    rows = np.array([0.0, -1.0, 1.0, 0.0])
    assert difference.estimate[0] == pytest.approx(rows @ fit.estimate)
    assert difference.se[0] == pytest.approx(np.sqrt(rows @ fit.vcov @ rows))
    assert difference.df[0] == fit.df[0]
    ratio = tk.delta(fit, lambda b: b[1] / b[2])
    assert ratio.estimate[0] == pytest.approx(fit.estimate[1] / fit.estimate[2])
    with pytest.raises(DataError, match="did you mean 'answer\\[b\\]'"):
        tk.contrast(fit, {"answer[B]": 1})


def test_contrasts_of_predictions_count_each_respondent_once():
    fit = tk.glm(design(), "income ~ sex * answer")
    own = tk.predict(fit, {"sex": ["Female", "Male"], "answer": "b"})
    difference = tk.contrast(own, {"Male": 1, "Female": -1})
    assert difference.n.tolist() == [fit.n]
    assert difference.df.tolist() == [fit.df[0]]
    coefficients = tk.contrast(fit, {"sex[Male]": 1, "sex[Male]:answer[b]": 1})
    np.testing.assert_allclose(difference.vcov, coefficients.vcov)


def test_means_over_some_respondents_have_their_number():
    fit = tk.glm(design(), "income ~ sex + size")
    means = tk.predicted_means(fit, "sex", where={"answer": "a"})
    assert means.n.tolist() == [int((ROWS["answer"] == "a").sum())] * 2
    assert means.df.tolist() == [fit.df[0]] * 2


def test_what_the_model_does_not_have_is_refused():
    fit = tk.glm(design(), "income ~ answer + size")
    with pytest.raises(FitError, match="no term 'answr'"):
        tk.term_test(fit, "answr")
    with pytest.raises(FitError, match="have no value"):
        tk.predict(fit, {"answer": "a"})
    with pytest.raises(FitError, match="no level 'z'"):
        tk.predict(fit, {"answer": "z", "size": 1})
    with pytest.raises(FitError, match="several lengths"):
        tk.predict(fit, {"answer": ["a", "b"], "size": [1, 2, 3]})
    with pytest.raises(FitError, match="must be numbers"):
        tk.predict(fit, {"answer": "a", "size": "many"})
    for wrong in ("many", pd.Timestamp("2024-01-01"), pd.Timedelta("1D")):
        with pytest.raises(FitError, match="must be numbers") as caught:
            tk.predict(fit, {"answer": "a", "size": [wrong]})
        assert caught.value.got
    with pytest.raises(FitError, match="does not code 'size' by levels"):
        tk.predicted_means(fit, "size")
    with pytest.raises(FitError, match="no predictor 'sex'"):
        tk.average_effect(fit, "sex")


def test_a_test_of_terms_states_its_null():
    test = tk.term_test(tk.glm(design(), "income ~ answer"), ["answer"])
    assert test.null == "the coefficients of answer are 0"
    both = tk.term_test(tk.glm(design(), "income ~ answer * sex"), "sex:answer")
    assert both.null == "the coefficients of answer x sex are 0 once answer and sex are held"


def test_predictions_name_the_model_and_the_answer_whose_share_they_are():
    fit = tk.glm(design(), "level(answer, 'b') ~ country + size", family="binomial")
    of_b = 'Predicted by logistic regression: the share of "b".'
    assert of_b in tk.predicted_means(fit, "country").notes
    assert of_b in tk.average_effect(fit, "size").notes
    linear = tk.predict(fit, {"country": "Peru", "size": 1}, scale="link")
    assert "Predicted by logistic regression." in linear.notes
    counts = tk.glm(design(), "size ~ sex", family="poisson")
    assert "Predicted by Poisson regression (log link)." in tk.predicted_means(counts, "sex").notes


def test_an_average_effect_says_what_changes_and_in_which_outcome():
    fit = tk.glm(design(), "level(answer, 'b') ~ country + size", family="binomial")
    title, table, notes = tk.average_effect(fit, "country")._parts()
    assert title == "Average difference of shares: country"
    assert table["change"].tolist() == ["Peru compared with Chile"]
    assert "Outcome: answer." in notes
    assert tk.average_effect(fit, "size", change=-2)._parts()[1]["change"].tolist() == ["2 lower"]
