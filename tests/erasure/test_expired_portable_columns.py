"""Portable SPSS files without some variables: the lines that a program would write of the others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from portable_file import LABELLED, portable

from trustkit.erasure.expired_portable_columns import portable_without_columns
from trustkit.errors import DataError

pyreadstat = pytest.importorskip("pyreadstat")
COUNT = 19


def people(random):
    """Return rows with missing, negative, broken and large numbers, and texts that look like the format."""
    numbers = random.choice([1.0, -3.5, 0.0, 1e12, -1e-7, np.nan], (COUNT, 32))
    texts = random.choice(["", "Z", "ZZZZ", "5/", "F*.", "a text " * 20, "7/x"], COUNT)
    frame = pd.DataFrame(numbers, columns=[f"n{at}" for at in range(32)])
    return frame.assign(id=[f"R{row}" for row in range(COUNT)], words=texts)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_file_without_variables_is_the_one_that_the_library_writes_of_the_others(tmp_path, end):
    random = np.random.default_rng(len(end))
    for _ in range(8):
        frame = people(random)
        gone = sorted(random.choice(34, random.integers(1, 9), replace=False).tolist())
        files = []
        for name, part in (("all", frame), ("others", frame.drop(columns=frame.columns[gone]))):
            formats = {"words": "A255", "id": "A9"}
            path = tmp_path / f"{name}.por"
            labels = {"n3": "Three", "words": "Words"}
            pyreadstat.write_por(
                part, str(path),
                column_labels={name: label for name, label in labels.items() if name in part},
                variable_format={name: form for name, form in formats.items() if name in part},
            )  # fmt: skip
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", end))
            files.append(path)
        left = portable_without_columns(files[0], gone, COUNT)
        raw = files[1].read_bytes()
        dated = slice(464, 500)  # the time may have gone on by a second
        assert left[: dated.start] + left[dated.stop :] == raw[: dated.start] + raw[dated.stop :]


@pytest.mark.parametrize(
    ("gone", "changes", "cells"),
    [
        (
            [0],
            {
                b"43/": b"42/", b"62/id": b"", b"70/2/id5/8/0/5/8/0/C6/Person": b"",
                b"D1/2/id2/1/3/one-2/3/two": b"",
            },
            [b"1/x9/", b"0/*.", b"3/a/b3K+2/"],
        ),
        (
            [1],
            {b"43/": b"42/", b"73/5/words1/3/0/1/3/0/81/x": b"", b"D1/5/words1/1/a5/Alpha": b""},
            [b"1/9/", b"-2.F/*.", b" A/3K+2/"],
        ),
        (
            [2],
            {b"43/": b"42/", b"70/3/abc5/8/0/5/8/0/89/B1/3/9-4/A1K/": b""},
            [b"1/1/x", b"-2.F/0/", b" A/3/a/b"],
        ),
    ],
)  # fmt: skip
def test_labels_missing_values_and_weights_go_with_their_variable(tmp_path, gone, changes, cells):
    path = tmp_path / "all.por"
    path.write_bytes(portable(LABELLED, b"1/1/x9/" + b"-2.F/0/*." + b" A/3/a/b3K+2/"))
    dictionary = LABELLED
    for old, new in changes.items():
        assert dictionary.count(old) == 1
        dictionary = dictionary.replace(old, new)
    assert portable_without_columns(path, gone, 3) == portable(dictionary, b"".join(cells))


def test_labels_of_several_variables_stay_with_those_that_stay(tmp_path):
    both = LABELLED.replace(b"D1/2/id2/", b"D2/2/id3/abc2/")
    path = tmp_path / "all.por"
    path.write_bytes(portable(both, b"1/1/x9/"))
    left = portable_without_columns(path, [0], 1)
    assert b"D1/3/abc2/1/3/one-2/3/two" in left.replace(b"\n", b"")


def test_another_number_of_rows_is_refused(tmp_path):
    path = tmp_path / "all.por"
    path.write_bytes(portable(LABELLED, b"1/1/x9/"))
    with pytest.raises(DataError, match="a column can't be removed from this portable SPSS file") as refused:
        portable_without_columns(path, [0], 2)
    assert refused.value.expected == "2 rows, in ASCII"
