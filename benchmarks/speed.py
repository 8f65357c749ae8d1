"""How fast is trustkit beside svy, samplics and R survey? All run in turn, on the same respondents.

Run as ``python benchmarks/speed.py``, with ``--large`` for 100,000,000 rows as well; see
``benchmarks/README.md``. It prints its tables and writes them to ``benchmarks/speed.md``.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from respondents import write_many, write_respondents

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).parent
PEERS = ["svy", "R survey", "samplics"]
LARGE = 100_000_000
TOLERANCE = 1e-6
"""Largest relative difference from trustkit's numbers at which a peer's time counts."""

SLOW, VERY_SLOW = 2.0, 15.0
"""Seconds of a peer's first run above which it is run three times, or not again."""

TASKS = {
    "design": "making the design",
    "proportion": "share of 5 answers by 8 countries",
    "crosstab": "crosstab 5 x 8 with Rao-Scott test",
    "test": "Rao-Scott test 5 x 8",
    "mean": "mean by 8 countries",
    "median": "median with interval",
    "raking": "raking to 3 margins (6, 8, 2 levels)",
    "pps": "PPS without replacement (Brewer): the design, then a mean by 8 countries",
    "replicate design": "making the design from 80 columns of replicate weights",
    "replicates": "80 replicates: share of 5 answers by 8 countries",
    "bootstrap": "making 80 bootstrap replicates, then the share by country",
}
CLUSTERED = [task for task in TASKS if task != "test"]
UNCLUSTERED = [
    task for task in CLUSTERED if task not in ("pps", "replicate design", "replicates", "bootstrap")
]
SMALL = ["design", "proportion", "test", "mean", "median"]


@dataclass
class Timing:
    """What one peer took for one task, and how far its numbers are from trustkit's."""

    peer: str
    task: str
    seconds: list[float] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    failure: str = ""
    difference: float = float("nan")

    @property
    def median(self) -> float:
        """The median of the timed runs."""
        return median(self.seconds) if self.seconds else float("nan")

    @property
    def accepted(self) -> bool:
        """Whether the numbers agree, so that the time counts."""
        return bool(self.seconds) and not self.difference > TOLERANCE


@dataclass(frozen=True)
class Target:
    """What is to be reached: a ratio to a peer's time, or seconds, bytes or a multiple at most."""

    words: str
    wanted: str
    got: str
    met: bool | None


