"""Which columns of an export an analysis uses, as far as the files of its study say.

A column is used if the code of a notebook that reads the export names it, or the set that it belongs to, or
if the codebook, the targets or the claims do: for cleaning, the design, routing or a record of consent.
"""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

from trustkit.errors import ClaimError, ReportError, TargetsError
from trustkit.reporting.notebook_files import notebook_paths
from trustkit.yaml_documents import Document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustkit.errors import TrustkitError
    from trustkit.survey.codebook import Codebook

MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
"""Lines of a notebook's code that are no Python."""

WORD = re.compile(r"\w+")


def used_columns(folder: Path, export: Path, book: Codebook) -> set[str]:
    """Return the columns of an export that an analysis, the cleaning, the design or a claim names."""
    words: set[str] = {name for of in book.design.columns.values() for name in of} | {*book.track}
    words |= {name for about in book.variables.values() for name in about.asked}
    words |= {purpose.record for purpose in book.purposes.values()}
    words |= set(_words([*book.cleaning]))
    for kind, error in (("targets", TargetsError), ("claims", ClaimError)):
        for path in sorted(export.parent.glob(f"{kind}*.yaml")):
            words |= set(_words_of_file(path, error))
    for path in notebook_paths(folder) if (folder / "notebooks").is_dir() else []:
        named = set(_names_in_code(path))
        if named & {export.name, export.parent.name}:
            words |= named
    sets = {about.set for about in book.variables.values() if about.set in words}
    return {
        about.name
        for about in book.variables.values()
        if about.name in words or (about.set and about.set in sets)
    }


def _words_of_file(path: Path, error: type[TrustkitError]) -> Iterator[str]:
    """Iterate over the texts of a YAML file; one with faults is told by `check`."""
    yield from _words(Document(path, error).root.value)


def _words(value: object) -> Iterator[str]:
    """Iterate over every text in nested lists and mappings, whole and word by word."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _words(key)
            yield from _words(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _words(part)
    elif isinstance(value, str):
        yield value
        yield from WORD.findall(value)


def _names_in_code(path: Path) -> Iterator[str]:
    """Iterate over the texts, names and attributes in the code of a notebook."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as fault:
        raise ReportError(
            "this is not a notebook", where=path.as_posix(), do="open and save it in Jupyter"
        ) from fault
    for source in (MAGIC.sub("", text) for text in code):
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a failing cell, or another language: its words count as they stand
            yield from WORD.findall(source)
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant):
                yield from _words(node.value)
            elif isinstance(node, ast.Attribute):
                yield node.attr
            elif isinstance(node, ast.keyword) and node.arg:
                yield node.arg
