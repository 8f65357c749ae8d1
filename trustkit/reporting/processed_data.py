"""A study's processed data, all of which can be made again: its files, and the columns that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.errors import TrustkitError
from trustkit.files.read import read_as_it_is

if TYPE_CHECKING:
    from pathlib import Path

KEPT = frozenset({".gitkeep", ".gitignore"})
"""Files of ``data/processed`` that hold no data."""


def processed_files(study: Path) -> list[Path]:
    """Return the files of a study's processed data."""
    processed = study / "data" / "processed"
    return [path for path in sorted(processed.rglob("*")) if path.is_file() and path.name not in KEPT]


def columns_of(path: Path) -> frozenset[str]:
    """Return the columns of a file; none if it is no table."""
    try:
        return frozenset(map(str, read_as_it_is(path).data.columns))
    except TrustkitError:
        return frozenset()


def processed_columns(study: Path) -> dict[str, list[str]]:
    """Return the columns of a study's processed data: name -> files that hold it, from the study's folder."""
    held: dict[str, list[str]] = {}
    for path in processed_files(study):
        for name in sorted(columns_of(path)):
            held.setdefault(name, []).append(path.relative_to(study).as_posix())
    return held
