"""Delimited text: encoding and delimiter told from the content, broken rows refused with their line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.files.typed_cells import ArrowCells, PandasCells, typed_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustkit.files.typed_cells import Cells

    Body = Callable[[int, Sequence[str], Collection[str], str], pd.DataFrame]

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between cells, the likeliest first."""

BLOCK_BYTES = 1 << 23
"""How many bytes are parsed at a time."""

HEAD_ROWS = 20
"""How many rows are looked at to tell the delimiter and the tool that wrote the file."""

HEAD_BYTES = 1 << 20
"""How many bytes of a file are looked at for its first rows."""

SCAN_BYTES = 1 << 23
"""How many bytes are checked for broken quotes at a time."""

WINDOWS = re.compile(
    "[\x00-\x7f\xa0¡£§©ª«®°·º»¿À-ÿŒœŠšŸŽž„…†•“”€™"
    "\N{SINGLE LOW-9 QUOTATION MARK}\N{EN DASH}\N{EM DASH}\N{LEFT SINGLE QUOTATION MARK}"
    "\N{RIGHT SINGLE QUOTATION MARK}\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}]*"
)
"""What text in Windows-1252 holds; other characters say that the file is in some other encoding."""

FOREIGN = re.compile("[À-ÿ]{4}")
"""Four accented letters in a row, which say that the text is Cyrillic or Greek, in an encoding of its own."""


@dataclass(frozen=True)
class Grid:
    """A table as it was written: what a delimited file and a worksheet have in common.

    Attributes
    ----------
    head
        The first rows, each cell as text, header rows included.
    body
        Called with how many header rows there are, the columns' names, those of them to keep as text, and
        the decimal marks that may occur.
    where
        The file, for messages.
    note
        How the file was read where that is not the usual way; "" if it is.
    """

    head: tuple[tuple[str, ...], ...]
    body: Body
    where: str
    note: str = ""


def header_names(header: Sequence[str], where: str) -> list[str]:
    """Return a header row's names, blank ones numbered; refuse names that stand twice."""
    names = [name if name.strip() else f"unnamed_{number}" for number, name in enumerate(header, 1)]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            "columns share a name",
            where=where, got=", ".join(repr(name) for name in twice[:20]), do="name each column once",
        )  # fmt: skip
    return names


def read_grid(path: Path) -> Grid:
    """Open a delimited file: tell how it is written and read its first rows.

    Raises
    ------
    DataError
        If it is empty, holds NUL bytes, or its encoding can't be told.
    """
    where = path.as_posix()
    raw, note = _as_utf8(path.read_bytes(), where)
    if not re.search(rb"\S", raw):
        raise DataError("the file is empty", where=where, do="export the data again")
    raw, delimiter = _named_delimiter(raw)
    head_text = raw[: max(HEAD_BYTES, _after_rows(raw, 3))].decode("utf-8", errors="ignore")
    delimiter = delimiter or _delimiter(head_text)
    head = tuple(tuple(row) for row in islice(_records(head_text, delimiter), HEAD_ROWS))

    def body(skip: int, names: Sequence[str], text: Collection[str], marks: str) -> pd.DataFrame:
        # Cells such as "1,2" among commas are two choices rather than a number.
        return typed_frame(
            _cells(raw, delimiter, skip, list(names), where), text, marks.replace(delimiter, "")
        )

    return Grid(head, body, where, note)


def _as_utf8(raw: bytes, where: str) -> tuple[bytes, str]:
    """Return a file's bytes in UTF-8, without its mark, and a note on another encoding."""
    note = ""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            raw, note = raw.decode("utf-16").encode("utf-8"), "UTF-16"
        except UnicodeDecodeError as fault:
            raise DataError(
                "the file is not the UTF-16 that it says it is",
                where=where, got=str(fault), do="export the data again as UTF-8",
            ) from None  # fmt: skip
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    if b"\0" in raw:
        raise DataError(
            "the file holds NUL bytes",
            where=f"{where}:{raw[: raw.index(0)].count(10) + 1}",
            expected="text", do="export the data again as UTF-8; this is damaged, or no text file",
        )  # fmt: skip
    try:
        _check_utf8(raw)
    except UnicodeDecodeError as fault:
        try:
            text = raw.decode("cp1252")
        except UnicodeDecodeError:
            text = "\ufffd"
        if not WINDOWS.fullmatch(text) or FOREIGN.search(text):
            raise DataError(
                "the file is neither UTF-8 nor Windows-1252",
                where=f"{where}:{raw[: fault.start].count(10) + 1}", got=str(fault),
                do="export the data again as UTF-8",
            ) from None  # fmt: skip
        return text.encode("utf-8"), "Windows-1252"
    return raw, note


def _check_utf8(raw: bytes) -> None:
    """Raise if bytes are not UTF-8; ASCII, the usual case, is told without decoding."""
    if not raw.isascii():
        raw.decode("utf-8")


def _named_delimiter(raw: bytes) -> tuple[bytes, str]:
    """Take off the line ``sep=;`` that Excel writes, and return the delimiter it names ("" without it)."""
    found = re.match(rb"sep=([,;\t|])\r?\n", raw)
    return (raw[found.end() :], found[1].decode("ascii")) if found else (raw, "")


