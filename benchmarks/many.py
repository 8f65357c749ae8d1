"""The share of each answer by country from a Parquet file, through DuckDB with two threads.

``speed.py`` runs this file on 100,000,000 rows. It prints the seconds of making the design and of the
estimate (its first call, which also looks up the answers), and the peak memory of the process in bytes.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import duckdb

import trustkit as tk


def peak_memory() -> float:
    """Return the process's largest resident memory in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would also count the parent that started this process
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return 1024 * float(line.split()[1])
    return 1024 * float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


if __name__ == "__main__":
    duckdb.sql("SET threads = 2")
    began = time.perf_counter()
    design = tk.Design(sys.argv[1], weights="weight", strata="stratum", psu="psu")
    made = time.perf_counter()
    tk.proportion(design, "answer", by="country")
    print(f"{made - began:.3f} {time.perf_counter() - made:.3f} {peak_memory():.0f}")
