"""The report: a site of static pages rendered from the outputs of committed notebooks; nothing is run.

The site loads nothing from elsewhere, holds no path or time, and is the same, byte for byte, when it is
built again. It is made aside and moved into place when it is whole.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.arguments import PATH, accepts
from trustkit.checksums import CHECKSUMS, read_digests, verify_digest
from trustkit.display import visible
from trustkit.errors import DataError, ReportError, install_hint, writing
from trustkit.files.read import read
from trustkit.files.scratch_folders import restore_folder, scratch_folder, switch_folder
from trustkit.ledger import PUBLISHED_COUNTS
from trustkit.reporting.citation import read_citation, write_identity
from trustkit.reporting.downloads import (
    FILES,
    PageDownloads,
    all_tables_block,
    offered_items,
    variable_names,
    write_all_tables,
)
from trustkit.reporting.notebook_files import notebook_paths, page_names
from trustkit.reporting.notebook_pages import download_block, first_chart, notebook_page, thumbnail_of
from trustkit.reporting.notebooks import heading, read_notebook, write_notebook
from trustkit.reporting.page_blocks import CELL_LINES, write_page
from trustkit.reporting.page_guard import drop_source_maps, finish_pages
from trustkit.reporting.page_styles import trim_styles
from trustkit.reporting.page_templates import SITE
from trustkit.reporting.protected_pages import protected_pages
from trustkit.reporting.published_answers import is_as_typed, published_codebook
from trustkit.reporting.run_records import study_state
from trustkit.reporting.site_pages import (
    Page,
    data_page,
    disclosure_page,
    first_page,
    held_page,
    versions_page,
)
from trustkit.reporting.site_records import METHOD, method_page, site_inputs, write_site_record
from trustkit.reporting.study import study_exports
from trustkit.reporting.verdict_outputs import has_claims, verdicts_of
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.survey.protection import Protection, strictest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustkit.survey.codebook import Codebook

SCRATCH = ".site-"
"""How the name of the folder begins in which a site is made."""

SHARED = "shared"
"""The folder of a site that holds the picture that a shared link to each report shows."""

THUMBNAILS = "thumbnails"
"""The folder of a site that holds the first chart of each report, under the report's name."""

TITLE = 200
"""Characters of a site's title that stand in the browser's tab."""

COMMENT = re.compile(r"^<!--.*?-->\n?", re.DOTALL | re.MULTILINE)
"""A comment on lines of its own in a page of the method; pages take no HTML, so that it would be text."""

LINE = re.compile(r"(?P<file>notebooks/\S+\.ipynb):(?P<line>\d+):")
"""Where in a notebook's page the renderer found something."""

CLAIMED, PLAIN = "Published figures, checked", "Survey report"
"""What a site is called whose project has registered claims, or none and no study's title."""


def render_site(root: str | Path, out: str | Path | None = None, *, title: str | None = None) -> Path:
    """Render a project's notebooks, as they were run and committed, to a site.

    The first page leads with the verdict on every claim, or says that none is registered; then come one
    page per notebook, the data dictionary, what is held and why, the method, and the versions and digests
    that the numbers rest on.

    Parameters
    ----------
    root
        The project's folder. It holds ``notebooks/*.ipynb`` with their outputs, among them what
        `verify` returns, and ``codebook.yaml``, ``claims.yaml`` and ``SHA256SUMS`` in the folders of
        ``data/raw/``. Its own ``docs/maths.md`` and ``docs/terms.md``, if any, go before the package's.
    out
        The folder to write; ``site`` in the project's folder if not given. A site that is there is
        replaced, anything else refused.
    title
        The heading of the first page and the site's name. If not given: that published figures are checked,
        or, without registered claims, the study's title.

    Returns
    -------
    Path
        The folder written.

    Raises
    ------
    ReportError
        There are no notebooks; claims are registered and no notebook shows a verdict; a notebook has no
        outputs, a failed cell or a picture without alternative text; Sphinx gives any warning. An older site
        is then left as it was.
    DataError
        If a raw file differs from its digest.
    CodebookError
        With every fault of a codebook.
    """
    accepts(root=(root, PATH), out=(root if out is None else out, PATH))
    root = Path(root)
    out = root / "site" if out is None else Path(out)
    restore_folder(out, SCRATCH)
    if out.exists() and not (out / ".buildinfo").is_file() and (out.is_file() or any(out.iterdir())):
        raise ReportError(
            "the output folder was not made by trustkit",
            where=out.as_posix(),
            do="name a new folder, an empty one, or one that holds an earlier site",
        )
    inputs = site_inputs(study_state(root), title)
    if title is None:
        books = sorted(root.glob("data/raw/*/codebook*.yaml"))
        study = read_codebook(books[0]).title if len(books) == 1 else ""
        title = CLAIMED if has_claims(root) else " ".join(study.split()) or PLAIN
    with writing(out), scratch_folder(out.parent, SCRATCH) as scratch:
        source, built = scratch / "source", scratch / "site"
        pages, counts = _write_sources(root, source, title)
        _build(source, built, title)
        finish_pages(built)
        drop_source_maps(built)
        trim_styles(built)
        _copy_notebooks(pages, built / "code")
        for name in (THUMBNAILS, FILES, SHARED):
            shutil.copytree(source / name, built / name)
        (built / PUBLISHED_COUNTS).write_text(f"{json.dumps(counts)}\n", encoding="utf-8")
        write_site_record(built, inputs)
        switch_folder(built, out)
    return out


