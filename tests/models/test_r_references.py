"""Every number of tests/reference/models: svyglm, regTermTest and svypredmeans of R survey.

Tolerance: the fits of both sides converge to the last digits (R with epsilon = 1e-15), so 1e-8 relative
leaves room for rounding and none for another formula. Standard errors are compared through the covariance.
"""

from __future__ import annotations

import numpy as np
import pytest
from reference_designs import design_of, name_in_r, records, where_of

import trustkit as tk
from trustkit.models import averages, predictions
from trustkit.models.observations import Influences

TOLERANCE = 1e-8


def fit_of(record):
    design = design_of(record["design"], record["lonely"])
    link = {"link": record["link"]} if record["link"] else {}
    return tk.glm(design, record["formula"], family=record["family"], where=where_of(record), **link)


RECORDS = {record["id"]: record for record in records()}


@pytest.mark.parametrize("name", RECORDS)
def test_coefficients_and_their_covariance_are_those_of_svyglm(name):
    record = RECORDS[name]
    fit = fit_of(record)
    theirs = [name.replace(" ", "") for name in record["names"]]
    order = [theirs.index(name_in_r(name)) for name in fit.names]
    assert len(order) == len(theirs)
    estimate, vcov = np.array(record["estimate"])[order], np.array(record["vcov"])[np.ix_(order, order)]
    scale = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    np.testing.assert_allclose(fit.estimate, estimate, rtol=TOLERANCE, atol=TOLERANCE * fit.se.max())
    np.testing.assert_allclose(fit.vcov / scale, vcov / scale, atol=TOLERANCE)
    assert fit.df[0] == record["df"]
    if record["family"] == "gaussian" and record["design"] not in ("jk1", "clus2"):
        # summary(svyglm) takes the variance of the residuals about their mean, by svyvar of the design
        assert fit.dispersion == pytest.approx(record["dispersion"], rel=TOLERANCE)


TESTS = [(name, place) for name, record in RECORDS.items() for place in range(len(record.get("tests") or []))]


@pytest.mark.parametrize(("name", "place"), TESTS)
def test_tests_of_terms_are_those_of_reg_term_test(name, place):
    record = RECORDS[name]
    expected = record["tests"][place]
    fit = fit_of(record)
    wald = tk.term_test(fit, expected["term"])
    assert wald.statistic == pytest.approx(expected["F"], rel=TOLERANCE)
    assert list(wald.df) == expected["df"]
    assert wald.p_value == pytest.approx(expected["p"], rel=1e-6)
    chisq = tk.term_test(fit, expected["term"], statistic="chisq")
    assert chisq.p_value == pytest.approx(expected["p_chisq"], rel=1e-6)
    if expected["lrt"] and record["family"] in ("gaussian", "binomial"):
        ratio = tk.term_test(fit, expected["term"], statistic="lrt")
        # R leaves a gaussian deviance unscaled; divided by the mean weight of the sum both are one number
        scaled = expected["lrt"]["chisq"] / np.mean(expected["lrt"]["lambda"])
        shown = float(ratio.notes[0].rpartition(" ")[2].rstrip("."))
        assert shown == pytest.approx(scaled, rel=1e-3)
        assert ratio.p_value == pytest.approx(expected["lrt"]["p"], rel=1e-5, abs=1e-12)


MEANS = [name for name, record in RECORDS.items() if record.get("means")]


@pytest.mark.parametrize("name", MEANS)
def test_predicted_means_and_both_parts_of_their_variance_are_those_of_svypredmeans(name, monkeypatch):
    record = RECORDS[name]
    expected = record["means"][0] if isinstance(record["means"], list) else record["means"]
    by = expected["by"]
    fit = fit_of({**record, "formula": f"{record['formula']} + {by}"})
    means = tk.predicted_means(fit, by)
    order = [expected["levels"].index(level) for level in means.keys[by]]
    np.testing.assert_allclose(means.estimate, np.array(expected["estimate"])[order], rtol=1e-7)
    model = fit.model
    average = averages.Average.over(model, None)
    places = [{by: place} for place in range(len(order))]
    scenarios = [predictions._with_codes(average.observations.predictors, place) for place in places]
    # without the influence on the coefficients, the rest is the variance of averaging
    none = np.zeros((1, len(fit.estimate)))
    monkeypatch.setattr(averages, "model_influences", lambda _: Influences(none))
    averaging = average.effects(scenarios, np.eye(len(order)))[1]
    theirs = np.array(expected["from_averaging"])[np.ix_(order, order)]
    np.testing.assert_allclose(averaging, theirs, rtol=1e-6)


AT = [
    (name, place) for name, record in RECORDS.items() for place in range(len(record.get("predictions") or []))
]


@pytest.mark.parametrize(("name", "place"), AT)
def test_predictions_are_those_of_predict_svyglm(name, place):
    record = RECORDS[name]
    expected = record["predictions"][place]
    own = tk.predict(fit_of(record), expected["at"], scale=expected["type"])
    np.testing.assert_allclose(own.estimate, expected["estimate"], rtol=TOLERANCE)
    np.testing.assert_allclose(own.vcov, expected["vcov"], rtol=1e-7)
