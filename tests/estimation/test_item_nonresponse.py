"""Item nonresponse: the base is who was asked, and each reason is counted once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, TrustkitError
from trustkit.survey.variable import MissingRange

CODES = {1: "Yes", 2: "No"}
BOOK = tk.Codebook(
    {
        "sex": tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}),
        "area": tk.Variable("area", "Area", "single", codes={1: "North", 2: "South"}),
        "school": tk.Variable("school", "School", "id"),
        "w": tk.Variable("w", "Weight", "weight"),
        "trust": tk.Variable(
            "trust", "Do you trust brands?", "single", codes=CODES, set="brands",
            missing={8: "don't know", 9: "refused", 0: "not asked"}, missing_words={8: "Weiß nicht"},
        ),
        "again": tk.Variable(
            "again", "And now?", "single", codes=CODES, set="brands", asked={"trust": ("Yes",)}
        ),
        "age": tk.Variable(
            "age", "Age", "numeric", missing={-9: "refused", -1: "not asked"},
            missing_ranges=(MissingRange(990, 999, "don't know"),),
        ),
    },
    sets={"brands": "Trust in brands"},
)  # fmt: skip


def survey_of(rows=240):
    rng = np.random.default_rng(3)
    return tk.Survey(
        pd.DataFrame(
            {
                "sex": rng.choice([1, 2], rows),
                "area": np.repeat([1, 2], rows // 2),
                "school": np.repeat(np.arange(rows // 10), 10),
                "w": rng.uniform(0.5, 2.0, rows),
                "trust": rng.choice([1, 2, 8, 9, 0, np.nan], rows, p=[0.5, 0.2, 0.1, 0.08, 0.07, 0.05]),
                "again": rng.choice([1, 2, np.nan], rows),
                "age": rng.choice([30.0, 40.0, -9.0, -1.0, 998.0, np.nan], rows),
            }
        ),
        BOOK,
    )


SURVEY = survey_of()
DESIGN = tk.Design(SURVEY, weights="w", strata="area", psu="school")
RAW = SURVEY.data


def marked(hits, asked):
    """A design in which one column says by hand who gave no answer, among those asked."""
    column = pd.Series(np.where(hits, "missing", "answered"), index=RAW.index).where(asked)
    return tk.Design(RAW.assign(hit=pd.Categorical(column)), weights="w", strata="area", psu="school")


AGE_ASKED = RAW["age"] != -1
BY_HAND = {
    ("trust", "don't know"): (RAW["trust"] == "Weiß nicht", RAW["trust"] != "Not asked"),
    ("trust", "refused"): (RAW["trust"] == "Refused", RAW["trust"] != "Not asked"),
    ("trust", "skipped"): (RAW["trust"].isna(), RAW["trust"] != "Not asked"),
    ("trust", "any reason"): (~RAW["trust"].isin(["Yes", "No"]), RAW["trust"] != "Not asked"),
    ("again", "skipped"): (RAW["again"].isna(), RAW["trust"] == "Yes"),
    ("again", "any reason"): (RAW["again"].isna(), RAW["trust"] == "Yes"),
    ("age", "don't know"): (RAW["age"] == 998, AGE_ASKED),
    ("age", "refused"): (RAW["age"] == -9, AGE_ASKED),
    ("age", "skipped"): (RAW["age"].isna(), AGE_ASKED),
    ("age", "any reason"): (RAW["age"].isna() | RAW["age"].isin([998, -9]), AGE_ASKED),
}


def test_each_reason_is_the_share_of_those_asked_who_gave_it():
    missing = tk.item_nonresponse(DESIGN, ["trust", "again", "age"]).to_frame()
    assert list(zip(missing["variable"], missing["level"], strict=True)) == list(BY_HAND)
    for row, (hits, asked) in zip(missing.itertuples(), BY_HAND.values(), strict=True):
        expected = tk.proportion(marked(hits, asked), "hit", level="missing").to_frame().iloc[0]
        for name in ("estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff"):
            assert getattr(row, name) == pytest.approx(expected[name], rel=1e-12), name
        assert row.respondents == (hits & asked).sum()
        assert row.unweighted == (hits & asked).sum() / asked.sum()


def test_groups_and_conditions_are_domains_of_the_design():
    where = {"area": "North"}
    rates = tk.item_nonresponse(DESIGN, "trust", by="sex", where=where).rates
    hits, asked = BY_HAND["trust", "refused"]
    expected = tk.proportion(marked(hits, asked), "hit", level="missing", by="sex", where=where)
    rows = (rates.keys["level"] == "refused").to_numpy()
    assert rates.keys["sex"][rows].tolist() == expected.keys["sex"].tolist()
    np.testing.assert_allclose(rates.estimate[rows], expected.estimate, rtol=1e-12)
    np.testing.assert_allclose(rates.vcov[np.ix_(rows, rows)], expected.vcov, rtol=1e-12)
    assert "asked, where Area is North" in rates.base
    gap = tk.contrast(rates, {"Women, any reason": 1, "Men, any reason": -1})
    assert gap.estimate[0] == pytest.approx(rates.estimate[3] - rates.estimate[7])


def test_replicates_give_the_variance_where_the_design_has_them():
    rates = tk.item_nonresponse(tk.replicate(DESIGN, "JKn"), "trust").rates
    hits, asked = BY_HAND["trust", "any reason"]
    expected = tk.proportion(tk.replicate(marked(hits, asked), "JKn"), "hit", level="missing")
    assert rates.se[-1] == pytest.approx(expected.se[0], rel=1e-12)


def test_the_table_shows_both_shares_and_says_what_a_blank_is_taken_for():
    shown = str(tk.item_nonresponse(DESIGN, "brands"))
    assert "respondents" in shown
    assert "unweighted" in shown
    assert "n asked" in shown
    notes = tk.item_nonresponse(DESIGN, "brands").rates.notes
    told = [note for note in notes if "Blanks of" in note]
    assert len(told) == 1  # the other question says who was asked
    assert told[0].startswith('Blanks of "Do you trust brands?" count as skipped')


def test_a_value_outside_the_codebook_is_no_answer_and_named_as_such():
    data = pd.DataFrame({"trust": [1, 2, 7, 9]})
    missing = tk.item_nonresponse(tk.Design(tk.Survey(data, BOOK)), "trust").to_frame()
    stray = missing[missing["level"] == "not in the codebook"]
    assert stray["estimate"].tolist() == [0.25]
    assert missing["respondents"].tolist() == [0, 1, 1, 2]


def test_a_question_that_nobody_was_asked_is_refused_alone_and_a_row_without_number_among_others():
    data = pd.DataFrame({"trust": [2, 2], "again": [1, np.nan], "age": [30.0, np.nan]})
    design = tk.Design(tk.Survey(data, BOOK))
    with pytest.raises(DataError, match="nobody is in the base of again"):
        tk.item_nonresponse(design, "again")
    missing = tk.item_nonresponse(design, ["again", "age"])
    assert np.isnan(missing.rates.estimate[0])
    assert "nobody in the base was asked" in missing.rates.reasons[0]


def test_rows_in_an_engine_are_refused(tmp_path):
    RAW.drop(columns="school").to_parquet(tmp_path / "a.parquet")
    with pytest.raises(TrustkitError, match="memory"):
        tk.item_nonresponse(tk.Design(tmp_path / "a.parquet"), "trust")


def test_patterns_are_the_questions_left_unanswered_together_as_counted_by_hand():
    lost = pd.DataFrame({name: BY_HAND[name, "any reason"][0] for name in ("trust", "age")})
    asked = (RAW["trust"] != "Not asked") & AGE_ASKED
    shares = tk.proportion(tk.nonresponse_pattern(DESIGN, ["trust", "age"]), "nonresponse_pattern").to_frame()
    words = {(False, False): "answered all", (True, False): "without: Do you trust brands?"}
    words |= {(False, True): "without: Age", (True, True): "without: Do you trust brands?, Age"}
    for kind, label in words.items():
        own = (lost["trust"] == kind[0]) & (lost["age"] == kind[1]) & asked
        row = shares[shares["level"] == label].iloc[0]
        assert row["estimate"] == pytest.approx(RAW["w"][own].sum() / RAW["w"][asked].sum(), rel=1e-12)
        assert row["n"] == asked.sum()
    assert shares["level"].iloc[0] == "answered all"
    assert len(shares) == len(words)


def test_a_pattern_can_be_estimated_in_groups_and_goes_with_the_rates():
    placed = tk.nonresponse_pattern(DESIGN, "brands")
    asked = placed.data["nonresponse_pattern"].notna()
    assert asked.equals(RAW["trust"] == "Yes")
    rate = tk.item_nonresponse(DESIGN, "again", by="sex", where={"trust": "Yes"}).rates
    without = tk.proportion(placed, "nonresponse_pattern", by="sex", level="without: And now?")
    np.testing.assert_allclose(without.estimate, rate.estimate[1::2], rtol=1e-12)


def test_rare_patterns_count_together_where_there_are_many():
    random = np.random.default_rng(5)
    names = [f"q{place}" for place in range(8)]
    frame = pd.DataFrame(random.choice(["yes", "no"], (600, 8)), columns=names)
    frame = frame.mask(random.random((600, 8)) < 0.4)
    column = tk.nonresponse_pattern(tk.Design(frame), names).data["nonresponse_pattern"]
    assert len(column.cat.categories) == 31
    counts = frame.isna().astype(int).astype(str).agg("".join, axis=1).value_counts()
    kept = counts.drop("00000000").head(29).sum() + counts["00000000"]
    assert (column == "another pattern").sum() == 600 - kept


def test_one_question_and_a_taken_name_are_refused():
    with pytest.raises(DataError, match="several questions"):
        tk.nonresponse_pattern(DESIGN, "trust")
    placed = tk.nonresponse_pattern(DESIGN, ["trust", "age"])
    with pytest.raises(TrustkitError, match="nonresponse_pattern"):
        tk.nonresponse_pattern(placed, ["trust", "age"])
    never = tk.Design(tk.Survey(SURVEY.data.assign(age=-1.0), BOOK))
    with pytest.raises(DataError, match="nobody was asked all"):
        tk.nonresponse_pattern(never, ["trust", "age"])


@pytest.mark.parametrize("form", ["text", "category", "open question"])
def test_a_text_without_a_visible_character_is_no_answer_in_any_estimate(form):
    texts = pd.Series(["a", "b", "", " ", "\u00a0", None] * 10)
    data = pd.DataFrame({"brand": texts.astype("category") if form == "category" else texts})
    about = {"brand": tk.Variable("brand", "Which brand?", "text")} if form == "open question" else {}
    design = tk.Design(tk.Survey(data, tk.Codebook(about)))
    missing = tk.item_nonresponse(design, "brand").to_frame()
    assert missing[["level", "respondents"]].to_numpy().tolist() == [["skipped", 40], ["any reason", 40]]
    if form != "open question":
        assert tk.proportion(design, "brand").to_frame()["estimate"].tolist() == [0.5, 0.5]


def test_a_blank_that_the_codebook_gives_a_reason_has_this_reason():
    about = tk.Variable("brand", "Which brand?", "text", missing={" ": "refused"})
    design = tk.Design(tk.Survey(pd.DataFrame({"brand": ["a", " ", ""]}), tk.Codebook({"brand": about})))
    missing = tk.item_nonresponse(design, "brand").to_frame()
    assert missing["level"].tolist() == ["refused", "skipped", "any reason"]
    assert missing["respondents"].tolist() == [1, 1, 2]
