"""Why data are held: the purposes that respondents were told, the legal basis, and how long data are kept."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypedDict, get_args

from trustkit.errors import CodebookError
from trustkit.field_kinds import accepts_fields

if TYPE_CHECKING:
    from trustkit.yaml_documents import Entry

Basis = Literal[
    "not stated",
    "consent",
    "explicit consent",
    "contract",
    "legal obligation",
    "vital interests",
    "public task",
    "legitimate interests",
    "not personal",
]
"""The legal bases of GDPR Art. 6(1), explicit consent as Art. 9(2)(a) asks for it, and data of no person."""

Special = Literal[
    "none",
    "racial or ethnic origin",
    "political opinions",
    "religious or philosophical beliefs",
    "trade union membership",
    "genetic data",
    "biometric data",
    "health",
    "sex life or sexual orientation",
]
"""The special categories of personal data (GDPR Art. 9(1))."""

Stage = Literal["", "fieldwork", "cleaning"]

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")

MONTHS_OF_YEAR = 12

MOST_MONTHS = 1200
"""Months after a stage; more than a hundred years is a slip."""


@dataclass(frozen=True)
class Purpose:
    """One purpose, as respondents were told.

    Attributes
    ----------
    wording
        The words that respondents read.
    record
        What says who agreed: a column of the data, or the name of a file of consent records.
    agreed
        Where `record` is a column: the answers that mean yes. Every other answer is a refusal.
    version
        The version of the wording. Consent to another version is not consent to this one.

    Examples
    --------
    >>> Purpose("We compare how people trust brands.", record="allow", agreed=("Yes",)).agreed
    ('Yes',)
    """

    wording: str
    record: str = ""
    agreed: tuple[str, ...] = ()
    version: str = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)


@dataclass(frozen=True)
class KeepUntil:
    """How long a column is kept: until a date, or some months after a stage of the study.

    Attributes
    ----------
    date
        The last day, as ``2026-03-31``; empty if it depends on a stage.
    months
        Whole months after the stage.
    after
        ``fieldwork`` (its last day), or ``cleaning`` (cleaned data must not hold the column).

    Examples
    --------
    >>> KeepUntil(months=24, after="fieldwork").last_day("4 to 2024-03-31")
    datetime.date(2026, 3, 31)
    >>> print(KeepUntil(months=24, after="fieldwork"))
    24 months after the end of fieldwork
    """

    date: str = ""
    months: int = 0
    after: Stage = ""

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and a date that is none."""
        accepts_fields(self)
        if self.date and iso_day(self.date) is None:
            raise CodebookError(
                "the last day is not a day of the calendar", where="keep_until", got=repr(self.date),
                do="write it as 2026-03-31",
            )  # fmt: skip
        if not 0 <= self.months <= MOST_MONTHS:
            raise CodebookError(
                "the months of a term are out of range", where="keep_until", got=str(self.months),
                expected=f"0 to {MOST_MONTHS:,}", do="correct months",
            )  # fmt: skip

    def __str__(self) -> str:
        """Return the term in words."""
        if self.after == "cleaning":
            return "until the data are cleaned"
        if self.after == "fieldwork":
            return f"{self.months} months after the end of fieldwork"
        return f"until {self.date}"

    def last_day(self, fieldwork: str) -> dt.date | None:
        """Return the last day on which the column may be kept; None if no calendar says it.

        Parameters
        ----------
        fieldwork
            `Codebook.fieldwork`: the last ISO date in it is the end of fieldwork.
        """
        if self.after == "fieldwork":
            end = last_date(fieldwork)
            return None if end is None else months_later(end, self.months)
        return dt.date.fromisoformat(self.date) if self.date else None

    def stated(self) -> object:
        """Return the term as it stands in a codebook."""
        if self.date:
            return self.date
        return {**({"months": self.months} if self.months else {}), "after": self.after}


