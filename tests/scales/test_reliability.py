"""The reliability of scales against R (psych, survey, factanal, lavaan) and pingouin, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError, DesignError
from trustkit.scales.coefficients import COEFFICIENTS
from trustkit.scales.one_factor import fit_one_factor

FOLDER = Path(__file__).parents[1] / "reference" / "scales"
FROM_R = json.loads((FOLDER / "output.json").read_text(encoding="utf-8"))
ITEMS = ["A1", "A2", "A3", "A4", "A5"]
METHODS = tuple(method for method in COEFFICIENTS if method != "omega_hierarchical")
"""Those that five items have; the other one is tested with the factors."""
FACTOR = ("omega", "composite_reliability", "average_variance_extracted")
BY_HAND = 1e-6
"""R's standard errors rest on numerical derivatives, and omega's there on those of Newton's steps."""


@pytest.fixture(scope="module")
def answers():
    return pd.read_csv(FOLDER / "answers.csv")


def designed(answers, spec, **more):
    return tk.Design(answers, **{role: column for role, column in spec.items() if column}, **more)


def recorded(*methods):
    return [record for record in FROM_R["records"] if record["method"] in methods]


@pytest.mark.parametrize(
    "record",
    recorded(*METHODS),
    ids=lambda r: f"{r['method']}-{r['design']['psu'] or r['design']['weights']}",
)
def test_each_coefficient_and_its_standard_error_are_those_of_r(answers, record):
    found = tk.reliability(designed(answers, record["design"]), ITEMS, method=record["method"])
    assert found.estimate[0] == pytest.approx(record["estimate"], rel=1e-9)
    assert found.se[0] == pytest.approx(record["se"], rel=BY_HAND)
    assert found.n[0] == len(answers)


def test_alpha_is_that_of_svycralpha_and_of_psych(answers):
    for record in recorded("alpha"):
        kind = (
            "clustered" if record["design"]["psu"] else "weighted" if record["design"]["weights"] else "plain"
        )
        value = tk.reliability(designed(answers, record["design"]), ITEMS).estimate[0]
        assert value == pytest.approx(FROM_R["svycralpha"][kind], rel=1e-12)
    plain = tk.Design(answers)
    psych = FROM_R["psych"]
    assert tk.reliability(plain, ITEMS).estimate[0] == pytest.approx(psych["raw_alpha"], rel=1e-12)
    standardized = tk.reliability(plain, ITEMS, method="standardized_alpha")
    assert standardized.estimate[0] == pytest.approx(psych["std_alpha"], rel=1e-12)
    scaled = tk.Design(answers[ITEMS] / answers[ITEMS].std())
    assert tk.reliability(scaled, ITEMS, method="lambda6").estimate[0] == pytest.approx(psych["g6_of_scaled"])


def test_loadings_are_those_of_factanal_and_coefficients_those_of_lavaan(answers):
    centred = answers[ITEMS] - np.average(answers[ITEMS], axis=0, weights=answers["w"])
    covariance = (centred.T * answers["w"]) @ centred / answers["w"].sum()
    fit = fit_one_factor(covariance.to_numpy(), ITEMS)
    standard = fit.loadings / np.sqrt(np.diag(fit.implied))
    np.testing.assert_allclose(standard, FROM_R["factanal"]["loadings"], rtol=1e-5)  # its own tolerance
    for method in ("composite_reliability", "average_variance_extracted"):
        found = tk.reliability(tk.Design(answers), ITEMS, method=method)
        assert found.estimate[0] == pytest.approx(FROM_R["lavaan"][method], rel=1e-5)  # lavaan's tolerance


def test_an_unweighted_alpha_is_pingouins_whose_interval_is_too_narrow_under_clustering(answers):
    pingouin = pytest.importorskip("pingouin")
    value, (low, high) = pingouin.cronbach_alpha(answers[ITEMS])
    plain = tk.reliability(tk.Design(answers), ITEMS)
    clustered = tk.reliability(tk.Design(answers, weights="w", strata="gender", psu="psu"), ITEMS)
    assert plain.estimate[0] == pytest.approx(value, rel=1e-12)
    assert high - low < 0.75 * (clustered.ci_high[0] - clustered.ci_low[0])


def test_psychs_standard_error_of_alpha_is_too_small_even_without_a_design(answers):
    psych = FROM_R["psych"]["ase"]
    plain = tk.reliability(tk.Design(answers), ITEMS)
    clustered = tk.reliability(tk.Design(answers, weights="w", strata="gender", psu="psu"), ITEMS)
    assert psych < 0.9 * plain.se[0]
    assert psych < 0.7 * clustered.se[0]


