"""Which degrees of freedom do domains that sit in few PSUs need? A simulation; about five minutes.

Run as ``python benchmarks/domain_df.py``. It writes ``benchmarks/domain_df.csv``, and from that file
two tables in ``docs/maths.md``. Seeded. The sample has 40 strata of 2 PSUs; people of one PSU resemble each
other.

``intervals``: coverage of the 95% intervals of a proportion in a domain that sits in 2, 4, 8, 20 or 40 of the
strata, with the df of the domain and with those of the whole design (40).

``contrasts``: how often a test at the 5% level finds a difference between the means of two domains that have
the same mean, where each sits in some of the strata. The df are those of both domains together (``union``,
as R survey on the subset of both groups), of the whole design, the smaller of the two (``min``), or
Satterthwaite's (v1 + v2)^2 / (v1^2 / df1 + v2^2 / df2) with the variances and df of both means, at most the
``union``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from simulations import markdown, run

import trustkit as tk
from trustkit.estimation.distributions import t_p_value
from trustkit.estimation.intervals import interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SEED = 20251125
SAMPLES = 2000
STRATA, PSUS, PEOPLE = 40, 2, 10
"""Strata, PSUs in each, and people of a domain in each PSU that holds it."""
CORRELATION = 0.05
METHODS = ("logit", "beta", "wilson", "likelihood", "asin", "xlogit", "mean")
REACH = (2, 4, 8, 20, 40)
SHARES = (0.2, 0.5)
PAIRS = {
    "2 and the other 38": (range(2), range(2, 40)),
    "4 and the other 36": (range(4), range(4, 40)),
    "8 and the other 32": (range(8), range(8, 40)),
    "20 and the other 20": (range(20), range(20, 40)),
    "2 and all 40": (range(2), range(40)),
    "2 and 2 others": (range(2), range(2, 4)),
    "4 and 4 others": (range(4), range(4, 8)),
    "the same 2": (range(2), range(2)),
    "the same 40": (range(40), range(40)),
}
"""The strata that two domains sit in; where they share strata they share PSUs."""
RULES = ("whole", "union", "min", "Satterthwaite")


def places(strata: range) -> pd.DataFrame:
    """Return one row for each person of a domain: stratum and PSU."""
    stratum = np.repeat(np.fromiter(strata, dtype=int), PSUS * PEOPLE)
    psu = np.tile(np.repeat(np.arange(PSUS), PEOPLE), len(strata))
    return pd.DataFrame({"stratum": stratum, "psu": psu})


def shares_in(rng: np.random.Generator, p: float, rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Draw answers whose shares vary from PSU to PSU as a beta distribution."""
    spread = 1 / CORRELATION - 1
    own = rng.beta(p * spread, (1 - p) * spread, size=STRATA * PSUS)
    drawn: NDArray[np.bool_] = rng.random(len(rows)) < own[rows["stratum"] * PSUS + rows["psu"]]
    return drawn


def intervals(reach: int, p: float, samples: int) -> list[dict[str, object]]:
    """Return the coverage of each method, with the domain's df and with those of the whole design."""
    rng = np.random.default_rng([SEED, 1, reach, SHARES.index(p)])
    inside, outside = places(range(reach)), places(range(STRATA))
    rows = pd.concat([inside, outside.assign(domain="no")], ignore_index=True).fillna({"domain": "yes"})
    drawn = []
    for _ in range(samples):
        answer = pd.Categorical.from_codes(shares_in(rng, p, rows).astype(int), ["no", "yes"])
        design = tk.Design(rows.assign(answer=answer), strata="stratum", psu="psu")
        one = tk.proportion(design, "answer", level="yes", where={"domain": "yes"})
        drawn.append((one.estimate[0], one.se[0], one.n[0], one.df[0], design.df))
    value, se, n, own, whole = np.array(drawn, dtype=float).T
    results: list[dict[str, object]] = []
    for method in METHODS:
        for rule, df in (("domain", own), ("whole", whole)):
            low, high = interval(method, value, se, n, df, 0.95)
            coverage = np.mean((low <= p) & (p <= high))
            results.append(
                {"part": "intervals", "case": f"{reach} strata, p = {p}", "method": method, "df": rule,
                 "rate": coverage, "mean_df": df.mean(), "width": np.mean(high - low)}
            )  # fmt: skip
    return results


