"""The command line: what it prints, where, and the exit code it leaves with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from site_project import make_project
from typer.testing import CliRunner

from trustkit import cli
from trustkit.errors import TrustkitError

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "data" / "raw" / "consumer_trust"


@pytest.fixture
def study(tmp_path) -> Path:
    for name in ("codebook.yaml", "targets.yaml", "claims.yaml"):
        shutil.copy(STUDY / name, tmp_path)
    lines = (STUDY / "responses.csv").read_bytes()
    (tmp_path / "responses.csv").write_bytes(lines)
    return tmp_path


def run(*arguments: object):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def started(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "trustkit.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_help_lists_the_commands_with_examples_and_exit_codes():
    assert "Exit codes: 0, done" in " ".join(run("--help").output.split())
    for command in ("report", "verify", "check"):
        assert f"Example: trustkit {command}" in run(command, "--help").output


def test_check_says_that_data_and_codebook_agree(study):
    found = run("check", study / "responses.csv", "-c", study / "codebook.yaml")
    assert found.exit_code == 0
    assert "6,040 rows agree with codebook.yaml" in found.output


def test_check_prints_every_disagreement_and_leaves_with_1(study):
    book = (study / "codebook.yaml").read_text(encoding="utf-8")
    changed = book.replace('codes: {1: "Yes, I trust all brands"', 'codes: {5: "Yes, I trust all brands"')
    assert changed != book
    (study / "codebook.yaml").write_text(changed, encoding="utf-8")
    found = run("check", study / "responses.csv", "-c", study / "codebook.yaml")
    assert found.exit_code == cli.FOUND
    assert "unknown code" in found.output


def test_verify_prints_the_verdicts(study):
    found = run(
        "verify", study / "responses.csv", "-c", study / "codebook.yaml",
        "--claims", study / "claims.yaml", "-t", study / "targets.yaml",
    )  # fmt: skip
    assert found.exit_code == 0, found.output
    assert found.output.count("reproduced") == 2
    assert "synthetic" in found.output


def test_verify_without_weights_finds_the_figures_contradicted(study):
    found = run(
        "verify", study / "responses.csv", "-c", study / "codebook.yaml", "--claims", study / "claims.yaml"
    )
    assert found.exit_code == cli.FOUND
    assert "contradicted" in found.output


def test_a_mistake_prints_without_a_traceback_and_leaves_with_2(study):
    found = started("check", study / "response.csv", "-c", study / "codebook.yaml")
    assert found.returncode == cli.MISTAKE
    assert found.stdout == ""
    assert "error: no such file" in found.stderr
    assert "did you mean 'responses.csv'?" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_report_without_notebooks_is_refused(tmp_path):
    with pytest.raises(TrustkitError, match="no notebooks to report"):
        cli.app(["report", str(tmp_path)], standalone_mode=False)


def test_a_report_refuses_changed_raw_data_before_it_runs_anything(tmp_path):
    project = tmp_path / "project"
    raw = project / "data" / "raw" / "study"
    raw.mkdir(parents=True)
    (raw / "a.csv").write_text("x\n1\n")
    (raw / "SHA256SUMS").write_text(f"{'0' * 64}  a.csv\n")
    (project / "notebooks").mkdir()
    (project / "notebooks" / "01.ipynb").write_text("{}")
    with pytest.raises(TrustkitError, match="the raw file has changed"):
        cli.app(["report", str(project)], standalone_mode=False)


CELLS = [
    "import pandas as pd\n\nimport trustkit as tk",
    """answers = pd.DataFrame({"answer": ["yes", "no"] * 50})
claim = tk.Claim("half", "Half say yes", 60, 0, tk.Reading("answer", "yes"))
tk.verify([claim], tk.Design(answers))""",
]


def test_a_report_runs_renders_and_prints_the_claims(tmp_path):
    project = make_project(tmp_path / "project")
    for path in (project / "notebooks").glob("*.ipynb"):
        path.unlink()
    heading = new_markdown_cell("# Halves\n\n**How many say yes?** Half of them.")
    cells = [heading, *(new_code_cell(source) for source in CELLS)]
    nbformat.write(new_notebook(cells=cells), project / "notebooks" / "trust.ipynb")
    found = run("report", project, "--out", tmp_path / "site")
    assert found.exit_code == 0, found.output
    assert "contradicted: Half say yes: outside the interval" in found.output
    assert "The site is at" in found.output
    assert (tmp_path / "site" / "index.html").is_file()
