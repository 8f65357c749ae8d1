"""Consent records: their rules for time, repetition and contradiction, and the last status at a date."""

from __future__ import annotations

import doctest
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.errors import DataError
from trustkit.privacy.consents import STATUSES

HEAD = "subject,purpose,status,at,until,version"


def read(tmp_path, *rows, head=HEAD, **options):
    file = tmp_path / "consents.csv"
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return tk.read_consents(file, **options)


def faults(tmp_path, *rows, head=HEAD, **options):
    with pytest.raises(DataError) as refused:
        read(tmp_path, *rows, head=head, **options)
    return refused.value


def statuses(consents, moment, **options):
    last = consents.at(moment, **options)
    return dict(zip(zip(last["subject"], last["purpose"], strict=True), last["status"], strict=True))


TWELVE = (
    "S01,research,given,2026-01-01T10:00:00Z,,1",
    "S02,research,refused,2026-01-01T10:00:00Z,,1",
    "S03,research,given,2026-01-01T10:00:00Z,,1",
    "S03,research,withdrawn,2026-02-01T10:00:00Z,,1",
    "S04,research,refused,2026-01-01T10:00:00Z,,1",
    "S04,research,given,2026-02-01T10:00:00Z,,1",
    "S05,research,given,2026-01-01T10:00:00Z,2026-02-01T00:00:00Z,1",
    "S06,research,shown,2026-01-01T10:00:00Z,,1",
    "S07,research,given,2026-01-01T10:00:00Z,,1",
    "S07,research,shown,2026-02-01T10:00:00Z,,1",
    "S08,research,given,2026-03-01T10:00:00Z,,1",
    "S09,research,given,2026-01-01T10:00:00Z,,1",
    "S09,research,expired,2026-02-01T10:00:00Z,,1",
    "S10,research,given,2026-01-01T10:00:00Z,,1",
    "S10,,withdrawn,2026-02-01T10:00:00Z,,1",
    "S11,research,withdrawn,2026-01-01T10:00:00Z,,1",
    "S11,research,given,2026-02-01T10:00:00Z,,1",
    "S12,research,given,2026-01-01T10:00:00+02:00,,1",
    "S12,research,withdrawn,2026-01-01T09:00:00Z,,1",
)


def test_the_last_status_of_twelve_subjects_in_every_order_of_events(tmp_path):
    consents = read(tmp_path, *TWELVE)
    early = statuses(consents, "2026-01-15")
    late = statuses(consents, "2026-02-15")
    assert {subject: status for (subject, _), status in early.items()} == {
        "S01": "given", "S02": "refused", "S03": "given", "S04": "refused", "S05": "given", "S06": "shown",
        "S07": "given", "S09": "given", "S10": "given", "S11": "withdrawn", "S12": "withdrawn",
    }  # fmt: skip
    assert {subject: status for (subject, _), status in late.items()} == {
        "S01": "given", "S02": "refused", "S03": "withdrawn", "S04": "given", "S05": "expired",
        "S06": "shown",
        "S07": "given", "S09": "expired", "S10": "withdrawn", "S11": "given", "S12": "withdrawn",
    }  # fmt: skip


def test_the_order_of_the_rows_of_a_file_changes_nothing(tmp_path):
    there = read(tmp_path, *TWELVE).at("2026-02-15")
    back = read(tmp_path, *TWELVE[::-1]).at("2026-02-15")
    pd.testing.assert_frame_equal(there, back)


def test_a_moment_counts_what_happened_at_it_and_a_date_its_whole_day(tmp_path):
    consents = read(tmp_path, "A,r,given,2026-05-03T10:00:00Z,,", "A,r,withdrawn,2026-05-03T20:00:00Z,,")
    assert statuses(consents, "2026-05-03T10:00:00Z") == {("A", "r"): "given"}
    assert statuses(consents, "2026-05-03T09:59:59Z") == {}
    assert statuses(consents, "2026-05-03") == {("A", "r"): "withdrawn"}
    assert statuses(consents, datetime(2026, 5, 3, 12, tzinfo=UTC)) == {("A", "r"): "given"}


