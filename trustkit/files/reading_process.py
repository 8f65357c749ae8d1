"""What runs in the process that opens files of other programs: one reader a format, answers as plain data.

The parent is `trustkit.files.foreign_files`. Nothing here is called in the user's own process: a reader may
crash, hang or ask for all memory on a damaged file, and then only this process ends.
"""

from __future__ import annotations

import codecs
import datetime as dt
import json
import os
import re
import sys
import warnings
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.files.code_pages import guess_code_page
from trustkit.files.grids import header_names, renamed_columns
from trustkit.files.held_letters import holds_letters, in_unicode, put_into_unicode
from trustkit.files.number_formats import cell_styles
from trustkit.files.r_objects import Frames, content_of
from trustkit.files.spss_bytes import check_dictionary, names_encoding
from trustkit.files.stata_texts import with_unicode_texts
from trustkit.files.transport_bytes import check_transport
from trustkit.files.worksheets import Marked, check_worksheets, sheet_parts
from trustkit.files.zip_archives import refuse_vast
from trustkit.survey.quoted_cells import library_words

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Mapping

    Answer = dict[str, Any]

SIGNS_OF_DAMAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""How a damaged file shows itself besides a library's own errors: impossible dates, nesting without end."""

WHOLE = "a whole file, as the program saved it"
AGAIN = "save or download it again"
"""What a message about a damaged file expects, and says to do."""

LOSSLESS = "ISO-8859-1"
"""An encoding in which each byte is a character, to look at text whose code page is not known."""

LAST_BYTE = "\xff"
"""The last character of that encoding; what lies beyond was in UTF-8."""

UNKNOWN_PAGE = "unknown"
"""What stands for a code page that could not be guessed."""

MOST_CELLS = 200
"""How many different texts of a column are looked at for the code page."""

STATA_13 = 117
"""The release of the format of Stata 13, the last without Unicode."""

WHOLE_NUMBER, NUMBER, TEXT = 1, 2, 3
"""What a cell of a column of several types is; 0 is an empty cell."""

EXACT, DURATION, PERCENT, BELOW_ZERO = "exact", "timedelta", "percent", "below zero"
"""The marks of cells: long whole numbers, lengths of time, numbers in percent, negative numbers as days."""

RENAMED = re.compile(r"column '(?P<old>.*)' is duplicated, renamed to '(?P<new>.*)'", re.DOTALL)
"""How pyreadstat warns that it renamed a column whose name occurs before."""

CHECKS: Mapping[str, Callable[[Path], None]] = {"read_sav": check_dictionary, "read_xport": check_transport}
"""Formats whose bytes are checked before pyreadstat reads them."""


def serve() -> None:
    """Answer requests, one JSON line each, until the input ends.

    A request holds ``task`` (`TASKS`), ``memory`` in bytes and ``seconds`` of processor time (each may be
    null: no limit), and the arguments of the task's function. An answer holds ``found``, or ``refused``
    with the parts of a `DataError`.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not stand between answers
    for line in sys.stdin:
        request = json.loads(line)
        limit_process(request.pop("memory"), request.pop("seconds"))
        print(json.dumps(answer(request)), file=answers, flush=True)


def limit_process(memory: int | None, seconds: int | None) -> None:
    """Limit this process's memory and processor time where the operating system can (Linux; partly macOS)."""
    try:
        import resource  # noqa: PLC0415
    except ImportError:  # Windows
        return
    spent = resource.getrusage(resource.RUSAGE_SELF)
    used = int(spent.ru_utime + spent.ru_stime) + 1
    wanted = (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, None if seconds is None else used + seconds),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in wanted:
        hard = resource.getrlimit(what)[1]
        if most is not None and (hard == resource.RLIM_INFINITY or most < hard):
            try:
                resource.setrlimit(what, (most, hard))
            except (OSError, ValueError):  # macOS takes no limit below what is in use
                continue


def answer(request: Answer) -> Answer:
    """Do what a request asks and return what was found, or why the file was refused."""
    where = str(request["path"])
    try:
        return {"found": TASKS[request.pop("task")](**request)}
    except DataError as fault:
        return {
            "refused": {name: getattr(fault, name) for name in ("what", "where", "got", "expected", "do")}
        }
    except MemoryError:
        return {
            "refused": {
                "what": "reading the file needs more memory than its size allows",
                "where": Path(where).as_posix(),
                "expected": WHOLE,
                "do": AGAIN,
            }
        }


