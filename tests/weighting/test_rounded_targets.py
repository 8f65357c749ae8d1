"""Targets as printed tables give them are rescaled with a note; larger differences are refused."""

from __future__ import annotations

import pandas as pd
import pytest

from trustkit.design.design import Design
from trustkit.errors import TargetsError
from trustkit.weighting.calibration import calibrate, rake
from trustkit.weighting.rounded_targets import ROUNDING_TOLERANCE
from trustkit.weighting.summary import weight_summary

AGES = {"18-34": 0.3, "35-54": 0.4, "55+": 0.3}
SEXES = {"m": 0.49, "f": 0.51}
PEOPLE = pd.DataFrame({"sex": ["m", "f"] * 50, "age": (["18-34"] * 3 + ["35-54"] * 4 + ["55+"] * 3) * 10})


def shares_of(design, name):
    frame = pd.DataFrame({"level": design.data[name], "w": design.weights})
    return frame.groupby("level")["w"].sum().div(design.weights.sum()).to_dict()


def noted(design):
    return " ".join(weight_summary(design).notes)


def test_counts_that_differ_by_rounding_keep_the_total_of_the_first_margin():
    ages = {"18-34": 3_000_000, "35-54": 4_000_001, "55+": 3_000_000}
    raked = rake(Design(PEOPLE), {"sex": {"m": 4_900_000, "f": 5_100_000}, "age": ages})
    assert raked.weights.sum() == pytest.approx(10_000_000, rel=1e-12)
    assert shares_of(raked, "sex") == pytest.approx(SEXES, rel=1e-8)
    assert "rescaled: age sums to 10,000,001, not to 10,000,000" in noted(raked)
    assert raked.history[-1].notes == (
        "Rounded targets were rescaled: age sums to 10,000,001, not to 10,000,000.",
    )


@pytest.mark.parametrize("unit", [1, 100])
@pytest.mark.parametrize("form", ["dict", "frame", "series", "yaml"])
def test_shares_and_percentages_of_any_form_that_do_not_quite_sum_up_are_rescaled(unit, form, tmp_path):
    sexes = {"m": 0.489 * unit, "f": 0.51 * unit}
    path = tmp_path / "targets.yaml"
    path.write_text(f"margins: {{sex: {{m: {sexes['m']}, f: {sexes['f']}}}}}", encoding="utf-8")
    targets = {
        "dict": {"sex": sexes},
        "frame": pd.DataFrame({"sex": list(sexes), "target": list(sexes.values())}),
        "series": {"sex": pd.Series(sexes)},
        "yaml": path,
    }[form]
    raked = rake(Design(PEOPLE), targets)
    assert raked.weights.sum() == pytest.approx(100, rel=1e-12)
    assert shares_of(raked, "sex") == pytest.approx({"m": 489 / 999, "f": 510 / 999}, rel=1e-12)
    assert f"sex sums to {0.999 * unit:g}, not to {unit}" in noted(raked)
    assert ("read as percentages" in noted(raked)) == (unit == 100)


def test_counts_of_fewer_people_than_respondents_are_noted_as_they_may_be_incomplete_percentages():
    design = Design(pd.DataFrame({"sex": ["m", "f"] * 100}))
    (step,) = rake(design, {"sex": {"m": 40, "f": 50}}).history
    words = "Targets of sex were read as counts: the weights now sum to 90, and there are 200 respondents."
    assert words in step.notes
    (step,) = rake(design, {"sex": {"m": 400, "f": 500}}).history
    assert step.notes == ()
    millions = Design(pd.DataFrame({"sex": ["m", "f"] * 100, "w": [0.45] * 200}), weights="w")
    (step,) = rake(millions, {"sex": {"m": 40, "f": 50}}).history
    assert step.notes == ()


def test_shares_that_sum_to_one_have_no_note():
    assert rake(Design(PEOPLE), {"sex": SEXES, "age": AGES}).history[-1].notes == ()


def test_percentages_may_stand_beside_shares():
    raked = rake(Design(PEOPLE), {"sex": {"m": 49, "f": 51}, "age": AGES})
    assert shares_of(raked, "sex") == pytest.approx(SEXES, rel=1e-8)
    assert raked.weights.sum() == pytest.approx(100, rel=1e-12)


