"""Does raking to 20 margins of 50 levels converge, and how long does it take? About a minute.

Run as ``python benchmarks/raking_many.py``. It writes ``benchmarks/raking_many.csv``, with the seconds of the
processor. Each respondent is nearly a cell of its own then: 50^20 cells don't fit an integer. The margins are
up to 30% off. With too few respondents for a thousand targets, raking must say so.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from time import process_time

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


def run(n: int) -> dict[str, object]:
    """Return what raking n respondents gives."""
    data, targets = draw(n)
    design = tk.Design(data)
    start = process_time()
    try:
        raked = tk.rake(design, targets)
    except tk.TrustkitError as fault:
        refused = f"{fault.what}: {fault.got}; {fault.do}"
        return {"rows": n, "raking, processor": round(process_time() - start, 2), "result": refused}
    seconds = process_time() - start
    step = raked.history[-1]
    start = process_time()
    tk.mean(raked, "y")
    return {
        "rows": n,
        "raking, processor": round(seconds, 2),
        "iterations": step.iterations,
        "largest error": f"{step.error:.1g}",
        "Kish deff": round(step.deff, 2),
        "mean, processor": round(process_time() - start, 2),
        "result": "converged",
    }


def main() -> None:
    """Rake each number of rows, and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    given = parser.parse_args()
    rows = [run(n) for n in sorted(given.rows, reverse=True)]  # the first has all columns
    table = pd.DataFrame(rows[::-1], columns=list(rows[0])).convert_dtypes()
    table.to_csv(given.out, index=False, lineterminator="\n")
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
