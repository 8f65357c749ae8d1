"""Nets, statistics and answers that stay last: read with all faults, written, kept through cleaning."""

from __future__ import annotations

import pandas as pd
import pytest

import trustkit as tk
from trustkit.errors import CodebookError
from trustkit.survey.codebook import nets_among

GOOD = """variables:
  trust:
    label: "How much?"
    kind: ordinal
    codes: {1: No, 2: Some, 3: Much}
    nets: {Any: [Some, Much]}
    statistic: none
  recommend:
    label: "Recommend?"
    kind: ordinal
    codes: {0: "0", 1: "1", 2: "2", 3: "3", 4: "4", 5: "5", 6: "6", 7: "7", 8: "8", 9: "9", 10: "10"}
    statistic: nps
  channels:
    label: "Which channels?"
    kind: multiple
    codes: {TV: TV, Web: Web, Other: Other, None: None of these}
    split: ";"
    exclusive: [None of these]
    nets: {Screen: [TV, Web]}
    last: [Other]
  mail: {label: "Which ways? Mail", kind: multiple, codes: {1: Selected}, set: ways}
  post: {label: "Which ways? Post", kind: multiple, codes: {1: Selected}, set: ways}
  banks: {label: "Trust banks?", kind: ordinal, codes: {1: Low, 2: Mid, 3: High}, set: firms}
  shops: {label: "Trust shops?", kind: ordinal, codes: {1: Low, 2: Mid, 3: High}, set: firms}
sets:
  ways: {wording: "Which ways?", nets: {Either: [Mail, Post]}}
  firms: {wording: "Trust in firms", nets: {Trusting: [Mid, High]}}
"""


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "codebook.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return tk.read_codebook(path)


def test_nets_and_statistics_are_read_and_written_and_read_back_the_same(book, tmp_path):
    assert book["trust"].nets == {"Any": ("Some", "Much")}
    assert (book["trust"].statistic, book["recommend"].statistic) == ("none", "nps")
    assert book.sets["ways"] == "Which ways?"
    assert book.nets == {"ways": {"Either": ("Mail", "Post")}, "firms": {"Trusting": ("Mid", "High")}}
    again = tk.read_codebook(tk.write_codebook(book, tmp_path / "again.yaml"))
    assert again == book


def test_a_parquet_file_keeps_nets_and_an_spss_file_is_said_not_to(book, tmp_path):
    kept = {name: book[name] for name in ("trust", "recommend", "mail", "post")}
    part = tk.Codebook(kept, sets={"ways": "Which ways?"}, nets={"ways": {"Either": ("Mail", "Post")}})
    data = {"trust": [1, 2], "recommend": [0, 9], "mail": [1, 1], "post": [1, 1]}
    survey = tk.Survey(pd.DataFrame(data), part)
    assert tk.write(survey, tmp_path / "a.parquet").empty
    again = tk.read(tmp_path / "a.parquet").codebook
    assert again.nets == part.nets
    assert again["recommend"].statistic == "nps"
    lost = tk.write(survey, tmp_path / "a.sav")
    assert {"nets", "statistic"} <= set(lost["what"])


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("ordinal, codes: {1: No, 2: Yes}, nets: {Any: [No, Yess]}", "not a label; did you mean 'Yes'"),
        ("ordinal, codes: {1: No, 2: Yes}, nets: {Any: [No]}", "needs at least two different answers"),
        ("ordinal, codes: {1: No, 2: Yes}, nets: {Any: []}", "needs at least two different answers"),
        ("ordinal, codes: {1: No, 2: Yes}, nets: {Any: [No, Yes, No]}", "lists the same answer twice"),
        ("ordinal, codes: {1: No, 2: Yes, 3: X}, nets: {X: [No, Yes]}", "has the label of an answer"),
        ("ordinal, codes: {1: No, 2: Yes}, statistic: nps", "Net Promoter Score needs the scores 0, 1"),
        ("ordinal, codes: {a: No, b: Yes}, statistic: mean", "the answers have no scores"),
        ("ordinal, codes: {1: No, 2: Yes}, statistic: median", "q.statistic: got 'median'"),
        ("single, codes: {1: No, 2: Yes}, statistic: none", "a single variable takes no statistic"),
        ("single, codes: {1: No, 2: Yes}, last: [Maybe]", "'Maybe' is not a label"),
        ("multiple, codes: {1: Yes, 0: No}, nets: {Any: [Yes, No]}", "a box has no nets"),
    ],
)
def test_rows_that_can_not_be_made_are_faults_of_the_codebook(tmp_path, entry, words):
    path = tmp_path / "codebook.yaml"
    path.write_text(f"variables:\n  q: {{label: Q, kind: {entry}}}\n", encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        tk.read_codebook(path)
    assert words in str(caught.value)


def test_a_set_with_nets_has_a_wording_and_known_boxes(tmp_path):
    path = tmp_path / "codebook.yaml"
    told = 'wording: "Which ways?", nets: {Either: [Mail, Post]}'
    path.write_text(GOOD.replace(told, "nets: {Either: [Mail, Fax]}"), encoding="utf-8")
    with pytest.raises(CodebookError) as caught:
        tk.read_codebook(path)
    assert "the key 'wording' is missing" in str(caught.value)
    assert "'Fax' is not a label" in str(caught.value)


def test_renamed_answers_keep_their_nets_and_merged_ones_lose_those_that_are_one_answer(book):
    survey = tk.Survey(pd.DataFrame({"trust": [1, 2, 3]}), tk.Codebook({"trust": book["trust"]}))
    renamed = tk.recode(survey, variable="trust", labels={"Much": "A lot"})
    assert renamed.codebook["trust"].nets == {"Any": ("Some", "A lot")}
    assert renamed.codebook["trust"].statistic == "none"
    merged = tk.recode(survey, variable="trust", labels={"Much": "Yes", "Some": "Yes"})
    assert merged.codebook["trust"].nets == {}
    boxes = tk.collapse(survey, variable="trust", into="two", labels={"Low": "No", "High": ["Some", "Much"]})
    assert boxes.codebook["two"].nets == {}
    assert boxes.codebook["trust"].nets == {"Any": ("Some", "Much")}


def test_stacked_waves_keep_the_nets_of_their_sets(book):
    kept = {name: book[name] for name in ("mail", "post", "banks", "shops")}
    part = tk.Codebook(kept, sets=book.sets, nets=book.nets)
    data = {"mail": [1, 1], "post": [1, 1], "banks": [1, 2], "shops": [3, 2]}
    wave = tk.Survey(pd.DataFrame(data), part)
    stacked = tk.stack_waves({"2024": wave, "2025": wave})
    assert stacked.codebook.nets == book.nets
    joined = tk.Codebook({"channels": book["channels"]})
    boxes = tk.Survey(pd.DataFrame({"channels": ["TV;Web", "Other"]}), joined)
    both = tk.stack_waves({"2024": boxes, "2025": boxes})
    assert both.codebook.nets == {"channels": {"Screen": ("TV", "Web")}}


def test_a_public_use_codebook_has_no_net_of_a_box_that_is_left_out(book):
    kept = {"mail": book["mail"], "banks": book["banks"], "shops": book["shops"]}
    assert nets_among(book, kept) == {"firms": {"Trusting": ("Mid", "High")}}
    assert nets_among(book, {}) == {}
