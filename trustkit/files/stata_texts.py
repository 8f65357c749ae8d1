"""The long texts (strL) of Stata 13 files, which pyreadstat reads as UTF-8 whatever they are in.

The layout is described in Stata's help file "dta_117": a section of blocks, each with its length, and a
map of where each section starts. Some programs write UTF-8 there, though the rest of the file is in a code
page.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = b"<stata_dta><header><release>117</release><byteorder>"
"""How a file of Stata 13 starts, up to the order of its bytes."""

ORDERS = {b"LSF": "<", b"MSF": ">"}
"""The order of bytes -> as `struct` writes it."""

SECTIONS, LONG_TEXTS = 14, 10
"""How many sections the map lists, and the place of the long texts among them."""

OPENING, CLOSING, BLOCK, TEXT = b"<strls>", b"</strls>", b"GSO", 130
"""How the section, and each of its blocks, starts; the type of a block that is a text."""


def with_unicode_texts(path: Path, out: Path, encoding: str) -> Path:
    """Copy a Stata 13 file, its long texts put into UTF-8; the file itself if there is none to be put.

    Parameters
    ----------
    path, out
        The file, and where the copy goes.
    encoding
        The encoding of the long texts.

    Raises
    ------
    UnicodeDecodeError
        If a text is not in the encoding.
    """
    with path.open("rb") as file:
        if file.read(len(RELEASE)) != RELEASE:
            return path
        file.seek(0)
        content = file.read()
    order = ORDERS.get(content[len(RELEASE) :][:3], "")
    at = content.find(b"<map>") + len(b"<map>")
    whole = struct.Struct(f"{order}{SECTIONS}Q")
    if not order or at + whole.size > len(content):
        return path
    places = list(whole.unpack_from(content, at))
    first, end = places[LONG_TEXTS : LONG_TEXTS + 2]
    old = content[first:end]
    new = _in_unicode(old, order, encoding)
    if new == old or max(places) > len(content):
        return path
    places[LONG_TEXTS + 1 :] = [place + len(new) - len(old) for place in places[LONG_TEXTS + 1 :]]
    moved = content[:at] + whole.pack(*places) + content[at + whole.size : first]
    out.write_bytes(moved + new + content[end:])
    return out


def _in_unicode(section: bytes, order: str, encoding: str) -> bytes:
    """Return the section with its texts in UTF-8; as it is if it is not whole, for pyreadstat to refuse."""
    if not (section.startswith(OPENING) and section.endswith(CLOSING)):
        return section
    head = struct.Struct(f"{order}3sIIBI")
    blocks: list[tuple[int, int, int, bytes]] = []
    at, end = len(OPENING), len(section) - len(CLOSING)
    while at < end:
        if at + head.size > end:
            return section
        mark, variable, row, kind, length = head.unpack_from(section, at)
        at += head.size
        if mark != BLOCK or at + length > end:
            return section
        cell = section[at : at + length]
        at += length
        blocks.append((variable, row, kind, cell))
    if all(_is_unicode(cell) for *_, kind, cell in blocks if kind == TEXT):
        return section
    parts = [OPENING]
    for variable, row, kind, cell in blocks:
        text = cell.decode(encoding).encode("utf-8") if kind == TEXT else cell
        parts += [head.pack(BLOCK, variable, row, kind, len(text)), text]
    return b"".join([*parts, CLOSING])


def _is_unicode(cell: bytes) -> bool:
    try:
        cell.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
