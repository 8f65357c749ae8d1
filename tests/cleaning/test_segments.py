"""Respondents are sorted by what a rule says, and a rule that nobody read gives no segments, or says so."""

from __future__ import annotations

from itertools import product

import pandas as pd
import pytest

import trustkit as tk
from trustkit.cleaning.segments import read_segment_rules, shipped_segment_rules
from trustkit.errors import DataError

CODES = {1: "strongly agree", 2: "agree", 3: "disagree", 4: "strongly disagree"}
AGREE, DISAGREE = ["strongly agree", "agree"], ["disagree", "strongly disagree"]
SIDES = {"agree": AGREE, "disagree": DISAGREE}
NAMES = ["q1", "q2", "q3", "q4"]


def survey(rows, codes=CODES):
    variables = {
        name: tk.Variable(name, name, "ordinal", codes=codes, missing={9: "don't know"}, identifier=kind)
        for name, kind in zip(NAMES, ("none", "quasi", "none", "none"), strict=True)
    }
    return tk.Survey(pd.DataFrame(rows, columns=NAMES), tk.Codebook(variables))


def sorted_by(name, rows):
    rule = shipped_segment_rules()[name]
    items = dict(zip(rule.items, NAMES, strict=False))
    return tk.segments(survey(rows), name if rule.checked == "read" else rule, items=items, **SIDES)


def test_three_items_give_fundamentalists_unconcerned_and_the_rest():
    # the first item concerns by agreement, the others by disagreement: written apart from the file
    rows = [(first, second, third, 1) for first, second, third in product(CODES, repeat=3)]
    found = sorted_by("westin_segmentation_1995", rows).data["segment"].tolist()
    for (first, second, third, _), segment in zip(rows, found, strict=True):
        if first <= 2 and second >= 3 and third >= 3:
            assert segment == "Fundamentalist"
        elif first >= 3 and second <= 2 and third <= 2:
            assert segment == "Unconcerned"
        else:
            assert segment == "Pragmatist"


def test_the_same_answers_are_in_other_segments_by_another_variant():
    rows = [(1, 4, 1, 1)]
    assert sorted_by("westin_consumer_1991", rows).data["segment"].tolist() == ["Fundamentalist"]
    assert sorted_by("westin_segmentation_1995", rows).data["segment"].tolist() == ["Pragmatist"]


@pytest.mark.parametrize(
    ("row", "concern", "distrust"),
    [
        ((1, 1, 1, 1), "High concern", "Medium distrust"),
        ((1, 4, 1, 4), "Moderate concern", "High distrust"),
        ((4, 4, 4, 1), "Low concern", "Low distrust"),
        ((4, 1, 4, 1), "Moderate concern", "No distrust"),
    ],
)
def test_four_items_are_counted(row, concern, distrust):
    assert sorted_by("westin_concern_1990", [row]).data["segment"].tolist() == [concern]
    assert sorted_by("westin_distrust_1994", [row]).data["segment"].tolist() == [distrust]


