"""Rows that are no respondents: named, with the cleaning step that drops them; design columns; numbers."""

from __future__ import annotations

import pandas as pd
import pytest

from trustkit.cleaning.clean import clean
from trustkit.drafting.column_sketch import NO_MORE_THAN_A_LABEL
from trustkit.drafting.draft import draft_codebook
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable
from trustkit.survey.written_numbers import written_numbers

PEOPLE = [[str(k + 1), "mf"[k % 2], "Yes" if k % 3 else "No", f"{0.5 + k % 4 / 3:.3f}"] for k in range(30)]
HEAD = ["id", "sex", "trust", "weight"]


def drafted(rows, head=HEAD):
    frame = pd.DataFrame(rows, columns=head)
    return frame, draft_codebook(Survey(frame, Codebook({})))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([*PEOPLE[:15], HEAD, *PEOPLE[15:]], "1 row repeats the header"),
        ([*PEOPLE, ["Total", None, None, "29.3"]], "1 row holds totals"),
        ([*PEOPLE, ["Gesamt", None, None, "29.3"]], "1 row holds totals"),
        ([*PEOPLE, ["合计", None, None, "29.3"]], "1 row holds totals"),
    ],
)
def test_a_row_that_is_no_respondent_is_named_and_the_drafted_cleaning_drops_it(rows, words):
    frame, book = drafted(rows)
    assert words in book["id"].review
    assert book["id"].unsure
    assert (book["sex"].labels, book["weight"].kind) == (("f", "m"), "weight")
    assert len(clean(Survey(frame, book)).data) == 30


def test_rows_that_are_no_respondents_stay_unsure_where_the_first_column_identifies():
    rows = [[f"p{k}@example.org", "mf"[k % 2], "Yes"] for k in range(20)]
    _, book = drafted([*rows, ["Total", None, None]], head=["email", "sex", "trust"])
    assert (book["email"].identifier, book["email"].unsure) == ("direct", True)
    assert "1 row holds totals" in book["email"].review


def test_a_person_whose_first_cell_says_total_is_a_respondent():
    _, book = drafted([*PEOPLE, ["Total", "f", "Yes", "1.0"]])
    assert "totals" not in book["id"].review


@pytest.mark.parametrize(
    ("name", "answers", "where"),
    [
        ("Status", ["IP Address"] * 28 + ["Survey Preview", "Spam"], ["Spam", "Survey Preview"]),
        ("DistributionChannel", ["anonymous"] * 28 + ["preview"] * 2, ["preview"]),
        ("Finished", ["True"] * 28 + ["False"] * 2, ["False"]),
        ("complete", ["Complete"] * 28 + ["Incomplete"] * 2, ["Incomplete"]),
        ("Status", [0] * 28 + [1, 8], ["1", "8"]),
        ("Progress", [100] * 28 + [50, 20], {"high": 99.0}),
        ("Q_RecaptchaScore", [0.9] * 28 + [0.1, 0.2], None),
        ("Q_RelevantIDFraudScore", [0, 10] * 14 + [30, 90], {"low": 30.0}),
        ("Q_RelevantIDFraudScore", [0, 1, 2, 3] * 7 + [99, 99], {"low": 30.0}),
        ("Q_RelevantIDDuplicateScore", [0] * 28 + [75, 100], {"low": 75.0}),
        ("Q_BallotBoxStuffing", [False] * 28 + [True] * 2, ["True"]),
        ("Q_DuplicateRespondent", ["false"] * 28 + ["true"] * 2, ["true"]),
        ("Status", ["Complete"] * 28 + ["Partial", "Disqualified"], ["Disqualified", "Partial"]),
        (
            "Response Status",
            ["Completed"] * 28 + ["Screened out", "Quota full"],
            ["Quota full", "Screened out"],
        ),
        ("status", ["APPROVED"] * 28 + ["RETURNED", "TIMED-OUT"], ["RETURNED", "TIMED-OUT"]),
        ("status", ["complete"] * 28 + ["quotafull", "screened"], ["quotafull", "screened"]),
        ("_validation_status", ["Approved"] * 27 + [None] + ["Not approved"] * 2, ["Not approved"]),
        (
            "_validation_status",
            ["validation_status_approved"] * 28 + ["validation_status_not_approved"] * 2,
            ["validation_status_not_approved"],
        ),
        ("ReviewState", ["approved"] * 28 + ["rejected", "hasIssues"], ["hasIssues", "rejected"]),
        ("dispcode", [31] * 20 + [32] * 8 + [22, 22], ["22"]),
    ],
)
def test_tests_spam_bots_and_unfinished_interviews_are_named_with_their_step(name, answers, where):
    frame = pd.DataFrame({"Q1": ["Yes", "No"] * 15, name: answers})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book[name].unsure
    (step,) = book.cleaning
    assert step["step"] == "drop_where"
    assert where is None or step["where"] == {name: where}
    assert len(clean(Survey(frame, book)).data) == 28


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("status", ["Single", "Partial custody", "Divorced"] * 10),
        ("status", ["Partial", "Rejected", "Undecided"] * 10),
        ("order status", ["Complete", "Returned", "Partial"] * 10),
    ],
)
def test_a_question_about_a_status_drops_nobody(name, answers):
    frame = pd.DataFrame({"Q1": ["Yes", "No"] * 15, name: answers})
    assert draft_codebook(Survey(frame, Codebook({}))).cleaning == ()


