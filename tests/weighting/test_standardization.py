"""Direct standardisation; numbers of R survey are in tests/test_references.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, TargetsError

RNG = np.random.default_rng(11)
AGES = {"age": {"young": 30, "old": 10}}


def people(n=240):
    frame = pd.DataFrame(
        {
            "age": RNG.choice(["young", "old"], n),
            "area": RNG.choice(["north", "south", "west"], n),
            "psu": np.arange(n) // 8,
            "w": RNG.uniform(1, 3, n),
        }
    )
    frame["trust"] = RNG.normal(size=n) + 2 * (frame["age"] == "young") + (frame["area"] == "north")
    return frame


def test_a_standardised_mean_is_the_weighted_mean_of_the_cells_means():
    frame = people()
    same = tk.standardize(tk.Design(frame, weights="w", psu="psu"), AGES, over="area")
    means = tk.mean(same, "trust", by="area")
    cells = frame.groupby(["area", "age"]).apply(lambda c: np.average(c["trust"], weights=c["w"]))
    expected = [0.75 * cells[area, "young"] + 0.25 * cells[area, "old"] for area in means.keys["area"]]
    np.testing.assert_allclose(means.estimate, expected, rtol=1e-12)


def test_each_group_keeps_its_weight_and_gets_the_composition():
    design = tk.Design(people(), weights="w")
    same = tk.standardize(design, AGES, over="area")
    rows = design.data.assign(before=design.weights, after=same.weights)
    sums = rows.groupby("area")[["before", "after"]].sum()
    np.testing.assert_allclose(sums["after"], sums["before"], rtol=1e-12)
    shares = tk.proportion(same, "age", level="young", by="area")
    np.testing.assert_allclose(shares.estimate, 0.75, rtol=1e-12)
    assert shares.se.max() < 1e-12


def test_shares_and_counts_of_the_population_give_the_same_weights():
    design = tk.Design(people(), weights="w")
    counts = tk.standardize(design, AGES, over="area")
    shares = tk.standardize(design, {"age": {"young": 0.75, "old": 0.25}}, over="area")
    np.testing.assert_allclose(counts.weights, shares.weights, rtol=1e-12)


def test_the_order_of_rows_does_not_matter():
    frame = people()
    mixed = frame.sample(frac=1, random_state=2)
    first, second = (
        tk.mean(
            tk.standardize(tk.Design(rows, weights="w", psu="psu"), AGES, over="area"), "trust", by="area"
        )
        for rows in (frame, mixed)
    )
    np.testing.assert_allclose(second.vcov, first.vcov, rtol=1e-10, atol=1e-16)


def test_without_groups_it_is_poststratification_to_the_sum_of_weights():
    design = tk.Design(people(), weights="w", psu="psu")
    whole = design.weights.sum()
    other = tk.poststratify(design, {"age": {"young": 0.75 * whole, "old": 0.25 * whole}})
    ours, theirs = (tk.mean(each, "trust") for each in (tk.standardize(design, AGES), other))
    assert ours.estimate[0] == pytest.approx(theirs.estimate[0], rel=1e-12)
    assert ours.se[0] == pytest.approx(theirs.se[0], rel=1e-12)


def test_who_did_not_answer_does_not_count_towards_the_composition():
    frame = people()
    frame.loc[(frame["age"] == "young") & (frame["psu"] % 2 == 0), "trust"] = np.nan
    design = tk.Design(frame, weights="w")
    same = tk.standardize(design, AGES, over="area", answered="trust")
    assert (same.weights[frame["trust"].isna()] == 0).all()
    young = tk.proportion(same, "age", level="young", by="area", where=frame["trust"].notna())
    np.testing.assert_allclose(young.estimate, 0.75, rtol=1e-12)
    assert [step.step for step in same.history] == ["standardize", "standardize"]


def test_the_history_says_that_the_weights_are_for_comparing_groups():
    same = tk.standardize(tk.Design(people(), weights="w"), AGES, over="area")
    assert same.history[-1].title.startswith("standardize")
    assert same.history[-1].rule == "to age in each area"
    assert "for comparing groups" in " ".join(same.history[-1].notes)


@pytest.mark.parametrize(
    ("population", "given", "error", "words"),
    [
        ({"age": {"young": 1, "old": 1}, "area": {"north": 1}}, {}, TargetsError, "must be one margin"),
        ({"w": {"mean": 2.0}}, {}, TargetsError, "must be one margin"),
        (AGES, {"over": "age"}, DataError, "in the population and in over"),
        (AGES, {"over": "aera"}, DataError, "aera"),
        (AGES, {"answered": "none"}, DataError, "nobody answered"),
        ({"age": {"young": 1, "old": 1, "oldest": 1}}, {"over": "area"}, TargetsError, "oldest"),
    ],
)
def test_what_can_not_be_standardised_is_refused_by_name(population, given, error, words):
    frame = people().assign(none=np.nan)
    with pytest.raises(error, match=words):
        tk.standardize(tk.Design(frame, weights="w"), population, **given)
