"""Which variance after raking is right? A simulation; about eight minutes on one core.

Run as ``python benchmarks/calibration_variance.py``. It writes ``benchmarks/calibration_variance.csv``, one
row per scenario and estimator of the variance, and from that file the table in ``docs/maths.md``. Seeded.

Samples come from an endless population that two margins divide, four levels by three. Who answers depends on
both, so raking to both removes the bias; what is estimated is the mean of y. ``ratio`` is the mean of the
estimated variance over the variance of the raked means in all repeats; ``coverage`` how often the 95%
interval holds the mean; ``width`` its mean half-width over 1.96 true standard errors; ``failed`` the share
of samples with a replicate that has nobody in a level, which are left out of the estimator's row. ``deff`` is
the mean of Kish's after raking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats
from simulations import markdown, run

from trustkit.design.design import Design
from trustkit.design.replication import replicate
from trustkit.errors import TargetsError
from trustkit.estimation.estimates import mean
from trustkit.weighting.calibration import rake

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20261124
SAMPLES = 2000
BOOTSTRAPS = 100
CONF = 0.95
ESTIMATORS = ("final", "base", "jackknife", "bootstrap", "ignored")

LOW, FAR = 0.925, 0.15
"""Coverage below LOW, half as many misses again as wanted, and variances further off than FAR are bold."""
MOST_FAILED = 0.05

AGES, REGIONS = ["a1", "a2", "a3", "a4"], ["b1", "b2", "b3"]
SHARES = {"age": np.array([0.2, 0.3, 0.3, 0.2]), "region": np.array([0.3, 0.4, 0.3])}
TARGETS = {
    "age": dict(zip(AGES, SHARES["age"], strict=True)),
    "region": dict(zip(REGIONS, SHARES["region"], strict=True)),
}
PUSH_AGE, PUSH_REGION = np.array([-1.5, -0.5, 0.5, 1.5]), np.array([-1.0, 0.0, 1.0])
CROSSED = np.outer(PUSH_AGE, PUSH_REGION)
MILD = (np.array([0.7, 0.9, 1.1, 1.3]), np.array([0.8, 1.0, 1.2]))
USUAL = (np.array([0.4, 0.8, 1.2, 1.6]), np.array([0.6, 1.0, 1.4]))
EXTREME = (np.array([0.2, 0.5, 1.2, 2.1]), np.array([0.4, 1.0, 1.6]))
BEYOND = (np.array([0.12, 0.3, 1.2, 2.4]), np.array([0.3, 1.0, 1.7]))
"""How much likelier than average a level is to answer."""


@dataclass(frozen=True)
class Scenario:
    """One kind of sample.

    Attributes
    ----------
    n
        Respondents.
    relation
        Effect of the margins on y, whose own noise has a standard deviation of 1.
    answering
        How likely each level of the two margins is to answer, relative to the others.
    crossed
        Effect of both margins together, beyond their sum.
    clusters, correlation
        Equal clusters, and how alike their members are.
    base
        Squared CV of base weights, by which people are drawn less often in proportion.
    uneven
        How much more the noise varies where few answer.
    """

    n: int = 400
    relation: float = 1.0
    answering: tuple[Floats, Floats] = USUAL
    crossed: float = 0.0
    clusters: int = 0
    correlation: float = 0.0
    base: float = 0.0
    uneven: float = 0.0

    @property
    def means(self) -> Floats:
        """The mean of y in each age and region."""
        additive = PUSH_AGE[:, None] + PUSH_REGION
        found: Floats = self.relation * additive + self.crossed * CROSSED
        return found

    @property
    def truth(self) -> float:
        """The population's mean of y."""
        return float(SHARES["age"] @ self.means @ SHARES["region"])

    def draw(self, rng: np.random.Generator) -> pd.DataFrame:
        """Draw one sample."""
        age, region = (
            rng.choice(len(share), self.n, p=share * answers / (share @ answers))
            for share, answers in zip(SHARES.values(), self.answering, strict=True)
        )
        scale = (self.answering[0][age] * self.answering[1][region]) ** (-self.uneven / 2)
        noise = rng.normal(size=self.n)
        frame = pd.DataFrame(
            {
                "age": pd.Categorical.from_codes(age, AGES),
                "region": pd.Categorical.from_codes(region, REGIONS),
                "weight": rng.gamma(1 / self.base, self.base, self.n) if self.base else 1.0,
            }
        )
        if self.clusters:
            cluster = np.arange(self.n) % self.clusters
            shared = rng.normal(size=self.clusters)[cluster]
            noise = np.sqrt(1 - self.correlation) * noise + np.sqrt(self.correlation) * shared
            frame["cluster"] = cluster
        return frame.assign(y=self.means[age, region] + scale * noise)


SCENARIOS = {
    "weak relation": Scenario(relation=0.05),
    "strong relation": Scenario(),
    "strong relation, base weights": Scenario(base=0.5),
    "crossed relation": Scenario(relation=0.3, crossed=0.6),
    "extreme deff, weak relation": Scenario(relation=0.05, answering=EXTREME),
    "extreme deff, strong relation": Scenario(answering=EXTREME),
    "extreme deff, crossed relation": Scenario(relation=0.3, crossed=0.6, answering=EXTREME),
    "extreme deff, uneven noise": Scenario(answering=EXTREME, uneven=1.0),
    "beyond extreme, strong relation": Scenario(n=600, answering=BEYOND),
    "small sample": Scenario(n=60, answering=MILD),
    "clustered": Scenario(n=600, clusters=40, correlation=0.1),
    "few clusters, extreme deff": Scenario(n=600, clusters=12, correlation=0.1, answering=EXTREME),
    "extreme deff, tied to the crossed margins": Scenario(relation=0.3, crossed=2.0, answering=EXTREME),
}


