"""Quantiles and their Woodruff intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.errors import DataError


def weighted_quantile(y: np.ndarray, w: np.ndarray, p: float) -> float:
    order = np.argsort(y)
    reached = np.cumsum(w[order]) >= p * w.sum() * (1 - 1e-12)
    return float(y[order][reached.argmax()])


@pytest.fixture
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    return pd.DataFrame(
        {
            "y": rng.integers(0, 40, 300).astype(float),
            "w": rng.gamma(2, 1, 300),
            "group": rng.choice(["a", "b", "c"], 300),
            "psu": rng.integers(0, 30, 300),
        }
    )


def test_a_quantile_is_the_smallest_value_whose_weight_reaches_p(frame):
    found = tk.quantile(tk.Design(frame, weights="w"), "y", [0.9, 0.25, 0.5], by="group").to_frame()
    for row in found.to_dict("records"):
        part = frame[frame["group"] == row["group"]]
        expected = weighted_quantile(part["y"].to_numpy(), part["w"].to_numpy(), float(row["level"]))
        assert row["estimate"] == expected


def test_the_interval_turns_back_the_interval_of_the_share_below(frame):
    design = tk.Design(frame, weights="w", psu="psu")
    found = tk.quantile(design, "y", 0.5)
    below = frame.assign(below=np.where(frame["y"] <= found.estimate[0], "yes", "no"))
    share = tk.proportion(tk.Design(below, weights="w", psu="psu"), "below", level="yes", ci="mean")
    y, w = frame["y"].to_numpy(), frame["w"].to_numpy()
    assert found.ci_low[0] == weighted_quantile(y, w, share.ci_low[0])
    assert found.ci_high[0] == weighted_quantile(y, w, share.ci_high[0])
    t = stats.t.ppf(0.975, design.df)
    assert found.se[0] == pytest.approx((found.ci_high[0] - found.ci_low[0]) / (2 * t))
    assert found.vcov[0, 0] == pytest.approx(found.se[0] ** 2)


def test_exact_equality_counts_as_reached():
    frame = pd.DataFrame({"y": np.arange(1.0, 11.0), "w": 0.1})
    assert tk.quantile(tk.Design(frame, weights="w"), "y", 0.3).estimate[0] == 3.0


def test_limits_that_leave_the_distribution_are_not_invented():
    frame = pd.DataFrame({"y": np.arange(10.0)})
    assert np.isnan(tk.quantile(tk.Design(frame), "y", 0.9).ci_high[0])


def test_a_domain_of_another_base_keeps_the_whole_design(frame):
    design = tk.Design(frame, weights="w")
    by = tk.quantile(design, "y", by="group")
    where = tk.quantile(design, "y", where={"group": "b"})
    place = by.keys["group"].tolist().index("b")
    assert (by.ci_low[place], by.ci_high[place]) == (where.ci_low[0], where.ci_high[0])


@pytest.mark.parametrize("probs", [0, 1, 1.5, [0.5, -0.1]])
def test_probabilities_out_of_range_are_refused(frame, probs):
    with pytest.raises(DataError, match="a probability is out of range"):
        tk.quantile(tk.Design(frame), "y", probs)


def test_an_empty_base_is_refused(frame):
    frame["y"] = np.nan
    with pytest.raises(DataError, match="nobody is in the base"):
        tk.quantile(tk.Design(frame), "y")


def test_any_numbers_are_looked_up_without_being_sorted():
    rng = np.random.default_rng(2)
    n = 20_000
    values = np.concatenate(
        [rng.normal(0, 1, n), 10.0 ** rng.uniform(-100, 100, n), [0.0, -0.0, -1e100] * 50]
    )
    rng.shuffle(values)
    frame = pd.DataFrame(
        {"y": values, "w": rng.gamma(2, 1, len(values)), "g": rng.choice([*"abcd"], len(values))}
    )
    frame.loc[::7, "w"] = 0.0
    frame.loc[::11, "y"] = np.nan
    probs = [0.001, 0.2, 0.33, 0.5, 0.75, 0.999]
    design = tk.Design(frame, weights="w")
    for by in (None, "g"):
        found = tk.quantile(design, "y", probs, by=by).to_frame()
        for row in found.to_dict("records"):
            part = frame[(frame["g"] == row.get("g", frame["g"])) & frame["y"].notna() & (frame["w"] > 0)]
            assert row["estimate"] == weighted_quantile(
                part["y"].to_numpy(), part["w"].to_numpy(), float(row["level"])
            )


def test_levels_of_quantiles_are_shown_in_percent_in_tables_and_charts():
    frame = pd.DataFrame({"age": np.arange(20.0, 60.0)})
    found = tk.quantile(tk.Design(frame), "age", [0.25, 0.5])
    assert [line.split("  ")[0] for line in repr(found).splitlines()[2:4]] == ["25%", "50% (median)"]
    assert tk.dot_interval(found, title="T").table.iloc[:, 0].tolist() == ["25%", "50% (median)"]
    assert found.to_frame()["level"].tolist() == ["0.25", "0.5"]
