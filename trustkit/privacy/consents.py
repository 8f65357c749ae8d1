"""Consent records: what each subject decided for each purpose, and when; their last status at a date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

from trustkit.arguments import TEXT, ArgumentKind, accepts
from trustkit.display import Shown
from trustkit.errors import DataError, how_many
from trustkit.estimation.consent_counts import COUNTS
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.privacy.consent_times import UnreadTimeError, read_time
from trustkit.survey.permissions import CONSENTED

if TYPE_CHECKING:
    from collections.abc import Sequence

Status = Literal["shown", "given", "expired", "refused", "withdrawn"]
STATUSES: tuple[Status, ...] = get_args(Status)
"""From the least to the most protective: of several records of one moment the last of these holds."""

COLUMNS = ("subject", "purpose", "status", "at", "until", "basis", "version", "source")
AGGREGATES = ("unit", "purpose", "start", "end", *COUNTS)
DEVICES = ("subject", "app", "state", "prompts", "at")

IMPLIED = "implied consent"
"""The basis of records in which browsing on, or a setting of the site, was taken as consent."""

OPT_OUT, DEFAULT = "opt-out", "default"
"""The bases of signals of a law by which people opt out, and of settings that nobody chose."""

OTHER_BASES = (IMPLIED, OPT_OUT, DEFAULT)
"""What records that were read may rest on, apart from the bases of the law."""

ANY = "any purpose"
"""The purpose of counts of who gave at least one consent."""

MARKETING = "marketing"
"""The purpose whose consents are also counted as marketing."""

ALL_PURPOSES = "all purposes"
"""The purpose of records that name none, in a file that names none at all."""

MOMENT = ArgumentKind(
    lambda value: isinstance(value, str) or (isinstance(value, datetime) and not pd.isna(value)),
    "a date or a time with its zone",
    'write it as "2026-05-03" or "2026-05-03T10:00:00Z"',
)


def no_aggregates() -> pd.DataFrame:
    """Return a table of counts without rows.

    Examples
    --------
    >>> no_aggregates().columns[:2].tolist()
    ['unit', 'purpose']
    """
    return aggregates_of([])


def aggregates_of(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return counts as a frame: missing where a row does not say, whole numbers elsewhere.

    Examples
    --------
    >>> aggregates_of([{"unit": "devices", "opt_in": 3}])["opt_out"].isna().tolist()
    [True]
    """
    table = pd.DataFrame(rows, columns=list(AGGREGATES))
    texts = {name: table[name].astype("object").fillna("").astype("str") for name in ("unit", "purpose")}
    counts = {name: table[name].astype("Int64") for name in COUNTS}
    return table.assign(**texts, **counts)


