"""Frames as tables."""

from __future__ import annotations

import math

import pandas as pd

import trustkit as tk
from trustkit.counted import printed_counts

ENDS = {"share": [0.5, math.nan], "ci_low": [0.45, math.nan], "ci_high": [0.55, math.nan], "n": [400, 3]}


def test_the_ends_of_an_interval_side_by_side_are_one_column():
    shares = ["share", "ci_low", "ci_high"]
    text = repr(tk.data_table(pd.DataFrame(ENDS), title="T", shares=shares))
    assert [line.split() for line in text.splitlines()[1:4]] == [
        ["share", "interval", "n"],
        ["50.0%", "45.0%", "to", "55.0%", "400"],
        ["-", "-", "3"],
    ]


def test_ends_that_are_apart_or_of_other_units_stay_two_columns():
    frame = pd.DataFrame(ENDS)
    apart = repr(tk.data_table(frame[["ci_low", "n", "ci_high"]], title="T"))
    units = repr(tk.data_table(frame, title="T", shares=["ci_low"]))
    assert "interval from" in apart
    assert "interval from" in units


def test_hidden_numbers_of_a_table_with_an_interval_are_where_it_shows_them():
    table = tk.data_table(pd.DataFrame(ENDS), title="T")
    (counted,) = printed_counts(table)
    assert counted.shown[1].cells == ((1, 0), (1, 1))
    assert counted.shown[1].base_cells == ((1, 2),)
    assert table._parts()[1].columns[2] == "n"


def test_small_differences_of_shares_have_as_many_digits_as_small_shares():
    frame = pd.DataFrame({"se": [0.00679, 0.00911], "gap": [0.105, -0.02]})
    assert repr(tk.data_table(frame, title="T", points=["se", "gap"])).split()[-4:] == [
        "0.679", "10.5", "0.911", "-2.0",
    ]  # fmt: skip
