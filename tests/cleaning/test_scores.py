"""A scale's score is the mean of the items that a respondent answered, each in its direction."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from builders import survey

from trustkit.cleaning.scores import score
from trustkit.errors import CodebookError, DataError
from trustkit.published_scales.instrument import Instrument
from trustkit.published_scales.registry import FOLDER, instruments
from trustkit.survey.variable import Variable

AGREE = {1: "Disagree", 2: "Neither", 3: "Agree"}


def agree(name, **about):
    return Variable(name, name, "ordinal", codes=AGREE, missing={8: "don't know"}, set="trust", **about)


def test_a_score_is_the_mean_of_the_items_answered():
    found = score(
        survey({"a": [1, 3, 8, 8], "b": [2, 3, 3, None]}, agree("a"), agree("b")), "trust", into="index"
    )
    assert np.allclose(found.data["index"], [1.5, 3.0, 3.0, np.nan], equal_nan=True)


def test_an_item_counts_once():
    with pytest.raises(DataError, match="the battery contains an item twice") as caught:
        score(survey({"a": [1], "b": [2]}, agree("a"), agree("b")), ["b", "a", "b"], into="index")
    assert caught.value.got == "b"


def test_a_score_is_a_step_of_the_log():
    found = score(survey({"a": [1], "b": [2]}, agree("a"), agree("b")), "trust", into="index", min_items=2)
    step = found.log.steps[-1]
    assert (step.step, step.n_before, step.n_after) == ("score", 1, 1)
    assert step.rule == "index: mean of trust (2 items), 2 or more answered"


def test_a_reversed_item_is_turned_around():
    found = score(
        survey({"a": [1, 3], "b": [3, 3]}, agree("a"), agree("b", reverse=True)), "trust", into="index"
    )
    assert found.data["index"].tolist() == [1.0, 2.0]


def test_a_reversed_number_is_turned_around_in_its_range():
    items = [Variable(name, name, "numeric", low=0, high=10, reverse=name == "b") for name in "ab"]
    found = score(survey({"a": [2.0, 9.0], "b": [8.0, 9.0]}, *items), ["a", "b"], into="index")
    assert found.data["index"].tolist() == [2.0, 5.0]


def test_a_reversed_number_without_a_range_is_refused():
    with pytest.raises(DataError, match="a is reversed and has no range") as caught:
        score(survey({"a": [1.0]}, Variable("a", "A", "numeric", reverse=True, low=0)), ["a"], into="index")
    assert "low and high" in caught.value.do


def test_missing_codes_of_numbers_do_not_count():
    items = [Variable(name, name, "numeric", missing={99: "refused"}) for name in "ab"]
    found = score(survey({"a": [2.0, 99.0], "b": [99.0, 99.0]}, *items), ["a", "b"], into="index")
    assert np.allclose(found.data["index"], [2.0, np.nan], equal_nan=True)


def test_those_with_fewer_items_than_asked_for_get_no_score():
    found = score(
        survey({"a": [1, 8], "b": [2, 2]}, agree("a"), agree("b")), "trust", into="index", min_items=2
    )
    assert np.allclose(found.data["index"], [1.5, np.nan], equal_nan=True)


def test_the_scale_is_described_in_the_codebook():
    given = survey({"a": [1]}, agree("a"))
    found = score(given, ["a"], into="index", label="Trust")
    assert found.codebook["index"] == Variable("index", "Trust", "numeric")
    assert score(given, ["a"], into="index").codebook["index"].label == "Mean score of a"
    assert "index" not in given.data
    assert "index" not in given.codebook.variables


@pytest.mark.parametrize(
    ("items", "into", "options", "message"),
    [
        ("trsut", "index", {}, "no battery 'trsut'"),
        ([], "index", {}, "no battery"),
        ("trust", "a", {}, "the variable 'a' is there already"),
        ("trust", "index", {"min_items": -1}, "min_items is out of range"),
        ("trust", "index", {"min_items": 3}, "min_items is out of range"),
    ],
)
def test_a_scale_that_can_not_be_made_is_refused(items, into, options, message):
    given = survey({"a": [1], "b": [1]}, agree("a"), agree("b"))
    with pytest.raises(DataError, match=message):
        score(given, items, into=into, **options)


def test_a_near_miss_of_a_battery_is_suggested():
    with pytest.raises(DataError) as caught:
        score(survey({"a": [1]}, agree("a")), "trsut", into="index")
    assert caught.value.do == "did you mean 'trust'?"


def test_answers_without_scores_are_refused():
    words = Variable("a", "A", "single", codes={"x": "Yes", "y": "No"})
    with pytest.raises(DataError, match="the answers of a have no scores") as caught:
        score(survey({"a": ["x"]}, words), ["a"], into="index")
    assert "codebook" in caught.value.do


def test_text_is_refused():
    with pytest.raises(DataError, match="a is not numeric"):
        score(survey({"a": ["many"]}, Variable("a", "A", "text")), ["a"], into="index")


def test_an_unknown_item_is_refused_with_a_near_miss():
    with pytest.raises(CodebookError, match="no variable 'itm'") as caught:
        score(survey({"item": [1]}, agree("item")), ["itm"], into="index")
    assert caught.value.do == "did you mean 'item'?"


NINE = {number: str(number) for number in range(1, 10)}


def numbers(low, high, *names, **about):
    return [Variable(name, name, "numeric", low=low, high=high, set="trust", **about) for name in names]


def test_a_sum_needs_all_items_unless_fewer_are_allowed():
    made = survey({"a": [1.0, 3.0], "b": [2.0, None], "c": [3.0, 5.0]}, *numbers(1, 5, "a", "b", "c"))
    strict = score(made, "trust", into="s", method="sum").data["s"]
    assert np.allclose(strict, [6, np.nan], equal_nan=True)
    loose = score(made, "trust", into="s", method="sum", min_items=2).data["s"]
    assert loose.tolist() == [6.0, 12.0]  # the mean times the number of items


def test_percent_of_the_maximum_takes_the_codebooks_range_and_never_the_datas():
    made = survey({"a": [2.0, 3.0], "b": [2.0, 4.0]}, *numbers(1, 5, "a", "b"))
    assert score(made, "trust", into="p", method="pomp").data["p"].tolist() == [25.0, 62.5]
    coded = survey({"a": [1, 2, 3]}, agree("a"))
    assert score(coded, ["a"], into="p", method="pomp").data["p"].tolist() == [0.0, 50.0, 100.0]


def test_items_of_different_ranges_have_one_percentage():
    made = survey({"a": [3.0], "b": [10.0]}, *numbers(1, 5, "a"), *numbers(0, 10, "b"))
    assert score(made, "trust", into="p", method="pomp").data["p"].tolist() == [75.0]


def test_top_box_is_the_share_of_answers_at_the_upper_end():
    made = survey({"a": [6.0, 5.0, None], "b": [9.0, 1.0, 7.0]}, *numbers(1, 9, "a", "b"))
    assert score(made, "trust", into="t", method="topbox", boxes=4).data["t"].tolist() == [1.0, 0.0, 1.0]
    coded = survey({"a": [1, 2, 3]}, agree("a"))
    assert score(coded, ["a"], into="t", method="topbox", boxes=2).data["t"].tolist() == [0.0, 1.0, 1.0]
    turned = survey({"a": [1, 2, 3]}, agree("a", reverse=True))
    assert score(turned, ["a"], into="t", method="topbox").data["t"].tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("method", ["pomp", "topbox"])
def test_methods_that_need_a_range_say_so(method):
    made = survey({"a": [1.0]}, Variable("a", "A", "numeric", low=0))
    with pytest.raises(DataError, match="needs the range of the answers") as caught:
        score(made, ["a"], into="s", method=method)
    assert caught.value.where == "a"


def test_a_top_box_of_all_answers_is_refused():
    for variable, boxes in ((agree("a"), 3), *((item, 11) for item in numbers(0, 10, "a"))):
        with pytest.raises(DataError, match="all answers would count") as caught:
            score(survey({"a": [1]}, variable), ["a"], into="s", method="topbox", boxes=boxes)
        assert caught.value.got == f"{boxes} of {boxes} answers"


@pytest.mark.parametrize("method", ["default", "mean", "sum", "pomp"])
def test_boxes_are_refused_with_a_method_that_has_none(method):
    with pytest.raises(DataError, match="only for the method topbox"):
        score(survey({"a": [1]}, agree("a")), ["a"], into="s", method=method, boxes=2)


def test_a_score_without_a_name_is_refused():
    with pytest.raises(DataError, match="has no name"):
        score(survey({"a": [1]}, agree("a")), ["a"])


def answers(low=1, high=5, **about):
    names = [f"q{number}" for number in range(1, 9)]
    data = {name: [float(low), float(high), float(low + place % 2)] for place, name in enumerate(names)}
    return survey(data, *numbers(low, high, *names, **about)), dict(enumerate(names, 1))


def test_an_instrument_scores_as_it_was_published():
    made, items = answers()
    found = score(made, items, instrument="general_social_trust")
    assert found.data["general_social_trust"].tolist() == [8.0, 40.0, 12.0]
    assert found.codebook["general_social_trust"].label == "General social trust scale, 8 items: distrust"
    assert "sum of General social trust scale, 8 items: distrust (8 items)" in found.log.steps[-1].rule
    assert "A high score means little trust: 8 is the most trusting" in found.log.steps[-1].rule


def test_edelmans_index_is_the_share_of_the_upper_four_answers():
    names = ["gov", "bus", "ngo", "med"]
    made = survey({name: [6.0, 5.0, 9.0 if name == "gov" else 1.0] for name in names}, *numbers(1, 9, *names))
    found = score(made, dict(enumerate(names, 1)), instrument="edelman", into="index")
    assert found.data["index"].tolist() == [1.0, 0.0, 0.25]
    assert "don't know was not read at a source; here it is a missing answer" in found.log.steps[-1].rule
    percent = score(made, dict(enumerate(names, 1)), instrument="edelman", into="index", method="pomp")
    assert percent.data["index"].tolist() == [62.5, 50.0, 25.0]


def test_answers_in_another_range_than_the_instruments_are_refused_with_the_way_out():
    made, items = answers(1, 7)
    with pytest.raises(DataError, match="another range than those of general_social_trust") as caught:
        score(made, items, instrument="general_social_trust")
    assert (caught.value.got, caught.value.expected) == ("1 to 7", "1 to 5")
    assert 'method="pomp"' in caught.value.do
    percent = score(made, items, instrument="general_social_trust", method="pomp")
    assert percent.data["general_social_trust"].tolist()[:2] == [0.0, 100.0]


def test_an_item_without_a_range_is_refused_with_what_to_give():
    names = [f"q{number}" for number in range(1, 9)]
    made = survey({name: [1.0, 5.0] for name in names}, *(Variable(name, name, "numeric") for name in names))
    with pytest.raises(DataError, match="another range") as caught:
        score(made, dict(enumerate(names, 1)), instrument="general_social_trust")
    assert caught.value.got == "no range in the codebook"
    assert caught.value.do == "give its low and high, or scores, in the codebook"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"drop": 3}, "not all named once"),
        ({"add": 9}, "not all named once"),
        ({"reverse": True}, "codebook says that q1 is reversed"),
    ],
)
def test_items_that_do_not_match_an_instrument_are_refused(change, words):
    made, items = answers(reverse=change.get("reverse", False))
    items = {position: name for position, name in items.items() if position != change.get("drop")}
    items |= {change["add"]: "q1"} if "add" in change else {}
    with pytest.raises(DataError, match=words):
        score(made, items, instrument="general_social_trust")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cfip", "facts about it are unverified"),
        ("mayer_davis", "facts about it are unverified"),
        ("nps", "gives a respondent no score"),
        ("westin", "gives a respondent no score"),
        ("edelmann", "no instrument is named"),
    ],
)
def test_an_instrument_that_can_not_be_scored_says_why(name, words):
    made, items = answers()
    with pytest.raises(DataError, match=words):
        score(made, items, instrument=name)


KNOWN = instruments().set_index("id")


@pytest.mark.parametrize("name", KNOWN.index[KNOWN["scored"]])
def test_each_instrument_scores_an_answer_sheet_as_its_file_says(name):
    told = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    low, high, count = told["response"]["low"], told["response"]["high"], told["items"]["count"]
    sheet = np.random.default_rng(3).integers(low, high, (20, count), endpoint=True).astype(float)
    names = [f"q{position}" for position in range(1, count + 1)]
    made = survey(dict(zip(names, sheet.T, strict=True)), *numbers(low, high, *names))
    scored = score(made, dict(enumerate(names, 1)), instrument=name, into="s").data
    for position in told["reversed"]["items"]:
        sheet[:, position - 1] = low + high - sheet[:, position - 1]
    counted = sheet > high - told["scoring"]["boxes"] if told["scoring"]["method"] == "topbox" else sheet
    parts = told.get("subscales", {}).get("items", {"": range(1, count + 1)})
    for part, positions in parts.items():
        answers = counted[:, [position - 1 for position in positions]]
        by_hand = answers.sum(axis=1) if told["scoring"]["method"] == "sum" else answers.mean(axis=1)
        assert np.allclose(scored[f"s_{part.replace(' ', '_')}" if part else "s"], by_hand)


def test_reversed_items_and_subscales_of_an_instrument_are_scored(monkeypatch):
    found = Instrument(
        "made",
        "Made up",
        "trust",
        items=4,
        reversed_items=(2,),
        subscales={"first part": (1, 2), "rest": (3, 4)},
        low=1,
        high=7,
        scoring="mean",
        min_items=2,
        verified=("items", "reversed items", "response", "scoring"),
    )
    monkeypatch.setattr("trustkit.cleaning.scores.instrument_named", lambda _: found)
    made = survey(
        {"a": [7.0, 1.0], "b": [1.0, None], "c": [2.0, 3.0], "d": [4.0, 5.0]}, *numbers(1, 7, *"abcd")
    )
    scored = score(made, dict(enumerate("abcd", 1)), instrument="made", into="m").data
    assert np.allclose(scored["m_first_part"], [7, np.nan], equal_nan=True)
    assert scored["m_rest"].tolist() == [3.0, 4.0]


def test_percents_of_the_maximum_give_items_of_different_ranges_one_weight():
    items = [
        Variable("a", "A", "numeric", low=0, high=10),
        Variable("b", "B", "numeric", low=1, high=5, reverse=True),
    ]
    given = survey({"a": [0.0, 10.0, 5.0, None], "b": [1.0, 1.0, 3.0, 2.0]}, *items)
    found = score(given, ["a", "b"], into="index", method="pomp")
    assert found.data["index"].tolist() == [50.0, 100.0, 50.0, 75.0]
    assert "different ranges" not in found.log.steps[-1].rule
    mean = score(given, ["a", "b"], into="index")
    assert (
        "the items have different ranges (0 to 10, 1 to 5), so those with a longer" in mean.log.steps[-1].rule
    )


@pytest.mark.parametrize(
    ("method", "reverse"), [("pomp", False), ("topbox", False), ("mean", True), ("sum", True)]
)
def test_answers_outside_the_range_that_a_score_rests_on_are_refused(method, reverse):
    items = [Variable(name, name, "numeric", low=1, high=5, reverse=reverse) for name in "ab"]
    given = survey({"a": [1.0, 5.0], "b": [3.0, 99.0]}, *items)
    with pytest.raises(DataError, match="outside the range in the codebook") as caught:
        score(given, ["a", "b"], into="index", method=method)
    assert (caught.value.where, caught.value.got, caught.value.expected) == ("b", "1 answer", "1 to 5")


def test_the_upper_end_of_a_reversed_item_is_that_of_its_turned_scores(monkeypatch):
    about = {"items": 2, "reversed_items": (1,), "low": 0, "high": 10, "scoring": "topbox", "boxes": 2}
    found = Instrument(
        "made", "Made", "trust", **about, verified=("items", "reversed items", "response", "scoring")
    )
    monkeypatch.setattr("trustkit.cleaning.scores.instrument_named", lambda _: found)
    words = {1: "never", 2: "sometimes", 3: "often", 4: "always"}
    uneven = {"never": 0, "sometimes": 1, "often": 2, "always": 10}
    items = [Variable(name, name, "ordinal", codes=words, scores=uneven) for name in "ab"]
    scored = score(
        survey({"a": [1, 2, 3, 4], "b": [1, 2, 3, 4]}, *items), {1: "a", 2: "b"}, instrument="made"
    )
    assert scored.data["made"].tolist() == [0.5, 0.5, 0.5, 0.5]
