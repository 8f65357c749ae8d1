"""The rows of a banner: nets and statistics of the codebook, sorting, and what a question says for itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

PEOPLE = 600
STEPS = {1: "Low", 2: "Mid", 3: "High"}
BRANDS = ["Other", "Acme", "Best", "None of these"]


@pytest.fixture(scope="module")
def design():
    rng = np.random.default_rng(7)
    data = pd.DataFrame(
        {
            "recommend": rng.integers(0, 11, PEOPLE),
            "trust": rng.choice([1, 2, 3], PEOPLE),
            "banks": rng.choice([1, 2, 3], PEOPLE),
            "shops": rng.choice([1, 2, 3], PEOPLE),
            "brand": rng.choice([1, 2, 3, 4], PEOPLE, p=[0.5, 0.1, 0.25, 0.15]),
            "used": rng.choice(["TV;Web", "Other", "Web", "Other;Web", "None"], PEOPLE),
            "sex": rng.choice([1, 2, 9], PEOPLE, p=[0.45, 0.45, 0.1]),
            "w": rng.gamma(4, 0.25, PEOPLE),
        }
    )
    scale = {code: str(code) for code in range(11)}
    channels = {"TV": "TV", "Web": "Web", "Other": "Other", "None": "None of these"}
    about = [
        tk.Variable(
            "recommend", "Recommend?", "ordinal", codes=scale, statistic="nps", nets={"9-10": ("9", "10")}
        ),
        tk.Variable("trust", "Trust?", "ordinal", codes=STEPS, statistic="none"),
        tk.Variable("banks", "Trust in banks?", "ordinal", codes=STEPS, set="firms"),
        tk.Variable("shops", "Trust in shops?", "ordinal", codes=STEPS, set="firms"),
        tk.Variable(
            "brand", "Brand?", "single", codes=dict(enumerate(BRANDS, 1)), nets={"Any": ("Acme", "Best")},
            last=("Other", "None of these"),
        ),
        tk.Variable(
            "used", "Which channels?", "multiple", codes=channels, split=";", exclusive=("None of these",),
            nets={"Screen": ("TV", "Web")}, last=("Other",),
        ),
        tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}, missing={9: "refused"}),
        tk.Variable("w", "Weight", "weight"),
    ]  # fmt: skip
    nets = {"firms": {"Trusting": ("Mid", "High")}}
    book = tk.Codebook({one.name: one for one in about}, sets={"firms": "Firms"}, nets=nets)
    return tk.Design(tk.Survey(data, book), weights="w")


def rows(table):
    return list(dict.fromkeys(zip(table.frame["row"], table.frame["kind"], strict=True)))


def test_a_net_promoter_score_of_the_codebook_is_a_row_that_equals_nps(design):
    table = tk.banner(design, ["recommend"], ["sex"])["recommend"]
    assert rows(table)[-2:] == [("9-10", "net"), ("Net Promoter Score", "nps")]
    for head, by in (("", None), ("Sex", "sex")):
        own = tk.nps(design, "recommend", by=by)
        cells = table.frame[(table.frame["kind"] == "nps") & (table.frame["head"] == head)]
        for name in ("estimate", "se", "ci_low", "ci_high", "n", "df", "n_eff"):
            np.testing.assert_allclose(cells[name], getattr(own, name), rtol=1e-12)
    p = tk.pairwise(own, adjust="holm").table["p_value"]
    tests = table.tests[table.tests["row"] == "Net Promoter Score"]
    np.testing.assert_allclose(tests["p_value"].astype(float), p, rtol=1e-10)
    line = next(line for line in str(table).splitlines() if line.startswith("Net Promoter Score"))
    assert f"{100 * tk.nps(design, 'recommend').estimate[0]:.1f}" in line.split()


def test_the_codebook_gives_nets_and_statistics_and_a_question_replaces_them(design):
    book = tk.banner(design, ["trust", "firms", tk.Question("recommend", nets={}, statistic="mean")], ["sex"])
    assert rows(book["trust"]) == [(label, "answer") for label in STEPS.values()]
    assert rows(book["banks"])[-2:] == [("Trusting", "net"), ("mean", "mean")]
    assert [kind for _, kind in rows(book["recommend"])] == [*["answer"] * 11, "mean"]
    with pytest.raises(DataError, match="a Net Promoter Score needs answers from 0 to 10"):
        tk.banner(design, [tk.Question("trust", statistic="nps")], ["sex"])


def test_nets_of_a_column_with_joined_answers_count_whoever_gave_any_of_them(design):
    table = tk.banner(design, ["used"], ["sex"])["used"]
    assert rows(table)[-1] == ("Screen", "net")
    either = (design.data["used_tv"] == "Selected") | (design.data["used_web"] == "Selected")
    cell = table.frame[(table.frame["row"] == "Screen") & (table.frame["head"] == "")]
    assert cell["estimate"].item() == pytest.approx(design.weights[either].sum() / design.weights.sum())


def test_sorted_tables_begin_with_nets_and_end_with_the_answers_that_stay_last(design):
    book = tk.banner(design, ["brand", "used", "trust"], ["sex"], sort="total")
    assert [row for row, _ in rows(book["brand"])] == ["Any", "Best", "Acme", "Other", "None of these"]
    assert [row for row, _ in rows(book["used"])] == ["Screen", "Web", "TV", "Other", "None of these"]
    assert [row for row, _ in rows(book["trust"])] == list(STEPS.values())
    own = tk.banner(design, [tk.Question("brand", sort="total"), "used"], ["sex"])
    assert rows(own["brand"]) == rows(book["brand"])
    assert [row for row, _ in rows(own["used"])][:3] == ["TV", "Web", "Other"]


def test_a_question_has_a_condition_and_a_base_of_its_own(design):
    asked = tk.Question("trust", where={"brand": "Best"}, title="Buyers of Best")
    table = tk.banner(design, [asked, "banks"], ["sex"], where={"trust": ["Mid", "High"]})
    own = tk.proportion(design, "trust", by="sex", where={"brand": "Best", "trust": ["Mid", "High"]})
    cells = table["trust"].frame.query("head == 'Sex'").sort_values("column")
    np.testing.assert_allclose(np.sort(cells["estimate"]), np.sort(own.estimate), rtol=1e-12)
    assert table["trust"].title == "Buyers of Best"
    assert "Best" in table["trust"].notes[0]
    assert table["banks"].frame["n"].max() == int(design.data["trust"].isin(["Mid", "High"]).sum())
    heads = [{"all": {"trust": list(STEPS.values())}, "low": {"trust": "Low"}}]
    refused = tk.banner(design, [tk.Question("sex", base="asked"), "trust"], heads)
    assert "Refused" in [row for row, _ in rows(refused["sex"])]


def test_a_question_may_stand_twice_for_different_respondents(design):
    buyers = tk.Question("trust", where={"brand": "Best"}, title="Buyers")
    book = tk.banner(design, ["trust", buyers], ["sex"])
    assert list(book.tables) == ["trust", "trust 2"]
    assert book["trust"].frame["n"].max() > book["trust 2"].frame["n"].max()
    assert list(book.to_frame()["question"].unique()) == ["trust", "trust 2"]


def test_columns_that_a_question_s_condition_empties_have_no_numbers(design):
    women = tk.Question("trust", where={"sex": "Women"})
    table = tk.banner(design, [women], ["sex"])["trust"]
    men = table.frame[table.frame["column"] == "Men"]
    assert men["n"].tolist() == [0, 0, 0]
    assert men["estimate"].isna().all()
    assert "nan" not in str(table)
    assert not table.tests["p_value"].notna().any()


def test_a_net_promoter_score_is_refused_for_numbers(design):
    with pytest.raises(DataError, match="no labelled answers"):
        tk.banner(design, [tk.Question("w", statistic="nps")], ["sex"])


def test_without_heads_a_banner_is_a_topline_of_everybody(design):
    table = tk.banner(design, ["brand", "recommend"])["brand"]
    assert table.frame["column"].unique().tolist() == ["Total"]
    assert len(table.tests) == 0
    own = tk.proportion(design, "brand")
    answers = table.frame[table.frame["kind"] == "answer"]
    np.testing.assert_allclose(answers["estimate"], own.estimate, rtol=1e-12)
    assert not any("Letters" in note or "Columns" in note for note in table.notes)
    assert tk.protect(tk.banner(design, ["brand"])).tables[0].table.columns.tolist() == ["answer", "Total"]
