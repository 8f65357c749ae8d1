"""A chart as SVG for web pages: one file that is light or dark as the page is.

The chart is drawn twice, on light and on dark paper. Both drawings have the same shapes; only colours differ,
and each difference becomes a rule of the file's style sheet. Text stays text. It is stretched to the width
that was measured when the chart was drawn, so a computer without the chart's font shows nothing cut off.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from trustkit.display import visible
from trustkit.figures.lettering import BOXES, missing_letters, width_of

if TYPE_CHECKING:
    from collections.abc import Iterator

XLINK = "{http://www.w3.org/1999/xlink}href"
"""The attribute by which matplotlib refers to a shape."""

LIKE_OURS = ("Verdana", "sans-serif")
"""Fonts of readers without the chart's font; Verdana's letters are as wide as those of DejaVu Sans."""

KEPT = ("d", "x", "y", "width", "height", "transform")
"""Attributes of shapes that are kept as they are, with rounded numbers."""

DROPPED = frozenset({"font-size", "font-family", "font-weight", "font-style", "text-anchor"})
"""Properties of text that become attributes."""

LONG_NUMBER = re.compile(r"-?\d+\.\d+")
"""A number that may have more decimals than anybody sees."""

UPRIGHT = re.compile(r"rotate\(-?0 [\d. -]+\)")
"""A rotation by nothing, which matplotlib writes for every text."""


def page_svg(light: bytes, dark: bytes, *, title: str, description: str) -> str:
    """Join two drawings of a chart into one SVG that follows the colours of its page.

    Parameters
    ----------
    light, dark
        What matplotlib drew on light and on dark paper.
    title, description
        Texts for screen readers, and for the tooltip of a file opened alone.

    Returns
    -------
    str
        SVG without scripts, addresses or references to other files; the same every time.

    Raises
    ------
    ValueError
        If the drawings do not have the same elements.
    """
    drawn, other = _tree(light), _tree(dark)
    writer = _Writer(str(drawn.get("viewBox")))
    body = "".join(writer.elements(drawn, other))
    return writer.document(body, title, description)


def _tree(drawing: bytes) -> ET.Element:
    # The drawing was made by matplotlib a moment ago; nobody else's XML is read here.
    return ET.fromstring(drawing)  # noqa: S314


class _Writer:
    """Writes the elements of a drawing, and collects the rules of its style sheet."""

    def __init__(self, box: str) -> None:
        self.box = box
        self.colours: dict[tuple[str, str, str], str] = {}
        self.names: dict[str, str] = {}

    def document(self, body: str, title: str, description: str) -> str:
        """Return the whole file around the elements."""
        width, height = (float(part) * 96 / 72 for part in self.box.split()[2:])
        day, night = (
            "".join(f".{name}{{{key[0]}:{key[side]}}}" for key, name in self.colours.items())
            for side in (1, 2)
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
            f'viewBox="{_rounded(self.box)}" role="img" stroke-linejoin="round">'
            f"<title>{escape(visible(title, lines='joined'))}</title>"
            f"<desc>{escape(visible(description, lines='joined'))}</desc>"
            f"<style>{day}@media (prefers-color-scheme:dark){{{night}}}</style>{body}</svg>\n"
        )

    def elements(self, drawn: ET.Element, other: ET.Element) -> Iterator[str]:
        """Iterate over what stands in an element, as text."""
        for light, dark in zip(drawn, other, strict=True):
            tag = light.tag.rpartition("}")[2]
            if tag in ("metadata", "title", "style"):
                continue
            if tag == "text":
                yield self._text(light, dark)
                continue
            inside = "".join(self.elements(light, dark))
            attributes = self._attributes(light, dark, tag)
            if tag in ("g", "defs") and not (inside and (attributes or tag == "defs")):
                yield inside
            else:
                yield f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"

    def _attributes(self, light: ET.Element, dark: ET.Element, tag: str) -> str:
        """Return an element's attributes, its style among them."""
        found = {name: _rounded(light.attrib[name]) for name in KEPT if name in light.attrib}
        if UPRIGHT.fullmatch(light.get("transform", "")):
            del found["transform"]
        if tag != "g" and "id" in light.attrib:
            found["id"] = self._name(light.attrib["id"])
        if XLINK in light.attrib:
            found["href"] = f"#{self._name(light.attrib[XLINK].removeprefix('#'))}"
        if "clip-path" in light.attrib:
            found["clip-path"] = self._reference(light.attrib["clip-path"])
        if tag == "pattern":
            found |= {"patternUnits": "userSpaceOnUse"}
        classes = []
        there = _style(dark)
        for name, value in _style(light).items():
            if name in DROPPED:
                continue
            if value.startswith("url("):
                found[name] = self._reference(value)
            elif value.startswith("#") and value != there[name]:
                key = (name, value, there[name])
                classes.append(self.colours.setdefault(key, f"c{len(self.colours) + 1}"))
            else:
                found[name] = _rounded(value)
        if classes:
            found["class"] = " ".join(classes)
        return "".join(f" {name}={quoteattr(value)}" for name, value in found.items())

    def _text(self, light: ET.Element, dark: ET.Element) -> str:
        """Return a text, as wide as it was measured to be."""
        shown = "".join(light.itertext())
        style = _style(light)
        size = float(style["font-size"].removesuffix("px"))
        families = [name.strip().strip("'\"") for name in style["font-family"].split(",")]
        weight = style.get("font-weight", "normal")
        bold = weight in ("bold", "700")
        found = {"font-size": f"{size:g}", "font-family": ",".join(_quoted([*families, *LIKE_OURS]))}
        if bold:
            found["font-weight"] = "bold"
        found |= {
            name: style[name] for name in ("font-style", "text-anchor")
            if style.get(name, "start") not in ("start", "normal")
        }  # fmt: skip
        if shown.strip() and not missing_letters(shown, families[0]):
            measured = width_of(shown, size, weight="bold" if bold else "normal", font=families[0])
            found |= {"textLength": f"{72 * measured:.1f}", "lengthAdjust": "spacingAndGlyphs"}
        own = "".join(f" {name}={quoteattr(value)}" for name, value in found.items())
        return f"<text{self._attributes(light, dark, 'text')}{own}>{escape(visible(shown))}</text>"

    def _reference(self, value: str) -> str:
        return f"url(#{self._name(value.removeprefix('url(#').removesuffix(')'))})"

    def _name(self, name: str) -> str:
        """Return a short name for an element that others refer to."""
        return self.names.setdefault(name, f"p{len(self.names) + 1}")


def _style(element: ET.Element) -> dict[str, str]:
    """Return an element's style, name -> value."""
    rules = (rule.partition(":") for rule in element.get("style", "").split(";") if ":" in rule)
    return {name.strip(): value.strip() for name, _, value in rules}


def _quoted(families: list[str]) -> Iterator[str]:
    """Iterate over the names of fonts, without the one that has boxes for missing letters."""
    for name in dict.fromkeys(families):
        if name != BOXES:
            yield f"'{name}'" if " " in name else name


def _rounded(text: str) -> str:
    """Round the numbers in a text to hundredths of a point."""
    return " ".join(LONG_NUMBER.sub(lambda found: f"{round(float(found[0]), 2):g}", text).split())
