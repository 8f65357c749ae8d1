"""Changes of a study's files that happen all or not at all, also if the program is killed in between.

New files are written aside, into the study's folder that is never shared. Their list is the journal. The
decision is one renaming of that folder: before it nothing has changed, after it the changes can be finished
at any time, as each step may be taken twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.errors import DataError, writing
from trustkit.files.erased_ids import PRIVATE, UNDER_WAY, make_private
from trustkit.files.scratch_folders import remove_left_over, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SCRATCH = "erasing-"
"""How the folder begins in which new files are written; one that a killed run left is removed by the next."""


@dataclass(frozen=True)
class Change:
    """One file that is replaced, made or deleted.

    Attributes
    ----------
    target
        The file, from the study's folder.
    staged
        The name of the new file beside the journal; "" if the file is deleted.
    before, after
        The SHA-256 of the file before and after; "" if there is none.
    """

    target: str
    staged: str
    before: str
    after: str


@contextmanager
def staging(study: Path) -> Iterator[Path]:
    """Make a folder for a study's new files; unless `commit` takes it, it goes and nothing has changed."""
    is_new = not (study / PRIVATE).exists()
    with writing(study / PRIVATE):
        private = make_private(study)
    try:
        with scratch_folder(private, SCRATCH) as scratch:
            folder = scratch / "temporary"
            folder.mkdir()
            yield folder
    finally:
        if is_new and {path.name for path in private.iterdir()} == {".gitignore"}:
            shutil.rmtree(private)


def staged_change(study: Path, folder: Path, target: str, new: Path | None) -> Change:
    """Return the change that puts a new file, written in the folder of `staging`, in place of another one.

    Parameters
    ----------
    study
        The study.
    folder
        The folder of `staging`.
    target
        The file, from the study's folder.
    new
        The new file; None if the file is deleted.
    """
    path = study / target
    if new is None:
        return Change(target, "", digest_if_there(path), "")
    if path.is_file():
        shutil.copymode(path, new)
    return Change(target, new.relative_to(folder).as_posix(), digest_if_there(path), digest_if_there(new))


def commit(study: Path, folder: Path, changes: Sequence[Change]) -> None:
    """Decide on changes whose new files are in the folder of `staging`, and carry them out.

    Raises
    ------
    DataError
        If a file has changed since its new one was written, or another erasure is under way.
    """
    changed = [item.target for item in changes if digest_if_there(study / item.target) != item.before]
    if changed:
        raise DataError(
            "files changed while their new versions were written; nothing was changed",
            where=", ".join(changed), do="run the command again",
        )  # fmt: skip
    journal = study / PRIVATE / UNDER_WAY
    with writing(journal):
        text = json.dumps([asdict(item) for item in changes], indent=1)
        (folder / journal.name).write_text(text, encoding="utf-8")
        for path in folder.rglob("*"):
            _keep(path)
        _keep(folder)
        try:
            folder.rename(journal.parent)
        except OSError as fault:
            if journal.exists():
                raise DataError(
                    "another erasure or expiry is under way",
                    where=study.as_posix(),
                    do="wait for its end, and try again",
                ) from fault
            raise
        _keep(journal.parent.parent)
    finish(study)


def finish(study: Path) -> bool:
    """Finish the changes that a killed run had decided on; return whether there were any.

    Raises
    ------
    DataError
        If a file is neither as it was before nor as it is after the changes: then somebody changed it.
    """
    journal = study / PRIVATE / UNDER_WAY
    remove_left_over(study / PRIVATE, SCRATCH)
    if not journal.is_file():
        shutil.rmtree(journal.parent, ignore_errors=True)
        return False
    changes = [Change(**item) for item in json.loads(journal.read_text(encoding="utf-8"))]
    others = [
        item.target
        for item in changes
        if digest_if_there(study / item.target) not in (item.before, item.after)
    ]
    if others:
        raise DataError(
            "files were changed while an erasure or an expiry was under way",
            where=", ".join(others), expected="the files as they were before it",
            do="put them back as they were, then: trustkit erase STUDY --resume",
        )  # fmt: skip
    with writing(study):
        for item in changes:
            target = study / item.target
            staged = journal.parent / item.staged
            if not item.staged:
                target.unlink(missing_ok=True)
            elif staged.is_file():
                _put(staged, Path(os.path.realpath(target)))
        for folder in {(study / item.target).parent for item in changes}:
            _keep(folder)
        journal.unlink()
    shutil.rmtree(journal.parent, ignore_errors=True)
    return True


def _put(staged: Path, target: Path) -> None:
    """Put a file in the place of another one at once, also on another file system."""
    try:
        staged.replace(target)
    except OSError:
        part = target.with_name(f".{target.name}.part")
        shutil.copy2(staged, part)
        _keep(part)
        part.replace(target)
        staged.unlink()


def digest_if_there(path: Path) -> str:
    """Return the SHA-256 of a file; "" if there is no such file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(path: Path) -> None:
    """Let the system write a file, or a folder's names, to the disk now, so that a power failure keeps it."""
    with suppress(OSError):  # folders can't be opened on Windows
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