def _read_pages(root: Path) -> tuple[list[Page], Mapping[str, Any]]:
    """Read a project's notebooks as they may be published, in the order of their names; and their ledger."""
    paths = notebook_paths(root)
    notebooks = [read_notebook(path) for path in paths]
    names = page_names(paths)
    protected = protected_pages(list(zip(names, notebooks, strict=True)), protection_of(root))
    pages = [
        Page(path, name, *heading(notebook, path.as_posix()), notebook)
        for path, name, notebook in zip(paths, names, protected.notebooks, strict=True)
    ]
    return pages, protected.counts


def protection_of(root: Path) -> Protection:
    """Return what must not be published of a project: the strictest rule of its codebooks."""
    paths = sorted(root.glob("data/raw/*/codebook*.yaml"))
    return strictest(read_codebook(path).protection for path in paths)


def _write_sources(root: Path, source: Path, title: str) -> tuple[list[Page], Mapping[str, Any]]:
    """Write what Sphinx reads: the notebooks' pages, the method's, and the pages made from data.

    Returns the notebooks' pages, and the ledger of the counts that they show.
    """
    for folder in ("notebooks", "docs", "pictures", THUMBNAILS, FILES, SHARED):
        (source / folder).mkdir(parents=True)
    pages, counts = _read_pages(root)
    pictures: dict[str, tuple[str, str]] = {}
    by_path = {path: read_codebook(path) for path in sorted(root.glob("data/raw/*/codebook*.yaml"))}
    books = list(by_path.values())
    names, citation = variable_names(books), read_citation(root)
    offers = []
    for place, item in enumerate(pages):
        offered = offered_items(item.notebook, names)
        downloads = PageDownloads(item.name, item.title, title, citation.named, offered)
        blocks = notebook_page(item.notebook, item.path, source / "pictures", downloads)
        downloads.write(source / FILES / item.name)
        offers.append(downloads)
        drawn = thumbnail_of(blocks)
        if drawn:
            file = source / THUMBNAILS / f"{item.name}{Path(drawn).suffix}"
            shutil.copyfile(source / drawn.removeprefix("/"), file)
            pages[place] = replace(item, thumbnail=file.relative_to(source).as_posix())
        chart = first_chart(item.notebook)
        if chart:
            shared = source / SHARED / f"{item.name}.png"
            shared.write_bytes(chart[0])
            pictures[f"notebooks/{item.name}"] = (shared.relative_to(source).as_posix(), chart[1])
        blocks.append(download_block(item.name))
        (source / "notebooks" / f"{item.name}.ipynb").write_text(write_page(blocks), encoding="utf-8")
    for name in METHOD:
        text = COMMENT.sub("", method_page(root, name).read_text(encoding="utf-8"))
        (source / "docs" / name).write_text(text, encoding="utf-8")
    digests = [
        {
            "folder": path.parent.relative_to(root).as_posix(), "file": name,
            "SHA-256": verify_digest(path.parent / name),
        }
        for path in sorted(root.glob(f"data/raw/*/{CHECKSUMS}"))
        for name in sorted(read_digests(path.parent))
    ]  # fmt: skip
    shown = [(item.name, item.notebook) for item in pages]
    exports = _study_exports(root)
    held = [read_codebook(path) for path in dict.fromkeys(book for _, book in exports)]
    page_texts = {
        "index": first_page(title, pages, verdicts_of(shown, root), books),
        "data": data_page(_published_books(root, exports)),
        "disclosure": disclosure_page(pages, books),
        "held": held_page(held, [book.title for book in books if book.title and book not in held]),
        "versions": versions_page(pages, digests),
    }
    by_place = {path.relative_to(root).as_posix(): book for path, book in by_path.items()}
    write_identity(source, citation, by_place, pictures, _raw_data_of(pages))
    if write_all_tables(offers, source / FILES):
        page_texts["index"].append(all_tables_block())
    for name, blocks in page_texts.items():
        text = write_page(blocks, wide=name != "versions")
        (source / f"{name}.json").write_text(text, encoding="utf-8")
    return pages, counts


