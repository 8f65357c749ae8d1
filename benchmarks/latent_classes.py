"""Do intervals of latent classes cover what is true? A simulation; about two minutes.

Run as ``python benchmarks/latent_classes.py``. It writes ``benchmarks/latent_classes.csv``. Seeded. Two
classes (70% and 30%) answer four items and one other question; the weights are unequal, and in ``clustered``
people of one of 60 PSUs resemble each other in their class. ``corrected`` is `class_proportion`, ``most
likely class`` a table by `modal_class`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from simulations import run

import trustkit as tk

SEED, SAMPLES, PEOPLE, PSUS = 20261126, 400, 1500, 60
SIZES = np.array([0.7, 0.3])
CHANCES = np.array([[0.75, 0.75, 0.7, 0.8], [0.3, 0.25, 0.3, 0.3]])
OTHER = np.array([0.8, 0.3])


def sample(random: np.random.Generator, design: str) -> tk.Design:
    """Return one sample and its design."""
    psu = np.arange(PEOPLE) % PSUS
    chance = np.full(PSUS, SIZES[1]) if design == "plain" else random.beta(3.0, 7.0, PSUS)
    of = (random.random(PEOPLE) < chance[psu]).astype(int)
    yes = random.random((PEOPLE, 4)) < CHANCES[of]
    frame = pd.DataFrame(np.where(yes, "yes", "no"), columns=list("abcd"))
    frame["other"] = np.where(random.random(PEOPLE) < OTHER[of], "in", "out")
    frame = frame.assign(w=random.uniform(0.5, 2, PEOPLE), psu=psu)
    return tk.Design(frame, weights="w", psu=None if design == "plain" else "psu")


def simulate(samples: int) -> pd.DataFrame:
    """Return the bias, the size of the standard errors and the coverage of each kind of estimate."""
    truth = {
        "size": SIZES,
        "share": np.concatenate([np.column_stack([1 - chance, chance]).ravel() for chance in CHANCES]),
        "corrected": np.column_stack([OTHER, 1 - OTHER]).ravel(),
        "most likely class": np.column_stack([OTHER, 1 - OTHER]).ravel(),
    }
    rows = []
    for design in ("plain", "clustered"):
        random = np.random.default_rng(SEED)
        parts_of = {name: [] for name in truth}
        for _ in range(samples):
            drawn = sample(random, design)
            classes = tk.latent_classes(drawn, list("abcd"), 2, starts=6)
            parts_of["size"].append(classes.sizes)
            parts_of["share"].append(classes.profile)
            parts_of["corrected"].append(tk.class_proportion(classes, "other"))
            placed = tk.modal_class(drawn, classes)
            parts_of["most likely class"].append(tk.proportion(placed, "other", by="modal_class"))
        for name, parts in parts_of.items():
            low, high, value, se = (
                np.array([getattr(part, field) for part in parts])
                for field in ("ci_low", "ci_high", "estimate", "se")
            )
            rows.append(
                {
                    "design": design,
                    "estimate": name,
                    "bias": np.abs(value.mean(axis=0) - truth[name]).max(),
                    "se_ratio": float(np.median(np.nanmean(se, axis=0) / value.std(axis=0))),
                    "coverage": float(((low < truth[name]) & (truth[name] < high)).mean()),
                    "repeats": samples,
                }
            )
    return pd.DataFrame(rows).round(3)


if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate)
