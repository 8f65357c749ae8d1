from __future__ import annotations

import datetime as dt
from itertools import combinations_with_replacement
from typing import get_args

import pandas as pd
import pytest
from builders import survey

import trustkit as tk
from trustkit.errors import CodebookError
from trustkit.survey.codebook_json import from_record, to_record
from trustkit.survey.permissions import STRICTEST, described_by, permits
from trustkit.survey.purposes import Basis, KeepUntil, Purpose, last_date, months_later

YES_NO = {1: "Yes", 2: "No"}

FULL = """\
title: A study
fieldwork: 2024-03-04 to 2024-03-31
purposes:
  research: We study trust.
  offers: {wording: "We send you offers.", record: allow, agreed: ["Yes"], version: "2"}
  panel: {wording: "We ask you again.", record: consents.csv}
keep_until: {months: 24, after: fieldwork}
used_for: research
variables:
  allow: {label: "May we?", kind: single, codes: {1: "Yes", 2: "No"}, basis: legal obligation}
  ill:
    label: Are you ill?
    kind: text
    basis: explicit consent
    special: health
    permission: [research, panel]
    keep_until: 2025-01-31
  id: {label: Id, kind: id, basis: legitimate interests, keep_until: {after: cleaning}}
"""


def read(tmp_path, text):
    file = tmp_path / "codebook.yaml"
    file.write_text(text, encoding="utf-8")
    return tk.read_codebook(file)


def test_purposes_bases_permissions_and_terms_are_read(tmp_path):
    book = read(tmp_path, FULL)
    assert book.purposes["research"] == Purpose("We study trust.")
    assert book.purposes["offers"] == Purpose("We send you offers.", "allow", ("Yes",), "2")
    assert book["ill"].basis == "explicit consent"
    assert book["ill"].special == "health"
    assert book["ill"].permission == ("research", "panel")
    assert book["ill"].keep_until == KeepUntil("2025-01-31")
    assert book["id"].keep_until == KeepUntil(after="cleaning")
    assert book["allow"].basis == "legal obligation"
    assert book["allow"].special == "none"
    assert book.keep_until.last_day(book.fieldwork) == dt.date(2026, 3, 31)


def test_a_codebook_with_all_of_them_is_written_and_read_back_the_same(tmp_path):
    book = read(tmp_path, FULL)
    again = tk.write_codebook(book, tmp_path / "again.yaml")
    assert tk.read_codebook(again) == book
    assert (
        tk.write_codebook(tk.read_codebook(again), tmp_path / "third.yaml").read_text() == again.read_text()
    )


def test_a_codebook_travels_whole_inside_a_file(tmp_path):
    book = read(tmp_path, FULL)
    assert from_record(to_record(book)) == book


ILL = "  ill:\n    label: Ill\n    kind: text\n"

FAULTS = {
    "basis: Consent": "did you mean 'consent'",
    "special: healthy": "did you mean 'health'",
    "permission: [reserch]": "did you mean 'research'",
    "permission: [research, research]": "listed twice",
    "keep_until: 2025-02-30": "not a day of the calendar",
    "keep_until: soon": "not a day of the calendar",
    "keep_until: {months: 24}": "the key 'after' is missing",
    "keep_until: {months: 1.5, after: fieldwork}": "whole number of months",
    "keep_until: {months: -1, after: fieldwork}": "whole number of months",
    "keep_until: {months: 100000, after: fieldwork}": "whole number of months",
    "keep_until: {months: 2, after: cleaning}": "takes no months",
    "keep_until: {after: feildwork}": "did you mean 'fieldwork'",
    "keep_until: {year: 2, after: fieldwork}": "unknown key",
}


@pytest.mark.parametrize(("entry", "words"), FAULTS.items())
def test_each_fault_of_a_variable_is_told_with_its_place(tmp_path, entry, words):
    text = f"purposes: {{research: We study.}}\nvariables:\n{ILL}    {entry}\n"
    with pytest.raises(CodebookError) as refused:
        read(tmp_path, text)
    assert words in str(refused.value)
    assert "ill" in str(refused.value)


