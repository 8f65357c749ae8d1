"""How often do the 95% intervals of a proportion hold the truth? A simulation; about six minutes.

Run as ``python benchmarks/interval_coverage.py``. It writes ``benchmarks/interval_coverage.csv``, one row
per design, true share p, sample size n and method, and from that file the table in ``docs/maths.md``. Seeded.

``coverage`` is the share of samples whose interval holds p; ``miss_low`` and ``miss_high`` the
share whose interval lies wholly below p and wholly above it; ``width`` the mean width; ``mc_error`` the
standard error of ``coverage`` that comes from the number of ``repeats``.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from simulations import markdown, run

from trustkit.design.design import Design
from trustkit.estimation.estimates import proportion
from trustkit.estimation.intervals import interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Draw = Callable[[np.random.Generator, float, int], pd.DataFrame]

SEED = 20240611
SAMPLES = 4000
CONF = 0.95
SHARES = (0.01, 0.05, 0.2, 0.5)
SIZES = (50, 200, 1000)
METHODS = ("logit", "beta", "wilson", "likelihood", "asin", "mean")

PANEL = np.array([0.1, 0.2, 0.3, 0.4])
"""Shares of four groups in the panel; each is a quarter of the population."""
LEANING = np.array([1.6, 1.2, 0.8, 0.4])
"""A group's share of yes as a multiple of p; the mean over the population is 1, so p is the truth."""
NOISE = 0.23
"""Squared CV of the weights within a group, unrelated to the answer; with the groups' Kish deff is 1.6."""
CLUSTER = 10
CORRELATION = 0.05

LOW, HIGH = 0.925, 0.975
"""Coverage below LOW, half as many misses again as wanted, is bold; above HIGH, half as many, italic."""


def draw_simple(rng: np.random.Generator, p: float, n: int) -> pd.DataFrame:
    """Draw a simple random sample."""
    return pd.DataFrame({"answer": answers(rng.random(n) < p)})


def draw_weighted(rng: np.random.Generator, p: float, n: int) -> pd.DataFrame:
    """Draw an opt-in panel: the groups that it lacks say yes more often, and weigh more for it."""
    group = rng.choice(len(PANEL), size=n, p=PANEL)
    weights = (1 / len(PANEL) / PANEL)[group] * rng.gamma(1 / NOISE, NOISE, size=n)
    return pd.DataFrame({"answer": answers(rng.random(n) < p * LEANING[group]), "weight": weights})


def draw_clustered(rng: np.random.Generator, p: float, n: int) -> pd.DataFrame:
    """Draw clusters whose own shares vary as a beta distribution: answers in one are correlated."""
    spread = 1 / CORRELATION - 1
    shares = rng.beta(p * spread, (1 - p) * spread, size=n // CLUSTER)
    cluster = np.repeat(np.arange(len(shares)), CLUSTER)
    return pd.DataFrame({"answer": answers(rng.random(n) < shares[cluster]), "cluster": cluster})


def answers(yes: NDArray[np.bool_]) -> pd.Categorical:
    """Label true as yes."""
    return pd.Categorical.from_codes(yes.astype(int), ["no", "yes"])


DESIGNS: dict[str, tuple[Draw, dict[str, str]]] = {
    "simple": (draw_simple, {}),
    "weighted": (draw_weighted, {"weights": "weight"}),
    "clustered": (draw_clustered, {"psu": "cluster"}),
}


def estimates(design: str, p: float, n: int, samples: int) -> tuple[Floats, Floats, float]:
    """Return each sample's estimate and standard error, and the degrees of freedom of all."""
    draw, columns = DESIGNS[design]
    rng = np.random.default_rng([SEED, list(DESIGNS).index(design), SHARES.index(p), n])
    drawn = [proportion(Design(draw(rng, p, n), **columns), "answer", level="yes") for _ in range(samples)]
    value, se = (np.array([getattr(one, name)[0] for one in drawn]) for name in ("estimate", "se"))
    return value, se, float(drawn[0].df[0])


def rows(design: str, p: float, n: int, samples: int) -> list[dict[str, object]]:
    """Return one row per method, all from the same samples."""
    value, se, df = estimates(design, p, n, samples)
    methods: list[dict[str, object]] = []
    for method in METHODS:
        low, high = interval(method, value, se, np.full(samples, float(n)), df, CONF)
        coverage = np.mean((low <= p) & (p <= high))
        misses = {"miss_low": np.mean(high < p), "miss_high": np.mean(low > p)}
        error = np.sqrt(coverage * (1 - coverage) / samples)
        cell = {"design": design, "p": p, "n": n, "method": method, "coverage": coverage}
        methods.append(
            {**cell, **misses, "width": np.mean(high - low), "repeats": samples, "mc_error": error}
        )
    return methods


def simulate(samples: int) -> pd.DataFrame:
    """Return the coverage of each method in each setting."""
    settings = product(DESIGNS, SHARES, SIZES)
    return pd.DataFrame([row for setting in settings for row in rows(*setting, samples)]).round(5)


def table(results: pd.DataFrame) -> str:
    """Return the coverage of each method in percent, as Markdown."""
    wide = results.pivot_table(index=["design", "p", "n"], columns="method", values="coverage", sort=False)
    head = [*wide.index.names, *(f"`{method}`" for method in wide)]
    body = [[*map(str, key), *map(show, row)] for key, row in zip(wide.index, wide.to_numpy(), strict=True)]
    legend = (
        f"Percent of {results['repeats'].min():,} samples; **bold** below {LOW:.1%}, "
        f"*italic* above {HIGH:.1%}. "
        f"Monte Carlo error: at most {100 * results['mc_error'].max():.1f} points."
    )
    return f"{markdown(head, body)}\n\n{legend}"


def show(coverage: float) -> str:
    """Return a coverage in percent, marked where it is far from nominal."""
    mark = "**" if coverage < LOW else "*" if coverage > HIGH else ""
    return f"{mark}{100 * coverage:.1f}{mark}"


TABLES = {"coverage": table}

if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate, TABLES)