@pytest.mark.parametrize(
    "name", ["submitdate", "submitdate. Datum", "Date Submitted", "Completed at", "EndDate"]
)
def test_rows_without_the_day_on_which_others_were_handed_in_are_unsure(name):
    days = [f"2025-03-{k % 28 + 1:02d}" for k in range(25)]
    frame = pd.DataFrame({"Q1": ["Yes", "No"] * 15, name: [*days, *[None] * 5]})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert "5 of 30 rows have no date here" in book[name].review
    assert (book[name].unsure, book.cleaning) == (True, ())


def test_a_day_that_was_asked_for_may_be_empty():
    days = [f"2025-03-{k % 28 + 1:02d}" for k in range(25)]
    frame = pd.DataFrame({"Q1": ["Yes", "No"] * 15, "last_visit": [*days, *[None] * 5]})
    assert not draft_codebook(Survey(frame, Codebook({})))["last_visit"].unsure


def test_a_column_in_which_all_are_finished_or_none_gives_no_step():
    for answers in (["True"] * 30, ["False"] * 30):
        frame = pd.DataFrame({"Q1": ["Yes", "No"] * 15, "Finished": answers})
        assert draft_codebook(Survey(frame, Codebook({}))).cleaning == ()


def test_holes_in_design_columns_are_found_by_check():
    frame = pd.DataFrame({"psu": ["a", "b", None, "c"], "y": [1, 2, 3, 4]})
    text = "design: {psu: psu}\nvariables:\n  psu: {label: PSU, kind: text}\n  y: {label: Y, kind: numeric}\n"
    book = _book(text)
    found = Survey(frame, book).check()
    assert found[["variable", "count", "rows"]].to_numpy().tolist() == [["psu", 1, "2"]]


def _book(text):
    import tempfile
    from pathlib import Path

    from trustkit.survey.codebook_yaml import read_codebook

    file = Path(tempfile.mkdtemp()) / "book.yaml"
    file.write_text(text)
    return read_codebook(file)


@pytest.mark.parametrize("names", [("strata", "psu"), ("STRATUM", "sampling_point"), ("sdmvstra", "sdmvpsu")])
def test_design_columns_are_proposed_by_their_names_and_not_sure(names):
    strata, psu = names
    frame = pd.DataFrame({strata: [1, 1, 2, 2] * 9, psu: list(range(12)) * 3, "y": ["a", "b"] * 18})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert (book.design.strata, book.design.psu) == (strata, psu)
    assert book[strata].unsure
    assert book[psu].unsure


def test_two_columns_that_may_be_the_weight_are_named_and_none_is_used():
    frame = pd.DataFrame({"weight_a": [0.5, 1.5] * 9, "weight_b": [0.8, 1.2] * 9, "y": ["a", "b"] * 9})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book.design.weights is None
    assert "weight_a, weight_b may each be the weight" in book["weight_a"].review


