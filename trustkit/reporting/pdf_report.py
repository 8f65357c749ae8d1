"""The whole report as one tagged PDF, made from the pages of its site by pandoc and Typst.

Pandoc reads the pages' HTML and writes headings, lists, tables and formulas for Typst. Text is passed to
Typst in quotation marks, so nothing in it can be markup. Pictures and formulas get their alternative texts
here. Typst checks that the file conforms to PDF/UA-1, the standard for accessible PDF. Only files of the site
are read, and the same site gives the same bytes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.ft2font import FT2Font

from trustkit.errors import ReportError, not_installed
from trustkit.reporting.citation import Citation, read_citation
from trustkit.reporting.notebook_files import notebook_paths, page_names
from trustkit.reporting.paper_text import paper_text
from trustkit.reporting.pdf_opening import opening, quoted
from trustkit.reporting.run_records import file_digest
from trustkit.reporting.site_records import PDF, PDF_RECORD, RECORD

if TYPE_CHECKING:
    from collections.abc import Mapping

RESTS_ON = ("data", "disclosure", "held", "docs/maths", "docs/terms", "versions")
"""The pages after the notebooks'."""

FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
"""Fonts that come with matplotlib: they are the same everywhere."""

STANDARD: Final = "ua-1"
"""The standard that the PDF conforms to."""

NO_LETTER = "could not be displayed with font"
"""What Typst says of a letter that no font has: the standard does not allow it."""

MANY = 8
"""Columns above which a table is set in smaller letters."""

SHORT_TABLE, SHORT_LIST = 9, 800
"""Rows of a table and letters of a list of terms that stay on one page."""

LINE, LONG = 116, 200
"""Characters of a table that fit a line, and above which a text takes no more width."""

NUMBERS = re.compile(r"[-+\u2212]?\d[\d.,%]*( to [-+\u2212]?\d[\d.,%]*)?( [A-Za-z])*")
"""A number, the letters behind it, or an interval: they stand on one line."""

PLACE = re.compile(r"#p\d+(-\d+)?")
"""The address of a place in the document."""

NOTE = "note"
"""The class of what stands in smaller letters below a chart or a table."""

OVERVIEW = "Claims and reports"
"""What the first page is called in the contents; its own title is the document's."""


def make_pdf(root: Path, site: Path) -> Path:
    """Write a site's pages as one PDF into the site's folder, unless the one that is there would be the same.

    Parameters
    ----------
    root
        The project's folder.
    site
        The folder of its site.

    Raises
    ------
    ReportError
        Pandoc or Typst is not installed, or the document does not conform to the standard.
    """
    if pdf_is_fresh(site):
        return site / PDF
    names = ["index", *(f"notebooks/{name}" for name in page_names(notebook_paths(root))), *RESTS_ON]
    pages = {f"{name}.html": (site / f"{name}.html").read_text(encoding="utf-8") for name in names}
    text = typst_text(pages, read_citation(root))
    (site / PDF).write_bytes(_compiled(text, site))
    record = {"rests_on": file_digest(site / RECORD), "file": file_digest(site / PDF)}
    (site / PDF_RECORD).write_text(json.dumps(record) + "\n", encoding="utf-8")
    return site / PDF


