"""Respondents erased on request: the study's tombstones, and whether a file brings one of them back.

A tombstone holds no value of the person. Their id stands in it as an HMAC-SHA256 under a secret key of the
study, because a plain hash of an id can be found by hashing every id that there could be.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import secrets
import stat
import sys
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.errors import DataError, first_few, writing
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from trustkit.survey.survey import Survey

RAW = Path("data", "raw")
"""Where a study has its raw data."""

ERASED = "ERASED.csv"
"""The file in it that lists the study's tombstones."""

PRIVATE = ".trustkit"
"""The folder of a study that is never shared: the key, and an erasure that is under way."""

KEY = "erasure.key"
"""The file in it that holds the key. It may be a symbolic link to a file outside the study."""

UNDER_WAY = Path("erasure", "journal.json")
"""The journal in it of an erasure that is decided and not finished."""

KEY_BYTES = 32
"""How long a key is."""

KEY_NAME_DIGITS = 8
"""How many hexadecimal digits of a digest name the key that a tombstone was made with."""


@dataclass(frozen=True)
class Tombstone:
    """That somebody was erased from one file.

    Attributes
    ----------
    date
        When, as an ISO date.
    column
        The column of ids.
    keyed_id
        The HMAC-SHA256 of the id under the study's key; empty where a column was removed.
    key
        Which key that was: the start of a digest of it.
    reason
        Why.
    file
        The file, from the study's folder.
    rows
        How many rows the person had in it.
    before, after
        The file's SHA-256 before and after.
    """

    date: str
    column: str
    keyed_id: str
    key: str
    reason: str
    file: str
    rows: str
    before: str
    after: str


COLUMNS = [item.name for item in fields(Tombstone)]


def keyed_id(respondent: str, key: bytes) -> str:
    """Return an id as a tombstone holds it.

    Examples
    --------
    >>> keyed_id("42", b"secret") == keyed_id("42", b"another secret")
    False
    """
    return hmac.digest(key, respondent.encode("utf-8", "surrogatepass"), "sha256").hex()


def key_name(key: bytes) -> str:
    """Return the name of a key, which says nothing of it."""
    return hmac.digest(key, b"which key", "sha256").hex()[:KEY_NAME_DIGITS]


def read_tombstones(study: Path) -> list[Tombstone]:
    """Return a study's tombstones, the oldest first; none if nobody was erased.

    Raises
    ------
    DataError
        If the file is not one that trustkit wrote.
    """
    path = study / RAW / ERASED
    if not path.is_file():
        return []
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True))
        complete = rows[0] == COLUMNS and all(len(row) == len(COLUMNS) for row in rows)
    except (UnicodeDecodeError, csv.Error, IndexError):
        complete = False
    if not complete:
        raise DataError(
            "the list of erased respondents is damaged",
            where=path.as_posix(), expected=f"the columns {', '.join(COLUMNS)}, all filled",
            do="restore it from version control; without it nobody sees that a backup brings somebody back",
        )  # fmt: skip
    return [Tombstone(*row) for row in rows[1:]]


def tombstones_text(tombstones: Iterable[Tombstone]) -> str:
    """Return tombstones as their file holds them."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(tombstone) for tombstone in tombstones)
    return stream.getvalue()


def read_key(study: Path) -> bytes | None:
    """Return the study's key; None if it is not there.

    Raises
    ------
    DataError
        If other users of the system may read it, or it is not a key.
    """
    path = study / PRIVATE / KEY
    if not path.is_file():
        return None
    shared = stat.S_IMODE(path.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO)
    if shared and sys.platform != "win32":
        raise DataError(
            "other users can read the study's key",
            where=path.as_posix(), got=f"mode {stat.S_IMODE(path.stat().st_mode):o}", expected="mode 600",
            do=f"take their rights away: chmod 600 {path.as_posix()}",
        )  # fmt: skip
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise DataError(
            "the study's key is damaged",
            where=path.as_posix(), expected=f"{2 * KEY_BYTES} hexadecimal digits", do="restore the file",
        )  # fmt: skip
    return key


def make_key(study: Path) -> bytes:
    """Make the study's key, in a file that only its owner can read and that git ignores."""
    folder = study / PRIVATE
    path = folder / KEY
    key = secrets.token_bytes(KEY_BYTES)
    with writing(path):
        make_private(study)
        part = folder / f".{KEY}.part"
        part.unlink(missing_ok=True)
        part.touch(mode=stat.S_IRUSR | stat.S_IWUSR)
        part.write_text(f"{key.hex()}\n", encoding="ascii")
        part.rename(path)
    return key


