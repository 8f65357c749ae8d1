"""A published figure is registered as printed, recomputed, and judged with a reason."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.claims.claims import Claim, Reading
from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.claims.verify import verify
from trustkit.design.design import Design
from trustkit.errors import ClaimError
from trustkit.ledger import COUNTS_MIME
from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey
from trustkit.survey.variable import Variable

TRUST = Variable(
    "trust",
    "Do you trust them?",
    "single",
    codes={1: "No", 2: "Yes"},
    missing={8: "don't know", 9: "not asked"},
)
SCORE = Variable("score", "Score", "numeric")
SEX = Variable("sex", "Sex", "single", codes={1: "m", 2: "f"})


def design(**study):
    """100 valid answers, 40 of them No (30 of 50 women), and 25 don't know; scores of mean 2.5."""
    frame = pd.DataFrame(
        {
            "trust": [1] * 30 + [2] * 20 + [1] * 10 + [2] * 40 + [8] * 25,
            "sex": [2] * 50 + [1] * 75,
            "score": [1.0, 2.0, 3.0, 4.0, 2.5] * 25,
        }
    )
    return Design(Survey(frame, Codebook({v.name: v for v in (TRUST, SCORE, SEX)}, **study)))


def claim(published, reading=None, decimals=0, **more):
    return Claim("c", "A figure", published, decimals, reading or Reading("trust", "No"), **more)


def judged(*claims, **study):
    return verify(claims, design(**study)).verdicts


# Judging


def test_an_estimate_that_rounds_to_the_printed_number_is_reproduced():
    (found,) = judged(claim(40.0))
    assert found.verdict == "reproduced"
    assert found.estimate == pytest.approx(40)
    assert found.n == 100
    assert found.ci_low < 40 < found.ci_high
    assert found.reason == "rounds to the published number"


def test_a_printed_number_inside_the_interval_is_consistent():
    (found,) = judged(claim(45.0))
    assert (found.verdict, found.reason) == ("consistent", "the published number is inside the interval")


def test_a_printed_number_outside_the_interval_is_contradicted():
    (found,) = judged(claim(82.0))
    assert (found.verdict, found.reason) == ("contradicted", "the published number is outside the interval")


def test_a_number_that_another_base_gives_is_consistent_and_says_how():
    others = (
        Reading("trust", "No", base="asked", because="don't know counts"),
        Reading("trust", "Yes", because="x"),
    )
    (found,) = judged(claim(60.0, alternatives=others))
    assert (found.verdict, found.reason) == ("consistent", "reached (60.0) if x")
    (found,) = judged(
        claim(32.0, decimals=0, alternatives=others, reading=Reading("trust", "No", where={"sex": "f"}))
    )
    assert (found.verdict, found.reason) == ("consistent", "reached (32.0) if don't know counts")


def test_a_number_that_no_alternative_gives_is_contradicted():
    (found,) = judged(claim(82.0, alternatives=(Reading("trust", "No", base="asked", because="x"),)))
    assert found.reason == "the published number is outside the interval, and no listed alternative gives it"


def test_a_mean_is_judged_in_its_own_unit():
    (found,) = judged(claim(2.5, Reading("score", statistic="mean"), decimals=1))
    assert found.verdict == "reproduced"
    assert found.estimate == pytest.approx(2.5)


def test_an_alternative_is_judged_in_its_own_unit():
    others = (Reading("score", statistic="mean", because="the score was meant"),)
    (found,) = judged(claim(2.5, decimals=1, alternatives=others))
    assert (found.verdict, found.reason) == ("consistent", "reached (2.50) if the score was meant")


def test_a_claim_that_can_not_be_recomputed_says_why():
    (found,) = judged(claim(21.0, Reading(), unchecked="its data were never published"))
    assert (found.verdict, found.reason, found.n) == ("not checkable", "its data were never published", 0)
    assert math.isnan(found.estimate)


