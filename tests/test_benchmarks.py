"""The benchmarks: what they are asked for, what they have written, and what the documentation says of it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pandas as pd
import pytest
from benchmark_scripts import FOLDER, committed, script

IN_THE_PAGE = [
    "alpha_coverage",
    "calibration_variance",
    "domain_df",
    "drivers_coverage",
    "interval_coverage",
    "letters_size",
]
"""Simulations with tables in the documentation."""
SIMULATIONS = [*IN_THE_PAGE, "latent_classes", "models_coverage"]
SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.py") if "__main__" in path.read_text(encoding="utf-8"))
TIMED = {"models_speed", "raking_many", "scales_speed", "tables_speed", "wide_exports", "silent_guesses"}


@pytest.mark.parametrize("name", IN_THE_PAGE)
def test_the_documentation_has_the_tables_of_the_committed_simulation(name):
    simulation, simulations = script(name), script("simulations")
    results = pd.read_csv(committed(name))
    for title, table in simulation.TABLES.items():
        assert simulations.table_in_page(simulations.PAGE, title) == table(results)


def test_each_table_of_a_simulation_in_the_documentation_belongs_to_one_that_is_compared():
    titles = [title for name in IN_THE_PAGE for title in script(name).TABLES]
    page = script("simulations").PAGE.read_text(encoding="utf-8")
    assert sorted(titles) == sorted(re.findall(r"<!-- (.+) table: start -->", page))


@pytest.mark.parametrize("name", SIMULATIONS)
def test_the_committed_results_rest_on_as_many_samples_as_the_script_draws(name):
    results = pd.read_csv(committed(name))
    said = [column for column in ("samples", "repeats") if column in results]
    assert all(set(results[column]) == {script(name).SAMPLES} for column in said)
    assert not results.empty


def test_a_simulation_with_fewer_samples_leaves_the_committed_file_alone(monkeypatch, capsys):
    before = committed("letters_size").read_bytes()
    monkeypatch.setattr(sys, "argv", ["letters_size.py", "--samples", "2"])
    with pytest.raises(SystemExit, match="2"):
        script("simulations").run(str(FOLDER / "letters_size.py"), "Sizes.", 4000, pytest.fail)
    assert "name another file with --out" in capsys.readouterr().err
    assert committed("letters_size").read_bytes() == before


def test_a_simulation_writes_to_another_file_and_prints_its_tables(monkeypatch, capsys, tmp_path):
    out = tmp_path / "few.csv"
    monkeypatch.setattr(sys, "argv", ["size.py", "--samples", "3", "--out", str(out)])
    simulations = script("simulations")
    simulations.run(
        str(tmp_path / "size.py"),
        "Sizes.",
        4000,
        lambda samples: pd.DataFrame({"samples": [samples]}),
        {"sizes": lambda results: simulations.markdown(["n"], [[str(results["samples"][0])]])},
    )
    assert pd.read_csv(out)["samples"].tolist() == [3]
    assert capsys.readouterr().out == "| n |\n| --- |\n| 3 |\n\n"


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_has_options_and_a_place_in_the_list(name):
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8")
    called = {node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
              for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}  # fmt: skip
    assert "parse_args" in called or "from simulations import" in text
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"`{name}.py`" in readme


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.csv")))
def test_every_file_of_results_has_its_script(name):
    assert (FOLDER / name).with_suffix(".py").is_file()
    assert name.removesuffix(".csv") in {*SIMULATIONS, *TIMED}


@pytest.mark.nightly
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_prints_its_options_and_computes_nothing(name):
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith(f"usage: {name}.py")


@pytest.mark.nightly
@pytest.mark.parametrize("name", SIMULATIONS)
def test_a_small_simulation_gives_the_columns_and_rows_of_the_committed_file(name):
    results = pd.read_csv(committed(name))
    few = script(name).simulate(3)
    assert few.columns.tolist() == results.columns.tolist()
    assert len(few) == len(results)