def _delimiter(text: str) -> str:
    """Tell the delimiter: the one under which the first rows have as many cells as the header, and most."""
    best, score = DELIMITERS[0], (0.0, 1)
    for delimiter in DELIMITERS:
        widths = [len(row) for row in islice(_records(text, delimiter), HEAD_ROWS)]
        if widths and widths[0] > 1:
            found = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if found > score:
                best, score = delimiter, found
    return best


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    """Iterate over the rows of a text that are not blank, up to one that can't be parsed."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        try:
            row = next(rows)
        except (StopIteration, csv.Error):
            return
        if row:
            yield row


def _cells(raw: bytes, delimiter: str, skip: int, names: list[str], where: str) -> Mapping[str, Cells]:
    """Read the rows after the header rows, each cell as text."""
    start = _after_rows(raw, skip)
    if not re.compile(rb"\S").search(raw, start):
        raise DataError("the file has a header and no rows", where=where, do="export the data again")
    if not _quotes_are_sound(raw, delimiter):
        _refuse_broken_rows(raw, delimiter, len(names), where)
    if not _arrow_is_installed():
        _refuse_broken_rows(raw, delimiter, len(names), where)
        cells = pd.read_csv(
            io.BytesIO(raw[start:]), sep=delimiter, header=None, names=names, dtype="str",
            keep_default_na=False, na_values=[""], low_memory=False,
        )  # fmt: skip
        return {name: PandasCells(cells[name]) for name in names}
    import pyarrow as pa  # noqa: PLC0415

    try:
        table = _arrow_table(memoryview(raw)[start:], delimiter, names)
    except pa.ArrowInvalid as fault:
        _refuse_broken_rows(raw, delimiter, len(names), where)
        raise DataError(
            "a row does not fit the header", where=where, got=str(fault), do="export the data again"
        ) from None
    return {name: ArrowCells(table.column(at)) for at, name in enumerate(names)}


def _arrow_is_installed() -> bool:
    """Tell whether the fast engine is there."""
    return find_spec("pyarrow") is not None


def _arrow_table(rows: memoryview, delimiter: str, names: list[str]) -> Any:  # noqa: ANN401
    """Parse rows into columns of text, empty cells missing."""
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv as arrow  # noqa: PLC0415

    def parsed(block: int) -> Any:  # noqa: ANN401
        return arrow.read_csv(
            pa.BufferReader(pa.py_buffer(rows)),
            read_options=arrow.ReadOptions(column_names=names, block_size=block),
            parse_options=arrow.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=True,
            ),
        )  # fmt: skip

    try:
        return parsed(BLOCK_BYTES)
    except pa.ArrowInvalid as fault:
        if "straddl" not in str(fault):
            raise
        return parsed(len(rows) + 1)  # one row is longer than a block


def _after_rows(raw: bytes, count: int) -> int:
    """Return where the rows after the first ones start; a quoted line break ends no row."""
    at = 0
    while count and at < len(raw):
        quotes = 0
        start = at
        while True:
            end = raw.find(b"\n", at)
            end = len(raw) if end < 0 else end + 1
            quotes += raw.count(b'"', at, end)
            at = end
            if quotes % 2 == 0 or at >= len(raw):
                break
        count -= bool(raw[start:at].strip(b"\r\n"))
    return at


def _quotes_are_sound(raw: bytes, delimiter: str) -> bool:
    """Tell whether every quote opens after a delimiter or closes before one; False means: look closely.

    Quotes open and close in turn, so an opening one has to stand after a delimiter, a line break or (as
    one of a pair that means a quote) a quote, and a closing one before such a character.
    """
    if b'"' not in raw:
        return True
    cells = np.frombuffer(raw, dtype=np.uint8)
    at = np.concatenate(
        [
            start + np.flatnonzero(cells[start : start + SCAN_BYTES] == ord('"'))
            for start in range(0, len(cells), SCAN_BYTES)
        ]
    )
    if len(at) % 2:
        return False
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), ord("\n"), ord("\r"), ord('"')]] = True
    opening, closing = at[0::2], at[1::2]
    before = edges[cells[np.maximum(opening - 1, 0)]] | (opening == 0)
    after = edges[cells[np.minimum(closing + 1, len(cells) - 1)]] | (closing == len(cells) - 1)
    return bool(before.all() and after.all())


def _refuse_broken_rows(raw: bytes, delimiter: str, width: int, where: str) -> None:
    """Go through the rows one by one and refuse the first that doesn't fit, with its line."""
    rows = csv.reader(
        io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline=""), delimiter=delimiter, strict=True
    )
    while True:
        try:
            row = next(rows, None)
        except csv.Error as fault:
            raise DataError(
                "a row's quotes do not close",
                where=f"{where}:{rows.line_num}", got=str(fault),
                expected="quotes around a whole cell, and doubled inside it",
                do="mend the row's quotes, or export the data again",
            ) from None  # fmt: skip
        if row is None:
            return
        if row and len(row) != width:
            raise DataError(
                "a row does not fit the header",
                where=f"{where}:{rows.line_num}", got=f"{len(row)} cells", expected=f"{width} cells",
                do="mend the row, or export the data again",
            )  # fmt: skip
