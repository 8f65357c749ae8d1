"""Counts of answers; numbers of R survey are in tests/test_references.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

RNG = np.random.default_rng(3)
FRAME = pd.DataFrame(
    {
        "opted": pd.Categorical(RNG.choice(["in", "out", "unsure"], 90, p=[0.1, 0.5, 0.4])),
        "sex": RNG.choice(["m", "f"], 90),
        "psu": np.arange(90) // 6,
        "w": RNG.uniform(10, 30, 90),
    }
)
DESIGN = tk.Design(FRAME, weights="w", psu="psu")
INTERVALS = ("logit", "log", "t")


def test_a_count_is_the_total_of_the_answers_indicator():
    shown = FRAME.assign(is_in=(FRAME["opted"] == "in").astype(float))
    other = tk.total(tk.Design(shown, weights="w", psu="psu"), "is_in", by="sex")
    ours = tk.count(DESIGN, "opted", level="in", by="sex", ci="t")
    for field in ("estimate", "se", "ci_low", "ci_high", "df", "n_eff", "vcov"):
        np.testing.assert_allclose(getattr(ours, field), getattr(other, field), rtol=1e-10)


def test_counts_of_all_answers_add_up_to_the_weights():
    assert tk.count(DESIGN, "opted").estimate.sum() == pytest.approx(DESIGN.weights.sum())


def test_logit_stays_below_the_sum_of_weights_and_log_above_zero():
    for conf in (0.95, 0.999999):
        logit, log = (tk.count(DESIGN, "opted", by="sex", ci=ci, conf=conf) for ci in ("logit", "log"))
        assert (logit.ci_low > 0).all()
        assert (logit.ci_high < DESIGN.weights.sum()).all()
        assert (log.ci_low > 0).all()


def test_all_intervals_hold_the_count_and_agree_where_it_is_known_well():
    many = pd.concat([FRAME] * 400, ignore_index=True)
    design = tk.Design(many.assign(psu=np.arange(len(many)) // 6), weights="w", psu="psu")
    ends = [tk.count(design, "opted", ci=ci) for ci in INTERVALS]
    for one in ends:
        assert ((one.ci_low < one.estimate) & (one.estimate < one.ci_high)).all()
        np.testing.assert_allclose(one.ci_high, ends[-1].ci_high, rtol=5e-3)


def test_raked_to_the_population_logit_is_that_of_the_share_times_its_size():
    whole = 5000.0
    raked = tk.poststratify(tk.Design(FRAME, weights="w", psu="psu"), {"sex": {"m": 2000.0, "f": 3000.0}})
    counts, shares = tk.count(raked, "opted"), tk.proportion(raked, "opted")
    np.testing.assert_allclose(counts.ci_low, whole * shares.ci_low, rtol=1e-9)
    np.testing.assert_allclose(counts.ci_high, whole * shares.ci_high, rtol=1e-9)


def test_an_answer_that_nobody_or_everybody_gives_has_no_interval_and_says_why():
    frame = FRAME.assign(opted=pd.Categorical(["in"] * 90, categories=["in", "out"]))
    counts = tk.count(tk.Design(frame, weights="w", psu="psu"), "opted")
    assert np.isnan(counts.ci_low).all()
    assert [reason.split()[0] for reason in counts.reasons] == ["all", "nobody"]


def test_replicates_and_rows_in_an_engine_give_counts():
    jackknife = tk.count(tk.replicate(DESIGN, "JK1"), "opted")
    np.testing.assert_allclose(jackknife.se, tk.count(DESIGN, "opted").se, rtol=1e-10)
    pl = pytest.importorskip("polars")
    lazy = tk.Design(pl.from_pandas(FRAME.astype({"opted": str})).lazy(), weights="w", psu="psu")
    for ci in INTERVALS:
        ours, theirs = (tk.count(design, "opted", by="sex", ci=ci) for design in (lazy, DESIGN))
        np.testing.assert_allclose(ours.ci_high, theirs.ci_high, rtol=1e-10)


def test_an_unknown_interval_is_refused():
    with pytest.raises(DataError, match="ci"):
        tk.count(DESIGN, "opted", ci="wilson")
