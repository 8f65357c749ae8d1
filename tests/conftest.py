"""What all tests share: one process that reads files of other programs."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from trustkit.files import excel, foreign_files, parquet

collect_ignore_glob = ["reference/*/*.py"]  # scripts that made references, some in environments of their own


@pytest.fixture(scope="session")
def kept_process():
    """A process that stays; it is started again if a file ends it."""
    with foreign_files.ReadingProcess() as process:
        yield process


@pytest.fixture(autouse=True)
def _one_reading_process(request, monkeypatch):
    """Read every file in one process, which saves half a second each, unless a test wants its own."""
    if "own_process" in request.keywords:
        return

    @contextmanager
    def kept():
        yield request.getfixturevalue("kept_process")

    for module in (foreign_files, excel, parquet):
        monkeypatch.setattr(module, "reading_process", kept)
