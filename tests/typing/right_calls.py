"""What a user writes, with the types that it has; run by `test_typing.py` and read by both type checkers."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd

import trustkit as tk
from trustkit import *

if TYPE_CHECKING:
    from typing import assert_type

    from trustkit.claims.feasibility import Possibility
else:
    Possibility = str

    def assert_type(value, _):
        return value


def work() -> None:
    """Go from a raw export to verdicts and a figure."""
    raw = tk.example_folder("consumer_trust")
    assert_type(raw, Path)
    survey = tk.read(raw / "responses.csv", codebook=raw / "codebook.yaml")
    assert_type(survey, tk.Survey)
    assert_type(survey.data, pd.DataFrame)
    assert_type(survey.codebook, tk.Codebook)
    assert_type(survey.codebook["trust_all_brands"], tk.Variable)
    cleaned = tk.clean(survey, by="country")
    assert_type(cleaned, tk.Survey)
    assert_type(cleaned.log, tk.ExclusionLog)
    design = tk.rake(tk.Design(cleaned), raw / "targets.yaml")
    assert_type(design, tk.Design)
    assert_type(tk.trim(design, 5, relative_to="mean"), tk.Design)
    pps = tk.Pps("p", "hartley-rao", "yates-grundy", sum_of_squares=0.2)
    assert_type(pps.sum_of_squares, float | None)
    assert_type(tk.Design(pd.DataFrame({"p": [0.5, 0.25]}), fpc=pps), tk.Design)
    assert_type(tk.weight_summary(design), tk.WeightSummary)

    share = tk.proportion(design, "trust_all_brands", by=["country", "sex"], ci="wilson", conf=0.9)
    assert_type(share, tk.Estimate)
    assert_type(share.to_frame(), pd.DataFrame)
    assert_type(tk.mean(design, "age", by="country"), tk.Estimate)
    assert_type(tk.proportion(design, "trust_all_brands", where={"sex": ["Female"]}), tk.Estimate)
    assert_type(tk.mean(design, "age", where=cleaned.data["age"] > 30), tk.Estimate)
    assert_type(tk.quantile(design, "age", [0.25, 0.5]), tk.Estimate)
    assert_type(tk.chisq_test(design, "trust_all_brands", "sex", statistic="adjWald"), tk.TestResult)
    assert_type(tk.gof_test(design, "sex", {"Female": 0.5, "Male": 0.5}), tk.TestResult)
    assert_type(tk.pairwise(tk.mean(design, "age", by="country")), tk.Pairs)

    model(design)

    scale(design)

    verdicts = tk.verify(tk.read_claims(raw / "claims.yaml"), design)
    assert_type(verdicts, tk.Verdicts)
    assert_type(verdicts.to_frame(), pd.DataFrame)
    assert_type(verdicts.verdicts[0], tk.Verdict)
    assert_type(tk.dot_interval(share, title="Trust"), tk.DataFigure)
    assert_type(tk.data_table(share.to_frame(), title="Trust"), tk.DataTable)
    assert_type(tk.disclosure(design), tk.Disclosure)

    compare(design, raw)
    consent(design)
    records(cleaned)
    draw(design, verdicts, cleaned.log)
    assert_type(proportion(design, "trust_all_brands"), Estimate)  # as `from trustkit import *` gives it


def scale(design: tk.Design) -> None:
    """Measure how well items measure one thing."""
    items = pd.DataFrame({"a": [1, 2, 4, 5, 3], "b": [2, 2, 5, 4, 3], "c": [1, 3, 5, 5, 2]})
    assert_type(tk.reliability(tk.Design(items), ["a", "b", "c"], method="omega"), tk.Estimate)
    words = tk.Design(pd.DataFrame({"a": list("yynny"), "b": list("ynnny"), "d": list("ynyny")}))
    classes = tk.latent_classes(words, ["a", "b"], 1, seed=1)
    assert_type(classes, tk.LatentClasses)
    assert_type(tk.class_proportion(classes, "d"), tk.Estimate)
    assert_type(tk.modal_class(words, classes), tk.Design)
    assert_type(tk.nonresponse_pattern(words, ["a", "b"]), tk.Design)
    assert_type(tk.drivers(tk.Design(items), "a", ["b", "c"], method="johnson"), tk.Estimate)
    factors = {"concern": ["concern_collect", "concern_sell", "concern_safe"]}
    assert_type(tk.confirm(design, factors, by="sex", equal=["loadings"]), tk.FactorModel)
    assert_type(tk.invariance(design, factors, "sex").table, pd.DataFrame)
    assert_type(tk.factors(design, "concern", 1, correlation="polychoric"), tk.Factors)
    assert_type(tk.polychoric(design, "concern"), tk.Estimate)
    norm = tk.compare_norm(tk.mean(design, "trust_score"), "ess_political", "police Norway 2020-22")
    assert_type(norm, tk.Estimate)
    assert_type(tk.instrument("nps"), tk.Instrument)
    assert_type(tk.instruments(), pd.DataFrame)
    assert_type(tk.item_analysis(tk.Design(items), ["a", "b"]), tk.Estimate)


def model(design: tk.Design) -> None:
    """Fit models, and pool those of completed data."""
    fit = tk.glm(design, "age ~ sex")
    assert_type(tk.model_table({"sex": fit}), tk.ModelTable)
    assert_type(tk.fit_by_group(fit, "country"), tk.GroupFits)
    assert_type(fit, tk.Fit)
    assert_type(tk.term_test(fit, "sex"), tk.TestResult)
    assert_type(tk.predicted_means(fit, "sex"), tk.Estimate)
    assert_type(tk.average_effect(fit, "sex"), tk.Estimate)
    assert_type(tk.predict(fit, {"sex": "Female"}), tk.Estimate)
    assert_type(tk.ordinal(design, "trust_banks ~ sex"), tk.Fit)
    assert_type(tk.multinomial(design, "education ~ sex"), tk.Fit)
    assert_type(tk.pool([fit, fit]), tk.Fit)
    assert_type(tk.pool([tk.mean(design, "age"), tk.mean(design, "age")]), tk.Estimate)
    completed = tk.with_imputations([design.data, design.data], tk.Design, lambda one: tk.mean(one, "age"))
    assert_type(completed, tk.Estimate)


def consent(design: tk.Design) -> None:
    """Compare words and deeds, and who would share what."""
    same = {"Would allow": "Allowed", "Would not allow": "Did not allow"}
    assert_type(tk.agreement(design, "opt_in_stated", "opt_in", pairs=same), tk.Estimate)
    assert_type(tk.willingness(design, {"email": {"speed": "share_email_faster"}}), tk.Willingness)
    assert_type(tk.turf(design, "share_email", size=2).table, pd.DataFrame)
    visits = tk.Design(pd.DataFrame({"choice": list("AMSRNIV")}))
    assert_type(tk.consent_banner_rates(visits), tk.Estimate)
    refused = tk.ConsentBannerDefinition("Refused", frozenset("R"), frozenset("AR"), "refused / choices")
    assert_type(tk.consent_banner_rates(visits, definitions=[refused]), tk.Estimate)


def records(survey: tk.Survey) -> None:
    """Read consent records under pseudonyms."""
    with TemporaryDirectory() as folder:
        file = Path(folder, "states.csv")
        file.write_text("id,at,att_status\nA,2026-03-01T09:00:00Z,3\nB,2026-03-01T09:00:00Z,2\n")
        key = tk.make_key(Path(folder, "panel.key"))
        assert_type(tk.pseudonymise(survey, key), tk.Survey)
        consents = tk.read_consents(file, kind="att", key=key, zone="Europe/Paris")
    assert_type(consents, tk.Consents)
    assert_type(consents.at("2026-05-03"), pd.DataFrame)
    assert_type(tk.consent_banner_rates(consents), tk.Estimate)
    assert_type(tk.opt_in_rates(consents), tk.Estimate)
    text = tk.decode_tcf("CPBFOSAPEu6zIr5KkyEN4ECAAAAAAH_gAACYAAALzgBgACAAQAvMAAAA")
    assert_type(text, tk.TCString)
    assert_type(text.vendors_interest, tuple[int, ...])


def compare(design: tk.Design, raw: Path) -> None:
    """Compare groups, and weight to a reference."""
    assert_type(tk.ratio(design, "age", "duration_seconds"), tk.Estimate)
    assert_type(tk.variance(design, "age", by="sex"), tk.Estimate)
    assert_type(tk.correlation(design, "age", "duration_seconds"), tk.Estimate)
    means = tk.mean(design, "age", by="sex")
    assert_type(tk.contrast(means, {"Female": 1, "Male": -1}), tk.Estimate)
    assert_type(tk.contrast(means, [1.0, -1.0]), tk.Estimate)
    assert_type(tk.delta(means, lambda values: values[0] / values[1]), tk.Estimate)
    assert_type(tk.wave_difference(means, means), tk.Estimate)
    follow(tk.read(pd.DataFrame({"id": [1, 2, 3], "age": [20.0, 30.0, 50.0], "trust": ["yes", "no", "yes"]})))
    assert_type(tk.difference_from_rest(design, "age", by="country"), tk.Estimate)
    assert_type(tk.item_nonresponse(design, ["age", "country"], by="sex").rates, tk.Estimate)
    assert_type(tk.rank(means), tk.Ranking)
    assert_type(tk.net(design, "sex", plus=["Female"], minus=["Male"], by="country"), tk.Estimate)
    assert_type(tk.top_box(design, "sex", boxes=["Female"]), tk.Estimate)
    answers = tk.Codebook({"sex": tk.Variable("sex", "Sex", "numeric")})
    claim = tk.Claim("sex", "Sex", 1.5, 1, tk.Reading("sex", statistic="mean"))
    high: dict[str, object] = {"where": {"sex": {"low": 1}}}
    asked = tk.Survey(pd.DataFrame({"sex": [1, 2]}), answers)
    found = tk.sensitivity(asked, claim, {"who": {"all": {}, "high": high}})
    assert_type(found, tk.Sensitivity)
    assert_type(tk.specification_curve(found, title="Sex"), tk.DataFigure)
    yes_or_no = tk.Variable("sex", "Is it so?", "single", codes={1: "Yes", 2: "No"})
    rule = tk.SegmentRule("Concern", {"sex": "agree"}, {"Yes": (1, 1), "No": (0, 0)})
    assert_type(rule.segment_of(1), str)
    people = tk.Survey(pd.DataFrame({"sex": [1, 2]}), tk.Codebook({"sex": yes_or_no}))
    assert_type(tk.segments(people, rule, items={"sex": "sex"}, agree=["Yes"], disagree=["No"]), tk.Survey)
    assert_type(tk.trust_index(design, "trust_type", of="items", boxes=2), tk.Estimate)
    score = tk.Variable("score", "Recommend?", "ordinal", codes={code: str(code) for code in range(11)})
    scored = tk.Survey(pd.DataFrame({"score": [10, 3]}), tk.Codebook({"score": score}))
    assert_type(tk.nps(tk.Design(scored), "score"), tk.Estimate)
    assert_type(tk.banner(design, ["country"], ["sex", ("sex", "country")])["country"], tk.BannerTable)
    assert_type(tk.crosstab(design, "country", "sex", percent="row").shares, tk.Estimate)
    with TemporaryDirectory() as folder:
        book = Path(folder) / "tables.xlsx"
        assert_type(tk.write_tables([tk.banner(design, ["sex"], ["country"])], book), pd.DataFrame)
    assert_type(tk.ttest(design, "age", "sex"), tk.TestResult)
    assert_type(tk.rank_test(design, "age", "sex", test="wilcoxon"), tk.TestResult)
    assert_type(tk.oneway_test(design, "age", "country"), tk.TestResult)
    assert_type(tk.count(design, "sex", level="Male", ci="log"), tk.Estimate)
    assert_type(tk.standardize(design, {"sex": {"Female": 0.5, "Male": 0.5}}, over="country"), tk.Design)
    assert_type(tk.margin_of_error(design, assuming="the weights remove all bias"), tk.MarginOfError)
    assert_type(tk.implied_deff(1.7, 5110), float)
    check_arithmetic()
    targets = tk.targets_of(design, ["sex", ("sex", "country")], kind="counts")
    assert_type(targets, tk.Targets)
    assert_type(tk.calibrate(design, targets, method="raking", bounds=(None, 10)), tk.Design)
    assert_type(tk.poststratify(design, tk.targets_of(design, ["sex"])), tk.Design)
    assert_type(tk.normalize(design, 1000), tk.Design)
    assert_type(tk.read_targets(raw / "targets.yaml"), tk.Targets)


def follow(survey: tk.Survey) -> None:
    """Follow respondents over waves."""
    waves = tk.stack_waves(
        {"2019": survey, "2021": survey}, names={"trusts": {"2019": "trust", "2021": "trust"}}
    )
    assert_type(waves, tk.Survey)
    panel = tk.link_waves(tk.Design(waves), wave="wave", person="id")
    assert_type(panel, tk.Design)
    assert_type(tk.trend_test(tk.mean(panel, "age", by="wave"), test="any"), tk.TestResult)
    lossy = tk.Design(tk.drop_where(waves, where={"wave": "2021", "trusts": "no"}, reason="lost"))
    assert_type(tk.attrition(lossy, ["age"], wave="wave", person="id"), tk.Attrition)
    assert_type(tk.attrition_weights(lossy, [], wave="wave", person="id"), tk.Design)
    assert_type(tk.transitions(panel, "trusts", wave="wave", person="id", kind="total"), tk.Transitions)
    assert_type(tk.change(panel, "age", wave="wave", person="id", between=["2019", "2021"]), tk.Estimate)


def check_arithmetic() -> None:
    """Check published numbers without the answers behind them."""
    assert_type(tk.feasible(40, n=607), tk.Feasibility)
    assert_type(tk.feasible(39.5, n=43, decimals=1, weights=(0.3, 3)).verdict, Possibility)
    assert_type(tk.sums_to_100({"high": 27, "middle": 45, "low": 28}), tk.Feasibility)
    assert_type(tk.subgroups_fit(71, [77, 65], sizes=[1, 1]), tk.Feasibility)
    assert_type(tk.margin_fits(0.9, n=None), tk.Feasibility)
    assert_type(tk.change_beyond_noise(54, 40, n=(1000, 2000)), tk.TestResult)
    assert_type(tk.check_mean("3.45", n=20, scale=(1, 7), sd="1.20"), tk.Feasibility)
    assert_type(tk.check_test("F", "3.10", p="< .05", df=(2, 57)), tk.Feasibility)
    assert_type(tk.published_figures(), tk.PublishedFigures)
    assert_type(tk.published_figures()["kpmg_2021"].claim, tk.Claim)
    assert_type(tk.published_figures().check(), tk.FigureChecks)
    assert_type(tk.synthesize([tk.published_figures()["kpmg_2021"]], deff=1.5), tk.Synthesis)
    assert_type(tk.check_fit(".092", chi2=85.31, df=24, n=301), tk.Feasibility)


def draw(design: tk.Design, verdicts: tk.Verdicts, log: tk.ExclusionLog) -> None:
    """Draw charts in a style of one's own."""
    share = tk.proportion(design, "trust_all_brands", by="sex")
    means = tk.mean(design, "age", by="sex")
    assert_type(tk.verdict_dots(verdicts, title="Claims"), tk.DataFigure)
    assert_type(tk.difference_dots(tk.wave_difference(means, means), title="Change"), tk.DataFigure)
    assert_type(tk.strip_plot(pd.DataFrame({"rate": [1.0]}), "rate", title="Rates"), tk.DataFigure)
    assert_type(tk.weight_shift(tk.weight_summary(design), title="Weights"), tk.DataFigure)
    chart = tk.dot_interval(share, title="Trust", order="estimate")
    assert_type(chart.styled(tk.house_style(accent="navy")), tk.DataFigure)
    assert_type(chart.png(words="beside"), bytes)
    assert_type(tk.exclusion_flow(log), tk.DataFigure)


