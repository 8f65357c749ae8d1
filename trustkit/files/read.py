"""`read`: tells a file's format by its content and calls the format's reader; checksums of raw data."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import CODEBOOK_OR_PATH, FRAME_OR_PATH, OPTIONAL_TEXT, accepts
from trustkit.checksums import verify_digest
from trustkit.errors import DataError, first_few, special_file, suggest
from trustkit.files.delimited import read_grid
from trustkit.files.erased_ids import refuse_erased, refuse_restored
from trustkit.files.excel import read_sheet
from trustkit.files.google_forms import GOOGLE_FIRST, read_googleforms
from trustkit.files.grids import alike_columns, header_names, renamed_columns
from trustkit.files.header_rows import refuse_unnamed, second_rows, titles_above, wordings_of
from trustkit.files.known_formats import refuse_address, refuse_start
from trustkit.files.label_sheets import labelled_variables, labels_in
from trustkit.files.limesurvey import LIMESURVEY_FIELDS, read_limesurvey
from trustkit.files.parquet import read_parquet
from trustkit.files.platforms import Description, header_rows, one_line, plain, text_columns
from trustkit.files.qualtrics import QUALTRICS_ROWS, import_ids, read_qualtrics
from trustkit.files.r_objects import is_r_data
from trustkit.files.spss_stata_sas import (
    read_portable,
    read_r,
    read_sas,
    read_spss,
    read_stata,
    read_transport,
)
from trustkit.files.surveymonkey import has_two_header_rows, read_surveymonkey
from trustkit.files.zip_archives import ARCHIVE, opened
from trustkit.survey.codebook import Codebook
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.survey.exclusion_log import ExclusionLog, Step
from trustkit.survey.survey import Survey
from trustkit.survey.written_numbers import looks_like_number, unread_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from trustkit.files.grids import Grid

    Platform = Callable[[Grid, Codebook | None, str], Survey]

SIGNATURE_BYTES = 1024
"""How many bytes are looked at to tell a format."""

SIGNATURES: tuple[
    tuple[str, Callable[[Path, Codebook | None, str | None], tuple[Survey, list[str], dict[str, str]]]], ...
] = (
    (r"\$FL[23]", read_spss),
    (r"<stata_dta>|[\x66-\x73][\x01\x02]\x01\x00", read_stata),
    (r"HEADER RECORD\*{7}LIB", read_transport),
    (r"(?:[^\r\n][\r\n]*){456}SPSSPORT", read_portable),
    (r"\x00{12}\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92", read_sas),
)
"""How files of SPSS, Stata and SAS start, as a pattern of their bytes, and the format's reader."""

FIRST_CELLS = 20
"""A column of which one of so many first cells is no number is not treated as one of numbers."""

BINARY = {
    ".sav": "SPSS", ".zsav": "SPSS", ".por": "SPSS", ".dta": "Stata", ".sas7bdat": "SAS", ".xpt": "SAS",
    ".rds": "R", ".rda": "R", ".rdata": "R", ".parquet": "Parquet",
}  # fmt: skip
"""Suffix of files that are no text -> their program. Excel is not here: some sites name text as its files."""

PARQUET = b"PAR1"
"""How Parquet files start."""


