"""Estimates: which respondents they count, what they return, and numbers worked out by hand or by loops."""

from __future__ import annotations

import brute_force
import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trustkit as tk
from trustkit.design.design import Design
from trustkit.errors import DataError
from trustkit.estimation.association import chisq_test
from trustkit.estimation.estimates import mean, proportion, ratio, total
from trustkit.estimation.quantiles import quantile
from trustkit.estimation.second_moments import correlation, variance
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

MISSING = {8: "don't know", 9: "refused", 98: "not asked"}
TRUST = Variable(
    "trust", "Do you trust them?", "ordinal", codes={1: "low", 2: "mid", 3: "high"}, missing=MISSING
)
SEX = Variable("sex", "Sex", "single", codes={1: "m", 2: "f", 3: "x"}, missing={9: "refused"})
BANKS = Variable(
    "banks", "Trust banks?", "ordinal", codes={1: "yes", 0: "no"}, missing=MISSING, set="battery"
)
SHOPS = Variable(
    "shops", "Trust shops?", "ordinal", codes={1: "yes", 0: "no"}, missing=MISSING, set="battery"
)
WHY = Variable("why", "Why?", "single", codes={1: "price"}, asked={"banks": ("no",)})
AGE = Variable("age", "Age", "numeric", missing={999: "refused"})
VARIABLES = (TRUST, SEX, BANKS, SHOPS, WHY, AGE)
W = [1.0, 2.0, 1.0, 3.0, 2.0, 1.0]
PEOPLE = {
    "trust": [1, 2, 3, 3, 8, 98],
    "sex": [1, 2, 2, 1, 1, 9],
    "banks": [1, 0, 0, 1, 9, None],
    "shops": [1, 1, 0, 8, 0, 1],
    "why": [None, 1, 1, None, None, None],
    "age": [20.0, 30.0, 40.0, 999.0, 60.0, None],
    "w": W,
}


@pytest.fixture(scope="module")
def design():
    book = Codebook({variable.name: variable for variable in VARIABLES})
    return Design(Survey(pd.DataFrame(PEOPLE), book), weights="w")


def by_hand(influence):
    return np.sqrt(np.diag(brute_force.covariance(influence)))


# Proportions


def test_shares_are_of_substantive_answers(design):
    found = proportion(design, "trust").to_frame()
    assert found["level"].tolist() == ["low", "mid", "high"]
    assert found["estimate"].tolist() == pytest.approx([1 / 7, 2 / 7, 4 / 7])
    assert found["n"].tolist() == [4, 4, 4]
    base = [True] * 4 + [False] * 2
    _, influence = brute_force.shares([1, 2, 3, 3, 8, 98], [1, 2, 3], W, base)
    assert np.allclose(found["se"], by_hand(influence), rtol=1e-12)


def test_everyone_asked_keeps_dont_know_and_refused_in_the_denominator(design):
    found = proportion(design, "trust", base="asked")
    assert found.keys["level"].tolist() == ["low", "mid", "high", "Don't know", "Refused"]
    assert found.estimate.tolist() == pytest.approx([1 / 9, 2 / 9, 4 / 9, 2 / 9, 0])
    assert found.n.tolist() == [5] * 5
    assert "don't know and refused" in found.base


def test_one_answer_is_estimated_as_among_all(design):
    every, one = proportion(design, "trust"), proportion(design, "trust", level="mid")
    assert one.keys["level"].tolist() == ["mid"]
    assert one.estimate[0] == every.estimate[1]
    assert one.vcov[0, 0] == pytest.approx(every.vcov[1, 1])


def test_dont_know_is_an_answer_only_of_everyone_asked(design):
    assert proportion(design, "trust", level="Don't know", base="asked").estimate[0] == pytest.approx(2 / 9)
    with pytest.raises(DataError, match='trust has no answer "Don\'t know"'):
        proportion(design, "trust", level="Don't know")


def test_domains_without_anybody_are_left_out(design):
    found = proportion(design, "trust", by="sex").to_frame()
    assert found["sex"].tolist() == ["m"] * 3 + ["f"] * 3
    assert found["estimate"].tolist() == pytest.approx([1 / 4, 0, 3 / 4, 0, 2 / 3, 1 / 3])
    assert found["n"].tolist() == [2] * 6


