"""A figure is recomputed with each exclusion rule left out, and with each alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.claims.sensitivity import exclusion_sensitivity
from trustkit.cleaning.clean import clean
from trustkit.errors import ClaimError, CodebookError, DataError
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

SECONDS = Variable("seconds", "Seconds", "numeric")
ID = Variable("id", "Id", "id")
HASTY = "too fast to have read the questions"
TRUST = Variable("trust", "Trust", "single", codes={1: "Yes", 0: "No"}, missing={9: "refused"})
STEPS = (
    {"step": "drop_duplicates", "key": "id"},
    {"step": "derive", "into": "hasty", "answers": {"yes": {"seconds": {"high": 50}}}, "rest": "no"},
    {"step": "drop_speeders", "duration": "seconds", "share_of_median": 0.5},
    {"step": "set_missing"},
)
FRAME = {
    "id": list("aabcdef"),
    "seconds": [100, 100, 100, 100, 60, 30, 10],
    "trust": [1, 1, 0, 0, 1, 1, 9],
}


def survey(steps=STEPS, frame=FRAME):
    book = Codebook({v.name: v for v in (ID, SECONDS, TRUST)}, cleaning=steps, data="synthetic")
    return Survey(pd.DataFrame(frame), book)


def trusting(design: tk.Design) -> tk.Estimate:
    return tk.proportion(design, "trust", level="Yes")


def test_every_choice_is_the_figure_of_a_survey_cleaned_that_way():
    found = exclusion_sensitivity(survey(), trusting).to_frame()
    assert found["rules"].tolist() == [
        "all rules", "no rule", 'without "repeated interviews"', f'without "{HASTY}"',
        'only "repeated interviews"', f'only "{HASTY}"',
    ]  # fmt: skip
    by_hand = [STEPS, STEPS[1::2], STEPS[1:], (*STEPS[:2], STEPS[3]), (*STEPS[:2], STEPS[3]), STEPS[1:]]
    expected = [trusting(tk.Design(clean(survey(steps)))).to_frame() for steps in by_hand]
    for name in ("estimate", "se", "ci_low", "ci_high", "n"):
        assert found[name].tolist() == [float(frame[name].iloc[0]) for frame in expected]
    assert found["difference"].tolist() == [value - found["estimate"][0] for value in found["estimate"]]


def test_the_numbers_are_those_of_the_respondents_left():
    found = exclusion_sensitivity(survey(), trusting).to_frame()
    assert found["estimate"].tolist() == pytest.approx([2 / 4, 4 / 6, 3 / 5, 3 / 5, 3 / 5, 3 / 5])
    assert found["n"].tolist() == [4, 6, 5, 5, 5, 5]


def test_steps_that_drop_nobody_are_applied_every_time():
    found = exclusion_sensitivity(survey(), lambda d: tk.proportion(d, "hasty", level="yes"))
    assert found.to_frame()["n"].tolist() == [4, 7, 5, 6, 6, 5]


def test_a_rule_that_stands_twice_is_told_apart_by_its_entry():
    rules = [
        {"step": "drop_where", "where": {"seconds": {"high": end}}, "reason": "fast"} for end in (20, 50)
    ]
    names = exclusion_sensitivity(survey(tuple(rules)), trusting).to_frame()["rules"].tolist()
    assert names[2:4] == ['without "fast" (entry 1)', 'without "fast" (entry 2)']


def test_the_result_shows_the_change_in_points_and_that_data_are_synthetic():
    text = repr(exclusion_sensitivity(survey(), trusting)).splitlines()
    assert text[0] == "Proportion: Trust (Yes), by exclusion rules"
    assert text[1].split("  ")[-1].strip() == "change, points"
    rows = [line.rsplit(" ", 1)[1] for line in text[2:] if " to 9" in line]
    assert rows == ["0.0", "+16.7", *["+10.0"] * 4]
    assert "Synthetic data." in text
    assert text[-1] == "Most respondents are the same from row to row, so the changes have no interval."


def test_a_mean_shows_its_change_in_its_own_unit():
    found = exclusion_sensitivity(survey(), lambda d: tk.mean(d, "seconds"))
    line = repr(found).splitlines()[3]
    assert found.difference[1] == pytest.approx(500 / 7 - 90)
    assert line.endswith("-18.6")


def test_choices_do_not_pretend_to_be_independent():
    vcov = exclusion_sensitivity(survey(), trusting).estimate.vcov
    assert np.isfinite(np.diag(vcov)).all()
    assert np.isnan(vcov[0, 1])


def test_the_choices_are_drawn_by_the_figure_for_estimates():
    found = exclusion_sensitivity(survey(), trusting)
    figure = tk.dot_interval(found.estimate, title="Trust by exclusion rules")
    assert figure.table["rules"].tolist() == found.to_frame()["rules"].tolist()
    assert figure.png().startswith(b"\x89PNG")


def test_the_survey_stays_as_it_was_read():
    before = survey()
    exclusion_sensitivity(before, trusting)
    assert before.data.equals(survey().data)
    assert before.log.steps == ()


def test_a_cleaned_survey_is_refused():
    with pytest.raises(DataError, match="was cleaned already") as caught:
        exclusion_sensitivity(clean(survey()), trusting)
    assert caught.value.got == "drop_duplicates, drop_speeders"


def test_a_codebook_without_exclusion_rules_is_refused():
    with pytest.raises(DataError, match="the cleaning list has no exclusion rule"):
        exclusion_sensitivity(survey(({"step": "set_missing"},)), trusting)


def test_a_figure_of_several_numbers_is_refused_naming_the_choice():
    with pytest.raises(DataError, match="the figure must be one number") as caught:
        exclusion_sensitivity(survey(), lambda d: tk.proportion(d, "trust"))
    assert caught.value.got == "2 rows"
    assert caught.value.__notes__ == ["exclusion_sensitivity, all rules"]


def test_faults_of_data_and_list_are_told_before_anything_is_computed():
    with pytest.raises(CodebookError, match="1 error in the cleaning list"):
        exclusion_sensitivity(survey(({"step": "drop_duplicates", "key": "idd"},)), trusting)
    with pytest.raises(DataError, match="compared with the codebook"):
        exclusion_sensitivity(survey(frame={**FRAME, "trust": [7] * 7}), trusting)


# Claims and weights

CLAIM = tk.Claim("trust", "Half say yes", 50, 0, tk.Reading("trust", "Yes"))


def test_a_claim_is_recomputed_under_each_choice():
    by_claim = exclusion_sensitivity(survey(), CLAIM).to_frame()
    assert by_claim.equals(exclusion_sensitivity(survey(), trusting).to_frame())


def test_a_claim_that_cannot_be_checked_is_refused():
    claim = tk.Claim("n", "N", 40, 0, tk.Reading(), unchecked="never published")
    with pytest.raises(ClaimError, match="the claim 'n' can't be checked") as caught:
        exclusion_sensitivity(survey(), claim)
    assert caught.value.got == "never published"


def test_the_sample_is_weighted_anew_under_each_choice():
    sex = Variable("sex", "Sex", "single", codes={1: "m", 2: "f"})
    book = replace(survey().codebook, variables={**survey().codebook.variables, "sex": sex})
    found = Survey(survey().data.assign(sex=[1, 1, 2, 2, 1, 2, 2]), book)
    targets = {"sex": {"m": 0.5, "f": 0.5}}
    rows = exclusion_sensitivity(found, trusting, targets=targets).to_frame()["estimate"]
    raked = exclusion_sensitivity(found, trusting, design=lambda s: tk.rake(tk.Design(s), targets)).to_frame()
    assert rows.tolist() == raked["estimate"].tolist()
    everybody = trusting(tk.rake(tk.Design(replace(found, codebook=replace(book, cleaning=()))), targets))
    assert rows[1] == everybody.estimate[0]
    assert rows[1] != pytest.approx(4 / 6)
