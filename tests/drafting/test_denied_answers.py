"""An answer that denies another one is an answer beside it, in many languages, and never in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from trustkit.drafting.denied_answers import affirmed_in, has_opposite
from trustkit.drafting.missing_answers import judge_answers
from trustkit.drafting.missing_words import reason_in

PAIRS = yaml.safe_load(Path(__file__).with_name("denied_answers.yaml").read_text(encoding="utf-8"))
"""Language -> an answer, and the one that denies it."""

DENIED = [(language, *pair) for language, pairs in PAIRS.items() for pair in pairs]


@pytest.mark.parametrize(("language", "other", "none"), DENIED)
def test_what_denies_an_answer_stays_one_beside_it_and_is_unsure(language, other, none):
    judged = judge_answers({label: label for label in (other, none, "Xa", "Xb")})
    assert (judged.missing, list(judged.unsure)) == ({}, [none])


@pytest.mark.parametrize(("language", "other", "none"), DENIED)
def test_without_the_answer_that_it_denies_it_is_none(language, other, none):
    judged = judge_answers({label: label for label in (none, "Xa", "Xb")})
    assert judged.missing == {none: reason_in(none)[0]}


@pytest.mark.parametrize(("language", "other", "none"), DENIED)
def test_a_code_far_from_the_others_is_missing_whatever_stands_beside_it(language, other, none):
    judged = judge_answers({1: other, 2: "Xa", 3: "Xb", 98: none})
    assert (list(judged.missing), judged.sure) == ([98], [98])


@pytest.mark.parametrize(
    "labels",
    [
        ["Know well", "Know a little", "Don't know"], ["完全知道", "知道一点", "不知道"],
        ["Très concerné", "Peu concerné", "Non concerné"], ["Weiß genau", "Weiß ungefähr", "Weiß nicht"],
        ["Sabe mucho", "Sabe algo", "No sabe"], ["I know a lot", "I know a little", "I don't know"],
        ["Je sais bien", "Je sais un peu", "Je ne sais pas"],
        ["Ich weiß viel", "Ich weiß etwas", "Weiß nicht"],
        ["Applies fully", "Applies partly", "Does not apply"],
    ],
)  # fmt: skip
def test_what_denies_a_part_of_other_answers_is_unsure(labels):
    judged = judge_answers({label: label for label in labels})
    assert list(judged.unsure) == [labels[-1]]
    assert affirmed_in(labels[-1], labels) == labels[0]


@pytest.mark.parametrize(
    "labels",
    [
        ["Yes", "No", "Don't know"], ["Sí", "No", "No aplica"], ["Ja", "Nein", "Keine Angabe"],
        ["Tak", "Nie", "Nie wiem"], ["有", "没有", "不知道"], ["نعم", "لا", "لا أعرف"],
        ["はい", "いいえ", "わからない"], ["예", "아니오", "무응답"],
    ],
)  # fmt: skip
def test_yes_and_no_are_not_what_a_missing_answer_denies(labels):
    judged = judge_answers({label: label for label in labels})
    assert (list(judged.missing), judged.sure) == ([labels[-1]], [labels[-1]])
    assert not has_opposite(labels[-1], labels)


@pytest.mark.parametrize(
    ("labels", "none"),
    [
        (["Da", "Nu", "Nu vreau"], "Nu vreau"), (["Igen", "Nem", "Nem mondom meg"], "Nem mondom meg"),
        (["Tak", "Nie", "Nie powiem"], "Nie powiem"), (["Sí", "No", "No lo digo"], "No lo digo"),
        (["Sim", "Não", "Não digo"], "Não digo"), (["Ya", "Tidak", "Tidak mau"], "Tidak mau"),
        (["Agree", "Neutral", "Disagree", "Not my business"], "Not my business"),
        (["Stimme zu", "Teils/teils", "Stimme nicht zu", "Sage ich nicht"], "Sage ich nicht"),
    ],
)  # fmt: skip
def test_an_answer_of_unknown_words_that_denies_what_no_other_says_is_unsure(labels, none):
    judged = judge_answers({label: label for label in labels})
    assert (judged.missing, list(judged.unsure)) == ({}, [none])


@pytest.mark.parametrize(
    "labels",
    [
        ["Yes", "No", "Not yet"], ["Yes", "No", "No, but I plan to"], ["Sí", "No", "No, nunca"],
        ["Agree", "Neutral", "Disagree", "None of these"], ["Red", "Blue", "Not green"],
        ["Da", "Nu", "Poate"],
    ],
)  # fmt: skip
def test_other_answers_with_a_negation_are_not_doubted(labels):
    assert not judge_answers({label: label for label in labels}).unsure
