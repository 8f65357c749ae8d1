"""Rendering a project: what it needs, what it refuses, and what a failure leaves behind."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell
from site_project import VERDICTS, make_notebook, make_project

from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.errors import DataError, ReportError
from trustkit.reporting import render as report
from trustkit.reporting.render import render_site
from trustkit.reporting.verdict_outputs import verdict_frame


@pytest.fixture
def root(tmp_path):
    return make_project(tmp_path / "project")


@pytest.fixture
def unbuilt(monkeypatch):
    """Skip Sphinx: what is tested is refused before it, or read from what it would be given."""
    sources = {}

    def keep(source, built, title):
        built.mkdir()
        (built / ".buildinfo").touch()
        for path in source.glob("*.json"):
            blocks = json.loads(path.read_text())["blocks"]
            sources[path.stem] = "\n".join(block["text"] for block in blocks)

    monkeypatch.setattr(report, "_build", keep)
    return sources


def left(root):
    return sorted(path.name for path in root.iterdir())


@pytest.mark.usefixtures("unbuilt")
def test_the_site_stands_in_the_project_unless_a_folder_is_named(root, tmp_path):
    assert render_site(root) == root / "site"
    assert render_site(root, tmp_path / "far" / "away") == tmp_path / "far" / "away"
    assert render_site(root) == root / "site"
    assert left(root) == ["data", "docs", "notebooks", "site"]


@pytest.mark.usefixtures("unbuilt")
def test_a_folder_that_is_no_site_is_never_replaced(root, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("a file")
    for out in ("own", "file"):
        with pytest.raises(ReportError, match="not made by trustkit"):
            render_site(root, tmp_path / out)
    assert (tmp_path / "own" / "thesis.txt").read_text() == "years of work"
    (tmp_path / "own" / "thesis.txt").unlink()
    assert render_site(root, tmp_path / "own").is_dir()


def test_a_page_that_gives_a_warning_fails_and_leaves_the_old_site_alone(root):
    (root / "site").mkdir()
    (root / "site" / ".buildinfo").write_text("old")
    (root / "docs" / "terms.md").write_text("# Terms\n\n[nowhere](missing.md)\n")
    with pytest.raises(
        ReportError, match=r"without a warning\n  got: docs/terms.md:3: WARNING.*docs/missing"
    ):
        render_site(root)
    assert (root / "site" / ".buildinfo").read_text() == "old"
    assert left(root) == ["data", "docs", "notebooks", "site"]


def test_the_verdicts_are_those_that_the_notebooks_show_each_once(root, unbuilt):
    nbformat.write(make_notebook(), root / "notebooks" / "again.ipynb")
    frame = verdict_frame(root)
    assert list(frame["claim"]) == ["half", "mean", "lost"]
    assert list(frame["notebook"].unique()) == ["again"]
    assert frame["estimate"].isna().tolist() == [False, False, True]
    render_site(root)
    assert len(BeautifulSoup(unbuilt["index"], "html.parser").select("tr.tk-group a")) == 1


def test_a_verdict_on_synthetic_data_says_so(root, unbuilt):
    render_site(root)
    assert unbuilt["index"].count('tk-synthetic">Synthetic data') == 2  # key figure and source
    assert "leave out 1 of the 3 verdicts" in unbuilt["index"]
    assert "so that the published figure comes out" not in unbuilt["index"]  # nobody said so


def test_a_page_on_synthetic_data_alone_names_no_counts_that_it_does_not_have(root, unbuilt):
    for notebook in (root / "notebooks").glob("*.ipynb"):
        written = notebook.read_text(encoding="utf-8")
        notebook.write_text(written.replace('"data": "real"', '"data": "synthetic"'), encoding="utf-8")
    render_site(root)
    assert "The data were made by a program." in unbuilt["index"]
    assert "counts above" not in unbuilt["index"]


def test_the_first_page_counts_verdicts_on_real_data_and_leads_with_key_figures(root, unbuilt):
    render_site(root)
    index = BeautifulSoup(unbuilt["index"], "html.parser")
    counted = sum(int(tag.get_text()) for tag in index.select("ul.tk-tally strong"))
    rows = index.select("tr.tk-claim")
    sources = [row.find_previous("tr", class_="tk-source") for row in rows]
    assert counted == len([source for source in sources if not source.select(".tk-synthetic")])
    assert 1 <= len(index.select("ul.tk-key > li")) <= 3
    assert index.select_one(".tk-key .tk-badge")


def headlines(root, unbuilt, *places):
    """Return the key figures' titles on the first page if the claims have these places among them."""
    notebook = make_notebook()
    claims = next(cell for cell in notebook.cells if cell.id == "claims")
    for verdict, place in zip(claims.outputs[0].data[VERDICTS_MIME], places, strict=False):
        verdict["headline"] = place
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    render_site(root)
    index = BeautifulSoup(unbuilt["index"], "html.parser")
    return [tag.get_text() for tag in index.select(".tk-key-title")]


