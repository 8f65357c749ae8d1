"""Several stages of sampling; numbers of R survey are in tests/test_references.py."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DesignError
from trustkit.survey.codebook import Codebook, Roles

RNG = np.random.default_rng(7)


def sampled_frame(*, homes=4, people=3):
    """Return people of 6 towns in 2 regions, in homes, with a population size for each stage."""
    frame = pd.DataFrame(
        [(town, home, person) for town in range(6) for home in range(homes) for person in range(people)],
        columns=["town", "home", "person"],
    )
    frame["region"] = np.where(frame["town"] < 3, "north", "south")
    frame["towns"], frame["homes"], frame["people"] = 9.0, 12.0 + frame["town"], 5.0
    frame["few"] = 2.0
    frame["w"] = frame["towns"] / 3 * frame["homes"] / homes * frame["people"] / people
    frame["trust"] = frame["town"] + frame["home"] / 2 + RNG.normal(size=len(frame)).round(3)
    frame["answer"] = np.where(frame["trust"] > 4, "yes", "no")
    frame["group"] = RNG.choice(["a", "b"], len(frame))
    return frame


STAGES = [
    tk.Stage("town", strata="region", fpc="towns"),
    tk.Stage("home", fpc="homes"),
    tk.Stage(fpc="people"),
]


def numbers_of(design):
    """Return estimates and covariances of several kinds."""
    estimates = [
        tk.mean(design, "trust", by="group"),
        tk.total(design, "trust"),
        tk.proportion(design, "answer", by="group"),
        tk.quantile(design, "trust"),
    ]
    return np.concatenate(
        [np.concatenate([part.estimate, part.vcov.ravel(), part.df, part.ci_low]) for part in estimates]
    )


def test_one_stage_in_a_list_gives_the_same_numbers_as_its_arguments():
    frame = sampled_frame()
    plain = tk.Design(frame, weights="w", strata="region", psu="town", fpc="towns")
    listed = tk.Design(frame, weights="w", psu=[STAGES[0]])
    assert numbers_of(listed).tolist() == numbers_of(plain).tolist()


def test_stages_below_units_sampled_with_replacement_add_nothing():
    frame = sampled_frame()
    plain = tk.Design(frame, weights="w", strata="region", psu="town")
    listed = tk.Design(frame, weights="w", psu=[tk.Stage("town", strata="region"), *STAGES[1:]])
    assert listed.later_stages is None
    assert numbers_of(listed).tolist() == numbers_of(plain).tolist()


def test_a_later_stage_that_takes_all_units_adds_nothing():
    frame = sampled_frame().assign(homes=4)
    one = tk.Design(frame, weights="w", psu=STAGES[:1])
    two = tk.Design(frame, weights="w", psu=STAGES[:2])
    np.testing.assert_allclose(numbers_of(two), numbers_of(one), rtol=1e-12, atol=1e-14)


def test_a_first_stage_that_takes_all_units_makes_them_strata():
    frame = sampled_frame().assign(towns=3)
    two = tk.Design(frame, weights="w", psu=STAGES[:2])
    strata = tk.Design(frame, weights="w", strata="town", psu="home", fpc="homes")
    np.testing.assert_allclose(
        tk.mean(two, "trust", by="group").vcov, tk.mean(strata, "trust", by="group").vcov, rtol=1e-10
    )


def test_an_added_stage_makes_the_variance_larger():
    frame = sampled_frame()
    spread = [tk.mean(tk.Design(frame, weights="w", psu=STAGES[:k]), "trust").se[0] for k in (1, 2, 3)]
    assert spread[0] < spread[1] < spread[2]


def test_the_variance_is_the_sum_over_stages_computed_unit_by_unit():
    frame = sampled_frame()
    design = tk.Design(frame, weights="w", psu=STAGES)
    frame["u"] = frame["w"] * frame["trust"]
    expected = 0.0
    for _, region in frame.groupby("region"):
        towns = region.groupby("town")["u"].sum()
        expected += (1 - 3 / 9) * 3 * towns.var(ddof=1)
        for _, town in region.groupby("town"):
            taken = 4 / town["homes"].iloc[0]
            expected += 3 / 9 * (1 - taken) * 4 * town.groupby("home")["u"].sum().var(ddof=1)
            for _, home in town.groupby("home"):
                expected += 3 / 9 * taken * (1 - 3 / 5) * 3 * home["u"].var(ddof=1)
    assert tk.total(design, "trust").se[0] ** 2 == pytest.approx(expected, rel=1e-12)


def test_units_of_one_row_are_summed_as_rows_and_give_the_same_variance():
    frame = sampled_frame()
    rows = tk.Design(frame, weights="w", psu=STAGES)
    units = tk.Design(frame, weights="w", psu=[*STAGES[:2], tk.Stage("person", fpc="people")])
    doubled = pd.concat([frame, frame]).assign(w=lambda rows: rows["w"] / 2)
    split = tk.Design(doubled, weights="w", psu=[*STAGES[:2], tk.Stage("person", fpc="people")])
    assert units.later_stages.rows_are_units
    assert not split.later_stages.rows_are_units
    assert tk.mean(units, "trust").se[0] == tk.mean(rows, "trust").se[0]
    assert tk.mean(split, "trust").se[0] == pytest.approx(tk.mean(rows, "trust").se[0], rel=1e-12)


def test_the_order_of_rows_and_the_labels_of_units_do_not_matter():
    frame = sampled_frame()
    mixed = frame.sample(frac=1, random_state=3)
    mixed["home"] = [f"{town}-{9 - home}" for town, home in zip(mixed["town"], mixed["home"], strict=True)]
    for stages in (STAGES, STAGES[:2]):
        np.testing.assert_allclose(
            numbers_of(tk.Design(mixed, weights="w", psu=stages)),
            numbers_of(tk.Design(frame, weights="w", psu=stages)),
            rtol=1e-10, atol=1e-12,
        )  # fmt: skip


def test_weights_left_out_come_from_the_fpc_of_all_stages():
    frame = sampled_frame()
    design = tk.Design(frame, psu=STAGES)
    np.testing.assert_allclose(design.weights, frame["w"], rtol=1e-14)
    assert design.roles["weights"] == "fpc of all stages"
    without = tk.Design(frame, psu=[*STAGES[:2], tk.Stage()])
    assert set(without.weights) == {1.0}


def test_a_codebook_gives_the_weights_but_no_other_role_beside_stages():
    frame = sampled_frame()
    book = Codebook({}, title="towns", design=Roles(weights="w", strata="group", psu="person"))
    design = tk.Design(frame, codebook=book, psu=STAGES)
    assert design.roles == {"weights": "w", "psu": "town", "strata": "region", "fpc": "towns"}
    assert {"home", "homes", "people"} <= design.sampling_columns


def test_calibrated_weights_leave_only_the_unexplained_part_in_each_stage():
    frame = sampled_frame()
    targets = {"answer": {"yes": 300.0, "no": 200.0}}
    for stages in (STAGES, STAGES[:2]):
        design = tk.rake(tk.Design(frame, weights="w", psu=stages), targets)
        assert tk.proportion(design, "answer").se.max() < 1e-7
        assert (
            tk.mean(design, "trust").se[0] < tk.mean(tk.Design(frame, weights="w", psu=stages), "trust").se[0]
        )


def test_df_are_those_of_the_first_stage():
    assert tk.Design(sampled_frame(), weights="w", psu=STAGES).df == 4.0


def test_a_tiny_variance_of_later_stages_is_zero_and_not_noise():
    frame = sampled_frame().assign(trust=0.1)
    assert tk.mean(tk.Design(frame, weights="w", psu=STAGES), "trust").se[0] < 1e-15


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"psu": STAGES, "strata": "region"}, "strata can't be used beside stages"),
        ({"psu": STAGES, "fpc": "towns"}, "fpc can't be used beside stages"),
        ({"psu": [STAGES[0], "home"]}, "mixes stages and other values"),
        ({"psu": [tk.Stage(fpc="towns"), STAGES[1]]}, "stage 1 has no units"),
        ({"psu": [STAGES[0], tk.Stage("hoem", fpc="homes")]}, "no column 'hoem' for psu"),
        ({"psu": [STAGES[0], tk.Stage("home", fpc="few")]}, "smaller than the sample"),
        ({"psu": [STAGES[0], tk.Stage("home", fpc="trust")]}, "values of fpc are missing, infinite or not"),
        ({"psu": STAGES, "replicates": tk.Replicates(["w"], "JK1")}, "stages or replicates, not both"),
        ({"psu": STAGES, "lonely_psu": "average", "domain_lonely": "apply"}, "for the first stage only"),
    ],
)
def test_stages_that_make_no_design_are_refused_by_name(arguments, words):
    with pytest.raises(DesignError, match=words):
        tk.Design(sampled_frame(), weights="w", **arguments)


def test_a_unit_alone_in_a_later_stage_is_refused_and_its_stage_is_named():
    frame = sampled_frame()
    frame = frame[(frame["town"] != 1) | (frame["home"] == 0)]
    with pytest.raises(DesignError, match=r"1 strata have one unit.*\n.*stage 2"):
        tk.Design(frame, weights="w", psu=STAGES)
    tk.Design(frame, weights="w", psu=STAGES, lonely_psu="remove")


def test_replicates_are_not_made_from_the_first_of_several_stages():
    with pytest.raises(DesignError, match="ignore the variance of the later stages"):
        tk.replicate(tk.Design(sampled_frame(), weights="w", psu=STAGES), "JKn")


def test_rows_in_an_engine_take_one_stage():
    pl = pytest.importorskip("polars")
    with pytest.raises(DesignError, match="takes one stage"):
        tk.Design(pl.from_pandas(sampled_frame()).lazy(), weights="w", psu=STAGES)
    one = tk.Design(pl.from_pandas(sampled_frame()).lazy(), weights="w", psu=STAGES[:1])
    assert one.df == 4.0
