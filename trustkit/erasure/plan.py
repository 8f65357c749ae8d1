"""An erasure before it is decided: every new file of the study, written aside."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from trustkit.arguments import PATH, ArgumentKind, accepts, one_of
from trustkit.checksums import CHECKSUMS, read_digests, with_digests, with_names
from trustkit.erasure.erased_rows import Removal, Rewritten, write_without
from trustkit.erasure.journal import Change, staged_change, staging
from trustkit.erasure.personal_traces import Trace, search_files, study_files, traces_of
from trustkit.erasure.respondent_rows import Located, Sought, Table, locate
from trustkit.errors import DataError
from trustkit.files.read import read_as_it_is
from trustkit.files.write import write
from trustkit.reporting.processed_data import processed_files
from trustkit.survey.respondent_ids import id_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

DAY = ArgumentKind(
    lambda value: isinstance(value, dt.date) or (isinstance(value, str) and _is_day(value)),
    "a date such as 2026-05-03",
    "write it as year, month and day: 2026-05-03",
)
"""The kind of the day of an erasure."""

Unwritable = Literal["refuse", "convert"]
"""What happens to a file that can't be written again in its own format."""

CONVERTED = ".parquet"
"""The suffix of a file that stands in the place of one that can't be written again."""

OR_CONVERT = (
    'or erase again with --convert (unwritable="convert"), which puts a Parquet file with all other rows in'
    " its place"
)
"""What else to do about a file that can't be written."""


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
    """An erasure whose new files are written aside: nothing has changed yet.

    Attributes
    ----------
    located
        Where the respondent is.
    files
        The raw files that are written again, as `Erasure` has them.
    converted
        Those that a file of another format takes the place of: old name -> new name.
    changes
        What changes in the study.
    deleted
        The files that are deleted, as they can be made again.
    traces
        What is the respondent's alone.
    """

    located: Located
    files: pd.DataFrame
    converted: dict[str, str]
    changes: tuple[Change, ...]
    deleted: tuple[str, ...]
    traces: tuple[Trace, ...]


@contextmanager
def planned(study: Path, who: Sought, unwritable: Unwritable = "refuse") -> Iterator[tuple[Plan, Path]]:
    """Write the files of a study without a respondent aside; nothing changes unless they are committed.

    Parameters
    ----------
    study
        The study's folder.
    who
        The respondent.
    unwritable
        What happens to a file that can't be written again in its own format.
    """
    accepts(study=(study, PATH), unwritable=(unwritable, one_of(Unwritable)))
    located = locate(study, who)
    with staging(study) as folder:
        rows: list[tuple[str, int, str, str]] = []
        records: list[str] = []
        changes: list[Change] = []
        converted: dict[str, str] = {}
        for number, table in enumerate(located.mine):
            name = table.path.relative_to(study).as_posix()
            place = folder / str(number)
            place.mkdir()
            _refuse_alone(table)
            target, rewritten = _rewritten(table, place, who, unwritable)
            is_converted = target.name != table.path.name
            changes.append(staged_change(study, folder, name, None if is_converted else target))
            if changes[-1].before != table.survey.digest:
                raise DataError(
                    "the file changed while it was read; nothing was changed",
                    where=table.path.as_posix(), do="erase again",
                )  # fmt: skip
            if is_converted:
                converted[name] = table.path.with_name(target.name).relative_to(study).as_posix()
                changes.append(staged_change(study, folder, converted[name], target))
            records += rewritten.records
            rows.append((name, len(table.rows), rewritten.how, "; ".join(rewritten.lost)))
        traces = traces_of(who.ids, [(table.survey, table.rows) for table in located.tables], records)
        changes += renewed_digests(study, folder, changes, converted)
        changes += _renamed_in_notebooks(study, folder, converted)
        deleted = [path.relative_to(study).as_posix() for path in _made_again(study, traces)]
        changes += [staged_change(study, folder, name, None) for name in deleted]
        files = pd.DataFrame(rows, columns=["file", "rows", "how", "lost"])
        yield Plan(located, files, converted, tuple(changes), tuple(deleted), traces), folder


