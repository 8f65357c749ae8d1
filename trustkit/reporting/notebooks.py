"""Notebooks: run to a file that depends on code and data alone, and read for a report.

A run is written whole or not at all: it is made aside and moved into place when every cell has passed.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from trustkit.errors import ReportError, not_installed, suggest
from trustkit.files.scratch_folders import temporary_folder
from trustkit.reporting import cell_ends, opened_files
from trustkit.reporting.notebook_files import FAILED, KERNEL
from trustkit.reporting.warm_kernels import kernel_environment
from trustkit.yaml_documents import replace_file

try:
    import nbformat
    from jupyter_core.utils import ensure_event_loop
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from nbformat.v4 import new_code_cell

    from trustkit.reporting import cell_outputs
    from trustkit.reporting.kernels import Kernels
except ImportError as missing:  # pragma: no cover
    raise not_installed("runs notebooks", missing, "report") from missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbformat import NotebookNode

    from trustkit.reporting.run_records import StudyState

PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "pingouin")
"""Packages whose versions a run records beside Python's, where they are installed."""

COLOUR = re.compile(r"\x1b\[[\d;]*m")
"""What colours text in a terminal."""

CELL_LINE = re.compile(r"Cell In\[\d+\], line (\d+)|line (\d+) of the cell:")
"""How tracebacks name a line of a cell."""

LONGEST_PLACE = 60
"""Bytes of the longest path of temporary files in which sockets are made: systems take about a hundred."""

TIMEOUT = 600
"""Seconds that one cell may take."""


def run_notebook(
    source: str | Path,
    target: str | Path,
    parameters: Mapping[str, object] | None = None,
    *,
    state: StudyState | None = None,
    kernels: Kernels | None = None,
) -> Path:
    """Run a notebook from top to bottom in a new kernel and write it with its outputs.

    The kernel is this Python, in the source's folder. No time is recorded, so the same code and data
    give the same bytes; the versions of Python and of `PACKAGES` go into the notebook's metadata.

    Parameters
    ----------
    source, target
        The notebook to read and the file to write (they may be the same).
    parameters
        Name -> literal, assigned after the cell tagged ``parameters``.
    state
        The project. With it, the notebook keeps a record of what the run rested on
        (`trustkit.reporting.run_records`).
    kernels
        What starts the kernel, for whoever may have to stop it.

    Returns
    -------
    Path
        The target.

    Raises
    ------
    ReportError
        The source is missing or no notebook; a name is not a parameter; a cell fails, even one tagged
        ``raises-exception``, takes longer than `TIMEOUT` seconds, or shows more than
        `cell_outputs.MOST_MEGABYTES`. After a failed cell the target is as it was before, and the run as
        far as it came is beside it, ``<name>.failed.ipynb``, until a run succeeds.

    Examples
    --------
    >>> import nbformat, pathlib, tempfile
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "sum.ipynb"
    >>> nbformat.write(new_notebook(cells=[new_code_cell("1 + 1", id="sum")]), file)
    >>> read_notebook(run_notebook(file, file)).cells[0].outputs[0].data["text/plain"]
    '2'
    """
    source, target = Path(source), Path(target)
    notebook = read_notebook(source)
    written = list(notebook.cells)
    if parameters:
        notebook.cells = _with_parameters(notebook.cells, parameters, source.as_posix())
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    notebook.metadata.update(kernelspec=KERNEL, trustkit={"versions": _installed()})
    started: list[NotebookNode] = []
    extensions = (cell_ends, opened_files) if state else (cell_ends,)
    client = cell_outputs.LimitedClient(
        notebook,
        resources={"metadata": {"path": str(source.resolve().parent)}},
        timeout=TIMEOUT,
        record_timing=False,
        force_raise_errors=True,
        skip_cells_with_tag="",
        extra_arguments=[f"--IPKernelApp.extra_extensions={module.__name__}" for module in extensions],
        on_cell_start=lambda cell, cell_index: started.append(cell),  # noqa: ARG005
    )
    failed = target.with_name(target.name.removesuffix(".ipynb") + FAILED)
    fault: Exception | None = None
    opened: list[str] | None = None
    try:
        with temporary_folder(longest=LONGEST_PLACE) as scratch:
            client.km = (kernels or Kernels()).new(scratch)
            place = scratch / "opened"
            client.execute(cleanup_kc=True, env=kernel_environment(place))
            opened = opened_files.read_opened(place)
    except (CellExecutionError, CellTimeoutError, DeadKernelError, cell_outputs.TooMuchOutputError) as found:
        fault = found
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = cell_outputs.join_printed(cell.outputs)
    wrong = [cell for cell in notebook.cells if _error_of(cell)]
    if fault or wrong:
        write_notebook(notebook, failed)
        cell = started[-1] if fault else wrong[0]
        number = next(number for number, item in enumerate(written, 1) if item is cell)
        first = next(line.strip() for line in cell.source.splitlines() if line.strip())
        raise ReportError(
            f"cell {number} of {len(written)} failed: {first}",
            where=f"{source.as_posix()}{_line_of(cell)}",
            got=_failure(fault, cell, shows_too_much=client.shows_too_much),
            do=f"correct the cell; the run as far as it came is in {failed.as_posix()}",
        )
    if state is not None and opened is not None:
        notebook.metadata.trustkit["run"] = state.record(json.loads(nbformat.writes(notebook)), opened)
    write_notebook(notebook, target)
    failed.unlink(missing_ok=True)
    return target


def close_loop() -> None:
    """Close the event loop in which this thread spoke to its kernels."""
    ensure_event_loop().close()


