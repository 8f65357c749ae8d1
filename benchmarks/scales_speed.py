"""How long do the coefficients of a scale of 20 items and 1,000,000 respondents take, and a factor model?

Run as ``python benchmarks/scales_speed.py``. It writes ``benchmarks/scales_speed.csv``: for each method the
median of five runs in seconds of the clock and of the processor, with one BLAS thread. The factor model has
three factors of three items each and 5,000 respondents. Seeded; half a minute.
"""

from __future__ import annotations

import argparse
import os
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import trustkit as tk

if TYPE_CHECKING:
    from collections.abc import Callable

CSV = Path(__file__).with_suffix(".csv")
ROWS, ITEMS, PSUS, RUNS, FEW = 1_000_000, 20, 1_000, 5, 5_000
METHODS = ("alpha", "standardized_alpha", "lambda6", "omega")


def main() -> None:
    """Time each method, and write the file."""
    parser = argparse.ArgumentParser(description="the speed of reliability and factor models")
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--out", type=Path, default=CSV)
    given = parser.parse_args()
    random = np.random.default_rng(20251125)
    trait = random.normal(size=given.rows)
    items = [f"item{place}" for place in range(ITEMS)]
    frame = pd.DataFrame(
        {name: np.clip(np.round(3 + trait + random.normal(size=given.rows)), 1, 5) for name in items}
    )
    frame = frame.assign(weight=random.uniform(0.5, 2, given.rows), psu=random.integers(0, PSUS, given.rows))
    design = tk.Design(
        frame.assign(stratum=frame["psu"] // 20), weights="weight", strata="stratum", psu="psu"
    )
    size = {"rows": given.rows, "items": ITEMS}
    rows = [timed(method, partial(tk.reliability, design, items, method=method)) | size for method in METHODS]
    names = [f"x{place}" for place in range(9)]
    traits = np.repeat(random.normal(size=(FEW, 3)) + random.normal(size=(FEW, 1)), 3, axis=1)
    few = pd.DataFrame(traits + random.normal(size=(FEW, 9)), columns=names)
    model = {"first": names[:3], "second": names[3:6], "third": names[6:]}
    fit = partial(
        tk.confirm, tk.Design(few.assign(weight=random.uniform(0.5, 2, FEW)), weights="weight"), model
    )
    rows.append(timed("confirm", fit) | {"rows": FEW, "items": 9})
    pd.DataFrame(rows).to_csv(given.out, index=False)


def timed(name: str, call: Callable[[], object]) -> dict[str, object]:
    """Return the median seconds of some runs after a first one, which imports."""
    seconds = []
    for _ in range(RUNS + 1):
        clock, processor = time.perf_counter(), time.process_time()
        call()
        seconds.append((time.perf_counter() - clock, time.process_time() - processor))
    clock, processor = np.median(seconds[1:], axis=0)
    return {"method": name, "seconds": round(clock, 3), "processor": round(processor, 3)}


if __name__ == "__main__":
    main()
