"""Readers: one function per format, all behind `read`, all returning a `Survey`."""

from __future__ import annotations

import csv
import hashlib
from itertools import islice
from pathlib import Path

import pandas as pd

from trustkit.codebook import Codebook, read_codebook
from trustkit.errors import DataError, suggest
from trustkit.log import ExclusionLog, Step
from trustkit.survey import Survey

CHECKSUMS = "SHA256SUMS"
"""The file beside raw data that lists each raw file's digest, as ``sha256sum`` writes it."""


def read(source: str | Path | pd.DataFrame, codebook: str | Path | Codebook | None = None) -> Survey:
    r"""Read a raw export into a `Survey`; nothing is dropped and the file is never changed.

    Parameters
    ----------
    source
        A CSV file with a header row, or a pandas DataFrame. If a ``SHA256SUMS`` file beside the file
        lists it, its digest must agree.
    codebook
        A `Codebook`, or the path of its YAML file. Without one, columns are taken as they come.

    Raises
    ------
    DataError
        Missing, empty or changed file; a broken row; a column of the codebook that isn't there.
    CodebookError
        With every fault of the codebook's file.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("sex,age\n1,34\n2,51\n")
    >>> read(file).data.shape
    (2, 2)
    """
    if isinstance(codebook, str | Path):
        codebook = read_codebook(codebook)
    if isinstance(source, pd.DataFrame):
        book = codebook or Codebook({}, title="data frame")
        name, digest, data = "data frame", "", source
        _refuse_missing_columns(data, book, name)
    else:
        path = Path(source)
        book = codebook or Codebook({}, title=path.stem)
        name, digest, data = path.as_posix(), verify_digest(path), read_csv(path, book)
    start = Step("read", name.rpartition("/")[2], "the raw export", len(data), len(data))
    log = ExclusionLog(synthetic=book.data == "synthetic")
    return Survey(data, book, log, source=name, digest=digest).tracked(start)


def read_csv(path: Path, codebook: Codebook) -> pd.DataFrame:
    """Read a comma-separated file as it is: only empty cells are missing, identifiers stay text."""
    text = {name: "str" for name, variable in codebook.variables.items() if variable.kind in ("id", "text")}
    where = path.as_posix()
    try:
        data = pd.read_csv(path, dtype=text, keep_default_na=False, na_values=[""], low_memory=False)
    except pd.errors.EmptyDataError:
        raise DataError("the file is empty", where=where, do="export the data again") from None
    except pd.errors.ParserError as fault:
        raise DataError(
            "a row does not fit the header", where=where, got=str(fault).strip(), do="mend the row's quotes"
        ) from None
    except UnicodeDecodeError as fault:
        raise DataError("the file is not UTF-8", where=where, got=str(fault), do="save it as UTF-8") from None
    if data.empty:
        raise DataError("the file has a header and no rows", where=where, do="export the data again")
    _refuse_broken_rows(path, data)
    _refuse_missing_columns(data, codebook, where)
    return data


def _refuse_broken_rows(path: Path, data: pd.DataFrame) -> None:
    """Refuse what pandas lets pass: columns of one name, and rows longer or shorter than the header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        header = next(row for row in rows if row)
        where = path.as_posix()
        twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
        if twice:
            raise DataError(
                "columns share a name",
                where=where, got=", ".join(repr(name) for name in twice[:20]), do="name each column once",
            )  # fmt: skip
        # A short row leaves its last cells empty, so a file without an empty last cell has none; pandas
        # itself refuses rows longer than the first.
        for row in islice(rows, None if data.iloc[:, -1].isna().any() else 1):
            if row and len(row) != len(header):
                raise DataError(
                    "a row does not fit the header",
                    where=f"{where}:{rows.line_num}",
                    got=f"{len(row)} cells", expected=f"{len(header)} cells",
                    do="mend the row, or export the data again",
                )  # fmt: skip


def _refuse_missing_columns(data: pd.DataFrame, codebook: Codebook, where: str) -> None:
    """Refuse data without a column that the codebook describes, naming all such columns."""
    missing = [name for name in codebook.variables if name not in data]
    if missing:
        raise DataError(
            f"{len(missing)} columns of the codebook are not in the data",
            where=where,
            got=", ".join(str(name) for name in data.columns[:20]),
            expected=", ".join(missing),
            do="; ".join(f"{name}: {suggest(name, data.columns)}" for name in missing[:5]),
        )


def verify_digest(path: Path) -> str:
    """Return a raw file's SHA-256, refusing a file that differs from the digest kept beside it.

    Raises
    ------
    DataError
        If the file is missing, or its digest is not the one listed in ``SHA256SUMS``.
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
    listed = read_digests(path.parent).get(path.name, digest)
    if listed != digest:
        raise DataError(
            "the raw file has changed",
            where=path.as_posix(),
            got=f"SHA-256 {digest}",
            expected=f"SHA-256 {listed}, from {CHECKSUMS}",
            do="restore the file; raw data is never edited",
        )
    return digest


def read_digests(folder: Path) -> dict[str, str]:
    """Return file name -> SHA-256 from a folder's ``SHA256SUMS`` (empty if there is none)."""
    listing = folder / CHECKSUMS
    if not listing.is_file():
        return {}
    found = {}
    for number, line in enumerate(listing.read_text(encoding="utf-8").splitlines(), 1):
        digest, _, name = line.strip().partition(" ")
        if not digest:
            continue
        if not name:
            raise DataError(
                "a line names no file", where=f"{listing.as_posix()}:{number}", got=line,
                expected="a digest, two spaces and a file's name", do=f"write {CHECKSUMS} with sha256sum",
            )  # fmt: skip
        found[name.strip().lstrip("*").removeprefix("./")] = digest
    return found
