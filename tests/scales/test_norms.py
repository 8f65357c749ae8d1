"""Estimates less a published norm."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

NORM = ("ess_political", "police Norway 2020-22")


@pytest.fixture(scope="module")
def design():
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"police": random.integers(0, 11, 300).astype(float), "w": random.uniform(1, 2, 300)}
    )
    return tk.Design(frame, weights="w")


def test_the_difference_has_the_estimates_standard_error_and_names_the_norm(design):
    own = tk.mean(design, "police")
    found = tk.compare_norm(own, *NORM)
    value = tk.instrument(NORM[0]).norm(NORM[1]).value
    assert found.estimate[0] == pytest.approx(own.estimate[0] - value)
    assert (found.se[0], found.df[0]) == (own.se[0], own.df[0])
    assert found.ci_high[0] == pytest.approx(own.ci_high[0] - value)
    assert found.statistic == "difference of means"
    assert any("people in Norway, 2022, post-stratification weights" in note for note in found.notes)
    assert found.notes[-1].startswith("The norm is taken as exact")


def test_another_statistic_than_the_norms_is_refused(design):
    total = tk.total(design, "police")
    with pytest.raises(DataError, match="different statistics") as caught:
        tk.compare_norm(total, *NORM)
    assert caught.value.do == "estimate it with tk.mean"


def test_a_share_is_compared_with_the_norm_of_a_share():
    trusts = pd.Categorical(["yes", "no", "no", "yes", "no"] * 20)
    share = tk.proportion(tk.Design(pd.DataFrame({"government": trusts})), "government", level="yes")
    found = tk.compare_norm(share, "oecd_trust", "national government 2021")
    norm = tk.instrument("oecd_trust").norm("national government 2021").value
    assert found.estimate[0] == pytest.approx(0.4 - norm)
    assert found.statistic == "difference of shares"


def test_the_shares_of_several_answers_have_no_common_norm():
    trusts = pd.Categorical(["yes", "no", "no", "yes", "no"] * 20)
    shares = tk.proportion(tk.Design(pd.DataFrame({"government": trusts})), "government")
    with pytest.raises(DataError, match="the norm is the share of one answer") as caught:
        tk.compare_norm(shares, "oecd_trust", "national government 2021")
    assert caught.value.got == "2 answers: no, yes"


@pytest.mark.parametrize("instrument", ["iuipc8", "oecd_trust"])
def test_a_norm_that_nobody_read_is_not_there(design, instrument):
    with pytest.raises(DataError, match="has no norm"):
        tk.compare_norm(tk.mean(design, "police"), instrument, "media 2021")
