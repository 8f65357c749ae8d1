"""The share of each answer by country, or a logit on two factors, from a Parquet file through DuckDB.

``speed.py`` runs this file on 100,000,000 rows; ``models_speed.py --large`` runs it with ``--model logit``.
It prints the seconds of making the design and of the estimate (its first call, which also looks up the
answers), and the peak memory of the process in bytes. DuckDB has two threads.
"""

from __future__ import annotations

import argparse
import resource
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


def main() -> None:
    """Make the design and the estimate, and print what they took."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", help="the Parquet file, as write_many of respondents.py makes it")
    parser.add_argument("--model", choices=("shares", "logit"), default="shares")
    given = parser.parse_args()
    duckdb.sql("SET threads = 2")
    began = time.perf_counter()
    design = tk.Design(given.file, weights="weight", strata="stratum", psu="psu")
    made = time.perf_counter()
    if given.model == "logit":
        tk.glm(design, "level(answer, 'always') ~ age + country", family="binomial")
    else:
        tk.proportion(design, "answer", by="country")
    print(f"{made - began:.3f} {time.perf_counter() - made:.3f} {peak_memory():.0f}")


if __name__ == "__main__":
    main()
