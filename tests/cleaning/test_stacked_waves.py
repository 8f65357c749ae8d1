"""Waves below each other: renamed questions, answers matched by label, and what can't be brought together."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from builders import survey

import trustkit as tk
from trustkit.errors import DataError, DesignError
from trustkit.survey.codebook import Roles
from trustkit.survey.purposes import Purpose
from trustkit.survey.replicate_columns import ReplicateColumns

OLD = tk.Variable("q3", "Trust?", "single", codes={1: "yes", 2: "no"}, missing={9: "don't know"})
NEW = tk.Variable("q5", "Do you trust us?", "single", codes={1: "No", 2: "Yes"}, missing={8: "refused"})
AGE = tk.Variable("age", "Age", "numeric", missing={99: "refused"}, low=18, high=98)
FIRST = survey({"id": [1, 2, 3], "q3": [1, 2, 9], "age": [30, 99, 40]}, OLD, AGE)
SECOND = survey(
    {"id": [1, 2, 4], "q5": [2, 8, 1], "age": [31, 99, 50]},
    NEW,
    tk.Variable("age", "Age", "numeric", low=16, high=110),
)
NAMES = {"trust": {"2019": "q3", "2021": "q5"}}


def test_a_renamed_question_has_one_name_and_answers_matched_by_label():
    found = tk.stack_waves({"2019": FIRST, "2021": SECOND}, names=NAMES)
    assert found.data["trust"].tolist() == ["Yes", "No", "Don't know", "Yes", "Refused", "No"]
    about = found.codebook["trust"]
    assert about.label == "Do you trust us?"
    assert about.labels == ("No", "Yes")
    assert about.reason_of == {"Refused": "refused", "Don't know": "don't know"}
    assert found.check().empty
    assert found.data["wave"].tolist() == ["2019"] * 3 + ["2021"] * 3
    assert "q3" not in found.data


def test_missing_codes_of_numbers_are_missing_in_their_own_wave_only():
    found = tk.stack_waves({"2019": FIRST, "2021": SECOND}, names=NAMES)
    assert found.data["age"].isna().tolist() == [False, True, False, False, False, False]
    assert (found.codebook["age"].low, found.codebook["age"].high) == (16, 110)


def test_a_file_with_a_row_per_person_is_stacked_by_its_columns():
    wide = pd.DataFrame({"id": [1, 2], "t19": ["yes", "no"], "t21": ["no", None]}).astype(
        {"t19": "category", "t21": "category"}
    )
    both = tk.read(wide)
    found = tk.stack_waves({"2019": both, "2021": both}, names={"trust": {"2019": "t19", "2021": "t21"}})
    assert list(found.data) == ["wave", "trust", "id"]
    assert found.data["trust"].tolist()[:3] == ["yes", "no", "no"]
    assert found.data["id"].tolist() == [1, 2, 1, 2]


def test_stacked_waves_go_into_a_change():
    found = tk.stack_waves({"2019": FIRST, "2021": SECOND}, names=NAMES)
    change = tk.change(tk.Design(found), "trust", wave="wave", person="id", level="Yes")
    assert change.estimate.tolist() == [0.0]
    assert "1 respondents are counted in both waves, 1 only in 2019, 1 only in 2021." in change.notes


def test_variables_of_one_wave_only_are_left_out_and_named_in_the_log():
    more = survey(
        {"id": [1], "q5": [1], "age": [20], "app": [1]},
        NEW, AGE, tk.Variable("app", "App?", "single", codes={1: "yes"}),
    )  # fmt: skip
    found = tk.stack_waves({"2019": FIRST, "2021": more}, names=NAMES)
    assert "app" not in found.data
    assert "2021: app" in found.log.steps[0].reason


def test_the_columns_of_the_design_keep_their_roles_under_the_new_name():
    waves = {}
    for name in ("w19", "w21"):
        book = tk.Codebook({name: tk.Variable(name, "Weight", "weight")}, design=Roles(name))
        waves[name[1:]] = tk.Survey(pd.DataFrame({"id": [1, 2], name: [1.0, 2.0]}), book)
    found = tk.stack_waves(waves, names={"w": {"19": "w19", "21": "w21"}})
    assert found.codebook.design.weights == "w"
    assert found.codebook["w"].kind == "weight"
    with pytest.raises(DataError, match="the waves name different columns as weights"):
        tk.stack_waves(waves)


def renamed(variable, **changes):
    return tk.Variable(**{**vars(OLD), "name": variable, **changes})


REFUSED = {
    "another answer": (
        renamed("q5", codes={1: "yes", 2: "no", 3: "maybe"}),
        "only the wave '2021' has 'maybe'",
    ),
    "a lost answer": (renamed("q5", codes={1: "yes"}), "only the wave '2019' has 'no'"),
    "another kind": (renamed("q5", kind="ordinal"), "single in 2019, ordinal in 2021"),
    "another reason": (
        renamed("q5", missing={9: "refused"}, missing_words={9: "Don't know"}),
        "means don't know in '2019', and refused",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_questions_that_can_not_be_brought_together_are_refused(case):
    variable, words = REFUSED[case]
    later = survey({"id": [1], "q5": [1]}, variable)
    with pytest.raises(DataError, match=words):
        tk.stack_waves({"2019": FIRST, "2021": later}, names=NAMES)


def test_ordinal_answers_in_another_order_are_refused():
    waves = [
        survey({"q": [1, 3]}, tk.Variable("q", "How far?", "ordinal", codes=codes))
        for codes in ({1: "low", 2: "middle", 3: "high"}, {1: "middle", 2: "low", 3: "high"})
    ]
    with pytest.raises(DataError, match="different orders"):
        tk.stack_waves({"a": waves[0], "b": waves[1]})


def test_a_scale_that_was_turned_around_is_matched_by_label_with_the_latest_scores():
    waves = {
        name: survey({"q": [1, 3]}, tk.Variable("q", "How far?", "ordinal", codes=codes))
        for name, codes in (
            ("a", {1: "high", 2: "middle", 3: "low"}),
            ("b", {1: "Low", 2: "Middle", 3: "High"}),
        )
    }
    found = tk.stack_waves(waves)
    assert found.data["q"].tolist() == ["High", "Low", "Low", "High"]
    assert tk.mean(tk.Design(found), "q", where={"wave": "a"}).estimate.tolist() == [2.0]
    assert found.data["q"].cat.ordered


def test_all_errors_are_listed_at_once():
    with pytest.raises(DataError) as refused:
        tk.stack_waves(
            {"2019": FIRST, "2021": SECOND}, names={"trust": {"2019": "q3", "2021": "q6"}, "x": {"2018": "a"}}
        )
    assert "the wave '2021' has no column 'q6'" in str(refused.value)
    assert "there is no wave '2018'" in str(refused.value)
    assert len(refused.value.faults) >= 3


def test_one_survey_is_no_waves():
    with pytest.raises(DataError, match="at least two surveys"):
        tk.stack_waves({"2019": FIRST})


@pytest.mark.parametrize("described", ["2019", "2021"])
def test_a_column_that_one_wave_does_not_describe_is_refused(described):
    waves = {wave: survey({"q3": [1, 2]}, *([OLD] if wave == described else [])) for wave in ("2019", "2021")}
    with pytest.raises(DataError, match=f"single in {described}"):
        tk.stack_waves(waves)


@pytest.mark.parametrize("wave", ["2019", "2021"])
def test_what_one_wave_marks_as_unsure_or_identifying_is_so_in_all(wave):
    marked = renamed("q3", unsure=True, review="the order was guessed", identifier="quasi")
    waves = {of: survey({"q3": [1, 2]}, marked if of == wave else OLD) for of in ("2019", "2021")}
    about = tk.stack_waves(waves).codebook["q3"]
    assert (about.unsure, about.review, about.identifier) == (True, "the order was guessed", "quasi")


@pytest.mark.parametrize("other", [{"reverse": False}, {"high": 7}])
def test_a_reversed_number_of_another_direction_or_range_is_refused(other):
    first = {"reverse": True, "low": 0, "high": 10}
    waves = {
        wave: survey({"n": [1.0, 2.0]}, tk.Variable("n", "How far?", "numeric", **about))
        for wave, about in (("2019", first), ("2021", first | other))
    }
    with pytest.raises(DataError, match="another direction or range in one wave: 2019: 0 to 10, reversed"):
        tk.stack_waves(waves)
    assert tk.stack_waves({"2019": waves["2019"], "2021": waves["2019"]}).codebook["n"].reverse


def test_a_question_to_other_respondents_in_one_wave_is_refused():
    uses = tk.Variable("uses", "Uses?", "single", codes={1: "yes", 2: "no"})
    waves = {
        wave: survey({"uses": [1, 2], "q3": [1, None]}, uses, renamed("q3", asked=asked))
        for wave, asked in (("2019", {}), ("2021", {"uses": ("yes",)}), ("2023", {"uses": ("Yes",)}))
    }
    with pytest.raises(DataError, match="different respondents: 2019: everyone; 2021: uses is yes"):
        tk.stack_waves({wave: waves[wave] for wave in ("2019", "2021")})
    found = tk.stack_waves({wave: waves[wave] for wave in ("2021", "2023")})
    assert found.codebook["q3"].asked == {"uses": ("Yes",)}


def test_who_was_asked_is_compared_by_the_joint_names():
    waves = {
        wave: survey(
            {old: [1, 2], "q3": [1, None]},
            tk.Variable(old, "Uses?", "single", codes={1: "yes", 2: "no"}),
            renamed("q3", asked={old: ("yes",)}),
        )
        for wave, old in (("2019", "u19"), ("2021", "u21"))
    }
    found = tk.stack_waves(waves, names={"uses": {"2019": "u19", "2021": "u21"}})
    assert found.codebook["q3"].asked == {"uses": ("yes",)}
    with pytest.raises(DataError, match="different respondents: 2019: u19 is yes; 2021: u21 is yes"):
        tk.stack_waves(waves)


def test_codes_that_no_codebook_lists_are_refused_and_do_not_become_missing():
    stray = survey({"id": [1, 2], "q5": [2, 7]}, NEW)
    with pytest.raises(DataError, match="the wave '2021' has codes that are not in its codebook: 7"):
        tk.stack_waves({"2019": FIRST, "2021": stray}, names=NAMES)


def with_replicates(weights, **described):
    roles = Roles("w", replicates=ReplicateColumns(("r1", "r2"), **described))
    frame = pd.DataFrame({"id": [1, 2], "w": [1.0, 1.0], "r1": weights, "r2": weights[::-1], "x": [3, 5]})
    kinds = {name: tk.Variable(name, name, "weight") for name in ("w", "r1", "r2")}
    return tk.Survey(frame, tk.Codebook(kinds, design=roles))


def test_replicate_weights_keep_their_role_and_give_the_standard_errors_of_each_wave():
    wave = with_replicates([2.0, 0.0], kind="JK1")
    found = tk.Design(tk.stack_waves({"2019": wave, "2021": wave}))
    assert found.replicates is not None
    of_waves = tk.mean(found, "x", by="wave")
    assert of_waves.se.tolist() == pytest.approx([tk.mean(tk.Design(wave), "x").se[0]] * 2)


def test_replicate_weights_that_were_made_differently_are_refused():
    waves = {"2019": with_replicates([2.0, 0.0], kind="JK1"), "2021": with_replicates([2.0, 0.0], kind="BRR")}
    with pytest.raises(DataError, match="were made differently"):
        tk.stack_waves(waves)


def limited(purpose, permission=("research",)):
    about = tk.Variable("q3", "Trust?", "single", codes={1: "yes", 2: "no"}, permission=permission)
    wave = survey({"id": [1, 2], "q3": [1, 2]}, about)
    return replace(wave, codebook=replace(wave.codebook, used_for=(purpose,) if purpose else ()))


def test_waves_of_those_who_agreed_to_one_purpose_stay_limited_to_it():
    found = tk.stack_waves({"2019": limited("research"), "2021": limited("research", ("panel",))})
    assert found.codebook.used_for == ("research",)
    assert found.codebook["q3"].permission == ()
    with pytest.raises(DesignError, match="research"):
        tk.proportion(tk.Design(found), "q3")


def test_waves_limited_to_different_purposes_are_refused():
    with pytest.raises(DataError, match="different purposes: 2019: research, 2021: panel"):
        tk.stack_waves({"2019": limited("research"), "2021": limited("panel")})


@pytest.mark.parametrize("purposes", [("research", ""), ("", "research")])
def test_waves_of_which_only_some_are_limited_are_refused_with_the_way_to_limit_the_others(purposes):
    first, last = purposes
    waves = {"2019": limited(first), "2021": limited(last)}
    free = next(of for of, purpose in zip(waves, purposes, strict=True) if not purpose)
    with pytest.raises(DataError, match=f"only some waves are limited .*, not {free}") as refused:
        tk.stack_waves(waves)
    assert "tk.consented(survey, 'research')" in str(refused.value)


def test_a_limit_of_the_other_wave_or_of_the_stack_lets_waves_be_stacked():
    by_answer = replace(Purpose("We study trust."), record="q3", agreed=("yes",))
    free, gated = limited(""), limited("research")
    free, gated = (
        replace(wave, codebook=replace(wave.codebook, purposes={"research": by_answer}))
        for wave in (free, gated)
    )
    stacked = tk.stack_waves({"2019": tk.consented(free, "research"), "2021": gated})
    assert stacked.codebook.used_for == ("research",)
    assert stacked.data["wave"].value_counts().to_dict() == {"2019": 1, "2021": 2}
    together = tk.consented(tk.stack_waves({"2019": free, "2021": free}), "research")
    assert together.codebook.used_for == ("research",)
    assert together.data["q3"].unique().tolist() == ["yes"]
