"""A minimal writer of SAS data sets (``.sas7bdat``), as no free program writes one for the tests.

The layout is the one that M. Shotwell and C. Cummins describe in "SAS7BDAT Database Binary Format" (2013, a
vignette of R package sas7bdat): 32 bits, little-endian, not compressed, in UTF-8. pandas and pyreadstat,
which share no code, both read what is written here.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MAGIC = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
HEADER, PAGE, PAGE_HEADER = 1024, 2048, 24
UTF_8 = 20
META, DATA = 0x0000, 0x0100
NUMBER, TEXT = 1, 2

ROW_SIZE, COLUMN_SIZE = 0xF7F7F7F7, 0xF6F6F6F6
TEXTS, NAMES, ATTRIBUTES, FORMAT = 0xFFFFFFFD, 0xFFFFFFFF, 0xFFFFFFFC, 0xFFFFFBFE
"""The signatures of the parts of a page that describe the data."""

Cell = float | str | None


def sas_file(
    path: Path,
    columns: Mapping[str, Sequence[Cell]],
    *,
    labels: Mapping[str, str] | None = None,
    formats: Mapping[str, str] | None = None,
    rows_per_page: int = 16,
) -> Path:
    """Write a SAS data set.

    Parameters
    ----------
    path
        The file.
    columns
        Name -> numbers or texts, one for each row. A missing number is None, or the letter of a special
        missing value as in ``.A``.
    labels, formats
        Name -> the column's label, and the name of its format, such as ``DATE``.
    rows_per_page
        How many rows stand on a page.
    """
    kinds = {name: NUMBER if _is_number(cells) else TEXT for name, cells in columns.items()}
    widths = {
        name: 8 if kinds[name] == NUMBER else max(1, *(len(str(cell).encode()) for cell in cells))
        for name, cells in columns.items()
    }
    rows = [
        b"".join(_cell(cell, kinds[name], widths[name]) for name, cell in zip(columns, row, strict=True))
        for row in zip(*columns.values(), strict=True)
    ]
    pages = [_description(columns, kinds, widths, labels or {}, formats or {}, rows)]
    for start in range(0, len(rows), rows_per_page):
        some = rows[start : start + rows_per_page]
        pages.append(_page(DATA, len(some), 0, b"".join(some)))
    path.write_bytes(_header(len(pages)) + b"".join(pages))
    return path


def _is_number(cells: Sequence[Cell]) -> bool:
    return not any(isinstance(cell, str) and not cell.startswith(".") for cell in cells)


def _cell(cell: Cell, kind: int, width: int) -> bytes:
    """Return a cell's bytes; the third of a missing number's says which missing value it is."""
    if kind == TEXT:
        return str(cell or "").encode().ljust(width)
    if cell is None or isinstance(cell, str):
        mark = ~ord(cell[1]) & 0xFF if isinstance(cell, str) else 0xFE
        return bytes([0, 0, 0, 0, 0, mark, 0xFF, 0xFF])
    return struct.pack("<d", cell)


def _header(pages: int) -> bytes:
    """Return the first part of the file: what it is, in which encoding, and how many pages of what size."""
    header = bytearray(HEADER)
    header[: len(MAGIC)] = MAGIC
    header[32], header[35], header[37], header[39] = 0x22, 0x22, 0x01, ord("2")
    header[70] = UTF_8
    header[84:92] = b"SAS FILE"
    header[92:156] = b"ANSWERS".ljust(64)
    header[156:164] = b"DATA    "
    struct.pack_into("<3i", header, 196, HEADER, PAGE, pages)
    header[216:224] = b"9.0401M6"
    header[224:232] = b"W32_10PR"
    return bytes(header)


def _page(kind: int, blocks: int, parts: int, content: bytes) -> bytes:
    page = bytes(16) + struct.pack("<4H", kind, blocks, parts, 0) + content
    assert len(page) <= PAGE
    return page.ljust(PAGE, b"\0")


def _description(
    columns: Mapping[str, Sequence[Cell]],
    kinds: Mapping[str, int],
    widths: Mapping[str, int],
    labels: Mapping[str, str],
    formats: Mapping[str, str],
    rows: Sequence[bytes],
) -> bytes:
    """Return the page that describes the columns: parts from its end, and where each stands at its start."""
    blob, places = bytearray(28), {}
    for text in dict.fromkeys([*columns, *labels.values(), *formats.values()]):
        places[text] = len(blob), len(text.encode())
        blob += text.encode().ljust(-(-len(text.encode()) // 4) * 4, b"\0")
    blob[:2] = struct.pack("<H", len(blob))

    def place(text: str) -> bytes:
        return struct.pack("<3H", 0, *places[text]) if text else bytes(6)

    row_size = bytearray(480)
    struct.pack_into("<I", row_size, 0, ROW_SIZE)
    struct.pack_into("<2I", row_size, 20, sum(widths.values()), len(rows))
    struct.pack_into("<2I", row_size, 36, len(columns), 0)
    starts = dict(zip(columns, _starts(list(widths.values())), strict=True))
    parts = [
        bytes(row_size),
        struct.pack("<3I", COLUMN_SIZE, len(columns), 0),
        struct.pack("<I", TEXTS) + bytes(blob) + bytes(8),
        _listed(NAMES, [place(name) + bytes(2) for name in columns]),
        _listed(
            ATTRIBUTES,
            [struct.pack("<2I2H", starts[name], widths[name], 0x0400, kinds[name]) for name in columns],
        ),
        *(
            (struct.pack("<I30x", FORMAT) + place(formats.get(name, "")) + place(labels.get(name, ""))).ljust(
                52, b"\0"
            )
            for name in columns
        ),
    ]
    pointers, content, end = b"", b"", PAGE
    for part in parts:
        end -= len(part)
        pointers += struct.pack("<2I2B2x", end, len(part), 0, 0)
        content = part + content
    return _page(META, len(parts), len(parts), pointers.ljust(end - PAGE_HEADER, b"\0") + content)


def _listed(signature: int, items: Sequence[bytes]) -> bytes:
    """Return a part that holds an item for each column, after its own length."""
    content = b"".join(items) + bytes(8)
    return struct.pack("<IH6x", signature, len(content)) + content


def _starts(widths: Sequence[int]) -> list[int]:
    return [sum(widths[:number]) for number in range(len(widths))]