class Worker:
    """A peer's process, which holds the respondents and runs one task at a time."""

    def __init__(self, peer: str, folder: Path, design: str) -> None:
        command = [sys.executable, str(HERE / "peers.py"), peer]
        if peer == "R survey":
            command = ["Rscript", str(HERE / "speed.R")]
        self.peer, self.versions, self.missing = peer, "", ""
        if shutil.which(command[0]) is None:
            self.missing = f"no {command[0]}"
            return
        self.process = subprocess.Popen(
            [*command, str(folder), design],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
        first = self.read()
        self.versions = first.removeprefix("ready ") if first.startswith("ready ") else ""
        if not self.versions:
            self.missing = first.removeprefix("missing ").removeprefix("failed ")

    def read(self) -> str:
        """Return the process's next line, or the last of what it complained about."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        line = self.process.stdout.readline().strip()
        return line or "failed " + (self.process.stderr.read().strip().splitlines() or ["no answer"])[-1]

    def run(self, timing: Timing) -> bool:
        """Run a task once more and say whether it could be done."""
        assert self.process.stdin is not None
        self.process.stdin.write(timing.task + "\n")
        self.process.stdin.flush()
        answer = self.read()
        if answer.startswith(("failed", "absent")):
            timing.failure = answer.removeprefix("failed ").removeprefix("absent") or "does not do this"
            return False
        seconds, *timing.numbers = map(float, answer.split())
        timing.seconds.append(seconds)
        return True

    def stop(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def start_workers(peers: Sequence[str], folder: Path, design: str) -> list[Worker]:
    """Start trustkit and the peers that are installed; name the others."""
    workers = [Worker(peer, folder, design) for peer in ["trustkit", *peers]]
    for worker in workers:
        if worker.missing:
            print(f"skipped: {worker.peer} ({worker.missing})", flush=True)
    return [worker for worker in workers if not worker.missing]


def time_task(workers: Sequence[Worker], task: str, rounds: int) -> list[Timing]:
    """Run a task by each peer in turn, round after round, so that a busy machine slows all alike.

    The first run is a warm-up from which the numbers are compared; it counts only if a peer is so slow that
    it isn't run again.
    """
    timings = {worker.peer: Timing(worker.peer, task) for worker in workers}
    left = {}
    for worker in workers:
        timing = timings[worker.peer]
        if worker.run(timing):
            first = timing.seconds[0]
            left[worker.peer] = rounds if first < SLOW else 3 if first < VERY_SLOW else 0
            if left[worker.peer]:
                timing.seconds.clear()
    for turn in range(rounds):
        for worker in workers:
            if turn < left.get(worker.peer, 0):
                worker.run(timings[worker.peer])
    own = np.array(timings["trustkit"].numbers)
    for timing in timings.values():
        timing.difference = largest_difference(np.array(timing.numbers), own)
        print(f"  {task}: {timing.peer} {shown(timing)}", flush=True)
    return list(timings.values())


def largest_difference(found: np.ndarray, own: np.ndarray) -> float:
    """Return the largest relative difference between two sets of numbers; NaN without numbers."""
    if not len(found) or not len(own):
        return float("nan")
    if found.shape != own.shape:
        return float("inf")
    return float((np.abs(found - own) / np.abs(own)).max())


def time_design(
    peers: Sequence[str], rows: int, design: str, tasks: Iterable[str], rounds: int
) -> tuple[dict[str, list[Timing]], list[str]]:
    """Time tasks on one design; return the timings by task and what was compared."""
    print(f"{rows:,} rows, {design}", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_respondents(folder, rows)
        workers = start_workers(peers, folder, design)
        timings = {task: time_task(workers, task, rounds) for task in tasks}
        for worker in workers:
            worker.stop()
    return timings, [worker.versions for worker in workers]


def measure_own(rows: int, tasks: Iterable[str]) -> dict[str, Timing]:
    """Run what only trustkit is asked for."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_respondents(folder, rows)
        worker = Worker("trustkit", folder, "clustered")
        timings = {task: Timing("trustkit", task) for task in tasks}
        for timing in timings.values():
            worker.run(timing)
        worker.stop()
    return timings


def measure_many(rows: int) -> list[float]:
    """Time a proportion on many rows of Parquet, in a process of its own: seconds, seconds, bytes."""
    print(f"{rows:,} rows of Parquet", flush=True)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "many.parquet"
        write_many(path, rows)
        done = subprocess.run(
            [sys.executable, str(HERE / "many.py"), str(path)], check=True, capture_output=True, text=True
        )
    return [float(number) for number in done.stdout.split()]


def compare(timings: Sequence[Timing], peer: str) -> float:
    """Return how many times trustkit's median a peer's is; NaN if the peer's time doesn't count."""
    of = {timing.peer: timing for timing in timings}
    if peer not in of or not of[peer].accepted:
        return float("nan")
    return of[peer].median / of["trustkit"].median


def show_seconds(seconds: float) -> str:
    """Show a duration."""
    if seconds != seconds:  # noqa: PLR0124
        return "-"
    return f"{1000 * seconds:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def shown(timing: Timing) -> str:
    """Show a timing with its number of runs, or why it doesn't count."""
    if timing.failure:
        return timing.failure
    time = f"{show_seconds(timing.median)} ({len(timing.seconds)})"
    return time if timing.accepted else f"differs by {timing.difference:.0e}: {time}"


def as_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a Markdown table, numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def timing_table(timings: dict[str, list[Timing]], peers: Sequence[str]) -> str:
    """Show the medians and each peer's ratio to trustkit."""
    rows = []
    for task, found in timings.items():
        of = {timing.peer: timing for timing in found}
        row = [TASKS[task], shown(of["trustkit"])]
        for peer in peers:
            ratio = compare(found, peer)
            row += [shown(of[peer]) if peer in of else "skipped", f"{ratio:,.1f}" if ratio == ratio else "-"]  # noqa: PLR0124
        rows.append(row)
    head = ["", "trustkit", *(name for peer in peers for name in (peer, "ratio"))]
    return as_table(head, rows)


def agreement_table(timings: dict[str, list[Timing]], peers: Sequence[str]) -> str:
    """Show how far each peer's numbers are from trustkit's."""
    rows = []
    for task, found in timings.items():
        of = {timing.peer: timing for timing in found}
        compared = len(of["trustkit"].numbers)
        if compared:
            differences = [
                f"{of[peer].difference:.0e}" if peer in of and of[peer].numbers else "-" for peer in peers
            ]
            rows.append([TASKS[task], str(compared), *differences])
    return as_table(["", "numbers", *peers], rows)


def ratio_targets(design: str, timings: dict[str, list[Timing]]) -> list[Target]:
    """Judge the ratios."""
    wanted = [
        ("proportion", "svy", 40), ("proportion", "R survey", 80),
        ("crosstab", "svy", 100), ("crosstab", "R survey", 200),
        ("mean", "svy", 15), ("median", "svy", 4), ("replicates", "svy", 5),
        ("raking", "svy", 15), ("raking", "R survey", 40),
    ]  # fmt: skip
    targets = []
    for task, peer, least in wanted:
        if task in timings:
            ratio = compare(timings[task], peer)
            known = ratio == ratio  # noqa: PLR0124
            targets.append(
                Target(
                    f"{TASKS[task]}, {design}, against {peer}",
                    f"at least {least} times as fast",
                    f"{ratio:,.1f}" if known else "not measured",
                    ratio >= least if known else None,
                )
            )
    return targets


def time_target(words: str, timing: Timing, most: float) -> Target:
    """Judge a duration."""
    return Target(words, f"under {show_seconds(most)}", show_seconds(timing.median), timing.median < most)


def target_table(targets: Iterable[Target]) -> str:
    """Show what was wanted and what was reached."""
    verdict = {True: "yes", False: "**no**", None: "-"}
    return as_table(
        ["target", "wanted", "got", "met"],
        ([target.words, target.wanted, target.got, verdict[target.met]] for target in targets),
    )


def own_targets(own: dict[str, Timing], rows: int) -> list[Target]:
    """Judge the book of tables and the memory."""
    targets = []
    if own["book"].seconds:
        targets.append(time_target(f"40 questions x 6 banner variables, {rows:,} rows", own["book"], 10))
    if own["memory"].numbers:
        both, call, used = own["memory"].numbers
        megabytes = f"{both / 1e6:.0f} MB (the call alone {call / 1e6:.0f} MB) for {used / 1e6:.0f} MB"
        targets.append(
            Target(
                f"peak memory of design and proportion by country, {rows:,} rows, above the frame's",
                "at most 1.5 times the columns used",
                f"{both / used:.2f} times: {megabytes}",
                both <= 1.5 * used,
            )
        )
    return targets


def many_targets(rows: int) -> list[Target]:
    """Judge time and memory on many rows."""
    made, estimated, peak = measure_many(rows)
    words = f"{rows:,} rows of Parquet through DuckDB, 2 threads: proportion by country"
    seconds = f"{estimated:.1f} s (and {made:.1f} s for the design)"
    return [
        Target(words, "under 20 s", seconds, estimated + made < 20),
        Target(words, "under 2 GiB", f"{peak / 2**30:.2f} GiB", peak < 2 * 2**30),
    ]


def describe_run(versions: Iterable[str], rounds: int) -> str:
    """Say what was compared, where and how often."""
    told = dict.fromkeys([*versions, *(f"{name} {version(name)}" for name in installed("duckdb", "pyarrow"))])
    system = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    runs = f"Medians of {rounds} runs (their number in brackets)"
    return (
        f"{system}; {', '.join(told)}. {runs}, 3 where one takes over {SLOW:g} s, 1 where it takes over "
        f"{VERY_SLOW:g} s; all peers in turn in one run. A ratio is the peer's median over trustkit's; it "
        f"counts if all numbers agree within {TOLERANCE:g}, relative. "
        "BLAS has one thread everywhere."
    )


def installed(*names: str) -> list[str]:
    """Return the packages that are installed."""
    found = []
    for name in names:
        try:
            version(name)
        except PackageNotFoundError:
            continue
        found.append(name)
    return found


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="trustkit beside svy, samplics and R survey")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--large", action="store_true", help=f"also {LARGE:,} rows of Parquet")
    parser.add_argument("--out", type=Path, default=HERE / "speed.md")
    return parser.parse_args()


