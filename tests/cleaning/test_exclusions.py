"""Each exclusion rule drops the respondents that it names, and leaves a row in the log."""

from __future__ import annotations

import pandas as pd
import pytest
from builders import survey

import trustkit as tk
from trustkit.cleaning.careless import careless
from trustkit.cleaning.exclusions import (
    drop_duplicates,
    drop_failed_attention,
    drop_inconsistent,
    drop_speeders,
    drop_straightliners,
    drop_where,
    flag_inconsistent,
    keep_where,
)
from trustkit.errors import DataError
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

ATTENTION = Variable(
    "check", "Choose Agree", "single", codes={1: "Agree", 2: "Disagree"}, missing={9: "refused"}
)
SECONDS = Variable("seconds", "Seconds", "numeric", missing={-1: "skipped"})
ID = Variable("id", "Id", "id")
MISSING = {8: "don't know", 9: "refused", 98: "not asked", 99: "not asked"}


def item(name):
    return Variable(
        name, name, "ordinal", codes={1: "low", 2: "mid", 3: "high"}, missing=MISSING, set="battery"
    )


def kept(found):
    return found.data.index.tolist()


# Duplicates


def test_a_respondents_first_row_is_kept():
    found = drop_duplicates(survey({"id": ["a", "b", "a", "a"]}, ID), key="id")
    assert kept(found) == [0, 1]


def test_rows_without_an_identifier_are_kept():
    assert kept(drop_duplicates(survey({"id": ["a", None, None, "a"]}, ID), key="id")) == [0, 1, 2]


# Attention


def test_only_the_instructed_answer_passes():
    found = drop_failed_attention(
        survey({"check": [1, 2, 9, None]}, ATTENTION), variable="check", passed="Agree"
    )
    assert kept(found) == [0]


def test_an_instructed_answer_that_is_no_label_is_refused():
    with pytest.raises(DataError, match="check has no answer 'Agre'") as caught:
        drop_failed_attention(survey({"check": [1]}, ATTENTION), variable="check", passed="Agre")
    assert caught.value.do == "did you mean 'Agree'?"


# Speed


def test_those_below_a_share_of_the_median_are_dropped_and_those_on_it_kept():
    found = drop_speeders(
        survey({"seconds": [49, 50, 100, 150, 200]}, SECONDS), duration="seconds", share_of_median=0.5
    )
    assert kept(found) == [1, 2, 3, 4]
    assert found.log.steps[-1].rule == "Seconds below 50 (0.5 of the median)"


def test_unknown_lengths_are_kept_and_not_in_the_median():
    found = drop_speeders(survey({"seconds": [-1, -1, -1, None, 90, 100, 20]}, SECONDS), duration="seconds")
    assert kept(found) == [0, 1, 2, 3, 4, 5]
    assert found.log.steps[-1].rule.startswith("Seconds below 30 ")


@pytest.mark.parametrize("share", [0, 1, 33, -0.5, float("nan")])
def test_a_speed_threshold_that_is_no_share_is_refused(share):
    with pytest.raises(DataError, match="the threshold must be a share") as caught:
        drop_speeders(survey({"seconds": [1]}, SECONDS), duration="seconds", share_of_median=share)
    assert caught.value.got == f"share_of_median={share:g}"


def test_a_length_in_words_is_refused():
    with pytest.raises(DataError, match="id is not numeric") as caught:
        drop_speeders(survey({"id": ["a"]}, ID), duration="id")
    assert "codebook" in caught.value.do


# Straight-lining


def battery(*rows):
    names = [f"q{number}" for number in range(1, len(rows[0]) + 1)]
    return survey(pd.DataFrame(list(rows), columns=names), *map(item, names))


def test_one_answer_to_the_whole_battery_is_dropped():
    found = drop_straightliners(battery([1, 1, 1], [1, 1, 2], [8, 8, 8], [3, 2, 1]), items="battery")
    assert kept(found) == [1, 3]
    assert found.log.steps[-1].rule == "the same answer to all 3 items of battery"


