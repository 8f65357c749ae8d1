"""What a run of a notebook rested on: a record in the notebook, by which only what changed is run again.

The record is the digest of the notebook's code, of the files that it read, of trustkit's source and of the
versions of its libraries, and the digest of its outputs and of the versions that it names. Prose is not part
of it. A notebook is fresh if both digests are still the same; one whose outputs were changed by hand, or
merged, is run again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.util import source_from_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trustkit.checksums import CHECKSUMS, read_digests, verify_digest
from trustkit.files.erased_ids import refuse_unfinished
from trustkit.reporting.notebook_files import notebook_paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PACKAGE = Path(__file__).parents[1]
"""The package's own folder."""

SOURCES = frozenset({".py", ".yaml"})
"""Files of the package that a number can depend on."""

COMPUTES = frozenset(
    {"numpy", "pandas", "scipy", "matplotlib", "seaborn", "statsmodels", "formulaic", "gx2"}
    | {"insufficient-effort", "narwhals", "duckdb", "pyyaml", "phonenumberslite"}
    | {"pyarrow", "pyreadstat", "python-calamine", "rdata", "xlsxwriter", "python-docx", "python-pptx"}
    | {"nbclient", "nbformat", "ipykernel"}
)
"""What trustkit requires, with its extras, whose versions can change a notebook's outputs. The names are
listed here, and not taken from the installed metadata, so that a record does not depend on how and when
trustkit was installed."""

COMMAND_LINE = frozenset(
    {"__main__.py", "cli.py", "command_options.py", "command_output.py", "personal_data_commands.py"}
)
"""Modules of the command line, on which no number depends."""

NEVER_COMPUTES = frozenset(
    {"typer", "rich", "jupyterlab", "sphinx", "myst-parser", "pydata-sphinx-theme", "latex2mathml"}
    | {"pypandoc-binary", "typst", "pyspark"}
)
"""What trustkit requires for the command line, the site and its PDF: their versions change no output. Spark's
changes none but of notebooks that import it, and what a notebook imports counts in any case."""

IMPORTED = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+(.+))", re.MULTILINE)
"""What a line of code imports."""

COMPUTING_REPORTS = frozenset(
    {"__init__.py", "transparency.py", "published_answers.py"}
    | {"notebooks.py", "notebook_files.py", "cell_outputs.py", "cell_ends.py", "opened_files.py"}
    | {"kernels.py", "kernel_forks.py", "warm_kernels.py"}
    | {"processed_data.py", "used_columns.py", "verdict_outputs.py", "run_records.py"}
    | {"study.py", "review.py", "first_notebook.py", "page_templates.py"}
)
"""Of the modules that make reports, those that a notebook's outputs can depend on: what public names are made
of, and what runs notebooks and takes their outputs. The report that `trustkit.erase` makes is not among them:
it is another study's."""

DATA = ("data/raw", "data/processed")
"""Folders whose folders and files may be read by name."""

PROCESSED = "processed"
"""Notebooks whose code says this word may use each other's files."""


@dataclass(frozen=True, eq=False)
class StudyState:
    """A project as it is when its report begins: digests of its raw data, of trustkit and of libraries.

    Attributes
    ----------
    root
        The project's folder.
    raw
        The files below ``data/raw`` and their digests, taken once.
    package
        The digest of trustkit's source.
    """

    root: Path
    raw: Mapping[Path, str]
    package: str
    _versions: dict[str, str] = field(default_factory=dict)

    def record(self, notebook: Mapping[str, Any], opened: Iterable[str]) -> dict[str, object]:
        """Return the record of a run.

        Parameters
        ----------
        notebook
            The notebook as JSON, as it is in its file.
        opened
            The paths that its kernel opened (`trustkit.reporting.opened_files`).
        """
        reads = sorted({*self._named(_code(notebook)), *self.followed(opened)})
        return self._record(notebook, reads)

    def is_fresh(self, notebook: Mapping[str, Any]) -> bool:
        """Return whether a notebook's outputs are those of its last run and would be the same today."""
        record = notebook["metadata"].get("trustkit", {}).get("run")
        if not isinstance(record, dict) or not isinstance(record.get("reads"), list):
            return False
        reads = [name for name in record["reads"] if isinstance(name, str)]
        if set(self._named(_code(notebook))) - set(reads):
            return False
        return record == self._record(notebook, reads)

    def _record(self, notebook: Mapping[str, Any], reads: Sequence[str]) -> dict[str, object]:
        code = _code(notebook)
        rests_on = {
            "code": code,
            "files": {name: self._digest(self.root / name) for name in reads},
            "package": self.package,
            "versions": self._libraries("\n".join(code)),
        }
        outputs = [
            [cell.get("execution_count"), cell["outputs"]]
            for cell in notebook["cells"]
            if cell["cell_type"] == "code"
        ]
        versions = notebook["metadata"].get("trustkit", {}).get("versions")  # a page shows them
        made = digest_of([versions, outputs])
        return {"reads": list(reads), "rests_on": digest_of(rests_on), "outputs": made}

    def _named(self, code: Sequence[str]) -> Iterator[str]:
        """Iterate over what lies in the data's folders, or beside the notebooks, and is named in the code."""
        text = "\n".join(code)
        for place in (*DATA, "notebooks"):
            for path in _listed(self.root / place):
                if path.suffix != ".ipynb" and (
                    path.name in text or (path.suffix == ".py" and path.stem in text)
                ):
                    yield f"{place}/{path.name}"

    def followed(self, opened: Iterable[str]) -> Iterator[str]:
        """Iterate over what was opened in the project, a folder of data as a whole."""
        root = str(self.root.resolve())
        libraries = tuple(
            f"{Path(place).resolve()}{os.sep}" for place in (sys.prefix, sys.base_prefix, PACKAGE)
        )
        for path in opened:
            name = path.rstrip("/")
            if name != root and not name.startswith(f"{root}{os.sep}"):
                continue
            if name.startswith(libraries):
                continue
            parts = Path(_source(name)).relative_to(root).parts
            if any(part.startswith(".") for part in parts):
                continue
            while not all(map(_can_be_written, parts)):  # its folder is followed instead
                parts = parts[:-1]
            if parts[:1] == ("data",):
                yield "/".join(parts[:3])
            elif not path.endswith("/"):
                yield "/".join(parts)

    def _digest(self, path: Path) -> str:
        """Return the digest of a file, or of all that is in a folder."""
        if path.is_dir():
            files = sorted(item for item in path.rglob("*") if item.is_file() and not _is_hidden(item, path))
            return digest_of({item.relative_to(path).as_posix(): self._digest(item) for item in files})
        return self.raw.get(path) or file_digest(path)

    def versions(self, names: Iterable[str]) -> dict[str, str]:
        """Return the versions of packages, of those that are installed."""
        found = {name: self._version(name) for name in names}
        return {name: number for name, number in found.items() if number}

    def _libraries(self, code: str) -> dict[str, str]:
        """Return the versions of the libraries that trustkit names, and of those that the code imports."""
        found = {name: self._version(name) for name in sorted(COMPUTES)}
        for one, several in IMPORTED.findall(code):
            for item in one.split() or several.split(","):
                module = item.strip().partition(" ")[0].partition(".")[0]
                if module not in sys.stdlib_module_names and module != "trustkit":
                    found[module] = self._version(module, module=True)
        python = ".".join(str(part) for part in sys.version_info[:3])
        return {"python": python, **{name: number for name, number in found.items() if number}}

    def _version(self, name: str, *, module: bool = False) -> str:
        """Return the version of a package, or of those that hold a module; empty if there is none."""
        if name not in self._versions:
            try:
                self._versions[name] = version(name)
            except (PackageNotFoundError, ValueError):
                holders = packages_distributions().get(name, []) if module else []
                self._versions[name] = " ".join(
                    f"{holder} {version(holder)}" for holder in sorted(set(holders))
                )
        return self._versions[name]


