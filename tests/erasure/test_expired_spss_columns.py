"""SPSS files without some variables: what SPSS's format would hold of the others, byte by byte."""

from __future__ import annotations

import struct

import numpy as np
import pandas as pd
import pytest

import trustkit as tk
from trustkit.erasure.expired_spss_columns import spss_without_columns
from trustkit.errors import DataError
from trustkit.files.spss_bytes import read_dictionary, with_sets

pyreadstat = pytest.importorskip("pyreadstat")
COUNT = 17
WAYS = {"plain": {}, "coded": {"row_compress": True}, "packed": {"compress": True}}


def people(random):
    """Return columns of every kind: numbers, short, long and very long texts, long names."""
    ages = random.integers(1, 400, COUNT).astype(float)
    ages[random.integers(COUNT)] = np.nan
    return pd.DataFrame(
        {
            "id": [f"Person {row:03}" for row in range(COUNT)],
            "how_old_are_you": ages,
            "essay": ["x" * 900, *("é" * int(size) for size in random.integers(0, 400, COUNT - 1))],
            "weight": random.normal(size=COUNT),
            "words_about_us": ["twenty signs of text", *["", "a"] * 8],
            "trust": random.integers(1, 4, COUNT).astype(float),
        }
    )


ABOUT = {
    "column_labels": {"how_old_are_you": "How old?", "trust": "Trust?", "essay": "Tell us"},
    "variable_value_labels": {
        "trust": {1: "much", 2: "little"}, "weight": {1: "one"}, "words_about_us": {"a": "A"},
        "id": {"Person 001": "The first"},
    },
    "missing_ranges": {"trust": [9], "how_old_are_you": [{"lo": 1, "hi": 5}]},
    "variable_display_width": {"trust": 12}, "variable_measure": {"trust": "ordinal"},
    "note": "a document",
}  # fmt: skip


def written(frame, path, way):
    """Write an SPSS file."""
    about = {
        key: {name: words for name, words in value.items() if name in frame} if key != "note" else value
        for key, value in ABOUT.items()
    }
    pyreadstat.write_sav(frame, str(path), **about, **WAYS[way])
    return path


def comparable(raw):
    """Return a file without its time and the nominal size of a row."""
    return raw[:68] + raw[72:92] + raw[109:]


@pytest.mark.parametrize("way", WAYS)  # rows of no multiple of 8 cells, to which the library adds empty codes
def test_a_file_without_variables_is_the_one_that_the_library_writes_of_the_others(tmp_path, way):
    random = np.random.default_rng(len(way))
    frame = people(random)
    path = written(frame, tmp_path / "all.sav", way)
    for gone in ([5], [4, 5], [2, 3, 4, 5], [1, 2, 3, 4, 5]):
        others = written(frame.drop(columns=frame.columns[gone]), tmp_path / "others.sav", way)
        left = spss_without_columns(path, gone, COUNT)
        assert comparable(left) == comparable(others.read_bytes())


@pytest.mark.parametrize("way", WAYS)
def test_values_and_descriptions_of_the_others_stay_whatever_goes(tmp_path, way):
    random = np.random.default_rng(len(way))
    frame = people(random)
    path = written(frame, tmp_path / "all.sav", way)
    before, known = pyreadstat.read_sav(str(path))
    for gone in ([0], [1], [2], [3], [0, 2, 4], [0, 1, 3]):
        names = [name for at, name in enumerate(frame) if at not in gone]
        others = tmp_path / "others.sav"
        others.write_bytes(spss_without_columns(path, gone, COUNT))
        after, told = pyreadstat.read_sav(str(others))
        pd.testing.assert_frame_equal(after, before[names])
        assert told.column_names == names
        for what in (
            "variable_value_labels", "missing_ranges", "variable_display_width", "variable_measure",
            "original_variable_types", "column_names_to_labels",
        ):  # fmt: skip
            old = {name: value for name, value in getattr(known, what).items() if name in names}
            assert getattr(told, what) == old, what
        assert told.notes == known.notes


