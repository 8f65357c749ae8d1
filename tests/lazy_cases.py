"""Rows, designs and calls for the tests of lazy sources: DuckDB and Polars always, Spark when asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

import trustkit as tk

DESIGNS = {
    "simple": {},
    "stratified": {"strata": "stratum"},
    "clustered": {"strata": "stratum", "psu": "psu"},
    "finite": {"strata": "stratum", "psu": "psu", "fpc": "psus"},
}
CALLS = {
    "all answers by country": lambda d: tk.proportion(d, "answer", by="country"),
    "one answer": lambda d: tk.proportion(d, "answer", level="b"),
    "mean by two, where": lambda d: tk.mean(d, "income", by=["country", "sex"], where={"answer": ["a", "b"]}),
    "total": lambda d: tk.total(d, "income"),
    "ratio by sex": lambda d: tk.ratio(d, "income", "size", by="sex"),
    "variance": lambda d: tk.variance(d, "income", by="sex"),
    "quantiles by two": lambda d: tk.quantile(d, "income", [0.9, 0.25, 0.5], by=["country", "sex"]),
    "median of few values": lambda d: tk.quantile(d, "size", by="answer"),
    "correlation": lambda d: tk.correlation(d, "income", "size"),
}

TESTS = {
    "association": lambda d: tk.chisq_test(d, "answer", "country"),
    "fit": lambda d: tk.gof_test(d, "answer", {"a": 0.3, "b": 0.3, "c": 0.4}),
    "means of two groups": lambda d: tk.ttest(d, "income", by="sex"),
}


def make_rows() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    n = 3_000
    data = pd.DataFrame(
        {
            "stratum": rng.integers(1, 6, n),
            "psu": rng.integers(1, 5, n),
            "psus": 40,
            "w": rng.gamma(2, 1, n),
            "answer": np.array(list("abc"))[rng.integers(0, 3, n)],
            "country": np.array(["Chile", "Peru"])[rng.integers(0, 2, n)],
            "sex": np.array(["Female", "Male"])[rng.integers(0, 2, n)],
            "income": rng.gamma(2, 1000, n),
            "size": rng.integers(1, 7, n).astype(float),
        }
    )
    data.loc[::17, "income"] = np.nan
    data.loc[::13, "answer"] = None
    data.loc[::11, "w"] = 0.0
    return data


def assert_same_numbers(here: tk.Estimate, there: tk.Estimate) -> None:
    """Compare an estimate from pandas with one from an engine.

    The engine adds the same doubles in another order, which moves the last digits: 1e-12 leaves room.
    """
    pd.testing.assert_frame_equal(here.keys, there.keys)
    np.testing.assert_array_equal(here.df, there.df)
    assert here.reasons == there.reasons
    assert here.base == there.base
    np.testing.assert_array_equal(here.n, there.n)
    for name in ("estimate", "se", "ci_low", "ci_high"):
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), rtol=1e-12)
    np.testing.assert_allclose(there.vcov, here.vcov, rtol=1e-12, atol=1e-12 * np.abs(here.vcov).max())
