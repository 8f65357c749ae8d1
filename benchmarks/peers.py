"""One peer at work: reads the respondents once, then runs and times the tasks it is told to.

``speed.py`` starts this file once for each peer and design, writes names of tasks to its input and reads one
line for each: the seconds taken, then the numbers found (estimates, then standard errors).
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
import tracemalloc
import warnings
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from respondents import BANNERS, MARGINS, PSUS, QUESTIONS, make_book

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SHOWN = 1_000
"""How many raked weights are compared."""

Clustered = bool


@dataclass(frozen=True)
class Task:
    """What to time, and how to read numbers off its result afterwards: estimates, then standard errors.

    Domains and answers are in the order of their labels, domains first.
    """

    run: Callable[[], Any]
    numbers: Callable[[Any], Sequence[float]] = lambda _: ()
    before: Callable[[], Any] = lambda: None
    """Made once, and not timed."""


def trustkit_tasks(folder: Path, clustered: Clustered) -> dict[str, Task]:
    """Return what trustkit does."""
    import trustkit as tk  # noqa: PLC0415

    frame = pd.read_parquet(folder / "respondents.parquet")
    roles = {"weights": "weight", "strata": "stratum"} | ({"psu": "psu"} if clustered else {})
    design = tk.Design(frame, **roles)

    def sorted_numbers(found: tk.Estimate) -> Floats:
        table = found.to_frame().sort_values([name for name in ("country", "level") if name in found.keys])
        return table[["estimate", "se"]].to_numpy().T.ravel()

    def crosstab() -> tuple[tk.Estimate, tk.TestResult]:
        return tk.proportion(design, "answer", by="country"), tk.chisq_test(design, "answer", "country")

    def pps() -> tk.Estimate:
        sampled = tk.Design(frame, strata="stratum", psu="psu", fpc=tk.Pps("chance"))
        return tk.mean(sampled, "income", by="country")

    @cache
    def wide() -> pd.DataFrame:
        return with_replicates(frame, folder)

    def make_replicated() -> tk.Design:
        given = tk.Replicates(list(read_multipliers(folder)), "bootstrap")
        return tk.Design(wide(), weights="weight", replicates=given)

    replicated = cache(make_replicated)

    def bootstrap() -> tk.Estimate:
        return tk.proportion(tk.replicate(design, "bootstrap", count=80), "answer", by="country")

    @cache
    def book_design() -> tk.Design:
        return tk.Design(make_book(len(frame)), **roles)

    return {
        "design": Task(lambda: tk.Design(frame, **roles)),
        "proportion": Task(lambda: tk.proportion(design, "answer", by="country"), sorted_numbers),
        "crosstab": Task(crosstab, lambda found: (found[1].statistic, *found[1].df)),
        "test": Task(
            lambda: tk.chisq_test(design, "answer", "country"), lambda found: (found.statistic, *found.df)
        ),
        "mean": Task(lambda: tk.mean(design, "income", by="country"), sorted_numbers),
        "median": Task(
            lambda: tk.quantile(design, "income"),
            lambda found: (*found.estimate, *found.ci_low, *found.ci_high, *found.se),
        ),
        "pps": Task(pps, sorted_numbers),
        "raking": Task(lambda: tk.rake(design, MARGINS), lambda found: found.weights[:SHOWN]),
        "replicate design": Task(make_replicated, before=wide),
        "replicates": Task(
            lambda: tk.proportion(replicated(), "answer", by="country"), sorted_numbers, replicated
        ),
        "bootstrap": Task(bootstrap, lambda found: halved(sorted_numbers(found))),
        "book": Task(lambda: write_book(book_design()), before=book_design),
        "memory": Task(lambda: measure_memory(frame, roles), lambda found: found),
    }


def write_book(design: Any) -> None:  # noqa: ANN401
    """Estimate each question's answers by each banner variable, with intervals: 240 tables."""
    import trustkit as tk  # noqa: PLC0415

    for question in QUESTIONS:
        for banner in BANNERS:
            tk.proportion(design, question, by=banner)


