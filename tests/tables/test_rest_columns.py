"""Columns against the rest of their head: the difference from everybody else, on the design."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from reference_designs import FOLDER

import trustkit as tk
from trustkit.tables.marks import without_hidden

REFERENCE = FOLDER / "banner"
PSUS, PEOPLE = 60, 20
BRANDS = ("one", "two", "six")


@pytest.fixture(scope="module")
def frame():
    rng = np.random.default_rng(3)
    n = PSUS * PEOPLE
    psu = np.repeat(np.arange(PSUS), PEOPLE)
    effect = rng.normal(0, 0.5, PSUS)[psu]
    data = pd.DataFrame(
        {
            "psu": psu,
            "stratum": psu // 15,
            "w": rng.gamma(4, 0.25, n),
            "area": rng.choice(list("abcd"), n, p=[0.4, 0.3, 0.2, 0.1]),
            "sex": rng.choice(["m", "f"], n),
            "trust": np.where(rng.random(n) < 1 / (1 + np.exp(-effect)), "yes", "no"),
            "score": rng.normal(5, 2, n) + effect,
        }
    )
    for brand in BRANDS:
        data[brand] = np.where(rng.random(n) < 0.4, "yes", "no")
    return data.assign(area=data["area"].where(data.index > 30))


DESIGNS = {
    "clustered": {"weights": "w", "strata": "stratum", "psu": "psu"},
    "rows": {"weights": "w", "strata": "stratum"},
}
REST = tk.Letters(against="rest", adjust="none")


@pytest.mark.parametrize("name", [*DESIGNS, "replicates"])
def test_a_column_against_the_rest_is_the_difference_from_everybody_else(frame, name):
    design = tk.Design(frame, **DESIGNS["clustered" if name == "replicates" else name])
    design = tk.replicate(design, "JKn") if name == "replicates" else design
    book = tk.banner(design, ["trust", "score"], ["area", ("sex", "area")], letters=REST)
    for question, row, level in (("trust", "yes", "yes"), ("score", "mean", None)):
        tests = book[question].tests
        tests = tests[tests["row"] == row]
        for head, where in (("area", None), ("sex / area", {"sex": "f"})):
            own = tk.difference_from_rest(design, question, by="area", level=level, where=where)
            found = tests[tests["head"] == head].head(len(own.estimate))
            np.testing.assert_allclose(found["difference"], own.estimate, rtol=1e-9)
            np.testing.assert_allclose(found["se"], own.se, rtol=1e-8)
            np.testing.assert_allclose(found["df"].astype(float), own.df)
            assert set(found["second"]) == {"the rest"}


def test_where_columns_share_respondents_the_rest_is_whoever_is_in_another_column_only(frame):
    design = tk.Design(frame, **DESIGNS["clustered"])
    head = {brand: {brand: "yes"} for brand in BRANDS}
    tests = tk.banner(design, ["trust"], [head], letters=REST)["trust"].tests.query("row == 'yes'")
    for place, brand in enumerate(BRANDS):
        others = np.logical_or.reduce([frame[other] == "yes" for other in BRANDS if other != brand])
        group = np.where(frame[brand] == "yes", "in", np.where(others, "rest", None))
        own = tk.Design(frame.assign(group=group), **DESIGNS["clustered"])
        shares = tk.proportion(own, "trust", level="yes", by="group")
        expected = tk.contrast(shares, {"in": 1, "rest": -1})
        assert tests["difference"].iloc[place] == pytest.approx(expected.estimate[0], rel=1e-9)
        assert tests["se"].iloc[place] == pytest.approx(expected.se[0], rel=1e-9)
        assert tests["df"].iloc[place] == expected.df[0]


@pytest.mark.parametrize(
    ("question", "row", "name"), [("trust", "yes", "rest_share"), ("score", "mean", "rest_mean")]
)
def test_columns_that_share_respondents_differ_from_the_rest_as_in_r(question, row, name):
    expected = json.loads((REFERENCE / "output.json").read_text(encoding="utf-8"))[name]
    data = pd.read_csv(REFERENCE / "data.csv").assign(trust=lambda d: d["trust"].map({1: "yes", 0: "no"}))
    head = {brand: {brand: 1} for brand in expected["pairs"]}
    design = tk.Design(data, weights="w", strata="stratum", psu="psu")
    tests = tk.banner(design, [question], [head], letters=REST)[question].tests
    own = tests[tests["row"] == row]
    np.testing.assert_allclose(own["difference"], expected["difference"], rtol=1e-10)
    np.testing.assert_allclose(own["se"], expected["se"], rtol=1e-10)


def test_arrows_point_up_and_down_and_are_bracketed_at_the_second_coverage():
    trust = ["y"] * 90 + ["n"] * 10 + ["y"] * 50 + ["n"] * 50 + ["y"] * 40 + ["n"] * 60
    design = tk.Design(pd.DataFrame({"trust": trust, "area": list("a" * 100 + "b" * 100 + "c" * 100)}))
    book = tk.banner(design, ["trust"], ["area"], letters=tk.Letters(against="rest"))
    cells = book.to_frame().query("row == 'y' and head != ''")
    assert cells["higher"].tolist() == ["↑", "↓", "↓"]
    assert "Arrows: higher (↑) or lower (↓) than everybody else" in str(book["trust"])
    wide = tk.banner(design, ["trust"], ["area"], letters=tk.Letters(against="rest", conf=(0.9999, 0.95)))
    cells = wide.to_frame().query("row == 'y' and head != ''")
    assert cells["higher_at_second"].tolist() == ["", "(↓)", ""]


def test_two_columns_are_each_other_s_rest_and_count_as_one_comparison():
    trust = ["y"] * 60 + ["n"] * 40 + ["y"] * 46 + ["n"] * 54
    design = tk.Design(pd.DataFrame({"trust": trust, "sex": ["m"] * 100 + ["f"] * 100}))
    pairs = tk.banner(design, ["trust"], ["sex"])["trust"].tests
    rest = tk.banner(design, ["trust"], ["sex"], letters=tk.Letters(against="rest"))["trust"].tests
    row = rest[rest["row"] == "y"]
    expected = pairs.query("row == 'y'")["p_adjusted"].item()
    assert row["p_adjusted"].tolist() == pytest.approx([expected, expected])


def test_an_arrow_is_hidden_where_a_number_of_its_row_is():
    trust = ["y"] * 95 + ["n"] * 5 + ["y"] * 50 + ["n"] * 50 + ["y"] * 20 + ["n"] * 80
    design = tk.Design(pd.DataFrame({"trust": trust, "area": list("a" * 100 + "b" * 100 + "c" * 100)}))
    book = tk.banner(design, ["trust"], ["area"], letters=tk.Letters(against="rest"))
    assert "↑" in str(book)
    shown = tk.protect(book).tables[0]
    hidden_rows = [row for row in shown.table.to_numpy().tolist() if "[c]" in row]
    assert hidden_rows
    assert not any(arrow in cell for row in hidden_rows for cell in row for arrow in "↑↓")
    assert without_hidden("40.0% (↓)", (0, 2), {(0, 1)}, {0: {"A"}}) == "40.0%"
