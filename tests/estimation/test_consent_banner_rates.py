"""The same visits give other consent rates by definition."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.consent_banner_rates import read_banner_definitions, shipped_banner_definitions

COUNTS = {"A": 30, "M": 5, "S": 4, "R": 21, "N": 25, "I": 5, "V": 10}


def visits():
    rows = [letter for letter, count in COUNTS.items() for _ in range(count)]
    return pd.DataFrame({"choice": rows, "site": (["x", "y"] * len(rows))[: len(rows)]})


def rates(found):
    return dict(zip(found.keys["definition"], found.estimate, strict=True))


def test_each_definition_is_its_numerator_over_its_denominator():
    assert rates(tk.consent_banner_rates(tk.Design(visits()))) == pytest.approx(
        {
            "Of choices": 39 / 60, "Of banners shown": 39 / 90, "Of visitors": 39 / 100,
            "Marketing only": 35 / 60, "Strict": 30 / 90, "With implied": 44 / 90,
        }
    )  # fmt: skip


def test_the_rates_of_the_publishers_example_come_out():
    # 100 banners: 49 opt-ins, 21 opt-outs, 30 without a choice; consent rate 70%, opt-in rate 49%
    shown = pd.DataFrame({"choice": ["Accept all"] * 49 + ["REJECT ALL"] * 21 + ["no-choice"] * 30})
    found = rates(tk.consent_banner_rates(tk.Design(shown)))
    assert (found["Of choices"], found["Of banners shown"]) == pytest.approx((0.70, 0.49))


def test_a_rate_has_the_standard_error_of_a_share_of_the_visits_that_count():
    frame = visits().assign(yes=lambda made: made["choice"].isin(list("AMS")).map({True: "yes", False: "no"}))
    design = tk.Design(frame, psu=pd.Series(range(len(frame))) // 4)
    counted = {"choice": list("AMSR")}
    share = tk.proportion(design, "yes", level="yes", where=counted, by="site")
    found = tk.consent_banner_rates(design, by="site")
    mine = found.keys["definition"] == "Of choices"
    for name in ("estimate", "se", "ci_low", "ci_high", "n", "df"):
        assert getattr(found, name)[mine] == pytest.approx(getattr(share, name)), name


def test_rates_of_the_same_visits_have_a_covariance():
    found = tk.consent_banner_rates(tk.Design(visits()))
    difference = tk.contrast(found, [0, 1, 0, 0, 0, -1])
    assert difference.estimate[0] == pytest.approx(-5 / 90)
    assert difference.se[0] < found.se[1]


def test_a_codebook_may_have_the_letters_as_codes():
    codes = {"A": "said yes", "R": "said no", "N": "did nothing"}
    book = tk.Codebook({"choice": tk.Variable("choice", "Choice", "single", codes=codes)})
    survey = tk.Survey(pd.DataFrame({"choice": ["A", "R", "R", "N"]}), book)
    assert rates(tk.consent_banner_rates(tk.Design(survey)))["Of choices"] == pytest.approx(1 / 3)


def test_own_definitions_replace_the_shipped_ones():
    refused = tk.ConsentBannerDefinition("Refused", frozenset("R"), frozenset("AMSR"), "refused / choices")
    assert rates(tk.consent_banner_rates(tk.Design(visits()), definitions=[refused])) == {"Refused": 21 / 60}


def test_each_shipped_definition_has_a_source_or_says_that_it_has_none():
    for definition in shipped_banner_definitions()[1]:
        assert definition.source.startswith(("https://", "no publisher"))
        assert definition.counted


def test_unknown_states_and_empty_denominators_are_refused():
    with pytest.raises(DataError, match="unknown states") as caught:
        tk.consent_banner_rates(tk.Design(pd.DataFrame({"choice": ["A", "maybe"]})))
    assert caught.value.got == "maybe"
    with pytest.raises(DataError, match="no visit is in the denominator of 'Of choices'"):
        tk.consent_banner_rates(tk.Design(pd.DataFrame({"choice": ["V", "V", "N"]})))
    with pytest.raises(DataError, match="part of its denominator"):
        tk.ConsentBannerDefinition("Odd", frozenset("AN"), frozenset("AR"), "odd")


def test_a_definition_of_ones_own_that_counts_an_unknown_state_is_refused():
    odd = tk.ConsentBannerDefinition("Odd", frozenset("A"), frozenset("ARZ"), "odd")
    with pytest.raises(DataError, match="a definition counts unknown states") as caught:
        tk.consent_banner_rates(tk.Design(visits()), definitions=[odd])
    assert (caught.value.where, caught.value.got) == ("Odd", "Z")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("numerator: [A, X]", "'X' is not a state"),
        ("numerator: [R]", "must be part of the denominator"),
        ("denominators: [A]", "unknown key"),
        ("source: {a: b}", "expected text"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path, change, words):
    right = {"numerator": "[A]", "denominator": "[A]", "counted": "c", "source": "s"}
    key, _, value = change.partition(": ")
    body = "\n".join(f"    {name}: {told}" for name, told in {**right, key: value}.items())
    file = tmp_path / "banners.yaml"
    file.write_text(
        f"title: t\nstates:\n  A: {{label: a}}\n  R: {{label: r}}\ndefinitions:\n  Mine:\n{body}\n",
        encoding="utf-8",
    )
    with pytest.raises(DataError, match=words):
        read_banner_definitions(file)
