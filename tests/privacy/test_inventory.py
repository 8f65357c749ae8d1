from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pandas as pd
import pytest

import trustkit as tk
from trustkit.survey.purposes import KeepUntil, Purpose

STATED = {"purpose": "weighting", "basis": "contract", "consent": "panel terms", "retention": "two years"}
ASKED = STATED | {"basis": "consent", "consent": "the opening screen", "permission": ("research",)}
PURPOSES = {"research": Purpose("We study trust.", record="consents.csv")}
YES_NO = {1: "Yes", 2: "No"}


def book(*variables, **study):
    return tk.Codebook({about.name: about for about in variables}, **study)


def age(**about):
    return tk.Variable("age", "Age", "numeric", **(STATED | {"identifier": "quasi"} | about))


def ill(**about):
    known = ASKED | {"basis": "explicit consent", "special": "health"}
    return tk.Variable("ill", "Are you ill?", "single", codes=YES_NO, **(known | about))


WHOLE = book(age(), ill(), purposes=PURPOSES, title="Made up", data="synthetic")


def test_a_codebook_that_states_everything_has_no_gap():
    assert tk.inventory(WHOLE, columns=["age", "ill"], used=["age", "ill"], on="2026-01-01").gaps.empty


TERM = {"retention": "", "keep_until": KeepUntil(months=24, after="fieldwork")}
RECORDLESS = {"research": Purpose("We study trust.")}

GAPS = {
    "a direct identifier without a purpose": (book(age(identifier="direct", purpose="")), {}, "purpose"),
    "a quasi-identifier without a purpose": (book(age(purpose="")), {}, "purpose"),
    "a purpose of blanks": (book(age(purpose="  ")), {}, "purpose"),
    "a special category without a purpose": (book(ill(purpose=""), purposes=PURPOSES), {}, "purpose"),
    "a direct identifier without a basis": (
        book(age(identifier="direct", basis="not stated")),
        {},
        "basis",
    ),
    "a quasi-identifier without a basis": (book(age(basis="not stated")), {}, "basis"),
    "a special category without a basis": (
        book(ill(basis="not stated"), purposes=PURPOSES),
        {},
        "basis",
    ),
    "a direct identifier kept for ever": (book(age(identifier="direct", retention="")), {}, "retention"),
    "a quasi-identifier kept for ever": (book(age(retention="")), {}, "retention"),
    "a special category kept for ever": (book(ill(retention=""), purposes=PURPOSES), {}, "retention"),
    "consent for no purpose": (book(age(**ASKED | {"permission": ()})), {}, "permission"),
    "explicit consent for no purpose": (book(ill(permission=())), {}, "permission"),
    "consent for no purpose to an answer that identifies nobody": (
        book(age(**ASKED | {"permission": (), "identifier": "none"})),
        {},
        "permission",
    ),
    "consent that was asked in unknown words": (
        book(age(**ASKED | {"consent": ""}), purposes=PURPOSES),
        {},
        "how consent was asked",
    ),
    "explicit consent that was asked in unknown words": (
        book(ill(consent=" "), purposes=PURPOSES),
        {},
        "how consent was asked",
    ),
    "an interest that is not named": (
        book(age(basis="legitimate interests", consent="")),
        {},
        "the interest",
    ),
    "consent without a record": (book(age(**ASKED), purposes=RECORDLESS), {}, "a record of consent"),
    "explicit consent without a record": (book(ill(), purposes=RECORDLESS), {}, "a record of consent"),
    "consent to a purpose that nobody described": (book(age(**ASKED)), {}, "a record of consent"),
    "records of another purpose": (
        book(age(**ASKED), purposes=RECORDLESS),
        {
            "records": pd.DataFrame(
                {"subject": ["a"], "purpose": ["offers"], "status": ["given"], "at": ["2024-03-04"]}
            )
        },
        "a record of consent",
    ),
    "health on plain consent": (book(ill(basis="consent"), purposes=PURPOSES), {}, "explicit consent"),
    "health on a contract": (book(ill(basis="contract"), purposes=PURPOSES), {}, "explicit consent"),
    "politics as a public task": (
        book(ill(special="political opinions", basis="public task"), purposes=PURPOSES),
        {},
        "explicit consent",
    ),
    "a real identifier called not personal": (
        book(age(identifier="direct", basis="not personal")),
        {},
        "a basis for personal data",
    ),
    "a term after a fieldwork without a date": (
        book(age(**TERM), fieldwork="spring"),
        {},
        "end of fieldwork",
    ),
    "a study's term after a fieldwork without a date": (
        book(age(), keep_until=TERM["keep_until"]),
        {},
        "end of fieldwork",
    ),
    "a day that has passed": (
        book(age(keep_until=KeepUntil("2026-03-31"))),
        {"on": "2026-04-01"},
        "deletion",
    ),
    "months after fieldwork that have passed": (
        book(age(**TERM), fieldwork="2024-03-04 to 2024-03-31"),
        {"on": dt.date(2026, 4, 1)},
        "deletion",
    ),
    "a study's term that has passed": (
        book(age(), keep_until=KeepUntil("2026-03-31")),
        {"on": "2026-04-01"},
        "deletion",
    ),
    "a column of the cleaned data that was kept until cleaning": (
        book(age(retention="", keep_until=KeepUntil(after="cleaning"))),
        {"cleaned": {"age": ["data/processed/cleaned.csv"]}},
        "deletion from cleaned data",
    ),
    "a study's term of cleaning that has passed": (
        book(age(), keep_until=KeepUntil(after="cleaning")),
        {"cleaned": {"age": ["data/processed/a.parquet", "data/processed/b.parquet"]}},
        "deletion from cleaned data",
    ),
    "a column that no analysis names": (book(age()), {"used": ["sex"]}, "use"),
    "an answer that identifies nobody and that no analysis names": (
        book(age(identifier="none")),
        {"used": []},
        "use",
    ),
    "a column that the codebook lacks": (book(age()), {"columns": ["age", "ip_address"]}, "description"),
    "a purpose that no column serves": (book(age(), purposes=PURPOSES), {}, "a variable"),
}


