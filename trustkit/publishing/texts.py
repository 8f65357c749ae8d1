"""The parts of a text, and the ways it can be read: as it stands, without its tags, decoded.

A notebook is read cell by cell and output by output, so that a place can be named. Markup is read twice: as
it stands, for attributes and comments, and without tags, for words that tags divide. Base64 is opened.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from trustkit.ledger import COUNTS_MIME, PUBLISHED_COUNTS
from trustkit.publishing.phrases import composed

if TYPE_CHECKING:
    from collections.abc import Iterator

TAG = re.compile(r"<(/?)([A-Za-z][\w:.-]*)[^<>]*>|<!--|-->")
"""A tag of HTML, SVG or XML."""

INLINE = frozenset(
    [
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "kbd"),
        *(
            "mark",
            "q",
            "s",
            "samp",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "time",
            "tspan",
            "tt",
            "u",
            "var",
        ),
        *("wbr", "r", "t", "rpr"),
    ]
)
"""Tags of HTML, SVG and Excel that may stand in the middle of a word."""

OFFICE = re.compile(r"(?:w|a):(?!(?:p|tc|tr|tbl|tab|br|cr|body|sectpr|txbody)\Z)")
"""Tags of Word and PowerPoint that may: all but those of paragraphs, cells, rows and breaks."""

ENCODED = re.compile(r"(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9+/_-]{12,}={0,2}")
"""What may be bytes in base64."""

ESCAPED = re.compile(r'\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([nrt"/\\]))')
"""A character as JSON and JavaScript write it."""

SIGNS = {"n": "\n", "r": "\n", "t": "\t"}

DIVIDED = "\x1e"
"""What stands in place of a tag between words."""

LONGEST_WORD = 2000
"""Characters; something longer that is base64 is opened and not read as a word."""

FEWEST_ENCODED = 6
"""Characters; a shorter text is found in words by chance."""

OPENED = (b"\x89PNG", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"GIF8")
"""How the files begin that are opened if they stand in a text as base64."""


def text_parts(text: str, name: str) -> Iterator[tuple[str, str, str]]:
    """Iterate over the parts of a text: the place, the text, and how it is read.

    Parameters
    ----------
    text
        The text.
    name
        The name of its file, by which tables and documents are told from other texts.

    Examples
    --------
    >>> cell = {"cell_type": "markdown", "source": ["# Tr", "ust"], "metadata": {}}
    >>> list(text_parts(json.dumps({"cells": [cell], "metadata": {}}), "trust.ipynb"))
    [('cell 1', '# Trust', 'text'), ('metadata', '{}', 'json')]
    """
    ending = name.rpartition(".")[2].lower()
    start = text.lstrip()[:1]
    if start in ("{", "[") and ending not in ("csv", "tsv", "css", "js"):
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict) and isinstance(document.get("cells"), list):
            yield from _notebook_parts(document)
            return
        if document is not None:
            is_ledger = name.rpartition("/")[2] == PUBLISHED_COUNTS
            yield "", text, "counts" if is_ledger else "json"
            return
    if ending in ("csv", "tsv"):
        yield "", text, "csv"
    elif ending in ("json", "jsonl", "ndjson", "map", "js"):
        yield "", text, "json"
    else:
        yield "", text, "markup" if TAG.search(text) else "text"


def _notebook_parts(notebook: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Iterate over a notebook's parts: sources, outputs by type, attachments, and all other members."""
    for number, cell in enumerate(notebook["cells"], 1):
        place = f"cell {number}"
        if not isinstance(cell, dict):
            yield place, json.dumps(cell), "json"
            continue
        source = _joined(cell.get("source", ""))
        yield place, source, "markup" if TAG.search(source) else "text"
        for count, output in enumerate(cell.get("outputs") or [], 1):
            yield from _output_parts(output, f"{place}, output {count}")
        rest = {
            key: value for key, value in cell.items() if key not in ("source", "outputs", "cell_type", "id")
        }
        if any(rest.values()):
            yield f"{place}, its metadata", json.dumps(rest, ensure_ascii=False), "json"
    rest = {
        key: value for key, value in notebook.items() if key not in ("cells", "nbformat", "nbformat_minor")
    }
    yield "metadata", json.dumps(rest.get("metadata", rest), ensure_ascii=False), "json"
    others = {key: value for key, value in rest.items() if key != "metadata"}
    if others:
        yield "other members", json.dumps(others, ensure_ascii=False), "json"


