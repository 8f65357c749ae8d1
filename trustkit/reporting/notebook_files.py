"""New notebooks as files, written without Jupyter: cells that were not run yet, and text in Markdown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trustkit.yaml_documents import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
"""The kernel of a new notebook, and of a run."""

FORMAT = {"nbformat": 4, "nbformat_minor": 5}
"""The version of the notebook format in which cells have ids."""


@dataclass(frozen=True)
class Cell:
    """A cell that was not run yet.

    Parameters
    ----------
    name
        The cell's id: letters, digits, ``-`` and ``_``, once in a notebook.
    text
        Markdown or code.
    kind
        Which of the two.
    tags
        For example ``parameters``.
    """

    name: str
    text: str
    kind: Literal["markdown", "code"] = "code"
    tags: tuple[str, ...] = ()


def write_new_notebook(cells: Sequence[Cell], path: Path) -> None:
    r"""Write a notebook of cells that were not run yet, whole or not at all, as nbformat writes it.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> path = Path(tempfile.mkdtemp()) / "sum.ipynb"
    >>> write_new_notebook([Cell("title", "# Sum", "markdown"), Cell("sum", "1 + 1")], path)
    >>> [cell["source"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    [['# Sum'], ['1 + 1']]
    """
    notebook = {"cells": [_entry(cell) for cell in cells], "metadata": {"kernelspec": KERNEL}, **FORMAT}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True, separators=(",", ": "))
    replace_file(path, f"{text}\n")


def _entry(cell: Cell) -> dict[str, Any]:
    """Return a cell as the notebook format holds it."""
    entry: dict[str, Any] = {
        "cell_type": cell.kind,
        "id": cell.name,
        "metadata": {"tags": list(cell.tags)} if cell.tags else {},
        "source": cell.text.splitlines(keepends=True),
    }
    return {**entry, "execution_count": None, "outputs": []} if cell.kind == "code" else entry
