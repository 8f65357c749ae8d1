"""Boxes of one question, however their columns say yes and no, are one set."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.drafting.battery_scales import unite
from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.draft import draft_codebook
from trustkit.drafting.scale_words import scale_data, wordings
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey

LANGUAGES = scale_data()["yes and no"]
PAIRS = [
    (language, yes, no)
    for language, steps in LANGUAGES.items()
    for yes, no in zip(*map(wordings, steps), strict=False)
]


def boxed(yes, no):
    return pd.DataFrame(
        {
            "way[SQ001]": [yes, no, yes, None] * 9,
            "way[SQ002]": [no] * 36,
            "way[SQ003]": [yes, yes, no, no] * 9,
        }
    )


@pytest.mark.parametrize(("language", "yes", "no"), PAIRS)
def test_yes_and_no_in_the_parts_of_a_question_are_boxes_of_one_set(language, yes, no):
    frame = boxed(yes.capitalize(), no.capitalize())
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("way") == tuple(frame)
    assert {variable.kind for variable in book.variables.values()} == {"multiple"}
    assert [next(iter(variable.codes)) for variable in book.variables.values()] == [yes.capitalize()] * 3


def test_yes_and_no_of_boxes_keep_their_words_and_single_letters_get_their_meaning():
    for yes, no, labels in [
        ("Ja", "Nein", ("Ja", "Nein")), ("是", "否", ("是", "否")), ("J", "N", ("Selected", "Not selected")),
    ]:  # fmt: skip
        found = draft_codebook(Survey(boxed(yes, no), Codebook({})))["way[SQ001]"]
        assert (found.labels, "may be one of several yes or no questions" in found.review) == (labels, True)


def test_the_share_of_a_box_of_yes_and_no_is_the_share_of_yes():
    frame = boxed("Ja", "Nein")
    design = tk.Design(Survey(frame, draft_codebook(Survey(frame, Codebook({})))))
    shares = tk.proportion(design, "way[SQ001]").to_frame().set_index("level")["estimate"]
    assert shares["Ja"] == pytest.approx(frame["way[SQ001]"].dropna().eq("Ja").mean())


def test_yes_and_no_of_two_languages_are_no_boxes():
    frame = pd.DataFrame({"way[1]": ["Ja", "No"] * 9, "way[2]": ["No", "Ja"] * 9})
    assert draft_codebook(Survey(frame, Codebook({})))["way[1]"].kind == "single"


def test_neighbours_that_are_no_parts_of_one_question_stay_questions_of_yes_and_no():
    frame = pd.DataFrame({"smoker": ["Ja", "Nein"] * 9, "married": ["Nein", "Ja"] * 9})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert [variable.kind for variable in book.variables.values()] == ["single", "single"]
    assert book["smoker"].labels == ("Ja", "Nein")


@pytest.mark.parametrize(("language", "yes", "no"), PAIRS)
def test_an_export_of_limesurvey_says_yes_and_no_in_its_own_language(language, yes, no, tmp_path):
    head = ["id", "submitdate", "lastpage", "Q1[A]", "Q1[B]"]
    rows = [head, ["1", "", "2", yes, no], ["2", "", "2", no, yes], ["3", "", "2", "N/A", "N/A"]]
    file = tmp_path / "export.csv"
    file.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    found = read(file).codebook
    assert found.members("Q1") == ("Q1[A]", "Q1[B]")
    assert (found["Q1[A]"].kind, next(iter(found["Q1[A]"].codes))) == ("multiple", yes)
    assert found["Q1[A]"].missing == {"N/A": "not asked"}


@pytest.mark.parametrize("mark", [1, "1", "x", "I agree"])
def test_one_box_alone_is_not_sure_that_all_who_left_it_empty_were_not_asked(mark):
    frame = pd.DataFrame({"terms": [mark, None, mark] * 12, "q": ["a", "b"] * 18})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book["terms"].unsure
    assert "100%" in book["terms"].review


def test_columns_that_each_hold_an_answer_of_their_own_stay_unsure_beside_one_that_varies():
    frame = pd.DataFrame(
        {
            "way_a": ["Email", None, None] * 12,
            "way_b": [None, "Post", None] * 12,
            "way_c": [None, "Fax", "Pigeon"] * 12,
        }
    )
    drafts = {name: sketch(frame[name]) for name in frame}
    unite(list(drafts.values()))
    assert [bool(draft.doubts) for draft in drafts.values()] == [True, True, False]


def test_numbers_of_answers_may_be_whole_or_not_beside_words_for_none():
    frame = pd.DataFrame({"q6": ["5", "4", "3", "n/a"] * 9, "q7": ["12", "40", "33", "none"] * 9})
    assert set(draft_codebook(Survey(frame, Codebook({}))).variables) == {"q6", "q7"}


def test_a_column_that_joins_the_boxes_beside_it_needs_no_decision():
    ways = [["tv"], ["tv", "web"], ["radio", "web"], ["radio"]] * 12
    frame = pd.DataFrame(
        {
            "media": [" ".join(way) for way in ways],
            **{f"media/{one}": [int(one in way) for way in ways] for one in ("tv", "web", "radio")},
        }
    )
    book = draft_codebook(Survey(frame, Codebook({})))
    assert not any(variable.unsure for variable in book.variables.values())
    assert "is left out" in book["media"].review
