"""A raw file and its codebook without some columns: the bytes of all other cells and lines stay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from trustkit.checksums import CHECKSUMS
from trustkit.erasure.erased_rows import PARQUET_LOSS, Rewritten, format_of, not_writable, packed_again
from trustkit.erasure.expired_portable_columns import portable_without_columns
from trustkit.erasure.expired_r_columns import r_without_columns
from trustkit.erasure.expired_sheet_columns import write_sheet_without_columns
from trustkit.erasure.expired_spss_columns import spss_without_columns
from trustkit.erasure.expired_stata_columns import stata_without_columns
from trustkit.erasure.expired_transport_columns import transport_without_columns
from trustkit.errors import DataError, needs
from trustkit.files.delimited_records import WrittenRows, cell_spans, is_blank
from trustkit.files.zip_archives import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    import pandas as pd

    from trustkit.survey.survey import Survey

BY_HAND = "delete the columns in the program that made the file, write its new digest, and expire again"
"""What to do about a file that can't be written without columns."""

CUT: Mapping[str, Callable[[Path, Collection[int], int], bytes]] = {
    "stata": lambda path, places, _: stata_without_columns(path, places),
    "spss": spss_without_columns,
    "portable": portable_without_columns,
    "transport": transport_without_columns,
}
"""What cuts columns out of the bytes of a file, by its format."""

UNCHANGED = "all else of the file unchanged"
"""How most files are written."""


@dataclass(frozen=True)
class ColumnRemoval:
    """Columns to take out of a file.

    Attributes
    ----------
    names
        The columns.
    survey
        What the file was read as.
    ids
        The columns of ids, by which further data frames of respondents are told.
    """

    names: tuple[str, ...]
    survey: Survey
    ids: tuple[str, ...] = ()

    @property
    def places(self) -> list[int]:
        """Which columns of the file go, from 0."""
        return [at for at, name in enumerate(self.survey.data) if name in self.names]

    @property
    def left(self) -> pd.DataFrame:
        """What is to be left."""
        return self.survey.data.drop(columns=list(self.names))


def write_without_columns(path: Path, target: Path, removal: ColumnRemoval) -> Rewritten:
    """Write a raw file without some columns to another place, in its own format.

    Parameters
    ----------
    path, target
        The file, and where the new one goes.
    removal
        The columns that go.

    Raises
    ------
    DataError
        If the format can't be written, a column can't be told by its name, or none would be left.
    """
    book, people = removal.survey.codebook, len(removal.survey.data)
    if removal.left.columns.empty:
        raise DataError(
            "the time of all columns of the file is over; nothing was changed",
            where=path.as_posix(), do=f"delete the file and its line in {CHECKSUMS}, and expire again",
        )  # fmt: skip
    form = format_of(path)
    if form in CUT:
        target.write_bytes(CUT[form](path, removal.places, people))
        return Rewritten(UNCHANGED)
    if form == "sas":
        raise not_writable(path, "a column", "expire")
    if form == "r":
        read_as = book.sheet, book.encoding
        new = r_without_columns(path, removal.places, removal.names, removal.ids, read_as)
        target.write_bytes(new)
        return Rewritten(f"written again; {UNCHANGED}")
    if form == "parquet":
        parquet = needs("pyarrow.parquet", "files", path.as_posix())
        parquet.write_table(parquet.ParquetFile(path).read().drop_columns(list(removal.names)), target)
        return Rewritten("rewritten by trustkit", (PARQUET_LOSS,))
    if form == "archive":
        with opened(path) as inner:
            if inner == path:
                lost = write_sheet_without_columns(path, target, removal.names, people, book.sheet)
                return Rewritten("cells of the other columns unchanged", lost)
            return packed_again(
                path, inner, target, lambda old, new: write_without_columns(old, new, removal)
            )
    target.write_bytes(_text_without(path, removal.names, book.encoding, people))
    return Rewritten("bytes of the other columns unchanged")


def _text_without(path: Path, names: Collection[str], encoding: str, people: int) -> bytes:
    """Return a file of delimited text without some columns."""
    written = WrittenRows(path, encoding)
    filled = [at for at, record in enumerate(written.records) if not is_blank(record)]
    headers = [written.cells(at) for at in filled[: len(filled) - people]]
    found = {
        (len(row), frozenset(row.index(name) for name in names))
        for row in headers
        if all(row.count(name) == 1 for name in names)
    }
    if len(found) != 1:
        raise DataError(
            "no single row above the answers names the columns",
            where=path.as_posix(), got=", ".join(names), expected="a row that has each name once", do=BY_HAND,
        )  # fmt: skip
    ((width, places),) = found

    def kept(record: str) -> str:
        spans = cell_spans(record, written.delimiter)
        if is_blank(record) or len(spans) != width:
            return record
        cells = [record[first:last] for at, (first, last) in enumerate(spans) if at not in places]
        return written.delimiter.join(cells) + record[spans[-1][1] :]

    return written.rewritten(kept)


def codebook_without(text: str, names: Collection[str], where: str) -> str:
    """Return the text of a codebook without the entries of some variables; all other lines stay.

    Raises
    ------
    DataError
        If the variables are written on one line.
    """
    lines = text.splitlines(keepends=True)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    places = _places(root)
    taken = Counter(line for first, last in places.values() for line in range(first, last + 1))
    gone = {line for name in names for line in range(places[name][0], places[name][1] + 1)}
    start = next((key.start_mark.line for key, _ in _top(root) if key.value == "variables"), 0)
    if start in gone or any(taken[line] > 1 for line in gone):
        raise DataError(
            "several variables are described on one line", where=where, got=", ".join(names),
            do="write each on its own lines, and expire again",
        )  # fmt: skip
    return "".join(line for number, line in enumerate(lines) if number not in gone)


def _top(root: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    """Return the fields of a codebook, as nodes."""
    return root.value if isinstance(root, yaml.MappingNode) else []


def _places(root: yaml.Node | None) -> dict[str, tuple[int, int]]:
    """Return a codebook's variables: name -> first and last line of the entry, without comments below it."""
    return {
        str(name.value): (name.start_mark.line, _last_line(entry))
        for key, variables in _top(root)
        if key.value == "variables" and isinstance(variables, yaml.MappingNode)
        for name, entry in variables.value
    }


def _last_line(node: yaml.Node) -> int:
    """Return the last line of a node; what is written in blocks ends with its last part."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        part = node.value[-1]
        return _last_line(part[1] if isinstance(part, tuple) else part)
    return node.end_mark.line - (node.end_mark.column == 0)
