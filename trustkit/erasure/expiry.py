"""Columns whose time is over, removed from a study's raw and processed data."""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import PATH, accepts
from trustkit.checksums import CHECKSUMS
from trustkit.display import Shown
from trustkit.erasure.expired_columns import ColumnRemoval, codebook_without, write_without_columns
from trustkit.erasure.journal import Change, commit, finish, staged_change, staging
from trustkit.erasure.plan import DAY, day_of, refuse_other_cells, renewed_digests
from trustkit.erasure.respondent_rows import other_tables
from trustkit.errors import DataError, TrustkitError
from trustkit.field_kinds import accepts_columns, accepts_fields
from trustkit.files.erased_ids import (
    ERASED,
    RAW,
    Tombstone,
    read_tombstones,
    refuse_unfinished,
    tombstones_text,
)
from trustkit.files.read import read_as_it_is
from trustkit.reporting.processed_data import columns_of, processed_files
from trustkit.reporting.study import CLAIMS, check_export, study_exports
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.weighting.targets import read_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustkit.survey.codebook import Codebook
    from trustkit.survey.survey import Survey

COLUMNS = ["file", "column", "until", "how"]

NOT_RUN = "Notebooks and site were not made again, and may still show these columns: trustkit report STUDY"
KEPT_ELSEWHERE = f"Version control, clones and backups still hold them; {CHECKSUMS} and codebook are renewed."
DONE = (NOT_RUN, KEPT_ELSEWHERE)
"""What is told only once columns are removed."""


