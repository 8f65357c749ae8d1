"""SPSS files without some rows: what SPSS's format would hold of the others, byte by byte."""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pytest

from trustkit.erasure.erased_spss_rows import _cells, _written, spss_without
from trustkit.errors import DataError
from trustkit.files.spss_bytes import read_dictionary

pyreadstat = pytest.importorskip("pyreadstat")
COUNT = 23
TIME_AT = slice(92, 109)
WAYS = {"plain": {}, "coded": {"row_compress": True}, "packed": {"compress": True}}


def people(random):
    """Return rows of missing, short and long numbers, and texts of which the first row has the longest."""
    ages = random.integers(1, 400, COUNT).astype(float)
    ages[random.integers(COUNT)] = np.nan
    long_texts = ["x" * 900, *("é" * int(size) for size in random.integers(0, 400, COUNT - 1))]
    frame = {"id": [f"R{row:03}" for row in range(COUNT)], "age": ages, "weight": random.normal(size=COUNT)}
    return pd.DataFrame({**frame, "words": long_texts, "short": ["abc", *["", "a"] * 11]})


def written(frame, path, way):
    """Write an SPSS file."""
    pyreadstat.write_sav(frame, str(path), note="a document", **WAYS[way])
    return path


def without_time(raw):
    """Return a file without the time at which it was written and the nominal size of a row."""
    return raw[:68] + raw[72 : TIME_AT.start] + raw[TIME_AT.stop :]


@pytest.mark.parametrize("way", WAYS)
def test_a_file_without_rows_is_the_one_that_the_library_writes_of_the_others(tmp_path, way):
    random = np.random.default_rng(len(way))
    for _ in range(5):
        frame = people(random)
        gone = sorted(random.choice(range(1, COUNT), random.integers(1, 9), replace=False).tolist())
        path = written(frame, tmp_path / "all.sav", way)
        others = written(frame.drop(index=gone).reset_index(drop=True), tmp_path / "others.sav", way)
        assert without_time(spss_without(path, gone, COUNT)) == without_time(others.read_bytes())


def test_a_packed_file_of_several_pieces_is_read_as_the_others(tmp_path):
    random = np.random.default_rng(5)
    numbers = pd.DataFrame(random.normal(size=(60_000, 9)), columns=list("abcdefghi"))
    path = written(numbers.assign(words="", short=""), tmp_path / "all.sav", "packed")
    (tmp_path / "others.sav").write_bytes(spss_without(path, [0, 31_000, 59_999], len(numbers)))
    left = pyreadstat.read_sav(str(tmp_path / "others.sav"))[0][list(numbers)]
    pd.testing.assert_frame_equal(left, numbers.drop(index=[0, 31_000, 59_999]).reset_index(drop=True))


def test_the_64_bit_number_of_rows_is_renewed_too(tmp_path):
    path = written(people(np.random.default_rng(1)), tmp_path / "all.sav", "plain")
    raw = path.read_bytes()
    end = read_dictionary(raw).end
    record = struct.pack("<4i2q", 7, 16, 8, 2, 1, COUNT)
    path.write_bytes(raw[:end].replace(record, b"") + record + raw[end:])
    renewed = struct.pack("<4i2q", 7, 16, 8, 2, 1, COUNT - 1)
    left = spss_without(path, [4], COUNT)
    assert (left.count(record), left.count(renewed)) == (0, 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [COUNT - 1, COUNT + 1])
def test_a_table_of_another_number_of_rows_is_refused(tmp_path, way, count):
    path = written(people(np.random.default_rng(2)), tmp_path / "all.sav", way)
    with pytest.raises(DataError, match="this SPSS file") as refused:
        spss_without(path, [0], count)
    assert "row" in str(refused.value.got)


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_was_cut_off_is_refused(tmp_path, way):
    path = written(people(np.random.default_rng(3)), tmp_path / "all.sav", way)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError, match="this SPSS file"):
        spss_without(path, [0], COUNT)


def test_rows_whose_codes_go_on_over_the_end_of_a_row_are_cut_too(tmp_path):
    random = np.random.default_rng(4)
    numbers = pd.DataFrame(random.integers(-50, 400, (COUNT, 3)).astype(float), columns=list("abc"))
    path = tmp_path / "all.sav"
    pyreadstat.write_sav(numbers, str(path), row_compress=True)
    raw = path.read_bytes()
    start = read_dictionary(raw).end + 8
    cells = list(_cells(raw[start:]))
    path.write_bytes(
        raw[:start] + _written(cells)
    )  # as SPSS writes it: eight cells together, whatever the row
    others = tmp_path / "others.sav"
    for gone in ([0], [COUNT - 1], [3, 4, 5, 9], list(range(1, COUNT))):
        others.write_bytes(spss_without(path, gone, COUNT))
        kept = numbers.drop(index=gone).reset_index(drop=True)
        pd.testing.assert_frame_equal(pyreadstat.read_sav(str(others))[0], kept)
        assert len(others.read_bytes()[start:]) <= 8 * (len(kept) * 3 // 8 + 1 + len(kept) * 3)
