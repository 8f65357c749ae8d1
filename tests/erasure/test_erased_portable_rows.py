"""Portable SPSS files without some rows: the lines that a program would write of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from portable_file import LABELLED, portable

from trustkit.erasure.erased_portable_rows import portable_without
from trustkit.errors import DataError

pyreadstat = pytest.importorskip("pyreadstat")
COUNT = 19


def people(random):
    """Return rows with missing, negative, broken and large numbers, and texts that look like the format."""
    numbers = random.choice([1.0, -3.5, 0.0, 1e12, -1e-7, np.nan], COUNT)
    texts = random.choice(["", "Z", "ZZZZ", "5/", "F*.", "a text " * 20, "7/x"], COUNT)
    return pd.DataFrame({"id": [f"R{row}" for row in range(COUNT)], "number": numbers, "words": texts})


def written(frame, path):
    formats = {"words": "A255", "id": "A9"}
    pyreadstat.write_por(frame, str(path), variable_format=formats)
    return path


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_without_rows_is_the_one_that_the_library_writes_of_the_others(tmp_path, end):
    random = np.random.default_rng(len(end))
    for _ in range(8):
        frame = people(random)
        gone = sorted(random.choice(COUNT, random.integers(1, 9), replace=False).tolist())
        path = written(frame, tmp_path / "all.por")
        others = written(frame.drop(index=gone).reset_index(drop=True), tmp_path / "others.por")
        raw = [file.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end) for file in (path, others)]
        path.write_bytes(raw[0])
        left = portable_without(path, gone, COUNT)
        dated = slice(464, 500)  # the time may have gone on by a second
        assert left[: dated.start] + left[dated.stop :] == raw[1][: dated.start] + raw[1][dated.stop :]


def test_a_dictionary_with_labels_missing_values_and_documents_is_gone_through(tmp_path):
    rows = [b"1/1/x9/", b"-2.F/0/*.", b" A/3/a/b3K+2/"]
    path = tmp_path / "all.por"
    path.write_bytes(portable(LABELLED, b"".join(rows)))
    assert portable_without(path, [1], 3) == portable(LABELLED, rows[0] + rows[2])


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda raw: raw.replace(b"0123456789ABC", b"9876543210ABC"), "other signs"),
        (lambda raw: raw[:-400], ""),
        (lambda raw: raw.replace(b"74K/5/", b"Q4K/5/"), "unknown type"),
    ],
)
def test_a_file_that_is_damaged_or_written_with_other_signs_is_refused(tmp_path, change, got):
    path = written(people(np.random.default_rng(7)), tmp_path / "all.por")
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(DataError, match="portable SPSS file") as refused:
        portable_without(path, [0], COUNT)
    assert got in str(refused.value.got)


def test_another_number_of_rows_is_refused(tmp_path):
    path = written(people(np.random.default_rng(8)), tmp_path / "all.por")
    with pytest.raises(DataError, match="portable SPSS file") as refused:
        portable_without(path, [0], COUNT - 1)
    assert refused.value.got == "more rows than were read"
