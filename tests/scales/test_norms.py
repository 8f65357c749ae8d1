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


def test_an_unverified_norm_is_not_there(design):
    with pytest.raises(DataError, match="has no norm"):
        tk.compare_norm(tk.mean(design, "police"), "oecd_trust", "national government 2021")
