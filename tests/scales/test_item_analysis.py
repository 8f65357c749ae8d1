"""What each item adds to a scale, against R (psych, and linearisation by survey)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.scales import item_analysis as module

FOLDER = Path(__file__).parents[1] / "reference" / "scales"
FROM_R = json.loads((FOLDER / "output.json").read_text(encoding="utf-8"))
ITEMS = ["A1", "A2", "A3", "A4", "A5"]


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(FOLDER / "answers.csv")


def row_of(found, item, statistic):
    (row,) = np.flatnonzero((found.keys["variable"] == item) & (found.keys["level"] == statistic))
    return int(row)


@pytest.mark.parametrize("roles", [{}, {"weights": "w"}, {"weights": "w", "strata": "gender", "psu": "psu"}])
def test_spread_correlations_and_alpha_if_dropped_are_those_of_r_with_their_standard_errors(answers, roles):
    found = tk.item_analysis(tk.Design(answers, **roles), ITEMS)
    spec = {"weights": None, "strata": None, "psu": None} | roles
    records = [record for record in FROM_R["records"] if record["design"] == spec and "item" in record]
    assert len(records) == 20
    for record in records:
        row = row_of(found, record["item"], record["method"])
        assert found.estimate[row] == pytest.approx(record["estimate"], rel=1e-9)
        assert found.se[row] == pytest.approx(record["se"], rel=1e-6)  # R's are numerical derivatives


def test_unweighted_correlations_are_those_of_psych(answers):
    found = tk.item_analysis(tk.Design(answers), ITEMS)
    names = {"item_rest": "r_drop", "item_total": "raw_r", "alpha_if_dropped": "alpha_if_dropped"}
    for statistic, named in names.items():
        ours = [found.estimate[row_of(found, item, statistic)] for item in ITEMS]
        np.testing.assert_allclose(ours, FROM_R["psych"][named], rtol=1e-10)


def test_means_and_shares_have_the_numbers_of_mean_and_proportion(answers):
    holed = answers.astype(dict.fromkeys(ITEMS, float))
    holed.loc[::9, "A2"] = np.nan
    holed["lacks"] = np.where(holed["A2"].isna(), "yes", "no")
    holed["top"] = np.where(holed["A3"] == 6, "yes", "no")
    design = tk.Design(holed, weights="w", strata="gender", psu="psu")
    found = tk.item_analysis(design, ITEMS)
    complete = holed["A2"].notna()
    for row, other in (
        (row_of(found, "A2", "missing"), tk.proportion(design, "lacks", level="yes")),
        (row_of(found, "A3", "ceiling"), tk.proportion(design, "top", level="yes", where=complete)),
        (row_of(found, "A4", "mean"), tk.mean(design, "A4", where=complete)),
    ):
        for field in ("estimate", "se", "ci_low", "ci_high", "df", "n"):
            assert getattr(found, field)[row] == pytest.approx(getattr(other, field)[0], rel=1e-10)


def test_the_ends_of_an_item_are_those_that_it_can_have(answers):
    variables = {name: tk.Variable(name, name, "numeric", low=0, high=6) for name in ITEMS}
    survey = tk.Survey(answers[ITEMS].astype(float), tk.Codebook(variables))
    found = tk.item_analysis(tk.Design(survey), ITEMS)
    row = row_of(found, "A1", "floor")
    assert found.estimate[row] == 0
    assert found.estimate[row_of(found, "A1", "ceiling")] == pytest.approx((answers["A1"] == 6).mean())


def test_replicates_estimate_again(answers):
    design = tk.Design(answers, weights="w", strata="gender", psu="psu")
    linear, repeated = (tk.item_analysis(of, ITEMS) for of in (design, tk.replicate(design, "JKn")))
    np.testing.assert_allclose(repeated.estimate, linear.estimate, rtol=1e-12)
    shown = linear.se > 0
    np.testing.assert_allclose(repeated.se[shown], linear.se[shown], rtol=0.03)


def test_one_covariance_belongs_to_all_statistics(answers):
    found = tk.item_analysis(tk.Design(answers, weights="w", psu="psu"), ITEMS[:3])
    assert found.vcov.shape == (24, 24)
    difference = tk.contrast(found, [1.0, *[0.0] * 7, -1.0, *[0.0] * 15])
    direct = tk.mean(tk.Design(answers.assign(d=answers["A1"] - answers["A2"]), weights="w", psu="psu"), "d")
    assert difference.se[0] == pytest.approx(direct.se[0], rel=1e-10)


def test_two_items_have_no_alpha_without_one_of_them(answers):
    found = tk.item_analysis(tk.Design(answers), ["A1", "A2"])
    assert "alpha_if_dropped" not in set(found.keys["level"])
    assert len(found.estimate) == 14


@pytest.mark.parametrize("items", [["A1", "A2"], ["A1", "A2", "A3"]])
def test_a_sum_of_items_that_does_not_vary_is_refused_by_name(answers, items):
    design = tk.Design(answers.assign(A1=7 - answers["A2"]))
    with pytest.raises(tk.TrustkitError, match="sum of some items is the same") as caught:
        tk.item_analysis(design, items)
    assert caught.value.where == "A1, A2"


def test_more_numbers_than_the_memory_holds_are_refused(answers, monkeypatch):
    monkeypatch.setattr(module, "MOST_NUMBERS", 1000)
    with pytest.raises(tk.TrustkitError, match="too much memory"):
        tk.item_analysis(tk.Design(answers), ITEMS)


def test_levels_are_shown_as_statistics_not_as_answers(answers):
    shown = str(tk.item_analysis(tk.Design(answers), ITEMS))
    assert "statistic" in shown
    assert "answer " not in shown.splitlines()[1]
