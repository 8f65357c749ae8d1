"""The blocks that a page is made of, and how they are written for Sphinx to read (`page_parser`)."""

from __future__ import annotations

import json
from typing import Literal, NotRequired, TypedDict

PARSER = "trustkit"
"""The name under which Sphinx knows the parser."""

CELL_LINES = 10_000
"""Line numbers of a notebook's cell begin at its number times this, as Sphinx tells lines of files only."""


class Block(TypedDict):
    """A part of a page.

    Of ``kind`` prose, ``text`` is Markdown that a person wrote; of heading, text, output and code it is
    shown as it is; of html it was made or rewritten by trustkit (`safe_html`); of picture it is the
    alternative text; of contents, the caption of ``documents``.
    """

    kind: Literal["prose", "heading", "html", "output", "picture", "contents"]
    text: str
    level: NotRequired[int]
    """Of a heading: 1 is the page's title."""
    cell: NotRequired[int]
    """The number of the notebook's cell."""
    file: NotRequired[str]
    """Of a picture: its file among the sources."""
    narrow: NotRequired[str]
    """Of a picture: the file to show on a narrow screen, if there is one."""
    documents: NotRequired[list[tuple[str, str]]]
    """Of contents: the title of each document, empty for its own, and its name."""


def write_page(blocks: list[Block], *, wide: bool = False) -> str:
    """Return a page as the JSON document that `PageParser` reads; a wide page has no list of sections."""
    return json.dumps({"wide": wide, "blocks": blocks})
