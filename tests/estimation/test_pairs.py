"""A pair is a contrast of two estimates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError


@pytest.fixture(scope="module")
def means() -> tk.Estimate:
    rng = np.random.default_rng(4)
    columns = {"area": rng.choice(["a", "b", "c"], 300), "trust": rng.normal(5, 2, 300)}
    frame = pd.DataFrame({**columns, "w": rng.gamma(2, 1, 300), "psu": rng.integers(0, 30, 300)})
    return tk.mean(tk.Design(frame, weights="w", psu="psu"), "trust", by="area")


def test_pairs_are_contrasts_of_two(means):
    pairs = tk.pairwise(means, adjust="none").to_frame()
    one = tk.contrast(means, {"a": 1, "c": -1})
    row = pairs[(pairs["first"] == "a") & (pairs["second"] == "c")].iloc[0]
    assert (row["difference"], row["se"]) == pytest.approx((one.estimate[0], one.se[0]))
    assert (pairs["p_adjusted"] == pairs["p_value"]).all()
    assert "Null hypotheses: the two estimates of a pair are equal." in repr(tk.pairwise(means))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: tk.pairwise(m, adjust="tukey"), "argument 'adjust' can't be used"),
        (lambda m: tk.pairwise(tk.contrast(m, {"a": 1})), "at least two estimates"),
    ],
)
def test_pairs_that_cannot_be_made_are_refused_by_name(means, call, message):
    with pytest.raises(DataError, match=message):
        call(means)
