"""What paper shows of a site's pages: text, tables, pictures and formulas, without what needs a screen."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
"""Elements to which the contents lead."""

SHOWN = HEADINGS | frozenset(
    {"p", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"}
    | {"ul", "ol", "li", "dl", "dt", "dd", "pre", "code", "strong", "em", "b", "i", "sub", "sup", "br", "div"}
    | {"figure", "figcaption", "blockquote"}
)
"""Elements that are kept; of others, the text is."""

UNREAD = frozenset({"script", "style", "svg", "nav", "button", "form", "template", "noscript", "source"})
"""Elements whose content is not for paper."""

FOR_SCREENS = frozenset({"tk-downloads", "tk-filter", "tk-wording", "tk-purpose", "tk-code", "tk-way"})
"""Classes of parts that are not for paper: what one presses, and what the dictionary, the page on what is
held or, of the way of a number, its report repeats."""

UNFOLDED = "<p><strong>Numbers in the figure</strong></p>"
"""What stands on a part that a screen folds, and says nothing above its table on paper."""

AS_TEXT = {
    "tk-headline": ("<h3>", "</h3>"),
    "tk-key": ("", ""),
    "tk-key-verdict": ("<p>Verdict:", "</p>"),
    "tk-key-word": ("", "."),
    "tk-key-entry": ("", ""),
    "tk-key-number": ("<p><strong>", ": "),
    "tk-key-title": ("", "</strong></p>"),
    "tk-tally": ("", ""),
    "tk-tally-entry": ("<p>", "</p>"),
    "tk-note": ('<div class="note"><p>', "</p></div>"),
    "tk-word": (" ", ": "),
    "tk-steps": ("<ul>", "</ul>"),
    "tk-trail-n": ("", ": "),
}
"""Class -> how a part begins and ends on paper that a style sheet lays out as a card or a column. A headline
stays with its chart, as headings do."""

VOID = frozenset({"img", "br", "source", "input", "link", "meta", "hr", "wbr", "col"})
"""Elements that have no end."""

KEPT = {"colspan": r"\d{1,4}", "rowspan": r"\d{1,4}", "scope": r"(row|col)(group)?"}
"""Attributes of cells that are kept, and what their values may be."""

OWN_LINE = frozenset({"tk-reason", "tk-claim-title", "tk-own"})
"""Classes of parts that a style sheet puts on lines of their own."""

RUN_ON = "tk-answers"
"""The class of lists of short items, which a style sheet sets in columns and paper in one line."""

BETWEEN = "; "
"""What stands between the items of such a list."""

SENTENCES = frozenset({"tk-synthetic", "tk-real", "tk-none"})
"""Classes of badges that say something by themselves, which a full stop ends."""

APART = frozenset({"tk-badge", "tk-equation-number"})
"""Classes of parts that a style sheet sets apart from the text before and after them."""

ARTICLE = re.compile(r'<article class="bd-article">(.*?)</article>', re.DOTALL)
"""The part of a page that is its own."""


def paper_text(pages: Mapping[str, str]) -> str:
    """Return the pages of a site as one document of plain HTML.

    Parameters
    ----------
    pages
        The address of each page within the site, for example ``notebooks/02_trust.html``, and its HTML.

    Returns
    -------
    str
        HTML without scripts, styles and classes. Links between pages lead to places in the document;
        links to files are text. A picture is ``<img>`` with its file within the site.

    Examples
    --------
    >>> first = '<article class="bd-article"><h1>One</h1><p>See <a href="b.html">two</a>.</p></article>'
    >>> second = '<article class="bd-article"><h1>Two</h1></article>'
    >>> print(paper_text({"a.html": first, "b.html": second}))
    <h1 id="p0">One</h1><p>See <a href="#p1">two</a>.</p>
    <h1 id="p1">Two</h1>
    """
    bodies = {name: "".join(ARTICLE.findall(page)) for name, page in pages.items()}
    places: dict[tuple[str, str], str] = {}
    for number, (name, body) in enumerate(bodies.items()):
        finder = _Headings(name, f"p{number}", places)
        finder.feed(body)
        finder.close()
    parts = []
    for number, (name, body) in enumerate(bodies.items()):
        reader = _Reader(name, f"p{number}", places)
        reader.feed(body)
        reader.close()
        parts.append("".join(reader.parts).replace(UNFOLDED, ""))
    return "\n".join(parts)


def _place_of(page: str, heading: int) -> str:
    """Return the name of a heading's place: of a page's first one, the page's own."""
    return f"{page}-{heading}" if heading else page


