"""Claims of every kind: made from the data they are reproduced; reversed answers are named."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import trustkit as tk
from trustkit.claims.readings import linear_part, recompute, scale_of
from trustkit.errors import ClaimError

KINDS = {
    "proportion": tk.Reading("trust", "no"),
    "proportion of several": tk.Reading("trust", levels=("no", "partly")),
    "proportion of everyone asked": tk.Reading("trust", "no", base="asked"),
    "mean": tk.Reading("age", statistic="mean"),
    "difference of shares": tk.Reading(
        "trust", "no", statistic="difference", by="sex", groups=("women", "men")
    ),
    "difference of means": tk.Reading("age", statistic="difference", by="sex", groups=("women", "men")),
    "difference of several": tk.Reading(
        "trust", levels=("no", "partly"), statistic="difference", by="sex", groups=("men", "women")
    ),
    "ratio": tk.Reading("age", statistic="ratio", denominator="visits"),
    "net": tk.Reading("trust", levels=("yes",), minus=("no",), statistic="net"),
    "quantile": tk.Reading("age", statistic="quantile", quantile=0.25),
    "margin of error": tk.Reading(statistic="margin of error"),
}


def design(seed=7):
    rng = np.random.default_rng(seed)
    n = 240
    frame = pd.DataFrame(
        {
            "trust": rng.choice([1, 2, 3, 9], n, p=[0.35, 0.2, 0.35, 0.1]),
            "sex": rng.choice([1, 2], n),
            "age": rng.integers(18, 80, n).astype(float),
            "visits": rng.integers(1, 9, n).astype(float),
            "w": rng.uniform(0.5, 2, n),
        }
    )
    variables = (
        tk.Variable(
            "trust", "Trust?", "ordinal", codes={1: "no", 2: "partly", 3: "yes"}, missing={9: "don't know"}
        ),
        tk.Variable("sex", "Sex", "single", codes={1: "men", 2: "women"}),
        tk.Variable("age", "Age", "numeric"), tk.Variable("visits", "Visits", "numeric"),
        tk.Variable("w", "Weight", "weight"),
    )  # fmt: skip
    return tk.Design(tk.Survey(frame, tk.Codebook({v.name: v for v in variables})), weights="w")


DESIGN = design()


def value_of(reading, of=DESIGN):
    return scale_of(reading) * float(recompute(reading, of).estimate[0])


def judged(claim, of=DESIGN):
    return tk.verify([claim], of).verdicts[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("decimals", [0, 1, 3])
@pytest.mark.parametrize("rule", [ROUND_HALF_UP, ROUND_HALF_EVEN])
def test_a_claim_made_from_the_data_is_reproduced(kind, decimals, rule):
    value = value_of(KINDS[kind])
    printed = float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), rounding=rule))
    assert judged(tk.Claim("c", "C", printed, decimals, KINDS[kind])).verdict == "reproduced"


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["yes", "no"]), st.integers(1, 4)), min_size=2, max_size=30),
    st.integers(0, 2),
)
def test_a_share_made_from_any_answers_is_reproduced(rows, decimals):
    frame = pd.DataFrame(
        {
            "answer": pd.Categorical([answer for answer, _ in rows], ["no", "yes"]),
            "w": [float(w) for _, w in rows],
        }
    )
    made = tk.Design(frame, weights="w")
    reading = tk.Reading("answer", "yes")
    exact = sum(w for answer, w in rows if answer == "yes") * Decimal(100) / sum(w for _, w in rows)
    for rule in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        printed = float(exact.quantize(Decimal(1).scaleb(-decimals), rounding=rule))
        assert judged(tk.Claim("c", "C", printed, decimals, reading), made).verdict == "reproduced"


@pytest.mark.parametrize(("published", "verdict"), [(12.0, True), (13.0, True), (11.0, False), (14.0, False)])
def test_a_half_is_reproduced_rounded_up_and_to_even(published, verdict):
    made = tk.Design(pd.DataFrame({"answer": ["yes"] + ["no"] * 7}))  # 12.5 percent
    found = judged(tk.Claim("c", "C", published, 0, tk.Reading("answer", "yes")), made)
    assert (found.verdict == "reproduced") == verdict


def test_large_means_are_compared_without_the_errors_of_floats():
    made = tk.Design(pd.DataFrame({"income": [1_234_567.085, 1_234_567.085]}))
    for published in (1_234_567.08, 1_234_567.09):
        assert (
            judged(tk.Claim("c", "C", published, 2, tk.Reading("income", statistic="mean")), made).verdict
            == "reproduced"
        )


# What each kind is


def test_each_kind_is_the_number_of_its_function():
    share = tk.proportion(DESIGN, "trust", by="sex")
    rows = share.keys.assign(value=share.estimate).set_index(["sex", "level"])["value"]
    ages = tk.mean(DESIGN, "age", by="sex").estimate
    expected = {
        "proportion of several": 100 * tk.top_box(DESIGN, "trust", boxes=["no", "partly"]).estimate[0],
        "difference of shares": 100 * (rows["women", "no"] - rows["men", "no"]),
        "difference of means": ages[1] - ages[0],
        "ratio": tk.ratio(DESIGN, "age", "visits").estimate[0],
        "net": 100 * tk.net(DESIGN, "trust", plus=["yes"], minus=["no"]).estimate[0],
        "quantile": tk.quantile(DESIGN, "age", 0.25).estimate[0],
        "margin of error": tk.margin_of_error(DESIGN).margin[0],
    }
    for kind, value in expected.items():
        assert value_of(KINDS[kind]) == pytest.approx(value), kind


def test_units_are_percent_for_shares_and_points_for_their_differences():
    units = {kind: reading.unit for kind, reading in KINDS.items()}
    assert units["proportion"] == "%"
    assert {units[kind] for kind in ("difference of shares", "net", "margin of error")} == {"points"}
    assert {units[kind] for kind in ("mean", "difference of means", "ratio", "quantile")} == {""}


def test_a_margin_that_the_data_do_not_have_is_contradicted():
    found = judged(tk.Claim("c", "C", 0.5, 1, KINDS["margin of error"]))
    assert (found.verdict, found.reason) == ("contradicted", "the margin of the data does not round to it")


def test_kinds_say_in_words_how_they_are_computed():
    assert str(KINDS["difference of shares"]) == "difference of trust = no, women less men of sex"
    assert str(KINDS["net"]) == "net of trust = yes less no"
    assert str(KINDS["ratio"]) == "ratio of age over visits"


# Traps


def test_a_reversed_answer_is_named():
    yes = tk.Reading("trust", "yes")
    other = 100 - value_of(yes)
    found = judged(tk.Claim("c", "Trust", round(other, 1), 1, yes))
    assert found.verdict == "contradicted"
    assert "check the polarity" in found.reason


def test_another_base_is_named():
    asked = value_of(KINDS["proportion of everyone asked"])
    reading = tk.Reading("trust", "no", where={"sex": ["men", "women"]})
    many = tk.Design(
        pd.concat([DESIGN.data] * 30, ignore_index=True).pipe(lambda f: tk.Survey(f, DESIGN.codebook)),
        weights="w",
    )
    found = judged(tk.Claim("c", "No trust", round(asked, 1), 1, reading), many)
    assert found.verdict == "contradicted"
    assert "with everyone asked as the base" in found.reason
    assert "check the base" in found.reason


# Files


def read(folder, text):
    file = folder / "claims.yaml"
    file.write_text(f"claims: {{c: {{title: T, published: 4, variable: trust, {text}}}}}", encoding="utf-8")
    return tk.read_claims(file)[0].reading


def test_every_kind_is_read_from_a_file(tmp_path):
    assert read(tmp_path, "levels: [no, partly]").answers == ("no", "partly")
    net = read(tmp_path, "statistic: net, level: yes, minus: [no]")
    assert (net.answers, net.minus) == (("yes",), ("no",))
    difference = read(tmp_path, "statistic: difference, level: no, by: sex, groups: [women, men]")
    assert difference == KINDS["difference of shares"]
    assert read(tmp_path, "statistic: quantile, quantile: 0.25").quantile == 0.25
    assert read(tmp_path, "statistic: ratio, denominator: visits").denominator == "visits"


def test_an_alternative_replaces_several_answers_by_one(tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(
        "claims: {c: {title: T, published: 4, variable: trust, levels: [no, partly],"
        " alternatives: [{level: no, because: narrower}]}}",
        encoding="utf-8",
    )
    (claim,) = tk.read_claims(file)
    assert claim.alternatives[0].answers == ("no",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("statistic: proportion", "a proportion needs a level"),
        ("statistic: net, level: yes", "count against it"),
        ("statistic: net, minus: [no]", "count for it"),
        ("statistic: difference, level: no, groups: [a, b]", "needs the variable of its groups"),
        ("statistic: difference, level: no, by: sex, groups: [women]", "needs two groups"),
        ("statistic: ratio", "needs a denominator"),
        ("statistic: quantile, quantile: 25", "between 0 and 1"),
        ("level: no, levels: [no, partly]", "level and levels are both given"),
        ("statistic: median", "statistic"),
    ],
)
def test_readings_without_what_they_need_are_refused_with_their_line(tmp_path, text, words):
    with pytest.raises(ClaimError, match=words) as refused:
        read(tmp_path, text)
    assert "line 1" in str(refused.value)


def test_a_reading_made_by_hand_is_refused_where_it_is_recomputed():
    with pytest.raises(ClaimError, match="needs two groups"):
        tk.verify([tk.Claim("c", "C", 4, 0, tk.Reading("age", statistic="difference", by="sex"))], DESIGN)


def test_a_mean_stays_a_mean_when_its_alternative_took_over_an_answer():
    inherited = tk.Reading("trust", "no", statistic="mean", base="asked")
    assert recompute(inherited, DESIGN).estimate == pytest.approx(tk.mean(DESIGN, "trust").estimate)
    assert (inherited.unit, str(inherited)) == ("", "mean of trust")
    part, signs = linear_part(inherited, DESIGN)
    mean_of, _ = linear_part(tk.Reading("trust", statistic="mean"), DESIGN)
    assert part.functional.value @ signs == pytest.approx(mean_of.functional.value[0])


def test_answers_that_count_against_change_a_net_score_alone():
    plain = tk.Reading("trust", "no")
    stray = tk.Reading("trust", "no", minus=("yes",), denominator="age", by="sex", groups=("men", "women"))
    assert str(stray) == str(plain) == "proportion of trust = no"
    alone, other = (linear_part(reading, DESIGN)[0].functional for reading in (plain, stray))
    assert other.value == pytest.approx(alone.value)
    assert DESIGN.covariance(other) == pytest.approx(DESIGN.covariance(alone))
