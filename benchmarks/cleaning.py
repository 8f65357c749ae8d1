"""How long do checking and cleaning 1,000,000 respondents x 60 columns take?

Run as ``python benchmarks/cleaning.py``, with ``--profile`` to see where the time goes and ``--rows`` for
another size. The respondents are made up. Reading is timed in a benchmark of its own.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import trustkit as tk
from trustkit.codebook import Roles

if TYPE_CHECKING:
    from collections.abc import Callable

ITEMS, ANSWERS, NUMBERS = 10, 40, 6
AGREE = {1: "Disagree", 2: "Rather disagree", 3: "Neither", 4: "Rather agree", 5: "Agree"}
MISSING = {8: "don't know", 9: "refused", 99: "not asked"}


def make_survey(rows: int) -> tk.Survey:
    """Make up an identifier, a length, an attention check, 10 items, 40 questions, 6 numbers and a weight."""
    rng = np.random.default_rng(20240301)
    ids = np.array([f"r{number:07d}" for number in range(rows)], dtype=object)
    ids[rng.integers(0, rows, rows // 100)] = ids[0]
    straight = rng.random(rows) < 0.02
    one = rng.integers(1, 6, rows)
    columns: dict[str, object] = {
        "id": pd.array(ids, dtype="str"),
        "seconds": rng.lognormal(6.5, 0.5, rows).round(),
        "check": np.where(rng.random(rows) < 0.95, 5, rng.integers(1, 5, rows)),
    }
    about = [
        tk.Variable("id", "Identifier", "id"),
        tk.Variable("seconds", "Seconds", "numeric", missing={-1: "skipped"}),
        tk.Variable("check", "Choose Agree", "single", codes=AGREE, missing=MISSING),
    ]
    for number in range(ITEMS):
        name = f"item_{number}"
        columns[name] = np.where(straight, one, rng.choice([1, 2, 3, 4, 5, 8, 9], rows))
        about.append(tk.Variable(name, name, "ordinal", codes=AGREE, missing=MISSING, set="battery"))
    for number in range(ANSWERS):
        name = f"q_{number}"
        columns[name] = rng.choice([1, 2, 3, 4, 5, 8], rows)
        asked = {}
        if number % 4 == 3:
            asked = {f"q_{number - 1}": ("Agree", "Rather agree")}
            columns[name] = np.where(np.isin(columns[f"q_{number - 1}"], [4, 5]), columns[name], 99)
        about.append(tk.Variable(name, name, "single", codes=AGREE, missing=MISSING, asked=asked))
    for number in range(NUMBERS):
        name = f"x_{number}"
        columns[name] = np.where(rng.random(rows) < 0.05, 999, rng.integers(0, 101, rows))
        about.append(tk.Variable(name, name, "numeric", low=0, high=100, missing={999: "refused"}))
    columns["weight"] = rng.uniform(0.5, 2, rows)
    about.append(tk.Variable("weight", "Weight", "weight"))
    book = tk.Codebook(
        {variable.name: variable for variable in about},
        data="synthetic",
        design=Roles(weights="weight"),
        track={"q_0": "Agree", "q_1": "Agree"},
        cleaning=(
            {"step": "drop_duplicates", "by": "id"},
            {"step": "drop_failed_attention", "variable": "check", "passed": "Agree"},
            {"step": "drop_speeders", "duration": "seconds", "share_of_median": 0.33},
            {"step": "drop_straightliners", "items": "battery"},
            {"step": "set_missing"},
        ),
    )
    return tk.Survey(pd.DataFrame(columns), book)


def seconds(task: Callable[[], object], *, times: int) -> float:
    """Return the median of a task's seconds, after one run that isn't counted."""
    task()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        task()
        taken.append(time.perf_counter() - start)
    return median(taken)


def main() -> None:
    """Time the tasks and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    survey = make_survey(options.rows)
    print(f"{len(survey.data):,} respondents x {survey.data.shape[1]} columns, made up")
    tasks = {
        "check": survey.check,
        "clean (checks first)": lambda: tk.clean(survey),
        "clean, loss by a group": lambda: tk.clean(survey, by="q_5"),
    }
    for name, task in tasks.items():
        print(f"{name:<24} {seconds(task, times=options.times):6.2f} s")
    if options.profile:
        with cProfile.Profile() as profile:
            tk.clean(survey)
        pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
