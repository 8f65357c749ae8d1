"""Erasure of one respondent from a study: raw files, what was made from them, and a tombstone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import PATH, TEXT, a_trustkit, accepts, one_of
from trustkit.display import Shown
from trustkit.erasure.journal import commit, finish, staged_change
from trustkit.erasure.limits import out_of_reach
from trustkit.erasure.personal_traces import SHORTEST, THE_ID, Trace, search_files, unsearched_files
from trustkit.erasure.plan import DAY, Plan, Unwritable, day_of, planned
from trustkit.erasure.respondent_rows import sought
from trustkit.errors import DataError, ReportError, TrustkitError
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.files.erased_ids import (
    ERASED,
    KEY,
    PRIVATE,
    RAW,
    Tombstone,
    key_name,
    keyed_id,
    make_key,
    read_key,
    read_tombstones,
    refuse_unfinished,
    tombstones_text,
    unsearched,
)
from trustkit.reporting.verdict_outputs import verdict_frame

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from trustkit.reporting.reports import Progress

REPORT = Literal["make", "leave"]

REWEIGHTED = (
    "Weights are made again without the respondent, so any estimate can change a little, as it should."
)
DECISION = "Whether an exception to the right to erasure applies (GDPR Art. 17(3)) is for you to decide."
NOT_REPORTED = (
    "Notebooks and site were not made again, and may still hold the respondent: trustkit report STUDY"
)
KEEP_KEY = (
    f"Keep {PRIVATE}/{KEY} and share it with nobody: with it, ids can be guessed from {ERASED};"
    " without it, a restored backup is recognised only by its digest."
)
"""What everybody who erases should know."""

CLAIMS = ["claim", "title", "published"]
COMPARED = ["estimate", "n", "verdict"]
UNCHECKED = "not checkable"
"""What is compared of claims before and after."""

NO_CLAIMS = pd.DataFrame(
    columns=[*CLAIMS, *(f"{name}_{side}" for side in ("before", "after") for name in COMPARED)]
)
"""The claims of a study without any, or whose report was not made again."""

FRAMES = {"files": ["file", "rows", "how", "lost"], "claims": CLAIMS, "out_of_reach": ["what", "do"]}
"""The columns of an erasure's frames."""


@dataclass(frozen=True, eq=False, repr=False)
class Erasure(Shown):
    r"""What was erased, and what is left to do.

    Attributes
    ----------
    on, reason
        When and why, as the tombstone has it.
    files
        The raw files that held the respondent: ``file``, ``rows``, ``how`` it was rewritten and what it
        ``lost`` besides.
    deleted
        The files that were deleted, as they can be made again.
    claims
        The claims before and after: ``claim``, ``title``, ``published``, and ``estimate``, ``n`` and
        ``verdict``, each ``_before`` and ``_after``. No row if the report was not made again.
    out_of_reach
        Where the respondent may still be and trustkit can't erase: ``what``, and what to ``do``.
    notes
        What else to know.
    traces
        What was the respondent's alone, for `verify_erasure`. These values are never shown; do not store
        this object.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> raw = pathlib.Path(tempfile.mkdtemp()) / "data" / "raw" / "shop"
    >>> raw.mkdir(parents=True)
    >>> _ = (raw / "answers.csv").write_text("id,trust\nR-101,1\nR-102,2\nR-103,1\n")
    >>> _ = (raw / "codebook.yaml").write_text("title: A shop\nvariables: {id: {label: Id, kind: id}}\n")
    >>> _ = (raw / "SHA256SUMS").write_text(f"{tk.read(raw / 'answers.csv').digest}  answers.csv\n")
    >>> erasure = tk.erase(raw.parents[2], "R-102", reason="request of 3 May", on="2026-05-04")
    >>> erasure.to_frame()[["file", "rows"]]
                            file  rows
    0  data/raw/shop/answers.csv     1
    >>> tk.verify_erasure(raw.parents[2], erasure).empty
    True
    """

    on: str
    reason: str
    files: pd.DataFrame
    deleted: tuple[str, ...]
    claims: pd.DataFrame
    out_of_reach: pd.DataFrame
    notes: tuple[str, ...]
    traces: tuple[Trace, ...] = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        for name, columns in FRAMES.items():
            accepts_columns(self, name, columns)

    def to_frame(self) -> pd.DataFrame:
        """Return the raw files that held the respondent, one row each."""
        return self.files.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        deleted = f"Deleted, as they can be made again: {', '.join(self.deleted)}." if self.deleted else ""
        reach = [f"Out of reach: {row.what}. {row.do}" for row in self.out_of_reach.itertuples()]
        notes = [*filter(None, [deleted]), *self.notes, *reach]
        return f"One respondent erased on {self.on}: {self.reason}", self.files.astype(str), notes