@pytest.mark.parametrize(
    ("cells", "numbers", "seen", "unsure"),
    [
        (["0,85", "0,95", "1,7", "4"], [0.85, 0.95, 1.7, 4], "a decimal comma", False),
        (["45%", "7%", "100%", "0%"], [45, 7, 100, 0], "percent", False),
        (["$1,037.50", "$90", "$12,000", "$3.20"], [1037.5, 90, 12000, 3.2], "a currency", False),
        (["1.234,50", "900", "2.000", "12,5"], [1234.5, 900, 2000, 12.5], "a decimal comma", False),
        (["1 200 €", "900 €", "15 €", "2 000 €"], [1200, 900, 15, 2000], "thousands separators", False),
        (["1,017", "2,500", "1,800", "3,000"], [1017, 2500, 1800, 3000], "thousands separators", True),
    ],
)
def test_numbers_as_people_write_them_are_read_and_said(tmp_path, cells, numbers, seen, unsure):
    frame = pd.DataFrame({"spend": cells * 6, "who": range(24)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    book = draft_codebook(read(tmp_path / "a.csv"))
    assert book["spend"].kind in ("numeric", "weight")
    assert seen in book["spend"].review
    assert book["spend"].unsure == unsure
    assert read(tmp_path / "a.csv", book).data["spend"].tolist() == numbers * 6


def test_long_whole_numbers_keep_every_digit(tmp_path):
    frame = pd.DataFrame({"code": [f"{10**17 + k}" for k in range(30)]})
    frame.to_csv(tmp_path / "a.csv", index=False)
    found = read(tmp_path / "a.csv")
    assert str(found.data["code"].tolist()[1]) == "100000000000000001"


@pytest.mark.parametrize(
    ("cells", "kind", "seen"),
    [
        ([str(2**53 + k) for k in range(30)], "text", "numbers of more than 15 digits"),
        ([str(10**15 + k) for k in range(30)], "text", "numbers of more than 15 digits"),
        ([str(10**14 + 7 * k) for k in range(30)], "numeric", ""),
        ([str(10**21 + k) for k in range(30)], "text", "numbers of more than 15 digits"),
        (["1e+400", *map(str, range(29))], "text", "numbers beyond the range of arithmetic"),
        (["1e+40", *map(str, range(29))], "text", "numbers of more than 15 digits"),
        (
            ["1,234.5", "1.234,5", "7"] * 10,
            "single",
            "numbers written in several ways, such as '1,234.5' and",
        ),
        (["1", "2", "3", "4", "5 or more"] * 6, "ordinal", ""),
        (["2.5", "1,5", "7"] * 10, "ordinal", "numbers written in several ways, such as '2.5' and '1,5'"),
        ([*(f"{k},85" for k in range(29)), "about 5"], "text", "numbers in 29 of 30 different texts"),
        ([f"192.0.2.{k}" for k in range(30)], "text", ""),
    ],
)
def test_what_looks_like_a_number_and_is_left_as_text_is_said(tmp_path, cells, kind, seen):
    pd.DataFrame({"spend": cells, "who": 1}).to_csv(tmp_path / "a.csv", index=False)
    found = draft_codebook(read(tmp_path / "a.csv"))["spend"]
    assert found.kind == kind
    assert (seen or "left as text") in found.review if seen else "left as text" not in found.review


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1e+400", "7"], "left as text: a (numbers beyond the range of arithmetic)"),
        (["1,234.5", "1.234,5"], "left as text: a (numbers written in several ways"),
        ([str(10**20), "7"], "left as text: a (numbers of more than 15 digits"),
        (["192.0.2.1", "7"], None),
        (["007", "8"], None),
        (["1e+40", "7"], None),
    ],
)
def test_the_log_names_columns_that_look_like_numbers_and_were_left_as_text(tmp_path, cells, said):
    pd.DataFrame({"a": cells, "b": 1}).to_csv(tmp_path / "a.csv", index=False)
    reason = read(tmp_path / "a.csv").log.steps[0].reason
    assert said in reason if said else "left as text" not in reason