@pytest.mark.parametrize("moment", ["2026-05-03T10:00:00", "3 May", datetime(2026, 5, 3, 10)])  # noqa: DTZ001
def test_a_moment_without_a_zone_is_refused(tmp_path, moment):
    with pytest.raises(DataError, match=r"zone|not a time"):
        read(tmp_path, "A,r,given,2026-01-01T10:00:00Z,,").at(moment)


def test_a_consent_ends_when_its_time_has_come(tmp_path):
    consents = read(tmp_path, "A,r,given,2026-01-01T10:00:00Z,2026-06-01T12:00:00Z,")
    assert statuses(consents, "2026-06-01T11:59:59Z") == {("A", "r"): "given"}
    assert statuses(consents, "2026-06-01T12:00:00Z") == {("A", "r"): "expired"}


def test_a_consent_for_another_version_of_the_wording_does_not_count(tmp_path):
    consents = read(
        tmp_path,
        "A,r,given,2026-01-01T10:00:00Z,,1", "A,r,given,2026-02-01T10:00:00Z,,2",
        "B,r,given,2026-02-01T10:00:00Z,,2",
        "C,r,given,2026-01-01T10:00:00Z,,1", "C,r,withdrawn,2026-02-01T10:00:00Z,,2",
    )  # fmt: skip
    assert statuses(consents, "2026-03-01", version="1") == {("A", "r"): "given", ("C", "r"): "withdrawn"}
    assert statuses(consents, "2026-03-01")[("B", "r")] == "given"


def test_a_withdrawal_without_a_purpose_withdraws_every_purpose_of_the_file(tmp_path):
    consents = read(
        tmp_path, "A,ads,given,2026-01-01T10:00:00Z,,", "A,research,given,2026-01-01T10:00:00Z,,",
        "A,,withdrawn,2026-02-01T10:00:00Z,,",
    )  # fmt: skip
    assert set(statuses(consents, "2026-03-01").values()) == {"withdrawn"}
    assert "1 record without a purpose" in consents.notes[0]


def test_records_that_repeat_are_counted_once_and_said(tmp_path):
    consents = read(tmp_path, *["A,r,given,2026-01-01T10:00:00Z,,"] * 3)
    assert len(consents.to_frame()) == 1
    assert consents.notes == ("2 records repeated exactly: counted once.",)


@settings(max_examples=30, deadline=None)
@given(st.permutations(STATUSES), st.integers(2, 5))
def test_of_contradictory_records_of_one_moment_the_more_protective_holds(tmp_path_factory, order, size):
    rows = [f"A,r,{status},2026-01-01T10:00:00Z,," for status in order[:size]]
    consents = read(tmp_path_factory.mktemp("rows"), *rows)
    expected = max(order[:size], key=STATUSES.index)
    assert statuses(consents, "2026-01-02") == {("A", "r"): expected}
    assert consents.to_frame()["status"].iloc[-1] == expected
    assert "contradictory" in consents.notes[-1]


def test_every_fault_is_listed_with_its_row_and_field(tmp_path):
    error = faults(
        tmp_path,
        "A,r,agreed,2026-01-01T10:00:00Z,,",
        "B,r,given,2026-01-01T10:00:00,,",
        "C,,given,2026-01-01T10:00:00Z,,",
        ",r,given,2026-01-01T10:00:00Z,,",
        "E,r,given,2026-01-01T10:00:00Z,2025-01-01T10:00:00Z,",
        "F,r,given,soon,,",
        "G,r,given,,,",
        "H,r,given,1812-01-01T10:00:00Z,,",
    )
    table = error.to_frame()
    assert table["where"].tolist() == [
        "consents.csv, row 2, status", "consents.csv, row 3, at", "consents.csv, row 4, purpose",
        "consents.csv, row 5, subject", "consents.csv, row 6, until", "consents.csv, row 7, at",
        "consents.csv, row 8, at", "consents.csv, row 9, at",
    ]  # fmt: skip
    assert all(table["do"])


