"""A notebook as a page: its prose, and what its cells showed."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import TYPE_CHECKING

from trustkit.display import visible
from trustkit.errors import ReportError
from trustkit.reporting.safe_html import safe_html

if TYPE_CHECKING:
    from pathlib import Path

    from nbformat import NotebookNode

    from trustkit.reporting.page_blocks import Block

PNG = b"\x89PNG\r\n\x1a\n"
"""How every PNG begins."""

SHOWN = ("text/html", "image/png", "text/plain")
"""The types of outputs that a page shows; of several, the first."""


def notebook_page(notebook: NotebookNode, path: Path, pictures: Path) -> list[Block]:
    """Return a notebook as the blocks of a page, and write its pictures.

    Parameters
    ----------
    notebook, path
        The notebook as it was run, and its file, to name in messages.
    pictures
        The folder to write pictures to.

    Raises
    ------
    ReportError
        There is no output, a cell that failed, an output of no type that a page shows, or a picture that is
        not a PNG or lacks its alternative text.
    """
    blocks: list[Block] = []
    outputs = False
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "markdown":
            blocks.append({"kind": "prose", "text": cell.source, "cell": number})
        for output in cell.get("outputs", []):
            outputs = True
            if output.output_type == "error":
                raise ReportError(
                    f"cell {number} failed when it was run",
                    where=path.as_posix(),
                    got=f"{output.ename}: {output.evalue}",
                    do="correct the cell and run the notebook again",
                )
            blocks += [
                _framed("open"),
                *_output_blocks(output, f"cell {number}", path, pictures),
                _framed("close"),
            ]
    if not outputs:
        raise ReportError(
            "the notebook has no outputs", where=path.as_posix(), do="run it and keep its outputs"
        )
    return blocks


def download_block(name: str) -> Block:
    """Return the line below a page that leads to the notebook itself."""
    link = f'<a class="reference download" download href="../code/{name}.ipynb"><code>{name}.ipynb</code></a>'
    return {"kind": "html", "text": f'<p class="tk-code">The code is in the notebook: {link}.</p>'}


def _framed(side: str) -> Block:
    """Return the beginning or the end of the box around an output."""
    boxes = {"open": '<div class="cell"><div class="cell_output">', "close": "</div></div>"}
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
        return [{"kind": "html", "text": f'<div class="output text_html">{safe_html(data[kind])}</div>'}]
    about = output.metadata.get(kind, {})
    alt = about.get("alt")
    if not alt:
        raise ReportError(
            f"a picture of {cell} has no alternative text",
            where=path.as_posix(),
            expected=f"the output's metadata to hold {{'{kind}': {{'alt': ...}}}}",
        )
    shown: Block = {"kind": "picture", "text": alt, "file": _written(data[kind], cell, path, pictures)}
    if "narrow" in about:
        shown["narrow"] = _written(about["narrow"], cell, path, pictures)
    if about.get("words") == "beside":  # the next output holds them
        return [shown]
    caption = f'<p class="tk-caption" aria-hidden="true">{escape(visible(alt))}</p>'
    return [shown, {"kind": "html", "text": f'<div class="output text_html">{caption}</div>'}]


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
    file = pictures / f"{hashlib.sha256(content).hexdigest()}.png"
    file.write_bytes(content)
    return f"/pictures/{file.name}"
