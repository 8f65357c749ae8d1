"""How often does a letter appear where columns do not differ? A simulation; five minutes.

Run as ``python benchmarks/letters_size.py``. It writes ``benchmarks/letters_size.csv``, and from that file a
table in ``docs/maths.md``. Seeded. A sample has 4 strata of 10 PSUs with 15 respondents each and uneven
weights. The share of an answer varies from PSU to PSU, and does not depend on the columns. A row of the file
is one way to compare columns at the 5% level:

``pair``: how often one pair of columns has a letter, without adjustment.
``row``: how often a row has any letter, after Holm's adjustment (and without, beside it).
``textbook``: the same pairs by the z test with weighted shares, unweighted bases and a pooled variance, as
programs without a survey design do it.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from simulations import markdown, run

import trustkit as tk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20261126
SAMPLES = 4000
STRATA, PSUS, PEOPLE = 4, 10, 15
"""Strata, PSUs in each, and respondents in each PSU."""
CORRELATION, SHARE = 0.05, 0.4
AREAS = {"north": 0.4, "middle": 0.35, "south": 0.25}
"""Columns that share no respondents, and how large they are."""
BRANDS = {"one": 0.5, "two": 0.4, "three": 0.3}
"""Columns that share respondents."""
ALPHA = 0.05

HEADS = {
    "columns without common respondents": "area",
    "columns with common respondents": {f"brand {name}": {name: "yes"} for name in BRANDS},
}


def sample(rng: np.random.Generator) -> pd.DataFrame:
    """Draw a sample in which the answer has nothing to do with the columns."""
    psu = np.repeat(np.arange(STRATA * PSUS), PEOPLE)
    spread = 1 / CORRELATION - 1
    own = rng.beta(SHARE * spread, (1 - SHARE) * spread, STRATA * PSUS)[psu]
    brands = {name: np.where(rng.random(len(psu)) < share, "yes", "no") for name, share in BRANDS.items()}
    return pd.DataFrame(
        {
            "stratum": psu // PSUS,
            "psu": psu,
            "weight": rng.gamma(2.0, 0.5, len(psu)) + 0.2,
            "answer": np.where(rng.random(len(psu)) < own, "yes", "no"),
            "area": rng.choice(list(AREAS), len(psu), p=list(AREAS.values())),
            **brands,
        }
    )


def textbook(frame: pd.DataFrame, head: str) -> Floats:
    """Return the p-value of each pair: weighted shares, unweighted bases, pooled, as if independent."""
    if head == HEADS["columns without common respondents"]:
        inside = [frame["area"] == name for name in sorted(AREAS)]
    else:
        inside = [frame[name] == "yes" for name in BRANDS]
    yes = frame["answer"] == "yes"
    share = [np.average(yes[rows], weights=frame["weight"][rows]) for rows in inside]
    n = [int(rows.sum()) for rows in inside]
    p = []
    for one, two in combinations(range(len(inside)), 2):
        pooled = (share[one] * n[one] + share[two] * n[two]) / (n[one] + n[two])
        se = np.sqrt(pooled * (1 - pooled) * (1 / n[one] + 1 / n[two]))
        p.append(2 * stats.norm.sf(abs(share[one] - share[two]) / se))
    return np.array(p)


def p_values_of(frame: pd.DataFrame) -> dict[tuple[str, str], tuple[Floats, Floats, Floats]]:
    """Return p-values of one sample by head and comparison: plain, adjusted, and textbook ones."""
    design = tk.Design(frame, weights="weight", strata="stratum", psu="psu")
    p_values = {}
    for against in ("pairs", "rest"):
        table = tk.banner(design, ["answer"], list(HEADS.values()), letters=tk.Letters(against=against))
        tests = table["answer"].tests
        tests = tests[tests["row"] == "yes"]
        for (name, head), (_, own) in zip(HEADS.items(), tests.groupby("head", sort=False), strict=True):
            plain = own["p_value"].to_numpy(dtype=float)
            other = textbook(frame, head) if against == "pairs" else np.full(len(plain), np.nan)
            p_values[name, against] = (plain, own["p_adjusted"].to_numpy(dtype=float), other)
    return p_values


def simulate(samples: int) -> pd.DataFrame:
    """Return how often letters appear, one row per head and comparison."""
    rng = np.random.default_rng(SEED)
    every: dict[tuple[str, str], list[tuple[Floats, Floats, Floats]]] = {}
    for _ in range(samples):
        for key, p_values in p_values_of(sample(rng)).items():
            every.setdefault(key, []).append(p_values)
    rows = []
    for (head, against), results in every.items():
        plain, adjusted, other = (np.array(values) for values in zip(*results, strict=True))
        rows.append(
            {
                "columns": head,
                "compared with": "each other" if against == "pairs" else "the rest",
                "samples": samples,
                "pair": (plain < ALPHA).mean(),
                "row, Holm": (adjusted < ALPHA).any(axis=1).mean(),
                "row, not adjusted": (plain < ALPHA).any(axis=1).mean(),
                "pair, textbook": (other < ALPHA).mean() if against == "pairs" else np.nan,
            }
        )
    return pd.DataFrame(rows).round(5)


def table(results: pd.DataFrame) -> str:
    """Return the results in percent as a table of the documentation."""
    rates = {
        "pair": "a pair",
        "row, Holm": "a row, Holm",
        "row, not adjusted": "a row, not adjusted",
        "pair, textbook": "a pair, textbook z",
    }
    body = [
        [row["columns"], row["compared with"]]
        + ["" if np.isnan(row[rate]) else f"{100 * row[rate]:.1f}" for rate in rates]
        for row in results.to_dict("records")
    ]
    return markdown(["columns", "compared with", *rates.values()], body, texts=2)


TABLES = {"letters": table}

if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate, TABLES)
