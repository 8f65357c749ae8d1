"""A comparison with a small group says so, as its degrees of freedom are those of all groups together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.estimation.small_groups import satterthwaite_df


def small_group(size: int) -> tk.Design:
    rng = np.random.default_rng(3)
    return tk.Design(pd.DataFrame({"g": ["most"] * 100 + ["few"] * size, "y": rng.normal(0, 1, 100 + size)}))


def test_a_comparison_with_a_small_group_says_that_its_degrees_of_freedom_are_many():
    means = tk.mean(small_group(7), "y", by="g")
    own = satterthwaite_df(means.se**2, means.df)
    difference = tk.contrast(means, {"most": 1, "few": -1})
    assert difference.df.tolist() == [106]
    assert f"Satterthwaite's rule gives {own:.1f}" in difference.notes[-1]
    assert tk.contrast(means, {"most": 1, "few": -1}, df=own).notes == ()
    assert "In 1 of 1 pairs one group is small" in repr(tk.pairwise(means))
    assert "One of the groups is small" in repr(tk.ttest(small_group(7), "y", by="g"))


def test_a_group_of_few_is_noted_though_its_variance_came_out_small():
    frame = pd.DataFrame({"g": ["most"] * 60 + ["few"] * 2, "y": [*np.linspace(0, 1, 60), 0.7, 0.701]})
    means = tk.mean(tk.Design(frame), "y", by="g")
    assert satterthwaite_df(means.se**2, means.df) > 30
    note = "One of the groups has very few degrees of freedom (1)"
    assert note in tk.contrast(means, {"most": 1, "few": -1}).notes[-1]
    assert note in repr(tk.ttest(tk.Design(frame), "y", by="g"))
    assert "In 1 of 1 pairs one group is small" in repr(tk.pairwise(means))


@pytest.mark.parametrize("several", [False, True], ids=["two groups", "three groups"])
@pytest.mark.parametrize("test", [tk.rank_test, tk.oneway_test])
def test_a_test_of_all_groups_at_once_names_a_group_of_few(test, several):
    values = [*np.linspace(0, 1, 60), 0.7, 0.72, 0.71]
    groups = ["most"] * 30 + (["more"] if several else ["most"]) * 30 + ["few"] * 3
    note = "The group few has very few degrees of freedom (2)"
    assert note in repr(test(tk.Design(pd.DataFrame({"g": groups, "y": values})), "y", by="g"))
    balanced = pd.DataFrame({"g": ["most", "few", "more"] * 21, "y": values})
    assert "very few" not in repr(test(tk.Design(balanced), "y", by="g"))


def test_a_comparison_that_is_not_possible_has_its_reason_and_no_note_on_small_groups():
    frame = pd.DataFrame({"g": ["most"] * 60 + ["one"], "y": [*np.linspace(0, 1, 60), 0.7]})
    design = tk.Design(frame)
    for test in (tk.ttest, tk.rank_test, tk.oneway_test):
        shown = repr(test(design, "y", by="g"))
        assert "Not possible: one:" in shown
        assert "degrees of freedom" not in shown
    means = tk.mean(design, "y", by="g")
    assert tk.pairwise(means).notes == tk.contrast(means, {"most": 1, "one": -1}).notes == ()


def test_a_comparison_of_groups_of_some_size_says_nothing():
    means = tk.mean(small_group(60), "y", by="g")
    assert tk.contrast(means, {"most": 1, "few": -1}).notes == ()
    assert tk.pairwise(means).notes == ()


def test_satterthwaites_rule_is_that_of_welch_in_simple_random_samples():
    rng = np.random.default_rng(9)
    first, second = rng.normal(0, 1, 12), rng.normal(0, 3, 7)
    frame = pd.DataFrame({"y": [*first, *second], "g": ["a"] * 12 + ["b"] * 7})
    means = [tk.mean(tk.Design(frame[frame["g"] == group]), "y") for group in "ab"]
    variances, df = (np.array([getattr(mean, name)[0] for mean in means]) for name in ("se", "df"))
    welch = stats.ttest_ind(first, second, equal_var=False)
    assert satterthwaite_df(variances**2, df) == pytest.approx(welch.df, rel=1e-12)
