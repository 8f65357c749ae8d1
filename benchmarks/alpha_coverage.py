"""How often do 95% intervals of Cronbach's alpha contain the true value in clustered samples? A simulation.

Run as ``python benchmarks/alpha_coverage.py``. It writes ``benchmarks/alpha_coverage.csv`` and from that
file a table in ``docs/maths.md``. Seeded; about five minutes.

Five items with answers 1 to 5 measure one trait. People of one PSU resemble each other in the trait (its
correlation inside PSUs is given), and a PSU also has habits of its own with each item. The true alpha is
that of 2,000,000 people, each in a PSU of their own. ``design`` is the interval of `trustkit.reliability`,
``feldt`` the textbook's, which takes answers as normal and people as a simple random sample
(`pingouin.cronbach_alpha`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pingouin
from simulations import markdown, run

import trustkit as tk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20251125
SAMPLES = 1000
PEOPLE = 20
"""People in each PSU."""
PSUS = (10, 30, 100)
CORRELATIONS = (0.0, 0.1, 0.3)
LOADINGS = np.array([0.4, 0.6, 0.7, 0.8, 0.9])
HABIT = 0.15
"""The share of the rest of an item's variance that a PSU has in common; 0 without clustering."""


def draw(random: np.random.Generator, psus: int, people: int, correlation: float) -> Floats:
    """Return the answers of a sample, shape (psus * people, 5)."""
    own = HABIT if correlation else 0.0

    def mixed(size: tuple[int, ...], share: float) -> Floats:
        of_psu = np.repeat(random.normal(size=(psus, *size)), people, axis=0)
        return np.sqrt(share) * of_psu + np.sqrt(1 - share) * random.normal(size=(psus * people, *size))

    trait = mixed((1,), correlation)
    latent = LOADINGS * trait + np.sqrt(1 - LOADINGS**2) * mixed((len(LOADINGS),), own)
    answers: Floats = np.clip(np.round(2.4 + 1.1 * latent), 1, 5)
    return answers


def alpha_of(answers: Floats) -> float:
    """Return alpha without weights."""
    covariance = np.cov(answers.T)
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def coverage_of(random: np.random.Generator, psus: int, correlation: float, samples: int) -> dict[str, float]:
    """Return how often both intervals contain the true alpha, and their mean widths."""
    truth = alpha_of(draw(random, 2_000_000, 1, correlation))
    names = [f"item{place}" for place in range(len(LOADINGS))]
    psu = np.repeat(np.arange(psus), PEOPLE)
    ends = np.empty((samples, 4))
    for repeat in range(samples):
        frame = pd.DataFrame(draw(random, psus, PEOPLE, correlation), columns=names)
        alpha = tk.reliability(tk.Design(frame.assign(psu=psu), psu="psu"), names)
        ends[repeat] = alpha.ci_low[0], alpha.ci_high[0], *pingouin.cronbach_alpha(frame)[1]
    inside = (ends[:, ::2] <= truth) & (truth <= ends[:, 1::2])
    coverage, width = inside.mean(axis=0), (ends[:, 1::2] - ends[:, ::2]).mean(axis=0)
    return {
        "psus": psus,
        "people": psus * PEOPLE,
        "correlation": correlation,
        "true_alpha": round(truth, 4),
        "design": coverage[0],
        "feldt": coverage[1],
        "design_width": round(width[0], 4),
        "feldt_width": round(width[1], 4),
    }


def simulate(samples: int) -> pd.DataFrame:
    """Return the coverage of both intervals in each setting."""
    random = np.random.default_rng(SEED)
    return pd.DataFrame(
        [coverage_of(random, psus, share, samples) for share in CORRELATIONS for psus in PSUS]
    )


def table(results: pd.DataFrame) -> str:
    """Return the table of the documentation page."""
    head = ["PSUs", "correlation inside PSUs", "true alpha", "design-based", "Feldt"]
    body = [
        [
            f"{row.psus}",
            f"{row.correlation:g}",
            f"{row.true_alpha:.3f}",
            f"{row.design:.1%}",
            f"{row.feldt:.1%}",
        ]
        for row in results.itertuples()
    ]
    return markdown(head, body, texts=0)


TABLES = {"alpha coverage": table}

if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate, TABLES)
