"""The same devices give other opt-in rates by definition; a funnel only narrows."""

from __future__ import annotations

import brute_force
import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.design.design import Design
from trustkit.errors import DataError
from trustkit.estimation.consent_rates import consent_funnel, opt_in_rates
from trustkit.estimation.estimates import proportion
from trustkit.estimation.opt_in_definitions import (
    OptInDefinition,
)
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

STATES = {"A": "allowed", "B": "denied", "C": "not prompted", "D": "restricted", "E": "off"}
# app x shows the prompt, y does not: devices by state
COUNTS = {"x": {"A": 3, "B": 4, "C": 1, "D": 1, "E": 1}, "y": {"A": 2, "B": 1, "C": 4, "D": 0, "E": 3}}


def devices():
    rows = [
        (s, app, int(app == "x"))
        for app, of in COUNTS.items()
        for s, count in of.items()
        for _ in range(count)
    ]
    return pd.DataFrame(rows, columns=["state", "app", "prompts"])


def rates(found):
    return dict(zip(found.keys["definition"], found.estimate, strict=True))


def test_each_definition_is_its_numerator_over_its_denominator():
    assert rates(opt_in_rates(Design(devices()))) == pytest.approx(
        {
            "Flurry, all apps": 5 / 14,
            "Flurry, prompting apps": 3 / 8,
            "Branch, asked": 5 / 14,
            "Branch, all": 5 / 16,
            "AppsFlyer, prompts shown": 5 / 10,
            "Mean over apps": (3 / 7 + 2 / 3) / 2,
        }
    )


def test_n_is_the_devices_that_a_definition_counts():
    assert opt_in_rates(Design(devices())).n.tolist() == [14, 8, 14, 16, 10, 10]


def test_the_covariance_of_the_rates_is_that_of_their_influence():
    frame = devices()
    frame["w"] = np.linspace(0.5, 2.5, len(frame))
    found = opt_in_rates(Design(frame, weights="w"))
    allowed = (frame["state"] == "A").to_numpy(dtype=float)

    def of(states, **rows):
        base = frame["state"].isin(list(states))
        for name, value in rows.items():
            base &= frame[name] == value
        return brute_force.ratio(allowed, np.ones(len(frame)), frame["w"], base)

    parts = [of("ABE"), of("ABE", prompts=1), of("ABE"), of("ABCD"), of("AB")]
    by_app = [of("AB", app=app) for app in "xy"]
    values = [*(value for value, _ in parts), np.mean([value for value, _ in by_app])]
    influence = [*(u for _, u in parts), np.mean([u for _, u in by_app], axis=0)]
    assert np.allclose(found.estimate, values)
    assert np.allclose(found.vcov, brute_force.covariance(np.array(influence).T), rtol=1e-10)


def test_states_of_a_codebook_are_its_letters():
    state = Variable("state", "State", "single", codes=STATES)
    book = Codebook(
        {"state": state, "prompts": Variable("prompts", "P", "single", codes={1: "shows", 0: "not"})}
    )
    frame = devices()
    coded = opt_in_rates(Design(Survey(frame, book)))
    assert rates(coded) == pytest.approx(rates(opt_in_rates(Design(frame))))


def test_prompts_may_be_true_or_false():
    frame = devices()
    found = opt_in_rates(Design(frame.assign(prompts=frame["prompts"] == 1)))
    assert rates(found) == pytest.approx(rates(opt_in_rates(Design(frame))))


def test_a_device_without_a_state_or_an_app_is_in_no_denominator():
    frame = devices()
    more = pd.DataFrame({"state": [None, "A"], "app": ["x", None], "prompts": [1, 1]})
    found = opt_in_rates(Design(pd.concat([frame, more], ignore_index=True)))
    assert rates(found) == pytest.approx(rates(opt_in_rates(Design(frame))))


def test_an_app_in_which_nobody_answered_has_no_rate():
    frame = pd.DataFrame({"state": list("AABCC"), "app": list("xxxzz"), "prompts": 1})
    assert rates(opt_in_rates(Design(frame)))["Mean over apps"] == pytest.approx(2 / 3)


def test_a_definition_of_ones_own_can_be_applied():
    mine = OptInDefinition("Of those on", frozenset("ABCD"), "prompting", "pooled", "allowed of all but off")
    found = opt_in_rates(Design(devices()), definitions=[mine])
    assert rates(found) == {"Of those on": pytest.approx(3 / 9)}


def test_columns_may_have_other_names():
    renamed = devices().rename(columns={"state": "s", "app": "a", "prompts": "p"})
    found = opt_in_rates(Design(renamed), state="s", app="a", prompts="p")
    assert rates(found) == pytest.approx(rates(opt_in_rates(Design(devices()))))


APPLE = {"A": "authorized", "B": "denied", "C": "notDetermined", "D": "restricted"}


