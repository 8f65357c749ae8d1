"""nbval and its gate in notebooks/conftest.py: what passes is what was computed, all of it."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

CONFTEST = Path(__file__).parents[1] / "notebooks" / "conftest.py"

spec = importlib.util.spec_from_file_location("notebooks_gate", CONFTEST)
gate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gate)


def cell(source, *outputs, count=1, tags=()):
    return new_code_cell(
        source, outputs=list(outputs), execution_count=count, metadata={"tags": list(tags)} if tags else {}
    )


def result(text):
    return new_output("execute_result", data={"text/plain": text}, execution_count=1)


def write(path, *cells):
    kernel = {"display_name": "Elsewhere", "language": "python", "name": "a-kernel-of-another-machine"}
    nbformat.write(
        new_notebook(cells=[new_markdown_cell("# T"), *cells], metadata={"kernelspec": kernel}), path
    )
    return path


SUM = "import json\ntotal = 40 + 2\ntotal"


def run_pytest(folder, *options):
    strict = [
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "-W",
        "error",
        "--rootdir",
        ".",
        "-rA",
        "--color=no",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *strict, *options, "--nbval-current-env", "."],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path):
    shutil.copyfile(CONFTEST, tmp_path / "conftest.py")
    return tmp_path


def test_an_intact_notebook_passes_and_a_changed_or_stripped_one_fails(folder):
    write(folder / "intact.ipynb", cell(SUM, result("42")))
    write(folder / "changed.ipynb", cell(SUM, result("43")))
    write(folder / "trimmed.ipynb", cell("print(1)", new_output("stream", text="1\n")), cell(SUM, count=2))
    write(folder / "stripped.ipynb", cell(SUM, count=None))
    write(folder / "excused.ipynb", cell(f"# NBVAL_IGNORE_OUTPUT\n{SUM}", result("43")))
    code, said = run_pytest(folder, "--nbval", "--continue-on-collection-errors")
    assert code == 1
    assert re.findall(r"^PASSED (\S+)", said, re.MULTILINE) == ["intact.ipynb::Cell", "trimmed.ipynb::Cell"]
    assert re.findall(r"^FAILED (\S+)", said, re.MULTILINE) == ["changed.ipynb::Cell", "trimmed.ipynb::Cell"]
    assert sorted(set(re.findall(r"^ERROR (\S+)", said, re.MULTILINE))) == ["excused.ipynb", "stripped.ipynb"]
    assert "stripped.ipynb can't be validated:\n  - it has no outputs, so there is nothing to compare" in said
    assert "cell 2: the comment NBVAL_IGNORE_OUTPUT keeps its outputs from being compared" in said


def test_options_that_compare_less_are_refused(folder):
    write(folder / "changed.ipynb", cell(SUM, result("43")))
    (folder / "loose.cfg").write_text("[regex]\nregex: \\d+\nreplace: N\n")
    for options in (["--nbval-lax"], ["--nbval", "--nbval-sanitize-with", "loose.cfg"]):
        code, said = run_pytest(folder, *options)
        assert code == pytest.ExitCode.USAGE_ERROR
        assert "compares less than every output" in said


def test_a_notebook_that_was_run_whole_has_no_faults(tmp_path):
    cells = [cell("x = 1"), cell("x", result("1"), count=2), cell("", count=None)]
    assert list(gate.find_faults(write(tmp_path / "a.ipynb", *cells))) == []


DIVISION = new_output("error", ename="ZeroDivisionError", evalue="division by zero", traceback=[])
MARKERS = ("NBVAL_SKIP", "NBVAL_IGNORE_OUTPUT", "NBVAL_RAISES_EXCEPTION", "PYTEST_VALIDATE_IGNORE_OUTPUT")
TAGS = ("nbval-skip", "nbval-ignore-output", "raises-exception", "skip-execution")


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        (cell("2", count=None), "cell 3: it was never run"),
        (cell("1 / 0", DIVISION), "cell 3: it failed: ZeroDivisionError: division by zero"),
        *((cell(f"x\n  ## {name}\nx", result("1")), f"cell 3: the comment {name} keeps") for name in MARKERS),
        *((cell("x", result("1"), tags=["fine", name]), f"cell 3: the tag {name} keeps") for name in TAGS),
    ],
)
def test_each_fault_is_named_with_its_cell(tmp_path, faulty, fault):
    found = list(gate.find_faults(write(tmp_path / "a.ipynb", cell("1", result("1")), faulty)))
    assert len(found) == 1
    assert found[0].startswith(fault)


@pytest.mark.parametrize("content", ["not json", "{}", '{"cells": 1, "nbformat": 4, "nbformat_minor": 5}'])
def test_a_file_that_is_no_notebook_is_a_fault(tmp_path, content):
    (tmp_path / "a.ipynb").write_text(content)
    assert next(gate.find_faults(tmp_path / "a.ipynb")).startswith("the file is not a notebook: ")
