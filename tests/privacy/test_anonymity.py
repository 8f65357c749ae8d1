from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import trapezoid
from scipy.stats import nbinom

import trustkit as tk
from trustkit.errors import DataError
from trustkit.privacy.anonymity import groups_of, individual_risk

CASE = Path(__file__).parents[1] / "reference" / "anonymity"
OUTPUT = json.loads((CASE / "output.json").read_text(encoding="utf-8"))
DATA = pd.read_csv(CASE / "data.csv", keep_default_na=False)
SURVEY = tk.read(DATA)
SENSITIVE = ["illness", "income"]


@pytest.mark.parametrize("name", OUTPUT)
def test_k_l_and_t_are_those_of_pycanon(name):
    known = OUTPUT[name]
    found = tk.anonymity(SURVEY, quasi=known["quasi"], sensitive=SENSITIVE)
    assert found.k == known["k"]
    rows = found.diversity.set_index("variable")
    assert rows["l"].to_dict() == known["l"]
    # sums of the same few hundred shares in another order
    assert rows["t"].to_dict() == pytest.approx(known["t"], abs=1e-12)


def test_groups_and_uniques_are_those_of_a_plain_count():
    quasi = OUTPUT["all"]["quasi"]
    sizes = DATA.groupby(quasi).size()
    found = tk.anonymity(SURVEY, quasi=quasi)
    assert (found.k, found.sample_uniques, found.groups) == (sizes.min(), (sizes == 1).sum(), len(sizes))


@pytest.mark.parametrize("without", OUTPUT["all"]["quasi"])
def test_the_effect_of_each_variable_is_that_of_leaving_it_out(without):
    quasi = OUTPUT["all"]["quasi"]
    row = tk.anonymity(SURVEY, quasi=quasi).coarsen.set_index("without").loc[without]
    left = tk.anonymity(SURVEY, quasi=[name for name in quasi if name != without])
    assert row.to_dict() == {"k": left.k, "sample_uniques": left.sample_uniques, "groups": left.groups}


def test_the_variable_to_coarsen_first_leaves_the_largest_k():
    coarsen = tk.anonymity(SURVEY, quasi=OUTPUT["all"]["quasi"]).coarsen
    assert coarsen["k"].is_monotonic_decreasing
    assert OUTPUT["without_age"]["k"] == coarsen.set_index("without").loc["age", "k"]


RISKS = json.loads((CASE / "risk.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RISKS)
def test_the_risk_of_each_respondent_is_that_of_r_by_two_ways_and_of_the_published_closed_forms(name):
    known = RISKS[name]
    found = tk.anonymity(SURVEY, quasi=known["quasi"], weights="weight")
    # R sums 200,001 terms, and GSL sums its series: both are exact to some digits less than a double has
    assert found.risk.tolist() == pytest.approx(known["summed"], rel=1e-9)
    assert found.risk.tolist() == pytest.approx(known["hypergeometric"], rel=1e-9)
    closed = [(risk, one) for risk, one in zip(found.risk, known["closed"], strict=True) if one is not None]
    assert all(risk == pytest.approx(one, rel=1e-8) for risk, one in closed)
    assert (name == "all") == bool(closed)  # among four variables there are groups of one and two
    assert known["size"] == np.bincount(groups_of(DATA, known["quasi"]))[
        groups_of(DATA, known["quasi"])
    ].tolist()  # fmt: skip


SHARES = [1e-6, 0.001, 0.02, 0.3, 0.75, 0.999, 1.0]


# sdcMicro could not be installed: its formula is integrated and summed by brute force, and above by R
@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 10, 20, 21, 60, 500, 20_000])
def test_the_risk_is_the_integral_of_benedetti_and_franconi(size, share):
    def inside(log):
        """Return E[exp(-F t)] dt at t = exp(log): 1/F is the integral of exp(-F t)."""
        moment = np.exp(log)
        decay = np.exp(-moment)
        return (share * decay / (1 - (1 - share) * decay)) ** size * moment

    grid = np.linspace(-45, 6, 200_001)
    integral = trapezoid(inside(grid), grid)
    assert individual_risk(np.array([size]), np.array([share]))[0] == pytest.approx(integral, rel=1e-8)


