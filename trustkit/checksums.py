"""Digests of raw files: a file that differs from the digest kept beside it is refused."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from trustkit.errors import DataError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


CHECKSUMS = "SHA256SUMS"
"""The file beside raw data that lists each raw file's digest, as ``sha256sum`` writes it."""

LISTED = re.compile(r"(?P<escaped>\\?)(?P<digest>\S+) [ *]?(?P<name>.+)")
"""A line of it: a backslash if signs of the name are escaped, the digest, how the file was read, its name."""

ESCAPED = {"\\": r"\\", "\n": r"\n", "\r": r"\r"}
"""Signs of a name that would break its line -> how ``sha256sum`` writes them."""


def verify_digest(path: Path, *, when_read: str = "") -> str:
    """Return a raw file's SHA-256, refusing a file that differs from the digest kept beside it.

    Parameters
    ----------
    path
        The raw file.
    when_read
        The file's digest when it was read, to compare with, too; empty if it has not been read.

    Raises
    ------
    DataError
        If the file is missing, or its digest is not the one listed in ``SHA256SUMS``, or the one when it was
        read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        near = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
        todo = suggest(path.name, near) if near else "check the path and the working directory"
        raise DataError("no such file", where=path.as_posix(), do=todo) from None
    except IsADirectoryError:
        raise DataError("this is a folder", where=path.as_posix(), do="name a file in it") from None
    except OSError as fault:
        raise DataError(
            "the file can't be opened",
            where=path.as_posix(),
            got=fault.strerror,
            do="check the path and its rights",
        ) from None
    listed = read_digests(path.parent).get(path.name, digest)
    for expected, since, origin, do in (
        (listed, "", f", from {CHECKSUMS}", "restore the file"),
        (when_read or digest, " since it was read", "", "read it again"),
    ):
        if digest != expected:
            raise DataError(
                f"the raw file has changed{since}",
                where=path.as_posix(),
                got=f"SHA-256 {digest}",
                expected=f"SHA-256 {expected}{origin}",
                do=f"{do}; raw data is never edited",
            )
    return digest


def verify_folder(folder: Path, files: Iterable[Path]) -> None:
    """Refuse files of a folder that differ from the digests kept in it, or that are listed and missing.

    Parameters
    ----------
    folder
        The folder. Its ``SHA256SUMS``, and those of folders in it, list files by their paths from there.
    files
        The files that are read.

    Raises
    ------
    DataError
        If a file has changed, a listed file is missing, or only some of the files that are read are listed.
    """
    listed: dict[Path, str] = {}
    for listing in sorted(folder.rglob(CHECKSUMS)):
        place = listing.parent
        listed |= {place / name: digest for name, digest in read_digests(place).items()}
    for path in (*listed, *(path for path in files if listed and path not in listed)):
        digest = ""
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != listed.get(path):
            raise DataError(
                "the files of the folder are not those that its digests were taken of",
                where=path.as_posix(),
                got=f"SHA-256 {digest}" if digest else "no such file",
                expected=f"SHA-256 {listed[path]}, from {CHECKSUMS}" if path in listed else "a listed file",
                do="restore the folder; a new export gets a folder and digests of its own",
            )


def digest_line(name: str, digest: str) -> str:
    r"""Return the line that lists a file, as ``sha256sum`` writes it: one line, whatever the file is called.

    Examples
    --------
    >>> digest_line("answers.csv", "5e88"), digest_line("two\nlines.csv", "5e88")
    ('5e88  answers.csv\n', '\\5e88  two\\nlines.csv\n')
    """
    written = _written(name)
    return f"{'' if written == name else chr(92)}{digest}  {written}\n"


def read_digests(folder: Path) -> dict[str, str]:
    """Return file name -> SHA-256 from a folder's ``SHA256SUMS`` (empty if there is none)."""
    listing = folder / CHECKSUMS
    if not listing.is_file():
        return {}
    digests = {}
    signs = {written: sign for sign, written in ESCAPED.items()}
    for number, line in enumerate(listing.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        entry = LISTED.fullmatch(line)
        if entry is None:
            raise DataError(
                "a line names no file", where=f"{listing.as_posix()}:{number}", got=line,
                expected="a digest, two spaces and a file's name", do=f"write {CHECKSUMS} with sha256sum",
            )  # fmt: skip
        name = entry["name"].removeprefix("./")
        if entry["escaped"]:
            name = re.sub(r"\\[\\nr]", lambda escape: signs[escape[0]], name)
        if not (folder / name).is_file():  # typed by a person, or the file is gone
            name = name.strip().lstrip("*")
        digests[name] = entry["digest"]
    return digests


def with_digests(listing: str, digests: Mapping[str, str]) -> str:
    r"""Return a list of digests with new ones in the place of old ones; all else of it stays.

    Parameters
    ----------
    listing
        What ``SHA256SUMS`` holds.
    digests
        Old digest -> new digest.

    Examples
    --------
    >>> with_digests("5e88  answers.csv\n", {"5e88": "03ac"})
    '03ac  answers.csv\n'
    """
    return re.sub(
        r"^(\\?)(\S+)", lambda start: start[1] + digests.get(start[2], start[2]), listing, flags=re.MULTILINE
    )


def with_names(listing: str, names: Mapping[str, str]) -> str:
    r"""Return a list of digests with new names of files in the place of old ones; all else of it stays.

    Parameters
    ----------
    listing
        What ``SHA256SUMS`` holds.
    names
        Old name -> new name.

    Examples
    --------
    >>> with_names("5e88  answers.zsav\n03ac  notes.md\n", {"answers.zsav": "answers.parquet"})
    '5e88  answers.parquet\n03ac  notes.md\n'
    """
    written = {_written(old): _written(new) for old, new in names.items()}
    return re.sub(
        r"^(\\?\S+ [ *]?(?:\./)?)(.+)$",
        lambda line: line[1] + written.get(line[2], line[2]),
        listing,
        flags=re.MULTILINE,
    )


def _written(name: str) -> str:
    """Return a file's name on one line, as ``sha256sum`` writes it."""
    return re.sub(r"[\\\n\r]", lambda special: ESCAPED[special[0]], name)
