"""Delimited files are read as they were typed, whatever their encoding and delimiter."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import survey_files
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trustkit.errors import DataError
from trustkit.files import delimited
from trustkit.files.read import read
from trustkit.survey.codebook import Codebook
from trustkit.survey.variable import Variable

ROWS = [
    ["id", "age", "words"],
    ["001", "34", "fine, thanks"],
    ["002", "51", 'he said "no"\nand left'],
    ["003", "", "é"],
]


@pytest.fixture(params=["pyarrow", "pandas"])
def engine(request, monkeypatch):
    """Both engines: pyarrow, and what reads without it."""
    if request.param == "pandas":
        monkeypatch.setattr(delimited, "_arrow_is_installed", lambda: False)
    return request.param


@pytest.fixture
def stored(tmp_path):
    def read_bytes(content, codebook=None, name="a.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return read(path, codebook)

    return read_bytes


# Encoding and delimiter


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_delimiter_in_any_encoding_gives_the_same_table(stored, engine, delimiter, encoding):
    found = stored(survey_files.as_csv(ROWS, delimiter=delimiter, encoding=encoding))
    assert found.data["id"].tolist() == ["001", "002", "003"]
    assert found.data["words"].tolist() == [row[2] for row in ROWS[1:]]
    np.testing.assert_array_equal(found.data["age"], [34, 51, np.nan])


@pytest.mark.parametrize(
    ("encoding", "reason"),
    [
        ("utf-8", "the raw export"),
        ("utf-16", "the raw export, UTF-16"),
        ("cp1252", "the raw export, Windows-1252"),
    ],
)
def test_the_log_says_how_a_file_was_read(stored, encoding, reason):
    assert stored(survey_files.as_csv(ROWS, encoding=encoding)).log.steps[0].reason == reason


def test_line_ends_of_every_system_are_read(stored, engine):
    for end in ("\n", "\r\n", "\r"):
        assert stored(end.join(["a,b", "1,x", "2,y", ""])).data["b"].tolist() == ["x", "y"]


def test_excels_line_that_names_the_delimiter_is_no_row(stored):
    assert stored("sep=;\na;b\n1;2\n").data.to_dict("list") == {"a": [1], "b": [2]}


def test_a_single_column_needs_no_delimiter(stored, engine):
    assert stored("a\n1\n2\n").data["a"].tolist() == [1, 2]


def test_a_delimiter_inside_open_answers_does_not_mislead(stored):
    found = stored('a;b\n"x, y, z";1\n"p, q";2\n')
    assert found.data["a"].tolist() == ["x, y, z", "p, q"]


def test_a_row_longer_than_a_block_is_read(stored, monkeypatch):
    monkeypatch.setattr(delimited, "BLOCK_BYTES", 1 << 10)
    assert stored(f"a,b\n{'x' * 5000},1\ny,2\n").data["b"].tolist() == [1, 2]


def test_quotes_are_checked_across_pieces_of_a_file(stored, monkeypatch):
    monkeypatch.setattr(delimited, "SCAN_BYTES", 7)
    assert stored('a,b\n"x ""y"" z",1\n"p\nq",2\n').data["a"].tolist() == ['x "y" z', "p\nq"]


def test_a_header_may_hold_line_breaks(stored, engine):
    found = stored('"a\nb",c\n1,2\n')
    assert list(found.data) == ["a\nb", "c"]


def test_quotes_inside_a_cell_are_part_of_it(stored, engine):
    assert stored('a,b\n5" pipe,1\n6" pipe,2\n').data["a"].tolist() == ['5" pipe', '6" pipe']


def test_columns_without_a_name_are_numbered(stored):
    assert list(stored(",a\n1,2\n").data) == ["unnamed_1", "a"]


# Cells


def column(stored, *cells, delimiter=","):
    rows = [["x", "y"], *([cell, "."] for cell in cells)]
    return stored(survey_files.as_csv(rows, delimiter=delimiter)).data["x"]


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (["0", "7", "-12"], "int64"),
        (["9223372036854775807", "1"], "int64"),
        (["1", "", "3"], "float64"),
        (["0.5", "12", "-3.25", ".5", "1."], "float64"),
        (["1e-05", "2.5E+10", "1e+05"], "float64"),
        (["", "", ""], "float64"),
    ],
)
def test_plain_numbers_become_numbers(stored, engine, cells, dtype):
    found = column(stored, *cells)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, [float(cell) if cell else np.nan for cell in cells])


@pytest.mark.parametrize(
    "cells",
    [
        ["007", "8"],
        ["7", "+8"],
        ["0x1F", "2"],
        ["0xFFFFFFFFFF", "07"],
        ["1E5", "2"],
        ["12345678901234567890", "1"],
        ["9007199254740993", ""],
        ["123456789012345678", "1.5"],
        ["1", "nan"],
        ["1.5", "inf"],
        ["1", "NA"],
        ["1", " 2"],
        ["1", "-"],
        ["-", "."],
        ["1", "1_000"],
        ["1", "\N{FULLWIDTH DIGIT ONE}"],
        ["1.234,5", "2"],
        ["1,234", "2"],
        ["true", "false"],
        ["2026-03-01", "2026-03-02"],
        ["12:30:00", "12:31:00"],
        ["00.5", "1"],
        ["1 000", "2"],
    ],
)
def test_whatever_a_number_would_not_give_back_stays_text(stored, engine, cells):
    found = column(stored, *cells)
    assert found.dropna().tolist() == [cell for cell in cells if cell]


def test_a_decimal_comma_is_believed_where_one_column_leaves_no_doubt(stored, engine):
    found = stored("a;b;c;d\n1,5;1,234;7;1.234\n0,25;2,345;8;2\n").data
    assert found["a"].tolist() == [1.5, 0.25]
    assert found["b"].tolist() == [1.234, 2.345]
    assert found["c"].tolist() == [7, 8]
    assert found["d"].tolist() == ["1.234", "2"]


def test_a_comma_that_may_part_thousands_is_not_guessed(stored, engine):
    found = stored("a;b\n1,234;1.5\n2,345;2\n").data
    assert found["a"].tolist() == ["1,234", "2,345"]
    assert found["b"].tolist() == [1.5, 2]


def test_identifiers_that_the_codebook_names_stay_text(stored, engine):
    book = Codebook({"id": Variable("id", "Id", "id"), "day": Variable("day", "Day", "date")})
    found = stored("id,day,n\n1,20260301,1\n2,20260302,2\n", book).data
    assert found["id"].tolist() == ["1", "2"]
    assert found["day"].tolist() == ["20260301", "20260302"]
    assert found["n"].tolist() == [1, 2]


def test_both_engines_read_a_large_table_alike(tmp_path, monkeypatch):
    draw = np.random.default_rng(1)
    path = tmp_path / "a.csv"
    frame = pd.DataFrame(
        {
            "id": [f"{number:05d}" for number in range(3000)],
            "q": draw.choice([1, 2, 99], 3000),
            "x": draw.normal(size=3000),
            "gap": np.where(draw.random(3000) < 0.1, np.nan, draw.integers(0, 5, 3000)),
            "words": draw.choice(np.array(["", "a,b", 'c "d"', "e\nf"], dtype=object), 3000),
        }
    )
    frame.to_csv(path, index=False)
    fast = read(path).data
    monkeypatch.setattr(delimited, "_arrow_is_installed", lambda: False)
    pd.testing.assert_frame_equal(read(path).data, fast)
    pd.testing.assert_series_equal(fast["x"], frame["x"])


# Broken rows, with and without pyarrow


@pytest.mark.parametrize("content", ["a,b\n1,2\n3\n", "a,b\n1,2\n3,4,5\n", "a,b\n1,2,3\n"])
def test_a_row_that_does_not_fit_is_refused_by_both_engines(stored, engine, content):
    with pytest.raises(DataError, match="does not fit the header"):
        stored(content)


@pytest.mark.parametrize("content", ['a,b\n"1,2\n3,4\n', 'a,b\n1,"x\n2,"y\n', 'a,b\n"1"2,3\n'])
def test_a_quote_that_does_not_close_a_cell_is_refused_by_both_engines(stored, engine, content):
    with pytest.raises(DataError, match="quotes do not close"):
        stored(content)


def test_what_only_pyarrow_refuses_is_refused_in_its_words(stored, monkeypatch):
    monkeypatch.setattr(delimited, "_refuse_broken_rows", lambda *_: None)
    with pytest.raises(DataError, match="does not fit the header") as caught:
        stored("a,b\n1,2\n3\n")
    assert "Expected 2 columns, got 1" in caught.value.got


# Any table

CELL = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cc"]),
        st.sampled_from(['"', ",", ";", "\n", "\r", "0", "1", "-"]),
    ),
    max_size=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6),
    delimiter=st.sampled_from(delimited.DELIMITERS),
    fast=st.booleans(),
)
def test_any_cell_comes_back_as_it_was_typed(tmp_path, rows, delimiter, fast):
    names = ["first", "second", "third"]
    path = tmp_path / "any.csv"
    path.write_bytes(survey_files.as_csv([names, *rows], delimiter=delimiter))
    book = Codebook({name: Variable(name, name, "text") for name in names})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_arrow_is_installed", lambda: fast)
        if not any(cell for row in rows for cell in row):
            with pytest.raises(DataError, match=r"every cell is empty|no rows"):
                read(path, book)
            return
        found = read(path, book).data
        assert found.astype(object).where(found.notna(), "").to_numpy().tolist() == rows


NUMBER = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"[-+]?[0-9a-fA-FxX.,_ eE]{1,12}", fullmatch=True),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(NUMBER, min_size=1, max_size=4), fast=st.booleans())
def test_a_number_is_the_number_that_was_typed_or_stays_text(tmp_path, cells, fast):
    path = tmp_path / "any.csv"
    path.write_bytes(survey_files.as_csv([["x", "y"], *([cell, "."] for cell in cells)]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_arrow_is_installed", lambda: fast)
        found = read(path).data["x"]
    if found.dtype == "int64":
        assert [str(value) for value in found] == cells
    elif found.dtype == "float64":
        assert [float(cell) for cell in cells] == found.tolist()
        assert not any(set(cell) & set("xX_, +") and "e+" not in cell for cell in cells)
    else:
        assert found.tolist() == cells
