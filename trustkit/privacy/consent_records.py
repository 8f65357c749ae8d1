"""Consent records as a frame: who agreed to what, when, and for how long; checked before they are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, get_args, runtime_checkable

import pandas as pd

from trustkit.arguments import FRAME, ArgumentKind
from trustkit.errors import DataError, Faults, first_few, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

Status = Literal["given", "refused", "withdrawn", "expired", "shown"]

NEEDED = ("subject", "purpose", "status", "at")
"""The columns that records must have."""

OPTIONAL = ("until", "version")
"""The columns that records may have."""


@runtime_checkable
class HasFrame(Protocol):
    """An object that turns into a frame, as consent records that were read from a file do."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row per record."""


Records = pd.DataFrame | HasFrame

RECORDS = ArgumentKind(
    lambda value: FRAME.fits(value) or isinstance(value, HasFrame),
    "a frame of consent records, or an object with to_frame()",
    f"give a frame with the columns {', '.join((*NEEDED, *OPTIONAL))}",
)


def records_frame(records: Records) -> pd.DataFrame:
    """Return consent records as a frame with checked columns and times.

    Parameters
    ----------
    records
        A frame, or an object with ``to_frame()``. ``at`` and ``until`` are dates, or times with a zone.

    Returns
    -------
    DataFrame
        ``subject``, ``purpose``, ``status``, ``at``, ``until`` and ``version``. Times are in UTC. A date
        stands for its first moment in ``at`` and for its last in ``until``; a date is a day in UTC. An
        empty ``purpose`` means every purpose.

    Raises
    ------
    DataError
        With every fault: columns that are missing, unknown statuses, records without subject or time, and
        times without a zone.

    Examples
    --------
    >>> given = {"subject": ["a"], "purpose": ["research"], "status": ["given"], "at": ["2024-03-04"]}
    >>> records_frame(pd.DataFrame(given))["at"].tolist()
    [Timestamp('2024-03-04 00:00:00+0000', tz='UTC')]
    """
    frame = records if isinstance(records, pd.DataFrame) else records.to_frame()
    missing = [name for name in NEEDED if name not in frame]
    if missing:
        raise DataError(
            "the consent records lack columns",
            where="records", got=f"no {', '.join(missing)}", expected=", ".join((*NEEDED, *OPTIONAL)),
            do=suggest(missing[0], frame.columns),
        )  # fmt: skip
    faults = Faults("the consent records", DataError)
    known = get_args(Status)
    for value in frame["status"].dropna().unique():
        if value not in known:
            faults.add(f"no status {value!r}", where="status", do=suggest(value, known))
    for name in ("subject", "status", "at"):
        empty = frame.index[frame[name].isna() | (frame[name].astype(str).str.strip() == "")]
        if len(empty):
            faults.add(
                f"{len(empty):,} records have no {name} (first at rows {first_few(empty)})",
                where=name, do="complete them, or leave these records out",
            )  # fmt: skip
    plain = pd.DataFrame(
        {
            "subject": frame["subject"].astype("str"),
            "purpose": _texts(frame, "purpose"),
            "status": frame["status"].astype("str"),
            "at": moments(frame["at"], "at", faults),
            "until": moments(_column(frame, "until"), "until", faults, last=True),
            "version": _texts(frame, "version"),
        }
    )
    faults.refuse(where="records")
    return plain


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or an empty one."""
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype="object")


def _texts(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text without blanks around it; "" where it is missing."""
    return _column(frame, name).astype("str").fillna("").str.strip()


def moments(column: pd.Series, name: str, faults: Faults, *, last: bool = False) -> pd.Series:
    """Return dates and zoned times as moments in UTC, and record an error for times without a zone.

    Parameters
    ----------
    column
        Dates (``2024-03-04``), times with a zone as text, or datetimes.
    name
        The column's name, for errors.
    faults
        Where errors are recorded.
    last
        Whether a date stands for its last moment, not for its first.
    """
    read: list[pd.Timestamp | None] = []
    wrong: dict[str, list[object]] = {"is not a date or a time": [], "has no time zone": []}
    for row, value in column.items():
        moment = _moment(value)
        empty = pd.isna(value) or str(value).strip() == ""
        if moment is None and not empty:
            wrong["is not a date or a time"].append(row)
        if moment is not None and moment.tzinfo is None:
            if moment != moment.normalize():
                wrong["has no time zone"].append(row)
            moment = moment.tz_localize("UTC")
            moment += pd.Timedelta(days=1, microseconds=-1) if last else pd.Timedelta(0)
        read.append(moment)
    advice = {
        "is not a date or a time": "write 2024-03-04, or 2024-03-04T12:30:00+01:00",
        "has no time zone": "write it as 2024-03-04T12:30:00+01:00, or give the date alone",
    }
    for what, rows in wrong.items():
        if rows:
            faults.add(
                f"{name} {what} in {len(rows):,} records (first at rows {first_few(rows)})",
                where=name, do=advice[what],
            )  # fmt: skip
    return pd.Series(read, index=column.index, dtype="datetime64[us, UTC]")


def _moment(value: object) -> pd.Timestamp | None:
    """Return a value as a moment; None if it is none."""
    try:
        moment = pd.Timestamp(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
    return moment if isinstance(moment, pd.Timestamp) else None


def purposes_recorded(frame: pd.DataFrame) -> Sequence[str]:
    """Return the purposes that records name, each once, in order."""
    return [str(name) for name in frame["purpose"].unique() if name]
