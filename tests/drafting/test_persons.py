"""Columns that tell who a respondent is, whatever their kind and however many rows a person has."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from trustkit.drafting.draft import draft_codebook
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey

PEOPLE = 14

CELLS = {
    "mail": [f"p{k}@example.org" for k in range(PEOPLE)],
    "ip4": [f"192.0.2.{k}" for k in range(PEOPLE)],
    "ip6": [f"2001:db8::{k + 1:x}a" for k in range(PEOPLE)],
    "iban": [f"AT61190430023457{k:04d}" for k in range(PEOPLE)],
    "call": [f"+44 20 7946 0{k:03d}" for k in range(PEOPLE)],
    "place": [f"52.50{k:03d}, 13.40{k:03d}" for k in range(PEOPLE)],
    "at": [f"@person{k}" for k in range(PEOPLE)],
    "dev": [f"00000000-0000-4000-8000-{k:012d}" for k in range(PEOPLE)],
    "idfa": [f"ABCDEF01-0000-4000-8000-{k:012X}" for k in range(PEOPLE)],
    "card": [f"AB:CD:EF:00:{k % 256:02X}:0F" for k in range(PEOPLE)],
    "pid": [f"{k:024x}" for k in range(100, 100 + PEOPLE)],
    "worker": [f"A{k:02d}MZ1HIE2UCTX" for k in range(PEOPLE)],
}

NAMES = [
    "surname", "LastName", "Nachname", "vorname", "nom", "prénom", "apellidos",
    "nombre", "cognome", "achternaam", "imię", "nazwisko", "förnamn",
    "etternavn", "sukunimi", "фамилия", "прізвище", "姓名", "氏名", "이름", "الاسم",
    "street", "Anschrift", "calle", "indirizzo", "улица", "地址", "PROLIFIC_PID",
    "workerId", "participant_id", "username", "telegram", "phone", "teléfono",
    "電話",
]  # fmt: skip

QUASI = [
    "Geburtsdatum", "date_of_birth", "plz", "código_postal", "wykształcenie",
    "yrke", "возраст", "职业", "都道府県", "직업", "state", "city", "income",
    "occupation",
]  # fmt: skip


def identified(name, cells, label=""):
    frame = pd.DataFrame({name: cells, "trust": (["Yes", "No"] * len(cells))[: len(cells)]})
    return draft_codebook(Survey(frame, Codebook({})))[name]


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize("what", CELLS)
def test_what_cells_look_like_identifies_whether_a_person_has_one_row_or_five(what, rows):
    found = identified("x", [cell for cell in CELLS[what] for _ in range(rows)])
    assert found.identifier == "direct"
    assert found.codes == {}


@pytest.mark.parametrize("rows", [1, 3, 5])
@pytest.mark.parametrize("name", NAMES)
def test_names_in_many_languages_identify_whether_a_person_has_one_row_or_five(name, rows):
    found = identified(name, [word for k in range(PEOPLE) for word in [f"Word{chr(65 + k)}"] * rows])
    assert found.identifier == "direct"
    assert found.codes == {}


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
@pytest.mark.parametrize(
    "name", ["session", "UserKey", "teilnehmer", "Usuario", "séance", "пользователь", "セッション"]
)
def test_a_column_named_after_persons_or_sessions_is_direct_whatever_the_rows_of_each(name, rows):
    for cells in ([f"s{k * 7}" for k in range(30)], list(range(1000, 1090, 3))):
        found = identified(name, [cell for cell in cells for _ in range(rows)])
        assert (found.identifier, found.codes) == ("direct", {})


def test_a_few_answers_below_such_a_name_are_those_of_a_question():
    assert identified("session", ["Morning", "Noon", "Evening"] * 9).identifier == "none"
    assert identified("session_topic", [f"Topic {k % 12}" for k in range(50)]).identifier == "none"


@pytest.mark.parametrize("rows", [[1] * 30, [2] * 30, [5] * 30, [2, 3, 5] * 10])
def test_a_persons_note_is_an_open_text_whether_a_person_has_one_row_or_several(rows):
    notes = [f"what {chr(97 + k % 26)}{k} wrote" for k in range(30)]
    sessions = [f"s{k}" for k in range(30)]
    persons = pd.DataFrame({"session": sessions, "note": notes, "colour": ["Red", "Blue", "Green"] * 10})
    frame = persons.loc[np.repeat(np.arange(30), rows)].reset_index(drop=True)
    book = draft_codebook(Survey(frame, Codebook({})))
    found = [(book[name].kind, book[name].identifier) for name in ("note", "colour")]
    assert found == [("text", "quasi"), ("single", "none")]


@pytest.mark.parametrize("name", QUASI)
def test_what_tells_a_person_together_with_others_is_quasi_in_many_languages(name):
    assert identified(name, ["one", "two", "three"] * PEOPLE).identifier == "quasi"


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("email", ["Yes", "No"] * 9), ("phone", [0, 1] * 9), ("share_phone", [0, 1, 99] * 9),
        ("passport", [1, 2, 998] * 9), ("street", ["Checked", "Unchecked"] * 9),
        ("name_recall", [1, 2, 3, 4, 5] * 5), ("start_clock", ["10:30", "11:45:20", "9:05 pm"] * 9),
        ("woken_at", [f"{6 + k % 4}:{k:02d}" for k in range(40)]),
        ("how_often_do_you_check_your_e_mail_at_home", ["Often", "Never", "Sometimes"] * 9),
        ("i_state_my_own_opinion_even_when_others_disagree", ["Agree", "Disagree", "Neutral"] * 9),
        ("i_learned_a_lot_at_school_about_privacy", ["Agree", "Disagree", "Neutral"] * 9),
        ("day", ["2025-05-01", "2025-05-02", "2025-05-03"] * 9),
    ],
)  # fmt: skip
def test_clock_times_ticks_scales_and_sentences_do_not_identify(name, cells):
    assert identified(name, cells).identifier == "none"


def test_two_addresses_among_open_texts_identify_the_column():
    cells = [*(f"I think {k} things" for k in range(20)), "a.b@example.org", "c.d@example.org"]
    assert identified("comment", cells).identifier == "direct"


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%Y%m%d", None])
@pytest.mark.parametrize(("years", "identifier"), [(40, "quasi"), (2, "none")])
def test_days_that_span_many_years_may_be_dates_of_birth_whatever_the_name(form, years, identifier):
    days = pd.Series(pd.date_range("1960-01-15", periods=24, freq=f"{years * 12 // 24}MS"))
    cells = days.dt.strftime(form) if form else days
    if form == "%Y%m%d":
        cells = cells.astype(int)
    name = "date x" if form == "%Y%m%d" else "x"  # numbers are days only where the name says so
    frame = pd.DataFrame({name: cells, "q": ["Yes", "No"] * 12})
    found = draft_codebook(Survey(frame, Codebook({})))[name]
    assert (found.kind, found.identifier) == ("date", identifier)
    assert ("as dates of birth do" in found.review) == (identifier == "quasi")


@pytest.mark.parametrize(
    "name", ["fecha_nacimiento", "geb", "gebdatum", "lieu_naissance", "data_nascimento", "data_nascita"]
)
def test_birth_in_short_names_of_columns_is_quasi(name):
    frame = pd.DataFrame({name: ["2001-05-01", "2002-06-02"] * 10, "q": ["Yes", "No"] * 10})
    assert draft_codebook(Survey(frame, Codebook({})))[name].identifier == "quasi"


@pytest.mark.parametrize(
    "name", ["respondent_age", "RespondentAge", "participant income", "panel_tenure_months", "record_count"]
)
def test_a_number_about_a_person_is_a_number_though_the_name_says_respondent(name):
    frame = pd.DataFrame({name: [20 + k % 40 for k in range(90)]})
    drafted = draft_codebook(Survey(frame, Codebook({})))[name]
    assert drafted.kind == "numeric"
    assert drafted.identifier != "direct"


@pytest.mark.parametrize("name", ["age_group_id", "count_respondent_id", "respondent uuid year"])
def test_an_id_is_an_id_though_the_name_holds_a_word_for_numbers(name):
    frame = pd.DataFrame({name: [20 + k % 40 for k in range(90)]})
    assert draft_codebook(Survey(frame, Codebook({})))[name].identifier == "direct"


@pytest.mark.parametrize("name", ["emails_per_day", "e-mails sent", "name_count", "first names known"])
def test_short_numbers_are_no_addresses_or_names(name):
    frame = pd.DataFrame({name: [k % 60 for k in range(180)]})
    assert draft_codebook(Survey(frame, Codebook({})))[name].kind == "numeric"


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("customer_number", "direct"), ("MRN", "direct"), ("Mitgliedsnummer", "direct"), ("客户编号", "direct"),
     ("q17", "quasi"), ("amount", "none"), ("q17_milliseconds", "quasi")],
)  # fmt: skip
def test_long_numbers_that_never_repeat_may_identify_unless_the_name_says_amount(name, identifier):
    frame = pd.DataFrame({name: [100_000 + 7 * k * k for k in range(40)], "trust": ["Yes", "No"] * 20})
    assert draft_codebook(Survey(frame, Codebook({})))[name].identifier == identifier


@pytest.mark.parametrize("numbers", [[100_000 + k % 20 for k in range(40)], [100 + k * k for k in range(40)]])
def test_numbers_that_repeat_or_are_short_do_not_identify(numbers):
    frame = pd.DataFrame({"q17": numbers, "trust": ["Yes", "No"] * 20})
    assert draft_codebook(Survey(frame, Codebook({})))["q17"].identifier == "none"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("surname_type", ["single", "double"]),
        ("email_status", ["sent", "bounced"]),
        ("phone type", ["own", "work"]),
    ],
)
def test_a_property_of_names_and_addresses_is_a_question_if_its_answers_are_few(name, values):
    book = draft_codebook(Survey(pd.DataFrame({name: values * 30}), Codebook({})))
    assert (book[name].kind, book[name].identifier) == ("single", "none")


def test_many_values_under_a_name_that_ends_so_stay_personal():
    names = [f"Ab{letter}el" for letter in "abcdefghijklmnop"]
    book = draft_codebook(Survey(pd.DataFrame({"surname_value": names * 6}), Codebook({})))
    assert (book["surname_value"].kind, book["surname_value"].identifier) == ("text", "direct")


def test_the_value_of_a_case_is_a_number():
    frame = pd.DataFrame({"case_value": [20 + 7 * k * k for k in range(80)]})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert (book["case_value"].kind, book["case_value"].identifier) == ("numeric", "none")


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("Jméno", "direct"), ("Ονοματεπώνυμο", "direct"), ("Nume", "direct"), ("ชื่อ", "direct"),
        ("Họ tên", "direct"),
        ("Nama lengkap", "direct"), ("नाम", "direct"), ("שם פרטי", "direct"), ("نام", "direct"),
        ("Név", "direct"),
        ("Số điện thoại", "direct"), ("אימייל", "direct"), ("Alamat", "direct"), ("Anul nașterii", "quasi"),
        ("Rok narození", "quasi"), ("Έτος γέννησης", "quasi"), ("Irányítószám", "quasi"), ("ปีเกิด", "quasi"),
        ("Năm sinh", "quasi"), ("Jenis kelamin", "quasi"), ("जन्म वर्ष", "quasi"), ("שנת לידה", "quasi"),
        ("سال تولد", "quasi"), ("Година на раждане", "quasi"),
    ],
)  # fmt: skip
def test_names_of_columns_identify_in_languages_of_europe_and_asia(name, identifier):
    assert identified(name, [f"Word{chr(65 + k)}" for k in range(18)] * 3).identifier == identifier
