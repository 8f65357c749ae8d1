"""Cross tables: shares of columns, rows and all, with the test of association."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from reference_designs import FOLDER

import trustkit as tk
from trustkit.errors import DataError

SCHOOLS = pd.read_csv(FOLDER / "apiclus1" / "data.csv")
DESIGN = tk.Design(SCHOOLS, weights="pw", psu="dnum", fpc="fpc")


def joined(design_data):
    """The two answers as one, so that its shares are those of the total."""
    both = design_data["sch.wide"].astype(str) + " x " + design_data["stype"].astype(str)
    return tk.Design(design_data.assign(both=both), weights="pw", psu="dnum", fpc="fpc")


def test_shares_of_the_total_are_those_of_the_two_answers_as_one():
    table = tk.crosstab(DESIGN, "sch.wide", "stype", percent="total")
    own = table.to_frame()
    expected = tk.proportion(joined(SCHOOLS), "both")
    shares = dict(zip(expected.keys["level"], range(len(expected.n)), strict=True))
    order = [shares[f"{row} x {column}"] for row, column in own[["row", "column"]].to_numpy()]
    np.testing.assert_allclose(own["estimate"], expected.estimate[order], rtol=1e-12)
    np.testing.assert_allclose(table.shares.vcov, expected.vcov[np.ix_(order, order)], rtol=1e-9, atol=1e-18)
    np.testing.assert_allclose(own["ci_low"], expected.ci_low[order], rtol=1e-10)
    assert own["estimate"].sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("percent", "asked", "by"), [("column", "sch.wide", "stype"), ("row", "stype", "sch.wide")]
)
def test_shares_of_columns_and_rows_are_those_of_proportion(percent, asked, by):
    table = tk.crosstab(DESIGN, "sch.wide", "stype", percent=percent)
    expected = tk.proportion(DESIGN, asked, by=by)
    np.testing.assert_array_equal(table.shares.estimate, expected.estimate)
    own = table.to_frame()
    within = own.groupby(percent)["estimate"].sum()
    np.testing.assert_allclose(within, 1)


def test_the_test_is_that_of_rao_and_scott_in_the_same_rows():
    where = {"stype": ["E", "H"]}
    table = tk.crosstab(DESIGN, "sch.wide", "stype", where=where)
    assert table.test.p_value == tk.chisq_test(DESIGN, "sch.wide", "stype", where=where).p_value
    assert f"{table.test.p_value:.3f}" in str(table)


def test_the_table_shows_what_a_share_is_of_and_how_many_are_counted():
    shown = {
        name: str(tk.crosstab(DESIGN, "sch.wide", "stype", percent=name))
        for name in ("column", "row", "total")
    }
    lines = shown["column"].splitlines()
    assert lines[0] == "sch.wide by stype"
    assert lines[1].split() == ["answer", "E", "H", "M"]
    assert lines[4].split() == ["n", "144", "14", "25"]
    assert "Shares are of the respondents of each column." in shown["column"]
    assert shown["row"].splitlines()[1].split() == ["answer", "E", "H", "M", "n"]
    assert "n = 183." in shown["total"]


def test_the_same_question_twice_and_unknown_questions_are_refused():
    with pytest.raises(DataError, match="crosses two questions"):
        tk.crosstab(DESIGN, "stype", "stype")
    with pytest.raises(DataError, match="no variable 'stipe'"):
        tk.crosstab(DESIGN, "sch.wide", "stipe")
    with pytest.raises(DataError, match="'percent' can't be used"):
        tk.crosstab(DESIGN, "sch.wide", "stype", percent="cell")
