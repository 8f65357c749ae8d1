"""What the files of a site hold as text: every file is opened, unpacked and decoded, whatever it is.

A leak may stand in a place that nobody looks at: an attribute of a page, the metadata of a picture, a sheet
of a workbook, an attachment of a notebook, a checkpoint. So a file is recognised by its bytes and not by its
name, archives and encoded texts are opened, and a file that cannot be searched is reported.
"""

from __future__ import annotations

import gzip
import html
import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustkit.publishing.pdf_texts import pdf_texts
from trustkit.publishing.texts import encoded_bytes, text_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEEPEST = 6
"""How many files may lie in each other."""

MOST_BYTES = 300_000_000
"""How many bytes an archive may unpack to."""

CLOSED = {
    b"PAR1": "Parquet",
    b"$FL2": "SPSS",
    b"$FL3": "SPSS",
    b"SQLite format 3": "SQLite",
    b"<stata_dta>": "Stata",
    b"ARROW1": "Arrow",
    b"FEA1": "Feather",
    b"\x89HDF": "HDF5",
    b"\x80\x04\x95": "pickle",
    b"\xd0\xcf\x11\xe0": "old Office",
    b"7z\xbc\xaf": "7-Zip",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "Zstandard",
    b"BZh": "bzip2",
    b"Rar!": "RAR",
}
"""How files begin that hold data or other files and that are not opened; no report needs one of them."""

PICTURES = (b"GIF8", b"RIFF", b"\x00\x00\x01\x00", b"BM", b"II*\x00", b"MM\x00*")
"""How pictures begin whose metadata is plain text among their bytes."""

FONTS = (b"wOFF", b"wOF2", b"OTTO", b"\x00\x01\x00\x00")
"""How fonts begin. Nothing of a study is written into a font."""

PNG, JPEG, ZIP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04"
GZIP, PDF, INVENTORY = b"\x1f\x8b", b"%PDF", b"# Sphinx inventory version 2"
"""How the files begin that are opened."""

MARKER, SCAN = 0xFF, 0xDA
"""How a part of a JPEG begins, and the part that is the picture itself."""

MOST_COLUMNS = 16_384
"""Columns of a sheet of Excel."""

RUN = re.compile(rb"[\x09\x20-\x7e\x80-\xff]{8,}")
"""A run of text among other bytes."""

CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Characters that no text file holds."""

STRINGS, SHEET = "xl/sharedStrings.xml", re.compile(r"xl/worksheets/[^/]+\.xml")
"""The parts of a workbook that hold its texts, and its cells."""

SHARED = re.compile(r"<si\b[^>]*>(.*?)</si>", re.DOTALL)
SHEET_ROW = re.compile(r"<row\b.*?</row>", re.DOTALL)
CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
REFERENCE = re.compile(r'\br="([A-Z]{1,3})\d')
CELL_TEXT = re.compile(r"<t\b[^>]*>(.*?)</t>", re.DOTALL)
VALUE = re.compile(r"<v\b[^>]*>(.*?)</v>", re.DOTALL)


@dataclass(frozen=True)
class Piece:
    """A text of a file.

    Attributes
    ----------
    file
        The file, from the site's folder on.
    place
        Where in the file the text stands; empty if the file is one text.
    text
        The text; of a file that cannot be searched, what kind of file it is.
    kind
        ``text``, ``markup``, ``json``, ``csv``, ``counts`` (a ledger of counts) or ``closed`` (a file that
        cannot be searched).
    """

    file: str
    place: str
    text: str
    kind: str = "text"


def file_pieces(content: bytes, file: str, place: str = "", depth: int = 0) -> Iterator[Piece]:
    """Iterate over the texts of a file.

    Parameters
    ----------
    content
        The file's bytes.
    file, place
        The file, and where in it the bytes stand.
    depth
        How many files the bytes lie in.

    Examples
    --------
    >>> packed = gzip.compress(b"Ann Brown")
    >>> [(piece.place, piece.text) for piece in file_pieces(packed, "a.gz")]
    [('unpacked', 'Ann Brown')]
    """
    if depth > DEEPEST:
        yield Piece(file, place, f"more than {DEEPEST} files that lie in each other", "closed")
    elif content.startswith(ZIP):
        yield from _members(content, file, place, depth)
    elif content.startswith(GZIP):
        yield from _unpacked(content, file, place, depth)
    elif kind := next((kind for start, kind in CLOSED.items() if content.startswith(start)), ""):
        yield Piece(file, place, f"a file of the format {kind}", "closed")
    elif not content.startswith(FONTS):
        for part, text, name in _texts(content, file):
            where = ", ".join(filter(None, (place, part)))
            if name == "closed":
                yield Piece(file, where, text, name)
                continue
            for inner, words, form in text_parts(text, name):
                at = ", ".join(filter(None, (where, inner)))
                rest, encoded = encoded_bytes(words) if form != "counts" else (words, [])
                yield Piece(file, at, rest, form)
                for found in encoded:
                    yield from file_pieces(found, file, ", ".join(filter(None, (at, "base64"))), depth + 1)


def _texts(content: bytes, file: str) -> Iterator[tuple[str, str, str]]:
    """Iterate over the places and texts of a file that is not packed, each with the name it is read by."""
    if content.startswith(PNG):
        yield from (("metadata", text, "") for text in _png_texts(content))
    elif content.startswith(JPEG):
        yield from (("metadata", text, "") for text in _runs(b"".join(_jpeg_metadata(content))))
    elif content.startswith(PDF):
        yield from ((part, text, "") for part, text in pdf_texts(content))
    elif content.startswith(INVENTORY):
        start = content.find(b"x\xda")
        yield "", content[: max(start, 0)].decode("utf-8", "replace"), ""
        yield "", inflated(content[start:]).decode("utf-8", "replace"), ""
    elif (text := decoded_text(content)) is not None:
        yield "", text, file
    else:
        if not content.startswith(PICTURES):
            yield "", "a file of an unknown format", "closed"
        yield from (("metadata", run, "") for run in _runs(content))


def decoded_text(content: bytes) -> str | None:
    r"""Return the text of a file in UTF-8, UTF-16, UTF-32 or Windows-1252, or None if it is no text.

    Examples
    --------
    >>> decoded_text("Zoë".encode("utf-16")), decoded_text("Zoë".encode("cp1252")), decoded_text(b"\x00\x01")
    ('Zoë', 'Zoë', None)
    """
    marked = {b"\xff\xfe\x00\x00": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    encodings = [next((name for mark, name in marked.items() if content.startswith(mark)), "utf-8-sig")]
    even, odd = content[0:400:2].count(0), content[1:400:2].count(0)
    if max(even, odd) > len(content[:400]) / 4:  # UTF-16 without a mark
        encodings = ["utf-16-be" if even > odd else "utf-16-le"] if encodings == ["utf-8-sig"] else encodings
    for encoding in (*encodings, "cp1252", "latin-1"):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if len(CONTROL.findall(text[:20_000])) * 500 <= len(text[:20_000]):
            return text
    return None


def inflated(content: bytes) -> bytes:
    """Return the bytes that a stream of zlib holds, as far as they can be read and up to `MOST_BYTES`."""
    try:
        return zlib.decompressobj().decompress(content, MOST_BYTES)
    except zlib.error:
        return b""


def _runs(content: bytes) -> Iterator[str]:
    """Iterate over the runs of text among other bytes, and among those that are every second one zero."""
    yield "\n".join(run.decode("utf-8", "replace") for run in RUN.findall(content))
    if content.count(b"\x00") > len(content) // 4:
        yield "\n".join(run.decode("utf-8", "replace") for run in RUN.findall(content.replace(b"\x00", b"")))


def _members(content: bytes, file: str, place: str, depth: int) -> Iterator[Piece]:
    """Iterate over the texts of an archive: those of Office files, too, and of the names of its members."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if any(member.flag_bits & 1 for member in members):
                yield Piece(file, place, "an archive with a password", "closed")
                return
            if sum(member.file_size for member in members) > MOST_BYTES:
                yield Piece(file, place, "an archive that unpacks to more than 300 MB", "closed")
                return
            names = [
                name for member in members for name in (member.filename, member.comment.decode("latin-1"))
            ]
            yield Piece(file, place, "\n".join([*names, archive.comment.decode("latin-1")]))
            contents = {member.filename: archive.read(member) for member in members}
        shared = [
            _cell_text(text) for text in SHARED.findall(contents.get(STRINGS, b"").decode("utf-8", "replace"))
        ]
        for name, inner in contents.items():
            where = ", ".join(filter(None, (place, name)))
            yield from file_pieces(inner, file, where, depth + 1)
            if SHEET.fullmatch(name):
                yield Piece(file, where, _sheet_text(inner.decode("utf-8", "replace"), shared), "csv")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, zlib.error, lzma.LZMAError):
        yield Piece(file, place, "an archive that cannot be opened", "closed")