@pytest.mark.parametrize("name", GAPS)
def test_each_gap_is_found_and_nothing_beside_it(name):
    codebook, given, missing = GAPS[name]
    gaps = tk.inventory(codebook, **given).gaps
    assert missing in set(gaps["missing"])
    assert set(gaps["missing"]) <= {missing, "a variable"} | (
        {"explicit consent"} if "basis" in name else set()
    )
    assert gaps["why"].str.endswith(".").all()


def test_there_are_gaps_of_every_kind_among_them():
    from trustkit.privacy.gaps import RULES

    assert len(GAPS) >= 25
    assert {missing for _, _, missing in GAPS.values()} == {*RULES, "description", "a variable"}


def test_a_term_is_kept_to_until_its_last_day_has_passed():
    codebook = book(age(keep_until=KeepUntil("2026-03-31")))
    assert tk.inventory(codebook, on="2026-03-31").gaps.empty
    assert tk.inventory(codebook, columns=["sex"], on="2026-04-01").gaps["missing"].tolist() == [
        "description"
    ]


def test_without_a_day_no_term_is_compared_and_the_clock_is_never_read():
    codebook = book(age(keep_until=KeepUntil("1990-01-01")))
    assert tk.inventory(codebook).gaps.empty


def test_a_variables_own_term_goes_before_the_studys():
    codebook = book(age(keep_until=KeepUntil("2030-01-01")), keep_until=KeepUntil("2020-01-01"))
    assert tk.inventory(codebook, on="2025-01-01").gaps.empty


def test_records_at_hand_fill_the_gap_of_a_record():
    codebook = book(age(**ASKED), purposes=RECORDLESS)
    rows = {"subject": ["a"], "purpose": ["research"], "status": ["given"], "at": ["2024-03-04"]}
    assert tk.inventory(codebook, records=pd.DataFrame(rows)).gaps.empty


def test_a_day_that_is_none_is_refused():
    with pytest.raises(tk.TrustkitError, match="not a day of the calendar"):
        tk.inventory(WHOLE, on="2026-02-30")


def test_the_frame_has_a_row_for_each_column_and_says_who_sees_it():
    frame = tk.inventory(book(age(), tk.Variable("mail", "E-mail", "text"))).to_frame()
    assert frame["variable"].tolist() == ["age", "mail"]
    assert frame["seen_by"].tolist() == [
        "the study's team; readers see figures about groups",
        "the study's team",
    ]
    assert frame.loc[0, ["purpose", "basis", "retention"]].tolist() == ["weighting", "contract", "two years"]


def test_an_inventory_of_synthetic_data_says_so_and_counts_its_gaps():
    gap = replace(WHOLE, variables={"age": age(purpose=""), "ill": ill()})
    assert "Synthetic data." in repr(tk.inventory(WHOLE))
    assert "1 gap" in repr(tk.inventory(gap))


SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dpv: <https://w3id.org/dpv#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix gdpr: <https://w3id.org/dpv/legal/eu/gdpr#> .
@prefix : <urn:shapes:> .

:Study a sh:NodeShape ; sh:targetClass dpv:Process ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path dpv:hasProcess ; sh:minCount 1 ;
    sh:or ( [ sh:class dpv:PersonalDataProcess ] [ sh:class dpv:NonPersonalDataProcess ] ) ] .
