"""Time drafting a codebook of a wide export, and reading the export back with it, in processor time.

    python benchmarks/wide_exports.py [--columns 3000] [--rows 1000] [--rounds 3] [--out FILE]

Writes `wide_exports.csv`: by kind of column and number of columns, the seconds of the processor that each
step took (the median of the rounds), and the seconds per 1,000 columns, which stay the same where the cost is
linear in columns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import trustkit as tk

SEED = 20251125
AGREEMENT = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree", "Don't know"]
BANDS = ["Under 18", "18 to 24", "25 to 34", "35 to 64", "65 or older"]
CHOICES = ["Email", "Post", "Phone", "Text message", "None of these"]
WORDS = [
    "they",
    "sell",
    "my",
    "data",
    "and",
    "nobody",
    "asks",
    "me",
    "before",
    "prices",
    "are",
    "fair",
    "often",
]
MIX = ("scale", "words", "decimals", "yes or no", "boxes", "bands", "joined", "open", "dates", "places")
"""The kinds of columns that take turns in a mixed export."""


def make_column(kind: str, rows: int, draw: np.random.Generator) -> np.ndarray | list[str]:
    """Return the cells of one column of a kind."""
    answers = {"words": AGREEMENT, "yes or no": ["Yes", "No"], "bands": BANDS}
    if kind in answers:
        return draw.choice(answers[kind], rows)
    if kind in ("scale", "boxes"):
        return draw.integers(1, 6, rows) if kind == "scale" else draw.integers(0, 2, rows)
    if kind == "decimals":
        return draw.normal(size=rows).round(3)
    texts = {"joined": _joined, "open": _open, "dates": _date, "places": _place}[kind]
    return [texts(draw) for _ in range(rows)]


def _joined(draw: np.random.Generator) -> str:
    chosen = draw.random(len(CHOICES) - 1) < 0.4
    return ";".join(np.array(CHOICES[:-1])[chosen]) or CHOICES[-1]


def _open(draw: np.random.Generator) -> str:
    return ", ".join(" ".join(draw.choice(WORDS, 5)) for _ in range(3))


def _date(draw: np.random.Generator) -> str:
    return str(np.datetime64("2024-01-01") + draw.integers(0, 300))


def _place(draw: np.random.Generator) -> str:
    return f"Town {draw.integers(0, 400):03d}"


def make_export(path: Path, kinds: tuple[str, ...], columns: int, rows: int) -> Path:
    """Write an export whose columns are of some kinds in turn; 50 different columns of a kind repeat."""
    draw = np.random.default_rng(SEED)
    stock = {kind: [make_column(kind, rows, draw) for _ in range(min(50, columns))] for kind in kinds}
    data = {}
    for number in range(columns):
        kind = kinds[number % len(kinds)]
        cells = stock[kind][number // len(kinds) % len(stock[kind])]
        data[f"{kind.split()[0]}_{number}"] = cells
    pd.DataFrame(data).to_csv(path, index=False)
    return path


def seconds_of(export: Path) -> dict[str, float]:
    """Return the processor's seconds of reading, drafting, writing and reading back."""
    book = export.with_suffix(".yaml")
    marks = [time.process_time()]
    survey = tk.read(export)
    marks.append(time.process_time())
    codebook = tk.draft_codebook(survey)
    marks.append(time.process_time())
    tk.write_codebook(codebook, book)
    marks.append(time.process_time())
    tk.read(export, codebook=book)
    marks.append(time.process_time())
    steps = ("read", "draft", "write codebook", "read back")
    return {step: end - start for step, start, end in zip(steps, marks, marks[1:], strict=False)}


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--columns", type=int, default=3000)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_suffix(".csv"))
    options = parser.parse_args()
    shapes = {
        "mixed": MIX,
        "numbers, words, decimals": MIX[:3],
        "one battery": MIX[:1],
        "open texts": ("open",),
    }
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        warm = make_export(Path(folder, "warm.csv"), MIX, len(MIX), 50)
        seconds_of(warm)
        for name, kinds in shapes.items():
            for columns in (options.columns // 3, options.columns):
                export = make_export(Path(folder, "export.csv"), kinds, columns, options.rows)
                runs = [seconds_of(export) for _ in range(options.rounds)]
                found = {step: statistics.median(run[step] for run in runs) for step in runs[0]}
                print(
                    f"{name}, {columns:,} columns:", {step: round(value, 2) for step, value in found.items()}
                )
                rows.append(
                    {"columns of": name, "columns": columns, "rows": options.rows}
                    | {step: f"{value:.2f}" for step, value in found.items()}
                    | {"draft per 1,000 columns": f"{1000 * found['draft'] / columns:.2f}"}
                )
    pd.DataFrame(rows).to_csv(options.out, index=False, lineterminator="\n")


if __name__ == "__main__":
    sys.exit(main())
