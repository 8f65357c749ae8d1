"""What reading a consent file gathers: decisions, counts, states, and every fault with its row and field."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.errors import DataError, Faults
from trustkit.estimation.consent_definitions import word_key
from trustkit.files.delimited import read_grid
from trustkit.files.grids import header_names
from trustkit.privacy.consent_times import UnreadTimeError, read_time
from trustkit.privacy.consents import COLUMNS, DEVICES, Consents, aggregates_of, settled
from trustkit.privacy.pseudonyms import pseudonyms_of
from trustkit.survey.personal_looks import LOOKS
from trustkit.survey.quoted_cells import quoted_cell, quoted_names
from trustkit.survey.respondent_ids import id_text
from trustkit.survey.variable import Variable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from trustkit.privacy.consents import Status

MOST_FAULTS = 50
"""How many faults a message lists; more are counted."""

CONTACT = tuple(re.compile(LOOKS[kind]) for kind in ("e-mail addresses", "telephone numbers"))
"""What subjects look like that anybody can contact."""

MOMENTS = Variable("at", "Time", "date")
"""A column of times: cells that look like times may be quoted."""

KEY_DO = "give key: the file of tk.make_key, under which subjects become pseudonyms"


@dataclass
class Place:
    """A row of a table, or an entry of a document: where a fault is."""

    file: str
    words: str


@dataclass
class Reading:
    """A consent file while it is read.

    Attributes
    ----------
    name
        The file's name.
    zone
        The zone of times without one.
    key
        The key for pseudonyms, or None.
    rows, counts, states, notes
        Decisions, counts, tracking states and remarks so far.
    left_out
        Reason -> how many records were left out.
    faults, more
        The faults listed, and how many more there are.
    lacking
        How many TCF strings lack the vendors that must be listed.
    device
        The app of the row that is read, and whether it shows the prompt.
    """

    name: str
    zone: ZoneInfo | None = None
    key: bytes | None = None
    rows: list[tuple[object, ...]] = field(default_factory=list)
    counts: list[dict[str, object]] = field(default_factory=list)
    states: list[tuple[str, str, str, str, datetime | None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)
    faults: Faults = field(init=False)
    more: int = 0
    lacking: int = 0
    device: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        self.faults = Faults("the consent file", DataError)

    def fault(self, place: Place, name: str, what: str, do: str = "") -> None:
        """Record a fault of a field."""
        if len(self.faults) >= MOST_FAULTS:
            self.more += 1
            return
        where = ", ".join(part for part in (place.file, place.words, name) if part)
        self.faults.add(what, where=where, do=do)

    def time(self, place: Place, name: str, written: object, *, ends: bool = False) -> datetime | None:
        """Read a time; None, and a fault, if it can't be read."""
        if isinstance(written, bool) or not isinstance(written, str | int) or not str(written).strip():
            self.fault(place, name, "the time is missing", "each record needs its time")
            return None
        try:
            return read_time(str(written), self.zone, ends=ends)
        except UnreadTimeError as fault:
            self.fault(place, name, f"{fault.what}, got {quoted_cell(str(written), MOMENTS)}", fault.do)
            return None

    def whole(self, place: Place, name: str, written: object) -> int:
        """Read a count; 0, and a fault, if it is none."""
        text = str(written).strip()
        if isinstance(written, bool) or not re.fullmatch(r"\d{1,15}", text, re.ASCII):
            self.fault(
                place, name, f"this is not a count, got {quoted_cell(text, None)}", "give a whole number"
            )
            return 0
        return int(text)

    def add(
        self, place: Place, subject: object, purpose: object, status: Status, at: datetime | None,
        *, until: datetime | None = None, basis: str = "consent", version: object = "",
    ) -> None:  # fmt: skip
        """Record a decision; what it lacks is a fault."""
        name = id_text(subject)
        about = "" if purpose is None else str(purpose).strip()
        if not name:
            self.fault(place, "subject", "the record names nobody", "give an id to each record")
        elif self.key is None and any(pattern.fullmatch(name) for pattern in CONTACT):
            self.fault(place, "subject", "the subject is an address or a telephone number", KEY_DO)
        if not about and status in ("given", "expired"):
            self.fault(place, "purpose", "a consent names no purpose", "name the purpose it was given for")
        if at is not None and until is not None and until <= at:
            self.fault(place, "until", "the consent ends before it was given", "correct the time of its end")
        wording = "" if version is None else str(version).strip()
        self.rows.append((name, about, status, at, until, basis, wording, self.name))

    def leave_out(self, why: str) -> None:
        """Count a record that says nothing on consent."""
        self.left_out[why] = self.left_out.get(why, 0) + 1

    def result(self, kind: str) -> Consents:
        """Return what was read.

        Raises
        ------
        DataError
            With every fault, or if two subjects get the same pseudonym.
        """
        if self.more:
            self.faults.add(f"and {self.more:,} more", do="correct these first")
        self.faults.refuse(where=self.name)
        records = pd.DataFrame(self.rows, columns=list(COLUMNS))
        for name in ("subject", "purpose", "status", "basis", "version", "source"):
            records[name] = records[name].astype("str")
        for name in ("at", "until"):
            records[name] = pd.to_datetime(records[name], utc=True).astype("datetime64[us, UTC]")
        devices = pd.DataFrame(self.states, columns=list(DEVICES))
        devices["at"] = pd.to_datetime(devices["at"], utc=True).astype("datetime64[us, UTC]")
        devices = devices.sort_values("at", kind="stable", ignore_index=True)
        if self.key is not None:
            written = [*records["subject"], *devices["subject"]]
            names: Mapping[str, str] = pseudonyms_of(written, self.key, self.name)
            records["subject"] = records["subject"].map(names).astype("str")
            devices["subject"] = devices["subject"].map(names).astype("str")
        records, rules = settled(records)
        notes = [f"{count:,} left out: {why}." for why, count in self.left_out.items()]
        return Consents(
            records, aggregates_of(self.counts), devices, kind, self.name, (*self.notes, *rules, *notes)
        )


@dataclass(frozen=True)
class Table:
    """A delimited file, each cell as text and "" where it is empty.

    Attributes
    ----------
    where
        The file's name.
    names
        The columns as they are written, by their names without capitals, blanks and marks.
    columns
        The cells, by the same.
    """

    where: str
    names: Mapping[str, str]
    columns: Mapping[str, list[str]]

    def __iter__(self) -> Iterator[tuple[Place, dict[str, str]]]:
        """Yield each row with its place; the header is row 1."""
        keys = list(self.columns)
        for number, cells in enumerate(zip(*self.columns.values(), strict=True), start=2):
            yield Place(self.where, f"row {number:,}"), dict(zip(keys, cells, strict=True))

    def called(self, key: str) -> str:
        """Return a column's name as it is written."""
        return self.names.get(key, key)


def read_table(path: Path, where: str) -> Table:
    """Read a delimited file of consents.

    Raises
    ------
    DataError
        If it is no sound delimited file.
    """
    grid = read_grid(path)
    header = [cell.strip().strip('"').strip() for cell in grid.head[0]]
    names = header_names(header, where)
    frame = grid.body(1, names, names, "")
    columns: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    for name in names:
        key = word_key(name)
        if key in written:
            raise DataError(
                "two columns share a name",
                where=where,
                got=quoted_names([written[key], name], among=names),
                do="rename one of them",
            )
        written[key] = name
        cells = frame[name].astype("object").where(frame[name].notna(), "")
        columns[key] = [str(cell).strip().strip('"').strip() for cell in cells]
    return Table(where, written, columns)
