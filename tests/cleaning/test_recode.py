"""Answers get the labels, codes, order and scores that a step says, and nobody's answer is lost."""

from __future__ import annotations

import pytest
from builders import survey

import trustkit as tk
from trustkit.cleaning.recode import collapse, recode, reverse
from trustkit.errors import DataError
from trustkit.survey.columns import numeric_values
from trustkit.survey.variable import MissingRange, Variable

TRUST = Variable(
    "trust",
    "Do you trust them?",
    "ordinal",
    codes={1: "Not at all", 2: "A little", 3: "Somewhat", 4: "A lot"},
    missing={8: "don't know", 9: "refused", 99: "not asked"},
    set="battery",
)
ROWS = {"trust": [1, 2, 3, 4, 8, 9, 99, None]}


def trusting(**study):
    return survey(ROWS, TRUST, **study)


def answers(found, name):
    return found.data[name].astype(object).where(found.data[name].notna(), None).tolist()


# Recode

MERGED = {"Not at all": "Little", "A little": "Little"}


def test_answers_are_merged_into_a_new_variable_in_the_old_order():
    found = recode(trusting(), variable="trust", labels=MERGED, into="trust3", label="Trust, merged")
    assert answers(found, "trust3") == [
        "Little", "Little", "Somewhat", "A lot", "Don't know", "Refused", "Not asked", None,
    ]  # fmt: skip
    about = found.codebook["trust3"]
    assert about.codes == {1: "Little", 2: "Somewhat", 3: "A lot"}
    assert (about.kind, about.label, about.set) == ("ordinal", "Trust, merged", "")
    assert about.missing == TRUST.missing
    assert found.data["trust3"].dtype.ordered
    assert len(found.check()) == 0


def test_a_new_variable_leaves_the_old_one_as_it_was():
    before = trusting()
    found = recode(before, variable="trust", labels=MERGED, into="trust3")
    assert found.data["trust"].equals(before.data["trust"])
    assert found.codebook["trust"] == TRUST
    assert found.codebook["trust3"].label == TRUST.label
    assert "trust3" not in before.data


def test_without_a_new_name_the_variable_changes_in_place_and_stays_in_its_set():
    found = recode(trusting(), variable="trust", labels=MERGED)
    assert list(found.data) == ["trust"]
    assert found.codebook["trust"].labels == ("Little", "Somewhat", "A lot")
    assert found.codebook["trust"].set == "battery"
    assert len(found.check()) == 0


def test_the_log_says_which_answers_became_what():
    step = recode(trusting(), variable="trust", labels=MERGED, into="trust3").log.steps[-1]
    assert step.rule == "trust3: Little = Not at all or A little"
    assert (step.step, step.n_before, step.n_after) == ("recode", 8, 8)


def test_renamed_answers_keep_their_codes_and_scores():
    about = Variable(
        "x", "X", "single", codes={5: "a", 7: "b"}, scores={"a": 10.0, "b": 20.0}, missing={6: "refused"}
    )
    found = recode(survey({"x": [5, 7, 6]}, about), variable="x", labels={"a": "Alpha"}, into="y")
    assert found.codebook["y"].codes == {5: "Alpha", 7: "b"}
    assert found.codebook["y"].scores == {"Alpha": 10.0, "b": 20.0}


def test_merged_answers_lose_their_scores_and_get_codes_beside_the_missing_ones():
    about = Variable(
        "x", "X", "ordinal", codes={5: "a", 7: "b", 8: "c"}, scores={"a": 10.0}, missing={1: "refused"},
        missing_ranges=(MissingRange(3, 4, "skipped"),),
    )  # fmt: skip
    found = recode(survey({"x": [5, 7, 8, 1, 3]}, about), variable="x", labels={"a": "b"}, into="y")
    assert found.codebook["y"].codes == {2: "b", 5: "c"}
    assert found.codebook["y"].scores == {}
    assert answers(found, "y") == ["b", "b", "c", "Refused", "Skipped"]


