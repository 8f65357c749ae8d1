"""A Stata file without some variables: their descriptions, notes, labels that only they had, and cells.

Files of Stata 8 to 12 (formats 113 to 115) and 13 to 18 (117 to 119) can be written; StataCorp describes
their layout in "File formats .dta".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NoReturn

from trustkit.erasure.erased_stata_rows import (
    OLD_FORMATS,
    OLD_HEADER,
    TAGGED,
    StataTable,
    renumbered,
    stata_table,
)
from trustkit.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

OLD_NAME, OLD_LABEL = 33, 81
"""Bytes of a name and of a label in old files."""

NAMES = {117: (2, 33, 49, 81), 118: (2, 129, 57, 321), 119: (4, 129, 57, 321)}
"""Release -> bytes of a number of variables, of a name, a format and a label."""

PARTS = (
    b"variable_types", b"varnames", b"sortlist", b"formats", b"value_label_names", b"variable_labels",
    b"characteristics", b"data", b"strls", b"value_labels",
)  # fmt: skip
"""The parts of a file, in their order, from the third place of its map on."""

EACH = (b"variable_types", b"varnames", b"formats", b"value_label_names", b"variable_labels")
"""Those that are lists of entries of one length, one for each variable."""

FIRST_PART = 2
"""Which place of the map is that of the first of these parts."""

NOTE = re.compile(rb"<ch>(....)", re.DOTALL)
LABELS = re.compile(rb"<lbl>(....)", re.DOTALL)
"""How a note of a variable, and a list of labels, start: with their length."""

PADDING = 3
"""Bytes between the name of a list of labels and the list."""


@dataclass(frozen=True)
class _Written:
    """How a file writes what it says of its variables.

    Attributes
    ----------
    table
        The table.
    columns
        How many variables there are.
    gone
        Which of them go, from 0.
    name_bytes
        The length of a name.
    """

    table: StataTable
    columns: int
    gone: frozenset[int]
    name_bytes: int

    def each(self, content: bytes) -> list[bytes]:
        """Return what a list says of the variables that stay, all entries of the same length."""
        size = len(content) // self.columns
        if size * self.columns != len(content):
            raise ValueError(f"{len(content):,} bytes that describe {self.columns:,} variables")
        return [content[at * size :][:size] for at in range(self.columns) if at not in self.gone]

    def kept(self, content: bytes) -> bytes:
        """Return a list without the variables that go."""
        return b"".join(self.each(content))

    def names(self, content: bytes, *, gone: bool) -> set[bytes]:
        """Return the names in a list, those of the variables that go or of the others; b"" is no name."""
        size = len(content) // self.columns
        entries = (content[at * size :][:size] for at in range(self.columns) if (at in self.gone) == gone)
        return {entry.partition(b"\0")[0] for entry in entries} - {b""}

    def sorting(self, content: bytes) -> bytes:
        """Return the variables that rows are sorted by, up to the first that goes."""
        size = len(content) // (self.columns + 1)
        order = self.table.order
        numbers: list[int] = []
        for at in range(self.columns):
            number = int.from_bytes(content[at * size :][:size], order)
            if number == 0 or number - 1 in self.gone:
                break
            numbers.append(number - sum(place < number - 1 for place in self.gone))
        left = self.columns - len(self.gone) + 1
        return b"".join(number.to_bytes(size, order) for number in numbers).ljust(size * left, b"\0")

    def rows(self, raw: bytes) -> list[bytes]:
        """Return the rows of the table without the cells of the variables that go."""
        start, width = self.table.start, self.table.width
        cells = []
        at = 0
        for place, size in enumerate(self.table.widths):
            if place not in self.gone:
                cells.append(slice(at, at + size))
            at += size
        rows = (raw[start + row * width :][:width] for row in range(self.table.count))
        return [b"".join(row[cell] for cell in cells) for row in rows]

    def table_left(self) -> StataTable:
        """Return how the rows are written without the variables that go."""
        kept = [place for place in range(self.columns) if place not in self.gone]
        return replace(
            self.table,
            widths=tuple(self.table.widths[place] for place in kept),
            long_texts=tuple(new for new, old in enumerate(kept) if old in self.table.long_texts),
        )


def stata_without_columns(path: Path, places: Collection[int]) -> bytes:
    """Return a Stata file without some of its variables.

    Parameters
    ----------
    path
        The file.
    places
        Which variables go, from 0, in the order of the file.

    Raises
    ------
    DataError
        If the file is of a version that is not known here, or its parts are not where they must be.
    """
    raw = path.read_bytes()
    table = stata_table(raw)
    try:
        if table is None:
            _refuse_unknown()
        if TAGGED.match(raw):
            return _tagged(raw, table, frozenset(places))
        return _old(raw, table, frozenset(places))
    except (ValueError, IndexError) as fault:
        raise DataError(
            "a column can't be removed from this Stata file",
            where=path.as_posix(), got=str(fault), expected="a file of Stata 8 to 18",
            do="save it with Stata 13 or later, write its digest into SHA256SUMS, and expire again",
        ) from None  # fmt: skip


def _refuse_unknown() -> NoReturn:
    raise ValueError("a table that is not where it must be, or a version that is not known")


def _tagged(raw: bytes, table: StataTable, gone: frozenset[int]) -> bytes:
    """Return a file of Stata 13 or later without some variables."""
    order = table.order
    number_bytes, name_bytes, _, _ = NAMES[table.release]
    match = TAGGED.match(raw)
    at = match.end() if match else 0
    columns = int.from_bytes(raw[at : at + number_bytes], order)
    written = _Written(table, columns, gone, name_bytes)
    parts = _parts(raw)
    names = parts[b"varnames"]
    labelled = parts[b"value_label_names"]
    lost_labels = written.names(labelled, gone=True) - written.names(labelled, gone=False)
    rows = written.rows(raw)
    tail = b"</data><strls>" + parts[b"strls"] + b"</strls>"
    if table.long_texts:
        rows, tail, _ = renumbered(written.table_left(), rows, tail)
    new = {
        **{part: written.kept(parts[part]) for part in EACH},
        b"sortlist": written.sorting(parts[b"sortlist"]),
        b"characteristics": _notes(parts[b"characteristics"], written, written.names(names, gone=True)),
        b"data": b"".join(rows),
        b"strls": tail.removeprefix(b"</data><strls>").removesuffix(b"</strls>"),
        b"value_labels": _labels(parts[b"value_labels"], written, lost_labels),
    }
    mapped = raw.index(b"<map>")
    head = bytearray(raw[: mapped + len(b"<map>") + 14 * 8 + len(b"</map>")])
    head[at : at + number_bytes] = (columns - len(gone)).to_bytes(number_bytes, order)
    places = [0, mapped]
    body = b""
    for part in PARTS:
        places.append(len(head) + len(body))
        body += b"<" + part + b">" + new[part] + b"</" + part + b">"
    end = b"</stata_dta>"
    places += [len(head) + len(body), len(head) + len(body) + len(end)]
    start = mapped + len(b"<map>")
    head[start : start + 14 * 8] = b"".join(place.to_bytes(8, order) for place in places)
    return bytes(head) + body + end


def _parts(raw: bytes) -> dict[bytes, bytes]:
    """Return the parts of a file of Stata 13 or later, without their tags."""
    order = "little" if b"<byteorder>LSF" in raw[:100] else "big"
    start = raw.index(b"<map>") + len(b"<map>")
    places = [int.from_bytes(raw[start + 8 * n :][:8], order) for n in range(14)]  # type: ignore[arg-type]
    found = {}
    for number, part in enumerate(PARTS, FIRST_PART):
        whole = raw[places[number] : places[number + 1]]
        opening, closing = b"<" + part + b">", b"</" + part + b">"
        if not whole.startswith(opening) or not whole.endswith(closing):
            raise ValueError(f"the part {part.decode()} is not where the file says")
        found[part] = whole[len(opening) : -len(closing)]
    return found


def _notes(content: bytes, written: _Written, names: Collection[bytes]) -> bytes:
    """Return the notes of variables without those of some variables."""
    kept = []
    at = 0
    while match := NOTE.match(content, at):
        end = match.end() + int.from_bytes(match[1], written.table.order) + len(b"</ch>")
        if content[match.end() : end].partition(b"\0")[0] not in names:
            kept.append(content[at:end])
        at = end
    if content[at:]:
        raise ValueError("notes that are written in an unknown way")
    return b"".join(kept)


def _labels(content: bytes, written: _Written, names: Collection[bytes]) -> bytes:
    """Return the lists of labels without some lists."""
    kept = []
    at = 0
    while match := LABELS.match(content, at):
        length = int.from_bytes(match[1], written.table.order)
        end = match.end() + written.name_bytes + PADDING + length + len(b"</lbl>")
        if content[match.end() : end].partition(b"\0")[0] not in names:
            kept.append(content[at:end])
        at = end
    if content[at:]:
        raise ValueError("lists of labels that are written in an unknown way")
    return b"".join(kept)


def _old(raw: bytes, table: StataTable, gone: frozenset[int]) -> bytes:
    """Return a file of Stata 8 to 12 without some variables."""
    order = table.order
    columns = len(table.widths)
    written = _Written(table, columns, gone, OLD_NAME)
    sizes = [1, OLD_NAME, 2, OLD_FORMATS[table.release], OLD_NAME, OLD_LABEL]
    lists = []
    at = OLD_HEADER
    for place, size in enumerate(sizes):
        end = at + size * (columns + (place == 2))  # noqa: PLR2004 - the sorting ends with a zero
        lists.append(raw[at:end])
        at = end
    types, names, sorting, formats, labelled, labels = lists
    head = bytearray(raw[:OLD_HEADER])
    head[4:6] = (columns - len(gone)).to_bytes(2, order)
    lost_labels = written.names(labelled, gone=True) - written.names(labelled, gone=False)
    described: Sequence[bytes] = [
        written.kept(types), written.kept(names), written.sorting(sorting), written.kept(formats),
        written.kept(labelled), written.kept(labels),
    ]  # fmt: skip
    notes = _old_notes(raw[at : table.start], written, written.names(names, gone=True))
    behind = raw[table.start + table.count * table.width :]
    return b"".join([head, *described, notes, *written.rows(raw), _old_labels(behind, written, lost_labels)])


def _old_notes(content: bytes, written: _Written, names: Collection[bytes]) -> bytes:
    """Return the fields of notes without those of some variables; the last field has no content."""
    kept = []
    at = 0
    while at < len(content):
        end = at + 5 + int.from_bytes(content[at + 1 : at + 5], written.table.order)
        if content[at + 5 : end].partition(b"\0")[0] not in names:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)


def _old_labels(content: bytes, written: _Written, names: Collection[bytes]) -> bytes:
    """Return the lists of labels without some lists."""
    kept = []
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 4], written.table.order)
        end = at + 4 + OLD_NAME + PADDING + length
        if content[at + 4 : end].partition(b"\0")[0] not in names:
            kept.append(content[at:end])
        at = end
    return b"".join(kept)
