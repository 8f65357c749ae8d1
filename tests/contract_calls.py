"""One right call of each public function, class and method, for the contract of the public face."""

from __future__ import annotations

import inspect
from dataclasses import fields, is_dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

import trustkit as tk
from trustkit.design.sums import Functional
from trustkit.survey.purposes import Purpose

FRAME = pd.DataFrame(
    {
        "id": range(40),
        "trust": pd.Categorical(["yes", "no", "yes", "unsure"] * 10),
        "opted": pd.Categorical(["yes", "yes", "no", "no"] * 10),
        "sex": pd.Categorical(["men", "women"] * 20),
        "age": np.arange(40) % 7 + 20.0,
        "seconds": np.arange(40) % 9 + 100.0,
        "w": np.arange(40) % 3 + 1.0,
        "q1": pd.Categorical(["low", "high"] * 20),
        "q2": pd.Categorical(["low", "middle"] * 20),
    }
)
ORDERED = FRAME.assign(far=pd.Categorical(list("abc" * 13 + "a"), ordered=True))[["far", "age"]]
ALLOWS = tk.Variable("allows", "Do you agree?", "single", codes={1: "given", 2: "refused"})


def consents_beside(survey):
    """Return a survey with a column that tells who agreed to the purpose research."""
    values = pd.Categorical(["given", "refused", "given", "given"] * 10)
    more = survey.with_variable(ALLOWS, pd.Series(values, index=survey.data.index))
    told = {"research": Purpose("We study trust.", record="allows", agreed=("given",))}
    return replace(more, codebook=replace(more.codebook, purposes=told))


SCALE = {1: "low", 2: "middle", 3: "high"}
BOOK = tk.Codebook(
    {
        "id": tk.Variable("id", "Id", "id"),
        "trust": tk.Variable("trust", "Trust?", "single", codes={1: "yes", 2: "no", 3: "unsure"}),
        "opted": tk.Variable("opted", "Opted in?", "single", codes={1: "yes", 2: "no"}),
        "sex": tk.Variable("sex", "Sex", "single", codes={1: "men", 2: "women"}),
        "age": tk.Variable("age", "Age", "numeric"),
        "seconds": tk.Variable("seconds", "Seconds", "numeric"),
        "w": tk.Variable("w", "Weight", "weight"),
        "q1": tk.Variable("q1", "First", "ordinal", codes=SCALE, set="battery"),
        "q2": tk.Variable("q2", "Second", "ordinal", codes=SCALE, set="battery"),
    },
    title="Trust",
    sets={"battery": "Battery"},
    cleaning=({"step": "drop_where", "where": {"trust": "unsure"}, "reason": "unsure"},),
    track={"trust": "yes"},
)
PUBLIC = tk.Survey(
    FRAME[["sex", "trust"]],
    tk.Codebook({"sex": replace(BOOK["sex"], identifier="quasi"), "trust": BOOK["trust"]}),
)
SCORE = tk.Variable("score", "How far?", "ordinal", codes={score: str(score) for score in range(11)})
YEAR = tk.Variable("year", "Year", "single", codes={2022: "2022", 2023: "2023"})
TARGETS = {"sex": {"men": 0.5, "women": 0.5}}
DEVICES = pd.DataFrame({"state": list("AABBCE") * 3, "app": ["x", "y", "z"] * 6, "prompts": 1})
ANSWERS = pd.DataFrame({"a": [1, 2, 4, 5, 3], "b": [2, 2, 5, 4, 3], "c": [1, 3, 5, 5, 2]})
PANEL = pd.concat(
    [FRAME.assign(year="2022"), FRAME[::-1].assign(id=range(40), year="2023")], ignore_index=True
)
STEPS = pd.DataFrame({"a": [1, 2, 3, 3, 1, 2, 2, 3], "b": [1, 2, 3, 2, 2, 2, 1, 3]})
WHERE = {"sex": "men"}
RULE = tk.SegmentRule("Concern", {"lost": "agree"}, {"High": (1, 1), "Low": (0, 0)})
CHOICES = {
    "base": {"valid": {}, "asked": {"base": "asked"}},
    "rules": {"all": {}, "none": {"leave_out": "drop_where"}},
}
TCF = "CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA"
CONSENTS = "subject,purpose,status,at\nA1,research,given,2026-01-05T10:00:00Z\n"
BOXES = {1: "Selected", 0: "Not selected"}
GRID = {"email": {"points": "a", "speed": "b"}}
SIDES = {"agree": ["yes"], "disagree": ["no"]}
LABELS = {"yes": "yes", "other": ["no", "unsure"]}
FUNNEL = {"Trusts": {"trust": "yes"}}


