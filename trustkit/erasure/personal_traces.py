"""What a study holds of one respondent: the values that are theirs alone, and where files still have them."""

from __future__ import annotations

import gzip
import html
import json
import lzma
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

import pandas as pd

from trustkit.errors import DataError, TrustkitError
from trustkit.files.erased_ids import ERASED, KEY, PRIVATE
from trustkit.files.read import read_as_it_is
from trustkit.survey.personal_looks import may_identify
from trustkit.survey.quoted_cells import PERSONAL
from trustkit.survey.respondent_ids import cell_text, id_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from trustkit.survey.survey import Survey

SHORTEST = 5
"""How many characters a value has at least to be searched for outside of tables; others are everywhere."""

THE_ID = "the id"
"""What an id is called among what was found."""

ELSEWHERE = frozenset({".git", ".venv", "venv", "node_modules", "__pycache__", ".hg", ".svn"})
"""Folders that are no part of a study's files: version control (out of reach) and programs."""

UNREADABLE = frozenset({".pdf", ".7z", ".rar", ".bz2", ".xz", ".duckdb", ".pkl", ".pickle", ".feather"})
"""Suffixes of files whose text is packed in a way that is not opened here."""

TABLES = frozenset(
    {".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt", ".parquet", ".rds", ".rda", ".csv", ".tsv"}
)
"""Suffixes of files that are searched cell by cell, too."""

COMPOSED: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
"""How letters with marks are written: as one character, or as a letter and its mark."""

LARGEST = 1 << 30
"""How many bytes are unpacked of one archive."""

WHERE_FOUND = ["file", "place", "what"]
"""The columns of what was found."""


@dataclass(frozen=True)
class Trace:
    """A value that one respondent alone has.

    Attributes
    ----------
    what
        What it is, in words that do not hold it.
    value
        The value.
    """

    what: str
    value: str

    def written(self) -> dict[bytes, None]:
        """Return how files may write the value: in encodings, and as JSON, HTML, CSV and addresses do.

        Its letters may be composed or decomposed.
        """
        texts = dict.fromkeys(
            text
            for value in dict.fromkeys(
                [self.value, *(unicodedata.normalize(form, self.value) for form in COMPOSED)]
            )
            for text in (
                value,
                json.dumps(value)[1:-1],
                json.dumps(value, ensure_ascii=False)[1:-1],
                html.escape(value),
                html.escape(value, quote=False),
                value.replace('"', '""'),
                quote(value, errors="replace"),
                *(value.replace("\n", end) for end in ("\r\n", "\r", "<br>", " ")),
            )
        )
        forms: dict[bytes, None] = {}
        for text in texts:
            forms[text.encode("utf-8", "surrogatepass")] = None
            forms[text.encode("utf-16-le", "surrogatepass")] = None
            forms[text.encode("cp1252", "xmlcharrefreplace")] = None
        return forms

    def places(self, content: bytes) -> Iterator[int]:
        """Iterate over where a content holds the value, as whole words."""
        if len(self.value) < SHORTEST:
            return
        for form in self.written():
            if form in content:
                for match in re.finditer(rb"(?<!\w)" + re.escape(form) + rb"(?!\w)", content):
                    yield match.start()


def traces_of(
    ids: Iterable[str], rows: Sequence[tuple[Survey, Sequence[int]]], records: Iterable[str] = ()
) -> tuple[Trace, ...]:
    """Return what is one respondent's alone: the id, identifiers, open answers and whole rows.

    Parameters
    ----------
    ids
        The texts by which the respondent is known: the id, and its pseudonym if there is one.
    rows
        Each table of the study, and which of its rows are the respondent's. A value that another row of
        any of these tables has in a column of this name, too, is not the respondent's alone.
    records
        The rows as they are written in files of text.
    """
    found = dict.fromkeys(ids, THE_ID)
    others = [survey.data.drop(index=survey.data.index[list(mine)]) for survey, mine in rows]
    for survey, mine in rows:
        for name, column in survey.data.items() if mine else ():
            variable = survey.codebook.variables.get(str(name))
            is_personal = variable is not None and (
                variable.kind in PERSONAL or variable.identifier == "direct"
            )
            values = _spelled(column.iloc[list(mine)])
            kind = variable.kind if variable else "single"
            wanted = {value for value in values if is_personal or may_identify(value, kind)}
            for data in others if wanted else ():
                if name in data:
                    wanted -= _spelled(data[name].unique())
            for value in sorted(wanted):
                found.setdefault(value, f"the value of {name}")
    for record in records:
        found.setdefault(record, "the whole row")
    return tuple(Trace(what, value) for value, what in found.items())


