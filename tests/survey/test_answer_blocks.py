"""Answers written once: named blocks, and missing codes of the whole file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from trustkit.errors import CodebookError
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_yaml import read_codebook, write_codebook
from trustkit.survey.variable import Variable

STEPS = {1: "Strongly disagree", 2: "Disagree", 3: "Agree", 4: "Strongly agree"}


def written(tmp_path, text):
    file = tmp_path / "book.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_answers_that_three_variables_share_are_written_once_and_come_back(tmp_path):
    items = [
        Variable(f"t{k}", f"T{k}", "ordinal", codes=STEPS, missing={9: "refused"}, set="trust")
        for k in range(3)
    ]
    book = Codebook({item.name: item for item in items})
    text = write_codebook(book, tmp_path / "book.yaml").read_text(encoding="utf-8")
    assert text.count("Strongly disagree") == 1
    assert text.count("answers: trust") == 3
    assert read_codebook(tmp_path / "book.yaml") == book


def test_two_variables_or_short_answers_need_no_block(tmp_path):
    book = Codebook({f"t{k}": Variable(f"t{k}", "T", "single", codes={1: "Yes", 2: "No"}) for k in range(5)})
    assert "answers:" not in write_codebook(book, tmp_path / "book.yaml").read_text(encoding="utf-8")


def test_what_a_variable_writes_itself_goes_before_its_block(tmp_path):
    file = written(
        tmp_path,
        "answers:\n  yn: {codes: {1: 'Yes', 2: 'No'}, missing: {9: refused}}\n"
        "variables:\n  a: {label: A, kind: single, answers: yn}\n"
        "  b: {label: B, kind: single, answers: yn, missing: {8: don't know}}\n",
    )
    book = read_codebook(file)
    assert (book["a"].labels, book["a"].missing) == (("Yes", "No"), {9: "refused"})
    assert book["b"].missing == {8: "don't know"}


def test_missing_codes_of_the_whole_file_reach_every_question_and_number_that_does_not_list_them(tmp_path):
    file = written(
        tmp_path,
        "missing: {98: don't know, -9: {reason: refused, label: No thanks}}\n"
        "variables:\n  a: {label: A, kind: single, codes: {1: 'Yes', 98: 'Ninety-eight'}}\n"
        "  b: {label: B, kind: numeric}\n  c: {label: C, kind: text}\n",
    )
    book = read_codebook(file)
    assert book["a"].missing == {-9: "refused"}
    assert book["b"].missing_names == {98: "Don't know", -9: "No thanks"}
    assert book["c"].missing == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "answers:\n  yn: {codes: {1: a}}\nvariables:\n  a: {label: A, kind: single, answers: ny}\n",
            "no block of answers",
        ),
        (
            "answers:\n  yn: {code: {1: a}}\nvariables:\n  a: {label: A, kind: single, answers: yn}\n",
            "unknown key",
        ),
    ],
)
def test_blocks_that_are_not_there_or_hold_something_else_are_errors(tmp_path, text, message):
    with pytest.raises(CodebookError, match=message):
        read_codebook(written(tmp_path, text))


def test_the_example_of_the_guide_is_read(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "own_study.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(answers:.*?)```", guide, re.DOTALL)
    book = read_codebook(written(tmp_path, example))
    assert book["trust_2"].labels == ("Disagree", "Neither", "Agree")
    assert book["trust_2"].missing == {9: "refused", -9: "not asked", 98: "don't know"}
    assert book["age"].missing == {-9: "not asked", 98: "don't know"}


def test_scores_of_a_block_are_not_those_of_a_variables_own_codes(tmp_path):
    file = written(
        tmp_path,
        "answers:\n  yn: {codes: {1: 'Yes', 2: 'No'}, scores: {'Yes': 1, 'No': 0}}\n"
        "variables:\n  a: {label: A, kind: single, answers: yn}\n"
        "  b: {label: B, kind: single, answers: yn, codes: {1: 'Oui', 2: 'Non'}}\n",
    )
    book = read_codebook(file)
    assert (dict(book["a"].scores), dict(book["b"].scores)) == ({"Yes": 1, "No": 0}, {})


@pytest.mark.parametrize(("named", "said"), [("[yn]", "expected text"), ("ny", "at the top of the file")])
def test_a_block_that_is_not_there_is_one_error_with_what_to_do(tmp_path, named, said):
    file = written(tmp_path, f"variables:\n  a: {{label: A, kind: single, answers: {named}}}\n")
    with pytest.raises(CodebookError) as refused:
        read_codebook(file)
    assert said in str(refused.value)
    assert "no block of answers ''" not in str(refused.value)
