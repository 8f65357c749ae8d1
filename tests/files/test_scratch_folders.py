"""What a run leaves that is killed, runs into a full disk, or is started with settings of the user's own."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from site_project import make_project

import trustkit as tk
from trustkit.errors import DataError, ReportError
from trustkit.files import scratch_folders
from trustkit.files.scratch_folders import (
    LOCK,
    TEMPORARY,
    restore_folder,
    scratch_folder,
    switch_folder,
    temporary_folder,
)
from trustkit.reporting import render as report
from trustkit.reporting.notebooks import run_notebook
from trustkit.reporting.render import render_site

ROOT = Path(__file__).parents[2]


def folder_of(place: Path, name: str, *files: str) -> Path:
    folder = place / name
    folder.mkdir(parents=True)
    for file in files:
        (folder / file).write_text(name)
    return folder


def test_left_over_folders_are_removed_and_those_of_living_runs_and_of_others_stay(tmp_path):
    dead = folder_of(tmp_path, ".site-dead", LOCK, "source")
    unmarked = folder_of(tmp_path, ".site-unmarked", "source", "doctrees")
    os.utime(unmarked, (time.time() - 3600, time.time() - 3600))
    own = folder_of(tmp_path, ".site-config", "settings.ini")
    fresh = folder_of(tmp_path, ".site-fresh")
    with scratch_folder(tmp_path, ".site-") as living, scratch_folder(tmp_path, ".site-") as second:
        assert living.is_dir()
        assert second.is_dir()
    assert [folder.exists() for folder in (dead, unmarked, own, fresh)] == [False, False, True, True]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".site-config", ".site-fresh"]


@pytest.mark.parametrize("swaps", [True, False])
def test_a_folder_takes_the_place_of_another(tmp_path, monkeypatch, swaps):
    if not swaps:
        monkeypatch.setattr(scratch_folders, "exchange_names", lambda *_: False)
    target = tmp_path / "site"
    for name in ("first", "second"):
        scratch = folder_of(tmp_path, f".site-{name}")
        switch_folder(folder_of(scratch, "site", name), target)
        assert [path.name for path in target.iterdir()] == [name]


def test_a_folder_that_a_killed_run_moved_aside_is_put_back(tmp_path):
    scratch = folder_of(tmp_path, ".site-dead", LOCK)
    folder_of(scratch, "old", "index.html")
    restore_folder(tmp_path / "site", ".site-")
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]


KILLED = """
import os, signal, sys
from pathlib import Path
from trustkit.files import scratch_folders
from trustkit.reporting import render

def build(source, built, title):
    built.mkdir()
    (built / ".buildinfo").touch()
    (built / "new.html").touch()

def switch(new, target):
    rename = Path.rename
    def killing(path, place):
        moved = rename(path, place)
        os.kill(os.getpid(), signal.SIGKILL)
        return moved
    Path.rename = killing
    scratch_folders.switch_folder(new, target)
    os.kill(os.getpid(), signal.SIGKILL)

render._build, render.finish_pages, render.switch_folder = build, lambda site: None, switch
render.render_site(sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_run_killed_while_it_switches_leaves_a_site_and_the_next_run_removes_its_folders(
    tmp_path, monkeypatch
):
    root = make_project(tmp_path / "project")
    folder_of(root, "site", ".buildinfo", "old.html")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(root)], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert (root / "site" / ".buildinfo").is_file()
    assert any(path.name.startswith(".site-") for path in root.iterdir())

    def build(source, built, title):
        built.mkdir()
        (built / ".buildinfo").touch()

    monkeypatch.setattr(report, "_build", build)
    render_site(root)
    assert sorted(path.name for path in root.iterdir()) == ["data", "docs", "notebooks", "site"]


def test_a_folder_is_locked_before_another_run_can_take_it_for_left_over(tmp_path, monkeypatch):
    def locked_late(file):
        monkeypatch.undo()
        scratch_folders.remove_left_over(tmp_path, ".site-")
        return scratch_folders._locked(file)

    monkeypatch.setattr(scratch_folders, "_locked", locked_late)
    with scratch_folder(tmp_path, ".site-") as folder:
        scratch_folders.remove_left_over(tmp_path, ".site-")
        assert [path.name for path in folder.iterdir()] == [LOCK]


