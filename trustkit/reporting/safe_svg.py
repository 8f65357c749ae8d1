"""Charts as SVG of the kind that trustkit writes: anything else is refused.

Notebooks are files, and what they hold may come from any program. A browser runs nothing in a picture, but it
does in an SVG file that a reader opens alone. So a chart may have only the elements, attributes and values
that are listed here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Iterator

COLOUR = r"(?:#[0-9a-f]{6}|none)"
NUMBER = r"-?\d*\.?\d+(?:e-?\d+)?"
NUMBERS = rf"{NUMBER}(?:[ ,]+{NUMBER})*"
FONT = r"(?:'[\w .-]+'|[\w-]+)"
LINKED = r"#p\d+"
STYLE = re.compile(
    r"(?:\.c\d+\{(?:fill|stroke):#[0-9a-f]{6}\})*"
    r"@media \(prefers-color-scheme:dark\)\{(?:\.c\d+\{(?:fill|stroke):#[0-9a-f]{6}\})*\}"
)
"""The whole of a chart's style sheet."""

PAINT = {"fill": rf"{COLOUR}|url\({LINKED}\)", "stroke": COLOUR, "class": r"c\d+(?: c\d+)*"}
LINES = {
    "stroke-width": NUMBER, "stroke-linejoin": "round|miter|bevel", "stroke-linecap": "butt|round|square",
    "stroke-dasharray": NUMBERS, "stroke-dashoffset": NUMBER, "stroke-miterlimit": NUMBER,
    "fill-opacity": NUMBER, "stroke-opacity": NUMBER, "opacity": NUMBER, "fill-rule": "evenodd|nonzero",
}  # fmt: skip
PLACE = {
    "x": NUMBER, "y": NUMBER, "width": NUMBER, "height": NUMBER,
    "transform": rf"(?:(?:translate|rotate|scale|matrix)\({NUMBERS}\) ?)+",
}  # fmt: skip
CLIP = {"clip-path": rf"url\({LINKED}\)"}
LETTERS = {
    "font-size": NUMBER, "font-weight": "bold", "font-family": rf"{FONT}(?:,{FONT})*",
    "font-style": "italic|oblique", "text-anchor": "middle|end", "textLength": NUMBER,
    "lengthAdjust": "spacingAndGlyphs",
}  # fmt: skip
SHAPE = {**PAINT, **LINES, **PLACE, **CLIP}
ELEMENTS: dict[str, dict[str, str]] = {
    "svg": {
        "xmlns": re.escape("http://www.w3.org/2000/svg"), "role": "img", "stroke-linejoin": "round",
        "width": r"\d+", "height": r"\d+", "viewBox": NUMBERS,
    },
    "title": {}, "desc": {}, "style": {}, "defs": {},
    "g": SHAPE,
    "path": {**SHAPE, "d": r"[MLHVCSQTAZmlhvcsqtaz\d\s.,e-]*", "id": r"p\d+"},
    "rect": {**SHAPE, "id": r"p\d+"},
    "use": {**SHAPE, "href": LINKED},
    "clipPath": {"id": r"p\d+"},
    "pattern": {**PLACE, "id": r"p\d+", "patternUnits": "userSpaceOnUse"},
    "text": {**SHAPE, **LETTERS},
}  # fmt: skip
"""Elements that a chart may have, and what the values of their attributes look like."""


def svg_faults(text: str) -> Iterator[str]:
    """Iterate over what a chart may not have.

    Parameters
    ----------
    text
        The SVG, as text.

    Examples
    --------
    >>> start = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    >>> list(svg_faults(f'{start}<text x="1">5 &lt; 6</text></svg>'))
    []
    >>> list(svg_faults(f'{start}<script>run()</script><g onload="run()"/></svg>'))
    ['the element script', 'the attribute onload of g']
    """
    reader = _Reader()
    try:
        reader.read(text)
    except expat.ExpatError as error:
        reader.faults.append(f"XML that cannot be read: {error}")
    yield from reader.faults


class _Reader:
    """Reads XML and notes what a chart may not have."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.open: list[str] = []
        self.style = ""

    def read(self, text: str) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ProcessingInstructionHandler = lambda target, _: self.faults.append(
            f"the instruction {target}"
        )
        parser.StartDoctypeDeclHandler = self._declaration
        parser.Parse(text, True)  # noqa: FBT003  # the end of the text

    def _declaration(self, *_: object) -> None:
        # Entities can be declared only here; a text with a declaration is not read any further.
        raise expat.ExpatError("a document type")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        inside = bool(self.open)
        self.open.append(tag)
        if tag not in ELEMENTS or inside == (tag == "svg"):
            self.faults.append(f"the element {tag}")
            return
        for name, value in attributes.items():
            allowed = ELEMENTS[tag].get(name)
            if allowed is None or not re.fullmatch(allowed, value):
                self.faults.append(f"the attribute {name} of {tag}")

    def _end(self, tag: str) -> None:
        self.open.pop()
        if tag == "style" and not STYLE.fullmatch(self.style):
            self.faults.append("a style sheet of another kind")

    def _text(self, text: str) -> None:
        if self.open[-1] == "style":
            self.style += text
