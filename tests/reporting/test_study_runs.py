"""Notebooks run beside each other: the same bytes for any number, every failure told, no kernel left."""

from __future__ import annotations

import threading
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from trustkit.errors import ReportError
from trustkit.reporting import study_runs
from trustkit.reporting.notebook_files import notebook_paths
from trustkit.reporting.run_records import stale_notebooks, stored_notebook, study_state
from trustkit.reporting.study_runs import available_cores, run_notebooks


def project(root, **sources):
    """Write a project with one notebook of one cell for each name."""
    (root / "data" / "raw" / "one").mkdir(parents=True)
    (root / "data" / "raw" / "one" / "a.csv").write_text("x\n1\n")
    (root / "data" / "processed").mkdir()
    (root / "notebooks").mkdir()
    for name, source in sources.items():
        notebook = new_notebook(cells=[new_code_cell(source, id="code")])
        nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")
    return root


def run(root, jobs):
    told = []
    state = study_state(root)
    run_notebooks(stale_notebooks(state), state, jobs=jobs, tell=told.append)
    return told


READS = """from pathlib import Path
import beside
folder = Path("..").resolve() / "data"
print((folder / "raw" / "".join(["on", "e"]) / "a.csv").read_text(), beside.x)"""
WRITES = 'open("../data/processed/x.csv", "w").write("7")'
FOLLOWS = 'print(open("../data/processed/x.csv").read())'


def test_outputs_and_records_are_the_same_bytes_for_any_number_of_jobs(tmp_path):
    made = []
    for jobs in (1, 3):
        root = project(tmp_path / str(jobs), a=WRITES, b=READS, c=FOLLOWS)
        (root / "notebooks" / "beside.py").write_text("x = 5\n")
        assert sorted(run(root, jobs)) == [f"running {name}.ipynb" for name in "abc"]
        assert run(root, jobs) == []
        made.append([path.read_bytes() for path in notebook_paths(root)])
    assert made[0] == made[1]
    records = [stored_notebook(path)["metadata"]["trustkit"]["run"]["reads"] for path in notebook_paths(root)]
    assert records == [
        ["data/processed/x.csv"],
        ["data/raw/one", "notebooks/beside.py"],
        ["data/processed/x.csv"],
    ]


def test_all_notebooks_that_fail_are_named_at_once_and_the_others_have_run(tmp_path):
    root = project(tmp_path, a="1 / 0", b="1 + 1", c="{}['x']")
    with pytest.raises(ReportError, match="2 of 3 notebooks failed") as caught:
        run(root, 2)
    assert [fault.what.partition(": ")[2] for fault in caught.value.faults] == [
        "1 / 0: ZeroDivisionError: division by zero",
        "{}['x']: KeyError: 'x'",
    ]
    assert [fault.where.partition("notebooks/")[2] for fault in caught.value.faults] == [
        "a.ipynb, line 1 of the cell",
        "c.ipynb, line 1 of the cell",
    ]
    assert [path.stem for path in stale_notebooks(study_state(root))] == ["a", "c"]


def test_an_interruption_stops_every_kernel_at_once_and_starts_no_other(tmp_path, monkeypatch):
    sleeps = "open('../started', 'a').write('x')\nimport time; time.sleep(300)"
    root = project(tmp_path, a=sleeps, b=sleeps, c=sleeps)

    def interrupt(futures, **options):
        while not (root / "started").exists() or len((root / "started").read_text()) < 2:
            time.sleep(0.05)
        raise KeyboardInterrupt

    monkeypatch.setattr(study_runs, "wait", interrupt)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(root, 2)
    assert time.monotonic() - begun < 60
    assert (root / "started").read_text() == "xx"
    assert [thread for thread in threading.enumerate() if "ThreadPool" in thread.name] == []


def test_there_is_at_least_one_processor():
    assert available_cores() >= 1