def test_omega_names_its_denominator_and_the_observed_variance_gives_another_number(answers):
    # semTools prints up to three numbers for one factor, as their denominators differ
    centred = answers[ITEMS] - np.average(answers[ITEMS], axis=0, weights=answers["w"])
    covariance = ((centred.T * answers["w"]) @ centred / answers["w"].sum()).to_numpy()
    loadings = fit_one_factor(covariance, ITEMS).loadings
    found = tk.reliability(tk.Design(answers, weights="w"), ITEMS, method="omega")
    assert loadings.sum() ** 2 / covariance.sum() - found.estimate[0] > 0.002
    assert "the denominator is the variance by that model" in str(found)


def test_replicates_estimate_again_and_agree_with_r(answers):
    clustered = tk.Design(answers, weights="w", strata="gender", psu="psu")
    replicated = tk.replicate(clustered, "JKn", centre="estimate")
    checked = [record for record in recorded("alpha", "omega") if record["se_jackknife"]]
    assert len(checked) == 2
    for record in checked:
        found = tk.reliability(replicated, ITEMS, method=record["method"])
        assert found.se[0] == pytest.approx(record["se_jackknife"], rel=BY_HAND)


@pytest.mark.parametrize("method", METHODS)
def test_the_derivative_is_that_of_the_coefficient(method):
    random = np.random.default_rng(4)
    loadings = random.uniform(0.5, 1.2, 6)
    noise = random.normal(size=(6, 6))
    covariance = np.outer(loadings, loadings) + np.diag(random.uniform(0.4, 2, 6)) + noise @ noise.T / 60
    coefficient = COEFFICIENTS[method]
    _, slope = coefficient(covariance, "abcdef")
    np.testing.assert_allclose(slope, slope.T, atol=1e-14)
    for _ in range(4):
        step = random.normal(size=(6, 6)) * 1e-5
        step = step + step.T
        change = coefficient(covariance + step, "abcdef")[0] - coefficient(covariance - step, "abcdef")[0]
        assert change == pytest.approx(2 * np.sum(slope * step), rel=1e-5, abs=1e-11)


@pytest.mark.parametrize("method", METHODS)
def test_coefficients_without_a_unit_do_not_change_with_the_unit_of_all_items(answers, method):
    design, wider = (
        tk.Design(answers, weights="w"),
        tk.Design(answers.assign(**3 * answers[ITEMS]), weights="w"),
    )
    one, other = (tk.reliability(of, ITEMS, method=method) for of in (design, wider))
    assert other.estimate[0] == pytest.approx(one.estimate[0], rel=1e-9)
    assert other.se[0] == pytest.approx(one.se[0], rel=1e-7)


def test_the_interval_ends_below_one_and_has_the_degrees_of_freedom_of_its_domain(answers):
    design = tk.Design(answers, weights="w", psu="psu")
    few = tk.reliability(design, ITEMS, where={"psu": {"low": 0, "high": 4}}, conf=0.9999999)
    assert few.df[0] == 4
    assert few.ci_low[0] < few.estimate[0] < few.ci_high[0] < 1


def test_who_lacks_an_answer_is_left_out_and_counted(answers):
    holed = answers.copy()
    holed["A1"] = holed["A1"].astype(float)
    holed.loc[[0, 5, 9], "A1"] = np.nan
    found = tk.reliability(tk.Design(holed, weights="w"), ITEMS)
    whole = tk.reliability(tk.Design(answers.drop([0, 5, 9]), weights="w"), ITEMS)
    assert found.estimate[0] == pytest.approx(whole.estimate[0], rel=1e-12)
    assert found.n[0] == len(answers) - 3
    assert found.notes[0].startswith("3 respondents have no answer to at least one item and are left out, 0.")
    assert found.base == "answers to all 5 items"


@pytest.mark.parametrize("statistic", ["alpha", "r2"])
@pytest.mark.parametrize("kind", ["domain", "zero_weights", "raked"])
def test_domains_weights_of_zero_and_raked_weights_are_those_of_r(answers, kind, statistic):
    row = np.arange(1, len(answers) + 1)
    frame = answers.assign(
        third=pd.Categorical(np.where(row % 3 == 0, "yes", "no")),
        w0=np.where(row % 7 == 0, 0.0, answers["w"]),
        gender=answers["gender"].map({1: "m", 2: "f"}),
    )
    design = tk.Design(frame, weights="w0" if kind == "zero_weights" else "w", strata="gender", psu="psu")
    if kind == "raked":
        design = tk.rake(tk.Design(frame, weights="w", psu="psu"), {"gender": {"m": 0.5, "f": 0.5}})
    where = {"third": "yes"} if kind == "domain" else None
    theirs = FROM_R["special"][statistic][kind]
    if statistic == "alpha":
        found, at, lost = tk.reliability(design, ITEMS, where=where), 0, 0
    else:
        found, at, lost = tk.drivers(design, "A1", ITEMS[1:], where=where), -1, len(ITEMS) - 1
    assert found.estimate[at] == pytest.approx(theirs["estimate"], rel=1e-8)
    assert found.se[at] == pytest.approx(theirs["se"], rel=BY_HAND)
    assert found.df[at] == theirs["df"] - lost