class Described(TypedDict):
    """The fields of a `Variable` that say why it is held and for how long."""

    basis: Basis
    special: Special
    permission: tuple[str, ...]
    keep_until: KeepUntil | None


def last_date(words: str) -> dt.date | None:
    """Return the last calendar day written as ISO 8601 in some words; None if there is none.

    Examples
    --------
    >>> last_date("2024-03-04 to 2024-03-31 (invented)"), last_date("spring of 2024")
    (datetime.date(2024, 3, 31), None)
    """
    days = []
    for text in ISO_DATE.findall(words):
        day = iso_day(text)
        if day is not None:
            days.append(day)
    return max(days, default=None)


def iso_day(text: str) -> dt.date | None:
    """Return a calendar day written as ISO 8601; None if the text is not one.

    Examples
    --------
    >>> iso_day("2024-02-29"), iso_day("2023-02-29"), iso_day("20240229")
    (datetime.date(2024, 2, 29), None, None)
    """
    try:
        return dt.date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or the last day of a month that is shorter.

    Examples
    --------
    >>> months_later(dt.date(2024, 1, 31), 1), months_later(dt.date(2024, 3, 31), 24)
    (datetime.date(2024, 2, 29), datetime.date(2026, 3, 31))
    """
    years, month = divmod(day.month - 1 + months, MONTHS_OF_YEAR)
    if day.year + years >= dt.MAXYEAR:  # an end of fieldwork such as 9999-12-31 means no end
        return dt.date.max
    first = dt.date(day.year + years, month + 1, 1)
    after = dt.date(first.year + first.month // MONTHS_OF_YEAR, first.month % MONTHS_OF_YEAR + 1, 1)
    return min(first + dt.timedelta(days=day.day - 1), after - dt.timedelta(days=1))


def read_described(entry: Entry) -> Described:
    """Read why a variable is held and for how long, noting faults."""
    permission = entry.child("permission").texts()
    for name in dict.fromkeys(name for name in permission if permission.count(name) > 1):
        entry.child("permission").fault(f"the purpose {name!r} is listed twice", "list it once")
    return {
        "basis": entry.child("basis").choice(get_args(Basis), "not stated"),
        "special": entry.child("special").choice(get_args(Special), "none"),
        "permission": permission,
        "keep_until": read_keep_until(entry.child("keep_until")) if entry.has("keep_until") else None,
    }


def read_keep_until(entry: Entry) -> KeepUntil:
    """Read how long a column is kept: an ISO date, or months after a stage."""
    if not isinstance(entry.value, dict):
        text = entry.text()
        if text and iso_day(text) is None:
            entry.fault(f"{text!r} is not a day of the calendar", "write it as 2026-03-31")
            text = ""
        return KeepUntil(date=text)
    entry.keys(["months", "after"], needed=["after"])
    after = entry.child("after").choice(get_args(Stage)[1:], "fieldwork")
    months = entry.child("months").number(0.0)
    if months != int(months) or not 0 <= months <= MOST_MONTHS:
        entry.child("months").fault(f"got {months:g}", f"write a whole number of months up to {MOST_MONTHS}")
        months = 0
    if after == "cleaning" and months:
        entry.child("months").fault(
            "a column kept until the data are cleaned takes no months", "leave months out"
        )
        months = 0
    return KeepUntil(months=int(months), after=after)


def read_purposes(entry: Entry) -> dict[str, Purpose]:
    """Read the purposes of a study, noting faults."""
    purposes = {}
    for key, item in entry.children():
        if not isinstance(item.value, dict):
            purposes[str(key)] = Purpose(item.text())
            continue
        item.keys(["wording", "record", "agreed", "version"], needed=["wording"])
        record, agreed = item.child("record").text(), item.child("agreed").texts()
        if agreed and not record:
            item.child("agreed").fault("no column holds these answers", "name it under record")
        purposes[str(key)] = Purpose(
            item.child("wording").text(), record, agreed, item.child("version").text()
        )
    return purposes
