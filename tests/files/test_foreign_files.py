"""Files of other programs are read in a process of their own, whose end is an error with a name."""

from __future__ import annotations

import os

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import survey_files

from trustkit.errors import DataError, TrustkitError
from trustkit.files import foreign_files
from trustkit.files.foreign_files import Limits, ReadingProcess
from trustkit.files.read import read

VARIANTS = 60


def whole(folder, suffix):
    """Write a small file of a format and return its bytes."""
    path = folder / f"whole{suffix}"
    data = pd.DataFrame({"q": [1.0, 2.0] * 20, "t": ["abc", "de"] * 20})
    if suffix == ".sav":
        survey_files.spss_file(path)
    elif suffix == ".xlsx":
        survey_files.workbook(path, [["a", "b"], [1, "x"], [2, "y"]])
    elif suffix == ".parquet":
        data.to_parquet(path)
    else:
        getattr(pyreadstat, {".dta": "write_dta", ".xpt": "write_xport", ".por": "write_por"}[suffix])(
            data, str(path)
        )
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".sav", ".dta", ".xpt", ".por", ".xlsx", ".parquet"])
def test_a_damaged_byte_gives_a_named_error_or_a_survey(tmp_path, suffix):
    raw = whole(tmp_path, suffix)
    rng = np.random.default_rng(1)
    for _ in range(VARIANTS):
        damaged = bytearray(raw)
        damaged[rng.integers(len(raw))] = rng.integers(256)
        (tmp_path / f"damaged{suffix}").write_bytes(damaged)
        try:
            found = read(tmp_path / f"damaged{suffix}")
        except TrustkitError:
            continue
        assert len(found.data)


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
    with ReadingProcess() as process, pytest.raises(DataError, match="took more than 1 seconds"):
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
