from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from trustkit import cli, command_output
from trustkit.reporting.audit import audit_study
from trustkit.reporting.held_page import held_block, held_cards
from trustkit.reporting.study import new_study
from trustkit.survey.codebook_yaml import read_codebook

ROOT = Path(__file__).parents[2]

BOOK = """\
title: Made up
data: synthetic
fieldwork: 2024-03-04 to 2024-03-31
purposes: {{research: {{wording: We study trust., record: consents.csv}}}}
design: {{strata: region}}
cleaning:
  - {{step: drop_duplicates, key: respondent}}
variables:
  respondent: {{label: Panel pseudonym, kind: id, identifier: direct, {stated}}}
  region: {{label: Region, kind: single, codes: {{1: North, 2: South}}, identifier: quasi, {stated}}}
  trust: {{label: Do you trust brands?, kind: single, codes: {{1: "Yes", 2: "No"}}, {stated}}}
  shops: {{label: Do you trust shops?, kind: single, codes: {{1: "Yes", 2: "No"}}, set: kinds, {stated}}}
  banks: {{label: Do you trust banks?, kind: single, codes: {{1: "Yes", 2: "No"}}, set: kinds, {stated}}}
  {more}
"""
STATED = "purpose: research, basis: consent, consent: the first screen, permission: [research]"
KEPT = f"{STATED}, keep_until: {{months: 24, after: fieldwork}}"
ROWS = "respondent,region,trust,shops,banks{more}\n" + "".join(
    f"r{n},{1 + n % 2},{1 + n % 2},1,2{{cell}}\n" for n in range(9)
)
NAMED = ["survey = tk.read('../data/raw/study/answers.csv')", "tk.proportion(design, 'trust', by=\"region\")"]


def study(folder, *, stated=KEPT, more="", column="", code=(*NAMED, "members('kinds')")):
    folder.mkdir()
    rows = ROWS.format(more=f",{column}" if column else "", cell=",x" if column else "")
    (folder / "answers.csv").write_text(rows)
    (folder / "codebook.yaml").write_text(BOOK.format(stated=stated, more=more))
    new_study(folder / "study", folder / "answers.csv", folder / "codebook.yaml")
    cells = [{"cell_type": "code", "source": [line], "outputs": [], "metadata": {}} for line in code]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "study" / "notebooks" / "01_first_look.ipynb").write_text(json.dumps(notebook))
    return folder / "study"


def book_of(folder):
    return read_codebook(folder / "data" / "raw" / "study" / "codebook.yaml")


def missing(folder, **given):
    (audited,) = audit_study(folder, **given)
    gaps = audited.inventory.gaps
    return list(zip(gaps["variable"], gaps["missing"], strict=True))


def test_a_study_that_states_and_uses_everything_has_no_gap(tmp_path):
    assert missing(study(tmp_path / "a"), on="2026-03-31") == []


def test_a_column_that_no_notebook_names_is_held_and_not_used(tmp_path):
    assert missing(study(tmp_path / "a", code=NAMED)) == [("shops", "use"), ("banks", "use")]


def test_a_notebook_that_reads_another_export_uses_nothing_of_this_one(tmp_path):
    other = [line.replace("answers.csv", "others.csv").replace("study", "elsewhere") for line in NAMED]
    found = missing(study(tmp_path / "a", code=other))
    assert ("trust", "use") in found
    assert ("region", "use") not in found  # the design names it


def test_a_word_in_prose_of_a_formula_or_an_attribute_counts_as_use(tmp_path):
    code = [NAMED[0], "tk.glm(design, 'trust ~ shops')", "survey.data.banks.head()"]
    assert missing(study(tmp_path / "a", code=code)) == []


def test_a_column_that_the_codebook_lacks_is_a_gap(tmp_path):
    assert missing(study(tmp_path / "a", column="ip")) == [("ip", "description")]


