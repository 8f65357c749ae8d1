"""A sample that is off its population, for tests of weighting: strata, PSUs, base weights, a tied outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

AGES = {"young": 0.3, "middle": 0.5, "old": 0.2}
SEXES = {"m": 0.48, "f": 0.52}
TARGETS = {"age": AGES, "sex": SEXES}
JOINT = {
    ("young", "m"): 0.16, ("young", "f"): 0.14, ("middle", "m"): 0.24,
    ("middle", "f"): 0.26, ("old", "m"): 0.08, ("old", "f"): 0.12,
}  # fmt: skip


def people(n=240, seed=7):
    """Return respondents in 2 strata of PSUs of six; the outcome goes with age, the sample is too old."""
    random = np.random.default_rng(seed)
    age = random.choice(list(AGES), n, p=[0.22, 0.42, 0.36])
    sex = random.choice(list(SEXES), n, p=[0.42, 0.58])
    push = 1.5 * (age == "old") - 1.0 * (age == "young") + 0.5 * (sex == "m")
    psu = np.arange(n) // 6
    return pd.DataFrame(
        {
            "age": age,
            "sex": sex,
            "psu": psu,
            "row": np.arange(n),
            "stratum": np.where(psu < psu.max() / 2, "n", "s"),
            "w": random.uniform(0.5, 2.5, n),
            "income": random.gamma(4, 10, n) + 5 * push,
            "y": push + random.normal(size=n) + 0.3 * random.normal(size=n)[psu],
            "yes": np.where(push + random.logistic(size=n) > 0, "yes", "no"),
        }
    )


def indicators(frame, targets=None):
    """Return one column per level of the targets' variables."""
    return np.column_stack(
        [frame[name] == level for name, levels in (targets or TARGETS).items() for level in levels]
    ).astype(float)


def residuals(outcome, variables, regression):
    """Take off, by rows, what a weighted regression on some variables explains."""
    root = np.sqrt(regression)[:, None]
    coefficients, *_ = np.linalg.lstsq(variables * root, outcome * root, rcond=None)
    return outcome - variables @ coefficients
