"""Latent classes against R and stepmix, integer weights, the jackknife, and classes that are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, FitError
from trustkit.scales.class_mixture import Classes, Patterns, matched

FOLDER = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((FOLDER / "latent_classes" / "output.json").read_text(encoding="utf-8"))
FROM_STEPMIX = json.loads((FOLDER / "latent_classes" / "peer.json").read_text(encoding="utf-8"))
ITEMS = [f"A{number}" for number in range(1, 6)]
CHANCES = np.array([[0.9, 0.85, 0.8, 0.9], [0.2, 0.15, 0.25, 0.1]])


@pytest.fixture(scope="module")
def answers():
    frame = pd.read_csv(FOLDER / "scales" / "answers.csv")
    for name in ITEMS:
        frame[name] = pd.Categorical.from_codes((frame[name] + 1) // 2 - 1, ["low", "middle", "high"])
    return frame


@pytest.fixture(scope="module")
def found(answers):
    return tk.latent_classes(tk.Design(answers, weights="w"), ITEMS, 3)


def made(n, seed=1, share=0.7, items="abcd", chances=CHANCES):
    """Return answers of two known classes, and the class of each respondent."""
    random = np.random.default_rng(seed)
    of = (random.random(n) > share).astype(int)
    yes = random.random((n, len(items))) < chances[of]
    return pd.DataFrame(np.where(yes, "yes", "no"), columns=list(items)), of


def on(answers, name):
    roles = {"plain": {}, "weighted": {"weights": "w"}}
    clustered = {"weights": "w", "strata": "gender", "psu": "psu"}
    return tk.Design(answers, **roles.get(name, clustered))


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("name", ["plain", "weighted", "clustered"])
def test_sizes_shares_and_standard_errors_are_those_of_r(answers, name, count):
    ours, theirs = tk.latent_classes(on(answers, name), ITEMS, count), FROM_R[f"{name}{count}"]
    estimate, se = (
        np.concatenate([getattr(part, field) for part in (ours.sizes, ours.profile)])
        for field in ("estimate", "se")
    )
    np.testing.assert_allclose(estimate, theirs["estimate"], atol=1e-9)  # R's EM stops at a step of 1e-14
    np.testing.assert_allclose(se, theirs["se"], rtol=1e-6)  # R's derivatives are numerical
    assert ours.log_likelihood / ours.n_eff == pytest.approx(theirs["loglik"] / theirs["weights"], rel=1e-12)
    assert ours.sizes.vcov[0, 1] == pytest.approx(theirs["first_covariance"], rel=1e-6)


@pytest.mark.parametrize("count", [2, 3])
def test_weighted_sizes_and_shares_are_those_of_stepmix(answers, count):
    ours, theirs = tk.latent_classes(on(answers, "weighted"), ITEMS, count), FROM_STEPMIX[f"weighted{count}"]
    np.testing.assert_allclose(ours.sizes.estimate, theirs["sizes"], atol=2e-6)  # stepmix stops earlier
    np.testing.assert_allclose(ours.profile.estimate, np.ravel(theirs["shares"]), atol=2e-6)
    assert ours.log_likelihood / ours.n_eff == pytest.approx(theirs["mean_loglik"], rel=1e-10)


def test_the_bic_of_stepmix_is_of_other_respondents_than_its_weighted_classes():
    rows = pd.read_csv(FOLDER / "scales" / "answers.csv")
    halves = pd.DataFrame(np.where(rows[ITEMS] > 4, "above", "below"), columns=ITEMS).assign(w=rows["w"])
    ours, theirs = tk.latent_classes(tk.Design(halves, weights="w"), ITEMS, 2), FROM_STEPMIX["halves"]
    repeated = FROM_STEPMIX["repeated"]
    np.testing.assert_allclose(ours.sizes.estimate, theirs["sizes"], atol=2e-6)
    np.testing.assert_allclose(ours.sizes.estimate, repeated["sizes"], atol=2e-6)
    mean = ours.log_likelihood / ours.n_eff
    assert mean == pytest.approx(theirs["mean_loglik"], rel=1e-10)
    of_all_rows = ours.parameters * np.log(ours.n) - 2 * ours.n * mean
    assert theirs["bic_without_weights"] - of_all_rows > 10


def test_the_bic_takes_the_weights_and_the_effective_n_where_that_of_stepmix_takes_neither(found):
    expected = found.parameters * np.log(found.n_eff) - 2 * found.log_likelihood
    assert found.bic == pytest.approx(expected, rel=1e-12)
    assert found.n_eff < 0.95 * found.n
    assert abs(found.bic - FROM_STEPMIX["weighted3"]["bic_without_weights"]) > 1_000


@pytest.mark.parametrize("name", ["weighted", "clustered"])
def test_effective_parameters_of_one_class_are_the_design_effects_of_its_answers(answers, name):
    design = on(answers, name)
    one, expected = tk.latent_classes(design, ITEMS, 1), 0.0
    for item in ITEMS:
        shares = tk.proportion(design, item)
        p, vcov = shares.estimate[:-1], shares.vcov[:-1, :-1]
        expected += np.trace(np.linalg.solve((np.diag(p) - np.outer(p, p)) / one.n, vcov))
    assert one.effective_parameters == pytest.approx(expected, rel=1e-8)
    unscaled = one.log_likelihood * one.n / one.n_eff
    assert one.aic == pytest.approx(2 * expected - 2 * unscaled, rel=1e-10)


def test_without_weights_or_clusters_a_parameter_of_true_classes_counts_once():
    frame, _ = made(4_000, seed=11)
    found = tk.latent_classes(tk.Design(frame), list("abcd"), 2)
    assert found.effective_parameters == pytest.approx(found.parameters, rel=0.05)
    jackknife = tk.latent_classes(
        tk.replicate(tk.Design(frame, psu=frame.index // 40), "JK1"), list("abcd"), 2
    )
    assert jackknife.effective_parameters == pytest.approx(found.parameters, rel=0.25)


def test_where_psus_differ_in_their_classes_only_the_sizes_have_design_effects():
    random = np.random.default_rng(1)
    psu = np.arange(3_000) // 30
    chance = 1 / (1 + np.exp(-random.normal(size=100)[psu]))
    yes = random.random((3_000, 4)) < CHANCES[(random.random(3_000) < chance).astype(int)]
    frame = pd.DataFrame(np.where(yes, "yes", "no"), columns=list("abcd")).assign(psu=psu)
    found = tk.latent_classes(tk.Design(frame, psu="psu"), list("abcd"), 2)
    assert found.effective_parameters < 0.7 * found.parameters * found.n / found.n_eff
    size = found.sizes.estimate[0]
    deff = found.sizes.se[0] ** 2 / (size * (1 - size) / found.n)
    assert found.effective_parameters == pytest.approx(found.parameters - 1 + deff, rel=0.2)


def test_integer_weights_give_the_classes_of_repeated_rows():
    frame, _ = made(400)
    frame["w"] = 1 + np.arange(400) % 3
    repeated = frame.loc[frame.index.repeat(frame["w"])].reset_index(drop=True)
    weighted = tk.latent_classes(tk.Design(frame, weights="w"), list("abcd"), 2)
    long = tk.latent_classes(tk.Design(repeated), list("abcd"), 2)
    np.testing.assert_allclose(weighted.profile.estimate, long.profile.estimate, atol=1e-10)
    np.testing.assert_allclose(weighted.sizes.estimate, long.sizes.estimate, atol=1e-10)


def test_the_scale_of_the_weights_does_not_matter(answers, found):
    tenfold = tk.latent_classes(tk.Design(answers.assign(w=10 * answers["w"]), weights="w"), ITEMS, 3)
    np.testing.assert_allclose(tenfold.profile.se, found.profile.se, rtol=1e-8)
    assert tenfold.bic == pytest.approx(found.bic, rel=1e-10)


def test_linearised_standard_errors_are_close_to_those_of_the_jackknife(answers):
    linear = tk.latent_classes(on(answers, "clustered"), ITEMS, 3)
    repeated = tk.latent_classes(tk.replicate(on(answers, "clustered"), "JKn"), ITEMS, 3)
    np.testing.assert_allclose(repeated.profile.estimate, linear.profile.estimate, atol=1e-9)
    apart = np.abs(repeated.profile.se / linear.profile.se - 1)
    assert np.median(apart) < 0.02
    assert apart.max() < 0.06  # in the smallest class, of a tenth of the respondents
    np.testing.assert_allclose(repeated.sizes.se, linear.sizes.se, rtol=0.05)


def test_after_raking_standard_errors_are_close_to_a_jackknife_that_rakes_again():
    frame, of = made(1_200, share=0.6)
    group = np.where(np.random.default_rng(3).random(1_200) < np.where(of, 0.7, 0.3), "x", "y")
    base = tk.Design(frame.assign(group=group, psu=np.arange(1_200) % 60), psu="psu")
    targets = {"group": {"x": 0.5, "y": 0.5}}
    linear = tk.latent_classes(tk.rake(base, targets), list("abcd"), 2)
    repeated = tk.latent_classes(tk.rake(tk.replicate(base, "JK1"), targets), list("abcd"), 2)
    np.testing.assert_allclose(repeated.sizes.se, linear.sizes.se, rtol=0.03)
    np.testing.assert_allclose(repeated.profile.se, linear.profile.se, rtol=0.03)


def test_classes_are_ordered_by_size_and_repeat_whatever_the_seed(answers, found):
    assert (np.diff(found.sizes.estimate) < 0).all()
    other = tk.latent_classes(tk.Design(answers, weights="w"), ITEMS, 3, seed=7)
    np.testing.assert_allclose(other.profile.estimate, found.profile.estimate, atol=1e-9)


def test_switched_labels_are_switched_back():
    shares = np.array([[0.9, 0.2], [0.1, 0.8]])
    target = Classes(np.array([0.6, 0.4]), shares)
    switched = Classes(np.array([0.41, 0.59]), shares[:, ::-1] + np.array([[0.01], [-0.01]]))
    np.testing.assert_allclose(matched(switched, target).sizes, [0.59, 0.41])


def test_one_class_has_the_shares_of_everybody(answers):
    design = on(answers, "clustered")
    one = tk.latent_classes(design, ITEMS, 1)
    everybody = tk.proportion(design, "A2")
    np.testing.assert_allclose(one.profile.estimate[3:6], everybody.estimate, rtol=1e-12)
    np.testing.assert_allclose(one.profile.se[3:6], everybody.se, rtol=1e-9)
    assert np.isnan(one.entropy)


def test_the_bic_finds_the_number_of_known_classes():
    frame, _ = made(800)
    bic = [tk.latent_classes(tk.Design(frame), list("abcd"), count).bic for count in (1, 2)]
    wide, _ = made(800, items="abcdef", chances=np.hstack([CHANCES, CHANCES[:, :2]]))
    three = [tk.latent_classes(tk.Design(wide), list("abcdef"), count).bic for count in (2, 3)]
    assert bic[1] < bic[0]
    assert three[0] < three[1]


def test_the_error_rate_and_the_classification_are_those_of_known_classes():
    frame, of = made(20_000)
    design = tk.Design(frame)
    classes = tk.latent_classes(design, list("abcd"), 2)
    placed = tk.modal_class(design, classes).data["modal_class"]
    wrong = (placed.cat.codes.to_numpy() != of).mean()
    assert classes.error_rate == pytest.approx(wrong, abs=0.005)
    table = pd.crosstab(of, placed, normalize="index").to_numpy()
    np.testing.assert_allclose(classes.classification, table, atol=0.02)


def test_a_share_at_its_limit_has_no_standard_error_and_says_so():
    frame, of = made(600)
    frame["e"] = np.where((of == 0) & (np.arange(600) % 3 > 0), "yes", "no")
    classes = tk.latent_classes(tk.Design(frame), list("abcde"), 2)
    limit = (classes.profile.estimate == 0) | (classes.profile.estimate == 1)
    assert limit.sum() == 2
    assert np.isnan(classes.profile.se[limit]).all()
    assert not np.isnan(classes.profile.se[~limit]).any()
    assert "at its limit of 0 or 1" in " ".join(classes.profile.remarks)


def test_who_lacks_an_answer_is_left_out_and_counted(answers):
    holes = answers.copy()
    holes.loc[holes.index[:100], "A3"] = None
    classes = tk.latent_classes(tk.Design(holes), ITEMS, 2)
    assert classes.n == len(answers) - 100
    assert any("100 respondents have no answer to at least one item" in note for note in classes.notes)
    women = tk.latent_classes(tk.Design(answers), ITEMS, 2, where={"gender": 2})
    assert women.n == int((answers["gender"] == 2).sum())


def test_an_unreviewed_guess_about_a_condition_is_said():
    frame, of = made(300)
    words = {"yes": "yes", "no": "no"}
    book = {name: tk.Variable(name, name, "single", codes=words) for name in "abcd"}
    kind = tk.Variable("kind", "Kind", "single", codes={0: "x", 1: "y"}, unsure=True, review="guess")
    design = tk.Design(tk.Survey(frame.assign(kind=of), tk.Codebook({**book, "kind": kind})))
    assert tk.latent_classes(design, list("abc"), 1).caveats.guesses == ()
    some = tk.latent_classes(design, list("abc"), 1, where={"kind": "x"})
    assert some.caveats.guesses == ("Kind",)


def test_all_ways_of_summing_rows_give_the_same_covariance(answers, monkeypatch):
    from trustkit.scales import answer_patterns

    design = on(answers, "clustered")
    by_cells = tk.latent_classes(design, ITEMS, 2)
    monkeypatch.setattr(answer_patterns, "MOST_SUMS", 10)
    by_rows = tk.latent_classes(design, ITEMS, 2)
    np.testing.assert_allclose(by_rows.profile.vcov, by_cells.profile.vcov, rtol=1e-9, atol=1e-14)


def test_with_many_patterns_the_starts_are_tried_on_some_respondents(answers, found, monkeypatch):
    from trustkit.scales import class_search

    monkeypatch.setattr(class_search, "MANY", 10)
    some = tk.latent_classes(tk.Design(answers, weights="w"), ITEMS, 3)
    np.testing.assert_allclose(some.profile.estimate, found.profile.estimate, atol=1e-9)


def test_the_derivatives_are_those_of_the_likelihood():
    random = np.random.default_rng(3)
    patterns = Patterns(np.array([[0, 0, 1], [1, 2, 0], [1, 1, 1], [0, 2, 0]]), np.array([2, 3, 2]))
    weights = random.uniform(1, 2, 4)
    classes = Classes(np.array([0.6, 0.4]), np.array([[0.3, 0.7, 0.2, 0.5, 0.3, 0.6, 0.4]] * 2).T)
    classes = Classes(classes.sizes, classes.shares * np.array([1.0, 1.0]))
    step = 1e-5

    def moved(odds):
        sizes = classes.sizes * np.exp(odds[:2])
        shares = classes.shares.T * np.exp(odds[2:].reshape(2, 7))
        parts = [part / part.sum(axis=1, keepdims=True) for part in np.split(shares, [2, 5], axis=1)]
        return Classes(sizes / sizes.sum(), np.hstack(parts).T)

    def loglik(odds):
        return patterns.loglik(moved(odds), weights)

    score, information = patterns._derivatives(classes, weights)
    every = np.eye(16) * step
    numeric = [(loglik(one) - loglik(-one)) / (2 * step) for one in every]
    np.testing.assert_allclose(score, numeric, atol=1e-8)
    second = [
        [
            -(loglik(a + b) - loglik(a - b) - loglik(b - a) + loglik(-a - b)) / (4 * step**2)
            for b in every
        ]
        for a in every
    ]  # fmt: skip
    np.testing.assert_allclose(information, second, atol=1e-4)


def test_what_is_shown_names_sizes_profile_and_how_they_were_found(found):
    shown = str(found)
    for words in (
        "Class 1 (", "Base: answers to all 5 items. n = 2,709", "expected to be in a wrong one", "BIC",
        "6 of 6 starts", "are no test",
    ):  # fmt: skip
        assert words in shown
    frame = found.to_frame()
    assert len(frame) == 3 * 15
    assert set(frame.columns) >= {"class", "variable", "level", "estimate", "se", "class_size"}


def test_each_row_of_the_table_knows_the_respondents_who_gave_its_answer(answers, found):
    everybody, *by_item = found._printed()
    assert everybody.bases.tolist() == [2_709]
    table = found._parts()[1]
    for name, item in zip(ITEMS, by_item, strict=True):
        assert item.counts[0].tolist() == answers[name].value_counts().loc[list(item.answers)].tolist()
        for shown in item.shown:
            row = shown.cells[0][0]
            assert table["answer"].iloc[row] == shown.level
            assert shown.cells == tuple((row, column) for column in (2, 3, 4))


def test_sizes_and_profile_are_drawn_and_written_as_other_estimates_are(found, tmp_path):
    assert "Class 1" in str(tk.dot_interval(found.sizes, title="Size of the classes"))
    assert "Class 3" in str(tk.dot_interval(found.profile, title="Answers by class"))
    tk.write_tables([found], tmp_path / "classes.csv")
    written = pd.read_csv(tmp_path / "classes.csv")
    np.testing.assert_allclose(written["estimate"], found.profile.estimate, rtol=1e-12)
    assert set(written["class_size"].round(9)) == set(found.sizes.estimate.round(9))


@pytest.mark.parametrize(
    ("items", "count", "error", "words"),
    [
        (["a"], 2, DataError, "need several items"),
        (["a", "b"], 2, DataError, "cannot tell so many classes apart"),
        (["a", "b", "c", "d"], 4, DataError, "19 parameters of 4 classes of 4 items"),
        (["a", "b", "c", "d"], 3, FitError, "not identified|do not converge|less than one respondent"),
        (["a", "same", "b"], 2, DataError, "the same answer for everybody"),
        (["a", "number", "b"], 2, DataError, "no labelled answers"),
        (["a", "b", "b"], 2, DataError, "contains an item twice"),
        ("trust", 2, DataError, "no battery 'trust'"),
        (["a", "b", "c"], 0, DataError, "n_classes"),
    ],
)
def test_classes_that_the_answers_cannot_give_are_refused(items, count, error, words):
    frame, _ = made(300)
    frame = frame.assign(same="yes", number=np.arange(300) / 7)
    with pytest.raises(error, match=words):
        tk.latent_classes(tk.Design(frame), items, count)


def test_a_fit_that_does_not_converge_is_an_error_that_says_how_far_it_came(answers, monkeypatch):
    from trustkit.scales import class_mixture

    monkeypatch.setattr(class_mixture, "MOST_STEPS", 1)
    with pytest.raises(FitError, match="do not converge"):
        tk.latent_classes(tk.Design(answers), ITEMS, 3)


def test_a_replicate_that_does_not_converge_is_named(answers, monkeypatch):
    from trustkit.scales import class_mixture

    design = tk.replicate(on(answers, "clustered"), "JKn")
    again = class_mixture.Patterns.fit
    calls = []

    def fails_later(self, weights, start):
        calls.append(1)
        if len(calls) > 12:
            raise FitError("the classes do not converge")
        return again(self, weights, start)

    monkeypatch.setattr(class_mixture.Patterns, "fit", fails_later)
    with pytest.raises(FitError, match="do not converge") as caught:
        tk.latent_classes(design, ITEMS, 2)
    assert "replicate " in caught.value.where


def test_a_maximum_that_one_start_only_reached_is_said(answers, monkeypatch):
    from trustkit.scales import latent_classes

    best = latent_classes.best_classes
    monkeypatch.setattr(latent_classes, "best_classes", lambda *given: (best(*given)[0], 1, 6))
    classes = tk.latent_classes(tk.Design(answers), ITEMS, 2)
    assert any("Only one of the starts" in note for note in classes.notes)