def test_folders_of_ones_own_among_temporary_files_stay_whatever_they_hold(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = [tmp_path / "trustkit-empty", folder_of(tmp_path, "trustkit-work", "site").joinpath("site")]
    own[0].mkdir()
    for folder in (own[0], own[1].parent):
        os.utime(folder, (time.time() - 3600, time.time() - 3600))
    with temporary_folder():
        assert all(path.exists() for path in own)


DYING = """
import os, signal, sys
from pathlib import Path
from trustkit.files import foreign_files, parquet, read
from trustkit.reporting.notebooks import run_notebook

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

real = read._read_file
foreign_files._frame = parquet.reading_process = read._read_file = die
path = Path(sys.argv[1])
if path.suffix != ".zip":
    read._read_file = real
run_notebook(path, path) if path.suffix == ".ipynb" else read.read(path)
"""
"""A run that is killed while its temporary folder holds columns, an unpacked file or a notebook's sockets."""


def dying_file(tmp_path, kind):
    """Write a file whose reading is killed by `DYING`; a notebook kills the run itself."""
    path = tmp_path / f"answers.{kind}"
    survey = tk.Survey(pd.DataFrame({"a": [1.0, 2.0]}), tk.Codebook({"a": tk.Variable("a", "A", "numeric")}))
    if kind in ("sav", "parquet"):
        tk.write(survey, path)
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("answers.csv", "a\n1\n")
    else:
        code = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
        nbformat.write(new_notebook(cells=[new_code_cell(code)]), path)
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("kind", ["sav", "parquet", "zip", "ipynb"])
def test_what_a_killed_run_left_among_the_systems_temporary_files_is_removed_by_the_next(
    tmp_path, monkeypatch, kind
):
    temporary = Path(tempfile.mkdtemp())  # short enough for sockets
    path = dying_file(tmp_path, kind)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary)}
    done = subprocess.run([sys.executable, "-c", DYING, str(path)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [left.name[: len(TEMPORARY)] for left in temporary.iterdir()] == [TEMPORARY]
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    with temporary_folder():
        assert len(list(temporary.iterdir())) == 1
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


@pytest.mark.skipif(os.name != "posix", reason="there is no /tmp")
def test_a_notebook_runs_where_the_path_of_temporary_files_is_too_long_for_sockets(
    tmp_path, monkeypatch, capfd
):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    path = tmp_path / "a.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell("1 + 1")]), path)
    assert run_notebook(path, path) == path
    assert capfd.readouterr() == ("", "")
    assert list(long.iterdir()) == []


def test_a_full_disk_leaves_the_last_site_and_says_so(tmp_path, monkeypatch):
    root = make_project(tmp_path / "project")
    folder_of(root, "site", ".buildinfo", "old.html")
    told = f"Traceback\n    OSError: [Errno {errno.ENOSPC}] No space left on device: '/x'\nThe full one"
    failed = subprocess.CompletedProcess([], 2, "", told)
    monkeypatch.setattr(report.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ReportError, match="could not be written") as caught:
        render_site(root)
    assert caught.value.got == "No space left on device: '/x'"
    monkeypatch.undo()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "picture.png")

    monkeypatch.setattr(report, "notebook_page", full)
    with pytest.raises(DataError, match="can't be written") as refused:
        render_site(root)
    assert refused.value.got == "No space left on device"
    assert [path.name for path in sorted((root / "site").iterdir())] == [".buildinfo", "old.html"]
    assert sorted(path.name for path in root.iterdir()) == ["data", "docs", "notebooks", "site"]


def test_a_renderer_that_fails_by_itself_is_named_without_its_dump(tmp_path, monkeypatch):
    root = make_project(tmp_path / "project")
    told = "Loaded Extensions\n\nTraceback\n=====\n    ImportError: cannot import name 'x'\nPlease report"
    failed = subprocess.CompletedProcess([], 2, "", told)
    monkeypatch.setattr(report.subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(ReportError, match="program that renders the pages failed") as caught:
        render_site(root)
    assert caught.value.got == "ImportError: cannot import name 'x'"


def test_warnings_as_errors_and_a_locale_that_is_not_installed_do_not_reach_the_renderer(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("LC_ALL", "xx_XX.UTF-8")
    monkeypatch.setenv("LANG", "xx_XX.UTF-8")
    site = render_site(make_project(tmp_path / "project"))
    assert (site / "index.html").is_file()
