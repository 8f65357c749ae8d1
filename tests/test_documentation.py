"""The documentation: whole, open to every reader, and an entry with an example for each public name."""

from __future__ import annotations

import doctest
import re
import runpy
import subprocess
import sys
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pydata_sphinx_theme
import pytest
import yaml
from browser import VIEWS, barriers, launched, served
from bs4 import BeautifulSoup
from printed_pages import printed_faults

import trustkit as tk

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "docs" / "site" / "build.py"
LOADED = {"link": "href", "script": "src", "img": "src"}
WATCHED = (
    "index.html", "gallery.html", "reference/estimates.html", "maths.html", "which_method.html",
    "own_study.html", "cleaning.html", "coming_from.html",
)  # fmt: skip


def build(out):
    """Build the documentation as `make docs` does."""
    return subprocess.run([sys.executable, SCRIPT, out], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("docs") / "docs"
    done = build(out)
    assert (done.returncode, done.stderr) == (0, "")
    return out


@pytest.fixture(scope="module")
def pages(built):
    return {
        path.relative_to(built).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(built.rglob("*.html"))
        if "_static" not in path.parts
    }


def test_the_topics_of_the_packages_docstring_hold_every_public_name_once():
    topics = runpy.run_path(str(SCRIPT))["read_topics"](tk.__doc__)
    assert sorted(name for names in topics.values() for name in names) == tk.__all__


def test_the_example_of_the_first_page_runs_when_pasted_alone():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8").replace("```", "\n")
    found = doctest.DocTestParser().get_doctest(text, {}, "index.md", None, 0)
    said = []
    run = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert run.run(found, out=said.append).failed == 0, "".join(said)
    assert found.examples


def test_every_module_that_the_architecture_names_exists():
    named = re.findall(r"`([\w/]+\.py)`", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
    assert len(named) > 1
    assert [
        name for name in named if not any((ROOT / top / name).is_file() for top in ("", "trustkit"))
    ] == []


def test_the_changelog_has_each_entry_once_whole_and_under_a_subject():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = text.split("\n## ")[1]
    before, *subjects = re.split(r"^### .+\n\n", unreleased, flags=re.MULTILINE)
    assert "\n- " not in before
    entries = [
        " ".join(entry.split()) for part in subjects for entry in re.split(r"^- ", part, flags=re.MULTILINE)
    ]
    assert [entry for entry in entries if entry and not entry.endswith(".")] == []
    beginnings = [entry[:60] for entry in entries if entry]
    assert len(beginnings) > len(subjects) > 1
    assert sorted(set(beginnings)) == sorted(beginnings)


def test_the_terms_stand_in_alphabetical_order_once_each():
    rows = re.findall(
        r"^\| (.+?) \| .+ \|$", (ROOT / "docs" / "terms.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    letters = [re.sub(r"\W", "", term.lower()) for term in rows if term != "term"]
    assert len(letters) > 1
    assert letters == sorted(set(letters))


def test_a_folder_that_holds_something_else_is_not_replaced(tmp_path):
    (tmp_path / "kept.txt").write_text("kept")
    done = build(tmp_path)
    assert done.returncode == 1
    assert "not an earlier build of the documentation" in done.stderr
    assert (tmp_path / "kept.txt").read_text() == "kept"


@pytest.mark.site
def test_every_public_name_has_an_entry_with_signature_meaning_and_example(pages):
    entries = {
        tag["id"]: tag.parent
        for name, page in pages.items()
        if name.startswith("reference/")
        for tag in page.select("dt.sig[id]")
    }
    for name in tk.__all__:
        entry = entries[f"trustkit.{name}"]
        assert entry.select_one("dt.sig .sig-name").get_text() == name
        assert entry.select_one("dt.sig .sig-paren"), name
        assert entry.dd.p.get_text().endswith("."), name
        assert ">>> import trustkit as tk" in entry.get_text(), name


@pytest.mark.site
def test_the_reference_lists_every_public_name_under_its_topic(pages):
    contents = pages["reference/index.html"]
    assert sorted(tag.get_text() for tag in contents.select("table td:first-child a")) == tk.__all__


@pytest.mark.site
def test_the_pages_of_the_guides_the_method_the_decisions_and_the_project_are_there(pages):
    docs = ROOT / "docs"
    written = {path.relative_to(docs).with_suffix("").as_posix() for path in docs.rglob("*.md")}
    assert any(name.startswith("decisions/0") for name in written)
    assert {f"{name}.html" for name in (*written, "changelog", "cite", "search")} <= set(pages)
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert cff["title"] in pages["cite.html"].get_text()
    assert pages["cite.html"].select_one("h1 + p").get_text()[0].isupper()
    assert len(pages["maths.html"]("math")) > 1


@pytest.mark.site
def test_a_guide_and_a_topic_of_the_reference_begin_with_a_paragraph_that_says_what_they_are_for(pages):
    written = [f"{path.stem}.html" for path in (ROOT / "docs").glob("*.md")]
    topics = [name for name in pages if name.startswith("reference/")]
    first = {name: pages[name].h1.find_next_sibling() for name in (*written, *topics)}
    assert len(first) > len(written) > 10
    assert [name for name, tag in first.items() if tag.name != "p" or len(tag.get_text()) < 40] == []


@pytest.mark.site
def test_calls_in_the_guides_lead_to_their_entries(pages):
    page = pages["which_method.html"]
    calls = [code for code in page.select("td code") if code.get_text().startswith("tk.")]
    assert len(calls) > 50
    assert [code.get_text() for code in calls if not code.a] == []
    link = page.find("a", href="reference/estimates.html#trustkit.proportion")
    assert link.get_text() == "tk.proportion"
    assert "docs/" not in " ".join(tag.get_text() for tag in pages["reference/estimates.html"].select("p a"))


@pytest.mark.site
def test_the_gallery_shows_every_chart_below_its_code_in_both_widths(pages):
    gallery = pages["gallery.html"]
    topics = runpy.run_path(str(SCRIPT))["read_topics"](tk.__doc__)
    returns = {name: getattr(tk, name).__annotations__.get("return") for name in topics["Charts and tables"]}
    charts = {name for name, kind in returns.items() if kind == "DataFigure"}
    code = " ".join(tag.get_text() for tag in gallery.select("div.highlight"))
    assert charts
    assert [name for name in charts if f"tk.{name}(" not in code] == []
    shown = gallery.select(".tk-picture picture")
    assert len(shown) > len(charts)
    assert all(picture.source and picture.img["alt"] for picture in shown)
    assert len(gallery.select(".cell_output details table")) == len(shown)


CUT_CODE = """() => [...document.querySelectorAll('.highlight pre')]
    .filter(code => code.scrollWidth > code.clientWidth + 1)
    .map(code => code.textContent.split('\\n')).filter(lines => lines.every(line => line.length <= 100))
    .map(lines => lines[0])"""
CUT_TABLES = """() => [...document.querySelectorAll('.tk-scroll:has(> table.table):not(:has(math))')]
    .filter(box => box.querySelectorAll('thead th:not(.text-right)').length > 1)
    .filter(box => box.scrollWidth > box.clientWidth + 1).map(box => box.textContent.trim().slice(0, 50))"""


@pytest.mark.site
def test_code_is_whole_on_a_wide_screen_and_a_table_of_texts_on_a_phone(built, pages):
    names = [name for name in pages if name != "search.html"]
    cut = []
    with launched() as browser, served(built) as address:
        for width, script in ((1280, CUT_CODE), (390, CUT_TABLES)):
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name in names:
                page.goto(f"{address}{name}")
                cut += [f"{name} at {width} pixels: {start}" for start in page.evaluate(script)]
    assert cut == []
    assert pages["models.html"].select(".table.tk-stacked [data-name='R survey']")


@pytest.mark.site
def test_an_example_has_colours_and_ends_with_its_last_line(pages):
    examples = pages["models.html"].select(".highlight-pycon pre")
    assert all(example.select("span.kn, span.n") for example in examples)
    assert [example for example in examples if example.get_text().endswith("\n\n")] == []
    assert examples


@pytest.mark.site
def test_no_markup_and_no_default_of_a_dataclass_is_left_as_text(pages):
    left = []
    for name, page in pages.items():
        texts = [
            text
            for text in page.select_one("main").find_all(string=True)
            if not text.find_parent(["pre", "code"])
        ]
        left += [(name, text) for text in texts if "``" in text or "<factory>" in text]
    assert left == []


@pytest.mark.site
def test_a_long_signature_has_a_line_for_each_parameter(pages):
    entries = [
        tag for page in pages.values() for tag in page.select("dl.py > dt.sig") if tag.select("em.sig-param")
    ]
    long = [tag for tag in entries if len(tag.get_text()) > 200]
    assert long
    assert [tag["id"] for tag in long if not tag.select(".tk-line")] == []


@pytest.mark.site
def test_a_parameter_links_to_no_function_of_its_name_and_a_doi_links_to_its_paper(pages):
    heads = [tag for page in pages.values() for tag in page.select("dl.simple > dt")]
    assert {"DataError", "Estimate"} & {tag.get_text() for head in heads for tag in head.select("a")}
    assert [head.get_text() for head in heads if head.select("a[href*='#trustkit.correlation']")] == []
    papers = pages["reference/scales.html"].select("a[href^='https://doi.org/10.']")
    assert "doi:10.1007/BF02289447" in {tag.get_text() for tag in papers}
    assert all(tag["href"] == f"https://doi.org/{tag.get_text().removeprefix('doi:')}" for tag in papers)


@pytest.mark.site
def test_a_page_that_a_docstring_names_is_linked_by_its_title(pages):
    links = pages["reference/estimates.html"].select("article a[href$='maths.html']")
    assert {tag.get_text() for tag in links} == {"Maths"}


@pytest.mark.site
def test_every_link_within_the_documentation_leads_somewhere(built, pages):
    names = {name: {tag["id"] for tag in page(id=True)} for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        for tag in page.find_all(["a", *LOADED]):
            link = tag.get(LOADED.get(tag.name, "href"))
            if not link or urlsplit(link).scheme:
                continue
            path, fragment = urldefrag(link.split("?")[0])
            target = (built / name).parent.joinpath(path).resolve() if path else built / name
            key = target.relative_to(built.resolve()).as_posix() if path else name
            if not target.is_file() or (fragment and key in names and fragment not in names[key]):
                broken.append((name, link))
    assert broken == []


@pytest.mark.site
def test_the_documentation_tells_no_path_of_this_machine(built):
    told = re.compile("|".join(map(re.escape, (str(ROOT), str(built), str(Path.home()) + "/", sys.prefix))))
    texts = {path.name: path.read_text() for path in (*built.rglob("*.html"), built / "searchindex.js")}
    assert [(name, found[0]) for name, text in texts.items() for found in told.finditer(text)] == []


@pytest.mark.site
def test_a_second_build_gives_the_same_bytes(built, tmp_path):
    def files(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert build(tmp_path / "again").returncode == 0
    first, second = files(built), files(tmp_path / "again")
    assert sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name)) == []


@pytest.mark.site
@pytest.mark.parametrize("view", VIEWS)
def test_a_browser_finds_no_barrier_no_request_elsewhere_and_no_page_that_scrolls_sideways(
    built, pages, view
):
    names = WATCHED if view != "narrow" else pages
    with launched() as browser, served(built) as address:
        assert barriers(browser, address, names, view) == []


@pytest.mark.site
def test_printed_pages_are_full_unless_a_chart_is_in_the_way(built):
    names = ["index.html", "tutorial.html", "gallery.html", "which_method.html", "reference/estimates.html"]
    with launched() as browser, served(built) as address:
        assert printed_faults(browser, address, names) == []


STYLES = """() => [...document.querySelectorAll('*')].map(element => {
    const style = getComputedStyle(element)
    return [...style].map(name => `${name}: ${style.getPropertyValue(name)}`).sort().join(';')
})"""


@pytest.mark.site
@pytest.mark.parametrize("view", ["light", "narrow dark"])
def test_every_element_looks_the_same_with_the_small_style_sheet_as_with_the_whole_one(built, view):
    name = "pydata-sphinx-theme.css"
    whole = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static/styles" / name
    assert (built / "_static/styles" / name).stat().st_size < whole.stat().st_size / 2
    colours, width = VIEWS[view]
    looks = []
    with launched() as browser, served(built) as address:
        for sheet in ("small", "whole"):
            page = browser.new_page(color_scheme=colours, viewport={"width": width, "height": 900})
            if sheet == "whole":
                page.route(f"**/{name}*", lambda route: route.fulfill(path=whole))
            seen = []
            for path in ("index.html", "reference/index.html", "search.html"):
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                seen.append(page.evaluate(STYLES))
            looks.append(seen)
    assert looks[0] == looks[1]
    assert all(len(elements) > 100 for elements in looks[0])


@pytest.mark.site
def test_the_search_finds_a_public_name_without_a_request_elsewhere(built):
    with launched() as browser, served(built) as address:
        page = browser.new_page()
        asked = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}search.html?q=poststratify")
        page.wait_for_selector("#search-results li a")
        links = page.eval_on_selector_all("#search-results li a", "links => links.map(link => link.href)")
        assert any("reference/designs_and_weights.html" in link for link in links)
        assert [url for url in asked if not url.startswith(address)] == []
