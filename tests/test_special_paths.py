"""Paths that are no plain files or folders: the commands name them, leave with 2, and write nothing."""

from __future__ import annotations

import os
import sys

import pytest

from trustkit import cli
from trustkit.errors import TrustkitError
from trustkit.reporting.render import render_site
from trustkit.reporting.reports import make_report
from trustkit.reporting.study import check_export, new_study, study_exports


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with an export and its codebook, in which the commands run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ok.csv").write_text("a,b\n1,2\n2,1\n")
    (tmp_path / "book.yaml").write_text("variables: {a: {label: A, kind: numeric}}\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "something").touch()
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


PATHS = {
    "pipe": "pipe", "device": os.devnull, "folder": "folder", "missing": "nowhere.csv",
    "too long": "x" * 5_000, "below a file": "ok.csv/x", "empty": "",
}  # fmt: skip
"""What a path may be; a NUL character can't be given to a command."""

COMMANDS = {
    "new, export": ("new", "study", "--from", "PATH"),
    "new, codebook": ("new", "study", "--from", "ok.csv", "--codebook", "PATH"),
    "check, export": ("check", "PATH", "--codebook", "book.yaml"),
    "check, codebook": ("check", "ok.csv", "--codebook", "PATH"),
    "check, study": ("check", "PATH"),
    "report": ("report", "PATH"),
    "report, site": ("report", "folder", "--out", "PATH"),
    "first-look": ("first-look", "PATH"),
    "accept": ("accept", "PATH", "--sure"),
    "verify, claims": ("verify", "ok.csv", "--codebook", "book.yaml", "--claims", "PATH"),
}


@pytest.mark.parametrize("kind", PATHS)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_refuses_a_special_path_by_name_and_writes_nothing(
    place, command, kind, monkeypatch, capsys
):
    before = sorted(path.name for path in place.rglob("*"))
    given = [PATHS[kind] if part == "PATH" else part for part in COMMANDS[command]]
    monkeypatch.setattr(sys, "argv", ["trustkit", *given])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == cli.MISTAKE
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert "Traceback" not in told
    assert "PosixPath" not in told
    assert sorted(path.name for path in place.rglob("*")) == before


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "too long", "below a file", "empty"])
def test_a_study_is_not_made_where_no_folder_can_be(place, kind):
    before = sorted(path.name for path in place.rglob("*"))
    with pytest.raises(TrustkitError):
        new_study(PATHS[kind], "ok.csv")
    assert sorted(path.name for path in place.rglob("*")) == before


@pytest.mark.parametrize("path", ["x" * 5_000, "a\0b"], ids=["too long", "NUL"])
def test_functions_behind_the_commands_refuse_paths_that_no_file_can_have(place, path):
    for call in (
        lambda: new_study(path, "ok.csv"),
        lambda: new_study("study", path),
        lambda: render_site(path),
        lambda: render_site(place, path),
        lambda: make_report(path, tell=print),
        lambda: make_report(place, path, tell=print),
        lambda: study_exports(path),
        lambda: check_export(path, "book.yaml"),
        lambda: check_export("ok.csv", path),
    ):
        with pytest.raises(TrustkitError):
            call()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read and write all")
def test_files_and_folders_without_permission_are_named(place):
    (place / "ok.csv").chmod(0)
    with pytest.raises(TrustkitError, match="can't be opened"):
        new_study(place / "study", "ok.csv")
    (place / "ok.csv").chmod(0o600)
    (place / "locked").mkdir(mode=0o500)
    with pytest.raises(TrustkitError, match="can't be written"):
        new_study(place / "locked" / "study", "ok.csv")
