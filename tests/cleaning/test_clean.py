"""A codebook's cleaning list is checked as a whole, applied in its order, and leaves the raw file alone."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from builders import survey
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.cleaning.clean import (
    EXCLUSIONS,
    STEPS,
    clean,
    rehearse,
)
from trustkit.errors import CodebookError, DataError
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

ROOT = Path(__file__).parents[2]

ATTENTION = Variable(
    "check", "Choose Agree", "single", codes={1: "Agree", 2: "Disagree"}, missing={9: "refused"}
)
SECONDS = Variable("seconds", "Seconds", "numeric", missing={-1: "skipped"})
ID = Variable("id", "Id", "id")


def item(name):
    return Variable(
        name, name, "ordinal", codes={1: "low", 2: "mid", 3: "high"}, missing={8: "don't know"}, set="battery"
    )


def kept(found):
    return found.data.index.tolist()


# The codebook's list


def test_the_steps_of_the_codebook_are_applied_in_their_order_and_logged():
    steps = (
        {"step": "drop_duplicates", "key": "id"},
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
    with pytest.raises(DataError, match="compared with the codebook"):
        clean(survey({"check": [1, 7]}, ATTENTION))


def test_a_step_finds_what_an_earlier_one_made():
    steps = (
        {
            "step": "collapse",
            "variable": "q1",
            "into": "top",
            "labels": {"top": ["mid", "high"]},
            "rest": "low",
        },
        {"step": "recode", "variable": "top", "labels": {"top": "upper"}},
        {"step": "reverse", "variable": "q2"},
        {"step": "score", "items": ["q1", "q2"], "into": "index", "min_items": 2},
        {
            "step": "derive",
            "into": "kind",
            "answers": {"a": {"top": "upper", "index": {"low": 2.5}}},
            "rest": "b",
        },
        {"step": "flag_inconsistent", "given": {"kind": "a"}, "then": {"q1": "high"}, "into": "odd"},
        {"step": "drop_where", "where": {"odd": "inconsistent"}, "reason": "odd"},
        {"step": "keep_where", "where": {"kind": ["a", "b"]}, "reason": "known"},
        {"step": "drop_inconsistent", "given": {"kind": "b"}, "then": {"q1": ["low", "mid"]}},
    )
    found = survey(
        {"q1": [1, 2, 3, 3, 2, 8], "q2": [1, 1, 2, 3, 2, 1]}, item("q1"), item("q2"), cleaning=steps
    )
    assert errors_of(found.codebook) == []
    cleaned = clean(found, by="kind")
    assert cleaned.log.to_frame()["step"].tolist() == [step["step"] for step in steps]
    assert cleaned.data["index"].tolist() == [2.0, 2.5, 2.0]
    assert kept(cleaned) == [0, 2, 4]
    assert cleaned.codebook["top"].labels == ("upper", "low")
    assert cleaned.log.steps[-2].groups == {"a": (1, 1), "b": (3, 3), "no answer": (1, 0)}


# Faults of the list


def errors_of(book):
    nobody = pd.DataFrame({name: pd.Series(dtype=object) for name in book.variables})
    return [str(fault) for fault in rehearse(Survey(nobody, book))[0]]


def faults(*steps):
    book = survey({}, ID, ATTENTION, SECONDS, item("q1"), item("q2"), cleaning=steps).codebook
    return errors_of(book)


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (
            {"step": "drop_where", "where": {"q1": "low"}, "reason": ""},
            ", drop_where: reason can't be ''; give text",
        ),
        (
            {"step": "drop_duplicate", "by": "id"},
            ": no cleaning step 'drop_duplicate'; did you mean 'drop_duplicates'?",
        ),
        ({}, ": no cleaning step ''; choose one of: drop_duplicates, "),
        ({"step": "drop_duplicates"}, ", drop_duplicates: the argument 'key' is missing"),
        ({"step": "set_missing", "survey": "x"}, ", set_missing: unknown argument 'survey'"),
        (
            {"step": "drop_duplicates", "key": "idd"},
            ", drop_duplicates: no variable 'idd'; did you mean 'id'?",
        ),
        ({"step": "drop_duplicates", "key": 1}, ", drop_duplicates: key can't be 1; give text"),
        (
            {"step": "drop_failed_attention", "variable": "check", "passed": "Agre"},
            ", drop_failed_attention: check has no answer 'Agre'; did you mean 'Agree'?",
        ),
        (
            {"step": "drop_speeders", "duration": "seconds", "share_of_median": "a third"},
            ", drop_speeders: share_of_median can't be 'a third'; give a number",
        ),
        (
            {"step": "drop_speeders", "duration": "seconds", "share_of_median": True},
            ", drop_speeders: share_of_median can't be True; give a number",
        ),
        (
            {"step": "drop_speeders", "duration": "seconds", "share_of_median": 33},
            ", drop_speeders: the threshold must be a share, got share_of_median=33",
        ),
        (
            {"step": "drop_straightliners", "items": {"a": 1}},
            ", drop_straightliners: items can't be {'a': 1}; give text",
        ),
        (
            {"step": "drop_straightliners", "items": "batery"},
            ", drop_straightliners: no battery 'batery'; did you",
        ),
        (
            {"step": "recode", "variable": "q1", "labels": {"lo": "x", "hi": "x"}},
            ", recode: q1 has no answer 'lo', 'hi'; did you mean 'low'?",
        ),
        (
            {"step": "recode", "variable": "q1", "labels": {"low": 1}},
            ", recode: labels can't be {'low': 1}; give {answer",
        ),
        (
            {"step": "collapse", "variable": "q1", "into": "x", "labels": {"a": ["low"]}},
            ", collapse: each answer of q1 must be in exactly one box, got in none: 'mid', 'high'",
        ),
        (
            {"step": "derive", "into": "x", "answers": {"a": "q1 == 'low'"}},
            ", derive: answers can't be {'a': \"q1 == 'low'\"}; give {label: {variable: an answer,",
        ),
        (
            {"step": "derive", "into": "x", "answers": {"a": {"q1": "low"}}, "kind": "numeric"},
            ", derive: kind can't be 'numeric'; give single or ordinal",
        ),
        (
            {"step": "score", "items": "battery", "into": "x", "min_items": 1.5},
            ", score: min_items can't be 1.5; give a whole number",
        ),
        (
            {"step": "drop_where", "where": {"seconds": {"low": 1, "hihg": 2}}, "reason": "r"},
            ", drop_where: where can't be {'seconds': {'low': 1, 'hihg': 2}}; give {variable:",
        ),
        (
            {"step": "keep_where", "where": {}, "reason": "r"},
            ", keep_where: where can't be {}; give {variable:",
        ),
        (
            {"step": "keep_where", "where": {"q1": []}, "reason": "r"},
            ", keep_where: where can't be {'q1': []}; give",
        ),
    ],
)
def test_an_entry_that_is_written_wrongly_is_named_with_its_number(entry, fault):
    found = faults({"step": "set_missing"}, entry)
    assert len(found) == 1
    assert found[0].startswith(f"entry 2{fault}")


def test_all_faults_of_the_list_are_told_at_once_and_nothing_is_done():
    steps = (
        {"step": "drop_duplicates", "by": "id"},
        {"step": "drop_failed_attention", "variable": "chek", "passed": "Agree"},
        {"step": "set_missing"},
    )
    found = survey({"id": ["a"], "check": [1]}, ID, ATTENTION, cleaning=steps)
    with pytest.raises(CodebookError) as caught:
        clean(found)
    assert str(caught.value).splitlines() == [
        "3 errors in the cleaning list",
        "  - entry 1, drop_duplicates: unknown argument 'by'; choose one of: key",
        "  - entry 1, drop_duplicates: the argument 'key' is missing",
        "  - entry 2, drop_failed_attention: no variable 'chek'; did you mean 'check'?",
    ]


def test_what_rests_on_a_variable_that_could_not_be_made_repeats_no_fault():
    made = {"step": "collapse", "variable": "q1", "into": "top", "labels": {"a": "hihg"}, "rest": "b"}
    resting = {"step": "derive", "into": "x", "answers": {"p": {"top": "a"}}}
    further = {"step": "drop_where", "where": {"x": ["p"]}, "reason": "r"}
    assert len(faults(made, resting, further)) == 1


def test_columns_outside_the_codebook_are_known_to_the_list_when_data_are_there():
    steps = ({"step": "drop_where", "where": {"longest_run": {"low": 9}}, "reason": "careless"},)
    found = survey({"id": ["a", "b"], "longest_run": [2, 9]}, ID, cleaning=steps)
    assert kept(clean(found)) == [0]


def test_every_step_can_be_named_in_a_codebook():
    assert list(STEPS) == [
        "drop_duplicates", "drop_failed_attention", "drop_speeders", "drop_straightliners", "drop_where",
        "keep_where", "drop_inconsistent", "drop_without_consent", "flag_inconsistent", "recode", "collapse",
        "reverse", "derive", "score", "set_missing",
    ]  # fmt: skip
    assert [step.__name__ for step in EXCLUSIONS] == list(STEPS)[:8]


# Losses by group


def test_the_log_says_which_groups_lost_whom_and_what_weight():
    about = Variable("w", "Weight", "weight")
    steps = ({"step": "drop_speeders", "duration": "seconds", "share_of_median": 0.5},)
    frame = {"seconds": [10, 100, 100, 20], "check": [1, 1, 2, 2], "w": [1, 1, 1, 5]}
    found = survey(frame, SECONDS, ATTENTION, about, cleaning=steps, design=Roles(weights="w"))
    log = clean(found, by="check").log.to_frame().iloc[0]
    assert log["weight_lost"] == 0.75
    assert (log["lost of check = Agree"], log["lost of check = Disagree"]) == (0.5, 0.5)
    assert "weight lost" in repr(clean(found).log)


@pytest.mark.parametrize(
    ("by", "do"), [("seconds", "choose one of: check"), ("chek", "did you mean 'check'?")]
)
def test_losses_are_told_by_a_variable_with_labelled_answers(by, do):
    with pytest.raises(DataError, match=f"labelled answers\n.*\n  got: '{by}'") as caught:
        clean(survey({"seconds": [1.0], "check": [1]}, SECONDS, ATTENTION), by=by)
    assert caught.value.do == do


ROWS = st.lists(
    st.tuples(
        st.sampled_from([1, 2, 9, None]), st.sampled_from([1, 2, 3, 8, None]), st.integers(0, 100),
        st.floats(0.1, 10),
    ),
    min_size=1, max_size=30,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_every_respondent_is_accounted_for_at_every_step(rows):
    """Steps join up, groups add up to n, and the weight lost compounds to the weight left."""
    steps = (
        {"step": "drop_where", "where": {"q1": "low"}, "reason": "r"},
        {"step": "keep_where", "where": {"seconds": {"low": 20}}, "reason": "r"},
        {"step": "set_missing"},
        {"step": "drop_speeders", "duration": "seconds"},
    )
    survivor = (1, 2, 1000, 1.0)  # no step may exclude everybody
    frame = pd.DataFrame([*rows, survivor], columns=["check", "q1", "seconds", "w"])
    about = Variable("w", "Weight", "weight")
    found = survey(frame, ATTENTION, item("q1"), SECONDS, about, cleaning=steps, design=Roles(weights="w"))
    cleaned = clean(found, by="check")
    taken = cleaned.log.steps
    assert [step.n_before for step in taken] == [len(frame), *(step.n_after for step in taken[:-1])]
    for step in taken:
        assert sum(before for before, _ in step.groups.values()) == step.n_before
        assert sum(after for _, after in step.groups.values()) == step.n_after
    left = np.prod([1 - step.weight_lost for step in taken])
    assert left == pytest.approx(cleaned.data["w"].sum() / frame["w"].sum())
    assert set(cleaned.data.index) <= set(found.data.index)


# The raw file


def raw(folder: Path) -> Path:
    path = folder / "raw.csv"
    path.write_text("id\na\na\nb\n", encoding="utf-8")
    return path


BOOK = Codebook({"id": ID}, cleaning=({"step": "drop_duplicates", "key": "id"},))


def test_cleaning_leaves_the_raw_file_alone_and_records_its_digest(tmp_path):
    path = raw(tmp_path)
    before = path.read_bytes()
    log = clean(tk.read(path, BOOK)).log
    assert path.read_bytes() == before
    assert log.digest == hashlib.sha256(before).hexdigest()
    assert f"SHA-256 {log.digest}, the same after cleaning" in repr(log)


def test_a_raw_file_that_changed_after_it_was_read_is_refused(tmp_path):
    path = raw(tmp_path)
    found = tk.read(path, BOOK)
    path.write_text("id\nc\n", encoding="utf-8")
    with pytest.raises(DataError, match="the raw file has changed since it was read") as caught:
        clean(found)
    assert caught.value.expected == f"SHA-256 {found.digest}"


def test_without_the_file_the_log_claims_no_comparison(tmp_path):
    path = raw(tmp_path)
    found = tk.read(path, BOOK)
    path.unlink()
    assert clean(found).log.digest == ""
    assert clean(found).digest == found.digest


# The page about it


def test_the_page_on_cleaning_shows_every_step_at_work(tmp_path):
    page = (ROOT / "docs" / "cleaning.md").read_text(encoding="utf-8")
    written = tmp_path / "codebook.yaml"
    written.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    book = tk.read_codebook(written)
    assert {entry["step"] for entry in book.cleaning} == set(STEPS)
    assert errors_of(book) == []
    frame = pd.DataFrame(
        {
            "id": list("aabcdefghij"),
            "allows": 1,
            "weight": 1.0,
            "seconds": [300] * 3 + [10, 9000] + [300] * 6,
            "age": [30, 30, 40, 40, 40, 17, 70, 999, 50, 60, 20],
            "check": [1] * 8 + [2, 1, 1],
            "shops_online": [1] * 9 + [2, 1],
            "orders": [0, 0, 1, 2, 1, 1, 1, 1, 1, 2, 2],
            "trust": [1, 1, 2, 3, 4, 9, 1, 2, 3, 4, 4],
            "opinion_a": [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 1],
            "opinion_b": [3, 3, 2, 1, 1, 1, 1, 1, 1, 1, 1],
            "opinion_c": [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3],
        }
    )
    found = clean(tk.read(frame, book), by="shops_online")
    log = found.log.to_frame()
    assert (log["n_before"] - log["n_after"]).tolist() == [0, 1, 1, 1, 1, 2, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    assert kept(found) == [0, 6, 10]
    assert found.data["life"].tolist() == ["18-34", "65 and over", "18-34"]
    assert found.data["trust_top2"].tolist() == ["Does not", "Does not", "Trusts"]
    assert found.data["orders_two"].tolist() == ["No order", "Some", "Some"]
    assert found.data["opinion"].tolist() == pytest.approx([1.0, 7 / 3, 7 / 3])