def test_an_item_that_runs_the_other_way_is_named(answers):
    turned = tk.Design(answers.assign(A1=7 - answers["A1"]))
    (note,) = tk.reliability(turned, ITEMS).notes
    assert note.startswith("A1 correlates negatively (-0.3114) with the sum of the other items.")
    assert tk.reliability(tk.Design(answers), ITEMS).notes == ()


def test_reversed_items_of_the_codebook_are_turned_around(answers):
    variables = {
        name: tk.Variable(name, name, "numeric", low=1, high=6, set="agree", reverse=name == "A1")
        for name in ITEMS
    }
    survey = tk.Survey(
        answers.assign(A1=7 - answers["A1"])[ITEMS].astype(float),
        tk.Codebook(variables, sets={"agree": "Agreeableness"}),
    )
    found = tk.reliability(tk.Design(survey), "agree")
    assert found.estimate[0] == pytest.approx(FROM_R["psych"]["raw_alpha"], rel=1e-12)
    assert found.keys["variable"].tolist() == ["agree"]
    assert "Agreeableness" in str(found).splitlines()[0]


def test_the_base_names_a_condition_only_if_all_items_were_asked_under_it(answers):
    def base(*conditions):
        variables = {
            name: tk.Variable(name, name, "numeric", asked=asked)
            for name, asked in zip(["A1", "A2"], conditions, strict=True)
        }
        told = tk.Variable("gender", "Gender", "single", codes={1: "m", 2: "f"})
        book = tk.Codebook({"gender": told, **variables})
        frame = answers[["A1", "A2", "gender"]].astype({"A1": float, "A2": float})
        return tk.reliability(tk.Design(tk.Survey(frame, book)), ["A1", "A2"]).base

    assert base({"gender": ("m",)}, {}) == "answers to both items"
    assert base({"gender": ("m",)}, {"gender": ("m",)}).endswith("is m")


def conditional(answers, **missing):
    """Return answers and a codebook of items that were asked of the women only."""
    frame = answers[["A1", "A2", "A3", "gender"]].astype({"A1": float, "A2": float, "A3": float})
    frame.loc[frame["gender"] == 1, ["A1", "A2", "A3"]] = np.nan
    frame["gender"] = frame["gender"].map({1: "m", 2: "f"}).astype("category")
    items = {
        name: tk.Variable(name, name, "numeric", asked={"gender": ("f",)}, missing=missing.get(name, {}))
        for name in ("A1", "A2", "A3")
    }
    gender = tk.Variable("gender", "Gender", "single", codes={1: "m", 2: "f"})
    return frame, tk.Codebook({**items, "gender": gender})


def test_who_was_not_asked_has_no_missing_answer(answers):
    frame, book = conditional(answers)
    women = frame.index[frame["gender"] == "f"]
    frame.loc[women[:7], "A1"] = np.nan
    design = tk.Design(tk.Survey(frame, book))
    found = tk.reliability(design, ["A1", "A2", "A3"])
    assert found.n[0] == len(women) - 7
    (note,) = found.notes
    assert note.startswith("7 respondents have no answer to at least one item and are left out, 0.4%")
    table = tk.item_analysis(design, ["A1", "A2", "A3"]).to_frame().set_index(["variable", "level"])
    missing = table.loc[("A1", "missing")]
    nonresponse = tk.item_nonresponse(design, "A1").to_frame().query("level == 'any reason'")
    assert (missing["estimate"], missing["n"]) == (pytest.approx(7 / len(women)), len(women))
    assert missing["se"] == pytest.approx(nonresponse["se"].iloc[0])
    assert table.loc[("A2", "missing"), "estimate"] == 0


def test_who_was_not_asked_an_item_is_counted_apart_if_the_base_does_not_say_so(answers):
    frame, _ = conditional(answers)
    items = frame.loc[frame["gender"] == "f", ["A1", "A2", "A3"]].reset_index(drop=True)
    items.loc[:4, "A1"] = -1
    items.loc[5, "A1"] = -9
    coded = {-1: "not asked", -9: "refused"}
    book = tk.Codebook({name: tk.Variable(name, name, "numeric", missing=coded) for name in items})
    found = tk.reliability(tk.Design(tk.Survey(items, book)), list(items))
    assert found.n[0] == len(items) - 6
    assert found.notes[0].startswith("5 respondents were not asked at least one item and are left out, 0.3%")
    assert found.notes[1].startswith("1 respondent has no answer to at least one item and is left out")