def test_a_battery_that_was_not_asked_is_no_straight_line():
    assert kept(drop_straightliners(battery([98, 98], [98, 99], [None, None], [1, 2]), items="battery")) == [
        0,
        1,
        2,
        3,
    ]


def test_a_share_of_the_battery_is_enough_if_so_asked():
    found = drop_straightliners(battery([1, 1, 1, 2], [1, 1, 2, 2]), items="battery", share=0.75)
    assert kept(found) == [1]
    assert found.log.steps[-1].rule == "the same answer to at least 75% of the 4 items of battery"


def test_rounding_does_not_move_the_threshold():
    assert 0.28 * 25 > 7
    found = drop_straightliners(battery([1] * 7 + [2, 3] * 9, [1, 2] * 12 + [1]), items="battery", share=0.28)
    assert kept(found) == [1]


def test_a_battery_may_be_a_list_of_variables():
    found = drop_straightliners(battery([1, 1, 2], [1, 2, 2]), items=["q1", "q2"])
    assert kept(found) == [1]
    assert found.log.steps[-1].rule == "the same answer to all 2 items of q1, q2"


def test_a_numeric_battery_knows_its_missing_codes():
    names = ["a", "b"]
    variables = [Variable(name, name, "numeric", missing={-9: "not asked"}, set="n") for name in names]
    frame = {"a": [5.0, -9.0, 4.0], "b": [5.0, -9.0, 5.0]}
    assert kept(drop_straightliners(survey(frame, *variables), items="n")) == [1, 2]


def test_an_unknown_battery_is_refused_with_a_near_miss():
    with pytest.raises(DataError, match="no battery 'batery'") as caught:
        drop_straightliners(battery([1, 2]), items="batery")
    assert caught.value.do == "did you mean 'battery'?"


@pytest.mark.parametrize("share", [0, -1, 1.5, 100, float("nan")])
def test_a_share_of_a_battery_that_is_no_share_is_refused(share):
    with pytest.raises(DataError, match="the threshold must be a share"):
        drop_straightliners(battery([1, 2]), items="battery", share=share)


@pytest.mark.parametrize(
    "step",
    [
        lambda found: drop_duplicates(found, key="idd"),
        lambda found: drop_failed_attention(found, variable="idd", passed="Agree"),
        lambda found: drop_speeders(found, duration="idd"),
        lambda found: drop_straightliners(found, items=["idd"]),
    ],
)
def test_a_step_on_an_unknown_variable_is_refused_with_a_near_miss(step):
    with pytest.raises(DataError, match="no variable 'idd'") as caught:
        step(survey({"id": ["a"]}, ID))
    assert caught.value.do == "did you mean 'id'?"


def test_a_step_that_would_drop_everybody_is_refused():
    with pytest.raises(DataError, match="excludes every respondent") as caught:
        drop_failed_attention(survey({"check": [2, 2]}, ATTENTION), variable="check", passed="Agree")
    assert caught.value.where == "drop_failed_attention"
    assert caught.value.got == "Choose Agree is not 'Agree'"


# Conditions

CAR = Variable("car", "Car", "single", codes={1: "Yes", 2: "No"}, missing={9: "refused"})
DRIVES = Variable(
    "drives", "Drives", "ordinal", codes={1: "Never", 2: "Weekly", 3: "Daily"}, missing={8: "don't know"}
)
AGE = Variable("age", "Age", "numeric", missing={999: "refused"})


def drivers():
    frame = {"car": [2, 2, 2, 1, 9, None], "drives": [1, 3, 8, 3, 3, 3], "age": [17, 18, 24, 25, 999, None]}
    return survey(frame, CAR, DRIVES, AGE)


def test_those_of_whom_a_condition_holds_are_dropped_and_those_unknown_kept():
    found = drop_where(drivers(), where={"car": "No", "drives": ["Daily", "Don't know"]}, reason="test rides")
    assert kept(found) == [0, 3, 4, 5]
    step = found.log.steps[-1]
    assert step.rule == "Car is No and Drives is Daily or Don't know"
    assert step.reason == "test rides"


