from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.errors import CodebookError, DataError, DesignError
from trustkit.survey.purposes import Purpose

YES_NO = {1: "Yes", 2: "No"}
ASKED = {"basis": "consent", "permission": ("research", "panel")}
FIELDWORK = "2024-03-04 to 2024-03-31"
TABLE = """\
id | records of research                                                     | what holds on 2024-03-31
01 | given 2024-03-04                                                        | given
02 | refused 2024-03-04                                                      | refused
03 | given 2024-03-04; withdrawn 2024-03-20                                  | withdrawn
04 | given 2024-03-04; withdrawn 2024-04-02                                  | given
05 | refused 2024-03-04; given 2024-03-20                                    | given
06 | given 2024-03-04 until 2024-03-20                                       | expired
07 | given 2024-03-04 until 2024-12-31                                       | given
08 | shown 2024-03-04                                                        | shown
09 | given 2024-03-04; shown 2024-03-20                                      | given
10 | given 2024-04-01                                                        | no record
11 |                                                                         | no record
12 | withdrawn 2024-03-20; given 2024-03-04; refused 2024-03-10              | withdrawn
"""


def oracle():
    """Return the records of the table, and the status that a person read from it."""
    records, holds = [], {}
    for line in TABLE.splitlines()[1:]:
        key, told, status = (part.strip() for part in line.split("|"))
        holds[key] = status
        for record in filter(None, (part.strip() for part in told.split(";"))):
            known, at, *until = record.replace(" until", "").split()
            records.append(
                {"subject": key, "purpose": "research", "status": known, "at": at}
                | ({"until": until[0]} if until else {})
            )
    return pd.DataFrame(records), holds


def people(ids, **purposes):
    answers = {
        name: [1 + (place + shift) % 2 for place in range(len(ids))] for shift, name in enumerate("ab")
    }
    variables = (
        tk.Variable("id", "Id", "id", basis="contract"),
        tk.Variable("a", "A", "single", codes=YES_NO, **ASKED),
        tk.Variable("b", "B", "single", codes=YES_NO, basis="consent", permission=("panel",)),
        tk.Variable("sex", "Sex", "single", codes={1: "Men", 2: "Women"}, basis="contract"),
        tk.Variable("age", "Age", "numeric", basis="not stated"),
    )
    told = purposes or {"research": Purpose("We study trust."), "panel": Purpose("We ask again.")}
    book = tk.Codebook({about.name: about for about in variables}, fieldwork=FIELDWORK, purposes=told)
    more = {"sex": [1 + place % 2 for place in range(len(ids))], "age": [20.0 + n for n in range(len(ids))]}
    return tk.Survey(pd.DataFrame({"id": ids, **answers, **more}), book)


RECORDS, HOLDS = oracle()
TWELVE = people(list(HOLDS))


def test_of_twelve_subjects_those_stay_whose_last_record_is_a_consent_that_holds():
    kept = tk.consented(TWELVE, "research", records=RECORDS)
    assert kept.data["id"].tolist() == [key for key, status in HOLDS.items() if status == "given"]


def test_each_of_the_twelve_has_the_status_that_a_person_reads_from_the_table():
    marked = tk.with_consent_status(TWELVE, "research", records=RECORDS)
    assert dict(zip(marked.data["id"], marked.data["consent_for_research"], strict=True)) == HOLDS


def test_the_log_counts_those_who_are_dropped_by_status():
    step = tk.consented(TWELVE, "research", records=RECORDS).log.steps[-1]
    assert (step.n_before, step.n_after) == (12, 5)
    assert step.reason == "no consent for: research"
    counts = pd.Series(HOLDS).value_counts()
    for status in ("refused", "withdrawn", "expired", "shown", "no record"):
        assert f"{counts[status]} {status}" in step.rule


@pytest.mark.parametrize("order", range(5))
def test_the_order_of_the_records_does_not_matter(order):
    mixed = RECORDS.sample(frac=1, random_state=order)
    assert tk.consented(TWELVE, "research", records=mixed).data["id"].tolist() == [
        key for key, status in HOLDS.items() if status == "given"
    ]


