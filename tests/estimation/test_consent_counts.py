"""Consent rates from counts: each definition, each unit, and the same numbers as from the visits."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import DataError
from trustkit.estimation.consent_counts import (
    COUNTS,
    SHIPPED,
    read_count_definitions,
    shipped_count_definitions,
)


def counts(*rows, unit="consents", purpose="any purpose"):
    table = pd.DataFrame(rows, columns=list(COUNTS)).astype("Int64")
    return table.assign(unit=unit, purpose=purpose)


def rates(estimate):
    table = estimate.to_frame()
    return dict(zip(table["definition"], table["estimate"], strict=True))


DAYS = counts((60, 40, 15, 45, 30, 200), (10, 10, 0, 10, 5, 40))
"""Opted in, opted out, implied, explicit, marketing, shown, of two days."""


def test_every_definition_divides_the_counts_that_it_names():
    assert rates(tk.consent_banner_rates(DAYS)) == pytest.approx(
        {
            "Of choices": 55 / 105,
            "Of banners shown": 70 / 240,
            "With implied": 70 / 120,
            "Strict": 55 / 120,
            "Marketing only": 35 / 120,
        }
    )


def test_a_rate_of_counts_is_that_of_the_visits_with_the_same_error_and_interval():
    visits = tk.Design(pd.DataFrame({"choice": ["A"] * 55 + ["R"] * 50}))
    one = tk.consent_banner_rates(visits).to_frame().iloc[0]
    other = tk.consent_banner_rates(counts((55, 50, 0, 55, None, None))).to_frame().iloc[0]
    for name in ("estimate", "se", "ci_low", "ci_high", "n", "df"):
        assert other[name] == pytest.approx(one[name], rel=1e-12), name


def test_rates_whose_counts_the_source_does_not_give_are_left_out_and_said():
    found = tk.consent_banner_rates(counts((60, 40, 0, 60, None, None)))
    assert set(rates(found)) == {"Of choices", "With implied", "Strict"}
    assert any("Of banners shown, Marketing only" in note for note in found.notes)


def test_a_count_that_is_missing_on_one_day_is_missing_in_the_sum():
    found = tk.consent_banner_rates(counts((60, 40, 0, 60, 30, 200), (10, 10, 0, 10, 5, None)))
    assert "Of banners shown" not in rates(found)


def test_devices_and_device_days_stand_beside_each_other_and_the_note_says_why():
    devices = counts((1, 1, 0, 1, None, None), unit="devices")
    days = counts((9, 1, 0, 9, None, None), unit="device-days")
    both = pd.concat([devices, days])
    found = tk.consent_banner_rates(both)
    table = found.to_frame().query("definition == 'Of choices'")
    assert table.set_index("unit")["estimate"].to_dict() == {"devices": 0.5, "device-days": 0.9}
    assert any("several days" in note for note in found.notes)


def test_edges_have_an_interval_and_one_count_has_its_reason():
    sure = tk.consent_banner_rates(counts((20, 0, 0, 20, None, None))).to_frame()
    assert (sure["ci_low"] < 1).all()
    assert (sure["ci_high"] == 1).all()
    alone = tk.consent_banner_rates(counts((1, 0, 0, 1, None, None))).to_frame()
    assert alone["se"].isna().all()
    assert alone["reason"].all()


def test_every_definition_has_a_source_and_a_numerator_inside_its_denominator():
    parts = {"explicit": "opt_in", "marketing": "opt_in", "implied": "opt_in"}
    for one in shipped_count_definitions():
        assert one.source
        inside = {*one.denominator, *(part for part, whole in parts.items() if whole in one.denominator)}
        assert set(one.numerator) <= inside or one.denominator == ("shown",)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (pd.DataFrame({"choice": ["A"]}), "lack columns"),
        (counts((None,) * 6), "no consent rate"),
        (counts((60, -1, 0, 60, 0, 0)), "whole number of 0 or more"),
        (counts((60, 40, 0, 60, 300, 90)), "more are counted above"),
        (counts((60, 40, 0, 60, 30, 90)).assign(opt_in="many"), "not a number"),
    ],
)
def test_counts_that_can_not_be_are_refused(table, words):
    with pytest.raises(DataError, match=words):
        tk.consent_banner_rates(table)


def test_arguments_of_visits_are_refused_for_counts():
    for name, value in {"by": "site", "where": {"site": "a"}, "choice": "c"}.items():
        with pytest.raises(DataError, match="can't be split"):
            tk.consent_banner_rates(DAYS, **{name: value})


def test_a_file_of_definitions_is_checked_with_all_of_its_errors(tmp_path):
    file = tmp_path / "definitions.yaml"
    rest = "denominator: [opt_in], counted: c, source: s"
    file.write_text(
        f"definitions: {{A: {{numerator: [optin], {rest}}}, B: {{numerator: [opt_in], {rest}, x: 1}}}}"
    )
    with pytest.raises(DataError, match="2 errors") as refused:
        read_count_definitions(file)
    assert "did you mean 'opt_in'?" in str(refused.value)
    assert read_count_definitions(SHIPPED) == shipped_count_definitions()
