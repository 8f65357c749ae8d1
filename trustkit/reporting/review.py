"""Guesses of a drafted codebook, looked at: which are open, and how a person accepts them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import yaml

from trustkit.errors import CodebookError, suggest
from trustkit.survey.codebook_yaml import read_codebook
from trustkit.yaml_documents import replace_file

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from trustkit.survey.codebook import Codebook

FIGURES = re.compile(r"; ((?:the mean|'[^']*'|\"[^\"]*\") is \S+ without it and [^\s;]+ with it)")
"""A figure with a guess and without it, as drafts write it under `review`."""

MARKS = ("review", "unsure")
"""What a codebook's entry loses when its guesses are accepted."""


def open_guesses(codebook: Codebook) -> pd.DataFrame:
    """List the guesses nobody has looked at: ``variable``, ``guessed``, ``unsure``; unsure ones first."""
    variables = codebook.compact().variables.values()
    rows = [
        (variable.name, variable.review, variable.unsure)
        for variable in variables
        if variable.review or variable.unsure
    ]
    frame = pd.DataFrame(rows, columns=["variable", "guessed", "unsure"]).astype({"unsure": bool})
    return frame.sort_values("unsure", ascending=False, kind="stable", ignore_index=True)


def grouped_guesses(guesses: pd.DataFrame) -> pd.DataFrame:
    """Group guesses that read alike: ``guessed``, how many ``variables``, and the first few of them.

    Examples
    --------
    >>> frame = pd.DataFrame({"variable": ["a", "b"], "guessed": ["kind: numbers"] * 2})
    >>> grouped_guesses(frame)
             guessed  variables such as
    0  kind: numbers          2    a, b
    """
    rows: dict[str, list[str]] = {}
    for variable, guessed in guesses[["variable", "guessed"]].itertuples(index=False, name=None):
        for note in str(guessed).split("; "):
            rows.setdefault(note, []).append(str(variable))
    table = [
        (note, len(names), first_names(names))
        for note, names in sorted(rows.items(), key=lambda item: -len(item[1]))
    ]
    return pd.DataFrame(table, columns=["guessed", "variables", "such as"])


def first_names(names: Sequence[str], most: int = 3) -> str:
    """Return the first few names, and dots if there are more.

    Examples
    --------
    >>> first_names(["a", "b", "c", "d"])
    'a, b, c, ...'
    """
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def grouped_doubts(guesses: pd.DataFrame) -> pd.DataFrame:
    """Group unsure guesses that differ in the figures alone: ``variable``, ``guessed`` of the first one.

    Examples
    --------
    >>> why = "unsure: '99' is read as missing, but no label says so; '1' is {} without it and 20% with it"
    >>> frame = pd.DataFrame({"variable": ["a", "b"], "guessed": [why.format("25%"), why.format("30%")]})
    >>> grouped_doubts(frame).values.tolist()
    [['a, b', "unsure: '99' is read as missing, but no label says so; of a: '1' is 25% without it and 20% \
with it"]]
    """
    most = 8
    groups: dict[str, list[tuple[str, str]]] = {}
    for variable, guessed in guesses[["variable", "guessed"]].itertuples(index=False, name=None):
        groups.setdefault(FIGURES.sub("", str(guessed)), []).append((str(variable), str(guessed)))
    rows = []
    for members in groups.values():
        names = [name for name, _ in members]
        shown = ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
        first, guessed = members[0]
        if len(members) > 1:
            parts = FIGURES.split(guessed)  # texts between figures, and the figures
            parts[1::2] = [f"; of {first}: {figure}" for figure in parts[1::2]]
            guessed = "".join(parts)
        rows.append((shown, guessed))
    return pd.DataFrame(rows, columns=["variable", "guessed"])


def accept_guesses(path: str | Path, names: Sequence[str] | None = None) -> list[str]:
    r"""Accept guesses in a codebook's file: their marks are taken out, every other line stays as it is.

    Parameters
    ----------
    path
        The codebook's YAML file.
    names
        The variables whose guesses are right. If None: all that have nothing unsure.

    Returns
    -------
    list of str
        The variables whose guesses were accepted.

    Raises
    ------
    CodebookError
        If the codebook does not have a variable, or its entry is written on one line.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "codebook.yaml"
    >>> _ = file.write_text('variables:\n  age:\n    label: Age\n    kind: numeric\n    review: numbers\n')
    >>> accept_guesses(file), file.read_text()
    (['age'], 'variables:\n  age:\n    label: Age\n    kind: numeric\n')
    """
    path = Path(path)
    book = read_codebook(path)
    wanted = _wanted(book, names, path)
    text = path.read_text(encoding="utf-8")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    gone: set[int] = set()
    for name, entry in _entries(root):
        if name not in wanted:
            continue
        for key, value in entry.value:
            if key.value in MARKS:
                if entry.flow_style:
                    raise CodebookError(
                        "the entry is written on one line", where=f"{path.as_posix()}, variables.{name}",
                        do="write it on several lines, or delete its review and unsure by hand",
                    )  # fmt: skip
                last = value.end_mark.line - (value.end_mark.column == 0)
                gone |= set(range(key.start_mark.line, max(last, key.start_mark.line) + 1))
    lines = text.splitlines(keepends=True)
    replace_file(path, "".join(line for number, line in enumerate(lines) if number not in gone))
    return wanted


def _wanted(book: Codebook, names: Sequence[str] | None, path: Path) -> list[str]:
    """Return the variables whose guesses are accepted, refusing unknown names."""
    marked = [name for name, variable in book.variables.items() if variable.review or variable.unsure]
    if names is None:
        return [name for name in marked if not book[name].unsure]
    unknown = [name for name in names if name not in book.variables]
    if unknown:
        raise CodebookError(
            "the codebook has no such variable", where=path.as_posix(), got=", ".join(unknown),
            do=suggest(unknown[0], book.variables),
        )  # fmt: skip
    return [name for name in marked if name in names]


def _entries(root: yaml.Node | None) -> Collection[tuple[str, yaml.MappingNode]]:
    """Return the entries of a codebook's variables, as nodes with their places in the file."""
    top = root.value if isinstance(root, yaml.MappingNode) else []
    return [
        (str(name.value), entry)
        for key, variables in top
        if key.value == "variables" and isinstance(variables, yaml.MappingNode)
        for name, entry in variables.value
        if isinstance(entry, yaml.MappingNode)
    ]