def test_a_withdrawal_counts_from_its_day_on_and_not_before():
    one = people(["x", "y"])
    records = pd.DataFrame(
        {"subject": ["x", "x", "y"], "purpose": "research", "status": ["given", "withdrawn", "given"],
         "at": ["2024-03-04", "2024-05-01", "2024-03-04"]}
    )  # fmt: skip
    assert len(tk.consented(one, "research", records=records, on="2024-04-30").data) == 2
    assert tk.consented(one, "research", records=records, on="2024-05-01").data["id"].tolist() == ["y"]


def test_a_withdrawal_without_a_purpose_withdraws_this_one():
    records = pd.DataFrame(
        {"subject": ["x", "y", "x"], "purpose": ["research", "research", ""],
         "status": ["given", "given", "withdrawn"], "at": ["2024-03-04", "2024-03-04", "2024-03-05"]}
    )  # fmt: skip
    assert tk.consented(people(["x", "y"]), "research", records=records).data["id"].tolist() == ["y"]


def test_consent_to_another_version_of_the_wording_does_not_count():
    survey = people(
        ["x", "y", "z"], research=Purpose("We study trust.", version="1"), panel=Purpose("Again.")
    )
    records = pd.DataFrame(
        {"subject": ["x", "y", "z"], "purpose": "research", "status": ["given", "given", "refused"],
         "at": "2024-03-04", "version": ["1", "2", "2"]}
    )  # fmt: skip
    kept = tk.consented(survey, "research", records=records)
    assert kept.data["id"].tolist() == ["x"]
    assert "1 given for another wording" in kept.log.steps[-1].rule
    assert "1 refused" in kept.log.steps[-1].rule


def test_of_contradictory_records_of_one_moment_the_more_protective_holds():
    records = pd.DataFrame(
        {"subject": ["x", "x", "y"], "purpose": "research", "status": ["refused", "given", "given"],
         "at": "2024-03-04"}
    )  # fmt: skip
    assert tk.consented(people(["x", "y"]), "research", records=records).data["id"].tolist() == ["y"]


def test_a_column_of_the_data_can_tell_who_agreed():
    told = Purpose("We study trust.", record="a", agreed=("Yes",))
    survey = people(list("uvwxyz"), research=told, panel=Purpose("Again."))
    kept = tk.consented(survey, "research")
    assert set(kept.data["a"]) == {"Yes"}
    assert "3 refused" in kept.log.steps[-1].rule


def test_consents_that_were_read_from_a_file_are_taken(tmp_path):
    RECORDS.assign(until=RECORDS["until"].fillna("")).to_csv(tmp_path / "consents.csv", index=False)
    consents = tk.read_consents(tmp_path / "consents.csv", zone="UTC")
    assert len(tk.consented(TWELVE, "research", records=consents).data) == 5


ALL_GAVE = pd.DataFrame(
    {"subject": list(HOLDS), "purpose": "research", "status": "given", "at": "2024-03-04"}
)


def test_gating_by_a_purpose_that_all_gave_changes_no_number():
    plain, gated = TWELVE, tk.consented(TWELVE, "research", records=ALL_GAVE)
    assert gated.data.equals(plain.data)
    for figure in (partial(tk.proportion, variable="a", by="sex"), partial(tk.proportion, variable="a")):
        before, after = figure(tk.Design(plain)), figure(tk.Design(gated))
        assert np.array_equal(before.estimate, after.estimate)
        assert np.array_equal(before.vcov, after.vcov)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["given", "refused", "withdrawn", "expired"]), min_size=12, max_size=12))
def test_those_who_stay_are_those_who_gave_whatever_each_decided(decisions):
    records = ALL_GAVE.assign(status=decisions)
    gave = [key for key, status in zip(HOLDS, decisions, strict=True) if status == "given"]
    if not gave:
        with pytest.raises(DataError, match="no respondent has agreed"):
            tk.consented(TWELVE, "research", records=records)
        return
    kept = tk.consented(TWELVE, "research", records=records)
    assert kept.data["id"].tolist() == gave


