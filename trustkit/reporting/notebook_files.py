"""Notebooks as files, without Jupyter: which a project has, what they are called, and new ones."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trustkit.errors import ReportError
from trustkit.yaml_documents import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
"""The kernel of a new notebook, and of a run."""

FAILED = ".failed.ipynb"
"""How the name of a run that failed ends."""

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


def notebook_paths(root: Path) -> list[Path]:
    """Return a project's notebooks, in the order of their names.

    Raises
    ------
    ReportError
        If there are none.
    """
    folder = root / "notebooks"
    paths = sorted(path for path in folder.glob("*.ipynb") if not path.name.endswith(FAILED))
    if not paths:
        raise ReportError(
            "there are no notebooks", where=folder.as_posix(),
            do="give the folder of a study, which has the folder notebooks/ in it",
        )  # fmt: skip
    return paths


def page_names(paths: Sequence[Path]) -> list[str]:
    """Return a name for each notebook that can stand in an address, as near to the file's as possible.

    Examples
    --------
    >>> from pathlib import Path
    >>> page_names([Path("02_trust.ipynb"), Path("a <b>#1.ipynb"), Path("a  b  1.ipynb")])
    ['02_trust', 'a_b_1', 'a_b_1-2']
    """
    names: list[str] = []
    for path in paths:
        name = re.sub(r"[^\w.-]+", "_", path.stem, flags=re.ASCII).strip("._") or "page"
        count = sum(re.fullmatch(rf"{re.escape(name)}(-\d+)?", known) is not None for known in names)
        names.append(f"{name}-{count + 1}" if count else name)
    return names


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
