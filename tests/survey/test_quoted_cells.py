"""One rule for cells in messages: cells that may identify a person are never quoted, others briefly."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.display import visible
from trustkit.errors import TrustkitError
from trustkit.survey.quoted_cells import (
    HIDDEN,
    LONGEST_CELL,
    are_names,
    library_words,
    may_be_quoted,
    quoted_cell,
    quoted_cells,
    quoted_crossed,
    quoted_names,
)

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


DIGIT = st.sampled_from("0123456789")
HEX = st.sampled_from("0123456789abcdef")


def some(signs, least, most):
    return st.text(signs, min_size=least, max_size=most)


IDENTIFIERS = st.one_of(
    st.tuples(some("abcxyz", 1, 8), some("abcxyz", 1, 8)).map("{0[0]}@{0[1]}.org".format),
    some("abcxyz_", 2, 12).map("@{}".format),
    st.tuples(*[st.integers(0, 255)] * 4).map("{0[0]}.{0[1]}.{0[2]}.{0[3]}".format),
    st.tuples(some(DIGIT, 3, 4), some(DIGIT, 6, 8)).map("+43 {0[0]} {0[1]}".format),
    some(DIGIT, 8, 16),
    st.tuples(some(DIGIT, 2, 2), some(DIGIT, 16, 16)).map("AT{0[0]}{0[1]}".format),
    st.tuples(st.integers(10, 89), some(DIGIT, 3, 6), some(DIGIT, 3, 6)).map(
        "{0[0]}.{0[1]}, 16.{0[2]}".format
    ),
    some(HEX, 24, 24),
    some(HEX, 32, 32),
    st.uuids().map(str),
    st.uuids().map(lambda uuid: str(uuid).upper()),
    st.lists(some("ABCDEF", 2, 2), min_size=6, max_size=6).map(":".join),
    st.lists(some("abcxyz", 2, 8).map("{}@example.org".format), min_size=2, max_size=3).map(";".join),
    some("abcxyz", 3, 12).map("https://www.linkedin.com/{}".format),
)
"""Cells that identify a person by what they look like."""

OPEN_ANSWERS = st.lists(some("abcxyz", 1, 9), min_size=9, max_size=30).map(" ".join)


@given(
    st.one_of(IDENTIFIERS, OPEN_ANSWERS),
    st.sampled_from(["", "({})", "ask {}", "{}, please", "it's {}."]),
    st.sampled_from([None, "single", "ordinal", "multiple"]),
)
@settings(max_examples=300, derandomize=True, database=None)
def test_a_cell_that_looks_like_an_identifier_or_an_open_answer_is_hidden_whatever_the_codebook_says(
    cell, around, kind
):
    cell = around.format(cell) or cell
    coded = {"codes": {1: "Yes"}} if kind else {}
    variable = tk.Variable("v", "V", kind, **coded) if kind else None
    assert quoted_cells(["Yes", cell], variable, among=["Yes", cell]) == (
        f"Yes, {HIDDEN}" if kind else HIDDEN
    )


@given(st.integers(-999_999, 999_999), st.sampled_from([None, "single", "numeric", "weight"]))
@settings(max_examples=100, derandomize=True, database=None)
def test_codes_and_short_answers_are_quoted_as_they_are(number, kind):
    variable = tk.Variable("v", "V", kind) if kind else None
    assert quoted_cells([number, "Don't know"], variable) == f"{number}, Don't know"


@given(IDENTIFIERS)
@settings(max_examples=100, derandomize=True, database=None)
def test_the_words_of_a_library_are_given_without_identifiers(cell):
    for words in (f"could not convert string to float: {cell!r}", f"bad row: {cell}, 1", cell):
        assert cell not in library_words(ValueError(words))


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"', "`{}`", "b'{}'"])
def test_the_words_of_a_library_are_given_without_what_they_quote(quoted):
    words = f"no number: {quoted.format(f'{MARK} Brown')}, in row 3"
    assert library_words(ValueError(words)) == "no number: (not shown), in row 3"


@pytest.mark.parametrize("others", [[None], [tk.Variable("sex", "Sex", "single", codes={1: "x"})]])
def test_a_crossed_label_with_a_cell_that_holds_the_mark_is_hidden_if_one_column_is_described(others):
    variables = [tk.Variable("open", "Open", "text"), *others]
    label = f"{MARK} x Brown x a"
    assert quoted_crossed([label], variables, " x ", among=[label]) == [HIDDEN]
    assert quoted_crossed([label], [None, None], " x ", among=[label]) == [label]


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


CELLS = {
    "mail": [f"{MARK}{row}@example.org" for row in range(30)],
    "mails": [f"{MARK}{row % 2}@example.org" for row in range(30)],
    "user": [f"@{MARK}{row % 2}" for row in range(30)],
    "note": [f"we {MARK} said a lot of words about the thing number {row}" for row in range(30)],
    "name": [f"{MARK} Brown{row}" for row in range(30)],
}
"""Columns that look like identifiers or open text, and that no codebook classes so."""

MORE_CALLS = {
    **CALLS,
    "ratio": lambda survey, name: tk.ratio(tk.Design(survey), "x", name),
    "lonely strata": lambda survey, name: tk.Design(survey, strata=name),
    "crossed strata": lambda survey, name: tk.Design(survey, strata=[name, "sex"], psu="x"),
    "PSUs": lambda survey, name: tk.Design(survey, strata="mails", psu=name, nest=False),
    "fpc": lambda survey, name: tk.Design(survey, strata=name, psu="x", fpc="x"),
    "calibrate": lambda survey, name: tk.calibrate(tk.Design(survey), shares(name)),
    "crossed": lambda survey, name: tk.rake(
        tk.Design(survey), {("sex", name): {("Men", "x"): 0.5, ("Women", "y"): 0.5}}
    ),
    "two groups": lambda survey, name: tk.ttest(tk.Design(survey), "x", by=name),
    "one group": lambda survey, name: tk.oneway_test(
        tk.Design(survey), "x", by=name, where={"x": {"high": 0}}
    ),
    "one ranked group": lambda survey, name: tk.rank_test(
        tk.Design(survey), "x", by=name, where={"x": {"high": 0}}
    ),
    "predictor": lambda survey, name: tk.glm(tk.Design(survey), f"x ~ {name}", family="gaussian"),
    "outcome": lambda survey, name: tk.glm(tk.Design(survey), f"{name} ~ x", family="binomial"),
    "answer of the outcome": lambda survey, name: tk.glm(
        tk.Design(survey), f"level({name}, 'Other') ~ x", family="binomial"
    ),
    "reference": lambda survey, name: tk.multinomial(tk.Design(survey), f"{name} ~ x", reference="Other"),
    "attention": lambda survey, name: tk.drop_failed_attention(survey, variable=name, passed="Other"),
    "net": lambda survey, name: tk.net(tk.Design(survey), name, plus=["x"], minus=["y"]),
    "index": lambda survey, name: tk.trust_index(tk.Design(survey), [name], of="items", boxes=["x"]),
    "turf": lambda survey, name: tk.turf(tk.Design(survey), ["sex", name], size=1, level="Men"),
    "agreement": lambda survey, name: tk.agreement(tk.Design(survey), "sex", name),
    "pairs": lambda survey, name: tk.agreement(tk.Design(survey), name, "sex", pairs={"x": "Men"}),
    "paired": lambda survey, name: tk.agreement(
        tk.Design(survey), "sex", name, pairs={"Men": "x", "Women": "y"}
    ),
    "banners": lambda survey, name: tk.consent_banner_rates(tk.Design(survey), choice=name),
    "nets": lambda survey, name: tk.banner(
        tk.Design(survey), [tk.Question(name, nets={"Top": ["Other", "More"]})], ["sex"]
    ),
    "segments": lambda survey, name: tk.segments(
        survey,
        "westin_consumer_1991",
        items={"control": name, "protected": "sex"},
        agree=["Men"],
        disagree=["Women"],
    ),
}


@pytest.mark.parametrize("described_as", [None, "single", "numeric", "date"])
@pytest.mark.parametrize("name", CELLS)
def test_no_message_quotes_a_column_that_looks_like_identifiers_or_open_text(described_as, name):
    data = pd.DataFrame({**CELLS, "sex": [1, 2] * 15, "x": range(30)})
    described = {
        "sex": tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}),
        "x": tk.Variable("x", "X", "numeric"),
    }
    if described_as:
        codes = {1: "Red", 2: "Blue"} if described_as == "single" else {}
        described[name] = tk.Variable(name, name, described_as, codes=codes)
    survey = tk.Survey(data, tk.Codebook(described, title="Marked"))
    for call, run in MORE_CALLS.items():
        try:
            shown = run(survey, name)
        except TrustkitError as error:
            shown = f"{error}\n{error.to_frame().to_string()}"
        assert MARK not in (shown if isinstance(shown, str) else ""), call


def test_a_near_miss_is_suggested_even_among_many_answers_and_few_are_listed():
    regions = ["Tyrol", "Vienna", "Styria", "Salzburg", "Carinthia", "Vorarlberg", "Lower", "Upper", "B", "C"]
    design = tk.Design(pd.DataFrame({"region": regions, "few": regions[:2] * 5}))
    for wanted, name, advice in (
        ("Tirol", "region", "did you mean 'Tyrol'?"),
        ("x", "region", "give one of the column's 10 answers"),
        ("x", "few", "choose one of: Tyrol, Vienna"),
    ):
        with pytest.raises(TrustkitError) as caught:
            tk.proportion(design, name, level=wanted)
        assert caught.value.do == advice


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


@pytest.mark.parametrize("cell", ["7", "-0.5", "+4912345678", "2026-01-05", "5 May 2026", "ann@example.org"])
def test_a_first_row_that_holds_a_value_is_counted_and_not_quoted(cell):
    assert not are_names(["name", cell])
    shown = quoted_names(["Ann Brown", "given"], among=["Ann Brown", "given", cell])
    assert shown == "2 columns (names not shown: the first row may hold answers of a person)"


def test_names_of_columns_are_quoted_whatever_their_number_and_each_on_one_line():
    names = [f"Choice {letter}" for letter in "ABCDEFGHIJKL"]
    assert quoted_names([*names, "a\nb"]) == ", ".join([*names, "a b"])
