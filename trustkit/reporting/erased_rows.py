"""A raw file without some of its rows, in its own format: the bytes of the other rows stay where they can."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from trustkit.errors import DataError, needs
from trustkit.files.delimited_records import WrittenRows
from trustkit.files.read import read_as_it_is
from trustkit.files.write import write
from trustkit.files.zip_archives import ARCHIVE, opened
from trustkit.reporting.erased_sheet_rows import write_sheet
from trustkit.reporting.erased_stata_rows import stata_without

if TYPE_CHECKING:
    from pathlib import Path

START_BYTES = 512
"""How many bytes tell a format."""

STATA = rb"<stata_dta>|[\x66-\x73][\x01\x02]\x01\x00"
"""How Stata files begin."""

SPSS_LOSS = "documents and dates that SPSS keeps in the file"
"""What every SPSS file loses that trustkit writes again."""

OTHER_FORMATS = (
    (rb"HEADER RECORD\*{7}LIB|\x00{12}\xc2\xea\x81\x60", "a SAS file"),
    (rb"\$FL3", "a compressed SPSS file (.zsav)"),
    (rb"(?:[^\r\n][\r\n]*){456}SPSSPORT", "a portable SPSS file (.por)"),
    (rb"\x1f\x8b|RD[AX][23]\n|BZh|\xfd7zXZ", "a file of R, or a packed file"),
)
"""How files begin that are read and can't be written -> what they are."""


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
    respondent
        The id, by which the sheet of a workbook is told.
    """

    rows: tuple[int, ...]
    count: int
    encoding: str = ""
    sheet: str = ""
    respondent: str = ""


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
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    for pattern, words in OTHER_FORMATS:
        if re.match(pattern, start):
            raise DataError(
                "a row can't be removed from a file of this format",
                where=path.as_posix(), got=words, expected="delimited text, .xlsx, .sav, .dta or .parquet",
                do="save it as .sav or .csv, write its digest into SHA256SUMS, remove the old file, and"
                " erase again",
            )  # fmt: skip
    if re.match(STATA, start):
        target.write_bytes(stata_without(path, removal.rows))
        return Rewritten("bytes of the other rows unchanged")
    if start.startswith(b"$FL2"):
        return _without_in_spss(path, target, removal)
    if start.startswith(b"PAR1"):
        return _without_in_parquet(path, target, removal)
    if start.startswith(ARCHIVE):
        with opened(path) as inner:
            if inner == path:
                lost = write_sheet(
                    path, target, removal.rows, removal.count, (removal.sheet, removal.respondent)
                )
                return Rewritten("cells of the other rows unchanged", lost)
            return _without_in_archive(path, inner, target, removal)
    written = WrittenRows(path, removal.encoding)
    answers = written.answers(removal.count)
    gone = [answers[row] for row in removal.rows]
    target.write_bytes(written.without(gone))
    records = tuple(written.records[at].strip("\r\n") for at in gone)
    return Rewritten("bytes of the other rows unchanged", records=records)


def _without_in_archive(path: Path, inner: Path, target: Path, removal: Removal) -> Rewritten:
    """Write an archive again whose one data file lacks the rows."""
    part = target.with_name(f"part{inner.suffix}")
    rewritten = write_without(inner, part, removal)
    size = inner.stat().st_size
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            is_data = item.file_size == size and old.read(item) == inner.read_bytes()
            new.writestr(item, part.read_bytes() if is_data else old.read(item), item.compress_type)
    part.unlink()
    return replace(rewritten, how=f"packed again; {rewritten.how}")


def _without_in_spss(path: Path, target: Path, removal: Removal) -> Rewritten:
    """Write an SPSS file again, and return what it lost."""
    survey = read_as_it_is(path, encoding=removal.encoding or None)
    kept = survey.data.drop(index=survey.data.index[list(removal.rows)]).reset_index(drop=True)
    part = target.with_suffix(".sav")
    losses = write(replace(survey, data=kept), part)
    part.replace(target)
    lost = tuple(f"{row.variable}: {row.what}" for row in losses.itertuples())
    return Rewritten("rewritten by trustkit", (SPSS_LOSS, *lost))


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
    return Rewritten("rewritten by trustkit", ("how the file was divided into groups of rows, and packed",))


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
