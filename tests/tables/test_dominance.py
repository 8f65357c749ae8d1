"""Means and totals of amounts that one or two respondents have most of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.survey.protection import PROTECTION
from trustkit.tables.protection import is_dominated


def spending(rich=100_000.0, weight=1.0):
    """Forty respondents in each of three areas; one of the first area spends far more than all others."""
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "spent": rng.uniform(5, 50, 120).round(2),
            "area": np.repeat(["north", "south", "west"], 40),
            "w": 1.0,
        }
    )
    frame.loc[0, ["spent", "w"]] = (rich, weight)
    return tk.Design(frame.iloc[: 120 - 5], weights="w")


def hidden(result, **rule):
    """The first cells of the rows with a hidden number."""
    (table,) = tk.protect([result], protection=tk.Protection(**rule)).tables
    shown = table.table
    return set(shown.iloc[:, 0][(shown == "[c]").any(axis=1)])


@pytest.mark.parametrize("statistic", [tk.mean, tk.total])
def test_a_sum_of_which_one_respondent_has_the_most_is_hidden_with_another(statistic):
    found = hidden(statistic(spending(), "spent", by="area"))
    assert "north" in found
    assert found == {"north", "west"}  # the smallest of the others: the sum of all may be known


def test_no_sum_is_hidden_where_nobody_has_most_of_it_or_the_rules_are_off():
    assert hidden(tk.mean(spending(40.0), "spent", by="area")) == set()
    assert hidden(tk.mean(spending(), "spent", by="area"), dominance=None, p_percent=None) == set()


def test_weights_count():
    assert hidden(tk.total(spending(50.0, 1_000.0), "spent", by="area")) >= {"north"}


def test_a_mean_of_everybody_is_hidden_if_one_respondent_has_most_of_it():
    (table,) = tk.protect([tk.mean(spending(), "spent")]).tables
    assert (table.table == "[c]").any(axis=None)
    rules = tk.protect([tk.mean(spending(), "spent")]).to_frame()["rule"].tolist()
    assert rules == ["few respondents have most of the sum"]


def test_the_p_percent_rule_hides_what_the_second_could_estimate_to_a_tenth():
    amounts = np.array([100.0, 10.0, *[0.9] * 10])
    total, first, second = amounts.sum(), 100.0, 10.0
    assert total - first - second < 0.1 * first
    assert is_dominated([total, first, second], PROTECTION)
    assert not is_dominated([total + 1.5, first, second], tk.Protection(dominance=None))


def test_scores_and_numbers_below_zero_are_no_amounts():
    change = pd.DataFrame({"change": [-5.0, *[1.0] * 20], "far": [100.0, *[0.0] * 20]})
    assert tk.mean(tk.Design(change), "change").counted[0].amounts is None
    assert tk.mean(tk.Design(change), "far").counted[0].amounts.tolist() == [[100.0, 100.0, 0.0]]
