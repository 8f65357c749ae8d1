"""Confirmatory factor models and invariance against lavaan, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.scales.factor_structure import Moments, Structure, fit_structure

FOLDER = Path(__file__).parents[1] / "reference"
FROM_R = json.loads((FOLDER / "factors" / "output.json").read_text(encoding="utf-8"))
ITEMS = [f"x{number}" for number in range(1, 10)]
MODEL = {"visual": ITEMS[:3], "textual": ITEMS[3:6], "speed": ITEMS[6:]}
TWO = {"f": ITEMS[3:6], "g": ITEMS[6:]}
OPTIMUM = 1e-5
"""lavaan stops where the discrepancy changes by 1e-10, so its parameters are this close to their optimum."""


@pytest.fixture(scope="module")
def abilities():
    return pd.read_csv(FOLDER / "factors" / "abilities.csv")


@pytest.fixture(scope="module")
def plain(abilities):
    return tk.confirm(tk.Design(abilities), MODEL)


def rows(records, *, se="se", est="est"):
    """lavaan's parameters by our names, without means and the fixed variances of factors."""
    return {
        f"{row['lhs']} {row['op']} {row['rhs']}": (row[est], row[se])
        for row in records
        if row["op"] != "~1" and row[se] > 0
    }


def test_parameters_are_those_of_lavaan(plain):
    theirs = rows(FROM_R["cfa"]["free"])
    found = plain.to_frame()
    assert set(found["variable"]) == set(theirs)
    for name, value in zip(found["variable"], found["estimate"], strict=True):
        assert value == pytest.approx(theirs[name][0], rel=OPTIMUM), name


def test_loadings_with_the_first_one_fixed_are_ratios_of_ours(plain):
    markers = rows(FROM_R["cfa"]["marker"])
    names = plain.parameters.keys["variable"].tolist()
    for name in ("visual =~ x2", "textual =~ x5", "speed =~ x9"):
        factor = name.split(" =~ ")[0]
        first = f"{factor} =~ {MODEL[factor][0]}"
        ratio = plain.parameters.estimate[names.index(name)] / plain.parameters.estimate[names.index(first)]
        assert ratio == pytest.approx(markers[name][0], rel=OPTIMUM)


def test_standardized_loadings_and_the_reliability_of_a_factor_are_those_of_lavaan(plain):
    theirs = rows(FROM_R["cfa"]["standard"], est="est.std")
    found = plain.standardized.to_frame()
    assert len(found) == 12
    for name, value in zip(found["variable"], found["estimate"], strict=True):
        assert value == pytest.approx(theirs[name][0], rel=OPTIMUM), name
    composite, extracted = plain.reliability.estimate[:2]
    assert composite == pytest.approx(FROM_R["cfa"]["composite_reliability"], rel=OPTIMUM)
    assert extracted == pytest.approx(FROM_R["cfa"]["average_variance_extracted"], rel=OPTIMUM)
    assert plain.reliability.keys["variable"].tolist()[::2] == list(MODEL)


def test_statistic_and_indices_are_those_of_lavaan(plain):
    theirs = FROM_R["cfa"]["fit"]
    assert plain.test.statistic == pytest.approx(theirs["chisq"], rel=1e-8)
    assert plain.test.df == theirs["df"]
    for name in ("cfi", "tli", "rmsea", "srmr"):
        assert plain.indices[name] == pytest.approx(theirs[name], rel=1e-7), name


def test_rmsea_divides_by_the_number_of_respondents_unlike_that_of_semopy(plain):
    above = plain.test.statistic - plain.test.df
    of_n, of_n_less_one = (np.sqrt(above / plain.test.df / size) for size in (plain.n, plain.n - 1))
    assert plain.indices["rmsea"] == pytest.approx(of_n, rel=1e-12)
    assert of_n_less_one - of_n > 1e-4