def test_only_those_of_whom_a_condition_holds_are_kept_and_a_missing_code_is_no_number():
    found = keep_where(drivers(), where={"age": {"low": 18}}, reason="adults only")
    assert kept(found) == [1, 2, 3]
    assert found.log.steps[-1].rule == "all but: Age is at least 18"


@pytest.mark.parametrize(
    ("ends", "rows", "words"),
    [
        ({"low": 18, "high": 24}, [1, 2], "Age is 18 to 24"),
        ({"high": 17.5}, [0], "Age is at most 17.5"),
        ({"low": 25}, [3], "Age is at least 25"),
    ],
)
def test_a_range_holds_its_ends(ends, rows, words):
    found = keep_where(drivers(), where={"age": ends}, reason="r")
    assert kept(found) == rows
    assert found.log.steps[-1].rule.endswith(words)


@pytest.mark.parametrize(
    "ends", [{}, {"lo": 1}, {"low": 1, "top": 2}, {"low": 2, "high": 1}, {"low": "a"}, {"low": True}]
)
def test_a_range_that_is_none_is_refused(ends):
    with pytest.raises(DataError, match="age: invalid range") as caught:
        drop_where(drivers(), where={"age": ends}, reason="r")
    assert caught.value.got == str(ends)


def test_a_range_of_words_is_refused():
    with pytest.raises(DataError, match="id is not numeric"):
        drop_where(survey({"id": ["a"]}, ID), where={"id": {"low": 1}}, reason="r")


def test_an_index_computed_elsewhere_cuts_off_the_careless():
    found = drivers()
    found = Survey(found.data.assign(longest_run=[1, 9, 10, 3, 2, 2]), found.codebook)
    assert kept(drop_where(found, where={"longest_run": {"low": 9}}, reason="careless")) == [0, 3, 4, 5]


def test_a_condition_on_an_unknown_answer_is_refused_with_a_near_miss():
    with pytest.raises(DataError, match="drives has no answer 'Dayly'") as caught:
        drop_where(drivers(), where={"drives": "Dayly"}, reason="r")
    assert caught.value.do == "did you mean 'Daily'?"


# Consistency

NO_CAR = {"given": {"car": "No"}, "then": {"drives": "Never"}}


def test_answers_that_contradict_each_other_are_dropped_and_missing_answers_contradict_nothing():
    found = drop_inconsistent(drivers(), **NO_CAR)
    assert kept(found) == [0, 2, 3, 4, 5]
    assert found.log.steps[-1].rule == "if Car is No, then Drives is Never"
    assert found.log.steps[-1].reason == "answers contradict each other"


def test_one_of_several_contradictions_is_enough():
    rule = {"given": {"drives": ["Weekly", "Daily"]}, "then": {"car": "Yes", "age": {"low": 25}}}
    assert kept(drop_inconsistent(drivers(), **rule, reason="unlicensed")) == [0, 2, 3, 4, 5]


def test_contradictions_are_marked_and_counted_without_dropping_anybody():
    found = flag_inconsistent(drivers(), **NO_CAR, into="car_check")
    assert found.data["car_check"].tolist() == ["consistent", "inconsistent"] + 4 * ["consistent"]
    assert found.codebook["car_check"].labels == ("consistent", "inconsistent")
    step = found.log.steps[-1]
    assert (step.n_before, step.n_after) == (6, 6)
    assert step.rule == "car_check: if Car is No, then Drives is Never; 1 contradict it"


def test_a_mark_does_not_overwrite_a_variable():
    with pytest.raises(DataError, match="the variable 'age' is there already"):
        flag_inconsistent(drivers(), **NO_CAR, into="age")


# What the log says of a rule