def test_domains_may_cross_several_variables(design):
    found = proportion(design, "shops", level="yes", by=["sex", "banks"]).to_frame()
    assert found[["sex", "banks"]].to_numpy().tolist() == [["m", "yes"], ["f", "no"]]
    assert found["estimate"].tolist() == pytest.approx([1, 2 / 3])


def test_a_battery_is_estimated_by_its_name_or_its_variables(design):
    named, listed = (
        proportion(design, "battery", level="yes"),
        proportion(design, ["banks", "shops"], level="yes"),
    )
    assert named.to_frame().equals(listed.to_frame())
    assert named.keys["variable"].tolist() == ["banks", "shops"]
    assert np.array_equal(named.vcov, listed.vcov)


def test_the_covariance_between_two_questions_is_that_of_their_influence(design):
    found = proportion(design, ["banks", "shops"], level="yes")
    pairs = [
        brute_force.shares([1, 0, 0, 1, 9, 9], [1], W, [True] * 4 + [False] * 2),
        brute_force.shares([1, 1, 0, 8, 0, 1], [1], W, [True] * 3 + [False] + [True] * 2),
    ]
    expected = brute_force.covariance(np.hstack([influence for _, influence in pairs]))
    assert np.allclose(found.vcov, expected, rtol=1e-12)


def test_where_takes_a_range_of_numbers_and_missing_codes_are_none(design):
    found = proportion(design, "shops", level="yes", where={"age": {"low": 30, "high": 1000}})
    assert found.n.tolist() == [3]
    assert found.estimate[0] == pytest.approx(2 / 5)
    assert "Age is 30 to 1000" in found.base
    assert proportion(design, "shops", level="yes", where={"trust": {"high": 2}}).n.tolist() == [2]


def test_a_range_that_leaves_out_no_number_is_said_to_be_an_answer():
    score = Variable("score", "Score", "numeric", low=0, high=10)
    frame = pd.DataFrame({"shops": ["yes", "no", "yes"], "score": [0.0, 10.0, None]})
    found = proportion(
        Design(Survey(frame, Codebook({"score": score}))), "shops", level="yes", where={"score": {"low": 0}}
    )
    assert found.n.tolist() == [2]
    assert found.base == "substantive answers, where Score has an answer"


def test_who_was_asked_is_said(design):
    found = proportion(design, "why", where={"sex": "f"})
    assert found.base == 'substantive answers, where Sex is f, asked if "Trust banks?" is no'


def test_a_respondent_without_weight_is_not_counted():
    design = Design(pd.DataFrame({"a": list("xyy"), "w": [1.0, 1.0, 0.0]}), weights="w")
    found = proportion(design, "a")
    assert found.n.tolist() == [2, 2]
    assert found.estimate.tolist() == [0.5, 0.5]


def test_the_effective_size_of_a_plain_sample_is_its_size_less_one():
    found = proportion(Design(pd.DataFrame({"a": list("xxyyyyyyyy")})), "a", level="x")
    assert found.n_eff[0] == pytest.approx(9)
    assert found.deff[0] == pytest.approx(1)


def test_the_effective_size_of_a_mean_is_its_spread_over_its_variance():
    found = mean(
        Design(pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "w": [1.0, 1.0, 2.0, 4.0]}), weights="w"), "y"
    )
    centre = 25 / 8
    spread = (1 * (1 - centre) ** 2 + (2 - centre) ** 2 + 2 * (3 - centre) ** 2 + 4 * (4 - centre) ** 2) / 8
    assert found.n_eff[0] == pytest.approx(spread / found.se[0] ** 2)
    assert found.deff[0] == pytest.approx(3 / found.n_eff[0])


@pytest.mark.parametrize("ci", ["logit", "beta", "wilson", "likelihood", "asin", "xlogit", "mean"])
def test_each_interval_holds_the_share(design, ci):
    found = proportion(design, "trust", ci=ci)
    assert (found.ci_low <= found.estimate).all()
    assert (found.estimate <= found.ci_high).all()
    assert found.ci == ci


