"""The design: what it refuses, which rows a domain selects, and its one variance against loops over PSUs."""

from __future__ import annotations

import pickle
from copy import copy
from dataclasses import replace

import brute_force
import numpy as np
import pandas as pd
import pytest

from trustkit.design.design import Design
from trustkit.design.replicates import Replicates
from trustkit.design.replication import replicate
from trustkit.errors import DataError, DesignError, TrustkitError
from trustkit.estimation.estimates import (
    mean,
    proportion,
    ratio,
    total,
)
from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable
from trustkit.weighting.calibration import rake

YES = Variable("yes", "Yes?", "single", codes={1: "Yes", 0: "No"}, missing={8: "don't know", 9: "not asked"})
LEVEL = Variable("level", "Level", "ordinal", codes={1: "low", 2: "mid", 3: "high"}, missing={8: "refused"})
AGE = Variable("age", "Age", "numeric", missing={99: "refused"})
BOOK = Codebook({"yes": YES, "level": LEVEL, "age": AGE})
SAMPLED = {"north": 0.25, "south": 0.5, "west": 0.1}


@pytest.fixture(scope="module")
def sample():
    """90 respondents in 3 strata x 3 to 5 PSUs, with uneven weights and missing answers."""
    random = np.random.default_rng(20240304)
    stratum = np.repeat(["north", "south", "west"], [30, 20, 40])
    return pd.DataFrame(
        {
            "stratum": stratum,
            "psu": np.concatenate(
                [random.permutation(np.arange(n) % p) for n, p in [(30, 5), (20, 3), (40, 4)]]
            ),
            "fraction": [SAMPLED[name] for name in stratum],
            "w": random.uniform(0.2, 5, 90).round(2),
            "y": random.normal(10, 3, 90).round(1),
            "x": random.uniform(1, 5, 90).round(1),
            "gappy": np.where(random.uniform(size=90) < 0.2, np.nan, random.normal(0, 1, 90).round(2)),
            "answer": random.choice(["a", "b", "c"], 90, p=[0.5, 0.3, 0.2]),
            "sex": random.choice(["m", "f"], 90),
        },
    )


DESIGNS = {
    "weighted": {},
    "stratified": {"strata": "stratum"},
    "stratified, fpc": {"strata": "stratum", "fpc": "fraction"},
    "clustered": {"psu": "psu"},
    "stratified, clustered": {"strata": "stratum", "psu": "psu"},
    "stratified, clustered, fpc": {"strata": "stratum", "psu": "psu", "fpc": "fraction"},
}


@pytest.fixture(params=DESIGNS)
def roles(request):
    return DESIGNS[request.param]


def looped(sample, roles, influence):
    """Return the covariance by loops over the PSUs of the design."""
    return brute_force.covariance(
        influence,
        strata=sample[roles["strata"]] if "strata" in roles else None,
        psu=sample[roles["psu"]] if "psu" in roles else None,
        fractions=SAMPLED if "fpc" in roles else None,
    )


# The variance


def test_the_covariance_of_shares_is_that_of_loops_over_psus(sample, roles):
    p, influence = brute_force.shares(sample["answer"], ["a", "b", "c"], sample["w"])
    found = proportion(Design(sample, weights="w", **roles), "answer")
    assert np.allclose(found.estimate, p, rtol=1e-14)
    assert np.allclose(found.vcov, looped(sample, roles, influence), rtol=1e-12, atol=1e-18)


def test_the_covariance_of_domain_shares_is_that_of_loops_over_psus(sample, roles):
    parts = [
        brute_force.shares(sample["answer"], ["a", "b", "c"], sample["w"], sample["sex"] == s) for s in "fm"
    ]
    found = proportion(Design(sample, weights="w", **roles), "answer", by="sex")
    assert np.allclose(found.estimate, np.concatenate([p for p, _ in parts]), rtol=1e-14)
    expected = looped(sample, roles, np.hstack([influence for _, influence in parts]))
    assert np.allclose(found.vcov, expected, rtol=1e-12, atol=1e-18)


