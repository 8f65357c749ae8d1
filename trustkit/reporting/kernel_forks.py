"""The process that kernels are forked from: it has imported the large libraries, and runs nothing.

`trustkit.reporting.warm_kernels` starts it and speaks to it through a socket: a line of JSON for each kernel,
answered with the number of its process. It ends when the socket is closed, and its kernels end with it.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import os
import runpy
import signal
import socket
import sys
import tempfile
import threading
import warnings
from typing import Any

from trustkit.reporting.opened_files import read_opened, watch

KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "matplotlib_inline.config",
    "sqlite3",
)
"""What a kernel imports before its first cell."""

LIBRARIES = (
    *("numpy", "pandas", "pyarrow.csv", "pyarrow.pandas_compat", "scipy.sparse", "matplotlib.figure"),
    *("PIL.GifImagePlugin", "PIL.JpegImagePlugin", "PIL.PngImagePlugin"),
)
"""What the cells of almost every notebook about a survey import."""

NAMES = ("read", "clean", "Design", "rake", "proportion", "mean", "dot_interval", "data_table", "verify")
"""Public names of trustkit that notebooks use most, whose modules are imported."""


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Import the libraries, say so, and fork a kernel at each request.

    The first line that is sent lists the files that were opened; it is null if something was printed, as
    a cell that imports the library would show that, or if a thread runs, which a fork would lose.

    Returns
    -------
    dict or None
        In the process of a kernel: its request. In the process that serves, at the end: None.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets kernels that end
    opened = import_libraries()
    gc.freeze()
    with control.makefile("rwb") as lines:
        lines.write(f"{json.dumps(opened)}\n".encode())
        lines.flush()
        for line in lines:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # on memory allocators, which run threads
                process = os.fork()
            if not process:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                request: dict[str, Any] = json.loads(line)
                return request
            lines.write(f"{process}\n".encode())
            lines.flush()
    return None


def import_libraries() -> list[str] | None:
    """Import what kernels import; return the files that were opened, None if kernels would differ by it."""
    printed = io.StringIO()
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "opened")  # noqa: PTH118  # as its reader takes it
        file = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        stop = watch(file)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            for name in KERNEL:
                _import_installed(name)
            printed.truncate(0)  # no cell shows it
            for name in LIBRARIES:
                _import_installed(name)
            trustkit = importlib.import_module("trustkit")
            for name in NAMES:
                getattr(trustkit, name)
        stop()
        os.close(file)
        opened = read_opened(place)
    return None if printed.getvalue() or threading.active_count() > 1 else opened


def _import_installed(name: str) -> None:
    """Import a library if it is installed: some come with extras only, and a kernel then does without."""
    with contextlib.suppress(ModuleNotFoundError):
        importlib.import_module(name)


def become_kernel(request: dict[str, Any]) -> None:
    """Become the kernel that was asked for, as if its command had been given."""
    os.setsid()
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv[1:] = request["arguments"]
    sys.modules["numpy"].random.seed()  # as in a new process; Python's own generator does so by itself
    runpy.run_module(request["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    del sys.path[0]  # the notebooks' folder, which a kernel takes out, too, until its libraries are imported
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # kernels end when this process does
    with socket.socket(fileno=int(sys.argv[1])) as line_to_report:
        asked = serve(line_to_report)
    if asked is not None:
        become_kernel(asked)
