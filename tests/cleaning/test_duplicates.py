"""Copies of respondents are found exactly, or the search is refused and says why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustkit.cleaning import duplicates
from trustkit.cleaning.duplicates import (
    normalised,
    percent_match,
    same_rows,
    same_texts,
    same_values,
    similar_texts,
)
from trustkit.errors import DataError, NotComputableError

ROWS = st.lists(
    st.lists(st.sampled_from([1.0, 2.0, 3.0, np.nan]), min_size=4, max_size=4), min_size=1, max_size=12
)
WORDS = ("trust", "brand", "data", "never", "again", "sold", "address", "honest", "asked", "first")
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=0, max_size=9).map(" ".join), min_size=1, max_size=10
)


# ---- rows and ids --------------------------------------------------------------------------------


@given(ROWS)
def test_equal_rows_are_counted_missing_answers_being_equal(rows):
    keys = [tuple("-" if np.isnan(answer) else answer for answer in row) for row in rows]
    assert same_rows(pd.DataFrame(rows)).tolist() == [keys.count(key) - 1 for key in keys]


def test_rows_of_mixed_kinds_are_compared():
    frame = pd.DataFrame(
        {"a": pd.Categorical(["x", "x", "y", "x"]), "b": ["1", "1", "1", None], "c": [1.5, 1.5, 1.5, 1.5]},
        index=list("pqrs"),
    )
    assert same_rows(frame).to_dict() == {"p": 1, "q": 1, "r": 0, "s": 0}


def test_without_columns_all_rows_are_equal_and_without_rows_there_are_none():
    assert same_rows(pd.DataFrame(index=range(3))).tolist() == [2, 2, 2]
    assert same_rows(pd.DataFrame({"a": []})).tolist() == []


def test_equal_ids_are_counted_and_a_missing_id_is_unknown():
    found = same_values(pd.Series(["a", "b", "a", None, "a", None]))
    assert found.tolist()[:3] == [2, 0, 2]
    assert found.isna().tolist() == [False, False, False, True, False, True]


# ---- percent match -------------------------------------------------------------------------------


def best_by_hand(rows):
    found = []
    for i, mine in enumerate(rows):
        shares = []
        for j, theirs in enumerate(rows):
            both = [(a, b) for a, b in zip(mine, theirs, strict=True) if not (np.isnan(a) or np.isnan(b))]
            if i != j and len(both) >= max(len(mine) / 2, 1):
                shares.append(np.mean([a == b for a, b in both]))
        found.append(max(shares, default=np.nan))
    return found


@given(ROWS)
def test_percent_match_is_the_highest_share_over_all_pairs(rows):
    np.testing.assert_allclose(percent_match(pd.DataFrame(rows)), best_by_hand(rows))


def test_percent_match_is_the_same_in_blocks_of_any_size(monkeypatch):
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 4, (60, 9))).where(rng.random((60, 9)) > 0.1)
    whole = percent_match(frame)
    np.testing.assert_allclose(whole, best_by_hand(frame.to_numpy(dtype=float)))
    monkeypatch.setattr(duplicates, "CELLS", 70)
    np.testing.assert_array_equal(percent_match(frame), whole)


def test_percent_match_takes_labels_and_keeps_the_index():
    frame = pd.DataFrame({"a": ["x", "x", "y"], "b": ["x", "y", "y"], "c": ["z", "z", "z"]}, index=[7, 8, 9])
    assert percent_match(frame).round(3).to_dict() == {7: 0.667, 8: 0.667, 9: 0.667}


def test_a_copy_with_one_answer_changed_is_found_among_others():
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(rng.integers(1, 6, (300, 50)))
    frame.loc[299] = frame.loc[0]
    frame.loc[299, 10] = frame.loc[0, 10] % 5 + 1
    found = percent_match(frame)
    assert found[[0, 299]].tolist() == [0.98, 0.98]
    assert found.drop([0, 299]).max() < 0.7


def test_only_members_of_a_group_are_compared():
    frame = pd.DataFrame([[1, 1], [1, 1], [1, 2], [1, 1]])
    found = percent_match(frame, within=pd.Series(["a", "b", "a", None]))
    assert found.tolist()[:3] == pytest.approx([0.5, np.nan, 0.5], nan_ok=True)
    assert np.isnan(found[3])


@pytest.mark.parametrize("frame", [pd.DataFrame({"a": [1]}), pd.DataFrame(index=range(3))])
def test_without_a_partner_or_items_there_is_no_match(frame):
    assert percent_match(frame).isna().all()


def test_too_many_pairs_are_refused_before_they_cost_anything():
    frame = pd.DataFrame({"a": np.zeros(1_000_000, dtype=np.int8)})
    with pytest.raises(NotComputableError, match=r"(?s)499,999,500,000 pairs.*200,000,000.*within groups"):
        percent_match(frame)


def test_many_respondents_are_compared_within_groups():
    frame = pd.DataFrame({"a": np.arange(100_000) % 3, "b": 1})
    found = percent_match(frame, within=pd.Series(np.arange(100_000) // 4))
    assert found.value_counts().to_dict() == {1.0: 50_000, 0.5: 50_000}


# ---- texts ---------------------------------------------------------------------------------------


def test_case_spaces_and_unicode_forms_do_not_tell_texts_apart():
    texts = pd.Series(["Stra\u00dfe  nach\tCafe\u0301", "STRASSE nach CAF\u00c9 ", None, ""])
    assert normalised(texts).tolist()[0] == normalised(texts).tolist()[1] == "strasse nach caf\u00e9"
    assert normalised(texts).isna().tolist() == [False, False, True, False]


def test_copied_texts_are_counted_and_short_or_missing_ones_are_unknown():
    copied = "They never asked me before."
    texts = pd.Series(
        [copied, copied.upper(), f" {copied}", "No idea", "no idea", None, "Something else entirely."]
    )
    found = same_texts(texts)
    assert found.tolist()[:3] == [2, 2, 2]
    assert found.isna().tolist() == [False, False, False, True, True, True, False]
    assert found[6] == 0


def test_answers_without_any_text_are_unknown():
    texts = pd.Series([None, np.nan], dtype=object)
    assert same_texts(texts).isna().all()
    assert similar_texts(texts).isna().all()
    assert similar_texts(pd.Series([], dtype=object)).tolist() == []


def resembling_by_hand(texts, similarity):
    sets = [{text[i : i + 5] for i in range(len(text) - 4)} if len(text) >= 20 else None for text in texts]
    found = []
    for i, mine in enumerate(sets):
        others = [theirs for j, theirs in enumerate(sets) if j != i and theirs is not None]
        close = [
            theirs
            for theirs in others
            if mine and len(mine & theirs) >= similarity * len(mine | theirs) - 1e-9
        ]
        found.append(np.nan if mine is None else len(close))
    return found


@settings(deadline=None)
@given(TEXTS, st.sampled_from([0.1, 0.5, 0.8, 1.0]))
def test_similar_texts_are_those_found_by_comparing_all_pairs(texts, similarity):
    found = similar_texts(pd.Series(texts, dtype=object), similarity=similarity)
    np.testing.assert_array_equal(found, resembling_by_hand(texts, similarity))


def test_a_copied_text_with_a_word_changed_is_found():
    text = "I would trust a brand that tells me plainly what it does with my data and stops when I ask."
    texts = pd.Series(
        [text, text.replace("plainly", "clearly"), "Nothing that a brand says could make me trust it."]
    )
    assert similar_texts(texts).tolist() == [1, 1, 0]
    assert same_texts(texts).tolist() == [0, 0, 0]


def test_a_text_of_one_letter_throughout_has_one_shingle_and_still_finds_its_like():
    assert similar_texts(pd.Series(["a" * 20, "a" * 30, "b" * 25])).tolist() == [1, 1, 0]


@pytest.mark.parametrize("similarity", [0.0, 1.5])
def test_a_similarity_is_a_share(similarity):
    with pytest.raises(DataError, match="similarity is out of range"):
        similar_texts(pd.Series(["x"]), similarity=similarity)


def test_more_text_than_fits_is_refused(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_CHARACTERS", 50)
    texts = pd.Series(["A text of more than twenty characters.", "Another text of that length, or more."])
    with pytest.raises(NotComputableError, match=r"(?s)75 characters.*at most 50.*a part of the respondents"):
        similar_texts(texts)
    assert similar_texts(pd.Series([texts[0]] * 100)).tolist() == [99] * 100


def test_texts_that_share_too_much_are_refused(monkeypatch):
    monkeypatch.setattr(duplicates, "MOST_LOOKUPS", 50)
    texts = pd.Series([f"All of these texts are alike but for a number: {number}" for number in range(30)])
    with pytest.raises(NotComputableError, match="share rare strings"):
        similar_texts(texts)