def main() -> None:
    """Time everything, print the tables and write them."""
    given = read_arguments()
    clustered, versions = time_design(given.peers, given.rows, "clustered", CLUSTERED, given.rounds)
    unclustered, _ = time_design(given.peers, given.rows, "unclustered", UNCLUSTERED, given.rounds)
    small, _ = time_design(given.peers, 2_000, "clustered", SMALL, 3 * given.rounds)
    own = measure_own(given.rows, ("book", "memory"))
    of = {task: found[0] for task, found in clustered.items()}
    targets = [
        *ratio_targets("clustered", clustered),
        *ratio_targets("unclustered", unclustered),
        time_target("making the design, clustered", of["design"], 0.15),
        time_target("making the design, unclustered", unclustered["design"][0], 0.15),
        *(time_target(f"{TASKS[task]}, 2,000 rows", small[task][0], 0.005) for task in SMALL[1:]),
        *own_targets(own, given.rows),
        *(many_targets(LARGE) if given.large else []),
    ]
    rows = f"{given.rows:,} rows"
    text = "\n\n".join(
        [
            "# Speed",
            "Written by `benchmarks/speed.py`; how to run it is in `benchmarks/README.md`.",
            describe_run(versions, given.rounds),
            "## Targets",
            target_table(targets),
            f"## {rows}, 50 strata of 20 PSUs",
            timing_table(clustered, given.peers),
            "Largest relative difference from trustkit's numbers, estimates and standard errors:",
            agreement_table(clustered, given.peers),
            f"## {rows}, 50 strata, each row its own PSU",
            timing_table(unclustered, given.peers),
            "Largest relative difference:",
            agreement_table(unclustered, given.peers),
            "## 2,000 rows, 50 strata of 20 PSUs",
            timing_table(small, given.peers),
            "Largest relative difference:",
            agreement_table(small, given.peers),
        ]
    )
    print(text)
    given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
