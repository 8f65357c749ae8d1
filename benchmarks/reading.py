"""How long does a large export take to read, check and clean, beside pandas with its fastest engine?

Run as ``python benchmarks/reading.py``; ``--rows`` and ``--repeats`` make it smaller. It makes one CSV file
of 60 columns and its codebook in a temporary folder, from a fixed seed: an identifier with leading zeros, of
which 1 in 100 repeats, the seconds taken, an attention check, a battery of 10 items, 37 closed questions of
which every fourth is asked of some only, 4 numbers with decimals, 3 dates, a weight, and open text in quotes
(without line breaks, which pandas' engine can't read). All made up.

By turns it times ``pandas.read_csv(engine="pyarrow")`` and then ``read``, ``Survey.check`` and ``clean`` on
the same file, and writes the medians to ``reading.md``. `clean` compares the data with the codebook itself
before it starts, so the three together check twice; read and clean alone are what a script waits for.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

import trustkit as tk
from trustkit.survey.codebook import Roles

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = 20261124
ROWS, REPEATS = 1_000_000, 5
ITEMS, QUESTIONS = 10, 37
FACTOR, SPARE_SECONDS = 1.5, 2.0
"""What reading, checking and cleaning together may take: so many times pandas' time, plus so many seconds."""

ANSWERS = {1: "Not at all", 2: "A little", 3: "Somewhat", 4: "A lot", 5: "Completely"}
MISSING = {97: "not asked", 98: "don't know", 99: "refused"}
WORDS = ["", "fine", "no opinion", "it depends, mostly", 'they said "no"', "é"]
CLEANING = (
    {"step": "drop_duplicates", "key": "id"},
    {"step": "drop_failed_attention", "variable": "attention", "passed": "A lot"},
    {"step": "drop_speeders", "duration": "seconds", "share_of_median": 0.33},
    {"step": "drop_straightliners", "items": "battery"},
    {"step": "set_missing"},
)