def measure_memory(frame: pd.DataFrame, roles: dict[str, str]) -> tuple[float, ...]:
    """Return bytes: the peak of making a design and of one call on it, and what the columns used take.

    `tracemalloc` sees what numpy and pandas allocate; a small run first keeps imports out of the count.
    """
    import trustkit as tk  # noqa: PLC0415

    tk.proportion(tk.Design(frame.head(5_000), **roles), "answer", by="country")
    columns = ["answer", "country", *roles.values()]
    used = float(frame[columns].memory_usage(index=False, deep=True).sum())
    tracemalloc.start()
    design = tk.Design(frame, **roles)
    tk.proportion(design, "answer", by="country")
    both = tracemalloc.get_traced_memory()[1]
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    tk.proportion(design, "answer", by="country")
    call = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.stop()
    return float(both), float(call), used


def svy_tasks(folder: Path, clustered: Clustered) -> dict[str, Task]:
    """Return what svy does."""
    import polars as pl  # noqa: PLC0415
    import svy  # noqa: PLC0415

    frame = pl.read_parquet(folder / "respondents.parquet")
    roles = {"wgt": "weight", "stratum": "stratum"} | ({"psu": "psu"} if clustered else {})

    def make() -> svy.Sample:
        return svy.Sample(frame, svy.Design(**roles))

    sample = make()

    @cache
    def wide() -> pl.DataFrame:
        names = list(read_multipliers(folder))
        data = with_replicates(frame.select("weight", "stratum", "psu").to_pandas(), folder)[names]
        return pl.concat([frame, pl.from_pandas(data)], how="horizontal")

    def make_replicated() -> svy.Sample:
        count = read_multipliers(folder).shape[1]
        given = svy.BootstrapWgts(prefix="replicate", n_reps=count, scale=1 / (count - 1))
        return svy.Sample(wide(), svy.Design(wgt="weight", rep_wgts=given))

    replicated = cache(make_replicated)

    def sorted_numbers(found: svy.Estimate) -> Floats:
        table = found.to_polars()
        keys = [name for name in ("country", "answer") if name in table.columns]
        return table.with_columns(pl.col(keys).cast(pl.String)).sort(keys)[["est", "se"]].to_numpy().T.ravel()

    def replicated_share(of: svy.Sample) -> svy.Estimate:
        return of.estimation.prop("answer", by="country", method="replication")

    crosstab = Task(
        lambda: sample.categorical.tabulate("answer", "country"),
        lambda found: (found.stats.f.value, found.stats.f.df_num, found.stats.f.df_den),
    )
    return {
        "design": Task(make),
        "proportion": Task(lambda: sample.estimation.prop("answer", by="country"), sorted_numbers),
        "crosstab": crosstab,
        "test": crosstab,
        "mean": Task(lambda: sample.estimation.mean("income", by="country"), sorted_numbers),
        "median": Task(
            lambda: sample.estimation.median("income"),
            lambda found: found.to_polars()[["est", "lci", "uci", "se"]].row(0),
        ),
        "raking": Task(
            lambda: sample.weighting.rake(shares=MARGINS, tol=1e-8),
            lambda found: found.data["rk_wgt"].to_numpy()[:SHOWN],
        ),
        "replicate design": Task(make_replicated, before=wide),
        "replicates": Task(lambda: replicated_share(replicated()), sorted_numbers, replicated),
        "bootstrap": Task(
            lambda: replicated_share(sample.weighting.create_bs_wgts(80, rstate=1)),
            lambda found: halved(sorted_numbers(found)),
        ),
    }


