"""What a type checker must refuse. Each line names the error of mypy, and that of pyright after the bar.

A checker that reports another line than these, or not all of these, fails `test_typing.py`.
"""

from __future__ import annotations

import trustkit as tk
from trustkit import *


def work(design: tk.Design, survey: tk.Survey, share: tk.Estimate) -> None:  # noqa: PLR0915  # one mistake a line
    """Make mistakes; this is never run."""
    tk.propotion(design, "trust")  # wrong: attr-defined | reportAttributeAccessIssue
    propotion(design, "trust")  # wrong: name-defined | reportUndefinedVariable
    survey.datta.head()  # wrong: attr-defined | reportAttributeAccessIssue
    share.to_farme()  # wrong: attr-defined | reportAttributeAccessIssue
    tk.proportion(design, "trust", where="age > 30")  # wrong: arg-type | reportArgumentType
    tk.mean(design, "age", where="age > 30")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", ci="wald")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", base="everybody")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", conf="95%")  # wrong: arg-type | reportArgumentType
    tk.proportion(design, "trust", domain="sex")  # wrong: call-arg | reportCallIssue
    tk.proportion(survey, "trust")  # wrong: arg-type | reportArgumentType
    tk.chisq_test(design, "a", "b", statistic="G")  # wrong: arg-type | reportArgumentType
    tk.Design(survey, lonely_psu="ignore")  # wrong: arg-type | reportArgumentType
    tk.trim(design, 5, relative_to="maximum")  # wrong: arg-type | reportArgumentType
    tk.dot_interval(share)  # wrong: call-arg | reportCallIssue
    tk.dot_interval(share, title="Trust", order="size")  # wrong: arg-type | reportArgumentType
    tk.example_folder(1)  # wrong: arg-type | reportArgumentType
    share.se = None  # wrong: misc assignment | reportAttributeAccessIssue
    kept: tk.Estimate = tk.clean(survey)  # wrong: assignment | reportAssignmentType
    tk.contrast(share, 3)  # wrong: arg-type | reportArgumentType
    tk.contrast(share, {1: 2.0})  # wrong: dict-item | reportArgumentType
    tk.delta(share, 3)  # wrong: arg-type | reportArgumentType
    tk.quantile(design, "age", "median")  # wrong: arg-type | reportArgumentType
    tk.pairwise(share, adjust="tukey")  # wrong: arg-type | reportArgumentType
    tk.rank_test(design, "age", "sex", test="signs")  # wrong: arg-type | reportArgumentType
    tk.replicate(design, "JK2")  # wrong: arg-type | reportArgumentType
    tk.Replicates(["w1"], "JK2")  # wrong: arg-type | reportArgumentType
    tk.calibrate(design, {}, method="rakng")  # wrong: arg-type | reportArgumentType
    tk.calibrate(design, {}, bounds=3)  # wrong: arg-type | reportArgumentType
    tk.targets_of(survey, ["sex"])  # wrong: arg-type | reportArgumentType
    tk.targets_of(design, ["sex"], kind="share")  # wrong: arg-type | reportArgumentType
    tk.verify(design, design)  # wrong: arg-type | reportArgumentType
    tk.opt_in_rates(design, definitions=["Flurry"])  # wrong: list-item | reportArgumentType
    tk.exclusion_sensitivity(survey, 3)  # wrong: arg-type | reportArgumentType
    tk.weight_summary(design, reference=3)  # wrong: arg-type | reportArgumentType
    tk.derive(survey, into="x", answers={}, kind="numeric")  # wrong: arg-type | reportArgumentType
    tk.likert_bars(share, title="T", align="right")  # wrong: arg-type | reportArgumentType
    tk.trend(share, title="T", axis="log")  # wrong: arg-type | reportArgumentType
    tk.difference_from_rest(design, "age", by=["sex"])  # wrong: arg-type | reportArgumentType
    tk.crosstab(design, "sex", "age", percent="cell")  # wrong: arg-type | reportArgumentType
    tk.item_nonresponse(design, 3)  # wrong: arg-type | reportArgumentType
    tk.Variable("age", "Age", "number")  # wrong: arg-type | reportArgumentType
    tk.write(survey.data, "a.sav")  # wrong: arg-type | reportArgumentType
    tk.house_style("navy")  # wrong: call-arg | reportCallIssue
    tk.adjust_nonresponse(design, {"answered": "yes"}, 3)  # wrong: arg-type | reportArgumentType
    tk.careless(survey, batteries=3)  # wrong: arg-type | reportArgumentType
    tk.collapse(survey, variable="a", into="b", labels=["x"])  # wrong: arg-type | reportArgumentType
    tk.consent_funnel(design, ["asked"])  # wrong: arg-type | reportArgumentType
    tk.correlation(design, "age")  # wrong: call-arg | reportCallIssue
    tk.distribution(design, "trust", title="T", bands="csat")  # wrong: arg-type | reportArgumentType
    tk.draft_codebook(design)  # wrong: arg-type | reportArgumentType
    tk.drop_duplicates(survey, key=["id"])  # wrong: arg-type | reportArgumentType
    tk.drop_failed_attention(survey, variable="a", passed=4)  # wrong: arg-type | reportArgumentType
    tk.drop_inconsistent(survey, given="a", then={})  # wrong: arg-type | reportArgumentType
    tk.drop_speeders(survey, duration="s", share_of_median="1/3")  # wrong: arg-type | reportArgumentType
    tk.drop_straightliners(survey, items=3)  # wrong: arg-type | reportArgumentType
    tk.drop_where(survey, where="age < 18", reason="young")  # wrong: arg-type | reportArgumentType
    tk.exclusion_losses(survey, title="T")  # wrong: arg-type | reportArgumentType
    tk.flag_inconsistent(survey, given={}, then={})  # wrong: call-arg | reportCallIssue
    tk.funnel(design, title="T")  # wrong: arg-type | reportArgumentType
    tk.heat_table(design, title="T")  # wrong: arg-type | reportArgumentType
    tk.keep_where(survey, where={"age": "18"})  # wrong: call-arg | reportCallIssue
    tk.paired_proportions(design, "a", "b", 1)  # wrong: arg-type | reportArgumentType
    tk.propensity_weights(design, survey, ["sex"])  # wrong: arg-type | reportArgumentType
    tk.read_codebook(survey)  # wrong: arg-type | reportArgumentType
    tk.recode(survey, variable="a", labels=["x"])  # wrong: arg-type | reportArgumentType
    tk.reverse(survey, variable=3)  # wrong: arg-type | reportArgumentType
    tk.score(survey, "battery", into="s", min_items="two")  # wrong: arg-type | reportArgumentType
    tk.set_missing(design)  # wrong: arg-type | reportArgumentType
    tk.total(survey, "age")  # wrong: arg-type | reportArgumentType
    tk.tracked_path(design, title="T")  # wrong: arg-type | reportArgumentType
    tk.with_replicates(design, 3)  # wrong: arg-type | reportArgumentType
    tk.write_codebook(survey, "book.yaml")  # wrong: arg-type | reportArgumentType
