"""A claim under every combination of choices: each estimate by hand, their covariance by a jackknife."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.claims.choices import MOST
from trustkit.errors import ClaimError, DataError

VARIABLES = (
    tk.Variable("id", "Id", "id"),
    tk.Variable("trust", "Trust", "single", codes={1: "Yes", 0: "No"}, missing={9: "don't know"}),
    tk.Variable("sex", "Sex", "single", codes={1: "Women", 2: "Men"}),
    tk.Variable("score", "Score", "ordinal", codes={1: "low", 2: "middle", 3: "high"}),
    tk.Variable("seconds", "Seconds", "numeric"),
)
STEPS = (
    {"step": "drop_where", "where": {"seconds": {"high": 20}}, "reason": "fast"},
    {"step": "drop_duplicates", "key": "id"},
    {"step": "set_missing"},
)
TARGETS = {"sex": {"Women": 0.5, "Men": 0.5}}
CLAIM = tk.Claim("c", "Six in ten trust", 60, 0, tk.Reading("trust", "Yes"))
BASE = {"valid": {}, "asked": {"base": "asked"}}
FAST = {"left out": {}, "kept": {"leave_out": ["drop_where"]}}
WEIGHTS = {"raked": {}, "none": {"targets": None}}
CHOICES = {"base": BASE, "fast": FAST, "weights": WEIGHTS}


def frame(n=120):
    random = np.random.default_rng(7)
    made = pd.DataFrame({"id": np.arange(n)})
    made["sex"] = random.choice([1, 2], n, p=[0.7, 0.3])
    made["trust"] = random.choice([1, 0, 9], n, p=[0.5, 0.35, 0.15])
    made.loc[made["sex"] == 2, "trust"] = random.choice(
        [1, 0, 9], (made["sex"] == 2).sum(), p=[0.7, 0.2, 0.1]
    )
    made["score"] = random.integers(1, 4, n)
    made["seconds"] = random.integers(10, 100, n)
    return made


def survey(data=None, steps=STEPS):
    book = tk.Codebook({v.name: v for v in VARIABLES}, cleaning=steps, data="synthetic")
    return tk.Survey(frame() if data is None else data, book)


def analysed(data, changes):
    """One combination by the public functions, one step after the other."""
    steps = STEPS[1:] if changes["fast"] == "kept" else STEPS
    design = tk.Design(tk.clean(survey(data, steps)))
    if changes["weights"] == "raked":
        design = tk.rake(design, TARGETS)
    return tk.proportion(design, "trust", level="Yes", base=changes["base"])


FOUND = tk.sensitivity(survey(), CLAIM, CHOICES, targets=TARGETS)


def test_every_combination_is_computed_once_the_reference_first():
    keys = FOUND.to_frame()[list(CHOICES)]
    assert len(keys.drop_duplicates()) == len(keys) == 8
    assert keys.iloc[0].tolist() == ["valid", "left out", "raked"]


def test_each_estimate_is_that_of_the_survey_cleaned_and_weighted_that_way():
    for row in FOUND.to_frame().to_dict("records"):
        by_hand = analysed(frame(), row)
        assert row["estimate"] == pytest.approx(by_hand.estimate[0])
        assert row["n"] == by_hand.n[0]
        # rows that a combination leaves out stay in the design: n / (n - 1) counts them, too
        assert row["se"] == pytest.approx(by_hand.se[0], rel=2e-3)


def test_standard_errors_of_differences_are_those_of_a_jackknife_over_respondents():
    data = frame()
    keys = FOUND.to_frame()[list(CHOICES)].to_dict("records")
    rows = (0, 1, 2, 4, 7)
    alike = data.assign(fast=data["seconds"] <= 20).groupby(["sex", "trust", "fast"]).indices.values()
    estimates = [  # without one of those who are alike, whoever it is, the estimates are the same
        [float(analysed(data.drop(index=same[0]), keys[row]).estimate[0]) for row in rows] for same in alike
    ]
    reference, *others = np.repeat(estimates, [len(same) for same in alike], axis=0).T
    n = len(data)
    for row, left_out in zip(rows[1:], others, strict=True):
        differences = left_out - reference
        jackknife = np.sqrt((n - 1) / n * ((differences - differences.mean()) ** 2).sum())
        assert FOUND.to_frame()["difference_se"][row] == pytest.approx(jackknife, rel=0.03), keys[row]


def test_two_options_that_do_the_same_differ_by_nothing_for_certain():
    twice = {"weights": {"raked": {}, "raked again": {"targets": TARGETS}}}
    found = tk.sensitivity(survey(), CLAIM, twice, targets=TARGETS)
    assert found.to_frame()["difference"].tolist() == [0, 0]
    assert found.to_frame()["difference_se"].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_psus_of_the_design_are_those_of_the_differences():
    data = frame().assign(id=np.arange(120) // 6)
    steps = (STEPS[0], STEPS[2])
    clustered = tk.sensitivity(
        survey(data, steps), CLAIM, {"base": BASE}, design=lambda made: tk.Design(made, psu="id")
    )
    design = tk.Design(tk.clean(survey(data, steps)), psu="id")
    sums = {
        "yes": 1.0 * (design.data["trust"] == "Yes"),
        "valid": 1.0 * design.data["trust"].isin(["Yes", "No"]),
    }
    numbers = tk.Design(design.data[["id"]].assign(**sums), psu="id")
    influence = (
        sums["yes"].to_numpy() / len(sums["yes"])
        - (
            (sums["yes"] - sums["yes"].sum() / sums["valid"].sum() * sums["valid"]) / sums["valid"].sum()
        ).to_numpy()
        - sums["yes"].sum() / len(sums["yes"]) ** 2
    )
    by_hand = np.sqrt(numbers.covariance_of(influence)[0, 0])
    assert clustered.to_frame()["difference_se"][1] == pytest.approx(by_hand, rel=0.03)


def test_verdicts_follow_from_the_published_number():
    for row, verdict in zip(FOUND.to_frame().to_dict("records"), FOUND.verdicts, strict=True):
        value, low, high = (100 * row[name] for name in ("estimate", "ci_low", "ci_high"))
        rounds = abs(value - 60) <= 0.5
        assert verdict == ("reproduced" if rounds else "consistent" if low <= 60 <= high else "contradicted")


def test_single_choices_leave_all_others_at_the_reference_and_say_what_flips():
    single = FOUND.single
    assert single[["choice", "option"]].to_numpy().tolist() == [
        ["base", "asked"], ["fast", "kept"], ["weights", "none"],
    ]  # fmt: skip
    assert single["flips"].tolist() == [verdict != FOUND.verdicts[0] for verdict in single["verdict"]]
    for row in single[single["flips"]].itertuples():
        assert f"{row.choice}: {row.option}" in FOUND.flips
    assert FOUND.flips in repr(FOUND)
    assert "Synthetic data" in repr(FOUND)


def test_a_claim_that_no_choice_moves_says_so():
    claim = tk.Claim("m", "The middle score", 2, 0, tk.Reading("score", statistic="mean"))
    found = tk.sensitivity(survey(), claim, {"fast": FAST})
    assert found.verdicts == ("reproduced", "reproduced")
    assert found.flips == "No single choice changes the verdict."


@pytest.mark.parametrize(
    ("reading", "choice"),
    [
        (tk.Reading("score", statistic="mean"), {"women": {"where": {"sex": "Women"}}}),
        (tk.Reading("score", "high"), {"two boxes": {"levels": ["middle", "high"]}}),
        (tk.Reading("score", levels=("middle", "high")), {"one box": {"level": "high"}}),
        (
            tk.Reading("score", "high", statistic="net", minus=("low",)),
            {"less": {"minus": ["low", "middle"]}},
        ),
        (
            tk.Reading("score", statistic="difference", by="sex", groups=("Women", "Men")),
            {"turned": {"groups": ["Men", "Women"]}},
        ),
        (
            tk.Reading("trust", "Yes", statistic="difference", by="sex", groups=("Women", "Men")),
            {"asked": {"base": "asked"}},
        ),
        (
            tk.Reading("seconds", statistic="ratio", denominator="score"),
            {"trusting": {"where": {"trust": "Yes"}}},
        ),
    ],
)
def test_readings_of_every_kind_have_the_standard_error_of_their_estimator(reading, choice):
    claim = tk.Claim("c", "C", 1, 0, reading)
    found = tk.sensitivity(survey(), claim, {"cut": {"as published": {}, **choice}})
    (changes,) = choice.values()
    several = {key: tuple(value) if isinstance(value, list) else value for key, value in changes.items()}
    other = replace(reading, **({"level": "", "levels": ()} if {"level", "levels"} & set(several) else {}))
    design = tk.Design(tk.clean(survey()))
    for row, one in enumerate((reading, replace(other, **several))):
        (verdict,) = tk.verify([replace(claim, reading=one)], design).verdicts
        scale = 100 if one.unit else 1
        assert scale * found.estimate.estimate[row] == pytest.approx(verdict.estimate)
        wide = found.estimate.ci_high[row] - found.estimate.ci_low[row]
        assert scale * wide == pytest.approx(verdict.ci_high - verdict.ci_low, rel=0.01)


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"base": {"valid": {}}}, "'choices' can't be used"),
        ({"base": {"valid": {}, "asked": {"bsae": "asked"}}}, "did you mean 'base'"),
        ({"fast": {"out": {}, "in": {"leave_out": ["drop_wehre"]}}}, "did you mean 'drop_where'"),
        ({"fast": {"out": {}, "in": {"leave_out": 3}}}, "must name exclusion rules"),
        ({"a": BASE, "b": BASE}, "two choices change base"),
        ({f"c{k}": {"a": {}, "b": {}} for k in range(12)}, f"at most {MOST:,}"),
        ({"base": {"valid": {}, "odd": {"base": "everybody"}}}, "'base' can't be used"),
    ],
)
def test_choices_that_cannot_be_computed_are_refused(choices, words):
    with pytest.raises(DataError, match=words):
        tk.sensitivity(survey(), CLAIM, choices)


def test_an_error_names_the_combination():
    with pytest.raises(DataError) as caught:
        tk.sensitivity(survey(), CLAIM, {"cut": {"yes": {}, "maybe": {"level": "Maybe"}}})
    assert caught.value.__notes__ == ["sensitivity, maybe"]


def test_a_quantile_and_an_unchecked_claim_are_refused():
    median = replace(CLAIM, reading=tk.Reading("score", statistic="quantile"))
    with pytest.raises(ClaimError, match="no covariance between choices"):
        tk.sensitivity(survey(), median, {"fast": FAST})
    with pytest.raises(ClaimError, match="can't be checked"):
        tk.sensitivity(survey(), replace(CLAIM, unchecked="never published"), {"fast": FAST})


def test_a_cleaned_survey_and_replicates_are_refused():
    with pytest.raises(DataError, match="was cleaned already"):
        tk.sensitivity(tk.clean(survey()), CLAIM, {"base": BASE})
    with pytest.raises(DataError, match="the design has replicates"):
        tk.sensitivity(
            survey(), CLAIM, {"base": BASE}, design=lambda made: tk.replicate(tk.Design(made), "JK1")
        )


def test_the_curve_is_sorted_and_has_a_row_for_each_combination():
    chart = tk.specification_curve(FOUND, title="Trust")
    assert chart.data["estimate"].is_monotonic_increasing
    assert len(chart.table) == 8
    assert FOUND.flips in chart.caption
    for width in (7.6, 3.33):
        assert chart.png(width).startswith(b"\x89PNG")


def test_a_curve_of_too_many_combinations_is_refused():
    many = {f"c{k}": {"a": {}, "b": {}} for k in range(9)}
    row = FOUND.estimate
    wide = replace(
        row, keys=pd.DataFrame({**dict.fromkeys(many, ["a"] * 512), "variable": "x", "level": ""}),
        vcov=np.eye(512), reasons=(), held=(), units=("share",) * 512,
        **{name: np.ones(512) for name in ("estimate", "se", "ci_low", "ci_high", "df", "n_eff")},
        n=np.ones(512, dtype=int),
    )  # fmt: skip
    found = replace(
        FOUND, estimate=wide, verdicts=("reproduced",) * 512, choices=dict.fromkeys(many, ("a", "b"))
    )
    with pytest.raises(DataError, match="too many combinations"):
        tk.specification_curve(found, title="T")
