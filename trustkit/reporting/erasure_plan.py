"""An erasure before it is decided: every new file of the study, written aside."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from trustkit.arguments import OPTIONAL_NAME, PATH, WHOLE, ArgumentKind, accepts
from trustkit.checksums import CHECKSUMS, read_digests, with_digests
from trustkit.errors import DataError
from trustkit.files.read import read_as_it_is
from trustkit.reporting.erased_rows import Removal, write_without
from trustkit.reporting.erasure_journal import Change, staged_change, staging
from trustkit.reporting.personal_traces import Trace, search_files, study_files, traces_of
from trustkit.reporting.respondent_rows import Located, Table, locate
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

LARGEST_ID = 10**30
"""Ids that are whole numbers are smaller."""

ID = ArgumentKind(
    lambda value: (
        (isinstance(value, str) and bool(value.strip()))
        or (WHOLE.fits(value) and abs(int(str(value))) < LARGEST_ID)
    ),
    "an id, as text or a whole number",
    "give the id as it is written in the export",
)
"""The kind of an argument that is a respondent."""

DAY = ArgumentKind(
    lambda value: isinstance(value, dt.date) or (isinstance(value, str) and _is_day(value)),
    "a date such as 2026-05-03",
    "write it as year, month and day: 2026-05-03",
)
"""The kind of the day of an erasure."""

KEPT = frozenset({".gitkeep", ".gitignore"})
"""Files of ``data/processed`` that hold no data."""


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-05-03")


def day_of(on: str | dt.date) -> str:
    """Return a day as an ISO date."""
    return on if isinstance(on, str) else on.isoformat()[: len("2026-05-03")]


@dataclass(frozen=True, eq=False)
class Plan:
    """An erasure whose new files are written aside: nothing has changed yet."""

    located: Located
    files: pd.DataFrame
    changes: tuple[Change, ...]
    deleted: tuple[str, ...]
    traces: tuple[Trace, ...]


@contextmanager
def planned(study: Path, respondent: str | int, column: str | None = None) -> Iterator[tuple[Plan, Path]]:
    """Write the files of a study without a respondent aside; nothing changes unless they are committed.

    Parameters
    ----------
    study
        The study's folder.
    respondent
        The id.
    column
        The column of ids, if several hold the id.
    """
    accepts(study=(study, PATH), respondent=(respondent, ID), column=(column, OPTIONAL_NAME))
    located = locate(study, respondent, column)
    with staging(study) as folder:
        rows: list[tuple[str, int, str, str]] = []
        records: list[str] = []
        changes: list[Change] = []
        for number, table in enumerate(located.mine):
            name = table.path.relative_to(study).as_posix()
            target = folder / str(number) / table.path.name
            target.parent.mkdir()
            book = table.survey.codebook
            removal = Removal(
                table.rows, len(table.survey.data), book.encoding, book.sheet, located.respondent
            )
            _refuse_alone(table)
            rewritten = write_without(table.path, target, removal)
            _refuse_other_rows(table, target)
            changes.append(staged_change(study, folder, name, target))
            if changes[-1].before != table.survey.digest:
                raise DataError(
                    "the file changed while it was read; nothing was changed",
                    where=table.path.as_posix(), do="erase again",
                )  # fmt: skip
            records += rewritten.records
            rows.append((name, len(table.rows), rewritten.how, "; ".join(rewritten.lost)))
        traces = traces_of(
            located.respondent, [(table.survey, table.rows) for table in located.tables], records
        )
        changes += renewed_digests(study, folder, changes)
        deleted = [path.relative_to(study).as_posix() for path in _made_again(study, traces)]
        changes += [staged_change(study, folder, name, None) for name in deleted]
        files = pd.DataFrame(rows, columns=["file", "rows", "how", "lost"])
        yield Plan(located, files, tuple(changes), tuple(deleted), traces), folder


def _refuse_alone(table: Table) -> None:
    """Refuse to leave a file without respondents, which nothing could read."""
    if len(table.rows) == len(table.survey.data):
        raise DataError(
            "the respondent is the only one in the file; nothing was changed",
            where=table.path.as_posix(), do=f"delete the file and its line in {CHECKSUMS}, and erase again",
        )  # fmt: skip


def _refuse_other_rows(table: Table, target: Path) -> None:
    """Refuse a new file whose rows are not those of the others, in their order."""
    book = table.survey.codebook
    again = read_as_it_is(
        target, table.codebook, sheet=None, encoding=None if table.codebook else book.encoding or None
    )
    mine = set(table.rows)
    wanted = [text for row, text in enumerate(table.ids) if row not in mine]
    ids = [id_text(value) for value in again.data[table.column]]
    if ids != wanted:
        raise DataError(
            "the file without the respondent is not read as it was; nothing was changed",
            where=table.path.as_posix(), got=f"{len(ids):,} rows",
            expected=f"{len(wanted):,} rows, in their order",
            do="save it in another format, write its digest, and erase again",
        )  # fmt: skip


def renewed_digests(study: Path, folder: Path, changes: Sequence[Change]) -> list[Change]:
    """Write the lists of digests that name changed files aside."""
    renewed = []
    after = {study / change.target: change.after for change in changes}
    for number, place in enumerate(sorted({path.parent for path in after})):
        listed = read_digests(place)
        new = {name: after[place / name] for name in listed if place / name in after}
        if new:
            target = folder / f"digests {number}"
            old = (place / CHECKSUMS).read_bytes().decode("utf-8")
            target.write_bytes(
                with_digests(old, {listed[name]: digest for name, digest in new.items()}).encode()
            )
            name = (place / CHECKSUMS).relative_to(study).as_posix()
            renewed.append(staged_change(study, folder, name, target))
    return renewed


def processed_files(study: Path) -> list[Path]:
    """Return the files of a study's processed data, all of which can be made again."""
    processed = study / "data" / "processed"
    return [path for path in sorted(processed.rglob("*")) if path.is_file() and path.name not in KEPT]


def _made_again(study: Path, traces: Sequence[Trace]) -> list[Path]:
    """Return the files to delete: processed data, and copies of notebooks that hold the respondent."""
    files = processed_files(study)
    copies = [
        path
        for path in study_files(study)
        if ".ipynb_checkpoints" in path.parts or path.name.endswith((".failed.ipynb", ".ipynb.before"))
    ]
    apart = set(study_files(study)) - set(copies)
    held = set(search_files(study, traces, without=apart)["file"]) if copies else set()
    return [*files, *(path for path in copies if path.relative_to(study).as_posix() in held)]
