"""Which files a kernel opens: an extension of IPython that writes them down while a notebook runs.

It is loaded into the kernels that `trustkit report` starts. Files that a library opens without Python, or
that another process opens, are not seen here; `run_records` finds these by their names in the code.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = "TRUSTKIT_OPENED_FILES"
"""The variable of the kernel's environment that names the file to write to."""

LISTED = frozenset({"os.listdir", "os.scandir"})
"""Events of Python that read a folder's contents."""


def load_ipython_extension(shell: object) -> None:  # noqa: ARG001  # IPython gives it
    """Write the path of every file that is opened, and of every folder that is listed, from now on."""
    place = os.environ.get(PLACE)
    if place:
        watch(os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT))


def watch(file: int) -> Callable[[], None]:
    """Write each path once, as the system encodes it, ended by a zero byte; a folder's ends with ``/``.

    Returns
    -------
    callable
        Ends the watch.
    """
    seen: set[str] = set()
    watching = True

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if (event != "open" and event not in LISTED) or not watching:
            return
        path = arguments[0] if arguments else None
        if path is None:
            path = "."
        if not isinstance(path, str | bytes):
            return
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100  # pathlib does more at each call
        if event == "open" and arguments[1] is None and not os.path.lexists(name):
            return  # `os.open` gives no mode: a name within an open folder, as `shutil.rmtree` opens
        if event in LISTED:
            name += "/"
        if name not in seen:
            seen.add(name)
            os.write(file, os.fsencode(name) + b"\0")

    def stop() -> None:
        nonlocal watching
        watching = False

    sys.addaudithook(note)
    return stop


def read_opened(place: str | os.PathLike[str]) -> list[str] | None:
    """Return the paths that a kernel wrote; None if it did not load the extension."""
    try:
        with open(place, "rb") as file:  # noqa: PTH123  # as above
            return [os.fsdecode(path) for path in file.read().split(b"\0") if path]
    except FileNotFoundError:
        return None
