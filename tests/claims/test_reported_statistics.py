"""Means, tests and fit indices as reported, against enumeration and against what R reports."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from itertools import combinations_with_replacement
from pathlib import Path
from statistics import pstdev, stdev

import pytest
from brute_force import printed_forms

import trustkit as tk
from trustkit.errors import DataError

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "reported" / "reported.json").read_text(encoding="utf-8")
)


def printed(value, decimals):
    return {str(form) for form in printed_forms(Fraction(Decimal(repr(value))), decimals)}


# Means and standard deviations


@pytest.mark.parametrize(("n", "scale"), [(3, (1, 5)), (5, (1, 4)), (6, (0, 3)), (4, (-2, 2))])
@pytest.mark.parametrize("divisor", ["n - 1", "n"])
def test_no_answers_are_called_impossible_and_few_impossible_ones_pass(n, scale, divisor):
    spread = stdev if divisor == "n - 1" else pstdev
    reached = {}
    for answers in combinations_with_replacement(range(scale[0], scale[1] + 1), n):
        for mean in printed(sum(answers) / n, 2):
            reached.setdefault(mean, set()).update(printed(float(spread(answers)), 2))
    for mean, spreads in reached.items():
        for sd in spreads:
            assert tk.check_mean(mean, n=n, scale=scale, sd=sd, divisor=divisor).verdict == "possible"
    passed = wrong = 0
    for mean, spreads in reached.items():
        for hundredths in range(0, 300, 7):
            sd = f"{hundredths / 100:.2f}"
            if sd not in spreads:
                wrong += 1
                checked = tk.check_mean(mean, n=n, scale=scale, sd=sd, divisor=divisor)
                passed += checked.verdict != "impossible"
    assert passed / wrong < 0.05


def test_means_that_no_sum_gives_are_impossible():
    n, scale = 20, (1, 7)
    possible = set().union(*(printed(total / n, 2) for total in range(n, 7 * n + 1)))
    for hundredths in range(100, 701):
        mean = f"{hundredths / 100:.2f}"
        assert (tk.check_mean(mean, n=n, scale=scale).verdict == "possible") == (mean in possible)


def test_the_mean_of_several_items_is_a_finer_fraction():
    assert tk.check_mean("3.47", n=20, scale=(1, 7)).verdict == "impossible"
    assert tk.check_mean("3.47", n=20, scale=(1, 7), items=3).verdict == "possible"


def test_a_mean_outside_the_scale_is_impossible():
    assert tk.check_mean("7.50", n=20, scale=(1, 7)).reason == "the mean is outside the scale"


def test_a_mean_of_very_many_cannot_be_checked():
    assert tk.check_mean("3.47", n=100, scale=(1, 7)).verdict == "cannot be checked"


@pytest.mark.parametrize(
    ("sd", "verdict"), [("0.10", "impossible"), ("2.90", "possible"), ("3.20", "impossible")]
)
def test_the_bounds_of_the_standard_deviation_hold_for_a_million(sd, verdict):
    assert tk.check_mean("3.5", n=1_000_000, scale=(1, 7), sd=sd).verdict == verdict


def test_the_parity_of_sums_of_squares_counts():
    # sums of squares of 4 answers with the sum 8 are even, so deviations of 1 in all are impossible
    assert tk.check_mean("2.00", n=4, scale=(1, 5), sd="0.58").verdict == "impossible"
    assert tk.check_mean("2.00", n=4, scale=(1, 5), sd="0.82").verdict == "possible"


# Tests


@pytest.mark.parametrize("record", REFERENCE["tests"], ids=lambda record: f"{record['test']}{record['df']}")
@pytest.mark.parametrize("decimals", [2, 3])
def test_what_r_reports_agrees_with_itself_and_another_p_does_not(record, decimals):
    df = tuple(record["df"]) if record["test"] == "F" else record["df"][0]
    statistic = f"{record['statistic']:.{decimals}f}"
    call = {"df": df}
    checked = tk.check_test(record["test"], statistic, p=f"{record['p']:.3f}", **call)
    assert checked.verdict == "possible"
    assert checked.low <= record["p"] <= checked.high
    wrong = f"{min(1.3 * checked.high + 0.02, 1):.3f}"
    assert tk.check_test(record["test"], statistic, p=wrong, **call).verdict == "impossible"
    assert (
        tk.check_test(record["test"], statistic, p=f"< {record['p'] / 3:.12f}", **call).verdict
        == "impossible"
    )
    assert (
        tk.check_test(record["test"], statistic, p=f"> {record['p'] / 3:.12f}", **call).verdict == "possible"
    )


def test_a_p_value_of_the_other_number_of_tails_is_named():
    both = tk.check_test("z", "1.96", p=".050")
    assert both.verdict == "possible"
    one = tk.check_test("z", "1.96", p=".025")
    assert one.verdict == "impossible"
    assert "that of one tail" in one.reason
    assert tk.check_test("z", "1.96", p=".025", tails="one").verdict == "possible"


def test_a_correlation_of_one_has_no_p_value_above_zero():
    assert tk.check_test("r", "1.00", df=10, p="< .001").verdict == "possible"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"test": "F", "statistic": "3.1", "p": ".05", "df": 2}, "F has 2 degrees of freedom"),
        ({"test": "t", "statistic": "3.1", "p": ".05"}, "t has 1 degrees of freedom"),
        ({"test": "t", "statistic": "3.1", "p": ".05", "df": 0}, "each positive"),
        ({"test": "chi2", "statistic": "-3.1", "p": ".05", "df": 2}, "out of range"),
        ({"test": "r", "statistic": "1.2", "p": ".05", "df": 2}, "out of range"),
        ({"test": "z", "statistic": "1.2", "p": "1.05"}, "p-value is out of range"),
        ({"test": "z", "statistic": "1.2", "p": "p = .05"}, "'p' can't be used"),
        ({"test": "z", "statistic": "a", "p": ".05"}, "'statistic' can't be used"),
    ],
)
def test_wrong_tests_are_refused(call, words):
    with pytest.raises(DataError, match=words):
        tk.check_test(**call)


# Fit


@pytest.mark.parametrize("fit", REFERENCE["fits"], ids=lambda fit: f"df {fit['df']}")
def test_the_fit_that_lavaan_reports_agrees_and_another_does_not(fit):
    call = {"chi2": f"{fit['chi2']:.3f}", "df": int(fit["df"]), "n": fit["n"], "groups": fit["groups"]}
    checked = tk.check_fit(f"{fit['rmsea']:.3f}", **call)
    assert checked.verdict == "possible"
    assert checked.low <= fit["rmsea"] <= checked.high
    assert tk.check_fit(f"{fit['rmsea'] + 0.004:.3f}", **call).verdict == "impossible"


def test_a_small_sample_tells_n_from_n_minus_1():
    fit = {"chi2": "20.000", "df": 10, "n": 26}
    with_n, with_less = (20 - 10) / (10 * 26), (20 - 10) / (10 * 25)
    assert "N = 26 fits" in tk.check_fit(f"{with_n**0.5:.3f}", **fit).reason
    assert "N = 25 fits" in tk.check_fit(f"{with_less**0.5:.3f}", **fit).reason


def test_a_chi_square_below_its_df_gives_an_rmsea_of_zero():
    assert tk.check_fit("0.000", chi2="8.1", df=10, n=200).verdict == "possible"
    assert tk.check_fit("0.010", chi2="8.1", df=10, n=200).verdict == "impossible"


@pytest.mark.parametrize(
    ("function", "call", "words"),
    [
        (tk.check_mean, {"mean": "3.5", "n": 20, "scale": (7, 1)}, "scale is invalid"),
        (tk.check_mean, {"mean": "3.5", "n": 20, "scale": (1, 6.5)}, "scale is invalid"),
        (tk.check_mean, {"mean": "3.5", "n": 1, "scale": (1, 7), "sd": "1"}, "needs two respondents"),
        (tk.check_mean, {"mean": "3.5", "n": 9, "scale": (1, 7), "sd": "-1"}, "not negative"),
        (tk.check_mean, {"mean": "3.5", "n": None, "scale": (1, 7)}, "n is needed"),
        (tk.check_fit, {"rmsea": "-.1", "chi2": "3", "df": 2, "n": 100}, "not negative"),
        (
            tk.check_fit,
            {"rmsea": ".1", "chi2": "3", "df": 2, "n": 2, "groups": 2},
            "larger than the number of groups",
        ),
    ],
)
def test_wrong_means_and_fits_are_refused(function, call, words):
    with pytest.raises(DataError, match=words):
        function(**call)
