"""SAS transport files without some variables: the bytes that a program would write of the others."""

from __future__ import annotations

import re
import struct

import numpy as np
import pandas as pd
import pytest

from trustkit.erasure.expired_transport_columns import transport_without_columns
from trustkit.errors import DataError

pyreadstat = pytest.importorskip("pyreadstat")
COUNT = 17
TIME = rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d"
LABELS = {"id": "Who", "words": "What do you think of us, in your own words, please", "n3": "x" * 45}


def written(frame, path, version):
    formats = {"words": "$60.", "id": "$9."}
    pyreadstat.write_xport(
        frame, str(path), file_format_version=version,
        variable_format={name: form for name, form in formats.items() if name in frame},
        column_labels={name: label for name, label in LABELS.items() if name in frame},
    )  # fmt: skip
    return path


def people(random):
    numbers = random.choice([1.0, -3.5, np.nan, 1e20], (COUNT, 8))
    frame = pd.DataFrame(numbers, columns=[f"n{at}" for at in range(8)])
    frame.insert(2, "words", ["x" * 60, *["", "a b"] * 8])
    return frame.assign(id=[f"R{row:02}" for row in range(COUNT)])


@pytest.mark.parametrize("version", [5, 8])
def test_a_file_without_variables_is_the_one_that_the_library_writes_of_the_others(tmp_path, version):
    random = np.random.default_rng(version)
    for _ in range(12):
        frame = people(random)
        gone = sorted(random.choice(10, random.integers(1, 9), replace=False).tolist())
        path = written(frame, tmp_path / "all.xpt", version)
        others = written(frame.drop(columns=frame.columns[gone]), tmp_path / "others.xpt", version)
        left = transport_without_columns(path, gone, COUNT)
        assert re.sub(TIME, b"", left) == re.sub(TIME, b"", others.read_bytes())


@pytest.mark.parametrize("count", [3, 60])
def test_a_table_of_another_number_of_rows_is_refused(tmp_path, count):
    frame = pd.DataFrame({"id": ["R1", "R2", "R3", "R4"], "words": ["w" * 30] * 4})
    path = written(frame, tmp_path / "all.xpt", 5)
    with pytest.raises(DataError, match="a column can't be removed from this SAS transport file"):
        transport_without_columns(path, [0], count)


def test_cells_that_do_not_follow_each_other_are_refused(tmp_path):
    path = written(people(np.random.default_rng(1)), tmp_path / "all.xpt", 5)
    raw = bytearray(path.read_bytes())
    struct.pack_into(">i", raw, 640 + 84, 3)
    path.write_bytes(raw)
    with pytest.raises(DataError, match="SAS transport file") as refused:
        transport_without_columns(path, [0], COUNT)
    assert refused.value.got == "variables whose cells don't stand one after the other"
