"""Several answers in one cell: found, parted, and told from single answers that hold the sign."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from builders import survey

from trustkit.drafting import joined_answers
from trustkit.drafting.draft import draft_codebook
from trustkit.drafting.joined_answers import JOINTS, find_joined, may_be_joined
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_yaml import read_codebook, write_codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

WAYS = ("Email", "Text message", "Post", "None of these")


def cells(joint, options=WAYS, n=200, seed=3, share=0.4):
    """Return cells in which respondents ticked some of the options but the last, or the last alone."""
    random = np.random.default_rng(seed)
    ticked = random.random((n, len(options) - 1)) < share
    return [
        joint.join(option for option, on in zip(options[:-1], row, strict=True) if on) or options[-1]
        for row in ticked
    ]


def counts(values):
    return {str(value): int(count) for value, count in pd.Series(values).value_counts().items()}


@pytest.mark.parametrize("joint", [";", ",", ", ", "; ", "\n", "|", " | "])
def test_joined_answers_are_found_with_every_separator(joint):
    found = find_joined(counts(cells(joint)))
    assert found is not None
    assert set(found.options) == set(WAYS)
    assert found.exclusive == ("None of these",)


def test_a_trailing_separator_makes_no_answer():
    found = find_joined(counts([f"{cell};" for cell in cells(";")]))
    assert set(found.options) == set(WAYS)


def test_sixty_options_are_found():
    options = (*(f"Option {k}" for k in range(60)), "None")
    found = find_joined(counts(cells(";", options, n=600, share=0.03)))
    assert set(found.options) == set(options)


def test_an_option_that_holds_the_separator_is_one_answer_and_not_sure():
    options = ("Price, discounts", "Better, faster service", "Offers", "None of the above")
    found = find_joined(counts(cells(", ", options)))
    assert set(found.options) == set(options)
    assert found.unsure


@pytest.mark.parametrize(
    "values",
    [
        ["Yes, always", "No, never", "Yes, sometimes"] * 9,
        ["Paris, France", "Lyon, France", "Rome, Italy", "Milan, Italy"] * 9,
        ["very good", "good", "bad", "very bad"] * 9,
        ["Under $25,000", "$25,000 to $49,999", "$50,000 or more"] * 9,
        [f"well, {k} things happened, really" for k in range(40)],
    ],
)
def test_single_answers_that_hold_a_separator_are_not_parted(values):
    assert find_joined(counts(values)) is None


def written(path, column):
    """Write a column, beside one in English words, as the format that the path's ending names."""
    frame = pd.DataFrame({"heard": ["Yes", "No", "Don't know"] * (len(column) // 3), "ways": column})
    if path.suffix == ".sav":
        pyreadstat.write_sav(frame, str(path))
    elif path.suffix == ".dta":
        frame.to_stata(path, write_index=False, version=118)
    elif path.suffix == ".parquet":
        frame.astype({"ways": "category"}).to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return draft_codebook(read(path)).compact()["ways"]


def chosen(count, joint, options=("email", "post", "visit", "app", "phone"), n=90):
    """Return cells of respondents who each chose the same number of options."""
    random = np.random.default_rng(count)
    picks = (sorted(random.choice(len(options), count, replace=False)) for _ in range(n))
    return [joint.join(options[k] for k in pick) for pick in picks]


@pytest.mark.parametrize("joint", [joint for joint in JOINTS if joint != " "])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_cells_that_all_join_the_same_number_of_answers_are_parted(count, joint):
    values = chosen(count, joint)
    found = find_joined(counts(values))
    assert set(found.options) == {"email", "post", "visit", "app", "phone"}
    assert bool(found.unsure) == (joint in "\u3001\uff0c,")


@pytest.mark.parametrize("ending", ["csv", "sav", "dta", "parquet"])
@pytest.mark.parametrize(
    "values",
    [
        ["Email;Post"] * 90,
        ["tv radio"] * 90,
        [*["tv radio web"] * 40, *["tv radio"] * 50],
        ["email, post"] * 90,
        [*["email, post, visit"] * 40, *["email, post"] * 50],
        ["Email, Post", "Email, Visit"] * 45,
        ["Post|Post", "Post|Visit", "Visit|Visit"] * 30,
        chosen(2, " "),
        chosen(2, ",", "12345"),
    ],
)
def test_answers_that_may_be_joined_and_were_read_as_one_are_unsure(tmp_path, ending, values):
    found = written(tmp_path / f"export.{ending}", values)
    assert found.unsure, found.review


@pytest.mark.parametrize(
    "values",
    [
        ["Yes, always", "No, never", "Yes, sometimes"] * 9,
        ["very good", "good", "bad", "very bad"] * 9,
        ["red wine", "white wine", "red beer", "white beer"] * 9,
        ["0,85", "1,15", "1,05", "0,95"] * 9,
        ["do not know"] * 40,
        ["good", "very good"] * 20,
        ["below $25,000", "I earn $25,000 or more"] * 9,
        [f"well, {k} things happened; really" for k in range(40)],
    ],
)
def test_one_answer_in_words_raises_no_doubt_that_it_may_be_several(values):
    assert may_be_joined(counts(values)) == ""


def test_a_statistics_files_texts_without_labels_are_drafted_as_those_of_a_csv_file(tmp_path):
    values = [*chosen(2, ";"), *chosen(3, ";")]
    for ending in ("sav", "dta", "csv"):
        found = written(tmp_path / f"export.{ending}", values)
        assert (found.kind, found.split) == ("multiple", ";")
        names = written(tmp_path / f"names.{ending}", [f"{name}@example.org" for name in "abc"] * 10)
        assert (names.kind, names.identifier, names.codes) == ("text", "direct", {})


def test_a_joined_column_becomes_boxes_with_the_shares_that_counting_gives(tmp_path):
    values = cells(";")
    frame = pd.DataFrame({"ways": values, "age": range(18, 18 + len(values))})
    frame.to_csv(tmp_path / "export.csv", index=False)
    book = draft_codebook(read(tmp_path / "export.csv"))
    assert (book["ways"].kind, book["ways"].split) == ("multiple", ";")
    write_codebook(book, tmp_path / "codebook.yaml")
    found = read(tmp_path / "export.csv", tmp_path / "codebook.yaml")
    boxes = dict(zip(found.codebook.members("ways"), book["ways"].labels, strict=True))
    for box, option in boxes.items():
        assert (found.data[box] == "Selected").sum() == sum(option in cell.split(";") for cell in values)
    assert read_codebook(tmp_path / "codebook.yaml")["ways"].exclusive == ("None of these",)


def test_a_codebook_of_boxes_is_written_as_the_file_has_the_column(tmp_path):
    ways = Variable("ways", "Which?", "multiple", codes={"a": "A", "b": "B"}, split=",")
    found = survey({"ways": ["a,b", "b", None]}, ways)
    assert found.codebook.members("ways") == ("ways_a", "ways_b")
    write_codebook(found.codebook, tmp_path / "book.yaml")
    assert read_codebook(tmp_path / "book.yaml").variables == {"ways": ways}


def test_an_answer_that_is_none_of_the_list_counts_as_another_and_keeps_its_text():
    ways = Variable(
        "ways", "Which?", "multiple", codes={"a": "A", "b": "B"}, split=",", missing={"n/a": "not asked"}
    )
    found = survey({"ways": ["a,pigeon", "b", "n/a", None]}, ways).data
    assert found["ways_other_answers"].tolist()[:3] == ["Selected", "Not selected", "Not asked"]
    assert found["ways_other_answers_text"].dropna().tolist() == ["pigeon"]
    assert found["ways_a"].isna().tolist() == [False, False, False, True]


@pytest.mark.parametrize("ticked", ["x", "Yes", "1", "Email"])
def test_boxes_ticked_or_left_empty_are_a_set_whose_base_is_who_ticked_any(ticked):
    frame = pd.DataFrame({"way_1": [ticked, None, None] * 9, "way_2": [None, ticked, None] * 9})
    book = draft_codebook(Survey(frame, Codebook({})))
    data = Survey(frame, book).data
    assert data["way_1"].value_counts().to_dict() == {"Selected": 9, "Not selected": 9}


@pytest.mark.parametrize(
    "pair", [("Checked", "Unchecked"), ("1", "0"), ("TRUE", "FALSE"), ("Selected", "Not Selected")]
)
def test_boxes_ticked_or_not_are_a_set_and_who_ticked_nothing_is_named(pair):
    on, off = pair
    frame = pd.DataFrame({"way_1": [on, off, off] * 9, "way_2": [off, on, off] * 9})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert [book[name].kind for name in frame] == ["multiple"] * 2
    assert "9 of 27 respondents ticked nothing" in book["way_1"].review
    assert book["way_1"].unsure


def test_a_joined_column_beside_its_boxes_is_no_question():
    frame = pd.DataFrame(
        {"src": ["tv radio", "tv", "radio"] * 9, "src/tv": [1, 1, 0] * 9, "src/radio": [1, 0, 1] * 9}
    )
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book["src"].kind == "text"
    assert "left out" in book["src"].review
    assert book["src/tv"].kind == "multiple"


@pytest.mark.parametrize(
    "none", ["None of these", "Keine davon", "Aucun de ces moyens", "Nichts davon", "以上皆非", "Don't know"]
)
def test_an_answer_that_rules_out_all_others_is_one_of_the_list_though_it_was_given_once(none):
    cells = {"Email|Post": 16, "Post|Phone": 9, "Email": 7, "Post": 8, "Email|Phone": 6, none: 1}
    found = find_joined(cells)
    assert found is not None
    assert (none in found.options, none in found.exclusive) == (True, True)


def test_a_text_that_somebody_typed_once_is_not_one_of_the_list():
    cells = {"Email|Post": 16, "Post|Phone": 9, "Email": 7, "Post": 8, "Email|Phone": 6}
    for text in ("my sister at the shop", "none of that is anybody's business but my own"):
        found = find_joined({**cells, text: 1})
        assert found is not None
        assert text not in found.options


def test_open_answers_are_told_from_their_first_cells_and_as_if_all_had_been_parted(monkeypatch):
    draw = np.random.default_rng(5)
    stock = [f"answer {number}" for number in range(400)]
    tried = []
    for size in (2, 5, 60, 90, 400):
        for rows in (30, 300):
            for joint in (";", ",", ", ", "\n", " ; "):
                parts = [draw.choice(stock[:size], min(size, draw.integers(1, 5))) for _ in range(rows)]
                cells = Counter(joint.join(dict.fromkeys(part)) for part in parts)
                tried.append((cells, may_be_joined(cells)))
    monkeypatch.setattr(joined_answers, "_differ_too_often", lambda *_: False)
    assert [may_be_joined(cells) for cells, _ in tried] == [joint for _, joint in tried]
    assert {joint for _, joint in tried} >= {"", ";", ",", "\n"}


@pytest.mark.parametrize("joint", [";", ", ", "\n", "|"])
def test_cells_that_hold_all_answers_in_another_order_may_be_a_ranking_and_are_unsure(joint):
    orders = [joint.join(order) for order in permutations(["Price", "Trust", "Speed"])]
    drafted = draft_codebook(Survey(pd.DataFrame({"rank": orders * 6}), Codebook({})))["rank"]
    assert drafted.unsure
    assert "it may be a ranking" in drafted.review
