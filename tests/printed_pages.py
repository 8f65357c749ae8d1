"""How full the pages of a print are: of a page of a site on a reader's paper, and of a report's PDF."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

DOTS = 40
"""Dots an inch at which pages are measured."""

INK = 230
"""Brightness, of 255, below which a dot is ink: notes and headers are grey."""

PAPERS = ("A4", "Letter")

MARGINS = (16, 16)
"""Millimetres above and below what `@page` of the style prints on."""

PDF_MARGINS = (22, 20)
"""The same of the PDF; its header and its page numbers stand in them."""

HEADER = 18
"""Millimetres from the top of the PDF's pages to below their header."""

LEAST = 0.6
"""How full a page is at least before another one begins, if no chart is in the way."""

BEFORE_A_CHART = {"print": 0.5, "pdf": 0.4}
"""How full it is at least if a chart is, which is never torn from its heading and its note."""

SMALL_CHARTS = "@media print { .bd-content .tk-picture img { max-height: 20mm !important; } }"


def sheets(pdf):
    """Return the pages of a PDF as arrays that say where there is ink, or skip the test without poppler."""
    if not shutil.which("pdftoppm"):
        pytest.skip("no pdftoppm: install poppler-utils")
    command = ["pdftoppm", "-r", str(DOTS), "-gray", "-"]
    rest = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    found = []
    while rest:
        _, size, _, rest = rest.split(b"\n", 3)
        width, height = map(int, size.split())
        dots = np.frombuffer(rest[: width * height], dtype=np.uint8).reshape(height, width)
        found.append(dots < INK)
        rest = rest[width * height :]
    return found


def share(sheet, margins):
    """Return the share of a page's height above its lowest ink."""
    above, below = (round(margin / 25.4 * DOTS) for margin in margins)
    body = sheet[above : sheet.shape[0] - below]
    inked = np.flatnonzero(body.any(axis=1))
    return (inked[-1] + 1) / len(body) if inked.size else 0.0


def printed_faults(browser, address, names):
    """Return the printed pages, other than last ones, that are emptier than a chart or a table makes them."""
    faults = []
    page = browser.new_page()
    for name in names:
        page.goto(f"{address}{name}")
        for charts, least in (("charts", BEFORE_A_CHART["print"]), ("small charts", LEAST)):
            if charts == "small charts":
                page.add_style_tag(content=SMALL_CHARTS)
            for paper in PAPERS:
                shares = [share(sheet, MARGINS) for sheet in sheets(page.pdf(format=paper))]
                faults += [
                    f"{name} on {paper} with {charts}: page {number} is {part:.0%} full"
                    for number, part in enumerate(shares[:-1], start=1)
                    if part < least
                ]
    page.close()
    return faults


def pdf_faults(pdf):
    """Return what is wrong with the pages of a report's PDF: a number or a name that lacks, and empty halves.

    The right half of the header names the chapter that goes on, so a page without it begins one, and the
    page before it ends one.
    """
    pages = sheets(pdf)
    above = round(HEADER / 25.4 * DOTS)
    faults = []
    for number, (sheet, after) in enumerate(zip(pages, [*pages[1:], None], strict=True), start=1):
        middle = sheet.shape[1] // 2
        if number > 1 and not sheet[:above, :middle].any():
            faults.append(f"page {number} does not name the report")
        if not sheet[-round(PDF_MARGINS[1] / 25.4 * DOTS) :, middle:].any():
            faults.append(f"page {number} has no number")
        ends = after is None or not after[:above, middle:].any()
        part = share(sheet, PDF_MARGINS)
        if not ends and part < BEFORE_A_CHART["pdf"]:
            faults.append(f"page {number} is {part:.0%} full")
    return faults