def _rewritten(table: Table, place: Path, who: Sought, unwritable: Unwritable) -> tuple[Path, Rewritten]:
    """Write a file without the respondent's rows into a folder, and return where and how."""
    target = place / table.path.name
    book = table.survey.codebook
    removal = Removal(table.rows, len(table.survey.data), book.encoding, book.sheet, table.columns, who.ids)
    try:
        rewritten = write_without(table.path, target, removal)
        _refuse_other_rows(table, target)
    except DataError as fault:
        if unwritable == "refuse":
            raise DataError(
                fault.what, where=fault.where, got=fault.got, expected=fault.expected,
                do=f"{fault.do}; {OR_CONVERT}",
            ) from fault  # fmt: skip
    else:
        return target, rewritten
    new = table.path.with_suffix(CONVERTED)
    if new.exists():
        raise DataError(
            "a Parquet file can't take the place of the old one, as there is one of its name;"
            " nothing was changed",
            where=new.as_posix(), do="rename one of the two in the folder and in SHA256SUMS, and erase again",
        )  # fmt: skip
    target.unlink(missing_ok=True)
    data = table.survey.data
    kept = data.drop(index=data.index[list(table.rows)]).reset_index(drop=True)
    losses = write(replace(table.survey, data=kept), place / new.name)
    _refuse_other_rows(table, place / new.name)
    lost = tuple(f"{row.variable}: {row.what}" for row in losses.itertuples())
    return place / new.name, Rewritten(f"replaced by {new.name}, as its format can't be written", lost)


def _renamed_in_notebooks(study: Path, folder: Path, converted: Mapping[str, str]) -> list[Change]:
    """Write the notebooks aside that read a file whose place another one takes, with the new name."""
    changes = []
    for number, path in enumerate(sorted((study / "notebooks").glob("*.ipynb"))):
        old = path.read_bytes()
        new = old
        for before, after in converted.items():
            new = new.replace(before.encode(), after.encode())
        if new != old:
            target = folder / f"notebook {number}"
            target.write_bytes(new)
            changes.append(staged_change(study, folder, path.relative_to(study).as_posix(), target))
    return changes


def _refuse_alone(table: Table) -> None:
    """Refuse to leave a file without respondents, which nothing could read."""
    if len(table.rows) == len(table.survey.data):
        raise DataError(
            "the respondent is the only one in the file; nothing was changed",
            where=table.path.as_posix(), do=f"delete the file and its line in {CHECKSUMS}, and erase again",
        )  # fmt: skip


def _refuse_other_rows(table: Table, target: Path) -> None:
    """Refuse a new file that is not read as the old one without the respondent's rows, cell by cell."""
    book = table.survey.codebook
    again = read_as_it_is(
        target, table.codebook, sheet=None, encoding=None if table.codebook else book.encoding or None
    )
    old = table.survey.data
    wanted = old.drop(index=old.index[list(table.rows)])
    told = f"the other {len(wanted):,} rows, in their order, with all their cells"
    refuse_other_cells(table.path, wanted, again.data, ("the respondent", "erase", told))


def refuse_other_cells(
    path: Path, wanted: pd.DataFrame, got: pd.DataFrame, words: tuple[str, str, str]
) -> None:
    """Refuse a new file that is not read, cell by cell, as what is to be left of the old one.

    Parameters
    ----------
    path
        The old file.
    wanted
        What is to be left of it.
    got
        What the new one is read as.
    words
        Without what the file was written, what is to be done again, and what is expected.

    Raises
    ------
    DataError
        If they differ.
    """
    without, task, expected = words
    if len(got) != len(wanted) or list(got) != list(wanted):
        told = f"{len(got):,} rows of {len(got.columns):,} columns"
    else:
        told = ", ".join(
            str(name)
            for name in wanted
            if [id_text(cell) for cell in got[name]] != [id_text(cell) for cell in wanted[name]]
        )
    if told:
        raise DataError(
            f"the file without {without} is not read as it was; nothing was changed",
            where=path.as_posix(), got=told, expected=expected,
            do=f"save it in another format, write its digest, and {task} again",
        )  # fmt: skip


def renewed_digests(
    study: Path, folder: Path, changes: Sequence[Change], converted: Mapping[str, str] | None = None
) -> list[Change]:
    """Write the lists of digests that name changed files aside.

    Parameters
    ----------
    study, folder
        The study, and the folder of `staging`.
    changes
        The changes of its files.
    converted
        Files whose place another one takes: old name -> new name.
    """
    renewed = []
    named = converted or {}
    digests = {change.target: change.after for change in changes}
    after = {study / name: digests[named.get(name, name)] for name in digests}
    for number, place in enumerate(sorted({path.parent for path in after})):
        listed = read_digests(place)
        new = {name: after[place / name] for name in listed if place / name in after}
        if new:
            target = folder / f"digests {number}"
            old = (place / CHECKSUMS).read_bytes().decode("utf-8")
            text = with_digests(old, {listed[name]: digest for name, digest in new.items()})
            moved = {
                Path(before).name: Path(now).name
                for before, now in named.items()
                if study / before in {place / name for name in new}
            }
            target.write_bytes(with_names(text, moved).encode())
            name = (place / CHECKSUMS).relative_to(study).as_posix()
            renewed.append(staged_change(study, folder, name, target))
    return renewed


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