def test_who_did_not_answer_one_item_is_in_no_segment():
    found = sorted_by("westin_segmentation_1995", [(1, 4, 9, 1), (1, 4, None, 1), (1, 4, 4, 9)])
    assert found.data["segment"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize("name", shipped_segment_rules())
def test_a_shipped_rule_that_was_not_read_at_its_source_gives_no_segments_by_its_name(name):
    rule = shipped_segment_rules()[name]
    given = {"items": dict(zip(rule.items, NAMES, strict=False)), **SIDES}
    if rule.checked == "read":
        assert "segment" in tk.segments(survey([(1, 1, 1, 1)]), name, **given).data
        return
    with pytest.raises(DataError, match="was not read at its source") as caught:
        tk.segments(survey([(1, 1, 1, 1)]), name, **given)
    assert rule.source in caught.value.do


def test_estimates_of_ones_own_rule_that_was_not_read_say_so_and_the_log_has_its_caveats():
    found = sorted_by("westin_consumer_1991", [(1, 4, 4, 1), (4, 1, 1, 1)])
    assert found.codebook["segment"].unsure
    assert "segment" in found.codebook["segment"].name
    shown = repr(tk.proportion(tk.Design(found), "segment"))
    assert "Consumers' concern about privacy, 1991" in shown
    assert "review" in shown
    assert "Pragmatists are the rest" in found.log.steps[-1].rule
    assert "Kumaraguru and Cranor 2005" in found.log.steps[-1].rule


def test_the_rule_of_1995_was_read_and_gives_segments_without_doubt():
    found = sorted_by("westin_segmentation_1995", [(1, 4, 4, 1), (4, 1, 1, 1)])
    assert not found.codebook["segment"].unsure
    assert "Azure architecture center" in found.log.steps[-1].rule


def test_a_rule_that_was_read_gives_a_variable_without_doubt():
    rule = tk.SegmentRule("Concern", {"lost": "agree"}, {"High": (1, 1), "Low": (0, 0)})
    found = tk.segments(survey([(1, 1, 1, 1)]), rule, items={"lost": "q2"}, into="kind", **SIDES)
    assert found.data["kind"].tolist() == ["High"]
    assert not found.codebook["kind"].unsure
    assert found.codebook["kind"].identifier == "quasi"


@pytest.mark.parametrize("name", shipped_segment_rules())
def test_each_shipped_rule_has_a_source_caveats_and_items_in_a_few_words(name):
    rule = shipped_segment_rules()[name]
    assert rule.source
    assert rule.caveats
    assert rule.about.keys() == rule.items.keys()
    assert all(len(words.split()) <= 7 for words in rule.about.values())


ITEMS = {"control": "q1", "business": "q2", "law": "q3"}
CALL = {"rule": "westin_segmentation_1995", "items": ITEMS, **SIDES}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule": "westin_segmentation_1996"}, "did you mean 'westin_segmentation_1995'"),
        ({"items": {"control": "q1"}}, "needs a variable for each"),
        ({"items": ITEMS | {"laws": "q4"}}, "did you mean 'law'"),
        ({"items": ITEMS | {"law": "q5"}}, "no variable 'q5'"),
        ({"items": ITEMS | {"law": "q2"}}, "given for several items"),
        ({"agree": ["agree"]}, "neither agree nor disagree"),
        ({"agree": [*AGREE, "disagree"]}, "agrees and disagrees"),
        ({"into": "q1"}, "q1"),
    ],
)
def test_what_the_rule_says_nothing_about_is_refused(change, words):
    with pytest.raises(DataError, match=words):
        tk.segments(survey([(1, 1, 1, 1)]), **(CALL | change))


def test_an_answer_in_the_middle_is_refused():
    middle = {**CODES, 5: "neither"}
    with pytest.raises(DataError, match="a question with a middle answer needs a rule of its own"):
        tk.segments(survey([(1, 1, 1, 1)], middle), **CALL)


def test_segments_that_leave_a_number_out_or_hold_it_twice_are_refused():
    for ranges in ({"High": (1, 1)}, {"High": (0, 1), "Low": (0, 0)}):
        with pytest.raises(DataError, match="0 answers that show concern are in"):
            tk.SegmentRule("Concern", {"lost": "agree"}, ranges)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("items: {a: {about: x, concern: agrees}}", "did you mean 'agree'"),
        ("segments: {High: [1, 1]}", "are in 0 segments"),
        ("segments: {High: [1], Low: [0, 0]}", "needs two numbers"),
        ("checked: maybe", "checked"),
        ("sources: x", "unknown key"),
        ("items: {a: {about: x}}", "'concern' is missing"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path, text, words):
    right = {
        "title": "Concern", "items": "{a: {about: x, concern: agree}}",
        "segments": "{High: [1, 1], Low: [0, 0]}", "caveats": "[none]", "source": "here", "checked": "read",
    }  # fmt: skip
    key, _, value = text.partition(": ")
    body = "\n".join(f"    {name}: {told}" for name, told in {**right, key: value}.items())
    file = tmp_path / "rules.yaml"
    file.write_text(f"title: t\nrules:\n  mine:\n{body}\n", encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_segment_rules(file)


@pytest.mark.parametrize("ends", [(2, 3), (1, 0)])
def test_a_segment_of_numbers_that_nobody_can_have_is_refused(ends):
    with pytest.raises(
        DataError, match=f"'Never' is from {ends[0]} to {ends[1]}, and numbers are from 0 to 1"
    ):
        tk.SegmentRule("Made", {"a": "agree"}, {"High": (1, 1), "Low": (0, 0), "Never": ends})
