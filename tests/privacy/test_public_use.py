from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.errors import DataError
from trustkit.survey.codebook import Roles
from trustkit.survey.purposes import Purpose

SEX = tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, identifier="quasi")
TOWN = tk.Variable("town", "Town", "single", codes={1: "A", 2: "B", 3: "C"}, identifier="quasi")
AGE = tk.Variable("age", "Age", "numeric", identifier="quasi")
TRUST = tk.Variable("trust", "Trust", "single", codes={1: "yes", 0: "no"})
PANEL = tk.Variable("panel", "Panel member", "id", identifier="direct")
BOOK = tk.Codebook({about.name: about for about in (PANEL, SEX, TOWN, TRUST)})
FRAME = pd.DataFrame(
    {
        "panel": [f"M{number}" for number in range(12)],
        "sex": [1, 2] * 6,
        "town": [1, 1, 2, 2] * 3,
        "trust": [1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1],
    }
)
SURVEY = tk.Survey(FRAME, BOOK)


def with_variables(*variables, columns=None, **fields):
    every = {**BOOK.variables, **{about.name: about for about in variables}}
    return tk.Survey(FRAME.assign(**(columns or {})), replace(BOOK, variables=every, **fields))


def refused(survey, path, **options):
    with pytest.raises(DataError) as caught:
        tk.release(survey, path, **options)
    assert not path.exists()
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".parquet", ".sav"])
def test_a_file_whose_groups_are_large_enough_is_written_without_direct_identifiers(tmp_path, suffix):
    path = tmp_path / f"public{suffix}"
    listed = tk.release(SURVEY, path, k=3)
    assert listed.to_numpy().tolist() == [
        ["panel", False, "direct identifier"],
        ["sex", True, "quasi-identifier"],
        ["town", True, "quasi-identifier"],
        ["trust", True, "no identifier"],
    ]
    again = tk.read(path)
    assert list(again.data) == ["sex", "town", "trust"]
    names = ["sex", "town", "trust"]
    assert again.data.astype(str).value_counts(names).to_dict() == (
        SURVEY.data.astype(str).value_counts(names).to_dict()
    )
    assert not any(f"M{number}".encode() in path.read_bytes() for number in range(12))


def test_groups_below_k_are_refused_with_the_number_of_respondents_in_them(tmp_path):
    words = refused(SURVEY, tmp_path / "public.parquet", k=4)
    assert "k is 3, not 4: 12 of 12 respondents are in smaller groups" in words
    assert "coarsen with tk.collapse, or leave out, in this order: " in words


def test_the_variables_named_to_coarsen_are_enough(tmp_path):
    survey = with_variables(AGE, columns={"age": [20, 20, 30, 30, 40, 40, 50, 50, 60, 60, 70, 70]})
    words = refused(survey, tmp_path / "public.parquet", k=3)
    assert "in this order: age (k is then 3)" in words
    tk.release(survey, tmp_path / "public.parquet", k=3, drop=["direct", "age"])
    assert tk.read(tmp_path / "public.parquet").data.groupby(["sex", "town"], observed=True).size().min() == 3


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), k=st.integers(2, 9))
def test_no_written_file_has_a_group_below_k_by_a_plain_count(tmp_path_factory, seed, k):
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"panel": range(40), "sex": generator.integers(1, 3, 40), "town": generator.integers(1, 4, 40)}
    )
    path = tmp_path_factory.mktemp("release") / "public.parquet"
    smallest = frame.groupby(["sex", "town"]).size().min()
    variables = {name: BOOK[name] for name in frame}
    survey = tk.Survey(frame, tk.Codebook(variables))
    if smallest < k:
        assert f"k is {smallest}, not {k}" in refused(survey, path, k=k)
    else:
        tk.release(survey, path, k=k)
        assert tk.read(path).data.groupby(["sex", "town"], observed=True).size().min() >= k


def test_a_missing_answer_counts_as_an_answer_of_its_own(tmp_path):
    frame = FRAME.assign(sex=[None, *FRAME["sex"][1:]])
    words = refused(tk.Survey(frame, BOOK), tmp_path / "public.parquet", k=2)
    assert "k is 1, not 2: 1 of 12 respondents" in words


def test_every_reason_is_told_at_once(tmp_path):
    told = tk.Variable("told", "In your own words", "text")
    survey = with_variables(told, columns={"told": "words", "extra": 1})
    words = refused(survey, tmp_path / "public.parquet", k=20, drop=[])
    for reason in (
        "4 errors in the public-use file, and nothing was written",
        "panel: it tells who the respondent is",
        "told: an open answer may tell who wrote it",
        "extra: the codebook does not describe it",
        "sex, town: k is 3, not 20",
    ):
        assert reason in words


def test_an_id_that_is_not_marked_as_an_identifier_is_refused_all_the_same(tmp_path):
    survey = with_variables(replace(PANEL, identifier="none"))
    assert "panel: it tells who the respondent is" in refused(survey, tmp_path / "public.parquet", k=3)


def test_a_codebook_without_quasi_identifiers_is_refused(tmp_path):
    survey = with_variables(replace(SEX, identifier="none"), replace(TOWN, identifier="none"))
    assert "no variable is marked as a quasi-identifier" in refused(survey, tmp_path / "public.parquet")


