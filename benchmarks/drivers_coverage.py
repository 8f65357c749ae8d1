"""How large are standard errors of drivers' shares, and how often do their 95% intervals hold?

Run as ``python benchmarks/drivers_coverage.py``. It writes ``benchmarks/drivers_coverage.csv`` and from that
file a table in ``docs/maths.md``. Seeded; about ten minutes.

An outcome has four predictors of which two matter much, one some and one hardly; two of them are skewed.
People of one PSU resemble each other. The true shares are those of 2,000,000 people, each in a PSU of their
own. For each share the file compares three standard errors with the standard deviation of the share over the
samples: ``linear`` (`trustkit.drivers` of the design), ``jackknife`` (of its jackknife replicates) and
``bootstrap`` (of 200 bootstrap replicates).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from simulations import markdown, run

import trustkit as tk
from trustkit.scales.relative_importance import johnson, lmg

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from trustkit.scales.drivers import DriverMethod

    Floats = NDArray[np.float64]

SEED = 20251126
SAMPLES = 400
PEOPLE = 10
"""People in each PSU."""
PSUS = (30, 100, 300)
CORRELATION = 0.1
"""How much people of one PSU resemble each other."""
NAMES = ("y", "a", "b", "c", "d")
CORRELATIONS = np.array(
    [
        [1.0, 0.6, 0.7, 0.25, 0.05],
        [0.6, 1.0, 0.5, 0.3, 0.1],
        [0.7, 0.5, 1.0, 0.2, 0.0],
        [0.25, 0.3, 0.2, 1.0, 0.1],
        [0.05, 0.1, 0.0, 0.1, 1.0],
    ]
)
METHODS: tuple[DriverMethod, ...] = ("lmg", "johnson")
KINDS = ("linear", "jackknife", "bootstrap")


def draw(random: np.random.Generator, psus: int, people: int, correlation: float) -> Floats:
    """Return the answers of a sample, shape (psus * people, 5)."""
    root = np.linalg.cholesky(CORRELATIONS).T
    of_psu = np.repeat(random.normal(size=(psus, 5)), people, axis=0)
    mixed = np.sqrt(correlation) * of_psu + np.sqrt(1 - correlation) * random.normal(size=(psus * people, 5))
    answers: Floats = mixed @ root
    answers[:, [1, 3]] = np.exp(0.5 * answers[:, [1, 3]])
    return answers


def shares(answers: Floats, method: DriverMethod) -> Floats:
    """Return the shares without weights."""
    covariance = np.cov(answers.T)
    return lmg(covariance, [(1,), (2,), (3,), (4,)])[0] if method == "lmg" else johnson(covariance)[0]


def shares_and_errors(random: np.random.Generator, psus: int, samples: int) -> list[dict[str, object]]:
    """Return a row per method and predictor: the true share, and how the standard errors do."""
    truths = draw(random, 2_000_000, 1, 0.0)
    psu = np.repeat(np.arange(psus), PEOPLE)
    drawn = np.empty((samples, len(METHODS), len(KINDS), 4, 4))  # estimate, se, low, high
    for repeat in range(samples):
        frame = pd.DataFrame(draw(random, psus, PEOPLE, CORRELATION), columns=NAMES)
        design = tk.Design(frame.assign(psu=psu), psu="psu")
        designs = (
            design,
            tk.replicate(design, "JK1"),
            tk.replicate(design, "bootstrap", count=200, seed=repeat),
        )
        for place, method in enumerate(METHODS):
            for kind, of in enumerate(designs):
                estimate = tk.drivers(of, "y", NAMES[1:], method=method)
                drawn[repeat, place, kind] = [
                    values[:4]
                    for values in (estimate.estimate, estimate.se, estimate.ci_low, estimate.ci_high)
                ]
    rows: list[dict[str, object]] = []
    for place, method in enumerate(METHODS):
        truth = shares(truths, method)
        spread = drawn[:, place, 0, 0].std(axis=0, ddof=1)
        size = np.sqrt((drawn[:, place, :, 1] ** 2).mean(axis=0)) / spread
        inside = ((drawn[:, place, :, 2] <= truth) & (truth <= drawn[:, place, :, 3])).mean(axis=0)
        rows += [
            {"psus": psus, "people": psus * PEOPLE, "method": method, "predictor": name}
            | {"true_share": round(truth[at], 4)}
            | {f"{kind}_se": round(size[number, at], 3) for number, kind in enumerate(KINDS)}
            | {kind: inside[number, at] for number, kind in enumerate(KINDS)}
            for at, name in enumerate(NAMES[1:])
        ]
    return rows


def simulate(samples: int) -> pd.DataFrame:
    """Return the shares, their errors and their coverage in each setting."""
    random = np.random.default_rng(SEED)
    return pd.DataFrame([row for psus in PSUS for row in shares_and_errors(random, psus, samples)])


def table(results: pd.DataFrame) -> str:
    """Return the table of the documentation page."""
    names = {"linear": "linearised", "jackknife": "jackknife", "bootstrap": "bootstrap"}
    pairs = [part for name in names.values() for part in (f"{name}: size", "covers")]
    body = [
        [f"{row['psus']}", f"`{row['method']}`", f"{row['true_share']:.3f}"]
        + [part for kind in KINDS for part in (f"{row[f'{kind}_se']:.2f}", f"{row[kind]:.1%}")]
        for row in results.to_dict("records")
    ]
    return markdown(["PSUs", "method", "true share", *pairs], body, texts=2)


TABLES = {"drivers coverage": table}

if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate, TABLES)
