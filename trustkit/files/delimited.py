"""Delimited text: encoding and delimiter told from the content, broken rows refused with their line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from trustkit.errors import DataError
from trustkit.files.grids import MOST_COLUMNS, Grid, header_names
from trustkit.files.header_rows import titles_above
from trustkit.files.typed_cells import ArrowCells, PandasCells, typed_frame
from trustkit.survey.quoted_cells import library_words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustkit.files.typed_cells import TextCells

DELIMITERS = (",", ";", "\t", "|")
"""What may stand between cells, the likeliest first."""

BLOCK_BYTES = 1 << 23
"""How many bytes are parsed at a time; a row that is longer is parsed in a block of `LONGEST_ROW`."""

LONGEST_CELL = 1_000_000
"""The most bytes of a cell; a spreadsheet's holds 32,767 characters."""

LONGEST_ROW = 1 << 26
"""The most bytes of a row."""

HEAD_ROWS = 20
"""How many rows are looked at to tell the delimiter and the tool that wrote the file."""

HEAD_BYTES = 1 << 20
"""How many bytes of a file are looked at for its first rows."""

WINDOW_BYTES = 1 << 16
"""How many bytes are looked at first for the end of a row."""

SCAN_BYTES = 1 << 23
"""How many bytes are checked for broken quotes at a time."""

WINDOWS = re.compile(
    "[\x00-\x7f\xa0¡£§©ª«®°·º»¿À-ÿŒœŠšŸŽž„…†•“”€™"
    "\N{SINGLE LOW-9 QUOTATION MARK}\N{EN DASH}\N{EM DASH}\N{LEFT SINGLE QUOTATION MARK}"
    "\N{RIGHT SINGLE QUOTATION MARK}\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
    "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}]*"
)
"""What text in Windows-1252 holds; other characters say that the file is in some other encoding."""

COUNTED = re.compile(r"Expected \d+ columns, got \d+")
"""What pyarrow says of a row that does not fit the header, without the row."""

FOREIGN = re.compile("[À-ÿ]{4}")
"""Four accented letters in a row, which say that the text is Cyrillic or Greek, in an encoding of its own."""


def read_grid(path: Path, encoding: str | None = None) -> Grid:
    """Open a delimited file: tell how it is written and read its first rows.

    Parameters
    ----------
    path
        The file.
    encoding
        The encoding of its text; None to tell UTF-8, UTF-16 and Windows-1252 by the content.

    Raises
    ------
    DataError
        If it is empty, holds NUL bytes, its encoding can't be told or is not the one named, or a cell, a
        row or the header is longer than `LONGEST_CELL`, `LONGEST_ROW` and `MOST_COLUMNS` allow.
    """
    where = path.as_posix()
    raw, note = _as_utf8(path.read_bytes(), where) if encoding is None else _decoded(path, encoding)
    if not re.search(rb"\S", raw):
        raise DataError("the file is empty", where=where, do="export the data again")
    raw, delimiter = _named_delimiter(raw)
    _refuse_long_cells(raw, where)
    head_text = raw[: max(HEAD_BYTES, _after_rows(raw, 3))].decode("utf-8", errors="ignore")
    delimiter = delimiter or _delimiter(head_text)
    head = tuple(tuple(row) for row in _records(head_text, delimiter))
    widest = max((len(row) for row in head), default=0)
    if widest > MOST_COLUMNS:
        header_names([""] * widest, where)

    def body(skip: int, names: Sequence[str], text: Collection[str], marks: str) -> pd.DataFrame:
        # Cells such as "1,2" among commas are two choices rather than a number.
        return typed_frame(
            _cells(raw, delimiter, skip, list(names), where), text, marks.replace(delimiter, "")
        )

    return Grid(head, body, where, note)


def _decoded(path: Path, encoding: str) -> tuple[bytes, str]:
    """Return a file's bytes in UTF-8, read in the encoding that the user named, and a note on it."""
    where, name = path.as_posix(), known_encoding(encoding)
    try:
        text = path.read_bytes().decode(name)
    except UnicodeError as fault:
        raise DataError(
            "the file's text is not in the encoding named",
            where=where, got=library_words(fault), expected=encoding, do="name another encoding",
        ) from None  # fmt: skip
    raw, _ = _as_utf8(text.removeprefix("\ufeff").encode("utf-8"), where)
    return raw, f"encoding {encoding}"


def known_encoding(name: str) -> str:
    """Return the name that Python has for an encoding.

    Raises
    ------
    DataError
        If Python has no text encoding of that name.

    Examples
    --------
    >>> known_encoding("Windows-1251"), known_encoding("Big5")
    ('cp1251', 'big5')
    """
    try:
        codec = codecs.lookup(name)
        "".encode(codec.name)
    except (LookupError, ValueError):
        raise DataError(
            "no such encoding",
            got=repr(name), do="name one that Python knows, such as big5, gbk, shift_jis, koi8-r or cp1251",
        ) from None  # fmt: skip
    return codec.name


