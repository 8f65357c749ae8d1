"""t, rank and paired tests."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.results import UNKNOWN


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    n = 400
    sex = rng.choice(["f", "m"], n)
    trust = np.round(5 + (sex == "f") * 0.25 + rng.normal(0, 2, n), 1)
    return pd.DataFrame(
        {
            "sex": sex,
            "area": rng.choice(["a", "b", "c"], n),
            "trust": trust,
            "before": np.round(trust - 0.3 + rng.normal(0, 1, n), 1),
            "now": rng.choice(["yes", "no"], n, p=[0.52, 0.48]),
            "then": rng.choice(["yes", "no"], n, p=[0.5, 0.5]),
            "w": rng.gamma(2, 1, n),
        }
    )


def test_two_groups_on_a_simple_random_sample_are_near_welch(frame):
    found = tk.ttest(tk.Design(frame), "trust", by="sex")
    f, m = (frame.loc[frame["sex"] == s, "trust"] for s in "fm")
    plain = stats.ttest_ind(m, f, equal_var=False)
    assert found.estimate == pytest.approx(m.mean() - f.mean(), rel=1e-12)
    assert found.statistic == pytest.approx(plain.statistic, rel=0.01)
    assert found.df == (398.0,)
    assert "95% interval" in repr(found)
    assert "90% interval" in repr(tk.ttest(tk.Design(frame), "trust", "sex", conf=0.9))


def test_effect_sizes_on_a_simple_random_sample_are_pingouins(frame):
    design = tk.Design(frame)
    f, m = (frame.loc[frame["sex"] == s, "trust"] for s in "fm")
    for found, x, y, paired, kind in (
        (tk.ttest(design, "trust", by="sex"), m, f, False, "cohen"),
        (tk.ttest(design, "trust", null=5.0), frame["trust"], 5.0, False, "cohen"),
        (tk.ttest(design, "trust", minus="before"), frame["trust"], frame["before"], True, "cohen_dz"),
    ):
        assert found.effect == pytest.approx(pg.compute_effsize(x, y, paired=paired, eftype=kind), rel=1e-12)


def test_one_sample_and_paired_tests_are_the_plain_ones_on_a_simple_random_sample(frame):
    one = tk.ttest(tk.Design(frame), "trust", null=5.0)
    plain = stats.ttest_1samp(frame["trust"], 5.0)
    assert (one.statistic, one.p_value) == pytest.approx((plain.statistic, plain.pvalue), rel=1e-9)
    paired = tk.ttest(tk.Design(frame), "trust", minus="before")
    plain = stats.ttest_rel(frame["trust"], frame["before"])
    assert (paired.statistic, paired.p_value) == pytest.approx((plain.statistic, plain.pvalue), rel=1e-9)
    assert paired.null == "the mean of trust less before is 0"


def test_ranks_on_a_simple_random_sample_are_near_the_plain_tests(frame):
    two = tk.rank_test(tk.Design(frame), "trust", "sex")
    plain = stats.mannwhitneyu(*(frame.loc[frame["sex"] == s, "trust"] for s in "fm"))
    assert two.p_value == pytest.approx(plain.pvalue, rel=0.15)
    many = tk.rank_test(tk.Design(frame), "trust", "area", test="KruskalWallis")
    plain = stats.kruskal(*(frame.loc[frame["area"] == a, "trust"] for a in "abc"))
    assert many.p_value == pytest.approx(plain.pvalue, abs=0.02)
    assert many.df == (2.0, 397.0)


@pytest.mark.parametrize("test", ["wilcoxon", "vanderWaerden", "median", "KruskalWallis"])
def test_ranks_do_not_care_for_a_monotone_scale(frame, test):
    plain = tk.rank_test(tk.Design(frame, weights="w"), "trust", "sex", test=test)
    bent = tk.rank_test(
        tk.Design(frame.assign(trust=np.exp(frame["trust"])), weights="w"), "trust", "sex", test=test
    )
    assert bent.p_value == pytest.approx(plain.p_value, rel=1e-9)


def test_paired_proportions_count_the_discordant(frame):
    found = tk.paired_proportions(tk.Design(frame), "now", "then", "yes")
    table = pd.crosstab(frame["now"], frame["then"]).to_numpy()
    assert found.estimate == pytest.approx((table[1, 0] - table[0, 1]) / len(frame), rel=1e-12)
    assert found.p_value == pytest.approx(mcnemar(table, exact=False, correction=False).pvalue, rel=0.05)


def test_nobody_discordant_is_no_test(frame):
    same = frame.assign(then=frame["now"])
    found = tk.paired_proportions(tk.Design(same), "now", "then", "yes")
    assert found.reason == "nobody answered differently"
    assert np.isnan(found.statistic)


def test_a_constant_has_no_t_test_and_says_why(frame):
    found = tk.ttest(tk.Design(frame.assign(trust=3.0)), "trust")
    assert found.reason == "the standard error is zero"
    assert found.to_frame().loc[0, "reason"] == found.reason


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda d: tk.ttest(d, "trust", by="sex", minus="before"), "used together"),
        (lambda d: tk.ttest(d, "trust", by="area"), "must have two answers"),
        (lambda d: tk.ttest(d, "sex"), "are not numbers"),
        (lambda d: tk.ttest(d, "trust", minus="before", where=d.data["w"] < 0), "nobody answered both"),
        (lambda d: tk.rank_test(d, "trust", "sex", test="signs"), "argument 'test' can't be used"),
        (lambda d: tk.rank_test(d, "trust", "sex", where={"sex": "f"}), "fewer than two groups"),
        (lambda d: tk.paired_proportions(d, "now", "then", "maybe"), "has no answer 'maybe'"),
        (
            lambda d: tk.paired_proportions(d, "now", "then", "yes", where=d.data["w"] < 0),
            "nobody answered both",
        ),
    ],
)
def test_bad_requests_are_refused_by_name(frame, call, message):
    with pytest.raises(DataError, match=message):
        call(tk.Design(frame))


@pytest.mark.parametrize("groups", [["a", "b"], ["a", "b", "c"]])
def test_ranks_without_variance_are_not_tested(groups):
    frame = pd.DataFrame({"y": 1.0, "group": np.resize(groups, 30)})
    found = tk.rank_test(tk.Design(frame), "y", "group")
    assert np.isnan(found.p_value)
    assert "no sampling variance" in found.reason
    assert found.statistic_name == ("t" if len(groups) == 2 else "F")


def test_rows_with_zero_weight_move_no_rank():
    random = np.random.default_rng(2)
    frame = pd.DataFrame(
        {
            "y": random.integers(1, 4, 60),
            "group": random.choice(["a", "b"], 60),
            "w": random.uniform(0.5, 2, 60),
        }
    )
    more = pd.concat([frame.assign(w=0.0), frame], ignore_index=True)
    found = [tk.rank_test(tk.Design(rows, weights="w"), "y", "group").estimate for rows in (frame, more)]
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_a_standard_error_that_is_not_known_is_not_called_zero():
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0], "now": list("yyn"), "then": list("nyy")})
    design = tk.Design(frame.assign(stratum=frame.index), strata="stratum", lonely_psu="average")
    for found in (tk.ttest(design, "y"), tk.paired_proportions(design, "now", "then", "y")):
        assert np.isnan(found.p_value)
        assert found.reason == UNKNOWN


@pytest.mark.parametrize("design", [{}, {"strata": "stratum", "lonely_psu": "average"}])
def test_pairs_that_all_differ_by_the_same_are_not_tested(design):
    frame = pd.DataFrame({"now": [1.1, 2.1, 3.1, 4.1], "then": [1.0, 2.0, 3.0, 4.0], "stratum": [1, 1, 2, 3]})
    found = tk.ttest(tk.Design(frame.round(6), **design), "now", minus="then")
    assert found.estimate == pytest.approx(0.1)
    assert found.reason == "the standard error is zero"


def test_tests_name_variables_in_the_words_of_the_codebook_and_align_estimate_and_interval():
    rows = pd.DataFrame({"q7": [1.0, 2.0, 4.0, 7.5] * 5, "d2": ["m", "m", "f", "f"] * 5})
    book = tk.Codebook({
        "q7": tk.Variable("q7", "How far do you trust brands?", "numeric", short="trust in brands"),
        "d2": tk.Variable("d2", "Sex", "single", codes={"m": "Male", "f": "Female"}),
    })  # fmt: skip
    design = tk.Design(tk.Survey(rows.replace({"d2": {"m": "Male", "f": "Female"}}), book))
    tests = [
        tk.ttest(design, "q7", by="d2"),
        tk.rank_test(design, "q7", "d2"),
        tk.oneway_test(design, "q7", by="d2"),
        tk.gof_test(design, "d2", {"Male": 0.5, "Female": 0.5}),
        tk.chisq_test(design, "d2", "d2"),
        tk.ttest(design, "q7"),
    ]
    for test in tests:
        assert not re.search(r"q7|d2", f"{test.test} {test.null}")
    assert tests[0].test.startswith("t-test: trust in brands by Sex (")
    row = tests[0]._parts()[1].iloc[0]
    numbers = [row["estimate"], *row["95% interval"].split(" to ")]
    assert len({len(number.partition(".")[2]) for number in numbers}) == 1