def read(
    source: str | Path | pd.DataFrame,
    codebook: str | Path | Codebook | None = None,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Survey:
    r"""Read a raw export into a `Survey`; nothing is dropped and the file is never changed.

    Parameters
    ----------
    source
        A file or a pandas DataFrame. The format is told by the content, not by the suffix: delimited text
        (comma, semicolon, tab, bar; UTF-8, UTF-16, Windows-1252; decimal point or comma), exports of
        Qualtrics, SurveyMonkey, LimeSurvey and Google Forms, Excel (``.xlsx``), SPSS (``.sav``, ``.zsav``,
        ``.por``), Stata (``.dta``), SAS (``.sas7bdat``, ``.xpt``), R (``.rds``, ``.rda``), Parquet; any of
        them in a zip archive.
        If a ``SHA256SUMS`` file beside the file lists it, its digest must agree.
    codebook
        A `Codebook`, or the path of its YAML file. Without one, what the file tells about its columns
        becomes the codebook, guesses marked in `Variable.review`; of a plain table, which tells nothing,
        columns are taken as they come.
    sheet
        The name of the sheet to read, of an Excel workbook that has several with data; or of the data
        frame, of a file of R. Without it, the codebook's ``sheet``.
    encoding
        The encoding of the file's text, such as ``"big5"`` or ``"cp1251"``, of delimited text and of files
        of SPSS, Stata and SAS. Without it, the codebook, the file or its content tells. A guess of
        the code page of an old Stata or SPSS file is marked in `Variable.review`.

    Raises
    ------
    DataError
        Missing, empty, damaged or changed file; no table in it; a broken row; a column of the codebook
        that isn't there; a sheet or an encoding of a file that has none, or not this one; a file that
        brings back a respondent who was erased from its study (`erase`).
    CodebookError
        With every error in the codebook's file.

    Notes
    -----
    Files of SPSS, Stata, SAS, R, Excel and Parquet are opened in a process of their own, which costs about
    half a second: what a damaged file does to a library can't reach this process. The limits of time and
    memory are in ``trustkit/files/foreign_files.py``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("sex,age\n1,34\n2,51\n")
    >>> tk.read(file).data.shape
    (2, 2)
    """
    accepts(
        source=(source, FRAME_OR_PATH),
        codebook=(codebook, CODEBOOK_OR_PATH),
        sheet=(sheet, OPTIONAL_TEXT),
        encoding=(encoding, OPTIONAL_TEXT),
    )
    if isinstance(source, pd.DataFrame):
        return read_as_it_is(source, codebook, sheet=sheet, encoding=encoding)
    refuse_address(str(source))
    refuse_restored(Path(source))
    survey = read_as_it_is(source, codebook, sheet=sheet, encoding=encoding)
    refuse_erased(survey, Path(source))
    return survey


def read_as_it_is(
    source: str | Path | pd.DataFrame,
    codebook: str | Path | Codebook | None = None,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Survey:
    """Read a survey as `read` does, also one that brings back a respondent who was erased.

    Examples
    --------
    >>> import pandas as pd
    >>> read_as_it_is(pd.DataFrame({"age": [34, 51]})).data.shape
    (2, 1)
    """
    if isinstance(codebook, str | Path):
        codebook = read_codebook(codebook)
    elif codebook is not None:
        codebook = codebook.compact()
    asked = Asked(sheet, encoding)
    if isinstance(source, pd.DataFrame):
        name, digest, note = "data frame", "", ""
        remarks: dict[str, str] = {}
        survey = Survey(source, codebook or Codebook({}, title=name))
    else:
        path = Path(source)
        _refuse_irregular(path)
        name, digest = path.as_posix(), verify_digest(path)
        with opened(path) as file:
            try:
                survey, note, remarks = _read_file(file, codebook, asked)
            except DataError as fault:
                if file == path:
                    raise
                raise fault.moved(file.as_posix(), f"{name}, {file.name}") from None
    if sheet or encoding:
        book = survey.codebook
        book = replace(book, sheet=sheet or book.sheet, encoding=encoding or book.encoding)
        survey = replace(survey, codebook=book)
    _refuse_names_of_other_types(survey.data, name)
    _refuse_missing_columns(survey.data, survey.codebook, name)
    _refuse_no_answers(survey.data, name)
    alike = {} if isinstance(source, pd.DataFrame) else alike_columns(survey.data.columns)
    note += _in_log(alike.values())
    for column, words in alike.items():
        remarks[column] = "; ".join(filter(None, (remarks.get(column), words)))
    if codebook is None:
        survey = replace(survey, codebook=_with_remarks(survey.codebook, remarks))
    rows = len(survey.data)
    start = Step("read", name.rpartition("/")[2], f"the raw export{note}", rows, rows, remarks=remarks)
    log = ExclusionLog(caveats=survey.codebook.caveats)
    return replace(survey, log=log, source=name, digest=digest).tracked(start)


@dataclass(frozen=True)
class Asked:
    """What the user said of how a file is to be read."""

    sheet: str | None = None
    encoding: str | None = None

    def completed(self, codebook: Codebook | None) -> Asked:
        """Return it with what the codebook says where the user said nothing."""
        if codebook is None:
            return self
        return Asked(self.sheet or codebook.sheet or None, self.encoding or codebook.encoding or None)

    def refuse(self, path: Path, *names: str) -> None:
        """Refuse options that the file's format does not have."""
        for name in names:
            if getattr(self, name) is not None:
                raise DataError(
                    f"this file has no {name} to choose",
                    where=path.as_posix(), got=f"{name}={getattr(self, name)!r}", do="leave it out",
                )  # fmt: skip


def _with_remarks(codebook: Codebook, remarks: Mapping[str, str]) -> Codebook:
    """Put what was done to columns while they were read under `review`."""
    variables = {
        name: replace(about, review="; ".join(filter(None, (about.review, remarks[name]))))
        if name in remarks and remarks[name] not in about.review
        else about
        for name, about in codebook.variables.items()
    }
    return replace(codebook, variables=variables) if remarks else codebook


def _read_file(path: Path, codebook: Codebook | None, asked: Asked) -> tuple[Survey, str, dict[str, str]]:
    """Read a file with its format's reader; also say how, and what was done to columns, by their names."""
    with path.open("rb") as file:
        start = file.read(SIGNATURE_BYTES)
    for signature, reader in SIGNATURES:
        if re.match(signature.encode("latin-1"), start):
            asked.refuse(path, "sheet")
            survey, notes, renamed = reader(path, codebook, asked.encoding)
            return survey, _in_log([*notes, *renamed.values()]), renamed
    if start.startswith(PARQUET):
        asked.refuse(path, "sheet", "encoding")
        survey, renamed = read_parquet(path, codebook)
        return survey, _in_log(renamed.values()), renamed
    if is_r_data(path):
        asked = asked.completed(codebook)
        survey, renamed = read_r(path, codebook, asked.encoding, asked.sheet)
        notes = [f"data frame {asked.sheet!r}"] if asked.sheet else []
        return survey, _in_log([*notes, *renamed.values()]), renamed
    refuse_start(path, start)
    is_sheet = start.startswith(ARCHIVE)
    if not is_sheet:
        _refuse_lost_start(path)
    asked.refuse(path, "encoding" if is_sheet else "sheet")
    asked = asked.completed(codebook)
    grid = read_sheet(path, asked.sheet) if is_sheet else read_grid(path, asked.encoding)
    reader_of_table = recognise(grid.head)
    if reader_of_table is None:
        known = set(codebook.variables) if codebook else set()
        titles = titles_above(grid.head)
        if titles and not (known and known <= set(grid.head[0])):
            grid = grid.below(titles)
        elif not known:
            refuse_unnamed(grid.head, grid.where)
        reader_of_table = recognise(grid.head) or read_plain
    survey = reader_of_table(grid, codebook, path.stem)
    notes = [grid.note] if grid.note else []
    if reader_of_table is read_plain and second_rows(grid.head):
        notes.append(f"{1 + second_rows(grid.head)} header rows")
    renamed = renamed_columns(grid.head[0], set(survey.data.columns))
    unread = _unread_columns(survey.data, set(text_columns(codebook)) if codebook else set())
    names = header_names(grid.head[0], grid.where)
    shown = {names[at]: words for at, words in grid.remarks.items()}
    remarks = dict(renamed)
    for name, words in shown.items():
        if name in survey.data:
            remarks[name] = "; ".join(filter(None, (remarks.get(name), words)))
    notes += [
        *renamed.values(),
        *(f"{name}: {words}" for name, words in shown.items()),
        *(f"left as text: {first_few(names)} ({words})" for words, names in unread.items()),
    ]
    return survey, _in_log(notes), remarks


def _unread_columns(data: pd.DataFrame, text: Collection[str]) -> dict[str, list[str]]:
    """Return the columns that look like numbers and were left as text: why -> their names."""
    unread: dict[str, list[str]] = {}
    for name, column in data.items():
        if column.dtype != "str" or name in text:
            continue
        cells = column.dropna()
        if all(looks_like_number(cell) for cell in cells.iloc[:FIRST_CELLS]):
            words = unread_numbers(cells.unique().tolist(), mostly=1.0)
            if words:
                unread.setdefault(words, []).append(str(name))
    return unread


def _in_log(notes: Iterable[str]) -> str:
    """Return notes on how a file was read, as they continue the first line of the exclusion log."""
    return "".join(f", {note}" for note in notes)


def _refuse_lost_start(path: Path) -> None:
    """Refuse a file that is named as one of a program and does not start as its files do."""
    program = BINARY.get(path.suffix.lower())
    if program:
        raise DataError(
            f"this file is named as one of {program}, and does not start as one",
            where=path.as_posix(),
            expected=f"a whole file of {program}",
            do="get the file again, as it may be cut or damaged; if it holds text, rename it to .csv",
        )


def _refuse_irregular(path: Path) -> None:
    """Refuse what is no file that can be read to its end: a pipe, a device, a name with a NUL character."""
    try:
        mode = path.stat().st_mode
    except ValueError:
        raise DataError(
            "a path can't hold a NUL character", got=repr(str(path)), do="name the file"
        ) from None
    except OSError:  # the digest's check says what is wrong
        return
    kind = special_file(mode)
    if kind:
        raise DataError(
            f"this is {kind}",
            where=path.as_posix(), expected="a file",
            do="write what it gives to a file first, and read that",
        )  # fmt: skip


def _refuse_names_of_other_types(data: pd.DataFrame, where: str) -> None:
    """Refuse a table whose columns' names are not text."""
    odd = [repr(name) for name in data.columns if not isinstance(name, str)]
    if odd:
        raise DataError(
            f"{len(odd)} columns have names that are not text",
            where=where, got=", ".join(odd[:5]), expected="names that are text",
            do="name the columns: frame.rename(columns=str)",
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


def _refuse_no_answers(data: pd.DataFrame, where: str) -> None:
    """Refuse data without a row, or without an answer in any."""
    if data.empty:
        raise DataError("there are no rows", where=where, do="export the data again")
    if not any(column.notna().any() for _, column in data.items()):
        raise DataError(
            "every cell is empty",
            where=where, got=f"{len(data):,} rows of {data.shape[1]} empty cells",
            do="export the data again, with the answers",
        )  # fmt: skip


def recognise(head: Sequence[Sequence[str]]) -> Platform | None:
    """Return the platform that wrote a table, by its first rows; None if it has one plain header row.

    Examples
    --------
    >>> recognise([["Respondent ID", "Age"], ["", "Response"], ["1", "34"]]).__name__
    'read_surveymonkey'
    >>> recognise([["id", "age"], ["1", "34"]]) is None
    True
    """
    if len(head) > QUALTRICS_ROWS - 1 and import_ids(head[QUALTRICS_ROWS - 1]):
        return read_qualtrics
    first = plain(head[0][0]) if head else ""
    if first == "respondentid" and len(head) > 1 and not head[1][0].strip():
        return read_surveymonkey
    if head and has_two_header_rows(head):
        return read_surveymonkey
    names = {plain(name) for name in head[0]} if head else set()
    if len(names & LIMESURVEY_FIELDS) > 1:
        return read_limesurvey
    worded = any(re.search(r"[\s?\[]", name.strip()) for name in head[0]) if head else False
    return read_googleforms if head and head[0][0] == GOOGLE_FIRST and worded else None


def read_plain(grid: Grid, codebook: Codebook | None, title: str) -> Survey:
    """Read a table of no known platform; its columns are taken as they come.

    Rows of wordings and ids below the header (`header_rows.second_rows`) are no respondents. Without a
    codebook, the wordings become labels, marked for review.
    """
    names = header_names(grid.head[0], grid.where)
    more = second_rows(grid.head)
    book = codebook or Codebook({}, title=title)
    data = grid.body(1 + more, names, text_columns(book), ".,")
    if codebook is None and grid.labels:
        book = Codebook(labelled_variables(data, labels_in(grid.labels)), title=title)
    elif codebook is None and more:
        description = Description(title)
        for name, wording in zip(names, wordings_of(header_rows(grid.head, 2, grid.where)), strict=True):
            description.ask(data[name], one_line(wording) or name)
            description.drafts[name].notes.append("label: the second row of the file, treated as the wording")
        book = description.codebook(names)
    return Survey(data, book)
