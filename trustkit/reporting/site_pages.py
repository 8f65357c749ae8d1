"""The pages that are made from data: claims, data dictionary, disclosure, versions.

Each is a list of blocks. Text from codebooks, notebooks and files is put into them as text (`Block`), or
into HTML by templates that escape it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from trustkit.caveats import Caveats
from trustkit.claims.claims import PLACE
from trustkit.claims.claims_file import ADDRESS
from trustkit.display import html_table, visible
from trustkit.reporting.dictionary_page import dictionary_block
from trustkit.reporting.findings import findings_of
from trustkit.reporting.held_page import held_block
from trustkit.reporting.notebooks import PACKAGES, answer_of
from trustkit.reporting.page_templates import filled, show_plain, show_unit
from trustkit.reporting.safe_html import safe_html
from trustkit.reporting.trails import shared_trails
from trustkit.reporting.transparency import DISCLOSURE_MIME
from trustkit.reporting.verdict_outputs import PUBLICATION_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from nbformat import NotebookNode

    from trustkit.reporting.page_blocks import Block
    from trustkit.survey.codebook import Codebook

SHARED = ("url", "source", "population", "published_n", "scale", "data", "assumption")
"""What the claims of one publication share."""

KEY_FIGURES = 3
"""How many figures stand at the head of the first page."""

RESTS_ON = (
    ("data", "Data dictionary", "What does each column hold, who was asked, and why is it kept?"),
    (
        "disclosure",
        "Disclosure",
        "Who made the study, who was asked, and how were answers checked and weighted?",
    ),
    ("docs/maths", "Method", "By which formulas are the estimates, intervals and tests made?"),
    ("docs/terms", "Terms", "What does each word on these pages mean?"),
    (
        "held",
        "What is held, and why",
        "Which data does the study keep, on what ground, for whom and until when?",
    ),
    ("versions", "Versions and digests", "Which software made the numbers, and from exactly which files?"),
)
"""The pages that every site has: its document, its title and the question that it answers."""

DESCRIBED = (
    "For each column of the data: what it holds, which answers it has, who was asked, and why it is kept."
)
"""How the data dictionary begins."""

DISCLOSED = (
    "What the Transparency Initiative of the American Association for Public Opinion Research asks of a "
    "study, as its codebook and its design answer it."
)
"""How the page of the disclosures begins."""

HELD = (
    "For each kind of data that the study keeps: what it is for, why it may be held, how long, and who sees "
    "it. Data with the same purpose are on one card."
)
"""How the page of what is held begins."""

NOT_HELD = "The project describes these studies in codebooks and keeps none of their data files."
"""What the page of what is held says of the other studies."""

UNDISCLOSED = "No report of this site fills in the disclosure of these studies."
"""What the page of the disclosures says of the other studies."""

RECORDED = (
    "A notebook records the versions it was run with. The same versions and the same raw files give the same "
    "pages, byte for byte. A digest is a fingerprint of a file: a copy of the file with the same digest is "
    "the same file."
)
"""How the page of the versions begins."""


@dataclass(frozen=True)
class Page:
    """A notebook of the site: its file, its name in addresses, its title, question and first chart."""

    path: Path
    name: str
    title: str
    question: str
    notebook: NotebookNode
    thumbnail: str = ""


def first_page(
    title: str, pages: Sequence[Page], verdicts: pd.DataFrame, books: Sequence[Codebook]
) -> list[Block]:
    """Return the first page: what was found, then the reports, then every claim with its verdict."""
    reach = _reach(verdicts)
    rows = [_claim_row(verdict, reach) for verdict in verdicts.to_dict("records")]
    front = {
        "claims": rows,
        "titles": {page.name: page.title for page in pages},
        "key_figures": _key_figures(rows),
        "findings": [] if rows else _own_findings(pages),
        "synthetic": any(book.data == "synthetic" for book in books),
    }
    claims = {
        "pages": pages,
        "groups": _claim_groups(rows),
        "reach": f"{reach:g}",
        "models": _models(verdicts, pages),
    }
    reports = [
        {
            "page": f"notebooks/{page.name}", "title": page.title,
            "text": page.question, "answer": answer_of(page.notebook, page.path.as_posix()),
            "thumbnail": page.thumbnail,
        }
        for page in pages
    ]  # fmt: skip
    rests = [
        {"page": page, "title": title, "text": text, "answer": "", "thumbnail": ""}
        for page, title, text in RESTS_ON
    ]
    return [
        _heading(title, 1),
        _html(filled("front", front)),
        _heading("The reports", 2),
        _html(filled("reports", {"links": reports})),
        *([_heading("Every claim and its verdict", 2), _html(filled("claims", claims))] if rows else []),
        _heading("What the numbers rest on", 2),
        _html(filled("reports", {"links": rests})),
        {
            "kind": "contents", "text": "Reports",
            "documents": [(page.title, f"notebooks/{page.name}") for page in pages],
        },
        {
            "kind": "contents", "text": "Reference",
            "documents": [("Method" if name == "docs/maths" else "", name) for name, _, _ in RESTS_ON],
        },
    ]  # fmt: skip


def data_page(books: Sequence[Codebook]) -> list[Block]:
    """Return the data dictionary: the title and the cards of each codebook."""
    blocks = [_heading("Data dictionary", 1), _said(DESCRIBED)]
    if not books:
        blocks.append(_said("No codebook describes the raw data of this project."))
    for number, book in enumerate(books, 1):
        blocks += [_heading(book.title or "Untitled", 2), dictionary_block(book, number)]
    return blocks


def held_page(books: Sequence[Codebook], elsewhere: Sequence[str] = ()) -> list[Block]:
    """Return what is held of each export, and why; and the studies of which the project holds no data."""
    blocks = [_heading("What is held, and why", 1), _said(HELD)]
    if not books:
        blocks.append(_said("This project holds no raw data that a codebook describes."))
    for book in books:
        blocks += [_heading(book.title or "Untitled", 2), held_block(book)]
    if elsewhere:
        blocks += [_heading("Studies whose data are not held", 2), _listed(NOT_HELD, elsewhere)]
    return blocks


def disclosure_page(pages: Sequence[Page], books: Sequence[Codebook]) -> list[Block]:
    """Return what `disclosure` showed in the notebooks, each study's once; and the studies without one."""
    tables: dict[str, tuple[str, Page]] = {}
    for page in pages:
        for output in (output for cell in page.notebook.cells for output in cell.get("outputs", [])):
            data = output.get("data", {})
            if DISCLOSURE_MIME in data:
                tables.setdefault(data.get("text/html", ""), (data[DISCLOSURE_MIME]["study"], page))
    blocks = [_heading("Disclosure", 1), _said(DISCLOSED)]
    if not tables:
        blocks.append(_said("No notebook shows the disclosure of its study."))
    for html, (study, page) in tables.items():
        results = filled("results", {"page": page})
        items = f'<div class="tk-disclosed">{safe_html(html)}</div>'
        blocks += [_heading(str(study), 2), _html(items), _html(results)]
    disclosed = {str(study) for study, _ in tables.values()}
    others = [book.title for book in books if book.title and book.title not in disclosed]
    if tables and others:
        blocks += [_heading("Studies without a disclosure", 2), _listed(UNDISCLOSED, others)]
    return blocks


