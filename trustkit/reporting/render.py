"""The report: a site of static pages rendered from the outputs of committed notebooks; nothing is run.

The site loads nothing from elsewhere, holds no path or time, and is the same, byte for byte, when it is
built again. It is made aside and moved into place when it is whole.
"""

from __future__ import annotations

import math
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.checksums import CHECKSUMS, read_digests, verify_digest
from trustkit.claims.claims import VERDICTS_MIME, read_claims
from trustkit.display import Caveats, html_table
from trustkit.errors import ReportError
from trustkit.reporting.notebook_files import escaped
from trustkit.reporting.notebooks import (
    FAILED,
    PACKAGES,
    heading,
    page,
    read_notebook,
    write_notebook,
)
from trustkit.reporting.transparency import DISCLOSURE_MIME
from trustkit.shipped_files import shipped
from trustkit.survey.codebook import read_codebook

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from nbformat import NotebookNode

SITE = Path(__file__).parent / "site"
"""The site's settings, style and page templates."""

VERDICT_COLUMNS = (
    *("claim", "title", "published", "estimate", "ci_low", "ci_high"),
    *("n", "verdict", "reason", "data", "assumption"),
)
METHOD = ("maths.md", "terms.md")
"""The pages of the method: the project's own, or the package's."""

CLAIMED, PLAIN = "Published figures, checked", "Survey report"
"""What a site is called whose project has registered claims, or none and no study's title."""


@dataclass(frozen=True)
class Page:
    """A notebook of the site: its file, its title and the question that it answers."""

    path: Path
    title: str
    question: str
    notebook: NotebookNode


def render_site(root: str | Path, out: str | Path | None = None, *, title: str | None = None) -> Path:
    """Render a project's notebooks, as they were run and committed, to a site.

    The first page leads with the verdict on every claim, or says that none is registered; then come one
    page per notebook, the data dictionary, the method, and the versions and digests that the numbers rest on.

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
    root = Path(root)
    out = root / "site" if out is None else Path(out)
    if out.exists() and not (out / ".buildinfo").is_file() and (out.is_file() or any(out.iterdir())):
        raise ReportError(
            "what stands there is not a site",
            where=out.as_posix(),
            do="name a new folder, an empty one, or one that an earlier site stands in",
        )
    if title is None:
        books = sorted(root.glob("data/raw/*/codebook*.yaml"))
        study = read_codebook(books[0]).title if len(books) == 1 else ""
        title = CLAIMED if _registered(root) else " ".join(study.split()) or PLAIN
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".site-", dir=out.parent) as scratch:
        source, built = Path(scratch, "source"), Path(scratch, "site")
        _write_sources(root, source, title)
        _build(source, built, title)
        if out.exists():
            out.rename(Path(scratch, "old"))
        built.rename(out)
    return out


def verdict_frame(root: str | Path) -> pd.DataFrame:
    """Return the verdicts on published figures that a project's notebooks hold in their outputs.

    Parameters
    ----------
    root
        The project's folder.

    Returns
    -------
    DataFrame
        The columns of `Verdicts.to_frame`, and ``notebook``: the first that shows the verdict. No row if no
        claim is registered.

    Raises
    ------
    ReportError
        If no notebook shows a verdict on the claims registered, or one does not tell its data.
    """
    return _verdicts(_read_pages(Path(root)), Path(root))


def _read_pages(root: Path) -> list[Page]:
    """Read a project's notebooks, in the order of their names."""
    paths = sorted(path for path in (root / "notebooks").glob("*.ipynb") if not path.name.endswith(FAILED))
    if not paths:
        raise ReportError(
            "there are no notebooks", where=(root / "notebooks").as_posix(), do="name the project's folder"
        )
    notebooks = [read_notebook(path) for path in paths]
    return [
        Page(path, *heading(notebook, path.as_posix()), notebook)
        for path, notebook in zip(paths, notebooks, strict=True)
    ]


def _verdicts(pages: Sequence[Page], root: Path) -> pd.DataFrame:
    """Return one row per verdict; one that several notebooks show stands once."""
    table = pd.DataFrame(
        [
            {**verdict, "notebook": page.path.stem}
            for page in pages
            for cell in page.notebook.cells
            for output in cell.get("outputs", [])
            for verdict in output.get("data", {}).get(VERDICTS_MIME, [])
        ],
        columns=[*VERDICT_COLUMNS, "notebook"],
    )
    if table.empty and _registered(root):
        raise ReportError(
            "no notebook shows a verdict on a published figure",
            where=(root / "notebooks").as_posix(),
            do="end a cell with tk.verify(...), run the notebook and render again: make report",
        )
    unsaid = table[~table["data"].isin(["real", "synthetic", "none"]) | table["assumption"].isna()]
    if len(unsaid):
        raise ReportError(
            "a verdict lacks the model of its interval, or whether its data are real or synthetic",
            where=", ".join(unsaid["notebook"].unique()),
            got=", ".join(unsaid["claim"].astype(str)),
            do="run the notebook again",
        )
    numbers = dict.fromkeys(("published", "estimate", "ci_low", "ci_high"), float)
    return table.astype(numbers).drop_duplicates(list(VERDICT_COLUMNS), ignore_index=True)


