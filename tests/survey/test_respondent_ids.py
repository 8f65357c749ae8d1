"""The same id compares as equal whatever program wrote it."""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.erasure.personal_traces import Trace
from trustkit.survey.purposes import Purpose
from trustkit.survey.respondent_ids import cell_text, id_text

SAME = [
    (42, 42.0, np.float32(42), np.int64(42), "42", "42.0", "42.00", " 42 "),
    ("Zo\u00eb", "Zoe\u0308", "Zoe\u0308\n"),
    ("-7", -7.0),
    (None, float("nan"), pd.NA, pd.NaT, "", " "),
]
"""Cells that are one id each."""


@pytest.mark.parametrize("cells", SAME)
def test_one_id_is_one_text_in_every_spelling(cells):
    assert len({id_text(cell) for cell in cells}) == 1


def test_ids_that_differ_stay_apart():
    ids = ["42", "042", "42.5", "4.20", "A42", "a42", "42.0a", "inf", float("inf"), "1e3"]
    assert len({id_text(one) for one in ids}) == len(ids) - 1  # infinity is one, as a number and as text
    assert id_text("") == id_text(None) == ""


def test_a_text_that_is_no_id_is_left_as_it_is_written():
    assert [cell_text(cell) for cell in ("2.0", 2.0, " x ", "Zoe\u0308")] == ["2.0", "2", "x", "Zoe\u0308"]


ASKED = {"basis": "consent", "permission": ("research",)}
BOOK = tk.Codebook(
    {
        "id": tk.Variable("id", "Id", "id", basis="contract", identifier="direct"),
        "a": tk.Variable("a", "A", "single", codes={1: "yes", 2: "no"}, **ASKED),
    },
    fieldwork="2024-03-04 to 2024-03-31",
    purposes={"research": Purpose("We study trust.")},
)


@pytest.mark.parametrize(("written", "in_records"), [("42", "42.0"), ("42.0", 42), ("Zo\u00eb", "Zoe\u0308")])
def test_a_withdrawal_is_found_whatever_program_wrote_the_id(written, in_records):
    records = pd.DataFrame(
        {
            "subject": [written, in_records, "7"],
            "purpose": "research",
            "status": ["given", "withdrawn", "given"],
            "at": ["2024-03-04", "2024-03-05", "2024-03-04"],
        }
    )
    study = tk.Survey(pd.DataFrame({"id": [written, "7"], "a": [1, 2]}), BOOK)
    assert tk.consented(study, "research", records=records).data["id"].tolist() == ["7"]


def test_an_id_has_one_pseudonym_whatever_program_wrote_it(tmp_path):
    key = tk.make_key(tmp_path / "panel.key")
    waves = [tk.Survey(pd.DataFrame({"id": ids, "a": 1}), BOOK) for ids in (["42", "7"], ["42.0", " 7"])]
    first, later = (tk.pseudonymise(wave, key).data["id"].tolist() for wave in waves)
    assert first == later


def test_versions_of_a_wording_are_compared_as_they_are_written():
    records = pd.DataFrame(
        {"subject": ["1", "2"], "purpose": "research", "status": "given", "at": "2024-03-04"}
        | {"version": ["2.0", "2"]}
    )
    purposes = {"research": Purpose("We study trust.", version="2.0")}
    study = tk.Survey(
        pd.DataFrame({"id": ["1", "2"], "a": [1, 2]}), tk.Codebook(**(vars(BOOK) | {"purposes": purposes}))
    )
    assert tk.consented(study, "research", records=records).data["id"].tolist() == ["1"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("searched", ["NFC", "NFD"])
def test_a_trace_is_found_with_composed_and_with_decomposed_letters(form, searched):
    name = "Zo\u00eb Br\u00fbl\u00e9"
    content = f"thanks to {unicodedata.normalize(searched, name)}, again".encode()
    assert list(Trace("the name", unicodedata.normalize(form, name)).places(content)) == [10]