def study_state(root: str | Path) -> StudyState:
    """Return the state of a project, each raw file compared with the digest kept beside it.

    Raises
    ------
    DataError
        If a raw file is missing or differs from its digest, or the erasure of a respondent was interrupted.
    """
    root = Path(root)
    refuse_unfinished(root)
    folder = root / "data" / "raw"
    raw = {}
    for listing in sorted(folder.rglob(CHECKSUMS)):
        for name in read_digests(listing.parent):
            raw[listing.parent / name] = verify_digest(listing.parent / name)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in raw:
            raw[path] = file_digest(path)
    return StudyState(root, raw, package_digest())


def stale_notebooks(state: StudyState, *, every: bool = False) -> list[Path]:
    """Return the notebooks to run, in the order of their names: those that are not fresh, or all.

    Of the notebooks that use ``data/processed``, also those after one that is not fresh, as it may write what
    they read.
    """
    stale = []
    renewed = False
    for path in notebook_paths(state.root):
        notebook = stored_notebook(path)
        sharing = notebook is not None and shares_files(notebook)
        fresh = notebook is not None and not every and state.is_fresh(notebook) and not (sharing and renewed)
        if not fresh:
            stale.append(path)
            renewed |= sharing
    return stale


def shares_files(notebook: Mapping[str, Any]) -> bool:
    """Return whether a notebook may read what another one writes."""
    return any(PROCESSED in source for source in _code(notebook))


def stored_notebook(path: Path) -> dict[str, Any] | None:
    """Return a notebook as JSON; None if the file is not a notebook, which a run tells in words."""
    try:
        notebook: dict[str, Any] = json.loads(path.read_bytes())
        known = isinstance(notebook["metadata"], dict) and notebook["nbformat"] == 4  # noqa: PLR2004
        _code(notebook)
        _ = [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return notebook if known else None


def package_digest(*, pages: bool = False) -> str:
    """Return the digest of trustkit's source; with pages, of all that makes the site, too."""
    files = sorted(path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    kept = [path for path in files if pages or _computes(path.relative_to(PACKAGE))]
    return digest_of({path.relative_to(PACKAGE).as_posix(): file_digest(path) for path in kept})


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file; empty if there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def digest_of(value: object) -> str:
    """Return the SHA-256 of plain values."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _computes(path: Path) -> bool:
    """Return whether a notebook's outputs can depend on a file of the package."""
    if path.parts[0] == "reporting":
        return path.name in COMPUTING_REPORTS and len(path.parts) == 2  # noqa: PLR2004
    return path.suffix in SOURCES and path.name not in COMMAND_LINE


def _code(notebook: Mapping[str, Any]) -> list[str]:
    """Return the code of a notebook's cells."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def _can_be_written(name: str) -> bool:
    """Return whether a file's name is text, which a system may not ask of it."""
    return not any("\ud800" <= sign <= "\udfff" for sign in name)


def _source(path: str) -> str:
    """Return the file of source that a compiled file was made from; other files as they are."""
    try:
        return source_from_cache(path) if path.endswith(".pyc") else path
    except ValueError:
        return path


def _listed(folder: Path) -> list[Path]:
    """Return what is in a folder and not hidden."""
    if not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith((".", "__pycache__"))]


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts)