def test_the_covariance_of_means_with_missing_values_is_that_of_loops_over_psus(sample, roles):
    parts = [
        brute_force.mean(sample[name].fillna(0), sample["w"], sample[name].notna()) for name in ("y", "gappy")
    ]
    found = mean(Design(sample, weights="w", **roles), ["y", "gappy"])
    assert np.allclose(found.estimate, [value for value, _ in parts], rtol=1e-13)
    expected = looped(sample, roles, np.column_stack([influence for _, influence in parts]))
    assert np.allclose(found.vcov, expected, rtol=1e-11, atol=1e-15)


def test_the_variance_of_a_total_is_that_of_loops_over_psus(sample, roles):
    influence = (sample["w"] * sample["y"]).to_numpy()
    found = total(Design(sample, weights="w", **roles), "y")
    assert found.estimate[0] == pytest.approx(influence.sum(), rel=1e-14)
    assert found.vcov[0, 0] == pytest.approx(looped(sample, roles, influence)[0, 0], rel=1e-11)


def test_the_variance_of_a_ratio_is_that_of_loops_over_psus(sample, roles):
    value, influence = brute_force.ratio(sample["y"], sample["x"], sample["w"])
    found = ratio(Design(sample, weights="w", **roles), "y", "x")
    assert found.estimate[0] == pytest.approx(value, rel=1e-14)
    assert found.vcov[0, 0] == pytest.approx(looped(sample, roles, influence)[0, 0], rel=1e-11)


def test_a_domain_keeps_the_psus_without_rows_in_it(sample, roles):
    where = {"answer": "c"}
    base = sample["answer"] == "c"
    value, influence = brute_force.mean(sample["y"], sample["w"], base)
    found = mean(Design(sample, weights="w", **roles), "y", where=where)
    assert found.estimate[0] == pytest.approx(value, rel=1e-13)
    assert found.vcov[0, 0] == pytest.approx(looped(sample, roles, influence)[0, 0], rel=1e-11)
    held = sample[base & (sample["w"] > 0)]
    strata = ["stratum"] if "strata" in roles else []
    psus = len(held[[*strata, "psu"]].drop_duplicates()) if "psu" in roles else len(held)
    assert found.df.tolist() == [psus - (held["stratum"].nunique() if strata else 1)]


@pytest.mark.parametrize("fpc", [None, "fraction"])
@pytest.mark.parametrize("strata", [None, "stratum"])
def test_rows_as_their_own_psus_are_rows_numbered_as_psus(sample, strata, fpc):
    fpc = fpc if strata else None
    numbered = sample.assign(row=np.arange(len(sample)))
    roles = {"weights": "w", "strata": strata, "fpc": fpc}
    designs = Design(numbered, **roles), Design(numbered, psu="row", **roles)
    for estimator in (
        lambda design: proportion(design, ["answer", "sex"]),
        lambda design: proportion(design, "answer", by="sex"),
        lambda design: mean(design, ["y", "gappy"], by="sex"),
        lambda design: total(design, ["y", "x"]),
        lambda design: ratio(design, "y", "x", where={"sex": "f"}),
    ):
        alone, numbered_psus = map(estimator, designs)
        assert np.allclose(alone.estimate, numbered_psus.estimate, rtol=1e-12)
        scale = np.sqrt(np.outer(np.diag(numbered_psus.vcov), np.diag(numbered_psus.vcov)))
        assert np.abs((alone.vcov - numbered_psus.vcov) / scale).max() < 1e-12
        np.testing.assert_array_equal(alone.df, numbered_psus.df)


@pytest.mark.parametrize("roles", [{}, {"strata": "stratum"}, {"psu": "psu"}])
def test_a_column_far_from_zero_keeps_its_standard_error(sample, roles):
    near, far = (
        mean(Design(sample.assign(y=sample["y"] + offset), weights="w", **roles), "y", by="sex")
        for offset in (0.0, 1e9)
    )
    assert np.allclose(far.se, near.se, rtol=1e-6)
    assert np.allclose(far.estimate - 1e9, near.estimate, atol=1e-5)


