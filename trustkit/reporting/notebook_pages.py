"""A notebook as a page: its prose, and what its cells showed."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape, unescape
from typing import TYPE_CHECKING

from trustkit.claims.verdicts import VERDICTS_MIME
from trustkit.display import visible
from trustkit.errors import ReportError
from trustkit.reporting.page_templates import filled
from trustkit.reporting.safe_html import safe_html
from trustkit.reporting.safe_svg import svg_faults
from trustkit.reporting.shown_tables import ABOVE_CHART
from trustkit.reporting.trails import shared_trails

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nbformat import NotebookNode

    from trustkit.reporting.downloads import PageDownloads
    from trustkit.reporting.page_blocks import Block

PNG = b"\x89PNG\r\n\x1a\n"
"""How every PNG begins."""

HEADING = re.compile(r"^#{1,6}[ \t]+(.*)$", re.MULTILINE)
"""A heading of prose."""

OUTPUT = re.compile(r'<div class="output text_html">(.*)</div>', re.DOTALL)
"""The box around an output of HTML."""

TABLE = re.compile(r'(?=<table\b[^>]*\bclass="tk-table\b)')
"""Where a table of trustkit begins."""

HEADLINE = re.compile(r'<p class="tk-headline"[^>]*>(.*?)</p>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")

BELOW = re.compile(r"&lt; (?=0)")
"""What stands before a number that others are below: a narrow column must not break after the sign."""

SHOWN = ("text/html", "image/png", "text/plain")
"""The types of outputs that a page shows; of several, the first."""


def notebook_page(
    notebook: NotebookNode,
    path: Path,
    pictures: Path,
    downloads: PageDownloads | None = None,
) -> list[Block]:
    """Return a notebook as the blocks of a page, and write its pictures.

    Parameters
    ----------
    notebook, path
        The notebook as it was run, and its file, to name in messages.
    pictures
        The folder to write pictures to.
    downloads
        What the page offers below its tables and charts.

    Raises
    ------
    ReportError
        There is no output, a cell that failed, an output of no type that a page shows, a picture that is
        not a PNG or lacks its alternative text, or a chart with something that no chart of trustkit has.
    """
    blocks: list[Block] = []
    outputs = False
    section = ""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            blocks.append({"kind": "prose", "text": cell.source, "cell": number})
            section = (HEADING.findall(cell.source) or [section])[-1]
        shown_above = False
        for place, output in enumerate(cell.get("outputs", [])):
            outputs = True
            if output.output_type == "error":
                raise ReportError(
                    f"cell {number} failed when it was run",
                    where=path.as_posix(),
                    got=f"{output.ename}: {output.evalue}",
                    do="correct the cell and run the notebook again",
                )
            shown = _output_blocks(output, f"cell {number}", path, pictures)
            if shown_above:  # with the picture, whose words these are
                shown = [{**block, "text": ABOVE_CHART.sub("", block["text"], count=1)} for block in shown]
            above = _headline(cell.outputs[place + 1 :]) if _words_beside(output) else ""
            shown_above = bool(above)
            above = _unless_said(above, section)
            if above:
                shown.insert(0, {"kind": "html", "text": f'<div class="output text_html">{above}</div>'})
            anchor = downloads.anchor(number, place) if downloads else ""
            shown = _apart(shown)
            below = downloads.below(number, place, len(shown)) if downloads else []
            if len(below) == len(shown):
                shown = [block for pair in zip(shown, below, strict=True) for block in pair]
            else:
                shown = [*shown, *below]
            blocks += [_framed("open", anchor), *shown, _framed("close")]
    if not outputs:
        raise ReportError(
            "the notebook has no outputs", where=path.as_posix(), do="run it and keep its outputs"
        )
    return blocks


def _apart(shown: Sequence[Block]) -> list[Block]:
    """Return the tables of an output, each with the notes below it, so that its links can follow it.

    An output that is not a row of tables stays as it is: a chart, or tables of which some are folded in.
    """
    html = str(shown[0]["text"]) if len(shown) == 1 and shown[0]["kind"] == "html" else ""
    inside = OUTPUT.fullmatch(html)
    parts = TABLE.split(inside[1]) if inside and "<details" not in html else []
    if len(parts) <= 2:  # noqa: PLR2004  # what stands before the first table, and that table
        return list(shown)
    parts = [parts[0] + parts[1], *parts[2:]]
    return [{**shown[0], "text": f'<div class="output text_html">{part}</div>'} for part in parts]


def thumbnail_of(blocks: Sequence[Block]) -> str:
    """Return the file of a page's first picture, as drawn for a phone; "" if there is no picture."""
    first = next((block for block in blocks if block["kind"] == "picture"), None)
    return "" if first is None else first.get("narrow", first["file"])


def first_chart(notebook: NotebookNode) -> tuple[bytes, str] | None:
    """Return the first picture of a notebook as PNG, with its alternative text; None if there is none."""
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        picture = output.get("data", {}).get("image/png")
        if picture is not None:
            return base64.b64decode(picture), str(output.metadata["image/png"]["alt"])
    return None