def test_claims_with_a_place_among_the_headlines_lead_in_that_order_real_data_first(root, unbuilt):
    titles = [verdict["title"] for verdict in VERDICTS if verdict["verdict"] != "not checkable"]
    made = {verdict["title"] for verdict in VERDICTS if verdict["data"] == "synthetic"}
    expected = sorted(titles, key=lambda title: title in made)
    assert len(expected) == 2
    assert expected != titles
    assert headlines(root, unbuilt, 1, 2) == headlines(root, unbuilt, 2, 1) == expected
    assert headlines(root, unbuilt, 0, 1) == titles[1:]


@pytest.mark.parametrize("place", ["first", -1, 1.5, None, [1]])
def test_a_place_among_the_headlines_that_is_no_place_leaves_the_choice_to_the_report(root, unbuilt, place):
    assert headlines(root, unbuilt, place) == headlines(root, unbuilt)


def test_a_claim_says_who_published_it_and_links_there(root, unbuilt):
    notebook = make_notebook()
    claims = next(cell for cell in notebook.cells if cell.id == "claims")
    about = {
        "source": "A <b>press</b> article",
        "url": "https://example.org/a?b=1&c=2",
        "published_n": "1,000",
    }
    claims.outputs[0].data[VERDICTS_MIME][0].update(about)
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    render_site(root)
    index = BeautifulSoup(unbuilt["index"], "html.parser")
    link = index.select_one("tr.tk-source a")
    assert link["href"] == about["url"]
    assert link.get_text() == about["source"]
    assert "Number of respondents, as published: 1,000" in index.select_one("tr.tk-source").get_text()


def test_an_address_that_a_notebook_brings_is_a_link_only_if_it_is_one_of_the_web(root, unbuilt):
    notebook = make_notebook()
    claims = next(cell for cell in notebook.cells if cell.id == "claims")
    claims.outputs[0].data[VERDICTS_MIME][0].update(source="Press", url="javascript:alert(1)")
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    render_site(root)
    assert "javascript:" not in unbuilt["index"]


@pytest.mark.parametrize("data", ["made up", None])
def test_a_verdict_that_does_not_tell_its_data_is_refused(root, data):
    notebook = make_notebook()
    claims = next(cell for cell in notebook.cells if cell.id == "claims")
    claims.outputs[0].data[VERDICTS_MIME][1]["data"] = data
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    with pytest.raises(ReportError, match=r"real or synthetic\n  where: trust\n  got: mean"):
        render_site(root)


def test_a_verdict_that_does_not_tell_its_model_is_refused(root):
    notebook = make_notebook()
    claims = next(cell for cell in notebook.cells if cell.id == "claims")
    del claims.outputs[0].data[VERDICTS_MIME][0]["assumption"]
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    with pytest.raises(ReportError, match=r"lacks the model of its interval(.|\n)*got: half"):
        render_site(root)


def test_the_claims_table_says_which_intervals_hold_under_which_model(root, unbuilt):
    render_site(root)
    index = unbuilt["index"]
    assert index.count("Opt-in sample: model-based interval") == 1
    model = (
        "intervals are model-based, as if respondents were a simple random sample of &lt;A &amp; B&gt;.</p>"
    )
    assert f"Trust &amp; consent. Opt-in sample: {model}" in index


def test_a_project_without_verdicts_says_how_to_show_them(root):
    notebook = make_notebook()
    notebook.cells = [cell for cell in notebook.cells if cell.id != "claims"]
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    with pytest.raises(ReportError, match="make report"):
        render_site(root)


