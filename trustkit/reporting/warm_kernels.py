"""Kernels that start warm: forked from one process that has imported the large libraries.

A kernel takes about a second and a half of a processor to start and to import what surveys need; a report
has a dozen. A fork has its own memory from its first moment, so that no notebook sees another's variables,
seeds or settings. Kernels start cold, as ever, wherever that could make a difference to what they show, or
where processes cannot be forked: on macOS and Windows, if a file of the study has a library's name, if a
library prints while it is imported or reads a file of the study, or if the process fails.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from trustkit.reporting import kernel_forks
from trustkit.reporting.opened_files import PLACE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What says how many threads a kernel's matrix products take."""

FEWEST = 3
"""Notebooks from which on it is worth it: one process imports the libraries for all, before any begins."""


class WarmStart:
    """The process that kernels are forked from.

    Parameters
    ----------
    folder
        The notebooks' folder.
    in_study
        Which of the files that were opened, as the libraries were imported, belong to the study.
    """

    def __init__(self, folder: Path, in_study: Callable[[Iterable[str]], Iterable[str]]) -> None:
        self._in_study = in_study
        self._lock = threading.Lock()
        self._ready: bool | None = None
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # no shell
                [sys.executable, "-m", kernel_forks.__name__, str(theirs.fileno())],
                cwd=folder, env=kernel_environment(), pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._lines = self._control.makefile("rwb")

    def fork(self, command: Sequence[str], cwd: str, env: Mapping[str, str]) -> ForkedProcess | None:
        """Start the kernel of a command ``python -m module arguments``; None if it has to start cold."""
        _, flag, module, *arguments = command
        if flag != "-m":
            return None
        own = {**env, "JPY_PARENT_PID": str(self._process.pid)}
        request = {"module": module, "arguments": arguments, "cwd": cwd, "env": own}
        with self._lock:
            try:
                if self._ready is None:
                    opened = json.loads(self._lines.readline() or "null")
                    self._ready = opened is not None and not any(True for _ in self._in_study(opened))
                if not self._ready:
                    return None
                self._lines.write(f"{json.dumps(request)}\n".encode())
                self._lines.flush()
                return ForkedProcess(int(self._lines.readline()))
            except (OSError, ValueError):  # the process has ended, or the kernel has already
                self._ready = False
                return None

    def close(self) -> None:
        """End the process."""
        for part in (self._lines, self._control):
            with contextlib.suppress(OSError):
                part.close()
        self._process.kill()
        self._process.wait()


class ForkedProcess:
    """A process that another one started, with what Jupyter uses of `subprocess.Popen`.

    Raises
    ------
    ProcessLookupError
        If it has ended.
    """

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle: int = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return 1 if the process has ended, however it did; None while it runs."""
        return 1 if self._has_ended(0) else None

    def wait(self) -> int:
        """Wait until the process has ended."""
        self._has_ended(None)
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        return 1

    def send_signal(self, number: int) -> None:
        """Send a signal to the process; none if it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        """Ask the process to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process."""
        self.send_signal(signal.SIGKILL)

    def _has_ended(self, seconds: float | None) -> bool:
        return self._handle < 0 or bool(select.select([self._handle], [], [], seconds)[0])


@contextlib.contextmanager
def warm_start(
    folder: Path, notebooks: int, in_study: Callable[[Iterable[str]], Iterable[str]]
) -> Iterator[WarmStart | None]:
    """Start the process for a number of notebooks, as far as it is worth it and can be done, and end it."""
    if notebooks < FEWEST or not can_fork() or _shadows_a_library(folder):
        yield None
        return
    try:
        warm = WarmStart(folder, in_study)
    except OSError:
        yield None
        return
    try:
        yield warm
    finally:
        warm.close()


def kernel_environment(opened: Path | None = None) -> dict[str, str]:
    """Return a kernel's environment: as this one's, but a warning inside Jupyter is no error there.

    Matrix products take one thread, unless the user says otherwise: their last digits depend on the number.

    Parameters
    ----------
    opened
        The file in which the kernel lists the files that it opens.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    return {**dict.fromkeys(THREADS, "1"), **kept, **({PLACE: str(opened)} if opened else {})}


def can_fork() -> bool:
    """Return whether processes can be forked safely and watched: on Linux since 5.3."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


def _shadows_a_library(folder: Path) -> bool:
    """Return whether a notebook could import a file beside it under the name of a library."""
    libraries = {
        name.partition(".")[0] for name in (*kernel_forks.KERNEL, *kernel_forks.LIBRARIES, "trustkit")
    }
    return any(item.name.partition(".")[0] in libraries for item in folder.iterdir())