def test_the_fit_goes_to_the_optimum_where_semopy_stops_early(plain):
    # semopy's loadings of x2 and x3 are 1e-3 off; ours are lavaan's, and no derivative is left
    markers = rows(FROM_R["cfa"]["marker"])
    names = plain.parameters.keys["variable"].tolist()
    first = plain.parameters.estimate[names.index("visual =~ x1")]
    for name in ("visual =~ x2", "visual =~ x3"):
        ratio = plain.parameters.estimate[names.index(name)] / first
        assert ratio == pytest.approx(markers[name][0], rel=OPTIMUM)


def test_the_adjusted_test_is_that_of_lavaan_up_to_n_less_one(plain):
    adjusted = FROM_R["mlm"]["adjusted"]
    assert plain.test.adjusted_df == pytest.approx(adjusted["df.scaled"], rel=1e-6)
    factor = (plain.n - 1) / plain.n  # lavaan's covariance of the moments divides by n
    assert plain.test.adjusted == pytest.approx(factor * adjusted["chisq.scaled"], rel=1e-6)


def test_weighted_standard_errors_are_lavaans_sandwich_up_to_n_less_one():
    answers = pd.read_csv(FOLDER / "scales" / "answers.csv")
    found = tk.confirm(tk.Design(answers, weights="w"), {"agree": [f"A{i}" for i in range(1, 6)]}).to_frame()
    theirs = rows(FROM_R["agree"])
    root = np.sqrt((len(answers) - 1) / len(answers))
    for name, value, se in zip(found["variable"], found["estimate"], found["se"], strict=True):
        assert value == pytest.approx(theirs[name][0], rel=OPTIMUM)
        assert root * se == pytest.approx(theirs[name][1], rel=OPTIMUM)


def test_clustered_standard_errors_are_those_of_lavaan(abilities):
    found = tk.confirm(tk.Design(abilities, weights="w", psu="psu"), TWO).to_frame()
    theirs = rows(FROM_R["clustered"])
    for name, value, se in zip(found["variable"], found["estimate"], found["se"], strict=True):
        assert (value, se) == pytest.approx(theirs[name], rel=OPTIMUM), name


@pytest.mark.parametrize(
    "units", [dict.fromkeys(ITEMS, 1e-4), dict.fromkeys(ITEMS, 1e5), {"x1": 1e3, "x5": 1e-3}]
)
def test_the_fit_does_not_depend_on_the_units_of_items(abilities, plain, units):
    other = abilities.assign(**{name: 7 + factor * abilities[name] for name, factor in units.items()})
    found = tk.confirm(tk.Design(other), MODEL)
    np.testing.assert_allclose(found.standardized.estimate, plain.standardized.estimate, rtol=1e-8)
    np.testing.assert_allclose(found.standardized.se, plain.standardized.se, rtol=1e-6)
    assert found.test.statistic == pytest.approx(plain.test.statistic, rel=1e-9)
    ours, theirs = (model.to_frame().set_index("variable") for model in (found, plain))
    for item, factor in units.items():
        loading, unique = (
            next(name for name in ours.index if name.endswith(f"=~ {item}")),
            f"{item} ~~ {item}",
        )
        assert ours.loc[loading, "estimate"] == pytest.approx(factor * theirs.loc[loading, "estimate"])
        assert ours.loc[unique, "se"] == pytest.approx(factor**2 * theirs.loc[unique, "se"], rel=1e-6)


def test_intercepts_are_in_the_units_of_the_answers(abilities):
    found = tk.confirm(tk.Design(abilities), TWO, by="school").to_frame().set_index("variable")
    own = abilities.loc[abilities["school"] == "Pasteur", "x4"]
    assert found.loc["x4 ~1 [Pasteur]", "estimate"] == pytest.approx(own.mean(), rel=1e-9)
    assert found.loc["x4 ~1 [Pasteur]", "se"] == pytest.approx(own.std() / np.sqrt(len(own)), rel=0.01)


def test_a_loading_that_runs_the_other_way_is_named(abilities, plain):
    found = tk.confirm(tk.Design(abilities.assign(x1=-abilities["x1"])), MODEL)
    assert found.reliability.estimate[0] < 0.1
    words = "x1 has a negative loading on visual (-0.77). If its answers run the other way"
    assert any(note.startswith(words) for note in found.standardized.notes)
    assert plain.standardized.notes == ()
    turned = abilities.assign(**{item: -abilities[item] for item in MODEL["visual"]})
    assert tk.confirm(tk.Design(turned), MODEL).standardized.notes == ()


