"""A raw file without some of its rows, in its own format: the bytes of the other rows stay where they can."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trustkit.erasure.erased_portable_rows import portable_without
from trustkit.erasure.erased_r_rows import r_without
from trustkit.erasure.erased_sheet_rows import write_sheet
from trustkit.erasure.erased_spss_rows import spss_without
from trustkit.erasure.erased_stata_rows import stata_without
from trustkit.erasure.erased_transport_rows import transport_without
from trustkit.errors import DataError, needs
from trustkit.files.delimited_records import WrittenRows
from trustkit.files.r_objects import is_r_data
from trustkit.files.zip_archives import ARCHIVE, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

START_BYTES = 512
"""How many bytes tell a format."""

STARTS: Mapping[str, bytes] = {
    "stata": rb"<stata_dta>|[\x66-\x73][\x01\x02]\x01\x00",
    "spss": rb"\$FL[23]",
    "portable": rb"(?:[^\r\n][\r\n]*){456}SPSSPORT",
    "transport": rb"HEADER RECORD\*{7}LIB",
    "sas": rb"\x00{12}\xc2\xea\x81\x60",
    "parquet": rb"PAR1",
}
"""How files start of formats that are told by their first bytes. No free program can write those of SAS."""

CUT: Mapping[str, Callable[[Path, Sequence[int], int], bytes]] = {
    "stata": lambda path, rows, _: stata_without(path, rows),
    "spss": spss_without,
    "portable": portable_without,
    "transport": transport_without,
}
"""What cuts rows out of the bytes of a file, by its format."""

UNCHANGED = "bytes of the other rows unchanged"
"""How most files are written."""

PARQUET_LOSS = "how the file was divided into groups of rows, and packed"
"""What every Parquet file loses that is written again."""


@dataclass(frozen=True)
class Removal:
    """Rows to take out of a file.

    Attributes
    ----------
    rows
        Which rows of the survey that was read, from 0.
    count
        How many rows it has.
    encoding, sheet
        What the codebook says of how it is read.
    columns, ids
        The columns of ids, and the texts by which the respondent is known, by which the sheet of a workbook
        and further data frames are told.
    """

    rows: tuple[int, ...]
    count: int
    encoding: str = ""
    sheet: str = ""
    columns: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rewritten:
    """How a file was written without rows: in words, what it lost, and the rows of text that went."""

    how: str
    lost: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


def write_without(path: Path, target: Path, removal: Removal) -> Rewritten:
    """Write a raw file without some rows to another place, in its own format.

    Raises
    ------
    DataError
        If the format can't be written, or not without changing other rows.
    """
    form = format_of(path)
    if form in CUT:
        target.write_bytes(CUT[form](path, removal.rows, removal.count))
        return Rewritten(UNCHANGED)
    if form == "sas":
        raise not_writable(path, "a row", "erase")
    if form == "r":
        read_as = removal.sheet, removal.encoding
        target.write_bytes(r_without(path, removal.rows, removal.columns, removal.ids, read_as))
        return Rewritten("written again; all else of the file unchanged")
    if form == "parquet":
        return _without_in_parquet(path, target, removal)
    if form == "archive":
        with opened(path) as inner:
            if inner == path:
                lost = write_sheet(path, target, removal.rows, removal.count, (removal.sheet, removal.ids))
                return Rewritten("cells of the other rows unchanged", lost)
            return packed_again(path, inner, target, lambda old, new: write_without(old, new, removal))
    written = WrittenRows(path, removal.encoding)
    answers = written.answers(removal.count)
    gone = [answers[row] for row in removal.rows]
    target.write_bytes(written.without(gone))
    records = tuple(written.records[at].strip("\r\n") for at in gone)
    return Rewritten(UNCHANGED, records=records)


def format_of(path: Path) -> str:
    """Return the format of a raw file by its first bytes: one of `STARTS`, archive, r or text.

    Parameters
    ----------
    path
        The file.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    told = next((form for form, pattern in STARTS.items() if re.match(pattern, start)), "")
    return told or ("archive" if start.startswith(ARCHIVE) else "r" if is_r_data(path) else "text")


def not_writable(path: Path, what: str, task: str) -> DataError:
    """Return the error of a file that no free program can write again.

    Parameters
    ----------
    path
        The file.
    what
        What can't be removed: "a row" or "a column".
    task
        What is to be done again: "erase" or "expire".
    """
    return DataError(
        f"{what} can't be removed from a file of this format",
        where=path.as_posix(), got="a SAS data set (.sas7bdat), which only SAS can write",
        expected="delimited text, or a file of Excel, SPSS, Stata, R, SAS transport or Parquet",
        do=f"save it as .xpt in SAS, list it in SHA256SUMS, delete the old file, and {task} again",
    )  # fmt: skip


def packed_again(
    path: Path, inner: Path, target: Path, write: Callable[[Path, Path], Rewritten]
) -> Rewritten:
    """Write an archive again whose one data file is written anew.

    Parameters
    ----------
    path
        The archive.
    inner
        Its data file, unpacked.
    target
        Where the new archive goes.
    write
        What writes the data file anew, from one place to another.
    """
    part = target.with_name(f"part{inner.suffix}")
    rewritten = write(inner, part)
    size = inner.stat().st_size
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            is_data = item.file_size == size and old.read(item) == inner.read_bytes()
            new.writestr(item, part.read_bytes() if is_data else old.read(item), item.compress_type)
    part.unlink()
    return replace(rewritten, how=f"packed again; {rewritten.how}")


def _without_in_parquet(path: Path, target: Path, removal: Removal) -> Rewritten:
    """Write a Parquet file again; values of categories that nobody else has go, too."""
    arrow = needs("pyarrow", "files", path.as_posix())
    parquet = needs("pyarrow.parquet", "files", path.as_posix())
    table = parquet.ParquetFile(path).read()
    gone = set(removal.rows)
    kept = table.take([row for row in range(table.num_rows) if row not in gone])
    for at, field in enumerate(kept.schema):
        if arrow.types.is_dictionary(field.type):
            kept = kept.set_column(at, field, _without_unused(kept.column(at), table.column(at), arrow))
    parquet.write_table(kept, target)
    return Rewritten("rewritten by trustkit", (PARQUET_LOSS,))


def _without_unused(column: Any, before: Any, arrow: Any) -> Any:  # noqa: ANN401
    """Return a column of categories without those that were used before and are not any more."""
    values = column.unify_dictionaries().combine_chunks()
    values = values.chunk(0) if hasattr(values, "chunk") else values
    names = values.dictionary.to_pylist()
    lost = set(before.unique().to_pylist()) - set(column.unique().to_pylist())
    stay = [at for at, name in enumerate(names) if name not in lost]
    moved = {old: new for new, old in enumerate(stay)}
    codes = [None if code is None else moved[code] for code in values.indices.to_pylist()]
    indices = arrow.array(codes, type=column.type.index_type)
    dictionary = values.dictionary.take(arrow.array(stay, type=arrow.int64()))
    return arrow.DictionaryArray.from_arrays(indices, dictionary, ordered=column.type.ordered)