def estimates(scenario: Scenario, rng: np.random.Generator) -> dict[str, tuple[float, ...]]:
    """Return mean, standard error, df and Kish's deff of a sample by each estimator; NaN where it fails."""
    roles = {"weights": "weight", **({"psu": "cluster"} if scenario.clusters else {})}
    design = Design(scenario.draw(rng), **roles)
    raked = {"final": rake(design, TARGETS), "base": rake(design, TARGETS, variance="base")}
    raked["ignored"] = Design(design.data.assign(weight=raked["final"].weights), **roles)
    for name, kind in (("jackknife", "JK1"), ("bootstrap", "bootstrap")):
        made = replicate(design, kind, count=BOOTSTRAPS, seed=int(rng.integers(2**31)))
        try:
            raked[name] = rake(made, TARGETS)
        except TargetsError:  # a replicate without anybody in a level
            continue
    found = {name: mean(one, "y") for name, one in raked.items()}
    deff = raked["final"].history[-1].deff
    numbers = {
        name: (float(one.estimate[0]), float(one.se[0]), float(one.df[0]), deff)
        for name, one in found.items()
    }
    return {name: numbers.get(name, (np.nan,) * 4) for name in ESTIMATORS}


def rows(name: str, count: int) -> list[dict[str, object]]:
    """Return one row per estimator, all from the same samples."""
    scenario = SCENARIOS[name]
    rng = np.random.default_rng([SEED, list(SCENARIOS).index(name)])
    samples = [estimates(scenario, rng) for _ in range(count)]
    raked = np.array([sample["final"][0] for sample in samples])
    true = float(np.std(raked, ddof=1))
    fourth = float(((raked - raked.mean()) ** 4).mean() / true**4)
    of_true = np.sqrt((fourth - 1) / count)
    estimators: list[dict[str, object]] = []
    for estimator in ESTIMATORS:
        value, se, df, deff = np.array([sample[estimator] for sample in samples]).T
        worked = np.isfinite(se)
        t = stats.t.ppf((1 + CONF) / 2, df[worked])
        covered = np.abs(value - scenario.truth)[worked] <= t * se[worked]
        coverage = float(covered.mean())
        ratios = se[worked] ** 2 / true**2
        own = ratios.std() / ratios.mean() / np.sqrt(len(ratios))
        estimators.append(
            {
                "scenario": name,
                "estimator": estimator,
                "n": scenario.n,
                "deff": float(np.nanmean(deff)),
                "true_se": true,
                "bias": float(raked.mean()) - scenario.truth,
                "ratio": float(ratios.mean()),
                "ratio_error": float(ratios.mean() * np.hypot(own, of_true)),
                "coverage": coverage,
                "coverage_error": float(np.sqrt(coverage * (1 - coverage) / len(covered))),
                "width": float((t * se[worked]).mean()) / (1.96 * true),
                "failed": 1 - float(worked.mean()),
                "repeats": count,
            }
        )
    return estimators


def simulate(samples: int) -> pd.DataFrame:
    """Return how each estimator of the variance does in each scenario."""
    return pd.DataFrame([row for name in SCENARIOS for row in rows(name, samples)]).round(5)


def table(results: pd.DataFrame) -> str:
    """Return variance ratio and coverage of each estimator, as Markdown."""
    head = ["scenario", "deff", *(f"`{name}`" for name in ESTIMATORS)]
    body = []
    for name, part in results.groupby("scenario", sort=False):
        cells = part.set_index("estimator")
        kish = f"{part['deff'].iloc[0]:.1f}"
        body.append([str(name), kish, *(show(cells.loc[estimator]) for estimator in ESTIMATORS)])
    worst = results[results["failed"] <= MOST_FAILED][["ratio_error", "coverage_error"]].max()
    legend = (
        f"Mean estimated over true variance, and coverage in percent, of {results['repeats'].min():,} "
        f"samples; **bold** below {LOW:.1%} or more than {FAR:.0%} off. Monte Carlo error: at most "
        f"{worst['ratio_error']:.2f} and {100 * worst['coverage_error']:.1f} points. A dash: in more than "
        f"{MOST_FAILED:.0%} of the samples a replicate had an empty level."
    )
    return f"{markdown(head, body)}\n\n{legend}"


def show(cell: pd.Series) -> str:
    """Return ratio and coverage, each marked where it is far from what it should be."""
    if cell["failed"] > MOST_FAILED:
        return "-"
    ratio, coverage = f"{cell['ratio']:.2f}", f"{100 * cell['coverage']:.1f}"
    ratio = f"**{ratio}**" if abs(cell["ratio"] - 1) > FAR else ratio
    return f"{ratio}, **{coverage}**" if cell["coverage"] < LOW else f"{ratio}, {coverage}"


TABLES = {"calibration": table}

if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate, TABLES)
