"""HTML of the kind that trustkit's own tables and figures make: anything else is taken out.

Notebooks are files, and outputs in them may come from any program. Nothing of an output's HTML is passed
on: it is read, and the few elements and attributes allowed here are written anew around escaped text.
"""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from trustkit.display import visible

CELL = frozenset({"class", "scope", "colspan", "rowspan", "id", "headers"})
"""Attributes that a cell may have."""

ALLOWED: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("table", "caption", "thead", "tbody", "tfoot", "tr", "p", "div", "span"), frozenset({"class"})
    ),
    **dict.fromkeys(("th", "td"), CELL),
    **dict.fromkeys(("summary", "strong", "em", "b", "i", "code", "pre"), frozenset[str]()),
    **dict.fromkeys(("sub", "sup", "br"), frozenset[str]()),
    **dict.fromkeys(("ul", "ol", "li", "dl", "dt", "dd", "figure", "figcaption"), frozenset[str]()),
    "details": frozenset({"open"}),
}  # fmt: skip
"""Elements that may stand in an output, each with the attributes that it may have."""

VALUES = {
    "class": r"(tk-[\w-]+|mathjax_ignore|dataframe)( (tk-[\w-]+|mathjax_ignore|dataframe))*",
    "scope": r"(row|col)(group)?",
    "colspan": r"\d{1,4}",
    "rowspan": r"\d{1,4}",
    "id": r"tk-[\w-]+",
    "headers": r"tk-[\w-]+( tk-[\w-]+)*",
    "open": r"(open)?",
}
"""What an attribute's value may be."""

UNREAD = frozenset(
    {"script", "style", "template", "iframe", "object", "noscript", "noembed", "noframes", "svg", "math"}
    | {"head", "title", "textarea", "select", "xmp", "plaintext"}
)
"""Elements whose content is no text for a reader: it goes with them."""

EMPTY = frozenset({"br"})
"""Elements that have no end."""


def safe_html(html: str) -> str:
    """Write HTML anew with allowed elements and attributes only, closed in order, its text escaped.

    Parameters
    ----------
    html
        Any text.

    Returns
    -------
    str
        HTML without scripts, event handlers, styles, addresses, comments or elements left open.

    Examples
    --------
    >>> safe_html('<p class="tk-note" onclick="run()">n < 5 <script>run()</script><b>each')
    '<p class="tk-note">n &lt; 5 <b>each</b></p>'
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.written()


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(value)}"'


class _Reader(HTMLParser):
    """Reads HTML and keeps what is allowed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.unread: list[str] = []

    def written(self) -> str:
        """Return what was kept, every element closed."""
        return "".join([*self.parts, *(f"</{tag}>" for tag in reversed(self.open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNREAD:
            self.unread.append(tag)
        elif not self.unread and tag in ALLOWED:
            kept = (
                _attribute(name, value or "")
                for name, value in attrs
                if name in ALLOWED[tag] and re.fullmatch(VALUES[name], value or "", re.ASCII)
            )
            self.parts.append(f"<{tag}{''.join(kept)}>")
            if tag not in EMPTY:
                self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in EMPTY or tag not in UNREAD:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.unread:
            del self.unread[self.unread.index(tag) :]
        elif not self.unread and tag in self.open:
            while True:
                last = self.open.pop()
                self.parts.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.parts.append(escape(visible(data), quote=False))
