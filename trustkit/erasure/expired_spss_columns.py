"""An SPSS file (``.sav``, ``.zsav``) without some variables: in its dictionary, and in its table.

The layout is described in the PSPP developer's guide, "System File Format". All records of the dictionary
stay as they are but those that name a variable that goes, or count variables.
"""

from __future__ import annotations

import re
import struct
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from trustkit.erasure.erased_spss_rows import CELL, TableCut, table_without
from trustkit.errors import DataError
from trustkit.files.spss_bytes import (
    CONTINUED,
    HEADER_BYTES,
    LONGEST,
    RecordKind,
    dictionary_records,
    order_of,
    read_dictionary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

SIZE_AT, WEIGHT_AT = 68, 76
"""Where the header has the cells of a row, and the place of the variable of weights."""

NAME_BYTES = 8
"""Bytes of a short name."""

PIECE = 252
"""How much of a text that is longer than 255 bytes each of its pieces holds."""

LONG_NAMES, LONG_TEXTS = 13, 14
"""Extensions that give variables their long names, and texts of more than 255 bytes their width."""

SET_PARTS = re.compile(rb"(\$[^=\n]*=)(C|D(\d+) |E \d+ (\d+) )", re.DOTALL)
"""How a multiple-response set starts: its name, and how answers are counted."""

ATTRIBUTES = re.compile(rb"([^:/\n]+):((?:[^(:/\n]+\((?:'[^\n]*'\n)+\))+)(?:/|\Z)", re.DOTALL)
"""A variable's own attributes: its name, and names with quoted values."""


class _Names(NamedTuple):
    """The names of the variables that go, in capitals, short and long."""

    short: frozenset[bytes]
    every: frozenset[bytes]


def spss_without_columns(path: Path, places: Collection[int], count: int) -> bytes:
    """Return an SPSS file without some of its variables.

    Parameters
    ----------
    path
        The file.
    places
        Which variables go, from 0, in the order of the file.
    count
        How many rows it has.

    Raises
    ------
    DataError
        If its dictionary or table is damaged or written in an unknown way.
    """
    raw = path.read_bytes()
    try:
        return _cut(raw, set(places), count)
    except (ValueError, IndexError, struct.error, zlib.error) as fault:
        raise DataError(
            "a column can't be removed from this SPSS file",
            where=path.as_posix(), got=str(fault), expected=f"a known dictionary and {count:,} rows",
            do="delete the variable in SPSS or PSPP, write the new digest into SHA256SUMS, and expire again",
        ) from None  # fmt: skip


def _cut(raw: bytes, places: Collection[int], count: int) -> bytes:
    dictionary = read_dictionary(raw)
    order = dictionary.order
    variables = _variables(raw)
    gone = {slot for place in places for slot in variables[place][0]}
    names = _named([name for place in places for name in variables[place][1]], _long_names(raw))
    moved: dict[int, int] = {}
    for slot in range(dictionary.slots):
        if slot not in gone:
            moved[slot + 1] = len(moved) + 1
    head = bytearray(raw[:HEADER_BYTES])
    size, _, weight = struct.unpack_from(f"{order}3i", head, SIZE_AT)
    if size > 0:
        struct.pack_into(f"{order}i", head, SIZE_AT, size - len(gone))
    struct.pack_into(f"{order}i", head, WEIGHT_AT, moved.get(weight, 0))
    records = _records_without(raw, gone, moved, names)
    start = len(head) + len(records) + CELL
    cut = TableCut(frozenset(), frozenset(gone), count, dictionary.slots)
    end = raw[dictionary.end : dictionary.end + CELL]
    return bytes(head) + records + end + table_without(raw, dictionary, cut, start)


def _extensions(raw: bytes, wanted: int) -> list[bytes]:
    """Return the contents of the records of an extension."""
    order = order_of(raw)
    return [
        raw[at + 16 : at + size]
        for kind, at, size in dictionary_records(raw)
        if kind is RecordKind.EXTENSION and struct.unpack_from(f"{order}i", raw, at + 4)[0] == wanted
    ]


def _variables(raw: bytes) -> list[tuple[list[int], list[bytes]]]:
    """Return, of each variable, its cells in a row, from 0, and the short names of its pieces."""
    order = order_of(raw)
    pieces: list[tuple[list[int], bytes]] = []
    slots = 0
    for kind, at, _ in dictionary_records(raw):
        if kind is RecordKind.VARIABLE:
            if struct.unpack_from(f"{order}i", raw, at + 4)[0] == CONTINUED:
                pieces[-1][0].append(slots)
            else:
                pieces.append(([slots], raw[at + 24 : at + 32].strip(b" \0").upper()))
            slots += 1
    widths: dict[bytes, int] = {}
    for entry in b"".join(_extensions(raw, LONG_TEXTS)).split(b"\0"):
        name, _, width = entry.strip(b"\t").partition(b"=")
        if width:
            widths[name.upper()] = int(width)
    variables: list[tuple[list[int], list[bytes]]] = []
    at = 0
    while at < len(pieces):
        longest = widths.get(pieces[at][1], 0)
        own = pieces[at : at + (-(-longest // PIECE) if longest > LONGEST else 1)]
        variables.append(([slot for cells, _ in own for slot in cells], [name for _, name in own]))
        at += len(own)
    return variables


def _long_names(raw: bytes) -> dict[bytes, bytes]:
    """Return short name -> long name, both in capitals."""
    pairs = (entry.partition(b"=") for part in _extensions(raw, LONG_NAMES) for entry in part.split(b"\t"))
    return {short.upper(): long.upper() for short, _, long in pairs}


def _named(gone: Sequence[bytes], long: dict[bytes, bytes]) -> _Names:
    """Return the names of the variables that go."""
    return _Names(frozenset(gone), frozenset([*gone, *(long.get(name, name) for name in gone)]))


def _records_without(raw: bytes, gone: Collection[int], moved: dict[int, int], names: _Names) -> bytes:
    """Return a dictionary's records without what they say of the variables that go."""
    order = order_of(raw)
    parts: list[bytes] = []
    labels = b""
    slot = -1
    starts: list[bool] = []  # of each variable or piece of one, whether it stays
    for kind, at, size in dictionary_records(raw):
        whole = raw[at : at + size]
        if kind is RecordKind.VARIABLE:
            slot += 1
            if struct.unpack_from(f"{order}i", whole, 4)[0] != CONTINUED:
                starts.append(slot not in gone)
            parts.append(whole if slot not in gone else b"")
        elif kind is RecordKind.LABELS:
            labels = whole
        elif kind is RecordKind.LABELLED:
            before = struct.unpack_from(f"{order}{(size - 8) // 4}i", whole, 8)
            after = [moved[number] for number in before if number in moved]
            if after:
                parts += [labels, whole[:4], struct.pack(f"{order}{len(after) + 1}i", len(after), *after)]
        elif kind is RecordKind.EXTENSION:
            parts.append(_extension_without(whole, order, starts, names))
        else:
            parts.append(whole)
    return b"".join(parts)


def _extension_without(whole: bytes, order: str, starts: Sequence[bool], names: _Names) -> bytes:
    """Return a record of an extension without what it says of the variables that go; b"" if that is all."""
    _, subtype, width, count = struct.unpack_from(f"{order}4i", whole)
    content = whole[16:]
    if subtype == 11:  # noqa: PLR2004 - how variables are displayed: two or three numbers each
        each = width * count // len(starts)
        if each * len(starts) != len(content):
            raise ValueError(f"{count:,} numbers for the display of {len(starts):,} variables")
        new = b"".join(content[each * at :][:each] for at, stays in enumerate(starts) if stays)
    elif subtype in WITHOUT:
        new = WITHOUT[subtype](content, order, names)
    else:
        return whole
    if new == content:
        return whole
    return (
        struct.pack(f"{order}4i", RecordKind.EXTENSION, subtype, width, len(new) // width) + new
        if new
        else b""
    )


def _without_names(content: bytes, _: str, names: _Names) -> bytes:
    """Cut pairs of a short and a long name, or of a short name and a width."""
    kept = [entry for entry in content.split(b"\t") if entry.partition(b"=")[0].upper() not in names.short]
    return b"\t".join(kept)


def _without_members(content: bytes, _: str, names: _Names) -> bytes:
    """Cut variables out of sets of variables, one set a line."""
    lines = []
    for line in content.splitlines(keepends=True):
        start, equals, members = line.partition(b"=")
        left = [name for name in members.split() if name.upper() not in names.every]
        if len(left) == len(members.split()):
            lines.append(line)
        elif left:
            lines.append(start + equals + b" " + b" ".join(left) + b"\n")
    return b"".join(lines)


def _without_answers(content: bytes, _: str, names: _Names) -> bytes:
    """Cut variables out of multiple-response sets, whose questions are counted texts."""
    kept = []
    at = 0
    while start := SET_PARTS.match(content, at):
        counted = int(start[3] or start[4] or 0)
        size_at = start.end() + counted + 1  # the counted value, and a blank
        size = content[size_at:].partition(b" ")[0]
        members_at = size_at + len(size) + 1 + int(size)
        end = content.index(b"\n", members_at) + 1
        members = content[members_at:end].split()
        left = [name for name in members if name.upper() not in names.every]
        if len(left) == len(members):
            kept.append(content[at:end])
        elif left:
            kept.append(content[at:members_at] + b" " + b" ".join(left) + b"\n")
        at = end
        while content[at : at + 1] == b"\n":
            at += 1
    if content[at:].strip(b"\n\0 "):
        raise ValueError("multiple-response sets that are written in an unknown way")
    return b"".join(kept)


def _without_attributes(content: bytes, _: str, names: _Names) -> bytes:
    """Cut the attributes of variables."""
    found = list(ATTRIBUTES.finditer(content))
    if any(first.end() != second.start() for first, second in pairwise(found)) or (
        sum(len(match[0]) for match in found) != len(content)
    ):
        raise ValueError("attributes of variables that are written in an unknown way")
    return b"/".join(match[1] + b":" + match[2] for match in found if match[1].upper() not in names.every)


def _without_long_labels(content: bytes, order: str, names: _Names) -> bytes:
    """Cut labels of long texts: name, width, number of labels, and values with their labels."""
    kept = []
    at = 0
    while at < len(content):
        start = at
        name, at = _text(content, at, order)
        _, labels = struct.unpack_from(f"{order}2i", content, at)
        at += 8
        for _ in range(2 * labels):
            _, at = _text(content, at, order)
        kept.append(content[start:at] if name.upper() not in names.every else b"")
    return b"".join(kept)


def _without_long_missing(content: bytes, order: str, names: _Names) -> bytes:
    """Cut missing values of long texts: name, number of values, their length, and the values."""
    kept = []
    at = 0
    while at < len(content):
        start = at
        name, at = _text(content, at, order)
        values = content[at]
        (length,) = struct.unpack_from(f"{order}i", content, at + 1)
        at += 5 + values * length
        kept.append(content[start:at] if name.upper() not in names.every else b"")
    return b"".join(kept)


def _text(content: bytes, at: int, order: str) -> tuple[bytes, int]:
    """Return a text that stands behind its length, and where it ends."""
    (length,) = struct.unpack_from(f"{order}i", content, at)
    end = at + 4 + length
    if length < 0 or end > len(content):
        raise ValueError("a text that goes on behind its record")
    return content[at + 4 : end], end


WITHOUT: dict[int, Callable[[bytes, str, _Names], bytes]] = {
    5: _without_members,
    7: _without_answers,
    LONG_NAMES: _without_names,
    LONG_TEXTS: _without_names,
    18: _without_attributes,
    19: _without_answers,
    21: _without_long_labels,
    22: _without_long_missing,
}
"""Extensions that name variables, by their number, and what cuts variables out of each."""
