"""Attrition described: rates of loss and differences of means, held to R survey."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from waves import REFERENCE, panel_with_losses

import trustkit as tk
from trustkit.errors import DataError

R = REFERENCE["attrition"]
LINK = {"wave": "wave", "person": "id"}


@pytest.fixture(scope="module")
def design():
    return tk.Design(panel_with_losses(), strata="stype", weights="pw")


def test_rates_of_loss_by_group_are_the_domain_shares_of_r(design):
    table = tk.attrition(design, ["awards"], **LINK).table
    assert table["group"].tolist() == ["No", "Yes"]
    np.testing.assert_allclose(table["estimate"], R["lost"]["estimate"], rtol=1e-10)
    np.testing.assert_allclose(table["se"], R["lost"]["se"], rtol=1e-10)


def test_the_mean_of_those_who_stayed_less_that_of_those_lost_is_that_of_r(design):
    (row,) = tk.attrition(design, ["api99"], **LINK).table.itertuples()
    assert (row.estimate, row.se) == pytest.approx((R["gap"], R["gap_se"]), rel=1e-9)
    assert row.group == ""
    assert row.p_value < 0.001


def test_the_tests_are_those_of_the_package_on_a_wide_file(design):
    found = tk.attrition(design, ["awards"], **LINK).table["p_value"]
    rows = panel_with_losses()
    first = rows[rows["wave"] == "1999"]
    kept = first["id"].isin(rows[rows["wave"] == "2000"]["id"])
    wide = first.assign(kept=kept.map({True: "yes", False: "no"}))
    test = tk.chisq_test(tk.Design(wide, strata="stype", weights="pw"), "kept", "awards")
    np.testing.assert_allclose(found, test.p_value, rtol=1e-9)


def test_the_result_counts_who_stayed_was_lost_and_is_new(design):
    found = tk.attrition(design, ["awards", "api99"], **LINK)
    assert (found.stayed, found.lost, found.new) == (146, 54, 0)
    assert "146 respondents stayed, 54 were lost, 0 are new" in repr(found)
    assert found._parts()[1].columns[2] == "lost, or difference of means"
    groups = tk.attrition(design, ["awards", "stype"], **LINK)
    assert "difference" not in repr(groups)  # nothing is said of means where there are none
    assert list(groups._parts()[1]) == ["question", "group", "lost", "95% interval", "n", "p"]
    shown = groups._repr_html_()
    assert shown.count('<td class="tk-number"') == 4 * len(groups.table)  # p stands at the right, too
    assert shown.count('class="tk-rows"') == 2  # each question stands once, above its groups
    fresh = panel_with_losses()
    fresh = pd.concat([fresh, fresh[:3].assign(id=[901, 902, 903], wave="2000")], ignore_index=True)
    again = tk.attrition(tk.Design(fresh, strata="stype", weights="pw"), ["awards"], **LINK)
    assert again.new == 3
    np.testing.assert_allclose(again.table["estimate"], found.table["estimate"][:2])


def test_a_row_without_weight_in_the_later_wave_is_a_loss():
    rows = pd.DataFrame(
        {"id": [1, 2, 3, 1, 2, 3], "wave": ["a"] * 3 + ["b"] * 3, "y": range(6), "w": [1, 1, 1, 1, 1, 0]}
    )
    assert tk.attrition(tk.Design(rows, weights="w"), ["y"], **LINK).lost == 1


def test_losses_are_described_in_a_domain(design):
    found = tk.attrition(design, ["api99"], where={"awards": "Yes"}, **LINK)
    assert found.rate.estimate[0] == pytest.approx(R["lost"]["estimate"][1])


def test_waves_without_losses_or_without_stayers_are_refused():
    rows = pd.DataFrame({"id": [1, 2, 1, 2], "wave": list("aabb"), "y": range(4)})
    with pytest.raises(DataError, match="nobody was lost from a to b"):
        tk.attrition(tk.Design(rows), ["y"], **LINK)
    with pytest.raises(DataError, match="nobody stayed from a to b"):
        tk.attrition(tk.Design(rows.assign(id=range(4))), ["y"], **LINK)