def test_the_weighted_share_lost_is_a_share_of_the_weights_before_the_step():
    about = Variable("w", "Weight", "weight")
    frame = {"age": [17, 30, 40], "w": [1.0, 3.0, 4.0]}
    found = survey(frame, AGE, about, design=Roles(weights="w"))
    found = keep_where(found, where={"age": {"low": 18}}, reason="adults")
    found = keep_where(found, where={"age": {"low": 35}}, reason="older")
    assert [step.weight_lost for step in found.log.steps] == [pytest.approx(1 / 8), pytest.approx(3 / 7)]


def test_without_weights_no_weighted_share_is_lost():
    step = drop_inconsistent(drivers(), **NO_CAR).log.steps[-1]
    assert step.weight_lost != step.weight_lost


def test_a_rule_that_hits_nobody_leaves_the_data_as_they_are():
    before = drivers()
    found = drop_where(before, where={"drives": "Weekly"}, reason="r")
    assert found.data is before.data
    assert found.log.steps[-1].n_after == 6


def test_whoever_was_not_asked_the_attention_check_has_not_failed_it():
    check = Variable(
        "check", "Choose agree", "single", codes={1: "Agree", 2: "No"},
        missing={8: "not asked", 9: "skipped"}, missing_words={8: "Other half"}, asked={"half": ("a",)},
    )  # fmt: skip
    half = Variable("half", "Half", "single", codes={"a": "a", "b": "b"})
    data = pd.DataFrame({"check": [1, 2, 8, 9, None, None], "half": list("aaaaab")})
    found = Survey(data, Codebook({"check": check, "half": half}))
    kept = drop_failed_attention(found, variable="check", passed="Agree")
    assert kept.data.index.tolist() == [0, 2, 5]
    scores = careless(found, attention={"check": "Agree"}, indices=["failed_checks"]).scores
    assert scores["failed_checks"].tolist() == [0, 1, 0, 1, 1, 0]


# Typed checks, and respondents with several rows


@pytest.mark.parametrize(
    "cell", ["I pay attention", '"i pay attention"', "I PAY ATTENTION. ", "I  pay attention"]
)
@pytest.mark.parametrize("kind", ["text", "single"])
def test_a_typed_attention_check_passes_whatever_its_case_quotes_and_blanks(cell, kind):
    cells = [cell, "yes", None]
    codes = {} if kind == "text" else {word: word for word in cells if word}
    check = Variable("check", "Type: Pay attention", kind, codes=codes)
    found = tk.drop_failed_attention(
        survey({"check": cells}, check), variable="check", passed="I pay attention"
    )
    assert found.data.index.tolist() == [0]


def test_several_answers_may_pass_an_attention_check():
    check = Variable("check", "Colour?", "single", codes={1: "Grey", 2: "Gray", 3: "Red"})
    found = tk.drop_failed_attention(
        survey({"check": [1, 2, 3]}, check), variable="check", passed=["Grey", "Gray"]
    )
    assert found.data.index.tolist() == [0, 1]


def test_all_rows_of_a_respondent_go_if_one_is_dropped_and_whole_names_the_respondent():
    frame = {"id": ["a", "a", "b", "b", None], "seconds": [3, 90, 80, 85, 70]}
    found = tk.drop_where(
        tk.read(pd.DataFrame(frame)), where={"seconds": {"high": 10}}, reason="fast", whole="id"
    )
    assert found.data.index.tolist() == [2, 3, 4]
    assert found.log.steps[-1].rule == "seconds is at most 10, in any row of the same id"


def test_a_mark_of_contradictions_may_be_used_for_what_its_questions_may_be():
    allowed = {"basis": "consent", "permission": ("research",)}
    car = tk.Variable("car", "Car", "single", codes={1: "yes", 2: "no"}, **allowed)
    study = tk.Survey(pd.DataFrame({"car": [1, 2]}), tk.Codebook({"car": car}))
    marked = tk.flag_inconsistent(study, given={"car": "no"}, then={"car": "no"}, into="check")
    assert marked.codebook["check"].permission == ("research",)