def test_a_missing_answer_can_become_an_answer_and_then_nobody_is_unasked():
    about = Variable(
        "buys", "Buys", "single", codes={1: "Yes", 2: "No"}, missing={8: "don't know", 99: "not asked"},
        asked={"trust": ("A lot",)},
    )  # fmt: skip
    found = survey({"trust": [4, 4, 1], "buys": [1, 8, 99]}, TRUST, about)
    found = recode(found, variable="buys", labels={"Not asked": "No"}, into="buyer")
    assert answers(found, "buyer") == ["Yes", "Don't know", "No"]
    assert found.codebook["buyer"].codes == {1: "Yes", 2: "No"}
    assert found.codebook["buyer"].missing == {8: "don't know"}
    assert found.codebook["buyer"].asked == {}
    assert len(found.check()) == 0


def test_a_missing_answer_with_a_label_of_its_own_comes_last():
    found = recode(trusting(), variable="trust", labels={"Don't know": "Undecided"}, into="t")
    assert found.codebook["t"].codes == {**TRUST.codes, 5: "Undecided"}
    assert found.codebook["t"].asked == {}
    assert answers(found, "t")[4:6] == ["Undecided", "Refused"]


def test_an_answer_can_become_a_missing_one():
    found = recode(trusting(), variable="trust", labels={"Somewhat": "Don't know"}, into="t")
    assert found.codebook["t"].labels == ("Not at all", "A little", "A lot")
    assert answers(found, "t")[2] == "Don't know"
    assert len(found.check()) == 0


def test_missing_answers_are_merged():
    found = recode(trusting(), variable="trust", labels={"Refused": "Don't know"}, into="t")
    assert answers(found, "t")[4:6] == ["Don't know", "Don't know"]
    assert found.codebook["t"].missing == {8: "don't know", 99: "not asked"}
    assert found.codebook["t"].codes == TRUST.codes


def test_missing_answers_can_trade_places():
    labels = {"Refused": "Don't know", "Don't know": "Undecided"}
    found = recode(trusting(), variable="trust", labels=labels, into="t")
    assert answers(found, "t")[4:6] == ["Undecided", "Don't know"]
    assert found.codebook["t"].missing == {8: "don't know", 99: "not asked"}
    assert len(found.check()) == 0


def test_the_sources_words_for_a_missing_answer_stay():
    about = Variable(
        "x", "X", "single", codes={1: "a"}, missing={8: "refused", 9: "refused"},
        missing_words={8: "Rather not", 9: "No comment"},
    )  # fmt: skip
    found = recode(
        survey({"x": [1, 8, 9]}, about), variable="x", labels={"No comment": "Rather not"}, into="y"
    )
    assert found.codebook["y"].missing_words == {8: "Rather not"}
    assert answers(found, "y") == ["a", "Rather not", "Rather not"]


def test_an_unknown_code_stays_visible_until_it_is_recoded():
    found = survey({"trust": [1, 7]}, TRUST)
    other = recode(found, variable="trust", labels=MERGED, into="t")
    assert answers(other, "t") == ["Little", "7"]
    assert other.check()["rule"].tolist() == ["unknown code", "unknown code"]
    corrected = recode(found, variable="trust", labels={"7": "A lot"})
    assert answers(corrected, "trust") == ["Not at all", "A lot"]
    assert len(corrected.check()) == 0


def test_all_unknown_answers_are_named_at_once():
    with pytest.raises(DataError, match="trust has no answer 'A lott', 'Often'") as caught:
        recode(trusting(), variable="trust", labels={"A lott": "Much", "Often": "Much", "A lot": "Much"})
    assert caught.value.do.startswith("did you mean 'A lot'?; choose one of: Not at all,")


def test_numbers_have_no_answers_to_recode():
    with pytest.raises(DataError, match="age has no answers to recode") as caught:
        recode(survey({"age": [1]}, Variable("age", "Age", "numeric")), variable="age", labels={"1": "one"})
    assert "derive" in caught.value.do


def test_a_new_name_that_is_taken_is_refused():
    found = survey({**ROWS, "other": range(8)}, TRUST)
    with pytest.raises(DataError, match="the variable 'other' is there already"):
        recode(found, variable="trust", labels=MERGED, into="other")


