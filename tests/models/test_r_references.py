"""Every number of tests/reference/models: svyglm, regTermTest and svypredmeans of R survey.

Tolerance: the fits of both sides converge to the last digits (R with epsilon = 1e-15), so 1e-8 relative
leaves room for rounding and none for another formula. Standard errors are compared through the covariance.
"""

from __future__ import annotations

import numpy as np
import pytest
from reference_designs import design_of, name_in_r, records, where_of

import trustkit as tk

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
