"""Data frames that R saved: the same cells, labels and missing codes in every compression and form."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trustkit.drafting.draft import draft_codebook
from trustkit.errors import DataError
from trustkit.files.foreign_files import read_r_frame
from trustkit.files.read import read
from trustkit.files.spss_stata_sas import read_r

FOLDER = Path(__file__).parents[1] / "reference" / "r_files"
OTHERS = ("two", "nested", "repeated", "named", "named_others", "noted", "others", "fewer")
"""Files with other data frames than the one whose cells R shows."""
SAME = sorted(path.name for path in FOLDER.glob("*.rd*") if path.stem not in OTHERS)


@pytest.fixture(scope="module")
def shown():
    """Return what R shows of each cell."""
    return json.loads((FOLDER / "output.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SAME)
def test_every_form_of_a_file_gives_the_cells_that_r_shows(name, shown):
    data, _ = read_r_frame(FOLDER / name)
    assert list(data.columns) == list(shown)
    for column, cells in shown.items():
        if pd.api.types.is_numeric_dtype(data[column]):
            expected = np.array([np.nan if cell in (None, "NaN") else float(cell) for cell in cells])
            np.testing.assert_array_equal(data[column].to_numpy(float), expected, err_msg=column)
        else:
            found = data[column]
            if pd.api.types.is_datetime64_any_dtype(found):
                found = found.dt.strftime("%Y-%m-%d" if column == "day" else "%Y-%m-%d %H:%M:%S")
            wanted = [cell or None for cell in cells]  # an empty text is no answer
            assert [None if pd.isna(cell) else cell for cell in found] == wanted, column


def test_labels_missing_codes_and_levels_of_r_become_the_codebook():
    book = read_r(FOLDER / "gzip3.rds")[0].codebook
    assert book["trust"].label == "Do you trust brands?"
    assert (book["trust"].codes[1], book["trust"].missing[9]) == ("No", "refused")
    assert [(span.low, span.high) for span in book["income"].missing_ranges] == [(990, 999)]
    assert (book["brand"].kind, list(book["brand"].codes)) == ("single", ["C", "B", "A", "D"])
    assert (book["agree"].kind, list(book["agree"].codes)) == ("ordinal", ["low", "mid", "high"])
    assert (book["consent"].kind, list(book["consent"].codes)) == ("single", ["TRUE", "FALSE"])
    assert book["count"].label == "How many brands?"


def test_several_data_frames_in_one_file_are_refused_until_one_is_named():
    with pytest.raises(DataError) as refused:
        read(FOLDER / "two.rda")
    assert refused.value.got == "'answers': 11 columns; 'other': 1 columns"
    assert refused.value.do == "name it: read(..., sheet='answers'), or trustkit new --sheet 'answers'"
    assert read(FOLDER / "two.rda", sheet="other").data["x"].tolist() == [1, 2]
    with pytest.raises(DataError, match="no such data frame"):
        read(FOLDER / "two.rda", sheet="others")


def test_columns_of_one_name_are_numbered_and_named_in_the_log():
    survey = read(FOLDER / "repeated.rds")
    assert (survey.data["q"].tolist(), survey.data["q_2"].tolist()) == ([1, 2], [3, 4])
    assert "column 2 of the name 'q' is 'q_2'" in survey.log.steps[0].reason
    for book in (survey.codebook, draft_codebook(survey)):
        assert book["q_2"].review.count("column 2 of the name 'q' is 'q_2'") == 1
        assert "of the name" not in book["q"].review


def test_a_codebook_that_swaps_the_labels_of_a_file_of_r_is_refused():
    book = read(FOLDER / "gzip3.rds").codebook
    trust = book["trust"]
    first, second = list(trust.codes)[:2]
    codes = {**trust.codes, first: trust.codes[second], second: trust.codes[first]}
    variables = {**book.variables, "trust": replace(trust, codes=codes)}
    with pytest.raises(DataError, match="labels are swapped"):
        read(FOLDER / "gzip3.rds", replace(book, variables=variables))
    assert read(FOLDER / "gzip3.rds", book).codebook == book


def test_a_column_of_lists_is_refused_by_name():
    with pytest.raises(DataError) as refused:
        read(FOLDER / "nested.rds")
    assert refused.value.got == "parts"


def test_a_file_that_was_cut_off_is_refused_as_damaged(tmp_path):
    for name in ("gzip3.rds", "xz.rds", "plain.rds", "ascii.rds"):
        whole = (FOLDER / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: int(len(whole) * 0.7)])
        with pytest.raises(DataError, match="the file is damaged"):
            read(tmp_path / name)


def test_a_table_of_text_that_starts_like_an_r_file_is_read_as_text(tmp_path):
    (tmp_path / "answers.csv").write_text("A\n2\n3\n2\n")
    assert read(tmp_path / "answers.csv").data["A"].tolist() == [2, 3, 2]
