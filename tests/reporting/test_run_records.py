"""Which notebooks are run again: any change that could change an output counts, prose does not."""

from __future__ import annotations

import ast
import copy
import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import trustkit as tk
from trustkit.errors import DISTRIBUTION, DataError
from trustkit.reporting import run_records
from trustkit.reporting.run_records import (
    COMPUTING_REPORTS,
    package_digest,
    stale_notebooks,
    stored_notebook,
    study_state,
)

CODE = 'import trustkit as tk\nsurvey = tk.read("../data/raw/one/answers.csv")'


@pytest.fixture
def root(tmp_path):
    """Make a project of three notebooks and two studies; each notebook has the record of a run."""
    for study in ("one", "two"):
        folder = tmp_path / "data" / "raw" / study
        folder.mkdir(parents=True)
        (folder / "answers.csv").write_text("x\n1\n")
        (folder / "claims.yaml").write_text("claims: {}\n")
    (tmp_path / "data" / "processed").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "helper.py").write_text("x = 1\n")
    for name in ("a", "b", "c"):
        record(tmp_path, name, CODE)
    return tmp_path


def record(root, name, code, opened=()):
    """Write a notebook as a run leaves it."""
    cell = new_code_cell(code, id="code", execution_count=1, outputs=[new_output("stream", text="1")])
    notebook = new_notebook(cells=[new_markdown_cell("# Title", id="title"), cell])
    run = study_state(root).record(json.loads(nbformat.writes(notebook)), opened)
    notebook.metadata["trustkit"] = {"run": run}
    nbformat.write(notebook, root / "notebooks" / f"{name}.ipynb")


def stale(root, state=None, **options):
    return [path.stem for path in stale_notebooks(state or study_state(root), **options)]


def edit(root, name, change):
    path = root / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def test_nothing_is_stale_after_a_run_and_everything_on_request(root):
    assert stale(root) == []
    assert stale(root, every=True) == ["a", "b", "c"]


def test_prose_and_the_metadata_of_editors_are_not_part_of_the_record(root):
    def change(notebook):
        notebook.cells[0].source = "# Another title"
        notebook.cells.append(new_markdown_cell("More.", id="more"))
        notebook.metadata["language_info"] = {"name": "python"}

    edit(root, "b", change)
    assert stale(root) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda notebook: notebook.cells[1].update(source=f"{CODE}\n# a comment"),
        lambda notebook: notebook.cells.append(new_code_cell("2", id="two")),
        lambda notebook: notebook.cells[1].outputs[0].update(text="2"),
        lambda notebook: notebook.cells[1].outputs.clear(),
        lambda notebook: notebook.cells[1].update(execution_count=2),
        lambda notebook: notebook.metadata.trustkit.run.update(reads=[]),
        lambda notebook: notebook.metadata.trustkit.run.update(outputs="0" * 64),
        lambda notebook: notebook.metadata.trustkit.update(run="yes"),
        lambda notebook: notebook.metadata.trustkit.update(versions={"python": "3.99.0"}),
        lambda notebook: notebook.metadata.trustkit.run.update(reads=["data/raw/one", "data/raw/two"]),
        lambda notebook: notebook.metadata.clear(),
    ],
)
def test_a_change_of_code_outputs_or_record_makes_that_notebook_stale(root, change):
    edit(root, "b", change)
    assert stale(root) == ["b"]


def test_a_file_that_is_not_a_notebook_is_stale_so_that_the_run_says_what_is_wrong(root):
    (root / "notebooks" / "b.ipynb").write_text("{}")
    assert stale(root) == ["b"]
    assert stored_notebook(root / "notebooks" / "b.ipynb") is None


def test_a_change_in_a_folder_of_data_concerns_the_notebooks_that_read_it(root):
    record(root, "c", "x = 1", [f"{root}/data/raw/two/answers.csv"])
    (root / "data" / "raw" / "two" / "claims.yaml").write_text("claims: {a: 1}\n")
    assert stale(root) == ["c"]
    record(root, "c", "x = 1", [f"{root}/data/raw/two/answers.csv"])
    (root / "data" / "raw" / "one" / "new.csv").write_text("x\n2\n")
    assert stale(root) == ["a", "b"]