def versions_page(pages: Sequence[Page], digests: Sequence[Mapping[str, str]]) -> list[Block]:
    """Return the versions that made the notebooks, and the digests of the raw files."""
    blocks = [
        _heading("Versions and digests", 1),
        _said(RECORDED),
        _html(html_table(_version_table(pages), caption="Versions that made the notebooks")),
    ]
    if digests:
        table = html_table(pd.DataFrame(digests), caption="Digests of the raw files")
        compared = "Each file was compared with its digest when this page was made."
        blocks.append(_html(f'<div class="tk-digests">{table}</div><p class="tk-note">{compared}</p>'))
    return blocks


def _heading(text: str, level: int) -> Block:
    return {"kind": "heading", "text": text, "level": level}


def _html(text: str) -> Block:
    """Return a block of HTML that a template or a table made, or that was written anew."""
    return {"kind": "html", "text": text}


def _listed(words: str, titles: Sequence[str]) -> Block:
    """Return a sentence of trustkit's own, and the titles of the studies that it is about."""
    items = "".join(f"<li>{escape(visible(title, lines='joined'))}</li>" for title in titles)
    return _html(f"<p>{words}</p><ul>{items}</ul>")


def _said(text: str) -> Block:
    """Return a paragraph of trustkit's own words."""
    return {"kind": "html", "text": f"<p>{text}</p>"}