def erasing(study: Path) -> None:
    """Erase a respondent."""
    erasure = tk.erase(study, "R-102", reason="request of 3 May", on="2026-05-04", report="leave")
    assert_type(erasure, tk.Erasure)
    assert_type(tk.verify_erasure(study, erasure), pd.DataFrame)
    assert_type(tk.expire(study, on="2026-05-04"), tk.Expiry)


def protecting(design: tk.Design, site: Path, study: Path) -> None:
    """Protect the respondents of tables, and search a site before it leaves."""
    book = tk.banner(design, ["country"], ["sex"])
    assert_type(tk.beside({"weighted": book, "again": book}), tk.Banner)
    protected = tk.protect([tk.proportion(design, "trust_all_brands")], protection=tk.Protection(threshold=5))
    assert_type(protected, tk.Protected)
    assert_type(tk.attack(protected, integer=True), pd.DataFrame)
    assert_type(tk.check_release(site, study), pd.DataFrame)


def with_permission(survey: tk.Survey, records: tk.Consents) -> None:
    """Use what people agreed to, and say how anonymous it is."""
    assert_type(tk.inventory(survey.codebook), tk.Inventory)
    assert_type(tk.consented(survey, "research", records=records, on="2026-03-01"), tk.Survey)
    known = tk.with_consent_status(survey, "research", records=records)
    assert_type(tk.drop_without_consent(known, purpose="research", status="consent"), tk.Survey)
    assert_type(tk.anonymity(survey, quasi=["age", "sex"]), tk.Anonymity)
    assert_type(tk.release(survey, "public.csv", k=3), pd.DataFrame)


if __name__ == "__main__":
    work()
