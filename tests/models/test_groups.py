"""Models by group: each is the model with `where`, and together they are the interacted model."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from lazy_cases import DESIGNS as PLANS
from lazy_cases import make_rows
from reference_designs import design_of

import trustkit as tk
from trustkit.errors import FitError

ROWS = make_rows()
MODELS = [
    ("income ~ size", "gaussian"),
    ("income ~ size * sex", "gaussian"),
    ("income ~ sex", "gaussian"),
    ("size ~ sex", "poisson"),
    ("level(answer, 'b') ~ sex", "binomial"),
    ("level(answer, 'b') ~ scale(size)", "binomial"),
]


def design(plan="clustered", **columns):
    return tk.Design(ROWS.assign(**columns), weights="w", **PLANS[plan])


def assert_same_fit(one, other):
    scale = np.sqrt(np.diag(other.vcov))
    np.testing.assert_allclose(one.estimate / scale, other.estimate / scale, atol=1e-9)
    np.testing.assert_allclose(
        one.vcov / np.outer(scale, scale), other.vcov / np.outer(scale, scale), atol=1e-9
    )
    assert one.dispersion == pytest.approx(other.dispersion, rel=1e-9)
    assert one.df.tolist() == other.df.tolist()
    assert (one.n, one.names, one.notes, one.base) == (other.n, other.names, other.notes, other.base)


@pytest.mark.parametrize("plan", ["simple", "finite"])
@pytest.mark.parametrize(("formula", "family"), MODELS)
def test_each_group_has_the_model_of_its_respondents(formula, family, plan):
    own = design(plan)
    where = {"stratum": [1, 2, 3]}
    groups = tk.fit_by_group(tk.glm(own, formula, family=family, where=where), "country")
    assert list(groups.fits) == ["Chile", "Peru"]
    for country, fit in groups.fits.items():
        assert_same_fit(fit, tk.glm(own, formula, family=family, where={**where, "country": country}))


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(
    ("formula", "interacted", "family"),
    [
        ("income ~ size", "income ~ 0 + country + country:size", "gaussian"),
        ("income ~ sex", "income ~ 0 + country + country:sex", "gaussian"),
        ("level(answer, 'b') ~ size", "level(answer, 'b') ~ 0 + country + country:size", "binomial"),
    ],
)
def test_the_joint_covariance_is_that_of_the_interacted_model(formula, interacted, family, plan):
    own = design(plan)
    groups = tk.fit_by_group(tk.glm(own, formula, family=family), "country").coefficients
    whole = tk.glm(own, interacted, family=family)
    order = [0, 2, 1, 3]  # the interacted model has both intercepts first
    scale = np.outer(whole.se, whole.se)
    np.testing.assert_allclose(
        groups.vcov / groups.se / groups.se[:, None], (whole.vcov / scale)[np.ix_(order, order)], atol=1e-9
    )
    np.testing.assert_allclose(groups.estimate, whole.estimate[order], rtol=1e-8)
    slope = groups.keys["variable"][1]
    both = tk.contrast(groups, {f"Peru, {slope}": 1, f"Chile, {slope}": -1})
    same = tk.contrast(whole, [0, 0, -1, 1])
    assert both.se == pytest.approx(same.se, rel=1e-8)
    assert both.df.tolist() == same.df.tolist()
    if plan == "clustered":
        assert abs(groups.vcov[1, 3]) > 1e-3 * groups.vcov[1, 1]  # the groups share PSUs


@pytest.mark.parametrize("name", ["raked", "poststratified", "jk1", "strat"])
def test_calibrated_and_replicated_designs_give_groups_the_covariance_of_the_interacted_model(name):
    own = design_of(name)
    groups = tk.fit_by_group(tk.glm(own, "api00 ~ meals"), "awards").coefficients
    whole = tk.glm(own, "api00 ~ 0 + awards + awards:meals")
    order = [0, 2, 1, 3]
    np.testing.assert_allclose(groups.vcov, whole.vcov[np.ix_(order, order)], rtol=1e-7)


@pytest.mark.parametrize("plan", ["simple", "clustered"])
@pytest.mark.parametrize("formula", ["income ~ size + sex", "income ~ sex"])
def test_groups_of_rows_in_an_engine_are_those_of_rows_in_memory(formula, plan):
    with duckdb.connect() as connection:
        lazy = tk.Design(connection.from_df(ROWS), weights="w", **PLANS[plan])
        there = tk.fit_by_group(tk.glm(lazy, formula), ["country", "answer"])
        here = tk.fit_by_group(tk.glm(design(plan), formula), ["country", "answer"])
        assert list(there.fits) == list(here.fits)
        np.testing.assert_allclose(there.coefficients.vcov, here.coefficients.vcov, rtol=1e-7, atol=1e-6)
        for name, fit in there.fits.items():
            assert_same_fit(fit, here.fits[name])


def test_predictions_and_tests_work_in_each_group():
    groups = tk.fit_by_group(tk.glm(design(), "income ~ sex"), "country")
    alone = tk.glm(design(), "income ~ sex", where={"country": "Peru"})
    for call in (
        lambda fit: tk.predicted_means(fit, "sex"),
        lambda fit: tk.predicted_means(fit, "sex", where={"answer": "a"}),
    ):
        np.testing.assert_allclose(call(groups.fits["Peru"]).vcov, call(alone).vcov)
    tests = [tk.term_test(fit, "sex") for fit in (groups.fits["Peru"], alone)]
    assert tests[0].p_value == pytest.approx(tests[1].p_value, rel=1e-9)
    assert tk.delta(groups, lambda b: b[3] / b[1]).estimate[0] == pytest.approx(
        groups.coefficients.estimate[3] / groups.coefficients.estimate[1]
    )


def test_the_frame_has_the_groups_beside_the_columns_of_a_fit():
    groups = tk.fit_by_group(tk.glm(design(), "income ~ size"), ["country", "sex"])
    frame = groups.to_frame()
    assert list(frame.columns[:3]) == ["country", "sex", "term"]
    assert frame["estimate"].tolist() == groups.coefficients.estimate.tolist()
    assert list(groups.fits)[1] == "Chile, Male"
    shown = repr(groups)
    assert "Peru, Male: Left out:" in shown
    assert "Base: answers to all variables of the model." in shown


def test_respondents_without_a_group_are_noted():
    groups = tk.fit_by_group(tk.glm(design(), "income ~ size"), "answer")
    assert any("no answer to answer" in note for note in groups.coefficients.notes)


def test_a_group_without_a_model_is_named():
    own = design(above=np.where((ROWS["size"] > 3) & (ROWS["country"] == "Peru"), "yes", ROWS["sex"]))
    fit = tk.glm(own, "level(above, 'yes') ~ income", family="binomial")
    with pytest.raises(FitError, match="where country is Chile") as caught:
        tk.fit_by_group(fit, "country")
    assert caught.value.what.startswith("the outcome above is the same")
    assert caught.value.do.endswith("or leave this group out of the first model with where")


def test_variables_of_the_model_are_no_groups():
    with pytest.raises(FitError, match="sex is in the model and in by"):
        tk.fit_by_group(tk.glm(design(), "income ~ size + sex"), "sex")
    with pytest.raises(FitError, match=r"needs a model of tk\.glm"):
        tk.fit_by_group(tk.multinomial(design(), "answer ~ size"), "sex")


def test_too_many_coefficients_are_refused(monkeypatch):
    monkeypatch.setattr("trustkit.models.groups.MOST_ESTIMATES", 3)
    with pytest.raises(FitError, match="too many coefficients"):
        tk.fit_by_group(tk.glm(design(), "income ~ size"), "country")


def test_a_contrast_of_coefficients_is_called_by_them():
    fit = tk.glm(design(), "income ~ size + sex")
    assert tk.contrast(fit, {"sex[Male]": 2}).keys["variable"].tolist() == ["sex[Male]"]
    assert "Contrast: size, sex: Male" in repr(tk.contrast(fit, {"sex[Male]": 1, "size": -1}))


LONELY = [("average", "ignore"), ("average", "apply"), ("adjust", "apply"), ("adjust", "ignore")]


def lonely_rows():
    """Return rows of two strata with one PSU, in which not all groups and levels occur."""
    rng = np.random.default_rng(3)
    stratum = np.repeat(np.repeat(np.arange(6), [1, 1, 5, 5, 5, 5]), 12)
    n = len(stratum)
    frame = pd.DataFrame({"stratum": stratum, "psu": np.arange(n) // 12, "size": rng.normal(size=n)})
    frame["answer"] = np.where(stratum == 0, "c", rng.choice(list("abc"), n))
    frame["area"] = rng.choice(["x", "y"], n)
    drawn = rng.choice(["east", "north", "west"], n)
    frame["region"] = np.select([np.isin(stratum, [0, 2]), stratum == 1], ["north", "west"], drawn)
    return frame.assign(income=frame["size"] + rng.normal(size=n))


@pytest.mark.parametrize("policy", LONELY)
@pytest.mark.parametrize("formula", ["income ~ size", "income ~ area"])
def test_each_group_has_the_lonely_psus_of_its_own_respondents(formula, policy):
    own = tk.Design(lonely_rows(), strata="stratum", psu="psu", lonely_psu=policy[0], domain_lonely=policy[1])
    groups = tk.fit_by_group(tk.glm(own, formula), "region")
    for region, fit in groups.fits.items():
        assert_same_fit(fit, tk.glm(own, formula, where={"region": region}))


@pytest.mark.parametrize("policy", LONELY)
def test_a_coefficient_has_the_lonely_psus_of_the_model_where_its_level_does_not_occur(policy, monkeypatch):
    own = tk.Design(lonely_rows(), strata="stratum", psu="psu", lonely_psu=policy[0], domain_lonely=policy[1])
    in_cells = tk.glm(own, "income ~ answer")
    monkeypatch.setattr("trustkit.models.observations.MOST_CELLS", 0)
    assert_same_fit(in_cells, tk.glm(own, "income ~ answer"))
    lazy = tk.Design(
        duckdb.from_df(lonely_rows()), strata="stratum", psu="psu", lonely_psu=policy[0],
        domain_lonely=policy[1],
    )  # fmt: skip
    numbers = "income ~ answer * area + size"
    assert_same_fit(tk.glm(lazy, numbers), tk.glm(own, numbers))