def test_less_coverage_gives_a_shorter_interval(design):
    wide, short = proportion(design, "trust", conf=0.95), proportion(design, "trust", conf=0.8)
    assert (short.ci_high - short.ci_low < wide.ci_high - wide.ci_low).all()
    assert short.conf == 0.8


@pytest.mark.parametrize(
    ("arguments", "what", "do"),
    [
        ({"variable": "turst"}, "no variable 'turst'", "did you mean 'trust'?"),
        ({"variable": "age"}, "age has no labelled answers", "take the mean"),
        ({"variable": "trust", "level": "hihg"}, "trust has no answer 'hihg'", "did you mean 'high'?"),
        ({"variable": "trust", "by": "sexx"}, "no variable 'sexx'", "did you mean 'sex'?"),
        ({"variable": "trust", "by": "age"}, "age has no labelled answers", ""),
        ({"variable": "trust", "where": {"sex": "x"}}, "nobody is in the base", "widen where"),
        ({"variable": "trust", "base": "all"}, "argument 'base'", "choose one of: valid, asked"),
        ({"variable": "trust", "ci": "wald"}, "argument 'ci'", "choose one of: logit"),
        ({"variable": "trust", "conf": 95}, "conf is out of range", ""),
    ],
)
def test_a_share_that_can_not_be_estimated_is_refused(design, arguments, what, do):
    with pytest.raises(DataError, match=what) as caught:
        proportion(design, **arguments)
    assert do in (caught.value.do or "")


def test_an_empty_base_says_who_was_asked_for(design):
    with pytest.raises(DataError) as caught:
        mean(design, "age", by="sex", where={"sex": "x"})
    assert caught.value.got == "where: Sex is x; by: sex"


def test_codes_that_the_codebook_does_not_know_are_not_left_out_silently():
    design = Design(Survey(pd.DataFrame({"trust": [1, 2, 7]}), Codebook({"trust": TRUST})))
    with pytest.raises(DataError, match="trust contains codes that are not in the codebook") as caught:
        proportion(design, "trust")
    assert caught.value.got == "7"
    assert "as answers or as missing" in caught.value.do


# Means and totals


def test_a_mean_is_weighted_and_leaves_out_missing_numbers(design):
    found = mean(design, "age")
    assert found.estimate[0] == pytest.approx((20 + 60 + 40 + 120) / 6)
    assert found.n[0] == 4
    _, influence = brute_force.mean([20, 30, 40, 0, 60, 0], W, [True, True, True, False, True, False])
    assert found.se[0] == pytest.approx(by_hand(influence)[0])


def test_a_mean_of_answers_is_a_mean_of_their_scores(design):
    assert mean(design, "trust").estimate[0] == pytest.approx((1 * 1 + 2 * 2 + 4 * 3) / 7)


def test_a_mean_has_a_t_interval_with_the_degrees_of_freedom_of_those_who_have_a_value(design):
    found = mean(design, "age", conf=0.9)
    assert found.n.tolist() == [4]
    reach = stats.t.ppf(0.95, 3) * found.se[0]
    assert found.ci_low[0] == pytest.approx(found.estimate[0] - reach)
    assert found.ci_high[0] == pytest.approx(found.estimate[0] + reach)
    assert found.df.tolist() == [3]


def test_a_total_is_the_sum_of_weighted_values(design):
    found = total(design, "age", by="sex")
    assert found.estimate.tolist() == [20 + 120, 60 + 40]
    assert found.n.tolist() == [2, 2]


def test_totals_of_domains_have_the_covariance_of_their_influence():
    frame = pd.DataFrame({"y": [1.0, 2.0, 4.0, 8.0], "g": list("xxyy"), "w": [1.0, 2.0, 1.0, 3.0]})
    found = total(Design(frame, weights="w"), "y", by="g")
    expected = brute_force.covariance(np.array([[1, 0], [4, 0], [0, 4], [0, 24.0]]))
    assert np.allclose(found.vcov, expected)


def test_several_variables_have_one_covariance(design):
    found = mean(design, ["age", "trust"])
    assert found.vcov.shape == (2, 2)
    assert found.vcov[0, 1] == found.vcov[1, 0] != 0


@pytest.mark.parametrize("estimator", [mean, total])
def test_a_battery_has_means_and_totals_too(design, estimator):
    assert estimator(design, "battery").keys["variable"].tolist() == ["banks", "shops"]


