"""Waves linked by person: who is a PSU, and what is refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from waves import two_waves

import trustkit as tk
from trustkit.errors import DataError, DesignError

ROWS = pd.DataFrame(
    {
        "id": [1, 2, 3, 1, 2, 4],
        "year": ["2019"] * 3 + ["2021"] * 3,
        "y": [5.0, 3.0, 2.0, 6.0, 4.0, 2.0],
        "area": ["a", "a", "b", "a", "a", "b"],
        "town": ["t", "t", "u", "t", "t", "u"],
        "n": 100,
    }
)
LINK = {"wave": "year", "person": "id"}


def test_persons_are_the_psus_of_a_design_without_psus():
    linked = tk.link_waves(tk.Design(ROWS, strata="area"), **LINK)
    assert linked.first_stage.clustered
    assert linked.first_stage.sizes.tolist() == [2, 2]
    assert linked.df == 2.0


def test_a_linked_design_is_the_one_with_persons_as_psus():
    frame = two_waves()
    linked = tk.link_waves(tk.Design(frame, strata="stype", weights="pw"), wave="wave", person="id")
    given = tk.Design(frame, strata="stype", weights="pw", psu="id")
    ours, theirs = (tk.mean(design, "score", by="wave") for design in (linked, given))
    np.testing.assert_allclose(ours.vcov, theirs.vcov, rtol=1e-12)
    assert ours.df.tolist() == theirs.df.tolist()


def test_psus_that_hold_the_persons_stay():
    design = tk.Design(ROWS, psu="town")
    assert tk.link_waves(design, **LINK) is design


def test_zero_weights_of_a_person_give_no_degree_of_freedom():
    frame = ROWS.assign(w=[1, 1, 1, 1, 1, 0])
    assert tk.link_waves(tk.Design(frame, weights="w"), **LINK).df == 2.0


REFUSED = {
    "a person in two strata": (
        lambda: tk.Design(ROWS.assign(area=list("aabbab")), strata="area"),
        "1 persons are in more than one of the strata",
    ),
    "a person in two PSUs": (
        lambda: tk.Design(ROWS.assign(town=list("tuvuuw")), psu="town"),
        "1 persons are in more than one of the PSUs",
    ),
    "an fpc of rows": (lambda: tk.Design(ROWS, fpc="n"), "the fpc counts rows"),
    "a missing person": (lambda: tk.Design(ROWS.assign(id=[1, 2, None, 1, 2, 4])), "no value"),
    "a person twice in a wave": (
        lambda: tk.Design(ROWS.assign(id=[1, 1, 3, 1, 2, 4])),
        "1 rows repeat a person in the same wave",
    ),
    "one person in a stratum": (
        lambda: tk.Design(ROWS.assign(id=[1, 2, 3, 1, 2, 3]), strata="area"),
        "1 strata have one person",
    ),
    "rows as the last stage": (
        lambda: tk.Design(
            ROWS.assign(towns=9, people=90), psu=[tk.Stage("town", fpc="towns"), tk.Stage(fpc="people")]
        ),
        "add the persons as the last stage",
    ),
    "replicates of the waves apart": (
        lambda: tk.replicate(tk.Design(ROWS), "JK1"),
        "unrelated between waves",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_designs_that_can_not_be_linked_are_refused(case):
    make, words = REFUSED[case]
    with pytest.raises(DesignError, match=words):
        tk.link_waves(make(), **LINK)


def test_an_unknown_column_is_refused_with_the_nearest_name():
    with pytest.raises(DesignError, match="did you mean 'id'"):
        tk.link_waves(tk.Design(ROWS), wave="year", person="idd")
    with pytest.raises(DataError, match="labelled answers"):
        tk.link_waves(tk.Design(ROWS), wave="y", person="id")


def test_replicates_of_linked_waves_are_taken():
    linked = tk.link_waves(tk.Design(ROWS), **LINK)
    design = tk.replicate(linked, "JK1")
    assert tk.link_waves(design, **LINK) is design


def test_messages_name_rows_and_no_persons():
    with pytest.raises(DesignError) as refused:
        tk.link_waves(tk.Design(ROWS.assign(id=["kim", "kim", "lee", "kim", "jo", "al"])), **LINK)
    assert "kim" not in str(refused.value)


def test_rows_in_an_engine_are_refused_in_words(tmp_path):
    ROWS.to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(DesignError, match="memory"):
        tk.link_waves(tk.Design(str(tmp_path / "rows.parquet")), **LINK)
