"""Completed data sets, pooled: mitools' numbers, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from reference_designs import FOLDER

import trustkit as tk
from trustkit.display import show_number
from trustkit.errors import DataError, FitError
from trustkit.models.pooling import reiter_df

FRAME = pd.read_csv(FOLDER / "imputations" / "data.csv")
EXPECTED = json.loads((FOLDER / "imputations" / "output.json").read_text(encoding="utf-8"))
SETS = [frame.reset_index(drop=True) for _, frame in FRAME.groupby("set")]


def design_of(frame):
    return tk.Design(frame, strata="sex", psu="id")


def test_pooled_shares_are_those_of_mitools_with_the_df_of_the_design():
    own = tk.with_imputations(SETS, design_of, lambda design: tk.proportion(design, "drkfre"))
    expected = EXPECTED["share"]
    order = [expected["names"].index(f"drkfre{level}") for level in own.keys["level"]]
    np.testing.assert_allclose(own.estimate, np.array(expected["mitools_estimate"])[order], rtol=1e-10)
    np.testing.assert_allclose(
        own.vcov, np.array(expected["mitools_vcov"])[np.ix_(order, order)], rtol=1e-9, atol=1e-18
    )
    np.testing.assert_allclose(own.df, np.array(expected["df"])[order], rtol=1e-8)
    assert (own.df < 193).all()  # the design's, which mitools ignores
    assert (own.ci_low > 0).all()


def test_pooled_coefficients_are_those_of_mitools():
    fits = [tk.glm(design_of(frame), "drinkreg ~ wave + sex", family="binomial") for frame in SETS]
    own, expected = tk.pool(fits), EXPECTED["logit"]
    np.testing.assert_allclose(own.estimate, expected["mitools_estimate"], rtol=1e-8)
    np.testing.assert_allclose(own.vcov, expected["mitools_vcov"], rtol=1e-7)
    assert fits[0].df[0] == expected["nu"]
    np.testing.assert_allclose(own.df, expected["df"], rtol=1e-7)
    assert tk.contrast(own, {"wave": 1}).se[0] == pytest.approx(own.se[1])


def test_a_term_of_a_pooled_model_has_the_degrees_of_freedom_of_its_own_coefficient():
    own = tk.pool([tk.glm(design_of(frame), "drinkreg ~ wave + sex", family="binomial") for frame in SETS])
    test = tk.term_test(own, "wave")
    assert test.df == (1.0, own.df[1])
    assert test.p_value == pytest.approx(own.p_value[1], rel=1e-10)
    ends = [show_number(own.df.min()), show_number(own.df.max())]
    assert f"{' to '.join(ends)} degrees of freedom" in str(own)


D1_MODELS = {
    "wave_sex": ("drinkreg ~ wave + sex", "binomial", ["wave", "sex"]),
    "drkfre": ("wave ~ drkfre + sex", "gaussian", "drkfre"),
    "drkfre_sex": ("wave ~ drkfre + sex", "gaussian", ["drkfre", "sex"]),
}


@pytest.mark.parametrize("name", D1_MODELS)
def test_several_coefficients_of_a_pooled_model_are_tested_as_mitml_does(name):
    formula, family, term = D1_MODELS[name]
    fits = [tk.glm(design_of(frame), formula, family=family) for frame in SETS]
    expected = EXPECTED["d1"][name]
    assert fits[0].df[0] == expected["nu"]
    test = tk.term_test(tk.pool(fits), term)
    assert test.statistic == pytest.approx(expected["F"], rel=1e-7)
    assert test.df == pytest.approx(expected["df"], rel=1e-7)
    assert test.p_value == pytest.approx(expected["p"], rel=1e-6)
    assert any("D1" in note for note in test.notes)
    wald = tk.term_test(tk.pool(fits), term, statistic="chisq")
    assert wald.statistic == pytest.approx(expected["F"] * expected["df"][0], rel=1e-7)


def test_where_the_df_of_reiter_do_not_exist_the_smallest_of_the_coefficients_stand():
    fits = [tk.glm(design_of(frame), "wave ~ drkfre") for frame in SETS[:2]]  # k (m - 1) is 3
    own = tk.pool(fits)
    assert tk.term_test(own, "drkfre").df == (3.0, own.df[1:].min())
    assert np.isnan(reiter_df(0.5, 8, 6.0))
    assert reiter_df(0.5, 8, np.inf) == pytest.approx(reiter_df(0.5, 8, 1e9), rel=0.05)


def test_a_covariance_within_the_sets_that_has_no_inverse_gives_no_test():
    fits = [tk.glm(design_of(frame), "wave ~ drkfre + sex") for frame in SETS]
    pooled = tk.pool(fits)
    flat = np.ones_like(pooled.model.within)
    test = tk.term_test(replace(pooled, model=replace(pooled.model, within=flat)), ["drkfre", "sex"])
    assert np.isnan(test.p_value)
    assert "no inverse" in test.reason


def test_what_a_pooled_model_can_not_do_is_refused_as_such():
    own = tk.pool([tk.glm(design_of(frame), "drinkreg ~ wave", family="binomial") for frame in SETS])
    with pytest.raises(FitError, match="predict can't use a pooled model"):
        tk.predict(own, {"wave": 1})
    with pytest.raises(FitError, match="a pooled model has no likelihood ratio"):
        tk.term_test(own, "wave", statistic="lrt")


def test_a_note_that_differs_between_the_sets_tells_whose_it_is():
    fits = []
    for frame in SETS:
        levels = tk.proportion(design_of(frame), "drkfre").keys["level"]
        ranked = pd.Categorical(frame["drkfre"], levels, ordered=True)
        fits.append(tk.ordinal(design_of(frame.assign(ranked=ranked)), "ranked ~ wave"))
    own = tk.pool(fits)
    slopes = [next(note for note in fit.notes if "parallel slopes" in note) for fit in fits]
    assert len(set(slopes)) > 1
    assert all(note.endswith("p < 0.001.") for note in slopes)
    shown = [note for note in own.notes if "parallel slopes" in note]
    assert shown == [f"Of completed data set {k} of 5 alone: {note}" for k, note in enumerate(slopes, 1)]
    assert sum("higher answers" in note for note in own.notes) == 1


def test_sets_without_differences_keep_their_standard_errors():
    one = tk.mean(design_of(SETS[0]), "wave")
    own = tk.pool([one, one, one])
    assert own.se.tolist() == one.se.tolist()
    assert any("up to 0.0% of the variance" in note for note in own.notes)


def test_few_sets_are_noted():
    own = tk.pool([tk.proportion(design_of(frame), "drkfre") for frame in SETS[:2]])
    assert any("fewer than five data sets" in note for note in own.notes)


def test_results_that_do_not_belong_together_are_refused():
    first, second = (tk.proportion(design_of(frame), "drkfre") for frame in SETS[:2])
    mean = tk.mean(design_of(SETS[0]), "wave")
    for results, words in [
        ([first], "at least two"),
        ([first, mean], "different statistics"),
        ([first, tk.proportion(design_of(SETS[1]), "drkfre", where={"wave": 1})], "different bases"),
        ([first, replace(second, n=second.n - 1)], "different numbers of respondents"),
        ([tk.pool([first, second]), second], "pooled already"),
        ([first, tk.proportion(design_of(SETS[1]), "drkfre", conf=0.9)], "different coverages"),
    ]:
        with pytest.raises(DataError, match=words):
            tk.pool(results)
    fits = [tk.glm(design_of(SETS[0]), f"drinkreg ~ {name}", family="binomial") for name in ("wave", "sex")]
    with pytest.raises(DataError, match="different formulas"):
        tk.pool(fits)
    with pytest.raises(DataError, match="'results' can't be used"):
        tk.pool([first, fits[0]])