STUDY_FAULTS = {
    "purposes: {a: {record: x.csv}}": "the key 'wording' is missing",
    'purposes: {a: ""}': "no wording",
    "purposes: {a: {wording: We study., record: qq1}}": "did you mean 'q1'",
    "purposes: {a: {wording: We study., record: q1, agreed: [Yess]}}": "did you mean 'Yes'",
    "purposes: {a: {wording: We study., agreed: [Yes]}}": "no column holds these answers",
    "purposes: {a: {words: We study.}}": "unknown key",
    "purposes: [a, b]": "expected a mapping",
    "purposes: {a: We study.}\nused_for: b": "no purpose 'b'",
    "keep_until: never": "not a day of the calendar",
}


@pytest.mark.parametrize(("entry", "words"), STUDY_FAULTS.items())
def test_each_fault_of_the_study_is_told(tmp_path, entry, words):
    text = f'{entry}\nvariables:\n  q1: {{label: Ask, kind: single, codes: {{1: "Yes", 2: "No"}}}}\n'
    with pytest.raises(CodebookError) as refused:
        read(tmp_path, text)
    assert words in str(refused.value)


def test_all_faults_are_told_at_once(tmp_path):
    entries = "\n".join(f"    {line}" for line in ("basis: Consent", "special: healthy", "permission: [x]"))
    with pytest.raises(CodebookError) as refused:
        read(
            tmp_path, f"variables:\n  ill:\n    label: Ill\n    kind: text\n{entries}\n    keep_until: soon\n"
        )
    assert len(refused.value.faults) == 4


