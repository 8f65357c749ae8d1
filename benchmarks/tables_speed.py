"""How long does a banner book take: 100 questions by 25 columns, with letters?

Run as ``python benchmarks/tables_speed.py``. It writes ``benchmarks/tables_speed.csv``: for 5,000 and
1,000,000 respondents in 50 strata of 20 PSUs the seconds of the clock and of the processor, how many
pairs of columns were tested, and the same seconds for the protection of the whole book. Seeded; two minutes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

CSV = Path(__file__).with_suffix(".csv")
ROWS = (5_000, 1_000_000)
ASKED = 100
HEADS = ["country", "age", "sex", "education", "employment"]
"""Heads with 8, 6, 2, 4 and 5 columns."""


def main() -> None:
    """Time each size, and write the file."""
    import pandas as pd  # noqa: PLC0415
    from respondents import QUESTIONS, make_book  # noqa: PLC0415

    import trustkit as tk  # noqa: PLC0415

    parser = argparse.ArgumentParser(description="the speed of banner tables")
    parser.add_argument("--rows", type=int, nargs="*", default=list(ROWS))
    parser.add_argument("--out", type=Path, default=CSV)
    given = parser.parse_args()
    measured = []
    for rows in given.rows:
        frame = make_book(rows)
        asked = [f"{QUESTIONS[place % len(QUESTIONS)]}_{place}" for place in range(ASKED)]
        frame = frame.assign(**{name: frame[name.rpartition("_")[0]] for name in asked})
        design = tk.Design(frame, weights="weight", strata="stratum", psu="psu")
        tk.banner(design, asked[:1], HEADS)  # the first call imports
        clock, processor = time.perf_counter(), time.process_time()
        book = tk.banner(design, asked, HEADS)
        seconds, own = time.perf_counter() - clock, time.process_time() - processor
        clock, processor = time.perf_counter(), time.process_time()
        tk.protect([book])
        protected, own_protected = time.perf_counter() - clock, time.process_time() - processor
        tested = sum(int(table.tests["p_value"].notna().sum()) for table in book)
        measured.append(
            {
                "rows": rows,
                "questions": ASKED,
                "columns": len(book[asked[0]].frame["letter"].unique()) - 1,
                "pairs tested": tested,
                "seconds": round(seconds, 2),
                "processor": round(own, 2),
                "protection": round(protected, 2),
                "protection, processor": round(own_protected, 2),
            }
        )
    pd.DataFrame(measured).to_csv(given.out, index=False)
    sys.stdout.write(given.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