def erase(
    study: str | Path,
    respondent: str | int,
    *,
    reason: str,
    on: str | dt.date,
    column: str | Sequence[str] | None = None,
    key: str | Path | None = None,
    unwritable: Unwritable = "refuse",
    report: REPORT = "make",
) -> Erasure:
    r"""Erase one respondent from a study: from its raw files, and from what was made of them.

    The respondent is found by the columns of kind ``id`` in every raw file: exports, copies, other waves.
    Each file is written again in its own format without the rows; the bytes of all other rows stay, but in
    files of R, Excel and Parquet, whose cells stay. Each new file is read and compared with the old one.
    ``SHA256SUMS`` is renewed, ``data/processed`` emptied, and a tombstone added to ``data/raw/ERASED.csv``,
    which holds no value of the person. All this happens or nothing, also if the program is killed. Then
    notebooks and site are made again.

    Parameters
    ----------
    study
        The study's folder.
    respondent
        The id, as it is written in the export.
    reason
        Why, on one line, without anything that tells who it is. It stays in the tombstone.
    on
        The day of the erasure.
    column
        The column of ids, if several columns hold this id; or all columns by which the person is known.
    key
        The key file of `pseudonymise`, if some files have pseudonyms in place of ids: the respondent's
        pseudonym is looked for, too.
    unwritable
        What happens to a file that can't be written again in its own format, such as a SAS data set:
        ``"refuse"`` changes nothing and says what to do by hand; ``"convert"`` puts a Parquet file with all
        other rows in its place, with the same name but for its suffix, and names it in ``SHA256SUMS`` and
        in notebooks.
    report
        ``"make"`` runs the notebooks that changed and renders the site, ``"leave"`` leaves this to you.

    Returns
    -------
    Erasure
        What was rewritten and what it lost, the change of each claim, and what is out of reach.

    Raises
    ------
    DataError
        If no raw file has the respondent, several columns of ids do, or a file can't be rewritten; then
        nothing has changed.

    Notes
    -----
    Whether an exception to the right to erasure applies (GDPR Art. 17(3)) is for you to decide. Version
    control, clones and backups keep the respondent: `Erasure.out_of_reach` says what to do about them.
    `read` refuses a file of the study that brings the respondent back.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> raw = pathlib.Path(tempfile.mkdtemp()) / "data" / "raw" / "shop"
    >>> raw.mkdir(parents=True)
    >>> _ = (raw / "answers.csv").write_text("id,trust\nR-101,1\nR-102,2\nR-103,1\n")
    >>> _ = (raw / "codebook.yaml").write_text("title: A shop\nvariables: {id: {label: Id, kind: id}}\n")
    >>> _ = (raw / "SHA256SUMS").write_text(f"{tk.read(raw / 'answers.csv').digest}  answers.csv\n")
    >>> erasure = tk.erase(raw.parents[2], "R-102", reason="request of 3 May", on="2026-05-04")
    >>> (raw / "answers.csv").read_text()
    'id,trust\nR-101,1\nR-103,1\n'
    """
    accepts(study=(study, PATH), report=(report, one_of(REPORT)))
    study = Path(study)
    before = claims_of(study) if report == "make" else pd.DataFrame()
    erasure = remove_respondent(
        study, respondent, reason=reason, on=on, column=column, key=key, unwritable=unwritable
    )
    return with_report(erasure, study, before) if report == "make" else erasure


