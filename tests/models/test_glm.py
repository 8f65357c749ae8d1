"""Models on the design: cells and rows, domains, every error by name; R is in test_r_references."""

from __future__ import annotations

import warnings

import duckdb
import numpy as np
import pandas as pd
import pytest
from lazy_cases import DESIGNS as PLANS
from lazy_cases import make_rows
from reference_designs import FOLDER, design_of

import trustkit as tk
from trustkit.errors import FitError

ROWS = make_rows()


def design(plan="clustered", **columns):
    return tk.Design(ROWS.assign(**columns), weights="w", **PLANS[plan])


def assert_same_fit(one, other, rtol=1e-9):
    np.testing.assert_allclose(one.estimate, other.estimate, rtol=rtol, atol=1e-11)
    np.testing.assert_allclose(one.vcov, other.vcov, rtol=rtol, atol=rtol * abs(one.vcov).max())
    assert one.df.tolist() == other.df.tolist()
    assert (one.n, one.names) == (other.n, other.names)
    assert one.dispersion == pytest.approx(other.dispersion, rel=1e-9)


MODELS = [
    ("income ~ country * sex", "gaussian"),
    ("income ~ country + sex", "gamma"),
    ("size ~ country + sex", "poisson"),
    ("level(answer, 'b') ~ country * sex", "binomial"),
    ("sex ~ answer", "binomial"),
    ("flag ~ answer + country", "binomial"),
    ("income ~ 1", "gaussian"),
]


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("formula", "family"), MODELS)
def test_cells_and_rows_give_the_same_fit(formula, family, plan, monkeypatch):
    own = design(plan, flag=(ROWS["size"] > 3).astype(float))
    cells = tk.glm(own, formula, family=family)
    monkeypatch.setattr("trustkit.models.observations.MOST_CELLS", 0)
    assert_same_fit(tk.glm(own, formula, family=family), cells)


@pytest.mark.parametrize("plan", ["simple", "clustered"])
@pytest.mark.parametrize(("formula", "family"), MODELS)
def test_rows_in_an_engine_give_the_same_fit(formula, family, plan):
    rows = ROWS.assign(flag=(ROWS["size"] > 3).astype(float))
    with duckdb.connect() as connection:
        lazy = tk.Design(connection.from_df(rows), weights="w", **PLANS[plan])
        memory = tk.Design(rows, weights="w", **PLANS[plan])
        assert_same_fit(tk.glm(lazy, formula, family=family), tk.glm(memory, formula, family=family), 1e-8)
        for wrong, kind in (("flag ~ size", "binomial"), ("income ~ size", "gamma")):
            with pytest.raises(FitError, match="coded by levels"):
                tk.glm(lazy, wrong, family=kind)


def test_replicates_of_cells_and_rows_agree(monkeypatch):
    own = tk.replicate(design(), "JKn")
    cells = tk.glm(own, "level(answer, 'b') ~ country", family="binomial")
    monkeypatch.setattr("trustkit.models.observations.MOST_CELLS", 0)
    assert_same_fit(tk.glm(own, "level(answer, 'b') ~ country", family="binomial"), cells)


def test_a_model_of_one_factor_gives_the_means_of_its_groups():
    own = design()
    fit = tk.glm(own, "income ~ 0 + country")
    means = tk.mean(own, "income", by="country")
    np.testing.assert_allclose(fit.estimate, means.estimate)
    np.testing.assert_allclose(fit.vcov, means.vcov)


def test_columns_far_from_zero_lose_no_digits():
    far = tk.glm(design(year=ROWS["size"] + 2_000_000), "income ~ year + sex")
    near = tk.glm(design(year=ROWS["size"]), "income ~ year + sex")
    np.testing.assert_allclose(far.estimate[1:], near.estimate[1:], rtol=1e-8)
    np.testing.assert_allclose(far.se[1:], near.se[1:], rtol=1e-8)


