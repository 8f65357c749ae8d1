"""What a PDF holds as text: its metadata, and what its pages show, as far as that can be read.

A page draws glyphs and not letters; a font says which letters they are (its ``ToUnicode`` map). Where the
file says which fonts a page has, each text is read with the map of its own font. Elsewhere the letters are
read with every map of the file, because that finds all of them.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Fonts = dict[str, Mapping[int, str]]

STREAM = re.compile(rb"stream\r?\n")
"""How a stream of a PDF begins."""

MOST_BYTES = 300_000_000
"""How many bytes a stream may unpack to."""

DRAWN = re.compile(
    rb"/(?P<font>[^\s/<>()\[\]]+)\s+[-+.\d]+\s+Tf\b"
    rb"|\((?P<plain>(?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*)\)"
    rb"|<(?P<coded>[0-9A-Fa-f\s]+)>"
    rb"|(?P<gap>-?\d+(?:\.\d+)?)(?=[\s(<\]])|(?P<end>T[jJdDm*]|ET|'|\")",
    re.DOTALL,
)
"""The choice of a font, a text that is drawn, the gap after it, and the operators at which a text ends."""

WIDE = 180
"""Thousandths of the font's size: a gap as wide as this is a space."""

ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|(.))", re.DOTALL)
LETTERS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b""}

CHARACTER = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
SPAN = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")
"""A row of a font's map: of one glyph, and of a span of glyphs."""

LONGEST_SPAN = 65536

NUMERIC = re.compile(rb"(?:[-+]?\d+(?:\.\d+)?\s+){2,}|(?<=[A-Za-z])\s+[-+]?\d+(?:\.\d+)?(?=\s*[/>])")
"""Numbers of the file itself: widths of letters, places of objects, lengths. A report's are in strings."""

HEAD = re.compile(rb"(?<!\d)(\d+)\s+\d+\s+obj\b(.*?)(?=stream\r?\n|endobj)", re.DOTALL)
FONTS = re.compile(rb"/Font\s*<<(.*?)>>", re.DOTALL)
NAMED = re.compile(rb"/([^\s/<>()\[\]]+)\s+(\d+)\s+\d+\s+R\b")
REFERENCE = rb"\s*(?:\[\s*)?(\d+)\s+\d+\s+R\b"
"""An object up to its stream, the fonts in it, and how it names another object."""


def pdf_texts(content: bytes) -> Iterator[tuple[str, str]]:
    r"""Iterate over the texts of a PDF: where each stands, and the text.

    Examples
    --------
    >>> list(pdf_texts(b"%PDF-1.7 1 0 obj << >>\nstream\n(Ann) Tj ( Br) Tj (own) Tj\nendstream"))[0]
    ('text', 'Ann Brown')
    """
    numbered = list(_streams(content))
    streams = [stream for _, stream in numbered]
    maps = [found for stream in streams if b"beginbf" in stream and (found := _map(stream))]
    every: list[Fonts] = [
        {"": found} for found in ({}, *{tuple(sorted(one.items())): one for one in maps}.values())
    ]
    fonts = _fonts_of_pages(content, dict(numbered))
    for number, stream in numbered:
        if b"Tj" in stream or b"TJ" in stream:
            own = fonts.get(number, {})
            for letters in [own] if own and _chosen(stream) <= own.keys() else every:
                text = "".join(_drawn(stream, letters)).strip()
                if text:
                    yield "text", text
        elif stream.lstrip().startswith(b"<"):
            yield "metadata", stream.decode("utf-8", "replace")
        elif b"beginbf" not in stream and stream[:2000].isascii():
            yield "objects", _object_text(stream)
    yield "metadata", _object_text(re.sub(rb"stream\r?\n.*?endstream", b"", content, flags=re.DOTALL))


def _object_text(content: bytes) -> str:
    """Return what objects of a PDF say: their names and comments, and their strings."""
    plain = NUMERIC.sub(b" ", content).replace(rb"\\", b"\\").decode("latin-1")
    return f"{plain}\n{''.join(_written(content))}"