def read_statistics(
    path: str,
    *,
    out: str,
    reader: str,
    user_missing: bool | None = None,
    encoding: str | None = None,
    fallback: str | None = None,
) -> Answer:
    """Read a file of SPSS, Stata or SAS with pyreadstat.

    Parameters
    ----------
    path, out
        The file, and where its columns go (`write_columns`).
    reader
        The name of pyreadstat's function.
    user_missing
        Whether codes that the file calls missing are kept; None where the format has none.
    encoding
        The encoding of the file's text; None to go by the file.
    fallback
        The encoding of a file that names none, unless ``encoding`` is given.

    Returns
    -------
    dict
        ``columns`` (`write_columns`) and what the file tells about them.

    Raises
    ------
    DataError
        If the file is damaged, cut off, or far larger than its size.
    """
    import pyreadstat  # noqa: PLC0415

    where = Path(path).as_posix()
    if reader in CHECKS:
        CHECKS[reader](Path(path))
    guessed = ""
    declared = reader == DECLARING or (reader in UNNAMED and not UNNAMED[reader](Path(path)))
    if encoding is None and not declared:
        encoding = fallback
    unnamed = encoding is None and reader in UNNAMED and UNNAMED[reader](Path(path))
    repeated: dict[str, str] = {}
    read = partial(_read_named, getattr(pyreadstat, reader), repeated)
    options: Answer = {"encoding": LOSSLESS} if unnamed else {"encoding": encoding} if encoding else {}
    try:
        _, size = read(path, metadataonly=True, **options)
        if not options and holds_letters(size.file_encoding):
            options["encoding"] = size.file_encoding
        refuse_vast((size.number_rows or 0) * (size.number_columns or 0), Path(path).stat().st_size, where)
        if user_missing is not None:
            options["user_missing"] = user_missing
        data, metadata = read(_in_unicode(path, out, options), dates_as_pandas_datetime=True, **options)
        if unnamed:
            texts = [text for text in _texts_of(data, metadata) if max(text, default="") <= LAST_BYTE]
            if any(not text.isascii() for text in texts):
                guessed = guess_code_page(text.encode("latin-1") for text in texts) or UNKNOWN_PAGE
            if guessed not in ("", UNKNOWN_PAGE):
                options["encoding"] = guessed
                data, metadata = read(
                    _in_unicode(path, out, options), dates_as_pandas_datetime=True, **options
                )
        if size.number_rows is not None and len(data) != size.number_rows:
            raise ValueError(f"{len(data):,} rows, and its header counts {size.number_rows:,}")
        header = [repeated.get(name, name) for name in data.columns]
        names = dict(zip(data.columns, header_names(header, where), strict=True))
        columns = write_columns(data.rename(columns=names), Path(out))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, *SIGNS_OF_DAMAGE) as fault:
        said = str(fault).strip()
        is_unicode = isinstance(fault, UnicodeDecodeError) and fault.encoding == "utf-8"
        if reader == "read_dta" and is_unicode and options.get("encoding") != "utf-8":
            raise DataError(
                "the file's long texts are not in UTF-8",
                where=where, got=said, do="in Stata, run unicode translate on it, and save it again",
            ) from None  # fmt: skip
        if "requested encoding" in said or isinstance(fault, UnicodeDecodeError):
            raise DataError(
                f"the file's text is not in the encoding {'named' if encoding else 'of its header'}",
                where=where, got=said, expected=encoding,
                do="name another encoding: read(..., encoding=)",
            ) from None  # fmt: skip
        raise DataError(
            "the file is damaged", where=where, got=library_words(fault), expected=WHOLE, do=AGAIN
        ) from None
    return {
        "columns": columns,
        "file_label": metadata.file_label or "",
        "file_encoding": size.file_encoding or "",
        "overruled": bool(fallback and declared and _differ(fallback, size.file_encoding or UNICODE)),
        "guessed_encoding": guessed,
        "labels": {names[name]: text or "" for name, text in metadata.column_names_to_labels.items()},
        "codes": {names[name]: list(codes.items()) for name, codes in metadata.variable_value_labels.items()},
        "measures": {names[name]: level for name, level in metadata.variable_measure.items()},
        "missing_ranges": {names[name]: spans for name, spans in metadata.missing_ranges.items()},
        "missing_values": {
            names[name]: list(values) for name, values in metadata.missing_user_values.items()
        },
        "sets": getattr(metadata, "mr_sets", None) or {},
        "renamed": renamed_columns(header, set(names.values())),
    }


def _read_named(
    read: Callable[..., tuple[pd.DataFrame, Any]], repeated: dict[str, str], path: str, **options: object
) -> tuple[pd.DataFrame, Any]:
    """Read with pyreadstat; put the columns that it renamed because their names repeat into ``repeated``."""
    page = str(options.get("encoding", ""))
    if holds_letters(page):
        options["encoding"] = LOSSLESS
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data, metadata = read(path, **options)
    for warning in caught:
        if match := RENAMED.fullmatch(str(warning.message)):
            repeated[match["new"]] = match["old"]
    if not holds_letters(page):
        return data, metadata
    for new, old in list(repeated.items()):
        repeated[in_unicode(new, page)] = in_unicode(old, page)
    return put_into_unicode(data, metadata, page), metadata


