"""A browser for the tests of rendered pages, and a server of a folder on loopback."""

from __future__ import annotations

import contextlib
import functools
import http.server
import os
import shutil
import threading

import pytest
from page_layout import layout_faults

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
VIEWS = {
    "light": ("light", 1280),
    "dark": ("dark", 1280),
    "narrow": ("light", 390),
    "narrow dark": ("dark", 390),
}


@contextlib.contextmanager
def launched():
    """Give Chromium, or skip the test where there is none."""
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not found:
        pytest.skip("no Chromium: install it, or name it in the environment variable CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        """Say nothing of each request."""


@contextlib.contextmanager
def served(folder):
    """Serve a folder on loopback and give its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def barriers(browser, address, names, view):
    """Return what is wrong with pages in one view: violations, requests elsewhere, errors, what is cut."""
    from axe_playwright_python.sync_playwright import Axe

    scheme, width = VIEWS[view]
    context = browser.new_context(viewport={"width": width, "height": 844}, color_scheme=scheme)
    faults: list[str] = []
    context.on("request", lambda request: request.url.startswith(address) or faults.append(request.url))
    context.on(
        "response", lambda answer: answer.status < 400 or faults.append(f"{answer.status} {answer.url}")
    )
    context.on("weberror", lambda error: faults.append(str(error.error)))
    page = context.new_page()
    for name in names:
        page.goto(f"{address}{name}")
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        page.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append(f"{name} scrolls sideways")
        # axe would fetch style sheets again, with addresses of its own making
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
        if found.violations_count:
            faults.append(f"{name}: {found.generate_report()}")
        if view == "light":  # the layout has no colours
            faults += [f"{name}: {fault}" for fault in layout_faults(page)]
    context.close()
    return faults