def test_sets_attributes_and_labels_of_long_texts_lose_what_goes(tmp_path):
    frame = pd.DataFrame({name: [1.0, 0.0] for name in ("aware_a", "aware_b", "aware_c", "age")})
    pyreadstat.write_sav(frame, str(tmp_path / "all.sav"), row_compress=True)
    raw = with_sets(
        (tmp_path / "all.sav").read_bytes(),
        {"aware": ("Which do you know, and why?", 1, ["aware_a", "aware_b", "aware_c"])},
    )
    texts = [
        (5, b"all= aware_a age\nrest= aware_b\n", b"all= age\nrest= aware_b\n"),
        (
            18,
            b"aware_a:$@Role('0'\n)note('a/b:c(d)'\n'x'\n)/age:$@Role('1'\n)",
            b"age:$@Role('1'\n)",
        ),
        (
            21,
            struct.pack("<i7s2ii2si4s", 7, b"aware_a", 9, 1, 2, b"ab", 4, b"Name")
            + struct.pack("<i3s2ii2si4s", 3, b"age", 9, 1, 2, b"cd", 4, b"Year"),
            struct.pack("<i3s2ii2si4s", 3, b"age", 9, 1, 2, b"cd", 4, b"Year"),
        ),
        (22, struct.pack("<i7sbi8s", 7, b"aware_a", 1, 8, b"secret  "), b""),
        (77, b"unknown", b"unknown"),
    ]
    end = read_dictionary(raw).end
    for subtype, text, _ in texts:
        raw = raw[:end] + struct.pack("<4i", 7, subtype, 1, len(text)) + text + raw[end:]
    (tmp_path / "more.sav").write_bytes(raw)
    left = spss_without_columns(tmp_path / "more.sav", [0], 2)
    assert b"aware_a" not in left.lower()
    for subtype, _, text in texts:
        record = struct.pack("<4i", 7, subtype, 1, len(text)) + text
        assert (record in left) == bool(text), subtype
    (tmp_path / "left.sav").write_bytes(left)
    known = pyreadstat.read_sav(str(tmp_path / "left.sav"))[1].mr_sets["aware"]
    assert (known["label"], known["variable_list"]) == ("Which do you know, and why?", ["aware_b", "aware_c"])


def test_the_variable_of_weights_is_named_where_it_is_and_not_once_it_is_gone(tmp_path):
    frame = pd.DataFrame({name: [1.0, 2.0] for name in ("age", "weight", "trust")})
    pyreadstat.write_sav(frame, str(tmp_path / "all.sav"))
    raw = bytearray((tmp_path / "all.sav").read_bytes())
    struct.pack_into("<i", raw, 76, 2)
    (tmp_path / "all.sav").write_bytes(raw)
    weighted_by = [
        struct.unpack_from("<i", spss_without_columns(tmp_path / "all.sav", [gone], 2), 76)[0]
        for gone in range(3)
    ]
    assert weighted_by == [1, 0, 2]


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_was_cut_off_is_refused(tmp_path, way):
    path = written(people(np.random.default_rng(3)), tmp_path / "all.sav", way)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(DataError, match="a column can't be removed from this SPSS file"):
        spss_without_columns(path, [1], COUNT)


def test_a_file_of_trustkit_with_sets_is_read_as_before_without_the_variable(tmp_path):
    codes = {1: "yes", 0: "no"}
    variables = {
        name: tk.Variable(name, f"About {name}", "single", codes=codes) for name in ("one", "two", "three")
    }
    data = pd.DataFrame({name: ["yes", "no"] for name in variables}, dtype="category")
    tk.write(tk.Survey(data, tk.Codebook(variables)), tmp_path / "all.sav")
    (tmp_path / "left.sav").write_bytes(spss_without_columns(tmp_path / "all.sav", [1], 2))
    before, after = tk.read(tmp_path / "all.sav"), tk.read(tmp_path / "left.sav")
    assert list(after.data) == ["one", "three"]
    assert after.codebook.variables == {
        name: about for name, about in before.codebook.variables.items() if name != "two"
    }