@pytest.mark.parametrize("spelled", [str, str.upper, lambda word: word.replace("tD", "t_d"), str.capitalize])
def test_the_platforms_own_words_stand_for_the_states(spelled):
    frame = devices()
    frame = frame[frame["state"] != "E"]
    worded = opt_in_rates(Design(frame.assign(state=[spelled(APPLE[letter]) for letter in frame["state"]])))
    lettered = opt_in_rates(Design(frame))
    assert rates(worded) == pytest.approx(rates(lettered))
    assert any("denied also covers" in note for note in worded.notes)
    assert not any("denied also covers" in note for note in lettered.notes)


NUMBERED = {"A": 3, "B": 2, "C": 0, "D": 1}


@pytest.mark.parametrize("kind", ["int64", "float64", "str", "category"])
def test_the_platforms_numbers_stand_for_the_states_and_a_note_says_so(kind):
    frame = devices()
    frame = frame[frame["state"] != "E"]
    numbers = frame["state"].map(NUMBERED).astype("category" if kind == "category" else kind)
    numbered = opt_in_rates(Design(frame.assign(state=numbers)))
    assert rates(numbered) == pytest.approx(rates(opt_in_rates(Design(frame))))
    assert any("0 is not determined, 1 restricted, 2 denied, 3 authorized" in note for note in numbered.notes)


def test_labels_come_before_numbers_that_code_them():
    frame = devices()
    frame = frame[frame["state"] != "E"]
    codes = {1: "authorized", 2: "denied", 3: "notDetermined", 0: "restricted"}
    places = {"A": 1, "B": 2, "C": 3, "D": 0}
    book = Codebook({"state": Variable("state", "State", "single", codes=codes)})
    coded = Survey(frame.assign(state=frame["state"].map(places)), book)
    assert rates(opt_in_rates(Design(coded))) == pytest.approx(rates(opt_in_rates(Design(frame))))


def test_a_number_that_is_no_state_is_named():
    frame = devices().assign(state=[0, 1, 2, 3, 7] * 4)
    with pytest.raises(DataError, match="unknown states") as caught:
        opt_in_rates(Design(frame))
    assert caught.value.got == "7"


def test_labels_of_a_codebook_may_be_the_platforms_words():
    frame = devices()
    frame = frame[frame["state"] != "E"]
    numbers = {letter: place for place, letter in enumerate(APPLE)}
    codes = {numbers[letter]: word for letter, word in APPLE.items()}
    book = Codebook({"state": Variable("state", "State", "single", codes=codes)})
    coded = Survey(frame.assign(state=frame["state"].map(numbers)), book)
    assert rates(opt_in_rates(Design(coded))) == pytest.approx(rates(opt_in_rates(Design(frame))))


def test_two_words_for_one_state_are_counted_together():
    frame = devices()
    mixed = frame.assign(
        state=["authorized" if n % 2 and s == "A" else s for n, s in enumerate(frame["state"])]
    )
    assert rates(opt_in_rates(Design(mixed))) == pytest.approx(rates(opt_in_rates(Design(frame))))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"state": list("AXBBC") * 4}, "state has unknown states"),
        ({"state": ["C"] * 20}, "no device is in the denominator of 'Flurry, all apps'"),
        ({"prompts": ["often"] * 20}, "the answers of prompts are not numbers"),
    ],
)
def test_devices_that_can_not_be_counted_are_refused(change, message):
    with pytest.raises(DataError, match=message):
        opt_in_rates(Design(devices().assign(**change)))


def test_a_definition_of_ones_own_that_counts_an_unknown_state_is_refused():
    odd = OptInDefinition("Odd", frozenset("ABZ"), "all", "pooled", "odd")
    with pytest.raises(DataError, match="a definition counts unknown states") as caught:
        opt_in_rates(Design(devices()), definitions=[odd])
    assert (caught.value.where, caught.value.got) == ("Odd", "Z")


@pytest.mark.parametrize("column", ["state", "app", "prompts"])
def test_a_missing_column_is_refused(column):
    with pytest.raises(DataError, match=f"no variable '{column}'"):
        opt_in_rates(Design(devices().drop(columns=column)))


def test_an_unknown_state_is_named():
    with pytest.raises(DataError) as caught:
        opt_in_rates(Design(devices().assign(state=list("AXBBY") * 4)))
    assert caught.value.got == "X, Y"
    assert caught.value.expected == (
        "A authorized, B denied, C not determined, D restricted, E requests turned off for all apps; "
        "or Apple's authorized, denied, notDetermined, restricted; "
        "or Apple's 0 not determined, 1 restricted, 2 denied, 3 authorized"
    )


# The funnel


STAGES = {"Was asked": {"asked": "yes"}, "Agreed": {"agreed": "yes"}, "Still in": {"out": ["no", "unsure"]}}
PEOPLE = pd.DataFrame(
    {
        "asked": ["yes", "yes", "yes", "no", "yes", None],
        "agreed": ["yes", "no", "yes", "yes", "yes", "yes"],
        "out": ["no", "no", "yes", "no", "unsure", "no"],
        "sex": list("mmffff"),
        "w": [1.0, 2.0, 3.0, 1.0, 1.0, 2.0],
    }
)


