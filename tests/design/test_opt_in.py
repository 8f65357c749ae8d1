"""An opt-in sample names the model of its intervals, from the design, in whatever shows an interval."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.caveats import OPT_IN, Caveats
from trustkit.design.opt_in import (
    assume,
    in_words,
    margins_of,
    other_steps,
)
from trustkit.display import Shown
from trustkit.errors import DesignError
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

TARGETS = {"age": {"young": 0.5, "old": 0.5}, "sex": {"m": 0.4, "f": 0.6}}
MODEL = "among people alike in The age and The sex respondents answered like a random sample"


WAVES = ["2019"] * 60 + ["2021"] * 60


def survey(sample="opt-in"):
    """120 respondents of both sexes and two ages, with a yes or no, two marks and a state."""
    rng = np.random.default_rng(8)
    names = {
        "age": ("young", "old"),
        "sex": ("m", "f"),
        "yes": ("yes", "no"),
        "again": ("yes", "no"),
        "state": tuple("AB"),
    }
    frame = pd.DataFrame({name: rng.choice(labels, 120) for name, labels in names.items()})
    frame = frame.assign(
        y=rng.normal(size=120),
        z=rng.normal(size=120),
        w=1.0,
        app="x",
        prompts=1.0,
        person=[*range(60), *range(10, 70)],
        wave=WAVES,
    )
    variables = {
        name: Variable(name, f"The {name}", "single", codes=dict(zip(labels, labels, strict=True)))
        for name, labels in names.items()
    }
    return Survey(frame, Codebook(variables, title="Toy", sample=sample))


def raked(sample="opt-in"):
    return tk.rake(tk.Design(survey(sample)), TARGETS)


def verdicts(design):
    claims = [tk.Claim("c", "A claim", 50, 0, tk.Reading("yes", "yes"))]
    return tk.verify(claims, design)


def shares(design, **options):
    return tk.proportion(design, "yes", level="yes", **options)


SHOWN = {
    "design": lambda d: d,
    "proportion": shares,
    "mean": lambda d: tk.mean(d, "y"),
    "total": lambda d: tk.total(d, "y"),
    "ratio": lambda d: tk.ratio(d, "y", "w"),
    "variance": lambda d: tk.variance(d, "y"),
    "correlation": lambda d: tk.correlation(d, "y", "z"),
    "quantile": lambda d: tk.quantile(d, "y"),
    "contrast": lambda d: tk.contrast(shares(d, by="sex"), {"m": 1, "f": -1}),
    "delta": lambda d: tk.delta(shares(d, by="sex"), lambda p: p[0] / p[1]),
    "pairwise": lambda d: tk.pairwise(shares(d, by="sex")),
    "wave_difference": lambda d: tk.wave_difference(shares(d), shares(d)),
    "change": lambda d: tk.change(d, "yes", wave="wave", person="person"),
    "trend_test": lambda d: tk.trend_test(shares(d, by="wave")),
    "attrition": lambda d: tk.attrition(d, ["y"], wave="wave", person="person"),
    "transitions": lambda d: tk.transitions(d, "yes", wave="wave", person="person"),
    "chisq_test": lambda d: tk.chisq_test(d, "yes", "sex"),
    "gof_test": lambda d: tk.gof_test(d, "yes", {"yes": 0.5, "no": 0.5}),
    "ttest": lambda d: tk.ttest(d, "y", by="sex"),
    "rank_test": lambda d: tk.rank_test(d, "y", by="sex"),
    "paired_proportions": lambda d: tk.paired_proportions(d, "yes", "again", "yes"),
    "consent_funnel": lambda d: tk.consent_funnel(d, {"said yes": {"yes": "yes"}}),
    "opt_in_rates": tk.opt_in_rates,
    "net": lambda d: tk.net(d, "yes", plus=["yes"], minus=["no"]),
    "top_box": lambda d: tk.top_box(d, "yes", boxes=["yes"]),
    "agreement": lambda d: tk.agreement(d, "yes", "again"),
    "willingness": lambda d: tk.willingness(d, {"a": {"b": "yes", "c": "again"}}, level="yes"),
    "turf": lambda d: tk.turf(d, ["yes", "again"], size=1, level="yes"),
    "trust_index": lambda d: tk.trust_index(d, ["yes"], of="items", boxes=["yes"]),
    "rank": lambda d: tk.rank(shares(d, by="sex")),
    "verify": verdicts,
    "dot_interval": lambda d: tk.dot_interval(shares(d, by="sex"), title="Yes"),
    "likert_bars": lambda d: tk.likert_bars(tk.proportion(d, "yes", by="sex"), title="Yes"),
    "funnel": lambda d: tk.funnel(tk.consent_funnel(d, {"said yes": {"yes": "yes"}}), title="Yes"),
    "verdict_dots": lambda d: tk.verdict_dots(verdicts(d), title="Claims"),
    "disclosure": tk.disclosure,
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_shows_an_interval_of_an_opt_in_sample_names_its_model(name):
    found = SHOWN[name](raked())
    texts = [repr(found)]
    if hasattr(found, "caption"):
        texts.append(found.caption)  # the picture's note and alternative text
    if hasattr(found, "_repr_html_"):
        texts.append(found._repr_html_())
    for text in texts:
        assert f"ntervals are model-based, as if {MODEL}" in " ".join(text.split())


@pytest.mark.parametrize("name", SHOWN)
def test_nothing_made_from_a_probability_sample_speaks_of_a_model(name):
    text = repr(SHOWN[name](raked("probability")))
    assert "model-based" not in text
    assert "as if" not in text


def test_replicates_of_an_opt_in_sample_name_its_model():
    made = tk.replicate(designed(psu="psu"), "JK1")
    assert "as if the sample were a random sample of clusters (psu)" in repr(
        tk.with_replicates(made, lambda rows, w: w @ rows["y"])
    )


def test_waves_of_different_designs_name_both_models():
    plain = tk.Design(survey())
    found = tk.wave_difference(shares(raked()), shares(plain))
    assert found.caveats.assumption == f"{MODEL}; {assume()}"


# What the design assumes

STRATIFIED = "the population within each stratum (stratum)"


def designed(**roles):
    frame = survey().data.assign(stratum="s", psu=[k // 10 for k in range(120)])
    return tk.Design(Survey(frame, survey().codebook), **roles)


@pytest.mark.parametrize(
    ("roles", "model"),
    [
        ({}, "the sample were a simple random sample of the population"),
        ({"weights": "w"}, "the sample, weighted by w, were a random sample of the population"),
        (
            {"strata": "stratum"},
            f"the sample were a random sample of {STRATIFIED}, and strata in its proportions",
        ),
        ({"psu": "psu"}, "the sample were a random sample of clusters (psu) of the population"),
        (
            {"weights": "w", "strata": "stratum", "psu": "psu"},
            f"the sample, weighted by w, were a random sample of clusters (psu) of {STRATIFIED}",
        ),
    ],
)
def test_the_model_follows_from_weights_strata_and_psus(roles, model):
    assert designed(**roles).caveats.assumption == model


def test_after_raking_the_model_is_ignorable_selection_within_the_margins_cells():
    weighted = tk.rake(designed(weights="w"), TARGETS)
    assert raked().caveats.assumption == MODEL
    assert weighted.caveats.assumption == MODEL.replace("respondents", "respondents, weighted by w,")


def test_clusters_stay_in_the_model_after_raking():
    assert tk.rake(designed(psu="psu"), TARGETS).caveats.assumption == f"{MODEL} of clusters (psu)"


def test_raking_twice_names_every_margin_once():
    twice = tk.rake(tk.rake(tk.Design(survey()), {"age": TARGETS["age"]}), TARGETS)
    assert twice.caveats.assumption == MODEL


@dataclass(frozen=True)
class Stepped(Shown):
    """A step as a weighting history may hold it."""

    step: str
    title: str = ""
    rule: str = ""
    margins: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["variable", "level"]))


def test_targets_by_domain_name_the_domain_too():
    margins = pd.DataFrame({"country": ["A", "B"], "variable": ["age", "age"], "level": ["old", "old"]})
    assert margins_of([Stepped("rake", margins=margins)]) == ["country", "age"]


def test_trimming_assumes_nothing_and_a_propensity_does():
    propensity = Stepped("propensity_weights", "propensity weighting", "on age")
    steps = [Stepped("trim", "trimming", "at 3"), propensity, raked().history[-1]]
    assert other_steps(steps) == ["propensity weighting on age"]
    assert margins_of(steps) == ["age", "sex"]


# Words


def test_caveats_without_a_model_give_none():
    assert Caveats(synthetic=True).assumption is None
    sentence = f"{OPT_IN}the sample were a simple random sample of the population."
    assert Caveats(assumptions=(assume(),)).sentences == (sentence,)


@pytest.mark.parametrize(("names", "text"), [([], ""), (["a"], "a"), (["a", "b", "c"], "a, b and c")])
def test_names_are_listed_in_words(names, text):
    assert in_words(names) == text


# Claims


def test_a_verdict_carries_its_model_and_an_unchecked_one_none():
    unchecked = tk.Claim("u", "Unknown", 10, 0, tk.Reading(), unchecked="no data")
    found = tk.verify([*[v.claim for v in verdicts(raked()).verdicts], unchecked], raked()).to_frame()
    assert found["assumption"].tolist() == [MODEL, ""]


def test_verdicts_of_two_designs_name_both_models_once():
    both = verdicts(raked()) + verdicts(tk.Design(survey())) + verdicts(raked())
    assert both.caveats.assumptions == (MODEL, assume())


def test_the_assumption_is_carried_whatever_the_notes_say():
    estimate = replace(shares(raked()), notes=("\u00c9chantillon de volontaires.",))
    with pytest.raises(DesignError, match="an opt-in sample has no margin of error"):
        tk.margin_of_error(estimate)
