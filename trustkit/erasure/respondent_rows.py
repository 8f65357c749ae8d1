"""The rows of one respondent in the raw files of a study: every export, its copies, and other waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.arguments import PATH, VARIABLES, WHOLE, ArgumentKind, accepts
from trustkit.checksums import CHECKSUMS
from trustkit.erasure.personal_traces import TABLES
from trustkit.errors import DataError, TrustkitError, suggest
from trustkit.files.erased_ids import ERASED, RAW, id_columns, keyed_id, read_key, read_tombstones
from trustkit.files.read import read_as_it_is
from trustkit.privacy.pseudonyms import pseudonyms_of
from trustkit.privacy.pseudonyms import read_key as read_pseudonym_key
from trustkit.reporting.study import study_exports
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from trustkit.survey.survey import Survey

LARGEST_ID = 10**30
"""Ids that are whole numbers are smaller."""

ID = ArgumentKind(
    lambda value: (
        (isinstance(value, str) and bool(value.strip()))
        or (WHOLE.fits(value) and abs(int(str(value))) < LARGEST_ID)
    ),
    "an id, as text or a whole number",
    "give the id as it is written in the export",
)
"""The kind of an argument that is a respondent."""

PACKED = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".zip", ".mdb", ".accdb", ".sqlite", ".db"})
"""Suffixes of further files that may hold tables, and of which nothing is known if they can't be read."""

NOT_DATA = frozenset({".yaml", ".yml", ".md", ".json", ".png", ".svg", ".pdf", ".bib", ".cff"})
"""Suffixes of files beside raw data that are no tables."""


@dataclass(frozen=True)
class Sought:
    """Whom to look for, and where.

    Attributes
    ----------
    respondent
        The id, as ids are compared.
    pseudonym
        The pseudonym of the id under a key; "" if none is looked for.
    columns
        The columns of ids to look in; none: those of the codebooks.
    """

    respondent: str
    pseudonym: str = ""
    columns: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The texts by which the respondent is known."""
        return (self.respondent, self.pseudonym) if self.pseudonym else (self.respondent,)


def sought(
    respondent: str | int, column: str | Sequence[str] | None = None, key: str | Path | None = None
) -> Sought:
    """Return whom to look for, from what a user gives.

    Parameters
    ----------
    respondent
        The id.
    column
        The column of ids, or several.
    key
        The key file under which some files have pseudonyms in place of ids.
    """
    accepts(respondent=(respondent, ID), column=(column, VARIABLES.optional()), key=(key, PATH.optional()))
    text = id_text(respondent)
    pseudonym = "" if key is None else pseudonyms_of([text], read_pseudonym_key(key), "the id")[text]
    columns = () if column is None else (column,) if isinstance(column, str) else tuple(column)
    return Sought(text, pseudonym, columns)


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
    columns
        The columns of ids that were searched; none if it has none.
    found
        In which of them the respondent stands, and as which text: the id or its pseudonym.
    rows
        The respondent's rows, from 0.
    alike
        How many rows have an id that differs by case, blanks or leading zeros only.
    """

    path: Path
    survey: Survey
    codebook: Path | None
    columns: tuple[str, ...] = ()
    found: tuple[tuple[str, str], ...] = ()
    rows: tuple[int, ...] = ()
    alike: int = 0


@dataclass(frozen=True, eq=False)
class Located:
    """The raw tables of a study, in some of which the respondent is, and the files that can't be read."""

    sought: Sought
    tables: tuple[Table, ...]
    unread: tuple[str, ...]

    @property
    def mine(self) -> list[Table]:
        """The tables that the respondent is in."""
        return [table for table in self.tables if table.rows]