@dataclass(frozen=True, eq=False, repr=False)
class Expiry(Shown):
    r"""Columns that were removed because their time is over.

    Attributes
    ----------
    on
        The day that terms were compared with.
    columns
        The columns: ``file``, ``column``, ``until`` when it was to be kept, and ``how`` the file was written.
    deleted
        The files of ``data/processed`` that were deleted, as they can be made again.
    notes
        What is left to do, and the columns that are needed until the data are cleaned.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> raw = pathlib.Path(tempfile.mkdtemp()) / "data" / "raw" / "shop"
    >>> raw.mkdir(parents=True)
    >>> _ = (raw / "answers.csv").write_text("id,mail\n1,a@example.org\n2,b@example.org\n")
    >>> _ = (raw / "codebook.yaml").write_text(
    ...     "title: A shop\nvariables:\n"
    ...     "  id: {label: Id, kind: id}\n"
    ...     "  mail: {label: Address, kind: text, keep_until: 2026-03-31}\n"
    ... )
    >>> _ = (raw / "SHA256SUMS").write_text(f"{tk.read(raw / 'answers.csv').digest}  answers.csv\n")
    >>> tk.expire(raw.parents[2], on="2026-03-31").columns.empty  # the last day
    True
    >>> tk.expire(raw.parents[2], on="2026-04-01").columns[["column", "until"]].to_numpy().tolist()
    [['mail', '2026-03-31']]
    """

    on: str
    columns: pd.DataFrame
    deleted: tuple[str, ...]
    notes: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a field of another kind than its annotation names."""
        accepts_fields(self)
        accepts_columns(self, "columns", COLUMNS)

    def to_frame(self) -> pd.DataFrame:
        """Return the columns that were removed, one row each."""
        return self.columns.copy()

    def _parts(self) -> tuple[str, pd.DataFrame, Sequence[str]]:
        deleted = [f"Deleted, as they can be made again: {', '.join(self.deleted)}."] if self.deleted else []
        return f"Columns removed, as their time was over on {self.on}", self.columns, [*deleted, *self.notes]


def expire(study: str | Path, *, on: str | dt.date) -> Expiry:
    r"""Remove the columns of a study whose time is over (``keep_until``) from its raw and processed data.

    A column goes from the raw file and from copies of it that have its ids and no codebook, its entry goes
    from the codebook, and ``data/processed`` is emptied; all this happens or nothing, also if the program is
    killed. Each file keeps its format and all else that it holds, and the new one is compared with the old.
    A tombstone in ``data/raw/ERASED.csv`` keeps the digests, so that `read` refuses the old file. Columns
    that are kept ``after: cleaning`` stay in the raw file, because cleaning starts from it; they go from
    ``data/processed``.

    Parameters
    ----------
    study
        The study's folder.
    on
        The day to compare terms with. A column goes on the day after its last.

    Raises
    ------
    DataError
        If a column is still used by cleaning, the design or a claim, or a file can't be written without it;
        then nothing has changed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import trustkit as tk
    >>> raw = pathlib.Path(tempfile.mkdtemp()) / "data" / "raw" / "shop"
    >>> raw.mkdir(parents=True)
    >>> _ = (raw / "answers.csv").write_text("id,mail\n1,a@example.org\n2,b@example.org\n")
    >>> _ = (raw / "codebook.yaml").write_text(
    ...     "title: A shop\nvariables:\n"
    ...     "  id: {label: Id, kind: id}\n"
    ...     "  mail: {label: Address, kind: text, keep_until: 2026-03-31}\n"
    ... )
    >>> _ = (raw / "SHA256SUMS").write_text(f"{tk.read(raw / 'answers.csv').digest}  answers.csv\n")
    >>> tk.expire(raw.parents[2], on="2026-04-01").to_frame()["column"].tolist()
    ['mail']
    >>> (raw / "answers.csv").read_text()
    'id\n1\n2\n'
    """
    accepts(study=(study, PATH), on=(on, DAY))
    study, day = Path(study), day_of(on)
    finish(study)
    with planned_expiry(study, day) as (expiry, changes, folder):
        if changes and expiry.columns.empty:
            commit(study, folder, changes)
        elif changes:
            after = {item.target: item for item in changes}
            stones = [
                Tombstone(
                    day, str(row.column), "", "", f"kept until {row.until}", str(row.file), "all",
                    after[str(row.file)].before, after[str(row.file)].after,
                )
                for row in expiry.columns.itertuples()
            ]  # fmt: skip
            new = folder / ERASED
            text = tombstones_text([*read_tombstones(study), *stones])
            new.write_text(text, encoding="utf-8", newline="\n")
            stone = staged_change(study, folder, (RAW / ERASED).as_posix(), new)
            commit(study, folder, (*changes, stone))
    return expiry


def rehearse_expiry(study: str | Path, *, on: str | dt.date) -> Expiry:
    """Return what `expire` would remove, and change nothing.

    Parameters
    ----------
    study
        The study's folder.
    on
        The day to compare terms with.
    """
    accepts(study=(study, PATH), on=(on, DAY))
    refuse_unfinished(Path(study))
    with planned_expiry(Path(study), day_of(on)) as (expiry, _, _):
        return replace(expiry, notes=tuple(note for note in expiry.notes if note not in DONE))


@contextmanager
def planned_expiry(study: Path, day: str) -> Iterator[tuple[Expiry, tuple[Change, ...], Path]]:
    """Write the files of a study without expired columns aside; nothing changes unless they are committed.

    Parameters
    ----------
    study
        The study's folder.
    day
        The day to compare terms with.
    """
    rows: list[tuple[str, str, str, str]] = []
    changes: list[Change] = []
    cleaned: list[str] = []
    books: dict[Path, set[str]] = {}
    exports = study_exports(study)
    with staging(study) as folder:
        for number, (export, codebook) in enumerate(exports):
            book = read_codebook(codebook)
            overdue = _overdue(book, dt.date.fromisoformat(day))
            cleaned += [name for name, about in book.variables.items() if _until_cleaned(book, about.name)]
            if not overdue:
                continue
            place = folder / str(number)
            place.mkdir()
            removal = ColumnRemoval(tuple(overdue), read_as_it_is(export, codebook), tuple(_ids(study)))
            how = _written_anew(export, place / export.name, removal)
            text = codebook.read_bytes().decode("utf-8")
            kept = codebook_without(text, overdue, codebook.as_posix())
            (place / codebook.name).write_bytes(kept.encode("utf-8"))
            _refuse_used(export, codebook, place, list(overdue))
            _refuse_other_cells(removal, export, read_as_it_is(place / export.name, place / codebook.name))
            name = export.relative_to(study).as_posix()
            rows += [(name, column, str(until), how) for column, until in overdue.items()]
            changes.append(staged_change(study, folder, name, place / export.name))
            if books.setdefault(codebook, set(overdue)) != set(overdue):
                raise DataError(
                    "one codebook describes several exports whose columns expire differently",
                    where=codebook.as_posix(), do="give each export its own: codebook_NAME.yaml",
                )  # fmt: skip
            described = codebook.relative_to(study).as_posix()
            if described not in {item.target for item in changes}:
                changes.append(staged_change(study, folder, described, place / codebook.name))
        terms = {column: until for _, column, until, _ in rows}
        others, unread = other_tables(study, dict(exports)) if terms else ({}, ())
        holding = {path: survey for path, survey in others.items() if not set(terms).isdisjoint(survey.data)}
        ids = _ids(study)
        copies = {path: survey for path, survey in holding.items() if not ids.isdisjoint(survey.data)}
        for number, (path, survey) in enumerate(copies.items()):
            place = folder / f"copy {number}"
            place.mkdir()
            names = sorted(set(terms).intersection(survey.data))
            removal = ColumnRemoval(tuple(names), survey, tuple(ids))
            how = _written_anew(path, place / path.name, removal)
            _refuse_other_cells(removal, path, read_as_it_is(place / path.name))
            name = path.relative_to(study).as_posix()
            rows += [(name, column, terms[column], f"a copy; {how}") for column in names]
            changes.append(staged_change(study, folder, name, place / path.name))
        deleted = [
            path.relative_to(study).as_posix()
            for path in processed_files(study)
            if changes or not columns_of(path).isdisjoint(cleaned)
        ]
        changes += renewed_digests(study, folder, changes)
        changes += [staged_change(study, folder, name, None) for name in deleted]
        left = [path.relative_to(study).as_posix() for path in holding if path not in copies]
        notes = _notes(study, rows, cleaned, (left, unread))
        yield Expiry(day, pd.DataFrame(rows, columns=COLUMNS), tuple(deleted), notes), tuple(changes), folder


def _overdue(book: Codebook, day: dt.date) -> dict[str, dt.date]:
    """Return the columns whose last day is before a day: name -> last day."""
    overdue = {}
    for name, about in book.variables.items():
        term = about.keep_until or book.keep_until
        last = None if term is None else term.last_day(book.fieldwork)
        if last is not None and last < day:
            overdue[name] = last
    return overdue


def _ids(study: Path) -> set[str]:
    """Return the columns of ids of a study's codebooks."""
    books = [read_codebook(codebook) for _, codebook in study_exports(study)]
    return {name for book in books for name, about in book.variables.items() if about.kind == "id"}


