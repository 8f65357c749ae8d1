"""Willingness by datum and benefit: shares with one covariance, and Holm over the whole grid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.significance import adjusted

CODES = {1: "Selected", 0: "Not selected"}
GRID = {
    "email": {"points": "email_points", "speed": "email_speed", "price": "email_price"},
    "place": {"points": "place_points", "speed": "place_speed"},
}
NAMES = [name for row in GRID.values() for name in row.values()]


def design():
    random = np.random.default_rng(11)
    taste = random.normal(size=400)
    wanted = dict(zip(NAMES, (0.3, 0.0, 0.2, -0.4, -0.9), strict=True))
    frame = pd.DataFrame({name: (taste + random.normal(size=400) < up) * 1 for name, up in wanted.items()})
    book = tk.Codebook({name: tk.Variable(name, name, "multiple", codes=CODES) for name in frame})
    return tk.Design(tk.Survey(frame, book))


FOUND = tk.willingness(design(), GRID)


def test_the_shares_are_those_of_the_boxes_with_one_covariance():
    by_hand = tk.proportion(design(), NAMES, level="Selected")
    assert FOUND.estimate.estimate == pytest.approx(by_hand.estimate)
    assert FOUND.estimate.vcov == pytest.approx(by_hand.vcov)
    assert FOUND.estimate.keys[["datum", "benefit"]].to_numpy().tolist() == [
        [datum, benefit] for datum, row in GRID.items() for benefit in row
    ]


def test_pairs_are_within_a_datum_and_have_the_paired_test():
    assert FOUND.pairs[["datum", "first", "second"]].to_numpy().tolist() == [
        ["email", "points", "speed"], ["email", "points", "price"], ["email", "speed", "price"],
        ["place", "points", "speed"],
    ]  # fmt: skip
    for row in FOUND.pairs.to_dict("records"):
        first, second = (GRID[row["datum"]][row[side]] for side in ("first", "second"))
        paired = tk.paired_proportions(design(), first, second, "Selected")
        assert (row["difference"], row["se"], row["p_value"]) == pytest.approx(
            (paired.estimate, paired.se, paired.p_value)
        )


def test_holm_is_over_all_pairs_of_the_grid_together():
    expected = adjusted(FOUND.pairs["p_value"].to_numpy(), "holm")
    assert FOUND.pairs["p_adjusted"].tolist() == pytest.approx(expected.tolist())
    email = tk.willingness(design(), {"email": GRID["email"]}).pairs
    assert (FOUND.pairs["p_adjusted"][:3].to_numpy() >= email["p_adjusted"].to_numpy()).all()
    place = tk.willingness(design(), {"place": GRID["place"]}).pairs
    assert FOUND.pairs["p_adjusted"][3] > place["p_adjusted"][0] == place["p_value"][0]


def test_the_grid_is_shown_with_its_data_as_rows_and_its_benefits_as_columns():
    text = repr(FOUND)
    assert text.splitlines()[1].split() == ["kind", "of", "data", "points", "speed", "price"]
    assert text.splitlines()[3].split()[-1] == "-"
    assert "pairs taken together (Holm)" in text
    assert "what they do share may differ" in text
    assert f"Base: substantive answers; n = {min(FOUND.estimate.n)}" in text


def test_a_set_gives_its_benefits_by_the_words_that_they_do_not_share():
    wording = {"a": "Share it for cheaper goods?", "b": "Share it for faster service?"}
    book = tk.Codebook(
        {name: tk.Variable(name, text, "multiple", codes=CODES, set="s") for name, text in wording.items()}
    )
    survey = tk.Survey(pd.DataFrame({"a": [1, 1, 0], "b": [1, 0, 0]}), book)
    found = tk.willingness(tk.Design(survey), {"email": "s"})
    assert found.estimate.keys["benefit"].tolist() == ["cheaper goods", "faster service"]
    with pytest.raises(DataError, match="no battery 'z'"):
        tk.willingness(tk.Design(survey), {"email": "z"})


def test_a_datum_with_one_benefit_has_no_pairs():
    found = tk.willingness(design(), {"email": {"points": "email_points"}})
    assert found.pairs.empty
    assert "0 of 0 pairs" in repr(found)


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"email": {"points": "email_points", "again": "email_points"}}, "given twice"),
        ({"email": {"points": "email_pints"}}, "did you mean 'email_points'"),
        ({"email": {}}, "'grid' can't be used"),
        ({}, "'grid' can't be used"),
    ],
)
def test_a_grid_that_cannot_be_estimated_is_refused(grid, words):
    with pytest.raises(DataError, match=words):
        tk.willingness(design(), grid)
