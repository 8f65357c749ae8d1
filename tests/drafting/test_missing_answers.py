"""Which answers are none: words in many languages, distance, and how sure each is."""

from __future__ import annotations

import pandas as pd
import pytest

from trustkit.drafting import missing_words
from trustkit.drafting.column_guesses import sketch
from trustkit.drafting.column_sketch import NO_MORE_THAN_A_LABEL
from trustkit.drafting.missing_answers import Judged, far_codes, judge_answers, judge_numbers
from trustkit.drafting.missing_words import reason_in
from trustkit.survey.variable import Variable

AGREE = {1: "Strongly disagree", 2: "Disagree", 3: "Neither", 4: "Agree", 5: "Strongly agree"}


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Don't know", "don't know"), ("DK", "don't know"), ("Weiß nicht", "don't know"),
        ("NE SAIT PAS", "don't know"), ("No sabe", "don't know"), ("Não sabe", "don't know"),
        ("Non so", "don't know"), ("Weet niet", "don't know"), ("Trudno powiedzieć", "don't know"),
        ("Vet ej", "don't know"), ("Vet ikke", "don't know"), ("Ved ikke", "don't know"),
        ("En osaa sanoa", "don't know"), ("Bilmiyorum", "don't know"), ("Затрудняюсь ответить", "don't know"),
        ("Важко сказати", "don't know"), ("لا أعرف", "don't know"), ("不知道", "don't know"),
        ("わからない", "don't know"), ("모름", "don't know"),
        ("-9. Refused", "refused"), ("98 拒答", "refused"), ("Keine Angabe", "refused"),
        ("Prefiero no contestar", "refused"), ("Preferisco non rispondere", "refused"),
        ("Je préfère ne pas répondre", "refused"), ("Odmowa odpowiedzi", "refused"), ("응답거절", "refused"),
        ("Отказ от ответа", "refused"), ("回答拒否", "refused"),
        ("Prefer not to say", "refused"),
        ("(99) Inapplicable", "not asked"), ("Trifft nicht zu", "not asked"), ("Sans objet", "not asked"),
        ("해당없음", "not asked"), ("不适用", "not asked"), ("非該当", "not asked"),
        ("Nie dotyczy", "not asked"),
        ("Not reported", "skipped"), ("Breakoff", "skipped"), ("Technical error", "skipped"),
        ("Restricted", "skipped"), ("無回答", "skipped"), ("Ei vastausta", "skipped"),
        ("No interview", "not asked"),
        ("Don't know / No answer", "don't know"), ("No sabe / No contesta", "don't know"),
        ("Don\u2019t know (DO NOT READ OUT)", "don't know"),
    ],
)  # fmt: skip
def test_wordings_of_many_languages_say_so_and_nothing_else(words, reason):
    assert reason_in(words) == (reason, True)


@pytest.mark.parametrize("words", ["Not sure", "No opinion", "Don't know enough about it", "Unsure"])
def test_wordings_that_may_be_answers_are_not_clear(words):
    reason, clear = reason_in(words)
    assert (reason, clear) == ("don't know", False)


@pytest.mark.parametrize(
    "words",
    ["Yes", "None", "Very much", "Nana", "Do you know?", "Refused entry", "Other", "Norway", "Nigeria"],
)
def test_answers_are_no_missing_wordings(words):
    assert not reason_in(words)[1]


def test_no_wording_stands_under_two_reasons_in_one_language():
    for language in {name for names in missing_words._WORDS["clear"].values() for name in names}:
        seen = [
            missing_words.compared(phrase)
            for names in missing_words._WORDS["clear"].values()
            for phrase in set(map(missing_words.compared, names.get(language, [])))
        ]
        assert sorted(seen) == sorted(set(seen)), language


