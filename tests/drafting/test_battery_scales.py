"""Batteries: one scale is shared by all items, two scales are kept apart, and what is refused is named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.drafting.draft import draft_codebook
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey

ENDS = {
    "en": ("1 - Not at all", "5 - Completely"),
    "de": ("1 = stimme gar nicht zu", "5 = stimme voll zu"),
    "fr": ("1 (pas du tout)", "5 (tout à fait)"),
    "pl": ("1: wcale", "5: całkowicie"),
    "ja": ("1. まったくない", "5. とてもある"),
    "behind": ("Not at all (1)", "Completely (5)"),
    "unknown": ("1 - qwerty", "5 - asdfgh"),
}


def book_of(**columns):
    return draft_codebook(Survey(pd.DataFrame(columns), Codebook({})))


def given(*answers, times=12):
    return list(answers) * times


def worded(low, high, numbers):
    words = {1: low, 5: high}
    return [words.get(number, str(number)) for number in numbers]


@pytest.mark.parametrize("language", ENDS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_item_of_bare_numbers_stays_in_the_battery_whose_ends_have_words(language, place):
    low, high = ENDS[language]
    items = [worded(low, high, given(1, 2, 3, 4, 5)), worded(low, high, given(5, 4, 4, 2, 1))]
    items.insert(place, given(2, 3, 4, 3, 2))
    book = book_of(**{f"trust_{number}": cells for number, cells in enumerate(items, 1)})
    assert book.members("trust") == ("trust_1", "trust_2", "trust_3")
    assert {book[name].labels for name in book.members("trust")} == {(low, "2", "3", "4", high)}
    assert list(book[f"trust_{place + 1}"].codes) == [1, 2, 3, 4, 5]


def test_items_of_words_and_of_bare_numbers_have_the_mean_of_their_numbers(tmp_path):
    low, high = ENDS["en"]
    frame = pd.DataFrame(
        {
            "trust_1": worded(low, high, given(1, 2, 3, 4, 5)),
            "trust_2": given(2, 3, 4, 3, 2),
            "trust_3": worded(low, high, given(1, 1, 5, 2, 2)),
        }
    )
    frame.to_csv(tmp_path / "export.csv", index=False)
    survey = read(tmp_path / "export.csv")
    survey = read(tmp_path / "export.csv", draft_codebook(survey))
    means = [tk.mean(tk.Design(survey), name).to_frame()["estimate"].item() for name in frame]
    assert means == pytest.approx([3.0, 2.8, 2.2])


def test_numbers_outside_of_the_worded_ends_are_not_of_the_battery():
    low, high = ENDS["en"]
    ends = worded(low, high, given(1, 2, 3, 4, 5))
    book = book_of(trust_1=ends, trust_2=ends, trust_3=ends, trust_4=given(0, 3, 8, 9, 10))
    assert book.members("trust") == ("trust_1", "trust_2", "trust_3")
    assert book["trust_4"].codes.keys() >= {0, 3}
    assert "not in the set trust beside it" in book["trust_4"].review


def test_items_to_5_and_items_to_7_with_one_stem_are_two_batteries_and_one_is_doubted():
    five, seven = given(1, 2, 3, 4, 5), given(1, 2, 3, 4, 5, 6, 7)[:60]
    book = book_of(**{f"t_{k}": (five if k <= 3 else seven) for k in range(1, 8)})
    sets = [book.members(name) for name in sorted({v.set for v in book.variables.values()})]
    assert sorted(sets) == [("t_1", "t_2", "t_3"), ("t_4", "t_5", "t_6", "t_7")]
    assert list(book["t_1"].codes) == [1, 2, 3, 4, 5]
    assert list(book["t_7"].codes) == [1, 2, 3, 4, 5, 6, 7]
    assert book["t_1"].unsure
    assert "other than those of t_4" in book["t_1"].review
    assert not book["t_4"].unsure


@pytest.mark.parametrize(("short", "long"), [(5, 7), (5, 10), (7, 10)])
def test_a_single_item_on_another_usual_scale_is_not_in_the_set_and_not_silent(short, long):
    whole = given(*range(1, long + 1))
    book = book_of(t_1=whole, t_2=given(*range(1, short + 1), times=30)[: len(whole)], t_3=whole, t_4=whole)
    assert book["t_2"].set == ""
    assert book["t_2"].unsure
    assert list(book["t_2"].codes) == list(range(1, short + 1))
    assert book.members("t") == ("t_1", "t_3", "t_4")


def test_an_item_that_lacks_some_numbers_by_chance_stays_in_its_battery():
    whole, some = given(1, 2, 3, 4, 5, 6, 7), given(2, 3, 4, 4, 5, 3, 2)
    book = book_of(t_1=whole, t_2=some, t_3=whole)
    assert book.members("t") == ("t_1", "t_2", "t_3")
    assert list(book["t_2"].codes) == list(range(1, 8))
    assert "answers: those of the whole battery" in book["t_2"].review


def test_ratings_to_4_beside_ratings_to_5_are_one_battery_and_it_is_said():
    book = book_of(t_1=given(1, 2, 3, 4, 5), t_2=given(1, 2, 3, 4, 4), t_3=given(1, 2, 3, 4, 5))
    assert list(book["t_2"].codes) == [1, 2, 3, 4, 5]
    assert "answers: those of the whole battery" in book["t_2"].review


FIVE_AND_SEVEN = {
    "en": (
        ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied"],
        ["Somewhat dissatisfied", "Somewhat satisfied"],
    ),
    "de": (
        ["Sehr unzufrieden", "Unzufrieden", "Teils/teils", "Zufrieden", "Sehr zufrieden"],
        ["Eher unzufrieden", "Eher zufrieden"],
    ),
}


@pytest.mark.parametrize("language", FIVE_AND_SEVEN)
def test_a_worded_scale_of_5_beside_one_of_7_is_not_scored_as_one_of_7(language):
    five, more = FIVE_AND_SEVEN[language]
    seven = [*five, *more]
    book = book_of(
        s_1=given(*seven, times=20),
        s_2=given(*five, times=28),
        s_3=given(*seven, times=20),
        s_4=given(*seven, times=20),
    )
    assert len(book["s_1"].codes) == 7
    assert len(book["s_2"].codes) == 5
    assert book["s_2"].unsure
    assert book["s_2"].scores[five[-1]] == 5.0
    assert book["s_1"].scores[five[-1]] == 7.0


def test_an_item_that_few_answered_may_lack_a_step_inside_by_chance():
    five = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    few = [*(["Strongly disagree", "Disagree", "Agree", "Strongly agree"] * 2), *[None] * 52]
    book = book_of(a_1=given(*five), a_2=few, a_3=given(*five))
    assert book.members("a") == ("a_1", "a_2", "a_3")
    assert book["a_2"].labels == tuple(five)


def test_an_item_in_which_all_say_the_same_is_in_its_battery():
    five = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    book = book_of(a_1=given(*five), a_2=["Agree"] * 60, a_3=given(*five))
    assert book.members("a") == ("a_1", "a_2", "a_3")
    assert {book[name].labels for name in ("a_1", "a_2", "a_3")} == {tuple(five)}


def test_a_question_of_other_answers_beside_a_battery_is_named():
    five = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    book = book_of(
        a_1=given(*five),
        a_2=given(*five),
        a_3=given(*five),
        a_4=given("Never", "Rarely", "Sometimes", "Often", "Always"),
    )
    assert book.members("a") == ("a_1", "a_2", "a_3")
    assert "it is not in the set a beside it, as its answers are others" in book["a_4"].review
    assert len(book["a_4"].codes) == 5


def test_a_long_battery_has_one_set_and_no_two_scales():
    draw = np.random.default_rng(3)
    book = book_of(**{f"long_{number}": draw.integers(1, 6, 40) for number in range(200)})
    assert len(book.members("long")) == 200
    assert not any(variable.unsure for variable in book.variables.values())


def test_a_matrix_of_qualtrics_keeps_an_item_to_which_nobody_gave_an_end(tmp_path):
    low, high = ENDS["en"]
    items = [
        worded(low, high, given(1, 2, 3, 4, 5)),
        given(2, 3, 4, 3, 2),
        worded(low, high, given(1, 1, 5, 2, 2)),
    ]
    names = ["Q1_1", "Q1_2", "Q1_3"]
    rows = [
        ["ResponseId", *names],
        ["Response ID", *(f"How far do you trust them? - {brand}" for brand in ("Arla", "Bexa", "Cold"))],
        ['{"ImportId":"_recordId"}', *(f'{{"ImportId":"QID1_{number}"}}' for number in (1, 2, 3))],
        *([f"R_{row}", *cells] for row, cells in enumerate(zip(*items, strict=True))),
    ]
    pd.DataFrame(rows).to_csv(tmp_path / "export.csv", index=False, header=False)
    book = draft_codebook(read(tmp_path / "export.csv"))
    assert {book[name].set for name in names} == {"Q1"}
    assert {book[name].labels for name in names} == {(low, "2", "3", "4", high)}


FIVE = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]


@pytest.mark.parametrize("cells", [given(*FIVE), given(1, 2, 3, 4, 5)], ids=["words", "numbers"])
def test_an_item_that_nobody_answered_stays_in_its_battery(cells):
    book = book_of(a_1=cells, a_2=cells, a_3=[None] * 60, a_4=cells)
    assert book.members("a") == ("a_1", "a_2", "a_3", "a_4")
    assert book["a_3"].labels == book["a_1"].labels
    assert "nobody answered it" in book["a_3"].review


def test_an_empty_column_of_another_name_parts_a_battery():
    cells = given(*FIVE)
    book = book_of(a_1=cells, a_2=cells, a_3=cells, comment=[None] * 60, a_4=cells)
    assert book.members("a") == ("a_1", "a_2", "a_3")
    assert (book["comment"].kind, book["comment"].set) == ("text", "")


BOXES = {
    "labels": ({"w_1": ("Email", None), "w_2": ("Post", None), "w_4": ("App", None)}, None),
    "x": (dict.fromkeys(("w_1", "w_2", "w_4"), ("x", None)), None),
    "1 and 0": (dict.fromkeys(("w_1", "w_2", "w_4"), (1, 0)), 0),
    "checked": (dict.fromkeys(("w_1", "w_2", "w_4"), ("Checked", "Unchecked")), "Unchecked"),
    "true and false": (dict.fromkeys(("w_1", "w_2", "w_4"), ("true", "false")), "false"),
}


PLACES = [(name, "w_3") for name in BOXES] + [
    (name, "w_0") for name, (_, off) in BOXES.items() if off is not None
]
"""An empty column before all boxes is told by nothing."""


@pytest.mark.parametrize(("name", "place"), PLACES)
def test_a_box_that_nobody_ticked_is_one_of_its_set_and_changes_no_base(name, place, tmp_path):
    marks, unticked = BOXES[name]
    ticked = np.random.default_rng(7).random((80, 3)) < 0.5
    frame = pd.DataFrame(
        {
            item: [on if tick else off for tick in ticked[:, column]]
            for column, (item, (on, off)) in enumerate(marks.items())
        }
    ).assign(**{place: [unticked] * 80})
    frame[sorted(frame)].to_csv(tmp_path / "export.csv", index=False)
    book = draft_codebook(read(tmp_path / "export.csv"))
    assert {book[item].set for item in frame} == {"w"}
    assert {book[item].kind for item in frame} == {"multiple"}
    design = tk.Design(read(tmp_path / "export.csv", book))
    base = ticked.any(axis=1) if unticked is None else np.ones(80, dtype=bool)
    for column, item in enumerate(marks):
        table = tk.proportion(design, item).to_frame().set_index("level")["estimate"]
        assert table["Selected"] == pytest.approx(ticked[base, column].mean())
    never = tk.proportion(design, place).to_frame().set_index("level")["estimate"]
    assert never["Selected"] == 0


def test_columns_of_zeros_and_empty_cells_are_no_ticked_boxes():
    book = book_of(w_1=[0, None] * 20, w_2=[0, 0, None, 0] * 10)
    assert "Selected" not in {label for variable in book.variables.values() for label in variable.labels}


@pytest.mark.parametrize("answer", ["Yes", "No"])
def test_a_yes_or_no_item_in_which_all_say_the_same_stays_in_its_battery(answer):
    pair = given("Yes", "No", times=30)
    for cells in ([answer] * 60, [answer, None] * 30):
        book = book_of(use_1=pair, use_2=cells, use_3=pair)
        assert book.members("use") == ("use_1", "use_2", "use_3")
        assert {book[name].labels for name in book.members("use")} == {("Yes", "No")}
        assert not book["use_2"].unsure


def test_an_item_in_which_all_gave_one_number_stays_in_its_battery():
    book = book_of(t_1=given(1, 2, 3, 4, 5), t_2=[4] * 60, t_3=given(1, 2, 3, 4, 5))
    assert book.members("t") == ("t_1", "t_2", "t_3")
    assert list(book["t_2"].codes) == [1, 2, 3, 4, 5]


def test_a_question_whose_one_answer_is_not_the_batterys_is_refused():
    pair = given("Yes", "No", times=30)
    book = book_of(use_1=pair, use_2=pair, use_3=pair, use_4=["Blue", None] * 30)
    assert book.members("use") == ("use_1", "use_2", "use_3")
    assert book["use_4"].unsure
