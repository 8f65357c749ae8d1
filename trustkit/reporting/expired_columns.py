"""A raw file and its codebook without some columns: the bytes of all other cells and lines stay."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import yaml

from trustkit.errors import DataError, needs
from trustkit.files.delimited_records import WrittenRows, cell_spans, is_blank
from trustkit.files.r_objects import is_r_data
from trustkit.files.read import SIGNATURE_BYTES, SIGNATURES, read_as_it_is
from trustkit.files.write import write
from trustkit.files.zip_archives import ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

BY_HAND = "delete the columns in the program that made the file, write its new digest, and expire again"
"""What to do about a file that can't be written without columns."""

SPSS_LOSS = "documents and dates that SPSS keeps in the file"
"""What every SPSS file loses that trustkit writes again."""


def write_without_columns(
    path: Path, target: Path, names: Collection[str], encoding: str, people: int
) -> str:
    """Write a raw file without some columns to another place, and return in words how.

    Parameters
    ----------
    path, target
        The file, and where the new one goes.
    names
        The columns that go.
    encoding
        What the codebook says of its text; "" if the content tells.
    people
        How many respondents it has.

    Raises
    ------
    DataError
        If the format can't be written, or a column can't be told by its name.
    """
    with path.open("rb") as file:
        start = file.read(SIGNATURE_BYTES)
    if start.startswith(b"$FL2"):
        survey = read_as_it_is(path, encoding=encoding or None)
        kept = {name: about for name, about in survey.codebook.variables.items() if name not in names}
        data = survey.data.drop(columns=list(names))
        book = replace(survey.codebook, variables=kept)
        losses = write(replace(survey, data=data, codebook=book), target)
        lost = [SPSS_LOSS, *(f"{row.variable}: {row.what}" for row in losses.itertuples())]
        return f"rewritten by trustkit; lost: {'; '.join(lost)}"
    if start.startswith(b"PAR1"):
        parquet = needs("pyarrow.parquet", "files", path.as_posix())
        parquet.write_table(parquet.ParquetFile(path).read().drop_columns(list(names)), target)
        return "rewritten by trustkit"
    if not (
        any(re.match(form.encode("latin-1"), start) for form, _ in SIGNATURES)
        or is_r_data(path)
        or start.startswith(ARCHIVE)
    ):
        target.write_bytes(_text_without(path, names, encoding, people))
        return "bytes of the other columns unchanged"
    raise DataError(
        "columns can't be removed from a file of this format",
        where=path.as_posix(), expected="delimited text, .sav or .parquet", do=BY_HAND,
    )  # fmt: skip


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