def _models(verdicts: pd.DataFrame, pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return each model that opt-in intervals rest on, as a note, with the titles of its reports."""
    titles = {item.name: item.title for item in pages}
    by_model = verdicts[verdicts["assumption"] != ""].groupby("assumption", sort=False)["notebook"]
    return [
        {
            "note": " ".join(Caveats(assumptions=(str(model),)).sentences),
            "titles": [titles[name] for name in names.unique()],
        }
        for model, names in by_model
    ]


def _claim_row(verdict: Mapping[Hashable, Any], reach: float) -> dict[Hashable, Any]:
    """Return a verdict as text, with the places of its numbers in percent of the scale that all share."""
    published, estimate, low, high = (
        float(verdict[name]) for name in ("published", "estimate", "ci_low", "ci_high")
    )
    known = not any(math.isnan(value) for value in (estimate, low, high))
    text = f"{published:g}"
    rounding = 0.5 * 10.0 ** -len(text.partition(".")[2])
    places = {
        "estimate": estimate, "low": low, "high": high,
        "round_low": published - rounding, "round_high": published + rounding,
    }  # fmt: skip
    return {
        **dict.fromkeys(PUBLICATION_COLUMNS, ""),
        **verdict,
        "made_of": verdict,
        "unit": show_unit(verdict.get("unit")),
        "url": verdict["url"] if ADDRESS.fullmatch(str(verdict.get("url", ""))) else "",
        "headline": _headline(verdict.get("headline", 0)),
        "published": text,
        "estimate": show_plain(estimate) if known else "",
        "interval": f"{show_plain(low)} to {show_plain(high)}" if known else "",
        "n": f"{verdict['n']:,.0f}" if known else "",
        "places": {
            name: f"{min(max(50 + 50 * (value - published) / reach, 0), 100):.2f}"
            for name, value in places.items()
        }
        if known
        else {},
    }


def _headline(given: object) -> int:
    """Return a claim's place among the headlines; 0 for what a notebook brings and is no place."""
    place = int(given) if isinstance(given, float) and given.is_integer() else given
    return place if isinstance(place, int) and PLACE.fits(place) else 0


def _own_findings(pages: Sequence[Page]) -> list[dict[str, Any]]:
    """Return what a study without claims found: the first of each report, then more, at most three."""
    found = [(place, page, one) for page in pages for place, one in enumerate(findings_of(page.notebook))]
    found.sort(key=lambda item: item[0])
    return [{"page": page, "finding": one} for _, page, one in found[:KEY_FIGURES]]


def _claim_groups(rows: Sequence[dict[Hashable, Any]]) -> list[dict[str, Any]]:
    """Return the claims of each report by publication, so that what they share is said once."""
    groups: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        shared = {name: str(row[name]) for name in ("notebook", *SHARED)}
        first = not any(group["notebook"] == shared["notebook"] for group in groups.values())
        group = groups.setdefault(tuple(shared.values()), {**shared, "first": first, "claims": []})
        group["claims"].append(row)
    for group in groups.values():
        group["trails"] = shared_trails(row["made_of"] for row in group["claims"])
    return list(groups.values())


def _key_figures(rows: Sequence[dict[Hashable, Any]]) -> list[dict[Hashable, Any]]:
    """Return the recomputed figures that lead, at most three: those from real data first.

    They are the claims that have a place among the headlines, in that order; if none has, the first of each
    report.
    """
    checked = [row for row in rows if row["verdict"] != "not checkable"]
    leading = [row for row in checked if row["headline"]]
    if not leading:
        leading = list({str(row["notebook"]): row for row in reversed(checked)}.values())[::-1]
    return sorted(leading, key=lambda row: (row["data"] == "synthetic", row["headline"]))[:KEY_FIGURES]


def _reach(verdicts: pd.DataFrame) -> float:
    """Return how far the scale of all claims reaches from the published figure: 1, 2, 5, 10, 20, 50 ..."""
    ends = verdicts[["estimate", "ci_low", "ci_high"]].sub(verdicts["published"], axis=0).abs()
    farthest = max((float(end) for end in ends.to_numpy().ravel() if not math.isnan(end)), default=1.0)
    power = 10.0 ** math.floor(math.log10(farthest)) if farthest > 0 else 1.0
    return next((step * power for step in (1.0, 2.0, 5.0) if step * power >= farthest), 10 * power)


def _version_table(pages: Sequence[Page]) -> pd.DataFrame:
    """Return one row per package: its version or, where they differ, which notebooks had which."""
    made = {page.name: page.notebook.metadata.get("trustkit", {}).get("versions", {}) for page in pages}
    rows = []
    for package in ("python", *PACKAGES):
        had: dict[str, list[str]] = {}
        for name, versions in made.items():
            had.setdefault(versions.get(package, "not recorded"), []).append(name)
        texts = [number if len(had) == 1 else f"{number} ({', '.join(had[number])})" for number in had]
        rows.append({"package": package, "version": "; ".join(texts)})
    return pd.DataFrame(rows)
