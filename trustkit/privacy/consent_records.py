"""Consent records as a frame: who agreed to what, when, and for how long; checked before they are used."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING, Protocol, get_args, runtime_checkable

import pandas as pd

from trustkit.arguments import FRAME, ArgumentKind
from trustkit.errors import DataError, Faults, first_few, suggest
from trustkit.privacy.consent_tables import BASES
from trustkit.privacy.consent_times import UnreadTimeError, read_time
from trustkit.privacy.consents import OTHER_BASES, Status
from trustkit.survey.permissions import CONSENTED
from trustkit.survey.quoted_cells import quoted_cell
from trustkit.survey.respondent_ids import cell_text, id_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DATE_LENGTH = len("2026-05-03")

NEEDED = ("subject", "purpose", "status", "at")
"""The columns that records must have."""

OPTIONAL = ("until", "basis", "version")
"""The columns that records may have."""

MOST_STATUSES = 5
"""How many unknown statuses or bases a message lists; more statuses are counted."""

KNOWN_BASES = ("", *BASES, *OTHER_BASES)
"""What a record may rest on."""


@runtime_checkable
class HasFrame(Protocol):
    """An object that turns into a frame, as consent records that were read from a file do."""

    def to_frame(self) -> pd.DataFrame:
        """Return one row per record."""


Records = pd.DataFrame | HasFrame

RECORDS = ArgumentKind(
    lambda value: FRAME.fits(value) or isinstance(value, HasFrame),
    "a frame of consent records, or an object with to_frame()",
    f"give tk.read_consents(FILE), or a frame with the columns {', '.join((*NEEDED, *OPTIONAL))}",
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
        empty ``purpose`` means every purpose, and a consent has to name one.

    Raises
    ------
    DataError
        With every fault: columns that are missing, unknown statuses and bases, records without subject or
        time, consents that name no purpose, end before they were given or rest on another basis than consent,
        and times without a zone.

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
    twice = [name for name in (*NEEDED, *OPTIONAL) if (frame.columns == name).sum() > 1]
    if twice:
        raise DataError("two columns share a name", where="records", got=twice[0], do="rename one of them")
    faults = Faults("the consent records", DataError)
    known = get_args(Status)
    unknown = [value for value in frame["status"].dropna().unique() if value not in known]
    for value in unknown[:MOST_STATUSES]:
        faults.add(f"no status {quoted_cell(value, None)}", where="status", do=suggest(value, known))
    if len(unknown) > MOST_STATUSES:
        faults.add(
            f"{len(unknown) - MOST_STATUSES:,} more unknown statuses", where="status",
            do="check that this column holds the statuses",
        )  # fmt: skip
    bases = _texts(frame, "basis", cell_text).str.casefold()
    for value in [value for value in bases.unique() if value not in KNOWN_BASES][:MOST_STATUSES]:
        faults.add(f"no basis {quoted_cell(value, None)}", where="basis", do=suggest(value, BASES))
    other = bases.isin(KNOWN_BASES) & ~bases.isin(["", *CONSENTED])
    unlawful = frame.index[(frame["status"] == "given") & other]
    if len(unlawful):
        faults.add(
            f"consents that rest on another basis: {len(unlawful):,} (first at rows {first_few(unlawful)})",
            where="basis", do="write the status shown, or the basis consent",
        )  # fmt: skip
    for name in ("subject", "status", "at"):
        empty = frame.index[frame[name].isna() | (frame[name].astype(str).str.strip() == "")]
        if len(empty):
            faults.add(
                f"records without {name}: {len(empty):,} (first at rows {first_few(empty)})",
                where=name, do="complete them, or leave these records out",
            )  # fmt: skip
    aimless = frame.index[(frame["status"] == "given") & (_texts(frame, "purpose", cell_text) == "")]
    if len(aimless):
        faults.add(
            f"consents that name no purpose: {len(aimless):,} (first at rows {first_few(aimless)})",
            where="purpose", do="name the purpose that each was given for",
        )  # fmt: skip
    plain = pd.DataFrame(
        {
            "subject": _texts(frame, "subject", id_text),
            "purpose": _texts(frame, "purpose", cell_text),
            "status": frame["status"].astype("str"),
            "at": moments(frame["at"], "at", faults),
            "until": moments(_column(frame, "until"), "until", faults, last=True),
            "version": _texts(frame, "version", cell_text),
        }
    )
    ended = plain.index[plain["until"] <= plain["at"]]
    if len(ended):
        faults.add(
            f"consents that end before they were given: {len(ended):,} (first at rows {first_few(ended)})",
            where="until", do="correct the time of the end",
        )  # fmt: skip
    faults.refuse(where="records")
    return plain


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or an empty one."""
    return frame[name] if name in frame else pd.Series(None, index=frame.index, dtype="object")


def _texts(frame: pd.DataFrame, name: str, text_of: Callable[[object], str]) -> pd.Series:
    """Return a column as text, with letters composed; "" where it is missing."""
    column = _column(frame, name)
    texts = [unicodedata.normalize("NFC", text_of(cell)) for cell in column]
    return pd.Series(texts, index=column.index, dtype="str")


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
    read: list[dt.datetime | None] = []
    wrong: dict[tuple[str, str], list[object]] = {}
    for row, value in column.items():
        text = "" if pd.isna(value) else _written(value)
        moment = None
        try:
            moment = (
                read_time(text, dt.UTC if len(text) == DATE_LENGTH else None, ends=last) if text else None
            )
        except UnreadTimeError as fault:
            wrong.setdefault((fault.what, fault.do), []).append(row)
        read.append(moment)
    for (what, do), rows in wrong.items():
        faults.add(f"{what} in {len(rows):,} records (first at rows {first_few(rows)})", where=name, do=do)
    return pd.Series(read, index=column.index, dtype="datetime64[us, UTC]")


def _written(value: object) -> str:
    """Return a value as ISO 8601 writes it; a datetime at midnight without a zone is a date."""
    if isinstance(value, dt.datetime):
        is_date = value.tzinfo is None and value.time() == dt.time()
        return value.date().isoformat() if is_date else value.isoformat()
    return str(value).strip()


def purposes_recorded(frame: pd.DataFrame) -> Sequence[str]:
    """Return the purposes that records name, each once, in order."""
    return [str(name) for name in frame["purpose"].unique() if name]