def test_factors_that_correlate_by_more_than_one_are_named():
    random = np.random.default_rng(1)
    answers = random.normal(size=(150, 1)) + 1.3 * random.normal(size=(150, 6))
    frame = pd.DataFrame(answers, columns=list("abcdef")).assign(sex=pd.Categorical(["m", "f"] * 75))
    model = {"g": list("abc"), "h": list("def")}
    found = tk.confirm(tk.Design(frame), model)
    r = dict(zip(found.standardized.keys["variable"], found.standardized.estimate, strict=True))["g ~~ h"]
    assert r > 1
    assert f"not possible (g with h: {r:.2f})." in str(found)
    by_sex = tk.confirm(tk.Design(frame), model, by="sex")
    assert tk.invariance(tk.Design(frame), model, "sex").notes == by_sex.standardized.notes


def test_three_items_of_one_factor_fit_exactly(abilities):
    found = tk.confirm(tk.Design(abilities), {"f": ITEMS[3:6]})
    theirs = [row["est.std"] for row in FROM_R["saturated"]["standard"] if row["op"] == "=~"]
    np.testing.assert_allclose(found.standardized.estimate, theirs, rtol=OPTIMUM)
    assert found.test.df == 0
    assert "fits exactly" in str(found)
    omega = tk.reliability(tk.Design(abilities), ITEMS[3:6], method="composite_reliability")
    assert found.reliability.estimate[0] == pytest.approx(omega.estimate[0], rel=1e-9)
    assert found.reliability.se[0] == pytest.approx(omega.se[0], rel=1e-6)


def test_replicates_fit_again(abilities):
    design = tk.Design(abilities.assign(psu=abilities["psu"] % 20), weights="w", psu="psu")
    linear, repeated = (tk.confirm(of, {"f": ITEMS[3:6]}) for of in (design, tk.replicate(design, "JK1")))
    np.testing.assert_allclose(repeated.parameters.se, linear.parameters.se, rtol=0.1)
    assert (repeated.parameters.se != linear.parameters.se).all()


@pytest.mark.parametrize("step", ["configural", "metric", "scalar"])
def test_models_of_several_groups_are_those_of_lavaan(abilities, step):
    table = tk.invariance(tk.Design(abilities), MODEL, "school").table.set_index("model")
    theirs = FROM_R["invariance"][step]
    assert table.loc[step, "chi2"] == pytest.approx(theirs["chisq"], rel=1e-8)
    assert table.loc[step, "df"] == theirs["df"]
    for name in ("cfi", "tli", "rmsea"):
        assert table.loc[step, name] == pytest.approx(theirs[name], rel=1e-7)
    assert table.loc[step, "srmr"] == pytest.approx(theirs["srmr"], rel=1e-5)


def test_loadings_are_equal_in_both_schools_and_intercepts_are_not(abilities):
    found = tk.invariance(tk.Design(abilities), MODEL, "school")
    assert found.table["holds"].tolist() == [True, True, False]
    assert found.table["p_change"][1] > 0.05
    assert found.table["p_change"][2] < 0.001
    assert found.groups == ("Grant-White", "Pasteur")
    assert "holds if CFI falls" in str(found)
    assert found._parts()[1]["model"].tolist()[1] == "metric: equal loadings, too"


def test_one_factor_is_shown_by_its_items_and_several_by_their_parameters(abilities):
    one, several = (
        tk.confirm(tk.Design(abilities), {name: MODEL[name] for name in names})._parts()
        for names in (list(MODEL)[:1], list(MODEL))
    )
    assert list(one[1])[:2] == ["item", "standardized loading"]
    assert list(several[1])[:2] == ["parameter", "standardized estimate"]
    assert any(", p < 0.001. CFI" in note for note in several[2])


