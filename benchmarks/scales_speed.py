"""How long do the coefficients of a scale of 20 items and 1,000,000 respondents take?

Run as ``python benchmarks/scales_speed.py``. It writes ``benchmarks/scales_speed.csv``: for each method the
median of five runs in seconds of the clock and of the processor, with one BLAS thread. Seeded; half a minute.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

import trustkit as tk

CSV = Path(__file__).with_suffix(".csv")
ROWS, ITEMS, PSUS, RUNS = 1_000_000, 20, 1_000, 5
METHODS = ("alpha", "standardized_alpha", "lambda6", "omega")


def main() -> None:
    """Time each method, and write the file."""
    random = np.random.default_rng(20251125)
    trait = random.normal(size=ROWS)
    items = [f"item{place}" for place in range(ITEMS)]
    frame = pd.DataFrame(
        {name: np.clip(np.round(3 + trait + random.normal(size=ROWS)), 1, 5) for name in items}
    )
    frame = frame.assign(weight=random.uniform(0.5, 2, ROWS), psu=random.integers(0, PSUS, ROWS))
    design = tk.Design(
        frame.assign(stratum=frame["psu"] // 20), weights="weight", strata="stratum", psu="psu"
    )
    rows = []
    for method in METHODS:
        seconds = []
        for _ in range(RUNS + 1):
            clock, processor = time.perf_counter(), time.process_time()
            tk.reliability(design, items, method=method)
            seconds.append((time.perf_counter() - clock, time.process_time() - processor))
        clock, processor = np.median(seconds[1:], axis=0)  # the first run imports
        rows.append({"method": method, "seconds": round(clock, 3), "processor": round(processor, 3)})
    pd.DataFrame(rows).assign(rows=ROWS, items=ITEMS).to_csv(CSV, index=False)


if __name__ == "__main__":
    main()
