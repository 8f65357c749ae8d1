"""The size of the letters: how often they appear where columns do not differ, by simulation."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = 4000
FEW = 25
RATES = ["pair", "row, Holm"]


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("letters_size", ROOT / "benchmarks" / "letters_size.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_letters_of_the_committed_simulation_appear_in_five_percent_within_one_point(simulation):
    results = pd.read_csv(simulation.CSV)
    assert set(results["samples"]) == {SAMPLES}
    assert len(results) == 4
    for rate in RATES:
        assert results[rate].between(0.04, 0.06).all()
    assert (results["row, not adjusted"] > 0.1).all()


def test_the_documentation_has_the_table_of_the_committed_simulation(simulation):
    page = simulation.PAGE.read_text(encoding="utf-8")
    table = page.split(simulation.START)[1].split(simulation.END)[0].strip()
    assert table == simulation.page_table(pd.read_csv(simulation.CSV))


def test_the_first_samples_of_the_simulation_find_few_differences(simulation):
    results = simulation.simulate(FEW)
    assert results["columns"].tolist() == [*simulation.HEADS, *simulation.HEADS]
    assert results[RATES].to_numpy().max() < 0.2


@pytest.mark.nightly
def test_the_whole_simulation_gives_the_committed_rates(simulation):
    results = simulation.simulate(SAMPLES).round(5)
    committed = pd.read_csv(simulation.CSV)
    # a p-value beside 0.05 may fall on its other side on another machine
    assert (results[RATES] - committed[RATES]).abs().to_numpy().max() < 0.002
