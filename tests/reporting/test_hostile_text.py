"""Text from data never becomes markup: payloads in every place of a study, and the pages in a browser."""

from __future__ import annotations

import csv
import json
import shutil

import nbformat
import pandas as pd
import pytest
from browser import launched
from bs4 import BeautifulSoup
from hostile_study import make_hostile_study
from nbformat.v4 import new_markdown_cell
from payloads import PAYLOADS, RAN, SECRET, TITLE
from site_project import make_project

from trustkit.display import visible
from trustkit.errors import ReportError
from trustkit.reporting.notebooks import run_notebook
from trustkit.reporting.page_guard import active_content, finished
from trustkit.reporting.render import render_site
from trustkit.reporting.safe_html import safe_html
from trustkit.reporting.study import new_study


def written(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Make, run and render a study whose every text is hostile: columns, answers, labels, titles, names."""
    folder = tmp_path_factory.mktemp("hostile") / "<b>#{x}`' $a$"
    folder.mkdir()
    written(folder.parent, "secret.txt", "TOPSECRET")
    columns = {text: ["Yes", "No"] * 20 for text in PAYLOADS[::2]}
    pairs = zip(PAYLOADS[1::2], PAYLOADS[::2], strict=False)
    columns |= {f"{text}?": [other, "No"] * 20 for text, other in pairs}
    columns["rare"] = [*PAYLOADS[:20], *["Yes"] * 20]
    pd.DataFrame(columns).to_csv(folder / "a'{b} $c$.csv", index=False, quoting=csv.QUOTE_ALL)
    study = new_study(folder / "My *study* <script>", folder / "a'{b} $c$.csv").folder
    (codebook,) = study.glob("data/raw/*/codebook.yaml")
    title = json.dumps("<script>window.RAN=1</script>\x1b[31m" + "".join(PAYLOADS[:14]))
    lines = codebook.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("title:")]
    codebook.write_text("\n".join([f"title: {title}", *kept]), encoding="utf-8")
    claims = {
        f"c{number}": {"title": text, "published": 4, "unchecked": text, "source": text}
        for number, text in enumerate(PAYLOADS[:12])
    }
    codebook.with_name("claims.yaml").write_text(json.dumps({"claims": claims}), encoding="utf-8")
    (notebook,) = study.glob("notebooks/*.ipynb")
    run_notebook(notebook, notebook)
    odd = notebook.with_name("02 <img src=x onerror=1>#.ipynb")
    shutil.copyfile(notebook, odd)
    return study, render_site(study, title=f"{TITLE}\x1b[31m")


def test_a_study_of_hostile_text_has_a_first_notebook_that_runs_and_pages_that_show_the_text(hostile):
    _, site = hostile
    pages = [path for path in site.rglob("*.html") if "_static" not in path.parts]
    assert len(pages) >= 9
    for path in pages:
        text = path.read_text(encoding="utf-8")
        assert list(active_content(text)) == []
        assert "TOPSECRET" not in text
    index = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    assert index.select_one(".logo__title").get_text() == f"{TITLE}\\x1b[31m"
    assert index.h1.get_text() == f"{TITLE}\\x1b[31m"
    claims = {tag.get_text() for tag in index.select("tr.tk-claim > th > .tk-claim-title")}
    assert {visible(text) for text in PAYLOADS[:12]} <= claims
    dictionary = BeautifulSoup((site / "data.html").read_text(encoding="utf-8"), "html.parser").get_text()
    typed = [text for text in PAYLOADS[::2] if "\n" not in text and "\x1b" not in text]
    assert [text for text in typed if visible(text) not in dictionary] == []


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Make, run and render a study in which every field of every file is a payload."""
    return make_hostile_study(tmp_path_factory.mktemp("filled"))


def opened(browser, site):
    """Open each page without its security policy; return what each shows, and what ran or was asked for."""
    faults: list[str] = []
    context = browser.new_context(bypass_csp=True)
    context.on("request", lambda request: request.url.startswith(site.as_uri()) or faults.append(request.url))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("dialog", lambda dialog: faults.append(dialog.message))
    context.on("console", lambda message: message.type == "error" and faults.append(message.text))
    page, shown = context.new_page(), {}
    for path in site.rglob("*.html"):
        if "_static" in path.parts:
            continue
        page.goto(path.as_uri())
        name = path.relative_to(site).as_posix()
        if page.evaluate("window.RAN") is not None:
            faults.append(f"a script ran in {name}")
        if page.evaluate("document.documentElement.dataset.theme") not in {"light", "dark"}:
            faults.append(f"the site's own script did not run in {name}")
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        shown[name] = one_line(page.inner_text("body"))
    context.close()
    return shown, faults


def one_line(text, *, lines="kept"):
    """Return a text as a browser shows it in a line, without marks of the page's own headings."""
    return " ".join(visible(text, lines=lines).split())


def outputs(study):
    """Iterate over the HTML that the study's notebook shows in Jupyter, and the pictures of its charts."""
    for cell in study.notebook.cells:
        for output in cell.get("outputs", []):
            yield from (value for kind, value in output.get("data", {}).items() if kind == "text/html")


def unread(study, shown):
    """Return the places of a study whose text is not on its page as it was typed."""
    dictionary, index = shown["data.html"], shown["index.html"]
    (report,) = (text for name, text in shown.items() if name.startswith("notebooks/"))
    missing = [
        f"{part} of {variable.name!r}"
        for variable in study.book.variables.values()
        for part in ("name", "label", "purpose", "consent", "retention", "review")
        if one_line(getattr(variable, part)) not in dictionary
    ]
    places = {"study title": dictionary, "population": dictionary, "site title": index, "unchecked": index}
    places |= {"claim title": index, "lost title": index, "battery wording": dictionary}
    places |= {"source": dictionary, "fieldwork": shown["disclosure.html"]}
    places |= {place: shown["disclosure.html"] for place in study.texts if place.startswith("disclosed ")}
    reported = ("table title", "table note", "printed", "subtitle", "credit", "reason", "claim source")
    reported += ("targets source", "targets date", "claim note", "new label", "rest", "new answer", "stage")
    charts = ("losses", "path", "shift", "dots", "bars", "heat", "funnel", "verdicts")
    places |= dict.fromkeys((*reported, *(f"{chart} title" for chart in charts)), report)
    headings = {"site title"}  # a heading is one line, so that even a lone carriage return is a blank there
    return missing + [
        place
        for place, page in places.items()
        if one_line(study.texts[place], lines="joined" if place in headings else "kept") not in page
    ]


def test_nothing_in_hostile_studies_runs_or_loads_in_a_browser_and_every_text_is_read_as_typed(
    hostile, filled
):
    with launched() as browser:
        _, faults = opened(browser, hostile[1])
        assert faults == []
        shown, faults = opened(browser, filled.site)
        assert faults == []
        assert not [name for name, text in shown.items() if SECRET in text]
        assert unread(filled, shown) == []


def test_outputs_of_a_hostile_notebook_run_nothing_where_no_policy_guards_them(filled):
    every = "".join(outputs(filled))
    assert every.count("<table") > 20
    faults: list[str] = []
    with launched() as browser:
        context = browser.new_context(bypass_csp=True)
        context.on("request", lambda request: faults.append(request.url))
        page = context.new_page()
        page.set_content(every)
        assert page.evaluate("window.RAN") is None
        assert page.locator("script, iframe, img, svg, base, link, object, a").count() == 0
    assert faults == []


@pytest.mark.parametrize("turn", range(1, 1 + -(-len(PAYLOADS) // 5)))
@pytest.mark.nightly
def test_every_payload_in_every_place_is_text_in_a_browser(turn, tmp_path):
    study = make_hostile_study(tmp_path, turn=turn, each=5)
    with launched() as browser:
        shown, faults = opened(browser, study.site)
    assert faults == []
    assert not [name for name, text in shown.items() if SECRET in text]
    assert unread(study, shown) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_html_of_an_output_is_written_anew_with_allowed_elements_only(payload):
    page = finished(f'<html><head><meta charset="utf-8"></head>{safe_html(f"<p>{payload}</p>")}</html>')
    assert list(active_content(page)) == []


@pytest.mark.parametrize(
    "prose",
    [
        "```{include} ../secret.txt\n```",
        "```{literalinclude} x\n```",
        "```{raw} html\n<b>\n```",
        "```{eval-rst}\nx\n```",
        "```{csv-table}\n:file: x\n```",
        "```{figure} x.png\n```",
        "```{code-cell}\n1\n```",
        "{download}`../conf.py`",
        "{raw}`x`",
        "![p](http://127.0.0.1:9/p.png)",
        "![p](../../../../etc/passwd)",
        "[x](../code/none.txt)",
        "::::{note}\n:::{include} x\n:::\n::::",
    ],
)
@pytest.mark.nightly
def test_prose_that_reads_files_is_refused_and_its_cell_is_named(prose, tmp_path):
    root = make_project(tmp_path / "project")
    path = root / "notebooks" / "trust.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(new_markdown_cell(prose))
    nbformat.write(notebook, path)
    with pytest.raises(ReportError, match=f"cell {len(notebook.cells)}, line"):
        render_site(root)


def test_html_in_prose_is_shown_as_it_was_typed(tmp_path):
    root = make_project(tmp_path / "project")
    path = root / "notebooks" / "trust.ipynb"
    notebook = nbformat.read(path, as_version=4)
    typed = f"<script>{RAN}</script>"
    notebook.cells.append(new_markdown_cell(f"{typed}\n\nA <b onclick='x'>word</b>"))
    nbformat.write(notebook, path)
    page = (render_site(root) / "notebooks" / "trust.html").read_text(encoding="utf-8")
    text = BeautifulSoup(page, "html.parser").get_text()
    assert typed in text
    assert "<b onclick=" in text
