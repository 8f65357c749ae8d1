"""Latent classes by stepmix with sample weights, on the answers of the case `scales`.

The answers are cut into three (1-2, 3-4, 5-6), and into two (``halves``: above 4 or not). ``repeated`` has
each row as often as twice its weight says, and no weights. Runs in an environment of its own (`pip install
stepmix==3.0.0`). Run from this folder: python peer.py. Writes peer.json, with the versions.
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
        measurement="categorical",
        n_init=20,
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
        "bic_without_weights": float(model.bic(answers)),
    }


def main():
    rows = pd.read_csv("../scales/answers.csv")
    weights = rows["w"].to_numpy()
    thirds = (rows[ITEMS].to_numpy() + 1) // 2 - 1
    halves = (rows[ITEMS].to_numpy() > 4).astype(int)
    often = np.repeat(np.arange(len(rows)), (2 * weights).astype(int))
    results = {"versions": {name: version(name) for name in ("stepmix", "scikit-learn", "numpy")}}
    results |= {f"weighted{count}": fitted(thirds, weights, count) for count in (2, 3)}
    results["halves"] = fitted(halves, weights, 2)
    results["repeated"] = fitted(halves[often], None, 2)
    Path("peer.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