GATED = tk.Design(tk.consented(TWELVE, "research", records=RECORDS))
REFUSED = {
    "a share": lambda: tk.proportion(GATED, "b"),
    "a mean": lambda: tk.mean(GATED, "age"),
    "the domains": lambda: tk.proportion(GATED, "a", by="b"),
    "the condition": lambda: tk.proportion(GATED, "a", where={"b": "Yes"}),
    "a cross table": lambda: tk.crosstab(GATED, "a", "b"),
    "a test": lambda: tk.chisq_test(GATED, "b", "sex"),
    "a model": lambda: tk.glm(GATED, "age ~ sex"),
    "a quantile": lambda: tk.quantile(GATED, "age", 0.5),
    "weighting": lambda: tk.rake(GATED, {"b": {"Yes": 0.5, "No": 0.5}}),
}


@pytest.mark.parametrize("use", REFUSED)
def test_a_variable_that_was_not_allowed_for_the_purpose_is_refused_with_its_purposes(use):
    with pytest.raises(DesignError) as refused:
        REFUSED[use]()
    assert "'research'" in str(refused.value)
    name = refused.value.where
    assert refused.value.got == {"b": "allowed for: panel", "age": "allowed for no purpose"}[name]


def test_another_codebook_does_not_lift_the_limit():
    survey = tk.consented(TWELVE, "research", records=RECORDS)
    with pytest.raises(DesignError):
        tk.proportion(tk.Design(survey, codebook=TWELVE.codebook), "b")


def test_an_answer_derived_from_one_that_was_not_allowed_is_refused_too():
    survey = tk.consented(TWELVE, "research", records=RECORDS)
    made = tk.derive(survey, into="c", answers={"both": {"a": "Yes", "b": "Yes"}}, rest="not")
    with pytest.raises(DesignError):
        tk.proportion(tk.Design(made), "c")


def test_a_survey_without_a_limit_refuses_nothing():
    assert len(tk.proportion(tk.Design(TWELVE), "b").estimate) == 2


def test_results_say_whom_they_are_about_and_what_their_intervals_assume():
    shown = repr(tk.proportion(GATED, "a"))
    assert "Only respondents who agreed to: research." in shown
    assert "weight them again" in shown
    assert "agreed" not in repr(tk.proportion(tk.Design(TWELVE), "a"))


def test_exclusion_sensitivity_shows_what_consent_did_to_a_figure():
    marked = tk.with_consent_status(TWELVE, "research", records=RECORDS)
    found = tk.exclusion_sensitivity(marked, partial(tk.proportion, variable="a", level="Yes")).to_frame()
    gated = tk.proportion(GATED, "a", level="Yes")
    assert found["n"].tolist() == [5, 12, 12, 5]
    assert found["estimate"].iloc[0] == gated.estimate[0]
    assert 'without "no consent for: research"' in found["rules"].tolist()


def test_the_limit_stays_in_a_written_codebook(tmp_path):
    survey = tk.consented(TWELVE, "research", records=RECORDS)
    file = tk.write_codebook(survey.codebook, tmp_path / "codebook.yaml")
    assert tk.read_codebook(file).used_for == ("research",)


def test_respondents_without_a_record_can_be_kept_only_where_the_basis_is_not_consent():
    with pytest.raises(DataError, match="where the basis is consent"):
        tk.consented(TWELVE, "research", records=RECORDS, unknown="include")
    variables = {name: replace(about, basis="contract") for name, about in TWELVE.codebook.variables.items()}
    other = replace(TWELVE, codebook=replace(TWELVE.codebook, variables=variables))
    kept = tk.consented(other, "research", records=RECORDS, unknown="include")
    assert len(kept.data) == 5 + list(HOLDS.values()).count("no record")