@pytest.mark.parametrize("day", [dt.date(2024, 1, 31), dt.date(2023, 11, 30), dt.date(2024, 2, 29)])
@pytest.mark.parametrize("months", [0, 1, 11, 12, 13, 24, 300])
def test_a_day_some_months_later_is_that_of_pandas(day, months):
    assert months_later(day, months) == (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def test_the_end_of_fieldwork_is_the_last_day_that_its_words_name():
    assert last_date("2024-05-01 and 2024-04-30 (2024-99-99 is no day)") == dt.date(2024, 5, 1)
    assert last_date("4 to 31 March 2024") is None


def asked(name, **about):
    return tk.Variable(name, name, "single", codes=YES_NO, **about)


A = asked("a", basis="consent", permission=("research", "offers"), special="health")
B = asked("b", basis="contract", permission=("offers", "panel"), keep_until=KeepUntil("2025-01-31"))


def test_an_answer_derived_from_two_is_allowed_only_for_what_both_are():
    both = survey({"a": [1, 2], "b": [1, 1]}, A, B)
    made = tk.derive(both, into="c", answers={"both": {"a": "Yes", "b": "Yes"}}).codebook["c"]
    assert (made.permission, made.basis, made.special) == (("offers",), "consent", "health")
    assert made.keep_until == KeepUntil("2025-01-31")


def test_a_score_and_a_recoded_answer_keep_the_permission():
    both = survey({"a": [1, 2], "b": [1, 1]}, A, B)
    assert tk.score(both, ["a", "b"], into="s").codebook["s"].permission == ("offers",)
    again = tk.collapse(both, variable="a", into="d", labels={"any": ["Yes", "No"]})
    assert again.codebook["d"].permission == A.permission


def test_boxes_made_of_joined_answers_keep_the_permission():
    joined = tk.Variable(
        "m", "Which?", "multiple", codes={"x": "x", "y": "y"}, split=";", basis="consent", permission=("r",)
    )
    made = survey({"m": ["x;y", "y;z"]}, joined).codebook
    assert len(made.variables) > 2
    assert {about.permission for about in made.variables.values()} == {("r",)}


@pytest.mark.parametrize(
    ("about", "allowed"),
    [
        ({"permission": ("research",)}, True),
        ({"permission": ("offers",)}, False),
        ({"permission": ("offers",), "basis": "contract"}, False),
        ({"basis": "contract"}, True),
        ({"basis": "not personal"}, True),
        ({"basis": "consent"}, False),
        ({"basis": "explicit consent"}, False),
        ({}, False),
    ],
)
def test_a_variable_may_be_used_if_its_permission_names_the_purpose_or_its_basis_needs_none(about, allowed):
    assert permits(asked("q", **about), "research") is allowed


def made_of(*parts):
    return tk.Variable("made", "Made", "text", **described_by(parts))


def part(name, **about):
    return tk.Variable(name, name.upper(), "text", **about)


def test_a_variable_made_of_two_without_a_purpose_in_common_may_be_used_for_none():
    one = part("a", basis="contract", permission=("research",))
    other = part("b", basis="contract", permission=("offers",))
    made = made_of(one, other)
    assert not any(permits(made, purpose) for purpose in ("research", "offers", "panel"))


MADE_OF_TWO = """\
contract                         | public task                    | public task          | any
contract                         | legal obligation               | contract             | any
contract                         | vital interests                | contract             | any
legal obligation                 | vital interests                | legal obligation     | any
public task                      | legitimate interests           | legitimate interests | any
contract                         | not personal                   | contract             | any
not personal                     | not personal                   | not personal         | any
contract: research               | public task                    | public task          | research
contract                         | public task: research, offers  | public task          | research, offers
contract: research               | public task: offers            | not stated           |
contract: research, offers       | public task: offers, panel     | public task          | offers
consent: research                | legitimate interests           | consent              | research
consent                          | contract                       | consent              |
explicit consent: research       | public task: offers            | explicit consent     |
not stated                       | contract                       | not stated           |
not stated: research             | public task                    | not stated           | research
not stated: research             | consent: research              | consent              | research
"""
"""Two variables, each with its basis and its permission; what a person decides for what is made of both."""

PURPOSES = {"research", "offers", "panel", "another"}


def purposes_in(words):
    return set(filter(None, (name.strip() for name in words.split(","))))


@pytest.mark.parametrize("line", MADE_OF_TWO.splitlines())
@pytest.mark.parametrize("order", [1, -1])
def test_what_is_made_of_two_has_the_basis_and_the_purposes_of_the_table(line, order):
    one, other, basis, allowed = (cell.strip() for cell in line.split("|"))
    parts = []
    for cell in (one, other)[::order]:
        held, _, named = cell.partition(":")
        parts.append(part("v", basis=held, permission=tuple(sorted(purposes_in(named)))))
    made = made_of(*parts)
    assert made.basis == basis
    assert {purpose for purpose in PURPOSES if permits(made, purpose)} == (
        PURPOSES if allowed == "any" else purposes_in(allowed)
    )


def test_what_is_made_may_be_used_for_a_purpose_just_where_all_of_its_parts_may():
    permissions = [(), ("research",), ("offers",), ("offers", "research")]
    parts = [part("v", basis=basis, permission=told) for basis in get_args(Basis) for told in permissions]
    for pair in combinations_with_replacement(parts, 2):
        made = made_of(*pair)
        assert made.basis in {"not stated", *(one.basis for one in pair)}
        for purpose in PURPOSES:
            assert permits(made, purpose) == all(permits(one, purpose) for one in pair), pair


def test_every_basis_has_its_place_in_the_order_of_strictness():
    assert sorted(STRICTEST) == sorted(get_args(Basis))


def test_data_of_no_person_do_not_limit_what_is_made_with_them():
    made = made_of(part("a", basis="contract"), part("b", basis="not personal"))
    assert made.basis == "contract"
    assert permits(made, "research")


@pytest.mark.parametrize(
    ("terms", "first"),
    [
        ((KeepUntil("2027-03-31"), KeepUntil("2026-03-31")), KeepUntil("2026-03-31")),
        (
            (KeepUntil(months=24, after="fieldwork"), KeepUntil(months=6, after="fieldwork")),
            KeepUntil(months=6, after="fieldwork"),
        ),
        ((KeepUntil("2027-03-31"), KeepUntil(after="cleaning"), None), KeepUntil("2027-03-31")),
        ((KeepUntil("2027-03-31"), KeepUntil(months=6, after="fieldwork")), None),
        ((KeepUntil(after="cleaning"), None), None),
    ],
)
def test_what_is_made_of_several_is_kept_until_the_first_term_ends(terms, first):
    made = made_of(*(part(f"v{place}", keep_until=term) for place, term in enumerate(terms)))
    assert made.keep_until == first


@pytest.mark.parametrize(
    "about", [{"date": "31 March"}, {"date": "20260331"}, {"months": -1, "after": "fieldwork"}]
)
def test_a_term_that_is_none_is_refused_where_it_is_made(about):
    with pytest.raises(CodebookError, match="keep_until"):
        KeepUntil(**about)


def test_an_end_of_fieldwork_beyond_the_calendar_is_no_end():
    assert KeepUntil(months=24, after="fieldwork").last_day("2024-03-04 to 9999-12-31") == dt.date.max