def test_equal_loadings_stand_once_and_the_factors_of_later_groups_vary(abilities):
    found = tk.confirm(tk.Design(abilities), TWO, by="school", equal=["loadings", "intercepts"])
    names = found.parameters.keys["variable"].tolist()
    assert names.count("f =~ x4") == 1
    assert "f ~~ f [Pasteur]" in names
    assert "f ~1 [Pasteur]" in names
    assert "f ~1 [Grant-White]" not in names
    assert found.reliability is None


@pytest.mark.parametrize("equal", [[], ["loadings"], ["loadings", "intercepts"]])
def test_influences_of_groups_are_the_derivatives_by_a_rows_weight(abilities, equal):
    from trustkit.scales.confirm import Fitted
    from trustkit.scales.grouped_answers import GroupedAnswers

    design = tk.Design(abilities, weights="w")
    answers = GroupedAnswers.of(design, ITEMS[3:], "school", None)
    fitted = Fitted.of(answers, TWO, equal)
    influences = answers.parameter_influences(fitted.fit, fitted.fit.hessian())
    for row in (0, 250):
        ends = []
        for step in (1e-3, -1e-3):
            moved = design.weights.copy()
            moved[row] += step
            ends.append(fit_structure(fitted.fit.structure, answers.moments(moved)).parameters)
        change = (ends[0] - ends[1]) / 2e-3
        np.testing.assert_allclose(influences[row], change, atol=2e-4 * np.abs(change).max())


def test_first_derivatives_are_those_of_the_discrepancy():
    random = np.random.default_rng(5)
    structure = Structure.of({"f": list("abc"), "g": list("de")}, ["one", "two"], ["loadings"])
    covariances = np.array([np.cov(random.normal(size=(50, 5)).T) + np.eye(5) for _ in range(2)])
    moments = Moments(np.array([0.4, 0.6]), random.normal(size=(2, 5)), covariances)
    at = structure.start(moments) + 0.05 * random.normal(size=len(structure.names))
    from trustkit.scales.factor_structure import _at

    slope = _at(structure, moments, at).slope
    for place in range(len(at)):
        step = np.zeros(len(at))
        step[place] = 1e-6
        change = _at(structure, moments, at + step).value - _at(structure, moments, at - step).value
        assert slope[place] == pytest.approx(change / 2e-6, abs=1e-7)


def test_a_model_that_holds_is_fitted_with_a_discrepancy_of_zero():
    structure = Structure.of(MODEL, [""], [])
    truth = np.where([" =~ " in name for name in structure.names], 0.8, 0.4)
    moments = Moments(np.ones(1), np.zeros((1, 9)), structure.implied(truth, 0)[0][None])
    found = fit_structure(structure, moments)
    assert found.discrepancy == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("model", "more", "words"),
    [
        ({"f": ["x1", "x2"]}, {}, "too few items"),
        ({"f": ["x1", "x2"], "g": ["x3"]}, {}, "too few items"),
        ({"f": ["x1", "x2", "x3"], "g": ["x3", "x4"]}, {}, "one factor only"),
        ({"x1": ["x1", "x2", "x3"]}, {}, "a factor has the name of an item"),
        ({"f": ["x1", "x2", "nowhere"]}, {}, "no variable"),
        ({"f": ["x1", "x2", "x3"]}, {"equal": ["loadings"]}, "needs groups"),
        ({"f": ["x1", "x2", "x3"]}, {"by": "school", "equal": ["intercepts"]}, "together with loadings"),
        ({"f": ["x1", "x2", "x3"]}, {"by": "class"}, "too few respondents"),
        ("f", {}, "argument 'model'"),
    ],
)
def test_models_that_can_not_be_fitted_are_refused(abilities, model, more, words):
    frame = abilities.assign(**{"class": pd.Categorical(["one"] * 3 + ["two"] * 298)})
    with pytest.raises(DataError, match=words):
        tk.confirm(tk.Design(frame), model, **more)


def test_fewer_psus_than_parameters_are_refused(abilities):
    few = tk.Design(abilities.assign(psu=abilities["psu"] % 15), psu="psu")
    with pytest.raises(DataError, match="too few PSUs") as caught:
        tk.confirm(few, MODEL)
    assert caught.value.got == "14 (PSUs less strata), 21 parameters without intercepts"