def _spelled(cells: Iterable[object]) -> set[str]:
    """Return cells as text, both as they are written and as ids are compared."""
    return {text_of(cell) for cell in cells for text_of in (cell_text, id_text)} - {""}


def search_files(study: Path, traces: Sequence[Trace], *, without: Collection[Path] = ()) -> pd.DataFrame:
    """Search every file of a study for traces of a respondent.

    Returns
    -------
    DataFrame
        ``file``, from the study's folder, ``place`` in it and ``what`` was found. Version control is not
        searched. The values are not shown.

    Raises
    ------
    DataError
        If there is no such folder.
    """
    if not study.is_dir():
        raise DataError("no such folder", where=study.as_posix(), do="name the study's folder")
    found: list[tuple[str, str, str]] = []
    for path in study_files(study):
        if path in without:
            continue
        name = path.relative_to(study).as_posix()
        places = [*_in_content(path, traces), *_in_cells(path, study, traces)]
        found += [(name, *place) for place in dict.fromkeys(places)]
        found += [
            (name, "the file's name", trace.what) for trace in traces if list(trace.places(name.encode()))
        ]
    return pd.DataFrame(found, columns=WHERE_FOUND)


def study_files(study: Path) -> list[Path]:
    """Return the files of a study, without version control, programs and the key."""
    files = []
    for path in sorted(study.rglob("*")):
        parts = path.relative_to(study).parts
        if ELSEWHERE.isdisjoint(parts) and path.is_file() and parts != (PRIVATE, KEY):
            files.append(path)
    return files


def unsearched_files(study: Path) -> list[str]:
    """Return the files of a study whose text is packed in a way that is not searched."""
    return [
        path.relative_to(study).as_posix() for path in study_files(study) if path.suffix.lower() in UNREADABLE
    ]


def _in_content(path: Path, traces: Sequence[Trace]) -> Iterator[tuple[str, str]]:
    """Iterate over the traces in a file's bytes, also in those of an archive's files."""
    for part, content in _contents(path):
        inside = f"{part}, " if part else ""
        for trace in traces:
            for place in trace.places(content):
                line = content.count(b"\n", 0, place) + 1
                yield f"{inside}line {line}", trace.what


def _contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """Iterate over what a file holds: its bytes, or those of the files packed in it."""
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        try:
            yield "", gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            yield "", content
        return
    yield "", content
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(path) as archive:
                items = archive.infolist()
                if sum(item.file_size for item in items) <= LARGEST:
                    for item in items:
                        yield item.filename, archive.read(item)
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, zlib.error, lzma.LZMAError):
            return


def _in_cells(path: Path, study: Path, traces: Sequence[Trace]) -> Iterator[tuple[str, str]]:
    """Iterate over the traces in the cells of a table of the study's data, also those of short values."""
    if path.suffix.lower() not in TABLES or study / "data" not in path.parents or path.name == ERASED:
        return
    try:
        survey = read_as_it_is(path)
    except TrustkitError:
        return
    values = {trace.value: trace.what for trace in traces}
    for name, column in survey.data.items():
        held = {cell: id_text(cell) for cell in column.dropna().unique()}
        mine = {f"the value of {name}", THE_ID if _may_hold_ids(column) else ""}
        told = {
            cell: values[text]
            for cell, text in held.items()
            if text in values and (len(text) >= SHORTEST or values[text] in mine)
        }
        for row, cell in enumerate(column.tolist() if told else []):
            if cell in told:
                yield f"row {row}, column {name}", told[cell]


def _may_hold_ids(column: pd.Series) -> bool:
    """Return whether most values of a column differ, as those of ids do."""
    return column.nunique() > len(column) / 2
