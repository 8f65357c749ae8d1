"""The test of equal means; numbers of R survey are in tests/test_references.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

RNG = np.random.default_rng(5)
FRAME = pd.DataFrame(
    {
        "trust": RNG.normal(size=120) + np.arange(120) % 3 / 4,
        "area": np.array(["a", "b", "c"])[np.arange(120) % 3],
        "sex": np.array(["m", "f"])[np.arange(120) // 3 % 2],
        "psu": np.arange(120) // 6,
        "w": RNG.uniform(1, 2, 120),
    }
)
DESIGN = tk.Design(FRAME, weights="w", psu="psu")


def test_for_two_groups_f_is_the_square_of_t():
    f, t = tk.oneway_test(DESIGN, "trust", "sex"), tk.ttest(DESIGN, "trust", "sex")
    assert f.statistic == pytest.approx(t.statistic**2, rel=1e-12)
    assert f.df == (1.0, *t.df)
    assert f.p_value == pytest.approx(t.p_value, rel=1e-10)


def test_the_statistic_does_not_depend_on_which_group_comes_first():
    renamed = FRAME.assign(area=FRAME["area"].map({"a": "z", "b": "y", "c": "x"}))
    other = tk.oneway_test(tk.Design(renamed, weights="w", psu="psu"), "trust", "area")
    assert other.statistic == pytest.approx(tk.oneway_test(DESIGN, "trust", "area").statistic, rel=1e-10)


def test_moving_and_scaling_the_variable_changes_nothing():
    scaled = FRAME.assign(trust=FRAME["trust"] * -3 + 1e6)
    other = tk.oneway_test(tk.Design(scaled, weights="w", psu="psu"), "trust", "area")
    assert other.statistic == pytest.approx(tk.oneway_test(DESIGN, "trust", "area").statistic, rel=1e-6)


def test_where_leaves_groups_and_psus_out():
    test = tk.oneway_test(DESIGN, "trust", "area", where={"area": ["a", "c"]})
    assert test.df == (1.0, 18.0)
    assert test.null == "the mean of trust is the same in a, c"


def test_the_test_has_its_level_if_there_is_no_difference():
    found = 0
    for _ in range(400):
        frame = FRAME.assign(trust=np.repeat(RNG.normal(size=20), 6) / 2 + RNG.normal(size=120))
        found += tk.oneway_test(tk.Design(frame, weights="w", psu="psu"), "trust", "area").p_value < 0.1
    assert 0.06 < found / 400 < 0.15


def test_rows_in_an_engine_give_the_same_test():
    pl = pytest.importorskip("polars")
    lazy = tk.oneway_test(tk.Design(pl.from_pandas(FRAME).lazy(), weights="w", psu="psu"), "trust", "area")
    assert lazy.statistic == pytest.approx(tk.oneway_test(DESIGN, "trust", "area").statistic, rel=1e-10)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (FRAME.assign(trust=1.0), "no sampling variance"),
        (FRAME.assign(area=["d", *FRAME["area"][1:]]), "d: one PSU alone"),
        (FRAME.assign(psu=FRAME["psu"] // 10), "too few PSUs"),
    ],
)
def test_a_test_that_is_not_possible_says_why(frame, reason):
    test = tk.oneway_test(tk.Design(frame, weights="w", psu="psu"), "trust", "area")
    assert np.isnan(test.statistic)
    assert np.isnan(test.p_value)
    assert reason in test.reason


def test_one_group_is_refused():
    with pytest.raises(DataError, match="fewer than two groups"):
        tk.oneway_test(DESIGN, "trust", "area", where={"area": "a"})