def test_a_claim_is_not_contradicted_by_an_interval_that_does_not_exist():
    frame = pd.DataFrame({"s": list("ab"), "y": [1.0, 3.0]})
    reading = Reading("y", statistic="mean")
    (found,) = verify([claim(9.0, reading)], Design(frame, strata="s", lonely_psu="remove")).verdicts
    assert found.verdict == "not checkable"
    assert "degrees of freedom" in found.reason
    assert found.estimate == 2.0


def test_a_note_is_told_where_a_claim_was_not_reproduced():
    found = judged(claim(40.0, note="weighted"), claim(82.0, note="weighted"))
    assert [verdict.reason for verdict in found] == [
        "rounds to the published number",
        "the published number is outside the interval; weighted",
    ]


@pytest.mark.parametrize(
    ("published", "decimals", "value", "rounds"),
    [
        (40, 0, 39.5, True), (40, 0, 40.5, True), (40, 0, 39.49, False), (40, 0, 40.51, False),
        (40.0, 1, 40.04, True), (40.0, 1, 40.06, False), (0.3, 1, 0.25, True), (0.3, 1, 0.35, True),
    ],
)  # fmt: skip
def test_a_number_rounds_to_the_printed_one_either_way_at_a_half(published, decimals, value, rounds):
    assert claim(published, decimals=decimals).rounds_to(value) is rounds


def test_all_claims_that_can_not_be_computed_are_refused_at_once():
    wrong = [
        Claim("typo", "T", 40, 0, Reading("trsut", "No")),
        Claim("answer", "T", 40, 0, Reading("trust", "no")),
        Claim("numeric", "T", 40, 0, Reading("score", "1")),
        Claim("words", "T", 40, 0, Reading("sex", statistic="mean", where={"trust": "Maybe"})),
        Claim("other", "T", 82, 0, Reading("trust", "No"), (Reading("trust", "Nope", because="x"),)),
    ]
    with pytest.raises(ClaimError, match=r"^5 errors in the claims") as caught:
        verify([claim(40.0), *wrong], design())
    text = str(caught.value)
    assert "typo: no variable 'trsut'; did you mean 'trust'?" in text
    assert "answer: trust has no answer 'no'; did you mean 'No'?" in text
    assert "numeric: score has no labelled answers" in text
    assert "words: trust has no answer 'Maybe'" in text
    assert "other: trust has no answer 'Nope'; did you mean 'No'?" in text


def test_one_claim_that_can_not_be_computed_is_not_called_claims():
    with pytest.raises(ClaimError, match=r"^1 error in the claims\n  - c: no variable 'trsut'"):
        verify([claim(1.0, Reading("trsut", "No"))], design())


# Showing


def test_verdicts_are_a_frame_with_one_row_per_claim():
    found = verify([claim(40.0), claim(82.0)], design(data="synthetic")).to_frame()
    assert list(found.columns) == [
        "claim", "title", "published", "estimate", "ci_low", "ci_high", "n", "verdict", "reason", "data",
        "assumption", "unit", "source", "population", "published_n", "url", "note", "alternatives",
        "scale", "headline",
    ]  # fmt: skip
    assert found["verdict"].tolist() == ["reproduced", "contradicted"]
    assert found["data"].tolist() == ["synthetic"] * 2


def test_verdicts_add_up():
    one, other = verify([claim(40.0)], design()), verify([claim(82.0)], design())
    assert (one + other).to_frame()["published"].tolist() == [40.0, 82.0]


def test_verdicts_show_the_printed_number_as_printed():
    text = repr(verify([claim(40.0, decimals=1), claim(21.0, Reading(), unchecked="no data")], design()))
    assert text.startswith("Claims and their verdicts\n")
    assert "40.0" in text
    assert "reproduced" in text
    assert "Not checkable: no data." in text
    assert "ynthetic" not in text


