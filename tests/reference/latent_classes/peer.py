"""Latent classes by stepmix with sample weights, on the answers of the case `scales` cut into three.

Runs in an environment of its own (`pip install stepmix==3.0.0`). Run from this folder: python peer.py. Writes
peer.json, with the versions.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from stepmix import StepMix

ITEMS = [f"A{number}" for number in range(1, 6)]


def main():
    rows = pd.read_csv("../scales/answers.csv")
    answers = (rows[ITEMS].to_numpy() + 1) // 2 - 1
    results = {"versions": {name: version(name) for name in ("stepmix", "scikit-learn", "numpy")}}
    for count in (2, 3):
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
        model.fit(answers, sample_weight=rows["w"].to_numpy())
        shares = model.get_parameters()["measurement"]["pis"]
        order = np.argsort(-model.get_parameters()["weights"])
        results[f"weighted{count}"] = {
            "sizes": np.asarray(model.get_parameters()["weights"])[order].tolist(),
            "shares": np.asarray(shares)[order].tolist(),
            "mean_loglik": float(model.score(answers, sample_weight=rows["w"].to_numpy())),
            "bic_without_weights": float(model.bic(answers)),
        }
    Path("peer.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