# Ratios


def test_a_ratio_leaves_out_rows_that_miss_either(design):
    frame = pd.DataFrame({"y": [1.0, 2.0, None, 4.0], "x": [2.0, None, 3.0, 5.0], "w": [1.0, 1.0, 1.0, 2.0]})
    found = ratio(Design(frame, weights="w"), "y", "x")
    assert found.estimate[0] == pytest.approx(9 / 12)
    assert found.n[0] == 2
    _, influence = brute_force.ratio([1, 0, 0, 4], [2, 0, 0, 5], [1, 1, 1, 2], [True, False, False, True])
    assert found.se[0] == pytest.approx(by_hand(influence)[0])
    assert found.keys["variable"].tolist() == ["y / x"]


def test_a_ratio_to_a_total_of_zero_is_refused():
    design = Design(pd.DataFrame({"y": [1.0, 2.0], "x": [0.0, 0.0]}))
    with pytest.raises(DataError, match="the denominator's total is zero") as caught:
        ratio(design, "y", "x")
    assert caught.value.where == "x"


def test_a_ratio_by_domain_is_the_ratio_of_each_domain():
    frame = pd.DataFrame({"y": [1.0, 2.0, 3.0], "x": [2.0, 2.0, 4.0], "g": list("aab")})
    assert ratio(Design(frame), "y", "x", by="g").estimate.tolist() == [0.75, 0.75]


# Columns without numbers or answers


@pytest.mark.parametrize(
    "call",
    [
        lambda design: proportion(design, "empty"),
        lambda design: proportion(design, "full", by="empty"),
        lambda design: mean(design, "y", by=["empty", "full"]),
        lambda design: quantile(design, "y", by="empty"),
        lambda design: chisq_test(design, "full", "empty"),
    ],
)
def test_a_column_without_any_answer_is_named(call):
    labels = [f"label {number}" for number in range(300)]
    frame = pd.DataFrame({"empty": pd.Series([None] * 300, dtype=object), "full": labels, "y": 1.0})
    with pytest.raises(DataError, match="empty holds no answers"):
        call(Design(frame))


@pytest.mark.parametrize("estimator", [mean, total, variance])
def test_words_have_no_mean_total_or_variance(estimator):
    design = Design(pd.DataFrame({"a": list("xy")}))
    with pytest.raises(DataError, match="not numbers"):
        estimator(design, "a")


# What every estimate carries


def test_the_frame_of_an_estimate_names_its_columns(design):
    assert list(proportion(design, "trust", by="sex").to_frame().columns) == [
        "sex", "variable", "level", "estimate", "se", "ci_low", "ci_high", "df", "n", "n_eff",
        "reason",
    ]  # fmt: skip


def test_an_estimate_carries_the_wording(design):
    found = proportion(design, "trust")
    assert found.label("trust") == "Do you trust them?"
    assert found.label("other") == "other"


def test_standard_errors_are_the_roots_of_the_covariance(design):
    found = proportion(design, ["trust", "banks"], by="sex")
    assert np.allclose(found.se**2, np.diag(found.vcov), atol=1e-18)
    assert np.allclose(found.vcov, found.vcov.T)


@pytest.mark.parametrize("by", ["level", ["sex", "sex"], ["sex", "n"]])
def test_a_domain_can_not_take_the_name_of_a_column_of_the_result(by):
    frame = pd.DataFrame({"level": ["a", "b"], "n": ["a", "b"], "sex": ["m", "f"], "y": [1.0, 2.0]})
    with pytest.raises(DataError, match="by can't contain"):
        mean(Design(frame), "y", by=by)


def test_numbers_too_large_to_be_squared_are_refused():
    with pytest.raises(DataError, match=r"y are too large to be squared(.|\n)*another unit"):
        mean(Design(pd.DataFrame({"y": [1.0, -1e200]})), "y")


