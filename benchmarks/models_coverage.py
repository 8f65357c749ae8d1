"""How often do the 95% intervals of models contain the values of the population, in clustered samples?

Run as ``python benchmarks/models_coverage.py``. It writes ``benchmarks/models_coverage.csv``: for the
coefficients of a logit model and for average effects, the share of samples whose interval contains the value
of the whole population, the mean standard error over the standard deviation of the estimates, and the same
for weights taken as if respondents were independent. Samples have 4 PSUs in each of 12 strata, which are
sampled at different rates, and answers go together inside PSUs. Seeded; a minute.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from simulations import run

import trustkit as tk

STRATA, PSUS, PEOPLE = 12, 150, 40
DRAWN, TAKEN = 4, 10
SAMPLES = 1_000
FORMULA = "flag ~ x + group"


def population(random: np.random.Generator) -> pd.DataFrame:
    """Return a population in strata and PSUs, whose strata differ in size of effect."""
    frame = pd.DataFrame(
        [(stratum, psu) for stratum in range(STRATA) for psu in range(PSUS)], columns=["stratum", "psu"]
    )
    frame["effect"] = random.normal(0, 0.6, len(frame)) + 0.05 * frame["stratum"]
    frame["level"] = random.normal(0, 0.7, len(frame))
    frame = frame.loc[frame.index.repeat(PEOPLE)].reset_index(drop=True)
    frame["x"] = frame["level"] + random.normal(size=len(frame))
    frame["group"] = random.choice(["a", "b", "c"], len(frame))
    eta = -0.4 + 0.5 * frame["x"] + 0.3 * (frame["group"] == "b") + frame["effect"]
    frame["flag"] = (random.random(len(frame)) < 1 / (1 + np.exp(-eta))).astype(float)
    return frame.assign(unit=frame["stratum"] * PSUS + frame["psu"])


def numbers_of(design: tk.Design) -> pd.DataFrame:
    """Return coefficients and average effects with their intervals."""
    fit = tk.glm(design, FORMULA, family="binomial")
    parts = [fit.to_frame()[["term", "estimate", "se", "ci_low", "ci_high"]]]
    for variable in ("x", "group"):
        effect = tk.average_effect(fit, variable).to_frame()
        effect["term"] = "average effect of " + effect["variable"] + ", " + effect["level"]
        parts.append(effect[["term", "estimate", "se", "ci_low", "ci_high"]])
    return pd.concat(parts, ignore_index=True)


def simulate(samples: int) -> pd.DataFrame:
    """Return the coverage and the size of the standard errors of each number."""
    random = np.random.default_rng(20251127)
    people = population(random)
    truth = numbers_of(tk.Design(people)).set_index("term")["estimate"]
    rows = people.groupby("unit").indices
    drawn: dict[str, list[pd.DataFrame]] = {"design": [], "weights alone": []}
    for _ in range(samples):
        chosen, weights = [], []
        for stratum in range(STRATA):
            taken = TAKEN * (1 + stratum % 3)  # strata are sampled at different rates
            for psu in random.choice(PSUS, DRAWN, replace=False):
                chosen.append(random.choice(rows[stratum * PSUS + psu], taken, replace=False))
                weights.append(np.full(taken, PSUS / DRAWN * PEOPLE / taken))
        frame = people.loc[np.concatenate(chosen)].assign(w=np.concatenate(weights))
        drawn["design"].append(numbers_of(tk.Design(frame, weights="w", strata="stratum", psu="unit")))
        drawn["weights alone"].append(numbers_of(tk.Design(frame, weights="w")))
    lines = []
    for method, results in drawn.items():
        every = pd.concat(results, ignore_index=True)
        every["value"] = every["term"].map(truth)
        every["inside"] = (every["ci_low"] <= every["value"]) & (every["value"] <= every["ci_high"])
        for term, own in every.groupby("term", sort=False):
            ratio = own["se"].mean() / own["estimate"].std()
            lines.append(
                {"standard errors of": method, "number": term, "coverage": round(own["inside"].mean(), 3),
                 "se / sd": round(ratio, 3), "samples": samples}
            )  # fmt: skip
    return pd.DataFrame(lines)


if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate)
