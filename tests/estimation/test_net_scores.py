"""Net scores and top boxes, held to R and to a variable that is made by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

FOLDER = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((FOLDER / "trust_measures" / "measures.json").read_text(encoding="utf-8"))
SCHOOLS = pd.read_csv(FOLDER / "apistrat" / "data.csv")
SCORE = tk.Variable("score", "Recommend?", "ordinal", codes={score: str(score) for score in range(11)})
TRUST = tk.Variable(
    "trust", "Trust?", "ordinal", codes={1: "low", 2: "middle", 3: "high"}, missing={9: "don't know"}
)


def schools():
    band = np.select([SCHOOLS["api00"] >= 750, SCHOOLS["api00"] < 600], ["high", "low"], "middle")
    return tk.Design(SCHOOLS.assign(band=pd.Categorical(band)), weights="pw", strata="stype", fpc="fpc")


def survey():
    frame = pd.DataFrame(
        {"trust": [3, 3, 2, 1, 9, 3, 1, 2], "other": [1, 1, 2, 3, 2, 2, 9, 1], "w": [1.0, 2] * 4}
    )
    trust, other = replace(TRUST, set="battery"), replace(TRUST, name="other", set="battery")
    weight = tk.Variable("w", "Weight", "weight")
    book = tk.Codebook({"trust": trust, "other": other, "w": weight}, sets={"battery": "B"})
    return tk.Survey(frame, book)


SURVEY = survey()


def design():
    return tk.Design(SURVEY, weights="w")


def test_a_net_score_is_that_of_r():
    found = tk.net(schools(), "band", plus=["high"], minus=["low"])
    assert found.estimate[0] == pytest.approx(REFERENCE["net"]["estimate"], rel=1e-10)
    assert found.se[0] == pytest.approx(REFERENCE["net"]["se"], rel=1e-10)


def test_net_scores_by_group_are_those_of_r():
    found = tk.net(schools(), "band", plus=["high"], minus=["low"], by="stype")
    assert found.keys["stype"].tolist() == REFERENCE["by"]["stype"]
    assert found.estimate == pytest.approx(REFERENCE["by"]["estimate"], abs=1e-12)
    assert found.se == pytest.approx(REFERENCE["by"]["se"], rel=1e-10)


def test_a_net_score_is_the_mean_of_plus_one_zero_and_minus_one():
    made = schools()
    frame = made.data.assign(
        number=made.data["band"].map({"high": 1.0, "middle": 0.0, "low": -1.0}).astype(float)
    )
    by_hand = tk.mean(tk.Design(frame, weights="pw", strata="stype", fpc="fpc"), "number")
    found = tk.net(made, "band", plus=["high"], minus=["low"])
    for name in ("estimate", "se", "ci_low", "ci_high", "df", "n_eff"):
        assert getattr(found, name) == pytest.approx(getattr(by_hand, name)), name


def test_dont_know_counts_in_the_base_if_everyone_asked_is_counted():
    valid = tk.net(design(), "trust", plus=["high"], minus=["low"])
    asked = tk.net(design(), "trust", plus=["high"], minus=["low"], base="asked")
    assert valid.estimate[0] == pytest.approx((5 - 3) / 11)
    assert asked.estimate[0] == pytest.approx((5 - 3) / 12)
    assert asked.n[0] == 8


def test_an_interval_is_cut_at_the_ends_of_the_scale_and_says_so():
    frame = pd.DataFrame({"trust": ["high"] * 9 + ["low"]})
    found = tk.net(tk.Design(frame), "trust", plus=["high"], minus=["low"])
    assert found.ci_high[0] == 1
    assert any("cut there" in note for note in found.notes)


def test_a_net_score_is_shown_in_points():
    assert "18.2" in repr(tk.net(design(), "trust", plus=["high"], minus=["low"]))


def test_nps_is_promoters_less_detractors():
    frame = pd.DataFrame({"score": [10, 9, 9, 8, 7, 6, 0, 10]})
    found = tk.nps(tk.Design(tk.Survey(frame, tk.Codebook({"score": SCORE}))), "score")
    assert found.estimate[0] == pytest.approx((4 - 2) / 8)


def test_nps_of_a_number_says_how_to_label_its_answers():
    number = tk.Variable("score", "Recommend?", "numeric", low=0, high=10)
    survey = tk.Survey(pd.DataFrame({"score": [10, 9, 3]}), tk.Codebook({"score": number}))
    with pytest.raises(DataError, match="needs labelled answers from 0 to 10") as caught:
        tk.nps(tk.Design(survey), "score")
    assert "as ordinal, with codes" in caught.value.do


def test_nps_on_another_scale_is_refused():
    with pytest.raises(DataError, match="needs answers from 0 to 10"):
        tk.nps(design(), "trust")
    ten = tk.Variable("score", "Recommend?", "ordinal", codes={score: str(score) for score in range(1, 11)})
    survey = tk.Survey(pd.DataFrame({"score": [1, 10]}), tk.Codebook({"score": ten}))
    with pytest.raises(DataError, match="needs answers from 0 to 10"):
        tk.nps(tk.Design(survey), "score")


def test_top_boxes_are_the_share_of_a_merged_answer():
    labels = {"top": ["middle", "high"], "low": "low"}
    survey = tk.collapse(SURVEY, variable="trust", into="merged", labels=labels)
    by_hand = tk.proportion(tk.Design(survey, weights="w"), "merged", level="top")
    for boxes in (2, ["middle", "high"]):
        found = tk.top_box(design(), "trust", boxes=boxes)
        for name in ("estimate", "se", "ci_low", "ci_high", "n_eff"):
            assert getattr(found, name) == pytest.approx(getattr(by_hand, name)), name
        assert found.keys["level"].tolist() == ["middle or high"]


def test_top_boxes_of_a_set_have_one_covariance():
    found = tk.top_box(design(), "battery", boxes=1)
    assert found.keys["variable"].tolist() == ["trust", "other"]
    assert found.vcov[0, 1] != 0


@pytest.mark.parametrize(
    ("function", "call", "words"),
    [
        (tk.net, {"plus": ["high"], "minus": ["high"]}, "counts for and against"),
        (tk.net, {"plus": ["hihg"], "minus": ["low"]}, "did you mean 'high'"),
        (tk.net, {"plus": [], "minus": ["low"]}, "'plus' can't be used"),
        (tk.top_box, {"boxes": 3}, "has no 3 highest answers"),
        (tk.top_box, {"boxes": ["hihg"]}, "did you mean 'high'"),
        (tk.top_box, {"boxes": 0}, "'boxes' can't be used"),
    ],
)
def test_wrong_answers_are_refused(function, call, words):
    with pytest.raises(DataError, match=words):
        function(design(), "trust", **call)


def test_a_net_score_of_a_set_is_those_of_its_variables_with_their_covariance():
    found = tk.net(design(), "battery", plus=["high"], minus=["low"], by=None)
    apart = [tk.net(design(), name, plus=["high"], minus=["low"]) for name in ("trust", "other")]
    assert found.to_frame()["variable"].tolist() == ["trust", "other"]
    assert found.estimate == pytest.approx([one.estimate[0] for one in apart], rel=1e-12)
    assert found.se == pytest.approx([one.se[0] for one in apart], rel=1e-12)
    listed = tk.net(design(), ["trust", "other"], plus=["high"], minus=["low"])
    assert found.vcov == pytest.approx(listed.vcov, rel=1e-12)
    assert found.vcov[0, 1] != 0


def test_a_net_promoter_score_takes_a_set_and_each_variables_own_answers():
    other = replace(SCORE, name="other", codes={score: f"{score} points" for score in range(11)}, set="both")
    frame = pd.DataFrame({"score": [10, 9, 8, 3], "other": [0, 10, 10, 10]})
    book = tk.Codebook({"score": replace(SCORE, set="both"), "other": other}, sets={"both": "Recommend?"})
    found = tk.nps(tk.Design(tk.Survey(frame, book)), "both")
    assert found.estimate == pytest.approx([0.25, 0.5])


def test_a_net_score_ranks_the_variables_of_a_set():
    table = tk.rank(tk.net(design(), "battery", plus=["high"], minus=["low"])).table
    assert table["estimate"].is_monotonic_decreasing
    assert len(table) == 2