class _Headings(HTMLParser):
    """Reads which of a page's ids belong to which heading: its own, and those just before it."""

    def __init__(self, name: str, page: str, places: dict[tuple[str, str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._name, self._page, self._places = name, page, places
        self._count = 0
        self._waiting = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._waiting += [value for name, value in attrs if name == "id" and value]
        if tag in HEADINGS:
            for own in self._waiting:
                self._places.setdefault((self._name, own), _place_of(self._page, self._count))
            self._waiting.clear()
            self._count += 1

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._waiting.clear()


class _Reader(HTMLParser):
    """Reads the body of a page and writes what paper shows."""

    def __init__(self, name: str, page: str, places: dict[tuple[str, str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self.page, self.places = name, places
        self._own, self._headings = page, 0
        self.parts: list[str] = []
        self._open: list[tuple[str, str]] = []
        self._skipped = 0
        self._lists: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag in VOID:
            if not self._skipped:
                self._void(tag, values)
            return
        classes = set(values.get("class", "").split())
        unread = tag in UNREAD or classes & FOR_SCREENS or values.get("aria-hidden") == "true"
        if self._skipped or unread:
            self._skipped += 1
            self._open.append((tag, "skipped"))
            return
        laid_out = next((AS_TEXT[name] for name in sorted(classes) if name in AS_TEXT), None)
        start, end = laid_out or self._shown(tag, values)
        if classes & OWN_LINE and self.parts and not self.parts[-1].startswith("<t"):
            start = f"<br>{start}"
        if classes & APART:
            start, end = f" {start}", f"{'.' if classes & SENTENCES else ''}{end} "
        if tag in {"ul", "ol"}:
            self._lists.append(RUN_ON in classes)
        if tag in {"ul", "ol", "li"} and self._lists and self._lists[-1]:
            start, end = "", BETWEEN if tag == "li" else ""
        self.parts.append(start)
        self._open.append((tag, end))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in (name for name, _ in self._open):
            return
        while True:
            name, end = self._open.pop()
            if end == "skipped":
                self._skipped -= 1
            else:
                if name in {"ul", "ol"} and self._lists.pop() and self.parts[-1] == BETWEEN:
                    self.parts.pop()
                self.parts.append(end)
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(escape(data, quote=False))

    def _void(self, tag: str, values: dict[str, str]) -> None:
        if tag == "br":
            self.parts.append("<br>")
        elif tag == "img" and values.get("alt"):  # without a text it is there for its looks
            file = normpath(join(dirname(self.page), unquote(urlsplit(values.get("src", "")).path)))
            self.parts.append(f'<p><img src="{escape(file)}" alt="{escape(values.get("alt", ""))}"></p>')

    def _shown(self, tag: str, values: dict[str, str]) -> tuple[str, str]:
        """Return the beginning and the end of what is written for an element."""
        if any(name == "math" for name, _ in self._open) or tag == "math":
            kept = "".join(
                f' {name}="{escape(values[name])}"'
                for name in ("display", "accent", "xmlns")
                if name in values
            )
            return f"<{tag}{kept}>", f"</{tag}>"
        if tag == "summary":
            return "<p><strong>", "</strong></p>"
        if tag == "a":
            place = self._place(values.get("href", ""))
            return (f'<a href="{escape(place)}">', "</a>") if place else ("", "")
        if tag not in SHOWN:
            return "", ""
        if tag in HEADINGS:
            place = _place_of(self._own, self._headings)
            self._headings += 1
            return f'<{tag} id="{place}">', f"</{tag}>"
        kept = "".join(
            f' {name}="{values[name]}"'
            for name, pattern in KEPT.items()
            if name in values and tag in {"td", "th"} and re.fullmatch(pattern, values[name])
        )
        classes = values.get("class", "").split()
        if tag in {"td", "th"} and "tk-number" in classes:
            kept += ' style="text-align: right"'
        strong = ("<strong>", "</strong>") if "tk-rows" in classes else ("", "")
        return f"<{tag}{kept}>{strong[0]}", f"{strong[1]}</{tag}>"

    def _place(self, link: str) -> str:
        """Return where a link leads on paper: to a place in the document, to a page elsewhere, or nowhere."""
        parts = urlsplit(link)
        if parts.scheme in {"http", "https"}:
            return link
        if parts.scheme or parts.netloc:
            return ""
        page = normpath(join(dirname(self.page), unquote(parts.path))) if parts.path else self.page
        place = self.places.get((page, unquote(parts.fragment))) or self.places.get((page, ""))
        return f"#{place}" if place else ""
