"""Respondents placed in latent classes, and another question's answers by class, where classes are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError

CHANCES = np.array([[0.75, 0.75, 0.7, 0.8], [0.3, 0.25, 0.3, 0.3]])
OTHER = np.array([0.8, 0.3])


def made(n, seed):
    """Return answers of two known classes that are hard to tell apart, and another answer by class."""
    random = np.random.default_rng(seed)
    of = (random.random(n) > 0.7).astype(int)
    yes = random.random((n, 4)) < CHANCES[of]
    frame = pd.DataFrame(np.where(yes, "yes", "no"), columns=list("abcd"))
    frame["other"] = np.where(random.random(n) < OTHER[of], "opts in", "opts out")
    return frame.assign(w=random.uniform(0.5, 2, n), psu=np.arange(n) % 60)


@pytest.fixture(scope="module")
def large():
    design = tk.Design(made(60_000, 1), weights="w")
    return design, tk.latent_classes(design, list("abcd"), 2)


def test_corrected_shares_are_the_true_ones_and_those_by_the_most_likely_class_are_too_close(large):
    design, classes = large
    corrected = tk.class_proportion(classes, "other").estimate[[0, 2]]
    placed = tk.modal_class(design, classes)
    plain = tk.proportion(placed, "other", by="modal_class", level="opts in").estimate
    np.testing.assert_allclose(corrected, OTHER, atol=0.02)
    assert plain[0] - plain[1] < 0.85 * (OTHER[0] - OTHER[1])


def test_without_wrong_placement_the_correction_changes_nothing():
    words = ["yes yes yes no"] * 30 + ["no no no no"] * 20 + ["yes yes yes yes"] * 10
    frame = pd.DataFrame([one.split() for one in words], columns=[*"abc", "other"])
    design = tk.Design(frame)
    classes = tk.latent_classes(design, list("abc"), 2)
    assert classes.error_rate < 1e-9
    corrected = tk.class_proportion(classes, "other")
    plain = tk.proportion(tk.modal_class(design, classes), "other", by="modal_class")
    np.testing.assert_allclose(corrected.estimate, plain.estimate, atol=1e-8)
    np.testing.assert_allclose(corrected.se[:2], plain.se[:2], rtol=1e-6)


def test_standard_errors_are_close_to_the_jackknife_that_finds_the_classes_again():
    design = tk.Design(made(1_500, 2), weights="w", psu="psu")
    linear, repeated = (
        tk.class_proportion(tk.latent_classes(of, list("abcd"), 2), "other")
        for of in (design, tk.replicate(design, "JK1"))
    )
    np.testing.assert_allclose(repeated.estimate, linear.estimate, atol=1e-9)
    np.testing.assert_allclose(repeated.se, linear.se, rtol=0.05)


def test_intervals_cover_the_true_shares_as_often_as_they_say():
    inside = []
    for seed in range(30):
        design = tk.Design(made(1_500, 100 + seed), weights="w")
        classes = tk.latent_classes(design, list("abcd"), 2, starts=4)
        shares = tk.class_proportion(classes, "other")
        inside.append((shares.ci_low[[0, 2]] < OTHER) & (shares.ci_high[[0, 2]] > OTHER))
    assert np.mean(inside) > 0.87  # 60 intervals at 95%: fewer than 53 happen once in 300 times


def test_the_wording_of_the_most_likely_class_says_how_many_are_placed_wrongly(large):
    design, classes = large
    placed = tk.modal_class(design, classes)
    wrong = f"{100 * classes.error_rate:.1f}% placed wrongly"
    assert wrong in placed.codebook["modal_class"].label
    assert wrong in str(tk.proportion(placed, "modal_class"))


def test_a_later_wave_is_placed_by_the_classes_of_the_first(large):
    _, classes = large
    later = tk.Design(made(500, 9).iloc[:, :4])
    placed = tk.modal_class(later, classes).data["modal_class"]
    all_yes = (later.data[list("abcd")] == "yes").all(axis=1)
    assert set(placed[all_yes]) == {"Class 1"}


def test_who_lacks_an_item_has_no_class():
    frame = made(300, 3)
    frame.loc[:9, "b"] = None
    design = tk.Design(frame)
    placed = tk.modal_class(design, tk.latent_classes(design, list("abcd"), 2))
    assert placed.data["modal_class"].isna().sum() == 10


def test_what_only_some_were_asked_is_estimated_for_them_with_the_classes_of_all(large):
    design, _ = large
    part = design.data.iloc[:2_000].assign(group=np.where(np.arange(2_000) % 2, "x", "y"))
    classes = tk.latent_classes(tk.Design(part, weights="w"), list("abcd"), 2)
    some = tk.class_proportion(classes, "other", where={"group": "x"})
    assert (some.n == 1_000).all()
    assert (some.se > tk.class_proportion(classes, "other").se).all()


def test_an_item_an_unknown_answer_and_a_taken_name_are_refused(large):
    design, classes = large
    with pytest.raises(DataError, match="is an item of the classes"):
        tk.class_proportion(classes, "a")
    strange = tk.Design(design.data[list("abcd")].head(50).replace({"a": {"yes": "perhaps"}}))
    with pytest.raises(DataError, match="answers to a are not known to the classes"):
        tk.modal_class(strange, classes)
    placed = tk.modal_class(design, classes)
    with pytest.raises(DataError, match="modal_class"):
        tk.modal_class(placed, classes)


def test_nobody_with_an_answer_is_an_error(large):
    _, classes = large
    with pytest.raises(DataError, match="nobody is in the base"):
        tk.class_proportion(classes, "other", where={"psu": -1})


def test_a_share_outside_0_and_1_is_said():
    words = ["y y y a"] * 30 + ["n n n b"] * 20 + ["y n y a"] * 4 + ["n n y a"] * 3
    frame = pd.DataFrame([one.split() for one in words], columns=["q", "r", "s", "other"])
    shares = tk.class_proportion(tk.latent_classes(tk.Design(frame), ["q", "r", "s"], 2), "other")
    assert shares.estimate.max() > 1
    assert any("below 0 or above 1" in note for note in shares.notes)