@pytest.mark.parametrize("roles", DESIGNS.values(), ids=DESIGNS)
def test_a_constant_has_no_standard_error(sample, roles):
    found = mean(Design(sample.assign(one=1e6 / 3), weights="w", **roles), "one")
    assert found.se[0] == pytest.approx(0, abs=1e-6)
    assert found.estimate[0] == pytest.approx(1e6 / 3, rel=1e-14)


# Lonely PSUs: a stratum "alone" with one PSU beside "pair" with two


LONELY = pd.DataFrame(
    {"s": ["pair", "pair", "alone"], "p": [1, 2, 3], "y": [1.0, 3.0, 8.0], "g": list("xyx")}
)


@pytest.mark.parametrize(
    ("policy", "variance"),
    [
        # total of y = 12; the pair adds 2/1 * ((1-2)^2 + (3-2)^2) = 4
        ("remove", 4.0),
        ("certainty", 4.0),
        ("adjust", 4.0 + 8.0**2),
        ("average", 4.0 * 2),
    ],
)
@pytest.mark.parametrize("psu", [None, "p"])
def test_each_policy_for_lonely_psus_gives_its_variance(policy, variance, psu):
    found = total(Design(LONELY, strata="s", psu=psu, lonely_psu=policy), "y")
    assert found.vcov[0, 0] == pytest.approx(variance)


def test_lonely_psus_are_refused_by_default():
    with pytest.raises(DesignError, match="1 strata have one PSU") as caught:
        Design(LONELY, strata="s", psu="p")
    assert caught.value.got == "alone"


def test_a_domain_with_one_psu_in_a_stratum_is_lonely_only_if_so_asked():
    data = pd.DataFrame({"s": list("aabb"), "p": [1, 2, 3, 4], "y": [1.0, 2.0, 3.0, 4.0], "g": list("xxxy")})
    found = {
        choice: total(
            Design(data, strata="s", psu="p", lonely_psu="adjust", domain_lonely=choice),
            "y",
            where={"g": "x"},
        ).vcov[0, 0]
        for choice in ("ignore", "apply")
    }
    # in stratum b the totals of the domain are 3 and 0: around their mean, or around zero
    assert found["ignore"] == pytest.approx(2 * 0.5**2 * 2 + 2 * 1.5**2 * 2)
    assert found["apply"] == pytest.approx(2 * 0.5**2 * 2 + 2 * 3.0**2)


# Refusals


@pytest.mark.parametrize(
    ("options", "what", "do"),
    [
        ({"weights": "ww"}, "no column 'ww' for weights", "did you mean 'w'?"),
        ({"strata": "stratm"}, "no column 'stratm' for strata", "did you mean 'stratum'?"),
        ({"psu": "pssu"}, "no column 'pssu' for psu", "did you mean 'psu'?"),
        ({"fpc": "fractions"}, "no column 'fractions' for fpc", "did you mean 'fraction'?"),
        ({"lonely_psu": "drop"}, "argument 'lonely_psu'", "choose one of: fail, remove"),
        ({"domain_lonely": "yes"}, "argument 'domain_lonely'", "choose one of: ignore, apply"),
    ],
)
def test_a_design_that_can_not_be_made_is_refused(sample, options, what, do):
    with pytest.raises(TrustkitError, match=what) as caught:
        Design(sample, **options)
    assert do in caught.value.do


def test_a_mistyped_nest_is_refused(sample):
    with pytest.raises(DataError, match="did you mean 'unique'"):
        Design(sample, strata="stratum", psu="psu", nest="uniqe")


def test_a_survey_without_rows_is_refused(sample):
    with pytest.raises(DesignError, match="the survey has no rows"):
        Design(sample.head(0))


def test_bad_weights_are_refused_when_the_design_is_made(sample):
    with pytest.raises(DesignError, match="1 weights are negative"):
        Design(sample.assign(w=[-1.0, *sample["w"][1:]]), weights="w")


def test_a_design_can_not_be_changed_in_place(sample):
    design = Design(sample)
    with pytest.raises(AttributeError):
        design.lonely_psu = "remove"