def test_an_item_that_its_factor_explains_wholly_is_named():
    root = np.linalg.cholesky([[1, 0.9, 0.9], [0.9, 1, 0.65], [0.9, 0.65, 1]])
    drawn = np.random.default_rng(2).normal(size=(400, 3))
    drawn = (drawn - drawn.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(drawn.T))).T
    frame = pd.DataFrame(drawn @ root.T, columns=list("abc"))
    with pytest.raises(DataError, match="Heywood") as caught:
        tk.confirm(tk.Design(frame), {"f": list("abc")})
    assert caught.value.where == "a"


def test_a_factor_takes_the_name_of_a_battery(abilities):
    variables = {name: tk.Variable(name, name, "numeric", set="reading") for name in ITEMS[3:6]}
    book = tk.Codebook(variables, sets={"reading": "Reading"})
    survey = tk.Survey(abilities[ITEMS[3:6]].astype(float), book)
    named = tk.confirm(tk.Design(survey), {"f": "reading"})
    listed = tk.confirm(tk.Design(survey), {"f": ITEMS[3:6]})
    np.testing.assert_array_equal(named.parameters.estimate, listed.parameters.estimate)


def test_readers_see_the_wording_of_items_and_not_their_columns(abilities):
    words = {"x4": "Reads a paragraph", "x5": "Completes a sentence", "x6": "Knows words"}
    book = tk.Codebook({name: tk.Variable(name, said, "numeric") for name, said in words.items()})
    design = tk.Design(tk.Survey(abilities[list(words)].astype(float), book))
    for found in (tk.confirm(design, {"reading": list(words)}), tk.factors(design, list(words), 1)):
        shown = str(found)
        assert all(said in shown for said in words.values())
        assert "x4" not in shown


def test_every_result_on_synthetic_data_says_so(abilities):
    variables = {name: tk.Variable(name, name, "numeric") for name in ITEMS}
    codes = {name: name for name in ("Pasteur", "Grant-White")}
    school = tk.Variable("school", "School", "single", codes=codes)
    book = tk.Codebook({**variables, "school": school}, data="synthetic")
    survey = tk.Survey(abilities[[*ITEMS, "school"]].astype(dict.fromkeys(ITEMS, float)), book)
    design = tk.Design(survey)
    for found in (
        tk.confirm(design, TWO),
        tk.invariance(design, TWO, "school"),
        tk.factors(design, ITEMS, 3),
        tk.drivers(design, "x1", ["x2", "x3"]),
    ):
        assert "Synthetic data." in str(found)


def test_invariance_needs_two_groups(abilities):
    with pytest.raises(DataError, match="two groups or more"):
        tk.invariance(tk.Design(abilities), TWO, "school", where={"school": "Pasteur"})


def test_respondents_without_a_group_are_counted_in_a_note(abilities):
    school = abilities["school"].astype(object).where(abilities.index % 10 > 0, None)
    frame = abilities.assign(school=pd.Categorical(school))
    words = f"{frame['school'].isna().sum()} respondents have no answer to school and are in no group."
    for found in (
        tk.confirm(tk.Design(frame), TWO, by="school"),
        tk.invariance(tk.Design(frame), TWO, "school"),
    ):
        assert found.n == frame["school"].notna().sum()
        assert words in str(found)


def test_a_group_whose_weights_are_all_zero_is_no_group(abilities):
    frame = abilities.assign(w=(abilities["school"] == "Pasteur").astype(float))
    found = tk.confirm(tk.Design(frame, weights="w"), TWO, by="school")
    assert found.groups == ("Pasteur",)
    assert "All weights are zero for Grant-White" in str(found)


def test_an_item_that_does_not_vary_in_a_group_is_named_with_the_group(abilities):
    frame = abilities.assign(x4=abilities["x4"].where(abilities["school"] == "Pasteur", 3.0))
    with pytest.raises(DataError, match="same answer for everybody in a group") as caught:
        tk.confirm(tk.Design(frame), TWO, by="school")
    assert (caught.value.where, caught.value.got) == ("school: Grant-White", "x4")