def test_a_folder_that_was_listed_counts_with_all_that_is_in_it(root):
    record(root, "c", "x = 1", [f"{root}/data/raw/"])
    (root / "data" / "raw" / "three").mkdir()
    (root / "data" / "raw" / "three" / "a.csv").write_text("x\n1\n")
    assert stale(root) == ["c"]


def test_a_module_beside_the_notebooks_counts_though_python_opened_what_it_had_compiled(root):
    record(
        root,
        "c",
        "x = 1",
        [f"{root}/notebooks/__pycache__/helper.cpython-{sys.version_info[0]}{sys.version_info[1]}.pyc"],
    )
    assert stale(root) == []
    (root / "notebooks" / "helper.py").write_text("x = 2\n")
    assert stale(root) == ["c"]


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="names of files are text there")
def test_a_file_whose_name_is_not_text_counts_with_its_folder(root):
    place = root / "more"
    place.mkdir()
    name = os.fsdecode(b"\xff.txt")
    (place / name).write_text("1")
    record(root, "c", "x = 1", [str(place / name)])
    assert stale(root) == []
    (place / name).write_text("2")
    assert stale(root) == ["c"]


def test_files_outside_the_project_and_hidden_ones_are_not_followed(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "a.csv"
    outside.write_text("1")
    (root / ".cache").mkdir()
    (root / ".cache" / "b").write_text("1")
    record(root, "c", "x = 1", [str(outside), str(root / ".cache" / "b"), json.__file__])
    assert stored_notebook(root / "notebooks" / "c.ipynb")["metadata"]["trustkit"]["run"]["reads"] == []


def test_raw_data_that_changes_while_notebooks_run_makes_them_stale(root):
    before = study_state(root)
    (root / "data" / "raw" / "one" / "answers.csv").write_text("x\n2\n")
    path = root / "notebooks" / "a.ipynb"
    notebook = stored_notebook(path)
    notebook["metadata"]["trustkit"]["run"] = before.record(notebook, [])
    path.write_text(json.dumps(notebook))
    assert "a" in stale(root)


def test_after_a_stale_notebook_that_shares_files_later_ones_that_do_are_stale_too(root):
    for name in ("a", "b", "c"):
        record(root, name, "x = 1" if name == "b" else 'open("../data/processed/x.csv")')
    assert stale(root) == []
    edit(root, "a", lambda notebook: notebook.cells[1].update(source='open("../data/processed/y.csv")'))
    assert stale(root) == ["a", "c"]


def test_trustkits_source_and_the_versions_of_libraries_count(root, monkeypatch):
    assert stale(root, replace(study_state(root), package="another")) == ["a", "b", "c"]
    numbers = {"numpy": "0.1"}
    real = run_records.version
    monkeypatch.setattr(run_records, "version", lambda name: numbers.get(name) or real(name))
    assert stale(root) == ["a", "b", "c"]
    numbers.clear()
    numbers["sphinx"] = "0.1"
    assert stale(root) == []


def test_what_was_known_of_the_package_when_it_was_installed_is_not_part_of_the_record(root, monkeypatch):
    real = metadata.Distribution.from_name

    def older(name):
        if name == DISTRIBUTION:
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata.Distribution, "from_name", staticmethod(older))
    with pytest.raises(metadata.PackageNotFoundError):
        metadata.requires(DISTRIBUTION)
    assert stale(root) == []


def test_the_version_of_a_library_that_the_code_imports_counts_by_its_modules_name(root, monkeypatch):
    record(root, "c", "import hypothesis, dateutil.parser as p\nfrom yaml import safe_load")
    real = run_records.version
    monkeypatch.setattr(run_records, "version", lambda name: "0" if name == "python-dateutil" else real(name))
    assert stale(root) == ["c"]