def _in_unicode(path: str, out: str, options: Mapping[str, Any]) -> str:
    """Return the path of a file whose long texts are in UTF-8: pyreadstat takes no encoding for them."""
    if "encoding" not in options:
        return path
    encoding = LOSSLESS if holds_letters(options["encoding"]) else options["encoding"]
    return str(with_unicode_texts(Path(path), Path(f"{out}.dta"), encoding))


def _differ(one: str, other: str) -> bool:
    """Return whether two names are of different encodings."""
    try:
        return codecs.lookup(one).name != codecs.lookup(other).name
    except LookupError:
        return True


def _texts_of(data: pd.DataFrame, metadata: Any) -> list[str]:  # noqa: ANN401
    """Return the different texts of a file: its labels and, after them, its cells."""
    labels = [metadata.file_label, *metadata.column_names_to_labels.values()]
    labels += [text for codes in metadata.variable_value_labels.values() for text in codes.values()]
    cells = [
        cell
        for _, column in data.items()
        if column.dtype.kind not in "iufbmM"
        for cell in column.dropna().unique()[:MOST_CELLS]
    ]
    return list(dict.fromkeys(text for text in [*labels, *cells] if isinstance(text, str)))


def _is_old_stata(path: Path) -> bool:
    """Return whether a file is of Stata 13 or older, which names no encoding."""
    with path.open("rb") as file:
        start = file.read(64)
    release = re.match(rb"<stata_dta><header><release>([0-9]+)", start)
    return (int(release[1]) if release else start[0]) <= STATA_13


UNICODE = "UTF-8"
"""The encoding of all files of Stata 14 and newer, which pyreadstat does not give."""

DECLARING = "read_sas7bdat"
"""The reader of the format whose files always name their encoding."""

UNNAMED: Mapping[str, Callable[[Path], bool]] = {
    "read_dta": _is_old_stata,
    "read_sav": lambda path: not names_encoding(path),
}
"""Readers whose files may name no encoding, and how that is told."""


def write_columns(data: pd.DataFrame, out: Path) -> list[tuple[str, str]]:
    """Write a frame's columns as plain arrays, one after the other, without Python objects.

    Returns
    -------
    list
        Name and kind of each column: ``numbers`` (one array), ``dates`` (one array), ``texts`` (the
        characters in UTF-8, each cell's length, -1 of an empty cell) or ``mixed`` (what each cell is,
        numbers, then texts as above).
    """
    kinds = []
    with out.open("wb") as file:
        for at, name in enumerate(data.columns):
            column = data.iloc[:, at]
            if column.dtype.kind in "iufb":
                kinds.append((str(name), "numbers"))
                _save(file, column.to_numpy())
            elif column.dtype.kind == "M":
                kinds.append((str(name), "dates"))
                _save(file, column.to_numpy())
            else:
                kinds.append((str(name), _write_cells(file, column.tolist())))
    return kinds


def _write_cells(file: io.BufferedWriter, cells: list[Any]) -> str:
    """Write cells of text, or of several types."""
    cells = [str(cell) if isinstance(cell, dt.time | dt.date) else cell for cell in cells]
    texts = [cell if isinstance(cell, str) else None for cell in cells]
    numbers = [cell if isinstance(cell, int | float | np.number) else None for cell in cells]
    mixed = any(number is not None and number == number for number in numbers)  # noqa: PLR0124
    if mixed:
        what = [
            TEXT if text is not None
            else 0 if number is None or number != number  # noqa: PLR0124
            else WHOLE_NUMBER if isinstance(number, int | np.integer)
            else NUMBER
            for text, number in zip(texts, numbers, strict=True)
        ]  # fmt: skip
        _save(file, np.array(what, dtype=np.int8))
        _save(file, np.array([np.nan if number is None else number for number in numbers], dtype=float))
    _save(file, np.frombuffer("".join(text or "" for text in texts).encode("utf-8"), dtype=np.uint8))
    _save(file, np.array([-1 if text is None else len(text) for text in texts], dtype=np.int64))
    return "mixed" if mixed else "texts"


def _save(file: io.BufferedWriter, values: np.ndarray) -> None:
    """Write one array."""
    np.save(file, values, allow_pickle=False)