@pytest.mark.parametrize(
    ("cells", "doubt"),
    [
        (["$5", "\u20ac7.50", "$12"], "amounts in several currencies ($, \u20ac) are counted as if"),
        (["45%", "0.45", "7%"], "'45%' is read as 45 and '0.45' as 0.45"),
        (["$5", "$7.50", "$12"], ""),
        (["45%", "0", "7%"], ""),
    ],
)
def test_numbers_in_two_units_are_read_with_a_doubt(cells, doubt):
    _, book = drafted([[cell] for cell in cells * 10], ["spend"])
    assert book["spend"].kind == "numeric"
    assert (book["spend"].unsure, doubt in book["spend"].review) == (bool(doubt), True)


def test_percentages_are_numbers_and_neither_ids_nor_codes():
    _, book = drafted([[f"{k}%"] for k in range(30)], ["share"])
    assert (book["share"].kind, book["share"].identifier) == ("numeric", "none")
    frame, book = drafted([[cell] for cell in ["45%", "7%", "Don't know"] * 10], ["share"])
    assert (book["share"].kind, book["share"].codes) == ("numeric", {})
    assert Survey(frame, book).check().empty


def test_telephone_numbers_with_blanks_are_no_bands():
    _, book = drafted([[f"0664 123 {k:03d}"] for k in range(30)], ["contact"])
    assert (book["contact"].kind, book["contact"].identifier) == ("text", "direct")


@pytest.mark.parametrize(
    ("last", "found"),
    [
        (["Total", "", 60], True),
        (["Total", "x", 60], True),
        (["Mean", "x", 2], True),
        (["Total", "x", 4], False),
        (["17", "x", 60], False),
    ],
)
def test_a_last_row_of_sums_is_found_by_its_empty_cells_or_its_numbers(tmp_path, last, found):
    rows = [*([f"p{k}", "mf"[k % 2], k % 3 + 1] for k in range(30)), last]
    pd.DataFrame(rows, columns=["who", "sex", "visits"]).to_csv(tmp_path / "a.csv", index=False)
    book = draft_codebook(read(tmp_path / "a.csv"))
    steps = [step["reason"] for step in book.cleaning]
    assert steps == (["no respondent: holds totals"] if found else [])


def test_totals_below_a_repeated_header_are_found_though_the_columns_are_text(tmp_path):
    rows = [*([str(k), "mf"[k % 2], str(k % 3 + 1)] for k in range(20)), ["who", "sex", "visits"]]
    rows += [*([str(k), "mf"[k % 2], str(k % 3 + 1)] for k in range(20, 40)), ["Total", None, "79"]]
    pd.DataFrame(rows, columns=["who", "sex", "visits"]).to_csv(tmp_path / "a.csv", index=False)
    book = draft_codebook(read(tmp_path / "a.csv"))
    assert [step["where"] for step in book.cleaning] == [{"who": ["who"]}, {"who": ["Total"]}]
    assert set(book["visits"].codes) == {1, 2, 3}


@pytest.mark.parametrize("odd", ["test1", "TEST-003", "my test", "Prueba_2", "测试01"])
@pytest.mark.parametrize("name", ["id", "respondent", "ResponseId"])
def test_an_id_that_says_test_among_other_ids_is_unsure_and_no_step_drops_it(odd, name):
    rows = [[f"R_{k:03d}", "mf"[k % 2], "Yes" if k % 3 else "No"] for k in range(29)]
    frame, book = drafted([*rows, [odd, "m", "Yes"]], head=[name, "sex", "trust"])
    assert book[name].unsure
    assert "1 of 30 rows has an id that says test; such rows count as respondents" in book[name].review
    assert odd not in book[name].review
    assert book.cleaning == ()
    assert len(clean(Survey(frame, book)).data) == 30


@pytest.mark.parametrize(
    "ids",
    [
        [f"test{k}" for k in range(30)],  # all ids of a pilot
        [f"R_{k:03d}contest" for k in range(30)],
        [f"P{k}" for k in range(28)] + ["Testa", "Latest"],
    ],
    ids=["all of one form", "a part of a word", "names"],
)
def test_ids_of_one_form_and_words_that_only_hold_the_letters_are_no_tests(ids):
    _, book = drafted([[one, "mf"[k % 2], "Yes"] for k, one in enumerate(ids)], head=["id", "sex", "trust"])
    assert "says test" not in book["id"].review
    assert "say test" not in book["id"].review


