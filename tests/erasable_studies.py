"""Small studies of invented people to erase from, written byte by byte in many ways of writing a CSV file."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

CODEBOOK = """\
title: A shop
population: Customers
design: {weights: weight, strata: region}
cleaning:
  - {step: drop_duplicates, key: id}
variables:
  id: {label: Customer, kind: id, identifier: direct}
  mail: {label: E-mail address, kind: text, identifier: direct}
  region: {label: Region, kind: single, codes: {1: North, 2: South}}
  trust: {label: "Do you trust us?", kind: single, codes: {1: "Yes", 2: "No"}, missing: {9: refused}}
  weight: {label: Weight, kind: weight}
  words: {label: "Anything else?", kind: text}
"""
HEADER = ["id", "mail", "region", "trust", "weight", "words"]

WORDS = [
    "", "no", "two{end}lines", 'she said "no"', "a, b; c\td", "{end}", '"{end}"', "café au lait",
    "{end}{end}end",
    "=1+1", "'", " blank ", '""', "{end}id{d}mail", 'naïve{d}"quoted"{end}again',
]  # fmt: skip
"""Open answers that break whoever takes a row for a line."""

ENCODINGS = (("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("cp1252", b""))


@dataclass(frozen=True)
class Style:
    """A way of writing a CSV file."""

    delimiter: str
    end: str
    quote_all: bool
    encoding: str
    mark: bytes

    def cell(self, text: str) -> str:
        """Return a cell, quoted if it must be or always is."""
        if self.quote_all or any(sign in text for sign in f'{self.delimiter}"\r\n'):
            doubled = text.replace('"', '""')
            return f'"{doubled}"'
        return text

    def record(self, cells: list[str]) -> bytes:
        """Return a row as bytes, with its end."""
        line = self.delimiter.join(map(self.cell, cells)) + self.end
        return line.encode(self.encoding)

    def file(self, rows: list[list[str]]) -> bytes:
        """Return a whole file."""
        return self.mark + b"".join(map(self.record, [HEADER, *rows]))


def random_style(random: np.random.Generator) -> Style:
    """Return a way of writing a file."""
    encoding, mark = ENCODINGS[random.integers(len(ENCODINGS))]
    return Style(
        [",", ";", "\t"][random.integers(3)],
        ["\n", "\r\n"][random.integers(2)],
        bool(random.integers(2)),
        encoding,
        mark,
    )


def random_people(random: np.random.Generator, style: Style, count: int) -> list[list[str]]:
    """Return rows of invented people; some stand in two rows, as in a panel's export."""
    rows = []
    for number in range(count):
        words = WORDS[random.integers(len(WORDS))].format(end=style.end, d=style.delimiter)
        person = f"C{1000 + number}"
        cells = [f"c{number}@example.org", str(1 + number % 2), str(random.choice([1, 2, 9]))]
        row = [person, *cells, f"{random.uniform(0.5, 2):.3f}", words and f"{words}{number}"]
        rows.append(row)
        if random.random() < 0.15:
            rows.append([*row[:3], "1", *row[4:]])
    return rows


def write_study(folder: Path, waves: dict[str, tuple[Style, list[list[str]]]]) -> Path:
    """Write a study with a raw folder for each wave."""
    for name, (style, rows) in waves.items():
        raw = folder / "data" / "raw" / name
        raw.mkdir(parents=True)
        content = style.file(rows)
        (raw / "answers.csv").write_bytes(content)
        (raw / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
        digest = hashlib.sha256(content).hexdigest()
        (raw / "SHA256SUMS").write_text(f"{digest}  answers.csv\n", encoding="utf-8")
    (folder / "data" / "processed").mkdir()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return what is in a study, by file; the key and the tombstones apart."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".trustkit" not in path.parts and path.name != "ERASED.csv"
    }


def stopped(function, count, stop, mode):
    """Return a function that kills its process, or fails, when all together have been called so often."""

    def call(*given, **named):
        count[0] += 1
        if count[0] == stop and mode == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if count[0] == stop:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(given[0]))
        return function(*given, **named)

    return call