def test_numbers_are_shown_in_the_claims_unit_with_their_places(root, unbuilt):
    render_site(root)
    index = unbuilt["index"]
    assert ">38.1 to 42.3<svg" in index
    assert ">6.10 to 6.70<svg" in index
    assert ">1,200<" in index
    assert index.count("<svg") == 2
    assert "says &lt;a paper&gt;" in index


def test_the_small_intervals_of_all_claims_share_one_scale_around_the_published_figure(root, unbuilt):
    render_site(root)
    reach = float(re.search(r"Each end is (\S+) points", unbuilt["index"])[1])
    known = [verdict for verdict in VERDICTS if verdict["ci_low"] is not None]
    drawn = re.findall(r'class="tk-bar" x1="([\d.]+)%" x2="([\d.]+)%"', unbuilt["index"])
    expected = [
        [50 + 50 * (verdict[end] - verdict["published"]) / reach for end in ("ci_low", "ci_high")]
        for verdict in known
    ]
    assert [[float(end) for end in bar] for bar in drawn] == [
        pytest.approx(bar, abs=0.01) for bar in expected
    ]
    assert all(0 <= end <= 100 for bar in expected for end in bar)


def test_versions_that_differ_name_their_notebooks(root, unbuilt):
    other = make_notebook()
    other.metadata.trustkit.versions = {"python": "3.12.1"}
    nbformat.write(other, root / "notebooks" / "other.ipynb")
    nbformat.write(other, root / "notebooks" / "broken.failed.ipynb")
    render_site(root)
    assert "3.12.1 (other); 3.11.0 (trust)" in unbuilt["versions"]
    assert "not recorded (other); 3.0.0 (trust)" in unbuilt["versions"]
    assert "broken" not in unbuilt["index"]


def test_a_raw_file_that_changed_is_refused(root):
    (root / "data/raw/study/answers.csv").write_text("id,trust\n1,2\n")
    with pytest.raises(DataError, match="changed"):
        render_site(root)


@pytest.mark.usefixtures("unbuilt")
def test_a_project_without_pages_of_its_own_has_the_packages_method(root, monkeypatch):
    written = {}

    def keep(source, built, title):
        built.mkdir()
        written.update({path.name: path.read_text() for path in (source / "docs").iterdir()})

    monkeypatch.setattr(report, "_build", keep)
    (root / "docs" / "maths.md").unlink()
    render_site(root)
    package = Path(__file__).parents[2] / "docs"
    lines = (package / "maths.md").read_text().splitlines(keepends=True)
    assert written["maths.md"] == "".join(line for line in lines if not line.startswith("<!--"))
    assert written["terms.md"] == (root / "docs" / "terms.md").read_text()


def bare(root):
    """Leave a project with a file for claims that holds none, and no verdict in its notebook."""
    notebook = make_notebook()
    notebook.cells = [cell for cell in notebook.cells if cell.id != "claims"]
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    (root / "data/raw/study/claims.yaml").write_text("claims: {}\n")


def test_without_registered_claims_the_first_page_says_so_and_that_data_are_synthetic(root, unbuilt):
    bare(root)
    assert verdict_frame(root).empty
    render_site(root)
    assert "No published figure was checked" in unbuilt["index"]
    assert "Synthetic data." in unbuilt["index"]
    assert "<table" not in unbuilt["index"]
    assert "A study of A & B\n" in unbuilt["index"]
    (root / "data/raw/study/codebook_other.yaml").write_text("data: real\nvariables: {}\n")
    render_site(root)
    assert "Survey report\n" in unbuilt["index"]


def test_registered_claims_without_a_verdict_are_refused(root):
    bare(root)
    (root / "data/raw/study/claims.yaml").write_text(
        "claims: {a: {title: A, published: 4, unchecked: never published}}\n"
    )
    with pytest.raises(ReportError, match="make report"):
        render_site(root)


def test_missing_notebooks_are_named(root):
    (root / "notebooks" / "trust.ipynb").unlink()
    with pytest.raises(ReportError, match="there are no notebooks"):
        render_site(root)


def test_a_stripped_notebook_is_refused(root):
    notebook = make_notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    notebook.cells.append(new_code_cell("1"))
    nbformat.write(notebook, root / "notebooks" / "trust.ipynb")
    with pytest.raises(ReportError, match="has no outputs"):
        render_site(root)