def _written_anew(path: Path, target: Path, removal: ColumnRemoval) -> str:
    """Write a file without columns, and return in words how, and what it lost."""
    rewritten = write_without_columns(path, target, removal)
    return "; lost: ".join(filter(None, (rewritten.how, ", ".join(rewritten.lost))))


def _refuse_other_cells(removal: ColumnRemoval, path: Path, again: Survey) -> None:
    """Refuse a new file that is not read as the old one without the columns."""
    told = f"the other {len(removal.left.columns):,} columns, in their order, with all their cells"
    refuse_other_cells(path, removal.left, again.data, ("the columns", "expire", told))


def _until_cleaned(book: Codebook, name: str) -> bool:
    """Return whether a column is kept until the data are cleaned."""
    term = book.variables[name].keep_until or book.keep_until
    return term is not None and term.after == "cleaning"


def _refuse_used(export: Path, codebook: Path, place: Path, names: Sequence[str]) -> None:
    """Refuse to remove columns without which a study can't be read, cleaned or judged."""
    if export.with_name(CLAIMS).is_file():
        shutil.copyfile(export.with_name(CLAIMS), place / CLAIMS)
    before = set(check_export(export, codebook).faults[["variable", "rule", "value"]].itertuples(index=False))
    try:
        again = check_export(place / export.name, place / codebook.name).faults
        new = [
            f"{row.rule}: {row.value}"
            for row in again[["variable", "rule", "value"]].itertuples(index=False)
            if row not in before
        ]
    except TrustkitError as fault:
        new = list(map(str, fault.faults)) or [fault.what]
    new += [
        f"{path.name}: {' x '.join(margin.variables)}"
        for path in sorted(export.parent.glob("targets*.yaml"))
        for margin in read_targets(path).margins
        if not set(names).isdisjoint(margin.variables)
    ]
    (place / CLAIMS).unlink(missing_ok=True)
    if new:
        raise DataError(
            "columns whose time is over are still used; nothing was changed",
            where=codebook.as_posix(), got="; ".join(new), expected=f"no use of {', '.join(names)}",
            do="take them out of there, or begin a study with the cleaned data; then expire again",
        )  # fmt: skip


def _notes(
    study: Path,
    rows: Sequence[object],
    cleaned: Sequence[str],
    others: tuple[Sequence[str], Sequence[str]],
) -> tuple[str, ...]:
    """Return what is left to do; ``others`` are the files that were left, and those that can't be read."""
    left, unread = others
    notes = []
    if left:
        notes.append(
            f"These files have columns of the same names, no codebook and no ids, and were left:"
            f" {', '.join(left)}."
        )
    if unread:
        notes.append(f"These files can't be read as tables, and may hold such columns: {', '.join(unread)}.")
    if rows:
        notes.append(NOT_RUN if list((study / "notebooks").glob("*.ipynb")) else "")
        notes.append(KEPT_ELSEWHERE)
    if cleaned:
        names = ", ".join(dict.fromkeys(cleaned))
        notes.append(f"Kept in the raw file, as cleaning needs it, and to be deleted with it: {names}.")
    return tuple(filter(None, notes))