def samplics_tasks(folder: Path, clustered: Clustered) -> dict[str, Task]:
    """Return what samplics does."""
    warnings.simplefilter("ignore")
    from samplics import (  # noqa: PLC0415
        CrossTabulation,
        PopParam,
        ReplicateEstimator,
        RepMethod,
        SampleWeight,
        TaylorEstimator,
    )  # fmt: skip
    from samplics.utils.types import QuantileMethod  # noqa: PLC0415

    frame = pd.read_parquet(folder / "respondents.parquet").astype(
        dict.fromkeys(("answer", "country", "age", "sex"), str)
    )
    weight = frame["weight"]
    roles = {"samp_weight": weight, "stratum": frame["stratum"]} | (
        {"psu": frame["psu"]} if clustered else {}
    )

    def taylor(param: str, **given: Any) -> TaylorEstimator:  # noqa: ANN401
        estimator = TaylorEstimator(getattr(PopParam, param))
        estimator.estimate(**given, **roles)
        return estimator

    def crosstab() -> CrossTabulation:
        table = CrossTabulation(PopParam.prop)
        table.tabulate(frame[["answer", "country"]], **roles)
        return table

    @cache
    def replicates() -> Floats:
        return with_replicates(frame, folder)[list(read_multipliers(folder))].to_numpy()

    def replicated() -> ReplicateEstimator:
        count = replicates().shape[1]
        estimator = ReplicateEstimator(RepMethod.bootstrap, PopParam.prop)
        return estimator.estimate(
            y=frame["answer"], samp_weight=weight, rep_weights=replicates(),
            rep_coefs=np.full(count, 1 / (count - 1)), domain=frame["country"],
        )  # fmt: skip

    def nested(found: TaylorEstimator | ReplicateEstimator) -> list[float]:
        both = (found.point_est, found.stderror)
        return [of[domain][level] for of in both for domain in sorted(of) for level in sorted(of[domain])]

    totals = {
        name: {level: share * weight.sum() for level, share in shares.items()}
        for name, shares in MARGINS.items()
    }
    margins = {name: frame[name].to_numpy(dtype=str) for name in MARGINS}
    return {
        "proportion": Task(lambda: taylor("prop", y=frame["answer"], domain=frame["country"]), nested),
        "crosstab": Task(
            crosstab,
            lambda found: [found.stats["Pearson-Adj"][key] for key in ("f_value", "df_num", "df_den")],
        ),
        "mean": Task(
            lambda: taylor("mean", y=frame["income"], domain=frame["country"]),
            lambda found: [of[name] for of in (found.point_est, found.stderror) for name in sorted(of)],
        ),
        "median": Task(
            lambda: taylor("median", y=frame["income"], q_method=QuantileMethod.HIGHER),
            lambda found: (found.point_est, found.lower_ci, found.upper_ci, found.stderror),
        ),
        "raking": Task(
            lambda: SampleWeight().rake(weight.to_numpy(), margins, totals, tol=1e-8, ctrl_tol=1e-8),
            lambda found: found[:SHOWN],
        ),
        "replicates": Task(replicated, nested, replicates),
    }


def read_multipliers(folder: Path) -> pd.DataFrame:
    """Return the replicates' multipliers, one row per PSU."""
    return pd.read_parquet(folder / "multipliers.parquet")


def with_replicates(frame: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """Return the respondents with a column of weights for each replicate."""
    multipliers = read_multipliers(folder)
    place = frame["stratum"].to_numpy() * PSUS + frame["psu"].to_numpy()
    values = multipliers.to_numpy()[place] * frame["weight"].to_numpy()[:, None]
    return pd.concat([frame, pd.DataFrame(values, columns=multipliers.columns, index=frame.index)], axis=1)


def halved(numbers: Floats) -> Floats:
    """Return the estimates without the standard errors, which differ between random replicates."""
    return numbers[: len(numbers) // 2]


PEERS = {
    "trustkit": (trustkit_tasks, ("trustkit", "numpy", "pandas", "scipy")),
    "svy": (svy_tasks, ("svy", "svy_rs", "polars")),
    "samplics": (samplics_tasks, ("samplics",)),
}
"""What makes each peer's tasks, and the packages whose versions are told."""


def serve(peer: str, folder: Path, clustered: Clustered) -> None:
    """Answer each task named on the input with a line."""
    answer = sys.stdout
    make, packages = PEERS[peer]
    with contextlib.redirect_stdout(sys.stderr):
        tasks = make(folder, clustered)
        told = [f"{name} {own_version(name)}" for name in packages]
        print("ready", ", ".join(told), file=answer, flush=True)
        for line in sys.stdin:
            print(run(tasks.get(line.strip())), file=answer, flush=True)


def run(task: Task | None) -> str:
    """Run a task; return its seconds and numbers, or why there are none."""
    if task is None:
        return "absent"
    try:
        task.before()
        began = time.perf_counter()
        found = task.run()
        seconds = time.perf_counter() - began
        numbers = task.numbers(found)
    except Exception as error:  # noqa: BLE001
        return f"failed {type(error).__name__}: {' '.join(str(error).split())[:100]}"
    return " ".join([f"{seconds:.6f}", *(f"{number:.17g}" for number in numbers)])


def own_version(name: str) -> str:
    """Return a package's version, of trustkit from the source tree too."""
    if name == "trustkit":
        import trustkit  # noqa: PLC0415

        return trustkit.__version__
    return version(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("folder", type=Path, help="where respondents.py wrote the data")
    parser.add_argument("design", choices=("clustered", "unclustered"))
    given = parser.parse_args()
    serve(given.peer, given.folder, clustered=given.design == "clustered")
