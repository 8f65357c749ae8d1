"""One rule for cells in messages: cells that may identify a person are never quoted, others briefly."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.display import visible
from trustkit.errors import TrustkitError
from trustkit.survey.quoted_cells import HIDDEN, LONGEST_CELL, may_be_quoted, quoted_cell, quoted_cells

MARK = "MARKEDCELL"


@given(st.text(), st.sampled_from(["single", "numeric", "date", "weight"]))
@settings(max_examples=200, derandomize=True, database=None)
def test_a_quoted_cell_is_one_short_line_without_control_characters(cell, kind):
    shown = quoted_cell(cell, tk.Variable("v", "V", kind))
    assert len(shown) <= LONGEST_CELL + len("...")
    assert "\n" not in shown
    assert visible(shown) == shown


@given(st.text(min_size=1), st.sampled_from(["id", "text", "direct", "quasi"]))
@settings(max_examples=200, derandomize=True, database=None)
def test_a_cell_that_may_identify_a_person_is_quoted_only_if_the_codebook_lists_it(cell, what):
    personal = {"kind": what} if what in ("id", "text") else {"kind": "single", "identifier": what}
    coded = {"codes": {1: "Yes"}} if personal["kind"] == "single" else {}
    variable = tk.Variable("v", "V", **personal, **coded)
    assert may_be_quoted(cell, variable) == (cell.strip() in ("Yes", "1") and bool(coded))
    assert quoted_cell("Yes", variable) == ("Yes" if coded else HIDDEN)


def test_cells_that_are_hidden_are_told_once():
    assert quoted_cells(["a", "b"], tk.Variable("v", "V", "text")) == HIDDEN
    assert quoted_cells(["a", "b"], tk.Variable("v", "V", "single")) == "a, b"


@pytest.fixture
def survey():
    """A survey in which each cell of a column that may identify a person is marked, and wrong."""
    names = {
        "id": ("id", "none"), "mail": ("text", "direct"), "open": ("text", "none"),
        "town": ("single", "quasi"), "phone": ("numeric", "direct"), "born": ("date", "quasi"),
    }  # fmt: skip
    variables = {
        name: tk.Variable(
            name, name, kind, identifier=identifier, codes={1: "Vienna"} if kind == "single" else {}
        )
        for name, (kind, identifier) in names.items()
    }
    sex = tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"})
    columns = {name: [f"{MARK} {name} {row}" for row in range(4)] for name in variables}
    columns["id"][1] = columns["id"][0]
    columns["born"][3] = "2001-02-03"
    book = tk.Codebook({**variables, "sex": sex}, title="Marked")
    return tk.Survey(pd.DataFrame({**columns, "sex": [1, 2, 1, 2]}), book)


def shares(name):
    return {name: {"A": 0.5, "B": 0.5}}


CALLS = {
    "check": lambda survey, _: survey.check().to_string(),
    "clean": lambda survey, _: tk.clean(survey),
    "proportion": lambda survey, name: tk.proportion(tk.Design(survey), name),
    "level": lambda survey, name: tk.proportion(tk.Design(survey), name, level="Other"),
    "by": lambda survey, name: tk.proportion(tk.Design(survey), "sex", by=name),
    "where": lambda survey, name: tk.proportion(tk.Design(survey), "sex", where={name: "Other"}),
    "mean": lambda survey, name: tk.mean(tk.Design(survey), name),
    "weights": lambda survey, name: tk.Design(survey, weights=name),
    "strata": lambda survey, name: tk.Design(survey, strata=name),
    "rake": lambda survey, name: tk.rake(tk.Design(survey), shares(name)),
    "poststratify": lambda survey, name: tk.poststratify(tk.Design(survey), shares(name)),
    "ttest": lambda survey, name: tk.ttest(tk.Design(survey), "sex", by=name),
    "chisq": lambda survey, name: tk.chisq_test(tk.Design(survey), "sex", name),
    "speeders": lambda survey, name: tk.clean(with_step(survey, name)),
    "recode": lambda survey, name: tk.recode(survey, variable=name, labels={"x": "y"}),
    "states": lambda survey, name: tk.opt_in_rates(tk.Design(survey), state=name),
}


def with_step(survey, name):
    steps = ({"step": "drop_speeders", "duration": name},)
    return tk.Survey(survey.data, tk.Codebook(survey.codebook.variables, title="Marked", cleaning=steps))


@pytest.mark.parametrize("name", ["id", "mail", "open", "town", "phone", "born"])
@pytest.mark.parametrize("call", CALLS)
def test_no_message_quotes_a_cell_that_may_identify_a_person(survey, call, name):
    try:
        shown = CALLS[call](survey, name)
    except TrustkitError as error:
        shown = f"{error}\n{error.to_frame().to_string()}"
    assert MARK not in (shown if isinstance(shown, str) else "")


def test_a_crossed_level_is_hidden_if_one_of_its_variables_may_identify_a_person(survey):
    margins = {("sex", "open"): {("Men", "x"): 0.5, ("Women", "x"): 0.5}}
    with pytest.raises(TrustkitError) as caught:
        tk.rake(tk.Design(survey), margins)
    assert MARK not in str(caught.value)


@pytest.mark.parametrize("suffix", [".sav", ".parquet"])
@pytest.mark.parametrize("is_text_first", [True, False])
def test_what_a_file_could_not_keep_is_told_without_personal_cells(tmp_path, suffix, is_text_first):
    book = tk.Codebook({"open": tk.Variable("open", "Open", "text")}, title="Marked")
    mixed = [f"{MARK} " * 10_000, 1.5, None]
    cells = pd.Series(mixed if is_text_first else mixed[::-1], dtype=object)
    try:
        shown = tk.write(tk.Survey(pd.DataFrame({"open": cells}), book), tmp_path / f"a{suffix}").to_string()
    except TrustkitError as error:
        shown = str(error)
    assert MARK not in shown