def download_block(name: str) -> Block:
    """Return the line below a page that leads to the notebook itself."""
    link = f'<a class="reference download" download href="../code/{name}.ipynb"><code>{name}.ipynb</code></a>'
    return {"kind": "html", "text": f'<p class="tk-code">The code is in the notebook: {link}.</p>'}


def _words_beside(output: NotebookNode) -> bool:
    """Return whether an output is a picture whose words the next output holds."""
    return any(about.get("words") == "beside" for about in output.get("metadata", {}).values())


def _headline(following: Sequence[NotebookNode]) -> str:
    """Return the headline and the subtitle that stand above a chart, from the output that follows it."""
    html = following[0].get("data", {}).get("text/html", "") if following else ""
    found = ABOVE_CHART.search(html)
    return safe_html(found[0]) if found else ""


def _unless_said(above: str, section: str) -> str:
    """Return what stands above a chart, without a headline that repeats the heading of its section."""
    headline = HEADLINE.search(above)
    if headline is None or _letters(TAG.sub("", headline[1])) != _letters(section):
        return above
    return above.replace(headline[0], "", 1)


def _letters(text: str) -> str:
    """Return the letters and digits of a text; prose and HTML write its signs in different ways."""
    return "".join(filter(str.isalnum, unescape(text)))


def _framed(side: str, anchor: str = "") -> Block:
    """Return the beginning or the end of the box around an output."""
    own = f' id="{escape(anchor)}"' if anchor else ""
    boxes = {"open": f'<div class="cell"{own}><div class="cell_output">', "close": "</div></div>"}
    return {"kind": "html", "text": boxes[side]}


def _output_blocks(output: NotebookNode, cell: str, path: Path, pictures: Path) -> list[Block]:
    """Return what a page shows of an output."""
    if output.output_type == "stream":
        return [{"kind": "output", "text": output.text}]
    data = output.get("data", {})
    kind = next((kind for kind in SHOWN if kind in data), None)
    if kind is None:
        raise ReportError(
            f"an output of {cell} is of a type that a page does not show",
            where=path.as_posix(), got=", ".join(data) or "an empty output", expected=", ".join(SHOWN),
        )  # fmt: skip
    if kind == "text/plain":
        return [{"kind": "output", "text": data[kind]}]
    if kind == "text/html":
        html = BELOW.sub("&lt;\N{NO-BREAK SPACE}", safe_html(data[kind])) + _trails(data.get(VERDICTS_MIME))
        return [{"kind": "html", "text": f'<div class="output text_html">{html}</div>'}]
    about = output.metadata.get(kind, {})
    alt = about.get("alt")
    if not alt:
        raise ReportError(
            f"a picture of {cell} has no alternative text",
            where=path.as_posix(),
            expected=f"the output's metadata to hold {{'{kind}': {{'alt': ...}}}}",
        )
    if "svg" in about:
        wide, narrow = _drawings(about["svg"], cell, path, pictures)
        shown: Block = {"kind": "picture", "text": alt, "file": wide, "narrow": narrow}
    else:
        shown = {"kind": "picture", "text": alt, "file": _written(data[kind], cell, path, pictures)}
    if about.get("words") == "beside":  # the next output holds them
        return [shown]
    caption = f'<p class="tk-caption" aria-hidden="true">{escape(visible(alt))}</p>'
    return [shown, {"kind": "html", "text": f'<div class="output text_html">{caption}</div>'}]


def _trails(verdicts: object) -> str:
    """Return how the numbers of verdicts were made, as HTML; nothing for other outputs."""
    held = verdicts if isinstance(verdicts, list) else []
    return filled("trails", {"trails": shared_trails(one for one in held if isinstance(one, dict))})


def _drawings(drawn: object, cell: str, path: Path, pictures: Path) -> tuple[str, str]:
    """Write a chart as SVG, for a page's column and for a phone, and return the two files."""
    texts = [drawn.get(name) if isinstance(drawn, dict) else None for name in ("wide", "narrow")]
    files = []
    for text in texts:
        faults = list(svg_faults(text)) if isinstance(text, str) else ["no text"]
        if faults:
            raise ReportError(
                f"a chart of {cell} is not SVG of the kind that trustkit draws", where=path.as_posix(),
                got="; ".join(dict.fromkeys(faults)), do="run the notebook again",
            )  # fmt: skip
        files.append(_stored(str(text).encode(), ".svg", pictures))
    return files[0], files[1]


def _written(picture: object, cell: str, path: Path, pictures: Path) -> str:
    """Write a picture under the digest of its bytes and return its file among the sources."""
    try:
        content = base64.b64decode(picture) if isinstance(picture, str) else b""
    except ValueError:  # not ASCII, or not base64
        content = b""
    if not content.startswith(PNG):
        raise ReportError(
            f"a picture of {cell} is not a PNG", where=path.as_posix(), do="run the notebook again"
        )
    return _stored(content, ".png", pictures)


def _stored(content: bytes, kind: str, pictures: Path) -> str:
    """Write a file under the digest of its bytes and return its place among the sources."""
    file = pictures / f"{hashlib.sha256(content).hexdigest()}{kind}"
    file.write_bytes(content)
    return f"/pictures/{file.name}"
