"""Both type checkers pass what is right, refuse what is wrong, and find the installed package.

pyright is checked in the form of basedpyright, whose package on the index brings all it needs.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import trustkit as tk

ROOT = Path(__file__).parents[1]
TYPING = ROOT / "tests" / "typing"
RIGHT, WRONG = TYPING / "right_calls.py", TYPING / "wrong_calls.py"

MARK = re.compile(r"# wrong: (?P<mypy>[\w\- ]+?) \| (?P<pyright>[\w ]+)$")


def run(*command, cwd, paths=()):
    """Run a checker with nothing on Python's path but what is installed, and with `paths` for mypy."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    env["MYPYPATH"] = os.pathsep.join(str(path) for path in paths)
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.stdout


def mypy_errors(*files, cwd, options=(), paths=()):
    """Return (file name, line, code) of each error."""
    said = run("mypy", "--output", "json", *options, *map(str, files), cwd=cwd, paths=paths)
    found = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return {
        (Path(item["file"]).name, item["line"], item["code"]) for item in found if item["severity"] == "error"
    }


def pyright_errors(folder, *files, paths=()):
    """Return (file name, line, rule) of each error, under pyright's own standard rules."""
    settings = {
        "include": [str(file) for file in files],
        "typeCheckingMode": "standard",
        "extraPaths": [str(path) for path in paths],
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    said = run("basedpyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder), cwd=folder)
    report = json.loads(said)
    assert report["summary"]["filesAnalyzed"] == len(files)
    return {
        (Path(item["file"]).name, item["range"]["start"]["line"] + 1, item.get("rule", ""))
        for item in report["generalDiagnostics"]
        if item["severity"] == "error"
    }


def marked(checker):
    """Return the errors that the lines of `wrong_calls.py` name for a checker."""
    lines = WRONG.read_text(encoding="utf-8").splitlines()
    marks = [(number, MARK.search(line)) for number, line in enumerate(lines, 1)]
    return {(WRONG.name, number, code) for number, mark in marks if mark for code in mark[checker].split()}


def test_every_wrong_call_names_its_errors():
    body = WRONG.read_text(encoding="utf-8").partition('is never run."""\n')[2].splitlines()
    assert len(body) > 15
    assert [line for line in body if not MARK.search(line)] == []


def test_every_public_function_stands_in_a_right_or_a_wrong_call():
    written = RIGHT.read_text(encoding="utf-8") + WRONG.read_text(encoding="utf-8")
    functions = [name for name in tk.__all__ if not inspect.isclass(getattr(tk, name))]
    assert [name for name in functions if f"tk.{name}(" not in written] == []


def test_mypy_refuses_the_wrong_calls_and_nothing_else():
    assert mypy_errors(RIGHT, WRONG, cwd=ROOT, paths=[ROOT]) == marked("mypy")


def test_pyright_refuses_the_wrong_calls_and_nothing_else(tmp_path):
    assert pyright_errors(tmp_path, RIGHT, WRONG, paths=[ROOT]) == marked("pyright")


def test_the_right_calls_also_run():
    done = subprocess.run([sys.executable, str(RIGHT)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def outside(tmp_path):
    """Make a script that is not in the checkout: one right line and two wrong ones."""
    script = tmp_path / "script.py"
    script.write_text("import trustkit as tk\n\ntk.proportion\ntk.propotion\nimport trustkit_of_nobody\n")
    return script


def test_mypy_finds_the_package_from_a_script_outside_the_checkout(outside):
    options = ["--follow-imports", "skip", "--config-file", os.devnull]  # finds it, and does not read it
    found = mypy_errors(outside, cwd=outside.parent, options=options)
    assert found == {("script.py", 5, "import-not-found")}


def test_pyright_finds_the_package_from_a_script_outside_the_checkout(outside):
    found = pyright_errors(outside.parent, outside)
    assert found == {
        ("script.py", 4, "reportAttributeAccessIssue"),
        ("script.py", 5, "reportMissingImports"),
    }


def test_the_checkout_is_installed_by_its_path_because_checkers_cannot_follow_an_import_hook():
    assert "--config-settings editable_mode=compat" in (ROOT / "Makefile").read_text(encoding="utf-8")