def test_two_items_have_the_spearman_brown_coefficient(answers):
    design = tk.Design(answers)
    found = tk.reliability(design, ["A2", "A3"], method="standardized_alpha")
    r = np.corrcoef(answers["A2"], answers["A3"])[0, 1]
    assert found.estimate[0] == pytest.approx(2 * r / (1 + r), rel=1e-12)
    assert "Alpha of two items is too low" in tk.reliability(design, ["A2", "A3"]).notes[-1]


@pytest.mark.parametrize(
    ("change", "items", "method", "words"),
    [
        ({}, ["A1"], "alpha", "at least two items"),
        ({}, ["A1", "A1"], "alpha", "twice"),
        ({}, "agree", "alpha", "no battery"),
        ({}, ["A1", "A9"], "alpha", "no variable 'A9'"),
        ({}, ["A1", "A2"], "omega", "needs three items"),
        ({"A1": 3}, ITEMS, "alpha", "same answer for everybody"),
        ({"A1": np.nan}, ITEMS, "alpha", "nobody is in the base"),
        ({"A1": lambda a: 7 - a["A2"]}, ["A1", "A2"], "alpha", "sum of some items is the same"),
        (
            {"A1": lambda a: 0.7 - 0.1 * a["A2"], "A2": lambda a: 0.1 * a["A2"]},
            ["A1", "A2"],
            "alpha",
            "sum of",
        ),
        ({"A1": lambda a: 3 - 0.5 * a["A2"]}, ["A1", "A2"], "standardized_alpha", "sum of some items"),
        ({"A1": lambda a: a["A2"] + a["A3"]}, ["A1", "A2", "A3"], "lambda6", "computed exactly"),
        ({"A1": lambda a: a["A2"] + a["A3"]}, ["A1", "A2", "A3"], "omega", "computed exactly"),
    ],
)
def test_scales_that_can_not_be_measured_are_refused_by_name(answers, change, items, method, words):
    with pytest.raises(DataError, match=words):
        tk.reliability(tk.Design(answers.assign(**change)), items, method=method)


@pytest.mark.parametrize("method", METHODS)
def test_numbers_far_from_zero_vary_like_others(answers, method):
    moved = answers.assign(**answers[ITEMS] + 1e8)
    one, other = (
        tk.reliability(tk.Design(frame, weights="w"), ITEMS, method=method) for frame in (answers, moved)
    )
    assert other.estimate[0] == pytest.approx(one.estimate[0], rel=1e-7)
    assert other.se[0] == pytest.approx(one.se[0], rel=1e-6)


@pytest.mark.parametrize("value", [1e-9, 0.1, 1 / 3, 1e9 + 0.1])
def test_the_same_answer_of_many_is_refused_whatever_its_size(value):
    random = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"a": random.normal(size=200_000), "b": value, "w": random.uniform(0.1, 9, size=200_000)}
    )
    with pytest.raises(DataError, match="same answer for everybody") as caught:
        tk.reliability(tk.Design(frame, weights="w"), ["a", "b"])
    assert caught.value.where == "b"


def test_an_item_that_the_factor_explains_wholly_is_named():
    # a correlates more with b and c than one factor allows: .9 x .9 / .65 is above 1
    root = np.linalg.cholesky([[1, 0.9, 0.9], [0.9, 1, 0.65], [0.9, 0.65, 1]])
    drawn = np.random.default_rng(2).normal(size=(400, 3))
    drawn = (drawn - drawn.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(drawn.T))).T
    frame = pd.DataFrame(drawn @ root.T, columns=list("abc"))
    with pytest.raises(DataError, match="Heywood") as caught:
        tk.reliability(tk.Design(frame), ["a", "b", "c"], method="omega")
    assert caught.value.where == "a"


def test_rows_in_an_engine_are_refused():
    pl = pytest.importorskip("polars")
    with pytest.raises(DesignError, match=r"memory|engine|lazy"):
        tk.reliability(tk.Design(pl.LazyFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]})), ["a", "b"])


def test_the_documentation_says_how_far_the_textbook_standard_error_is_off():
    page = (Path(__file__).parents[2] / "docs" / "maths.md").read_text(encoding="utf-8")
    plain, _, clustered = (record["se"] for record in recorded("alpha"))
    for number in (FROM_R["psych"]["ase"], plain, clustered):
        assert f"{number:.4f}" in page
