"""Variables are made of others as the conditions say, and missing codes become empty and are counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import survey

from trustkit.cleaning.derive import derive, set_missing
from trustkit.errors import DataError
from trustkit.survey.variable import Variable

SECONDS = Variable("seconds", "Seconds", "numeric", missing={-1: "skipped"})
ID = Variable("id", "Id", "id")
AGE = Variable("age", "Age", "numeric", missing={999: "refused"})
KIDS = Variable("kids", "Children", "single", codes={1: "Yes", 2: "No"}, missing={9: "refused"})
MISSING = {8: "don't know", 9: "refused", 98: "not asked", 99: "not asked"}


def item(name):
    return Variable(
        name, name, "ordinal", codes={1: "low", 2: "mid", 3: "high"}, missing=MISSING, set="battery"
    )


# Derive

LIFE = {
    "young": {"age": {"high": 34}},
    "parent": {"kids": "Yes"},
    "older parent": {"kids": "Yes", "age": {"low": 65}},
}


def people():
    return survey({"age": [20, 40, 70, 70, 999, 40, None], "kids": [1, 1, 1, 2, 1, 9, 2]}, AGE, KIDS)


def answers(found, name):
    return found.data[name].astype(object).where(found.data[name].notna(), None).tolist()


def test_the_first_condition_that_holds_decides():
    found = derive(people(), into="life", answers=LIFE)
    assert answers(found, "life") == ["young", "parent", "parent", None, "parent", None, None]


def test_the_rest_are_those_whose_answers_are_known():
    found = derive(people(), into="life", answers=LIFE, rest="other", label="Stage of life")
    assert answers(found, "life") == ["young", "parent", "parent", "other", "parent", None, None]
    about = found.codebook["life"]
    assert about.codes == {1: "young", 2: "parent", 3: "older parent", 4: "other"}
    assert (about.label, about.kind) == ("Stage of life", "single")
    assert len(found.check()) == 0


def test_the_log_says_the_conditions_and_counts_everybody():
    step = derive(people(), into="life", answers={"young": LIFE["young"]}, rest="other").log.steps[-1]
    assert step.rule == "life: young if Age is at most 34; other otherwise (young 1, other 4, no answer 2)"
    assert (step.n_before, step.n_after) == (7, 7)


@pytest.mark.parametrize(
    ("classes", "expected"),
    [(("none", "none"), "none"), (("quasi", "none"), "quasi"), (("quasi", "direct"), "direct")],
)
def test_what_is_made_of_an_identifier_identifies_too(classes, expected):
    age, kids = (replace(about, identifier=found) for about, found in zip((AGE, KIDS), classes, strict=True))
    found = derive(survey({"age": [1], "kids": [1]}, age, kids), into="life", answers=LIFE)
    assert found.codebook["life"].identifier == expected


def test_ordinal_labels_have_the_order_they_are_given_in():
    groups = {"18-34": {"age": {"low": 18, "high": 34}}, "35+": {"age": {"low": 35}}}
    found = derive(people(), into="group", answers=groups, kind="ordinal")
    assert answers(found, "group") == ["18-34", "35+", "35+", "35+", None, "35+", None]
    assert found.data["group"].dtype.ordered


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ({"into": "x", "answers": {"a": {"agee": 1}}}, "no variable 'agee'"),
        ({"into": "x", "answers": {"a": {"kids": "Maybe"}}}, "kids has no answer 'Maybe'"),
        ({"into": "kids", "answers": LIFE}, "the variable 'kids' is there already"),
        ({"into": "x", "answers": LIFE, "rest": "young"}, "several answers have the label 'young'"),
    ],
)
def test_what_cannot_be_derived_is_refused(arguments, what):
    with pytest.raises(DataError, match=what):
        derive(people(), **arguments)


def test_text_is_never_evaluated():
    with pytest.raises(DataError, match="no variable"):
        derive(people(), into="x", answers={"a": {"__import__('os').getcwd()": "1"}})


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


def test_a_frame_without_missing_codes_is_not_copied():
    before = survey({"seconds": [1.0]}, SECONDS)
    assert set_missing(before).data is before.data
