"""Kernels forked from a warm process show what new ones show, see nothing of each other, and end with it."""

from __future__ import annotations

import json
import os

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from trustkit.errors import ReportError
from trustkit.reporting import kernel_forks, warm_kernels
from trustkit.reporting.kernel_forks import import_libraries
from trustkit.reporting.notebook_files import notebook_paths
from trustkit.reporting.notebooks import read_notebook
from trustkit.reporting.run_records import study_state
from trustkit.reporting.study_runs import run_notebooks
from trustkit.reporting.warm_kernels import can_fork, warm_start

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels start cold where processes can't be forked")

SETS = """import builtins, os, random, sys
import matplotlib, numpy as np, pandas as pd
random.seed(1), np.random.seed(1)
matplotlib.rcParams["font.size"] = 31
pd.set_option("display.max_rows", 3)
builtins.left = os.environ["LEFT"] = "here"
print(len(sys.argv), os.getcwd() == os.path.dirname(os.path.abspath("a.ipynb")), sys.path[0])
print(random.random(), np.random.random())"""
LOOKS = """import builtins, os, signal
import matplotlib, pandas as pd
print(matplotlib.rcParams["font.size"], pd.get_option("display.max_rows"))
print(hasattr(builtins, "left"), "LEFT" in os.environ, matplotlib.get_backend())
print(signal.getsignal(signal.SIGCHLD), os.getsid(0) == os.getpid(), __name__)"""
DRAWS = """import random, numpy as np
print(random.random(), np.random.random())"""
PARENT = """import os
print(os.getppid())"""


def project(root, *sources):
    """Write a project with one notebook of one cell for each source."""
    (root / "data" / "raw").mkdir(parents=True)
    (root / "notebooks").mkdir()
    for name, source in zip("abcdefgh", sources, strict=False):
        cells = [new_code_cell(source, id="code")]
        nbformat.write(new_notebook(cells=cells), root / "notebooks" / f"{name}.ipynb")
    return root


def run(root, *, notebooks=9):
    """Run all notebooks; return the number of the warm process, None if kernels started cold."""
    state = study_state(root)
    with warm_start(root / "notebooks", notebooks, state.followed) as warm:
        run_notebooks(notebook_paths(root), state, jobs=2, warm=warm, tell=lambda _: None)
        return warm and warm._process.pid


def printed(root):
    return [read_notebook(path).cells[0].outputs[0].text for path in notebook_paths(root)]


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    root = project(tmp_path_factory.mktemp("warm"), SETS, LOOKS, DRAWS, DRAWS, PARENT)
    return root, run(root)


def test_notebooks_of_warm_and_of_cold_kernels_are_the_same_bytes(warm, tmp_path):
    cold = project(tmp_path, SETS, LOOKS)
    assert run(cold, notebooks=2) is None
    for path in notebook_paths(cold):
        assert path.read_bytes() == (warm[0] / "notebooks" / path.name).read_bytes()


def test_kernels_are_forked_from_the_warm_process_which_has_ended(warm):
    root, process = warm
    assert printed(root)[-1] == f"{process}\n"
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_no_notebook_draws_the_random_numbers_of_another(warm):
    one, other = (text.split() for text in printed(warm[0])[2:4])
    assert one[0] != other[0]
    assert one[1] != other[1]


def test_a_warm_kernel_that_dies_is_told(tmp_path):
    root = project(tmp_path, "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(ReportError) as failure:
        run(root)
    assert failure.value.got == "the kernel died"


def test_kernels_start_cold_if_the_warm_process_has_ended(tmp_path):
    root = project(tmp_path, PARENT)
    state = study_state(root)
    with warm_start(root / "notebooks", 3, state.followed) as warm:
        warm._process.kill()
        run_notebooks(notebook_paths(root), state, warm=warm, tell=lambda _: None)
    assert printed(root) == [f"{os.getpid()}\n"]


def test_kernels_start_cold_if_the_study_has_settings_of_a_library(tmp_path):
    root = project(tmp_path, PARENT)
    (root / "notebooks" / "matplotlibrc").write_text("font.size: 7\n")
    run(root)
    assert printed(root) == [f"{os.getpid()}\n"]


@pytest.mark.parametrize("name", ["pandas.py", "numpy", "trustkit.py"])
def test_kernels_start_cold_beside_a_file_with_the_name_of_a_library(tmp_path, name):
    (tmp_path / name).mkdir()
    with warm_start(tmp_path, 9, list) as warm:
        assert warm is None


def test_kernels_start_cold_where_processes_cannot_be_forked(tmp_path, monkeypatch):
    monkeypatch.setattr(warm_kernels.sys, "platform", "darwin")
    with warm_start(tmp_path, 9, list) as warm:
        assert warm is None


@pytest.fixture
def alone(monkeypatch):
    """Make this process look as one whose only thread is its first, whatever other tests have started."""
    monkeypatch.setattr(kernel_forks.threading, "active_count", lambda: 1)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("source", "same"),
    [("x = 1", True), ("print('hello')", False), ("import sys; sys.stderr.write('old')", False)],
)
def test_a_library_that_prints_while_it_is_imported_keeps_kernels_cold(tmp_path, monkeypatch, source, same):
    name = f"library_{abs(hash(source))}"
    (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(kernel_forks, "LIBRARIES", (name,))
    monkeypatch.setattr(kernel_forks, "KERNEL", ())
    monkeypatch.setattr(kernel_forks, "NAMES", ())
    opened = import_libraries()
    assert (opened is not None and any(path.endswith(f"{name}.py") for path in opened)) is same
    assert json.dumps(opened)


@pytest.mark.usefixtures("alone")
def test_a_library_that_is_not_installed_does_not_keep_kernels_cold(monkeypatch):
    monkeypatch.setattr(kernel_forks, "LIBRARIES", ("a_library_of_no_extra",))
    monkeypatch.setattr(kernel_forks, "KERNEL", ("a_package_of_no_extra.part",))
    monkeypatch.setattr(kernel_forks, "NAMES", ())
    assert import_libraries() is not None


def test_a_thread_that_a_fork_would_lose_keeps_kernels_cold(monkeypatch):
    for names in ("LIBRARIES", "KERNEL", "NAMES"):
        monkeypatch.setattr(kernel_forks, names, ())
    monkeypatch.setattr(kernel_forks.threading, "active_count", lambda: 2)
    assert import_libraries() is None
