"""Does raking to 20 margins of 50 levels converge, and how long does it take? About a minute.

Run as ``python benchmarks/raking_many.py``. Each respondent is nearly a cell of its own then: 50^20 cells
don't fit an integer. The margins are up to 30% off. With too few respondents for a thousand targets,
raking must say so.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pandas as pd

import trustkit as tk

MARGINS, LEVELS = 20, 50
SIZES = (1_500, 5_000, 100_000, 1_000_000)
SEED = 20261124


def draw(n: int) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Return respondents with 20 variables and an outcome, and targets up to 30% off their margins."""
    rng = np.random.default_rng([SEED, n])
    names = [f"level {number:02d}" for number in range(LEVELS)]
    data: dict[str, object] = {"y": rng.normal(size=n)}
    targets = {}
    for margin in range(MARGINS):
        shares = rng.dirichlet(np.full(LEVELS, 20.0))
        wanted = shares * rng.uniform(0.7, 1.3, LEVELS)
        codes = np.concatenate([np.arange(LEVELS), rng.choice(LEVELS, n - LEVELS, p=shares)])
        data[f"v{margin:02d}"] = pd.Categorical.from_codes(rng.permutation(codes), names)
        targets[f"v{margin:02d}"] = dict(zip(names, wanted / wanted.sum(), strict=True))
    return pd.DataFrame(data), targets


def run(n: int) -> list[str]:
    """Return what raking n respondents gives."""
    data, targets = draw(n)
    design = tk.Design(data)
    start = perf_counter()
    try:
        raked = tk.rake(design, targets)
    except tk.TrustkitError as fault:
        told = f"{fault.what}: {fault.got}; {fault.do}"
        return [f"{n:,}", f"{perf_counter() - start:.2f}", "-", "-", "-", "-", told]
    seconds = perf_counter() - start
    step = raked.history[-1]
    start = perf_counter()
    tk.mean(raked, "y")
    numbers = [f"{seconds:.2f}", str(step.iterations), f"{step.error:.1g}", f"{step.deff:.2f}"]
    return [f"{n:,}", *numbers, f"{perf_counter() - start:.2f}", "converged"]


if __name__ == "__main__":
    print("| rows | raking, s | iterations | largest error | Kish deff | mean with se, s | |")
    print("|--:|--:|--:|--:|--:|--:|---|")
    for size in SIZES:
        print(f"| {' | '.join(run(size))} |", flush=True)