def _sheet_text(sheet: str, shared: Sequence[str]) -> str:
    """Return a sheet of a workbook as lines of cells with tabs between them."""
    lines = []
    for row in SHEET_ROW.findall(sheet):
        cells: list[str] = []
        for attributes, inner in CELL.findall(row):
            if at := REFERENCE.search(attributes):  # empty cells are left out of the file
                cells += [""] * (min(_column_number(at[1]), MOST_COLUMNS) - 1 - len(cells))
            value = VALUE.search(inner)
            if 't="s"' in attributes and value and value[1].isdigit() and int(value[1]) < len(shared):
                cells.append(shared[int(value[1])])
            else:
                cells.append(html.unescape(value[1]) if value else _cell_text(inner))
        lines.append("\t".join(" ".join(cell.split()) for cell in cells))
    return "\n".join(lines)


def _column_number(letters: str) -> int:
    """Return the number of a workbook's column, from 1: that of AB is 28."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _cell_text(inner: str) -> str:
    return html.unescape("".join(CELL_TEXT.findall(inner)))


def _unpacked(content: bytes, file: str, place: str, depth: int) -> Iterator[Piece]:
    """Iterate over the texts of a file packed with gzip."""
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            unpacked = stream.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        yield Piece(file, place, "a packed file that cannot be opened", "closed")
        return
    if len(unpacked) > MOST_BYTES:
        yield Piece(file, place, "a packed file that unpacks to more than 300 MB", "closed")
        return
    yield from file_pieces(unpacked, file, ", ".join(filter(None, (place, "unpacked"))), depth + 1)


def _png_texts(content: bytes) -> Iterator[str]:
    """Iterate over the texts of a PNG: those of its chunks, and what stands after its end."""
    at = len(PNG)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        kind, data = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            name, _, rest = data.partition(b"\x00")
            packed = rest.find(b"x")  # where a stream of zlib may begin
            opened = inflated(rest[packed:]) if kind != b"tEXt" and packed >= 0 else b""
            words = (name, rest.replace(b"\x00", b" "), opened)
            yield "\n".join(word.decode("utf-8", "replace") for word in words)
        elif kind == b"IEND":
            break
        elif kind != b"IDAT":
            yield from _runs(data)
    yield from _runs(content[at:])


def _jpeg_metadata(content: bytes) -> Iterator[bytes]:
    """Iterate over the metadata of a JPEG: everything before the picture, and what stands after it."""
    at = 2
    while at + 4 <= len(content) and content[at] == MARKER and content[at + 1] != SCAN:
        length = int.from_bytes(content[at + 2 : at + 4], "big")
        yield content[at + 4 : at + 2 + length] + b"\x00"
        at += 2 + length
    yield content[content.rfind(b"\xff\xd9") + 2 :]
