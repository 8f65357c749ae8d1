"""The rendered site, of a tiny project and of this one: whole, the same again, and open to every reader.

The site of this project is rendered from the committed notebooks into a temporary folder.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import pytest
from browser import VIEWS, barriers, launched, served
from bs4 import BeautifulSoup
from matplotlib.image import imread
from page_layout import chart_faults, layout_faults
from printed_pages import pdf_faults, printed_faults
from site_project import AWKWARD, make_project
from study_files import qualtrics_export

from trustkit.publishing.release_check import check_release
from trustkit.reporting.notebooks import read_notebook, run_notebook
from trustkit.reporting.pdf_report import make_pdf
from trustkit.reporting.render import render_site
from trustkit.reporting.study import new_study
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.tables.marks import WITHHELD

pytestmark = pytest.mark.site

ROOT = Path(__file__).parents[2]
LOADED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


@pytest.fixture(scope="session")
def tiny_site(tmp_path_factory):
    return render_site(make_project(tmp_path_factory.mktemp("tiny") / "project"))


@pytest.fixture(scope="session")
def real_site(tmp_path_factory):
    return render_site(ROOT, tmp_path_factory.mktemp("real") / "site")


@pytest.fixture(scope="session")
def own_site(tmp_path_factory):
    """Render a study as `trustkit new` makes it: drafted codebook, no claims."""
    folder = tmp_path_factory.mktemp("own")
    study = new_study(folder / "study", qualtrics_export(folder / "answers.csv")).folder
    (notebook,) = (study / "notebooks").glob("*.ipynb")
    run_notebook(notebook, notebook)
    return render_site(study)


@pytest.fixture(scope="session", params=["tiny", "real", "own"])
def site(request):
    return request.getfixturevalue(f"{request.param}_site")


@pytest.fixture(scope="session")
def browser():
    with launched() as chromium:
        yield chromium


@pytest.fixture
def address(site):
    with served(site) as found:
        yield found


def pages(site):
    """Return page -> its parsed HTML."""
    found = {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }
    assert {
        "index.html",
        "data.html",
        "held.html",
        "docs/maths.html",
        "docs/terms.html",
        "versions.html",
    } <= set(found)
    return found


def files(site):
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def differing(first, second):
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def test_the_tiny_site_is_the_same_bytes_wherever_it_is_built(tiny_site, tmp_path):
    again = render_site(make_project(tmp_path / "another" / "place"), tmp_path / "out")
    assert differing(files(tiny_site), files(again)) == []


def test_the_real_site_is_the_same_bytes_when_built_again(real_site, tmp_path):
    assert differing(files(real_site), files(render_site(ROOT, tmp_path / "out"))) == []


def test_nothing_is_loaded_from_elsewhere(site):
    loaded = [
        (name, tag.get(LOADED[tag.name]))
        for name, page in pages(site).items()
        for tag in page.find_all(list(LOADED))
        if urlsplit(tag.get(LOADED[tag.name]) or "").netloc
    ]
    styles = {
        path.name: re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")]+)", path.read_text())
        for path in site.rglob("*.css")
    }
    assert loaded == []
    assert [(name, url) for name, urls in styles.items() for url in urls if urlsplit(url).netloc] == []


def test_every_picture_has_alternative_text(site):
    assert [
        (name, tag["src"])
        for name, page in pages(site).items()
        for tag in page("img")
        if not tag.get("alt")
        and "tk-thumbnail" not in tag.get("class", [])  # its report's title is beside it
    ] == []


def test_the_headline_of_a_chart_stands_above_it_and_only_there(real_site):
    for name, page in pages(real_site).items():
        above = [picture.find_previous_sibling() for picture in page.select("main .tk-picture")]
        assert all(box is not None and box.select_one(".tk-headline") for box in above), name
        withheld = [note for note in page.select("main .tk-note") if note.get_text() == WITHHELD]
        assert len(page.select(".tk-headline")) == len(above) + len(withheld), name


def test_no_comment_of_a_source_is_text_of_a_page(site):
    for name, page in pages(site).items():
        assert "<!--" not in page.get_text(), name


def test_every_link_within_the_site_leads_somewhere(site):
    parsed = pages(site)
    names = {name: {tag["id"] for tag in page(id=True)} for name, page in parsed.items()}
    broken = []
    for name, page in parsed.items():
        for tag in page.find_all(["a", *LOADED]):
            link = tag.get(LOADED.get(tag.name, "href"))
            if not link or urlsplit(link).scheme:
                continue
            path, fragment = urldefrag(link.split("?")[0])
            target = (site / name).parent.joinpath(path).resolve() if path else site / name
            key = target.relative_to(site.resolve()).as_posix() if path else name
            if not target.is_file() or (fragment and key in names and fragment not in names[key]):
                broken.append((name, link))
    assert broken == []


def test_no_page_tells_a_path_of_this_machine_or_a_time(site):
    told = re.compile(
        "|".join(map(re.escape, (str(ROOT), str(site), str(Path.home()) + "/", sys.prefix, "/tmp/")))  # noqa: S108
        + r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d"
    )
    texts = {path.name: path.read_text() for path in (*site.rglob("*.html"), site / "searchindex.js")}
    assert [(name, found[0]) for name, text in texts.items() for found in told.finditer(text)] == []


def test_every_table_scrolls_in_a_box_that_the_keyboard_reaches_and_that_has_a_name_of_its_own(site):
    for page in pages(site).values():
        boxes = [table.parent for table in page("table")]
        assert all(box["role"] == "region" and box["tabindex"] == "0" for box in boxes)
        labels = [box["aria-label"] for box in boxes]
        assert len(set(labels)) == len(labels)


def test_the_contents_page_leads_with_the_claims_and_marks_synthetic_data(site):
    index = pages(site)["index.html"]
    rows = index.select("tr.tk-claim")
    assert rows or "No published figure was checked" in index.get_text()
    assert rows or not index.select("ul.tk-tally")
    for row in rows:
        unchecked = row.select_one(".tk-judged .tk-badge").get_text() == "not checkable"
        told = row.find_previous("tr", class_="tk-source").select_one(".tk-badge").get_text()
        assert told in ("Synthetic data", "Real data") or (unchecked and told == "No data")
    assert index.select_one(".tk-lead").sourceline < index.find("h2").sourceline
    reports = [tag["href"] for tag in index.select("ul.tk-reports a")]
    assert reports[0].startswith("notebooks/")


def test_a_study_without_claims_leads_with_its_own_findings(own_site):
    index = pages(own_site)["index.html"]
    findings = index.select("ul.tk-key > li")
    assert 1 <= len(findings) <= 3
    for finding in findings:
        assert re.fullmatch(r"[\d.,]+%?", finding.select_one(".tk-key-number").get_text())
        assert re.search(r"95% interval .+ to .+; n = \d", finding.select_one(".tk-key-source").get_text())
        assert finding.select_one("a")["href"].startswith("notebooks/")


def test_key_figures_of_real_data_come_before_those_of_synthetic_data(real_site):
    badges = [tag.get_text() for tag in pages(real_site)["index.html"].select(".tk-key .tk-badge")][1::2]
    assert badges == ["Real data", "Synthetic data", "Synthetic data"]


def test_a_key_figure_says_who_published_it_about_whom_what_the_data_give_and_where(real_site):
    for figure in pages(real_site)["index.html"].select("ul.tk-key > li"):
        text = figure.get_text(" ", strip=True)
        assert re.search(
            r"Published by .+ About: .+ data give [\d.]+%? \(95% interval .+; n = [\d,]+\)", text
        )
        assert figure.select_one('a[href^="notebooks/"]')


def test_what_the_claims_of_one_publication_share_is_said_once(real_site):
    index = pages(real_site)["index.html"]
    shared = [
        (row.find_previous("tr", class_="tk-group").get_text(), row.get_text())
        for row in index.select("tr.tk-source")
    ]
    assert len(set(shared)) == len(shared) < len(index.select("tr.tk-claim"))


def test_a_model_based_interval_is_marked_beside_its_source_and_its_model_is_named_below(
    real_site,
):
    index = pages(real_site)["index.html"]
    marked = ["model-based" in row.get_text() for row in index.select("tr.tk-source")]
    models = [tag.get_text() for tag in index.select("p.tk-note") if "model-based, as if " in tag.get_text()]
    assert any(marked)
    assert not all(marked)
    assert models


def test_the_disclosure_of_the_consumer_study_is_a_page_without_a_missing_item(real_site):
    page = pages(real_site)["disclosure.html"]
    assert "No item is missing." in page.get_text()
    assert "No margin of error: nobody was drawn at random." in page.get_text()
    assert "Do you trust all brands" in page.select_one("details").get_text()
    assert page.select_one('a[href="notebooks/02_trust.html"]')


def test_the_model_of_an_opt_in_sample_is_named_in_full_once_not_under_each_result(real_site):
    texts = [tag.get_text() for tag in pages(real_site)["notebooks/02_trust.html"].select("p.tk-note")]
    said = [text for text in texts if "Opt-in sample: intervals are model-based, " in text]
    assert len(said) > 3
    assert [text for text in said[1:] if "as if" in text] == []
    assert "as if among people alike in age, country and sex" in said[0]
    assert all("model-based, as above." in text for text in said[1:])


def test_a_project_that_discloses_nothing_says_so(tiny_site):
    assert "No notebook shows the disclosure" in pages(tiny_site)["disclosure.html"].get_text()


def test_a_page_shows_outputs_and_formulas_and_leaves_code_to_the_notebook(tiny_site):
    page = pages(tiny_site)["notebooks/trust.html"]
    assert "code is not shown" not in page.get_text()
    assert [tag["alt"] for tag in page("img")] == [AWKWARD, "Second"]
    assert [tag.get_text() for tag in page.select("p.tk-caption")] == [AWKWARD, "Second"]
    assert page.select_one(".tk-code a[download]")["href"].endswith("trust.ipynb")
    maths = pages(tiny_site)["docs/maths.html"]
    assert len(maths("math")) == 3
    assert maths.select_one(".tk-equation-number").get_text() == "(1)"


def test_on_a_phone_every_chart_is_whole_in_a_drawing_of_its_own(real_site, browser):
    shown = []
    with served(real_site) as address:
        phone = browser.new_page(viewport={"width": 320, "height": 640})
        for name in pages(real_site):
            phone.goto(f"{address}{name}")
            for picture in phone.query_selector_all(".tk-picture img"):
                picture.scroll_into_view_if_needed()
                shown.append(
                    picture.evaluate(
                        "img => ({page: location.pathname, narrow: img.currentSrc != img.src,"
                        " drawn: img.naturalWidth, left: img.getBoundingClientRect().left,"
                        " right: img.getBoundingClientRect().right})"
                    )
                )
    assert shown
    assert [part for part in shown if part["left"] < 0 or part["right"] > 320] == []
    assert [part for part in shown if not part["narrow"] or part["drawn"] > 1.5 * 320] == []


def test_no_text_of_a_chart_stands_outside_it(real_site, browser):
    charts = [path.relative_to(real_site).as_posix() for path in sorted(real_site.glob("_images/*.svg"))]
    assert charts
    with served(real_site) as address:
        assert chart_faults(browser, address, charts) == []


def test_a_layout_that_cuts_text_is_found(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    cut = {
        "outside the page": '<p style="position: absolute; left: 1250px; width: 90px">a</p>',
        "cut at the side": '<p style="width: 4em; overflow: hidden; white-space: nowrap">Six more words.</p>',
        "wider than its box": '<p style="width: 2em">unbreakable</p>',
        "a table that does not fit": '<div class="tk-scroll" style="width: 2em"><b>unbreakable</b></div>',
        "the word unbreakable on two lines": '<p style="width: 2em; overflow-wrap: anywhere">unbreakable</p>',
        "fixed on paper": '<p style="position: fixed">a</p>',
        "a column too narrow for its words": '<table class="tk-table"><tr><td style="width: 6em; '
        'display: block">How many respondents, by frame, panel or mode<td>5,240</table>',
        "letters in the line of their number": '<table><td>5% <span class="tk-letters">A</span></table>',
        "answers that leave the screen": '<div class="tk-scroll" style="width: 3em; overflow: auto">'
        '<table><td>Yes<td>45.5% <b class="tk-letters" style="display: block">A B C D E F</b></table></div>',
        "a number on three lines": '<table><td class="tk-number" style="width: 1em">5.1% to 6.8%</table>',
    }
    narrow = '<div class="output" style="width: 4em; overflow: auto"><p style="width: 9em">Words.</p></div>'
    for what, html in cut.items():
        page.set_content(f"<main>{html}</main>")
        assert any(fault.startswith(what) for fault in layout_faults(page)), what
    page.set_content(f"<main>{narrow}</main>")
    assert any(fault.endswith("on paper") for fault in layout_faults(page))
    page.set_content("<main><p>All of it is seen.</p></main>")
    assert layout_faults(page) == []


def test_a_text_outside_its_chart_is_found(browser, tmp_path):
    for name, place in (("inside", 5), ("outside", 95)):
        text = f'<text x="{place}" y="20">far too long</text>'
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="40">{text}</svg>'
        (tmp_path / f"{name}.svg").write_text(svg)
    with served(tmp_path) as address:
        assert chart_faults(browser, address, ["inside.svg", "outside.svg"]) == ["outside.svg: far too long"]


def test_no_column_is_named_in_the_visible_text_of_a_page_outside_the_dictionary(real_site):
    books = [read_codebook(path) for path in sorted(ROOT.glob("data/raw/*/codebook*.yaml"))]
    names = {name for book in books for name in (*book.variables, *book.sets)}
    names |= {variable.set for book in books for variable in book.variables.values() if variable.set}
    written = [text for book in books for one in book.variables.values() for text in (one.label, *one.labels)]
    written += [path.read_text() for path in sorted(ROOT.glob("docs/*.md"))]
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        written += [cell.source for cell in read_notebook(path).cells if cell.cell_type == "markdown"]
    words = set(re.findall(r"[^\W\d_]+", " ".join(written).casefold()))
    columns = {name for name in names if name.casefold() not in words}  # age is a word, age_group is not
    assert len(columns) > 50
    named = re.compile(rf"\b({'|'.join(map(re.escape, sorted(columns)))})\b")
    shown = [
        (name, text)
        for name, page in pages(real_site).items()
        if name != "data.html"
        for text in page.body.find_all(string=True)
    ]
    shown += [
        (path.name, text.get_text())
        for path in real_site.glob("_images/*.svg")
        for text in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")(["text", "title", "desc"])
    ]
    assert any(name.endswith(".svg") for name, _ in shown)
    found = [
        (name, match[0], " ".join(text.split())[:80])
        for name, text in shown
        for match in named.finditer(text)
    ]
    assert found == []


def test_no_note_says_a_sentence_twice(site):
    said_twice = []
    for name, page in pages(site).items():
        for note in page.select("p.tk-note"):
            sentences = re.split(r"(?<=[.!?])\s+", " ".join(note.get_text().split()))
            if len(set(sentences)) < len(sentences):
                said_twice.append((name, note.get_text()))
    assert said_twice == []


def test_paper_is_light_though_the_screen_is_dark(tiny_site, browser):
    colours = {}
    with served(tiny_site) as address:
        page = browser.new_page(color_scheme="dark")
        for media in ("screen", "print"):
            page.emulate_media(media=media)
            page.goto(f"{address}notebooks/trust.html")
            colours[media] = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.querySelector('.tk-picture img')).filter]"
            )
    assert colours["print"] == ["rgb(255, 255, 255)", "none"]
    assert colours["screen"][0] == "rgb(17, 24, 30)"


def test_a_chart_is_dark_on_a_dark_page_and_light_on_paper(real_site, browser):
    colours = {}
    with served(real_site) as address:
        page = browser.new_page(color_scheme="dark")
        page.goto(f"{address}notebooks/02_trust.html")
        chart = page.locator(".tk-picture img").first
        for media in ("screen", "print"):
            page.emulate_media(media=media)
            picture = imread(io.BytesIO(chart.screenshot()), format="png")
            colours[media] = [round(255 * part) for part in picture[5, 5, :3]]
    assert colours == {"screen": [17, 24, 30], "print": [255, 255, 255]}


def test_printed_pages_are_full_unless_a_chart_is_in_the_way(real_site, browser):
    names = [name for name in pages(real_site) if name != "search.html"]
    with served(real_site) as address:
        assert printed_faults(browser, address, names) == []


def test_pages_of_the_pdf_are_full_and_have_a_number_and_the_name_of_the_report(real_site):
    assert pdf_faults(make_pdf(ROOT, real_site).read_bytes()) == []


def test_the_first_chart_of_each_report_is_its_thumbnail_on_the_first_page(real_site):
    shown = [tag["src"] for tag in pages(real_site)["index.html"].select(".tk-reports img.tk-thumbnail")]
    names = sorted(path.stem for path in (real_site / "notebooks").glob("*.html"))
    assert shown == [f"thumbnails/{name}.svg" for name in names]
    assert all((real_site / name).read_text(encoding="utf-8").startswith("<svg ") for name in shown)


def test_no_source_map_is_in_the_site_or_named_by_it(site):
    assert [path.name for path in site.rglob("*.map")] == []
    named = [path.name for path in site.rglob("*.[jc]s*") if b"sourceMappingURL=" in path.read_bytes()[-300:]]
    assert named == []


def test_every_page_has_a_title_said_once_and_a_description(site):
    for name, page in pages(site).items():
        if name == "search.html":
            continue
        parts = page.title.get_text().split(" \N{EM DASH} ")
        assert len(set(parts)) == len(parts), name
        assert page.select_one('meta[name="description"]')["content"], name
        assert page.select_one('meta[property="og:title"]')["content"] == parts[0], name
        assert len(page.select('meta[name="viewport"]')) == 1, name


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(17, 24, 30)")])
def test_without_scripts_a_page_has_the_colours_of_the_readers_system(tiny_site, browser, scheme, colour):
    with served(tiny_site) as address:
        page = browser.new_page(color_scheme=scheme, java_script_enabled=False)
        page.goto(f"{address}index.html")
        assert page.locator("body").evaluate("b => getComputedStyle(b).backgroundColor") == colour


def test_the_pages_tell_what_the_numbers_rest_on(tiny_site):
    parsed = pages(tiny_site)
    dictionary = parsed["data.html"]
    assert dictionary.select_one(".tk-synthetic").get_text() == "Synthetic data"
    assert "Do you trust <brands>?" in dictionary.get_text()
    digests = (tiny_site.parent / "data/raw/study/SHA256SUMS").read_text().split()[::2]
    assert [digest for digest in digests if digest not in parsed["versions.html"].get_text()] == []
    assert "3.11.0" in parsed["versions.html"].get_text()


@pytest.mark.parametrize("view", VIEWS)
def test_a_browser_finds_no_barrier_no_request_elsewhere_and_nothing_that_is_cut_off(
    site, address, browser, view
):
    assert barriers(browser, address, pages(site), view) == []


def test_every_page_says_who_made_it_when_and_how_to_cite_it(real_site):
    for name, page in pages(real_site).items():
        facts = {tag.get_text(): tag.find_next("dd").get_text() for tag in page.select(".tk-facts dt")}
        assert facts["Authors"] == "The trustkit authors", name
        assert {"Published", "Licence", "Contact"} <= set(facts), name
        if name != "search.html":
            assert f"(2026). {page.find('h1').get_text().strip()}. In: " in facts["How to cite this page"]


def test_a_report_names_the_fieldwork_of_the_data_that_it_shows_and_no_other(real_site):
    told = {
        name: [tag.get_text() for tag in page.select(".tk-facts dt") if "Fieldwork" in tag.get_text()]
        for name, page in pages(real_site).items()
    }
    assert told["notebooks/02_trust.html"] == ["Fieldwork"]
    assert len(told["index.html"]) > len(told["notebooks/06_government_trust.html"]) > 1


def test_every_result_of_synthetic_data_is_marked_once(real_site):
    page = pages(real_site)["notebooks/02_trust.html"]
    results = [tag for tag in page.select(".cell") if tag.select(".tk-downloads")]
    assert len(results) > 5
    for result in results:
        chart = "Numbers in the figure" in result.get_text()
        told = [tag.get_text(" ", strip=True) for tag in result.select(".tk-note")]
        assert sum("Synthetic data" in text for text in told) == (0 if chart else 1)
        assert len(result.select(".tk-badge.tk-synthetic")) == (0 if chart else 1)
    pictures = [tag["alt"] for tag in page.select(".tk-picture img")]
    assert pictures
    assert all("Synthetic data." in text for text in pictures)


def test_the_lists_of_pages_fill_a_wide_screen_and_the_next_page_stands_at_the_right(real_site, browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((real_site / "index.html").as_uri())
    edge = """name => Math.max(...[...document.querySelectorAll(name)].map(
        box => box.getBoundingClientRect().right))"""
    full = page.evaluate(edge, ".bd-article table")
    assert abs(page.evaluate(edge, ".tk-reports:has(img) > li") - full) < 2
    assert abs(page.evaluate(edge, ".tk-reports:not(:has(img)) > li") - full) < 2
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto((real_site / "notebooks" / "02_trust.html").as_uri())
    assert page.evaluate(edge, ".right-next *") > 340
    page.close()


def test_the_title_of_the_claims_is_seen_only_on_paper_where_it_keeps_heading_and_table_together(
    real_site, browser
):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((real_site / "index.html").as_uri())
    clip = "getComputedStyle(document.querySelector('.tk-claims caption')).clipPath"
    assert page.evaluate(clip) != "none"
    page.emulate_media(media="print")
    assert page.evaluate(clip) == "none"
    page.close()


def test_on_a_phone_a_long_item_stands_above_its_answer(real_site, browser):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((real_site / "disclosure.html").as_uri())
    widths = page.evaluate(
        "[...document.querySelectorAll('.tk-stacked td')].filter(cell => cell.checkVisibility())"
        ".map(cell => cell.offsetWidth)"
    )
    page.close()
    assert min(widths) > 300


def test_every_page_names_a_picture_of_the_site_for_shared_links(real_site):
    for name, page in pages(real_site).items():
        if name == "search.html":
            continue
        picture = (real_site / name).parent / page.select_one('meta[property="og:image"]')["content"]
        assert picture.read_bytes().startswith(b"\x89PNG"), name
        assert page.select_one('meta[property="og:image:alt"]')["content"], name


def test_the_shipped_site_may_be_published(real_site):
    found = check_release(real_site, ROOT)
    assert found.empty, found.to_string()


def test_the_site_of_a_new_study_may_be_published(own_site):
    found = check_release(own_site, own_site.parent)
    assert found.empty, found.to_string()
