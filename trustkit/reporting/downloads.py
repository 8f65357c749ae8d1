"""What readers may take from a report: tables as CSV and Excel, charts as pictures, and how to cite them.

What is offered is what the page shows. A table that may hold rows of a data set is shown and not offered.
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any, Literal

from trustkit.caveats import SYNTHETIC
from trustkit.display import visible
from trustkit.exports.safe_text import sheet_names
from trustkit.reporting.safe_html import safe_html
from trustkit.reporting.shown_tables import ShownTable, looks_like_microdata, shown_tables
from trustkit.reporting.workbooks import workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustkit.reporting.page_blocks import Block
    from trustkit.survey.codebook import Codebook

FILES = "files"
"""The folder of a site that holds what pages offer."""

ALL_TABLES = "all_tables.xlsx"
"""The workbook of all tables, in that folder."""

ANCHOR = "tk-item-"
"""How the places of tables and charts in pages begin."""

NAMES = {"csv": "CSV", "xlsx": "Excel", "svg": "SVG", "png": "PNG"}
"""Endings of files -> what links call them."""


@dataclass(frozen=True)
class Download:
    """A table or a chart of a page, as readers may take it.

    Attributes
    ----------
    anchor
        Its place in the page. It stays the same as long as the notebook's cell has its id.
    first
        The number of the output with which it begins.
    kind, title
        What it is, and what it is called.
    table
        Its table, if it may be offered.
    pictures
        Of a chart: ending of a file -> its bytes.
    synthetic
        Whether the page says below it that the data are synthetic.
    """

    anchor: str
    first: int
    kind: Literal["figure", "table"]
    title: str
    table: ShownTable | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    synthetic: bool = False

    @property
    def file(self) -> str:
        """The name of its files, without their endings."""
        return self.anchor.removeprefix(ANCHOR)

    def files(self) -> dict[str, bytes]:
        """Return ending -> bytes of each file."""
        tables = {} if self.table is None else {"csv": self.table.csv(), "xlsx": workbook([self.table])}
        return {**tables, **self.pictures}


@dataclass(frozen=True)
class PageDownloads:
    """What a page offers, and what links and citations say of it.

    Attributes
    ----------
    page, report
        The page's name in addresses, and its title.
    site, authors
        The site's title; who is to be named, and the year, empty if that is not known.
    items
        The number of a cell, counted from 1, and of its output, counted from 0 -> what stands below it.
    """

    page: str
    report: str
    site: str
    authors: str
    items: Mapping[tuple[int, int], Sequence[Download]]

    def anchor(self, cell: int, output: int) -> str:
        """Return the place in addresses of an output, or of the chart that begins with it; empty if none."""
        for place in (output, output + 1):
            for item in self.items.get((cell, place), ())[:1]:
                if item.first == output:
                    return item.anchor
        return ""

    def below(self, cell: int, output: int, parts: int = 1) -> list[Block]:
        """Return what stands below an output, or below each of the parts in which its page shows it.

        Several items of one part have their names, because they stand below the last table.
        """
        items = self.items.get((cell, output), ())
        named = len(items) > 1 and len(items) != parts
        return [self._links(item, own_place=number > 0, named=named) for number, item in enumerate(items)]

    def all(self) -> Iterator[Download]:
        """Iterate over all that the page offers, from top to bottom."""
        return (item for items in self.items.values() for item in items)

    def address(self, item: Download) -> str:
        """Return where an item is, within the site."""
        return f"notebooks/{self.page}.html#{item.anchor}"

    def _links(self, item: Download, *, own_place: bool, named: bool) -> Block:
        """Return the links of an item, and how to cite it; with its name if others stand beside it."""
        title = escape(item.title)
        links = [
            f'<a download href="../{FILES}/{self.page}/{item.file}.{ending}"'
            f' aria-label="{NAMES[ending]}: {title}">{NAMES[ending]}</a>'
            for ending in (*(("csv", "xlsx") if item.table is not None else ()), *item.pictures)
        ]
        words = f"Link to this {item.kind}"
        links.append(f'<a href="#{item.anchor}" aria-label="{words}: {title}">{words}</a>')
        parts = [self.authors, _in_quotes(item.title), f"{item.kind} in {_in_quotes(self.report)}", self.site]
        cited = ", ".join(escape(visible(part, lines="joined")) for part in parts if part)
        synthetic = f" {escape(SYNTHETIC)}" if item.synthetic else ""
        place = f' id="{item.anchor}"' if own_place else ""
        name = f'<p class="tk-downloads-of">{title}</p>' if named else ""
        shown = f'<div class="tk-downloads"{place}>{name}<p>{" ".join(links)}</p>'
        folded = f"<summary>Cite this {item.kind}</summary><p>{cited}.{synthetic} {self.address(item)}</p>"
        return {"kind": "html", "text": f"{shown}<details>{folded}</details></div>"}

    def write(self, folder: Path) -> None:
        """Write the files that the page offers into a folder of its own."""
        for item in self.all():
            folder.mkdir(parents=True, exist_ok=True)
            for ending, content in item.files().items():
                (folder / f"{item.file}.{ending}").write_bytes(content)


def _in_quotes(text: str) -> str:
    return f"\N{LEFT DOUBLE QUOTATION MARK}{text}\N{RIGHT DOUBLE QUOTATION MARK}"


def offered_items(
    notebook: Mapping[str, Any], names: Sequence[frozenset[str]]
) -> dict[tuple[int, int], list[Download]]:
    """Return what a notebook's page offers, as `PageDownloads` holds it.

    Parameters
    ----------
    notebook
        The notebook as it was run.
    names
        For each codebook, the names and labels of its variables.
    """
    offered: dict[tuple[int, int], list[Download]] = {}
    for number, cell in enumerate(notebook["cells"], 1):
        own = re.sub(r"[^\w-]", "-", str(cell.get("id") or f"cell-{number}"), flags=re.ASCII)
        for count, (place, item) in enumerate(_cell_downloads(cell.get("outputs", [])), 1):
            anchor = f"{ANCHOR}{own}" if count == 1 else f"{ANCHOR}{own}-{count}"
            table = item.table if item.table is not None and item.table.rows else None
            kept = table if table and not looks_like_microdata(table, names) else None
            if kept is not None or item.pictures:
                offer = replace(item, anchor=anchor, table=kept)
                offered.setdefault((number, place), []).append(offer)
    return offered


def _cell_downloads(outputs: Sequence[Mapping[str, Any]]) -> Iterator[tuple[int, Download]]:
    """Iterate over the charts and tables of a cell, each with the output below which it stands."""
    joined = False
    for place, output in enumerate(outputs):
        data = output.get("data", {})
        html = data.get("text/html")
        if joined:  # the words and numbers of the chart above
            joined = False
        elif html:
            text = safe_html(html)
            for table in shown_tables(text):
                title = table.caption or "Table"
                yield place, Download("", place, "table", title, table, synthetic=SYNTHETIC in text)
        elif "image/png" in data:
            about = output.get("metadata", {}).get("image/png", {})
            after = (
                outputs[place + 1].get("data", {}).get("text/html", "") if place + 1 < len(outputs) else ""
            )
            joined = about.get("words") == "beside" and bool(after)
            yield place + joined, _chart(data["image/png"], about, place, safe_html(after) if joined else "")


def _chart(picture: object, about: Mapping[str, Any], place: int, words: str) -> Download:
    """Return a chart; its pictures are checked where the page is made."""
    pictures = {}
    drawn = about.get("svg")
    wide = drawn.get("wide") if isinstance(drawn, dict) else None
    if isinstance(wide, str):
        pictures["svg"] = wide.encode()
    with suppress(ValueError):
        pictures["png"] = base64.b64decode(picture) if isinstance(picture, str) else b""
    tables = shown_tables(words)
    title = tables[0].caption if tables else " ".join(visible(about.get("alt", ""), lines="joined").split())
    table = tables[0] if tables else None
    return Download("", place, "figure", title, table, pictures, SYNTHETIC in words)


def write_all_tables(pages: Iterable[PageDownloads], folder: Path) -> bool:
    """Write one workbook of all tables into a folder, and return whether there is a table."""
    offered = [(page, item, item.table) for page in pages for item in page.all() if item.table is not None]
    if not offered:
        return False
    tables = [table for _, _, table in offered]
    sheets = sheet_names([table.caption for table in tables], taken=["Contents"])
    contents = [("Table", "Report", "Address", "Sheet")]
    contents += [
        (item.title, page.report, page.address(item), sheet)
        for (page, item, _), sheet in zip(offered, sheets, strict=True)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ALL_TABLES).write_bytes(workbook(tables, contents=contents))
    return True


def all_tables_block() -> Block:
    """Return the line of the first page that leads to the workbook."""
    link = f'<a class="reference download" download href="{FILES}/{ALL_TABLES}">one workbook (Excel)</a>'
    return {"kind": "html", "text": f'<p class="tk-note tk-downloads">All tables of the reports: {link}.</p>'}


def variable_names(books: Iterable[Codebook]) -> list[frozenset[str]]:
    """Return the names and labels of each codebook's variables."""
    return [
        frozenset({*book.variables, *(variable.label for variable in book.variables.values())})
        for book in books
    ]