def remove_respondent(
    study: str | Path,
    respondent: str | int,
    *,
    reason: str,
    on: str | dt.date,
    column: str | Sequence[str] | None = None,
    key: str | Path | None = None,
    unwritable: Unwritable = "refuse",
) -> Erasure:
    """Erase one respondent from a study's raw and processed data; notebooks and site stay as they are.

    See `erase`.
    """
    accepts(study=(study, PATH), reason=(reason, TEXT), on=(on, DAY))
    who = sought(respondent, column, key)
    study, day = Path(study), day_of(on)
    finish(study)
    tombstones = read_tombstones(study)
    secret = read_key(study)
    with planned(study, who, unwritable) as (plan, folder):
        _refuse_reason(reason, plan.traces)
        notes = _notes(study, plan, is_new_key=secret is None)
        secret = secret or make_key(study)
        digests = {item.target: item for item in plan.changes}
        for table, row in zip(plan.located.mine, plan.files.itertuples(), strict=True):
            change = digests[str(row.file)]
            after = digests[plan.converted.get(change.target, change.target)].after
            rows = str(len(table.rows))
            tombstones += [
                Tombstone(
                    day, column, keyed_id(text, secret), key_name(secret), reason, change.target, rows,
                    change.before, after,
                )
                for column, text in table.found
            ]  # fmt: skip
        new = folder / ERASED
        new.write_text(tombstones_text(tombstones), encoding="utf-8", newline="\n")
        stone = staged_change(study, folder, (RAW / ERASED).as_posix(), new)
        commit(study, folder, (*plan.changes, stone))
    files = [str(name) for name in plan.files["file"]]
    reach = out_of_reach(study, files, plan.converted)
    return Erasure(day, reason, plan.files, plan.deleted, NO_CLAIMS.copy(), reach, notes, plan.traces)


def rehearse_erasure(
    study: str | Path,
    respondent: str | int,
    column: str | Sequence[str] | None = None,
    *,
    key: str | Path | None = None,
    unwritable: Unwritable = "refuse",
) -> pd.DataFrame:
    """Return what `erase` would rewrite and delete, and change nothing.

    Every new file is written aside and removed, so what can't be rewritten is an error here, too.

    Parameters
    ----------
    study
        The study's folder.
    respondent
        The id.
    column
        The column of ids, if several hold the id, or all of them.
    key
        The key file of pseudonyms, if files have them.
    unwritable
        What would happen to a file that can't be written again in its own format.

    Returns
    -------
    DataFrame
        ``file``, ``rows``, ``how`` and what would be ``lost``.
    """
    accepts(study=(study, PATH))
    refuse_unfinished(Path(study))
    with planned(Path(study), sought(respondent, column, key), unwritable) as (plan, _):
        made = [(name, 0, "deleted, as it can be made again", "") for name in plan.deleted]
        gone = pd.DataFrame(made, columns=plan.files.columns)
        return pd.concat([plan.files, gone], ignore_index=True) if made else plan.files


def with_report(
    erasure: Erasure, study: str | Path, before: pd.DataFrame, tell: Progress | None = None
) -> Erasure:
    """Run the notebooks and render the site again, and return the erasure with the change of each claim.

    If that fails, the respondent is erased all the same, and a note says what failed.

    Parameters
    ----------
    erasure
        The erasure, whose raw files are written.
    study
        The study's folder.
    before
        The claims of before, as `claims_of` returns them.
    tell
        Is told each step.
    """
    study = Path(study)
    if not list((study / "notebooks").glob("*.ipynb")):
        return erasure
    from trustkit.reporting.reports import make_report  # noqa: PLC0415  # loads Jupyter

    try:
        verdicts = make_report(study, tell=tell or (lambda _step, _total=None: None)).verdicts
    except TrustkitError as fault:
        failed = f"The report could not be made again: {fault.what}. {NOT_REPORTED}"
        return replace(erasure, notes=(*_without_report(erasure.notes), failed))
    return replace(erasure, claims=_compared(before, verdicts), notes=_without_report(erasure.notes))