@pytest.mark.parametrize("junk", [99_999.0, 9_999_999.0, 1e12])
@pytest.mark.parametrize("psu", [None, "psu"])
def test_a_number_outside_the_base_takes_no_digits_from_those_inside(junk, psu):
    random = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"y": random.integers(1, 6, 60) * 1.0, "x": random.normal(size=60), "psu": range(60)}
    )
    frame["kind"] = "answer"
    first = pd.DataFrame({"y": [junk], "x": [junk], "psu": [60], "kind": "code"})
    alone, all_rows = (
        Design(rows, psu=psu) for rows in (frame, pd.concat([first, frame], ignore_index=True))
    )
    for found, plain in (
        (mean(all_rows, "y", by="kind"), mean(alone, "y", by="kind")),
        (variance(all_rows, "y", where={"kind": "answer"}), variance(alone, "y")),
        (correlation(all_rows, "x", "y", where={"kind": "answer"}), correlation(alone, "x", "y")),
    ):
        assert found.estimate[0] == pytest.approx(plain.estimate[0], rel=1e-12)
        # the row outside is sampled, too: its influence is zero, n / (n - 1) is not
        assert found.se[0] == pytest.approx(plain.se[0] * np.sqrt(61 / 60 * 59 / 60), rel=1e-12)


# Guesses that nobody has reviewed


def test_what_rests_on_an_unreviewed_guess_says_so_and_nothing_else_does():
    codes = {1: "Yes", 2: "No"}
    about = {
        "trust": Variable(
            "trust", "Do you trust brands?", "single", codes=codes, review="guessed", unsure=True
        ),
        "other": Variable("other", "Another?", "single", codes=codes, review="sure"),
        "sex": Variable("sex", "Sex", "single", codes=codes),
    }
    frame = pd.DataFrame({"trust": [1, 2] * 4, "other": [1, 1, 2, 2] * 2, "sex": [1, 2, 2, 1] * 2})
    design = tk.Design(tk.Survey(frame, tk.Codebook(about)))
    note = "a guess about how the answers were read could change this. Question: Do you trust brands?"
    for result in (
        tk.proportion(design, "trust"),
        tk.proportion(design, "other", by="trust"),
        tk.proportion(design, "other", where={"trust": "Yes"}),
        tk.chisq_test(design, "trust", "sex"),
    ):
        assert note in repr(result)
    assert "Not reviewed" not in repr(tk.proportion(design, "other", by="sex"))


@pytest.mark.parametrize(
    ("estimate", "got"),
    [
        (lambda design: tk.proportion(design, "village"), "12,000: 12,000 in each of 1 groups"),
        (lambda design: tk.mean(design, "x", by="village"), "12,000: 1 in each of 12,000 groups of village"),
        (lambda design: tk.proportion(design, "y", by="village"), "24,000: 2 in each of 12,000 groups"),
    ],
)
def test_thousands_of_levels_are_refused_by_name_before_their_covariance_fills_the_memory(estimate, got):
    names = [f"v{place}" for place in range(12_000)]
    frame = pd.DataFrame(
        {"village": pd.Categorical(names, names), "x": np.arange(12_000.0), "y": list("ab") * 6_000}
    )
    with pytest.raises(DataError, match="too many estimates of") as caught:
        estimate(tk.Design(frame))
    assert caught.value.got.startswith(got)
    assert "5,000" in caught.value.expected


def groups(**columns):
    """Return a design of six respondents; two of them have no answer to ``g``."""
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], "g": ["a", "a", None, "b", "b", None]})
    return tk.Design(frame.assign(**columns), **({"weights": "w"} if "w" in columns else {}))


@pytest.mark.parametrize("estimator", [tk.mean, tk.total, tk.quantile])
def test_respondents_without_an_answer_to_by_are_counted_in_a_note(estimator):
    note = "2 respondents have no answer to g and are in no group."
    assert note in estimator(groups(), "x", by="g").notes
    assert (
        "1 respondent has no answer to g and is in no group."
        in tk.mean(groups(), "x", by="g", where={"x": {"low": 1, "high": 3}}).notes
    )
    assert not [note for note in estimator(groups(), "x").notes if "no answer" in note]


def test_differences_from_the_rest_and_rank_tests_count_those_in_no_group():
    note = "2 respondents have no answer to g and are in no group."
    many = pd.DataFrame({"x": range(12), "h": [*"abcabcabcab", None]})
    assert note in tk.difference_from_rest(groups(), "x", by="g").notes
    assert note in tk.rank_test(groups(), "x", "g").notes
    several = tk.rank_test(tk.Design(many), "x", "h")
    assert several.statistic_name == "F"
    assert several.notes[0] == "1 respondent has no answer to h and is in no group."