@pytest.mark.parametrize(
    ("codes", "far"),
    [
        ([*range(11), 77, 88, 99], [77, 88, 99]),
        ([*range(1, 8), 8, 9], []),
        ([1, 2, 3, 4, 5, 97, 98, 99], [97, 98, 99]),
        ([-2, -1, 1, 2, 3], [-2, -1]),
        ([0, 1, -9], [-9]),
        ([1, 2, 98], [98]),
        ([*range(18, 100)], []),
        ([1990, 2000, 2010, 2020], []),
        ([10, 20, 30, 40, 9999], [9999]),
        ([4, 8, 32, 36, 40, 56], []),
    ],
)
def test_far_codes_lie_outside_the_run_by_more_than_its_length(codes, far):
    assert sorted(far_codes(codes)) == far


def test_words_and_distance_together_are_sure():
    found = judge_answers({**AGREE, 98: "Don't know", 99: "Refused"})
    assert (found.missing, found.unsure) == ({98: "don't know", 99: "refused"}, {})


@pytest.mark.parametrize("code", [6, 8, 9])
def test_a_clear_word_at_the_end_of_a_scale_is_sure(code):
    found = judge_answers({**AGREE, code: "Don't know"})
    assert (found.missing, found.unsure) == ({code: "don't know"}, {})


def test_a_clear_word_among_the_answers_is_not_sure():
    found = judge_answers({1: "Yes", 2: "Don't know", 3: "No"})
    assert found.missing == {2: "don't know"}
    assert set(found.unsure) == {2}


def test_the_reason_is_that_of_the_label_never_of_the_number():
    assert judge_answers({**AGREE, 98: "Refused", 99: "Don't know"}).missing == {
        98: "refused",
        99: "don't know",
    }


def test_a_far_code_with_words_of_an_unknown_language_is_not_sure():
    found = judge_answers({**AGREE, 99: "Ez daki"})
    assert found.missing == {99: "skipped"}
    assert set(found.unsure) == {99}


def test_a_far_code_for_another_answer_stays_one():
    found = judge_answers({1: "Bank", 2: "Shop", 3: "State", 96: "Other, please say"})
    assert (found.missing, found.unsure) == ({}, {})


@pytest.mark.parametrize(
    "labels",
    [
        ["Consent to share", "Decline"], ["Accept all", "Reject", "Refused", "Settings"],
        ["Opt in", "Refuse"],
        ["Akzeptieren", "Ablehnen"], ["Accepter", "Refuser"], ["Aceptar", "Rechazar"], ["同意", "拒绝"],
        ["Allow", "Deny"], ["Compartir", "Rechazar"],
    ],
)  # fmt: skip
def test_refusing_is_the_answer_where_one_may_accept_or_share(labels):
    found = judge_answers({label: label for label in labels})
    assert (found.missing, found.unsure) == ({}, {})


def test_prefer_not_to_say_is_missing_beside_consent_too():
    found = judge_answers({word: word for word in ("Consent", "Do not consent", "Prefer not to say")})
    assert found.missing == {"Prefer not to say": "refused"}


def test_nothing_is_missing_where_one_answer_would_be_left_and_that_is_not_sure():
    found = judge_answers({"Yes": "Yes", "Don't know": "Don't know"})
    assert found.missing == {}
    assert set(found.unsure) == {"Don't know"}


def test_namibia_is_a_country_beside_others():
    found = judge_answers({code: code for code in ("BW", "NA", "ZA")})
    assert (found.missing, found.unsure) == ({}, {})


def test_labelled_numbers_beyond_the_others_are_missing_with_their_labels_reason():
    found = judge_numbers([18, 40, 71, 996, 999], {996: "Not applicable", 999: "Don't know"})
    assert found.missing == {996: "not asked", 999: "don't know"}
    assert not found.unsure


def test_labels_of_numbers_that_are_amounts_stay():
    assert judge_numbers([0, 3, 8, 90], {0: "None", 90: "90 or more"}).missing == {}


def test_a_label_that_says_missing_inside_the_range_is_not_sure():
    found = judge_numbers([18, 40, 99, 103], {99: "Refused"})
    assert found.missing == {99: "refused"}
    assert set(found.unsure) == {99}


