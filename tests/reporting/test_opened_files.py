from __future__ import annotations

import os
import subprocess
import sys

import pytest

from trustkit.reporting.opened_files import read_opened


@pytest.fixture
def opened(tmp_path):
    """Return a function that gives the paths that code opens in a folder of its own, relative to it."""
    here = tmp_path.resolve() / "here"
    (here / "there" / "data").mkdir(parents=True)
    (here / "answers.csv").write_text("x\n1\n")

    def run(code):
        place = tmp_path / "opened"
        before = (
            "import os, shutil; from trustkit.reporting.opened_files import watch;"
            f"watch(os.open({str(place)!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT))\n"
        )
        subprocess.run([sys.executable, "-c", before + code], cwd=here, check=True)
        names = [name for name in read_opened(place) or () if name.startswith(f"{here}{os.sep}")]
        return {os.path.relpath(name, here) for name in names}

    return run


@pytest.mark.parametrize("code", ["open('answers.csv')", "os.open('answers.csv', os.O_RDONLY)"])
def test_a_file_that_is_opened_is_noted(opened, code):
    assert opened(code) == {"answers.csv"}


def test_a_file_that_is_looked_for_and_not_there_is_noted_as_it_may_come(opened):
    assert opened("try:\n    open('later.csv')\nexcept FileNotFoundError:\n    pass") == {"later.csv"}


def test_the_folders_in_a_folder_that_is_removed_are_not_taken_for_folders_of_the_notebook(opened):
    found = opened("shutil.rmtree('there')")
    assert "there" in found
    assert "data" not in found
