"""A study's report: only what changed is made again, and a failure leaves the last site as it was."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from site_project import make_project

from trustkit.errors import ReportError
from trustkit.reporting import render
from trustkit.reporting.reports import make_report
from trustkit.reporting.site_records import RECORD


@pytest.fixture
def root(tmp_path):
    """Make a project without claims, whose notebook was not run yet."""
    root = make_project(tmp_path / "project")
    (root / "data/raw/study/claims.yaml").write_text("claims: {}\n")
    cells = [new_markdown_cell("# One\n\n**How many?** One.", id="title"), new_code_cell("1 + 1", id="sum")]
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / "trust.ipynb")
    return root


@pytest.fixture
def rendered(monkeypatch):
    """Skip Sphinx, and list what it would have been called for."""
    titles = []

    def build(source, built, title):
        titles.append(title)
        built.mkdir()
        (built / ".buildinfo").touch()
        (built / "index.html").write_text(
            "".join(path.read_text() for path in sorted(source.glob("*/*.ipynb")))
        )

    monkeypatch.setattr(render, "_build", build)
    monkeypatch.setattr(render, "finish_pages", lambda site: None)
    return titles


def report(root, **options):
    steps = []
    made = make_report(root, tell=lambda step, total=None: steps.append((step, total)), **options)
    return made, steps


def edit(root, source, cell):
    path = root / "notebooks" / "trust.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[cell].source = source
    nbformat.write(notebook, path)


def files(site):
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def test_a_report_makes_again_what_changed_and_nothing_else(root, rendered):
    made, steps = report(root)
    assert made.ran == ("trust.ipynb",)
    assert steps == [("running trust.ipynb", 2), ("rendering the site", 2)]
    first = files(made.site)

    made, steps = report(root)
    assert (made.ran, steps, made.notebooks) == ((), [], 1)

    edit(root, "# One\n\n**How many?** Just one.", 0)
    made, steps = report(root)
    assert (made.ran, steps) == ((), [("rendering the site", 1)])
    assert files(made.site) != first

    edit(root, "# One\n\n**How many?** One.", 0)
    assert files(report(root)[0].site) == first

    (made.site / "index.html").write_text("edited")
    assert report(root)[1] == [("rendering the site", 1)]
    assert files(made.site) == first

    made, steps = report(root, every=True, jobs=1)
    assert made.ran == ("trust.ipynb",)
    assert files(made.site) == first
    assert len(rendered) == 5


@pytest.mark.parametrize(
    "name", ["docs/terms.md", "CITATION.cff", "data/raw/study/claims.yaml", "data/raw/study/answers.csv"]
)
@pytest.mark.usefixtures("rendered")
def test_what_pages_are_made_from_is_part_of_the_sites_record(tmp_path, name):
    root = make_project(tmp_path / "project")
    (root / "data/raw/study/claims.yaml").write_text("claims: {}\n")
    (root / "data/raw/study/SHA256SUMS").unlink()
    (root / "CITATION.cff").write_text("cff-version: 1.2.0\ntitle: Tiny\n")
    first = json.loads((render.render_site(root) / RECORD).read_text())
    with (root / name).open("a") as file:
        file.write("\n")
    second = json.loads((render.render_site(root) / RECORD).read_text())
    assert first["rests_on"] != second["rests_on"]
    titled = json.loads((render.render_site(root, title="Another") / RECORD).read_text())
    assert titled["rests_on"] != second["rests_on"]


@pytest.mark.usefixtures("rendered")
def test_a_notebook_that_fails_leaves_the_last_site_as_it_was(root):
    site = report(root)[0].site
    before = files(site)
    edit(root, "1 / 0", 1)
    with pytest.raises(ReportError, match="cell 2 of 2 failed: 1 / 0"):
        report(root)
    assert files(site) == before
