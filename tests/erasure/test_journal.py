"""An erasure that is stopped at any of its file operations: all as it was, or finished by the next run."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from erasable_studies import random_people, random_style, stopped, write_study
from sas_file import sas_file

import trustkit as tk
from trustkit.erasure.journal import Change, commit, finish, staged_change, staging
from trustkit.errors import DataError
from trustkit.reporting.run_records import study_state

CHANGING = "replace,rename,unlink,rmdir"
EVERY = f"{CHANGING},mkdir,open,fsync,chmod"


@pytest.fixture
def study(tmp_path):
    """A study of two waves, what it will be without one of its people, and the id."""
    random = np.random.default_rng(7)
    style = random_style(random)
    waves = {f"wave_{wave}": (style, random_people(random, style, 6)) for wave in (0, 1)}
    never = {name: (style, [row for row in rows if row[0] != "C1002"]) for name, (_, rows) in waves.items()}
    for folder, held in (("held", waves), ("never", never)):
        write_study(tmp_path / folder, held)
    (tmp_path / "held/data/processed/made.csv").write_text("id\nC1002\n")
    return tmp_path / "held", tmp_path / "never", "C1002"


def found(study, mode, operations):
    """Return how studies were found after an erasure was stopped at one operation after the other."""
    held, never, who = study
    script = Path(__file__).with_name("stopped_erasures.py")
    command = [sys.executable, "-W", "ignore", script, held, never, who, mode, operations]
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't copy a process")
@pytest.mark.parametrize("mode", ["kill", "fail"])
def test_an_erasure_stopped_at_any_renaming_or_deletion_is_undone_or_can_be_finished(study, mode):
    states = found(study, mode, CHANGING)
    assert set(states) <= {"as it was, 0", "half", "done"}, states
    half_changed = 5 if mode == "kill" else 1  # two waves with a file and a list each, the tombstones
    assert states.count("half") >= half_changed
    assert states[0] == "as it was, 0"


@pytest.fixture
def replaced(tmp_path):
    """A study of a packed SPSS file and a SAS data set, which a notebook reads, and what it will be."""
    pyreadstat = pytest.importorskip("pyreadstat")
    pytest.importorskip("pyarrow")
    held = tmp_path / "held"
    people = {"id": ["C1001", "C1002", "C1003"], "trust": [1.0, 2.0, 1.0]}
    for name in ("wave_0/answers.zsav", "wave_1/answers.sas7bdat"):
        path = held / "data/raw" / name
        path.parent.mkdir(parents=True)
        if path.suffix == ".zsav":
            pyreadstat.write_sav(pd.DataFrame(people), str(path), compress=True)
        else:
            sas_file(path, people)
        path.with_name("codebook.yaml").write_text("title: A shop\nvariables: {id: {label: Id, kind: id}}\n")
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name("SHA256SUMS").write_text(f"{digest}  {path.name}\n")
    (held / "data/processed").mkdir()
    (held / "notebooks").mkdir()
    (held / "notebooks/01.ipynb").write_text('{"cells": [{"source": "../data/raw/wave_1/answers.sas7bdat"}]}')
    never = tmp_path / "never"
    shutil.copytree(held, never)
    erasure = {"reason": "request of 3 May", "on": "2026-05-04", "report": "leave"}
    tk.erase(never, "C1002", unwritable="convert", **erasure)
    return held, never, "C1002"


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't copy a process")
def test_an_erasure_that_replaces_a_file_and_is_killed_is_undone_or_can_be_finished(replaced):
    states = found(replaced, "kill", "replace,rename")
    assert set(states) <= {"as it was, 0", "half", "done"}, states
    assert {"as it was, 0", "half"} <= set(states)


@pytest.fixture
def expiring(tmp_path):
    """A study of two waves with a column whose time is over, and what it will be."""
    held = tmp_path / "held"
    people = pd.DataFrame({"id": ["C1001", "C1002"], "mail": ["a@example.org", "b"], "trust": [1.0, 2.0]})
    for name in ("wave_0/answers.csv", "wave_1/answers.csv"):
        path = held / "data/raw" / name
        path.parent.mkdir(parents=True)
        people.to_csv(path, index=False)
        mail = "{label: Mail, kind: text, keep_until: 2025-06-30}"
        path.with_name("codebook.yaml").write_text(
            f"title: A shop\nvariables:\n  id: {{label: Id, kind: id}}\n  mail: {mail}\n"
        )
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        path.with_name("SHA256SUMS").write_text(f"{digest}  {path.name}\n")
    never = tmp_path / "never"
    shutil.copytree(held, never)
    tk.expire(never, on="2025-07-01")
    return held, never, "until 2025-07-01"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't copy a process")
def test_an_expiry_that_is_killed_at_any_renaming_is_undone_or_can_be_finished(expiring):
    states = found(expiring, "kill", "replace,rename")
    assert set(states) <= {"as it was, 0", "half", "done"}, states
    assert states.count("half") >= 6  # two waves with a file, a codebook and a list each


def test_a_file_that_is_replaced_by_one_of_another_name_is_never_lost(tmp_path, monkeypatch):
    ended = set()
    for stop in range(12):
        study = tmp_path / str(stop)
        study.mkdir()
        (study / "a.sas7bdat").write_text("old")
        (study / "SHA256SUMS").write_text("old list")
        count = [0]
        with monkeypatch.context() as stopping:
            for name in ("replace", "rename", "unlink"):
                stopping.setattr(os, name, stopped(getattr(os, name), count, stop, "fail"))
            with contextlib.suppress(OSError, DataError), staging(study) as folder:
                (folder / "new").write_text("new")
                (folder / "list").write_text("new list")
                changes = [
                    staged_change(study, folder, "a.sas7bdat", None),
                    staged_change(study, folder, "a.parquet", folder / "new"),
                    staged_change(study, folder, "SHA256SUMS", folder / "list"),
                ]
                commit(study, folder, changes)
        finish(study)
        ended.add(tuple(sorted((path.name, path.read_text()) for path in study.iterdir() if path.is_file())))
    old, new = (("SHA256SUMS", f"{age} list") for age in ("old", "new"))
    assert ended == {(old, ("a.sas7bdat", "old")), (new, ("a.parquet", "new"))}


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system can't copy a process")
@pytest.mark.parametrize("mode", ["kill", "fail"])
def test_an_erasure_stopped_at_any_file_operation_is_undone_or_can_be_finished(study, mode):
    states = found(study, mode, EVERY)
    assert set(states) <= {"as it was, 0", "half", "done"}, states
    assert len(states) > 40


@pytest.fixture
def half_changed(tmp_path):
    """A study with two files of which the first has been replaced, when the run was killed."""
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"old {name}")
    with staging(tmp_path) as folder:
        changes = []
        for name in ("a.csv", "b.csv"):
            (folder / name).write_text(f"new {name}")
            changes.append(staged_change(tmp_path, folder, name, folder / name))
        (folder / "journal.json").write_text(json.dumps([vars(item) for item in changes]))
        (folder / "a.csv").replace(tmp_path / "a.csv")
        folder.rename(tmp_path / ".trustkit" / "erasure")
    return tmp_path


@pytest.mark.parametrize("use", [lambda study: tk.read(study / "b.csv"), study_state])
def test_read_and_report_refuse_a_half_changed_study_and_say_how_to_finish_it(half_changed, use):
    with pytest.raises(DataError, match="half changed") as error:
        use(half_changed)
    assert error.value.do == "finish it: trustkit erase STUDY --resume"


def test_a_half_changed_study_is_finished_once(half_changed):
    assert finish(half_changed)
    assert (half_changed / "b.csv").read_text() == "new b.csv"
    assert [path.name for path in (half_changed / ".trustkit").iterdir()] == [".gitignore"]
    assert not finish(half_changed)


def test_a_file_that_somebody_changed_meanwhile_is_not_overwritten(half_changed):
    (half_changed / "b.csv").write_text("corrected by hand")
    with pytest.raises(DataError, match="changed while an erasure or an expiry was under way") as error:
        finish(half_changed)
    assert error.value.where == "b.csv"
    assert (half_changed / "b.csv").read_text() == "corrected by hand"


def test_a_file_that_changed_before_the_decision_stops_it(tmp_path):
    (tmp_path / "a.csv").write_text("old")
    with staging(tmp_path) as folder:
        (folder / "a.csv").write_text("new")
        change = Change("a.csv", "a.csv", "another digest", "")
        with pytest.raises(DataError, match="nothing was changed"):
            commit(tmp_path, folder, [change])
    assert (tmp_path / "a.csv").read_text() == "old"
    assert not (tmp_path / ".trustkit").exists()


def test_a_replaced_file_keeps_its_rights_and_its_link(tmp_path):
    real = tmp_path / "elsewhere.csv"
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "a.csv").symlink_to(real)
    with staging(tmp_path) as folder:
        (folder / "a.csv").write_text("new")
        commit(tmp_path, folder, [staged_change(tmp_path, folder, "a.csv", folder / "a.csv")])
    assert (tmp_path / "a.csv").is_symlink()
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("new", 0o640)
