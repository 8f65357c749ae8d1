"""k-anonymity, l-diversity and t-closeness by pycanon, and their input; run in an environment of its own.

pycanon pins other versions of pandas and numpy than trustkit: pip install pycanon==1.3.6 in a new
environment, then python reference.py in this folder. It writes data.csv, output.json and versions.txt.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from pycanon import anonymity

HERE = Path(__file__).parent
CASES = {
    "all": ["region", "sex", "age", "schooling"],
    "without_age": ["region", "sex", "schooling"],
    "two": ["region", "sex"],
    "one": ["sex"],
}
SENSITIVE = ["illness", "income"]


def made_up(rows: int = 400) -> pd.DataFrame:
    """Return made-up respondents; those with little schooling earn less and are ill more often."""
    draw = np.random.default_rng(20261126)
    schooling = draw.choice(["low", "middle", "high"], rows, p=[0.3, 0.5, 0.2])
    low = schooling == "low"
    illness = np.where(draw.random(rows) < np.where(low, 0.3, 0.1), "diabetes", "none")
    illness[draw.random(rows) < 0.05] = "asthma"
    return pd.DataFrame(
        {
            "region": draw.choice(["north", "south", "east", "west"], rows),
            "sex": draw.choice(["woman", "man"], rows),
            "age": draw.choice(["18-34", "35-54", "55+"], rows, p=[0.3, 0.4, 0.3]),
            "schooling": schooling,
            "illness": illness,
            "income": draw.integers(1, 8, rows) + np.where(low, 0, 2),
            "weight": np.round(draw.gamma(4.0, 15.0, rows) + 1.0, 3),
        }
    )


def main() -> None:
    """Write the input, what pycanon says of it, and the versions."""
    made_up().to_csv(HERE / "data.csv", index=False, lineterminator="\n")
    data = pd.read_csv(HERE / "data.csv", keep_default_na=False)
    output = {
        name: {
            "quasi": quasi,
            "k": int(anonymity.k_anonymity(data, quasi)),
            "l": {one: int(anonymity.l_diversity(data, quasi, [one])) for one in SENSITIVE},
            "t": {one: float(anonymity.t_closeness(data, quasi, [one])) for one in SENSITIVE},
        }
        for name, quasi in CASES.items()
    }
    (HERE / "output.json").write_text(json.dumps(output, indent=1) + "\n", encoding="utf-8")
    lines = [f"{name} {version(name)}" for name in ("pycanon", "pandas", "numpy")]
    (HERE / "versions.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
