"""Files of other programs are read in a process of their own, whose end is an error with a name."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import survey_files
from sas_file import sas_file

from trustkit.errors import DataError, TrustkitError
from trustkit.files import foreign_files
from trustkit.files.foreign_files import Limits, ReadingProcess
from trustkit.files.read import read

VARIANTS = 2_000 if os.environ.get("TRUSTKIT_FUZZ") == "large" else 60
"""How many damaged files of each format are read: many with ``TRUSTKIT_FUZZ=large``, as in `make nightly`."""

FORMATS = (".sav", ".zsav", ".dta", ".sas7bdat", ".xpt", ".por", ".xlsx", ".parquet", ".rds", ".csv")
UNCOUNTED = (".xpt", ".por", ".csv")
"""Formats that tell neither how many rows they have nor a checksum: rows that are cut off leave no trace."""

R_FILE = Path(__file__).parents[1] / "reference" / "r_files" / "gzip3.rds"


def whole(folder, suffix):
    """Write a small file of a format and return its bytes."""
    path = folder / f"whole{suffix}"
    data = pd.DataFrame({"q": [1.0, 2.0] * 20, "t": ["abc", "de"] * 20})
    if suffix in (".sav", ".zsav"):
        survey_files.spss_file(path, compress=suffix == ".zsav")
    elif suffix == ".sas7bdat":
        sas_file(path, {**data.to_dict("list"), "d": [20_000.0, None] * 20}, formats={"d": "DATE"})
    elif suffix == ".rds":
        path.write_bytes(R_FILE.read_bytes())
    elif suffix == ".csv":
        data.to_csv(path, index=False)
    elif suffix == ".xlsx":
        survey_files.workbook(path, [["a", "b"], [1, "x"], [2, "y"]])
    elif suffix == ".parquet":
        data.to_parquet(path)
    else:
        getattr(pyreadstat, {".dta": "write_dta", ".xpt": "write_xport", ".por": "write_por"}[suffix])(
            data, str(path)
        )
    return path.read_bytes()


def cut(raw, place, length):
    return raw[:place]


def flipped(raw, place, length):
    return raw[:place] + bytes([raw[place] ^ 1 << length % 8]) + raw[place + 1 :]


def zeroed(raw, place, length):
    return raw[:place] + bytes(len(raw[place : place + length])) + raw[place + length :]


def repeated(raw, place, length):
    return raw[: place + length] + raw[place:]


def deleted(raw, place, length):
    return raw[:place] + raw[place + length :]


def enormous(raw, place, length):
    """Write a huge number, as a length or a count may be, into the first bytes."""
    place = place % min(len(raw) - 4, 512)
    return raw[:place] + b"\xff\xff\xff\x7f" + raw[place + 4 :]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_damaged_file_gives_a_named_error_or_a_table_of_the_same_shape(tmp_path, suffix):
    raw = whole(tmp_path, suffix)
    shape = read(tmp_path / f"whole{suffix}").data.shape
    rng = np.random.default_rng(1)
    outcomes = Counter()
    for number in range(VARIANTS):
        damage = (cut, flipped, zeroed, repeated, deleted, enormous)[number % 6]
        damaged = damage(raw, int(rng.integers(len(raw))), int(rng.integers(1, 65)))
        (tmp_path / f"damaged{suffix}").write_bytes(damaged)
        try:
            found = read(tmp_path / f"damaged{suffix}").data
        except TrustkitError:
            outcomes["named error"] += 1
            continue
        outcomes["table"] += 1
        assert len(found)
        if suffix not in UNCOUNTED:
            assert found.shape == shape, (damage.__name__, number)
    assert outcomes["named error"]
    assert outcomes["table"] or suffix in (".xlsx", ".parquet", ".rds")


@pytest.mark.parametrize("suffix", [suffix for suffix in FORMATS if suffix != ".csv"])
def test_a_file_that_lost_its_start_is_not_read_as_text(tmp_path, suffix):
    raw = whole(tmp_path, suffix)
    text = [] if suffix == ".xlsx" else [b"a,b\n1,2\n"]  # some sites give text a name of Excel's
    for part in (raw[7:], raw[: len(raw) // 3][5:], *text):
        (tmp_path / f"damaged{suffix}").write_bytes(part)
        with pytest.raises(DataError):
            read(tmp_path / f"damaged{suffix}")


def test_a_transport_file_that_is_cut_is_refused(tmp_path):
    raw = whole(tmp_path, ".xpt")
    for end in range(81, len(raw), 37):
        (tmp_path / "cut.xpt").write_bytes(raw[:end])
        if end % 80:
            with pytest.raises(DataError):
                read(tmp_path / "cut.xpt")


@pytest.mark.own_process
def test_a_reader_that_crashes_is_an_error(tmp_path, monkeypatch):
    path = survey_files.spss_file(tmp_path / "a.sav")
    monkeypatch.setattr(foreign_files, "START", "import os, sys; sys.stdin.readline(); os.abort()")
    with pytest.raises(DataError, match="stopped the program that reads it"):
        read(path)
    monkeypatch.undo()
    assert len(read(path).data) == 6


def test_a_reader_that_hangs_is_stopped(tmp_path, monkeypatch):
    path = survey_files.spss_file(tmp_path / "a.sav")
    monkeypatch.setattr(foreign_files, "START", "import time; time.sleep(60)")
    monkeypatch.setattr(foreign_files, "CLOCK_SHARE", 2)
    with ReadingProcess() as process, pytest.raises(DataError, match="took more than 2 seconds") as stopped:
        process.ask("table", path, Limits(memory=2 << 30, seconds=1), out="")
    assert "when the computer is less busy" in str(stopped.value.do)


def test_a_reader_that_waits_longer_than_its_processor_time_is_not_stopped(tmp_path, monkeypatch):
    path = survey_files.spss_file(tmp_path / "a.sav")
    waits = "import sys, time; sys.stdin.readline(); time.sleep(1.5); print('{\"found\": {}}', flush=True)"
    monkeypatch.setattr(foreign_files, "START", waits)
    with ReadingProcess() as process:
        assert process.ask("table", path, Limits(memory=2 << 30, seconds=1), out="") == {}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not limit the processor time of a process")
@pytest.mark.own_process
def test_a_reader_that_computes_without_end_is_stopped_by_its_processor_time(tmp_path, monkeypatch):
    path = survey_files.spss_file(tmp_path / "a.sav")
    endless = "import sys; sys.path[:] = sys.argv[1:]\nfrom trustkit.files import reading_process\n"
    endless += "sys.stdin.readline(); reading_process.limit_process(None, 1)\nwhile True: pass"
    monkeypatch.setattr(foreign_files, "START", endless)
    with ReadingProcess() as process, pytest.raises(DataError, match="too much processor time"):
        process.ask("table", path, Limits(memory=2 << 30, seconds=1), out="")


def test_a_pipe_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="this is a pipe"):
        read(tmp_path / "pipe")


def test_a_path_with_a_nul_character_is_refused():
    with pytest.raises(DataError, match="NUL character"):
        read("a\0.csv")


def test_a_cell_that_is_too_long_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text('a,b\n1,"' + "\n" * 1_100_000 + '"\n')
    with pytest.raises(DataError, match="too long for a table"):
        read(tmp_path / "a.csv")


def test_a_label_sheet_beside_the_data_labels_it(tmp_path):
    path = survey_files.workbook(
        tmp_path / "a.xlsx",
        [["q1"], [1], [2], [1]],
        [["variable", "value", "label"], ["q1", 1, "No"], ["", 2, "Yes"]],
    )
    assert read(path).data["q1"].tolist() == ["No", "Yes", "No"]


def test_a_sheet_is_chosen_by_its_name(tmp_path):
    path = survey_files.workbook(tmp_path / "a.xlsx", [["a"], [1]], [["b"], [2]])
    assert read(path, sheet="Sheet2").data["b"].tolist() == [2]
    with pytest.raises(DataError, match="no such sheet"):
        read(path, sheet="Sheet3")


def test_a_number_beyond_the_largest_is_kept_as_text(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1e+400,1\n2,2\n")
    assert read(tmp_path / "a.csv").data["a"].tolist() == ["1e+400", "2"]