def test_answers_that_others_rest_on_do_not_change_in_place():
    why = Variable("why", "Why?", "text", asked={"trust": ("Not at all",)})
    found = survey({**ROWS, "why": None}, TRUST, why, track={"trust": "A little"})
    with pytest.raises(DataError, match="answers of trust can't change in place") as caught:
        recode(found, variable="trust", labels=MERGED)
    assert caught.value.got == "why, asked of 'Not at all'; the log, which tracks 'A little'"
    assert recode(found, variable="trust", labels={"A lot": "Much"}).codebook["trust"].labels[-1] == "Much"


@pytest.mark.parametrize(
    "change",
    [
        lambda found: recode(found, variable="trust", labels={"Somewhat": "Not at all"}),
        lambda found: recode(found, variable="trust", labels={"Don't know": "Not at all"}),
        lambda found: collapse(found, variable="trust", into="trust", labels=TOP, rest="Does not"),
        lambda found: collapse(found, variable="trust", into="trust", labels=TOP, rest="Not at all"),
    ],
)
def test_an_answer_that_others_rest_on_keeps_its_respondents(change):
    why = Variable("why", "Why?", "text", asked={"trust": ("Not at all",)})
    with pytest.raises(DataError, match="answers of trust can't change in place") as caught:
        change(survey({**ROWS, "why": None}, TRUST, why))
    assert caught.value.got == "why, asked of 'Not at all'"


def test_a_column_without_a_codebook_can_be_recoded():
    found = survey({"use": ["daily", None, "never"]})
    found = recode(found, variable="use", labels={"daily": "often"})
    assert answers(found, "use") == ["often", None, "never"]
    assert found.codebook["use"].labels == ("often", "never")


# Collapse

TOP = {"Trusts": ["A lot", "Somewhat"]}


def test_the_top_two_boxes_come_first_and_the_rest_last():
    found = collapse(trusting(), variable="trust", into="top2", labels=TOP, rest="Does not", label="Top 2")
    assert answers(found, "top2") == [
        "Does not", "Does not", "Trusts", "Trusts", "Don't know", "Refused", "Not asked", None,
    ]  # fmt: skip
    about = found.codebook["top2"]
    assert (about.codes, about.label, about.kind) == ({1: "Trusts", 2: "Does not"}, "Top 2", "ordinal")
    assert found.log.steps[-1].rule == "top2: Trusts = A lot or Somewhat; Does not = Not at all or A little"
    assert len(found.check()) == 0


def test_boxes_have_the_order_they_are_given_in():
    boxes = {"High": "A lot", "Low": ["Not at all", "A little", "Somewhat"]}
    found = collapse(trusting(), variable="trust", into="t", labels=boxes)
    assert found.data["t"].cat.categories[:2].tolist() == ["High", "Low"]


def test_a_missing_answer_put_into_a_box_is_an_answer():
    boxes = {"Yes": ["A lot", "Somewhat"], "No": ["Not at all", "A little", "Don't know"]}
    found = collapse(trusting(), variable="trust", into="t", labels=boxes)
    assert answers(found, "t")[4] == "No"
    assert found.codebook["t"].missing == {9: "refused", 99: "not asked"}


def test_a_box_of_a_set_is_a_question_of_its_own():
    about = Variable("m", "M", "multiple", codes={1: "Yes", 0: "No"}, set="media")
    found = collapse(survey({"m": [1, 0]}, about), variable="m", into="t", labels={"Y": "Yes"}, rest="N")
    assert (found.codebook["t"].kind, found.codebook["t"].set) == ("single", "")


def test_an_answer_in_two_boxes_or_in_none_is_refused():
    boxes = {"Yes": ["A lot", "Somewhat"], "No": ["Not at all", "Somewhat"]}
    with pytest.raises(DataError, match="each answer of trust must be in exactly one box") as caught:
        collapse(trusting(), variable="trust", into="t", labels=boxes)
    assert caught.value.got == "in two boxes: 'Somewhat'; in none: 'A little'"


