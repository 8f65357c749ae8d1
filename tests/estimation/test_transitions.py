"""Transitions between two waves: held to R survey, to counting by hand, and to McNemar's test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from waves import REFERENCE, schools, stacked, two_waves

import trustkit as tk
from trustkit.errors import DataError

R = REFERENCE["transitions"]
LINK = {"wave": "wave", "person": "id"}
BANDS = ["low", "middle", "high"]


def banded(rows):
    return rows.assign(band=pd.cut(rows["score"], [-np.inf, 600, 700, np.inf], labels=BANDS))


def designed(rows):
    return tk.Design(banded(rows), strata="stype", weights="pw")


def everybody():
    frame = schools()
    return stacked(frame, {"1999": (1, 200, frame["api99"]), "2000": (1, 200, frame["api00"])})


CASES = {"all": everybody, "in_both": two_waves}


@pytest.mark.parametrize("case", CASES)
def test_row_shares_are_those_of_r(case):
    found = tk.transitions(designed(CASES[case]()), "band", **LINK).shares
    for row, reference in enumerate(R[case]["rows"]):
        own = slice(3 * row, 3 * row + 3)
        np.testing.assert_allclose(found.estimate[own], reference["estimate"], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.se[own], reference["se"], rtol=1e-10, atol=1e-12)
        assert found.keys["from"].tolist()[own] == [BANDS[row]] * 3


@pytest.mark.parametrize("case", CASES)
def test_shares_of_all_and_flows_are_those_of_r(case):
    found = tk.transitions(designed(CASES[case]()), "band", kind="total", **LINK)
    reference = R[case]
    np.testing.assert_allclose(
        found.shares.estimate.reshape(3, 3), reference["cells"], rtol=1e-10, atol=1e-12
    )
    np.testing.assert_allclose(found.shares.se.reshape(3, 3), reference["se"], rtol=1e-10, atol=1e-12)
    flows = found.flows.to_frame().set_index("level")
    assert flows.loc["same answer", "estimate"] == pytest.approx(reference["same"], rel=1e-10)
    assert flows.loc["same answer", "se"] == pytest.approx(reference["same_se"], rel=1e-10)
    np.testing.assert_allclose(found.net.estimate[:2], reference["net"], rtol=1e-10)
    np.testing.assert_allclose(found.net.se[:2], reference["net_se"], rtol=1e-10)
    assert set(found.shares.df) == {reference["df"]}


@pytest.mark.parametrize("case", CASES)
def test_the_test_of_equal_margins_is_the_wald_statistic_of_r(case):
    test = tk.transitions(designed(CASES[case]()), "band", **LINK).test
    assert 2 * test.statistic == pytest.approx(R[case]["wald"], rel=1e-9)
    assert test.df == (2.0, R[case]["df"] - 2)


def test_net_flows_are_gross_flows_in_less_those_out():
    found = tk.transitions(designed(two_waves()), "band", **LINK)
    flows = found.flows.to_frame().set_index("level")["estimate"]
    for level, net in zip(BANDS, found.net.estimate, strict=True):
        assert flows[f"came to {level}"] - flows[f"left {level}"] == pytest.approx(net, abs=1e-12)
    assert flows["same answer"] + flows["another answer"] == pytest.approx(1)
    assert sum(flows[f"left {level}"] for level in BANDS) == pytest.approx(flows["another answer"])


def test_a_certain_answer_has_no_spread_and_a_one_sided_interval():
    found = tk.transitions(designed(everybody()), "band", **LINK).to_frame().set_index(["from", "to"])
    certain = found.loc[("high", "high")]
    assert (certain["estimate"], certain["se"], certain["ci_high"]) == (1.0, 0.0, 1.0)
    assert 0.9 < certain["ci_low"] < 1


def test_only_respondents_of_both_waves_count_and_the_result_says_so():
    found = tk.transitions(designed(two_waves()), "band", **LINK)
    assert set(found.flows.n) == {100}
    assert "100 respondents are counted in both waves, 50 only in 1999, 50 only in 2000." in repr(found)
    assert "Only respondents of both waves are counted." in repr(found)
    assert found._parts()[1].columns[0] == "1999 in rows, 2000 in columns"


def test_the_weights_are_those_of_the_wave_that_is_named():
    rows = pd.DataFrame(
        {
            "id": [1, 2, 3, 1, 2, 3],
            "wave": ["a"] * 3 + ["b"] * 3,
            "answer": list("yyn") + list("yny"),
            "w": [1.0, 1.0, 2.0, 3.0, 1.0, 1.0],
        }
    )
    found = {
        wave: tk.transitions(tk.Design(rows, weights="w"), "answer", weights=wave, **LINK).to_frame()
        for wave in ("earlier", "later")
    }
    pairs = found["later"].set_index(["from", "to"])["estimate"]
    assert pairs[("y", "y")] == pytest.approx(0.75)
    assert found["earlier"].set_index(["from", "to"])["estimate"][("y", "y")] == pytest.approx(0.5)


def test_two_answers_give_the_paired_test_of_the_design():
    frame = schools()
    rows = two_waves()
    high = {wave: rows[rows["wave"] == wave].set_index("id")["high"] for wave in ("1999", "2000")}
    wide = frame.assign(first=frame["id"].map(high["1999"]), second=frame["id"].map(high["2000"]))
    wide = wide.astype({"first": "category", "second": "category"})
    paired = tk.paired_proportions(
        tk.Design(wide, strata="stype", weights="pw"), "first", "second", level="yes"
    )
    found = tk.transitions(tk.Design(rows, strata="stype", weights="pw"), "high", **LINK)
    # the t statistic's df are 1 larger than the denominator's of F, as in a one-way test
    assert found.net.estimate[1] == pytest.approx(-paired.estimate)
    assert found.net.se[1] == pytest.approx(paired.se)


def test_replicates_give_the_variance_of_the_table():
    rows = banded(two_waves())
    linked = tk.link_waves(tk.Design(rows, strata="stype", weights="pw"), **LINK)
    plain = tk.transitions(linked, "band", kind="total", **LINK).shares.se
    repeated = tk.transitions(tk.replicate(linked, "JKn"), "band", kind="total", **LINK).shares.se
    np.testing.assert_allclose(repeated[plain > 0], plain[plain > 0], rtol=0.05)


def test_a_domain_keeps_its_own_df():
    found = tk.transitions(designed(two_waves()), "band", where={"awards": "Yes"}, **LINK)
    rows = two_waves()
    both = set(rows[rows["wave"] == "1999"]["id"]) & set(rows[rows["wave"] == "2000"]["id"])
    own = rows[rows["id"].isin(both) & (rows["awards"] == "Yes") & (rows["wave"] == "1999")]
    assert set(found.net.df) == {len(own) - own["stype"].nunique()}


def test_nobody_moved_gives_a_reason_instead_of_a_test():
    rows = pd.DataFrame({"id": [1, 2, 3] * 2, "wave": ["a"] * 3 + ["b"] * 3, "answer": list("yyn") * 2})
    found = tk.transitions(tk.Design(rows), "answer", **LINK)
    assert found.test.reason == "nobody moved to another answer"
    assert "No test of equal shares: nobody moved" in repr(found)


def test_answers_that_exchange_respondents_only_in_pairs_have_a_reason_that_says_so():
    before, after = list("aabbbccddd"), list("ababbcdcdd")
    rows = pd.DataFrame({"id": [*range(10)] * 2, "wave": ["a"] * 10 + ["b"] * 10, "answer": before + after})
    found = tk.transitions(tk.Design(rows), "answer", **LINK)
    assert found.test.reason == "there are too few PSUs, or nobody moved between some of the answers"


def test_nobody_in_both_waves_is_an_error():
    rows = two_waves()
    with pytest.raises(DataError, match="nobody is in the base of high in both waves"):
        tk.transitions(tk.Design(rows.assign(id=range(len(rows)))), "high", **LINK)


def test_an_answer_that_nobody_gave_first_has_no_row_and_is_named():
    rows = pd.DataFrame(
        {
            "id": [1, 2, 3] * 2,
            "wave": ["a"] * 3 + ["b"] * 3,
            "answer": pd.Categorical(list("yyn") + list("ymn"), categories=list("ymn")),
        }
    )
    found = tk.transitions(tk.Design(rows), "answer", **LINK)
    assert list(dict.fromkeys(found.shares.keys["from"])) == ["y", "n"]
    assert "Nobody gave the answer m in a." in repr(found)