@dataclass(frozen=True, eq=False, repr=False)
class Consents(Shown):
    r"""Consent records of subjects, or counts of them, as `read_consents` reads them.

    Attributes
    ----------
    records
        One row per decision: ``subject``, ``purpose``, ``status`` (given, refused, withdrawn, expired,
        shown), ``at``, ``until`` (both in UTC), ``basis``, ``version`` (of the wording or the banner) and
        ``source``. Sorted so that the last row of a subject and purpose is the one that holds.
    aggregates
        Counts: ``unit`` (what is counted), ``purpose``, ``start``, ``end``, ``opt_in``, ``opt_out``,
        ``implied``, ``explicit``, ``marketing`` and ``shown``; missing where the source does not say.
    devices
        Tracking states of app users, by time: ``subject``, ``app``, ``state`` (letters A to E, see
        `opt_in_rates`), ``prompts`` and ``at``.
    kind, source
        What kind of file was read, and its name.
    notes
        What was decided while reading: duplicates, contradictions, records left out.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "consents.csv"
    >>> _ = file.write_text(
    ...     "subject,purpose,status,at\n"
    ...     "P1,research,given,2026-01-05T10:00:00Z\n"
    ...     "P1,research,withdrawn,2026-03-01T09:00:00Z\n"
    ... )
    >>> consents = tk.read_consents(file)
    >>> consents.at("2026-02-01")["status"].tolist(), consents.at("2026-04-01")["status"].tolist()
    (['given'], ['withdrawn'])
    """

    records: pd.DataFrame
    aggregates: pd.DataFrame = field(default_factory=no_aggregates)
    devices: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(DEVICES)))
    kind: str = "own"
    source: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names, and frames that lack columns."""
        accepts_fields(self)
        accepts_columns(self, "records", COLUMNS)
        accepts_columns(self, "aggregates", AGGREGATES)
        accepts_columns(self, "devices", DEVICES)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per decision, sorted by subject, purpose and time.

        Returns
        -------
        DataFrame
            ``subject``, ``purpose``, ``status``, ``at``, ``until``, ``basis``, ``version``, ``source``.
        """
        return self.records.copy()

    def at(self, moment: str | datetime, *, version: str | None = None) -> pd.DataFrame:
        """Return the last status of each subject and purpose at a moment.

        Parameters
        ----------
        moment
            A time with its zone; or a date, which stands for the end of its day in UTC.
        version
            The version of the wording that a consent must have been given for. Consents for another one, an
            earlier or a later, are left out; refusals and withdrawals hold for every version. None: consents
            for any version count.

        Returns
        -------
        DataFrame
            One row per subject and purpose with a record until then, with the columns of `to_frame`. Where
            ``until`` has passed, the status given has become expired. That a banner was shown never replaces
            an earlier decision.

        Raises
        ------
        DataError
            If the moment is no date, or a time without a zone.

        Notes
        -----
        Of several records of the same moment the more protective holds: withdrawn, then refused, expired,
        given, shown.
        """
        accepts(moment=(moment, MOMENT), version=(version, TEXT.optional()))
        limit = pd.Timestamp(_moment(moment))
        past = (
            self.records[self.records["at"] < limit]
            if _is_date(moment)
            else self.records[self.records["at"] <= limit]
        )
        if version is not None:
            past = past[(past["status"] != "given") | (past["version"] == version)]
        decided = past["status"] != "shown"
        pairs = ["subject", "purpose"]
        last = pd.concat([past[~decided], past[decided]]).drop_duplicates(pairs, keep="last")
        over = (last["status"] == "given") & (last["until"] <= limit)
        last = last.assign(status=last["status"].mask(over, "expired"))
        return last.sort_values(pairs, kind="stable", ignore_index=True)

    def counts(self) -> pd.DataFrame:
        r"""Return counts of choices, as `consent_banner_rates` takes them.

        Returns
        -------
        DataFrame
            The columns of ``aggregates``: as they were read, or counted from the records. Then ``devices``
            counts each subject once, by its last decision, and ``device-days`` once for each day (in UTC) on
            which it decided. A purpose of its own, ``any purpose``, counts who gave at least one. ``shown``
            counts who saw the banner or decided; it is missing where the file has no views.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import trustkit as tk
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "consents.csv"
        >>> _ = file.write_text(
        ...     "subject,purpose,status,at\n"
        ...     "P1,ads,given,2026-01-05T10:00:00Z\n"
        ...     "P1,ads,given,2026-01-06T10:00:00Z\n"
        ...     "P2,ads,refused,2026-01-05T10:00:00Z\n"
        ... )
        >>> counts = tk.read_consents(file).counts()
        >>> counts.loc[counts["purpose"] == "ads", ["unit", "opt_in", "opt_out"]].values.tolist()
        [['devices', 1, 1], ['device-days', 2, 1]]
        """
        return self.aggregates.copy() if len(self.aggregates) else counts_of(self.records)

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        title = f"Consent records ({self.kind})"
        if not len(self.records):
            counts = self.aggregates.groupby(["unit", "purpose"], sort=False)[list(COUNTS)].sum(min_count=1)
            return title, counts.reset_index().astype("object").fillna("-").astype(str), self.notes
        table = (
            self.records.groupby(["purpose", "status"], sort=True)
            .agg(
                records=("subject", "size"),
                subjects=("subject", "nunique"),
                first=("at", "min"),
                last=("at", "max"),
            )
            .reset_index()
        )
        for name in ("first", "last"):
            table[name] = table[name].dt.strftime("%Y-%m-%d")
        return title, table.astype(str), self.notes