def test_source_counts_unless_no_output_can_depend_on_it(tmp_path, monkeypatch):
    for name in ("a.py", "cli.py", "words.yaml", "reporting/render.py", "reporting/transparency.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    (tmp_path / "reporting" / "site").mkdir()
    (tmp_path / "reporting" / "site" / "a.css").write_text("1")
    monkeypatch.setattr(run_records, "PACKAGE", tmp_path)

    def changed(name):
        before = package_digest(), package_digest(pages=True)
        (tmp_path / name).write_text("2")
        return [before[0] != package_digest(), before[1] != package_digest(pages=True)]

    assert changed("a.py") == changed("words.yaml") == changed("reporting/transparency.py") == [True, True]
    assert (
        changed("cli.py")
        == changed("__main__.py")
        == changed("personal_data_commands.py")
        == changed("reporting/render.py")
        == changed("reporting/site/a.css")
        == [False, True]
    )


def test_of_the_modules_that_make_reports_public_names_load_only_those_that_count():
    code = (
        "import sys, trustkit as tk; [getattr(tk, name) for name in tk.__all__];"
        "print(*(name for name in sys.modules if name.startswith(('trustkit.reporting.', 'trustkit.cli'))))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {f"{name.removeprefix('trustkit.reporting.')}.py" for name in found.stdout.split()}
    assert loaded
    assert loaded <= COMPUTING_REPORTS


def test_the_modules_that_decide_outputs_are_those_of_public_names_and_of_the_run_with_all_that_they_import():
    # the packages above reporting decide outputs as a whole: only what they import of it counts here
    above = [
        f"{package}.{path.stem}"
        for package in ("erasure", "publishing")
        for path in (run_records.PACKAGE / package).glob("*.py")
    ]

    def imported(name):
        tree = ast.parse((run_records.PACKAGE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8"))
        for_types = {
            inner
            for part in ast.walk(tree)
            if isinstance(part, ast.If) and ast.unparse(part.test) == "TYPE_CHECKING"
            for inner in ast.walk(part)
        }
        for part in {*ast.walk(tree)} - for_types:  # imports inside functions, too
            if isinstance(part, ast.ImportFrom) and part.module == "trustkit.reporting":
                yield from (f"reporting.{alias.name}" for alias in part.names)
            elif isinstance(part, ast.ImportFrom) and str(part.module).startswith("trustkit.reporting."):
                yield str(part.module).removeprefix("trustkit.")

    public = {str(getattr(getattr(tk, name), "__module__", "")) for name in tk.__all__}
    start = "trustkit."
    waiting = {
        "reporting.__init__",
        "reporting.notebooks",
        *above,
        *(name.removeprefix(start) for name in public if name.startswith(f"{start}reporting.")),
    }
    needed = set()
    while waiting:
        name = waiting.pop()
        needed.add(name)
        # the report that tk.erase makes is another study's
        waiting |= {*imported(name)} - needed - {"reporting.reports"}
    found = {f"{name.removeprefix('reporting.')}.py" for name in needed if name.startswith("reporting.")}
    assert found == COMPUTING_REPORTS


def test_raw_data_that_differs_from_its_digest_is_refused(root):
    (root / "data" / "raw" / "one" / "SHA256SUMS").write_text(f"{'0' * 64}  answers.csv\n")
    with pytest.raises(DataError, match="the raw file has changed"):
        study_state(root)


def test_a_record_names_files_within_the_project_and_is_the_same_wherever_it_lies(root, tmp_path_factory):
    other = tmp_path_factory.mktemp("elsewhere")
    notebook = stored_notebook(root / "notebooks" / "a.ipynb")
    for study in ("one", "two"):
        (other / "data" / "raw" / study).mkdir(parents=True)
        for path in (root / "data" / "raw" / study).iterdir():
            (other / path.relative_to(root)).write_bytes(path.read_bytes())
    again = study_state(other).record(copy.deepcopy(notebook), [f"{other}/data/raw/one/answers.csv"])
    assert again == notebook["metadata"]["trustkit"]["run"]
    assert again["reads"] == ["data/raw/one"]
    assert not any(Path(name).is_absolute() for name in again["reads"])
