"""The figure of weighting carries its numbers, its cost and what a reader must know."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError


@pytest.fixture
def frame():
    return pd.DataFrame({"sex": list("mfff") * 5, "area": list("xxxxyyyyxxxxyyyyxxxx"), "age": range(20, 40)})


def test_each_level_stands_with_its_shares_before_and_after_and_its_target(frame):
    raked = tk.rake(tk.Design(frame), {"sex": {"m": 0.5, "f": 0.5}, "area": {"x": 0.5, "y": 0.5}})
    figure = tk.weight_shift(tk.weight_summary(raked), title="Margins")
    assert figure.table["level"].tolist() == ["m", "f", "x", "y"]
    assert figure.table["before"].tolist()[:2] == ["25.0%", "75.0%"]
    assert figure.table["after"].tolist()[:2] == ["50.0%", "50.0%"]
    assert figure.png().startswith(b"\x89PNG")
    assert "Kish design effect" in figure.caption


def test_the_domains_of_a_nested_scheme_name_the_rows(frame):
    nested = {area: {"sex": {"m": 0.5, "f": 0.5}} for area in "xy"}
    data = frame.assign(area=["x"] * 10 + ["y"] * 10)
    figure = tk.weight_shift(tk.weight_summary(tk.rake(tk.Design(data), nested, by="area")), title="Nested")
    assert list(figure.table.columns[:3]) == ["area", "variable", "level"]
    assert len(figure.table) == 4


def test_means_are_no_shares_and_weights_without_targets_have_none(frame):
    both = tk.calibrate(tk.Design(frame), {"sex": {"m": 8, "f": 12}, "age": {"mean": 30}})
    assert tk.weight_shift(tk.weight_summary(both), title="Both").table["level"].tolist() == ["m", "f"]
    with pytest.raises(DataError, match=r"no margin of shares(.|\n)*rake"):
        tk.weight_shift(tk.weight_summary(tk.Design(frame)), title="None")
