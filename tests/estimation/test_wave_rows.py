"""Rows of two waves are matched by name, and what only one wave has is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

YES_NO = {1: "Yes", 2: "No"}


def wave(answers, codes, *, name="t", wording="Do you trust brands?", group=None):
    frame = pd.DataFrame({name: answers})
    variables = {name: tk.Variable(name, wording, "single", codes=codes)}
    by = None
    if group is not None:
        by, values = group
        frame[by] = pd.Categorical(values)
        variables[by] = tk.Variable(by, by, "single", codes={text: text for text in sorted(set(values))})
    survey = tk.Survey(frame, tk.Codebook(variables))
    return tk.proportion(tk.Design(survey), name, by=by)


EARLIER = wave([1, 2, 1, 1, 2] * 20, YES_NO)


def test_answers_in_another_order_are_matched_by_their_labels():
    change = tk.wave_difference(wave([1, 2, 2, 1, 2] * 20, {2: "No", 1: "Yes"}), EARLIER)
    assert dict(zip(change.keys["level"], change.estimate.round(10), strict=True)) == {"No": 0.2, "Yes": -0.2}
    same_order = tk.wave_difference(wave([1, 2, 2, 1, 2] * 20, YES_NO), EARLIER)
    assert change.se == pytest.approx(same_order.se[::-1], rel=1e-12)
    assert change.vcov == pytest.approx(same_order.vcov[::-1, ::-1], rel=1e-12)
    assert any("another order" in note for note in change.notes)
    assert not any("another order" in note for note in same_order.notes)


def test_answers_that_differ_in_capitals_and_blanks_are_matched_and_noted():
    change = tk.wave_difference(wave([1, 2, 2, 1, 2] * 20, {1: "YES ", 2: " no"}), EARLIER)
    assert change.estimate == pytest.approx([-0.2, 0.2])
    (note,) = [note for note in change.notes if "spelled differently" in note]
    assert "'Yes'" in note
    assert "'No'" in note


def test_answers_that_only_one_wave_has_are_named_with_the_answers_of_both():
    later = wave([1, 2, 3, 1, 2] * 20, {**YES_NO, 3: "Partly"})
    with pytest.raises(DataError, match="don't match") as caught:
        tk.wave_difference(later, EARLIER)
    assert [fault.what for fault in caught.value.faults] == ["only the later wave has the answer 'Partly'"]
    assert caught.value.where == "answers of the waves: later: 'Yes', 'No', 'Partly'; earlier: 'Yes', 'No'"
    assert "recode or collapse" in caught.value.do


def test_answers_that_are_worded_otherwise_are_named_in_both_waves():
    with pytest.raises(DataError) as caught:
        tk.wave_difference(wave([1, 2] * 50, {1: "Yes, fully", 2: "No"}), EARLIER)
    assert [fault.what for fault in caught.value.faults] == [
        "only the later wave has the answer 'Yes, fully'",
        "only the earlier wave has the answer 'Yes'",
    ]


def test_a_question_under_another_name_is_matched_by_its_wording():
    later = wave([1, 2, 2, 1, 2] * 20, YES_NO, name="Q43A")
    change = tk.wave_difference(later, EARLIER)
    assert change.estimate == pytest.approx([-0.2, 0.2])
    assert "Matched by their wording: 'Q43A' in the later wave and 't' in the earlier one." in change.notes


def test_two_questions_with_the_same_answers_are_not_taken_for_one():
    other = wave([1, 2] * 50, YES_NO, name="Q43A", wording="Did you buy a car?")
    with pytest.raises(DataError, match="only the later wave has the variable 'Q43A'") as caught:
        tk.wave_difference(other, EARLIER)
    assert "only the earlier wave has the variable 't'" in str(caught.value)
    assert "one column name in both waves" in caught.value.do


def test_groups_in_another_order_keep_their_degrees_of_freedom():
    rows = {"x": [1.0, 2.0, 4.0, 7.0, 9.0], "g": ["a", "a", "b", "b", "b"]}
    orders = (["a", "b"], ["b", "a"])
    frames = [pd.DataFrame(rows).assign(g=pd.Categorical(rows["g"], order)) for order in orders]
    first, second = (tk.mean(tk.Design(frame), "x", by="g") for frame in frames)
    change = tk.wave_difference(second, first)
    assert change.keys["g"].tolist() == ["b", "a"]
    assert change.estimate == pytest.approx([0, 0], abs=1e-12)
    assert change.df.tolist() == (2 * second.df).tolist()
    both = tk.contrast(change, [1.0, 0.0])
    assert both.df[0] == change.df[0]


def test_groups_that_only_one_wave_has_are_named():
    later = wave([1, 2] * 50, YES_NO, group=("country", ["de", "fr"] * 50))
    earlier = wave([1, 2] * 50, YES_NO, group=("country", ["de", "it"] * 50))
    with pytest.raises(DataError) as caught:
        tk.wave_difference(later, earlier)
    assert "only the later wave has the group of country 'fr'" in str(caught.value)
    assert "only the earlier wave has the group of country 'it'" in str(caught.value)


def test_estimates_by_different_variables_and_of_different_statistics_are_refused():
    grouped = wave([1, 2] * 50, YES_NO, group=("country", ["de", "fr"] * 50))
    with pytest.raises(DataError, match="by different variables") as caught:
        tk.wave_difference(grouped, EARLIER)
    assert caught.value.got == "later: by country; earlier: without by"
    numbers = tk.Design(pd.DataFrame({"x": np.arange(10.0)}))
    with pytest.raises(DataError, match="different statistics"):
        tk.wave_difference(tk.mean(numbers, "x"), tk.total(numbers, "x"))


def test_spellings_that_one_wave_itself_tells_apart_are_not_merged():
    later = wave([1, 2] * 50, {1: "IT", 2: "it"})
    with pytest.raises(DataError, match="only the earlier wave has the answer 'It'"):
        tk.wave_difference(later, wave([1, 2] * 50, {1: "It", 2: "other"}))