def test_outcomes_far_from_zero_lose_no_digits_on_cells():
    far = tk.glm(design(year=ROWS["size"] + 2_000_000), "year ~ country * sex")
    near = tk.glm(design(year=ROWS["size"]), "year ~ country * sex")
    np.testing.assert_allclose(far.estimate[1:], near.estimate[1:], rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(far.vcov, near.vcov, rtol=1e-9, atol=1e-12)
    assert far.dispersion == pytest.approx(near.dispersion, rel=1e-9)


def test_many_observations_take_cross_products_and_give_the_same(monkeypatch):
    expected = tk.glm(design(), "income ~ size + sex")
    counts = tk.glm(design(), "size ~ income + sex", family="poisson")
    monkeypatch.setattr("trustkit.models.scoring.MANY", 10)
    monkeypatch.setattr("trustkit.models.identification.MANY", 10)
    monkeypatch.setattr("trustkit.models.scoring.SOME", 500)
    assert_same_fit(tk.glm(design(), "income ~ size + sex"), expected)
    assert_same_fit(tk.glm(design(), "size ~ income + sex", family="poisson"), counts)


def test_missing_answers_leave_the_domain_and_are_noted():
    own = design(size=ROWS["size"].where(ROWS["size"] != 6))
    fit = tk.glm(own, "income ~ size")
    inside = (ROWS["size"] != 6) & ROWS["income"].notna() & ROWS["size"].notna()
    share = ROWS["w"][~inside].sum() / ROWS["w"].sum()
    assert fit.n == int((inside & (ROWS["w"] > 0)).sum())
    assert any(f"({share:.1%} by weight)" in note for note in fit.notes)
    same = tk.glm(design(), "income ~ size", where=inside)
    np.testing.assert_allclose(fit.vcov, same.vcov)


def test_levels_that_where_leaves_out_have_no_column():
    fit = tk.glm(design(), "income ~ answer", where={"answer": ["a", "c"]})
    assert fit.names == ("(Intercept)", "answer[c]")


def test_a_domain_in_few_psus_is_noted():
    fit = tk.glm(design(), "income ~ size", where=(ROWS["stratum"] == 1))
    assert any("4 of 20 PSUs" in note for note in fit.notes)
    assert fit.df[0] == 4 - 1 + 1 - 2


@pytest.mark.parametrize("link", ["logit", "probit", "cloglog"])
def test_a_separated_outcome_is_refused_by_name(link):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(FitError, match="separated") as caught:
            tk.glm(design_of("clus1"), "sch.wide ~ stype + comp.imp", family="binomial", link=link)
    assert caught.value.got == "comp.imp[Yes]"


def test_separation_by_a_number_is_refused_by_name():
    own = design(above=np.where(ROWS["size"] > 3, "yes", "no"))
    with pytest.raises(FitError, match="separated") as caught:
        tk.glm(own, "above ~ size + sex", family="binomial")
    assert "size" in caught.value.got


def test_counts_that_are_all_zero_in_a_level_are_refused_by_name():
    own = design(visits=np.where(ROWS["answer"] == "b", 0.0, ROWS["size"]))
    with pytest.raises(FitError, match="only the value 0") as caught:
        tk.glm(own, "visits ~ answer + sex", family="poisson")
    assert caught.value.got == "answer[b]"


def test_columns_that_follow_from_others_are_named_with_them():
    own = design(twice=2 * ROWS["size"] + 1)
    with pytest.raises(FitError, match="follow from others") as caught:
        tk.glm(own, "income ~ size + sex + twice")
    assert caught.value.got == "twice follows from size, (Intercept)"


def test_a_level_that_nobody_has_is_named():
    answers = pd.Categorical(ROWS["answer"], ["a", "b", "c", "d"])
    with pytest.raises(FitError, match="levels that no respondent") as caught:
        tk.glm(design(answer=answers), "income ~ answer")
    assert caught.value.got == "d"


def test_more_coefficients_than_psus_carry_are_refused():
    with pytest.raises(FitError, match="4 PSUs can't carry 5 coefficients"):
        tk.glm(design(), "income ~ answer + sex + country", where=(ROWS["stratum"] == 1))


def test_more_coefficients_than_replicates_carry_are_refused():
    columns = {f"r{number}": ROWS["w"] * (1 + (ROWS["psu"] == number)) for number in range(1, 5)}
    replicates = tk.Replicates(list(columns), "JK1")
    own = tk.Design(ROWS.assign(**columns), weights="w", replicates=replicates)
    with pytest.raises(FitError, match="the replicate weights can't carry 5 coefficients"):
        tk.glm(own, "income ~ answer + sex + country")


WRONG = [
    ("answer ~ sex", "gaussian", None, "answers, not numbers"),
    ("answer ~ sex", "binomial", None, "has 3 answers"),
    ("income ~ sex", "binomial", None, "does not fit the family binomial"),
    ("loss ~ sex", "poisson", None, "does not fit the family poisson"),
    ("loss ~ sex", "gamma", None, "does not fit the family gamma"),
    ("level(answer, 'z') ~ sex", "binomial", None, "no answer 'z'"),
    ("level(answer, 'a') ~ sex", "poisson", None, "needs family='binomial'"),
    ("income ~ income", "gaussian", None, "outcome and a predictor"),
    ("income ~ log(loss)", "gaussian", None, "no finite value for"),
    ("income ~ sex", "gaussian", "logit", "does not take this link"),
    ("loss ~ size", "gaussian", "log", "link of the model does not take all values"),
    ("size ~ C(size)", "gaussian", None, "outcome and a predictor"),
    ("size ~ C(income)", "gaussian", None, "too many distinct values"),
    ("income ~ one", "gaussian", None, "same answer for all"),
    ("income ~ poly(two, 3)", "gaussian", None, "more columns than the variable has values"),
]


@pytest.mark.parametrize(("formula", "family", "link", "words"), WRONG)
def test_models_that_make_no_sense_are_refused(formula, family, link, words):
    own = design(loss=ROWS["income"] - 1000, one="x", two=(ROWS["size"] > 3).astype(float))
    with pytest.raises(FitError, match=words):
        tk.glm(own, formula, family=family, link=link)


def test_numbers_coded_by_levels_have_a_column_for_each_value():
    fit = tk.glm(design(), "income ~ C(size)")
    assert fit.names[1] == "size[2.0]"
    means = tk.mean(design(size=ROWS["size"].astype(str)), "income", by="size")
    np.testing.assert_allclose(fit.estimate[0] + fit.estimate[1:], means.estimate[1:])


def test_a_fit_shows_labels_references_and_base():
    shown = repr(tk.glm(design(), "level(answer, 'b') ~ country + size", family="binomial"))
    assert "Logistic regression: answer" in shown
    assert "country: Peru" in shown
    assert "Compared with: country: Chile." in shown
    assert 'The outcome is "b" against "a", "c".' in shown
    assert "Base: answers to all variables of the model." in shown


def test_the_offset_argument_is_the_offset_of_the_formula():
    own = design(exposure=np.log(ROWS["income"]))
    one = tk.glm(own, "size ~ sex", family="poisson", offset="exposure")
    other = tk.glm(own, "size ~ sex + offset(log(income))", family="poisson")
    assert_same_fit(one, other)


def test_frequency_weights_of_statsmodels_give_the_standard_errors_that_the_documentation_names():
    sm = pytest.importorskip("statsmodels.api")
    design = design_of("clus1")
    frame = design.data
    fit = tk.glm(design, "sch.wide ~ ell + meals + mobility", family="binomial")
    columns = sm.add_constant(frame[["ell", "meals", "mobility"]].to_numpy(dtype=float))
    model = sm.GLM(
        (frame["sch.wide"] == "Yes").to_numpy(dtype=float), columns, family=sm.families.Binomial(),
        freq_weights=frame["pw"].to_numpy(),
    )  # fmt: skip
    plain = model.fit(tol=1e-12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that the covariance does not know these weights
        clustered = model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": frame["dnum"].to_numpy()})
    np.testing.assert_allclose(plain.params, fit.estimate, rtol=1e-6)
    shown = [f"{fit.se[0]:.3f}", f"{plain.bse[0]:.3f}", f"{clustered.bse[0]:.3f}"]
    text = (FOLDER.parents[1] / "docs" / "models.md").read_text(encoding="utf-8")
    assert all(number in text for number in shown), shown


@pytest.mark.parametrize(
    "formula", ["income ~ day", "income ~ C(day)", "income ~ day:sex", "income ~ sqrt(day)"]
)
@pytest.mark.parametrize("described", [True, False])
def test_a_date_as_predictor_is_refused_by_its_name_and_with_what_to_do(formula, described):
    rows = ROWS.assign(day=pd.Timestamp("2025-03-01"))
    book = tk.Codebook({"day": tk.Variable("day", "Day", "date")} if described else {})
    with pytest.raises(tk.TrustkitError, match=r"^day ") as refused:
        tk.glm(tk.Design(tk.Survey(rows, book), weights="w"), formula)
    assert (refused.value.got, "into groups" in str(refused.value.do)) == ("kind date", True)