def test_a_copy_of_a_design_differs_in_what_was_replaced_only(sample):
    raked = rake(Design(sample, weights="w", strata="stratum"), {"sex": {"m": 0.5, "f": 0.5}})
    forgetful = raked.replace(history=())
    assert (len(raked.history), len(forgetful.history)) == (1, 0)
    assert forgetful.rows is raked.rows
    assert forgetful.calibration is raked.calibration
    heavier = raked.replace(sample=replace(raked.sample, weights=2 * raked.weights))
    assert total(heavier, "y").se == pytest.approx(2 * total(raked, "y").se)
    for copied in (copy(raked), pickle.loads(pickle.dumps(raked))):  # noqa: S301  # made one line above
        assert mean(copied, "y").se == mean(raked, "y").se


# Where the parts come from


def test_a_codebook_names_the_columns_of_the_design(sample):
    roles = Roles(weights="w", strata="stratum", psu="psu", fpc="fraction")
    named = Design(Survey(sample, Codebook({}, design=roles)))
    given = Design(sample, weights="w", strata="stratum", psu="psu", fpc="fraction")
    assert named.df == given.df
    assert np.array_equal(named.weights, given.weights)
    assert mean(named, "y").se == pytest.approx(mean(given, "y").se)


def test_an_argument_goes_before_the_codebook(sample):
    found = Design(Survey(sample, Codebook({}, design=Roles(weights="w", psu="psu"))), weights="x")
    assert found.weights.tolist() == sample["x"].tolist()
    assert found.df == Design(sample, psu="psu").df


def test_a_codebook_given_to_the_design_goes_before_that_of_the_survey():
    survey = Survey(
        pd.DataFrame({"yes": [1, 0, 1], "w": [1.0, 2.0, 3.0]}), Codebook({"yes": YES}, title="one")
    )
    other = Codebook(
        {"yes": replace(YES, label="Really?")},
        title="two",
        sample="opt-in",
        data="synthetic",
        design=Roles(weights="w"),
    )
    design = Design(survey, codebook=other)
    assert design.codebook.title == "two"
    assert design.weights.tolist() == [1.0, 2.0, 3.0]
    estimate = proportion(design, "yes", level="Yes")
    assert estimate.labels == {"yes": "Really?"}
    assert [note.split(":")[0] for note in estimate.caveats.sentences] == ["Synthetic data.", "Opt-in sample"]
    assert design.log.caveats.synthetic
    assert survey.codebook.title == "one"


def test_a_codebook_that_does_not_know_the_surveys_answers_is_refused():
    survey = Survey(pd.DataFrame({"yes": [1, 0, 1]}), Codebook({"yes": YES}))
    other = Codebook({"yes": replace(YES, codes={1: "Ja", 0: "Nein"})})
    with pytest.raises(DesignError, match=r"answers that are not in the codebook(.|\n)*yes: Yes, No"):
        Design(survey, codebook=other)


@pytest.mark.parametrize(
    ("study", "notes"),
    [
        ({}, 0),
        ({"data": "synthetic"}, 1),
        ({"sample": "opt-in"}, 1),
        ({"data": "synthetic", "sample": "opt-in"}, 2),
    ],
)
def test_synthetic_and_opt_in_data_say_so_in_every_estimate(sample, study, notes):
    found = mean(Design(Survey(sample, Codebook({}, **study))), "y")
    assert len(found.caveats.sentences) == notes
    assert ("Synthetic data." in repr(found)) == (study.get("data") == "synthetic")
    assert ("Opt-in sample" in repr(found)) == (study.get("sample") == "opt-in")


def test_a_design_shows_its_parts(sample):
    text = repr(Design(sample, weights="w", strata="stratum", psu="psu"))
    kish = sample["w"].sum() ** 2 / (sample["w"] ** 2).sum()
    lines = {" ".join(line.split()[:-1]): line.split()[-1] for line in text.splitlines()}
    assert lines["n"] == "90"
    assert lines["strata"] == "3"
    assert lines["PSUs"] == "12"
    assert lines["degrees of freedom"] == "9"
    assert lines["effective n (Kish)"] == f"{kish:.0f}"
    assert "each row" in repr(Design(sample))