def make_file(path: Path, rows: int) -> tk.Codebook:
    """Write the export and return its codebook."""
    draw = np.random.default_rng(SEED)
    ids = np.array([f"{number:07d}" for number in range(rows)], dtype=object)
    repeated = draw.integers(1, rows, rows // 100)
    ids[repeated] = ids[repeated - 1]
    columns: dict[str, object] = {
        "id": ids,
        "seconds": draw.lognormal(6.5, 0.5, rows).round(),
        "attention": np.where(draw.random(rows) < 0.95, 4, draw.integers(1, 6, rows)),
    }
    about = [
        tk.Variable("id", "Respondent", "id"),
        tk.Variable("seconds", "Seconds", "numeric", low=0),
        tk.Variable("attention", "Choose: A lot", "single", codes=ANSWERS, missing=MISSING),
    ]
    straight, one = draw.random(rows) < 0.02, draw.integers(1, 6, rows)
    chance = [0.18] * 5 + [0.06, 0.04]
    codes = [*ANSWERS, 98, 99]
    for number in range(1, ITEMS + 1):
        name = f"item{number:02d}"
        columns[name] = np.where(straight, one, draw.choice(codes, rows, p=chance))
        about.append(tk.Variable(name, name, "ordinal", codes=ANSWERS, missing=MISSING, set="battery"))
    for number in range(1, QUESTIONS + 1):
        name, before = f"q{number:02d}", f"q{number - 1:02d}"
        columns[name], asked = draw.choice(codes, rows, p=chance), {}
        if number % 4 == 0:
            asked = {before: ("A lot", "Completely")}
            columns[name] = np.where(np.isin(columns[before], [4, 5]), columns[name], 97)
        about.append(tk.Variable(name, name, "ordinal", codes=ANSWERS, missing=MISSING, asked=asked))
    for name in ("minutes", "income", "score", "share"):
        columns[name] = draw.gamma(2.0, 10.0, rows).round(3)
        about.append(tk.Variable(name, name.capitalize(), "numeric", low=0))
    for name in ("began", "ended", "born"):
        columns[name] = np.datetime64("2026-01-01") + draw.integers(0, 200, rows)
        about.append(tk.Variable(name, name.capitalize(), "date"))
    columns["weight"] = draw.uniform(0.5, 1.5, rows).round(4)
    columns["words"] = np.array(WORDS, dtype=object)[draw.integers(0, len(WORDS), rows)]
    about += [tk.Variable("weight", "Weight", "weight"), tk.Variable("words", "Anything else?", "text")]
    pd.DataFrame(columns).to_csv(path, index=False)
    return tk.Codebook(
        {variable.name: variable for variable in about},
        title="Made up",
        data="synthetic",
        design=Roles(weights="weight"),
        track={"q01": "A lot"},
        cleaning=CLEANING,
    )


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long a call takes, and what it returns."""
    began = time.perf_counter()
    found = run()
    return time.perf_counter() - began, found


def one_round(path: Path, book: tk.Codebook, rows: int) -> dict[str, float]:
    """Time each step once."""
    pandas_time, frame = timed(lambda: pd.read_csv(path, engine="pyarrow"))
    assert frame.shape == (rows, len(book.variables))
    del frame
    read_time, survey = timed(lambda: tk.read(path, book))
    check_time, faults = timed(survey.check)
    clean_time, cleaned = timed(lambda: tk.clean(survey))
    assert len(survey.data) == rows
    assert faults.empty
    assert len(cleaned.data) < rows
    return {"pandas": pandas_time, "read": read_time, "check": check_time, "clean": clean_time}


def as_text(rounds: list[dict[str, float]], rows: int, megabytes: float) -> str:
    """Say what was seen, as Markdown."""
    taken = {name: median(times[name] for times in rounds) for name in rounds[0]}
    ours = taken["read"] + taken["check"] + taken["clean"]
    allowed = FACTOR * taken["pandas"] + SPARE_SECONDS
    versions = ", ".join(f"{module.__name__} {module.__version__}" for module in (tk, pd, np, pa))
    lines = [
        "# Reading, checking and cleaning",
        "",
        "Written by `benchmarks/reading.py`; `--help` says how. The data are made up.",
        "",
        f"{rows:,} rows x 60 columns of CSV, {megabytes:.0f} MB, synthetic; {len(CLEANING)} cleaning steps.",
        f"Medians of {len(rounds)} rounds, pandas and trustkit by turns (lowest and highest in brackets).",
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores; {versions}.",
        "",
        "| what | seconds | times pandas |",
        "|---|---:|---:|",
    ]
    words = {
        "pandas": '`pandas.read_csv(engine="pyarrow")`',
        "read": "`read`",
        "check": "`Survey.check`",
        "clean": "`clean`",
    }
    for name, word in words.items():
        times = [each[name] for each in rounds]
        spread = f"({min(times):.2f} to {max(times):.2f})"
        lines.append(f"| {word} | {taken[name]:.2f} {spread} | {taken[name] / taken['pandas']:.2f} |")
    without = taken["read"] + taken["clean"]
    wanted = f"all three in at most {FACTOR} times pandas plus {SPARE_SECONDS:.0f} s, here {allowed:.2f} s"
    lines += [
        f"| `read`, `Survey.check` and `clean` | {ours:.2f} | {ours / taken['pandas']:.2f} |",
        f"| `read` and `clean`, which checks itself | {without:.2f} | {without / taken['pandas']:.2f} |",
        "",
        f"Wanted: {wanted}. Taken: {ours:.2f} s. Met: {'yes' if ours <= allowed else '**no**'}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Make the file, time the rounds, print and write what was seen."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".md"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.csv"
        book = make_file(path, options.rows)
        rounds = [one_round(path, book, options.rows) for _ in range(options.repeats)]
        text = as_text(rounds, options.rows, path.stat().st_size / 1e6)
    print(text)
    options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