def pdf_is_fresh(site: Path) -> bool:
    """Return whether the PDF in a site's folder was made from this site and is as it was made."""
    try:
        record = json.loads((site / PDF_RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(record == {"rests_on": file_digest(site / RECORD), "file": file_digest(site / PDF)})


def typst_text(pages: Mapping[str, str], citation: Citation | None = None) -> str:
    """Return a site's pages as a document of Typst.

    Parameters
    ----------
    pages
        The address of each page within the site and its HTML; the first gives the title.
    citation
        What stands below the title: authors, date, licence, and how to cite the report.
    """
    document = json.loads(_pandoc(paper_text(pages), "html-auto_identifiers", "json"))
    title = ""
    for block in document["blocks"]:
        if block["t"] == "Header" and block["c"][0] == 1:
            title = _plain(block["c"][2])
            block["c"][2] = [{"t": "Str", "c": OVERVIEW}]
            break
    document["blocks"] = _kept_together(_without_boxes(document["blocks"]))
    body = _pandoc(json.dumps(_literal(_with_words(document))), "json", "typst")
    return opening(title, citation or Citation()) + body


def _without_boxes(blocks: list[Any]) -> list[Any]:
    """Return blocks without the boxes around them, which no page break would go through; notes stay boxes."""
    found: list[Any] = []
    for block in blocks:
        if block["t"] == "Div" and NOTE not in block["c"][0][1]:
            found += _without_boxes(block["c"][1])
        elif block["t"] == "Div":
            found += [_raw("RawBlock", "#note["), *block["c"][1], _raw("RawBlock", "]")]
        else:
            found.append(block)
    return found


def _kept_together(blocks: list[Any]) -> list[Any]:
    """Return blocks in which a text stays with the chart or table it leads to, and a chart with its note."""
    kept: list[Any] = []
    for place, block in enumerate(blocks):
        before, after = (blocks[at]["t"] if 0 <= at < len(blocks) else "" for at in (place - 1, place + 1))
        leads = before == "Header" and after in {"Header", "Table"}
        kinds = {part["t"] for part in block["c"]} if block["t"] == "Para" else set()
        titles = kinds == {"Strong"} and after in {"BulletList", "OrderedList"}
        if kinds and (leads or titles or "Image" in kinds):
            kept += [_raw("RawBlock", "#with-next["), block, _raw("RawBlock", "]")]
        else:
            kept.append(block)
    return kept


def _with_words(node: Any) -> Any:  # noqa: ANN401  # a tree of JSON
    """Return a tree of pandoc with alternative texts of pictures and formulas, which pandoc leaves out."""
    if isinstance(node, list):
        return [part for item in node for part in _replaced(_with_words(item))]
    if isinstance(node, dict):
        return {name: _with_words(value) for name, value in node.items()}
    return node


def _replaced(node: Any) -> list[Any]:  # noqa: ANN401
    """Return what stands for a part of a text."""
    kind = node.get("t") if isinstance(node, dict) else None
    if kind == "Image":
        _, words, (file, _) = node["c"]
        return [_raw("RawInline", f"#chart({quoted(f'/{file}')}, {quoted(_plain(words))});")]
    if kind == "Div":
        return list(node["c"][1])
    if kind == "Math":
        words = f"Formula: {node['c'][1]}"
        return [
            _raw("RawInline", f"#[#set math.equation(alt: {quoted(words)});"),
            node,
            _raw("RawInline", "]"),
        ]
    if kind == "DefinitionList" and len(_plain(node)) < SHORT_LIST:
        return [_raw("RawBlock", "#block(breakable: false)["), node, _raw("RawBlock", "]")]
    if kind == "Table":
        _set_columns(node)
        small = "#show table: set text(size: 6.5pt);" if len(node["c"][2]) > MANY else ""
        whole = "#show figure: set block(breakable: false);" if len(_rows(node)) <= SHORT_TABLE else ""
        return [_raw("RawBlock", f"#[{small}{whole}"), node, _raw("RawBlock", "]")]
    return [node]


def _literal(node: Any) -> Any:  # noqa: ANN401
    """Return a tree of pandoc in which every text and address stands in quotation marks of Typst."""
    if isinstance(node, dict):
        return {name: _literal(value) for name, value in node.items()}
    if not isinstance(node, list):
        return node
    parts: list[Any] = []
    words: list[str] = []
    for item in [*node, None]:
        kind = item.get("t") if isinstance(item, dict) else None
        if kind in {"Str", "Space", "SoftBreak"}:
            words.append(_plain(item))
            continue
        if words:
            parts.append(_raw("RawInline", f"#{quoted(''.join(words))};"))
            words = []
        if kind in {"Code", "CodeBlock"}:
            block = kind == "CodeBlock"
            code = f"#raw({quoted(item['c'][1])}, block: {str(block).lower()});"
            parts.append(_raw("RawBlock" if block else "RawInline", code))
        elif kind == "Link":
            _, text, (address, _) = item["c"]
            place = f"<{address[1:]}>" if PLACE.fullmatch(address) else quoted(address)
            parts += [_raw("RawInline", f"#link({place})["), *_literal(text), _raw("RawInline", "];")]
        else:
            parts.append(_literal(item))
    return parts[:-1]


def _rows(table: dict[str, Any]) -> list[Any]:
    """Return the rows of a table, those of its head first."""
    _, _, _, head, bodies, _ = table["c"]
    return [*head[1], *(row for body in bodies for row in (*body[2], *body[3]))]


def _set_columns(table: dict[str, Any]) -> None:
    """Align a table's columns, and share the width among them by their texts.

    Columns that fit a line have their own widths, unless a text across all of them would widen the last one.
    """
    columns = table["c"][2]
    texts: list[list[str]] = [[] for _ in columns]
    spanning = 0
    for _, cells in _rows(table):
        place = 0
        for _, _, _, across, blocks in cells:
            if across == 1 and place < len(texts):
                texts[place].append(_plain(blocks))
            elif across == len(columns):
                spanning = max(spanning, len(_plain(blocks)))
            place += across
    longest = [min(max(map(len, column), default=1), LONG) for column in texts]
    words = [max(map(_widest, column), default=1) + 2 for column in texts]
    line = LINE * (1 if len(columns) <= MANY else 1.3)
    left = max(line - sum(words), 0)
    more = [max(length - word, 0) ** 0.75 for length, word in zip(longest, words, strict=True)]
    shares = [word + left * part / (sum(more) or 1) for word, part in zip(words, more, strict=True)]
    natural = sum(longest) + 3 * len(columns)
    if natural <= LINE:
        shares, line = [length + 3 for length in longest], max(line, natural)
    else:
        line = sum(shares)
    fits = natural <= LINE and spanning <= natural
    for place, share in enumerate(shares):
        width = {"t": "ColWidthDefault"} if fits else {"t": "ColWidth", "c": round(share / line, 4)}
        columns[place] = [{"t": "AlignLeft"}, width]


def _widest(text: str) -> int:
    """Return how many letters of a cell need one line: those of its longest word, or all of a number."""
    return len(text) if NUMBERS.fullmatch(text) else max(map(len, text.split()), default=0)


def _raw(kind: str, text: str) -> dict[str, Any]:
    return {"t": kind, "c": ["typst", text]}


def _plain(node: Any) -> str:  # noqa: ANN401
    """Return the text in a part of pandoc's tree."""
    if isinstance(node, list):
        return "".join(_plain(item) for item in node if isinstance(item, list | dict))
    kind, value = node.get("t"), node.get("c", [])
    if kind == "Str":
        return str(value)
    if kind in {"Code", "CodeBlock"}:
        return str(value[1])
    return " " if kind in {"Space", "SoftBreak", "LineBreak"} else _plain(value)


def _pandoc(text: str, source: str, target: str) -> str:
    """Convert a text; pandoc may read no file and load nothing."""
    try:
        import pypandoc  # noqa: PLC0415  # with the extra pdf
    except ImportError as missing:
        raise not_installed("makes the PDF", missing, "pdf") from missing
    made: str = pypandoc.convert_text(text, target, format=source, extra_args=["--sandbox", "--wrap=none"])
    return made


def _compiled(text: str, site: Path) -> bytes:
    """Return the document as PDF."""
    try:
        import typst  # noqa: PLC0415  # with the extra pdf
    except ImportError as missing:
        raise not_installed("makes the PDF", missing, "pdf") from missing
    fonts = typst.Fonts(include_system_fonts=not _has_letters(text), font_paths=[FONTS])
    compiler = typst.Compiler(text.encode(), root=site, font_paths=fonts)
    try:
        try:
            made = compiler.compile(format="pdf", pdf_standards=STANDARD)
        except typst.TypstError as fault:
            if NO_LETTER not in fault.message:
                raise
            made = compiler.compile(format="pdf")  # tagged all the same
    except typst.TypstError as fault:
        raise ReportError(
            "the PDF could not be made", got=fault.message, do="please report a fault of trustkit"
        ) from None
    return made if isinstance(made, bytes) else b""


def _has_letters(text: str) -> bool:
    """Return whether the fonts that come with Typst and matplotlib have every letter of a text."""
    known = FT2Font(FONTS / "DejaVuSans.ttf").get_charmap()
    return all(ord(sign) in known for sign in text if sign.isprintable())
