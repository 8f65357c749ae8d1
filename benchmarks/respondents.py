"""Respondents made up for the benchmark: the same rows for every peer, from a fixed seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20240229
STRATA, PSUS, REPLICATES = 50, 20, 80
ANSWERS = ["never", "rarely", "sometimes", "often", "always"]
COUNTRIES = ["AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL"]
AGES = ["16-24", "25-34", "35-44", "45-54", "55-64", "65+"]
SEXES = ["female", "male"]
BANNERS = {"country": 8, "age": 6, "sex": 2, "education": 4, "employment": 5, "device": 3}
QUESTIONS = [f"q{number:02d}" for number in range(1, 41)]
CUTS = [-1.0, -0.3, 0.3, 1.0]

MARGINS = {
    "age": dict(zip(AGES, [0.12, 0.16, 0.17, 0.18, 0.16, 0.21], strict=True)),
    "country": dict(zip(COUNTRIES, [0.06, 0.07, 0.27, 0.15, 0.20, 0.12, 0.06, 0.07], strict=True)),
    "sex": {"female": 0.51, "male": 0.49},
}
"""What the weights are raked to, as shares."""


def make_respondents(rows: int) -> pd.DataFrame:
    """Return respondents in 50 strata of 20 PSUs, with gamma weights; answer and income share PSU effects.

    ``chance`` is the probability that a PSU was sampled, for designs without replacement.
    """
    draw = np.random.default_rng(SEED)
    stratum, psu = draw.integers(0, STRATA, rows), draw.integers(0, PSUS, rows)
    effect = draw.normal(0, 0.5, (STRATA, PSUS))[stratum, psu]
    country = draw.integers(0, len(COUNTRIES), rows)
    trust = effect + 0.1 * country + draw.normal(size=rows)
    income = np.exp(10 + 0.3 * effect + 0.05 * country + draw.normal(0, 0.6, rows))
    return pd.DataFrame(
        {
            "answer": pd.Categorical.from_codes(np.digitize(trust, CUTS), ANSWERS, ordered=True),
            "country": pd.Categorical.from_codes(country, COUNTRIES),
            "income": income.round(2),
            "weight": draw.gamma(2.0, 0.5, rows),
            "stratum": stratum,
            "psu": psu,
            "chance": 0.05 + 0.01 * ((7 * stratum + 3 * psu) % 20),
            "age": pd.Categorical.from_codes(draw.integers(0, len(AGES), rows), AGES),
            "sex": pd.Categorical.from_codes(draw.integers(0, len(SEXES), rows), SEXES),
        }
    )


def make_multipliers() -> pd.DataFrame:
    """Return Rao-Wu bootstrap multipliers: one row per PSU, one column per replicate."""
    draw = np.random.default_rng(SEED + 1)
    drawn = draw.multinomial(PSUS - 1, np.full(PSUS, 1 / PSUS), (STRATA, REPLICATES))
    values = drawn.transpose(0, 2, 1).reshape(STRATA * PSUS, REPLICATES) * PSUS / (PSUS - 1)
    return pd.DataFrame(values, columns=[f"replicate{number}" for number in range(1, REPLICATES + 1)])


def make_book(rows: int) -> pd.DataFrame:
    """Return respondents with forty questions of five answers and six banner variables."""
    draw = np.random.default_rng(SEED + 2)
    frame = make_respondents(rows)[["weight", "stratum", "psu", "country", "age", "sex"]]
    others = {
        name: pd.Categorical.from_codes(
            draw.integers(0, size, rows), [f"{name} {level}" for level in range(size)]
        )
        for name, size in BANNERS.items()
        if name not in frame
    }
    questions = {
        name: pd.Categorical.from_codes(draw.integers(0, len(ANSWERS), rows), ANSWERS) for name in QUESTIONS
    }
    return pd.concat([frame, pd.DataFrame({**others, **questions})], axis=1)


def write_respondents(folder: Path, rows: int) -> None:
    """Write respondents and multipliers as Parquet, and as CSV for R with the margins to rake to."""
    for name, frame in (("respondents", make_respondents(rows)), ("multipliers", make_multipliers())):
        frame.to_parquet(folder / f"{name}.parquet", index=False)
        frame.to_csv(folder / f"{name}.csv", index=False)
    margins = [
        f"{name}\t{level}\t{share}" for name, shares in MARGINS.items() for level, share in shares.items()
    ]
    (folder / "margins.txt").write_text("\n".join(margins) + "\n", encoding="utf-8")


def write_many(path: Path, rows: int) -> None:
    """Let DuckDB write many respondents to a Parquet file, with two threads; a hash stands for chance."""
    import duckdb  # noqa: PLC0415

    def uniform(salt: int) -> str:
        return f"((hash(8 * i + {salt}) >> 11) + 1) / 9007199254740993.0"

    def label(names: list[str], place: str) -> str:
        return f"[{', '.join(repr(name) for name in names)}][({place})::BIGINT]"

    answer = f"1 + floor(i % 1000 / 1000.0 + 4 * {uniform(1)})"
    duckdb.sql("SET threads = 2")
    duckdb.sql(f"""
        COPY (
            SELECT
                {label(ANSWERS, answer)} AS answer,
                {label(COUNTRIES, f"1 + hash(8 * i + 2) % {len(COUNTRIES)}")} AS country,
                {label(AGES, f"1 + hash(8 * i + 5) % {len(AGES)}")} AS age,
                -0.5 * (ln({uniform(3)}) + ln({uniform(4)})) AS weight,
                (i % {STRATA})::TINYINT AS stratum,
                (i // {STRATA} % {PSUS})::TINYINT AS psu
            FROM range({rows}) AS source(i)
        ) TO '{path.as_posix()}' (FORMAT parquet)
    """)  # noqa: S608  # all parts are written here