def contrasts(name: str, samples: int) -> list[dict[str, object]]:
    """Return how often each rule's test finds a difference where there is none."""
    rng = np.random.default_rng([SEED, 2, list(PAIRS).index(name)])
    first, second = (places(strata) for strata in PAIRS[name])
    rest = places(range(STRATA))
    rows = pd.concat(
        [first.assign(domain="first"), second.assign(domain="second"), rest.assign(domain="rest")],
        ignore_index=True,
    )
    psu = (rows["stratum"] * PSUS + rows["psu"]).to_numpy()
    drawn = []
    for _ in range(samples):
        effects = rng.normal(0, np.sqrt(CORRELATION), STRATA * PSUS)
        y = effects[psu] + rng.normal(0, np.sqrt(1 - CORRELATION), len(rows))
        design = tk.Design(rows.assign(y=y), strata="stratum", psu="psu")
        means = tk.mean(design, "y", by="domain", where={"domain": ["first", "second"]})
        difference = tk.contrast(means, {"first": 1, "second": -1})
        satterthwaite = (means.se**2).sum() ** 2 / (means.se**4 / means.df).sum()
        t = difference.estimate[0] / difference.se[0]
        union = difference.df[0]
        drawn.append((t, design.df, union, means.df.min(), min(satterthwaite, union)))
    t, *dfs = np.array(drawn).T
    return [
        {"part": "contrasts", "case": name, "method": "t", "df": rule,
         "rate": np.mean(t_p_value(t, df) < 0.05), "mean_df": df.mean(), "width": np.nan}
        for rule, df in zip(RULES, dfs, strict=True)
    ]  # fmt: skip


def interval_table(results: pd.DataFrame) -> str:
    """Return coverage in percent with the domain's df, and in brackets with those of the whole design."""
    part = results[results["part"] == "intervals"]
    cells = part.pivot_table(index="case", columns=["method", "df"], values="rate", sort=False)
    own = part[part["df"] == "domain"].groupby("case")["mean_df"].first()

    def both(case: str, method: str) -> str:
        return f"{shown(cells.loc[case, (method, 'domain')])} ({shown(cells.loc[case, (method, 'whole')])})"

    rows = [[case, f"{own[case]:g}", *(both(case, name) for name in METHODS)] for case in cells.index]
    return markdown(["domain", "df", *(f"`{method}`" for method in METHODS)], rows)


def contrast_table(results: pd.DataFrame) -> str:
    """Return how often tests at the 5% level reject, in percent, by the rule for their df."""
    part = results[results["part"] == "contrasts"]
    cells = part.pivot_table(index="case", columns="df", values=["rate", "mean_df"], sort=False)

    def both(case: str, rule: str) -> str:
        return f"{100 * cells.loc[case, ('rate', rule)]:.1f} ({cells.loc[case, ('mean_df', rule)]:.1f})"

    rows = [[case, *(both(case, rule) for rule in RULES)] for case in cells.index]
    return markdown(["strata of the two domains", *(f"{rule} (df)" for rule in RULES)], rows)


def shown(rate: float) -> str:
    """Return a coverage in percent, bold below 92.5."""
    mark = "**" if rate < 0.925 else ""
    return f"{mark}{100 * rate:.1f}{mark}"


def simulate(samples: int) -> pd.DataFrame:
    """Return the rates of all intervals and contrasts."""
    rows = [row for reach in REACH for p in SHARES for row in intervals(reach, p, samples)]
    rows += [row for name in PAIRS for row in contrasts(name, samples)]
    return pd.DataFrame(rows).assign(repeats=samples).round(5)


TABLES = {"domain intervals": interval_table, "domain contrasts": contrast_table}

if __name__ == "__main__":
    run(__file__, __doc__, SAMPLES, simulate, TABLES)