def verify_erasure(study: str | Path, erasure: Erasure) -> pd.DataFrame:
    r"""Search every file of a study for what was one erased respondent's alone.

    Searched for are the id, identifiers, e-mail addresses, open answers and whole rows, as text, in tables
    and inside archives. Values that other respondents gave in the same column, too, are not searched for, and
    neither are values of less than five characters outside of tables: they are everywhere.

    Parameters
    ----------
    study
        The study's folder.
    erasure
        What `erase` returned.

    Returns
    -------
    DataFrame
        ``file``, ``place`` and ``what`` was found, without the value; no row if nothing was found.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> raw = pathlib.Path(tempfile.mkdtemp()) / "data" / "raw" / "shop"
    >>> raw.mkdir(parents=True)
    >>> _ = (raw / "answers.csv").write_text("id,trust\nR-101,1\nR-102,2\nR-103,1\n")
    >>> _ = (raw / "codebook.yaml").write_text("title: A shop\nvariables: {id: {label: Id, kind: id}}\n")
    >>> _ = (raw / "SHA256SUMS").write_text(f"{tk.read(raw / 'answers.csv').digest}  answers.csv\n")
    >>> _ = (raw / "README.md").write_text("R-102 wrote to us.")
    >>> erasure = tk.erase(raw.parents[2], "R-102", reason="request of 3 May", on="2026-05-04")
    >>> tk.verify_erasure(raw.parents[2], erasure)
                          file   place    what
    0  data/raw/shop/README.md  line 1  the id
    """
    accepts(study=(study, PATH), erasure=(erasure, a_trustkit("Erasure", "take what tk.erase returned")))
    return search_files(Path(study), erasure.traces)


def claims_of(study: str | Path) -> pd.DataFrame:
    """Return the verdicts that a study's notebooks hold; no row if they hold none."""
    try:
        return verdict_frame(study)
    except ReportError:
        return pd.DataFrame()


def _compared(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the claims of before and after beside each other."""
    sides = [
        side.reindex(columns=[*CLAIMS, *COMPARED]).drop_duplicates(["claim", "title"])
        for side in (before, after)
    ]
    return sides[0].merge(sides[1], how="outer", on=CLAIMS, suffixes=("_before", "_after"), sort=False)


def in_words(erasure: Erasure) -> list[str]:
    """Return the rest of an erasure as lines: what was deleted, claims that changed, notes, out of reach."""
    lines = [f"deleted: {name}" for name in erasure.deleted]
    same = 0
    for row in erasure.claims.to_dict("records"):
        before, after = ([row[f"{name}_{side}"] for name in COMPARED] for side in ("before", "after"))
        if before == after or before[2] == after[2] == UNCHECKED:
            same += 1
            continue
        verdict = str(after[2]) if before[2] == after[2] else f"{before[2]}, now {after[2]}"
        shown = f"{before[0]:.3f} to {after[0]:.3f}, n {before[1]:,.0f} to {after[1]:,.0f}"
        lines.append(f"claim: {row['title']}: published {row['published']:g}, {shown}, {verdict}")
    if same:
        lines.append(f"claims that have not changed: {same}")
    lines += erasure.notes
    lines += [f"out of reach: {place.what}. {place.do}" for place in erasure.out_of_reach.itertuples()]
    return lines


def _without_report(notes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(note for note in notes if note != NOT_REPORTED)


def _refuse_reason(reason: str, traces: Sequence[Trace]) -> None:
    """Refuse a reason that is empty, has several lines, or holds a value of the person."""
    if not reason.strip() or not reason.isprintable():
        raise DataError(
            "the reason must be words on one line", got="nothing" if not reason.strip() else "several lines",
            do='say it as in "request of 3 May"',
        )  # fmt: skip
    words = {trace.what for trace in traces if len(trace.value) >= SHORTEST and trace.value in reason}
    ids = {
        trace.what
        for trace in traces
        if trace.what == THE_ID and re.search(rf"(?<!\w){re.escape(trace.value)}(?!\w)", reason)
    }
    held = sorted(words | ids)
    if held:
        raise DataError(
            "the reason holds a value of the respondent, and it is kept; nothing was changed",
            got=", ".join(held), do="say why without telling who",
        )  # fmt: skip


def _notes(study: Path, plan: Plan, *, is_new_key: bool) -> tuple[str, ...]:
    """Return what else to know."""
    alike = sum(table.alike for table in plan.located.tables)
    doubtful = (
        f"{alike:,} rows have an id that differs by case, blanks or leading zeros only; they were left."
    )
    unread = f"Not searched, as they can't be read: {', '.join(plan.located.unread)}."
    packed = unsearched_files(study)
    closed = f"Not searched, as their text is packed: {', '.join(packed)}."
    found = [
        KEEP_KEY if is_new_key else "",
        unsearched(study),
        doubtful if alike else "",
        unread if plan.located.unread else "",
        closed if packed else "",
        NOT_REPORTED if list((study / "notebooks").glob("*.ipynb")) else "",
        REWEIGHTED,
        DECISION,
    ]
    return tuple(filter(None, found))
