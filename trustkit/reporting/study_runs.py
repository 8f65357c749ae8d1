"""The notebooks of a study, run beside each other; every failure is told at once."""

from __future__ import annotations

import os
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from trustkit.errors import Fault, ReportError
from trustkit.reporting.kernels import Kernels
from trustkit.reporting.notebooks import close_loop, run_notebook
from trustkit.reporting.run_records import shares_files, stored_notebook

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from trustkit.reporting.run_records import StudyState
    from trustkit.reporting.warm_kernels import WarmStart


def available_cores() -> int:
    """Return how many processors this process may use."""
    known = getattr(os, "sched_getaffinity", None)
    return len(known(0)) if known else os.cpu_count() or 1


def run_notebooks(
    paths: Sequence[Path],
    state: StudyState,
    *,
    jobs: int | None = None,
    warm: WarmStart | None = None,
    tell: Callable[[str], None],
) -> None:
    """Run notebooks in place, several at a time; the outputs are the same for any number.

    Notebooks that use ``data/processed`` run one after another, in the order given, as one may read what
    another writes.

    Parameters
    ----------
    paths
        The notebooks.
    state
        The project, for the record that each run leaves.
    jobs
        How many run at a time; as many as there are processors if not given.
    warm
        The process to fork kernels from, if there is one (`trustkit.reporting.warm_kernels`).
    tell
        Is called with the name of each step before it begins.

    Raises
    ------
    ReportError
        With every notebook that failed. The others have their new outputs.
    """
    lanes: list[list[Path]] = [[]]
    for path in paths:
        notebook = stored_notebook(path)
        if notebook is not None and shares_files(notebook):
            lanes[0].append(path)
        else:
            lanes.append([path])
    kernels = Kernels(warm)

    def run(lane: list[Path]) -> list[ReportError]:
        failures = []
        try:
            for path in lane:
                if kernels.stopped:
                    break
                tell(f"running {path.name}")
                try:
                    run_notebook(path, path, state=state, kernels=kernels)
                except ReportError as failure:
                    failures.append(failure)
        finally:
            close_loop()
        return failures

    with ThreadPoolExecutor(jobs or available_cores()) as pool:
        futures = [pool.submit(run, lane) for lane in lanes if lane]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
        except BaseException:  # the user interrupts: kernels that run on would keep the program waiting
            pool.shutdown(wait=False, cancel_futures=True)
            kernels.stop()
            raise
    failures = [failure for future in futures for failure in future.result()]
    if len(failures) > 1:
        raise ReportError(
            f"{len(failures)} of {len(paths)} notebooks failed",
            faults=[
                Fault(f"{failure.what}: {failure.got}", failure.where or "", failure.do or "")
                for failure in sorted(failures, key=lambda failure: failure.where or "")
            ],
        )
    if failures:
        raise failures[0]
