"""The registry of instruments: every file is valid, and what nobody read at a source is not shown."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

import trustkit as tk
from trustkit.errors import CodebookError, DataError
from trustkit.published_scales.registry import FOLDER, read_instrument

FILES = sorted(FOLDER.glob("*.yaml"))
RIGHT = """
id: made
sources:
  page: {citation: A page, url: "https://example.org/a", read: 2026-01-02}
  book: {citation: A book}
identity: {name: Made up, year: 2020, authors: Nobody, construct: trust, source: page, checked: read}
items: {count: 3, about: {1: first thing}, source: page, checked: read}
reversed: {items: [2], source: page, checked: read}
subscales: {items: {one: [1, 2], two: [3]}, source: page, checked: read}
response: {low: 1, high: 7, source: page, checked: read}
scoring: {method: mean, source: page, checked: read}
dont_know: {counts: as missing, source: page, checked: read}
supersedes: {instrument: older, source: page, checked: read}
reliability:
  - {population: students, n: 100, method: alpha, value: 0.8, source: page, checked: read}
norms:
  - {name: adults, population: adults, year: 2020, statistic: mean, value: 4.5, source: page, checked: read}
caveats:
  - {text: Take care., source: page, checked: read}
"""


def written(tmp_path, text):
    path = tmp_path / "made.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_there_are_at_least_fifteen_instruments_one_file_each():
    assert len(FILES) >= 15
    assert tk.instruments()["id"].tolist() == [path.stem for path in FILES]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_is_valid_and_has_a_source_that_was_read(path):
    found = read_instrument(path)
    assert found.sources
    assert found.verified
    assert all(0 < value.value < 1 and value.n > 0 for value in found.reliability)
    assert all(1 <= position <= found.items for position in found.reversed_items)
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert all("url" in source and "read" in source for source in raw["sources"].values() if "read" in source)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_fact_that_is_unverified_reaches_no_output(path):
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = tk.instrument(path.stem)
    shown = str(found) + found._repr_html_()
    row = tk.instruments().set_index("id").loc[path.stem]
    fields = {
        "items": ["items"],
        "reversed": ["reversed_items"],
        "subscales": ["subscales"],
        "response": ["low", "high", "anchors"],
        "scoring": ["scoring", "boxes", "min_items"],
        "dont_know": ["dont_know"],
        "supersedes": ["supersedes"],
        "identity": ["year", "authors", "doi"],
    }
    for name, kept in fields.items():
        if raw.get(name, {}).get("checked") == "unverified":
            assert not any(getattr(found, field) for field in kept), name
            if name in row.index and name != "identity":
                assert pd.isna(row[name]) or row[name] == ""
    for entry in [*raw.get("caveats", []), *raw.get("norms", []), *raw.get("reliability", [])]:
        if entry["checked"] == "unverified":
            assert entry.get("text", entry.get("name", "")) not in shown
    for key, source in raw["sources"].items():
        if "read" not in source:
            assert source["citation"] not in found.sources, key


def test_the_instruments_that_are_scored_are_those_whose_facts_were_read():
    known = tk.instruments().set_index("id")
    assert known.index[known["scored"]].tolist() == [
        "edelman", "ess_political", "ess_social", "general_social_trust", "gentrust", "iuipc10", "iuipc8",
        "mcknight", "muipc", "trust_automation",
    ]  # fmt: skip
    assert "subscales" in known.loc["cfip", "unverified"]
    assert "scoring" in known.loc["trustdiff", "unverified"]


def test_an_instrument_shows_which_positions_its_items_and_subscales_have():
    known = [tk.instrument(path.stem) for path in FILES]
    facts = {found.id: found._parts()[1].set_index("fact")[found.id] for found in known}
    assert facts["iuipc8"]["subscales"] == "control (1, 2); awareness (3, 4); collection (5, 6, 7, 8)"
    assert facts["ess_social"]["items"] == "3 (1 most people, 2 fairness, 3 helpfulness)"
    for found in known:
        shown = facts[found.id]
        assert all(f"{position} {what}" in shown["items"] for position, what in found.about.items())
        assert all(f"{part} ({found.subscales[part][0]}" in shown["subscales"] for part in found.subscales)


def test_unverified_values_are_left_out_and_only_named(tmp_path):
    marked = RIGHT.replace(
        "value: 0.8, source: page, checked: read", "value: 0.8, source: book, checked: unverified"
    )
    marked = marked.replace(
        "high: 7, source: page, checked: read", "high: 7, source: book, checked: unverified"
    )
    marked = marked.replace(
        "value: 4.5, source: page, checked: read", "value: 4.5, source: book, checked: unverified"
    )
    found = read_instrument(written(tmp_path, marked))
    assert found.reliability == found.norms == ()
    assert found.high is None
    assert set(found.unverified) == {"response", "reliability", "norms"}
    assert not any(value in str(found) for value in ("0.8", "4.5"))
    assert "not verified" in str(found)
    assert found.needs == ("response",)


def test_a_right_file_is_read_whole(tmp_path):
    found = read_instrument(written(tmp_path, RIGHT))
    assert dict(found.subscales) == {"one": (1, 2), "two": (3,)}
    assert (found.low, found.high, found.reversed_items, found.needs) == (1, 7, (2,), ())
    assert found.norm("adults").value == 4.5
    assert (found.dont_know, found.supersedes) == ("as missing", "older")
    assert found.reliability[0].source == "A page"
    assert "alpha" in str(found)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: made", "id: other", "is not the file's name"),
        ("one: [1, 2]", "one: [1]", "do not hold each item once"),
        ("one: [1, 2]", "one: [1, 2, 3]", "do not hold each item once"),
        ("items: [2], source", "items: [4], source", "position is not one of the items"),
        ("response: {low: 1, high: 7, source: page, checked: read}\n", "", "has no range"),
        ("value: 0.8", "value: 1.8", "between 0 and 1"),
        ("n: 100, ", "", "'n' is missing"),
        ("population: adults, ", "", "'population' is missing"),
        ("value: 0.8, source: page", "value: 0.8, source: book", "was not read"),
        ("value: 0.8, source: page", "value: 0.8, source: web", "no source is named 'web'"),
        ("year: 2020, authors: Nobody, construct: trust, source: page, checked: read",
         "year: 2020, authors: Nobody, construct: trust, source: page", "'checked' is missing"),
        ("low: 1, high: 7", "low: 7, high: 1", "range of answers is empty"),
        ("method: mean, source", "method: mean, boxes: 2, source", "boxes belong"),
        ("about: {1: first thing}", "about: {1: this is the whole wording of an item}", "wording of an item"),
        ("about: {1: first thing}", "about: {4: first thing}", "no such position"),
        ("read: 2026-01-02", "read: lately", "is no date"),
        ('url: "https://example.org/a", ', "", "has no url"),
        ("norms:", "norm:", "unknown key"),
        ("counts: as missing, ", "", "'counts' is missing"),
        ("instrument: older", "id: older", "unknown key"),
    ],
)  # fmt: skip
def test_a_file_with_an_error_is_refused_with_its_line(tmp_path, old, new, words):
    assert old in RIGHT
    with pytest.raises(CodebookError, match=words) as caught:
        read_instrument(written(tmp_path, RIGHT.replace(old, new)))
    assert "line" in str(caught.value)


def test_a_file_without_any_fact_that_was_read_is_refused(tmp_path):
    unread = RIGHT.replace("checked: read", "checked: unverified")
    with pytest.raises(CodebookError, match="no fact was read"):
        read_instrument(written(tmp_path, unread))


def test_unknown_names_are_refused_with_a_near_miss():
    with pytest.raises(DataError, match="no instrument is named 'edelmann'") as caught:
        tk.instrument("edelmann")
    assert "edelman" in caught.value.do
    with pytest.raises(DataError, match="has no norm"):
        tk.instrument("ess_political").norm("police Sweden")