@pytest.mark.parametrize("weight", [rake, calibrate])
@pytest.mark.parametrize(
    ("targets", "message", "do"),
    [
        ({"age": {"18-34": 0.33, "35-54": 0.33, "55+": 0.33}}, "age: the shares sum to 0.99", "by 0.99"),
        ({"age": {"18-34": 0.33, "35-54": 0.34, "55+": 0.34}}, "age: the shares sum to 1.01", "by 1.01"),
        (
            {"sex": {"m": 490, "f": 510}, "age": {"18-34": 303, "35-54": 404, "55+": 303}},
            "totals disagree between margins: sex 1,000, age 1,010",
            "give all as shares",
        ),
    ],
)
def test_larger_differences_are_refused_with_a_way_out_and_never_as_missing_convergence(
    weight, targets, message, do
):
    with pytest.raises(TargetsError, match="1 error in the targets") as caught:
        weight(Design(PEOPLE), targets)
    assert message in str(caught.value)
    assert do in caught.value.faults[0].do
    assert f"{ROUNDING_TOLERANCE:.1%}" in str(caught.value)
    assert "converge" not in str(caught.value)


def test_a_margin_of_shares_may_be_off_by_the_tolerance_and_by_no_more():
    off = ROUNDING_TOLERANCE
    rake(Design(PEOPLE), {"sex": {"m": 0.5, "f": 0.5 - 0.99 * off}})
    with pytest.raises(TargetsError, match="the shares sum to"):
        rake(Design(PEOPLE), {"sex": {"m": 0.5, "f": 0.5 - 1.01 * off}})


JOINT = {
    ("18-34", "m"): 15.1, ("18-34", "f"): 15.0, ("35-54", "m"): 19.9,
    ("35-54", "f"): 20.0, ("55+", "m"): 14.0, ("55+", "f"): 16.0,
}  # fmt: skip


def test_a_joint_margin_follows_the_margins_that_it_repeats_if_they_differ_by_rounding():
    raked = rake(Design(PEOPLE), {"age x sex": JOINT, "age": AGES, "sex": SEXES})
    assert shares_of(raked, "age") == pytest.approx(AGES, rel=1e-7)
    assert shares_of(raked, "sex") == pytest.approx(SEXES, rel=1e-7)
    assert "age x sex was fitted to age and sex" in noted(raked)


def test_a_joint_margin_that_contradicts_a_margin_is_refused_by_both_names_and_the_level():
    ages = {"18-34": 0.25, "35-54": 0.45, "55+": 0.3}
    with pytest.raises(TargetsError) as caught:
        rake(Design(PEOPLE), {"age x sex": JOINT, "age": ages})
    (fault,) = caught.value.faults
    assert fault.where == "age x sex"
    assert "18-34" in fault.what
    assert "30.10%" in fault.what
    assert "age gives it 25.00%" in fault.what
    assert fault.do == "take both from one table, or leave one of them out"


def test_a_level_that_the_joint_margin_gives_nothing_and_another_margin_something_is_refused():
    joint = {level: 0.0 if level[0] == "55+" else share for level, share in JOINT.items()}
    joint[("35-54", "f")] = 50.0
    with pytest.raises(TargetsError, match=r"gives '55\+' 0.00% of the total, but age gives it 30.00%"):
        rake(Design(PEOPLE), {"age x sex": joint, "age": AGES})


def test_people_with_a_target_of_zero_are_counted_in_a_note():
    raked = rake(Design(PEOPLE), {"age": {"18-34": 0.4, "35-54": 0.6, "55+": 0}, "sex": SEXES})
    assert (raked.weights[PEOPLE["age"] == "55+"] == 0).all()
    assert "the 30 respondents of age: '55+' got weight 0, as their target is 0" in noted(raked)


def test_a_level_whose_people_all_have_a_target_of_zero_elsewhere_is_refused_by_name():
    people = pd.DataFrame({"sex": list("mmff"), "age": ["old", "old", "young", "young"]})
    with pytest.raises(TargetsError, match="all respondents of the level 'old' are in levels") as caught:
        rake(Design(people), {"sex": {"m": 0, "f": 1}, "age": {"old": 0.5, "young": 0.5}})
    assert "converge" not in str(caught.value)


def test_margins_by_a_variable_are_rescaled_in_each_level_with_one_note_each():
    people = pd.concat([PEOPLE.assign(country=name) for name in ("de", "fr")], ignore_index=True)
    schemes = {"de": {"sex": {"m": 48.9, "f": 51.0}}, "fr": {"sex": SEXES}}
    raked = rake(Design(people), schemes, by="country")
    assert "de, sex sums to 99.9, not to 100" in noted(raked)
    assert "fr, sex" not in noted(raked)