def test_terms_that_have_passed_are_gaps_on_the_day_that_is_given(tmp_path):
    folder = study(tmp_path / "a")
    assert {what for _, what in missing(folder, on="2026-04-01")} == {"deletion"}
    assert missing(folder) == []


def test_a_column_that_is_kept_until_cleaning_is_a_gap_while_cleaned_data_hold_it(tmp_path):
    folder = study(tmp_path / "a", stated=f"{STATED}, keep_until: {{after: cleaning}}")
    (folder / "data" / "processed" / "cleaned.csv").write_text("region,trust\n1,1\n2,2\n")
    assert missing(folder) == [(name, "deletion from cleaned data") for name in ("region", "trust")]
    (folder / "data" / "processed" / "cleaned.csv").unlink()
    assert missing(folder) == []


def test_a_file_that_is_no_notebook_is_named(tmp_path):
    folder = study(tmp_path / "a")
    (folder / "notebooks" / "02_broken.ipynb").write_text("{}")
    with pytest.raises(Exception, match=r"02_broken\.ipynb"):
        audit_study(folder)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(command_output.screen, "width", 200)
    return lambda *arguments: CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def test_the_command_ends_with_1_if_there_is_a_gap_and_with_0_if_not(tmp_path, run):
    folder = study(tmp_path / "a")
    assert run("audit", folder, "--on", "2026-03-31").exit_code == 0
    late = run("audit", folder, "--on", "2026-04-01")
    assert late.exit_code == cli.FOUND
    assert "deletion" in late.output


def test_without_a_day_the_command_compares_terms_with_today(tmp_path, run):
    past = study(tmp_path / "a", stated=f"{STATED}, keep_until: 2001-01-01")
    future = study(tmp_path / "b", stated=f"{STATED}, keep_until: 2999-01-01")
    assert run("audit", past).exit_code == cli.FOUND
    assert run("audit", future).exit_code == 0


def test_the_command_gives_columns_and_gaps_as_json(tmp_path, run):
    found = run("audit", study(tmp_path / "a", code=NAMED), "--on", "2026-01-01", "--json")
    (told,) = json.loads(found.output)
    assert [gap["variable"] for gap in told["gaps"]] == ["shops", "banks"]
    assert len(told["held"]) == 5


def test_the_command_shows_gaps_that_read_alike_once_and_each_column_with_all(tmp_path, run):
    answers = {f"q{number}": [1, 2, 3] * 20 for number in range(30)}
    pd.DataFrame(answers).to_csv(tmp_path / "answers.csv", index=False)
    run("new", tmp_path / "mine", "--from", tmp_path / "answers.csv")
    short, long = (run("audit", tmp_path / "mine", *option).output for option in ((), ("--all",)))
    gaps = json.loads(run("audit", tmp_path / "mine", "--json").output)[0]["gaps"]
    unused = [gap["variable"] for gap in gaps if gap["missing"] == "use"]
    assert len(unused) > len(answers) / 2
    assert short.count("no analysis names it") == 1
    assert unused[-1] not in short
    assert f"{len(gaps)} gaps; each by its column with --all" in short
    assert long.count("no analysis names it") == len(unused)
    assert all(f" {name} " in long for name in unused)
    assert "with --all" not in long


def test_check_prints_the_number_of_gaps(tmp_path, run):
    folder = study(tmp_path / "a", code=NAMED, stated=f"{STATED}, keep_until: 2999-01-01")
    assert "2 gaps in what codebook.yaml says" in run("check", folder).output
    (told,) = json.loads(run("check", folder, "--json").output)
    assert told["gaps"] == 2


def test_the_shipped_studies_pass_their_own_audit_whatever_the_day():
    for day in ("2024-01-01", "2999-01-01"):
        gaps = {audited.export: len(audited.inventory.gaps) for audited in audit_study(ROOT, on=day)}
        assert gaps.keys() >= {"devices.csv", "responses.csv"}
        assert not any(gaps.values())