FAULTS = {
    "an unknown purpose": ({"purpose": "reserch"}, "did you mean 'research'"),
    "a purpose without a record": ({"records": None}, "nothing says who agreed"),
    "records without a column": ({"records": RECORDS.drop(columns="at")}, "no at"),
    "an unknown status": ({"records": RECORDS.assign(status="givn")}, "did you mean 'given'"),
    "a record without a subject": ({"records": RECORDS.assign(subject=None)}, "records without subject"),
    "a time without a zone": ({"records": RECORDS.assign(at="2024-03-04T12:00:00")}, "has no zone"),
    "a time that is none": ({"records": RECORDS.assign(at="yesterday")}, "first at rows 0"),
    "records of another purpose": ({"records": RECORDS.assign(purpose="offers")}, "no consent record"),
    "an unknown subject": ({"subject": "idd"}, "did you mean 'id'"),
    "records of strangers alone": (
        {"records": RECORDS.assign(subject="P" + RECORDS["subject"])},
        "11 subjects of records, 12 respondents, none in both",
    ),
    "a day that is none": ({"on": "2024-02-30"}, "not a day of the calendar"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_refused_by_name(name):
    given, words = FAULTS[name]
    arguments = {"purpose": "research", "records": RECORDS} | given
    with pytest.raises((DataError, CodebookError)) as refused:
        tk.consented(TWELVE, **arguments)
    assert words in str(refused.value)


def test_without_a_dated_fieldwork_the_day_must_be_given():
    undated = replace(TWELVE, codebook=replace(TWELVE.codebook, fieldwork="spring"))
    with pytest.raises(DataError, match="end of fieldwork is not known"):
        tk.consented(undated, "research", records=RECORDS)


def test_records_of_strangers_are_left_out():
    more = pd.concat([RECORDS, ALL_GAVE.assign(subject="stranger").head(1)])
    assert len(tk.consented(TWELVE, "research", records=more).data) == 5


def test_whole_numbers_name_the_same_respondent_in_both():
    survey = people([1, 2, 3])
    records = pd.DataFrame(
        {"subject": [1.0, 3.0], "purpose": "research", "status": "given", "at": "2024-03-04"}
    )
    assert tk.consented(survey, "research", records=records).data["id"].tolist() == [1, 3]


def test_rows_in_an_engine_are_limited_too(tmp_path):
    pytest.importorskip("duckdb")
    file = tmp_path / "rows.parquet"
    TWELVE.data[["a", "b"]].astype("str").to_parquet(file)
    design = tk.Design(file, codebook=replace(TWELVE.codebook, used_for=("research",)))
    assert len(tk.proportion(design, "a").estimate) == 2
    with pytest.raises(DesignError, match="may not be used"):
        tk.proportion(design, "b")


@pytest.mark.parametrize("written", [" 01", "01 ", "\u00e9", "e\u0301"])
def test_a_withdrawal_holds_however_its_subject_is_written(written):
    key = "\u00e9" if written not in (" 01", "01 ") else "01"
    records = pd.DataFrame(
        [
            {"subject": key, "purpose": "research", "status": "given", "at": "2024-03-04"},
            {"subject": written, "purpose": "research", "status": "withdrawn", "at": "2024-03-05"},
            {"subject": "02", "purpose": "research", "status": "given", "at": "2024-03-04"},
        ]
    )
    study = people([key, "02"], research=Purpose("We study trust."))
    assert tk.consented(study, "research", records=records).data["id"].tolist() == ["02"]


def test_no_message_quotes_cells_of_a_column_that_was_taken_for_the_status():
    mails = [f"person{number}@example.org" for number in range(30)]
    records = pd.DataFrame({"subject": "01", "purpose": "research", "status": mails, "at": "2024-03-04"})
    study = people(["01"], research=Purpose("We study trust."))
    with pytest.raises(DataError) as caught:
        tk.consented(study, "research", records=records)
    assert "example.org" not in str(caught.value)
    assert "25 more unknown statuses" in str(caught.value)


def test_a_legitimate_interest_in_a_frame_is_not_consent():
    records = pd.DataFrame(
        {
            "subject": ["01", "02"],
            "purpose": "research",
            "status": "given",
            "at": "2024-03-04",
            "basis": ["", "legitimate interests"],
        }
    )
    study = people(["01", "02"], research=Purpose("We study trust."))
    with pytest.raises(DataError, match=r"consents that rest on another basis: 1 \(first at rows 1\)"):
        tk.consented(study, "research", records=records)


def test_an_unknown_basis_in_a_frame_is_named_whatever_the_status():
    records = ALL_GAVE.assign(basis=["contsent", "contract", *["consent"] * 10])
    records.loc[1, "status"] = "refused"
    with pytest.raises(DataError, match="no basis contsent; did you mean 'consent'") as refused:
        tk.consented(TWELVE, "research", records=records)
    assert "no basis contract" not in str(refused.value)


def test_nobody_who_agreed_is_told_with_the_version_of_the_wording():
    study = people(["01", "02"], research=Purpose("We study trust.", version="2"))
    records = pd.DataFrame(
        {"subject": ["01", "02"], "purpose": "research", "status": "given", "at": "2024-03-04"}
    )
    with pytest.raises(DataError, match="no respondent has agreed to 'research'") as refused:
        tk.consented(study, "research", records=records.assign(version="3"))
    assert refused.value.got == "2 given for another wording"
    assert refused.value.expected == "consents to version '2' of the wording"
    assert refused.value.do.startswith("check the version")


def test_a_version_read_as_a_number_is_the_version_of_the_codebook():
    records = pd.DataFrame(
        {
            "subject": ["01", "02"],
            "purpose": "research",
            "status": ["given", "refused"],
            "at": "2024-03-04",
            "version": [2, None],
        }
    )
    study = people(["01", "02"], research=Purpose("We study trust.", version="2"))
    assert tk.consented(study, "research", records=records).data["id"].tolist() == ["01"]


def test_a_consent_in_a_frame_that_names_no_purpose_is_refused():
    records = pd.DataFrame(
        {"subject": ["01", "02"], "purpose": ["research", None], "status": "given", "at": "2024-03-04"}
    )
    study = people(["01", "02"], research=Purpose("We study trust."))
    with pytest.raises(DataError, match=r"consents that name no purpose: 1 \(first at rows 1\)"):
        tk.consented(study, "research", records=records)


def test_records_with_two_columns_of_one_name_are_refused_in_words():
    cells = [["01", "research", "given", "refused", "2024-03-04"]]
    records = pd.DataFrame(cells, columns=["subject", "purpose", "status", "status", "at"])
    study = people(["01"], research=Purpose("We study trust."))
    with pytest.raises(DataError, match="two columns share a name"):
        tk.consented(study, "research", records=records)


def test_of_rows_limited_to_two_purposes_both_hold():
    both = pd.concat([ALL_GAVE, ALL_GAVE.assign(purpose="panel").head(7)])
    once = tk.consented(TWELVE, "research", records=both)
    twice = tk.consented(once, "panel", records=both)
    assert twice.codebook.used_for == ("research", "panel")
    assert len(twice.data) == 7
    design = tk.Design(twice)
    assert len(tk.proportion(design, "a").estimate) == 2
    with pytest.raises(DesignError, match="b may not be used for the purpose 'research'"):
        tk.proportion(design, "b")  # allowed for the panel only
    swapped = tk.consented(tk.consented(TWELVE, "panel", records=both), "research", records=both)
    with pytest.raises(DesignError, match="b may not be used for the purpose 'research'"):
        tk.proportion(tk.Design(swapped), "b")


def test_both_purposes_stand_in_a_written_codebook_and_in_the_notes_of_results(tmp_path):
    both = pd.concat([ALL_GAVE, ALL_GAVE.assign(purpose="panel")])
    survey = tk.consented(tk.consented(TWELVE, "research", records=both), "panel", records=both)
    file = tk.write_codebook(survey.codebook, tmp_path / "codebook.yaml")
    assert tk.read_codebook(file).used_for == ("research", "panel")
    shown = repr(tk.proportion(tk.Design(survey), "a"))
    assert "research" in shown
    assert "panel" in shown


def test_a_purpose_that_is_given_twice_is_kept_once():
    once = tk.consented(TWELVE, "research", records=ALL_GAVE)
    assert tk.consented(once, "research", records=ALL_GAVE).codebook.used_for == ("research",)


@pytest.mark.parametrize("until", ["2024-03-03", "2020-01-01"])
def test_a_consent_in_a_frame_that_ends_before_it_was_given_is_refused(until):
    records = pd.DataFrame(
        {"subject": ["01", "02"], "purpose": "research", "status": "given", "at": "2024-03-04"}
    ).assign(until=["2024-03-04", until])
    study = people(["01", "02"], research=Purpose("We study trust."))
    with pytest.raises(DataError, match=r"end before they were given: 1 \(first at rows 1\)"):
        tk.consented(study, "research", records=records)
