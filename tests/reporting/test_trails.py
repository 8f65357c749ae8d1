"""How numbers were made, as pages show it."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from trustkit.reporting.page_templates import filled
from trustkit.reporting.trails import shared_trails, trail_of

RAW = {"words": "Raw data: <a.csv>", "n": 1200, "removed": 0}
FAST = {"words": "Too fast: below 60 seconds", "n": 1100, "removed": 100}


def verdict(title, n, steps=(RAW, FAST), **other):
    base = {"words": f"Base: those in {title}", "n": n, "removed": 0}
    return {"title": title, "estimate": 40.21, "ci_low": 38.0, "ci_high": 42.0, "unit": "%",
            "trail": [*steps, base], **other}  # fmt: skip


def page(*verdicts):
    return BeautifulSoup(filled("trails", {"trails": shared_trails(verdicts)}), "html.parser")


def test_claims_of_one_design_share_their_steps_and_have_bases_of_their_own():
    (trail,) = page(verdict("1990", 500), verdict("2000", 600)).select("details")
    assert [tag.get_text(" ", strip=True) for tag in trail.select("ol li")] == [
        "1,200 Raw data: <a.csv>",
        "1,100 Too fast: below 60 seconds: 100 left out",
    ]
    assert [tag.get_text(" ", strip=True) for tag in trail.select("ul li")] == [
        "500 1990. Base: those in 1990. Estimate: 40.2% (95% interval 38.0 to 42.0).",
        "600 2000. Base: those in 2000. Estimate: 40.2% (95% interval 38.0 to 42.0).",
    ]


def test_claims_of_two_designs_have_a_trail_each():
    assert len(page(verdict("1990", 500), verdict("2000", 600, steps=(RAW,))).select("details")) == 2


def test_an_estimate_without_an_interval_is_shown_without_one():
    shown = page(verdict("1990", 500, ci_low=None, ci_high=None)).select_one("ul li").get_text()
    assert shown.endswith("Estimate: 40.2%.")


@pytest.mark.parametrize("trail", [None, "text", 3, [3], [{}], [{"words": "a", "n": "x", "removed": 0}]])
def test_what_is_no_trail_is_not_shown(trail):
    assert trail_of({"trail": trail}) == ()
    assert page({"title": "a", "trail": trail}).select("details") == []
