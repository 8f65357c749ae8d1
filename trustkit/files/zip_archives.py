"""Zip archives opened safely: one data file inside, of bounded size, that stays in its folder."""

from __future__ import annotations

import re
import zipfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.files.known_formats import refuse_contents, refuse_start
from trustkit.files.scratch_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 4 << 30
"""The largest content, in bytes, that an archive or a workbook may unpack to."""

MOST_RATIO = 200
"""How many times its packed size a content may grow to; survey exports grow about tenfold."""

SMALL_BYTES = 1 << 24
"""A content up to this size may grow at any ratio: it can't fill the memory."""

SPARE_CELLS = 10_000_000
"""How many cells a table may have whatever the size of its file."""

CELLS_PER_BYTE = 100
"""How many cells a table may have beyond that, per byte of its file."""

START_BYTES = 128
"""How many bytes of an archive are looked at to tell a document of another program."""

CHUNK_BYTES = 1 << 20
"""How many bytes are unpacked at a time."""

LONGEST_NAME = 60
"""How many characters of its name a file keeps when it is unpacked."""

ARCHIVE, EMPTY_ARCHIVE = b"PK\x03\x04", b"PK\x05\x06"
"""How an archive starts."""

ENCRYPTED = 1
"""The flag of a file that is protected by a password."""


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """Provide the data file of a path: the file itself, or the only file inside a zip archive.

    A workbook, which is an archive too, stands for itself once it is known not to grow beyond measure.
    What is unpacked lies in a temporary folder and is removed at the end.

    Raises
    ------
    DataError
        If an archive is damaged, protected, grows beyond measure, climbs out of its folder, or holds
        anything but one data file.
    """
    items = items_in(path, path.as_posix())
    if items is None or _is_workbook(items):
        yield path
    else:
        with temporary_folder() as folder:
            yield _unpacked(path, items, folder)


def items_in(path: Path, where: str) -> list[zipfile.ZipInfo] | None:
    """List what is in an archive or a workbook, refusing what is torn or dangerous; None for other files.

    Raises
    ------
    DataError
        If it is damaged, protected, grows beyond measure, climbs out of its folder, or is another program's.
    """
    with path.open("rb") as file:
        if file.read(len(ARCHIVE)) not in (ARCHIVE, EMPTY_ARCHIVE):
            return None
    try:
        with zipfile.ZipFile(path) as archive:
            items = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as fault:
        raise DataError(
            "the archive or workbook is damaged", where=where, got=str(fault), do="save or download it again"
        ) from None
    _refuse_bad_items(items, where)
    with path.open("rb") as file:
        refuse_start(path, file.read(START_BYTES))
    refuse_contents(where, (item.filename for item in items))
    return items


def _unpacked(path: Path, items: list[zipfile.ZipInfo], folder: Path) -> Path:
    """Unpack the one data file of an archive into a folder."""
    where = path.as_posix()
    data = [item for item in items if not is_clutter(item)]
    if len(data) != 1:
        raise DataError(
            f"the archive holds {len(data)} files",
            where=where, got=", ".join(item.filename for item in data[:20]) or "nothing",
            expected="one data file", do="unpack it and name the file to read",
        )  # fmt: skip
    plain = re.sub(r"[^\w. -]", "_", PurePosixPath(data[0].filename).name)
    target = folder / (plain[-LONGEST_NAME:] or "data")
    with zipfile.ZipFile(path) as archive, target.open("wb") as file:
        for chunk in contents(archive, data[0], where):
            file.write(chunk)
    inner = items_in(target, f"{where}, {target.name}")
    if inner is not None and not _is_workbook(inner):
        raise DataError(
            "the archive holds another archive",
            where=where, got=data[0].filename, expected="one data file", do="unpack the inner archive",
        )  # fmt: skip
    return target


def contents(archive: zipfile.ZipFile, item: zipfile.ZipInfo, where: str) -> Iterator[bytes]:
    """Iterate over a file of an archive in chunks, no longer than the archive says and with its checksum.

    Raises
    ------
    DataError
        If the archive is damaged.
    """
    try:
        with archive.open(item) as packed:
            while chunk := packed.read(CHUNK_BYTES):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError) as fault:
        raise DataError(
            "the archive is damaged",
            where=where, got=f"{item.filename}: {fault}", do="save or download it again",
        ) from None  # fmt: skip


def refuse_vast(cells: int, size: int, where: str) -> None:
    """Refuse a table whose cells don't stand in any proportion to its size in the file.

    Raises
    ------
    DataError
        If the table would fill the memory though its file is small.

    Examples
    --------
    >>> refuse_vast(1_000_000, 2_000, "small.parquet")
    """
    most = SPARE_CELLS + CELLS_PER_BYTE * size
    if cells > most:
        raise DataError(
            "the table is far larger than its file",
            where=where, got=f"{cells:,} cells", expected=f"at most {most:,}",
            do="export the data again; it would fill the memory",
        )  # fmt: skip


def _refuse_bad_items(items: list[zipfile.ZipInfo], where: str) -> None:
    """Refuse an archive that is protected, climbs out of its folder, or grows beyond measure."""
    protected = [item.filename for item in items if item.flag_bits & ENCRYPTED]
    if protected:
        raise DataError(
            "the archive is protected by a password",
            where=where, got=", ".join(protected[:20]), do="unpack it, and keep what is in it protected",
        )  # fmt: skip
    outside = [item.filename for item in items if _climbs(item.filename)]
    if outside:
        raise DataError(
            "a path in the archive climbs out of its folder",
            where=where, got=", ".join(outside[:20]), expected="a path below the archive's own folder",
            do="don't unpack it; ask for where it came from",
        )  # fmt: skip
    total = sum(item.file_size for item in items)
    packed = sum(item.compress_size for item in items)
    refuse_growth("the archive", where, total, packed, "unpack it yourself, if you trust it")


def refuse_growth(what: str, where: str, total: int, packed: int, do: str) -> None:
    """Refuse a content that grows beyond measure when it is unpacked.

    Parameters
    ----------
    what, where
        What is unpacked, in words, and its path.
    total, packed
        The bytes of its content, so far as they are known, and of its packed form.
    do
        What to do if it is sound.

    Raises
    ------
    DataError
        If it holds more than `MOST_BYTES`, or grows more than `MOST_RATIO` times and is not small.

    Examples
    --------
    >>> refuse_growth("the archive", "a.zip", 1_000_000, 900, "unpack it")
    """
    if total > MOST_BYTES or (total > SMALL_BYTES and total > MOST_RATIO * packed):
        raise DataError(
            f"{what} grows beyond measure",
            where=where, got=f"{packed:,} bytes that unpack to at least {total:,}",
            expected=f"at most {MOST_RATIO} times the packed size, and {MOST_BYTES:,} bytes",
            do=do,
        )  # fmt: skip


def _climbs(name: str) -> bool:
    """Return whether a path is absolute or leads out of its folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or bool(re.match(r"[A-Za-z]:[\\/]", name))


def _is_workbook(items: list[zipfile.ZipInfo]) -> bool:
    """Return whether an archive is an Excel workbook."""
    names = [item.filename for item in items]
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def is_clutter(item: zipfile.ZipInfo) -> bool:
    """Return whether an entry is a folder, or a file that macOS adds.

    Examples
    --------
    >>> is_clutter(zipfile.ZipInfo("__MACOSX/a.csv")), is_clutter(zipfile.ZipInfo("a.csv"))
    (True, False)
    """
    name = item.filename
    return not name or item.is_dir() or name.startswith("__MACOSX/") or name.endswith(".DS_Store")