def _refuse_long_cells(raw: bytes, where: str) -> None:
    """Refuse a text with a cell or a row too long for a table; its work grows with the text's length only."""
    at = 0
    while at + LONGEST_CELL < len(raw):
        last = max(raw.rfind(mark, at, at + LONGEST_CELL) for mark in (b"\n", b",", b";", b"\t", b"|"))
        if last < 0:
            raise _too_long(raw, at, where)
        at = last + 1
    for first, end in _quoted(raw):
        if end - first > LONGEST_CELL:
            raise _too_long(raw, first, where)


def _quoted(raw: bytes) -> Iterator[tuple[int, int]]:
    """Iterate over the longest quoted stretch of each part of a text: where it starts and ends.

    Doubled quotes inside a cell join its stretches.
    """
    at = _quotes_at(raw)
    if len(at) < 2:  # noqa: PLR2004 - a pair
        return
    opening, closing = at[0 : len(at) // 2 * 2 : 2], at[1::2]
    starts = np.concatenate([[True], opening[1:] != closing[:-1] + 1])
    first = opening[starts]
    last = closing[np.concatenate([np.flatnonzero(starts)[1:] - 1, [len(closing) - 1]])]
    longest = int(np.argmax(last - first))
    yield int(first[longest]), int(last[longest])


def _quotes_at(raw: bytes) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return where the quotes of a text stand."""
    if b'"' not in raw:
        return np.array([], dtype=np.int64)
    cells = np.frombuffer(raw, dtype=np.uint8)
    return np.concatenate(
        [
            start + np.flatnonzero(cells[start : start + SCAN_BYTES] == ord('"'))
            for start in range(0, len(cells), SCAN_BYTES)
        ]
    )


def _too_long(raw: bytes, at: int, where: str) -> DataError:
    """Return the error of a cell that is too long for a table."""
    return DataError(
        "a cell is too long for a table",
        where=f"{where}:{raw.count(10, 0, at) + 1}",
        got=f"more than {LONGEST_CELL:,} bytes in one cell", expected="cells with one answer each",
        do="look for a quote that does not close, or export the data without this column",
    )  # fmt: skip


def _as_utf8(raw: bytes, where: str) -> tuple[bytes, str]:
    """Return a file's bytes in UTF-8, without its mark, and a note on another encoding."""
    note = ""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            raw, note = raw.decode("utf-16").encode("utf-8"), "UTF-16"
        except UnicodeDecodeError as fault:
            raise DataError(
                "the file is not the UTF-16 that it says it is",
                where=where, got=library_words(fault), do="export the data again as UTF-8",
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
                where=f"{where}:{raw[: fault.start].count(10) + 1}", got=library_words(fault),
                do="name its encoding: read(..., encoding=), or export the data again as UTF-8",
            ) from None  # fmt: skip
        return text.encode("utf-8"), "Windows-1252"
    return raw, note


def _check_utf8(raw: bytes) -> None:
    """Raise if bytes are not UTF-8; ASCII, the usual case, is told without decoding."""
    if not raw.isascii():
        raw.decode("utf-8")


def delimiter_of(text: str) -> str:
    r"""Return the delimiter of a text: the one that its first line names, or the likeliest.

    Examples
    --------
    >>> delimiter_of("sep=;\na;b\n1,5;2\n"), delimiter_of("a\tb\n1,5\t2\n")
    (';', '\t')
    """
    lines = text if "\n" in text else text.replace("\r", "\n")
    rest, delimiter = _named_delimiter(lines[:HEAD_BYTES].encode("utf-8", "surrogatepass"))
    return delimiter or _delimiter(rest.decode("utf-8", errors="ignore"))


def _named_delimiter(raw: bytes) -> tuple[bytes, str]:
    """Take off the line ``sep=;`` that Excel writes, and return the delimiter it names ("" without it)."""
    line = re.match(rb"sep=([,;\t|])\r?\n", raw)
    return (raw[line.end() :], line[1].decode("ascii")) if line else (raw, "")


def _delimiter(text: str) -> str:
    """Return the delimiter with which most of the first rows have as many cells as the header."""
    best, score = DELIMITERS[0], (0.0, 1)
    for delimiter in DELIMITERS:
        rows = _records(text, delimiter)
        widths = [len(row) for row in rows]
        if widths and widths[0] > 1:
            evenness = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
            if evenness > score:
                best, score = delimiter, evenness
        if titles_above(rows):  # the first row is a title, and all rows below the header are as wide as it
            best, score = delimiter, max(score, (1.0, max(widths)))
    return best


def _records(text: str, delimiter: str) -> list[list[str]]:
    """Return the first rows of a text that are not blank, up to one that can't be parsed."""
    records: list[list[str]] = []
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with _long_cells_allowed():
        while len(records) < HEAD_ROWS:
            try:
                row = next(rows)
            except (StopIteration, csv.Error):
                break
            if row:
                records.append(row)
    return records


@contextmanager
def _long_cells_allowed() -> Iterator[None]:
    """Let the csv module take cells up to `LONGEST_CELL`; its own limit is 131,072."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _cells(raw: bytes, delimiter: str, skip: int, names: list[str], where: str) -> Mapping[str, TextCells]:
    """Read the rows after the header rows, each cell as text."""
    start = _after_rows(raw, skip)
    if not re.compile(rb"\S").search(raw, start):
        raise DataError("the file has a header and no rows", where=where, do="export the data again")
    if not _quotes_are_sound(raw, delimiter):
        _refuse_broken_rows(raw, delimiter, len(names), where, skip)
    if not _arrow_is_installed():
        _refuse_broken_rows(raw, delimiter, len(names), where, skip)
        cells = pd.read_csv(
            io.BytesIO(raw[start:]), sep=delimiter, header=None, names=names, dtype="str",
            keep_default_na=False, na_values=[""], low_memory=False,
        )  # fmt: skip
        return {name: PandasCells(cells[name]) for name in names}
    import pyarrow as pa  # noqa: PLC0415

    try:
        table = _arrow_table(memoryview(raw)[start:], delimiter, names)
    except pa.ArrowInvalid as fault:
        _refuse_broken_rows(raw, delimiter, len(names), where, skip)
        counts = COUNTED.search(str(fault))  # the rest of the library's words holds the row
        raise DataError(
            "a row does not fit the header",
            where=where, got=counts.group() if counts else type(fault).__name__,
            expected=f"{len(names)} cells in each row",
            do="export the data again",
        ) from None  # fmt: skip
    return {name: ArrowCells(table.column(at)) for at, name in enumerate(names)}


def _arrow_is_installed() -> bool:
    """Return whether the fast engine is there."""
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
        return parsed(min(len(rows) + 1, LONGEST_ROW))  # one row is longer than a block


def _after_rows(raw: bytes, count: int) -> int:
    """Return where the rows after the first ones start; line breaks in quotes end no row.

    Blank lines are not counted.

    The text is looked at in stretches that double in length, so the work grows with its length only.
    """
    start, size = 0, WINDOW_BYTES
    while count and start < len(raw):
        cells = np.frombuffer(raw, dtype=np.uint8, count=min(size, len(raw) - start), offset=start)
        inside = np.bitwise_xor.accumulate(cells == ord('"'))
        ends = np.flatnonzero((cells == ord("\n")) & ~inside)
        filled = np.cumsum((cells != ord("\n")) & (cells != ord("\r")))[ends]
        rows = ends[np.diff(filled, prepend=0) > 0]
        if len(rows) >= count:
            return start + int(rows[count - 1]) + 1
        if len(ends):
            count -= len(rows)
            start += int(ends[-1]) + 1
        elif len(cells) == len(raw) - start:
            return len(raw)
        else:
            size *= 2
    return start


def _quotes_are_sound(raw: bytes, delimiter: str) -> bool:
    """Return whether every quote opens after a delimiter or closes before one; False means: look closely.

    Quotes open and close in turn, so an opening one has to stand after a delimiter, a line break or (as
    one of a pair that means a quote) a quote, and a closing one before such a character.
    """
    at = _quotes_at(raw)
    if not len(at):
        return True
    if len(at) % 2:
        return False
    cells = np.frombuffer(raw, dtype=np.uint8)
    edges = np.zeros(256, dtype=bool)
    edges[[ord(delimiter), ord("\n"), ord("\r"), ord('"')]] = True
    opening, closing = at[0::2], at[1::2]
    before = edges[cells[np.maximum(opening - 1, 0)]] | (opening == 0)
    after = edges[cells[np.minimum(closing + 1, len(cells) - 1)]] | (closing == len(cells) - 1)
    return bool(before.all() and after.all())


def _refuse_broken_rows(raw: bytes, delimiter: str, width: int, where: str, skip: int) -> None:
    """Go through the rows one by one and refuse the first that doesn't fit, with its line.

    The first ``skip`` rows are header rows, whose width is checked elsewhere, and titles, which have any.
    """
    rows = csv.reader(
        io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline=""), delimiter=delimiter, strict=True
    )
    with _long_cells_allowed():
        while True:
            try:
                row = next(rows, None)
            except csv.Error as fault:
                raise DataError(
                    "a row's quotes do not close",
                    where=f"{where}:{rows.line_num}", got=library_words(fault),
                    expected="quotes around a whole cell, and doubled inside it",
                    do="correct the row's quotes, or export the data again",
                ) from None  # fmt: skip
            if row is None:
                return
            skip -= bool(row)
            if row and skip < 0 and len(row) != width:
                raise DataError(
                    "a row does not fit the header",
                    where=f"{where}:{rows.line_num}", got=f"{len(row)} cells", expected=f"{width} cells",
                    do="correct the row, or export the data again",
                )  # fmt: skip
