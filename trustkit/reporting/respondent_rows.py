"""The rows of one respondent in the raw files of a study: every export, its copies, and other waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.checksums import CHECKSUMS
from trustkit.errors import DataError, TrustkitError
from trustkit.files.erased_ids import ERASED, RAW, id_columns, keyed_id, read_key, read_tombstones
from trustkit.files.read import read_as_it_is
from trustkit.reporting.personal_traces import TABLES
from trustkit.reporting.study import study_exports
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from trustkit.survey.survey import Survey

NOT_DATA = frozenset({".yaml", ".yml", ".md", ".json", ".png", ".svg", ".pdf", ".bib", ".cff"})
"""Suffixes of files beside raw data that are no tables."""


@dataclass(frozen=True, eq=False)
class Table:
    """A raw file that was read, and where the respondent is in it.

    Attributes
    ----------
    path
        The file.
    survey
        What it holds.
    codebook
        The codebook's file, if it has one.
    column
        The column of ids; "" if it has none.
    rows
        The respondent's rows, from 0.
    alike
        How many rows have an id that differs by case, blanks or leading zeros only.
    """

    path: Path
    survey: Survey
    codebook: Path | None
    column: str = ""
    rows: tuple[int, ...] = ()
    alike: int = 0

    @property
    def ids(self) -> list[str]:
        """The ids of all rows."""
        return [id_text(value) for value in self.survey.data[self.column]] if self.column else []


@dataclass(frozen=True, eq=False)
class Located:
    """The raw tables of a study, in some of which the respondent is, and the files that can't be read."""

    respondent: str
    tables: tuple[Table, ...]
    unread: tuple[str, ...]

    @property
    def mine(self) -> list[Table]:
        """The tables that the respondent is in."""
        return [table for table in self.tables if table.rows]


def locate(study: Path, respondent: object, column: str | None = None) -> Located:
    """Find a respondent's rows in the raw files of a study, by the columns of ids.

    A file with a codebook has its ids in the columns of kind ``id``; one without, in a column of the same
    name. Ids are compared as they are written.

    Parameters
    ----------
    study
        The study's folder.
    respondent
        The id.
    column
        The column of ids to look in, if respondents are counted in several ways.

    Raises
    ------
    DataError
        If the respondent is in no file, or several columns of ids hold the id: it may be another person's.
    """
    wanted = id_text(respondent)
    exports = dict(study_exports(study))
    read = {path: read_as_it_is(path, codebook) for path, codebook in exports.items()}
    named = {name for survey in read.values() for name in id_columns(survey, ())}
    if column is not None:
        named = {column}
    if not named:
        raise DataError(
            "no column holds ids",
            where=study.as_posix(), expected="a variable of kind id in a codebook",
            do="write kind: id for the column by which respondents are known, or name it: column=",
        )  # fmt: skip
    others, unread = _other_tables(study, exports)
    tables = [
        table
        for path, survey in {**read, **others}.items()
        for table in _searched(path, survey, exports.get(path), wanted, named)
    ]
    found = sorted({table.column for table in tables if table.rows})
    if len(found) > 1:
        raise DataError(
            "several columns of ids hold this id, and it may be another person's",
            where=study.as_posix(), got=", ".join(found), expected="the column by which the person is known",
            do="name the column: column=, or --column",
        )  # fmt: skip
    if not found:
        raise _nobody(study, wanted, tables)
    return Located(wanted, tuple(tables), unread)


def _other_tables(study: Path, exports: Collection[Path]) -> tuple[dict[Path, Survey], tuple[str, ...]]:
    """Read the raw files that no codebook describes: copies, reference files; name those not readable."""
    read: dict[Path, Survey] = {}
    unread: list[str] = []
    for path in sorted((study / RAW).rglob("*")):
        parts = path.relative_to(study).parts
        is_data = path.name not in (CHECKSUMS, ERASED) and path.suffix.lower() not in NOT_DATA
        if (
            path in exports
            or not path.is_file()
            or not is_data
            or any(part.startswith(".") for part in parts)
        ):
            continue
        try:
            read[path] = read_as_it_is(path)
        except TrustkitError:
            if path.suffix.lower() in TABLES:
                unread.append("/".join(parts))
    return read, tuple(unread)


def _searched(
    path: Path, survey: Survey, codebook: Path | None, wanted: str, named: Collection[str]
) -> list[Table]:
    """Return a file as a table for each of its columns of ids that holds the id, or without rows."""
    alike = _alike(wanted)
    tables = []
    for column in (name for name in sorted(named) if name in survey.data):
        ids = [id_text(value) for value in survey.data[column].tolist()]
        rows = tuple(row for row, text in enumerate(ids) if text == wanted)
        near = sum(text != wanted and _alike(text) == alike for text in ids)
        tables.append(Table(path, survey, codebook, column, rows, near))
    return (
        [table for table in tables if table.rows or table.alike]
        or tables[:1]
        or [Table(path, survey, codebook)]
    )


def _alike(text: str) -> str:
    """Return an id without what people leave out when they type one."""
    return "".join(text.split()).casefold().lstrip("0")


def _nobody(study: Path, wanted: str, tables: Collection[Table]) -> DataError:
    """Return the error of an id that no file holds."""
    key = read_key(study)
    for tombstone in read_tombstones(study):
        if key is not None and tombstone.keyed_id == keyed_id(wanted, key):
            return DataError(
                "this respondent has been erased, and no raw file has them now; nothing was changed",
                where=study.as_posix(), got=f"erased on {tombstone.date} from {tombstone.file}",
            )  # fmt: skip
    searched = ", ".join(f"{table.path.name} ({table.column})" for table in tables if table.column)
    alike = sum(table.alike for table in tables)
    near = f"; {alike:,} rows have an id that differs by case, blanks or leading zeros" if alike else ""
    return DataError(
        "no raw file has a row of this respondent; nothing was changed",
        where=study.as_posix(), got=f"searched: {searched or 'no column of ids'}{near}",
        do="check the id as it is written in the export, and that the codebook has kind: id for its column",
    )  # fmt: skip
