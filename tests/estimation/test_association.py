"""Tests of association and of fit."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from scipy import stats
from statsmodels.stats.gof import chisquare_effectsize

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.association import lincom_p, saddlepoint_p


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    n = 500
    trust = rng.choice(["low", "mid", "high"], n, p=[0.5, 0.3, 0.2])
    area = np.where(rng.random(n) < np.where(trust == "low", 0.55, 0.45), "town", "land")
    return pd.DataFrame(
        {"trust": trust, "area": area, "w": rng.gamma(2, 1, n), "psu": rng.integers(0, 40, n)}
    )


def test_a_simple_random_sample_gives_pearsons_test_and_cramers_v(frame):
    found = tk.chisq_test(tk.Design(frame), "trust", "area", statistic="Chisq")
    table = pd.crosstab(frame["trust"], frame["area"])
    plain = stats.chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(plain.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(plain.pvalue, rel=0.02)  # n - 1 for n in the variance
    _, _, pingouin = pg.chi2_independence(frame, "trust", "area", correction=False)
    assert found.effect == pytest.approx(pingouin.set_index("test").loc["pearson", "cramer"], rel=1e-12)


@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald", "saddlepoint", "lincom"])
def test_every_statistic_states_its_null_and_agrees_on_a_clear_association(frame, statistic):
    found = tk.chisq_test(tk.Design(frame, weights="w", psu="psu"), "trust", "area", statistic=statistic)
    assert found.null == "trust and area are independent"
    assert found.p_value < 0.05
    assert "Null hypothesis: trust and area are independent." in repr(found)


@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald", "saddlepoint", "lincom"])
def test_rows_and_columns_may_be_exchanged(frame, statistic):
    design = tk.Design(frame, weights="w", psu="psu")
    there = tk.chisq_test(design, "trust", "area", statistic=statistic)
    back = tk.chisq_test(design, "area", "trust", statistic=statistic)
    assert back.statistic == pytest.approx(there.statistic, rel=1e-9)
    assert back.p_value == pytest.approx(there.p_value, rel=1e-9)


def test_answers_that_nobody_gave_leave_the_table(frame):
    wide = frame.assign(trust=pd.Categorical(frame["trust"], ["low", "mid", "high", "none"]))
    narrow = tk.chisq_test(tk.Design(frame, weights="w"), "trust", "area")
    assert tk.chisq_test(tk.Design(wide, weights="w"), "trust", "area").p_value == pytest.approx(
        narrow.p_value
    )


def test_a_table_of_one_row_has_no_test_and_says_why(frame):
    found = tk.chisq_test(tk.Design(frame), "trust", "area", where={"trust": "low"})
    assert np.isnan(found.p_value)
    assert "only one answer" in found.reason
    assert "Not possible" in repr(found)


def test_respondents_without_an_answer_are_counted_in_a_note_of_the_test():
    frame = pd.DataFrame(
        {"a": [*"xxyyxy" * 5, None, "x", None], "b": [*"pqpqpq" * 5, "p", None, None], "w": [1.0] * 32 + [0]}
    )
    design = tk.Design(frame, weights="w")
    assert tk.chisq_test(design, "a", "b").notes == (
        "1 respondent has no answer to a and is not in the table.",
        "1 respondent has no answer to b and is not in the table.",
    )
    assert tk.chisq_test(design, "a", "b", where={"a": "x"}).notes == (
        "1 respondent has no answer to b and is not in the table.",
    )
    assert tk.gof_test(design, "a", {"x": 0.5, "y": 0.5}).notes == (
        "1 respondent has no answer to a and is left out.",
    )
    assert tk.chisq_test(tk.Design(frame[:30]), "a", "b").notes == ()


def test_goodness_of_fit_is_pearsons_under_simple_random_sampling(frame):
    probs = {"low": 0.5, "mid": 0.3, "high": 0.2}
    found = tk.gof_test(tk.Design(frame), "trust", probs)
    counts = frame["trust"].value_counts()
    plain = stats.chisquare([counts[k] for k in probs], [p * len(frame) for p in probs.values()])
    assert found.p_value == pytest.approx(plain.pvalue, abs=0.02)
    assert found.effect == pytest.approx(np.sqrt(plain.statistic / len(frame)), rel=1e-12)


def test_the_saddlepoint_is_near_the_exact_sum():
    roots = np.array([2.0, 1.0, 0.5])
    rng = np.random.default_rng(2)
    draws = (rng.chisquare(1, (400_000, 3)) * roots).sum(axis=1)
    assert saddlepoint_p(8.0, roots, np.inf) == pytest.approx((draws > 8).mean(), abs=0.004)
    ratio = draws / (rng.chisquare(12, 400_000) / 12)
    assert saddlepoint_p(8.0, roots, 12.0) == pytest.approx((ratio > 8).mean(), abs=0.006)
    at_mean = saddlepoint_p(float(roots.sum()), roots, np.inf)
    assert at_mean == pytest.approx((draws > roots.sum()).mean(), abs=0.02)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda d: tk.chisq_test(d, "trust", "area", statistic="lincoln"),
            "argument 'statistic'(.|\n)*did you mean 'lincom'",
        ),
        (lambda d: tk.chisq_test(d, "trust", "ara"), "no variable 'ara'"),
        (lambda d: tk.chisq_test(d, "trust", "w"), "no labelled answers"),
        (lambda d: tk.chisq_test(d, "trust", "area", where=d.data["w"] < 0), "nobody is in the base"),
        (lambda d: tk.gof_test(d, "trust", {"low": 1}), "don't match the answers"),
        (lambda d: tk.gof_test(d, "trust", {"low": 1, "mid": 1, "high": 0}), "don't match the answers"),
    ],
)
def test_bad_requests_are_refused_by_name(frame, call, message):
    with pytest.raises(DataError, match=message):
        call(tk.Design(frame))


def test_a_table_with_too_many_empty_cells_is_not_tested_and_says_why():
    frame = pd.DataFrame({"a": list("xyz"), "b": list("pqr")})
    found = tk.chisq_test(tk.Design(frame), "a", "b")
    assert np.isnan(found.p_value)
    assert "Not possible: too many combinations of answers are empty" in repr(found)


def test_the_exact_sum_of_equal_chi_squares_is_f_or_chi_square():
    for k, x, ddf in ((1, 3.0, 20.0), (3, 20.0, 14.9), (4, 11.0, np.inf)):
        plain = stats.chi2.sf(x, k) if np.isinf(ddf) else stats.f.sf(x / k, k, int(ddf))
        assert lincom_p(x, np.ones(k), ddf) == pytest.approx(plain, rel=1e-9)


def test_the_exact_sum_is_what_draws_of_it_say():
    roots, n = np.array([2.0, 1.0, 0.5, 0.25]), 1_000_000
    rng = np.random.default_rng(5)
    drawn = (rng.chisquare(1, (n, 4)) @ roots) / (rng.chisquare(20, n) / 20)
    assert lincom_p(9.0, roots, 20.0) == pytest.approx((drawn > 9).mean(), abs=4 * 0.3 / np.sqrt(n))


def test_the_saddlepoint_is_near_the_exact_test(frame):
    design = tk.Design(frame, weights="w", psu="psu")
    exact, near = (tk.chisq_test(design, "trust", "area", statistic=s) for s in ("lincom", "saddlepoint"))
    assert exact.statistic == near.statistic
    assert exact.p_value == pytest.approx(near.p_value, rel=0.05)


def test_the_exact_test_says_what_it_needs(frame, monkeypatch):
    monkeypatch.setitem(sys.modules, "gx2", None)
    with pytest.raises(DataError, match=r"lincom needs the package gx2(.|\n)*trustkit-survey\[all\]"):
        tk.chisq_test(tk.Design(frame), "trust", "area", statistic="lincom")


def test_the_effect_of_a_fit_is_that_of_statsmodels(frame):
    share = frame["trust"].value_counts(normalize=True)
    found = tk.gof_test(tk.Design(frame), "trust", {"low": 0.4, "mid": 0.3, "high": 0.3})
    expected = chisquare_effectsize([0.4, 0.3, 0.3], share[["low", "mid", "high"]].to_numpy())
    assert found.effect == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("psu", [None, "psu"])
@pytest.mark.parametrize("statistic", ["F", "Chisq", "Wald", "adjWald", "saddlepoint", "lincom"])
def test_a_table_that_the_weights_were_made_to_meet_is_not_tested(frame, psu, statistic):
    land = {"low": 0.3, "mid": 0.2, "high": 0.2}
    joint = {"trust x area": {level: {"town": 0.1, "land": share} for level, share in land.items()}}
    found = tk.chisq_test(
        tk.poststratify(tk.Design(frame, weights="w", psu=psu), joint), "trust", "area", statistic=statistic
    )
    assert np.isnan(found.p_value)
    assert "fitted to" in found.reason


def test_wald_with_fewer_psus_than_cells_says_so(frame):
    design = tk.Design(frame.assign(psu=frame["psu"] % 2), psu="psu")
    found = tk.chisq_test(design, "trust", "area", statistic="Wald")
    assert np.isnan(found.p_value)
    assert "too few PSUs" in found.reason


@pytest.mark.parametrize("psu", [None, "psu"])
def test_shares_that_the_weights_were_made_to_meet_are_not_tested(frame, psu):
    shares = {"low": 0.3, "mid": 0.3, "high": 0.4}
    design = tk.rake(tk.Design(frame, weights="w", psu=psu), {"trust": shares})
    found = tk.gof_test(design, "trust", {"low": 0.4, "mid": 0.3, "high": 0.3})
    assert np.isnan(found.p_value)
    assert "no sampling variance" in found.reason
    assert found.effect > 0.1


@pytest.mark.parametrize("statistic", ["F", "Wald", "lincom"])
def test_a_table_whose_variance_is_not_known_is_not_tested(frame, statistic):
    design = tk.Design(frame.assign(stratum=frame.index), strata="stratum", lonely_psu="average")
    assert "not known" in tk.chisq_test(design, "trust", "area", statistic=statistic).reason
    assert "not known" in tk.gof_test(design, "area", {"land": 0.5, "town": 0.5}).reason


def scored(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(score=frame["trust"].map({"low": 1.0, "mid": 2.0, "high": 3.0}))


def with_replicate_df(frame: pd.DataFrame, df: float) -> tk.Design:
    rng = np.random.default_rng(8)
    columns = [f"r{number}" for number in range(40)]
    weights = pd.DataFrame(
        frame["w"].to_numpy()[:, None] * rng.exponential(1, (len(frame), 40)), columns=columns
    )
    data = pd.concat(
        [frame.assign(score=frame["trust"].map({"low": 1.0, "mid": 2.0, "high": 3.0})), weights], axis=1
    )
    return tk.Design(data, weights="w", replicates=tk.Replicates(columns, "bootstrap", df=df))


TESTS = {
    **{
        statistic: lambda design, statistic=statistic: tk.chisq_test(
            design, "trust", "area", statistic=statistic
        )
        for statistic in ("F", "Chisq", "Wald", "adjWald", "saddlepoint", "lincom")
    },
    "gof": lambda design: tk.gof_test(design, "trust", {"low": 5, "mid": 3, "high": 2}),
    "two ranks": lambda design: tk.rank_test(design, "score", "area"),
    "three ranks": lambda design: tk.rank_test(design, "w", "trust"),
    "t": lambda design: tk.ttest(design, "score", by="area"),
    "paired": lambda design: tk.paired_proportions(design, "trust", "trust2", "low"),
}


@pytest.mark.parametrize("name", TESTS)
def test_infinite_degrees_of_freedom_give_the_limit_of_large_ones(frame, name):
    frame = frame.assign(trust2=np.roll(frame["trust"], 1))
    limit, large = (TESTS[name](with_replicate_df(frame, df)) for df in (np.inf, 1e9))
    assert not limit.reason
    assert limit.p_value == pytest.approx(large.p_value, rel=1e-6)


@pytest.mark.parametrize("name", ["two ranks", "t"])
def test_without_degrees_of_freedom_there_is_a_reason_and_no_p_value(frame, name):
    two = scored(frame).assign(psu=frame["psu"] % 2)
    found = TESTS[name](tk.Design(two, weights="w", psu="psu"))
    assert np.isnan(found.p_value)
    assert "no degrees of freedom" in found.reason