def test_an_unknown_answer_in_a_box_is_refused_with_a_near_miss():
    with pytest.raises(DataError, match="trust has no answer 'A lott'") as caught:
        collapse(trusting(), variable="trust", into="t", labels={"Yes": "A lott"}, rest="No")
    assert caught.value.do == "did you mean 'A lot'?"


def test_a_box_called_like_missing_answers_is_refused():
    with pytest.raises(DataError, match="the box 'Refused' is also the label of missing answers"):
        collapse(trusting(), variable="trust", into="t", labels={"Refused": "A lot"}, rest="No")


# Reverse


def test_a_scale_turned_around_scores_the_other_way_and_answers_stay():
    before = trusting()
    found = reverse(before, variable="trust", into="distrust")
    assert answers(found, "distrust") == answers(before, "trust")
    old = numeric_values(before.data["trust"], before.codebook["trust"])
    new = numeric_values(found.data["distrust"], found.codebook["distrust"])
    assert (old[:4] + new[:4]).tolist() == [5.0] * 4
    assert found.codebook["distrust"].labels == tuple(reversed(TRUST.labels))
    assert found.data["distrust"].dtype.ordered
    assert found.log.steps[-1].rule == "distrust: from A lot to Not at all"
    assert len(found.check()) == 0


def test_turning_around_twice_gives_the_scale_back():
    found = reverse(reverse(trusting(), variable="trust"), variable="trust")
    assert found.codebook["trust"] == TRUST
    assert found.data.equals(trusting().data)


def test_written_scores_are_turned_around_too():
    about = Variable("x", "X", "ordinal", codes={1: "a", 2: "b", 3: "c"}, scores={"a": 0, "b": 67, "c": 100})
    found = reverse(survey({"x": [1, 2, 3]}, about), variable="x", into="y", label="Y")
    assert numeric_values(found.data["y"], found.codebook["y"]).tolist() == [100, 33, 0]
    assert found.codebook["y"].label == "Y"


def test_a_number_is_turned_around_in_its_range_and_its_missing_codes_stay():
    about = Variable("x", "X", "numeric", low=0, high=10, missing={99: "refused"})
    found = reverse(survey({"x": [0, 4, 99, None]}, about), variable="x")
    assert found.data["x"].fillna(-1).tolist() == [10, 6, 99, -1]
    assert found.log.steps[-1].rule == "x: 10 - x"


@pytest.mark.parametrize(
    ("about", "got"),
    [
        (Variable("x", "X", "single", codes={1: "a", 2: "b"}), "kind single, no order"),
        (Variable("x", "X", "numeric", low=0), "kind numeric, no range"),
    ],
)
def test_what_has_no_order_or_range_cannot_be_turned_around(about, got):
    with pytest.raises(DataError, match="x can't be reversed") as caught:
        reverse(survey({"x": [1, 2]}, about), variable="x")
    assert caught.value.got == got


def test_an_item_that_the_codebook_turns_around_is_not_turned_twice():
    about = Variable("x", "X", "ordinal", codes={1: "a", 2: "b"}, reverse=True)
    with pytest.raises(DataError, match="the codebook already reverses"):
        reverse(survey({"x": [1, 2]}, about), variable="x")


# Sets


def battery():
    steps = {1: "No", 2: "Partly", 3: "Yes"}
    items = [Variable(name, name, "ordinal", codes=steps, set="trust") for name in ("t1", "t2")]
    return survey({"t1": [1, 3], "t2": [3, 2]}, *items)


def test_a_sets_name_collapses_and_turns_around_all_its_questions():
    found = tk.collapse(battery(), variable="trust", into="*_top", labels={"top": "Yes"}, rest="other")
    assert found.data[["t1_top", "t2_top"]].to_numpy().tolist() == [["other", "top"], ["top", "other"]]
    turned = tk.reverse(battery(), variable="trust")
    assert turned.codebook["t1"].codes == turned.codebook["t2"].codes == {1: "Yes", 2: "Partly", 3: "No"}


def test_a_sets_questions_cannot_all_get_one_name():
    with pytest.raises(DataError, match="trust is a set of 2 questions") as caught:
        tk.collapse(battery(), variable="trust", into="top", labels={"top": "Yes"}, rest="other")
    assert "into='*_new'" in caught.value.do