def _raw_data_of(pages: Sequence[Page]) -> dict[str, list[str]]:
    """Return the folders of raw data that each report was made from, where its run was recorded.

    A report from processed data is left out, as nothing tells which raw data are in them.
    """
    found: dict[str, list[str]] = {}
    for page in pages:
        reads = page.notebook.metadata.get("trustkit", {}).get("run", {}).get("reads")
        if isinstance(reads, list) and not any(str(name).startswith("data/processed") for name in reads):
            found[f"notebooks/{page.name}"] = [str(name) for name in reads]
    return found


def _study_exports(root: Path) -> list[tuple[Path, Path]]:
    """Return the exports that a project holds, each with its codebook; none if it has only codebooks."""
    try:
        return study_exports(root)
    except DataError:
        return []


def _published_books(root: Path, exports: Sequence[tuple[Path, Path]]) -> list[Codebook]:
    """Return a project's codebooks without the answers that too few respondents gave to be published.

    If a codebook has no export, how many gave an answer is not known.
    """
    books = {path: read_codebook(path) for path in sorted(root.glob("data/raw/*/codebook*.yaml"))}
    if not any(is_as_typed(variable) for book in books.values() for variable in book.variables.values()):
        return list(books.values())
    published = []
    for path, book in books.items():
        matching = [export for export, own in exports if own.resolve() == path.resolve()]
        rows = [read(export, path).data for export in matching]
        published.append(published_codebook(book, pd.concat(rows) if rows else None))
    return published


def _copy_notebooks(pages: Sequence[Page], folder: Path) -> None:
    """Write the notebooks, as they may be published, beside the pages, for readers to download."""
    folder.mkdir()
    for item in pages:
        write_notebook(item.notebook, folder / f"{item.name}.ipynb")


def _build(source: Path, built: Path, title: str) -> None:
    """Run Sphinx on the sources; any warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-N", "-E", "-W", "--keep-going"]
    command += ["-c", str(SITE), "-d", str(source.parent / "doctrees"), "-D", f"html_title={_short(title)}"]
    temporary = source.parent / "temporary"
    temporary.mkdir()
    done = subprocess.run(  # noqa: S603  # no shell
        [*command, str(source), str(built)],
        env=_environment(temporary),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        message = done.stderr.replace(f"{source}{os.sep}", "").strip()
        raise _failure(message)


def _failure(message: str) -> ReportError:
    """Make an error of what the renderer said: of a page, of the system, or of the renderer itself."""
    system = re.search(r"\[Errno \d+\] ([^\n]+)", message)
    if system:
        return ReportError(
            "the site could not be written; the site from before is as it was",
            got=system[1],
            do="free some space or choose another folder with --out, then run the report again",
        )
    if "WARNING" in message or "ERROR" in message:
        return ReportError(
            "the pages can't be rendered without a warning",
            got=LINE.sub(_in_cell, message),
            do="correct the notebook or the page that is named",
        )
    named = re.search(r"^ *(\w[\w.]*(?:Error|Exception|Warning)\b.*)", message, re.MULTILINE)
    return ReportError(
        "the program that renders the pages failed",
        got=named[1] if named else message or "no message",
        do=f"{install_hint('report')} --force-reinstall",
    )


def _in_cell(link: re.Match[str]) -> str:
    """Return the cell of a notebook, and the line in it, for a line of the page."""
    cell, line = divmod(int(link["line"]), CELL_LINES)
    return f"{link['file']}, cell {cell}, line {max(line, 1)}:"


def _environment(temporary: Path) -> dict[str, str]:
    """Return the environment of the renderer: nothing of the user's settings changes a page."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LC_", "PYTHONWARN", "PYTHONHASH", "PYTHONIOENC"))
    }
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary))
    return {**variables, **places, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LANG": "C", "LANGUAGE": "en"}


def _short(title: str) -> str:
    """Return a title on one line, as long as a browser shows."""
    line = visible(title, lines="joined")
    return line if len(line) <= TITLE else f"{line[:TITLE]} ..."
