"""Who made a report and how to cite it, as `CITATION.cff` and the codebooks say."""

from __future__ import annotations

import json

import pytest

from trustkit import Codebook
from trustkit.errors import ReportError
from trustkit.reporting.citation import IDENTITY, Citation, read_citation, write_identity

FULL = """\
cff-version: 1.2.0
title: "Trust: a survey"
authors:
  - {given-names: Ada, name-particle: van, family-names: Example}
  - name: An Institute
contact: [{given-names: Ada, family-names: Example, email: ada@example.org}]
version: 1.2
date-released: 2026-11-23
license: [CC-BY-4.0, MIT]
doi: 10.1234/example
url: https://example.org/trust
keywords: [survey]
"""


def identity(tmp_path, citation, books=(), pictures=(), reads=()):
    by_place = {f"data/raw/{book.title}/codebook.yaml": book for book in books}
    write_identity(tmp_path, citation, by_place, dict(pictures), dict(reads))
    return json.loads((tmp_path / IDENTITY).read_text())


def test_a_citation_has_names_in_order_dates_licences_and_address(tmp_path):
    (tmp_path / "CITATION.cff").write_text(FULL)
    assert read_citation(tmp_path) == Citation(
        title="Trust: a survey",
        authors=("Ada van Example", "An Institute"),
        contact=("Ada Example, ada@example.org",),
        version="1.2",
        released="2026-11-23",
        licence="CC-BY-4.0, MIT",
        url="https://example.org/trust",
        doi="10.1234/example",
    )


def test_a_page_is_cited_with_authors_year_work_and_doi():
    cited = Citation(title="Trust", authors=("A", "B"), released="2026-11-23", doi="10.1234/x").cited
    assert cited == ("A, B (2026). ", "In: Trust. https://doi.org/10.1234/x")
    assert Citation(authors=("A",), url="https://example.org").cited == ("A. ", "https://example.org")


def test_every_fault_of_a_citation_is_named(tmp_path):
    (tmp_path / "CITATION.cff").write_text("title: {a: b}\nauthors: 3\nurl: javascript:run()\n")
    with pytest.raises(ReportError) as caught:
        read_citation(tmp_path)
    assert all(name in str(caught.value) for name in ("title", "authors", "url"))


def test_a_project_without_a_citation_shows_what_its_codebook_says(tmp_path):
    book = Codebook({}, title="A study", fieldwork="May 2026", disclosure={"contact": "the office"})
    found = identity(tmp_path, read_citation(tmp_path), [book])
    assert found["facts"] == [["Fieldwork", "May 2026"], ["Contact", "the office"]]
    assert found["cited"] is None


def test_fieldwork_of_several_studies_names_each_and_a_contact_of_the_citation_goes_first(tmp_path):
    books = [Codebook({}, title=name, fieldwork=f"{name} of 2026") for name in ("May", "June")]
    found = identity(tmp_path, Citation(authors=("A",), contact=("A, a@example.org",)), books)
    assert found["facts"] == [
        ["Authors", "A"],
        ["Fieldwork, May", "May of 2026"],
        ["Fieldwork, June", "June of 2026"],
        ["Contact", "A, a@example.org"],
    ]


def test_a_report_names_the_fieldwork_of_its_own_data_alone(tmp_path):
    books = [Codebook({}, title=name, fieldwork=f"2026-0{at}-01") for at, name in enumerate(("A", "AB"), 5)]
    found = identity(tmp_path, Citation(), books, reads={"one": ["data/raw/A"], "none": []})
    assert found["facts_of"] == {"one": [["Fieldwork", "1 May 2026"]], "none": []}
    assert found["facts"] == [["Fieldwork, A", "1 May 2026"], ["Fieldwork, AB", "1 June 2026"]]


def test_an_item_is_cited_with_authors_and_year_and_nobody_has_no_year():
    assert Citation(authors=("A", "B"), released="2026-11-23").named == "A, B (2026)"
    assert Citation(released="2026-11-23").named == ""
