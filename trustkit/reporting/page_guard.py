"""The last look at a built page: its security policy, and whether anything in it could run or load.

Pages are made so that text from data cannot become markup. This module does not rely on that: it reads
every page as a browser would and refuses a site in which it finds a script, an event handler, or an address
elsewhere that a browser would load.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustkit.errors import ReportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POLICY = (
    "default-src 'none'; script-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "  # the theme's icons bring their own style
    "img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; "  # the search reads the site's own pages
    "form-action 'self'; base-uri 'none'; object-src 'none'"
)
"""The content security policy of every page: no script in a page, and nothing from elsewhere."""

INLINE = re.compile(
    r'<script(?: data-cfasync="false")?>\s*'
    r"(?:document\.documentElement\.dataset|DOCUMENTATION_OPTIONS\.|// Activate the search field)"
    r".*?</script>",
    re.DOTALL,
)
"""The scripts that the theme writes into a page; any other is left for the last look to find."""

CHARSET = re.compile(r'<meta charset="[^"]*" ?/?>')
"""The element after which the security policy stands."""

VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>')
PHONES = '<meta name="viewport" content="width=device-width, initial-scale=1">'
"""What tells a phone to show a page as wide as its screen; the theme writes it three times."""

ROOT = re.compile(r'data-content_root="([^"]*)"')
"""Where a page says how it gets to the site's own folder."""

SOURCE_MAP = re.compile(rb"(?://[#@] sourceMappingURL=\S+|/\*[#@] sourceMappingURL=[^\s*]+ ?\*/)\s*\Z")
"""The last line of a script or style that names its source map."""

LOADED = frozenset(
    {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping", "manifest"}
)
"""Attributes whose address a browser loads."""

LINKED = frozenset({"href", "xlink:href"})
"""Attributes whose address a reader may follow."""

SCHEMES = frozenset({"", "http", "https", "mailto"})
"""Schemes that a link may have."""

REFUSED = frozenset({"iframe", "frame", "object", "embed", "applet", "base", "portal"})
"""Elements that no page of a site has."""


def finish_pages(site: Path) -> None:
    """Give every page of a built site its security policy, take the theme's own scripts out, and look at it.

    Raises
    ------
    ReportError
        A page holds something that a browser would run, or load from elsewhere.
    """
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site)
        if name.parts[0] == "_static":
            continue
        text = finished(path.read_text(encoding="utf-8"))
        faults = list(active_content(text))
        if faults:
            raise ReportError(
                "a page holds something that a browser would run or load from elsewhere",
                where=name.as_posix(),
                got="; ".join(faults),
                do="take it out of the notebook; if it is not in there, please report a fault of trustkit",
            )
        path.write_text(text, encoding="utf-8")


def drop_source_maps(site: Path) -> None:
    """Delete the source maps of a built site's scripts and styles, which no reader needs, and their names."""
    for path in sorted(site.rglob("*.map")):
        path.unlink()
    for path in sorted((*site.rglob("*.js"), *site.rglob("*.css"))):
        content = path.read_bytes()
        without = SOURCE_MAP.sub(b"", content)
        if without != content:
            path.write_bytes(without)


def finished(text: str) -> str:
    """Return a page with its security policy and without the scripts that the theme writes into it.

    Examples
    --------
    >>> theme = "<script>DOCUMENTATION_OPTIONS.a = 1</script>"
    >>> page = finished(f'<html data-content_root="../"><meta charset="utf-8">{theme}')
    >>> page.count("<script"), page.partition("<script ")[2]
    (1, 'src="../_static/site.js"></script>')
    """
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    root = ROOT.search(text)
    script = f'<script src="{root[1] if root else "./"}_static/site.js"></script>'
    first, *others = VIEWPORT.split(INLINE.sub("", text))
    text = f"{first}{PHONES}{''.join(others)}" if others else first
    return CHARSET.sub(lambda charset: charset[0] + policy + script, text, count=1)


def active_content(text: str) -> Iterator[str]:
    """Iterate over what a browser would run or load from elsewhere in a page.

    Examples
    --------
    >>> page = finished('<meta charset="utf-8"><p onclick="run()"><a href="javascript:run()">x</a>')
    >>> list(active_content(page))
    ['the attribute onclick of p', 'the address javascript:run() of a']
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    yield from reader.found
    if not reader.policed:
        yield "no content security policy"


class _Reader(HTMLParser):
    """Reads a page and notes what a browser would run or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.policed = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in REFUSED or (tag == "script" and not values.get("src")):
            self.found.append(f"the element {tag}")
        if tag == "meta" and "http-equiv" in values:
            mine = values.get("http-equiv") == "Content-Security-Policy" and values.get("content") == POLICY
            self.policed |= mine
            if not mine:
                self.found.append("a meta element that changes how the page is read")
        for name, value in values.items():
            if name.startswith("on"):
                self.found.append(f"the attribute {name} of {tag}")
            elsewhere = name in LOADED or (name in LINKED and tag != "a")
            if (elsewhere and _is_elsewhere(value)) or (name in LINKED and not _is_harmless(value)):
                self.found.append(f"the address {value} of {tag}")


def _is_elsewhere(address: str) -> bool:
    """Return whether an address that a page loads is not of the site itself."""
    parts = urlsplit(re.sub(r"[\x00-\x20]", "", address).replace("\\", "/"))
    return bool(parts.netloc) or parts.scheme not in {"", "data"}


def _is_harmless(address: str) -> bool:
    """Return whether an address leads to a page and runs nothing."""
    return urlsplit(re.sub(r"[\x00-\x20]", "", address)).scheme.casefold() in SCHEMES
