"""Indices of trust, held to R, to a score made by hand, and to each other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "trust_measures" / "index.json").read_text(encoding="utf-8"))
SCHOOLS = pd.read_csv(FOLDER / "apistrat" / "data.csv")
ITEMS = ["one", "two", "three"]
CODES = {1: "low", 2: "middle", 3: "high"}


def schools():
    row = np.arange(1, len(SCHOOLS) + 1)
    made = SCHOOLS.assign(
        one=(100.0 * (SCHOOLS["api00"] > 700)).where(row % 7 != 0),
        two=(1.0 * SCHOOLS["meals"]).where(row % 5 != 0),
        three=(100.0 - SCHOOLS["ell"]).where((row % 35 != 0) & (row % 3 != 0)),
    )
    names = {name: tk.Variable(name, name, "numeric", low=0, high=100) for name in ITEMS}
    others = {
        "stype": tk.Variable("stype", "Type", "single", codes={kind: kind for kind in "EHM"}),
        "pw": tk.Variable("pw", "Weight", "weight"),
        "fpc": tk.Variable("fpc", "Schools", "numeric"),
    }
    survey = tk.Survey(made[[*names, *others]], tk.Codebook(names | others))
    return tk.Design(survey, weights="pw", strata="stype", fpc="fpc")


def design(frame, **changes):
    items = {
        name: tk.Variable(name, name, "ordinal", codes=CODES, set="trust", **changes)
        for name in frame.columns
    }
    return tk.Design(tk.Survey(frame, tk.Codebook(items)))


FRAME = pd.DataFrame({"banks": [3, 3, 1, 2, None, 3], "shops": [1, None, None, 2, None, 2]})


@pytest.mark.parametrize("of", ["respondents", "items"])
def test_both_indices_are_those_of_r_for_all_and_in_a_domain(of):
    everyone = tk.trust_index(schools(), ITEMS, of=of)
    assert everyone.estimate[0] == pytest.approx(REFERENCE["all"][of]["estimate"], rel=1e-10)
    assert everyone.se[0] == pytest.approx(REFERENCE["all"][of]["se"], rel=1e-10)
    groups = tk.trust_index(schools(), ITEMS, of=of, by="stype")
    high = groups.keys["stype"].tolist().index("H")
    assert groups.estimate[high] == pytest.approx(REFERENCE["high"][of]["estimate"], rel=1e-10)
    assert groups.se[high] == pytest.approx(REFERENCE["high"][of]["se"], rel=1e-10)


def test_n_counts_who_answered_any_item():
    assert tk.trust_index(schools(), ITEMS, of="respondents").n[0] == REFERENCE["all"]["respondents"]["n"]


def test_the_index_of_respondents_is_the_mean_of_a_score():
    about = {"codes": CODES, "scores": {"low": 0, "middle": 50, "high": 100}, "set": "trust"}
    book = tk.Codebook({name: tk.Variable(name, name, "ordinal", **about) for name in FRAME})
    scored = tk.Design(tk.score(tk.Survey(FRAME, book), "trust", into="index"))
    by_hand = tk.mean(scored, "index")
    found = tk.trust_index(design(FRAME), "trust", of="respondents")
    for name in ("estimate", "se", "df", "n"):
        assert getattr(found, name) == pytest.approx(getattr(by_hand, name)), name


def test_an_index_of_top_boxes_says_which_answers_count():
    by_name = tk.trust_index(design(FRAME), "trust", of="items", boxes=["high"])
    by_number = tk.trust_index(design(FRAME), "trust", of="respondents", boxes=1)
    for found in (by_name, by_number):
        assert "These answers count 100, and all others 0: high." in found.notes
    scored = tk.trust_index(design(FRAME), "trust", of="items")
    assert not any("count 100" in note for note in scored.notes)


def test_the_index_of_items_is_the_mean_of_their_top_boxes():
    found = tk.trust_index(design(FRAME), "trust", of="items", boxes=["high"])
    shares = tk.top_box(design(FRAME), "trust", boxes=["high"])
    assert found.estimate[0] == pytest.approx(100 * shares.estimate.mean())
    half = np.full(2, 0.5)
    assert found.se[0] == pytest.approx(100 * np.sqrt(half @ shares.vcov @ half))


def test_the_two_indices_are_equal_if_everybody_answers_everything():
    whole = FRAME.dropna()
    both = [tk.trust_index(design(whole), "trust", of=of).estimate[0] for of in ("respondents", "items")]
    assert both[0] == pytest.approx(both[1])
    skipped = [tk.trust_index(design(FRAME), "trust", of=of).estimate[0] for of in ("respondents", "items")]
    assert skipped[0] != pytest.approx(skipped[1])


def test_reversed_items_are_turned_around():
    forward = tk.trust_index(design(FRAME), "trust", of="items").estimate[0]
    assert tk.trust_index(design(FRAME, reverse=True), "trust", of="items").estimate[0] == pytest.approx(
        100 - forward
    )


def test_the_shown_index_says_which_of_both_it_is():
    assert "each one's mean" in repr(tk.trust_index(design(FRAME), "trust", of="respondents"))
    assert "the items' own means" in repr(tk.trust_index(design(FRAME), "trust", of="items"))


def test_replicates_estimate_the_index_again():
    def own_means(frame, weights):
        values = np.column_stack(
            [frame[name].map({"low": 0.0, "middle": 50.0, "high": 100.0}) for name in FRAME]
        )
        valid = np.isfinite(values)
        some = valid.any(axis=1)
        own = np.where(valid, values, 0).sum(axis=1)[some] / valid.sum(axis=1)[some]
        return float(weights[some] @ own / weights[some].sum())

    made = tk.replicate(design(FRAME), "JK1")
    by_hand = tk.with_replicates(made, own_means)
    found = tk.trust_index(made, "trust", of="respondents")
    assert (found.estimate[0], found.se[0]) == pytest.approx((by_hand.estimate[0], by_hand.se[0]))


@pytest.mark.parametrize(
    ("items", "options", "words"),
    [
        ("trsut", {}, "no battery"),
        ("trust", {"boxes": ["hihg"]}, "did you mean 'high'"),
        ("trust", {"boxes": 3}, "has no 3 highest"),
        ("trust", {"of": "people"}, "'of' can't be used"),
    ],
)
def test_what_no_index_can_be_made_of_is_refused(items, options, words):
    with pytest.raises(DataError, match=words):
        tk.trust_index(design(FRAME), items, **({"of": "items"} | options))


def test_a_number_without_a_range_is_refused():
    with pytest.raises(DataError, match="has no range"):
        tk.trust_index(tk.Design(pd.DataFrame({"x": [1.0, 2.0]})), ["x"], of="items")
