"""environment.yml holds what pyproject.toml asks for, with the same bounds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
EXTRAS = ("all", "pdf")
GROUPS = ("test", "notebooks")
"""What conda and the lock install beside the core; spark needs Java, peers only compare."""

CONDA_NAMES: dict[str, str] = {}
"""pyproject's name -> conda-forge's, where they differ."""


@pytest.fixture(scope="module")
def pyproject():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def project(pyproject):
    return pyproject["project"]


@pytest.fixture(scope="module")
def environment():
    return yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def parsed(lines):
    """Return name -> bounds, names and bounds in one spelling."""
    found = {}
    for line in lines:
        requirement = Requirement(line)
        name = canonicalize_name(CONDA_NAMES.get(requirement.name, requirement.name))
        assert name not in found, f"{name} stands twice"
        found[name] = requirement.specifier
    return found


def expanded(project, extra):
    """Return the lines of an extra, with those of the extras that it names."""
    lines = []
    for line in project["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name == project["name"]:
            lines += [inner for name in sorted(requirement.extras) for inner in expanded(project, name)]
        else:
            lines.append(line)
    return lines


@pytest.fixture(scope="module")
def needed(pyproject, project):
    """Return name -> bounds of all that the gate needs."""
    extras = [line for extra in EXTRAS for line in expanded(project, extra)]
    groups = [line for group in GROUPS for line in pyproject["dependency-groups"][group]]
    return parsed([*project["dependencies"], *extras, *groups])


def held(environment):
    """Return name -> bounds of everything but Python and pip, from conda and from pip."""
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    pip = [line for part in environment["dependencies"] if isinstance(part, dict) for line in part["pip"]]
    return parsed([line for line in [*conda, *pip] if Requirement(line).name not in ("python", "pip")])


def test_the_environment_holds_the_same_packages_as_the_project(needed, environment):
    assert sorted(held(environment)) == sorted(needed)


def test_the_environment_has_the_same_bounds_as_the_project(needed, environment):
    differ = {
        name: (str(bounds), str(needed[name]))
        for name, bounds in held(environment).items()
        if name in needed and bounds != needed[name]
    }
    assert differ == {}


def test_the_environment_has_the_projects_python(project, environment):
    (python,) = [
        line
        for line in environment["dependencies"]
        if isinstance(line, str) and Requirement(line).name == "python"
    ]
    assert SpecifierSet(python.removeprefix("python")) == SpecifierSet(project["requires-python"])


def test_pip_is_named_where_it_is_used(environment):
    uses_pip = any(isinstance(part, dict) for part in environment["dependencies"])
    assert ("pip" in environment["dependencies"]) == uses_pip


def test_packages_come_from_conda_forge_alone(environment):
    assert environment["channels"] == ["conda-forge"]


def test_every_package_has_a_lower_bound(needed):
    without = [name for name, bounds in needed.items() if not any(b.operator == ">=" for b in bounds)]
    assert without == []


def test_the_extras_and_groups_are_those_that_the_docs_name(pyproject, project):
    assert list(project["optional-dependencies"]) == [
        "files",
        "report",
        "pdf",
        "office",
        "publish",
        "models",
        "lazy",
        "spark",
        "all",
    ]
    assert list(pyproject["dependency-groups"]) == ["test", "notebooks", "peers"]


def test_all_is_everything_but_spark_and_pdf(project):
    everything = {Requirement(line).name for line in expanded(project, "all")}
    for extra in ("files", "report", "office", "publish", "models", "lazy"):
        assert {Requirement(line).name for line in expanded(project, extra)} <= everything
    assert everything.isdisjoint({"pyspark", "pypandoc-binary", "typst"})


def test_the_lock_pins_what_the_project_asks_for(needed):
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, flags=re.MULTILINE))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    unmet = [
        name for name, bounds in needed.items() if name not in pinned or not bounds.contains(pinned[name])
    ]
    assert unmet == []


def test_the_lock_names_no_registry():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r".*(?:https?://|file:|--index|--extra-index|--find-links).*", lock) == []
