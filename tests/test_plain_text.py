"""Plain text fits a terminal of 80 columns, whatever it says."""

from __future__ import annotations

import pandas as pd
import pytest
from contract_calls import Study
from test_contract import call

import trustkit as tk
from trustkit.display import Shown, text_table
from trustkit.plain_text import LINE, text_lines, width_of

FILES = {"write", "write_codebook", "write_tables", "make_key", "erase", "expire", "verify_erasure"}
"""Functions that write, which need a folder of their own each time."""

OWN_TEXT = ("disclosure", "Disclosure")
"""What shows itself as paragraphs."""

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen " * 3
SCRIPTS = {"german": LONG, "chinese": "您在多大程度上信任这些品牌" * 8, "arabic": "إلى أي مدى تثق " * 12}


def widest(text):
    return max(map(width_of, text.split("\n")))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return Study(tmp_path_factory.mktemp("text"))


def test_the_table_of_every_result_has_lines_of_a_terminal_s_width(study):
    given = study.functions()
    results = {name: call(getattr(tk, name), given[name]) for name in given if name not in FILES}
    results |= study.objects()
    results |= {"history": study.raked.history, "read_claims": tk.read_claims(**given["read_claims"])}
    tables = {
        name: text_table(value._parts()[1])
        for name, value in results.items()
        if isinstance(value, Shown | tk.DataFigure)
    }
    assert len(tables) > 100
    assert {name: text for name, text in tables.items() if widest(text) > LINE} == {}
    assert all(text in repr(results[name]) for name, text in tables.items() if name not in OWN_TEXT)


@pytest.mark.parametrize("label", SCRIPTS.values(), ids=SCRIPTS)
def test_labels_of_any_language_and_length_fit_and_are_whole(label):
    table = pd.DataFrame({"answer": [label, "No"], "share": ["31.1%", "5.0%"], "n": ["12", "7"]})
    lines = text_table(table).split("\n")
    assert max(map(width_of, lines)) <= LINE
    first = "".join(line.removesuffix("31.1%  12").removeprefix("  ").rstrip() for line in lines[1:-1])
    assert "".join(first.split()) == "".join(label.split())
    assert lines[-1].endswith("5.0%   7")
    assert sum(line.endswith("31.1%  12") for line in lines) == 1


def test_a_table_with_many_columns_of_numbers_stands_in_blocks_that_each_name_their_rows():
    table = pd.DataFrame(
        {"answer": ["Yes", "No"]} | {f"group number {n}": ["31.1%", "68.9%"] for n in range(20)}
    )
    blocks = text_table(table).split("\n\n")
    assert len(blocks) > 1
    assert all([line.split()[0] for line in block.split("\n")[-2:]] == ["Yes", "No"] for block in blocks)
    assert "".join(blocks).count("31.1%") == 20


def test_a_wide_table_whose_first_column_divides_its_rows_has_it_as_headings():
    sources = ["The office that publishes official statistics on trust, first survey of 2014"] * 2 + [
        "Another office"
    ] * 2
    table = pd.DataFrame({"source": sources, "figure": list("abcd"), "n": list("1234")})
    lines = text_table(table).split("\n")
    assert lines[:2] == ["source", "figure  n"]
    assert [lines.count(name) for name in dict.fromkeys(sources)] == [1, 1]


def test_a_long_line_goes_on_behind_an_indent_and_no_character_is_lost():
    text = "Base: " + "x" * 100 + " and those of 2024"
    lines = text_lines(text)
    assert all(line.startswith("  ") for line in lines[1:])
    assert "".join("".join(lines).split()) == "".join(text.split())
