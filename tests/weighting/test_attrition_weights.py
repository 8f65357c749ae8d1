"""Weights for attrition: held to R survey, with the variance of the model that was estimated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from waves import REFERENCE, panel_with_losses

import trustkit as tk
from trustkit.errors import DesignError

R = REFERENCE["attrition"]
LINK = {"wave": "wave", "person": "id"}
COVARIATES = ["meals", "awards"]


def designed(rows):
    return tk.Design(rows, strata="stype", weights="pw")


@pytest.fixture(scope="module")
def weighted():
    return tk.attrition_weights(designed(panel_with_losses()), COVARIATES, **LINK)


def test_weights_are_those_of_the_logistic_model_of_r(weighted):
    later = weighted.data["wave"] == "2000"
    wanted = np.array(R["weights"])
    np.testing.assert_allclose(weighted.weights[later], wanted[wanted > 0], rtol=1e-9)
    np.testing.assert_allclose(weighted.weights[~later], weighted.data["pw"][~later])


def test_the_standard_error_of_the_later_mean_knows_the_model_as_in_r(weighted):
    found = tk.mean(weighted, "score", where={"wave": "2000"})
    assert found.estimate[0] == pytest.approx(R["later"], rel=1e-10)
    assert found.se[0] == pytest.approx(R["later_se"], rel=1e-9)
    assert found.se[0] < 0.9 * R["later_se_as_given"]


def test_the_change_has_the_covariance_of_both_waves_and_the_model_as_in_r(weighted):
    found = tk.change(weighted, "score", **LINK)
    assert found.estimate[0] == pytest.approx(R["change"], rel=1e-10)
    assert found.se[0] == pytest.approx(R["change_se"], rel=1e-9)


def test_replicates_fit_the_model_again_as_in_r():
    linked = tk.link_waves(designed(panel_with_losses()), **LINK)
    repeated = tk.attrition_weights(tk.replicate(linked, "JKn"), COVARIATES, **LINK)
    assert tk.mean(repeated, "score", where={"wave": "2000"}).se[0] == pytest.approx(
        R["replicated_se"][0], rel=1e-7
    )
    assert tk.change(repeated, "score", **LINK).se[0] == pytest.approx(R["replicated_se"][1], rel=1e-7)


def test_a_replicate_without_a_level_still_brings_back_the_other_levels():
    ids = np.arange(60)
    area = np.where(ids < 6, "x", np.where(ids % 2, "a", "b"))
    first = pd.DataFrame({"id": ids, "wave": "a", "area": area, "psu": ids // 6})
    rows = pd.concat([first, first[ids % 3 > 0].assign(wave="b")], ignore_index=True)
    repeated = tk.attrition_weights(tk.replicate(tk.Design(rows, psu="psu"), "JK1"), ["area"], **LINK)
    sums = (
        rows[["wave", "area"]].join(pd.DataFrame(repeated.replicates.weights)).groupby(["wave", "area"]).sum()
    )
    np.testing.assert_allclose(sums.loc["b"], sums.loc["a"])
    assert sums.loc[("a", "x")].min() == 0


def test_the_covariate_means_of_the_first_wave_come_back_without_spread_of_the_model(weighted):
    first, later = (tk.mean(weighted, "meals", where={"wave": wave}) for wave in ("1999", "2000"))
    assert later.se[0] == pytest.approx(first.se[0], rel=0.1)
    shares = [
        tk.proportion(weighted, "awards", level="Yes", where={"wave": w}).estimate[0]
        for w in ("1999", "2000")
    ]
    assert shares[1] == pytest.approx(shares[0], abs=0.02)


def test_cells_are_adjusted_as_by_nonresponse_adjustment():
    rows = panel_with_losses()
    found = tk.attrition_weights(designed(rows), ["awards"], **LINK)
    first = rows[rows["wave"] == "1999"]
    kept = first["id"].isin(rows[rows["wave"] == "2000"]["id"])
    wide = first.assign(kept=kept.map({True: "yes", False: "no"}).to_numpy())
    by_cell = tk.adjust_nonresponse(designed(wide), {"kept": "yes"}, ["awards"])
    np.testing.assert_allclose(found.weights[found.data["wave"] == "2000"], by_cell.weights[kept], rtol=1e-8)


def test_the_history_states_the_model_and_the_new_respondents():
    rows = panel_with_losses()
    rows = pd.concat([rows, rows[:2].assign(id=[901, 902], wave="2000")], ignore_index=True)
    found = tk.attrition_weights(designed(rows), COVARIATES, **LINK)
    text = repr(found.history[-1])
    assert "146 of 200 respondents of 1999 stayed" in text
    assert "2 respondents are new in 2000 and have weight 0" in text
    assert found.weights[-2:].tolist() == [0.0, 0.0]


def test_raking_after_it_keeps_the_model_in_the_variance(weighted):
    targets = {"stype": {"E": 0.7, "M": 0.15, "H": 0.15}}
    raked = tk.rake(weighted, targets)
    assert len(raked.calibration.steps) == 2
    assert tk.mean(raked, "score", where={"wave": "2000"}).se[0] > 0


def test_the_interval_holds_its_level_where_losses_depend_on_a_covariate():
    rng = np.random.default_rng(31)
    hits = 0
    for _ in range(150):
        n = 150
        x = rng.normal(size=n)
        y = 2 * x + rng.normal(size=n)
        stay = rng.random(n) < 1 / (1 + np.exp(-(0.5 + x)))
        rows = pd.DataFrame(
            {"id": [*range(n), *np.flatnonzero(stay)], "wave": ["a"] * n + ["b"] * int(stay.sum())}
        )
        rows = rows.assign(x=x[rows["id"]], y=y[rows["id"]])
        design = tk.attrition_weights(tk.Design(rows), ["x"], **LINK)
        found = tk.mean(design, "y", where={"wave": "b"})
        hits += bool(found.ci_low[0] <= 0 <= found.ci_high[0])
    assert hits / 150 > 0.88


def separated(rows):
    kept = rows["id"].isin(set(rows["id"][rows["wave"] == "2000"]))
    return rows.assign(z=kept + rows["meals"] / 1000)


REFUSED = {
    "a level of stayers only": (
        lambda rows: rows.assign(group=np.where(rows["id"] == 1, "one", "rest")), ["group"],
        "everybody stayed in 'one'",
    ),
    "a level of losses only": (
        lambda rows: rows.assign(group=np.where(rows["id"] == 7, "one", "rest")), ["group"],
        "nobody stayed in 'one'",
    ),
    "a missing value": (
        lambda rows: rows.assign(meals=rows["meals"].where(rows["id"] != 3)), ["meals"], "no value"
    ),
    "one value": (lambda rows: rows.assign(meals=1), ["meals"], "the same value"),
    "the same twice": (lambda rows: rows.assign(more=rows["meals"] * 2), ["meals", "more"], "follow from"),
    "separation": (separated, ["z"], "tell those who stayed"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_covariates_that_can_not_be_used_are_refused(case):
    changed, covariates, words = REFUSED[case]
    with pytest.raises(DesignError, match=words):
        tk.attrition_weights(designed(changed(panel_with_losses())), covariates, **LINK)


def test_nobody_lost_is_refused():
    rows = pd.DataFrame({"id": [1, 2, 1, 2], "wave": list("aabb"), "x": range(4)})
    with pytest.raises(DesignError, match="nobody was lost"):
        tk.attrition_weights(tk.Design(rows), ["x"], **LINK)


def test_the_page_of_maths_gives_the_numbers_of_the_reference():
    page = (Path(__file__).parents[2] / "docs" / "maths.md").read_text("utf-8")
    given, model, again = (R["later_se_as_given"], R["later_se"], R["replicated_se"][0])
    assert f"is {given:.1f} as given, and {model:.1f} with the model (jackknife" in page
    assert f"fitted again: {again:.1f})" in page