@pytest.mark.parametrize("share", [share for share in SHARES if 0.001 < share < 1])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 10, 60])
def test_the_risk_is_the_mean_of_the_inverse_size_under_the_negative_binomial(size, share):
    more = np.arange(400_000)
    mean = float((nbinom.pmf(more, size, share) / (size + more)).sum())
    assert individual_risk(np.array([size]), np.array([share]))[0] == pytest.approx(mean, rel=1e-9)


@pytest.mark.parametrize("share", [0.001, 0.02, 0.3, 0.75])
def test_the_risk_of_groups_of_one_and_two_is_the_published_closed_form(share):
    odds, log = share / (1 - share), np.log(1 / share)
    one, two = individual_risk(np.array([1, 2]), np.array([share, share]))
    assert one == pytest.approx(odds * log, rel=1e-12)
    assert two == pytest.approx(odds - odds**2 * log, rel=1e-9)


def test_a_sample_unique_is_a_population_unique_with_the_probability_of_its_share():
    quasi = OUTPUT["all"]["quasi"]
    found = tk.anonymity(SURVEY, quasi=quasi, weights="weight")
    alone = DATA.groupby(quasi)["weight"].transform("size") == 1
    assert found.population_uniques == pytest.approx((1 / DATA.loc[alone, "weight"]).sum())
    assert found.population_uniques < found.sample_uniques
    assert found.expected_found == pytest.approx(found.risk.sum())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.floats(1, 1000)), min_size=1, max_size=40))
def test_the_risk_lies_between_the_share_and_one_over_the_size(rows):
    frame = pd.DataFrame(rows, columns=["q", "w"])
    found = tk.anonymity(tk.read(frame), quasi="q", weights="w")
    size = frame.groupby("q")["w"].transform("size")
    total = frame.groupby("q")["w"].transform("sum")
    assert (found.risk <= 1 / size + 1e-12).all()
    assert (found.risk >= 1 / total - 1e-12).all()


def test_a_census_has_the_risk_of_its_groups():
    found = tk.anonymity(tk.read(DATA.assign(weight=1.0)), quasi=["region", "sex"], weights="weight")
    sizes = DATA.groupby(["region", "sex"])["weight"].transform("size")
    assert np.allclose(found.risk, 1 / sizes)
    assert found.population_uniques == found.sample_uniques


def test_a_missing_value_is_a_value_of_its_own():
    frame = pd.DataFrame({"q": ["x", None, None, "x", np.nan]})
    assert groups_of(frame, ["q"]).tolist() == [0, 1, 1, 0, 1]
    assert tk.anonymity(tk.read(frame), quasi="q").k == 2


def test_weights_of_a_design_are_taken_as_numbers():
    weights = DATA["weight"].to_numpy()
    plain = tk.anonymity(SURVEY, quasi="region", weights="weight")
    assert np.array_equal(tk.anonymity(SURVEY, quasi="region", weights=weights).risk, plain.risk)


def test_weights_below_one_are_told():
    found = tk.anonymity(tk.read(DATA.assign(weight=0.5)), quasi="region", weights="weight")
    assert any("below 1" in note for note in found.notes)


def test_without_names_the_codebook_says_what_somebody_may_know():
    book = tk.Codebook({"age": tk.Variable("age", "Age", "text", identifier="quasi")})
    assert tk.anonymity(tk.Survey(DATA[["age", "sex"]], book)).quasi == ("age",)


def test_the_repr_names_the_variable_to_coarsen():
    shown = repr(tk.anonymity(SURVEY, quasi=OUTPUT["all"]["quasi"], sensitive="illness", weights="weight"))
    assert "Coarsen first: " in shown
    assert "illness: at least 1 different values" in shown


FAULTS = {
    "an unknown variable": ({"quasi": "regoin"}, "did you mean 'region'"),
    "no quasi-identifier": ({"quasi": None}, "no variable is a quasi-identifier"),
    "a variable that is both": ({"sensitive": "region"}, "at once"),
    "unknown weights": ({"weights": "wieght"}, "did you mean 'weight'"),
    "weights of another length": ({"weights": np.ones(3)}, "one weight above 0"),
    "a weight of zero": ({"weights": np.zeros(len(DATA))}, "one weight above 0"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_refused_by_name(name):
    changed, words = FAULTS[name]
    with pytest.raises(DataError) as refused:
        tk.anonymity(SURVEY, **({"quasi": "region"} | changed))
    assert words in str(refused.value)