# Domains


def n_where(where, frame, book=BOOK):
    data = Survey(pd.DataFrame(frame), book) if book else pd.DataFrame(frame)
    return int(total(Design(data), "one", where=where).n[0])


PEOPLE = {
    "yes": [1, 0, 8, 9, None],
    "level": [1, 2, 3, 8, 1],
    "age": [20, 30, 99, 40, None],
    "one": [1.0] * 5,
}


@pytest.mark.parametrize(
    ("where", "n"),
    [
        (None, 5),
        ({}, 5),
        ({"yes": "Yes"}, 1),
        ({"yes": ["Yes", "No"]}, 2),
        ({"yes": ("Yes", "Don't know")}, 2),
        ({"yes": {"No"}}, 1),
        ({"level": "low"}, 2),
        ({"yes": "Yes", "level": "low"}, 1),
        ({"age": 30}, 1),
        ({"age": [20, 30]}, 2),
    ],
)
def test_a_mapping_selects_those_who_gave_these_answers(where, n):
    assert n_where(where, PEOPLE) == n


def test_a_boolean_series_selects_its_rows():
    design = Design(Survey(pd.DataFrame(PEOPLE), BOOK))
    assert total(design, "one", where=design.data["age"] >= 30).n[0] == 3


@pytest.mark.parametrize("level", [True, "True"])
def test_a_truth_value_selects_its_rows(level):
    assert n_where({"flag": level}, {"flag": [True, False, True], "one": [1.0] * 3}, None) == 2


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"yse": "Yes"}, "no variable 'yse'"),
        ({"yes": "Yse"}, "yes has no answer 'Yse'"),
        ({"yes": ["Yes", 1]}, "yes has no answer 1"),
        (pd.Series([1, 0, 1, 0, 1]), "where must be a boolean Series on the data's index"),
        ("yes", "the argument 'where' can't be used"),
        (pd.Series([True] * 4), "where must be a boolean Series on the data's index"),
        (pd.Series([True] * 5, index=range(1, 6)), "where must be a boolean Series on the data's index"),
    ],
)
def test_a_domain_that_can_not_be_selected_is_refused(where, message):
    with pytest.raises(DataError, match=message):
        n_where(where, PEOPLE)


def test_a_near_miss_of_an_answer_is_suggested():
    with pytest.raises(DataError) as caught:
        n_where({"yes": "yes"}, PEOPLE)
    assert caught.value.do == "did you mean 'Yes'?"


def test_the_base_says_in_words_who_was_selected():
    design = Design(Survey(pd.DataFrame(PEOPLE), BOOK))
    found = mean(design, "one", where={"yes": ["Yes", "No"], "age": 30})
    assert found.base == 'answers with a number, where "Yes?" is Yes or No and Age is 30'


def test_a_condition_that_is_a_series_is_not_taken_for_its_columns_name():
    design = Design(Survey(pd.DataFrame(PEOPLE), BOOK))
    found = mean(design, "one", where=design.data["age"] > 25)
    assert found.base != "answers with a number, where age"
    assert "a condition" in found.base


# Numbers


def test_scores_of_answers_count_as_numbers_and_missing_ones_do_not():
    found = mean(Design(Survey(pd.DataFrame(PEOPLE), BOOK)), ["level", "age"])
    assert found.estimate.tolist() == [pytest.approx(7 / 4), pytest.approx(30.0)]
    assert found.n.tolist() == [4, 3]


def test_answers_without_scores_are_no_numbers():
    words = Variable("word", "Word", "single", codes={"a": "A", "b": "B"})
    design = Design(Survey(pd.DataFrame({"word": ["a", "b"]}), Codebook({"word": words})))
    with pytest.raises(DataError, match="the answers of word are not numbers") as caught:
        mean(design, "word")
    assert "use proportion" in caught.value.do


def test_text_is_no_number():
    design = Design(Survey(pd.DataFrame({"t": ["a", "b"]}), Codebook({"t": Variable("t", "T", "text")})))
    with pytest.raises(DataError, match="t is not numeric"):
        mean(design, "t")