def test_an_unsure_code_says_what_the_figure_is_either_way():
    draft = sketch(pd.Series([20, 30, 40, 999] * 5 + list(range(18, 60)), name="age"))
    assert draft.missing == {999: "skipped"}
    assert "the mean is" in draft.doubts[0]
    assert draft.variable().unsure


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("trifft nicht zu", "trifft zu"), ("Ne s'applique pas", "S'applique"), ("No aplica", "Aplica"),
        ("Not applicable", "Applicable"), ("不适用", "适用"),
    ],
)  # fmt: skip
def test_the_end_of_a_scale_whose_opposite_stands_beside_it_stays_an_answer_and_is_unsure(low, high):
    judged = judge_answers({1: low, **{code: str(code) for code in range(2, 7)}, 7: high})
    assert judged.missing == {}
    assert list(judged.unsure) == [1]
    alone = judge_answers({1: "Yes", 2: "No", 3: low})
    assert alone.missing == {3: "not asked"}


@pytest.mark.parametrize(
    ("labels", "stray"),
    [
        ({**AGREE, 40: "40"}, 40),
        ({code: str(code) for code in (*range(1, 6), 40)}, 40),
        ({"Bad": "Bad", "Fine": "Fine", "Great": "Great", "40": "40"}, "40"),
    ],
)
def test_a_number_without_a_label_far_from_the_answers_stays_one_and_is_unsure(labels, stray):
    found = judge_answers(labels)
    assert (found.missing, list(found.unsure)) == ({}, [stray])


@pytest.mark.parametrize(
    "labels", [["0", "1-2", "3 or more"], ["1 - Bad", "2", "3 - Good"], ["1", "2", "3"], ["Yes", "1"]]
)
def test_a_number_that_is_a_step_of_a_scale_is_not_doubted(labels):
    assert not judge_answers({label: label for label in labels}).unsure


@pytest.mark.parametrize("cell", ["#NULL!", "#N/A", "#VALUE!", "<NA>", "NaN", "nan", "null", "NULL"])
def test_what_programs_write_for_no_value_is_no_answer_and_stands_under_review(cell):
    drafted = sketch(pd.Series(["Yes", "No", cell] * 9, name="q1"))
    assert set(drafted.codes) == {"Yes", "No"}
    assert drafted.missing == {cell: "skipped"}
    assert drafted.notes
    assert bool(drafted.doubts) is (cell.casefold() in ("nan", "null"))


def test_the_answer_value_is_not_the_error_of_a_spreadsheet():
    assert set(sketch(pd.Series(["Value", "Name", "Price"] * 9, name="q1")).codes) == {
        "Value",
        "Name",
        "Price",
    }


@pytest.mark.parametrize(
    "answers",
    [
        ["authorized", "denied", "notDetermined", "restricted"], ["Found", "Stolen", "Lost"],
        ["On time", "Late", "Missing"], ["Success", "Timeout", "Error"], ["Kauf", "Wiederkauf", "Abbruch"],
        ["Entregado", "Roto", "Perdido"], ["Jest", "Dużo", "Brak"], ["Achat", "Retour", "Abandon"],
    ],
)  # fmt: skip
@pytest.mark.parametrize("coded", [False, True])
def test_an_ordinary_word_that_may_mean_no_answer_is_doubted_unless_its_code_lies_apart(answers, coded):
    codes = dict(enumerate(answers, 1)) if coded else {answer: answer for answer in answers}
    last = list(codes)[-1]
    assert last in judge_answers(codes).unsure
    apart = {**dict(enumerate(answers[:-1], 1)), 98: answers[-1]}
    assert judge_answers(apart).sure == [98]


def test_eleven_after_a_scale_of_ten_is_doubted():
    drafted = sketch(pd.Series([*range(1, 12)] * 9, name="How likely is it?"))
    assert any("11 may be a missing code" in doubt for doubt in drafted.doubts)