def test_verdicts_of_one_reason_are_told_together_and_what_their_titles_share_once():
    years = [replace(claim(45.0), name=year, title=f"Trust in Germany, {year}") for year in ("2020", "2021")]
    other = replace(claim(44.0), name="weighted", note="weighted")
    text = repr(verify([*years, other], design()))
    assert "Consistent, the published number is inside the interval: Trust in Germany, 2020 and 2021." in text
    apart = [replace(years[0], title=title) for title in ("Trust in Rome, Italy, now", "Trust in Bern, then")]
    text = repr(verify([*apart, other], design()))
    assert "interval: Trust in Rome, Italy, now; Trust in Bern, then." in text


def test_verdicts_on_synthetic_data_say_that_they_check_the_method_alone():
    assert "a verdict on them checks the method alone" in repr(
        verify([claim(40.0)], design(data="synthetic"))
    )


def test_a_table_of_verdicts_on_synthetic_data_bears_their_mark_as_every_result_does():
    notes = verify([claim(40.0)], design(data="synthetic"))._parts()[2]
    assert notes[0] == "Synthetic data."
    assert "Synthetic data." not in verify([claim(40.0)], design())._parts()[2]


def test_a_reason_names_its_claims_only_where_others_of_the_same_verdict_have_another():
    one, two, three = (
        replace(claim(40.0, Reading(), unchecked=why), title=title)
        for title, why in (("One", "no data"), ("Two", "no data"), ("Three", "no wording"))
    )
    assert "Not checkable: no data." in verify([one, two], design())._parts()[2]
    notes = verify([one, two, three], design())._parts()[2]
    assert "Not checkable, no data: One; Two." in notes
    assert "Not checkable, no wording: Three." in notes


def test_verdicts_on_several_kinds_of_data_say_which_is_whose():
    real, made = verify([claim(40.0)], design()), verify([claim(82.0)], design(data="synthetic"))
    opaque = verify([claim(21.0, Reading(), unchecked="no data")], design())
    heads, *rows = repr(real + made + opaque).splitlines()[1:5]
    assert heads.endswith("data")
    assert [row.split()[-1] for row in rows] == ["real", "synthetic", "-"]


def test_verdicts_carry_their_numbers_for_the_site_as_plain_json():
    verdicts = verify([claim(40.0), claim(21.0, Reading(), unchecked="no data")], design())
    bundle = verdicts._repr_mimebundle_()
    records = json.loads(json.dumps(bundle[VERDICTS_MIME]))
    assert [record["verdict"] for record in records] == ["reproduced", "not checkable"]
    assert records[1]["estimate"] is None
    assert records[0]["estimate"] == 40.0
    assert set(bundle) == {"text/plain", "text/html", VERDICTS_MIME, COUNTS_MIME}
    assert bundle["text/plain"] == repr(verdicts)


def test_the_same_claims_are_judged_the_same_whatever_the_order_of_the_rows():
    frame = design().data
    mixed = Design(Survey(frame.sample(frac=1, random_state=1), design().codebook))
    one, other = (verify([claim(45.0)], each).to_frame() for each in (design(), mixed))
    assert np.allclose(
        one[["estimate", "ci_low", "ci_high"]].to_numpy(float), other[["estimate", "ci_low", "ci_high"]]
    )


def test_a_table_of_verdicts_shows_shares_in_percent_under_their_source():
    design = tk.Design(pd.DataFrame({"trust": ["No", "Yes"] * 20}))
    claims = [
        tk.Claim("half", "Half do not trust", 50, 0, tk.Reading("trust", "No"), source="A survey"),
        tk.Claim("few", "Few do not trust", 5, 0, tk.Reading("trust", "No"), source="Another survey"),
    ]
    verdicts = tk.verify(claims, design)
    assert "50%     50.0%" in repr(verdicts)
    html = verdicts._repr_html_()
    assert html.count('scope="rowgroup"') == 2
    assert html.index("A survey") < html.index("Half do not trust") < html.index("Another survey")
    assert ">50%<" in html
    assert ">50.0%<" in html
    nameless = tk.verify([tk.Claim("half", "Half", 50, 0, tk.Reading("trust", "No"))], design)
    assert "rowgroup" not in nameless._repr_html_()