def locate(study: Path, who: Sought) -> Located:
    """Find a respondent's rows in the raw files of a study, by the columns of ids.

    A file with a codebook has its ids in the columns of kind ``id``; one without, in a column of the same
    name. Ids are compared as they are written.

    Parameters
    ----------
    study
        The study's folder.
    who
        The respondent, and the columns to look in if respondents are counted in several ways.

    Raises
    ------
    DataError
        If no file has one of the columns, the respondent is in no file, or several columns hold the id and
        none is named: it may be another person's.
    """
    exports = dict(study_exports(study))
    read = {path: read_as_it_is(path, codebook) for path, codebook in exports.items()}
    named = {*who.columns} or {name for survey in read.values() for name in id_columns(survey, ())}
    if not named:
        raise DataError(
            "no column holds ids",
            where=study.as_posix(), expected="a variable of kind id in a codebook",
            do="write kind: id for the column by which respondents are known, or name it: column=",
        )  # fmt: skip
    others, unread = other_tables(study, exports)
    _refuse_unknown_columns(study, who, {**read, **others})
    tables = [
        _searched(path, survey, exports.get(path), who, named) for path, survey in {**read, **others}.items()
    ]
    holding = sorted({column for table in tables for column, text in table.found if text == who.respondent})
    if len(holding) > 1 and not who.columns:
        raise DataError(
            "several columns of ids hold this id, and it may be another person's",
            where=study.as_posix(), got=", ".join(holding),
            expected="the columns by which the person is known",
            do="name the column, or all that hold the person: column=, or --column for each",
        )  # fmt: skip
    if not any(table.rows for table in tables):
        raise _nobody(study, who, tables)
    return Located(who, tuple(tables), unread)


def _refuse_unknown_columns(study: Path, who: Sought, tables: Mapping[Path, Survey]) -> None:
    """Refuse columns of ids that no raw file has: they are misspelt."""
    known = dict.fromkeys(str(name) for survey in tables.values() for name in survey.data)
    unknown = [name for name in who.columns if name not in known]
    if unknown:
        raise DataError(
            f"no raw file has the column {unknown[0]!r}; nothing was changed",
            where=study.as_posix(), do=suggest(unknown[0], known),
        )  # fmt: skip


def other_tables(study: Path, exports: Collection[Path]) -> tuple[dict[Path, Survey], tuple[str, ...]]:
    """Read the raw files that no codebook describes: copies, reference files; name those not readable.

    Parameters
    ----------
    study
        The study's folder.
    exports
        The raw files that a codebook describes.

    Returns
    -------
    tuple
        File -> what it holds, and the names of the files that may hold tables and can't be read.
    """
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
            if path.suffix.lower() in TABLES | PACKED:
                unread.append("/".join(parts))
    return read, tuple(unread)


def _searched(
    path: Path, survey: Survey, codebook: Path | None, who: Sought, named: Collection[str]
) -> Table:
    """Return a file as a table, with the rows that hold the respondent in one of the columns of ids."""
    columns = tuple(name for name in sorted(named) if name in survey.data)
    found: dict[tuple[str, str], None] = {}
    rows: set[int] = set()
    near: set[int] = set()
    for column in columns:
        for row, cell in enumerate(survey.data[column].tolist()):
            text = id_text(cell)
            if text in who.ids:
                found[column, text] = None
                rows.add(row)
            elif _alike(text) == _alike(who.respondent):
                near.add(row)
    return Table(path, survey, codebook, columns, tuple(found), tuple(sorted(rows)), len(near - rows))


def _alike(text: str) -> str:
    """Return an id without what people leave out when they type one."""
    return "".join(text.split()).casefold().lstrip("0")


def _nobody(study: Path, who: Sought, tables: Collection[Table]) -> DataError:
    """Return the error of an id that no file holds."""
    key = read_key(study)
    for tombstone in read_tombstones(study):
        if key is not None and tombstone.keyed_id in {keyed_id(text, key) for text in who.ids}:
            return DataError(
                "this respondent has been erased, and no raw file has them now; nothing was changed",
                where=study.as_posix(), got=f"erased on {tombstone.date} from {tombstone.file}",
                do="make notebooks and site again, if that has not been done: trustkit report STUDY",
            )  # fmt: skip
    searched = ", ".join(
        f"{table.path.name} ({', '.join(table.columns)})" for table in tables if table.columns
    )
    alike = sum(table.alike for table in tables)
    near = f"; {alike:,} rows have an id that differs by case, blanks or leading zeros" if alike else ""
    return DataError(
        "no raw file has a row of this respondent; nothing was changed",
        where=study.as_posix(), got=f"searched: {searched or 'no column of ids'}{near}",
        do="check the id as it is written in the export, and that the codebook has kind: id for its column;"
        " where files have pseudonyms, give their key: key=, or --key",
    )  # fmt: skip