def test_a_stage_is_reached_by_those_who_reached_all_before_it():
    found = consent_funnel(Design(PEOPLE, weights="w"), STAGES).to_frame()
    assert found["stage"].tolist() == list(STAGES)
    assert found["estimate"].tolist() == pytest.approx([7 / 10, 5 / 10, 2 / 10])
    assert found["n"].tolist() == [6, 6, 6]


def test_only_those_who_enter_are_counted():
    found = consent_funnel(Design(PEOPLE, weights="w"), STAGES, where={"sex": "f"})
    assert found.estimate.tolist() == pytest.approx([4 / 7, 4 / 7, 1 / 7])
    assert found.n.tolist() == [4] * 3
    assert found.base == "respondents where sex is f"


def test_the_covariance_of_the_stages_is_that_of_their_influence():
    found = consent_funnel(Design(PEOPLE, weights="w"), STAGES)
    reached = np.array([[1, 1, 1, 0, 1, 0], [1, 0, 1, 0, 1, 0], [1, 0, 0, 0, 1, 0]], dtype=float)
    influence = [brute_force.mean(stage, PEOPLE["w"])[1] for stage in reached]
    assert np.allclose(found.vcov, brute_force.covariance(np.array(influence).T), rtol=1e-10)


def test_conversion_rates_are_the_ratios_of_the_funnels_shares():
    design = Design(PEOPLE, weights="w")
    found, funnel = consent_funnel(design, STAGES, of="stage before"), consent_funnel(design, STAGES)
    assert found.estimate.tolist() == pytest.approx([7 / 10, 5 / 7, 2 / 5])
    assert found.n.tolist() == [6, 4, 3]
    assert found.se[0] == pytest.approx(funnel.se[0])
    for place in (1, 2):
        ratio = tk.delta(funnel, lambda shares, at=place: shares[at] / shares[at - 1])
        assert found.se[place] == pytest.approx(ratio.se[0], rel=1e-6)


def test_conversion_rates_are_shares_of_a_domain():
    design = Design(PEOPLE, weights="w")
    found = consent_funnel(design, STAGES, of="stage before")
    share = proportion(design, "agreed", level="yes", where={"asked": "yes"})
    for name in ("estimate", "se", "df", "n", "ci_low", "ci_high"):
        assert getattr(found, name)[1] == pytest.approx(getattr(share, name)[0]), name


def test_replicates_give_conversion_rates_too():
    frame = pd.concat([PEOPLE] * 8, ignore_index=True)
    plain = consent_funnel(Design(frame, weights="w"), STAGES, of="stage before")
    jackknife = consent_funnel(tk.replicate(Design(frame, weights="w"), "JK1"), STAGES, of="stage before")
    np.testing.assert_allclose(jackknife.se, plain.se, rtol=0.05)


def test_a_stage_after_one_that_nobody_reaches_has_no_conversion_rate():
    nobody = PEOPLE.assign(asked=pd.Categorical(["no"] * 6, ["no", "yes"]))
    found = consent_funnel(Design(nobody), STAGES, of="stage before")
    assert found.estimate[0] == 0
    assert np.isnan(found.estimate[1:]).all()
    assert all(found.reasons[1:])


def test_a_chart_of_a_funnel_is_not_drawn_of_conversion_rates():
    found = consent_funnel(Design(PEOPLE), STAGES, of="stage before")
    with pytest.raises(DataError, match="drawn of those who enter"):
        tk.funnel(found, title="t")


def test_the_first_stage_is_a_proportion_with_its_interval():
    frame = PEOPLE.fillna({"asked": "no"})
    funnel = consent_funnel(Design(frame, weights="w"), STAGES, conf=0.9)
    share = proportion(Design(frame, weights="w"), "asked", level="yes", conf=0.9)
    for name in ("estimate", "se", "ci_low", "ci_high"):
        assert getattr(funnel, name)[0] == pytest.approx(getattr(share, name)[0])


@pytest.mark.parametrize(
    ("stages", "where", "message"),
    [
        ({}, None, "the funnel is empty"),
        (STAGES, {"sex": "q"}, "sex has no answer 'q'"),
        ({"S": {"askd": "yes"}}, None, "no variable 'askd'"),
        ({"S": {"asked": "yep"}}, None, "asked has no answer 'yep'"),
    ],
)
def test_a_funnel_that_can_not_be_made_is_refused(stages, where, message):
    with pytest.raises(DataError, match=message):
        consent_funnel(Design(PEOPLE), stages, where=where)


def test_a_funnel_that_nobody_enters_is_refused():
    design = Design(PEOPLE.assign(w=[1.0] * 2 + [0.0] * 4), weights="w")
    with pytest.raises(DataError, match="the funnel is empty") as caught:
        consent_funnel(design, STAGES, where={"sex": "f"})
    assert caught.value.got == "3 stages, 4 respondents who enter"
