"""Zip archives opened safely: one data file inside, of bounded size, unpacked beside nothing."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 4 << 30
"""The largest file that is unpacked."""

MOST_RATIO = 200
"""How many times its packed size a file may grow to; survey exports grow about tenfold."""

SMALL_BYTES = 1 << 24
"""A file up to this size may grow at any ratio: it can't fill the memory."""

CHUNK = 1 << 20
"""How many bytes are unpacked at a time."""


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Give the data file that a path stands for: itself, or the one file inside a zip archive.

    What is unpacked lies in a temporary folder and is removed at the end.

    Raises
    ------
    DataError
        If an archive is damaged, protected, grows beyond measure, climbs out of its folder, or holds
        anything but one data file.
    """
    if not zipfile.is_zipfile(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _unpacked(path, Path(folder))


def _unpacked(path: Path, folder: Path) -> Path:
    where = path.as_posix()
    with zipfile.ZipFile(path) as archive:
        inside = [item for item in archive.infolist() if not _is_clutter(item)]
        refuse_growth(inside, where)
        if len(inside) != 1:
            raise DataError(
                f"the archive holds {len(inside)} files",
                where=where, got=", ".join(item.filename for item in inside[:20]),
                expected="one data file", do="unpack it and name the file to read",
            )  # fmt: skip
        (item,) = inside
        target = folder / PurePosixPath(item.filename).name
        try:
            with archive.open(item) as packed, target.open("wb") as file:
                while chunk := packed.read(CHUNK):
                    file.write(chunk)
        except (zipfile.BadZipFile, zlib.error, EOFError) as fault:
            raise DataError(
                "the archive is damaged", where=where, got=str(fault), do="save or download it again"
            ) from None
    return target


def refuse_growth(items: list[zipfile.ZipInfo], where: str) -> None:
    """Refuse an archive whose files would grow beyond measure when unpacked."""
    whole = sum(item.file_size for item in items)
    packed = sum(item.compress_size for item in items)
    if whole > MOST_BYTES or (whole > SMALL_BYTES and whole > MOST_RATIO * packed):
        raise DataError(
            "the archive grows beyond measure",
            where=where, got=f"{packed:,} bytes that unpack to {whole:,}",
            expected=f"at most {MOST_RATIO} times the packed size, and {MOST_BYTES:,} bytes",
            do="unpack it yourself, if you trust it",
        )  # fmt: skip


def _is_clutter(item: zipfile.ZipInfo) -> bool:
    """Tell folders and what macOS adds from data."""
    return item.is_dir() or item.filename.startswith("__MACOSX/") or item.filename.endswith(".DS_Store")