def test_without_all_quasi_identifiers_any_k_is_met(tmp_path):
    listed = tk.release(SURVEY, tmp_path / "public.parquet", k=500, drop=["direct", "quasi"])
    assert listed.query("released")["variable"].tolist() == ["trust"]


def test_what_respondents_did_not_allow_for_the_purpose_of_the_rows_is_refused(tmp_path):
    asked = replace(TRUST, basis="consent", permission=("panel",))
    free = [replace(about, basis="contract") for about in (SEX, TOWN)]
    survey = with_variables(*free, asked, used_for=("research",))
    words = refused(survey, tmp_path / "public.parquet", k=3)
    assert "trust: respondents did not allow it for 'research'" in words
    assert "sex:" not in words


def test_the_order_of_the_rows_in_the_study_leaves_no_trace(tmp_path):
    first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
    tk.release(SURVEY, first, k=3)
    tk.release(tk.Survey(FRAME.sample(frac=1, random_state=1), BOOK), second, k=3)
    pd.testing.assert_frame_equal(tk.read(first).data, tk.read(second).data)


def test_the_codebook_in_the_file_names_nothing_that_was_left_out(tmp_path):
    routed = replace(TRUST, asked={"panel": ("M1",), "sex": ("Men",)}, review="a guess")
    survey = with_variables(
        routed, design=Roles(strata="town", psu="panel"), track={"trust": "yes", "panel": "M1"},
        cleaning=({"step": "drop_duplicates", "key": "panel"},),
    )  # fmt: skip
    tk.release(survey, tmp_path / "public.parquet", k=3)
    book = tk.read(tmp_path / "public.parquet").codebook
    assert book.design == Roles(strata="town")
    assert (book.track, book.cleaning) == ({"trust": "yes"}, ())
    assert (book["trust"].asked, book["trust"].review) == ({"sex": ("Men",)}, "")
    assert b"panel" not in (tmp_path / "public.parquet").read_bytes()


@pytest.mark.parametrize("drop", ["tonw", ["direct", "tonw"]])
def test_an_unknown_name_to_leave_out_is_refused_with_the_near_one(tmp_path, drop):
    words = refused(SURVEY, tmp_path / "public.parquet", drop=drop)
    assert "'tonw'" in words
    assert "town" in words


def test_a_k_of_one_is_refused(tmp_path):
    assert "k must be at least 2" in refused(SURVEY, tmp_path / "public.parquet", k=1)


def test_a_coarsened_copy_of_an_identifier_counts_as_one(tmp_path):
    boxed = tk.collapse(SURVEY, variable="town", into="place", labels={"A": ["A"], "other": ["B", "C"]})
    listed = tk.release(boxed, tmp_path / "public.parquet", k=3, drop=["direct", "town"]).set_index(
        "variable"
    )
    assert listed.loc["place", "why"] == "quasi-identifier"
    assert "place" in refused(boxed, tmp_path / "again.parquet", k=5, drop=["direct", "town"])


def test_the_codebook_does_not_name_the_dropped_column_that_tells_who_agreed(tmp_path):
    allow = tk.Variable("allow", "May we?", "single", codes={1: "yes", 0: "no"})
    told = {"research": Purpose("We study trust.", record="allow", agreed=("yes",))}
    survey = with_variables(allow, columns={"allow": 1}, purposes=told)
    file = tmp_path / "public.parquet"
    tk.release(survey, file, k=2, drop=["direct", "allow"])
    assert tk.read(file).codebook.purposes == {"research": Purpose("We study trust.")}


@pytest.mark.parametrize(
    "answers",
    [[f"person{number}@example.org" for number in range(12)], ["I told my aunt of it on her farm"] * 12],
)
def test_answers_that_no_message_may_quote_are_not_released(tmp_path, answers):
    about = tk.Variable("how", "How do we reach you?", "single")
    words = refused(with_variables(about, columns={"how": answers}), tmp_path / "public.parquet", k=2)
    assert "look like identifiers or open answers" in str(words)
    assert "example.org" not in str(words)


LEAKS = {
    "an e-mail address": "Write to ann@mailbox.example",
    "a bank account (IBAN)": "GB82 WEST 1234 5698 7654 32",
    "an identifier of a respondent": "as panel-4711 said",
    "a key or a password": "password: hunter2!x",
    "a path of a computer": "/home/ann/answers",
}


@pytest.mark.parametrize("what", LEAKS)
def test_an_answer_that_would_not_be_published_is_not_released_either(tmp_path, what):
    frame = FRAME.assign(panel=[f"Panel-{4700 + number}" for number in range(12)])
    shop = tk.Variable("shop", "Shop", "single", codes={1: "A shop", 2: LEAKS[what]})
    book = replace(BOOK, variables=BOOK.variables | {"shop": shop})
    answers = frame.assign(shop=[1, 2] * 6)
    told = refused(tk.Survey(answers, book), tmp_path / "public.parquet", k=3)
    assert f"shop: an answer or label holds {what}" in told
    assert LEAKS[what] not in told
    plain = replace(book, variables=book.variables | {"shop": replace(shop, codes={1: "A", 2: "B"})})
    tk.release(tk.Survey(answers, plain), tmp_path / "public.parquet", k=3)
