"""Where an erased respondent may still be, out of trustkit's reach, and what to do about it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

CLONES = (
    "clones and forks of the repository",
    "Each owner deletes theirs and clones again after the purge; ask the host to purge its caches.",
)
BACKUPS = (
    "backups and copies of the study's folder",
    "Delete them, or repeat the erasure after a restore: trustkit erase STUDY ID",
)
PUBLISHED = (
    "the last published version of the report and its downloads",
    "Withdraw it, then publish the new one (trustkit report STUDY): they differ by this one respondent",
)
DISK = ("blocks of the disk that held the old files", "They are overwritten in time; on an SSD: fstrim -av")
"""What is always out of reach."""


def out_of_reach(study: Path, files: Sequence[str], converted: Mapping[str, str]) -> pd.DataFrame:
    """Return where a respondent may still be: ``what``, and what to ``do``.

    Parameters
    ----------
    study
        The study's folder.
    files
        The raw files that held the respondent, from the study's folder.
    converted
        Those whose place another file took: old name -> new name.
    """
    rows = []
    home = next(
        (folder for folder in (study.absolute(), *study.absolute().parents) if (folder / ".git").exists()),
        None,
    )
    if home is not None:
        place = study.absolute().relative_to(home)
        paths = " ".join(f"--path {shlex.quote((place / name).as_posix())}" for name in files)
        added = " ".join(shlex.quote((place / converted.get(name, name)).as_posix()) for name in files)
        purge = (
            f"Copy the new files aside, then: git filter-repo --invert-paths {paths}; copy them back;"
            f" git add {added}; git commit; git reflog expire --expire=now --all; git gc --prune=now;"
            " git push --force --all; git push --force --tags. Notebooks that were committed need the same."
        )
        rows.append(("the history of the git repository", purge))
        rows.append(CLONES)
    return pd.DataFrame([*rows, BACKUPS, PUBLISHED, DISK], columns=["what", "do"])
