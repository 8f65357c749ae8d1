"""Changes between waves that share respondents: held to R survey, and stating the overlap."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from waves import REFERENCE, schools, stacked, two_waves

import trustkit as tk
from trustkit.errors import DataError

R = REFERENCE["change"]
LINK = {"wave": "wave", "person": "id"}


@pytest.fixture(scope="module")
def design():
    return tk.Design(two_waves(), strata="stype", weights="pw")


def matches(found, reference):
    np.testing.assert_allclose(found.estimate, reference["change"], rtol=1e-10)
    np.testing.assert_allclose(found.se, reference["change_se"], rtol=1e-10)
    np.testing.assert_allclose(found.df, reference["df"])


def test_the_change_of_a_mean_is_that_of_r_with_persons_as_psus(design):
    matches(tk.change(design, "score", **LINK), R["stratified"])


def test_the_change_of_a_share_is_that_of_r(design):
    found = tk.change(design, "high", level="yes", **LINK)
    matches(found, R["share"])
    assert found.statistic == "difference of shares"
    both = tk.change(design, "high", **LINK)
    assert both.estimate.sum() == pytest.approx(0, abs=1e-12)
    assert both.vcov.sum() == pytest.approx(0, abs=1e-12)


def test_changes_by_group_have_the_df_of_their_domains_as_in_r(design):
    found = tk.change(design, "score", by="awards", **LINK)
    assert found.keys["awards"].tolist() == ["No", "Yes"]
    for row, reference in enumerate(R["by"]):
        assert found.estimate[row] == pytest.approx(reference["change"], rel=1e-10)
        assert found.se[row] == pytest.approx(reference["change_se"], rel=1e-10)
        assert found.df[row] == reference["df"]
    assert found.n.sum() == 200


def test_psus_that_hold_the_persons_give_the_covariance_as_in_r():
    frame = schools("apiclus1")
    rows = stacked(frame, {"1999": (1, 130, frame["api99"]), "2000": (60, 183, frame["api00"])})
    matches(tk.change(tk.Design(rows, weights="pw", psu="dnum"), "score", **LINK), R["districts"])


def test_replicates_of_persons_give_the_variance_of_r(design):
    linked = tk.link_waves(design, **LINK)
    found = tk.change(tk.replicate(linked, "JKn"), "score", **LINK)
    assert found.estimate[0] == pytest.approx(R["jackknife"]["change"], rel=1e-10)
    assert found.se[0] == pytest.approx(R["jackknife"]["change_se"], rel=1e-10)


def test_the_result_states_how_many_respondents_are_shared_and_what_that_is_worth(design):
    found = tk.change(design, "score", **LINK)
    assert "100 respondents are counted in both waves, 50 only in 1999, 50 only in 2000." in found.notes
    ratio = R["independent_se"] / R["stratified"]["change_se"]
    assert any(f"{ratio:.2f} times as large" in note for note in found.notes)
    assert "100 respondents are counted in both waves" in repr(found)
    assert found.n.tolist() == [200]


def test_the_overlap_counts_only_those_with_an_answer_in_both_waves():
    rows = two_waves()
    rows.loc[(rows["wave"] == "2000") & (rows["id"] <= 60), "score"] = np.nan
    found = tk.change(tk.Design(rows), "score", **LINK)
    assert "90 respondents are counted in both waves, 60 only in 1999, 50 only in 2000." in found.notes


def test_waves_without_common_respondents_say_so_and_are_independent(design):
    rows = two_waves()
    rows = rows.assign(id=np.arange(len(rows)))
    found = tk.change(tk.Design(rows, weights="pw"), "score", **LINK)
    assert found.notes[0].startswith("No respondent is counted in both waves.")
    assert not any("times as large" in note for note in found.notes)
    waves = [
        tk.mean(tk.Design(rows, weights="pw"), "score", where={"wave": name}) for name in ("1999", "2000")
    ]
    # the domains of one stratum: n / (n - 1) is that of all rows together
    assert found.se[0] == pytest.approx(np.hypot(waves[0].se[0], waves[1].se[0]), rel=1e-3)


def test_a_change_is_the_contrast_of_the_linked_estimates(design):
    linked = tk.link_waves(design, **LINK)
    by_hand = tk.contrast(tk.mean(linked, "score", by="wave"), {"2000": 1, "1999": -1})
    found = tk.change(design, "score", **LINK)
    assert (found.estimate[0], found.se[0], found.df[0]) == pytest.approx(
        (by_hand.estimate[0], by_hand.se[0], by_hand.df[0])
    )
    turned = tk.change(design, "score", between=["2000", "1999"], **LINK)
    assert turned.estimate[0] == pytest.approx(-found.estimate[0])


def test_persons_that_change_their_group_are_counted():
    rows = pd.DataFrame(
        {
            "id": [1, 2, 3, 4, 1, 2, 3, 4],
            "wave": ["a"] * 4 + ["b"] * 4,
            "y": [1.0, 2.0, 3.0, 5.0, 2.0, 2.0, 4.0, 7.0],
            "area": list("nnss") + list("nsss"),
        }
    )
    found = tk.change(tk.Design(rows), "y", by="area", **LINK)
    assert "1 respondents are in another group in the later wave." in found.notes
    assert found.estimate.tolist() == pytest.approx([0.5, 13 / 3 - 4])


def test_a_group_of_one_wave_has_no_change_and_is_named():
    rows = pd.DataFrame(
        {"id": range(8), "wave": ["a"] * 4 + ["b"] * 4, "y": range(8), "area": list("nnss") + list("nnww")}
    )
    found = tk.change(tk.Design(rows), "y", by="area", **LINK)
    assert found.keys["area"].tolist() == ["n"]
    assert any("s (only in a), w (only in b)" in note for note in found.notes)


REFUSED = {
    "three waves without a choice": ({}, "name two of 1999, 2000, 2001"),
    "one wave": ({"between": ["1999"]}, "a change is between two waves"),
    "the same wave twice": ({"between": ["1999", "1999"]}, "a change is between two waves"),
    "an unknown wave": ({"between": ["1999", "2002"]}, "no row is of the wave '2002'"),
    "an unknown answer": (
        {"variable": "high", "level": "Yes", "between": ["1999", "2000"]},
        "no answer 'Yes'",
    ),
    "nobody in both": (
        {"between": ["1999", "2000"], "where": {"wave": "1999"}},
        "no group has respondents in both waves",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_calls_that_name_no_change_are_refused(case):
    options, words = REFUSED[case]
    rows = two_waves()
    rows = pd.concat([rows, rows[rows["wave"] == "2000"].assign(wave="2001")], ignore_index=True)
    options = {"variable": "score", **LINK, **options}
    with pytest.raises(DataError, match=words):
        tk.change(tk.Design(rows), **options)


def test_the_page_on_methods_gives_the_numbers_of_the_reference():
    page = (Path(__file__).parents[2] / "docs" / "which_method.md").read_text("utf-8")
    numbers = [R["stratified"]["change"], R["stratified"]["change_se"], R["independent_se"]]
    change, se, apart = (f"{number:.1f}" for number in numbers)
    assert f"a change of {change} had a standard error of {se} instead of {apart}" in page


def test_weights_raked_in_each_wave_keep_their_margins_in_the_variance_of_the_change():
    rows = two_waves()
    rows = rows.assign(cell=rows["wave"] + " " + rows["awards"])
    shares = {"1999 No": 0.2, "1999 Yes": 0.3, "2000 No": 0.2, "2000 Yes": 0.3}
    raked = tk.rake(tk.Design(rows, strata="stype", weights="pw"), {"cell": shares})
    given = tk.rake(tk.Design(rows, strata="stype", weights="pw", psu="id"), {"cell": shares})
    found, same = (tk.change(design, "score", **LINK) for design in (raked, given))
    assert found.estimate[0] == pytest.approx(same.estimate[0])
    assert found.se[0] == pytest.approx(same.se[0])
    exact = tk.change(raked, "awards", level="Yes", **LINK)
    assert exact.estimate[0] == pytest.approx(0, abs=1e-8)
    assert exact.se[0] == pytest.approx(0, abs=1e-6)


def test_a_figure_of_differences_draws_a_change(design):
    chart = tk.difference_dots(tk.change(design, "high", **LINK), title="High scores")
    assert "percentage points" in repr(chart) or "+4.5" in repr(chart)
    assert "100 respondents are counted in both waves" in chart.caption
