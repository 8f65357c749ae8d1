"""Ordinal and multinomial models: exact scores computed with R, identities, and every error by name.

Tolerance: both sides solve the score equations to the last digits; 1e-6 relative leaves room for rounding of
the inverse information.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from lazy_cases import make_rows
from reference_designs import FOLDER, STYPES, name_in_r, read_case

import trustkit as tk
from trustkit.errors import FitError

OUTPUT = json.loads((FOLDER / "models_several_levels" / "output.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-6
ROWS = make_rows()


def with_meals(path):
    frame = read_case(path)
    return frame.assign(mc=pd.cut(frame["meals"], [-1, 33, 66, 101], labels=["low", "mid", "high"]))


def design_of(name):
    if name == "strat":
        return tk.Design(with_meals("apistrat/data.csv"), weights="pw", strata="stype", fpc="fpc")
    clus1 = tk.Design(with_meals("apiclus1/data.csv"), weights="pw", psu="dnum", fpc="fpc")
    return clus1 if name == "clus1" else tk.rake(clus1, {"stype": STYPES})


def assert_as_in_r(fit, record):
    theirs = [name.replace(" ", "") for name in record["names"]]
    order = [theirs.index(name_in_r(name)) for name in fit.names]
    vcov = np.array(record["vcov"])[np.ix_(order, order)]
    scale = np.sqrt(np.outer(np.diag(vcov), np.diag(vcov)))
    np.testing.assert_allclose(
        (fit.estimate - np.array(record["estimate"])[order]) / fit.se, 0, atol=TOLERANCE
    )
    np.testing.assert_allclose(fit.vcov / scale, vcov / scale, atol=TOLERANCE)
    assert fit.df[0] == record["df"]


@pytest.mark.parametrize("place", range(len(OUTPUT["ordinal"])))
def test_ordinal_models_are_those_of_exact_scores(place):
    record = OUTPUT["ordinal"][place]
    assert_as_in_r(tk.ordinal(design_of(record["design"]), record["formula"], link=record["link"]), record)


@pytest.mark.parametrize("place", range(len(OUTPUT["multinomial"])))
def test_multinomial_models_are_those_of_exact_scores(place):
    record = OUTPUT["multinomial"][place]
    assert_as_in_r(tk.multinomial(design_of(record["design"]), record["formula"]), record)


def test_a_term_of_an_ordinal_model_is_tested_as_in_r():
    fit = tk.ordinal(design_of("strat"), "mc ~ mobility + stype")
    test = tk.term_test(fit, "stype")
    assert test.statistic == pytest.approx(OUTPUT["wald"]["F"], rel=1e-4)
    assert list(test.df) == OUTPUT["wald"]["df"]


def test_a_multinomial_model_of_one_factor_gives_the_log_odds_of_shares():
    own = tk.Design(ROWS, weights="w", psu="stratum")
    fit = tk.multinomial(own, "answer ~ 1")
    shares = tk.proportion(own, "answer")
    odds = [tk.delta(shares, lambda p, place=place: np.log(p[place] / p[0])) for place in (1, 2)]
    np.testing.assert_allclose(fit.estimate, [part.estimate[0] for part in odds])
    np.testing.assert_allclose(fit.se, [part.se[0] for part in odds], rtol=1e-6)


def test_another_reference_turns_the_signs():
    own = tk.Design(ROWS, weights="w")
    first = tk.multinomial(own, "answer ~ sex")
    last = tk.multinomial(own, "answer ~ sex", reference="c")
    difference = tk.contrast(first, {"b: sex[Male]": 1, "c: sex[Male]": -1})
    place = last.names.index("b: sex[Male]")
    np.testing.assert_allclose(
        [last.estimate[place], last.se[place]], [difference.estimate[0], difference.se[0]], rtol=1e-8
    )


@pytest.mark.parametrize("fit", [tk.ordinal, tk.multinomial])
def test_cells_rows_and_replicates_agree(fit, monkeypatch):
    frame = ROWS.assign(answer=pd.Categorical(ROWS["answer"], ordered=True))
    design = tk.Design(frame, weights="w", strata="stratum", psu="psu")
    cells, repeated = fit(design, "answer ~ sex"), fit(tk.replicate(design, "JKn"), "answer ~ sex")
    monkeypatch.setattr("trustkit.models.observations.MOST_CELLS", 0)
    rows = fit(design, "answer ~ sex")
    np.testing.assert_allclose(cells.vcov, rows.vcov, rtol=1e-7)
    np.testing.assert_allclose(cells.estimate, rows.estimate, rtol=1e-9)
    np.testing.assert_allclose(repeated.se, cells.se, rtol=0.2)


def test_parallel_slopes_are_tested_by_the_difference_of_binary_slopes():
    design = design_of("strat")
    frame = design.data.assign(
        low=(design.data["mc"] == "low").astype(float), not_high=(design.data["mc"] != "high").astype(float)
    )
    binary = tk.Design(frame, weights="pw", strata="stype", fpc="fpc")
    fits = [tk.glm(binary, f"{name} ~ mobility", family="binomial") for name in ("low", "not_high")]
    rows = []
    for fit in fits:
        model = fit.model
        outcome = model.outcomes(model.observations.outcome)
        rows.append(model.solution.slopes.times(outcome - model.solution.mu)[:, 1])
    variance = binary.covariance_of(rows[0] - rows[1])[0, 0]
    expected = (fits[0].estimate[1] - fits[1].estimate[1]) ** 2 / variance
    shown = next(note for note in tk.ordinal(design, "mc ~ mobility").notes if "parallel" in note)
    assert f"F = {expected:.3f} on 1 and 197 degrees of freedom" in shown


SEPARATED = {
    "no fitted probability of a given answer is near 0 or 1": [(4, 2, 0), (0, 1, 1), (0, 1, 3)],
    "the last step leaves an information without an inverse": [(2, 0, 0), (1, 3, 2), (0, 2, 2)],
    "an answer that a group did not give": [(3, 1, 0), (1, 2, 0), (0, 1, 4)],
}
"""Synthetic counts: for each group how many give each answer."""


def counted(table):
    rows = [
        (group, answer)
        for group, own in zip("xyz", table, strict=True)
        for answer in range(3)
        for _ in range(own[answer])
    ]
    frame = pd.DataFrame(rows, columns=["group", "answer"])
    answers = pd.Categorical.from_codes(frame["answer"], list("abc"), ordered=True)
    return tk.Design(frame.assign(answer=answers))


@pytest.mark.parametrize("table", SEPARATED.values(), ids=SEPARATED)
@pytest.mark.parametrize(
    ("fit", "options"),
    [(tk.multinomial, {}), *((tk.ordinal, {"link": link}) for link in ("logit", "probit", "cloglog"))],
)
def test_infinite_coefficients_are_refused_although_the_steps_end(table, fit, options):
    with pytest.raises(FitError, match="separated") as caught:
        fit(counted(table), "answer ~ group", **options)
    assert "group[" in caught.value.got
    assert "Intercept" not in caught.value.got


def told_apart(nearest):
    """Return synthetic answers; a number tells c from the rest without an error, but not a from b."""
    size = np.array([1, 1, 1, 3, 2, 4, 4, 4, *range(nearest, nearest + 6)])
    answer = np.repeat([0, 1, 2], [4, 4, 6])
    answers = pd.Categorical.from_codes(answer, list("abc"), ordered=True)
    return size, answer, tk.Design(pd.DataFrame({"answer": answers, "size": size}))


def test_an_answer_that_a_number_tells_apart_is_fitted_if_other_answers_hold_the_slope():
    size, answer, design = told_apart(24)
    low, high, slope = tk.ordinal(design, "answer ~ size").estimate

    def likelihood(low, high, slope):
        below = [1 / (1 + np.exp(slope * size - cut)) for cut in (low, high)]
        own = np.column_stack([below[0], below[1] - below[0], 1 - below[1]])
        return np.log(own[np.arange(len(size)), answer]).sum()

    best = likelihood(low, high, slope)
    for step in (0.99, 1.01):
        assert likelihood(low * step, high, slope) < best
        assert likelihood(low, high * step, slope) < best
        assert likelihood(low, high, slope * step) < best


def test_a_threshold_that_the_likelihood_does_not_fix_to_any_digit_is_refused():
    with pytest.raises(FitError, match="almost without an error"):
        tk.ordinal(told_apart(80)[2], "answer ~ size")


WRONG = [
    (tk.ordinal, "answer ~ sex", "have no order"),
    (tk.multinomial, "sex ~ country", "has 2 answers"),
    (tk.multinomial, "income ~ country", "labelled answers"),
    (tk.multinomial, "answer ~ answer", "outcome and a predictor"),
    (tk.multinomial, "answer ~ sex + offset(size)", "takes no offset"),
    (tk.ordinal, "ranked ~ 0 + size", "thresholds in place of an intercept"),
    (tk.multinomial, "holed ~ sex", "gave some answers"),
    (tk.multinomial, "answer ~ told", "separated"),
    (tk.ordinal, "ranked ~ told", "separated"),
]


@pytest.mark.parametrize(("fit", "formula", "words"), WRONG)
def test_models_that_make_no_sense_are_refused(fit, formula, words):
    frame = ROWS.assign(
        ranked=pd.Categorical(ROWS["answer"], ordered=True),
        holed=pd.Categorical(ROWS["answer"], ["a", "b", "c", "d"]),
        told=np.where(ROWS["answer"] == "c", "yes", "no"),
    )
    with pytest.raises(FitError, match=words):
        fit(tk.Design(frame, weights="w"), formula)


def test_predictions_are_for_models_of_glm_only():
    fit = tk.multinomial(tk.Design(ROWS, weights="w"), "answer ~ sex")
    with pytest.raises(FitError, match=r"needs a model of tk\.glm"):
        tk.predict(fit, {"sex": "Male"})
    with pytest.raises(FitError, match=r"models of tk\.glm only"):
        tk.term_test(fit, "sex", statistic="lrt")


DATED = make_rows().assign(ranked=lambda rows: pd.Categorical(rows["answer"], list("abc"), ordered=True))


@pytest.mark.parametrize("fit", [tk.ordinal, tk.multinomial])
@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1e-9), (0.0, 1e9), (1e6, 1.0), (1.7e9, 86_400.0)])
def test_numbers_far_from_zero_or_on_any_scale_lose_no_digits(fit, shift, scale):
    def of(numbers):
        return fit(tk.Design(DATED.assign(number=numbers), weights="w"), "ranked ~ number + sex")

    near, far = of(DATED["size"]), of(DATED["size"] * scale + shift)
    slopes = [place for place, name in enumerate(near.names) if name.endswith("number")]
    assert slopes
    np.testing.assert_allclose(far.estimate[slopes] * scale, near.estimate[slopes], rtol=1e-7)
    np.testing.assert_allclose(far.se[slopes] * scale, near.se[slopes], rtol=1e-7)
    np.testing.assert_allclose(far.p_value[slopes], near.p_value[slopes], rtol=1e-6)


@pytest.mark.parametrize("shift", [0.0, 1e4, 1e6, 1e8])
@pytest.mark.parametrize(
    "fit", [tk.ordinal, tk.multinomial, lambda *given: tk.glm(*given, family="binomial")]
)
def test_separation_is_named_however_far_the_numbers_are_from_zero(fit, shift):
    rows = DATED.dropna(subset=["size"])
    answers = pd.cut(rows["size"], [-1, 3, 5, 10], labels=["few", "some", "many"])
    told = (rows["size"] > 3).astype(float)
    rows = rows.assign(told=answers.cat.as_ordered(), both=told, size=rows["size"] + shift)
    outcome = "told" if fit in (tk.ordinal, tk.multinomial) else "both"
    with pytest.raises(FitError, match="separated") as caught:
        fit(tk.Design(rows, weights="w"), f"{outcome} ~ size + sex")
    assert caught.value.got.startswith("size")