def make_private(study: Path) -> Path:
    """Return the study's folder that is never shared, made if it is missing; git ignores what is in it."""
    folder = study / PRIVATE
    folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("*\n", encoding="ascii")
    return folder


def refuse_unfinished(study: Path) -> None:
    """Refuse a study whose erasure was interrupted.

    Raises
    ------
    DataError
        If one was decided and is not finished.
    """
    if (study / PRIVATE / UNDER_WAY).is_file():
        raise DataError(
            "an erasure was interrupted, and the study is half changed",
            where=study.as_posix(), do="finish it: trustkit erase STUDY --resume",
        )  # fmt: skip


def refuse_restored(path: Path) -> None:
    """Refuse a file of a study whose erasure is not finished, and one that an erasure has replaced.

    Raises
    ------
    DataError
        If the erasure of a respondent was interrupted, or the file is as it was before one or
        before a column was removed.
    """
    for study in path.absolute().parents:
        refuse_unfinished(study)
        tombstones = read_tombstones(study)
        if tombstones and path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            for tombstone in tombstones:
                if digest != tombstone.before or tombstone.before == tombstone.after:
                    continue
                if not tombstone.keyed_id:
                    raise _column_brought_back(path, tombstone)
                raise _brought_back(path, f"the file as it was before the erasure of {tombstone.date}")


def refuse_erased(survey: Survey, path: Path) -> None:
    """Refuse a survey that holds a respondent who was erased from the study that its file is in.

    Ids are looked for in the columns of ids of the codebook and in those that tombstones name, as far as
    the tombstones' key is there (`unsearched`).

    Raises
    ------
    DataError
        If it does.
    """
    for study in path.absolute().parents:
        tombstones = read_tombstones(study)
        key = read_key(study) if tombstones else None
        if key is None:
            continue
        name = key_name(key)
        erased = {tombstone.keyed_id for tombstone in tombstones if tombstone.key == name}
        columns = id_columns(survey, {tombstone.column for tombstone in tombstones if tombstone.keyed_id})
        if not erased:
            continue
        back = [
            row
            for column in columns
            for row, value in enumerate(survey.data[column].tolist())
            if keyed_id(id_text(value), key) in erased
        ]
        if back:
            rows = "1 row" if len(back) == 1 else f"{len(back):,} rows"
            raise _brought_back(path, f"{rows} of respondents who were erased (row {first_few(back)})")


def _brought_back(path: Path, got: str) -> DataError:
    """Return the error of a file that brings somebody back."""
    return DataError(
        "the file brings back a respondent who was erased; is it a restored backup?",
        where=path.as_posix(),
        got=got,
        expected=f"nobody who has a line in {(RAW / ERASED).as_posix()}",
        do="put the file of today back; if this one is newer, erase the respondent again: trustkit erase",
    )


def _column_brought_back(path: Path, tombstone: Tombstone) -> DataError:
    """Return the error of a file that brings back a column that was removed when its time was over."""
    return DataError(
        "the file brings back a column that was removed, as its time was over; is it a restored backup?",
        where=path.as_posix(),
        got=f"{tombstone.column}, in the file as it was before {tombstone.date}",
        expected=f"no column that has a line in {(RAW / ERASED).as_posix()}",
        do="put the file of today back",
    )


def id_columns(survey: Survey, names: Iterable[str]) -> list[str]:
    """Return a survey's columns of ids: those of the codebook, and those of the names given."""
    described = [name for name, variable in survey.codebook.variables.items() if variable.kind == "id"]
    columns: pd.Index = survey.data.columns
    return [name for name in dict.fromkeys([*described, *sorted(names)]) if name in columns]


def unsearched(study: Path) -> str:
    """Return in words what can't be checked of a study's tombstones for lack of a key; "" if all can.

    Examples
    --------
    >>> from pathlib import Path
    >>> unsearched(Path("a_study_without_tombstones"))
    ''
    """
    key = read_key(study)
    name = "" if key is None else key_name(key)
    lost = {item.keyed_id for item in read_tombstones(study) if item.keyed_id and item.key != name}
    if not lost:
        return ""
    people = "1 erased respondent" if len(lost) == 1 else f"{len(lost):,} erased respondents"
    why = "is not there" if key is None else "is another one"
    return (
        f"{people} could not be looked for by id, as the key {PRIVATE}/{KEY} {why};"
        " only the files of before the erasure are recognised"
    )
