"""A survey's screening has one row per respondent, every index or its reason, and drops nobody."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.cleaning.careless import FEWEST, INDICES, RULES
from trustkit.cleaning.careless_inputs import on_one_range
from trustkit.cleaning.consistency import even_odd, psychant, psychsyn
from trustkit.cleaning.duplicates import percent_match, same_texts, similar_texts
from trustkit.cleaning.response_patterns import irv, longest_run, mahalanobis
from trustkit.errors import DataError
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

AGREE = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}
REVERSED = ("t2", "c3", "p1")
SIZES = {"t": 4, "c": 5, "p": 3}
NAMES = [f"{battery}{number}" for battery, size in SIZES.items() for number in range(1, size + 1)]
CLEANING = (
    {"step": "drop_duplicates", "key": "respondent"},
    {"step": "drop_failed_attention", "variable": "check", "passed": "Agree"},
    {"step": "drop_speeders", "duration": "seconds", "share_of_median": 0.3},
    {"step": "set_missing"},
)


def item(name, **more):
    about = {"codes": AGREE, "missing": {98: "don't know", 99: "skipped"}, "set": name[0], **more}
    return Variable(name, f"Item {name}", "ordinal", reverse=name in REVERSED, **about)


def codebook(**more):
    variables = [
        Variable("respondent", "Id", "id"),
        Variable("seconds", "Duration", "numeric", missing={-1: "not asked"}),
        Variable("country", "Country", "single", codes={1: "A", 2: "B"}),
        *map(item, NAMES),
        Variable("check", "Please tick agree", "ordinal", codes=AGREE),
        Variable("why", "Why?", "text"),
        Variable("how", "How?", "text"),
    ]
    settings = {"title": "Test", "cleaning": CLEANING, **more}
    return Codebook({variable.name: variable for variable in variables}, **settings)


def raw(n=80, seed=2):
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(n, 3))
    columns = {}
    for place, (battery, size) in enumerate(SIZES.items()):
        for number in range(1, size + 1):
            name = f"{battery}{number}"
            sign = -1 if name in REVERSED else 1
            answer = np.round(3 + sign * traits[:, place] + rng.normal(scale=0.5, size=n))
            columns[name] = np.clip(answer, 1, 5).astype(int)
    return pd.DataFrame(
        {
            "respondent": [f"r{number}" for number in range(n)],
            "seconds": np.round(rng.lognormal(6, 0.3, n)),
            "country": np.arange(n) % 2 + 1,
            **columns,
            "check": 4,
            "why": [f"My own reasons, all of them, number {'abcdefghij'[k % 10] * 9} {k}" for k in range(n)],
            "how": None,
        },
        index=pd.Index(range(100, 100 + n), name="row"),
    )


def survey(frame=None, **more):
    return Survey(raw() if frame is None else frame, codebook(**more))


def numbers(data, *, keyed):
    frame = data[NAMES].where(data[NAMES] <= 5).astype(float)
    return frame.assign(**{name: 6 - frame[name] for name in REVERSED}) if keyed else frame


# ---- one row per respondent ----------------------------------------------------------------------


def test_every_respondent_has_a_row_in_the_datas_order_and_index():
    found = tk.careless(survey()).to_frame()
    assert found.index.equals(raw().index)
    assert found.columns.tolist() == [*RULES, "flags"]


def test_every_index_has_a_rule_and_a_way_to_compute_it():
    assert list(RULES) == list(INDICES)
    assert set(FEWEST) <= set(RULES)


def test_the_indices_are_those_of_the_pure_functions():
    data = raw()
    data.loc[103, ["t1", "c2"]] = 98
    data.loc[104, "p2"] = 99
    found = tk.careless(survey(data)).scores
    shown = numbers(data, keyed=False)
    expected = {
        "irv": irv(shown),
        "even_odd": even_odd(numbers(data, keyed=True), list(SIZES.values())),
        "psychsyn": psychsyn(shown),
        "psychant": psychant(shown),
        "mahalanobis": mahalanobis(shown),
        "longstring": longest_run(data[NAMES].replace(99, np.nan)),
        "same_texts": same_texts(data["why"]),
        "similar_texts": similar_texts(data["why"]),
        "percent_match": percent_match(data[["country", *NAMES]].replace(99, np.nan)),
    }
    for name, series in expected.items():
        np.testing.assert_allclose(found[name], series, rtol=1e-9, err_msg=name)


def test_the_codebooks_cleaning_list_names_duration_check_and_id():
    data = raw()
    middle = data["seconds"].median()
    data.loc[100, "seconds"] = middle / 4
    data.loc[101, "seconds"] = -1
    data.loc[102, "check"] = 2
    data.loc[103, "check"] = np.nan
    data.loc[105, "respondent"] = "r6"
    found = tk.careless(survey(data))
    flags = found.flags
    assert flags.index[flags["relative_time"]].tolist() == [100]
    assert np.isnan(found.scores.loc[101, "relative_time"])
    assert flags.index[flags["failed_checks"]].tolist() == [102, 103]
    assert flags.index[flags["same_ids"]].tolist() == [105, 106]


def test_whoever_was_not_asked_does_not_fail_a_check():
    book = codebook()
    check = replace(book["check"], missing={97: "not asked", 98: "don't know"}, asked={"country": ("A",)})
    data = raw()
    data["check"] = data["check"].where(data["country"] == 1)
    data.loc[[100, 102, 104], "check"] = [97, 98, np.nan]
    studied = Survey(data, replace(book, variables={**book.variables, "check": check}))
    found = tk.careless(studied, indices=["failed_checks"]).flags["failed_checks"]
    assert found.index[found].tolist() == [102, 104]


def test_a_check_outside_the_codebook_is_compared_as_it_is_written():
    data = raw().assign(tick=["yes", "no", None, True] * 20)
    found = tk.careless(survey(data), attention={"tick": "yes"}, indices=["failed_checks"])
    assert found.scores["failed_checks"].tolist() == [0, 1, 1, 1] * 20
    with pytest.raises(DataError, match=r"t1 has no answer '4'; choose one of: Strongly disagree"):
        tk.careless(survey(data), attention={"t1": "4"})
    with pytest.raises(DataError, match=r"(?m)seconds has no answer '4'$"):
        tk.careless(survey(data), attention={"seconds": "4"})


def test_a_check_asked_by_a_variable_that_is_not_there_was_put_to_everybody():
    book = codebook()
    check = replace(book["check"], asked={"gone": ("A",)})
    data = raw()
    data.loc[100, "check"] = 1
    studied = Survey(data, replace(book, variables={**book.variables, "check": check}))
    assert tk.careless(studied, indices=["failed_checks"]).scores["failed_checks"].sum() == 1


def test_rows_that_share_a_label_each_have_their_row():
    data = raw()
    data.index = pd.Index([7] * len(data))
    found = tk.careless(survey(data)).to_frame()
    np.testing.assert_array_equal(found, tk.careless(survey()).to_frame())


def test_a_battery_named_twice_counts_once():
    twice = tk.careless(survey(), batteries=["t", "c", "p", "t"]).to_frame()
    pd.testing.assert_frame_equal(twice, tk.careless(survey()).to_frame())


def test_arguments_replace_what_the_codebook_names():
    data = raw().rename(columns={"seconds": "clock", "respondent": "person"})
    book = codebook()
    variables = {k: v for k, v in book.variables.items() if k not in ("seconds", "respondent")}
    studied = Survey(data.assign(other="x"), replace(book, variables=variables, cleaning=()))
    found = tk.careless(
        studied, duration="clock", attention={"check": "Agree", "t1": "Agree"}, ids="person", texts=["other"]
    )
    assert found.scores["relative_time"].median() == pytest.approx(1)
    assert found.scores["failed_checks"].tolist() == (data["t1"] != 4).astype(int).tolist()
    assert (found.scores["same_ids"] == 0).all()
    assert found.scores["same_texts"].isna().all()


def test_the_order_of_respondents_does_not_matter():
    data = raw()
    data.loc[110, NAMES] = 98
    data.loc[111] = data.loc[112]
    shuffled = data.sample(frac=1, random_state=3)
    found = tk.careless(survey(shuffled)).to_frame().loc[data.index]
    pd.testing.assert_frame_equal(found, tk.careless(survey(data)).to_frame(), rtol=1e-9)


def test_rows_are_equal_whatever_their_id():
    data = raw()
    data.loc[110, data.columns.drop("respondent")] = data.loc[111, data.columns.drop("respondent")]
    found = tk.careless(survey(data)).flags
    assert found.index[found["same_rows"]].tolist() == [110, 111]


def test_near_duplicates_are_sought_within_groups_if_asked():
    data = raw()
    data.loc[111, NAMES] = data.loc[110, NAMES]
    data.loc[113, NAMES] = data.loc[115, NAMES]
    found = tk.careless(survey(data), indices=["percent_match"], within="country").scores["percent_match"]
    assert found[[113, 115]].tolist() == [1, 1]
    assert found[[110, 111]].max() < 1


def test_all_open_answers_are_looked_at():
    data = raw()
    data["how"] = data["how"].astype(object)
    data.loc[[100, 101, 102], "how"] = "I read what they say about my data."
    data.loc[103, "why"] = data.loc[100, "why"]
    found = tk.careless(survey(data)).scores["same_texts"]
    assert found[[100, 101, 102, 103, 104]].tolist() == [2, 2, 2, 1, 0]


def test_dont_know_throughout_is_a_straight_line_but_has_no_variability():
    data = raw()
    data.loc[100, NAMES] = 98
    found = tk.careless(survey(data))
    assert found.scores.loc[100, "longstring"] == len(NAMES)
    assert found.scores.loc[100, ["irv", "even_odd", "psychsyn", "mahalanobis"]].isna().all()
    assert found.flags.loc[100, "longstring"]


def test_only_the_chosen_batteries_count():
    data = raw()
    found = tk.careless(survey(data), batteries=["p", "t"], indices=["irv", "longstring"]).scores
    chosen = [name for name in NAMES if name[0] in "pt"]
    np.testing.assert_allclose(found["irv"], irv(data[["p1", "p2", "p3", "t1", "t2", "t3", "t4"]]))
    assert found["longstring"].max() <= len(chosen)


# ---- numeric items and other ranges --------------------------------------------------------------


def slider_survey(**more):
    data = raw()
    for name in ("p1", "p2", "p3"):
        data[name] = (data[name] - 1) * 25.0
    book = codebook()
    sliders = {
        name: Variable(name, name, "numeric", set="p", reverse=name == "p1", **more)
        for name in ("p1", "p2", "p3")
    }
    return Survey(data, replace(book, variables={**book.variables, **sliders})), data


@pytest.mark.parametrize("index", ["even_odd", "psychsyn", "psychant", "mahalanobis"])
def test_items_of_another_range_count_as_if_they_had_the_same(index):
    sliders, _ = slider_survey(low=0, high=100)
    found = tk.careless(sliders, indices=[index]).scores[index]
    same = tk.careless(survey(), indices=[index]).scores[index]
    np.testing.assert_allclose(found, same, rtol=1e-7, atol=1e-7)


def test_a_reversed_number_without_a_range_has_no_even_odd_consistency_and_says_so():
    sliders, _ = slider_survey()
    found = tk.careless(sliders, indices=["even_odd", "psychsyn"])
    assert found.scores["even_odd"].isna().all()
    assert "no range for reversed ones (p1)" in found.reasons["even_odd"]
    assert found.scores["psychsyn"].notna().any()


def test_items_without_scores_have_no_even_odd_consistency_and_say_so():
    book = codebook()
    words = {"a": "Low", "b": "Middle", "c": "High"}
    data = raw().assign(t1="a", t3="b")
    data.loc[100, "t1"] = "c"
    named = {name: replace(item(name), codes=words, missing={}) for name in ("t1", "t3")}
    found = tk.careless(Survey(data, replace(book, variables={**book.variables, **named})))
    assert "no scores for some items" in found.reasons["even_odd"]
    assert "(t1, t3)" in found.reasons["even_odd"]
    assert found.scores["irv"].notna().all()


def test_items_of_one_range_keep_their_whole_numbers_and_constant_ones_stay_finite():
    frame = pd.DataFrame({"a": [1.0, 5.0], "b": [2.0, 3.0]})
    assert on_one_range(frame, [(1, 5), (1, 5)]) is frame
    assert on_one_range(frame, [(1, 5), (2, 2)])["b"].tolist() == [0.0, 1.0]


# ---- what can't be known -------------------------------------------------------------------------


def test_a_codebook_that_names_nothing_gives_reasons_not_errors():
    found = tk.careless(Survey(pd.DataFrame({"a": [1, 2]}), Codebook({"a": Variable("a", "A", "numeric")})))
    assert found.scores.drop(columns="same_rows").isna().all(axis=None)
    assert found.reasons == {
        "relative_time": "no duration is named",
        **dict.fromkeys(
            ["longstring", "irv", "even_odd", "psychsyn", "psychant", "mahalanobis"],
            "no battery of two ordinal or numeric items is known",
        ),
        "failed_checks": "no attention check is named",
        "same_ids": "no id is named",
        "percent_match": "the codebook describes no coded answers",
        "same_texts": "there is no open answer",
        "similar_texts": "there is no open answer",
    }


def test_a_battery_of_two_items_alone_has_no_even_odd_consistency():
    book = Codebook({name: item(name) for name in ("t1", "t3")})
    found = tk.careless(Survey(raw()[["t1", "t3"]], book))
    assert found.scores["even_odd"].isna().all()
    assert found.reasons["even_odd"].startswith("even-odd consistency needs three scales of two items")
    assert found.scores["longstring"].isin([1, 2]).all()


@pytest.mark.parametrize("n", [0, 1])
def test_one_respondent_or_none_gets_what_can_be_known(n):
    found = tk.careless(survey(raw().iloc[:n]))
    assert len(found.to_frame()) == n
    assert (found.scores["longstring"] >= 1).all()
    assert {"mahalanobis", "psychsyn", "psychant"} <= set(found.reasons)
    assert repr(found).startswith("Careless responding")


def test_constant_answers_leave_the_distance_unknown():
    data = raw()
    data[NAMES] = 3
    found = tk.careless(survey(data))
    assert found.reasons["mahalanobis"] == "no item varies"
    assert (found.scores["irv"] == 0).all()
    assert found.flags["longstring"].all()
    assert found.scores["even_odd"].isna().all()


def test_too_many_respondents_for_pairs_are_told_apart_from_respondents_without_copies():
    n = 20_002
    book = Codebook({"t1": item("t1"), "t3": item("t3")})
    data = pd.DataFrame({"t1": np.arange(n) % 5 + 1, "t3": 1})
    found = tk.careless(Survey(data, book), indices=["percent_match"])
    assert "too many pairs of respondents to compare (200,030,001 pairs)" in found.reasons["percent_match"]
    assert found.scores["percent_match"].isna().all()


# ---- thresholds ----------------------------------------------------------------------------------


def test_thresholds_that_depend_on_the_items_are_resolved():
    rules = tk.careless(survey()).rules
    assert rules["longstring"].threshold == len(NAMES) / 2
    assert rules["mahalanobis"].threshold == pytest.approx(stats.chi2.ppf(0.99, len(NAMES)))
    assert rules["percent_match"].threshold is None
    assert rules["even_odd"].threshold is None
    assert rules["psychsyn"].threshold == RULES["psychsyn"].threshold
    assert rules["psychant"].threshold is None or rules["psychant"].threshold == 0


def test_thresholds_can_be_given_and_flag_on_the_careless_side():
    given = {"irv": 0.9, "percent_match": 0.8, "even_odd": -0.9, "longstring": 3}
    found = tk.careless(survey(), thresholds=given)
    scores, flags = found.scores, found.flags
    assert flags["irv"].equals(scores["irv"] < 0.9)
    assert flags["percent_match"].equals(scores["percent_match"] > 0.8)
    assert flags["even_odd"].equals(scores["even_odd"] > -0.9)
    assert flags["longstring"].equals(scores["longstring"] >= 3)
    assert found.to_frame()["flags"].tolist() == flags.sum(axis=1).tolist()
    assert str(found.rules["irv"]) == "below 0.9"


def test_an_index_without_a_threshold_flags_nobody():
    found = tk.careless(survey())
    assert not found.flags["irv"].any()
    assert str(found.rules["irv"]) == "-"


# ---- what is shown -------------------------------------------------------------------------------


def test_the_summary_counts_flags_and_says_what_is_not_known():
    data = raw()
    data[NAMES] = np.tile([1, 5, 2], (len(data), 4))
    data.loc[[100, 101], "check"] = 1
    data.loc[101, NAMES] = 3
    chosen = ["longstring", "irv", "failed_checks", "same_texts"]
    assert repr(tk.careless(survey(data), indices=chosen, texts=[])) == (
        "Careless responding\n"
        "index          known for  flagged  flagged if\n"
        "longstring            80        1  at least 6\n"
        "irv                   80        -  -\n"
        "failed_checks         80        2  at least 1\n"
        "same_texts             0        -  at least 1\n"
        "Base: all 80 respondents; 2 have a flag, 1 more than one. Nobody is dropped: a flag is a reason to "
        "look.\n"
        "No accepted threshold for irv here: give one, or look at the extremes.\n"
        "same_texts is not known: there is no open answer."
    )


def test_where_all_is_known_only_the_base_is_noted():
    notes = repr(tk.careless(survey(), indices=["same_ids"])).splitlines()[3:]
    assert len(notes) == 1
    assert notes[0].startswith("Base: all 80 respondents; 0 have a flag, 0 more than one.")


def test_synthetic_data_is_called_synthetic():
    assert repr(tk.careless(survey(data="synthetic"))).endswith("\nSynthetic data.")
    assert "Synthetic" not in repr(tk.careless(survey()))
    assert "Synthetic data." in tk.careless(survey(data="synthetic"))._repr_html_()


# ---- mistakes ------------------------------------------------------------------------------------


def test_all_unknown_names_are_told_at_once_with_near_misses():
    with pytest.raises(DataError) as raised:
        tk.careless(
            survey(),
            batteries=["t", "x"],
            duration="secnds",
            attention={"check": "Agre", "chek": "Agree"},
            ids="respondnt",
            texts=["whi"],
            within="contry",
        )
    told = str(raised.value)
    for near in ("'seconds'", "'Agree'", "'check'", "'respondent'", "'why'", "'country'"):
        assert f"did you mean {near}?" in told
    assert "no battery 'x' of two ordinal or numeric items" in told


def test_a_battery_in_a_codebook_without_any_is_unknown():
    book = Codebook({"a": Variable("a", "A", "numeric")})
    with pytest.raises(DataError, match=r"(?m)no battery 't' of two ordinal or numeric items$"):
        tk.careless(Survey(pd.DataFrame({"a": [1.0]}), book), batteries=["t"])


def test_unknown_indices_are_refused_in_both_places():
    with pytest.raises(DataError, match=r"(?s)no such index.*'irw', 'long_string'.*'irv'.*'longstring'"):
        tk.careless(survey(), indices=["irw"], thresholds={"long_string": 3})
    with pytest.raises(DataError, match="no such index"):
        tk.careless(survey(), thresholds={"speed": 3})


def test_a_missing_extra_is_an_error_and_no_reason(monkeypatch):
    monkeypatch.setitem(sys.modules, "ier", None)
    with pytest.raises(DataError, match=r"trustkit-survey\[all\]"):
        tk.careless(survey())
    assert tk.careless(survey(), indices=["irv", "mahalanobis", "percent_match"]).reasons == {}


def test_a_duration_that_is_no_number_is_refused():
    with pytest.raises(DataError, match="why is not numeric"):
        tk.careless(survey(), duration="why")


def test_the_survey_is_not_changed():
    studied = survey()
    before = studied.data.copy()
    tk.careless(studied)
    pd.testing.assert_frame_equal(studied.data, before)
