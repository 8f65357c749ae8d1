"""Latent classes of respondents with missing answers by stepmix (``categorical_nan``), with sample weights.

The answers, and which of them are missing, are those of ``reference.R`` in this folder. Runs in an
environment of its own (`pip install stepmix==3.0.0`). Run from this folder: python peer.py. Writes
peer.json, with the versions.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from stepmix import StepMix

ITEMS = [f"A{number}" for number in range(1, 6)]


def fitted(answers, weights, count):
    model = StepMix(
        n_components=count,
        measurement="categorical_nan",
        n_init=10,
        max_iter=20_000,
        abs_tol=1e-14,
        rel_tol=1e-14,
        random_state=1,
        verbose=0,
        progress_bar=0,
    )
    model.fit(answers, sample_weight=weights)
    found = model.get_parameters()
    order = np.argsort(-found["weights"])
    return {
        "sizes": np.asarray(found["weights"])[order].tolist(),
        "shares": np.asarray(found["measurement"]["pis"])[order].tolist(),
        "mean_loglik": float(model.score(answers, sample_weight=weights)),
    }


def main():
    rows = pd.read_csv("../scales/answers.csv")
    answers = ((rows[ITEMS].to_numpy() + 1) // 2 - 1).astype(float)
    row, column = np.indices(answers.shape) + 1
    answers[(5 * row + 3 * column) % 11 < 2] = np.nan
    answers[(answers[:, 4] == 2) & (row[:, 0] % 3 == 0), 0] = np.nan
    results = {"versions": {name: version(name) for name in ("stepmix", "scikit-learn", "numpy")}}
    weights = rows["w"].to_numpy()
    results |= {f"weighted{count}": fitted(answers, weights, count) for count in (2, 3)}
    Path("peer.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
