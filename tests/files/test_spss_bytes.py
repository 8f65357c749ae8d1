"""An SPSS dictionary is gone through before a library reads it, and sets are put into it."""

from __future__ import annotations

import struct

import pyreadstat
import pytest
import survey_files

from trustkit.errors import DataError
from trustkit.files.spss_bytes import check_dictionary, with_sets


@pytest.fixture
def spss(tmp_path):
    return survey_files.spss_file(tmp_path / "a.sav")


def test_a_whole_dictionary_passes(spss):
    check_dictionary(spss)
    assert pyreadstat.read_sav(str(spss))[1].number_columns == 11


def record(raw, kind):
    """Return where the first record of a kind starts: the first number that is it."""
    numbers = range(176, len(raw) - 4, 4)
    return next(at for at in numbers if struct.unpack_from("<i", raw, at)[0] == kind)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        (lambda raw: (record(raw, 2), 5), "breaks off: a record of unknown type 5"),
        (lambda raw: (record(raw, 2) + 4, 300), "a variable of 300 bytes"),
        (lambda raw: (record(raw, 2) + 4, 20), "a variable of"),
        (lambda raw: (record(raw, 2) + 12, 9), "a variable of"),
        (lambda raw: (raw.index(struct.pack("<2id", 3, 2, 1.0)) + 4, -1), "a count of -1"),
        (lambda raw: (raw.index(struct.pack("<2id", 3, 2, 1.0)) + 4, 10**6), "ends at byte"),
    ],
)
def test_a_damaged_record_is_refused(spss, what, said):
    raw = bytearray(spss.read_bytes())
    at, number = what(raw)
    struct.pack_into("<i", raw, at, number)
    spss.write_bytes(raw)
    with pytest.raises(DataError, match="the file is damaged") as caught:
        check_dictionary(spss)
    assert said in caught.value.got


def test_a_file_that_ends_within_its_dictionary_is_refused_with_its_size(spss):
    spss.write_bytes(spss.read_bytes()[:700])
    with pytest.raises(DataError, match="the file is damaged") as caught:
        check_dictionary(spss)
    assert caught.value.got == "its list of variables breaks off: the file ends at byte 700"


def test_labels_of_a_variable_that_is_not_there_are_refused(spss):
    raw = spss.read_bytes()
    labels = struct.pack("<2i", 3, 1) + struct.pack("<d", 1.0) + b"\x03Yes    " + struct.pack("<3i", 4, 1, 99)
    end = raw.index(struct.pack("<2i", 999, 0))
    spss.write_bytes(raw[:end] + labels + raw[end:])
    with pytest.raises(DataError, match="labels of no variable"):
        check_dictionary(spss)


def test_a_text_without_its_end_is_refused(spss):
    raw = spss.read_bytes()
    text = struct.pack("<6i", 2, 20, 0, 0, 0, 0) + b"LONG    "
    end = raw.index(struct.pack("<2i", 999, 0))
    spss.write_bytes(raw[:end] + text + raw[end:])
    with pytest.raises(DataError, match="a text without its end"):
        check_dictionary(spss)


def test_sets_are_read_back_by_pyreadstat(spss):
    sets = {
        "one": ("Which\nof é?", 0, ["received_email", "received_sms"]),
        "two": ("", None, ["brand_1", "brand_2"]),
    }
    spss.write_bytes(with_sets(spss.read_bytes(), sets))
    found = pyreadstat.read_sav(str(spss))[1].mr_sets
    assert found["one"]["label"] == "Which of é?"
    assert found["one"]["counted_value"] == 0
    assert found["two"]["variable_list"] == ["brand_1", "brand_2"]
