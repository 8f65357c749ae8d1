"""Percentages that stand beside each other: sums, and groups and their total."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from brute_force import printed_forms

import trustkit as tk
from trustkit.errors import DataError


def printed_shares(count, n):
    return printed_forms(Fraction(100 * count, n), 0)


def partitions(n, parts):
    if parts == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in partitions(n - first, parts - 1):
            yield (first, *rest)


# Sums


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        ([43, 44, 5], "impossible"), ([27, 45, 28], "possible"), ([32, 30, 38], "possible"),
        ([47, 31, 21], "possible"), ([50, 25, 26], "possible"), ([60, 50], "impossible"),
        ([34, 33, 33], "possible"), ([33.3, 33.3, 33.3], "possible"),
    ],
)  # fmt: skip
def test_published_distributions(shares, verdict):
    assert tk.sums_to_100(shares, 1 if shares[0] == 33.3 else 0).verdict == verdict


def test_the_2014_awareness_question_lacks_an_answer():
    checked = tk.sums_to_100({"a lot": 43, "a little": 44, "nothing": 5})
    assert (checked.low, checked.high) == (90.5, 93.5)
    assert "6.5 to 9.5 percent are missing" in checked.reason


@pytest.mark.parametrize(("n", "parts"), [(7, 3), (12, 3), (9, 4)])
def test_what_answers_give_is_possible_and_with_n_nothing_else(n, parts):
    reached = set()
    for counts in partitions(n, parts):
        for printed in product(*(printed_shares(count, n) for count in counts)):
            reached.add(tuple(int(share) for share in printed))
    for shares in reached:
        assert tk.sums_to_100(shares).verdict == "possible"
        assert tk.sums_to_100(shares, n=n).verdict == "possible"
    values = sorted({share for shares in reached for share in shares})
    for shares in product(values[::2], repeat=parts):
        assert (tk.sums_to_100(shares, n=n).verdict == "possible") == (shares in reached)


def test_a_percentage_that_n_respondents_cannot_give_is_named():
    assert "no whole number of 7 respondents gives 40%" in tk.sums_to_100([40, 60], n=7).reason


def test_several_answers_need_not_add_up():
    assert tk.sums_to_100([60, 50], answers="several").verdict == "cannot be checked"


# Groups


def test_the_total_of_two_groups_gives_their_sizes():
    checked = tk.subgroups_fit(71, {"Republicans": 77, "Democrats": 65})
    corners = [
        (whole - other) / (one - other)
        for whole, one, other in product((70.5, 71.5), (76.5, 77.5), (64.5, 65.5))
    ]
    assert (checked.low, checked.high) == pytest.approx((min(corners), max(corners)))
    assert checked.quantity == "share of Republicans of both groups"


def test_groups_that_are_not_all_cannot_be_checked():
    checked = tk.subgroups_fit(71, {"Republicans": 77, "Democrats": 65}, groups="some")
    assert checked.verdict == "cannot be checked"
    assert "not all" in checked.reason
    assert (checked.quantity, checked.low, checked.high) == ("percentage of the groups", 64.5, 77.5)
    with pytest.raises(DataError, match="the sizes cannot be used"):
        tk.subgroups_fit(71, [77, 65], sizes=[1, 2], groups="some")


@pytest.mark.parametrize("n", [6, 9])
def test_groups_of_real_answers_fit_and_no_total_beyond_them_does(n):
    for first in range(1, n):
        for yes, other in product(range(first + 1), range(n - first + 1)):
            shares = [
                max(printed_shares(yes, first)), max(printed_shares(other, n - first)),
                min(printed_shares(yes + other, n)),
            ]  # fmt: skip
            one, two, total = map(int, shares)
            assert tk.subgroups_fit(total, [one, two]).verdict == "possible"
            assert tk.subgroups_fit(total, [one, two], sizes=[first, n - first]).verdict == "possible"
            beyond = max(one, two) + 2
            if beyond <= 100:
                assert tk.subgroups_fit(beyond, [one, two]).verdict == "impossible"


def test_sizes_leave_one_total():
    assert tk.subgroups_fit(74, [77, 65], sizes=[1, 1]).verdict == "impossible"
    assert tk.subgroups_fit(74, [77, 65], sizes={"group 1": 3, "group 2": 1}).verdict == "possible"


def test_groups_that_round_alike_leave_their_sizes_open():
    checked = tk.subgroups_fit(50, [50, 50])
    assert (checked.verdict, checked.quantity) == ("possible", "percentage of the groups")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"total": 71, "parts": [77, 65], "sizes": [1]}, "sizes are not those"),
        ({"total": 71, "parts": {"a": 77}, "sizes": {"b": 1}}, "sizes are not those"),
        ({"total": 71, "parts": [77, 65], "sizes": [0, 1]}, "size of a group is positive"),
        ({"total": 71.5, "parts": [77, 65]}, "more decimals"),
        ({"total": 71, "parts": [177, 65]}, "out of range"),
    ],
)
def test_wrong_groups_are_refused(call, words):
    with pytest.raises(DataError, match=words):
        tk.subgroups_fit(**call)


def test_the_share_of_the_first_of_two_groups_is_shown_in_percent():
    checked = tk.subgroups_fit(71, {"Republicans": 77, "Democrats": 65})
    assert "41.7% to 58.3%" in repr(checked)
    assert "41.7%" not in repr(tk.subgroups_fit(71, [77, 65, 70]))
