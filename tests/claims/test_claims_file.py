"""A file of claims is read whole, and all of its errors are named."""

from __future__ import annotations

import pytest

from trustkit.claims.claims import Claim, Reading
from trustkit.claims.claims_file import read_claims
from trustkit.errors import ClaimError


@pytest.fixture
def write(tmp_path):
    def written(text):
        path = tmp_path / "claims.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_every_part_of_a_claim_is_read(write):
    text = """\
title: Figures
claims:
  distrust:
    title: 40% trust nobody
    published: 40.5
    decimals: 1
    variable: trust
    level: No
    where: {sex: f, age: [1, 2]}
    base: asked
    alternatives:
      - {base: valid, because: don't know was left out}
      - {variable: other, where: {sex: m}, because: men were meant}
      - {where: {}, because: everybody was meant}
      - {statistic: mean, because: the mean was meant}
    source: a paper
    population: adults
    n: about 1000
    note: weighted
    headline: 1
  mean: {title: M, published: 2, variable: score, statistic: mean, scale: from 1 to 5}
  opaque: {title: O, published: 3, unchecked: never published}
"""
    first, second, third = read_claims(write(text))
    where = {"sex": ["f"], "age": [1, 2]}
    assert first == Claim(
        name="distrust",
        title="40% trust nobody",
        published=40.5,
        decimals=1,
        reading=Reading("trust", "No", where=where, base="asked"),
        alternatives=(
            Reading("trust", "No", where=where, base="valid", because="don't know was left out"),
            Reading("other", "No", where={"sex": ["m"]}, base="asked", because="men were meant"),
            Reading("trust", "No", where={}, base="asked", because="everybody was meant"),
            Reading("trust", "No", "mean", where=where, base="asked", because="the mean was meant"),
        ),
        source="a paper",
        population="adults",
        n="about 1000",
        note="weighted",
        headline=1,
    )
    assert (second.reading, second.decimals) == (Reading("score", statistic="mean"), 0)
    assert (second.scale, second.headline) == ("from 1 to 5", 0)
    assert third.unchecked == "never published"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x\n", "the key 'claims' is missing"),
        ("claim: {}\nclaims: {}\n", "claim: unknown key; did you mean 'claims'?"),
        ("claims: [a]\n", "claims: expected a mapping, got ['a']"),
    ],
)
def test_a_broken_file_of_claims_says_what_is_wrong(write, text, message):
    with pytest.raises(ClaimError, match=r"in .*claims\.yaml") as caught:
        read_claims(write(text))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{published: 4, variable: v, level: l}", "c: the key 'title' is missing"),
        ("{title: T, variable: v, level: l}", "c: the key 'published' is missing"),
        ("{title: T, published: 40%, variable: v, level: l}", "c.published: expected a number, got '40%'"),
        (
            "{title: T, published: 4, variable: v, level: l, decimals: 16}",
            "c.decimals: expected a whole number from 0 to 15, got 16",
        ),
        (
            "{title: T, published: 4}",
            "c: the claim has neither a variable nor a reason why it is unchecked; add variable",
        ),
        (
            "{title: T, published: 4, variable: v}",
            "c: a proportion needs a level: the answer whose share it is; add level",
        ),
        (
            "{title: T, published: 4.5, variable: v, level: l}",
            "c.published: 4.5 has more than 0 decimals; correct",
        ),
        (
            "{title: T, published: 4, decimals: -1, variable: v, level: l}",
            "c.decimals: expected a whole number",
        ),
        (
            "{title: T, published: 4, decimals: 0.5, variable: v, level: l}",
            "c.decimals: expected a whole number",
        ),
        (
            "{title: T, published: 4, variable: v, level: l, headline: first}",
            "c.headline: expected a number, got 'first'",
        ),
        (
            "{title: T, published: 4, variable: v, level: l, headline: -1}",
            "c.headline: expected a whole number from 0 to 99, got -1",
        ),
        ("{title: T, published: 4, variable: v, statistic: median}", "c.statistic: got 'median'"),
        ("{title: T, published: 4, variable: v, level: l, base: all}", "c.base: got 'all'"),
        (
            "{title: T, published: 4, variable: v, level: l, levle: k}",
            "c.levle: unknown key; did you mean 'level'?",
        ),
        ("{title: T, published: 4, variable: v, level: l, where: x}", "c.where: expected a mapping, got 'x'"),
        (
            "{title: T, published: 4, variable: v, level: l, alternatives: [{base: asked}]}",
            "c.alternatives.1: the key 'because' is missing",
        ),
        (
            "{title: T, published: 4, variable: v, level: l, alternatives: [{because: x, bas: asked}]}",
            "c.alternatives.1.bas: unknown key; did you mean 'base'?",
        ),
    ],
)
def test_a_broken_claim_says_what_is_wrong_where_and_what_to_do(write, written, message):
    with pytest.raises(ClaimError, match=r"in .*claims\.yaml") as caught:
        read_claims(write(f"claims:\n  c: {written}\n"))
    assert f"line 2, claims.{message}" in str(caught.value)


def test_the_address_of_a_publication_must_be_one_of_the_web(tmp_path):
    file = tmp_path / "claims.yaml"
    entry = "claims: {{a: {{title: T, published: 40, unchecked: no data, url: '{}'}}}}"
    file.write_text(entry.format("https://example.org/report?page=1"))
    assert read_claims(file)[0].url == "https://example.org/report?page=1"
    for wrong in ("javascript:alert(1)", "example.org", "https://a b", "file:///etc/passwd"):
        file.write_text(entry.format(wrong))
        with pytest.raises(ClaimError, match="no address of a page"):
            read_claims(file)


def test_claims_of_a_file_are_a_tuple_that_shows_one_table_with_a_row_for_each(tmp_path):
    file = tmp_path / "claims.yaml"
    file.write_text(
        "claims:\n  a: {title: Trust, published: 40, variable: trust, level: Yes, source: A firm}\n"
        "  b: {title: Distrust, published: 7.5, decimals: 1, variable: trust, level: No}\n"
    )
    claims = read_claims(file)
    assert isinstance(claims, tuple)
    assert repr(claims).splitlines() == [
        "Claims",
        "claim     published  source",
        "Trust           40%  A firm",
        "Distrust       7.5%",
    ]
    assert claims._repr_html_().count("<tr") == 3
    assert [claim.title for claim in claims[1:]] == ["Distrust"]