def _fonts_of_pages(content: bytes, streams: Mapping[int, bytes]) -> dict[int, Fonts]:
    """Return for each stream of a page the maps of its fonts, if all of them are known.

    A file with two objects of one number was changed afterwards: nobody knows which of them a page had.
    """
    objects = HEAD.findall(content)
    heads = {int(number): head for number, head in objects}
    if len(heads) < len(objects):
        return {}
    found: dict[int, Fonts] = {}
    for head in heads.values():
        drawn, held = re.search(rb"/Contents" + REFERENCE, head), re.search(rb"/Resources" + REFERENCE, head)
        own = FONTS.search(heads.get(int(held[1]), b"") if held else head)
        if drawn is None or own is None:
            continue
        fonts: Fonts = {}
        for name, number in NAMED.findall(own[1]):
            place = re.search(rb"/ToUnicode" + REFERENCE, heads.get(int(number), b""))
            fonts[name.decode("latin-1")] = _map(streams.get(int(place[1]), b"")) if place else {}
        if fonts and all(fonts.values()):
            found[int(drawn[1])] = fonts
    return found


def _chosen(stream: bytes) -> set[str]:
    """Return the names of the fonts that a page chooses, with "" if it draws a text before it chooses one."""
    used = [part["font"] or b"" for part in DRAWN.finditer(stream) if part["gap"] is part["end"] is None]
    return {name.decode("latin-1") for name in (*used[:1], *filter(None, used))}


def _streams(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Iterate over the streams of a PDF, unpacked, each with the number of its object, or -1."""
    for start in STREAM.finditer(content):
        if content[max(start.start() - 3, 0) : start.start()] == b"end":
            continue
        heads = list(
            re.finditer(rb"(?<!\d)(\d+)\s+\d+\s+obj\b", content[max(start.start() - 4000, 0) : start.start()])
        )
        number = int(heads[-1][1]) if heads else -1
        end = content.find(b"endstream", start.end())
        packed = content[start.end() : end if end >= 0 else None]
        try:
            yield number, zlib.decompressobj().decompress(packed, MOST_BYTES)
        except zlib.error:
            yield number, packed


def _map(stream: bytes) -> dict[int, str]:
    """Return a font's map: the number of a glyph -> what it stands for."""
    letters: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", stream, re.DOTALL):
        for code, text in CHARACTER.findall(block):
            letters[int(code, 16)] = _utf16(text)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", stream, re.DOTALL):
        for low, high, text, several in SPAN.findall(block):
            first, last = int(low, 16), min(int(high, 16), int(low, 16) + LONGEST_SPAN)
            if text:
                base = _utf16(text)
                for code in range(first, last + 1):
                    letters[code] = base[:-1] + chr(ord(base[-1]) + code - first) if base else ""
            else:
                texts = re.findall(rb"<([0-9A-Fa-f]+)>", several)
                letters.update({first + place: _utf16(one) for place, one in enumerate(texts)})
    return letters


def _utf16(code: bytes) -> str:
    return bytes.fromhex(code.decode() if len(code) % 2 == 0 else f"0{code.decode()}").decode(
        "utf-16-be", "replace"
    )


def _drawn(stream: bytes, fonts: Fonts) -> Iterator[str]:
    """Iterate over what a page draws, read with the map of its font or the only one given, or as Latin-1."""
    letters = fonts.get("", {})
    for part in DRAWN.finditer(stream):
        if part["font"]:
            letters = fonts.get(part["font"].decode("latin-1"), letters)
        elif part["gap"]:
            if float(part["gap"]) < -WIDE:
                yield " "
        elif part["end"]:
            if part["end"] in (b"Td", b"TD", b"Tm", b"T*", b"ET", b"'", b'"'):
                yield "\n"
        else:
            text = _string(part)
            if not letters:
                yield text.decode("latin-1")
                continue
            pairs = [int.from_bytes(text[at : at + 2], "big") for at in range(0, len(text), 2)]
            if part["coded"] or (len(text) % 2 == 0 and letters.keys() >= set(pairs)):
                yield "".join(letters.get(pair, "") for pair in pairs)
            else:
                yield "".join(letters.get(byte, chr(byte)) for byte in text)


def _written(content: bytes) -> Iterator[str]:
    """Iterate over the strings of a PDF's objects: its title, its bookmarks, its alternative texts."""
    for part in DRAWN.finditer(content):
        if part["gap"] is part["end"] is part["font"] is None:
            text = _string(part)
            marked = text.startswith((b"\xfe\xff", b"\xff\xfe"))
            yield f"{text.decode('utf-16' if marked else 'utf-8', 'replace')}\n"


def _string(part: re.Match[bytes]) -> bytes:
    """Return the bytes of a string of a PDF."""
    if part["coded"]:
        digits = b"".join(part["coded"].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
    return ESCAPE.sub(_byte, part["plain"] or b"")


def _byte(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 0xFF])
    return LETTERS.get(match[2], match[2])