def test_infinite_values_are_refused():
    with pytest.raises(DataError, match="1 value of y is infinite"):
        mean(Design(pd.DataFrame({"y": [1.0, np.inf, np.nan]})), "y")


# Replicates


def test_replicates_in_columns_give_the_variance_and_the_degrees_of_freedom():
    data = pd.DataFrame({"y": [1.0, 2.0, 6.0], "r1": [0, 1.5, 1.5], "r2": [1.5, 0, 1.5], "r3": [1.5, 1.5, 0]})
    design = Design(data, replicates=Replicates(["r1", "r2", "r3"], "JK1"))
    found = mean(design, "y")
    leave_one_out = np.array([4.0, 3.5, 1.5])
    assert found.vcov[0, 0] == pytest.approx(2 / 3 * ((leave_one_out - 3) ** 2).sum())
    assert found.df == 2
    assert found.estimate[0] == pytest.approx(3.0)


@pytest.mark.parametrize("roles", [{}, {"psu": "psu"}])
def test_the_jackknife_of_a_mean_without_strata_is_near_linearisation(sample, roles):
    design = Design(sample, weights="w", **roles)
    jackknife = mean(replicate(design, "JK1"), "y")
    assert jackknife.se[0] == pytest.approx(mean(design, "y").se[0], rel=0.15)  # few PSUs
    assert jackknife.df == design.df


def test_the_jackknife_of_a_total_is_linearisation(sample):
    design = Design(sample, weights="w", strata="stratum", psu="psu", fpc="fraction")
    assert total(replicate(design, "JKn"), "y").se[0] == pytest.approx(total(design, "y").se[0], rel=1e-12)


def test_replicates_are_not_made_of_raked_weights(sample):
    raked = rake(Design(sample, weights="w"), {"sex": {"m": 0.5, "f": 0.5}})
    with pytest.raises(DesignError, match="would ignore its calibration"):
        replicate(raked, "JK1")


def test_bootstrap_replicates_are_the_same_for_the_same_seed(sample):
    design = Design(sample, weights="w", strata="stratum", psu="psu")
    first, again, other = (
        mean(replicate(design, "bootstrap", count=50, seed=s), "y").se[0] for s in (1, 1, 2)
    )
    assert first == again
    assert first != other
    assert first == pytest.approx(mean(design, "y").se[0], rel=0.35)


def test_a_design_shows_the_degrees_of_freedom_of_its_replicates():
    columns = [f"r{number}" for number in range(4)]
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.uniform(0.5, 2, (30, 4)), columns=columns)
    design = Design(frame, replicates=Replicates(columns, "bootstrap"))
    shown = dict(line.rsplit(maxsplit=1) for line in repr(design).splitlines() if "freedom" in line)
    assert shown == {"degrees of freedom": "3"}
    assert design.df == 3


@pytest.mark.parametrize("psu", [None, "psu"])
def test_where_all_strata_of_a_domain_are_lonely_there_is_no_average_variance(psu):
    frame = pd.DataFrame({"y": [1.0, 4.0, 2.0, 7.0, 5.0], "stratum": [1, 1, 1, 2, 3], "psu": range(5)})
    frame["domain"] = np.where(frame["stratum"] == 1, "crowded", "lonely")
    design = Design(frame, strata="stratum", psu=psu, lonely_psu="average")
    found = mean(design, "y", by="domain").se
    assert found[0] > 0
    assert np.isnan(found[1])


@pytest.mark.parametrize("policy", ["certainty", "remove", "adjust", "average"])
def test_an_answer_that_nobody_gave_has_the_same_exact_interval_under_every_lonely_psu_policy(policy):
    frame = pd.DataFrame(
        {"stratum": [1, 1, 2, 2, 3], "psu": range(5), "region": list("aabbb"), "said": list("nnyny")}
    )
    design = Design(frame, strata="stratum", psu="psu", lonely_psu=policy)
    share = proportion(design, "said", level="y", by="region")
    assert (share.estimate[0], share.se[0], share.ci_low[0]) == (0.0, 0.0, 0.0)
    assert 0 < share.ci_high[0] < 1