:Personal a sh:NodeShape ; sh:targetClass dpv:PersonalDataProcess ;
  sh:property [ sh:path dct:identifier ; sh:minCount 1 ; sh:maxCount 1 ] ;
  sh:property [ sh:path dpv:hasPersonalData ; sh:minCount 1 ; sh:class dpv:PersonalData ] ;
  sh:property [ sh:path dpv:hasPurpose ; sh:minCount 1 ; sh:class dpv:Purpose ] ;
  sh:property [ sh:path dpv:hasLegalBasis ; sh:minCount 1 ; sh:nodeKind sh:IRI ;
    sh:pattern "^https://w3id.org/dpv/legal/eu/gdpr#A(6-1-[a-f]|9-2-a)" ] ;
  sh:property [ sh:path dpv:hasStorageCondition ; sh:minCount 1 ; sh:class dpv:StorageCondition ] .
:Special a sh:NodeShape ; sh:targetClass dpv:SpecialCategoryPersonalData ;
  sh:property [ sh:path ( [ sh:inversePath dpv:hasPersonalData ] dpv:hasLegalBasis ) ;
    sh:hasValue gdpr:A9-2-a ] .
:Nobody a sh:NodeShape ; sh:targetClass dpv:NonPersonalDataProcess ;
  sh:property [ sh:path dpv:hasPersonalData ; sh:maxCount 0 ] ;
  sh:property [ sh:path dpv:hasData ; sh:minCount 1 ] .
:Storage a sh:NodeShape ; sh:targetClass dpv:StorageCondition ;
  sh:property [ sh:path dct:description ; sh:minCount 1 ] ;
  sh:property [ sh:path dpv:hasDuration ; sh:maxCount 1 ] .
:Until a sh:NodeShape ; sh:targetClass dpv:UntilTimeDuration ;
  sh:property [ sh:path rdf:value ; sh:minCount 1 ; sh:datatype xsd:date ] .
:Months a sh:NodeShape ; sh:targetClass dpv:TemporalDuration ;
  sh:property [ sh:path rdf:value ; sh:minCount 1 ; sh:datatype xsd:duration ] .
"""

LINKED = book(
    age(keep_until=KeepUntil("2026-03-31")),
    ill(**TERM),
    tk.Variable("made", "Made by a program", "numeric", basis="not personal"),
    title="Made up",
    purposes=PURPOSES,
)


# rdflib and pyshacl still call what rdflib itself deprecates
linked = pytest.mark.filterwarnings("ignore::DeprecationWarning:(rdflib|pyshacl)")


def conforms(document):
    pyshacl = pytest.importorskip("pyshacl")
    return pyshacl.validate(
        json.dumps(document), data_graph_format="json-ld", shacl_graph=SHAPES, shacl_graph_format="turtle"
    )


@linked
def test_the_linked_data_conform_to_the_shapes():
    agrees, _, words = conforms(tk.inventory(LINKED).to_jsonld())
    assert agrees, words


@linked
@pytest.mark.parametrize(
    "gap",
    ["a quasi-identifier without a purpose", "a quasi-identifier without a basis", "health on plain consent"],
)
def test_linked_data_of_a_codebook_with_a_gap_do_not_conform(gap):
    assert not conforms(tk.inventory(GAPS[gap][0]).to_jsonld())[0]


@linked
def test_the_linked_data_name_every_column_and_every_purpose_as_respondents_read_it():
    rdflib = pytest.importorskip("rdflib")
    graph = rdflib.Graph().parse(data=json.dumps(tk.inventory(LINKED).to_jsonld()), format="json-ld")
    dct = rdflib.Namespace("http://purl.org/dc/terms/")
    assert {str(name) for name in graph.objects(None, dct.identifier)} == {"age", "ill", "made"}
    assert "We study trust." in {str(text) for text in graph.objects(None, dct.description)}


def test_a_notebook_shows_the_first_columns_of_an_inventory_and_folds_the_others():
    names = [f"q{number}" for number in range(30)]
    many = book(*(tk.Variable(name, f"Question {name}", "numeric", **STATED) for name in names))
    at_once, _, folded = tk.inventory(many)._repr_html_().partition("<details>")
    assert at_once.count("Question q") == 10
    assert folded.count("Question q") == 20
    assert "The other 20 columns" in folded
    assert "<details>" not in tk.inventory(WHOLE)._repr_html_()


def test_in_words_says_neither_the_class_of_an_identifier_nor_a_basis_that_is_none():
    about = {"purpose": "weighting", "basis": "not personal", "retention": "two years"}
    book = tk.Codebook({"age": tk.Variable("age", "Age", "numeric", identifier="quasi", **about)})
    words = tk.inventory(book).in_words().iloc[0]
    assert words["identifies"] == "only together with other answers"
    assert words["basis"] == "none is needed, as no person is behind the data"