def read_table(path: str, *, out: str) -> Answer:
    """Read a Parquet file into an Arrow file, every value of it checked.

    Raises
    ------
    DataError
        If the file is damaged, or far larger than its size.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    where = Path(path).as_posix()
    try:
        with pq.ParquetFile(path) as file:
            rows = file.metadata.num_rows
            refuse_vast(rows * file.metadata.num_columns, Path(path).stat().st_size, where)
            table = file.read(use_threads=False)
        table.validate(full=True)
        if table.num_columns and table.num_rows != rows:
            raise ValueError(f"{table.num_rows:,} rows, and its footer counts {rows:,}")
        with pa.OSFile(out, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
    except (pa.ArrowException, OSError, *SIGNS_OF_DAMAGE) as fault:
        if isinstance(fault, MemoryError):
            raise
        raise DataError("the file is damaged", where=where, got=library_words(fault), do=AGAIN) from None
    return {}


def read_workbook(path: str) -> Answer:
    """Read every worksheet of an Excel workbook: its cells as text, numbers, truth values and dates.

    Returns
    -------
    dict
        ``sheets``: name, whether it is hidden, rows of cells; a date, a length of time, a long number,
        a number shown as percent and a negative one shown as a date are each a list of a mark and its
        content.

    Raises
    ------
    DataError
        If the workbook is damaged or far larger than its file, or a cell is a formula or an error.
    """
    import python_calamine as calamine  # noqa: PLC0415

    where = Path(path).as_posix()
    marked = check_worksheets(Path(path), cell_styles(Path(path)))
    parts = sheet_parts(Path(path)) if marked else {}
    sheets = []
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            for about in book.sheets_metadata:
                if about.typ != calamine.SheetTypeEnum.WorkSheet:
                    continue
                sheet = book.get_sheet_by_name(about.name)
                rows = [[_plain(cell) for cell in row] for row in sheet.to_python()]
                top, left = sheet.start or (0, 0)
                cells = marked.get(parts.get(about.name, ""), Marked())
                for (row, column), digits in cells.exact.items():
                    rows[row - top][column - left] = [EXACT, digits]
                for row, column in cells.percent:
                    if isinstance(rows[row - top][column - left], int | float):
                        rows[row - top][column - left] = [PERCENT, rows[row - top][column - left]]
                for (row, column), number in cells.below_zero.items():
                    cell = rows[row - top][column - left]
                    if isinstance(cell, list) and cell[0] != DURATION:
                        rows[row - top][column - left] = [BELOW_ZERO, number]
                sheets.append((about.name, about.visible != calamine.SheetVisibleEnum.Visible, rows))
    except (calamine.CalamineError, *SIGNS_OF_DAMAGE) as fault:
        raise DataError("the workbook is damaged", where=where, got=library_words(fault), do=AGAIN) from None
    return {"sheets": sheets}


def _plain(cell: object) -> object:
    """Write a cell so that it can go into JSON: a date is a list of its type and its text."""
    if isinstance(cell, dt.timedelta):
        return [DURATION, cell.total_seconds()]
    if isinstance(cell, dt.date | dt.time):
        return [type(cell).__name__, cell.isoformat()]
    return cell


def read_r(path: str, *, out: str, frame: str | None = None, encoding: str | None = None) -> Answer:
    """Read a data frame of a file that R wrote.

    Parameters
    ----------
    path, out
        The file, and where its columns go (`write_columns`).
    frame
        The name of the data frame; None if the file has one.
    encoding
        The encoding of texts that do not name theirs; None to go by the file.

    Returns
    -------
    dict
        ``columns`` (`write_columns`) and what the file tells about them.

    Raises
    ------
    DataError
        If the file is damaged, has no data frame or several, or columns that are not plain.
    """
    import rdata  # noqa: PLC0415

    where = Path(path).as_posix()
    try:
        content = content_of(Path(path))
        parsed = rdata.parser.parse_data(content, extension=None if content.startswith(b"RD") else ".rds")
        frames = Frames(parsed, where, encoding)
        names, values, metadata = frames.columns(frames.one(frame))
    except (EOFError, NotImplementedError, *SIGNS_OF_DAMAGE) as fault:
        raise DataError(
            "the file is damaged", where=where, got=library_words(fault), expected=WHOLE, do=AGAIN
        ) from None
    table = pd.concat(values, axis=1) if values else pd.DataFrame()
    table.columns = pd.Index(header_names(names, where))
    renamed = renamed_columns(names, set(table.columns))
    return {"columns": write_columns(table, Path(out)), "renamed": renamed, **metadata}


TASKS: Mapping[str, Callable[..., Answer]] = {
    "r": read_r,
    "statistics": read_statistics,
    "table": read_table,
    "workbook": read_workbook,
}
"""What a request may ask for."""