@pytest.mark.parametrize(
    ("first", "found"),
    [(["Total", "x", 59], True), (["Mittelwert", None, 59 / 30], True), (["Total", None, 4], False)],
)
def test_a_first_row_of_sums_is_found_by_its_numbers(tmp_path, first, found):
    rows = [first, *([f"p{k}", "mf"[k % 2], k % 4 + (k > 13)] for k in range(30))]
    assert sum(row[2] for row in rows[1:]) == 59
    pd.DataFrame(rows, columns=["who", "sex", "visits"]).to_csv(tmp_path / "a.csv", index=False)
    steps = [step["reason"] for step in draft_codebook(read(tmp_path / "a.csv")).cleaning]
    assert steps == (["no respondent: holds totals"] if found else [])


@pytest.mark.parametrize("name", ["id", "respondent_id", "Teilnehmer", "CaseNo", "受访者"])
@pytest.mark.parametrize("form", ["u{:03d}", "{}"])
def test_an_id_that_a_few_rows_repeat_is_unsure_and_no_step_drops_them(name, form):
    ids = [form.format(k % 27 + 100) for k in range(30)]
    frame = pd.DataFrame({name: ids, "trust": ["Yes", "No", "No"] * 10})
    if form == "{}":
        frame[name] = frame[name].astype(int)
    book = draft_codebook(Survey(frame, Codebook({})))
    assert book[name].unsure
    assert "3 of 30 rows repeat the id of an earlier row" in book[name].review
    assert "drop_duplicates" in book[name].review
    assert not book.cleaning


@pytest.mark.parametrize("ids", [list(range(30)), [k // 3 for k in range(30)]])
def test_ids_that_no_row_repeats_or_that_all_persons_repeat_are_not_doubted_as_repeated(ids):
    frame = pd.DataFrame({"respondent_id": ids, "trust": ["Yes", "No", "No"] * 10})
    assert "repeat the id" not in draft_codebook(Survey(frame, Codebook({})))["respondent_id"].review


@pytest.mark.parametrize(
    "name",
    ["Ponderacao", "pondération", "ponderador", "redressement", "weging", "peso", "Gewichtung"],
)
@pytest.mark.parametrize("whole", [False, True])
def test_a_weight_in_another_language_is_used_or_doubted_also_if_it_counts_people(name, whole):
    numbers = [0.5, 1.5, 0.8, 1.2] * 9
    frame = pd.DataFrame({name: [int(1000 * x) for x in numbers] if whole else numbers, "y": ["a", "b"] * 18})
    book = draft_codebook(Survey(frame, Codebook({})))
    assert (book.design.weights == name) is not whole
    assert ("it may be a weight, and nothing is weighted by it" in book[name].review) is whole
    assert book[name].unsure is whole


@pytest.mark.parametrize("label", ["Gewichtungsfaktor Personen", "Poids de sondage", "Peso campionario"])
def test_a_weight_is_known_by_a_label_in_another_language(label):
    frame = pd.DataFrame({"v99": [0.5, 1.5, 0.8, 1.2] * 9, "y": ["a", "b"] * 18})
    told = Codebook({"v99": Variable("v99", label, "text", review=NO_MORE_THAN_A_LABEL)})
    assert draft_codebook(Survey(frame, told)).design.weights == "v99"


@pytest.mark.parametrize(
    ("cells", "doubted"),
    [
        (["$13,000", "$0,000"], True), (["13,000", "25,000", "0,000"], True), (["€1,500", "€0,000"], True),
        (["0,985", "1,032"], False), (["0,85", "1,2"], False),
    ],
)  # fmt: skip
def test_nought_with_three_noughts_does_not_tell_decimals_from_thousands(cells, doubted):
    found = written_numbers(cells)
    assert found is not None
    assert found.ambiguous == doubted
