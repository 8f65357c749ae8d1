"""The work of a draft grows with columns, levels and letters in proportion; what is too large is refused."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from trustkit.drafting import draft
from trustkit.drafting.column_sketch import distinct_values
from trustkit.drafting.draft import draft_codebook
from trustkit.drafting.joined_answers import find_joined, may_be_joined
from trustkit.drafting.missing_answers import far_codes, judge_answers, judge_numbers
from trustkit.drafting.missing_words import reason_in
from trustkit.drafting.scales import scale_of
from trustkit.drafting.shared_names import common_stem
from trustkit.errors import DataError
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable, code_text
from trustkit.survey.written_numbers import unread_numbers

ROWS = 60


def work_of(task):
    """Return how many functions a task calls, of Python and of C, after it ran once for what is read once."""
    task()
    calls = 0

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        task()
    finally:
        sys.setprofile(before)
    return calls


def survey_of(kinds, columns):
    """Return a survey of so many columns, which are of some kinds in turn; no two columns are alike."""
    draw = np.random.default_rng(1)
    agreement = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree", "Don't know"]
    words = ["they", "sell", "my", "data", "nobody", "asks", "prices", "are", "fair"]
    make = {
        "scale": lambda: draw.integers(1, 6, ROWS),
        "boxes": lambda: draw.integers(0, 2, ROWS),
        "words": lambda: draw.choice(agreement, ROWS),
        "decimals": lambda: draw.normal(size=ROWS).round(3),
        "open": lambda: [f"{' '.join(draw.choice(words, 6))}, {row}" for row in range(ROWS)],
        "dates": lambda: [f"2024-03-{day:02d}" for day in draw.integers(1, 31, ROWS)],
        "joined": lambda: draw.choice(["Email;Post", "Post", "Email", "Phone;Post", "Email;Phone"], ROWS),
    }
    turns = [kinds[number % len(kinds)] for number in range(columns)]
    frame = {f"{kind}_{number}": make[kind]() for number, kind in enumerate(turns)}
    return Survey(pd.DataFrame(frame), Codebook({}))


@pytest.mark.parametrize(
    "kinds",
    [
        ["scale"],
        ["boxes"],
        ["words"],
        ["decimals"],
        ["open"],
        ["dates"],
        ["scale", "words", "decimals", "open", "dates", "joined", "boxes"],
    ],
    ids="-".join,
)
def test_three_times_as_many_columns_take_three_times_the_work(kinds):
    few, many = (survey_of(kinds, columns) for columns in (42, 126))
    assert work_of(lambda: draft_codebook(many)) < 3.3 * work_of(lambda: draft_codebook(few))


LEVELS = {
    "answers with labels": lambda n: lambda: judge_answers({code: f"Town {code}" for code in range(n)}),
    "answers far apart": lambda n: lambda: judge_answers({7 * code: f"Town {code}" for code in range(n)}),
    "answers that deny": lambda n: lambda: judge_answers({code: f"No town {code}" for code in range(n)}),
    "numbers": lambda n: lambda: judge_numbers([float(number) for number in range(n)], {}),
    "far codes": lambda n: lambda: far_codes(range(0, 3 * n, 3)),
    "bands": lambda n: lambda: scale_of([f"{2 * step} to {2 * step + 1}" for step in range(n)]),
    "joined": lambda n: lambda: find_joined({f"{cell}, b{cell}, c{cell}": 1 for cell in range(n)}),
    "told": lambda n: (
        lambda: draft_codebook(
            Survey(
                pd.DataFrame({"a": range(n)}),
                Codebook(
                    {"a": Variable("a", "A", "single", codes={code: f"Town {code}" for code in range(n)})}
                ),
            )
        )
    ),
}


@pytest.mark.parametrize("name", LEVELS)
def test_four_times_as_many_levels_take_four_times_the_work(name):
    task = LEVELS[name]
    assert work_of(task(4000)) < 4.5 * work_of(task(1000)) + 2000


def test_a_closed_variable_of_12000_levels_is_drafted_with_all_of_them():
    codes = {code: f"Town {code}" for code in range(12_000)}
    told = Codebook({"town": Variable("town", "Town", "single", codes=codes)})
    drafted = draft_codebook(Survey(pd.DataFrame({"town": list(codes)}), told))["town"]
    assert drafted.kind == "single"
    assert drafted.codes == codes


def test_12000_different_texts_are_taken_for_an_open_question():
    frame = pd.DataFrame({"town": [f"Town {number}" for number in range(12_000)] * 2})
    assert draft_codebook(Survey(frame, Codebook({})))["town"].kind == "text"


def test_a_cell_of_blanks_is_compared_as_one_blank():
    assert reason_in("a" + " " * 200_000 + "b") == (None, False)  # quadratic work would take an hour
    assert reason_in("Don't" + " " * 200_000 + "know") == ("don't know", True)


def test_a_cell_of_20000_digits_is_a_text_like_any_other():
    assert code_text("0" * 20_000 + "7") == "7"
    frame = pd.DataFrame({"q": ["9" * 20_000 + str(row) for row in range(20)]})
    assert draft_codebook(Survey(frame, Codebook({})))["q"].kind == "text"


def test_a_cell_of_many_answers_is_looked_through_once_for_each_answer():
    cells = [[f"w{(7 * row + word) % 60} {row % 2}" for word in range(40)] for row in range(20)]
    short = {";".join(parts[:10]): 1 for parts in cells}
    long = {";".join(parts): 1 for parts in cells}
    assert work_of(lambda: find_joined(long)) < 5 * work_of(lambda: find_joined(short))


def test_open_answers_are_not_parted_to_their_end():
    cells = {f"I think {row}, as {row} said, and so {row}": 1 for row in range(4000)}
    assert work_of(lambda: may_be_joined(cells)) < 5 * len(cells)
    assert work_of(lambda: unread_numbers(cells)) < 5 * len(cells)


def test_the_stem_of_a_battery_ends_before_a_number_that_all_names_share():
    assert common_stem(["q1_1", "q1_2", "q1_10"]) == "q1"
    assert common_stem(["trust1", "trust12"]) == "trust"
    assert not common_stem(["trust", "trusting_1"])


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [("MOST_COLUMNS", 2, "got: 3 columns"), ("MOST_CELLS", 11, "got: 4 rows of 3 columns")],
)
def test_a_table_above_the_limit_is_refused_by_name(monkeypatch, limit, value, message):
    frame = pd.DataFrame({name: [1, 2, 3, 4] for name in "abc"})
    monkeypatch.setattr(draft, limit, value)
    with pytest.raises(DataError, match="too many") as caught:
        draft_codebook(Survey(frame, Codebook({})))
    assert message in str(caught.value)
    assert "do: " in str(caught.value)


@pytest.mark.parametrize("dtype", ["str", "string", pd.StringDtype("python"), object, "category"])
def test_missing_cells_are_no_value_of_a_column_whatever_holds_its_texts(dtype):
    column = pd.Series(["b", None, "a", "b", None], dtype=dtype)
    values, counts = distinct_values(column)
    assert dict(zip(values, counts.tolist(), strict=True)) == {"b": 2, "a": 1}


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u2003", "  "])
def test_answers_of_a_cell_are_the_same_whatever_blanks_stand_around_the_joint(blank):
    chosen = ["Email", "Post office", "Phone", "Text message"]
    random = np.random.default_rng(5)
    rows = [[one for one in chosen if random.random() < 0.5] for _ in range(ROWS)]
    cells = pd.Series(
        [f"{blank};{blank}".join(row).replace(" ", blank) for row in rows if row]
    ).value_counts()
    assert set(find_joined(cells.to_dict()).options) == set(chosen)