def test_an_unknown_basis_and_a_consent_on_another_basis_are_refused(tmp_path):
    head = "subject,purpose,status,at,basis"
    error = faults(
        tmp_path,
        "A,r,given,2026-01-01T10:00:00Z,because", "B,r,given,2026-01-01T10:00:00Z,legitimate interests",
        "C,r,shown,2026-01-01T10:00:00Z,contract", "D,r,given,2026-01-01T10:00:00Z,explicit consent",
        head=head,
    )  # fmt: skip
    table = error.to_frame()
    assert table["where"].tolist() == ["consents.csv, row 2, basis", "consents.csv, row 3, basis"]
    assert "legitimate interests" in table["do"][0]
    assert table["what"][1] == "nobody consents to legitimate interests"


def test_more_faults_than_anybody_reads_are_counted(tmp_path):
    error = faults(tmp_path, *["A,r,given,soon,,"] * 80)
    assert len(error.faults) == 51
    assert "and 30 more" in str(error)


def test_a_misspelt_status_is_refused_with_the_words_that_exist(tmp_path):
    message = str(faults(tmp_path, "A,r,withdrawen,2026-01-01T10:00:00Z,,"))
    assert "got withdrawen" in message
    assert all(status in message for status in STATUSES)


def test_a_message_never_quotes_a_subject_or_what_may_identify_one(tmp_path):
    error = faults(tmp_path, "ann@example.org,r,ann@example.org,2026-01-01T10:00:00Z,,")
    assert "ann@" not in str(error)


def test_addresses_and_telephone_numbers_are_refused_without_a_key_and_become_pseudonyms(tmp_path):
    rows = [f"{who},r,given,2026-01-01T10:00:00Z,," for who in ("ann@example.org", "+44 20 7946 0000")]
    error = faults(tmp_path, *rows)
    places = ["consents.csv, row 2, subject", "consents.csv, row 3, subject"]
    assert error.to_frame()["where"].tolist() == places
    assert "tk.make_key" in str(error)
    key = tk.make_key(tmp_path / "panel.key")
    frame = read(tmp_path, *rows, key=key).to_frame()
    assert not frame["subject"].str.contains("@|[+]").any()
    assert frame["subject"].str.fullmatch("[A-Z2-7]{16}").all()


def test_subjects_and_ids_of_a_survey_get_the_same_pseudonyms(tmp_path):
    key = tk.make_key(tmp_path / "panel.key")
    consents = read(tmp_path, "7,r,given,2026-01-01T10:00:00Z,,", key=key)
    book = tk.Codebook({"id": tk.Variable("id", "Id", "id", identifier="direct")})
    survey = tk.pseudonymise(tk.Survey(pd.DataFrame({"id": [7, 8]}), book), key)
    assert consents.to_frame()["subject"].tolist() == survey.data["id"].tolist()[:1]


def test_times_without_a_zone_are_read_in_the_zone_given(tmp_path):
    frame = read(
        tmp_path, "A,r,given,2026-07-01T10:00:00,2027-01-31,", "B,r,given,2026-10-25T02:30:00,,",
        "C,r,given,2026-07-01 10:00:00,,", zone="Europe/Paris",
    ).to_frame()  # fmt: skip
    assert frame["at"].dt.strftime("%d %H:%M").tolist() == ["01 08:00", "25 00:30", "01 08:00"]
    assert frame["until"][0].isoformat() == "2027-01-31T23:00:00+00:00"


def test_an_unknown_zone_is_refused(tmp_path):
    assert "zone is unknown" in str(faults(tmp_path, "A,r,given,2026-07-01T10:00:00,,", zone="Paris/Europe"))


def test_whole_seconds_and_thousandths_are_times(tmp_path):
    frame = read(tmp_path, "A,r,given,1767261600,,", "B,r,given,1767261600000,,").to_frame()
    assert set(frame["at"].map(str)) == {"2026-01-01 10:00:00+00:00"}


def test_records_show_what_they_hold(tmp_path):
    shown = repr(read(tmp_path, *TWELVE))
    assert "research" in shown
    assert "withdrawn" in shown
    assert "S01" not in shown


def test_the_examples_of_the_page_run():
    page = Path(__file__).parents[2] / "docs" / "consent_records.md"
    result = doctest.testfile(str(page), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 5
    assert result.failed == 0
