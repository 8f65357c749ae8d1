r"""The rows of delimited text as they are written: a row is not a line, as cells may hold line ends.

Examples
--------
>>> split_records('id,answer\n1,"two\nlines"\n2,none\n', ",")
['id,answer\n', '1,"two\nlines"\n', '2,none\n']
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

from trustkit.errors import DataError
from trustkit.files.delimited import delimiter_of, known_encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""How text may begin that names its encoding."""


def _cell(delimiter: str) -> str:
    """Return the pattern of a cell: quoted, with what stands behind the quotes, or plain."""
    plain = rf"[^{re.escape(delimiter)}\r\n]*+"
    return rf'(?>"(?:[^"]|"")*+"{plain}|{plain})'


def split_records(text: str, delimiter: str) -> list[str]:
    """Return the rows of a text, each with its line end; joined they are the text."""
    cell = _cell(delimiter)
    row = rf"{cell}(?>{re.escape(delimiter)}{cell})*+(?:\r\n|\n|\r|\Z)"
    return [match[0] for match in re.finditer(row, text) if match[0]]


def cell_spans(record: str, delimiter: str) -> list[tuple[int, int]]:
    r"""Return where the cells of a row begin and end, quotes included.

    Examples
    --------
    >>> cell_spans('1,"a,b",\n', ",")
    [(0, 1), (2, 7), (8, 8)]
    """
    cell = re.compile(_cell(delimiter))
    spans, at = [], 0
    while match := cell.match(record, at):
        spans.append(match.span())
        at = match.end() + 1
        if record[match.end() : at] != delimiter:
            break
    return spans


def is_blank(record: str) -> bool:
    """Return whether a row is an empty line, which no reader counts."""
    return not record.strip("\r\n")


class WrittenRows:
    """A file of delimited text, as the rows that are written in it.

    Parameters
    ----------
    path
        The file.
    encoding
        The encoding that the codebook names; "" if the content tells.

    Raises
    ------
    DataError
        If the rows cannot be taken apart so that the same bytes come out when they are joined.
    """

    def __init__(self, path: Path, encoding: str = "") -> None:
        raw = path.read_bytes()
        self._mark, self._codec = _mark_and_codec(raw, encoding)
        body = raw.removeprefix(self._mark)
        text = body.decode(self._codec)
        self.delimiter = delimiter_of(text)
        self.records = split_records(text, self.delimiter)
        if b"".join(map(self._bytes, self.records)) != body:
            raise DataError(
                "the file's rows can't be taken apart without changing others",
                where=path.as_posix(), got=f"text in the encoding {self._codec}",
                expected="an encoding that writes the same text with the same bytes",
                do="save the file as UTF-8, and write its new digest",
            )  # fmt: skip

    def _bytes(self, record: str) -> bytes:
        return record.encode(self._codec)

    def answers(self, count: int) -> list[int]:
        """Return where the rows of the respondents are: the last so many that are not blank."""
        return [at for at, record in enumerate(self.records) if not is_blank(record)][-count:]

    def cells(self, at: int) -> list[str]:
        """Return the cells of a row, without their quotes."""
        record = self.records[at]
        cells = [record[first:last] for first, last in cell_spans(record, self.delimiter)]
        return [cell[1:-1].replace('""', '"') if cell.startswith('"') else cell for cell in cells]

    def without(self, places: Iterable[int]) -> bytes:
        """Return the file without some rows; the bytes of all others are as they were."""
        gone = set(places)
        kept = (self._bytes(record) for at, record in enumerate(self.records) if at not in gone)
        return self._mark + b"".join(kept)

    def rewritten(self, change: Callable[[str], str]) -> bytes:
        """Return the file with each row changed by a function."""
        return self._mark + b"".join(self._bytes(change(record)) for record in self.records)


def _mark_and_codec(raw: bytes, encoding: str) -> tuple[bytes, str]:
    """Return how a text begins and in which encoding it goes on, as `trustkit.files.delimited` reads it."""
    for mark, codec in MARKS:
        if raw.startswith(mark):
            return mark, codec
    if encoding:
        return b"", known_encoding(encoding)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return b"", "cp1252"
    return b"", "utf-8"
