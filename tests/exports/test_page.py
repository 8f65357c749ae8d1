"""The page of exported tables in a browser: no barrier, no request elsewhere, nothing cut."""

from __future__ import annotations

import pytest
from browser import launched, served

import trustkit as tk


@pytest.mark.site
def test_a_browser_finds_no_barrier_no_request_elsewhere_and_no_sideways_scrolling(tmp_path):
    folder = tk.example_folder("consumer_trust")
    survey = tk.clean(tk.read(folder / "responses.csv", codebook=folder / "codebook.yaml"))
    design = tk.rake(tk.Design(survey), folder / "targets.yaml")
    book = tk.banner(design, ["trust_all_brands", "received"], ["country", ("sex", "age_group")])
    shares = tk.proportion(design, "trust_banks", by="country")
    against_rest = tk.banner(design, ["trust_banks"], ["country"], letters=tk.Letters(against="rest"))
    plain = tk.banner(tk.Design(survey), ["trust_banks"], ["country"])
    both = tk.beside({"weighted": tk.banner(design, ["trust_banks"], ["country"]), "unweighted": plain})
    crossed = tk.crosstab(design, "trust_banks", "country", percent="total")
    tables = [
        book,
        book["received"],
        against_rest,
        both,
        crossed,
        shares,
        tk.likert_bars(shares, title="Trust"),
        survey.log,
    ]
    tk.write_tables(tables, tmp_path / "t.html", title="Trust in brands")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with launched() as browser, served(tmp_path) as address:
        for width in (1280, 390):
            asked = []
            page = browser.new_page(viewport={"width": width, "height": 844})
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.goto(f"{address}t.html")
            assert page.evaluate("document.documentElement.scrollWidth") == width
            found = axe.run(page, options={"resultTypes": ["violations"], "preload": False})
            assert found.violations_count == 0, found.generate_report()
            assert [url for url in asked if not url.startswith((address, "data:"))] == []
            stub = page.evaluate("document.querySelector('tbody th').getBoundingClientRect().width")
            assert stub > 100