@pytest.mark.parametrize(
    ("answers", "none"),
    [
        (["Replied", "Wrong number", "No answer"], "No answer"),
        (["Answered", "Busy", "Voicemail", "Refused"], "Refused"),
        (["Erreicht", "Falsche Nummer", "Keine Antwort"], "Keine Antwort"),
        (["A répondu", "Faux numéro", "Pas de réponse"], "Pas de réponse"),
        (["Contestó", "Número equivocado", "Sin respuesta"], "Sin respuesta"),
        (["Svarte", "Feil nummer", "Ubesvart"], "Ubesvart"),
        (["Completed", "Call back", "No answer"], "No answer"),
        (["接通", "空号", "未回答"], "未回答"),
        (["応答", "話し中", "無回答"], "無回答"),
    ],
)
def test_no_answer_beside_other_outcomes_of_a_call_stays_an_answer_and_is_unsure(answers, none):
    judged = judge_answers({answer: answer for answer in answers})
    assert (judged.missing, list(judged.unsure)) == ({}, [none])
    coded = {**dict(enumerate(answers[:-1], 1)), 98: none}
    assert judge_answers(coded).sure == [98]


def test_not_knowing_how_to_be_reached_is_no_outcome_of_a_call():
    labels = ["Voicemail", "Text message", "Don't know"]
    assert judge_answers({label: label for label in labels}).sure == ["Don't know"]


@pytest.mark.parametrize("side", [2, 3, 4, 5])
@pytest.mark.parametrize("also", [[], [99]])
def test_whole_numbers_around_zero_are_a_scale_and_short_ones_are_doubted(side, also):
    numbers = [*range(-side, side + 1), *also]
    drafted = sketch(pd.Series(numbers * 12, name="q1"))
    assert (drafted.kind, list(drafted.codes)) == ("ordinal", list(range(-side, side + 1)))
    assert list(drafted.missing) == also
    doubted = [doubt for doubt in drafted.doubts if "beside a scale from 0" in doubt]
    assert len(doubted) == (side if side < 4 else 0)


@pytest.mark.parametrize("wording", ["Rate it from -2 to 2", "Rating (-2 … +2)", "Von \u22122 bis +2"])
def test_a_scale_around_zero_that_the_wording_names_is_sure(wording):
    told = Variable("q1", wording, "text", review=NO_MORE_THAN_A_LABEL)
    drafted = sketch(pd.Series([-2, -1, 0, 1, 2] * 12, name="q1"), told)
    assert (drafted.kind, drafted.doubts, drafted.missing) == ("ordinal", [], {})


@pytest.mark.parametrize(("low", "high"), [(-2, 3), (-1, 4), (-3, 1)])
def test_an_uneven_scale_around_zero_that_the_wording_names_is_one(low, high):
    told = Variable("q1", f"Rate it from {low} (bad) to {high} (good)", "text", review=NO_MORE_THAN_A_LABEL)
    drafted = sketch(pd.Series([*range(low, high + 1), 99] * 12, name="q1"), told)
    assert (list(drafted.codes), list(drafted.missing)) == (list(range(low, high + 1)), [99])


def test_a_number_in_front_of_a_label_does_not_make_it_an_amount():
    judged = judge_numbers([15, 50, 85, 998, 999], {998: "998. Don't recognize", 999: "999. Qwerty"})
    assert judged.missing == {998: "don't know", 999: "skipped"}
    assert (judged.sure, list(judged.unsure)) == ([998], [999])


def test_labels_decide_whether_negative_codes_are_steps_of_a_scale():
    words = {-2: "Much worse", -1: "Worse", 0: "The same", 1: "Better", 2: "Much better"}
    assert judge_answers(words) == Judged()
    assert judge_answers({-2: "Much worse", -1: "-1", 0: "0", 1: "1", 2: "Much better"}) == Judged()
    none = {-2: "Refused", -1: "Don't know", 0: "None", 1: "Some", 2: "All"}
    assert judge_answers(none).missing == {-2: "refused", -1: "don't know"}


def test_negative_codes_of_an_uneven_run_are_still_missing():
    assert list(judge_answers({code: str(code) for code in range(-2, 4)}).missing) == [-2, -1]
    assert list(judge_answers({code: str(code) for code in (-1, 0, 1)}).unsure) == [-1]
