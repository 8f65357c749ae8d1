"""SAS transport files without some rows: the bytes that a program would write of the others."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from trustkit.erasure.erased_transport_rows import transport_without
from trustkit.errors import DataError

pyreadstat = pytest.importorskip("pyreadstat")
COUNT = 17
TIME = rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d"


def written(frame, path, version):
    formats = {"words": "$60.", "id": "$9."}
    pyreadstat.write_xport(frame, str(path), file_format_version=version, variable_format=formats)
    return path


@pytest.mark.parametrize("version", [5, 8])
def test_a_file_without_rows_is_the_one_that_the_library_writes_of_the_others(tmp_path, version):
    random = np.random.default_rng(version)
    for _ in range(8):
        ids = [f"R{row:02}" for row in range(COUNT)]
        numbers = random.choice([1.0, -3.5, np.nan, 1e20], COUNT)
        frame = pd.DataFrame({"id": ids, "number": numbers, "words": ["x" * 60, *["", "a b"] * 8]})
        gone = sorted(random.choice(range(1, COUNT), random.integers(1, 9), replace=False).tolist())
        path = written(frame, tmp_path / "all.xpt", version)
        others = written(frame.drop(index=gone).reset_index(drop=True), tmp_path / "others.xpt", version)
        left = transport_without(path, gone, COUNT)
        assert re.sub(TIME, b"", left) == re.sub(TIME, b"", others.read_bytes())


def test_the_number_of_rows_in_a_header_of_version_8_is_renewed(tmp_path):
    frame = pd.DataFrame({"id": [f"R{row:02}" for row in range(10)]})
    path = written(frame, tmp_path / "all.xpt", 8)
    raw = path.read_bytes()
    at = raw.index(b"HEADER RECORD*******OBSV8")
    path.write_bytes(raw[: at + 48] + b"10".rjust(15).ljust(32) + raw[at + 80 :])
    left = transport_without(path, [0], 10)
    assert left[at + 48 : at + 80] == b"9".rjust(15).ljust(32)
    assert left.count(b"R0") == 9


@pytest.mark.parametrize("count", [3, 60])
def test_a_table_of_another_number_of_rows_is_refused(tmp_path, count):
    frame = pd.DataFrame({"id": ["R1", "R2", "R3", "R4"], "words": ["w" * 30] * 4})
    path = written(frame, tmp_path / "all.xpt", 5)
    with pytest.raises(DataError, match="SAS transport file"):
        transport_without(path, [0], count)