def counts_of(records: pd.DataFrame) -> pd.DataFrame:
    """Return counts of choices from records: devices by their last decision, and device-days."""
    asked = records[records["basis"].isin([*CONSENTED, IMPLIED]) & (records["status"] != "expired")]
    if not len(asked):
        return no_aggregates()
    is_view = (asked["status"] == "shown") & (asked["basis"] != IMPLIED)
    dated = asked.assign(
        day=asked["at"].dt.strftime("%Y-%m-%d"),
        given=asked["status"] == "given",
        implied=asked["basis"] == IMPLIED,
    )
    decisions = dated[~is_view].sort_values("implied", ascending=False, kind="stable")
    rows: list[dict[str, object]] = []
    for unit, keys in (("devices", ["subject"]), ("device-days", ["subject", "day"])):
        last = decisions.drop_duplicates([*keys, "purpose"], keep="last")
        anything = last.groupby(keys, sort=False)[["given", "implied"]].any().reset_index()
        anything["implied"] &= ~anything["given"]
        tables = {ANY: anything} | dict(iter(last.groupby("purpose")))
        seen = {ANY: dated} | dict(iter(dated.groupby("purpose")))
        of_unit: dict[str, dict[str, object]] = {}
        for purpose, shown in seen.items():
            table = tables.get(purpose, anything[:0])
            given, implied = int(table["given"].sum()), int(table["implied"].sum())
            of_unit[str(purpose)] = {
                "unit": unit, "purpose": purpose, "start": dated["day"].min(), "end": dated["day"].max(),
                "opt_in": given + implied, "opt_out": len(table) - given - implied, "implied": implied,
                "explicit": given, **({"shown": len(shown.drop_duplicates(keys))} if is_view.any() else {}),
            }  # fmt: skip
        marketing = [row["opt_in"] for name, row in of_unit.items() if name.casefold() == MARKETING]
        of_unit[ANY] |= {"marketing": marketing[0]} if marketing else {}
        rows += of_unit.values()
    return aggregates_of(rows)


def settled(records: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Apply the rules for records that repeat or contradict each other.

    Exact repetitions count once. A record without a purpose, such as a withdrawal of everything, becomes one
    record for each purpose of the file. Rows are sorted by subject, purpose and time, and records of the same
    moment from the least to the most protective, so that the last row holds.

    Parameters
    ----------
    records
        The columns `COLUMNS`; ``purpose`` is empty where none is named.

    Returns
    -------
    tuple
        The records, and the rules applied in words.
    """
    notes = []
    named = [purpose for purpose in records["purpose"].drop_duplicates() if purpose]
    bare = (records["purpose"] == "").to_numpy()
    if bare.any():
        purposes = pd.Series(named or [ALL_PURPOSES], name="purpose")
        spread = records[bare].drop(columns="purpose").merge(purposes, how="cross")[list(COLUMNS)]
        records = pd.concat([records[~bare], spread], ignore_index=True)
        notes.append(
            f"{how_many(int(bare.sum()), 'record')} without a purpose: counted for each purpose of the file."
        )
    again = records.duplicated([name for name in COLUMNS if name != "source"])
    if again.any():
        notes.append(f"{how_many(int(again.sum()), 'record')} repeated exactly: counted once.")
        records = records[~again]
    rank = records["status"].map({status: place for place, status in enumerate(STATUSES)})
    records = (
        records.assign(rank=rank)
        .sort_values(["subject", "purpose", "at", "rank"], kind="stable", ignore_index=True)
        .drop(columns="rank")
    )
    moments = ["subject", "purpose", "at"]
    different = records.drop_duplicates([*moments, "status"])
    same = different.duplicated(moments, keep=False)
    if same.any():
        cases = len(different[same].drop_duplicates(moments))
        notes.append(
            f"{how_many(cases, 'moment')} with contradictory records of a subject and "
            "purpose: the more protective one holds."
        )
    return records, tuple(notes)


def _is_date(moment: str | datetime) -> bool:
    """Return whether a moment is a date, which ends with its day."""
    return isinstance(moment, str) and len(moment.strip()) == len("2026-05-03")


def _moment(moment: str | datetime) -> datetime:
    """Return a moment in UTC; a date is the end of its day."""
    try:
        if isinstance(moment, datetime):
            return read_time(moment.isoformat(), None)
        return read_time(moment, UTC if _is_date(moment) else None, ends=True)
    except UnreadTimeError as fault:
        raise DataError(fault.what, where="moment", got=str(moment), do=fault.do) from None