def test_the_page_of_what_is_held_has_labels_and_reasons_and_no_column_names(tmp_path):
    text = held_block(book_of(study(tmp_path / "a")))["text"]
    assert "Do you trust brands?" in text
    assert "We study trust." in text
    assert re.search(
        r"Respondents agreed\.</dd>\s*<dt>How respondents were asked</dt><dd>The first screen\.", text
    )
    assert "24 months after the end of fieldwork" in text
    assert not re.search(r">respondent<|>trust<|>shops<", text)


def test_the_page_escapes_what_a_codebook_says(tmp_path):
    hostile = KEPT.replace("the first screen", '"<script>alert(1)</script>"')
    text = held_block(book_of(study(tmp_path / "a", stated=hostile)))["text"]
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_the_page_does_not_ask_whether_data_of_nobody_identify_a_person(tmp_path):
    nobody = "purpose: a test, basis: not personal, consent: none needed, retention: for ever"
    text = held_block(book_of(study(tmp_path / "a", stated=nobody)))["text"]
    assert "no person is behind the data" in text
    assert "identify a person" not in text
    assert "identify a person" in held_block(book_of(study(tmp_path / "b")))["text"]


def test_the_page_says_what_respondents_may_ask_for_and_whom_to_write_to(tmp_path):
    book = book_of(study(tmp_path / "a"))
    assert "have it corrected or erased" in held_block(book)["text"]
    assert "does not say whom to write to" in held_block(book)["text"]
    reached = replace(book, disclosure={"contact": "the study's office, 1 Main Street"})
    assert "Whom to write to: The study&#39;s office, 1 Main Street." in held_block(reached)["text"]
    nobody = "purpose: a test, basis: not personal, retention: for ever"
    assert "corrected or erased" not in held_block(book_of(study(tmp_path / "b", stated=nobody)))["text"]


def test_the_page_names_a_few_data_where_they_are_described_and_folds_many_in(tmp_path):
    book = book_of(study(tmp_path / "a"))
    cards = held_cards(book)
    (answers,) = (card for card in cards if card["count"] == "3 pieces of data")
    assert answers["shown"]["Data"] == "Do you trust brands? Do you trust shops? Do you trust banks?"
    more = {name: replace(book["trust"], name=name, label=f"Question {name}") for name in "abc"}
    (answers,) = (
        card for card in held_cards(replace(book, variables=book.variables | more)) if card["labels"]
    )
    assert sum(max(len(label["items"]), 1) for label in answers["labels"]) == 6
    assert "Data" not in answers["shown"]
    text = held_block(replace(book, variables=book.variables | more))["text"]
    part = BeautifulSoup(text, "html.parser").select_one(".tk-part:has(details)")
    assert part.find(["details", "dl"]).name == "details"  # the data, then who sees them


def test_a_battery_on_the_page_of_what_is_held_has_its_question_once(tmp_path):
    book = book_of(study(tmp_path / "a"))
    items = {
        name: replace(book["trust"], name=name, label=f"Do you trust {name}?", set="whom")
        for name in ("shops", "banks", "press", "police")
    }
    text = held_block(replace(book, variables=book.variables | items))["text"]
    assert text.count("Do you trust") == 2  # of brands, and of the battery
    assert "shops; banks; press; police" in text


def test_data_without_a_purpose_have_one_card_and_what_holds_for_most_is_said_once(tmp_path):
    book = book_of(study(tmp_path / "a"))
    bare = {name: replace(one, purpose="") for name, one in book.variables.items()}
    about = {
        "name": "age", "label": "Age", "identifier": "quasi", "purpose": "weighting", "retention": "a year"
    }  # fmt: skip
    more = {"age": replace(book["trust"], **about)}
    text = held_block(replace(book, variables=bare | more))["text"]
    assert text.count("No purpose is stated") == 1
    seen = held_cards(replace(book, variables=bare | more))
    usual = "readers see figures about groups"
    assert sum(usual in card["shown"]["Who sees it"] for card in seen) > 1
    assert text.count(usual) == 1
