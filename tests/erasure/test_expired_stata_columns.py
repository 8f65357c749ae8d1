"""Stata files without some variables: the bytes that a program would write of the others."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from trustkit.erasure.expired_stata_columns import stata_without_columns
from trustkit.errors import DataError

COUNT = 9
RELEASES = [114, 117, 118, 119]


def people(release):
    """Return columns of every kind, with labelled answers and long texts that several columns hold."""
    random = np.random.default_rng(release)
    texts = [f"text {number % 3} " * 4 for number in range(COUNT)]
    return pd.DataFrame(
        {
            "id": [f"R{number}" for number in range(COUNT)],
            "words": texts,
            "age": random.integers(18, 90, COUNT),
            "more_words": [*texts[1:], ""],
            "weight": random.normal(size=COUNT),
            "mail": pd.Categorical([f"{number}@example.org" for number in range(COUNT)]),
            "trust": pd.Categorical(["yes", "no", "yes"] * 3),
        }
    )


def written(frame, path, release, order="<"):
    long_texts = [name for name in ("words", "more_words") if name in frame]
    labels = {"age": "How old are you?", "mail": "Address"}
    frame.to_stata(
        path, version=release, write_index=False, byteorder=order,
        variable_labels={name: label for name, label in labels.items() if name in frame},
        **({"convert_strl": long_texts} if release > 115 and long_texts else {}),
    )  # fmt: skip
    return path


def without_time(raw, release):
    """Return a Stata file without the minute in which it was written."""
    if release > 115:
        return re.sub(rb"<timestamp>.*?</timestamp>", b"", raw, flags=re.DOTALL)
    return raw[:91] + raw[109:]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("release", RELEASES)
def test_a_file_without_variables_is_the_one_that_pandas_writes_of_the_others(tmp_path, release, order):
    frame = people(release)
    path = written(frame, tmp_path / "all.dta", release, order)
    for gone in ([0], [1], [3], [2, 5], [0, 1, 3], [5, 6], [1, 2, 3, 4, 5, 6]):
        others = written(frame.drop(columns=frame.columns[gone]), tmp_path / "others.dta", release, order)
        left = stata_without_columns(path, gone)
        assert without_time(left, release) == without_time(others.read_bytes(), release)
        assert (b"7@example.org" in left) == (5 not in gone)


@pytest.mark.parametrize(("gone", "numbers"), [(0, [2]), (2, []), (3, [3, 1, 4]), (4, [3, 1])])
def test_rows_stay_sorted_by_the_variables_before_the_first_that_goes(tmp_path, gone, numbers):
    path = written(people(118), tmp_path / "all.dta", 118)
    raw = path.read_bytes()
    at = raw.index(b"<sortlist>") + len(b"<sortlist>")
    sorted_by = b"".join(number.to_bytes(2, "little") for number in (3, 1, 5))
    path.write_bytes(raw[:at] + sorted_by + raw[at + len(sorted_by) :])
    left = stata_without_columns(path, [gone])
    at = left.index(b"<sortlist>") + len(b"<sortlist>")
    listed = [int.from_bytes(left[at + 2 * n :][:2], "little") for n in range(7)]
    assert listed == [*numbers, *[0] * (7 - len(numbers))]


def test_notes_of_a_variable_go_with_it(tmp_path):
    path = written(people(118), tmp_path / "all.dta", 118)
    raw = path.read_bytes()
    notes = [
        name.ljust(129, b"\0") + b"note1".ljust(129, b"\0") + b"a note of " + name
        for name in (b"mail", b"age", b"_dta")
    ]
    listed = b"".join(b"<ch>" + len(note).to_bytes(4, "little") + note + b"</ch>" for note in notes)
    at = raw.index(b"</characteristics>")
    map_at = raw.index(b"<map>") + len(b"<map>")
    places = [int.from_bytes(raw[map_at + 8 * n :][:8], "little") for n in range(14)]
    moved = [place + (len(listed) if number > 8 else 0) for number, place in enumerate(places)]
    mapped = b"".join(place.to_bytes(8, "little") for place in moved)
    path.write_bytes(raw[:map_at] + mapped + raw[map_at + 112 : at] + listed + raw[at:])
    left = stata_without_columns(path, [5])
    assert [b"a note of " + name in left for name in (b"mail", b"age", b"_dta")] == [False, True, True]
    (tmp_path / "left.dta").write_bytes(left)
    assert list(pd.read_stata(tmp_path / "left.dta")) == [name for name in people(118) if name != "mail"]


@pytest.mark.parametrize("release", RELEASES)
def test_a_file_that_was_cut_is_refused(tmp_path, release):
    path = written(people(release), tmp_path / "all.dta", release)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(DataError, match="a column can't be removed from this Stata file"):
        stata_without_columns(path, [0])
