"""nbval's gate: a committed notebook holds all of its outputs, without errors, and hides none from comparison.

nbval compares what is there, so a stripped notebook would pass; and markers in a cell would excuse it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from trustkit.errors import ReportError
from trustkit.reporting.notebooks import read_notebook

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator
    from pathlib import Path

    from nbformat import NotebookNode

MARKER = re.compile(r"^[ \t]*#[# \t]*((?:NBVAL|PYTEST_VALIDATE)_\w+)", re.MULTILINE)
TAG = re.compile(r"nbval-|pytest-validate-|raises-exception$|skip-execution$")
REMEDY = "run it from top to bottom (make report), look at it, and commit it with its outputs"


class RefusedNotebook(pytest.File):
    """A notebook that is not compared, because comparing it would prove too little."""

    faults: tuple[str, ...] = ()

    def collect(self) -> Iterable[pytest.Item]:
        """Refuse the notebook, with all its faults."""
        lines = "\n".join(f"  - {fault}" for fault in self.faults)
        raise self.CollectError(f"{self.path.name} can't be validated:\n{lines}\n{REMEDY}")


def pytest_configure(config: pytest.Config) -> None:
    """Refuse the options with which nbval compares less."""
    for option in ("nbval_lax", "nbval_sanitize_with", "sanitize_with"):
        if getattr(config.option, option, None):
            raise pytest.UsageError(
                f"--{option.replace('_', '-')} compares less than every output; use --nbval"
            )


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Generator[None, Any, Any]:
    """Put a refusal in the place of a notebook with faults."""
    collectors = yield
    if file_path.suffix == ".ipynb" and getattr(parent.config.option, "nbval", False):
        faults = tuple(find_faults(file_path))
        if faults:
            refused = RefusedNotebook.from_parent(parent, path=file_path)
            refused.faults = faults
            return [refused]
    return collectors


def find_faults(path: Path) -> Iterator[str]:
    """Iterate over the reasons not to trust a notebook's outputs, cells counted from 1."""
    try:
        notebook = read_notebook(path)
    except ReportError as fault:
        yield f"{fault.what}: {fault.got}"
        return
    cells = [(number, cell) for number, cell in enumerate(notebook.cells, 1) if cell.cell_type == "code"]
    if not any(cell.outputs for _, cell in cells):
        yield "it has no outputs, so there is nothing to compare"
        return
    for number, cell in cells:
        yield from (f"cell {number}: {fault}" for fault in _cell_faults(cell))


def _cell_faults(cell: NotebookNode) -> Iterator[str]:
    if cell.source.strip() and cell.execution_count is None:
        yield "it was never run"
    for output in cell.outputs:
        if output.output_type == "error":
            yield f"it failed: {output.ename}: {output.evalue}"
    for marker in MARKER.findall(cell.source):
        yield f"the comment {marker} keeps its outputs from being compared"
    for tag in cell.metadata.get("tags", []):
        if TAG.match(tag):
            yield f"the tag {tag} keeps its outputs from being compared"
