"""How long does a large export take to read and check, beside pandas with its fastest engine?

Run as ``python benchmarks/reading.py [ROWS]`` (1,000,000 by default, 60 columns). It makes a CSV file and its
codebook in a temporary folder, from a fixed seed: an identifier with leading zeros, 50 closed questions with
codes and missing codes, 4 numbers with decimals, 3 dates, a weight, and open text in quotes (without line
breaks, which pandas' engine can't read). Then it times, by turns, ``pandas.read_csv(engine="pyarrow")`` and
``read`` followed by ``Survey.check``, and prints the median seconds of each, their ratio, and what is left of
the allowance of 1.5 times plus 2 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd

from trustkit.codebook import Codebook, Variable
from trustkit.read import read

SEED = 20261124
ROWS = 1_000_000
QUESTIONS = 50
REPEATS = 5
FACTOR, SPARE_SECONDS = 1.5, 2.0
"""What reading, checking and cleaning together may take: so many times pandas' time, plus so many seconds."""

ANSWERS = {1: "Not at all", 2: "A little", 3: "Somewhat", 4: "A lot", 5: "Completely"}
MISSING = {98: "don't know", 99: "refused"}
WORDS = ["", "fine", "no opinion", "it depends, mostly", 'they said "no"', "é"]


def make_file(path: Path, rows: int) -> Codebook:
    """Write the export and return its codebook."""
    draw = np.random.default_rng(SEED)
    columns: dict[str, object] = {"id": [f"{number:07d}" for number in range(rows)]}
    variables = [Variable("id", "Respondent", "id")]
    for number in range(1, QUESTIONS + 1):
        name = f"q{number:02d}"
        columns[name] = draw.choice([*ANSWERS, *MISSING], rows, p=[0.18] * 5 + [0.06, 0.04])
        variables.append(Variable(name, f"Question {number}", "ordinal", codes=ANSWERS, missing=MISSING))
    for name in ("minutes", "income", "score", "share"):
        columns[name] = draw.gamma(2.0, 10.0, rows).round(3)
        variables.append(Variable(name, name.capitalize(), "numeric", low=0))
    for name in ("began", "ended", "born"):
        columns[name] = np.datetime64("2026-01-01") + draw.integers(0, 200, rows)
        variables.append(Variable(name, name.capitalize(), "date"))
    columns["weight"] = draw.gamma(4.0, 0.25, rows).round(4)
    columns["words"] = np.array(WORDS, dtype=object)[draw.integers(0, len(WORDS), rows)]
    variables += [Variable("weight", "Weight", "weight"), Variable("words", "Anything else?", "text")]
    pd.DataFrame(columns).to_csv(path, index=False)
    return Codebook({variable.name: variable for variable in variables}, title="Made up", data="synthetic")


def seconds(run: object) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main(rows: int = ROWS) -> None:
    """Time both by turns and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        book = make_file(path, rows)
        print(f"{rows:,} rows x {len(book.variables)} columns, {path.stat().st_size / 1e6:.0f} MB, synthetic")
        surveys = []

        def ours() -> None:
            surveys[:] = [read(path, book)]
            assert surveys[0].check().empty

        pairs = [
            (seconds(lambda: pd.read_csv(path, engine="pyarrow")), seconds(ours)) for _ in range(REPEATS)
        ]
        assert len(surveys[0].data) == rows
        pandas_time, our_time = (median(times) for times in zip(*pairs, strict=True))
        allowed = FACTOR * pandas_time + SPARE_SECONDS
        print(f"pandas.read_csv(engine='pyarrow')  {pandas_time:.2f} s")
        print(f"read and check                     {our_time:.2f} s, {our_time / pandas_time:.2f} times")
        print(f"allowed with cleaning              {allowed:.2f} s, {allowed - our_time:.2f} s left for it")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
