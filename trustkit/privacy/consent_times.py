"""Times in consent records: always with a zone, kept in UTC."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from trustkit.errors import DataError

DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d{1,3})Y)?(?:(?P<months>\d{1,4})M)?(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,8})M)?(?:(?P<seconds>\d{1,9})S)?)?"
)
"""A length of time as ISO 8601 writes it, such as P12M."""

EPOCH = re.compile(r"\d{9,10}|\d{12,13}")
"""Seconds, or thousandths of a second, since the start of 1970, between 1973 and 2286."""

THOUSANDTHS = 12
MONTHS = 12
FIRST, LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Consents were given between these times; others come from damaged cells."""

NO_ZONE = "the time has no zone"
ZONE_DO = 'write it as 2026-05-03T10:00:00+02:00 or with Z for UTC, or give zone="Europe/Paris"'


class UnreadTimeError(ValueError):
    """A time that can't be read: what is wrong, and what to do.

    Parameters
    ----------
    what, do
        What is wrong, and what the user can do about it.
    """

    def __init__(self, what: str, do: str) -> None:
        self.what, self.do = what, do
        super().__init__(what)


def known_zone(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its name, such as ``Europe/Paris``.

    Raises
    ------
    DataError
        If the system knows no zone of that name.

    Examples
    --------
    >>> known_zone("Europe/Paris").key
    'Europe/Paris'
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DataError(
            "the time zone is unknown", got=name, expected="a name such as Europe/Paris or UTC",
            do="correct zone",
        ) from None  # fmt: skip


def read_time(written: str, zone: tzinfo | None, *, ends: bool = False) -> datetime:
    """Read a time of a consent record, in UTC.

    A time without a zone is read in the zone given, and refused if none is; in the hour that the end of
    summer time repeats, it is the earlier one. A date is the start of its day, or, as an end, the end of it.

    Parameters
    ----------
    written
        ISO 8601, or whole seconds or thousandths since the start of 1970.
    zone
        The zone of times without one.
    ends
        Whether a date stands for the end of its day.

    Raises
    ------
    UnreadTimeError
        If it is no time, has no zone, or no consent can have been given then.

    Examples
    --------
    >>> read_time("2026-05-03T10:00:00+02:00", None).isoformat()
    '2026-05-03T08:00:00+00:00'
    >>> read_time("2026-05-03", known_zone("Europe/Paris"), ends=True).isoformat()
    '2026-05-03T22:00:00+00:00'
    """
    text = written.strip()
    if EPOCH.fullmatch(text):
        moment = datetime.fromtimestamp(int(text) / (1000 if len(text) >= THOUSANDTHS else 1), UTC)
    else:
        moment = _iso(text, ends=ends)
        if moment.tzinfo is None:
            if zone is None:
                raise UnreadTimeError(NO_ZONE, ZONE_DO)
            moment = moment.replace(tzinfo=zone)
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            raise UnreadTimeError("the time is out of range", "correct it") from None
    if not FIRST <= moment < LAST:
        raise UnreadTimeError("the time is out of range", f"give a time from {FIRST:%Y} to {LAST:%Y}")
    return moment


def _iso(text: str, *, ends: bool) -> datetime:
    try:
        if DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text) + timedelta(days=ends), time())
        return datetime.fromisoformat(text.removesuffix(" UTC") + "+00:00" if text.endswith(" UTC") else text)
    except (ValueError, OverflowError):
        raise UnreadTimeError("this is not a time", "write it as 2026-05-03T10:00:00Z") from None


def after(start: datetime, duration: str) -> datetime:
    """Return the end of a length of time, such as P12M; a month's missing day is its last.

    Raises
    ------
    UnreadTimeError
        If it is no length of time.

    Examples
    --------
    >>> after(datetime(2026, 1, 31, tzinfo=UTC), "P1M").isoformat()
    '2026-02-28T00:00:00+00:00'
    """
    parts = DURATION.fullmatch(duration.strip())
    if parts is None:
        raise UnreadTimeError("this is not a length of time", "write it as P12M or P30D")
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    try:
        month = start.month - 1 + months + MONTHS * years
        first = date(start.year + month // MONTHS, month % MONTHS + 1, 1)
        following = date(first.year + first.month // MONTHS, first.month % MONTHS + 1, 1)
        day = min(start.day, (following - first).days)
        moved = datetime.combine(first.replace(day=day), start.timetz())
        return moved + timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        raise UnreadTimeError("the length of time is too long", "write it as P12M or P30D") from None
