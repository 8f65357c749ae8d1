"""Folders that a run works in and removes, also those of runs that were killed; and the switch to a new one.

A run that is killed cannot remove its folder. Each folder holds a file that its run keeps locked while it
lives; the next run removes every folder of the same kind whose lock is free.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = ".trustkit"
"""The file in a scratch folder that its run keeps locked."""

NEW = LOCK if sys.platform == "win32" else ".trustkit-new"
"""What that file is called until it is locked; on Windows, where it is not, an open file keeps its name."""

KNOWN = frozenset({LOCK, NEW, "source", "site", "doctrees", "temporary", "old", "study"})
"""What scratch folders hold; a folder with anything else in it is somebody's own."""

TEMPORARY = ".trustkit-"
"""How the names of folders among the system's temporary files begin, unlike those of people's own."""

PATIENCE = 60
"""Seconds after which a scratch folder without a lock is treated as left over."""


@contextmanager
def scratch_folder(place: Path, prefix: str) -> Iterator[Path]:
    """Make a folder in a place for as long as it is needed, and first remove those that killed runs left.

    Parameters
    ----------
    place
        The folder to make it in; made if it is missing.
    prefix
        How the folder's name begins.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     with scratch_folder(Path(place), ".site-") as folder:
    ...         names = [path.name[:6] for path in Path(place).iterdir()]
    ...     left = list(Path(place).iterdir())
    >>> names, left
    (['.site-'], [])
    """
    place.mkdir(parents=True, exist_ok=True)
    remove_left_over(place, prefix)
    folder = Path(mkdtemp(prefix=prefix, dir=place))
    try:
        with (folder / NEW).open("wb") as lock:
            _locked(lock.fileno())
            (folder / NEW).rename(folder / LOCK)  # a run that looked before would take it for left over
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_folder(*, longest: int | None = None) -> Iterator[Path]:
    """Make a folder among the system's temporary files, and first remove those that killed runs left there.

    They may hold a survey's columns, a file that was packed, or what a notebook opened.

    Parameters
    ----------
    longest
        How many bytes the path of the place has at most; one that is longer is not used, but ``/tmp``.

    Examples
    --------
    >>> with temporary_folder() as folder:
    ...     is_empty = not list(folder.iterdir())
    >>> is_empty, folder.exists()
    (True, False)
    """
    place = gettempdir()
    if longest is not None and os.name == "posix" and len(os.fsencode(place)) > longest:
        place = "/tmp"  # noqa: S108  # where every such system has one; the folder in it has a name of its own
    with scratch_folder(Path(place), TEMPORARY) as scratch:
        folder = scratch / "temporary"
        folder.mkdir()
        yield folder


def remove_left_over(place: Path, prefix: str) -> None:
    """Remove the scratch folders of runs that no longer live; those of living ones and other folders stay."""
    for folder in place.glob(f"{prefix}*"):
        with suppress(OSError):
            if folder.is_symlink() or not folder.is_dir():
                continue
            names = {path.name for path in folder.iterdir()}
            if names <= KNOWN and _is_left_over(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left_over(folder: Path) -> bool:
    """Return whether no run works in a folder: its lock is free, or it has none and is old."""
    try:
        with (folder / LOCK).open("r+b") as lock:
            return _locked(lock.fileno())
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > PATIENCE


def _locked(file: int) -> bool:
    """Lock an open file and tell whether that could be done; where files cannot be locked, it can."""
    if sys.platform == "win32":  # pragma: no cover  # an open file's folder cannot be removed there
        return True
    import fcntl  # noqa: PLC0415  # not on Windows

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as fault:  # a file system without locks
        return fault.errno not in {errno.EACCES, errno.EAGAIN}
    return True


def switch_folder(new: Path, target: Path) -> None:
    """Put a folder in the place of another at once: whoever looks, at any time, sees the old or the new one.

    Afterwards ``new`` holds the old folder, if there was one. Where the system cannot swap two names
    (`exchange_names`), the old folder is moved aside first; a run killed between the two moves leaves
    it beside the new one, and `restore_folder` puts it back.
    """
    if not target.exists():
        new.rename(target)
    elif not exchange_names(new, target):
        old = new.with_name("old")
        target.rename(old)
        new.rename(target)


def restore_folder(target: Path, prefix: str) -> None:
    """Put back a folder that a killed run had moved aside and not yet replaced."""
    if target.exists() or not target.parent.is_dir():
        return
    for old in sorted(target.parent.glob(f"{prefix}*/old")):
        if _is_left_over(old.parent):
            old.rename(target)
            return


def exchange_names(first: Path, second: Path) -> bool:
    """Swap the names of two folders in one step of the system; tell whether it can do that.

    Linux has ``renameat2`` with ``RENAME_EXCHANGE``, macOS ``renamex_np`` with ``RENAME_SWAP``.
    """
    swap, here = 2, -100
    names = os.fsencode(first.absolute()), os.fsencode(second.absolute())
    try:
        library = ctypes.CDLL(None, use_errno=True)
        if sys.platform == "darwin":  # pragma: no cover
            return bool(library.renamex_np(*names, swap) == 0)
        return bool(library.renameat2(here, names[0], here, names[1], swap) == 0)
    except (AttributeError, OSError, TypeError):  # pragma: no cover
        return False
