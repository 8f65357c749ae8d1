"""Latent classes of respondents with missing answers, against R, stepmix, the jackknife and known classes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.scales.class_mixture import Classes, Patterns

FOLDER = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((FOLDER / "latent_classes_missing" / "output.json").read_text(encoding="utf-8"))
FROM_STEPMIX = json.loads((FOLDER / "latent_classes_missing" / "peer.json").read_text(encoding="utf-8"))
ITEMS = [f"A{number}" for number in range(1, 6)]
CHANCES = np.array([[0.9, 0.85, 0.8, 0.9], [0.2, 0.15, 0.25, 0.1]])
ROLES = {"weighted": {"weights": "w"}, "clustered": {"weights": "w", "strata": "gender", "psu": "psu"}}


@pytest.fixture(scope="module")
def answers():
    frame = pd.read_csv(FOLDER / "scales" / "answers.csv")
    codes = (frame[ITEMS].to_numpy() + 1) // 2 - 1
    row, column = np.indices(codes.shape) + 1
    missing = (5 * row + 3 * column) % 11 < 2
    missing[:, 0] |= (codes[:, 4] == 2) & ~missing[:, 4] & (row[:, 0] % 3 == 0)
    for place, name in enumerate(ITEMS):
        own = np.where(missing[:, place], -1, codes[:, place])
        frame[name] = pd.Categorical.from_codes(own, ["low", "middle", "high"])
    return frame


def made(n, seed=1, lost=0.3):
    """Return answers of two known classes, some of them missing by chance."""
    random = np.random.default_rng(seed)
    of = (random.random(n) > 0.7).astype(int)
    yes = random.random((n, 4)) < CHANCES[of]
    frame = pd.DataFrame(np.where(yes, "yes", "no"), columns=list("abcd"))
    return frame.mask(random.random((n, 4)) < lost)


def at_random(design, items, count):
    return tk.latent_classes(design, items, count, missing="at_random")


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", ROLES)
def test_sizes_shares_and_standard_errors_of_answers_given_are_those_of_r(answers, name, count):
    ours, theirs = at_random(tk.Design(answers, **ROLES[name]), ITEMS, count), FROM_R[f"{name}{count}"]
    estimate, se = (
        np.concatenate([getattr(part, field) for part in (ours.sizes, ours.profile)])
        for field in ("estimate", "se")
    )
    np.testing.assert_allclose(estimate, theirs["estimate"], atol=1e-8)  # R's EM stops at a step of 1e-14
    np.testing.assert_allclose(se, theirs["se"], rtol=1e-6)  # R's derivatives are numerical
    assert ours.log_likelihood / ours.n_eff == pytest.approx(theirs["loglik"] / theirs["weights"], rel=1e-12)
    assert ours.sizes.vcov[0, 1] == pytest.approx(theirs["first_covariance"], rel=1e-6)
    assert ours.n == FROM_R["n"]
    assert ours.profile.n.reshape(count, -1)[0, ::3].tolist() == FROM_R["respondents"]


@pytest.mark.parametrize("count", [2, 3])
def test_weighted_sizes_and_shares_are_those_of_stepmix(answers, count):
    ours = at_random(tk.Design(answers, weights="w"), ITEMS, count)
    theirs = FROM_STEPMIX[f"weighted{count}"]
    np.testing.assert_allclose(ours.sizes.estimate, theirs["sizes"], atol=1e-5)  # stepmix stops earlier
    np.testing.assert_allclose(ours.profile.estimate, np.ravel(theirs["shares"]), atol=1e-5)
    assert ours.log_likelihood / ours.n_eff == pytest.approx(theirs["mean_loglik"], rel=1e-9)


def test_without_missing_answers_both_rules_give_the_same():
    design = tk.Design(made(400, lost=0.0))
    one, other = tk.latent_classes(design, list("abcd"), 2), at_random(design, list("abcd"), 2)
    np.testing.assert_array_equal(one.profile.estimate, other.profile.estimate)
    np.testing.assert_array_equal(one.profile.vcov, other.profile.vcov)
    assert (one.n, one.aic, one.notes) == (other.n, other.aic, other.notes)


def test_answers_that_depend_on_other_answers_bias_who_is_complete_and_not_the_likelihood():
    frame = made(40_000, seed=3, lost=0.0)
    random = np.random.default_rng(4)
    frame.loc[(frame["a"] == "yes") & (random.random(len(frame)) < 0.7), ["c", "d"]] = np.nan
    design = tk.Design(frame)
    complete, every = tk.latent_classes(design, list("abcd"), 2), at_random(design, list("abcd"), 2)
    wanted = np.concatenate([[0.7], CHANCES[0]])
    found, wrong = (
        np.concatenate([own.sizes.estimate[:1], own.profile.estimate.reshape(2, 4, 2)[0, :, 1]])
        for own in (every, complete)
    )
    se = np.concatenate([every.sizes.se[:1], every.profile.se.reshape(2, 4, 2)[0, :, 1]])
    assert (np.abs(found - wanted) < 4 * se).all()
    assert abs(wrong[0] - 0.7) > 10 * se[0]


def test_linearised_standard_errors_are_close_to_those_of_the_jackknife():
    frame = made(800, seed=5).assign(psu=np.arange(800) // 8)
    design = tk.Design(frame, psu="psu")
    one = at_random(design, list("abcd"), 2)
    other = at_random(tk.replicate(design, "JK1"), list("abcd"), 2)
    np.testing.assert_allclose(one.sizes.se, other.sizes.se, rtol=0.1)
    np.testing.assert_allclose(one.profile.se, other.profile.se, rtol=0.2)


def test_the_derivatives_are_those_of_the_likelihood_of_the_answers_given():
    random = np.random.default_rng(2)
    kinds = np.unique(random.integers(-1, 3, size=(60, 3)), axis=0)
    kinds = kinds[(kinds >= 0).any(axis=1)]
    patterns, weights = Patterns(kinds, np.array([3, 3, 3])), random.random(len(kinds)) + 0.5
    odds = random.normal(size=2 + 18)

    def classes(logs):
        sizes = np.exp(logs[:2])
        shares = np.exp(logs[2:]).reshape(2, 3, 3)
        return Classes(sizes / sizes.sum(), (shares / shares.sum(axis=2, keepdims=True)).reshape(2, 9).T)

    score, information = patterns._derivatives(classes(odds), weights)
    step = 1e-5 * np.eye(len(odds))
    slope = [
        (patterns.loglik(classes(odds + one), weights) - patterns.loglik(classes(odds - one), weights)) / 2e-5
        for one in step
    ]
    np.testing.assert_allclose(score, slope, atol=1e-6)
    own = patterns._derivatives
    curved = [
        (own(classes(odds - one), weights)[0] - own(classes(odds + one), weights)[0]) / 2e-5 for one in step
    ]
    np.testing.assert_allclose(information, curved, atol=1e-5)


def test_who_gave_no_answer_is_left_out_and_who_gave_some_is_counted_in_words():
    frame = made(300, seed=6)
    frame.loc[:4] = np.nan
    none, some = frame.isna().all(axis=1).sum(), (frame.isna().any(axis=1) & frame.notna().any(axis=1)).sum()
    found = at_random(tk.Design(frame), list("abcd"), 2)
    assert found.n == 300 - none
    assert any(f"Left out: {none} respondents" in note for note in found.notes)
    assert any(f"{some} of {300 - none} respondents" in note for note in found.notes)
    assert "at least one of 4 items" in found.base


def test_everybody_with_an_answer_has_a_class_and_counts_in_other_questions():
    frame = made(600, seed=7)
    frame.loc[:4] = np.nan
    design = tk.Design(frame.assign(other=np.where(np.arange(600) % 3 == 0, "x", "y")))
    found = at_random(design, list("abcd"), 2)
    placed = tk.modal_class(design, found).data["modal_class"]
    assert placed.isna().equals(frame.isna().all(axis=1))
    assert (tk.class_proportion(found, "other").n == found.n).all()


def test_standard_errors_of_other_questions_are_close_to_the_jackknife_that_finds_the_classes_again():
    frame = made(1_200, seed=8)
    random = np.random.default_rng(9)
    frame["other"] = np.where(random.random(1_200) < np.where(frame["a"] == "yes", 0.7, 0.3), "x", "y")
    frame["psu"] = np.arange(1_200) // 12
    design = tk.Design(frame, psu="psu")
    one = tk.class_proportion(at_random(design, list("abcd"), 2), "other")
    other = tk.class_proportion(at_random(tk.replicate(design, "JK1"), list("abcd"), 2), "other")
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-6)
    np.testing.assert_allclose(one.se, other.se, rtol=0.1)


def test_an_item_that_nobody_answered_and_an_unknown_rule_are_refused():
    frame = made(100).assign(d=pd.Categorical([None] * 100, ["yes", "no"]))
    with pytest.raises(DataError, match="same answer") as caught:
        at_random(tk.Design(frame), list("abcd"), 2)
    assert caught.value.where == "d"
    with pytest.raises(DataError, match="missing"):
        tk.latent_classes(tk.Design(frame), list("abc"), 2, missing="drop")
