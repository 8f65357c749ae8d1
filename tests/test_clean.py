"""Each cleaning step drops whom it says, and leaves a row in the log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.clean import (
    STEPS,
    clean,
    drop_duplicates,
    drop_failed_attention,
    drop_speeders,
    drop_straightliners,
    set_missing,
)
from trustkit.codebook import Codebook, Variable
from trustkit.errors import CodebookError, DataError
from trustkit.survey import Survey

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


def survey(frame, *variables, **study):
    return Survey(pd.DataFrame(frame), Codebook({v.name: v for v in variables}, **study))


def kept(found):
    return found.data.index.tolist()


# Duplicates


def test_a_respondents_first_row_is_kept():
    found = drop_duplicates(survey({"id": ["a", "b", "a", "a"]}, ID), by="id")
    assert kept(found) == [0, 1]


def test_rows_without_an_identifier_are_kept():
    assert kept(drop_duplicates(survey({"id": ["a", None, None, "a"]}, ID), by="id")) == [0, 1, 2]


# Attention


def test_only_the_instructed_answer_passes():
    found = drop_failed_attention(
        survey({"check": [1, 2, 9, None]}, ATTENTION), variable="check", passed="Agree"
    )
    assert kept(found) == [0]


def test_an_instructed_answer_that_is_no_label_is_refused():
    with pytest.raises(DataError, match="check has no answer 'agree'") as caught:
        drop_failed_attention(survey({"check": [1]}, ATTENTION), variable="check", passed="agree")
    assert caught.value.do == "did you mean 'Agree'?"


# Speed


def test_those_below_a_share_of_the_median_are_dropped_and_those_on_it_kept():
    found = drop_speeders(
        survey({"seconds": [49, 50, 100, 150, 200]}, SECONDS), duration="seconds", share_of_median=0.5
    )
    assert kept(found) == [1, 2, 3, 4]
    assert found.log.steps[-1].rule == "seconds below 50 (0.5 of the median)"


def test_unknown_lengths_are_kept_and_not_in_the_median():
    found = drop_speeders(survey({"seconds": [-1, -1, -1, None, 90, 100, 20]}, SECONDS), duration="seconds")
    assert kept(found) == [0, 1, 2, 3, 4, 5]
    assert found.log.steps[-1].rule.startswith("seconds below 30 ")


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
    assert found.log.steps[-1].rule == "one answer to 100% of battery (3 items)"


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


def test_rounding_does_not_move_the_threshold():
    assert 0.28 * 25 > 7
    found = drop_straightliners(battery([1] * 7 + [2, 3] * 9, [1, 2] * 12 + [1]), items="battery", share=0.28)
    assert kept(found) == [1]


def test_a_battery_may_be_a_list_of_variables():
    found = drop_straightliners(battery([1, 1, 2], [1, 2, 2]), items=["q1", "q2"])
    assert kept(found) == [1]
    assert found.log.steps[-1].rule == "one answer to 100% of q1, q2 (2 items)"


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


# Missing answers


def test_missing_codes_of_numbers_become_empty_and_reasons_are_counted():
    frame = {"seconds": [-1, 10, -1], "q1": [1, 8, 98], "q2": [99, 98, 9]}
    found = set_missing(survey(frame, SECONDS, item("q1"), item("q2")))
    assert found.data["seconds"].isna().tolist() == [True, False, True]
    assert found.data["q1"].tolist() == ["low", "Don't know", "Not asked"]
    assert found.log.steps[-1].rule == "answers by reason: skipped 2, don't know 1, refused 1, not asked 3"
    assert (found.log.steps[-1].n_before, found.log.steps[-1].n_after) == (3, 3)


def test_a_quoted_missing_code_counts_too():
    found = set_missing(
        survey({"x": [999.0, 1.0]}, Variable("x", "X", "numeric", missing={"999": "refused"}))
    )
    assert found.data["x"].isna().tolist() == [True, False]
    assert "refused 1" in found.log.steps[-1].rule


def test_text_has_missing_codes_too():
    found = set_missing(
        survey({"x": ["99", "words", None]}, Variable("x", "X", "text", missing={99: "refused"}))
    )
    assert found.data["x"].isna().tolist() == [True, False, True]
    assert "refused 1" in found.log.steps[-1].rule


def test_without_missing_codes_nothing_is_counted():
    assert set_missing(survey({"id": ["a"]}, ID)).log.steps[-1].rule == "answers by reason: none"


# The codebook's list


def test_the_steps_of_the_codebook_are_applied_in_their_order_and_logged():
    steps = (
        {"step": "drop_duplicates", "by": "id"},
        {"step": "drop_failed_attention", "variable": "check", "passed": "Agree"},
        {"step": "drop_speeders", "duration": "seconds", "share_of_median": 0.5},
        {"step": "drop_straightliners", "items": ["q1", "q2"], "share": 1},
        {"step": "set_missing"},
    )
    frame = {
        "id": list("aabcde"),
        "check": [1, 1, 2, 1, 1, 1],
        "seconds": [100, 100, 100, 10, 100, 100],
        "q1": [1, 1, 1, 1, 2, 1],
        "q2": [2, 2, 2, 2, 2, 3],
    }
    book = survey(frame, ID, ATTENTION, SECONDS, item("q1"), item("q2"), cleaning=steps, track={"q2": "mid"})
    found = clean(book)
    log = found.log.to_frame()
    assert log["step"].tolist() == [step["step"] for step in steps]
    assert log["n_after"].tolist() == [5, 4, 3, 2, 2]
    assert log["n_before"].tolist() == [6, 5, 4, 3, 2]
    assert np.allclose(log["q2 = mid"], [0.8, 0.75, 2 / 3, 0.5, 0.5])
    assert kept(found) == [0, 5]
    assert len(book.data) == 6


def test_without_steps_the_survey_is_returned_as_it_is():
    found = survey({"id": ["a"]}, ID)
    assert clean(found) is found


def test_data_that_disagree_with_the_codebook_are_not_cleaned():
    with pytest.raises(DataError, match="disagree with the codebook"):
        clean(survey({"check": [1, 7]}, ATTENTION))


@pytest.mark.parametrize(
    ("settings", "what", "do"),
    [
        (
            {"step": "drop_duplicate", "by": "id"},
            "no cleaning step 'drop_duplicate'",
            "did you mean 'drop_duplicates'?",
        ),
        ({}, "no cleaning step ''", "choose one of"),
        ({"step": "drop_duplicates"}, "wrong arguments", "add by"),
        ({"step": "drop_duplicates", "key": "id"}, "wrong arguments", "drop key; add by"),
        ({"step": "set_missing", "survey": "x"}, "wrong arguments", "drop survey"),
    ],
)
def test_a_step_that_is_written_wrongly_is_refused_with_its_place(settings, what, do):
    found = survey({"id": ["a"]}, ID, cleaning=({"step": "set_missing"}, settings))
    with pytest.raises(CodebookError, match=what) as caught:
        clean(found)
    assert caught.value.where == "cleaning, entry 2"
    assert do in caught.value.do


@pytest.mark.parametrize(
    ("settings", "item"),
    [
        ({"step": "drop_speeders", "duration": "seconds", "share_of_median": "a third"}, "share_of_median"),
        ({"step": "drop_speeders", "duration": "seconds", "share_of_median": True}, "share_of_median"),
        ({"step": "drop_speeders", "duration": ["seconds"]}, "duration"),
        ({"step": "drop_duplicates", "by": 1}, "by"),
        ({"step": "drop_straightliners", "items": {"a": 1}}, "items"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_refused_with_its_place(settings, item):
    with pytest.raises(CodebookError, match=f"can't use its {item}") as caught:
        clean(survey({"seconds": [1.0]}, SECONDS, cleaning=(settings,)))
    assert caught.value.where == "cleaning, entry 1"
    assert caught.value.got == repr(settings[item])


@pytest.mark.parametrize(
    "step",
    [
        lambda found: drop_duplicates(found, by="idd"),
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
    assert caught.value.got == "check is not 'Agree'"


def test_every_step_can_be_named_in_a_codebook():
    assert set(STEPS) == {
        "drop_duplicates", "drop_failed_attention", "drop_speeders", "drop_straightliners", "set_missing",
    }  # fmt: skip