def test_totals_and_counts_say_what_population_the_weights_sum_to(tmp_path):
    frame = groups(w=[1000.0, 2000.0, 1000.5, 0.0, 3.0, 1.0]).data.assign(answer=list("yynyny"))
    frame.to_parquet(tmp_path / "rows.parquet")
    note = "The weights sum to 4,004, so these are numbers of a population of that size."
    for source in (frame, tmp_path / "rows.parquet"):
        design = tk.Design(source, weights="w")
        for found in (tk.total(design, "x", by="g"), tk.count(design, "answer", where={"g": "a"})):
            assert found.notes[-1] == note
        assert note not in tk.mean(design, "x").notes


def test_a_group_whose_weights_are_all_zero_is_named():
    weighted = groups(w=[1.0, 1.0, 1.0, 0.0, 0.0, 1.0])
    assert (
        "All weights are zero for b, so there is no estimate for them."
        in tk.mean(weighted, "x", by="g").notes
    )
    assert tk.mean(weighted, "x", by="g").keys["g"].tolist() == ["a"]


def test_an_engine_counts_those_without_an_answer_to_by_as_memory_does(tmp_path):
    frame = groups().data
    frame.to_parquet(tmp_path / "rows.parquet")
    lazy = tk.Design(tmp_path / "rows.parquet")
    assert tk.mean(lazy, "x", by="g").notes == tk.mean(groups(), "x", by="g").notes


def unasked():
    """Return a design with a set of three items, of which nobody was asked the third."""
    answers = {"t1": list("abca"), "t2": list("abba"), "t3": [None] * 4}
    frame = pd.DataFrame({**answers, "s": list("mmff"), "w": [1.0, 2.0, 3.0, 4.0]})
    codes, scores = {name: name for name in "abc"}, {"a": 1.0, "b": 2.0, "c": 3.0}
    items = [
        Variable(name, f"Item {name}", "ordinal", codes=codes, scores=scores, set="t") for name in answers
    ]
    sex = Variable("s", "Sex", "single", codes={"m": "m", "f": "f"})
    about = {variable.name: variable for variable in [*items, sex, Variable("w", "Weight", "weight")]}
    return tk.Design(Survey(frame, Codebook(about, sets={"t": "Trust"})), weights="w")


@pytest.mark.parametrize("estimator", [tk.proportion, tk.mean, tk.total, tk.count])
@pytest.mark.parametrize("by", [None, "s"])
def test_an_item_nobody_was_asked_has_rows_without_numbers_and_the_others_keep_theirs(estimator, by):
    design = unasked()
    whole, two = estimator(design, "t", by=by), estimator(design, ["t1", "t2"], by=by)
    asked = whole.keys["variable"].ne("t3").to_numpy()
    for name in ("estimate", "se", "ci_low", "ci_high", "df", "n"):
        np.testing.assert_array_equal(getattr(whole, name)[asked], getattr(two, name))
    np.testing.assert_array_equal(whole.vcov[np.ix_(asked, asked)], two.vcov)
    assert (~asked).any()
    assert np.isnan(whole.estimate[~asked]).all()
    assert set(np.array(whole.reasons)[~asked]) == {"nobody in the base was asked or answered"}
    assert "Item t3" in repr(whole)


def test_items_of_which_nobody_answered_any_are_refused_by_name():
    with pytest.raises(DataError, match="nobody is in the base of t1, t3"):
        tk.proportion(unasked(), ["t1", "t3"], where={"t2": "c"})
    with pytest.raises(DataError, match="nobody is in the base of t3"):
        tk.proportion(unasked(), "t3")


def test_an_item_nobody_was_asked_can_be_drawn_and_its_row_says_so():
    shares = tk.proportion(unasked(), "t", level="a")
    figure = tk.dot_interval(shares, title="Trust")
    assert figure.png()
    assert "-" in figure.table.iloc[2].tolist()
    assert tk.likert_bars(tk.proportion(unasked(), "t"), title="Trust").png()
