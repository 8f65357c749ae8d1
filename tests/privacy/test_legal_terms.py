from __future__ import annotations

from typing import get_args

from trustkit.privacy.legal_terms import BASES, CONTEXT, EXPLICIT_CONSENT
from trustkit.survey.purposes import Basis


def test_every_legal_basis_of_a_codebook_has_a_term_and_only_data_of_no_person_have_none():
    assert {*get_args(Basis)} - {*BASES} == {"not personal", "not stated"}


def test_the_terms_are_distinct_and_their_prefixes_are_declared():
    terms = [*BASES.values(), EXPLICIT_CONSENT]
    assert len({*terms}) == len(terms)
    assert {term.partition(":")[0] for term in terms} <= {*CONTEXT}
