"""The codebook describes each column once, and its file is checked as a whole."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustkit.errors import CodebookError, DataError
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.codebook_yaml import read_codebook, write_codebook
from trustkit.survey.variable import (
    Identifier,
    Kind,
    MissingRange,
    Reason,
    Variable,
    code_text,
)

ROOT = Path(__file__).parents[2]

WHOLE = """\
title: Trust in brands
data: synthetic
population: Adults
sample: opt-in
source: invented
fieldwork: March
design: {weights: w, strata: country, psu: point, fpc: size}
cleaning:
  - {step: drop_duplicates, key: id}
track: {trust: "No"}
sets: {battery: "How far do you trust them?"}
disclosure: {sponsor: nobody}
variables:
  id: {label: Id, kind: id, identifier: direct, retention: a day}
  w: {label: Weight, kind: weight}
  point: {label: Sampling point, kind: text}
  size: {label: Points in the stratum, kind: numeric}
  country: {label: Country, kind: single, codes: {1: Chile, 2: Peru}}
  trust:
    label: Do you trust them?
    kind: ordinal
    codes: {1: "No", 2: Partly, 3: "Yes"}
    missing: {8: don't know, 9: refused, 98: not asked, 99: not asked}
    asked: {country: [Chile]}
    reverse: true
    set: "battery"
    purpose: research
    consent: given
  age: {label: Age, kind: numeric, low: 18, high: 99, missing: {-1: refused}}
  income:
    label: Income
    kind: numeric
    missing: {-9: {reason: refused, label: Prefer not to say}, -8: refused}
    missing_ranges: [{low: 9990, high: 9999, reason: don't know}]
    review: kind guessed from content
  mood: {label: Mood, kind: single, codes: {a: Good, b: Bad}, scores: {Good: 1, Bad: 0.5}, set: battery}
"""


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "codebook.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def book(write):
    return read_codebook(write(WHOLE))


def test_every_part_of_a_study_is_read(book):
    assert (book.title, book.data, book.population, book.sample) == (
        "Trust in brands", "synthetic", "Adults", "opt-in",
    )  # fmt: skip
    assert (book.source, book.fieldwork) == ("invented", "March")
    assert book.design == Roles(weights="w", strata="country", psu="point", fpc="size")
    assert book.cleaning == ({"step": "drop_duplicates", "key": "id"},)
    assert book.track == {"trust": "No"}
    assert list(book.variables) == ["id", "w", "point", "size", "country", "trust", "age", "income", "mood"]


def test_every_part_of_a_variable_is_read(book):
    assert book["trust"] == Variable(
        name="trust",
        label="Do you trust them?",
        kind="ordinal",
        codes={1: "No", 2: "Partly", 3: "Yes"},
        missing={8: "don't know", 9: "refused", 98: "not asked", 99: "not asked"},
        reverse=True,
        asked={"country": ("Chile",)},
        set="battery",
        purpose="research",
        consent="given",
    )
    assert (book["age"].low, book["age"].high) == (18.0, 99.0)
    assert (book["id"].identifier, book["id"].retention) == ("direct", "a day")


def test_labels_keep_the_order_of_the_questionnaire(book):
    assert book["trust"].labels == ("No", "Partly", "Yes")


def test_each_reason_is_one_label_however_many_codes_it_has(book):
    assert book["trust"].missing_labels == ("Don't know", "Refused", "Not asked")


def test_everyone_asked_includes_dont_know_and_refused_but_not_the_unasked(book):
    assert book["trust"].asked_labels == ("No", "Partly", "Yes", "Don't know", "Refused")


def test_codes_that_are_numbers_score_themselves():
    variable = Variable("x", "X", "ordinal", codes={1: "low", 2: "mid", 5: "high"})
    assert variable.scoring == {"low": 1.0, "mid": 2.0, "high": 5.0}


def test_a_reversed_item_is_turned_around_within_its_codes(book):
    assert book["trust"].scoring == {"No": 3.0, "Partly": 2.0, "Yes": 1.0}


def test_written_scores_go_before_codes_and_are_not_turned_around():
    variable = Variable(
        "x", "X", "ordinal", codes={1: "a", 2: "b"}, scores={"a": 0.0, "b": 9.0}, reverse=True
    )
    assert variable.scoring == {"a": 0.0, "b": 9.0}


def test_codes_that_are_words_have_no_scores():
    assert Variable("x", "X", "single", codes={"a": "A"}, reverse=True).scoring == {}


def test_a_set_is_the_variables_that_name_it(book):
    assert book.members("battery") == ("trust", "mood")
    assert book.members("battry") == ()
    assert book.members("") == ()


def test_an_unknown_variable_is_an_error_with_a_near_miss(book):
    with pytest.raises(CodebookError, match="no variable 'trsut'") as caught:
        book["trsut"]
    assert caught.value.where == "Trust in brands"
    assert caught.value.do == "did you mean 'trust'?"


def test_the_data_dictionary_has_one_row_per_variable(book):
    frame = book.to_frame().set_index("variable")
    assert list(frame.index) == list(book.variables)
    assert frame.loc["trust", "answers"] == "1 = No; 2 = Partly; 3 = Yes (reversed)"
    assert frame.loc["trust", "missing"].startswith("8 = don't know; 9 = refused")
    assert frame.loc["trust", "asked"] == "country: Chile"
    assert frame.loc["id", "identifier"] == "direct"
    assert frame.loc["trust", "set"] == "battery: How far do you trust them?"
    assert list(frame.loc[["id", "age"], "range"]) == ["", "18 to 99"]
    assert frame.loc["income", "review"] == "kind guessed from content"


def test_a_range_with_one_end_is_told_with_it():
    ends = {
        "a": Variable("a", "A", "numeric", low=0), "b": Variable("b", "B", "numeric", high=1.5),
    }  # fmt: skip
    assert list(Codebook(ends).to_frame()["range"]) == ["from 0", "up to 1.5"]


def test_the_data_dictionary_as_a_page_leaves_out_columns_that_say_nothing(book):
    assert '<th scope="col" class="tk-text">review</th>' in book.to_html()
    plain = Codebook({"x": Variable("x", "X", "text")}).to_html()
    assert not any(f">{name}</th>" in plain for name in ("review", "set", "range", "asked"))
    assert ">purpose</th>" in plain


def test_the_data_dictionary_escapes_what_the_file_says():
    book = Codebook({"x": Variable("x", "<b>Bold</b>?", "text")}, title="A & B", data="synthetic")
    html = book.to_html()
    assert html.startswith("<p>Synthetic data. A &amp; B. Population: not stated.</p>")
    assert "&lt;b&gt;Bold&lt;/b&gt;?" in html
    assert "<b>" not in html


def test_the_data_dictionary_says_where_the_data_come_from():
    told = Codebook({}, title="Tiny", population="Adults", source="Interviews by <A>").to_html()
    assert told.startswith("<p>Tiny. Population: Adults. Source: Interviews by &lt;A&gt;</p>")
    assert "Source" not in Codebook({}, title="Tiny").to_html()


def test_the_data_dictionary_of_real_data_does_not_say_synthetic():
    assert "Synthetic" not in Codebook({"x": Variable("x", "X", "text")}).to_html()


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        ("7", "7"),
        ("007", "7"),
        ("000", "0"),
        ("a7", "a7"),
        ("-1", "-1"),
        (-1.0, "-1"),
    ],
)
def test_a_code_reads_the_same_as_a_number_and_as_text(code, text):
    assert code_text(code) == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\n", "the key 'variables' is missing"),
        ("variables:\n", "the key 'variables' is missing"),
        ("titel: x\nvariables: {}\n", "titel: unknown key; did you mean 'title'?"),
        ("variables: [a]\n", "variables: expected a mapping, got ['a']"),
        ("data: fake\nvariables: {}\n", "data: got 'fake'; choose one of: real, synthetic"),
        ("sample: online\nvariables: {}\n", "sample: got 'online'; choose one of: probability, opt-in"),
        ("design: {weight: w}\nvariables: {}\n", "design.weight: unknown key; did you mean 'weights'?"),
        ("design: {weights: w}\nvariables: {}\n", "design.weights: no variable 'w'"),
        ("cleaning: [drop_duplicates]\nvariables: {}\n", "cleaning.1: expected a mapping"),
        ("track: {trust: Yes}\nvariables: {}\n", "track: no variable 'trust'"),
        ("variables: {x: numeric}\n", "variables.x: expected a mapping, got 'numeric'"),
        ("variables: {x: {kind: numeric}}\n", "variables.x: the key 'label' is missing"),
        ("variables: {x: {label: , kind: numeric}}\n", "variables.x: the key 'label' is missing"),
        ("variables: {x: {label: X}}\n", "variables.x: the key 'kind' is missing"),
        (
            "track: {x: Yse}\nvariables: {x: {label: X, kind: single, codes: {1: Yes}}}\n",
            "track.x: 'Yse' is not one of its answers; did you mean 'Yes'?",
        ),
        (
            (
                "variables:\n  x: {label: X, kind: single, codes: {1: Yes}}\n"
                "  y: {label: Y, kind: text, asked: {x: [Yse]}}\n"
            ),
            "line 3, variables.y.asked.x: 'Yse' is not one of its answers; did you mean 'Yes'?",
        ),
        (
            "sets: {batery: Q}\nvariables: {x: {label: X, kind: text, set: battery}}\n",
            "sets.batery: no variable has the set 'batery'; did you mean 'battery'?",
        ),
        (
            "design: {weights: x}\nvariables: {x: {label: X, kind: text}}\n",
            "design.weights: 'x' is of the kind text; name a column of the kind weight",
        ),
        (
            "variables: {x: {label: X, kind: single, codes: {1: A}, asked: {x: [A]}}}\n",
            "variables.x.asked.x: a question can't depend on itself",
        ),
        (
            (
                "variables:\n  y: {label: Y, kind: single, codes: {1: A}}\n"
                "  x: {label: X, kind: text, asked: {y: []}}\n"
            ),
            "variables.x.asked.y: no answer is listed",
        ),
    ],
)
def test_a_broken_codebook_says_what_is_wrong_where_and_what_to_do(write, text, message):
    with pytest.raises(CodebookError, match=r"in .*codebook\.yaml") as caught:
        read_codebook(write(text))
    assert message in str(caught.value)
    assert "- line " in str(caught.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("kind: numerical", "x.kind: got 'numerical'; did you mean 'numeric'?"),
        ("kind: text, lable: Y", "x.lable: unknown key; did you mean 'label'?"),
        ("kind: single", "a single variable needs codes; list each code with its label"),
        ("kind: numeric, codes: {1: A}", "a numeric variable takes no codes; drop them"),
        ("kind: single, codes: {1: A}, missing: {1: refused}", "the code 1 is an answer and missing at once"),
        ("kind: single, codes: {1: A}, missing: {'01': refused}", "the code '01' is an answer and missing"),
        ("kind: single, codes: {1: A, '1': B}", "the codes 1 and '1' are read as one; keep one of them"),
        ("kind: single, codes: {1: A, 2: A}", "several codes have the label 'A'; make labels distinct"),
        ("kind: single, codes: {1: }", "codes.1: the key has no value; write its text"),
        ("kind: single, codes: {true: A}", "the code True is neither text nor a number; quote it"),
        ("kind: single, codes: {~: A}", "the code None is neither text nor a number; quote it"),
        (
            "kind: single, codes: {1: A, 8: Refused}, missing: {9: refused}",
            "'Refused' is also how missing answers are called; list the code 8 under missing",
        ),
        (
            "kind: single, codes: {1: A}, missing: {9: refuse}",
            "missing.9: got 'refuse'; did you mean 'refused'?",
        ),
        ("kind: single, codes: {1: A}, scores: {B: 1}", "scores: 'B' is not a label"),
        ("kind: single, codes: {1: A}, scores: {A: one}", "scores.A: expected a number, got 'one'"),
        ("kind: numeric, low: 9, high: 1", "low 9 is above high 1; swap them"),
        ("kind: numeric, low: young", "x.low: expected a number, got 'young'"),
        ("kind: text, reverse: 1", "x.reverse: expected true or false, got 1"),
        ("kind: text, identifier: maybe", "x.identifier: got 'maybe'"),
        ("kind: text, asked: {y: [A]}", "x.asked: no variable 'y'"),
        ("kind: numeric, reverse: true", "x.reverse: a numeric variable has no codes to score; drop it"),
        ("kind: text, scores: {A: 1}", "x.scores: a text variable has no codes to score"),
        ("kind: text, low: 1", "x.low: a text variable has no range; drop it, or make the kind numeric"),
        (
            "kind: single, codes: {1: A}, missing: {9: refused, '9': refused}",
            "the codes 9 and '9' are read as one",
        ),
        (
            "kind: single, codes: {98: A}, missing_ranges: [{low: 97, high: 99, reason: refused}]",
            "the code 98 is an answer and between 97 and 99; list it under missing",
        ),
        (
            "kind: single, codes: {1: Refused}, missing_ranges: [{low: 97, high: 99, reason: refused}]",
            "the label 'Refused' is also how missing answers are called",
        ),
    ],
)
def test_a_broken_variable_says_what_is_wrong_where_and_what_to_do(write, written, message):
    with pytest.raises(CodebookError, match=r"in .*codebook\.yaml") as caught:
        read_codebook(write(f"variables: {{x: {{label: X, {written}}}}}\n"))
    assert message in str(caught.value)
    assert "- line 1, variables.x" in str(caught.value)


def test_a_mistyped_kind_is_the_only_fault_told(write):
    with pytest.raises(CodebookError, match=r"^1 error in"):
        read_codebook(write("variables: {x: {label: X, kind: singel}}\n"))


def test_every_fault_of_a_codebook_is_told_at_once(write):
    text = "data: fake\nvariables:\n  x: {label: X, kind: numerical}\n  y: {kind: text}\n"
    with pytest.raises(CodebookError, match=r"^3 errors in"):
        read_codebook(write(text))


def test_a_missing_code_keeps_the_words_of_its_source(book):
    income = book["income"]
    assert income.missing_labels == ("Prefer not to say", "Refused", "Don't know")
    assert income.reason_of == {
        "Prefer not to say": "refused", "Refused": "refused", "Don't know": "don't know",
    }  # fmt: skip
    assert income.asked_labels == income.missing_labels
    (span,) = income.missing_ranges
    assert [span.holds(code) for code in (9990, 9999.0, "9995", 1, "x")] == [True, True, True, False, False]
    assert (
        "-9 = Prefer not to say (refused)" in book.to_frame().set_index("variable").loc["income", "missing"]
    )
    assert "9990 to 9999 = don't know" in book.to_frame().set_index("variable").loc["income", "missing"]


def test_what_a_set_asks_what_is_disclosed_and_what_was_guessed_is_read(book):
    assert book.sets == {"battery": "How far do you trust them?"}
    assert book.disclosure == {"sponsor": "nobody"}
    assert book["income"].review == "kind guessed from content"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("missing: {9: {reason: refused}}", "missing.9: the key 'label' is missing"),
        ("missing: {9: {reason: refuse, label: No}}", "missing.9.reason: got 'refuse'"),
        (
            "missing: {9: {reason: refused, label: Z}, 8: {reason: skipped, label: Z}}",
            "is used for two reasons",
        ),
        ("missing: {9: {reason: refused, label: A}}", "'A' is also how missing answers are called"),
        ("missing_ranges: [{low: 9, high: 1, reason: refused}]", "low 9 is above high 1"),
        ("missing_ranges: [{low: 1, high: 9}]", "the key 'reason' is missing"),
    ],
)
def test_a_broken_missing_code_says_what_is_wrong(write, written, message):
    with pytest.raises(CodebookError) as caught:
        read_codebook(write(f"variables: {{x: {{label: X, kind: single, codes: {{1: A}}, {written}}}}}\n"))
    assert message in str(caught.value)


AWKWARD = [
    *("yes", "No", "null", "~", "true", "007", "1.5", "1e3", "a: b", "a #b", "- a", "? a", "{a}", "'q'", '"'),
    *(
        "back\\slash",
        "two\nlines",
        "tab\t",
        " led",
        "trailed ",
        "é",
        "日本",
        "\ufeff",
        "\u2028",
        "\x85",
        "\ud800",
    ),
    *(
        "a" * 1100,
        "é, " * 500,
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a",
        "|",
        ">",
        "=",
        "<<",
        "12:30",
        "2024-01-01",
    ),
]
TEXT = st.one_of(st.text(max_size=12), st.sampled_from(AWKWARD))
NUMBER = st.one_of(st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False, width=64))
CODE = st.one_of(TEXT, NUMBER)


@st.composite
def variables(draw, name):
    """Draw a variable that keeps the rules of the file."""
    kind = draw(st.sampled_from(get_args(Kind)))
    coded = kind in ("single", "multiple", "ordinal")
    keys = draw(st.lists(CODE, min_size=1, max_size=6, unique_by=code_text))
    cut = draw(st.integers(1, len(keys))) if coded else 0
    labels = draw(st.lists(TEXT, min_size=len(keys), max_size=len(keys), unique=True))
    reasons = {key: draw(st.sampled_from(get_args(Reason))) for key in keys[cut:]}
    plain = {reason.capitalize() for reason in get_args(Reason)}
    labels = [f"{label}." if label in plain else label for label in labels]
    worded = {key: label for key, label in zip(keys[cut:], labels[cut:], strict=True) if draw(st.booleans())}
    ends = sorted(draw(st.lists(NUMBER, min_size=2, max_size=2)), key=float)
    ranged = kind in ("numeric", "weight")
    return Variable(
        name,
        draw(TEXT),
        kind,
        codes=dict(zip(keys[:cut], labels[:cut], strict=True)),
        missing=reasons,
        missing_words=worded,
        missing_ranges=(MissingRange(*map(float, ends), "refused"),) if ranged else (),
        scores={labels[0]: float(draw(NUMBER))} if coded and draw(st.booleans()) else {},
        reverse=coded and draw(st.booleans()),
        low=float(ends[0]) if ranged and draw(st.booleans()) else None,
        high=float(ends[1]) if ranged and draw(st.booleans()) else None,
        set=draw(TEXT),
        purpose=draw(TEXT),
        consent=draw(TEXT),
        identifier=draw(st.sampled_from(get_args(Identifier))),
        retention=draw(TEXT),
        review=draw(TEXT),
    )


@st.composite
def codebooks(draw):
    """Draw a codebook that keeps the rules of the file."""
    names = draw(st.lists(TEXT, max_size=4, unique=True))
    found = {name: draw(variables(name)) for name in names}
    coded = [variable for variable in found.values() if variable.codes]
    if len(coded) > 1:
        asked = {coded[0].name: tuple(draw(st.lists(st.sampled_from(coded[0].labels), min_size=1)))}
        last = coded[-1].name
        found[last] = Variable(**{**vars(found[last]), "asked": asked})
    weights = next((name for name, variable in found.items() if variable.kind == "weight"), None)
    value = st.recursive(
        st.one_of(st.none(), st.booleans(), CODE),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CODE, inner, max_size=3),
        max_leaves=5,
    )
    return Codebook(
        found,
        title=draw(TEXT),
        data=draw(st.sampled_from(["real", "synthetic"])),
        population=draw(TEXT),
        sample=draw(st.sampled_from(["probability", "opt-in"])),
        source=draw(TEXT),
        fieldwork=draw(TEXT),
        sheet=draw(TEXT),
        encoding=draw(TEXT),
        design=Roles(weights=weights),
        cleaning=tuple(draw(st.lists(st.dictionaries(TEXT, value, min_size=1, max_size=3), max_size=2))),
        track={coded[0].name: coded[0].labels[0]} if coded else {},
        sets={variable.set: draw(TEXT) for variable in found.values() if variable.set},
        disclosure=draw(st.dictionaries(TEXT, TEXT, max_size=2)),
    )


def orders(book):
    """Tell the orders that equality of mappings does not see."""
    inner = [
        [list(part) for part in (variable.codes, variable.missing, variable.scores, variable.asked)]
        for variable in book.variables.values()
    ]
    return list(book.variables), inner, list(book.sets), list(book.track), list(book.disclosure)


@settings(max_examples=150, deadline=None)
@given(codebooks(), TEXT)
def test_a_codebook_is_read_back_as_it_was_written(book, about):
    with TemporaryDirectory() as folder:
        path = write_codebook(book, Path(folder, "codebook.yaml"), about=about)
        again = read_codebook(path)
        assert again == book
        assert orders(again) == orders(book)
        assert [item.name for item in Path(folder).iterdir()] == ["codebook.yaml"]


@pytest.mark.parametrize("path", sorted(ROOT.glob("data/raw/*/codebook*.yaml")), ids=lambda path: path.stem)
def test_the_codebooks_of_this_project_are_read_back_as_they_were_written(path, tmp_path):
    book = read_codebook(path)
    written = write_codebook(book, tmp_path / "codebook.yaml")
    assert read_codebook(written) == book
    assert write_codebook(read_codebook(written), written).read_text() == written.read_text()


def test_a_codebook_is_written_as_a_person_would(book, tmp_path):
    text = write_codebook(book, tmp_path / "codebook.yaml", about="Drafted.\n\nLook at it.").read_text()
    assert text.startswith("# Drafted.\n#\n# Look at it.\ntitle: Trust in brands\ndata: synthetic\n")
    assert "design: {weights: w, strata: country, psu: point, fpc: size}\n" in text
    assert (
        """\
  trust:
    label: "Do you trust them?"
    kind: ordinal
    codes: {1: "No", 2: "Partly", 3: "Yes"}
    missing: {8: don't know, 9: refused, 98: not asked, 99: not asked}
    reverse: true
    asked: {country: ["Chile"]}
    set: "battery"
    purpose: research
    consent: given
    identifier: none
    retention: ""
"""
        in text
    )
    assert "    missing: {-9: {reason: refused, label: Prefer not to say}, -8: refused}\n" in text
    assert "    missing_ranges: [{low: 9990.0, high: 9999.0, reason: don't know}]\n" in text


def test_codes_that_fill_a_line_are_written_one_a_line(tmp_path):
    codes = {number: f"An answer in so many words, number {number}" for number in range(4)}
    book = Codebook({"x": Variable("x", "X", "single", codes=codes)})
    text = write_codebook(book, tmp_path / "codebook.yaml").read_text()
    assert '    codes:\n      0: "An answer in so many words, number 0"\n      1: ' in text


def test_a_codebook_that_can_not_be_written_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "codebook.yaml"
    path.write_text("old")

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DataError, match="no space"):
        write_codebook(Codebook({}), path)
    assert path.read_text() == "old"
