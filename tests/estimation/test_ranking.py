"""Ranks whose intervals hold all together, held to R's mvtnorm."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.ranking import LargestT

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "trust_measures" / "measures.json").read_text(encoding="utf-8"))
SCHOOLS = pd.read_csv(FOLDER / "apistrat" / "data.csv")


def schools():
    made = SCHOOLS.assign(
        a=1.0 * (SCHOOLS["api00"] > 700), b=1.0 * (SCHOOLS["api99"] > 700),
        c=1.0 * (SCHOOLS["ell"] < 20), d=1.0 * (SCHOOLS["meals"] < 40),
    )  # fmt: skip
    return tk.mean(tk.Design(made, weights="pw", strata="stype", fpc="fpc"), ["a", "b", "c", "d"])


def test_critical_values_are_those_of_mvtnorm():
    # with other seeds mvtnorm's root moves by 1e-5 at the setting of the reference: it integrates at random
    found = tk.rank(schools())
    assert found.critical_rows == pytest.approx(REFERENCE["ranking"]["intervals"], abs=1e-4)
    assert found.critical == pytest.approx(REFERENCE["ranking"]["differences"], abs=1e-4)


def test_adjusted_p_values_are_those_of_mvtnorm():
    found = tk.rank(schools()).pairs
    assert found["t"].tolist() == pytest.approx(REFERENCE["ranking"]["t"], rel=1e-9)
    for ours, theirs in zip(found["p_adjusted"], REFERENCE["ranking"]["p_adjusted"], strict=True):
        assert ours == pytest.approx(theirs, rel=0.01, abs=2e-5)  # mvtnorm integrates at random


def test_ranks_follow_from_the_significant_differences():
    table = tk.rank(schools()).table.set_index("name")
    pairs = tk.rank(schools()).pairs.query("p_adjusted < 0.05")
    for name in table.index:
        above = (pairs["second"].eq(name) & (pairs["difference"] > 0)) | (
            pairs["first"].eq(name) & (pairs["difference"] < 0)
        )
        below = (pairs["first"].eq(name) & (pairs["difference"] > 0)) | (
            pairs["second"].eq(name) & (pairs["difference"] < 0)
        )
        assert (table["rank_low"][name], table["rank_high"][name]) == (1 + above.sum(), 4 - below.sum())
    assert table.loc[["c", "b"], ["rank_low", "rank_high"]].to_numpy().tolist() == [[1, 1], [4, 4]]


def test_all_differences_together_need_more_than_one_difference_alone():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.normal(size=(60, 6)) + np.linspace(0, 0.38, 6), columns=list("abcdef"))
    found = tk.rank(tk.mean(tk.Design(frame), list("abcdef")))
    alone = stats.t.ppf(0.975, found.df)
    between = found.pairs["t"].abs().between(alone, found.critical)
    assert found.critical > alone
    assert between.any()
    assert (found.pairs["p_adjusted"][between] > 0.05).all()


def test_two_estimates_have_the_t_test_of_their_difference():
    frame = pd.DataFrame({"a": [1.0, 2, 4, 3, 5], "b": [2.0, 2, 5, 3, 7]})
    found = tk.rank(tk.mean(tk.Design(frame), ["a", "b"]))
    assert found.critical == pytest.approx(stats.t.ppf(0.975, 4))
    paired = stats.ttest_rel(frame["a"], frame["b"])
    assert found.pairs["p_adjusted"][0] == pytest.approx(paired.pvalue)


def test_shares_that_add_up_to_one_are_ranked_too():
    frame = pd.DataFrame({"brand": ["x"] * 60 + ["y"] * 25 + ["z"] * 15})
    found = tk.rank(tk.proportion(tk.Design(frame), "brand"))
    assert found.table["name"].tolist() == ["x", "y", "z"]
    assert found.table["rank_low"].tolist() == [1, 2, 2]


def test_items_that_are_always_alike_share_their_ranks():
    frame = pd.DataFrame({"a": [1.0, 2, 4, 3], "b": [1.0, 2, 4, 3], "c": [9.0, 8, 9, 8]})
    found = tk.rank(tk.mean(tk.Design(frame), ["a", "b", "c"]))
    assert found.table.set_index("name")["rank_high"].to_dict() == {"c": 1, "a": 3, "b": 3}
    assert any("always have the same value" in note for note in found.notes)


def test_the_distribution_is_that_of_simulated_t():
    covariance = np.array([[1.0, 0.6, 0.0], [0.6, 2.0, -0.5], [0.0, -0.5, 1.5]])
    rng = np.random.default_rng(5)
    z = rng.multivariate_normal(np.zeros(3), covariance, 400_000) / np.sqrt(np.diag(covariance))
    t = np.abs(z / np.sqrt(rng.chisquare(12, 400_000) / 12)[:, None]).max(axis=1)
    largest = LargestT(covariance, 12.0)
    for conf in (0.5, 0.9, 0.99):
        assert (t < largest.quantile(conf)).mean() == pytest.approx(conf, abs=0.003)


def test_a_ranking_is_the_same_each_time_and_shows_ranges():
    assert tk.rank(schools()).critical == tk.rank(schools()).critical
    assert "2 to 3" in repr(tk.rank(schools()))


def test_a_ranking_shows_wordings_without_the_words_they_share():
    wording = {"a": "Do you trust banks?", "b": "Do you trust shops?"}
    book = tk.Codebook({name: tk.Variable(name, text, "numeric") for name, text in wording.items()})
    survey = tk.Survey(pd.DataFrame({"a": [1.0, 2, 4, 3], "b": [9.0, 8, 9, 7]}), book)
    text = repr(tk.rank(tk.mean(tk.Design(survey), ["a", "b"])))
    assert "Do you trust ...?" in text
    assert "banks" in text
    assert "Do you trust banks" not in text


@pytest.mark.parametrize(
    ("frame", "items", "words"),
    [
        ({"a": [1.0, 2.0]}, ["a"], "compares several estimates"),
        ({"a": [1.0, None, None], "b": [2.0, 3.0, 4.0]}, ["a", "b"], "needs all estimates"),
    ],
)
def test_what_cannot_be_ranked_is_refused(frame, items, words):
    with pytest.raises(DataError, match=words):
        tk.rank(tk.mean(tk.Design(pd.DataFrame(frame)), items))
