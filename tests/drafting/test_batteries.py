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


STEP_OVER = {"uses_1": "Mail", "uses_2": "Other", "uses_3": "Phone"}


@pytest.mark.parametrize("typed", ["uses_2_text", "uses_2_other", "uses_2_specify"])
def test_a_text_that_was_typed_between_boxes_does_not_tear_them_apart(typed):
    frame = pd.DataFrame(
        {
            name: [word if (k + place) % 3 else None for k in range(36)]
            for place, (name, word) in enumerate(STEP_OVER.items())
        }
    )
    frame.insert(2, typed, [f"fax {k % 4}" if (k + 1) % 3 else None for k in range(36)])
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("uses") == tuple(STEP_OVER)


def test_a_box_that_stands_apart_from_its_question_makes_the_others_unsure():
    frame = pd.DataFrame(
        {
            "uses_1": ["Mail", None, None] * 12, "uses_2": [None, "Post", None] * 12,
            "age": [20 + k for k in range(36)], "uses_3": [None, None, "Phone"] * 12,
        }
    )  # fmt: skip
    book = draft_codebook(Survey(frame, Codebook({})))
    assert [book[name].unsure for name in ("uses_1", "uses_2", "uses_3")] == [True, True, True]
    assert "'uses_3' may be a box of this question, too" in book["uses_1"].review


def named_boxes(names):
    words = [name.partition(":")[0] for name in names]
    cells = {
        name: [word if (k + 2 * place) % 5 < 2 or (place == 0 and k % 5 == 4) else None for k in range(40)]
        for place, (name, word) in enumerate(zip(names, words, strict=True))
    }
    return pd.DataFrame(cells)


def test_boxes_that_are_named_by_their_answers_before_a_colon_are_one_set():
    names = [f"{word}:Where do you buy?" for word in ("Store", "Web", "Phone")]
    frame = named_boxes(names)
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("Where do you buy?") == tuple(names)
    assert not any(variable.unsure for variable in book.variables.values())
    found = tk.proportion(tk.Design(tk.read(frame, codebook=book)), "Where do you buy?").to_frame()
    asked = frame.notna().any(axis=1).sum()
    chosen = found.loc[found["level"] == "Selected", "estimate"].tolist()
    assert chosen == pytest.approx([frame[name].notna().sum() / asked for name in names])


def test_boxes_that_are_named_by_their_answers_alone_are_one_set_and_unsure():
    frame = named_boxes(["Instagram", "Phone", "Street"])
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.members("Instagram_items") == tuple(frame)
    assert (book["Instagram"].unsure, book["Phone"].identifier) == (True, "none")


def test_boxes_behind_the_colons_of_two_questions_are_two_sets():
    names = ["Store:Where?", "Web:Where?", "Price:Why?", "Trust:Why?"]
    book = draft_codebook(Survey(named_boxes(names), Codebook({})))
    assert [book[name].set for name in names] == ["Where?", "Where?", "Why?", "Why?"]


def lone_boxes(*words):
    return pd.DataFrame(
        {f"s_{at + 1}": [word if k % 3 == at else None for k in range(36)] for at, word in enumerate(words)}
    )


@pytest.mark.parametrize("none", ["Don't know", "Prefer not to say", "Weiß nicht", "No sabe", "不知道"])
def test_a_box_that_says_why_there_is_no_answer_is_unsure(none):
    frame = lone_boxes("TV", "Radio", none)
    book = draft_codebook(Survey(frame, Codebook({})))
    assert all(book[name].unsure for name in frame)
    assert none in book["s_3"].review
    assert "(12 of them) counts as not selected" in book["s_3"].review


def test_a_box_for_none_of_the_answers_is_sure():
    book = draft_codebook(Survey(lone_boxes("TV", "Radio", "None of these"), Codebook({})))
    assert not any(variable.unsure for variable in book.variables.values())