def _models(verdicts: pd.DataFrame, pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return each model that opt-in intervals rest on, as a note, with the titles of its reports."""
    titles = {item.path.stem: item.title for item in pages}
    by_model = verdicts[verdicts["assumption"] != ""].groupby("assumption", sort=False)["notebook"]
    return [
        {
            "note": " ".join(Caveats(assumptions=(str(model),)).sentences),
            "titles": [titles[name] for name in names.unique()],
        }
        for model, names in by_model
    ]


def _disclosures(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return what `disclosure` showed in the notebooks, each study's once: study, html, page."""
    found: dict[str, dict[str, Any]] = {}
    for item in pages:
        for output in (output for cell in item.notebook.cells for output in cell.get("outputs", [])):
            data = output.get("data", {})
            if DISCLOSURE_MIME in data:
                html = data["text/html"]
                found.setdefault(html, {**data[DISCLOSURE_MIME], "html": html, "page": item})
    return list(found.values())


def _registered(root: Path) -> bool:
    """Tell whether a project has registered claims, or no file to register them in."""
    files = sorted(root.glob("data/raw/*/claims*.yaml"))
    return not files or any(read_claims(path) for path in files)


def _write_sources(root: Path, source: Path, title: str) -> None:
    """Write what Sphinx reads: the notebooks' pages, the method's, and the pages made from data."""
    import jinja2  # noqa: PLC0415  # comes with the report extra, whose absence `notebook` explains

    for folder in ("notebooks", "docs", "code"):
        (source / folder).mkdir(parents=True)
    pages = _read_pages(root)
    for item in pages:
        write_notebook(page(item.notebook, item.path), source / "notebooks" / item.path.name)
        shutil.copyfile(item.path, source / "code" / item.path.name)
    for name in METHOD:
        own = root / "docs" / name
        shutil.copyfile(own if own.is_file() else shipped("docs") / name, source / "docs" / name)
    digests = [
        {"data set": path.parent.name, "file": name, "SHA-256": verify_digest(path.parent / name)}
        for path in sorted(root.glob(f"data/raw/*/{CHECKSUMS}"))
        for name in sorted(read_digests(path.parent))
    ]
    verdicts = _verdicts(pages, root)
    books = [read_codebook(path) for path in sorted(root.glob("data/raw/*/codebook*.yaml"))]
    parts = {
        "title": title,
        "pages": pages,
        "claims": [_claim_row(verdict) for verdict in verdicts.to_dict("records")],
        "disclosed": _disclosures(pages),
        "models": _models(verdicts, pages),
        "books": books,
        "synthetic": any(book.data == "synthetic" for book in books),
        "versions": html_table(_version_table(pages), caption="Versions that made the notebooks"),
        "digests": html_table(pd.DataFrame(digests), caption="Digests of the raw files") if digests else "",
    }
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(SITE),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters["escaped"] = escaped
    for name in ("index.md", "data.md", "disclosure.md", "versions.md"):
        text = templates.get_template(f"{name}.jinja").render(parts)
        (source / name).write_text(text, encoding="utf-8")


def _claim_row(verdict: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    """Return a verdict as text, with the places of its numbers on a scale of their own, in percent."""
    published, estimate, low, high = (
        float(verdict[name]) for name in ("published", "estimate", "ci_low", "ci_high")
    )
    known = not any(math.isnan(value) for value in (estimate, low, high))
    start, end = min(low, published), max(high, published)
    margin = 0.12 * (end - start)
    places = {"published": published, "estimate": estimate, "low": low, "high": high}
    return {
        **verdict,
        "published": f"{published:g}",
        "estimate": _shown(estimate) if known else "",
        "interval": f"{_shown(low)} to {_shown(high)}" if known else "",
        "n": f"{verdict['n']:,.0f}" if known else "",
        "places": {
            name: f"{100 * (value - start + margin) / (end - start + 2 * margin):.2f}"
            for name, value in places.items()
        }
        if known and margin > 0
        else {},
    }


def _shown(value: float) -> str:
    """Show a number with one decimal, below ten with two."""
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004


def _version_table(pages: Sequence[Page]) -> pd.DataFrame:
    """Return one row per package: its version or, where they differ, which notebooks had which."""
    made = {page.path.stem: page.notebook.metadata.get("trustkit", {}).get("versions", {}) for page in pages}
    rows = []
    for package in ("python", *PACKAGES):
        had: dict[str, list[str]] = {}
        for name, versions in made.items():
            had.setdefault(versions.get(package, "not recorded"), []).append(name)
        texts = [number if len(had) == 1 else f"{number} ({', '.join(had[number])})" for number in had]
        rows.append({"package": package, "version": "; ".join(texts)})
    return pd.DataFrame(rows)


def _build(source: Path, built: Path, title: str) -> None:
    """Run Sphinx on the sources; any warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-q", "-N", "-E", "-W", "--keep-going"]
    command += ["-c", str(SITE), "-d", str(source.parent / "doctrees"), "-D", f"html_title={title}"]
    done = subprocess.run(  # noqa: S603  # no shell
        [*command, str(source), str(built)],
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ReportError(
            "the pages can't be rendered without a warning",
            got=done.stderr.replace(f"{source}{os.sep}", "").strip(),
            do="mend the notebook or the page that is named",
        )
