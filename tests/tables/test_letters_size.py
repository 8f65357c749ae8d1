"""The size of the letters: how often they appear where columns do not differ, by simulation."""

from __future__ import annotations

import pandas as pd
import pytest
from benchmark_scripts import committed, script

SAMPLES = 4000
FEW = 25
RATES = ["pair", "row, Holm"]


@pytest.fixture
def simulation():
    return script("letters_size")


def test_letters_of_the_committed_simulation_appear_in_five_percent_within_one_point():
    results = pd.read_csv(committed("letters_size"))
    assert set(results["samples"]) == {SAMPLES}
    assert len(results) == 4
    for rate in RATES:
        assert results[rate].between(0.04, 0.06).all()
    assert (results["row, not adjusted"] > 0.1).all()


def test_the_first_samples_of_the_simulation_find_few_differences(simulation):
    results = simulation.simulate(FEW)
    assert results["columns"].tolist() == [*simulation.HEADS, *simulation.HEADS]
    assert results[RATES].to_numpy().max() < 0.2


@pytest.mark.nightly
def test_the_whole_simulation_gives_the_committed_rates(simulation):
    results = simulation.simulate(SAMPLES)
    rates = pd.read_csv(committed("letters_size"))[RATES]
    # a p-value beside 0.05 may fall on its other side on another machine
    assert (results[RATES] - rates).abs().to_numpy().max() < 0.002
