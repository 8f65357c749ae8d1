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
EXTRAS = ("notebooks", "examples", "report", "files", "lazy", "quality", "test")
"""What conda installs beside the core; pdf is binaries from pip, spark needs Java, peers only compare."""

CONDA_NAMES: dict[str, str] = {}
"""pyproject's name -> conda-forge's, where they differ."""


@pytest.fixture(scope="module")
def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


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


def wanted(project):
    extras = project["optional-dependencies"]
    return parsed([*project["dependencies"], *(line for extra in EXTRAS for line in extras[extra])])


def held(environment):
    """Return name -> bounds of everything but Python and pip, from conda and from pip."""
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    pip = [line for part in environment["dependencies"] if isinstance(part, dict) for line in part["pip"]]
    return parsed([line for line in [*conda, *pip] if Requirement(line).name not in ("python", "pip")])


def test_the_environment_holds_the_same_packages_as_the_project(project, environment):
    assert sorted(held(environment)) == sorted(wanted(project))


def test_the_environment_has_the_same_bounds_as_the_project(project, environment):
    needed = wanted(project)
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


def test_every_package_has_a_lower_bound(project):
    without = [
        name for name, bounds in wanted(project).items() if not any(b.operator == ">=" for b in bounds)
    ]
    assert without == []


def test_every_extra_of_the_project_is_known(project):
    assert set(EXTRAS) <= set(project["optional-dependencies"])


def test_the_lock_pins_what_the_project_asks_for(project):
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", lock, flags=re.MULTILINE))
    pinned = {canonicalize_name(name): version for name, version in pinned.items()}
    unmet = [
        name
        for name, bounds in wanted(project).items()
        if name not in pinned or not bounds.contains(pinned[name])
    ]
    assert unmet == []