def _output_parts(output: Any, place: str) -> Iterator[tuple[str, str, str]]:  # noqa: ANN401  # a notebook's JSON
    if not isinstance(output, dict):
        yield place, json.dumps(output), "json"
        return
    data = output.get("data")
    for kind, value in data.items() if isinstance(data, dict) else ():
        at = f"{place}, {kind}"
        if kind == COUNTS_MIME:
            yield at, json.dumps(value), "counts"
        elif isinstance(value, str) or (
            isinstance(value, list) and all(isinstance(part, str) for part in value)
        ):
            text = _joined(value)
            yield at, text, "markup" if TAG.search(text) else "text"
        else:
            yield at, json.dumps(value, ensure_ascii=False), "json"
    rest = {
        key: value for key, value in output.items() if key not in ("data", "output_type", "execution_count")
    }
    if isinstance(rest.get("text"), str | list):
        yield place, _joined(rest.pop("text")), "text"
    if isinstance(rest.get("traceback"), list):
        yield f"{place}, traceback", "\n".join(map(str, rest.pop("traceback"))), "text"
    if any(rest.values()):
        yield f"{place}, its metadata", json.dumps(rest, ensure_ascii=False), "json"


def _joined(value: Any) -> str:  # noqa: ANN401  # a notebook's JSON
    return "".join(map(str, value)) if isinstance(value, list) else str(value)


def encoded_bytes(text: str) -> tuple[str, list[bytes]]:
    """Return a text without its long words in base64, and what words in base64 hold: files, or other texts.

    Examples
    --------
    >>> word = base64.b64encode(b"Ann Brown, 4 Mill Lane").decode()
    >>> encoded_bytes(f"<img src='data:,{word}'>")[1]
    [b'Ann Brown, 4 Mill Lane']
    """
    found: dict[bytes, None] = {}
    long = False
    words = ENCODED.findall(text)
    if "<" in text:
        words += ENCODED.findall(TAG.sub(_gap, text))
    for word in dict.fromkeys(words):
        content = _decoded(word)
        if content.startswith(OPENED) or _is_text(content):
            found[content] = None
        long = long or len(word) > LONGEST_WORD
    rest = ENCODED.sub(lambda word: word[0] if len(word[0]) <= LONGEST_WORD else " ", text) if long else text
    return rest, list(found)


def _decoded(word: str) -> bytes:
    """Return the bytes that a word in base64 holds, nothing if it is something else."""
    plain = "".join(word.split()).rstrip("=").replace("-", "+").replace("_", "/")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_text(content: bytes) -> bool:
    """Return whether decoded bytes are a text, and not a word that only looks like base64."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(text) >= FEWEST_ENCODED and text.replace("\n", " ").replace("\t", " ").isprintable()


def readings(text: str, kind: str) -> list[str]:
    r"""Return the ways to read a text: decoded, and without tags.

    Parameters
    ----------
    text
        The text.
    kind
        How it is read, as `text_parts` says.

    Examples
    --------
    >>> readings("<p title='Ann&#32;Brown'>A<b>nn</b> B%72own</p>", "markup")
    ["<p title='Ann Brown'>A<b>nn</b> Brown</p>", '\x1eAnn Brown\x1e']
    """
    text = composed(text)
    if kind in ("json", "counts") and "\\" in text:
        text = ESCAPED.sub(_sign, text)
    found = [_plain(text)]
    if "<" in text and (kind == "markup" or TAG.search(text)):
        found.append(_plain(TAG.sub(_gap, text)))
    return found


def _plain(text: str) -> str:
    """Return a text with the signs that HTML and addresses write otherwise."""
    if "&" in text:
        text = html.unescape(text)
    return composed(unquote(text, errors="replace") if "%" in text else text)


def _gap(tag: re.Match[str]) -> str:
    """Return what stands in place of a tag: nothing in a word; line ends are kept, so that places agree."""
    name = (tag[2] or "").lower()
    gap = "" if name in INLINE or OFFICE.match(name) else DIVIDED
    return gap + "\n" * tag[0].count("\n")


def _sign(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else SIGNS.get(match[3], match[3])
