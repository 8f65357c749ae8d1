"""What a site was made from: a record in its folder, so that the same site is not made again.

The record is the digest of all that the pages are made from, and the digest of the site's own files.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustkit.reporting.notebook_files import notebook_paths
from trustkit.reporting.run_records import (
    COMPUTES,
    NEVER_COMPUTES,
    digest_of,
    file_digest,
    package_digest,
)
from trustkit.shipped_files import shipped

if TYPE_CHECKING:
    from pathlib import Path

    from trustkit.reporting.run_records import StudyState

RECORD = ".trustkit.json"
"""The file of a site that holds its record."""

PDF, PDF_RECORD = "report.pdf", ".report.json"
"""The whole report as a PDF, which has a record of its own."""

METHOD = ("maths.md", "terms.md")
"""The pages of the method: the project's own, or the package's."""

ABOUT = frozenset({".cff", ".md", ".toml", ".yaml", ".yml"})
"""Files in a project's own folder that may tell about it."""

RENDERERS = ("docutils", "jinja2", "markdown-it-py", "mdit-py-plugins", "pygments", "beautifulsoup4", "babel")
"""What renders pages, beside the packages that trustkit requires itself."""


def method_page(root: Path, name: str) -> Path:
    """Return the file of a page of the method."""
    own = root / "docs" / name
    return own if own.is_file() else shipped("docs") / name


def site_inputs(state: StudyState, title: str | None) -> str:
    """Return the digest of all that a project's site is made from.

    Parameters
    ----------
    state
        The project.
    title
        The site's title, if one is given.
    """
    root = state.root
    about = [path for path in sorted(root.iterdir()) if path.is_file() and path.suffix in ABOUT]
    files = {
        **{path.relative_to(root).as_posix(): digest for path, digest in state.raw.items()},
        **{path.relative_to(root).as_posix(): file_digest(path) for path in (*notebook_paths(root), *about)},
        **{f"docs/{name}": file_digest(method_page(root, name)) for name in METHOD},
    }
    versions = state.versions(sorted({*COMPUTES, *NEVER_COMPUTES, *RENDERERS}))
    return digest_of([title, files, versions, package_digest(pages=True)])


def write_site_record(site: Path, inputs: str) -> None:
    """Write a site's record into its folder."""
    (site / RECORD).write_text(
        json.dumps({"rests_on": inputs, "files": _files(site)}) + "\n", encoding="utf-8"
    )


def site_is_fresh(site: Path, inputs: str) -> bool:
    """Return whether a folder holds the site that would be made from these inputs, as it was made."""
    try:
        record = json.loads((site / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(record == {"rests_on": inputs, "files": _files(site)})


def _files(site: Path) -> str:
    """Return the digest of a site's files, without its record."""
    apart = {site / name for name in (RECORD, PDF, PDF_RECORD)}
    files = sorted(path for path in site.rglob("*") if path.is_file() and path not in apart)
    return digest_of({path.relative_to(site).as_posix(): file_digest(path) for path in files})