def weighted_age(frame, weights):
    return float(weights @ frame["age"] / weights.sum())


def one(*_, **__):
    return 1


class NewStudies:
    """The path of a study of three respondents, another one each time it is asked for: erasing changes it."""

    def __init__(self, folder):
        self.folder, self.made = folder, 0

    def __fspath__(self):
        self.made += 1
        raw = self.folder / f"study_{self.made}" / "data" / "raw" / "shop"
        raw.mkdir(parents=True)
        (raw / "answers.csv").write_text("id,trust\nR-101,1\nR-102,2\nR-103,1\n")
        (raw / "codebook.yaml").write_text(
            "title: Shop\nvariables:\n  id: {label: Id, kind: id}\n"
            "  trust: {label: Trust, kind: numeric, keep_until: 2026-03-31}\n"
        )
        (raw / "SHA256SUMS").write_text(f"{tk.read(raw / 'answers.csv').digest}  answers.csv\n")
        return str(raw.parents[2])


class Study:
    """What right calls need, made once."""

    @cached_property
    def halves(self):
        """A design whose answers say whether a number is above 0."""
        items = self.scored_items.data[list("abcd")]
        words = pd.DataFrame(np.where(items > 0, "yes", "no"), columns=items.columns)
        return tk.Design(words.assign(sex=["men", "women"] * 30).astype("category"))

    @cached_property
    def classes(self):
        """Latent classes of it."""
        return tk.latent_classes(self.halves, list("abcd"), 2)

    def __init__(self, folder):
        self.folder = folder
        self.survey = tk.Survey(FRAME, BOOK)
        self.design = tk.Design(self.survey, weights="w")
        self.shares = tk.proportion(self.design, "trust", by="sex")
        self.mean = tk.mean(self.design, "age", by="sex")
        self.fit = tk.glm(self.design, "age ~ sex + seconds")
        self.battery = tk.proportion(self.design, "battery")
        self.stages = tk.consent_funnel(self.design, FUNNEL)
        self.log = tk.clean(self.survey, by="sex").log
        self.agreed = consents_beside(self.survey)
        self.raked = tk.rake(self.design, TARGETS)
        self.replicated = tk.replicate(self.design, "JK1")
        self.summary = tk.weight_summary(self.raked)
        self.devices = tk.Design(DEVICES)
        numbered = tk.Codebook({"score": SCORE, "year": YEAR})
        years = pd.DataFrame({"score": [*range(11)] * 4, "year": ["2022", "2023"] * 22})
        self.scored = tk.Design(tk.Survey(years, numbered))
        self.yearly = tk.proportion(self.scored, "score", level="10", by="year")
        says = {"says": list("yynn") * 9, "does": list("ynnn") * 9}
        self.twice = tk.Design(pd.DataFrame(says).astype("category"))
        self.visits = tk.Design(pd.DataFrame({"choice": list("AMSRNIV") * 6, "site": list("xyz") * 14}))
        ticked = pd.DataFrame({"a": [1, 1, 1, 0] * 9, "b": [1, 0, 0, 0] * 9, "c": [0, 0, 1, 1] * 9})
        ticks = {name: tk.Variable(name, name, "multiple", codes=BOXES) for name in ticked}
        self.boxes = tk.Design(tk.Survey(ticked, tk.Codebook(ticks)))
        self.answers = tk.Design(ANSWERS)
        random = np.random.default_rng(1)
        items = pd.DataFrame(random.normal(size=(60, 1)) + random.normal(size=(60, 4)), columns=list("abcd"))
        self.scored_items = tk.Design(items.assign(sex=pd.Categorical(["men", "women"] * 30)))
        self.scored_answers = tk.Design(pd.concat([ANSWERS, ANSWERS.add([0, 1, 1])], ignore_index=True))
        self.panel = tk.Design(PANEL)
        self.lossy = tk.Design(PANEL[:65])
        self.rest = tk.difference_from_rest(self.design, "trust", by="sex", level="yes")
        self.claim = tk.Claim("c", "Claim", 50.0, 0, tk.Reading("trust", "yes"))
        self.sensitivity = tk.sensitivity(self.survey, self.claim, CHOICES)
        self.verdicts = tk.verify([self.claim], self.design)
        registry = tk.published_figures()
        self.sources = [registry[name] for name in ("opc_concerned", "cisco_care", "pew_2023_companies")]
        self.figure = tk.dot_interval(self.shares, title="t")
        self.pictured = tk.house_style()
        self.cells = self.design.rows_in(())
        sums = self.design.sums(self.cells)
        self.functional = Functional(self.cells, sums, lambda first: first[..., 0], np.ones((1, 1, 1)))
        self.studies = NewStudies(folder)
        self.site = folder / "site"
        self.site.mkdir()
        self.erasure = tk.erase(self.studies, "R-101", reason="asked", on="2026-05-04", report="leave")
        (folder / "consents.csv").write_text(CONSENTS, encoding="utf-8")
        self.key = tk.make_key(folder / "panel.key")
        (folder / "targets.yaml").write_text("margins: {sex: {men: 0.5, women: 0.5}}")
        tk.write_codebook(BOOK, folder / "book.yaml")

    def functions(self):
        """Return the arguments of one right call of each public function."""
        d, s = self.design, self.survey
        return {
            "adjust_nonresponse": {"design": d, "responded": WHERE, "cells": ["opted"]},
            "agreement": {"design": self.twice, "first": "says", "second": "does"},
            "attrition": {"design": self.lossy, "by": ["sex", "age"], "wave": "year", "person": "id"},
            "attrition_weights": {
                "design": self.lossy, "covariates": ["age"], "wave": "year", "person": "id"
            },
            "attack": {"tables": [self.mean]},
            "average_effect": {"fit": self.fit, "variable": "sex"},
            "anonymity": {"survey": s, "quasi": ["sex", "trust"], "weights": "w"},
            "banner": {"design": d, "questions": ["trust"], "columns": ["sex"]},
            "beside": {"banners": dict.fromkeys("ab", tk.banner(d, ["trust"], ["sex"]))},
            "consent_banner_rates": {"design": self.visits, "by": "site"},
            "calibrate": {"design": d, "targets": TARGETS},
            "careless": {"survey": s, "batteries": ["battery"], "duration": "seconds"},
            "change": {"design": self.panel, "variable": "age", "wave": "year", "person": "id"},
            "change_beyond_noise": {"earlier": 54, "later": 40, "n": (1000, 2000), "deff": (1.5, 1.5)},
            "check_fit": {"rmsea": ".092", "chi2": "85.31", "df": 24, "n": 301},
            "check_mean": {"mean": "3.45", "n": 20, "scale": (1, 7), "sd": "1.20"},
            "check_release": {"site": self.site, "study": self.studies},
            "check_test": {"test": "t", "statistic": "2.31", "p": ".025", "df": 48},
            "chisq_test": {"design": d, "row": "trust", "column": "sex"},
            "class_proportion": {"classes": self.classes, "variable": "sex"},
            "clean": {"survey": s},
            "collapse": {"survey": s, "variable": "trust", "into": "t2", "labels": LABELS},
            "confirm": {"design": self.scored_items, "model": {"all": ["a", "b", "c", "d"]}},
            "consent_funnel": {"design": d, "stages": FUNNEL},
            "consented": {"survey": self.agreed, "purpose": "research"},
            "with_consent_status": {"survey": self.agreed, "purpose": "research"},
            "contrast": {"estimate": self.mean, "weights": {"men": 1, "women": -1}},
            "count": {"design": d, "variable": "trust", "by": "sex"},
            "correlation": {"design": d, "x": "age", "y": "seconds"},
            "data_table": {"frame": FRAME, "title": "t"},
            "delta": {"estimate": self.mean, "function": lambda m: m[0] / m[1]},
            "crosstab": {"design": d, "row": "trust", "column": "sex"},
            "derive": {"survey": s, "into": "new", "answers": {"a": WHERE}, "rest": "b"},
            "difference_dots": {"estimate": self.rest, "title": "t"},
            "difference_from_rest": {"design": d, "variable": "trust", "by": "sex", "level": "yes"},
            "disclosure": {"design": d},
            "distribution": {"design": self.scored, "variable": "score", "title": "t"},
            "dot_interval": {"estimate": self.shares, "title": "t"},
            "draft_codebook": {"survey": s},
            "drivers": {"design": self.scored_answers, "outcome": "a", "predictors": ["b", "c"]},
            "erase": {
                "study": self.studies, "respondent": "R-102", "reason": "asked", "on": "2026-05-04",
                "report": "leave",
            },
            "expire": {"study": self.studies, "on": "2026-05-04"},
            "verify_erasure": {"study": self.folder, "erasure": self.erasure},
            "drop_duplicates": {"survey": s, "key": "id"},
            "drop_failed_attention": {"survey": s, "variable": "trust", "passed": "yes"},
            "drop_inconsistent": {"survey": s, "given": WHERE, "then": {"trust": "yes"}},
            "drop_speeders": {"survey": s, "duration": "seconds"},
            "drop_straightliners": {"survey": s, "items": "battery"},
            "drop_where": {"survey": s, "where": WHERE, "reason": "r"},
            "drop_without_consent": {"survey": self.agreed, "purpose": "research", "status": "allows"},
            "example_folder": {"name": "consumer_trust"},
            "exclusion_flow": {"log": self.log},
            "exclusion_losses": {"log": self.log, "title": "t"},
            "exclusion_sensitivity": {"survey": s, "figure": lambda x: tk.mean(x, "age")},
            "factors": {"design": self.scored_items, "items": ["a", "b", "c", "d"], "n_factors": 1},
            "feasible": {"published": 39.5, "n": 43, "decimals": 1},
            "flag_inconsistent": {"survey": s, "given": WHERE, "then": {"trust": "yes"}, "into": "flag"},
            "funnel": {"estimate": self.stages, "title": "t"},
            "decode_tcf": {"text": TCF},
            "make_key": {"path": self.folder / "new.key"},
            "pseudonymise": {"survey": s, "key": self.key},
            "read_consents": {"path": self.folder / "consents.csv"},
            "fit_by_group": {"fit": tk.glm(d, "age ~ 1"), "by": "sex"},
            "glm": {"design": d, "formula": "age ~ sex + seconds"},
            "gof_test": {"design": d, "variable": "sex", "probs": {"men": 0.5, "women": 0.5}},
            "heat_table": {"estimate": self.battery, "title": "t"},
            "house_style": {},
            "item_nonresponse": {"design": d, "variable": ["trust", "age"]},
            "compare_norm": {
                "estimate": self.mean, "instrument": "ess_political", "norm": "police Finland 2020-22"
            },
            "instrument": {"name": "nps"},
            "instruments": {},
            "invariance": {
                "design": self.scored_items, "model": {"all": ["a", "b", "c", "d"]}, "by": "sex"
            },
            "inventory": {"codebook": s.codebook},
            "item_analysis": {"design": self.answers, "items": ["a", "b", "c"]},
            "implied_deff": {"margin": 0.03, "n": 2000},
            "keep_where": {"survey": s, "where": WHERE, "reason": "r"},
            "likert_bars": {"estimate": self.battery, "title": "t"},
            "link_waves": {"design": self.panel, "wave": "year", "person": "id"},
            "margin_fits": {"margin": 0.9, "n": 11000},
            "margin_of_error": {"estimate": d},
            "mean": {"design": d, "variable": "age", "by": "sex"},
            "latent_classes": {"design": self.halves, "items": ["a", "b", "c", "d"], "n_classes": 2},
            "modal_class": {"design": self.halves, "classes": self.classes},
            "model_table": {"fits": {"a": self.fit}},
            "multinomial": {"design": d, "formula": "trust ~ age"},
            "net": {"design": d, "variable": "trust", "plus": ["yes"], "minus": ["no"], "by": "sex"},
            "nonresponse_pattern": {"design": d, "variable": ["trust", "age"]},
            "normalize": {"design": d},
            "nps": {"design": self.scored, "variable": "score", "by": "year"},
            "oneway_test": {"design": d, "variable": "age", "by": "sex"},
            "opt_in_rates": {"design": self.devices},
            "ordinal": {"design": tk.Design(ORDERED), "formula": "far ~ age"},
            "paired_proportions": {"design": d, "first": "trust", "second": "opted", "level": "yes"},
            "pairwise": {"estimate": self.mean},
            "polychoric": {"design": tk.Design(STEPS), "items": ["a", "b"]},
            "pool": {"results": [self.mean, self.mean]},
            "poststratify": {"design": d, "targets": TARGETS},
            "propensity_weights": {"design": d, "reference": d, "covariates": ["sex"]},
            "predict": {"fit": self.fit, "at": {"sex": "men", "seconds": 100}},
            "predicted_means": {"fit": self.fit, "by": "sex"},
            "protect": {"tables": [self.mean]},
            "proportion": {"design": d, "variable": "trust", "by": "sex"},
            "published_figures": {},
            "quantile": {"design": d, "variable": "age"},
            "rake": {"design": d, "targets": TARGETS},
            "rank": {"estimate": self.mean},
            "rank_test": {"design": d, "variable": "age", "by": "sex"},
            "ratio": {"design": d, "numerator": "age", "denominator": "seconds"},
            "read": {"source": FRAME},
            "read_claims": {"path": tk.example_folder("consumer_trust") / "claims.yaml"},
            "read_codebook": {"path": self.folder / "book.yaml"},
            "read_targets": {"path": self.folder / "targets.yaml"},
            "reliability": {"design": self.answers, "items": ["a", "b", "c"]},
            "release": {"survey": PUBLIC, "path": self.folder / "public.sav", "k": 2},
            "recode": {"survey": s, "variable": "trust", "labels": {"yes": "Yes"}, "into": "t2"},
            "replicate": {"design": d, "kind": "JK1"},
            "reverse": {"survey": s, "variable": "q1", "into": "r1"},
            "score": {"survey": s, "items": "battery", "into": "sc"},
            "segments": {"survey": s, "rule": RULE, "items": {"lost": "opted"}, **SIDES},
            "sensitivity": {"survey": s, "claim": self.claim, "choices": CHOICES},
            "specification_curve": {"sensitivity": self.sensitivity, "title": "t"},
            "set_missing": {"survey": s},
            "stack_waves": {"waves": {"2022": s, "2023": s}},
            "standardize": {"design": d, "population": TARGETS, "over": "opted"},
            "subgroups_fit": {"total": 71, "parts": {"a": 77, "b": 65}},
            "sums_to_100": {"shares": [27, 45, 28]},
            "synthesize": {"figures": self.sources, "deff": 1.5},
            "targets_of": {"reference": d, "variables": ["sex"]},
            "term_test": {"fit": self.fit, "term": "sex"},
            "top_box": {"design": d, "variable": "q1", "boxes": ["middle", "high"], "by": "sex"},
            "total": {"design": d, "variable": "age"},
            "tracked_path": {"log": self.log, "title": "t"},
            "transitions": {"design": self.panel, "variable": "trust", "wave": "year", "person": "id"},
            "trend_test": {"estimate": self.yearly},
            "trend": {"estimate": self.yearly, "title": "t"},
            "trust_index": {"design": d, "items": "battery", "of": "items", "by": "sex"},
            "trim": {"design": d, "upper": 1.4},
            "ttest": {"design": d, "variable": "age", "by": "sex"},
            "turf": {"design": self.boxes, "items": ["a", "b", "c"], "size": 2},
            "willingness": {"design": self.boxes, "grid": GRID},
            "variance": {"design": d, "variable": "age"},
            "verdict_dots": {"verdicts": self.verdicts, "title": "t"},
            "verify": {"claims": [self.claim], "design": d},
            "wave_difference": {"later": self.mean, "earlier": self.mean},
            "strip_plot": {"frame": DEVICES, "numbers": "prompts", "title": "t"},
            "weight_shift": {"summary": self.summary, "title": "t"},
            "weight_summary": {"design": self.raked},
            "with_imputations": {
                "surveys": [self.survey, self.survey],
                "design_of": tk.Design,
                "analysis": lambda x: tk.mean(x, "age"),
            },
            "with_replicates": {"design": self.replicated, "function": weighted_age},
            "write": {"survey": s, "path": self.folder / "out.sav"},
            "write_codebook": {"codebook": BOOK, "path": self.folder / "out.yaml"},
            "write_tables": {"tables": self.shares, "path": self.folder / "out.json"},
        }  # fmt: skip

    def differences_of_shares(self):
        """Return results that hold differences of shares, by the function that made them."""
        d, frame = self.design, FRAME.assign(sex=["men", "women", "women", "men"] * 10)
        mixed = tk.Design(frame, weights="w")
        yes = tk.proportion(mixed, "trust", by="sex", level="yes")
        net = tk.net(mixed, "trust", plus=["yes"], minus=["no"], by="sex")
        gap = tk.Reading("trust", "yes", statistic="difference", by="sex", groups=("women", "men"))
        claim = tk.Claim("gap", "Women trust more", 14, 0, gap)
        survey = tk.Survey(frame, BOOK)
        sensitivity = tk.sensitivity(survey, claim, CHOICES)
        fit = tk.glm(d, "opted ~ sex + age", family="binomial")
        rest = tk.difference_from_rest(mixed, "trust", by="sex", level="yes")
        years = tk.net(self.scored, "score", plus=["9", "10"], minus=["0", "1"], by="year")
        return {
            "agreement": tk.agreement(self.twice, "says", "does"),
            "average_effect": tk.average_effect(fit, "sex"),
            "change": tk.change(self.panel, "trust", wave="year", person="id"),
            "contrast": tk.contrast(yes, {"men": 1, "women": -1}),
            "difference_dots": tk.difference_dots(rest, title="t"),
            "difference_from_rest": rest,
            "dot_interval": tk.dot_interval(net, title="t"),
            "exclusion_sensitivity": tk.exclusion_sensitivity(survey, claim),
            "net": net,
            "paired_proportions": tk.paired_proportions(d, "trust", "opted", "yes"),
            "pairwise": tk.pairwise(yes),
            "pool": tk.pool([rest, rest]),
            "protect": tk.protect([rest], protection=tk.Protection(threshold=2, base=2)).tables[0],
            "rank": tk.rank(net),
            "sensitivity": sensitivity,
            "specification_curve": tk.specification_curve(sensitivity, title="t"),
            "transitions": tk.transitions(self.panel, "trust", wave="year", person="id").net,
            "trend": tk.trend(years, title="t"),
            "trend_test": tk.trend_test(years),
            "verdict_dots": tk.verdict_dots(tk.verify([claim], mixed), title="t"),
            "verify": tk.verify([claim], mixed),
            "wave_difference": tk.wave_difference(yes, tk.proportion(d, "trust", by="sex", level="yes")),
        }

    def objects(self):
        """Return one object of each public class."""
        d = self.design
        return {
            "Attrition": tk.attrition(self.lossy, ["sex", "age"], wave="year", person="id"),
            "ConsentBannerDefinition": tk.ConsentBannerDefinition(
                "All", frozenset("A"), frozenset("AR"), "all / choices"
            ),
            "Careless": tk.careless(self.survey, batteries=["battery"], duration="seconds"),
            "Claim": self.claim,
            "Codebook": BOOK,
            "DataFigure": self.figure,
            "DataTable": tk.data_table(FRAME, title="t"),
            "Design": d,
            "Disclosure": tk.disclosure(d),
            "Erasure": self.erasure,
            "Expiry": tk.expire(self.studies, on="2026-05-04"),
            "Estimate": self.mean,
            "ExclusionLog": self.log,
            "ExclusionSensitivity": tk.exclusion_sensitivity(self.survey, lambda x: tk.mean(x, "age")),
            "Banner": tk.banner(d, ["trust"], ["sex"]),
            "BannerTable": tk.banner(d, ["trust"], ["sex"])["trust"],
            "Anonymity": tk.anonymity(self.survey, quasi=["sex", "age"]),
            "Inventory": tk.inventory(self.survey.codebook),
            "Consents": tk.read_consents(self.folder / "consents.csv"),
            "TCString": tk.decode_tcf(TCF),
            "CrossTable": tk.crosstab(d, "trust", "sex"),
            "Protected": tk.protect([self.mean]),
            "ProtectedTable": tk.protect([self.mean]).tables[0],
            "Protection": tk.Protection(),
            "Letters": tk.Letters(),
            "Question": tk.Question("trust"),
            "Factors": tk.factors(self.scored_items, list("abcd"), 1),
            "LatentClasses": self.classes,
            "Feasibility": tk.feasible(39.5, n=43, decimals=1),
            "FigureChecks": tk.published_figures().check(),
            "HouseStyle": self.pictured,
            "ItemNonresponse": tk.item_nonresponse(d, "trust"),
            "Invariance": tk.invariance(self.scored_items, {"all": list("abcd")}, "sex"),
            "Instrument": tk.instrument("ess_political"),
            "MarginOfError": tk.margin_of_error(d),
            "GroupFits": tk.fit_by_group(tk.glm(d, "age ~ 1"), "sex"),
            "ModelTable": tk.model_table({"a": self.fit}),
            "OptInDefinition": tk.OptInDefinition("Of all", frozenset("ABCDE"), "all", "pooled", "all"),
            "Pairs": tk.pairwise(self.mean),
            "Pps": tk.Pps("p"),
            "PublishedFigure": tk.published_figures()["pew_2014_control"],
            "PublishedFigures": tk.published_figures(),
            "Ranking": tk.rank(self.mean),
            "Reading": self.claim.reading,
            "Replicates": tk.Replicates(["w", "age"], "JK1"),
            "SegmentRule": RULE,
            "Sensitivity": self.sensitivity,
            "Stage": tk.Stage("sex", fpc="w"),
            "Survey": self.survey,
            "Synthesis": tk.synthesize(self.sources, deff=1.5),
            "Targets": tk.targets_of(d, ["sex"]),
            "FactorModel": tk.confirm(self.scored_items, {"all": list("abcd")}),
            "Fit": self.fit,
            "Turf": tk.turf(self.boxes, ["a", "b", "c"], size=2),
            "Willingness": tk.willingness(self.boxes, GRID),
            "TestResult": tk.ttest(d, "age", "sex"),
            "TrustkitError": tk.TrustkitError("no such variable"),
            "Variable": BOOK["q1"],
            "Verdict": self.verdicts.verdicts[0],
            "Verdicts": self.verdicts,
            "Transitions": tk.transitions(self.panel, "trust", wave="year", person="id"),
            "WeightStep": self.raked.history[0],
            "WeightSummary": self.summary,
        }

    def constructors(self):
        """Return the arguments of one right call of each public class; a value's own fields are right."""
        made = {
            "Design": {"survey": self.survey, "weights": "w"},
            "TrustkitError": {"what": "no such variable"},
        }
        for name, value in self.objects().items():
            if is_dataclass(value):
                made[name] = {part.name: getattr(value, part.name) for part in fields(value) if part.init}
        return made

    def methods(self):
        """Return the arguments of one right call of each public method that has any."""
        step = self.log.steps[0]
        return {
            "Claim.shown": {"value": 50.2},
            "Claim.judged": {"value": 50.2, "low": 48.0, "high": 52.4},
            "Claim.rounds_to": {"value": 50.2},
            "Codebook.members": {"name": "battery"},
            "Codebook.nets_of": {"name": "battery"},
            "Consents.at": {"moment": "2026-05-03"},
            "DataFigure.captioned": {"subtitle": "s"},
            "DataFigure.figure": {},
            "DataFigure.png": {},
            "DataFigure.save": {"path": self.folder / "figure.png"},
            "DataFigure.styled": {"style": self.pictured},
            "DataFigure.svg": {},
            "DataFigure.page_svg": {},
            "DataFigure.to_csv": {"path": self.folder / "figure.csv"},
            "Design.caveats_about": {"names": "trust"},
            "Design.caveats_with": {"margins": "sex"},
            "Design.cells": {"dims": (("sex", ("men", "women")),)},
            "Design.called": {"name": "sex"},
            "Design.headings": {"names": ["sex"]},
            "Design.codes": {"name": "sex", "labels": ["men", "women"]},
            "Design.covariance": {"functionals": self.functional},
            "Design.covariance_of": {"values": np.linspace(-1, 1, 40)},
            "Design.distribution": {"dims": (), "variable": "age"},
            "Design.labels": {"names": ["sex"]},
            "Design.numbers": {"name": "age"},
            "Design.replace": {},
            "Design.pipe": {"function": one},
            "Design.reweighted": {"weights": np.ones(40), "step": self.raked.history[0], "reason": "r"},
            "Design.rows_in": {"dims": (("sex", ("men", "women")),)},
            "Design.with_variable": {
                "variable": tk.Variable("new", "New", "numeric"),
                "values": FRAME["age"],
            },
            "Design.sums": {"cells": self.cells},
            "Design.variable": {"name": "sex"},
            "SegmentRule.segment_of": {"count": 1},
            "Estimate.df_of": {"used": np.array([True, False])},
            "Estimate.label": {"variable": "age"},
            "ExclusionLog.add": {"step": step},
            "HouseStyle.faded": {"colour": "#000000", "strength": 0.5},
            "HouseStyle.kind": {"number": 1},
            "HouseStyle.strong": {"number": 1},
            "HouseStyle.shades": {"count": 3},
            "Instrument.norm": {"name": "police Finland 2020-22"},
            "PublishedFigures.select": {"names": ["cigi_trust"]},
            "Survey.pipe": {"function": one},
            "Survey.tracked": {"step": step},
            "Survey.with_variable": {
                "variable": tk.Variable("new", "New", "numeric"),
                "values": np.ones(40),
            },
            "TrustkitError.moved": {"old": "folder", "new": "a.zip"},
        }


def methods_of(name):
    """Return the public methods of a class: name -> function."""
    kind = getattr(tk, name)
    return {
        f"{name}.{method}": function
        for method, function in inspect.getmembers(kind)
        if not method.startswith("_")
        and callable(function)
        and getattr(function, "__module__", "").startswith("trustkit.")
    }
