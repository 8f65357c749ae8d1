"""One covariance for influences: the same as that of sums, in every kind of design."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, DesignError

RNG = np.random.default_rng(11)


def schools():
    """Return homes of 12 towns in 3 regions, one of which has a single town, with all that designs need."""
    frame = pd.DataFrame(
        [(town, home, person) for town in range(12) for home in range(4) for person in range(3)],
        columns=["town", "home", "person"],
    )
    frame["region"] = np.select([frame["town"] < 5, frame["town"] < 11], ["north", "south"], "island")
    frame["area"] = np.where(frame["town"] < 5, "inland", "coast")
    frame["towns"] = np.where(frame["area"] == "inland", 20.0, 30.0)
    frame["homes"], frame["people"], frame["rows"] = 9.0, 5.0, 400.0
    frame["w"] = RNG.uniform(1, 3, len(frame)).round(3)
    frame["trust"] = frame["town"] / 3 + RNG.normal(size=len(frame)).round(3)
    frame["sex"] = RNG.choice(["f", "m"], len(frame))
    frame.loc[frame["town"] == 1, "sex"] = "f"
    return frame


FRAME = schools()
STAGES = [
    tk.Stage("town", strata="area", fpc="towns"),
    tk.Stage("home", fpc="homes"),
    tk.Stage(fpc="people"),
]
DESIGNS = {
    "rows": tk.Design(FRAME, weights="w"),
    "strata of rows with fpc": tk.Design(FRAME, weights="w", strata="area", fpc="rows"),
    "PSUs": tk.Design(FRAME, weights="w", strata="area", psu="town"),
    "PSUs with fpc": tk.Design(FRAME, weights="w", strata="area", psu="town", fpc="towns"),
    "three stages": tk.Design(FRAME, weights="w", psu=STAGES),
    "two stages": tk.Design(FRAME, weights="w", psu=STAGES[:2]),
    "a lonely PSU, adjusted": tk.Design(FRAME, strata="region", psu="town", lonely_psu="adjust"),
    "a lonely PSU, averaged": tk.Design(FRAME, strata="region", psu="town", lonely_psu="average"),
    "lonely PSUs of domains": tk.Design(
        FRAME, strata="region", psu="town", lonely_psu="adjust", domain_lonely="apply"
    ),
    "raked PSUs": tk.rake(
        tk.Design(FRAME, weights="w", strata="area", psu="town"),
        {"sex": {"f": 0.5, "m": 0.5}, "area": {"inland": 0.4, "coast": 0.6}},
    ),
    "raked rows": tk.rake(tk.Design(FRAME, weights="w"), {"sex": {"f": 0.5, "m": 0.5}}),
    "raked stages": tk.rake(tk.Design(FRAME, weights="w", psu=STAGES), {"sex": {"f": 0.5, "m": 0.5}}),
}


def influences_of_means(design):
    """Return the influences of the means of men and women, and the function that estimates them."""
    trust = design.data["trust"].to_numpy()
    groups = np.array([design.data["sex"] == sex for sex in ("f", "m")]).T

    def means(weights):
        return (weights * trust) @ groups / (weights @ groups)

    return (trust[:, None] - means(design.weights)) * groups / (design.weights @ groups), means


@pytest.mark.parametrize("name", DESIGNS)
def test_influences_of_means_have_the_covariance_of_means(name):
    design = DESIGNS[name]
    values, _ = influences_of_means(design)
    np.testing.assert_allclose(
        design.covariance_of(values), tk.mean(design, "trust", by="sex").vcov, rtol=1e-10, atol=1e-14
    )


@pytest.mark.parametrize("name", DESIGNS)
def test_rows_outside_the_domain_add_nothing(name):
    design = DESIGNS[name]
    inside = (design.data["sex"] == "m").to_numpy()
    values, _ = influences_of_means(design)
    values = np.where(inside[:, None], values, np.nan)[:, [1]]
    expected = tk.mean(design, "trust", where={"sex": "m"}).vcov
    np.testing.assert_allclose(design.covariance_of(values, inside=inside), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("policy", [("average", "ignore"), ("adjust", "apply"), ("average", "apply")])
def test_each_estimate_has_the_lonely_psus_of_its_own_domain(policy):
    lonely = FRAME.drop_duplicates("town").groupby("region").size() == 1
    frame = FRAME[~FRAME["region"].map(lonely) | (FRAME["sex"] == "f")]
    design = tk.Design(frame, strata="region", psu="town", lonely_psu=policy[0], domain_lonely=policy[1])
    inside = np.array([frame["sex"] == sex for sex in ("f", "m")]).T
    values, _ = influences_of_means(design)
    values = np.where(inside, values, np.nan)
    expected = tk.mean(design, "trust", by="sex").vcov
    np.testing.assert_allclose(design.covariance_of(values, inside=inside), expected, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("kind", ["JKn", "bootstrap", "SDR"])
def test_replicates_estimate_again_with_their_own_weights(kind):
    design = tk.replicate(DESIGNS["PSUs with fpc"], kind, count=30)
    values, means = influences_of_means(design)
    expected = tk.mean(design, "trust", by="sex").vcov
    np.testing.assert_allclose(design.covariance_of(values, refit=means), expected, rtol=1e-10)


def test_replicates_without_a_function_are_refused():
    design = tk.replicate(DESIGNS["PSUs"], "JKn")
    with pytest.raises(DesignError, match="estimates again"):
        design.covariance_of(np.ones(len(FRAME)))


def test_an_error_of_a_replicate_names_its_number():
    design = tk.replicate(DESIGNS["PSUs"], "JKn")

    def refit(weights):
        if weights[0] == 0:
            raise DataError("no town 0", where="the model")
        return np.array([1.0])

    with pytest.raises(DataError) as caught:
        design.covariance_of(np.ones(len(FRAME)), refit=refit)
    number = 1 + design.first_stage.groups[0]  # JKn leaves out one PSU after the other
    assert caught.value.where == f"the model, replicate {number}"


def test_wrong_shapes_and_missing_influences_are_refused():
    design = DESIGNS["PSUs"]
    with pytest.raises(DesignError, match="one line of influences"):
        design.covariance_of(np.ones(3))
    with pytest.raises(DesignError, match="one line of influences"):
        design.covariance_of(np.ones(len(FRAME)), inside=np.ones(3, dtype=bool))
    with pytest.raises(DesignError, match="influences of 144 rows are missing"):
        design.covariance_of(np.full(len(FRAME), np.nan))
