"""The data dictionary as cards: batteries once, other variables by what they are called, filtered by kind."""

from __future__ import annotations

from dataclasses import replace

from bs4 import BeautifulSoup

from trustkit import Codebook, Variable
from trustkit.reporting.dictionary_page import dictionary_block, dictionary_cards

YES_NO = {1: "Yes", 2: "No"}
SEEN = Variable("seen", "Have you seen <the> prompt?", "single", codes=YES_NO, purpose="testing")
ALLOWED = Variable("allowed", "Did you allow it?", "single", codes=YES_NO, asked={"seen": ("Yes",)})
BANKS, SHOPS = (
    Variable(name, f"Do you trust {name}?", "ordinal", codes=YES_NO, set="trust", missing=missing)
    for name, missing in (("banks", {}), ("shops", {9: "refused"}))
)


def book(*variables, **study):
    return Codebook({variable.name: variable for variable in variables}, **study)


def page(codebook):
    return BeautifulSoup(dictionary_block(codebook, 1)["text"], "html.parser")


def test_the_stem_and_the_answers_of_a_battery_stand_once():
    shown = page(book(BANKS, SHOPS))
    assert [tag.get_text() for tag in shown.select("h3")] == ["Do you trust ...?"]
    assert shown.get_text().count("1 = Yes") == 1
    assert [tag.get_text() for tag in shown.select(".tk-items li > span:first-child")] == ["banks", "shops"]
    assert [tag.get_text() for tag in shown.select(".tk-own")] == ["Missing answers: 9 = refused"]


def test_a_code_that_is_its_own_meaning_stands_once():
    home = Variable(
        "home",
        "Where do you live?",
        "single",
        codes={"France": "France", "ES": "Spain"},
        missing={"Don't know": "don't know", "-": "refused"},
    )
    (card,) = dictionary_cards(book(home))
    assert card["shown"] == {
        "Answers": "France; ES = Spain",
        "Missing answers": "Don't know; - = refused",
    }


def test_the_answers_of_a_battery_stand_once_though_some_items_are_reversed():
    shown = page(book(BANKS, replace(SHOPS, missing={}, reverse=True)))
    assert shown.get_text().count("1 = Yes") == 1
    assert [tag.get_text() for tag in shown.select(".tk-own")] == ["Scale: reversed"]


def test_the_question_of_a_set_goes_before_the_words_that_its_items_share():
    (card,) = dictionary_cards(book(BANKS, SHOPS, sets={"trust": "Whom do you trust?"}))
    assert card["title"] == "Whom do you trust?"


def test_who_was_asked_is_said_by_the_question_and_not_by_its_column():
    seen, allowed = dictionary_cards(book(SEEN, ALLOWED))
    assert allowed["shown"]["Asked only if"] == '"Have you seen <the> prompt?" is Yes'
    assert "Asked only if" not in seen["shown"]


def test_a_question_asked_of_some_names_the_wording_that_decides_and_not_its_short_name():
    (_, allowed) = dictionary_cards(book(replace(SEEN, short="was asked by an app"), ALLOWED))
    assert allowed["shown"]["Asked only if"] == '"Have you seen <the> prompt?" is Yes'


def test_each_answer_is_an_item_so_that_no_line_breaks_between_answers_only_by_chance():
    listed = [
        item.get_text()
        for item in page(book(replace(SEEN, codes={1: "A; B", 2: "No"}))).select(".tk-answers li")
    ]
    assert listed == ["1 = A; B", "2 = No"]


def test_text_of_a_codebook_is_escaped_and_columns_stand_as_code():
    shown = page(book(SEEN, title="A <b>study</b>", population="<i>Adults</i>"))
    assert shown.select_one("h3").get_text() == SEEN.label
    assert shown.select("b, i") == []
    assert [tag.get_text() for tag in shown.select("code")] == ["seen"]


def test_a_study_is_introduced_by_its_data_population_and_source():
    about = page(book(SEEN, data="synthetic", population="Adults", source="a program")).select_one("p")
    assert about.get_text() == "Synthetic data. Population: Adults. Source: a program"


def test_the_filter_offers_the_kinds_that_there_are_and_needs_two():
    kinds = [tag["value"] for tag in page(book(SEEN, BANKS, SHOPS)).select(".tk-filter input")]
    assert kinds == ["all", "single", "ordinal"]
    assert page(book(SEEN)).select(".tk-filter") == []
