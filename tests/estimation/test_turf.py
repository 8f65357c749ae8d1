"""The best sets of items: every set tried, against brute force."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

CODES = {1: "Selected", 0: "Not selected"}
ITEMS = list("abcdef")


def design(frame, **options):
    variables = {
        name: tk.Variable(name, name, "multiple", codes=CODES, missing={9: "refused"}, set="shop")
        for name in ITEMS
        if name in frame
    }
    weight = {"w": tk.Variable("w", "Weight", "weight")} if "w" in frame else {}
    book = tk.Codebook(variables | weight, sets={"shop": "Where do you shop?"})
    return tk.Design(tk.Survey(frame, book), **options)


def answers(n=200):
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {name: (random.random(n) < 0.1 + 0.06 * place) * 1 for place, name in enumerate(ITEMS)}
    )
    frame["b"] = np.where(random.random(n) < 0.8, frame["f"], frame["b"])
    frame.loc[:4, "a"] = 9
    return frame.assign(w=random.uniform(0.5, 2, n))


FRAME = answers()
REACHED = {True: "in", False: "out"}
WHOLE = FRAME[FRAME["a"] != 9]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_the_best_sets_are_those_of_brute_force(size):
    reach = {
        one: float(WHOLE["w"] @ (WHOLE[list(one)] == 1).any(axis=1) / WHOLE["w"].sum())
        for one in combinations(ITEMS, size)
    }
    expected = sorted(reach, key=lambda one: -reach[one])[:4]
    found = tk.turf(design(FRAME, weights="w"), "shop", size=size, top=4)
    assert found.table["items"].tolist() == expected
    assert found.table["reach"].tolist() == pytest.approx([reach[one] for one in expected])
    assert found.tried == len(reach)
    assert found.estimate.n[0] == len(WHOLE)


def test_reach_has_the_standard_error_of_a_share_and_its_distance_that_of_paired_shares():
    found = tk.turf(design(FRAME, weights="w"), "shop", size=2, top=3)
    flags = {
        f"s{place}": (FRAME[list(one)] == 1)
        .any(axis=1)
        .map({True: "in", False: "out"})
        .where(FRAME["a"] != 9)
        for place, one in enumerate(found.table["items"])
    }
    made = tk.Design(FRAME.assign(**flags), weights="w")
    for place in range(3):
        share = tk.proportion(made, f"s{place}", level="in")
        for name in ("se", "ci_low", "ci_high"):
            assert found.table[name][place] == pytest.approx(getattr(share, name)[0]), name
    paired = tk.paired_proportions(made, "s0", "s1", "in")
    assert (found.table["behind"][1], found.table["behind_se"][1]) == pytest.approx(
        (paired.estimate, paired.se)
    )
    assert (found.table["behind"][0], found.table["behind_se"][0]) == (0, 0)


def test_the_best_set_need_not_hold_the_best_item():
    frame = pd.DataFrame({"a": [1, 1, 1, 1, 0, 0], "b": [1, 1, 0, 0, 1, 0], "c": [0, 0, 1, 1, 0, 1]})
    found = tk.turf(design(frame), ["a", "b", "c"], size=2)
    assert tk.turf(design(frame), ["a", "b", "c"], size=1).table["items"][0] == ("a",)
    assert found.table["items"][0] == ("b", "c")
    assert found.table["reach"][0] == 1


def test_sets_of_equal_reach_come_in_the_items_order():
    frame = pd.DataFrame({"a": [1, 0] * 5, "b": [1, 0] * 5, "c": [1, 0] * 5})
    found = tk.turf(design(frame), ["a", "b", "c"], size=2)
    assert found.table["items"].tolist() == [("a", "b"), ("a", "c"), ("b", "c")]


def test_the_result_says_how_many_sets_were_tried_and_that_the_best_is_optimistic():
    text = repr(tk.turf(design(FRAME, weights="w"), "shop", size=3))
    assert "All 20 sets were tried" in text
    assert "a little too" in text
    assert "Base: respondents who answered all items; n = " in text


def test_twenty_items_are_tried_at_once():
    random = np.random.default_rng(1)
    names = [f"i{k}" for k in range(20)]
    frame = pd.DataFrame(random.integers(0, 2, (50, 20)), columns=names)
    book = tk.Codebook({name: tk.Variable(name, name, "multiple", codes=CODES) for name in names})
    found = tk.turf(tk.Design(tk.Survey(frame, book)), names, size=4, top=1)
    assert found.tried == 4845
    best = found.table["items"][0]
    assert found.table["reach"][0] == pytest.approx(float((frame[list(best)] == 1).any(axis=1).mean()))


@pytest.mark.parametrize(
    ("items", "options", "words"),
    [
        ("shop", {"size": 6}, "size must be below"),
        (["a"], {"size": 1}, "needs several items"),
        (["a", "a"], {"size": 1}, "a is given twice"),
        (["a", "b"], {"size": 1, "level": "Seleted"}, "did you mean 'Selected'"),
        (["a", "b"], {"size": 0}, "'size' can't be used"),
    ],
)
def test_what_has_no_sets_is_refused(items, options, words):
    with pytest.raises(DataError, match=words):
        tk.turf(design(FRAME, weights="w"), items, **options)


def test_nobody_who_answered_all_items_is_an_error():
    frame = pd.DataFrame({"a": [9, 1], "b": [1, 9]})
    with pytest.raises(DataError, match="nobody answered all items"):
        tk.turf(design(frame), ["a", "b"], size=1)
