"""Exploratory factors against R (factanal, psych), and what a parallel analysis and replicates do."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.scales.factors import matched, random_eigenvalues

FOLDER = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((FOLDER / "factors" / "output.json").read_text(encoding="utf-8"))
ITEMS = [f"x{number}" for number in range(1, 10)]


@pytest.fixture(scope="module")
def abilities():
    return pd.read_csv(FOLDER / "factors" / "abilities.csv")


@pytest.fixture(scope="module")
def plain(abilities):
    return tk.factors(tk.Design(abilities), ITEMS, 3)


def test_unique_variances_and_the_test_of_the_number_are_those_of_factanal(plain):
    theirs = FROM_R["factanal"]
    np.testing.assert_allclose(plain.unique, theirs["uniquenesses"], atol=5e-6)  # factanal's tolerance
    assert plain.statistic == pytest.approx(theirs["statistic"], rel=1e-6)
    assert (plain.statistic_df, plain.statistic_p) == (theirs["df"], pytest.approx(theirs["p"], rel=1e-4))


def test_adequacy_and_bartletts_test_are_those_of_psych(plain):
    assert plain.kmo == pytest.approx(FROM_R["kmo"]["overall"], rel=1e-10)
    np.testing.assert_allclose(plain.kmo_items, FROM_R["kmo"]["items"], rtol=1e-10)
    assert plain.bartlett == pytest.approx(FROM_R["bartlett"]["statistic"], rel=1e-10)
    assert plain.bartlett_df == FROM_R["bartlett"]["df"]


def test_without_a_design_the_effective_n_is_n(plain, abilities):
    assert plain.n_eff == pytest.approx(len(abilities), rel=1e-9)
    np.testing.assert_allclose(plain.parallel["eigenvalue"], FROM_R["eigenvalues"], rtol=1e-10)


def test_factors_come_from_the_one_that_explains_most_and_sum_to_a_positive_number(plain):
    assert (np.diff(plain.explained) <= 0).all()
    assert (plain.loadings.sum() > 0).all()
    communal = ((plain.loadings.to_numpy() @ plain.between) * plain.loadings.to_numpy()).sum(axis=1)
    np.testing.assert_allclose(1 - communal, plain.unique, atol=1e-9)


def test_the_parallel_analysis_finds_the_three_abilities_and_repeats(abilities, plain):
    assert plain.suggested == 3
    assert tk.factors(tk.Design(abilities), ITEMS).loadings.shape == (9, 3)
    again = tk.factors(tk.Design(abilities), ITEMS, 3)
    pd.testing.assert_frame_equal(again.parallel, plain.parallel)
    other = tk.factors(tk.Design(abilities), ITEMS, 3, seed=1)
    assert (other.parallel["random"] != plain.parallel["random"]).any()


@pytest.mark.parametrize("name", ["factor-analyzer", "reliabilipy", "semopy"])
def test_libraries_that_do_not_run_or_stop_early_are_no_dependencies(name):
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert name not in project
    assert name.replace("-", "_") not in project


def test_random_eigenvalues_are_those_of_random_answers():
    drawn = random_eigenvalues(5, 200, 1)
    random = np.random.default_rng(2)
    direct = [np.linalg.eigvalsh(np.corrcoef(random.normal(size=(5, 200))))[::-1] for _ in range(500)]
    np.testing.assert_allclose(drawn, np.quantile(direct, 0.95, axis=0), atol=0.03)


def test_clusters_lower_the_effective_n_and_with_it_the_tests():
    random = np.random.default_rng(6)
    psu = np.repeat(np.arange(40), 15)
    shared = random.normal(size=(40, 1))[psu]
    frame = pd.DataFrame(shared + random.normal(size=(600, 4)), columns=list("abcd")).assign(psu=psu)
    alone, clustered = (
        tk.factors(of, list("abcd"), 1) for of in (tk.Design(frame), tk.Design(frame, psu="psu"))
    )
    assert clustered.n_eff < 0.3 * alone.n_eff
    assert clustered.bartlett < 0.3 * alone.bartlett
    np.testing.assert_allclose(clustered.loadings, alone.loadings, rtol=1e-9)


def test_replicates_give_standard_errors_of_matched_factors(abilities, plain):
    assert plain.se is None
    design = tk.Design(abilities.assign(psu=abilities["psu"] % 20), psu="psu")
    found = tk.factors(tk.replicate(design, "JK1"), ITEMS[3:], 2)
    assert found.se.shape == (6, 2)
    assert ((found.se > 0) & (found.se < 0.3)).all(axis=None)


def test_factors_are_matched_in_order_and_sign():
    target = np.array([[0.8, 0.1], [0.7, 0.0], [0.1, 0.6]])
    np.testing.assert_array_equal(matched(-target[:, ::-1], target), target)


def test_polychoric_correlations_give_higher_loadings_than_those_of_steps(abilities):
    steps = (abilities[ITEMS] > abilities[ITEMS].median()).astype(int)
    ordered, plain = (
        tk.factors(tk.Design(steps), ITEMS[3:6], 1, correlation=kind) for kind in ("polychoric", "pearson")
    )
    assert (ordered.loadings > plain.loadings).all(axis=None)


def test_what_is_shown_names_what_was_done(plain):
    shown = str(plain)
    for words in ("KMO 0.75", "Bartlett", "Number of factors by parallel analysis: 3", "effective n = 301"):
        assert words in shown
    assert "(0." in shown  # small loadings


def test_the_test_of_the_number_of_factors_says_what_it_tests(abilities):
    fits = [tk.factors(tk.Design(abilities), ITEMS, count) for count in (1, 3)]
    one, three = map(str, fits)
    assert "Test that 1 factor is enough: chi-square " in one
    assert "Test that 3 factors are enough: chi-square " in three
    assert "degrees of freedom, p < 0.001." in one
    assert "| loading on factor 3 | unique variance |" in fits[1]._repr_markdown_()


@pytest.mark.parametrize(
    ("items", "count", "words"),
    [(ITEMS, 6, "can't have so many factors"), (ITEMS[:2], 1, "can't have so many"), (ITEMS, 0, "n_factors")],
)
def test_more_factors_than_items_allow_are_refused(abilities, items, count, words):
    with pytest.raises(DataError, match=words):
        tk.factors(tk.Design(abilities), items, count)


def test_polychoric_correlations_without_factors_are_refused(abilities, monkeypatch):
    from trustkit.scales.polychoric import OrderedAnswers

    steps = (abilities[ITEMS] > abilities[ITEMS].median()).astype(int)
    monkeypatch.setattr(OrderedAnswers, "matrix", lambda *_: np.array([[1, 2, 0], [2, 1, 0], [0, 0, 1]]))
    with pytest.raises(DataError, match="not positive definite"):
        tk.factors(tk.Design(steps), ITEMS[3:6], 1, correlation="polychoric")


def test_items_without_a_factor_are_said_to_have_none():
    noise = np.random.default_rng(1).normal(size=(300, 6))
    found = tk.factors(tk.Design(pd.DataFrame(noise, columns=list("abcdef"))), list("abcdef"))
    assert (found.suggested, found.loadings.shape[1]) == (0, 1)
    assert "The parallel analysis finds no factor" in str(found)


def test_fewer_factors_than_the_parallel_analysis_suggests_are_said():
    random = np.random.default_rng(1)
    pairs = np.repeat(random.normal(size=(300, 2)), 2, axis=1) + random.normal(size=(300, 4))
    design = tk.Design(pd.DataFrame(pairs, columns=list("abcd")))
    found = tk.factors(design, list("abcd"))
    assert (found.suggested, found.loadings.shape[1]) == (2, 1)
    words = "The parallel analysis suggests 2 factors; with 4 items the most that can be fitted is 1."
    assert words in found.notes
    assert words not in tk.factors(design, list("abcd"), 1).notes
