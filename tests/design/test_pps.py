"""Unequal probabilities of inclusion; numbers of R survey are in tests/test_references.py."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DesignError

RNG = np.random.default_rng(9)
METHODS = ("brewer", "overton", "hartley-rao")


def sampled_frame(n=30):
    frame = pd.DataFrame({"p": RNG.uniform(0.1, 0.9, n), "trust": RNG.normal(10, 2, n)})
    frame["region"] = np.where(np.arange(n) % 3 == 0, "north", "south")
    frame["answer"] = np.where(frame["trust"] > 10, "yes", "no")
    return frame


@pytest.mark.parametrize("method", METHODS)
def test_equal_probabilities_give_the_numbers_of_a_simple_random_sample(method):
    frame = sampled_frame().assign(p=0.25, w=4.0)
    plain = tk.Design(frame, weights="w", fpc="p")
    equal = tk.Design(frame, fpc=tk.Pps("p", method))
    for estimate in (lambda d: tk.mean(d, "trust"), lambda d: tk.proportion(d, "answer", by="region")):
        np.testing.assert_allclose(estimate(equal).vcov, estimate(plain).vcov, rtol=1e-9, atol=1e-14)
        np.testing.assert_array_equal(estimate(equal).df, estimate(plain).df)


@pytest.mark.parametrize("method", METHODS)
def test_a_census_has_no_sampling_variance(method):
    frame = sampled_frame().assign(p=1.0)
    assert tk.total(tk.Design(frame, fpc=tk.Pps("p", method)), "trust").se[0] < 1e-6


def test_joint_probabilities_of_a_small_population_give_unbiased_variances():
    values, size = np.array([3.0, 5.0, 9.0, 1.0, 4.0]), np.array([2.0, 3.0, 4.0, 1.0, 2.0])
    samples = list(combinations(range(5), 2))
    chance = np.array([size[list(pair)].sum() for pair in samples])  # Midzuno's design
    chance = chance / chance.sum()
    joint = np.zeros((5, 5))
    for pair, share in zip(samples, chance, strict=True):
        joint[np.ix_(pair, pair)] += share
    p = np.diag(joint).copy()
    truth = (
        sum(
            share * (values[list(pair)] / p[list(pair)]).sum() ** 2
            for pair, share in zip(samples, chance, strict=True)
        )
        - values.sum() ** 2
    )
    means = {}
    for variance in ("horvitz-thompson", "yates-grundy"):
        terms = []
        for pair in map(list, samples):
            frame = pd.DataFrame({"x": values[pair], "p": p[pair]})
            pps = tk.Pps("p", "joint", variance, joint=joint[np.ix_(pair, pair)])
            design = tk.Design(frame, fpc=pps)
            t = design.weights * frame["x"].to_numpy()
            terms.append(t @ design.first_stage.pairs @ t)
        means[variance] = float(chance @ np.array(terms))
    assert means == pytest.approx(dict.fromkeys(means, truth), rel=1e-10)


def test_rows_of_one_psu_count_together_and_their_order_does_not_matter():
    frame = sampled_frame().assign(psu=range(30))
    halves = pd.concat([frame.assign(trust=frame["trust"] / 2)] * 2, ignore_index=True)
    halves = halves.sample(frac=1, random_state=1)
    for method in METHODS:
        whole = tk.total(tk.Design(frame, fpc=tk.Pps("p", method)), "trust")
        split = tk.total(tk.Design(halves, psu="psu", fpc=tk.Pps("p", method)), "trust")
        assert split.se[0] == pytest.approx(whole.se[0], rel=1e-10)
        assert split.df[0] == whole.df[0]


def test_strata_do_not_share_variance():
    frame = sampled_frame()
    whole = tk.total(tk.Design(frame, strata="region", fpc=tk.Pps("p", "overton")), "trust").se[0] ** 2
    parts = [
        tk.total(tk.Design(part, fpc=tk.Pps("p", "overton")), "trust").se[0] ** 2
        for _, part in frame.groupby("region")
    ]
    assert whole == pytest.approx(sum(parts), rel=1e-10)


def test_weights_left_out_are_one_over_the_probabilities():
    frame = sampled_frame()
    design = tk.Design(frame, fpc=tk.Pps("p"))
    np.testing.assert_allclose(design.weights, 1 / frame["p"])
    assert design.roles["weights"] == "1 / probability of inclusion"
    assert "p" in design.sampling_columns


def test_calibration_leaves_only_the_unexplained_part():
    design = tk.poststratify(
        tk.Design(sampled_frame(), fpc=tk.Pps("p")), {"region": {"north": 30.0, "south": 60.0}}
    )
    assert tk.proportion(design, "region").se.max() < 1e-9
    assert tk.mean(design, "trust").se[0] > 0


def test_a_negative_variance_is_not_shown_as_zero():
    frame = pd.DataFrame({"p": [0.5, 0.5], "x": [1.0, 1.0]})
    pps = tk.Pps("p", "joint", joint=np.array([[0.5, 0.1], [0.1, 0.5]]))
    total = tk.total(tk.Design(frame, fpc=pps), "x")
    assert np.isnan(total.se[0])
    assert "negative" in total.reasons[0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"fpc": tk.Pps("trust")}, "out of range"),
        ({"fpc": tk.Pps("answer")}, "must be numbers"),
        ({"fpc": tk.Pps("p"), "psu": "region"}, "vary inside a PSU"),
        ({"fpc": tk.Pps("p"), "lonely_psu": "adjust"}, "takes no lonely_psu='adjust'"),
        ({"fpc": tk.Pps("p"), "psu": [tk.Stage("region")]}, "takes no several stages"),
        ({"fpc": tk.Pps("p"), "replicates": tk.Replicates(["p"], "JK1")}, "takes no replicates"),
        ({"fpc": tk.Pps("p", "joint", joint=np.eye(30))}, "do not fit"),
    ],
)
def test_designs_that_can_not_be_are_refused_by_name(given, words):
    with pytest.raises(DesignError, match=words):
        tk.Design(sampled_frame(), **given)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "brewer", "variance": "yates-grundy"}, "one form"),
        ({"method": "overton", "sum_of_squares": 0.1}, "is for the method 'hartley-rao'"),
        ({"method": "joint"}, "needs the joint probabilities"),
        ({"method": "brewer", "joint": np.eye(2)}, "is for the method 'joint'"),
    ],
)
def test_options_of_another_method_are_refused(arguments, words):
    with pytest.raises(DesignError, match=words):
        tk.Pps("p", **arguments)


def test_replicates_and_engines_refuse_unequal_probabilities():
    with pytest.raises(DesignError, match="ignore the unequal probabilities"):
        tk.replicate(tk.Design(sampled_frame(), fpc=tk.Pps("p")), "JK1")
    pl = pytest.importorskip("polars")
    with pytest.raises(DesignError, match="no probabilities of inclusion"):
        tk.Design(pl.from_pandas(sampled_frame()).lazy(), fpc=tk.Pps("p"))