def _error_of(cell: NotebookNode) -> NotebookNode | None:
    """Return the error that a cell, or the display of its result, ended with."""
    errors = [output for output in cell.get("outputs", []) if output.output_type == "error"]
    return errors[-1] if errors else None


def _line_of(cell: NotebookNode) -> str:
    """Return the line of a cell in which its error began, if it is known."""
    error = _error_of(cell)
    text = COLOUR.sub("", "\n".join(error.traceback)) if error else ""
    lines = [line[1] or line[2] for line in CELL_LINE.finditer(text)]
    return f", line {lines[-1]} of the cell" if lines else ""


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook in the current format.

    Raises
    ------
    ReportError
        If the file is missing or is not a notebook.
    """
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except FileNotFoundError:
        near = sorted(item.name for item in path.parent.glob("*.ipynb"))
        todo = suggest(path.name, near) if near else "check the path and the working directory"
        raise ReportError("no such notebook", where=path.as_posix(), do=todo) from None
    except (nbformat.ValidationError, RecursionError, ValueError, TypeError, AttributeError) as fault:
        got = str(fault).splitlines()[0]
        raise ReportError(
            "the file is not a notebook",
            where=path.as_posix(), got=got, expected="a Jupyter notebook, as it was saved",
            do="save it again from Jupyter, or take it out of the folder",
        ) from None  # fmt: skip
    return notebook


def write_notebook(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text: str = nbformat.writes(notebook)
    replace_file(path, text if text.endswith("\n") else f"{text}\n")


def heading(notebook: NotebookNode, where: str) -> tuple[str, str]:
    r"""Return a notebook's title and the question that its first paragraph asks.

    Raises
    ------
    ReportError
        If the notebook does not begin with them.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> text = "# Trust\n\n**Do people trust brands?** Most of them do."
    >>> heading(new_notebook(cells=[new_markdown_cell(text)]), "trust.ipynb")
    ('Trust', 'Do people trust brands?')
    """
    title, question, _ = _opening(notebook, where)
    return title, question


def answer_of(notebook: NotebookNode, where: str) -> str:
    r"""Return the answer in a notebook's first paragraph: what follows the question; empty if nothing does.

    Examples
    --------
    >>> from nbformat.v4 import new_markdown_cell, new_notebook
    >>> text = "# Trust\n\n**Do people trust brands?** Most of them do."
    >>> answer_of(new_notebook(cells=[new_markdown_cell(text)]), "trust.ipynb")
    'Most of them do.'
    """
    return _opening(notebook, where)[2]


def _opening(notebook: NotebookNode, where: str) -> tuple[str, str, str]:
    """Return a notebook's title, and the question and the answer of its first paragraph."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    opening = re.match(r"\s*# +(?P<title>.+?) *\n\s*(?P<first>[^\s#].*?)\s*(?:\n\s*\n|\Z)", text, re.DOTALL)
    if not opening:
        raise ReportError(
            "the notebook does not begin with a title and a question",
            where=where,
            expected="'# Title' and below it the question and its answer, in two sentences",
        )
    first = " ".join(opening["first"].replace("*", "").split())
    sentence = re.match(r"[^?]+\?|.+?\.(?= )|.+", first)
    question = sentence[0] if sentence else first
    return _as_read(opening["title"]), _as_read(question), _as_read(first[len(question) :].strip())


def _as_read(markdown: str) -> str:
    """Return what a reader sees of a line of Markdown."""
    from markdown_it import MarkdownIt  # noqa: PLC0415

    (line,) = MarkdownIt("commonmark").parseInline(markdown)
    parts = (" " if part.type.endswith("break") else part.content for part in line.children or [])
    return "".join(parts)


def _with_parameters(
    cells: list[NotebookNode], parameters: Mapping[str, object], where: str
) -> list[NotebookNode]:
    """Return the cells with one more, after the cell that assigns the parameters, that assigns them anew."""
    cells = [cell for cell in cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    tagged = [number for number, cell in enumerate(cells) if "parameters" in cell.metadata.get("tags", [])]
    if not tagged:
        raise ReportError(
            "the notebook takes no parameters",
            where=where,
            got=", ".join(parameters),
            do="tag the cell that assigns them 'parameters'",
        )
    known = [
        target.id
        for statement in ast.parse(cells[tagged[0]].source).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name)
    ]
    for name, value in parameters.items():
        if name not in known:
            raise ReportError(f"no parameter {name!r}", where=where, got=repr(name), do=suggest(name, known))
        try:
            ast.literal_eval(repr(value))
        except (ValueError, SyntaxError):
            raise ReportError(
                f"the parameter {name!r} is not a literal",
                where=where,
                got=repr(value),
                expected="text, a number, True, False, None, or a list, tuple, set or mapping of these",
            ) from None
    assigned = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    given = new_code_cell(
        f"# Given to this run\n{assigned}",
        id="injected-parameters",
        metadata={"tags": ["injected-parameters"]},
    )
    return [*cells[: tagged[0] + 1], given, *cells[tagged[0] + 1 :]]


def _installed() -> dict[str, str]:
    """Return the versions of Python and of those `PACKAGES` that are installed."""
    versions = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def _failure(fault: Exception | None, cell: NotebookNode, *, shows_too_much: bool) -> str:
    """Return how a cell failed, by the error that it shows: the kernel's reply does not always name it."""
    if shows_too_much:
        return f"the cell prints more than {cell_outputs.MOST_MEGABYTES:,} MB"
    if isinstance(fault, CellTimeoutError):
        return f"no end after {TIMEOUT} seconds"
    error = _error_of(cell)
    if error:
        return f"{error.ename}: {error.evalue}".removesuffix(": ")
    return f"{fault.ename}: {fault.evalue}" if isinstance(fault, CellExecutionError) else "the kernel died"
