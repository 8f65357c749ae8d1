"""How a number was made: the steps that a verdict carries from the raw data to the base."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.claims.verdicts import VERDICTS_MIME

CLAIM = tk.Claim("half", "Half say yes", 50, 0, tk.Reading("answer", "yes"))
YES_NO = {1: "yes", 2: "no"}
PEOPLE = tk.Codebook(
    {
        "member": tk.Variable("member", "Pseudonym", "id"),
        "sex": tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}),
        "answer": tk.Variable("answer", "Do you?", "single", codes=YES_NO, missing={9: "refused"}),
    }
)
TARGETS = {"sex": {"Women": 0.5, "Men": 0.5}}


@pytest.fixture
def survey():
    rows = {"member": [1, 2, 3, 4, 5, 5], "sex": [1, 1, 1, 2, 2, 2], "answer": [1, 2, 1, 2, 9, 9]}
    return tk.drop_duplicates(tk.read(pd.DataFrame(rows), codebook=PEOPLE), key="member")


def steps(design, claim=CLAIM):
    (verdict,) = tk.verify([claim], design).verdicts
    return [(step.words, step.n, step.removed) for step in verdict.trail]


def test_a_trail_leads_from_the_raw_data_through_exclusions_and_weights_to_the_base(survey):
    raw, repeated, weights, base = steps(tk.rake(tk.Design(survey), TARGETS))
    assert raw == ("Raw data: data frame", 6, 0)
    assert repeated == ("Repeated interviews: same Pseudonym as an earlier row", 5, 1)
    assert weights[0].startswith("Raking to Sex. Kish design effect 1.")
    assert base == ("Base: substantive answers", 4, 0)


def test_a_trail_says_where_weights_came_from_or_that_there_are_none(survey):
    assert steps(tk.Design(survey))[-2][0].startswith("No weights")
    assert steps(tk.Design(survey, weights=[1.0, 2.0, 1.0, 2.0, 1.0]))[-2][0].startswith("Weights that came")


def test_a_trail_names_no_column_that_the_codebook_describes(survey):
    words = " ".join(words for words, _, _ in steps(tk.rake(tk.Design(survey), TARGETS)))
    assert not {"member", "sex", "answer"} & set(words.replace(".", "").split())


def test_two_steps_of_weighting_are_two_steps_of_the_trail(survey):
    trimmed = tk.rake(tk.trim(tk.rake(tk.Design(survey), TARGETS), 1.1), TARGETS)
    firsts = [words.partition(" ")[0] for words, _, _ in steps(trimmed)[2:-1]]
    assert firsts == ["Raking", "Trimming", "Raking"]


def test_a_claim_that_was_not_checked_has_no_trail(survey):
    claim = tk.Claim("lost", "A lost figure", 50, 0, tk.Reading(), unchecked="no data")
    assert steps(tk.Design(survey), claim) == []


def test_the_output_of_a_notebook_carries_the_trail(survey):
    bundle = tk.verify([CLAIM], tk.Design(survey))._repr_mimebundle_()
    base = {"words": "Base: substantive answers", "n": 4, "removed": 0}
    assert bundle[VERDICTS_MIME][0]["trail"][-1] == base
